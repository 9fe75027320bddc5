/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/yaml_int.h"

#include "util/alloc.h"
#include "util/codec.h"

/* What is wrong with a document, collected in the words that users know. */

#define REPORTS_SHOWN 100U
#define REPORT_BYTES  8192U

static int
report (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *node, const struct sp_buf *text,
        sigpolicy_error **err)
{
  if (!decoder->n_problems++)
    {
      decoder->line = node->line;
      decoder->column = node->column;
    }
  if (decoder->n_problems > REPORTS_SHOWN)
    return 0;
  sp_buf_printf (&decoder->problems, "  line %u: ", node->line);
  sp_buf_add (&decoder->problems, sp_buf_view (text));
  sp_buf_byte (&decoder->problems, '\n');
  return sp_buf_check (text, err);
}

struct key
{
  const struct sp_yaml_node *node;
  size_t next; /* the next key that equals this one, or 0 */
};

/* Scalars are equal by their text, whatever type that is; so are aliases, by their names; and any
 * two collections. */
static int
compare_keys (const struct key *a, const struct key *b)
{
  enum sp_yaml_type left = a->node->type, right = b->node->type;
  return left != right ? (left > right) - (left < right)
                       : sp_view_compare (a->node->text, b->node->text);
}

static int
compare_keys_then_places (const void *a, const void *b)
{
  const struct key *left = *(struct key *const *)a, *right = *(struct key *const *)b;
  int order = compare_keys (left, right);
  return order ? order : (left > right) - (left < right);
}

static int
report_duplicate (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *key,
                  const struct sp_yaml_node *first, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (REPORT_BYTES);
  cleanup_free char *quoted = sp_quote_dup (key->text, err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  sp_buf_printf (&text, "mapping key %s already defined at line %u", quoted, first->line);
  return report (decoder, key, &text, err);
}

int
sp_yaml_report_duplicates (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *mapping,
                           bool *ret_any, sigpolicy_error **err)
{
  size_t count = mapping->n_children / 2;
  cleanup_free struct key *keys = sp_calloc (count, sizeof *keys, err);
  cleanup_free struct key **sorted = keys ? sp_calloc (count, sizeof (struct key *), err) : NULL;
  bool any = false;
  int rc = 0;

  if (!sorted)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    {
      keys[i].node = mapping->children[2 * i];
      sorted[i] = &keys[i];
    }
  qsort (sorted, count, sizeof *sorted, compare_keys_then_places);
  for (size_t i = 1; i < count; i++)
    if (compare_keys (sorted[i - 1], sorted[i]) == 0)
      {
        sorted[i - 1]->next = (size_t)(sorted[i] - keys);
        any = true;
      }
  for (size_t i = 0; any && i < count; i++)
    for (size_t j = keys[i].next; rc == 0 && j && decoder->n_problems < REPORTS_SHOWN;
         j = keys[j].next)
      rc = report_duplicate (decoder, keys[j].node, keys[i].node, err);
  *ret_any = any;
  return rc;
}

int
sp_yaml_report_type (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *value,
                     const char *wanted, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (REPORT_BYTES);
  const size_t most = 10, shown = 7;
  bool duplicates = false;

  value = sp_yaml_target (value);
  int rc = value->type == SP_YAML_MAPPING
               ? sp_yaml_report_duplicates (decoder, value, &duplicates, err)
               : 0;
  if (rc < 0 || duplicates)
    return rc;
  sp_buf_str (&text, "cannot unmarshal ");
  sp_yaml_put_tag (value, &text);
  if (value->type == SP_YAML_SCALAR || value->tag)
    {
      sp_buf_str (&text, " `");
      sp_escape (sp_view_head (value->text, value->text.len > most ? shown : most), &text);
      sp_buf_str (&text, value->text.len > most ? "...`" : "`");
    }
  sp_buf_printf (&text, " into %s", wanted);
  return report (decoder, value, &text, err);
}

int
sp_yaml_report_twice (struct sp_yaml_decoder *decoder, const struct sp_yaml_field *field,
                      const struct sp_yaml_schema *schema, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (REPORT_BYTES);
  cleanup_free char *name = sp_escape_dup (field->name, err);
  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  sp_buf_printf (&text, "field %s already set in type %s", name, schema->name);
  return report (decoder, field->key, &text, err);
}

int
sp_yaml_decoder_end (struct sp_yaml_decoder *decoder, sigpolicy_error **err)
{
  if (!decoder->n_problems)
    return 0;
  int rc = sp_buf_check (&decoder->problems, err);
  if (rc < 0)
    return rc;
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "yaml: unmarshal errors:");
  (void)sp_error_list (err, sp_buf_view (&decoder->problems));
  return sp_error_position (err, NULL, decoder->line, decoder->column, NULL);
}

void
sp_yaml_decoder_clear (struct sp_yaml_decoder *decoder)
{
  sp_buf_clear (&decoder->problems);
}
