/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_conf_int.h"

#include "util/codec.h"
#include "util/limits.h"

#include <search.h>

/* Which entry speaks of a name, and which names come of it. */

int
sp_registry_compare (const void *a, const void *b)
{
  return sp_view_compare (((const struct registry *)a)->prefix,
                          ((const struct registry *)b)->prefix);
}

/* --- choosing an entry ---------------------------------------------------------------------- */

/* Where a prefix may end in a name. */
static bool
ends_at (struct sp_view name, size_t at)
{
  return at == name.len || name.data[at] == ':' || name.data[at] == '/' || name.data[at] == '@';
}

/* How much of a name a prefix matches, or SP_VIEW_NONE. "*.dom" goes by the first ".dom" alone, and
 * needs a host round it. A plain host matches itself with any port: that is how users know it. */
static size_t
match (struct sp_view name, struct sp_view prefix)
{
  if (!sp_view_starts (prefix, sp_view_str ("*.")))
    return sp_view_starts (name, prefix) && ends_at (name, prefix.len) ? prefix.len : SP_VIEW_NONE;
  struct sp_view domain = sp_view_from (prefix, 1);
  const char *found = memmem (name.data, name.len, domain.data, domain.len);
  size_t at = found ? (size_t)(found - name.data) : 0;
  if (!found || sp_view_find (sp_view_head (name, at), '/') != SP_VIEW_NONE)
    return SP_VIEW_NONE;
  return ends_at (name, at + domain.len) ? at + domain.len : SP_VIEW_NONE;
}

struct search
{
  struct sp_view name;
  const struct registry *best;
};

/* The longest prefix; of a wildcard and a plain one of the same length, the wildcard, as the tree
 * is walked in the order of the bytes. */
static void
consider (const void *node, VISIT visit, void *data)
{
  const struct registry *registry = *(struct registry *const *)node;
  struct search *search = data;
  if ((visit == postorder || visit == leaf)
      && (search->best ? search->best->prefix.len : 0) < registry->prefix.len
      && match (search->name, registry->prefix) != SP_VIEW_NONE)
    search->best = registry;
}

static const struct registry *
find_registry (const struct sp_registries_conf *conf, const char *name)
{
  struct search search = { .name = sp_view_str (name) };
  twalk_r (conf->registries, consider, &search);
  return search.best;
}

/* --- endpoints ------------------------------------------------------------------------------ */

static void
clear_endpoint (struct sp_endpoint *endpoint)
{
  sp_reference_free (endpoint->reference);
  free (endpoint->refusal);
}

void
sp_endpoints_clear (struct sp_endpoints *endpoints)
{
  for (size_t i = 0; i < endpoints->len; i++)
    clear_endpoint (&endpoints->items[i]);
  free (endpoints->items);
  memset (endpoints, 0, sizeof *endpoints);
}

static int
unusable_name (const struct registry *registry, const struct location *location, const char *text,
               sigpolicy_error **err)
{
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  (void)sp_error_prefix (err, "rewriting reference");
  (void)sp_error_position (err, registry->file, location->line, 0, NULL);
  cleanup_free char *shown = sp_escape_dup (sp_view_str (text), err);
  return shown ? sp_error_hint (
             err, "the location leads to \"%s\", which is no full name of an image", shown)
               : SIGPOLICY_E_NO_MEMORY;
}

/* The name of an image at a location; an empty one, of a wildcard, leaves it as it is. */
static int
rewrite (const struct registry *registry, const struct location *location,
         const struct sp_reference *logical, struct sp_reference **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TOML_BYTES_MAX + SP_REFERENCE_BYTES_MAX);
  struct sp_view name = sp_view_str (logical->string);
  size_t matched = location->text.len ? match (name, registry->prefix) : 0;

  if (matched == SP_VIEW_NONE) /* no name matches without what is behind it */
    return sp_error_set (err, SIGPOLICY_E_INTERNAL, SIGPOLICY_REASON_INTERNAL,
                         "the prefix of a registry matches a name in part");
  sp_buf_add (&text, location->text);
  sp_buf_add (&text, sp_view_from (name, matched));
  int rc = sp_buf_check (&text, err);
  if (rc < 0)
    return rc;
  rc = sp_reference_parse_canonical (sp_buf_view (&text), ret, err);
  return rc < 0 && rc != SIGPOLICY_E_NO_MEMORY ? unusable_name (registry, location, text.data, err)
                                               : rc;
}

/* Would a registry not be asked at all? */
static int
judge (const struct sp_registries_conf *conf, struct sp_endpoint *endpoint, sigpolicy_error **err)
{
  const struct sp_reference *reference = endpoint->reference;
  const struct registry *registry = find_registry (conf, reference->name);

  if (reference->tag && reference->digest)
    {
      endpoint->refusal = sp_strdup (
          "Docker references with both a tag and digest are currently not supported", err);
      return endpoint->refusal ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  if (!registry || !registry->blocked)
    return 0;
  cleanup_free char *prefix = sp_escape_dup (registry->prefix, err);
  if (!prefix)
    return SIGPOLICY_E_NO_MEMORY;
  endpoint->refusal = sp_asprintf (err, "registry %s is blocked in %s", prefix, conf->sources);
  endpoint->blocked = true;
  endpoint->blocked_file = registry->file;
  endpoint->blocked_line = registry->primary.line;
  return endpoint->refusal ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* Takes endpoint over, also on failure. */
static int
add_endpoint (const struct sp_registries_conf *conf, struct sp_endpoint endpoint,
              struct sp_endpoints *endpoints, sigpolicy_error **err)
{
  int rc = judge (conf, &endpoint, err);
  if (rc == 0)
    rc = sp_grow (&endpoints->items, &endpoints->capacity, endpoints->len, sizeof *endpoints->items,
                  err);
  if (rc < 0)
    {
      clear_endpoint (&endpoint);
      return rc;
    }
  endpoints->items[endpoints->len++] = endpoint;
  return 0;
}

static int
add_location (const struct sp_registries_conf *conf, const struct registry *registry,
              const struct location *location, const struct sp_reference *logical,
              struct sp_endpoints *endpoints, sigpolicy_error **err)
{
  struct sp_endpoint endpoint = { .insecure = location->insecure,
                                  .mirror = location != &registry->primary,
                                  .file = registry->file,
                                  .line = location->line };
  int rc = rewrite (registry, location, logical, &endpoint.reference, err);
  return rc < 0 ? rc : add_endpoint (conf, endpoint, endpoints, err);
}

/* What no entry speaks of is asked for where its name says. */
static int
add_as_it_is (const struct sp_registries_conf *conf, const struct sp_reference *logical,
              struct sp_endpoints *endpoints, sigpolicy_error **err)
{
  struct sp_endpoint endpoint = { 0 };
  int rc = sp_reference_parse_canonical (sp_view_str (logical->string), &endpoint.reference, err);
  return rc < 0 ? rc : add_endpoint (conf, endpoint, endpoints, err);
}

static bool
is_used (const struct location *mirror, const struct sp_reference *logical)
{
  return mirror->use == USE_ALWAYS || (mirror->use == USE_FOR_DIGESTS) == (logical->digest != NULL);
}

int
sp_registries_conf_endpoints (const struct sp_registries_conf *conf,
                              const struct sp_reference *logical, struct sp_endpoints *ret,
                              sigpolicy_error **err)
{
  cleanup_endpoints struct sp_endpoints endpoints = { 0 };
  const struct registry *registry = find_registry (conf, logical->name);
  int rc = 0;

  for (size_t i = 0; rc == 0 && registry && i < registry->n_mirrors; i++)
    if (is_used (&registry->mirrors[i], logical))
      rc = add_location (conf, registry, &registry->mirrors[i], logical, &endpoints, err);
  if (rc == 0)
    rc = registry ? add_location (conf, registry, &registry->primary, logical, &endpoints, err)
                  : add_as_it_is (conf, logical, &endpoints, err);
  if (rc < 0)
    return rc;
  *ret = endpoints;
  memset (&endpoints, 0, sizeof endpoints);
  return 0;
}
