/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_SIGNATURE_BLOB_H
#define SP_MODEL_SIGNATURE_BLOB_H

#include "util/alloc.h"
#include "util/buf.h"

enum sp_signature_format
{
  SP_SIGNATURE_SIMPLE_SIGNING,
  SP_SIGNATURE_SIGSTORE_JSON,
};

/* "simple-signing", "sigstore-json". */
const char *sp_signature_format_name (enum sp_signature_format format);

struct sp_annotation
{
  struct sp_buf key, value;
};

/*
 * A stored signature, recognised and taken apart but in no way verified (policy-json 8.5). It owns
 * its bytes.
 */
struct sp_signature_blob
{
  enum sp_signature_format format;
  char *source;           /* where it was read: a path or URL, for people */
  struct sp_buf bytes;    /* as stored */
  struct sp_view message; /* simple signing: the OpenPGP message, within bytes */
  /* sigstore-json: */
  struct sp_buf mime_type; /* may hold NUL, as may all of these */
  struct sp_buf payload;
  struct sp_annotation *annotations; /* a key once, with its last value */
  size_t n_annotations, annotations_capacity;
};

/*
 * Recognise bytes, which are taken over (on failure too). source is copied. Failure:
 * REJECTED/bad-signature with the established texts ("empty signature blob", "unrecognized
 * signature format, starting with binary 0x2d", ...); a hint says what the bytes look like (ASCII
 * armor: "store the binary message"; a cosign bundle; an HTML page).
 */
int sp_signature_blob_parse (struct sp_buf *bytes, const char *source,
                             struct sp_signature_blob **ret,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_signature_blob_free (struct sp_signature_blob *blob);

SP_DEFINE_CLEANUP (struct sp_signature_blob *, sp_signature_blob_free);
#define cleanup_signature_blob SP_CLEANUP (sp_signature_blob_free_p)

#endif
