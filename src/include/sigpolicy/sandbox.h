/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_SANDBOX_H
#define SIGPOLICY_SANDBOX_H

/**
 * @file For a program that confines itself before it asks: what is to be said of that in verdicts,
 * which programs must still be startable, and who starts the others. The library confines nobody.
 */

#include <sigpolicy/context.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

  /**
   * The programs that a verification starts itself: gpg's wrapper and gpg, where an OpenPGP
   * signature is no plain acceptance; and podman, which is asked for its version once where
   * configuration is read as it reads it ("auto") and dpkg has no record of it.
   *
   * @return absolute paths, of which any may be missing on this host; NULL ends the list. Static.
   *
   * Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC const char *const *sigpolicy_programs (void);

  /**
   * What confines this process, for the member "sandbox" of verdicts in JSON.
   *
   * @param parts  words with one space between them, such as "landlock seccomp"; "" for nothing;
   * NULL: not said, and verdicts do not have the member. It changes nothing else
   * @return 0, or E_NO_MEMORY
   *
   * Threads: one per context. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_context_set_sandbox (sigpolicy_context *context, const char *parts,
                                                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** What came of a credential helper. The texts are to free(); what it printed may be a secret. */
  typedef struct sigpolicy_helper_answer
  {
    int wait_status; /**< of waitpid(2) */
    char *output;    /**< its standard output, or NULL */
    size_t output_size;
    char *complaints; /**< the beginning of its standard error, or what kept it from an answer */
  } sigpolicy_helper_answer;

  /**
   * Run docker-credential-NAME, found in PATH, to get the credentials for a host, as the library
   * does where nobody was set to do it. NAME is no path, and is never looked for in the working
   * directory.
   *
   * @param milliseconds  how long it may take; 0: as long as the library gives it
   * @param ret_answer    filled in on success; cleared by sigpolicy_helper_answer_clear()
   * @return 0: it has ended; E_CONFIG: there is none of that name; E_UNAVAILABLE; E_NO_MEMORY
   *
   * Threads: any. Since: 0.1.
   */
  SIGPOLICY_PUBLIC int sigpolicy_helper_run (const char *name, const char *host,
                                             unsigned milliseconds,
                                             sigpolicy_helper_answer *ret_answer,
                                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

  /** Overwrites what is in it, and frees it. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_helper_answer_clear (sigpolicy_helper_answer *answer);

  /**
   * Who runs a credential helper. Returns what sigpolicy_helper_run() does; failing, complaints of
   * the answer may say why. Called by whichever thread asks a registry.
   */
  typedef int sigpolicy_helper_runner (void *data, const char *name, const char *host,
                                       unsigned milliseconds, sigpolicy_helper_answer *ret_answer);

  /** Have credential helpers run by a function, as a confined process cannot run them. NULL: by the
   * library. Contexts that share this one's settings have the same. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_context_set_helper_runner (sigpolicy_context *context,
                                                             sigpolicy_helper_runner *runner,
                                                             void *data);

#ifdef __cplusplus
}
#endif

#endif
