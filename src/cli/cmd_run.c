/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>

#define HOLE "{}"

/* The verdict, for people: standard output is the command's. */
static int
say_verdict (const struct options *options, const sigpolicy_verdict *verdict)
{
  char *text = NULL;
  sigpolicy_error *error = NULL;
  const char *warning;

  for (unsigned i = 0; !options->quiet && (warning = sigpolicy_verdict_warning (verdict, i)); i++)
    complain ("warning: %s", warning);
  if (options->quiet
      || (sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED && !options->verbose))
    return 0;
  if (sigpolicy_verdict_format (verdict, options->format, format_flags (options), &text, &error)
      < 0)
    return complain_error (error);
  if (paint (options, &text) < 0)
    {
      free (text);
      return complain_error (NULL);
    }
  process_speak ();
  (void)fputs (text, stderr);
  process_spoken ();
  free (text);
  return 0;
}

/* A copy of an argument with every hole filled; NULL when memory is out. */
static char *
fill (const char *argument, const char *with)
{
  size_t holes = 0;
  for (const char *at = argument; (at = strstr (at, HOLE)); at += strlen (HOLE))
    holes++;
  char *filled = calloc (strlen (argument) + holes * strlen (with) + 1, 1), *to = filled;
  while (filled && *argument)
    {
      const char *hole = strstr (argument, HOLE);
      size_t length = hole ? (size_t)(hole - argument) : strlen (argument);
      memcpy (to, argument, length);
      to += length;
      argument += length;
      if (hole)
        {
          memcpy (to, with, strlen (with));
          to += strlen (with);
          argument += strlen (HOLE);
        }
    }
  return filled;
}

/* Never returns when the command could be started. */
static int
become (char **command, const char *reference)
{
  size_t n = 0;
  while (command[n])
    n++;
  char **filled = calloc (n + 1, sizeof *filled);
  bool complete = filled != NULL;
  for (size_t i = 0; complete && i < n; i++)
    complete = (filled[i] = fill (command[i], reference)) != NULL;
  if (complete)
    process_become (filled);
  int errnum = errno;
  for (size_t i = 0; filled && i < n; i++)
    free (filled[i]);
  free (filled);
  if (!complete)
    return complain_error (NULL);
  complain ("cannot run '%s': %s", command[0], strerror (errnum));
  return errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_UNAVAILABLE;
}

/* What follows the image, with its hole: a command that has none would run with something else than
 * what was verified. */
static int
check_command (const struct verb *verb, char **command)
{
  bool hole = false;

  if (!command[0])
    return complain_usage (verb, "give a command to run");
  if (command[0][0] == '-')
    return complain_usage (verb, "'%s' is after the image: options go before the image",
                           command[0]);
  if (strstr (command[0], HOLE))
    return complain_usage (verb, "the command itself cannot be " HOLE);
  for (char **argument = command; *argument; argument++)
    hole = hole || strstr (*argument, HOLE);
  return hole ? 0
              : complain_usage (
                  verb,
                  "the command needs a " HOLE
                  " in one of its arguments: sigpolicy replaces it by the verified NAME@DIGEST");
}

static int
judge (const struct options *options, sigpolicy_request *request, sigpolicy_verdict **ret)
{
  sigpolicy_context *context = NULL;
  sigpolicy_error *error = NULL;

  int status = open_context (options, &context);
  if (status != 0)
    return status;
  int64_t began = record_begin ();
  if (sigpolicy_evaluate (context, request, ret, &error) < 0)
    status = complain_error (error);
  else
    record_verdict (options, *ret, began);
  sigpolicy_context_free (context);
  return status;
}

/* What follows the image. */
static char **
find_command (const struct options *options, int *ret_n_images)
{
  *ret_n_images = options->n_arguments && !options->manifest;
  char **command = options->arguments + *ret_n_images;
  return *ret_n_images && command[0] && strcmp (command[0], "--") == 0 ? command + 1 : command;
}

int
run_command (const struct options *options, const char *reference)
{
  int n_images;
  char **command = find_command (options, &n_images);
  return become (command, reference);
}

int
cmd_run (const struct verb *verb, struct options *options)
{
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  int n_images;
  char **command = find_command (options, &n_images);

  options->n_arguments = n_images;
  int status = check_command (verb, command);
  if (status == 0)
    status = open_request (verb, options, &request);
  if (status != 0)
    return status;
  sigpolicy_request_set_needs_pin (request, 1);
  status = judge (options, request, &verdict);
  if (status == 0)
    status = say_verdict (options, verdict);
  if (status == 0)
    status = verdict_status (options, verdict);
  if (status == 0 && sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED)
    {
      const char *reference = sigpolicy_verdict_pinned (verdict);
      status = parent_is_there () ? parent_go_on (reference) : become (command, reference);
    }
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  return status;
}
