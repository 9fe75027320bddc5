/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a fuzz target is; 0. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* What must hold of any input. Where it does not, the process ends, with the place on the stack. */
static inline void
require (bool holds)
{
  if (!holds)
    __builtin_trap ();
}

#endif
