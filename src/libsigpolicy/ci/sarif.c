/* SPDX-License-Identifier: Apache-2.0 */
#include "ci/ci.h"

#include "json/write.h"
#include "util/alloc.h"
#include "util/limits.h"

/* SARIF 2.1.0, for what shows the findings of many tools. GitHub refuses a file with more results
 * than this; what is left out is said. */

#define RESULTS_MAX 25000U

static const char *
level_of (sigpolicy_severity severity)
{
  return severity >= SIGPOLICY_SEVERITY_HIGH     ? "error"
         : severity == SIGPOLICY_SEVERITY_MEDIUM ? "warning"
                                                 : "note";
}

/* What readers sort by, as if it were a CVSS score. */
static const char *
score_of (sigpolicy_severity severity)
{
  static const char *const scores[] = { "0.0", "3.0", "5.0", "8.0", "9.5" };
  return scores[severity];
}

static void
put_text (struct sp_json_out *out, const char *key, const char *text)
{
  sp_json_write_open (out, key, false);
  sp_json_write_str (out, "text", text);
  sp_json_write_close (out);
}

static void
put_rule (struct sp_json_out *out, const struct sp_ci_rule *rule)
{
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "id", rule->id);
  put_text (out, "shortDescription", rule->title);
  put_text (out, "fullDescription", rule->meaning);
  put_text (out, "help", rule->fix);
  sp_json_write_open (out, "defaultConfiguration", false);
  sp_json_write_str (out, "level", level_of (rule->severity));
  sp_json_write_close (out);
  sp_json_write_open (out, "properties", false);
  sp_json_write_str (out, "security-severity", score_of (rule->severity));
  sp_json_write_open (out, "tags", true);
  sp_json_write_str (out, NULL, "security");
  sp_json_write_str (out, NULL, rule->area);
  sp_json_write_close (out);
  sp_json_write_close (out);
  sp_json_write_close (out);
}

/* A path as a URI reference (RFC 3986). */
static char *
uri_of (const char *path, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf uri = SP_BUF (SP_MIB);

  if (path[0] == '/')
    sp_buf_str (&uri, "file://");
  for (; *path; path++)
    if ((*path >= 'a' && *path <= 'z') || (*path >= 'A' && *path <= 'Z')
        || (*path >= '0' && *path <= '9') || strchr ("-._~/", *path))
      sp_buf_byte (&uri, *path);
    else
      sp_buf_printf (&uri, "%%%02X", (unsigned)(unsigned char)*path);
  return sp_buf_steal (&uri, err);
}

static int
put_location (struct sp_json_out *out, const struct sp_ci_result *result, sigpolicy_error **err)
{
  cleanup_free char *uri = result->file ? uri_of (result->file, err) : NULL;

  if (result->file && !uri)
    return sigpolicy_error_code (*err);
  sp_json_write_open (out, "locations", true);
  sp_json_write_open (out, NULL, false);
  if (uri)
    {
      sp_json_write_open (out, "physicalLocation", false);
      sp_json_write_open (out, "artifactLocation", false);
      sp_json_write_str (out, "uri", uri);
      sp_json_write_close (out);
      if (result->line)
        {
          sp_json_write_open (out, "region", false);
          sp_json_write_int (out, "startLine", result->line);
          sp_json_write_int (out, "startColumn", result->column ? result->column : 1);
          sp_json_write_close (out);
        }
      sp_json_write_close (out);
    }
  if (result->location)
    {
      sp_json_write_open (out, "logicalLocations", true);
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "fullyQualifiedName", result->location);
      sp_json_write_close (out);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
  sp_json_write_close (out);
  return 0;
}

static int
put_result (struct sp_json_out *out, const struct sp_ci_document *document,
            const struct sp_ci_result *result, sigpolicy_error **err)
{
  cleanup_free char *message = result->fix
                                   ? sp_asprintf (err, "%s. Fix: %s.", result->message, result->fix)
                                   : sp_strdup (result->message, err);
  if (!message)
    return SIGPOLICY_E_NO_MEMORY;
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "ruleId", document->rules[result->rule].id);
  sp_json_write_int (out, "ruleIndex", (int64_t)result->rule);
  sp_json_write_str (out, "level", level_of (result->severity));
  put_text (out, "message", message);
  int rc = put_location (out, result, err);
  sp_json_write_open (out, "partialFingerprints", false);
  sp_json_write_str (out, "sigpolicy/v1", result->fingerprint);
  sp_json_write_close (out);
  sp_json_write_close (out);
  return rc;
}

/* The most severe first: of many, the first are shown, and the last are left out. */
static int
put_results (struct sp_json_out *out, const struct sp_ci_document *document, size_t *ret_left_out,
             sigpolicy_error **err)
{
  size_t n = 0;
  int rc = 0;

  sp_json_write_open (out, "results", true);
  for (int severity = SIGPOLICY_SEVERITY_CRITICAL; severity >= 0; severity--)
    for (size_t i = 0; rc == 0 && i < document->n_results; i++)
      {
        const struct sp_ci_result *result = &document->results[i];
        if (!result->passed && (int)result->severity == severity && n++ < RESULTS_MAX)
          rc = put_result (out, document, result, err);
      }
  sp_json_write_close (out);
  *ret_left_out = n > RESULTS_MAX ? n - RESULTS_MAX : 0;
  return rc;
}

/* How it went as a whole. */
static int
put_invocation (struct sp_json_out *out, const struct sp_ci_document *document, size_t left_out,
                sigpolicy_error **err)
{
  cleanup_free char *text
      = left_out ? sp_asprintf (err, "%s; %zu results are left out, as a file may have %u",
                                document->summary, left_out, RESULTS_MAX)
                 : sp_strdup (document->summary, err);
  if (!text)
    return SIGPOLICY_E_NO_MEMORY;
  sp_json_write_open (out, "invocations", true);
  sp_json_write_open (out, NULL, false);
  sp_json_write_bool (out, "executionSuccessful", true);
  sp_json_write_open (out, "toolExecutionNotifications", true);
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "level", left_out ? "warning" : "note");
  put_text (out, "message", text);
  sp_json_write_close (out);
  sp_json_write_close (out);
  sp_json_write_close (out);
  sp_json_write_close (out);
  return 0;
}

/* Jobs whose runs have the same id overwrite each other's results. */
static int
put_automation (struct sp_json_out *out, const char *verb, sigpolicy_error **err)
{
  cleanup_free char *id = sp_asprintf (err, "sigpolicy/%s/", verb);
  if (!id)
    return SIGPOLICY_E_NO_MEMORY;
  sp_json_write_open (out, "automationDetails", false);
  sp_json_write_str (out, "id", id);
  sp_json_write_close (out);
  return 0;
}

char *
sp_ci_sarif (const struct sp_ci_document *document, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  size_t left_out = 0;

  if (!out)
    return NULL;
  sp_json_write_str (out, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  sp_json_write_str (out, "version", "2.1.0");
  sp_json_write_open (out, "runs", true);
  sp_json_write_open (out, NULL, false);
  sp_json_write_open (out, "tool", false);
  sp_json_write_open (out, "driver", false);
  sp_json_write_str (out, "name", PACKAGE_NAME);
  sp_json_write_str (out, "version", PACKAGE_VERSION);
  sp_json_write_open (out, "rules", true);
  for (size_t i = 0; i < document->n_rules; i++)
    put_rule (out, &document->rules[i]);
  sp_json_write_close (out);
  sp_json_write_close (out);
  sp_json_write_close (out);
  int rc = put_automation (out, document->verb, err);
  sp_json_write_str (out, "columnKind", "utf16CodeUnits");
  if (rc == 0)
    rc = put_results (out, document, &left_out, err);
  if (rc == 0)
    rc = put_invocation (out, document, left_out, err);
  sp_json_write_close (out);
  sp_json_write_close (out);
  return rc < 0 ? NULL : sp_json_write_text (out, SP_JSON_INDENTED, err);
}
