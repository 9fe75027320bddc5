/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

/*
 * For each scope an image that matches it. Names are probed: what the scope itself looks like,
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

/* The item that matches an image, or the next one after another; NULL only after the default. */
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

int
sp_audit_match (struct sp_audit *audit, struct sp_view text, const struct sp_item **ret,
                struct sp_reference **ret_reference, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_reference struct sp_reference *named = NULL, *reference = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;

  *ret = NULL;
  int rc = sp_reference_parse (text, &named, &error);
  if (rc == 0)
    rc = sp_reference_with_default_tag (named, &reference, &error);
  if (rc == 0)
    rc = sp_image_name_from_reference (reference, &name, &error);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0 || !audit->n_items)
    return 0;
  if (ret_reference)
    *ret_reference = steal (&reference);
  *ret = item_of (audit, name, NULL);
  return 0;
}

int
sp_audit_parent (struct sp_audit *audit, const struct sp_item *item, const struct sp_item **ret,
                 sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;

  *ret = NULL;
  if (!item->example || !item->transport)
    return 0;
  int rc = sp_image_name_parse (sp_view_str (item->example), &name, &error);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  *ret = rc == 0 ? item_of (audit, name, item) : NULL;
  return 0;
}

/* Has the image this scope among its candidates, and is it the one that matches? */
static int
probe (struct sp_audit *audit, struct sp_item *item, const char *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;
  struct sp_view scope = sp_view_n (item->scope->name, item->scope->name_len);

  int rc = sp_image_name_parse (sp_view_str (text), &name, &error);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  bool is_candidate = !item->transport;
  const char *candidate;
  for (size_t i = 0; !is_candidate && (candidate = sp_image_name_scope (name, i)); i++)
    is_candidate = sp_view_is (scope, candidate);
  item->is_reachable = item->is_reachable || is_candidate;
  if (item->example || item_of (audit, name, NULL) != item)
    return 0;
  /* In full: "docker://docker.io/example/app:latest". */
  item->example = name->transport == SP_TRANSPORT_DOCKER && name->reference
                      ? sp_asprintf (err, "docker://%s", name->reference->string)
                      : sp_strdup (name->text, err);
  return item->example ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
probe_as (struct sp_audit *audit, struct sp_item *item, const char *before, const char *text,
          const char *behind, sigpolicy_error **err)
{
  if (item->example)
    return 0;
  cleanup_free char *name = sp_asprintf (err, "%s%s%s", before, text, behind);
  return name ? probe (audit, item, name, err) : SIGPOLICY_E_NO_MEMORY;
}

/* An image of any host below the domain of "*.DOMAIN". */
static int
probe_wildcard (struct sp_audit *audit, struct sp_item *item, const char *before,
                const char *domain, sigpolicy_error **err)
{
  static const char *const hosts[] = { "registry", "zz-example-zz" };
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < sizeof hosts / sizeof *hosts && !item->example; i++)
    {
      cleanup_free char *host = sp_asprintf (err, "%s.%s", hosts[i], domain);
      rc = host ? probe_as (audit, item, before, host, "/zz-example-zz/app:latest", err)
                : SIGPOLICY_E_NO_MEMORY;
    }
  return rc;
}

/* What a scope of a registry's transports may be: a whole name, a repository, something above
 * repositories, all hosts below a domain. Unlikely names serve where likely ones have scopes of
 * their own. */
static int
probe_names (struct sp_audit *audit, struct sp_item *item, sigpolicy_error **err)
{
  static const char *const behind[]
      = { ":latest", "", "/app:latest", "/example/app:latest", "/zz-example-zz/app:latest" };
  const char *scope = item->scope->name;
  const char *before = item->known == SP_TRANSPORT_DOCKER   ? "docker://"
                       : item->known == SP_TRANSPORT_ATOMIC ? "atomic:"
                                                            : "docker-daemon:";
  const char *slash = strchr (scope, '/');
  int rc = 0;

  if (strlen (scope) != item->scope->name_len)
    return 0;
  if (strncmp (scope, "*.", 2) == 0)
    rc = probe_wildcard (audit, item, before, scope + 2, err);
  /* "quay.io/ns" is more likely a namespace than a repository. */
  if (rc == 0 && slash && !strpbrk (slash + 1, "/:@"))
    rc = probe_as (audit, item, before, scope, "/app:latest", err);
  /* A host alone is no repository: "docker.io:latest" would be one of that name. */
  if (rc == 0 && !slash)
    rc = probe_as (audit, item, before, scope, "/example/app:latest", err);
  for (size_t i = 0; rc == 0 && i < sizeof behind / sizeof *behind; i++)
    rc = probe_as (audit, item, before, scope, behind[i], err);
  return rc;
}

/* The empty scope of a transport, and the default: any image that nothing else has. */
static int
probe_rest (struct sp_audit *audit, struct sp_item *item, sigpolicy_error **err)
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

  static const enum sp_transport order[]
      = { SP_TRANSPORT_DOCKER, SP_TRANSPORT_DOCKER_DAEMON,  SP_TRANSPORT_OCI,
          SP_TRANSPORT_DIR,    SP_TRANSPORT_DOCKER_ARCHIVE, SP_TRANSPORT_ATOMIC };
  int rc = 0;

  if (item->transport)
    {
      const char *name = item->known < sizeof any / sizeof *any ? any[item->known] : NULL;
      item->is_reachable = item->known != SP_TRANSPORT_OSTREE;
      if (name)
        rc = probe (audit, item, name, err);
      if (rc == 0 && item->known == SP_TRANSPORT_DOCKER)
        rc = probe_as (audit, item, "docker://", "zz-example-zz.invalid:5000", "/app:latest", err);
      return rc;
    }
  for (size_t i = 0; rc == 0 && i < sizeof order / sizeof *order && !item->example; i++)
    rc = probe (audit, item, any[order[i]], err);
  if (rc == 0)
    rc = probe_as (audit, item, "docker://", "zz-example-zz.invalid:5000", "/app:latest", err);
  item->is_reachable = item->example != NULL;
  return rc;
}

/* A path that is no link, nor below one, is what images there are called. Nothing of a policy's
 * text alone is known about links. */
static int
try_path (struct sp_audit *audit, struct sp_item *item, sigpolicy_error **err)
{
  if (strlen (item->scope->name) != item->scope->name_len)
    return 0;
  cleanup_free char *real = audit->reads_files
                                ? sp_root_resolve (audit->root, item->scope->name, err)
                                : sp_strdup (item->scope->name, err);
  if (!real)
    return sigpolicy_error_code (*err);
  item->is_reachable = strcmp (real, item->scope->name) == 0;
  if (!item->is_reachable)
    return 0;
  item->example = sp_asprintf (err, "%s:%s", item->transport->name, real);
  return item->example ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
find_example (struct sp_audit *audit, struct sp_item *item, sigpolicy_error **err)
{
  if (item->transport && !item->transport->known)
    return 0;
  if (!item->scope->name_len)
    return probe_rest (audit, item, err);
  switch (item->known)
    {
    case SP_TRANSPORT_DOCKER:
    case SP_TRANSPORT_ATOMIC:
    case SP_TRANSPORT_DOCKER_DAEMON:
      return probe_names (audit, item, err);
    case SP_TRANSPORT_DIR:
    case SP_TRANSPORT_OCI:
    case SP_TRANSPORT_OCI_ARCHIVE:
    case SP_TRANSPORT_SIF:
      return try_path (audit, item, err);
    case SP_TRANSPORT_CONTAINERS_STORAGE:
      item->is_reachable = true; /* which stores there are is not known here */
      return 0;
    case SP_TRANSPORT_OSTREE:
    case SP_TRANSPORT_DOCKER_ARCHIVE:
    case SP_TRANSPORT_TARBALL:
      break;
    }
  return 0;
}

int
sp_audit_find_examples (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < audit->n_items; i++)
    rc = find_example (audit, &audit->items[i], err);
  return rc;
}
