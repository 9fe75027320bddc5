/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy.h"

#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* Where policies are, in the order of the search. */
#define USER_POLICY    ".config/containers/policy.json"
#define SYSTEM_POLICY  "/etc/containers/policy.json"
#define VENDOR_POLICY  "/usr/share/containers/policy.json"
#define NEWER_VARIABLE "CONTAINERS_POLICY_JSON"

int
sp_policy_load (const char *path, struct sp_policy **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_free char *quoted = sp_quote_dup (sp_view_str (path), err);

  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_fs_read (path, &text, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  if (sp_policy_parse (sp_buf_view (&text), path, ret, err) < 0)
    return sp_error_prefix (err, "invalid policy in %s", quoted);
  return 0;
}

int
sp_policy_insecure (struct sp_policy **ret, sigpolicy_error **err)
{
  static const struct sp_view text
      = SP_VIEW ("{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}");
  return sp_policy_parse (text, NULL, ret, err);
}

static char *
user_policy (const char *home, sigpolicy_error **err)
{
  cleanup_free char *path = sp_asprintf (err, "%s/" USER_POLICY, home);
  return path ? sp_fs_clean (path, err) : NULL;
}

char *
sp_policy_choose (const char *explicit_path, const char *home, sigpolicy_error **err)
{
  cleanup_free char *user = NULL;

  if (explicit_path)
    return sp_strdup (explicit_path, err);
  /* Without a home there is no user's file; it is not looked for below the working directory. */
  if (home && !(user = user_policy (home, err)))
    return NULL;
  if (user && sp_fs_exists (user))
    return steal (&user);
  if (sp_fs_exists (SYSTEM_POLICY))
    return sp_strdup (SYSTEM_POLICY, err);
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "no policy.json file found at any of the following: \"%s\", \"%s\"",
                      user ? user : "", SYSTEM_POLICY);
  (void)sp_error_hint (err, "write one of them, or name a file with --policy");
  return NULL;
}

/* The first that exists, in the order of newer releases. */
static char *
newer (const char *home, sigpolicy_error **err)
{
  const char *named = getenv (NEWER_VARIABLE);
  const char *configuration = getenv ("XDG_CONFIG_HOME");
  cleanup_free char *user = NULL;

  if (named && named[0])
    return sp_strdup (named, err);
  if (configuration)
    user = sp_asprintf (err, "%s/containers/policy.json", configuration);
  else if (home)
    user = user_policy (home, err);
  if (*err)
    return NULL;
  if (user && sp_fs_exists (user))
    return steal (&user);
  return sp_strdup (sp_fs_exists (SYSTEM_POLICY) || !sp_fs_exists (VENDOR_POLICY) ? SYSTEM_POLICY
                                                                                  : VENDOR_POLICY,
                    err);
}

char *
sp_policy_newer_choice (const char *chosen, const char *home, sigpolicy_error **err)
{
  cleanup_free char *other = newer (home, err);
  return other && strcmp (other, chosen) != 0 ? steal (&other) : NULL;
}
