/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json.h"
#include "util/limits.h"

#include <criterion/criterion.h>

/* RFC 8785; a value of NULL means "refused". */
static const struct
{
  const char *in, *out;
} cases[] = {
  { "{}", "{}" },
  { " [ ] ", "[]" },
  { "[ null , true,\nfalse ]", "[null,true,false]" },
  { "{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}" },
  { "{\"logIndex\":1,\"logID\":2,\"integratedTime\":3,\"body\":4}",
    "{\"body\":4,\"integratedTime\":3,\"logID\":2,\"logIndex\":1}" },
  { "{\"a\":{\"d\":[],\"c\":{}}}", "{\"a\":{\"c\":{},\"d\":[]}}" },
  { "{\"aa\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"aa\":1}" },
  /* by UTF-16 code units: U+1F600 begins with D83D, before U+FB33 */
  { "{\"\xef\xac\xb3\":1,\"\xf0\x9f\x98\x80\":2,\"\xe2\x82\xac\":3,\"1\":4}",
    "{\"1\":4,\"\xe2\x82\xac\":3,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}" },
  { "{\"a\":1,\"\\u0061\":2}", NULL },
  { "{\"a\":1,\"a\":1}", NULL },
  { "{\"\\ud83d\\u0d0e\":1}", NULL },
  { "{\"\\ud83d\":1}", NULL },
  { "null", NULL },
  { "\"x\"", NULL },
  { "1", NULL },

  /* strings */
  { "[\"\\u0041\\/\\\"\\\\\"]", "[\"A/\\\"\\\\\"]" },
  { "[\"\\u0000\\u001f\\b\\f\\n\\r\\t\\u000b\"]", "[\"\\u0000\\u001f\\b\\f\\n\\r\\t\\u000b\"]" },
  { "[\"\\u007f\\u2028\\u20ac\"]", "[\"\x7f\xe2\x80\xa8\xe2\x82\xac\"]" },
  { "[\"\\ud83d\\ude00\"]", "[\"\xf0\x9f\x98\x80\"]" },
  { "[\"\\ud83d\\ud83d\"]", "[\"\xef\xbf\xbd\"]" },
  { "[\"\\ude00\\ud83d\"]", "[\"\xef\xbf\xbd\"]" },
  { "[\"\\ud83dx\"]", NULL },
  { "[\"\\ud83d\"]", NULL },
  { "[\"\\ude00\"]", NULL },
  { "[\"\\ud83d\\n\"]", NULL },
  { "[\"\xff\xc0\x80\"]", "[\"\xff\xc0\x80\"]" },

  /* numbers, as ECMAScript writes them */
  { "[0,-0,1,-1,1.0,17e8,1E2]", "[0,0,1,-1,1,1700000000,100]" },
  { "[1780272000,9007199254740991,9007199254740993]",
    "[1780272000,9007199254740991,9007199254740992]" },
  { "[1e20,1e21,123456789012345678901]", "[100000000000000000000,1e+21,123456789012345680000]" },
  { "[1e22,1.5e300,-1e21]", "[1e+22,1.5e+300,-1e+21]" },
  { "[0.000001,1e-7,1.5e-7,0.1,4.5,0.002]", "[0.000001,1e-7,1.5e-7,0.1,4.5,0.002]" },
  { "[5e-324,1.7976931348623157e308,4.35,333333333.33333329]",
    "[5e-324,1.7976931348623157e+308,4.35,333333333.3333333]" },
  { "[9223372036854775807]", "[9223372036854776000]" },
  { "[1e400]", NULL },
};

Test (json_canonical, table)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_json struct sp_json *json = NULL;
      cleanup_buf struct sp_buf out = SP_BUF (1000), again = SP_BUF (1000);
      cr_assert (sp_json_parse (sp_view_str (cases[i].in), 64, &json, &err) == 0, "%s",
                 cases[i].in);
      int rc = sp_json_canonical (json, SP_JSON_ROOT, &out, &err);
      cr_expect ((rc == 0) == (cases[i].out != NULL), "%s: '%s'", cases[i].in, out.data);
      if (rc < 0 || !cases[i].out)
        continue;
      cr_expect (sp_view_is (sp_buf_view (&out), cases[i].out), "%s gives %s", cases[i].in,
                 out.data);
      cleanup_json struct sp_json *canonical = NULL;
      cr_assert (sp_json_parse (sp_buf_view (&out), 64, &canonical, &err) == 0
                 && sp_json_canonical (canonical, SP_JSON_ROOT, &again, &err) == 0);
      cr_expect (sp_view_equal (sp_buf_view (&out), sp_buf_view (&again)), "%s", cases[i].in);
    }
}

Test (json_canonical, depth)
{
  for (unsigned depth = SP_JSON_CANONICAL_DEPTH_MAX; depth <= SP_JSON_CANONICAL_DEPTH_MAX + 1;
       depth++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_json struct sp_json *json = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (1000), out = SP_BUF (1000);
      for (unsigned i = 0; i < depth; i++)
        sp_buf_byte (&text, '[');
      for (unsigned i = 0; i < depth; i++)
        sp_buf_byte (&text, ']');
      cr_assert (sp_json_parse (sp_buf_view (&text), 64, &json, &err) == 0);
      int rc = sp_json_canonical (json, SP_JSON_ROOT, &out, &err);
      cr_expect ((rc == 0) == (depth == SP_JSON_CANONICAL_DEPTH_MAX));
      if (rc < 0)
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}
