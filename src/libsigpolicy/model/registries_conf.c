/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_conf_int.h"

#include "util/codec.h"
#include "util/limits.h"

#include <search.h>

/* The files of a configuration, one over the other. */

/* --- entries -------------------------------------------------------------------------------- */

static void
free_registry (void *item)
{
  struct registry *registry = item;
  if (registry)
    free (registry->mirrors);
  free (registry);
}

void
sp_conf_file_clear (struct conf_file *file)
{
  struct registries *registries = &file->registries;
  for (size_t i = 0; i < registries->len; i++)
    free_registry (registries->items[i]);
  free (registries->items);
  memset (registries, 0, sizeof *registries);
}

struct registry *
sp_registries_add (struct registries *registries, unsigned line, sigpolicy_error **err)
{
  if (sp_grow (&registries->items, &registries->capacity, registries->len,
               sizeof (struct registry *), err)
      < 0)
    return NULL;
  struct registry *registry = sp_calloc (1, sizeof *registry, err);
  if (!registry)
    return NULL;
  registry->primary.line = line;
  registries->items[registries->len++] = registry;
  return registry;
}

/* --- the whole ------------------------------------------------------------------------------ */

struct sp_registries_conf *
sp_registries_conf_ref (struct sp_registries_conf *conf)
{
  if (conf)
    __atomic_add_fetch (&conf->references, 1, __ATOMIC_RELAXED);
  return conf;
}

void
sp_registries_conf_free (struct sp_registries_conf *conf)
{
  if (!conf || __atomic_sub_fetch (&conf->references, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  tdestroy (conf->registries, free_registry);
  tdestroy (conf->aliases, sp_alias_free);
  free (conf->search);
  sp_strv_clear (&conf->helpers);
  for (size_t i = 0; i < conf->n_documents; i++)
    sp_toml_free (conf->documents[i]);
  free (conf->documents);
  sp_strv_clear (&conf->files);
  free (conf->sources);
  free (conf);
}

/* As the readers of each generation say it. */
static char *
name_sources (const struct sp_reader_choice *choice, sigpolicy_error **err)
{
  const struct sp_strv *lists[] = { &choice->searched, &choice->directories };
  cleanup_buf struct sp_buf text = SP_BUF (64 * SP_PATH_BYTES_MAX);
  const char *file = choice->file           ? choice->file
                     : choice->searched.len ? choice->searched.items[choice->searched.len - 1]
                                            : "";

  if (choice->generation == SP_GENERATION_OLD)
    return sp_asprintf (err, "%s or %s", file,
                        choice->directories.len ? choice->directories.items[0] : "");
  sp_buf_str (&text, "one of [");
  if (choice->is_required)
    sp_quote (sp_view_str (file), &text);
  for (size_t list = 0; list < 2; list++)
    for (size_t i = 0; i < lists[list]->len; i++)
      {
        sp_buf_str (&text, text.data[text.len - 1] == '[' ? "" : " ");
        sp_quote (sp_view_str (lists[list]->items[i]), &text);
      }
  sp_buf_byte (&text, ']');
  return sp_buf_steal (&text, err);
}

int
sp_registries_conf_new (const struct sp_reader_choice *choice, struct sp_registries_conf **ret,
                        sigpolicy_error **err)
{
  cleanup_registries_conf struct sp_registries_conf *conf = sp_calloc (1, sizeof *conf, err);

  if (!conf)
    return SIGPOLICY_E_NO_MEMORY;
  conf->references = 1;
  conf->refuses_version_1 = choice->generation != SP_GENERATION_OLD;
  conf->sources = name_sources (choice, err);
  if (!conf->sources)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = steal (&conf);
  return 0;
}

const struct sp_strv *
sp_registries_conf_files (const struct sp_registries_conf *conf)
{
  return &conf->files;
}

/* --- one more file -------------------------------------------------------------------------- */

/* Within a file the first entry of a prefix counts, of several files the last: as each entry
 * replaces what is there, a file is taken from its end. */
static int
take_registries (struct sp_registries_conf *conf, struct conf_file *file, sigpolicy_error **err)
{
  for (size_t i = file->registries.len; i > 0; i--)
    {
      struct registry **registry = &file->registries.items[i - 1];
      (*registry)->file = file->path;
      struct registry **known = tsearch (*registry, &conf->registries, sp_registry_compare);
      if (!known)
        return sp_error_no_memory (err);
      struct registry *replaced = *known == *registry ? NULL : *known;
      *known = steal (registry);
      free_registry (replaced);
    }
  return 0;
}

/* An empty list is one. */
static int
take_search (struct sp_registries_conf *conf, const struct conf_file *file, sigpolicy_error **err)
{
  size_t count = 0;
  if (!file->search)
    return 0;
  struct sp_view *hosts = sp_calloc (file->search->n_children + 1, sizeof *hosts, err);
  if (!hosts)
    return SIGPOLICY_E_NO_MEMORY;
  for (const struct sp_toml_node *it = file->search->first; it; it = it->next)
    {
      hosts[count] = it->text;
      while (hosts[count].len && hosts[count].data[hosts[count].len - 1] == '/')
        hosts[count].len--;
      count++;
    }
  free (conf->search);
  conf->search = hosts;
  conf->n_search = count;
  conf->search_file = file->path;
  return 0;
}

static int
take_helpers (struct sp_registries_conf *conf, const struct conf_file *file, sigpolicy_error **err)
{
  int rc = 0;
  if (!file->helpers)
    return 0;
  sp_strv_clear (&conf->helpers);
  for (const struct sp_toml_node *it = file->helpers->first; rc == 0 && it; it = it->next)
    rc = sp_strv_add (&conf->helpers, it->text, err);
  return rc;
}

static int
take_file (struct sp_registries_conf *conf, struct conf_file *file, sigpolicy_error **err)
{
  int rc = sp_conf_file_take_aliases (conf, file, err);
  if (rc == 0)
    rc = take_registries (conf, file, err);
  if (rc == 0)
    rc = take_search (conf, file, err);
  if (rc == 0)
    rc = take_helpers (conf, file, err);
  return rc;
}

static int
parse_file (struct sp_registries_conf *conf, struct sp_view text, const char *path,
            enum sp_registries_conf_role role, sigpolicy_error **err)
{
  cleanup_conf_file struct conf_file file = { .path = path };
  cleanup_toml struct sp_toml *toml = NULL;

  int rc = sp_grow (&conf->documents, &conf->documents_capacity, conf->n_documents,
                    sizeof (struct sp_toml *), err);
  if (rc == 0)
    rc = sp_toml_parse (text, &toml, err);
  if (rc < 0)
    return rc;
  const struct sp_toml *document = toml;
  conf->documents[conf->n_documents++] = steal (&toml);
  rc = sp_conf_file_decode (document, &file, err);
  if (rc == 0)
    rc = sp_conf_file_check (&file, role, conf->refuses_version_1, err);
  return rc < 0 ? rc : take_file (conf, &file, err);
}

int
sp_registries_conf_parse_file (struct sp_registries_conf *conf, struct sp_view text,
                               const char *path, enum sp_registries_conf_role role,
                               sigpolicy_error **err)
{
  int rc = sp_strv_add (&conf->files, sp_view_str (path), err);
  if (rc < 0)
    return rc;
  rc = parse_file (conf, text, conf->files.items[conf->files.len - 1], role, err);
  if (rc == 0)
    return 0;
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  (void)sp_error_position (err, path, 0, 0, NULL);
  return sp_registries_conf_name_file (path, role, err);
}

/* --- settings ------------------------------------------------------------------------------- */

const struct sp_strv *
sp_registries_conf_credential_helpers (const struct sp_registries_conf *conf)
{
  static char auth_files[] = "containers-auth.json";
  static char *items[] = { auth_files };
  static const struct sp_strv fallback = { .items = items, .len = 1 };
  return conf->helpers.len ? &conf->helpers : &fallback;
}
