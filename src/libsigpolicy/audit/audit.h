/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_AUDIT_AUDIT_H
#define SP_AUDIT_AUDIT_H

#include "audit/rules.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/clock.h"

#include <sigpolicy/audit.h>

/*
 * Findings over a host's policy.json, registries.d, registries.conf and key files together. The
 * rules stand in one table; what is invalid, what a scope covers and what an image must be signed
 * with is asked of the same code that judges images.
 */

/* A rule: what it is called, and what it says of any policy. */
struct sp_audit_rule
{
  const char *id;
  sigpolicy_severity severity;
  const char *area; /* policy, scopes, requirements, keys, sigstore, registries, host */
  const char *title;
  const char *meaning; /* why it matters: a sentence */
  const char *fix;     /* the smallest fix in general, where the finding has none of its own */
};
extern const struct sp_audit_rule sp_rules[SP_N_RULES];

const struct sp_audit_rule *sp_rule_find (const char *id); /* NULL: there is none */

const char *sp_severity_name (sigpolicy_severity severity);

/* What a finding says of its example; NULL texts of the public side are SP_EFFECT_NONE. */
enum sp_effect
{
  SP_EFFECT_NONE,
  SP_EFFECT_ACCEPTS, /* unsigned, too */
  SP_EFFECT_REJECTS, /* whatever it is signed with */
  SP_EFFECT_NEVER,   /* no image is judged by this scope */
  SP_EFFECT_INVALID, /* the whole file is refused */
};
const char *sp_effect_name (enum sp_effect effect);

/* A fix that a program can make. */
enum sp_fix_kind
{
  SP_FIX_NONE,
  SP_FIX_UNSET,   /* remove a scope of the policy */
  SP_FIX_LIST,    /* value is the list of requirements of a scope, or of the default */
  SP_FIX_STORAGE, /* in a file of registries.d: value is the lookaside, or NULL for attachments */
  SP_FIX_MODE,    /* value is what chmod(1) takes: "go-w", "a+r"; "root": its owner is to be root */
};
#define SP_FIX_REJECT "[{\"type\": \"reject\"}]"
struct sp_fix
{
  enum sp_fix_kind kind;
  bool is_safe; /* nothing is accepted by it that the policy does not ask for */
  const char *file, *transport, *scope, *value; /* transport and scope NULL: the default */
};

/* All texts are printable; NULL where there is nothing to say. */
struct sp_finding
{
  const struct sp_audit_rule *rule;
  sigpolicy_severity severity;
  enum sp_effect effect;
  char *file, *json_path, *scope, *example, *message, *fix;
  unsigned line, column;
  struct sp_fix change;
  char *command; /* for a shell; NULL where the fix is none, or is a snippet */
};

/* A key or a certificate that the policy names. Texts are printable. */
struct sp_known_key
{
  char *file;               /* or "the policy" */
  char *fingerprint;        /* NULL for a file that cannot be read: errnum says why */
  char *owner;              /* a user ID, the name in a certificate; or NULL */
  const char *kind;         /* "OpenPGP key" */
  sp_time created, expires; /* 0: not known; never */
  bool revoked;
  bool is_alone;         /* its requirement names no other file */
  size_t n_requirements; /* that name its file */
  int errnum;
};

struct sp_audit_report
{
  struct sp_finding *items; /* the most severe first */
  size_t len, capacity;
  size_t n_hidden;              /* after those: less severe than what is to be shown */
  size_t n_suppressed, n_known; /* by the suppressions; in the baseline */
  const char *generation;       /* of readers, that the configuration was found as; */
  char *by;                     /* what chose it: "--reader", "podman 5.8.6", ... */
  struct sp_strv files;         /* that were read */
  size_t n_scopes, n_keys;
  struct sp_known_key *keys; /* in the order of the policy */
  size_t n_known_keys, keys_capacity;
  sp_time now;
};
void sp_audit_report_clear (struct sp_audit_report *report);

#define cleanup_audit_report SP_CLEANUP (sp_audit_report_clear)

/* What to audit; strings may be NULL. Start from {0}. */
struct sp_audit_options
{
  char *root, *reader, *policy, *registries_d, *registries_conf, *suppressions, *baseline;
  struct sp_strv disabled, files, images; /* images: with upgrade, those that it is about */
  sigpolicy_severity severity;
  bool has_clock, upgrade; /* upgrade: tell what newer readers change, and nothing else */
  bool has_until;          /* tell what stops verifying by a time, and nothing else */
  sp_time now, until;
};
void sp_audit_options_clear (struct sp_audit_options *options);

/* Look, filter and sort. Failure: CONFIG for suppressions and baseline, UNAVAILABLE for the root,
 * memory; what is wrong on the host is a finding. */
int sp_audit_run (const struct sp_audit_options *options, struct sp_audit_report *ret,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The findings of a policy's text alone: no file is read. */
int sp_audit_text (struct sp_view text, struct sp_audit_report *ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* To free(). */
char *sp_audit_format (const struct sp_audit_report *report, sigpolicy_format format,
                       unsigned flags, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_audit_baseline (const struct sp_audit_report *report,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_audit_explain_rule (const struct sp_audit_rule *rule, sigpolicy_format format,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* The lines of a file of registries.d that a fix is about; "" for another kind. To free(). */
bool sp_fix_is_same (const struct sp_fix *one, const struct sp_fix *other);
char *sp_fix_snippet (const struct sp_fix *change, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_audit_list_rules (sigpolicy_format format, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * Findings that are not reported. A file of suppressions has a line each, "#" begins a comment:
 *   RULE [scope=TEXT] [file=PATH] [until=YYYY-MM-DD] reason ...
 * A baseline is a list of fingerprints of findings, as sp_audit_baseline() writes it.
 */
struct sp_suppression
{
  struct sp_view rule, scope, file, reason; /* empty: any */
  sp_time until;                            /* the first second after it expired; 0: never */
  unsigned line;
};
struct sp_suppressions
{
  struct sp_suppression *items;
  size_t len, capacity;
};
int sp_suppressions_parse (struct sp_view text, const char *path, struct sp_suppressions *ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_suppressions_clear (struct sp_suppressions *list);

/* Take suppressed findings out of the report, and add one for each suppression that has expired at
 * the report's time, or that matches nothing. */
int sp_audit_suppress (struct sp_audit_report *report, const struct sp_suppressions *list,
                       const char *path, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* Take the findings of a baseline out of the report. */
int sp_audit_apply_baseline (struct sp_audit_report *report, struct sp_view baseline,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
