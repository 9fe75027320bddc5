/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "explain/signer.h"
#include "model/words.h"
#include "util/limits.h"

/* The steps of a verdict, as its trace has them. */

static const struct sp_trace_requirement *
requirement_of (const sigpolicy_judged_requirement *requirement)
{
  return (const struct sp_trace_requirement *)requirement;
}

static const struct sp_trace_signature *
signature_of (const sigpolicy_judged_signature *signature)
{
  return (const struct sp_trace_signature *)signature;
}

#define N_PARTS (SIGPOLICY_PART_IDENTITY + 1)

static const char *
choose (const char *const texts[N_PARTS], sigpolicy_part part)
{
  return (unsigned)part < N_PARTS ? texts[part] : NULL;
}

static sigpolicy_result
result_of (const struct sp_outcome *outcome, bool is_asked)
{
  return !is_asked                               ? SIGPOLICY_RESULT_NOT_ASKED
         : outcome->answer == SP_ANSWER_ACCEPTED ? SIGPOLICY_RESULT_ACCEPTED
                                                 : SIGPOLICY_RESULT_REJECTED;
}

const sigpolicy_judged_requirement *
sigpolicy_verdict_requirement (const sigpolicy_verdict *verdict, unsigned number)
{
  const struct sp_trace *trace = verdict ? sp_api_verdict (verdict)->trace : NULL;
  return trace && number < trace->n_requirements
             ? (const sigpolicy_judged_requirement *)&trace->requirements[number]
             : NULL;
}

sigpolicy_result
sigpolicy_judged_requirement_result (const sigpolicy_judged_requirement *requirement)
{
  const struct sp_trace_requirement *it = requirement_of (requirement);
  return it ? result_of (&it->outcome, it->evaluated) : SIGPOLICY_RESULT_REJECTED;
}

sigpolicy_reason
sigpolicy_judged_requirement_reason (const sigpolicy_judged_requirement *requirement)
{
  return requirement ? requirement_of (requirement)->outcome.reason : SIGPOLICY_REASON_INTERNAL;
}

const char *
sigpolicy_judged_requirement_text (const sigpolicy_judged_requirement *requirement,
                                   sigpolicy_part part)
{
  const struct sp_trace_requirement *it = requirement_of (requirement);
  if (!it)
    return NULL;
  const char *const texts[N_PARTS]
      = { [SIGPOLICY_PART_TYPE] = sp_requirement_type_name (it->requirement->type),
          [SIGPOLICY_PART_MESSAGE] = it->outcome.message,
          [SIGPOLICY_PART_POSITION] = it->outcome.position,
          [SIGPOLICY_PART_STRICTER] = it->outcome.stricter };
  return choose (texts, part);
}

int
sigpolicy_judged_requirement_words (const sigpolicy_judged_requirement *requirement,
                                    char **ret_text, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_error sigpolicy_error *mine = NULL;
  char *text = NULL;

  if (!requirement || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("requirement or ret_text", &mine));
  sp_words_requirement (&words, requirement_of (requirement)->requirement);
  text = sp_buf_steal (&words, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}

const sigpolicy_judged_signature *
sigpolicy_judged_requirement_signature (const sigpolicy_judged_requirement *requirement,
                                        unsigned number)
{
  const struct sp_trace_requirement *it = requirement_of (requirement);
  return it && number < it->n_signatures
             ? (const sigpolicy_judged_signature *)&it->signatures[number]
             : NULL;
}

sigpolicy_result
sigpolicy_judged_signature_result (const sigpolicy_judged_signature *signature)
{
  const struct sp_trace_signature *it = signature_of (signature);
  return it ? result_of (&it->outcome, !it->skipped) : SIGPOLICY_RESULT_REJECTED;
}

sigpolicy_reason
sigpolicy_judged_signature_reason (const sigpolicy_judged_signature *signature)
{
  return signature ? signature_of (signature)->outcome.reason : SIGPOLICY_REASON_INTERNAL;
}

const char *
sigpolicy_judged_signature_text (const sigpolicy_judged_signature *signature, sigpolicy_part part)
{
  const struct sp_trace_signature *it = signature_of (signature);
  if (!it)
    return NULL;
  const char *const texts[N_PARTS]
      = { [SIGPOLICY_PART_TYPE] = sp_signature_format_name (it->format),
          [SIGPOLICY_PART_MESSAGE] = it->outcome.message,
          [SIGPOLICY_PART_POSITION] = it->outcome.position,
          [SIGPOLICY_PART_STRICTER] = it->outcome.stricter,
          [SIGPOLICY_PART_SOURCE] = it->source,
          [SIGPOLICY_PART_KEY] = it->key,
          [SIGPOLICY_PART_SUBJECT] = it->subject,
          [SIGPOLICY_PART_ISSUER] = it->issuer,
          [SIGPOLICY_PART_REFERENCE] = it->verified ? it->reference : NULL,
          [SIGPOLICY_PART_DIGEST] = it->verified ? it->digest : NULL,
          [SIGPOLICY_PART_IDENTITY] = it->nameless ? "not-stated" : NULL,
          [SIGPOLICY_PART_DETAIL] = it->detail };
  return choose (texts, part);
}

size_t
sigpolicy_judged_signature_reference_size (const sigpolicy_judged_signature *signature)
{
  const struct sp_trace_signature *it = signature_of (signature);
  return it && it->verified && it->reference ? it->reference_len : 0;
}

int
sigpolicy_judged_signature_signed (const sigpolicy_judged_signature *signature, int64_t *ret)
{
  const struct sp_trace_signature *it = signature_of (signature);
  if (!it || !it->made || !ret)
    return 0;
  *ret = it->made;
  return 1;
}

int
sigpolicy_judged_signature_logged (const sigpolicy_judged_signature *signature, int64_t *ret)
{
  const struct sp_trace_signature *it = signature_of (signature);
  if (!it || !it->is_logged || !ret)
    return 0;
  *ret = it->logged;
  return 1;
}

/* --- whose key it was ------------------------------------------------------------------------- */

static const struct sp_signer *
signer_of (const sigpolicy_signer *signer)
{
  return (const struct sp_signer *)signer;
}

int
sigpolicy_judged_signature_signer (const sigpolicy_judged_signature *signature,
                                   const sigpolicy_signer **ret_signer, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  const struct sp_signer *found = NULL;
  int rc = signature && ret_signer ? sp_explain_signer (signature_of (signature), &found, &mine)
                                   : sp_api_misuse ("signature or ret_signer", &mine);
  if (rc == 0)
    *ret_signer = (const sigpolicy_signer *)found;
  return sp_api_done (err, &mine, rc);
}

const char *
sigpolicy_signer_user_id (const sigpolicy_signer *signer)
{
  return signer ? signer_of (signer)->owner : NULL;
}

const char *
sigpolicy_signer_key_file (const sigpolicy_signer *signer)
{
  return signer ? signer_of (signer)->path.data : NULL;
}

int
sigpolicy_signer_expires (const sigpolicy_signer *signer, int64_t *ret)
{
  if (!signer || !signer_of (signer)->expires || !ret)
    return 0;
  *ret = signer_of (signer)->expires;
  return 1;
}
