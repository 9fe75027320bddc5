/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULTS_COMMAND_H
#define TESTS_FAULTS_COMMAND_H

/* The command's main(), under another name. */
int sigpolicy_main (int argc, char **argv);

/* Scenarios that call the library: a name behind '@', and what follows it. */
int library_main (int argc, char **argv);

#endif
