/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/* Each line of the warnings is one of its own. */
static void
print_warnings (const char *warnings)
{
  for (const char *line = warnings, *end; *line; line = end + 1)
    {
      end = strchr (line, '\n');
      complain ("%.*s", (int)(end - line), line);
    }
}

static int
print_trust (const struct options *options, const sigpolicy_trust *trust)
{
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream (&text, &size);

  if (!out)
    return complain_error (NULL);
  if (options->raw)
    {
      (void)fwrite (trust->document, 1, trust->document_size, out);
      (void)fputc ('\n', out);
    }
  else if (options->json)
    put_trust_json (out, trust, options->details);
  else if (options->details)
    put_trust_details (out, trust);
  else
    put_trust_table (out, trust, !options->noheading);
  bool written = !ferror (out);
  /* Without memory for its end, libc gives no text, and says nothing. */
  int status
      = fclose (out) == 0 && written && text ? print_bytes (text, size) : complain_error (NULL);
  free (text);
  return status;
}

static int
show (const struct options *options, sigpolicy_edit_place place, const char *image,
      sigpolicy_error **error)
{
  sigpolicy_context *context = NULL;
  sigpolicy_trust *trust = NULL;
  unsigned flags = options->raw       ? 0
                   : options->details ? SIGPOLICY_TRUST_ROWS | SIGPOLICY_TRUST_KEYS
                                      : SIGPOLICY_TRUST_ROWS;

  int status = open_context (options, &context);
  if (status != 0)
    return status;
  if (sigpolicy_trust_read (context, place, image, flags, &trust, error) == 0)
    {
      print_warnings (trust->warnings);
      status = print_trust (options, trust);
    }
  sigpolicy_trust_free (trust);
  sigpolicy_context_free (context);
  return status;
}

int
trust_show (const struct verb *verb, const struct options *options)
{
  sigpolicy_error *error = NULL;

  if (options->n_arguments > 2)
    return complain_usage (verb, "give only one image");
  if (options->of_user + options->of_system + (options->policy != NULL) > 1)
    return complain_usage (
        verb, "--policy, --user and --system each name a policy: give only one of them");
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
      complain_bare ("Error: accepts at most 1 arg(s), received %d", options->n_arguments - 2);
      return EXIT_PODMAN;
    }
  int status = show (options, SIGPOLICY_EDIT_HOST, NULL, &error);
  if (!error)
    return status;
  complain_text ("Error: ", error);
  sigpolicy_error_free (error);
  return EXIT_PODMAN;
}
