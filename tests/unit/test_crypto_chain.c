/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate_int.h"
#include "crypto/chain.h"

#include "support/certificates.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define CA   "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
#define ROOT CA "subjectKeyIdentifier=hash\n"
#define MID  ROOT
#define SIGN "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n"
#define LEAF SIGN "subjectAltName=email:u@example.com\n"

/* The names of the recipes: the keys differ by number, so that nothing else may stand in. */
#define R(...)                                                      \
  {                                                                 \
    .subject = "root", .number = 1, .extensions = ROOT, __VA_ARGS__ \
  }
#define M(...)                                                       \
  {                                                                  \
    .subject = "middle", .number = 2, .extensions = MID, __VA_ARGS__ \
  }
#define L(...)                                                      \
  {                                                                 \
    .subject = "leaf", .number = 3, .extensions = LEAF, __VA_ARGS__ \
  }
#define NO_MIDDLE                       \
  {                                     \
    .subject = NULL, .extensions = NULL \
  }

#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#  pragma GCC diagnostic ignored "-Winitializer-overrides"
#endif

enum wanted
{
  GOOD,
  BAD,
  STRICTER, /* the containers image library would accept it */
  NO_CERTIFICATE,
  ODD, /* none for us, while the containers image library takes it */
};

/* Where OpenSSL's answer and that of the containers image library differ, one row each; and the
 * rows round them that show the difference. */
static const struct
{
  const char *name;
  struct recipe root, middle, leaf;
  enum wanted wanted;
  const char *words; /* in the message */
} cases[] = {
  { "two levels", R (), NO_MIDDLE, L (), GOOD, NULL },
  { "three levels", R (), M (), L (), GOOD, NULL },
  { "key identifiers", R (), M (.extensions = MID "authorityKeyIdentifier=keyid"),
    L (.extensions = LEAF "authorityKeyIdentifier=keyid"), GOOD, NULL },

  /* extended key usage, on every certificate of the path */
  { "no usage", R (), M (), L (.extensions = "subjectAltName=email:u@example.com"), GOOD, NULL },
  { "any usage", R (), M (), L (.extensions = "extendedKeyUsage=anyExtendedKeyUsage"), GOOD, NULL },
  { "two usages", R (), M (), L (.extensions = "extendedKeyUsage=codeSigning,serverAuth"), GOOD,
    NULL },
  { "usage of the leaf", R (), M (), L (.extensions = "extendedKeyUsage=serverAuth"), BAD,
    "incompatible key usage" },
  { "usage of the middle", R (), M (.extensions = MID "extendedKeyUsage=serverAuth"), L (), BAD,
    "incompatible key usage" },
  { "usage of the root", R (.extensions = ROOT "extendedKeyUsage=serverAuth"), M (), L (), BAD,
    "incompatible key usage" },
  { "unknown usage alone", R (), M (), L (.extensions = "extendedKeyUsage=1.2.3.4"), BAD,
    "incompatible key usage" },

  /* key usage and CA */
  { "usage bits of the leaf", R (), M (), L (.extensions = "keyUsage=critical,keyEncipherment"),
    GOOD, NULL },
  { "leaf that is a CA", R (), M (), L (.extensions = MID), GOOD, NULL },
  { "root without keyCertSign", R (.extensions = "basicConstraints=CA:TRUE\nkeyUsage=cRLSign"),
    NO_MIDDLE, L (), BAD, "cannot sign this kind of certificate" },
  { "middle without keyCertSign", R (),
    M (.extensions = "basicConstraints=CA:TRUE\nkeyUsage=digitalSignature"), L (), BAD,
    "cannot sign this kind of certificate" },
  { "root that is no CA", R (.extensions = "basicConstraints=CA:FALSE"), NO_MIDDLE, L (), BAD,
    "cannot sign this kind of certificate" },
  { "middle that is no CA", R (), M (.extensions = "basicConstraints=CA:FALSE"), L (), BAD,
    "cannot sign this kind of certificate" },
  { "middle without constraints", R (), M (.extensions = "keyUsage=keyCertSign"), L (), BAD,
    "cannot sign this kind of certificate" },
  { "root without constraints", R (.extensions = "subjectKeyIdentifier=hash"), NO_MIDDLE, L (), BAD,
    "cannot sign this kind of certificate" },
  { "root of version 1", R (.extensions = NULL, .version = 1), NO_MIDDLE, L (), GOOD, NULL },
  { "root with no usage bit",
    R (.extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=DER:03020700"), NO_MIDDLE, L (),
    STRICTER, "OpenSSL" },

  /* dates: the first and the last second count */
  { "leaf expired", R (), M (), L (.end = -1), BAD, "is after 2026-05-31T23:59:59Z" },
  { "leaf not yet valid", R (), M (), L (.start = 1), BAD, "is before 2026-06-01T00:00:01Z" },
  { "middle expired", R (), M (.end = -1), L (), BAD, "expired" },
  { "middle not yet valid", R (), M (.start = 1), L (), BAD, "not yet valid" },
  { "root expired", R (.end = -1), M (), L (), BAD, "expired" },
  { "root not yet valid", R (.start = 1), M (), L (), BAD, "not yet valid" },

  /* path length, which counts self-issued certificates and those of the root */
  { "path length of the root, direct", R (.extensions = "basicConstraints=CA:TRUE,pathlen:0"),
    NO_MIDDLE, L (), GOOD, NULL },
  { "path length of the root", R (.extensions = "basicConstraints=CA:TRUE,pathlen:0"), M (), L (),
    BAD, "too many intermediates" },
  { "self-issued middle", R (.extensions = "basicConstraints=CA:TRUE,pathlen:0"),
    M (.subject = "root", .extensions = CA), L (), BAD, "x509" },

  { "self-issued middle, no limit", R (),
    M (.subject = "root", .extensions = MID "authorityKeyIdentifier=keyid"), L (), GOOD, NULL },
  { "self-issued middle without key identifiers", R (.extensions = CA),
    M (.subject = "root", .extensions = CA), L (), STRICTER, "OpenSSL" },

  /* criticals */
  { "unknown critical in the leaf", R (), M (), L (.extensions = "1.2.3.4=critical,DER:0500"), BAD,
    "unhandled critical extension" },
  { "unknown critical in the middle", R (), M (.extensions = MID "1.2.3.4=critical,DER:0500"), L (),
    BAD, "unhandled critical extension" },
  { "unknown critical in the root", R (.extensions = ROOT "1.2.3.4=critical,DER:0500"), M (), L (),
    BAD, "unhandled critical extension" },
  { "unknown extension", R (), M (), L (.extensions = LEAF "1.2.3.4=DER:0500"), GOOD, NULL },
  { "critical issuer of Fulcio", R (), M (),
    L (.extensions = LEAF "1.3.6.1.4.1.57264.1.1=critical,DER:61"), BAD,
    "unhandled critical extension" },
  { "critical other name", R (), M (),
    L (.extensions = "subjectAltName=critical,otherName:1.2.3.4;UTF8:x"), BAD,
    "unhandled critical extension" },
  { "critical empty names", R (), M (), L (.extensions = "subjectAltName=critical,DER:3000"), BAD,
    "unhandled critical extension" },
  { "critical name", R (), M (), L (.extensions = "subjectAltName=critical,email:u@example.com"),
    GOOD, NULL },

  /* what makes it no certificate */
  { "mailbox beyond ASCII", R (), M (), L (.extensions = "subjectAltName=DER:300481027580"),
    NO_CERTIFICATE, "SAN rfc822Name is malformed" },
  { "odd URI", R (), M (), L (.extensions = "subjectAltName=URI:http://%zz/"), ODD,
    "cannot parse URI" },
  { "URI without a scheme", R (), M (), L (.extensions = "subjectAltName=DER:300486023a78"),
    NO_CERTIFICATE, "cannot parse URI" },
  { "URI with a control character", R (), M (),
    L (.extensions = "subjectAltName=DER:30058603783a07"), NO_CERTIFICATE, "cannot parse URI" },
  { "URI with half an escape behind it", R (), M (),
    L (.extensions = "subjectAltName=DER:3006860478233025"), NO_CERTIFICATE, "cannot parse URI" },
  { "URI with a control character behind it", R (), M (),
    L (.extensions = "subjectAltName=DER:3006860478232307"), ODD, "cannot parse URI" },
  { "mailbox constraint with quotes", R (), M (),
    L (.extensions = "nameConstraints=permitted;email:\"u\"@example.com"), ODD,
    "mailbox of a name constraint" },
  { "short address", R (), M (), L (.extensions = "subjectAltName=DER:30058703010203"),
    NO_CERTIFICATE, "cannot parse IP address" },
  { "mapped address", R (), M (), L (.extensions = "subjectAltName=IP:::ffff:1.2.3.4"),
    NO_CERTIFICATE, "IPv4-mapped" },
  { "critical subject key id", R (), M (), L (.extensions = "subjectKeyIdentifier=critical,hash"),
    NO_CERTIFICATE, "incorrectly marked critical" },
  { "negative serial", R (), M (), L (.serial = -5), NO_CERTIFICATE, "negative serial number" },
  { "curve", R (), M (), L (.key = "secp256k1"), NO_CERTIFICATE, "unsupported elliptic curve" },
  { "curve in numbers", R (), M (), L (.key = "P-256-explicit"), NO_CERTIFICATE,
    "invalid ECDSA parameters" },
  { "extension twice", R (), M (), L (.extensions = "1.2.3.4=DER:0500\n1.2.3.4=DER:0500"),
    NO_CERTIFICATE, "duplicate" },

  { "unused bits that are set", R (), M (), L (.extensions = "keyUsage=DER:03020787"),
    NO_CERTIFICATE, "invalid key usage" },
  { "unused bits that are not", R (), M (), L (.extensions = "keyUsage=DER:03020780"), GOOD, NULL },
  { "long arc of an extension", R (), M (), L (.extensions = "2.25.2147483648=DER:0500"),
    NO_CERTIFICATE, "malformed extension OID" },
  { "longest arc of an extension", R (), M (), L (.extensions = "2.25.2147483647=DER:0500"), GOOD,
    NULL },
  { "long arc of a usage", R (), M (),
    L (.extensions = "extendedKeyUsage=codeSigning,2.25.2147483648"), NO_CERTIFICATE,
    "invalid extended key usages" },
  { "long arc of an access method", R (), M (),
    L (.extensions = "authorityInfoAccess=DER:300d300b0606698880808000860178"), NO_CERTIFICATE,
    "invalid authority info access" },
  { "long arc of a policy", R (), M (), L (.extensions = "certificatePolicies=2.25.2147483648"),
    GOOD, NULL },
  { "constraint of a dot alone", R (), M (),
    L (.extensions = "nameConstraints=DER:3007a105300382012e"), NO_CERTIFICATE,
    "failed to parse a name constraint" },

  /* names and key identifiers */
  { "issuer in another case", R (), NO_MIDDLE, L (.issuer = "ROOT"), BAD, "unknown authority" },
  { "issuer with spaces", R (), NO_MIDDLE, L (.issuer = " root "), BAD, "unknown authority" },
  { "issuer of another type", R (), NO_MIDDLE, L (.issuer_type = V_ASN1_PRINTABLESTRING), BAD,
    "unknown authority" },
  { "names of the same type", R (.string_type = V_ASN1_PRINTABLESTRING), NO_MIDDLE, L (), GOOD,
    NULL },
  { "another key identifier", R (), NO_MIDDLE,
    L (.extensions = LEAF "authorityKeyIdentifier=DER:30048002abcd"), STRICTER, "OpenSSL" },

  /* a certificate is in a path once: its name, key and alternative names tell it */
  { "the leaf again above itself", R (),
    M (.subject = "leaf", .number = 3, .extensions = MID "subjectAltName=email:u@example.com"),
    L (.extensions = MID "subjectAltName=email:u@example.com"), BAD, "unknown authority" },
  { "one of the leaf's key above it", R (),
    M (.subject = "leaf", .number = 3, .extensions = MID "subjectAltName=email:v@example.com"),
    L (.extensions = MID "subjectAltName=email:u@example.com"), STRICTER, "OpenSSL" },

  /* algorithms */
  { "RSA", R (.key = "RSA-2048"), M (.key = "RSA-2048"), L (), GOOD, NULL },
  { "RSA with SHA-512", R (.key = "RSA-2048"), NO_MIDDLE, L (.digest = "SHA512"), GOOD, NULL },
  { "RSA with SHA-224", R (.key = "RSA-2048"), NO_MIDDLE, L (.digest = "SHA224"), BAD,
    "algorithm unimplemented" },
  { "PSS", R (.key = "RSA-2048"), NO_MIDDLE, L (.salt = 32), GOOD, NULL },
  { "PSS with SHA-384", R (.key = "RSA-2048"), NO_MIDDLE, L (.digest = "SHA384", .salt = 48), GOOD,
    NULL },
  { "PSS with a short salt", R (.key = "RSA-2048"), NO_MIDDLE, L (.salt = 20), BAD,
    "algorithm unimplemented" },
  { "RSA of 1024 bits", R (.key = "RSA-1024"), NO_MIDDLE, L (), GOOD, NULL },
  { "RSA of 1024 bits in the leaf", R (), NO_MIDDLE, L (.key = "RSA-1024"), GOOD, NULL },
  { "RSA of 512 bits", R (.key = "RSA-512"), NO_MIDDLE, L (), BAD, "512-bit keys are insecure" },
  { "SHA-1", R (), NO_MIDDLE, L (.digest = "SHA1"), BAD, "insecure algorithm SHA1" },
  { "SHA-1 of the root itself", R (.digest = "SHA1"), NO_MIDDLE, L (), GOOD, NULL },
  { "Ed25519", R (.key = "ED25519"), NO_MIDDLE, L (), GOOD, NULL },
  { "Ed448", R (.key = "ED448"), NO_MIDDLE, L (), BAD, "unknown authority" },
  { "P-224", R (.key = "P-224"), NO_MIDDLE, L (), GOOD, NULL },
  { "P-521 with SHA-512", R (.key = "P-521"), NO_MIDDLE, L (.digest = "SHA512"), GOOD, NULL },
  { "leaf with an unknown key", R (), NO_MIDDLE, L (.key = "ED448"), GOOD, NULL },
  { "leaf with a key for PSS alone", R (), NO_MIDDLE, L (.key = "RSA-1024-PSS"), GOOD, NULL },

  /* name constraints */
  { "permitted mailbox", R (.extensions = ROOT "nameConstraints=permitted;email:example.com"),
    NO_MIDDLE, L (), GOOD, NULL },
  { "permitted, in a subdomain",
    R (.extensions = ROOT "nameConstraints=permitted;email:example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=email:u@sub.example.com"), STRICTER, "OpenSSL" },
  { "excluded, in a subdomain", R (.extensions = ROOT "nameConstraints=excluded;email:example.com"),
    NO_MIDDLE, L (.extensions = "subjectAltName=email:u@sub.example.com"), BAD,
    "is excluded by constraint" },
  { "mailbox of another domain",
    R (.extensions = ROOT "nameConstraints=permitted;email:example.org"), NO_MIDDLE, L (), BAD,
    "is not permitted by any constraint" },
  { "excluded mailbox", R (.extensions = ROOT "nameConstraints=excluded;email:u@example.com"),
    NO_MIDDLE, L (), BAD, "is excluded by constraint" },
  { "other mailbox of the domain",
    R (.extensions = ROOT "nameConstraints=permitted;email:v@example.com"), NO_MIDDLE, L (), BAD,
    "is not permitted" },
  { "the domain itself under a leading dot",
    R (.extensions = ROOT "nameConstraints=permitted;email:.example.com"), NO_MIDDLE, L (), BAD,
    "is not permitted" },
  { "permitted host", R (.extensions = ROOT "nameConstraints=permitted;DNS:example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=DNS:HOST.example.com"), GOOD, NULL },
  { "host of another domain", R (.extensions = ROOT "nameConstraints=permitted;DNS:example.com"),
    NO_MIDDLE, L (.extensions = "subjectAltName=DNS:badexample.com"), BAD, "is not permitted" },
  { "host as common name", R (.extensions = ROOT "nameConstraints=permitted;DNS:example.com"),
    NO_MIDDLE, L (.subject = "host.example.org", .extensions = SIGN), STRICTER, "OpenSSL" },
  { "wildcard over an excluded host",
    R (.extensions = ROOT "nameConstraints=excluded;DNS:host.example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=DNS:*.example.com"), BAD, "is excluded" },
  { "wildcard with more in its label",
    R (.extensions = ROOT "nameConstraints=excluded;DNS:host.example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=DNS:*name.example.com"), BAD, "is excluded" },
  { "wildcard in a mailbox",
    R (.extensions = ROOT "nameConstraints=excluded;email:host.example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=email:u@*.example.com"), BAD, "is excluded" },
  { "permitted address", R (.extensions = ROOT "nameConstraints=permitted;IP:10.0.0.0/255.0.0.0"),
    NO_MIDDLE, L (.extensions = "subjectAltName=IP:10.1.2.3"), GOOD, NULL },
  { "other address", R (.extensions = ROOT "nameConstraints=permitted;IP:10.0.0.0/255.0.0.0"),
    NO_MIDDLE, L (.extensions = "subjectAltName=IP:11.1.2.3"), BAD, "is not permitted" },
  { "URI of another host", R (.extensions = ROOT "nameConstraints=permitted;URI:example.com"),
    NO_MIDDLE, L (.extensions = "subjectAltName=URI:https://example.org/x"), BAD,
    "is not permitted" },
  { "URI of the host", R (.extensions = ROOT "nameConstraints=permitted;URI:example.com"),
    NO_MIDDLE, L (.extensions = "subjectAltName=URI:https://example.com/x"), GOOD, NULL },
  { "URI with a user, of the host",
    R (.extensions = ROOT "nameConstraints=permitted;URI:example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=URI:https://me@example.com/x"), STRICTER, "OpenSSL" },
  { "URI with a user, of another host",
    R (.extensions = ROOT "nameConstraints=permitted;URI:example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=URI:https://example.com@example.org/x"), BAD,
    "is not permitted" },
  { "URI of an address under constraints",
    R (.extensions = ROOT "nameConstraints=permitted;URI:example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=URI:https://10.1.2.3/x"), STRICTER,
    "cannot be held against constraints" },
  { "quoted mailbox", R (), NO_MIDDLE, L (.extensions = "subjectAltName=email:\"u v\"@example.com"),
    GOOD, NULL },
  { "quoted mailbox under constraints",
    R (.extensions = ROOT "nameConstraints=permitted;email:example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=email:\"u v\"@example.com"), STRICTER,
    "cannot be held against constraints" },
  { "mailbox without a domain under constraints",
    R (.extensions = ROOT "nameConstraints=permitted;DNS:example.com"), NO_MIDDLE,
    L (.extensions = "subjectAltName=email:u"), STRICTER, "cannot be held against constraints" },
  { "constraint of every host", R (.extensions = ROOT "nameConstraints=DER:3006a00430028200"),
    NO_MIDDLE, L (.extensions = "subjectAltName=DNS:example.com"), GOOD, NULL },
  { "no host at all", R (.extensions = ROOT "nameConstraints=DER:3006a10430028200"), NO_MIDDLE,
    L (.extensions = "subjectAltName=DNS:example.com"), BAD, "is excluded by constraint" },
  { "long address under short constraints",
    R (.extensions = ROOT "nameConstraints=permitted;IP:0.0.0.0/0.0.0.0"), NO_MIDDLE,
    L (.extensions = "subjectAltName=IP:2001:db8::1"), BAD, "is not permitted" },
  { "constraints of the middle", R (),
    M (.extensions = MID "nameConstraints=permitted;email:example.org"), L (), BAD,
    "is not permitted" },
  { "critical directory name",
    R (.extensions = ROOT "nameConstraints=critical,DER:301ba0193017a41530133111300f06035504030c0"
                          "86e6f626f64792121"),
    NO_MIDDLE, L (), BAD, "unhandled critical extension" },
  { "directory name",
    R (.extensions = ROOT "nameConstraints=DER:301ba0193017a41530133111300f06035504030c086e6f626f6"
                          "4792121"),
    NO_MIDDLE, L (), STRICTER, "OpenSSL" },

  /* policies are not followed */
  { "explicit policy in the middle", R (),
    M (.extensions = MID "policyConstraints=requireExplicitPolicy:0"), L (), STRICTER,
    "invalid policies" },
  { "explicit policy in the root",
    R (.extensions = ROOT "policyConstraints=requireExplicitPolicy:0"), M (), L (), GOOD, NULL },
  { "policy mapping in the middle", R (),
    M (.extensions
       = MID "certificatePolicies=1.2.3.4\npolicyMappings=DER:300c300a06032a030406032a0305"),
    L (), STRICTER, "invalid policies" },
  { "policies", R (), M (.extensions = MID "certificatePolicies=1.2.3.4"),
    L (.extensions = LEAF "certificatePolicies=1.2.3.4"), GOOD, NULL },
};

static X509 *
make (const struct recipe *recipe, const struct recipe *issuer, X509 *by,
      struct sp_certificate **ret, sigpolicy_error **err)
{
  unsigned char *der = NULL;
  X509 *made = make_certificate (recipe, issuer, by);
  int length = i2d_X509 (made, &der);
  cr_assert (length > 0);
  int rc = sp_certificate_parse (sp_view_n ((const char *)der, (size_t)length), ret, err);
  cr_assert ((rc == 0) == (*ret != NULL));
  if (rc == 0 && (*ret)->odd)
    {
      (void)sp_certificate_stricter (err, (*ret)->odd);
      sp_certificate_free (*ret);
      *ret = NULL;
    }
  OPENSSL_free (der);
  return made;
}

static void
list_one (struct sp_certificates *list, struct sp_certificate *certificate)
{
  list->items = calloc (1, sizeof *list->items);
  list->items[0] = certificate;
  list->len = list->capacity = 1;
}

static struct sp_certificate_pool *
make_pool (X509 *root)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *pem = certificate_pem (root);
  struct sp_certificate_pool *pool = NULL;
  cr_assert (sp_certificate_pool_new (sp_view_str (pem), "none", &pool, &err) == 0, "%s",
             sigpolicy_error_message (err));
  return pool;
}

static void
expect (const char *name, enum wanted wanted, const char *words, int rc, const sigpolicy_error *err)
{
  cr_expect ((rc == 0) == (wanted == GOOD), "%s: %s", name,
             err ? sigpolicy_error_message (err) : "accepted");
  if (rc == 0 || wanted == GOOD)
    return;
  cr_expect (strstr (sigpolicy_error_message (err), words), "%s: '%s'", name,
             sigpolicy_error_message (err));
  cr_expect ((sp_error_stricter_id (err) != NULL) == (wanted == STRICTER || wanted == ODD),
             "%s: '%s'", name, sigpolicy_error_message (err));
}

Test (crypto_chain, differences)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate struct sp_certificate *root = NULL;
      cleanup_certificate struct sp_certificate *leaf = NULL;
      cleanup_certificates struct sp_certificates middle = { 0 };
      struct sp_certificate *between = NULL;
      const bool has_middle = cases[i].middle.subject != NULL;

      X509 *r = make (&cases[i].root, NULL, NULL, &root, &err);
      cr_assert (root || strcmp (cases[i].name, "root") == 0, "%s: %s", cases[i].name,
                 err ? sigpolicy_error_message (err) : "");
      X509 *m = has_middle ? make (&cases[i].middle, &cases[i].root, r, &between, &err) : NULL;
      if (between)
        list_one (&middle, between);
      X509 *l = make (&cases[i].leaf, has_middle ? &cases[i].middle : &cases[i].root,
                      has_middle ? m : r, &leaf, &err);
      if (!leaf)
        expect (cases[i].name, cases[i].wanted, cases[i].words, -1, err);
      cr_expect ((leaf == NULL) == (cases[i].wanted == NO_CERTIFICATE || cases[i].wanted == ODD),
                 "%s", cases[i].name);
      if (leaf)
        {
          cleanup_certificate_pool struct sp_certificate_pool *pool = make_pool (r);
          const struct sp_chain_question question = { .anchors = pool,
                                                      .intermediates = { &middle, &middle },
                                                      .n_intermediates = { middle.len, 0 },
                                                      .at = TEST_NOW };
          int rc = sp_chain_verify (leaf, &question, &err);
          expect (cases[i].name, cases[i].wanted, cases[i].words, rc, err);
        }
      X509_free (l);
      X509_free (m);
      X509_free (r);
    }
}

/* --- anchors and times ------------------------------------------------------------------------ */

static const struct recipe root_recipe = R (), middle_recipe = M (), leaf_recipe = L ();

/* A root, a middle and a leaf as they should be. */
struct trio
{
  X509 *x509[3];
  char *pem[3];
  struct sp_certificates leaf, middle;
};

static void
make_trio (struct trio *trio)
{
  cleanup_error sigpolicy_error *err = NULL;
  trio->x509[0] = make_certificate (&root_recipe, NULL, NULL);
  trio->x509[1] = make_certificate (&middle_recipe, &root_recipe, trio->x509[0]);
  trio->x509[2] = make_certificate (&leaf_recipe, &middle_recipe, trio->x509[1]);
  for (size_t i = 0; i < 3; i++)
    trio->pem[i] = certificate_pem (trio->x509[i]);
  cr_assert (sp_certificates_parse (sp_view_str (trio->pem[1]), 1, &trio->middle, &err) == 0
             && sp_certificates_parse (sp_view_str (trio->pem[2]), 1, &trio->leaf, &err) == 0);
}

static void
free_trio (struct trio *trio)
{
  for (size_t i = 0; i < 3; i++)
    {
      X509_free (trio->x509[i]);
      free (trio->pem[i]);
    }
  sp_certificates_clear (&trio->leaf);
  sp_certificates_clear (&trio->middle);
}

Test (crypto_chain, last_second)
{
  SP_CLEANUP (free_trio) struct trio trio = { 0 };
  make_trio (&trio);
  cleanup_certificate_pool struct sp_certificate_pool *pool = make_pool (trio.x509[0]);
  static const struct
  {
    sp_time at;
    bool is_now, good;
  } times[] = {
    { TEST_NOW - DAY, false, true },
    { TEST_NOW - DAY, true, true },
    { TEST_NOW - DAY - 1, false, false },
    { TEST_NOW - DAY - 1, true, false },
    { TEST_NOW + DAY, false, true },
    { TEST_NOW + DAY, true, false },
    { TEST_NOW + DAY - 1, true, true },
    { TEST_NOW + DAY + 1, false, false },
    { INT64_MAX, false, false },
    { INT64_MIN, false, false },
    { -1, false, false },
    { 0, true, false },
  };

  for (size_t i = 0; i < sizeof times / sizeof *times; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      const struct sp_chain_question question = { .anchors = pool,
                                                  .intermediates = { &trio.middle, &trio.middle },
                                                  .n_intermediates = { 1, 0 },
                                                  .at = times[i].at,
                                                  .is_now = times[i].is_now };
      bool good = sp_chain_verify (trio.leaf.items[0], &question, &err) == 0;
      cr_expect (good == times[i].good, "row %zu: %s", i, err ? sigpolicy_error_message (err) : "");
      if (!good && !times[i].good)
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_EXPIRED, "row %zu", i);
    }
}

/* What may stand in the file of roots. %0 to %2 are root, middle and leaf. */
static const struct
{
  const char *name, *text;
  enum wanted wanted; /* NO_CERTIFICATE: no anchor at all */
} anchor_cases[] = {
  { "root", "%0", GOOD },
  { "middle alone", "%1", GOOD },
  { "leaf alone", "%2", GOOD },
  { "leaf and an unrelated one", "%2%0", GOOD },
  { "garbage round it", "garbage\n%0garbage", GOOD },
  { "a bad one first", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n%0", GOOD },
  { "a key first", "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n%0", GOOD },
  { "twice", "%0%0", GOOD },
  { "nothing", "", NO_CERTIFICATE },
  { "garbage", "garbage", NO_CERTIFICATE },
  { "empty certificate", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    NO_CERTIFICATE },
  { "empty sequence", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    NO_CERTIFICATE },
};

static char *
fill_in (const char *text, char *const pem[3])
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_buf out = SP_BUF (1 << 20);
  for (; *text; text++)
    if (*text == '%')
      sp_buf_str (&out, pem[*++text - '0']);
    else
      sp_buf_byte (&out, *text);
  return sp_buf_steal (&out, &err);
}

Test (crypto_chain, anchors)
{
  SP_CLEANUP (free_trio) struct trio trio = { 0 };
  make_trio (&trio);

  for (size_t i = 0; i < sizeof anchor_cases / sizeof *anchor_cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate_pool struct sp_certificate_pool *pool = NULL;
      cleanup_free char *text = fill_in (anchor_cases[i].text, trio.pem);
      int rc = sp_certificate_pool_new (sp_view_str (text), "no anchors", &pool, &err);
      cr_expect ((rc < 0) == (anchor_cases[i].wanted == NO_CERTIFICATE), "%s",
                 anchor_cases[i].name);
      if (rc < 0)
        {
          cr_expect_str_eq (sigpolicy_error_message (err), "no anchors");
          cr_expect (rc == SIGPOLICY_E_KEY);
          continue;
        }
      const struct sp_chain_question question = { .anchors = pool,
                                                  .intermediates = { &trio.middle, &trio.middle },
                                                  .n_intermediates = { 1, 0 },
                                                  .at = TEST_NOW };
      cr_expect (sp_chain_verify (trio.leaf.items[0], &question, &err) == 0, "%s: %s",
                 anchor_cases[i].name, err ? sigpolicy_error_message (err) : "");
    }
}

/* A root is one to the byte, and in its extensions. */
Test (crypto_chain, anchors_refused)
{
  static const struct recipe plain
      = R (),
      critical = R (.extensions = ROOT "authorityKeyIdentifier=critical,DER:30048002abcd");
  const struct
  {
    const struct recipe *recipe;
    size_t more; /* bytes behind it */
  } rows[] = { { &plain, 0 }, { &plain, 1 }, { &critical, 0 } };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate_pool struct sp_certificate_pool *pool = NULL;
      cleanup_certificate struct sp_certificate *alone = NULL;
      unsigned char *der = NULL;
      X509 *made = make_certificate (rows[i].recipe, NULL, NULL);
      size_t length = (size_t)i2d_X509 (made, &der);
      cleanup_free unsigned char *bytes = calloc (1, length + 1);
      memcpy (bytes, der, length);
      cleanup_free char *body = base64 (bytes, length + rows[i].more);
      cleanup_free char *pem = sp_asprintf (
          &err, "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", body);
      int rc = sp_certificate_pool_new (sp_view_str (pem), "no anchors", &pool, &err);
      cr_expect ((rc == 0) == (i == 0), "row %zu", i);
      sp_error_clear (&err);
      rc = sp_certificate_parse (sp_view_n ((const char *)bytes, length + rows[i].more), &alone,
                                 &err);
      cr_expect ((rc == 0) == (i == 0), "row %zu", i);
      OPENSSL_free (der);
      X509_free (made);
    }
}

/* A leaf that is named itself is a path, with what holds for whole paths. */
Test (crypto_chain, a_leaf_that_is_an_anchor)
{
  static const struct recipe plain = L (), server = L (.extensions = "extendedKeyUsage=serverAuth");
  const struct recipe *rows[] = { &plain, &server };

  for (size_t i = 0; i < 2; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate_pool struct sp_certificate_pool *pool = NULL;
      cleanup_certificates struct sp_certificates leaf = { 0 };
      X509 *made = make_certificate (rows[i], NULL, NULL);
      cleanup_free char *pem = certificate_pem (made);
      cr_assert (sp_certificate_pool_new (sp_view_str (pem), "no anchors", &pool, &err) == 0
                 && sp_certificates_parse (sp_view_str (pem), 1, &leaf, &err) == 0);
      const struct sp_chain_question question = { .anchors = pool, .at = TEST_NOW };
      int rc = sp_chain_verify (leaf.items[0], &question, &err);
      cr_expect (rc == (i ? SIGPOLICY_E_REJECTED : 0), "row %zu: %s", i,
                 err ? sigpolicy_error_message (err) : "a path");
      X509_free (made);
    }
}

/* A root that we alone leave out is named as the reason when there is no path. */
Test (crypto_chain, anchor_left_out)
{
  static const struct recipe odd = R (.extensions = ROOT "subjectAltName=URI:http://%zz/");
  SP_CLEANUP (free_trio) struct trio trio = { 0 };
  make_trio (&trio);
  X509 *made = make_certificate (&odd, NULL, NULL);
  cleanup_free char *left_out = certificate_pem (made);
  char *const texts[] = { left_out, trio.pem[2], trio.pem[0] };
  static const struct
  {
    const char *text; /* %0 is left out, %1 another certificate, %2 the root */
    bool good, stricter;
  } rows[] = { { "%0%1", false, true }, { "%1", false, false }, { "%0%2", true, false } };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate_pool struct sp_certificate_pool *pool = NULL;
      cleanup_free char *text = fill_in (rows[i].text, texts);
      cr_assert (sp_certificate_pool_new (sp_view_str (text), "no anchors", &pool, &err) == 0);
      const struct sp_chain_question question = { .anchors = pool,
                                                  .intermediates = { &trio.middle, &trio.middle },
                                                  .n_intermediates = { 0, 0 },
                                                  .at = TEST_NOW };
      bool good = sp_chain_verify (trio.middle.items[0], &question, &err) == 0;
      cr_expect (good == rows[i].good, "row %zu: %s", i, err ? sigpolicy_error_message (err) : "");
      if (good)
        continue;
      cr_expect_str_eq (sigpolicy_error_message (err),
                        "x509: certificate signed by unknown authority");
      cr_expect ((sp_error_stricter_id (err) != NULL) == rows[i].stricter, "row %zu", i);
    }
  X509_free (made);
}

/* Labels and headers count for roots. */
Test (crypto_chain, anchor_labels)
{
  SP_CLEANUP (free_trio) struct trio trio = { 0 };
  make_trio (&trio);
  static const struct
  {
    const char *begin, *end;
  } labels[] = { { "-----BEGIN TRUSTED CERTIFICATE-----\n", "-----END TRUSTED CERTIFICATE-----\n" },
                 { "-----BEGIN X509 CERTIFICATE-----\n", "-----END X509 CERTIFICATE-----\n" },
                 { "-----BEGIN certificate-----\n", "-----END certificate-----\n" },
                 { "-----BEGIN CERTIFICATE-----\nA: b\n\n", "-----END CERTIFICATE-----\n" } };

  for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate_pool struct sp_certificate_pool *pool = NULL;
      const char *body = strchr (trio.pem[0], '\n') + 1;
      cleanup_free char *text
          = sp_asprintf (&err, "%s%.*s%s", labels[i].begin, (int)(strstr (body, "-----END") - body),
                         body, labels[i].end);
      cr_expect (sp_certificate_pool_new (sp_view_str (text), "no anchors", &pool, &err) < 0,
                 "row %zu", i);
      /* Certificates that come with a signature may have any label. */
      cleanup_certificates struct sp_certificates list = { 0 };
      sp_error_clear (&err);
      cr_expect (sp_certificates_parse (sp_view_str (text), 2, &list, &err) == 0 && list.len == 1,
                 "row %zu", i);
    }
}

/* Without the middle, with another one, or in a path that is too long, there is none. */
Test (crypto_chain, no_path)
{
  SP_CLEANUP (free_trio) struct trio trio = { 0 };
  make_trio (&trio);
  cleanup_certificate_pool struct sp_certificate_pool *pool = make_pool (trio.x509[0]);
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_chain_question question = { .anchors = pool,
                                        .intermediates = { &trio.middle, &trio.leaf },
                                        .n_intermediates = { 0, 0 },
                                        .at = TEST_NOW };

  cr_expect (sp_chain_verify (trio.leaf.items[0], &question, &err) < 0);
  cr_expect_str_eq (sigpolicy_error_message (err), "x509: certificate signed by unknown authority");
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_KEY_NOT_TRUSTED);
  sp_error_clear (&err);
  question.n_intermediates[1] = 1; /* the leaf itself is of no use */
  cr_expect (sp_chain_verify (trio.leaf.items[0], &question, &err) < 0);
  sp_error_clear (&err);

  static const struct recipe other_root = R (.number = 9);
  X509 *other = make_certificate (&other_root, NULL, NULL);
  cleanup_certificate_pool struct sp_certificate_pool *other_pool = make_pool (other);
  question.anchors = other_pool;
  question.n_intermediates[0] = 1;
  cr_expect (sp_chain_verify (trio.leaf.items[0], &question, &err) < 0);
  cr_expect (strstr (sigpolicy_error_message (err), "unknown authority (possibly because of"));
  cr_expect (!sp_error_stricter_id (err));
  X509_free (other);
}

Test (crypto_chain, depth)
{
  enum
  {
    MOST = SP_CERTIFICATE_INTERMEDIATES_MAX
  };
  static const char *const names[] = { "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7" };
  static struct recipe recipes[MOST + 3];

  for (size_t above = MOST; above <= MOST + 1; above++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate_pool struct sp_certificate_pool *pool = NULL;
      cleanup_certificates struct sp_certificates middle = { 0 };
      cleanup_certificates struct sp_certificates leaf = { 0 };
      X509 *by = NULL;
      for (size_t i = 0; i < above + 2; i++)
        {
          recipes[i] = (struct recipe){ .subject = names[i],
                                        .number = 20 + (unsigned)i,
                                        .extensions = i == above + 1 ? SIGN : CA };
          X509 *made = make_certificate (&recipes[i], i ? &recipes[i - 1] : NULL, by);
          cleanup_free char *pem = certificate_pem (made);
          int rc = i == 0 ? sp_certificate_pool_new (sp_view_str (pem), "", &pool, &err)
                          : sp_certificates_parse (sp_view_str (pem), 10,
                                                   i == above + 1 ? &leaf : &middle, &err);
          cr_assert (rc == 0);
          X509_free (by);
          by = made;
        }
      X509_free (by);
      const struct sp_chain_question question = { .anchors = pool,
                                                  .intermediates = { &middle, &middle },
                                                  .n_intermediates = { middle.len, 0 },
                                                  .at = TEST_NOW };
      int rc = sp_chain_verify (leaf.items[0], &question, &err);
      cr_expect ((rc == 0) == (above == MOST), "%zu: %s", above,
                 err ? sigpolicy_error_message (err) : "accepted");
      if (above > MOST)
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT, "%s",
                   sigpolicy_error_message (err));
    }
}

/* The search ends after so many candidates, whether they are good for anything or not. */
Test (crypto_chain, candidates)
{
  static const struct recipe other = R (.extensions = CA, .number = 8);
  static const struct recipe real = R (.extensions = CA);
  static const struct recipe below = L ();
  cleanup_error sigpolicy_error *failure = NULL;
  cleanup_certificate struct sp_certificate *leaf = NULL;
  X509 *root = make_certificate (&real, NULL, NULL);
  X509 *made = make (&below, &real, root, &leaf, &failure);
  cleanup_free char *pem = certificate_pem (root);

  for (size_t others = 99; others <= 100; others++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (1 << 20);
      cleanup_certificate_pool struct sp_certificate_pool *pool = NULL;
      cleanup_certificates struct sp_certificates middle = { 0 };
      for (size_t i = 0; i < others; i++)
        {
          struct recipe recipe = other;
          recipe.serial = (long)i + 2;
          X509 *one = make_certificate (&recipe, NULL, NULL);
          cleanup_free char *one_pem = certificate_pem (one);
          sp_buf_str (&text, one_pem);
          sp_buf_str (&text, one_pem); /* twice counts once */
          X509_free (one);
        }
      sp_buf_str (&text, pem);
      cr_assert (sp_certificate_pool_new (sp_buf_view (&text), "", &pool, &err) == 0);
      const struct sp_chain_question question
          = { .anchors = pool, .intermediates = { &middle, &middle }, .at = TEST_NOW };
      bool good = sp_chain_verify (leaf, &question, &err) == 0;
      cr_expect (good == (others == 99), "%zu: %s", others,
                 err ? sigpolicy_error_message (err) : "accepted");
      if (!good)
        cr_expect (strstr (sigpolicy_error_message (err), "signature check attempts limit"));
    }
  X509_free (made);
  X509_free (root);
}

/* OpenSSL takes a signature of RSASSA-PSS without its leading zeros; a signature is as long as the
 * modulus. */
Test (crypto_chain, short_signature)
{
  static const struct recipe root = R (.key = "RSA-1024"), below = L (.salt = 32);
  X509 *authority = make_certificate (&root, NULL, NULL);
  cleanup_certificate_pool struct sp_certificate_pool *pool = make_pool (authority);
  cleanup_certificates struct sp_certificates middle = { 0 };
  const struct sp_chain_question question
      = { .anchors = pool, .intermediates = { &middle, &middle }, .at = TEST_NOW };
  X509 *made = NULL;
  const ASN1_BIT_STRING *signature = NULL;

  do
    {
      X509_free (made);
      made = make_certificate (&below, &root, authority);
      X509_get0_signature (&signature, NULL, made);
    }
  while (ASN1_STRING_get0_data (signature)[0] != 0);
  for (int cut = 0; cut < 2; cut++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_certificate struct sp_certificate *leaf = NULL;
      unsigned char *der = NULL;
      unsigned char bytes[128];
      cr_assert (ASN1_STRING_length (signature) == sizeof bytes);
      memcpy (bytes, ASN1_STRING_get0_data (signature), sizeof bytes);
      cr_assert (ASN1_STRING_set ((ASN1_STRING *)signature, bytes + cut, (int)sizeof bytes - cut)
                 == 1);
      int length = i2d_X509 (made, &der);
      cr_assert (sp_certificate_parse (sp_view_n ((const char *)der, (size_t)length), &leaf, &err)
                 == 0);
      cr_expect ((sp_chain_verify (leaf, &question, &err) == 0) == (cut == 0));
      OPENSSL_free (der);
    }
  X509_free (made);
  X509_free (authority);
}

/* No bit of a certificate can be changed. */
Test (crypto_chain, forged)
{
  SP_CLEANUP (free_trio) struct trio trio = { 0 };
  make_trio (&trio);
  cleanup_certificate_pool struct sp_certificate_pool *pool = make_pool (trio.x509[0]);
  const struct sp_buf *const originals[] = { &trio.leaf.items[0]->der, &trio.middle.items[0]->der };
  size_t parsed = 0;

  for (size_t which = 0; which < 2; which++)
    for (size_t bit = 0; bit < 8 * originals[which]->len; bit++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_buf struct sp_buf der = SP_BUF (1 << 16);
        cleanup_certificate struct sp_certificate *forged = NULL;
        sp_buf_add (&der, sp_buf_view (originals[which]));
        der.data[bit / 8] = (char)(der.data[bit / 8] ^ (1 << bit % 8));
        if (sp_certificate_parse (sp_buf_view (&der), &forged, &err) < 0)
          continue;
        parsed++;
        struct sp_certificates one = { .items = &forged, .len = 1 };
        const struct sp_chain_question question
            = { .anchors = pool,
                .intermediates = { which ? &one : &trio.middle, &trio.middle },
                .n_intermediates = { 1, 0 },
                .at = TEST_NOW };
        cr_expect (sp_chain_verify (which ? trio.leaf.items[0] : forged, &question, &err) < 0,
                   "bit %zu of %zu", bit, which);
      }
  cr_expect (parsed > 1000);
}
