/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "explain/signer.h"

void
sigpolicy_verdict_free (sigpolicy_verdict *verdict)
{
  sp_verdict_free ((struct sp_verdict *)verdict);
}

sigpolicy_answer
sigpolicy_verdict_answer (const sigpolicy_verdict *verdict)
{
  return verdict && sp_api_verdict (verdict)->outcome.answer == SP_ANSWER_ACCEPTED
             ? SIGPOLICY_ACCEPTED
             : SIGPOLICY_REJECTED;
}

int
sigpolicy_verdict_code (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->outcome.code : SIGPOLICY_E_INTERNAL;
}

sigpolicy_reason
sigpolicy_verdict_reason (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->outcome.reason : SIGPOLICY_REASON_INTERNAL;
}

const char *
sigpolicy_verdict_message (const sigpolicy_verdict *verdict)
{
  return verdict && sp_api_verdict (verdict)->outcome.message
             ? sp_api_verdict (verdict)->outcome.message
             : "";
}

const char *
sigpolicy_verdict_hint (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->outcome.hint.text : NULL;
}

const char *
sigpolicy_verdict_hint_command (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->outcome.hint.command : NULL;
}

int
sigpolicy_verdict_hint_edit (const sigpolicy_verdict *verdict, sigpolicy_hint_edit *ret)
{
  return verdict && ret && sp_hint_edit (&sp_api_verdict (verdict)->outcome.hint, ret);
}

const char *
sigpolicy_verdict_digest (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->digest : NULL;
}

const char *
sigpolicy_verdict_pinned (const sigpolicy_verdict *verdict)
{
  return sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED ? sp_api_verdict (verdict)->pinned
                                                                  : NULL;
}

const char *
sigpolicy_verdict_image (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->image : NULL;
}

const char *
sigpolicy_verdict_reference (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->reference : NULL;
}

const char *
sigpolicy_verdict_identity (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->identity : NULL;
}

const char *
sigpolicy_verdict_artifact_type (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->artifact_type : NULL;
}

const char *
sigpolicy_verdict_artifact_kind (const sigpolicy_verdict *verdict)
{
  return sp_artifact_noun (sigpolicy_verdict_artifact_type (verdict));
}

const char *
sigpolicy_verdict_list_digest (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->list_digest : NULL;
}

const char *
sigpolicy_verdict_policy_path (const sigpolicy_verdict *verdict)
{
  return verdict && sp_api_verdict (verdict)->policy
             ? sp_policy_path (sp_api_verdict (verdict)->policy)
             : NULL;
}

/* What the policy was searched for, once it was. */
static const struct sp_policy_match *
match (const sigpolicy_verdict *verdict)
{
  const struct sp_trace *trace = verdict ? sp_api_verdict (verdict)->trace : NULL;
  return trace ? &trace->match : NULL;
}

static const char *
sized (const char *text, size_t size, size_t *ret_size)
{
  if (ret_size)
    *ret_size = size;
  return text;
}

const char *
sigpolicy_verdict_transport (const sigpolicy_verdict *verdict, size_t *ret_size)
{
  const struct sp_policy_match *found = match (verdict);
  return found && found->transport
             ? sized (found->transport->name, found->transport->name_len, ret_size)
             : sized (NULL, 0, ret_size);
}

const char *
sigpolicy_verdict_scope (const sigpolicy_verdict *verdict, size_t *ret_size)
{
  const struct sp_policy_match *found = match (verdict);
  return found && found->transport ? sized (found->scope->name, found->scope->name_len, ret_size)
                                   : sized (NULL, 0, ret_size);
}

const char *
sigpolicy_verdict_key (const sigpolicy_verdict *verdict, const char **ret_identity)
{
  const char *path = verdict ? sp_api_verdict (verdict)->key_path : NULL;
  const struct sp_trace *trace = path ? sp_api_verdict (verdict)->trace : NULL;

  if (ret_identity)
    *ret_identity
        = trace ? sp_identity_type_name (trace->requirements[0].requirement->identity.type) : NULL;
  return path;
}

const char *
sigpolicy_verdict_reader (const sigpolicy_verdict *verdict, const char **ret_by)
{
  const struct sp_reading *reading = verdict ? &sp_api_verdict (verdict)->reading : NULL;

  if (ret_by)
    *ret_by = reading && reading->generation ? reading->by : NULL;
  return reading ? reading->generation : NULL;
}

const char *
sigpolicy_verdict_reader_file (const sigpolicy_verdict *verdict, unsigned number)
{
  const struct sp_reading *reading = verdict ? &sp_api_verdict (verdict)->reading : NULL;
  return reading && reading->generation && number < reading->files.len
             ? reading->files.items[number]
             : NULL;
}

const char *
sigpolicy_verdict_policy_sha256 (const sigpolicy_verdict *verdict)
{
  return verdict && sp_api_verdict (verdict)->policy
             ? sp_policy_sha256 (sp_api_verdict (verdict)->policy)
             : NULL;
}

unsigned
sigpolicy_verdict_policy_line (const sigpolicy_verdict *verdict)
{
  const struct sp_policy_match *found = match (verdict);
  return found ? found->scope->line : 0;
}

const char *
sigpolicy_verdict_position (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->outcome.position : NULL;
}

const char *
sigpolicy_verdict_stricter (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->outcome.stricter : NULL;
}

int64_t
sigpolicy_verdict_time (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->time : 0;
}

const char *
sigpolicy_verdict_sandbox (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->sandbox : NULL;
}

const char *
sigpolicy_verdict_looked_at (const sigpolicy_verdict *verdict, unsigned number,
                             const char **ret_result)
{
  if (!verdict || number >= sp_api_verdict (verdict)->n_looked_at)
    return NULL;
  if (ret_result)
    *ret_result = sp_api_verdict (verdict)->looked_at[number].result;
  return sp_api_verdict (verdict)->looked_at[number].where;
}

const char *
sigpolicy_verdict_signer (const sigpolicy_verdict *verdict, unsigned number)
{
  const struct sp_trace *trace = verdict ? sp_api_verdict (verdict)->trace : NULL;
  if (!trace || number >= trace->n_requirements)
    return NULL;
  const struct sp_trace_requirement *requirement = &trace->requirements[number];
  for (size_t i = 0; i < requirement->n_signatures; i++)
    if (requirement->signatures[i].outcome.answer == SP_ANSWER_ACCEPTED)
      return requirement->signatures[i].key;
  return NULL;
}

const char *
sigpolicy_verdict_word (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_explain_word (sp_api_verdict (verdict)) : "error";
}

int
sigpolicy_verdict_signers (const sigpolicy_verdict *verdict, char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!verdict || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("verdict or ret_text", &mine));
  char *text = sp_explain_signers (sp_api_verdict (verdict), &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}

const char *
sigpolicy_verdict_platform (const sigpolicy_verdict *verdict)
{
  return verdict ? sp_api_verdict (verdict)->platform : NULL;
}

int
sigpolicy_verdict_is_list (const sigpolicy_verdict *verdict)
{
  return verdict && sp_api_verdict (verdict)->role == SP_ROLE_LIST;
}

const char *
sigpolicy_verdict_warning (const sigpolicy_verdict *verdict, unsigned number)
{
  return verdict && number < sp_api_verdict (verdict)->warnings.len
             ? sp_api_verdict (verdict)->warnings.items[number]
             : NULL;
}
