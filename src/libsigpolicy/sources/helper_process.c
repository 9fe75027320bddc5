/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/credentials_int.h"

#include "util/cleanup.h"
#include "util/debug.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define VERB "get" /* nothing is stored, or erased */

/*
 * One credential helper: a program of the user's choice, which may hang, talk without end, or leave
 * others behind that hold its pipes. What counts is that it has ended, not that its pipes have.
 */

/* How long what was killed may take to be gone; what is not by then (another user's, or stuck in
 * the kernel) is left to whoever ends us. */
#define GRACE_MS 1000

/* How often to look whether it has ended, where the kernel cannot tell. */
#define SLICE_MS 20

/* Read at a time, so that a flood of complaints does not hide the deadline. */
#define READS_MAX 16

struct child
{
  pid_t pid;
  int in, out, complaints; /* its ends */
};

static uint64_t
now_ms (void)
{
  struct timespec now = { 0, 0 };
  (void)clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int
refused (sigpolicy_error **err, int errnum, const char *what)
{
  return sp_error_errno (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK, errnum,
                         "%s", what);
}

/* --- starting --------------------------------------------------------------------------------- */

/* Moves a descriptor away from where the child's own ones go, if we were started without those. */
static bool
out_of_the_way (int *fd)
{
  if (*fd > STDERR_FILENO)
    return true;
  int moved = fcntl (*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (moved < 0)
    return false;
  (void)close (*fd);
  *fd = moved;
  return true;
}

static int
make_pipe (int *read_end, int *write_end, sigpolicy_error **err)
{
  int ends[2];
  if (pipe2 (ends, O_CLOEXEC) != 0)
    return refused (err, errno, "pipe");
  *read_end = ends[0];
  *write_end = ends[1];
  if (!out_of_the_way (read_end) || !out_of_the_way (write_end))
    return refused (err, errno, "pipe");
  return 0;
}

/* A pipe that has input in it already, and no writer any more: it fits, so nobody waits, and no
 * SIGPIPE comes. */
static int
make_input (struct sp_view input, int *read_end, sigpolicy_error **err)
{
  cleanup_close int write_end = -1;

  if (input.len > PIPE_BUF)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                         "a credential helper is asked in at most %d bytes", PIPE_BUF);
  int rc = make_pipe (read_end, &write_end, err);
  if (rc < 0)
    return rc;
  ssize_t done = write (write_end, input.data, input.len);
  return done == (ssize_t)input.len ? 0 : refused (err, done < 0 ? errno : EIO, "write");
}

/* In the child, where only what is safe in a signal handler may be called. Signals that were caught
 * are not, and those that nobody thought of stay ignored; SIGPIPE is what the library's user may
 * ignore without meaning it for others. */
static void
reset_signals (void)
{
  struct sigaction action;
  sigset_t none;

  for (int number = 1; number < NSIG; number++)
    if (sigaction (number, NULL, &action) == 0
        && (action.sa_handler != SIG_IGN || number == SIGPIPE || number == SIGCHLD))
      {
        action = (struct sigaction){ .sa_handler = SIG_DFL };
        (void)sigaction (number, &action, NULL);
      }
  (void)sigemptyset (&none);
  (void)sigprocmask (SIG_SETMASK, &none, NULL);
}

static _Noreturn void
become (const struct child *ends, pid_t parent, const char *program, char *const *arguments)
{
  /* It ends with us, however we end. */
  if (setpgid (0, 0) != 0 || prctl (PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid () != parent
      || dup2 (ends->in, STDIN_FILENO) < 0 || dup2 (ends->out, STDOUT_FILENO) < 0
      || dup2 (ends->complaints, STDERR_FILENO) < 0)
    _exit (126);
#ifdef SYS_close_range
  /* Ours close themselves; these are of whoever uses the library. */
  (void)syscall (SYS_close_range, STDERR_FILENO + 1U, ~0U, 0U);
#endif
  reset_signals ();
  (void)execve (program, arguments, environ);
  _exit (127);
}

static int
start (struct child *child, const char *program, sigpolicy_error **err)
{
  cleanup_free char *name = sp_strdup (program, err);
  cleanup_free char *verb = name ? sp_strdup (VERB, err) : NULL;
  if (!verb)
    return SIGPOLICY_E_NO_MEMORY;
  char *const arguments[] = { name, verb, NULL };
  sigset_t all, before;
  pid_t parent = getpid ();

  /* No handler of ours runs in the child. */
  (void)sigfillset (&all);
  (void)pthread_sigmask (SIG_SETMASK, &all, &before);
  child->pid = fork ();
  int errnum = errno;
  if (child->pid == 0)
    become (child, parent, program, arguments);
  (void)pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (child->pid < 0)
    return refused (err, errnum, "fork");
  (void)setpgid (child->pid, child->pid); /* whoever comes first */
  return 0;
}

/* --- listening -------------------------------------------------------------------------------- */

struct listening
{
  pid_t pid;
  int pidfd; /* -1 where the kernel has none */
  struct pollfd polls[3];
  struct sp_buf *out, *complaints;
  bool ended, lost;
};

/* What is there, into buf as far as it fits, and the rest nowhere. */
static bool
drain (struct pollfd *poll, struct sp_buf *buf, bool *ret_too_much)
{
  char bytes[4096];

  for (int i = 0; i < READS_MAX && poll->fd >= 0; i++)
    {
      ssize_t got = read (poll->fd, bytes, sizeof bytes);
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        break;
      if (got <= 0)
        poll->fd = -1;
      struct sp_view view = sp_view_n (bytes, got > 0 ? (size_t)got : 0);
      *ret_too_much |= view.len > buf->max - buf->len;
      sp_buf_add (buf, sp_view_head (view, buf->max - buf->len));
    }
  explicit_bzero (bytes, sizeof bytes);
  return !buf->failed;
}

/* Has it ended? It is not waited for yet: until then its process group is its own. */
static void
look (struct listening *it)
{
  siginfo_t info = { .si_pid = 0 };
  if (waitid (P_PID, (id_t)it->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
    it->ended = info.si_pid == it->pid;
  else if (errno != EINTR)
    it->ended = it->lost = true;
}

static int
listen_once (struct listening *it, uint64_t left_ms, sigpolicy_error **err)
{
  bool too_much = false, ignored = false;
  int wait = left_ms > INT_MAX ? INT_MAX : (int)left_ms;

  if (it->pidfd < 0 && wait > SLICE_MS)
    wait = SLICE_MS;
  if (poll (it->polls, 3, wait) < 0 && errno != EINTR)
    return refused (err, errno, "poll");
  look (it); /* first: what it wrote before it ended is read below */
  if (!drain (&it->polls[0], it->out, &too_much)
      || !drain (&it->polls[1], it->complaints, &ignored))
    return sp_error_no_memory (err);
  if (too_much)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_LIMIT,
                         "it answers with more than %zu bytes", it->out->max);
  return 0;
}

static int
listen_until_end (struct listening *it, unsigned ms, sigpolicy_error **err)
{
  uint64_t deadline = now_ms () + ms;
  int rc = 0;

  while (rc == 0 && !it->ended)
    {
      uint64_t now = now_ms ();
      if (now >= deadline)
        return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                             "no answer within %u.%03u s", ms / 1000, ms % 1000);
      rc = listen_once (it, deadline - now, err);
    }
  if (rc == 0 && it->lost)
    return sp_error_set (err, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_REASON_COULD_NOT_LOOK,
                         "somebody else has waited for it");
  return rc;
}

/* --- ending ----------------------------------------------------------------------------------- */

/* Waits for who is gone or about to be. */
static bool
reap (pid_t which, int *status)
{
  const struct timespec moment = { 0, 1000000 };
  for (int waited = 0; waited < GRACE_MS; waited++)
    {
      pid_t got = waitpid (which, status, WNOHANG);
      if (got > 0)
        return true;
      if (got < 0 && errno != EINTR)
        return false;
      (void)nanosleep (&moment, NULL);
    }
  return false;
}

/* The helper, and what it left in its process group: where we take over orphans, those are our
 * children by now. */
static int
end (const struct listening *it)
{
  int status = -1, ignored;
  if (it->lost)
    return status;
  (void)kill (-it->pid, SIGKILL);
  if (!reap (it->pid, &status))
    status = -1;
  while (reap (-it->pid, &ignored))
    ;
  return status;
}

int
sp_helper_run (const char *program, struct sp_view input, unsigned ms, struct sp_buf *out,
               struct sp_buf *complaints, int *ret_status, sigpolicy_error **err)
{
  cleanup_close int in = -1, out_read = -1, out_write = -1, said_read = -1, said_write = -1;

  int rc = make_input (input, &in, err);
  if (rc == 0)
    rc = make_pipe (&out_read, &out_write, err);
  if (rc == 0)
    rc = make_pipe (&said_read, &said_write, err);
  if (rc < 0)
    return rc;
  if (fcntl (out_read, F_SETFL, O_NONBLOCK) != 0 || fcntl (said_read, F_SETFL, O_NONBLOCK) != 0)
    return refused (err, errno, "fcntl");

  struct child child = { .in = in, .out = out_write, .complaints = said_write };
  rc = start (&child, program, err);
  if (rc < 0)
    return rc;
  (void)close (sp_steal_fd (&in));
  (void)close (sp_steal_fd (&out_write));
  (void)close (sp_steal_fd (&said_write));

  cleanup_close int pidfd = -1;
#ifdef SYS_pidfd_open
  pidfd = (int)syscall (SYS_pidfd_open, child.pid, 0);
#endif
  struct listening it = { .pid = child.pid,
                          .pidfd = pidfd,
                          .polls = { { .fd = out_read, .events = POLLIN },
                                     { .fd = said_read, .events = POLLIN },
                                     { .fd = pidfd, .events = POLLIN } },
                          .out = out,
                          .complaints = complaints };
  rc = listen_until_end (&it, ms, err);
  *ret_status = end (&it);
  sp_debug ("helper: %s " VERB ": %s", program,
            rc < 0             ? sigpolicy_error_message (*err)
            : *ret_status == 0 ? "it has answered"
                               : "it has failed");
  return rc;
}
