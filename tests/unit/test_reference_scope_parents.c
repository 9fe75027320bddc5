/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name.h"

#include <criterion/criterion.h>

#define H "4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a4f2a"

static char *
joined (const struct sp_strv *list, size_t from)
{
  cleanup_error sigpolicy_error *error = NULL;
  char *text = sp_strdup ("", &error);
  for (size_t i = from; text && i < list->len; i++)
    {
      char *longer = sp_asprintf (&error, "%s%s ", text, list->items[i]);
      free (text);
      text = longer;
    }
  return text;
}

/* Behind each scope of an image stand those that are searched after it. */
Test (reference_scope_parents, images)
{
  static const char *const images[] = {
    "docker://busybox",
    "docker://busybox@sha256:" H,
    "docker://localhost:5000/x",
    "docker://sub.example.com:8443/ns/img:t",
    "docker://a.b.c.d/e",
    "atomic:a.b/c/d:t",
    "docker-daemon:example.com/a/b:t",
    "dir:/usr/bin/nothing-like-it",
    "oci:/usr/share:tag",
    "oci-archive:/usr/lib/x.tar",
    "sif:/usr/x.sif",
    "containers-storage:[vfs@/g]example.com:1/a/b:t",
    "containers-storage:[vfs@/g]example.com/a/b:t@sha256:" H,
    "containers-storage:[vfs@/g]example.com/a/b:t@" H,
  };
  for (size_t i = 0; i < sizeof images / sizeof *images; i++)
    {
      cleanup_error sigpolicy_error *error = NULL;
      cleanup_image_name struct sp_image_name *name = NULL;
      cr_assert (sp_image_name_parse (sp_view_str (images[i]), &name, &error) == 0, "%s",
                 images[i]);
      /* A layout's identity is its first namespace, too. */
      size_t first = name->namespaces.len && !strcmp (name->identity, name->namespaces.items[0]);
      for (size_t j = 0; j <= name->namespaces.len; j++)
        {
          cleanup_strv struct sp_strv parents = { 0 };
          const char *scope = j ? name->namespaces.items[j - 1] : name->identity;
          cr_assert (sp_scope_parents (name->transport, sp_view_str (scope), &parents, &error)
                     == 0);
          cleanup_free char *expected = joined (&name->namespaces, j ? j : first);
          cleanup_free char *found = joined (&parents, 0);
          cr_expect_str_eq (found, expected, "%s: above %s: %s, not %s", images[i], scope, found,
                            expected);
        }
    }
}

/* What no image has as a scope may stand in a policy all the same. */
Test (reference_scope_parents, odd)
{
  static const struct
  {
    enum sp_transport transport;
    const char *scope, *parents;
  } cases[] = {
    { SP_TRANSPORT_DOCKER, "", "" },
    { SP_TRANSPORT_DOCKER, "busybox", "" },
    { SP_TRANSPORT_DOCKER, "*.example.com", "*.com " },
    { SP_TRANSPORT_DOCKER, "*.com", "" },
    { SP_TRANSPORT_DOCKER, "/", "" },
    { SP_TRANSPORT_DOCKER, "a.b/c/", "a.b/c a.b *.b " },
    { SP_TRANSPORT_DOCKER, "@:@", "" },
    { SP_TRANSPORT_CONTAINERS_STORAGE, "[/g]", "" },
    { SP_TRANSPORT_CONTAINERS_STORAGE, "[vfs@/g]", "[/g] " },
    { SP_TRANSPORT_CONTAINERS_STORAGE, "[", "" },
    { SP_TRANSPORT_DIR, "/", "" },
    { SP_TRANSPORT_TARBALL, "/x", "" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *error = NULL;
      cleanup_strv struct sp_strv parents = { 0 };
      cr_assert (
          sp_scope_parents (cases[i].transport, sp_view_str (cases[i].scope), &parents, &error)
          == 0);
      cleanup_free char *found = joined (&parents, 0);
      cr_expect_str_eq (found, cases[i].parents, "%s: %s, not %s", cases[i].scope, found,
                        cases[i].parents);
    }
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_strv struct sp_strv none = { 0 };
  cr_expect (sp_scope_parents (SP_TRANSPORT_DOCKER, sp_view_n ("a/b\0c", 5), &none, &error) == 0);
  /* Longer than any name, of so many elements that their parents would fill the memory. */
  size_t size = 1 << 20;
  char *slashes = malloc (size);
  cr_assert (slashes);
  memset (slashes, '/', size);
  for (int transport = 0; transport < SP_TRANSPORTS; transport++)
    cr_expect (
        sp_scope_parents ((enum sp_transport)transport, sp_view_n (slashes, size), &none, &error)
        == 0);
  free (slashes);
  cr_expect_eq (none.len, 0);
}
