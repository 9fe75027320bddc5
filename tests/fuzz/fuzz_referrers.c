/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as an index of what refers to an image. What is found has a digest, is within its
 * ceiling, and can be said in printable words. */
#include "fuzz.h"

#include "model/attachment.h"
#include "model/referrers.h"
#include "reference/digest.h"
#include "util/limits.h"

#include <stdint.h>
#include <stdlib.h>

#define IMAGE "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
check (const struct sp_referrer *referrer)
{
  sigpolicy_error *err = NULL;

  require (sp_digest_check (sp_view_str (referrer->digest), &err) == 0);
  char *words = sp_attachment_describe (sp_view_str (referrer->type), &err);
  require (words);
  for (const char *at = words; *at; at++)
    require (*at >= ' ' && *at <= '~');
  free (words);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_referrers referrers = { 0 };
  sigpolicy_error *err = NULL;

  int rc = sp_referrers_parse (sp_view_n ((const char *)data, size), &referrers, &err);
  require ((rc == 0) == !err);
  require (rc == 0 || (rc == SIGPOLICY_E_REJECTED && !referrers.len));
  if (sp_referrers_add (&referrers, sp_view_str (IMAGE), sp_view_str (""), sp_view_str (""), &err)
      == 0)
    require (sp_referrer_read_manifest (&referrers.items[referrers.len - 1],
                                        sp_view_n ((const char *)data, size), IMAGE, &err)
             == 0);
  require (referrers.len <= SP_REFERRERS_MAX + 1);
  for (size_t i = 0; i < referrers.len; i++)
    check (&referrers.items[i]);
  sp_referrers_clear (&referrers);
  sigpolicy_error_free (err);
  return 0;
}
