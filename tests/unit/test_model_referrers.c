/* SPDX-License-Identifier: Apache-2.0 */
#include "model/referrers.h"
#include "util/buf.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define DIGEST              "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define INDEX(entries)      "{\"schemaVersion\":2,\"manifests\":[" entries "]}"
#define ENTRY(digest, type) "{\"digest\":\"" digest "\",\"artifactType\":" type "}"

/* The types that are found, each behind a comma; NULL: refused. */
static const struct
{
  const char *name, *text, *types;
} cases[] = {
  { "nothing", "{}", "" },
  { "no entries", INDEX (""), "" },
  { "one", INDEX (ENTRY (DIGEST, "\"a/b\"")), ",a/b" },
  { "two, and their order", INDEX (ENTRY (DIGEST, "\"b\"") "," ENTRY (DIGEST, "\"a\"")), ",b,a" },
  { "keys in any case", "{\"Manifests\":[{\"DIGEST\":\"" DIGEST "\",\"ArtifactType\":\"x\"}]}",
    ",x" },
  { "no type", INDEX ("{\"digest\":\"" DIGEST "\"}"), "," },
  { "a type that is null", INDEX (ENTRY (DIGEST, "null")), "," },
  { "no digest", INDEX ("{\"artifactType\":\"x\"}"), "" },
  { "what is no digest", INDEX (ENTRY ("../../x", "\"x\"")), "" },
  { "a digest one digit short",
    INDEX (
        ENTRY ("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", "\"x\"")),
    "" },
  { "a type that is a number", INDEX (ENTRY (DIGEST, "7")), NULL },
  { "entries that are none", INDEX ("7"), NULL },
  { "no list", "{\"manifests\":{}}", NULL },
  { "no object", "[]", NULL },
  { "cut off", "{\"manifests\":[", NULL },
  { "nothing at all", "", NULL },
};

Test (model_referrers, parse)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_referrers struct sp_referrers referrers = { 0 };
      cleanup_buf struct sp_buf found = SP_BUF (SP_KIB);
      int rc = sp_referrers_parse (sp_view_str (cases[i].text), &referrers, &err);
      cr_expect (rc == (cases[i].types ? 0 : SIGPOLICY_E_REJECTED), "%s: %d", cases[i].name, rc);
      for (size_t j = 0; j < referrers.len; j++)
        sp_buf_printf (&found, ",%s", referrers.items[j].type);
      cr_expect (rc < 0 || sp_view_is (sp_buf_view (&found), cases[i].types), "%s: %s",
                 cases[i].name, found.data);
    }
}

Test (model_referrers, no_more_than_signatures)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_referrers struct sp_referrers referrers = { 0 };
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);

  sp_buf_str (&text, "{\"manifests\":[");
  for (size_t i = 0; i <= SP_SIGNATURES_MAX; i++)
    sp_buf_printf (&text, "%s%s", i ? "," : "", ENTRY (DIGEST, "\"x\""));
  sp_buf_str (&text, "]}");
  cr_assert (sp_referrers_parse (sp_buf_view (&text), &referrers, &err) == 0);
  cr_expect (referrers.len == SP_SIGNATURES_MAX);
}
