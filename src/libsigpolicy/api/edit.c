/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "edit/edit.h"
#include "model/registries_d.h"
#include "util/fs.h"
#include "util/limits.h"

#include <stddef.h>

struct sigpolicy_edit
{
  struct sp_edit *edit;
  char *registries_d; /* where storage would be changed */
  bool is_private;    /* but not without being told so */
};

/* --- rules ---------------------------------------------------------------------------------- */

int
sigpolicy_rule_new (const char *type, sigpolicy_rule **ret_rule, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!type || !ret_rule)
    return sp_api_done (err, &mine, sp_api_misuse ("type or ret_rule", &mine));
  struct sp_rule *rule = sp_calloc (1, sizeof *rule, &mine);
  int rc = rule ? sp_rule_set_type (rule, type, &mine) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    *ret_rule = (sigpolicy_rule *)rule;
  else
    free (rule);
  return sp_api_done (err, &mine, rc);
}

void
sigpolicy_rule_free (sigpolicy_rule *rule)
{
  if (rule)
    sp_rule_clear ((struct sp_rule *)rule);
  free (rule);
}

int
sigpolicy_rule_add (sigpolicy_rule *rule, sigpolicy_rule_part part, const char *value,
                    sigpolicy_error **err)
{
  static const size_t slots[] = {
    [SIGPOLICY_RULE_FULCIO_CA] = offsetof (struct sp_rule, fulcio_ca),
    [SIGPOLICY_RULE_FULCIO_ISSUER] = offsetof (struct sp_rule, fulcio_issuer),
    [SIGPOLICY_RULE_FULCIO_EMAIL] = offsetof (struct sp_rule, fulcio_email),
    [SIGPOLICY_RULE_PKI_ROOTS] = offsetof (struct sp_rule, pki_roots),
    [SIGPOLICY_RULE_PKI_INTERMEDIATES] = offsetof (struct sp_rule, pki_intermediates),
    [SIGPOLICY_RULE_PKI_EMAIL] = offsetof (struct sp_rule, pki_email),
    [SIGPOLICY_RULE_PKI_HOSTNAME] = offsetof (struct sp_rule, pki_hostname),
  };
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_rule *inner = (struct sp_rule *)rule;
  int rc;

  if (!rule || !value)
    rc = sp_api_misuse ("rule or value", &mine);
  else if (part == SIGPOLICY_RULE_KEY)
    rc = sp_strv_add (&inner->keys, sp_view_str (value), &mine);
  else if (part == SIGPOLICY_RULE_KEY_INLINE)
    rc = sp_rule_read_key (inner, value, &mine);
  else if (part == SIGPOLICY_RULE_REKOR_KEY)
    rc = sp_strv_add (&inner->rekor_keys, sp_view_str (value), &mine);
  else if (part == SIGPOLICY_RULE_IDENTITY)
    rc = sp_rule_set_identity (inner, value, &mine);
  else if ((size_t)part < sizeof slots / sizeof *slots)
    rc = sp_keep ((char **)(void *)((char *)inner + slots[part]), value, &mine);
  else
    rc = sp_api_misuse ("part", &mine);
  return sp_api_done (err, &mine, rc);
}

void
sigpolicy_rule_set_flags (sigpolicy_rule *rule, unsigned flags)
{
  if (!rule)
    return;
  ((struct sp_rule *)rule)->all = flags & SIGPOLICY_RULE_ALL_KEYS;
  ((struct sp_rule *)rule)->is_verbatim = flags & SIGPOLICY_RULE_VERBATIM;
}

/* --- the change ------------------------------------------------------------------------------- */

int
sigpolicy_edit_new (sigpolicy_context *context, sigpolicy_edit_place place,
                    sigpolicy_edit **ret_edit, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  const struct sp_reader *reader = NULL;

  if (!sp_api_is_ready (context) || !ret_edit)
    return sp_api_done (err, &mine, sp_api_misuse_of (context, "context or ret_edit", &mine));
  sigpolicy_edit *edit = sp_calloc (1, sizeof *edit, &mine);
  int rc = edit ? sp_context_reader (&context->inner, &reader, NULL, &mine) : SIGPOLICY_E_NO_MEMORY;
  cleanup_free char *path
      = rc == 0 ? sp_api_choose_policy (&context->inner, reader, place, &mine) : NULL;
  /* A policy of somebody's own says nothing of the host's registries.d. */
  if (rc == 0)
    edit->is_private = context->inner.policy_path && !context->inner.registries_d_dir;
  if (path)
    edit->registries_d = sp_api_choose_registries_d (&context->inner, reader, place, &mine);
  if (!path || !edit->registries_d)
    rc = sigpolicy_error_code (mine);
  if (rc == 0)
    rc = sp_edit_new (path, &edit->edit, &mine);
  if (rc == 0)
    *ret_edit = edit;
  else
    sigpolicy_edit_free (edit);
  return sp_api_done (err, &mine, rc);
}

void
sigpolicy_edit_free (sigpolicy_edit *edit)
{
  if (!edit)
    return;
  sp_edit_free (edit->edit);
  free (edit->registries_d);
  free (edit);
}

/* --- what is asked for ------------------------------------------------------------------------ */

static int
keep_scope (struct sp_edit *edit, const char *transport, const char *scope, bool finds_transport,
            sigpolicy_error **err)
{
  if (!transport != !scope && !(finds_transport && !transport))
    return sp_api_misuse (transport ? "scope" : "transport", err);
  int rc = sp_keep (&edit->transport, transport, err);
  return rc < 0 ? rc : sp_keep (&edit->scope, scope, err);
}

int
sigpolicy_edit_set (sigpolicy_edit *edit, const char *transport, const char *scope,
                    const sigpolicy_rule *rule, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  enum sp_transport known;
  const struct sp_rule *inner = (const struct sp_rule *)rule;
  int rc = edit && rule ? keep_scope (edit->edit, transport, scope, inner->is_verbatim, &mine)
                        : sp_api_misuse ("edit or rule", &mine);
  if (rc == 0 && transport && !sp_transport_find (sp_view_str (transport), &known))
    rc = sp_error_set (&mine, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                       "there is no transport of that name: see containers-transports(5)");
  if (rc == 0 && !inner->is_verbatim)
    rc = sp_rule_check (inner, &mine);
  if (rc == 0)
    rc = sp_rule_copy (inner, &edit->edit->rule, &mine);
  if (rc == 0)
    edit->edit->change = SP_EDIT_SET;
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_edit_unset (sigpolicy_edit *edit, const char *transport, const char *scope,
                      sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit && transport && scope ? keep_scope (edit->edit, transport, scope, false, &mine)
                                      : sp_api_misuse ("edit, transport or scope", &mine);
  if (rc == 0 && !edit->is_private)
    rc = sp_keep (&edit->edit->read_d, edit->registries_d, &mine);
  if (rc == 0)
    edit->edit->change = SP_EDIT_UNSET;
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_edit_rotate (sigpolicy_edit *edit, const char *transport, const char *scope,
                       sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit ? keep_scope (edit->edit, transport, scope, false, &mine)
                : sp_api_misuse ("edit", &mine);
  if (rc == 0)
    edit->edit->change = SP_EDIT_ROTATE;
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_edit_add_key (sigpolicy_edit *edit, const char *path, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit && path ? sp_strv_add (&edit->edit->rule.keys, sp_view_str (path), &mine)
                        : sp_api_misuse ("edit or path", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_edit_remove_key (sigpolicy_edit *edit, const char *key, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit && key ? sp_strv_add (&edit->edit->removed, sp_view_str (key), &mine)
                       : sp_api_misuse ("edit or key", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_edit_init (sigpolicy_edit *edit, sigpolicy_start start, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!edit)
    return sp_api_done (err, &mine, sp_api_misuse ("edit", &mine));
  edit->edit->text = start == SIGPOLICY_START_ACCEPT_ALL   ? sp_edit_accept_all
                     : start == SIGPOLICY_START_REJECT_ALL ? sp_edit_reject_all
                                                           : sp_edit_signed_registries;
  edit->edit->change = SP_EDIT_INIT;
  return SIGPOLICY_OK;
}

int
sigpolicy_edit_set_storage (sigpolicy_edit *edit, const char *lookaside, int attachments,
                            sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit ? 0 : sp_api_misuse ("edit", &mine);
  if (rc == 0 && edit->is_private)
    {
      (void)sp_error_set (&mine, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                          "with --policy, the host's registries.d is not changed");
      rc = sp_error_hint (&mine, "give --registries.d DIR to choose the directory, or change the "
                                 "host's files with --system instead of --policy");
    }
  if (rc == 0)
    rc = sp_edit_set_storage (edit->edit, edit->registries_d, lookaside, attachments != 0, &mine);
  return sp_api_done (err, &mine, rc);
}

/* --- what comes of it ------------------------------------------------------------------------- */

int
sigpolicy_edit_preview (sigpolicy_edit *edit, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit ? sp_edit_preview (edit->edit, &mine) : sp_api_misuse ("edit", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_edit_commit (sigpolicy_edit *edit, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit ? sp_edit_commit (edit->edit, &mine) : sp_api_misuse ("edit", &mine);
  return sp_api_done (err, &mine, rc);
}

static int
hand_out (int rc, struct sp_buf *text, char **ret_text, sigpolicy_error **err,
          sigpolicy_error **mine)
{
  char *stolen = rc == 0 ? sp_buf_steal (text, mine) : NULL;
  if (!stolen)
    return sp_api_done (err, mine, sigpolicy_error_code (*mine));
  *ret_text = stolen;
  return SIGPOLICY_OK;
}

const char *
sigpolicy_edit_path (const sigpolicy_edit *edit)
{
  return edit ? edit->edit->policy.path : NULL;
}

int
sigpolicy_edit_diff (const sigpolicy_edit *edit, char **ret_text, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit && ret_text ? 0 : sp_api_misuse ("edit or ret_text", &mine);
  if (rc == 0)
    sp_edit_put_diff (edit->edit, &text);
  return hand_out (rc, &text, ret_text, err, &mine);
}

int
sigpolicy_edit_files (const sigpolicy_edit *edit, char **ret_text, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = edit && ret_text ? 0 : sp_api_misuse ("edit or ret_text", &mine);
  if (rc == 0)
    sp_edit_put_files (edit->edit, &text);
  return hand_out (rc, &text, ret_text, err, &mine);
}

const char *
sigpolicy_edit_warning (const sigpolicy_edit *edit, size_t number)
{
  if (!edit)
    return NULL;
  const struct sp_strv *lists[] = { &edit->edit->storage_warnings, &edit->edit->policy_warnings };
  for (size_t i = 0; i < 2; number -= lists[i++]->len)
    if (number < lists[i]->len)
      return lists[i]->items[number];
  return NULL;
}

int
sigpolicy_edit_policy (const sigpolicy_edit *edit, int after, sigpolicy_policy **ret_policy,
                       sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_policy *policy = NULL;
  int rc = edit && ret_policy ? 0 : sp_api_misuse ("edit or ret_policy", &mine);
  if (rc == 0)
    {
      const struct sp_edit_file *file = &edit->edit->policy;
      rc = sp_policy_parse (sp_buf_view (after ? &file->after : &file->before), file->path, &policy,
                            &mine);
    }
  if (rc == 0)
    *ret_policy = (sigpolicy_policy *)policy;
  return sp_api_done (err, &mine, rc);
}
