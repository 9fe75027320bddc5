/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/name_int.h"

#include "model/words.h"
#include "util/limits.h"

/* A requirement in sentences, for one image: who must have signed, as what, and what would not do.
 */

#define KEYS_SHOWN 3

/* --- who -------------------------------------------------------------------------------------- */

static void
source (struct sp_buf *out, const struct sp_key_source *it)
{
  if (it->path)
    sp_words (out, sp_view_n (it->path, it->path_len));
  else
    sp_buf_str (out, "the policy itself");
}

static void
sources (struct sp_buf *out, const struct sp_key_sources *list)
{
  for (size_t i = 0; i < list->len; i++)
    {
      sp_buf_str (out, i == 0 ? "" : i + 1 == list->len ? " or " : ", ");
      source (out, &list->items[i]);
    }
}

static void
date (struct sp_buf *out, sp_time time)
{
  char text[SP_TIME_TEXT_SIZE];
  sp_time_format (time, text);
  text[strcspn (text, "T")] = '\0';
  sp_buf_str (out, text);
}

/* "42D9... (alice <alice@example.com>, expires 2027-01-02)" */
static void
key (struct sp_buf *out, const struct sp_signer *it, sp_time now)
{
  const char *separator = it->owner ? ", " : " (";

  sp_buf_str (out, it->fingerprint);
  if (it->owner)
    {
      sp_buf_str (out, " (");
      sp_words_str (out, it->owner);
    }
  if (it->revoked)
    sp_buf_printf (out, "%srevoked", separator);
  else if (it->expires)
    {
      sp_buf_printf (out, "%s%s ", separator, it->expires <= now ? "expired" : "expires");
      date (out, it->expires);
    }
  if (it->owner || it->revoked || it->expires)
    sp_buf_byte (out, ')');
}

/* "by the GPG key 0A1B... in F", "by one of 2 GPG keys in F: 0A1B... or 2C3D..."; where none of
 * them can be read, "by a GPG key in F". */
static void
keys (struct sp_buf *out, const char *kind, const struct sp_key_sources *list,
      const struct sp_signer_list *found, sp_time now)
{
  size_t shown = found->len > KEYS_SHOWN + 1 ? KEYS_SHOWN : found->len;

  if (found->len == 1)
    {
      sp_buf_printf (out, "by the %s key ", kind);
      key (out, &found->items[0], now);
    }
  else if (found->len)
    sp_buf_printf (out, "by one of %zu %s keys", found->len, kind);
  else
    sp_buf_printf (out, "by a %s key", kind);
  sp_buf_str (out, " in ");
  sources (out, list);
  for (size_t i = 0; found->len > 1 && i < shown; i++)
    {
      bool last = i + 1 == shown && shown == found->len;
      sp_buf_str (out, i == 0 ? ": " : last ? " or " : ", ");
      key (out, &found->items[i], now);
    }
  if (shown < found->len)
    sp_buf_printf (out, " or %zu more", found->len - shown);
}

static void
certificate (struct sp_buf *out, const struct sp_requirement *requirement)
{
  if (requirement->fulcio)
    {
      sp_buf_str (out, "by ");
      sp_words_str (out, requirement->fulcio->subject_email);
      sp_buf_str (out, " (of ");
      sp_words_str (out, requirement->fulcio->oidc_issuer);
      sp_buf_str (out, "), with a certificate of the Fulcio CA in ");
      sources (out, &requirement->fulcio->ca);
      return;
    }
  sp_words_pki (out, requirement->pki);
  sources (out, &requirement->pki->roots);
}

/* --- as what ---------------------------------------------------------------------------------- */

static bool
is_repository (enum sp_identity_type type)
{
  return type == SP_IDENTITY_MATCH_REPOSITORY || type == SP_IDENTITY_EXACT_REPOSITORY;
}

/* Any tag or digest will do, but there must be one. */
static bool
any_version (enum sp_identity_type type, const struct sp_reference *needed)
{
  return !needed->tag
         && (type == SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT || type == SP_IDENTITY_REMAP);
}

static void
identity (struct sp_buf *out, const struct sp_identity *rule, const struct sp_reference *image,
          const struct sp_reference *needed)
{
  if (!needed)
    sp_buf_str (out, image ? ", as a name that cannot be made from this one"
                           : ", as a docker:// name, which this image does not have");
  else if (is_repository (rule->type))
    sp_buf_printf (out, ", as %s with any tag or none", needed->name);
  else if (sp_reference_is_name_only (needed))
    sp_buf_printf (out, ", as %s with a tag, which this name does not have", needed->name);
  else if (any_version (rule->type, needed))
    sp_buf_printf (out, ", as %s with any tag or digest", needed->name);
  else
    sp_buf_printf (out, ", as exactly %s", needed->string);
  if (needed && image && rule->type == SP_IDENTITY_REMAP && strcmp (needed->name, image->name) != 0)
    sp_buf_printf (out, ", which this name is mapped to");
  sp_buf_printf (out, " (%s)", sp_identity_type_name (rule->type));
}

/* What people take for a match. */
static void
not_identity (struct sp_buf *out, const struct sp_identity *rule, const struct sp_reference *needed,
              bool sigstore)
{
  if (!needed || (!is_repository (rule->type) && sp_reference_is_name_only (needed)))
    sp_buf_str (out, "any signature at all");
  else if (is_repository (rule->type))
    sp_buf_str (out, "a signature for another repository");
  else if (any_version (rule->type, needed))
    sp_buf_str (out, "a signature for another repository, or one without a tag or digest");
  else
    sp_buf_printf (out, "a signature for another %s, or one without a tag%s",
                   needed->tag ? "tag" : "digest or a tag",
                   sigstore ? ", as cosign makes them by default" : "");
}

/* --- all of it -------------------------------------------------------------------------------- */

static void
signed_by (struct sp_buf *must, struct sp_buf *not_by, const struct sp_explained_requirement *it,
           const struct sp_explanation *explanation)
{
  const struct sp_requirement *requirement = it->requirement;

  sp_buf_str (must, "must be signed ");
  keys (must, "GPG", &requirement->keys, &it->keys.list, explanation->now);
  identity (must, &requirement->identity, explanation->image->reference, it->needed);
  not_identity (not_by, &requirement->identity, it->needed, false);
  sp_buf_str (not_by, "; a sigstore signature");
}

static void
sigstore_signed (struct sp_buf *must, struct sp_buf *not_by,
                 const struct sp_explained_requirement *it,
                 const struct sp_explanation *explanation)
{
  const struct sp_requirement *requirement = it->requirement;
  enum sp_bundle_mode bundles = explanation->locations.bundles;
  bool certified = requirement->fulcio || requirement->pki;

  sp_buf_str (must, "must have a sigstore signature ");
  if (certified)
    certificate (must, requirement);
  else
    keys (must, "public", &requirement->keys, &it->keys.list, explanation->now);
  if (requirement->rekor_keys.len)
    {
      sp_buf_str (must, ", recorded in the Rekor log with the key ");
      sources (must, &requirement->rekor_keys);
    }
  identity (must, &requirement->identity, explanation->image->reference, it->needed);
  not_identity (not_by, &requirement->identity, it->needed, true);
  if (requirement->fulcio)
    sp_buf_str (not_by, "; a certificate for another e-mail address or of another OIDC issuer");
  if (requirement->rekor_keys.len)
    sp_buf_str (not_by, "; a signature without an entry in that log");
  sp_buf_str (not_by, "; a GPG signature; ");
  sp_buf_str (not_by, bundles == SP_BUNDLES_OFF      ? "a bundle, as cosign 3 makes it by default"
                      : bundles == SP_BUNDLES_DIGEST ? "an attestation"
                                                     : "a bundle without the signed annotation "
                                                       "docker-reference; an attestation");
  if (bundles != SP_BUNDLES_OFF)
    sp_buf_printf (must, "; such a signature may be a Sigstore bundle (%s)",
                   sp_bundle_mode_name (bundles));
}

/* What no image can meet, or every image. */
static void
constant (struct sp_buf *must, const struct sp_requirement *requirement)
{
  if (requirement->type == SP_REQUIREMENT_ACCEPT)
    sp_buf_str (must, "no signature: every image is accepted (insecureAcceptAnything)");
  else if (requirement->type == SP_REQUIREMENT_REJECT)
    sp_buf_str (must, "every image is rejected (reject)");
  else if (requirement->type == SP_REQUIREMENT_SIGNED_BASE_LAYER)
    sp_buf_str (must, "every image is rejected: signedBaseLayer is not implemented");
  else
    sp_buf_printf (must, "every image is rejected: the keyType %s is not implemented",
                   sp_key_type_name (requirement->key_type));
}

int
sp_explain_requirement (const struct sp_explanation *explanation,
                        const struct sp_explained_requirement *it, struct sp_requirement_words *ret,
                        sigpolicy_error **err)
{
  cleanup_buf struct sp_buf must = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_buf struct sp_buf not_by = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (!it->looks_for_signatures)
    constant (&must, it->requirement);
  else if (it->requirement->type == SP_REQUIREMENT_SIGNED_BY)
    signed_by (&must, &not_by, it, explanation);
  else
    sigstore_signed (&must, &not_by, it, explanation);
  ret->must = sp_buf_steal (&must, err);
  if (ret->must && it->looks_for_signatures)
    ret->not_by = sp_buf_steal (&not_by, err);
  return *err ? sigpolicy_error_code (*err) : 0;
}

void
sp_requirement_words_clear (struct sp_requirement_words *words)
{
  free (words->must);
  free (words->not_by);
  *words = (struct sp_requirement_words){ 0 };
}
