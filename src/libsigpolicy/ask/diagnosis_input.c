/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/diagnosis.h"

#include "json/decode.h"

#include <dirent.h>
#include <sys/stat.h>

/* What was asked for and is not there, is too much, or was not asked as it must be; and what of
 * this machine does not work. */

/* --- not-found -------------------------------------------------------------------------------- */

#define NAMES_READ 1000U /* of a directory, for a name that is near */

/* The path of an image in files, or of the first file that was given and is not there; NULL where
 * nothing of it is a path. *ret_transport is "dir:" and so on, or "". To free(). */
static char *
missing_path (const struct sp_diagnosis *it, const char **ret_transport, sigpolicy_error **err)
{
  static const char *const transports[] = { "dir:", "oci:", "oci-archive:", "docker-archive:" };
  const struct sp_request *request = it->request;
  struct stat st;

  *ret_transport = "";
  for (size_t i = 0; request->image && i < sizeof transports / sizeof *transports; i++)
    {
      size_t length = strlen (transports[i]);
      if (strncmp (request->image, transports[i], length) != 0)
        continue;
      *ret_transport = transports[i];
      /* Behind the path of all but dir: there may be the name of an image. */
      struct sp_view path = sp_view_str (request->image + length);
      return sp_view_dup (i ? sp_view_head (path, sp_view_find (path, ':')) : path, err);
    }
  if (request->image)
    return NULL;
  if (request->has_manifest && !request->manifest.is_given
      && stat (request->manifest.label, &st) != 0)
    return sp_strdup (request->manifest.label, err);
  for (size_t i = 0; i < request->n_signatures; i++)
    if (!request->signatures[i].is_given && stat (request->signatures[i].label, &st) != 0)
      return sp_strdup (request->signatures[i].label, err);
  return request->signature_dir ? sp_strdup (request->signature_dir, err) : NULL;
}

/* A name beside it that is nearly the same, in *ret, which stays NULL where there is none. */
static int
find_near (const char *path, char **ret, sigpolicy_error **err)
{
  cleanup_strv struct sp_strv names = { 0 };
  const char *slash = strrchr (path, '/');
  cleanup_free char *parent = slash
                                  ? sp_view_dup (sp_view_n (path, (size_t)(slash - path + 1)), err)
                                  : sp_strdup (".", err);
  DIR *directory = parent ? opendir (parent) : NULL;
  int rc = parent ? 0 : SIGPOLICY_E_NO_MEMORY;

  for (struct dirent *entry; rc == 0 && directory && names.len < NAMES_READ;)
    {
      if (!(entry = readdir (directory)))
        break;
      if (entry->d_name[0] != '.')
        rc = sp_strv_add (&names, sp_view_str (entry->d_name), err);
    }
  if (directory)
    (void)closedir (directory);
  const char *near = rc == 0 ? sp_json_nearest (sp_view_str (slash ? slash + 1 : path),
                                                (const char *const *)names.items, names.len)
                             : NULL;
  if (near)
    *ret = sp_asprintf (err, "%.*s%s", slash ? (int)(slash - path + 1) : 0, path, near);
  return rc == 0 && near && !*ret ? SIGPOLICY_E_NO_MEMORY : rc;
}

static int
diagnose_path (struct sp_diagnosis *it, const char *transport, const char *path,
               sigpolicy_error **err)
{
  cleanup_free char *near = NULL;

  int rc = find_near (path, &near, err);
  if (rc < 0)
    return rc;
  if (near)
    return sp_diagnosis_say (it, err, "there is no %s; did you mean %s%s?", path, transport, near);
  return sp_diagnosis_say (it, err,
                           "there is no %s%s: a relative path starts at the current directory",
                           path, strcmp (transport, "dir:") == 0 ? ", or no image in it" : "");
}

int
sp_diagnose_missing (struct sp_diagnosis *it, sigpolicy_error **err)
{
  const struct sp_reference *reference = it->name ? it->name->reference : NULL;
  const char *transport = "";
  cleanup_free char *path = missing_path (it, &transport, err);
  struct stat st;

  if (*err)
    return SIGPOLICY_E_NO_MEMORY;
  if (path && stat (path, &st) != 0)
    return diagnose_path (it, transport, path, err);
  if (path && strcmp (transport, "dir:") == 0)
    return sp_diagnosis_say (it, err,
                             "%s exists, but has no manifest.json, so it is not a dir: image: copy "
                             "the image there with skopeo copy",
                             path);
  if (it->request->stored
      || (it->request->image && strncmp (it->request->image, "containers-", 11) == 0))
    return sp_diagnosis_say (
        it, err, "pull the image, or name one of those that 'podman images --digests' lists");
  return reference ? sp_diagnosis_say (it, err,
                                       "%s has no such image, or shows it only with credentials: "
                                       "'skopeo list-tags docker://%s' lists the tags",
                                       reference->domain, reference->name)
                   : 0;
}

/* --- limit ------------------------------------------------------------------------------------ */

int
sp_diagnose_limit (struct sp_diagnosis *it, sigpolicy_error **err)
{
  switch (it->verdict->outcome.code)
    {
    case SIGPOLICY_E_CONFIG:
      return sp_diagnosis_say (
          it, err,
          "this limit cannot be raised: make the file smaller, with fewer scopes or requirements");
    case SIGPOLICY_E_KEY:
      return sp_diagnosis_say (
          it, err,
          "this limit cannot be raised: name a file with only the signer's key (gpg --export KEY)");
    case SIGPOLICY_E_USAGE:
      return sp_diagnosis_say (it, err, "this limit cannot be raised: ask for less at once");
    default:
      return sp_diagnosis_say (
          it, err,
          "this limit cannot be raised, and real images are far below it: " SP_NO_HELP_HERE
          "; use another image, or fewer signatures");
    }
}

/* --- engine-missing, internal ------------------------------------------------------------------
 */

int
sp_diagnose_engine (struct sp_diagnosis *it, sigpolicy_error **err)
{
  return sp_diagnosis_say (it, err, "install GnuPG (the package gpg), or reinstall sigpolicy");
}

int
sp_diagnose_internal (struct sp_diagnosis *it, sigpolicy_error **err)
{
  return sp_diagnosis_say (it, err,
                           "this is an error in sigpolicy, or in a library that it uses: report "
                           "it, with the output of --debug; " SP_NO_HELP_HERE);
}
