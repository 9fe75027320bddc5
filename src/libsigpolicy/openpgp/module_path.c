/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp.h"

/* What is linked statically opens no module, and has this one in it. */
#ifdef GPGME_IS_LINKED
#  include "openpgp/module.h"
const char sp_openpgp_module_path[] = "";
const struct sp_openpgp_module *const sp_openpgp_linked = &sp_openpgp_module;
#else
const char sp_openpgp_module_path[] = PKGLIBDIR "/sigpolicy-openpgp.so";
const struct sp_openpgp_module *const sp_openpgp_linked = NULL;
#endif
