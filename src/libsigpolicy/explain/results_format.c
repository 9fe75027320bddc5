/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/results.h"

#include "ci/ci.h"
#include "util/limits.h"

static const char *const answers[] = { "accepted", "rejected", "undecided" };
#define N_ANSWERS (sizeof answers / sizeof *answers)

static char *
summarise (const struct sp_results *results, sigpolicy_error **err)
{
  return sp_asprintf (err, "%zu of %zu images accepted, %zu rejected, %zu undecided",
                      sp_results_count (results, "accepted"), results->len,
                      sp_results_count (results, "rejected"),
                      sp_results_count (results, "undecided"));
}

/* --- as results of continuous integration ----------------------------------------------------- */

/* A rule for each reason, in the order of their numbers. */
static int
add_rules (struct sp_ci_document *document, sigpolicy_error **err)
{
  int rc = 0;
  for (int i = 0; rc == 0 && i <= SIGPOLICY_REASON_USAGE; i++)
    {
      const char *slug = sigpolicy_reason_slug ((sigpolicy_reason)i);
      rc = sp_ci_add_rule (
          document,
          (struct sp_ci_rule){
              slug, "verify", slug,
              "an image is not accepted; sigpolicy-verdict(5) explains each reason",
              "see sigpolicy-verdict(5)", SIGPOLICY_SEVERITY_HIGH },
          err);
    }
  return rc;
}

/* Which image it is about stands in the message, for those who show nothing else. */
static int
add_result (const struct sp_result *result, struct sp_strv *messages,
            struct sp_ci_document *document, sigpolicy_error **err)
{
  const char *const parts[] = { sigpolicy_reason_slug (result->reason), result->name,
                                result->policy_path, result->scope };
  struct sp_ci_result it = { .rule = (size_t)result->reason,
                             .passed = result->accepted,
                             .undecided = result->code != SIGPOLICY_E_REJECTED,
                             .severity = SIGPOLICY_SEVERITY_HIGH,
                             .name = result->name,
                             .file = result->policy_path,
                             .location = result->name,
                             .line = result->line,
                             .fix = result->hint };

  int rc = sp_strv_take (messages,
                         sp_asprintf (err, "%s: %s: %s", result->name, sp_result_answer (result),
                                      result->message ? result->message : ""),
                         err);
  if (rc == 0)
    rc = sp_ci_fingerprint (parts, sizeof parts / sizeof *parts, it.fingerprint, err);
  if (rc < 0)
    return rc;
  it.message = messages->items[messages->len - 1];
  return sp_ci_add (document, it, err);
}

static char *
format_ci (const struct sp_results *results, sigpolicy_format format, sigpolicy_error **err)
{
  cleanup_free char *summary = summarise (results, err);
  cleanup_strv struct sp_strv messages = { 0 };
  cleanup_ci struct sp_ci_document document
      = { .verb = "verify", .now = results->now, .summary = summary, .names_whole = true };

  int rc = summary ? add_rules (&document, err) : SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; rc == 0 && i < results->len; i++)
    rc = add_result (&results->items[i], &messages, &document, err);
  if (rc < 0)
    return NULL;
  return format == SIGPOLICY_FORMAT_SARIF   ? sp_ci_sarif (&document, err)
         : format == SIGPOLICY_FORMAT_JUNIT ? sp_ci_junit (&document, err)
                                            : sp_ci_github (&document, err);
}

/* --- Markdown --------------------------------------------------------------------------------- */

#define SHOWN 100 /* of each answer: a comment has its limits */

static void
put_item (struct sp_buf *out, const struct sp_result *result)
{
  sp_buf_printf (out, "- **%s**%s ", sp_result_answer (result),
                 result->unsigned_ ? " (unsigned)" : "");
  sp_ci_markdown (out, result->name);
  if (result->accepted && result->digest)
    {
      sp_buf_str (out, "  \n  digest ");
      sp_ci_markdown (out, result->digest);
    }
  if (result->signer)
    {
      sp_buf_str (out, ", signed by ");
      sp_ci_markdown (out, result->signer);
    }
  if (!result->accepted)
    {
      sp_buf_printf (out, "  \n  %s: ", sigpolicy_reason_slug (result->reason));
      sp_ci_markdown (out, result->message ? result->message : "");
    }
  if (result->hint)
    {
      sp_buf_str (out, "  \n  hint: ");
      sp_ci_markdown (out, result->hint);
    }
  sp_buf_byte (out, '\n');
}

static void
put_items (struct sp_buf *out, const struct sp_results *results, const char *answer)
{
  size_t count = sp_results_count (results, answer), shown = 0;

  for (size_t i = 0; i < results->len && shown < SHOWN; i++)
    if (strcmp (sp_result_answer (&results->items[i]), answer) == 0)
      {
        put_item (out, &results->items[i]);
        shown++;
      }
  if (count > shown)
    sp_buf_printf (out, "- and %zu more\n", count - shown);
}

static char *
format_markdown (const struct sp_results *results, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_free char *summary = summarise (results, err);

  if (!summary)
    return NULL;
  sp_buf_printf (&out, "### sigpolicy verify: %s\n\n", summary);
  put_items (&out, results, "rejected");
  put_items (&out, results, "undecided");
  if (sp_results_count (results, "accepted"))
    {
      sp_buf_printf (&out, "\n<details><summary>%zu accepted</summary>\n\n",
                     sp_results_count (results, "accepted"));
      put_items (&out, results, "accepted");
      sp_buf_str (&out, "\n</details>\n");
    }
  return sp_buf_steal (&out, err);
}

/* --- Prometheus ------------------------------------------------------------------------------- */

static char *
format_prom (const struct sp_results *results, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  size_t n_unsigned = 0;

  sp_ci_metric (&out, "verify_images", "Images that were verified, by answer.");
  for (size_t i = 0; i < N_ANSWERS; i++)
    sp_buf_printf (&out, "sigpolicy_verify_images{answer=\"%s\"} %zu\n", answers[i],
                   sp_results_count (results, answers[i]));
  sp_ci_metric (&out, "verify_images_not_accepted", "Images that were not accepted, by reason.");
  for (int reason = 0; reason <= SIGPOLICY_REASON_USAGE; reason++)
    {
      size_t n = 0;
      for (size_t i = 0; i < results->len; i++)
        n += !results->items[i].accepted && (int)results->items[i].reason == reason;
      if (n)
        sp_buf_printf (&out, "sigpolicy_verify_images_not_accepted{reason=\"%s\"} %zu\n",
                       sigpolicy_reason_slug ((sigpolicy_reason)reason), n);
    }
  for (size_t i = 0; i < results->len; i++)
    n_unsigned += results->items[i].unsigned_;
  sp_ci_metric (&out, "verify_images_unsigned", "Images that were accepted without a signature.");
  sp_buf_printf (&out, "sigpolicy_verify_images_unsigned %zu\n", n_unsigned);
  sp_ci_metric (&out, "verify_image_accepted", "Whether an image was accepted, 1 or 0.");
  for (size_t i = 0; i < results->len; i++)
    {
      const struct sp_result *result = &results->items[i];
      sp_buf_str (&out, "sigpolicy_verify_image_accepted{image=");
      sp_ci_label (&out, result->name);
      /* The same image may be here twice, and a series may not. */
      sp_buf_printf (&out, ",number=\"%zu\",digest=", i + 1);
      sp_ci_label (&out, result->digest ? result->digest : "");
      sp_buf_printf (&out, ",reason=\"%s\"} %d\n", sigpolicy_reason_slug (result->reason),
                     result->accepted);
    }
  sp_ci_metric (&out, "verify_timestamp_seconds", "The time as of which images were verified.");
  sp_buf_printf (&out, "sigpolicy_verify_timestamp_seconds %lld\n", (long long)results->now);
  return sp_buf_steal (&out, err);
}

char *
sp_results_format (const struct sp_results *results, sigpolicy_format format, sigpolicy_error **err)
{
  switch (format)
    {
    case SIGPOLICY_FORMAT_SARIF:
    case SIGPOLICY_FORMAT_JUNIT:
    case SIGPOLICY_FORMAT_GITHUB:
      return format_ci (results, format, err);
    case SIGPOLICY_FORMAT_MARKDOWN:
      return format_markdown (results, err);
    case SIGPOLICY_FORMAT_PROM:
      return format_prom (results, err);
    case SIGPOLICY_FORMAT_TEXT:
    case SIGPOLICY_FORMAT_JSON:
    case SIGPOLICY_FORMAT_JSONL:
    case SIGPOLICY_FORMAT_TAP:
    case SIGPOLICY_FORMAT_HTML:
    case SIGPOLICY_FORMAT_GITLAB:
      break;
    }
  (void)sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "no such format");
  return NULL;
}
