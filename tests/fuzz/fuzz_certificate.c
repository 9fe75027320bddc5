/* SPDX-License-Identifier: Apache-2.0 */

/*
 * DER elements one behind the other: a signer's certificate and those for the middle of its path.
 * What parses lies within its bytes and parses again to the same; and nobody but the authority
 * makes a certificate, so a path that is accepted begins with one that it made.
 */
#include "fuzz.h"

#include "crypto/chain.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "util/limits.h"

#include <stdint.h>

/* tests/fixtures/sigstore-made/root.pem; and the digests of the three of chain.der. */
static const char root_pem[] = "-----BEGIN CERTIFICATE-----\n"
                               "MIIBMDCB1qADAgECAgEBMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwHhcN\n"
                               "MjYwNTMxMDAwMDAwWhcNMjYwNjAyMDAwMDAwWjAPMQ0wCwYDVQQDDARyb290MFkw\n"
                               "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAED/LqAbILQDOXTkFmXSFl1s/n0MSHgxPi\n"
                               "G3bW2SE8F9n65XmsJziQgRjNRpgueF0s40pwnjYkNteVZbFwmfvPFqMjMCEwDwYD\n"
                               "VR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAgQwCgYIKoZIzj0EAwIDSQAwRgIh\n"
                               "AMArGc5OFaTdMG4FPbE+/GgzLld8NRyIr5xTQJR4JUI3AiEAngysSU4gMGoaSXXP\n"
                               "W6gRbgBRSdPyAw5UJo0X0GsvMbE=\n"
                               "-----END CERTIFICATE-----\n";
static const char *const genuine[] = {
  "sha256:692224ca35e2fbd87bc2846a568dd27dcce9e0f431c940eea24c0eb86b1908d4",
  "sha256:04380c2732688b417624024c91c4933c3a5b7ca1e7a64ed9db504bad6c3047ee",
  "sha256:dd2a202ed0a29f95578ddad5812415cacc50c7854e7be07f6f8d97b61b0097a3",
};
#define TIME 1780272000

static bool
within (struct sp_view part, const struct sp_buf *whole)
{
  return !part.len
         || (part.data >= whole->data && part.data + part.len <= whole->data + whole->len);
}

static void
check_parts (const struct sp_certificate *it)
{
  require (within (it->issuer, &it->der) && within (it->subject, &it->der)
           && within (it->common_name, &it->der) && within (it->spki, &it->der)
           && within (it->serial, &it->der));
  require (it->version >= 1 && it->version <= 3 && (it->version == 3 || !it->n_extensions));
  for (size_t i = 0; i < it->n_extensions; i++)
    require (within (it->extensions[i].oid, &it->der) && within (it->extensions[i].value, &it->der)
             && sp_certificate_extension (it, it->extensions[i].oid) == &it->extensions[i]);
  for (size_t i = 0; i < it->names.len; i++)
    require (within (it->names.items[i].value, &it->der));
  for (size_t i = 0; i < it->subtrees.len; i++)
    require (within (it->subtrees.items[i].value, &it->der));
}

static void
check_again (const struct sp_certificate *it)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_certificate struct sp_certificate *again = NULL;
  require (sp_certificate_parse (sp_buf_view (&it->der), &again, &err) == 0);
  require (sp_view_equal (it->subject, again->subject) && it->not_after == again->not_after
           && it->names.len == again->names.len && it->is_ca == again->is_ca
           && it->has_unknown_critical == again->has_unknown_critical);
}

static bool
is_genuine (const struct sp_certificate *it)
{
  cleanup_error sigpolicy_error *err = NULL;
  char digest[72];
  require (sp_sha256_text (sp_buf_view (&it->der), digest, &err) == 0);
  for (size_t i = 0; i < sizeof genuine / sizeof *genuine; i++)
    if (strcmp (digest, genuine[i]) == 0)
      return true;
  return false;
}

static void
verify (const struct sp_certificates *list)
{
  static struct sp_certificate_pool *root;
  cleanup_error sigpolicy_error *err = NULL;

  if (!root)
    require (sp_certificate_pool_new (sp_view_str (root_pem), "none", &root, &err) == 0);
  const struct sp_chain_question question = { .anchors = root,
                                              .intermediates = { list, list },
                                              .n_intermediates = { list->len, 0 },
                                              .at = TIME };
  if (sp_chain_verify (list->items[0], &question, &err) == 0)
    require (is_genuine (list->items[0]));
  else
    require (err && sigpolicy_error_message (err)[0]);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_certificate *items[4] = { NULL };
  struct sp_certificates list = { .items = items, .capacity = 4 };
  struct sp_view rest = sp_view_n ((const char *)data, size);
  struct sp_der element;

  while (rest.len && list.len < 4)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view der = rest;
      if (sp_der_next (&rest, &element))
        der = element.whole;
      else
        rest.len = 0;
      if (sp_certificate_parse (der, &items[list.len], &err) < 0)
        {
          require (err && sigpolicy_error_message (err)[0]);
          continue;
        }
      require (sp_view_equal (sp_buf_view (&items[list.len]->der), der));
      check_parts (items[list.len]);
      check_again (items[list.len++]);
    }
  if (list.len)
    verify (&list);
  for (size_t i = 0; i < list.len; i++)
    sp_certificate_free (items[i]);
  return 0;
}
