/* SPDX-License-Identifier: Apache-2.0 */
#include "render/render.h"

#include "util/clock.h"
#include "util/limits.h"
#include "util/words.h"

#define SIGNATURES_SHOWN 5

#define SIGNATURE_TEXT(it, part) sigpolicy_judged_signature_text (it, SIGPOLICY_PART_##part)

static bool
is_accepted (const sigpolicy_verdict *verdict)
{
  return sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
}

static void
put_line (struct sp_buf *out, const char *label, const char *text)
{
  sp_buf_printf (out, "  %-8s  ", label);
  sp_words_str (out, text);
  sp_buf_byte (out, '\n');
}

/* --- what decided ----------------------------------------------------------------------------- */

/* 'a simple signature by a GPG key in /etc/k.gpg, for the same repository' */
static int
put_requirement (struct sp_buf *out, const sigpolicy_judged_requirement *it, sigpolicy_error **err)
{
  cleanup_free char *words = NULL;
  int rc = sigpolicy_judged_requirement_words (it, &words, err);
  if (rc == 0)
    sp_buf_str (out, words);
  return rc;
}

/* Of --key: the requirement that stands in no file. */
static int
put_key (struct sp_buf *out, const sigpolicy_verdict *verdict, const char *key,
         sigpolicy_error **err)
{
  const sigpolicy_judged_requirement *rule = sigpolicy_verdict_requirement (verdict, 0);
  int rc = 0;

  sp_buf_str (out, "  policy    none; --key requires ");
  if (rule)
    rc = put_requirement (out, rule, err);
  else
    sp_words_str (out, key);
  sp_buf_byte (out, '\n');
  return rc;
}

/* docker "quay.io/ns", or default. */
static void
put_scope (struct sp_buf *out, const sigpolicy_verdict *verdict)
{
  size_t transport_size = 0, scope_size = 0;
  const char *transport = sigpolicy_verdict_transport (verdict, &transport_size);
  const char *scope = sigpolicy_verdict_scope (verdict, &scope_size);

  if (!transport || !scope)
    {
      sp_buf_str (out, "default");
      return;
    }
  sp_words (out, sp_view_n (transport, transport_size));
  sp_buf_byte (out, ' ');
  sp_words_quoted (out, sp_view_n (scope, scope_size));
}

static int
policy_line (struct sp_buf *out, const sigpolicy_verdict *verdict, sigpolicy_error **err)
{
  const char *key = sigpolicy_verdict_key (verdict, NULL);
  const char *path = sigpolicy_verdict_policy_path (verdict);
  unsigned line = sigpolicy_verdict_policy_line (verdict);
  const sigpolicy_judged_requirement *rule;

  if (key)
    return put_key (out, verdict, key, err);
  if (!sigpolicy_verdict_policy_sha256 (verdict))
    return 0;
  sp_buf_str (out, "  policy    ");
  sp_words_str (out, path ? path : "(from memory)");
  if (!sigpolicy_verdict_requirement (verdict, 0))
    {
      sp_buf_byte (out, '\n');
      return 0;
    }
  if (line)
    sp_buf_printf (out, ":%u", line);
  sp_buf_str (out, "  ");
  put_scope (out, verdict);
  sp_buf_str (out, "  (");
  for (unsigned i = 0; (rule = sigpolicy_verdict_requirement (verdict, i)); i++)
    sp_buf_printf (out, "%s%s", i ? ", " : "",
                   sigpolicy_judged_requirement_text (rule, SIGPOLICY_PART_TYPE));
  sp_buf_str (out, ")\n");
  return 0;
}

static void
reader_lines (struct sp_buf *out, const sigpolicy_verdict *verdict)
{
  const char *by = NULL, *generation = sigpolicy_verdict_reader (verdict, &by), *file;

  if (!generation)
    return;
  sp_buf_printf (out, "  reader    %s (by %s)\n", generation, by);
  for (unsigned i = 0; (file = sigpolicy_verdict_reader_file (verdict, i)); i++)
    {
      sp_buf_str (out, "            ");
      sp_words_str (out, file);
      sp_buf_byte (out, '\n');
    }
}

/* --- signatures ------------------------------------------------------------------------------- */

/* Whose certificate it is, and since when that is known. */
static void
put_certificate (struct sp_buf *out, const sigpolicy_judged_signature *it)
{
  const char *subject = SIGNATURE_TEXT (it, SUBJECT), *issuer = SIGNATURE_TEXT (it, ISSUER);
  char text[SP_TIME_TEXT_SIZE];
  int64_t logged;

  if (subject)
    {
      sp_buf_str (out, " of ");
      sp_words_str (out, subject);
    }
  if (issuer)
    {
      sp_buf_str (out, " (");
      sp_words_str (out, issuer);
      sp_buf_byte (out, ')');
    }
  if (sigpolicy_judged_signature_logged (it, &logged))
    {
      sp_time_format (logged, text);
      sp_buf_printf (out, ", logged %s", text);
    }
}

/* What became of it, in words. */
static void
put_result (struct sp_buf *out, const sigpolicy_judged_signature *it)
{
  sigpolicy_result result = sigpolicy_judged_signature_result (it);
  const char *detail = SIGNATURE_TEXT (it, DETAIL), *key = SIGNATURE_TEXT (it, KEY);
  const char *reference = SIGNATURE_TEXT (it, REFERENCE);

  if (result == SIGPOLICY_RESULT_NOT_ASKED && detail)
    {
      sp_buf_str (out, "skipped: it is ");
      sp_words_str (out, detail);
    }
  else if (result == SIGPOLICY_RESULT_NOT_ASKED)
    sp_buf_printf (out, "skipped: its format is %s", SIGNATURE_TEXT (it, TYPE));
  else if (result == SIGPOLICY_RESULT_ACCEPTED)
    {
      sp_buf_str (out, "accepted: by ");
      sp_words_str (out, key ? key : "a key of the policy");
      put_certificate (out, it);
      sp_buf_str (out, ", for ");
      if (reference)
        sp_words (out, sp_view_n (reference, sigpolicy_judged_signature_reference_size (it)));
    }
  else
    {
      sp_buf_printf (out, "%s: ", sigpolicy_reason_slug (sigpolicy_judged_signature_reason (it)));
      sp_words_str (out, SIGNATURE_TEXT (it, MESSAGE));
      if (detail)
        {
          sp_buf_str (out, "; ");
          sp_words_str (out, detail);
        }
    }
}

static void
signature_line (struct sp_buf *out, const sigpolicy_judged_signature *it, unsigned number,
                unsigned of, bool verbose)
{
  const char *stricter = SIGNATURE_TEXT (it, STRICTER);

  sp_buf_printf (out, "  signature %u of %u  ", number, of);
  put_result (out, it);
  if (stricter)
    sp_buf_printf (out, "  [stricter: %s]", stricter);
  if (verbose)
    {
      sp_buf_str (out, "\n              from ");
      sp_words_str (out, SIGNATURE_TEXT (it, SOURCE));
    }
  sp_buf_byte (out, '\n');
}

/* The key of an accepted signature: its user ID, its file, its expiry; nothing for a certificate.
 */
static int
signer_line (struct sp_buf *out, const sigpolicy_judged_signature *it, int64_t now,
             sigpolicy_error **err)
{
  const sigpolicy_signer *who = NULL;
  char text[SP_TIME_TEXT_SIZE];
  int64_t expires;

  int rc = sigpolicy_judged_signature_signer (it, &who, err);
  if (rc < 0 || !who)
    return rc;
  const char *user_id = sigpolicy_signer_user_id (who), *file = sigpolicy_signer_key_file (who);
  sp_buf_str (out, "  signer    ");
  if (user_id)
    {
      sp_words_str (out, user_id);
      sp_buf_str (out, ", ");
    }
  sp_buf_str (out, file ? "key file " : "key in the policy itself");
  sp_words_str (out, file);
  if (sigpolicy_signer_expires (who, &expires))
    {
      sp_time_format (expires, text);
      sp_buf_printf (out, ", %s %s", expires > now ? "expires" : "expired", text);
    }
  else if (strcmp (SIGNATURE_TEXT (it, TYPE), "simple-signing") == 0)
    sp_buf_str (out, ", does not expire");
  sp_buf_byte (out, '\n');
  return 0;
}

/* The signatures that matter: the accepted one of an accepted requirement, the others of the
 * rejected one; all if verbose. */
static int
signature_lines (struct sp_buf *out, const sigpolicy_judged_requirement *rule, int64_t now,
                 bool verbose, sigpolicy_error **err)
{
  bool accepted = sigpolicy_judged_requirement_result (rule) == SIGPOLICY_RESULT_ACCEPTED;
  bool names_others
      = sigpolicy_judged_requirement_reason (rule) == SIGPOLICY_REASON_UNSUPPORTED_FORMAT;
  const sigpolicy_judged_signature *it;
  unsigned shown = 0, count = 0;
  int rc = 0;

  while (sigpolicy_judged_requirement_signature (rule, count))
    count++;
  for (unsigned i = 0; rc == 0 && (it = sigpolicy_judged_requirement_signature (rule, i)); i++)
    {
      sigpolicy_result result = sigpolicy_judged_signature_result (it);
      bool good = result == SIGPOLICY_RESULT_ACCEPTED;
      bool named = names_others && SIGNATURE_TEXT (it, DETAIL);
      if (!verbose && (good != accepted || (result == SIGPOLICY_RESULT_NOT_ASKED && !named)))
        continue;
      if (!verbose && shown++ == SIGNATURES_SHOWN)
        {
          sp_buf_str (out, "  signature ...  (--verbose shows all)\n");
          return 0;
        }
      signature_line (out, it, i + 1, count, verbose);
      if (good)
        rc = signer_line (out, it, now, err);
    }
  return rc;
}

static int
requirement_lines (struct sp_buf *out, const sigpolicy_verdict *verdict, bool verbose,
                   sigpolicy_error **err)
{
  static const char *const results[] = { [SIGPOLICY_RESULT_REJECTED] = "not satisfied",
                                         [SIGPOLICY_RESULT_ACCEPTED] = "satisfied",
                                         [SIGPOLICY_RESULT_NOT_ASKED] = "not reached" };
  const sigpolicy_judged_requirement *rule;
  unsigned count = 0;
  int rc = 0;

  while (sigpolicy_verdict_requirement (verdict, count))
    count++;
  for (unsigned i = 0; rc == 0 && (rule = sigpolicy_verdict_requirement (verdict, i)); i++)
    {
      if (count > 1 || verbose)
        {
          sp_buf_printf (out, "  requires  %u of %u  %s: ", i + 1, count,
                         results[sigpolicy_judged_requirement_result (rule)]);
          rc = put_requirement (out, rule, err);
          sp_buf_byte (out, '\n');
        }
      if (rc == 0)
        rc = signature_lines (out, rule, sigpolicy_verdict_time (verdict), verbose, err);
    }
  return rc;
}

/* --- why -------------------------------------------------------------------------------------- */

/* Is the reason already told by the line of a signature? */
static bool
told_by_signature (const sigpolicy_verdict *verdict)
{
  const sigpolicy_judged_requirement *rule;
  const sigpolicy_judged_signature *it;

  for (unsigned i = 0; (rule = sigpolicy_verdict_requirement (verdict, i)); i++)
    for (unsigned j = 0; (it = sigpolicy_judged_requirement_signature (rule, j)); j++)
      if (sigpolicy_judged_requirement_result (rule) != SIGPOLICY_RESULT_ACCEPTED
          && sigpolicy_judged_signature_result (it) != SIGPOLICY_RESULT_NOT_ASKED)
        return true;
  return false;
}

static void
reason_line (struct sp_buf *out, const sigpolicy_verdict *verdict)
{
  const char *stricter = sigpolicy_verdict_stricter (verdict);

  sp_buf_printf (out,
                 "  reason    %s: ", sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)));
  sp_words_str (out, sigpolicy_verdict_message (verdict));
  if (stricter)
    sp_buf_printf (out, "  [stricter: %s]", stricter);
  sp_buf_byte (out, '\n');
}

static void
looked_at_lines (struct sp_buf *out, const sigpolicy_verdict *verdict, bool verbose)
{
  const char *where, *result;

  for (unsigned i = 0; (where = sigpolicy_verdict_looked_at (verdict, i, &result)); i++)
    {
      /* Where nobody had to look is no part of why. */
      if (!verbose && strcmp (result, "not asked") == 0)
        continue;
      sp_buf_str (out, "  searched  ");
      sp_words_str (out, where);
      sp_buf_printf (out, "  (%s)\n", result);
    }
}

/* --- all of it -------------------------------------------------------------------------------- */

/* The answer, and what it is about. */
static void
head (struct sp_buf *out, const sigpolicy_verdict *verdict)
{
  const char *image = sigpolicy_verdict_image (verdict);
  const char *reference = sigpolicy_verdict_reference (verdict);
  const char *digest = sigpolicy_verdict_digest (verdict);
  const char *list = sigpolicy_verdict_list_digest (verdict);
  const char *platform = sigpolicy_verdict_platform (verdict);
  const char *type = sigpolicy_verdict_artifact_type (verdict);

  const char *name = reference ? reference : image;
  sp_buf_printf (out, "%s  ", sigpolicy_verdict_word (verdict));
  sp_words_str (out, name);
  if (digest)
    sp_buf_printf (out, "  %s", digest);
  sp_buf_byte (out, '\n');
  if (image && strcmp (image, name) != 0)
    put_line (out, "image", image);
  if (type)
    put_line (out, sigpolicy_verdict_artifact_kind (verdict), type);
  if (platform && *platform)
    put_line (out, "platform", platform);
  if (list)
    put_line (out, "list", list);
}

char *
sp_render_text (const sigpolicy_verdict *verdict, unsigned flags, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  const char *position = sigpolicy_verdict_position (verdict);
  bool verbose = flags & SIGPOLICY_FORMAT_VERBOSE;
  sigpolicy_hint_edit edit;

  head (&out, verdict);
  int rc = policy_line (&out, verdict, err);
  if (verbose)
    reader_lines (&out, verdict);
  if (rc == 0)
    rc = requirement_lines (&out, verdict, verbose, err);
  if (rc < 0)
    return NULL;
  if (!is_accepted (verdict) && !told_by_signature (verdict))
    reason_line (&out, verdict);
  if (position)
    put_line (&out, "place", position);
  if (verbose || sigpolicy_verdict_reason (verdict) == SIGPOLICY_REASON_NO_SIGNATURE)
    looked_at_lines (&out, verdict, verbose);
  sp_words_hint (&out, sigpolicy_verdict_hint (verdict), sigpolicy_verdict_hint_command (verdict),
                 sigpolicy_verdict_hint_edit (verdict, &edit) ? &edit : NULL);
  return sp_buf_steal (&out, err);
}
