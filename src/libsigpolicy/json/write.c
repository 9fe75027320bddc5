/* SPDX-License-Identifier: Apache-2.0 */
#include "json/write.h"

#include "json/json_int.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

#include <json-c/json_object.h>
#include <string.h>

/* Our own documents are flat. */
#define DEPTH_MAX 32

struct sp_json_out
{
  struct json_object *root;
  struct json_object *open[DEPTH_MAX]; /* the root first, the current container last */
  size_t depth;
  bool failed;
  size_t n_nodes, n_bytes; /* what the finished text must read back as, see read_back() */
};

static struct json_object *
new_container (bool array)
{
  return array ? json_object_new_array () : json_object_new_object ();
}

struct sp_json_out *
sp_json_write_new (bool array, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_calloc (1, sizeof *out, err);
  if (!out)
    return NULL;
  out->root = new_container (array);
  if (!out->root)
    {
      (void)sp_error_no_memory (err);
      return NULL;
    }
  out->open[0] = out->root;
  out->depth = 1;
  out->n_nodes = 1;
  return steal (&out);
}

void
sp_json_write_free (struct sp_json_out *root)
{
  if (!root)
    return;
  (void)json_object_put (root->root);
  free (root);
}

/* Takes the value over. A value of NULL is JSON's null. */
static void
add (struct sp_json_out *out, const char *key, struct json_object *value)
{
  struct json_object *container = out->open[out->depth - 1];
  int rc;

  if (json_object_is_type (container, json_type_array))
    {
      assert (!key);
      rc = json_object_array_add (container, value);
    }
  else
    {
      cleanup_buf struct sp_buf clean = SP_BUF (SP_OUTPUT_BYTES_MAX);
      assert (key);
      sp_utf8_sanitize (sp_view_str (key), &clean);
      rc = clean.failed ? -1 : json_object_object_add (container, clean.data, value);
      out->n_nodes++;
      out->n_bytes += clean.len;
    }
  out->n_nodes++;
  if (rc == 0)
    return;
  (void)json_object_put (value);
  out->failed = true;
}

/* The same, where NULL says that there was no memory; length is that of the value's text. */
static void
add_new (struct sp_json_out *out, const char *key, struct json_object *value, size_t length)
{
  if (!value)
    {
      out->failed = true;
      return;
    }
  out->n_bytes += length;
  add (out, key, value);
}

void
sp_json_write_open (struct sp_json_out *out, const char *key, bool array)
{
  if (out->failed)
    return;
  assert (out->depth < DEPTH_MAX);
  struct json_object *container = new_container (array);
  add_new (out, key, container, 0);
  if (!out->failed)
    out->open[out->depth++] = container;
}

void
sp_json_write_close (struct sp_json_out *out)
{
  if (out->failed)
    return;
  assert (out->depth > 1);
  out->depth--;
}

void
sp_json_write_str (struct sp_json_out *out, const char *key, const char *text)
{
  if (text)
    sp_json_write_view (out, key, sp_view_str (text));
  else
    sp_json_write_null (out, key);
}

void
sp_json_write_view (struct sp_json_out *out, const char *key, struct sp_view text)
{
  cleanup_buf struct sp_buf clean = SP_BUF (SP_OUTPUT_BYTES_MAX);
  if (out->failed)
    return;
  sp_utf8_sanitize (text, &clean);
  add_new (out, key, clean.failed ? NULL : json_object_new_string_len (clean.data, (int)clean.len),
           clean.len);
}

void
sp_json_write_int (struct sp_json_out *out, const char *key, int64_t number)
{
  if (out->failed)
    return;
  add_new (out, key, json_object_new_int64 (number),
           (size_t)snprintf (NULL, 0, "%lld", (long long)number));
}

void
sp_json_write_bool (struct sp_json_out *out, const char *key, bool value)
{
  if (!out->failed)
    add_new (out, key, json_object_new_boolean (value), 0);
}

void
sp_json_write_null (struct sp_json_out *out, const char *key)
{
  if (!out->failed)
    add (out, key, NULL);
}

/* What a terminal would obey or what would turn the text around on a screen, and json-c leaves as
 * it is: DEL, the C1 controls, the bidirectional controls. */
static bool
must_be_escaped (unsigned rune)
{
  return (rune >= 0x7f && rune <= 0x9f) || rune == 0x61c || rune == 0x200e || rune == 0x200f
         || (rune >= 0x2028 && rune <= 0x202e) || (rune >= 0x2066 && rune <= 0x2069);
}

/* text is JSON, so what is not ASCII, or is DEL, stands in a string. */
static void
escape (struct sp_view text, struct sp_buf *out)
{
  size_t clean = 0;
  while (clean < text.len)
    {
      unsigned rune = 0;
      int length = sp_utf8_next (sp_view_from (text, clean), &rune);
      size_t step = length > 0 ? (size_t)length : 1;
      if (must_be_escaped (rune))
        {
          sp_buf_add (out, sp_view_head (text, clean));
          sp_buf_printf (out, "\\u%04x", rune);
          text = sp_view_from (text, clean + step);
          clean = 0;
        }
      else
        clean += step;
    }
  sp_buf_add (out, text);
}

/* Nobody gets a text with a hole: json-c leaves out what it has no memory for while it prints. So
 * the text is read again, and all keys and values and all their bytes must be there. */
static int
read_back (const struct sp_json_out *out, struct sp_view text, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *fault = NULL;
  size_t n_bytes = 0;

  if (sp_json_parse (text, DEPTH_MAX, &json, &fault) < 0)
    return sp_error_no_memory (err);
  for (sp_json_node node = 0; node < json->n_entries; node++)
    if (sp_json_type_of (json, node) == SP_JSON_NUMBER)
      n_bytes += sp_json_source (json, node).len;
    else
      n_bytes += sp_json_string (json, node).len;
  return json->n_entries == out->n_nodes && n_bytes == out->n_bytes ? 0 : sp_error_no_memory (err);
}

char *
sp_json_write_text (struct sp_json_out *root, enum sp_json_layout layout, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  int flags = JSON_C_TO_STRING_NOSLASHESCAPE
              | (layout == SP_JSON_INDENTED ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
                                            : JSON_C_TO_STRING_PLAIN);
  size_t length = 0;
  const char *text
      = root->failed ? NULL : json_object_to_json_string_length (root->root, flags, &length);
  if (!text)
    {
      (void)sp_error_no_memory (err);
      return NULL;
    }
  escape (sp_view_n (text, length), &out);
  sp_buf_byte (&out, '\n');
  if (sp_buf_check (&out, err) < 0 || read_back (root, sp_buf_view (&out), err) < 0)
    return NULL;
  return sp_buf_steal (&out, err);
}
