/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store.h"

#include "model/manifest.h"
#include "util/buf.h"
#include "util/limits.h"

/*
 * Which image a name in a store means, as the containers image library resolves it: an ID, also a
 * shortened one; a name that an image has to the letter; or the digest of a manifest that an image
 * has, if that has the name under any tag or digest.
 */

#define SHORTEST_ID 3

static bool
is_shadowed (const struct sp_store *store, size_t root, const struct sp_stored_image *image)
{
  /* An image of another store that has a record in the first, too, is what that says. */
  return root && sp_stored_images_by_id (store->images[0], sp_view_str (image->id));
}

/* In place of what *ret has. */
static void
take (struct sp_stored_images *images, const struct sp_stored_image *record, size_t root,
      struct sp_store_image *ret)
{
  struct sp_stored_images *reference = sp_stored_images_ref (images);
  sp_store_image_clear (ret);
  *ret = (struct sp_store_image){ reference, record, root };
}

typedef const struct sp_stored_image *lookup_function (const struct sp_stored_images *images,
                                                       struct sp_view key);

static bool
find (const struct sp_store *store, lookup_function *lookup, struct sp_view key,
      struct sp_store_image *ret)
{
  for (size_t i = 0; i < store->location.roots.len; i++)
    {
      const struct sp_stored_image *image = lookup (store->images[i], key);
      if (image && !is_shadowed (store, i, image))
        {
          take (store->images[i], image, i, ret);
          return true;
        }
    }
  return false;
}

static bool
find_id (const struct sp_store *store, struct sp_view id, struct sp_store_image *ret)
{
  return id.len >= SHORTEST_ID
         && find (store, id.len == 64 ? sp_stored_images_by_id : sp_stored_images_by_prefix, id,
                  ret);
}

/* Has the image this repository's name, with whatever tag or digest? */
static int
matches_repository (const struct sp_stored_image *image, const struct sp_reference *reference,
                    bool *ret, sigpolicy_error **err)
{
  *ret = false;
  for (size_t i = 0; i < image->names.len && !*ret; i++)
    {
      cleanup_reference struct sp_reference *name = NULL;
      cleanup_error sigpolicy_error *no_name = NULL;
      int rc = sp_reference_parse (sp_view_str (image->names.items[i]), &name, &no_name);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      *ret = rc == 0 && strcmp (name->name, reference->name) == 0;
    }
  return 0;
}

/* The data under "manifest-DIGEST"; *ret is false where there is none that can be read. */
static int
read_manifest (struct sp_store *store, struct sp_store_image *image, const char *digest,
               struct sp_buf *manifest, bool *ret, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *absent = NULL;
  cleanup_free char *key = sp_asprintf (err, "manifest-%s", digest);
  int rc = key ? sp_store_read_data (store, image, sp_view_str (key), manifest, &absent)
               : SIGPOLICY_E_NO_MEMORY;
  *ret = rc == 0;
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* Is the digest that of a list, and is the instance that this platform would choose stored with the
 * image? */
static int
is_for_platform (struct sp_store *store, struct sp_store_image *image, const char *digest,
                 const struct sp_platform *platform, bool *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf list = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_buf struct sp_buf instance = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_error sigpolicy_error *none = NULL;
  cleanup_free char *mime = NULL, *chosen = NULL;
  bool there = false;

  *ret = false;
  int rc = read_manifest (store, image, digest, &list, &there, err);
  if (rc < 0 || !there)
    return rc;
  rc = sp_manifest_guess (sp_buf_view (&list), &mime, &none);
  if (rc == 0 && sp_manifest_is_list (mime))
    rc = sp_manifest_choose (sp_buf_view (&list), mime, platform, &chosen, &none);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  return chosen ? read_manifest (store, image, chosen, &instance, ret, err) : 0;
}

static bool
has_digest (const struct sp_stored_image *image, const char *digest)
{
  for (size_t i = 0; i < image->digests.len; i++)
    if (strcmp (image->digests.items[i], digest) == 0)
      return true;
  return false;
}

/* The first of several, unless a later one fits the platform better. */
static int
find_digest (struct sp_store *store, const struct sp_reference *reference,
             const struct sp_platform *platform, struct sp_store_image *ret, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t root = 0; rc == 0 && root < store->location.roots.len; root++)
    {
      /* Reading may bring newer records in their place. */
      cleanup_stored_images struct sp_stored_images *images
          = sp_stored_images_ref (store->images[root]);
      for (size_t i = 0; rc == 0 && i < images->len; i++)
        {
          SP_CLEANUP (sp_store_image_clear) struct sp_store_image here = { 0 };
          bool fits = false;
          if (!has_digest (&images->items[i], reference->digest))
            continue;
          take (images, &images->items[i], root, &here);
          rc = matches_repository (here.record, reference, &fits, err);
          if (rc == 0 && fits && ret->record)
            rc = is_for_platform (store, &here, reference->digest, platform, &fits, err);
          if (rc == 0 && fits)
            take (here.images, here.record, root, ret);
        }
    }
  return rc;
}

static int
not_found (const struct sp_store *store, const struct sp_reference *reference, struct sp_view id,
           sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *name = NULL;
  int rc = sp_image_name_in_store (&store->location.name, reference, id, &name, err);
  return rc < 0 ? rc
                : sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                                "reference \"%s\" does not resolve to an image ID",
                                name->text + strlen ("containers-storage:"));
}

/* The ID and the name that a text has, each of which may be missing. */
static int
split (struct sp_store *store, struct sp_view rest, struct sp_reference **ret_reference,
       struct sp_store_image *ret, struct sp_view *ret_id, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *bare = NULL;
  struct sp_view name = rest;

  int rc = sp_store_name_take_id (&name, ret_id, err);
  if (rc < 0)
    return rc;
  if (ret_id->len && !find_id (store, *ret_id, ret) && !sp_digest_is_hex64 (*ret_id))
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "\"%.*s\" does not look like an image ID or digest, and no image here has "
                         "an ID that begins so",
                         (int)ret_id->len, ret_id->data);
  if (!ret_id->len && sp_view_find (name, ':') == SP_VIEW_NONE
      && sp_view_find (name, '@') == SP_VIEW_NONE && find_id (store, name, ret))
    {
      *ret_id = name;
      return 0;
    }
  if (!name.len && !ret_id->len)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "invalid reference");
  if (!name.len)
    return 0;
  rc = sp_reference_parse (name, &bare, err);
  return rc < 0 ? rc : sp_reference_with_default_tag (bare, ret_reference, err);
}

int
sp_store_resolve (struct sp_store *store, struct sp_view rest, const struct sp_platform *platform,
                  struct sp_store_image *ret_image, struct sp_image_name **ret_name,
                  sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  SP_CLEANUP (sp_store_image_clear) struct sp_store_image image = { 0 };
  struct sp_view id = { "", 0 };
  bool named = true;

  int rc = sp_store_refresh (store, err);
  if (rc == 0)
    rc = split (store, rest, &reference, &image, &id, err);
  if (rc == 0 && !id.len
      && !find (store, sp_stored_images_by_name, sp_view_str (reference->string), &image)
      && reference->digest)
    rc = find_digest (store, reference, platform, &image, err);
  if (rc == 0 && image.record && reference)
    rc = matches_repository (image.record, reference, &named, err);
  if (rc < 0)
    return rc;
  if (!image.record || !named)
    return not_found (store, reference, id, err);
  rc = sp_image_name_in_store (&store->location.name, reference, sp_view_str (image.record->id),
                               ret_name, err);
  if (rc < 0)
    return rc;
  *ret_image = image;
  image = (struct sp_store_image){ 0 };
  return 0;
}
