/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"
#include "openpgp/plain.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/stat.h>

/* What is judged without gpg, and what is left to it; tests/openpgp/mutants holds many more cases
 * against gpg itself. */

#define NOW 1780272000 /* 2026-06-01 */

static void
read_fixture (const char *name, struct sp_buf *content)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, ABS_SRCDIR "/tests/fixtures/%s", name);
  cr_assert (sp_fs_read (path, content, &err) == 0, "%s", sigpolicy_error_text (err));
}

static bool
accepts (const char *keys_name, const char *message_name, sp_time now)
{
  SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
  cleanup_buf struct sp_buf keys = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);

  read_fixture (keys_name, &keys);
  read_fixture (message_name, &message);
  struct sp_key_material material = { keys_name, sp_buf_view (&keys) };
  SP_CLEANUP (sp_plain_keys_free_p)
  struct sp_plain_keys *plain = sp_plain_keys_new (&material, 1);
  bool good = plain && sp_plain_verify (plain, sp_buf_view (&message), now, &signature);
  cr_expect (good == (signature.fingerprint != NULL) && good == (signature.primary != NULL)
                 && good == (signature.content.bytes.len > 0) && !signature.weak,
             "%s, %s", keys_name, message_name);
  return good;
}

Test (openpgp_plain, fixtures)
{
  static const struct
  {
    const char *keys, *message;
    sp_time now;
    bool accepted;
  } rows[] = {
    { "alice.gpg", "good.sig", NOW, true },
    { "alice.gpg", "forged.sig", NOW, false },
    { "alice.asc", "good.sig", NOW, true },
    { "keyring.gpg", "by-bob.sig", NOW, true },
    { "alice.gpg", "by-bob.sig", NOW, false },
    { "primary.gpg", "by-subkey.sig", NOW, true },
    { "expired.gpg", "by-expired.sig", NOW, false },
    { "expired.gpg", "by-expired.sig", 1622592000, true },  /* 2021-06-02 */
    { "expired.gpg", "by-expired.sig", 1640952000, false }, /* half a day before its end */
    { "expired.gpg", "by-expired.sig", 1640908799, true },  /* a day and a second before */
    { "revoked.gpg", "by-revoked.sig", NOW, false },
    { "alice.gpg", "expired-signature.sig", NOW, false },
    { "keyring.gpg", "two-signers.sig", NOW, false },
    { "alice.gpg", "detached.sig", NOW, false },
    { "alice.gpg", "unsigned.sig", NOW, false },
    { "alice.gpg", "armored.asc", NOW, false },
    { "alice.gpg", "good.sig", 1767225600, true },  /* the second in which it was made */
    { "alice.gpg", "good.sig", 1767225599, false }, /* and the one before */
    { "alice.gpg", "good.sig", -1, false },
    { "alice.gpg", "good.sig", 4000000000, true },
    { "alice.gpg", "good.sig", 4000000001, false },
    { "manifest.json", "good.sig", NOW, false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    cr_expect (accepts (rows[i].keys, rows[i].message, rows[i].now) == rows[i].accepted,
               "%s, %s at %lld", rows[i].keys, rows[i].message, (long long)rows[i].now);
}

/* A primary key signs, and one of its subkeys is revoked, or bound by somebody. */
Test (openpgp_plain, revoked_subkey)
{
  static const unsigned char types[] = { 0x18, 0x28 };

  for (size_t i = 0; i < 2; i++)
    {
      SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
      cleanup_buf struct sp_buf keys = SP_BUF (SP_KEY_BYTES_MAX), other = SP_BUF (SP_KEY_BYTES_MAX);
      cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);
      struct sp_packet packet = { 0 };

      read_fixture ("alice.gpg", &keys);
      read_fixture ("primary.gpg", &other);
      read_fixture ("good.sig", &message);
      struct sp_view left = sp_buf_view (&other), from = left;
      while (packet.tag != SP_TAG_PUBLIC_SUBKEY)
        {
          from = left;
          cr_assert (sp_packet_next (&left, &packet));
        }
      cr_assert (sp_packet_next (&left, &packet) && packet.body.data[1] == 0x18);
      size_t type = keys.len + (size_t)(packet.body.data + 1 - from.data);
      sp_buf_add (&keys, sp_view_head (from, from.len - left.len));
      keys.data[type] = (char)types[i];
      struct sp_key_material material = { "keys", sp_buf_view (&keys) };
      SP_CLEANUP (sp_plain_keys_free_p)
      struct sp_plain_keys *plain = sp_plain_keys_new (&material, 1);
      cr_assert (plain);
      cr_expect (sp_plain_verify (plain, sp_buf_view (&message), NOW, &signature)
                 == (types[i] == 0x18));
    }
}

/* No bit of a keyring or a message may change, but ones that say nothing: whether an unprotected
 * subpacket is critical, of which the keys have four; what the deflate stream
 * is padded with, and the time in the literal packet. */
Test (openpgp_plain, every_bit_counts)
{
  cleanup_buf struct sp_buf keys = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  struct sp_buf *both[] = { &keys, &message };
  size_t accepted[2] = { 0 };

  read_fixture ("primary.gpg", &keys);
  read_fixture ("by-subkey.sig", &message);
  for (size_t which = 0; which < 2; which++)
    for (size_t i = 0; i < both[which]->len * 8; i++)
      {
        SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
        both[which]->data[i / 8] ^= (char)(1 << i % 8);
        struct sp_key_material material = { "keys", sp_buf_view (&keys) };
        SP_CLEANUP (sp_plain_keys_free_p)
        struct sp_plain_keys *plain = sp_plain_keys_new (&material, 1);
        if (plain && sp_plain_verify (plain, sp_buf_view (&message), NOW, &signature))
          {
            cr_expect (sp_view_starts (sp_buf_view (&signature.content.bytes),
                                       sp_view_str ("{\"critical\":{\"identity\":{")),
                       "%zu, bit %zu", which, i);
            accepted[which]++;
          }
        both[which]->data[i / 8] ^= (char)(1 << i % 8);
      }
  cr_expect (accepted[0] == 4 && accepted[1] <= 48, "%zu, %zu", accepted[0], accepted[1]);
}

Test (openpgp_plain, inflate)
{
  static const struct
  {
    const char *name;
    struct sp_view in;
    const char *out; /* NULL: refused */
  } rows[] = {
    { "nothing", SP_VIEW (""), NULL },
    { "stored",
      SP_VIEW ("\x01\x03\x00\xfc\xff"
               "abc"),
      "abc" },
    { "two blocks",
      SP_VIEW ("\x00\x01\x00\xfe\xff"
               "a\x01\x01\x00\xfe\xff"
               "b"),
      "ab" },
    { "no last block",
      SP_VIEW ("\x00\x01\x00\xfe\xff"
               "a"),
      NULL },
    { "a wrong complement",
      SP_VIEW ("\x01\x03\x00\xfc\xfe"
               "abc"),
      NULL },
    { "cut off",
      SP_VIEW ("\x01\x03\x00\xfc\xff"
               "ab"),
      NULL },
    { "a byte behind",
      SP_VIEW ("\x01\x03\x00\xfc\xff"
               "abcd"),
      NULL },
    { "a reserved block", SP_VIEW ("\x07"), NULL },
    { "fixed", SP_VIEW ("\x4b\x4c\x4a\x06\x00"), "abc" },
    { "a repetition", SP_VIEW ("\x4b\x4c\x84\x00\x00"), "aaaaaaaa" },
    { "from before the start", SP_VIEW ("\x03\x02\x00"), NULL },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (16);
      bool good = sp_inflate (rows[i].in, &out);
      cr_expect (good == (rows[i].out != NULL)
                     && (!good || sp_view_is (sp_buf_view (&out), rows[i].out)),
                 "%s", rows[i].name);
    }
  cleanup_buf struct sp_buf small = SP_BUF (7);
  cr_expect (!sp_inflate (sp_view_n ("\x4b\x4c\x84\x00\x00", 5), &small));
}

Test (openpgp_plain, armor)
{
  static const struct
  {
    const char *name, *text;
    bool good;
  } rows[] = {
    { "plain",
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n=sK08\n-----END PGP PUBLIC KEY "
      "BLOCK-----\n",
      true },
    { "a comment",
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\nmQ==\n=sK08\n-----END PGP "
      "PUBLIC KEY BLOCK-----\n",
      true },
    { "another header",
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\nHash: x\n\nmQ==\n=sK08\n-----END "
      "PGP PUBLIC KEY BLOCK-----\n",
      false },
    { "a wrong sum",
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n=sK09\n-----END PGP PUBLIC KEY "
      "BLOCK-----\n",
      false },
    { "no sum",
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY "
      "BLOCK-----\n",
      false },
    { "text before",
      "x\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n=sK08\n-----END PGP PUBLIC "
      "KEY BLOCK-----\n",
      false },
    { "text behind",
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n=sK08\n-----END PGP PUBLIC "
      "KEY BLOCK-----\nx",
      false },
    { "no end", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n=sK08\n", false },
    { "a private key",
      "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nmQ==\n=sK08\n-----END PGP PRIVATE "
      "KEY BLOCK-----\n",
      false },
    { "an odd line",
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ=\n=sK08\n-----END PGP PUBLIC KEY "
      "BLOCK-----\n",
      false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (64);
      cr_expect (sp_armor_is_plain (sp_view_str (rows[i].text), &out) == rows[i].good, "%s",
                 rows[i].name);
    }
}

/* Where something of the host's may make gpg stricter, it is asked. */
Test (openpgp_plain, host)
{
  static const struct
  {
    const char *path, *text;
    bool plain;
  } rows[] = {
    { "etc/gnupg/gpg.conf", "", false },
    { "etc/gnupg/common.conf", "", false },
    { "usr/local/etc/gnupg/gpg.conf", "", false },
    { "usr/local/etc/gnupg/common.conf", "", false },
    { "etc/gcrypt/fips_enabled", "", false },
    { "proc/sys/crypto/fips_enabled", "0\n", true },
    { "proc/sys/crypto/fips_enabled", "1\n", false },
    { "etc/crypto-policies/state/current", "DEFAULT\n", true },
    { "etc/crypto-policies/state/current", "LEGACY\n", true },
    { "etc/crypto-policies/state/current", "FUTURE\n", false },
    { "etc/crypto-policies/state/current", "DEFAULT:NO-SHA1\n", false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      char root[] = "/tmp/sigpolicy-test-host.XXXXXX";
      cleanup_error sigpolicy_error *err = NULL;
      cr_assert (mkdtemp (root) != NULL);
      cleanup_free char *path = sp_asprintf (&err, "%s/%s", root, rows[i].path);
      cr_assert (path != NULL);
      cr_expect (sp_plain_host (root));
      for (char *at = path + strlen (root) + 1; (at = strchr (at, '/')); at++)
        {
          *at = '\0';
          cr_assert (mkdir (path, 0755) == 0 || errno == EEXIST);
          *at = '/';
        }
      cr_assert (put_file (path, sp_view_str (rows[i].text), &err) == 0);
      cr_expect (sp_plain_host (root) == rows[i].plain, "%s: %s", rows[i].path, rows[i].text);
      cr_expect (remove_tree (root) == 0);
    }
}
