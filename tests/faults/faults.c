/* SPDX-License-Identifier: Apache-2.0 */

/*
 * faults WORLD allocations|calls|signals
 *
 * Runs each scenario of WORLD/scenarios once as it is, and then again and again: with each
 * allocation failing, each call failing in each of its ways, or a signal at each of them. Whatever
 * fails: no acceptance and no other result unless it is the whole and right one, an exit status of
 * the table, no crash, no leak, no temporary file and no process left, and an end in good time.
 *
 * A line of WORLD/scenarios: NAME STATUS [VARIABLE=VALUE...] [@/DIRECTORY] [>FILE] [<FILE]
 * [=COMMAND] ARGUMENT..., fields separated by tabs. A command that begins with @ is one of
 * library.c; what is behind > is changed.
 *
 * FAULTS=full        each call, and each allocation of ours; of what a library allocates for itself
 *                    each distinct stack of callers. Otherwise each distinct stack once, and of
 *                    what a library does for itself a part
 * FAULTS_ONLY=NAME   one scenario (or those that begin so, NAME*)
 * FAULTS_SHOW=1      every failure with the stacks of its fault and leak
 */
#include "changed.h"
#include "command.h"
#include "errors.h"
#include "interpose.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What is interposed is asked about every file that is opened for writing, which a sandbox would
 * have refused first; scenarios with --sandbox are confined. */
const bool sandbox_by_default = false;

#define SCENARIOS_MAX 400
#define FIELDS_MAX    64
#define SECONDS_MAX   20 /* for one run */
#define FAILURES_MAX  12 /* shown of one scenario */
#define OUTPUT_MAX    (1U << 18)
#define SOME          20 /* the part of the libraries' own that is walked by default */

struct scenario
{
  char *name;
  int status;
  char *variables[8];
  char *directory, *input, *changed;
  char *argv[FIELDS_MAX + 1];
  int argc;
};

struct outcome
{
  int status; /* of wait(2) */
  bool late;
  char *output;
  size_t size;
  char complaints[600];
  char problem[400]; /* "" when there is none */
};

enum mode
{
  ALLOCATIONS,
  CALLS,
  SIGNALS,
};
static const char *const mode_names[] = { "allocations", "calls", "signals" };

static const char *world;
static char temporary[PATH_MAX];
static bool full, show;
static void *own_base; /* of the program, in memory */
static int output_fd, complaints_fd;
static unsigned long total;
static unsigned
    first_descriptors; /* open at the end when nothing fails: that which tells of signals */
static char output_buffer[OUTPUT_MAX], first_output[OUTPUT_MAX];

static _Noreturn void
bail_out (const char *what)
{
  dprintf (STDOUT_FILENO, "Bail out! %s: %s\n", what, strerror (errno));
  exit (99);
}

/* --- one run ---------------------------------------------------------------------------------- */

static volatile sig_atomic_t late;
static volatile pid_t current;

static void
on_alarm (int number)
{
  (void)number;
  late = 1;
  (void)kill (current, SIGKILL);
}

static bool
is_library (const struct scenario *scenario)
{
  return scenario->argv[0][0] == '@';
}

static _Noreturn void
be_tested (const struct scenario *scenario)
{
  int input = open (scenario->input ? scenario->input : "/dev/null", O_RDONLY);
  if (input < 0 || (scenario->directory && chdir (scenario->directory) != 0)
      || dup2 (input, STDIN_FILENO) < 0 || dup2 (output_fd, STDOUT_FILENO) < 0
      || dup2 (complaints_fd, STDERR_FILENO) < 0)
    _exit (99);
  (void)close (input);
  for (size_t i = 0; scenario->variables[i]; i++)
    if (putenv (scenario->variables[i]) != 0)
      _exit (99);
  (void)signal (SIGALRM, SIG_DFL);
  /* On the heap, as they are the process's own, and changed by getopt_long(). */
  char **argv = calloc (FIELDS_MAX + 1, sizeof *argv);
  if (!argv || atexit (faults_end) != 0)
    _exit (99);
  memcpy (argv, scenario->argv, sizeof scenario->argv);
  faults_begin ();
  int status = is_library (scenario) ? library_main (scenario->argc, argv)
                                     : command_main (scenario->argc, argv);
  exit (status);
}

/* Without opendir(), whose memory would stand in the arena of every run that follows, to be copied
 * and looked at there. */
static bool
is_empty (const char *path)
{
  _Alignas(struct dirent64) static char entries[4096];
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    bail_out (path);
  bool any = false;
  for (ssize_t got; !any && (got = getdents64 (fd, entries, sizeof entries)) != 0;)
    {
      if (got < 0)
        bail_out (path);
      for (ssize_t at = 0; at < got;)
        {
          const struct dirent64 *entry = (const void *)(entries + at);
          any |= strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0;
          at += entry->d_reclen;
        }
    }
  (void)close (fd);
  return !any;
}

/* What is in the temporary directory; removes it. */
static bool
left_in (const char *path, char *ret, size_t size)
{
  DIR *directory = opendir (path);
  struct dirent *entry;
  bool any = false;

  if (!directory)
    bail_out (path);
  while ((entry = readdir (directory)))
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      {
        char below[PATH_MAX];
        (void)snprintf (ret, size, "%s", entry->d_name);
        any = true;
        if (snprintf (below, sizeof below, "%s/%s", path, entry->d_name) >= (int)sizeof below)
          continue;
        if (unlink (below) != 0)
          {
            char ignored[256];
            (void)left_in (below, ignored, sizeof ignored);
            (void)rmdir (below);
          }
      }
  (void)closedir (directory);
  return any;
}

static void problem (struct outcome *outcome, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

static void
problem (struct outcome *outcome, const char *format, ...)
{
  size_t used = strlen (outcome->problem);
  va_list args;
  if (used && used + 2 < sizeof outcome->problem)
    {
      memcpy (outcome->problem + used, "; ", 3);
      used += 2;
    }
  va_start (args, format);
  (void)vsnprintf (outcome->problem + used, sizeof outcome->problem - used, format, args);
  va_end (args);
}

/* A file of proc(5), as text; how much it was. */
static ssize_t
read_file (const char *path, char *ret, size_t size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : read (fd, ret, size - 1);
  ret[got < 0 ? 0 : got] = '\0';
  if (fd >= 0)
    (void)close (fd);
  return got;
}

static void
read_back (int fd, char *buffer, size_t limit, size_t *ret_size)
{
  ssize_t size = pread (fd, buffer, limit - 1, 0);
  if (size < 0)
    bail_out ("reading what was written");
  buffer[size] = '\0';
  *ret_size = (size_t)size;
  if (ftruncate (fd, 0) != 0 || lseek (fd, 0, SEEK_SET) != 0)
    bail_out ("emptying what was written");
}

/* The first function of a stack that is neither ours nor libc's. */
static bool
is_in (const char *library, void **stack, int depth)
{
  for (int i = 0; i < depth; i++)
    {
      Dl_info info;
      if (dladdr (stack[i], &info) && info.dli_fname && info.dli_fbase != own_base
          && !strstr (info.dli_fname, "/libc.so"))
        return strstr (info.dli_fname, library) != NULL;
    }
  return false;
}

/* Command lines of the children that are left. */
static void
name_children (char *ret, size_t size)
{
  char path[64], pids[256], line[128];
  (void)snprintf (path, sizeof path, "/proc/self/task/%d/children", (int)getpid ());
  ssize_t got = read_file (path, pids, sizeof pids);
  char *save = NULL;
  ret[0] = '\0';
  for (char *pid = strtok_r (pids, " ", &save); got > 0 && pid; pid = strtok_r (NULL, " ", &save))
    {
      (void)snprintf (path, sizeof path, "/proc/%s/cmdline", pid);
      ssize_t length = read_file (path, line, sizeof line);
      for (ssize_t i = 0; i < length - 1; i++)
        if (!line[i])
          line[i] = ' ';
      size_t used = strlen (ret);
      (void)snprintf (ret + used, size - used, "%s%s", used ? ", " : "", line);
    }
}

/* Runs what is set in *faults. */
static void
run (const struct scenario *scenario, struct outcome *outcome)
{
  char name[256];
  size_t ignored;
  pid_t pid;
  int status = 0;

  memset (outcome, 0, sizeof *outcome);
  faults->processes = faults->fired = 0;
  faults->depth = faults->watched_depth = faults->crash_depth = 0;
  faults->leaks = faults->descriptors = 0;
  faults->leaked = 0;
  faults->spoken = -1;
  if (faults->recording)
    faults->n_allocations = faults->n_calls = 0;
  total++;
  changed_restore ();

  late = 0;
  pid = fork ();
  if (pid < 0)
    bail_out ("fork");
  if (pid == 0)
    be_tested (scenario);
  current = pid;
  (void)alarm (SECONDS_MAX);
  while (waitpid (pid, &outcome->status, 0) < 0)
    if (errno != EINTR)
      bail_out ("waiting");
  (void)alarm (0);
  outcome->late = late;
  if (late)
    problem (outcome, "not ended after %d seconds", SECONDS_MAX);

  /* Orphans come to us. One that runs was left behind, unless it is being killed. */
  bool signaled = WIFSIGNALED (outcome->status);
  while ((pid = waitpid (-1, &status, WNOHANG)) >= 0)
    {
      if (pid > 0)
        continue;
      char left[200];
      name_children (left, sizeof left);
      (void)alarm (SECONDS_MAX);
      late = 0;
      current = 0; /* our own process group would be no good */
      pid = waitpid (-1, &status, 0);
      (void)alarm (0);
      if (pid < 0)
        bail_out ("a process is left and does not end");
      /* Nothing cleans up behind SIGKILL, and the library takes no children that are not its own:
       * gpg then ends by itself, for want of a reader. */
      if (outcome->status != SIGKILL && !(signaled && WIFSIGNALED (status))
          && !is_library (scenario))
        problem (outcome, "a process was left behind: %s", left);
    }
  read_back (output_fd, output_buffer, sizeof output_buffer, &outcome->size);
  outcome->output = output_buffer;
  read_back (complaints_fd, outcome->complaints, sizeof outcome->complaints, &ignored);
  if (!is_empty (temporary) && left_in (temporary, name, sizeof name) && outcome->status != SIGKILL)
    problem (outcome, "'%s' is left in TMPDIR", name);
  if (signaled)
    return;
  if (faults->recording)
    first_descriptors
        = faults->descriptors ? faults->descriptors : 1; /* 0: it became another program */
  /* GPGME forgets the other pipes when it cannot make one or use it. */
  if (faults->descriptors > first_descriptors
      && !(faults->kind != FAULT_NONE && is_in ("/libgpgme.so", faults->stack, faults->depth)))
    problem (outcome, "%u descriptors are open", faults->descriptors - first_descriptors);
}

/* --- what is right ---------------------------------------------------------------------------- */

/* Words that only an acceptance has. */
static bool
accepts (const char *output)
{
  return strncmp (output, "accepted ", 9) == 0 || strstr (output, "\naccepted ")
         || strstr (output, "\"allowed\": true") || strstr (output, "\"allowed\":true")
         || strstr (output, "@sha256:") == output + strcspn (output, "@{} \n");
}

/* Of several images, some may have had their answer: each line that accepts is one of the right
 * ones. */
static bool
accepts_others (const char *output, const char *expected)
{
  for (const char *line = output; *line;)
    {
      size_t length = strcspn (line, "\n");
      char *copy = strndup (line, length);
      if (!copy)
        bail_out ("copying a line");
      bool other = accepts (copy) && !strstr (expected, copy);
      free (copy);
      if (other)
        return true;
      line += length + (line[length] == '\n');
    }
  return false;
}

/* Of what is only listed, or compared with another reader, the fault may be the answer. */
static bool
tells (const char *output, const char *expected)
{
  return (strstr (output, "would fail: ") && !strstr (expected, "would fail: "))
         || (strstr (output, "cannot be read: ") && !strstr (expected, "cannot be read: "))
         || (strstr (output, "  (error)\n") && !strstr (expected, "  (error)\n"));
}

/* Nobody reads on: what was written until then is the beginning of what is right. */
static bool
is_cut (const struct outcome *outcome, const char *expected)
{
  return faults->what == EPIPE && strncmp (outcome->output, expected, outcome->size) == 0;
}

/* Whose key it was is read when it is told, and is no part of the answer. */
static bool
lacks_signer (const char *output, const char *expected)
{
  static const char label[] = "\n  signer ";
  const char *right = strstr (expected, label), *told = strstr (output, label);
  if (!right || strncmp (output, expected, (size_t)(right - expected)) != 0)
    return false;
  const char *after = strchr (right + 1, '\n');
  const char *rest = told ? strchr (told + 1, '\n') : output + (right - expected);
  return after && rest && strcmp (after, rest) == 0;
}

static void
judge (const struct scenario *scenario, struct outcome *outcome, const char *expected, size_t size)
{
  bool whole = outcome->size == size && memcmp (outcome->output, expected, size) == 0;

  if (WIFSIGNALED (outcome->status))
    {
      int number = WTERMSIG (outcome->status);
      if (faults->what < FAULT_SIGNAL || number != faults->what - FAULT_SIGNAL)
        problem (outcome, "crash: %s", strsignal (number));
      else if (faults->spoken >= 0 && faults->spoken != (off_t)outcome->size)
        problem (outcome, "printed after the signal");
      return;
    }
  int status = WEXITSTATUS (outcome->status);
  if (status > 7)
    problem (outcome, "exit status %d", status);
  if (status == 0 && scenario->status != 0)
    problem (outcome, "exit status 0 instead of %d", scenario->status);
  /* Of a change, the file is the result: findings that are told beside it may be fewer. */
  if (status == 0 && !whole && !scenario->changed && !tells (outcome->output, expected)
      && !is_cut (outcome, expected) && !lacks_signer (outcome->output, expected))
    problem (outcome, "exit status 0, but another result");
  if (faults->kind == FAULT_NONE && status != scenario->status)
    problem (outcome, "exit status %d instead of %d", status, scenario->status);
  if (strstr (scenario->name, "several") || strstr (scenario->name, "batch")
          ? accepts_others (outcome->output, expected)
          : (status != 0 || scenario->status != 0) && accepts (outcome->output))
    problem (outcome, "exit status %d, but it says accepted", status);
}

/* The functions of a stack, by addr2line(1) for our own. */
static void
show_stack (const char *what, void **stack, int depth)
{
  for (int i = 0; i < depth; i++)
    {
      Dl_info info;
      char command[PATH_MAX];
      if (!dladdr (stack[i], &info) || !info.dli_fname)
        continue;
      size_t at = (size_t)((const char *)stack[i] - (const char *)info.dli_fbase);
      if (info.dli_fbase == own_base)
        (void)snprintf (command, sizeof command,
                        "addr2line -fpise /proc/%d/exe 0x%zx | sed 's/^/#     %s: /'",
                        (int)getpid (), at - 1, what);
      else
        (void)snprintf (command, sizeof command, "echo '#     %s: %s %s +0x%zx'", what,
                        info.dli_fname, info.dli_sname ? info.dli_sname : "?", at);
      (void)!system (command);
    }
}

static uint64_t *seen;
#define SEEN_MAX (1U << 22)

/* Is this the first with this key? */
static bool
first (uint64_t key)
{
  size_t at = (size_t)(key * 0x9e3779b97f4a7c15U >> 42) % SEEN_MAX;
  while (seen[at] && seen[at] != key)
    at = (at + 1) % SEEN_MAX;
  if (seen[at])
    return false;
  seen[at] = key;
  return true;
}

struct tally
{
  unsigned long runs, fired, excused;
  unsigned failures;
  char first[600]; /* of them, in words */
};

/* Libraries that have faults of their own when they run out of memory. */
static const char *const libraries[] = { "/libcrypto.so", "/libgpgme.so", "/libjson-c.so" };
#define N_LIBRARIES (sizeof libraries / sizeof *libraries)

/* The one whose call it was that failed; NULL when it was not one of theirs. */
static const char *
library_at_fault (void)
{
  for (size_t i = 0; i < N_LIBRARIES; i++)
    if (is_in (libraries[i], faults->stack, faults->depth))
      return libraries[i];
  return NULL;
}

/*
 * OpenSSL 3.0 does not survive each failure of its own start, when it is first asked for a digest,
 * and GPGME 1.18 not each of gpgme_new(): the process crashes within the library. That is no
 * acceptance, and nothing that we could prevent.
 */
static bool
is_excused (const struct outcome *outcome)
{
  /* A module's thread-local data is made when a thread first touches it: libc then ends the
   * process where there is no memory. */
  if (WIFEXITED (outcome->status) && WEXITSTATUS (outcome->status) == 127
      && strstr (outcome->complaints, "cannot allocate memory for thread-local data"))
    return true;
  const char *library = faults->kind == FAULT_ALLOCATION ? library_at_fault () : NULL;
  return WIFSIGNALED (outcome->status) && library && outcome->size == 0
         && is_in (library, faults->crash, faults->crash_depth);
}

/*
 * Libraries have leaks of their own when their memory runs out: what the same library allocated,
 * perhaps by libc's strdup(), that failed to allocate more.
 */
static bool
leaks_of_libraries (void)
{
  const char *library = library_at_fault ();
  Dl_info info;

  if (!library || faults->leaks > FAULT_LEAKS)
    return false;
  for (unsigned i = 0; i < faults->leaks; i++)
    if (!dladdr (faults->leak_caller[i], &info) || !info.dli_fname
        || !(strstr (info.dli_fname, library) || strstr (info.dli_fname, "/libc.so")))
      return false;
  return true;
}

static void
describe (char *text, size_t size)
{
  const char *name = faults->kind == FAULT_CALL ? "call" : "allocation";
  char way[64];
  if (faults->what >= FAULT_SIGNAL)
    (void)snprintf (way, sizeof way, "SIG%s", sigabbrev_np (faults->what - FAULT_SIGNAL));
  else if (faults->what == FAULT_SHORT || faults->what == FAULT_END)
    (void)snprintf (way, sizeof way, faults->what == FAULT_END ? "end" : "short");
  else
    (void)snprintf (way, sizeof way, "%s", strerrorname_np (faults->what) ?: "?");
  (void)snprintf (text, size, "%s %u of process %u%s: %s", name, faults->at, faults->process,
                  faults->persistent ? " and all that follow" : "", way);
}

static void
try (const struct scenario *scenario, size_t size, struct tally *tally, const char *name)
{
  struct outcome outcome;
  char fault[128];

  run (scenario, &outcome);
  tally->runs++;
  tally->fired += faults->fired > 0;
  if (is_excused (&outcome))
    {
      tally->excused++;
      return;
    }
  if (faults->leaks && !leaks_of_libraries ())
    problem (&outcome, "%u leaks of %zu bytes", faults->leaks, faults->leaked);
  judge (scenario, &outcome, first_output, size);
  const char *changed = changed_problem (outcome.status == 0);
  if (changed)
    problem (&outcome, "%s", changed);
  if (!outcome.problem[0])
    return;
  describe (fault, sizeof fault);
  if (!tally->failures)
    (void)snprintf (tally->first, sizeof tally->first, "%s %s: %s", name, fault, outcome.problem);
  if (tally->failures++ >= FAILURES_MAX && !show)
    return;
  for (char *at = outcome.complaints; *at; at++)
    if (*at == '\n')
      *at = '|';
  dprintf (STDOUT_FILENO, "# %s: %s %s: %s (status %x) %.300s\n", scenario->name, name, fault,
           outcome.problem, (unsigned)outcome.status, outcome.complaints);
  if (!show)
    return;
  show_stack ("fault", faults->stack, faults->depth);
  show_stack ("crash", faults->crash, faults->crash_depth);
  if (faults->leaks)
    {
      faults->watch = faults->leak[0];
      run (scenario, &outcome);
      faults->watch = 0;
      show_stack ("leak", faults->watched, faults->watched_depth);
    }
}

/* --- the walks -------------------------------------------------------------------------------- */

/* Is it a library's own? libc's, such as strdup(), is its caller's. */
static bool
is_foreign (const struct fault_site *site)
{
  Dl_info info;
  return dladdr (site->caller, &info) && info.dli_fbase != own_base && info.dli_fname
         && !strstr (info.dli_fname, "/libc.so");
}

static void
walk_allocations (const struct scenario *scenario, size_t size, struct tally *tally)
{
  unsigned n = faults->n_allocations < FAULT_SITES_MAX ? faults->n_allocations : FAULT_SITES_MAX;
  faults->kind = FAULT_ALLOCATION;
  faults->process = 0;
  faults->what = ENOMEM;
  for (unsigned i = 0; i < n; i++)
    {
      const struct fault_site *site = &faults->allocations[i];
      /* Most are not the first of their stack, and whose they are takes time to find. */
      if (!full && !first (site->stack | 1))
        continue;
      bool foreign = is_foreign (site);
      if (foreign && (full ? !first (site->stack | 1) : site->at % SOME != 0))
        continue;
      faults->at = site->at;
      for (int persistent = 0; persistent < 2; persistent++)
        {
          /* Memory that is gone for good is tried with some of them. */
          if (persistent && !full && faults->at % (2 * SOME))
            continue;
          faults->persistent = persistent;
          try (scenario, size, tally, "malloc");
        }
    }
  faults->persistent = false;
}

/*
 * GPGME reads pipes and sockets alone. Those give none of the errors that others do, and GPGME
 * (1.18 to 2.1) survives none: it goes on with a buffer of -1 bytes.
 */
static bool
may_happen (const struct fault_site *site, int error)
{
  Dl_info info;
  return site->call != CALL_read || !dladdr (site->caller, &info) || !info.dli_fname
         || !strstr (info.dli_fname, "/libgpgme.so") || error == EINTR || error == FAULT_SHORT;
}

static void
walk_calls (const struct scenario *scenario, size_t size, struct tally *tally)
{
  unsigned n = faults->n_calls < FAULT_SITES_MAX ? faults->n_calls : FAULT_SITES_MAX;
  faults->kind = FAULT_CALL;
  for (unsigned i = 0; i < n; i++)
    {
      const struct fault_site *site = &faults->calls[i];
      const int *errors = fault_errors[site->call];
      size_t n_errors = 0;
      while (errors[n_errors])
        n_errors++;
      bool foreign = is_foreign (site);
      faults->process = site->process;
      faults->at = site->at;
      faults->call = site->call;
      faults->caller = site->caller;
      for (size_t error = 0; error < n_errors; error++)
        {
          if (!may_happen (site, errors[error]))
            continue;
          if (!full
              && ((foreign && error * SOME / 2 != site->at % (n_errors * SOME / 2))
                  || !first ((site->stack ^ (uint64_t)errors[error] << 40) | 1)))
            continue;
          faults->what = errors[error];
          try (scenario, size, tally, fault_call_names[site->call]);
        }
    }
}

/* xorshift64*: the same numbers for a scenario in every run. */
static uint64_t random_state;
static unsigned
random_below (unsigned bound)
{
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return (unsigned)((random_state * 2685821657736338717U) >> 33) % bound;
}

/* The library handles no signals: that is its user's. */
static void
walk_signals (const struct scenario *scenario, size_t size, struct tally *tally)
{
  static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGKILL };
  unsigned n_calls = 0, n = is_library (scenario) ? 0 : full ? 400 : 4;

  random_state = 0x5a175a175a175a17U;
  for (const char *at = scenario->name; *at; at++)
    random_state = (random_state ^ (unsigned char)*at) * 1099511628211U;
  faults->process = 0;
  for (unsigned i = 0; i < faults->n_calls && i < FAULT_SITES_MAX; i++)
    if (faults->calls[i].process == 0)
      n_calls = faults->calls[i].order;
  for (unsigned i = 0; i < n; i++)
    {
      bool call = i % 4 != 0;
      faults->kind = call ? FAULT_CALL : FAULT_ALLOCATION;
      faults->at = 1 + random_below (call ? n_calls : faults->n_allocations);
      faults->what = FAULT_SIGNAL + numbers[random_below (4)];
      try (scenario, size, tally, "at");
    }
}

/* --- scenarios -------------------------------------------------------------------------------- */

static bool
parse (char *line, struct scenario *ret)
{
  char *save = NULL, *field = strtok_r (line, "\t\n", &save);

  memset (ret, 0, sizeof *ret);
  if (!field || field[0] == '#')
    return false;
  ret->name = field;
  field = strtok_r (NULL, "\t\n", &save);
  ret->status = field ? atoi (field) : 0;
  ret->argv[0] = (char *)"sigpolicy"; /* NOLINT */
  ret->argc = 1;
  size_t n_variables = 0;
  while ((field = strtok_r (NULL, "\t\n", &save)))
    {
      if (ret->argc == 1 && field[0] == '<')
        ret->input = field + 1;
      else if (ret->argc == 1 && field[0] == '>')
        ret->changed = field + 1;
      else if (ret->argc == 1 && strncmp (field, "@/", 2) == 0)
        ret->directory = field + 1;
      else if (ret->argc == 1 && field[0] == '=')
        ret->argv[0] = field + 1;
      else if (ret->argc == 1 && field[0] != '-' && strchr (field, '=') && n_variables < 7)
        ret->variables[n_variables++] = field;
      else if (ret->argc < FIELDS_MAX)
        ret->argv[ret->argc++] = field;
    }
  return true;
}

static bool
is_wanted (const char *name)
{
  const char *only = secure_getenv ("FAULTS_ONLY");
  size_t length = only ? strlen (only) : 0;
  if (!length)
    return true;
  return only[length - 1] == '*' ? strncmp (name, only, length - 1) == 0 : strcmp (name, only) == 0;
}

static bool
walk (const struct scenario *scenario, enum mode mode, unsigned number)
{
  struct outcome outcome;
  struct tally tally = { 0 };
  struct timespec from, to;

  (void)clock_gettime (CLOCK_MONOTONIC, &from);
  faults->kind = FAULT_NONE;
  faults->what = 0;
  faults->recording = true;
  faults->foreign_frames = full ? FAULT_DEPTH : 2;
  changed_begin (scenario->changed);
  faults->n_modules = 0;
  faults->stacks = FAULT_NONE;
  run (scenario, &outcome);
  /* What it opens is there already in the runs that follow. To find the callers takes longer than
   * the rest. */
  bool opened = false;
  for (unsigned i = 0, n = faults->n_modules; i < n; i++)
    opened |= dlopen (faults->modules[i], RTLD_NOW | RTLD_LOCAL) != NULL;
  faults->stacks = mode == ALLOCATIONS ? FAULT_ALLOCATION : mode == CALLS ? FAULT_CALL : FAULT_NONE;
  if (opened || faults->stacks != FAULT_NONE)
    run (scenario, &outcome);
  changed_keep ();
  faults->recording = false;
  size_t size = outcome.size;
  memcpy (first_output, outcome.output, size + 1);
  judge (scenario, &outcome, first_output, size);
  if (faults->leaks)
    problem (&outcome, "%u leaks of %zu bytes", faults->leaks, faults->leaked);
  if (outcome.problem[0])
    {
      dprintf (STDOUT_FILENO, "not ok %u - %s\n# without a fault: %s\n# %s\n# %s\n", number,
               scenario->name, outcome.problem, outcome.output, outcome.complaints);
      return false;
    }
  if (mode == ALLOCATIONS)
    walk_allocations (scenario, size, &tally);
  else if (mode == CALLS)
    walk_calls (scenario, size, &tally);
  else
    walk_signals (scenario, size, &tally);
  (void)clock_gettime (CLOCK_MONOTONIC, &to);
  double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
  dprintf (STDOUT_FILENO, "%s %u - %s: %lu runs, %lu faults", tally.failures ? "not ok" : "ok",
           number, scenario->name, tally.runs, tally.fired);
  if (tally.failures)
    dprintf (STDOUT_FILENO, ", %u failures, the first: %s", tally.failures, tally.first);
  if (tally.excused)
    dprintf (STDOUT_FILENO, ", %lu crashes within libraries", tally.excused);
  dprintf (STDOUT_FILENO, "\n# %u allocations, %u calls; %.1f s\n", faults->n_allocations,
           faults->n_calls, seconds);
  return !tally.failures;
}

int
main (int argc, char **argv)
{
  char path[PATH_MAX], *line = NULL;
  size_t room = 0;
  int mode = -1;

  for (int i = 0; argc == 3 && i < 3; i++)
    if (strcmp (argv[2], mode_names[i]) == 0)
      mode = i;
  if (mode < 0)
    {
      dprintf (STDERR_FILENO, "usage: faults WORLD allocations|calls|signals\n");
      return 2;
    }
  world = argv[1];
  full = secure_getenv ("FAULTS") && strcmp (secure_getenv ("FAULTS"), "full") == 0;
  show = secure_getenv ("FAULTS_SHOW") != NULL;
  Dl_info own;
  own_base = dladdr (mode_names, &own) ? own.dli_fbase : NULL;
  faults = mmap (NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  seen = mmap (NULL, SEEN_MAX * sizeof *seen, PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  output_fd = memfd_create ("output", MFD_CLOEXEC);
  complaints_fd = memfd_create ("complaints", MFD_CLOEXEC);
  (void)snprintf (temporary, sizeof temporary, "%s/%s", world, mode_names[mode]);
  (void)snprintf (path, sizeof path, "%s/scenarios", world);
  struct rlimit core = { 0, 0 };
  struct sigaction action = { .sa_handler = on_alarm };
  FILE *file = fopen (path, "re");
  if (faults == MAP_FAILED || seen == MAP_FAILED || output_fd < 0 || complaints_fd < 0 || !file
      || prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 || setrlimit (RLIMIT_CORE, &core) != 0
      || mkdir (temporary, 0700) != 0 || setenv ("TMPDIR", temporary, 1) != 0
      || sigaction (SIGALRM, &action, NULL) != 0)
    bail_out (path);

  /* Read whole first: a fork that ends moves the position of a file that it shares. */
  static struct scenario scenarios[SCENARIOS_MAX];
  unsigned n_scenarios = 0;
  for (; getline (&line, &room, file) > 0; line = NULL, room = 0)
    if (n_scenarios == SCENARIOS_MAX)
      bail_out ("too many scenarios");
    else if (parse (line, &scenarios[n_scenarios]) && is_wanted (scenarios[n_scenarios].name))
      n_scenarios++;
  (void)fclose (file);
  bool fine = true;
  for (unsigned i = 0; i < n_scenarios; i++)
    fine &= walk (&scenarios[i], (enum mode)mode, i + 1);
  dprintf (STDOUT_FILENO, "1..%u\n# %lu runs\n", n_scenarios, total);
  return !fine || !n_scenarios;
}
