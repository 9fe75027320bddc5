/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_API_API_H
#define SP_API_API_H

#include "evaluate/image.h"

#include <sigpolicy/sigpolicy.h>

/* Handles are the inner structs under another name. */
struct sigpolicy_context
{
  struct sp_host host;
};

static inline struct sp_policy *
sp_api_policy (sigpolicy_policy *policy)
{
  return (struct sp_policy *)policy;
}

static inline struct sp_request *
sp_api_request (sigpolicy_request *request)
{
  return (struct sp_request *)request;
}

static inline const struct sp_request *
sp_api_request_const (const sigpolicy_request *request)
{
  return (const struct sp_request *)request;
}

static inline const struct sp_verdict *
sp_api_verdict (const sigpolicy_verdict *verdict)
{
  return (const struct sp_verdict *)verdict;
}

/*
 * Inside, err is never NULL; at the door it may be. A public function keeps an error of its own and
 * ends with return sp_api_done (err, &mine, rc): the error goes to the caller who wants it, the
 * code to everyone.
 */
static inline int
sp_api_done (sigpolicy_error **err, sigpolicy_error **mine, int rc)
{
  if (rc < 0 && err)
    *err = steal (mine);
  return rc < 0 ? rc : SIGPOLICY_OK;
}

/* A caller's mistake: a NULL where something is needed. */
int sp_api_misuse (const char *what, sigpolicy_error **err);

/* Replaces *slot by a copy of text, which may be NULL. */
int sp_api_keep (char **slot, const char *text, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
