/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SOURCES_CREDENTIALS_INT_H
#define SP_SOURCES_CREDENTIALS_INT_H

#include "sources/credentials.h"
#include "util/buf.h"

/* --- auth_file.c ------------------------------------------------------------------------------ */

struct sp_auth_file_answer
{
  char *helper;                      /* the helper to ask in the file's place, or NULL */
  struct sp_credentials credentials; /* of the entry; all NULL where there is none that counts */
  char *key;                         /* the entry, or NULL: there is none */
  const char *why;                   /* of an entry that counts as none; or NULL */
  bool no_colon;                     /* the entry holds something that is no "user:password" */
};

/*
 * What a file says about a repository, "host[:port]/path", and its host. legacy is the format of
 * .dockercfg. Failure: CONFIG, with line and column; no secret is in the message.
 */
int sp_auth_file_look_up (struct sp_view text, bool legacy, const char *repository,
                          const char *host, struct sp_auth_file_answer *ret,
                          sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_auth_file_answer_clear (struct sp_auth_file_answer *answer);

/* --- credential_helper.c ---------------------------------------------------------------------- */

/* Ask docker-credential-NAME, found on the options' path, for a host. *ret is left as it is where
 * it has none. */
int sp_credential_helper_get (const struct sp_auth_options *options, const char *name,
                              const char *host, struct sp_credentials *ret,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- helper_process.c ------------------------------------------------------------------------- */

/*
 * Run a program with the argument "get", without a shell: input, of at most a pipe's PIPE_BUF
 * bytes, is its standard input, and it gets nothing else of ours but the environment. It has a
 * process group of its own, which is ended when it has ended, and at the deadline. out takes its
 * standard output up to its limit, complaints the beginning of its standard error. *ret_status is
 * that of waitpid(2).
 *
 * Failure: UNAVAILABLE/could-not-look for the deadline and what the system refuses; UNAVAILABLE
 * with reason limit for too much output.
 */
int sp_helper_run (const char *program, struct sp_view input, unsigned ms, struct sp_buf *out,
                   struct sp_buf *complaints, int *ret_status,
                   sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* --- credentials.c ---------------------------------------------------------------------------- */

/* A copy of a secret, which must not hold a NUL; what is for messages. */
char *sp_secret_dup (struct sp_view secret, const char *what,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
