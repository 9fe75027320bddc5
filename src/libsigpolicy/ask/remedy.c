/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/remedy.h"

/* --- whether it can be said ------------------------------------------------------------------- */

static bool
are_files (const struct sp_key_sources *sources)
{
  for (size_t i = 0; i < sources->len; i++)
    if (!sources->items[i].path || strlen (sources->items[i].path) != sources->items[i].path_len)
      return false;
  return true;
}

static bool
can_be_said (const struct sp_remedy *remedy)
{
  const struct sp_trace *trace = remedy->verdict->trace;
  const struct sp_requirement *from = remedy->from;

  if (!trace || !remedy->verdict->policy || !sp_policy_path (remedy->verdict->policy)
      || trace->n_requirements != 1)
    return false;
  if (from->type != SP_REQUIREMENT_SIGNED_BY && from->type != SP_REQUIREMENT_SIGSTORE_SIGNED)
    return false;
  return from->key_type == SP_KEY_TYPE_GPG && are_files (&from->keys)
         && are_files (&from->rekor_keys) && (!from->fulcio || are_files (&from->fulcio->ca))
         && (!from->pki
             || (are_files (&from->pki->roots) && are_files (&from->pki->intermediates)));
}

/* --- its words -------------------------------------------------------------------------------- */

static void
put (struct sp_shell *shell, const char *option, const char *value)
{
  sp_shell_word (shell, option);
  sp_shell_word (shell, value);
}

static void
put_files (const struct sp_remedy *remedy, const struct sp_key_sources *sources, const char *option,
           struct sp_shell *shell)
{
  for (size_t i = 0; i < sources->len; i++)
    {
      const char *path = sources->items[i].path;
      bool swap = remedy->swap_from && strcmp (remedy->swap_from, path) == 0;
      put (shell, option, swap ? remedy->swap_to : path);
    }
}

static void
put_identity (const struct sp_remedy *remedy, struct sp_shell *shell)
{
  const struct sp_identity *identity = &remedy->from->identity;
  cleanup_buf struct sp_buf text = SP_BUF (SP_SHELL_BYTES_MAX);

  if (remedy->identity)
    sp_buf_str (&text, remedy->identity);
  else
    {
      sp_buf_str (&text, sp_identity_type_name (identity->type));
      if (identity->configured)
        sp_buf_printf (&text, "=%s", identity->configured);
      if (identity->prefix)
        sp_buf_printf (&text, "=%s,%s", identity->prefix, identity->signed_prefix);
    }
  put (shell, "--identity", text.data);
  shell->is_unfit = shell->is_unfit || text.failed;
}

static void
put_certificates (const struct sp_remedy *remedy, struct sp_shell *shell)
{
  const struct sp_fulcio *fulcio = remedy->from->fulcio;
  const struct sp_pki *pki = remedy->from->pki;

  if (fulcio)
    {
      put_files (remedy, &fulcio->ca, "--fulcio-ca", shell);
      put (shell, "--fulcio-issuer", remedy->issuer ? remedy->issuer : fulcio->oidc_issuer);
      put (shell, "--fulcio-email", remedy->email ? remedy->email : fulcio->subject_email);
    }
  if (!pki)
    return;
  put_files (remedy, &pki->roots, "--pki-roots", shell);
  put_files (remedy, &pki->intermediates, "--pki-intermediates", shell);
  if (remedy->email || pki->subject_email)
    put (shell, "--pki-email", remedy->email ? remedy->email : pki->subject_email);
  if (remedy->hostname || pki->subject_hostname)
    put (shell, "--pki-hostname", remedy->hostname ? remedy->hostname : pki->subject_hostname);
}

/* The scope that decided, unless that is what everything else has, too; then the repository. */
static bool
put_scope (const struct sp_remedy *remedy, struct sp_shell *shell)
{
  const struct sp_policy_match *match = &remedy->verdict->trace->match;

  if (remedy->image && (remedy->for_repository || !match->transport))
    {
      sp_shell_word (shell, remedy->image->name);
      return true;
    }
  if (!match->transport || strlen (match->scope->name) != match->scope->name_len)
    return false;
  if (strcmp (match->transport->name, "docker") != 0)
    {
      bool is_exact = remedy->from->identity.type == SP_IDENTITY_EXACT_REFERENCE
                      || remedy->from->identity.type == SP_IDENTITY_EXACT_REPOSITORY;
      if (!is_exact && !remedy->identity)
        return false;
      put (shell, "--transport", match->transport->name);
    }
  sp_shell_word (shell, match->scope->name);
  return true;
}

bool
sp_remedy_put (const struct sp_remedy *remedy, struct sp_shell *shell)
{
  const struct sp_requirement *from = remedy->from;
  enum sp_requirement_type type = remedy->has_type ? remedy->type : from->type;
  size_t before = shell->text.len;

  if (!can_be_said (remedy))
    return false;
  sp_shell_raw (shell, "sigpolicy trust set");
  put (shell, "--policy", sp_policy_path (remedy->verdict->policy));
  if (!put_scope (remedy, shell))
    {
      shell->text.len = before;
      shell->text.data[before] = '\0';
      return false;
    }
  put (shell, "--type", sp_requirement_type_name (type));
  put_files (remedy, &from->keys, "--key", shell);
  if (remedy->add_key)
    put (shell, "--key", remedy->add_key);
  if (from->keys.len + (remedy->add_key ? 1 : 0) > 1)
    sp_shell_word (shell, "--any");
  put_certificates (remedy, shell);
  put_files (remedy, &from->rekor_keys, "--rekor-key", shell);
  put_identity (remedy, shell);
  return true;
}

void
sp_remedy_put_verify (const struct sp_context *context, struct sp_shell *shell)
{
  const struct
  {
    const char *option, *value;
  } files[] = { { "--policy", context->policy_path },
                { "--registries.d", context->registries_d_dir },
                { "--registries-conf", context->registries_conf_path },
                { "--reader", context->reader_name },
                { "--authfile", context->authfile },
                { "--cert-dir", context->cert_dir } };

  sp_shell_raw (shell, "sigpolicy verify");
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (files[i].value)
      put (shell, files[i].option, files[i].value);
  if (context->tls_verify == SP_TLS_DO_NOT_VERIFY)
    sp_shell_word (shell, "--tls-verify=false");
  if (context->has_clock)
    {
      char stamp[SP_TIME_TEXT_SIZE];
      sp_time_format (context->clock, stamp);
      put (shell, "--clock", stamp);
    }
}
