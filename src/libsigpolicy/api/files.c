/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "model/registries_d.h"

/* Whose files are shown or changed. */

static char *
user_file (const char *home, const char *name, sigpolicy_error **err)
{
  if (home)
    return sp_asprintf (err, "%s/.config/containers/%s", home, name);
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                      "there is no home directory, so there is no policy file of the user");
  return NULL;
}

char *
sp_api_choose_policy (struct sp_context *context, const struct sp_reader *reader,
                      sigpolicy_edit_place place, sigpolicy_error **err)
{
  if (context->policy_path || place == SIGPOLICY_EDIT_HOST)
    return sp_policy_choose (reader, context->policy_path, err);
  return place == SIGPOLICY_EDIT_USER ? user_file (reader->home, "policy.json", err)
                                      : sp_strdup (sp_policy_system_path (), err);
}

/* What the host reads, unless somebody's own is asked for. */
char *
sp_api_choose_registries_d (struct sp_context *context, const struct sp_reader *reader,
                            sigpolicy_edit_place place, sigpolicy_error **err)
{
  struct sp_reader shown = *reader;
  if (!context->registries_d_dir && place == SIGPOLICY_EDIT_USER)
    return user_file (reader->home, "registries.d", err);
  if (place == SIGPOLICY_EDIT_SYSTEM)
    shown.home = NULL;
  return sp_registries_d_choose (&shown, context->registries_d_dir, err);
}
