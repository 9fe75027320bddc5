/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_conf_int.h"

#include "reference/grammar.h"
#include "util/codec.h"

#include <search.h>

/* What a file must not say, in the order in which the containers image library looks for it. */

int
sp_conf_file_fault (const struct sp_toml_node *node, sigpolicy_error **err, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  (void)sp_error_vset (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, format, args);
  va_end (args);
  return sp_error_position (err, NULL, node->key_line, node->key_column, NULL);
}

/* A fault that names a value, in quotes between the words before and behind it. */
static int
fault_naming (const struct sp_toml_node *node, const char *before, struct sp_view value,
              const char *behind, sigpolicy_error **err)
{
  cleanup_free char *quoted = sp_quote_dup (value, err);
  return quoted ? sp_conf_file_fault (node, err, "%s%s%s", before, quoted, behind)
                : SIGPOLICY_E_NO_MEMORY;
}

/* A fault of a whole entry. */
static int
fault_of_entry (unsigned line, const char *message, const char *advice, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "%s", message);
  (void)sp_error_position (err, NULL, line, 0, NULL);
  return sp_error_hint (err, "%s", advice);
}

/* Without slashes at the end, and no URL. */
static int
trim (const struct sp_toml_node *value, struct sp_view *ret, sigpolicy_error **err)
{
  struct sp_view text = sp_conf_text (value);
  while (text.len && text.data[text.len - 1] == '/')
    text.len--;
  *ret = text;
  if (!sp_view_starts (text, sp_view_str ("http://"))
      && !sp_view_starts (text, sp_view_str ("https://")))
    return 0;
  cleanup_free char *shown = sp_escape_dup (value->text, err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_conf_file_fault (value, err, "invalid location '%s': URI schemes are not supported",
                            shown);
  return sp_error_hint (err, "write only the host; for plain HTTP, use insecure = true");
}

/* --- one entry ------------------------------------------------------------------------------ */

static bool
is_wildcard (struct sp_view prefix)
{
  return sp_view_starts (prefix, sp_view_str ("*."));
}

static int
check_prefix (struct registry *registry, sigpolicy_error **err)
{
  if (!sp_conf_text (registry->written_prefix).len)
    {
      registry->prefix = registry->primary.text;
      return registry->prefix.len
                 ? 0
                 : fault_of_entry (registry->primary.line,
                                   "invalid condition: both location and prefix are unset",
                                   "say which registry this is: location = \"registry.example\"",
                                   err);
    }
  int rc = trim (registry->written_prefix, &registry->prefix, err);
  if (rc == 0 && !registry->primary.text.len && !is_wildcard (registry->prefix))
    rc = fault_of_entry (
        registry->primary.line,
        "invalid condition: location is unset and prefix is not in the format: *.example.com",
        "add a location: the same as the prefix, if the name is not rewritten", err);
  return rc;
}

static int
chosen_twice (const struct registry *registry, const struct location *mirror, sigpolicy_error **err)
{
  cleanup_free char *prefix = sp_quote_dup (registry->prefix, err);
  cleanup_free char *location = prefix ? sp_quote_dup (mirror->text, err) : NULL;
  if (!location)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_conf_file_fault (mirror->pull_from_mirror, err,
                            "cannot set mirror usage mirror-by-digest-only for the registry (%s) "
                            "and pull-from-mirror for per-mirror (%s) at the same time",
                            prefix, location);
  return sp_error_hint (err, "instead of the former, write pull-from-mirror = \"digest-only\" in "
                             "each mirror");
}

static int
unknown_use (const struct location *mirror, sigpolicy_error **err)
{
  cleanup_free char *word = sp_quote_dup (mirror->pull_from_mirror->text, err);
  cleanup_free char *location = word ? sp_quote_dup (mirror->text, err) : NULL;
  if (!location)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_conf_file_fault (mirror->pull_from_mirror, err,
                            "unsupported pull-from-mirror value %s for mirror %s", word, location);
  return sp_error_hint (err, "write \"all\", \"digest-only\" or \"tag-only\"");
}

static int
check_use (const struct registry *registry, struct location *mirror, sigpolicy_error **err)
{
  static const struct
  {
    const char *word;
    enum use_of_mirror use;
  } words[] = {
    { "all", USE_ALWAYS },
    { "digest-only", USE_FOR_DIGESTS },
    { "tag-only", USE_FOR_TAGS },
  };
  struct sp_view word = sp_conf_text (mirror->pull_from_mirror);

  mirror->use = registry->mirror_by_digest_only ? USE_FOR_DIGESTS : USE_ALWAYS;
  if (!word.len)
    return 0;
  if (registry->mirror_by_digest_only)
    return chosen_twice (registry, mirror, err);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (sp_view_is (word, words[i].word))
      {
        mirror->use = words[i].use;
        return 0;
      }
  return unknown_use (mirror, err);
}

static int
check_registry (struct registry *registry, sigpolicy_error **err)
{
  int rc = trim (registry->primary.location, &registry->primary.text, err);
  if (rc == 0)
    rc = check_prefix (registry, err);
  if (rc == 0 && sp_conf_text (registry->primary.pull_from_mirror).len)
    {
      (void)fault_naming (registry->primary.pull_from_mirror,
                          "pull-from-mirror must not be set for a non-mirror registry ",
                          registry->prefix, "", err);
      rc = sp_error_hint (err, "move it into a [[registry.mirror]]");
    }
  for (size_t i = 0; rc == 0 && i < registry->n_mirrors; i++)
    {
      struct location *mirror = &registry->mirrors[i];
      rc = trim (mirror->location, &mirror->text, err);
      if (rc == 0 && !mirror->text.len)
        rc = fault_of_entry (mirror->line, "invalid condition: mirror location is unset",
                             "add a location, or remove the mirror", err);
      if (rc == 0)
        rc = check_use (registry, mirror, err);
    }
  return rc;
}

/* Of *. and a host, without a port: whatever else there is would never match. */
static int
check_wildcard (const struct registry *registry, sigpolicy_error **err)
{
  struct sp_view prefix = registry->prefix;
  if (!is_wildcard (prefix)
      || (sp_view_find (prefix, '/') == SP_VIEW_NONE && sp_view_find (prefix, '@') == SP_VIEW_NONE
          && sp_view_find (prefix, ':') == SP_VIEW_NONE))
    return 0;
  return fault_naming (registry->written_prefix ? registry->written_prefix
                                                : registry->primary.location,
                       "Wildcarded prefix should be in the format: *.example.com. Current prefix ",
                       prefix, " is incorrectly formatted", err);
}

/* --- entries together ----------------------------------------------------------------------- */

/* Where an entry leads, by which it must agree with others. */
static struct sp_view
target (const struct registry *registry)
{
  return registry->primary.text.len ? registry->primary.text : registry->prefix;
}

static int
by_target (const void *a, const void *b)
{
  return sp_view_compare (target (a), target (b));
}

/* An index of these by their targets. */
static void
forget (const struct registries *registries, void **index)
{
  for (size_t i = 0; *index && i < registries->len; i++)
    (void)tdelete (registries->items[i], index, by_target);
}

static int
disagreement (const struct registry *first, const struct registry *second, sigpolicy_error **err)
{
  const char *setting
      = first->primary.insecure != second->primary.insecure ? "insecure" : "blocked";
  cleanup_free char *location = sp_escape_dup (first->primary.text, err);
  cleanup_free char *message
      = location
            ? sp_asprintf (err,
                           "registry '%s' is defined multiple times with conflicting '%s' setting",
                           location, setting)
            : NULL;
  cleanup_free char *advice
      = message ? sp_asprintf (err, "the other one is in line %u", first->primary.line) : NULL;
  return advice ? fault_of_entry (second->primary.line, message, advice, err)
                : SIGPOLICY_E_NO_MEMORY;
}

/* Entries of one file with the same location must agree on insecure and blocked. Of several that
 * do not, the first is reported. */
static int
check_agreement (const struct registries *registries, sigpolicy_error **err)
{
  void *index = NULL;
  const struct registry *first = NULL, *second = NULL;
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < registries->len; i++)
    {
      const struct registry *registry = registries->items[i];
      struct registry *const *known = tsearch (registry, &index, by_target);
      if (!known)
        rc = sp_error_no_memory (err);
      else if (((*known)->primary.insecure != registry->primary.insecure
                || (*known)->blocked != registry->blocked)
               && (!first || (*known)->primary.line < first->primary.line))
        {
          first = *known;
          second = registry;
        }
    }
  forget (registries, &index);
  return rc == 0 && first ? disagreement (first, second, err) : rc;
}

/* --- the rest ------------------------------------------------------------------------------- */

static int
check_search (const struct sp_toml_node *list, sigpolicy_error **err)
{
  for (const struct sp_toml_node *it = list ? list->first : NULL; it; it = it->next)
    {
      struct sp_view host;
      int rc = trim (it, &host, err);
      if (rc == 0 && !sp_grammar_domain (host))
        {
          (void)fault_naming (it, "Invalid unqualified-search-registries entry ", host, "", err);
          rc = sp_error_hint (err, "write only a host, with a port if needed");
        }
      if (rc < 0)
        return rc;
    }
  return 0;
}

static int
check_mode (const struct sp_toml_node *mode, sigpolicy_error **err)
{
  struct sp_view word = sp_conf_text (mode);
  if (!word.len || sp_view_is (word, "enforcing") || sp_view_is (word, "permissive")
      || sp_view_is (word, "disabled"))
    return 0;
  (void)fault_naming (mode, "invalid short-name mode: ", word, "", err);
  return sp_error_hint (err, "write \"enforcing\", \"permissive\" or \"disabled\"");
}

/* A helper is found by its name, which would end at a NUL. */
static int
check_helpers (const struct sp_toml_node *list, sigpolicy_error **err)
{
  for (const struct sp_toml_node *it = list ? list->first : NULL; it; it = it->next)
    if (sp_view_find (it->text, '\0') != SP_VIEW_NONE)
      return fault_naming (it, "invalid credential helper ", it->text, "", err);
  return 0;
}

/* --- version 1 ------------------------------------------------------------------------------ */

/* The entry of a location, new or known. */
static struct registry *
v1_registry (struct registries *registries, void **index, const struct sp_toml_node *value,
             sigpolicy_error **err)
{
  struct registry wanted = { 0 };

  if (trim (value, &wanted.primary.text, err) < 0)
    return NULL;
  struct registry **known = tfind (&wanted, index, by_target);
  if (known)
    return *known;
  struct registry *registry = sp_registries_add (registries, value->line, err);
  if (!registry)
    return NULL;
  registry->primary.location = value;
  registry->primary.text = wanted.primary.text;
  if (!tsearch (registry, index, by_target))
    {
      (void)sp_error_no_memory (err);
      return NULL;
    }
  return registry;
}

/* Two lists of locations; they become entries without rewriting. */
static int
convert_v1 (struct conf_file *file, sigpolicy_error **err)
{
  const struct sp_toml_node *lists[] = { file->v1_block, file->v1_insecure };
  void *index = NULL;
  bool fine = true;

  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    for (const struct sp_toml_node *it = lists[i] ? lists[i]->first : NULL; fine && it;
         it = it->next)
      {
        struct registry *registry = v1_registry (&file->registries, &index, it, err);
        fine = registry;
        if (fine && lists[i] == file->v1_block)
          registry->blocked = true;
        else if (fine)
          registry->primary.insecure = true;
      }
  forget (&file->registries, &index);
  file->search = file->v1_search;
  return fine ? 0 : sigpolicy_error_code (*err);
}

static int
settle_version (struct conf_file *file, enum sp_registries_conf_role role, bool refuses_version_1,
                sigpolicy_error **err)
{
  const struct sp_toml_node *of_v1 = file->v1_search     ? file->v1_search
                                     : file->v1_insecure ? file->v1_insecure
                                                         : file->v1_block;
  bool of_v2 = file->has_registries || file->search || file->helpers || file->aliases
               || sp_conf_text (file->short_name_mode).len
               || sp_conf_text (file->layer_store_helper).len;
  if (!of_v1)
    return 0;
  if (role == SP_REGISTRIES_CONF_MAIN && !of_v2 && !refuses_version_1)
    return convert_v1 (file, err);
  (void)sp_conf_file_fault (of_v1, err,
                            refuses_version_1 ? "registries.conf must be in v2 format but is in v1"
                            : role == SP_REGISTRIES_CONF_MAIN
                                ? "mixing sysregistry v1/v2 is not supported"
                                : "registry must be in v2 format but is in v1");
  return sp_error_hint (err, "write unqualified-search-registries for [registries.search], and a "
                             "[[registry]] with insecure or blocked for each of the others");
}

int
sp_conf_file_check (struct conf_file *file, enum sp_registries_conf_role role,
                    bool refuses_version_1, sigpolicy_error **err)
{
  struct registries *registries = &file->registries;

  int rc = settle_version (file, role, refuses_version_1, err);
  for (size_t i = 0; rc == 0 && i < registries->len; i++)
    rc = check_registry (registries->items[i], err);
  if (rc == 0)
    rc = check_agreement (registries, err);
  if (rc == 0)
    rc = check_search (file->search, err);
  if (rc == 0)
    rc = check_mode (file->short_name_mode, err);
  if (rc == 0)
    rc = check_helpers (file->helpers, err);
  for (size_t i = 0; rc == 0 && i < registries->len; i++)
    rc = check_wildcard (registries->items[i], err);
  return rc;
}
