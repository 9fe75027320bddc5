/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

static const char *const type_names[] = {
  [SP_REQUIREMENT_ACCEPT] = "insecureAcceptAnything",
  [SP_REQUIREMENT_REJECT] = "reject",
  [SP_REQUIREMENT_SIGNED_BY] = "signedBy",
  [SP_REQUIREMENT_SIGNED_BASE_LAYER] = "signedBaseLayer",
  [SP_REQUIREMENT_SIGSTORE_SIGNED] = "sigstoreSigned",
};
#define N_TYPES (sizeof type_names / sizeof *type_names)

static const char *const key_type_names[] = {
  [SP_KEY_TYPE_GPG] = "GPGKeys",
  [SP_KEY_TYPE_SIGNED_BY_GPG] = "signedByGPGKeys",
  [SP_KEY_TYPE_X509] = "X509Certificates",
  [SP_KEY_TYPE_SIGNED_BY_X509_CAS] = "signedByX509CAs",
};
#define N_KEY_TYPES (sizeof key_type_names / sizeof *key_type_names)

const char *
sp_requirement_type_name (enum sp_requirement_type type)
{
  return type_names[type];
}

bool
sp_requirement_type_is_signed (enum sp_requirement_type type)
{
  return type == SP_REQUIREMENT_SIGNED_BY || type == SP_REQUIREMENT_SIGSTORE_SIGNED;
}

bool
sp_requirement_needs_signature (const struct sp_requirement *requirement)
{
  return requirement->type == SP_REQUIREMENT_SIGSTORE_SIGNED
         || (requirement->type == SP_REQUIREMENT_SIGNED_BY
             && requirement->key_type == SP_KEY_TYPE_GPG);
}

const char *
sp_key_type_name (enum sp_key_type type)
{
  return key_type_names[type];
}

/* Moves what a field names into the requirement. */
static void
take (struct sp_key_field *field, struct sp_key_sources *ret)
{
  *ret = field->sources;
  field->sources = (struct sp_key_sources){ 0 };
}

/* signedIdentity: absent, it is matchRepoDigestOrExact; null is no identity. */
static int
parse_identity (const struct sp_json *json, bool present, sp_json_node node,
                struct sp_requirement *requirement, sigpolicy_error **err)
{
  if (present)
    return sp_identity_parse (json, node, &requirement->identity, err);
  requirement->identity.type = SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT;
  return 0;
}

/* --- signedBy --------------------------------------------------------------------------------- */

struct key_type
{
  bool present;
  enum sp_key_type type;
};

static int
read_key_type (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  struct key_type *key_type = out;
  struct sp_view text;
  size_t index = 0;

  int rc = sp_policy_read_string (json, value, &text, err);
  if (rc == 0)
    rc = sp_policy_find_word (json, value, "Unrecognized keyType value", text, key_type_names,
                              N_KEY_TYPES, &index, err);
  if (rc < 0)
    return rc;
  *key_type = (struct key_type){ true, (enum sp_key_type)index };
  return 0;
}

static const char *const signed_by_ways[3] = { "keyPath", "keyPaths", "keyData" };

static int
no_keys (const struct sp_json *json, sp_json_node node, sigpolicy_error **err)
{
  (void)sp_policy_refuse (json, node,
                          "Exactly one of keyPath, keyPaths and keyData must be specified, none "
                          "of them present",
                          err);
  return sp_error_hint (err, "add the file of the public key as \"keyPath\"");
}

static int
several_keys (const struct sp_json *json, sp_json_node node, const struct sp_key_field fields[3],
              sigpolicy_error **err)
{
  cleanup_buf struct sp_buf names = SP_BUF (SP_SHOWN_BYTES_MAX);
  (void)sp_policy_refuse (json, node,
                          "Exactly one of keyPath, keyPaths and keyData must be specified, more "
                          "than one present",
                          err);
  for (size_t i = 0; i < 3; i++)
    if (fields[i].present)
      sp_buf_printf (&names, "%s\"%s\"", names.len ? " and " : "", signed_by_ways[i]);
  return sp_error_hint (err, "keep only one of %s", names.data);
}

/* Which of the three fields is there decides, whatever its value; then its value must be one. */
static int
choose_keys (const struct sp_json *json, sp_json_node node, struct sp_key_field fields[3],
             const struct key_type *key_type, struct sp_requirement *requirement,
             sigpolicy_error **err)
{
  size_t chosen = 0, n_present = 0;
  for (size_t i = 0; i < 3; i++)
    if (fields[i].present)
      {
        chosen = i;
        n_present++;
      }
  if (n_present != 1)
    return n_present ? several_keys (json, node, fields, err) : no_keys (json, node, err);
  if (!key_type->present)
    {
      (void)sp_policy_refuse (json, node, "invalid keyType \"\"", err);
      (void)sp_error_hint (err, "add \"keyType\": \"GPGKeys\"");
      return sp_error_hint_edit (err, "{", "{\"keyType\": \"GPGKeys\", ");
    }
  /* An empty list, and empty data, are values; they hold no key, which is found when one is needed.
   */
  if (fields[chosen].null || (chosen == 0 && !fields[chosen].sources.len))
    {
      (void)sp_policy_refuse (json, fields[chosen].node,
                              "exactly one of keyPath, keyPaths and keyData must be specified",
                              err);
      return sp_error_hint (err, "\"%s\" has no value", signed_by_ways[chosen]);
    }
  requirement->key_type = key_type->type;
  take (&fields[chosen], &requirement->keys);
  return 0;
}

static void clear_three (struct sp_key_field (*fields)[3])
{
  for (size_t i = 0; i < 3; i++)
    sp_key_field_clear (&(*fields)[i]);
}

static int
parse_signed_by (const struct sp_json *json, sp_json_node node, struct sp_requirement *requirement,
                 sigpolicy_error **err)
{
  SP_CLEANUP (clear_three) struct sp_key_field keys[3] = { 0 };
  struct key_type key_type = { 0 };
  bool identity_present = false;
  sp_json_node identity = node;
  const struct sp_json_field fields[] = {
    { .name = "type", .read = sp_policy_read_string },
    { .name = "keyType", .read = read_key_type, .out = &key_type },
    { .name = "keyPath", .read = sp_policy_read_path, .out = &keys[0] },
    { .name = "keyPaths", .read = sp_policy_read_paths, .out = &keys[1] },
    { .name = "keyData", .read = sp_policy_read_data, .out = &keys[2] },
    { .name = "signedIdentity", .present = &identity_present, .node = &identity },
  };

  int rc = sp_json_decode (json, node, fields, sizeof fields / sizeof *fields,
                           SP_JSON_OPTIONAL_FIELDS, &sp_policy_faults, err);
  if (rc == 0)
    rc = parse_identity (json, identity_present, identity, requirement, err);
  return rc < 0 ? rc : choose_keys (json, node, keys, &key_type, requirement, err);
}

/* --- sigstoreSigned --------------------------------------------------------------------------- */

static int
read_fulcio (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  return sp_fulcio_parse (json, value, out, err);
}

static int
read_pki (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  return sp_pki_parse (json, value, out, err);
}

/* Path, paths, data, datas: for keys and for Rekor's keys. */
enum
{
  PATH,
  PATHS,
  DATA,
  DATAS,
  FIELDS,
};

static void clear_four (struct sp_key_field (*fields)[FIELDS])
{
  for (size_t i = 0; i < FIELDS; i++)
    sp_key_field_clear (&(*fields)[i]);
}

/* Here a field counts by its value. Returns how many count, and the last of them. */
static size_t
count (struct sp_key_field fields[FIELDS], struct sp_key_field **ret_last)
{
  size_t n = 0;
  for (size_t i = 0; i < FIELDS; i++)
    if (fields[i].sources.len)
      {
        n++;
        *ret_last = &fields[i];
      }
  return n;
}

static int
check_lists (const struct sp_json *json, const struct sp_key_field keys[FIELDS],
             const struct sp_key_field rekor[FIELDS], sigpolicy_error **err)
{
  const struct
  {
    const struct sp_key_field *field;
    const char *text;
  } lists[] = {
    { &keys[PATHS], "\"keyPaths\" contains no entries" },
    { &keys[DATAS], "\"keyDatas\" contains no entries" },
    { &rekor[PATHS], "\"rekorPublickeyPaths\" contains no entries" },
    { &rekor[DATAS], "\"rekorPublickeyDatas\" contains no entries" },
  };
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    if (lists[i].field->present && !lists[i].field->sources.len)
      return sp_policy_refuse (json, lists[i].field->node, lists[i].text, err);
  return 0;
}

/* Exactly one source of keys; a log with fulcio, none with pki. */
static int
combine (const struct sp_json *json, sp_json_node node, struct sp_key_field keys[FIELDS],
         struct sp_key_field rekor[FIELDS], struct sp_requirement *requirement,
         sigpolicy_error **err)
{
  struct sp_key_field *key = NULL, *log = NULL;
  size_t n_keys = count (keys, &key), n_logs = count (rekor, &log);

  size_t n_ways = n_keys + (requirement->fulcio != NULL) + (requirement->pki != NULL);

  if (n_ways != 1)
    {
      (void)sp_policy_refuse (json, node,
                              "exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, and "
                              "pki must be specified",
                              err);
      return sp_error_hint (err, n_ways ? "keep only one of them"
                                        : "add the file of the public key as \"keyPath\"");
    }
  if (n_logs > 1)
    return sp_policy_refuse (
        json, node,
        "at most one of rekorPublickeyPath, rekorPublicKeyPaths, "
        "rekorPublickeyData and rekorPublicKeyDatas can be used simultaneously",
        err);
  if (requirement->fulcio && !n_logs)
    {
      (void)sp_policy_refuse (json, node,
                              "At least one of rekorPublickeyPath, rekorPublicKeyPaths, "
                              "rekorPublickeyData and rekorPublicKeyDatas must be specified if "
                              "fulcio is used",
                              err);
      return sp_error_hint (err, "add the file of the log's public key as \"rekorPublicKeyPath\"");
    }
  if (requirement->pki && n_logs)
    return sp_policy_refuse (json, node,
                             "rekorPublickeyPath, rekorPublicKeyPaths, rekorPublickeyData and "
                             "rekorPublicKeyDatas are not supported for pki",
                             err);
  if (key)
    take (key, &requirement->keys);
  if (log)
    take (log, &requirement->rekor_keys);
  if (requirement->keys.len + requirement->rekor_keys.len > SP_POLICY_KEY_SOURCES_MAX)
    return sp_policy_too_many_keys (json, node, err);
  for (size_t i = 0; i < FIELDS; i++)
    requirement->rekor_dropped = requirement->rekor_dropped || (!n_logs && rekor[i].present);
  return 0;
}

static int
parse_sigstore_signed (const struct sp_json *json, sp_json_node node,
                       struct sp_requirement *requirement, sigpolicy_error **err)
{
  SP_CLEANUP (clear_four) struct sp_key_field keys[FIELDS] = { 0 };
  SP_CLEANUP (clear_four) struct sp_key_field rekor[FIELDS] = { 0 };
  bool identity_present = false;
  sp_json_node identity = node;
  const struct sp_json_field fields[] = {
    { .name = "type", .read = sp_policy_read_string },
    { .name = "keyPath", .read = sp_policy_read_path, .out = &keys[PATH] },
    { .name = "keyPaths", .read = sp_policy_read_paths, .out = &keys[PATHS] },
    { .name = "keyData", .read = sp_policy_read_data, .out = &keys[DATA] },
    { .name = "keyDatas", .read = sp_policy_read_datas, .out = &keys[DATAS] },
    { .name = "fulcio", .read = read_fulcio, .out = &requirement->fulcio },
    { .name = "pki", .read = read_pki, .out = &requirement->pki },
    { .name = "rekorPublicKeyPath", .read = sp_policy_read_path, .out = &rekor[PATH] },
    { .name = "rekorPublicKeyPaths", .read = sp_policy_read_paths, .out = &rekor[PATHS] },
    { .name = "rekorPublicKeyData", .read = sp_policy_read_data, .out = &rekor[DATA] },
    { .name = "rekorPublicKeyDatas", .read = sp_policy_read_datas, .out = &rekor[DATAS] },
    { .name = "signedIdentity", .present = &identity_present, .node = &identity },
  };

  int rc = sp_json_decode (json, node, fields, sizeof fields / sizeof *fields,
                           SP_JSON_OPTIONAL_FIELDS, &sp_policy_faults, err);
  if (rc == 0)
    rc = parse_identity (json, identity_present, identity, requirement, err);
  if (rc == 0)
    rc = check_lists (json, keys, rekor, err);
  return rc < 0 ? rc : combine (json, node, keys, rekor, requirement, err);
}

/* --- all requirements ------------------------------------------------------------------------- */

static int
parse_simple (const struct sp_json *json, sp_json_node node, struct sp_requirement *requirement,
              sigpolicy_error **err)
{
  const struct sp_json_field fields[] = { { .name = "type", .read = sp_policy_read_string } };
  (void)requirement;
  return sp_json_decode (json, node, fields, 1, SP_JSON_EXACT, &sp_policy_faults, err);
}

static int
parse_signed_base_layer (const struct sp_json *json, sp_json_node node,
                         struct sp_requirement *requirement, sigpolicy_error **err)
{
  sp_json_node identity = node;
  const struct sp_json_field fields[] = {
    { .name = "type", .read = sp_policy_read_string },
    { .name = "baseLayerIdentity", .node = &identity },
  };
  int rc = sp_json_decode (json, node, fields, 2, SP_JSON_EXACT, &sp_policy_faults, err);
  return rc < 0 ? rc : sp_identity_parse (json, identity, &requirement->identity, err);
}

static int
parse_one (const struct sp_json *json, sp_json_node node, struct sp_requirement *requirement,
           sigpolicy_error **err)
{
  static int (*const parsers[]) (const struct sp_json *, sp_json_node, struct sp_requirement *,
                                 sigpolicy_error **)
      = {
          [SP_REQUIREMENT_ACCEPT] = parse_simple,
          [SP_REQUIREMENT_REJECT] = parse_simple,
          [SP_REQUIREMENT_SIGNED_BY] = parse_signed_by,
          [SP_REQUIREMENT_SIGNED_BASE_LAYER] = parse_signed_base_layer,
          [SP_REQUIREMENT_SIGSTORE_SIGNED] = parse_sigstore_signed,
        };
  size_t type = 0;

  int rc = sp_policy_read_type (json, node, "Unknown policy requirement type", type_names, N_TYPES,
                                &type, err);
  if (rc < 0)
    return rc;
  requirement->type = (enum sp_requirement_type)type;
  sp_json_position (json, node, &requirement->line, &requirement->column);
  return parsers[type](json, node, requirement, err);
}

static void
clear_one (struct sp_requirement *requirement)
{
  sp_key_sources_clear (&requirement->keys);
  sp_key_sources_clear (&requirement->rekor_keys);
  sp_fulcio_free (requirement->fulcio);
  sp_pki_free (requirement->pki);
  sp_identity_clear (&requirement->identity);
}

void
sp_requirements_clear (struct sp_requirements *requirements)
{
  for (size_t i = 0; i < requirements->len; i++)
    clear_one (&requirements->items[i]);
  free (requirements->items);
  memset (requirements, 0, sizeof *requirements);
}

int
sp_requirements_parse (const struct sp_json *json, sp_json_node node, struct sp_requirements *ret,
                       sigpolicy_error **err)
{
  SP_CLEANUP (sp_requirements_clear) struct sp_requirements list = { 0 };
  enum sp_json_type type = sp_json_type_of (json, node);
  struct sp_json_iter it = sp_json_iter (json, node);
  size_t count = sp_json_count (json, node);

  if (type != SP_JSON_ARRAY && type != SP_JSON_NULL)
    {
      (void)sp_policy_wrong_type (json, node, "an array of requirements", err);
      return sp_error_hint (err, "write a list, even for a single requirement: [{\"type\": ...}]");
    }
  if (!count)
    {
      (void)sp_policy_refuse (json, node,
                              "List of verification policy requirements must not be empty", err);
      (void)sp_error_hint (err, "to reject everything, write [{\"type\": \"reject\"}]");
      cleanup_free char *old = sp_view_dup (sp_json_source (json, node), err);
      return old ? sp_error_hint_edit (err, old, "[{\"type\": \"reject\"}]")
                 : SIGPOLICY_E_NO_MEMORY;
    }
  if (count > SP_POLICY_REQUIREMENTS_MAX)
    return sp_json_error (json, node, err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                          "a scope has at most %lu requirements", SP_POLICY_REQUIREMENTS_MAX);
  list.items = sp_calloc (count, sizeof *list.items, err);
  if (!list.items)
    return SIGPOLICY_E_NO_MEMORY;
  list.capacity = count;
  while (sp_json_next (&it))
    {
      int rc = parse_one (json, it.value, &list.items[list.len++], err);
      if (rc < 0)
        return rc;
    }
  *ret = list;
  list = (struct sp_requirements){ 0 };
  return 0;
}
