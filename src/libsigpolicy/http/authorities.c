/* SPDX-License-Identifier: Apache-2.0 */
#include "http/authorities.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How a path was when it was read; all zero: it is not there, or there is none. */
struct seen
{
  char *path;
  struct stat stat;
};

/* A store, and what it was made of. Certificates of the directory come in when one is needed, under
 * the store's own lock. */
static struct kept
{
  struct seen directory, file;
  X509_STORE *store;
} kept[2]; /* without the file, and with it */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int
sp_authorities_are_ours (const char *tls_of_curl)
{
  static const char name[] = "OpenSSL/";
  return tls_of_curl && strncmp (tls_of_curl, name, sizeof name - 1) == 0
         && strcmp (tls_of_curl + sizeof name - 1, OpenSSL_version (OPENSSL_VERSION_STRING)) == 0;
}

int
sp_authorities_name (const void *connection)
{
  const X509 *leaf = SSL_get0_peer_certificate (connection);
  bool is_named = false;

  if (!leaf || SSL_get_verify_result (connection) != X509_V_OK)
    return 0;
  GENERAL_NAMES *names = X509_get_ext_d2i (leaf, NID_subject_alt_name, NULL, NULL);
  for (int i = 0; i < sk_GENERAL_NAME_num (names); i++)
    {
      int type = sk_GENERAL_NAME_value (names, i)->type;
      is_named = is_named || type == GEN_DNS || type == GEN_IPADD;
    }
  GENERAL_NAMES_free (names);
  ERR_clear_error ();
  return is_named;
}

static struct stat
look (const char *path)
{
  struct stat st;
  memset (&st, 0, sizeof st);
  if (path && stat (path, &st) != 0)
    memset (&st, 0, sizeof st);
  return st;
}

static bool
is_same_time (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
is_as_seen (const struct seen *seen, const char *path)
{
  if (!path || !seen->path)
    return path == seen->path;
  const struct stat now = look (path), *then = &seen->stat;
  return strcmp (path, seen->path) == 0 && now.st_dev == then->st_dev && now.st_ino == then->st_ino
         && now.st_size == then->st_size && is_same_time (&now.st_mtim, &then->st_mtim)
         && is_same_time (&now.st_ctim, &then->st_ctim);
}

static void
forget (struct kept *it)
{
  X509_STORE_free (it->store);
  free (it->directory.path);
  free (it->file.path);
  memset (it, 0, sizeof *it);
}

static bool
note (struct seen *seen, const char *path)
{
  seen->stat = look (path);
  seen->path = path ? strdup (path) : NULL;
  return !path || seen->path;
}

/* As curl has them: an authority that is trusted comes before one that the server sends, and need
 * not be its own issuer. What is seen is noted before it is read, so that a change in between is
 * one. */
static bool
make (struct kept *it, const char *directory, const char *file)
{
  it->store = X509_STORE_new ();
  return it->store && note (&it->directory, directory) && note (&it->file, file)
         && (!directory || X509_STORE_load_path (it->store, directory) == 1)
         && (!file || X509_STORE_load_file (it->store, file) == 1)
         && X509_STORE_set_flags (it->store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN)
                == 1;
}

int
sp_authorities_give (void *context, const char *directory, const char *file)
{
  struct kept *it = &kept[file != NULL];

  (void)pthread_mutex_lock (&lock);
  if (!it->store || !is_as_seen (&it->directory, directory) || !is_as_seen (&it->file, file))
    {
      forget (it);
      if (!make (it, directory, file))
        forget (it);
    }
  /* The one for verifying counts before that of the context, which curl 7.87 to 8.3 sets when the
   * first bytes have come. */
  bool given = it->store && SSL_CTX_set1_verify_cert_store (context, it->store) == 1;
  (void)pthread_mutex_unlock (&lock);
  if (!given)
    ERR_clear_error ();
  return given ? 0 : -1;
}
