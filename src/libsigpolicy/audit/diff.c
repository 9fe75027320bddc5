/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/diff.h"

#include "audit/example.h"
#include "ask/gather.h"
#include "util/alloc.h"

/*
 * Two policies differ where one of them has a scope, or in their defaults. Each image is decided on
 * by the nearest scope of either policy above it; so what is true of the images right below each of
 * those scopes is true of all.
 */

void
sp_diff_free (struct sp_diff *diff)
{
  if (!diff)
    return;
  for (size_t i = 0; i < diff->n_rows; i++)
    {
      free (diff->rows[i].image);
      free (diff->rows[i].example);
    }
  free (diff->rows);
  sp_key_contents_free (diff->contents);
  sp_policy_free (diff->before);
  sp_policy_free (diff->after);
  free (diff);
}

/* One row more, whose strings are taken over, with the change filled in. */
static int
add_row (struct sp_diff *diff, struct sp_diff_row *row, sigpolicy_error **err)
{
  int rc
      = sp_requirements_compare (&row->before.scope->requirements, &row->after.scope->requirements,
                                 diff->contents, &row->change, err);
  if (rc == 0)
    rc = sp_grow (&diff->rows, &diff->rows_capacity, diff->n_rows, sizeof *diff->rows, err);
  if (rc < 0)
    {
      free (row->image);
      free (row->example);
      return rc;
    }
  diff->rows[diff->n_rows++] = *row;
  return 0;
}

/* What decides on images right below a scope. */
static struct sp_policy_match
effective (const struct sp_policy *policy, const struct sp_diff_row *row,
           const struct sp_strv *parents)
{
  const struct sp_policy_scope *scope = sp_policy_find_scope (policy, row->transport, row->name);

  for (size_t i = 0; !scope && i < parents->len; i++)
    scope = sp_policy_find_scope (policy, row->transport, sp_view_str (parents->items[i]));
  if (!scope)
    scope = sp_policy_find_scope (policy, row->transport, sp_view_str (""));
  return scope
             ? (struct sp_policy_match){ scope, sp_policy_find_transport (policy, row->transport) }
             : (struct sp_policy_match){ sp_policy_default (policy), NULL };
}

static int
add_scope (struct sp_diff *diff, enum sp_transport transport, struct sp_view name,
           sigpolicy_error **err)
{
  struct sp_diff_row row = { .has_transport = true, .transport = transport, .name = name };
  cleanup_strv struct sp_strv parents = { 0 };

  int rc = sp_scope_parents (transport, name, &parents, err);
  if (rc == 0 && transport == SP_TRANSPORT_DOCKER && name.len)
    {
      row.example = sp_example_image (name, err);
      row.unused = !row.example;
      rc = *err ? sigpolicy_error_code (*err) : 0;
    }
  if (rc < 0)
    return rc;
  row.before = effective (diff->before, &row, &parents);
  row.after = effective (diff->after, &row, &parents);
  return add_row (diff, &row, err);
}

static int
by_name (const void *one, const void *other)
{
  const struct sp_view *a = one, *b = other;
  return sp_view_compare (*a, *b);
}

/* The scopes of a transport in both policies, each once. */
static int
add_transport (struct sp_diff *diff, enum sp_transport transport, sigpolicy_error **err)
{
  const struct sp_policy_transport *both[] = { sp_policy_find_transport (diff->before, transport),
                                               sp_policy_find_transport (diff->after, transport) };
  size_t n = 0, total = (both[0] ? both[0]->n_scopes : 0) + (both[1] ? both[1]->n_scopes : 0);
  int rc = 0;

  if (!total)
    return 0;
  cleanup_free struct sp_view *names = sp_calloc (total, sizeof *names, err);
  if (!names)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < 2; i++)
    for (size_t j = 0; both[i] && j < both[i]->n_scopes; j++)
      names[n++] = sp_view_n (both[i]->scopes[j].name, both[i]->scopes[j].name_len);
  qsort (names, n, sizeof *names, by_name);
  for (size_t i = 0; rc == 0 && i < n; i++)
    if (i == 0 || !sp_view_equal (names[i - 1], names[i]))
      rc = add_scope (diff, transport, names[i], err);
  return rc;
}

int
sp_diff_new (struct sp_policy *before, struct sp_policy *after, struct sp_diff **ret,
             sigpolicy_error **err)
{
  cleanup_diff struct sp_diff *diff = sp_calloc (1, sizeof *diff, err);

  if (!diff)
    return SIGPOLICY_E_NO_MEMORY;
  diff->before = sp_policy_ref (before);
  diff->after = sp_policy_ref (after);
  struct sp_diff_row whole = { .before = { sp_policy_default (before), NULL },
                               .after = { sp_policy_default (after), NULL } };
  int rc = sp_key_contents_new (&diff->contents, err);
  if (rc == 0)
    rc = add_row (diff, &whole, err);
  for (int transport = 0; rc == 0 && transport < SP_TRANSPORTS; transport++)
    rc = add_transport (diff, (enum sp_transport)transport, err);
  if (rc < 0)
    return rc;
  *ret = steal (&diff);
  return 0;
}

int
sp_diff_add_image (struct sp_diff *diff, const char *image, sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *name = NULL;
  cleanup_strv struct sp_strv warnings = { 0 };
  /* Of the context only what it would call a name without a registry. */
  SP_CLEANUP (sp_context_clear) struct sp_context context = { 0 };

  int rc = sp_image_parse (&context, image, &name, &warnings, err);
  if (rc < 0)
    return rc;
  struct sp_diff_row row = { .has_transport = true,
                             .transport = name->transport,
                             .image = steal (&name->text),
                             .before = sp_policy_lookup (diff->before, name),
                             .after = sp_policy_lookup (diff->after, name) };
  return add_row (diff, &row, err);
}

size_t
sp_diff_count (const struct sp_diff *diff, sigpolicy_change change)
{
  size_t count = 0;
  for (size_t i = 0; i < diff->n_rows; i++)
    count += diff->rows[i].change == change && !diff->rows[i].unused;
  return count;
}
