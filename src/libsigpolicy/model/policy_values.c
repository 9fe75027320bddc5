/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* The values that objects of a policy have: strings, key material, types. */

const struct sp_json_faults sp_policy_faults
    = { SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR };

int
sp_policy_wrong_type (const struct sp_json *json, sp_json_node value, const char *expected,
                      sigpolicy_error **err)
{
  return sp_json_error (json, value, err, sp_policy_faults.code, sp_policy_faults.reason,
                        "expected %s, found %s", expected,
                        sp_json_type_words (sp_json_type_of (json, value)));
}

static int
too_large (const struct sp_json *json, sp_json_node value, sigpolicy_error **err)
{
  return sp_json_error (json, value, err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                        "a string has at most %lu bytes", SP_POLICY_STRING_MAX);
}

/* A string or null, which reads as the empty string; out may be NULL, else it is a char * to fill
 * where there is text. */
int
sp_policy_read_string (const struct sp_json *json, sp_json_node value, void *out,
                       sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, value);
  struct sp_view text = sp_json_string (json, value);

  if (type != SP_JSON_STRING && type != SP_JSON_NULL)
    return sp_policy_wrong_type (json, value, "a string", err);
  if (text.len > SP_POLICY_STRING_MAX)
    return too_large (json, value, err);
  if (!out || !text.len)
    return 0;
  char **slot = out;
  *slot = sp_view_dup (text, err);
  return *slot ? 0 : SIGPOLICY_E_NO_MEMORY;
}

void
sp_key_sources_clear (struct sp_key_sources *sources)
{
  for (size_t i = 0; i < sources->len; i++)
    {
      free (sources->items[i].path);
      sp_buf_clear (&sources->items[i].data);
    }
  free (sources->items);
  memset (sources, 0, sizeof *sources);
}

void
sp_key_field_clear (struct sp_key_field *field)
{
  sp_key_sources_clear (&field->sources);
}

/* A new source at the end of the list. */
static int
add_source (const struct sp_json *json, sp_json_node value, struct sp_key_sources *sources,
            struct sp_key_source **ret, sigpolicy_error **err)
{
  if (sources->len >= SP_POLICY_KEY_SOURCES_MAX)
    return sp_json_error (json, value, err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                          "a requirement names at most %lu keys", SP_POLICY_KEY_SOURCES_MAX);
  if (sp_grow (&sources->items, &sources->capacity, sources->len, sizeof *sources->items, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = &sources->items[sources->len++];
  (*ret)->path = NULL;
  (*ret)->data = (struct sp_buf)SP_BUF (SP_POLICY_STRING_MAX);
  return 0;
}

static int
add_path (const struct sp_json *json, sp_json_node value, struct sp_key_sources *sources,
          sigpolicy_error **err)
{
  struct sp_key_source *source = NULL;
  struct sp_view text = sp_json_string (json, value);

  int rc = sp_policy_read_string (json, value, NULL, err);
  if (rc == 0)
    rc = add_source (json, value, sources, &source, err);
  if (rc < 0)
    return rc;
  source->path = sp_view_dup (text, err);
  source->path_len = text.len;
  return source->path ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* Data, or null in a list of data: an empty key. */
static int
add_data (const struct sp_json *json, sp_json_node value, struct sp_key_sources *sources,
          sigpolicy_error **err)
{
  struct sp_key_source *source = NULL;

  int rc = add_source (json, value, sources, &source, err);
  if (rc < 0 || sp_json_type_of (json, value) == SP_JSON_NULL)
    return rc;
  if (sp_json_string (json, value).len > 2 * SP_POLICY_STRING_MAX)
    return too_large (json, value, err);
  rc = sp_json_bytes (json, value, &source->data, err);
  return rc < 0 ? sp_error_class (err, sp_policy_faults.code, sp_policy_faults.reason) : 0;
}

static void
note (const struct sp_json *json, sp_json_node value, struct sp_key_field *field)
{
  field->present = true;
  field->null = sp_json_type_of (json, value) == SP_JSON_NULL;
}

/* A path counts when it is not empty. */
int
sp_policy_read_path (const struct sp_json *json, sp_json_node value, void *out,
                     sigpolicy_error **err)
{
  struct sp_key_field *field = out;
  note (json, value, field);
  int rc = sp_policy_read_string (json, value, NULL, err);
  return rc < 0 || !sp_json_string (json, value).len ? rc
                                                     : add_path (json, value, &field->sources, err);
}

int
sp_policy_read_data (const struct sp_json *json, sp_json_node value, void *out,
                     sigpolicy_error **err)
{
  struct sp_key_field *field = out;
  note (json, value, field);
  return field->null ? 0 : add_data (json, value, &field->sources, err);
}

static int
read_list (const struct sp_json *json, sp_json_node value, struct sp_key_field *field,
           int (*add) (const struct sp_json *, sp_json_node, struct sp_key_sources *,
                       sigpolicy_error **),
           sigpolicy_error **err)
{
  note (json, value, field);
  if (!field->null && sp_json_type_of (json, value) != SP_JSON_ARRAY)
    return sp_policy_wrong_type (json, value, "an array", err);
  struct sp_json_iter it = sp_json_iter (json, value);
  int rc = 0;
  while (rc == 0 && sp_json_next (&it))
    rc = add (json, it.value, &field->sources, err);
  return rc;
}

int
sp_policy_read_paths (const struct sp_json *json, sp_json_node value, void *out,
                      sigpolicy_error **err)
{
  return read_list (json, value, out, add_path, err);
}

int
sp_policy_read_datas (const struct sp_json *json, sp_json_node value, void *out,
                      sigpolicy_error **err)
{
  return read_list (json, value, out, add_data, err);
}

int
sp_policy_read_type (const struct sp_json *json, sp_json_node object, struct sp_view *ret,
                     sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, object);
  struct sp_json_iter it = sp_json_iter (json, object);

  if (type != SP_JSON_OBJECT && type != SP_JSON_NULL)
    return sp_policy_wrong_type (json, object, "an object", err);
  while (type == SP_JSON_OBJECT && sp_json_next (&it))
    {
      if (!sp_json_folds_to (it.key, "type"))
        continue;
      enum sp_json_type found = sp_json_type_of (json, it.value);
      if (found == SP_JSON_STRING)
        *ret = sp_json_string (json, it.value);
      else if (found != SP_JSON_NULL)
        return sp_policy_wrong_type (json, it.value, "a string", err);
    }
  return 0;
}

bool
sp_policy_find_word (struct sp_view text, const char *const *words, size_t n_words, size_t *ret)
{
  for (size_t i = 0; i < n_words; i++)
    if (sp_view_is (text, words[i]))
      {
        *ret = i;
        return true;
      }
  return false;
}

int
sp_policy_unknown_word (const struct sp_json *json, sp_json_node node, const char *what,
                        struct sp_view text, const char *const *words, size_t n_words,
                        sigpolicy_error **err)
{
  cleanup_free char *quoted = sp_quote_dup (text, err);
  const char *near = sp_json_nearest (text, words, n_words);

  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_json_error (json, node, err, sp_policy_faults.code, sp_policy_faults.reason, "%s %s",
                          what, quoted);
  return near ? sp_error_hint (err, "did you mean \"%s\"?", near) : rc;
}
