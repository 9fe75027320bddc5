/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Signals are blocked everywhere and taken by one thread, which removes what is temporary and then
 * lets the signal end the process as it would have. (gpg is started through a wrapper that unblocks
 * them again.)
 */
static pthread_mutex_t speaking = PTHREAD_MUTEX_INITIALIZER; /* held for good once a signal came */
static const int fatal_signals[] = { SIGTERM, SIGINT, SIGHUP, SIGALRM };

static void
signal_set (sigset_t *set)
{
  (void)sigemptyset (set);
  for (size_t i = 0; i < sizeof fatal_signals / sizeof *fatal_signals; i++)
    (void)sigaddset (set, fatal_signals[i]);
}

static void *
wait_for_signal (void *late)
{
  sigset_t set;
  int number = 0;

  signal_set (&set);
  if (sigwait (&set, &number) != 0)
    return NULL;
  /* What is being written is finished first; a reader who does not read cannot hold us. */
  struct timespec soon;
  (void)clock_gettime (CLOCK_MONOTONIC, &soon);
  soon.tv_sec++;
  (void)pthread_mutex_clocklock (&speaking, CLOCK_MONOTONIC, &soon);
  sigpolicy_global_cleanup ();
  if (number == SIGALRM)
    {
      (void)fputs ("sigpolicy: the time limit (--command-timeout) is over\n", stderr);
      _exit (*(const int *)late);
    }
  (void)signal (number, SIG_DFL);
  (void)pthread_sigmask (SIG_UNBLOCK, &set, NULL);
  (void)raise (number);
  _exit (128 + number);
}

int
process_begin (double timeout, int late_status)
{
  static int late; /* outlives the thread that reads it */
  struct itimerval timer
      = { .it_value
          = { (time_t)timeout, (suseconds_t)((timeout - (double)(time_t)timeout) * 1e6) } };
  sigset_t set;
  pthread_t thread;
  pthread_attr_t attributes;

  late = late_status;
  signal_set (&set);
  (void)signal (SIGPIPE, SIG_IGN);
  /* GPGME forks twice: without this, a gpg that outlives us would go to init, out of our reach. */
  if (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0
      || pthread_sigmask (SIG_BLOCK, &set, NULL) != 0 || pthread_attr_init (&attributes) != 0
      || pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED) != 0
      || pthread_create (&thread, &attributes, wait_for_signal, &late) != 0
      || (timeout > 0 && setitimer (ITIMER_REAL, &timer, NULL) != 0))
    {
      complain ("cannot set up the handling of signals");
      return EXIT_INTERNAL;
    }
  (void)pthread_attr_destroy (&attributes);
  return 0;
}

void
process_speak (void)
{
  (void)pthread_mutex_lock (&speaking);
}

void
process_spoken (void)
{
  (void)pthread_mutex_unlock (&speaking);
}

void
process_reap (void)
{
  while (waitpid (-1, NULL, WNOHANG) > 0)
    ;
}

void
process_end (bool may_leave)
{
  process_speak ();
  process_spoken ();
  sigpolicy_global_cleanup ();
  while (waitpid (-1, NULL, may_leave ? WNOHANG : 0) > 0)
    ;
}

/* Signals and timers go through an exec, so all is set back. A signal that waits ends us here, as
 * it would have. */
void
process_become (char **arguments)
{
  const struct itimerval none = { 0 };
  sigset_t set;

  process_end (false);
  signal_set (&set);
  (void)setitimer (ITIMER_REAL, &none, NULL);
  (void)prctl (PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  (void)signal (SIGPIPE, SIG_DFL);
  (void)pthread_sigmask (SIG_UNBLOCK, &set, NULL);
  (void)execvp (arguments[0], arguments);
}
