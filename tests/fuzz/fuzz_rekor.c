/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A log entry. Whatever is changed round the bytes that the log signed, what is accepted is what it
 * signed: this time, this signer, this signature, this payload. The same input, as the body of an
 * entry, reads the same with white space round it.
 */
#include "fuzz.h"

#include "verify/rekor.h"
#include "util/limits.h"

#include <stdint.h>

/* tests/fixtures/sigstore-made: log.pub, ours.pub, and what log-entry.json is of. */
static const char log_pem[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGyZ1NSDwnxbkVXEojEPjV4LSZpzv\n"
                              "DOZpEEXNvDhOQ2T/FuGPndEEa2hhpVz4ANZNpRPgimz7uZXbQ5tkJZtNfw==\n"
                              "-----END PUBLIC KEY-----\n";
static const char signer_pem[]
    = "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcTvO7EtUMbdkLkuYxPgMZFBTF4yi\n"
      "23tHdJSXc7Pqz6LfNds45cB5czL6BrBhZD3mqswEXQgXW4BkQsWolLiFqw==\n"
      "-----END PUBLIC KEY-----\n";
static const char signature[] = "MEUCIQCB6tpHKcI3pnlpnxoAm2pCQh79vsIXXpbz+h5PE3+"
                                "T8QIgTgGV99h6cC9bRFcTMoM4n6Le9/gZOSJuxvy/pLzFwVI=";
static const char payload[]
    = "{\"critical\":{\"identity\":{\"docker-reference\":\"registry.example/ns/"
      "app:v1\"},\"image\":{\"docker-manifest-digest\":\"sha256:"
      "f20c43161d73848408ef247f0ec7111b19fe58ffebc0cbcaa0d2c8bda4967268\"},\"type\":\"cosign "
      "container image signature\"},\"optional\":null}";
#define TIME 1780272000

static struct sp_public_key *
load (const char *pem)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_public_key *key = NULL;
  require (sp_public_key_from_pem (sp_view_str (pem), &key, &err) == 0);
  return key;
}

static bool
same (const struct sp_rekor_value *a, const struct sp_rekor_value *b)
{
  return a->present == b->present
         && sp_view_equal (sp_buf_view (&a->bytes), sp_buf_view (&b->bytes));
}

static void
read_body (struct sp_view text)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_error sigpolicy_error *other = NULL;
  struct sp_rekor_body body = { 0 }, spaced = { 0 };
  cleanup_buf struct sp_buf padded = SP_BUF (text.len + 8);

  sp_buf_str (&padded, " \n");
  sp_buf_add (&padded, text);
  sp_buf_str (&padded, "\t\r ");
  int rc = sp_rekor_body_parse (text, &body, &err);
  require ((rc < 0) == (err != NULL));
  require ((sp_rekor_body_parse (sp_buf_view (&padded), &spaced, &other) < 0) == (rc < 0));
  if (rc == 0)
    require (same (&body.signature, &spaced.signature)
             && same (&body.signature_content, &spaced.signature_content)
             && same (&body.public_key, &spaced.public_key)
             && same (&body.public_key_content, &spaced.public_key_content)
             && same (&body.data, &spaced.data) && same (&body.hash, &spaced.hash)
             && same (&body.algorithm, &spaced.algorithm)
             && same (&body.hash_value, &spaced.hash_value));
  sp_rekor_body_clear (&body);
  sp_rekor_body_clear (&spaced);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static struct sp_public_key *log, *signer;
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_rekor_entry struct sp_rekor_entry entry = { 0 };
  struct sp_view text = sp_view_n ((const char *)data, size);

  if (!log)
    {
      log = load (log_pem);
      signer = load (signer_pem);
    }
  read_body (text);
  if (sp_rekor_open (text, &log, 1, &entry, &err) < 0)
    {
      require (err && sigpolicy_error_message (err)[0]);
      return 0;
    }
  const struct sp_rekor_signer by = { .spki = sp_public_key_spki (signer) };
  const struct sp_rekor_signer by_log = { .spki = sp_public_key_spki (log) };
  require (entry.time == TIME);
  require (sp_rekor_match (&entry, &by, sp_view_str (signature), sp_view_str (payload), &err) == 0);
  require (sp_rekor_match (&entry, &by_log, sp_view_str (signature), sp_view_str (payload), &err)
           < 0);
  sp_error_clear (&err);
  require (sp_rekor_match (&entry, &by, sp_view_str (signature), text, &err) < 0);
  return 0;
}
