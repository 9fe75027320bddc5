/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/notes.h"

/* What a person should know although it changes no answer. */
int
sp_notes_warn (const struct sp_trace *trace, struct sp_strv *warnings, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < trace->n_requirements; i++)
    {
      const struct sp_trace_requirement *requirement = &trace->requirements[i];
      if (requirement->requirement->rekor_dropped)
        rc = sp_strv_take (
            warnings,
            sp_asprintf (
                err,
                "the Rekor key field of the policy is empty (line %u): no log entry is required",
                requirement->requirement->line),
            err);
      for (size_t j = 0; rc == 0 && j < requirement->n_signatures; j++)
        if (requirement->signatures[j].format == SP_SIGNATURE_BUNDLE
            && requirement->signatures[j].outcome.answer == SP_ANSWER_ACCEPTED)
          rc = sp_strv_take (
              warnings,
              sp_asprintf (err,
                           "the signature %s is a Sigstore bundle%s: podman, skopeo and CRI-O do "
                           "not read bundles, and will reject the image",
                           requirement->signatures[j].source,
                           requirement->signatures[j].nameless ? " that states no image name" : ""),
              err);
      for (size_t j = 0; rc == 0 && j < requirement->n_signatures; j++)
        if (requirement->signatures[j].weak)
          rc = sp_strv_take (warnings,
                             sp_asprintf (err, "the signature %s uses a weak algorithm",
                                          requirement->signatures[j].source),
                             err);
    }
  return rc;
}

static int
set_hint (struct sp_verdict *verdict, char *text)
{
  sp_hint_clear (&verdict->outcome.hint);
  verdict->outcome.hint.text = text;
  return text ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* The facts' own hint, with words of ours before it. */
static int
set_found_hint (struct sp_verdict *verdict, const struct sp_hint *found, const char *before,
                sigpolicy_error **err)
{
  struct sp_hint *hint = &verdict->outcome.hint;
  char *text = sp_asprintf (err, "%s%s", before, found->text);

  if (!text || sp_hint_copy (found, hint, err) < 0)
    {
      free (text);
      return SIGPOLICY_E_NO_MEMORY;
    }
  free (hint->text);
  hint->text = text;
  return 0;
}

/* "No signature" is not the whole truth where nobody was told to look for it, nor where the
 * signer's program stored something that is not read: the reason says so, and the hint what. */
int
sp_notes_add (struct sp_verdict *verdict, sigpolicy_error **err)
{
  const struct sp_facts *facts = &verdict->facts;
  const struct sp_attachment *known = sp_facts_attachment (facts);

  if (facts->attachments.text)
    {
      verdict->outcome.reason = SIGPOLICY_REASON_SIGNATURES_NOT_LOOKED_FOR;
      return set_found_hint (verdict, &facts->attachments,
                             "sigstore attachments are not read: ", err);
    }
  if (known && known->kind != SP_ATTACHMENT_ATTESTATION)
    {
      verdict->outcome.reason = SIGPOLICY_REASON_UNSUPPORTED_FORMAT;
      return set_hint (verdict, sp_asprintf (err, "there is %s; %s", known->words, known->needs));
    }
  if (facts->list_signatures)
    return set_hint (
        verdict, sp_asprintf (err, "the manifest list is signed, but this image in it is not: have "
                                   "every image in the list signed (cosign sign --recursive; "
                                   "skopeo copy --all), and check each with --all-platforms"));
  if (known)
    return set_hint (verdict, sp_asprintf (err, "there is %s; %s", known->words, known->needs));
  return facts->lookaside.text ? set_found_hint (verdict, &facts->lookaside, "", err) : 0;
}
