/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Makes tests/fixtures/sigstore-made anew: keys, certificates, log entries and stored signatures,
 * for tests that need fixed bytes. Nothing needs it but a change of the set:
 *
 *   make tests/sigstore-fixtures && tests/sigstore-fixtures DIRECTORY MANIFEST
 *
 * Secret keys are not kept. Everything is valid from 2026-05-31 to 2026-06-02, and logged at
 * 2026-06-01T00:00:00Z.
 */
#include "support/certificates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "registry.example/ns/app"
#define CA   "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
#define SIGN                                                           \
  "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n" \
  "subjectAltName=critical,email:signer@example.com,DNS:build.example.com\n"
#define FULCIO "1.3.6.1.4.1.57264.1.8=ASN1:UTF8String:https://issuer.example\n"
#define MIME   "application/vnd.dev.cosign.simplesigning.v1+json"

static const char *directory;

static void
must (int good, const char *what)
{
  if (good)
    return;
  perror (what);
  exit (1);
}

static FILE *
create (const char *name)
{
  char *path = NULL;
  must (asprintf (&path, "%s/%s", directory, name) > 0, name);
  FILE *file = fopen (path, "we");
  must (file != NULL, path);
  free (path);
  return file;
}

static void
save (const char *name, const char *text)
{
  FILE *file = create (name);
  must (fputs (text, file) >= 0 && fclose (file) == 0, name);
}

static void
write_string (FILE *file, const char *text)
{
  (void)fputc ('"', file);
  for (; *text; text++)
    if (*text == '\n')
      (void)fputs ("\\n", file);
    else
      (void)fprintf (file, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
  (void)fputc ('"', file);
}

/* The annotations of a stored signature; NULL is absent. */
struct stored
{
  const char *mime_type, *payload, *signature, *bundle, *certificate, *chain;
};

static void
store (const char *name, const struct stored *stored)
{
  const char *const annotations[][2] = {
    { "dev.cosignproject.cosign/signature", stored->signature },
    { "dev.sigstore.cosign/bundle", stored->bundle },
    { "dev.sigstore.cosign/certificate", stored->certificate },
    { "dev.sigstore.cosign/chain", stored->chain },
  };
  char *payload = base64 (stored->payload, strlen (stored->payload));
  FILE *file = create (name);

  (void)fputc ('\0', file);
  (void)fprintf (file, "sigstore-json\n{\"mimeType\":\"%s\",\"payload\":\"%s\",\"annotations\":{",
                 stored->mime_type ? stored->mime_type : MIME, payload);
  for (size_t i = 0, n = 0; i < sizeof annotations / sizeof *annotations; i++)
    if (annotations[i][1])
      {
        (void)fputs (n++ ? "," : "", file);
        write_string (file, annotations[i][0]);
        (void)fputc (':', file);
        write_string (file, annotations[i][1]);
      }
  must (fputs ("}}", file) >= 0 && fclose (file) == 0, name);
  free (payload);
}

static char *
make_payload (const char *name, const char *digest)
{
  char *text = NULL;
  must (asprintf (&text,
                  "{\"critical\":{\"identity\":{\"docker-reference\":\"%s\"},\"image\":{\"docker-"
                  "manifest-digest\":\"sha256:%s\"},\"type\":\"cosign container image signature\"},"
                  "\"optional\":null}",
                  name, digest)
            > 0,
        "memory");
  return text;
}

static char *
sign (EVP_PKEY *key, const char *payload)
{
  size_t length;
  unsigned char *bytes = make_signature (key, "SHA256", payload, strlen (payload), &length);
  char *text = base64 (bytes, length);
  free (bytes);
  return text;
}

static char *
digest_of (const char *path)
{
  unsigned char content[4096], digest[32];
  FILE *file = fopen (path, "rbe");
  must (file != NULL, path);
  size_t length = fread (content, 1, sizeof content, file);
  (void)fclose (file);
  char *hex = calloc (1, 65);
  must (hex && EVP_Digest (content, length, digest, NULL, EVP_sha256 (), NULL) == 1, path);
  for (size_t i = 0; i < sizeof digest; i++)
    (void)snprintf (hex + 2 * i, 3, "%02x", digest[i]);
  return hex;
}

static void
save_der (const char *name, X509 *const *certificates, size_t count)
{
  FILE *file = create (name);
  for (size_t i = 0; i < count; i++)
    must (i2d_X509_fp (file, certificates[i]) == 1, name);
  must (fclose (file) == 0, name);
}

static void
make_key_signatures (const char *digest, EVP_PKEY *log)
{
  EVP_PKEY *ours = make_key ("P-256", 1), *other = make_key ("P-256", 2);
  char *pem = public_key_pem (ours), *other_pem = public_key_pem (other);
  char *tagged = make_payload (NAME ":v1", digest), *untagged = make_payload (NAME, digest);
  char *signature = sign (ours, tagged), *by_other = sign (other, tagged);
  char *of_untagged = sign (ours, untagged);
  char *entry = make_log_entry (log, TEST_NOW, pem, signature, tagged, strlen (tagged));
  char *of_other = make_log_entry (log, TEST_NOW, other_pem, by_other, tagged, strlen (tagged));

  save ("ours.pub", pem);
  save ("other.pub", other_pem);
  store ("good.sig", &(struct stored){ .payload = tagged, .signature = signature });
  store ("forged.sig", &(struct stored){ .payload = untagged, .signature = signature });
  store ("no-tag.sig", &(struct stored){ .payload = untagged, .signature = of_untagged });
  store ("by-other.sig", &(struct stored){ .payload = tagged, .signature = by_other });
  store ("logged.sig",
         &(struct stored){ .payload = tagged, .signature = signature, .bundle = entry });
  store ("stapled.sig",
         &(struct stored){ .payload = tagged, .signature = signature, .bundle = of_other });
  store ("attestation.sig", &(struct stored){ .mime_type = "application/vnd.dsse.envelope.v1+json",
                                              .payload = "{}",
                                              .signature = "" });
  save ("log-entry.json", entry);
  save ("log-entry-signature", signature);
  save ("log-entry-payload", tagged);
}

static void
make_certificate_signatures (const char *digest, EVP_PKEY *log)
{
  static const struct recipe root = { .subject = "root", .number = 11, .extensions = CA };
  static const struct recipe middle = { .subject = "middle", .number = 12, .extensions = CA };
  static const struct recipe leaf
      = { .subject = "signer", .number = 13, .extensions = SIGN FULCIO };
  X509 *certificates[3];
  certificates[2] = make_certificate (&root, NULL, NULL);
  certificates[1] = make_certificate (&middle, &root, certificates[2]);
  certificates[0] = make_certificate (&leaf, &middle, certificates[1]);
  char *root_pem = certificate_pem (certificates[2]),
       *middle_pem = certificate_pem (certificates[1]);
  char *leaf_pem = certificate_pem (certificates[0]), *chain = NULL;
  char *payload = make_payload (NAME ":v1", digest);
  char *signature = sign (make_key ("P-256", 13), payload);
  char *entry = make_log_entry (log, TEST_NOW, leaf_pem, signature, payload, strlen (payload));

  must (asprintf (&chain, "%s%s", middle_pem, root_pem) > 0, "memory");
  save ("root.pem", root_pem);
  save ("middle.pem", middle_pem);
  store ("certified.sig", &(struct stored){ .payload = payload,
                                            .signature = signature,
                                            .certificate = leaf_pem,
                                            .chain = chain,
                                            .bundle = entry });
  save_der ("chain.der", certificates, 3);
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    {
      (void)fprintf (stderr, "usage: sigstore-fixtures DIRECTORY MANIFEST\n");
      return 2;
    }
  directory = argv[1];
  EVP_PKEY *log = make_key ("P-256", 21);
  char *digest = digest_of (argv[2]);
  save ("log.pub", public_key_pem (log));
  make_key_signatures (digest, log);
  make_certificate_signatures (digest, log);
  return 0;
}
