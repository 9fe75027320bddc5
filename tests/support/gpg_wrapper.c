/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp.h"

/* The wrapper of the build tree, in place of the installed one; or a double that a test writes. */
#ifdef GPG_DOUBLE
const char sp_openpgp_wrapper[] = ABS_BUILDDIR "/tests/gpg-double";
const char sp_openpgp_gpg[] = ABS_BUILDDIR "/tests/gpg-double-itself";
#else
const char sp_openpgp_wrapper[] = ABS_BUILDDIR "/src/libexec/gpg";
const char sp_openpgp_gpg[] = GPG_PATH;
#endif
