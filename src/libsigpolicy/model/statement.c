/* SPDX-License-Identifier: Apache-2.0 */
#include "model/statement.h"

#include "json/proto.h"
#include "util/codec.h"
#include "util/limits.h"

#define N(table) (sizeof (table) / sizeof *(table))

static int
refuse_duplicates (const struct sp_json *json, sp_json_node object, sigpolicy_error **err)
{
  sp_json_node second = 0;
  bool found = false;
  int rc = sp_json_find_duplicate (json, object, &found, &second, err);
  return rc < 0 || !found ? rc
                          : sp_proto_fault (json, second, "a member twice in a statement", err);
}

/* Text by free names: digests, and annotations. */
static int
check_map (const struct sp_json *json, sp_json_node node, size_t max, bool text,
           sigpolicy_error **err)
{
  if (!sp_proto_has (json, node))
    return 0;
  if (sp_json_type_of (json, node) != SP_JSON_OBJECT)
    return sp_proto_fault (json, node, "expected an object", err);
  if (sp_json_count (json, node) > max)
    return sp_json_error (json, node, err, sp_proto_faults.code, SIGPOLICY_REASON_LIMIT,
                          "more than %zu members", max);
  struct sp_json_iter it = sp_json_iter (json, node);
  while (text && sp_json_next (&it))
    if (sp_json_type_of (json, it.value) != SP_JSON_STRING)
      return sp_proto_fault (json, it.value, "a digest that is not a string", err);
  return refuse_duplicates (json, node, err);
}

static int
check_subject (const struct sp_json *json, sp_json_node node, sigpolicy_error **err)
{
  struct sp_view text;
  sp_json_node digest = 0, annotations = 0;
  /* What a resource descriptor may have; all but the digest and the annotations means nothing
   * here. */
  const struct sp_json_field fields[] = {
    { .name = "name", .read = sp_proto_text, .out = &text },
    { .name = "uri", .read = sp_proto_text, .out = &text },
    { .name = "digest", .node = &digest },
    { .name = "content", .read = sp_proto_text, .out = &text },
    { .name = "downloadLocation", .read = sp_proto_text, .out = &text },
    { .name = "mediaType", .read = sp_proto_text, .out = &text },
    { .name = "annotations", .node = &annotations },
  };

  int rc = sp_proto_decode (json, node, fields, N (fields), err);
  if (rc == 0)
    rc = check_map (json, digest, SP_STATEMENT_DIGESTS_MAX, true, err);
  if (rc == 0)
    rc = check_map (json, annotations, SP_STATEMENT_ANNOTATIONS_MAX, false, err);
  return rc;
}

static int
check_subjects (struct sp_statement *statement, sigpolicy_error **err)
{
  const struct sp_json *json = statement->json;

  int rc = sp_proto_list (json, statement->subjects, SP_STATEMENT_SUBJECTS_MAX,
                          "subjects in a statement", &statement->n_subjects, err);
  if (rc == 0 && !statement->n_subjects)
    rc = sp_proto_fault (json, SP_JSON_ROOT, "a statement without a subject", err);
  struct sp_json_iter it = sp_json_iter (json, rc == 0 ? statement->subjects : SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    rc = check_subject (json, it.value, err);
  return rc;
}

static int
read_statement (struct sp_statement *statement, sigpolicy_error **err)
{
  const struct sp_json *json = statement->json;
  struct sp_view type = { "", 0 };
  sp_json_node predicate = 0;
  const struct sp_json_field fields[] = {
    { .name = "_type", .read = sp_proto_text, .out = &type },
    { .name = "subject", .node = &statement->subjects },
    { .name = "predicateType", .read = sp_proto_text, .out = &statement->predicate_type },
    { .name = "predicate", .node = &predicate },
  };

  int rc = sp_proto_decode (json, SP_JSON_ROOT, fields, N (fields), err);
  if (rc == 0 && !sp_view_is (type, "https://in-toto.io/Statement/v1")
      && !sp_view_is (type, "https://in-toto.io/Statement/v0.1"))
    rc = sp_proto_fault (json, SP_JSON_ROOT, "\"_type\" is not that of an in-toto statement", err);
  if (rc == 0 && !statement->predicate_type.len)
    rc = sp_proto_fault (json, SP_JSON_ROOT, "a statement without \"predicateType\"", err);
  return rc < 0 ? rc : check_subjects (statement, err);
}

int
sp_statement_parse (struct sp_view text, struct sp_statement *ret, sigpolicy_error **err)
{
  cleanup_statement struct sp_statement statement = { .predicate_type = { "", 0 } };

  int rc = sp_json_parse (text, SP_STATEMENT_DEPTH_MAX, &statement.json, err);
  if (rc == 0)
    rc = read_statement (&statement, err);
  if (rc < 0)
    return rc;
  *ret = statement;
  statement.json = NULL;
  return 0;
}

void
sp_statement_clear (struct sp_statement *statement)
{
  sp_json_free (statement->json);
  statement->json = NULL;
}

/* The value of a member of a subject; false when it is not there. */
static bool
find_member (const struct sp_statement *statement, size_t subject, const char *name,
             sp_json_node *ret)
{
  struct sp_json_iter it = sp_json_iter (statement->json, statement->subjects);
  while (sp_json_next (&it))
    if (it.index == subject)
      return sp_json_find (statement->json, it.value, name, ret);
  return false;
}

/* Hex in either case. */
static bool
is_hex_of (struct sp_view text, struct sp_view bytes)
{
  char hex[2 * SP_HASH_BYTES_MAX + 1];
  if (!bytes.len || text.len != 2 * bytes.len)
    return false;
  sp_hex ((const unsigned char *)bytes.data, bytes.len, hex);
  return sp_view_equal_folded (text, sp_view_n (hex, text.len));
}

bool
sp_statement_is_about (const struct sp_statement *statement, const struct sp_digests *digests)
{
  const struct sp_json *json = statement->json;
  struct sp_json_iter subjects = sp_json_iter (json, statement->subjects);
  enum sp_hash hash;
  sp_json_node digest;

  while (sp_json_next (&subjects))
    {
      if (!sp_json_find (json, subjects.value, "digest", &digest))
        continue;
      struct sp_json_iter it = sp_json_iter (json, digest);
      while (sp_json_next (&it))
        if (sp_hash_find (it.key, &hash)
            && is_hex_of (sp_json_string (json, it.value), sp_digests_get (digests, hash)))
          return true;
    }
  return false;
}

bool
sp_statement_subject_digest (const struct sp_statement *statement, size_t subject,
                             char ret[8 + 2 * SP_HASH_BYTES_MAX])
{
  sp_json_node digest;
  enum sp_hash hash;

  if (!find_member (statement, subject, "digest", &digest))
    return false;
  struct sp_json_iter it = sp_json_iter (statement->json, digest);
  while (sp_json_next (&it))
    {
      struct sp_view value = sp_json_string (statement->json, it.value);
      if (!sp_hash_find (it.key, &hash) || value.len != 2 * sp_hash_bytes (hash))
        continue;
      (void)snprintf (ret, 8, "%s:", sp_hash_name (hash));
      for (size_t i = 0; i < value.len; i++)
        {
          char c = sp_lower (value.data[i]);
          if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
          ret[7 + i] = c;
        }
      ret[7 + value.len] = '\0';
      return true;
    }
  return false;
}

bool
sp_statement_annotation (const struct sp_statement *statement, size_t subject, const char *key,
                         struct sp_view *ret)
{
  sp_json_node annotations, value;
  if (!find_member (statement, subject, "annotations", &annotations)
      || !sp_json_find (statement->json, annotations, key, &value)
      || sp_json_type_of (statement->json, value) != SP_JSON_STRING)
    return false;
  *ret = sp_json_string (statement->json, value);
  return true;
}
