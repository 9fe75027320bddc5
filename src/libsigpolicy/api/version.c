/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <sigpolicy/version.h>

_Static_assert(__builtin_strcmp (SIGPOLICY_VERSION_TEXT, PACKAGE_VERSION) == 0,
               "version.h has the version of configure.ac");

unsigned
sigpolicy_version (void)
{
  return SIGPOLICY_VERSION;
}

const char *
sigpolicy_version_text (void)
{
  return SIGPOLICY_VERSION_TEXT;
}

void
sigpolicy_free (void *text)
{
  free (text);
}
