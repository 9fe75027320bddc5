/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/certs_d.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

#define HOST "reg.example:5000"

/* A directory of its own for each test, with three directories of hosts; paths are made in path. */
struct scene
{
  char root[64];
  char bases[3][120];
  char path[256];
};

static const char *const places[]
    = { "/home/.config/containers/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d" };

static struct scene
scene_new (void)
{
  struct scene scene = { .root = "/tmp/sigpolicy-test-XXXXXX" };
  cr_assert (mkdtemp (scene.root));
  for (int i = 0; i < 3; i++)
    {
      (void)snprintf (scene.bases[i], sizeof scene.bases[i], "%s%s", scene.root, places[i]);
      for (char *slash = strchr (scene.bases[i] + strlen (scene.root) + 1, '/'); slash;
           slash = strchr (slash + 1, '/'))
        {
          *slash = '\0';
          (void)mkdir (scene.bases[i], 0700);
          *slash = '/';
        }
      (void)mkdir (scene.bases[i], 0700);
    }
  return scene;
}

static void
scene_clear (struct scene *scene)
{
  cr_expect (remove_tree (scene->root) == 0);
}

#define cleanup_scene SP_CLEANUP (scene_clear)

static const char *
at (struct scene *scene, int base, const char *name)
{
  int length = snprintf (scene->path, sizeof scene->path, "%s/%s", scene->bases[base], name);
  cr_assert (length > 0 && (size_t)length < sizeof scene->path);
  return scene->path;
}

static void
put_dir (struct scene *scene, int base, const char *name)
{
  cr_assert (mkdir (at (scene, base, name), 0700) == 0);
}

/* A file of HOST's directory. */
static void
put (struct scene *scene, int base, const char *name, const char *text)
{
  cleanup_error sigpolicy_error *err = NULL;
  char file[128];
  (void)snprintf (file, sizeof file, HOST "/%s", name);
  cr_assert (put_file (at (scene, base, file), sp_view_str (text), &err) == 0);
}

static int
load (struct scene *scene, const char *host, struct sp_tls_material *ret, sigpolicy_error **err)
{
  const struct sp_reader reader = { .root = scene->root, .home = "/home" };
  return sp_certs_d_load (&reader, NULL, host, ret, err);
}

/* --- which directory -------------------------------------------------------------------------- */

Test (sources_certs_d, first_that_exists)
{
  for (int first = 0; first < 4; first++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
      cleanup_error sigpolicy_error *err = NULL;
      for (int i = first; i < 3; i++)
        {
          char text[] = { (char)('0' + i), '\0' };
          put_dir (&scene, i, HOST);
          put (&scene, i, "ca.crt", text);
        }
      cr_assert (load (&scene, HOST, &material, &err) == 0, "%s", sigpolicy_error_text (err));
      cr_expect (material.n_clients == 0);
      if (first == 3)
        {
          cr_expect (!material.directory && material.ca_pem.len == 0);
          continue;
        }
      cr_expect_str_eq (material.directory, at (&scene, first, HOST));
      cr_expect (material.ca_pem.data[0] == '0' + first);
    }
}

/* It is there, so it is the one. */
Test (sources_certs_d, empty_one_hides_the_others)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
  cleanup_error sigpolicy_error *err = NULL;

  put_dir (&scene, 0, HOST);
  put_dir (&scene, 1, HOST);
  put (&scene, 1, "a.cert", "no key");
  cr_assert (load (&scene, HOST, &material, &err) == 0);
  cr_expect_str_eq (material.directory, at (&scene, 0, HOST));
  cr_expect (material.ca_pem.len == 0 && material.n_clients == 0);
}

/* Neither of these is the directory of HOST. */
Test (sources_certs_d, of_another_host)
{
  static const char *const others[]
      = { "reg.example", "reg.example:5001", "REG.EXAMPLE:5000", "reg.example:05000" };
  cleanup_scene struct scene scene = scene_new ();
  cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
  cleanup_error sigpolicy_error *err = NULL;

  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    put_dir (&scene, 0, others[i]);
  cr_assert (load (&scene, HOST, &material, &err) == 0);
  cr_expect (!material.directory);
}

Test (sources_certs_d, host_that_is_none)
{
  static const char *const hosts[] = { "", ".", "..", "../0", "/etc", "a/b", ".hidden" };
  cleanup_scene struct scene scene = scene_new ();

  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
    {
      cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
      cleanup_error sigpolicy_error *err = NULL;
      cr_expect (load (&scene, hosts[i], &material, &err) == SIGPOLICY_E_USAGE, "%s", hosts[i]);
    }
}

Test (sources_certs_d, explicit_directory)
{
  const struct sp_reader any = { 0 };
  cleanup_scene struct scene scene = scene_new ();
  cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
  cleanup_error sigpolicy_error *err = NULL;

  put_dir (&scene, 0, HOST);
  put (&scene, 0, "ca.crt", "mine");
  cr_assert (sp_certs_d_load (&any, at (&scene, 0, HOST), "other.example", &material, &err) == 0);
  cr_expect (sp_view_is (sp_buf_view (&material.ca_pem), "mine\n"));
  sp_tls_material_clear (&material);

  /* One that is missing adds nothing. */
  cr_assert (sp_certs_d_load (&any, at (&scene, 0, "missing"), HOST, &material, &err) == 0);
  cr_expect (material.ca_pem.len == 0);
}

Test (sources_certs_d, home)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
  cleanup_error sigpolicy_error *err = NULL;
  const struct sp_reader homeless = { .root = scene.root };

  put_dir (&scene, 0, HOST);
  cr_assert (load (&scene, HOST, &material, &err) == 0);
  cr_expect_str_eq (material.directory, at (&scene, 0, HOST));
  sp_tls_material_clear (&material);
  cr_assert (sp_certs_d_load (&homeless, NULL, HOST, &material, &err) == 0);
  cr_expect (!material.directory);
}

/* From 5.40 on the directories for root, or for other users, come before those for all, and what
 * comes with the system before Docker's. */
Test (sources_certs_d, newer)
{
  static const char *const extra[] = { "/etc/docker/certs.d",
                                       "/usr/share/containers/certs.d",
                                       "/usr/share/containers/certs.rootless.d",
                                       "/usr/share/containers/certs.rootless.d/7",
                                       "/etc/containers/certs.d",
                                       "/etc/containers/certs.rootless.d",
                                       "/etc/containers/certs.rootless.d/7",
                                       "/home/.config/containers/certs.d" };
  cleanup_scene struct scene scene = scene_new ();
  const struct sp_reader reader
      = { .generation = SP_GENERATION_5_40, .root = scene.root, .home = "/home", .uid = 7 };

  for (size_t i = 0; i < sizeof extra / sizeof *extra; i++)
    {
      cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
      cleanup_error sigpolicy_error *err = NULL;
      char path[256];
      (void)snprintf (path, sizeof path, "%s%s/" HOST "/", scene.root, extra[i]);
      for (char *slash = strchr (path + strlen (scene.root) + 1, '/'); slash;
           slash = strchr (slash + 1, '/'))
        {
          *slash = '\0';
          (void)mkdir (path, 0700);
          *slash = '/';
        }
      path[strlen (path) - 1] = '\0';
      cr_assert (sp_certs_d_load (&reader, NULL, HOST, &material, &err) == 0, "%s",
                 sigpolicy_error_text (err));
      cr_expect_str_eq (material.directory, path);
    }
}

Test (sources_certs_d, file_in_its_place)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
  cleanup_error sigpolicy_error *err = NULL;

  cr_assert (put_file (at (&scene, 0, HOST), sp_view_str (""), &err) == 0);
  cr_expect (load (&scene, HOST, &material, &err) == SIGPOLICY_E_CONFIG);
  cr_expect (strstr (sigpolicy_error_message (err), "readdirent "));
}

/* --- its files -------------------------------------------------------------------------------- */

Test (sources_certs_d, files)
{
  static const char *const cas[] = { "b.crt", "a.crt", ".crt", "x.cert.crt" };
  static const char *const ignored[]
      = { "a.CRT", "a.pem", "crt", "a.crt.bak", "a.Key", "acert", "README" };
  cleanup_scene struct scene scene = scene_new ();
  cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
  cleanup_error sigpolicy_error *err = NULL;

  put_dir (&scene, 0, HOST);
  for (size_t i = 0; i < sizeof cas / sizeof *cas; i++)
    put (&scene, 0, cas[i], cas[i]);
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    put (&scene, 0, ignored[i], "ignored");
  put (&scene, 0, "two.cert", "");
  put (&scene, 0, "two.key", "");
  put (&scene, 0, "one.key", "");
  put (&scene, 0, "one.cert", "");
  cr_assert (load (&scene, HOST, &material, &err) == 0, "%s", sigpolicy_error_text (err));
  cr_expect (sp_view_is (sp_buf_view (&material.ca_pem), ".crt\na.crt\nb.crt\nx.cert.crt\n"), "%s",
             material.ca_pem.data);
  cr_assert (material.n_clients == 2);
  cr_expect_str_eq (material.clients[0].cert_path, at (&scene, 0, HOST "/one.cert"));
  cr_expect_str_eq (material.clients[0].key_path, at (&scene, 0, HOST "/one.key"));
  cr_expect_str_eq (material.clients[1].cert_path, at (&scene, 0, HOST "/two.cert"));
}

Test (sources_certs_d, pairs)
{
  static const struct
  {
    const char *files[3], *message;
  } cases[] = {
    { { "a.cert", "a.key" }, NULL },
    { { "a.cert" },
      "missing key a.key for client certificate a.cert. Note that CA certificates should use the "
      "extension .crt" },
    { { "a.key" }, "missing client certificate a.cert for key a.key" },
    { { "a.cert", "b.key" },
      "missing key a.key for client certificate a.cert. Note that CA certificates should use the "
      "extension .crt" },
    { { "a.cert", "a.Key" },
      "missing key a.key for client certificate a.cert. Note that CA certificates should use the "
      "extension .crt" },
    { { "a.crt", "a.key" }, "missing client certificate a.cert for key a.key" },
    { { "a.cert", "a.key", "b.key" }, "missing client certificate b.cert for key b.key" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
      cleanup_error sigpolicy_error *err = NULL;
      put_dir (&scene, 0, HOST);
      for (size_t k = 0; k < 3 && cases[i].files[k]; k++)
        put (&scene, 0, cases[i].files[k], "x");
      int rc = load (&scene, HOST, &material, &err);
      cr_expect (rc == (cases[i].message ? SIGPOLICY_E_CONFIG : 0), "row %zu", i);
      if (rc == 0)
        cr_expect (material.n_clients == 1, "row %zu", i);
      else
        cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message);
    }
}

/* What stands in the place of a file: gone is one thing, unreadable another. */
Test (sources_certs_d, stand_ins, .timeout = 30)
{
  static const struct
  {
    const char *name;
    enum
    {
      DANGLING,
      LINK,
      DIRECTORY,
      FIFO,
    } what;
    int code;
  } cases[] = {
    { "a.crt", DANGLING, 0 },
    { "a.crt", LINK, 0 },
    { "a.crt", DIRECTORY, SIGPOLICY_E_CONFIG },
    { "a.crt", FIFO, SIGPOLICY_E_CONFIG },
    { "a.cert", LINK, 0 },
    { "a.cert", DANGLING, SIGPOLICY_E_CONFIG },
    { "a.cert", DIRECTORY, SIGPOLICY_E_CONFIG },
    { "a.cert", FIFO, SIGPOLICY_E_CONFIG },
    { "a.key", LINK, 0 },
    { "a.key", DANGLING, SIGPOLICY_E_CONFIG },
    { "a.key", DIRECTORY, SIGPOLICY_E_CONFIG },
    { "a.key", FIFO, SIGPOLICY_E_CONFIG },
    { "a.txt", FIFO, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
      cleanup_error sigpolicy_error *err = NULL;
      char file[64];
      put_dir (&scene, 0, HOST);
      put (&scene, 0, "target", "x");
      if (strcmp (cases[i].name, "a.key") == 0)
        put (&scene, 0, "a.cert", "x");
      if (strcmp (cases[i].name, "a.cert") == 0)
        put (&scene, 0, "a.key", "x");
      (void)snprintf (file, sizeof file, HOST "/%s", cases[i].name);
      const char *path = at (&scene, 0, file);
      cr_assert ((cases[i].what == DIRECTORY  ? mkdir (path, 0700)
                  : cases[i].what == FIFO     ? mkfifo (path, 0600)
                  : cases[i].what == DANGLING ? symlink ("nowhere", path)
                                              : symlink ("target", path))
                 == 0);
      cr_expect (load (&scene, HOST, &material, &err) == cases[i].code, "row %zu: %s", i,
                 sigpolicy_error_text (err));
      cr_expect ((cases[i].what == FIFO && cases[i].code)
                 == (sp_error_stricter_id (err) && strcmp (sp_error_stricter_id (err), "S8") == 0));
    }
}

/* --- ceilings --------------------------------------------------------------------------------- */

static void
put_size (struct scene *scene, const char *name, size_t size)
{
  char file[64];
  put (scene, 0, name, "");
  (void)snprintf (file, sizeof file, HOST "/%s", name);
  cr_assert (truncate (at (scene, 0, file), (off_t)size) == 0);
}

Test (sources_certs_d, file_size)
{
  static const char *const names[] = { "a.crt", "a.cert", "a.key" };
  for (size_t i = 0; i < 6; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
      cleanup_error sigpolicy_error *err = NULL;
      put_dir (&scene, 0, HOST);
      put (&scene, 0, "a.cert", "");
      put (&scene, 0, "a.key", "");
      put_size (&scene, names[i / 2], SP_CERTS_D_FILE_BYTES_MAX + i % 2);
      cr_expect (load (&scene, HOST, &material, &err) == (i % 2 ? SIGPOLICY_E_CONFIG : 0), "%s",
                 names[i / 2]);
      cr_expect (!(i % 2) || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}

/* Each file counts with the newline behind it. */
Test (sources_certs_d, size_of_all)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
      cleanup_error sigpolicy_error *err = NULL;
      put_dir (&scene, 0, HOST);
      for (size_t i = 0; i < 16; i++)
        {
          char name[] = { (char)('a' + i), '.', 'c', 'r', 't', '\0' };
          put_size (&scene, name, SP_CERTS_D_FILE_BYTES_MAX - 1 + (i == 15 ? over : 0));
        }
      cr_expect (load (&scene, HOST, &material, &err) == (over ? SIGPOLICY_E_CONFIG : 0));
      cr_expect (over ? sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT
                      : material.ca_pem.len == SP_CERTS_D_BYTES_MAX);
    }
}

Test (sources_certs_d, number_of_files)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_tls_material struct sp_tls_material material = { .ca_pem = SP_BUF (0) };
  cleanup_error sigpolicy_error *err = NULL;
  char name[32];

  put_dir (&scene, 0, HOST);
  put (&scene, 0, "ignored", "");
  for (size_t i = 0; i < SP_CERTS_D_FILES_MAX; i++)
    {
      (void)snprintf (name, sizeof name, "%zu.crt", i);
      put (&scene, 0, name, "");
    }
  cr_assert (load (&scene, HOST, &material, &err) == 0);
  cr_expect (material.ca_pem.len == SP_CERTS_D_FILES_MAX);
  put (&scene, 0, "over.key", "");
  cr_expect (load (&scene, HOST, &material, &err) == SIGPOLICY_E_CONFIG);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}
