/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bundle_fixtures.h"

#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static char *
path_of (const char *name)
{
  const char *top = secure_getenv ("top_srcdir");
  cleanup_error sigpolicy_error *err = NULL;
  char *path = sp_asprintf (&err, "%s/tests/fixtures/bundles/%s.json", top ? top : ".", name);
  cr_assert (path);
  return path;
}

void
bundle_fixture_load (const char *name, struct bundle_fixture *ret)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = path_of (name), *root = path_of ("trusted_root");

  ret->text = (struct sp_buf)SP_BUF (SP_BUNDLE_BYTES_MAX);
  cr_assert (sp_fs_read (path, &ret->text, &err) == 0, "%s", name);
  cr_assert (sp_bundle_parse (sp_buf_view (&ret->text), &ret->bundle, &err) == 0, "%s", name);
  cr_assert (sp_trusted_root_load (root, &ret->root, &err) == 0);
  if (ret->bundle->material == SP_BUNDLE_CERTIFICATE)
    cr_assert (sp_certificate_parse (sp_buf_view (&ret->bundle->certificate), &ret->leaf, &err)
               == 0);
}

void
bundle_fixture_clear (struct bundle_fixture *fixture)
{
  sp_certificate_free (fixture->leaf);
  sp_bundle_free (fixture->bundle);
  sp_trusted_root_free (fixture->root);
  sp_buf_clear (&fixture->text);
}
