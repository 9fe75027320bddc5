/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define OCI "application/vnd.oci.image.manifest.v1+json"

static const struct
{
  const char *header, *type;
} cases[] = {
  { NULL, "" },
  { "", "" },
  { OCI, OCI },
  { "Application/VND.OCI.Image.Manifest.V1+JSON", OCI },
  { "  a/b  ", "a/b" },
  { "\u00a0a/b\u2003", "a/b" },
  { "a/b; charset=utf-8", "a/b" },
  { "a/b;charset=\"x;y\"", "a/b" },
  { "a/b; q=\"\\\"\"; r=1", "a/b" },
  { "a/b;", "a/b" },
  { "a/b ; ", "a/b" },
  { "a", "a" },
  /* What is not well formed has no type: nothing is guessed. */
  { "a/b; x", "" },
  { "a/b;;", "" },
  { "a/b; q=1; q=1", "a/b" },
  { "a/b; q=1; Q=\"1\"", "a/b" },
  { "a/b; q=1; q=2", "" },
  { "a/b; q=1; Q=2", "" },
  { "a/b; =1", "" },
  { "a/b; q=", "" },
  { "a/b; q=\"x", "" },
  { "a/b; q=1 x", "" },
  { "a/b, c/d", "" },
  { "a/b c", "" },
  { "a/", "" },
  { "/b", "" },
  { "a/b/c", "" },
  { "a /b", "" },
  { "a/b\001", "" },
  { "a/b\303\244", "" },
};

Test (sources_media_type, headers)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *type = sp_media_type (cases[i].header, &err);
      cr_assert (type);
      cr_expect_str_eq (type, cases[i].type, "'%s': '%s'", cases[i].header, type);
    }
}

/* What Go's own parser says of as many headers, generated: see the file. */
Test (sources_media_type, recorded)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
  cleanup_error sigpolicy_error *err = NULL;
  size_t count = 0;

  cr_assert (sp_fs_read (ABS_SRCDIR "/tests/fixtures/media-types.txt", &text, &err) == 0);
  for (struct sp_view rest = sp_buf_view (&text), line; rest.len;
       rest = sp_view_from (rest, line.len + 1))
    {
      line = sp_view_head (rest, sp_view_find (rest, '\n'));
      if (sp_view_starts (line, sp_view_str ("#")))
        continue;
      size_t space = sp_view_find (line, ' ');
      cleanup_buf struct sp_buf header = SP_BUF (4096), wanted = SP_BUF (4096);
      cr_assert (sp_base64_decode (sp_view_head (line, space), &header, &err) == 0);
      cr_assert (sp_base64_decode (sp_view_from (line, space + 1), &wanted, &err) == 0);
      cleanup_free char *type = sp_media_type (header.data, &err);
      cr_assert (type);
      cr_expect (sp_view_is (sp_buf_view (&wanted), type), "'%s': '%s' instead of '%s'",
                 header.data, type, wanted.data);
      count++;
    }
  cr_expect (count > 1000);
}

/* As many as a header has room for, and one that stands twice among them. */
Test (sources_media_type, many_parameters)
{
  for (unsigned other = 0; other < 2; other++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf header = SP_BUF (SP_HTTP_HEADER_BYTES_MAX);
      sp_buf_str (&header, "a/b; p0=1");
      for (unsigned i = 0; i < 7000; i++)
        sp_buf_printf (&header, ";p%u=1", i);
      sp_buf_printf (&header, ";p0=%u", 1 + other);
      cr_assert (!header.failed);
      cleanup_free char *type = sp_media_type (header.data, &err);
      cr_expect_str_eq (type, other ? "" : "a/b");
    }
}
