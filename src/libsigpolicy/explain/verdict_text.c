/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include "explain/hint.h"
#include "model/words.h"
#include "util/limits.h"

#define SIGNATURES_SHOWN 5

static void
policy_line (struct sp_buf *out, const struct sp_verdict *verdict)
{
  const struct sp_trace *trace = verdict->trace;

  if (verdict->policy)
    {
      sp_buf_str (out, "  policy    ");
      sp_words_str (out, sp_policy_path (verdict->policy) ? sp_policy_path (verdict->policy)
                                                          : "(from memory)");
    }
  if (!verdict->policy || !trace)
    {
      sp_buf_str (out, verdict->policy ? "\n" : "");
      return;
    }
  if (trace->match.scope->line)
    sp_buf_printf (out, ":%u", trace->match.scope->line);
  sp_buf_str (out, "  ");
  sp_words_scope (out, &trace->match);
  sp_buf_str (out, "  (");
  for (size_t i = 0; i < trace->n_requirements; i++)
    sp_buf_printf (out, "%s%s", i ? ", " : "",
                   sp_requirement_type_name (trace->requirements[i].requirement->type));
  sp_buf_str (out, ")\n");
}

/* Whose key it is, and since when that is known. */
static void
signer (struct sp_buf *out, const struct sp_trace_signature *signature)
{
  char logged[SP_TIME_TEXT_SIZE];

  if (signature->subject)
    {
      sp_buf_str (out, " of ");
      sp_words_str (out, signature->subject);
    }
  if (signature->issuer)
    {
      sp_buf_str (out, " (");
      sp_words_str (out, signature->issuer);
      sp_buf_byte (out, ')');
    }
  if (signature->is_logged)
    {
      sp_time_format (signature->logged, logged);
      sp_buf_printf (out, ", logged %s", logged);
    }
}

static void
signature_line (struct sp_buf *out, const struct sp_trace_signature *signature, size_t number,
                size_t of, bool verbose)
{
  sp_buf_printf (out, "  signature %zu of %zu  ", number, of);
  if (signature->skipped && signature->detail)
    {
      sp_buf_str (out, "not looked at: it is ");
      sp_words_str (out, signature->detail);
    }
  else if (signature->skipped)
    sp_buf_printf (out, "not looked at: it is of the format %s",
                   sp_signature_format_name (signature->format));
  else if (signature->outcome.answer == SP_ANSWER_ACCEPTED)
    {
      sp_buf_str (out, "good: by ");
      sp_words_str (out, signature->key ? signature->key : "a key of the policy");
      signer (out, signature);
      sp_buf_str (out, ", for ");
      sp_words (out, sp_view_n (signature->reference, signature->reference_len));
    }
  else
    {
      sp_buf_printf (out, "%s: ", sigpolicy_reason_slug (signature->outcome.reason));
      sp_words_str (out, signature->outcome.message);
      if (signature->detail)
        {
          sp_buf_str (out, "; ");
          sp_words_str (out, signature->detail);
        }
    }
  if (signature->outcome.stricter)
    sp_buf_printf (out, "  [stricter: %s]", signature->outcome.stricter);
  if (verbose)
    {
      sp_buf_str (out, "\n              from ");
      sp_words_str (out, signature->source);
    }
  sp_buf_byte (out, '\n');
}

/* The signatures that matter: the good one of an accepted requirement, the bad ones of the rejected
 * one; all if verbose. */
static void
signature_lines (struct sp_buf *out, const struct sp_trace_requirement *requirement, bool verbose)
{
  bool accepted = requirement->outcome.answer == SP_ANSWER_ACCEPTED;
  bool names_others = requirement->outcome.reason == SIGPOLICY_REASON_UNSUPPORTED_FORMAT;
  size_t shown = 0;

  for (size_t i = 0; i < requirement->n_signatures; i++)
    {
      const struct sp_trace_signature *signature = &requirement->signatures[i];
      bool good = signature->outcome.answer == SP_ANSWER_ACCEPTED;
      bool named = names_others && signature->detail;
      if (!verbose && (good != accepted || (signature->skipped && !named)))
        continue;
      if (!verbose && shown++ == SIGNATURES_SHOWN)
        {
          sp_buf_str (out, "  signature ...  (--verbose shows all)\n");
          return;
        }
      signature_line (out, signature, i + 1, requirement->n_signatures, verbose);
    }
}

static void
requirement_lines (struct sp_buf *out, const struct sp_trace *trace, bool verbose)
{
  for (size_t i = 0; i < trace->n_requirements; i++)
    {
      const struct sp_trace_requirement *requirement = &trace->requirements[i];
      if (trace->n_requirements > 1 || verbose)
        {
          sp_buf_printf (out, "  requires  %zu of %zu  %s: ", i + 1, trace->n_requirements,
                         !requirement->evaluated                             ? "not reached"
                         : requirement->outcome.answer == SP_ANSWER_ACCEPTED ? "holds"
                                                                             : "does not hold");
          sp_words_requirement (out, requirement->requirement);
          sp_buf_byte (out, '\n');
        }
      signature_lines (out, requirement, verbose);
    }
}

/* Is the reason already told by the line of a signature? */
static bool
told_by_signature (const struct sp_verdict *verdict)
{
  const struct sp_trace *trace = verdict->trace;
  for (size_t i = 0; trace && i < trace->n_requirements; i++)
    for (size_t j = 0; j < trace->requirements[i].n_signatures; j++)
      if (trace->requirements[i].outcome.answer != SP_ANSWER_ACCEPTED
          && !trace->requirements[i].signatures[j].skipped)
        return true;
  return false;
}

static void
looked_at_lines (struct sp_buf *out, const struct sp_verdict *verdict)
{
  for (size_t i = 0; i < verdict->n_looked_at; i++)
    {
      sp_buf_str (out, "  looked at ");
      sp_words_str (out, verdict->looked_at[i].where);
      sp_buf_printf (out, "  (%s)\n", verdict->looked_at[i].result);
    }
}

/* "sha256:" and twelve digits. */
#define SHORT_DIGEST   19
#define PLATFORM_WIDTH 15

/* One line of a table; the list, which is the first, brings the name. */
static char *
row (const struct sp_verdict *verdict, unsigned flags, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  bool accepted = verdict->outcome.answer == SP_ANSWER_ACCEPTED;
  bool list = verdict->role == SP_ROLE_LIST;
  const char *platform = list                                      ? "the list itself"
                         : verdict->platform && *verdict->platform ? verdict->platform
                                                                   : "-";
  struct sp_view digest = sp_view_str (verdict->digest ? verdict->digest : "-");

  if (list)
    {
      sp_words_str (&out, verdict->reference ? verdict->reference : verdict->image);
      sp_buf_byte (&out, '\n');
    }
  if (!(flags & SIGPOLICY_FORMAT_VERBOSE))
    digest = sp_view_head (digest, SHORT_DIGEST);
  sp_buf_printf (&out, "  %s%s%s  %-*s  %-*.*s", sp_words_colour (accepted, flags),
                 accepted ? "accepted" : "rejected", sp_words_plain (flags), PLATFORM_WIDTH,
                 platform, accepted ? 0 : SHORT_DIGEST, (int)digest.len, digest.data);
  if (!accepted)
    {
      sp_buf_printf (&out, "  %s: ", sigpolicy_reason_slug (verdict->outcome.reason));
      sp_words_str (&out, verdict->outcome.message);
    }
  sp_buf_byte (&out, '\n');
  return sp_buf_steal (&out, err);
}

char *
sp_explain_verdict_text (const struct sp_verdict *verdict, unsigned flags, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  bool verbose = flags & SIGPOLICY_FORMAT_VERBOSE;
  bool accepted = verdict->outcome.answer == SP_ANSWER_ACCEPTED;
  const char *name = verdict->reference ? verdict->reference : verdict->image;
  if (flags & SIGPOLICY_FORMAT_ROW)
    return row (verdict, flags, err);
  cleanup_free char *hint = sp_explain_hint (verdict, err);

  if (!hint && *err)
    return NULL;
  sp_buf_printf (&out, "%s%s%s  ", sp_words_colour (accepted, flags),
                 accepted ? "accepted" : "rejected", sp_words_plain (flags));
  sp_words_str (&out, name);
  if (verdict->digest)
    sp_buf_printf (&out, "  %s", verdict->digest);
  sp_buf_byte (&out, '\n');
  if (verdict->image && strcmp (verdict->image, name) != 0)
    {
      sp_buf_str (&out, "  image     ");
      sp_words_str (&out, verdict->image);
      sp_buf_byte (&out, '\n');
    }
  if (verdict->platform && *verdict->platform)
    sp_buf_printf (&out, "  platform  %s\n", verdict->platform);
  if (verdict->list_digest)
    sp_buf_printf (&out, "  list      %s\n", verdict->list_digest);
  policy_line (&out, verdict);
  if (verdict->trace)
    requirement_lines (&out, verdict->trace, verbose);
  if (!accepted && !told_by_signature (verdict))
    {
      sp_buf_printf (&out, "  reason    %s: ", sigpolicy_reason_slug (verdict->outcome.reason));
      sp_words_str (&out, verdict->outcome.message);
      if (verdict->outcome.stricter)
        sp_buf_printf (&out, "  [stricter: %s]", verdict->outcome.stricter);
      sp_buf_byte (&out, '\n');
    }
  if (verdict->outcome.place)
    {
      sp_buf_str (&out, "  place     ");
      sp_words_str (&out, verdict->outcome.place);
      sp_buf_byte (&out, '\n');
    }
  if (verbose || verdict->outcome.reason == SIGPOLICY_REASON_NO_SIGNATURE)
    looked_at_lines (&out, verdict);
  if (hint)
    {
      sp_buf_str (&out, "  hint      ");
      sp_words_str (&out, hint);
      sp_buf_byte (&out, '\n');
    }
  return sp_buf_steal (&out, err);
}
