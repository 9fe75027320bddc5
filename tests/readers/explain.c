/* SPDX-License-Identifier: Apache-2.0 */
/* explain --format json of a host whose "/" is a directory: for tests that cannot mount.
 * usage: explain ROOT READER IMAGE; of no reader, "", the host decides. */
#include "ask/context.h"
#include "explain/explain.h"

#include <stdio.h>
#include <string.h>

int
main (int argc, char **argv)
{
  SP_CLEANUP (sp_context_clear) struct sp_context context = { 0 };
  cleanup_explanation struct sp_explanation explanation = { 0 };
  cleanup_error sigpolicy_error *err = NULL;

  if (argc != 4)
    return 2;
  context.root = strdup (argv[1]);
  context.reader_name = argv[2][0] ? strdup (argv[2]) : NULL;
  cleanup_free char *text = sp_explanation_gather (&context, argv[3], &explanation, &err) == 0
                                ? sp_explain_name (&explanation, SIGPOLICY_FORMAT_JSON, 0, &err)
                                : NULL;
  if (text)
    printf ("%s", text);
  else
    fprintf (stderr, "%s\n", sigpolicy_error_text (err));
  return text ? 0 : -sigpolicy_error_code (err);
}
