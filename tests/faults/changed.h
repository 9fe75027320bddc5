/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULTS_CHANGED_H
#define TESTS_FAULTS_CHANGED_H

#include <stdbool.h>

/*
 * The file that a scenario changes, alone in its directory: put back before each run, and
 * afterwards either as it was or as it is to be, whole.
 */

/* As it was: before the first run. */
void changed_begin (const char *path);
/* Before each run. */
void changed_restore (void);
/* As it is to be: after a run in which nothing failed. */
void changed_keep (void);
/* After any other: what is wrong, or NULL. What succeeded has changed it; what did not may leave
 * what it had begun beside it, for the next to take over. */
const char *changed_problem (bool succeeded);

#endif
