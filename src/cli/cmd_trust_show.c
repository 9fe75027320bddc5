/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/* Print the policy, and each warning as a line of its own. */
static int
show (const struct options *options, sigpolicy_edit_place place, const char *image,
      sigpolicy_error **error)
{
  sigpolicy_context *context = NULL;
  char *text = NULL, *warnings = NULL;
  size_t size = 0;
  unsigned flags = (options->json ? SIGPOLICY_SHOW_JSON : 0)
                   | (options->raw ? SIGPOLICY_SHOW_RAW : 0)
                   | (options->noheading ? SIGPOLICY_SHOW_NO_HEADING : 0)
                   | (options->details ? SIGPOLICY_SHOW_DETAILS : 0);

  int status = open_context (options, &context);
  if (status != 0)
    return status;
  if (sigpolicy_trust_show (context, place, image, flags, &text, &size, &warnings, error) == 0)
    {
      for (char *line = warnings, *end; *line; line = end + 1)
        {
          end = strchr (line, '\n');
          complain ("%.*s", (int)(end - line), line);
        }
      status = print_bytes (text, size);
    }
  free (text);
  free (warnings);
  sigpolicy_context_free (context);
  return status;
}

int
trust_show (const struct verb *verb, const struct options *options)
{
  sigpolicy_error *error = NULL;

  if (options->n_arguments > 2)
    return complain_usage (verb, "one image at a time");
  if (options->of_user + options->of_system + (options->policy != NULL) > 1)
    return complain_usage (verb, "--policy, --user and --system name one policy: give one");
  int status = show (options,
                     options->of_user     ? SIGPOLICY_EDIT_USER
                     : options->of_system ? SIGPOLICY_EDIT_SYSTEM
                                          : SIGPOLICY_EDIT_HOST,
                     options->n_arguments == 2 ? options->arguments[1] : NULL, &error);
  return error ? complain_error (error) : status;
}

/* podman takes a registry, and shows the whole policy all the same. */
int
image_trust_show (const struct options *options)
{
  sigpolicy_error *error = NULL;

  if (options->n_arguments > 3)
    {
      complain_as (NULL, "Error: accepts at most 1 arg(s), received %d", options->n_arguments - 2);
      return EXIT_PODMAN;
    }
  int status = show (options, SIGPOLICY_EDIT_HOST, NULL, &error);
  if (!error)
    return status;
  complain_text ("Error: ", error);
  sigpolicy_error_free (error);
  return EXIT_PODMAN;
}
