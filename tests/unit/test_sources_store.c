/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#define A  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define AB "abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C  "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define D  "sha256:" C

/* --- which store ------------------------------------------------------------------------------ */

static char root[64];

static void
scene_end (void)
{
  (void)remove_tree (root);
}

static void
scene_begin (void)
{
  static const char *const variables[]
      = { "CONTAINERS_STORAGE_CONF", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
          "XDG_RUNTIME_DIR",         "STORAGE_DRIVER",  "STORAGE_OPTS",
          "_CONTAINERS_ROOTLESS_UID" };
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
    (void)unsetenv (variables[i]);
  (void)snprintf (root, sizeof root, "/tmp/sigpolicy-test-XXXXXX");
  cr_assert (mkdtemp (root));
}

TestSuite (sources_store, .init = scene_begin, .fini = scene_end);

/* Below the scene; "%" in text stands for its path. */
static void
put (const char *name, const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/%s", root, name);
  cleanup_buf struct sp_buf out = SP_BUF (SP_STORE_BYTES_MAX);

  for (char *slash = path + strlen (root) + 1; (slash = strchr (slash, '/')); slash++)
    {
      *slash = '\0';
      (void)mkdir (path, 0700);
      *slash = '/';
    }
  for (; *text; text++)
    *text == '%' ? sp_buf_str (&out, root) : sp_buf_byte (&out, *text);
  /* As podman does it: a new file takes the place of the old one. */
  (void)unlink (path);
  cr_assert (put_file (path, sp_buf_view (&out), &err) == 0, "%s", sigpolicy_error_text (err));
}

static void
set (const char *name, const char *value)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s%s", *value == '/' ? root : "", value);
  cr_assert (setenv (name, path, 1) == 0);
}

/* "driver graph-root run-root file, roots" without the scene's path. */
static void
expect_store (unsigned euid, const char *expected)
{
  SP_CLEANUP (sp_store_location_clear) struct sp_store_location location = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *home = sp_asprintf (&err, "%s/home", root);
  cleanup_buf struct sp_buf out = SP_BUF (4096), shown = SP_BUF (4096);
  struct sp_store_setup setup = { euid, home };

  if (sp_store_find (NULL, &setup, &location, &err) < 0)
    {
      cr_expect_str_eq (expected, "config", "%s", sigpolicy_error_text (err));
      cr_expect_eq (sigpolicy_error_code (err), SIGPOLICY_E_CONFIG);
      return;
    }
  sp_buf_printf (&out, "%s %s %s %s,", location.name.driver, location.name.graph_root,
                 location.name.run_root, location.file);
  for (size_t i = 0; i < location.roots.len; i++)
    sp_buf_printf (&out, " %s", location.roots.items[i]);
  for (const char *at = out.data; *at; at++)
    {
      if (strncmp (at, root, strlen (root)) == 0)
        at += strlen (root);
      sp_buf_byte (&shown, *at);
    }
  cr_expect_str_eq (shown.data, expected, "%s", shown.data);
}

#define CONF "[storage]\ndriver = \"vfs\"\ngraphroot = \"%/g\"\nrunroot = \"%/r\"\n"

Test (sources_store, of_root)
{
  put ("s.conf", CONF "[storage.options]\nadditionalimagestores = [\"%/a\", \"%/b\"]\n");
  set ("CONTAINERS_STORAGE_CONF", "/s.conf");
  expect_store (0, "vfs /g /r /s.conf, /g /a /b");
  set ("STORAGE_OPTS", "vfs.imagestore=/x,vfs.ignore_chown_errors=true,.imagestore=/y");
  expect_store (0, "vfs /g /r /s.conf, /g /x /y");
  set ("STORAGE_DRIVER", "overlay2");
  expect_store (0, "overlay /g /r /s.conf, /g /y");
  set ("STORAGE_DRIVER", "../x");
  cleanup_error sigpolicy_error *err = NULL;
  SP_CLEANUP (sp_store_location_clear) struct sp_store_location location = { 0 };
  cr_expect_eq (sp_store_find (NULL, &(struct sp_store_setup){ 0 }, &location, &err),
                SIGPOLICY_E_CONFIG);
  (void)unsetenv ("STORAGE_DRIVER");
  (void)unsetenv ("STORAGE_OPTS");

  put ("s.conf", CONF "imagestore = \"%/i\"\n");
  expect_store (0, "vfs /g /r /s.conf, /i /g");
  put ("s.conf", "[storage]\ndriver = \"vfs\"\n");
  expect_store (0, "vfs /var/lib/containers/storage /run/containers/storage /s.conf, "
                   "/var/lib/containers/storage");
  put ("s.conf",
       "[storage]\ndriver = \"vfs\"\ngraphroot = \"$THERE/g\"\nrunroot = \"${THERE}/$UID\"\n");
  set ("THERE", "/there");
  put ("g/x", "");
  put ("there/x", "");
  cleanup_free char *target = sp_asprintf (&err, "%s/g", root);
  cleanup_free char *link = sp_asprintf (&err, "%s/there/g", root);
  cr_assert (symlink (target, link) == 0);
  expect_store (0, "vfs /g /there/0 /s.conf, /g");
  put ("s.conf", "[storage]\ndriver = 'vfs'\ngraphroot = 'g'\nrunroot = '/r'\n");
  expect_store (0, "config");
  put ("s.conf", "[storage\n");
  expect_store (0, "config");
  set ("CONTAINERS_STORAGE_CONF", "/none.conf");
  expect_store (0, "config");
  (void)unsetenv ("CONTAINERS_STORAGE_CONF");
  put ("config/containers/storage.conf", CONF);
  set ("XDG_CONFIG_HOME", "/config");
  expect_store (0, "vfs /g /r /config/containers/storage.conf, /g");
}

Test (sources_store, of_a_user)
{
  /* The system's file gives no more than the driver, and the path for users. */
  put ("config/containers/storage.conf", CONF);
  put ("s.conf", CONF "rootless_storage_path = \"%/$UID/x\"\n");
  set ("XDG_RUNTIME_DIR", "/run");
  set ("XDG_CONFIG_HOME", "/nowhere");
  put ("home/.local/share/containers/storage/vfs-images/images.json", "[]");
  expect_store (1000, "vfs /home/.local/share/containers/storage /run/containers (null), "
                      "/home/.local/share/containers/storage");
  set ("XDG_DATA_HOME", "/data");
  expect_store (1000, "overlay /data/containers/storage /run/containers (null), "
                      "/data/containers/storage");
  (void)unsetenv ("XDG_CONFIG_HOME");
  put ("home/.config/containers/storage.conf", "[storage]\ndriver = \"vfs\"\n");
  expect_store (1000, "vfs /data/containers/storage /run/containers "
                      "/home/.config/containers/storage.conf, /data/containers/storage");
  put ("home/.config/containers/storage.conf", CONF);
  expect_store (1000, "vfs /g /r /home/.config/containers/storage.conf, /g");
  set ("CONTAINERS_STORAGE_CONF", "/s.conf");
  expect_store (1000, "vfs /g /r /s.conf, /g");
  put ("s.conf", "[storage]\ndriver = \"vfs\"\nrootless_storage_path = \"%/$UID/x\"\n");
  expect_store (1000, "vfs /1000/x /run/containers /s.conf, /1000/x");
}

Test (sources_store, driver_by_what_is_there)
{
  put ("s.conf", "[storage]\ngraphroot = \"%/g\"\nrunroot = \"%/r\"\n");
  set ("CONTAINERS_STORAGE_CONF", "/s.conf");
  put ("g/vfs/x", "");
  expect_store (0, "overlay /g /r /s.conf, /g");
  put ("h/btrfs/x", "");
  put ("s.conf", "[storage]\ngraphroot = \"%/h\"\nrunroot = \"%/r\"\n");
  expect_store (0, "btrfs /h /r /s.conf, /h");
  put ("h/vfs/x", "");
  expect_store (0, "config");
  put ("h/vfs-images/x", "");
  expect_store (1000, "vfs /h /r /s.conf, /h");
}

/* --- storage.conf ----------------------------------------------------------------------------- */

static const struct
{
  const char *text, *shown, *error;
} confs[] = {
  { "", "- - - - -", NULL },
  { "[storage]\n", "- - - - -", NULL },
  { "[storage]\ndriver = \"vfs\"\ngraphroot = \"/g\"\nrunroot = \"/r\"\n", "vfs /g /r - -", NULL },
  { "[Storage]\nDriver = \"vfs\"\nGraphRoot = \"/g\"\n", "vfs /g - - -", NULL },
  { "[storage]\nrootless_storage_path = \"$HOME/x\"\nimagestore = \"/i\"\n", "- - - $HOME/x /i",
    NULL },
  { "[storage.options]\nadditionalimagestores = [\"/a\", \"/b\"]\n", "- - - - - /a /b", NULL },
  { "[storage]\nunknown = 1\n[storage.options.overlay]\nmountopt = \"nodev\"\n", "- - - - -",
    NULL },
  { "[storage]\ndriver = 1\n", NULL, "toml: line 2: a string is wanted here" },
  { "storage = 1\n", NULL, "toml: line 1: a table is wanted here" },
  { "[storage]\noptions = 1\n", NULL, "toml: line 2: a table is wanted here" },
  { "[storage.options]\nadditionalimagestores = \"/a\"\n", NULL,
    "toml: line 2: a list of strings is wanted here" },
  { "[storage.options]\nadditionalimagestores = [1]\n", NULL,
    "toml: line 2: a string is wanted here" },
  { "[storage]\ndriver = \"a\\u0000b\"\n", NULL, "toml: line 2: a string is wanted here" },
  { "[storage]\ntransient_store = \"true\"\n", NULL, "toml: line 2: true or false is wanted here" },
};

Test (sources_store, conf)
{
  for (size_t i = 0; i < sizeof confs / sizeof *confs; i++)
    {
      SP_CLEANUP (sp_store_conf_clear) struct sp_store_conf conf = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf shown = SP_BUF (4096);
      int rc = sp_store_conf_parse (sp_view_str (confs[i].text), &conf, &err);
      cr_expect_eq (rc, confs[i].error ? SIGPOLICY_E_CONFIG : 0, "%s", confs[i].text);
      if (confs[i].error)
        cr_expect_str_eq (sigpolicy_error_message (err), confs[i].error);
      if (rc < 0)
        continue;
      const char *members[]
          = { conf.driver, conf.graph_root, conf.run_root, conf.rootless_path, conf.image_store };
      for (size_t j = 0; j < 5; j++)
        sp_buf_printf (&shown, "%s%s", j ? " " : "", members[j] ? members[j] : "-");
      for (size_t j = 0; j < conf.additional.len; j++)
        sp_buf_printf (&shown, " %s", conf.additional.items[j]);
      cr_expect_str_eq (shown.data, confs[i].shown, "%s: %s", confs[i].text, shown.data);
    }
}

/* --- records ---------------------------------------------------------------------------------- */

static const struct
{
  const char *text, *error;
  size_t len;
} records[] = {
  { "", NULL, 0 },
  { "null", NULL, 0 },
  { "[]", NULL, 0 },
  { "[{\"id\":\"" A "\"}]", NULL, 1 },
  { "[{\"ID\":\"" A "\",\"names\":null,\"digest\":\"\",\"metadata\":null,\"layer\":null}]", NULL,
    1 },
  { "[{\"id\":\"" A "\",\"created\":\"2026-11-21T00:30:00.123456789Z\",\"flags\":{\"a\":[1]},"
    "\"big-data-names\":[\"manifest\",null],\"big-data-sizes\":{\"manifest\":1,\"x\":null},"
    "\"big-data-digests\":{\"x\":null},\"names-history\":[],\"mapped-layers\":null,\"other\":7}]",
    NULL, 1 },
  { "[{\"id\":\"" A "\",\"layer\":7}]", "layer is a number, not a string", 0 },
  { "[{\"id\":\"" A "\",\"layer\":true,\"layer\":\"x\"}]", "layer is a boolean, not a string", 0 },
  { "[{\"id\":\"" A "\",\"Names-History\":{}}]", "names-history is an object, not an array", 0 },
  { "[{\"id\":\"" A "\",\"names-history\":[7]}]", "an entry is a number, not a string", 0 },
  { "[{\"id\":\"" A "\",\"mapped-layers\":\"x\"}]", "mapped-layers is a string, not an array", 0 },
  { "[{\"id\":\"" A "\",\"big-data-names\":7}]", "big-data-names is a number, not an array", 0 },
  { "[{\"id\":\"" A "\",\"big-data-sizes\":{\"manifest\":\"1\"}}]",
    "an entry is a string, not a whole number of 64 bits", 0 },
  { "[{\"id\":\"" A "\",\"big-data-sizes\":{\"manifest\":1.5}}]",
    "an entry is a number, not a whole number of 64 bits", 0 },
  { "[{\"id\":\"" A "\",\"big-data-sizes\":[]}]", "big-data-sizes is an array, not an object", 0 },
  { "[{\"id\":\"" A "\",\"created\":\"today\"}]", "created is a string, not a time", 0 },
  { "[{\"id\":\"" A "\",\"created\":7}]", "created is a number, not a time", 0 },
  { "[{\"id\":\"" A "\",\"flags\":[]}]", "flags is an array, not an object", 0 },
  { "[{\"id\":\"" A "\",\"flags\":{\"a\":1e999}}]",
    "an entry is a number, not one that can be read", 0 },
  { "[{\"id\":\"" A "\",\"other\":{\"a\":[-1e999]}}]",
    "a member is an object, not one that can be read", 0 },
  { "[{\"id\":\"" A "\",\"id\":\"" C "\"}]", NULL, 1 },
  { "[{\"id\":\"" A "\"},{\"id\":\"" C "\"}]", NULL, 2 },
  { "{}", "what should be records is an object, not an array", 0 },
  { "[null]", "a record is null, not an object", 0 },
  { "[{}]", "an image without an ID", 0 },
  { "[{\"id\":\"../../etc\"}]", "an ID is not 64 hexadecimal digits", 0 },
  { "[{\"id\":7}]", "id is a number, not a string", 0 },
  { "[{\"id\":\"" A "\"},{\"id\":\"" A "\"}]", "two images have the ID " A, 0 },
  { "[{\"id\":\"" A "\",\"names\":\"x\"}]", "names is a string, not an array", 0 },
  { "[{\"id\":\"" A "\",\"names\":[1]}]", "an entry is a number, not a string", 0 },
  { "[{\"id\":\"" A "\",\"names\":[\"a\\u0000b\"]}]", "a name is a string, not one without NUL",
    0 },
  { "[{\"id\":\"" A "\",\"digest\":\"sha256:../x\"}]", "invalid checksum digest length", 0 },
  { "[{\"id\":\"" A "\",\"digest\":1}]", "digest is a number, not a string", 0 },
  { "[{\"id\":\"" A "\",\"big-data-digests\":[]}]", "big-data-digests is an array, not an object",
    0 },
  { "[{\"id\":\"" A "\",\"big-data-digests\":{\"manifest\":\"x\"}}]",
    "invalid checksum digest format", 0 },
  { "[{\"id\":\"" A "\",\"big-data-digests\":{\"other\":\"x\"}}]", NULL, 1 },
  { "[{\"id\":\"" A "\",\"big-data-digests\":{\"other\":1}}]", "an entry is a number, not a string",
    0 },
  { "[{\"id\":\"" A "\",\"big-data-digests\":{\"manifest\":null}}]", NULL, 1 },
  { "[{\"id\":\"" A "\",\"names\":[\"x:1\",null]}]", NULL, 1 },
  { "[{\"id\":\"" A "\",\"metadata\":{}}]", "metadata is an object, not a string", 0 },
  { "[{\"id\":\"" A "\"}", "unexpected end of JSON input", 0 },
};

static int
parse (const char *records_text, struct sp_stored_images **images, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_STORE_BYTES_MAX);
  sp_buf_str (&text, records_text);
  int rc = sp_stored_images_parse (&text, images, err);
  cr_expect (text.len == 0);
  return rc;
}

Test (sources_store, images)
{
  for (size_t i = 0; i < sizeof records / sizeof *records; i++)
    {
      cleanup_stored_images struct sp_stored_images *images = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      int rc = parse (records[i].text, &images, &err);
      cr_expect_eq (rc, records[i].error ? SIGPOLICY_E_REJECTED : 0, "%s", records[i].text);
      if (records[i].error)
        cr_expect (rc < 0 && strstr (sigpolicy_error_message (err), records[i].error), "%s: %s",
                   records[i].text, sigpolicy_error_text (err));
      else
        cr_expect (images && images->len == records[i].len, "%s", records[i].text);
    }
}

Test (sources_store, finding)
{
  cleanup_stored_images struct sp_stored_images *images = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  const char *text = "[{\"id\":\"" C "\",\"names\":[\"x:1\",\"y:1\"]},"
                     "{\"id\":\"" AB "\",\"names\":[\"y:1\"],\"digest\":\"" D "\","
                     "\"big-data-digests\":{\"manifest\":\"" D "\",\"manifest-x\":\"sha256:" A
                     "\",\"sha256:c\":\"sha256:" AB "\"}},"
                     "{\"id\":\"" A "\"}]";
  cr_assert (parse (text, &images, &err) == 0);
  const struct sp_stored_image *ab = &images->items[1];
  cr_expect (ab->digests.len == 2);
  cr_expect_str_eq (ab->digests.items[0], D);
  cr_expect_str_eq (ab->digests.items[1], "sha256:" A);
  cr_expect (sp_stored_images_by_id (images, sp_view_str (AB)) == ab);
  cr_expect (!sp_stored_images_by_id (images, sp_view_str ("ab")));
  cr_expect (sp_stored_images_by_prefix (images, sp_view_str ("ab")) == ab);
  cr_expect (!sp_stored_images_by_prefix (images, sp_view_str ("a")), "not unique");
  cr_expect (!sp_stored_images_by_prefix (images, sp_view_str ("b")));
  cr_expect (!sp_stored_images_by_prefix (images, sp_view_str (AB "b")));
  cr_expect (sp_stored_images_by_name (images, sp_view_str ("x:1")) == &images->items[0]);
  cr_expect (sp_stored_images_by_name (images, sp_view_str ("y:1")) == ab, "the last has it");
  cr_expect (images->items[0].names.len == 1 && images->shares_names, "and no other");
  cr_expect (ab->names.len == 1);
  cr_expect (!sp_stored_images_by_name (images, sp_view_str ("x")));
  cr_expect (!sp_stored_images_by_name (images, sp_view_str ("z:1")));
}

#define RECORD(members) "[{\"id\":\"" A "\"," members "}]"
#define CONTENT                                                                  \
  "\"digest\":\"" D "\",\"metadata\":\"x\",\"big-data-sizes\":{\"manifest\":3}," \
  "\"big-data-digests\":{\"manifest\":\"" D "\"}"

/* A record whose image was written anew is another; one that was only named anew is not. */
Test (sources_store, same_content)
{
  static const struct
  {
    const char *text;
    bool same;
  } others[] = {
    { RECORD (CONTENT), true },
    { RECORD ("\"names\":[\"y:1\"],\"big-data-names\":[]," CONTENT), true },
    { RECORD ("\"digest\":null," CONTENT), true },
    { RECORD (CONTENT ",\"metadata\":\"y\""), false },
    { RECORD (CONTENT ",\"Metadata\":\"y\""), false },
    { RECORD (CONTENT ",\"digest\":\"sha256:" A "\""), false },
    { RECORD (CONTENT ",\"big-data-sizes\":{\"manifest\":4}"), false },
    { RECORD (CONTENT ",\"big-data-digests\":{\"manifest\":\"sha256:" A "\"}"), false },
    { RECORD ("\"digest\":\"" D "\",\"metadata\":\"x\",\"big-data-digests\":{\"manifest\":\"" D
              "\"}"),
      false },
    { RECORD ("\"names\":[]"), false },
  };
  cleanup_stored_images struct sp_stored_images *images = NULL;
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (parse (RECORD (CONTENT), &images, &err) == 0);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    {
      cleanup_stored_images struct sp_stored_images *other = NULL;
      cr_assert (parse (others[i].text, &other, &err) == 0, "%s", others[i].text);
      cr_expect (sp_stored_image_same_content (&images->items[0], &other->items[0])
                     == others[i].same,
                 "%s", others[i].text);
    }
}

/* Just at the ceiling, and beyond it. */
Test (sources_store, many_records)
{
  const size_t counts[] = { SP_STORE_RECORDS_MAX, SP_STORE_RECORDS_MAX + 1, 1000000 };
  for (size_t i = 0; i < 3; i++)
    {
      cleanup_stored_images struct sp_stored_images *images = NULL;
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (256 * SP_MIB);
      for (size_t n = 0; n < counts[i]; n++)
        if (i == 2)
          sp_buf_str (&text, n ? ",{}" : "[{}");
        else
          sp_buf_printf (&text, "%s{\"id\":\"%064zx\"}", n ? "," : "[", n);
      sp_buf_byte (&text, ']');
      int rc = sp_stored_images_parse (&text, &images, &err);
      cr_expect_eq (rc, i ? SIGPOLICY_E_REJECTED : 0);
      cr_expect (!i || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}

/* The same of what one record may have. */
Test (sources_store, long_records)
{
  static const struct
  {
    const char *before, *after; /* between them numbers of 64 digits, each with one on its own */
    const char *message;
  } rows[] = {
    { "\"names\":[\"", "\"]", "more than 1024 names" },
    { "\"big-data-digests\":{\"manifest-0\":\"sha256:", "\"}", "more than 1024 digests" },
  };
  for (size_t i = 0; i < 2; i++)
    for (size_t more = 0; more < 2; more++)
      {
        cleanup_stored_images struct sp_stored_images *images = NULL;
        cleanup_error sigpolicy_error *err = NULL;
        cleanup_buf struct sp_buf text = SP_BUF (4 * SP_MIB);
        sp_buf_printf (&text, "[{\"id\":\"" A "\",%s", rows[i].before);
        for (size_t n = 0; n < SP_STORE_NAMES_MAX + more; n++)
          {
            if (n && i == 0)
              sp_buf_str (&text, "\",\"");
            else if (n)
              sp_buf_printf (&text, "\",\"manifest-%zu\":\"sha256:", n);
            sp_buf_printf (&text, "%064zx", n);
          }
        sp_buf_printf (&text, "%s}]", rows[i].after);
        cr_assert (!text.failed);
        int rc = sp_stored_images_parse (&text, &images, &err);
        cr_expect_eq (rc, more ? SIGPOLICY_E_REJECTED : 0, "%s: %s", rows[i].message,
                      err ? sigpolicy_error_message (err) : "read");
        if (rc == 0 || !more)
          continue;
        cr_expect_str_eq (sigpolicy_error_message (err), rows[i].message);
        cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
      }
}

static const struct
{
  const char *metadata, *digest, *sizes, *error;
} sizes[] = {
  { "", NULL, "", NULL },
  { "null", NULL, "", NULL },
  { "{}", NULL, "", NULL },
  { "{\"signature-sizes\":[1,20]}", NULL, " 1 20", NULL },
  { "{\"Signature-Sizes\":[1],\"signature-sizes\":[2]}", NULL, " 2", NULL },
  { "{\"signature-sizes\":[1],\"signatures-sizes\":{\"" D "\":[3,null]}}", D, " 3 0", NULL },
  { "{\"signatures-sizes\":{\"" D "\":[3]},\"signatures-sizes\":{\"x\":[4]}}", D, " 3", NULL },
  { "{\"signatures-sizes\":{\"x\":[3]}}", D, "", NULL },
  { "{\"signatures-sizes\":{\"" D "\":null}}", D, "", NULL },
  { "x", NULL, NULL, "invalid character 'x'" },
  { "[]", NULL, NULL, "the metadata is an array, not an object" },
  { "{\"signature-sizes\":{}}", NULL, NULL, "the sizes of signatures is an object" },
  { "{\"signature-sizes\":[-1]}", NULL, " -1", NULL },
  { "{\"signature-sizes\":[1.5]}", NULL, NULL, "is not a whole number" },
  { "{\"signature-sizes\":[\"1\"]}", NULL, NULL, "is not a whole number" },
  { "{\"signature-sizes\":[99999999999999999999]}", NULL, NULL, "is not a whole number" },
  { "{\"signatures-sizes\":[]}", NULL, NULL, "signatures-sizes is an array" },
};

Test (sources_store, signature_sizes)
{
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
      struct sp_stored_image image
          = { .metadata = (char *)sizes[i].metadata, .metadata_len = strlen (sizes[i].metadata) };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free int64_t *found = NULL;
      cleanup_buf struct sp_buf shown = SP_BUF (256);
      size_t len = 0;
      int rc = sp_stored_image_signature_sizes (&image, sizes[i].digest, &found, &len, &err);
      cr_expect_eq (rc, sizes[i].error ? SIGPOLICY_E_REJECTED : 0, "%s", sizes[i].metadata);
      if (sizes[i].error)
        cr_expect (rc < 0 && strstr (sigpolicy_error_message (err), sizes[i].error), "%s",
                   sigpolicy_error_text (err));
      for (size_t j = 0; j < len; j++)
        sp_buf_printf (&shown, " %" PRId64, found[j]);
      if (!sizes[i].error)
        cr_expect_str_eq (shown.data, sizes[i].sizes, "%s", sizes[i].metadata);
    }
}

Test (sources_store, file_names)
{
  static const struct
  {
    struct sp_view key;
    const char *file;
  } cases[] = {
    { SP_VIEW ("manifest"), "manifest" },
    { SP_VIEW ("signatures"), "signatures" },
    { SP_VIEW ("a.b9"), "a.b9" },
    { SP_VIEW ("signature-ab"), "=c2lnbmF0dXJlLWFi" },
    { SP_VIEW ("Manifest"), "=TWFuaWZlc3Q=" },
    { SP_VIEW ("a/b"), "=YS9i" },
    { SP_VIEW ("a\0b"), "=YQBi" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *file = sp_store_file_name (cases[i].key, &err);
      cr_expect_str_eq (file, cases[i].file);
    }
}

Test (sources_store, containers)
{
  static const struct
  {
    const char *text, *shown;
  } cases[] = {
    { "[{\"id\":\"" A "\",\"names\":[\"c\"],\"image\":\"" C
      "\",\"metadata\":\"{\\\"image-name\\\":\\\"x:1\\\"}\"}]",
      "c " C " x:1" },
    { "[{\"id\":\"" A "\",\"image\":\"" C "\",\"metadata\":\"no JSON\"}]", "- " C " -" },
    { "[{\"id\":\"" A "\",\"image\":\"\"}]", "-  -" },
    { "[{\"id\":\"" A "\"}]", "-  -" },
    { "[{\"id\":\"" A "\",\"image\":\"../x\"}]", NULL },
    { "[{\"id\":\"" A "\",\"names\":{}}]", NULL },
    { "[{\"image\":\"" A "\"}]", NULL },
    { "[{\"id\":\"" A "\",\"mapped-layers\":7}]", "-  -" },
    { "[{\"id\":\"" A "\",\"uidmap\":[7]}]", NULL },
    { "{}", NULL },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      SP_CLEANUP (sp_stored_containers_clear) struct sp_stored_containers containers = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf shown = SP_BUF (256);
      int rc = sp_stored_containers_parse (sp_view_str (cases[i].text), &containers, &err);
      cr_expect_eq (rc, cases[i].shown ? 0 : SIGPOLICY_E_REJECTED, "%s", cases[i].text);
      if (rc < 0)
        continue;
      const struct sp_stored_container *it = &containers.items[0];
      sp_buf_printf (&shown, "%s %s %s", it->names.len ? it->names.items[0] : "-", it->image,
                     it->image_name ? it->image_name : "-");
      cr_expect_str_eq (shown.data, cases[i].shown);
    }
}

/* --- while others write ----------------------------------------------------------------------- */

static struct sp_store *
open_store (void)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/s", root);
  struct sp_store_name name = { .driver = (char *)"vfs", .graph_root = path };
  struct sp_store *store = NULL;
  cr_assert (sp_store_open (&name, &(struct sp_store_setup){ 0 }, &store, &err) == 0);
  store->lock_ms = 20;
  return store;
}

#define FIRST(metadata)                                                             \
  "{\"id\":\"" A "\",\"names\":[\"registry.example/x:1\"],\"metadata\":\"" metadata \
  "\",\"big-data-digests\":{\"manifest\":\"" D "\"}}"
#define SECOND "{\"id\":\"" C "\"}"

static int
resolve (struct sp_store *store, const char *name, struct sp_store_image *image,
         sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *full = NULL;
  return sp_store_resolve (store, sp_view_str (name), NULL, image, &full, err);
}

Test (sources_store, locked_by_another)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/s/vfs-images/images.lock", root);
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  put ("s/vfs-images/images.json", "[" FIRST ("") "]");
  put ("s/vfs-images/images.lock", "x");
  cleanup_store struct sp_store *store = open_store ();
  cleanup_close int fd = open (path, O_RDWR | O_CLOEXEC);
  cr_assert (fd >= 0 && fcntl (fd, F_OFD_SETLK, &lock) == 0);
  cr_expect_eq (sp_store_refresh (store, &err), SIGPOLICY_E_UNAVAILABLE);
  cr_expect (strstr (sigpolicy_error_message (err), "locked by another process"));
  sp_error_clear (&err);
  lock.l_type = F_RDLCK;
  cr_assert (fcntl (fd, F_OFD_SETLK, &lock) == 0);
  cr_expect_eq (sp_store_refresh (store, &err), 0, "readers share it");
  lock.l_type = F_WRLCK;
  cr_expect_eq (fcntl (fd, F_OFD_SETLK, &lock), 0, "and let it go");
}

Test (sources_store, changed_between_reads)
{
  SP_CLEANUP (sp_store_image_clear) struct sp_store_image image = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf data = SP_BUF (64);

  put ("s/vfs-images/images.json", "[" FIRST ("a") "]");
  put ("s/vfs-images/images.lock", "1");
  put ("s/vfs-images/" A "/manifest", "first");
  cleanup_store struct sp_store *store = open_store ();
  cr_assert_eq (resolve (store, "registry.example/x:1", &image, &err), 0);
  cr_expect_eq (sp_store_read_data (store, &image, sp_view_str ("manifest"), &data, &err), 0);
  cr_expect_str_eq (data.data, "first");

  /* Another image comes, and the name goes: it is the same image still. */
  put ("s/vfs-images/images.json", "[" SECOND ",{\"id\":\"" A "\",\"metadata\":\"a\","
                                   "\"big-data-digests\":{\"manifest\":\"" D "\"}}]");
  put ("s/vfs-images/images.lock", "2");
  cr_expect_eq (sp_store_read_data (store, &image, sp_view_str ("manifest"), &data, &err), 0);
  cr_expect_eq (resolve (store, "registry.example/x:1", &image, &err), SIGPOLICY_E_NOT_FOUND);
  sp_error_clear (&err);

  /* What is kept with it is another. */
  put ("s/vfs-images/images.json", "[" FIRST ("b") "]");
  cr_expect_eq (sp_store_read_data (store, &image, sp_view_str ("manifest"), &data, &err),
                SIGPOLICY_E_UNAVAILABLE);
  cr_expect (strstr (sigpolicy_error_message (err), "was changed while it was read"));
  sp_error_clear (&err);
  put ("s/vfs-images/images.json", "[" SECOND "]");
  cr_expect_eq (sp_store_read_data (store, &image, sp_view_str ("manifest"), &data, &err),
                SIGPOLICY_E_UNAVAILABLE);
  cr_expect (strstr (sigpolicy_error_message (err), "was removed while it was read"));
}

/* Writes so often while it is read. */
struct busy
{
  unsigned left, calls;
};

static int
read_busily (const struct sp_store_look *look, void *data, sigpolicy_error **err)
{
  struct busy *busy = data;
  cleanup_buf struct sp_buf text = SP_BUF (64);
  busy->calls++;
  if (busy->left)
    {
      busy->left--;
      put ("s/vfs-images/images.json", busy->left & 1 ? "[]" : "[ ]");
    }
  return sp_store_look_read (look, "images.json", &text, err);
}

Test (sources_store, changed_while_read)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/s", root);
  char name[] = "vfs-images";
  struct sp_store_directory directory = { path, name, "images.lock", { "images.json", NULL } };
  struct busy twice = { 2, 0 }, always = { 1000000, 0 };

  put ("s/vfs-images/images.json", "[]");
  cr_expect_eq (sp_store_look (&directory, 0, read_busily, &twice, &err), 0);
  cr_expect_eq (twice.calls, 3, "what was read of an older one counts for nothing");
  cr_expect_eq (sp_store_look (&directory, 0, read_busily, &always, &err), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_eq (always.calls, SP_STORE_TRIES);
  cr_expect (strstr (sigpolicy_error_message (err), "does not stop changing"));
}

/* --- damage ----------------------------------------------------------------------------------- */

#define LAYERS     "s/vfs-layers/layers.json"
#define CONTAINERS "s/vfs-containers/containers.json"
#define MOUNTS     "r/vfs-layers/mountpoints.json"

/* What podman's storage library was seen to make of them. */
static const struct
{
  const char *file, *text, *error; /* NULL: podman can read it */
} damages[] = {
  { LAYERS, "", NULL },
  { LAYERS, "null", NULL },
  { LAYERS, " [ ]\n", NULL },
  { LAYERS, "[{}]", NULL },
  { LAYERS,
    "[{\"id\":\"x\",\"names\":[\"a\",null],\"parent\":\"gone\",\"metadata\":\"\","
    "\"created\":\"2026-12-01T12:52:07Z\",\"compressed-size\":-1,\"compression\":99,"
    "\"uidset\":[0,null,4294967295],\"flags\":{\"incomplete\":true,\"a\":{\"b\":[1,{}]}},"
    "\"uidmap\":[null,{},{\"host_id\":-1}],\"location\":\"x\",\"big-data-sizes\":7}]",
    NULL },
  { LAYERS, "[{\"id\":\"x\"},{\"id\":\"x\",\"ID\":null}]", NULL },
  { LAYERS, "[", "unexpected end of JSON input" },
  { LAYERS, "[{\"id\":\"x\"}]x", "invalid character" },
  { LAYERS, "{}", "what should be records is an object, not an array" },
  { LAYERS, "[null]", "a record is null, not an object" },
  { LAYERS, "[{\"ID\":7}]", "id is a number, not a string" },
  { LAYERS, "[{},{\"names\":7,\"names\":[]}]", "names is a number, not an array" },
  { LAYERS, "[{\"parent\":{}}]", "parent is an object, not a string" },
  { LAYERS, "[{\"metadata\":[]}]", "metadata is an array, not a string" },
  { LAYERS, "[{\"mountlabel\":7}]", "mountlabel is a number, not a string" },
  { LAYERS, "[{\"created\":\"\"}]", "created is a string, not a time" },
  { LAYERS, "[{\"compressed-diff-digest\":7}]", "is a number, not a string" },
  { LAYERS, "[{\"compressed-size\":1.0}]", "not a whole number of 64 bits" },
  { LAYERS, "[{\"diff-digest\":7}]", "diff-digest is a number, not a string" },
  { LAYERS, "[{\"toc-digest\":7}]", "toc-digest is a number, not a string" },
  { LAYERS, "[{\"diff-size\":9223372036854775808}]", "not a whole number of 64 bits" },
  { LAYERS, "[{\"compression\":\"gzip\"}]", "compression is a string, not a whole number" },
  { LAYERS, "[{\"uidset\":[-1]}]", "an entry is a number, not a whole number of 32 bits" },
  { LAYERS, "[{\"gidset\":[4294967296]}]", "not a whole number of 32 bits" },
  { LAYERS, "[{\"flags\":{\"a\":1e999}}]", "an entry is a number, not one that can be read" },
  { LAYERS, "[{\"a\":1e999}]", "a member is a number, not one that can be read" },
  { LAYERS, "[{\"uidmap\":[7]}]", "an entry is a number, not an object" },
  { LAYERS, "[{\"gidmap\":[{\"size\":\"7\"}]}]", "size is a string, not a whole number" },
  { LAYERS, "[{\"big-data-names\":{}}]", "big-data-names is an object, not an array" },
  { "s/vfs-layers/volatile-layers.json", "[]", NULL },
  { "s/vfs-layers/volatile-layers.json", "[7]", "a record is a number, not an object" },
  { CONTAINERS, "[{\"image\":\"x\",\"digest\":7,\"big-data-digests\":{\"a\":null}}]", NULL },
  { CONTAINERS, "[{\"image\":7}]", "image is a number, not a string" },
  { CONTAINERS, "[{\"layer\":7}]", "layer is a number, not a string" },
  { CONTAINERS, "[{\"uidmap\":[{\"host_id\":1e2}]}]", "host_id is a number, not a whole number" },
  { "s/vfs-containers/volatile-containers.json", "[{}]", NULL },
  { "s/vfs-containers/volatile-containers.json", "x", "invalid character" },
  { "more/vfs-layers/layers.json", "[]", NULL },
  { "more/vfs-layers/layers.json", "[7]", "a record is a number, not an object" },
  { "more/vfs-layers/volatile-layers.json", "[7]", "a record is a number, not an object" },
  { "more/vfs-containers/containers.json", "[7]", NULL },
  { MOUNTS, "[null,{\"id\":\"x\",\"path\":null,\"count\":-1,\"parent\":7}]", NULL },
  { MOUNTS, "[{\"path\":7}]", "path is a number, not a string" },
  { MOUNTS, "[{\"count\":\"7\"}]", "count is a string, not a whole number of 64 bits" },
  { "r/vfs-layers/volatile-layers.json", "[7]", NULL },
  { "r/vfs-containers/volatile-containers.json", "[7]", NULL },
};

static struct sp_store *
open_damaged (void)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/s", root),
                    *run = sp_asprintf (&err, "%s/r", root);
  cleanup_free char *options = sp_asprintf (&err, "vfs.imagestore=%s/more", root);
  struct sp_store_name name
      = { .driver = (char *)"vfs", .graph_root = path, .run_root = run, .options = options };
  struct sp_store *store = NULL;

  put ("s/vfs-images/images.json", "[" FIRST ("") "]");
  put ("more/vfs-images/images.json", "[]");
  cr_assert (sp_store_open (&name, &(struct sp_store_setup){ 0 }, &store, &err) == 0);
  return store;
}

Test (sources_store, damage)
{
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
    {
      SP_CLEANUP (sp_store_image_clear) struct sp_store_image image = { 0 };
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_store struct sp_store *store = open_damaged (), *other = NULL;
      cleanup_free char *path = sp_asprintf (&err, "%s/%s", root, damages[i].file);
      put (damages[i].file, damages[i].text);
      int rc = resolve (store, "registry.example/x:1", &image, &err);
      cr_expect_eq (rc, damages[i].error ? SIGPOLICY_E_UNAVAILABLE : 0, "%s: %s", damages[i].file,
                    damages[i].text);
      if (damages[i].error)
        {
          cr_expect (rc < 0 && strstr (sigpolicy_error_message (err), damages[i].error), "%s: %s",
                     damages[i].text, sigpolicy_error_text (err));
          cr_expect_str_eq (sigpolicy_error_file (err), path);
          cr_expect (strstr (sigpolicy_error_hint (err), "podman system reset"), "%s: %s",
                     damages[i].text, sigpolicy_error_hint (err));
        }
      sp_error_clear (&err);
      cr_assert_eq (sp_store_share (store, &other, &err), 0);
      cr_expect_eq (sp_store_refresh (other, &err), rc, "nor another thread's");
      sp_error_clear (&err);
      cr_assert_eq (unlink (path), 0);
    }
}

/* A name of two layers is put right in a store that is one's own. */
Test (sources_store, layers_that_share_a_name)
{
  static const struct
  {
    const char *file, *text;
    int rc;
  } cases[] = {
    { LAYERS, "[{\"names\":[\"a\",\"b\"]},{\"names\":[\"c\",\"a\"]}]", 0 },
    { "more/vfs-layers/layers.json", "[{\"names\":[\"a\",\"b\"]},{\"names\":[\"c\",\"a\"]}]",
      SIGPOLICY_E_UNAVAILABLE },
    { "more/vfs-layers/layers.json", "[{\"names\":[\"a\",\"b\"]},{\"names\":[\"c\",\"A\"]}]", 0 },
    { "more/vfs-layers/layers.json", "[{\"names\":[\"a\"],\"names\":null},{\"Names\":[\"a\"]}]",
      0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_store struct sp_store *store = open_damaged ();
      cleanup_free char *path = sp_asprintf (&err, "%s/%s", root, cases[i].file);
      put (cases[i].file, cases[i].text);
      for (size_t again = 0; again < 2; again++)
        {
          cr_expect_eq (sp_store_refresh (store, &err), cases[i].rc, "%zu", i);
          if (cases[i].rc)
            cr_expect (strstr (sigpolicy_error_message (err), "the same name to multiple layers"));
          sp_error_clear (&err);
        }
      cr_assert_eq (unlink (path), 0);
    }
}

/* One store throughout: what was read once is read again when it changes. */
Test (sources_store, damage_that_comes_and_goes)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_store struct sp_store *store = open_damaged ();

  cr_expect_eq (sp_store_refresh (store, &err), 0);
  for (size_t i = 0; i < 2; i++)
    {
      put (LAYERS, "[ ]");
      cr_expect_eq (sp_store_refresh (store, &err), 0);
      put (LAYERS, "[7]");
      cr_expect_eq (sp_store_refresh (store, &err), SIGPOLICY_E_UNAVAILABLE);
      sp_error_clear (&err);
    }
}

/* A directory, and what may not be read, are damage, too; a link out of the store is not followed.
 */
Test (sources_store, records_that_are_no_file)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/" LAYERS, root);
  cleanup_store struct sp_store *store = open_damaged ();

  put (LAYERS "/x", "");
  cr_expect_eq (sp_store_refresh (store, &err), SIGPOLICY_E_UNAVAILABLE);
  sp_error_clear (&err);
  cr_assert (remove_tree (path) == 0 && symlink ("/dev/null", path) == 0);
  cr_expect_eq (sp_store_refresh (store, &err), SIGPOLICY_E_UNAVAILABLE);
  sp_error_clear (&err);
}

/* Where containers do not outlive the host's run, what the graph root has of theirs is old. */
Test (sources_store, damage_of_a_transient_store)
{
  static const struct
  {
    const char *file;
    int rc;
  } cases[] = {
    { "s/vfs-containers/volatile-containers.json", 0 },
    { "r/vfs-containers/volatile-containers.json", SIGPOLICY_E_UNAVAILABLE },
    { "s/vfs-layers/volatile-layers.json", 0 },
    { "r/vfs-layers/volatile-layers.json", SIGPOLICY_E_UNAVAILABLE },
    { "i/vfs-layers/volatile-layers.json", 0 },
    { "i/vfs-layers/layers.json", SIGPOLICY_E_UNAVAILABLE },
    { CONTAINERS, SIGPOLICY_E_UNAVAILABLE },
    { LAYERS, SIGPOLICY_E_UNAVAILABLE },
    { MOUNTS, SIGPOLICY_E_UNAVAILABLE },
  };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/storage.conf", root);

  put ("storage.conf", "[storage]\ndriver=\"vfs\"\ngraphroot=\"%/s\"\nrunroot=\"%/r\"\n"
                       "imagestore=\"%/i\"\ntransient_store=true\n");
  put ("s/vfs-images/images.json", "[]");
  put ("i/vfs-images/images.json", "[]");
  cr_assert (setenv ("CONTAINERS_STORAGE_CONF", path, 1) == 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_store struct sp_store *store = NULL;
      cleanup_free char *file = sp_asprintf (&err, "%s/%s", root, cases[i].file);
      cr_assert_eq (sp_store_open (NULL, &(struct sp_store_setup){ 0 }, &store, &err), 0);
      put (cases[i].file, "[7]");
      cr_expect_eq (sp_store_refresh (store, &err), cases[i].rc, "%s", cases[i].file);
      sp_error_clear (&err);
      cr_assert_eq (unlink (file), 0);
    }
}

/* --- several roots ------------------------------------------------------------------------------
 */

Test (sources_store, other_roots)
{
  SP_CLEANUP (sp_store_image_clear) struct sp_store_image image = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = sp_asprintf (&err, "%s/s", root);
  cleanup_free char *options
      = sp_asprintf (&err, "vfs.imagestore=%s/none,vfs.imagestore=%s/more", root, root);
  struct sp_store_name name = { .driver = (char *)"vfs", .graph_root = path, .options = options };
  cleanup_store struct sp_store *store = NULL;

  put ("s/vfs-images/images.json", "[" FIRST ("") "]");
  put ("more/vfs-images/images.json",
       "[" SECOND ",{\"id\":\"" A "\",\"names\":[\"registry.example/old:1\"]}]");
  cr_assert (sp_store_open (&name, &(struct sp_store_setup){ 0 }, &store, &err) == 0);
  cr_expect_eq (resolve (store, "@" C, &image, &err), 0, "of the last root");
  cr_expect_eq (image.root, 2);
  sp_store_image_clear (&image);
  cr_expect_eq (resolve (store, "@" A, &image, &err), 0, "of the first that has it");
  cr_expect_eq (image.root, 0);
  cr_expect_eq (resolve (store, "registry.example/old:1", &image, &err), SIGPOLICY_E_NOT_FOUND,
                "a record of the same image in the first root counts");
}
