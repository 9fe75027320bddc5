/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp.h"

/* The module of the build tree, in place of the installed one. */
const char sp_openpgp_module_path[] = ABS_BUILDDIR "/sigpolicy-openpgp.so";
const struct sp_openpgp_module *const sp_openpgp_linked = NULL;
