/* SPDX-License-Identifier: Apache-2.0 */
#include "model/attachment_manifest.h"
#include "model/manifest.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define HEX    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" HEX
#define COSIGN "application/vnd.dev.cosign.simplesigning.v1+json"
#define CONFIG                                                                                  \
  "\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" DIGEST \
  "\",\"size\":2}"
#define LAYER             "{\"mediaType\":\"" COSIGN "\",\"digest\":\"" DIGEST "\",\"size\":1}"
#define MANIFEST(members) "{\"schemaVersion\":2," CONFIG members "}"

/* How many attachments there are; REFUSED. */
#define REFUSED ((size_t)-1)

static const struct
{
  const char *name, *text, *mime;
  size_t count;
} cases[] = {
  { "no layers", MANIFEST (""), SP_MIME_OCI_MANIFEST, 0 },
  { "layers that are null", MANIFEST (",\"layers\":null"), SP_MIME_OCI_MANIFEST, 0 },
  { "one", MANIFEST (",\"layers\":[" LAYER "]"), SP_MIME_OCI_MANIFEST, 1 },
  { "two", MANIFEST (",\"layers\":[" LAYER "," LAYER "]"), SP_MIME_OCI_MANIFEST, 2 },
  { "keys in any case", MANIFEST (",\"Layers\":[" LAYER "]"), SP_MIME_OCI_MANIFEST, 1 },
  { "a longer digest", MANIFEST (",\"layers\":[{\"digest\":\"sha512:" HEX HEX "\"}]"),
    SP_MIME_OCI_MANIFEST, 1 },
  { "unknown members", MANIFEST (",\"subject\":{\"digest\":\"x\"},\"layers\":[" LAYER "]"),
    SP_MIME_OCI_MANIFEST, 1 },
  /* The type is what the server says, to the letter. */
  { "a list by its type", MANIFEST (",\"layers\":[" LAYER "]"), SP_MIME_OCI_INDEX, REFUSED },
  { "an image of Docker by its type", MANIFEST (",\"layers\":[" LAYER "]"), SP_MIME_V2S2, REFUSED },
  { "no type", MANIFEST (",\"layers\":[" LAYER "]"), "", REFUSED },
  { "JSON by its type", MANIFEST (",\"layers\":[" LAYER "]"), "application/json", REFUSED },
  /* What would become a path or a URL if it were believed. */
  { "no digest", MANIFEST (",\"layers\":[{}]"), SP_MIME_OCI_MANIFEST, REFUSED },
  { "a digest one digit short",
    MANIFEST (",\"layers\":[{\"digest\":\"sha256:"
              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\"}]"),
    SP_MIME_OCI_MANIFEST, REFUSED },
  { "a path as a digest", MANIFEST (",\"layers\":[{\"digest\":\"sha256:../../x\"}]"),
    SP_MIME_OCI_MANIFEST, REFUSED },
  { "a bad digest behind a good one", MANIFEST (",\"layers\":[" LAYER ",{\"digest\":\"sha256:\"}]"),
    SP_MIME_OCI_MANIFEST, REFUSED },
  { "a digest with a NUL", MANIFEST (",\"layers\":[{\"digest\":\"" DIGEST "\\u0000\"}]"),
    SP_MIME_OCI_MANIFEST, REFUSED },
  /* Documents of two kinds, or of none. */
  { "a list, too", MANIFEST (",\"layers\":[" LAYER "],\"manifests\":[]"), SP_MIME_OCI_MANIFEST,
    REFUSED },
  { "schema 1, too", MANIFEST (",\"layers\":[" LAYER "],\"FSLayers\":[]"), SP_MIME_OCI_MANIFEST,
    REFUSED },
  { "layers of another type", MANIFEST (",\"layers\":{}"), SP_MIME_OCI_MANIFEST, REFUSED },
  { "a layer of another type", MANIFEST (",\"layers\":[7]"), SP_MIME_OCI_MANIFEST, REFUSED },
  { "an annotation that is no text",
    MANIFEST (",\"layers\":[{\"digest\":\"" DIGEST "\",\"annotations\":{\"a\":7}}]"),
    SP_MIME_OCI_MANIFEST, REFUSED },
  { "no object", "[]", SP_MIME_OCI_MANIFEST, REFUSED },
  { "cut off", "{\"layers\":[", SP_MIME_OCI_MANIFEST, REFUSED },
  { "a page", "<html>", SP_MIME_OCI_MANIFEST, REFUSED },
  { "nothing", "", SP_MIME_OCI_MANIFEST, REFUSED },
};

static int
parse (const char *text, const char *mime, struct sp_attachments **ret, sigpolicy_error **err)
{
  struct sp_buf manifest = SP_BUF (SP_MANIFEST_BYTES_MAX);
  sp_buf_str (&manifest, text);
  int rc = sp_attachments_parse (&manifest, mime, "WHERE", ret, err);
  cr_expect (!manifest.len, "the manifest is not taken over");
  return rc;
}

Test (model_attachment_manifest, manifests)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_attachments struct sp_attachments *attachments = NULL;
      int rc = parse (cases[i].text, cases[i].mime, &attachments, &err);
      if (cases[i].count == REFUSED)
        {
          cr_expect (rc < 0 && rc != SIGPOLICY_E_NO_MEMORY && rc != SIGPOLICY_E_NOT_FOUND, "%s: %d",
                     cases[i].name, rc);
          cr_expect (!attachments);
          continue;
        }
      cr_assert (rc == 0, "%s: %s", cases[i].name, sigpolicy_error_text (err));
      cr_expect (sp_attachments_count (attachments) == cases[i].count, "%s: %zu", cases[i].name,
                 sp_attachments_count (attachments));
    }
}

Test (model_attachment_manifest, tag)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *tag = sp_attachments_tag (DIGEST, &err);
  cr_expect_str_eq (tag, "sha256-" HEX ".sig");
}

/* What a layer says goes with its blob. */
Test (model_attachment_manifest, signature)
{
  static const char text[] = MANIFEST (
      ",\"layers\":[{\"mediaType\":\"" COSIGN "\",\"digest\":\"" DIGEST
      "\",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"AAAA\",\"other\":\"b\"}}]");
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_attachments struct sp_attachments *attachments = NULL;
  cleanup_signature_blob struct sp_signature_blob *blob = NULL;
  struct sp_buf payload = SP_BUF (SP_KIB);
  struct sp_view value;

  cr_assert (parse (text, SP_MIME_OCI_MANIFEST, &attachments, &err) == 0);
  cr_expect_str_eq (sp_attachments_digest (attachments, 0), DIGEST);
  sp_buf_str (&payload, "payload");
  cr_assert (sp_attachments_signature (attachments, 0, &payload, "SOURCE", &blob, &err) == 0);
  cr_expect (blob->format == SP_SIGNATURE_SIGSTORE_JSON);
  cr_expect (sp_view_is (sp_buf_view (&blob->payload), "payload"));
  cr_expect (sp_view_is (sp_buf_view (&blob->mime_type), COSIGN));
  cr_expect_str_eq (blob->source, "SOURCE");
  cr_expect (sp_signature_blob_annotation (blob, "dev.cosignproject.cosign/signature", &value)
             && sp_view_is (value, "AAAA"));
  cr_expect (!sp_signature_blob_annotation (blob, "dev.cosignproject.cosign/Signature", &value));
}

Test (model_attachment_manifest, ceiling)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_attachments struct sp_attachments *attachments = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
      sp_buf_str (&text, "{\"layers\":[");
      for (size_t i = 0; i < SP_SIGNATURES_MAX + over; i++)
        sp_buf_printf (&text, "%s%s", i ? "," : "", LAYER);
      sp_buf_str (&text, "]}");
      int rc = parse (text.data, SP_MIME_OCI_MANIFEST, &attachments, &err);
      cr_expect (rc == (over ? SIGPOLICY_E_REJECTED : 0));
      cr_expect (!over || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}
