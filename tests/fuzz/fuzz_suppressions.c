/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "audit/audit.h"

#include <stdint.h>

/* A suppression has a rule that there is and a reason, all of its text is within the file, and what
 * is no baseline is none: neither takes anything from an empty report. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL, *no_baseline = NULL;
  cleanup_audit_report struct sp_audit_report report = { 0 };
  struct sp_suppressions list = { 0 };
  struct sp_view text = sp_view_n ((const char *)data, size);

  int rc = sp_suppressions_parse (text, "file", &list, &err);
  for (size_t i = 0; rc == 0 && i < list.len; i++)
    {
      const struct sp_suppression *one = &list.items[i];
      if (!one->rule.len || !one->reason.len || one->reason.data < text.data
          || one->reason.data + one->reason.len > text.data + text.len
          || (one->scope.data && one->scope.data + one->scope.len > text.data + text.len))
        __builtin_trap ();
    }
  if (rc == 0 && sp_audit_suppress (&report, &list, "file", &err) < 0)
    __builtin_trap ();
  if (rc == 0 && (report.n_suppressed || report.len != list.len))
    __builtin_trap ();
  sp_suppressions_clear (&list);
  if (rc < 0 && sigpolicy_error_line (err) == 0)
    __builtin_trap ();
  size_t before = report.len;
  if (sp_audit_apply_baseline (&report, text, &no_baseline) == 0
      && report.len + report.n_known != before)
    __builtin_trap ();
  return 0;
}
