/* SPDX-License-Identifier: Apache-2.0 */

/*
 * endpoints REGISTRIES_CONF REFERENCE: where an image would be asked for, with the files of the
 * user in $HOME. A line for each endpoint, in order: what would be said when it is not asked at
 * all, or "ask"; "insecure" or "secure"; the physical name. What fails as a whole is one line with
 * its message.
 */
#include "model/registries_conf.h"

#include <stdio.h>
#include <stdlib.h>

static int
endpoints (const char *file, const char *name, struct sp_endpoints *ret, sigpolicy_error **err)
{
  const struct sp_reader reader = { .home = secure_getenv ("HOME") };
  cleanup_reader_choice struct sp_reader_choice paths = { 0 };
  cleanup_registries_conf struct sp_registries_conf *conf = NULL;
  cleanup_reference struct sp_reference *bare = NULL, *reference = NULL;

  int rc = sp_reader_choose (&reader, SP_CONFIG_REGISTRIES_CONF, file, &paths, err);
  if (rc == 0)
    rc = sp_registries_conf_load (&reader, &paths, &conf, err);
  if (rc == 0)
    rc = sp_reference_parse (sp_view_str (name), &bare, err);
  if (rc == 0)
    rc = sp_reference_with_default_tag (bare, &reference, err);
  return rc < 0 ? rc : sp_registries_conf_endpoints (conf, reference, ret, err);
}

int
main (int argc, char **argv)
{
  cleanup_endpoints struct sp_endpoints found = { 0 };
  cleanup_error sigpolicy_error *err = NULL;

  if (argc != 3)
    return 2;
  if (endpoints (argv[1], argv[2], &found, &err) < 0)
    {
      printf ("%s\n", sigpolicy_error_message (err));
      return 1;
    }
  for (size_t i = 0; i < found.len; i++)
    {
      const struct sp_endpoint *it = &found.items[i];
      printf ("%s %s %s\n", it->refusal ? it->refusal : "ask", it->insecure ? "insecure" : "secure",
              it->reference->string);
    }
  return 0;
}
