/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"
#include "model/manifest.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define EMPTY_DIGEST "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define OCI       "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define V2        "application/vnd.docker.distribution.manifest.v2+json"
#define V2_LIST   "application/vnd.docker.distribution.manifest.list.v2+json"
#define V1        "application/vnd.docker.distribution.manifest.v1+json"
#define V1_SIGNED "application/vnd.docker.distribution.manifest.v1+prettyjws"

static const struct
{
  const char *manifest, *mime;
} guesses[] = {
  { "", "" },
  { "null", "" },
  { "[]", "" },
  { "1", "" },
  { "not JSON", "" },
  { "{}", "" },
  { "{} x", "" },
  { "\xef\xbb\xbf{\"schemaVersion\":2}", "" },

  /* a media type of its own */
  { "{\"mediaType\":\"" OCI "\"}", OCI },
  { "{\"mediaType\":\"" OCI_INDEX "\"}", OCI_INDEX },
  { "{\"mediaType\":\"" V2 "\"}", V2 },
  { "{\"mediaType\":\"" V2_LIST "\"}", V2_LIST },
  { "{\"MEDIATYPE\":\"" V2_LIST "\"}", V2_LIST },
  { "{\"mediaType\":\"" V2_LIST "\",\"mediatype\":\"" OCI "\"}", OCI },
  { "{\"mediaType\":\"" OCI "\",\"mediaType\":null}", OCI },
  { "{\"mediaType\":\"" OCI "\",\"schemaVersion\":1,\"signatures\":[]}", OCI },
  { "{\"mediaType\":\"" V2 "\",\"schemaVersion\":1,\"signatures\":[]}", V2 },
  { "{\"mediaType\":\"" OCI "\",\"manifests\":1}", OCI },
  { "{\"mediaType\":\"" OCI "\\u0000\"}", "" },
  { "{\"mediaType\":\"" V1_SIGNED "\"}", "" },
  { "{\"mediaType\":5}", "" },
  { "{\"mediaType\":5,\"mediaType\":\"" OCI "\"}", "" },
  { "{\"mediaType\":\"" OCI "\",\"schemaVersion\":\"1\"}", "" },
  { "{\"mediaType\":\"" OCI "\",\"signatures\":1e999}", "" },
  { "{\"mediaType\":\"" OCI "\",\"x\":1e999}", OCI },

  /* schema 1 */
  { "{\"schemaVersion\":1}", V1 },
  { "{\"schemaVersion\":1,\"signatures\":null}", V1 },
  { "{\"schemaVersion\":1,\"signatures\":[]}", V1_SIGNED },
  { "{\"schemaVersion\":1,\"signatures\":false}", V1_SIGNED },
  { "{\"schemaVersion\":1,\"\\u017fignatures\":{}}", V1_SIGNED },
  { "{\"schemaVersion\":1,\"signatures\":[],\"Signatures\":null}", V1 },
  { "{\"schemaVersion\":1,\"Signatures\":null,\"signatures\":[]}", V1_SIGNED },
  { "{\"SchemaVersion\":1,\"signatures\":[]}", V1_SIGNED },
  { "{\"schemaVersion\":1,\"SIGNATURES\":[]}", V1_SIGNED },
  { "{\"schemaVersion\":1,\"\\u0073ignatures\":[]}", V1_SIGNED },
  { "{\"schemaVersion\":1,\"\u017fignature\u017f\":[]}", V1_SIGNED },
  { "{\"schemaVersion\":2,\"SCHEMAVERSION\":1,\"signatures\":[]}", V1_SIGNED },
  { "{\"schemaVersion\":1,\"schemaVersion\":null,\"signatures\":[]}", V1_SIGNED },
  { "{\"schemaVersion\":1,\"schemaVersion\":2,\"signatures\":[]}", OCI },
  { "{\"mediaType\":\"" V1 "\",\"schemaVersion\":1,\"signatures\":[]}", V1_SIGNED },
  { "{\"mediaType\":\"x\",\"schemaVersion\":1,\"signatures\":[]}", V1_SIGNED },
  { "{\"schemaVersion\":1.0,\"signatures\":[]}", "" },
  { "{\"schemaVersion\":1e0,\"signatures\":[]}", "" },
  { "{\"schemaVersion\":\"1\",\"signatures\":[]}", "" },
  { "{\"schemaVersion\":true,\"signatures\":[]}", "" },
  { "{\"schemaVersion\":null,\"signatures\":[]}", "" },
  { "{\"schemaVersion\":10,\"signatures\":[]}", "" },
  { "{\"schemaVersion\":0,\"signatures\":[]}", "" },
  { "{\"schemaVersion\":10000000000000000000,\"signatures\":[]}", "" },
  { "{\"schemaVersion\":1,\"mediaType\":5,\"signatures\":[]}", "" },

  /* schema 2, told by what it holds */
  { "{\"schemaVersion\":2}", OCI },
  { "{\"schemaVersion\":2,\"config\":null}", OCI },
  { "{\"schemaVersion\":2,\"config\":{}}", OCI },
  { "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"}}",
    OCI },
  { "{\"schemaVersion\":2,\"config\":{\"mediaType\":"
    "\"application/vnd.docker.container.image.v1+json\"}}",
    V2 },
  { "{\"schemaVersion\":2,\"CONFIG\":{\"MediaType\":"
    "\"application/vnd.docker.container.image.v1+json\"},\"config\":{},\"config\":null}",
    V2 },
  { "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\"}}", OCI },
  { "{\"schemaVersion\":2,\"config\":1}", "" },
  { "{\"schemaVersion\":2,\"config\":{\"mediaType\":1}}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[]}", OCI },
  { "{\"schemaVersion\":2,\"manifests\":null}", OCI },
  { "{\"schemaVersion\":2,\"manifests\":[{}]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[null]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[{}],\"manifests\":null}", OCI },
  { "{\"schemaVersion\":2,\"manifests\":[{}],\"config\":{\"mediaType\":\"x\"}}", "x" },
  { "{\"schemaVersion\":2,\"manifests\":[{}],\"config\":{\"mediaType\":\"" OCI_INDEX "\\u0000\"}}",
    OCI_INDEX "\xef\xbf\xbd" },
  { "{\"schemaVersion\":2,\"manifests\":{}}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[1]}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[{\"size\":1.5}]}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[{\"size\":-1}]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[{\"digest\":1}]}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"any text\"}]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[{\"urls\":[null,\"u\"]}]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[{\"urls\":[1]}]}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[{\"annotations\":{\"a\":null}}]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[{\"annotations\":{\"a\":1}}]}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[{\"data\":\"YQ==\"}]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[{\"data\":[1,null]}]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[{\"data\":\"YQ\"}]}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[{\"platform\":{\"os\":\"linux\"}}]}", OCI_INDEX },
  { "{\"schemaVersion\":2,\"manifests\":[{\"platform\":{\"os\":1e3}}]}", "" },
  { "{\"schemaVersion\":2,\"manifests\":[{\"platform\":{\"os.features\":\"x\"}}]}", "" },
};

Test (model_manifest, guess)
{
  for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *mime = NULL;
      cr_assert (sp_manifest_guess (sp_view_str (guesses[i].manifest), &mime, &err) == 0, "%s: %s",
                 guesses[i].manifest, sigpolicy_error_text (err));
      cr_expect_str_eq (mime, guesses[i].mime, "%s", guesses[i].manifest);
      cr_expect ((sp_manifest_refuse_schema1 (sp_view_str (guesses[i].manifest), &err) < 0)
                     == (strcmp (mime, V1_SIGNED) == 0),
                 "%s", guesses[i].manifest);
    }
}

static const struct
{
  const char *manifest, *type, *noun;
} artifacts[] = {
  { "", NULL, "image" },
  { "[]", NULL, "image" },
  { "{\"schemaVersion\":1}", NULL, "image" },
  { "{\"manifests\":[]}", NULL, "image" },
  { "{\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"}}", NULL, "image" },
  { "{\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\"}}", NULL,
    "image" },
  { "{\"artifactType\":\"\",\"config\":{}}", NULL, "image" },
  { "{\"config\":{\"mediaType\":\"" SP_MIME_HELM_CONFIG "\"}}", SP_MIME_HELM_CONFIG, "chart" },
  { "{\"Config\":{\"MediaType\":\"" SP_MIME_HELM_CONFIG "\"}}", SP_MIME_HELM_CONFIG, "chart" },
  { "{\"config\":{\"mediaType\":\"" SP_MIME_HELM_CONFIG "\\u0000\"}}",
    SP_MIME_HELM_CONFIG "\xef\xbf\xbd", "artifact" },
  { "{\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\"}}",
    "application/vnd.oci.empty.v1+json", "artifact" },
  { "{\"artifactType\":\"a/b\",\"config\":{\"mediaType\":"
    "\"application/vnd.oci.image.config.v1+json\"}}",
    "a/b", "artifact" },
  { "{\"artifactType\":\"a/b\",\"manifests\":[]}", "a/b", "artifact" },
};

Test (model_manifest, artifact_type)
{
  for (size_t i = 0; i < sizeof artifacts / sizeof *artifacts; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *type = NULL;
      const char *manifest = artifacts[i].manifest, *wanted = artifacts[i].type;
      cr_expect_eq (sp_manifest_artifact_type (sp_view_str (manifest), &type, &err), 0, "%s",
                    manifest);
      cr_expect (wanted ? type && strcmp (type, wanted) == 0 : !type, "%s: %s", manifest,
                 type ? type : "none");
      cr_expect_str_eq (sp_artifact_noun (type), artifacts[i].noun, "%s", manifest);
    }
}

Test (model_manifest, a_list_is_one_of_two_types)
{
  cr_expect (sp_manifest_is_list (V2_LIST));
  cr_expect (sp_manifest_is_list (OCI_INDEX));
  cr_expect (!sp_manifest_is_list (OCI_INDEX " "));
  cr_expect (!sp_manifest_is_list (V2));
  cr_expect (!sp_manifest_is_list (""));
}

Test (model_manifest, raw_digests)
{
  for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      char raw[SP_SHA256_TEXT_SIZE], digest[SP_SHA256_TEXT_SIZE];
      if (strcmp (guesses[i].mime, V1_SIGNED) == 0)
        continue;
      struct sp_view manifest = sp_view_str (guesses[i].manifest);
      cr_assert (sp_sha256_text (manifest, raw, &err) == 0);
      cr_assert (sp_manifest_digest (manifest, digest, &err) == 0);
      cr_expect_str_eq (digest, raw, "%s", guesses[i].manifest);
    }
}

Test (model_manifest, matches_sha256_only)
{
  static const struct
  {
    const char *digest;
    bool matches;
  } cases[] = {
    { "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", true },
    { "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8b", false },
    { "sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A", false },
    { "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a ", false },
    { "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8", false },
    { "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", false },
    { "", false },
    /* correct, and no match for all that */
    { "sha512:"
      "27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9a33c2046ef60fd2a7878d3"
      "78e29fec851806bbd9a67878f3a9f1cda4830763fd",
      false },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      bool matches = !cases[i].matches;
      cr_assert (
          sp_manifest_matches (sp_view_str ("{}"), sp_view_str (cases[i].digest), &matches, &err)
          == 0);
      cr_expect (matches == cases[i].matches, "%s", cases[i].digest);
    }
}

/* --- signed schema 1 -------------------------------------------------------------------------- */

/* Writes text with every $...$ as unpadded base64url of what stands between. */
static void
expand (const char *text, struct sp_buf *out)
{
  while (*text)
    {
      if (*text != '$')
        {
          sp_buf_byte (out, *text++);
          continue;
        }
      const char *end = strchr (text + 1, '$');
      cleanup_buf struct sp_buf code = SP_BUF (1000);
      sp_base64_encode (sp_view_n (text + 1, (size_t)(end - text - 1)), &code);
      for (size_t i = 0; i < code.len; i++)
        if (code.data[i] != '=')
          sp_buf_byte (out, code.data[i] == '+' ? '-' : code.data[i] == '/' ? '_' : code.data[i]);
      text = end + 1;
    }
}

#define BEGIN "{\"schemaVersion\":1,\"signatures\":["
#define END   "]}"
/* The protected header of most cases: 5 bytes of the manifest and "}" (fQ). */
#define FIVE           "$" FIVE_JSON "$"
#define FIVE_JSON      "{\"formatLength\":5,\"formatTail\":\"fQ\"}"
#define SIGNED(header) BEGIN "{\"protected\":\"" header "\"}" END
#define KEY(jwk)       BEGIN "{\"protected\":\"" FIVE "\",\"header\":{\"jwk\":" jwk "}}" END

#define ZEROS    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 32 bytes */
#define P256_X   "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY"
#define P256_Y   "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
#define P256     "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" P256_X "\",\"y\":\"" P256_Y "\""
#define P256_KID "LTJF:F6YM:5CJS:INX2:7DGN:CBAJ:QG4J:5ZFN:NOP6:TYVC:W7TR:VLFS"

/* payload of NULL: refused, with a message that begins so; or, without a message, no schema 1 at
 * all and raw, because a number in it cannot be read. */
static const struct
{
  const char *manifest, *payload, *message;
} signed_cases[] = {
  { BEGIN END, "", NULL },
  { SIGNED (FIVE), "{\"sch}", NULL },
  { BEGIN "null" END, NULL, "error unmarshalling protected header: " },
  { BEGIN "{}" END, NULL, "error unmarshalling protected header: " },
  { SIGNED (""), NULL, "error unmarshalling protected header: " },
  { SIGNED ("$[]$"), NULL, "error unmarshalling protected header: " },
  { SIGNED ("$\"\"$"), NULL, "error unmarshalling protected header: " },
  { SIGNED ("$" FIVE_JSON " x$"), NULL, "error unmarshalling protected header: " },
  { SIGNED ("${\"formatLength\":5,\"formatTail\":\"fQ\",\"x\":1e999}$"), NULL,
    "error unmarshalling protected header: " },
  { SIGNED ("$null$"), NULL, "missing formatted length" },
  { SIGNED ("${}$"), NULL, "missing formatted length" },
  { SIGNED ("${\"formatLength\":\"3\",\"formatTail\":\"\"}$"), NULL, "missing formatted length" },
  { SIGNED ("${\"FormatLength\":3,\"formatTail\":\"\"}$"), NULL, "missing formatted length" },
  { SIGNED ("${\"formatLength\":null,\"formatTail\":\"\"}$"), NULL, "missing formatted length" },
  { SIGNED ("${\"formatLength\":3}$"), NULL, "missing formatted tail" },
  { SIGNED ("${\"formatLength\":3,\"formatTail\":1}$"), NULL, "missing formatted tail" },
  { SIGNED ("${\"formatLength\":3,\"FormatTail\":\"\"}$"), NULL, "missing formatted tail" },
  { SIGNED ("${\"formatLength\":3,\"formatTail\":\"*\"}$"), NULL, "base64 decode error on tail: " },
  { SIGNED ("*"), NULL, "base64 decode error: illegal base64url string" },
  { SIGNED ("****"), NULL, "base64 decode error: " },
  { SIGNED ("+A=="), NULL, "base64 decode error: " },

  { SIGNED ("${\"formatLength\":0,\"formatTail\":\"YWJj\"}$"), "abc", NULL },
  { SIGNED ("${\"formatLength\":1.5,\"formatTail\":\"\"}$"), "{", NULL },
  { SIGNED ("${\"formatLength\":-0.5,\"formatTail\":\"\"}$"), "", NULL },
  { SIGNED ("${\"formatLength\":2e0,\"formatTail\":\"\"}$"), "{\"", NULL },
  { SIGNED ("${\"formatLength\":9,\"formatLength\":2,\"formatTail\":\"\"}$"), "{\"", NULL },
  { SIGNED ("${\"formatLength\":-1,\"formatTail\":\"\"}$"), NULL, "invalid format length" },
  { SIGNED ("${\"formatLength\":-9223372036854775808,\"formatTail\":\"\"}$"), NULL,
    "invalid format length" },
  { SIGNED ("${\"formatLength\":9223372036854775807,\"formatTail\":\"\"}$"), NULL,
    "invalid format length" },
  { SIGNED ("${\"formatLength\":1e300,\"formatTail\":\"\"}$"), NULL, "invalid format length" },
  { SIGNED ("${\"formatLength\":4294967298,\"formatTail\":\"\"}$"), NULL, "invalid format length" },
  { SIGNED ("${\"formatLength\":2,\"formatTail\":\"YW J\\nj=\"}$"), NULL,
    "base64 decode error on tail: " },
  { SIGNED ("${\"formatLength\":2,\"formatTail\":\"YW J\\nj\"}$"), "{\"abc", NULL },

  /* several signatures */
  { BEGIN "{\"protected\":\"" FIVE "\"},{\"protected\":\"" FIVE "\"}" END, "{\"sch}", NULL },
  { BEGIN "{\"protected\":\"${\"formatLength\":0,\"formatTail\":\"\"}$\"},{\"protected\":\"" FIVE
          "\"}" END,
    "{\"sch}", NULL },
  { BEGIN "{\"protected\":\"" FIVE
          "\"},{\"protected\":\"${\"formatLength\":0,\"formatTail\":\"fQ\"}$\"}" END,
    NULL, "conflicting format length" },
  { BEGIN "{\"protected\":\"" FIVE
          "\"},{\"protected\":\"${\"formatLength\":5,\"formatTail\":\"\"}$\"}" END,
    NULL, "conflicting format tail" },
  { BEGIN "{\"protected\":\"" FIVE "\"},{\"protected\":\"${\"formatLength\":6,\"formatTail\":\"fQ\""
          "}$\"}" END,
    NULL, "conflicting format length" },
  { BEGIN "{\"protected\":\"" FIVE "\"},{}" END, NULL, "error unmarshalling protected header: " },

  /* the members of a signature, read leniently */
  { BEGIN "{\"Protected\":\"" FIVE "\",\"x\":1e999}" END, NULL, NULL },
  { BEGIN "{\"Protected\":\"" FIVE "\"}" END, "{\"sch}", NULL },
  { BEGIN "{\"protected\":\"" FIVE "\",\"protected\":null}" END, "{\"sch}", NULL },
  { BEGIN "{\"protected\":\"\",\"PROTECTED\":\"" FIVE "\"}" END, "{\"sch}", NULL },
  { BEGIN "{\"protected\":\"" FIVE "\",\"header\":null,\"signature\":null}" END, "{\"sch}", NULL },
  { BEGIN "{\"protected\":\"" FIVE "\",\"header\":{\"alg\":null,\"x5c\":[null,\"\"]}}" END,
    "{\"sch}", NULL },
  { BEGIN "{\"protected\":1}" END, NULL, "error unmarshalling signatures: " },
  { BEGIN "{\"protected\":\"" FIVE "\",\"signature\":[]}" END, NULL,
    "error unmarshalling signatures: " },
  { BEGIN "{\"protected\":\"" FIVE "\",\"header\":[]}" END, NULL,
    "error unmarshalling signatures: " },
  { BEGIN "{\"protected\":\"" FIVE "\",\"header\":{\"alg\":1}}" END, NULL,
    "error unmarshalling signatures: " },
  { BEGIN "{\"protected\":\"" FIVE "\",\"header\":{\"x5c\":\"\"}}" END, NULL,
    "error unmarshalling signatures: " },
  { BEGIN "1" END, NULL, "error unmarshalling signatures: " },
  { "{\"schemaVersion\":1,\"signatures\":{}}", NULL, "error unmarshalling signatures: " },
  { "{\"schemaVersion\":1,\"signatures\":\"\"}", NULL, "error unmarshalling signatures: " },
  { "{\"schemaVersion\":1,\"signatures\":1}", NULL, "error unmarshalling signatures: " },
  { "{\"schemaVersion\":1,\"signatures\":false}", NULL, "error unmarshalling signatures: " },
  { "{\"schemaVersion\":1,\"Signatures\":[]}", NULL, "missing signature key" },
  { "{\"schemaVersion\":1,\"signatures\":null,\"Signatures\":[]}", "", NULL },

  /* public keys */
  { KEY ("{" P256 "}"), "{\"sch}", NULL },
  { KEY ("{" P256 ",\"kid\":\"" P256_KID "\"}"), "{\"sch}", NULL },
  { KEY ("{" P256 ",\"KID\":\"X\"}"), "{\"sch}", NULL },
  { KEY ("{" P256 ",\"kid\":\"X\"}"), NULL,
    "error unmarshalling public key: JWK EC Public Key ID does not match: X" },
  { KEY ("{" P256 ",\"kid\":null}"), NULL,
    "error unmarshalling public key: JWK EC Public Key ID: \"kid\" value must be a string" },
  { KEY ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ZEROS "\",\"y\":\"" ZEROS "\"}"), "{\"sch}",
    NULL },
  { KEY ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"" P256_KID "\",\"x\":\"" P256_X
         "\",\"y\":\"" ZEROS "\"}"),
    NULL, "error unmarshalling public key: JWK EC Public Key ID does not match: " },
  { KEY ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"X\",\"x\":\"AA\",\"y\":\"AA\"}"), NULL,
    "error unmarshalling public key: JWK EC Public Key x-coordinate: invalid number of octets: got "
    "1, should be 32" },
  { KEY ("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" ZEROS "\",\"y\":\"" ZEROS "\"}"), NULL,
    "error unmarshalling public key: JWK EC Public Key x-coordinate: invalid number of octets: got "
    "32, should be 48" },
  { KEY ("{\"kty\":\"EC\",\"crv\":\"P-224\",\"x\":\"\",\"y\":\"\"}"), NULL,
    "error unmarshalling public key: JWK EC Public Key curve identifier not supported: \"P-224\"" },
  { KEY ("{\"kty\":\"EC\",\"x\":\"\",\"y\":\"\"}"), NULL,
    "error unmarshalling public key: JWK EC Public Key curve identifier: \"crv\" value not "
    "specified" },
  { KEY ("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}"), "{\"sch}", NULL },
  { KEY ("{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\",\"kid\":\"YDHL:ZALK:H6FA:KEPY:6HAP:2EN6:AKLN:CUMO:"
         "VMOF:6DH6:TLPH:BEKQ\"}"),
    "{\"sch}", NULL },
  { KEY ("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\",\"d\":null}"), NULL,
    "error unmarshalling public key: JWK RSA Public Key cannot contain private exponent" },
  { KEY ("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\",\"kid\":\"\"}"), NULL,
    "error unmarshalling public key: JWK RSA Public Key ID does not match: " },
  { KEY ("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AAAAAAE\"}"), NULL,
    "error unmarshalling public key: JWK RSA Public Key exponent: " },
  { KEY ("{\"kty\":\"RSA\",\"n\":\"A\",\"e\":\"AQAB\"}"), NULL,
    "error unmarshalling public key: JWK RSA Public Key modulus: invalid base64 URL encoding: " },
  { KEY ("{\"kty\":\"oct\"}"), NULL,
    "error unmarshalling public key: JWK Public Key type not supported: \"oct\"" },
  { KEY ("{\"Kty\":\"EC\"}"), NULL,
    "error unmarshalling public key: JWK Public Key type: \"kty\" value not specified" },
  { KEY ("null"), NULL,
    "error unmarshalling public key: JWK Public Key type: \"kty\" value not specified" },
  { KEY ("[\"a\"]"), NULL, "error unmarshalling public key: decoding JWK Public Key JSON data: " },
  { KEY ("{" P256 ",\"x5t\":1e999}"), NULL, NULL },
  /* the first header's key stays where the second says nothing of it */
  { BEGIN "{\"protected\":\"" FIVE "\",\"header\":{\"jwk\":[]},\"header\":{}}" END, NULL,
    "error unmarshalling public key: " },
  { BEGIN "{\"protected\":\"" FIVE "\",\"header\":{\"jwk\":[]},\"Header\":{\"JWK\":{" P256
          "}}}" END,
    "{\"sch}", NULL },
};

Test (model_manifest, signed_schema_1)
{
  for (size_t i = 0; i < sizeof signed_cases / sizeof *signed_cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf manifest = SP_BUF (10000);
      char digest[SP_SHA256_TEXT_SIZE], expected[SP_SHA256_TEXT_SIZE];
      expand (signed_cases[i].manifest, &manifest);
      cr_assert (!manifest.failed);
      if (!signed_cases[i].payload && !signed_cases[i].message)
        {
          cr_assert (sp_sha256_text (sp_buf_view (&manifest), expected, &err) == 0);
          cr_assert (sp_manifest_digest (sp_buf_view (&manifest), digest, &err) == 0);
          cr_expect_str_eq (digest, expected, "%s", manifest.data);
          continue;
        }
      int rc = sp_manifest_digest (sp_buf_view (&manifest), digest, &err);
      if (signed_cases[i].payload)
        {
          cr_assert (rc == 0, "%s: %s", manifest.data, sigpolicy_error_text (err));
          cr_assert (sp_sha256_text (sp_view_str (signed_cases[i].payload), expected, &err) == 0);
          cr_expect_str_eq (digest, expected, "%s", manifest.data);
          continue;
        }
      cr_expect (rc == SIGPOLICY_E_REJECTED, "%s is accepted", manifest.data);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_DIGEST_MISMATCH, "%s",
                 manifest.data);
      cr_expect (strncmp (sigpolicy_error_message (err), signed_cases[i].message,
                          strlen (signed_cases[i].message))
                     == 0,
                 "%s: %s", manifest.data, sigpolicy_error_message (err));
    }
}

static void
write_signed (struct sp_buf *manifest, size_t length)
{
  cleanup_buf struct sp_buf text = SP_BUF (1000);
  sp_buf_printf (&text, SIGNED ("${\"formatLength\":%zu,\"formatTail\":\"\"}$"), length);
  sp_buf_clear (manifest);
  expand (text.data, manifest);
}

Test (model_manifest, format_length_up_to_the_size)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf manifest = SP_BUF (1000);
  char digest[SP_SHA256_TEXT_SIZE], raw[SP_SHA256_TEXT_SIZE];

  write_signed (&manifest, 10); /* all lengths of two digits give the same size */
  write_signed (&manifest, manifest.len);
  cr_assert (sp_manifest_digest (sp_buf_view (&manifest), digest, &err) == 0, "%s: %s",
             manifest.data, sigpolicy_error_text (err));
  cr_assert (sp_sha256_text (sp_buf_view (&manifest), raw, &err) == 0);
  cr_expect_str_eq (digest, raw);
  write_signed (&manifest, manifest.len + 1);
  cr_expect (sp_manifest_digest (sp_buf_view (&manifest), digest, &err) == SIGPOLICY_E_REJECTED);
}

Test (model_manifest, empty_payload)
{
  cleanup_error sigpolicy_error *err = NULL;
  char digest[SP_SHA256_TEXT_SIZE];
  cr_assert (sp_manifest_digest (sp_view_str (BEGIN END), digest, &err) == 0);
  cr_expect_str_eq (digest, EMPTY_DIGEST);
}

/* --- ceilings --------------------------------------------------------------------------------- */

static int
nested (unsigned depth, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (100000);
  cleanup_free char *mime = NULL;

  sp_buf_str (&text, "{\"x\":");
  for (unsigned i = 1; i < depth; i++)
    sp_buf_byte (&text, '[');
  for (unsigned i = 1; i < depth; i++)
    sp_buf_byte (&text, ']');
  sp_buf_byte (&text, '}');
  return sp_manifest_guess (sp_buf_view (&text), &mime, err);
}

Test (model_manifest, depth)
{
  cleanup_error sigpolicy_error *err = NULL;
  cr_expect (nested (SP_MANIFEST_DEPTH_MAX, &err) == 0);
  cr_expect (nested (SP_MANIFEST_DEPTH_MAX + 1, &err) == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}

Test (model_manifest, size)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *bytes = malloc (SP_MANIFEST_BYTES_MAX + 1), *mime = NULL;
  char digest[SP_SHA256_TEXT_SIZE];

  cr_assert (bytes);
  memset (bytes, ' ', SP_MANIFEST_BYTES_MAX + 1);
  cr_expect (sp_manifest_digest (sp_view_n (bytes, SP_MANIFEST_BYTES_MAX), digest, &err) == 0);
  cr_expect (sp_manifest_digest (sp_view_n (bytes, SP_MANIFEST_BYTES_MAX + 1), digest, &err)
             == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
  sp_error_clear (&err);
  cr_expect (sp_manifest_guess (sp_view_n (bytes, SP_MANIFEST_BYTES_MAX + 1), &mime, &err)
             == SIGPOLICY_E_REJECTED);
}

/* --- what no reader takes for an image (S11) -------------------------------------------------- */

#define OCI_TYPE   "\"schemaVersion\":2,\"mediaType\":\"" SP_MIME_OCI_MANIFEST "\""
#define INDEX_TYPE "\"schemaVersion\":2,\"mediaType\":\"" SP_MIME_OCI_INDEX "\""
#define V2S2_TYPE  "\"schemaVersion\":2,\"mediaType\":\"" SP_MIME_V2S2 "\""
#define LIST_TYPE  "\"schemaVersion\":2,\"mediaType\":\"" SP_MIME_V2_LIST "\""

/* With one member of another kind than it should be. */
#define OCI_IMAGE(config, layers) "{" OCI_TYPE ",\"config\":" config ",\"layers\":" layers "}"
#define INDEX(manifests)          "{" INDEX_TYPE ",\"manifests\":" manifests "}"
#define V2S2(config, layers)      "{" V2S2_TYPE ",\"config\":" config ",\"layers\":" layers "}"
#define LIST(manifests)           "{" LIST_TYPE ",\"manifests\":" manifests "}"
#define SCHEMA1(layers, history) \
  "{\"schemaVersion\":1,\"fsLayers\":" layers ",\"history\":" history "}"

#define GZIP "{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\"}"

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* A step of a history: members of the document in the string. */
#define STEP(members)  "{\"v1Compatibility\":\"{" members "}\"}"
#define TEXT(name, of) "\\\"" name "\\\":\\\"" of "\\\""

/* The words of the refusal; NULL: none. */
static const struct
{
  const char *manifest, *said, *words;
} unfit[] = {
  { OCI_IMAGE ("{}", "[]"), NULL, NULL },
  { "{" OCI_TYPE ",\"config\":{},\"layers\":[],\"manifests\":null}", NULL, NULL },
  { "{" OCI_TYPE ",\"config\":{},\"layers\":[],\"manifests\":[]}", NULL, "\"manifests\"" },
  { "{" OCI_TYPE ",\"config\":{},\"layers\":[],\"MANIFESTS\":[]}", NULL, "\"manifests\"" },
  { "{" OCI_TYPE ",\"config\":{},\"layers\":[],\"fslayers\":{}}", NULL, "\"fsLayers\"" },
  { INDEX ("[]"), NULL, NULL },
  { "{" INDEX_TYPE ",\"manifests\":[],\"config\":{}}", NULL, "\"config\"" },
  { "{" INDEX_TYPE ",\"manifests\":[],\"Layers\":[]}", NULL, "\"layers\"" },
  { "{\"schemaVersion\":2,\"manifests\":[{}]}", NULL, NULL },
  { "{\"schemaVersion\":2,\"manifests\":[{}],\"config\":{\"mediaType\":\"a/b\"}}", NULL,
    "\"config\"" },
  { "{" V2S2_TYPE ",\"manifests\":7}", NULL, "\"manifests\"" },
  { "{\"schemaVersion\":1,\"fsLayers\":[],\"layers\":[]}", NULL, "\"layers\"" },

  /* null is as good as absent; anything else has its type, also where a later member replaces it.
   */
  { OCI_IMAGE ("null", "null"), NULL, NULL },
  { "{" OCI_TYPE "}", NULL, NULL },
  { OCI_IMAGE ("{\"size\":null,\"digest\":null}", "[null,{}]"), NULL, NULL },
  { OCI_IMAGE ("[]", "[]"), NULL, "expected an object, got an array" },
  { OCI_IMAGE ("7", "[]"), NULL, "expected an object, got a number" },
  { OCI_IMAGE ("\"x\"", "[]"), NULL, "expected an object, got a string" },
  { OCI_IMAGE ("true", "[]"), NULL, "expected an object, got a boolean" },
  { OCI_IMAGE ("{}", "{}"), NULL, "expected an array of objects, got an object" },
  { OCI_IMAGE ("{}", "7"), NULL, "expected an array of objects, got a number" },
  { OCI_IMAGE ("{}", "\"\""), NULL, "expected an array of objects, got a string" },
  { OCI_IMAGE ("{}", "false"), NULL, "expected an array of objects, got a boolean" },
  { OCI_IMAGE ("{}", "[7]"), NULL, "expected an object, got a number" },
  { OCI_IMAGE ("{}", "[[]]"), NULL, "expected an object, got an array" },
  { OCI_IMAGE ("{}", "[{},\"x\"]"), NULL, "expected an object, got a string" },
  { OCI_IMAGE ("{\"digest\":7}", "[]"), NULL, "expected a string, got a number" },
  { OCI_IMAGE ("{\"size\":7}", "[]"), NULL, NULL },
  { OCI_IMAGE ("{\"size\":\"7\"}", "[]"), NULL, "expected an integer, got a string" },
  { OCI_IMAGE ("{\"size\":7.0}", "[]"), NULL, "expected an integer" },
  { OCI_IMAGE ("{\"size\":9223372036854775808}", "[]"), NULL, "expected an integer" },
  { OCI_IMAGE ("{}", "[{\"urls\":[\"u\",null]}]"), NULL, NULL },
  { OCI_IMAGE ("{}", "[{\"urls\":[7]}]"), NULL, "expected an array of strings" },
  { OCI_IMAGE ("{}", "[{\"annotations\":{\"a\":7}}]"), NULL, "expected an object of strings" },
  { OCI_IMAGE ("{}", "[{\"data\":\"e30=\"}]"), NULL, NULL },
  { OCI_IMAGE ("{}", "[{\"data\":\"!\"}]"), NULL, "base64" },
  { OCI_IMAGE ("{}", "[],\"subject\":{}"), NULL, NULL },
  { OCI_IMAGE ("{}", "[],\"subject\":[]"), NULL, "expected an object, got an array" },
  { OCI_IMAGE ("{}", "[],\"annotations\":{\"a\":null}"), NULL, NULL },
  { OCI_IMAGE ("{}", "[],\"annotations\":[]"), NULL, "expected an object of strings" },
  { OCI_IMAGE ("{}", "[],\"Layers\":7"), NULL, "expected an array of objects, got a number" },
  { OCI_IMAGE ("{}", "7,\"layers\":[]"), NULL, "expected an array of objects, got a number" },
  { OCI_IMAGE ("{}", "[],\"other\":7"), NULL, NULL },
  { INDEX ("null"), NULL, NULL },
  { INDEX ("{}"), NULL, "expected an array of objects, got an object" },
  { INDEX ("[{},7]"), NULL, "expected an object, got a number" },
  { INDEX ("[{\"platform\":\"x\"}]"), NULL, "expected an object, got a string" },
  { LIST ("[{\"platform\":{\"features\":[]}}]"), NULL, NULL },
  { LIST ("[{\"platform\":{\"features\":7}}]"), NULL, "expected an array of strings" },
  { LIST ("\"x\""), NULL, "expected an array of objects, got a string" },

  /* Schema 2 knows its types of layers. */
  { V2S2 ("{}", "[]"), NULL, NULL },
  { V2S2 ("null", "null"), NULL, NULL },
  { V2S2 ("{}", "[" GZIP "]"), NULL, NULL },
  { V2S2 ("[]", "[]"), NULL, "expected an object, got an array" },
  { V2S2 ("{}", "{}"), NULL, "expected an array of objects, got an object" },
  { V2S2 ("{}", "[" GZIP ",{}]"), NULL, "unsupported docker v2s2 media type: \"\"" },
  { V2S2 ("{}", "[{\"mediaType\":\"a/b\"}]"), NULL, "unsupported docker v2s2 media type: \"a/b\"" },
  { V2S2 ("{}", "[null]"), NULL, "unsupported docker v2s2 media type: \"\"" },
  { "{\"schemaVersion\":2,\"config\":{\"mediaType\":"
    "\"application/vnd.docker.container.image.v1+json\"},\"layers\":[]}",
    NULL, "unsupported docker v2s2 media type: \"\"" },

  /* Schema 1 has a history, step by step. */
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A)) "]"), NULL, NULL },
  { SCHEMA1 ("[{},{}]", "[" STEP (TEXT ("id", ID_A) "," TEXT ("parent", ID_B)) "," STEP (
                            TEXT ("id", ID_B)) "]"),
    NULL, NULL },
  { SCHEMA1 ("[{},{}]", "[" STEP (TEXT ("id", ID_A)) "," STEP (TEXT ("id", ID_A)) "]"), NULL,
    NULL },
  { SCHEMA1 ("[{},{}]", "[" STEP (TEXT ("id", ID_A)) "," STEP (TEXT ("id", ID_B)) "]"), NULL,
    "Invalid parent ID" },
  { SCHEMA1 ("[{},{},{}]",
             "[" STEP (TEXT ("id", ID_A) "," TEXT ("parent", ID_B)) "," STEP (
                 TEXT ("id", ID_B) "," TEXT ("parent", ID_A)) "," STEP (TEXT ("id", ID_A)) "]"),
    NULL, "multiple times" },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A) "," TEXT ("parent", ID_B)) "]"), NULL,
    "base layer" },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", "x")) "]"), NULL, "image ID" },
  { SCHEMA1 ("[{}]", "[{}]"), NULL, "history entry 0" },
  { SCHEMA1 ("[{}]", "[{\"v1Compatibility\":\"null\"}]"), NULL, "image ID" },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A) "," TEXT ("created", "2026-11-21T00:30:00Z")) "]"),
    NULL, NULL },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A) "," TEXT ("created", "0000-02-29T00:30:00Z")) "]"),
    NULL, NULL },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A) "," TEXT ("created", "0001-02-29T00:30:00Z")) "]"),
    NULL, "expected a time" },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A) "," TEXT ("created", "2026-11-21t00:30:00Z")) "]"),
    NULL, "expected a time" },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A) "," TEXT ("created", "2026-11-21T00:30:60Z")) "]"),
    NULL, "expected a time" },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A) ",\\\"throwaway\\\":true") "]"), NULL, NULL },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A) ",\\\"throwaway\\\":1") "]"), NULL,
    "expected true or false" },
  { SCHEMA1 ("[]", "[]"), NULL, "no FSLayers" },
  { SCHEMA1 ("[{}]", "[]"), NULL, "length of history" },
  { SCHEMA1 ("{}", "[]"), NULL, "expected an array of objects, got an object" },

  /* What its origin says it is counts. */
  { "{\"config\":{},\"layers\":[]}", SP_MIME_OCI_MANIFEST, NULL },
  { "{\"config\":{},\"layers\":7}", SP_MIME_OCI_MANIFEST, "expected an array of objects" },
  { OCI_IMAGE ("{}", "[]"), SP_MIME_V2S2, "unsupported docker v2s2 media type" },
  { V2S2 ("{}", "[{}]"), SP_MIME_OCI_MANIFEST, NULL },
  { OCI_IMAGE ("{}", "[]"), "application/json", "read as one of schema 1" },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A)) "]"), "application/json", NULL },
  { SCHEMA1 ("[{}]", "[" STEP (TEXT ("id", ID_A)) "]"), SP_MIME_OCI_MANIFEST, "\"fsLayers\"" },
  { "{\"config\":{},\"layers\":[]}", "text/plain", "JSON of another kind" },
  { "", NULL, "it is empty" },
  { "<!DOCTYPE html>", NULL, "a page of HTML" },
  { " \n<html>", NULL, "a page of HTML" },
  { "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{}}", NULL, "the configuration" },
  { "{\"Name\":\"x\",\"Digest\":\"sha256:0\",\"RepoTags\":[]}", NULL, "'skopeo inspect'" },
  { "{\"errors\":[]}", NULL, "error message of a registry" },
  { "{\"payloadType\":\"x\",\"payload\":\"\"}", NULL, "it is an attestation" },
  { "{\"payload\":\"\"}", NULL, "JSON of another kind" },
  { "{\"critical\":{},\"optional\":{}}", NULL, "it is the payload of a signature" },
  { "\xef\xbb\xbf{\"schemaVersion\":2}", NULL, "byte order mark" },
  { "[]", NULL, "JSON of another kind" },
  { "null", NULL, "JSON of another kind" },
  { "junk", NULL, "no JSON" },
};

Test (model_manifest, unfit)
{
  for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_manifest_refuse_unfit (sp_view_str (unfit[i].manifest), unfit[i].said, &err);
      if (!unfit[i].words)
        {
          cr_expect (rc == 0, "%s: %s", unfit[i].manifest, sigpolicy_error_message (err));
          continue;
        }
      cr_assert (rc == SIGPOLICY_E_REJECTED, "%s", unfit[i].manifest);
      cr_expect_str_eq (sp_error_stricter_id (err), "S11");
      cr_expect (strstr (sigpolicy_error_message (err), unfit[i].words), "%s: %s",
                 unfit[i].manifest, sigpolicy_error_message (err));
    }
}
