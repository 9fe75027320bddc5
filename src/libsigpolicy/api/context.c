/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

int
sp_api_misuse (const char *what, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "%s is NULL", what);
}

int
sp_api_keep (char **slot, const char *text, sigpolicy_error **err)
{
  char *copy = NULL;
  if (text && !(copy = sp_strdup (text, err)))
    return SIGPOLICY_E_NO_MEMORY;
  free (*slot);
  *slot = copy;
  return 0;
}

int
sigpolicy_global_init (unsigned flags, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  return sp_api_done (err, &mine, sp_openpgp_init (flags & SIGPOLICY_INIT_OWN_PROCESS, &mine));
}

void
sigpolicy_global_cleanup (void)
{
  sp_openpgp_remove_homes ();
}

int
sigpolicy_context_new (sigpolicy_context **ret_context, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_context)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_context", &mine));
  sigpolicy_context *context = sp_calloc (1, sizeof *context, &mine);
  if (!context)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  *ret_context = context;
  return SIGPOLICY_OK;
}

void
sigpolicy_context_free (sigpolicy_context *context)
{
  if (!context)
    return;
  sp_host_clear (&context->host);
  free (context);
}

int
sigpolicy_context_share (sigpolicy_context *context, sigpolicy_context **ret_context,
                         sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  sigpolicy_context *other = NULL;

  if (!context || !ret_context)
    return sp_api_done (err, &mine, sp_api_misuse ("context or ret_context", &mine));
  int rc = sigpolicy_context_new (&other, &mine);
  if (rc == 0)
    rc = sp_host_share (&context->host, &other->host, &mine);
  if (rc == 0)
    *ret_context = other;
  else
    sigpolicy_context_free (other);
  return sp_api_done (err, &mine, rc);
}

/* The setters that copy one string. */
static int
keep (sigpolicy_context *context, size_t offset, const char *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!context)
    return sp_api_done (err, &mine, sp_api_misuse ("context", &mine));
  char **slot = (char **)(void *)((char *)&context->host + offset);
  return sp_api_done (err, &mine, sp_api_keep (slot, text, &mine));
}

int
sigpolicy_context_set_policy_path (sigpolicy_context *context, const char *path,
                                   sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_host, policy_path), path, err);
}

int
sigpolicy_context_set_registries_d (sigpolicy_context *context, const char *path,
                                    sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_host, registries_d_dir), path, err);
}

int
sigpolicy_context_set_registries_conf (sigpolicy_context *context, const char *path,
                                       sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_host, registries_conf_path), path, err);
}

int
sigpolicy_context_set_authfile (sigpolicy_context *context, const char *path, sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_host, authfile), path, err);
}

int
sigpolicy_context_set_credentials (sigpolicy_context *context, const char *credentials,
                                   sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_host, credentials), credentials, err);
}

int
sigpolicy_context_set_cert_dir (sigpolicy_context *context, const char *path, sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_host, cert_dir), path, err);
}

void
sigpolicy_context_set_tls_verify (sigpolicy_context *context, int on)
{
  if (context)
    context->host.tls_verify = on ? SP_TLS_VERIFY : SP_TLS_DO_NOT_VERIFY;
}

void
sigpolicy_context_set_image_timeout (sigpolicy_context *context, int64_t milliseconds)
{
  if (context)
    context->host.image_ms = milliseconds;
}

int
sigpolicy_context_set_platform (sigpolicy_context *context, const char *architecture,
                                const char *os, const char *variant, sigpolicy_error **err)
{
  int rc = keep (context, offsetof (struct sp_host, architecture), architecture, err);
  if (rc == 0)
    rc = keep (context, offsetof (struct sp_host, os), os, err);
  return rc < 0 ? rc : keep (context, offsetof (struct sp_host, variant), variant, err);
}

void
sigpolicy_context_set_insecure_policy (sigpolicy_context *context, int on)
{
  if (context)
    context->host.insecure_policy = on != 0;
}

void
sigpolicy_context_set_require_signed (sigpolicy_context *context, int on)
{
  if (context)
    context->host.require_signed = on != 0;
}

void
sigpolicy_context_set_offline (sigpolicy_context *context, int on)
{
  if (context)
    context->host.offline = on != 0;
}

void
sigpolicy_context_set_clock (sigpolicy_context *context, int64_t seconds)
{
  if (!context)
    return;
  context->host.clock = seconds;
  context->host.has_clock = true;
}

int
sigpolicy_context_set_clock_text (sigpolicy_context *context, const char *text,
                                  sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  sp_time seconds = 0;
  int rc = context && text ? sp_time_parse (text, &seconds, &mine)
                           : sp_api_misuse ("context or text", &mine);
  if (rc == 0)
    sigpolicy_context_set_clock (context, seconds);
  return sp_api_done (err, &mine, rc);
}
