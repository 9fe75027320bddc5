/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/timestamp.h"

#include "crypto/der.h"
#include "support/bundle_fixtures.h"
#include "util/limits.h"

#include <criterion/criterion.h>

struct question
{
  struct sp_view bytes;
  const struct sp_certificates *authority;
};

static bool
holds (const struct question *question, struct sp_view token)
{
  cleanup_error sigpolicy_error *err = NULL;
  sp_time time = 0;
  bool late = true;
  int rc = sp_timestamp_verify (token, question->bytes, question->authority, &time, &late, &err);

  cr_expect (rc == 0 || rc == SIGPOLICY_E_REJECTED, "%d", rc);
  if (rc == 0)
    cr_expect (time == 1780272005 && !late, "another time: %lld", (long long)time);
  return rc == 0;
}

static void
ask (const char *name, struct bundle_fixture *fixture, struct question *ret)
{
  bundle_fixture_load (name, fixture);
  ret->bytes = sp_buf_view (&fixture->bundle->signature);
  ret->authority = &fixture->root->timestamp_authorities[0].chain;
}

Test (crypto_timestamp, as_it_is)
{
  static const char *const names[] = { "certificate-timestamp", "certificate-v2" };

  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
      cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
      struct question question;
      ask (names[i], &fixture, &question);
      struct sp_view token = sp_buf_view (&fixture.bundle->timestamps[0]);
      cr_expect (holds (&question, token), "%s", names[i]);
      cr_expect (!holds (&question, sp_view_head (token, token.len - 1)), "cut");
      cr_expect (!holds (&question, sp_view_str ("")), "nothing");
      question.bytes = sp_view_from (question.bytes, 1);
      cr_expect (!holds (&question, token), "of other bytes");
      question.bytes = sp_buf_view (&fixture.bundle->signature);
      question.authority = &fixture.root->authorities[0].chain;
      cr_expect (!holds (&question, token), "by another authority");
    }
}

/* The same certificate with an element more behind the last that is signed, which OpenSSL does not
 * take. */
static struct sp_certificate *
make_unreadable (const struct sp_certificate *certificate)
{
  cleanup_buf struct sp_buf tbs = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  cleanup_buf struct sp_buf content = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  cleanup_buf struct sp_buf whole = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_certificate *ret = NULL;
  struct sp_view der = sp_buf_view (&certificate->der), outer, inner;

  cr_assert (sp_der_take (&der, SP_DER_SEQUENCE, &outer)
             && sp_der_take (&outer, SP_DER_SEQUENCE, &inner));
  sp_buf_add (&tbs, inner);
  sp_buf_add (&tbs, sp_view_n ("\x05\x00", 2));
  sp_der_append (&content, SP_DER_SEQUENCE, sp_buf_view (&tbs));
  sp_buf_add (&content, outer);
  sp_der_append (&whole, SP_DER_SEQUENCE, sp_buf_view (&content));
  cr_assert (sp_certificate_parse (sp_buf_view (&whole), &ret, &err) == 0);
  return ret;
}

Test (crypto_timestamp, an_authority_that_openssl_cannot_read)
{
  cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
  struct question question;
  ask ("certificate-timestamp", &fixture, &question);

  for (size_t i = 0; i < question.authority->len; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_certificate **slot = &question.authority->items[i], *kept = *slot;
      sp_time time;
      bool late;

      *slot = make_unreadable (kept);
      cr_expect (sp_timestamp_verify (sp_buf_view (&fixture.bundle->timestamps[0]), question.bytes,
                                      question.authority, &time, &late, &err)
                 == SIGPOLICY_E_REJECTED);
      cr_expect_str_eq (sigpolicy_error_message (err),
                        "signed timestamp: OpenSSL cannot read a certificate of the authority");
      sp_certificate_free (*slot);
      *slot = kept;
    }
}

/* What changes is refused, or says the same: holds() looks at the time. */
Test (crypto_timestamp, each_byte)
{
  cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
  cleanup_buf struct sp_buf token = SP_BUF (65536);
  struct question question;
  size_t same = 0;

  ask ("certificate-timestamp", &fixture, &question);
  sp_buf_add (&token, sp_buf_view (&fixture.bundle->timestamps[0]));
  for (size_t i = 0; i < token.len; i++)
    {
      token.data[i] = (char)(token.data[i] ^ 1);
      same += holds (&question, sp_buf_view (&token));
      token.data[i] = (char)(token.data[i] ^ 1);
    }
  /* What nobody signs and nothing is made of: the status that says "granted with modifications",
   * and two numbers of versions. */
  cr_expect (same <= 3, "%zu changes make no difference", same);
}

/* What is no timestamp at all. */
Test (crypto_timestamp, none)
{
  static const struct
  {
    struct sp_view response;
    const char *message;
  } rows[] = {
    { SP_VIEW (""), "signed timestamp: not one element of DER" },
    { SP_VIEW ("\x30\x05\x30\x03\x02\x01"), "signed timestamp: not one element of DER" },
    { SP_VIEW ("\x30\x05\x30\x03\x02\x01\x02\x00"), "signed timestamp: not one element of DER" },
    { SP_VIEW ("\x30\x00"), "signed timestamp: not a TimeStampResp of RFC 3161" },
    { SP_VIEW ("\x30\x03\x02\x01\x02"), "signed timestamp: not a TimeStampResp of RFC 3161" },
    { SP_VIEW ("\x30\x05\x30\x03\x02\x01\x02"),
      "signed timestamp: the authority did not grant a timestamp" },
  };
  cleanup_bundle_fixture struct bundle_fixture fixture = { 0 };
  struct question question;
  ask ("certificate-timestamp", &fixture, &question);

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      sp_time time = 0;
      bool late = false;
      cr_expect (sp_timestamp_verify (rows[i].response, question.bytes, question.authority, &time,
                                      &late, &err)
                 == SIGPOLICY_E_REJECTED);
      cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message, "row %zu: '%s'", i,
                        sigpolicy_error_message (err));
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE);
    }
}
