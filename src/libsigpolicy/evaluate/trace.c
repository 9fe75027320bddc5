/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/trace.h"

/* "policy.json:3:14 (at default[0].type)"; NULL where the failure has no position, and *err tells
 * that from no memory. */
static char *
position_of (const sigpolicy_error *failure, sigpolicy_error **err)
{
  const char *file = sigpolicy_error_file (failure), *path = sigpolicy_error_json_path (failure);
  unsigned line = sigpolicy_error_line (failure);

  if (!line)
    return NULL;
  return sp_asprintf (err, "%s%s%u:%u%s%s%s", file ? file : "", file ? ":" : "", line,
                      sigpolicy_error_column (failure), path && *path ? " (at " : "",
                      path && *path ? path : "", path && *path ? ")" : "");
}

int
sp_outcome_fail (struct sp_outcome *outcome, sigpolicy_error **err)
{
  if (sigpolicy_error_code (*err) == SIGPOLICY_E_NO_MEMORY)
    return SIGPOLICY_E_NO_MEMORY;

  cleanup_error sigpolicy_error *failure = steal (err);
  sp_outcome_clear (outcome);
  outcome->code = sigpolicy_error_code (failure);
  outcome->reason = sigpolicy_error_reason (failure);
  outcome->stricter = sp_error_stricter_id (failure);
  outcome->message = sp_strdup (sigpolicy_error_message (failure), err);
  outcome->position = outcome->message ? position_of (failure, err) : NULL;
  return *err ? SIGPOLICY_E_NO_MEMORY : sp_error_take_hint (failure, &outcome->hint, err);
}

int
sp_outcome_reject (struct sp_outcome *outcome, sigpolicy_reason reason, sigpolicy_error **err,
                   const char *format, ...)
{
  va_list args;
  va_start (args, format);
  char *message = sp_vasprintf (err, format, args);
  va_end (args);
  if (!message)
    return SIGPOLICY_E_NO_MEMORY;
  sp_outcome_clear (outcome);
  outcome->code = SIGPOLICY_E_REJECTED;
  outcome->reason = reason;
  outcome->message = message;
  return 0;
}

int
sp_outcome_copy (struct sp_outcome *to, const struct sp_outcome *from, sigpolicy_error **err)
{
  cleanup_free char *message = from->message ? sp_strdup (from->message, err) : NULL;
  cleanup_free char *position = from->position ? sp_strdup (from->position, err) : NULL;
  cleanup_hint struct sp_hint hint = { 0 };
  if ((from->message && !message) || (from->position && !position)
      || sp_hint_copy (&from->hint, &hint, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  sp_outcome_clear (to);
  *to = *from;
  to->message = steal (&message);
  to->position = steal (&position);
  to->hint = hint;
  hint = (struct sp_hint){ 0 };
  return 0;
}

void
sp_outcome_clear (struct sp_outcome *outcome)
{
  free (outcome->message);
  free (outcome->position);
  sp_hint_clear (&outcome->hint);
  memset (outcome, 0, sizeof *outcome);
}

void
sp_trace_free (struct sp_trace *trace)
{
  if (!trace)
    return;
  for (size_t i = 0; i < trace->n_requirements; i++)
    {
      struct sp_trace_requirement *requirement = &trace->requirements[i];
      for (size_t j = 0; j < requirement->n_signatures; j++)
        {
          struct sp_trace_signature *signature = &requirement->signatures[j];
          sp_outcome_clear (&signature->outcome);
          free (signature->source);
          free (signature->key);
          free (signature->reference);
          free (signature->digest);
          free (signature->detail);
          free (signature->subject);
          free (signature->issuer);
          sp_signers_free (signature->signers);
        }
      free (requirement->signatures);
      sp_outcome_clear (&requirement->outcome);
    }
  free (trace->requirements);
  sp_outcome_clear (&trace->outcome);
  sp_policy_free (trace->policy);
  free (trace);
}
