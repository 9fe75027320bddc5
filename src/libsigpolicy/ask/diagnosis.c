/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/diagnosis.h"

#include "util/codec.h"
#include "util/limits.h"

/* --- saying it -------------------------------------------------------------------------------- */

/* Our sentences speak of images. Of anything else, each has that word for it. */
static char *
name_artifact (const struct sp_diagnosis *it, const char *format, sigpolicy_error **err)
{
  static const struct sp_view image = SP_VIEW ("image"), article = SP_VIEW ("an ");
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
  const char *noun = sp_artifact_noun (it->verdict->artifact_type);

  for (struct sp_view left = sp_view_str (format); left.len;)
    {
      size_t end = 0;
      while (end < left.len && sp_lower (left.data[end]) >= 'a' && sp_lower (left.data[end]) <= 'z')
        end++;
      struct sp_view word = sp_view_head (left, end);
      if (text.len >= article.len && noun[0] == 'c' && sp_view_equal (word, image)
          && sp_view_equal (sp_view_n (text.data + text.len - article.len, article.len), article))
        text.data[--text.len - 1] = ' ';
      sp_buf_add (&text, sp_view_equal (word, image) ? sp_view_str (noun) : word);
      if (end < left.len)
        sp_buf_byte (&text, left.data[end++]);
      left = sp_view_from (left, end);
    }
  return sp_buf_steal (&text, err);
}

int
sp_diagnosis_say (struct sp_diagnosis *it, sigpolicy_error **err, const char *format, ...)
{
  cleanup_free char *ours = name_artifact (it, format, err);
  va_list args;

  if (!ours)
    return sigpolicy_error_code (*err);
  va_start (args, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the caller's, but for a word of it */
  char *text = sp_vasprintf (err, ours, args);
#pragma GCC diagnostic pop
  va_end (args);
  if (!text)
    return SIGPOLICY_E_NO_MEMORY;
  if (!sp_make_printable (&text))
    {
      free (text);
      return sp_error_no_memory (err);
    }
  free (it->hint.text);
  it->hint.text = text;
  return 0;
}

int
sp_diagnosis_offer (struct sp_diagnosis *it, struct sp_shell *shell, sigpolicy_error **err)
{
  free (it->hint.command);
  it->hint.command = NULL;
  return sp_shell_take (shell, &it->hint.command, err);
}

struct sp_remedy
sp_diagnosis_remedy (const struct sp_diagnosis *it)
{
  return (struct sp_remedy){ .verdict = it->verdict,
                             .image = it->name ? it->name->reference : NULL,
                             .from = it->requirement->requirement };
}

int
sp_diagnosis_offer_remedy (struct sp_diagnosis *it, const struct sp_remedy *remedy,
                           sigpolicy_error **err)
{
  cleanup_shell struct sp_shell shell = SP_SHELL;

  /* No policy was read that could be changed. */
  if (it->context->key_path || !sp_remedy_put (remedy, &shell))
    return 0;
  return sp_diagnosis_offer (it, &shell, err);
}

/* --- what speaks for the verdict -------------------------------------------------------------- */

/* The first of those that came furthest, among the ones with the verdict's reason. */
static void
find_signature (struct sp_diagnosis *it)
{
  const struct sp_trace_requirement *requirement = it->requirement;

  for (size_t i = 0; i < requirement->n_signatures; i++)
    {
      const struct sp_trace_signature *one = &requirement->signatures[i];
      if (!one->skipped && one->outcome.reason == it->verdict->outcome.reason
          && one->outcome.code == it->verdict->outcome.code
          && (!it->signature || one->stage > it->signature->stage))
        it->signature = one;
    }
}

static int
find_blob (struct sp_diagnosis *it, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_signature_blob *const *blobs = NULL;
  size_t n = 0;

  if (sp_evidence_signatures (it->evidence, &blobs, &n, &fault) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  for (size_t i = 0; i < n && !it->blob; i++)
    if (strcmp (blobs[i]->source, it->signature->source) == 0)
      it->blob = blobs[i];
  return 0;
}

static int
find_speakers (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_trace *trace = it->verdict->trace;

  for (size_t i = 0; trace && i < trace->n_requirements && !it->requirement; i++)
    if (trace->requirements[i].evaluated
        && trace->requirements[i].outcome.answer != SP_ANSWER_ACCEPTED)
      it->requirement = &trace->requirements[i];
  if (it->requirement)
    find_signature (it);
  return it->signature && it->evidence ? find_blob (it, err) : 0;
}

/* --- what needs no more than a few words ------------------------------------------------------ */

static bool
is_of (const struct sp_diagnosis *it, const char *transport)
{
  return sp_view_starts (sp_view_str (it->verdict->image), sp_view_str (transport));
}

/* A transport that cannot store signatures; *ret says so. An OCI layout may have some among its
 * blobs. */
static bool
cannot_store (const struct sp_diagnosis *it, bool wants_gpg, const char **ret)
{
  bool is_layout = is_of (it, "oci:") || is_of (it, "oci-archive:");

  if (!is_layout && !is_of (it, "docker-archive:"))
    return false;
  if (!is_layout || wants_gpg)
    *ret = "OCI layouts and archives cannot store signatures";
  else if (it->context->bundles == SP_BUNDLES_OFF)
    *ret = "OCI layouts cannot store signatures; sigpolicy reads Sigstore bundles among their "
           "blobs only with --bundles";
  else
    *ret = "the layout has no Sigstore bundle for the image; 'cosign save' stores bundles among "
           "the blobs";
  return true;
}

/* Which format is missing, and what there is instead. */
static int
diagnose_absence (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_trace_requirement *requirement = it->requirement;
  const char *why;
  size_t others = 0;

  if (!requirement)
    return 0;
  bool wants_gpg = requirement->requirement->type == SP_REQUIREMENT_SIGNED_BY;
  for (size_t i = 0; i < requirement->n_signatures; i++)
    {
      enum sp_signature_format format = requirement->signatures[i].format;
      others += requirement->signatures[i].skipped
                && format == (wants_gpg ? SP_SIGNATURE_SIGSTORE_JSON : SP_SIGNATURE_SIMPLE_SIGNING);
    }
  if (others)
    return sp_diagnosis_say (it, err,
                             "the image has %zu %s signature%s, and the policy requires a %s one: "
                             "if you trust the signer, set a requirement for the scope \"%s\" with "
                             "the signer's %s key; otherwise have the image signed by %s",
                             others, wants_gpg ? "sigstore" : "GPG", others == 1 ? "" : "s",
                             wants_gpg ? "GPG (signedBy)" : "sigstore (sigstoreSigned)",
                             wants_gpg ? "sigstoreSigned" : "signedBy",
                             wants_gpg ? "sigstore" : "GPG",
                             wants_gpg ? "skopeo or podman (--sign-by)"
                                       : "cosign, or skopeo or podman "
                                         "(--sign-by-sigstore-private-key)");
  if (cannot_store (it, wants_gpg, &why))
    return sp_diagnosis_say (
        it, err,
        "%s: copy the image with its signatures to dir:PATH, or use --manifest and --signature",
        why);
  return sp_diagnosis_say (it, err,
                           "none of the searched locations has a %s signature, and " SP_NO_HELP_HERE
                           ": have the image signed, or copy it together with its signatures",
                           wants_gpg ? "GPG" : "sigstore");
}

/* "sigpolicy trust set --policy FILE NAME --type signedBy --key", to free(): the key file is what
 * only a person knows. A file that cannot be pasted, and the host's own, are left out. */
static char *
set_words (const struct sp_diagnosis *it, const char *name, sigpolicy_error **err)
{
  cleanup_shell struct sp_shell shell = SP_SHELL;
  char *words = NULL;

  sp_shell_raw (&shell, "sigpolicy trust set");
  if (it->context->policy_path)
    {
      sp_shell_word (&shell, "--policy");
      sp_shell_word (&shell, it->context->policy_path);
    }
  sp_shell_word (&shell, name);
  sp_shell_raw (&shell, "--type signedBy --key");
  if (sp_shell_take (&shell, &words, err) < 0)
    return NULL;
  return words ? words : sp_asprintf (err, "sigpolicy trust set %s --type signedBy --key", name);
}

/* A rule for everything: it takes a person to say who is trusted. */
static int
diagnose_rule (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_policy_match *match = it->verdict->trace ? &it->verdict->trace->match : NULL;
  const char *name = it->name && it->name->reference ? it->name->reference->name : NULL;
  cleanup_free char *words = name ? set_words (it, name, err) : NULL;

  if (name && !words)
    return SIGPOLICY_E_NO_MEMORY;
  if (!match || !it->requirement)
    return 0;
  if (it->requirement->requirement->type == SP_REQUIREMENT_SIGNED_BASE_LAYER)
    return sp_diagnosis_say (it, err,
                             "no program implements signedBaseLayer, so it rejects every image: "
                             "remove it from line %u of the policy",
                             it->requirement->requirement->line);
  const char *whose = !match->transport         ? "the policy's default"
                      : !match->scope->name_len ? "the transport's default"
                                                : "a scope";
  return name ? sp_diagnosis_say (it, err,
                                  "%s rejects it (line %u): decide who must sign %s, then require "
                                  "that with '%s FILE' (GPG) or '--type sigstoreSigned' (sigstore)",
                                  whose, match->scope->line, name, words)
              : sp_diagnosis_say (
                  it, err,
                  "%s rejects it (line %u): verify it under the name that it was signed for, with "
                  "--as docker://NAME, or add a scope for the transport \"%s\" to the policy",
                  whose, match->scope->line,
                  it->name ? sp_transport_name (it->name->transport) : "");
}

static int
diagnose_unsigned (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_trace *trace = it->verdict->trace;
  const char *name = it->name && it->name->reference ? it->name->reference->name : NULL;
  cleanup_free char *words = set_words (it, name ? name : "SCOPE", err);

  if (!words)
    return SIGPOLICY_E_NO_MEMORY;
  return sp_diagnosis_say (
      it, err,
      "the policy accepts it unsigned (line %u), and --require-signed requires a signature: decide "
      "who must sign, then require that with '%s FILE' (GPG) or '--type sigstoreSigned' (sigstore)",
      trace ? trace->match.scope->line : 0, words);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* What a diagnosis starts from. */
enum needs
{
  NEEDS_NOTHING,
  NEEDS_REQUIREMENT,
  NEEDS_SIGNATURE,
  NEEDS_BLOB,
};

static const struct
{
  int (*diagnose) (struct sp_diagnosis *it, sigpolicy_error **err);
  enum needs needs;
} diagnoses[] = {
  [SIGPOLICY_REASON_NO_SIGNATURE] = { diagnose_absence, NEEDS_REQUIREMENT },
  [SIGPOLICY_REASON_KEY_NOT_TRUSTED] = { sp_diagnose_signer, NEEDS_BLOB },
  [SIGPOLICY_REASON_BAD_SIGNATURE] = { sp_diagnose_broken, NEEDS_BLOB },
  [SIGPOLICY_REASON_EXPIRED] = { sp_diagnose_expired, NEEDS_BLOB },
  [SIGPOLICY_REASON_REVOKED] = { sp_diagnose_revoked, NEEDS_BLOB },
  [SIGPOLICY_REASON_DIGEST_MISMATCH] = { sp_diagnose_digest, NEEDS_NOTHING },
  [SIGPOLICY_REASON_IDENTITY_MISMATCH] = { sp_diagnose_identity, NEEDS_SIGNATURE },
  [SIGPOLICY_REASON_ISSUER_MISMATCH] = { sp_diagnose_certificate, NEEDS_BLOB },
  [SIGPOLICY_REASON_SUBJECT_MISMATCH] = { sp_diagnose_certificate, NEEDS_BLOB },
  [SIGPOLICY_REASON_NOT_IN_LOG] = { sp_diagnose_log, NEEDS_BLOB },
  [SIGPOLICY_REASON_REJECTED_BY_RULE] = { diagnose_rule, NEEDS_REQUIREMENT },
  [SIGPOLICY_REASON_NOT_SIGNED_ENOUGH] = { diagnose_unsigned, NEEDS_NOTHING },
  [SIGPOLICY_REASON_KEY_UNUSABLE] = { sp_diagnose_keys, NEEDS_REQUIREMENT },
  [SIGPOLICY_REASON_NOT_FOUND] = { sp_diagnose_missing, NEEDS_NOTHING },
  [SIGPOLICY_REASON_LIMIT] = { sp_diagnose_limit, NEEDS_NOTHING },
  [SIGPOLICY_REASON_ENGINE_MISSING] = { sp_diagnose_engine, NEEDS_NOTHING },
  [SIGPOLICY_REASON_INTERNAL] = { sp_diagnose_internal, NEEDS_NOTHING },
};

static int
dispatch (struct sp_diagnosis *it, sigpolicy_error **err)
{
  size_t reason = (size_t)it->verdict->outcome.reason;

  if (reason >= sizeof diagnoses / sizeof *diagnoses || !diagnoses[reason].diagnose)
    return 0;
  enum needs needs = diagnoses[reason].needs;
  if ((needs >= NEEDS_REQUIREMENT && !it->requirement)
      || (needs >= NEEDS_SIGNATURE && !it->signature) || (needs >= NEEDS_BLOB && !it->blob))
    return 0;
  return diagnoses[reason].diagnose (it, err);
}

/* A hint that others made of what is stored with the image, where only its signer can fix it.
 */
static int
say_no_help (struct sp_verdict *verdict, sigpolicy_error **err)
{
  struct sp_outcome *outcome = &verdict->outcome;
  /* Before an evaluation it is how the image is stored here, which may be fixed here. */
  bool is_images = verdict->trace && outcome->code == SIGPOLICY_E_REJECTED
                   && (outcome->reason == SIGPOLICY_REASON_UNSUPPORTED_FORMAT
                       || outcome->reason == SIGPOLICY_REASON_BAD_SIGNATURE
                       || outcome->reason == SIGPOLICY_REASON_KEY_NOT_TRUSTED
                       || verdict->facts.list_signatures || verdict->facts.referrers.len);

  if (!is_images || outcome->hint.command || outcome->hint.file || verdict->facts.lookaside.text)
    return 0;
  char *text = sp_asprintf (err, "%s; " SP_NO_HELP_HERE, outcome->hint.text);
  if (!text)
    return SIGPOLICY_E_NO_MEMORY;
  free (outcome->hint.text);
  outcome->hint.text = text;
  return 0;
}

int
sp_diagnose (struct sp_context *context, const struct sp_request *request,
             const struct sp_image_name *name, struct sp_evidence *evidence,
             struct sp_verdict *verdict, sigpolicy_error **err)
{
  struct sp_diagnosis it = {
    .context = context, .request = request, .name = name, .evidence = evidence, .verdict = verdict
  };

  if (verdict->outcome.answer == SP_ANSWER_ACCEPTED)
    return 0;
  if (verdict->outcome.hint.text)
    return say_no_help (verdict, err);
  int rc = find_speakers (&it, err);
  if (rc == 0)
    rc = dispatch (&it, err);
  if (rc == 0 && it.hint.text)
    {
      verdict->outcome.hint = it.hint;
      return 0;
    }
  sp_hint_clear (&it.hint);
  return rc;
}
