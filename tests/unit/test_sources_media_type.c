/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

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
  { "a/b; charset=utf-8", "a/b" },
  { "a/b;charset=\"x;y\"", "a/b" },
  { "a/b; q=\"\\\"\"; r=1", "a/b" },
  { "a/b;", "a/b" },
  { "a/b ; ", "a/b" },
  { "a", "a" },
  /* What is not well formed has no type: nothing is guessed. */
  { "a/b; x", "" },
  { "a/b;;", "" },
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

/* One parameter more than is kept track of: whether it stands twice could not be told. */
Test (sources_media_type, many_parameters)
{
  for (unsigned over = 0; over < 2; over++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf header = SP_BUF (4096);
      sp_buf_str (&header, "a/b");
      for (unsigned i = 0; i < 16 + over; i++)
        sp_buf_printf (&header, "; p%u=1", i);
      cleanup_free char *type = sp_media_type (header.data, &err);
      cr_expect_str_eq (type, over ? "" : "a/b");
    }
}
