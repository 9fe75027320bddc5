/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/codec.h"

/* An element of a byte array: decimal digits without a sign, 0 to 255; null is 0. */
static int
read_byte (const struct sp_json *json, sp_json_node node, char *ret, sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);
  int64_t number = 0;
  if (type == SP_JSON_NUMBER
      && (sp_json_source (json, node).data[0] == '-' || !sp_json_int64 (json, node, &number)
          || number > 255))
    return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                          "expected a byte, a whole number from 0 to 255");
  if (type != SP_JSON_NUMBER && type != SP_JSON_NULL)
    return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                          "expected a byte, a whole number from 0 to 255, found %s",
                          sp_json_type_words (type));
  *ret = (char)(unsigned char)number;
  return 0;
}

static int
read_array (const struct sp_json *json, sp_json_node node, struct sp_buf *out,
            sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, node);
  while (sp_json_next (&it))
    {
      char byte = 0;
      int rc = read_byte (json, it.value, &byte, err);
      if (rc < 0)
        return rc;
      sp_buf_byte (out, byte);
    }
  return sp_buf_check (out, err);
}

int
sp_json_bytes (const struct sp_json *json, sp_json_node node, struct sp_buf *out,
               sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);

  if (type == SP_JSON_ARRAY)
    return read_array (json, node, out, err);
  if (type != SP_JSON_STRING)
    return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                          "expected a string with base64, found %s", sp_json_type_words (type));
  int rc = sp_base64_decode (sp_json_string (json, node), out, err);
  return rc < 0 ? sp_json_error_at (json, node, err) : 0;
}
