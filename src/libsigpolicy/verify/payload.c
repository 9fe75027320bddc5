/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/payload.h"

#include "json/decode.h"
#include "reference/digest.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

static const struct sp_json_faults faults
    = { SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE };

static int
wrong_type (const struct sp_json *json, sp_json_node node, const char *expected,
            sigpolicy_error **err)
{
  return sp_json_error (json, node, err, faults.code, faults.reason, "expected %s, found %s",
                        expected, sp_json_type_words (sp_json_type_of (json, node)));
}

/* A string; null is an empty one. out is a struct sp_view, borrowed from the document. */
static int
read_string (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  struct sp_view *text = out;
  enum sp_json_type type = sp_json_type_of (json, value);
  if (type != SP_JSON_STRING && type != SP_JSON_NULL)
    return wrong_type (json, value, "a string", err);
  *text = sp_json_string (json, value);
  return 0;
}

/* A number within the range of a double; null is 0. */
static int
read_number (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  double *number = out;
  enum sp_json_type type = sp_json_type_of (json, value);
  *number = 0;
  if (type == SP_JSON_NULL)
    return 0;
  if (type != SP_JSON_NUMBER)
    return wrong_type (json, value, "a number", err);
  if (!sp_json_double (json, value, number))
    return sp_json_error (json, value, err, faults.code, faults.reason, "number out of range");
  return 0;
}

/* Members that nobody asked for may be anything, but not a number beyond double's range. */
static int
read_anything (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  (void)out;
  if (sp_json_has_huge_number (json, value))
    return sp_json_error (json, value, err, faults.code, faults.reason, "number out of range");
  return 0;
}

/* The members of "optional", as they are in the document. */
struct optional
{
  bool has_creator, has_timestamp;
  struct sp_view creator;
  double timestamp;
  sp_json_node timestamp_node;
};

static int
read_optional_member (const struct sp_json_iter *it, struct optional *optional,
                      sigpolicy_error **err)
{
  if (sp_view_is (it->key, "creator"))
    {
      optional->has_creator = true;
      return read_string (it->json, it->value, &optional->creator, err);
    }
  if (sp_view_is (it->key, "timestamp"))
    {
      optional->has_timestamp = true;
      optional->timestamp_node = it->value;
      return read_number (it->json, it->value, &optional->timestamp, err);
    }
  return read_anything (it->json, it->value, NULL, err);
}

/* Any key, but none twice; the first fault in document order is the one reported. */
static int
read_optional (const struct sp_json *json, sp_json_node node, struct optional *optional,
               sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, node);
  sp_json_node second = 0;
  bool duplicate = false;

  int rc = sp_json_find_duplicate (json, node, &duplicate, &second, err);
  if (rc < 0)
    return rc;
  if (sp_json_type_of (json, node) != SP_JSON_OBJECT)
    return sp_json_decode (json, node, NULL, 0, SP_JSON_OPTIONAL_FIELDS, &faults, err);
  while (sp_json_next (&it))
    {
      if (duplicate && it.key_node == second)
        {
          cleanup_free char *quoted = sp_quote_dup (it.key, err);
          if (!quoted)
            return SIGPOLICY_E_NO_MEMORY;
          return sp_json_error (json, it.key_node, err, faults.code, faults.reason,
                                "Duplicate key %s", quoted);
        }
      rc = read_optional_member (&it, optional, err);
      if (rc < 0)
        return rc;
    }
  return 0;
}

/* 2^63 is the first number above the range; every double below it and not below -2^63 can be
 * converted. */
static int
read_timestamp (const struct sp_json *json, const struct optional *optional, int64_t *ret,
                sigpolicy_error **err)
{
  const double above = 9223372036854775808.0;
  double number = optional->timestamp;
  if (number < -above || number >= above || (double)(int64_t)number != number)
    return sp_json_error (json, optional->timestamp_node, err, faults.code, faults.reason,
                          "Field optional.timestamp is not an integer");
  *ret = (int64_t)number;
  return 0;
}

static int
check_type (const struct sp_json *json, sp_json_node node, struct sp_view type,
            enum sp_payload_kind kind, sigpolicy_error **err)
{
  static const char *const types[] = {
    [SP_PAYLOAD_SIMPLE_SIGNING] = "atomic container signature",
    [SP_PAYLOAD_SIGSTORE] = "cosign container image signature",
  };
  if (sp_view_is (type, types[kind]))
    return 0;
  cleanup_free char *shown = sp_escape_dup (type, err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  return sp_json_error (json, node, err, faults.code, faults.reason,
                        "Unrecognized signature type %s", shown);
}

static int
check_digest (const struct sp_json *json, sp_json_node node, struct sp_view digest,
              sigpolicy_error **err)
{
  if (sp_digest_check (digest, err) == 0)
    return 0;
  cleanup_error sigpolicy_error *why = steal (err);
  cleanup_free char *quoted = sp_quote_dup (digest, err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  *err = steal (&why);
  (void)sp_error_prefix (err, "invalid docker-manifest-digest value %s", quoted);
  return sp_json_error_at (json, node, err);
}

static int
exact (const struct sp_json *json, sp_json_node node, const struct sp_json_field *fields,
       size_t n_fields, sigpolicy_error **err)
{
  return sp_json_decode (json, node, fields, n_fields, SP_JSON_EXACT, &faults, err);
}

/* "critical": the type, then the image, then the identity. */
static int
read_critical (const struct sp_json *json, sp_json_node node, enum sp_payload_kind kind,
               struct sp_view *digest, struct sp_view *reference, sigpolicy_error **err)
{
  struct sp_view type = { "", 0 };
  sp_json_node type_node = 0, image_node = 0, identity_node = 0, digest_node = 0;
  const struct sp_json_field critical[] = {
    { "type", read_string, &type, NULL, &type_node },
    { "image", NULL, NULL, NULL, &image_node },
    { "identity", NULL, NULL, NULL, &identity_node },
  };
  const struct sp_json_field image[]
      = { { "docker-manifest-digest", read_string, digest, NULL, &digest_node } };
  const struct sp_json_field identity[]
      = { { "docker-reference", read_string, reference, NULL, NULL } };

  int rc = exact (json, node, critical, sizeof critical / sizeof *critical, err);
  if (rc == 0)
    rc = check_type (json, type_node, type, kind, err);
  if (rc == 0)
    rc = exact (json, image_node, image, 1, err);
  if (rc == 0)
    rc = check_digest (json, digest_node, *digest, err);
  if (rc == 0)
    rc = exact (json, identity_node, identity, 1, err);
  return rc;
}

int
sp_untrusted_payload_parse (struct sp_view text, enum sp_payload_kind kind,
                            struct sp_untrusted_payload *ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_payload struct sp_untrusted_payload payload = { 0 };
  struct optional optional = { 0 };
  struct sp_view digest = { "", 0 }, reference = { "", 0 };
  sp_json_node critical_node = 0, optional_node = 0;
  const struct sp_json_field whole[] = {
    { "critical", NULL, NULL, NULL, &critical_node },
    { "optional", NULL, NULL, NULL, &optional_node },
  };

  int rc = sp_json_parse (text, SP_JSON_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = exact (json, SP_JSON_ROOT, whole, sizeof whole / sizeof *whole, err);
  if (rc == 0
      && !(kind == SP_PAYLOAD_SIGSTORE && sp_json_type_of (json, optional_node) == SP_JSON_NULL))
    rc = read_optional (json, optional_node, &optional, err);
  if (rc == 0 && optional.has_timestamp)
    rc = read_timestamp (json, &optional, &payload.timestamp, err);
  if (rc == 0)
    rc = read_critical (json, critical_node, kind, &digest, &reference, err);
  if (rc < 0)
    return rc;

  payload.digest = sp_view_dup (digest, err);
  payload.reference = payload.digest ? sp_view_dup (reference, err) : NULL;
  if (payload.reference && optional.has_creator)
    payload.creator = sp_view_dup (optional.creator, err);
  if (!payload.reference || (optional.has_creator && !payload.creator))
    return SIGPOLICY_E_NO_MEMORY;
  payload.reference_len = reference.len;
  payload.creator_len = optional.creator.len;
  payload.has_timestamp = optional.has_timestamp;
  *ret = payload;
  memset (&payload, 0, sizeof payload);
  return 0;
}

void
sp_payload_clear (struct sp_untrusted_payload *payload)
{
  free (payload->digest);
  free (payload->reference);
  free (payload->creator);
  memset (payload, 0, sizeof *payload);
}
