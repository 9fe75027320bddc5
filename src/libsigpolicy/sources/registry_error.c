/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "json/json.h"
#include "util/codec.h"
#include "util/limits.h"

#include <ctype.h>
#include <strings.h>

/*
 * The body of a refusal: {"errors":[{"code","message","detail"}]} as the distribution specification
 * has it, {"details":"..."} as some servers have it, or anything.
 */

#define SHOWN_OF_OTHERS 50

static const char *const known_codes[] = {
  "UNKNOWN",          "UNSUPPORTED",         "UNAUTHORIZED",        "DENIED",
  "UNAVAILABLE",      "TOOMANYREQUESTS",     "BLOB_UNKNOWN",        "BLOB_UPLOAD_INVALID",
  "DIGEST_INVALID",   "MANIFEST_INVALID",    "NAME_INVALID",        "MANIFEST_BLOB_UNKNOWN",
  "MANIFEST_UNKNOWN", "NAME_UNKNOWN",        "SIZE_INVALID",        "TAG_INVALID",
  "RANGE_INVALID",    "BLOB_UPLOAD_UNKNOWN", "MANIFEST_UNVERIFIED", "PAGINATION_NUMBER_INVALID",
};

static bool
is_known (struct sp_view code)
{
  for (size_t i = 0; i < sizeof known_codes / sizeof *known_codes; i++)
    if (sp_view_is (code, known_codes[i]))
      return true;
  return false;
}

static int
keep (struct sp_refusal *refusal, const char *code, struct sp_view message, sigpolicy_error **err)
{
  refusal->code = code ? sp_strdup (code, err) : NULL;
  refusal->message = sp_escape_dup (message, err);
  return (code && !refusal->code) || !refusal->message ? SIGPOLICY_E_NO_MEMORY : 0;
}

/* The first element of "errors". */
static int
read_errors (const struct sp_json *json, sp_json_node errors, struct sp_refusal *ret,
             sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, errors);
  sp_json_node node;
  struct sp_view code, message = sp_view_n ("", 0);

  if (!sp_json_next (&it) || sp_json_type_of (json, it.value) != SP_JSON_OBJECT)
    return 0;
  code
      = sp_json_find_folded (json, it.value, "code", &node) ? sp_json_string (json, node) : message;
  if (sp_json_find_folded (json, it.value, "message", &node))
    message = sp_json_string (json, node);
  cleanup_free char *known = sp_view_dup (is_known (code) ? code : sp_view_str ("UNKNOWN"), err);
  return known ? keep (ret, known, message, err) : SIGPOLICY_E_NO_MEMORY;
}

static int
read_document (const struct sp_json *json, unsigned status, struct sp_refusal *ret,
               sigpolicy_error **err)
{
  sp_json_node node;

  if (sp_json_find_folded (json, SP_JSON_ROOT, "details", &node) && sp_json_string (json, node).len)
    return keep (ret,
                 status == 401   ? "UNAUTHORIZED"
                 : status == 429 ? "TOOMANYREQUESTS"
                                 : "UNKNOWN",
                 sp_json_string (json, node), err);
  return sp_json_find_folded (json, SP_JSON_ROOT, "errors", &node)
             ? read_errors (json, node, ret, err)
             : 0;
}

int
sp_refusal_read (const struct sp_http_response *response, struct sp_refusal *ret,
                 sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *ignored = NULL;
  struct sp_view body = sp_buf_view (&response->body);
  int rc = 0;

  memset (ret, 0, sizeof *ret);
  if (response->status >= 400 && response->status < 500
      && sp_json_parse (body, SP_REGISTRY_DEPTH_MAX, &json, &ignored) == 0)
    rc = read_document (json, response->status, ret, err);
  if (rc == 0 && !ret->message)
    rc = keep (ret, NULL, sp_view_head (body, SHOWN_OF_OTHERS), err);
  ret->shortened = !ret->code && body.len > SHOWN_OF_OTHERS;
  return rc;
}

void
sp_refusal_clear (struct sp_refusal *refusal)
{
  free (refusal->code);
  free (refusal->message);
  memset (refusal, 0, sizeof *refusal);
}

bool
sp_refusal_is_absence (const struct sp_refusal *refusal, unsigned status)
{
  if (refusal->code && strcmp (refusal->code, "MANIFEST_UNKNOWN") == 0)
    return true;
  if (refusal->code && strcmp (refusal->code, "UNKNOWN") == 0)
    return strcasestr (refusal->message, "not found") != NULL;
  return !refusal->code && status == 404;
}

/* "MANIFEST_UNKNOWN" as people read it. */
static char *
code_words (const char *code, sigpolicy_error **err)
{
  char *words = sp_strdup (code, err);
  for (char *at = words; at && *at; at++)
    *at = *at == '_' ? ' ' : (char)tolower ((unsigned char)*at);
  return words;
}

int
sp_refusal_error (const struct sp_refusal *refusal, const struct sp_http_response *response,
                  sigpolicy_error **err)
{
  bool missing = response->status == 404
                 && (!refusal->code || strcmp (refusal->code, "MANIFEST_UNKNOWN") == 0
                     || strcmp (refusal->code, "NAME_UNKNOWN") == 0
                     || strcmp (refusal->code, "BLOB_UNKNOWN") == 0);
  int code = missing ? SIGPOLICY_E_NOT_FOUND : SIGPOLICY_E_UNAVAILABLE;
  sigpolicy_reason reason = missing ? SIGPOLICY_REASON_NOT_FOUND : SIGPOLICY_REASON_COULD_NOT_LOOK;
  cleanup_free char *words = refusal->code ? code_words (refusal->code, err) : NULL;

  if (refusal->code && !words)
    return SIGPOLICY_E_NO_MEMORY;
  if (!words && (response->status < 400 || response->status >= 500))
    return sp_error_set (err, code, reason, "received unexpected HTTP status: %s",
                         response->status_line);
  if (!words)
    return sp_error_set (err, code, reason, "StatusCode: %u, \"%s%s\"", response->status,
                         refusal->message, refusal->shortened ? "..." : "");
  if (!*refusal->message || strcasecmp (words, refusal->message) == 0)
    return sp_error_set (err, code, reason, "%s", words);
  return sp_error_set (err, code, reason, "%s: %s", words, refusal->message);
}
