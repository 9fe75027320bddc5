/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/auxv.h>
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
static sem_t awaited;   /* posted once the thread waits for signals */
static bool is_awaited; /* that thread was made */

/* What is set aside for as long as we are, as it was: a write above the limit for files fails, as
 * any other. */
static struct
{
  int number;
  struct sigaction inherited;
} kept[] = { { .number = SIGPIPE }, { .number = SIGXFSZ }, { .number = SIGALRM } };

/* What our caller ignores, as nohup(1) and a shell's "&" do, stays ignored. */
static bool
choose_signals (void)
{
  static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
  struct sigaction inherited;

  (void)sigemptyset (&signals);
  (void)sigaddset (&signals, SIGALRM);
  for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
    {
      if (sigaction (ending[i], NULL, &inherited) != 0)
        return false;
      if (inherited.sa_handler != SIG_IGN)
        (void)sigaddset (&signals, ending[i]);
    }
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    {
      const struct sigaction ours = { .sa_handler = kept[i].number == SIGALRM ? SIG_DFL : SIG_IGN };
      if (sigaction (kept[i].number, &ours, &kept[i].inherited) != 0)
        return false;
    }
  return true;
}

static void *
wait_for_signal (void *unused)
{
  struct pollfd one = { .fd = signals_fd, .events = POLLIN };
  int number = 0;

  (void)sem_post (&awaited);
  while (poll (&one, 1, -1) != 1)
    (void)sched_yield ();
  /* What is being written is finished first; a reader who does not read cannot hold us. */
  struct timespec soon;
  (void)clock_gettime (CLOCK_MONOTONIC, &soon);
  soon.tv_sec++;
  (void)pthread_mutex_clocklock (&speaking, CLOCK_MONOTONIC, &soon);
  while (sigwait (&signals, &number) != 0)
    (void)sched_yield ();
  parent_end_child (number);
  sigpolicy_global_cleanup ();
  confine_clean_up ();
  if (number == SIGALRM)
    {
      (void)fputs ("sigpolicy: the time limit (--command-timeout) expired\n", stderr);
      _exit (late);
    }
  (void)signal (number, SIG_DFL);
  (void)pthread_sigmask (SIG_UNBLOCK, &signals, NULL);
  (void)raise (number);
  _exit (128 + number);
  return unused;
}

int
process_distrust (void)
{
  static const char *const harmless[]
      = { "LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "NO_COLOR", "TERM" };
  char *kept_values[sizeof harmless / sizeof *harmless] = { NULL };
  bool failed = false;

  if (!getauxval (AT_SECURE))
    return 0;
  for (char **at = environ; *at; at++)
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
      {
        size_t length = strlen (harmless[i]);
        if (strncmp (*at, harmless[i], length) == 0 && (*at)[length] == '=' && !kept_values[i])
          failed = !(kept_values[i] = strdup (*at + length + 1)) || failed;
      }
  failed = clearenv () != 0 || failed;
  failed = setenv ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1) != 0
           || failed;
  for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
    {
      failed = (kept_values[i] && setenv (harmless[i], kept_values[i], 1) != 0) || failed;
      free (kept_values[i]);
    }
  if (failed)
    complain ("cannot clear the environment");
  return failed ? EXIT_INTERNAL : 0;
}

int
process_prepare (void)
{
  /* GPGME forks twice: without this, a gpg that outlives us would go to init, out of our reach. */
  if (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && choose_signals ()
      && pthread_sigmask (SIG_BLOCK, &signals, NULL) == 0)
    return 0;
  complain ("cannot set up the handling of signals");
  return EXIT_INTERNAL;
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
  /* It is no inheritance of a child. */
  if (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0
      || (signals_fd = signalfd (-1, &signals, SFD_CLOEXEC)) < 0
      || pthread_attr_init (&attributes) != 0
      || pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED) != 0
      || sem_init (&awaited, 0, 0) != 0
      || !(is_awaited = pthread_create (&thread, &attributes, wait_for_signal, NULL) == 0)
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

bool
process_has_ended_children (void)
{
  siginfo_t info = { .si_pid = 0 };
  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
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
  /* No process ends while a thread of it begins: what runs at exit may hold what the thread needs,
   * and wait for the thread. */
  while (is_awaited && sem_wait (&awaited) != 0)
    continue;
  is_awaited = false;
  parent_let_go ();
  reap (may_leave);
  sigpolicy_global_cleanup ();
  confine_clean_up ();
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
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    (void)sigaction (kept[i].number, &kept[i].inherited, NULL);
  (void)pthread_sigmask (SIG_UNBLOCK, &signals, NULL);
  (void)execvp (arguments[0], arguments);
}

int
process_spawn (pid_t *child, const char *const *arguments,
               const posix_spawn_file_actions_t *actions)
{
  /* posix_spawnp() changes none of them. */
  const union
  {
    const char *const *ours;
    char *const *theirs;
  } words = { arguments };
  posix_spawnattr_t attributes;
  sigset_t none, pipe;

  (void)sigemptyset (&none);
  (void)sigemptyset (&pipe);
  (void)sigaddset (&pipe, SIGPIPE);
  int errnum = posix_spawnattr_init (&attributes);
  if (errnum)
    return errnum;
  errnum = posix_spawnattr_setsigmask (&attributes, &none);
  if (!errnum)
    errnum = posix_spawnattr_setsigdefault (&attributes, &pipe);
  if (!errnum)
    errnum = posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (!errnum)
    errnum = posix_spawnp (child, arguments[0], actions, &attributes, words.theirs, environ);
  (void)posix_spawnattr_destroy (&attributes);
  return errnum;
}
