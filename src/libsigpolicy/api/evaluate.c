/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "util/limits.h"

static int
hand_out (int rc, struct sp_request *request, sigpolicy_request **ret, sigpolicy_error **err,
          sigpolicy_error **mine)
{
  if (rc == 0)
    *ret = (sigpolicy_request *)request;
  return sp_api_done (err, mine, rc);
}

int
sigpolicy_request_new (sigpolicy_request **ret_request, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_request *request = NULL;
  if (!ret_request)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_request", &mine));
  int rc = sp_request_new (&request, &mine);
  return hand_out (rc, request, ret_request, err, &mine);
}

int
sigpolicy_request_parse (const void *text, size_t size, sigpolicy_request **ret_request,
                         sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_request *request = NULL;
  int rc = (text || !size) && ret_request
               ? sp_request_parse (sp_view_n (text ? text : "", size), &request, &mine)
               : sp_api_misuse ("text or ret_request", &mine);
  return hand_out (rc, request, ret_request, err, &mine);
}

const char *
sigpolicy_request_id (const sigpolicy_request *request)
{
  return request ? sp_api_request_const (request)->id : NULL;
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
  return sp_api_done (err, &mine, sp_keep (slot, text, &mine));
}

int
sigpolicy_request_set_image (sigpolicy_request *request, const char *name, sigpolicy_error **err)
{
  if (request)
    sp_api_request (request)->stored = SP_REQUEST_NOT_STORED;
  return keep (request, offsetof (struct sp_request, image), name, err);
}

int
sigpolicy_request_set_reference (sigpolicy_request *request, const char *name,
                                 sigpolicy_error **err)
{
  if (request)
    sp_api_request (request)->stored = SP_REQUEST_NOT_STORED;
  return keep (request, offsetof (struct sp_request, reference), name, err);
}

int
sigpolicy_request_set_stored (sigpolicy_request *request, const char *store, const char *id,
                              const char *name, int as_stored, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = request && id ? sp_request_set_stored (sp_api_request (request), store ? store : "", id,
                                                  name, as_stored != 0, &mine)
                         : sp_api_misuse ("request or id", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_request_set_digest (sigpolicy_request *request, const char *digest, sigpolicy_error **err)
{
  return keep (request, offsetof (struct sp_request, digest), digest, err);
}

int
sigpolicy_request_set_signature_dir (sigpolicy_request *request, const char *path,
                                     sigpolicy_error **err)
{
  return keep (request, offsetof (struct sp_request, signature_dir), path, err);
}

void
sigpolicy_request_set_all_signatures (sigpolicy_request *request, int on)
{
  if (request)
    sp_api_request (request)->has_all_signatures = on != 0;
}

void
sigpolicy_request_set_needs_pin (sigpolicy_request *request, int on)
{
  if (request)
    sp_api_request (request)->needs_pin = on != 0;
}

/* Either of the two things that a request takes, by bytes or by path. */
typedef int take_function (struct sp_request *request, const char *label, struct sp_buf *bytes,
                           sigpolicy_error **err);

static int
take_bytes (sigpolicy_request *request, take_function *take, const void *bytes, size_t size,
            size_t limit, const char *label, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_buf struct sp_buf copy = SP_BUF (limit);
  if (!request || (!bytes && size))
    return sp_api_done (err, &mine, sp_api_misuse ("request or bytes", &mine));
  sp_buf_add (&copy, sp_view_n (bytes, size));
  return sp_api_done (err, &mine, take (sp_api_request (request), label, &copy, &mine));
}

static int
take_file (sigpolicy_request *request, take_function *take, const char *path, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = request && path ? take (sp_api_request (request), path, NULL, &mine)
                           : sp_api_misuse ("request or path", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_request_set_manifest (sigpolicy_request *request, const void *bytes, size_t size,
                                const char *label, sigpolicy_error **err)
{
  return take_bytes (request, sp_request_set_manifest, bytes, size, SP_MANIFEST_BYTES_MAX,
                     label ? label : "the manifest", err);
}

int
sigpolicy_request_set_manifest_file (sigpolicy_request *request, const char *path,
                                     sigpolicy_error **err)
{
  return take_file (request, sp_request_set_manifest, path, err);
}

int
sigpolicy_request_add_signature (sigpolicy_request *request, const void *bytes, size_t size,
                                 const char *label, sigpolicy_error **err)
{
  return take_bytes (request, sp_request_add_signature, bytes, size, SP_SIGNATURE_BYTES_MAX,
                     label ? label : "a signature", err);
}

int
sigpolicy_request_add_signature_file (sigpolicy_request *request, const char *path,
                                      sigpolicy_error **err)
{
  return take_file (request, sp_request_add_signature, path, err);
}

int
sigpolicy_evaluate (sigpolicy_context *context, const sigpolicy_request *request,
                    sigpolicy_verdict **ret_verdict, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_verdict *verdict = NULL;
  int rc = sp_api_is_ready (context) && request && ret_verdict
               ? sp_image_judge (&context->inner, sp_api_request_const (request), &verdict, &mine)
               : sp_api_misuse_of (context, "context, request or ret_verdict", &mine);
  if (rc == 0)
    *ret_verdict = (sigpolicy_verdict *)verdict;
  return sp_api_done (err, &mine, rc);
}

/* What the public function is given: handles are the inner structs under another name. */
struct receiver
{
  sigpolicy_context *context;
  sigpolicy_verdict_function *take;
  void *data;
};

static int
hand_verdict (const struct sp_verdict *verdict, void *data)
{
  const struct receiver *receiver = data;

  receiver->context->is_in_use = true;
  int rc = receiver->take ((const sigpolicy_verdict *)verdict, receiver->data);
  receiver->context->is_in_use = false;
  /* Without its context nothing goes on. */
  return receiver->context->is_to_be_freed ? 1 : rc;
}

int
sigpolicy_evaluate_all (sigpolicy_context *context, const sigpolicy_request *request,
                        sigpolicy_verdict_function *take, void *data, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct receiver receiver = { context, take, data };
  int rc = sp_api_is_ready (context) && request && take
               ? sp_image_judge_all (&context->inner, sp_api_request_const (request), hand_verdict,
                                     &receiver, &mine)
               : sp_api_misuse_of (context, "context, request or take", &mine);
  if (sp_api_is_ready (context) && context->is_to_be_freed)
    sigpolicy_context_free (context);
  return sp_api_done (err, &mine, rc);
}
