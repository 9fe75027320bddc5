/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* The JSON Canonicalization Scheme, RFC 8785, from the text of a document. */

static int
refuse (const struct sp_json *json, sp_json_node node, sigpolicy_error **err, const char *text)
{
  return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE, "%s",
                        text);
}

static void
put_byte (unsigned char byte, struct sp_buf *out)
{
  static const char letters[] = "btn?fr";

  if (byte == '"' || byte == '\\')
    sp_buf_printf (out, "\\%c", byte);
  else if (byte >= 0x20)
    sp_buf_byte (out, (char)byte);
  else if (byte >= '\b' && byte <= '\r' && byte != '\v')
    sp_buf_printf (out, "\\%c", letters[byte - '\b']);
  else
    sp_buf_printf (out, "\\u%04x", byte);
}

/* The escape at the start of text; its length in *ret_length. A surrogate needs another escape
 * behind it, and a pair that is none becomes U+FFFD; but not in a key, which is compared with
 * others as it was decoded. */
static bool
put_escape (struct sp_view text, bool key, struct sp_buf *out, size_t *ret_length)
{
  static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
  const char *name = strchr (names, text.data[1]);

  *ret_length = 2;
  if (text.data[1] != 'u')
    {
      put_byte (name ? (unsigned char)values[name - names] : (unsigned char)text.data[1], out);
      return true;
    }
  int unit = sp_json_hex4 (sp_view_from (text, 2));
  *ret_length = 6;
  if (unit < 0xd800 || unit >= 0xe000)
    {
      if (unit < 0x80)
        put_byte ((unsigned char)unit, out);
      else
        sp_utf8_put ((unsigned)unit, out);
      return true;
    }
  if (text.len < 12 || text.data[6] != '\\' || text.data[7] != 'u')
    return false;
  int low = sp_json_hex4 (sp_view_from (text, 8));
  *ret_length = 12;
  bool pair = unit < 0xdc00 && low >= 0xdc00 && low < 0xe000;
  sp_utf8_put (pair ? 0x10000U + ((unsigned)(unit - 0xd800) << 10) + (unsigned)(low - 0xdc00)
                    : 0xfffdU,
               out);
  return pair || !key;
}

/* From the text and not from what was decoded: bytes that are no UTF-8 stay as they are. */
static int
put_string (const struct sp_json *json, sp_json_node node, bool key, struct sp_buf *out,
            sigpolicy_error **err)
{
  struct sp_view text = sp_json_source (json, node);

  text = sp_view_head (sp_view_from (text, 1), text.len - 2);
  sp_buf_byte (out, '"');
  while (text.len)
    {
      size_t length = 1;
      if (text.data[0] != '\\')
        put_byte ((unsigned char)text.data[0], out);
      else if (!put_escape (text, key, out, &length))
        return refuse (json, node, err, "Missing surrogate");
      text = sp_view_from (text, length);
    }
  sp_buf_byte (out, '"');
  return 0;
}

struct member
{
  struct sp_view key;
  sp_json_node key_node, value;
};

/* The next UTF-16 code unit of a name as its sort key: above the surrogates of a character beyond
 * U+FFFF come U+E000 to U+FFFF. */
static unsigned
take_sort_key (struct sp_view *text)
{
  unsigned rune = 0xfffd;
  int length = sp_utf8_next (*text, &rune);
  *text = sp_view_from (*text, length > 0 ? (size_t)length : 1);
  return rune < 0xe000 ? rune : rune < 0x10000 ? rune + 0x200000 : rune;
}

static int
compare_members (const void *left, const void *right)
{
  struct sp_view a = ((const struct member *)left)->key, b = ((const struct member *)right)->key;
  while (a.len && b.len)
    {
      unsigned x = take_sort_key (&a), y = take_sort_key (&b);
      if (x != y)
        return x < y ? -1 : 1;
    }
  return (a.len > 0) - (b.len > 0);
}

static int put_value (const struct sp_json *json, sp_json_node node, unsigned depth,
                      struct sp_buf *out, sigpolicy_error **err);

static int
put_object (const struct sp_json *json, sp_json_node node, unsigned depth, struct sp_buf *out,
            sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, node);
  size_t count = sp_json_count (json, node), i = 0;
  cleanup_free struct member *members = sp_calloc (count, sizeof *members, err);

  if (!members)
    return SIGPOLICY_E_NO_MEMORY;
  while (sp_json_next (&it))
    members[i++] = (struct member){ it.key, it.key_node, it.value };
  qsort (members, count, sizeof *members, compare_members);
  sp_buf_byte (out, '{');
  for (i = 0; i < count; i++)
    {
      if (i && sp_view_equal (members[i - 1].key, members[i].key))
        {
          cleanup_free char *key = sp_escape_dup (members[i].key, err);
          return key ? sp_json_error (json, members[i].key_node, err, SIGPOLICY_E_REJECTED,
                                      SIGPOLICY_REASON_BAD_SIGNATURE, "Duplicate key: %s", key)
                     : SIGPOLICY_E_NO_MEMORY;
        }
      sp_buf_str (out, i ? "," : "");
      int rc = put_string (json, members[i].key_node, true, out, err);
      sp_buf_byte (out, ':');
      if (rc == 0)
        rc = put_value (json, members[i].value, depth + 1, out, err);
      if (rc < 0)
        return rc;
    }
  sp_buf_byte (out, '}');
  return 0;
}

static int
put_array (const struct sp_json *json, sp_json_node node, unsigned depth, struct sp_buf *out,
           sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, node);
  sp_buf_byte (out, '[');
  while (sp_json_next (&it))
    {
      sp_buf_str (out, it.index ? "," : "");
      int rc = put_value (json, it.value, depth + 1, out, err);
      if (rc < 0)
        return rc;
    }
  sp_buf_byte (out, ']');
  return 0;
}

/* Calls itself, as deep as SP_JSON_CANONICAL_DEPTH_MAX. */
static int
put_value (const struct sp_json *json, sp_json_node node, unsigned depth, struct sp_buf *out,
           sigpolicy_error **err)
{
  char text[SP_JSON_NUMBER_TEXT_SIZE];
  double number;

  if (depth > SP_JSON_CANONICAL_DEPTH_MAX)
    return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "exceeded max depth");
  switch (sp_json_type_of (json, node))
    {
    case SP_JSON_NULL:
    case SP_JSON_FALSE:
    case SP_JSON_TRUE:
      sp_buf_add (out, sp_json_source (json, node));
      return 0;
    case SP_JSON_NUMBER:
      if (!sp_json_double (json, node, &number))
        return refuse (json, node, err, "number out of range");
      sp_json_number_ecma (number, text);
      sp_buf_str (out, text);
      return 0;
    case SP_JSON_STRING:
      return put_string (json, node, false, out, err);
    case SP_JSON_ARRAY:
      return put_array (json, node, depth, out, err);
    case SP_JSON_OBJECT:
      return put_object (json, node, depth, out, err);
    }
  return refuse (json, node, err, "an unknown value");
}

int
sp_json_canonical (const struct sp_json *json, sp_json_node node, struct sp_buf *out,
                   sigpolicy_error **err)
{
  struct sp_view source = sp_json_source (json, node);
  enum sp_json_type type = sp_json_type_of (json, node);

  if (type != SP_JSON_OBJECT && type != SP_JSON_ARRAY)
    return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                          "Expected '{' but got '%c'", source.data[0]);
  int rc = put_value (json, node, 1, out, err);
  return rc < 0 ? rc : sp_buf_check (out, err);
}
