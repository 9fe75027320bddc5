/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/example.h"

static bool
has_scope (const struct sp_image_name *image, struct sp_view scope)
{
  if (sp_view_is (scope, image->identity))
    return true;
  for (size_t i = 0; i < image->namespaces.len; i++)
    if (sp_view_is (scope, image->namespaces.items[i]))
      return true;
  return false;
}

/* The name itself, when it is one and has the scope. */
static char *
try_name (struct sp_view scope, const char *before, struct sp_view middle, const char *behind,
          sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *no_name = NULL;
  cleanup_image_name struct sp_image_name *image = NULL;
  cleanup_free char *text
      = sp_asprintf (err, "docker://%s%.*s%s", before, (int)middle.len, middle.data, behind);
  if (!text)
    return NULL;
  if (sp_image_name_parse (sp_view_str (text), &image, &no_name) < 0)
    {
      if (sigpolicy_error_code (no_name) == SIGPOLICY_E_NO_MEMORY)
        (void)sp_error_copy (no_name, err);
      return NULL;
    }
  return has_scope (image, scope)
             ? sp_asprintf (err, "docker://%s", image->reference ? image->reference->string : "")
             : NULL;
}

char *
sp_example_image (struct sp_view scope, sigpolicy_error **err)
{
  bool wildcard = sp_view_starts (scope, sp_view_str ("*."));
  size_t slash = sp_view_find (scope, '/');
  bool two = slash != SP_VIEW_NONE
             && sp_view_find (sp_view_from (scope, slash + 1), '/') == SP_VIEW_NONE
             && sp_view_find (sp_view_from (scope, slash), ':') == SP_VIEW_NONE;
  char *found;

  if (sp_view_find (scope, '\0') != SP_VIEW_NONE || !scope.len)
    return NULL;
  if (wildcard)
    return try_name (scope, "registry", sp_view_from (scope, 1), "/image", err);
  /* "quay.io/ns" is more likely a namespace than a repository. */
  found = two ? try_name (scope, "", scope, "/image", err) : NULL;
  if (!found && !*err)
    found = try_name (scope, "", scope, "", err);
  if (!found && !*err && !two)
    found = try_name (scope, "", scope, "/image", err);
  return found;
}
