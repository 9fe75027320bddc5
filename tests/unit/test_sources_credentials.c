/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/credentials_int.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* base64 of "u:p" and of others like it */
#define U_P   "dTpw"
#define V_Q   "djpx"
#define ENTRY "{\"auth\":\"" U_P "\"}"
#define OTHER "{\"auth\":\"" V_Q "\"}"
#define TOKEN "{\"auth\":\"" U_P "\",\"identitytoken\":\"t\"}"

static struct sp_reference *
reference (const char *name)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_reference *parsed = NULL;
  cr_assert (sp_reference_parse (sp_view_str (name), &parsed, &err) == 0, "%s", name);
  return parsed;
}

/* "user:password", with " token=..." behind it; "none". */
static void
show (const struct sp_credentials *credentials, struct sp_buf *out)
{
  if (!credentials->user && !credentials->identity_token)
    {
      sp_buf_str (out, "none");
      cr_expect (!credentials->password);
      return;
    }
  sp_buf_printf (out, "%s:%s", credentials->user, credentials->password);
  if (credentials->identity_token)
    sp_buf_printf (out, " token=%s", credentials->identity_token);
}

/* --- one file --------------------------------------------------------------------------------- */

/* What a file says of a name: as above, "helper NAME", or "error: " and its message. */
static void
look_up (struct sp_view text, bool legacy, const char *name, struct sp_buf *out)
{
  cleanup_reference struct sp_reference *physical = reference (name);
  SP_CLEANUP (sp_auth_file_answer_clear) struct sp_auth_file_answer answer = { 0 };
  cleanup_error sigpolicy_error *err = NULL;

  int rc = sp_auth_file_look_up (text, legacy, physical->name, physical->domain, &answer, &err);
  if (rc < 0)
    {
      cr_expect (rc == SIGPOLICY_E_CONFIG && sigpolicy_error_line (err));
      sp_buf_printf (out, "error: %s", sigpolicy_error_message (err));
    }
  else if (answer.helper)
    sp_buf_printf (out, "helper %s", answer.helper);
  else
    show (&answer.credentials, out);
  if (answer.no_colon)
    sp_buf_str (out, " (no colon)");
}

struct row
{
  const char *text, *name, *shown;
};

static void
check_rows (const struct row *rows, size_t n_rows, bool legacy)
{
  for (size_t i = 0; i < n_rows; i++)
    {
      cleanup_buf struct sp_buf out = SP_BUF (4096);
      look_up (sp_view_str (rows[i].text), legacy, rows[i].name, &out);
      cr_expect (sp_view_is (sp_buf_view (&out), rows[i].shown), "row %zu: %s, %s: %s", i,
                 rows[i].text, rows[i].name, out.data);
    }
}

#define AUTHS(members) "{\"auths\":{" members "}}"

Test (sources_credentials, keys)
{
  static const struct row rows[] = {
    { AUTHS ("\"quay.io\":" ENTRY), "quay.io/ns/app:v1", "u:p" },
    { AUTHS ("\"quay.io\":" ENTRY), "quay.io.example/ns/app:v1", "none" },

    /* the repository, its parents, the host */
    { AUTHS ("\"quay.io\":" OTHER ",\"quay.io/ns/app\":" ENTRY), "quay.io/ns/app:v1", "u:p" },
    { AUTHS ("\"quay.io\":" OTHER ",\"quay.io/ns/app\":" ENTRY), "quay.io/ns/app2", "v:q" },
    { AUTHS ("\"quay.io\":" OTHER ",\"quay.io/ns\":" ENTRY), "quay.io/ns/app", "u:p" },
    { AUTHS ("\"quay.io\":" OTHER ",\"quay.io/ns\":" ENTRY), "quay.io/n/app", "v:q" },
    { AUTHS ("\"quay.io/ns/app/x\":" ENTRY), "quay.io/ns/app", "none" },

    /* the first that is there ends the search, whatever it holds */
    { AUTHS ("\"quay.io\":" OTHER ",\"quay.io/ns\":{}"), "quay.io/ns/app", "none" },
    { AUTHS ("\"quay.io\":" OTHER ",\"quay.io/ns\":null"), "quay.io/ns/app", "none" },
    { AUTHS ("\"quay.io\":{},\"https://quay.io\":" ENTRY), "quay.io/ns/app", "none" },

    /* ports, tags and slashes */
    { AUTHS ("\"r.example:5000\":" ENTRY), "r.example:5000/a", "u:p" },
    { AUTHS ("\"r.example\":" ENTRY), "r.example:5000/a", "none" },
    { AUTHS ("\"r.example:5000\":" ENTRY), "r.example/a", "none" },
    { AUTHS ("\"quay.io/ns/app:v1\":" ENTRY), "quay.io/ns/app:v1", "none" },
    { AUTHS ("\"quay.io/\":" ENTRY), "quay.io/ns/app", "none" },
    { AUTHS ("\"quay.io/ns/\":" ENTRY), "quay.io/ns/app", "none" },
    { AUTHS ("\"QUAY.io\":" ENTRY), "quay.io/ns/app", "none" },
    { AUTHS ("\"quay.io\\u0000\":" ENTRY), "quay.io/ns/app", "none" },

    /* URLs, of which the host counts, after all else */
    { AUTHS ("\"https://quay.io\":" ENTRY), "quay.io/ns/app", "u:p" },
    { AUTHS ("\"http://quay.io/v1/\":" ENTRY), "quay.io/ns/app", "u:p" },
    { AUTHS ("\"https://quay.io\":" OTHER ",\"quay.io\":" ENTRY), "quay.io/ns/app", "u:p" },
    { AUTHS ("\"http://https://quay.io\":" ENTRY), "quay.io/ns/app", "u:p" },
    { AUTHS ("\"https://http://quay.io\":" ENTRY), "quay.io/ns/app", "none" },
    { AUTHS ("\"ftp://quay.io\":" ENTRY), "quay.io/ns/app", "none" },
    { AUTHS ("\"HTTPS://quay.io\":" ENTRY), "quay.io/ns/app", "none" },
    { AUTHS ("\"https://quay.io:443\":" ENTRY), "quay.io/ns/app", "none" },
    { AUTHS ("\"quay.io/v1/\":" ENTRY), "quay.io/ns/app", "none" },

    /* Docker Hub */
    { AUTHS ("\"docker.io\":" ENTRY), "busybox", "u:p" },
    { AUTHS ("\"docker.io/library\":" ENTRY), "busybox", "u:p" },
    { AUTHS ("\"index.docker.io\":" ENTRY), "busybox", "u:p" },
    { AUTHS ("\"registry-1.docker.io\":" ENTRY), "busybox", "u:p" },
    { AUTHS ("\"https://index.docker.io/v1/\":" ENTRY), "busybox", "u:p" },
    { AUTHS ("\"https://index.docker.io/v1/\":" OTHER ",\"docker.io\":" ENTRY), "busybox", "u:p" },
    { AUTHS ("\"index.docker.io/v1/\":" ENTRY), "busybox", "none" },
    { AUTHS ("\"registry-2.docker.io\":" ENTRY), "busybox", "none" },
    { AUTHS ("\"docker.io\":" ENTRY), "registry-1.docker.io/library/busybox", "u:p" },
    { AUTHS ("\"docker.io\":" ENTRY), "hub.docker.io/library/busybox", "none" },

    /* keys are no names of members: each letter counts, and the last of several */
    { AUTHS ("\"quay.io\":" OTHER ",\"quay.io\":" ENTRY), "quay.io/a", "u:p" },
    { AUTHS ("\"quay.io\":" OTHER ",\"quay.io\":null"), "quay.io/a", "none" },
  };
  check_rows (rows, sizeof rows / sizeof *rows, false);
}

Test (sources_credentials, legacy_keys)
{
  static const struct row rows[] = {
    { "{\"quay.io\":" ENTRY "}", "quay.io/ns/app", "u:p" },
    { "{\"quay.io/v1/\":" ENTRY "}", "quay.io/ns/app", "u:p" },
    { "{\"https://index.docker.io/v1/\":" ENTRY "}", "busybox", "u:p" },
    { "{\"quay.io/ns/app\":" ENTRY ",\"quay.io\":" OTHER "}", "quay.io/ns/app", "v:q" },
    { "{\"auths\":{\"quay.io\":" ENTRY "}}", "quay.io/ns/app", "none" },
    { "{\"credHelpers\":{\"quay.io\":\"x\"},\"quay.io\":" ENTRY "}", "quay.io/ns/app", "u:p" },
    { "null", "quay.io/ns/app", "none" },
    { "{\"a\":1,\"quay.io\":" ENTRY "}", "quay.io/a", "error: expected an object, found a number" },
  };
  check_rows (rows, sizeof rows / sizeof *rows, true);
}

Test (sources_credentials, entries)
{
#define ONE(members) AUTHS ("\"quay.io\":{" members "}")
  static const struct row rows[] = {
    { ONE ("\"auth\":\"dTpwOnE6\""), "quay.io/a", "u:p:q:" }, /* u:p:q: */
    { ONE ("\"auth\":\"dTpw\\r\\n\""), "quay.io/a", "u:p" },
    { ONE ("\"auth\":\"dTpwAAA=\""), "quay.io/a", "u:p" }, /* u:p NUL NUL */
    { ONE ("\"auth\":\"dToAAHAA\""), "quay.io/a", "u:p" }, /* u: NUL NUL p NUL */
    { ONE ("\"auth\":\"dTo=\""), "quay.io/a", "u:" },
    { ONE ("\"auth\":\"OnA=\""), "quay.io/a", ":p" },
    { ONE ("\"auth\":\"dToA\""), "quay.io/a", "u:" }, /* u: NUL */
    { ONE ("\"auth\":\"dTpwAHE=\""), "quay.io/a", "error: the password has a NUL" },
    { ONE ("\"auth\":\"dQA6cA==\""), "quay.io/a", "error: the user name has a NUL" },
    { ONE ("\"auth\":\"dTrD/w==\""), "quay.io/a", "u:\xc3\xff" },

    /* such an entry counts as empty */
    { ONE (""), "quay.io/a", "none" },
    { ONE ("\"auth\":\"\""), "quay.io/a", "none" },
    { ONE ("\"auth\":null"), "quay.io/a", "none" },
    { ONE ("\"auth\":\"dXA=\""), "quay.io/a", "none (no colon)" }, /* up */
    { ONE ("\"auth\":\"Og==\""), "quay.io/a", "none" },            /* : */
    { ONE ("\"auth\":\"OgAA\""), "quay.io/a", "none" },            /* : NUL NUL */
    { ONE ("\"username\":\"u\",\"password\":\"p\""), "quay.io/a", "none" },

    /* identity tokens, with a pair alone */
    { ONE ("\"auth\":\"dTpw\",\"identitytoken\":\"t\""), "quay.io/a", "u:p token=t" },
    { ONE ("\"auth\":\"Og==\",\"identitytoken\":\"t\""), "quay.io/a", ": token=t" }, /* : */
    { ONE ("\"identitytoken\":\"t\""), "quay.io/a", "none" },
    { ONE ("\"auth\":\"dXA=\",\"identitytoken\":\"t\""), "quay.io/a", "none (no colon)" },
    { ONE ("\"auth\":\"dTpw\",\"identitytoken\":\"\""), "quay.io/a", "u:p" },
    { ONE ("\"auth\":\"dTpw\",\"identitytoken\":\"a\\u0000b\""), "quay.io/a",
      "error: the identity token has a NUL" },

    /* base64 */
    { ONE ("\"auth\":\"dTp\""), "quay.io/a", "error: illegal base64 data at input byte 0" },
    { ONE ("\"auth\":\"dTpw=\""), "quay.io/a", "error: illegal base64 data at input byte 4" },
    { ONE ("\"auth\":\"dTp_\""), "quay.io/a", "error: illegal base64 data at input byte 3" },
    { ONE ("\"auth\":\" dTpw\""), "quay.io/a", "error: illegal base64 data at input byte 0" },
    { ONE ("\"auth\":\"!\""), "quay.io.example/a", "none" }, /* of another host */

    /* names of members in any case, the last of several, but null is nothing */
    { ONE ("\"AUTH\":\"dTpw\""), "quay.io/a", "u:p" },
    { ONE ("\"auth\":\"djpx\",\"Auth\":\"dTpw\""), "quay.io/a", "u:p" },
    { ONE ("\"Auth\":\"djpx\",\"auth\":\"dTpw\""), "quay.io/a", "u:p" },
    { ONE ("\"auth\":\"dTpw\",\"auth\":null"), "quay.io/a", "u:p" },
    { ONE ("\"auth\":\"dTpw\",\"IdentityTo\xe2\x84\xaa\x65n\":\"t\""), "quay.io/a", "u:p token=t" },
    { ONE ("\"auth \":\"dTpw\""), "quay.io/a", "none" },
    { ONE ("\"a\\u0075th\":\"dT\\u0070w\""), "quay.io/a", "u:p" },

    /* unknown members are, values of another type are not ignored, wherever they stand */
    { ONE ("\"auth\":\"dTpw\",\"email\":5,\"password\":[]"), "quay.io/a", "u:p" },
    { ONE ("\"auth\":5"), "quay.io/a", "error: expected a string, found a number" },
    { ONE ("\"auth\":5"), "other.example/a", "error: expected a string, found a number" },
    { ONE ("\"identitytoken\":{}"), "quay.io/a", "error: expected a string, found an object" },
    { AUTHS ("\"x\":[],\"quay.io\":" ENTRY), "quay.io/a",
      "error: expected an object, found an array" },
    { AUTHS ("\"x\":\"" U_P "\",\"quay.io\":" ENTRY), "quay.io/a",
      "error: expected an object, found a string" },
  };
  check_rows (rows, sizeof rows / sizeof *rows, false);
}

Test (sources_credentials, documents)
{
#define HELPERS(members) "{\"auths\":{\"quay.io\":" ENTRY "},\"credHelpers\":{" members "}}"
  static const struct row rows[] = {
    { "{}", "quay.io/a", "none" },
    { "null", "quay.io/a", "none" },
    { "{\"auths\":null}", "quay.io/a", "none" },
    { "{\"Auth\xc5\xbf\":{\"quay.io\":" ENTRY "}}", "quay.io/a", "u:p" },
    { "{\"quay.io\":" ENTRY "}", "quay.io/a", "none" },
    { "{\"credsStore\":\"x\",\"psFormat\":1,\"auths\":{\"quay.io\":" ENTRY "}}", "quay.io/a",
      "u:p" },

    /* several "auths" add up; null takes away what was there */
    { "{\"auths\":{\"quay.io\":" ENTRY "},\"AUTHS\":{}}", "quay.io/a", "u:p" },
    { "{\"auths\":{\"quay.io\":" OTHER "},\"auths\":{\"quay.io\":" ENTRY "}}", "quay.io/a", "u:p" },
    { "{\"auths\":{\"quay.io\":" ENTRY "},\"auths\":null}", "quay.io/a", "none" },
    { "{\"auths\":null,\"auths\":{\"quay.io\":" ENTRY "}}", "quay.io/a", "u:p" },

    /* helpers are for hosts, to the letter, and before the entries */
    { HELPERS ("\"quay.io\":\"pass\""), "quay.io/ns/app", "helper pass" },
    { HELPERS ("\"quay.io\":null"), "quay.io/ns/app", "helper " },
    { HELPERS ("\"quay.io/ns\":\"pass\""), "quay.io/ns/app", "u:p" },
    { HELPERS ("\"https://quay.io\":\"pass\""), "quay.io/ns/app", "u:p" },
    { HELPERS ("\"index.docker.io\":\"pass\""), "busybox", "none" },
    { HELPERS ("\"docker.io\":\"pass\""), "busybox", "helper pass" },
    { HELPERS ("\"quay.io\":\"a\",\"quay.io\":\"b\""), "quay.io/ns/app", "helper b" },
    { HELPERS ("\"quay.io\":\"a\\u0000b\""), "quay.io/a",
      "error: the name of the helper has a NUL" },
    { HELPERS ("\"x\":1"), "quay.io/a", "error: expected a string, found a number" },
    { "{\"credhelperS\":{\"quay.io\":\"pass\"}}", "quay.io/a", "helper pass" },

    { "", "quay.io/a", "error: unexpected end of JSON input" },
    { "{\"auths\":{}", "quay.io/a", "error: unexpected end of JSON input" },
    { "[]", "quay.io/a", "error: expected an object, found an array" },
    { "\"auths\"", "quay.io/a", "error: expected an object, found a string" },
    { "{\"auths\":[]}", "quay.io/a", "error: expected an object, found an array" },
    { "{\"credHelpers\":\"pass\"}", "quay.io/a", "error: expected an object, found a string" },
    { "{} {}", "quay.io/a", "error: invalid character '{' after top-level value" },
  };
  check_rows (rows, sizeof rows / sizeof *rows, false);
}

Test (sources_credentials, nesting)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (4096), out = SP_BUF (4096);
      sp_buf_str (&text, "{\"x\":");
      for (size_t i = 0; i < SP_AUTH_DEPTH_MAX - 1 + over; i++)
        sp_buf_byte (&text, '[');
      for (size_t i = 0; i < SP_AUTH_DEPTH_MAX - 1 + over; i++)
        sp_buf_byte (&text, ']');
      sp_buf_str (&text, ",\"auths\":{\"quay.io\":" ENTRY "}}");
      look_up (sp_buf_view (&text), false, "quay.io/a", &out);
      cr_expect (sp_view_is (sp_buf_view (&out), "u:p") == !over, "%s", out.data);
    }
}

/* --- scenery ---------------------------------------------------------------------------------- */

struct scene
{
  char root[64];
  struct sp_auth_options options;
  struct sp_strv helpers;
  struct sp_credentials found;
  sigpolicy_error *err;
};

static char *
at (const struct scene *scene, const char *name)
{
  cleanup_error sigpolicy_error *err = NULL;
  char *path = sp_asprintf (&err, "%s/%s", scene->root, name);
  cr_assert (path);
  return path;
}

static void
put_dir (const struct scene *scene, const char *name)
{
  cleanup_free char *path = at (scene, name);
  cr_assert (mkdir (path, 0700) == 0);
}

static void
put (const struct scene *scene, const char *name, const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *path = at (scene, name);
  cr_assert (put_file (path, sp_view_str (text), &err) == 0, "%s", sigpolicy_error_text (err));
  cr_assert (chmod (path, 0600) == 0);
}

/* A helper: a script, with the working directory of the scene. */
static void
put_helper (const struct scene *scene, const char *name, const char *script)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *file = sp_asprintf (&err, "bin/docker-credential-%s", name);
  cleanup_free char *path = at (scene, file);
  cleanup_free char *text
      = sp_asprintf (&err, "#!/bin/sh\nPATH=/usr/bin:/bin\ncd '%s'\n%s\n", scene->root, script);
  put (scene, file, text);
  cr_assert (chmod (path, 0700) == 0);
}

static struct scene
scene_new (void)
{
  struct scene scene = { .root = "/tmp/sigpolicy-test-XXXXXX" };
  cr_assert (mkdtemp (scene.root));
  put_dir (&scene, "bin");
  put_dir (&scene, "home");
  put_dir (&scene, "run");
  scene.options.home = at (&scene, "home");
  scene.options.runtime_dir = at (&scene, "run");
  scene.options.path = at (&scene, "bin");
  return scene;
}

static void
scene_clear (struct scene *scene)
{
  cr_expect (remove_tree (scene->root) == 0);
  sp_auth_options_clear (&scene->options);
  sp_strv_clear (&scene->helpers);
  sp_credentials_clear (&scene->found);
  sp_error_clear (&scene->err);
}

#define cleanup_scene SP_CLEANUP (scene_clear)

static void
set_option (char **option, char *value)
{
  free (*option);
  *option = value;
}

static void
add_helper (struct scene *scene, const char *name)
{
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (sp_strv_add (&scene->helpers, sp_view_str (name), &err) == 0);
}

/* What is found for a name, or "error: " and the message. */
static const char *
find (struct scene *scene, const char *name)
{
  static char shown[2048];
  cleanup_reference struct sp_reference *physical = reference (name);
  cleanup_buf struct sp_buf out = SP_BUF (sizeof shown - 1);

  sp_credentials_clear (&scene->found);
  sp_error_clear (&scene->err);
  int rc = sp_credentials_find (&scene->options, &scene->helpers, physical, &scene->found,
                                &scene->err);
  cr_expect ((rc == 0) == !scene->err);
  if (rc < 0)
    sp_buf_printf (&out, "error: %s", sigpolicy_error_message (scene->err));
  else
    show (&scene->found, &out);
  cr_expect (!scene->found.from == !scene->found.user);
  cr_assert (!out.failed);
  memcpy (shown, out.data, out.len + 1);
  return shown;
}

/* --- which file ------------------------------------------------------------------------------- */

#define PAIR(letter) AUTHS ("\"quay.io\":{\"auth\":\"" letter "\"}")

/* In their order, each found when those before it are gone. */
Test (sources_credentials, order_of_files)
{
  static const struct
  {
    const char *name, *text, *found;
  } files[] = {
    { "run/containers/auth.json", PAIR ("MTpw"), "1:p" },
    { "home/.config/containers/auth.json", PAIR ("Mjpw"), "2:p" },
    { "home/.docker/config.json", PAIR ("Mzpw"), "3:p" },
    { "home/.dockercfg", "{\"quay.io\":{\"auth\":\"NDpw\"}}", "4:p" },
  };
  cleanup_scene struct scene scene = scene_new ();

  put_dir (&scene, "run/containers");
  put_dir (&scene, "home/.config");
  put_dir (&scene, "home/.config/containers");
  put_dir (&scene, "home/.docker");
  for (size_t i = 0; i < 4; i++)
    put (&scene, files[i].name, files[i].text);
  for (size_t i = 0; i < 4; i++)
    {
      cleanup_free char *path = at (&scene, files[i].name);
      cr_expect_str_eq (find (&scene, "quay.io/a"), files[i].found);
      cr_expect_str_eq (scene.found.from, path);
      cr_expect (scene.found.warnings.len == 0);
      cr_assert (unlink (path) == 0);
    }
  cr_expect_str_eq (find (&scene, "quay.io/a"), "none");
}

/* An entry that counts as empty does not keep a file behind from having one. */
Test (sources_credentials, empty_entries_move_on)
{
  static const char *const texts[] = {
    PAIR (""), PAIR ("Og=="), PAIR ("OgA="), PAIR ("dXA="), AUTHS ("\"quay.io\":{}"), "{}", "null",
  };
  cleanup_scene struct scene scene = scene_new ();

  put_dir (&scene, "run/containers");
  put_dir (&scene, "home/.docker");
  put (&scene, "home/.docker/config.json", PAIR (U_P));
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    {
      put (&scene, "run/containers/auth.json", texts[i]);
      cr_expect_str_eq (find (&scene, "quay.io/a"), "u:p");
      cr_expect (scene.found.warnings.len == (i == 3 ? 1 : 0), "row %zu", i);
    }
}

/* But one that cannot be read does: what it would have said is not known. */
Test (sources_credentials, broken_files, .timeout = 30)
{
  static const char *const texts[] = { "", "{", PAIR ("!"), AUTHS ("\"x\":{\"auth\":1}") };
  cleanup_scene struct scene scene = scene_new ();
  cleanup_free char *path = at (&scene, "run/containers/auth.json");
  char start[256];

  put_dir (&scene, "run/containers");
  put_dir (&scene, "home/.docker");
  put (&scene, "home/.docker/config.json", PAIR (U_P));
  (void)snprintf (start, sizeof start,
                  "error: getting username and password: reading JSON file \"%s\": ", path);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    {
      put (&scene, "run/containers/auth.json", texts[i]);
      cr_expect (strncmp (find (&scene, "quay.io/a"), start, strlen (start)) == 0);
      cr_expect (sigpolicy_error_code (scene.err) == SIGPOLICY_E_CONFIG);
      cr_expect_str_eq (sigpolicy_error_file (scene.err), path);
    }
  cr_assert (unlink (path) == 0 && mkdir (path, 0700) == 0);
  cr_expect (strncmp (find (&scene, "quay.io/a"), start, strlen (start)) == 0);
  cr_assert (rmdir (path) == 0 && mkfifo (path, 0600) == 0);
  cr_expect (strncmp (find (&scene, "quay.io/a"), start, strlen (start)) == 0);
  cr_assert (unlink (path) == 0 && symlink ("nowhere", path) == 0);
  cr_expect_str_eq (find (&scene, "quay.io/a"), "u:p");
}

Test (sources_credentials, explicit_file)
{
  cleanup_scene struct scene scene = scene_new ();

  put_dir (&scene, "run/containers");
  put (&scene, "run/containers/auth.json", PAIR (U_P));
  put (&scene, "mine.json", PAIR (V_Q));
  scene.options.authfile = at (&scene, "mine.json");
  cr_expect_str_eq (find (&scene, "quay.io/a"), "v:q");

  /* It is the only one, also when it has nothing or is missing. */
  put (&scene, "mine.json", "{}");
  cr_expect_str_eq (find (&scene, "quay.io/a"), "none");
  set_option (&scene.options.authfile, at (&scene, "missing.json"));
  cr_expect_str_eq (find (&scene, "quay.io/a"), "none");
  set_option (&scene.options.authfile, strdup (""));
  cr_expect_str_eq (find (&scene, "quay.io/a"), "u:p");
}

Test (sources_credentials, directories_of_the_environment)
{
  cleanup_scene struct scene scene = scene_new ();

  put_dir (&scene, "home/.config");
  put_dir (&scene, "home/.config/containers");
  put_dir (&scene, "home/.docker");
  put_dir (&scene, "config");
  put_dir (&scene, "config/containers");
  put_dir (&scene, "docker");
  put (&scene, "home/.config/containers/auth.json", PAIR ("MTpw"));
  put (&scene, "home/.docker/config.json", PAIR ("Mjpw"));
  put (&scene, "docker/config.json", PAIR ("Mzpw"));
  put (&scene, "config/containers/auth.json", PAIR ("NDpw"));

  cr_expect_str_eq (find (&scene, "quay.io/a"), "1:p");
  scene.options.config_home = at (&scene, "config");
  cr_expect_str_eq (find (&scene, "quay.io/a"), "4:p");
  set_option (&scene.options.config_home, at (&scene, "home"));
  cr_expect_str_eq (find (&scene, "quay.io/a"), "2:p");
  scene.options.docker_config = at (&scene, "docker");
  cr_expect_str_eq (find (&scene, "quay.io/a"), "3:p");
  set_option (&scene.options.docker_config, at (&scene, "home"));
  cr_expect_str_eq (find (&scene, "quay.io/a"), "none");
}

/* Without a home nothing of it is looked for, least of all in the working directory. */
Test (sources_credentials, no_home)
{
  cleanup_scene struct scene scene = scene_new ();

  put_dir (&scene, "home/.docker");
  put (&scene, "home/.docker/config.json", PAIR (U_P));
  cr_assert (chdir (scene.options.home) == 0);
  cr_expect_str_eq (find (&scene, "quay.io/a"), "u:p");
  set_option (&scene.options.home, NULL);
  cr_expect_str_eq (find (&scene, "quay.io/a"), "none");
  cr_assert (chdir ("/") == 0);
}

Test (sources_credentials, missing_runtime_directory)
{
  cleanup_scene struct scene scene = scene_new ();

  put_dir (&scene, "home/.docker");
  put (&scene, "home/.docker/config.json", PAIR (U_P));
  set_option (&scene.options.runtime_dir, at (&scene, "missing"));
  cr_expect_str_eq (find (&scene, "quay.io/a"), "u:p");
  cr_assert (scene.found.warnings.len == 1);
  cr_expect (strstr (scene.found.warnings.items[0], "XDG_RUNTIME_DIR"));
  cr_expect_str_eq (find (&scene, "other.example/a"), "none");
  cr_expect (scene.found.warnings.len == 1);
}

Test (sources_credentials, readable_by_others)
{
  static const struct
  {
    mode_t mode;
    bool warned;
  } cases[] = { { 0600, false }, { 0400, false }, { 0640, true }, { 0604, true }, { 0644, true } };
  cleanup_scene struct scene scene = scene_new ();
  cleanup_free char *path = at (&scene, "mine.json");

  put (&scene, "mine.json", PAIR (U_P));
  scene.options.authfile = at (&scene, "mine.json");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cr_assert (chmod (path, cases[i].mode) == 0);
      cr_expect_str_eq (find (&scene, "quay.io/a"), "u:p");
      cr_expect (scene.found.warnings.len == cases[i].warned, "row %zu", i);
      cr_expect (!cases[i].warned || strstr (scene.found.warnings.items[0], path));
      cr_expect_str_eq (find (&scene, "other.example/a"), "none");
      cr_expect (scene.found.warnings.len == 0);
    }
}

Test (sources_credentials, size_of_a_file)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_free char *path = at (&scene, "mine.json");

  scene.options.authfile = at (&scene, "mine.json");
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_buf struct sp_buf text = SP_BUF (SP_AUTH_FILE_BYTES_MAX + 1);
      sp_buf_str (&text, PAIR (U_P));
      while (text.len < SP_AUTH_FILE_BYTES_MAX + over)
        sp_buf_byte (&text, ' ');
      cr_assert (put_file (path, sp_buf_view (&text), &err) == 0);
      const char *shown = find (&scene, "quay.io/a");
      cr_expect ((strcmp (shown, "u:p") == 0) == !over, "%s", shown);
      cr_expect (!over
                 || (sigpolicy_error_code (scene.err) == SIGPOLICY_E_CONFIG
                     && sigpolicy_error_reason (scene.err) == SIGPOLICY_REASON_LIMIT));
    }
}

/* --- --creds ---------------------------------------------------------------------------------- */

Test (sources_credentials, creds)
{
  static const struct
  {
    const char *creds, *host, *shown;
  } cases[] = {
    { "v:q", "quay.io", "v:q" },
    { "v:q:r", "quay.io", "v:q:r" },
    { "v", "quay.io", "v:" },
    { "v:", "quay.io", "v:" },
    { "", "quay.io", "error: credentials can't be empty" },
    { ":q", "quay.io", "error: username can't be empty" },
    /* a mirror on another host does not get them */
    { "v:q", "mirror.example", "u:p" },
    { "v:q", "quay.io:443", "u:p" },
    { "v:q", "QUAY.IO", "u:p" },
    { "v:q", "", "u:p" },
    { "v:q", NULL, "u:p" },
    { NULL, "quay.io", "u:p" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      put (&scene, "mine.json", PAIR (U_P));
      scene.options.authfile = at (&scene, "mine.json");
      scene.options.creds = cases[i].creds ? strdup (cases[i].creds) : NULL;
      scene.options.creds_host = cases[i].host ? strdup (cases[i].host) : NULL;
      cr_expect_str_eq (find (&scene, "quay.io/a"), cases[i].shown);
      cr_expect (!scene.err || sigpolicy_error_code (scene.err) == SIGPOLICY_E_USAGE);
    }
}

/* --- helpers ---------------------------------------------------------------------------------- */

#define SAY(text) "cat >asked; printf '%s' '" text "'"

Test (sources_credentials, answers_of_helpers)
{
  static const struct
  {
    const char *script, *shown;
  } cases[] = {
    { SAY ("{\"ServerURL\":\"quay.io\",\"Username\":\"u\",\"Secret\":\"p\"}\n"), "u:p" },
    { SAY ("{\"Username\":\"u\",\"Secret\":\"p\"} and what stands behind it"), "u:p" },
    { SAY ("{\"x\":{\"y\":[\"}\\\"{\"]},\"Username\":\"u\",\"Secret\":\"p\"}}"), "u:p" },
    { SAY ("{\"username\":\"v\",\"USERNAME\":\"u\",\"secret\":\"p\",\"Secret\":null}"), "u:p" },
    { SAY ("{\"Username\":\"u\",\"Secret\":\"a\\u0026b\"}"), "u:a&b" },
    { SAY ("{\"Username\":\"<token>\",\"Secret\":\"t\"}"), ": token=t" },
    { SAY ("{\"Username\":\"<token>\",\"Secret\":\"\"}"), "none" },
    { SAY ("{\"Username\":\"<Token>\",\"Secret\":\"t\"}"), "<Token>:t" },
    { SAY ("{\"Username\":\"u\",\"Secret\":\"\"}"), "u:" },
    { SAY ("{\"Username\":\"\",\"Secret\":\"p\"}"), ":p" },
    { SAY ("{\"Username\":\"\",\"Secret\":\"\"}"), "none" },
    { SAY ("{}"), "none" },
    { SAY ("null"), "none" },
    { SAY ("credentials not found in native keychain\n") "; exit 1", "none" },
    { SAY (" \t\ncredentials not found in native keychain") "; exit 3", "none" },
    { "echo complaint >&2;" SAY ("{\"Username\":\"u\",\"Secret\":\"p\"}"), "u:p" },
    { "exec <&-; printf '{\"Username\":\"u\",\"Secret\":\"p\"}'", "u:p" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      put_helper (&scene, "test", cases[i].script);
      add_helper (&scene, "test");
      cr_expect_str_eq (find (&scene, "quay.io/ns/a"), cases[i].shown, "row %zu: %s", i,
                        sigpolicy_error_text (scene.err));
      cr_expect (!scene.found.from || strcmp (scene.found.from, "docker-credential-test") == 0);
    }
}

/* No answer of these, and no secret in what is said about it. */
Test (sources_credentials, failures_of_helpers)
{
  static const struct
  {
    const char *script, *words;
  } cases[] = {
    { SAY ("no keychain") "; exit 1",
      "error getting credentials - err: exit status 1, out: `no keychain`" },
    { SAY ("not: credentials not found in native keychain") "; exit 1", "exit status 1" },
    { SAY ("{\"Username\":\"u\",\"Secret\":\"p1ssword\"}") "; exit 1", "out: `{...}`" },
    { "exit 0", "its answer cannot be read: unexpected end of JSON input" },
    { SAY ("credentials not found in native keychain"), "its answer cannot be read" },
    { SAY ("{\"Username\":\"u\",\"Secret\":\"p1ssword\""), "unexpected end of JSON input" },
    { SAY ("{\"Username\":\"u\",\"Secret\":[\"p1ssword\"]}"), "unexpected an array" },
    { SAY ("[{\"Username\":\"u\",\"Secret\":\"p1ssword\"}]"), "unexpected an array" },
    { SAY ("{\"Username\":\"u\",\"Secret\":\"p1ssword\\u0000\"}"), "the password has a NUL" },
    { SAY ("{\"Username\":\"u\",\"Secret\":\"p1ssword\",\"ServerURL\":1}"), "unexpected a number" },
    { "kill -9 $$", "signal 9" },
    { "exec nowhere/missing", "exit status 127" },
    { "head -c 1048576 /dev/zero", "it answers with more than 65536 bytes" },
    { "yes '{}'", "it answers with more than 65536 bytes" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      put_helper (&scene, "test", cases[i].script);
      add_helper (&scene, "test");
      const char *shown = find (&scene, "quay.io/ns/a");
      cr_expect (strncmp (shown, "error: getting username and password: ", 38) == 0
                     && strstr (shown, cases[i].words),
                 "row %zu: %s", i, shown);
      cr_expect (sigpolicy_error_code (scene.err) == SIGPOLICY_E_UNAVAILABLE);
      cr_expect (!strstr (sigpolicy_error_text (scene.err), "p1ssword"), "row %zu", i);
    }
}

Test (sources_credentials, output_at_the_ceiling)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_scene struct scene scene = scene_new ();
      char script[256];
      (void)snprintf (script, sizeof script,
                      "printf '{\"Username\":\"u\",\"Secret\":\"p\"}'; head -c %lu /dev/zero | tr "
                      "'\\0' ' '",
                      SP_HELPER_BYTES_MAX - 29 + over);
      put_helper (&scene, "test", script);
      add_helper (&scene, "test");
      const char *shown = find (&scene, "quay.io/a");
      cr_expect ((strcmp (shown, "u:p") == 0) == !over, "%s", shown);
      cr_expect (!over || sigpolicy_error_reason (scene.err) == SIGPOLICY_REASON_LIMIT);
    }
}

/* What it complains of is told, and never waited for. */
Test (sources_credentials, complaints_of_helpers)
{
  cleanup_scene struct scene scene = scene_new ();

  put_helper (&scene, "test", "printf 'no\\033[2J display\\n' >&2; exit 2");
  add_helper (&scene, "test");
  cr_expect (strstr (find (&scene, "quay.io/a"), "exit status 2"));
  cr_expect (strstr (sigpolicy_error_text (scene.err), "which complained 'no\\x1b[2J display'"));
  put_helper (&scene, "test",
              "head -c 1048576 /dev/zero >&2; printf '{\"Username\":\"u\",\"Secret\":\"p\"}'");
  cr_expect_str_eq (find (&scene, "quay.io/a"), "u:p");
}

/* It gets the host without a newline, "get", the environment, and nothing else of ours. */
Test (sources_credentials, what_a_helper_gets)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf got = SP_BUF (65536);
  cleanup_free char *path = at (&scene, "got");
  cleanup_close int leaked = open ("/dev/null", O_RDONLY);

  cr_assert (leaked > 2);
  put_helper (&scene, "test",
              "{ printf 'in %s\\n' \"$(od -An -c | tr -d ' \\n')\"; echo \"$# $1\"; echo $VARIABLE;"
              " ls /proc/self/fd | tr '\\n' ' '; echo;"
              " echo $((0x$(grep SigIgn /proc/self/status | tr -dc '[:xdigit:]' | tail -c 16)"
              " & 0x1000)); } >got; echo null");
  add_helper (&scene, "test");
  cr_assert (setenv ("VARIABLE", "value", 1) == 0);
  void (*handler) (int) = signal (SIGPIPE, SIG_IGN);
  cr_expect_str_eq (find (&scene, "reg.example:5000/ns/a"), "none");
  (void)signal (SIGPIPE, handler);
  cr_assert (sp_fs_read (path, &got, &err) == 0);
  cr_expect_str_eq (got.data, "in reg.example:5000\n"
                              "1 get\n"
                              "value\n"
                              "0 1 2 3 \n" /* 3 is the directory that ls reads */
                              "0\n" /* the bit of SIGPIPE */);
}

/* No signal is blocked in it, whatever is in us. A shell would clear its own mask: this is awk. */
Test (sources_credentials, mask_of_a_helper)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf got = SP_BUF (65536);
  cleanup_free char *path = at (&scene, "got"),
                    *program = at (&scene, "bin/docker-credential-test");
  cleanup_free char *text = sp_asprintf (
      &err,
      "#!/usr/bin/awk -f\nBEGIN {\n  while ((getline line <\"/proc/self/status\") > 0)\n"
      "    if (line ~ /^SigBlk/) print line >\"%s\"\n  print \"null\"\n  exit\n}\n",
      path);
  sigset_t blocked, before, after;

  put (&scene, "bin/docker-credential-test", text);
  cr_assert (chmod (program, 0700) == 0);
  add_helper (&scene, "test");
  (void)sigemptyset (&blocked);
  (void)sigaddset (&blocked, SIGTERM);
  cr_assert (pthread_sigmask (SIG_BLOCK, &blocked, &before) == 0);
  cr_expect_str_eq (find (&scene, "quay.io/a"), "none");
  cr_assert (pthread_sigmask (SIG_SETMASK, &before, &after) == 0);
  cr_expect (sigismember (&after, SIGTERM) == 1 && sigismember (&after, SIGHUP) == 0);
  cr_assert (sp_fs_read (path, &got, &err) == 0, "%s", sigpolicy_error_text (err));
  cr_expect_str_eq (got.data, "SigBlk:\t0000000000000000\n");
}

/* --- helpers that do not end ------------------------------------------------------------------ */

static double
seconds (void)
{
  struct timespec now;
  cr_assert (clock_gettime (CLOCK_MONOTONIC, &now) == 0);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The process that wrote its number into a file is gone, and nobody's to wait for. */
static bool
is_gone (const struct scene *scene, const char *file)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (64);
  cleanup_free char *path = at (scene, file);
  cr_assert (sp_fs_read (path, &text, &err) == 0, "%s", sigpolicy_error_text (err));
  pid_t pid = (pid_t)strtol (text.data, NULL, 10);
  cr_assert (pid > 1);
  return kill (pid, 0) < 0 && errno == ESRCH && waitpid (-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

/* All of these would run for a minute. */
Test (sources_credentials, helpers_that_hang, .timeout = 30)
{
  static const char *const scripts[] = {
    "echo $$ >pid; exec sleep 60",
    "echo $$ >pid; printf '{\"Username\":\"u\",\"Secret\":\"p\"}'; exec sleep 60",
    "echo $$ >pid; exec >&- 2>&-; exec sleep 60",
    "sleep 60 & echo $! >pid; wait",
    "trap '' TERM HUP INT; sleep 60 & echo $! >pid; while :; do wait; done",
    "echo $$ >pid; kill -STOP $$",
    "echo $$ >pid; exec yes >&2",
  };
  cr_assert (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      put_helper (&scene, "test", scripts[i]);
      add_helper (&scene, "test");
      scene.options.helper_ms = 300;
      double start = seconds ();
      const char *shown = find (&scene, "quay.io/a");
      cr_expect (strstr (shown, "no answer within 0.300 s"), "row %zu: %s", i, shown);
      cr_expect (seconds () - start < 10, "row %zu: %f", i, seconds () - start);
      cr_expect (sigpolicy_error_code (scene.err) == SIGPOLICY_E_UNAVAILABLE);
      cr_expect (is_gone (&scene, "pid"), "row %zu", i);
    }
}

/* It has ended, though its pipes have not: its answer counts at once, and what it left is ended. */
Test (sources_credentials, helper_that_leaves_somebody, .timeout = 30)
{
  cleanup_scene struct scene scene = scene_new ();

  cr_assert (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
  put_helper (&scene, "test",
              "sleep 60 & echo $! >pid; printf '{\"Username\":\"u\",\"Secret\":\"p\"}'");
  add_helper (&scene, "test");
  double start = seconds ();
  cr_expect_str_eq (find (&scene, "quay.io/a"), "u:p");
  cr_expect (seconds () - start < SP_HELPER_SECONDS / 2.0);
  cr_expect (is_gone (&scene, "pid"));
}

/* --- which helper ----------------------------------------------------------------------------- */

#define ANSWER "printf '{\"Username\":\"h\",\"Secret\":\"s\"}'"

Test (sources_credentials, names_of_helpers)
{
  static const struct
  {
    const char *name, *words;
  } cases[] = {
    { "good", NULL },
    { "", "cannot be the name" },
    { "-good", "cannot be the name" },
    { "../good", "cannot be the name" },
    { "/bin/good", "cannot be the name" },
    { "missing",
      "exec: \"docker-credential-missing\": executable file not found in $PATH, out: ``" },
    { "plain", "executable file not found" },
    { "directory", "executable file not found" },
    { "good; true", "executable file not found" },
    { "$(good)", "executable file not found" },
  };
  cleanup_scene struct scene scene = scene_new ();

  put_helper (&scene, "good", ANSWER);
  put (&scene, "bin/docker-credential-plain", "#!/bin/sh\n" ANSWER "\n");
  put_dir (&scene, "bin/docker-credential-directory");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      sp_strv_clear (&scene.helpers);
      add_helper (&scene, cases[i].name);
      const char *shown = find (&scene, "quay.io/a");
      if (cases[i].words)
        cr_expect (strstr (shown, cases[i].words)
                       && sigpolicy_error_code (scene.err) == SIGPOLICY_E_CONFIG,
                   "%s: %s", cases[i].name, shown);
      else
        cr_expect_str_eq (shown, "h:s");
    }
}

Test (sources_credentials, path_of_helpers)
{
  cleanup_scene struct scene scene = scene_new (), other = scene_new ();
  cleanup_error sigpolicy_error *err = NULL;

  put_helper (&scene, "test", ANSWER);
  put_helper (&other, "test", "printf '{\"Username\":\"other\",\"Secret\":\"s\"}'");
  add_helper (&scene, "test");
  set_option (&scene.options.path,
              sp_asprintf (&err, "/nowhere:%s/bin:%s/bin", other.root, scene.root));
  cr_expect_str_eq (find (&scene, "quay.io/a"), "other:s");

  /* Never by the working directory, however it is written. */
  static const char *const relative[] = { "", ".", ":", "bin", "./bin", "::/nowhere:" };
  cr_assert (chdir (scene.root) == 0);
  cleanup_free char *here = at (&scene, "docker-credential-test");
  cleanup_free char *there = at (&scene, "bin/docker-credential-test");
  cr_assert (link (there, here) == 0);
  for (size_t i = 0; i < sizeof relative / sizeof *relative; i++)
    {
      set_option (&scene.options.path, strdup (relative[i]));
      cr_expect (strstr (find (&scene, "quay.io/a"), "executable file not found"), "'%s'",
                 relative[i]);
    }
  set_option (&scene.options.path, NULL);
  cr_expect (strstr (find (&scene, "quay.io/a"), "executable file not found"));
  cr_assert (chdir ("/") == 0);
}

/* In their order; one that fails does not keep the next from having some. */
Test (sources_credentials, several_helpers)
{
  static const struct
  {
    const char *helpers[3], *shown;
  } cases[] = {
    { { "containers-auth.json", "good" }, "u:p" },
    { { "good", "containers-auth.json" }, "h:s" },
    { { "none", "good" }, "h:s" },
    { { "bad", "good" }, "h:s" },
    { { "bad", "none", "containers-auth.json" }, "u:p" },
    { { "none" }, "none" },
    { { "none", "bad" }, "error" },
    { { "bad", "none" }, "error" },
    { { NULL }, "u:p" },
  };
  cleanup_scene struct scene scene = scene_new ();

  put_helper (&scene, "good", ANSWER);
  put_helper (&scene, "none", SAY ("credentials not found in native keychain") "; exit 1");
  put_helper (&scene, "bad", "exit 1");
  put (&scene, "mine.json", PAIR (U_P));
  scene.options.authfile = at (&scene, "mine.json");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      sp_strv_clear (&scene.helpers);
      for (size_t k = 0; k < 3 && cases[i].helpers[k]; k++)
        add_helper (&scene, cases[i].helpers[k]);
      const char *shown = find (&scene, "quay.io/a");
      cr_expect (strncmp (shown, cases[i].shown, strlen (cases[i].shown)) == 0, "row %zu: %s", i,
                 shown);
    }
}

/* What it says is final for its file, but another file may have something yet. */
Test (sources_credentials, helpers_of_files)
{
  static const struct
  {
    const char *script, *shown;
  } cases[] = {
    { "cat >asked;" ANSWER, "h:s" },
    { SAY ("credentials not found in native keychain") "; exit 1", "v:q" },
    { SAY ("{\"Username\":\"\",\"Secret\":\"\"}"), "v:q" },
    { SAY ("{\"Username\":\"h\",\"Secret\":\"\"}"), "h:" },
    { SAY ("{\"Username\":\"\",\"Secret\":\"s\"}"), ":s" },
    { SAY ("{\"Username\":\"<token>\",\"Secret\":\"t\"}"), ": token=t" },
    { "exit 1", "error" },
  };
  cleanup_scene struct scene scene = scene_new ();
  cleanup_free char *path = at (&scene, "run/containers/auth.json");

  put_dir (&scene, "run/containers");
  put_dir (&scene, "home/.docker");
  put (&scene, "run/containers/auth.json",
       "{\"credHelpers\":{\"quay.io\":\"test\"},\"auths\":{\"quay.io/ns\":" ENTRY "}}");
  put (&scene, "home/.docker/config.json", PAIR (V_Q));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      put_helper (&scene, "test", cases[i].script);
      const char *shown = find (&scene, "quay.io/ns/a");
      cr_expect (strncmp (shown, cases[i].shown, strlen (cases[i].shown)) == 0, "row %zu: %s", i,
                 shown);
      if (i == 0)
        cr_expect (strstr (scene.found.from, "docker-credential-test (by ")
                   && strstr (scene.found.from, path));
    }
}

/* --- the environment -------------------------------------------------------------------------- */

Test (sources_credentials, environment)
{
  cleanup_auth_options struct sp_auth_options options = { 0 };
  cleanup_error sigpolicy_error *err = NULL;

  cr_assert (setenv ("REGISTRY_AUTH_FILE", "/1", 1) == 0 && setenv ("XDG_RUNTIME_DIR", "/2", 1) == 0
             && setenv ("XDG_CONFIG_HOME", "/3", 1) == 0 && setenv ("DOCKER_CONFIG", "/4", 1) == 0
             && setenv ("HOME", "/5", 1) == 0 && setenv ("PATH", "/6", 1) == 0);
  cr_assert (sp_auth_options_from_environment (&options, &err) == 0);
  cr_expect_str_eq (options.authfile, "/1");
  cr_expect_str_eq (options.runtime_dir, "/2");
  cr_expect_str_eq (options.config_home, "/3");
  cr_expect_str_eq (options.docker_config, "/4");
  cr_expect_str_eq (options.home, "/5");
  cr_expect_str_eq (options.path, "/6");
  cr_expect (options.uid == getuid () && !options.creds && !options.creds_host);
  sp_auth_options_clear (&options);

  cr_assert (unsetenv ("REGISTRY_AUTH_FILE") == 0 && unsetenv ("XDG_RUNTIME_DIR") == 0);
  cr_assert (sp_auth_options_from_environment (&options, &err) == 0);
  cr_expect (!options.authfile && !options.runtime_dir);
}
