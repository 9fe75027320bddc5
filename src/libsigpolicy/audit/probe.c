/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

/*
 * For each scope an image that is judged by it. Names are probed: what the scope itself looks like,
 * as a repository, as something above repositories; the parser of image names and the order of
 * scopes decide, as they do for verify. A scope that none of the probes has among its candidates is
 * one that no image has.
 */

static const struct sp_item *
find_item (const struct sp_audit *audit, enum sp_transport transport, struct sp_view name)
{
  size_t low = 0, high = audit->n_sorted;

  while (low < high)
    {
      size_t middle = low + (high - low) / 2;
      const struct sp_item *item = audit->sorted[middle];
      int order
          = item->known != transport
                ? (item->known < transport ? -1 : 1)
                : sp_view_compare (sp_view_n (item->scope->name, item->scope->name_len), name);
      if (order == 0)
        return item;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

/* The item that judges an image, and the next one that would without it; NULL only for the default
 * itself. */
static const struct sp_item *
item_of (const struct sp_audit *audit, const struct sp_image_name *name,
         const struct sp_item *after)
{
  bool is_past = !after;

  const char *candidate;
  for (size_t i = 0; (candidate = sp_image_name_scope (name, i)); i++)
    {
      const struct sp_item *item = find_item (audit, name->transport, sp_view_str (candidate));
      if (item && is_past)
        return item;
      is_past = is_past || (item && item == after);
    }
  return after == &audit->items[0] ? NULL : &audit->items[0];
}

const struct sp_item *
sp_audit_judges (struct sp_audit *audit, struct sp_view text, struct sp_reference **ret_reference)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_reference struct sp_reference *named = NULL, *reference = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;

  int rc = sp_reference_parse (text, &named, &error);
  if (rc == 0)
    rc = sp_reference_with_default_tag (named, &reference, &error);
  if (rc == 0)
    rc = sp_image_name_from_reference (reference, &name, &error);
  sp_audit_note (audit, rc);
  if (rc < 0 || !audit->n_items)
    return NULL;
  if (ret_reference)
    *ret_reference = steal (&reference);
  return item_of (audit, name, NULL);
}

const struct sp_item *
sp_audit_parent (struct sp_audit *audit, const struct sp_item *item)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;

  if (!item->example || !item->transport)
    return NULL;
  int rc = sp_image_name_parse (sp_view_str (item->example), &name, &error);
  sp_audit_note (audit, rc);
  return rc == 0 ? item_of (audit, name, item) : NULL;
}

/* Has the image this scope among its candidates, and does it decide? */
static void
probe (struct sp_audit *audit, struct sp_item *item, const char *text)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;
  struct sp_view scope = sp_view_n (item->scope->name, item->scope->name_len);

  int rc = sp_image_name_parse (sp_view_str (text), &name, &error);
  sp_audit_note (audit, rc);
  if (rc < 0)
    return;
  bool is_candidate = !item->transport;
  const char *candidate;
  for (size_t i = 0; !is_candidate && (candidate = sp_image_name_scope (name, i)); i++)
    is_candidate = sp_view_is (scope, candidate);
  item->is_reachable = item->is_reachable || is_candidate;
  if (!item->example && item_of (audit, name, NULL) == item)
    {
      /* In full: "docker://docker.io/example/app:latest". */
      item->example = name->transport == SP_TRANSPORT_DOCKER && name->reference
                          ? sp_asprintf (&error, "docker://%s", name->reference->string)
                          : sp_strdup (name->text, &error);
      sp_audit_note (audit, item->example ? 0 : SIGPOLICY_E_NO_MEMORY);
    }
}

static void
probe_as (struct sp_audit *audit, struct sp_item *item, const char *before, const char *text,
          const char *behind)
{
  cleanup_error sigpolicy_error *error = NULL;
  if (item->example || audit->rc < 0)
    return;
  cleanup_free char *name = sp_asprintf (&error, "%s%s%s", before, text, behind);
  sp_audit_note (audit, name ? 0 : SIGPOLICY_E_NO_MEMORY);
  if (name)
    probe (audit, item, name);
}

/* What a scope of a registry's transports may be: a whole name, a repository, something above
 * repositories, all hosts below a domain. Unlikely names serve where likely ones have scopes of
 * their own. */
static void
probe_names (struct sp_audit *audit, struct sp_item *item)
{
  static const char *const behind[]
      = { ":latest", "", "/app:latest", "/example/app:latest", "/zz-example-zz/app:latest" };
  const char *scope = item->scope->name;
  const char *before = item->known == SP_TRANSPORT_DOCKER   ? "docker://"
                       : item->known == SP_TRANSPORT_ATOMIC ? "atomic:"
                                                            : "docker-daemon:";
  const char *slash = strchr (scope, '/');

  if (strlen (scope) != item->scope->name_len)
    return;
  if (strncmp (scope, "*.", 2) == 0)
    {
      cleanup_error sigpolicy_error *error = NULL;
      for (const char *const *host = (const char *const[]){ "registry", "zz-example-zz", NULL };
           *host && !item->example; host++)
        {
          cleanup_free char *name = sp_asprintf (&error, "%s.%s", *host, scope + 2);
          sp_audit_note (audit, name ? 0 : SIGPOLICY_E_NO_MEMORY);
          probe_as (audit, item, before, name ? name : "", "/zz-example-zz/app:latest");
        }
    }
  /* "quay.io/ns" is more likely a namespace than a repository. */
  if (slash && !strpbrk (slash + 1, "/:@"))
    probe_as (audit, item, before, scope, "/app:latest");
  /* A host alone is no repository: "docker.io:latest" would be one of that name. */
  if (!slash)
    probe_as (audit, item, before, scope, "/example/app:latest");
  for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
    probe_as (audit, item, before, scope, behind[i]);
}

/* The empty scope of a transport, and the default: any image that nothing else has. */
static void
probe_rest (struct sp_audit *audit, struct sp_item *item)
{
  static const char *const any[] = {
    [SP_TRANSPORT_ATOMIC] = "atomic:registry.example/example/app:latest",
    [SP_TRANSPORT_DOCKER] = "docker://registry.example/app:latest",
    [SP_TRANSPORT_DOCKER_ARCHIVE] = "docker-archive:/srv/image.tar",
    [SP_TRANSPORT_DOCKER_DAEMON] = "docker-daemon:registry.example/app:latest",
    [SP_TRANSPORT_DIR] = "dir:/usr/image",
    [SP_TRANSPORT_OCI] = "oci:/usr/image:latest",
    [SP_TRANSPORT_OCI_ARCHIVE] = "oci-archive:/usr/image.tar:latest",
    [SP_TRANSPORT_SIF] = "sif:/usr/image.sif",
  };

  if (item->transport)
    {
      const char *name = item->known < sizeof any / sizeof *any ? any[item->known] : NULL;
      item->is_reachable = item->known != SP_TRANSPORT_OSTREE;
      if (name)
        probe (audit, item, name);
      if (item->known == SP_TRANSPORT_DOCKER)
        probe_as (audit, item, "docker://", "zz-example-zz.invalid:5000", "/app:latest");
      return;
    }
  static const enum sp_transport order[]
      = { SP_TRANSPORT_DOCKER, SP_TRANSPORT_DOCKER_DAEMON,  SP_TRANSPORT_OCI,
          SP_TRANSPORT_DIR,    SP_TRANSPORT_DOCKER_ARCHIVE, SP_TRANSPORT_ATOMIC };
  for (size_t i = 0; i < sizeof order / sizeof *order && !item->example; i++)
    probe (audit, item, any[order[i]]);
  probe_as (audit, item, "docker://", "zz-example-zz.invalid:5000", "/app:latest");
  item->is_reachable = item->example != NULL;
}

/* A path that is no link, nor below one, is what images there are called. Nothing of a policy's
 * text alone is known about links. */
static void
try_path (struct sp_audit *audit, struct sp_item *item)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_free char *real = NULL;

  if (strlen (item->scope->name) != item->scope->name_len)
    return;
  real = audit->reads_files ? sp_root_resolve (audit->root, item->scope->name, &error)
                            : sp_strdup (item->scope->name, &error);
  sp_audit_note (audit, real ? 0 : sigpolicy_error_code (error));
  item->is_reachable = real && strcmp (real, item->scope->name) == 0;
  if (item->is_reachable)
    item->example = sp_asprintf (&error, "%s:%s", item->transport->name, real);
  sp_audit_note (audit, item->is_reachable && !item->example ? SIGPOLICY_E_NO_MEMORY : 0);
}

int
sp_audit_find_examples (struct sp_audit *audit)
{
  for (size_t i = 0; i < audit->n_items && audit->rc == 0; i++)
    {
      struct sp_item *item = &audit->items[i];
      if (item->transport && !item->transport->known)
        continue;
      if (!item->scope->name_len)
        probe_rest (audit, item);
      else
        switch (item->known)
          {
          case SP_TRANSPORT_DOCKER:
          case SP_TRANSPORT_ATOMIC:
          case SP_TRANSPORT_DOCKER_DAEMON:
            probe_names (audit, item);
            break;
          case SP_TRANSPORT_DIR:
          case SP_TRANSPORT_OCI:
          case SP_TRANSPORT_OCI_ARCHIVE:
          case SP_TRANSPORT_SIF:
            try_path (audit, item);
            break;
          case SP_TRANSPORT_CONTAINERS_STORAGE:
            item->is_reachable = true; /* which stores there are is not known here */
            break;
          case SP_TRANSPORT_OSTREE:
          case SP_TRANSPORT_DOCKER_ARCHIVE:
          case SP_TRANSPORT_TARBALL:
            break;
          }
    }
  return audit->rc;
}
