/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* The values that objects of a policy have: strings, key material, types. */

const struct sp_json_faults sp_policy_faults
    = { SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR };

int
sp_policy_refuse (const struct sp_json *json, sp_json_node node, const char *text,
                  sigpolicy_error **err)
{
  return sp_json_error (json, node, err, sp_policy_faults.code, sp_policy_faults.reason, "%s",
                        text);
}

int
sp_policy_refuse_value (const struct sp_json *json, sp_json_node node, const char *what,
                        struct sp_view value, sigpolicy_error **err)
{
  cleanup_free char *quoted = sp_quote_dup (value, err);
  return quoted ? sp_json_error (json, node, err, sp_policy_faults.code, sp_policy_faults.reason,
                                 "%s %s", what, quoted)
                : SIGPOLICY_E_NO_MEMORY;
}

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

int
sp_policy_check_length (const struct sp_json *json, sp_json_node node, struct sp_view text,
                        sigpolicy_error **err)
{
  return text.len > SP_POLICY_STRING_MAX ? too_large (json, node, err) : 0;
}

int
sp_policy_read_string (const struct sp_json *json, sp_json_node value, void *out,
                       sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, value);
  struct sp_view text = sp_json_string (json, value);

  if (type != SP_JSON_STRING && type != SP_JSON_NULL)
    return sp_policy_wrong_type (json, value, "a string", err);
  if (out)
    *(struct sp_view *)out = text;
  return sp_policy_check_length (json, value, text, err);
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

int
sp_policy_too_many_keys (const struct sp_json *json, sp_json_node node, sigpolicy_error **err)
{
  (void)sp_json_error (json, node, err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT,
                       "a requirement names at most %lu keys", SP_POLICY_KEY_SOURCES_MAX);
  return sp_error_hint (err, "one file may hold many keys");
}

/* Room for all the sources of a field, which has none yet. */
static int
reserve (const struct sp_json *json, sp_json_node value, struct sp_key_sources *sources,
         size_t count, sigpolicy_error **err)
{
  if (count > SP_POLICY_KEY_SOURCES_MAX)
    return sp_policy_too_many_keys (json, value, err);
  sources->items = sp_calloc (count, sizeof *sources->items, err);
  if (!sources->items)
    return SIGPOLICY_E_NO_MEMORY;
  sources->capacity = count;
  return 0;
}

/* A new source at the end of the list. */
static struct sp_key_source *
next_source (struct sp_key_sources *sources)
{
  struct sp_key_source *source = &sources->items[sources->len++];
  source->data = (struct sp_buf)SP_BUF (SP_POLICY_STRING_MAX);
  return source;
}

static int
add_path (const struct sp_json *json, sp_json_node value, struct sp_key_sources *sources,
          sigpolicy_error **err)
{
  struct sp_key_source *source = next_source (sources);
  struct sp_view text;

  int rc = sp_policy_read_string (json, value, &text, err);
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
  struct sp_key_source *source = next_source (sources);

  if (sp_json_type_of (json, value) == SP_JSON_NULL)
    return 0;
  /* Less than this fits in the buffer, of either kind. */
  if (sp_json_string (json, value).len > SP_POLICY_STRING_MAX
      || sp_json_count (json, value) > SP_POLICY_STRING_MAX)
    return too_large (json, value, err);
  int rc = sp_json_bytes (json, value, &source->data, err);
  return rc < 0 ? sp_error_class (err, sp_policy_faults.code, sp_policy_faults.reason) : 0;
}

static void
note (const struct sp_json *json, sp_json_node value, struct sp_key_field *field)
{
  field->present = true;
  field->node = value;
  field->null = sp_json_type_of (json, value) == SP_JSON_NULL;
}

/* A path counts when it is not empty. */
int
sp_policy_read_path (const struct sp_json *json, sp_json_node value, void *out,
                     sigpolicy_error **err)
{
  struct sp_key_field *field = out;
  note (json, value, field);
  struct sp_view text;
  int rc = sp_policy_read_string (json, value, &text, err);
  if (rc < 0 || !text.len)
    return rc;
  rc = reserve (json, value, &field->sources, 1, err);
  return rc < 0 ? rc : add_path (json, value, &field->sources, err);
}

int
sp_policy_read_data (const struct sp_json *json, sp_json_node value, void *out,
                     sigpolicy_error **err)
{
  struct sp_key_field *field = out;
  note (json, value, field);
  int rc = field->null ? 0 : reserve (json, value, &field->sources, 1, err);
  return rc < 0 || field->null ? rc : add_data (json, value, &field->sources, err);
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
  int rc = it.left ? reserve (json, value, &field->sources, it.left, err) : 0;
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

/* Readers know these words, and reject every image by them: nobody is to be led there. */
static bool
always_rejects (const char *word)
{
  static const char *const words[]
      = { "signedBaseLayer", "signedByGPGKeys", "X509Certificates", "signedByX509CAs" };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp (word, words[i]) == 0)
      return true;
  return false;
}

/* What else could it be? */
static int
advise (const struct sp_json *json, sp_json_node node, struct sp_view text,
        const char *const *words, size_t n_words, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf list = SP_BUF (SP_SHOWN_BYTES_MAX);
  const char *near = sp_json_nearest (text, words, n_words);
  const char *last = NULL;

  if (near)
    {
      (void)sp_error_hint (err, "did you mean \"%s\"?", near);
      return sp_json_hint_word (json, node, near, err);
    }
  for (size_t i = 0; i < n_words; i++)
    if (!always_rejects (words[i]))
      {
        if (last)
          sp_buf_printf (&list, "%s%s", list.len ? ", " : "", last);
        last = words[i];
      }
  sp_buf_printf (&list, "%s%s", list.len ? " or " : "", last ? last : "nothing");
  return sp_error_hint (err, "it is %s", list.data);
}

int
sp_policy_find_word (const struct sp_json *json, sp_json_node node, const char *what,
                     struct sp_view text, const char *const *words, size_t n_words, size_t *ret,
                     sigpolicy_error **err)
{
  for (size_t i = 0; i < n_words; i++)
    if (sp_view_is (text, words[i]))
      {
        *ret = i;
        return 0;
      }
  (void)sp_policy_refuse_value (json, node, what, text, err);
  return advise (json, node, text, words, n_words, err);
}

/* There is no type: is there a key that was meant to be one? */
static int
missing_type (const struct sp_json *json, sp_json_node object, const char *what,
              const char *const *words, size_t n_words, sigpolicy_error **err)
{
  static const char *const meant[] = { "type" };
  struct sp_json_iter it = sp_json_iter (json, object);

  (void)sp_policy_refuse_value (json, object, what, sp_view_str (""), err);
  while (sp_json_next (&it))
    if (!sp_view_is (it.key, "type") && sp_json_nearest (it.key, meant, 1))
      {
        cleanup_buf struct sp_buf found = SP_BUF (SP_SHOWN_BYTES_MAX);
        sp_quote (it.key, &found);
        (void)sp_error_hint (err, "did you mean \"type\" instead of %s?", found.data);
        return sp_json_hint_word (json, it.key_node, "type", err);
      }
  return advise (json, object, sp_view_str (""), words, n_words, err);
}

int
sp_policy_read_type (const struct sp_json *json, sp_json_node object, const char *what,
                     const char *const *words, size_t n_words, size_t *ret, sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, object);
  struct sp_json_iter it = sp_json_iter (json, object);
  struct sp_view text = { "", 0 };
  sp_json_node found = object;
  int rc = 0;

  if (type != SP_JSON_OBJECT && type != SP_JSON_NULL)
    return sp_policy_wrong_type (json, object, "an object", err);
  while (rc == 0 && sp_json_next (&it))
    if (sp_json_folds_to (it.key, "type") && sp_json_type_of (json, it.value) != SP_JSON_NULL)
      {
        rc = sp_policy_read_string (json, it.value, &text, err);
        found = it.value;
      }
  if (rc < 0)
    return rc;
  return found == object ? missing_type (json, object, what, words, n_words, err)
                         : sp_policy_find_word (json, found, what, text, words, n_words, ret, err);
}
