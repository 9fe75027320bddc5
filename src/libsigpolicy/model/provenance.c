/* SPDX-License-Identifier: Apache-2.0 */
#include "model/provenance.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"
#include "yaml/yaml.h"

static const struct sp_view marker = SP_VIEW ("...");

void
sp_provenance_clear (struct sp_provenance *provenance)
{
  free (provenance->name);
  free (provenance->version);
  free (provenance->file);
  free (provenance->digest);
  *provenance = (struct sp_provenance){ 0 };
}

static int
bad (sigpolicy_error **err, const char *what)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE, "%s", what);
}

/* --- the two parts ---------------------------------------------------------------------------- */

/* "...", "--- x": what ends or begins a YAML document. */
static bool
is_marker (struct sp_view line)
{
  static const struct sp_view start = SP_VIEW ("---");
  return (sp_view_starts (line, marker) || sp_view_starts (line, start))
         && (line.len == marker.len || line.data[marker.len] == ' '
             || line.data[marker.len] == '\t');
}

/* As it was signed: without the white space at the ends of lines, and with one kind of them. */
static int
split (struct sp_view text, struct sp_buf *metadata, struct sp_buf *sums, sigpolicy_error **err)
{
  struct sp_buf *part = metadata;

  while (text.len)
    {
      size_t end = sp_view_find (text, '\n');
      struct sp_view line = sp_view_head (text, end);
      text = end == SP_VIEW_NONE ? sp_view_n (text.data, 0) : sp_view_from (text, end + 1);
      while (line.len && memchr (" \t\r", line.data[line.len - 1], 3))
        line.len--;
      if (sp_view_equal (line, marker) && part == metadata)
        part = sums;
      else if (is_marker (line))
        return bad (err, "the provenance does not have exactly two parts");
      else
        {
          sp_buf_add (part, line);
          sp_buf_byte (part, '\n');
        }
    }
  if (part == metadata)
    return bad (err, "the provenance does not have exactly two parts");
  int rc = sp_buf_check (metadata, err);
  return rc < 0 ? rc : sp_buf_check (sums, err);
}

/* --- fields ----------------------------------------------------------------------------------- */

static int
parse_yaml (struct sp_view text, const char *what, struct sp_yaml **ret, sigpolicy_error **err)
{
  cleanup_yaml struct sp_yaml *yaml = NULL;

  int rc = sp_yaml_parse (text, &yaml, err);
  const struct sp_yaml_node *root = rc == 0 ? sp_yaml_root (yaml) : NULL;
  if (rc == 0 && (!root || root->type != SP_YAML_MAPPING))
    rc = bad (err, "it is not a mapping");
  if (rc == 0)
    rc = sp_yaml_require_plain (root, err);
  if (rc < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE);
      return sp_error_prefix (err, "%s", what);
    }
  *ret = steal (&yaml);
  return 0;
}

static const struct sp_yaml_node *
find (const struct sp_yaml_node *mapping, const char *name)
{
  for (size_t i = 0; i + 1 < mapping->n_children; i += 2)
    if (sp_view_is (mapping->children[i]->text, name))
      return mapping->children[i + 1];
  return NULL;
}

/* Names and versions become parts of file names. */
static bool
is_word (struct sp_view text, const char *more)
{
  if (!text.len || text.len > 250 || text.data[0] == '.' || text.data[0] == '-')
    return false;
  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (!((sp_lower (c) >= 'a' && sp_lower (c) <= 'z') || (c >= '0' && c <= '9')
            || (c && strchr (more, c))))
        return false;
    }
  return true;
}

static int
read_word (const struct sp_yaml_node *root, const char *field, const char *more, char **ret,
           sigpolicy_error **err)
{
  const struct sp_yaml_node *node = find (root, field);
  enum sp_yaml_kind kind = SP_YAML_NULL;

  int rc = node && node->type == SP_YAML_SCALAR ? sp_yaml_kind_of (node, &kind, err) : 0;
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return rc;
  if (rc < 0 || kind != SP_YAML_TEXT || !is_word (node->text, more))
    {
      sp_error_clear (err);
      return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                           "the metadata of the chart has no \"%s\" that is a word", field);
    }
  *ret = sp_view_dup (node->text, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_chart_metadata_parse (struct sp_view text, char **ret_name, char **ret_version,
                         sigpolicy_error **err)
{
  cleanup_yaml struct sp_yaml *yaml = NULL;
  cleanup_free char *name = NULL, *version = NULL;

  int rc = parse_yaml (text, "the metadata of the chart", &yaml, err);
  if (rc == 0)
    rc = read_word (sp_yaml_root (yaml), "name", "._-", &name, err);
  if (rc == 0)
    rc = read_word (sp_yaml_root (yaml), "version", ".+-", &version, err);
  if (rc < 0)
    return rc;
  *ret_name = steal (&name);
  *ret_version = steal (&version);
  return 0;
}

/* The sum of the one file, which is the chart's. */
static int
read_sum (struct sp_view text, const char *file, char **ret, sigpolicy_error **err)
{
  static const struct sp_view sha256 = SP_VIEW ("sha256:");
  cleanup_yaml struct sp_yaml *yaml = NULL;

  int rc = parse_yaml (text, "the sums of the provenance", &yaml, err);
  if (rc < 0)
    return rc;
  const struct sp_yaml_node *files = find (sp_yaml_root (yaml), "files");
  if (!files || files->type != SP_YAML_MAPPING || files->n_children != 2)
    return bad (err, "the provenance does not have the sum of exactly one file");
  const struct sp_yaml_node *sum = files->children[1];
  cleanup_free char *shown = sp_quote_dup (files->children[0]->text, err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  if (!sp_view_is (files->children[0]->text, file))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_IDENTITY_MISMATCH,
                         "provenance does not contain a SHA for a file named \"%s\": it is of %s",
                         file, shown);
  if (sum->type != SP_YAML_SCALAR || !sp_view_starts (sum->text, sha256)
      || !sp_digest_is_hex64 (sp_view_from (sum->text, sha256.len)))
    return bad (err, "the sum of the provenance is not \"sha256:\" and 64 lower-case digits");
  *ret = sp_view_dup (sum->text, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_provenance_parse (const struct sp_verified_bytes *text, struct sp_provenance *ret,
                     sigpolicy_error **err)
{
  cleanup_buf struct sp_buf metadata = SP_BUF (2 * SP_SIGNED_TEXT_BYTES_MAX);
  cleanup_buf struct sp_buf sums = SP_BUF (2 * SP_SIGNED_TEXT_BYTES_MAX);
  cleanup_provenance struct sp_provenance found = { 0 };

  int rc = split (sp_buf_view (&text->bytes), &metadata, &sums, err);
  if (rc == 0)
    rc = sp_chart_metadata_parse (sp_buf_view (&metadata), &found.name, &found.version, err);
  if (rc < 0)
    return rc;
  found.file = sp_asprintf (err, "%s-%s.tgz", found.name, found.version);
  if (!found.file)
    return SIGPOLICY_E_NO_MEMORY;
  rc = read_sum (sp_buf_view (&sums), found.file, &found.digest, err);
  if (rc < 0)
    return rc;
  *ret = found;
  found = (struct sp_provenance){ 0 };
  return 0;
}
