/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_REPORT_REPORT_INT_H
#define SP_REPORT_REPORT_INT_H

#include "report/html.h"
#include "report/report.h"

/* What becomes of the images that a scope decides on. */
enum sp_state
{
  SP_STATE_SIGNED,   /* accepted with a signature */
  SP_STATE_UNSIGNED, /* accepted without one */
  SP_STATE_REJECTED,
  SP_STATE_NEVER, /* no image matches */
};
#define SP_STATES 4

/* In words, and as a class of the style sheet. */
const char *sp_state_word (enum sp_state state);
const char *sp_state_class (enum sp_state state);

/* What scopes require, and where their signatures are: each once, however many scopes share it. */
struct sp_report_rule
{
  const struct sp_requirements *list;
  char *words;     /* its requirements in sentences, one on each line; also what it is found by */
  char *locations; /* where signatures are fetched, "" where nowhere or not from a registry */
  size_t number, n_scopes;
};

struct sp_report_scope
{
  const struct sp_policy_scope *scope;
  const char *transport; /* as in the policy, printable; NULL: the default of all */
  enum sp_transport known;
  bool is_known; /* the transport */
  char *name;    /* printable, and cut */
  enum sp_state state;
  bool is_hole; /* accepts unsigned below a signed scope */
  const struct sp_report_rule *rule;
};

/* A thing of the report, as an earlier report is compared by. */
struct sp_report_fact
{
  const char *kind; /* "scope", "key", "finding", "image" */
  char *id, *summary;
};
struct sp_report_facts
{
  struct sp_report_fact *items;
  size_t len, capacity;
};
void sp_report_facts_clear (struct sp_report_facts *facts);

struct sp_report_change
{
  const struct sp_report_fact *before, *after; /* one of them may be NULL */
};

struct sp_report
{
  char *host;
  sp_time now;
  struct sp_policy *policy; /* NULL: fault says why */
  char *fault, *path;
  struct sp_reading reading;
  const struct sp_audit_report *audit;
  const struct sp_results *images, *containers;
  char **transports; /* names that scopes borrow */
  size_t n_transports;
  struct sp_report_scope *scopes; /* the default first; then by transport, in the order of names */
  size_t n_scopes;
  struct sp_report_rule **rules;
  size_t n_rules, rules_capacity;
  void *rule_index;
  size_t n_holes, n_states[SP_STATES];
  enum sp_state registries; /* what images of registries meet that no scope is for */
  struct sp_report_facts facts, earlier;
  struct sp_report_change *changes;
  size_t n_changes, changes_capacity;
  char *since; /* the time of the earlier report, or NULL: there is none */
};

/* "2027-01-31" */
void sp_report_day (sp_time time, char room[SP_TIME_TEXT_SIZE]);
/* A sentence about registries: "rejected unless listed". */
const char *sp_report_registries (const struct sp_report *report);
/* Does it end within so many days, or has it ended? */
bool sp_report_expires (const struct sp_report *report, const struct sp_known_key *key, int days);

void sp_report_put_map (struct sp_buf *out, const struct sp_report *report);
void sp_report_put_keys (struct sp_buf *out, const struct sp_report *report);

#endif
