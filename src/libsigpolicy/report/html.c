/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"

#include "util/codec.h"

#define TEXT_MAX 4096U

void
sp_html_text (struct sp_buf *out, const char *text)
{
  size_t length = strlen (text);

  /* What is cut off must not leave half a character. */
  if (length > TEXT_MAX)
    for (length = TEXT_MAX; length && ((unsigned char)text[length] & 0xc0) == 0x80;)
      length--;
  sp_escape_xml (sp_view_n (text, length), out);
  if (text[length])
    sp_html_put (out, "...");
}

void
sp_html_value (struct sp_buf *out, const char *value)
{
  sp_html_text (out, value);
}

void
sp_html_number (struct sp_buf *out, size_t number)
{
  sp_buf_printf (out, "%zu", number);
}

void
sp_html_begin (struct sp_buf *out, const char *title)
{
  sp_html_put (out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" "
                    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
  sp_html_text (out, title);
  sp_html_put (out, "</title>\n<style>\n");
  sp_buf_str (out, sp_html_style);
  sp_html_put (out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the "
                    "content</a>\n");
}

void
sp_html_end (struct sp_buf *out)
{
  sp_html_put (out, "</main>\n<footer><p>Written by sigpolicy " PACKAGE_VERSION
                    ".</p></footer>\n</body>\n</html>\n");
}
