/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "edit/replace.h"
#include "util/debug.h"

int
sp_api_misuse (const char *what, sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "%s is NULL", what);
}

int
sp_api_misuse_of (const sigpolicy_context *context, const char *what, sigpolicy_error **err)
{
  return context && context->is_in_use
             ? sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                             "the context is in use: what is given a verdict must not use it")
             : sp_api_misuse (what, err);
}

int
sigpolicy_global_init (unsigned flags, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (flags & SIGPOLICY_INIT_DEBUG)
    sp_debug_to (STDERR_FILENO);
  return sp_api_done (err, &mine, sp_openpgp_init (flags & SIGPOLICY_INIT_OWN_PROCESS, &mine));
}

void
sigpolicy_global_cleanup (void)
{
  sp_openpgp_remove_homes ();
  sp_replace_clean_up ();
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
sigpolicy_context_cancel (sigpolicy_context *context)
{
  if (context)
    context->inner.cancelled = true;
}

void
sigpolicy_context_free (sigpolicy_context *context)
{
  if (!context)
    return;
  if (context->is_in_use)
    {
      context->is_to_be_freed = true;
      return;
    }
  sp_context_clear (&context->inner);
  free (context);
}

int
sigpolicy_context_share (sigpolicy_context *context, sigpolicy_context **ret_context,
                         sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  sigpolicy_context *other = NULL;

  if (!sp_api_is_ready (context) || !ret_context)
    return sp_api_done (err, &mine, sp_api_misuse_of (context, "context or ret_context", &mine));
  int rc = sigpolicy_context_new (&other, &mine);
  if (rc == 0)
    rc = sp_context_share (&context->inner, &other->inner, &mine);
  if (rc == 0)
    *ret_context = other;
  else
    sigpolicy_context_free (other);
  return sp_api_done (err, &mine, rc);
}

/* --- setters -----------------------------------------------------------------------------------
 */

/*
 * What a setter says holds from the next question on: what was loaded by what it said before is
 * dropped, and loaded again when it is needed.
 */

/* The setters that copy one string; drop() forgets what came of the one before. */
static int
keep (sigpolicy_context *context, size_t offset, const char *text,
      void (*drop) (struct sp_context *context), sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!sp_api_is_ready (context))
    return sp_api_done (err, &mine, sp_api_misuse_of (context, "context", &mine));
  char **slot = (char **)(void *)((char *)&context->inner + offset);
  int rc = sp_keep (slot, text, &mine);
  if (rc == 0)
    drop (&context->inner);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_context_set_policy_path (sigpolicy_context *context, const char *path,
                                   sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_context, policy_path), path, sp_context_drop_policy,
               err);
}

int
sigpolicy_context_set_registries_d (sigpolicy_context *context, const char *path,
                                    sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_context, registries_d_dir), path,
               sp_context_drop_registries_d, err);
}

int
sigpolicy_context_set_reader (sigpolicy_context *context, const char *reader, sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_context, reader_name), reader, sp_context_drop_reader,
               err);
}

int
sigpolicy_context_set_registries_conf (sigpolicy_context *context, const char *path,
                                       sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_context, registries_conf_path), path,
               sp_context_drop_registries_conf, err);
}

int
sigpolicy_context_set_trusted_root (sigpolicy_context *context, const char *path,
                                    sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_context, trusted_root_path), path,
               sp_context_drop_trusted_root, err);
}

int
sigpolicy_context_set_authfile (sigpolicy_context *context, const char *path, sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_context, authfile), path, sp_context_drop_registries,
               err);
}

int
sigpolicy_context_set_credentials (sigpolicy_context *context, const char *credentials,
                                   sigpolicy_error **err)
{
  if (sp_api_is_ready (context))
    {
      sp_creds_owner_free (context->inner.creds_owner);
      context->inner.creds_owner = NULL;
      /* No longer than it is needed. */
      if (context->inner.credentials)
        explicit_bzero (context->inner.credentials, strlen (context->inner.credentials));
    }
  return keep (context, offsetof (struct sp_context, credentials), credentials,
               sp_context_drop_registries, err);
}

int
sigpolicy_context_set_cert_dir (sigpolicy_context *context, const char *path, sigpolicy_error **err)
{
  return keep (context, offsetof (struct sp_context, cert_dir), path, sp_context_drop_registries,
               err);
}

void
sigpolicy_context_set_tls_verify (sigpolicy_context *context, int on)
{
  if (!sp_api_is_ready (context))
    return;
  context->inner.tls_verify = on ? SP_TLS_VERIFY : SP_TLS_DO_NOT_VERIFY;
  sp_context_drop_registries (&context->inner);
}

void
sigpolicy_context_set_image_timeout (sigpolicy_context *context, int64_t milliseconds)
{
  if (sp_api_is_ready (context))
    context->inner.image_ms = milliseconds;
}

int
sigpolicy_context_set_platform (sigpolicy_context *context, const char *architecture,
                                const char *os, const char *variant, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  cleanup_free char *new_architecture = NULL, *new_os = NULL, *new_variant = NULL;

  if (!sp_api_is_ready (context))
    return sp_api_done (err, &mine, sp_api_misuse_of (context, "context", &mine));
  int rc = sp_keep (&new_architecture, architecture, &mine);
  if (rc == 0)
    rc = sp_keep (&new_os, os, &mine);
  if (rc == 0)
    rc = sp_keep (&new_variant, variant, &mine);
  if (rc == 0)
    sp_context_take_platform (&context->inner, steal (&new_architecture), steal (&new_os),
                              steal (&new_variant));
  return sp_api_done (err, &mine, rc);
}

void
sigpolicy_context_set_insecure_policy (sigpolicy_context *context, int on)
{
  if (sp_api_is_ready (context))
    context->inner.insecure_policy = on != 0;
}

void
sigpolicy_context_set_require_signed (sigpolicy_context *context, int on)
{
  if (sp_api_is_ready (context))
    context->inner.require_signed = on != 0;
}

void
sigpolicy_context_set_bundles (sigpolicy_context *context, sigpolicy_bundles bundles)
{
  if (!sp_api_is_ready (context))
    return;
  context->inner.bundles_are_set = true;
  context->inner.bundles = bundles == SIGPOLICY_BUNDLES_DIGEST     ? SP_BUNDLES_DIGEST
                           : bundles == SIGPOLICY_BUNDLES_IDENTITY ? SP_BUNDLES_IDENTITY
                                                                   : SP_BUNDLES_OFF;
}

void
sigpolicy_context_set_referrers (sigpolicy_context *context, int on)
{
  if (!sp_api_is_ready (context))
    return;
  context->inner.referrers_are_set = true;
  context->inner.referrers = on != 0;
}

void
sigpolicy_context_set_offline (sigpolicy_context *context, int on)
{
  if (sp_api_is_ready (context))
    context->inner.offline = on != 0;
}

void
sigpolicy_context_set_gpg_alone (sigpolicy_context *context, int on)
{
  if (sp_api_is_ready (context))
    context->inner.gpg_alone = on != 0;
}

void
sigpolicy_context_set_clock (sigpolicy_context *context, int64_t seconds)
{
  if (!sp_api_is_ready (context))
    return;
  context->inner.clock = seconds;
  context->inner.has_clock = true;
}

int
sigpolicy_context_set_clock_text (sigpolicy_context *context, const char *text,
                                  sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  sp_time seconds = 0;
  int rc = sp_api_is_ready (context) && text ? sp_time_parse (text, &seconds, &mine)
                                             : sp_api_misuse_of (context, "context or text", &mine);
  if (rc == 0)
    sigpolicy_context_set_clock (context, seconds);
  return sp_api_done (err, &mine, rc);
}
