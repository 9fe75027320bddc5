/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/credentials_int.h"

#include "util/cleanup.h"
#include "util/codec.h"
#include "util/debug.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/stat.h>

/* The helper that stands for the files. */
#define FILES "containers-auth.json"

/* --- secrets ---------------------------------------------------------------------------------- */

char *
sp_secret_dup (struct sp_view secret, const char *what, sigpolicy_error **err)
{
  if (sp_view_find (secret, '\0') == SP_VIEW_NONE)
    return sp_view_dup (secret, err);
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "the %s has a NUL",
                      what);
  return NULL;
}

static void
free_secret (char *secret)
{
  if (secret)
    explicit_bzero (secret, strlen (secret));
  free (secret);
}

void
sp_credentials_clear (struct sp_credentials *credentials)
{
  free_secret (credentials->user);
  free_secret (credentials->password);
  free_secret (credentials->identity_token);
  free (credentials->from);
  free (credentials->key);
  sp_strv_clear (&credentials->searched);
  sp_strv_clear (&credentials->warnings);
  *credentials = (struct sp_credentials){ 0 };
}

static bool
any (const struct sp_credentials *credentials)
{
  return credentials->user || credentials->identity_token;
}

/* Takes over what was found, and adds to the warnings. */
static int
take (struct sp_credentials *ret, struct sp_credentials *found, const char *from,
      sigpolicy_error **err)
{
  ret->from = sp_strdup (from, err);
  if (!ret->from)
    return SIGPOLICY_E_NO_MEMORY;
  ret->user = steal (&found->user);
  ret->password = steal (&found->password);
  ret->identity_token = steal (&found->identity_token);
  ret->key = steal (&found->key);
  return 0;
}

/* --- options ---------------------------------------------------------------------------------- */

void
sp_auth_options_clear (struct sp_auth_options *options)
{
  free_secret (options->creds);
  free (options->creds_host);
  free (options->authfile);
  free (options->runtime_dir);
  free (options->config_home);
  free (options->docker_config);
  free (options->home);
  free (options->path);
  *options = (struct sp_auth_options){ 0 };
}

/* NULL stays NULL; false when memory ran out. */
static bool
copy (const char *value, char **ret, sigpolicy_error **err)
{
  *ret = value ? sp_strdup (value, err) : NULL;
  return !value || *ret;
}

int
sp_auth_options_from_environment (struct sp_auth_options *ret, sigpolicy_error **err)
{
  cleanup_auth_options struct sp_auth_options options
      = { .uid = getauxval (AT_SECURE) ? geteuid () : getuid () };

  options.home = sp_fs_home (err);
  if (*err || !copy (secure_getenv ("REGISTRY_AUTH_FILE"), &options.authfile, err)
      || !copy (secure_getenv ("XDG_RUNTIME_DIR"), &options.runtime_dir, err)
      || !copy (secure_getenv ("XDG_CONFIG_HOME"), &options.config_home, err)
      || !copy (secure_getenv ("DOCKER_CONFIG"), &options.docker_config, err)
      || !copy (secure_getenv ("PATH"), &options.path, err))
    return sigpolicy_error_code (*err);
  *ret = options;
  options = (struct sp_auth_options){ 0 };
  return 0;
}

static bool
given (const char *text)
{
  return text && text[0];
}

/* "user:password" or "user". */
static int
split_creds (const char *creds, struct sp_credentials *ret, sigpolicy_error **err)
{
  cleanup_credentials struct sp_credentials found = { 0 };
  struct sp_view text = sp_view_str (creds);
  size_t colon = sp_view_find (text, ':');

  if (!text.len || !colon)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "%s can't be empty",
                         text.len ? "username" : "credentials");
  found.user = sp_view_dup (sp_view_head (text, colon), err);
  found.password
      = found.user
            ? sp_view_dup (sp_view_from (text, colon == SP_VIEW_NONE ? text.len : colon + 1), err)
            : NULL;
  return found.password ? take (ret, &found, "--creds", err) : SIGPOLICY_E_NO_MEMORY;
}

/* --- files ------------------------------------------------------------------------------------ */

/* What is asked for, and what came of it. */
struct search
{
  const struct sp_auth_options *options;
  const struct sp_reference *physical;
  struct sp_credentials *ret;
};

static int
warn (struct search *search, char *text, sigpolicy_error **err)
{
  return text ? sp_strv_take (&search->ret->warnings, text, err) : SIGPOLICY_E_NO_MEMORY;
}

/* A place where there are none, and why. */
static int
note (struct search *search, char *text, sigpolicy_error **err)
{
  if (text)
    sp_debug ("credentials: %s", text);
  return text ? sp_strv_take (&search->ret->searched, text, err) : SIGPOLICY_E_NO_MEMORY;
}

static int
ask_helper (struct search *search, const char *name, const char *file, sigpolicy_error **err)
{
  cleanup_credentials struct sp_credentials found = { 0 };
  const struct sp_auth_options *options = search->options;

  int rc = sp_credential_helper_get (options, name, search->physical->domain, &found, err);
  if (rc == 0 && !any (&found))
    rc = note (
        search,
        sp_asprintf (err, "docker-credential-%s: has none for %s", name, search->physical->domain),
        err);
  if (rc < 0 || !any (&found))
    return rc;
  cleanup_free char *from = sp_asprintf (err, "docker-credential-%s%s%s%s", name,
                                         file ? " (by " : "", file ? file : "", file ? ")" : "");
  return from ? take (search->ret, &found, from, err) : SIGPOLICY_E_NO_MEMORY;
}

static int
use_answer (struct search *search, const char *path, struct sp_auth_file_answer *answer,
            sigpolicy_error **err)
{
  struct stat st;

  if (answer->helper)
    return ask_helper (search, answer->helper, path, err);
  if (answer->no_colon
      && warn (search,
               sp_asprintf (err, "%s: the entry for %s is no \"user:password\" and counts as none",
                            path, search->physical->domain),
               err)
             < 0)
    return SIGPOLICY_E_NO_MEMORY;
  if (!any (&answer->credentials))
    return note (search,
                 sp_asprintf (err, "%s: %s%s%s", path, answer->key ? "its entry " : "no entry for ",
                              answer->key ? answer->key : search->physical->domain,
                              answer->why ? answer->why : ""),
                 err);
  int rc = take (search->ret, &answer->credentials, path, err);
  if (rc == 0 && stat (path, &st) == 0 && st.st_mode & (S_IRGRP | S_IROTH))
    rc = warn (search, sp_asprintf (err, "%s: others may read it, and it has credentials", path),
               err);
  return rc;
}

/* A file that is not there holds none. */
static int
read_file (struct search *search, const char *path, bool legacy, sigpolicy_error **err)
{
  cleanup_secret_buf struct sp_buf text = SP_BUF (SP_AUTH_FILE_BYTES_MAX);
  SP_CLEANUP (sp_auth_file_answer_clear) struct sp_auth_file_answer answer = { 0 };

  int rc = sp_fs_read (path, &text, err);
  if (rc < 0 && sp_error_errnum (*err) == ENOENT)
    {
      sp_error_clear (err);
      return note (search, sp_asprintf (err, "%s: no such file", path), err);
    }
  if (rc < 0)
    (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  if (rc == 0)
    rc = sp_auth_file_look_up (sp_buf_view (&text), legacy, search->physical->name,
                               search->physical->domain, &answer, err);
  if (rc == 0)
    return use_answer (search, path, &answer, err);
  cleanup_free char *quoted = sp_quote_dup (sp_view_str (path), err);
  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  (void)sp_error_prefix (err, "reading JSON file %s", quoted);
  return sp_error_position (err, path, 0, 0, NULL);
}

/* directory/name, unless something was found already. */
static int
read_below (struct search *search, const char *directory, const char *name, bool legacy,
            sigpolicy_error **err)
{
  if (any (search->ret) || !given (directory))
    return 0;
  cleanup_free char *joined = sp_asprintf (err, "%s/%s", directory, name);
  cleanup_free char *path = joined ? sp_fs_clean (joined, err) : NULL;
  return path ? read_file (search, path, legacy, err) : sigpolicy_error_code (*err);
}

static int
read_primary (struct search *search, sigpolicy_error **err)
{
  const struct sp_auth_options *options = search->options;
  struct stat st;

  if (!given (options->runtime_dir))
    {
      cleanup_free char *path
          = sp_asprintf (err, "/run/containers/%lu/auth.json", (unsigned long)options->uid);
      return path ? read_file (search, path, false, err) : SIGPOLICY_E_NO_MEMORY;
    }
  if (stat (options->runtime_dir, &st) != 0 && errno == ENOENT)
    return warn (search,
                 sp_asprintf (err,
                              "the directory '%s' that XDG_RUNTIME_DIR names does not exist: no "
                              "credentials are read from it",
                              options->runtime_dir),
                 err);
  return read_below (search, options->runtime_dir, "containers/auth.json", false, err);
}

static int
read_files (struct search *search, sigpolicy_error **err)
{
  const struct sp_auth_options *options = search->options;
  bool config_home = given (options->config_home), docker = given (options->docker_config);

  if (given (options->authfile))
    return read_file (search, options->authfile, false, err);
  int rc = read_primary (search, err);
  if (rc == 0)
    rc = read_below (search, config_home ? options->config_home : options->home,
                     config_home ? "containers/auth.json" : ".config/containers/auth.json", false,
                     err);
  if (rc == 0)
    rc = read_below (search, docker ? options->docker_config : options->home,
                     docker ? "config.json" : ".docker/config.json", false, err);
  if (rc == 0)
    rc = read_below (search, options->home, ".dockercfg", true, err);
  return rc;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int
ask (struct search *search, const char *helper, sigpolicy_error **err)
{
  return strcmp (helper, FILES) == 0 ? read_files (search, err)
                                     : ask_helper (search, helper, NULL, err);
}

/* One that fails does not keep the others from having some; but "none" is said only where all of
 * them say so. */
static int
ask_all (struct search *search, const struct sp_strv *helpers, sigpolicy_error **err)
{
  static char files[] = FILES;
  static char *only[] = { files };
  bool configured = helpers && helpers->len;
  size_t len = configured ? helpers->len : 1;
  cleanup_error sigpolicy_error *first = NULL;

  for (size_t i = 0; i < len && !any (search->ret); i++)
    {
      cleanup_error sigpolicy_error *fault = NULL;
      int rc = ask (search, (configured ? helpers->items : only)[i], &fault);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      if (rc < 0 && !first)
        first = steal (&fault);
    }
  if (any (search->ret) || !first)
    return 0;
  *err = steal (&first);
  return sp_error_prefix (err, "getting username and password");
}

int
sp_credentials_find (const struct sp_auth_options *options, const struct sp_strv *helpers,
                     const struct sp_reference *physical, struct sp_credentials *ret,
                     sigpolicy_error **err)
{
  cleanup_credentials struct sp_credentials found = { 0 };
  struct search search = { options, physical, &found };

  bool explicit = options->creds && options->creds_host
                  && strcmp (options->creds_host, physical->domain) == 0;
  int rc = explicit ? split_creds (options->creds, &found, err) : ask_all (&search, helpers, err);
  if (rc < 0)
    return rc;
  if (any (&found))
    sp_debug ("credentials: for %s, user \"%s\" of %s%s%s", physical->name,
              found.user ? found.user : "", found.from, found.key ? ", entry " : "",
              found.key ? found.key : "");
  *ret = found;
  found = (struct sp_credentials){ 0 };
  return 0;
}
