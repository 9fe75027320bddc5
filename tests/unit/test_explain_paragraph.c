/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/name_int.h"
#include "util/cleanup.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define SIXTY "123456789 123456789 123456789 123456789 123456789 123456789 "

Test (explain_paragraph, lines)
{
  static const struct
  {
    const char *name, *text, *lines;
    size_t hang;
  } cases[] = {
    { "nothing", "", "  label     \n", 0 },
    { "a word", "word", "  label     word\n", 0 },
    { "as much as a line has", SIXTY "12345678", "  label     " SIXTY "12345678\n", 0 },
    { "one more", SIXTY "12345678 9", "  label     " SIXTY "12345678\n            9\n", 0 },
    { "a word that has no room there", SIXTY "123456789",
      "  label     123456789 123456789 123456789 123456789 123456789 123456789\n"
      "            123456789\n",
      0 },
    { "further lines are indented", SIXTY "123456789",
      "  label     123456789 123456789 123456789 123456789 123456789 123456789\n"
      "              123456789\n",
      2 },
    { "what a terminal would obey", "a\033[31m b\nc", "  label     a\\x1b[31m b\\x0ac\n", 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (SP_MIB);
      sp_paragraph (&out, "  label", cases[i].hang, sp_view_str (cases[i].text));
      cr_expect (!cases[i].lines || sp_view_is (sp_buf_view (&out), cases[i].lines), "%s: %s",
                 cases[i].name, out.data);
      for (const char *at = out.data; *at; at += strcspn (at, "\n") + 1)
        cr_expect (strcspn (at, "\n") <= 80, "%s: %s", cases[i].name, out.data);
    }
}
