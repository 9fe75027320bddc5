/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULTS_ERRORS_H
#define TESTS_FAULTS_ERRORS_H

#include "interpose.h"

/* How each call can fail, ended by 0. */
extern const int *const fault_errors[N_CALLS];

#endif
