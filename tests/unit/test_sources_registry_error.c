/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define ERRORS(code, message) \
  "{\"errors\":[{\"code\":\"" code "\",\"message\":\"" message "\",\"detail\":{}}]}"
#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

enum
{
  ABSENT = 1, /* "there is no such manifest" */
  MISSING = 2 /* not-found; else could-not-look */
};

static const struct
{
  unsigned status;
  const char *body, *text;
  int is;
} cases[] = {
  { 404, ERRORS ("MANIFEST_UNKNOWN", "no such tag"), "manifest unknown: no such tag",
    ABSENT | MISSING },
  { 404, ERRORS ("MANIFEST_UNKNOWN", "manifest unknown"), "manifest unknown", ABSENT | MISSING },
  { 404, ERRORS ("MANIFEST_UNKNOWN", "Manifest Unknown"), "manifest unknown", ABSENT | MISSING },
  { 404, ERRORS ("MANIFEST_UNKNOWN", ""), "manifest unknown", ABSENT | MISSING },
  { 404, ERRORS ("NAME_UNKNOWN", "x"), "name unknown: x", MISSING },
  { 404, ERRORS ("BLOB_UNKNOWN", "x"), "blob unknown: x", MISSING },
  { 404, ERRORS ("UNAUTHORIZED", "x"), "unauthorized: x", 0 },
  { 404, ERRORS ("DENIED", "x"), "denied: x", 0 },
  { 404, ERRORS ("UNKNOWN", "x"), "unknown: x", 0 },
  { 404, ERRORS ("UNKNOWN", "tag Not Found here"), "unknown: tag Not Found here", ABSENT },
  { 404, ERRORS ("NO_SUCH_CODE", "x"), "unknown: x", 0 },
  { 404, "", "StatusCode: 404, \"\"", ABSENT | MISSING },
  { 404, "<html>", "StatusCode: 404, \"<html>\"", ABSENT | MISSING },
  { 404, "\033[31m", "StatusCode: 404, \"\\x1b[31m\"", ABSENT | MISSING },
  { 404, FIFTY, "StatusCode: 404, \"" FIFTY "\"", ABSENT | MISSING },
  { 404, FIFTY "x", "StatusCode: 404, \"" FIFTY "...\"", ABSENT | MISSING },
  /* That we may not know is not that there is none; but that there is none may be said anywhere. */
  { 403, ERRORS ("MANIFEST_UNKNOWN", ""), "manifest unknown", ABSENT },
  { 403, ERRORS ("DENIED", "x"), "denied: x", 0 },
  { 403, "", "StatusCode: 403, \"\"", 0 },
  { 401, ERRORS ("UNAUTHORIZED", "x"), "unauthorized: x", 0 },
  { 401, "{\"details\":\"who are you\"}", "unauthorized: who are you", 0 },
  { 429, "{\"details\":\"slow down\"}", "toomanyrequests: slow down", 0 },
  { 400, "{\"details\":\"what\"}", "unknown: what", 0 },
  { 400, "{\"details\":\"\",\"errors\":[{\"code\":\"DENIED\"}]}", "denied", 0 },
  /* Not quite such documents. */
  { 404, "{\"errors\":[]}", "StatusCode: 404, \"{\"errors\":[]}\"", ABSENT | MISSING },
  { 404, "{\"errors\":[7]}", "StatusCode: 404, \"{\"errors\":[7]}\"", ABSENT | MISSING },
  { 404, "{\"errors\":[{}]}", "unknown", 0 },
  { 404, "{\"errors\":[{\"code\":7}]}", "unknown", 0 },
  { 404, "{\"errors\":", "StatusCode: 404, \"{\"errors\":\"", ABSENT | MISSING },
  /* Beyond 4xx, no document counts. */
  { 500, ERRORS ("MANIFEST_UNKNOWN", ""), "received unexpected HTTP status: 500 Text", 0 },
  { 203, "", "received unexpected HTTP status: 203 Text", 0 },
  { 301, "", "received unexpected HTTP status: 301 Text", 0 },
};

Test (sources_registry_error, refusals)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_refusal struct sp_refusal refusal = { 0 };
      cleanup_http_response struct sp_http_response response
          = { .status = cases[i].status, .body = SP_BUF (4096) };
      sp_buf_str (&response.body, cases[i].body);
      (void)snprintf (response.status_line, sizeof response.status_line, "%u Text",
                      cases[i].status);
      cr_assert (sp_refusal_read (&response, &refusal, &err) == 0);
      cr_expect (sp_refusal_is_absence (&refusal, cases[i].status) == !!(cases[i].is & ABSENT),
                 "%u %s: absence", cases[i].status, cases[i].body);
      int rc = sp_refusal_error (&refusal, &response, &err);
      bool missing = cases[i].is & MISSING;
      cr_expect (rc == (missing ? SIGPOLICY_E_NOT_FOUND : SIGPOLICY_E_UNAVAILABLE), "%u %s: %d",
                 cases[i].status, cases[i].body, rc);
      cr_expect (sigpolicy_error_reason (err)
                 == (missing ? SIGPOLICY_REASON_NOT_FOUND : SIGPOLICY_REASON_COULD_NOT_LOOK));
      cr_expect_str_eq (sigpolicy_error_message (err), cases[i].text, "%u %s: %s", cases[i].status,
                        cases[i].body, sigpolicy_error_message (err));
    }
}
