/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/storage.h"

#include "util/limits.h"

static const struct sp_view prefix = SP_VIEW ("containers-storage:");

bool
sp_storage_is (const char *text)
{
  return sp_view_starts (sp_view_str (text), prefix);
}

/* Opens the store that a name says; ret_rest is what stands behind it. */
static int
open_store (struct sp_context *context, const char *text, struct sp_store **ret,
            struct sp_view *ret_rest, sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_name_clear) struct sp_store_name said = { 0 };

  *ret_rest = sp_view_from (sp_view_str (text), prefix.len);
  if (strlen (text) > SP_REFERENCE_BYTES_MAX)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_LIMIT,
                         "an image name has at most %lu bytes", SP_REFERENCE_BYTES_MAX);
  int rc = sp_store_name_parse (ret_rest, &said, err);
  return rc < 0 ? rc : sp_context_store (context, &said, ret, err);
}

int
sp_storage_gather (struct sp_context *context, const char *text, struct sp_evidence *evidence,
                   struct sp_image_name **ret, sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_image_clear) struct sp_store_image image = { 0 };
  struct sp_platform platform = sp_context_platform (context);
  struct sp_store *store = NULL;
  struct sp_view rest;

  int rc = open_store (context, text, &store, &rest, err);
  if (rc == 0)
    rc = sp_store_resolve (store, rest, &platform, &image, ret, err);
  return rc < 0 ? rc
                : sp_evidence_set_storage (evidence, store, &image, (*ret)->text, &platform, err);
}

int
sp_storage_name_as (struct sp_context *context, const char *text, const struct sp_image_name *found,
                    const char *name, struct sp_image_name **ret, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *bare = NULL, *reference = NULL;
  struct sp_view id = sp_view_str (strrchr (found->text, '@') + 1);
  struct sp_store *store = NULL;
  struct sp_view rest;

  int rc = open_store (context, text, &store, &rest, err);
  if (rc == 0)
    rc = sp_reference_parse (sp_view_str (name), &bare, err);
  if (rc == 0)
    rc = sp_reference_with_default_tag (bare, &reference, err);
  return rc < 0 ? rc : sp_image_name_in_store (&store->location.name, reference, id, ret, err);
}

/* As far as it can be told without the image. */
static int
name_absent (const struct sp_store *store, struct sp_view rest, struct sp_image_name **ret,
             sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;
  struct sp_view id;

  int rc = sp_store_name_take_id (&rest, &id, err);
  if (rc == 0 && rest.len)
    rc = sp_reference_parse (rest, &reference, err);
  return rc < 0
             ? rc
             : sp_image_name_in_store (&store->location.name, reference,
                                       sp_digest_is_hex64 (id) ? id : sp_view_n ("", 0), ret, err);
}

int
sp_storage_name (struct sp_context *context, const char *text, const struct sp_store **ret_store,
                 struct sp_image_name **ret, struct sp_strv *warnings, sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_image_clear) struct sp_store_image image = { 0 };
  cleanup_error sigpolicy_error *why = NULL;
  struct sp_platform platform = sp_context_platform (context);
  struct sp_store *store = NULL;
  struct sp_view rest;

  int rc = open_store (context, text, &store, &rest, err);
  if (rc < 0)
    return rc;
  *ret_store = store;
  rc = sp_store_resolve (store, rest, &platform, &image, ret, &why);
  if (rc != SIGPOLICY_E_NOT_FOUND)
    return rc < 0 ? sp_error_copy (why, err) : 0;
  rc = name_absent (store, rest, ret, err);
  return rc < 0
             ? rc
             : sp_strv_take (
                 warnings,
                 sp_asprintf (
                     err, "%s: scopes with the ID of the image, which come first, cannot be shown",
                     sigpolicy_error_message (why)),
                 err);
}
