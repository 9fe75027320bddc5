/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_TOML_TOML_INT_H
#define SP_TOML_TOML_INT_H

#include "toml/toml.h"
#include "util/buf.h"

/* How a node came to be decides what may still be added to it. */
enum sp_toml_origin
{
  SP_TOML_WRITTEN, /* a value behind a key or in an array: it is complete */
  SP_TOML_IMPLIED, /* a table that a header passed through: may get a header of its own */
  SP_TOML_DOTTED,  /* a table that dotted keys passed through: complete when its section ends */
  SP_TOML_OPENED,  /* a table with a header, an array of such tables, an element of one */
};

struct sp_toml_item
{
  struct sp_toml_node node;
  enum sp_toml_origin origin;
  unsigned section; /* of a dotted table */
  uint32_t number;  /* of a node among all, to search by */
  struct sp_toml_item *parent, *last_child;
  struct sp_toml_item *made_before;
  char *key_memory, *text_memory;
};

struct sp_toml
{
  struct sp_toml_item *root;
  struct sp_toml_item *newest; /* of all, each with the one made before it */
  void *index;                 /* what has a key: tree of search.h by parent and key */
  uint32_t n_items;
};

/* A cursor over text that is known to be UTF-8 without control characters, so that a NUL means the
 * end. */
struct sp_toml_reader
{
  struct sp_toml *toml;
  struct sp_view text;
  size_t at, line_start;
  unsigned line;
  unsigned depth;   /* of arrays and inline tables that are open */
  unsigned section; /* how many headers were read */
};

static inline char
sp_toml_byte (const struct sp_toml_reader *reader)
{
  return reader->at < reader->text.len ? reader->text.data[reader->at] : '\0';
}

static inline struct sp_view
sp_toml_rest (const struct sp_toml_reader *reader)
{
  return sp_view_from (reader->text, reader->at);
}

static inline bool
sp_toml_starts (const struct sp_toml_reader *reader, const char *text)
{
  return sp_view_starts (sp_toml_rest (reader), sp_view_str (text));
}

static inline unsigned
sp_toml_column (const struct sp_toml_reader *reader)
{
  return (unsigned)(reader->at - reader->line_start) + 1;
}

/* A position to come back to, for messages and nodes. */
struct sp_toml_position
{
  size_t at;
  unsigned line, column;
};

static inline struct sp_toml_position
sp_toml_here (const struct sp_toml_reader *reader)
{
  return (struct sp_toml_position){ reader->at, reader->line, sp_toml_column (reader) };
}

/* Pass over a line break; false where there is none. */
bool sp_toml_newline (struct sp_toml_reader *reader);

/* Pass over spaces and tabs; over these, line breaks and comments. */
void sp_toml_skip_blanks (struct sp_toml_reader *reader);
void sp_toml_skip_lines (struct sp_toml_reader *reader);

/* --- fault.c: what is wrong, and what is to be done about it --- */

/* "expected WHAT, found ..." at the cursor. */
int sp_toml_expected (const struct sp_toml_reader *reader, const char *what, sigpolicy_error **err);

/* Any other message at a place. */
int sp_toml_fault (struct sp_toml_position position, sigpolicy_error **err, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));
int sp_toml_too_much (struct sp_toml_position position, const char *what, unsigned long limit,
                      sigpolicy_error **err);

/* --- string.c --- */

/* Is there a quote at the cursor? If so, the string that begins there, as its content. Keys are of
 * one line. */
bool sp_toml_at_string (const struct sp_toml_reader *reader);
int sp_toml_read_string (struct sp_toml_reader *reader, bool is_key, struct sp_buf *out,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- number.c --- */

/* A number or a date at the cursor: its type, its extent and, for an integer, its value. *ret_end
 * is where it ends, the cursor when there is none. */
int sp_toml_read_number (const struct sp_toml_reader *reader, enum sp_toml_type *ret_type,
                         int64_t *ret_integer, size_t *ret_end,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- tree.c: which node a key names, and whether it may --- */

/* A part of a key as it was written. */
struct sp_toml_key
{
  struct sp_buf text;
  struct sp_toml_position position;
};

/* A new node behind the others of its parent; key is NULL for the elements of an array. NULL on
 * failure. */
struct sp_toml_item *sp_toml_add (struct sp_toml *toml, struct sp_toml_item *parent,
                                  enum sp_toml_type type, enum sp_toml_origin origin,
                                  const struct sp_toml_key *key, struct sp_toml_position position,
                                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The table that a part of a header before the last, or of a dotted key before the last, stands
 * for; made when it is not there. */
int sp_toml_pass_header (struct sp_toml *toml, struct sp_toml_item **table,
                         const struct sp_toml_key *key, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_toml_pass_dotted (struct sp_toml *toml, unsigned section, struct sp_toml_item **table,
                         const struct sp_toml_key *key, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What the last part of [key] and of [[key]] opens. */
int sp_toml_open_table (struct sp_toml *toml, struct sp_toml_item **table,
                        const struct sp_toml_key *key, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_toml_open_element (struct sp_toml *toml, struct sp_toml_item **table,
                          const struct sp_toml_key *key,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The last part of the key of a value must be new. */
int sp_toml_check_new (struct sp_toml *toml, struct sp_toml_item *table,
                       const struct sp_toml_key *key, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- value.c --- */

/* key = value, into table; key is read already and is new there. key is NULL in arrays. */
int sp_toml_read_value (struct sp_toml_reader *reader, struct sp_toml_item *parent,
                        const struct sp_toml_key *key, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- document.c --- */

/* A whole line's "a.b = value", or an entry of an inline table. */
int sp_toml_read_pair (struct sp_toml_reader *reader, struct sp_toml_item *table,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
