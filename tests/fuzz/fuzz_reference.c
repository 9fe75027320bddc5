/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "reference/reference.h"
#include "util/alloc.h"

#include <stdint.h>

/* The full form parses to itself, the familiar form to the same full form, and every part is within
 * its limits. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_reference struct sp_reference *reference = NULL, *again = NULL, *short_again = NULL;
  cleanup_error sigpolicy_error *err = NULL;

  if (sp_reference_parse (sp_view_n ((const char *)data, size), &reference, &err) < 0)
    return 0;
  if (strlen (reference->name) > 255 || (reference->tag && strlen (reference->tag) > 128)
      || sp_reference_parse_canonical (sp_view_str (reference->string), &again, &err) < 0
      || strcmp (again->string, reference->string) != 0)
    __builtin_trap ();
  cleanup_free char *familiar = sp_reference_familiar (reference, &err);
  if (!familiar)
    return 0;
  /* Some familiar names cannot be read back: 64 hex digits, and a first component that looks like a
   * domain. */
  struct sp_view first
      = sp_view_head (sp_view_str (familiar), sp_view_find (sp_view_str (familiar), '/'));
  if (strcmp (reference->domain, "docker.io") == 0
      && (strlen (familiar) == 64 || sp_view_is (first, "localhost")
          || (first.len < strlen (familiar) && sp_view_find (first, '.') != SP_VIEW_NONE)))
    return 0;
  if (sp_reference_parse (sp_view_str (familiar), &short_again, &err) < 0)
    __builtin_trap ();
  if (strcmp (short_again->string, reference->string) != 0)
    __builtin_trap ();
  return 0;
}
