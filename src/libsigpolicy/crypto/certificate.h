/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_CERTIFICATE_H
#define SP_CRYPTO_CERTIFICATE_H

#include "crypto/public_key.h"
#include "util/clock.h"

/*
 * X.509 certificates (RFC 5280). One is read twice, and both must agree that it is one: by a reader
 * of our own, which takes and refuses what Go's does, byte by byte, and by OpenSSL. What the first
 * takes and OpenSSL does not is an odd certificate: it is never part of a path, and when it would
 * have been the answer is "stricter S9". Names that editions of Go read differently, or that only
 * Go reads, are refused at once.
 */

/* The kinds of subject alternative names that are read, by the number of their tag. */
enum sp_name_kind
{
  SP_NAME_EMAIL = 1,
  SP_NAME_DNS = 2,
  SP_NAME_URI = 6,
  SP_NAME_IP = 7,
};

/* A name, or a subtree of names that a CA is constrained to. */
struct sp_name
{
  enum sp_name_kind kind;
  bool excluded; /* of a subtree */
  struct sp_view
      value; /* as it stands there: ASCII that may hold NUL, or the bytes of an address */
};

struct sp_names
{
  struct sp_name *items;
  size_t len, capacity;
};

struct sp_extension
{
  struct sp_view oid; /* content */
  bool critical;
  struct sp_view value;
};

/* How it is signed. */
enum sp_certificate_algorithm
{
  SP_ALGORITHM_UNKNOWN, /* no acceptable one, SHA-1 and older among them */
  SP_ALGORITHM_SHA1,
  SP_ALGORITHM_RSA, /* PKCS #1 v1.5 or PSS, with SHA-256, SHA-384 or SHA-512 */
  SP_ALGORITHM_ECDSA,
  SP_ALGORITHM_ED25519,
};

struct sp_certificate
{
  struct sp_buf der;
  struct sp_openssl_certificate *openssl; /* see sp_certificate_x509() */
  const char *odd; /* why it is not taken, though Go takes it; or NULL: sp_certificate_odd() */
  /* These look into der. */
  struct sp_view issuer, subject;           /* DER of the names: equal when every byte is */
  struct sp_view common_name, organization; /* of the subject, where it has them */
  struct sp_view spki, serial;
  struct sp_view tbs;                              /* what is signed */
  struct sp_view subject_key_id, authority_key_id; /* empty where absent */
  unsigned version;
  sp_time not_before, not_after; /* the first and the last second */
  struct sp_public_key *key;
  enum sp_certificate_algorithm algorithm;
  enum sp_digest digest; /* of RSA and ECDSA */
  bool is_pss;
  struct sp_buf signature;
  struct sp_extension *extensions;
  size_t n_extensions;
  /* What the extensions say. */
  bool has_basic_constraints, is_ca;
  int64_t path_length; /* -1 for no limit */
  unsigned key_usage;  /* bit 0 is digitalSignature; 0 for none */
  bool has_extended_key_usage, is_for_code_signing;
  bool has_names;              /* a subject alternative name extension */
  struct sp_view names_value;  /* of it */
  bool has_critical_odd_names; /* it is critical and has no name of the kinds above */
  struct sp_names names;
  bool has_subtrees;
  struct sp_names subtrees;
  bool has_policy_rules; /* policyConstraints or policyMappings */
  bool has_unknown_critical;
};

/* Parse the DER of one. Failure: REJECTED/bad-signature with the established text; limit. */
int sp_certificate_parse (struct sp_view der, struct sp_certificate **ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_certificate_free (struct sp_certificate *certificate);

SP_DEFINE_CLEANUP (struct sp_certificate *, sp_certificate_free);
#define cleanup_certificate SP_CLEANUP (sp_certificate_free_p)

/* The extension of that OID, or NULL; none stands twice. */
const struct sp_extension *sp_certificate_extension (const struct sp_certificate *certificate,
                                                     struct sp_view oid);

/* Certificates in PEM. Start from {0}. */
struct sp_certificates
{
  struct sp_certificate **items;
  size_t len, capacity;
  const char *skipped; /* the id of the stricter check that left one out; or NULL */
};
void sp_certificates_clear (struct sp_certificates *list);

#define cleanup_certificates SP_CLEANUP (sp_certificates_clear)

/* Trust anchors: every block CERTIFICATE without headers that is one, odd ones too; all else is
 * skipped. Failure: KEY/limit, or memory. */
int sp_certificates_scan (struct sp_view text, struct sp_certificates *list,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Certificates that come with something: blocks of any label, each of which must be one, with
 * nothing behind the last but white space; at most max. Failure: REJECTED/bad-signature "error
 * during PEM decoding", or why a certificate is none.
 */
int sp_certificates_parse (struct sp_view text, size_t max, struct sp_certificates *list,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
