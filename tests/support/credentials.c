/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which credentials a registry would be sent, by the environment: "Basic " and their base64, as a
 * header has them; "none"; or the error.
 *
 *   credentials NAME [HELPER...]     HELPERs as credential-helpers of registries.conf
 */
#include "sources/credentials.h"
#include "util/codec.h"

static int
print (const struct sp_credentials *found, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf pair = SP_BUF (65536), encoded = SP_BUF (131072);

  for (size_t i = 0; i < found->warnings.len; i++)
    fprintf (stderr, "warning: %s\n", found->warnings.items[i]);
  if (!found->user)
    return puts ("none") < 0;
  sp_buf_printf (&pair, "%s:%s", found->user, found->password);
  sp_base64_encode (sp_buf_view (&pair), &encoded);
  if (sp_buf_check (&pair, err) < 0 || sp_buf_check (&encoded, err) < 0)
    return -1;
  return printf ("Basic %s\n", encoded.data) < 0;
}

int
main (int argc, char **argv)
{
  cleanup_auth_options struct sp_auth_options options = { 0 };
  cleanup_credentials struct sp_credentials found = { 0 };
  cleanup_reference struct sp_reference *name = NULL;
  cleanup_strv struct sp_strv helpers = { 0 };
  cleanup_error sigpolicy_error *err = NULL;

  int rc = sp_reference_parse (sp_view_str (argc > 1 ? argv[1] : ""), &name, &err);
  for (int i = 2; rc == 0 && i < argc; i++)
    rc = sp_strv_add (&helpers, sp_view_str (argv[i]), &err);
  if (rc == 0)
    rc = sp_auth_options_from_environment (&options, &err);
  if (rc == 0)
    rc = sp_credentials_find (&options, &helpers, name, &found, &err);
  if (rc == 0)
    rc = print (&found, &err);
  if (rc != 0)
    printf ("error: %s\n", sigpolicy_error_text (err));
  return rc != 0;
}
