/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <unistd.h>

/* --- changes ---------------------------------------------------------------------------------- */

static int
open_edit (const struct verb *verb, const struct options *options, sigpolicy_edit **ret)
{
  sigpolicy_context *context = NULL;
  sigpolicy_error *error = NULL;

  if (options->of_user + options->of_system + (options->policy != NULL) > 1)
    return complain_usage (
        verb, "--policy, --user and --system each name a policy: give only one of them");
  int status = open_context (options, &context);
  if (status == 0
      && sigpolicy_edit_new (context,
                             options->of_user     ? SIGPOLICY_EDIT_USER
                             : options->of_system ? SIGPOLICY_EDIT_SYSTEM
                                                  : SIGPOLICY_EDIT_HOST,
                             ret, &error)
             < 0)
    status = complain_error (error);
  sigpolicy_context_free (context);
  return status;
}

/* "default", or a scope of a transport. */
static int
read_scope (const struct verb *verb, const struct options *options, const char **ret_transport,
            const char **ret_scope)
{
  const char *scope = options->arguments[1];

  *ret_transport = *ret_scope = NULL;
  if (strcmp (scope, "default") == 0)
    return options->transport
               ? complain_usage (verb, "'default' covers all transports: for the default of one "
                                       "transport, use the scope \"\" with --transport")
               : 0;
  /* One that was written so can be removed, by whoever says its transport. */
  bool is_removed = strcmp (options->arguments[0], "unset") == 0 && options->transport;
  if (strstr (scope, "://") && !is_removed)
    return complain_usage (verb,
                           "a scope does not begin with a transport: use --transport %.*s '%s'",
                           (int)(strstr (scope, ":") - scope), scope, strstr (scope, "://") + 3);
  *ret_transport = options->transport ? options->transport : "docker";
  *ret_scope = scope;
  return 0;
}

static int
make_rule (const struct verb *verb, const struct options *options, sigpolicy_rule **ret)
{
  const struct
  {
    sigpolicy_rule_part part;
    const char *value;
  } parts[] = {
    { SIGPOLICY_RULE_IDENTITY, options->identity },
    { SIGPOLICY_RULE_FULCIO_CA, options->fulcio_ca },
    { SIGPOLICY_RULE_FULCIO_ISSUER, options->fulcio_issuer },
    { SIGPOLICY_RULE_FULCIO_EMAIL, options->fulcio_email },
    { SIGPOLICY_RULE_PKI_ROOTS, options->pki_roots },
    { SIGPOLICY_RULE_PKI_INTERMEDIATES, options->pki_intermediates },
    { SIGPOLICY_RULE_PKI_EMAIL, options->pki_email },
    { SIGPOLICY_RULE_PKI_HOSTNAME, options->pki_hostname },
  };
  sigpolicy_error *error = NULL;

  if (!options->type)
    return complain_usage (verb, "give --type: accept, reject, signedBy or sigstoreSigned");
  if (options->any && options->all)
    return complain_usage (verb, "--any and --all cannot be used together");
  if (options->keys.len > 1 && !options->any && !options->all)
    return complain_usage (verb, "several --key options need --any (one signature is enough) or "
                                 "--all (each key must have signed)");
  int rc = sigpolicy_rule_new (options->type, ret, &error);
  for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof *parts; i++)
    if (parts[i].value)
      rc = sigpolicy_rule_add (*ret, parts[i].part, parts[i].value, &error);
  for (size_t i = 0; rc == 0 && i < options->keys.len; i++)
    rc = sigpolicy_rule_add (*ret,
                             strcmp (options->keys.items[i], "-") == 0 ? SIGPOLICY_RULE_KEY_INLINE
                                                                       : SIGPOLICY_RULE_KEY,
                             options->keys.items[i], &error);
  for (size_t i = 0; rc == 0 && i < options->rekor_keys.len; i++)
    rc = sigpolicy_rule_add (*ret, SIGPOLICY_RULE_REKOR_KEY, options->rekor_keys.items[i], &error);
  if (rc < 0)
    return complain_error (error);
  sigpolicy_rule_set_flags (*ret, options->all ? SIGPOLICY_RULE_ALL_KEYS : 0);
  return 0;
}

/* What the change means, where there was a policy before. */
static int
print_meaning (const struct options *options, const sigpolicy_edit *edit)
{
  sigpolicy_policy *before = NULL, *after = NULL;
  sigpolicy_diff *diff = NULL;
  sigpolicy_error *error = NULL;
  char *text = NULL;
  int status = 0;

  int rc = sigpolicy_edit_policy (edit, false, &before, &error);
  if (rc == SIGPOLICY_E_CONFIG) /* there was none, or none that could be used */
    {
      sigpolicy_error_free (error);
      return 0;
    }
  if (rc < 0 || sigpolicy_edit_policy (edit, true, &after, &error) < 0
      || sigpolicy_diff_new (before, after, &diff, &error) < 0
      || sigpolicy_diff_format (diff, SIGPOLICY_FORMAT_TEXT, format_flags (options), &text, &error)
             < 0)
    status = complain_error (error);
  else
    status = print_text (options, &text);
  free (text);
  sigpolicy_diff_free (diff);
  sigpolicy_policy_free (before);
  sigpolicy_policy_free (after);
  return status;
}

/* Takes a text over, and prints it unless it could not be had. */
static int
print_owned (int rc, char *text, sigpolicy_error *error)
{
  int status = rc < 0 ? complain_error (error) : print_result (text);
  free (text);
  return status;
}

/* --- what the audit finds in it, that was not there before -------------------------------------
 */

/* Where it cannot be had, that is said, and *ret is NULL. Only memory that runs out is a failure.
 */
static int
audit_policy (const struct options *options, const char *path, sigpolicy_audit **ret)
{
  sigpolicy_audit *audit = NULL;
  sigpolicy_error *error = NULL;

  int rc = sigpolicy_audit_new (&audit, &error);
  sigpolicy_audit_set_severity (audit, SIGPOLICY_SEVERITY_LOW);
  if (rc == 0)
    rc = sigpolicy_audit_set_policy (audit, path, &error);
  if (rc == 0)
    rc = sigpolicy_audit_set_registries_d (audit, options->registries_d, &error);
  if (rc == 0)
    rc = sigpolicy_audit_set_registries_conf (audit, options->registries_conf, &error);
  if (rc == 0)
    rc = sigpolicy_audit_set_clock_text (audit, options->clock, &error);
  if (rc == 0 && sigpolicy_audit_run (audit, &error) == 0)
    {
      *ret = audit;
      return 0;
    }
  int status = complain_error (error);
  sigpolicy_audit_free (audit);
  return status == EXIT_INTERNAL ? status : 0;
}

static bool
same_part (const sigpolicy_finding *one, const sigpolicy_finding *other,
           sigpolicy_finding_part part)
{
  const char *left = sigpolicy_finding_text (one, part);
  const char *right = sigpolicy_finding_text (other, part);
  return left && right ? strcmp (left, right) == 0 : left == right;
}

static bool
was_there (const sigpolicy_audit *before, const sigpolicy_finding *finding)
{
  const sigpolicy_finding *known;
  for (size_t i = 0; before && (known = sigpolicy_audit_finding (before, i)) != NULL; i++)
    if (same_part (known, finding, SIGPOLICY_FINDING_RULE)
        && same_part (known, finding, SIGPOLICY_FINDING_SCOPE)
        && same_part (known, finding, SIGPOLICY_FINDING_MESSAGE))
      return true;
  return false;
}

/* Of a scope; what is wrong with files and with the host is not of this change. */
static int
print_findings (const sigpolicy_audit *before, const sigpolicy_audit *after)
{
  const sigpolicy_finding *finding;
  int status = 0;

  for (size_t i = 0; status == 0 && after && (finding = sigpolicy_audit_finding (after, i)) != NULL;
       i++)
    {
      const char *scope = sigpolicy_finding_text (finding, SIGPOLICY_FINDING_SCOPE);
      const char *fix = sigpolicy_finding_text (finding, SIGPOLICY_FINDING_FIX);
      char *line = NULL;
      if (!scope || was_there (before, finding))
        continue;
      if (asprintf (&line, "new finding, %s: %s: %s: %s%s%s\n",
                    sigpolicy_severity_name (sigpolicy_finding_severity (finding)),
                    sigpolicy_finding_text (finding, SIGPOLICY_FINDING_RULE), scope,
                    sigpolicy_finding_text (finding, SIGPOLICY_FINDING_MESSAGE),
                    fix ? "\n  fix  " : "", fix ? fix : "")
          < 0)
        return EXIT_INTERNAL;
      status = print_result (line);
      free (line);
    }
  return status;
}

int
commit_edit (const struct options *options, sigpolicy_edit *edit, sigpolicy_error **error)
{
  const char *warning;

  /* A signal waits until the files are whole. */
  process_speak ();
  int rc = sigpolicy_edit_commit (edit, error);
  process_spoken ();
  for (size_t i = 0; !options->quiet && (warning = sigpolicy_edit_warning (edit, i)); i++)
    complain ("warning: %s", warning);
  return rc;
}

/* Make the change, or show what it would be, and say what it means. */
static int
finish (const struct options *options, sigpolicy_edit *edit)
{
  sigpolicy_error *error = NULL;
  sigpolicy_audit *before = NULL, *after = NULL;
  char *text = NULL;
  int status = 0;

  /* The new policy is audited where it is, and so only once it is there. */
  if (!options->dry_run && access (sigpolicy_edit_path (edit), F_OK) == 0)
    status = audit_policy (options, sigpolicy_edit_path (edit), &before);
  if (status != 0)
    return status;
  int rc = options->dry_run ? sigpolicy_edit_preview (edit, &error)
                            : commit_edit (options, edit, &error);

  if (rc < 0)
    {
      sigpolicy_audit_free (before);
      return complain_error (error);
    }
  rc = sigpolicy_edit_files (edit, &text, &error);
  status = print_owned (rc, text, error);
  if (status == 0)
    status = print_meaning (options, edit);
  if (status == 0 && before)
    {
      status = audit_policy (options, sigpolicy_edit_path (edit), &after);
      if (status == 0)
        status = print_findings (before, after);
    }
  sigpolicy_audit_free (before);
  sigpolicy_audit_free (after);
  if (status != 0 || !options->dry_run)
    return status;
  text = NULL;
  rc = sigpolicy_edit_diff (edit, &text, &error);
  return print_owned (rc, text, error);
}

static int
trust_set (const struct verb *verb, const struct options *options, sigpolicy_edit *edit)
{
  const char *transport, *scope;
  sigpolicy_rule *rule = NULL;
  sigpolicy_error *error = NULL;

  int status = read_scope (verb, options, &transport, &scope);
  if (status == 0)
    status = make_rule (verb, options, &rule);
  if (status == 0
      && (sigpolicy_edit_set (edit, transport, scope, rule, &error) < 0
          || ((options->lookaside || options->attachments)
              && sigpolicy_edit_set_storage (edit, options->lookaside, options->attachments, &error)
                     < 0)))
    status = complain_error (error);
  sigpolicy_rule_free (rule);
  return status;
}

static int
trust_unset (const struct verb *verb, const struct options *options, sigpolicy_edit *edit)
{
  const char *transport, *scope;
  sigpolicy_error *error = NULL;

  int status = read_scope (verb, options, &transport, &scope);
  if (status == 0 && !scope)
    return complain_usage (
        verb, "'default' cannot be removed: change it with 'sigpolicy trust set default'");
  if (status == 0 && sigpolicy_edit_unset (edit, transport, scope, &error) < 0)
    status = complain_error (error);
  return status;
}

static int
trust_rotate (const struct verb *verb, const struct options *options, sigpolicy_edit *edit)
{
  const char *transport, *scope;
  sigpolicy_error *error = NULL;

  if (!options->add_keys.len && !options->remove_keys.len)
    return complain_usage (verb, "give --add-key FILE, --remove-key KEY or both");
  int status = read_scope (verb, options, &transport, &scope);
  if (status != 0)
    return status;
  int rc = sigpolicy_edit_rotate (edit, transport, scope, &error);
  for (size_t i = 0; rc == 0 && i < options->add_keys.len; i++)
    rc = sigpolicy_edit_add_key (edit, options->add_keys.items[i], &error);
  for (size_t i = 0; rc == 0 && i < options->remove_keys.len; i++)
    rc = sigpolicy_edit_remove_key (edit, options->remove_keys.items[i], &error);
  return rc < 0 ? complain_error (error) : 0;
}

static int
trust_init (const struct verb *verb, const struct options *options, sigpolicy_edit *edit)
{
  sigpolicy_error *error = NULL;

  if (options->reject_all && options->accept_all)
    return complain_usage (verb, "--reject-all and --accept-all cannot be used together");
  sigpolicy_start start = options->reject_all   ? SIGPOLICY_START_REJECT_ALL
                          : options->accept_all ? SIGPOLICY_START_ACCEPT_ALL
                                                : SIGPOLICY_START_SIGNED;
  return sigpolicy_edit_init (edit, start, &error) < 0 ? complain_error (error) : 0;
}

/* --- what goes with what -------------------------------------------------------------------- */

static int
refuse_options (const struct verb *verb, const struct options *options)
{
  const char *other = option_not_of (options, verb->verbs);
  if (other)
    return complain_usage (verb, "--%s cannot be used with '%s'", other, verb->name);
  if (options->insecure_policy || options->require_signed)
    return complain_usage (
        verb,
        "--insecure-policy and --require-signed cannot be used with trust: it verifies no images");
  return 0;
}

static const struct action
{
  const char *name;
  int (*prepare) (const struct verb *verb, const struct options *options, sigpolicy_edit *edit);
  int arguments;
} actions[] = {
  { "set", trust_set, 1 },
  { "rotate", trust_rotate, 1 },
  { "unset", trust_unset, 1 },
  { "init", trust_init, 0 },
};

int
cmd_trust (const struct verb *verb, struct options *options)
{
  const char *name = options->n_arguments ? options->arguments[0] : "";
  const struct action *action = NULL;
  sigpolicy_edit *edit = NULL;

  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
    if (strcmp (name, actions[i].name) == 0)
      action = &actions[i];
  if (!action && strcmp (name, "show") != 0)
    return complain_usage (verb, "name what to do: show, set, rotate, unset or init");
  /* A complaint names the help of 'trust set', not that of 'trust'. */
  verb = find_help (verb->name, name);
  int status = refuse_options (verb, options);
  if (status != 0)
    return status;
  if (!action)
    return trust_show (verb, options);
  if (options->n_arguments != 1 + action->arguments)
    return complain_usage (verb, action->arguments ? "give one scope, or \"default\""
                                                   : "init takes no arguments");
  status = open_edit (verb, options, &edit);
  if (status == 0)
    status = action->prepare (verb, options, edit);
  if (status == 0)
    status = finish (options, edit);
  sigpolicy_edit_free (edit);
  return status;
}
