/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/trial_int.h"

#include "ask/gather.h"
#include "model/words.h"
#include "util/limits.h"

/*
 * What verify would say of an image with these signatures. The signatures are taken to be genuine,
 * of the image's own bytes; whose they are and what they state is held against each requirement, in
 * the order and with the reasons of evaluate/ and verify/. tests/cli/test.t asks both.
 */

/* How far a signature came, as enum sp_verify_stage has it. */
enum stage
{
  STAGE_KEYS,
  STAGE_SIGNATURE,
  STAGE_SIGNER,
  STAGE_IDENTITY,
};

struct finding
{
  bool skipped; /* of a format that the requirement does not look at */
  enum stage stage;
  sigpolicy_reason reason; /* ACCEPTED: it is enough */
  char *detail;
};

static void
finding_clear (struct finding *finding)
{
  free (finding->detail);
}

static void
fail (struct finding *finding, enum stage stage, sigpolicy_reason reason)
{
  finding->stage = stage;
  finding->reason = reason;
}

/* --- whose it is ------------------------------------------------------------------------------ */

static bool
is_same_path (const struct sp_material *one, const struct sp_material *other)
{
  return one->path && other->path && strcmp (one->path, other->path) == 0;
}

static const struct sp_primary_key *
find_key (const struct sp_material *material, const char *fingerprint)
{
  for (size_t i = 0; i < material->openpgp.len; i++)
    if (strcasecmp (material->openpgp.items[i].key.fingerprint, fingerprint) == 0)
      return &material->openpgp.items[i];
  return NULL;
}

/* The key of a file that signs: the one that is named, or its only one. */
static int
choose_key (const struct sp_trial *trial, const struct sp_trial_signature *signature,
            const struct sp_material *material, const struct sp_primary_key **ret,
            sigpolicy_error **err)
{
  *ret = signature->fingerprint       ? find_key (material, signature->fingerprint)
         : material->openpgp.len == 1 ? &material->openpgp.items[0]
                                      : NULL;
  if (*ret || !material->is_here || (!signature->fingerprint && !material->openpgp.len))
    return 0;
  return sp_trial_fault (trial, signature->line, signature->column, err,
                         signature->fingerprint
                             ? "the key file has no key of this fingerprint"
                             : "the key file has several keys: choose one with 'fingerprint'");
}

/* What a requirement trusts, in turn: a callback for each source. */
typedef void (*compare_fn) (const struct sp_material *trusted, const struct sp_material *own,
                            const void *data, struct finding *finding);

/* Asks each source, until one accepts; usable tells whether all can be used. */
static int
compare_all (struct sp_trial *trial, const struct sp_key_sources *sources,
             const struct sp_material *own, compare_fn compare, const void *data,
             struct finding *finding, sigpolicy_error **err)
{
  int rc = 0;

  fail (finding, STAGE_SIGNATURE, SIGPOLICY_REASON_KEY_NOT_TRUSTED);
  for (size_t i = 0;
       rc == 0 && finding->reason == SIGPOLICY_REASON_KEY_NOT_TRUSTED && i < sources->len; i++)
    {
      SP_CLEANUP (sp_material_clear) struct sp_material scratch = { 0 };
      const struct sp_material *trusted = NULL;
      rc = sp_trial_material_of (trial, &sources->items[i], &scratch, &trusted, err);
      if (rc == 0)
        compare (trusted, own, data, finding);
    }
  return rc;
}

struct openpgp_signer
{
  const struct sp_primary_key *key; /* NULL: it is not here */
  sp_time now;
};

static void
compare_openpgp (const struct sp_material *trusted, const struct sp_material *own, const void *data,
                 struct finding *finding)
{
  const struct openpgp_signer *signer = data;
  const struct sp_primary_key *known
      = signer->key ? find_key (trusted, signer->key->key.fingerprint) : NULL;

  if (known && known->key.revoked)
    fail (finding, STAGE_SIGNATURE, SIGPOLICY_REASON_REVOKED);
  else if (known && known->key.expires && known->key.expires <= signer->now)
    fail (finding, STAGE_SIGNATURE, SIGPOLICY_REASON_EXPIRED);
  else if (known || (!trusted->is_here && is_same_path (trusted, own)))
    fail (finding, STAGE_IDENTITY, SIGPOLICY_REASON_ACCEPTED);
}

static void
compare_public_keys (const struct sp_material *trusted, const struct sp_material *own,
                     const void *data, struct finding *finding)
{
  (void)data;
  if ((trusted->public_key[0] && strcmp (trusted->public_key, own->public_key) == 0)
      || (!trusted->is_here && is_same_path (trusted, own)))
    fail (finding, STAGE_IDENTITY, SIGPOLICY_REASON_ACCEPTED);
}

/* A certificate of the one authority is good for the other when they have a root in common; of a
 * private one, while that is valid. */
static void
compare_authorities (const struct sp_material *trusted, const struct sp_material *own,
                     const void *data, struct finding *finding)
{
  const sp_time *now = data;

  if (!trusted->is_here && is_same_path (trusted, own))
    fail (finding, STAGE_IDENTITY, SIGPOLICY_REASON_ACCEPTED);
  for (size_t i = 0; i < trusted->certificates.len; i++)
    for (size_t j = 0; j < own->certificates.len; j++)
      if (strcmp (trusted->certificates.items[i], own->certificates.items[j]) == 0)
        {
          bool over = now && trusted->expiries[i] < *now;
          if (!over)
            fail (finding, STAGE_IDENTITY, SIGPOLICY_REASON_ACCEPTED);
          else if (finding->reason != SIGPOLICY_REASON_ACCEPTED)
            fail (finding, STAGE_SIGNATURE, SIGPOLICY_REASON_EXPIRED);
        }
}

static bool
is_text (const char *wanted, size_t length, const char *own)
{
  return own && strlen (own) == length && memcmp (wanted, own, length) == 0;
}

/* --- each kind of signer ---------------------------------------------------------------------- */

static int
check_log (struct sp_trial *trial, const struct sp_requirement *requirement,
           const struct sp_trial_signature *signature, struct finding *finding,
           sigpolicy_error **err)
{
  const struct sp_material *own = NULL;

  fail (finding, STAGE_SIGNATURE, SIGPOLICY_REASON_NOT_IN_LOG);
  if (!signature->log)
    return 0;
  int rc = sp_trial_material (trial, signature->log, &own, err);
  if (rc == 0)
    rc = compare_all (trial, &requirement->rekor_keys, own, compare_public_keys, NULL, finding,
                      err);
  if (finding->reason != SIGPOLICY_REASON_ACCEPTED)
    finding->reason = SIGPOLICY_REASON_NOT_IN_LOG;
  return rc;
}

static void
check_subject (const struct sp_requirement *requirement, const struct sp_trial_signature *signature,
               struct finding *finding)
{
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;

  if (fulcio && !is_text (fulcio->oidc_issuer, fulcio->oidc_issuer_len, signature->issuer))
    fail (finding, STAGE_SIGNER, SIGPOLICY_REASON_ISSUER_MISMATCH);
  else if (fulcio ? !is_text (fulcio->subject_email, fulcio->subject_email_len, signature->email)
                  : (pki->subject_email
                     && !is_text (pki->subject_email, pki->subject_email_len, signature->email))
                        || (pki->subject_hostname
                            && !is_text (pki->subject_hostname, pki->subject_hostname_len,
                                         signature->hostname)))
    fail (finding, STAGE_SIGNER, SIGPOLICY_REASON_SUBJECT_MISMATCH);
}

static int
check_certificate (struct sp_trial *trial, const struct sp_requirement *requirement,
                   const struct sp_trial_signature *signature, const struct sp_material *own,
                   struct finding *finding, sigpolicy_error **err)
{
  int rc = 0;

  if (requirement->fulcio && !signature->log)
    {
      fail (finding, STAGE_SIGNATURE, SIGPOLICY_REASON_NOT_IN_LOG);
      return 0;
    }
  fail (finding, STAGE_SIGNATURE, SIGPOLICY_REASON_KEY_NOT_TRUSTED);
  if (signature->kind == SP_TRIAL_KEY)
    return 0;
  if (requirement->fulcio)
    {
      rc = check_log (trial, requirement, signature, finding, err);
      if (rc < 0 || finding->reason != SIGPOLICY_REASON_ACCEPTED)
        return rc;
    }
  rc = compare_all (trial,
                    requirement->fulcio ? &requirement->fulcio->ca : &requirement->pki->roots, own,
                    compare_authorities, requirement->pki ? &trial->now : NULL, finding, err);
  if (rc == 0 && finding->reason == SIGPOLICY_REASON_ACCEPTED)
    check_subject (requirement, signature, finding);
  return rc;
}

static int
check_signer (struct sp_trial *trial, const struct sp_requirement *requirement,
              const struct sp_trial_signature *signature, struct finding *finding,
              sigpolicy_error **err)
{
  bool simple = requirement->type == SP_REQUIREMENT_SIGNED_BY;
  const struct sp_material *own = NULL;
  const struct sp_primary_key *key = NULL;

  int rc = sp_trial_material (trial, signature->file, &own, err);
  if (rc == 0 && signature->kind == SP_TRIAL_KEY)
    rc = choose_key (trial, signature, own, &key, err);
  if (rc < 0)
    return rc;
  if (own->is_here && signature->kind == SP_TRIAL_KEY && !key && !own->public_key[0])
    return sp_trial_fault (trial, signature->line, signature->column, err,
                           "the key file has no public key, neither OpenPGP nor PEM");
  if (own->is_here && signature->kind != SP_TRIAL_KEY && !own->certificates.len)
    return sp_trial_fault (trial, signature->line, signature->column, err,
                           "the file has no certificate");
  finding->skipped = signature->kind != SP_TRIAL_KEY ? simple : own->is_here && simple == !key;
  if (finding->skipped)
    return 0;
  if (simple)
    {
      const struct openpgp_signer signer = { key, trial->now };
      return compare_all (trial, &requirement->keys, own, compare_openpgp, &signer, finding, err);
    }
  if (requirement->fulcio || requirement->pki)
    return check_certificate (trial, requirement, signature, own, finding, err);
  if (requirement->rekor_keys.len)
    {
      rc = check_log (trial, requirement, signature, finding, err);
      if (rc < 0 || finding->reason != SIGPOLICY_REASON_ACCEPTED)
        return rc;
    }
  return compare_all (trial, &requirement->keys, own, compare_public_keys, NULL, finding, err);
}

static int
check_signature (struct sp_trial *trial, const struct sp_requirement *requirement,
                 const struct sp_image_name *image, const struct sp_trial_signature *signature,
                 struct finding *finding, sigpolicy_error **err)
{
  const char *as = signature->as      ? signature->as
                   : image->reference ? image->reference->string
                                      : NULL;
  bool matches = false;

  if (!as)
    return sp_trial_fault (trial, signature->line, signature->column, err,
                           "this image has no docker:// name: give the signed name with 'as'");
  int rc = check_signer (trial, requirement, signature, finding, err);
  if (rc < 0 || finding->skipped || finding->reason != SIGPOLICY_REASON_ACCEPTED)
    return rc;
  rc = sp_identity_matches (&requirement->identity, image->reference, sp_view_str (as), &matches,
                            &finding->detail, err);
  if (rc == 0 && !matches)
    finding->reason = SIGPOLICY_REASON_IDENTITY_MISMATCH;
  return rc;
}

/* --- keys of the policy ----------------------------------------------------------------------- */

enum use
{
  USE_OPENPGP,
  USE_PUBLIC_KEY,
  USE_CERTIFICATES,
};

/* Of keys that are here: of OpenPGP files one must hold a key, of all others each. */
static int
are_usable (struct sp_trial *trial, const struct sp_key_sources *sources, enum use use, bool *ret,
            sigpolicy_error **err)
{
  bool any = !sources->len, all = true;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < sources->len; i++)
    {
      SP_CLEANUP (sp_material_clear) struct sp_material scratch = { 0 };
      const struct sp_material *material = NULL;
      rc = sp_trial_material_of (trial, &sources->items[i], &scratch, &material, err);
      if (rc < 0)
        break;
      bool usable = !material->is_here
                    || (use == USE_OPENPGP      ? material->openpgp.len > 0
                        : use == USE_PUBLIC_KEY ? material->public_key[0]
                                                : material->certificates.len > 0);
      any = any || usable;
      all = all && usable;
    }
  *ret = *ret && (use == USE_OPENPGP ? any : all);
  return rc;
}

static int
has_usable_keys (struct sp_trial *trial, const struct sp_requirement *requirement, bool *ret,
                 sigpolicy_error **err)
{
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;
  bool simple = requirement->type == SP_REQUIREMENT_SIGNED_BY;

  *ret = true;
  int rc = are_usable (trial, &requirement->keys, simple ? USE_OPENPGP : USE_PUBLIC_KEY, ret, err);
  if (rc == 0)
    rc = are_usable (trial, &requirement->rekor_keys, USE_PUBLIC_KEY, ret, err);
  if (rc == 0 && fulcio)
    rc = are_usable (trial, &fulcio->ca, USE_CERTIFICATES, ret, err);
  if (rc == 0 && pki)
    rc = are_usable (trial, &pki->roots, USE_CERTIFICATES, ret, err);
  return rc == 0 && pki ? are_usable (trial, &pki->intermediates, USE_CERTIFICATES, ret, err) : rc;
}

/* --- requirements ----------------------------------------------------------------------------- */

/* Any one signature is enough; else the one that came furthest says why not. */
static int
check_signatures (struct sp_trial *trial, const struct sp_requirement *requirement,
                  const struct sp_image_name *image, const struct sp_trial_case *it,
                  struct finding *chief, sigpolicy_error **err)
{
  bool usable = false;

  fail (chief, STAGE_KEYS, SIGPOLICY_REASON_CONFIG_ERROR);
  if (requirement->type == SP_REQUIREMENT_SIGNED_BY && requirement->key_type != SP_KEY_TYPE_GPG)
    return 0;
  int rc = has_usable_keys (trial, requirement, &usable, err);
  fail (chief, STAGE_KEYS, usable ? SIGPOLICY_REASON_NO_SIGNATURE : SIGPOLICY_REASON_KEY_UNUSABLE);
  for (size_t i = 0;
       rc == 0 && usable && chief->reason != SIGPOLICY_REASON_ACCEPTED && i < it->n_signatures; i++)
    {
      SP_CLEANUP (finding_clear) struct finding finding = { .reason = SIGPOLICY_REASON_INTERNAL };
      rc = check_signature (trial, requirement, image, &it->signatures[i], &finding, err);
      if (rc < 0 || finding.skipped)
        continue;
      if (finding.reason != SIGPOLICY_REASON_ACCEPTED && finding.stage <= chief->stage)
        continue;
      finding_clear (chief);
      *chief = finding;
      finding.detail = NULL;
    }
  return rc;
}

static int
check_requirement (struct sp_trial *trial, const struct sp_requirement *requirement,
                   const struct sp_image_name *image, const struct sp_trial_case *it,
                   struct finding *ret, sigpolicy_error **err)
{
  switch (requirement->type)
    {
    case SP_REQUIREMENT_ACCEPT:
      fail (ret, STAGE_IDENTITY, SIGPOLICY_REASON_ACCEPTED);
      return 0;
    case SP_REQUIREMENT_REJECT:
    case SP_REQUIREMENT_SIGNED_BASE_LAYER:
      fail (ret, STAGE_KEYS, SIGPOLICY_REASON_REJECTED_BY_RULE);
      return 0;
    case SP_REQUIREMENT_SIGNED_BY:
    case SP_REQUIREMENT_SIGSTORE_SIGNED:
      return check_signatures (trial, requirement, image, it, ret, err);
    }
  fail (ret, STAGE_KEYS, SIGPOLICY_REASON_INTERNAL);
  return 0;
}

int
sp_trial_blame (struct sp_trial_case *it, const struct sp_policy_match *match,
                sigpolicy_error **err)
{
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);

  sp_words_scope (&words, match);
  it->policy_line = match->scope->line;
  it->policy_scope = sp_buf_steal (&words, err);
  return it->policy_scope ? 0 : sigpolicy_error_code (*err);
}

int
sp_trial_judge (struct sp_trial *trial, struct sp_trial_case *it, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *image = NULL;
  cleanup_strv struct sp_strv warnings = { 0 };
  SP_CLEANUP (finding_clear) struct finding finding = { .reason = SIGPOLICY_REASON_INTERNAL };
  SP_CLEANUP (sp_context_clear) struct sp_context context = { 0 };

  int rc = sp_image_parse (&context, it->image, &image, &warnings, err);
  if (rc < 0)
    return sp_error_position (err, trial->path, it->line, 0, NULL);
  struct sp_policy_match match = sp_policy_lookup (trial->policy, image);
  const struct sp_requirements *list = &match.scope->requirements;
  finding.reason = list->len ? SIGPOLICY_REASON_ACCEPTED : SIGPOLICY_REASON_CONFIG_ERROR;
  for (size_t i = 0; rc == 0 && finding.reason == SIGPOLICY_REASON_ACCEPTED && i < list->len; i++)
    rc = check_requirement (trial, &list->items[i], image, it, &finding, err);
  if (rc == 0)
    rc = sp_trial_blame (it, &match, err);
  if (rc < 0)
    return rc;
  bool accepted = finding.reason == SIGPOLICY_REASON_ACCEPTED;
  it->passed
      = accepted == it->accepted
        && (accepted || it->reason == SIGPOLICY_REASON_INTERNAL || it->reason == finding.reason);
  it->got = sp_asprintf (err, accepted ? "accepted" : "rejected: %s",
                         sigpolicy_reason_slug (finding.reason));
  it->detail = steal (&finding.detail);
  return it->got ? 0 : SIGPOLICY_E_NO_MEMORY;
}
