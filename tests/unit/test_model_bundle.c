/* SPDX-License-Identifier: Apache-2.0 */
#include "model/bundle.h"

#include "util/alloc.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define TYPE    "application/vnd.dev.sigstore.bundle.v0.3+json"
#define B32     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define KEY     "\"publicKey\":{\"hint\":\"x\"}"
#define DIGEST  "\"messageDigest\":{\"algorithm\":\"SHA2_256\",\"digest\":" B32 "}"
#define MESSAGE "\"messageSignature\":{" DIGEST ",\"signature\":\"AA==\"}"
#define BUNDLE(type, material, content) \
  "{\"mediaType\":\"" type "\",\"verificationMaterial\":{" material "}," content "}"
#define WITH(material)   BUNDLE (TYPE, KEY "," material, MESSAGE)
#define ENTRY(members)   WITH ("\"tlogEntries\":[{" members "}]")
#define LOG              "\"logId\":{\"keyId\":" B32 "},\"kindVersion\":{\"kind\":\"k\",\"version\":\"1\"}"
#define BODY             "\"canonicalizedBody\":\"AA==\""
#define PROOF(members)   "\"inclusionProof\":{" members "}"
#define CHECKPOINT       "\"checkpoint\":{\"envelope\":\"x\"}"
#define STAMPS(list)     WITH ("\"timestampVerificationData\":{\"rfc3161Timestamps\":[" list "]}")
#define STAMP(bytes)     "{\"signedTimestamp\":\"" bytes "\"}"
#define VERSION_OF(type) BUNDLE (type, KEY, MESSAGE)
#define NOT_KNOWN(type)  "not a bundle of version 0.1, 0.2 or 0.3: media type \"" type "\""

static void
expect (const char *name, const char *text, const char *message)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_bundle struct sp_bundle *bundle = NULL;

  int rc = sp_bundle_parse (sp_view_str (text), &bundle, &err);
  cr_expect (rc == (message ? SIGPOLICY_E_REJECTED : 0), "%s: %d, %s", name, rc,
             err ? sigpolicy_error_message (err) : "accepted");
  if (rc < 0 && message)
    cr_expect_str_eq (sigpolicy_error_message (err), message, "%s: '%s'", name,
                      sigpolicy_error_message (err));
}

static const struct
{
  const char *text, *message; /* NULL: it is a bundle */
} cases[] = {
  { VERSION_OF (TYPE), NULL },
  { VERSION_OF ("application/vnd.dev.sigstore.bundle.v0.3.1+json"), NULL },
  { VERSION_OF ("application/vnd.dev.sigstore.bundle.v0.3.12+json"), NULL },
  { VERSION_OF ("application/vnd.dev.sigstore.bundle.v0.3.+json"),
    NOT_KNOWN ("application/vnd.dev.sigstore.bundle.v0.3.+json") },
  { VERSION_OF ("application/vnd.dev.sigstore.bundle.v0.3.1.2+json"),
    NOT_KNOWN ("application/vnd.dev.sigstore.bundle.v0.3.1.2+json") },
  { VERSION_OF ("application/vnd.dev.sigstore.bundle.v0.31+json"),
    NOT_KNOWN ("application/vnd.dev.sigstore.bundle.v0.31+json") },
  { VERSION_OF ("application/vnd.dev.sigstore.bundle.v0.4+json"),
    NOT_KNOWN ("application/vnd.dev.sigstore.bundle.v0.4+json") },
  { VERSION_OF ("application/vnd.dev.sigstore.bundle+json;version=0.2"), NULL },
  { VERSION_OF ("application/vnd.dev.sigstore.bundle+json;version=0.2.1"),
    NOT_KNOWN ("application/vnd.dev.sigstore.bundle+json;version=0.2.1") },
  { VERSION_OF (""), NOT_KNOWN ("") },

  { "{\"mediaType\":\"" TYPE "\"," MESSAGE "}", "a bundle without \"verificationMaterial\"" },
  { BUNDLE (TYPE, "", MESSAGE),
    "not exactly one of \"certificate\", \"x509CertificateChain\" and \"publicKey\"" },
  { BUNDLE (TYPE, KEY ",\"certificate\":{\"rawBytes\":\"AA==\"}", MESSAGE),
    "not exactly one of \"certificate\", \"x509CertificateChain\" and \"publicKey\"" },
  { BUNDLE (TYPE, "\"certificate\":{}", MESSAGE), "\"rawBytes\" is missing" },
  { BUNDLE (TYPE, "\"x509CertificateChain\":{}", MESSAGE),
    "a certificate chain in a bundle of version 0.3" },
  { BUNDLE ("application/vnd.dev.sigstore.bundle+json;version=0.2",
            "\"x509CertificateChain\":{\"certificates\":[]}", MESSAGE),
    "an empty certificate chain" },
  { BUNDLE (TYPE, KEY, "\"dsseEnvelope\":null"),
    "not exactly one of \"messageSignature\" and \"dsseEnvelope\"" },
  { BUNDLE (TYPE, KEY, "\"messageSignature\":{\"signature\":\"AA==\"}"),
    "a signature without \"messageDigest\"" },
  { BUNDLE (TYPE, KEY, "\"messageSignature\":{" DIGEST "}"), "a bundle without a signature" },
  { BUNDLE (TYPE, KEY, "\"messageSignature\":{\"messageDigest\":{\"digest\":" B32 "}}"),
    "a digest that is not one of its algorithm" },
  { BUNDLE (TYPE, KEY,
            "\"messageSignature\":{\"messageDigest\":{\"algorithm\":\"SHA2_384\",\"digest\":" B32
            "}}"),
    "a digest that is not one of its algorithm" },
  { BUNDLE (TYPE, KEY, "\"dsseEnvelope\":{\"signatures\":[]}"),
    "an envelope that has not exactly one signature" },
  { BUNDLE (TYPE, KEY, "\"dsseEnvelope\":{\"signatures\":[{\"sig\":\"AA==\"},{\"sig\":\"AA==\"}]}"),
    "an envelope that has not exactly one signature" },
  { BUNDLE (TYPE, KEY, "\"dsseEnvelope\":{\"signatures\":[{\"sig\":\"AA==\",\"keyid\":\"x\"}]}"),
    NULL },

  { ENTRY (LOG "," BODY "," PROOF (CHECKPOINT)), NULL },
  { ENTRY (LOG "," BODY), "a log entry without an inclusion proof" },
  { ENTRY (BODY "," PROOF (CHECKPOINT)),
    "a log entry without \"logId\", \"kindVersion\" or \"canonicalizedBody\"" },
  { ENTRY (LOG "," PROOF (CHECKPOINT)),
    "a log entry without \"logId\", \"kindVersion\" or \"canonicalizedBody\"" },
  { ENTRY (LOG "," BODY ",\"logIndex\":\"-1\"," PROOF (CHECKPOINT)),
    "a log entry with a negative number" },
  { ENTRY (LOG "," BODY ",\"integratedTime\":-1," PROOF (CHECKPOINT)),
    "a log entry with a negative number" },
  { ENTRY (LOG "," BODY ",\"logIndex\":\"01\"," PROOF (CHECKPOINT)),
    "expected a whole number in decimal digits, found a string" },
  { ENTRY (LOG "," BODY ",\"logIndex\":\"9223372036854775807\"," PROOF (CHECKPOINT)), NULL },
  { ENTRY (LOG "," BODY ",\"logIndex\":\"9223372036854775808\"," PROOF (CHECKPOINT)),
    "expected a number of 63 bits, found a string" },
  { ENTRY (LOG "," BODY ",\"inclusionPromise\":{}," PROOF (CHECKPOINT)),
    "\"signedEntryTimestamp\" is missing" },
  { ENTRY (LOG "," BODY "," PROOF ("")), "an inclusion proof without its checkpoint" },
  { ENTRY (LOG "," BODY "," PROOF ("\"checkpoint\":{}")),
    "an inclusion proof without its checkpoint" },
  { ENTRY (LOG "," BODY "," PROOF ("\"treeSize\":-1," CHECKPOINT)),
    "an inclusion proof with a negative number" },
  { ENTRY (LOG "," BODY "," PROOF ("\"hashes\":[" B32 "]," CHECKPOINT)), NULL },
  { ENTRY (LOG "," BODY "," PROOF ("\"hashes\":[\"AA==\"]," CHECKPOINT)),
    "a hash of an inclusion proof must have 32 bytes" },
  { ENTRY (LOG "," BODY "," PROOF ("\"hashes\":[\"AB==\"]," CHECKPOINT)),
    "base64 that is not canonical" },
  { WITH ("\"tlogEntries\":[{" LOG "," BODY "," PROOF (CHECKPOINT) "},{" LOG "," BODY
                                                                   "," PROOF (CHECKPOINT) "}]"),
    "the same log entry twice" },
  { WITH ("\"tlogEntries\":[{" LOG "," BODY "," PROOF (CHECKPOINT) "},{\"logIndex\":1," LOG "," BODY
                                                                   "," PROOF (CHECKPOINT) "}]"),
    NULL },
  { BUNDLE ("application/vnd.dev.sigstore.bundle+json;version=0.1",
            KEY ",\"tlogEntries\":[{" LOG "," BODY "," PROOF (CHECKPOINT) "}]", MESSAGE),
    "a log entry without an inclusion promise" },

  { STAMPS (STAMP ("AA==") "," STAMP ("AQ==")), NULL },
  { STAMPS (STAMP ("AA==") "," STAMP ("AA==")), "the same timestamp twice" },
  { STAMPS ("{}"), "\"signedTimestamp\" is missing" },
};

Test (model_bundle, messages)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect (cases[i].text, cases[i].text, cases[i].message);
}

/* As many as the limit says, and one more. */
Test (model_bundle, limits)
{
  static const struct
  {
    const char *before, *one, *after;
    size_t max;
    const char *message;
  } rows[] = {
    { "{\"mediaType\":\"" TYPE "\",\"verificationMaterial\":{" KEY ",\"tlogEntries\":[{" LOG
      "," BODY ",\"inclusionProof\":{\"checkpoint\":{\"envelope\":\"",
      "x", "\"}}}]}," MESSAGE "}", SP_CHECKPOINT_BYTES_MAX,
      "a checkpoint of more than 16384 bytes" },
    { "{\"mediaType\":\"" TYPE "\",\"verificationMaterial\":{" KEY ",\"tlogEntries\":[{" LOG
      "," BODY ",\"inclusionProof\":{" CHECKPOINT ",\"hashes\":[" B32,
      "," B32, "]}}]}," MESSAGE "}", SP_BUNDLE_HASHES_MAX - 1,
      "more than 64 hashes in an inclusion proof" },
    { "{\"mediaType\":\"application/vnd.dev.sigstore.bundle+json;version=0.2\","
      "\"verificationMaterial\":{\"x509CertificateChain\":{\"certificates\":[{\"rawBytes\":\"AA=="
      "\"}",
      ",{\"rawBytes\":\"AA==\"}", "]}}," MESSAGE "}", SP_BUNDLE_CERTIFICATES_MAX - 1,
      "more than 10 certificates in a bundle" },
    { "", " ", VERSION_OF (TYPE), SP_BUNDLE_BYTES_MAX - (sizeof VERSION_OF (TYPE) - 1),
      "a bundle of more than 1048576 bytes" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t more = 0; more < 2; more++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_bundle struct sp_bundle *bundle = NULL;
        cleanup_buf struct sp_buf text = SP_BUF (2 * SP_BUNDLE_BYTES_MAX);
        sp_buf_str (&text, rows[i].before);
        for (size_t j = 0; j < rows[i].max + more; j++)
          sp_buf_str (&text, rows[i].one);
        sp_buf_str (&text, rows[i].after);
        int rc = sp_bundle_parse (sp_buf_view (&text), &bundle, &err);
        cr_expect (rc == (more ? SIGPOLICY_E_REJECTED : 0), "row %zu: %s", i,
                   err ? sigpolicy_error_message (err) : "accepted");
        if (rc == 0 || !more)
          continue;
        cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message);
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT, "row %zu", i);
      }
}
