/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"

#include <errno.h>
#include <unistd.h>

/*
 * hook: an engine asks in its own protocol whether an image may start. Whatever goes wrong is a no,
 * in the way in which that engine takes one.
 */

#define LINE_BYTES 300 /* with the newline: what containerd shows of an answer stays readable */

int
hook_read_input (size_t limit, char **ret_bytes, size_t *ret_size)
{
  size_t size = 0, capacity = 65536;
  char *bytes = malloc (capacity);

  while (bytes)
    {
      ssize_t n = read (STDIN_FILENO, bytes + size, capacity - size);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 || size + (size_t)n > limit)
        {
          int errnum = n < 0 ? errno : EFBIG;
          free (bytes);
          complain ("cannot read standard input: %s", strerror (errnum));
          return EXIT_UNAVAILABLE;
        }
      size += (size_t)n;
      if (n == 0)
        {
          *ret_bytes = bytes;
          *ret_size = size;
          return 0;
        }
      if (size == capacity)
        {
          char *grown = realloc (bytes, capacity * 2);
          if (!grown)
            break;
          bytes = grown;
          capacity *= 2;
        }
    }
  free (bytes);
  return complain_error (NULL);
}

char *
hook_line (const sigpolicy_verdict *verdict)
{
  bool accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
  const char *digest = sigpolicy_verdict_digest (verdict);
  const char *list = sigpolicy_verdict_list_digest (verdict);
  char *line = NULL;
  int size = accepted ? asprintf (&line, "accepted %s%s%s", digest ? digest : "",
                                  list ? " of the manifest list " : "", list ? list : "")
                      : asprintf (&line, "%s: %s: %s", verdict_word (verdict),
                                  sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)),
                                  sigpolicy_verdict_message (verdict));
  if (size < 0)
    return NULL;
  for (char *at = line; *at; at++)
    if (*at < 0x20 || *at > 0x7e)
      *at = ' ';
  if (strlen (line) >= LINE_BYTES)
    line[LINE_BYTES - 1] = '\0';
  return line;
}

int
hook_judge (const struct options *options, sigpolicy_context *context,
            const sigpolicy_request *request, sigpolicy_verdict **ret)
{
  sigpolicy_error *error = NULL;
  int64_t began = record_begin ();

  if (sigpolicy_evaluate (context, request, ret, &error) < 0)
    return complain_error (error);
  record_verdict (options, *ret, began);
  return 0;
}

int
cmd_hook (const struct verb *verb, struct options *options)
{
  static const struct
  {
    const char *name;
    int (*run) (const struct verb *verb, const struct options *options);
  } hooks[] = {
    { "containerd", hook_containerd },
    { "oci", hook_oci },
    { "kamal", hook_kamal },
  };

  if (options->n_arguments != 1)
    return complain_usage (verb, "name the hook: containerd, oci or kamal");
  for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++)
    if (strcmp (options->arguments[0], hooks[i].name) == 0)
      return hooks[i].run (verb, options);
  return complain_usage (verb, "unknown hook '%s': use containerd, oci or kamal",
                         options->arguments[0]);
}
