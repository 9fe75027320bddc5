/* SPDX-License-Identifier: Apache-2.0 */
#include "json/proto.h"

#include "util/codec.h"

const struct sp_json_faults sp_proto_faults
    = { SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE };

static int
fault (const struct sp_json *json, sp_json_node value, const char *wanted, sigpolicy_error **err)
{
  return sp_json_error (json, value, err, sp_proto_faults.code, sp_proto_faults.reason,
                        "expected %s, found %s", wanted,
                        sp_json_type_words (sp_json_type_of (json, value)));
}

int
sp_proto_fault (const struct sp_json *json, sp_json_node node, const char *text,
                sigpolicy_error **err)
{
  return sp_json_error (json, node, err, sp_proto_faults.code, sp_proto_faults.reason, "%s", text);
}

int
sp_proto_decode (const struct sp_json *json, sp_json_node node, const struct sp_json_field *fields,
                 size_t n_fields, sigpolicy_error **err)
{
  return sp_json_decode (json, node, fields, n_fields, SP_JSON_OPTIONAL_FIELDS, &sp_proto_faults,
                         err);
}

bool
sp_proto_has (const struct sp_json *json, sp_json_node node)
{
  return node != SP_JSON_ROOT && sp_json_type_of (json, node) != SP_JSON_NULL;
}

int
sp_proto_text (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  if (!sp_proto_has (json, value))
    return 0;
  if (sp_json_type_of (json, value) != SP_JSON_STRING)
    return fault (json, value, "a string", err);
  *(struct sp_view *)out = sp_json_string (json, value);
  return 0;
}

int
sp_proto_bytes (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  struct sp_buf *bytes = out;
  struct sp_view text = sp_json_string (json, value);
  cleanup_buf struct sp_buf again = SP_BUF (text.len + 1);

  if (!sp_proto_has (json, value))
    return 0;
  if (sp_json_type_of (json, value) != SP_JSON_STRING)
    return fault (json, value, "a string with base64", err);
  if (sp_base64_decode (text, bytes, err) < 0)
    return sp_json_error_at (json, value, err);
  sp_base64_encode (sp_buf_view (bytes), &again);
  if (again.failed == SP_BUF_NO_MEMORY)
    return sp_buf_check (&again, err);
  if (again.failed || !sp_view_equal (sp_buf_view (&again), text))
    return sp_json_error (json, value, err, sp_proto_faults.code, sp_proto_faults.reason,
                          "base64 that is not canonical");
  return 0;
}

/* The digits of a number without leading zeros. */
static bool
is_decimal (struct sp_view text)
{
  bool negative = text.len && text.data[0] == '-';
  struct sp_view digits = sp_view_from (text, negative);
  for (size_t i = 0; i < digits.len; i++)
    if (digits.data[i] < '0' || digits.data[i] > '9')
      return false;
  return digits.len > 0 && digits.len < 20
         && (digits.data[0] != '0' || (digits.len == 1 && !negative));
}

int
sp_proto_int64 (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, value);
  struct sp_view text
      = type == SP_JSON_STRING ? sp_json_string (json, value) : sp_json_source (json, value);
  uint64_t number = 0;

  if (!sp_proto_has (json, value))
    return 0;
  if ((type != SP_JSON_STRING && type != SP_JSON_NUMBER) || !is_decimal (text))
    return fault (json, value, "a whole number in decimal digits", err);
  bool negative = text.data[0] == '-';
  for (size_t i = negative; i < text.len; i++)
    number = number * 10 + (uint64_t)(text.data[i] - '0');
  if (number > (uint64_t)INT64_MAX)
    return fault (json, value, "a number of 63 bits", err);
  *(int64_t *)out = negative ? -(int64_t)number : (int64_t)number;
  return 0;
}

int
sp_proto_list (const struct sp_json *json, sp_json_node node, size_t max, const char *what,
               size_t *ret, sigpolicy_error **err)
{
  *ret = 0;
  if (!sp_proto_has (json, node))
    return 0;
  if (sp_json_type_of (json, node) != SP_JSON_ARRAY)
    return fault (json, node, "an array", err);
  *ret = sp_json_count (json, node);
  return *ret <= max ? 0
                     : sp_json_error (json, node, err, sp_proto_faults.code, SIGPOLICY_REASON_LIMIT,
                                      "more than %zu %s", max, what);
}
