/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_STORED_SIGNATURES_H
#define SP_ASK_STORED_SIGNATURES_H

#include "ask/context.h"
#include "ask/request.h"
#include "sources/evidence.h"
#include "verify/bundle_untrusted.h"
#include "verify/payload.h"

/* What is stored with an image, unverified: what `signatures` lists. */

/* What a blob says of itself. */
struct sp_stored_signature
{
  const struct sp_signature_blob *blob; /* of the evidence */
  struct sp_untrusted_payload payload;
  struct sp_untrusted_bundle bundle;
  char *key_id;
  char *problem; /* why nothing could be read from it, or NULL */
};

/* What else refers to the image, and is read by nobody here. */
struct sp_unsupported_referrer
{
  char *source, *problem;
};

struct sp_stored_signatures
{
  struct sp_image_name *image;
  struct sp_evidence *evidence;
  struct sp_stored_signature *items;
  size_t len;
  struct sp_unsupported_referrer *unsupported;
  size_t n_unsupported;
  const struct sp_looked_at *looked_at; /* of the evidence */
  size_t n_looked_at;
};

/* An image that is not there is a failure; one without signatures is none. */
int sp_stored_signatures_gather (struct sp_context *context, const struct sp_request *request,
                                 struct sp_stored_signatures *ret,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_stored_signatures_clear (struct sp_stored_signatures *it);

#define cleanup_stored_signatures SP_CLEANUP (sp_stored_signatures_clear)

#endif
