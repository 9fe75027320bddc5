/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/* In a file of its own, so that a test program may have another main(), and another default. */

/* A sanitizer reads other processes' memory and writes where it likes, and so does what counts
 * which lines are reached, for which SANDBOX_OFF is defined. */
#if defined __has_feature
#  if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) \
      || __has_feature(memory_sanitizer)
#    define SANDBOX_OFF
#  endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined SANDBOX_OFF
const bool sandbox_by_default = false;
#else
const bool sandbox_by_default = true;
#endif

int
main (int argc, char **argv)
{
  return command_main (argc, argv);
}
