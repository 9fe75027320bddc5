/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_BUF_H
#define SP_UTIL_BUF_H

#include "util/cleanup.h"
#include "util/error.h"
#include "util/view.h"

/*
 * Bytes that grow, with a limit from birth. After SP_BUF (max) it is usable at once; data is
 * always NUL-terminated and len counts the bytes before that NUL, so the content may hold NULs of
 * its own.
 *
 * Failure sticks: after the first append that did not fit or had no memory, all further ones do
 * nothing. Build first and check once with sp_buf_check(), or take the result with sp_buf_steal(),
 * which checks too.
 */
struct sp_buf
{
  char *data;
  size_t len, capacity, max;
  enum
  {
    SP_BUF_FINE = 0,
    SP_BUF_FULL,
    SP_BUF_NO_MEMORY,
  } failed;
};

extern char sp_buf_empty[1];

/* clang-format off */
#define SP_BUF(ceiling) { .data = sp_buf_empty, .len = 0, .capacity = 0, .max = (ceiling) }
/* clang-format on */

void sp_buf_add (struct sp_buf *buf, struct sp_view bytes);
void sp_buf_str (struct sp_buf *buf, const char *text);
void sp_buf_byte (struct sp_buf *buf, char byte);
void sp_buf_printf (struct sp_buf *buf, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Room for at least one and at most want bytes behind the content, to be filled by the caller and
 * then counted with sp_buf_filled(); NULL when there is none. For read(2) loops. */
char *sp_buf_room (struct sp_buf *buf, size_t want, size_t *ret_room);
void sp_buf_filled (struct sp_buf *buf, size_t count);

/* 0, or the error that stuck: NO_MEMORY, or a "limit" of class REJECTED, which the caller may
 * re-class. */
int sp_buf_check (const struct sp_buf *buf, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The content as a string to free(), leaving the buffer empty; NULL with an error if anything
 * failed. */
char *sp_buf_steal (struct sp_buf *buf, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

void sp_buf_clear (struct sp_buf *buf);

/* The same for secrets: the bytes are overwritten first. Growth leaves copies behind, so ask for
 * all the room at once where that can be. */
void sp_buf_wipe (struct sp_buf *buf);

static inline struct sp_view
sp_buf_view (const struct sp_buf *buf)
{
  return sp_view_n (buf->data, buf->len);
}

#define cleanup_buf        SP_CLEANUP (sp_buf_clear)
#define cleanup_secret_buf SP_CLEANUP (sp_buf_wipe)

#endif
