/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a JSON document. What is refused says where; of what is accepted, every value lies
 * within the text and within its container, counts agree with walks, strings are UTF-8, places are
 * places of the text, and the search for a duplicate finds what a simple one finds.
 */
#include "fuzz.h"

#include "json/decode.h"
#include "json/json.h"
#include "util/codec.h"

#define DEPTH_MAX 64

static void
check_utf8 (struct sp_view text)
{
  unsigned rune;
  while (text.len)
    {
      int length = sp_utf8_next (text, &rune);
      require (length > 0);
      text = sp_view_from (text, (size_t)length);
    }
}

static void
check_place (const struct sp_json *json, struct sp_view text, sp_json_node node)
{
  size_t at = (size_t)(sp_json_source (json, node).data - text.data);
  unsigned line, column, lines = 1;
  sp_json_position (json, node, &line, &column);
  require (line >= 1 && column >= 1 && column - 1 <= at);
  for (size_t i = 0; i < at; i++)
    lines += text.data[i] == '\n';
  require (line == lines);
  require (column - 1 == at || text.data[at - column] == '\n');
}

static void
check_value (const struct sp_json *json, struct sp_view text, struct sp_view container,
             sp_json_node node)
{
  struct sp_view source = sp_json_source (json, node);
  enum sp_json_type type = sp_json_type_of (json, node);
  double number;
  int64_t integer;

  require (source.len > 0 && source.data >= container.data
           && source.data + source.len <= container.data + container.len);
  check_utf8 (sp_json_string (json, node));
  require (type == SP_JSON_STRING || sp_json_string (json, node).len == 0);
  require (type == SP_JSON_ARRAY || type == SP_JSON_OBJECT || sp_json_count (json, node) == 0);
  bool fits = sp_json_double (json, node, &number);
  require (type == SP_JSON_NUMBER || !fits);
  if (type == SP_JSON_NUMBER)
    require (sp_json_has_huge_number (json, node) == !fits);
  if (sp_json_int64 (json, node, &integer))
    require (fits && (double)integer == number);
  if (text.len < 4096)
    check_place (json, text, node);
}

/* The first key of a small object that repeats an earlier one, or 0. */
static sp_json_node
simple_search (const struct sp_json *json, sp_json_node object)
{
  struct sp_json_iter it = sp_json_iter (json, object);
  while (sp_json_next (&it))
    {
      struct sp_json_iter earlier = sp_json_iter (json, object);
      while (sp_json_next (&earlier) && earlier.index < it.index)
        if (sp_view_equal (earlier.key, it.key))
          return it.key_node;
    }
  return 0;
}

static void
check_duplicates (const struct sp_json *json, sp_json_node node)
{
  sigpolicy_error *err = NULL;
  sp_json_node second = 0;
  bool found = false;
  require (sp_json_find_duplicate (json, node, &found, &second, &err) == 0);
  if (sp_json_type_of (json, node) != SP_JSON_OBJECT)
    require (!found);
  else if (sp_json_count (json, node) < 50)
    require (simple_search (json, node) == (found ? second : 0));
}

/* Errors can be set for every value, and strict decoding of it fails or not, but returns. */
static void
check_errors (const struct sp_json *json, sp_json_node node)
{
  static const struct sp_json_faults faults = { SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR };
  static const struct sp_json_field fields[]
      = { { "type", NULL, NULL, NULL, NULL }, { "keyPath", NULL, NULL, NULL, NULL } };
  struct sp_buf bytes = SP_BUF (1 << 20);
  sigpolicy_error *err = NULL;

  require (sp_json_error (json, node, &err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "x")
           == SIGPOLICY_E_CONFIG);
  check_utf8 (sp_view_str (sigpolicy_error_text (err)));
  sp_error_clear (&err);
  if (sp_json_decode (json, node, fields, 2, SP_JSON_EXACT, &faults, &err) < 0)
    check_utf8 (sp_view_str (sigpolicy_error_text (err)));
  sp_error_clear (&err);
  (void)!sp_json_bytes (json, node, &bytes, &err);
  sp_error_clear (&err);
  sp_buf_clear (&bytes);
}

static void
walk (const struct sp_json *json, struct sp_view text)
{
  struct sp_json_iter walks[DEPTH_MAX + 1];
  struct sp_view sources[DEPTH_MAX + 1];
  sp_json_node nodes[DEPTH_MAX + 1];
  size_t depth = 0, n_nodes = 0;

  check_value (json, text, text, SP_JSON_ROOT);
  nodes[0] = SP_JSON_ROOT;
  sources[0] = sp_json_source (json, SP_JSON_ROOT);
  walks[0] = sp_json_iter (json, SP_JSON_ROOT);
  for (;;)
    {
      struct sp_json_iter *it = &walks[depth];
      if (!sp_json_next (it))
        {
          size_t seen = it->index + 1;
          require (seen == sp_json_count (json, nodes[depth]));
          if (depth-- == 0)
            break;
          continue;
        }
      check_utf8 (it->key);
      check_value (json, text, sources[depth], it->value);
      if (n_nodes++ < 200)
        {
          check_errors (json, it->value);
          check_errors (json, it->key_node);
          check_duplicates (json, it->value);
        }
      if (sp_json_count (json, it->value))
        {
          depth++;
          require (depth <= DEPTH_MAX);
          nodes[depth] = it->value;
          sources[depth] = sp_json_source (json, it->value);
          walks[depth] = sp_json_iter (json, it->value);
        }
    }
  check_duplicates (json, SP_JSON_ROOT);
  check_errors (json, SP_JSON_ROOT);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = { (const char *)data, size };
  struct sp_json *json = NULL;
  sigpolicy_error *err = NULL;

  if (sp_json_parse (text, DEPTH_MAX, &json, &err) == 0)
    walk (json, text);
  else
    {
      require (!json && sigpolicy_error_line (err) >= 1);
      require (sigpolicy_error_column (err) >= 1 && sigpolicy_error_column (err) <= size + 1);
      check_utf8 (sp_view_str (sigpolicy_error_text (err)));
    }
  sp_error_clear (&err);
  sp_json_free (json);
  return 0;
}
