/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What stands in for libFuzzer in an ordinary build: replays the corpus of a fuzz target, and cheap
 * mutations of each seed, which are the same in every run. One TAP test for each seed.
 *
 *   fuzz_X           replay tests/fuzz/corpus/X
 *   fuzz_X FILE...   run these files as they are, in this process: for a debugger
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEED_MAX     (4U << 20)
#define TRUNCATE_MAX 4096U
#define FLIPS        256U

/* A seed and all its mutations take milliseconds; this bounds a target that never returns. */
#define CPU_SECONDS 120

/* What the child is doing, for the parent that finds it dead. */
struct progress
{
  size_t runs;
  size_t size;
  const char *what; /* a literal: the same address in both */
  size_t position;
  uint8_t bytes[SEED_MAX];
};

static _Noreturn void
bail_out (const char *what, const char *name)
{
  printf ("Bail out! %s '%s': %s\n", what, name, strerror (errno));
  exit (99);
}

static char *
joined (const char *left, const char *between, const char *right)
{
  char *path = NULL;
  if (asprintf (&path, "%s%s%s", left, between, right) < 0)
    bail_out ("no memory for", right);
  return path;
}

static uint8_t *
read_seed (const char *path, size_t *ret_size)
{
  FILE *file = fopen (path, "rbe");
  if (!file)
    bail_out ("cannot open", path);
  uint8_t *bytes = malloc (SEED_MAX);
  if (!bytes)
    bail_out ("no memory for", path);
  size_t size = fread (bytes, 1, SEED_MAX, file);
  if (ferror (file) || fgetc (file) != EOF)
    bail_out ("cannot read (or too long)", path);
  fclose (file);
  *ret_size = size;
  return bytes;
}

/* The target gets memory of exactly this size, so that a sanitizer sees one byte too many. */
static void
run_once (struct progress *progress, const uint8_t *bytes, size_t size, const char *what,
          size_t position)
{
  progress->what = what;
  progress->position = position;
  memcpy (progress->bytes, bytes, size);
  progress->size = size;
  uint8_t *copy = malloc (size);
  if (!copy && size)
    bail_out ("no memory for", what);
  if (size)
    memcpy (copy, bytes, size);
  LLVMFuzzerTestOneInput (copy, size);
  free (copy);
  progress->runs++;
}

/* xorshift64*: the same sequence for the same name on every machine. */
static uint64_t
random_start (const char *name)
{
  uint64_t state = 14695981039346656037U;
  for (const char *p = name; *p; p++)
    state = (state ^ (uint8_t)*p) * 1099511628211U;
  return state | 1;
}

static size_t
random_below (uint64_t *state, size_t bound)
{
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (size_t)((*state * 2685821657736338717U) >> 16) % bound;
}

static void
run_all (struct progress *progress, const char *name, uint8_t *seed, size_t size)
{
  run_once (progress, seed, size, "mutation", 0);
  for (size_t n = 0; n < size && n <= TRUNCATE_MAX; n++)
    run_once (progress, seed, n, "truncated to", n);

  /* One bit, and every other time up to eight. */
  uint64_t state = random_start (name);
  for (size_t i = 0; i < FLIPS && size; i++)
    {
      size_t bits[8], n_bits = i % 2 ? 1 : 1 + i / 2 % 8;
      for (size_t k = 0; k < n_bits; k++)
        {
          bits[k] = random_below (&state, size * 8);
          seed[bits[k] / 8] = (uint8_t)(seed[bits[k] / 8] ^ (1U << bits[k] % 8));
        }
      run_once (progress, seed, size, "flipped bits, set", i);
      for (size_t k = 0; k < n_bits; k++)
        seed[bits[k] / 8] = (uint8_t)(seed[bits[k] / 8] ^ (1U << bits[k] % 8));
    }
}

/* Leave the input that ended the child where it can be run again. */
static void
keep_input (const struct progress *progress, const char *name)
{
  char *path = joined (program_invocation_name, "-failed-", name);
  FILE *file = fopen (path, "wbe");
  if (file && fwrite (progress->bytes, 1, progress->size, file) == progress->size)
    printf ("# run again: %s %s\n", program_invocation_name, path);
  if (file)
    fclose (file);
  free (path);
}

static void
replay (struct progress *progress, const char *directory, const char *name, size_t number)
{
  char *path = joined (directory, "/", name);
  size_t size = 0;
  uint8_t *seed = read_seed (path, &size);
  free (path);

  fflush (NULL);
  memset (progress, 0, offsetof (struct progress, bytes));
  pid_t child = fork ();
  if (child < 0)
    bail_out ("cannot fork for", name);
  if (child == 0)
    {
      struct rlimit cpu = { CPU_SECONDS, CPU_SECONDS }, core = { 0, 0 };
      if (setrlimit (RLIMIT_CPU, &cpu) < 0 || setrlimit (RLIMIT_CORE, &core) < 0)
        bail_out ("cannot set limits for", name);
      run_all (progress, name, seed, size);
      free (seed);
      exit (0);
    }
  free (seed);

  int status = 0;
  while (waitpid (child, &status, 0) < 0)
    if (errno != EINTR)
      bail_out ("cannot wait for", name);
  bool ok = WIFEXITED (status) && WEXITSTATUS (status) == 0;
  printf ("%s %zu - %s (%zu inputs)\n", ok ? "ok" : "not ok", number, name, progress->runs);
  if (!ok)
    {
      printf ("# %s %zu: %s %d\n", progress->what, progress->position,
              WIFSIGNALED (status) ? "signal" : "exit status",
              WIFSIGNALED (status) ? WTERMSIG (status) : WEXITSTATUS (status));
      keep_input (progress, name);
    }
}

static int
is_seed (const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

int
main (int argc, char **argv)
{
  struct progress *progress
      = mmap (NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (progress == MAP_FAILED)
    bail_out ("no memory for", "progress");

  for (int i = 1; i < argc; i++)
    {
      size_t size = 0;
      uint8_t *seed = read_seed (argv[i], &size);
      run_once (progress, seed, size, "mutation", 0);
      free (seed);
      printf ("%s: no fault\n", argv[i]);
    }
  if (argc > 1)
    return 0;

  /* fuzz_reference -> corpus/reference */
  const char *target = strchr (program_invocation_short_name, '_');
  const char *top = secure_getenv ("top_srcdir");
  /* Static, so that the leak checker of a child, which ends in the middle of this, finds them. */
  static char *directory;
  static struct dirent **seeds;
  directory = joined (top ? top : ".", "/tests/fuzz/corpus/", target ? target + 1 : "");
  int n_seeds = scandir (directory, &seeds, is_seed, alphasort);
  if (n_seeds <= 0)
    bail_out ("no seeds in", directory);

  printf ("1..%d\n", n_seeds);
  for (int i = 0; i < n_seeds; i++)
    {
      replay (progress, directory, seeds[i]->d_name, (size_t)i + 1);
      free (seeds[i]);
    }
  free (seeds);
  free (directory);
  munmap (progress, sizeof *progress);
  return 0;
}
