/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs a command and measures it with everything that it starts, also what it leaves behind.
 *
 * usage: measure [-m] COMMAND [ARGUMENT]...
 *   prints  STATUS WALL-MICROSECONDS CPU-MICROSECONDS        CPU of the whole tree, user and system
 *   -m      STATUS OWN-KIB LARGEST-KIB PROCESSES             peak memory of the command's own
 *           process and of the largest in its tree, and how many processes that are
 *
 * STATUS is as a shell's; the command's standard output is dropped. Small and linked statically: a
 * process begins with the peak memory of the one that forked it, as wait4() counts it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Something that stays for ever, such as an agent, is not waited for. */
#define LEFT_BEHIND_SECONDS 5

static double
now (void)
{
  struct timespec at;
  (void)clock_gettime (CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static double
cpu (const struct rusage *usage)
{
  return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e6
         + (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

static int
status_of (int status)
{
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

static _Noreturn void
become (char **command, bool stopped)
{
  int null = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  if (stopped)
    (void)raise (SIGSTOP);
  if (null >= 0)
    (void)dup2 (null, STDOUT_FILENO);
  (void)execvp (command[0], command);
  perror (command[0]);
  _exit (127);
}

static int
measure_time (char **command)
{
  struct rusage usage;
  int status = 0, other;
  double start = now ();

  pid_t pid = fork ();
  if (pid == 0)
    become (command, false);
  if (pid < 0 || wait4 (pid, &status, 0, &usage) != pid)
    return 1;
  double wall = now () - start, used = cpu (&usage);
  /* We are the parent of what it left. */
  (void)alarm (LEFT_BEHIND_SECONDS);
  while (wait4 (-1, &other, 0, &usage) > 0)
    used += cpu (&usage);
  (void)printf ("%d %.0f %.0f\n", status_of (status), wall, used);
  return 0;
}

/* A field of /proc/PID/status, as a number; 0 when there is none. */
static long
field (pid_t pid, const char *name)
{
  char path[64], line[256];
  size_t length = strlen (name);
  long value = 0;

  (void)snprintf (path, sizeof path, "/proc/%ld/status", (long)pid);
  FILE *file = fopen (path, "re");
  if (!file)
    return 0;
  while (!value && fgets (line, sizeof line, file))
    if (strncmp (line, name, length) == 0 && line[length] == ':')
      value = strtol (line + length + 1, NULL, 10);
  (void)fclose (file);
  return value;
}

/* Each process is stopped as it ends, when its memory is still there to be asked for. */
static int
measure_memory (char **command)
{
  const unsigned long options = PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK
                                | PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL;
  int status, result = 1;
  long own = 0, largest = 0, processes = 0;
  pid_t one, pid = fork ();

  if (pid == 0)
    become (command, true);
  if (pid < 0 || waitpid (pid, &status, WUNTRACED) != pid || !WIFSTOPPED (status)
      || ptrace (PTRACE_SEIZE, pid, NULL, options) != 0)
    {
      perror ("measure: following the command");
      if (pid > 0)
        (void)kill (pid, SIGKILL);
      return 1;
    }
  (void)kill (pid, SIGCONT);
  (void)alarm (60);
  while ((one = waitpid (-1, &status, __WALL)) > 0)
    {
      if (!WIFSTOPPED (status))
        {
          if (one == pid)
            {
              result = status_of (status);
              (void)alarm (LEFT_BEHIND_SECONDS);
            }
          continue;
        }
      int event = status >> 16;
      if (event == PTRACE_EVENT_EXIT && field (one, "Tgid") == one)
        {
          long peak = field (one, "VmHWM");
          processes++;
          largest = peak > largest ? peak : largest;
          own = one == pid ? peak : own;
        }
      int number = WSTOPSIG (status);
      bool ours = event != 0 || number == SIGSTOP || number == SIGTRAP;
      (void)ptrace (PTRACE_CONT, one, NULL, ours ? 0L : (long)number);
    }
  (void)printf ("%d %ld %ld %ld\n", result, own, largest, processes);
  return 0;
}

static void
enough (int number)
{
  (void)number;
}

int
main (int argc, char **argv)
{
  bool memory = argc > 1 && strcmp (argv[1], "-m") == 0;
  struct sigaction action = { .sa_handler = enough };
  char **command = argv + (memory ? 2 : 1);

  if (argc < (memory ? 3 : 2))
    {
      (void)fputs ("usage: measure [-m] COMMAND [ARGUMENT]...\n", stderr);
      return 2;
    }
  (void)sigaction (SIGALRM, &action, NULL); /* without SA_RESTART: it ends the waiting */
  (void)prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  return memory ? measure_memory (command) : measure_time (command);
}
