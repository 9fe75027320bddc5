/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_JSON_WRITE_H
#define SP_JSON_WRITE_H

#include "util/buf.h"

#include <stdint.h>

/*
 * JSON output. It is written in one line as it comes, which is all that the lines of a batch need;
 * json-c lays it out for people. Bytes that are no UTF-8 become U+FFFD, so the output is always
 * valid JSON. Failure sticks (out of memory, a limit): build first, check once in
 * sp_json_write_text().
 */
struct sp_json_out;

/* The root object (or array) of a new document; NULL when memory is out. Freed with all its
 * children. */
struct sp_json_out *sp_json_write_new (bool array, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_json_write_free (struct sp_json_out *root);

SP_DEFINE_CLEANUP (struct sp_json_out *, sp_json_write_free);
#define cleanup_json_out SP_CLEANUP (sp_json_write_free_p)

/*
 * The writer has a current container. open_* begins a child there and makes it current, close goes
 * back up. key is NULL inside arrays.
 */
void sp_json_write_open (struct sp_json_out *out, const char *key, bool array);
void sp_json_write_close (struct sp_json_out *out);
void sp_json_write_str (struct sp_json_out *out, const char *key,
                        const char *text); /* NULL writes null */
void sp_json_write_view (struct sp_json_out *out, const char *key, struct sp_view text);
void sp_json_write_int (struct sp_json_out *out, const char *key, int64_t number);
void sp_json_write_bool (struct sp_json_out *out, const char *key, bool value);
void sp_json_write_null (struct sp_json_out *out, const char *key);

/* A string alone, with its quotes, as the above write it. */
void sp_json_write_string (struct sp_view text, struct sp_buf *out);

enum sp_json_layout
{
  SP_JSON_ONE_LINE,
  SP_JSON_INDENTED, /* two spaces */
};

/* Ends the document: nothing is written to it any more. The whole with a newline at its end;
 * slashes are not escaped, control characters and DEL are. To free(). */
char *sp_json_write_text (struct sp_json_out *root, enum sp_json_layout layout,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
