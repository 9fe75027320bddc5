/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_int.h"

#include "crypto/crypto_int.h"
#include "util/codec.h"

/*
 * Words for a chain that OpenSSL refused. The straight way up is walked once more by byte-equal
 * names, taking at each step the first certificate that may have issued the last: what stops the
 * walk is what people are told, in the established words. Nothing is accepted here. A walk that
 * nothing stops found a path of which OpenSSL alone disapproves.
 */

static bool
signed_by (const struct sp_certificate *child, const struct sp_certificate *parent)
{
  bool good = parent->key->key && X509_verify (child->x509, parent->key->key) == 1;
  ERR_clear_error ();
  return good;
}

/* What an authority is called: its common name, its organization, or its serial number. */
static char *
name_of (const struct sp_certificate *certificate, sigpolicy_error **err)
{
  char serial[2 * 32 + 1] = "";
  struct sp_view name
      = certificate->common_name.len ? certificate->common_name : certificate->organization;
  if (name.len)
    return sp_quote_dup (name, err);
  struct sp_view number = sp_view_head (certificate->serial, 32);
  sp_hex ((const unsigned char *)number.data, number.len, serial);
  return sp_asprintf (err, "\"serial:0x%s\"", serial);
}

static int
unknown_authority (const struct sp_certificate *hint, const sigpolicy_error *why,
                   sigpolicy_error **err)
{
  static const char text[] = "x509: certificate signed by unknown authority";
  if (!hint)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED, "%s", text);
  cleanup_free char *name = name_of (hint, err);
  cleanup_free char *quoted
      = name ? sp_quote_dup (sp_view_str (sigpolicy_error_message (why)), err) : NULL;
  return quoted ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                                "%s (possibly because of %s while trying to verify candidate "
                                "authority certificate %s)",
                                text, quoted, name)
                : SIGPOLICY_E_NO_MEMORY;
}

/* One step up from the end of the path. */
struct step
{
  struct sp_path *path;
  const struct sp_chain_question *question;
  const struct sp_certificate *hint; /* the first that could not have issued it, and why not */
  sigpolicy_error *why;
  sigpolicy_error *failure; /* of the last that could have, but is no good */
  bool done;                /* an anchor was reached */
  bool found;
};

static void
step_clear (struct step *step)
{
  sp_error_clear (&step->why);
  sp_error_clear (&step->failure);
}

static int
try_parent (struct step *step, const struct sp_certificate *parent, enum sp_path_place place,
            sigpolicy_error **err)
{
  const struct sp_certificate *child = step->path->items[step->path->len - 1];
  cleanup_error sigpolicy_error *failure = NULL;

  if (step->found || !sp_view_equal (child->issuer, parent->subject)
      || sp_public_key_kind (parent->key) == SP_KEY_UNKNOWN)
    return 0;
  int rc = sp_path_check_issuing (child, parent, &failure);
  if (rc == 0 && !signed_by (child, parent))
    rc = sp_error_set (&failure, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                       sp_public_key_kind (parent->key) == SP_KEY_RSA
                           ? "crypto/rsa: verification error"
                           : "x509: signature verification failure");
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0)
    {
      if (!step->hint)
        {
          step->hint = parent;
          step->why = steal (&failure);
        }
      return 0;
    }
  rc = sp_path_check_certificate (parent, place, step->path->len, step->question, &failure);
  if (rc < 0)
    {
      sp_error_clear (&step->failure);
      step->failure = steal (&failure);
      return 0;
    }
  step->found = true;
  step->done = place == SP_PATH_ANCHOR;
  step->path->items[step->path->len++] = parent;
  return 0;
}

static int
climb (struct step *step, sigpolicy_error **err)
{
  const struct sp_chain_question *question = step->question;
  int rc = 0;

  step->found = false;
  for (size_t i = 0; rc == 0 && i < question->anchors->anchors.len; i++)
    rc = try_parent (step, question->anchors->anchors.items[i], SP_PATH_ANCHOR, err);
  for (size_t list = 0; list < 2; list++)
    for (size_t i = 0; rc == 0 && i < question->n_intermediates[list]; i++)
      rc = try_parent (step, question->intermediates[list]->items[i], SP_PATH_MIDDLE, err);
  if (rc < 0 || step->found)
    return rc;
  if (step->failure)
    return sp_error_copy (step->failure, err);
  return unknown_authority (step->hint, step->why, err);
}

int
sp_chain_explain (const struct sp_certificate *leaf, const struct sp_chain_question *question,
                  const char *openssl, sigpolicy_error **err)
{
  struct sp_path path = { .items = { leaf }, .len = 1 };

  for (bool done = false; !done;)
    {
      SP_CLEANUP (step_clear) struct step step = { .path = &path, .question = question };
      if (path.len == SP_PATH_MAX)
        return unknown_authority (NULL, NULL, err);
      int rc = climb (&step, err);
      if (rc < 0)
        return rc;
      done = step.done;
    }
  int rc = sp_path_check_whole (&path, err);
  if (rc < 0)
    return rc;
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_KEY_NOT_TRUSTED,
                      "x509: OpenSSL refuses the certificate path: %s", openssl);
  return sp_error_stricter (err, "S9");
}
