/* SPDX-License-Identifier: Apache-2.0 */
#include "util/alloc.h"
#include "util/codec.h"

#include <criterion/criterion.h>

/* A value of NULL means "refused". */
static const struct
{
  const char *in, *out;
} base64_cases[] = {
  { "YWJj", "abc" },   { "YWI=", "ab" },     { "YQ==", "a" },       { "", "" },
  { "YWJj\n", "abc" }, { "YW\nJj", "abc" },  { "Y\r\nWJj", "abc" }, { "YWI\n=", "ab" },
  { "YQ=\n=", "a" },   { "YQ==\n\n", "a" },  { "\n", "" },          { "YR==", "a" },
  { "YWJ=", "ab" },    { "YWI", NULL },      { "YQ", NULL },        { "YQ=", NULL },
  { "YQ===", NULL },   { "YWJjYQ", NULL },   { "=", NULL },         { "====", NULL },
  { "Y", NULL },       { "YWJj====", NULL }, { "YQ==YQ==", NULL },  { "YW Jj", NULL },
  { "YWJj ", NULL },   { "-_-_", NULL },     { "YWJ*", NULL },      { "+/+/", "\xfb\xff\xbf" },
};

Test (util_codec, base64)
{
  for (size_t i = 0; i < sizeof base64_cases / sizeof *base64_cases; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (100);
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_base64_decode (sp_view_str (base64_cases[i].in), &out, &err);
      if (!base64_cases[i].out)
        cr_expect (rc < 0 && err, "'%s' is accepted", base64_cases[i].in);
      else
        cr_expect (rc == 0 && sp_view_is (sp_buf_view (&out), base64_cases[i].out),
                   "'%s' gives '%s'", base64_cases[i].in, out.data);
    }
}

/* A byte that does not belong there is named; what is missing is where its quantum begins. */
Test (util_codec, base64_position)
{
  static const struct
  {
    const char *in;
    unsigned at;
  } cases[] = { { "YW Jj", 2 }, { "YWJjY", 4 }, { "YWJjYQ", 4 }, { "YWJjYWI", 4 }, { "YQ=", 3 } };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (100);
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_error sigpolicy_error *ignored = NULL;
      cleanup_free char *text
          = sp_asprintf (&ignored, "illegal base64 data at input byte %u", cases[i].at);
      cr_assert (sp_base64_decode (sp_view_str (cases[i].in), &out, &err) < 0);
      cr_expect_str_eq (sigpolicy_error_message (err), text, "%s", cases[i].in);
    }
}

/* A value of NULL means "refused". */
static const struct
{
  const char *in, *out;
} base64url_cases[] = {
  { "YWJj", "abc" },       { "YWI", "ab" },   { "YWI=", "ab" },     { "YQ", "a" },
  { "YQ=", "a" },          { "YQ==", "a" },   { "", "" },           { "-_-_", "\xfb\xff\xbf" },
  { " Y W\nJj\n", "abc" }, { "YR", "a" },     { "YWJjYQ", "abca" }, { "YWJjYQ=", "abca" },
  { "Y", NULL },           { "YWJjY", NULL }, { "YWJj=", NULL },    { "YWI==", NULL },
  { "Y===", NULL },        { "====", NULL },  { "+_-_", NULL },     { "-/-_", NULL },
  { "YQ==YQ==", NULL },    { "YW\tj", NULL }, { "*", NULL },        { "YWJ*", NULL },
};

Test (util_codec, base64url)
{
  for (size_t i = 0; i < sizeof base64url_cases / sizeof *base64url_cases; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (100);
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_base64url_decode (sp_view_str (base64url_cases[i].in), &out, &err);
      if (!base64url_cases[i].out)
        cr_expect (rc < 0 && err, "'%s' is accepted", base64url_cases[i].in);
      else
        cr_expect (rc == 0 && sp_view_is (sp_buf_view (&out), base64url_cases[i].out),
                   "'%s' gives '%s'", base64url_cases[i].in, out.data);
    }
}

Test (util_codec, base64_round_trip)
{
  for (size_t length = 0; length < 8; length++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (100), back = SP_BUF (100);
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view bytes = { "\0\xff\x10"
                               "abcde",
                               length };
      sp_base64_encode (bytes, &text);
      cr_assert (sp_base64_decode (sp_buf_view (&text), &back, &err) == 0);
      cr_expect (sp_view_equal (sp_buf_view (&back), bytes), "length %zu", length);
    }
}

Test (util_codec, utf8_sanitize)
{
  static const struct
  {
    const char *in, *out;
  } cases[] = {
    { "plain", "plain" },
    { "\xff", "\xef\xbf\xbd" },
    { "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "a\xffz\xc3\xa9", "a\xef\xbf\xbdz\xc3\xa9" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (100);
      sp_utf8_sanitize (sp_view_str (cases[i].in), &out);
      cr_expect_str_eq (out.data, cases[i].out, "row %zu", i);
    }
}

Test (util_codec, quote)
{
  cleanup_buf struct sp_buf out = SP_BUF (100);
  struct sp_view in = { "a\"\\\n\x01\0\xff\xc3\xa9\xe2\x80\xae", 12 };
  sp_quote (in, &out);
  cr_expect_str_eq (out.data, "\"a\\\"\\\\\\n\\x01\\x00\\xff\xc3\xa9\\u202e\"");
}

Test (util_codec, escape_leaves_nothing_for_a_terminal)
{
  cleanup_buf struct sp_buf out = SP_BUF (100);
  sp_escape (sp_view_str ("\x1b[31m\\\x7f\xc2\x9b"), &out);
  cr_expect_str_eq (out.data, "\\x1b[31m\\\\\\x7f\\xc2\\x9b");
}

/* What enters a message: it is one line, and cannot be taken for another. */
Test (util_codec, printable)
{
  static const struct
  {
    const char *in, *out;
  } cases[] = {
    { "plain \\ \"text\"", "plain \\ \"text\"" },
    { "a\naccepted  docker://x", "a\\naccepted  docker://x" },
    { "\n::error::x", "\\n::error::x" },
    { "\033[2J\177", "\\x1b[2J\\x7f" },
    { "\xe2\x80\xae\xe2\x81\xa6", "\\u202e\\u2066" },
    { "\xff\xc0\xafz", "\\xff\\xc0\\xafz" },
    { "Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f" },
    { "x\n  line 2: y", "x\\n  line 2: y" },
    { "x\ninvalid alias \"y", "x\\ninvalid alias \"y" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      char *text = strdup (cases[i].in);
      cr_assert (sp_make_printable (&text));
      cr_expect_str_eq (text, cases[i].out);
      free (text);
    }
}
