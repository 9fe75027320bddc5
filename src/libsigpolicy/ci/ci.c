/* SPDX-License-Identifier: Apache-2.0 */
#include "ci/ci.h"

#include "crypto/digest.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

void
sp_ci_clear (struct sp_ci_document *document)
{
  free (document->rules);
  free (document->results);
}

int
sp_ci_add_rule (struct sp_ci_document *document, struct sp_ci_rule rule, sigpolicy_error **err)
{
  int rc = sp_grow (&document->rules, &document->rules_capacity, document->n_rules,
                    sizeof *document->rules, err);
  if (rc == 0)
    document->rules[document->n_rules++] = rule;
  return rc;
}

int
sp_ci_add (struct sp_ci_document *document, struct sp_ci_result result, sigpolicy_error **err)
{
  int rc = sp_grow (&document->results, &document->results_capacity, document->n_results,
                    sizeof *document->results, err);
  if (rc == 0)
    document->results[document->n_results++] = result;
  return rc;
}

int
sp_ci_fingerprint (const char *const *parts, size_t n, char ret[65], sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);
  unsigned char digest[SP_SHA256_BYTES];

  for (size_t i = 0; i < n; i++)
    {
      sp_buf_str (&text, parts[i] ? parts[i] : "");
      sp_buf_byte (&text, '\0');
    }
  int rc = sp_buf_check (&text, err);
  if (rc == 0)
    rc = sp_sha256 (sp_buf_view (&text), digest, err);
  if (rc == 0)
    sp_hex (digest, sizeof digest, ret);
  return rc;
}
