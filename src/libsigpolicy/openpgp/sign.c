/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

/* gpg asks for the passphrase on a descriptor. */
static gpgme_error_t
give_passphrase (void *passphrase, const char *hint, const char *info, int previous_was_bad, int fd)
{
  const char *text = passphrase;
  (void)hint;
  (void)info;

  if (previous_was_bad)
    return gpgme_error (GPG_ERR_BAD_PASSPHRASE);
  return sp_gpgme->io_writen (fd, text, strlen (text)) == 0
                 && sp_gpgme->io_writen (fd, "\n", 1) == 0
             ? 0
             : gpgme_error (sp_gpgme->err_code_from_syserror ());
}

static int
find_key (gpgme_ctx_t context, const char *name, gpgme_key_t *ret, sigpolicy_error **err)
{
  gpgme_error_t error = sp_gpgme->get_key (context, name, ret, 1);
  if (gpgme_err_code (error) == GPG_ERR_EOF || gpgme_err_code (error) == GPG_ERR_INV_VALUE)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                         "key \"%s\" not found", name);
  if (gpgme_err_code (error) == GPG_ERR_AMBIGUOUS_NAME)
    return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                         "more than one key is \"%s\"", name);
  return error ? sp_openpgp_failed (err, error, "a key was looked up") : 0;
}

int
sp_openpgp_sign (const char *key, const char *passphrase, struct sp_view text,
                 struct sp_buf *ret_message, sigpolicy_error **err)
{
  cleanup_gpgme_context gpgme_ctx_t user = NULL;
  cleanup_gpgme_key gpgme_key_t signer = NULL;
  cleanup_gpgme_data gpgme_data_t in = NULL, out = NULL;
  cleanup_free char *secret = passphrase ? sp_strdup (passphrase, err) : NULL;

  if (passphrase && !secret)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_openpgp_open_context (sp_openpgp_gpg, NULL, &user, err);
  if (rc == 0)
    rc = find_key (user, key, &signer, err);
  if (rc < 0)
    return rc;
  gpgme_error_t error = sp_gpgme->signers_add (user, signer);
  if (!error && secret)
    {
      error = sp_gpgme->set_pinentry_mode (user, GPGME_PINENTRY_MODE_LOOPBACK);
      sp_gpgme->set_passphrase_cb (user, give_passphrase, secret);
    }
  if (!error)
    error = sp_gpgme->data_new_from_mem (&in, text.data, text.len, 0);
  if (!error)
    error = sp_gpgme->data_new (&out);
  if (!error)
    error = sp_gpgme->op_sign (user, in, out, GPGME_SIG_MODE_NORMAL);
  if (error)
    {
      char words[128];
      if (gpgme_err_code (error) == GPG_ERR_ENOMEM)
        return sp_error_no_memory (err);
      (void)sp_gpgme->strerror_r (error, words, sizeof words);
      return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, "%s", words);
    }
  size_t size = 0;
  char *bytes = sp_gpgme->data_release_and_get_mem (steal (&out), &size);
  sp_buf_add (ret_message, sp_view_n (bytes, size));
  sp_gpgme->free (bytes);
  return sp_buf_check (ret_message, err);
}
