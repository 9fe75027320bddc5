/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/checkpoint.h"

#include "support/bundle_fixtures.h"
#include "support/certificates.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define LINE "\u2014 log.example AAAAAQIDBAUGBwg=\n"

/* The note of C2SP: lines, a blank line, lines of signatures. */
static const struct
{
  const char *name, *text;
  size_t signatures; /* 0: it is no checkpoint */
} cases[] = {
  { "as it is", "log.example\n3\n" ROOT "\n\n" LINE, 1 },
  { "further lines", "log.example\n3\n" ROOT "\nmore\n\n" LINE, 1 },
  { "two signatures", "log.example\n3\n" ROOT "\n\n" LINE LINE, 2 },
  { "a size of nothing", "log.example\n0\n" ROOT "\n\n" LINE, 1 },
  { "eighteen digits", "log.example\n999999999999999999\n" ROOT "\n\n" LINE, 1 },
  { "nineteen", "log.example\n1000000000000000000\n" ROOT "\n\n" LINE, 0 },
  { "a size with a zero in front", "log.example\n03\n" ROOT "\n\n" LINE, 0 },
  { "a negative size", "log.example\n-3\n" ROOT "\n\n" LINE, 0 },
  { "a size that is none", "log.example\nthree\n" ROOT "\n\n" LINE, 0 },
  { "no origin", "\n3\n" ROOT "\n\n" LINE, 0 },
  { "a root of 31 bytes", "log.example\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==\n\n" LINE,
    0 },
  { "a root without padding",
    "log.example\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n\n" LINE, 0 },
  { "two lines", "log.example\n3\n\n" LINE, 0 },
  { "no blank line", "log.example\n3\n" ROOT "\n" LINE, 0 },
  { "no signature", "log.example\n3\n" ROOT "\n\n", 0 },
  { "no newline at the end", "log.example\n3\n" ROOT "\n\n\u2014 log.example AAAAAQIDBAUGBwg=", 0 },
  { "a hyphen", "log.example\n3\n" ROOT "\n\n- log.example AAAAAQIDBAUGBwg=\n", 0 },
  { "a name with a plus",
    "log.example\n3\n" ROOT "\n\n" LINE "\u2014 log+example AAAAAQIDBAUGBwg=\n", 0 },
  { "a name of other letters",
    "log.example\n3\n" ROOT "\n\n" LINE "\u2014 log\u3001example AAAAAQIDBAUGBwg=\n", 2 },
  { "a name with white space of Unicode's",
    "log.example\n3\n" ROOT "\n\n" LINE "\u2014 log\u3000example AAAAAQIDBAUGBwg=\n", 0 },
  { "carriage returns", "log.example\r\n3\r\n" ROOT "\r\n\r\n" LINE, 0 },
  { "nothing", "", 0 },
};

Test (verify_checkpoint, notes)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_checkpoint checkpoint = { 0 };
      int rc = sp_checkpoint_parse (sp_view_str (cases[i].text), &checkpoint, &err);
      cr_expect (cases[i].signatures ? rc == 0 : rc == SIGPOLICY_E_REJECTED, "%s: %d",
                 cases[i].name, rc);
      if (rc == 0)
        cr_expect (checkpoint.n_signatures == cases[i].signatures, "%s: %zu", cases[i].name,
                   checkpoint.n_signatures);
    }
}

/* As many signatures as the limit says, and one more. */
Test (verify_checkpoint, signatures)
{
  for (size_t more = 0; more < 2; more++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_CHECKPOINT_BYTES_MAX);
      struct sp_checkpoint checkpoint = { 0 };
      sp_buf_str (&text, "log.example\n3\n" ROOT "\n\n");
      for (size_t i = 0; i < SP_CHECKPOINT_SIGNATURES_MAX + more; i++)
        sp_buf_str (&text, LINE);
      int rc = sp_checkpoint_parse (sp_buf_view (&text), &checkpoint, &err);
      cr_expect (rc == (more ? SIGPOLICY_E_REJECTED : 0), "%zu: %d", more, rc);
      if (rc == 0 || !more)
        continue;
      cr_expect_str_eq (sigpolicy_error_message (err),
                        "a checkpoint with more than 100 signatures");
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}

static bool
holds (struct sp_view text, const struct sp_trusted_log *log, enum sp_log_version version)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_checkpoint checkpoint = { 0 };
  size_t others = 0;
  return sp_checkpoint_parse (text, &checkpoint, &err) == 0
         && sp_checkpoint_verify (&checkpoint, log, version, &others, &err) == 0;
}

/* Whatever byte of a real one changes, it is no longer the log's. */
static void
change_each (const char *fixture_name, enum sp_log_version version)
{
  cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
  cleanup_buf struct sp_buf text = SP_BUF (8192);

  bundle_fixture_load (fixture_name, &fixture);
  const struct sp_bundle_entry *entry = &fixture.bundle->entries[0];
  const struct sp_trusted_log *log = sp_trusted_log_find (fixture.root->logs, fixture.root->n_logs,
                                                          sp_buf_view (&entry->log_id));
  cr_assert (log);
  sp_buf_add (&text, entry->checkpoint);
  cr_assert (holds (sp_buf_view (&text), log, version), "%s", fixture_name);
  /* What a line calls the log of version 1 is not signed, and says nothing; its key does. */
  struct sp_view line = sp_view_str ("\n\n\u2014 ");
  char *name = memmem (text.data, text.len, line.data, line.len);
  cr_assert (name);
  size_t first = (size_t)(name - text.data) + line.len, end = first + strlen ("log.example");
  for (size_t i = 0; i < text.len; i++)
    for (unsigned bit = 0; bit < 8; bit++)
      {
        text.data[i] = (char)(text.data[i] ^ 1 << bit);
        bool is_name = version == SP_LOG_V1 && i >= first && i < end;
        cr_expect (is_name || !holds (sp_buf_view (&text), log, version), "%s: bit %u of byte %zu",
                   fixture_name, bit, i);
        text.data[i] = (char)(text.data[i] ^ 1 << bit);
      }
  for (size_t i = 0; i < fixture.root->n_logs; i++)
    cr_expect (&fixture.root->logs[i] == log
                   || !holds (sp_buf_view (&text), &fixture.root->logs[i], version),
               "%s: another log", fixture_name);
}

Test (verify_checkpoint, each_bit_of_version_1) { change_each ("certificate-file", SP_LOG_V1); }

Test (verify_checkpoint, each_bit_of_version_2) { change_each ("certificate-v2", SP_LOG_V2); }

/* The hint of an RSA key is of its name, too, in the second version; of the bare key in the first.
 */
Test (verify_checkpoint, rsa)
{
  static const char text[] = "log.example\n3\n" ROOT "\n";
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *pem = public_key_pem (make_key ("RSA-2048", 0));
  cleanup_public_key struct sp_public_key *key = NULL;
  cleanup_buf struct sp_buf named = SP_BUF (SP_KIB);
  size_t length = 0;
  cleanup_free unsigned char *signature
      = make_signature (make_key ("RSA-2048", 0), "SHA256", text, strlen (text), &length);
  char name[] = "log.example";
  cr_assert (sp_public_key_from_pem (sp_view_str (pem), &key, &err) == 0);
  const struct sp_trusted_log log = { .name = name, .key = key };

  sp_buf_str (&named, "log.example\n\xff"
                      "PKIX-RSA-PKCS#1v1.5");
  sp_buf_add (&named, sp_public_key_spki (key));
  const struct sp_view hinted[] = { sp_public_key_spki (key), sp_buf_view (&named) };
  for (size_t of = 0; of < 2; of++)
    for (size_t forged = 0; forged < 2; forged++)
      {
        cleanup_buf struct sp_buf line = SP_BUF (SP_KIB);
        unsigned char hint[SP_SHA256_BYTES];
        cr_assert (sp_sha256 (hinted[of], hint, &err) == 0);
        sp_buf_add (&line, sp_view_n ((const char *)hint, 4));
        sp_buf_add (&line, sp_view_n ((const char *)signature, length));
        line.data[line.len - 1] = (char)(line.data[line.len - 1] ^ (int)forged);
        cleanup_free char *encoded = base64 (line.data, line.len);
        cleanup_free char *note = sp_asprintf (&err, "%s\n\u2014 log.example %s\n", text, encoded);
        for (int version = SP_LOG_V1; version <= SP_LOG_V2; version++)
          {
            bool fits = (version == SP_LOG_V2) == (of == 1);
            cr_expect (holds (sp_view_str (note), &log, (enum sp_log_version)version)
                           == (fits && !forged),
                       "version %d, hint %zu, forged %zu", version, of, forged);
          }
      }
}
