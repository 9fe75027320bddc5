/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/signer.h"

#include "model/words.h"
#include "util/limits.h"

/* The answer in a word, and who gave the signatures that it rests on. */

static const struct sp_trace_signature *
accepted_signature (const struct sp_trace_requirement *requirement)
{
  for (size_t i = 0; i < requirement->n_signatures; i++)
    if (requirement->signatures[i].outcome.answer == SP_ANSWER_ACCEPTED)
      return &requirement->signatures[i];
  return NULL;
}

static bool
is_signed (const struct sp_trace *trace)
{
  for (size_t i = 0; trace && i < trace->n_requirements; i++)
    if (accepted_signature (&trace->requirements[i]))
      return true;
  return false;
}

const char *
sp_explain_word (const struct sp_verdict *verdict)
{
  return verdict->outcome.answer == SP_ANSWER_ACCEPTED && !is_signed (verdict->trace)
             ? "accepted (unsigned)"
             : sp_explain_outcome_word (&verdict->outcome);
}

const char *
sp_explain_outcome_word (const struct sp_outcome *outcome)
{
  if (outcome->answer == SP_ANSWER_ACCEPTED)
    return "accepted";
  switch (outcome->code)
    {
    case SIGPOLICY_E_REJECTED:
      return "rejected";
    case SIGPOLICY_E_NOT_FOUND:
    case SIGPOLICY_E_UNAVAILABLE:
      return "undecided";
    default:
      return "error";
    }
}

int
sp_explain_signer (const struct sp_trace_signature *signature, const struct sp_signer **ret,
                   sigpolicy_error **err)
{
  *ret = NULL;
  return signature->signers && signature->key
             ? sp_signers_find (signature->signers, signature->key, ret, err)
             : 0;
}

char *
sp_explain_signers (const struct sp_verdict *verdict, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  const struct sp_trace *trace = verdict->trace;

  for (size_t i = 0; trace && i < trace->n_requirements; i++)
    {
      const struct sp_trace_signature *signature = accepted_signature (&trace->requirements[i]);
      const struct sp_signer *key = NULL;
      if (!signature)
        continue;
      if (!signature->subject && sp_explain_signer (signature, &key, err) < 0)
        return NULL;
      sp_buf_str (&out, out.len ? " and " : "");
      sp_words_str (&out, signature->subject  ? signature->subject
                          : key && key->owner ? key->owner
                          : signature->key    ? signature->key
                                              : "a key of the policy");
    }
  return sp_buf_steal (&out, err);
}
