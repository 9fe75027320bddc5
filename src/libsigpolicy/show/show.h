/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SHOW_SHOW_H
#define SP_SHOW_SHOW_H

#include "model/policy.h"
#include "util/clock.h"

/*
 * A policy as podman-image-trust(1) shows it: a row for each requirement. Reading is as lax as
 * there, so policies that verification refuses are shown, too; what is refused is a warning.
 */
struct sp_show
{
  const char *policy_path;
  const char *registries_d;
  const char *image; /* show only what applies to this one, by the verifier's own reader; or NULL */
  sp_time now;
  enum
  {
    SP_SHOW_TABLE,
    SP_SHOW_JSON,
    SP_SHOW_RAW, /* the file, and a newline */
  } form;
  bool no_heading;
  bool details; /* keys by fingerprint, signers, expiry, lines */
};

/* Append what is to be shown to out, and warnings, a line each, to warnings. Failure: CONFIG. */
int sp_show (const struct sp_show *show, struct sp_buf *out, struct sp_buf *warnings,
             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
