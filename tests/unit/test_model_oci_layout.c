/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci_layout.h"
#include "util/alloc.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define H16(digit) \
  digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit
#define D(digit) "sha256:" H16 (digit) H16 (digit) H16 (digit) H16 (digit)

#define NAMED(name)           ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" name "\"}"
#define TYPED(mime)           ",\"mediaType\":\"" mime "\""
#define IMAGE                 TYPED (SP_MIME_OCI_MANIFEST)
#define ENTRY(digit, members) "{\"digest\":\"" D (digit) "\"" members "}"
#define INDEX(entries)        "{\"schemaVersion\":2,\"manifests\":[" entries "]}"
#define ONE                   ENTRY ("1", IMAGE NAMED ("one"))
#define TWO                   ENTRY ("2", IMAGE NAMED ("two"))

/* digest of NULL: refused with this code, and a message that has these words. */
static const struct
{
  const char *what, *index, *selector, *digest, *mime;
  int code;
  const char *words;
} cases[] = {
  { "the only one", INDEX (ONE), NULL, D ("1"), SP_MIME_OCI_MANIFEST, 0, NULL },
  { "the only one, of another type", INDEX (ENTRY ("1", TYPED ("text/plain"))), NULL, D ("1"),
    "text/plain", 0, NULL },
  { "the only one, without a type", INDEX (ENTRY ("1", "")), NULL, D ("1"), NULL, 0, NULL },
  { "the only one, of an empty type", INDEX (ENTRY ("1", TYPED (""))), NULL, D ("1"), NULL, 0,
    NULL },
  { "a type with a NUL", INDEX (ENTRY ("1", TYPED (SP_MIME_OCI_INDEX "\\u0000"))), NULL, D ("1"),
    SP_MIME_OCI_INDEX "\xef\xbf\xbd", 0, NULL },
  { "one of two", INDEX (ONE "," TWO), NULL, NULL, NULL, SIGPOLICY_E_NOT_FOUND,
    "more than one image in oci" },
  { "one of none", INDEX (""), NULL, NULL, NULL, SIGPOLICY_E_NOT_FOUND,
    "more than one image in oci" },
  { "one of nothing", "{}", NULL, NULL, NULL, SIGPOLICY_E_NOT_FOUND, "more than one image in oci" },
  { "by name", INDEX (ONE "," TWO), "two", D ("2"), SP_MIME_OCI_MANIFEST, 0, NULL },
  { "the first of a name", INDEX (ONE "," ENTRY ("3", IMAGE NAMED ("one"))), "one", D ("1"),
    SP_MIME_OCI_MANIFEST, 0, NULL },
  { "the first image of a name",
    INDEX (ENTRY ("3", TYPED ("text/plain") NAMED ("one")) "," ENTRY ("4", NAMED ("one")) "," ONE),
    "one", D ("1"), SP_MIME_OCI_MANIFEST, 0, NULL },
  { "a list by name", INDEX (ENTRY ("1", TYPED (SP_MIME_V2_LIST) NAMED ("one"))), "one", D ("1"),
    SP_MIME_V2_LIST, 0, NULL },
  { "another name", INDEX (ONE), "two", NULL, NULL, SIGPOLICY_E_NOT_FOUND,
    "no descriptor found for reference \"two\"" },
  { "a name in another case", INDEX (ONE), "One", NULL, NULL, SIGPOLICY_E_NOT_FOUND,
    "no descriptor found" },
  { "a name of something else", INDEX (ENTRY ("1", TYPED ("text/plain") NAMED ("one"))), "one",
    NULL, NULL, SIGPOLICY_E_REJECTED,
    "reference \"one\" matches unsupported manifest MIME types [\"text/plain\"]" },
  { "an annotation in another case",
    INDEX (ENTRY ("1", IMAGE ",\"annotations\":{\"org.OpenContainers.image.ref.name\":\"one\"}")),
    "one", NULL, NULL, SIGPOLICY_E_NOT_FOUND, "no descriptor found" },
  { "annotations that are taken away",
    INDEX (ENTRY ("1", IMAGE NAMED ("one") ",\"annotations\":null")), "one", NULL, NULL,
    SIGPOLICY_E_NOT_FOUND, "no descriptor found" },
  { "by its place", INDEX (ONE "," TWO), "@1", D ("2"), SP_MIME_OCI_MANIFEST, 0, NULL },
  { "beyond the last place", INDEX (ONE "," TWO), "@2", NULL, NULL, SIGPOLICY_E_NOT_FOUND,
    "index 2 is too large, only 2 entries available" },
  { "keys in any case", "{\"MANIFESTS\":[{\"Digest\":\"" D ("1") "\",\"MEDIATYPE\":\"a/b\"}]}",
    NULL, D ("1"), "a/b", 0, NULL },
  { "manifests twice", "{\"manifests\":[" ONE "," TWO "],\"manifests\":[{\"mediaType\":\"a/b\"}]}",
    NULL, D ("1"), "a/b", 0, NULL },
  { "manifests taken away", "{\"manifests\":[" ONE "],\"manifests\":null}", NULL, NULL, NULL,
    SIGPOLICY_E_NOT_FOUND, "more than one image" },
  { "more behind it", INDEX (ONE) "]}\"and more", NULL, D ("1"), SP_MIME_OCI_MANIFEST, 0, NULL },
  { "braces in strings", "{\"annotations\":{\"a\":\"\\\"}{\\\\\"},\"manifests\":[" ONE "]}x", NULL,
    D ("1"), SP_MIME_OCI_MANIFEST, 0, NULL },
  { "no digest", INDEX ("{}"), NULL, NULL, NULL, SIGPOLICY_E_REJECTED,
    "unexpected digest reference \"\"" },
  { "a digest in capitals", INDEX ("{\"digest\":\"SHA256:x\"}"), NULL, NULL, NULL,
    SIGPOLICY_E_REJECTED, "unexpected digest reference \"SHA256:x\"" },
  { "a digest with a NUL behind", INDEX ("{\"digest\":\"" D ("1") "\\u0000\"}"), NULL, NULL, NULL,
    SIGPOLICY_E_REJECTED, "unexpected digest reference" },
  { "a digest that is a path", INDEX ("{\"digest\":\"sha256:../../x\"}"), NULL, NULL, NULL,
    SIGPOLICY_E_REJECTED, "unexpected digest reference" },
};

static struct sp_oci_layout *
parse (const char *text, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf index = SP_BUF (SP_MANIFEST_BYTES_MAX);
  struct sp_oci_layout *layout = NULL;
  sp_buf_str (&index, text);
  (void)!sp_oci_layout_parse (&index, &layout, err);
  cr_expect_eq (index.len, 0);
  return layout;
}

Test (model_oci_layout, choose)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_oci_layout struct sp_oci_layout *layout = parse (cases[i].index, &err);
      cleanup_free char *digest = NULL, *mime = NULL;

      cr_assert (layout, "%s: %s", cases[i].what, sigpolicy_error_text (err));
      int rc = sp_oci_layout_choose (layout, cases[i].selector, &digest, &mime, &err);
      cr_expect_eq (rc, cases[i].code, "%s: %d", cases[i].what, rc);
      if (cases[i].words)
        cr_expect (strstr (sigpolicy_error_message (err), cases[i].words), "%s: %s", cases[i].what,
                   sigpolicy_error_message (err));
      else
        cr_expect_str_eq (digest, cases[i].digest, "%s", cases[i].what);
      cr_expect (mime && cases[i].mime ? strcmp (mime, cases[i].mime) == 0 : mime == cases[i].mime,
                 "%s: %s", cases[i].what, mime);
    }
}

Test (model_oci_layout, what_is_no_index)
{
  static const char *const texts[] = {
    "",
    "{",
    "[]",
    "1",
    "}",
    "{\"manifests\":{}}",
    "{\"manifests\":[1]}",
    "{\"manifests\":[{\"digest\":1}]}",
    "{\"manifests\":[{\"annotations\":{\"a\":1}}]}",
    "{\"schemaVersion\":\"2\"}",
    "{\"manifests\":[]]",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_oci_layout struct sp_oci_layout *layout = parse (texts[i], &err);
      cr_expect (!layout && sigpolicy_error_code (err) == SIGPOLICY_E_REJECTED, "%s", texts[i]);
    }
}

Test (model_oci_layout, ceiling)
{
  for (size_t count = SP_MANIFEST_ENTRIES_MAX; count <= SP_MANIFEST_ENTRIES_MAX + 1; count++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_MANIFEST_BYTES_MAX);
      sp_buf_str (&text, "{\"manifests\":[{}");
      for (size_t i = 1; i < count; i++)
        sp_buf_str (&text, ",{}");
      sp_buf_str (&text, "]}");
      cleanup_oci_layout struct sp_oci_layout *layout = parse (text.data, &err);
      cr_expect_eq (layout != NULL, count == SP_MANIFEST_ENTRIES_MAX, "%zu", count);
      cr_expect (layout || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}

Test (model_oci_layout, types_and_places_by_digest)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_oci_layout struct sp_oci_layout *layout
      = parse (INDEX (ENTRY ("1", "") "," ENTRY ("2", TYPED ("a/b")) "," ENTRY ("1", IMAGE)), &err);
  cleanup_free char *first = NULL, *second = NULL, *none = NULL;
  cleanup_free char *blob = sp_oci_layout_blob (D ("1"), &err);

  cr_assert (layout && blob);
  cr_expect_eq (sp_oci_layout_mime (layout, D ("1"), &first, &err), 0);
  cr_expect_eq (sp_oci_layout_mime (layout, D ("2"), &second, &err), 0);
  cr_expect_eq (sp_oci_layout_mime (layout, D ("3"), &none, &err), 0);
  cr_expect (!first && !none, "the first entry of a digest decides");
  cr_expect_str_eq (second, "a/b");
  cr_expect_str_eq (blob, "blobs/sha256/" H16 ("1") H16 ("1") H16 ("1") H16 ("1"));
}
