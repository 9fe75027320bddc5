/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/rekor.h"

#include "crypto/digest.h"
#include "crypto/pem.h"
#include "json/decode.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

static const struct sp_json_faults faults = { SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG };

static int
not_in_log (sigpolicy_error **err, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG, "%s", text);
}

static int
wrong_type (const struct sp_json *json, sp_json_node node, const char *wanted,
            sigpolicy_error **err)
{
  static const char *const names[] = {
    [SP_JSON_NULL] = "null",     [SP_JSON_FALSE] = "bool",    [SP_JSON_TRUE] = "bool",
    [SP_JSON_NUMBER] = "number", [SP_JSON_STRING] = "string", [SP_JSON_ARRAY] = "array",
    [SP_JSON_OBJECT] = "object",
  };
  enum sp_json_type type = sp_json_type_of (json, node);
  struct sp_view shown = type == SP_JSON_NUMBER ? sp_json_source (json, node) : sp_view_n ("", 0);
  shown = sp_view_head (shown, SP_SHOWN_BYTES_MAX);
  return sp_json_error (json, node, err, faults.code, faults.reason,
                        "json: cannot unmarshal %s%s%.*s into Go value of type %s", names[type],
                        shown.len ? " " : "", (int)shown.len, shown.data, wanted);
}

/* null is empty. */
static int
read_bytes (const struct sp_json *json, sp_json_node node, void *out, sigpolicy_error **err)
{
  struct sp_buf *bytes = out;
  enum sp_json_type type = sp_json_type_of (json, node);

  *bytes = (struct sp_buf)SP_BUF (SP_REKOR_SET_BYTES_MAX);
  if (type == SP_JSON_NULL)
    return 0;
  if (type != SP_JSON_STRING && type != SP_JSON_ARRAY)
    return wrong_type (json, node, "[]uint8", err);
  return sp_json_bytes (json, node, bytes, err) < 0
             ? sp_error_class (err, faults.code, faults.reason)
             : 0;
}

static int
read_number (const struct sp_json *json, sp_json_node node, void *out, sigpolicy_error **err)
{
  int64_t *number = out;
  *number = 0;
  return sp_json_type_of (json, node) == SP_JSON_NULL || sp_json_int64 (json, node, number)
             ? 0
             : wrong_type (json, node, "int64", err);
}

static int
read_string (const struct sp_json *json, sp_json_node node, void *out, sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);
  (void)out;
  return type == SP_JSON_NULL || type == SP_JSON_STRING ? 0
                                                        : wrong_type (json, node, "string", err);
}

/* What the log signed, in its canonical form. Place and name of the log are read but not compared
 * with anything: which key signed is what counts. */
static int
read_payload (struct sp_view text, struct sp_rekor_entry *entry, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_buf struct sp_buf body = SP_BUF (0);
  int64_t time = 0, index = 0;
  const struct sp_json_field fields[] = {
    { .name = "body", .read = read_bytes, .out = &body },
    { .name = "integratedTime", .read = read_number, .out = &time },
    { .name = "logIndex", .read = read_number, .out = &index },
    { .name = "logID", .read = read_string },
  };

  int rc = sp_json_parse (text, SP_REKOR_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = sp_json_decode (json, SP_JSON_ROOT, fields, sizeof fields / sizeof *fields, SP_JSON_EXACT,
                         &faults, err);
  if (rc < 0)
    {
      (void)sp_error_class (err, faults.code, faults.reason);
      return sp_error_prefix (err, "parsing Rekor SET payload");
    }
  entry->time = time;
  return sp_rekor_body_parse (sp_buf_view (&body), &entry->body, err);
}

int
sp_rekor_open (struct sp_view set, struct sp_public_key *const *keys, size_t n_keys,
               struct sp_rekor_entry *ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_buf struct sp_buf signature = SP_BUF (0);
  cleanup_buf struct sp_buf canonical = SP_BUF (2 * SP_REKOR_SET_BYTES_MAX);
  sp_json_node payload = 0;
  bool holds = false;
  const struct sp_json_field fields[] = {
    { .name = "SignedEntryTimestamp", .read = read_bytes, .out = &signature },
    { .name = "Payload", .node = &payload },
  };

  if (set.len > SP_REKOR_SET_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "a log entry of more than %lu bytes", SP_REKOR_SET_BYTES_MAX);
  int rc = sp_json_parse (set, SP_REKOR_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = sp_json_decode (json, SP_JSON_ROOT, fields, sizeof fields / sizeof *fields, SP_JSON_EXACT,
                         &faults, err);
  if (rc < 0)
    return sp_error_class (err, faults.code, faults.reason);
  rc = sp_json_canonical (json, payload, &canonical, err);
  if (rc < 0)
    {
      (void)sp_error_class (err, faults.code, faults.reason);
      return sp_error_prefix (err, "canonicalizing Rekor SET JSON");
    }
  for (size_t i = 0; i < n_keys && !holds; i++)
    holds = sp_public_key_verify_der (keys[i], sp_buf_view (&canonical), sp_buf_view (&signature));
  if (!holds)
    return not_in_log (err, "cryptographic signature verification of Rekor SET failed");
  return read_payload (sp_buf_view (&canonical), ret, err);
}

/* The one PEM block of a text. */
static int
read_block (struct sp_view text, const char *what, struct sp_pem_block *ret, sigpolicy_error **err)
{
  bool found = false;
  int rc = sp_pem_next (&text, ret, &found, err);
  if (rc < 0)
    return rc;
  if (!found)
    return sp_error_set (err, faults.code, faults.reason, "%s is not in PEM format", what);
  /* One newline ends the block's last line; a second one is something more. */
  return text.len ? sp_error_set (err, faults.code, faults.reason, "%s has trailing data", what)
                  : 0;
}

static int
match_signer (const struct sp_rekor_body *body, const struct sp_rekor_signer *signer,
              sigpolicy_error **err)
{
  cleanup_pem_block struct sp_pem_block recorded = { .bytes = SP_BUF (0) };
  cleanup_pem_block struct sp_pem_block supplied = { .bytes = SP_BUF (0) };
  struct sp_view wanted = signer->spki;

  if (!body->signature.present)
    return not_in_log (err, "Missing \"signature\" field in hashedrekord");
  if (!body->public_key.present)
    return not_in_log (err, "Missing \"signature.publicKey\" field in hashedrekord");
  int rc = read_block (sp_buf_view (&body->public_key_content.bytes), "publicKey in Rekor SET",
                       &recorded, err);
  if (rc == 0 && !wanted.len)
    {
      rc = read_block (signer->certificate_pem,
                       "public key or cert to be matched against publicKey in Rekor SET", &supplied,
                       err);
      wanted = sp_buf_view (&supplied.bytes);
    }
  if (rc < 0)
    return rc;
  return sp_view_equal (sp_buf_view (&recorded.bytes), wanted)
             ? 0
             : sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                             "publicKey in Rekor SET does not match");
}

static int
match_signature (const struct sp_rekor_body *body, struct sp_view text, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf signature = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  struct sp_view recorded = sp_buf_view (&body->signature_content.bytes);

  if (sp_base64_decode (text, &signature, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE);
      return sp_error_prefix (err, "decoding signature base64");
    }
  if (sp_view_equal (recorded, sp_buf_view (&signature)))
    return 0;
  cleanup_free char *theirs = sp_quote_dup (recorded, err);
  cleanup_free char *ours = theirs ? sp_quote_dup (sp_buf_view (&signature), err) : NULL;
  return ours ? sp_error_set (err, faults.code, faults.reason,
                              "signature in Rekor SET does not match: %s vs. %s", theirs, ours)
              : SIGPOLICY_E_NO_MEMORY;
}

/* Hex digits of either case. */
static bool
read_hex (struct sp_view text, unsigned char *out, size_t length)
{
  static const char digits[] = "0123456789abcdef0123456789ABCDEF";
  if (text.len != 2 * length)
    return false;
  for (size_t i = 0; i < text.len; i++)
    {
      const char *at = text.data[i] ? strchr (digits, text.data[i]) : NULL;
      if (!at)
        return false;
      unsigned char digit = (unsigned char)((at - digits) % 16);
      out[i / 2] = (unsigned char)(i % 2 ? out[i / 2] << 4 | digit : digit);
    }
  return true;
}

static int
match_payload (const struct sp_rekor_body *body, struct sp_view payload, sigpolicy_error **err)
{
  unsigned char recorded[SP_SHA256_BYTES], digest[SP_SHA256_BYTES];
  struct sp_view value = sp_buf_view (&body->hash_value.bytes);
  cleanup_free char *quoted = NULL;

  if (!body->data.present)
    return not_in_log (err, "Missing \"data\" field in hashedrekord");
  if (!body->hash.present)
    return not_in_log (err, "Missing \"data.hash\" field in hashedrekord");
  if (!body->algorithm.present)
    return not_in_log (err, "Missing \"data.hash.algorithm\" field in hashedrekord");
  if (!sp_view_is (sp_buf_view (&body->algorithm.bytes), "sha256"))
    {
      quoted = sp_quote_dup (sp_buf_view (&body->algorithm.bytes), err);
      return quoted ? sp_error_set (err, faults.code, faults.reason,
                                    "Unexpected \"data.hash.algorithm\" value %s", quoted)
                    : SIGPOLICY_E_NO_MEMORY;
    }
  if (!body->hash_value.present)
    return not_in_log (err, "Missing \"data.hash.value\" field in hashedrekord");
  for (size_t i = 0; i < value.len; i++)
    if (!memchr ("0123456789abcdefABCDEF", value.data[i], 22))
      return not_in_log (err, "Invalid \"data.hash.value\" field in hashedrekord: "
                              "encoding/hex: invalid byte");
  if (value.len % 2)
    return not_in_log (err, "Invalid \"data.hash.value\" field in hashedrekord: "
                            "encoding/hex: odd length hex string");
  int rc = sp_sha256 (payload, digest, err);
  if (rc < 0)
    return rc;
  return read_hex (value, recorded, sizeof recorded)
                 && memcmp (recorded, digest, sizeof digest) == 0
             ? 0
             : not_in_log (err, "payload in Rekor SET does not match");
}

int
sp_rekor_match (const struct sp_rekor_entry *entry, const struct sp_rekor_signer *signer,
                struct sp_view signature, struct sp_view payload, sigpolicy_error **err)
{
  int rc = match_signer (&entry->body, signer, err);
  if (rc == 0)
    rc = match_signature (&entry->body, signature, err);
  return rc < 0 ? rc : match_payload (&entry->body, payload, err);
}

void
sp_rekor_entry_clear (struct sp_rekor_entry *entry)
{
  sp_rekor_body_clear (&entry->body);
}
