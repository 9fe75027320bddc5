/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"
#include "audit/implies.h"

#include "audit/diff.h"
#include "ask/gather.h"

/* What changes for images when the engines of this host are upgraded to 5.40: for all that the
 * policies name, or for images that somebody asks about. */

/* The host as one generation reads it. Of what cannot be read there is the fault. */
struct side
{
  char *policy_path; /* NULL: there is none, and every pull fails */
  struct sp_policy *policy;
  struct sp_registries_d *registries_d;
  struct sp_registries_conf *conf;
  sigpolicy_error *faults[SP_CONFIGS];
};

static void
side_clear (struct side *side)
{
  free (side->policy_path);
  sp_policy_free (side->policy);
  sp_registries_d_free (side->registries_d);
  sp_registries_conf_free (side->conf);
  for (size_t i = 0; i < SP_CONFIGS; i++)
    sigpolicy_error_free (side->faults[i]);
}

#define cleanup_side SP_CLEANUP (side_clear)

static int
load_policy (const struct sp_audit *audit, const struct sp_reader *reader, struct side *side,
             sigpolicy_error **fault)
{
  static const struct sp_view reject = SP_VIEW ("{\"default\":[{\"type\":\"reject\"}]}");
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  const char *named = audit->options->policy;

  int rc = sp_reader_choose (reader, SP_CONFIG_POLICY, named, &choice, fault);
  if (rc < 0)
    return rc;
  if (!choice.file)
    return sp_policy_parse (reject, NULL, &side->policy, fault);
  cleanup_free char *path = sp_reader_path (reader, choice.file, fault);
  side->policy_path = steal (&choice.file);
  return path ? sp_policy_load (path, &side->policy, fault) : sigpolicy_error_code (*fault);
}

static int
load_conf (const struct sp_audit *audit, const struct sp_reader *reader, struct side *side,
           sigpolicy_error **fault)
{
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  int rc = sp_reader_choose (reader, SP_CONFIG_REGISTRIES_CONF, audit->options->registries_conf,
                             &choice, fault);
  return rc < 0 ? rc : sp_registries_conf_load (reader, &choice, &side->conf, fault);
}

static int
load_side (struct sp_audit *audit, enum sp_generation generation, struct side *side,
           sigpolicy_error **err)
{
  const struct sp_reader reader = sp_audit_reader (audit, generation);
  const int rcs[]
      = { load_policy (audit, &reader, side, &side->faults[SP_CONFIG_POLICY]),
          sp_registries_d_load (&reader, audit->options->registries_d, &side->registries_d,
                                &side->faults[SP_CONFIG_REGISTRIES_D]),
          load_conf (audit, &reader, side, &side->faults[SP_CONFIG_REGISTRIES_CONF]) };

  for (size_t i = 0; i < sizeof rcs / sizeof *rcs; i++)
    if (rcs[i] == SIGPOLICY_E_NO_MEMORY)
      return sp_error_no_memory (err);
  return 0;
}

/* --- the policy ------------------------------------------------------------------------------- */

static void
report_row (struct sp_audit *audit, const struct sp_diff_row *row, const struct side *before,
            const struct side *after)
{
  static const struct
  {
    enum sp_audit_rule_id rule;
    const char *words;
  } of[] = {
    [SIGPOLICY_CHANGE_STRICTER] = { SP_RULE_UPGRADE_REJECTS, "accepts fewer images" },
    [SIGPOLICY_CHANGE_DIFFERENT] = { SP_RULE_UPGRADE_REJECTS, "requires other signatures" },
    [SIGPOLICY_CHANGE_LOOSER] = { SP_RULE_UPGRADE_ACCEPTS, "accepts more images" },
  };
  const struct sp_requirements *list = &row->after.scope->requirements;
  const char *image = row->image ? row->image : row->example;

  if (row->change == SIGPOLICY_CHANGE_NONE || row->unused)
    return;
  const char *fix = sp_audit_compose (
      audit, "compare the two with 'sigpolicy diff %s %s', and make them the same",
      before->policy_path ? before->policy_path : "OLD", after->policy_path);
  const struct sp_where where
      = { .file = after->policy_path,
          .line = row->after.scope->line,
          .column = row->after.scope->column,
          .example = image,
          .effect = !image                                      ? SP_EFFECT_NONE
                    : sp_requirements_accept_anything (list)    ? SP_EFFECT_ACCEPTS
                    : sp_has_type (list, SP_REQUIREMENT_REJECT) ? SP_EFFECT_REJECTS
                                                                : SP_EFFECT_NONE,
          .fix = before->policy_path ? fix : NULL };
  const char *what = row->image ? SP_SHOW (audit, row->image)
                     : row->has_transport
                         ? sp_audit_compose (audit, "%s \"%s\"", sp_transport_name (row->transport),
                                             sp_audit_show (audit, row->name))
                         : "the default";
  sp_audit_find (audit, of[row->change].rule, &where, "%s: %s %s than %s (line %u)", what,
                 SP_SHOW (audit, after->policy_path), of[row->change].words,
                 before->policy_path ? SP_SHOW (audit, before->policy_path) : "no policy",
                 row->before.scope->line);
}

/* The rows of all scopes come before those of images. */
static int
compare_policies (struct sp_audit *audit, const struct side *before, const struct side *after,
                  sigpolicy_error **err)
{
  const struct sp_strv *images = &audit->options->images;
  cleanup_diff struct sp_diff *diff = NULL;

  if (!before->policy || !after->policy || !after->policy_path
      || (before->policy_path && strcmp (before->policy_path, after->policy_path) == 0))
    return 0;
  int rc = sp_diff_new (before->policy, after->policy, &diff, err);
  size_t first = rc == 0 && images->len ? diff->n_rows : 0;
  for (size_t i = 0; rc == 0 && i < images->len; i++)
    rc = sp_diff_add_image (diff, images->items[i], err);
  for (size_t i = first; rc == 0 && i < diff->n_rows; i++)
    report_row (audit, &diff->rows[i], before, after);
  return rc;
}

/* --- pulls that fail -------------------------------------------------------------------------- */

/* What fails for readers of 5.40 alone. With images, of each that is pulled by it. */
static void
report_fault (struct sp_audit *audit, const sigpolicy_error *fault, const char *image)
{
  const char *hint = sigpolicy_error_hint (fault);
  const struct sp_where where = { .file = sigpolicy_error_file (fault),
                                  .line = sigpolicy_error_line (fault),
                                  .column = sigpolicy_error_column (fault),
                                  .example = image,
                                  .effect = SP_EFFECT_INVALID,
                                  .fix = hint };
  sp_audit_find (audit, SP_RULE_UPGRADE_FAILS, &where, "%s: %s",
                 image ? SP_SHOW (audit, image) : "every pull", sp_error_one_line (fault));
}

static bool
is_docker (const char *image)
{
  static const char docker[] = "docker://";
  return strncmp (image, docker, sizeof docker - 1) == 0;
}

static void
report_faults (struct sp_audit *audit, const struct side *before, const struct side *after)
{
  const struct sp_strv *images = &audit->options->images;

  for (size_t i = 0; i < SP_CONFIGS; i++)
    if (after->faults[i] && !before->faults[i])
      {
        /* Without images, those of registries have rules of their own. */
        if (!images->len && i == SP_CONFIG_POLICY)
          report_fault (audit, after->faults[i], NULL);
        for (size_t k = 0; k < images->len; k++)
          if (i == SP_CONFIG_POLICY || is_docker (images->items[k]))
            report_fault (audit, after->faults[i], images->items[k]);
      }
}

/* --- where signatures and images are ---------------------------------------------------------- */

static int
check_attachments (struct sp_audit *audit, const struct side *before, const struct side *after,
                   const struct sp_image_name *name, const char *image, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  struct sp_registries_d_answer ignored = { 0 }, answer = { 0 };
  bool old_on = false, new_on = false;

  int rc = sp_registries_d_attachments (before->registries_d, name->reference, &old_on, &ignored,
                                        &error);
  if (rc == 0)
    rc = sp_registries_d_attachments (after->registries_d, name->reference, &new_on, &answer,
                                      &error);
  if (rc < 0 || !old_on || new_on)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  const struct sp_where where
      = { .file = answer.file,
          .line = answer.line,
          .example = image,
          .effect = SP_EFFECT_REJECTS,
          .fix = "set use-sigstore-attachments: true in the file that is read after the upgrade" };
  sp_audit_find (audit, SP_RULE_UPGRADE_REJECTS, &where,
                 "%s: its sigstore attachments are not read after the upgrade%s%s",
                 SP_SHOW (audit, image), answer.file ? ": see " : "",
                 answer.file ? SP_SHOW (audit, answer.file) : "");
  return 0;
}

static int
check_lookaside (struct sp_audit *audit, const struct side *before, const struct side *after,
                 const struct sp_image_name *name, const char *image, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  struct sp_registries_d_answer old = { 0 }, new = { 0 };

  int rc = sp_registries_d_lookaside (before->registries_d, name->reference, SP_LOOKASIDE_READ,
                                      &old, &error);
  if (rc == 0)
    rc = sp_registries_d_lookaside (after->registries_d, name->reference, SP_LOOKASIDE_READ, &new,
                                    &error);
  struct sp_view one = sp_view_n (old.value, old.value_len),
                 other = sp_view_n (new.value, new.value_len);
  if (rc < 0 || sp_view_equal (one, other))
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  const struct sp_where where = { .file = new.file, .line = new.line, .example = image };
  sp_audit_find (audit, SP_RULE_REGD_DIFFERS_BY_READER, &where,
                 "%s: its signatures are read from %s, and from %s after the upgrade",
                 SP_SHOW (audit, image),
                 old.value ? sp_audit_show (audit, one) : "the local directory",
                 new.value ? sp_audit_show (audit, other) : "the local directory");
  return 0;
}

/* The first place that answers is where the image comes from: where the list of places changes, so
 * may the image. */
static int
check_endpoints (struct sp_audit *audit, const struct side *before, const struct side *after,
                 const struct sp_image_name *name, const char *image, sigpolicy_error **err)
{
  cleanup_endpoints struct sp_endpoints old = { 0 }, new = { 0 };
  cleanup_error sigpolicy_error *error = NULL;

  int rc = sp_registries_conf_endpoints (before->conf, name->reference, &old, &error);
  if (rc == 0)
    rc = sp_registries_conf_endpoints (after->conf, name->reference, &new, &error);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  const struct sp_endpoint *first = &old.items[0], *other = &new.items[0];
  const struct sp_where where = { .file = other->file ? other->file : first->file,
                                  .line = other->file ? other->line : first->line,
                                  .example = image };
  if (new.len == 1 && other->refusal && !first->refusal)
    sp_audit_find (audit, SP_RULE_UPGRADE_FAILS, &where, "%s: %s", SP_SHOW (audit, image),
                   other->refusal);
  else if (strcmp (first->reference->string, other->reference->string) != 0
           || first->insecure != other->insecure)
    sp_audit_find (audit, SP_RULE_CONF_DIFFERS_BY_READER, &where,
                   "%s is fetched as %s%s, and as %s%s after the upgrade", SP_SHOW (audit, image),
                   first->reference->string, first->insecure ? " (insecure)" : "",
                   other->reference->string, other->insecure ? " (insecure)" : "");
  return 0;
}

static int
check_image (struct sp_audit *audit, const struct side *before, const struct side *after,
             const char *image, sigpolicy_error **err)
{
  SP_CLEANUP (sp_context_clear) struct sp_context context = { 0 };
  cleanup_image_name struct sp_image_name *name = NULL;
  cleanup_strv struct sp_strv warnings = { 0 };

  int rc = sp_image_parse (&context, image, &name, &warnings, err);
  if (rc < 0 || name->transport != SP_TRANSPORT_DOCKER || !name->reference)
    return rc;
  const struct sp_requirements *list
      = after->policy ? &sp_policy_lookup (after->policy, name).scope->requirements : NULL;
  bool is_known = list && before->registries_d && after->registries_d;
  if (is_known && sp_has_type (list, SP_REQUIREMENT_SIGSTORE_SIGNED))
    rc = check_attachments (audit, before, after, name, image, err);
  if (rc == 0 && is_known && sp_has_type (list, SP_REQUIREMENT_SIGNED_BY))
    rc = check_lookaside (audit, before, after, name, image, err);
  if (rc == 0 && before->conf && after->conf)
    rc = check_endpoints (audit, before, after, name, image, err);
  return rc;
}

int
sp_check_upgrade (struct sp_audit *audit, sigpolicy_error **err)
{
  const struct sp_strv *images = &audit->options->images;
  cleanup_side struct side before = { 0 }, after = { 0 };

  int rc = load_side (audit, SP_GENERATION_OLD, &before, err);
  if (rc == 0)
    rc = load_side (audit, SP_GENERATION_5_40, &after, err);
  if (rc < 0)
    return rc;
  report_faults (audit, &before, &after);
  rc = compare_policies (audit, &before, &after, err);
  for (size_t i = 0; rc == 0 && i < images->len; i++)
    rc = check_image (audit, &before, &after, images->items[i], err);
  /* Without images, the examples of the policy's scopes. */
  for (size_t i = 0; rc == 0 && !images->len && i < audit->n_items; i++)
    if (audit->items[i].example && is_docker (audit->items[i].example) && before.conf && after.conf)
      rc = check_image (audit, &before, &after, audit->items[i].example, err);
  return rc;
}
