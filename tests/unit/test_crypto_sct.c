/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sct.h"

#include "support/bundle_fixtures.h"

#include <criterion/criterion.h>

/* A signed certificate timestamp (RFC 6962, section 3.2): version, log, time, extensions, how it is
 * signed, and the signature; in a list, each behind its length, in an OCTET STRING. */
#define LOG    "0123456789abcdef0123456789abcdef"
#define TIME   "\x00\x00\x01\x00\x00\x00\x00\x05"
#define SIGNED "\x04\x03\x00\x02\xaa\xbb"
#define ONE    "\x00" LOG TIME "\x00\x00" SIGNED /* 49 bytes */

static const struct
{
  const char *name;
  struct sp_view value;
  int count; /* -1: it is no list */
} cases[] = {
  { "one", SP_VIEW ("\x04\x35\x00\x33\x00\x31" ONE), 1 },
  { "two", SP_VIEW ("\x04\x68\x00\x66\x00\x31" ONE "\x00\x31" ONE), 2 },
  { "none", SP_VIEW ("\x04\x02\x00\x00"), -1 },
  { "nothing", SP_VIEW (""), -1 },
  { "no OCTET STRING", SP_VIEW ("\x03\x35\x00\x33\x00\x31" ONE), -1 },
  { "a list that is longer", SP_VIEW ("\x04\x35\x00\x34\x00\x31" ONE), -1 },
  { "one that is shorter", SP_VIEW ("\x04\x35\x00\x32\x00\x31" ONE), -1 },
  { "an entry that is longer", SP_VIEW ("\x04\x35\x00\x33\x00\x32" ONE), -1 },
  { "one that is shorter", SP_VIEW ("\x04\x35\x00\x33\x00\x30" ONE), -1 },
  { "an entry of nothing", SP_VIEW ("\x04\x04\x00\x02\x00\x00"), -1 },
  { "a byte behind it", SP_VIEW ("\x04\x36\x00\x33\x00\x31" ONE "x"), -1 },
  { "a signature that is longer",
    SP_VIEW ("\x04\x35\x00\x33\x00\x31\x00" LOG TIME "\x00\x00\x04\x03\x00\x03\xaa\xbb"), -1 },
  { "extensions that are longer",
    SP_VIEW ("\x04\x35\x00\x33\x00\x31\x00" LOG TIME "\x00\xff" SIGNED), -1 },
  { "cut", SP_VIEW ("\x04\x35\x00\x33\x00\x31\x00" LOG), -1 },
};

Test (crypto_sct, lists)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_sct scts[4];
      size_t n = 0;
      int rc = sp_sct_parse (cases[i].value, scts, 4, &n, &err);
      if (cases[i].count < 0)
        cr_expect (rc == SIGPOLICY_E_REJECTED, "%s: %d, %zu", cases[i].name, rc, n);
      else
        cr_expect (rc == 0 && n == (size_t)cases[i].count, "%s: %d, %zu", cases[i].name, rc, n);
    }
}

Test (crypto_sct, what_it_says)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_sct sct;
  size_t n = 0;

  cr_assert (sp_sct_parse (cases[0].value, &sct, 1, &n, &err) == 0 && n == 1);
  cr_expect (sp_view_is (sct.log_id, LOG));
  cr_expect (sct.time == 0x10000000005 / 1000 && sct.milliseconds == 0x10000000005 % 1000);
  cr_expect (sct.is_sha256 && sct.is_ecdsa && !sct.is_rsa);
  cr_expect (sp_view_is (sct.signature, "\xaa\xbb"));
  cr_expect (sp_sct_parse (cases[1].value, &sct, 1, &n, &err) < 0, "more than there is room for");
}

/* Of a real one each byte counts; so do the certificate, its issuer and the log. */
Test (crypto_sct, each_bit)
{
  cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf signature = SP_BUF (256);
  struct sp_sct sct;
  size_t n = 0;
  bool holds = false;

  bundle_fixture_load ("certificate-file", &fixture);
  const struct sp_certificate *issuer = fixture.root->authorities[0].chain.items[0];
  const struct sp_certificate *other = fixture.root->authorities[0].chain.items[1];
  const struct sp_public_key *log = fixture.root->ct_logs[0].key;
  cr_assert (sp_sct_read (fixture.leaf, &sct, 1, &n, &err) == 0 && n == 1);
  cr_assert (sp_sct_verify (&sct, fixture.leaf, issuer, log, &holds, &err) == 0 && holds);
  cr_expect (sp_sct_verify (&sct, fixture.leaf, other, log, &holds, &err) == 0 && !holds);
  cr_expect (sp_sct_verify (&sct, issuer, issuer, log, &holds, &err) < 0 || !holds);
  sp_error_clear (&err);
  cr_expect (sp_sct_verify (&sct, fixture.leaf, issuer, fixture.root->logs[0].key, &holds, &err)
                 == 0
             && !holds);
  sp_buf_add (&signature, sct.signature);
  sct.signature = sp_buf_view (&signature);
  for (size_t bit = 0; bit < 8 * signature.len; bit++)
    {
      signature.data[bit / 8] = (char)(signature.data[bit / 8] ^ 1 << bit % 8);
      cr_expect (sp_sct_verify (&sct, fixture.leaf, issuer, log, &holds, &err) == 0 && !holds,
                 "bit %zu", bit);
      signature.data[bit / 8] = (char)(signature.data[bit / 8] ^ 1 << bit % 8);
    }
  sct.milliseconds ^= 1;
  cr_expect (sp_sct_verify (&sct, fixture.leaf, issuer, log, &holds, &err) == 0 && !holds);
  sct.milliseconds ^= 1;
  sct.extensions = sp_view_str ("x");
  cr_expect (sp_sct_verify (&sct, fixture.leaf, issuer, log, &holds, &err) == 0 && !holds);
}
