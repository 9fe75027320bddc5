/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The allocator of the process under test. It never uses memory twice: what was freed is
 * overwritten and looked at again at the end, realloc() always moves, each piece ends with bytes
 * that nobody may change, and what nothing refers to at the end is a leak.
 */
#undef _FORTIFY_SOURCE /* its inline functions have the names that are defined here */
#include "interpose.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARENA_BYTES  ((size_t)4 << 30)
#define MAGIC        0x5a17c0deU
#define POISON       0xdb
#define FRESH        0xa5
#define GUARD        0x5e
#define GUARD_BYTES  16
#define COLOUR_BYTES 4096 /* so much of a piece is painted and looked at */

struct piece
{
  _Alignas(16) size_t size;
  size_t total;
  const void *caller;
  unsigned number; /* counted from 1 */
  unsigned magic;
  bool live, reached;
};

_Static_assert(sizeof (struct piece) % 16 == 0, "what follows is aligned");

static char *arena;
static atomic_size_t used;
static atomic_uint count;

__attribute__ ((constructor (101))) static void
make_arena (void)
{
  if (arena)
    return;
  arena = mmap (NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (arena == MAP_FAILED)
    _exit (99);
}

static _Noreturn void
corrupted (const char *what)
{
  static const char prefix[] = "faults: ", suffix[] = "\n";
  (void)!write (STDERR_FILENO, prefix, sizeof prefix - 1);
  (void)!write (STDERR_FILENO, what, strlen (what));
  (void)!write (STDERR_FILENO, suffix, sizeof suffix - 1);
  abort ();
}

static char *
bytes_of (struct piece *piece)
{
  return (char *)(piece + 1);
}

static bool
is_all (const char *bytes, size_t size, unsigned char byte)
{
  return !size || ((unsigned char)bytes[0] == byte && memcmp (bytes, bytes + 1, size - 1) == 0);
}

static size_t
coloured (size_t size)
{
  return size < COLOUR_BYTES ? size : COLOUR_BYTES;
}

static void *
take (size_t alignment, size_t size, bool zero, const void *caller)
{
  if (!arena)
    make_arena ();
  if (faults_allocation (caller) || size > ARENA_BYTES / 4)
    {
      errno = ENOMEM;
      return NULL;
    }
  size_t pad = alignment > 16 ? alignment : 0;
  size_t total = (sizeof (struct piece) + size + GUARD_BYTES + pad + 15) & ~(size_t)15;
  size_t at = atomic_fetch_add (&used, total);
  if (at + total > ARENA_BYTES)
    corrupted ("the arena is full");
  /* An aligned piece stands in a longer one that begins earlier. */
  struct piece *piece = (struct piece *)(void *)(arena + at);
  if (pad)
    {
      uintptr_t wanted = ((uintptr_t)(piece + 1) + pad - 1) & ~(uintptr_t)(pad - 1);
      size_t skip = wanted - (uintptr_t)(piece + 1);
      if (skip)
        {
          if (skip < sizeof *piece)
            corrupted ("an alignment below the size of a header");
          *piece = (struct piece){ .total = skip, .magic = MAGIC };
          piece = (struct piece *)(void *)((char *)piece + skip);
          total -= skip;
        }
    }
  *piece = (struct piece){ .size = size,
                           .total = total,
                           .magic = MAGIC,
                           .live = true,
                           .caller = caller,
                           .number = atomic_fetch_add (&count, 1) + 1 };
  memset (bytes_of (piece) + size, GUARD, GUARD_BYTES);
  if (!zero) /* pages are fresh: zero */
    memset (bytes_of (piece), FRESH, coloured (size));
  if (faults && faults->watch == piece->number)
    faults->watched_depth = faults_stack (faults->watched, FAULT_DEPTH);
  return bytes_of (piece);
}

static struct piece *
find (void *memory)
{
  struct piece *piece = (struct piece *)memory - 1;
  if (piece->magic != MAGIC)
    corrupted ("what is freed was not allocated");
  if (!piece->live)
    corrupted ("freed twice");
  if (!is_all (bytes_of (piece) + piece->size, GUARD_BYTES, GUARD))
    corrupted ("written behind the end");
  return piece;
}

/* The loader's own, from before there was an arena. */
static bool
is_ours (const void *memory)
{
  return arena && (const char *)memory >= arena && (const char *)memory < arena + ARENA_BYTES;
}

void *
malloc (size_t size)
{
  return take (16, size, false, __builtin_return_address (0));
}

void *
calloc (size_t n, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow (n, size, &bytes))
    {
      errno = ENOMEM;
      return NULL;
    }
  return take (16, bytes, true, __builtin_return_address (0));
}

void
free (void *memory)
{
  if (!is_ours (memory))
    return;
  struct piece *piece = find (memory);
  piece->live = false;
  memset (bytes_of (piece), POISON, coloured (piece->size));
}

void *
realloc (void *memory, size_t size)
{
  if (memory && !is_ours (memory))
    corrupted ("the loader's memory is reallocated");
  if (memory && !size)
    {
      free (memory);
      return NULL;
    }
  void *moved = take (16, size, false, __builtin_return_address (0));
  if (moved && memory)
    {
      size_t old = find (memory)->size;
      memcpy (moved, memory, old < size ? old : size);
      free (memory);
    }
  return moved;
}

void *
reallocarray (void *memory, size_t n, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow (n, size, &bytes))
    {
      errno = ENOMEM;
      return NULL;
    }
  return realloc (memory, bytes);
}

void *
memalign (size_t alignment, size_t size)
{
  return take (alignment, size, false, __builtin_return_address (0));
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return take (alignment, size, false, __builtin_return_address (0));
}

int
posix_memalign (void **ret, size_t alignment, size_t size)
{
  void *memory = take (alignment, size, false, __builtin_return_address (0));
  if (!memory)
    return ENOMEM;
  *ret = memory;
  return 0;
}

size_t
malloc_usable_size (void *memory)
{
  return memory ? find (memory)->size : 0;
}

/* --- leaks ------------------------------------------------------------------------------------ */

#define PIECES_MAX 400000
static struct piece *pieces[PIECES_MAX], *pending[PIECES_MAX];
static size_t n_pieces, n_pending;
static char maps[1 << 18];

unsigned
allocations_mark (void)
{
  return atomic_load (&count);
}

static void
reach (uintptr_t word)
{
  size_t low = 0, high = n_pieces;
  while (high - low > 1)
    {
      size_t middle = (low + high) / 2;
      if ((uintptr_t)pieces[middle] <= word)
        low = middle;
      else
        high = middle;
    }
  struct piece *piece = n_pieces ? pieces[low] : NULL;
  if (!piece || piece->reached || word < (uintptr_t)(piece + 1)
      || word > (uintptr_t)(piece + 1) + piece->size)
    return;
  piece->reached = true;
  pending[n_pending++] = piece;
}

static void
scan (const char *from, const char *to)
{
  const uintptr_t first = (uintptr_t)arena, size = atomic_load (&used);
  for (const uintptr_t *word = (const uintptr_t *)(const void *)from;
       (const char *)(word + 1) <= to; word++)
    if (*word - first < size)
      reach (*word);
}

static bool
overlaps (const char *from, const char *to, const void *what, size_t size)
{
  return from < (const char *)what + size && to > (const char *)what;
}

/* Everything that can be written but the arena, what is shared with our parent, and these lists;
 * of our own stack, the part that is in use. */
static void
scan_roots (void)
{
  const char *here = __builtin_frame_address (0);
  size_t size = 0;
  int fd = open ("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    _exit (99);
  for (ssize_t got;
       size < sizeof maps - 1 && (got = read (fd, maps + size, sizeof maps - 1 - size)) > 0;)
    size += (size_t)got;
  (void)close (fd);
  for (char *line = maps, *next; line && *line; line = next)
    {
      next = strchr (line, '\n');
      if (next)
        *next++ = '\0';
      char *end = NULL;
      const char *from = (const char *)strtoul (line, &end, 16); /* NOLINT */
      const char *to = (const char *)strtoul (end + 1, &end, 16);
      if (end[1] != 'r' || end[2] != 'w' || end[4] == 's' || overlaps (from, to, arena, 1))
        continue;
      if (here >= from && here < to)
        from = here;
      if (overlaps (from, to, pieces, sizeof pieces))
        {
          /* the two lists stand side by side with everything else that begins as zeros */
          const char *first = (const char *)pieces < (const char *)pending ? (const char *)pieces
                                                                           : (const char *)pending;
          const char *second
              = first == (const char *)pieces ? (const char *)pending : (const char *)pieces;
          scan (from, first);
          scan (first + sizeof pieces, second);
          from = second + sizeof pieces;
        }
      scan (from, to);
    }
}

void
allocations_leaks (unsigned since, struct faults *ret)
{
  char *end = arena + atomic_load (&used);

  for (char *at = arena; at < end;)
    {
      struct piece *piece = (struct piece *)(void *)at;
      if (piece->magic != MAGIC)
        corrupted ("a header is overwritten");
      if (piece->number && piece->live)
        {
          if (n_pieces == PIECES_MAX)
            corrupted ("too many pieces");
          pieces[n_pieces++] = piece;
          (void)find (piece + 1);
        }
      else if (piece->number && !is_all (bytes_of (piece), coloured (piece->size), POISON))
        corrupted ("written after it was freed");
      at += piece->total;
    }
  scan_roots ();
  while (n_pending)
    {
      struct piece *piece = pending[--n_pending];
      scan (bytes_of (piece), bytes_of (piece) + piece->size);
    }
  for (size_t i = 0; i < n_pieces; i++)
    if (pieces[i]->number > since && !pieces[i]->reached)
      {
        if (ret->leaks < FAULT_LEAKS)
          {
            ret->leak[ret->leaks] = pieces[i]->number;
            ret->leak_caller[ret->leaks] = pieces[i]->caller;
          }
        ret->leaks++;
        ret->leaked += pieces[i]->size;
      }
}
