/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SHOW_SHOW_H
#define SP_SHOW_SHOW_H

#include "model/policy.h"
#include "util/clock.h"

#include <sigpolicy/trust.h>

/*
 * A policy as podman-image-trust(1) shows it: a row for each requirement. Reading is as lax as
 * there, so policies that verification refuses are shown, too; what is refused is a warning.
 */
struct sp_show
{
  const char *policy_path;
  const char *registries_d;
  const char *image; /* only what applies to this one, by the verifier's own reader; or NULL */
  sp_time now;
  unsigned flags; /* SIGPOLICY_TRUST_* */
};

/* Failure: CONFIG. */
int sp_show (const struct sp_show *show, sigpolicy_trust **ret,
             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_show_free (sigpolicy_trust *trust);

SP_DEFINE_CLEANUP (sigpolicy_trust *, sp_show_free);
#define cleanup_trust_shown SP_CLEANUP (sp_show_free_p)

#endif
