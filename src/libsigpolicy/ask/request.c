/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/request.h"

#include "json/decode.h"
#include "json/write.h"
#include "util/codec.h"
#include "util/error.h"
#include "util/limits.h"

#include <inttypes.h>

/* --- what a request is made of ---------------------------------------------------------------- */

int
sp_request_new (struct sp_request **ret, sigpolicy_error **err)
{
  struct sp_request *request = sp_calloc (1, sizeof *request, err);
  if (!request)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = request;
  return 0;
}

int
sp_request_set_stored (struct sp_request *request, const char *store, const char *id,
                       const char *name, bool as_stored, sigpolicy_error **err)
{
  cleanup_free char *image = sp_asprintf (err, "containers-storage:%s@%s", store, id);
  cleanup_free char *reference = image && name ? sp_strdup (name, err) : NULL;

  if (!image || (name && !reference))
    return SIGPOLICY_E_NO_MEMORY;
  free (request->image);
  free (request->reference);
  request->image = steal (&image);
  request->reference = steal (&reference);
  request->stored = as_stored ? SP_REQUEST_AS_STORED : SP_REQUEST_AS_PULLED;
  return 0;
}

static void
clear_file (struct sp_request_file *file)
{
  free (file->label);
  sp_buf_clear (&file->bytes);
}

void
sp_request_free (struct sp_request *request)
{
  if (!request)
    return;
  free (request->id);
  sigpolicy_error_free (request->fault);
  for (size_t i = 0; i < request->n_signatures; i++)
    clear_file (&request->signatures[i]);
  free (request->signatures);
  free (request->image);
  free (request->reference);
  clear_file (&request->manifest);
  free (request->signature_dir);
  free (request->digest);
  free (request);
}

static int
make_file (const char *label, struct sp_buf *bytes, struct sp_request_file *ret,
           sigpolicy_error **err)
{
  int rc = bytes ? sp_buf_check (bytes, err) : 0;
  if (rc < 0)
    return rc;
  ret->label = sp_strdup (label, err);
  if (!ret->label)
    return SIGPOLICY_E_NO_MEMORY;
  ret->is_given = bytes != NULL;
  ret->bytes = bytes ? *bytes : (struct sp_buf)SP_BUF (0);
  if (bytes)
    *bytes = (struct sp_buf)SP_BUF (0);
  return 0;
}

int
sp_request_set_manifest (struct sp_request *request, const char *label, struct sp_buf *bytes,
                         sigpolicy_error **err)
{
  struct sp_request_file file;
  int rc = make_file (label, bytes, &file, err);
  if (rc < 0)
    return rc;
  clear_file (&request->manifest);
  request->manifest = file;
  request->has_manifest = true;
  return 0;
}

int
sp_request_add_signature (struct sp_request *request, const char *label, struct sp_buf *bytes,
                          sigpolicy_error **err)
{
  if (request->n_signatures >= SP_SIGNATURES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "more than %lu signatures", SP_SIGNATURES_MAX);
  int rc = sp_grow (&request->signatures, &request->signatures_capacity, request->n_signatures,
                    sizeof *request->signatures, err);
  if (rc == 0)
    rc = make_file (label, bytes, &request->signatures[request->n_signatures], err);
  if (rc == 0)
    request->n_signatures++;
  return rc;
}

/* --- what somebody wrote ---------------------------------------------------------------------- */

static const struct sp_json_faults usage = { SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE };

static int
wrong_type (const struct sp_json *json, sp_json_node value, const char *wanted,
            sigpolicy_error **err)
{
  return sp_json_error (json, value, err, usage.code, usage.reason, "%s expected, got %s", wanted,
                        sp_json_type_words (sp_json_type_of (json, value)));
}

static int
read_id (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (8 * SP_BATCH_LINE_BYTES_MAX);
  char **id = out;
  int64_t number;

  if (sp_json_int64 (json, value, &number))
    sp_buf_printf (&text, "%" PRId64, number);
  else if (sp_json_type_of (json, value) == SP_JSON_STRING)
    sp_json_write_string (sp_json_string (json, value), &text);
  else
    return wrong_type (json, value, "a string or an integer", err);
  *id = sp_buf_steal (&text, err);
  return *id ? 0 : sigpolicy_error_code (*err);
}

/* A name or path: a string that C can hold. */
static int
read_text (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  char **slot = out;
  struct sp_view text = sp_json_string (json, value);

  if (sp_json_type_of (json, value) != SP_JSON_STRING)
    return wrong_type (json, value, "a string", err);
  if (!text.len || sp_view_find (text, '\0') < text.len)
    return sp_json_error (json, value, err, usage.code, usage.reason,
                          "it is empty, or has a NUL in it");
  *slot = sp_view_dup (text, err);
  return *slot ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* A file; standard input is not one, as the batch itself may come from there. */
static int
read_path (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  int rc = read_text (json, value, out, err);
  if (rc == 0 && strcmp (*(char **)out, "-") == 0)
    rc = sp_json_error (json, value, err, usage.code, usage.reason,
                        "standard input (-) cannot be used in the lines of a batch");
  return rc;
}

static int
read_manifest (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  cleanup_free char *path = NULL;
  int rc = read_path (json, value, &path, err);
  return rc < 0 ? rc : sp_request_set_manifest (out, path, NULL, err);
}

static int
read_signatures (const struct sp_json *json, sp_json_node value, void *out, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, value);
  int rc = 0;

  if (sp_json_type_of (json, value) != SP_JSON_ARRAY)
    return wrong_type (json, value, "an array", err);
  while (rc == 0 && sp_json_next (&it))
    {
      cleanup_free char *path = NULL;
      rc = read_path (json, it.value, &path, err);
      if (rc == 0)
        rc = sp_request_add_signature (out, path, NULL, err);
    }
  return rc;
}

static int
read_object (struct sp_view text, struct sp_request *request, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  const struct sp_json_field fields[] = {
    { "id", read_id, &request->id, NULL, NULL },
    { "image", read_text, &request->image, NULL, NULL },
    { "reference", read_text, &request->reference, NULL, NULL },
    { "manifest", read_manifest, request, NULL, NULL },
    { "signatures", read_signatures, request, NULL, NULL },
    { "signature_dir", read_path, &request->signature_dir, NULL, NULL },
  };

  int rc = sp_json_parse (text, SP_BATCH_DEPTH_MAX, &json, err);
  if (rc < 0)
    return sp_error_class (err, usage.code, usage.reason);
  return sp_json_decode (json, SP_JSON_ROOT, fields, sizeof fields / sizeof *fields,
                         SP_JSON_OPTIONAL_FIELDS, &usage, err);
}

/* An image, or a manifest that is given with the name that it is judged by. */
static int
check (const struct sp_request *request, sigpolicy_error **err)
{
  const char *fault = NULL;

  if (request->image && request->has_manifest)
    fault = "\"image\" and \"manifest\" cannot be used together";
  else if (!request->image && !request->has_manifest)
    fault = "give \"image\", or \"manifest\" and \"reference\"";
  else if (request->has_manifest && !request->reference)
    fault = "\"manifest\" needs \"reference\"";
  else if (request->image && (request->n_signatures || request->signature_dir))
    fault = "\"signatures\" and \"signature_dir\" need \"manifest\"";
  return fault ? sp_error_set (err, usage.code, usage.reason, "%s", fault) : 0;
}

static int
read_line (struct sp_view text, struct sp_request *request, sigpolicy_error **err)
{
  if (text.len > SP_BATCH_LINE_BYTES_MAX)
    return sp_error_set (err, usage.code, SIGPOLICY_REASON_LIMIT,
                         "a line of a batch has at most %lu bytes", SP_BATCH_LINE_BYTES_MAX);
  if (sp_view_starts (text, sp_view_str ("{")))
    {
      int rc = read_object (text, request, err);
      return rc < 0 ? rc : check (request, err);
    }
  if (sp_view_find (text, '\0') < text.len)
    return sp_error_set (err, usage.code, usage.reason, "an image name has a NUL in it");
  request->image = sp_view_dup (text, err);
  return request->image ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static bool
is_blank (char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct sp_view
trim (struct sp_view text)
{
  while (text.len && is_blank (text.data[0]))
    text = sp_view_from (text, 1);
  while (text.len && is_blank (text.data[text.len - 1]))
    text.len--;
  return text;
}

int
sp_request_parse (struct sp_view text, struct sp_request **ret, sigpolicy_error **err)
{
  cleanup_request struct sp_request *request = NULL;

  int rc = sp_request_new (&request, err);
  if (rc < 0)
    return rc;
  rc = read_line (trim (text), request, &request->fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  *ret = steal (&request);
  return 0;
}
