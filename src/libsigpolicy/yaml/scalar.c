/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/yaml_int.h"

#include "util/codec.h"
#include "util/limits.h"

/* What scalars mean, by their tag, their quoting and their spelling. */

#define CORE "tag:yaml.org,2002:"

static const struct
{
  const char *tag;
  enum sp_yaml_kind kind;
} core[] = {
  { "null", SP_YAML_NULL },   { "bool", SP_YAML_BOOL },           { "int", SP_YAML_INT },
  { "float", SP_YAML_FLOAT }, { "timestamp", SP_YAML_TIMESTAMP }, { "binary", SP_YAML_BINARY },
  { "str", SP_YAML_TEXT },
};

static bool
is_one_of (struct sp_view text, const char *const *words)
{
  for (; *words; words++)
    if (sp_view_is (text, *words))
      return true;
  return false;
}

/* The part of a core tag behind its prefix, or NULL. */
static const char *
core_tag (const struct sp_yaml_node *node)
{
  const size_t length = sizeof CORE - 1;
  return node->tag && strncmp (node->tag, CORE, length) == 0 ? node->tag + length : NULL;
}

static bool
has_core_tag (const struct sp_yaml_node *node, const char *name)
{
  const char *tag = core_tag (node);
  return tag && sp_view_is (sp_view_str (tag), name);
}

static const char *
tag_of_kind (enum sp_yaml_kind kind)
{
  for (size_t i = 0; i < sizeof core / sizeof *core; i++)
    if (core[i].kind == kind)
      return core[i].tag;
  return "str";
}

/* What a plain scalar is by its spelling. */
static enum sp_yaml_kind
spelled (struct sp_view text, bool perhaps_timestamp, bool *ret_unsigned)
{
  static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
  static const char *const booleans[] = { "true", "True", "TRUE", "false", "False", "FALSE", NULL };

  *ret_unsigned = false;
  if (is_one_of (text, nulls))
    return SP_YAML_NULL;
  if (is_one_of (text, booleans))
    return SP_YAML_BOOL;
  if (perhaps_timestamp && sp_yaml_spells_timestamp (text))
    return SP_YAML_TIMESTAMP;
  return sp_yaml_spells_number (text, ret_unsigned);
}

static int
misfit (const struct sp_yaml_node *scalar, enum sp_yaml_kind spelling, const char *tag,
        sigpolicy_error **err)
{
  cleanup_free char *shown = sp_escape_dup (scalar->text, err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "yaml: cannot decode !!%s `%s` as a !!%s", tag_of_kind (spelling), shown,
                      tag);
  return sp_error_position (err, NULL, scalar->line, scalar->column, NULL);
}

/* A scalar with a core tag: its spelling must be that, quoted or not; signed whole numbers are
 * fractions too. */
static int
tagged (const struct sp_yaml_node *scalar, const char *tag, enum sp_yaml_kind kind,
        enum sp_yaml_kind *ret, sigpolicy_error **err)
{
  if (kind != SP_YAML_TEXT && kind != SP_YAML_BINARY)
    {
      bool too_large;
      enum sp_yaml_kind spelling = spelled (scalar->text, kind == SP_YAML_TIMESTAMP, &too_large);
      if (spelling != kind && !(kind == SP_YAML_FLOAT && spelling == SP_YAML_INT && !too_large))
        return misfit (scalar, spelling, tag, err);
    }
  *ret = kind;
  return 0;
}

int
sp_yaml_kind_of (const struct sp_yaml_node *scalar, enum sp_yaml_kind *ret, sigpolicy_error **err)
{
  scalar = sp_yaml_target (scalar);
  const char *tag = core_tag (scalar);
  bool ignored;

  for (size_t i = 0; tag && i < sizeof core / sizeof *core; i++)
    if (sp_view_is (sp_view_str (tag), core[i].tag))
      return tagged (scalar, tag, core[i].kind, ret, err);
  *ret = scalar->tag || !scalar->plain ? SP_YAML_TEXT : spelled (scalar->text, true, &ignored);
  return 0;
}

bool
sp_yaml_is_null (const struct sp_yaml_node *node)
{
  bool ignored;

  node = sp_yaml_target (node);
  if (node->tag)
    return has_core_tag (node, "null");
  return node->type == SP_YAML_SCALAR && node->plain
         && spelled (node->text, false, &ignored) == SP_YAML_NULL;
}

bool
sp_yaml_is_merge (const struct sp_yaml_node *key)
{
  return key->type == SP_YAML_SCALAR && sp_view_is (key->text, "<<")
         && (key->tag ? has_core_tag (key, "merge") : key->plain);
}

void
sp_yaml_put_tag (const struct sp_yaml_node *node, struct sp_buf *out)
{
  bool ignored;

  node = sp_yaml_target (node);
  const char *tag = core_tag (node);
  if (tag || !node->tag)
    sp_buf_str (out, "!!");
  if (tag)
    sp_escape (sp_view_str (tag), out);
  else if (node->tag)
    sp_escape (sp_view_str (node->tag), out);
  else if (node->type == SP_YAML_SEQUENCE)
    sp_buf_str (out, "seq");
  else if (node->type == SP_YAML_MAPPING)
    sp_buf_str (out, "map");
  else if (sp_yaml_is_merge (node))
    sp_buf_str (out, "merge");
  else
    sp_buf_str (out, node->plain ? tag_of_kind (spelled (node->text, true, &ignored)) : "str");
}

int
sp_yaml_string (const struct sp_yaml_node *node, struct sp_buf *out, enum sp_yaml_fit *ret,
                sigpolicy_error **err)
{
  enum sp_yaml_kind kind;

  node = sp_yaml_target (node);
  if (node->type != SP_YAML_SCALAR)
    {
      *ret = SP_YAML_MISFIT;
      return 0;
    }
  int rc = sp_yaml_kind_of (node, &kind, err);
  if (rc < 0)
    return rc;
  if (kind == SP_YAML_BINARY)
    {
      cleanup_error sigpolicy_error *bad = NULL;
      if (sp_base64_decode (node->text, out, &bad) < 0)
        {
          (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                              "yaml: !!binary value contains invalid base64 data");
          return sp_error_position (err, NULL, node->line, node->column, NULL);
        }
    }
  else if (kind != SP_YAML_NULL)
    sp_buf_add (out, node->text);
  *ret = kind == SP_YAML_NULL ? SP_YAML_IS_NULL : SP_YAML_FITS;
  return sp_buf_check (out, err);
}

int
sp_yaml_bool (const struct sp_yaml_node *node, bool *out, enum sp_yaml_fit *ret,
              sigpolicy_error **err)
{
  static const char *const yes[] = { "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", NULL };
  static const char *const no[] = { "n", "N", "no", "No", "NO", "off", "Off", "OFF", NULL };
  cleanup_buf struct sp_buf text = SP_BUF (SP_REGISTRIES_D_FILE_BYTES_MAX);
  enum sp_yaml_kind kind;
  enum sp_yaml_fit fit;

  node = sp_yaml_target (node);
  int rc = sp_yaml_string (node, &text, &fit, err);
  if (rc == 0 && fit == SP_YAML_FITS)
    rc = sp_yaml_kind_of (node, &kind, err);
  if (rc < 0)
    return rc;
  if (fit == SP_YAML_FITS)
    {
      struct sp_view word = sp_buf_view (&text);
      bool is_text = kind == SP_YAML_TEXT || kind == SP_YAML_BINARY;
      if (kind == SP_YAML_BOOL)
        *out = word.data[0] == 't' || word.data[0] == 'T';
      else if (is_text && is_one_of (word, yes))
        *out = true;
      else if (is_text && is_one_of (word, no))
        *out = false;
      else
        fit = SP_YAML_MISFIT;
    }
  *ret = fit;
  return 0;
}
