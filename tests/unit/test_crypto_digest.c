/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <criterion/criterion.h>

/* The examples of FIPS 180-4, and what a naive text function would cut short. */
static const struct
{
  const char *name;
  struct sp_view in;
  const char *digest;
} cases[] = {
  { "empty", SP_VIEW (""),
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { "abc", SP_VIEW ("abc"),
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
  { "two blocks", SP_VIEW ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
    "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
  { "one NUL", SP_VIEW ("\0"),
    "sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
};

Test (crypto_digest, sha256)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      char text[72] = "";
      cr_assert (sp_sha256_text (cases[i].in, text, &err) == 0, "%s", cases[i].name);
      cr_expect_str_eq (text, cases[i].digest, "%s", cases[i].name);
    }
}

Test (crypto_digest, no_bytes_at_all)
{
  cleanup_error sigpolicy_error *err = NULL;
  char text[72] = "";
  cr_assert (sp_sha256_text (sp_view_n (NULL, 0), text, &err) == 0);
  cr_expect_str_eq (text, cases[0].digest);
}

/* "abc", by FIPS 180-4. */
Test (crypto_digest, by_the_algorithm_of_another)
{
  static const char *const digests[] = {
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sha384:"
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca1"
    "34c825a7",
    "sha512:"
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23"
    "a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  };
  for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      char text[SP_DIGEST_TEXT_SIZE] = "";
      cr_assert (sp_digest_text_like (sp_view_str ("abc"), sp_view_str (digests[i]), text, &err)
                 == 0);
      cr_expect_str_eq (text, digests[i]);
    }
}
