/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pem.h"

#include <criterion/criterion.h>

#define B "-----BEGIN X-----\n"
#define E "-----END X-----\n"

/* The first block's bytes, or NULL for none; and what is left behind it. */
static const struct
{
  const char *in, *bytes, *label, *rest;
} cases[] = {
  { B "YWJj\n" E, "abc", "X", "" },
  { B "YWJj\n-----END X-----", "abc", "X", "" },
  { "text\n" B "YWJj\n" E "garbage", "abc", "X", "garbage" },
  { B "YWJj\n" E "\n", "abc", "X", "\n" },
  { B "YWJj\n-----END X-----  \t\nmore", "abc", "X", "more" },
  { "-----BEGIN X-----\r\nYWJj\r\n-----END X-----\r\n", "abc", "X", "" },
  { "-----BEGIN X----- \t\nYWJj\n" E, "abc", "X", "" },
  { B "YW\n\n  Jj\t\n" E, "abc", "X", "" },
  { B "  YWJj\n" E, "abc", "X", "" },
  { B "YQ==\n" E, "a", "X", "" },
  { B E, "", "X", "" },
  { B "A: b\nC: d\n\nYWJj\n" E, "abc", "X", "" },
  { "-----BEGIN A B-----\nYWJj\n-----END A B-----\n", "abc", "A B", "" },
  { "-----BEGIN -----\nYWJj\n-----END -----\n", "abc", "", "" },
  /* bad ones, and then a good one */
  { B "YWJj\n-----END Y-----\n" B "ZGVm\n" E, "def", "X", "" },
  { B "*\n" E B "ZGVm\n" E, "def", "X", "" },
  { B "YWJ\n" E B "ZGVm\n" E, "def", "X", "" },
  { "\n" E B "ZGVm\n" E, "def", "X", "" },
  { B B "ZGVm\n" E, "def", "X", "" },
  { B "YWJj\n" B "ZGVm\n" E, "def", "X", "" },
  { "-----BEGIN X\nYWJj\n" E B "ZGVm\n" E, "def", "X", "" },
  /* none */
  { "", NULL, NULL, NULL },
  { "\n", NULL, NULL, NULL },
  { "YWJj", NULL, NULL, NULL },
  { B "YWJj\n", NULL, NULL, NULL },
  { E, NULL, NULL, NULL },
  { " " B "YWJj\n" E, NULL, NULL, NULL },
  { "x" B "YWJj\n" E, NULL, NULL, NULL },
  { "\xef\xbb\xbf" B "YWJj\n" E, NULL, NULL, NULL },
  { B "YWJj\n-----END X-----x\n", NULL, NULL, NULL },
  { B "YWJj\n-----END X----\n", NULL, NULL, NULL },
  { B "YWJj\n -----END X-----\n", NULL, NULL, NULL },
  { "----BEGIN X----\nYWJj\n----END X----\n", NULL, NULL, NULL },
  { "-----BEGIN X-----\rYWJj\r-----END X-----\r", NULL, NULL, NULL },
  { B "YWJj-----END X-----\n", NULL, NULL, NULL },
  { B "YW-Jj\n" E, NULL, NULL, NULL },
  { B "A: b\n" E, NULL, NULL, NULL },
};

Test (crypto_pem, blocks)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_pem_block struct sp_pem_block block = { .bytes = SP_BUF (0) };
      struct sp_view rest = sp_view_str (cases[i].in);
      bool found = false;
      cr_assert (sp_pem_next (&rest, &block, &found, &err) == 0);
      cr_expect (found == (cases[i].bytes != NULL), "%s", cases[i].in);
      if (found && cases[i].bytes)
        cr_expect (
            sp_view_is (sp_buf_view (&block.bytes), cases[i].bytes)
                && sp_view_is (block.label, cases[i].label) && sp_view_is (rest, cases[i].rest),
            "%s gives '%s', rest '%.*s'", cases[i].in, block.bytes.data, (int)rest.len, rest.data);
      if (!found)
        cr_expect (sp_view_is (rest, cases[i].in), "%s", cases[i].in);
    }
}

Test (crypto_pem, several)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view rest = sp_view_str (B "YQ==\n" E "text\n" B "Yg==\n" E "-----BEGIN Y-----\nA: b\n"
                                       "\nYw==\n-----END Y-----\n");
  const char *const wanted[] = { "a", "b", "c" };
  for (size_t i = 0; i < 4; i++)
    {
      cleanup_pem_block struct sp_pem_block block = { .bytes = SP_BUF (0) };
      bool found = false;
      cr_assert (sp_pem_next (&rest, &block, &found, &err) == 0);
      cr_expect (found == (i < 3));
      if (found)
        cr_expect (sp_view_is (sp_buf_view (&block.bytes), wanted[i]));
      cr_expect (block.has_headers == (i == 2));
    }
}
