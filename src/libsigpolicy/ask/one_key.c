/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/one_key.h"

static void
put (struct sp_shell *shell, const char *option, const char *value)
{
  sp_shell_word (shell, option);
  sp_shell_word (shell, value);
}

/* As 'trust set --identity' takes it. NULL: no memory. */
static char *
spell_identity (const struct sp_identity *identity, sigpolicy_error **err)
{
  const char *type = sp_identity_type_name (identity->type);
  if (identity->type == SP_IDENTITY_REMAP)
    return sp_asprintf (err, "%s=%s,%s", type, identity->prefix, identity->signed_prefix);
  return identity->configured ? sp_asprintf (err, "%s=%s", type, identity->configured)
                              : sp_strdup (type, err);
}

/* The repository of a name on a registry, else the very image. */
static void
put_scope (const struct sp_image_name *name, struct sp_shell *shell)
{
  if (name->transport != SP_TRANSPORT_DOCKER)
    put (shell, "--transport", sp_transport_name (name->transport));
  sp_shell_word (shell,
                 name->transport == SP_TRANSPORT_DOCKER ? name->reference->name : name->identity);
}

int
sp_one_key_advise (const struct sp_context *context, const struct sp_image_name *name,
                   struct sp_verdict *verdict, sigpolicy_error **err)
{
  cleanup_shell struct sp_shell shell = SP_SHELL;
  struct sp_hint *hint = &verdict->outcome.hint;

  if (!context->key_path || verdict->outcome.answer != SP_ANSWER_ACCEPTED || hint->text)
    return 0;
  const struct sp_requirement *requirement = verdict->trace->requirements[0].requirement;
  cleanup_free char *identity = spell_identity (&requirement->identity, err);
  if (!identity)
    return SIGPOLICY_E_NO_MEMORY;
  sp_shell_raw (&shell, "sigpolicy trust set");
  put_scope (name, &shell);
  put (&shell, "--type", sp_requirement_type_name (requirement->type));
  put (&shell, "--key", context->key_path);
  put (&shell, "--identity", identity);
  if (requirement->type == SP_REQUIREMENT_SIGSTORE_SIGNED && name->transport == SP_TRANSPORT_DOCKER)
    sp_shell_word (&shell, "--attachments");
  hint->text = sp_strdup ("no policy was read: --key required this key only now. To require it in "
                          "the policy of this host",
                          err);
  return hint->text ? sp_shell_take (&shell, &hint->command, err) : SIGPOLICY_E_NO_MEMORY;
}
