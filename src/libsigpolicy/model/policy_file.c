/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

#define SYSTEM_POLICY SP_READER_ADMIN "/policy.json"

/* --- loading ---------------------------------------------------------------------------------- */

static int
cannot_read (const char *path, sigpolicy_error **err)
{
  int errnum = sp_error_errnum (*err);
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  (void)sp_error_position (err, path, 0, 0, NULL);
  if (errnum == EISDIR)
    return sp_error_hint (err, "this is a directory: name the policy file in it");
  if (errnum == ELOOP)
    return sp_error_hint (err, "the symbolic link points to itself");
  return sigpolicy_error_code (*err);
}

int
sp_policy_load (const char *path, struct sp_policy **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_free char *quoted = sp_quote_dup (sp_view_str (path), err);

  if (!quoted)
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_fs_read (path, &text, err) < 0)
    return cannot_read (path, err);
  int rc = sp_policy_parse (sp_buf_view (&text), path, ret, err);
  return rc == SIGPOLICY_E_CONFIG ? sp_error_prefix (err, "invalid policy in %s", quoted) : rc;
}

int
sp_policy_insecure (struct sp_policy **ret, sigpolicy_error **err)
{
  static const struct sp_view text
      = SP_VIEW ("{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}");
  return sp_policy_parse (text, NULL, ret, err);
}

/* --- which file ------------------------------------------------------------------------------- */

/* The established text of each generation. */
static int
none_found (const struct sp_reader_choice *choice, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf list = SP_BUF (64 * SP_PATH_BYTES_MAX);
  bool is_old = choice->generation == SP_GENERATION_OLD;

  for (size_t i = 0; i < choice->searched.len; i++)
    {
      if (i)
        sp_buf_str (&list, is_old ? ", " : " ");
      sp_quote (sp_view_str (choice->searched.items[i]), &list);
    }
  if (sp_buf_check (&list, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  (void)sp_error_set (
      err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
      is_old ? "no policy.json file found at any of the following: %s"
             : "config file not found: no policy.json file found; searched paths: [%s]",
      list.data);
  return sp_error_hint (err,
                        "without a policy nothing is accepted: write one at %s, or name a "
                        "file with --policy",
                        sp_policy_system_path ());
}

char *
sp_policy_choose (const struct sp_reader *reader, const char *explicit_path, sigpolicy_error **err)
{
  cleanup_reader_choice struct sp_reader_choice choice = { 0 };

  if (explicit_path)
    return sp_strdup (explicit_path, err);
  if (sp_reader_choose (reader, SP_CONFIG_POLICY, NULL, &choice, err) < 0)
    return NULL;
  if (!choice.file)
    (void)none_found (&choice, err);
  return steal (&choice.file);
}

const char *
sp_policy_system_path (void)
{
  return SYSTEM_POLICY;
}
