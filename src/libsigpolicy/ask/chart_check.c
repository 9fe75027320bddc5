/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/chart_check.h"

#include "ask/gather.h"
#include "model/chart.h"
#include "openpgp/key_facts.h"
#include "sources/chart.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

static const struct sp_view oci = SP_VIEW ("oci://");

void
sp_chart_verifier_free (struct sp_chart_verifier *verifier)
{
  if (!verifier)
    return;
  sp_strv_clear (&verifier->keyrings);
  sp_strv_clear (&verifier->signers);
  free (verifier->provenance);
  free (verifier);
}

void
sp_chart_answer_free (struct sp_chart_answer *answer)
{
  if (!answer)
    return;
  sp_outcome_clear (&answer->outcome);
  free (answer->chart);
  free (answer->reference);
  free (answer->manifest_digest);
  free (answer->digest);
  free (answer->provenance);
  sp_provenance_clear (&answer->stated);
  free (answer->key);
  free (answer->primary);
  free (answer->claimed_key);
  sp_strv_clear (&answer->user_ids);
  sp_strv_clear (&answer->warnings);
  free (answer);
}

int
sp_chart_verifier_add_signer (struct sp_chart_verifier *verifier, const char *fingerprint,
                              sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (64);
  bool valid = true;

  for (const char *at = fingerprint; *at; at++)
    {
      char c = sp_lower (*at);
      bool letter = c >= 'a' && c <= 'f';
      valid = valid && (letter || (c >= '0' && c <= '9') || c == ' ');
      if (c != ' ')
        sp_buf_byte (&text, letter ? (char)(c - ('a' - 'A')) : c);
    }
  if (text.failed == SP_BUF_NO_MEMORY)
    return sp_error_no_memory (err);
  cleanup_free char *shown = sp_quote_dup (sp_view_str (fingerprint), err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  if (!valid || text.failed || (text.len != 40 && text.len != 64))
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "%s is not a full fingerprint of 40 or 64 hexadecimal digits", shown);
  return sp_strv_add (&verifier->signers, sp_buf_view (&text), err);
}

/* --- keys ------------------------------------------------------------------------------------- */

#define KEYRINGS_MAX SP_POLICY_KEY_SOURCES_MAX

struct keys
{
  struct sp_buf bytes[KEYRINGS_MAX];
  struct sp_key_material material[KEYRINGS_MAX];
  size_t n;
};

static void
keys_clear (struct keys *keys)
{
  for (size_t i = 0; i < keys->n; i++)
    sp_buf_clear (&keys->bytes[i]);
}

static int
load_keys (const struct sp_chart_verifier *verifier, struct keys *keys, sigpolicy_error **err)
{
  if (verifier->keyrings.len > KEYRINGS_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT,
                         "more than %lu keyrings were given", KEYRINGS_MAX);
  while (keys->n < verifier->keyrings.len)
    {
      const char *path = verifier->keyrings.items[keys->n];
      struct sp_buf *bytes = &keys->bytes[keys->n];
      *bytes = (struct sp_buf)SP_BUF (SP_KEY_BYTES_MAX);
      keys->n++;
      if (sp_fs_read (path, bytes, err) < 0)
        return sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE);
      keys->material[keys->n - 1]
          = (struct sp_key_material){ .label = path, .bytes = sp_buf_view (bytes) };
    }
  return 0;
}

/* For people: what the owners of the key call themselves. */
static int
find_user_ids (const struct keys *keys, struct sp_chart_answer *answer, sigpolicy_error **err)
{
  int rc = 0;

  for (size_t i = 0; i < keys->n && rc == 0 && !answer->user_ids.len; i++)
    {
      cleanup_key_facts struct sp_key_facts_list facts = { 0 };
      rc = sp_openpgp_key_facts (keys->material[i].bytes, &facts, err);
      for (size_t j = 0; j < facts.len && rc == 0; j++)
        if (strcmp (facts.items[j].key.fingerprint, answer->primary) == 0)
          for (size_t k = 0; k < facts.items[j].user_ids.len && rc == 0; k++)
            rc = sp_strv_add (&answer->user_ids, sp_view_str (facts.items[j].user_ids.items[k]),
                              err);
    }
  return rc;
}

/* --- the signature ---------------------------------------------------------------------------- */

static bool
is_wanted (const struct sp_chart_verifier *verifier, const struct sp_openpgp_signature *signature)
{
  for (size_t i = 0; i < verifier->signers.len; i++)
    if (strcmp (verifier->signers.items[i], signature->fingerprint) == 0
        || strcmp (verifier->signers.items[i], signature->primary) == 0)
      return true;
  return !verifier->signers.len;
}

/* Who signed, and only then what. */
static int
verify_provenance (struct sp_context *context, const struct sp_chart_verifier *verifier,
                   const struct keys *keys, struct sp_view text, struct sp_chart_answer *answer,
                   sigpolicy_error **err)
{
  SP_CLEANUP (sp_openpgp_signature_clear)
  struct sp_openpgp_signature signature = { .content = { .bytes = SP_BUF (0) } };
  struct sp_trust_cache *cache = NULL;
  struct sp_keyring *keyring = NULL;

  int rc = sp_context_trust (context, &cache, err);
  if (rc == 0)
    rc = sp_openpgp_keyring (sp_trust_cache_openpgp (cache), keys->material, keys->n, &keyring,
                             err);
  if (rc == 0)
    rc = sp_keyring_verify_text (keyring, text, answer->time, &signature, &answer->claimed_key,
                                 err);
  if (rc < 0)
    return rc;
  if (!is_wanted (verifier, &signature))
    {
      (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                          "signature by key %s is not accepted", signature.fingerprint);
      return sp_error_hint (err,
                            "the signature is valid, but not by a key that --signer names: if you "
                            "trust the key, add --signer %s",
                            signature.primary);
    }
  rc = sp_provenance_parse (&signature.content, &answer->stated, err);
  if (rc < 0)
    return rc;
  answer->key = steal (&signature.fingerprint);
  answer->primary = steal (&signature.primary);
  return find_user_ids (keys, answer, err);
}

/* --- what was signed, against what is there --------------------------------------------------- */

static int
hold_sum (const struct sp_chart_answer *answer, sigpolicy_error **err)
{
  if (strcmp (answer->stated.digest, answer->digest) == 0)
    return 0;
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                      "sha256 sum does not match for %s: \"%s\" != \"%s\"", answer->stated.file,
                      answer->stated.digest, answer->digest);
  return sp_error_hint (err, "the provenance is for another archive: fetch the chart and its "
                             "provenance together from the publisher");
}

/* One name and one version, of the chart itself, against those that were signed. */
static int
hold_name (const struct sp_chart_answer *answer, const char *what, const char *name,
           const char *version, sigpolicy_error **err)
{
  if (strcmp (answer->stated.name, name) == 0 && strcmp (answer->stated.version, version) == 0)
    return 0;
  cleanup_free char *shown = sp_quote_dup (sp_view_str (name), err);
  cleanup_free char *other = shown ? sp_quote_dup (sp_view_str (version), err) : NULL;
  return other ? sp_error_set (
             err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_IDENTITY_MISMATCH,
             "the provenance is for \"%s\", version \"%s\", but %s says %s, version %s",
             answer->stated.name, answer->stated.version, what, shown, other)
               : SIGPOLICY_E_NO_MEMORY;
}

/* --- a file ----------------------------------------------------------------------------------- */

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');
  return slash ? slash + 1 : path;
}

/* The file has the name that was signed: what is installed by it is what it says. */
static int
hold_file_name (const struct sp_chart_answer *answer, sigpolicy_error **err)
{
  cleanup_free char *shown = sp_quote_dup (sp_view_str (base_name (answer->chart)), err);

  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  if (strcmp (base_name (answer->chart), answer->stated.file) == 0)
    return 0;
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_IDENTITY_MISMATCH,
                      "provenance does not contain a SHA for a file named %s: it is of \"%s\"",
                      shown, answer->stated.file);
  return sp_error_hint (err, "if the file was renamed, rename it to the name that was signed");
}

static int
read_provenance (const struct sp_chart_verifier *verifier, struct sp_chart_answer *answer,
                 struct sp_buf *text, sigpolicy_error **err)
{
  answer->provenance = verifier->provenance ? sp_strdup (verifier->provenance, err)
                                            : sp_asprintf (err, "%s.prov", answer->chart);
  if (!answer->provenance)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_fs_read (answer->provenance, text, err);
  if (rc != SIGPOLICY_E_NOT_FOUND || verifier->provenance)
    return rc;
  (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NO_SIGNATURE);
  return sp_error_hint (err, "the chart has no provenance file next to it: fetch one from the "
                             "publisher of the chart, or name it with --prov");
}

static int
check_metadata (struct sp_chart_answer *answer, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf yaml = SP_BUF (SP_CHART_METADATA_BYTES_MAX);
  cleanup_free char *name = NULL, *version = NULL;

  int rc = sp_chart_metadata (answer->chart, &yaml, err);
  if (rc == 0)
    rc = sp_chart_metadata_parse (sp_buf_view (&yaml), &name, &version, err);
  return rc < 0 ? rc : hold_name (answer, "the Chart.yaml within", name, version, err);
}

/* Nothing of the archive is parsed before its sum is the one that was signed. */
static int
check_file (struct sp_context *context, const struct sp_chart_verifier *verifier,
            const struct keys *keys, struct sp_chart_answer *answer, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  char digest[SP_SHA256_TEXT_SIZE];

  int rc = sp_chart_digest (answer->chart, digest, err);
  if (rc == 0 && !(answer->digest = sp_strdup (digest, err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    rc = read_provenance (verifier, answer, &text, err);
  if (rc == 0)
    rc = verify_provenance (context, verifier, keys, sp_buf_view (&text), answer, err);
  if (rc == 0)
    rc = hold_file_name (answer, err);
  if (rc == 0)
    rc = hold_sum (answer, err);
  return rc < 0 ? rc : check_metadata (answer, err);
}

/* --- on a registry ---------------------------------------------------------------------------- */

static int
usage (const char *text, const char *what, sigpolicy_error **err)
{
  cleanup_free char *shown = sp_quote_dup (sp_view_str (text), err);
  return shown
             ? sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "%s: %s", shown, what)
             : SIGPOLICY_E_NO_MEMORY;
}

/* "oci://REGISTRY/PATH:VERSION" as a docker name: a tag has "_" where a version has "+". No
 * registry is chosen for a name without one. */
static int
parse_oci (const char *text, struct sp_reference **ret, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  cleanup_free char *name = sp_strdup (text + oci.len, err);

  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  for (char *at = name; *at; at++)
    if (*at == '+')
      *at = '_';
  int rc = sp_reference_parse (sp_view_str (name), &reference, err);
  if (rc < 0)
    return rc;
  size_t length = strlen (reference->domain);
  if (!length || strncmp (name, reference->domain, length) != 0 || name[length] != '/')
    return usage (text, "add the registry that the chart is on", err);
  if (sp_reference_is_name_only (reference))
    return usage (text, "add the version of the chart, or its digest", err);
  *ret = steal (&reference);
  return 0;
}

/* The tag is the version, and the repository is called like the chart. */
static int
hold_reference (const struct sp_chart_answer *answer, const struct sp_reference *reference,
                sigpolicy_error **err)
{
  cleanup_free char *tag = sp_strdup (answer->stated.version, err);

  if (!tag)
    return SIGPOLICY_E_NO_MEMORY;
  for (char *at = tag; *at; at++)
    if (*at == '+')
      *at = '_';
  if (strcmp (base_name (reference->path), answer->stated.name) == 0
      && (!reference->tag || strcmp (reference->tag, tag) == 0))
    return 0;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_IDENTITY_MISMATCH,
                       "the provenance is for \"%s\", version \"%s\", and does not match %s",
                       answer->stated.name, answer->stated.version, reference->string);
}

static int
keep_warnings (const struct sp_strv *from, struct sp_chart_answer *answer, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; i < from->len && rc == 0; i++)
    rc = sp_strv_add (&answer->warnings, sp_view_str (from->items[i]), err);
  return rc;
}

static int
read_parts (struct sp_evidence *evidence, struct sp_chart_parts *parts,
            struct sp_chart_answer *answer, struct sp_buf *provenance, struct sp_buf *config,
            sigpolicy_error **err)
{
  struct sp_view manifest;

  int rc = sp_evidence_manifest (evidence, &manifest, err);
  if (rc == 0
      && !(answer->manifest_digest
           = sp_strdup (sp_evidence_digest (evidence) ? sp_evidence_digest (evidence) : "", err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    rc = sp_chart_manifest_parse (manifest, parts, err);
  if (rc == 0 && !(answer->digest = sp_strdup (parts->chart, err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && !parts->provenance)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NO_SIGNATURE,
                       "the chart was pushed without its provenance file: push the chart with the "
                       ".prov file next to it");
  if (rc == 0 && !(answer->provenance = sp_strdup (parts->provenance, err)))
    rc = SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    rc = sp_evidence_blob (evidence, parts->provenance, SP_SIGNED_TEXT_BYTES_MAX, provenance, err);
  return rc < 0
             ? rc
             : sp_evidence_blob (evidence, parts->config, SP_CHART_METADATA_BYTES_MAX, config, err);
}

static int
check_registry (struct sp_context *context, const struct sp_chart_verifier *verifier,
                const struct keys *keys, const struct sp_reference *reference,
                struct sp_chart_answer *answer, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf provenance = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  cleanup_buf struct sp_buf config = SP_BUF (SP_CHART_METADATA_BYTES_MAX);
  cleanup_chart_parts struct sp_chart_parts parts = { 0 };
  cleanup_image_name struct sp_image_name *image = NULL;
  cleanup_evidence struct sp_evidence *evidence = NULL;
  cleanup_free char *name = NULL, *version = NULL;
  struct sp_request request = { .image = sp_asprintf (err, "docker://%s", reference->string) };

  int rc = request.image
               ? sp_image_gather (context, &request, &image, &evidence, &answer->warnings, err)
               : SIGPOLICY_E_NO_MEMORY;
  free (request.image);
  if (rc == 0)
    rc = read_parts (evidence, &parts, answer, &provenance, &config, err);
  if (rc == 0)
    rc = verify_provenance (context, verifier, keys, sp_buf_view (&provenance), answer, err);
  if (rc == 0)
    rc = hold_reference (answer, reference, err);
  if (rc == 0)
    rc = hold_sum (answer, err);
  if (rc == 0)
    rc = sp_chart_config_parse (sp_buf_view (&config), &name, &version, err);
  if (rc == 0)
    rc = hold_name (answer, "the configuration", name, version, err);
  return rc < 0 ? rc : keep_warnings (sp_evidence_warnings (evidence), answer, err);
}

/* --- all of it -------------------------------------------------------------------------------- */

static int
check (struct sp_context *context, const struct sp_chart_verifier *verifier,
       const struct sp_reference *reference, struct sp_chart_answer *answer, sigpolicy_error **err)
{
  SP_CLEANUP (keys_clear) struct keys keys = { .n = 0 };

  int rc = load_keys (verifier, &keys, err);
  if (rc < 0)
    return rc;
  return reference ? check_registry (context, verifier, &keys, reference, answer, err)
                   : check_file (context, verifier, &keys, answer, err);
}

int
sp_chart_check (struct sp_context *context, const struct sp_chart_verifier *verifier,
                const char *chart, struct sp_chart_answer **ret, sigpolicy_error **err)
{
  cleanup_chart_answer struct sp_chart_answer *answer = sp_calloc (1, sizeof *answer, err);
  cleanup_reference struct sp_reference *reference = NULL;
  cleanup_error sigpolicy_error *fault = NULL;
  size_t length = strlen (chart);
  int rc = 0;

  if (!answer)
    return SIGPOLICY_E_NO_MEMORY;
  answer->time = sp_context_now (context);
  if (!(answer->chart = sp_strdup (chart, err)))
    return SIGPOLICY_E_NO_MEMORY;
  bool on_registry = sp_view_starts (sp_view_str (chart), oci);
  if (!verifier->keyrings.len)
    return sp_error_set (
        err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
        "--keyring is needed: a file with the public keys that may sign the chart");
  if (on_registry && verifier->provenance)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "--prov is only for files: the provenance of a chart on a registry comes "
                         "from the registry");
  if (!on_registry
      && (length < 4
          || !sp_view_equal_folded (sp_view_n (chart + length - 4, 4), sp_view_str (".tgz"))))
    return usage (chart, "a chart is a file NAME-VERSION.tgz, or oci://REGISTRY/NAME:VERSION", err);
  if (on_registry && (rc = parse_oci (chart, &reference, err)) < 0)
    return rc;
  if (reference && !(answer->reference = sp_strdup (reference->string, err)))
    return SIGPOLICY_E_NO_MEMORY;
  rc = check (context, verifier, reference, answer, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0 && sp_outcome_fail (&answer->outcome, &fault) < 0)
    return sp_error_no_memory (err);
  if (rc == 0)
    answer->outcome = (struct sp_outcome){ .answer = SP_ANSWER_ACCEPTED,
                                           .code = SIGPOLICY_OK,
                                           .reason = SIGPOLICY_REASON_ACCEPTED };
  *ret = steal (&answer);
  return 0;
}
