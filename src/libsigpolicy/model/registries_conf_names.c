/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_conf_int.h"

#include "reference/grammar.h"
#include "util/codec.h"
#include "util/limits.h"

#include <search.h>

/* Names without a registry: their aliases, and the registries that are searched for them. */

void
sp_alias_free (void *data)
{
  struct alias *alias = data;
  if (alias)
    sp_reference_free (alias->reference);
  free (alias);
}

SP_DEFINE_CLEANUP (struct alias *, sp_alias_free);
#define cleanup_alias SP_CLEANUP (sp_alias_free_p)

static int
by_name (const void *a, const void *b)
{
  return sp_view_compare (((const struct alias *)a)->name, ((const struct alias *)b)->name);
}

/* Does the first component say where, as a host, a port or localhost? */
static bool
has_registry (const struct sp_grammar_parts *parts)
{
  return sp_view_find (parts->domain, '.') != SP_VIEW_NONE
         || sp_view_find (parts->domain, ':') != SP_VIEW_NONE
         || sp_view_is (parts->domain, "localhost");
}

/* --- aliases -------------------------------------------------------------------------------- */

/* One more problem of a file, in a line of its own. */
static int
note (struct sp_buf *problems, const char *before, struct sp_view named, const char *behind,
      sigpolicy_error **err)
{
  cleanup_free char *quoted = sp_quote_dup (named, err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  sp_buf_printf (problems, "%s %s: %s\n", before, quoted, behind);
  return sp_buf_check (problems, err);
}

/* A name of an alias must be short, its value must not; neither has a tag or a digest. */
static const char *
problem_of_parts (const struct sp_grammar_parts *parts, bool short_name)
{
  if (parts->digest.data)
    return "must not contain digest";
  if (parts->tag.data)
    return "must not contain tag";
  if (short_name)
    return has_registry (parts) ? "must not contain registry" : NULL;
  return has_registry (parts) ? NULL : "must contain registry and repository";
}

/* The name or the value of an alias; what is wrong with it is noted. */
static int
check_part (struct sp_view text, bool short_name, struct sp_buf *problems, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_grammar_parts parts;

  int rc = sp_reference_split (text, &parts, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0)
    return note (problems, short_name ? "cannot parse short name:" : "parsing alias", text,
                 sigpolicy_error_message (fault), err);
  const char *problem = problem_of_parts (&parts, short_name);
  return problem ? note (problems, short_name ? "invalid short name" : "invalid alias", text,
                         problem, err)
                 : 0;
}

static int
take_alias (struct sp_registries_conf *conf, const struct sp_toml_node *node, const char *path,
            sigpolicy_error **err)
{
  cleanup_alias struct alias *alias = sp_calloc (1, sizeof *alias, err);
  if (!alias)
    return SIGPOLICY_E_NO_MEMORY;
  alias->name = node->key;
  alias->file = path;
  int rc = node->text.len ? sp_reference_parse (node->text, &alias->reference, err) : 0;
  if (rc < 0) /* in full it is too long */
    {
      (void)sp_error_prefix (err, "validating short-name aliases");
      return sp_error_position (err, NULL, node->key_line, node->key_column, NULL);
    }
  struct alias **known = tsearch (alias, &conf->aliases, by_name);
  if (!known)
    return sp_error_no_memory (err);
  /* The later one counts; of the earlier, the tree keeps the place. */
  struct alias *earlier = *known == alias ? NULL : *known;
  *known = steal (&alias);
  sp_alias_free (earlier);
  return 0;
}

int
sp_conf_file_take_aliases (struct sp_registries_conf *conf, const struct conf_file *file,
                           sigpolicy_error **err)
{
  cleanup_buf struct sp_buf problems = SP_BUF (SP_TOML_BYTES_MAX * 8);
  const struct sp_toml_node *first = file->aliases ? file->aliases->first : NULL, *worst = NULL;
  int rc = 0;

  for (const struct sp_toml_node *it = first; rc == 0 && it; it = it->next)
    {
      rc = check_part (it->key, true, &problems, err);
      if (rc == 0 && it->text.len)
        rc = check_part (it->text, false, &problems, err);
      if (problems.len && !worst)
        worst = it;
    }
  if (rc == 0 && worst)
    {
      struct sp_view all = sp_buf_view (&problems);
      size_t first_end = sp_view_find (all, '\n');
      (void)sp_conf_file_fault (worst, err, "validating short-name aliases: %.*s", (int)first_end,
                                all.data);
      return sp_error_list (err, sp_view_from (all, first_end + 1));
    }
  for (const struct sp_toml_node *it = first; rc == 0 && it; it = it->next)
    rc = take_alias (conf, it, file->path, err);
  return rc;
}

/* --- what a name stands for ----------------------------------------------------------------- */

/* reference with the tag and the digest of parts, or with the default tag. */
static int
add_candidate (const struct sp_reference *reference, const struct sp_grammar_parts *parts,
               struct sp_strv *candidates, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (2 * SP_REFERENCE_BYTES_MAX);
  sp_buf_str (&text, reference->name);
  if (parts->tag.data || !parts->digest.data)
    sp_buf_byte (&text, ':');
  if (parts->tag.data)
    sp_buf_add (&text, parts->tag);
  else if (!parts->digest.data)
    sp_buf_str (&text, "latest");
  if (parts->digest.data)
    {
      sp_buf_byte (&text, '@');
      sp_buf_add (&text, parts->digest);
    }
  int rc = sp_buf_check (&text, err);
  return rc < 0 ? rc : sp_strv_add (candidates, sp_buf_view (&text), err);
}

/* registry/name, or name alone where it has a registry. */
static int
add_expanded (struct sp_view registry, const struct sp_grammar_parts *parts,
              struct sp_strv *candidates, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (2 * SP_REFERENCE_BYTES_MAX);
  cleanup_reference struct sp_reference *reference = NULL;
  if (registry.len)
    {
      sp_buf_add (&text, registry);
      sp_buf_byte (&text, '/');
    }
  sp_buf_add (&text, parts->name);
  int rc = sp_buf_check (&text, err);
  if (rc == 0)
    rc = sp_reference_parse (sp_buf_view (&text), &reference, err);
  if (rc < 0 && registry.len)
    return sp_error_prefix (err, "creating reference with unqualified-search registry \"%.*s\"",
                            (int)registry.len, registry.data);
  return rc < 0 ? rc : add_candidate (reference, parts, candidates, err);
}

static int
expand (const struct sp_registries_conf *conf, const struct sp_grammar_parts *parts,
        struct sp_strv *candidates, const char **ret_file, sigpolicy_error **err)
{
  const struct alias wanted = { .name = parts->name };
  struct alias *const *alias = tfind (&wanted, &conf->aliases, by_name);
  int rc = 0;

  *ret_file = NULL;
  if (has_registry (parts))
    return add_expanded (sp_view_str (""), parts, candidates, err);
  if (alias && (*alias)->reference)
    {
      *ret_file = (*alias)->file;
      return add_candidate ((*alias)->reference, parts, candidates, err);
    }
  *ret_file = conf->search_file;
  for (size_t i = 0; rc == 0 && i < conf->n_search; i++)
    rc = add_expanded (conf->search[i], parts, candidates, err);
  return rc;
}

int
sp_registries_conf_expand (const struct sp_registries_conf *conf, struct sp_view name,
                           struct sp_strv *ret, const char **ret_file, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv candidates = { 0 };
  struct sp_grammar_parts parts;
  const char *file = NULL;

  int rc = sp_reference_split (name, &parts, err);
  if (rc == 0)
    rc = expand (conf, &parts, &candidates, &file, err);
  if (rc < 0)
    return rc;
  *ret = candidates;
  memset (&candidates, 0, sizeof candidates);
  if (ret_file)
    *ret_file = file;
  return 0;
}
