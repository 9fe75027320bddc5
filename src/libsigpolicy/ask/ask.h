/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_ASK_H
#define SP_ASK_ASK_H

#include "evaluate/evaluate.h"
#include "sources/evidence.h"

/* What is asked. Everything is borrowed. */
struct sp_asked
{
  struct sp_policy *policy;
  const struct sp_image_name *image;
  struct sp_evidence *evidence;
  struct sp_trust_cache *trust;
  sp_time now;
  bool require_signed;
  enum sp_bundle_mode bundles;
  const struct sp_trusted_root *trusted_root; /* or NULL */
};

/*
 * Trust first, then evidence, then the evaluation: load the keys of each requirement that can come
 * to be evaluated, read the image's evidence if one of them needs it, and call sp_evaluate(). What
 * cannot be loaded or read is part of the question. Returns 0 or NO_MEMORY.
 */
int sp_ask (const struct sp_asked *asked, struct sp_trace **ret,
            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
