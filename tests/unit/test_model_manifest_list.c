/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest_int.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/limits.h"

#include <criterion/criterion.h>

#define OCI "application/vnd.oci.image.index.v1+json"
#define V2  "application/vnd.docker.distribution.manifest.list.v2+json"

/* A digest from one digit. */
#define D(digit) "sha256:" H16 (digit) H16 (digit) H16 (digit) H16 (digit)
#define H16(digit) \
  digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit

#define ENTRY(digit, members) "{\"digest\":\"" D (digit) "\"" members "}"
#define PLATFORM(arch, variant) \
  ",\"platform\":{\"architecture\":\"" arch "\",\"os\":\"linux\",\"variant\":\"" variant "\"}"
#define AMD64         PLATFORM ("amd64", "")
#define ARM64         PLATFORM ("arm64", "")
#define ARM_V5        PLATFORM ("arm", "v5")
#define ARM_V7        PLATFORM ("arm", "v7")
#define ARM_V8        PLATFORM ("arm", "v8")
#define ZSTD          ",\"annotations\":{\"io.github.containers.compression.zstd\":\"true\"}"
#define LIST(entries) "{\"schemaVersion\":2,\"manifests\":[" entries "]}"

/* chosen of NULL: refused, with a message that has these words. */
static const struct
{
  const char *name, *mime, *architecture, *variant, *list, *chosen, *words;
} cases[] = {
  { "the one that fits", V2, "amd64", NULL, LIST (ENTRY ("1", ARM64) "," ENTRY ("2", AMD64)),
    D ("2"), NULL },
  { "the same of an index", OCI, "amd64", NULL, LIST (ENTRY ("1", ARM64) "," ENTRY ("2", AMD64)),
    D ("2"), NULL },
  { "the first of two", OCI, "amd64", NULL, LIST (ENTRY ("1", AMD64) "," ENTRY ("2", AMD64)),
    D ("1"), NULL },
  { "zstd before others", OCI, "amd64", NULL,
    LIST (ENTRY ("1", AMD64) "," ENTRY ("2", AMD64 ZSTD) "," ENTRY ("3", AMD64 ZSTD)), D ("2"),
    NULL },
  { "zstd means nothing in a Docker list", V2, "amd64", NULL,
    LIST (ENTRY ("1", AMD64) "," ENTRY ("2", AMD64 ZSTD)), D ("1"), NULL },
  { "zstd does not outweigh the platform", OCI, "arm", "v7",
    LIST (ENTRY ("1", ARM_V5 ZSTD) "," ENTRY ("2", ARM_V7)), D ("2"), NULL },
  { "zstd by any other name", OCI, "amd64", NULL,
    LIST (ENTRY ("1", AMD64) "," ENTRY (
        "2", AMD64 ",\"annotations\":{\"IO.github.containers.compression.zstd\":\"true\","
                   "\"io.github.containers.compression.zstd\":\"True\"}")),
    D ("1"), NULL },
  { "zstd taken away again", OCI, "amd64", NULL,
    LIST (ENTRY ("1", AMD64) "," ENTRY ("2", AMD64 ZSTD ",\"annotations\":null")), D ("1"), NULL },
  { "zstd beside other annotations", OCI, "amd64", NULL,
    LIST (ENTRY ("1", AMD64) "," ENTRY ("2", AMD64 ZSTD ",\"annotations\":{\"a\":\"b\"}")), D ("2"),
    NULL },
  { "no platform is the last resort of an index", OCI, "amd64", NULL,
    LIST (ENTRY ("1", "") "," ENTRY ("2", AMD64)), D ("2"), NULL },
  { "no platform will do", OCI, "amd64", NULL, LIST (ENTRY ("1", ARM64) "," ENTRY ("2", "")),
    D ("2"), NULL },
  { "null is no platform", OCI, "amd64", NULL, LIST (ENTRY ("1", ",\"platform\":null")), D ("1"),
    NULL },
  { "no platform never fits in a Docker list", V2, "amd64", NULL, LIST (ENTRY ("1", "")), NULL,
    "no image found in manifest list for architecture \"amd64\", variant \"\", OS \"linux\"" },
  { "an empty platform is a platform", OCI, "amd64", NULL, LIST (ENTRY ("1", ",\"platform\":{}")),
    NULL, "no image found in image index for architecture \"amd64\", variant \"\", OS \"linux\"" },
  { "other system", OCI, "amd64", NULL,
    LIST (ENTRY ("1", ",\"platform\":{\"architecture\":\"amd64\",\"os\":\"windows\"}")), NULL,
    "no image found" },
  { "case counts in platforms", OCI, "amd64", NULL,
    LIST (ENTRY ("1", ",\"platform\":{\"architecture\":\"AMD64\",\"os\":\"linux\"}")), NULL,
    "no image found" },
  { "os.version and features do not count", OCI, "amd64", NULL,
    LIST (ENTRY ("1", ",\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\","
                      "\"os.version\":\"9\",\"os.features\":[\"x\"],\"features\":1}")),
    D ("1"), NULL },
  { "nothing in it", OCI, "amd64", NULL, LIST (""), NULL, "no image found" },
  { "no list at all", OCI, "amd64", NULL, "{}", NULL, "no image found" },
  { "null", V2, "amd64", NULL, "null", NULL, "no image found" },

  { "variant: itself", OCI, "arm", "v7", LIST (ENTRY ("1", ARM_V5) "," ENTRY ("2", ARM_V7)),
    D ("2"), NULL },
  { "variant: a lesser one", OCI, "arm", "v7", LIST (ENTRY ("1", ARM_V8) "," ENTRY ("2", ARM_V5)),
    D ("2"), NULL },
  { "variant: not a greater one", OCI, "arm", "v7", LIST (ENTRY ("1", ARM_V8)), NULL,
    "architecture \"arm\", variant \"v7\", OS \"linux\"" },
  { "variant: none, after the lesser ones", V2, "arm", "v7",
    LIST (ENTRY ("1", PLATFORM ("arm", "")) "," ENTRY ("2", ARM_V5)), D ("2"), NULL },
  { "variant: unknown, itself or none", V2, "arm", "v9",
    LIST (ENTRY ("1", ARM_V8) "," ENTRY ("2", PLATFORM ("arm", ""))), D ("2"), NULL },
  { "no variant: none first", OCI, "arm", NULL,
    LIST (ENTRY ("1", ARM_V8) "," ENTRY ("2", PLATFORM ("arm", ""))), D ("2"), NULL },
  { "no variant: then the greatest", OCI, "arm", NULL,
    LIST (ENTRY ("1", ARM_V5) "," ENTRY ("2", ARM_V8) "," ENTRY ("3", ARM_V7)), D ("2"), NULL },
  { "no variant, and none known", OCI, "amd64", NULL,
    LIST (ENTRY ("1", PLATFORM ("amd64", "v3")) "," ENTRY ("2", PLATFORM ("amd64", "v2"))), NULL,
    "no image found" },
  { "variant of amd64", OCI, "amd64", "v3",
    LIST (ENTRY ("1", PLATFORM ("amd64", "v2")) "," ENTRY ("2", PLATFORM ("amd64", "v3"))), D ("2"),
    NULL },

  { "keys in any case", OCI, "amd64", NULL,
    "{\"MANIFEST\\u017f\":[{\"Digest\":\"" D ("1") "\",\"PLATFORM\":{\"Architecture\":\"amd64\","
                                                   "\"OS\":\"linux\"}}]}",
    D ("1"), NULL },
  { "the last digest counts", OCI, "amd64", NULL,
    LIST ("{\"digest\":\"" D ("1") "\",\"digest\":\"" D ("2") "\",\"digest\":null" AMD64 "}"),
    D ("2"), NULL },
  { "a second list is read over the first", OCI, "arm64", NULL,
    "{\"manifests\":[" ENTRY ("1", AMD64) "],\"manifests\":[{\"platform\":{\"architecture\":"
                                          "\"arm64\"}}]}",
    D ("1"), NULL },
  { "a second list ends where it ends", OCI, "arm64", NULL,
    "{\"manifests\":[" ENTRY ("1", AMD64) "," ENTRY ("2", ARM64) "],\"manifests\":[{}]}", NULL,
    "no image found" },
  { "null starts afresh", OCI, "amd64", NULL,
    "{\"manifests\":[" ENTRY ("1", AMD64) "],\"manifests\":null,\"manifests\":[{}]}", NULL,
    "invalid checksum digest format" },
  { "a second platform is read over the first", V2, "arm64", NULL,
    LIST (ENTRY ("1", AMD64 ",\"platform\":{\"architecture\":\"arm64\"},\"platform\":null")),
    D ("1"), NULL },
  { "null takes the platform of an index away", OCI, "arm64", NULL,
    LIST (ENTRY ("1", AMD64 ",\"platform\":null")), D ("1"), NULL },

  { "ambiguous: config", OCI, "amd64", NULL, "{\"manifests\":[],\"config\":{}}", NULL,
    "rejecting ambiguous manifest, unexpected fields []string{\"config\"} in supposedly " OCI },
  { "ambiguous: layers", V2, "amd64", NULL, "{\"manifests\":[],\"layers\":[]}", NULL,
    "rejecting ambiguous manifest, unexpected fields []string{\"layers\"} in supposedly " V2 },
  { "ambiguous: in any case", OCI, "amd64", NULL,
    "{\"LAYERS\":1,\"hi\\u017ftory\":\"\",\"FSLayers\":false,\"Config\":0,\"manifests\":[" ENTRY (
        "1", AMD64) "]}",
    NULL, "[]string{\"config\", \"fsLayers\", \"history\", \"layers\"}" },
  { "not ambiguous: null", OCI, "amd64", NULL,
    "{\"config\":null,\"manifests\":[" ENTRY ("1", AMD64) "]}", D ("1"), NULL },
  { "not ambiguous: the last is null", OCI, "amd64", NULL,
    "{\"config\":{},\"Config\":null,\"manifests\":[" ENTRY ("1", AMD64) "]}", D ("1"), NULL },

  { "not JSON", OCI, "amd64", NULL, "{", NULL, "" },
  { "not an object", OCI, "amd64", NULL, "[]", NULL, "expected an object" },
  { "manifests of another type", OCI, "amd64", NULL, "{\"manifests\":{}}", NULL, "an array" },
  { "an entry of another type", OCI, "amd64", NULL, LIST ("1"), NULL, "an object" },
  { "a platform of another type", OCI, "amd64", NULL,
    LIST (ENTRY ("1", AMD64) "," ENTRY ("2", ",\"platform\":[]")), NULL, "an object" },
  { "a size of another type", V2, "amd64", NULL, LIST (ENTRY ("1", ",\"size\":1.0" AMD64)), NULL,
    "an integer" },
  { "data counts in an index", OCI, "amd64", NULL, LIST (ENTRY ("1", ",\"data\":1" AMD64)), NULL,
    "" },
  { "and not in a Docker list", V2, "amd64", NULL, LIST (ENTRY ("1", ",\"data\":1" AMD64)), D ("1"),
    NULL },
  { "features count in a Docker list", V2, "amd64", NULL,
    LIST (ENTRY ("1", ",\"platform\":{\"features\":1}")), NULL, "an array of strings" },
  { "subject of another type", OCI, "amd64", NULL, "{\"subject\":1,\"manifests\":[]}", NULL,
    "an object" },
  { "a number nobody can read", OCI, "amd64", NULL, "{\"layers\":1e999,\"layers\":null}", NULL,
    "number" },
};

static int
choose (const char *list, const char *mime, const char *architecture, const char *variant,
        char **ret, sigpolicy_error **err)
{
  struct sp_platform platform = { architecture, NULL, variant };
  return sp_manifest_choose (sp_view_str (list), mime, &platform, ret, err);
}

Test (model_manifest_list, choose)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *chosen = NULL;
      int rc = choose (cases[i].list, cases[i].mime, cases[i].architecture, cases[i].variant,
                       &chosen, &err);
      if (cases[i].chosen)
        {
          cr_assert (rc == 0, "%s: %s", cases[i].name, sigpolicy_error_text (err));
          cr_expect_str_eq (chosen, cases[i].chosen, "%s", cases[i].name);
          continue;
        }
      cr_assert (rc == SIGPOLICY_E_REJECTED, "%s: %s", cases[i].name, chosen);
      const char *message = sigpolicy_error_message (err);
      cr_expect (strstr (message, cases[i].words), "%s: %s", cases[i].name, message);
      cr_expect (sigpolicy_error_reason (err)
                     == (strstr (message, "no image found") ? SIGPOLICY_REASON_NOT_FOUND
                                                            : SIGPOLICY_REASON_UNSUPPORTED_FORMAT),
                 "%s", cases[i].name);
    }
}

/* What would become a path or a URL if it were believed. */
Test (model_manifest_list, bad_digests)
{
  static const char *const digests[] = {
    "",
    "sha256",
    "sha256:",
    "sha256:../../etc/passwd",
    "sha256:%2e%2e",
    "../../../etc/passwd",
    "sha256:" H16 ("A") H16 ("A") H16 ("A") H16 ("A"),
    "sha256:" H16 ("a") H16 ("a") H16 ("a"),
    "sha256:" H16 ("a") H16 ("a") H16 ("a") H16 ("a") "a",
    "sha256:" H16 ("a") H16 ("a") H16 ("a") H16 ("a") "\\u0000",
    "sha256:" H16 ("a") H16 ("a") H16 ("a") H16 ("a") "\\n",
    "sha256:" H16 ("a") H16 ("a") H16 ("a") "a/../aaaaaaaaaa",
    "sha1:" H16 ("a") H16 ("a") "aaaaaaaa",
    "SHA256:" H16 ("a") H16 ("a") H16 ("a") H16 ("a"),
  };
  for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *list
          = sp_asprintf (&err, "{\"manifests\":[{\"digest\":\"%s\"}]}", digests[i]);
      cleanup_free char *chosen = NULL;
      cr_assert (list);
      cr_expect (choose (list, OCI, "amd64", NULL, &chosen, &err) == SIGPOLICY_E_REJECTED, "'%s'",
                 digests[i]);
      cr_expect (!chosen);
      /* Nor is one in a list of all of them, wherever it stands. */
      cleanup_instances struct sp_instances all = { 0 };
      cleanup_free char *behind = sp_asprintf (
          &err, "{\"manifests\":[" ENTRY ("1", AMD64) ",{\"digest\":\"%s\"}]}", digests[i]);
      sp_error_clear (&err);
      cr_expect (sp_manifest_instances (sp_view_str (behind), OCI, &all, &err)
                     == SIGPOLICY_E_REJECTED,
                 "'%s'", digests[i]);
      cr_expect (!all.len && !all.items);
    }
}

Test (model_manifest_list, instances)
{
  static const struct
  {
    const char *list, *platforms; /* each behind a comma; NULL: refused */
  } rows[] = {
    { LIST (""), "" },
    { LIST (ENTRY ("1", AMD64)), ",linux/amd64" },
    { LIST (ENTRY ("1", ARM_V7) "," ENTRY ("1", AMD64) "," ENTRY ("2", "")),
      ",linux/arm/v7,linux/amd64," },
    { LIST (ENTRY ("1", ",\"platform\":{\"os\":\"windows\"}")), ",windows" },
    { LIST (ENTRY ("1", ",\"platform\":{\"os\":\"a\\u001b[31m\",\"architecture\":\"b\\nc\"}")),
      ",a\\x1b[31m/b\\x0ac" },
    { "{\"manifests\":[],\"layers\":[]}", NULL },
    { "[]", NULL },
    { "", NULL },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_instances struct sp_instances all = { 0 };
      cleanup_buf struct sp_buf found = SP_BUF (SP_KIB);
      int rc = sp_manifest_instances (sp_view_str (rows[i].list), OCI, &all, &err);
      cr_expect (rc == (rows[i].platforms ? 0 : SIGPOLICY_E_REJECTED), "%s", rows[i].list);
      for (size_t j = 0; j < all.len; j++)
        sp_buf_printf (&found, ",%s", all.items[j].platform);
      cr_expect (rc < 0 || sp_view_is (sp_buf_view (&found), rows[i].platforms), "%s: %s",
                 rows[i].list, found.data);
    }
}

Test (model_manifest_list, longer_digests_are_digests)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *chosen = NULL;
  cr_expect (choose ("{\"manifests\":[{\"digest\":\"sha384:" H16 ("a") H16 ("a") H16 ("a") H16 ("a")
                         H16 ("a") H16 ("a") "\"}]}",
                     OCI, "amd64", NULL, &chosen, &err)
                 == 0,
             "%s", sigpolicy_error_text (err));
}

Test (model_manifest_list, entries)
{
  for (unsigned over = 0; over < 2; over++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf list = SP_BUF (SP_MANIFEST_BYTES_MAX);
      cleanup_free char *chosen = NULL;
      sp_buf_str (&list, "{\"manifests\":[");
      for (unsigned i = 1; i < SP_MANIFEST_ENTRIES_MAX + over; i++)
        sp_buf_str (&list, ENTRY ("1", ARM64) ",");
      sp_buf_str (&list, ENTRY ("2", AMD64) "]}");
      int rc = choose (list.data, OCI, "amd64", NULL, &chosen, &err);
      cr_expect (rc == (over ? SIGPOLICY_E_REJECTED : 0));
      cr_expect (over ? sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT
                      : strcmp (chosen, D ("2")) == 0);
    }
}

Test (model_manifest_list, platform_of_this_machine)
{
  struct sp_platform platform = { NULL, NULL, NULL }, empty = { "", "", "" },
                     named = { "s390x", "plan9", "z9" }, arm = { "arm", NULL, NULL };

  sp_platform_complete (&platform);
  sp_platform_complete (&empty);
  sp_platform_complete (&named);
  sp_platform_complete (&arm);
  cr_expect_str_eq (platform.os, "linux");
  cr_expect (platform.architecture[0] && platform.variant);
  cr_expect_str_eq (empty.architecture, platform.architecture);
  cr_expect_str_eq (empty.variant, platform.variant);
  cr_expect_str_eq (empty.os, "linux");
  cr_expect_str_eq (named.architecture, "s390x");
  cr_expect_str_eq (named.os, "plan9");
  cr_expect_str_eq (named.variant, "z9");
  cr_expect_str_eq (arm.variant, "");
}

Test (model_manifest_list, arm_variant)
{
  static const struct
  {
    const char *cpuinfo, *variant;
  } variants[] = {
    { "processor\t: 0\nBogoMIPS\t: 50.00\nCPU architecture: 8\nCPU variant\t: 0x1\n", "v8" },
    { "CPU architecture: 7\n\nCPU architecture: 8\n", "v7" },
    { "cpu ARCHITECTURE\t:\t5TEJ", "v5" },
    { "CPU architecture: AArch64", "v8" },
    { "CPU architecture: ?(13)\n", "v7" },
    { "CPU architecture: 6: 8\n", "v6" },
    { "CPU architecture: 9\nCPU architecture: 8\n", "" },
    { "CPU architecture\nCPU architectures: 8\n", "" },
    { "", "" },
  };
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
    cr_expect_str_eq (sp_platform_arm_variant (sp_view_str (variants[i].cpuinfo)),
                      variants[i].variant, "row %zu", i);
}
