/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_TRIES 12000 /* of a millisecond: more than gpg may take */

/*
 * Signals are blocked everywhere and taken by one thread, which removes what is temporary and then
 * lets the signal end the process as it would have. (gpg is started through a wrapper that unblocks
 * them again.) A signal stays pending until the thread has the lock, so that whoever is about to
 * speak sees one or the other.
 */
static pthread_mutex_t speaking = PTHREAD_MUTEX_INITIALIZER; /* held for good once a signal came */
static sigset_t signals;                                     /* those that end us */
static int signals_fd = -1;                                  /* readable when one is pending */
static int late;                                             /* exit status of a timeout */

/* Under nohup(1), a hangup stays ignored. */
static bool
choose_signals (void)
{
  struct sigaction inherited;

  (void)sigemptyset (&signals);
  (void)sigaddset (&signals, SIGALRM);
  (void)sigaddset (&signals, SIGINT);
  (void)sigaddset (&signals, SIGTERM);
  if (sigaction (SIGHUP, NULL, &inherited) != 0)
    return false;
  if (inherited.sa_handler != SIG_IGN)
    (void)sigaddset (&signals, SIGHUP);
  return true;
}

static void *
wait_for_signal (void *unused)
{
  struct pollfd one = { .fd = signals_fd, .events = POLLIN };
  int number = 0;

  while (poll (&one, 1, -1) != 1)
    (void)sched_yield ();
  /* What is being written is finished first; a reader who does not read cannot hold us. */
  struct timespec soon;
  (void)clock_gettime (CLOCK_MONOTONIC, &soon);
  soon.tv_sec++;
  (void)pthread_mutex_clocklock (&speaking, CLOCK_MONOTONIC, &soon);
  while (sigwait (&signals, &number) != 0)
    (void)sched_yield ();
  sigpolicy_global_cleanup ();
  if (number == SIGALRM)
    {
      (void)fputs ("sigpolicy: the time limit (--command-timeout) is over\n", stderr);
      _exit (late);
    }
  (void)signal (number, SIG_DFL);
  (void)pthread_sigmask (SIG_UNBLOCK, &signals, NULL);
  (void)raise (number);
  _exit (128 + number);
  return unused;
}

int
process_begin (double timeout, int late_status)
{
  struct itimerval timer
      = { .it_value
          = { (time_t)timeout, (suseconds_t)((timeout - (double)(time_t)timeout) * 1e6) } };
  pthread_t thread;
  pthread_attr_t attributes;

  late = late_status;
  (void)signal (SIGPIPE, SIG_IGN);
  (void)signal (SIGALRM, SIG_DFL);
  /* GPGME forks twice: without this, a gpg that outlives us would go to init, out of our reach. */
  if (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 || !choose_signals ()
      || pthread_sigmask (SIG_BLOCK, &signals, NULL) != 0
      || (signals_fd = signalfd (-1, &signals, SFD_CLOEXEC)) < 0
      || pthread_attr_init (&attributes) != 0
      || pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED) != 0
      || pthread_create (&thread, &attributes, wait_for_signal, NULL) != 0
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
  sigset_t pending;

  (void)pthread_mutex_lock (&speaking);
  if (signals_fd >= 0 && sigpending (&pending) == 0)
    for (int number = 1; number < NSIG; number++)
      while (sigismember (&pending, number) == 1 && sigismember (&signals, number) == 1)
        {
          /* It is for the thread, which waits for the lock and then ends us. */
          (void)pthread_mutex_unlock (&speaking);
          (void)pause ();
        }
}

void
process_spoken (void)
{
  (void)pthread_mutex_unlock (&speaking);
}

void
process_reap (void)
{
  for (pid_t pid = 1; pid > 0 || (pid < 0 && errno == EINTR);)
    pid = waitpid (-1, NULL, WNOHANG);
}

/* gpg is gone soon, as it has limits; what a credential helper left behind may stay for ever. */
static void
reap (bool may_leave)
{
  for (unsigned tries = 0; tries < END_TRIES;)
    {
      pid_t ended = waitpid (-1, NULL, WNOHANG);
      if ((ended < 0 && errno != EINTR) || (ended == 0 && may_leave))
        return;
      if (ended == 0 && nanosleep (&(struct timespec){ .tv_nsec = 1000000 }, NULL) == 0)
        tries++;
    }
}

void
process_end (bool may_leave)
{
  process_speak ();
  process_spoken ();
  reap (may_leave);
  sigpolicy_global_cleanup ();
}

/* Signals and timers go through an exec, so all is set back. A signal that waits ends us here, as
 * it would have. */
void
process_become (char **arguments)
{
  const struct itimerval none = { 0 };

  process_end (false);
  (void)setitimer (ITIMER_REAL, &none, NULL);
  (void)prctl (PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
  (void)signal (SIGPIPE, SIG_DFL);
  (void)pthread_sigmask (SIG_UNBLOCK, &signals, NULL);
  (void)execvp (arguments[0], arguments);
}
