/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is chosen from an index has a digest, and is the same whatever stands behind the index. The
 * type of an entry is found by its digest.
 */
#include "fuzz.h"

#include "model/oci_layout.h"
#include "util/alloc.h"
#include "util/limits.h"

static struct sp_oci_layout *
parse (const uint8_t *data, size_t size, const char *behind)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_buf struct sp_buf text = SP_BUF (SP_MANIFEST_BYTES_MAX);
  struct sp_oci_layout *layout = NULL;

  sp_buf_add (&text, sp_view_n ((const char *)data, size));
  sp_buf_str (&text, behind);
  if (sp_oci_layout_parse (&text, &layout, &err) < 0)
    require (!layout && sigpolicy_error_message (err)[0]);
  return layout;
}

static char *
choose (const struct sp_oci_layout *layout, const char *selector)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *mime = NULL, *again = NULL, *blob = NULL;
  char *digest = NULL;

  if (sp_oci_layout_choose (layout, selector, &digest, &mime, &err) < 0)
    {
      require (!digest && !mime && sigpolicy_error_message (err)[0]);
      return NULL;
    }
  require (sp_digest_check (sp_view_str (digest), &err) == 0);
  require (sp_oci_layout_mime (layout, digest, &again, &err) == 0);
  require (selector || (mime && again ? strcmp (mime, again) == 0 : mime == again));
  blob = sp_oci_layout_blob (digest, &err);
  require (blob && !strstr (blob, "..") && strncmp (blob, "blobs/sha", 9) == 0);
  return digest;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const selectors[] = { NULL, "@0", "@1", "one" };
  cleanup_oci_layout struct sp_oci_layout *layout = parse (data, size, "");
  cleanup_oci_layout struct sp_oci_layout *longer = layout ? parse (data, size, " }[\"") : NULL;

  for (size_t i = 0; longer && i < sizeof selectors / sizeof *selectors; i++)
    {
      cleanup_free char *digest = choose (layout, selectors[i]);
      cleanup_free char *again = choose (longer, selectors[i]);
      require (digest && again ? strcmp (digest, again) == 0 : digest == again);
    }
  return 0;
}
