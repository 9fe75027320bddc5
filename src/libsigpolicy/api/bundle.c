/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "ask/bundle_check.h"
#include "explain/bundle.h"

#include <sigpolicy/bundle.h>

static struct sp_bundle_verifier *
inner (sigpolicy_bundle_verifier *verifier)
{
  return (struct sp_bundle_verifier *)verifier;
}

static const struct sp_bundle_answer *
answer_of (const sigpolicy_bundle_result *result)
{
  return (const struct sp_bundle_answer *)result;
}

int
sigpolicy_bundle_verifier_new (sigpolicy_bundle_verifier **ret_verifier, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!ret_verifier)
    return sp_api_done (err, &mine, sp_api_misuse ("ret_verifier", &mine));
  struct sp_bundle_verifier *verifier = sp_calloc (1, sizeof *verifier, &mine);
  if (!verifier)
    return sp_api_done (err, &mine, SIGPOLICY_E_NO_MEMORY);
  *ret_verifier = (sigpolicy_bundle_verifier *)verifier;
  return SIGPOLICY_OK;
}

void
sigpolicy_bundle_verifier_free (sigpolicy_bundle_verifier *verifier)
{
  sp_bundle_verifier_free (inner (verifier));
}

/* The setters that copy one string. */
static int
keep (sigpolicy_bundle_verifier *verifier, size_t offset, const char *text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!verifier)
    return sp_api_done (err, &mine, sp_api_misuse ("verifier", &mine));
  char **slot = (char **)(void *)((char *)verifier + offset);
  return sp_api_done (err, &mine, sp_keep (slot, text, &mine));
}

int
sigpolicy_bundle_verifier_set_trusted_root (sigpolicy_bundle_verifier *verifier, const char *path,
                                            sigpolicy_error **err)
{
  if (verifier)
    {
      sp_trusted_root_free (inner (verifier)->root);
      inner (verifier)->root = NULL;
    }
  return keep (verifier, offsetof (struct sp_bundle_verifier, trusted_root), path, err);
}

int
sigpolicy_bundle_verifier_set_key (sigpolicy_bundle_verifier *verifier, const char *path,
                                   sigpolicy_error **err)
{
  if (verifier)
    {
      sp_public_key_free (inner (verifier)->loaded_key);
      inner (verifier)->loaded_key = NULL;
    }
  return keep (verifier, offsetof (struct sp_bundle_verifier, key), path, err);
}

int
sigpolicy_bundle_verifier_set_issuer (sigpolicy_bundle_verifier *verifier, const char *url,
                                      sigpolicy_error **err)
{
  return keep (verifier, offsetof (struct sp_bundle_verifier, issuer), url, err);
}

int
sigpolicy_bundle_verifier_set_predicate_type (sigpolicy_bundle_verifier *verifier, const char *type,
                                              sigpolicy_error **err)
{
  return keep (verifier, offsetof (struct sp_bundle_verifier, predicate_type), type, err);
}

int
sigpolicy_bundle_verifier_add_identity (sigpolicy_bundle_verifier *verifier, const char *identity,
                                        sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  int rc = verifier && identity
               ? sp_strv_add (&inner (verifier)->identities, sp_view_str (identity), &mine)
               : sp_api_misuse ("verifier or identity", &mine);
  return sp_api_done (err, &mine, rc);
}

int
sigpolicy_bundle_verify (sigpolicy_bundle_verifier *verifier, const void *bundle, size_t size,
                         const char *artifact, sigpolicy_bundle_result **ret_result,
                         sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  struct sp_bundle_answer *answer = NULL;
  int rc
      = verifier && (bundle || !size) && artifact && ret_result
            ? sp_bundle_check (inner (verifier), sp_view_n (bundle, size), artifact, &answer, &mine)
            : sp_api_misuse ("an argument", &mine);
  if (rc == 0)
    *ret_result = (sigpolicy_bundle_result *)answer;
  return sp_api_done (err, &mine, rc);
}

void
sigpolicy_bundle_result_free (sigpolicy_bundle_result *result)
{
  sp_bundle_answer_free ((struct sp_bundle_answer *)result);
}

sigpolicy_answer
sigpolicy_bundle_result_answer (const sigpolicy_bundle_result *result)
{
  return result && answer_of (result)->outcome.answer == SP_ANSWER_ACCEPTED ? SIGPOLICY_ACCEPTED
                                                                            : SIGPOLICY_REJECTED;
}

int
sigpolicy_bundle_result_code (const sigpolicy_bundle_result *result)
{
  return result ? answer_of (result)->outcome.code : SIGPOLICY_E_INTERNAL;
}

const void *
sigpolicy_bundle_result_statement (const sigpolicy_bundle_result *result, size_t *ret_size)
{
  if (sigpolicy_bundle_result_answer (result) != SIGPOLICY_ACCEPTED || !ret_size
      || !answer_of (result)->result.has_statement)
    return NULL;
  const struct sp_buf *payload = &answer_of (result)->result.bundle->payload;
  *ret_size = payload->len;
  return payload->data;
}

int
sigpolicy_bundle_result_format (const sigpolicy_bundle_result *result, sigpolicy_format format,
                                unsigned flags, char **ret_text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *mine = NULL;
  if (!result || !ret_text)
    return sp_api_done (err, &mine, sp_api_misuse ("result or ret_text", &mine));
  char *text
      = format == SIGPOLICY_FORMAT_TEXT
            ? sp_explain_bundle_text (answer_of (result), flags, &mine)
            : sp_explain_bundle_json (answer_of (result), format == SIGPOLICY_FORMAT_JSON, &mine);
  if (!text)
    return sp_api_done (err, &mine, sigpolicy_error_code (mine));
  *ret_text = text;
  return SIGPOLICY_OK;
}
