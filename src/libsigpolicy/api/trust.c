/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "show/show.h"

static int
read_trust (struct sp_context *context, sigpolicy_edit_place place, struct sp_show *request,
            sigpolicy_trust **ret, sigpolicy_error **err)
{
  const struct sp_reader *reader = NULL;
  int rc = sp_context_reader (context, &reader, NULL, err);
  cleanup_free char *path = rc == 0 ? sp_api_choose_policy (context, reader, place, err) : NULL;
  cleanup_free char *directory
      = path ? sp_api_choose_registries_d (context, reader, place, err) : NULL;

  if (!directory)
    return sigpolicy_error_code (*err);
  request->policy_path = path;
  request->registries_d = directory;
  request->now = sp_context_now (context);
  return sp_show (request, ret, err);
}

int
sigpolicy_trust_read (sigpolicy_context *context, sigpolicy_edit_place place, const char *image,
                      unsigned flags, sigpolicy_trust **ret_trust, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_show request = { .image = image, .flags = flags };
  int rc = sp_api_is_ready (context) && ret_trust
               ? read_trust (&context->inner, place, &request, ret_trust, &mine)
               : sp_api_misuse_of (context, "context or ret_trust", &mine);
  return sp_api_done (err, &mine, rc);
}

void
sigpolicy_trust_free (sigpolicy_trust *trust)
{
  sp_show_free (trust);
}
