/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest_int.h"

#include "crypto/jose_key.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/limits.h"

/* What the signatures agree on. 0 and empty stand for "not said yet" as well: a later signature may
 * still say otherwise. */
struct format
{
  double length;
  struct sp_buf tail;
};

static void
format_clear (struct format *format)
{
  sp_buf_clear (&format->tail);
}

static int
refuse (sigpolicy_error **err, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH, "%s", text);
}

/* What a lower room says, under the words of this one. */
static int
within (sigpolicy_error **err, const char *words)
{
  int code = sigpolicy_error_code (*err);
  if (code == SIGPOLICY_E_REJECTED)
    (void)sp_error_class (err, code, SIGPOLICY_REASON_DIGEST_MISMATCH);
  return sp_error_prefix (err, "%s", words);
}

/* --- public keys ------------------------------------------------------------------------------ */

/* Keys of a JSON Web Key match to the letter. words: "JWK EC Public Key x-coordinate". */
static int
key_text (const struct sp_json *json, const char *name, const char *words, struct sp_view *ret,
          sigpolicy_error **err)
{
  sp_json_node node;
  if (!sp_json_find (json, SP_JSON_ROOT, name, &node))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                         "%s: \"%s\" value not specified", words, name);
  if (sp_json_type_of (json, node) != SP_JSON_STRING)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                         "%s: \"%s\" value must be a string", words, name);
  *ret = sp_json_string (json, node);
  return 0;
}

static int
key_number (const struct sp_json *json, const char *name, const char *words, struct sp_buf *ret,
            sigpolicy_error **err)
{
  struct sp_view text;
  int rc = key_text (json, name, words, &text, err);
  if (rc < 0)
    return rc;
  if (sp_base64url_decode (text, ret, err) == 0)
    return 0;
  (void)within (err, "invalid base64 URL encoding");
  return within (err, words);
}

static int
unsupported (sigpolicy_error **err, const char *words, struct sp_view value)
{
  cleanup_free char *quoted = sp_quote_dup (value, err);
  return quoted ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                                "%s not supported: %s", words, quoted)
                : SIGPOLICY_E_NO_MEMORY;
}

/* A key may name its own ID; then it has to be right. */
static int
check_key_id (const struct sp_json *json, const char *words, const char *id, sigpolicy_error **err)
{
  struct sp_view given;
  sp_json_node node;

  if (!sp_json_find (json, SP_JSON_ROOT, "kid", &node))
    return 0;
  int rc = key_text (json, "kid", words, &given, err);
  if (rc < 0 || sp_view_is (given, id))
    return rc;
  cleanup_free char *shown = sp_escape_dup (given, err);
  return shown ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                               "%s does not match: %s", words, shown)
               : SIGPOLICY_E_NO_MEMORY;
}

static int
coordinate (const struct sp_json *json, const char *name, size_t length, struct sp_buf *ret,
            sigpolicy_error **err)
{
  const char *words
      = name[0] == 'x' ? "JWK EC Public Key x-coordinate" : "JWK EC Public Key y-coordinate";
  int rc = key_number (json, name, words, ret, err);
  if (rc < 0 || ret->len == length)
    return rc;
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_DIGEST_MISMATCH,
                       "%s: invalid number of octets: got %zu, should be %zu", words, ret->len,
                       length);
}

static int
check_ec_key (const struct sp_json *json, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf x = SP_BUF (SP_MANIFEST_BYTES_MAX), y = SP_BUF (SP_MANIFEST_BYTES_MAX);
  char id[SP_JOSE_KEY_ID_SIZE];
  struct sp_view curve;

  int rc = key_text (json, "crv", "JWK EC Public Key curve identifier", &curve, err);
  if (rc < 0)
    return rc;
  size_t length = sp_jose_ec_length (curve);
  if (!length)
    return unsupported (err, "JWK EC Public Key curve identifier", curve);
  rc = coordinate (json, "x", length, &x, err);
  if (rc == 0)
    rc = coordinate (json, "y", length, &y, err);
  if (rc == 0)
    rc = sp_jose_ec_key_id (curve, sp_buf_view (&x), sp_buf_view (&y), id, err);
  return rc < 0 ? rc : check_key_id (json, "JWK EC Public Key ID", id, err);
}

static int
check_rsa_key (const struct sp_json *json, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf n = SP_BUF (SP_MANIFEST_BYTES_MAX), e = SP_BUF (SP_MANIFEST_BYTES_MAX);
  char id[SP_JOSE_KEY_ID_SIZE];
  sp_json_node node;

  int rc = key_number (json, "n", "JWK RSA Public Key modulus", &n, err);
  if (rc == 0)
    rc = key_number (json, "e", "JWK RSA Public Key exponent", &e, err);
  if (rc == 0 && e.len > 4)
    return refuse (err, "JWK RSA Public Key exponent: more than 4 octets");
  if (rc == 0)
    rc = sp_jose_rsa_key_id (sp_buf_view (&n), sp_buf_view (&e), id, err);
  if (rc == 0)
    rc = check_key_id (json, "JWK RSA Public Key ID", id, err);
  if (rc == 0 && sp_json_find (json, SP_JSON_ROOT, "d", &node))
    return refuse (err, "JWK RSA Public Key cannot contain private exponent");
  return rc;
}

static int
check_key (struct sp_view text, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  struct sp_view type;

  int rc = sp_json_parse (text, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc == 0 && sp_json_type_of (json, SP_JSON_ROOT) != SP_JSON_OBJECT
      && sp_json_type_of (json, SP_JSON_ROOT) != SP_JSON_NULL)
    rc = refuse (err, "expected an object");
  if (rc < 0)
    return within (err, "decoding JWK Public Key JSON data");
  rc = key_text (json, "kty", "JWK Public Key type", &type, err);
  if (rc < 0)
    return rc;
  if (sp_view_is (type, "EC"))
    return check_ec_key (json, err);
  if (sp_view_is (type, "RSA"))
    return check_rsa_key (json, err);
  return unsupported (err, "JWK Public Key type", type);
}

/* --- signatures ------------------------------------------------------------------------------- */

static const struct sp_manifest_field header_fields[] = {
  { "alg", SP_MANIFEST_TEXT, NULL },
  { "x5c", SP_MANIFEST_TEXTS, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field signature_fields[] = {
  { "header", SP_MANIFEST_OBJECT, header_fields },
  { "signature", SP_MANIFEST_TEXT, NULL },
  { "protected", SP_MANIFEST_TEXT, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

/* The key that the headers of a signature name; several headers are read one over the other. null
 * is there, too. */
static bool
find_key (const struct sp_json *json, sp_json_node signature, sp_json_node *ret)
{
  bool found = false;
  struct sp_json_iter it = sp_json_iter (json, signature);
  while (sp_json_next (&it))
    if (sp_json_folds_to (it.key, "header") && sp_json_find_folded (json, it.value, "jwk", ret))
      found = true;
  return found;
}

/* The length of the protected header; false unless it is a number. */
static bool
format_length (const struct sp_json *json, double *ret)
{
  sp_json_node node;
  double number;

  if (!sp_json_find (json, SP_JSON_ROOT, "formatLength", &node)
      || sp_json_type_of (json, node) != SP_JSON_NUMBER || !sp_json_double (json, node, &number))
    return false;
  /* Toward zero; from 2^53 on all are whole, and far beyond any manifest. */
  *ret = number > -9007199254740992.0 && number < 9007199254740992.0 ? (double)(int64_t)number
                                                                     : number;
  return true;
}

static int
read_protected (struct sp_view text, struct format *format, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_buf struct sp_buf tail = SP_BUF (SP_MANIFEST_BYTES_MAX);
  sp_json_node node;
  double length;

  int rc = sp_json_parse (text, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc == 0 && sp_json_type_of (json, SP_JSON_ROOT) != SP_JSON_OBJECT
      && sp_json_type_of (json, SP_JSON_ROOT) != SP_JSON_NULL)
    rc = refuse (err, "expected an object");
  if (rc == 0 && sp_json_has_huge_number (json, SP_JSON_ROOT))
    rc = refuse (err, "a number is out of range");
  if (rc < 0)
    return within (err, "error unmarshalling protected header");

  if (!format_length (json, &length))
    return refuse (err, "missing formatted length");
  if (!sp_json_find (json, SP_JSON_ROOT, "formatTail", &node)
      || sp_json_type_of (json, node) != SP_JSON_STRING)
    return refuse (err, "missing formatted tail");
  if (sp_base64url_decode (sp_json_string (json, node), &tail, err) < 0)
    return within (err, "base64 decode error on tail");

  if (format->length == 0)
    format->length = length;
  else if (format->length != length)
    return refuse (err, "conflicting format length");
  if (!format->tail.len)
    {
      sp_buf_add (&format->tail, sp_buf_view (&tail));
      return sp_buf_check (&format->tail, err);
    }
  return sp_view_equal (sp_buf_view (&format->tail), sp_buf_view (&tail))
             ? 0
             : refuse (err, "conflicting format tail");
}

static int
read_signature (const struct sp_json *json, sp_json_node signature, struct format *format,
                sigpolicy_error **err)
{
  cleanup_buf struct sp_buf header = SP_BUF (SP_MANIFEST_BYTES_MAX);
  struct sp_view text = SP_VIEW ("");
  sp_json_node key;

  (void)sp_manifest_text (json, signature, "protected", &text);
  if (sp_base64url_decode (text, &header, err) < 0)
    return within (err, "base64 decode error");
  int rc = read_protected (sp_buf_view (&header), format, err);
  if (rc < 0 || !find_key (json, signature, &key))
    return rc;
  return check_key (sp_json_source (json, key), err) < 0
             ? within (err, "error unmarshalling public key")
             : 0;
}

/* The list of signatures, whose name matches to the letter here, unlike everywhere else. */
static int
read_signatures (const struct sp_json *json, struct format *format, sigpolicy_error **err)
{
  sp_json_node signatures;

  if (!sp_json_find (json, SP_JSON_ROOT, "signatures", &signatures))
    return refuse (err, "missing signature key");
  enum sp_json_type type = sp_json_type_of (json, signatures);
  if (type != SP_JSON_ARRAY && type != SP_JSON_NULL)
    return refuse (err, type == SP_JSON_NUMBER
                            ? "error unmarshalling signatures: json: cannot unmarshal number into "
                              "Go value of type []libtrust.jsParsedSignature"
                            : "error unmarshalling signatures: expected an array");

  struct sp_json_iter it = sp_json_iter (json, signatures);
  while (sp_json_next (&it))
    if (sp_manifest_check (json, it.value, signature_fields, err) < 0)
      return within (err, "error unmarshalling signatures");
  it = sp_json_iter (json, signatures);
  int rc = 0;
  while (rc == 0 && sp_json_next (&it))
    rc = read_signature (json, it.value, format, err);
  return rc;
}

int
sp_manifest_schema1_payload (struct sp_view manifest, struct sp_buf *payload, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  SP_CLEANUP (format_clear) struct format format = { 0, SP_BUF (SP_MANIFEST_BYTES_MAX) };

  int rc = sp_json_parse (manifest, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc < 0)
    return within (err, "error unmarshalling content");
  rc = read_signatures (json, &format, err);
  if (rc < 0)
    return rc;
  if (format.length < 0 || format.length > (double)manifest.len)
    return refuse (err, "invalid format length");
  sp_buf_add (payload, sp_view_head (manifest, (size_t)format.length));
  sp_buf_add (payload, sp_buf_view (&format.tail));
  return sp_buf_check (payload, err);
}
