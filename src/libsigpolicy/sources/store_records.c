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

enum shape
{
  ONE,
  LIST,
  MAP,
};

enum kind
{
  TEXT,
  TIME,
  NUMBER,
  ID, /* of a user or a group */
  ID_MAP,
  ANYTHING,
};

struct member
{
  const char *name; /* NULL ends a list */
  enum shape shape;
  enum kind kind; /* of it, or of each that is in it */
};

static const struct member of_image[] = {
  { "id", ONE, TEXT },
  { "digest", ONE, TEXT },
  { "names", LIST, TEXT },
  { "names-history", LIST, TEXT },
  { "layer", ONE, TEXT },
  { "mapped-layers", LIST, TEXT },
  { "metadata", ONE, TEXT },
  { "big-data-names", LIST, TEXT },
  { "big-data-sizes", MAP, NUMBER },
  { "big-data-digests", MAP, TEXT },
  { "created", ONE, TIME },
  { "flags", MAP, ANYTHING },
  { NULL, ONE, ANYTHING },
};

static const struct member of_container[] = {
  { "id", ONE, TEXT },
  { "names", LIST, TEXT },
  { "image", ONE, TEXT },
  { "layer", ONE, TEXT },
  { "metadata", ONE, TEXT },
  { "big-data-names", LIST, TEXT },
  { "big-data-sizes", MAP, NUMBER },
  { "big-data-digests", MAP, TEXT },
  { "created", ONE, TIME },
  { "uidmap", LIST, ID_MAP },
  { "gidmap", LIST, ID_MAP },
  { "flags", MAP, ANYTHING },
  { NULL, ONE, ANYTHING },
};

static const struct member of_layer[] = {
  { "id", ONE, TEXT },
  { "names", LIST, TEXT },
  { "parent", ONE, TEXT },
  { "metadata", ONE, TEXT },
  { "mountlabel", ONE, TEXT },
  { "created", ONE, TIME },
  { "compressed-diff-digest", ONE, TEXT },
  { "compressed-size", ONE, NUMBER },
  { "diff-digest", ONE, TEXT },
  { "toc-digest", ONE, TEXT },
  { "diff-size", ONE, NUMBER },
  { "compression", ONE, NUMBER },
  { "uidset", LIST, ID },
  { "gidset", LIST, ID },
  { "flags", MAP, ANYTHING },
  { "uidmap", LIST, ID_MAP },
  { "gidmap", LIST, ID_MAP },
  { "big-data-names", LIST, TEXT },
  { NULL, ONE, ANYTHING },
};

static const struct member of_mount[] = {
  { "id", ONE, TEXT },
  { "path", ONE, TEXT },
  { "count", ONE, NUMBER },
  { NULL, ONE, ANYTHING },
};

static const struct member of_id_map[] = {
  { "container_id", ONE, NUMBER },
  { "host_id", ONE, NUMBER },
  { "size", ONE, NUMBER },
  { NULL, ONE, ANYTHING },
};

static const struct member *const members[] = {
  [SP_RECORD_IMAGE] = of_image,
  [SP_RECORD_CONTAINER] = of_container,
  [SP_RECORD_LAYER] = of_layer,
  [SP_RECORD_MOUNT] = of_mount,
};

static int check_members (const struct sp_json *json, sp_json_node object,
                          const struct member *known, sigpolicy_error **err);

static bool
is_number (const struct sp_json *json, sp_json_node value, int64_t min, int64_t max)
{
  int64_t number;
  return sp_json_int64 (json, value, &number) && number >= min && number <= max;
}

static int
check_value (const struct sp_json *json, sp_json_node value, enum kind kind, const char *what,
             sigpolicy_error **err)
{
  static const char *const wanted[] = { [TEXT] = "a string",
                                        [TIME] = "a time",
                                        [NUMBER] = "a whole number of 64 bits",
                                        [ID] = "a whole number of 32 bits",
                                        [ID_MAP] = "an object",
                                        [ANYTHING] = "one that can be read" };
  enum sp_json_type type = sp_json_type_of (json, value);
  bool right = false;

  if (type == SP_JSON_NULL)
    return 0;
  switch (kind)
    {
    case TEXT:
      right = type == SP_JSON_STRING;
      break;
    case TIME:
      right = type == SP_JSON_STRING && sp_time_is_written (sp_json_string (json, value));
      break;
    case NUMBER:
      right = is_number (json, value, INT64_MIN, INT64_MAX);
      break;
    case ID:
      right = is_number (json, value, 0, UINT32_MAX);
      break;
    case ID_MAP:
      right = type == SP_JSON_OBJECT;
      break;
    case ANYTHING:
      right = !sp_json_has_huge_number (json, value);
      break;
    }
  if (!right)
    return sp_record_mismatch (json, value, what, wanted[kind], err);
  return kind == ID_MAP ? check_members (json, value, of_id_map, err) : 0;
}

/* null is as good as absent, everywhere. */
static int
check_member (const struct sp_json *json, sp_json_node value, const struct member *member,
              sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, value);
  struct sp_json_iter it = sp_json_iter (json, value);
  int rc = 0;

  if (member->shape == ONE)
    return check_value (json, value, member->kind, member->name, err);
  if (type != SP_JSON_NULL && type != (member->shape == LIST ? SP_JSON_ARRAY : SP_JSON_OBJECT))
    return sp_record_mismatch (json, value, member->name,
                               member->shape == LIST ? "an array" : "an object", err);
  while (rc == 0 && sp_json_next (&it))
    rc = check_value (json, it.value, member->kind, "an entry", err);
  return rc;
}

/* Members are mostly written in the order of the list: the search goes on behind the last. */
static const struct member *
find_member (const struct member *known, const struct member *last, struct sp_view key)
{
  for (const struct member *member = last; member->name; member++)
    if (sp_json_folds_to (key, member->name))
      return member;
  for (const struct member *member = known; member != last; member++)
    if (sp_json_folds_to (key, member->name))
      return member;
  return NULL;
}

static int
check_members (const struct sp_json *json, sp_json_node object, const struct member *known,
               sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, object);
  const struct member *last = known;
  int rc = 0;

  while (rc == 0 && sp_json_next (&it))
    {
      const struct member *member = find_member (known, last, it.key);
      rc = member ? check_member (json, it.value, member, err)
                  : check_value (json, it.value, ANYTHING, "a member", err);
      last = member ? member : last;
    }
  return rc;
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

/* podman can read no more of it than we can. */
static int
damaged (sigpolicy_error **err)
{
  if (sigpolicy_error_reason (*err) == SIGPOLICY_REASON_LIMIT)
    return sigpolicy_error_code (*err);
  (void)sp_error_forget_hint (err);
  return sp_error_hint (err, "podman can use nothing of this storage: restore the file from a "
                             "backup, or move it away and run 'podman system reset', which "
                             "removes all images and containers");
}

static int
check_record (const struct sp_json *json, sp_json_node record, enum sp_record_kind kind,
              sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, record);

  /* A mount may be none; podman itself ends at any other null. */
  if (type != SP_JSON_OBJECT && !(kind == SP_RECORD_MOUNT && type == SP_JSON_NULL))
    return sp_record_mismatch (json, record, "a record", "an object", err);
  return check_members (json, record, members[kind], err);
}

int
sp_records_walk (struct sp_view text, enum sp_record_kind kind, sp_record_function *read,
                 void *data, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;

  /* The storage library takes a NUL for the end. */
  text = sp_view_head (text, sp_view_find (text, '\0'));
  /* A store that nothing was put into yet. */
  if (!text.len)
    return 0;
  int rc = sp_json_parse (text, SP_STORE_DEPTH_MAX, &json, err);
  if (rc == 0 && sp_json_type_of (json, SP_JSON_ROOT) == SP_JSON_NULL)
    return 0;
  if (rc == 0 && sp_json_type_of (json, SP_JSON_ROOT) != SP_JSON_ARRAY)
    rc = sp_record_mismatch (json, SP_JSON_ROOT, "what should be records", "an array", err);
  if (rc < 0)
    return damaged (err);
  if (sp_json_count (json, SP_JSON_ROOT) > SP_STORE_RECORDS_MAX)
    return sp_json_error (json, SP_JSON_ROOT, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "more than %lu records", SP_STORE_RECORDS_MAX);
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    {
      if (check_record (json, it.value, kind, err) < 0)
        return damaged (err);
      rc = read ? read (json, it.value, data, err) : 0;
    }
  return rc;
}
