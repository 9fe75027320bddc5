/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp.h"
#include "openpgp/openpgp_int.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

static void
read_fixture (const char *name, struct sp_buf *content)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, ABS_SRCDIR "/tests/fixtures/%s", name);
  cr_assert (sp_fs_read (path, content, &err) == 0, "%s", sigpolicy_error_text (err));
}

static struct sp_openpgp *
open_engine (void)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_openpgp *engine = NULL;
  sp_time now = 0;
  cr_assert (sp_openpgp_init (true, &err) == 0
             && sp_time_parse ("2026-06-01T00:00:00Z", &now, &err) == 0
             && sp_openpgp_new (now, true, &engine, &err) == 0);
  return engine;
}

static struct sp_keyring *
open_keyring (struct sp_openpgp *engine, const char *name)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf keys = SP_BUF (SP_KEY_BYTES_MAX);
  struct sp_keyring *keyring = NULL;
  read_fixture (name, &keys);
  struct sp_key_material material = { name, sp_buf_view (&keys) };
  cr_assert (sp_openpgp_keyring (engine, &material, 1, &keyring, &err) == 0, "%s",
             sigpolicy_error_text (err));
  return keyring;
}

/* code 0 is an acceptance. */
static const struct
{
  const char *keys, *signature;
  int code;
  sigpolicy_reason reason;
  const char *stricter;
} cases[] = {
  { "alice.gpg", "good.sig", 0, 0, NULL },
  { "alice.gpg", "forged.sig", -1, SIGPOLICY_REASON_BAD_SIGNATURE, NULL },
  { "alice.asc", "good.sig", 0, 0, NULL },
  { "keyring.gpg", "by-bob.sig", 0, 0, NULL },
  { "alice.gpg", "by-bob.sig", -1, SIGPOLICY_REASON_KEY_NOT_TRUSTED, NULL },
  { "primary.gpg", "by-subkey.sig", 0, 0, NULL },
  { "expired.gpg", "by-expired.sig", -1, SIGPOLICY_REASON_EXPIRED, NULL },
  { "revoked.gpg", "by-revoked.sig", -1, SIGPOLICY_REASON_REVOKED, NULL },
  { "alice.gpg", "expired-signature.sig", -1, SIGPOLICY_REASON_EXPIRED, NULL },
  { "keyring.gpg", "two-signers.sig", -1, SIGPOLICY_REASON_BAD_SIGNATURE, NULL },
  { "alice.gpg", "two-signers.sig", -1, SIGPOLICY_REASON_BAD_SIGNATURE, NULL },
  { "alice.gpg", "detached.sig", -1, SIGPOLICY_REASON_BAD_SIGNATURE, NULL },
  { "alice.gpg", "unsigned.sig", -1, SIGPOLICY_REASON_BAD_SIGNATURE, NULL },
  { "alice.gpg", "alice.gpg", -1, SIGPOLICY_REASON_BAD_SIGNATURE, NULL },
  { "alice.gpg", "manifest.json", -1, SIGPOLICY_REASON_BAD_SIGNATURE, NULL },
  { "alice.gpg", "armored.asc", -1, SIGPOLICY_REASON_UNSUPPORTED_FORMAT, "S1" },
};

Test (openpgp_verify, table)
{
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);
      cleanup_free char *signer = NULL;
      struct sp_keyring *keyring = open_keyring (engine, cases[i].keys);

      read_fixture (cases[i].signature, &message);
      int rc = sp_keyring_verify (keyring, sp_buf_view (&message), &signature, &signer, &err);
      cr_expect (rc == cases[i].code, "%s, %s: %d %s", cases[i].keys, cases[i].signature, rc,
                 rc ? sigpolicy_error_text (err) : "");
      cr_expect ((rc == 0) == (signature.content.bytes.len > 0), "%s, %s: content", cases[i].keys,
                 cases[i].signature);
      if (rc < 0)
        cr_expect (sigpolicy_error_reason (err) == cases[i].reason, "%s, %s: %s", cases[i].keys,
                   cases[i].signature, sigpolicy_reason_slug (sigpolicy_error_reason (err)));
      else
        cr_expect (strlen (signature.primary) == 40 && sp_keyring_fingerprints (keyring)->len > 0);
      const char *stricter = sp_error_stricter_id (err);
      cr_expect ((stricter == NULL) == (cases[i].stricter == NULL));
    }
}

Test (openpgp_verify, every_bit_counts)
{
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  cleanup_buf struct sp_buf good = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  struct sp_keyring *keyring = open_keyring (engine, "alice.gpg");
  size_t accepted = 0;

  read_fixture ("good.sig", &good);
  /* One bit of each byte; the message is compressed, so most make it something else altogether. */
  for (size_t i = 0; i < good.len; i++)
    {
      SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *signer = NULL;
      good.data[i] ^= (char)(1 << (i % 8));
      if (sp_keyring_verify (keyring, sp_buf_view (&good), &signature, &signer, &err) == 0)
        {
          /* Bits that no signature covers may change (in a header): what was signed may not. */
          struct sp_view content = sp_buf_view (&signature.content.bytes);
          cr_expect (sp_view_starts (
                         content, sp_view_str ("{\"critical\":{\"identity\":{\"docker-reference\""
                                               ":\"registry.example/ns/app:v1\"}")),
                     "byte %zu", i);
          accepted++;
        }
      good.data[i] ^= (char)(1 << (i % 8));
    }
  cr_expect (accepted < 8, "%zu changed messages are accepted", accepted);
}

Test (openpgp_verify, key_files)
{
  static const struct
  {
    const char *name, *bytes;
    size_t len;
    int code;
    size_t keys;
  } rows[] = {
    { "nothing", "", 0, 0, 0 },
    { "garbage", "this is no key", 14, 0, 0 },
    { "binary garbage", "\x99\x01\x02\x03", 4, 0, 0 },
    { "a keybox", "\0\0\0\x20\1\1\0\2KBXf\0\0\0\0", 16, SIGPOLICY_E_KEY, 0 },
    { "a secret key", "\xc5\x01\x04", 3, SIGPOLICY_E_KEY, 0 },
  };
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_keyring *keyring = NULL;
      struct sp_key_material material = { rows[i].name, { rows[i].bytes, rows[i].len } };
      int rc = sp_openpgp_keyring (engine, &material, 1, &keyring, &err);
      cr_expect (rc == rows[i].code, "%s: %d", rows[i].name, rc);
      if (rc == 0)
        cr_expect (sp_keyring_fingerprints (keyring)->len == rows[i].keys, "%s", rows[i].name);
    }
}

Test (openpgp_verify, keyrings_are_cached_by_content)
{
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  struct sp_keyring *alice = open_keyring (engine, "alice.gpg"),
                    *bob = open_keyring (engine, "bob.gpg");
  cr_expect (alice != bob);
  cr_expect (open_keyring (engine, "alice.gpg") == alice);
}

Test (openpgp_verify, homes_are_private_and_go)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_home *home = NULL;
  struct stat st;

  cr_assert (sp_home_new (0, false, &home, &err) == 0);
  cleanup_free char *path = sp_strdup (home->path, &err);
  cr_expect (stat (path, &st) == 0 && (st.st_mode & 07777) == 0700);
  sp_home_free (home);
  cr_expect (stat (path, &st) != 0);

  cr_assert (sp_home_new (0, false, &home, &err) == 0);
  cleanup_free char *second = sp_strdup (home->path, &err);
  sp_openpgp_remove_homes ();
  cr_expect (stat (second, &st) != 0);
  sp_home_free (home);
}

Test (openpgp_verify, packets)
{
  static const struct
  {
    const char *name, *bytes;
    size_t len;
    enum sp_packets_kind kind;
    size_t count;
  } rows[] = {
    { "empty", "", 0, SP_PACKETS_NONE, 0 },
    { "text", "hello", 5, SP_PACKETS_NONE, 0 },
    { "armor", "-----BEGIN PGP MESSAGE-----", 27, SP_PACKETS_TEXT, 0 },
    { "armor behind words", "x\n-----BEGIN PGP MESSAGE-----", 29, SP_PACKETS_TEXT, 0 },
    { "one literal", "\xcb\x01x", 3, SP_PACKETS_MESSAGE, 1 },
    { "two", "\xcb\x01x\xcb\x01y", 6, SP_PACKETS_MESSAGE, 2 },
    { "partial lengths", "\xcb\xe1xx\x01x\xcb\x00", 8, SP_PACKETS_MESSAGE, 2 },
    { "indeterminate", "\xa3whatever\xcb\x01", 11, SP_PACKETS_MESSAGE, 1 },
    { "a length beyond the end", "\xcb\xff\xff\xff\xff\xff", 6, SP_PACKETS_MESSAGE, 1 },
    { "a length that is cut off", "\xcb\xff\x00", 3, SP_PACKETS_MESSAGE, 0 },
    { "encrypted", "\xc1\x00\xd2\x00", 4, SP_PACKETS_ENCRYPTED, 2 },
    { "old form", "\x84\x01x\xac\x01y", 6, SP_PACKETS_ENCRYPTED, 2 },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      struct sp_packets packets = sp_packets_scan (sp_view_n (rows[i].bytes, rows[i].len));
      cr_expect (packets.kind == rows[i].kind && packets.count == rows[i].count,
                 "%s: kind %d, %zu packets", rows[i].name, (int)packets.kind, packets.count);
    }
}
