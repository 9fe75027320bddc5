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

Test (model_referrers, no_more_than_the_limit)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_referrers struct sp_referrers referrers = { 0 };
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);

  sp_buf_str (&text, "{\"manifests\":[");
  for (size_t i = 0; i <= SP_REFERRERS_MAX; i++)
    sp_buf_printf (&text, "%s%s", i ? "," : "", ENTRY (DIGEST, "\"x\""));
  sp_buf_str (&text, "]}");
  cr_assert (sp_referrers_parse (sp_buf_view (&text), &referrers, &err) == 0);
  cr_expect (referrers.len == SP_REFERRERS_MAX && referrers.more);
}

/* What a manifest of cosign or of another says of itself; "" is what nobody knows. */
#define SUBJECT         ",\"subject\":{\"digest\":\"" DIGEST "\"}}"
#define EMPTY           "application/vnd.oci.empty.v1+json"
#define CONFIG(type)    "\"config\":{\"mediaType\":\"" type "\"}"
#define LAYER(type)     "\"layers\":[{\"mediaType\":\"" type "\"}]"
#define BUNDLE          "application/vnd.dev.sigstore.bundle.v0.3+json"
#define PREDICATE(type) "\"annotations\":{\"dev.sigstore.bundle.predicateType\":\"" type "\"}"
#define SIGN            "https://sigstore.dev/cosign/sign/v1"

static const struct
{
  const char *name, *manifest, *words;
} manifests[] = {
  { "its artifact type", "{\"artifactType\":\"" BUNDLE "\"," CONFIG (EMPTY) SUBJECT, "a Sigstore" },
  { "its configuration's type",
    "{" CONFIG ("application/vnd.dev.cosign.artifact.sig.v1+json") SUBJECT,
    "a signature by cosign" },
  { "its layer's type", "{" CONFIG (EMPTY) "," LAYER (BUNDLE) SUBJECT, "a Sigstore" },
  { "an image's configuration says nothing",
    "{" CONFIG ("application/vnd.oci.image.config.v1+json") "," LAYER (BUNDLE) SUBJECT,
    "a Sigstore" },
  { "a bundle that signs", "{\"artifactType\":\"" BUNDLE "\"," PREDICATE (SIGN) SUBJECT,
    "a Sigstore" },
  { "a bundle that attests",
    "{\"artifactType\":\"" BUNDLE "\"," PREDICATE ("https://slsa.dev/provenance/v1") SUBJECT,
    "an attestation" },
  { "of another image", "{\"artifactType\":\"" BUNDLE "\",\"subject\":{\"digest\":\"sha256:00\"}}",
    "" },
  { "of no image", "{\"artifactType\":\"" BUNDLE "\"}", "" },
  { "of a type that nobody knows", "{\"artifactType\":\"a/b\"" SUBJECT, "" },
  { "of the wrong shape", "{\"artifactType\":7" SUBJECT, "" },
  { "no JSON", "<html>", "" },
};

Test (model_referrers, manifests)
{
  for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_referrers struct sp_referrers referrers = { 0 };
      cr_assert (sp_referrers_add (&referrers, sp_view_str (DIGEST), sp_view_str (EMPTY),
                                   sp_view_str (""), &err)
                 == 0);
      cr_expect (sp_referrer_is_vague (&referrers.items[0]));
      cr_assert (sp_referrer_read_manifest (&referrers.items[0],
                                            sp_view_str (manifests[i].manifest), DIGEST, &err)
                 == 0);
      const struct sp_attachment *known = referrers.items[0].known;
      cr_expect (known ? *manifests[i].words && strstr (known->words, manifests[i].words)
                       : !*manifests[i].words,
                 "%s: %s", manifests[i].name, known ? known->words : "unknown");
    }
}
