/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_BUNDLE_H
#define SP_MODEL_BUNDLE_H

#include "crypto/hash.h"
#include "json/json.h"
#include "util/buf.h"

/*
 * A Sigstore bundle: a signature with everything that is needed to verify it offline. It is read
 * here and judged in verify/bundle.h; nothing in it is trusted. Versions 0.1 to 0.3; every member
 * that is not known is refused.
 */

/* An entry of a transparency log. */
struct sp_bundle_entry
{
  int64_t log_index, integrated_time; /* 0 where there is no time */
  struct sp_buf log_id;
  struct sp_view kind, version;
  struct sp_buf promise; /* the log's signature over the entry and its time; empty: none */
  bool has_proof;
  int64_t proof_index, tree_size;
  struct sp_buf root_hash;
  struct sp_buf hashes; /* of 32 bytes each */
  struct sp_view checkpoint;
  struct sp_buf body;
};

enum sp_bundle_material
{
  SP_BUNDLE_KEY,         /* a key that the verifier must know; there is a hint, which is ignored */
  SP_BUNDLE_CERTIFICATE, /* that of the signer */
};

struct sp_bundle
{
  struct sp_json *json;
  unsigned minor; /* version 0.minor */
  struct sp_view media_type;
  enum sp_bundle_material material;
  struct sp_buf certificate; /* DER */
  struct sp_view hint;       /* which key; says nothing that is believed */
  struct sp_bundle_entry *entries;
  size_t n_entries;
  struct sp_buf *timestamps;
  size_t n_timestamps;
  bool is_dsse;
  /* A signature of a file: */
  enum sp_hash hash;
  struct sp_buf digest;
  /* An envelope: */
  struct sp_view payload_type;
  struct sp_buf payload;
  struct sp_buf signature; /* of either */
};

/* What a bundle may do for a requirement of a policy. */
enum sp_bundle_mode
{
  SP_BUNDLES_OFF,
  SP_BUNDLES_DIGEST,   /* it may state a digest alone */
  SP_BUNDLES_IDENTITY, /* it must state the name, too */
};

/* "off", "digest", "identity"; and the mode of such a word, false for any other. */
const char *sp_bundle_mode_name (enum sp_bundle_mode mode);
bool sp_bundle_mode_find (struct sp_view word, enum sp_bundle_mode *ret);

/* What media types of bundles begin with. */
bool sp_bundle_is_media_type (struct sp_view media_type);

/* Read one. text must stay as it is until the bundle is freed. Failure: REJECTED/bad-signature with
 * its place; unsupported-format for a version that is not known; limit. */
int sp_bundle_parse (struct sp_view text, struct sp_bundle **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_bundle_free (struct sp_bundle *bundle);

SP_DEFINE_CLEANUP (struct sp_bundle *, sp_bundle_free);
#define cleanup_bundle SP_CLEANUP (sp_bundle_free_p)

#endif
