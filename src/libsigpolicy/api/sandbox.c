/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "openpgp/openpgp.h"
#include "sources/credentials.h"
#include "util/limits.h"

#define COMPLAINTS_MAX 512UL

const char *const *
sigpolicy_programs (void)
{
  static const char *const programs[]
      = { sp_openpgp_wrapper, sp_openpgp_gpg, SP_ENGINE_ASKED, NULL };
  return programs;
}

int
sigpolicy_context_set_sandbox (sigpolicy_context *context, const char *parts, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!sp_api_is_ready (context))
    return sp_api_done (err, &mine, sp_api_misuse_of (context, "context", &mine));
  return sp_api_done (err, &mine, sp_keep (&context->inner.sandbox, parts, &mine));
}

void
sigpolicy_context_set_helper_runner (sigpolicy_context *context, sigpolicy_helper_runner *runner,
                                     void *data)
{
  if (!sp_api_is_ready (context))
    return;
  context->inner.helper = runner;
  context->inner.helper_data = data;
  sp_context_drop_registries (&context->inner);
}

void
sigpolicy_helper_answer_clear (sigpolicy_helper_answer *answer)
{
  if (answer && answer->output)
    explicit_bzero (answer->output, answer->output_size);
  if (answer)
    {
      free (answer->output);
      free (answer->complaints);
      *answer = (sigpolicy_helper_answer){ 0 };
    }
}

static int
run (const char *name, const char *host, unsigned milliseconds, sigpolicy_helper_answer *ret,
     sigpolicy_error **err)
{
  cleanup_secret_buf struct sp_buf out = SP_BUF (SP_HELPER_BYTES_MAX);
  cleanup_buf struct sp_buf complaints = SP_BUF (COMPLAINTS_MAX);
  const char *path = secure_getenv ("PATH");
  sigpolicy_helper_answer answer = { .wait_status = -1 };
  size_t room;

  /* All the room at once, so that no copy is left behind. */
  (void)sp_buf_room (&out, SP_HELPER_BYTES_MAX, &room);
  int rc = sp_credential_helper_run (name, path, host, milliseconds, &out, &complaints,
                                     &answer.wait_status, err);
  answer.output_size = out.len;
  if (rc == 0)
    answer.output = sp_buf_steal (&out, err);
  if (rc == 0 && answer.output)
    answer.complaints = sp_buf_steal (&complaints, err);
  if (rc == 0 && answer.complaints)
    {
      *ret = answer;
      return 0;
    }
  sigpolicy_helper_answer_clear (&answer);
  return rc < 0 ? rc : SIGPOLICY_E_NO_MEMORY;
}

int
sigpolicy_helper_run (const char *name, const char *host, unsigned milliseconds,
                      sigpolicy_helper_answer *ret_answer, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = name && host && ret_answer ? run (name, host, milliseconds, ret_answer, &mine)
                                      : sp_api_misuse ("name, host or ret_answer", &mine);
  return sp_api_done (err, &mine, rc);
}
