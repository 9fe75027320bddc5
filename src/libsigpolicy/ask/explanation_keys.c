/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/explanation_int.h"

#include "ask/key_files.h"
#include "util/codec.h"

#include <errno.h>

/* What the key files of a policy say of their keys. Nothing here decides about an image. */

void
sp_explained_keys_clear (struct sp_explained_keys *keys)
{
  sp_signer_list_clear (&keys->list);
  sp_strv_clear (&keys->problems);
}

/* A fault of a file, in words. */
static int
note_problem (struct sp_explained_keys *keys, struct sp_view path, const sigpolicy_error *fault,
              sigpolicy_error **err)
{
  const char *message = sigpolicy_error_message (fault);
  cleanup_free char *shown = path.data ? sp_escape_dup (path, err) : sp_strdup ("keyData", err);

  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  /* What cannot be opened says so itself. */
  return sp_strv_take (&keys->problems,
                       strstr (message, shown) ? sp_strdup (message, err)
                                               : sp_asprintf (err, "%s: %s", shown, message),
                       err);
}

enum use
{
  USE_OPENPGP,
  USE_SIGSTORE,
  USE_OTHER, /* only whether it can be read at all */
};

/* Read keys, adding to what is there. */
static int
read_sources (const struct sp_key_sources *sources, enum use use, struct sp_explained_keys *ret,
              sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < sources->len; i++)
    {
      const struct sp_key_source *source = &sources->items[i];
      const struct sp_key_sources one = { .items = &sources->items[i], .len = 1 };
      struct sp_view path = sp_view_n (source->path, source->path ? source->path_len : 0);
      cleanup_key_files struct sp_key_files files = { 0 };
      cleanup_error sigpolicy_error *fault = NULL;

      rc = sp_key_files_read (&one, &files, &fault);
      if (rc == 0 && use == USE_OPENPGP)
        rc = sp_signer_list_add_openpgp (&ret->list, files.views[0], path, &fault);
      else if (rc == 0 && use == USE_SIGSTORE)
        rc = sp_signer_list_add_pem (&ret->list, files.views[0], path, &fault);
      /* A file that is not there, or holds no keys, is so for every verification; what keeps us
       * from reading it may not be. */
      int errnum = rc < 0 ? sp_error_errnum (fault) : 0;
      if (rc < 0 && (rc != SIGPOLICY_E_KEY || (errnum && errnum != ENOENT)))
        {
          *err = steal (&fault);
          return rc;
        }
      if (rc < 0)
        rc = note_problem (ret, path, fault, err);
    }
  return rc;
}

int
sp_explained_keys_read (const struct sp_requirement *requirement, struct sp_explained_keys *ret,
                        sigpolicy_error **err)
{
  enum use use = requirement->type == SP_REQUIREMENT_SIGNED_BY ? USE_OPENPGP : USE_SIGSTORE;
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;

  int rc = read_sources (&requirement->keys, use, ret, err);
  if (rc == 0)
    rc = read_sources (&requirement->rekor_keys, USE_OTHER, ret, err);
  if (rc == 0 && (fulcio || pki))
    rc = read_sources (fulcio ? &fulcio->ca : &pki->roots, USE_OTHER, ret, err);
  if (rc == 0 && pki)
    rc = read_sources (&pki->intermediates, USE_OTHER, ret, err);
  return rc;
}
