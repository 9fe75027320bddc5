/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_TOML_TOML_H
#define SP_TOML_TOML_H

#include "util/cleanup.h"
#include "util/error.h"
#include "util/view.h"

#include <stdint.h>

/*
 * A TOML 1.0 document as a tree, in the order of its text. Everything that the specification
 * refuses is refused: keys that stand twice, tables that are opened twice or reached into from
 * elsewhere, control characters, bytes that are no UTF-8, integers beyond 64 bits. A byte order
 * mark in front is passed over, as the established reader does.
 *
 * Floating-point numbers and dates are checked and keep their spelling alone: nothing that we read
 * has one, but what we do not read may.
 *
 * A parsed document never changes, so threads may share it.
 */
struct sp_toml;

enum sp_toml_type
{
  SP_TOML_STRING,
  SP_TOML_INTEGER,
  SP_TOML_FLOAT,
  SP_TOML_BOOLEAN,
  SP_TOML_DATE, /* a date, a time of day, or both */
  SP_TOML_ARRAY,
  SP_TOML_TABLE,
};

/*
 * A node, borrowed from its document. What is in an array or a table is a list:
 *
 *   for (const struct sp_toml_node *child = table->first; child; child = child->next)
 *     use (child->key, child);
 */
struct sp_toml_node
{
  enum sp_toml_type type;
  struct sp_view key;  /* in a table: decoded, unique there, may hold NUL; else empty */
  struct sp_view text; /* strings: decoded, may hold NUL, with a NUL behind it; numbers, booleans
                          and dates: as written, without */
  int64_t integer;
  bool boolean;
  const struct sp_toml_node *first, *next;
  size_t n_children;
  bool is_table_array;           /* an array that was written by [[headers]] */
  unsigned line, column;         /* of the value, from 1, in bytes; of a table, its header */
  unsigned key_line, key_column; /* of its key; of the value where it has none */
};

/*
 * text need not outlive the call. Failure: CONFIG/config-error with line, column and mostly a hint
 * ("toml: line 3: expected a value, found \"yes\""), or CONFIG/limit.
 */
int sp_toml_parse (struct sp_view text, struct sp_toml **ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The document itself, a table. */
const struct sp_toml_node *sp_toml_root (const struct sp_toml *toml);

/* The first member of a table with that key, in any case, as the established reader fills in its
 * structs; NULL where there is none, or no table. */
const struct sp_toml_node *sp_toml_member (const struct sp_toml_node *table, const char *key);
void sp_toml_free (struct sp_toml *toml);

SP_DEFINE_CLEANUP (struct sp_toml *, sp_toml_free);
#define cleanup_toml SP_CLEANUP (sp_toml_free_p)

#endif
