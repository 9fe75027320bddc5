/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/results.h"

#include "model/words.h"
#include "util/codec.h"
#include "util/limits.h"

static void
result_clear (struct sp_result *result)
{
  free (result->name);
  free (result->label);
  free (result->digest);
  free (result->pinned);
  free (result->message);
  free (result->hint);
  free (result->signer);
  free (result->policy_path);
  free (result->scope);
}

void
sp_results_clear (struct sp_results *results)
{
  for (size_t i = 0; i < results->len; i++)
    result_clear (&results->items[i]);
  free (results->items);
  *results = (struct sp_results){ 0 };
}

/* A copy that can be shown. */
static int
keep (char **slot, const char *text, sigpolicy_error **err)
{
  if (!text || !*text)
    return 0;
  *slot = sp_strdup (text, err);
  return !*slot ? SIGPOLICY_E_NO_MEMORY : !sp_make_printable (slot) ? sp_error_no_memory (err) : 0;
}

/* A message may list faults in lines of its own, which are one here. */
static int
keep_message (char **slot, const char *text, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf joined = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (!text || !*text)
    return 0;
  sp_join_lines (sp_view_str (text), &joined);
  int rc = sp_buf_check (&joined, err);
  return rc < 0 ? rc : keep (slot, joined.data, err);
}

/* An image, and which of several of that name. */
static int
keep_name (struct sp_result *ret, const struct sp_verdict *verdict, const char *label,
           sigpolicy_error **err)
{
  const char *image = verdict->reference ? verdict->reference
                      : verdict->image   ? verdict->image
                                         : NULL;
  const char *which = label                           ? label
                      : verdict->role == SP_ROLE_LIST ? "the manifest list"
                                                      : verdict->platform;
  bool is_named = which && *which;
  cleanup_free char *name
      = sp_asprintf (err, "%s%s%s", is_named ? which : "", is_named && image ? ", " : "",
                     image      ? image
                     : is_named ? ""
                                : "an image without a name");
  int rc = name ? keep (&ret->name, name, err) : SIGPOLICY_E_NO_MEMORY;
  return rc == 0 ? keep (&ret->label, label, err) : rc;
}

static const char *
find_signer (const struct sp_trace *trace)
{
  for (size_t i = 0; trace && i < trace->n_requirements; i++)
    for (size_t j = 0; j < trace->requirements[i].n_signatures; j++)
      {
        const struct sp_trace_signature *signature = &trace->requirements[i].signatures[j];
        if (signature->outcome.answer == SP_ANSWER_ACCEPTED)
          return signature->subject ? signature->subject : signature->key;
      }
  return NULL;
}

static bool
asks_nothing (const struct sp_trace *trace)
{
  for (size_t i = 0; trace && i < trace->n_requirements; i++)
    if (trace->requirements[i].requirement->type != SP_REQUIREMENT_ACCEPT)
      return false;
  return true;
}

static int
keep_match (struct sp_result *ret, const struct sp_trace *trace, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (!trace)
    return 0;
  sp_words_scope (&words, &trace->match);
  ret->line = trace->match.scope->line;
  ret->scope = sp_buf_steal (&words, err);
  return ret->scope ? 0 : sigpolicy_error_code (*err);
}

int
sp_results_add (struct sp_results *results, const struct sp_verdict *verdict, const char *label,
                sigpolicy_error **err)
{
  const struct sp_outcome *outcome = &verdict->outcome;

  int rc = sp_grow (&results->items, &results->capacity, results->len, sizeof *results->items, err);
  if (rc < 0)
    return rc;
  struct sp_result *result = &results->items[results->len];
  *result = (struct sp_result){ .reason = outcome->reason,
                                .code = outcome->code,
                                .accepted = outcome->answer == SP_ANSWER_ACCEPTED };
  result->unsigned_ = result->accepted && asks_nothing (verdict->trace);
  rc = keep_name (result, verdict, label, err);
  if (rc == 0)
    rc = keep (&result->digest, verdict->digest, err);
  if (rc == 0)
    rc = keep (&result->pinned, verdict->pinned, err);
  if (rc == 0)
    rc = keep_message (&result->message, outcome->message, err);
  if (rc == 0)
    rc = keep (&result->hint, outcome->hint.text, err);
  if (rc == 0)
    rc = keep (&result->signer, result->accepted ? find_signer (verdict->trace) : NULL, err);
  if (rc == 0 && verdict->policy)
    rc = keep (&result->policy_path, sp_policy_path (verdict->policy), err);
  if (rc == 0)
    rc = keep_match (result, verdict->trace, err);
  if (rc < 0)
    {
      result_clear (result);
      return rc;
    }
  if (!results->len++)
    results->now = verdict->time;
  return 0;
}

const char *
sp_result_answer (const struct sp_result *result)
{
  return result->accepted                       ? "accepted"
         : result->code == SIGPOLICY_E_REJECTED ? "rejected"
                                                : "undecided";
}

size_t
sp_results_count (const struct sp_results *results, const char *answer)
{
  size_t count = 0;
  for (size_t i = 0; i < results->len; i++)
    count += strcmp (sp_result_answer (&results->items[i]), answer) == 0;
  return count;
}
