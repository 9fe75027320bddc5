/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_API_API_H
#define SP_API_API_H

#include "ask/judge.h"

#include <sigpolicy/sigpolicy.h>

/* Handles are the inner structs under another name. */
struct sigpolicy_context
{
  struct sp_context inner;
  bool is_in_use;      /* a call that uses it has called back */
  bool is_to_be_freed; /* when that call ends */
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

/* What an audit found. */
const struct sp_audit_report *sp_api_audit_report (const sigpolicy_audit *audit);

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

/* Is it one, and not in use by the call that called back? */
static inline bool
sp_api_is_ready (const sigpolicy_context *context)
{
  return context && !context->is_in_use;
}

/* The mistake of a call that needs a context that is ready, and what. */
int sp_api_misuse_of (const sigpolicy_context *context, const char *what, sigpolicy_error **err);

/* The policy and the directory of registries.d of a place, as the reader finds them unless the
 * context names them; to free(), NULL with an error. */
char *sp_api_choose_policy (struct sp_context *context, const struct sp_reader *reader,
                            sigpolicy_edit_place place, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_api_choose_registries_d (struct sp_context *context, const struct sp_reader *reader,
                                  sigpolicy_edit_place place,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
