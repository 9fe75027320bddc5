/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/module.h"

/* The private module: GPGME behind openpgp/module.h. */

#define FUNCTION(name) .name = gpgme_##name,
__attribute__ ((visibility ("default"))) const struct sp_openpgp_module sp_openpgp_module
    = { .version = SP_OPENPGP_MODULE_VERSION, SP_GPGME_FUNCTIONS (FUNCTION) };
