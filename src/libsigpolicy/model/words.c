/* SPDX-License-Identifier: Apache-2.0 */
#include "model/words.h"

void
sp_words_scope (struct sp_buf *out, const struct sp_policy_match *match)
{
  if (!match->transport)
    {
      sp_buf_str (out, "default");
      return;
    }
  sp_words (out, sp_view_n (match->transport->name, match->transport->name_len));
  sp_buf_byte (out, ' ');
  sp_words_quoted (out, sp_view_n (match->scope->name, match->scope->name_len));
}

static void
key_sources (struct sp_buf *out, const struct sp_key_sources *keys)
{
  for (size_t i = 0; i < keys->len; i++)
    {
      const struct sp_key_source *source = &keys->items[i];
      sp_buf_str (out, i == 0 ? "" : i + 1 == keys->len ? " or " : ", ");
      if (source->path)
        sp_words (out, sp_view_n (source->path, source->path_len));
      else
        sp_buf_str (out, "the policy itself");
    }
}

static void
identity (struct sp_buf *out, const struct sp_identity *rule)
{
  switch (rule->type)
    {
    case SP_IDENTITY_MATCH_EXACT:
      sp_buf_str (out, "for exactly this name with its tag or digest");
      break;
    case SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT:
      sp_buf_str (out, "for exactly this tag (for a name with a digest: for this repository)");
      break;
    case SP_IDENTITY_MATCH_REPOSITORY:
      sp_buf_str (out, "for this repository, whatever its tag");
      break;
    case SP_IDENTITY_EXACT_REFERENCE:
      sp_buf_str (out, "for exactly ");
      sp_words_str (out, rule->reference->string);
      break;
    case SP_IDENTITY_EXACT_REPOSITORY:
      sp_buf_str (out, "for the repository ");
      sp_words_str (out, rule->reference->name);
      break;
    case SP_IDENTITY_REMAP:
      sp_buf_str (out, "for this tag, where names that begin with ");
      sp_words_str (out, rule->prefix);
      sp_buf_str (out, " are signed as ");
      sp_words_str (out, rule->signed_prefix);
      break;
    }
  sp_buf_printf (out, " (%s)", sp_identity_type_name (rule->type));
}

void
sp_words_pki (struct sp_buf *out, const struct sp_pki *pki)
{
  sp_buf_str (out, "with a certificate for ");
  sp_words_str (out, pki->subject_email ? pki->subject_email : pki->subject_hostname);
  if (pki->subject_email && pki->subject_hostname)
    {
      sp_buf_str (out, " and ");
      sp_words_str (out, pki->subject_hostname);
    }
  sp_buf_str (out, " of the private CA in ");
}

static void
sigstore (struct sp_buf *out, const struct sp_requirement *requirement)
{
  sp_buf_str (out, "a sigstore signature ");
  if (requirement->fulcio)
    {
      sp_buf_str (out, "with a Fulcio certificate for ");
      sp_words_str (out, requirement->fulcio->subject_email);
      sp_buf_str (out, " from ");
      sp_words_str (out, requirement->fulcio->oidc_issuer);
    }
  else if (requirement->pki)
    {
      sp_words_pki (out, requirement->pki);
      key_sources (out, &requirement->pki->roots);
    }
  else
    {
      sp_buf_str (out, "by a public key in ");
      key_sources (out, &requirement->keys);
    }
  if (requirement->rekor_keys.len)
    {
      sp_buf_str (out, ", recorded in the Rekor log with the key ");
      key_sources (out, &requirement->rekor_keys);
    }
  sp_buf_str (out, ", ");
  identity (out, &requirement->identity);
}

void
sp_words_requirement (struct sp_buf *out, const struct sp_requirement *requirement)
{
  switch (requirement->type)
    {
    case SP_REQUIREMENT_ACCEPT:
      sp_buf_str (out, "no signature: every image is accepted");
      break;
    case SP_REQUIREMENT_REJECT:
      sp_buf_str (out, "every image is rejected");
      break;
    case SP_REQUIREMENT_SIGNED_BASE_LAYER:
      sp_buf_str (out, "every image is rejected: signedBaseLayer is not implemented");
      break;
    case SP_REQUIREMENT_SIGNED_BY:
      if (requirement->key_type != SP_KEY_TYPE_GPG)
        {
          sp_buf_printf (out, "every image is rejected: the keyType %s is not implemented",
                         sp_key_type_name (requirement->key_type));
          break;
        }
      sp_buf_str (out, "a simple signature by a GPG key in ");
      key_sources (out, &requirement->keys);
      sp_buf_str (out, ", ");
      identity (out, &requirement->identity);
      break;
    case SP_REQUIREMENT_SIGSTORE_SIGNED:
      sigstore (out, requirement);
      break;
    }
}
