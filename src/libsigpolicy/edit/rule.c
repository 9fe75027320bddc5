/* SPDX-License-Identifier: Apache-2.0 */
#include "edit/rule.h"

#include "json/write.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <stddef.h>

void
sp_rule_clear (struct sp_rule *rule)
{
  sp_strv_clear (&rule->keys);
  sp_strv_clear (&rule->rekor_keys);
  free (rule->key_data);
  free (rule->fulcio_ca);
  free (rule->fulcio_issuer);
  free (rule->fulcio_email);
  free (rule->pki_roots);
  free (rule->pki_intermediates);
  free (rule->pki_email);
  free (rule->pki_hostname);
  free (rule->identity_value);
  free (rule->signed_prefix);
  *rule = (struct sp_rule){ 0 };
}

static int
usage (sigpolicy_error **err, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "%s", text);
}

/* --- what was asked for --------------------------------------------------------------------- */

int
sp_rule_set_type (struct sp_rule *rule, const char *name, sigpolicy_error **err)
{
  static const enum sp_requirement_type types[]
      = { SP_REQUIREMENT_ACCEPT, SP_REQUIREMENT_REJECT, SP_REQUIREMENT_SIGNED_BY,
          SP_REQUIREMENT_SIGSTORE_SIGNED };

  if (strcmp (name, "accept") == 0)
    name = sp_requirement_type_name (SP_REQUIREMENT_ACCEPT);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strcmp (name, sp_requirement_type_name (types[i])) == 0)
      {
        rule->type = types[i];
        return 0;
      }
  cleanup_free char *shown = sp_escape_dup (sp_view_str (name), err);
  return shown ? sp_error_set (
             err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
             "the type must be accept, reject, signedBy or sigstoreSigned, not '%s'", shown)
               : SIGPOLICY_E_NO_MEMORY;
}

static bool
has_value (enum sp_identity_type type)
{
  return type == SP_IDENTITY_EXACT_REFERENCE || type == SP_IDENTITY_EXACT_REPOSITORY
         || type == SP_IDENTITY_REMAP;
}

int
sp_rule_set_identity (struct sp_rule *rule, const char *text, sigpolicy_error **err)
{
  const char *equals = strchr (text, '=');
  struct sp_view name = sp_view_n (text, equals ? (size_t)(equals - text) : strlen (text));

  for (int type = SP_IDENTITY_MATCH_EXACT; type <= SP_IDENTITY_REMAP; type++)
    {
      const char *comma = equals ? strchr (equals, ',') : NULL;
      if (!sp_view_is (name, sp_identity_type_name ((enum sp_identity_type)type)))
        continue;
      if (has_value ((enum sp_identity_type)type) != (equals != NULL)
          || (type == SP_IDENTITY_REMAP && !comma))
        break;
      cleanup_free char *value = NULL, *prefix = NULL;
      struct sp_view first = sp_view_str (equals ? equals + 1 : "");
      if (type == SP_IDENTITY_REMAP)
        {
          first = sp_view_n (equals + 1, (size_t)(comma - equals) - 1);
          prefix = sp_strdup (comma + 1, err);
          if (!prefix)
            return SIGPOLICY_E_NO_MEMORY;
        }
      value = sp_view_dup (first, err);
      if (!value)
        return SIGPOLICY_E_NO_MEMORY;
      free (rule->identity_value);
      free (rule->signed_prefix);
      rule->identity_value = steal (&value);
      rule->signed_prefix = steal (&prefix);
      rule->identity = (enum sp_identity_type)type;
      rule->has_identity = true;
      return 0;
    }
  return usage (err, "the identity must be matchExact, matchRepoDigestOrExact, matchRepository, "
                     "exactReference=REFERENCE, exactRepository=REPOSITORY or "
                     "remapIdentity=PREFIX,SIGNED-PREFIX");
}

int
sp_rule_choose_identity (struct sp_rule *rule, const char *transport, const char **ret_why,
                         sigpolicy_error **err)
{
  enum sp_transport known;
  bool is_signed
      = rule->type == SP_REQUIREMENT_SIGNED_BY || rule->type == SP_REQUIREMENT_SIGSTORE_SIGNED;
  bool is_file = transport && sp_transport_find (sp_view_str (transport), &known)
                 && (known == SP_TRANSPORT_DIR || known == SP_TRANSPORT_OCI
                     || known == SP_TRANSPORT_OCI_ARCHIVE || known == SP_TRANSPORT_SIF);
  bool is_exact = rule->has_identity
                  && (rule->identity == SP_IDENTITY_EXACT_REFERENCE
                      || rule->identity == SP_IDENTITY_EXACT_REPOSITORY);

  if (is_signed && is_file && !is_exact)
    {
      (void)usage (
          err, "images of this transport have no docker:// name, which signatures are made for");
      return sp_error_hint (
          err,
          "give the name that is signed, for example --identity exactRepository=quay.io/ns/app");
    }
  if (!is_signed || rule->has_identity)
    return 0;
  if (rule->type == SP_REQUIREMENT_SIGNED_BY)
    {
      *ret_why = "signed identity: matchRepoDigestOrExact, the default: the signature must be for "
                 "the same tag; for an image named by digest, for the same repository";
      return 0;
    }
  rule->identity = SP_IDENTITY_MATCH_REPOSITORY;
  rule->has_identity = true;
  *ret_why = "signed identity: matchRepository, because cosign signs repositories without a tag. "
             "Anyone who can push to the repository can put an older signed image under a newer "
             "tag: deploy by digest, or sign with tags and use --identity matchRepoDigestOrExact";
  return 0;
}

int
sp_rule_read_key (struct sp_rule *rule, const char *path, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_buf struct sp_buf text = SP_BUF (2 * SP_KEY_BYTES_MAX);

  if (rule->key_data)
    return usage (err, "only one key can be in the policy itself: give the others as files");
  if (sp_fs_read_input (path, &bytes, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE);
  if (memmem (bytes.data, bytes.len, "PRIVATE KEY", strlen ("PRIVATE KEY")))
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                         "%s has a private key: a policy needs only public keys",
                         strcmp (path, "-") == 0 ? "standard input" : path);
  sp_base64_encode (sp_buf_view (&bytes), &text);
  rule->key_data = sp_buf_steal (&text, err);
  return rule->key_data ? 0 : sigpolicy_error_code (*err);
}

static bool
has_keys (const struct sp_rule *rule)
{
  return rule->keys.len || rule->key_data;
}

bool
sp_rule_has_signer (const struct sp_rule *rule)
{
  return has_keys (rule) || rule->fulcio_ca || rule->pki_roots;
}

static int
check_sigstore (const struct sp_rule *rule, sigpolicy_error **err)
{
  bool fulcio = rule->fulcio_ca || rule->fulcio_issuer || rule->fulcio_email;
  bool pki = rule->pki_roots || rule->pki_intermediates || rule->pki_email || rule->pki_hostname;

  if (has_keys (rule) + (rule->fulcio_ca != NULL) + (rule->pki_roots != NULL) > 1)
    return usage (err,
                  "sigstoreSigned needs --key, --fulcio-ca or --pki-roots, and only one of them");
  if (rule->fulcio_ca && (!rule->fulcio_issuer || !rule->fulcio_email || !rule->rekor_keys.len))
    return usage (err, "--fulcio-ca needs --fulcio-issuer, --fulcio-email and --rekor-key: anybody "
                       "can get a certificate from Fulcio");
  if (rule->pki_roots && !rule->pki_email && !rule->pki_hostname)
    return usage (err, "--pki-roots needs --pki-email or --pki-hostname");
  if (fulcio != (rule->fulcio_ca != NULL) || pki != (rule->pki_roots != NULL))
    return usage (err, "an e-mail address, issuer or host name needs --fulcio-ca or --pki-roots");
  return rule->pki_roots && rule->rekor_keys.len
             ? usage (err, "--rekor-key cannot be used with --pki-roots")
             : 0;
}

int
sp_rule_check (const struct sp_rule *rule, sigpolicy_error **err)
{
  bool certified = rule->fulcio_ca || rule->fulcio_issuer || rule->fulcio_email || rule->pki_roots
                   || rule->pki_intermediates || rule->pki_email || rule->pki_hostname;

  switch (rule->type)
    {
    case SP_REQUIREMENT_ACCEPT:
    case SP_REQUIREMENT_REJECT:
      return certified || has_keys (rule) || rule->rekor_keys.len || rule->has_identity
                 ? usage (err, "accept and reject take no keys and no identity")
                 : 0;
    case SP_REQUIREMENT_SIGNED_BY:
    case SP_REQUIREMENT_SIGSTORE_SIGNED:
      if (rule->keys.len && rule->key_data && !rule->all)
        return usage (err, "a requirement has key files or a key of its own, not both: give all "
                           "keys as files");
      if (rule->type == SP_REQUIREMENT_SIGNED_BY)
        return certified || rule->rekor_keys.len ? usage (err, "signedBy takes only GPG keys") : 0;
      return check_sigstore (rule, err);
    case SP_REQUIREMENT_SIGNED_BASE_LAYER:
      break;
    }
  return usage (err, "this type cannot be set");
}

int
sp_rule_check_whole (const struct sp_rule *rule, sigpolicy_error **err)
{
  int rc = sp_rule_check (rule, err);
  if (rc < 0 || sp_rule_has_signer (rule))
    return rc;
  if (rule->type == SP_REQUIREMENT_SIGNED_BY)
    return usage (err, "signedBy needs a key file");
  return rule->type == SP_REQUIREMENT_SIGSTORE_SIGNED
             ? usage (err, "sigstoreSigned needs one of key files, a Fulcio CA or the roots of a "
                           "PKI")
             : 0;
}

static int
copy_list (const struct sp_strv *from, struct sp_strv *to, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < from->len; i++)
    rc = sp_strv_add (to, sp_view_str (from->items[i]), err);
  return rc;
}

int
sp_rule_copy (const struct sp_rule *from, struct sp_rule *to, sigpolicy_error **err)
{
  static const size_t strings[] = {
    offsetof (struct sp_rule, key_data),       offsetof (struct sp_rule, fulcio_ca),
    offsetof (struct sp_rule, fulcio_issuer),  offsetof (struct sp_rule, fulcio_email),
    offsetof (struct sp_rule, pki_roots),      offsetof (struct sp_rule, pki_intermediates),
    offsetof (struct sp_rule, pki_email),      offsetof (struct sp_rule, pki_hostname),
    offsetof (struct sp_rule, identity_value), offsetof (struct sp_rule, signed_prefix),
  };

  sp_rule_clear (to);
  to->type = from->type;
  to->all = from->all;
  to->is_verbatim = from->is_verbatim;
  to->has_identity = from->has_identity;
  to->identity = from->identity;
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
    {
      const char *text = *(char *const *)(const void *)((const char *)from + strings[i]);
      char *copy = text ? sp_strdup (text, err) : NULL;
      if (text && !copy)
        return SIGPOLICY_E_NO_MEMORY;
      *(char **)(void *)((char *)to + strings[i]) = copy;
    }
  int rc = copy_list (&from->keys, &to->keys, err);
  return rc < 0 ? rc : copy_list (&from->rekor_keys, &to->rekor_keys, err);
}

int
sp_rule_absolute (char **path, sigpolicy_error **err)
{
  if (!*path || (*path)[0] == '/')
    return 0;
  cleanup_free char *here = getcwd (NULL, 0);
  if (!here)
    return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errno,
                           "getcwd");
  cleanup_free char *joined = sp_asprintf (err, "%s/%s", here, *path);
  char *clean = joined ? sp_fs_clean (joined, err) : NULL;
  if (!clean)
    return sigpolicy_error_code (*err);
  free (*path);
  *path = clean;
  return 0;
}

int
sp_rule_make_absolute (struct sp_rule *rule, sigpolicy_error **err)
{
  char **const files[] = { &rule->fulcio_ca, &rule->pki_roots, &rule->pki_intermediates };
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < sizeof files / sizeof *files; i++)
    rc = sp_rule_absolute (files[i], err);
  for (size_t i = 0; rc == 0 && i < rule->keys.len; i++)
    rc = sp_rule_absolute (&rule->keys.items[i], err);
  for (size_t i = 0; rc == 0 && i < rule->rekor_keys.len; i++)
    rc = sp_rule_absolute (&rule->rekor_keys.items[i], err);
  return rc;
}

/* --- JSON ----------------------------------------------------------------------------------- */

/* One path, or a list of them. */
static void
write_paths (struct sp_json_out *json, const char *one, const char *many,
             const struct sp_strv *paths)
{
  if (paths->len == 1)
    sp_json_write_str (json, one, paths->items[0]);
  if (paths->len < 2)
    return;
  sp_json_write_open (json, many, true);
  for (size_t i = 0; i < paths->len; i++)
    sp_json_write_str (json, NULL, paths->items[i]);
  sp_json_write_close (json);
}

static void
write_optional (struct sp_json_out *json, const char *name, const char *value)
{
  if (value)
    sp_json_write_str (json, name, value);
}

static void
write_identity (struct sp_json_out *json, const struct sp_rule *rule)
{
  sp_json_write_open (json, "signedIdentity", false);
  sp_json_write_str (json, "type", sp_identity_type_name (rule->identity));
  if (rule->identity == SP_IDENTITY_EXACT_REFERENCE)
    sp_json_write_str (json, "dockerReference", rule->identity_value);
  if (rule->identity == SP_IDENTITY_EXACT_REPOSITORY)
    sp_json_write_str (json, "dockerRepository", rule->identity_value);
  if (rule->identity == SP_IDENTITY_REMAP)
    {
      sp_json_write_str (json, "prefix", rule->identity_value);
      sp_json_write_str (json, "signedPrefix", rule->signed_prefix);
    }
  sp_json_write_close (json);
}

static void
write_requirement (struct sp_json_out *json, const struct sp_rule *rule, const struct sp_strv *keys,
                   const char *data)
{
  sp_json_write_open (json, NULL, false);
  sp_json_write_str (json, "type", sp_requirement_type_name (rule->type));
  if (rule->type == SP_REQUIREMENT_SIGNED_BY)
    sp_json_write_str (json, "keyType", sp_key_type_name (SP_KEY_TYPE_GPG));
  write_paths (json, "keyPath", "keyPaths", keys);
  write_optional (json, "keyData", data);
  if (rule->fulcio_ca)
    {
      sp_json_write_open (json, "fulcio", false);
      sp_json_write_str (json, "caPath", rule->fulcio_ca);
      write_optional (json, "oidcIssuer", rule->fulcio_issuer);
      write_optional (json, "subjectEmail", rule->fulcio_email);
      sp_json_write_close (json);
    }
  if (rule->pki_roots)
    {
      sp_json_write_open (json, "pki", false);
      sp_json_write_str (json, "caRootsPath", rule->pki_roots);
      write_optional (json, "caIntermediatesPath", rule->pki_intermediates);
      write_optional (json, "subjectEmail", rule->pki_email);
      write_optional (json, "subjectHostname", rule->pki_hostname);
      sp_json_write_close (json);
    }
  write_paths (json, "rekorPublicKeyPath", "rekorPublicKeyPaths", &rule->rekor_keys);
  if (rule->has_identity)
    write_identity (json, rule);
  sp_json_write_close (json);
}

int
sp_rule_write (const struct sp_rule *rule, struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *json = sp_json_write_new (true, err);
  if (!json)
    return sigpolicy_error_code (*err);
  static const struct sp_strv none = { 0 };
  if (!rule->all || !rule->keys.len)
    write_requirement (json, rule, &rule->keys, rule->key_data);
  for (size_t i = 0; rule->all && i < rule->keys.len; i++)
    write_requirement (json, rule, &(struct sp_strv){ &rule->keys.items[i], 1, 1 }, NULL);
  if (rule->all && rule->keys.len && rule->key_data)
    write_requirement (json, rule, &none, rule->key_data);
  cleanup_free char *text = sp_json_write_text (json, SP_JSON_ONE_LINE, err);
  if (!text)
    return sigpolicy_error_code (*err);
  sp_buf_str (out, text);
  return sp_buf_check (out, err);
}
