/* SPDX-License-Identifier: Apache-2.0 */
#include "model/trusted_root.h"

#include "crypto/signature_digest.h"
#include "json/proto.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#define N(table) (sizeof (table) / sizeof *(table))

#define GO_ZERO_TIME (-62135596800) /* 0001-01-01T00:00:00Z */

/* --- parts --------------------------------------------------------------------------------------
 */

/* A time as protobuf has it in JSON, which is less than RFC 3339 allows: capital letters, no leap
 * second, and nine digits behind the point. *ret_late: it is a fraction of a second later. */
static bool
is_proto_time (const char *text, bool *ret_late)
{
  static const char first_second[] = "YYYY-MM-DDTHH:MM:";
  size_t at = sizeof first_second - 1, fraction = 0;

  *ret_late = false;
  if (text[at - 7] != 'T' || text[at] > '5' || strchr (text, 'z'))
    return false;
  if (text[at + 2] == '.')
    {
      fraction = strspn (text + at + 3, "0123456789");
      *ret_late = strspn (text + at + 3, "0") < fraction;
    }
  return fraction <= 9;
}

/* In whole seconds: no fraction is granted, at neither end. */
static int
read_time (const struct sp_json *json, sp_json_node node, bool is_start, bool *ret_has,
           sp_time *ret, sigpolicy_error **err)
{
  cleanup_free char *text = NULL;
  struct sp_view view = { "", 0 };
  bool late = false;

  if (!sp_proto_has (json, node))
    return 0;
  int rc = sp_proto_text (json, node, &view, err);
  if (rc < 0)
    return rc;
  text = sp_view_dup (view, err);
  if (!text)
    return SIGPOLICY_E_NO_MEMORY;
  cleanup_error sigpolicy_error *why = NULL;
  *ret_has = true;
  if (strlen (text) != view.len || sp_time_parse (text, ret, &why) < 0
      || !is_proto_time (text, &late))
    return sp_proto_fault (json, node, "not a time such as 2026-11-21T00:30:00Z", err);
  *ret += is_start && late;
  return 0;
}

static int
read_period (const struct sp_json *json, sp_json_node node, struct sp_period *ret,
             sigpolicy_error **err)
{
  sp_json_node start = 0, end = 0;
  const struct sp_json_field fields[]
      = { { .name = "start", .node = &start }, { .name = "end", .node = &end } };

  if (!sp_proto_has (json, node))
    return 0;
  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0)
    rc = read_time (json, start, true, &ret->has_start, &ret->start, err);
  return rc < 0 ? rc : read_time (json, end, false, &ret->has_end, &ret->end, err);
}

bool
sp_period_holds (const struct sp_period *period, sp_time at, bool late)
{
  return (!period->has_start || at >= period->start)
         && (!period->has_end || at < period->end || (at == period->end && !late));
}

/* {"keyId": ...} */
static int
read_id (const struct sp_json *json, sp_json_node node, struct sp_buf *out, sigpolicy_error **err)
{
  const struct sp_json_field fields[] = { { .name = "keyId", .read = sp_proto_bytes, .out = out } };
  return sp_proto_has (json, node) ? sp_proto_decode (json, node, fields, N (fields), err) : 0;
}

/* An RSAPublicKey without anything round it. */
static int
make_bare_rsa (struct sp_view der, struct sp_public_key **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf pem = SP_BUF (2 * SP_TRUSTED_ROOT_BYTES_MAX);
  sp_buf_str (&pem, "-----BEGIN RSA PUBLIC KEY-----\n");
  sp_base64_encode (der, &pem);
  sp_buf_str (&pem, "\n-----END RSA PUBLIC KEY-----\n");
  int rc = sp_buf_check (&pem, err);
  return rc < 0 ? rc : sp_public_key_from_pem (sp_buf_view (&pem), ret, err);
}

/* The key, which must be what its details say. */
static int
make_key (const struct sp_json *json, sp_json_node node, struct sp_view details, struct sp_view der,
          struct sp_public_key **ret, sigpolicy_error **err)
{
  cleanup_public_key struct sp_public_key *key = NULL;
  bool bare = sp_view_is (details, "PKCS1_RSA_PKCS1V5"), fits;

  int rc = bare ? make_bare_rsa (der, &key, err) : sp_public_key_from_spki (der, &key, err);
  if (rc < 0)
    return sp_json_error_at (json, node, err);
  const char *name = sp_public_key_details (key, NULL);
  if (bare)
    fits = sp_public_key_kind (key) == SP_KEY_RSA && name;
  else if (sp_public_key_kind (key) == SP_KEY_ED25519)
    fits = sp_view_is (details, "PKIX_ED25519");
  else
    fits = name && sp_view_is (details, name);
  if (!fits)
    return sp_proto_fault (json, node,
                           "a key that is not what \"keyDetails\" says, or of a kind that is not "
                           "supported",
                           err);
  *ret = steal (&key);
  return 0;
}

/* --- logs ---------------------------------------------------------------------------------------
 */

static int
read_log_key (const struct sp_json *json, sp_json_node node, struct sp_trusted_log *log,
              sigpolicy_error **err)
{
  cleanup_buf struct sp_buf der = SP_BUF (SP_TRUSTED_ROOT_BYTES_MAX);
  struct sp_view details = { "", 0 };
  sp_json_node period = 0;
  const struct sp_json_field fields[] = {
    { .name = "rawBytes", .read = sp_proto_bytes, .out = &der },
    { .name = "keyDetails", .read = sp_proto_text, .out = &details },
    { .name = "validFor", .node = &period },
  };

  if (!sp_proto_has (json, node))
    return sp_proto_fault (json, node, "a log without \"publicKey\"", err);
  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0)
    rc = read_period (json, period, &log->period, err);
  /* The first second of all is how Go writes that there is none. */
  if (rc == 0 && (!log->period.has_start || log->period.start <= GO_ZERO_TIME))
    rc = sp_proto_fault (json, node, "a log without the start of its validity", err);
  return rc < 0 ? rc : make_key (json, node, details, sp_buf_view (&der), &log->key, err);
}

/* The URL without its scheme: what checkpoints of the log are signed by. */
static int
name_log (struct sp_view url, struct sp_trusted_log *log, sigpolicy_error **err)
{
  static const struct sp_view secure = SP_VIEW ("https://"), plain = SP_VIEW ("http://");
  size_t scheme = sp_view_starts (url, secure)  ? secure.len
                  : sp_view_starts (url, plain) ? plain.len
                                                : 0;
  struct sp_view name = sp_view_from (url, scheme);

  name = sp_view_head (name, sp_view_find (name, '/'));
  log->base_url = sp_view_dup (url, err);
  if (!log->base_url)
    return SIGPOLICY_E_NO_MEMORY;
  if (!scheme || !name.len)
    return 0;
  log->name = sp_view_dup (name, err);
  return log->name ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
read_log (const struct sp_json *json, sp_json_node node, void *out, sigpolicy_error **err)
{
  struct sp_trusted_log *log = out;
  cleanup_buf struct sp_buf other_id = SP_BUF (SP_HASH_BYTES_MAX);
  struct sp_view url = { "", 0 }, hash = { "", 0 }, operator= { "", 0 };
  sp_json_node key = 0, id = 0, checkpoint_id = 0;
  const struct sp_json_field fields[]
      = { { .name = "baseUrl", .read = sp_proto_text, .out = &url },
          { .name = "hashAlgorithm", .read = sp_proto_text, .out = &hash },
          { .name = "publicKey", .node = &key }, { .name = "logId", .node = &id },
          { .name = "checkpointKeyId", .node = &checkpoint_id },
          {
              .name = "operator",
              .read = sp_proto_text,
              .out = &operator},
      };

  log->id = (struct sp_buf)SP_BUF (SP_HASH_BYTES_MAX);
  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0 && !sp_view_is (hash, "SHA2_256"))
    rc = sp_proto_fault (json, node, "a log whose \"hashAlgorithm\" is not SHA2_256", err);
  if (rc == 0)
    rc = read_log_key (json, key, log, err);
  if (rc == 0)
    rc = read_id (json, id, &log->id, err);
  if (rc == 0)
    rc = read_id (json, checkpoint_id, &other_id, err);
  if (rc == 0 && log->id.len != 32)
    rc = sp_proto_fault (json, node, "a log whose \"logId\" has not 32 bytes", err);
  return rc < 0 ? rc : name_log (url, log, err);
}

/* --- authorities ---------------------------------------------------------------------------------
 */

static int
read_certificate (const struct sp_json *json, sp_json_node node, struct sp_certificates *list,
                  sigpolicy_error **err)
{
  cleanup_buf struct sp_buf der = SP_BUF (SP_CERTIFICATE_BYTES_MAX);
  cleanup_certificate struct sp_certificate *certificate = NULL;
  const struct sp_json_field fields[]
      = { { .name = "rawBytes", .read = sp_proto_bytes, .out = &der } };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0 && sp_certificate_parse (sp_buf_view (&der), &certificate, err) < 0)
    rc = sp_json_error_at (json, node, err);
  if (rc == 0 && certificate->odd)
    rc = sp_proto_fault (json, node, certificate->odd, err);
  if (rc == 0)
    rc = sp_grow (&list->items, &list->capacity, list->len, sizeof *list->items, err);
  if (rc == 0)
    list->items[list->len++] = steal (&certificate);
  return rc;
}

static int
read_chain (const struct sp_json *json, sp_json_node node, struct sp_certificates *ret,
            sigpolicy_error **err)
{
  sp_json_node list = 0;
  size_t count = 0;
  const struct sp_json_field fields[] = { { .name = "certificates", .node = &list } };

  int rc = sp_proto_has (json, node) ? sp_proto_decode (json, node, fields, N (fields), err) : 0;
  if (rc == 0)
    rc = sp_proto_list (json, list, SP_TRUSTED_ROOT_CERTIFICATES_MAX,
                        "certificates of an authority", &count, err);
  if (rc == 0 && !count)
    rc = sp_proto_fault (json, node, "an authority without certificates", err);
  struct sp_json_iter it = sp_json_iter (json, rc == 0 ? list : SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    rc = read_certificate (json, it.value, ret, err);
  return rc;
}

/* It means nothing here, and must be one. */
static int
read_subject (const struct sp_json *json, sp_json_node node, sigpolicy_error **err)
{
  struct sp_view text;
  const struct sp_json_field fields[] = {
    { .name = "organization", .read = sp_proto_text, .out = &text },
    { .name = "commonName", .read = sp_proto_text, .out = &text },
  };
  return sp_proto_has (json, node) ? sp_proto_decode (json, node, fields, N (fields), err) : 0;
}

static int
read_authority (const struct sp_json *json, sp_json_node node, void *out, sigpolicy_error **err)
{
  struct sp_trusted_authority *authority = out;
  struct sp_view uri = { "", 0 }, operator= { "", 0 };
  sp_json_node subject = 0, chain = 0, period = 0;
  const struct sp_json_field fields[] = {
    { .name = "subject", .node = &subject }, { .name = "uri", .read = sp_proto_text, .out = &uri },
    { .name = "certChain", .node = &chain }, { .name = "validFor", .node = &period },
    {
        .name = "operator",
        .read = sp_proto_text,
        .out = &operator},
    };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0)
    rc = read_subject (json, subject, err);
  if (rc == 0)
    rc = read_chain (json, chain, &authority->chain, err);
  if (rc == 0)
    rc = read_period (json, period, &authority->period, err);
  if (rc < 0)
    return rc;
  authority->uri = sp_view_dup (uri, err);
  if (!authority->uri)
    return SIGPOLICY_E_NO_MEMORY;
  authority->n_intermediates = authority->chain.len - 1;
  return sp_certificate_pool_of (authority->chain.items[authority->n_intermediates],
                                 &authority->roots, err);
}

/* --- the whole -----------------------------------------------------------------------------------
 */

/* An array of messages into a new array of structs of that size. */
static int
read_all (const struct sp_json *json, sp_json_node node,
          int (*read_one) (const struct sp_json *json, sp_json_node node, void *out,
                           sigpolicy_error **err),
          size_t size, void *ret, size_t *ret_n, sigpolicy_error **err)
{
  void **array = ret;
  size_t count = 0;

  int rc
      = sp_proto_list (json, node, SP_TRUSTED_ROOT_ENTRIES_MAX, "logs or authorities", &count, err);
  if (rc < 0 || !count)
    return rc;
  *array = sp_calloc (count, size, err);
  if (!*array)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_json_iter it = sp_json_iter (json, node);
  while (rc == 0 && sp_json_next (&it))
    {
      *ret_n = it.index + 1;
      rc = read_one (json, it.value, (char *)*array + it.index * size, err);
    }
  return rc;
}

static int
check_media_type (const struct sp_json *json, sp_json_node node, sigpolicy_error **err)
{
  static const char *const known[] = {
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
  };
  struct sp_view media_type = { "", 0 };

  int rc = node ? sp_proto_text (json, node, &media_type, err) : 0;
  for (size_t i = 0; i < N (known) && rc == 0; i++)
    if (sp_view_is (media_type, known[i]))
      return 0;
  return rc < 0 ? rc
                : sp_proto_fault (json, node, "\"mediaType\" is not that of a trusted root", err);
}

static int
read_root (const struct sp_json *json, struct sp_trusted_root *root, sigpolicy_error **err)
{
  sp_json_node media_type = 0, logs = 0, ct_logs = 0, authorities = 0, timestamp_authorities = 0;
  const struct sp_json_field fields[] = {
    { .name = "mediaType", .node = &media_type },
    { .name = "tlogs", .node = &logs },
    { .name = "certificateAuthorities", .node = &authorities },
    { .name = "ctlogs", .node = &ct_logs },
    { .name = "timestampAuthorities", .node = &timestamp_authorities },
  };

  int rc = sp_proto_decode (json, SP_JSON_ROOT, fields, N (fields), err);
  if (rc == 0)
    rc = check_media_type (json, media_type, err);
  if (rc == 0)
    rc = read_all (json, logs, read_log, sizeof *root->logs, &root->logs, &root->n_logs, err);
  if (rc == 0)
    rc = read_all (json, ct_logs, read_log, sizeof *root->ct_logs, &root->ct_logs, &root->n_ct_logs,
                   err);
  if (rc == 0)
    rc = read_all (json, authorities, read_authority, sizeof *root->authorities, &root->authorities,
                   &root->n_authorities, err);
  if (rc == 0)
    rc = read_all (json, timestamp_authorities, read_authority, sizeof *root->timestamp_authorities,
                   &root->timestamp_authorities, &root->n_timestamp_authorities, err);
  return rc;
}

int
sp_trusted_root_parse (struct sp_view text, struct sp_trusted_root **ret, sigpolicy_error **err)
{
  cleanup_trusted_root struct sp_trusted_root *root = sp_calloc (1, sizeof *root, err);
  cleanup_json struct sp_json *json = NULL;

  if (!root)
    return SIGPOLICY_E_NO_MEMORY;
  if (text.len > SP_TRUSTED_ROOT_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT,
                         "a trusted root of more than %lu bytes", SP_TRUSTED_ROOT_BYTES_MAX);
  int rc = sp_json_parse (text, SP_BUNDLE_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = read_root (json, root, err);
  if (rc < 0)
    return sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE);
  *ret = steal (&root);
  return 0;
}

int
sp_trusted_root_load (const char *path, struct sp_trusted_root **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TRUSTED_ROOT_BYTES_MAX);

  if (sp_fs_read (path, &text, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE);
  if (sp_trusted_root_parse (sp_buf_view (&text), ret, err) < 0)
    return sp_error_position (err, path, 0, 0, NULL);
  return 0;
}

static void
logs_free (struct sp_trusted_log *logs, size_t n_logs)
{
  for (size_t i = 0; i < n_logs; i++)
    {
      free (logs[i].base_url);
      free (logs[i].name);
      sp_buf_clear (&logs[i].id);
      sp_public_key_free (logs[i].key);
    }
  free (logs);
}

static void
authorities_free (struct sp_trusted_authority *authorities, size_t n_authorities)
{
  for (size_t i = 0; i < n_authorities; i++)
    {
      free (authorities[i].uri);
      sp_certificate_pool_free (authorities[i].roots);
      sp_certificates_clear (&authorities[i].chain);
    }
  free (authorities);
}

void
sp_trusted_root_free (struct sp_trusted_root *root)
{
  if (!root)
    return;
  logs_free (root->logs, root->n_logs);
  logs_free (root->ct_logs, root->n_ct_logs);
  authorities_free (root->authorities, root->n_authorities);
  authorities_free (root->timestamp_authorities, root->n_timestamp_authorities);
  free (root);
}

const struct sp_trusted_log *
sp_trusted_log_find (const struct sp_trusted_log *logs, size_t n_logs, struct sp_view id)
{
  const struct sp_trusted_log *log = NULL;
  for (size_t i = 0; i < n_logs; i++)
    if (sp_view_equal (sp_buf_view (&logs[i].id), id))
      log = &logs[i];
  return log;
}
