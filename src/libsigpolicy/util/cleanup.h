/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_UTIL_CLEANUP_H
#define SP_UTIL_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Owned locals release themselves: declare with cleanup_*, initialise at once, hand on with
 * steal(). */
#define SP_CLEANUP(function) __attribute__ ((cleanup (function)))

/* Take the pointer out of a variable, which keeps NULL: the only way out for an owned local. */
#define steal(pointer)                             \
  (__extension__({                                 \
    __typeof__ (*(pointer)) *sp_from_ = (pointer); \
    __typeof__ (*(pointer)) sp_taken_ = *sp_from_; \
    *sp_from_ = NULL;                              \
    sp_taken_;                                     \
  }))

/* Defines function_p, which takes the address of a variable, for use with SP_CLEANUP. */
#define SP_DEFINE_CLEANUP(type, function)          \
  static inline void function##_p (type *variable) \
  {                                                \
    if (*variable)                                 \
      function (*variable);                        \
  }                                                \
  struct sp_swallow_semicolon

static inline void
sp_free_p (void *variable)
{
  free (*(void **)variable);
}

static inline void
sp_close_p (int *fd)
{
  if (*fd >= 0)
    (void)close (*fd);
}

/* The same for a descriptor: the variable keeps -1. */
static inline int
sp_steal_fd (int *fd)
{
  int taken = *fd;
  *fd = -1;
  return taken;
}

#define cleanup_free  SP_CLEANUP (sp_free_p)
#define cleanup_close SP_CLEANUP (sp_close_p)

#endif
