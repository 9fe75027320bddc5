/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/sigstore.h"

#include "json/write.h"
#include "support/certificates.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define DIGEST "sha256:4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a"
#define PAYLOAD                                                                                    \
  "{\"critical\":{\"identity\":{\"docker-reference\":\"quay.io/ns/app\"},\"image\":{\"docker-"     \
  "manifest-digest\":\"" DIGEST "\"},\"type\":\"cosign container image signature\"},\"optional\":" \
  "null}"
#define ISSUER "https://issuer.example"
#define EMAIL  "u@example.com"

#define CA "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
/* The issuer as bare bytes, and as a UTF8String. */
#define V1 "1.3.6.1.4.1.57264.1.1=DER:68747470733a2f2f6973737565722e6578616d706c65\n"
#define V2 "1.3.6.1.4.1.57264.1.8=ASN1:UTF8String:" ISSUER "\n"
#define SIGN                                                           \
  "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n" \
  "subjectAltName=critical,email:" EMAIL ",DNS:host.example.com\n"

static const struct recipe root = { .subject = "root", .number = 11, .extensions = CA };
static const struct recipe middle = { .subject = "middle", .number = 12, .extensions = CA };

/* The annotations of one signature; NULL is absent. All to free(). */
struct signature
{
  char *payload, *signature, *bundle, *certificate, *chain;
};

static void
signature_clear (struct signature *signature)
{
  free (signature->payload);
  free (signature->signature);
  free (signature->bundle);
  free (signature->certificate);
  free (signature->chain);
}

static char *
sign (EVP_PKEY *key, const char *payload)
{
  size_t length;
  cleanup_free unsigned char *bytes = make_signature (
      key, EVP_PKEY_is_a (key, "ED25519") ? NULL : "SHA256", payload, strlen (payload), &length);
  return base64 (bytes, length);
}

static char *
join (const char *first, const char *second)
{
  cleanup_error sigpolicy_error *err = NULL;
  return sp_asprintf (&err, "%s%s", first, second);
}

/* The stored form, taken apart again. */
static struct sp_signature_blob *
store (const struct signature *signature)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, &err);
  cleanup_free char *payload = base64 (signature->payload, strlen (signature->payload));
  struct sp_buf bytes = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  struct sp_signature_blob *blob = NULL;
  const char *const annotations[][2] = {
    { SP_ANNOTATION_SIGNATURE, signature->signature },
    { SP_ANNOTATION_BUNDLE, signature->bundle },
    { SP_ANNOTATION_CERTIFICATE, signature->certificate },
    { SP_ANNOTATION_CHAIN, signature->chain },
  };

  sp_json_write_str (out, "mimeType", "application/vnd.dev.cosign.simplesigning.v1+json");
  sp_json_write_str (out, "payload", payload);
  sp_json_write_open (out, "annotations", false);
  for (size_t i = 0; i < 4; i++)
    if (annotations[i][1])
      sp_json_write_str (out, annotations[i][0], annotations[i][1]);
  sp_json_write_close (out);
  cleanup_free char *text = sp_json_write_text (out, SP_JSON_ONE_LINE, &err);
  sp_buf_byte (&bytes, '\0');
  sp_buf_str (&bytes, "sigstore-json\n");
  sp_buf_str (&bytes, text);
  cr_assert (sp_signature_blob_parse (&bytes, "test", &blob, &err) == 0, "%s",
             sigpolicy_error_message (err));
  return blob;
}

/* Verifies, and says what is expected of it. */
static void
expect (const char *name, const struct signature *signature,
        const struct sp_requirement *requirement, const struct sp_trust *trust, const char *wanted,
        sigpolicy_reason reason)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_signature_blob struct sp_signature_blob *blob = store (signature);
  cleanup_claim struct sp_claim claim = { 0 };
  enum sp_verify_stage stage = SP_STAGE_KEYS;

  int rc = sp_sigstore_verify (blob, requirement, trust, TEST_NOW, &claim, &stage, &err);
  cr_expect ((rc == 0) == (wanted == NULL), "%s: %s", name,
             err ? sigpolicy_error_message (err) : "accepted");
  if (rc == 0)
    {
      cr_expect_str_eq (claim.digest, DIGEST, "%s", name);
      cr_expect_str_eq (claim.reference, "quay.io/ns/app", "%s", name);
      cr_expect (claim.key && strncmp (claim.key, "sha256:", 7) == 0, "%s", name);
      cr_expect (claim.is_logged == (signature->bundle && trust->n_rekor_keys), "%s", name);
      return;
    }
  if (!wanted)
    return;
  cr_expect (strstr (sigpolicy_error_message (err), wanted), "%s: %s", name,
             sigpolicy_error_message (err));
  cr_expect (sigpolicy_error_reason (err) == reason, "%s: %s, %s", name,
             sigpolicy_reason_slug (sigpolicy_error_reason (err)), sigpolicy_error_message (err));
}

/* The trust in keys of these kinds and in a log. */
static const struct sp_trust *
trust_keys (struct sp_trust_cache *cache, EVP_PKEY *const *keys, size_t n_keys, EVP_PKEY *log)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view views[4], log_view = { "", 0 };
  char *texts[5] = { NULL };
  const struct sp_trust *trust = NULL;

  for (size_t i = 0; i < n_keys; i++)
    views[i] = sp_view_str (texts[i] = public_key_pem (keys[i]));
  if (log)
    log_view = sp_view_str (texts[4] = public_key_pem (log));
  const struct sp_trust_material material = { .kind = SP_TRUST_KEYS,
                                              .keys = views,
                                              .n_keys = n_keys,
                                              .rekor_keys = &log_view,
                                              .n_rekor_keys = log ? 1 : 0,
                                              .roots = { "", 0 },
                                              .intermediates = { "", 0 } };
  cr_assert (sp_trust_get (cache, &material, &trust, &err) == 0, "%s",
             sigpolicy_error_message (err));
  for (size_t i = 0; i < 5; i++)
    free (texts[i]);
  return trust;
}

static struct sp_trust_cache *
new_cache (void)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_trust_cache *cache = NULL;
  cr_assert (sp_trust_cache_new (&cache, &err) == 0);
  return cache;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* The two numbers of a signature by P-256, bare. */
static char *
sign_bare (EVP_PKEY *key, const char *payload)
{
  unsigned char numbers[64];
  size_t length;
  cleanup_free unsigned char *bytes
      = make_signature (key, "SHA256", payload, strlen (payload), &length);
  const unsigned char *at = bytes;
  ECDSA_SIG *pair = d2i_ECDSA_SIG (NULL, &at, (long)length);
  cr_assert (pair && BN_bn2binpad (ECDSA_SIG_get0_r (pair), numbers, 32) == 32
             && BN_bn2binpad (ECDSA_SIG_get0_s (pair), numbers + 32, 32) == 32);
  ECDSA_SIG_free (pair);
  return base64 (numbers, sizeof numbers);
}

/* What holds, and gets a warning. */
Test (verify_sigstore, weak)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  static const struct sp_requirement requirement = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED };
  const struct
  {
    const char *curve;
    bool bare, weak;
  } rows[] = { { "P-256", false, false }, { "P-256", true, true }, { "P-224", false, true } };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      EVP_PKEY *key = make_key (rows[i].curve, 1), *keys[] = { key };
      cleanup_claim struct sp_claim claim = { 0 };
      enum sp_verify_stage stage = SP_STAGE_KEYS;
      SP_CLEANUP (signature_clear)
      struct signature signature
          = { .payload = strdup (PAYLOAD),
              .signature = rows[i].bare ? sign_bare (key, PAYLOAD) : sign (key, PAYLOAD) };
      cleanup_signature_blob struct sp_signature_blob *blob = store (&signature);
      cr_expect (sp_sigstore_verify (blob, &requirement, trust_keys (cache, keys, 1, NULL),
                                     TEST_NOW, &claim, &stage, &err)
                     == 0,
                 "row %zu: %s", i, err ? sigpolicy_error_message (err) : "");
      cr_expect (claim.weak == rows[i].weak, "row %zu", i);
    }
}

Test (verify_sigstore, keys)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  static const struct sp_requirement requirement = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED };
  EVP_PKEY *ours = make_key ("P-256", 1), *other = make_key ("P-256", 2);
  EVP_PKEY *ed = make_key ("ED25519", 1), *x = make_key ("X25519", 1);
  const struct
  {
    const char *name, *payload, *signed_payload; /* NULL: the usual */
    EVP_PKEY *signer, *keys[3];
    size_t n_keys;
    const char *wanted;
    sigpolicy_reason reason;
  } rows[] = {
    { "good", NULL, NULL, ours, { ours }, 1, NULL, 0 },
    { "second of two", NULL, NULL, ours, { other, ours }, 2, NULL, 0 },
    { "kinds mixed", NULL, NULL, ed, { other, ours, ed }, 3, NULL, 0 },
    { "another key",
      NULL,
      NULL,
      other,
      { ours },
      1,
      "cryptographic signature verification failed: invalid signature when validating ASN.1 "
      "encoded "
      "signature",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "neither of two",
      NULL,
      NULL,
      other,
      { ours, ed },
      2,
      "signature, failed to verify signature",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "another payload",
      PAYLOAD " ",
      PAYLOAD,
      ours,
      { ours },
      1,
      "verification failed",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "a kind that verifies nothing spoils the rest",
      NULL,
      NULL,
      ours,
      { ours, x },
      2,
      "unsupported public key type",
      SIGPOLICY_REASON_KEY_UNUSABLE },
    { "verified before parsed",
      "not json",
      PAYLOAD,
      ours,
      { ours },
      1,
      "verification failed",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "not json",
      "not json",
      "not json",
      ours,
      { ours },
      1,
      "invalid character 'o' in literal null",
      SIGPOLICY_REASON_BAD_SIGNATURE },
    { "one byte",
      "&",
      "&",
      ours,
      { ours },
      1,
      "invalid character '&'",
      SIGPOLICY_REASON_BAD_SIGNATURE },
    { "empty object",
      "{}",
      "{}",
      ours,
      { ours },
      1,
      "Key \"critical\" missing in a JSON object",
      SIGPOLICY_REASON_BAD_SIGNATURE },
    { "no keys",
      NULL,
      NULL,
      ours,
      { NULL },
      0,
      "cryptographic signature verification failed",
      SIGPOLICY_REASON_BAD_SIGNATURE },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      const char *payload = rows[i].payload ? rows[i].payload : PAYLOAD;
      SP_CLEANUP (signature_clear)
      struct signature signature = {
        .payload = strdup (payload),
        .signature
        = sign (rows[i].signer, rows[i].signed_payload ? rows[i].signed_payload : payload),
      };
      expect (rows[i].name, &signature, &requirement,
              trust_keys (cache, rows[i].keys, rows[i].n_keys, NULL), rows[i].wanted,
              rows[i].reason);
    }
}

Test (verify_sigstore, signature_annotation)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  static const struct sp_requirement requirement = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED };
  EVP_PKEY *ours = make_key ("P-256", 1);
  const struct sp_trust *trust = trust_keys (cache, &ours, 1, NULL);
  cleanup_free char *good = sign (ours, PAYLOAD);
  const struct
  {
    const char *before, *middle, *behind, *wanted;
  } rows[] = {
    { "", good, "", NULL },
    { "\n", good, "\r\n", NULL },
    { " ", good, "", "base64 decoding: illegal base64 data at input byte 0" },
    { "", good, " ", "base64 decoding: illegal base64 data at input byte" },
    { "", good, "AAAA", "" },
    { "", "", "", "ecdsa: Invalid IEEE_P1363 encoded bytes" },
    { "", "aW52YWxpZCBzaWduYXR1cmU=", "", "ecdsa: Invalid IEEE_P1363 encoded bytes" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_free char *head = join (rows[i].before, rows[i].middle);
      SP_CLEANUP (signature_clear)
      struct signature signature
          = { .payload = strdup (PAYLOAD), .signature = join (head, rows[i].behind) };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_signature_blob struct sp_signature_blob *blob = store (&signature);
      cleanup_claim struct sp_claim claim = { 0 };
      enum sp_verify_stage stage;
      int rc = sp_sigstore_verify (blob, &requirement, trust, TEST_NOW, &claim, &stage, &err);
      cr_expect ((rc == 0) == (rows[i].wanted == NULL), "row %zu", i);
      if (rc < 0 && rows[i].wanted)
        cr_expect (strstr (sigpolicy_error_message (err), rows[i].wanted), "row %zu: %s", i,
                   sigpolicy_error_message (err));
    }
  SP_CLEANUP (signature_clear) struct signature none = { .payload = strdup (PAYLOAD) };
  expect ("none", &none, &requirement, trust,
          "missing dev.cosignproject.cosign/signature annotation", SIGPOLICY_REASON_BAD_SIGNATURE);
}

/* --- keys and a log --------------------------------------------------------------------------- */

Test (verify_sigstore, logged_keys)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  static const struct sp_requirement requirement = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED };
  EVP_PKEY *ours = make_key ("P-256", 1), *other = make_key ("P-256", 2);
  EVP_PKEY *log = make_key ("P-384", 3), *other_log = make_key ("P-256", 4);
  EVP_PKEY *x = make_key ("X25519", 1);
  static const unsigned char of_dsa[]
      = "\x30\x1c\x30\x14\x06\x07\x2a\x86\x48\xce\x38\x04\x01\x30\x09\x02\x01\x17\x02\x01\x0b"
        "\x02\x01\x04\x03\x04\x00\x02\x01\x08";
  const unsigned char *at = of_dsa;
  EVP_PKEY *dsa = d2i_PUBKEY (NULL, &at, (long)sizeof of_dsa - 1);
  cr_assert (dsa);
  const struct
  {
    const char *name;
    EVP_PKEY *signer, *recorded, *by, *keys[3];
    size_t n_keys;
    const char *wanted;
    sigpolicy_reason reason;
  } rows[] = {
    { "good", ours, ours, log, { ours }, 1, NULL, 0 },
    { "second of two", ours, ours, log, { other, ours }, 2, NULL, 0 },
    { "twice", ours, ours, log, { ours, ours }, 2, NULL, 0 },
    /* the log told which key, so the others need not be good for anything */
    { "a kind that verifies nothing", ours, ours, log, { x, ours }, 2, NULL, 0 },
    { "a kind that cannot be written", ours, ours, log, { ours, dsa }, 2, NULL, 0 },
    { "a kind that cannot be written, first",
      ours,
      ours,
      log,
      { dsa, ours },
      2,
      "re-marshaling public key to PEM: x509: unsupported public key type: *dsa.PublicKey",
      SIGPOLICY_REASON_KEY_UNUSABLE },
    { "of another key",
      other,
      other,
      log,
      { ours },
      1,
      "No public key verified against the RekorSET: publicKey in Rekor SET does not match",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "recorded for another key of ours",
      ours,
      other,
      log,
      { ours, other },
      2,
      "cryptographic signature verification failed",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "another log",
      ours,
      ours,
      other_log,
      { ours },
      1,
      "No public key verified against the RekorSET: cryptographic signature verification of Rekor "
      "SET failed",
      SIGPOLICY_REASON_NOT_IN_LOG },
    { "another log, two keys",
      ours,
      ours,
      other_log,
      { ours, other },
      2,
      "of Rekor SET failed, cryptographic",
      SIGPOLICY_REASON_NOT_IN_LOG },
    { "not logged",
      ours,
      NULL,
      NULL,
      { ours },
      1,
      "missing dev.sigstore.cosign/bundle annotation",
      SIGPOLICY_REASON_NOT_IN_LOG },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_free char *pem = rows[i].recorded ? public_key_pem (rows[i].recorded) : NULL;
      SP_CLEANUP (signature_clear)
      struct signature signature
          = { .payload = strdup (PAYLOAD), .signature = sign (rows[i].signer, PAYLOAD) };
      if (rows[i].by)
        signature.bundle = make_log_entry (rows[i].by, TEST_NOW, pem, signature.signature, PAYLOAD,
                                           strlen (PAYLOAD));
      expect (rows[i].name, &signature, &requirement,
              trust_keys (cache, rows[i].keys, rows[i].n_keys, log), rows[i].wanted,
              rows[i].reason);
    }

  EVP_PKEY_free (dsa);

  /* A valid entry of another signature of the same key. */
  cleanup_free char *pem = public_key_pem (ours);
  SP_CLEANUP (signature_clear)
  struct signature stapled = { .payload = strdup (PAYLOAD), .signature = sign (ours, PAYLOAD) };
  cleanup_free char *elsewhere = sign (ours, PAYLOAD);
  stapled.bundle = make_log_entry (log, TEST_NOW, pem, elsewhere, PAYLOAD, strlen (PAYLOAD));
  expect ("stapled", &stapled, &requirement, trust_keys (cache, &ours, 1, log),
          "signature in Rekor SET does not match", SIGPOLICY_REASON_NOT_IN_LOG);
  free (stapled.bundle);
  stapled.bundle = make_log_entry (log, TEST_NOW, pem, stapled.signature, "other", 5);
  expect ("of another payload", &stapled, &requirement, trust_keys (cache, &ours, 1, log),
          "payload in Rekor SET does not match", SIGPOLICY_REASON_NOT_IN_LOG);
}

/* --- certificates ----------------------------------------------------------------------------- */

/* What a certificate signs with, and its chain. */
struct signer
{
  X509 *root, *middle, *leaf;
  char *root_pem, *middle_pem, *leaf_pem;
};

static void
signer_clear (struct signer *signer)
{
  X509_free (signer->root);
  X509_free (signer->middle);
  X509_free (signer->leaf);
  free (signer->root_pem);
  free (signer->middle_pem);
  free (signer->leaf_pem);
}

static void
make_signer (struct signer *signer, const struct recipe *leaf)
{
  signer->root = make_certificate (&root, NULL, NULL);
  signer->middle = make_certificate (&middle, &root, signer->root);
  signer->leaf = make_certificate (leaf, &middle, signer->middle);
  signer->root_pem = certificate_pem (signer->root);
  signer->middle_pem = certificate_pem (signer->middle);
  signer->leaf_pem = certificate_pem (signer->leaf);
}

static const struct sp_trust *
trust_certificates (struct sp_trust_cache *cache, bool fulcio, const char *roots,
                    const char *intermediates)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *log = public_key_pem (make_key ("P-256", 4));
  const struct sp_view log_view = sp_view_str (log);
  const struct sp_trust *trust = NULL;
  const struct sp_trust_material material = { .kind = fulcio ? SP_TRUST_FULCIO : SP_TRUST_PKI,
                                              .rekor_keys = &log_view,
                                              .n_rekor_keys = fulcio,
                                              .roots = sp_view_str (roots),
                                              .intermediates = sp_view_str (intermediates) };
  cr_assert (sp_trust_get (cache, &material, &trust, &err) == 0, "%s",
             sigpolicy_error_message (err));
  return trust;
}

/* A signature over the payload by the leaf of recipe. */
static void
sign_with (const struct recipe *leaf, const struct signer *signer, struct signature *ret)
{
  ret->payload = strdup (PAYLOAD);
  ret->signature = sign (make_key (leaf->key ? leaf->key : "P-256", leaf->number), PAYLOAD);
  ret->certificate = strdup (signer->leaf_pem);
  ret->chain = join (signer->middle_pem, signer->root_pem);
}

#define LEAF(...)                                \
  {                                              \
    .subject = "leaf", .number = 13, __VA_ARGS__ \
  }

static const struct
{
  const char *name;
  struct recipe leaf;
  long logged; /* seconds from TEST_NOW */
  const char *wanted;
  sigpolicy_reason reason;
} fulcio_cases[] = {
  { "issuer as bytes", LEAF (.extensions = SIGN V1), 0, NULL, 0 },
  { "issuer in DER", LEAF (.extensions = SIGN V2), 0, NULL, 0 },
  { "both", LEAF (.extensions = SIGN V1 V2), 0, NULL, 0 },
  { "a path that OpenSSL refuses",
    LEAF (.extensions = SIGN V1 "authorityKeyIdentifier=DER:3003820107\n"), 0, "OpenSSL",
    SIGPOLICY_REASON_KEY_NOT_TRUSTED },
  { "a log that tells the year 1", LEAF (.extensions = SIGN V1), -62135596800 - (long)TEST_NOW,
    "integratedTime is no time", SIGPOLICY_REASON_NOT_IN_LOG },
  { "as printable string",
    LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=ASN1:PRINTABLESTRING:" ISSUER), 0, NULL, 0 },
  { "as 16-bit string", LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=ASN1:BMP:" ISSUER), 0, NULL,
    0 },
  { "as T61 string", LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=ASN1:T61:" ISSUER), 0, NULL,
    0 },
  { "as general string", LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=ASN1:GENSTR:" ISSUER), 0,
    NULL, 0 },
  { "as visible string", LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=ASN1:VISIBLE:" ISSUER), 0,
    "invalid ASN.1 in OIDC issuer v2 extension", SIGPOLICY_REASON_ISSUER_MISMATCH },
  { "as octets", LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=ASN1:OCT:" ISSUER), 0,
    "invalid ASN.1 in OIDC issuer v2 extension", SIGPOLICY_REASON_ISSUER_MISMATCH },
  { "trailing data", LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=DER:0c016100"), 0,
    "invalid ASN.1 in OIDC issuer v2 extension, trailing data", SIGPOLICY_REASON_ISSUER_MISMATCH },
  { "nothing in it", LEAF (.extensions = SIGN V1 "1.3.6.1.4.1.57264.1.8=DER:0c0100"), 0,
    "inconsistent", SIGPOLICY_REASON_ISSUER_MISMATCH },
  { "bytes that are DER", LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.1=ASN1:UTF8:" ISSUER), 0,
    "Unexpected Fulcio OIDC issuer \"\\f\\x16https://issuer.example\"",
    SIGPOLICY_REASON_ISSUER_MISMATCH },
  { "no issuer", LEAF (.extensions = SIGN), 0, "Fulcio certificate is missing the issuer extension",
    SIGPOLICY_REASON_ISSUER_MISMATCH },
  { "another issuer",
    LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=ASN1:UTF8:https://issuer.exampl"), 0,
    "Unexpected Fulcio OIDC issuer \"https://issuer.exampl\"", SIGPOLICY_REASON_ISSUER_MISMATCH },
  { "they differ", LEAF (.extensions = SIGN V1 "1.3.6.1.4.1.57264.1.8=ASN1:UTF8:x"), 0,
    "inconsistent OIDC issuer extension values: v1 \"https://issuer.example\", v2 \"x\"",
    SIGPOLICY_REASON_ISSUER_MISMATCH },
  { "critical issuer", LEAF (.extensions = SIGN "1.3.6.1.4.1.57264.1.8=critical,ASN1:UTF8:" ISSUER),
    0, "veryfing leaf certificate failed: x509: unhandled critical extension",
    SIGPOLICY_REASON_KEY_NOT_TRUSTED },

  { "another mailbox", LEAF (.extensions = "subjectAltName=email:U@example.com\n" V2), 0,
    "Required email \"u@example.com\" not found (got [\"U@example.com\"])",
    SIGPOLICY_REASON_SUBJECT_MISMATCH },
  { "two mailboxes", LEAF (.extensions = "subjectAltName=email:v@example.com,email:" EMAIL "\n" V2),
    0, NULL, 0 },
  { "no mailbox", LEAF (.extensions = "subjectAltName=DNS:u@example.com\n" V2), 0,
    "Required email \"u@example.com\" not found (got [])", SIGPOLICY_REASON_SUBJECT_MISMATCH },
  { "mailbox with NUL",
    LEAF (.extensions = "subjectAltName=DER:3013811175406578616d706c652e636f6d002e6f7267\n" V2), 0,
    "not found (got [\"u@example.com\\x00.or\"])", SIGPOLICY_REASON_SUBJECT_MISMATCH },
  { "critical odd names",
    LEAF (.extensions = "subjectAltName=critical,otherName:1.2.3.4;UTF8:x\n" V2), 0,
    "Required email", SIGPOLICY_REASON_SUBJECT_MISMATCH },

  /* the time that the log recorded */
  { "first second", LEAF (.extensions = SIGN V2, .start = -100, .end = 500), -100, NULL, 0 },
  { "last second", LEAF (.extensions = SIGN V2, .start = -100, .end = 500), 500, NULL, 0 },
  { "too early", LEAF (.extensions = SIGN V2, .start = -100, .end = 500), -101, "is before",
    SIGPOLICY_REASON_EXPIRED },
  { "too late", LEAF (.extensions = SIGN V2, .start = -100, .end = 500), 501, "is after",
    SIGPOLICY_REASON_EXPIRED },
  { "expired since", LEAF (.extensions = SIGN V2, .start = -900, .end = -300), -600, NULL, 0 },

  { "usage",
    LEAF (.extensions = "extendedKeyUsage=serverAuth\nsubjectAltName=email:" EMAIL "\n" V2), 0,
    "incompatible key usage", SIGPOLICY_REASON_KEY_NOT_TRUSTED },
  { "RSA", LEAF (.extensions = SIGN V2, .key = "RSA-2048"), 0, NULL, 0 },
  { "Ed25519", LEAF (.extensions = SIGN V2, .key = "ED25519"), 0, NULL, 0 },
};

Test (verify_sigstore, fulcio)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  struct sp_fulcio fulcio = { .oidc_issuer = (char[]){ ISSUER },
                              .oidc_issuer_len = strlen (ISSUER),
                              .subject_email = (char[]){ EMAIL },
                              .subject_email_len = strlen (EMAIL) };
  const struct sp_requirement requirement
      = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED, .fulcio = &fulcio };

  for (size_t i = 0; i < sizeof fulcio_cases / sizeof *fulcio_cases; i++)
    {
      SP_CLEANUP (signer_clear) struct signer signer = { 0 };
      SP_CLEANUP (signature_clear) struct signature signature = { 0 };
      make_signer (&signer, &fulcio_cases[i].leaf);
      sign_with (&fulcio_cases[i].leaf, &signer, &signature);
      signature.bundle
          = make_log_entry (make_key ("P-256", 4), TEST_NOW + fulcio_cases[i].logged,
                            signer.leaf_pem, signature.signature, PAYLOAD, strlen (PAYLOAD));
      expect (fulcio_cases[i].name, &signature, &requirement,
              trust_certificates (cache, true, signer.root_pem, ""), fulcio_cases[i].wanted,
              fulcio_cases[i].reason);
    }
}

static const struct recipe good_leaf = LEAF (.extensions = SIGN V2);
static const struct recipe another_leaf
    = { .subject = "leaf", .number = 14, .extensions = SIGN V2 };

/* Each piece of a good signature, replaced by one that would be good elsewhere. */
Test (verify_sigstore, fulcio_forged)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  struct sp_fulcio fulcio = { .oidc_issuer = (char[]){ ISSUER },
                              .oidc_issuer_len = strlen (ISSUER),
                              .subject_email = (char[]){ EMAIL },
                              .subject_email_len = strlen (EMAIL) };
  const struct sp_requirement requirement
      = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED, .fulcio = &fulcio };
  SP_CLEANUP (signer_clear) struct signer signer = { 0 };
  SP_CLEANUP (signer_clear) struct signer other = { 0 };
  SP_CLEANUP (signature_clear) struct signature good = { 0 };
  SP_CLEANUP (signature_clear) struct signature elsewhere = { 0 };
  EVP_PKEY *log = make_key ("P-256", 4);

  make_signer (&signer, &good_leaf);
  make_signer (&other, &another_leaf);
  sign_with (&good_leaf, &signer, &good);
  sign_with (&another_leaf, &other, &elsewhere);
  good.bundle
      = make_log_entry (log, TEST_NOW, signer.leaf_pem, good.signature, PAYLOAD, strlen (PAYLOAD));
  elsewhere.bundle = make_log_entry (log, TEST_NOW, other.leaf_pem, elsewhere.signature, PAYLOAD,
                                     strlen (PAYLOAD));
  const struct sp_trust *trust = trust_certificates (cache, true, signer.root_pem, "");
  cleanup_free char *two = join (signer.leaf_pem, other.leaf_pem);
  cleanup_free char *newline = join (signer.leaf_pem, "\n");
  cleanup_free char *swapped = join (signer.root_pem, signer.middle_pem);
  cleanup_free char *middles = join (signer.middle_pem, signer.middle_pem);
  cleanup_free char *before = join ("text\n", good.chain);
  cleanup_free char *behind = join (good.chain, "text");
  const sigpolicy_reason not_in_log = SIGPOLICY_REASON_NOT_IN_LOG;
  const sigpolicy_reason untrusted = SIGPOLICY_REASON_KEY_NOT_TRUSTED;
  const sigpolicy_reason bad = SIGPOLICY_REASON_BAD_SIGNATURE;
  const struct
  {
    const char *name;
    struct signature signature;
    const char *wanted;
    sigpolicy_reason reason;
  } rows[] = {
    { "good", good, NULL, 0 },
    { "no entry",
      { good.payload, good.signature, NULL, good.certificate, good.chain },
      "missing dev.sigstore.cosign/bundle annotation",
      not_in_log },
    { "no certificate",
      { good.payload, good.signature, good.bundle, NULL, good.chain },
      "missing dev.sigstore.cosign/certificate annotation",
      untrusted },
    { "entry of another",
      { good.payload, good.signature, elsewhere.bundle, good.certificate, good.chain },
      "publicKey in Rekor SET does not match",
      untrusted },
    { "certificate of another",
      { good.payload, good.signature, good.bundle, elsewhere.certificate, good.chain },
      "publicKey in Rekor SET does not match",
      untrusted },
    { "signature of another",
      { good.payload, elsewhere.signature, good.bundle, good.certificate, good.chain },
      "signature in Rekor SET does not match",
      not_in_log },
    { "another payload",
      { (char[]){ PAYLOAD " " }, good.signature, good.bundle, good.certificate, good.chain },
      "payload in Rekor SET does not match",
      not_in_log },
    { "two certificates",
      { good.payload, good.signature, good.bundle, two, good.chain },
      "public key or cert to be matched against publicKey in Rekor SET has trailing data",
      not_in_log },
    { "one newline more",
      { good.payload, good.signature, good.bundle, newline, good.chain },
      "has trailing data",
      not_in_log },
    { "no PEM",
      { good.payload, good.signature, good.bundle, (char[]){ "x" }, good.chain },
      "is not in PEM format",
      not_in_log },

    /* the chain, of which the last counts for nothing */
    { "root, middle",
      { good.payload, good.signature, good.bundle, good.certificate, swapped },
      "certificate signed by unknown authority",
      untrusted },
    { "middle alone",
      { good.payload, good.signature, good.bundle, good.certificate, signer.middle_pem },
      "certificate signed by unknown authority",
      untrusted },
    { "middle twice",
      { good.payload, good.signature, good.bundle, good.certificate, middles },
      NULL,
      0 },
    { "no chain",
      { good.payload, good.signature, good.bundle, good.certificate, NULL },
      "certificate signed by unknown authority",
      untrusted },
    { "empty chain",
      { good.payload, good.signature, good.bundle, good.certificate, (char[]){ "" } },
      "certificate signed by unknown authority",
      untrusted },
    { "white chain",
      { good.payload, good.signature, good.bundle, good.certificate, (char[]){ " \n" } },
      "certificate signed by unknown authority",
      untrusted },
    { "text before the chain",
      { good.payload, good.signature, good.bundle, good.certificate, before },
      NULL,
      0 },
    { "text behind the chain",
      { good.payload, good.signature, good.bundle, good.certificate, behind },
      "loading certificate chain: error during PEM decoding",
      bad },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    expect (rows[i].name, &rows[i].signature, &requirement, trust, rows[i].wanted, rows[i].reason);
}

Test (verify_sigstore, pki)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  SP_CLEANUP (signer_clear) struct signer signer = { 0 };
  SP_CLEANUP (signer_clear) struct signer other = { 0 };
  SP_CLEANUP (signature_clear) struct signature good = { 0 };
  make_signer (&signer, &good_leaf);
  make_signer (&other, &another_leaf);
  sign_with (&good_leaf, &signer, &good);
  cleanup_free char *two = join (signer.leaf_pem, other.leaf_pem);
  cleanup_free char *newline = join (signer.leaf_pem, "\n\n");
  const struct sp_trust *roots = trust_certificates (cache, false, signer.root_pem, "");
  const struct sp_trust *both
      = trust_certificates (cache, false, signer.root_pem, signer.middle_pem);
  const struct
  {
    const char *name, *email, *host;
    const struct sp_trust *trust;
    struct signature signature;
    const char *wanted;
    sigpolicy_reason reason;
  } rows[] = {
    { "mailbox", EMAIL, "", roots, good, NULL, 0 },
    { "host", "", "host.example.com", roots, good, NULL, 0 },
    { "both", EMAIL, "HOST.example.com", roots, good, NULL, 0 },
    { "another mailbox", "v@example.com", "", roots, good, "Required email \"v@example.com\"",
      SIGPOLICY_REASON_SUBJECT_MISMATCH },
    { "another host", "", "h.example.com", roots, good,
      "Unexpected subject hostname: x509: certificate is valid for host.example.com, not "
      "h.example.com",
      SIGPOLICY_REASON_SUBJECT_MISMATCH },
    { "mailbox, but another host", EMAIL, "h.example.com", roots, good,
      "Unexpected subject hostname", SIGPOLICY_REASON_SUBJECT_MISMATCH },
    { "host, but another mailbox", "v@example.com", "host.example.com", roots, good,
      "Required email", SIGPOLICY_REASON_SUBJECT_MISMATCH },
    { "middle from the policy",
      EMAIL,
      "",
      both,
      { good.payload, good.signature, NULL, good.certificate, NULL },
      NULL,
      0 },
    { "no middle",
      EMAIL,
      "",
      roots,
      { good.payload, good.signature, NULL, good.certificate, NULL },
      "veryfing leaf certificate failed: x509: certificate signed by unknown authority",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "no certificate",
      EMAIL,
      "",
      both,
      { good.payload, good.signature, NULL, NULL, good.chain },
      "missing dev.sigstore.cosign/certificate annotation",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "empty certificate",
      EMAIL,
      "",
      both,
      { good.payload, good.signature, NULL, (char[]){ "" }, good.chain },
      "no certificate found in signature certificate data",
      SIGPOLICY_REASON_BAD_SIGNATURE },
    { "two certificates",
      EMAIL,
      "",
      both,
      { good.payload, good.signature, NULL, two, good.chain },
      "unexpected multiple certificates present in signature certificate data",
      SIGPOLICY_REASON_BAD_SIGNATURE },
    { "newlines behind it",
      EMAIL,
      "",
      both,
      { good.payload, good.signature, NULL, newline, good.chain },
      NULL,
      0 },
    { "no PEM",
      EMAIL,
      "",
      both,
      { good.payload, good.signature, NULL, (char[]){ "x" }, good.chain },
      "parsing leaf certificate: error during PEM decoding",
      SIGPOLICY_REASON_BAD_SIGNATURE },
    { "certificate of another",
      EMAIL,
      "",
      both,
      { good.payload, good.signature, NULL, other.leaf_pem, good.chain },
      "cryptographic signature verification failed",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
    { "another payload",
      EMAIL,
      "",
      both,
      { (char[]){ PAYLOAD " " }, good.signature, NULL, good.certificate, good.chain },
      "cryptographic signature verification failed",
      SIGPOLICY_REASON_KEY_NOT_TRUSTED },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      struct sp_pki pki = { .subject_email = strdup (rows[i].email),
                            .subject_email_len = strlen (rows[i].email),
                            .subject_hostname = strdup (rows[i].host),
                            .subject_hostname_len = strlen (rows[i].host) };
      const struct sp_requirement requirement
          = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED, .pki = &pki };
      expect (rows[i].name, &rows[i].signature, &requirement, rows[i].trust, rows[i].wanted,
              rows[i].reason);
      free (pki.subject_email);
      free (pki.subject_hostname);
    }
}

/* A private PKI is judged now, when the last second is over; critical names of odd kinds are not
 * for anybody else to look at. */
Test (verify_sigstore, pki_times)
{
  static const struct
  {
    struct recipe leaf;
    const char *wanted;
  } rows[] = {
    { LEAF (.extensions = SIGN, .end = 1), NULL },
    { LEAF (.extensions = SIGN, .end = -1), "expired" },
    { LEAF (.extensions = SIGN, .start = 1, .end = 100), "is before" },
    { LEAF (.extensions = "subjectAltName=critical,otherName:1.2.3.4;UTF8:x"),
      "unhandled critical extension" },
    { LEAF (.extensions = "subjectAltName=email:" EMAIL), NULL },
    { LEAF (.extensions = SIGN, .key = "ED448"), "unsupported public key type" },
  };
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  struct sp_pki pki = { .subject_email = (char[]){ EMAIL }, .subject_email_len = strlen (EMAIL) };
  const struct sp_requirement requirement = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED, .pki = &pki };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      SP_CLEANUP (signer_clear) struct signer signer = { 0 };
      SP_CLEANUP (signature_clear) struct signature signature = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_claim struct sp_claim claim = { 0 };
      enum sp_verify_stage stage;
      make_signer (&signer, &rows[i].leaf);
      signature.payload = strdup (PAYLOAD);
      signature.signature = sign (make_key (rows[i].leaf.key ? "ED25519" : "P-256", 13), PAYLOAD);
      signature.certificate = strdup (signer.leaf_pem);
      signature.chain = join (signer.middle_pem, signer.root_pem);
      cleanup_signature_blob struct sp_signature_blob *blob = store (&signature);
      int rc = sp_sigstore_verify (blob, &requirement,
                                   trust_certificates (cache, false, signer.root_pem, ""), TEST_NOW,
                                   &claim, &stage, &err);
      cr_expect ((rc == 0) == (rows[i].wanted == NULL), "row %zu: %s", i,
                 err ? sigpolicy_error_message (err) : "accepted");
      if (rc < 0 && rows[i].wanted)
        cr_expect (strstr (sigpolicy_error_message (err), rows[i].wanted), "row %zu: %s", i,
                   sigpolicy_error_message (err));
    }
}

/* --- trust ------------------------------------------------------------------------------------ */

Test (verify_sigstore, trust_is_kept)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  EVP_PKEY *first = make_key ("P-256", 1), *second = make_key ("P-256", 2);
  EVP_PKEY *pair[] = { first, second }, *riap[] = { second, first };

  const struct sp_trust *one = trust_keys (cache, &first, 1, NULL);
  cr_expect (trust_keys (cache, &first, 1, NULL) == one);
  cr_expect (trust_keys (cache, &second, 1, NULL) != one);
  cr_expect (trust_keys (cache, &first, 1, second) != one);
  cr_expect (trust_keys (cache, pair, 2, NULL) != trust_keys (cache, riap, 2, NULL));
}

Test (verify_sigstore, trust_refused)
{
  cleanup_free char *good = public_key_pem (make_key ("P-256", 1));
  cleanup_free char *rsa = public_key_pem (make_key ("RSA-2048", 1));
  cleanup_free char *ca = NULL;
  X509 *certificate = make_certificate (&root, NULL, NULL);
  ca = certificate_pem (certificate);
  X509_free (certificate);
  cleanup_free char *ca_and_garbage = join (ca, "garbage");
  const struct
  {
    unsigned kind;
    const char *keys[2], *log, *roots, *intermediates, *wanted;
  } rows[] = {
    { SP_TRUST_KEYS, { good, good }, good, "", "", NULL },
    { SP_TRUST_KEYS, { good, "" }, good, "", "", "parsing public key 2: PEM decoding failed" },
    { SP_TRUST_KEYS,
      { ca, good },
      good,
      "",
      "",
      "parsing public key 1: unknown Public key PEM file type: CERTIFICATE" },
    { SP_TRUST_KEYS,
      { good, good },
      "x",
      "",
      "",
      "parsing Rekor public key 1: PEM decoding failed" },
    { SP_TRUST_KEYS, { good, good }, rsa, "", "", "Rekor public key 1 is not using ECDSA" },
    { SP_TRUST_FULCIO, { good, good }, good, ca, "", NULL },
    { SP_TRUST_FULCIO, { good, good }, good, "", "", "error loading Fulcio CA certificates" },
    { SP_TRUST_FULCIO, { good, good }, good, good, "", "error loading Fulcio CA certificates" },
    { SP_TRUST_PKI, { good, good }, good, ca, ca, NULL },
    { SP_TRUST_PKI, { good, good }, good, "x", ca, "error loading PKI CA Roots certificates" },
    { SP_TRUST_PKI, { good, good }, good, ca_and_garbage, "", NULL },
    { SP_TRUST_PKI,
      { good, good },
      good,
      ca,
      ca_and_garbage,
      "loading trusted intermediate certificates: error during PEM decoding" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
      cleanup_error sigpolicy_error *err = NULL;
      const struct sp_view keys[]
          = { sp_view_str (rows[i].keys[0]), sp_view_str (rows[i].keys[1]) };
      const struct sp_view log = sp_view_str (rows[i].log);
      const struct sp_trust *trust = NULL;
      struct sp_trust_material material = { .keys = keys,
                                            .n_keys = 2,
                                            .rekor_keys = &log,
                                            .n_rekor_keys = 1,
                                            .roots = sp_view_str (rows[i].roots),
                                            .intermediates = sp_view_str (rows[i].intermediates) };
      material.kind = rows[i].kind;
      int rc = sp_trust_get (cache, &material, &trust, &err);
      cr_expect ((rc == 0) == (rows[i].wanted == NULL), "row %zu", i);
      if (rc < 0 && rows[i].wanted)
        {
          cr_expect (strstr (sigpolicy_error_message (err), rows[i].wanted), "row %zu: %s", i,
                     sigpolicy_error_message (err));
          cr_expect (rc == SIGPOLICY_E_KEY
                     && sigpolicy_error_reason (err) == SIGPOLICY_REASON_KEY_UNUSABLE);
        }
    }
}

/* Ceilings, at the limit and beyond. */
Test (verify_sigstore, ceilings)
{
  cleanup_trust_cache struct sp_trust_cache *cache = new_cache ();
  struct sp_pki pki = { .subject_email = (char[]){ EMAIL }, .subject_email_len = strlen (EMAIL) };
  const struct sp_requirement requirement = { .type = SP_REQUIREMENT_SIGSTORE_SIGNED, .pki = &pki };
  SP_CLEANUP (signer_clear) struct signer signer = { 0 };
  SP_CLEANUP (signature_clear) struct signature signature = { 0 };
  make_signer (&signer, &good_leaf);
  sign_with (&good_leaf, &signer, &signature);
  const struct sp_trust *trust = trust_certificates (cache, false, signer.root_pem, "");

  for (size_t more = 0; more < 2; more++)
    {
      struct sp_buf chain = SP_BUF (1 << 20);
      for (size_t i = 0; i < SP_CERTIFICATE_CHAIN_MAX + more; i++)
        sp_buf_str (&chain, signer.middle_pem);
      free (signature.chain);
      signature.chain = chain.data;
      expect ("number", &signature, &requirement, trust, more ? "more than 10 certificates" : NULL,
              SIGPOLICY_REASON_LIMIT);
    }
  for (size_t more = 0; more < 2; more++)
    {
      struct sp_buf chain = SP_BUF (1 << 20);
      sp_buf_str (&chain, "\n");
      sp_buf_str (&chain, signer.middle_pem);
      sp_buf_str (&chain, signer.root_pem);
      while (chain.len < SP_CERTIFICATE_CHAIN_BYTES_MAX + more)
        sp_buf_byte (&chain, '\n');
      free (signature.chain);
      signature.chain = chain.data;
      expect ("bytes", &signature, &requirement, trust,
              more ? "certificates of more than 65536 bytes" : NULL, SIGPOLICY_REASON_LIMIT);
    }
}
