/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "audit/audit.h"

#include "model/policy.h"

#include <stdint.h>

/* What is printed of a finding may go to a terminal: it has no control characters. */
static void
check_text (const char *text)
{
  for (; text && *text; text++)
    if ((unsigned char)*text < ' ' || *text == '\x7f')
      __builtin_trap ();
}

/* A policy that its own parser refuses has a critical finding that says so, and no other has. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL, *fault = NULL;
  cleanup_audit_report struct sp_audit_report report = { 0 };
  cleanup_policy struct sp_policy *policy = NULL;
  struct sp_view text = sp_view_n ((const char *)data, size);
  size_t invalid = 0;

  bool refused = sp_policy_parse (text, NULL, &policy, &fault) < 0;
  if (sp_audit_text (text, &report, &err) < 0)
    __builtin_trap ();
  for (size_t i = 0; i < report.len; i++)
    {
      const struct sp_finding *finding = &report.items[i];
      if (!finding->message || !finding->fix || !finding->rule)
        __builtin_trap ();
      invalid += finding->effect == SP_EFFECT_INVALID
                 && finding->severity == SIGPOLICY_SEVERITY_CRITICAL;
      check_text (finding->message);
      check_text (finding->fix);
      check_text (finding->json_path);
      check_text (finding->scope);
      check_text (finding->example);
    }
  if (refused != (invalid > 0))
    __builtin_trap ();
  return 0;
}
