/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"

#include "crypto/digest.h"
#include "model/scope.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* The document: default, transports, scopes. Members are taken in document order; the first fault
 * is the one reported. */

/* A scope that its transport cannot have is an unknown key; why is the hint. */
static int
check_scope (const struct sp_json *json, const struct sp_json_iter *it, enum sp_transport transport,
             sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *why = NULL;

  if (!it->key.len || sp_scope_check (transport, it->key, &why) == 0)
    return 0;
  int rc = sigpolicy_error_code (why) == SIGPOLICY_E_NO_MEMORY
               ? sp_error_no_memory (err)
               : sp_policy_refuse_value (json, it->key_node, "Unknown key", it->key, err);
  return rc == SIGPOLICY_E_NO_MEMORY
             ? rc
             : sp_error_hint (err, "%.*s", (int)SP_SHOWN_BYTES_MAX, sigpolicy_error_message (why));
}

/* A name that somebody chose: of a transport, of a scope. */
static int
take_name (const struct sp_json_iter *it, char **ret, size_t *ret_len, sigpolicy_error **err)
{
  int rc = sp_policy_check_length (it->json, it->key_node, it->key, err);
  if (rc < 0)
    return rc;
  *ret = sp_view_dup (it->key, err);
  *ret_len = it->key.len;
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* Begins an object with free keys: where is its first duplicate? */
static int
begin_object (const struct sp_json *json, sp_json_node node, bool *ret_found,
              sp_json_node *ret_second, sigpolicy_error **err)
{
  /* The table without fields says what any other type gets. */
  if (sp_json_type_of (json, node) != SP_JSON_OBJECT)
    return sp_json_decode (json, node, NULL, 0, SP_JSON_OPTIONAL_FIELDS, &sp_policy_faults, err);
  return sp_json_find_duplicate (json, node, ret_found, ret_second, err);
}

static int
parse_scope (const struct sp_json *json, const struct sp_json_iter *it,
             struct sp_policy_scope *scope, sigpolicy_error **err)
{
  int rc = take_name (it, &scope->name, &scope->name_len, err);
  sp_json_position (json, it->key_node, &scope->line, &scope->column);
  return rc < 0 ? rc : sp_requirements_parse (json, it->value, &scope->requirements, err);
}

static int
parse_transport (const struct sp_json *json, sp_json_node node,
                 struct sp_policy_transport *transport, size_t *n_scopes, sigpolicy_error **err)
{
  enum sp_transport known = SP_TRANSPORT_DOCKER;
  bool duplicate = false;
  sp_json_node second = node;

  transport->known = sp_transport_find (sp_view_n (transport->name, transport->name_len), &known);
  *n_scopes += sp_json_count (json, node);
  if (*n_scopes > SP_POLICY_SCOPES_MAX)
    return sp_json_error (json, node, err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                          "a policy has at most %lu scopes", SP_POLICY_SCOPES_MAX);
  int rc = begin_object (json, node, &duplicate, &second, err);
  if (rc < 0)
    return rc;
  struct sp_json_iter it = sp_json_iter (json, node);
  transport->scopes = sp_calloc (it.left, sizeof *transport->scopes, err);
  if (!transport->scopes)
    return SIGPOLICY_E_NO_MEMORY;
  transport->scopes_capacity = it.left;
  while (rc == 0 && sp_json_next (&it))
    {
      if (duplicate && it.key_node == second)
        return sp_policy_refuse_value (json, it.key_node, "Duplicate key", it.key, err);
      if (transport->known)
        rc = check_scope (json, &it, known, err);
      if (rc == 0)
        rc = parse_scope (json, &it, &transport->scopes[transport->n_scopes++], err);
    }
  return rc;
}

static int
read_transports (const struct sp_json *json, sp_json_node node, void *out, sigpolicy_error **err)
{
  struct sp_policy *policy = out;
  bool duplicate = false;
  sp_json_node second = node;
  size_t n_scopes = 0;

  int rc = begin_object (json, node, &duplicate, &second, err);
  struct sp_json_iter it = sp_json_iter (json, node);
  while (rc == 0 && sp_json_next (&it))
    {
      if (duplicate && it.key_node == second)
        return sp_policy_refuse_value (json, it.key_node, "Duplicate key", it.key, err);
      rc = sp_grow (&policy->transports, &policy->transports_capacity, policy->n_transports,
                    sizeof *policy->transports, err);
      if (rc < 0)
        return rc;
      struct sp_policy_transport *transport = &policy->transports[policy->n_transports++];
      rc = take_name (&it, &transport->name, &transport->name_len, err);
      if (rc == 0)
        rc = parse_transport (json, it.value, transport, &n_scopes, err);
    }
  return rc;
}

static int
read_default (const struct sp_json *json, sp_json_node node, void *out, sigpolicy_error **err)
{
  struct sp_policy_scope *scope = out;
  sp_json_position (json, node, &scope->line, &scope->column);
  return sp_requirements_parse (json, node, &scope->requirements, err);
}

static int
compare_scopes (const void *a, const void *b)
{
  const struct sp_policy_scope *left = *(const struct sp_policy_scope *const *)a;
  const struct sp_policy_scope *right = *(const struct sp_policy_scope *const *)b;
  size_t common = left->name_len < right->name_len ? left->name_len : right->name_len;
  int order = common ? memcmp (left->name, right->name, common) : 0;
  return order ? order : (left->name_len > right->name_len) - (left->name_len < right->name_len);
}

/* Sort the scopes of every known transport, so that a lookup is a binary search, whatever names
 * somebody chose. */
static int
index_scopes (struct sp_policy *policy, sigpolicy_error **err)
{
  for (size_t i = 0; i < policy->n_transports; i++)
    {
      const struct sp_policy_transport *transport = &policy->transports[i];
      enum sp_transport known;
      if (!sp_transport_find (sp_view_n (transport->name, transport->name_len), &known))
        continue;
      const struct sp_policy_scope **sorted = sp_calloc (transport->n_scopes, sizeof *sorted, err);
      if (!sorted)
        return SIGPOLICY_E_NO_MEMORY;
      for (size_t j = 0; j < transport->n_scopes; j++)
        sorted[j] = &transport->scopes[j];
      qsort (sorted, transport->n_scopes, sizeof *sorted, compare_scopes);
      policy->sorted[known] = sorted;
      policy->known[known] = transport;
    }
  return 0;
}

static int
parse_document (struct sp_view text, struct sp_policy *policy, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  bool has_default = false;
  const struct sp_json_field fields[] = {
    { .name = "default",
      .read = read_default,
      .out = &policy->default_scope,
      .present = &has_default },
    { .name = "transports", .read = read_transports, .out = policy },
  };

  if (text.len > SP_POLICY_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                         "a policy has at most %lu bytes", SP_POLICY_BYTES_MAX);
  if (sp_json_parse (text, SP_POLICY_DEPTH_MAX, &json, err) < 0)
    return sp_error_class (err, sp_policy_faults.code, sp_policy_faults.reason);
  int rc = sp_json_decode (json, SP_JSON_ROOT, fields, sizeof fields / sizeof *fields,
                           SP_JSON_OPTIONAL_FIELDS, &sp_policy_faults, err);
  if (rc == 0 && !has_default)
    {
      (void)sp_policy_refuse (json, SP_JSON_ROOT, "Default policy is missing", err);
      (void)sp_error_hint (err, "add \"default\": [{\"type\": \"reject\"}]");
      bool is_empty = !sp_json_count (json, SP_JSON_ROOT);
      rc = sp_error_hint_edit (err, "{",
                               is_empty ? "{\n  \"default\": [{\"type\": \"reject\"}]\n"
                                        : "{\n  \"default\": [{\"type\": \"reject\"}],");
    }
  return rc < 0 ? rc : index_scopes (policy, err);
}

int
sp_policy_parse (struct sp_view text, const char *path, struct sp_policy **ret,
                 sigpolicy_error **err)
{
  cleanup_policy struct sp_policy *policy = sp_calloc (1, sizeof *policy, err);
  unsigned char hash[SP_SHA256_BYTES];

  if (!policy)
    return SIGPOLICY_E_NO_MEMORY;
  policy->references = 1;
  policy->default_scope.name = sp_strdup ("", err);
  if (!policy->default_scope.name || (path && !(policy->path = sp_strdup (path, err))))
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_sha256 (text, hash, err);
  if (rc == 0)
    {
      sp_hex (hash, sizeof hash, policy->sha256);
      rc = parse_document (text, policy, err);
    }
  if (rc < 0)
    return path ? sp_error_position (err, path, 0, 0, NULL) : rc;
  *ret = steal (&policy);
  return 0;
}
