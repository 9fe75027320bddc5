/* SPDX-License-Identifier: Apache-2.0 */

/* Who signed an image, and why each other signature does not count: who-signed IMAGE [NAME], by the
 * policy of this host.
 *
 *   cc -o who-signed who-signed.c $(pkg-config --cflags --libs sigpolicy)
 */
#include <sigpolicy/sigpolicy.h>

#include <stdio.h>

int
main (int argc, char **argv)
{
  sigpolicy_context *context = NULL;
  sigpolicy_request *request = NULL;
  sigpolicy_verdict *verdict = NULL;
  const sigpolicy_judged_requirement *rule;
  const sigpolicy_judged_signature *signature;

  if (argc < 2 || sigpolicy_context_new (&context, NULL) < 0
      || sigpolicy_request_new (&request, NULL) < 0
      || sigpolicy_request_set_image (request, argv[1], NULL) < 0
      || (argc > 2 && sigpolicy_request_set_reference (request, argv[2], NULL) < 0)
      || sigpolicy_evaluate (context, request, &verdict, NULL) < 0)
    return 2;
  for (unsigned i = 0; (rule = sigpolicy_verdict_requirement (verdict, i)); i++)
    for (unsigned j = 0; (signature = sigpolicy_judged_requirement_signature (rule, j)); j++)
      {
        const char *key = sigpolicy_judged_signature_text (signature, SIGPOLICY_PART_KEY);
        const char *why = sigpolicy_judged_signature_text (signature, SIGPOLICY_PART_MESSAGE);
        printf ("%s: %s: %s\n", sigpolicy_judged_signature_text (signature, SIGPOLICY_PART_SOURCE),
                key ? key : "unknown", why ? why : "accepted");
      }
  sigpolicy_answer answer = sigpolicy_verdict_answer (verdict);
  sigpolicy_verdict_free (verdict);
  sigpolicy_request_free (request);
  sigpolicy_context_free (context);
  return answer == SIGPOLICY_ACCEPTED ? 0 : 1;
}
