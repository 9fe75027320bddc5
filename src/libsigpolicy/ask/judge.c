/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/judge.h"

#include "ask/ask.h"
#include "ask/gather.h"
#include "ask/diagnosis.h"
#include "ask/facts.h"
#include "ask/notes.h"
#include "ask/one_key.h"
#include "util/debug.h"

/* The bytes are there and are those that a digest in the name promises, before the policy is asked.
 */
static int
check_manifest (const struct sp_request *request, struct sp_evidence *evidence,
                struct sp_verdict *verdict, sigpolicy_error **err)
{
  struct sp_view top, judged;
  const char *digest = NULL;

  int rc = sp_evidence_top_manifest (evidence, &top, err);
  if (rc == 0)
    rc = sp_evidence_manifest (evidence, &judged, err);
  if (rc == 0)
    rc = sp_manifest_refuse_unfit (judged, sp_evidence_type (evidence), err);
  if (rc == 0 && request->needs_pin)
    rc = sp_manifest_refuse_schema1 (judged, err);
  if (rc < 0)
    return rc;
  if (sp_evidence_instance (evidence))
    {
      rc = sp_evidence_top_digest (evidence, &digest, err);
      if (rc == 0)
        rc = sp_keep (&verdict->list_digest, digest, err);
    }
  return rc < 0 ? rc : sp_keep (&verdict->digest, sp_evidence_digest (evidence), err);
}

/* --- one verdict ------------------------------------------------------------------------------ */

/* An image that is asked about: its name, what it has to show, and what there is to say of the
 * name.
 */
struct gathered
{
  struct sp_image_name *name;
  struct sp_evidence *evidence;
  struct sp_strv warnings;
};

static void
gathered_clear (struct gathered *gathered)
{
  sp_image_name_free (gathered->name);
  sp_evidence_free (gathered->evidence);
  sp_strv_clear (&gathered->warnings);
}

static int
add_warnings (const struct sp_strv *warnings, struct sp_verdict *verdict, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < warnings->len; i++)
    rc = sp_strv_add (&verdict->warnings, sp_view_str (warnings->items[i]), err);
  return rc;
}

/* Is the image on a registry, so that what is set of registries takes part? */
static bool
asks_registries (const struct sp_request *request)
{
  static const char docker[] = "docker://";
  return request->image && strncmp (request->image, docker, sizeof docker - 1) == 0;
}

/* The policy that it is judged by, into the question and the verdict. */
static int
find_policy (struct sp_context *context, const struct sp_request *request, struct sp_asked *asked,
             struct sp_verdict *verdict, sigpolicy_error **err)
{
  bool asks = asks_registries (request);
  cleanup_free char *other = NULL;

  int rc = sp_context_policy (context, &asked->policy, err);
  if (rc < 0)
    return rc;
  if (context->insecure_policy)
    return sp_strv_add (
        &verdict->warnings,
        sp_view_str ("no policy was read: every image is accepted (--insecure-policy)"), err);
  verdict->policy = sp_policy_ref (asked->policy);
  rc = sp_keep (&verdict->key_path, context->key_path, err);
  if (rc < 0 || context->key_path)
    return rc;
  rc = sp_context_warn_readers (context, &verdict->warnings, err);
  return rc < 0 ? rc : sp_context_compare_readers (context, asks, &verdict->warnings, &other, err);
}

/* NAME@DIGEST of what was accepted. Signed schema 1 has none: what its digest covers is not the
 * bytes (S4). */
static int
pin (const struct sp_image_name *name, struct sp_evidence *evidence, struct sp_verdict *verdict,
     sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *unfit = NULL;
  struct sp_view judged;

  if (!name->reference || !verdict->digest)
    return 0;
  int rc = sp_evidence_manifest (evidence, &judged, err);
  if (rc < 0)
    return rc;
  if (sp_manifest_refuse_schema1 (judged, &unfit) < 0)
    return sigpolicy_error_code (unfit) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  verdict->pinned = sp_asprintf (err, "%s@%s", name->reference->name, verdict->digest);
  return verdict->pinned ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
judge (struct sp_context *context, const struct sp_request *request,
       const struct gathered *gathered, struct sp_verdict *verdict, sigpolicy_error **err)
{
  const struct sp_image_name *name = gathered->name;
  struct sp_asked asked = { .require_signed = context->require_signed,
                            .image = name,
                            .evidence = gathered->evidence,
                            .bundles = sp_evidence_bundles (gathered->evidence),
                            .now = verdict->time };

  int rc = sp_keep (&verdict->reference, name->text, err);
  if (rc == 0)
    rc = sp_context_check_cancelled (context, err);
  if (rc < 0)
    return rc;
  verdict->identity
      = sp_asprintf (err, "%s:%s", sp_transport_name (name->transport), name->identity);
  if (!verdict->identity)
    return SIGPOLICY_E_NO_MEMORY;
  if (request->needs_pin && !name->reference)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "'%s' has no docker:// name, so no NAME@DIGEST can be made: give one with "
                         "--as docker://NAME",
                         name->text);

  rc = find_policy (context, request, &asked, verdict, err);
  if (rc == 0)
    rc = check_manifest (request, gathered->evidence, verdict, err);
  if (rc == 0)
    rc = sp_context_trust (context, &asked.trust, err);
  if (rc == 0 && asked.bundles != SP_BUNDLES_OFF)
    rc = sp_context_trusted_root (context, &asked.trusted_root, err);
  if (rc < 0)
    return rc;

  rc = sp_ask (&asked, &verdict->trace, err);
  if (rc == 0)
    rc = sp_notes_warn (verdict->trace, &verdict->warnings, err);
  if (rc == 0 && verdict->trace->outcome.answer == SP_ANSWER_ACCEPTED)
    rc = pin (name, gathered->evidence, verdict, err);
  return rc == 0 ? sp_outcome_copy (&verdict->outcome, &verdict->trace->outcome, err) : rc;
}

/* What came of each step, for who wants to know why. */
static void
trace_verdict (const struct sp_verdict *verdict)
{
  const struct sp_trace *trace = verdict->trace;

  if (!sp_debug_is_on ())
    return;
  for (size_t i = 0; trace && i < trace->n_requirements; i++)
    {
      const struct sp_trace_requirement *requirement = &trace->requirements[i];
      for (size_t j = 0; j < requirement->n_signatures; j++)
        {
          const struct sp_trace_signature *signature = &requirement->signatures[j];
          sp_debug ("signature: %s: %s%s%s", signature->source,
                    signature->skipped ? "skipped"
                                       : sigpolicy_reason_slug (signature->outcome.reason),
                    signature->outcome.message ? ": " : "",
                    signature->outcome.message ? signature->outcome.message : "");
        }
      sp_debug ("requirement: line %u, %s: %s", requirement->requirement->line,
                sp_requirement_type_name (requirement->requirement->type),
                requirement->evaluated ? sigpolicy_reason_slug (requirement->outcome.reason)
                                       : "not evaluated");
    }
  sp_debug ("verdict: %s: %s", verdict->reference ? verdict->reference : verdict->image,
            sigpolicy_reason_slug (verdict->outcome.reason));
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
      if (sp_keep (&verdict->looked_at[i].where, items[i].where, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
    }
  return 0;
}

/* What has been found out so far goes into a new verdict, which says no. */
static int
begin (struct sp_context *context, const struct sp_request *request,
       const struct gathered *gathered, struct sp_verdict **ret, sigpolicy_error **err)
{
  cleanup_verdict struct sp_verdict *verdict = sp_calloc (1, sizeof *verdict, err);

  if (!verdict)
    return SIGPOLICY_E_NO_MEMORY;
  verdict->outcome.code = SIGPOLICY_E_INTERNAL;
  verdict->time = sp_context_now (context);
  int rc = sp_keep (&verdict->image, request->image ? request->image : request->reference, err);
  if (rc == 0)
    rc = add_warnings (&gathered->warnings, verdict, err);
  if (rc == 0 && context->sandbox)
    rc = sp_keep (&verdict->sandbox, context->sandbox, err);
  if (rc == 0)
    *ret = steal (&verdict);
  return rc;
}

/* All that took part is known by now; for what is no question nothing does. A configuration that
 * cannot be found is the fault already. */
static int
keep_reading (struct sp_context *context, const struct sp_request *request,
              const struct gathered *gathered, struct sp_verdict *verdict, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  const struct sp_strv *certs = gathered->evidence ? sp_evidence_certs (gathered->evidence) : NULL;

  if (verdict->outcome.code == SIGPOLICY_E_USAGE)
    return 0;
  int rc = sp_context_reading (context, asks_registries (request), &verdict->reading, &fault);
  for (size_t i = 0; rc == 0 && certs && i < certs->len; i++)
    rc = sp_strv_add (&verdict->reading.files, sp_view_str (certs->items[i]), &fault);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* What was judged, where it was read and is no image. */
static int
keep_artifact_type (struct sp_evidence *evidence, struct sp_verdict *verdict, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_view manifest;

  if (!sp_evidence_digest (evidence))
    return 0;
  int rc = sp_evidence_manifest (evidence, &manifest, &fault);
  if (rc == 0)
    rc = sp_manifest_artifact_type (manifest, &verdict->artifact_type, &fault);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* A fault on the way is an answer too. */
static int
conclude (struct sp_context *context, const struct sp_request *request,
          const struct gathered *gathered, sigpolicy_error **fault, struct sp_verdict *verdict,
          sigpolicy_error **err)
{
  if (*fault && sp_outcome_fail (&verdict->outcome, fault) < 0)
    return sp_error_no_memory (err);
  int rc = keep_reading (context, request, gathered, verdict, err);
  if (rc == 0 && gathered->evidence)
    rc = keep_artifact_type (gathered->evidence, verdict, err);
  if (rc == 0 && gathered->evidence)
    rc = keep_looked_at (verdict, gathered->evidence, err);
  if (rc == 0 && gathered->evidence)
    rc = add_warnings (sp_evidence_warnings (gathered->evidence), verdict, err);
  return rc;
}

/* Where it looked is known by now; the list comes last. */
static int
explain_absence (const struct gathered *gathered, struct sp_verdict *verdict, sigpolicy_error **err)
{
  int rc = sp_facts_of_list (gathered->evidence, &verdict->facts, err);
  return rc < 0 ? rc : sp_notes_add (verdict, err);
}

/* All of it, unless there is a fault already. */
static int
judge_gathered (struct sp_context *context, const struct sp_request *request,
                const struct gathered *gathered, sigpolicy_error **fault, struct sp_verdict **ret,
                sigpolicy_error **err)
{
  cleanup_verdict struct sp_verdict *verdict = NULL;

  int rc = begin (context, request, gathered, &verdict, err);
  if (rc < 0)
    return rc;
  if (!*fault && judge (context, request, gathered, verdict, fault) == 0
      && verdict->outcome.reason == SIGPOLICY_REASON_NO_SIGNATURE && !request->has_all_signatures)
    rc = sp_facts_gather (context, gathered->name->reference, verdict->trace, gathered->evidence,
                          &verdict->facts, err);
  if (rc == 0)
    rc = conclude (context, request, gathered, fault, verdict, err);
  if (rc == 0 && verdict->outcome.reason == SIGPOLICY_REASON_NO_SIGNATURE
      && !request->has_all_signatures)
    rc = explain_absence (gathered, verdict, err);
  if (rc == 0)
    rc = sp_diagnose (context, request, gathered->name, gathered->evidence, verdict, err);
  if (rc == 0)
    rc = sp_one_key_advise (context, gathered->name, verdict, err);
  if (rc == 0)
    trace_verdict (verdict);
  if (rc == 0)
    *ret = steal (&verdict);
  return rc;
}

int
sp_image_judge (struct sp_context *context, const struct sp_request *request,
                struct sp_verdict **ret, sigpolicy_error **err)
{
  SP_CLEANUP (gathered_clear) struct gathered gathered = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_image_gather (context, request, &gathered.name, &gathered.evidence,
                            &gathered.warnings, &fault);
  return rc == SIGPOLICY_E_NO_MEMORY
             ? sp_error_no_memory (err)
             : judge_gathered (context, request, &gathered, &fault, ret, err);
}

/* --- all of a list ---------------------------------------------------------------------------- */

/* The images of a list; none where it is no list. A manifest that cannot be read is found out where
 * it is judged. */
static int
find_instances (const struct sp_request *request, const struct gathered *gathered,
                struct sp_instances *ret, sigpolicy_error **err)
{
  struct sp_view manifest;

  if (sp_evidence_top_manifest (gathered->evidence, &manifest, err) < 0)
    {
      sp_error_clear (err);
      return 0;
    }
  int rc = sp_evidence_instances (gathered->evidence, ret, err);
  if (rc == 0 && ret->len && (request->n_signatures || request->signature_dir))
    rc = sp_error_set (
        err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
        "signatures that are given as files are for one manifest, not for all images in a list");
  return rc;
}

int
sp_image_judge_all (struct sp_context *context, const struct sp_request *request,
                    sp_verdict_function *take, void *data, sigpolicy_error **err)
{
  SP_CLEANUP (gathered_clear) struct gathered gathered = { 0 };
  cleanup_instances struct sp_instances instances = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;
  bool more = true;
  int rc = sp_image_gather (context, request, &gathered.name, &gathered.evidence,
                            &gathered.warnings, &fault);

  if (rc == 0)
    rc = find_instances (request, &gathered, &instances, &fault);
  /* The list itself comes first. */
  size_t count = rc == 0 && instances.len ? instances.len + 1 : 1;
  for (size_t i = 0; more && i < count; i++)
    {
      const struct sp_instance *instance = i ? &instances.items[i - 1] : NULL;
      cleanup_verdict struct sp_verdict *verdict = NULL;

      if (count > 1
          && sp_evidence_select (gathered.evidence, instance ? instance->digest : NULL, err) < 0)
        return SIGPOLICY_E_NO_MEMORY;
      rc = judge_gathered (context, request, &gathered, &fault, &verdict, err);
      if (rc == 0 && count > 1)
        {
          verdict->role = instance ? SP_ROLE_INSTANCE : SP_ROLE_LIST;
          rc = sp_keep (&verdict->platform, instance ? instance->platform : NULL, err);
        }
      if (rc < 0)
        return rc;
      more = take (verdict, data) == 0;
    }
  return 0;
}
