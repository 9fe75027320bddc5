/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <sigpolicy/sigpolicy.h>

#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The command sees the library through its public headers alone. */

#define EXIT_REJECTED    1
#define EXIT_USAGE       2
#define EXIT_NOT_FOUND   5
#define EXIT_UNAVAILABLE 6
#define EXIT_INTERNAL    7
#define EXIT_PODMAN      125

/* A native verb that takes longer is given up, in seconds. skopeo's verbs have no limit of their
 * own. */
#define DEFAULT_TIMEOUT 120.0
#define HOOK_TIMEOUT    8.0

/* The values of a repeatable option. */
struct list
{
  const char **items;
  size_t len;
};

/* Everything that options say. Which verb takes which says option_table.c. */
struct options
{
  /* global */
  const char *policy, *registries_d, *clock, *arch, *os, *variant, *format_name, *command_timeout;
  double timeout; /* in seconds; 0: none */
  const char *image_timeout;
  double image_limit; /* in seconds; 0: the library's */
  const char *authfile, *creds, *cert_dir, *registries_conf, *reader, *upgrade_to, *until;
  enum choice
  {
    CHOICE_NONE,
    CHOICE_NO,
    CHOICE_YES,
  } tls_verify,
      referrers;
  bool insecure_policy, require_signed, offline, debug, quiet, verbose, print_ref, warn_only, help,
      version, all_platforms;
  sigpolicy_format format;
  const char *bundles, *color, *sandbox;
  /* verify, signatures */
  bool all_local, containers, as_pulled, as_stored;
  const char *manifest, *reference, *as, *signature_dir, *batch, *jobs;
  struct list signatures;
  const char *digest, *log;
  bool once;                 /* by --key, without a policy */
  struct document *document; /* where one of all verdicts is asked for; else NULL */
  /* hook */
  const char *name, *stdin_media_type, *judge, *imageless, *store, *stage, *image_name;
  const char *username_env, *password_env;
  bool hosts;
  /* diff; --fail-on is audit's, too */
  const char *references, *fail_on;
  /* audit */
  const char *root, *severity, *suppressions, *baseline, *write_baseline;
  struct list disabled;
  bool list_rules, fix;
  const char *explain;
  /* verify-bundle; --key is trust's, too */
  const char *bundle, *oidc_issuer, *trusted_root, *predicate_type;
  struct list identities;
  bool print_statement, staging;
  /* chart */
  const char *prov;
  struct list keyrings, signers;
  /* drop-ins */
  const char *public_key_file, *output, *passphrase_file;
  /* trust, image */
  const char *type, *transport, *identity, *lookaside;
  const char *fulcio_ca, *fulcio_issuer, *fulcio_email;
  const char *pki_roots, *pki_intermediates, *pki_email, *pki_hostname;
  struct list keys, rekor_keys, add_keys, remove_keys;
  bool of_user, of_system, any, all, attachments, dry_run, reject_all, accept_all;
  bool json, raw, noheading, details;
  /* report; html is diff's, too */
  const char *html, *since;
  bool no_images;
  struct list given; /* the options, by name */
  /* what is left: the verb's arguments */
  char **arguments;
  int n_arguments;
};

/* Who takes an option: the verbs, and those of trust. */
enum
{
  V_VERIFY = 1U << 0,
  V_RUN = 1U << 1,
  V_EXPLAIN = 1U << 2,
  V_SIGNATURES = 1U << 3,
  V_AUDIT = 1U << 4,
  V_DIFF = 1U << 5,
  V_TRUST_SHOW = 1U << 6,
  V_TRUST_SET = 1U << 7,
  V_TRUST_UNSET = 1U << 8,
  V_TRUST_INIT = 1U << 9,
  V_IMAGE = 1U << 10,
  V_STANDALONE_VERIFY = 1U << 11,
  V_STANDALONE_SIGN = 1U << 12,
  V_VERIFY_BUNDLE = 1U << 13,
  V_HOOK = 1U << 14,
  V_TEST = 1U << 15,
  V_TRUST_ROTATE = 1U << 16,
  V_TRUST = V_TRUST_SHOW | V_TRUST_SET | V_TRUST_ROTATE | V_TRUST_UNSET | V_TRUST_INIT,
  V_REPORT = 1U << 17,
  V_CHART = 1U << 18,
  V_EVERY = 1U << 31, /* every verb there is */
};

/* What a verb is left with in the sandbox; confine.c decides where it depends on more. */
enum confinement
{
  NOT_CONFINED, /* it changes what the host trusts, or works with the user's own keys */
  FILES_ONLY,
  MAY_ASK_REGISTRIES, /* where an image is on one */
  STARTS_PROGRAMS,    /* and may ask registries */
};

/* One verb; or, where there is no function, the help of a verb's verb, such as "trust set". */
struct verb
{
  const char *name;
  int (*run) (const struct verb *verb, struct options *options);
  unsigned verbs; /* V_*, or 0 */
  bool drop_in;   /* skopeo's own: its texts, exit status 1 for every error */
  const char *summary;
  const char *usage;        /* what stands behind the name: a line for each form */
  const char *about;        /* what it does */
  const char *exit_status;  /* or NULL */
  const char *example;      /* command lines, without "sigpolicy" */
  const char *arguments[5]; /* what a shell completes, as in struct option_row; "@image" and
                               "@command", too; "..." at the end: and so on */
  enum confinement confinement;
};

/* Without --sandbox: is a verb confined? Defined beside main(). */
extern const bool sandbox_by_default;

extern const struct verb verbs[];
const struct verb *find_verb (const char *name);
/* Either kind: "trust", or "trust" and "set"; second may be NULL. */
const struct verb *find_help (const char *first, const char *second);
/* The name that was meant by one that is not known, or NULL. */
const char *nearest_verb (const char *name);
const char *nearest_option (const struct verb *verb, const char *name);

/* The command itself; returns its exit status. */
int command_main (int argc, char **argv);

/*
 * Parse a command line: global options may stand before the verb and after it. The verb is NULL
 * when there is none. Returns 0, or an exit status after the complaint was printed.
 */
int parse_options (int argc, char **argv, struct options *options, const struct verb **ret_verb);
void options_clear (struct options *options);
/* The first of the given options that none of these verbs (V_*) takes, or NULL. */
const char *option_not_of (const struct options *options, unsigned takers);

int cmd_verify (const struct verb *verb, struct options *options);
int cmd_verify_bundle (const struct verb *verb, struct options *options);
int cmd_chart (const struct verb *verb, struct options *options);
int cmd_run (const struct verb *verb, struct options *options);
/* The command of "run", once its image is accepted. Returns only when it cannot be started. */
int run_command (const struct options *options, const char *reference);
int cmd_explain (const struct verb *verb, struct options *options);
int cmd_audit (const struct verb *verb, struct options *options);
int cmd_diff (const struct verb *verb, struct options *options);
int cmd_test (const struct verb *verb, struct options *options);
int cmd_report (const struct verb *verb, struct options *options);
/* To a file, or to standard output ("-"). */
int write_page (const char *path, const char *text);
int cmd_trust (const struct verb *verb, struct options *options);
int cmd_image (const struct verb *verb, struct options *options);
/* A policy as a table, as podman's JSON, or in detail. */
void put_trust_table (FILE *out, const sigpolicy_trust *trust, bool has_heading);
void put_trust_json (FILE *out, const sigpolicy_trust *trust, bool has_details);
void put_trust_details (FILE *out, const sigpolicy_trust *trust);
int trust_show (const struct verb *verb, const struct options *options);
int image_trust_show (const struct options *options);
/* Make a change, and say what is not as it was: what sigpolicy_edit_commit() returns. */
int commit_edit (const struct options *options, sigpolicy_edit *edit, sigpolicy_error **error);
int cmd_hook (const struct verb *verb, struct options *options);
int cmd_signatures (const struct verb *verb, struct options *options);
int cmd_standalone_verify (const struct verb *verb, struct options *options);
int cmd_standalone_sign (const struct verb *verb, struct options *options);
int cmd_manifest_digest (const struct verb *verb, struct options *options);
int cmd_untrusted_dump (const struct verb *verb, struct options *options);
int cmd_help (const struct verb *verb, struct options *options);
int cmd_version (const struct verb *verb, struct options *options);
/* What shells complete: the words of a command line behind "sigpolicy", up to the one at the
 * cursor. */
int complete_words (char **words, int n_words);

/* A context as the options say; an exit status after the complaint was printed. */
int open_context (const struct options *options, sigpolicy_context **ret);

/* A request as the options of verify and signatures say, with at most one image among the
 * arguments. */
int open_request (const struct verb *verb, const struct options *options, sigpolicy_request **ret);

/* One question of many, by its number from 1; text is to free(). */
struct question
{
  char *text;
  size_t size, number;
};

/* How many answers there were of each kind. */
struct tally
{
  size_t all, accepted, is_unsigned /* and accepted */, rejected, undecided, errors, not_judged;
};

/* Where many questions come from, and what is written for an answer. */
struct questions
{
  void *data;
  size_t total;               /* of them, for people who wait; 0: not known */
  struct tally *tally;        /* is filled in; or NULL */
  sigpolicy_context *context; /* that all share what was loaded of, or NULL */
  /* The one after *ret, which it takes the place of; an exit status. For one thread. */
  int (*read) (void *data, struct question *ret, bool *ret_more);
  /* Its request, or NULL for what is there and not judged; and its answer, of such a thing without
   * a verdict, which is to free(). Negative with an error. For all threads. */
  int (*make) (const void *data, const struct question *question, sigpolicy_request **ret,
               sigpolicy_error **error);
  int (*write) (const void *data, const struct question *question, const sigpolicy_request *request,
                const sigpolicy_verdict *verdict, char **ret, sigpolicy_error **error);
  /* What a question is about beside its image; NULL, or a function that may return NULL. */
  const char *(*label) (const void *data, const struct question *question);
};

/* Judge them all, --jobs at a time, and write the answers in their order; the exit status of all
 * together. */
int judge_many (const struct verb *verb, const struct options *options,
                const struct questions *questions);

/* Put in front of a line of JSON what its question is called, which is JSON, too, or NULL, and its
 * number. 0 or SIGPOLICY_E_NO_MEMORY. */
int number_answer (char **json, const char *id, size_t number);

struct document
{
  sigpolicy_results *results;
  size_t len;
};

/* Does the format make one document of all verdicts? Then each is taken by take_result(), label may
 * be NULL; an exit status. */
int take_result (const struct options *options, const sigpolicy_verdict *verdict,
                 const char *label);

/* verify --all-local and --containers. */
int verify_local (const struct verb *verb, const struct options *options);

/* verify --batch: every line of a file; the exit status of all together. */
int verify_batch (const struct verb *verb, const struct options *options);

/* verify --all-platforms: a list and all that it names. */
int verify_platforms (const struct verb *verb, const struct options *options,
                      sigpolicy_context *context);

/* sigpolicy_verdict_word(), but for what signed nothing, which is "accepted", too. */
const char *verdict_word (const sigpolicy_verdict *verdict);

/* --log: a record of each decision, with the milliseconds since record_begin(); and one of what was
 * decided without a verdict. Nothing without --log. record_open() says what is wrong with its
 * value: an exit status. */
int record_open (const struct verb *verb, struct options *options);
int64_t record_begin (void);
void record_verdict (const struct options *options, const sigpolicy_verdict *verdict,
                     int64_t began);
void record_event (const struct options *options, const char *answer, const char *image,
                   const char *message);

/* The exit status that a verdict has by itself. */
int verdict_status (const struct options *options, const sigpolicy_verdict *verdict);

/* Of several exit statuses the one that counts. */
int worse (int a, int b);

/* For terminals: what is not printable ASCII becomes \xNN, so that nothing of a hostile text is
 * obeyed, and the end of a line becomes what newline says. NULL is nothing. */
void put_escaped (FILE *out, const char *text, const char *newline);
void put_escaped_bytes (FILE *out, const char *bytes, size_t size, const char *newline);
/* The same in double quotes, quotes and backslashes escaped. */
void put_quoted (FILE *out, const char *bytes, size_t size, const char *newline);

/* The bytes of the character at the start of some, which are not none; 0: it is no UTF-8. */
size_t utf8_length (const char *bytes, size_t size);

/* A string of JSON as Go's encoder writes it; named are the controls that its release calls by a
 * letter, of \n, \r, \t, \b and \f. */
void put_go_json (FILE *out, const char *bytes, size_t size, const char *named);

/* --- output: results on standard output, words on standard error
 * ------------------------------------------------------- */

/* Write the whole result at once; an exit status. */
int print_result (const char *text);
int print_bytes (const void *bytes, size_t size);
/* The same for a text of the library, once it is painted. */
int print_text (const struct options *options, char **text);
/* Has whoever read standard output gone? Then nothing more is written there, which is no error. */
bool output_is_closed (void);

/* "sigpolicy: ..." on standard error. */
void complain (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/* The same with nothing in front. */
void complain_bare (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/* An error's text, whose lines are the library's own. */
void complain_text (const char *front, const sigpolicy_error *error);

/* Give each image name of a file (or "-") away: one on each line, "#" begins a comment line. An
 * exit status after the complaint was printed. */
int read_references (const char *path,
                     int (*take) (void *data, const char *image, sigpolicy_error **error),
                     void *data);

/* The exit status of what the library returned. */
int exit_status (int code);

/* Print an error and its hint; returns the exit status that belongs to it. Frees the error. */
int complain_error (sigpolicy_error *error);

/* Complain about usage, with a pointer to --help; returns 2. */
int complain_usage (const struct verb *verb, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* As skopeo ends: FATA[0000] on a terminal, level=fatal otherwise; returns 1. Frees the error,
 * which is put behind the text. */
int fatal (sigpolicy_error *error, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

unsigned format_flags (const struct options *options);

#define COLOUR_GOOD "\033[1;32m"
#define COLOUR_BAD  "\033[1;31m"
#define COLOUR_END  "\033[0m"

/* Put the words of a text that say the answer in colour, where that is wanted: *text is replaced,
 * or stays. 0 or SIGPOLICY_E_NO_MEMORY. */
int paint (const struct options *options, char **text);

/* In colour? As --color says, else on a terminal, unless NO_COLOR is set. */
bool has_colour (const struct options *options);

/* The help of a verb, or of the command (NULL); an exit status. */
int print_help (const struct verb *verb);

/* --- files
 * ------------------------------------------------------------------------------------------------------------
 */

/* Read a file ("-": standard input) whole, with a NUL behind it, unless there is more than limit;
 * and write one, in place of what it held. Failure: an exit status, and why in words that are to
 * free(), NULL for no memory; complain_file() prints them, and returns the status. */
int read_file (const char *path, size_t limit, void **ret_bytes, size_t *ret_size, char **ret_why);
int write_file (const char *path, const void *bytes, size_t size, char **ret_why);
int complain_file (int status, char *why);

/* --- the process
 * ------------------------------------------------------------------------------------------------------
 */

/* With more rights than our caller (set-user-ID, capabilities), nothing that the caller has put
 * into the environment is believed, or handed on; first of all. An exit status. */
int process_distrust (void);

/* Sets HOME where it is not set, as the library would find it: once, and before local sockets are
 * taken away. An exit status, as below. */
int home_look_up (void);
/* Is this process root of the user namespace of somebody who is not root outside? */
bool home_has_outside (void);
/* From now on, storage and configuration are those of that user, or of this process's. */
int home_be_outside (bool yes);

/* Hold back the signals that end us until process_begin(), so that nothing temporary is made before
 * them. */
int process_prepare (void);

/* Adopt and reap gpg processes that GPGME leaves, end cleanly on SIGTERM, SIGINT and SIGHUP, and
 * with late_status when a timeout (in seconds; 0: none) is over. Starts a thread. */
int process_begin (double timeout, int late_status);
/* Around what is written: a signal waits for it, and does not return when one is ending the
 * process, as there is nothing more to be said then. */
void process_speak (void);
void process_spoken (void);

/* Forget gpg processes that have ended. Only while no thread is verifying: GPGME waits for some of
 * its own. */
bool process_has_ended_children (void);
void process_reap (void);

/* Nothing temporary is left, and no process; may_leave: but for an agent that signing started. */
void process_end (bool may_leave);

/* End as above and become another program; returns when that cannot be started (errno). */
void process_become (char **arguments);

/* Start a program that is not ours, with signals as we found them; 0 or an errno. */
int process_spawn (pid_t *child, const char *const *arguments,
                   const posix_spawn_file_actions_t *actions);

#endif
