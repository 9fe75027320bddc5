/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CI_CI_H
#define SP_CI_CI_H

#include "util/buf.h"
#include "util/clock.h"

#include <sigpolicy/audit.h>

/*
 * What continuous integration reads: results of any verb, in the formats of GitHub, GitLab, JUnit
 * and SARIF, and the marks of Markdown and Prometheus. Whatever a text holds stays text in each of
 * them.
 */

/* What results are about: a rule of the audit, a reason of a verdict, a kind of change. */
struct sp_ci_rule
{
  const char *id, *area;
  const char *title, *meaning, *fix;
  sigpolicy_severity severity;
};

/* One result. What is NULL or 0 is not known. All is borrowed. */
struct sp_ci_result
{
  size_t rule;
  bool passed;
  bool undecided; /* it could not be found out */
  sigpolicy_severity severity;
  const char *name;            /* what it is about, such as an image or a scope */
  const char *file, *location; /* location: within the file, such as a JSON path */
  unsigned line, column;
  const char *message, *fix;
  char fingerprint[65]; /* what tells it from others */
};

struct sp_ci_document
{
  const char *verb;
  const char *summary; /* "3 findings" */
  sp_time now;
  struct sp_ci_rule *rules;
  struct sp_ci_result *results;
  size_t n_rules, n_results, rules_capacity, results_capacity;
  bool names_whole; /* JUnit: a result's name says all, without its rule */
};
void sp_ci_clear (struct sp_ci_document *document);

#define cleanup_ci SP_CLEANUP (sp_ci_clear)

int sp_ci_add_rule (struct sp_ci_document *document, struct sp_ci_rule rule,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_ci_add (struct sp_ci_document *document, struct sp_ci_result result,
               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* 64 hex digits of texts, the last of which is followed by NULL... n of them; each may be NULL. */
int sp_ci_fingerprint (const char *const *parts, size_t n, char ret[65],
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Each is new text that ends with a newline; NULL with an error. */
char *sp_ci_sarif (const struct sp_ci_document *document, sigpolicy_error **err);
char *sp_ci_junit (const struct sp_ci_document *document, sigpolicy_error **err);
char *sp_ci_github (const struct sp_ci_document *document, sigpolicy_error **err);
char *sp_ci_gitlab (const struct sp_ci_document *document, sigpolicy_error **err);

/* A code span of Markdown: no link, no mention, no markup. At most SP_SHOWN_BYTES_MAX bytes of the
 * text, then "...". */
void sp_ci_markdown (struct sp_buf *out, const char *text);

/* A metric of Prometheus: its two lines of comment; and the value of a label, in quotes. */
void sp_ci_metric (struct sp_buf *out, const char *name, const char *help);
void sp_ci_label (struct sp_buf *out, const char *value);

#endif
