/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_EXPLAIN_NAME_INT_H
#define SP_EXPLAIN_NAME_INT_H

#include "ask/context.h"
#include "json/write.h"
#include "verify/signers.h"

/* What `explain` says of a name, part by part. */

/* --- keys.c: who may have signed -------------------------------------------------------------- */

struct sp_explained_keys
{
  struct sp_signer_list list;
  struct sp_strv problems; /* each of them makes the requirement fail */
};

enum sp_key_use
{
  SP_KEY_USE_OPENPGP,
  SP_KEY_USE_SIGSTORE,
  SP_KEY_USE_OTHER, /* only whether it can be read at all */
};

/* Read keys, adding to what is there. A file that cannot be used is a problem, and no failure. */
int sp_explain_keys (const struct sp_key_sources *sources, enum sp_key_use use,
                     struct sp_explained_keys *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_explained_keys_clear (struct sp_explained_keys *keys);

/* --- requirement.c: what a requirement asks --------------------------------------------------- */

struct sp_explained_requirement
{
  const struct sp_requirement *requirement; /* borrowed from the policy */
  struct sp_explained_keys keys;
  char *must;   /* "must be signed by one of 2 GPG keys: ..., as exactly quay.io/ns/app:v1 (...)" */
  char *not_by; /* "a signature for another tag, ..."; NULL where nothing is looked at */
};

int sp_explain_requirement (const struct sp_requirement *requirement,
                            const struct sp_image_name *image, enum sp_bundle_mode bundles,
                            sp_time now, struct sp_explained_requirement *ret,
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_explained_requirement_clear (struct sp_explained_requirement *it);

/* --- places.c: where it would be asked for ---------------------------------------------------- */

struct sp_explained_place
{
  struct sp_lookaside *lookaside;
  char *first;    /* the first signature there, with DIGEST where the name has none */
  char *attached; /* the name of attached signatures, likewise */
  char *index;    /* the name of the index of referrers, where there is no registry's own */
  bool attachments;
  struct sp_registries_d_answer lookaside_answer, attachments_answer;
};

struct sp_explained_places
{
  struct sp_endpoints endpoints;
  struct sp_explained_place *items; /* one for each endpoint */
  bool insecure;                    /* all of them, by option; */
  bool secure;                      /* or none */
  /* What is read as referrers, and what says so: a line of registries.d, else an option. */
  enum sp_bundle_mode bundles;
  bool referrers;
  struct sp_registries_d_answer bundles_answer, referrers_answer;
};

/* Of a docker name that has a tag or a digest; reference is borrowed. Failure: CONFIG. */
int sp_explain_places (struct sp_context *context, const struct sp_reference *reference,
                       struct sp_explained_places *ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_explained_places_clear (struct sp_explained_places *places);

void sp_explain_places_text (struct sp_buf *out, const struct sp_explained_places *places,
                             const struct sp_reference *reference, bool looks_for_signatures);
/* Of a layout, where only its blobs are searched; false where nothing is. */
bool sp_explain_blobs_text (struct sp_buf *out, const struct sp_explained_places *places);
void sp_explain_places_json (struct sp_json_out *out, const struct sp_explained_places *places);

/* --- reading.c: how configuration was found ----------------------------------------------------
 */

void sp_explain_reading_json (struct sp_json_out *out, const struct sp_reading *reading);
void sp_explain_reading_text (struct sp_buf *out, const struct sp_reading *reading, bool always);

/* --- paragraph.c ------------------------------------------------------------------------------ */

#define SP_PARAGRAPH_INDENT 12

/* Text behind a label, in lines of at most 80 columns where its words allow that; further lines are
 * indented by SP_PARAGRAPH_INDENT and so many more. */
void sp_paragraph (struct sp_buf *out, const char *label, size_t hang, struct sp_view text);

/* The same of what was built, whose failure becomes that of out. */
void sp_paragraph_of (struct sp_buf *out, const char *label, size_t hang,
                      const struct sp_buf *text);

#endif
