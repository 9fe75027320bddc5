/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/plain.h"

#include "openpgp/openpgp_int.h"
#include "util/limits.h"

#include <stdint.h>

/* RFC 9580, 10.1: a primary key, its user IDs and its subkeys, with the signatures behind each. */

/* RFC 9580, 5.2.1. */
enum
{
  CERTIFICATION = 0x10, /* to 0x13 */
  SUBKEY_BINDING = 0x18,
  PRIMARY_BINDING = 0x19,
  DIRECT = 0x1f,
  KEY_REVOCATION = 0x20,
  SUBKEY_REVOCATION = 0x28,
  CERTIFICATION_REVOCATION = 0x30,
};

enum
{
  MAY_SIGN = 2,             /* among the key flags */
  USER_ID_BYTES_MAX = 1024, /* gpg leaves out ones of 2048 */
  DAY = 24 * 60 * 60,
};

static bool
is_certification (unsigned type)
{
  return type >= CERTIFICATION && type <= CERTIFICATION + 3;
}

static bool
is_revocation (unsigned type)
{
  return type == KEY_REVOCATION || type == SUBKEY_REVOCATION || type == CERTIFICATION_REVOCATION;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool
add_key (struct sp_plain_keys *keys, struct sp_packet packet)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  struct sp_plain_key key;

  if (!sp_plain_read_key (packet.body, &key)
      || sp_grow (&keys->items, &keys->capacity, keys->len, sizeof key, &ignored) < 0)
    return false;
  key.primary = packet.tag == SP_TAG_PUBLIC_KEY ? keys->len : keys->items[keys->len - 1].primary;
  key.packets = sp_view_n (packet.body.data + packet.body.len, 0);
  keys->items[keys->len++] = key;
  return true;
}

/* Keys are found with all that belongs to them; what is in it is looked at when it signed
 * something. */
static bool
read_keys (struct sp_plain_keys *keys)
{
  struct sp_view left = sp_buf_view (&keys->bytes);
  struct sp_plain_signature signature;
  size_t n_packets = 0, n_primaries = 0;

  while (left.len)
    {
      struct sp_packet packet;
      bool is_odd = false;
      if (!sp_packet_whole (&left, &packet) || ++n_packets > SP_KEY_PACKETS_MAX)
        return false;
      switch (packet.tag)
        {
        case SP_TAG_PUBLIC_KEY:
        case SP_TAG_PUBLIC_SUBKEY:
          n_primaries += packet.tag == SP_TAG_PUBLIC_KEY;
          if (!n_primaries || n_primaries > SP_KEYS_MAX || !add_key (keys, packet))
            return false;
          continue;
        case SP_TAG_SIGNATURE:
          if (!sp_plain_read_signature (packet.body, &signature))
            return false;
          is_odd = is_revocation (signature.type);
          break;
        case SP_TAG_USER_ID:
        case SP_TAG_USER_ATTRIBUTE:
          is_odd = keys->len && keys->items[keys->len - 1].primary != keys->len - 1;
          break;
        default:
          return false;
        }
      if (!keys->len)
        return false;
      struct sp_plain_key *key = &keys->items[keys->len - 1];
      key->packets.len = (size_t)(left.data - key->packets.data);
      keys->items[key->primary].is_odd |= is_odd;
    }
  return keys->len > 0;
}

/* One source; it begins with a key, so that nothing of it belongs to the key before. */
static bool
add_source (struct sp_plain_keys *keys, struct sp_view bytes)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  cleanup_buf struct sp_buf dearmored = SP_BUF (SP_KEY_BYTES_MAX);
  struct sp_packet packet;

  if (bytes.len && !((unsigned char)bytes.data[0] & 0x80))
    {
      if (!sp_armor_is_plain (bytes, &dearmored))
        return false;
      bytes = sp_buf_view (&dearmored);
    }
  struct sp_view left = bytes;
  if (!sp_packet_whole (&left, &packet) || packet.tag != SP_TAG_PUBLIC_KEY)
    return false;
  sp_buf_add (&keys->bytes, bytes);
  return sp_buf_check (&keys->bytes, &ignored) == 0;
}

struct sp_plain_keys *
sp_plain_keys_new (const struct sp_key_material *sources, size_t n_sources)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  SP_CLEANUP (sp_plain_keys_free_p)
  struct sp_plain_keys *keys = sp_calloc (1, sizeof *keys, &ignored);

  if (!keys)
    return NULL;
  keys->bytes = (struct sp_buf)SP_BUF (SP_POLICY_KEY_SOURCES_MAX * SP_KEY_BYTES_MAX);
  for (size_t i = 0; i < n_sources; i++)
    if (!add_source (keys, sources[i].bytes))
      return NULL;
  return read_keys (keys) ? steal (&keys) : NULL;
}

void
sp_plain_keys_free (struct sp_plain_keys *keys)
{
  if (!keys)
    return;
  for (size_t i = 0; i < keys->len; i++)
    sp_public_key_free (keys->items[i].verifier);
  free (keys->items);
  sp_buf_clear (&keys->bytes);
  free (keys);
}

/* --- self-signatures -------------------------------------------------------------------------- */

/* Does it hold over a primary key and what follows it: nothing, a user ID or a subkey? */
static bool
holds (const struct sp_plain_signature *signature, struct sp_plain_key *issuer,
       struct sp_view primary, const struct sp_view *user_id, const struct sp_view *subkey)
{
  cleanup_buf struct sp_buf content = SP_BUF (3 * SP_KEY_BYTES_MAX);

  sp_plain_put_key (&content, primary);
  if (user_id)
    {
      sp_buf_byte (&content, (char)0xb4); /* 5.2.4 */
      for (unsigned shift = 32; shift > 0; shift -= 8)
        sp_buf_byte (&content, (char)(user_id->len >> (shift - 8) & 255));
      sp_buf_add (&content, *user_id);
    }
  else if (subkey)
    sp_plain_put_key (&content, *subkey);
  return !content.failed && sp_plain_holds (signature, issuer, sp_buf_view (&content));
}

bool
sp_plain_is_false (struct sp_view signature, struct sp_view primary, const struct sp_view *user_id,
                   const struct sp_view *subkey)
{
  struct sp_plain_signature read;
  struct sp_plain_key key;

  if (!sp_plain_read_signature (signature, &read) || !sp_plain_read_key (primary, &key))
    return false;
  /* Want of memory says no as well, but not twice: then nothing else would go on. */
  bool is_false = sp_plain_can_tell (&read, &key) && !holds (&read, &key, primary, user_id, subkey)
                  && !holds (&read, &key, primary, user_id, subkey);
  sp_public_key_free (key.verifier);
  return is_false;
}

/* A signature that says something of a key: the most careful of all that are there counts. */
static bool
keep (struct sp_plain_key *key, const struct sp_plain_signature *signature)
{
  sp_time expires = signature->lifetime ? key->created + signature->lifetime : 0;

  if (signature->created < key->created || expires > UINT32_MAX)
    return false;
  if (signature->created > key->newest)
    key->newest = signature->created;
  if (expires && (!key->expires || expires < key->expires))
    key->expires = expires;
  if (signature->flags.len && !(signature->flags.data[0] & MAY_SIGN))
    key->may_sign = false;
  return true;
}

/* The key ID stands anywhere in it: then it is taken for the key's own. */
static bool
mentions (const struct sp_plain_signature *signature, const struct sp_plain_key *key)
{
  struct sp_view id = sp_plain_key_id (key);
  return memmem (signature->hashed.data, signature->hashed.len, id.data, id.len)
         || memmem (signature->unhashed.data, signature->unhashed.len, id.data, id.len);
}

/* Those of a primary key itself and of its user IDs. */
static bool
check_primary (struct sp_plain_key *key)
{
  struct sp_view left = key->packets, user_id = { NULL, 0 };
  bool in_user_id = false, is_certified = false;
  struct sp_packet packet;

  while (left.len)
    {
      struct sp_plain_signature signature;
      if (!sp_packet_whole (&left, &packet))
        return false;
      if (packet.tag == SP_TAG_USER_ID)
        {
          if ((in_user_id && !is_certified) || packet.body.len > USER_ID_BYTES_MAX)
            return false;
          user_id = packet.body;
          in_user_id = true;
          is_certified = false;
          continue;
        }
      if (packet.tag != SP_TAG_SIGNATURE || !sp_plain_read_signature (packet.body, &signature))
        return false;
      if (in_user_id ? !is_certification (signature.type) : signature.type != DIRECT)
        return false;
      if (in_user_id && !mentions (&signature, key))
        continue; /* somebody else's */
      if (!sp_plain_read_subpackets (&signature) || signature.back.len
          || !sp_plain_is_by (&signature, key)
          || !holds (&signature, key, key->body, in_user_id ? &user_id : NULL, NULL)
          || !keep (key, &signature))
        return false;
      is_certified = in_user_id;
    }
  return is_certified;
}

/* The subkey's own word that it belongs to this primary key. */
static bool
check_back (const struct sp_plain_signature *binding, struct sp_plain_key *subkey,
            const struct sp_plain_key *primary)
{
  struct sp_plain_signature back;

  return sp_plain_read_signature (binding->back, &back) && back.type == PRIMARY_BINDING
         && sp_plain_read_subpackets (&back) && !back.is_about_key && sp_plain_is_by (&back, subkey)
         && holds (&back, subkey, primary->body, NULL, &subkey->body) && keep (subkey, &back);
}

/* Those that bind a subkey to its primary key, every one of which allows it to sign. */
static bool
check_subkey (struct sp_plain_key *subkey, struct sp_plain_key *primary)
{
  struct sp_view left = subkey->packets;
  struct sp_packet packet;

  do
    {
      struct sp_plain_signature signature;
      if (!sp_packet_whole (&left, &packet) || packet.tag != SP_TAG_SIGNATURE
          || !sp_plain_read_signature (packet.body, &signature) || signature.type != SUBKEY_BINDING
          || !sp_plain_read_subpackets (&signature) || !sp_plain_is_by (&signature, primary)
          || signature.created < primary->created || !signature.flags.len
          || !holds (&signature, primary, primary->body, NULL, &subkey->body)
          || !check_back (&signature, subkey, primary) || !keep (subkey, &signature))
        return false;
    }
  while (left.len);
  return true;
}

/* What depends on no time, once for each key. */
static bool
check (struct sp_plain_keys *keys, size_t at)
{
  struct sp_plain_key *key = &keys->items[at], *primary = &keys->items[key->primary];

  if (key->state == SP_PLAIN_UNKNOWN)
    {
      key->may_sign = true;
      bool good = key == primary ? !key->is_odd && check_primary (key)
                                 : check (keys, key->primary) && check_subkey (key, primary);
      key->state = good ? SP_PLAIN_GOOD : SP_PLAIN_DOUBTFUL;
    }
  return key->state == SP_PLAIN_GOOD;
}

/* Neither from the future nor near its end. */
static bool
is_current (const struct sp_plain_key *key, sp_time now)
{
  return key->created <= now && key->newest <= now && (!key->expires || key->expires > now + DAY);
}

/* The only key or subkey of that ID; where there are two, which one gpg takes is not for us to say.
 * A number of keys for none. */
static size_t
find_only (const struct sp_plain_keys *keys, struct sp_view key_id)
{
  size_t found = keys->len;

  for (size_t i = 0; i < keys->len; i++)
    if (sp_view_equal (sp_plain_key_id (&keys->items[i]), key_id))
      {
        if (found < keys->len)
          return keys->len;
        found = i;
      }
  return found;
}

struct sp_plain_key *
sp_plain_keys_find (struct sp_plain_keys *keys, struct sp_view key_id, sp_time now)
{
  size_t at = find_only (keys, key_id);

  if (at == keys->len)
    return NULL;
  struct sp_plain_key *key = &keys->items[at], *primary = &keys->items[key->primary];
  if (find_only (keys, sp_plain_key_id (primary)) != key->primary || !check (keys, at)
      || !key->may_sign || !is_current (key, now) || !is_current (primary, now))
    return NULL;
  return key;
}
