/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_AUDIT_AUDIT_INT_H
#define SP_AUDIT_AUDIT_INT_H

#include "audit/audit.h"

#include "crypto/certificate.h"
#include "json/tree.h"
#include "model/policy.h"
#include "model/registries_conf.h"
#include "model/registries_d.h"
#include "openpgp/key_facts.h"
#include "toml/toml.h"
#include "yaml/yaml.h"

#include <sys/stat.h>

/* --- root.c: the files of a host, whose "/" may be a directory of ours ------------------------ */

/* Where path really is: made absolute, every link followed as if root were "/"; what does not exist
 * stays as it is. Without the root in front. To free(). */
char *sp_root_resolve (const char *root, const char *path,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A fault of the machine, such as too many open files, says nothing about the host: the functions
 * below fail with UNAVAILABLE for one. Anything else about a file is for findings. */

/* 0 or an errno; *ret_real (may be NULL) is what sp_root_resolve() says, to free(). Negative:
 * a failure. */
int sp_root_stat (const char *root, const char *path, struct stat *ret, char **ret_real,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
/* On failure *ret_is_fault tells that it is one of the machine, or no memory. */
int sp_root_read (const char *root, const char *path, struct sp_buf *buf, bool *ret_is_fault,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The names in a directory, sorted; none when there is no such directory. *ret_errnum tells. */
int sp_root_list (const char *root, const char *path, struct sp_strv *names, int *ret_errnum,
                  sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

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
  sigpolicy_error **err;
  int rc; /* a failure sticks: checks go on without harm, and the end looks */
  const char *root;
  char *home; /* NULL for another root */
  sp_time now;
  bool reads_files; /* else the policy's text is all there is */
  char *shown[8];   /* see sp_audit_show() */
  unsigned n_shown;

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

  char *regd_path;
  struct sp_registries_d *registries_d; /* what can be read of it; or NULL */
  bool registries_d_is_broken;
  struct sp_regd_file *regd_files;
  size_t n_regd_files, regd_files_capacity;

  struct sp_registries_conf *conf; /* NULL when it cannot be read */
  struct sp_strv conf_files;
  struct sp_toml **conf_documents; /* of those that can be read; else NULL */
  size_t n_conf_documents, conf_documents_capacity;
};

int sp_audit_read_policy (struct sp_audit *audit) SIGPOLICY_MUST_CHECK;
int sp_audit_take_policy (struct sp_audit *audit, struct sp_view text) SIGPOLICY_MUST_CHECK;
int sp_audit_read_registries (struct sp_audit *audit) SIGPOLICY_MUST_CHECK;
int sp_audit_read_keys (struct sp_audit *audit) SIGPOLICY_MUST_CHECK;

/* probe.c: for each scope an image that it judges, if there is one. */
int sp_audit_find_examples (struct sp_audit *audit) SIGPOLICY_MUST_CHECK;

/* The item that judges an image, and the next one that would without it; NULL only for the default
 * itself. */
const struct sp_item *sp_audit_item_of (const struct sp_audit *audit,
                                        const struct sp_image_name *name,
                                        const struct sp_item *after);
/* The same for the text of a docker reference, which gets a default tag; NULL when it is none. */
const struct sp_item *sp_audit_judges (struct sp_audit *audit, struct sp_view reference,
                                       struct sp_reference **ret_reference);

/* The item above this one, by its example; NULL where that is not known. */
const struct sp_item *sp_audit_parent (struct sp_audit *audit, const struct sp_item *item);

/* --- what a list of requirements comes to ----------------------------------------------------- */

bool sp_accepts_unsigned (const struct sp_requirements *list);
bool sp_has_type (const struct sp_requirements *list, enum sp_requirement_type type);
bool sp_is_signature (const struct sp_requirement *requirement);

/* Who but the owner may change what stands at a path, directory by directory; NULL: nobody.
 * *ret_path is the culprit, to free(). */
const char *sp_writable_by (struct sp_audit *audit, const char *path, char **ret_path);

/* Lack of memory in what is otherwise no failure of the audit. */
void sp_audit_note (struct sp_audit *audit, int rc);

/* What there is at a path of the host; false where there is nothing. A failure sticks. */
bool sp_audit_stat (struct sp_audit *audit, const char *path, struct stat *ret);
bool sp_audit_exists (struct sp_audit *audit, const char *path);

/* "2026-11-21", in room; an item's example for a message. */
const char *sp_audit_day (sp_time time, char room[SP_TIME_TEXT_SIZE]);
const char *sp_audit_example (struct sp_audit *audit, const struct sp_item *item);

/* Read a file of the host. What is wrong with the file is the fault; a fault of the machine sticks
 * to the audit as well. */
int sp_audit_read (struct sp_audit *audit, const char *path, struct sp_buf *buf,
                   sigpolicy_error **fault) SIGPOLICY_MUST_CHECK;

/* --- findings --------------------------------------------------------------------------------- */

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
};

/* Adds a finding of a rule, unless the rule is disabled. The message is a sentence about this
 * policy, without a full stop; foreign bytes in it were escaped. Failure sticks to the audit. */
void sp_audit_find (struct sp_audit *audit, const char *rule, const struct sp_where *where,
                    const char *format, ...) __attribute__ ((format (printf, 4, 5)));

/* A text for the next messages of this check, escaped; kept until the next eight of them. */
const char *sp_audit_show (struct sp_audit *audit, struct sp_view text);
#define SP_SHOW(audit, string) sp_audit_show (audit, sp_view_str (string))

/* A fix that is made of parts: free it after the finding. Never NULL but when memory is out. */
char *sp_audit_compose (struct sp_audit *audit, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* --- checks, one file for each area ----------------------------------------------------------- */

void sp_check_policy (struct sp_audit *audit);
void sp_check_scopes (struct sp_audit *audit);
void sp_check_requirements (struct sp_audit *audit);
void sp_check_keys (struct sp_audit *audit);
void sp_check_openpgp (struct sp_audit *audit, const struct sp_audit_key *key);
void sp_check_key_sharing (struct sp_audit *audit);
void sp_check_sigstore (struct sp_audit *audit);
void sp_check_registries (struct sp_audit *audit);
void sp_check_registries_d (struct sp_audit *audit);
void sp_check_host (struct sp_audit *audit);

/* Takes findings out of a report. */
void sp_audit_drop (struct sp_audit_report *report,
                    bool (*goes) (const struct sp_finding *finding, void *how), void *how);

/* mend.c: cut out of the text what makes a document invalid, keeping the places of all else;
 * *ret_mended is false where nothing can be done. */
int sp_mend (struct sp_buf *text, const sigpolicy_error *fault, bool *ret_mended,
             bool *ret_default_is_ours, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- reports ---------------------------------------------------------------------------------- */

char *sp_report_text (const struct sp_audit_report *report, unsigned flags, sigpolicy_error **err);
char *sp_report_json (const struct sp_audit_report *report, sigpolicy_format format,
                      sigpolicy_error **err);
char *sp_report_sarif (const struct sp_audit_report *report, sigpolicy_error **err);
char *sp_report_junit (const struct sp_audit_report *report, sigpolicy_error **err);
char *sp_report_github (const struct sp_audit_report *report, sigpolicy_error **err);
char *sp_report_prom (const struct sp_audit_report *report, sigpolicy_error **err);

/* What tells a finding from others, whatever line it has moved to: 64 hex digits. */
int sp_finding_fingerprint (const struct sp_finding *finding, char ret[65],
                            sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
