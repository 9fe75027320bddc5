/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_AUDIT_AUDIT_INT_H
#define SP_AUDIT_AUDIT_INT_H

#include "audit/audit.h"
#include "audit/implies.h"

#include "crypto/certificate.h"
#include "json/tree.h"
#include "model/engines.h"
#include "model/policy.h"
#include "model/registries_conf.h"
#include "model/registries_d.h"
#include "openpgp/key_facts.h"
#include "toml/toml.h"
#include "util/root.h"
#include "yaml/yaml.h"

#include <sys/stat.h>

/* --- inputs ----------------------------------------------------------------------------------- */

/* A scope of the policy, or its default, and where it stands. */
struct sp_item
{
  const struct sp_policy_scope *scope;
  const struct sp_policy_transport *transport; /* NULL for the default */
  enum sp_transport known;                     /* when the transport is known */
  const struct sp_json_tree_node *node;        /* the list of requirements */
  char *example; /* an image that is judged by it: "docker://..."; NULL: none is known */
  bool is_reachable;
};

/* A key file or key data that requirements name. */
struct sp_audit_key
{
  const struct sp_key_source *source;
  const struct sp_item *item; /* the first that names it */
  size_t n_items;             /* how many requirements do */
  const struct sp_json_tree_node *node;
  enum sp_key_use
  {
    SP_KEY_USE_GPG,
    SP_KEY_USE_SIGSTORE,
    SP_KEY_USE_REKOR,
    SP_KEY_USE_FULCIO,
    SP_KEY_USE_ROOTS,
    SP_KEY_USE_INTERMEDIATES,
  } use;
  bool is_alone; /* its requirement has no other */
  int errnum;    /* why it cannot be read, or 0 */
  struct stat st;
  char *real;
  struct sp_buf content; /* of a file */
  struct sp_view bytes;
  struct sp_key_facts_list facts; /* SP_KEY_USE_GPG */
};

/* A file of registries.d, as it is written. */
struct sp_regd_file
{
  char *path;
  struct sp_buf text;
  struct sp_yaml *yaml; /* NULL when it cannot be read */
};

struct sp_audit
{
  const struct sp_audit_options *options;
  struct sp_audit_report *report;
  sigpolicy_error *failure; /* of a finding or its texts: see sp_audit_check() */
  struct sp_strv texts;     /* of findings: see sp_audit_show() */
  const char *root;
  char *home; /* NULL for another root */
  sp_time now;
  bool reads_files;                 /* else the policy's text is all there is */
  struct sp_reader reader;          /* as whom the configuration is found, */
  struct sp_reader_setting setting; /* and why */
  struct sp_engines engines;

  char *policy_path;
  bool policy_is_hosts; /* found, not named */
  bool policy_is_users;
  bool is_default_ours; /* the policy's own is missing or broken */
  struct sp_buf policy_text;
  struct sp_json_tree *tree;
  struct sp_policy *policy; /* what is left of it when what is broken is cut out; or NULL */
  struct sp_item *items;    /* the default first */
  size_t n_items;
  struct sp_item **sorted; /* those of known transports, by transport and name */
  size_t n_sorted;

  struct sp_audit_key **keys;
  size_t n_keys, keys_capacity;
  void *key_index;

  char *regd_path;                      /* where a file for everybody would be put */
  struct sp_strv regd_directories;      /* best first */
  struct sp_registries_d *registries_d; /* what can be read of it; or NULL */
  bool registries_d_is_broken;
  struct sp_regd_file *regd_files;
  size_t n_regd_files, regd_files_capacity;

  struct sp_registries_conf *conf; /* NULL when it cannot be read */
  struct sp_strv conf_files;
  bool has_main_conf, is_conf_required; /* the first of them is the main file; it must be there */
  struct sp_toml **conf_documents;      /* of those that can be read; else NULL */
  size_t n_conf_documents;
};

int sp_audit_read_policy (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_audit_take_policy (struct sp_audit *audit, struct sp_view text,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_audit_read_registries (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_audit_read_keys (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The key of a source; NULL where requirements do not name it for this use. */
const struct sp_audit_key *
sp_audit_key_of (struct sp_audit *audit, const struct sp_key_source *source, enum sp_key_use use);

/* When the last of its keys that can sign expires; 0: never. -1: none can sign. */
sp_time sp_audit_last_day (const struct sp_primary_key *primary, bool *ret_all_revoked);

/* list_keys.c: all that keys and certificates say of themselves, into the report. */
int sp_audit_list_keys (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* probe.c: for each scope an image that matches it, if there is one. */
int sp_audit_find_examples (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The item that matches a docker reference, which gets a default tag: *ret is NULL when the text is
 * no reference. ret_reference may be NULL. */
int sp_audit_match (struct sp_audit *audit, struct sp_view text, const struct sp_item **ret,
                    struct sp_reference **ret_reference,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The next more general item, by this one's example: *ret is NULL where that is not known. */
int sp_audit_parent (struct sp_audit *audit, const struct sp_item *item, const struct sp_item **ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- what a list of requirements comes to ----------------------------------------------------- */

bool sp_has_type (const struct sp_requirements *list, enum sp_requirement_type type);

/* Who but the owner may change the file at a path, or a directory above it: *ret_who is NULL for
 * nobody, and *ret_path is the first such file or directory, to free(). */
int sp_writable_by (struct sp_audit *audit, const char *path, const char **ret_who, char **ret_path,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Is the key file one of a package, whose vendor chose the identity and the next key, too? */
bool sp_is_packaged_key (const struct sp_key_source *source);

/* Is there anything at a path of the host? */
int sp_audit_exists (struct sp_audit *audit, const char *path, bool *ret,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The names in a directory of the host, sorted; none when there is no such directory. */
int sp_audit_list (struct sp_audit *audit, const char *directory, struct sp_strv *ret,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "2026-11-21", in room; an item's example for a message. */
const char *sp_audit_day (sp_time time, char room[SP_TIME_TEXT_SIZE]);
const char *sp_audit_example (struct sp_audit *audit, const struct sp_item *item);

/* Read a file of the host. What is wrong with the file is no failure: *ret_fault says it, and is
 * NULL for a file that was read. */
int sp_audit_read (struct sp_audit *audit, const char *path, struct sp_buf *buf,
                   sigpolicy_error **ret_fault, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- findings --------------------------------------------------------------------------------- */

/*
 * Findings and their texts are built as an sp_buf is: a failure sticks, all further calls do
 * nothing, and sp_audit_check() tells at the end of a check.
 */

/* Where a finding is; what is NULL or 0 is not known. item and node go with the policy. */
struct sp_where
{
  const struct sp_item *item;
  const struct sp_json_tree_node *node;
  const char *file, *json_path;
  unsigned line, column;
  const char *example; /* in place of the item's */
  enum sp_effect effect;
  bool is_lower; /* one step less severe than the rule */
  const char *fix;
  const struct sp_fix *change; /* copied; or NULL */
};

/* Adds a finding of a rule, unless the rule is disabled. The message is a sentence about this
 * policy, without a full stop; foreign bytes in it were escaped. */
void sp_audit_find (struct sp_audit *audit, enum sp_audit_rule_id id, const struct sp_where *where,
                    const char *format, ...) __attribute__ ((format (printf, 4, 5)));

/* A text for a message, escaped. It is the audit's own and lives until the check ends, as do those
 * of sp_audit_compose(). Never NULL: a text that failed is empty. */
const char *sp_audit_show (struct sp_audit *audit, struct sp_view text);
#define SP_SHOW(audit, string) sp_audit_show (audit, sp_view_str (string))

/* A fix or an example that is made of parts. */
const char *sp_audit_compose (struct sp_audit *audit, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* The content of a buffer as such a text. */
const char *sp_audit_steal (struct sp_audit *audit, struct sp_buf *buf);

/* 0, or the failure that stuck. */
int sp_audit_check (const struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* fixes.c: into a finding, with the command that it comes to. */
int sp_fix_copy (const struct sp_fix *from, struct sp_finding *finding,
                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_fix_clear (struct sp_fix *change);
/* Of what sp_writable_by() found. */
struct sp_fix sp_fix_writable (const char *who, const char *culprit);
/* The file of registries.d that has the scope, else the one of its registry. */
const char *sp_fix_storage_file (struct sp_audit *audit, struct sp_view scope);
/* The list of an item without what has no effect in it. */
const char *sp_fix_list (struct sp_audit *audit, const struct sp_item *item);

/* --- checks, one file for each area ----------------------------------------------------------- */

int sp_check_policy (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_scopes (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_requirements (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_keys (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_check_openpgp (struct sp_audit *audit, const struct sp_audit_key *key);
void sp_check_key_sharing (struct sp_audit *audit);
int sp_check_sigstore (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_registries (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_registries_d (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_check_registries_conf (struct sp_audit *audit, const char *file,
                               const struct sp_toml *toml);
int sp_check_bundles (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_bundle_setting (struct sp_audit *audit, const struct sp_where *where,
                             struct sp_view mode, struct sp_view reference,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_host (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_engines (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_containerd (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* Adds the files of podman's precreate hooks that are in force. */
int sp_check_hooks (struct sp_audit *audit, struct sp_strv *ret_in_force,
                    sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_readers (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_check_until (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Does a rule tell what stops verifying by a day? */
bool sp_is_of_until (const struct sp_audit_rule *rule);

/* The reader of a generation on this host, with root's own files. */
struct sp_reader sp_audit_reader (const struct sp_audit *audit, enum sp_generation generation);
int sp_check_upgrade (struct sp_audit *audit, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Does a rule tell how readers before and from 5.40 on differ? */
bool sp_is_of_readers (const struct sp_audit_rule *rule);

/* Takes findings out of a report. */
void sp_audit_drop (struct sp_audit_report *report,
                    bool (*goes) (const struct sp_finding *finding, void *how), void *how);

/* salvage.c: overwrite what makes a document invalid, keeping the positions of all else;
 * *ret_salvaged is false where nothing can be done. */
int sp_salvage (struct sp_buf *text, const sigpolicy_error *fault, bool *ret_salvaged,
                bool *ret_default_is_ours, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- reports ---------------------------------------------------------------------------------- */

/* "  why  WORDS", in 80 columns. */
void sp_report_words (struct sp_buf *out, const char *label, const char *text);
char *sp_report_text (const struct sp_audit_report *report, unsigned flags, sigpolicy_error **err);
char *sp_report_json (const struct sp_audit_report *report, sigpolicy_format format,
                      sigpolicy_error **err);
char *sp_report_ci (const struct sp_audit_report *report, sigpolicy_format format,
                    sigpolicy_error **err);
char *sp_report_prom (const struct sp_audit_report *report, sigpolicy_error **err);

/* What tells a finding from others, whatever line it has moved to: 64 hex digits. */
int sp_finding_fingerprint (const struct sp_finding *finding, char ret[65],
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
