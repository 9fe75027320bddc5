/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_VERSION_H
#define SIGPOLICY_VERSION_H

/** @file Which release this is: of the headers, and of the library that runs. */

#include <sigpolicy/error.h>

#ifdef __cplusplus
extern "C"
{
#endif

/** Of the headers: 0x000100 is 0.1.0. */
#define SIGPOLICY_VERSION      0x000100U
#define SIGPOLICY_VERSION_TEXT "0.1.0"

  /** Of the library, as SIGPOLICY_VERSION and as "0.1.0". Threads: any. Since: 0.1. */
  SIGPOLICY_PUBLIC unsigned sigpolicy_version (void);
  SIGPOLICY_PUBLIC const char *sigpolicy_version_text (void);

  /** free(), for text that this library gave away "to free()", where a program has another
   * allocator; NULL is allowed. Threads: any. Since: 0.1. */
  SIGPOLICY_PUBLIC void sigpolicy_free (void *text);

#ifdef __cplusplus
}
#endif

#endif
