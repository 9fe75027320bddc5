/* SPDX-License-Identifier: Apache-2.0 */
#include "model/attachment_manifest.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define ELEMENT(version, type, content) \
  "{\"schemaVersion\":" version ",\"name\":\"x\",\"type\":" type ",\"content\":" content "}"
#define OURS(content)  ELEMENT ("2", "\"atomic\"", content)
#define LIST(elements) "{\"signatures\":[" elements "]}"

#define REFUSED ((size_t)-1)

/* How many signatures, and the bytes of the last. */
static const struct
{
  const char *name, *text;
  size_t count;
  const char *last;
} cases[] = {
  { "an empty object", "{}", 0, NULL },
  { "null", "null", 0, NULL },
  { "signatures that are null", "{\"signatures\":null}", 0, NULL },
  { "an empty list", LIST (""), 0, NULL },
  { "one", LIST (OURS ("\"YWJj\"")), 1, "abc" },
  { "two", LIST (OURS ("\"YWJj\"") "," OURS ("\"ZGVm\"")), 2, "def" },
  { "keys in any case",
    "{\"Signatures\":[{\"SchemaVersion\":2,\"TYPE\":\"atomic\",\"Content\":\"YWJj\"}]}", 1, "abc" },
  { "content with line ends", LIST (OURS ("\"YW\\nJj\"")), 1, "abc" },
  { "content in numbers", LIST (OURS ("[97,98]")), 1, "ab" },
  { "no content", LIST ("{\"schemaVersion\":2,\"type\":\"atomic\"}"), 1, "" },
  { "content that is null", LIST (OURS ("null")), 1, "" },
  /* Of another kind: none of ours. */
  { "another version", LIST (ELEMENT ("1", "\"atomic\"", "\"YWJj\"")), 0, NULL },
  { "another type", LIST (ELEMENT ("2", "\"sigstore\"", "\"YWJj\"")), 0, NULL },
  { "the type in another case", LIST (ELEMENT ("2", "\"Atomic\"", "\"YWJj\"")), 0, NULL },
  { "no type", LIST ("{\"schemaVersion\":2,\"content\":\"YWJj\"}"), 0, NULL },
  { "one of another type among ours",
    LIST (OURS ("\"YWJj\"") "," ELEMENT ("2", "\"x\"", "\"AAAA\"") "," OURS ("\"ZGVm\"")), 2,
    "def" },
  /* Of no kind at all: nothing of it is believed. */
  { "content that is no base64", LIST (OURS ("\"YWJ\"")), REFUSED, NULL },
  { "content of the URL alphabet", LIST (OURS ("\"-_-_\"")), REFUSED, NULL },
  { "the second's content is no base64", LIST (OURS ("\"YWJj\"") "," OURS ("\"!\"")), REFUSED,
    NULL },
  { "a version that is no integer", LIST (ELEMENT ("2.0", "\"atomic\"", "\"YWJj\"")), REFUSED,
    NULL },
  { "a version in quotes", LIST (ELEMENT ("\"2\"", "\"atomic\"", "\"YWJj\"")), REFUSED, NULL },
  { "a type that is a number", LIST (ELEMENT ("2", "7", "\"YWJj\"")), REFUSED, NULL },
  { "an element that is a number", LIST ("7"), REFUSED, NULL },
  { "a list that is an object", "{\"signatures\":{}}", REFUSED, NULL },
  { "an array", "[]", REFUSED, NULL },
  { "a page", "<html>", REFUSED, NULL },
  { "something behind it", LIST ("") "x", REFUSED, NULL },
  { "cut off", "{\"signatures\":[", REFUSED, NULL },
  { "nothing", "", REFUSED, NULL },
};

static void
free_all (struct sp_signature_blob **blobs, size_t len)
{
  for (size_t i = 0; i < len; i++)
    sp_signature_blob_free (blobs[i]);
  free (blobs);
}

Test (model_signature_list, lists)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_signature_blob **blobs = NULL;
      size_t len = 0;
      int rc = sp_signature_list_parse (sp_view_str (cases[i].text), "WHERE", &blobs, &len, &err);
      if (cases[i].count == REFUSED)
        cr_expect (rc == SIGPOLICY_E_REJECTED && !blobs && !len, "%s: %d", cases[i].name, rc);
      else
        cr_expect (rc == 0 && len == cases[i].count, "%s: %zu %s", cases[i].name, len,
                   sigpolicy_error_text (err));
      if (len && cases[i].last)
        {
          cr_expect (sp_view_is (blobs[len - 1]->message, cases[i].last), "%s", cases[i].name);
          cr_expect (blobs[len - 1]->format == SP_SIGNATURE_SIMPLE_SIGNING);
        }
      free_all (blobs, len);
    }
}

Test (model_signature_list, ceiling)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
      struct sp_signature_blob **blobs = NULL;
      size_t len = 0;
      sp_buf_str (&text, "{\"signatures\":[");
      for (size_t i = 0; i < SP_SIGNATURES_MAX + over; i++)
        sp_buf_printf (&text, "%s%s", i ? "," : "", OURS ("\"YWJj\""));
      sp_buf_str (&text, "]}");
      int rc = sp_signature_list_parse (sp_buf_view (&text), "WHERE", &blobs, &len, &err);
      cr_expect (rc == (over ? SIGPOLICY_E_REJECTED : 0));
      cr_expect (over ? sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT
                      : len == SP_SIGNATURES_MAX);
      free_all (blobs, len);
    }
}
