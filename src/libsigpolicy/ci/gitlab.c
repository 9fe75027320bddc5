/* SPDX-License-Identifier: Apache-2.0 */
#include "ci/ci.h"

#include "json/write.h"
#include "util/alloc.h"

/* GitLab's report of code quality: an array of violations, shown in a merge request. */

/* Paths are relative to the repository. */
static const char *
in_repository (const char *path)
{
  while (path[0] == '.' && path[1] == '/')
    path += 2;
  return path;
}

static int
put_violation (struct sp_json_out *out, const struct sp_ci_document *document,
               const struct sp_ci_result *result, sigpolicy_error **err)
{
  static const char *const severities[] = { "info", "minor", "major", "critical", "blocker" };
  cleanup_free char *description
      = result->fix ? sp_asprintf (err, "%s. Fix: %s.", result->message, result->fix)
                    : sp_strdup (result->message, err);

  if (!description)
    return SIGPOLICY_E_NO_MEMORY;
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "description", description);
  sp_json_write_str (out, "check_name", document->rules[result->rule].id);
  sp_json_write_str (out, "fingerprint", result->fingerprint);
  sp_json_write_str (out, "severity", severities[result->severity]);
  sp_json_write_open (out, "location", false);
  sp_json_write_str (out, "path", in_repository (result->file ? result->file : "policy.json"));
  sp_json_write_open (out, "lines", false);
  sp_json_write_int (out, "begin", result->line ? result->line : 1);
  sp_json_write_close (out);
  sp_json_write_close (out);
  sp_json_write_close (out);
  return 0;
}

char *
sp_ci_gitlab (const struct sp_ci_document *document, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (true, err);
  int rc = out ? 0 : SIGPOLICY_E_NO_MEMORY;

  for (size_t i = 0; rc == 0 && i < document->n_results; i++)
    if (!document->results[i].passed)
      rc = put_violation (out, document, &document->results[i], err);
  return rc < 0 ? NULL : sp_json_write_text (out, SP_JSON_INDENTED, err);
}
