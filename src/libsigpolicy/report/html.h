/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_REPORT_HTML_H
#define SP_REPORT_HTML_H

#include "util/buf.h"

/* Markup is a string literal, or it does not compile; everything else is text. */
#define sp_html_put(out, markup) sp_buf_str ((out), "" markup "")

/* Text between tags, and an attribute: ' name="value"', whose name is a literal. What is very long
 * is cut. */
void sp_html_text (struct sp_buf *out, const char *text);
void sp_html_value (struct sp_buf *out, const char *value);
#define sp_html_attribute(out, name, value) \
  (sp_html_put ((out), " " name "=\""), sp_html_value ((out), (value)), sp_html_put ((out), "\""))

/* A number, which needs no care. */
void sp_html_number (struct sp_buf *out, size_t number);

/* The beginning of a page up to its main part, with the style sheet, and its end. */
void sp_html_begin (struct sp_buf *out, const char *title);
void sp_html_end (struct sp_buf *out);

extern const char sp_html_style[];

#endif
