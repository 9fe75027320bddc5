/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/certs_d.h"

#include "util/alloc.h"
#include "util/debug.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

/*
 * containers-certs.d(5). By their suffixes, in lower case:
 *
 *   NAME.crt    CA certificates
 *   NAME.cert   a client certificate, which needs NAME.key
 *   NAME.key    its key, which needs NAME.cert
 */

void
sp_tls_material_clear (struct sp_tls_material *material)
{
  free (material->directory);
  free (material->place);
  sp_buf_clear (&material->ca_pem);
  for (size_t i = 0; i < material->n_clients; i++)
    {
      free (material->clients[i].cert_path);
      free (material->clients[i].key_path);
    }
  free (material->clients);
  sp_strv_clear (&material->files);
  *material = (struct sp_tls_material){ .ca_pem = SP_BUF (0) };
}

/* --- which directory -------------------------------------------------------------------------- */

/* A host becomes the name of a directory: it must not lead to another one. */
static int
check_host (const char *host_port, sigpolicy_error **err)
{
  if (host_port[0] && host_port[0] != '.' && !strchr (host_port, '/'))
    return 0;
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                       "the name of the image has no host to find certificates for");
}

/* The first that is there, or NULL without an error. */
static int
choose (const struct sp_reader *reader, const char *host_port, char **ret, char **ret_best,
        sigpolicy_error **err)
{
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };
  cleanup_strv struct sp_strv places = { 0 };

  int rc = sp_reader_choose (reader, SP_CONFIG_CERTS_D, NULL, &choice, err);
  for (size_t i = 0; rc == 0 && i < choice.directories.len; i++)
    {
      cleanup_free char *joined
          = sp_asprintf (err, "%s/%s", choice.directories.items[i], host_port);
      rc = joined ? sp_strv_take (&places, sp_fs_clean (joined, err), err) : SIGPOLICY_E_NO_MEMORY;
    }
  for (size_t i = 0; rc == 0 && i < places.len; i++)
    sp_debug ("certificates: %s is searched", places.items[i]);
  if (rc == 0 && places.len)
    {
      *ret_best = sp_strdup (places.items[0], err);
      rc = *ret_best ? 0 : SIGPOLICY_E_NO_MEMORY;
    }
  return rc < 0 ? rc : sp_reader_first (reader, SP_CONFIG_CERTS_D, &places, ret, err);
}

/* --- its files -------------------------------------------------------------------------------- */

static bool
counts (int directory, const char *name)
{
  struct sp_view view = sp_view_str (name);
  (void)directory;
  return sp_view_ends (view, sp_view_str (".crt")) || sp_view_ends (view, sp_view_str (".cert"))
         || sp_view_ends (view, sp_view_str (".key"));
}

/* The names that count. A directory that is gone by now, or may not be read, has none. */
static int
list_files (const char *path, struct sp_strv *names, sigpolicy_error **err)
{
  int rc = sp_fs_list (path, counts, SP_CERTS_D_FILES_MAX, names, err);
  int errnum = rc < 0 ? sp_error_errnum (*err) : 0;

  if (errnum == ENOENT || errnum == EACCES || errnum == EPERM)
    {
      sp_error_clear (err);
      return 0;
    }
  return rc < 0 ? sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR) : 0;
}

static int
read_file (const char *path, struct sp_buf *bytes, sigpolicy_error **err)
{
  int rc = sp_fs_read (path, bytes, err);
  return rc < 0 ? sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR) : 0;
}

/* A link that leads nowhere is no CA. */
static int
add_ca (struct sp_tls_material *material, const char *name, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_CERTS_D_FILE_BYTES_MAX);
  cleanup_free char *path = sp_asprintf (err, "%s/%s", material->directory, name);

  if (!path)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = read_file (path, &bytes, err);
  if (rc < 0 && sp_error_errnum (*err) == ENOENT)
    {
      sp_error_clear (err);
      return 0;
    }
  if (rc == 0)
    rc = sp_strv_add (&material->files, sp_view_str (path), err);
  if (rc < 0)
    return rc;
  sp_buf_add (&material->ca_pem, sp_buf_view (&bytes));
  sp_buf_byte (&material->ca_pem, '\n');
  rc = sp_buf_check (&material->ca_pem, err);
  if (rc < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_while (err, "reading the CA certificates of '%s'", material->directory);
    }
  return 0;
}

static bool
has_file (const struct sp_strv *names, const char *name)
{
  for (size_t i = 0; i < names->len; i++)
    if (strcmp (names->items[i], name) == 0)
      return true;
  return false;
}

/* Whoever uses a pair opens it by its path, and must not wait for a FIFO or read without end. */
static int
check_readable (const char *path, sigpolicy_error **err)
{
  cleanup_secret_buf struct sp_buf bytes = SP_BUF (SP_CERTS_D_FILE_BYTES_MAX);
  return read_file (path, &bytes, err);
}

static int
add_client (struct sp_tls_material *material, const char *cert, const char *key,
            sigpolicy_error **err)
{
  int rc = sp_grow (&material->clients, &material->clients_capacity, material->n_clients,
                    sizeof *material->clients, err);
  if (rc < 0)
    return rc;
  struct sp_tls_client *client = &material->clients[material->n_clients++];
  client->cert_path = sp_asprintf (err, "%s/%s", material->directory, cert);
  client->key_path
      = client->cert_path ? sp_asprintf (err, "%s/%s", material->directory, key) : NULL;
  if (!client->key_path)
    return SIGPOLICY_E_NO_MEMORY;
  const char *const paths[] = { client->cert_path, client->key_path };
  for (size_t i = 0; rc == 0 && i < 2; i++)
    {
      rc = check_readable (paths[i], err);
      if (rc == 0)
        rc = sp_strv_add (&material->files, sp_view_str (paths[i]), err);
    }
  return rc;
}

/* The other half of a pair: NAME of NAME.cert and ".key", or the reverse. */
static char *
partner (struct sp_view name, const char *suffix, const char *other, sigpolicy_error **err)
{
  size_t length = name.len - strlen (suffix);
  return sp_asprintf (err, "%.*s%s", (int)length, name.data, other);
}

static int
add_file (struct sp_tls_material *material, const struct sp_strv *names, const char *name,
          sigpolicy_error **err)
{
  struct sp_view view = sp_view_str (name);
  bool is_cert = sp_view_ends (view, sp_view_str (".cert"));

  if (sp_view_ends (view, sp_view_str (".crt")))
    return add_ca (material, name, err);
  cleanup_free char *other
      = is_cert ? partner (view, ".cert", ".key", err) : partner (view, ".key", ".cert", err);
  if (!other)
    return SIGPOLICY_E_NO_MEMORY;
  if (has_file (names, other))
    return is_cert ? add_client (material, name, other, err) : 0;
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      is_cert ? "missing key %s for client certificate %s. Note that CA "
                                "certificates should use the extension .crt"
                              : "missing client certificate %s for key %s",
                      other, name);
  return sp_error_while (err, "reading the certificates of '%s'", material->directory);
}

/* Takes directory over. */
static int
load (char *directory, struct sp_tls_material *ret, sigpolicy_error **err)
{
  cleanup_tls_material struct sp_tls_material material
      = { .directory = directory, .ca_pem = SP_BUF (SP_CERTS_D_BYTES_MAX) };
  cleanup_strv struct sp_strv names = { 0 };

  int rc = list_files (directory, &names, err);
  for (size_t i = 0; rc == 0 && i < names.len; i++)
    rc = add_file (&material, &names, names.items[i], err);
  if (rc < 0)
    return rc;
  sp_debug ("certificates: %s has %zu bytes of CA certificates and %zu client certificates",
            material.directory, material.ca_pem.len, material.n_clients);
  *ret = material;
  material = (struct sp_tls_material){ .ca_pem = SP_BUF (0) };
  return 0;
}

int
sp_certs_d_load (const struct sp_reader *reader, const char *explicit_dir, const char *host_port,
                 struct sp_tls_material *ret, sigpolicy_error **err)
{
  cleanup_free char *place = NULL, *best = NULL, *directory = NULL;
  int rc = 0;

  if (explicit_dir && explicit_dir[0])
    {
      directory = sp_strdup (explicit_dir, err);
      return directory ? load (steal (&directory), ret, err) : SIGPOLICY_E_NO_MEMORY;
    }
  rc = check_host (host_port, err);
  if (rc == 0)
    rc = choose (reader, host_port, &place, &best, err);
  if (rc == 0 && place)
    {
      directory = sp_reader_path (reader, place, err);
      return directory ? load (steal (&directory), ret, err) : sigpolicy_error_code (*err);
    }
  if (rc == 0)
    *ret = (struct sp_tls_material){ .place = steal (&best),
                                     .ca_pem = SP_BUF (SP_CERTS_D_BYTES_MAX) };
  return rc;
}
