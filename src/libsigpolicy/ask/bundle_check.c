/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/bundle_check.h"

#include "ask/context.h"
#include "reference/digest.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

static int
usage (sigpolicy_error **err, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "%s", words);
}

static int
check_usage (const struct sp_bundle_verifier *verifier, sigpolicy_error **err)
{
  if (!verifier->key == !verifier->identities.len)
    return usage (
        err, "give --key, or --certificate-identity and --certificate-oidc-issuer, but not both");
  if (verifier->key && verifier->issuer)
    return usage (
        err,
        "a key has no OIDC issuer: --certificate-oidc-issuer goes with --certificate-identity");
  if (!verifier->key && !verifier->issuer)
    return usage (err, "--certificate-identity needs --certificate-oidc-issuer");
  return 0;
}

static int
load_root (struct sp_bundle_verifier *verifier, sigpolicy_error **err)
{
  const char *path = verifier->trusted_root ? verifier->trusted_root : SP_TRUSTED_ROOT_PATH;

  if (verifier->root || sp_trusted_root_load (path, &verifier->root, err) == 0)
    return 0;
  return verifier->trusted_root
             ? sigpolicy_error_code (*err)
             : sp_error_hint (
                 err, "make one with 'cosign trusted-root create --with-default-services --out "
                      "trusted_root.json', and store it there or name it with --trusted-root");
}

static int
load_key (struct sp_bundle_verifier *verifier, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_KEY_BYTES_MAX);

  if (!verifier->key || verifier->loaded_key)
    return 0;
  if (sp_fs_read (verifier->key, &text, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE);
  int rc = sp_public_key_from_pem (sp_buf_view (&text), &verifier->loaded_key, err);
  return rc < 0 ? sp_error_while (err, "reading the key '%s'", verifier->key) : 0;
}

/* "sha256:" and hex, where no file has that name. */
static bool
read_digest (const char *text, struct sp_digests *ret)
{
  cleanup_error sigpolicy_error *why = NULL;
  bool exists = false;
  static const char digits[] = "0123456789abcdef";
  const char *hex = strchr (text, ':');

  if (!hex || sp_digest_check (sp_view_str (text), &why) < 0
      || sp_fs_exists (text, &exists, &why) < 0 || exists)
    return false;
  enum sp_hash hash;
  if (!sp_hash_find (sp_view_n (text, (size_t)(hex - text)), &hash))
    return false;
  for (size_t i = 0; hex[1 + i]; i++)
    {
      unsigned digit = (unsigned)(strchr (digits, hex[1 + i]) - digits);
      unsigned char *byte = &ret->value[hash][i / 2];
      *byte = (unsigned char)(i % 2 ? (unsigned)*byte << 4 | digit : digit);
    }
  ret->has[hash] = true;
  return true;
}

static int
read_artifact (const char *artifact, struct sp_digests *ret, sigpolicy_error **err)
{
  cleanup_close int fd = -1;

  if (strcmp (artifact, "-") == 0)
    return sp_digests_read (STDIN_FILENO, "standard input", ret, err);
  if (read_digest (artifact, ret))
    return 0;
  int rc = sp_fs_open (artifact, &fd, err);
  return rc < 0 ? rc : sp_digests_read (fd, artifact, ret, err);
}

static void
ask (const struct sp_bundle_verifier *verifier, const struct sp_digests *digests,
     struct sp_bundle_question *ret)
{
  const struct sp_trusted_root *root = verifier->root;
  bool by_key = verifier->loaded_key != NULL;

  *ret = (struct sp_bundle_question){
    .keys = &verifier->loaded_key,
    .n_keys = by_key,
    .authorities = root->authorities,
    .n_authorities = by_key ? 0 : root->n_authorities,
    .logs = { root->logs },
    .n_logs = { root->n_logs },
    .ct_logs = root->ct_logs,
    .n_ct_logs = root->n_ct_logs,
    .timestamp_authorities = root->timestamp_authorities,
    .n_timestamp_authorities = root->n_timestamp_authorities,
    .needs_entry = root->n_logs > 0,
    .needs_time = !by_key,
    .needs_sct = !by_key && root->n_ct_logs > 0,
    .digests = digests,
    .identities = by_key ? NULL : &verifier->identities,
    .issuer = verifier->issuer,
    .predicate_type = verifier->predicate_type,
  };
}

int
sp_bundle_check (struct sp_bundle_verifier *verifier, struct sp_view bundle, const char *artifact,
                 struct sp_bundle_answer **ret, sigpolicy_error **err)
{
  cleanup_bundle_answer struct sp_bundle_answer *answer = sp_calloc (1, sizeof *answer, err);
  struct sp_bundle_question question;
  struct sp_digests digests = { 0 };

  if (!answer)
    return SIGPOLICY_E_NO_MEMORY;
  answer->text = (struct sp_buf)SP_BUF (SP_BUNDLE_BYTES_MAX + 1);
  int rc = check_usage (verifier, err);
  if (rc == 0)
    rc = load_root (verifier, err);
  if (rc == 0)
    rc = load_key (verifier, err);
  if (rc == 0)
    rc = read_artifact (artifact, &digests, err);
  if (rc < 0)
    return rc;
  ask (verifier, &digests, &question);
  answer->artifact = sp_strdup (artifact, err);
  sp_buf_add (&answer->text, sp_view_head (bundle, SP_BUNDLE_BYTES_MAX + 1));
  if (!answer->artifact || sp_buf_check (&answer->text, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  rc = sp_bundle_verify (sp_buf_view (&answer->text), &question, &answer->result, err);
  if (rc < 0 && sp_outcome_fail (&answer->outcome, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  if (rc == 0 && answer->result.verified)
    answer->outcome = (struct sp_outcome){ .answer = SP_ANSWER_ACCEPTED,
                                           .code = SIGPOLICY_OK,
                                           .reason = SIGPOLICY_REASON_ACCEPTED };
  *ret = steal (&answer);
  return 0;
}

void
sp_bundle_verifier_free (struct sp_bundle_verifier *verifier)
{
  if (!verifier)
    return;
  free (verifier->trusted_root);
  free (verifier->key);
  free (verifier->issuer);
  free (verifier->predicate_type);
  sp_strv_clear (&verifier->identities);
  sp_trusted_root_free (verifier->root);
  sp_public_key_free (verifier->loaded_key);
  free (verifier);
}

void
sp_bundle_answer_free (struct sp_bundle_answer *answer)
{
  if (!answer)
    return;
  sp_bundle_result_clear (&answer->result);
  sp_outcome_clear (&answer->outcome);
  sp_buf_clear (&answer->text);
  free (answer->artifact);
  free (answer);
}
