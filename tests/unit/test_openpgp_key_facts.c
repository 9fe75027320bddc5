/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/key_facts.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <sys/wait.h>

/* Keys of every kind that gpg makes quickly, in files of a directory of their own; gpg's own
 * account of each is the measure. */
static const char make_keys[]
    = "set -e; cd \"$1\"; chmod 700 .; export GNUPGHOME=$PWD\n"
      "gpg () { command gpg --batch --quiet --yes --no-tty --pinentry-mode loopback"
      " --passphrase '' --faked-system-time 20260101T000000! \"$@\" 2>>log; }\n"
      "fpr () { gpg --with-colons --list-keys $1 | awk -F: '/^fpr/ { print $10; exit }'; }\n"
      "gpg --quick-gen-key 'a <a@x>' ed25519 sign never\n"
      "gpg --quick-gen-key 'b <b@x>' nistp384 cert 2y\n"
      "gpg --quick-add-key $(fpr b@x) ed25519 sign 1y\n"
      "gpg --quick-add-key $(fpr b@x) cv25519 encr 30d\n"
      "gpg --cert-digest-algo SHA1 --quick-gen-key 'c <c@x>' rsa1024 sign,cert 3y\n"
      "gpg --quick-add-uid $(fpr c@x) 'c zwei \xc3\xa4 <c2@x>'\n"
      "gpg --faked-system-time 20260102T000000! --cert-digest-algo SHA1 --quick-set-primary-uid "
      "$(fpr c@x) 'c <c@x>'\n"
      "gpg --quick-gen-key 'd <d@x>' nistp256 sign never\n"
      "gpg --quick-add-key $(fpr d@x) rsa1024 sign 1y\n"
      "sed 's/^:-----/-----/' openpgp-revocs.d/$(fpr d@x).rev >rev; gpg --import rev\n"
      "gpg --quick-gen-key 'e <e@x>' secp256k1 sign 5y\n"
      "gpg --faked-system-time 20260201T000000! --quick-set-expire $(fpr e@x) 0\n"
      "gpg --faked-system-time 20260301T000000! --quick-set-expire $(fpr b@x) 3y\n"
      "for k in a b c d e; do gpg --export $k@x >$k.key; gpg --armor --export $k@x >$k.asc; done\n"
      "gpg --export >all.key; cat a.asc c.asc >two.asc; gpg --export-secret-keys a@x b@x "
      ">secret.key\n"
      "cp pubring.kbx keybox.key; gpgconf --kill all\n"
      "for k in *.key *.asc; do gpg --show-keys --with-colons --with-subkey-fingerprint"
      " --fixed-list-mode --with-fingerprint $k >$k.colons || :; done\n";

static char directory[] = "/tmp/sigpolicy-unit-key-facts-XXXXXX";

static void
shell (const char *text)
{
  int status = -1;
  pid_t child = fork ();
  if (child == 0)
    {
      (void)execl ("/bin/bash", "bash", "-c", text, "keys", directory, (char *)NULL);
      _exit (127);
    }
  cr_assert (child > 0 && waitpid (child, &status, 0) == child && status == 0, "%s", directory);
}

static void
make (void)
{
  cr_assert (mkdtemp (directory));
  shell (make_keys);
}

static void
unmake (void)
{
  shell ("rm -rf \"$1\"");
}

static void
read_file (const char *name, const char *suffix, struct sp_buf *content)
{
  cleanup_error sigpolicy_error *err = NULL;
  bool is_fixture = strstr (name, ".gpg") != NULL;
  cleanup_free char *path = sp_asprintf (
      &err, "%s/%s%s", is_fixture ? ABS_SRCDIR "/tests/fixtures" : directory, name, suffix);
  cr_assert (sp_fs_read (path, content, &err) == 0, "%s", sigpolicy_error_text (err));
}

/* Our account of a file, in gpg's words. */
static void
describe (const char *type, const struct sp_key_fact *key, struct sp_buf *out)
{
  sp_buf_printf (out, "%s:%s:%u:%u:%lld:", type, key->revoked ? "r" : "-", key->bits,
                 key->algorithm, (long long)key->created);
  if (key->expires)
    sp_buf_printf (out, "%lld", (long long)key->expires);
  sp_buf_printf (out, ":%s:%s\nfpr:%s\n", key->can_sign ? "s" : "", key->curve ? key->curve : "",
                 key->fingerprint);
}

static void
ours (const struct sp_key_facts_list *list, struct sp_buf *out)
{
  for (size_t i = 0; i < list->len; i++)
    {
      const struct sp_primary_key *primary = &list->items[i];
      describe (primary->key.secret ? "sec" : "pub", &primary->key, out);
      for (size_t k = 0; k < primary->user_ids.len; k++)
        sp_buf_printf (out, "uid:%s\n", primary->user_ids.items[k]);
      for (size_t k = 0; k < primary->n_subkeys; k++)
        describe (primary->subkeys[k].secret ? "ssb" : "sub", &primary->subkeys[k], out);
    }
}

/* gpg's, without what is not asked. A revoked primary key revokes its subkeys, for gpg. */
static void
theirs (char *colons, struct sp_buf *out)
{
  bool primary_revoked = false;
  for (char *line = strsep (&colons, "\n"); line && *line; line = strsep (&colons, "\n"))
    {
      char *field[21] = { 0 };
      for (size_t i = 0; i < 21 && line; i++)
        field[i] = strsep (&line, ":");
      const char *type = field[0];
      bool is_primary = strcmp (type, "pub") == 0 || strcmp (type, "sec") == 0;
      if (is_primary)
        primary_revoked = field[1][0] == 'r';
      if (is_primary || strcmp (type, "sub") == 0 || strcmp (type, "ssb") == 0)
        sp_buf_printf (out, "%s:%s:%s:%s:%s:%s:%s:%s\n", type,
                       field[1][0] == 'r' && (is_primary || !primary_revoked) ? "r" : "-", field[2],
                       field[3], field[5], field[6], strchr (field[11], 's') ? "s" : "", field[16]);
      else if (strcmp (type, "fpr") == 0 || strcmp (type, "uid") == 0)
        sp_buf_printf (out, "%s:%s\n", type, field[9]);
    }
}

Test (openpgp_key_facts, as_gpg, .init = make, .fini = unmake)
{
  static const char *const files[]
      = { "a.key", "b.key", "c.key", "d.key", "e.key",   "a.asc",
          "b.asc", "c.asc", "d.asc", "e.asc", "all.key", "secret.key" };
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf content = SP_BUF (SP_KEY_BYTES_MAX),
                                colons = SP_BUF (SP_KEY_BYTES_MAX),
                                expected = SP_BUF (SP_KEY_BYTES_MAX),
                                found = SP_BUF (SP_KEY_BYTES_MAX);
      cleanup_key_facts struct sp_key_facts_list list = { 0 };
      read_file (files[i], "", &content);
      read_file (files[i], ".colons", &colons);
      cr_assert (sp_openpgp_key_facts (sp_buf_view (&content), &list, &err) == 0);
      ours (&list, &found);
      theirs (colons.data, &expected);
      cr_expect (found.len && sp_view_equal (sp_buf_view (&found), sp_buf_view (&expected)),
                 "%s: found\n%sexpected\n%s", files[i], found.data, expected.data);
      cr_expect (!list.is_malformed && list.has_secret == (files[i][0] == 's'), "%s", files[i]);
    }
}

static const struct
{
  const char *file;
  enum sp_key_file_kind kind;
  size_t len;
  unsigned hash;
  bool secret;
} kinds[] = {
  { "all.key", SP_KEY_FILE_BINARY, 5, 0, false },
  { "a.asc", SP_KEY_FILE_ARMORED, 1, 8, false },
  { "two.asc", SP_KEY_FILE_ARMORED, 2, 0, false },
  { "c.key", SP_KEY_FILE_BINARY, 1, SP_PGP_SHA1, false },
  { "secret.key", SP_KEY_FILE_BINARY, 2, 0, true },
  { "keybox.key", SP_KEY_FILE_KEYBOX, 0, 0, false },
  { "log", SP_KEY_FILE_OTHER, 0, 0, false },
};

Test (openpgp_key_facts, kinds, .init = make, .fini = unmake)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf content = SP_BUF (SP_KEY_BYTES_MAX);
      cleanup_key_facts struct sp_key_facts_list list = { 0 };
      read_file (kinds[i].file, "", &content);
      cr_assert (sp_openpgp_key_facts (sp_buf_view (&content), &list, &err) == 0);
      cr_expect (list.kind == kinds[i].kind && list.len == kinds[i].len
                     && list.has_secret == kinds[i].secret,
                 "%s: kind %d, %zu keys", kinds[i].file, list.kind, list.len);
      if (kinds[i].hash)
        cr_expect (list.items[0].key.hash == kinds[i].hash, "%s: hash %u", kinds[i].file,
                   list.items[0].key.hash);
    }
}

/* RFC 9580, A.3: a certificate of version 6. */
Test (openpgp_key_facts, version_6)
{
  static const char text[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
                             "xioGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laPCsQYf\n"
                             "GwoAAABCBYJjh3/jAwsJBwUVCg4IDAIWAAKbAwIeCSIhBssYbE8GCaaX5NUt+mxy\n"
                             "KwwfHifBilZwj2Ul7Ce62azJBScJAgcCAAAAAK0oIBA+LX0ifsDm185Ecds2v8lw\n"
                             "gyU2kCcUmKfvBXbAf6rhRYWzuQOwEn7E/aLwIwRaLsdry0+VcallHhSu4RN6HWaE\n"
                             "QsiPlR4zxP/TP7mhfVEe7XWPxtnMUMtf15OyA51YBM4qBmOHf+MZAAAAIIaTJINn\n"
                             "+eUBXbki+PSAld2nhJh/LVmFsS+60WyvXkQ1wpsGGBsKAAAALAWCY4d/4wKbDCIh\n"
                             "BssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce62azJAAAAAAQBIKbpGG2dWTX8\n"
                             "j+VjFM21J0hqWlEg+bdiojWnKfA5AQpWUWtnNwDEM0g12vYxoWM8Y81W+bHBw805\n"
                             "I8kWVkXU6vFOi+HWvv/ira7ofJu16NnoUkhclkUrk0mXubZvyl4GBg==\n"
                             "-----END PGP PUBLIC KEY BLOCK-----\n";
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_key_facts struct sp_key_facts_list list = { 0 };
  cr_assert (sp_openpgp_key_facts (sp_view_str (text), &list, &err) == 0 && list.len == 1);
  cr_expect_str_eq (list.items[0].key.fingerprint,
                    "CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9");
  cr_expect_eq (list.items[0].key.algorithm, 27u);
  cr_expect (list.items[0].key.can_sign && list.items[0].n_subkeys == 1
             && !list.items[0].subkeys[0].can_sign && !list.is_malformed);
  cr_expect_str_eq (list.items[0].subkeys[0].curve, "cv25519");
}

/* Every cut of a file is read, says so, and never gives more. */
Test (openpgp_key_facts, cut)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf content = SP_BUF (SP_KEY_BYTES_MAX);
  read_file ("primary.gpg", "", &content);
  for (size_t len = 1; len < content.len; len++)
    {
      cleanup_key_facts struct sp_key_facts_list list = { 0 };
      cr_assert (sp_openpgp_key_facts (sp_view_head (sp_buf_view (&content), len), &list, &err)
                 == 0);
      cr_expect (list.len <= 1, "%zu", len);
      if (list.len)
        cr_expect (list.items[0].key.is_truncated == !list.items[0].key.fingerprint[0]);
    }
  cleanup_buf struct sp_buf large = SP_BUF (SP_KEY_BYTES_MAX + 1);
  while (large.len <= SP_KEY_BYTES_MAX)
    sp_buf_byte (&large, '\x99');
  cleanup_key_facts struct sp_key_facts_list list = { 0 };
  cr_expect (sp_openpgp_key_facts (sp_buf_view (&large), &list, &err) == SIGPOLICY_E_KEY);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}
