/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <sys/stat.h>

/* Where policies are: the two absolute ones may be set at build time. */
#ifndef SYSTEM_POLICY
#  ifdef __FreeBSD__
#    define SYSTEM_POLICY "/usr/local/etc/containers/policy.json"
#  else
#    define SYSTEM_POLICY "/etc/containers/policy.json"
#  endif
#endif
#ifndef VENDOR_POLICY
#  define VENDOR_POLICY "/usr/share/containers/policy.json"
#endif
#define HOME_POLICY    ".config/containers/policy.json"
#define CONFIG_POLICY  "containers/policy.json" /* below $XDG_CONFIG_HOME */
#define NEWER_VARIABLE "CONTAINERS_POLICY_JSON"

static const struct sp_policy_places built_in = { SYSTEM_POLICY, VENDOR_POLICY };

/* --- loading ---------------------------------------------------------------------------------- */

static int
cannot_read (const char *path, sigpolicy_error **err)
{
  int errnum = sp_error_errnum (*err);
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  (void)sp_error_place (err, path, 0, 0, NULL);
  if (errnum == EISDIR)
    return sp_error_hint (err, "a policy is one file: name the file in it");
  if (errnum == ELOOP)
    return sp_error_hint (err, "the link leads back to itself");
  return sigpolicy_error_code (*err);
}

int
sp_policy_load (const char *path, struct sp_policy **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_free char *quoted = sp_quote_dup (sp_view_str (path), err);

  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_fs_read (path, &text, err) < 0)
    return cannot_read (path, err);
  int rc = sp_policy_parse (sp_buf_view (&text), path, ret, err);
  return rc == SIGPOLICY_E_CONFIG ? sp_error_prefix (err, "invalid policy in %s", quoted) : rc;
}

int
sp_policy_insecure (struct sp_policy **ret, sigpolicy_error **err)
{
  static const struct sp_view text
      = SP_VIEW ("{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}");
  return sp_policy_parse (text, NULL, ret, err);
}

/* --- which file ------------------------------------------------------------------------------- */

/*
 * A file below a directory of the user's; *ret stays NULL where there is no directory to speak of.
 * Without a home there is no user's file; it is not looked for below the working directory, where
 * anybody may have put it.
 */
static int
below (const char *directory, const char *name, char **ret, sigpolicy_error **err)
{
  if (!directory || !directory[0] || strlen (directory) >= SP_PATH_BYTES_MAX)
    return 0;
  cleanup_free char *joined = sp_asprintf (err, "%s/%s", directory, name);
  if (joined)
    *ret = sp_fs_clean (joined, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
none_found (const char *user, const char *host, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf list = SP_BUF (16 * SP_PATH_BYTES_MAX);
  if (user)
    {
      sp_quote (sp_view_str (user), &list);
      sp_buf_str (&list, ", ");
    }
  sp_quote (sp_view_str (host), &list);
  if (sp_buf_check (&list, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "no policy.json file found at any of the following: %s", list.data);
  return sp_error_hint (err,
                        "without a policy nothing is accepted: write one at %s, or name a "
                        "file with --policy",
                        host);
}

char *
sp_policy_choose_from (const struct sp_policy_places *places, const char *explicit_path,
                       const char *home, sigpolicy_error **err)
{
  cleanup_free char *user = NULL;
  bool exists = false;

  if (explicit_path)
    return sp_strdup (explicit_path, err);
  if (below (home, HOME_POLICY, &user, err) < 0)
    return NULL;
  if (user && sp_fs_exists (user, &exists, err) < 0)
    return NULL;
  if (exists)
    return steal (&user);
  if (sp_fs_exists (places->host, &exists, err) < 0)
    return NULL;
  if (exists)
    return sp_strdup (places->host, err);
  (void)none_found (user, places->host, err);
  return NULL;
}

char *
sp_policy_choose (const char *explicit_path, const char *home, sigpolicy_error **err)
{
  return sp_policy_choose_from (&built_in, explicit_path, home, err);
}

const char *
sp_policy_system_path (void)
{
  return built_in.host;
}

/* Newer releases skip only what does not exist; at anything else they stop, be it to fail. */
static bool
stops_at (const char *path)
{
  return path && (faccessat (AT_FDCWD, path, F_OK, AT_EACCESS) == 0 || errno != ENOENT);
}

/* By its name, or by another name of it. */
static bool
same_file (const char *a, const char *b)
{
  struct stat first, second;
  return strcmp (a, b) == 0
         || (stat (a, &first) == 0 && stat (b, &second) == 0 && first.st_dev == second.st_dev
             && first.st_ino == second.st_ino);
}

char *
sp_policy_newer_choice_from (const struct sp_policy_places *places, const char *chosen,
                             const char *home, sigpolicy_error **err)
{
  const char *named = getenv (NEWER_VARIABLE), *config = getenv ("XDG_CONFIG_HOME");
  cleanup_free char *user = NULL;

  int rc = config && config[0] ? below (config, CONFIG_POLICY, &user, err)
                               : below (home, HOME_POLICY, &user, err);
  if (rc < 0)
    return NULL;
  const char *newer = named && named[0]           ? named
                      : stops_at (user)           ? user
                      : stops_at (places->host)   ? places->host
                      : stops_at (places->vendor) ? places->vendor
                                                  : NULL;
  return newer && !same_file (newer, chosen) ? sp_strdup (newer, err) : NULL;
}

char *
sp_policy_newer_choice (const char *chosen, const char *home, sigpolicy_error **err)
{
  return sp_policy_newer_choice_from (&built_in, chosen, home, err);
}
