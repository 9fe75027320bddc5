/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "ask/context.h"
#include "model/bundle.h"
#include "model/trusted_root.h"
#include "util/limits.h"

#define DAY  ((sp_time)24 * 60 * 60)
#define SOON (30 * DAY)

/* x-sigpolicy-bundles of a section, by an image that it is about. */
int
sp_check_bundle_setting (struct sp_audit *audit, const struct sp_where *where, struct sp_view mode,
                         struct sp_view reference, sigpolicy_error **err)
{
  enum sp_bundle_mode known = SP_BUNDLES_OFF;
  const struct sp_item *item = NULL;
  size_t n_sigstore = 0, n_exact = 0;

  int rc = sp_audit_match (audit, reference, &item, NULL, err);
  if (rc < 0 || !item || !sp_bundle_mode_find (mode, &known) || known == SP_BUNDLES_OFF)
    return rc;
  for (size_t i = 0; i < item->scope->requirements.len; i++)
    {
      const struct sp_requirement *requirement = &item->scope->requirements.items[i];
      bool sigstore = requirement->type == SP_REQUIREMENT_SIGSTORE_SIGNED;
      n_sigstore += sigstore;
      n_exact += sigstore && sp_identity_needs_name (&requirement->identity);
    }
  struct sp_where found = *where;
  found.example = sp_audit_compose (audit, "docker://%.*s", (int)reference.len, reference.data);
  found.effect = n_sigstore ? SP_EFFECT_REJECTS : SP_EFFECT_NONE;
  if (!n_sigstore)
    sp_audit_find (audit, SP_RULE_BUNDLE_UNUSED, &found,
                   "bundles of docker://%s are read, but no requirement accepts one",
                   sp_audit_show (audit, reference));
  else if (known == SP_BUNDLES_DIGEST && n_exact)
    sp_audit_find (audit, SP_RULE_BUNDLE_EXACT_IDENTITY, &found,
                   "a bundle that states no name cannot satisfy the policy for docker://%s, which "
                   "requires a tag",
                   sp_audit_show (audit, reference));
  return 0;
}

/* --- the trusted root ------------------------------------------------------------------------- */

static sp_time
end_of (const struct sp_period *period)
{
  return period->has_end ? period->end : INT64_MAX;
}

/* Of an authority also its own certificate ends. */
static sp_time
end_of_authority (const struct sp_trusted_authority *authority)
{
  sp_time end = end_of (&authority->period);
  for (size_t i = 0; i < authority->chain.len; i++)
    if (authority->chain.items[i]->not_after < end)
      end = authority->chain.items[i]->not_after;
  return end;
}

/* The last day of the one that lasts longest of each kind; a kind without any has none. */
static void
check_ends (struct sp_audit *audit, const struct sp_where *where,
            const struct sp_trusted_root *root)
{
  const struct
  {
    const char *words;
    const struct sp_trusted_log *logs;
    const struct sp_trusted_authority *authorities;
    size_t len;
  } kinds[] = {
    { "logs", root->logs, NULL, root->n_logs },
    { "timestamp authorities", NULL, root->timestamp_authorities, root->n_timestamp_authorities },
    { "certificate authorities", NULL, root->authorities, root->n_authorities },
    { "certificate logs", root->ct_logs, NULL, root->n_ct_logs },
  };

  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    {
      char room[SP_TIME_TEXT_SIZE];
      sp_time last = INT64_MIN;
      for (size_t i = 0; i < kinds[k].len; i++)
        {
          sp_time end = kinds[k].logs ? end_of (&kinds[k].logs[i].period)
                                      : end_of_authority (&kinds[k].authorities[i]);
          last = end > last ? end : last;
        }
      if (kinds[k].len && last - audit->now < SOON)
        sp_audit_find (audit, SP_RULE_BUNDLE_ROOT_EXPIRING, where, "the last of the %s %s on %s",
                       kinds[k].words, last < audit->now ? "ended" : "ends",
                       sp_audit_day (last, room));
    }
}

int
sp_check_bundles (struct sp_audit *audit, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_TRUSTED_ROOT_BYTES_MAX);
  cleanup_trusted_root struct sp_trusted_root *root = NULL;
  cleanup_error sigpolicy_error *fault = NULL;
  const struct sp_where where = { .file = SP_TRUSTED_ROOT_PATH };
  bool is_there = false;

  int rc = audit->reads_files ? sp_audit_exists (audit, SP_TRUSTED_ROOT_PATH, &is_there, err) : 0;
  if (rc == 0 && is_there)
    rc = sp_audit_read (audit, SP_TRUSTED_ROOT_PATH, &text, &fault, err);
  if (rc < 0 || !is_there)
    return rc;
  if (!fault && sp_trusted_root_parse (sp_buf_view (&text), &root, &fault) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (fault)
    sp_audit_find (audit, SP_RULE_BUNDLE_ROOT_UNUSABLE, &where, "it cannot be used: %s",
                   SP_SHOW (audit, sigpolicy_error_message (fault)));
  else
    check_ends (audit, &where, root);
  return 0;
}
