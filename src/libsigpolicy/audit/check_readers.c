/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

/* The same host as readers before and from 5.40 on see it: what they disagree about is found out by
 * the code that finds and reads for either of them. */

struct sp_reader
sp_audit_reader (const struct sp_audit *audit, enum sp_generation generation)
{
  struct sp_reader reader = audit->reader;
  reader.generation = generation;
  if (audit->options->root)
    reader.home = "/root";
  return reader;
}

/* --- the policy ------------------------------------------------------------------------------- */

static int
check_policy (struct sp_audit *audit, sigpolicy_error **err)
{
  const struct sp_reader old = sp_audit_reader (audit, SP_GENERATION_OLD),
                         new = sp_audit_reader (audit, SP_GENERATION_5_40);
  cleanup_reader_choice struct sp_reader_choice before = { 0 }, after = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_reader_choose (&old, SP_CONFIG_POLICY, NULL, &before, &fault);
  if (rc == 0)
    rc = sp_reader_choose (&new, SP_CONFIG_POLICY, NULL, &after, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc == SIGPOLICY_E_CONFIG)
    {
      const struct sp_where where = { .file = sigpolicy_error_file (fault) };
      sp_audit_find (
          audit, SP_RULE_POLICY_UNREADABLE_SKIPPED, &where,
          "tools up to 5.39 (podman 5) skip this file, and those from 5.40 on (podman 6) fail: %s",
          strerror (sp_error_errnum (fault)));
    }
  if (rc < 0 || !after.file || (before.file && strcmp (before.file, after.file) == 0))
    return 0;
  /* Where there is no other than the vendor's, policy-needs-newer-reader says so. */
  if (before.file)
    {
      const char *fix = sp_audit_compose (audit, "make %s the same as %s, or remove it", after.file,
                                          before.file);
      const struct sp_where where = { .file = after.file, .fix = fix };
      sp_audit_find (audit, SP_RULE_POLICY_DIFFERS_BY_READER, &where,
                     "tools up to 5.39 (podman 5) read %s, and those from 5.40 on (podman 6) %s",
                     SP_SHOW (audit, before.file), SP_SHOW (audit, after.file));
    }
  return 0;
}

/* --- registries ------------------------------------------------------------------------------- */

/* Where the signatures of an item's example are, to either of them. *ret_differ is set where that
 * is not the same. */
static int
compare_item (struct sp_audit *audit, const struct sp_item *item,
              const struct sp_registries_d *before, const struct sp_registries_d *after,
              bool *ret_differ, sigpolicy_error **err)
{
  static const char docker[] = "docker://";
  cleanup_reference struct sp_reference *reference = NULL;
  cleanup_error sigpolicy_error *error = NULL;
  struct sp_registries_d_answer old = { 0 }, new = { 0 }, ignored = { 0 };
  bool old_on = false, new_on = false;

  if (!item->example || strncmp (item->example, docker, sizeof docker - 1) != 0
      || (!sp_has_type (&item->scope->requirements, SP_REQUIREMENT_SIGNED_BY)
          && !sp_has_type (&item->scope->requirements, SP_REQUIREMENT_SIGSTORE_SIGNED)))
    return 0;
  int rc = sp_reference_parse (sp_view_str (item->example + sizeof docker - 1), &reference, &error);
  if (rc == 0)
    rc = sp_registries_d_lookaside (before, reference, SP_LOOKASIDE_READ, &old, &error);
  if (rc == 0)
    rc = sp_registries_d_lookaside (after, reference, SP_LOOKASIDE_READ, &new, &error);
  if (rc == 0)
    rc = sp_registries_d_attachments (before, reference, &old_on, &ignored, &error);
  if (rc == 0)
    rc = sp_registries_d_attachments (after, reference, &new_on, &ignored, &error);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0
      || (old_on == new_on
          && sp_view_equal (sp_view_n (old.value, old.value_len),
                            sp_view_n (new.value, new.value_len))))
    return 0;
  const struct sp_where where = { .item = item };
  sp_audit_find (
      audit, SP_RULE_REGD_DIFFERS_BY_READER, &where,
      "signatures of %s: tools up to 5.39 (podman 5) look in %s, attachments %s; those from 5.40 "
      "on (podman 6) in %s, attachments %s",
      SP_SHOW (audit, item->example),
      old.value ? sp_audit_show (audit, sp_view_n (old.value, old.value_len)) : "the default place",
      old_on ? "on" : "off",
      new.value ? sp_audit_show (audit, sp_view_n (new.value, new.value_len)) : "the default place",
      new_on ? "on" : "off");
  *ret_differ = true;
  return 0;
}

static int
check_registries_d (struct sp_audit *audit, sigpolicy_error **err)
{
  const struct sp_reader old = sp_audit_reader (audit, SP_GENERATION_OLD),
                         new = sp_audit_reader (audit, SP_GENERATION_5_40);
  cleanup_registries_d struct sp_registries_d *before = NULL, *after = NULL;
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_registries_d_load (&old, NULL, &before, &fault);
  if (rc == 0)
    rc = sp_registries_d_load (&new, NULL, &after, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  /* What fails for both is said of the files themselves. */
  if (rc == SIGPOLICY_E_CONFIG && before)
    {
      const struct sp_where where = { .file = sigpolicy_error_file (fault),
                                      .line = sigpolicy_error_line (fault),
                                      .column = sigpolicy_error_column (fault),
                                      .effect = SP_EFFECT_INVALID,
                                      .fix = sigpolicy_error_hint (fault) };
      sp_audit_find (audit, SP_RULE_REGD_CONFLICT_IN_NEWER, &where, "%s",
                     sp_error_one_line (fault));
    }
  if (rc < 0 || audit->options->images.len)
    return 0; /* images that are asked about have findings of their own */
  bool differ = false;
  for (size_t i = 0; rc == 0 && i < audit->n_items && (!differ || audit->options->upgrade); i++)
    rc = compare_item (audit, &audit->items[i], before, after, &differ, err);
  return rc;
}

static int
check_conf (struct sp_audit *audit, sigpolicy_error **err)
{
  const struct sp_reader old = sp_audit_reader (audit, SP_GENERATION_OLD),
                         new = sp_audit_reader (audit, SP_GENERATION_5_40);
  const struct sp_reader *readers[] = { &old, &new };
  const char *named = audit->options->registries_conf;
  cleanup_error sigpolicy_error *fault = NULL;
  int rc = 0;

  for (size_t i = 0; i < 2 && rc == 0; i++)
    {
      cleanup_registries_conf struct sp_registries_conf *conf = NULL;
      cleanup_reader_choice struct sp_reader_choice choice = { 0 };
      rc = sp_reader_choose (readers[i], SP_CONFIG_REGISTRIES_CONF, named, &choice, &fault);
      if (rc == 0)
        rc = sp_registries_conf_load (readers[i], &choice, &conf, &fault);
      if (rc == SIGPOLICY_E_CONFIG && i == 1)
        {
          const struct sp_where where = { .file = sigpolicy_error_file (fault),
                                          .line = sigpolicy_error_line (fault),
                                          .column = sigpolicy_error_column (fault),
                                          .effect = SP_EFFECT_INVALID,
                                          .fix = sigpolicy_error_hint (fault) };
          sp_audit_find (audit, SP_RULE_CONF_VERSION_1, &where, "%s", sp_error_one_line (fault));
        }
    }
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

static void
check_environment (struct sp_audit *audit)
{
  const char *config = audit->options->root ? NULL : secure_getenv ("XDG_CONFIG_HOME");

  if (!config || config[0])
    return;
  const struct sp_where where = { .file = "XDG_CONFIG_HOME" };
  sp_audit_find (
      audit, SP_RULE_ENV_CONFIG_HOME_EMPTY, &where,
      "tools from 5.40 on (podman 6) look for the user's files in the current directory");
}

/* Programs of this host that find their configuration in different ways. */
static void
check_engines (struct sp_audit *audit)
{
  static const char *const ways[]
      = { [SP_GENERATION_OLD] = "in the old places", [SP_GENERATION_5_40] = "in those of 5.40" };
  const struct sp_engine *first = &audit->engines.items[0];

  for (size_t i = 1; i < audit->engines.len; i++)
    {
      const struct sp_engine *it = &audit->engines.items[i];
      if (it->generation == first->generation)
        continue;
      const struct sp_where where = { .file = NULL };
      sp_audit_find (audit, SP_RULE_ENGINE_READERS_DIFFER, &where,
                     "%s %s looks for its configuration %s, and %s %s %s; this audit looks %s",
                     first->name, first->version, ways[first->generation], it->name, it->version,
                     ways[it->generation], ways[audit->reader.generation]);
    }
}

bool
sp_is_of_readers (const struct sp_audit_rule *rule)
{
  static const enum sp_audit_rule_id ids[] = { SP_RULE_ENGINE_READERS_DIFFER,
                                               SP_RULE_POLICY_DIFFERS_BY_READER,
                                               SP_RULE_POLICY_UNREADABLE_SKIPPED,
                                               SP_RULE_REGD_DIFFERS_BY_READER,
                                               SP_RULE_REGD_CONFLICT_IN_NEWER,
                                               SP_RULE_CONF_VERSION_1,
                                               SP_RULE_CONF_DIFFERS_BY_READER,
                                               SP_RULE_ENV_CONFIG_HOME_EMPTY,
                                               SP_RULE_UPGRADE_ACCEPTS,
                                               SP_RULE_UPGRADE_REJECTS,
                                               SP_RULE_UPGRADE_FAILS };
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
    if (rule == &sp_rules[ids[i]])
      return true;
  return false;
}

int
sp_check_readers (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  if (!audit->reads_files)
    return 0;
  if (audit->policy_is_hosts)
    {
      check_engines (audit);
      rc = check_policy (audit, err);
      check_environment (audit);
    }
  if (rc == 0 && !audit->options->registries_d)
    rc = check_registries_d (audit, err);
  if (rc == 0)
    rc = check_conf (audit, err);
  if (rc == 0 && audit->options->upgrade)
    rc = sp_check_upgrade (audit, err);
  return rc;
}
