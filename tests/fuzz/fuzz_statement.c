/* SPDX-License-Identifier: Apache-2.0 */

/* An in-toto statement: what it is about is what one of its subjects says in hex. */
#include "fuzz.h"

#include "model/statement.h"

#include <stdint.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_statement struct sp_statement statement = { .json = NULL };
  cleanup_error sigpolicy_error *err = NULL;
  char digest[8 + 2 * SP_HASH_BYTES_MAX];
  struct sp_digests digests = { .has = { true, true, true } }, none = { .has = { false } };
  struct sp_view value;

  if (sp_statement_parse (sp_view_n ((const char *)data, size), &statement, &err) < 0)
    {
      require (sigpolicy_error_code (err) == SIGPOLICY_E_REJECTED);
      return 0;
    }
  require (statement.n_subjects > 0 && statement.predicate_type.len > 0);
  require (!sp_statement_is_about (&statement, &none));
  bool zeros = false;
  for (size_t i = 0; i < statement.n_subjects; i++)
    {
      if (sp_statement_subject_digest (&statement, i, digest))
        zeros
            = zeros || strspn (strchr (digest, ':') + 1, "0") == strlen (strchr (digest, ':') + 1);
      (void)sp_statement_annotation (&statement, i, "docker-reference", &value);
    }
  require (sp_statement_is_about (&statement, &digests) || !zeros);
  require (!sp_statement_annotation (&statement, statement.n_subjects, "x", &value));
  return 0;
}
