/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store_int.h"

#include "reference/digest.h"
#include "util/clock.h"
#include "util/limits.h"

/*
 * The files of records in podman's storage. Names of members are compared as Go compares them, and
 * the last of several counts; what we do not know is passed over.
 */

int
sp_record_mismatch (const struct sp_json *json, sp_json_node value, const char *what,
                    const char *wanted, sigpolicy_error **err)
{
  return sp_json_error (json, value, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                        "%s is %s, not %s", what,
                        sp_json_type_words (sp_json_type_of (json, value)), wanted);
}

/* --- the shape of a record -------------------------------------------------------------------- */

enum kind
{
  TEXT,
  TEXTS,
  TIME,
  TEXT_MAP,
  NUMBER_MAP,
  MAP,
};

static const struct
{
  const char *name;
  enum kind kind;
} members[] = {
  { "id", TEXT },
  { "digest", TEXT },
  { "names", TEXTS },
  { "names-history", TEXTS },
  { "layer", TEXT },
  { "mapped-layers", TEXTS },
  { "metadata", TEXT },
  { "big-data-names", TEXTS },
  { "big-data-sizes", NUMBER_MAP },
  { "big-data-digests", TEXT_MAP },
  { "created", TIME },
  { "flags", MAP },
};

/* null is as good as absent, everywhere. */
static bool
is_of_kind (const struct sp_json *json, sp_json_node value, enum kind kind)
{
  enum sp_json_type type = sp_json_type_of (json, value);
  struct sp_json_iter it = sp_json_iter (json, value);
  int64_t number;
  bool all = true;

  if (type == SP_JSON_NULL)
    return true;
  switch (kind)
    {
    case TEXT:
      return type == SP_JSON_STRING;
    case TIME:
      return type == SP_JSON_STRING && sp_time_is_written (sp_json_string (json, value));
    case MAP:
      return type == SP_JSON_OBJECT && !sp_json_has_huge_number (json, value);
    case TEXTS:
    case TEXT_MAP:
    case NUMBER_MAP:
      break;
    }
  while (all && sp_json_next (&it))
    all = sp_json_type_of (json, it.value) == SP_JSON_NULL
          || (kind == NUMBER_MAP ? sp_json_int64 (json, it.value, &number)
                                 : sp_json_type_of (json, it.value) == SP_JSON_STRING);
  return all && type == (kind == TEXTS ? SP_JSON_ARRAY : SP_JSON_OBJECT);
}

int
sp_record_check (const struct sp_json *json, sp_json_node record, sigpolicy_error **err)
{
  static const char *const wanted[] = { [TEXT] = "a string",
                                        [TEXTS] = "an array of strings",
                                        [TIME] = "a time",
                                        [TEXT_MAP] = "an object of strings",
                                        [NUMBER_MAP] = "one of sizes",
                                        [MAP] = "an object of what can be read" };
  struct sp_json_iter it = sp_json_iter (json, record);

  while (sp_json_next (&it))
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
      if (sp_json_folds_to (it.key, members[i].name)
          && !is_of_kind (json, it.value, members[i].kind))
        return sp_record_mismatch (json, it.value, members[i].name, wanted[members[i].kind], err);
  return 0;
}

/* --- parts of it ------------------------------------------------------------------------------ */

int
sp_record_string (const struct sp_json *json, sp_json_node value, const char *what, char **slot,
                  sigpolicy_error **err)
{
  struct sp_view text = sp_json_string (json, value);

  if (sp_json_type_of (json, value) == SP_JSON_NULL)
    return 0;
  if (sp_json_type_of (json, value) != SP_JSON_STRING)
    return sp_record_mismatch (json, value, what, "a string", err);
  if (sp_view_find (text, '\0') != SP_VIEW_NONE)
    return sp_record_mismatch (json, value, what, "one without NUL", err);
  char *copy = sp_view_dup (text, err);
  if (!copy)
    return SIGPOLICY_E_NO_MEMORY;
  free (*slot);
  *slot = copy;
  return 0;
}

int
sp_record_names (const struct sp_json *json, sp_json_node value, struct sp_strv *names,
                 sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, value);
  int rc = 0;

  sp_strv_clear (names);
  *names = (struct sp_strv){ 0 };
  if (sp_json_type_of (json, value) == SP_JSON_NULL)
    return 0;
  if (sp_json_type_of (json, value) != SP_JSON_ARRAY)
    return sp_record_mismatch (json, value, "names", "an array", err);
  if (sp_json_count (json, value) > SP_STORE_NAMES_MAX)
    return sp_json_error (json, value, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "more than %lu names", SP_STORE_NAMES_MAX);
  while (rc == 0 && sp_json_next (&it))
    {
      char *name = NULL;
      rc = sp_record_string (json, it.value, "a name", &name, err);
      if (rc == 0 && name)
        rc = sp_strv_take (names, name, err);
    }
  return rc;
}

int
sp_record_id (const struct sp_json *json, sp_json_node value, char **slot, sigpolicy_error **err)
{
  if (!sp_digest_is_hex64 (sp_json_string (json, value)))
    {
      (void)sp_json_error (json, value, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                           "an ID is not 64 hexadecimal digits");
      return sp_error_stricter (err, "S8");
    }
  return sp_record_string (json, value, "an ID", slot, err);
}

int
sp_records_walk (struct sp_view text, sp_record_function *read, void *data, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;

  /* A store that nothing was put into yet. */
  if (!text.len)
    return 0;
  int rc = sp_json_parse (text, SP_STORE_DEPTH_MAX, &json, err);
  if (rc < 0 || sp_json_type_of (json, SP_JSON_ROOT) == SP_JSON_NULL)
    return rc;
  if (sp_json_type_of (json, SP_JSON_ROOT) != SP_JSON_ARRAY)
    return sp_record_mismatch (json, SP_JSON_ROOT, "what should be records", "an array", err);
  if (sp_json_count (json, SP_JSON_ROOT) > SP_STORE_RECORDS_MAX)
    return sp_json_error (json, SP_JSON_ROOT, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "more than %lu records", SP_STORE_RECORDS_MAX);
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    rc = sp_json_type_of (json, it.value) == SP_JSON_OBJECT
             ? read (json, it.value, data, err)
             : sp_record_mismatch (json, it.value, "a record", "an object", err);
  return rc;
}
