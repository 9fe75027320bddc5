/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_JSON_JSON_INT_H
#define SP_JSON_JSON_INT_H

#include "json/json.h"

#include <assert.h>

/*
 * One value or one key. Nodes stand in document order: a container is followed by everything in it,
 * a key by its value. So a subtree is a range of nodes, and what is deeper has a higher index.
 */
struct sp_json_entry
{
  uint32_t start, end; /* of the source text, with the quotes of a string */
  union
  {
    struct /* arrays and objects */
    {
      uint32_t next;  /* the first node behind the subtree; of a container still open, its parent */
      uint32_t count; /* elements or members */
    };
    struct /* strings whose content is not their source text */
    {
      uint32_t offset, length; /* in decoded */
    };
  };
  uint8_t type;    /* enum sp_json_type */
  uint8_t decoded; /* strings: look in decoded, not in the text */
};

/* Line number and start of the line at each multiple of SP_JSON_LINE_STEP bytes. */
struct sp_json_line
{
  uint32_t line, start;
};
#define SP_JSON_LINE_STEP 1024U

/* Nothing changes once sp_json_parse() has returned. */
struct sp_json
{
  struct sp_view text;
  struct sp_json_entry *entries;
  size_t n_entries, capacity;
  struct sp_buf decoded;
  struct sp_json_line *lines;
};

static inline const struct sp_json_entry *
sp_json_entry (const struct sp_json *json, sp_json_node node)
{
  assert (node < json->n_entries);
  return &json->entries[node];
}

static inline bool
sp_json_is_container (const struct sp_json_entry *entry)
{
  return entry->type == SP_JSON_ARRAY || entry->type == SP_JSON_OBJECT;
}

/* The node behind a node and all that is in it. */
static inline sp_json_node
sp_json_behind (const struct sp_json *json, sp_json_node node)
{
  const struct sp_json_entry *entry = sp_json_entry (json, node);
  return sp_json_is_container (entry) ? entry->next : node + 1;
}

/* --- string.c: from quoted text to bytes --- */

/* The first byte at or behind at that is no ordinary ASCII character of a string: a quote, a
 * backslash, a control character, a byte above 0x7f; or the end. */
size_t sp_json_skip_plain (struct sp_view text, size_t at);

/* The value of four hex digits, or -1. */
int sp_json_hex4 (struct sp_view text);

/* Append the content of a string whose escapes were found to be correct. */
void sp_json_unescape (struct sp_view content, struct sp_buf *out);

/* --- fault.c: what a syntax error is called, and what is to be done about it --- */

int sp_json_unexpected_end (struct sp_view text, sigpolicy_error **err);
int sp_json_invalid_character (struct sp_view text, size_t at, const char *where,
                               sigpolicy_error **err);
int sp_json_invalid_escape (struct sp_view text, size_t at, sigpolicy_error **err);

/* --- position.c --- */

int sp_json_index_lines (struct sp_json *json, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Line and column of an offset, while there is no index; the same added to an error, whose code is
 * returned. */
void sp_json_position_of_offset (struct sp_view text, size_t at, unsigned *ret_line,
                                 unsigned *ret_column);
int sp_json_error_at_offset (struct sp_view text, size_t at, sigpolicy_error **err);

/* One more step of a path: a member, or an element. */
void sp_json_path_key (struct sp_view key, struct sp_buf *path);
void sp_json_path_index (size_t index, struct sp_buf *path);

/* --- duplicate.c --- */

struct sp_json_sorted_key
{
  struct sp_view text;
  sp_json_node node;
};

/* The keys of an object, equal ones side by side in document order. *ret_keys is to free(). */
int sp_json_sort_keys (const struct sp_json *json, sp_json_node object,
                       struct sp_json_sorted_key **ret_keys, size_t *ret_count,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- number.c --- */

/* A double as short as it can be written, in the notation of established messages: 1000, 1e+06,
 * -0. */
#define SP_JSON_NUMBER_TEXT_SIZE 64
void sp_json_number_text (double number, char out[SP_JSON_NUMBER_TEXT_SIZE]);

/* The same as ECMAScript writes it: 1000000, 1e+21, 0. */
void sp_json_number_ecma (double number, char out[SP_JSON_NUMBER_TEXT_SIZE]);

#endif
