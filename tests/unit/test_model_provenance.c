/* SPDX-License-Identifier: Apache-2.0 */
#include "model/chart.h"
#include "model/provenance.h"
#include "openpgp/openpgp_int.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define SUM    "sha256:b5ac3f4110da7bfffcd12a283465adfbd3fc7dea3e5d5b8416034c0e4935efe3"
#define CHARTS ABS_SRCDIR "/tests/fixtures/charts/"
#define NOW    1780272000 /* 2026-06-01 */
#define FILES  "\n...\nfiles:\n  demo-0.1.0.tgz: " SUM "\n"
#define NUMBER "version: 0.1.0\n"

static const struct
{
  const char *text, *file; /* file: NULL where it is rejected, */
  sigpolicy_reason reason;
} texts[] = {
  { "name: demo\n" NUMBER FILES, "demo-0.1.0.tgz", 0 },
  { "name: demo\r\nversion: 0.1.0 \r\n\r\n... \t\r\nfiles:\r\n  demo-0.1.0.tgz: " SUM,
    "demo-0.1.0.tgz", 0 },
  { "name: \"demo\"\nversion: '0.1.0'\n" FILES, "demo-0.1.0.tgz", 0 },
  { "name: demo\n" NUMBER "...\nimages: {a: b}\nfiles: {demo-0.1.0.tgz: \"" SUM "\"}\n",
    "demo-0.1.0.tgz", 0 },
  { "name: demo\nversion: 0.1.0+b.1-x\n...\nfiles:\n  demo-0.1.0+b.1-x.tgz: " SUM "\n",
    "demo-0.1.0+b.1-x.tgz", 0 },
  /* its twins */
  { "", NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "...\n", NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\n" NUMBER, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\n" NUMBER FILES "...\n", NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "---\nname: demo\n" NUMBER FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\n" NUMBER FILES "--- \nx: y\n", NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\n" NUMBER "...\n...\nfiles: {demo-0.1.0.tgz: \"" SUM "\"}\n", NULL,
    SIGPOLICY_REASON_BAD_SIGNATURE },
  { "- demo\n" FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "Name: demo\n" NUMBER FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: true\n" NUMBER FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: \"de\\0mo\"\n" NUMBER FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\nname: demo\n" NUMBER FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\nx: {a: 1, a: 2}\n" NUMBER FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\nx: [&a 1]\n" NUMBER FILES, NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\n" NUMBER "...\nfiles: [" SUM "]\n", NULL, SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\n" NUMBER "...\nFiles: {demo-0.1.0.tgz: \"" SUM "\"}\n", NULL,
    SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\n" NUMBER "...\nfiles: {demo-0.1.0.tgz: [\"" SUM "\"]}\n", NULL,
    SIGPOLICY_REASON_BAD_SIGNATURE },
  { "name: demo\n" NUMBER "...\nfiles: {demo-0.1.1.tgz: \"" SUM "\"}\n", NULL,
    SIGPOLICY_REASON_IDENTITY_MISMATCH },
  { "name: Demo\n" NUMBER FILES, NULL, SIGPOLICY_REASON_IDENTITY_MISMATCH },
};

Test (model_provenance, texts)
{
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_provenance struct sp_provenance found = { 0 };
      struct sp_verified_bytes bytes = { .bytes = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX) };
      sp_buf_str (&bytes.bytes, texts[i].text);
      int rc = sp_provenance_parse (&bytes, &found, &err);
      sp_buf_clear (&bytes.bytes);
      cr_expect_eq (rc, texts[i].file ? 0 : SIGPOLICY_E_REJECTED, "%s", texts[i].text);
      if (texts[i].file && rc == 0)
        cr_expect (strcmp (found.file, texts[i].file) == 0 && strcmp (found.digest, SUM) == 0,
                   "%s: %s", texts[i].text, found.file);
      else if (rc < 0)
        cr_expect_eq (sigpolicy_error_reason (err), texts[i].reason, "%s: %s", texts[i].text,
                      sigpolicy_error_text (err));
    }
}

static void
read_chart (const char *name, struct sp_buf *ret)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, CHARTS "%s", name);
  cr_assert (sp_fs_read (path, ret, &err) == 0, "%s", sigpolicy_error_text (err));
}

static struct sp_keyring *
open_keyring (struct sp_openpgp **ret_engine)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf keys = SP_BUF (SP_KEY_BYTES_MAX);
  struct sp_keyring *keyring = NULL;
  read_chart ("alice.gpg", &keys);
  struct sp_key_material material = { "alice.gpg", sp_buf_view (&keys) };
  cr_assert (sp_openpgp_init (true, &err) == 0 && sp_openpgp_new (ret_engine, &err) == 0
             && sp_openpgp_keyring (*ret_engine, &material, 1, &keyring, &err) == 0);
  return keyring;
}

/* The file that a provenance states, or NULL; to free(). */
static char *
verify (struct sp_keyring *keyring, struct sp_view text, sigpolicy_error **err)
{
  struct sp_openpgp_signature signature = { .content = { .bytes = SP_BUF (0) } };
  cleanup_provenance struct sp_provenance found = { 0 };
  cleanup_free char *signer = NULL;

  int rc = sp_keyring_verify_text (keyring, text, NOW, &signature, &signer, err);
  if (rc == 0)
    rc = sp_provenance_parse (&signature.content, &found, err);
  sp_openpgp_signature_clear (&signature);
  return rc == 0 ? sp_asprintf (err, "%s %s", found.file, found.digest) : NULL;
}

/* Where a byte of it changes, it states the same, or it is rejected. */
Test (model_provenance, every_byte_counts)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_openpgp struct sp_openpgp *engine = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  struct sp_keyring *keyring = open_keyring (&engine);

  read_chart ("demo-0.1.0.tgz.prov", &text);
  cleanup_free char *good = verify (keyring, sp_buf_view (&text), &err);
  cr_assert_str_eq (good, "demo-0.1.0.tgz " SUM, "%s", sigpolicy_error_text (err));
  for (size_t i = 0; i < text.len; i += 3)
    {
      cleanup_error sigpolicy_error *why = NULL;
      char was = text.data[i];
      text.data[i] = (char)(was ^ 1);
      cleanup_free char *now = verify (keyring, sp_buf_view (&text), &why);
      cr_expect (!now || strcmp (now, good) == 0, "byte %zu", i);
      cr_expect (now || sigpolicy_error_code (why) == SIGPOLICY_E_REJECTED, "byte %zu: %s", i,
                 sigpolicy_error_text (why));
      text.data[i] = was;
    }
}

Test (model_provenance, too_long)
{
  cleanup_openpgp struct sp_openpgp *engine = NULL;
  struct sp_keyring *keyring = open_keyring (&engine);

  for (size_t more = 0; more < 2; more++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (2 * SP_SIGNED_TEXT_BYTES_MAX);
      read_chart ("demo-0.1.0.tgz.prov", &text);
      while (text.len < SP_SIGNED_TEXT_BYTES_MAX + more)
        sp_buf_byte (&text, '\n');
      cleanup_free char *found = verify (keyring, sp_buf_view (&text), &err);
      cr_expect_eq (found != NULL, more == 0);
      cr_expect (!more || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}
