/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp.h"
#include "openpgp/openpgp_int.h"
#include "support/remove_tree.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
read_fixture (const char *name, struct sp_buf *content)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, ABS_SRCDIR "/tests/fixtures/%s", name);
  cr_assert (sp_fs_read (path, content, &err) == 0, "%s", sigpolicy_error_text (err));
}

/* When everything is judged, unless a test says otherwise: 2026-06-01T00:00:00Z. */
static const sp_time now = 1780272000;

static struct sp_openpgp *
open_engine (void)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_openpgp *engine = NULL;
  cr_assert (sp_openpgp_init (true, &err) == 0 && sp_openpgp_new (&engine, &err) == 0);
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
      int rc = sp_keyring_verify (keyring, sp_buf_view (&message), now, &signature, &signer, &err);
      cr_expect (rc == cases[i].code, "%s, %s: %d %s", cases[i].keys, cases[i].signature, rc,
                 rc ? sigpolicy_error_text (err) : "");
      cr_expect ((rc == 0) == (signature.content.bytes.len > 0), "%s, %s: content", cases[i].keys,
                 cases[i].signature);
      if (rc < 0)
        cr_expect (sigpolicy_error_reason (err) == cases[i].reason, "%s, %s: %s", cases[i].keys,
                   cases[i].signature, sigpolicy_reason_slug (sigpolicy_error_reason (err)));
      else
        cr_expect (strlen (signature.primary) == 40 && sp_keyring_has (keyring, signature.primary));
      const char *stricter = sp_error_stricter_id (err);
      cr_expect ((stricter == NULL) == (cases[i].stricter == NULL));
    }
}

/* A message in so many compressed packets more, each of stored blocks. */
static void
nest (struct sp_buf *message, unsigned times)
{
  for (; times > 0; times--)
    {
      struct sp_buf outer = SP_BUF (SP_SIGNATURE_BYTES_MAX);
      sp_buf_add (&outer, sp_view_n ("\xa3\x01\x01", 3));
      sp_buf_byte (&outer, (char)message->len);
      sp_buf_byte (&outer, (char)(message->len >> 8));
      sp_buf_byte (&outer, (char)~message->len);
      sp_buf_byte (&outer, (char)(~message->len >> 8));
      sp_buf_add (&outer, sp_buf_view (message));
      cr_assert (!outer.failed);
      sp_buf_clear (message);
      *message = outer;
    }
}

Test (openpgp_verify, nested)
{
  static const unsigned times[] = { 1, 2, 31, 200 };
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  struct sp_keyring *keyring = open_keyring (engine, "alice.gpg");

  for (size_t i = 0; i < sizeof times / sizeof *times; i++)
    {
      SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);
      cleanup_free char *signer = NULL;

      read_fixture ("good.sig", &message);
      nest (&message, times[i]);
      int rc = sp_keyring_verify (keyring, sp_buf_view (&message), 1780272000, &signature, &signer,
                                  &err);
      cr_expect (rc == SIGPOLICY_E_REJECTED
                     && sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT,
                 "%u: %s", times[i], sigpolicy_error_text (err));
    }
}

/* Where there are no keys, nobody accepts it, and the ceiling is not what it is refused for. */
Test (openpgp_verify, nested_without_keys)
{
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  struct sp_keyring *keyring = open_keyring (engine, "manifest.json");
  SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  cleanup_free char *signer = NULL;

  read_fixture ("good.sig", &message);
  nest (&message, 2);
  cr_expect (sp_keyring_verify (keyring, sp_buf_view (&message), now, &signature, &signer, &err)
             == SIGPOLICY_E_KEY);
  cr_expect_str_eq (sigpolicy_error_message (err), "No public keys imported");
  cr_expect_null (sp_error_stricter_id (err));
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
      if (sp_keyring_verify (keyring, sp_buf_view (&good), now, &signature, &signer, &err) == 0)
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
      if (rc < 0)
        continue;
      const struct sp_strv *found = NULL;
      cr_expect (sp_keyring_fingerprints (keyring, now, &found, &err) == 0
                     && found->len == rows[i].keys,
                 "%s", rows[i].name);
    }
}

Test (openpgp_verify, keyrings_are_cached_by_content)
{
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  struct sp_keyring *alice = open_keyring (engine, "alice.gpg"),
                    *bob = open_keyring (engine, "bob.gpg");
  cr_expect (alice != bob);
  cr_expect (open_keyring (engine, "alice.gpg") == alice);

  /* By all of it: one bit more is another keyring. */
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf keys = SP_BUF (SP_KEY_BYTES_MAX);
  struct sp_keyring *changed = NULL;
  read_fixture ("alice.gpg", &keys);
  keys.data[keys.len - 1] ^= 1;
  struct sp_key_material material = { "alice.gpg", sp_buf_view (&keys) };
  cr_assert (sp_openpgp_keyring (engine, &material, 1, &changed, &err) == 0);
  cr_expect (changed != alice);
}

/* One keyring, asked at one time after the other: no answer is that of another time. */
Test (openpgp_verify, time_is_an_argument)
{
  static const struct
  {
    const char *keys, *signature;
    sp_time now;
    int code;
    sigpolicy_reason reason;
  } rows[] = {
    { "expired.gpg", "by-expired.sig", 1780272000, -1, SIGPOLICY_REASON_EXPIRED },
    { "expired.gpg", "by-expired.sig", 86400, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE },
    { "alice.gpg", "good.sig", 1780272000, 0, 0 },
    { "alice.gpg", "good.sig", 4294943999, 0, 0 },
    { "alice.gpg", "good.sig", 4294944000, -6, SIGPOLICY_REASON_COULD_NOT_LOOK },
    { "alice.gpg", "good.sig", 4294967296 + 1780272000, -6, SIGPOLICY_REASON_COULD_NOT_LOOK },
    { "alice.gpg", "good.sig", INT64_MAX, -6, SIGPOLICY_REASON_COULD_NOT_LOOK },
    { "alice.gpg", "good.sig", INT64_MIN, -6, SIGPOLICY_REASON_COULD_NOT_LOOK },
    { "alice.gpg", "good.sig", -1, -6, SIGPOLICY_REASON_COULD_NOT_LOOK },
    { "alice.gpg", "good.sig", 86400, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE },
    { "alice.gpg", "good.sig", 1780272000, 0, 0 },
  };
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  for (size_t i = 1; i < sizeof rows / sizeof *rows; i++)
    for (size_t half = 0; half < 2; half++)
      {
        /* Each after the one before, and again: nothing of it stays. */
        size_t n = i - 1 + half;
        SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);
        cleanup_free char *signer = NULL;
        struct sp_keyring *keyring = open_keyring (engine, rows[n].keys);

        read_fixture (rows[n].signature, &message);
        int rc = sp_keyring_verify (keyring, sp_buf_view (&message), rows[n].now, &signature,
                                    &signer, &err);
        cr_expect ((rc == 0) == (rows[n].code == 0)
                       && (rc == 0 || rc == sigpolicy_error_code (err)),
                   "row %zu: %d %s", n, rc, rc ? sigpolicy_error_text (err) : "");
        if (rc < 0)
          cr_expect (sigpolicy_error_reason (err) == rows[n].reason, "row %zu: %s", n,
                     sigpolicy_error_text (err));
      }
}

/* Nobody but we ourselves changes what gpg believes: a home that was removed or replaced is neither
 * used nor taken for one without the key. */
Test (openpgp_verify, homes_are_held)
{
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  sp_openpgp_use_gpg_alone (engine, true);
  cleanup_buf struct sp_buf message = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  read_fixture ("good.sig", &message);
  for (int how = 0; how < 4; how++)
    {
      struct sp_keyring *keyring = open_keyring (engine, "alice.gpg");
      SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
      cleanup_error sigpolicy_error *err = NULL, *other = NULL;
      cleanup_free char *signer = NULL, *again = NULL;

      cr_assert (sp_keyring_import (keyring, now, &err) == 0);
      cleanup_free char *path = sp_strdup (keyring->home->path, &err);
      cleanup_free char *aside = sp_asprintf (&err, "%s.aside", keyring->home->path);
      cleanup_free char *ring = sp_asprintf (&err, "%s/pubring.kbx", keyring->home->path);
      if (how == 0)
        cr_assert (unlink (ring) == 0);
      else if (how == 1)
        cr_assert (chmod (keyring->home->path, 0755) == 0);
      else
        cr_assert (rename (path, aside) == 0 && (how == 2 || mkdir (path, 0700) == 0));
      int rc = sp_keyring_verify (keyring, sp_buf_view (&message), now, &signature, &signer, &err);
      cr_expect (rc == SIGPOLICY_E_UNAVAILABLE
                     && sigpolicy_error_reason (err) == SIGPOLICY_REASON_COULD_NOT_LOOK,
                 "%d: %d", how, rc);
      /* And the next question has a home of its own. */
      if (how == 3)
        cr_expect (rmdir (path) == 0, "another's directory is not removed");
      rc = sp_keyring_verify (keyring, sp_buf_view (&message), now, &signature, &again, &other);
      cr_expect (rc == 0, "%d, again: %d %s", how, rc, rc ? sigpolicy_error_text (other) : "");
      if (how > 1)
        (void)remove_tree (aside);
    }
}

/* A forked child that frees what it has inherited leaves it to its parent. */
Test (openpgp_verify, homes_belong_to_a_process)
{
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_keyring *keyring = open_keyring (engine, "alice.gpg");
  int status = 0;

  cr_assert (sp_keyring_import (keyring, now, &err) == 0);
  pid_t child = fork ();
  if (child == 0)
    {
      cleanup_error sigpolicy_error *refusal = NULL;
      bool is_refused = sp_home_check (keyring->home, &refusal) == SIGPOLICY_E_UNAVAILABLE;
      sp_openpgp_free (engine);
      sp_openpgp_remove_homes ();
      _exit (is_refused ? 0 : 1);
    }
  cr_assert (child > 0 && waitpid (child, &status, 0) == child);
  cr_expect (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  cr_expect (sp_home_check (keyring->home, &err) == 0);
}

Test (openpgp_verify, homes_are_private_and_go)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_home *home = NULL;
  struct stat st;

  cr_assert (sp_home_new (&home, &err) == 0);
  cleanup_free char *path = sp_strdup (home->path, &err);
  cr_expect (stat (path, &st) == 0 && (st.st_mode & 07777) == 0700);
  sp_home_free (home);
  cr_expect (stat (path, &st) != 0);

  cr_assert (sp_home_new (&home, &err) == 0);
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

/* What is no signed message is told before gpg sees it; and what it would hold. */
Test (openpgp_verify, no_message)
{
  static const struct
  {
    struct sp_view bytes;
    const char *message, *untrusted;
  } rows[] = {
    { SP_VIEW (""), "No data", "EOF" },
    { SP_VIEW ("hello"), "No data", "openpgp: invalid data: tag byte does not have MSB set" },
    { SP_VIEW ("\xc1\x00\xd2\x00"), "Bad data", "openpgp: incorrect key" },
  };
  cleanup_openpgp struct sp_openpgp *engine = open_engine ();
  struct sp_keyring *keyring = open_keyring (engine, "alice.gpg");

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      SP_CLEANUP (sp_openpgp_signature_clear) struct sp_openpgp_signature signature = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf content = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
      cleanup_free char *signer = NULL, *key_id = NULL;
      cr_expect (sp_keyring_verify (keyring, rows[i].bytes, now, &signature, &signer, &err)
                 == SIGPOLICY_E_REJECTED);
      cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE);
      sp_error_clear (&err);
      cr_expect (sp_openpgp_untrusted_content (rows[i].bytes, &content, &key_id, &err)
                 == SIGPOLICY_E_REJECTED);
      cr_expect_str_eq (sigpolicy_error_message (err), rows[i].untrusted);
    }
}
