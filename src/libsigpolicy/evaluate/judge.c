/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/image.h"

#include "model/attachment.h"
#include "util/codec.h"
#include "util/limits.h"

/* Copies text to *slot, which is empty. */
static int
keep (char **slot, const char *text, sigpolicy_error **err)
{
  *slot = text ? sp_strdup (text, err) : NULL;
  return text && !*slot ? SIGPOLICY_E_NO_MEMORY : 0;
}

/* The bytes are there and are those that a digest in the name promises, before the policy is asked.
 */
static int
check_manifest (const struct sp_image_name *name, struct sp_evidence *evidence,
                struct sp_verdict *verdict, sigpolicy_error **err)
{
  struct sp_view top, judged;
  char digest[SP_SHA256_TEXT_SIZE];

  int rc = sp_evidence_top_manifest (evidence, &top, err);
  if (rc < 0)
    return rc;
  if (name->reference && name->reference->digest)
    rc = sp_manifest_refuse_schema1 (top, err);
  if (rc == 0)
    rc = sp_evidence_manifest (evidence, &judged, err);
  if (rc < 0)
    return rc;
  if (sp_evidence_instance (evidence))
    {
      rc = sp_manifest_digest (top, digest, err);
      if (rc == 0)
        rc = keep (&verdict->list_digest, digest, err);
    }
  return rc < 0 ? rc : keep (&verdict->digest, sp_evidence_digest (evidence), err);
}

/* What a person should know although it changes no answer. */
static int
warn (const struct sp_trace *trace, struct sp_strv *warnings, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < trace->n_requirements; i++)
    {
      const struct sp_trace_requirement *requirement = &trace->requirements[i];
      if (requirement->requirement->rekor_dropped)
        rc = sp_strv_take (
            warnings,
            sp_asprintf (err,
                         "the policy names a Rekor key that says nothing (line %u): no log entry "
                         "is required",
                         requirement->requirement->line),
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

static bool
wants_attachments (const struct sp_trace *trace)
{
  for (size_t i = 0; i < trace->n_requirements; i++)
    if (trace->requirements[i].evaluated
        && trace->requirements[i].requirement->type == SP_REQUIREMENT_SIGSTORE_SIGNED
        && trace->requirements[i].outcome.reason == SIGPOLICY_REASON_NO_SIGNATURE)
      return true;
  return false;
}

/* "No signature" is not the whole truth where nobody was told to look for it. */
static int
note_left_out (struct sp_host *host, const struct sp_evidence *evidence, struct sp_verdict *verdict,
               sigpolicy_error **err)
{
  const struct sp_reference *name = sp_evidence_left_out (evidence);
  const struct sp_registries_d *configuration = NULL;
  cleanup_free char *advice = NULL;

  if (!name || verdict->outcome.reason != SIGPOLICY_REASON_NO_SIGNATURE
      || !wants_attachments (verdict->trace))
    return 0;
  int rc = sp_host_registries_d (host, &configuration, err);
  if (rc == 0)
    rc = sp_registries_d_advise_attachments (configuration, name, &advice, err);
  if (rc < 0 || !advice)
    return rc;
  free (verdict->outcome.hint);
  verdict->outcome.hint
      = sp_asprintf (err, "signatures attached to images are not looked for: %s", advice);
  verdict->outcome.reason = SIGPOLICY_REASON_SIGNATURES_NOT_LOOKED_FOR;
  return verdict->outcome.hint ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* Nor is it where the signer's program stored something that is not read: the reason says so, and
 * the hint what. Asked only when the answer is no already. */
static int
note_referrers (struct sp_evidence *evidence, struct sp_verdict *verdict, sigpolicy_error **err)
{
  cleanup_referrers struct sp_referrers referrers = { 0 };
  const struct sp_attachment *known = NULL;

  if (verdict->outcome.reason != SIGPOLICY_REASON_NO_SIGNATURE
      || !wants_attachments (verdict->trace))
    return 0;
  int rc = sp_evidence_referrers (evidence, &referrers, err);
  for (size_t i = 0; rc == 0 && !known && i < referrers.len; i++)
    {
      known = sp_attachment_of_type (sp_view_str (referrers.items[i].type));
      known = known && known->needs ? known : NULL;
    }
  if (rc < 0 || !known)
    return rc;
  free (verdict->outcome.hint);
  verdict->outcome.hint = sp_asprintf (err, "there is %s; %s", known->words, known->needs);
  verdict->outcome.reason = SIGPOLICY_REASON_UNSUPPORTED_FORMAT;
  return verdict->outcome.hint ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* --- one verdict ------------------------------------------------------------------------------ */

/* An image that is asked about: its name, what it has to show, and what there is to say of the
 * name.
 */
struct subject
{
  struct sp_image_name *name;
  struct sp_evidence *evidence;
  struct sp_strv warnings;
};

static void
subject_clear (struct subject *subject)
{
  sp_image_name_free (subject->name);
  sp_evidence_free (subject->evidence);
  sp_strv_clear (&subject->warnings);
}

static int
add_warnings (const struct sp_strv *warnings, struct sp_verdict *verdict, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < warnings->len; i++)
    rc = sp_strv_add (&verdict->warnings, sp_view_str (warnings->items[i]), err);
  return rc;
}

/* The policy that it is judged by, into the question and the verdict. */
static int
find_policy (struct sp_host *host, struct sp_question *question, struct sp_verdict *verdict,
             sigpolicy_error **err)
{
  cleanup_free char *newer = NULL;

  int rc = sp_host_policy (host, &question->policy, err);
  if (rc < 0)
    return rc;
  if (host->insecure_policy)
    return sp_strv_add (
        &verdict->warnings,
        sp_view_str ("no policy was read: anything is accepted (--insecure-policy)"), err);
  verdict->policy = sp_policy_ref (question->policy);
  rc = sp_host_newer_policy (host, &newer, err);
  if (rc == 0 && newer)
    rc = sp_strv_take (&verdict->warnings,
                       sp_asprintf (err, "a newer podman would read %s instead of %s", newer,
                                    sp_policy_path (question->policy)),
                       err);
  return rc;
}

static int
judge (struct sp_host *host, const struct sp_request *request, const struct subject *subject,
       struct sp_verdict *verdict, sigpolicy_error **err)
{
  const struct sp_image_name *name = subject->name;
  struct sp_question question
      = { .require_signed = host->require_signed, .image = name, .evidence = subject->evidence };

  int rc = keep (&verdict->reference, name->text, err);
  if (rc < 0)
    return rc;
  verdict->identity
      = sp_asprintf (err, "%s:%s", sp_transport_name (name->transport), name->identity);
  if (!verdict->identity)
    return SIGPOLICY_E_NO_MEMORY;
  if (request->needs_pin && !name->reference)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "'%s' has no docker name to pin: say which with --as docker://NAME",
                         name->text);

  rc = find_policy (host, &question, verdict, err);
  if (rc == 0)
    rc = check_manifest (name, subject->evidence, verdict, err);
  if (rc == 0)
    rc = sp_host_openpgp (host, &question.openpgp, err);
  if (rc == 0)
    rc = sp_host_trust (host, &question.trust, err);
  if (rc < 0)
    return rc;

  question.now = verdict->time;
  rc = sp_evaluate (&question, &verdict->trace, err);
  if (rc == 0)
    rc = warn (verdict->trace, &verdict->warnings, err);
  if (rc == 0 && verdict->trace->outcome.answer == SP_ANSWER_ACCEPTED && name->reference
      && verdict->digest)
    {
      verdict->pinned = sp_asprintf (err, "%s@%s", name->reference->name, verdict->digest);
      rc = verdict->pinned ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  if (rc == 0)
    rc = sp_outcome_copy (&verdict->outcome, &verdict->trace->outcome, err);
  if (rc == 0)
    rc = note_left_out (host, subject->evidence, verdict, err);
  return rc == 0 ? note_referrers (subject->evidence, verdict, err) : rc;
}

static int
keep_looked_at (struct sp_verdict *verdict, const struct sp_evidence *evidence,
                sigpolicy_error **err)
{
  size_t len = 0;
  const struct sp_looked_at *items = sp_evidence_looked_at (evidence, &len);

  verdict->looked_at = sp_calloc (len, sizeof *verdict->looked_at, err);
  if (!verdict->looked_at)
    return SIGPOLICY_E_NO_MEMORY;
  for (; verdict->n_looked_at < len; verdict->n_looked_at++)
    {
      size_t i = verdict->n_looked_at;
      verdict->looked_at[i].result = items[i].result;
      if (keep (&verdict->looked_at[i].where, items[i].where, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
    }
  return 0;
}

/* What has been found out so far goes into a new verdict, which says no. */
static int
begin (struct sp_host *host, const struct sp_request *request, const struct subject *subject,
       struct sp_verdict **ret, sigpolicy_error **err)
{
  cleanup_verdict struct sp_verdict *verdict = sp_calloc (1, sizeof *verdict, err);

  if (!verdict)
    return SIGPOLICY_E_NO_MEMORY;
  verdict->outcome.code = SIGPOLICY_E_INTERNAL;
  verdict->time = sp_host_now (host);
  int rc = keep (&verdict->image, request->image ? request->image : request->reference, err);
  if (rc == 0)
    rc = sp_request_id_copy (&verdict->id, &request->id, err);
  if (rc == 0)
    rc = add_warnings (&subject->warnings, verdict, err);
  if (rc == 0)
    *ret = steal (&verdict);
  return rc;
}

/* A fault on the way is an answer too. */
static int
conclude (const struct subject *subject, sigpolicy_error **fault, struct sp_verdict *verdict,
          sigpolicy_error **err)
{
  int rc = 0;

  if (*fault && sp_outcome_fail (&verdict->outcome, fault) < 0)
    return sp_error_no_memory (err);
  if (subject->evidence)
    rc = keep_looked_at (verdict, subject->evidence, err);
  if (rc == 0 && subject->evidence)
    rc = add_warnings (sp_evidence_warnings (subject->evidence), verdict, err);
  return rc;
}

/* All of it, unless there is a fault already. */
static int
judge_subject (struct sp_host *host, const struct sp_request *request,
               const struct subject *subject, sigpolicy_error **fault, struct sp_verdict **ret,
               sigpolicy_error **err)
{
  cleanup_verdict struct sp_verdict *verdict = NULL;

  int rc = begin (host, request, subject, &verdict, err);
  if (rc < 0)
    return rc;
  if (!*fault)
    (void)judge (host, request, subject, verdict, fault);
  rc = conclude (subject, fault, verdict, err);
  if (rc == 0)
    *ret = steal (&verdict);
  return rc;
}

int
sp_image_judge (struct sp_host *host, const struct sp_request *request, struct sp_verdict **ret,
                sigpolicy_error **err)
{
  SP_CLEANUP (subject_clear) struct subject subject = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_image_gather (host, request, &subject.name, &subject.evidence, &subject.warnings,
                            &fault);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err)
                                     : judge_subject (host, request, &subject, &fault, ret, err);
}

/* --- all of a list ---------------------------------------------------------------------------- */

/* The images of a list; none where it is no list. A manifest that cannot be read is found out where
 * it is judged. */
static int
find_instances (const struct sp_request *request, const struct subject *subject,
                struct sp_instances *ret, sigpolicy_error **err)
{
  struct sp_view manifest;

  if (sp_evidence_top_manifest (subject->evidence, &manifest, err) < 0)
    {
      sp_error_clear (err);
      return 0;
    }
  int rc = sp_evidence_instances (subject->evidence, ret, err);
  if (rc == 0 && ret->len && (request->n_signatures || request->signature_dir))
    rc = sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                       "signatures in hand are of one manifest, and not of all that a list names");
  return rc;
}

int
sp_image_judge_all (struct sp_host *host, const struct sp_request *request,
                    sp_verdict_function *take, void *data, sigpolicy_error **err)
{
  SP_CLEANUP (subject_clear) struct subject subject = { 0 };
  cleanup_instances struct sp_instances instances = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;
  bool more = true;
  int rc = sp_image_gather (host, request, &subject.name, &subject.evidence, &subject.warnings,
                            &fault);

  if (rc == 0)
    rc = find_instances (request, &subject, &instances, &fault);
  /* The list itself comes first. */
  size_t count = rc == 0 && instances.len ? instances.len + 1 : 1;
  for (size_t i = 0; more && i < count; i++)
    {
      const struct sp_instance *instance = i ? &instances.items[i - 1] : NULL;
      cleanup_verdict struct sp_verdict *verdict = NULL;

      if (count > 1
          && sp_evidence_select (subject.evidence, instance ? instance->digest : NULL, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      rc = judge_subject (host, request, &subject, &fault, &verdict, err);
      if (rc == 0 && count > 1)
        {
          verdict->role = instance ? SP_ROLE_INSTANCE : SP_ROLE_LIST;
          rc = keep (&verdict->platform, instance ? instance->platform : NULL, err);
        }
      if (rc < 0)
        return rc;
      more = take (verdict, data) == 0;
    }
  return 0;
}

void
sp_verdict_free (struct sp_verdict *verdict)
{
  if (!verdict)
    return;
  sp_outcome_clear (&verdict->outcome);
  sp_request_id_clear (&verdict->id);
  free (verdict->image);
  free (verdict->reference);
  free (verdict->identity);
  free (verdict->digest);
  free (verdict->list_digest);
  free (verdict->pinned);
  free (verdict->platform);
  sp_trace_free (verdict->trace);
  sp_policy_free (verdict->policy);
  for (size_t i = 0; i < verdict->n_looked_at; i++)
    free (verdict->looked_at[i].where);
  free (verdict->looked_at);
  sp_strv_clear (&verdict->warnings);
  free (verdict);
}
