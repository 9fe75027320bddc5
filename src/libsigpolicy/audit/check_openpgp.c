/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

/* What OpenPGP keys say of themselves, and what keys have to do with each other. */

#define SOON_DAYS 30
#define DAY       86400

static const char *
file_of (struct sp_audit *audit, const struct sp_audit_key *key)
{
  return key->source->path ? SP_SHOW (audit, key->source->path) : "the key data";
}

/* The last sixteen digits of a fingerprint and a user ID. */
static const char *
show_key (struct sp_audit *audit, const struct sp_primary_key *primary)
{
  size_t len = strlen (primary->key.fingerprint);
  const char *id
      = primary->key.fingerprint + (len > 16 && primary->key.version == 4 ? len - 16 : 0);
  const char *owner = primary->user_ids.len ? primary->user_ids.items[0] : NULL;
  return SP_SHOW (audit, sp_audit_compose (audit, "%.16s%s%s%s", id, owner ? " (" : "",
                                           owner ? owner : "", owner ? ")" : ""));
}

sp_time
sp_audit_last_day (const struct sp_primary_key *primary, bool *ret_all_revoked)
{
  sp_time last = -1;
  bool is_any_left = false;

  for (size_t i = 0; i <= primary->n_subkeys; i++)
    {
      const struct sp_key_fact *key = i ? &primary->subkeys[i - 1] : &primary->key;
      sp_time expires = key->expires;
      if (!key->can_sign)
        continue;
      last = last < 0 ? 1 : last;
      if (key->revoked)
        continue;
      is_any_left = true;
      if (primary->key.expires && (!expires || primary->key.expires < expires))
        expires = primary->key.expires;
      if (!expires || !last)
        last = 0;
      else if (expires > last)
        last = expires;
    }
  *ret_all_revoked = primary->key.revoked || (last >= 0 && !is_any_left);
  return last;
}

static void
check_life (struct sp_audit *audit, const struct sp_primary_key *primary, struct sp_where *where)
{
  char room[SP_TIME_TEXT_SIZE];
  bool is_revoked = false;
  sp_time last = sp_audit_last_day (primary, &is_revoked);

  if (primary->key.version == 4 && !primary->user_ids.len)
    sp_audit_find (audit, SP_RULE_KEY_EMPTY, where,
                   "key %s has no user ID, and gpg does not accept such a key",
                   show_key (audit, primary));
  else if (is_revoked)
    sp_audit_find (audit, SP_RULE_KEY_REVOKED, where, "key %s is revoked%s",
                   show_key (audit, primary),
                   primary->key.revoked ? "" : ", as far as it can sign");
  else if (last > 0 && last <= audit->now)
    sp_audit_find (audit, SP_RULE_KEY_EXPIRED, where, "key %s expired on %s",
                   show_key (audit, primary), sp_audit_day (last, room));
  else if (last > 0 && last - audit->now < SOON_DAYS * DAY)
    sp_audit_find (audit, SP_RULE_KEY_EXPIRING, where, "key %s expires in %lld day%s, on %s",
                   show_key (audit, primary), (long long)((last - audit->now) / DAY),
                   (last - audit->now) / DAY == 1 ? "" : "s", sp_audit_day (last, room));
  else if (last < 0)
    {
      sp_audit_find (audit, SP_RULE_KEY_EMPTY, where, "key %s cannot sign",
                     show_key (audit, primary));
    }
}

static void
check_strength (struct sp_audit *audit, const struct sp_primary_key *primary,
                const struct sp_where *where)
{
  const char *why = NULL;

  for (size_t i = 0; i <= primary->n_subkeys; i++)
    {
      const struct sp_key_fact *key = i ? &primary->subkeys[i - 1] : &primary->key;
      if (i && !key->can_sign)
        continue;
      if (key->algorithm <= SP_PGP_RSA + 2 && key->bits && key->bits < 2048)
        why = "an RSA key of less than 2048 bits";
      else if (key->algorithm == SP_PGP_DSA)
        why = "a DSA key";
      else if (key->hash == SP_PGP_SHA1 || key->hash == SP_PGP_MD5)
        why = "bound to its owner with SHA-1 or MD5";
    }
  if (why)
    sp_audit_find (audit, SP_RULE_KEY_WEAK, where, "key %s is %s", show_key (audit, primary), why);
  bool is_odd = primary->key.version != 4 || primary->key.algorithm > 24
                || (primary->key.curve
                    && (strcmp (primary->key.curve, "secp256k1") == 0
                        || strncmp (primary->key.curve, "brainpool", 9) == 0
                        || strcmp (primary->key.curve, "ed448") == 0));
  if (is_odd)
    sp_audit_find (audit, SP_RULE_KEY_ENGINE_DIVERGENCE, where,
                   "key %s is of version %u with %s, which not all OpenPGP implementations support",
                   show_key (audit, primary), primary->key.version,
                   primary->key.curve ? primary->key.curve : "an unknown algorithm");
}

/* "example.com" of "Somebody <somebody@example.com>"; empty where there is none. */
static struct sp_view
domain_of (const struct sp_primary_key *primary)
{
  struct sp_view id = sp_view_str (primary->user_ids.len ? primary->user_ids.items[0] : "");
  size_t at = sp_view_find_last (id, '@');
  struct sp_view domain = at == SP_VIEW_NONE ? sp_view_str ("") : sp_view_from (id, at + 1);
  return sp_view_head (domain, sp_view_find (domain, '>'));
}

static void
check_owners (struct sp_audit *audit, const struct sp_audit_key *key)
{
  const struct sp_key_facts_list *facts = &key->facts;
  const struct sp_where where = { .item = key->item, .node = key->node };

  for (size_t i = 1; i < facts->len; i++)
    if (!sp_view_equal (domain_of (&facts->items[i]), domain_of (&facts->items[0])))
      {
        sp_audit_find (audit, SP_RULE_KEY_MANY, &where,
                       "%s has %zu keys of several owners, such as %s and %s", file_of (audit, key),
                       facts->len, show_key (audit, &facts->items[0]),
                       show_key (audit, &facts->items[i]));
        return;
      }
}

void
sp_check_openpgp (struct sp_audit *audit, const struct sp_audit_key *key)
{
  struct sp_where where = { .item = key->item, .node = key->node };

  for (size_t i = 0; i < key->facts.len; i++)
    {
      const struct sp_primary_key *primary = &key->facts.items[i];
      if (!primary->key.fingerprint[0])
        continue;
      where.is_lower = key->facts.len > 1;
      check_life (audit, primary, &where);
      where.is_lower = false;
      check_strength (audit, primary, &where);
    }
  check_owners (audit, key);
}

/* --- keys and each other
 * ---------------------------------------------------------------------------- */

/* The registry of a docker scope, without what is in front of its last two labels and without a
 * port: "quay.io" of "cdn.quay.io:443/ns". Empty for what has none. */
static struct sp_view
owner_of (const struct sp_item *item)
{
  struct sp_view name = sp_view_n (item->scope->name, item->scope->name_len);
  if (!item->transport || item->known != SP_TRANSPORT_DOCKER)
    return sp_view_str ("");
  name = sp_view_head (name, sp_view_find (name, '/'));
  name = sp_view_head (name, sp_view_find (name, ':'));
  size_t dot = sp_view_find_last (name, '.');
  size_t before = dot == SP_VIEW_NONE ? dot : sp_view_find_last (sp_view_head (name, dot), '.');
  return before == SP_VIEW_NONE ? name : sp_view_from (name, before + 1);
}

/* redhat.io and redhat.com are. */
static bool
is_of_one_vendor (struct sp_view one, struct sp_view other)
{
  return sp_view_equal (sp_view_head (one, sp_view_find (one, '.')),
                        sp_view_head (other, sp_view_find (other, '.')));
}

/* The first other registry that the key is for. */
static const struct sp_item *
other_registry (const struct sp_audit *audit, const struct sp_audit_key *key)
{
  struct sp_view own = owner_of (key->item);

  for (const struct sp_item *item = key->item + 1; own.len && item < audit->items + audit->n_items;
       item++)
    {
      struct sp_view owner = owner_of (item);
      if (!owner.len || is_of_one_vendor (owner, own))
        continue;
      for (size_t j = 0; j < item->scope->requirements.len; j++)
        for (size_t k = 0; k < item->scope->requirements.items[j].keys.len; k++)
          {
            const struct sp_key_source *source = &item->scope->requirements.items[j].keys.items[k];
            if (source->path && key->source->path && strcmp (source->path, key->source->path) == 0)
              return item;
          }
    }
  return NULL;
}

static void
check_shared (struct sp_audit *audit, const struct sp_audit_key *key)
{
  const struct sp_item *other
      = key->n_items > 1 && key->source->path && !sp_is_packaged_key (key->source)
                && (key->use == SP_KEY_USE_GPG || key->use == SP_KEY_USE_SIGSTORE)
            ? other_registry (audit, key)
            : NULL;
  const struct sp_where where = { .item = key->item, .node = key->node };
  if (other)
    sp_audit_find (audit, SP_RULE_KEY_SHARED_SCOPES, &where,
                   "anyone who has %s can sign for \"%s\" and for \"%s\"", file_of (audit, key),
                   SP_SHOW (audit, key->item->scope->name), SP_SHOW (audit, other->scope->name));
}

/* The requirement that named it first has no other key: of one file, with one key in it. */
static void
check_successor (struct sp_audit *audit, const struct sp_audit_key *key)
{
  const struct sp_where where = { .item = key->item, .node = key->node };

  if (!key->is_alone || key->errnum || sp_is_packaged_key (key->source)
      || !(key->use == SP_KEY_USE_SIGSTORE || (key->use == SP_KEY_USE_GPG && key->facts.len == 1)))
    return;
  sp_audit_find (audit, SP_RULE_KEY_NO_SUCCESSOR, &where, "%s is the only key for %s%s",
                 file_of (audit, key),
                 key->item->example ? SP_SHOW (audit, key->item->example) : "these images",
                 key->n_items > 1 ? " and others" : "");
}

static bool
same_keys_differ (const struct sp_audit_key *a, const struct sp_audit_key *b)
{
  if (sp_view_equal (a->bytes, b->bytes))
    return false;
  for (size_t i = 0; i < a->facts.len; i++)
    for (size_t j = 0; j < b->facts.len; j++)
      {
        const struct sp_primary_key *left = &a->facts.items[i], *right = &b->facts.items[j];
        if (left->key.fingerprint[0] && strcmp (left->key.fingerprint, right->key.fingerprint) == 0
            && (left->key.expires != right->key.expires || left->key.revoked != right->key.revoked
                || left->n_subkeys != right->n_subkeys))
          return true;
      }
  return false;
}

static void
check_copies (struct sp_audit *audit)
{
  for (size_t i = 0; i < audit->n_keys; i++)
    for (size_t j = 0; j < i; j++)
      if (audit->keys[i]->facts.len && audit->keys[j]->facts.len
          && same_keys_differ (audit->keys[i], audit->keys[j]))
        {
          const struct sp_where where
              = { .item = audit->keys[i]->item, .node = audit->keys[i]->node };
          sp_audit_find (audit, SP_RULE_KEY_COPIES_DIFFER, &where,
                         "%s and %s have the same key with different expiry dates or revocations",
                         file_of (audit, audit->keys[j]), file_of (audit, audit->keys[i]));
          break;
        }
}

void
sp_check_key_sharing (struct sp_audit *audit)
{
  for (size_t i = 0; i < audit->n_keys; i++)
    {
      check_shared (audit, audit->keys[i]);
      check_successor (audit, audit->keys[i]);
    }
  check_copies (audit);
}
