/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/diagnosis_signer.h"

#include "ask/trust.h"
#include "util/codec.h"
#include "util/limits.h"
#include "verify/sigstore.h"

/* Who signed, and with which keys that was compared. */

#define KEYS_SHOWN 4

/* --- the policy's keys ------------------------------------------------------------------------ */

int
sp_diagnosis_read_keys (const struct sp_requirement *requirement, struct sp_key_files *files,
                        sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  return sp_key_files_read (&requirement->keys, files, &fault) == SIGPOLICY_E_NO_MEMORY
             ? sp_error_no_memory (err)
             : 0;
}

const char *
sp_diagnosis_label (const struct sp_key_source *source)
{
  return source->path ? source->path : "the policy itself";
}

int
sp_diagnosis_key_facts (struct sp_view file, struct sp_key_facts_list *facts, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  return sp_openpgp_key_facts (file, facts, &fault) == SIGPOLICY_E_NO_MEMORY
             ? sp_error_no_memory (err)
             : 0;
}

/* "PATH (FINGERPRINT, ...), PATH (...)": the GPG keys of a requirement. */
static char *
list_gpg_keys (const struct sp_requirement *requirement, sigpolicy_error **err)
{
  cleanup_key_files struct sp_key_files files = { 0 };
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (sp_diagnosis_read_keys (requirement, &files, err) < 0)
    return NULL;
  for (size_t i = 0; i < requirement->keys.len && i < KEYS_SHOWN; i++)
    {
      cleanup_key_facts struct sp_key_facts_list facts = { 0 };
      sp_buf_printf (&words, "%s%s", i ? ", " : "",
                     sp_diagnosis_label (&requirement->keys.items[i]));
      if (i < files.len && files.views[i].data
          && sp_diagnosis_key_facts (files.views[i], &facts, err) < 0)
        return NULL;
      for (size_t j = 0; j < facts.len && j < KEYS_SHOWN; j++)
        sp_buf_printf (&words, "%s%s", j ? ", " : " (", facts.items[j].key.fingerprint);
      sp_buf_str (&words, facts.len > KEYS_SHOWN ? ", ...)" : facts.len ? ")" : "");
    }
  sp_buf_str (&words, requirement->keys.len > KEYS_SHOWN ? ", ..." : "");
  return sp_buf_steal (&words, err);
}

/* A key whose fingerprint that is, or whose key ID, which is the end of it. */
static bool
is_key (const struct sp_key_fact *key, const char *name)
{
  size_t len = strlen (key->fingerprint), tail = strlen (name);
  return len && tail >= 16 && tail <= len && strcmp (key->fingerprint + len - tail, name) == 0;
}

const struct sp_primary_key *
sp_diagnosis_find_key (const struct sp_key_facts_list *facts, const char *name,
                       const struct sp_key_fact **ret)
{
  for (size_t i = 0; i < facts->len; i++)
    {
      const struct sp_primary_key *primary = &facts->items[i];
      for (size_t j = 0; j <= primary->n_subkeys; j++)
        {
          const struct sp_key_fact *one = j ? &primary->subkeys[j - 1] : &primary->key;
          if (is_key (one, name))
            {
              *ret = one;
              return primary;
            }
        }
    }
  return NULL;
}

/* --- the same key, elsewhere in the policy ---------------------------------------------------- */

#define FILES_SEARCHED 64

/* Another file that the policy names, by which the signature would be good. */
struct elsewhere
{
  const struct sp_key_source *source;
  const struct sp_policy_transport *transport;
  const struct sp_policy_scope *scope;
};

static bool
is_same_source (const struct sp_requirement *requirement, const struct sp_key_source *source)
{
  for (size_t i = 0; i < requirement->keys.len; i++)
    if (requirement->keys.items[i].path
        && strcmp (requirement->keys.items[i].path, source->path) == 0)
      return true;
  return false;
}

static int
made_it (const struct sp_diagnosis *it, const struct sp_key_source *source, bool *ret,
         sigpolicy_error **err)
{
  const struct sp_key_sources one = { .items = (struct sp_key_source *)(size_t)source, .len = 1 };
  cleanup_key_files struct sp_key_files files = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;
  int rc = sp_key_files_read (&one, &files, &fault);

  if (rc == 0 && it->blob->format == SP_SIGNATURE_SIMPLE_SIGNING)
    {
      cleanup_key_facts struct sp_key_facts_list facts = { 0 };
      const struct sp_key_fact *key = NULL;
      rc = sp_openpgp_key_facts (files.views[0], &facts, &fault);
      *ret = rc == 0 && it->signature->key
             && sp_diagnosis_find_key (&facts, it->signature->key, &key);
    }
  else if (rc == 0)
    {
      cleanup_public_key struct sp_public_key *key = NULL;
      cleanup_buf struct sp_buf signature = SP_BUF (SP_SIGNATURE_BYTES_MAX);
      struct sp_view text;
      bool raw;
      rc = sp_public_key_from_pem (files.views[0], &key, &fault);
      if (rc == 0 && sp_signature_blob_annotation (it->blob, SP_ANNOTATION_SIGNATURE, &text))
        rc = sp_base64_decode (text, &signature, &fault);
      if (rc == 0)
        rc = sp_public_key_verify (key, sp_buf_view (&it->blob->payload), sp_buf_view (&signature),
                                   &raw, &fault);
      *ret = rc == 0;
    }
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

static int
search_scope (const struct sp_diagnosis *it, const struct sp_policy_transport *transport,
              const struct sp_policy_scope *scope, size_t *left, struct elsewhere *ret,
              sigpolicy_error **err)
{
  const struct sp_requirement *ours = it->requirement->requirement;

  for (size_t i = 0; i < scope->requirements.len; i++)
    {
      const struct sp_requirement *one = &scope->requirements.items[i];
      for (size_t j = 0; one->type == ours->type && j < one->keys.len && !ret->source && *left; j++)
        {
          const struct sp_key_source *source = &one->keys.items[j];
          bool found = false;
          if (!source->path || is_same_source (ours, source))
            continue;
          --*left;
          if (made_it (it, source, &found, err) < 0)
            return SIGPOLICY_E_NO_MEMORY;
          if (found)
            *ret = (struct elsewhere){ source, transport, scope };
        }
    }
  return 0;
}

static int
search_policy (const struct sp_diagnosis *it, struct elsewhere *ret, sigpolicy_error **err)
{
  const struct sp_policy *policy = it->verdict->policy;
  size_t left = FILES_SEARCHED;
  int rc = 0;

  if (!policy)
    return 0;
  for (size_t i = 0; rc == 0 && i < sp_policy_n_transports (policy); i++)
    {
      const struct sp_policy_transport *transport = sp_policy_transport (policy, i);
      for (size_t j = 0; rc == 0 && j < transport->n_scopes && left && !ret->source; j++)
        rc = search_scope (it, transport, &transport->scopes[j], &left, ret, err);
    }
  return rc;
}

/* It is there: the signer is trusted for something else. */
static int
say_elsewhere (struct sp_diagnosis *it, const struct elsewhere *found, const char *signer,
               sigpolicy_error **err)
{
  struct sp_remedy remedy = sp_diagnosis_remedy (it);

  remedy.add_key = found->source->path;
  int rc = sp_diagnosis_say (
      it, err,
      "it was signed by the key%s%s in %s, which the policy trusts for %s \"%s\" (line %u), but "
      "not here: if that key may sign this image, add the file to the key files in line %u",
      signer ? " " : "", signer ? signer : "", found->source->path, found->transport->name,
      found->scope->name, found->scope->line, it->requirement->requirement->line);
  return rc < 0 ? rc : sp_diagnosis_offer_remedy (it, &remedy, err);
}

/* --- GPG -------------------------------------------------------------------------------------- */

int
sp_diagnosis_offer_export (struct sp_diagnosis *it, const char *fingerprint, sigpolicy_error **err)
{
  struct sp_remedy remedy = sp_diagnosis_remedy (it);
  const struct sp_key_sources *keys = &it->requirement->requirement->keys;
  cleanup_shell struct sp_shell shell = SP_SHELL;
  const char *first = keys->len ? keys->items[0].path : NULL;

  if (!first)
    return 0;
  const char *slash = strrchr (first, '/');
  cleanup_free char *file
      = sp_asprintf (err, "%.*s%s.gpg", slash ? (int)(slash - first) + 1 : 0, first, fingerprint);
  if (!file)
    return SIGPOLICY_E_NO_MEMORY;
  sp_shell_raw (&shell, "gpg --batch --yes --output");
  sp_shell_word (&shell, file);
  sp_shell_raw (&shell, "--export");
  sp_shell_word (&shell, fingerprint);
  sp_shell_raw (&shell, "&&");
  remedy.add_key = file;
  return sp_remedy_put (&remedy, &shell) ? sp_diagnosis_offer (it, &shell, err) : 0;
}

static int
diagnose_gpg_signer (struct sp_diagnosis *it, sigpolicy_error **err)
{
  struct elsewhere found = { 0 };
  const char *signer = it->signature->key;
  cleanup_free char *tried = list_gpg_keys (it->requirement->requirement, err);

  if (!tried)
    return SIGPOLICY_E_NO_MEMORY;
  if (it->context->key_path)
    return sp_diagnosis_say (it, err, "it was signed by the key %s, and --key names %s",
                             signer ? signer : "of somebody else", tried);
  int rc = search_policy (it, &found, err);
  if (rc == 0 && found.source)
    return say_elsewhere (it, &found, signer, err);
  if (rc == 0)
    rc = sp_diagnosis_say (
        it, err,
        "it was signed by the key %s, and the policy trusts %s: if the signer uses that key now, "
        "get it from the signer, compare its fingerprint, import it, and trust it, too",
        signer ? signer : "of somebody else", tried);
  return rc < 0 || !signer ? rc : sp_diagnosis_offer_export (it, signer, err);
}

/* --- sigstore --------------------------------------------------------------------------------- */

static int
trusted_keys (const struct sp_diagnosis *it, const struct sp_trust **ret, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_trust_cache *cache = NULL;

  int rc = sp_context_trust (it->context, &cache, &fault);
  if (rc == 0)
    rc = sp_trust_load (cache, it->requirement->requirement, ret, &fault);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* "PATH (ECDSA, sha256:...), ...". */
static char *
list_public_keys (const struct sp_requirement *requirement, const struct sp_trust *trust,
                  sigpolicy_error **err)
{
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);

  for (size_t i = 0; i < trust->n_keys && i < requirement->keys.len && i < KEYS_SHOWN; i++)
    sp_buf_printf (&words, "%s%s (%s, %s)", i ? ", " : "",
                   sp_diagnosis_label (&requirement->keys.items[i]),
                   sp_key_kind_name (sp_public_key_kind (trust->keys[i])),
                   sp_public_key_fingerprint (trust->keys[i]));
  sp_buf_str (&words, trust->n_keys > KEYS_SHOWN ? ", ..." : "");
  return sp_buf_steal (&words, err);
}

/* The kinds of keys that may have made the signature, where none of the policy's is of these. */
static int
other_kind (const struct sp_diagnosis *it, const struct sp_trust *trust, const char **ret,
            sigpolicy_error **err)
{
  cleanup_buf struct sp_buf signature = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_view text;

  if (!sp_signature_blob_annotation (it->blob, SP_ANNOTATION_SIGNATURE, &text))
    return 0;
  if (sp_base64_decode (text, &signature, &fault) < 0)
    return sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  struct sp_view bytes = sp_buf_view (&signature);
  for (size_t i = 0; i < trust->n_keys; i++)
    if (sp_signature_may_be_of (sp_public_key_kind (trust->keys[i]), bytes))
      return 0;
  *ret = sp_signature_may_be_of (SP_KEY_RSA, bytes)       ? "an RSA key"
         : sp_signature_may_be_of (SP_KEY_ED25519, bytes) ? "an Ed25519 or ECDSA key"
         : sp_signature_may_be_of (SP_KEY_ECDSA, bytes)   ? "an ECDSA key"
                                                          : NULL;
  return 0;
}

/* "a certificate for WHO (by ISSUER), which CA issued": as far as it says. To free(). */
static char *
certificate_words (const struct sp_signer_words *signer, sigpolicy_error **err)
{
  const char *who = signer->email      ? signer->email
                    : signer->uri      ? signer->uri
                    : signer->hostname ? signer->hostname
                                       : NULL;
  return sp_asprintf (err, "a certificate%s%s%s%s%s%s%s", who ? " for " : "", who ? who : "",
                      signer->issuer ? " (OIDC issuer " : "", signer->issuer ? signer->issuer : "",
                      signer->issuer ? ")" : "", signer->authority ? ", issued by " : "",
                      signer->authority ? signer->authority : "");
}

/* The signature and the policy are of two kinds: of a key, and of a certificate. */
static int
diagnose_certified (struct sp_diagnosis *it, const struct sp_signer_words *signer,
                    sigpolicy_error **err)
{
  cleanup_free char *words = certificate_words (signer, err);

  if (!words)
    return SIGPOLICY_E_NO_MEMORY;
  return sp_diagnosis_say (
      it, err,
      "it was signed with %s, and the policy (line %u) names public keys: to accept such a "
      "signature, use \"%s\" there, with the certificates of that CA",
      words, it->requirement->requirement->line, signer->issuer ? "fulcio" : "pki");
}

static int
diagnose_bare (struct sp_diagnosis *it, sigpolicy_error **err)
{
  bool fulcio = it->requirement->requirement->fulcio;
  return sp_diagnosis_say (it, err,
                           "it was signed with a key and has no certificate, and the policy (line "
                           "%u) requires a certificate (\"%s\"): to accept such a signature, name "
                           "the signer's public key there as \"keyPath\"",
                           it->requirement->requirement->line, fulcio ? "fulcio" : "pki");
}

/* A certificate, by another CA than the policy's. */
static int
diagnose_authority (struct sp_diagnosis *it, const struct sp_signer_words *signer,
                    sigpolicy_error **err)
{
  const struct sp_requirement *requirement = it->requirement->requirement;
  const struct sp_key_sources *roots
      = requirement->fulcio ? &requirement->fulcio->ca : &requirement->pki->roots;
  cleanup_free char *words = certificate_words (signer, err);

  if (!words)
    return SIGPOLICY_E_NO_MEMORY;
  return sp_diagnosis_say (
      it, err,
      "it was signed with %s, which no CA certificate in %s issued: if you trust the CA that "
      "issued it, add the root certificate of that CA to the file, and have the signer add the "
      "intermediate certificates to the signature",
      words, roots->len ? sp_diagnosis_label (&roots->items[0]) : "the policy");
}

/* Where a log is asked, the keys are held against its entry, and not against the signature: it may
 * be by one of them all the same. */
static int
find_own_key (const struct sp_diagnosis *it, const char **ret, sigpolicy_error **err)
{
  const struct sp_key_sources *keys = &it->requirement->requirement->keys;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < keys->len && !*ret; i++)
    {
      bool found = false;
      rc = made_it (it, &keys->items[i], &found, err);
      *ret = found ? sp_diagnosis_label (&keys->items[i]) : NULL;
    }
  return rc;
}

static int
diagnose_keys_tried (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const char *own = NULL;
  const struct sp_trust *trust = NULL;
  struct elsewhere found = { 0 };
  const char *kind = NULL;

  int rc = trusted_keys (it, &trust, err);
  if (rc < 0 || !trust)
    return rc;
  cleanup_free char *tried = list_public_keys (it->requirement->requirement, trust, err);
  if (!tried)
    return SIGPOLICY_E_NO_MEMORY;
  rc = trust->n_rekor_keys ? find_own_key (it, &own, err) : 0;
  if (rc == 0 && own)
    return sp_diagnosis_say (it, err,
                             "the signature is by the key in %s, but the log entry that is stored "
                             "with it belongs to another signer, so " SP_NO_HELP_HERE ": have the "
                             "image signed again with the log",
                             own);
  if (rc == 0)
    rc = search_policy (it, &found, err);
  if (rc == 0 && found.source)
    return say_elsewhere (it, &found, NULL, err);
  if (rc == 0)
    rc = other_kind (it, trust, &kind, err);
  if (rc < 0)
    return rc;
  return kind ? sp_diagnosis_say (it, err,
                                  "it was signed with %s, and the policy has %s: get the signer's "
                                  "public key, and add its file to the key files in line %u",
                                  kind, tried, it->requirement->requirement->line)
              : sp_diagnosis_say (
                  it, err,
                  "none of the policy's keys made this signature: %s. Such a signature does not "
                  "name its key: it was made by another key, such as a new one of the signer, or "
                  "was changed; get the signer's public key again, and compare",
                  tried);
}

int
sp_diagnose_signer (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_requirement *requirement = it->requirement->requirement;
  cleanup_signer_words struct sp_signer_words signer = { 0 };

  if (it->blob->format == SP_SIGNATURE_SIMPLE_SIGNING)
    return diagnose_gpg_signer (it, err);
  if (it->blob->format != SP_SIGNATURE_SIGSTORE_JSON)
    return 0;
  int rc = sp_sigstore_describe_signer (it->blob, &signer, err);
  if (rc < 0)
    return rc;
  if (!requirement->fulcio && !requirement->pki)
    return signer.has_certificate ? diagnose_certified (it, &signer, err)
                                  : diagnose_keys_tried (it, err);
  return signer.has_certificate ? diagnose_authority (it, &signer, err) : diagnose_bare (it, err);
}
