/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "crypto/digest.h"
#include "util/codec.h"

/* Every key and certificate that the policy names, for those who watch or draw their lives. */

static const char *
kind_of (enum sp_key_use use)
{
  static const char *const kinds[] = {
    [SP_KEY_USE_GPG] = "OpenPGP key",
    [SP_KEY_USE_SIGSTORE] = "sigstore key",
    [SP_KEY_USE_REKOR] = "Rekor key",
    [SP_KEY_USE_FULCIO] = "Fulcio CA",
    [SP_KEY_USE_ROOTS] = "private CA, root",
    [SP_KEY_USE_INTERMEDIATES] = "private CA, intermediate",
  };
  return kinds[use];
}

static int
keep (char **slot, struct sp_view text, sigpolicy_error **err)
{
  *slot = sp_view_dup (text, err);
  return !*slot ? SIGPOLICY_E_NO_MEMORY : !sp_make_printable (slot) ? sp_error_no_memory (err) : 0;
}

/* One more; fingerprint and owner may be NULL. */
static int
add (struct sp_audit *audit, const struct sp_audit_key *key, const char *fingerprint,
     struct sp_view owner, struct sp_known_key **ret, sigpolicy_error **err)
{
  struct sp_audit_report *report = audit->report;
  const struct sp_key_source *source = key->source;

  int rc = sp_grow (&report->keys, &report->keys_capacity, report->n_known_keys,
                    sizeof *report->keys, err);
  if (rc < 0)
    return rc;
  struct sp_known_key *known = &report->keys[report->n_known_keys++];
  known->kind = kind_of (key->use);
  known->n_requirements = key->n_items;
  known->is_alone = key->is_alone;
  known->errnum = key->errnum;
  rc = keep (&known->file,
             source->path ? sp_view_n (source->path, strlen (source->path))
                          : sp_view_str ("the policy"),
             err);
  if (rc == 0 && fingerprint)
    rc = keep (&known->fingerprint, sp_view_str (fingerprint), err);
  if (rc == 0 && owner.len)
    rc = keep (&known->owner, owner, err);
  *ret = known;
  return rc;
}

static int
add_openpgp (struct sp_audit *audit, const struct sp_audit_key *key, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < key->facts.len; i++)
    {
      const struct sp_primary_key *primary = &key->facts.items[i];
      struct sp_known_key *known = NULL;
      bool revoked = false;
      sp_time last = sp_audit_last_day (primary, &revoked);
      rc = add (audit, key, primary->key.fingerprint,
                sp_view_str (primary->user_ids.len ? primary->user_ids.items[0] : ""), &known, err);
      if (rc < 0)
        break;
      known->created = primary->key.created;
      known->expires = last > 0 ? last : 0;
      known->revoked = revoked;
    }
  return rc;
}

static int
add_certificates (struct sp_audit *audit, const struct sp_audit_key *key, sigpolicy_error **err)
{
  cleanup_certificates struct sp_certificates list = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_certificates_scan (key->bytes, &list, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  rc = 0;
  for (size_t i = 0; rc == 0 && i < list.len; i++)
    {
      const struct sp_certificate *one = list.items[i];
      struct sp_known_key *known = NULL;
      char digest[72];
      rc = sp_sha256_text (sp_buf_view (&one->der), digest, err);
      if (rc == 0)
        rc = add (audit, key, digest, one->common_name.len ? one->common_name : one->organization,
                  &known, err);
      if (rc < 0)
        break;
      known->created = one->not_before;
      known->expires = one->not_after;
    }
  return rc;
}

static int
add_public_key (struct sp_audit *audit, const struct sp_audit_key *key, sigpolicy_error **err)
{
  cleanup_public_key struct sp_public_key *public_key = NULL;
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_known_key *known = NULL;

  int rc = sp_public_key_from_pem (key->bytes, &public_key, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  return rc < 0 ? 0
                : add (audit, key, sp_public_key_fingerprint (public_key), sp_view_str (""), &known,
                       err);
}

int
sp_audit_list_keys (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < audit->n_keys; i++)
    {
      const struct sp_audit_key *key = audit->keys[i];
      struct sp_known_key *known = NULL;
      rc = key->errnum                    ? add (audit, key, NULL, sp_view_str (""), &known, err)
           : key->use == SP_KEY_USE_GPG   ? add_openpgp (audit, key, err)
           : key->use < SP_KEY_USE_FULCIO ? add_public_key (audit, key, err)
                                          : add_certificates (audit, key, err);
    }
  return rc;
}
