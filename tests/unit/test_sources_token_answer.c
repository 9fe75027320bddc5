/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/registry_int.h"

#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>

static struct sp_view
take_field (struct sp_view *line)
{
  size_t end = sp_view_find (*line, '\t');
  struct sp_view field = sp_view_head (*line, end);
  *line = sp_view_from (*line, end == SP_VIEW_NONE ? line->len : end + 1);
  return field;
}

/* What encoding/json decodes into the image library's struct, and what it fails on. */
Test (sources_token_answer, recorded)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
  cleanup_error sigpolicy_error *err = NULL;
  size_t good = 0, bad = 0;

  cr_assert (sp_fs_read (ABS_SRCDIR "/tests/fixtures/token-answers.txt", &text, &err) == 0);
  for (struct sp_view rest = sp_buf_view (&text), line; rest.len;
       rest = sp_view_from (rest, line.len + 1))
    {
      cleanup_error sigpolicy_error *fault = NULL;
      cleanup_free char *token = NULL;
      line = sp_view_head (rest, sp_view_find (rest, '\n'));
      if (sp_view_starts (line, sp_view_str ("#")))
        continue;
      struct sp_view answer = line;
      bool decodes = sp_view_is (take_field (&answer), "true");
      struct sp_view wanted = take_field (&answer);
      int rc = sp_token_answer_read (answer, &token, &fault);
      cr_expect (rc == (decodes ? 0 : SIGPOLICY_E_UNAVAILABLE), "%.*s", (int)answer.len,
                 answer.data);
      cr_expect (rc < 0 || sp_view_is (wanted, token), "%.*s: '%s'", (int)answer.len, answer.data,
                 token);
      good += decodes;
      bad += !decodes;
    }
  cr_expect (good > 50 && bad > 50);
}
