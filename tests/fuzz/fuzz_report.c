/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as an earlier report that the next one is compared with. What is read of it has a kind,
 * and can be printed; nothing is said to have changed but what is in one of the two alone, or says
 * otherwise. Beside what it says itself nothing has changed.
 */
#include "fuzz.h"

#include "report/report_int.h"
#include "util/codec.h"

static bool
is_printable (const char *text)
{
  for (; *text; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f)
      return false;
  return true;
}

static void
check_fact (const struct sp_report_fact *fact)
{
  require (fact->kind[0] && is_printable (fact->id) && is_printable (fact->summary));
}

static void
report_clear (struct sp_report *report)
{
  sp_report_facts_clear (&report->facts);
  sp_report_facts_clear (&report->earlier);
  free (report->changes);
  free (report->since);
}

/* What was read becomes what is now. */
static void
compare_with_itself (struct sp_report *report, struct sp_view text)
{
  SP_CLEANUP (report_clear) struct sp_report again = { 0 };
  cleanup_error sigpolicy_error *err = NULL;

  again.facts = report->earlier;
  report->earlier = (struct sp_report_facts){ 0 };
  require (sp_report_since (&again, text, "earlier.json", &err) == 0);
  require (again.n_changes == 0 && again.earlier.len == again.facts.len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  SP_CLEANUP (report_clear) struct sp_report report = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view text = sp_view_n ((const char *)data, size);

  int rc = sp_report_since (&report, text, "earlier.json", &err);
  require ((rc == 0) == !err);
  if (rc < 0)
    {
      require (rc == SIGPOLICY_E_CONFIG && !report.n_changes);
      return 0;
    }
  require (report.since && is_printable (report.since));
  require (report.n_changes == report.earlier.len);
  for (size_t i = 0; i < report.earlier.len; i++)
    check_fact (&report.earlier.items[i]);
  for (size_t i = 0; i < report.n_changes; i++)
    require (report.changes[i].before && !report.changes[i].after);
  compare_with_itself (&report, text);
  return 0;
}
