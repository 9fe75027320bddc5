/* SPDX-License-Identifier: Apache-2.0 */
#include "json/decode.h"

#include "json/json_int.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* One bit for each field that was seen. */
#define FIELDS_MAX 64

/* The first token of what stands there instead of an object, as the established message has it. */
static int
not_an_object (const struct sp_json *json, sp_json_node node, const struct sp_json_faults *faults,
               sigpolicy_error **err)
{
  cleanup_free char *quoted = NULL;
  char number[SP_JSON_NUMBER_TEXT_SIZE];
  const char *token = NULL;
  double value;

  switch (sp_json_type_of (json, node))
    {
    case SP_JSON_NULL:
      token = "<nil>";
      break;
    case SP_JSON_FALSE:
      token = "false";
      break;
    case SP_JSON_TRUE:
      token = "true";
      break;
    case SP_JSON_ARRAY:
      token = "91"; /* the bracket, as a number */
      break;
    case SP_JSON_NUMBER:
      if (sp_json_double (json, node, &value))
        {
          sp_json_number_text (value, number);
          token = number;
        }
      else
        token = "a number out of range";
      break;
    case SP_JSON_STRING:
    case SP_JSON_OBJECT:
      token = quoted = sp_quote_dup (sp_json_string (json, node), err);
      if (!quoted)
        return SIGPOLICY_E_NO_MEMORY;
      break;
    }
  return sp_json_error (json, node, err, faults->code, faults->reason,
                        "JSON object expected, got %s", token);
}

static int
duplicate_key (const struct sp_json_iter *it, const struct sp_json_faults *faults,
               sigpolicy_error **err)
{
  cleanup_free char *quoted = sp_quote_dup (it->key, err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  return sp_json_error (it->json, it->key_node, err, faults->code, faults->reason,
                        "Duplicate key %s", quoted);
}

int
sp_json_hint_word (const struct sp_json *json, sp_json_node node, const char *word,
                   sigpolicy_error **err)
{
  cleanup_free char *old = sp_view_dup (sp_json_source (json, node), err);
  cleanup_free char *quoted = old ? sp_asprintf (err, "\"%s\"", word) : NULL;
  unsigned line, column;

  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  sp_json_position (json, node, &line, &column);
  return sp_error_hint_edit_at (err, NULL, line, column, old, quoted);
}

/* The name that a key ends with, whatever its author put in front: "caData" of "fulcioCAData". */
static const char *
end_of (struct sp_view key, const char *const *names, size_t n_names)
{
  for (size_t i = 0; i < n_names; i++)
    {
      size_t len = strlen (names[i]);
      if (len > 4 && key.len > len && strncasecmp (key.data + key.len - len, names[i], len) == 0)
        return names[i];
    }
  return NULL;
}

static int
list_fields (const char *const *names, size_t n_names, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf list = SP_BUF (SP_SHOWN_BYTES_MAX);
  for (size_t i = 0; i < n_names; i++)
    sp_buf_printf (&list, "%s%s", i == 0 ? "" : i + 1 == n_names ? " and " : ", ", names[i]);
  return sp_error_hint (err, "the keys here are %s", list.data);
}

static int
unknown_key (const struct sp_json_iter *it, const struct sp_json_field *fields, size_t n_fields,
             const struct sp_json_faults *faults, sigpolicy_error **err)
{
  const char *names[FIELDS_MAX];
  cleanup_free char *quoted = sp_quote_dup (it->key, err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_json_error (it->json, it->key_node, err, faults->code, faults->reason,
                          "Unknown key %s", quoted);
  for (size_t i = 0; i < n_fields; i++)
    names[i] = fields[i].name;
  const char *near = sp_json_nearest (it->key, names, n_fields);
  if (!near)
    near = end_of (it->key, names, n_fields);
  if (!near)
    return n_fields ? list_fields (names, n_fields, err) : rc;
  (void)sp_error_hint (err, "did you mean \"%s\"?", near);
  return sp_json_hint_word (it->json, it->key_node, near, err);
}

int
sp_json_decode (const struct sp_json *json, sp_json_node object, const struct sp_json_field *fields,
                size_t n_fields, enum sp_json_exactness exactness,
                const struct sp_json_faults *faults, sigpolicy_error **err)
{
  uint64_t seen = 0;

  assert (n_fields <= FIELDS_MAX);
  struct sp_json_iter it = sp_json_iter (json, object);
  if (!it.object)
    return not_an_object (json, object, faults, err);
  while (sp_json_next (&it))
    {
      size_t i = 0;
      while (i < n_fields && !sp_view_is (it.key, fields[i].name))
        i++;
      if (i == n_fields)
        return unknown_key (&it, fields, n_fields, faults, err);
      if (seen >> i & 1)
        return duplicate_key (&it, faults, err);
      seen |= UINT64_C (1) << i;
      if (fields[i].present)
        *fields[i].present = true;
      if (fields[i].node)
        *fields[i].node = it.value;
      int rc = fields[i].read ? fields[i].read (json, it.value, fields[i].out, err) : 0;
      if (rc < 0)
        return rc;
    }
  for (size_t i = 0; exactness == SP_JSON_EXACT && i < n_fields; i++)
    if (!(seen >> i & 1))
      return sp_json_error (json, object, err, faults->code, faults->reason,
                            "Key \"%s\" missing in a JSON object", fields[i].name);
  return 0;
}
