/* SPDX-License-Identifier: Apache-2.0 */
#include "model/bundle.h"

#include "json/proto.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

#define N(table) (sizeof (table) / sizeof *(table))

/* A message with one field of bytes, such as {"keyId": ...}; it must have some. */
static int
read_wrapped (const struct sp_json *json, sp_json_node node, const char *name, struct sp_buf *out,
              sigpolicy_error **err)
{
  const struct sp_json_field fields[] = { { .name = name, .read = sp_proto_bytes, .out = out } };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0 && !out->len)
    rc = sp_json_error (json, node, err, sp_proto_faults.code, sp_proto_faults.reason,
                        "\"%s\" is missing", name);
  return rc;
}

/* --- entries of logs -------------------------------------------------------------------------- */

static int
read_hashes (const struct sp_json *json, sp_json_node node, struct sp_buf *out,
             sigpolicy_error **err)
{
  size_t count = 0;

  int rc = sp_proto_list (json, node, SP_BUNDLE_HASHES_MAX, "hashes in an inclusion proof", &count,
                          err);
  struct sp_json_iter it = sp_json_iter (json, count ? node : SP_JSON_ROOT);
  while (rc == 0 && count && sp_json_next (&it))
    {
      cleanup_buf struct sp_buf hash = SP_BUF (SP_HASH_BYTES_MAX);
      rc = sp_proto_bytes (json, it.value, &hash, err);
      if (rc == 0 && hash.len != 32)
        rc = sp_proto_fault (json, it.value, "a hash of an inclusion proof must have 32 bytes",
                             err);
      sp_buf_add (out, sp_buf_view (&hash));
    }
  return rc < 0 ? rc : sp_buf_check (out, err);
}

static int
read_checkpoint (const struct sp_json *json, sp_json_node node, struct sp_view *ret,
                 sigpolicy_error **err)
{
  const struct sp_json_field fields[]
      = { { .name = "envelope", .read = sp_proto_text, .out = ret } };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0 && !ret->len)
    rc = sp_proto_fault (json, node, "an inclusion proof without its checkpoint", err);
  if (rc == 0 && ret->len > SP_CHECKPOINT_BYTES_MAX)
    rc = sp_json_error (json, node, err, sp_proto_faults.code, SIGPOLICY_REASON_LIMIT,
                        "a checkpoint of more than %lu bytes", SP_CHECKPOINT_BYTES_MAX);
  return rc;
}

static int
read_proof (const struct sp_json *json, sp_json_node node, struct sp_bundle_entry *entry,
            sigpolicy_error **err)
{
  sp_json_node hashes = 0, checkpoint = 0;
  const struct sp_json_field fields[] = {
    { .name = "logIndex", .read = sp_proto_int64, .out = &entry->proof_index },
    { .name = "rootHash", .read = sp_proto_bytes, .out = &entry->root_hash },
    { .name = "treeSize", .read = sp_proto_int64, .out = &entry->tree_size },
    { .name = "hashes", .node = &hashes },
    { .name = "checkpoint", .node = &checkpoint },
  };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0)
    rc = read_hashes (json, hashes, &entry->hashes, err);
  if (rc == 0 && !sp_proto_has (json, checkpoint))
    rc = sp_proto_fault (json, node, "an inclusion proof without its checkpoint", err);
  if (rc == 0)
    rc = read_checkpoint (json, checkpoint, &entry->checkpoint, err);
  if (rc == 0 && (entry->proof_index < 0 || entry->tree_size < 0))
    rc = sp_proto_fault (json, node, "an inclusion proof with a negative number", err);
  entry->has_proof = true;
  return rc;
}

static int
read_kind (const struct sp_json *json, sp_json_node node, struct sp_bundle_entry *entry,
           sigpolicy_error **err)
{
  const struct sp_json_field fields[] = {
    { .name = "kind", .read = sp_proto_text, .out = &entry->kind },
    { .name = "version", .read = sp_proto_text, .out = &entry->version },
  };
  return sp_proto_decode (json, node, fields, N (fields), err);
}

static void
entry_start (struct sp_bundle_entry *entry)
{
  entry->log_id = entry->root_hash = (struct sp_buf)SP_BUF (SP_HASH_BYTES_MAX);
  entry->hashes = (struct sp_buf)SP_BUF (SP_BUNDLE_HASHES_MAX * 32);
  entry->promise = entry->body = (struct sp_buf)SP_BUF (SP_BUNDLE_BYTES_MAX);
}

static int
read_entry (const struct sp_json *json, sp_json_node node, struct sp_bundle_entry *entry,
            sigpolicy_error **err)
{
  sp_json_node log_id = 0, kind = 0, promise = 0, proof = 0;
  const struct sp_json_field fields[] = {
    { .name = "logIndex", .read = sp_proto_int64, .out = &entry->log_index },
    { .name = "logId", .node = &log_id },
    { .name = "kindVersion", .node = &kind },
    { .name = "integratedTime", .read = sp_proto_int64, .out = &entry->integrated_time },
    { .name = "inclusionPromise", .node = &promise },
    { .name = "inclusionProof", .node = &proof },
    { .name = "canonicalizedBody", .read = sp_proto_bytes, .out = &entry->body },
  };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0 && (!sp_proto_has (json, log_id) || !sp_proto_has (json, kind) || !entry->body.len))
    rc = sp_proto_fault (json, node,
                         "a log entry without \"logId\", \"kindVersion\" or "
                         "\"canonicalizedBody\"",
                         err);
  if (rc == 0 && (entry->log_index < 0 || entry->integrated_time < 0))
    rc = sp_proto_fault (json, node, "a log entry with a negative number", err);
  if (rc == 0)
    rc = read_wrapped (json, log_id, "keyId", &entry->log_id, err);
  if (rc == 0)
    rc = read_kind (json, kind, entry, err);
  if (rc == 0 && sp_proto_has (json, promise))
    rc = read_wrapped (json, promise, "signedEntryTimestamp", &entry->promise, err);
  if (rc == 0 && sp_proto_has (json, proof))
    rc = read_proof (json, proof, entry, err);
  return rc;
}

static bool
same_entry (const struct sp_bundle_entry *a, const struct sp_bundle_entry *b)
{
  return a->log_index == b->log_index
         && sp_view_equal (sp_buf_view (&a->log_id), sp_buf_view (&b->log_id));
}

static int
read_entries (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
              sigpolicy_error **err)
{
  size_t count = 0;

  int rc
      = sp_proto_list (json, node, SP_BUNDLE_ENTRIES_MAX, "log entries in a bundle", &count, err);
  if (rc < 0 || !count)
    return rc;
  bundle->entries = sp_calloc (count, sizeof *bundle->entries, err);
  if (!bundle->entries)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    entry_start (&bundle->entries[i]);
  bundle->n_entries = count;
  struct sp_json_iter it = sp_json_iter (json, node);
  while (rc == 0 && sp_json_next (&it))
    {
      rc = read_entry (json, it.value, &bundle->entries[it.index], err);
      for (size_t i = 0; i < it.index && rc == 0; i++)
        if (same_entry (&bundle->entries[i], &bundle->entries[it.index]))
          rc = sp_proto_fault (json, it.value, "the same log entry twice", err);
      /* A bundle without a proof is one of the first version. */
      if (rc == 0 && bundle->minor == 1 && !bundle->entries[it.index].promise.len)
        rc = sp_proto_fault (json, it.value, "a log entry without an inclusion promise", err);
      if (rc == 0 && bundle->minor > 1 && !bundle->entries[it.index].has_proof)
        rc = sp_proto_fault (json, it.value, "a log entry without an inclusion proof", err);
    }
  return rc;
}

/* --- who signed, and when ----------------------------------------------------------------------
 */

static int
read_timestamps (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
                 sigpolicy_error **err)
{
  sp_json_node list = 0;
  size_t count = 0;
  const struct sp_json_field fields[] = { { .name = "rfc3161Timestamps", .node = &list } };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0)
    rc = sp_proto_list (json, list, SP_BUNDLE_TIMESTAMPS_MAX, "timestamps in a bundle", &count,
                        err);
  if (rc < 0 || !count)
    return rc;
  bundle->timestamps = sp_calloc (count, sizeof *bundle->timestamps, err);
  if (!bundle->timestamps)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    bundle->timestamps[i] = (struct sp_buf)SP_BUF (SP_BUNDLE_BYTES_MAX);
  bundle->n_timestamps = count;
  struct sp_json_iter it = sp_json_iter (json, list);
  while (rc == 0 && sp_json_next (&it))
    {
      struct sp_buf *timestamp = &bundle->timestamps[it.index];
      rc = read_wrapped (json, it.value, "signedTimestamp", timestamp, err);
      for (size_t i = 0; i < it.index && rc == 0; i++)
        if (sp_view_equal (sp_buf_view (&bundle->timestamps[i]), sp_buf_view (timestamp)))
          rc = sp_proto_fault (json, it.value, "the same timestamp twice", err);
    }
  return rc;
}

/* Of a chain the first certificate counts; the others say nothing that would be trusted. */
static int
read_chain (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
            sigpolicy_error **err)
{
  sp_json_node list = 0;
  size_t count = 0;
  const struct sp_json_field fields[] = { { .name = "certificates", .node = &list } };

  if (bundle->minor > 2)
    return sp_proto_fault (json, node, "a certificate chain in a bundle of version 0.3", err);
  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0)
    rc = sp_proto_list (json, list, SP_BUNDLE_CERTIFICATES_MAX, "certificates in a bundle", &count,
                        err);
  if (rc == 0 && !count)
    rc = sp_proto_fault (json, node, "an empty certificate chain", err);
  struct sp_json_iter it = sp_json_iter (json, rc == 0 ? list : SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    {
      cleanup_buf struct sp_buf other = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
      rc = read_wrapped (json, it.value, "rawBytes", it.index ? &other : &bundle->certificate, err);
    }
  return rc;
}

static int
read_key (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
          sigpolicy_error **err)
{
  const struct sp_json_field fields[]
      = { { .name = "hint", .read = sp_proto_text, .out = &bundle->hint } };
  return sp_proto_decode (json, node, fields, N (fields), err);
}

static int
read_material (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
               sigpolicy_error **err)
{
  sp_json_node key = 0, chain = 0, certificate = 0, entries = 0, timestamps = 0;
  const struct sp_json_field fields[] = {
    { .name = "publicKey", .node = &key },
    { .name = "x509CertificateChain", .node = &chain },
    { .name = "certificate", .node = &certificate },
    { .name = "tlogEntries", .node = &entries },
    { .name = "timestampVerificationData", .node = &timestamps },
  };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0
      && sp_proto_has (json, key) + sp_proto_has (json, chain) + sp_proto_has (json, certificate)
             != 1)
    rc = sp_proto_fault (json, node,
                         "not exactly one of \"certificate\", \"x509CertificateChain\" and "
                         "\"publicKey\"",
                         err);
  if (rc < 0)
    return rc;
  bundle->material = sp_proto_has (json, key) ? SP_BUNDLE_KEY : SP_BUNDLE_CERTIFICATE;
  if (bundle->material == SP_BUNDLE_KEY)
    rc = read_key (json, key, bundle, err);
  else
    rc = sp_proto_has (json, chain)
             ? read_chain (json, chain, bundle, err)
             : read_wrapped (json, certificate, "rawBytes", &bundle->certificate, err);
  if (rc == 0)
    rc = read_entries (json, entries, bundle, err);
  if (rc == 0 && sp_proto_has (json, timestamps))
    rc = read_timestamps (json, timestamps, bundle, err);
  return rc;
}

/* --- what is signed ----------------------------------------------------------------------------
 */

static int
read_hash (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  static const char *const names[] = { "SHA2_256", "SHA2_384", "SHA2_512" };
  struct sp_view name = { "", 0 };

  int rc = sp_proto_text (json, value, &name, err);
  for (int i = 0; i < SP_HASHES && rc == 0; i++)
    if (sp_view_is (name, names[i]))
      {
        *(enum sp_hash *)out = (enum sp_hash)i;
        return 0;
      }
  return rc < 0 ? rc
                : sp_json_error (json, value, err, sp_proto_faults.code,
                                 SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                                 "a digest algorithm other than SHA2_256, SHA2_384 and SHA2_512");
}

static int
read_digest (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
             sigpolicy_error **err)
{
  bool has_hash = false;
  const struct sp_json_field fields[] = {
    { .name = "algorithm", .read = read_hash, .out = &bundle->hash, .present = &has_hash },
    { .name = "digest", .read = sp_proto_bytes, .out = &bundle->digest },
  };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0 && (!has_hash || bundle->digest.len != sp_hash_bytes (bundle->hash)))
    rc = sp_proto_fault (json, node, "a digest that is not one of its algorithm", err);
  return rc;
}

static int
read_message_signature (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
                        sigpolicy_error **err)
{
  sp_json_node digest = 0;
  const struct sp_json_field fields[] = {
    { .name = "messageDigest", .node = &digest },
    { .name = "signature", .read = sp_proto_bytes, .out = &bundle->signature },
  };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0 && !sp_proto_has (json, digest))
    rc = sp_proto_fault (json, node, "a signature without \"messageDigest\"", err);
  return rc < 0 ? rc : read_digest (json, digest, bundle, err);
}

static int
read_envelope_signature (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
                         sigpolicy_error **err)
{
  struct sp_view key_id;
  const struct sp_json_field fields[] = {
    { .name = "sig", .read = sp_proto_bytes, .out = &bundle->signature },
    { .name = "keyid", .read = sp_proto_text, .out = &key_id },
  };
  return sp_proto_decode (json, node, fields, N (fields), err);
}

static int
read_envelope (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
               sigpolicy_error **err)
{
  sp_json_node signatures = 0;
  size_t count = 0;
  const struct sp_json_field fields[] = {
    { .name = "payload", .read = sp_proto_bytes, .out = &bundle->payload },
    { .name = "payloadType", .read = sp_proto_text, .out = &bundle->payload_type },
    { .name = "signatures", .node = &signatures },
  };

  bundle->is_dsse = true;
  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0)
    rc = sp_proto_list (json, signatures, SIZE_MAX, "signatures", &count, err);
  if (rc == 0 && count != 1)
    rc = sp_proto_fault (json, node, "an envelope that has not exactly one signature", err);
  struct sp_json_iter it = sp_json_iter (json, rc == 0 ? signatures : SP_JSON_ROOT);
  return rc == 0 && sp_json_next (&it) ? read_envelope_signature (json, it.value, bundle, err) : rc;
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static const char *const modes[] = { "off", "digest", "identity" };

const char *
sp_bundle_mode_name (enum sp_bundle_mode mode)
{
  return modes[mode];
}

bool
sp_bundle_mode_find (struct sp_view word, enum sp_bundle_mode *ret)
{
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
    if (sp_view_is (word, modes[i]))
      {
        *ret = (enum sp_bundle_mode)i;
        return true;
      }
  return false;
}

bool
sp_bundle_is_media_type (struct sp_view media_type)
{
  static const struct sp_view prefix = SP_VIEW ("application/vnd.dev.sigstore.bundle");
  return sp_view_starts (media_type, prefix);
}

/* Two spellings; the newer one may name a patch level. */
static bool
read_version (struct sp_view media_type, unsigned *ret)
{
  static const struct sp_view old = SP_VIEW ("application/vnd.dev.sigstore.bundle+json;version=0.");
  static const struct sp_view new = SP_VIEW ("application/vnd.dev.sigstore.bundle.v0.");
  bool is_old = sp_view_starts (media_type, old);
  struct sp_view rest = sp_view_from (media_type, is_old ? old.len : new.len);

  if ((!is_old && !sp_view_starts (media_type, new)) || !rest.len || rest.data[0] < '1'
      || rest.data[0] > '3')
    return false;
  *ret = (unsigned)(rest.data[0] - '0');
  rest = sp_view_from (rest, 1);
  if (is_old)
    return rest.len == 0;
  if (rest.len > 1 && rest.data[0] == '.' && rest.data[1] >= '0' && rest.data[1] <= '9')
    for (rest = sp_view_from (rest, 1); rest.len && rest.data[0] >= '0' && rest.data[0] <= '9';)
      rest = sp_view_from (rest, 1);
  return sp_view_is (rest, "+json");
}

static int
read_media_type (const struct sp_json *json, sp_json_node node, struct sp_bundle *bundle,
                 sigpolicy_error **err)
{
  cleanup_free char *quoted = NULL;

  int rc = node ? sp_proto_text (json, node, &bundle->media_type, err) : 0;
  if (rc < 0 || read_version (bundle->media_type, &bundle->minor))
    return rc;
  quoted = sp_quote_dup (bundle->media_type, err);
  return quoted ? sp_json_error (json, node, err, sp_proto_faults.code,
                                 SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                                 "not a bundle of version 0.1, 0.2 or 0.3: media type %s", quoted)
                : SIGPOLICY_E_NO_MEMORY;
}

static int
read_bundle (struct sp_bundle *bundle, sigpolicy_error **err)
{
  const struct sp_json *json = bundle->json;
  sp_json_node media_type = 0, material = 0, message = 0, envelope = 0;
  const struct sp_json_field fields[] = {
    { .name = "mediaType", .node = &media_type },
    { .name = "verificationMaterial", .node = &material },
    { .name = "messageSignature", .node = &message },
    { .name = "dsseEnvelope", .node = &envelope },
  };

  int rc = sp_proto_decode (json, SP_JSON_ROOT, fields, N (fields), err);
  if (rc == 0)
    rc = read_media_type (json, media_type, bundle, err);
  if (rc == 0 && !sp_proto_has (json, material))
    rc = sp_proto_fault (json, SP_JSON_ROOT, "a bundle without \"verificationMaterial\"", err);
  if (rc == 0 && sp_proto_has (json, message) + sp_proto_has (json, envelope) != 1)
    rc = sp_proto_fault (json, SP_JSON_ROOT,
                         "not exactly one of \"messageSignature\" and \"dsseEnvelope\"", err);
  if (rc == 0)
    rc = read_material (json, material, bundle, err);
  if (rc == 0)
    rc = sp_proto_has (json, message) ? read_message_signature (json, message, bundle, err)
                                      : read_envelope (json, envelope, bundle, err);
  if (rc == 0 && !bundle->signature.len)
    rc = sp_proto_fault (json, SP_JSON_ROOT, "a bundle without a signature", err);
  return rc;
}

int
sp_bundle_parse (struct sp_view text, struct sp_bundle **ret, sigpolicy_error **err)
{
  cleanup_bundle struct sp_bundle *bundle = sp_calloc (1, sizeof *bundle, err);

  if (!bundle)
    return SIGPOLICY_E_NO_MEMORY;
  bundle->media_type = bundle->payload_type = sp_view_n ("", 0);
  bundle->certificate = (struct sp_buf)SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  bundle->digest = (struct sp_buf)SP_BUF (SP_HASH_BYTES_MAX);
  bundle->payload = bundle->signature = (struct sp_buf)SP_BUF (SP_BUNDLE_BYTES_MAX);
  if (text.len > SP_BUNDLE_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "a bundle of more than %lu bytes", SP_BUNDLE_BYTES_MAX);
  int rc = sp_json_parse (text, SP_BUNDLE_DEPTH_MAX, &bundle->json, err);
  if (rc == 0)
    rc = read_bundle (bundle, err);
  if (rc < 0)
    return rc;
  *ret = steal (&bundle);
  return 0;
}

static void
entry_clear (struct sp_bundle_entry *entry)
{
  sp_buf_clear (&entry->log_id);
  sp_buf_clear (&entry->promise);
  sp_buf_clear (&entry->root_hash);
  sp_buf_clear (&entry->hashes);
  sp_buf_clear (&entry->body);
}

void
sp_bundle_free (struct sp_bundle *bundle)
{
  if (!bundle)
    return;
  for (size_t i = 0; i < bundle->n_entries; i++)
    entry_clear (&bundle->entries[i]);
  for (size_t i = 0; i < bundle->n_timestamps; i++)
    sp_buf_clear (&bundle->timestamps[i]);
  free (bundle->entries);
  free (bundle->timestamps);
  sp_buf_clear (&bundle->certificate);
  sp_buf_clear (&bundle->digest);
  sp_buf_clear (&bundle->payload);
  sp_buf_clear (&bundle->signature);
  sp_json_free (bundle->json);
  free (bundle);
}
