/* SPDX-License-Identifier: Apache-2.0 */
#include "model/docker_archive.h"

#include "util/limits.h"

#include <criterion/criterion.h>

#define H16(digit) \
  digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit digit
#define D(digit) "sha256:" H16 (digit) H16 (digit) H16 (digit) H16 (digit)
#define ITEM(config, tag) \
  "{\"Config\":\"" config "\",\"RepoTags\":[\"" tag "\"],\"Layers\":[\"l\"]}"

/* config of NULL: refused with this code, and a message that has these words. */
static const struct
{
  const char *what, *list, *tag, *place, *config;
  int code;
  const char *words;
} cases[] = {
  { "the only one", "[" ITEM ("a", "x") "]", NULL, NULL, "a", 0, NULL },
  { "the only one of two", "[" ITEM ("a", "x") "," ITEM ("b", "y") "]", NULL, NULL, NULL,
    SIGPOLICY_E_NOT_FOUND, "expected 1 item, got 2" },
  { "the only one of none", "[]", NULL, NULL, NULL, SIGPOLICY_E_NOT_FOUND,
    "expected 1 item, got 0" },
  { "null is an empty list", "null", NULL, NULL, NULL, SIGPOLICY_E_NOT_FOUND,
    "expected 1 item, got 0" },
  { "null is an empty image", "[null]", NULL, NULL, "", 0, NULL },
  { "by name, which is made whole", "[" ITEM ("a", "x") "," ITEM ("b", "y:latest") "]",
    "docker.io/library/y:latest", NULL, "b", 0, NULL },
  { "a name without a tag is of no tag", "[" ITEM ("a", "x") "]", "docker.io/library/x:latest",
    NULL, NULL, SIGPOLICY_E_NOT_FOUND, "Tag \"docker.io/library/x:latest\" not found" },
  { "the first of a name", "[" ITEM ("a", "x:t") "," ITEM ("b", "x:t") "]", "x:t", NULL, "a", 0,
    NULL },
  { "a name that is none stands before it", "[" ITEM ("a", "X") "," ITEM ("b", "x:t") "]", "x:t",
    NULL, NULL, SIGPOLICY_E_REJECTED, "Invalid tag \"X\" in manifest.json item @0" },
  { "a name that is none stands behind it", "[" ITEM ("a", "x:t") "," ITEM ("b", "X") "]", "x:t",
    NULL, "a", 0, NULL },
  { "by place", "[" ITEM ("a", "x") "," ITEM ("b", "X") "]", NULL, "@1", "b", 0, NULL },
  { "beyond the last place", "[" ITEM ("a", "x") "]", NULL, "@1", NULL, SIGPOLICY_E_NOT_FOUND,
    "Invalid source index @1, only 1 manifest items available" },
  { "keys in any case, and the last counts", "[{\"CONFIG\":\"a\",\"config\":\"b\"}]", NULL, NULL,
    "b", 0, NULL },
  { "null leaves what was there", "[{\"Config\":\"a\",\"Config\":null}]", NULL, NULL, "a", 0,
    NULL },
  { "null leaves the name that was there",
    "[{\"Config\":\"a\",\"RepoTags\":[\"x:t\",\"y:t\"],\"repotags\":[null]}]", "x:t", NULL, "a", 0,
    NULL },
  { "null behind what was there is no name",
    "[{\"Config\":\"a\",\"RepoTags\":[\"x:t\"],\"repotags\":[\"z:t\",null]}]", "x:t", NULL, NULL,
    SIGPOLICY_E_REJECTED, "Invalid tag \"\"" },
  { "no list leaves nothing", "[{\"Config\":\"a\",\"RepoTags\":[\"x:t\"],\"repotags\":null}]",
    "x:t", NULL, NULL, SIGPOLICY_E_NOT_FOUND, "not found" },
  { "unknown members", "[{\"Config\":\"a\",\"LayerSources\":{\"x\":1}}]", NULL, NULL, "a", 0,
    NULL },
  { "an object", "{}", NULL, NULL, NULL, SIGPOLICY_E_REJECTED, "expected an array, got an object" },
  { "a number for a name", "[{\"RepoTags\":[1]}]", NULL, NULL, NULL, SIGPOLICY_E_REJECTED,
    "decoding tar manifest.json: expected an array of strings" },
  { "a string for names", "[{\"Layers\":\"x\"}]", NULL, NULL, NULL, SIGPOLICY_E_REJECTED,
    "expected an array of strings" },
  { "a NUL in a path", "[" ITEM ("a\\u0000b", "x") "]", NULL, NULL, NULL, SIGPOLICY_E_REJECTED,
    "a name has a NUL in it" },
  { "a NUL in another image", "[" ITEM ("a", "x:t") "," ITEM ("a\\u0000b", "y") "]", "x:t", NULL,
    NULL, SIGPOLICY_E_REJECTED, "a name has a NUL in it" },
  { "more behind it", "[]x", NULL, NULL, NULL, SIGPOLICY_E_REJECTED, "decoding tar manifest.json" },
};

Test (model_docker_archive, choose)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_docker_archive struct sp_docker_archive *archive = NULL;
      cleanup_reference struct sp_reference *tag = NULL;
      const struct sp_docker_item *item = NULL;

      if (cases[i].tag)
        cr_assert_eq (sp_reference_parse (sp_view_str (cases[i].tag), &tag, &err), 0);
      int rc = sp_docker_archive_parse (sp_view_str (cases[i].list), &archive, &err);
      if (rc == 0)
        rc = sp_docker_archive_choose (archive, tag, cases[i].place, &item, &err);
      cr_expect_eq (rc, cases[i].code, "%s: %d", cases[i].what, rc);
      if (rc == 0)
        cr_expect_str_eq (item->config, cases[i].config, "%s", cases[i].what);
      else
        cr_expect (strstr (sigpolicy_error_message (err), cases[i].words), "%s: %s", cases[i].what,
                   sigpolicy_error_message (err));
      if (rc < 0 && strstr (cases[i].words, "NUL"))
        cr_expect_str_eq (sp_error_stricter_id (err), "S12", "%s", cases[i].what);
    }
}

/* ids of NULL: refused. */
static const struct
{
  const char *what, *config, *ids, *words;
} configs[] = {
  { "one layer", "{\"rootfs\":{\"diff_ids\":[\"" D ("1") "\"]}}", D ("1"), NULL },
  { "rootfs twice",
    "{\"rootfs\":{\"diff_ids\":[\"" D ("1") "\"]},\"RootFS\":{\"type\":\"layers\"}}", D ("1"),
    NULL },
  { "diff_ids twice", "{\"rootfs\":{\"diff_ids\":[],\"diff_ids\":[\"" D ("2") "\"]}}", D ("2"),
    NULL },
  { "no layer", "{\"rootfs\":{}}", NULL, "Inconsistent layer count: 1 in manifest, 0 in config" },
  { "two layers", "{\"rootfs\":{\"diff_ids\":[\"" D ("1") "\",\"" D ("2") "\"]}}", NULL,
    "Inconsistent layer count: 1 in manifest, 2 in config" },
  { "no rootfs", "{}", NULL, "rootFS is not set" },
  { "rootfs taken away", "{\"rootfs\":{\"diff_ids\":[\"" D ("1") "\"]},\"rootfs\":null}", NULL,
    "rootFS is not set" },
  { "rootfs of another type", "{\"rootfs\":[]}", NULL,
    "decoding tar config \"c\": expected an object" },
  { "a layer that is no digest", "{\"rootfs\":{\"diff_ids\":[\"x\"]}}", NULL,
    "a layer of it has no digest: invalid checksum digest format" },
  { "a layer that is null", "{\"rootfs\":{\"diff_ids\":[null]}}", NULL,
    "a layer of it has no digest" },
  { "an operating system that is a number", "{\"os\":1}", NULL, "expected a string" },
#define WITH(members) "{\"rootfs\":{\"diff_ids\":[\"" D ("1") "\"]}," members "}"
  { "all of a configuration",
    WITH ("\"id\":\"\",\"created\":\"2026-11-21T00:30:00.5+01:00\",\"Size\":1,\"config\":{\"Cmd\":"
          "\"sh\",\"Entrypoint\":[\"a\",null],\"Env\":null,\"Volumes\":{\"/a\":{},\"/b\":null},"
          "\"Tty\":false,\"Labels\":{\"a\":\"b\"},\"Healthcheck\":{\"Interval\":1}},\"history\":"
          "[{\"empty_layer\":true},null],\"other\":7"),
    D ("1"), NULL },
  { "a config that is a string", WITH ("\"config\":\"x\""), NULL, "expected an object" },
  { "a container_config that is an array", WITH ("\"container_config\":[]"), NULL,
    "expected an object" },
  { "a Cmd that is an object", WITH ("\"config\":{\"Cmd\":{}}"), NULL, "expected a string, or an" },
  { "a Cmd with a number", WITH ("\"config\":{\"Cmd\":[1]}"), NULL, "expected a string, or an" },
  { "an Env that is a string", WITH ("\"config\":{\"Env\":\"x\"}"), NULL,
    "expected an array of strings" },
  { "a Tty that is a number", WITH ("\"config\":{\"Tty\":0}"), NULL, "expected true or false" },
  { "a volume that is a string", WITH ("\"config\":{\"Volumes\":{\"/a\":\"\"}}"), NULL,
    "expected an object of objects" },
  { "ports in an array", WITH ("\"config\":{\"ExposedPorts\":[]}"), NULL,
    "expected an object of objects" },
  { "a fraction of a nanosecond", WITH ("\"config\":{\"Healthcheck\":{\"Timeout\":1.5}}"), NULL,
    "expected an integer" },
  { "a time that is none", WITH ("\"created\":\"yesterday\""), NULL, "expected a time" },
  { "a size that is a string", WITH ("\"size\":\"1\""), NULL, "expected an integer" },
  { "a history that is an object", WITH ("\"history\":{}"), NULL, "expected an array of objects" },
  { "a step that is a string", WITH ("\"history\":[\"x\"]"), NULL, "expected an object" },
  { "no JSON", "", NULL, "decoding tar config \"c\": unexpected end of JSON input" },
};

Test (model_docker_archive, diff_ids)
{
  char *layer = (char *)"l";
  struct sp_docker_item item = { .config = (char *)"c", .layers = { &layer, 1, 1 } };

  for (size_t i = 0; i < sizeof configs / sizeof *configs; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_strv struct sp_strv ids = { 0 };
      int rc = sp_docker_archive_diff_ids (&item, sp_view_str (configs[i].config), &ids, &err);
      if (configs[i].ids)
        cr_expect (rc == 0 && ids.len == 1 && strcmp (ids.items[0], configs[i].ids) == 0, "%s: %s",
                   configs[i].what, sigpolicy_error_message (err));
      else
        cr_expect (rc == SIGPOLICY_E_REJECTED && !ids.len
                       && strstr (sigpolicy_error_message (err), configs[i].words),
                   "%s: %s", configs[i].what, sigpolicy_error_message (err));
      /* The containers image library makes a manifest of these. */
      if (rc < 0 && strstr (configs[i].words, "has no digest"))
        cr_expect_str_eq (sp_error_stricter_id (err), "S11", "%s", configs[i].what);
      else
        cr_expect_null (sp_error_stricter_id (err), "%s", configs[i].what);
    }
}

/* To the letter what others make, or its digest is another. */
Test (model_docker_archive, manifest)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf made = SP_BUF (SP_MANIFEST_BYTES_MAX);
  char *digests[] = { (char *)D ("1"), (char *)D ("2") };
  const struct sp_strv ids = { digests, 2, 2 };
  static const int64_t sizes[] = { 0, 10240 };

  cr_assert_eq (sp_docker_archive_manifest (sp_view_str ("{}"), &ids, sizes, &made, &err), 0);
  cr_expect_str_eq (
      made.data,
      "{\"schemaVersion\":2,"
      "\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\","
      "\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"size\":2,"
      "\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"},"
      "\"layers\":[{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":0,"
      "\"digest\":\"" D ("1") "\"},"
                              "{\"mediaType\":\"application/"
                              "vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":10240,"
                              "\"digest\":\"" D ("2") "\"}]}");
}
