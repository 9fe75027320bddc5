/* SPDX-License-Identifier: Apache-2.0 */

/* Any bytes as images.json of podman's storage. Every record that is taken is found again by its
 * ID and by its names, and the file of a key tells the key. */
#include "fuzz.h"

#include "reference/digest.h"
#include "sources/store.h"
#include "util/codec.h"
#include "util/limits.h"

#include <stdint.h>
#include <stdlib.h>

static void
check_key (struct sp_view key)
{
  struct sp_buf decoded = SP_BUF (1U << 20);
  sigpolicy_error *err = NULL;
  char *file = sp_store_file_name (key, &err);

  require (!file == !!err);
  if (file && file[0] == '=')
    {
      require (sp_base64_decode (sp_view_str (file + 1), &decoded, &err) == 0);
      require (sp_view_equal (sp_buf_view (&decoded), key));
    }
  else if (file)
    require (sp_view_is (key, file) && !strchr (file, '/'));
  sp_error_clear (&err);
  sp_buf_clear (&decoded);
  free (file);
}

static void
check_image (const struct sp_stored_images *images, const struct sp_stored_image *image)
{
  struct sp_view id = sp_view_str (image->id);
  sigpolicy_error *err = NULL;
  int64_t *sizes = NULL;
  size_t len = 0;

  require (sp_digest_is_hex64 (id) && sp_stored_images_by_id (images, id) == image);
  const struct sp_stored_image *first = sp_stored_images_by_prefix (images, sp_view_head (id, 3));
  require (!first || first == image);
  for (size_t i = 0; i < image->names.len; i++)
    {
      /* A later one may have taken it. */
      struct sp_view name = sp_view_str (image->names.items[i]);
      const struct sp_stored_image *has = sp_stored_images_by_name (images, name);
      require (has && has >= image);
      check_key (name);
    }
  for (size_t i = 0; i < image->digests.len; i++)
    require (sp_digest_check (sp_view_str (image->digests.items[i]), &err) == 0);
  for (size_t i = 0; i <= image->digests.len; i++)
    {
      const char *digest = i < image->digests.len ? image->digests.items[i] : NULL;
      int rc = sp_stored_image_signature_sizes (image, digest, &sizes, &len, &err);
      require ((rc == 0) == !err && (rc == 0 || !sizes));
      require (rc < 0 || !len || sizes);
      sp_error_clear (&err);
      free (sizes);
      sizes = NULL;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_stored_images *images = NULL;
  sigpolicy_error *err = NULL;

  cleanup_buf struct sp_buf text = SP_BUF (SP_STORE_BYTES_MAX);
  sp_buf_add (&text, sp_view_n ((const char *)data, size));
  int rc = sp_stored_images_parse (&text, &images, &err);
  require ((rc == 0) == !err && (rc == 0) == !!images);
  for (size_t i = 0; rc == 0 && i < images->len; i++)
    check_image (images, &images->items[i]);
  check_key (sp_view_n ((const char *)data, size < 256 ? size : 256));
  sp_stored_images_free (images);
  sp_error_clear (&err);
  return 0;
}
