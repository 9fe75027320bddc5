/* SPDX-License-Identifier: Apache-2.0 */
#include "json/write.h"

#include "json/json_int.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

#include <json-c/json_object.h>
#include <json-c/json_tokener.h>

/* Our own documents are flat; json-c reads 31. */
#define DEPTH_MAX 30

struct sp_json_out
{
  struct sp_buf text;                        /* the document in one line, as far as it has come */
  bool arrays[DEPTH_MAX], filled[DEPTH_MAX]; /* the root first, the current container last */
  size_t depth;
};

static void
open_container (struct sp_json_out *out, bool array)
{
  assert (out->depth < DEPTH_MAX);
  sp_buf_byte (&out->text, array ? '[' : '{');
  out->arrays[out->depth] = array;
  out->filled[out->depth++] = false;
}

static void
close_container (struct sp_json_out *out)
{
  sp_buf_byte (&out->text, out->arrays[--out->depth] ? ']' : '}');
}

struct sp_json_out *
sp_json_write_new (bool array, sigpolicy_error **err)
{
  struct sp_json_out *out = sp_calloc (1, sizeof *out, err);
  if (!out)
    return NULL;
  out->text = (struct sp_buf)SP_BUF (SP_OUTPUT_BYTES_MAX);
  open_container (out, array);
  return out;
}

void
sp_json_write_free (struct sp_json_out *root)
{
  if (!root)
    return;
  sp_buf_clear (&root->text);
  free (root);
}

/* --- strings ---------------------------------------------------------------------------------- */

/* What a terminal would obey or what would turn the text around on a screen: DEL, the C1 controls,
 * the bidirectional controls. */
static bool
must_be_escaped (unsigned rune)
{
  return (rune >= 0x7f && rune <= 0x9f) || rune == 0x61c || rune == 0x200e || rune == 0x200f
         || (rune >= 0x2028 && rune <= 0x202e) || (rune >= 0x2066 && rune <= 0x2069);
}

static void
put_rune (unsigned rune, struct sp_buf *out)
{
  static const char letters[] = "btnvfr"; /* from U+0008; JSON has no \v */
  char escaped[] = { '\\', (char)rune };

  if (rune >= '\b' && rune <= '\r' && rune != '\v')
    escaped[1] = letters[rune - '\b'];
  else if (rune < ' ' || must_be_escaped (rune))
    {
      sp_buf_printf (out, "\\u%04x", rune);
      return;
    }
  else if (rune != '"' && rune != '\\')
    {
      sp_utf8_put (rune, out);
      return;
    }
  sp_buf_add (out, sp_view_n (escaped, sizeof escaped));
}

static bool
is_plain (char byte)
{
  return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

void
sp_json_write_string (struct sp_view text, struct sp_buf *out)
{
  sp_buf_byte (out, '"');
  while (text.len)
    {
      size_t plain = 0;
      while (plain < text.len && is_plain (text.data[plain]))
        plain++;
      sp_buf_add (out, sp_view_head (text, plain));
      text = sp_view_from (text, plain);
      if (!text.len)
        break;
      unsigned rune = 0;
      int length = sp_utf8_next (text, &rune);
      put_rune (length > 0 ? rune : 0xfffd, out);
      text = sp_view_from (text, length > 0 ? (size_t)length : 1);
    }
  sp_buf_byte (out, '"');
}

/* --- values ----------------------------------------------------------------------------------- */

/* What stands before a value. */
static void
begin (struct sp_json_out *out, const char *key)
{
  size_t current = out->depth - 1;

  if (out->filled[current])
    sp_buf_byte (&out->text, ',');
  out->filled[current] = true;
  assert (out->arrays[current] == !key);
  if (!key)
    return;
  sp_json_write_string (sp_view_str (key), &out->text);
  sp_buf_byte (&out->text, ':');
}

void
sp_json_write_open (struct sp_json_out *out, const char *key, bool array)
{
  begin (out, key);
  open_container (out, array);
}

void
sp_json_write_close (struct sp_json_out *out)
{
  assert (out->depth > 1);
  close_container (out);
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
  begin (out, key);
  sp_json_write_string (text, &out->text);
}

void
sp_json_write_int (struct sp_json_out *out, const char *key, int64_t number)
{
  begin (out, key);
  sp_buf_printf (&out->text, "%lld", (long long)number);
}

void
sp_json_write_bool (struct sp_json_out *out, const char *key, bool value)
{
  begin (out, key);
  sp_buf_str (&out->text, value ? "true" : "false");
}

void
sp_json_write_null (struct sp_json_out *out, const char *key)
{
  begin (out, key);
  sp_buf_str (&out->text, "null");
}

/* --- the document ----------------------------------------------------------------------------- */

/* json-c leaves these as they are. text is JSON, so what is not ASCII, or is DEL, stands in a
 * string. */
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
          put_rune (rune, out);
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
count (struct sp_view text, size_t *ret_nodes, size_t *ret_bytes, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *fault = NULL;

  if (sp_json_parse (text, DEPTH_MAX, &json, &fault) < 0)
    return sp_error_no_memory (err);
  *ret_nodes = json->n_entries;
  *ret_bytes = 0;
  for (sp_json_node node = 0; node < json->n_entries; node++)
    *ret_bytes += sp_json_type_of (json, node) == SP_JSON_NUMBER ? sp_json_source (json, node).len
                                                                 : sp_json_string (json, node).len;
  return 0;
}

static int
print (struct json_object *tree, struct sp_buf *out, sigpolicy_error **err)
{
  const int flags
      = JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
  size_t length = 0;
  const char *text = tree ? json_object_to_json_string_length (tree, flags, &length) : NULL;

  if (!text)
    return sp_error_no_memory (err);
  escape (sp_view_n (text, length), out);
  return sp_buf_check (out, err);
}

/* Lays the one line out, through json-c; twice, since white space may be left out, too. */
static int
indent (struct sp_view line, struct sp_buf *out, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf again = SP_BUF (SP_OUTPUT_BYTES_MAX);
  struct json_object *tree = json_tokener_parse (line.data);
  size_t n_nodes = 0, n_bytes = 0, n_nodes_out = 0, n_bytes_out = 0;

  int rc = print (tree, out, err);
  if (rc == 0)
    rc = print (tree, &again, err);
  (void)json_object_put (tree);
  if (rc == 0)
    rc = count (line, &n_nodes, &n_bytes, err);
  if (rc == 0)
    rc = count (sp_buf_view (out), &n_nodes_out, &n_bytes_out, err);
  if (rc < 0)
    return rc;
  return n_nodes == n_nodes_out && n_bytes == n_bytes_out
                 && sp_view_equal (sp_buf_view (out), sp_buf_view (&again))
             ? 0
             : sp_error_no_memory (err);
}

char *
sp_json_write_text (struct sp_json_out *root, enum sp_json_layout layout, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  assert (root->depth == 1);
  close_container (root);
  if (sp_buf_check (&root->text, err) < 0)
    return NULL;
  if (layout == SP_JSON_ONE_LINE)
    {
      sp_buf_byte (&root->text, '\n');
      return sp_buf_steal (&root->text, err);
    }
  if (indent (sp_buf_view (&root->text), &out, err) < 0)
    return NULL;
  sp_buf_byte (&out, '\n');
  return sp_buf_steal (&out, err);
}
