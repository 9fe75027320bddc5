/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <sigpolicy/sigpolicy.h>

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

/* The values of a repeatable option. */
struct list
{
  const char **items;
  size_t len;
};

/* Everything that options say. A verb takes what it knows; the table in options.c says which those
 * are. */
struct options
{
  /* global */
  const char *policy, *registries_d, *clock, *arch, *os, *variant, *format_name, *command_timeout;
  double timeout; /* in seconds; 0: none */
  const char *image_timeout;
  double image_limit; /* in seconds; 0: the library's */
  const char *authfile, *creds, *cert_dir, *registries_conf;
  enum choice
  {
    CHOICE_NONE,
    CHOICE_NO,
    CHOICE_YES,
  } tls_verify;
  bool insecure_policy, require_signed, offline, debug, quiet, verbose, print_ref, warn_only, help,
      all_platforms;
  sigpolicy_format format;
  /* verify, signatures */
  bool all_local, containers, as_pulled, as_stored;
  const char *manifest, *reference, *as, *signature_dir, *batch, *jobs;
  struct list signatures;
  /* diff; --fail-on is audit's, too */
  const char *references, *fail_on;
  /* audit */
  const char *root, *severity, *suppressions, *baseline, *write_baseline;
  struct list disabled;
  bool list_rules;
  /* drop-ins */
  const char *public_key_file, *output, *passphrase_file;
  /* trust, image */
  const char *type, *transport, *identity, *lookaside;
  const char *fulcio_ca, *fulcio_issuer, *fulcio_email;
  const char *pki_roots, *pki_intermediates, *pki_email, *pki_hostname;
  struct list keys, rekor_keys;
  bool of_user, of_system, any, all, attachments, dry_run, reject_all, accept_all;
  bool json, raw, noheading, details;
  /* what is left: the verb's arguments */
  char **arguments;
  int n_arguments;
};

/* One verb. */
struct verb
{
  const char *name;
  int (*run) (const struct verb *verb, struct options *options);
  unsigned takes;    /* OPT_* groups */
  bool drop_in;      /* skopeo's own: its texts, exit status 1 for every error */
  const char *usage; /* arguments, after the name */
  const char *summary;
  const char *help; /* the rest of --help, with an example */
};

enum
{
  OPT_POLICY = 1U << 0,   /* --policy, --registries.d, ... : how the host decides */
  OPT_EVIDENCE = 1U << 1, /* --manifest, --signature, ... */
  OPT_OUTPUT = 1U << 2,   /* --format, --quiet, --verbose */
  OPT_VERDICT = 1U << 3,  /* --print-ref, --warn-only, --all-platforms, --batch, --jobs */
  OPT_KEY_FILE = 1U << 4, /* --public-key-file */
  OPT_SIGN = 1U << 5,     /* --output, --passphrase-file */
  OPT_DIFF = 1U << 7,     /* --references, --fail-on */
  OPT_TRUST = 1U << 9,    /* --key, --type, --dry-run, ... */
  OPT_PODMAN = 1U << 10,  /* the same in podman's spelling */
  OPT_AUDIT = 1U << 8,    /* --root, --severity, --fail-on, ... */
  OPT_COMMAND = 1U << 6,  /* none: what follows the first argument is another command's */
};

extern const struct verb verbs[];
const struct verb *find_verb (const char *name);

/*
 * Parse a command line: global options may stand before the verb and after it. The verb is NULL
 * when there is none. Returns 0, or an exit status after the complaint was printed.
 */
int parse_options (int argc, char **argv, struct options *options, const struct verb **ret_verb);
void options_clear (struct options *options);

int cmd_verify (const struct verb *verb, struct options *options);
int cmd_run (const struct verb *verb, struct options *options);
int cmd_explain (const struct verb *verb, struct options *options);
int cmd_audit (const struct verb *verb, struct options *options);
int cmd_diff (const struct verb *verb, struct options *options);
int cmd_trust (const struct verb *verb, struct options *options);
int cmd_image (const struct verb *verb, struct options *options);
int trust_show (const struct verb *verb, const struct options *options);
int image_trust_show (const struct options *options);
int cmd_signatures (const struct verb *verb, struct options *options);
int cmd_standalone_verify (const struct verb *verb, struct options *options);
int cmd_standalone_sign (const struct verb *verb, struct options *options);
int cmd_manifest_digest (const struct verb *verb, struct options *options);
int cmd_untrusted_dump (const struct verb *verb, struct options *options);

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

/* Where many questions come from, and what is written for an answer. */
struct questions
{
  void *data;
  sigpolicy_context *context; /* that all share what was loaded of, or NULL */
  /* The one after *ret, which it takes the place of; an exit status. For one thread. */
  int (*read) (void *data, struct question *ret, bool *ret_more);
  /* Its request, and its answer, which is to free(); negative with an error. For all threads. */
  int (*make) (const void *data, const struct question *question, sigpolicy_request **ret,
               sigpolicy_error **error);
  int (*write) (const void *data, const struct question *question, const sigpolicy_verdict *verdict,
                char **ret, sigpolicy_error **error);
};

/* Judge them all, --jobs at a time, and write the answers in their order; the exit status of all
 * together. */
int judge_many (const struct verb *verb, const struct options *options,
                const struct questions *questions);

/* verify --all-local and --containers. */
int verify_local (const struct verb *verb, const struct options *options);

/* verify --batch: every line of a file; the exit status of all together. */
int verify_batch (const struct verb *verb, const struct options *options);

/* verify --all-platforms: a list and all that it names. */
int verify_platforms (const struct verb *verb, const struct options *options,
                      sigpolicy_context *context);

/* The exit status that a verdict has by itself. */
int verdict_status (const struct options *options, const sigpolicy_verdict *verdict);

/* Of several exit statuses the one that counts. */
int worse (int a, int b);

/* --- output: results on standard output, words on standard error
 * ------------------------------------------------------- */

/* Write the whole result at once; an exit status. */
int print_result (const char *text);
int print_bytes (const void *bytes, size_t size);

/* "sigpolicy: ..." on standard error. */
void complain (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/* The same with other words in front, or none (NULL). */
void complain_as (const char *front, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Print an error and its hint; returns the exit status that belongs to it. Frees the error. */
int complain_error (sigpolicy_error *error);

/* Complain about usage, with a pointer to --help; returns 2. */
int complain_usage (const struct verb *verb, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* As skopeo ends: FATA[0000] on a terminal, level=fatal otherwise; returns 1. Frees the error,
 * which is put behind the text. */
int fatal (sigpolicy_error *error, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

unsigned format_flags (const struct options *options);

void print_help (const struct verb *verb);

/* --- the process
 * ------------------------------------------------------------------------------------------------------
 */

/* Adopt and reap gpg processes that GPGME leaves, end cleanly on SIGTERM, SIGINT and SIGHUP, and
 * with late_status when a timeout (in seconds; 0: none) is over. */
int process_begin (double timeout, int late_status);
/* Around what is written: a signal waits for it, and does not return when one is ending the
 * process, as there is nothing more to be said then. */
void process_speak (void);
void process_spoken (void);

/* Forget gpg processes that have ended. Only while no thread is verifying: GPGME waits for some of
 * its own. */
void process_reap (void);

/* Nothing temporary is left, and no process; may_leave: but for an agent that signing started. */
void process_end (bool may_leave);

/* End as above and become another program; returns when that cannot be started (errno). */
void process_become (char **arguments);

#endif
