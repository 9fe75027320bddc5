/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "util/limits.h"

int
sigpolicy_request_new (sigpolicy_request **ret_request, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_request)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_request", &mine));
  struct sp_request *request = sp_calloc (1, sizeof *request, &mine);
  if (!request)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  request->manifest = (struct sp_buf)SP_BUF (SP_MANIFEST_BYTES_MAX);
  *ret_request = (sigpolicy_request *)request;
  return SIGPOLICY_OK;
}

void
sigpolicy_request_free (sigpolicy_request *request)
{
  sp_request_free (sp_api_request (request));
}

/* The setters that copy one string. */
static int
keep (sigpolicy_request *request, size_t offset, const char *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!request)
    return sp_api_done (err, &mine, sp_api_misuse ("request", &mine));
  char **slot = (char **)(void *)((char *)request + offset);
  return sp_api_done (err, &mine, sp_api_keep (slot, text, &mine));
}

int
sigpolicy_request_set_image (sigpolicy_request *request, const char *name, sigpolicy_error **err)
{
  return keep (request, offsetof (struct sp_request, image), name, err);
}

int
sigpolicy_request_set_reference (sigpolicy_request *request, const char *name,
                                 sigpolicy_error **err)
{
  return keep (request, offsetof (struct sp_request, reference), name, err);
}

int
sigpolicy_request_set_signature_dir (sigpolicy_request *request, const char *path,
                                     sigpolicy_error **err)
{
  return keep (request, offsetof (struct sp_request, signature_dir), path, err);
}

void
sigpolicy_request_set_needs_pin (sigpolicy_request *request, int on)
{
  if (request)
    sp_api_request (request)->needs_pin = on != 0;
}

/* Takes bytes over from a buffer, which is emptied. */
static int
take_manifest (struct sp_request *request, struct sp_buf *bytes, const char *label,
               sigpolicy_error **err)
{
  int rc = sp_buf_check (bytes, err);
  if (rc == 0)
    rc = sp_api_keep (&request->manifest_label, label, err);
  if (rc < 0)
    return rc;
  sp_buf_clear (&request->manifest);
  request->manifest = *bytes;
  request->has_manifest = true;
  *bytes = (struct sp_buf)SP_BUF (0);
  return 0;
}

static int
take_signature (struct sp_request *request, struct sp_buf *bytes, const char *label,
                sigpolicy_error **err)
{
  if (request->n_signatures >= SP_SIGNATURES_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "more than %lu signatures", SP_SIGNATURES_MAX);
  int rc = sp_buf_check (bytes, err);
  if (rc == 0)
    rc = sp_grow (&request->signatures, &request->signatures_capacity, request->n_signatures,
                  sizeof *request->signatures, err);
  if (rc < 0)
    return rc;
  struct sp_request_signature *signature = &request->signatures[request->n_signatures];
  signature->label = NULL;
  rc = sp_api_keep (&signature->label, label, err);
  if (rc < 0)
    return rc;
  signature->bytes = *bytes;
  *bytes = (struct sp_buf)SP_BUF (0);
  request->n_signatures++;
  return 0;
}

int
sigpolicy_request_set_manifest (sigpolicy_request *request, const void *bytes, size_t size,
                                const char *label, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_buf struct sp_buf copy = SP_BUF (SP_MANIFEST_BYTES_MAX);
  if (!request || (!bytes && size))
    return sp_api_done (err, &mine, sp_api_misuse ("request or bytes", &mine));
  sp_buf_add (&copy, sp_view_n (bytes, size));
  return sp_api_done (
      err, &mine,
      take_manifest (sp_api_request (request), &copy, label ? label : "the manifest", &mine));
}

int
sigpolicy_request_set_manifest_file (sigpolicy_request *request, const char *path,
                                     sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_MANIFEST_BYTES_MAX);
  if (!request || !path)
    return sp_api_done (err, &mine, sp_api_misuse ("request or path", &mine));
  int rc = sp_api_read (path, &bytes, &mine);
  if (rc == 0)
    rc = take_manifest (sp_api_request (request), &bytes, path, &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_request_add_signature (sigpolicy_request *request, const void *bytes, size_t size,
                                 const char *label, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_buf struct sp_buf copy = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  if (!request || (!bytes && size))
    return sp_api_done (err, &mine, sp_api_misuse ("request or bytes", &mine));
  sp_buf_add (&copy, sp_view_n (bytes, size));
  return sp_api_done (
      err, &mine,
      take_signature (sp_api_request (request), &copy, label ? label : "a signature", &mine));
}

int
sigpolicy_request_add_signature_file (sigpolicy_request *request, const char *path,
                                      sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_SIGNATURE_BYTES_MAX);
  if (!request || !path)
    return sp_api_done (err, &mine, sp_api_misuse ("request or path", &mine));
  int rc = sp_api_read (path, &bytes, &mine);
  if (rc == 0)
    rc = take_signature (sp_api_request (request), &bytes, path, &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_evaluate (sigpolicy_context *context, const sigpolicy_request *request,
                    sigpolicy_verdict **ret_verdict, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_verdict *verdict = NULL;
  int rc = context && request && ret_verdict
               ? sp_image_judge (&context->host, sp_api_request_const (request), &verdict, &mine)
               : sp_api_misuse ("context, request or ret_verdict", &mine);
  if (rc == 0)
    *ret_verdict = (sigpolicy_verdict *)verdict;
  return sp_api_done (err, &mine, rc);
}
