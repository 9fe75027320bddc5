/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <regex.h>

/* "image trust": podman's spelling, words and exit status, podman-image-trust(1). */

static int
podman_error (const char *text)
{
  complain_bare ("Error: %s", text);
  return EXIT_PODMAN;
}

static int
podman_failure (sigpolicy_error *error)
{
  complain_text ("Error: ", error);
  sigpolicy_error_free (error);
  return EXIT_PODMAN;
}

static bool
matches (const char *text, const char *pattern)
{
  regex_t compiled;
  if (regcomp (&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
    return false;
  bool found = regexec (&compiled, text, 0, NULL, 0) == 0;
  regfree (&compiled);
  return found;
}

/* A scope must look like the rest of an http URL: a host, perhaps with a user in front and a port,
 * and no odd fragment. */
static bool
is_image_uri (const char *scope)
{
  return matches (scope, "^([^/?#]*@)?[a-zA-Z0-9_.-]+(:[0-9]*)?([/?][^#[:cntrl:]]*)?"
                         "(#[a-z0-9:./-]*)?$");
}

static int
check_set (const struct options *options, const char *type, const char *scope)
{
  char text[128];
  bool is_signed = strcmp (type, "signedBy") == 0 || strcmp (type, "sigstoreSigned") == 0;

  if (!is_image_uri (scope))
    {
      complain_bare ("Error: invalid image uri: %s", scope);
      return EXIT_PODMAN;
    }
  if (!is_signed && strcmp (type, "accept") != 0 && strcmp (type, "reject") != 0
      && strcmp (type, "insecureAcceptAnything") != 0)
    {
      complain_bare ("Error: invalid choice: %s (choose from 'accept', 'reject', 'signedBy', "
                     "'sigstoreSigned')",
                     type);
      return EXIT_PODMAN;
    }
  if (is_signed == (options->keys.len > 0))
    return 0;
  if (is_signed)
    (void)snprintf (text, sizeof text, "at least one public key must be defined for type '%s'",
                    type);
  else
    (void)snprintf (text, sizeof text, "%zu public keys unexpectedly provided for trust type %s",
                    options->keys.len, type);
  return podman_error (text);
}

static int
image_trust_set (struct options *options)
{
  const char *type = options->type ? options->type : "signedBy", *scope;
  sigpolicy_context *context = NULL;
  sigpolicy_edit *edit = NULL;
  sigpolicy_rule *rule = NULL;
  sigpolicy_error *error = NULL;
  char text[64];

  if (options->n_arguments != 3)
    {
      (void)snprintf (text, sizeof text, "accepts 1 arg(s), received %d", options->n_arguments - 2);
      return podman_error (text);
    }
  scope = options->arguments[2];
  int status = check_set (options, type, scope);
  if (status == 0)
    status = open_context (options, &context);
  if (status != 0)
    return status;
  int rc = sigpolicy_edit_new (context, SIGPOLICY_EDIT_HOST, &edit, &error);
  if (rc == 0)
    rc = sigpolicy_rule_new (type, &rule, &error);
  for (size_t i = 0; rc == 0 && i < options->keys.len; i++)
    rc = sigpolicy_rule_add (rule, SIGPOLICY_RULE_KEY, options->keys.items[i], &error);
  sigpolicy_rule_set_flags (rule, SIGPOLICY_RULE_ALL_KEYS | SIGPOLICY_RULE_VERBATIM);
  if (rc == 0)
    rc = sigpolicy_edit_set (edit, NULL, strcmp (scope, "default") == 0 ? NULL : scope, rule,
                             &error);
  if (rc == 0)
    rc = commit_edit (options, edit, &error);
  if (rc < 0)
    status = podman_failure (error);
  sigpolicy_rule_free (rule);
  sigpolicy_edit_free (edit);
  sigpolicy_context_free (context);
  return status;
}

int
cmd_image (const struct verb *verb, struct options *options)
{
  if (options->n_arguments < 2 || strcmp (options->arguments[0], "trust") != 0)
    return complain_usage (verb, "sigpolicy has only 'image trust show' and 'image trust set'");
  if (strcmp (options->arguments[1], "set") == 0)
    return image_trust_set (options);
  if (strcmp (options->arguments[1], "show") == 0)
    return image_trust_show (options);
  return complain_usage (verb, "use 'image trust show' or 'image trust set'");
}
