/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* An accepted policy answers for every image with a scope that requires something; with a second
 * "default" it is refused. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const images[]
      = { "docker://busybox", "docker://quay.io/ns/app:v1", "dir:/", "docker-daemon:busybox:1",
          "containers-storage:[vfs@/g]busybox" };
  cleanup_policy struct sp_policy *policy = NULL, *doubled = NULL;
  cleanup_error sigpolicy_error *err = NULL, *refused = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (1 << 22);
  struct sp_view whole = { (const char *)data, size };

  if (sp_policy_parse (whole, NULL, &policy, &err) < 0)
    {
      if (policy || !err || sigpolicy_error_code (err) >= 0)
        __builtin_trap ();
      return 0;
    }
  for (size_t i = 0; i < sizeof images / sizeof *images; i++)
    {
      cleanup_image_name struct sp_image_name *image = NULL;
      if (sp_image_name_parse (sp_view_str (images[i]), &image, &err) < 0)
        __builtin_trap ();
      struct sp_policy_match match = sp_policy_lookup (policy, image);
      if (!match.scope || !match.scope->requirements.len)
        __builtin_trap ();
    }
  size_t brace = sp_view_find (whole, '{');
  sp_buf_add (&text, sp_view_head (whole, brace + 1));
  sp_buf_str (&text, "\"default\":[{\"type\":\"insecureAcceptAnything\"}],");
  sp_buf_add (&text, sp_view_from (whole, brace + 1));
  if (!text.failed && sp_policy_parse (sp_buf_view (&text), NULL, &doubled, &refused) == 0)
    __builtin_trap ();
  return 0;
}
