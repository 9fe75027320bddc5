/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/diagnosis.h"

#include "ask/key_files.h"
#include "crypto/certificate.h"
#include "openpgp/key_facts.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* Which file of the policy cannot be used as what it is named for, and what it is instead. */

/* --- what a file is --------------------------------------------------------------------------- */

enum kind
{
  KIND_EMPTY,
  KIND_MARKED, /* begins with a byte order mark */
  KIND_GPG,    /* keys, binary or armored */
  KIND_GPG_SECRET,
  KIND_KEYBOX,
  KIND_PUBLIC,  /* in PEM */
  KIND_PRIVATE, /* in PEM */
  KIND_COSIGN_PRIVATE,
  KIND_CERTIFICATE,
  KIND_DER_PUBLIC,
  KIND_DER_CERTIFICATE,
  KIND_HTML,
  KIND_BASE64, /* of something of the above */
  KIND_OTHER,
};

static const char *const kind_words[] = {
  [KIND_EMPTY] = "is empty",
  [KIND_MARKED] = "begins with a byte order mark, which some editors add",
  [KIND_GPG] = "is a GPG key",
  [KIND_GPG_SECRET] = "holds a secret GPG key",
  [KIND_KEYBOX] = "is a GnuPG keybox, gpg's own storage",
  [KIND_PUBLIC] = "is a public key in PEM format, as sigstore uses",
  [KIND_PRIVATE] = "is a private key",
  [KIND_COSIGN_PRIVATE] = "is a private key of cosign",
  [KIND_CERTIFICATE] = "is a certificate",
  [KIND_DER_PUBLIC] = "is a public key in DER",
  [KIND_DER_CERTIFICATE] = "is a certificate in DER",
  [KIND_HTML] = "is a web page",
  [KIND_BASE64] = "is base64 of the needed content",
  [KIND_OTHER] = "has an unknown format",
};

static bool
holds (struct sp_view text, const char *word)
{
  return text.len && memmem (text.data, text.len, word, strlen (word));
}

/* What is text, by its marks. */
static enum kind
kind_of_text (struct sp_view text)
{
  if (holds (text, "-----BEGIN PGP PRIVATE"))
    return KIND_GPG_SECRET;
  if (holds (text, "-----BEGIN PGP"))
    return KIND_GPG;
  if (holds (text, "SIGSTORE PRIVATE KEY-----") || holds (text, "COSIGN PRIVATE KEY-----"))
    return KIND_COSIGN_PRIVATE;
  if (holds (text, "PRIVATE KEY-----"))
    return KIND_PRIVATE;
  if (holds (text, "-----BEGIN CERTIFICATE-----"))
    return KIND_CERTIFICATE;
  if (holds (text, "PUBLIC KEY-----"))
    return KIND_PUBLIC;
  while (text.len && strchr (" \t\r\n", text.data[0]) && text.data[0])
    text = sp_view_from (text, 1);
  return text.len && text.data[0] == '<' ? KIND_HTML : KIND_OTHER;
}

static int
kind_of_binary (struct sp_view bytes, enum kind *ret, sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  cleanup_public_key struct sp_public_key *key = NULL;
  cleanup_certificate struct sp_certificate *certificate = NULL;
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_public_key_from_spki (bytes, &key, &fault);
  if (rc == 0)
    *ret = KIND_DER_PUBLIC;
  sp_error_clear (&fault);
  if (rc < 0 && rc != SIGPOLICY_E_NO_MEMORY
      && (rc = sp_certificate_parse (bytes, &certificate, &fault)) == 0)
    *ret = KIND_DER_CERTIFICATE;
  sp_error_clear (&fault);
  if (rc < 0 && rc != SIGPOLICY_E_NO_MEMORY
      && (rc = sp_openpgp_key_facts (bytes, &facts, &fault)) == 0)
    *ret = facts.kind == SP_KEY_FILE_KEYBOX ? KIND_KEYBOX
           : facts.has_secret               ? KIND_GPG_SECRET
           : facts.len                      ? KIND_GPG
                                            : KIND_OTHER;
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

static int
kind_of (struct sp_view bytes, bool may_be_base64, enum kind *ret, sigpolicy_error **err)
{
  static const struct sp_view mark = SP_VIEW ("\xef\xbb\xbf");
  cleanup_buf struct sp_buf decoded = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  enum kind inside = KIND_OTHER;

  *ret = !bytes.len                     ? KIND_EMPTY
         : sp_view_starts (bytes, mark) ? KIND_MARKED
                                        : kind_of_text (bytes);
  if (*ret != KIND_OTHER)
    return 0;
  int rc = kind_of_binary (bytes, ret, err);
  if (rc < 0 || *ret != KIND_OTHER || !may_be_base64)
    return rc;
  if (sp_base64_decode (bytes, &decoded, &fault) == 0 && decoded.len)
    rc = kind_of (sp_buf_view (&decoded), false, &inside, err);
  if (inside != KIND_OTHER && inside != KIND_HTML && inside != KIND_EMPTY)
    *ret = KIND_BASE64;
  return rc;
}

/* --- what it is named for --------------------------------------------------------------------- */

enum use
{
  USE_GPG,          /* signedBy's keys */
  USE_PUBLIC,       /* a public key in PEM */
  USE_CERTIFICATES, /* certificates in PEM */
};

static const char *const use_words[] = { [USE_GPG] = "GPG keys",
                                         [USE_PUBLIC] = "a public key in PEM",
                                         [USE_CERTIFICATES] = "certificates in PEM" };

/* A file that is at fault. */
struct culprit
{
  const struct sp_key_source *source;
  enum use use;
  bool is_rekor;
  bool is_missing; /* or cannot be read */
  enum kind kind;
};

/* Would it be taken as that? */
static int
is_good (enum use use, struct sp_view bytes, bool *ret, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  int rc = 0;

  if (use == USE_PUBLIC)
    {
      cleanup_public_key struct sp_public_key *key = NULL;
      rc = sp_public_key_from_pem (bytes, &key, &fault);
      *ret = rc == 0;
    }
  else if (use == USE_CERTIFICATES)
    {
      cleanup_certificates struct sp_certificates list = { 0 };
      rc = sp_certificates_scan (bytes, &list, &fault);
      *ret = rc == 0 && list.len;
    }
  else
    {
      cleanup_key_facts struct sp_key_facts_list facts = { 0 };
      rc = sp_openpgp_key_facts (bytes, &facts, &fault);
      *ret = rc == 0 && facts.len && !facts.has_secret && facts.kind != SP_KEY_FILE_KEYBOX;
    }
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

static int
look_at (const struct sp_key_sources *sources, enum use use, bool is_rekor, struct culprit *ret,
         sigpolicy_error **err)
{
  for (size_t i = 0; i < sources->len && !ret->source; i++)
    {
      const struct sp_key_sources one = { .items = &sources->items[i], .len = 1 };
      cleanup_key_files struct sp_key_files files = { 0 };
      cleanup_error sigpolicy_error *fault = NULL;
      struct culprit culprit = { .source = &sources->items[i], .use = use, .is_rekor = is_rekor };
      bool good = false;

      int rc = sp_key_files_read (&one, &files, &fault);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      culprit.is_missing = rc < 0;
      if (rc == 0)
        rc = is_good (use, files.views[0], &good, err);
      if (rc == 0 && !good)
        rc = kind_of (files.views[0], true, &culprit.kind, err);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return rc;
      if (!good)
        *ret = culprit;
    }
  return 0;
}

/* The first, in the order in which they are read. */
static int
find_culprit (const struct sp_requirement *requirement, struct culprit *ret, sigpolicy_error **err)
{
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;
  enum use keys = requirement->type == SP_REQUIREMENT_SIGNED_BY ? USE_GPG : USE_PUBLIC;

  int rc = look_at (&requirement->keys, keys, false, ret, err);
  if (rc == 0 && fulcio)
    rc = look_at (&fulcio->ca, USE_CERTIFICATES, false, ret, err);
  if (rc == 0 && pki)
    rc = look_at (&pki->roots, USE_CERTIFICATES, false, ret, err);
  if (rc == 0)
    rc = look_at (&requirement->rekor_keys, USE_PUBLIC, true, ret, err);
  return rc == 0 && pki ? look_at (&pki->intermediates, USE_CERTIFICATES, false, ret, err) : rc;
}

/* --- what to do ------------------------------------------------------------------------------- */

/* "PROGRAM FILE ... && mv FILE.new FILE": the file becomes what it should be. */
static int
offer_rewrite (struct sp_diagnosis *it, const char *path, const char *before, const char *between,
               sigpolicy_error **err)
{
  cleanup_shell struct sp_shell shell = SP_SHELL;
  cleanup_free char *made = sp_asprintf (err, "%s.new", path);

  if (!made)
    return SIGPOLICY_E_NO_MEMORY;
  sp_shell_raw (&shell, before);
  sp_shell_word (&shell, path);
  sp_shell_raw (&shell, between);
  sp_shell_word (&shell, made);
  sp_shell_raw (&shell, "&& mv");
  sp_shell_word (&shell, made);
  sp_shell_word (&shell, path);
  return sp_diagnosis_offer (it, &shell, err);
}

/* "PROGRAM FILE ... FILE.pub && sigpolicy trust set ...": another file beside it, for what must
 * stay as it is; the policy names that one. */
static int
offer_public_part (struct sp_diagnosis *it, const char *path, const char *before,
                   const char *between, sigpolicy_error **err)
{
  cleanup_shell struct sp_shell shell = SP_SHELL;
  cleanup_free char *made = sp_asprintf (err, "%s.pub", path);
  struct sp_remedy remedy = sp_diagnosis_remedy (it);

  if (!made)
    return SIGPOLICY_E_NO_MEMORY;
  sp_shell_raw (&shell, before);
  sp_shell_word (&shell, path);
  sp_shell_raw (&shell, between);
  sp_shell_word (&shell, made);
  sp_shell_raw (&shell, "&&");
  remedy.swap_from = path;
  remedy.swap_to = made;
  return sp_remedy_put (&remedy, &shell) ? sp_diagnosis_offer (it, &shell, err) : 0;
}

/* The other type of requirement, which takes this kind of key. */
static int
offer_type (struct sp_diagnosis *it, enum sp_requirement_type type, sigpolicy_error **err)
{
  struct sp_remedy remedy = sp_diagnosis_remedy (it);

  remedy.has_type = true;
  remedy.type = type;
  return remedy.from->fulcio || remedy.from->pki || remedy.from->rekor_keys.len
             ? 0
             : sp_diagnosis_offer_remedy (it, &remedy, err);
}

/* What a program of the host makes of a file. */
static int
offer_conversion (struct sp_diagnosis *it, const struct culprit *culprit, sigpolicy_error **err)
{
  const char *path = culprit->source->path;
  bool wants_public = culprit->use == USE_PUBLIC;

  switch (culprit->kind)
    {
    case KIND_MARKED:
      {
        cleanup_shell struct sp_shell shell = SP_SHELL;
        sp_shell_raw (&shell, "sed -i '1s/^\\xef\\xbb\\xbf//'");
        sp_shell_word (&shell, path);
        return sp_diagnosis_offer (it, &shell, err);
      }
    case KIND_BASE64:
      return offer_rewrite (it, path, "base64 -d", ">", err);
    case KIND_DER_PUBLIC:
      return wants_public
                 ? offer_rewrite (it, path, "openssl pkey -pubin -inform DER -in", "-out", err)
                 : 0;
    case KIND_DER_CERTIFICATE:
      return offer_rewrite (it, path,
                            wants_public ? "openssl x509 -noout -pubkey -inform DER -in"
                                         : "openssl x509 -inform DER -in",
                            wants_public ? ">" : "-out", err);
    case KIND_CERTIFICATE:
      return wants_public
                 ? offer_public_part (it, path, "openssl x509 -noout -pubkey -in", ">", err)
                 : 0;
    case KIND_PRIVATE:
      return wants_public ? offer_public_part (it, path, "openssl pkey -pubout -in", "-out", err)
                          : 0;
    case KIND_COSIGN_PRIVATE:
      return wants_public
                 ? offer_public_part (it, path, "cosign public-key --key", "--outfile", err)
                 : 0;
    case KIND_KEYBOX:
      return culprit->use == USE_GPG
                 ? offer_public_part (it, path,
                                      "gpg --batch --yes --no-default-keyring --export --keyring",
                                      "--output", err)
                 : 0;
    case KIND_GPG:
      return wants_public && !culprit->is_rekor ? offer_type (it, SP_REQUIREMENT_SIGNED_BY, err)
                                                : 0;
    case KIND_PUBLIC:
      return culprit->use == USE_GPG ? offer_type (it, SP_REQUIREMENT_SIGSTORE_SIGNED, err) : 0;
    case KIND_EMPTY:
    case KIND_GPG_SECRET:
    case KIND_HTML:
    case KIND_OTHER:
      break;
    }
  return 0;
}

/* What to do about it, in words. */
static const char *
advice (const struct culprit *culprit)
{
  switch (culprit->kind)
    {
    case KIND_EMPTY:
    case KIND_HTML:
    case KIND_OTHER:
      return "get the key from the signer again";
    case KIND_MARKED:
      return "remove the mark";
    case KIND_GPG:
      return culprit->use == USE_PUBLIC ? "for a GPG key, use \"type\": \"signedBy\""
                                        : "get the right file from the signer";
    case KIND_GPG_SECRET:
      return "a policy needs only public keys: export the public key (gpg --export), and keep the "
             "secret key elsewhere";
    case KIND_KEYBOX:
      return "export its keys into a file";
    case KIND_PUBLIC:
      return culprit->use == USE_GPG ? "for a sigstore key, use \"type\": \"sigstoreSigned\""
                                     : "get the right file: this one has no certificate";
    case KIND_PRIVATE:
    case KIND_COSIGN_PRIVATE:
      return "a policy needs only public keys: name a file with the public key, and keep the "
             "private key elsewhere";
    case KIND_CERTIFICATE:
      return "name a file with the public key in it, or require certificates with \"pki\"";
    case KIND_DER_PUBLIC:
    case KIND_DER_CERTIFICATE:
      return "convert it to PEM";
    case KIND_BASE64:
      return "decode it once";
    }
  return "";
}

static int
diagnose_kind (struct sp_diagnosis *it, const struct culprit *culprit, sigpolicy_error **err)
{
  const char *path = culprit->source->path;
  unsigned line = it->requirement->requirement->line;

  if (!path)
    return sp_diagnosis_say (it, err,
                             "the key data in line %u of the policy %s; the policy needs %s there, "
                             "encoded once in base64: %s",
                             line, kind_words[culprit->kind], use_words[culprit->use],
                             advice (culprit));
  int rc = sp_diagnosis_say (it, err, "%s %s; the policy (line %u) needs %s there: %s", path,
                             kind_words[culprit->kind], line, use_words[culprit->use],
                             advice (culprit));
  return rc < 0 ? rc : offer_conversion (it, culprit, err);
}

/* --- a file that is not there ----------------------------------------------------------------- */

/* Another spelling of the path, under which there is a file: the home that "~" stands for in a
 * shell, a URL of a file, and what stands beside the policy. *ret stays NULL for none. */
static int
find_file (const struct sp_diagnosis *it, const char *path, char **ret, sigpolicy_error **err)
{
  static const char url[] = "file://";
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_free char *candidate = NULL;
  const char *home = NULL, *policy = sp_policy_path (it->verdict->policy);
  const char *slash = policy ? strrchr (policy, '/') : NULL;
  bool exists = false;

  if (path[0] == '~' && path[1] == '/')
    {
      if (sp_context_home (it->context, &home, &fault) == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      candidate = home ? sp_asprintf (err, "%s%s", home, path + 1) : NULL;
    }
  else if (strncmp (path, url, sizeof url - 1) == 0)
    candidate = sp_strdup (path + sizeof url - 1, err);
  else if (path[0] != '/' && slash)
    candidate = sp_asprintf (err, "%.*s/%s", (int)(slash - policy), policy, path);
  if (!candidate)
    return *err ? SIGPOLICY_E_NO_MEMORY : 0;
  if (sp_fs_exists (candidate, &exists, &fault) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (exists)
    *ret = steal (&candidate);
  return 0;
}

static int
diagnose_missing (struct sp_diagnosis *it, const struct culprit *culprit, sigpolicy_error **err)
{
  const char *path = culprit->source->path;
  unsigned line = it->requirement->requirement->line;
  cleanup_free char *there = NULL;
  struct sp_remedy remedy = sp_diagnosis_remedy (it);

  int rc = find_file (it, path, &there, err);
  if (rc < 0)
    return rc;
  if (there)
    {
      rc = sp_diagnosis_say (it, err,
                             "the path %s in the policy (line %u) is not expanded: write %s", path,
                             line, there);
      remedy.swap_from = path;
      remedy.swap_to = there;
      return rc < 0 ? rc : sp_diagnosis_offer_remedy (it, &remedy, err);
    }
  if (strstr (path, "://"))
    return sp_diagnosis_say (it, err,
                             "%s in the policy (line %u) is a URL, but a policy needs a file: "
                             "download the key, compare its fingerprint, and name the file",
                             path, line);
  return sp_diagnosis_say (it, err,
                           "the policy (line %u) needs %s in %s, and that file cannot be read%s: "
                           "put the signer's key there, or name the file that has it",
                           line, use_words[culprit->use], path,
                           path[0] == '/' ? "" : " from the current directory");
}

int
sp_diagnose_keys (struct sp_diagnosis *it, sigpolicy_error **err)
{
  struct culprit culprit = { 0 };

  int rc = find_culprit (it->requirement->requirement, &culprit, err);
  if (rc < 0 || !culprit.source)
    return rc;
  return culprit.is_missing && culprit.source->path ? diagnose_missing (it, &culprit, err)
                                                    : diagnose_kind (it, &culprit, err);
}
