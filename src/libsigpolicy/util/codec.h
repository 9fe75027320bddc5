/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_CODEC_H
#define SP_UTIL_CODEC_H

#include "util/buf.h"

/* Lower-case hex, NUL-terminated; out has room for 2 * len + 1. */
void sp_hex (const unsigned char *bytes, size_t len, char *out);

/*
 * Standard base64 as Go's decoder reads it: padding is mandatory, CR
 * and LF are skipped anywhere, nothing else is, and unused low bits of the last quantum are
 * dropped. Returns 0, or REJECTED with bad-signature ("illegal base64 data at input byte N"), which
 * the caller re-classes.
 */
int sp_base64_decode (struct sp_view text, struct sp_buf *out,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The URL alphabet, for JOSE values: spaces and newlines are removed first, and what padding then
 * misses to a multiple of four is added; one digit too many is "illegal base64url string". */
int sp_base64url_decode (struct sp_view text, struct sp_buf *out,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

void sp_base64_encode (struct sp_view bytes, struct sp_buf *out);

/* Quote as Go's %q does: "…" with \" \\ \a \b \f \n \r \t \v, \xNN for bytes that are no UTF-8,
 * \uNNNN for what cannot be printed. Established messages name values so. */
void sp_quote (struct sp_view text, struct sp_buf *out);

/* For terminals and messages: every byte outside printable ASCII becomes \xNN, and each character
 * of escaped gets a \ in front of it. */
void sp_escape_with (struct sp_view text, const char *escaped, struct sp_buf *out);
/* The same with \ itself, so that the text can be read back. */
void sp_escape (struct sp_view text, struct sp_buf *out);

/* For text and for attributes in double quotes of XML and HTML: markup is escaped, and what cannot
 * be shown, such as a control, a mark of direction or no UTF-8, becomes \uNNNN or \xNN; lines may
 * end. Whatever the bytes are, what is written is text. */
void sp_escape_xml (struct sp_view text, struct sp_buf *out);

/* The first two, as new strings; NULL with *err set when memory runs out. At most 512 bytes of text
 * are shown, then "...". */
char *sp_quote_dup (struct sp_view text, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_escape_dup (struct sp_view text, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Several lines as one, for text whose lines are ours: each is behind "; ", or behind a colon. */
void sp_join_lines (struct sp_view text, struct sp_buf *out);

/*
 * For text that enters a message, whoever it came from: what cannot be shown, be it a line's end, a
 * control, a mark of direction or no UTF-8, is escaped as sp_quote() does; all else stays, "\" too.
 * In place of *text, which was allocated. false: no memory, and *text is as it was.
 */
bool sp_make_printable (char **text) SIGPOLICY_MUST_CHECK;

/* The same, appended. */
void sp_show_line (struct sp_view text, struct sp_buf *out);

/*
 * One UTF-8 sequence at the start of text: its length (1 to 4) and code point. 0 when the bytes are
 * not valid UTF-8 (overlong forms, surrogates and values above U+10FFFF are not); then the bad byte
 * is one byte long. -1 at the end.
 */
int sp_utf8_next (struct sp_view text, unsigned *ret_rune);

/* Unicode's White_Space, which is what Go takes for that. */
bool sp_rune_is_space (unsigned rune);

/* Without such white space at the front, or at both ends. */
struct sp_view sp_utf8_skip_space (struct sp_view text);
struct sp_view sp_utf8_trim (struct sp_view text);
void sp_utf8_put (unsigned rune, struct sp_buf *out);

/* A copy in which every invalid byte is U+FFFD. */
void sp_utf8_sanitize (struct sp_view text, struct sp_buf *out);

#endif
