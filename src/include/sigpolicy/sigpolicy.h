/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGPOLICY_SIGPOLICY_H
#define SIGPOLICY_SIGPOLICY_H

/** @file Everything of libsigpolicy. Each header can be included alone. */

#include <sigpolicy/audit.h>
#include <sigpolicy/bundle.h>
#include <sigpolicy/chart.h>
#include <sigpolicy/context.h>
#include <sigpolicy/diff.h>
#include <sigpolicy/edit.h>
#include <sigpolicy/error.h>
#include <sigpolicy/evaluate.h>
#include <sigpolicy/explain.h>
#include <sigpolicy/hook.h>
#include <sigpolicy/manifest.h>
#include <sigpolicy/policy.h>
#include <sigpolicy/report.h>
#include <sigpolicy/results.h>
#include <sigpolicy/sandbox.h>
#include <sigpolicy/signature.h>
#include <sigpolicy/store.h>
#include <sigpolicy/test.h>
#include <sigpolicy/trust.h>
#include <sigpolicy/verdict.h>
#include <sigpolicy/version.h>

#endif
