/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/log_body.h"

#include "crypto/pem.h"
#include "crypto/signature_digest.h"
#include "json/proto.h"
#include "util/codec.h"
#include "util/limits.h"

#define N(table) (sizeof (table) / sizeof *(table))

static const struct sp_json_faults faults = { SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG };

static int
refuse (sigpolicy_error **err, const char *words)
{
  return sp_error_set (err, faults.code, faults.reason, "log entry: %s", words);
}

/* Every member of the table must be there, and no other. */
static int
decode (const struct sp_json *json, sp_json_node node, const struct sp_json_field *fields,
        size_t n_fields, sigpolicy_error **err)
{
  return sp_json_decode (json, node, fields, n_fields, SP_JSON_EXACT, &faults, err);
}

/* The value of the one member of that name. */
static int
unwrap (const struct sp_json *json, sp_json_node node, const char *name, sp_json_node *ret,
        sigpolicy_error **err)
{
  const struct sp_json_field fields[] = { { .name = name, .node = ret } };
  return decode (json, node, fields, N (fields), err);
}

/* --- comparing ----------------------------------------------------------------------------------
 */

static int
match_signature (const struct sp_log_subject *subject, const struct sp_buf *signature,
                 sigpolicy_error **err)
{
  return sp_view_equal (sp_buf_view (signature), sp_buf_view (&subject->bundle->signature))
             ? 0
             : refuse (err, "it is of another signature");
}

/* Bytes in PEM: a certificate, or a public key. */
static int
match_signer (const struct sp_log_subject *subject, const struct sp_buf *pem, sigpolicy_error **err)
{
  cleanup_pem_block struct sp_pem_block block = { .bytes = SP_BUF (0) };
  struct sp_view rest = sp_buf_view (pem), wanted;
  bool found = false;

  int rc = sp_pem_next (&rest, &block, &found, err);
  if (rc < 0)
    return rc;
  if (!found || rest.len || block.has_headers)
    return refuse (err, "its signer is not one block of PEM");
  wanted = subject->certificate ? sp_buf_view (&subject->certificate->der)
                                : sp_public_key_spki (subject->key);
  return sp_view_is (block.label, subject->certificate ? "CERTIFICATE" : "PUBLIC KEY")
                 && sp_view_equal (sp_buf_view (&block.bytes), wanted)
             ? 0
             : sp_error_set (err, faults.code, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                             "log entry: it is of another signer");
}

/* {"algorithm": ..., "value": hex} */
static int
match_hash (const struct sp_json *json, sp_json_node node, enum sp_hash hash, struct sp_view wanted,
            sigpolicy_error **err)
{
  struct sp_view algorithm = { "", 0 }, value = { "", 0 };
  char hex[2 * SP_HASH_BYTES_MAX + 1];
  const struct sp_json_field fields[] = {
    { .name = "algorithm", .read = sp_proto_text, .out = &algorithm },
    { .name = "value", .read = sp_proto_text, .out = &value },
  };

  int rc = decode (json, node, fields, N (fields), err);
  if (rc < 0)
    return rc;
  sp_hex ((const unsigned char *)wanted.data, wanted.len, hex);
  return sp_view_is (algorithm, sp_hash_name (hash)) && sp_view_is (value, hex)
             ? 0
             : refuse (err, "it is of other content");
}

/* The digest of an envelope's payload. */
static int
match_payload (const struct sp_json *json, sp_json_node node, const struct sp_bundle *bundle,
               sigpolicy_error **err)
{
  unsigned char hash[SP_HASH_BYTES_MAX];
  int rc = sp_hash (SP_HASH_SHA256, sp_buf_view (&bundle->payload), hash, err);
  return rc < 0 ? rc
                : match_hash (json, node, SP_HASH_SHA256,
                              sp_view_n ((const char *)hash, SP_SHA256_BYTES), err);
}

/* The one element of an array. */
static int
take_only (const struct sp_json *json, sp_json_node node, sp_json_node *ret, sigpolicy_error **err)
{
  size_t count = 0;
  int rc = sp_proto_list (json, node, SIZE_MAX, "signatures", &count, err);
  if (rc == 0 && count != 1)
    rc = refuse (err, "it has not exactly one signature");
  struct sp_json_iter it = sp_json_iter (json, rc == 0 ? node : SP_JSON_ROOT);
  if (rc == 0 && sp_json_next (&it))
    *ret = it.value;
  return rc;
}

/* --- Rekor's first version ----------------------------------------------------------------------
 */

static int
check_hashedrekord (const struct sp_log_subject *subject, const struct sp_json *json,
                    sp_json_node spec, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf signature = SP_BUF (SP_BUNDLE_BYTES_MAX);
  cleanup_buf struct sp_buf pem = SP_BUF (SP_BUNDLE_BYTES_MAX);
  const struct sp_bundle *bundle = subject->bundle;
  sp_json_node data = 0, signed_by = 0, hash = 0, key = 0;
  const struct sp_json_field parts[]
      = { { .name = "data", .node = &data }, { .name = "signature", .node = &signed_by } };
  const struct sp_json_field fields[] = {
    { .name = "content", .read = sp_proto_bytes, .out = &signature },
    { .name = "publicKey", .node = &key },
  };
  const struct sp_json_field key_fields[]
      = { { .name = "content", .read = sp_proto_bytes, .out = &pem } };

  if (bundle->is_dsse)
    return refuse (err, "one of a file, for an envelope");
  int rc = decode (json, spec, parts, N (parts), err);
  if (rc == 0)
    rc = unwrap (json, data, "hash", &hash, err);
  if (rc == 0)
    rc = decode (json, signed_by, fields, N (fields), err);
  if (rc == 0)
    rc = decode (json, key, key_fields, N (key_fields), err);
  if (rc == 0)
    rc = match_signature (subject, &signature, err);
  if (rc == 0)
    rc = match_signer (subject, &pem, err);
  return rc < 0 ? rc : match_hash (json, hash, bundle->hash, sp_buf_view (&bundle->digest), err);
}

static int
check_dsse (const struct sp_log_subject *subject, const struct sp_json *json, sp_json_node spec,
            sigpolicy_error **err)
{
  cleanup_buf struct sp_buf signature = SP_BUF (SP_BUNDLE_BYTES_MAX);
  cleanup_buf struct sp_buf pem = SP_BUF (SP_BUNDLE_BYTES_MAX);
  sp_json_node envelope_hash = 0, payload_hash = 0, signatures = 0, only = 0;
  const struct sp_json_field fields[] = {
    { .name = "envelopeHash", .node = &envelope_hash },
    { .name = "payloadHash", .node = &payload_hash },
    { .name = "signatures", .node = &signatures },
  };
  const struct sp_json_field signature_fields[] = {
    { .name = "signature", .read = sp_proto_bytes, .out = &signature },
    { .name = "verifier", .read = sp_proto_bytes, .out = &pem },
  };

  if (!subject->bundle->is_dsse)
    return refuse (err, "one of an envelope, for a file");
  int rc = decode (json, spec, fields, N (fields), err);
  if (rc == 0)
    rc = take_only (json, signatures, &only, err);
  if (rc == 0)
    rc = decode (json, only, signature_fields, N (signature_fields), err);
  if (rc == 0)
    rc = match_signature (subject, &signature, err);
  if (rc == 0)
    rc = match_signer (subject, &pem, err);
  return rc < 0 ? rc : match_payload (json, payload_hash, subject->bundle, err);
}

/* Signature and payload are in base64 twice. */
static int
undo_base64 (struct sp_buf *bytes, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf inner = SP_BUF (SP_BUNDLE_BYTES_MAX);
  if (sp_base64_decode (sp_buf_view (bytes), &inner, err) < 0)
    return sp_error_class (err, faults.code, faults.reason);
  sp_buf_clear (bytes);
  *bytes = inner;
  inner = (struct sp_buf)SP_BUF (0);
  return 0;
}

static int
check_intoto_envelope (const struct sp_log_subject *subject, const struct sp_json *json,
                       sp_json_node node, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf signature = SP_BUF (SP_BUNDLE_BYTES_MAX);
  cleanup_buf struct sp_buf pem = SP_BUF (SP_BUNDLE_BYTES_MAX);
  cleanup_buf struct sp_buf payload = SP_BUF (SP_BUNDLE_BYTES_MAX);
  struct sp_view type = { "", 0 }, key_id;
  sp_json_node signatures = 0, only = 0;
  bool has_payload = false;
  const struct sp_json_field fields[] = {
    { .name = "payload", .read = sp_proto_bytes, .out = &payload, .present = &has_payload },
    { .name = "payloadType", .read = sp_proto_text, .out = &type },
    { .name = "signatures", .node = &signatures },
  };
  const struct sp_json_field signature_fields[] = {
    { .name = "sig", .read = sp_proto_bytes, .out = &signature },
    { .name = "publicKey", .read = sp_proto_bytes, .out = &pem },
    { .name = "keyid", .read = sp_proto_text, .out = &key_id },
  };

  int rc = sp_json_decode (json, node, fields, N (fields), SP_JSON_OPTIONAL_FIELDS, &faults, err);
  if (rc == 0)
    rc = take_only (json, signatures, &only, err);
  if (rc == 0)
    rc = sp_json_decode (json, only, signature_fields, N (signature_fields),
                         SP_JSON_OPTIONAL_FIELDS, &faults, err);
  if (rc == 0)
    rc = undo_base64 (&signature, err);
  if (rc == 0 && has_payload)
    rc = undo_base64 (&payload, err);
  if (rc == 0)
    rc = match_signature (subject, &signature, err);
  if (rc == 0)
    rc = match_signer (subject, &pem, err);
  if (rc == 0
      && (!sp_view_equal (type, subject->bundle->payload_type)
          || (has_payload
              && !sp_view_equal (sp_buf_view (&payload), sp_buf_view (&subject->bundle->payload)))))
    rc = refuse (err, "it is of other content");
  return rc;
}

static int
check_intoto (const struct sp_log_subject *subject, const struct sp_json *json, sp_json_node spec,
              sigpolicy_error **err)
{
  sp_json_node content = 0, envelope = 0, hash = 0, payload_hash = 0;
  const struct sp_json_field fields[] = {
    { .name = "envelope", .node = &envelope },
    { .name = "hash", .node = &hash },
    { .name = "payloadHash", .node = &payload_hash },
  };

  if (!subject->bundle->is_dsse)
    return refuse (err, "one of an envelope, for a file");
  int rc = unwrap (json, spec, "content", &content, err);
  if (rc == 0)
    rc = decode (json, content, fields, N (fields), err);
  if (rc == 0)
    rc = check_intoto_envelope (subject, json, envelope, err);
  return rc < 0 ? rc : match_payload (json, payload_hash, subject->bundle, err);
}

/* --- Rekor's second version ---------------------------------------------------------------------
 */

/* The body as the log must have written it; members in the order of their names. */
static int
rebuild (const struct sp_log_subject *subject, struct sp_buf *out, sigpolicy_error **err)
{
  static const char *const names[] = { "SHA2_256", "SHA2_384", "SHA2_512" };
  const struct sp_bundle *bundle = subject->bundle;
  unsigned char hash[SP_HASH_BYTES_MAX];
  struct sp_view digest = sp_buf_view (&bundle->digest);
  enum sp_hash natural = SP_HASH_SHA256;
  const char *details = sp_public_key_details (subject->key, &natural);

  if (!details || (!bundle->is_dsse && bundle->hash != natural))
    return refuse (err, "a key or digest that such a log does not take");
  if (bundle->is_dsse)
    {
      int rc = sp_hash (natural, subject->pae, hash, err);
      if (rc < 0)
        return rc;
      digest = sp_view_n ((const char *)hash, sp_hash_bytes (natural));
    }
  sp_buf_printf (out,
                 "{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":"
                 "{\"hashedRekordV002\":{\"data\":{\"algorithm\":\"%s\",\"digest\":\"",
                 names[natural]);
  sp_base64_encode (digest, out);
  sp_buf_str (out, "\"},\"signature\":{\"content\":\"");
  sp_base64_encode (sp_buf_view (&bundle->signature), out);
  sp_buf_printf (out, "\",\"verifier\":{\"keyDetails\":\"%s\",\"%s\":{\"rawBytes\":\"", details,
                 subject->certificate ? "x509Certificate" : "publicKey");
  sp_base64_encode (subject->certificate ? sp_buf_view (&subject->certificate->der)
                                         : sp_public_key_spki (subject->key),
                    out);
  sp_buf_str (out, "\"}}}}}}");
  return sp_buf_check (out, err);
}

static int
check_rebuilt (const struct sp_log_subject *subject, const struct sp_bundle_entry *entry,
               sigpolicy_error **err)
{
  cleanup_buf struct sp_buf body = SP_BUF (4 * SP_BUNDLE_BYTES_MAX);
  int rc = rebuild (subject, &body, err);
  if (rc < 0)
    return rc;
  return sp_view_equal (sp_buf_view (&body), sp_buf_view (&entry->body))
             ? 0
             : refuse (err, "it is of another signature, signer or content");
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static const struct
{
  const char *kind, *version;
  enum sp_log_version log;
  int (*check) (const struct sp_log_subject *subject, const struct sp_json *json, sp_json_node spec,
                sigpolicy_error **err);
} kinds[] = {
  { "hashedrekord", "0.0.1", SP_LOG_V1, check_hashedrekord },
  { "dsse", "0.0.1", SP_LOG_V1, check_dsse },
  { "intoto", "0.0.2", SP_LOG_V1, check_intoto },
  { "hashedrekord", "0.0.2", SP_LOG_V2, NULL },
};

static int
check (const struct sp_log_subject *subject, const struct sp_bundle_entry *entry,
       enum sp_log_version *ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  struct sp_view kind = { "", 0 }, version = { "", 0 };
  sp_json_node spec = 0;
  const struct sp_json_field fields[] = {
    { .name = "apiVersion", .read = sp_proto_text, .out = &version },
    { .name = "kind", .read = sp_proto_text, .out = &kind },
    { .name = "spec", .node = &spec },
  };

  int rc = sp_json_parse (sp_buf_view (&entry->body), SP_REKOR_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = decode (json, SP_JSON_ROOT, fields, N (fields), err);
  if (rc < 0)
    return rc;
  /* What stands beside the body is not signed: it must say the same. */
  if (!sp_view_equal (kind, entry->kind) || !sp_view_equal (version, entry->version))
    return refuse (err, "\"kindVersion\" is not that of the body");
  for (size_t i = 0; i < N (kinds); i++)
    if (sp_view_is (kind, kinds[i].kind) && sp_view_is (version, kinds[i].version))
      {
        *ret = kinds[i].log;
        return kinds[i].check ? kinds[i].check (subject, json, spec, err)
                              : check_rebuilt (subject, entry, err);
      }
  return sp_error_set (err, faults.code, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                       "log entry: its kind or version is not known");
}

int
sp_log_body_check (const struct sp_log_subject *subject, const struct sp_bundle_entry *entry,
                   enum sp_log_version *ret, sigpolicy_error **err)
{
  int rc = check (subject, entry, ret, err);
  return rc < 0 && sigpolicy_error_reason (*err) == SIGPOLICY_REASON_BAD_SIGNATURE
             ? sp_error_class (err, faults.code, faults.reason)
             : rc;
}
