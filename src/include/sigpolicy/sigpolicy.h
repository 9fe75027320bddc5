/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_SIGPOLICY_H
#define SIGPOLICY_SIGPOLICY_H

/** @file Everything of libsigpolicy. Each header can be included alone. */

#include <sigpolicy/error.h>

#endif
