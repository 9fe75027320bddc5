/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULTS_COMMAND_H
#define TESTS_FAULTS_COMMAND_H

#include <stdbool.h>

/* The command, of which this program has what is not its main(). */
int command_main (int argc, char **argv);

/* Whether it is confined unless it is told: its own choice is beside its main(). */
extern const bool sandbox_by_default;

/* Scenarios that call the library: a name behind '@', and what follows it. */
int library_main (int argc, char **argv);

#endif
