/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "json/write.h"
#include "util/limits.h"

/* SARIF 2.1.0, for what shows the findings of many tools. */

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
put_rule (struct sp_json_out *out, const struct sp_rule *rule)
{
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "id", rule->id);
  put_text (out, "shortDescription", rule->title);
  put_text (out, "fullDescription", rule->meaning);
  put_text (out, "help", rule->mend);
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
put_location (struct sp_json_out *out, const struct sp_finding *finding, sigpolicy_error **err)
{
  cleanup_free char *uri = finding->file ? uri_of (finding->file, err) : NULL;

  if (finding->file && !uri)
    return sigpolicy_error_code (*err);
  sp_json_write_open (out, "locations", true);
  sp_json_write_open (out, NULL, false);
  if (uri)
    {
      sp_json_write_open (out, "physicalLocation", false);
      sp_json_write_open (out, "artifactLocation", false);
      sp_json_write_str (out, "uri", uri);
      sp_json_write_close (out);
      if (finding->line)
        {
          sp_json_write_open (out, "region", false);
          sp_json_write_int (out, "startLine", finding->line);
          sp_json_write_int (out, "startColumn", finding->column ? finding->column : 1);
          sp_json_write_close (out);
        }
      sp_json_write_close (out);
    }
  if (finding->json_path)
    {
      sp_json_write_open (out, "logicalLocations", true);
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "fullyQualifiedName", finding->json_path);
      sp_json_write_close (out);
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
  sp_json_write_close (out);
  return 0;
}

static int
put_result (struct sp_json_out *out, const struct sp_finding *finding, sigpolicy_error **err)
{
  char fingerprint[65];
  cleanup_free char *message = sp_asprintf (err, "%s. Fix: %s.", finding->message, finding->fix);

  if (!message)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_finding_fingerprint (finding, fingerprint, err);
  if (rc < 0)
    return rc;
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "ruleId", finding->rule->id);
  sp_json_write_int (out, "ruleIndex", finding->rule - sp_rules);
  sp_json_write_str (out, "level", level_of (finding->severity));
  put_text (out, "message", message);
  rc = put_location (out, finding, err);
  sp_json_write_open (out, "partialFingerprints", false);
  sp_json_write_str (out, "sigpolicy/v1", fingerprint);
  sp_json_write_close (out);
  sp_json_write_close (out);
  return rc;
}

char *
sp_report_sarif (const struct sp_audit_report *report, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  int rc = 0;

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
  for (size_t i = 0; i < sp_n_rules; i++)
    put_rule (out, &sp_rules[i]);
  sp_json_write_close (out);
  sp_json_write_close (out);
  sp_json_write_close (out);
  sp_json_write_str (out, "columnKind", "utf16CodeUnits");
  sp_json_write_open (out, "results", true);
  for (size_t i = 0; rc == 0 && i < report->len; i++)
    rc = put_result (out, &report->items[i], err);
  sp_json_write_close (out);
  sp_json_write_close (out);
  sp_json_write_close (out);
  return rc < 0 ? NULL : sp_json_write_text (out, SP_JSON_INDENTED, err);
}
