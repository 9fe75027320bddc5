/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/fs.h"
#include "util/limits.h"

#include <regex.h>

/* The units and scripts that somebody asked to look at: ways around what was decided. */

/* --- units and scripts
 * ---------------------------------------------------------------------------- */

/* POSIX extended regular expressions over one line, and what it means. */
static const struct
{
  const char *pattern;
  enum sp_audit_rule_id rule;
  const char *why;
} patterns[] = {
  { "(^|[^[:alnum:]_])DOCKER_CONTENT_TRUST[\"']?[=:][[:space:]]*[\"']?1",
    SP_RULE_ENGINE_CONTENT_TRUST, "DOCKER_CONTENT_TRUST=1 no longer has any effect" },
  { "(^|[[:space:]])--insecure-policy", SP_RULE_USE_INSECURE_FLAG,
    "--insecure-policy turns the policy off" },
  { "--tls-verify=(false|0)", SP_RULE_USE_INSECURE_FLAG, "--tls-verify=false trusts any server" },
  { "--signature-policy[= ][^[:space:]]*(insecure|accept|permissive|default-policy)",
    SP_RULE_USE_INSECURE_FLAG, "a permissive policy replaces the host's" },
  { "(sigpolicy|cosign|skopeo)[[:space:]].*verif[^|;&]*(\\|\\||;)[[:space:]]*(true|:|exit 0)",
    SP_RULE_USE_FAIL_OPEN, "a failed verification is ignored" },
  { "(sigpolicy|cosign|skopeo)[[:space:]].*verif[^|;&]*\\|[[:space:]]*(tee|cat|grep|jq|head|tail)",
    SP_RULE_USE_FAIL_OPEN, "the status of the verification is lost in the pipe" },
  { "(command -v|which|type|hash)[[:space:]]+(sigpolicy|cosign|skopeo).*\\|\\|[[:space:]]*(exit "
    "0|true|return 0)",
    SP_RULE_USE_FAIL_OPEN, "without the tool nothing is verified, and the script succeeds" },
  { "--certificate-(identity|oidc-issuer)-regexp[= ]+['\"]?\\^?\\.[*+]", SP_RULE_USE_LOOSE_IDENTITY,
    "the expression matches anyone" },
  { "--certificate-identity-regexp[= ]+['\"]?[^[:space:]'\"]*\\.\\*@", SP_RULE_USE_LOOSE_IDENTITY,
    "the expression matches anyone" },
};

static int
matches (const char *pattern, const char *line, regmatch_t *found, size_t n_found, bool *ret,
         sigpolicy_error **err)
{
  regex_t regex;

  *ret = false;
  int rc = regcomp (&regex, pattern, REG_EXTENDED | (n_found ? 0 : REG_NOSUB));
  if (rc == REG_ESPACE)
    return sp_error_no_memory (err);
  if (rc)
    return 0;
  *ret = regexec (&regex, line, n_found, found, 0) == 0;
  regfree (&regex);
  return 0;
}

/* The last word of a verification that names a tag, and the line where the same is pulled. */
struct verified
{
  char *image;
  unsigned line;
};

static int
check_tag (struct sp_audit *audit, const char *file, unsigned number, const char *line,
           struct verified *verified, sigpolicy_error **err)
{
  static const char pulls[]
      = "(podman|docker|skopeo|buildah|crictl|nerdctl)[[:space:]]+(pull|run|copy|create|from)";
  static const char verifies[]
      = "(sigpolicy|cosign)[[:space:]]+verify[[:space:]](.*[[:space:]'\"])?(docker://)?"
        "([[:alnum:].-]+(:[0-9]+)?/[^[:space:]'\"@]+)";
  regmatch_t found[5];
  bool is_pull = false, is_verify = false;

  int rc = verified->image && strstr (line, verified->image)
               ? matches (pulls, line, NULL, 0, &is_pull, err)
               : 0;
  if (rc < 0)
    return rc;
  if (is_pull)
    {
      const struct sp_where where = { .file = file, .line = number, .column = 1 };
      sp_audit_find (audit, SP_RULE_USE_VERIFY_THEN_TAG, &where,
                     "%s was verified in line %u, and can be another image here",
                     SP_SHOW (audit, verified->image), verified->line);
      free (verified->image);
      verified->image = NULL;
    }
  rc = matches (verifies, line, found, 5, &is_verify, err);
  if (rc < 0 || !is_verify || strstr (line, "--print-ref"))
    return rc;
  free (verified->image);
  verified->image
      = sp_asprintf (err, "%.*s", (int)(found[4].rm_eo - found[4].rm_so), line + found[4].rm_so);
  verified->line = number;
  return verified->image ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* Is there anything in the line that the expressions are about? */
static bool
is_of_interest (const char *line)
{
  static const char *const words[] = { "sigpolicy",           "cosign",       "skopeo",
                                       "--insecure-policy",   "--tls-verify", "--signature-policy",
                                       "DOCKER_CONTENT_TRUST" };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strstr (line, words[i]))
      return true;
  return false;
}

static int
check_line (struct sp_audit *audit, const char *file, unsigned number, const char *line,
            sigpolicy_error **err)
{
  const struct sp_where where = { .file = file, .line = number, .column = 1 };

  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
    {
      bool is_match = false;
      int rc = matches (patterns[i].pattern, line, NULL, 0, &is_match, err);
      if (rc < 0)
        return rc;
      if (is_match)
        sp_audit_find (audit, patterns[i].rule, &where, "%s", patterns[i].why);
    }
  return 0;
}

#define LINE_MAX_BYTES 4096

static int
check_script (struct sp_audit *audit, const char *file, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_AUDIT_FILE_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  struct verified verified = { 0 };
  unsigned number = 0;

  int rc = sp_audit_read (audit, file, &text, &fault, err);
  if (rc == 0 && fault)
    rc = sp_error_copy (fault, err);
  for (struct sp_view left = sp_buf_view (&text); left.len && rc == 0;)
    {
      struct sp_view one = sp_view_head (left, sp_view_find (left, '\n'));
      left = sp_view_from (left, one.len + 1);
      number++;
      while (one.len && (one.data[0] == ' ' || one.data[0] == '\t'))
        one = sp_view_from (one, 1);
      if (!one.len || one.data[0] == '#' || one.len > LINE_MAX_BYTES)
        continue;
      cleanup_free char *line = sp_view_dup (one, err);
      rc = line ? 0 : SIGPOLICY_E_NO_MEMORY;
      if (rc == 0 && is_of_interest (line))
        rc = check_line (audit, file, number, line, err);
      if (rc == 0 && (verified.image || is_of_interest (line)))
        rc = check_tag (audit, file, number, line, &verified, err);
    }
  free (verified.image);
  return rc;
}

int
sp_check_host (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  for (size_t i = 0; rc == 0 && audit->reads_files && i < audit->options->files.len; i++)
    rc = check_script (audit, audit->options->files.items[i], err);
  return rc;
}
