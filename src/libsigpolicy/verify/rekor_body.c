/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/rekor_body.h"

#include "json/json.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

enum kind
{
  STRING,
  BYTES,
  OBJECT,
};

struct field
{
  const char *name;
  enum kind kind;
  struct sp_rekor_value *value;
  const struct field *members; /* of an object */
  size_t n_members;
};

static void
value_clear (struct sp_rekor_value *value)
{
  value->present = false;
  sp_buf_clear (&value->bytes);
  value->bytes = (struct sp_buf)SP_BUF (SP_REKOR_SET_BYTES_MAX);
}

/* null takes away what stood before it. */
static void
field_clear (const struct field *field)
{
  value_clear (field->value);
  for (size_t i = 0; i < field->n_members; i++)
    field_clear (&field->members[i]);
}

static int
wrong_type (const struct sp_json *json, sp_json_node node, const char *name, sigpolicy_error **err)
{
  return sp_json_error (json, node, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                        "json: cannot unmarshal %s into the field %s",
                        sp_json_type_words (sp_json_type_of (json, node)), name);
}

static int read_members (const struct sp_json *json, sp_json_node object,
                         const struct field *fields, size_t n_fields, sigpolicy_error **err);

static int
read_field (const struct sp_json *json, sp_json_node node, const struct field *field,
            sigpolicy_error **err)
{
  enum sp_json_type type = sp_json_type_of (json, node);
  bool again = field->value->present;

  if (type == SP_JSON_NULL)
    {
      field_clear (field);
      return 0;
    }
  switch (field->kind)
    {
    case STRING:
      if (type != SP_JSON_STRING)
        return wrong_type (json, node, field->name, err);
      value_clear (field->value);
      sp_buf_add (&field->value->bytes, sp_json_string (json, node));
      break;
    case BYTES:
      /* A second array would be written over the first, element by element; no log writes one. */
      if (type != SP_JSON_STRING && (type != SP_JSON_ARRAY || again))
        return wrong_type (json, node, field->name, err);
      value_clear (field->value);
      if (sp_json_bytes (json, node, &field->value->bytes, err) < 0)
        return sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG);
      break;
    case OBJECT:
      if (type != SP_JSON_OBJECT)
        return wrong_type (json, node, field->name, err);
      field->value->present = true;
      return read_members (json, node, field->members, field->n_members, err);
    }
  field->value->present = true;
  return sp_buf_check (&field->value->bytes, err);
}

/* As deep as the tables are. */
static int
read_members (const struct sp_json *json, sp_json_node object, const struct field *fields,
              size_t n_fields, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, object);
  while (sp_json_next (&it))
    for (size_t i = 0; i < n_fields; i++)
      if (sp_json_folds_to (it.key, fields[i].name))
        {
          int rc = read_field (json, it.value, &fields[i], err);
          if (rc < 0)
            return rc;
        }
  return 0;
}

/* Kind, version, and where the entry proper is. */
static int
read_frame (const struct sp_json *json, sp_json_node *ret_spec, bool *ret_has_spec,
            sigpolicy_error **err)
{
  struct sp_rekor_value version = { .bytes = SP_BUF (SP_REKOR_SET_BYTES_MAX) };
  const struct field api_version = { "apiVersion", STRING, &version, NULL, 0 };
  struct sp_view kind = { "", 0 };
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  enum sp_json_type type = sp_json_type_of (json, SP_JSON_ROOT);
  cleanup_free char *quoted = NULL;
  int rc = 0;

  if (type != SP_JSON_OBJECT && type != SP_JSON_NULL)
    rc = wrong_type (json, SP_JSON_ROOT, "body", err);
  while (rc == 0 && sp_json_next (&it))
    {
      if (sp_json_folds_to (it.key, "apiVersion"))
        rc = read_field (json, it.value, &api_version, err);
      else if (sp_json_folds_to (it.key, "spec"))
        {
          *ret_spec = it.value;
          *ret_has_spec = true;
        }
      else if (sp_json_folds_to (it.key, "kind")
               && sp_json_type_of (json, it.value) != SP_JSON_NULL)
        {
          if (sp_json_type_of (json, it.value) != SP_JSON_STRING)
            rc = wrong_type (json, it.value, "kind", err);
          kind = sp_json_string (json, it.value);
        }
    }
  if (rc == 0 && !sp_view_is (kind, "hashedrekord"))
    {
      quoted = sp_quote_dup (kind, err);
      rc = quoted ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                                  "decoding the body of a Rekor SET payload: invalid kind value: "
                                  "%s",
                                  quoted)
                  : SIGPOLICY_E_NO_MEMORY;
    }
  else if (rc == 0 && !version.present)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                       "missing Rekor SET Payload API version");
  else if (rc == 0 && !sp_view_is (sp_buf_view (&version.bytes), "0.0.1"))
    {
      quoted = sp_quote_dup (sp_buf_view (&version.bytes), err);
      rc = quoted ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                                  "unsupported Rekor SET Payload hashedrekord version %s", quoted)
                  : SIGPOLICY_E_NO_MEMORY;
    }
  else if (rc < 0)
    rc = sp_error_prefix (err, "decoding the body of a Rekor SET payload");
  sp_buf_clear (&version.bytes);
  return rc;
}

static int
read_spec (const struct sp_json *json, sp_json_node spec, struct sp_rekor_body *body,
           sigpolicy_error **err)
{
  const struct field public_key[] = { { "content", BYTES, &body->public_key_content, NULL, 0 } };
  const struct field signature[] = {
    { "content", BYTES, &body->signature_content, NULL, 0 },
    { "publicKey", OBJECT, &body->public_key, public_key, 1 },
  };
  const struct field hash[] = {
    { "algorithm", STRING, &body->algorithm, NULL, 0 },
    { "value", STRING, &body->hash_value, NULL, 0 },
  };
  const struct field data[] = { { "hash", OBJECT, &body->hash, hash, 2 } };
  const struct field whole[] = {
    { "signature", OBJECT, &body->signature, signature, 2 },
    { "data", OBJECT, &body->data, data, 1 },
  };
  enum sp_json_type type = sp_json_type_of (json, spec);

  for (size_t i = 0; i < 2; i++)
    field_clear (&whole[i]);
  if (type == SP_JSON_NULL)
    return 0;
  return type == SP_JSON_OBJECT ? read_members (json, spec, whole, 2, err)
                                : wrong_type (json, spec, "spec", err);
}

int
sp_rekor_body_parse (struct sp_view text, struct sp_rekor_body *ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  sp_json_node spec = 0;
  bool has_spec = false;

  if (sp_json_parse (text, SP_REKOR_DEPTH_MAX, &json, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG);
      return sp_error_prefix (err, "decoding the body of a Rekor SET payload");
    }
  int rc = read_frame (json, &spec, &has_spec, err);
  if (rc < 0)
    return rc;
  if (!has_spec)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                         "decoding hashedrekod spec: unexpected end of JSON input");
  rc = read_spec (json, spec, ret, err);
  return rc < 0 ? sp_error_prefix (err, "decoding hashedrekod spec") : 0;
}

void
sp_rekor_body_clear (struct sp_rekor_body *body)
{
  struct sp_rekor_value *const values[] = { &body->signature,  &body->signature_content,
                                            &body->public_key, &body->public_key_content,
                                            &body->data,       &body->hash,
                                            &body->algorithm,  &body->hash_value };
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    sp_buf_clear (&values[i]->bytes);
}
