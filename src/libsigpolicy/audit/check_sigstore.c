/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

/* Fulcio and private PKIs: who may sign, and whether the authorities are still good. */

#define DAY 86400

struct one
{
  const struct sp_item *item;
  const struct sp_json_tree_node *node;
};

/* --- Fulcio -------------------------------------------------------------------------------------
 */

static bool
has_upper_host (const char *url)
{
  const char *host = strstr (url, "://");
  for (host = host ? host + 3 : url; *host && *host != '/'; host++)
    if (*host >= 'A' && *host <= 'Z')
      return true;
  return false;
}

static void
check_fulcio (struct sp_audit *audit, const struct one *one, const struct sp_fulcio *fulcio)
{
  static const char *const providers[]
      = { "https://accounts.google.com", "https://github.com/login/oauth",
          "https://login.microsoftonline.com", "https://gitlab.com",
          "https://oauth2.sigstore.dev/auth" };
  const struct sp_json_tree_node *node = sp_json_tree_member (one->node, sp_view_str ("fulcio"));
  const struct sp_json_tree_node *email = sp_json_tree_member (node, sp_view_str ("subjectEmail"));
  const struct sp_json_tree_node *issuer = sp_json_tree_member (node, sp_view_str ("oidcIssuer"));
  size_t len = strlen (fulcio->oidc_issuer);

  if (strstr (fulcio->subject_email, "://"))
    {
      const struct sp_where where
          = { .item = one->item,
              .node = email,
              .effect = one->item->example ? SP_EFFECT_REJECTS : SP_EFFECT_NONE };
      sp_audit_find (audit, SP_RULE_FULCIO_EMAIL_IS_URI, &where,
                     "\"%s\" is not an e-mail address, so %s is rejected",
                     SP_SHOW (audit, fulcio->subject_email), sp_audit_example (audit, one->item));
    }
  const struct sp_where where = { .item = one->item, .node = issuer };
  if ((len && fulcio->oidc_issuer[len - 1] == '/') || has_upper_host (fulcio->oidc_issuer))
    sp_audit_find (
        audit, SP_RULE_FULCIO_ISSUER_SLASH, &where, "a certificate must have exactly \"%s\", %s",
        SP_SHOW (audit, fulcio->oidc_issuer),
        fulcio->oidc_issuer[len - 1] == '/' ? "with the slash at its end" : "with its capitals");
  for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
    if (strncmp (fulcio->oidc_issuer, providers[i], strlen (providers[i])) == 0)
      {
        sp_audit_find (audit, SP_RULE_FULCIO_WHOLE_PROVIDER, &where,
                       "anyone who takes over the account %s at %s can sign for %s",
                       SP_SHOW (audit, fulcio->subject_email), providers[i],
                       sp_audit_example (audit, one->item));
        break;
      }
}

/* --- certificates
 * --------------------------------------------------------------------------------- */

static const char *
name_of (struct sp_audit *audit, const struct sp_audit_key *key)
{
  return key->source->path ? SP_SHOW (audit, key->source->path) : "the data";
}

static bool
is_system_bundle (const struct sp_audit_key *key)
{
  static const char *const bundles[] = { "/etc/ssl/",
                                         "/etc/pki/tls/",
                                         "/etc/pki/ca-trust/",
                                         "/usr/share/ca-certificates/",
                                         "/etc/ca-certificates/",
                                         "/var/lib/ca-certificates/" };
  for (size_t i = 0; key->source->path && i < sizeof bundles / sizeof *bundles; i++)
    if (strncmp (key->source->path, bundles[i], strlen (bundles[i])) == 0)
      return true;
  return false;
}

#define MANY_ROOTS 20U /* no authority of one's own has so many */

/* Those that are good today, and the last day of the one that lasts longest. */
static void
count (const struct sp_audit *audit, const struct sp_certificates *list, size_t *ret_good,
       sp_time *ret_last, size_t *ret_for_others)
{
  *ret_good = *ret_for_others = 0;
  *ret_last = 0;
  for (size_t i = 0; i < list->len; i++)
    {
      const struct sp_certificate *one = list->items[i];
      *ret_good += one->not_after >= audit->now;
      *ret_last = one->not_after > *ret_last ? one->not_after : *ret_last;
      *ret_for_others += one->has_extended_key_usage && !one->is_for_code_signing;
    }
}

static int
check_authority (struct sp_audit *audit, const struct sp_audit_key *key, sigpolicy_error **err)
{
  cleanup_certificates struct sp_certificates list = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;
  bool fulcio = key->use == SP_KEY_USE_FULCIO;
  struct sp_where where = { .item = key->item, .node = key->node };
  size_t good = 0, for_others = 0;
  sp_time last = 0;
  char room[SP_TIME_TEXT_SIZE];

  int rc = sp_certificates_scan (key->bytes, &list, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  count (audit, &list, &good, &last, &for_others);
  where.effect = key->item->example ? SP_EFFECT_REJECTS : SP_EFFECT_NONE;
  if (rc < 0 || !list.len)
    {
      where.fix = "put the certificates there, in PEM format";
      sp_audit_find (audit, SP_RULE_KEY_EMPTY, &where, "%s has no certificate: %s is rejected",
                     name_of (audit, key), sp_audit_example (audit, key->item));
      return 0;
    }
  where.effect = SP_EFFECT_NONE;
  if (!good)
    sp_audit_find (audit, fulcio ? SP_RULE_FULCIO_CA_STALE : SP_RULE_PKI_CA_EXPIRED, &where,
                   "%s: %s expired on %s", name_of (audit, key),
                   list.len == 1 ? "the certificate" : "the last of the certificates",
                   sp_audit_day (last, room));
  else if (last - audit->now < 30 * DAY)
    sp_audit_find (audit, SP_RULE_KEY_EXPIRING, &where, "%s: %s expires in %lld days, on %s",
                   name_of (audit, key),
                   list.len == 1 ? "the certificate" : "the last of the certificates",
                   (long long)((last - audit->now) / DAY), sp_audit_day (last, room));
  if (for_others == list.len)
    sp_audit_find (audit, SP_RULE_PKI_NO_CODESIGNING, &where,
                   "%s: no certificate in it may be used for code signing", name_of (audit, key));
  if (key->use == SP_KEY_USE_ROOTS && (is_system_bundle (key) || list.len > MANY_ROOTS))
    sp_audit_find (audit, SP_RULE_PKI_SYSTEM_ROOTS, &where,
                   "%s has %zu certificate authorit%s of the public web, and each can issue a "
                   "certificate for the signer",
                   name_of (audit, key), list.len, list.len == 1 ? "y" : "ies");
  return 0;
}

int
sp_check_sigstore (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  for (size_t i = 0; i < audit->n_items; i++)
    {
      const struct sp_item *item = &audit->items[i];
      const struct sp_json_tree_node *node = item->node->first;
      for (size_t j = 0; j < item->scope->requirements.len && node; j++, node = node->next)
        {
          const struct one one = { item, node };
          if (item->scope->requirements.items[j].fulcio)
            check_fulcio (audit, &one, item->scope->requirements.items[j].fulcio);
        }
    }
  for (size_t i = 0; rc == 0 && i < audit->n_keys; i++)
    if (!audit->keys[i]->errnum && audit->keys[i]->use >= SP_KEY_USE_FULCIO)
      rc = check_authority (audit, audit->keys[i], err);
  return rc;
}
