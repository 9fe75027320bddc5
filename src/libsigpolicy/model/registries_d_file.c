/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_d_int.h"

#include "util/limits.h"
#include "yaml/decode.h"

/* One file of registries.d: default-docker, a section, and docker, a mapping of scopes to sections.
 * The names of the schemas are those that messages have always used. */

/* --- a section ------------------------------------------------------------------------------ */

static int set_in_section (struct sp_yaml_decoder *decoder, void *out,
                           const struct sp_yaml_field *field, sigpolicy_error **err);

static const struct sp_yaml_schema section_schema = { "docker.registryNamespace", set_in_section };

static int
set_location (struct sp_yaml_decoder *decoder, struct setting *setting,
              const struct sp_yaml_field *field, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  bool ignored;

  if (setting->line)
    return sp_yaml_report_twice (decoder, field, &section_schema, err);
  setting->line = field->key->line;
  int rc = sp_yaml_decode_string (decoder, field->value, &text, &ignored, err);
  if (rc < 0)
    return rc;
  setting->len = text.len;
  setting->text = sp_buf_steal (&text, err);
  return setting->text ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* The library ignores the key, whatever its value is; here it must say something. */
static int
set_bundles (struct sp_yaml_decoder *decoder, struct section *section,
             const struct sp_yaml_field *field, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  bool set = false;

  if (section->bundles_line)
    return sp_yaml_report_twice (decoder, field, &section_schema, err);
  section->bundles_line = field->key->line;
  int rc = sp_yaml_decode_string (decoder, field->value, &text, &set, err);
  if (rc < 0 || !set)
    return rc;
  section->has_bundles = sp_bundle_mode_find (sp_buf_view (&text), &section->bundles);
  return section->has_bundles
             ? 0
             : sp_yaml_report_type (decoder, field->value, "off, digest or identity", err);
}

static int
set_in_section (struct sp_yaml_decoder *decoder, void *out, const struct sp_yaml_field *field,
                sigpolicy_error **err)
{
  struct section *section = out;
  const struct
  {
    const char *name;
    struct setting *setting;
  } locations[] = {
    { "lookaside", &section->lookaside },
    { "lookaside-staging", &section->lookaside_staging },
    { "sigstore", &section->sigstore },
    { "sigstore-staging", &section->sigstore_staging },
  };
  const struct
  {
    const char *name;
    unsigned *line;
    bool *on, *has;
  } switches[] = {
    { "use-sigstore-attachments", &section->attachments_line, &section->attachments,
      &section->has_attachments },
    { "x-sigpolicy-referrers", &section->referrers_line, &section->referrers,
      &section->has_referrers },
  };

  for (size_t i = 0; i < sizeof locations / sizeof *locations; i++)
    if (sp_view_is (field->name, locations[i].name))
      return set_location (decoder, locations[i].setting, field, err);
  for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
    if (sp_view_is (field->name, switches[i].name))
      {
        if (*switches[i].line)
          return sp_yaml_report_twice (decoder, field, &section_schema, err);
        *switches[i].line = field->key->line;
        return sp_yaml_decode_bool (decoder, field->value, switches[i].on, switches[i].has, err);
      }
  return sp_view_is (field->name, "x-sigpolicy-bundles")
             ? set_bundles (decoder, section, field, err)
             : 0;
}

static int
decode_section (struct sp_yaml_decoder *decoder, const struct sp_yaml_field *field,
                struct section **ret, bool *ret_null, sigpolicy_error **err)
{
  cleanup_section struct section *section = sp_calloc (1, sizeof *section, err);
  if (!section)
    return SIGPOLICY_E_NO_MEMORY;
  section->line = field->key->line;
  section->name_memory = sp_view_dup (field->name, err);
  section->name = sp_view_n (section->name_memory, field->name.len);
  if (!section->name_memory)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_yaml_decode (decoder, field->value, &section_schema, section, ret_null, err);
  if (rc < 0)
    return rc;
  *ret = steal (&section);
  return 0;
}

/* --- docker --------------------------------------------------------------------------------- */

/* A scope whose value is null is there, with no settings. */
static int
set_scope (struct sp_yaml_decoder *decoder, void *out, const struct sp_yaml_field *field,
           sigpolicy_error **err)
{
  cleanup_section struct section *section = NULL;
  struct sections *sections = out;
  bool null;

  int rc = decode_section (decoder, field, &section, &null, err);
  if (rc < 0)
    return rc;
  struct section *known = sp_sections_find (sections, field->name);
  if (!known)
    {
      rc = sp_sections_add (sections, section, err);
      if (rc == 0)
        section = NULL;
      return rc;
    }
  /* Twice the same key by an alias, or a number that is merged as well: the last counts. */
  if (!null || !field->merged)
    {
      struct section last = *section;
      *section = *known;
      *known = last;
    }
  return 0;
}

static const struct sp_yaml_schema scopes_schema
    = { "map[string]docker.registryNamespace", set_scope };

/* --- the document --------------------------------------------------------------------------- */

struct document
{
  struct sections *sections;
  bool has_fallback, has_scopes;
};

static int set_in_document (struct sp_yaml_decoder *decoder, void *out,
                            const struct sp_yaml_field *field, sigpolicy_error **err);

static const struct sp_yaml_schema document_schema
    = { "docker.registryConfiguration", set_in_document };

/* Without a value it is absent; with an empty one it is there. */
static int
set_fallback (struct sp_yaml_decoder *decoder, struct sections *sections,
              const struct sp_yaml_field *field, sigpolicy_error **err)
{
  cleanup_section struct section *section = NULL;
  const struct sp_yaml_node *value = sp_yaml_target (field->value);
  bool null;

  if (value->type == SP_YAML_MAPPING && sp_yaml_is_null (value))
    return sp_yaml_report_type (decoder, value, "*docker.registryNamespace", err);
  int rc = decode_section (decoder, field, &section, &null, err);
  if (rc == 0 && !null)
    sections->fallback = steal (&section);
  return rc;
}

static int
set_in_document (struct sp_yaml_decoder *decoder, void *out, const struct sp_yaml_field *field,
                 sigpolicy_error **err)
{
  struct document *document = out;
  bool fallback = sp_view_is (field->name, "default-docker"), ignored;
  bool *has = fallback ? &document->has_fallback : &document->has_scopes;

  if (!fallback && !sp_view_is (field->name, "docker"))
    return 0;
  if (*has)
    return sp_yaml_report_twice (decoder, field, &document_schema, err);
  *has = true;
  return fallback ? set_fallback (decoder, document->sections, field, err)
                  : sp_yaml_decode (decoder, field->value, &scopes_schema, document->sections,
                                    &ignored, err);
}

int
sp_sections_parse (struct sp_view text, struct sections *ret, sigpolicy_error **err)
{
  cleanup_yaml struct sp_yaml *yaml = NULL;
  cleanup_sections struct sections sections = { 0 };
  cleanup_yaml_decoder struct sp_yaml_decoder decoder = SP_YAML_DECODER;
  struct document document = { .sections = &sections };
  bool ignored;

  int rc = sp_yaml_parse (text, &yaml, err);
  if (rc == 0 && sp_yaml_root (yaml))
    rc = sp_yaml_decode (&decoder, sp_yaml_root (yaml), &document_schema, &document, &ignored, err);
  if (rc == 0)
    rc = sp_yaml_decoder_end (&decoder, err);
  if (rc < 0)
    return rc;
  *ret = sections;
  memset (&sections, 0, sizeof sections);
  return 0;
}
