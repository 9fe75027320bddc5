/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/key_facts.h"

#include "openpgp/openpgp_int.h"
#include "openpgp/plain.h"
#include "util/codec.h"
#include "util/limits.h"

/* RFC 9580, 5.2.1: what a signature says about the packet before it. */
enum
{
  CERTIFICATION = 0x10, /* to 0x13 */
  SUBKEY_BINDING = 0x18,
  DIRECT = 0x1f,
  KEY_REVOCATION = 0x20,
  SUBKEY_REVOCATION = 0x28,
  CERTIFICATION_REVOCATION = 0x30,
};

enum
{
  MAY_SIGN = 2 /* among the key flags */
};

/* The newest signature of a kind, and whether there is one. */
struct newest
{
  struct sp_packet_signature signature;
  bool is_there;
};

/* What is known while one primary key is walked. */
struct walk
{
  struct sp_key_facts_list *list;
  struct sp_primary_key *primary;
  struct sp_key_fact *subkey;    /* the last one, or NULL */
  struct newest direct, user_id; /* of the primary key; of the user ID that is walked */
  struct newest flags, lifetime; /* of all user IDs: the newest that says so */
  struct newest bound;           /* of all user IDs */
  struct newest binding;         /* of the subkey */
  sp_time revoked_user_id;       /* when the user ID was; 0 */
  bool in_user_id;
  struct sp_view primary_body, subkey_body, user_id_body; /* the packets */
  bool in_attribute;
  size_t packets;
};

static void
note (struct newest *newest, const struct sp_packet_signature *signature)
{
  if (newest->is_there && newest->signature.created > signature->created)
    return;
  newest->signature = *signature;
  newest->is_there = true;
}

static bool
algorithm_signs (unsigned algorithm)
{
  return algorithm == SP_PGP_RSA || algorithm == SP_PGP_RSA + 2 || algorithm == SP_PGP_DSA
         || algorithm == SP_PGP_ECDSA || algorithm == SP_PGP_EDDSA || algorithm == 27
         || algorithm == 28;
}

/* A life beyond what a time can hold would be for ever, and 32 bits cannot. */
static sp_time
expiry (const struct sp_key_fact *key, const struct newest *newest)
{
  return newest->is_there && newest->signature.has_lifetime && newest->signature.key_lifetime
             ? key->created + newest->signature.key_lifetime
             : 0;
}

static bool
may_sign (const struct sp_key_fact *key, const struct newest *newest)
{
  if (!algorithm_signs (key->algorithm))
    return false;
  return !newest->is_there || !newest->signature.has_flags || (newest->signature.flags & MAY_SIGN);
}

/* The user ID that was walked adds its newest self-signature, unless that was revoked later. */
static void
end_user_id (struct walk *walk)
{
  const struct newest *own = &walk->user_id;

  if (walk->in_user_id && own->is_there && own->signature.created >= walk->revoked_user_id)
    {
      note (&walk->bound, &own->signature);
      if (own->signature.has_flags)
        note (&walk->flags, &own->signature);
      if (own->signature.has_lifetime)
        note (&walk->lifetime, &own->signature);
    }
  walk->in_user_id = false;
  walk->user_id.is_there = false;
  walk->revoked_user_id = 0;
}

static void
end_subkey (struct walk *walk)
{
  struct sp_key_fact *subkey = walk->subkey;

  if (subkey)
    {
      subkey->expires = expiry (subkey, &walk->binding);
      subkey->hash = walk->binding.is_there ? walk->binding.signature.hash : 0;
      subkey->can_sign = walk->binding.is_there && may_sign (subkey, &walk->binding)
                         && walk->binding.signature.has_back_signature;
    }
  walk->subkey = NULL;
  walk->binding.is_there = false;
}

/* A signature over the key itself goes before those over its user IDs, as it does for gpg. */
static void
end_primary (struct walk *walk)
{
  end_user_id (walk);
  end_subkey (walk);
  if (walk->primary)
    {
      struct sp_key_fact *key = &walk->primary->key;
      const struct newest *direct = &walk->direct;
      bool direct_lifetime = direct->is_there && direct->signature.has_lifetime;
      bool direct_flags = direct->is_there && direct->signature.has_flags;
      const struct newest *bound = walk->bound.is_there ? &walk->bound : direct;
      key->expires = expiry (key, direct_lifetime ? direct : &walk->lifetime);
      key->can_sign = may_sign (key, direct_flags ? direct : &walk->flags);
      key->hash = bound->is_there ? bound->signature.hash : 0;
    }
  walk->primary = NULL;
  walk->direct.is_there = walk->flags.is_there = false;
  walk->lifetime.is_there = walk->bound.is_there = false;
}

static int
begin_primary (struct walk *walk, struct sp_packet packet, sigpolicy_error **err)
{
  struct sp_key_facts_list *list = walk->list;

  end_primary (walk);
  if (list->len >= SP_KEYS_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT, "more than %lu keys",
                         SP_KEYS_MAX);
  if (sp_grow (&list->items, &list->capacity, list->len, sizeof *list->items, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  walk->primary = &list->items[list->len++];
  walk->primary_body = packet.body;
  int rc = sp_packet_read_key (packet, &walk->primary->key, err);
  list->has_secret = list->has_secret || walk->primary->key.secret;
  list->is_malformed = list->is_malformed || walk->primary->key.is_truncated;
  return rc;
}

static int
begin_subkey (struct walk *walk, struct sp_packet packet, sigpolicy_error **err)
{
  struct sp_primary_key *primary = walk->primary;

  end_user_id (walk);
  end_subkey (walk);
  if (sp_grow (&primary->subkeys, &primary->subkeys_capacity, primary->n_subkeys,
               sizeof *primary->subkeys, err)
      < 0)
    return SIGPOLICY_E_NO_MEMORY;
  walk->subkey = &primary->subkeys[primary->n_subkeys++];
  walk->subkey_body = packet.body;
  int rc = sp_packet_read_key (packet, walk->subkey, err);
  walk->list->has_secret = walk->list->has_secret || walk->subkey->secret;
  walk->list->is_malformed = walk->list->is_malformed || walk->subkey->is_truncated;
  return rc;
}

static int
begin_user_id (struct walk *walk, struct sp_packet packet, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (3 * SP_KEY_BYTES_MAX);

  end_user_id (walk);
  if (walk->subkey)
    return 0; /* user IDs stand before subkeys */
  walk->in_user_id = true;
  walk->in_attribute = packet.tag != SP_TAG_USER_ID;
  walk->user_id_body = packet.body;
  if (packet.tag != SP_TAG_USER_ID)
    return 0;
  sp_utf8_sanitize (packet.body, &text);
  return sp_strv_take (&walk->primary->user_ids, sp_buf_steal (&text, err), err);
}

/* Key IDs: the last eight bytes of a fingerprint of version 4, the first of the others. */
static bool
is_own (const struct sp_key_fact *key, const struct sp_packet_signature *signature)
{
  const char *id = key->version == 4 ? key->fingerprint + 24 : key->fingerprint;
  return key->fingerprint[0] && strncmp (signature->issuer, id, 16) == 0;
}

/* Is it seen not to hold? What is signed of an attribute is not made here. */
static bool
is_false (const struct walk *walk, struct sp_packet packet, unsigned type)
{
  if (walk->subkey)
    return sp_plain_is_false (packet.body, walk->primary_body, NULL, &walk->subkey_body);
  if (type == DIRECT || type == KEY_REVOCATION)
    return sp_plain_is_false (packet.body, walk->primary_body, NULL, NULL);
  return walk->in_user_id && !walk->in_attribute
         && sp_plain_is_false (packet.body, walk->primary_body, &walk->user_id_body, NULL);
}

static void
take_signature (struct walk *walk, struct sp_packet packet)
{
  struct sp_packet_signature signature = sp_packet_read_signature (packet);
  unsigned type = signature.type;

  if (!is_own (&walk->primary->key, &signature) || is_false (walk, packet, type))
    return;
  if (walk->subkey)
    {
      if (type == SUBKEY_BINDING)
        note (&walk->binding, &signature);
      else if (type == SUBKEY_REVOCATION)
        walk->subkey->revoked = true;
    }
  else if (type == KEY_REVOCATION)
    walk->primary->key.revoked = true;
  else if (type == DIRECT)
    note (&walk->direct, &signature);
  else if (walk->in_user_id && type >= CERTIFICATION && type <= CERTIFICATION + 3)
    note (&walk->user_id, &signature);
  else if (walk->in_user_id && type == CERTIFICATION_REVOCATION
           && signature.created > walk->revoked_user_id)
    walk->revoked_user_id = signature.created;
}

static int
take_packet (struct walk *walk, struct sp_packet packet, sigpolicy_error **err)
{
  if (++walk->packets > SP_KEY_PACKETS_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT, "more than %lu packets",
                         SP_KEY_PACKETS_MAX);
  if (packet.tag == SP_TAG_PUBLIC_KEY || packet.tag == SP_TAG_SECRET_KEY)
    return begin_primary (walk, packet, err);
  if (!walk->primary)
    return 0;
  switch (packet.tag)
    {
    case SP_TAG_PUBLIC_SUBKEY:
    case SP_TAG_SECRET_SUBKEY:
      return begin_subkey (walk, packet, err);
    case SP_TAG_USER_ID:
    case SP_TAG_USER_ATTRIBUTE:
      return begin_user_id (walk, packet, err);
    case SP_TAG_SIGNATURE:
      take_signature (walk, packet);
      return 0;
    default:
      return 0;
    }
}

static int
take_packets (struct walk *walk, struct sp_view bytes, sigpolicy_error **err)
{
  struct sp_packet packet;
  int rc = 0;

  while (rc == 0 && sp_packet_next (&bytes, &packet))
    {
      rc = take_packet (walk, packet, err);
      walk->list->is_malformed = walk->list->is_malformed || !packet.whole;
    }
  walk->list->is_malformed = walk->list->is_malformed || bytes.len;
  end_primary (walk);
  return rc;
}

static int
take_armor (struct walk *walk, struct sp_view text, sigpolicy_error **err)
{
  for (;;)
    {
      cleanup_buf struct sp_buf bytes = SP_BUF (SP_KEY_BYTES_MAX);
      bool found = false, whole = false;
      int rc = sp_armor_next (&text, &bytes, &found, &whole, err);
      if (rc < 0 || !found)
        return rc;
      walk->list->kind = SP_KEY_FILE_ARMORED;
      walk->list->is_malformed = walk->list->is_malformed || !whole;
      rc = take_packets (walk, sp_buf_view (&bytes), err);
      if (rc < 0)
        return rc;
    }
}

int
sp_openpgp_key_facts (struct sp_view file, struct sp_key_facts_list *ret, sigpolicy_error **err)
{
  static const struct sp_view keybox = SP_VIEW ("KBXf");
  cleanup_key_facts struct sp_key_facts_list list = { 0 };
  struct walk walk = { .list = &list };
  int rc = 0;

  if (file.len > SP_KEY_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT, "more than %lu bytes",
                         SP_KEY_BYTES_MAX);
  if (sp_view_starts (sp_view_from (file, 8), keybox))
    list.kind = SP_KEY_FILE_KEYBOX;
  else if (file.len && ((unsigned char)file.data[0] & 0x80))
    {
      rc = take_packets (&walk, file, err);
      list.kind = list.len ? SP_KEY_FILE_BINARY : SP_KEY_FILE_OTHER;
    }
  else
    rc = take_armor (&walk, file, err);
  if (rc < 0)
    return rc;
  *ret = list;
  list = (struct sp_key_facts_list){ 0 };
  return 0;
}

void
sp_key_facts_clear (struct sp_key_facts_list *list)
{
  for (size_t i = 0; i < list->len; i++)
    {
      sp_strv_clear (&list->items[i].user_ids);
      free (list->items[i].subkeys);
    }
  free (list->items);
  *list = (struct sp_key_facts_list){ 0 };
}
