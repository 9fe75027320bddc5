/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The least that a verification of a sigstore signature costs: OpenSSL loads the key and verifies
 * the same signature over the same bytes, and nothing else is looked at.
 *
 * usage: openssl_verify KEY.PEM SIGNATURE PAYLOAD [TIMES]     exit status 0 when the signature is
 * good
 */
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>

static size_t
slurp (const char *path, unsigned char *bytes, size_t room)
{
  FILE *file = fopen (path, "rbe");
  size_t length = file ? fread (bytes, 1, room, file) : 0;
  if (file)
    (void)fclose (file);
  return length;
}

int
main (int argc, char **argv)
{
  static unsigned char signature[4096], payload[65536];

  if (argc != 4 && argc != 5)
    return 2;
  long times = argc == 5 ? strtol (argv[4], NULL, 10) : 1;
  size_t signature_length = slurp (argv[2], signature, sizeof signature);
  size_t payload_length = slurp (argv[3], payload, sizeof payload);
  FILE *file = fopen (argv[1], "re");
  EVP_PKEY *key = file ? PEM_read_PUBKEY (file, NULL, NULL, NULL) : NULL;
  int good = key != NULL;
  for (long i = 0; i < times && good; i++)
    {
      EVP_MD_CTX *context = EVP_MD_CTX_new ();
      good = context && EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key) == 1
             && EVP_DigestVerify (context, signature, signature_length, payload, payload_length)
                    == 1;
      EVP_MD_CTX_free (context);
    }
  EVP_PKEY_free (key);
  if (file)
    (void)fclose (file);
  return good ? 0 : 1;
}
