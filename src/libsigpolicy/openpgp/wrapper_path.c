/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp.h"

const char sp_openpgp_wrapper[] = PKGLIBEXECDIR "/gpg";
const char sp_openpgp_gpg[] = GPG_PATH;
