/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as a Content-Type. What it is read as is a type, in small letters, and read again the
 * same; parameters and blanks change nothing about it. */
#include "fuzz.h"

#include "sources/registry_int.h"

#include <stdint.h>

static char *
type_of (const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  char *type = sp_media_type (text, &err);
  require (type && !err);
  return type;
}

static void
check_same (const char *before, const char *type, const char *behind)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *text = sp_asprintf (&err, "%s%s%s", before, type, behind);
  require (text);
  cleanup_free char *again = type_of (text);
  require (strcmp (again, type) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL;

  if (size > 4096 || memchr (data, '\0', size))
    return 0;
  cleanup_free char *text = sp_view_dup (sp_view_n ((const char *)data, size), &err);
  require (text);
  cleanup_free char *type = type_of (text);
  if (!*type)
    return 0;
  for (const char *at = type; *at; at++)
    require (*at > ' ' && *at < 0x7f && !(*at >= 'A' && *at <= 'Z') && !strchr (";,\"", *at));
  check_same ("", type, "");
  check_same ("\t\u00a0", type, "\u2003;");
  check_same ("", type, "; q=1;Q=\"1\"");
  return 0;
}
