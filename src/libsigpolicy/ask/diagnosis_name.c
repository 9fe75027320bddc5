/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/diagnosis.h"

#include "reference/digest.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* What was signed is good, and is of another name or of other bytes. */

/* --- names ------------------------------------------------------------------------------------ */

/* An identity as the policy would have it, and whether the signed name fits it. */
static int
would_fit (enum sp_identity_type type, const struct sp_reference *image,
           const struct sp_trace_signature *signature, bool *ret, sigpolicy_error **err)
{
  const struct sp_identity identity = { .type = type };
  return sp_identity_matches (
      &identity, image, sp_view_n (signature->reference, signature->reference_len), ret, NULL, err);
}

/* The image is on this host and has no name of a registry: say which one it came by. */
static int
name_it (struct sp_diagnosis *it, const struct sp_reference *signed_ref, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *full = NULL;
  cleanup_shell struct sp_shell shell = SP_SHELL;
  const struct sp_identity *identity = &it->requirement->requirement->identity;
  struct sp_view text = sp_view_n (it->signature->reference, it->signature->reference_len);
  bool fits = false;

  int rc = sp_reference_with_default_tag (signed_ref, &full, err);
  if (rc == 0)
    rc = sp_identity_matches (identity, full, text, &fits, NULL, err);
  if (rc == 0)
    rc = sp_diagnosis_say (
        it, err,
        "this image has no docker:// name, and its signature is for %s: if it is that image, give "
        "the name with --as docker://%s%s",
        signed_ref->string, full->string,
        fits ? "" : ", and let the policy accept a name without a tag (matchRepository)");
  if (rc < 0 || !fits || !it->request->image)
    return rc;
  cleanup_free char *as = sp_asprintf (err, "docker://%s", full->string);
  if (!as)
    return SIGPOLICY_E_NO_MEMORY;
  sp_remedy_put_verify (it->context, &shell);
  sp_shell_word (&shell, "--as");
  sp_shell_word (&shell, as);
  sp_shell_word (&shell, it->request->image);
  return sp_diagnosis_offer (it, &shell, err);
}

/* Another identity for this repository alone: whatever else the scope has stays as it is. */
static int
offer_identity (struct sp_diagnosis *it, const char *identity, sigpolicy_error **err)
{
  struct sp_remedy remedy = sp_diagnosis_remedy (it);

  remedy.for_repository = true;
  remedy.identity = identity;
  return sp_diagnosis_offer_remedy (it, &remedy, err);
}

/* Signed under this repository, and the policy wants more of the name. */
static int
of_same_repository (struct sp_diagnosis *it, const struct sp_reference *image,
                    const struct sp_reference *signed_ref, sigpolicy_error **err)
{
  bool by_digest = false;
  int rc = 0;

  if (!signed_ref->tag && !signed_ref->digest)
    rc = sp_diagnosis_say (it, err,
                           "it was signed as %s, without a tag, as cosign does by default: use "
                           "\"signedIdentity\": {\"type\": \"matchRepository\"}; every image that "
                           "was signed for the repository is then accepted under every tag",
                           signed_ref->string);
  else
    {
      rc = would_fit (SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT, image, it->signature, &by_digest,
                      err);
      if (rc == 0 && by_digest)
        {
          rc = sp_diagnosis_say (it, err,
                                 "it was signed as %s, and the policy requires exactly the name "
                                 "that was given: for an image that is named by its digest, use "
                                 "\"signedIdentity\": {\"type\": \"matchRepoDigestOrExact\"}",
                                 signed_ref->string);
          return rc < 0 ? rc : offer_identity (it, "matchRepoDigestOrExact", err);
        }
      if (rc == 0)
        rc = sp_diagnosis_say (
            it, err,
            "it was signed as %s, and verified as %s: the tag was moved, or was added after the "
            "image was signed; use the name that was signed, or, to accept every tag of the "
            "repository, use \"signedIdentity\": {\"type\": \"matchRepository\"}",
            signed_ref->string, image->string);
    }
  return rc < 0 ? rc : offer_identity (it, "matchRepository", err);
}

static int
of_another_repository (struct sp_diagnosis *it, const struct sp_reference *image,
                       const struct sp_reference *signed_ref, sigpolicy_error **err)
{
  cleanup_free char *identity = sp_asprintf (err, "exactRepository=%s", signed_ref->name);

  if (!identity)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_diagnosis_say (
      it, err,
      "it was signed as %s, and %s is another repository: if it is a copy of the signed one, use "
      "\"signedIdentity\": {\"type\": \"exactRepository\", \"dockerRepository\": \"%s\"} for this "
      "repository (or remapIdentity for a whole mirror); otherwise have it signed under this name",
      signed_ref->string, image->name, signed_ref->name);
  return rc < 0 ? rc : offer_identity (it, identity, err);
}

/* A bundle of cosign 3 states a digest alone. */
static int
is_nameless (struct sp_diagnosis *it, sigpolicy_error **err)
{
  int rc = sp_diagnosis_say (it, err,
                             "the bundle states no image name: use \"signedIdentity\": {\"type\": "
                             "\"matchRepository\"}, or have the image signed with its name: cosign "
                             "sign -a docker-reference=NAME:TAG NAME@DIGEST");
  return rc < 0 || !it->name || !it->name->reference ? rc
                                                     : offer_identity (it, "matchRepository", err);
}

int
sp_diagnose_identity (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_trace_signature *signature = it->signature;
  const struct sp_reference *image = it->name ? it->name->reference : NULL;
  cleanup_reference struct sp_reference *signed_ref = NULL;
  cleanup_error sigpolicy_error *no_name = NULL;

  if (signature->nameless)
    return is_nameless (it, err);
  struct sp_view text = sp_view_n (signature->reference, signature->reference_len);
  if (sp_reference_parse (text, &signed_ref, &no_name) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (!signed_ref)
    {
      cleanup_free char *shown = sp_quote_dup (text, err);
      return shown ? sp_diagnosis_say (
                 it, err,
                 "it was signed as %s, which is not an image name, and " SP_NO_HELP_HERE
                 ": have the image signed again, under its name",
                 shown)
                   : SIGPOLICY_E_NO_MEMORY;
    }
  if (!image)
    return name_it (it, signed_ref, err);
  return strcmp (image->name, signed_ref->name) == 0
             ? of_same_repository (it, image, signed_ref, err)
             : of_another_repository (it, image, signed_ref, err);
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* What programs and editors do to a file that they write again. */
static const struct change
{
  const char *words;
  const char *command; /* before the name of the file */
} changes[] = {
  { "has an extra newline at its end, which the signed manifest does not have", "truncate -s -1" },
  { "has lines that end in CR LF, and the signed manifest has LF", "sed -i 's/\\r$//'" },
  { "begins with a byte order mark, and the signed manifest does not",
    "sed -i '1s/^\\xef\\xbb\\xbf//'" },
};

static bool
undo (size_t change, struct sp_view bytes, struct sp_buf *out)
{
  static const struct sp_view mark = SP_VIEW ("\xef\xbb\xbf");

  switch (change)
    {
    case 0:
      if (!bytes.len || bytes.data[bytes.len - 1] != '\n')
        return false;
      sp_buf_add (out, sp_view_head (bytes, bytes.len - 1));
      return true;
    case 1:
      for (size_t i = 0; i < bytes.len; i++)
        if (bytes.data[i] != '\r' || i + 1 == bytes.len || bytes.data[i + 1] != '\n')
          sp_buf_byte (out, bytes.data[i]);
      return out->len < bytes.len;
    default:
      if (!sp_view_starts (bytes, mark))
        return false;
      sp_buf_add (out, sp_view_from (bytes, mark.len));
      return true;
    }
}

/* The file that the judged bytes are from, or NULL. To free(). */
static char *
file_of (const struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_request *request = it->request;
  struct sp_view image = sp_view_str (request->image), dir = SP_VIEW ("dir:");

  if (request->has_manifest && !request->manifest.is_given
      && strcmp (request->manifest.label, "-") != 0)
    return sp_strdup (request->manifest.label, err);
  return sp_view_starts (image, dir) && !sp_evidence_instance (it->evidence)
             ? sp_asprintf (err, "%s/manifest.json", request->image + dir.len)
             : NULL;
}

/* The digest that the bytes were to have: of the signature, or of the name. */
static const char *
wanted_digest (const struct sp_diagnosis *it)
{
  if (it->signature && it->signature->digest)
    return it->signature->digest;
  return it->request->digest               ? it->request->digest
         : it->name && it->name->reference ? it->name->reference->digest
                                           : NULL;
}

/* *ret_said tells that one of the changes explains it. */
static int
diagnose_change (struct sp_diagnosis *it, const char *wanted, bool *ret_said, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  cleanup_free char *file = file_of (it, err);
  struct sp_view bytes;

  if (!file)
    return sigpolicy_error_code (*err) == SIGPOLICY_E_NO_MEMORY && *err ? SIGPOLICY_E_NO_MEMORY : 0;
  cleanup_buf struct sp_buf whole = SP_BUF (SP_MANIFEST_BYTES_MAX);
  if (sp_fs_read (file, &whole, &fault) < 0)
    return sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  bytes = sp_buf_view (&whole);
  for (size_t i = 0; i < sizeof changes / sizeof *changes && !*ret_said; i++)
    {
      cleanup_buf struct sp_buf before = SP_BUF (SP_MANIFEST_BYTES_MAX);
      cleanup_shell struct sp_shell shell = SP_SHELL;
      bool matches = false;
      if (!undo (i, bytes, &before))
        continue;
      if (sp_buf_check (&before, &fault) < 0
          || sp_manifest_matches (sp_buf_view (&before), sp_view_str (wanted), &matches, &fault)
                 < 0)
        return sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
      if (!matches)
        continue;
      *ret_said = true;
      sp_shell_raw (&shell, changes[i].command);
      sp_shell_word (&shell, file);
      int rc = sp_diagnosis_say (it, err, "%s %s: undo that", file, changes[i].words);
      return rc < 0 ? rc : sp_diagnosis_offer (it, &shell, err);
    }
  return 0;
}

/* The tag has another image now than the one that is signed. */
static int
diagnose_moved_tag (struct sp_diagnosis *it, sigpolicy_error **err)
{
  cleanup_shell struct sp_shell shell = SP_SHELL;
  cleanup_reference struct sp_reference *exact = NULL;
  const struct sp_reference *image = it->name->reference;
  const struct sp_trace_signature *signature = it->signature;
  bool fits = false;

  int rc = sp_reference_with_digest (image, signature->digest, &exact, err);
  if (rc == 0 && signature->reference)
    rc = sp_identity_matches (&it->requirement->requirement->identity, exact,
                              sp_view_n (signature->reference, signature->reference_len), &fits,
                              NULL, err);
  cleanup_free char *signed_image
      = rc == 0 ? sp_asprintf (err, "docker://%s@%s", image->name, signature->digest) : NULL;
  if (!signed_image)
    return SIGPOLICY_E_NO_MEMORY;
  rc = sp_diagnosis_say (it, err,
                         "the signature is valid, but for the image %s; the registry serves %s as "
                         "%s: to use the signed image, "
                         "name it by its digest; otherwise have this image signed",
                         it->signature->digest, it->verdict->digest, image->string);
  sp_remedy_put_verify (it->context, &shell);
  sp_shell_word (&shell, signed_image);
  return rc < 0 || !fits ? rc : sp_diagnosis_offer (it, &shell, err);
}

int
sp_diagnose_digest (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const char *wanted = wanted_digest (it);
  bool said = false;

  int rc = wanted && it->evidence ? diagnose_change (it, wanted, &said, err) : 0;
  if (rc < 0 || said)
    return rc;
  if (it->signature && it->verdict->digest && it->name && it->name->reference
      && !it->name->reference->digest && sp_evidence_repository (it->evidence))
    return diagnose_moved_tag (it, err);
  if (it->signature)
    return sp_diagnosis_say (it, err,
                             "the signature is valid, but for the image %s, and this manifest is "
                             "another one: " SP_NO_HELP_HERE
                             "; fetch the image and its signatures together from the publisher",
                             it->signature->digest);
  return sp_diagnosis_say (
      it, err,
      "the manifest does not have the required digest, and " SP_NO_HELP_HERE
      ": fetch the image again; if the digest is still another one, the image was changed");
}
