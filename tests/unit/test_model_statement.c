/* SPDX-License-Identifier: Apache-2.0 */
#include "model/statement.h"

#include "util/limits.h"

#include <criterion/criterion.h>

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define TYPE  "\"_type\":\"https://in-toto.io/Statement/v1\""
#define OF(subjects) \
  "{" TYPE ",\"predicateType\":\"p\",\"predicate\":{},\"subject\":[" subjects "]}"

static const struct
{
  const char *text, *message; /* NULL: it is a statement */
} cases[] = {
  { OF ("{\"digest\":{\"sha256\":\"" ZEROS "\"}}"), NULL },
  { OF ("{}"), NULL },
  { OF (""), "a statement without a subject" },
  { "{" TYPE ",\"predicateType\":\"p\"}", "a statement without a subject" },
  { "{" TYPE ",\"predicateType\":\"p\",\"subject\":{}}", "expected an array, found an object" },
  { "{" TYPE ",\"subject\":[{}]}", "a statement without \"predicateType\"" },
  { "{" TYPE ",\"predicateType\":\"\",\"subject\":[{}]}", "a statement without \"predicateType\"" },
  { "{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"predicateType\":\"p\",\"subject\":[{}]}",
    NULL },
  { "{\"_type\":\"https://in-toto.io/Statement/v2\",\"predicateType\":\"p\",\"subject\":[{}]}",
    "\"_type\" is not that of an in-toto statement" },
  { "{\"predicateType\":\"p\",\"subject\":[{}]}", "\"_type\" is not that of an in-toto statement" },
  { OF ("{\"digest\":null}"), NULL },
  { OF ("{\"digest\":[]}"), "expected an object" },
  { OF ("{\"digest\":{\"sha256\":1}}"), "a digest that is not a string" },
  { OF ("{\"digest\":{\"sha256\":\"a\",\"sha256\":\"b\"}}"), "a member twice in a statement" },
  { OF ("{\"annotations\":\"a\"}"), "expected an object" },
  { OF ("{\"annotations\":{\"a\":1}}"), NULL },
  { OF ("{\"annotations\":{\"a\":1,\"a\":1}}"), "a member twice in a statement" },
  { OF ("{\"name\":1}"), "expected a string, found a number" },
  { OF ("{},{\"digest\":1}"), "expected an object" },
};

Test (model_statement, cases)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_statement struct sp_statement statement = { .json = NULL };
      int rc = sp_statement_parse (sp_view_str (cases[i].text), &statement, &err);
      cr_expect (rc == (cases[i].message ? SIGPOLICY_E_REJECTED : 0), "%s: %d", cases[i].text, rc);
      if (rc == 0 || !cases[i].message)
        continue;
      cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message, "%s: '%s'", cases[i].text,
                        sigpolicy_error_message (err));
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE, "%s",
                 cases[i].text);
    }
}

/* As many as the limit says, and one more. */
Test (model_statement, limits)
{
  static const struct
  {
    const char *member;
    size_t max;
    const char *message;
  } rows[] = {
    { "digest", SP_STATEMENT_DIGESTS_MAX, "more than 32 members" },
    { "annotations", SP_STATEMENT_ANNOTATIONS_MAX, "more than 256 members" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t more = 0; more < 2; more++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_statement struct sp_statement statement = { .json = NULL };
        cleanup_buf struct sp_buf text = SP_BUF (1 << 16);
        sp_buf_printf (&text, "{" TYPE ",\"predicateType\":\"p\",\"subject\":[{\"%s\":{",
                       rows[i].member);
        for (size_t j = 0; j < rows[i].max + more; j++)
          sp_buf_printf (&text, "%s\"m%zu\":\"\"", j ? "," : "", j);
        sp_buf_str (&text, "}}]}");
        int rc = sp_statement_parse (sp_buf_view (&text), &statement, &err);
        cr_expect (rc == (more ? SIGPOLICY_E_REJECTED : 0), "%s: %d", rows[i].member, rc);
        if (rc == 0 || !more)
          continue;
        cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message);
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
      }
}

/* What is known of a subject that has no digest, or one that is none. */
Test (model_statement, subject_digests)
{
  static const struct
  {
    const char *text, *wanted; /* NULL: none */
  } rows[] = {
    { OF ("{\"digest\":{\"sha256\":\"" ZEROS "\"}}"), "sha256:" ZEROS },
    { OF ("{\"digest\":{\"md5\":\"00\",\"sha256\":\"" ZEROS "\"}}"), "sha256:" ZEROS },
    { OF ("{\"digest\":{\"sha256\":\"A00000000000000000000000000000000000000000000000000000000000"
          "0000\"}}"),
      "sha256:a000000000000000000000000000000000000000000000000000000000000000" },
    { OF ("{\"digest\":{\"sha256\":\"G00000000000000000000000000000000000000000000000000000000000"
          "0000\"}}"),
      NULL },
    { OF ("{\"digest\":{\"sha256\":\"00\"}}"), NULL },
    { OF ("{\"digest\":{\"md5\":\"00\"}}"), NULL },
    { OF ("{}"), NULL },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_statement struct sp_statement statement = { .json = NULL };
      char digest[8 + 2 * SP_HASH_BYTES_MAX];
      cr_assert (sp_statement_parse (sp_view_str (rows[i].text), &statement, &err) == 0, "%s",
                 rows[i].text);
      bool has = sp_statement_subject_digest (&statement, 0, digest);
      cr_expect (has == (rows[i].wanted != NULL), "%s", rows[i].text);
      if (has && rows[i].wanted)
        cr_expect_str_eq (digest, rows[i].wanted);
      cr_expect (!sp_statement_subject_digest (&statement, 1, digest), "%s", rows[i].text);
    }
}
