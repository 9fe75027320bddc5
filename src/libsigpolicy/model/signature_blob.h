/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_SIGNATURE_BLOB_H
#define SP_MODEL_SIGNATURE_BLOB_H

#include "util/alloc.h"
#include "util/buf.h"

#include <stdint.h>

enum sp_signature_format
{
  SP_SIGNATURE_SIMPLE_SIGNING,
  SP_SIGNATURE_SIGSTORE_JSON,
  SP_SIGNATURE_BUNDLE, /* a Sigstore bundle, bare: model/bundle.h */
};

/* "simple-signing", "sigstore-json", "sigstore-bundle". */
const char *sp_signature_format_name (enum sp_signature_format format);

struct sp_annotation
{
  struct sp_view key, value; /* may hold NUL */
};

/*
 * A stored signature, recognised and taken apart but in no way verified. It owns its bytes.
 *
 * A blob says what it is by its first byte: one that begins an OpenPGP message is simple signing as
 * a whole; NUL, the name of a format and a newline stand in front of the data of that format.
 */
struct sp_signature_blob
{
  enum sp_signature_format format;
  char *source;           /* where it was read: a path or URL, for people */
  struct sp_buf bytes;    /* as stored */
  struct sp_view message; /* simple signing: the OpenPGP message, within bytes */
  /* sigstore-json: */
  struct sp_buf mime_type; /* may hold NUL */
  struct sp_buf payload;
  struct sp_annotation *annotations; /* sorted by key; a key once, with its last value */
  size_t n_annotations;
  char *annotation_text; /* what the views above look into */
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

/* Signatures that a registry gives in other ways: an OpenPGP message as it is, even an empty one; a
 * payload with what a manifest says of it, the node of a descriptor. Bytes are taken over (on
 * failure too). */
struct sp_json;
int sp_signature_blob_of_message (struct sp_buf *message, const char *source,
                                  struct sp_signature_blob **ret,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_signature_blob_of_attachment (const struct sp_json *json, uint32_t descriptor,
                                     struct sp_buf *payload, const char *source,
                                     struct sp_signature_blob **ret,
                                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* Does a stored signature look like a Sigstore bundle, a JSON object? And one that is taken for it.
 */
bool sp_signature_bytes_are_bundle (struct sp_view bytes);
int sp_signature_blob_of_bundle (struct sp_buf *bytes, const char *source,
                                 struct sp_signature_blob **ret,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_signature_blob_free (struct sp_signature_blob *blob);

/* The value of an annotation, whose key matches to the letter; false when there is none. */
bool sp_signature_blob_annotation (const struct sp_signature_blob *blob, const char *key,
                                   struct sp_view *ret);

SP_DEFINE_CLEANUP (struct sp_signature_blob *, sp_signature_blob_free);
#define cleanup_signature_blob SP_CLEANUP (sp_signature_blob_free_p)

#endif
