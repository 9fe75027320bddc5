/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_d_int.h"

#include "util/codec.h"

#include <search.h>
#include <stddef.h>

struct sp_registries_d
{
  unsigned references;
  char *directory;
  struct sp_strv files; /* paths */
  struct sections sections;
};

/* --- sections by name ----------------------------------------------------------------------- */

static int
by_name (const void *a, const void *b)
{
  return sp_view_compare (((const struct section *)a)->name, ((const struct section *)b)->name);
}

struct section *
sp_sections_find (const struct sections *sections, struct sp_view name)
{
  const struct section key = { .name = name };
  struct section **found = tfind (&key, &sections->index, by_name);
  return found ? *found : NULL;
}

int
sp_sections_add (struct sections *sections, struct section *section, sigpolicy_error **err)
{
  int rc = sp_grow (&sections->items, &sections->capacity, sections->n_items,
                    sizeof (struct section *), err);
  if (rc < 0)
    return rc;
  if (!tsearch (section, &sections->index, by_name))
    return sp_error_no_memory (err);
  sections->items[sections->n_items++] = section;
  return 0;
}

void
sp_section_free (struct section *section)
{
  if (!section)
    return;
  free (section->name_memory);
  free (section->lookaside.text);
  free (section->lookaside_staging.text);
  free (section->sigstore.text);
  free (section->sigstore_staging.text);
  free (section);
}

static void
keep (void *data)
{
  (void)data;
}

void
sp_sections_clear (struct sections *sections)
{
  tdestroy (sections->index, keep);
  for (size_t i = 0; i < sections->n_items; i++)
    sp_section_free (sections->items[i]);
  free (sections->items);
  sp_section_free (sections->fallback);
  memset (sections, 0, sizeof *sections);
}

/* --- files, one after the other
 * -------------------------------------------------------------------------- */

/* what: "default-docker", or docker and the quoted scope. */
static int
conflict (const char *what, const struct section *first, const struct section *second,
          sigpolicy_error **err)
{
  cleanup_free char *one = sp_quote_dup (sp_view_str (first->file), err);
  cleanup_free char *other = one ? sp_quote_dup (sp_view_str (second->file), err) : NULL;
  if (!other)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "Error parsing signature storage configuration: %s defined both in %s and %s",
                      what, one, other);
  (void)sp_error_position (err, second->file, second->line, 1, NULL);
  return sp_error_hint (err, "the other one is in line %u of %s: remove one of them", first->line,
                        first->file);
}

static int
merge_fallback (struct sections *into, struct sections *from, sigpolicy_error **err)
{
  if (into->fallback && from->fallback)
    return conflict ("\"default-docker\"", into->fallback, from->fallback, err);
  if (from->fallback)
    into->fallback = steal (&from->fallback);
  return 0;
}

static int
merge_scope (struct sections *into, struct section **from, sigpolicy_error **err)
{
  struct sp_view name = (*from)->name;
  const struct section *known = sp_sections_find (into, name);

  if (known)
    {
      cleanup_free char *quoted = sp_quote_dup (name, err);
      cleanup_free char *what
          = quoted ? sp_asprintf (err, "\"docker\" namespace %s", quoted) : NULL;
      return what ? conflict (what, known, *from, err) : SIGPOLICY_E_NO_MEMORY;
    }
  int rc = sp_sections_add (into, *from, err);
  if (rc == 0)
    *from = NULL;
  return rc;
}

int
sp_registries_d_new (const char *directory, struct sp_registries_d **ret, sigpolicy_error **err)
{
  cleanup_registries_d struct sp_registries_d *configuration
      = sp_calloc (1, sizeof *configuration, err);
  if (!configuration)
    return SIGPOLICY_E_NO_MEMORY;
  configuration->references = 1;
  configuration->directory = sp_strdup (directory, err);
  if (!configuration->directory)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = steal (&configuration);
  return 0;
}

int
sp_registries_d_parse_file (struct sp_registries_d *configuration, struct sp_view text,
                            const char *path, sigpolicy_error **err)
{
  cleanup_sections struct sections sections = { 0 };

  int rc = sp_strv_add (&configuration->files, sp_view_str (path), err);
  if (rc < 0)
    return rc;
  const char *file = configuration->files.items[configuration->files.len - 1];
  if (sp_sections_parse (text, &sections, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      (void)sp_error_prefix (err, "parsing %s", path);
      return sp_error_position (err, path, 0, 0, NULL);
    }
  if (sections.fallback)
    sections.fallback->file = file;
  for (size_t i = 0; i < sections.n_items; i++)
    sections.items[i]->file = file;
  rc = merge_fallback (&configuration->sections, &sections, err);
  /* Until it is cleared, the index of a file must not be searched: its sections move on. */
  for (size_t i = 0; rc == 0 && i < sections.n_items; i++)
    rc = merge_scope (&configuration->sections, &sections.items[i], err);
  return rc;
}

struct sp_registries_d *
sp_registries_d_ref (struct sp_registries_d *configuration)
{
  if (configuration)
    __atomic_add_fetch (&configuration->references, 1, __ATOMIC_RELAXED);
  return configuration;
}

void
sp_registries_d_free (struct sp_registries_d *configuration)
{
  if (!configuration || __atomic_sub_fetch (&configuration->references, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  sp_sections_clear (&configuration->sections);
  sp_strv_clear (&configuration->files);
  free (configuration->directory);
  free (configuration);
}

const struct sp_strv *
sp_registries_d_files (const struct sp_registries_d *configuration)
{
  return &configuration->files;
}

const char *
sp_registries_d_directory (const struct sp_registries_d *configuration)
{
  return configuration->directory;
}

/* --- lookup --------------------------------------------------------------------------------- */

/* Whether a section answers a question; if so, what it says. */
typedef bool question (const struct section *section, const struct setting **ret_setting);

static bool
is_set (const struct setting *setting, const struct setting **ret)
{
  if (!setting->len)
    return false;
  *ret = setting;
  return true;
}

static bool
where_to_read (const struct section *section, const struct setting **ret)
{
  return is_set (&section->lookaside, ret) || is_set (&section->sigstore, ret);
}

static bool
where_to_write (const struct section *section, const struct setting **ret)
{
  return is_set (&section->lookaside_staging, ret) || is_set (&section->sigstore_staging, ret)
         || where_to_read (section, ret);
}

static bool
whether_attachments (const struct section *section, const struct setting **ret)
{
  (void)ret;
  return section->has_attachments;
}

static bool
whether_bundles (const struct section *section, const struct setting **ret)
{
  (void)ret;
  return section->has_bundles;
}

static bool
whether_referrers (const struct section *section, const struct setting **ret)
{
  (void)ret;
  return section->has_referrers;
}

/* The first section that answers, by the candidates in their order; NULL when none does. */
static int
ask (const struct sp_registries_d *configuration, const struct sp_reference *reference,
     question *answers, const struct section **ret, const struct setting **ret_setting,
     sigpolicy_error **err)
{
  cleanup_strv struct sp_strv candidates = { 0 };
  const struct section *fallback = configuration->sections.fallback;

  int rc = sp_image_name_scopes (reference, &candidates, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < candidates.len; i++)
    {
      const struct section *section
          = sp_sections_find (&configuration->sections, sp_view_str (candidates.items[i]));
      if (section && answers (section, ret_setting))
        {
          *ret = section;
          return 0;
        }
    }
  *ret = fallback && answers (fallback, ret_setting) ? fallback : NULL;
  return 0;
}

int
sp_registries_d_lookaside (const struct sp_registries_d *configuration,
                           const struct sp_reference *reference, enum sp_lookaside_use use,
                           struct sp_registries_d_answer *ret, sigpolicy_error **err)
{
  const struct section *section = NULL;
  const struct setting *setting = NULL;

  int rc
      = ask (configuration, reference, use == SP_LOOKASIDE_WRITE ? where_to_write : where_to_read,
             &section, &setting, err);
  if (rc < 0)
    return rc;
  memset (ret, 0, sizeof *ret);
  if (section)
    *ret = (struct sp_registries_d_answer){
      .value = setting->text,
      .value_len = setting->len,
      .scope = section->name.data,
      .file = section->file,
      .line = setting->line,
    };
  return 0;
}

/* The same for a switch, whose line is at this place of a section. *ret_section is NULL when
 * nothing answers. */
static int
ask_switch (const struct sp_registries_d *configuration, const struct sp_reference *reference,
            question *answers, size_t line, const struct section **ret_section,
            struct sp_registries_d_answer *ret, sigpolicy_error **err)
{
  const struct setting *ignored = NULL;

  int rc = ask (configuration, reference, answers, ret_section, &ignored, err);
  if (rc < 0)
    return rc;
  memset (ret, 0, sizeof *ret);
  const struct section *section = *ret_section;
  if (section)
    {
      ret->scope = section->name.data;
      ret->file = section->file;
      memcpy (&ret->line, (const char *)section + line, sizeof ret->line);
    }
  return 0;
}

int
sp_registries_d_attachments (const struct sp_registries_d *configuration,
                             const struct sp_reference *reference, bool *ret_enabled,
                             struct sp_registries_d_answer *ret, sigpolicy_error **err)
{
  const struct section *section = NULL;
  int rc = ask_switch (configuration, reference, whether_attachments,
                       offsetof (struct section, attachments_line), &section, ret, err);
  if (rc == 0)
    *ret_enabled = section && section->attachments;
  return rc;
}

int
sp_registries_d_bundles (const struct sp_registries_d *configuration,
                         const struct sp_reference *reference, enum sp_bundle_mode *ret_mode,
                         struct sp_registries_d_answer *ret, sigpolicy_error **err)
{
  const struct section *section = NULL;
  int rc = ask_switch (configuration, reference, whether_bundles,
                       offsetof (struct section, bundles_line), &section, ret, err);
  if (rc == 0)
    *ret_mode = section ? section->bundles : SP_BUNDLES_OFF;
  return rc;
}

int
sp_registries_d_referrers (const struct sp_registries_d *configuration,
                           const struct sp_reference *reference, bool *ret_enabled,
                           struct sp_registries_d_answer *ret, sigpolicy_error **err)
{
  const struct section *section = NULL;
  int rc = ask_switch (configuration, reference, whether_referrers,
                       offsetof (struct section, referrers_line), &section, ret, err);
  if (rc == 0)
    *ret_enabled = section && section->referrers;
  return rc;
}

bool
sp_registries_d_section (const struct sp_registries_d *configuration, struct sp_view scope,
                         struct sp_registries_d_answer *ret)
{
  const struct section *section = sp_sections_find (&configuration->sections, scope);

  memset (ret, 0, sizeof *ret);
  if (section)
    *ret = (struct sp_registries_d_answer){ .scope = section->name.data,
                                            .file = section->file,
                                            .line = section->line };
  return section;
}
