/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/explanation_int.h"

#include "model/attachment_manifest.h"

/*
 * Where an image of a registry would be asked for, and its signatures: what registries.conf and
 * registries.d make of its name. Signatures are looked for where the manifest was found, first
 * those that the registry serves in a list of its own, or, where it does not say that it has one,
 * those of the lookaside; then attached ones.
 */

/* Of a name with a tag the digest is not known before its manifest is. */
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* text, which is made of a digest of zeros, with DIGEST in its place; or as it is. To free(). */
static char *
name_digest (char *text, bool known, sigpolicy_error **err)
{
  cleanup_free char *owned = text;
  const char *zeros = owned && !known ? strstr (owned, ZEROS) : NULL;

  return zeros ? sp_asprintf (err, "%.*sDIGEST%s", (int)(zeros - owned), owned,
                              zeros + strlen (ZEROS))
               : steal (&owned);
}

static int
find_location (struct sp_context *context, const struct sp_registries_d *configuration,
               const struct sp_reference *physical, struct sp_explained_location *location,
               sigpolicy_error **err)
{
  bool known = physical->digest;
  const char *digest = known ? physical->digest : "sha256:" ZEROS;

  int rc = sp_context_lookaside (context, physical, &location->lookaside,
                                 &location->lookaside_answer, err);
  if (rc == 0)
    rc = sp_registries_d_attachments (configuration, physical, &location->attachments,
                                      &location->attachments_answer, err);
  if (rc < 0)
    return rc;
  location->first
      = name_digest (sp_lookaside_show (location->lookaside, digest, 1, err), known, err);
  cleanup_free char *tag
      = location->first ? name_digest (sp_attachments_tag (digest, err), known, err) : NULL;
  location->attached = tag ? sp_asprintf (err, "%s:%s", physical->name, tag) : NULL;
  if (location->attached)
    location->index = sp_asprintf (
        err, "%.*s", (int)(strlen (location->attached) - strlen (".sig")), location->attached);
  return location->index ? 0 : sigpolicy_error_code (*err);
}

/* What is read as referrers is said of the name itself, whichever mirror is asked. */
static int
find_referrers (struct sp_context *context, const struct sp_registries_d *configuration,
                const struct sp_reference *reference, struct sp_explained_locations *ret,
                sigpolicy_error **err)
{
  ret->bundles = context->bundles;
  ret->referrers = context->referrers;
  int rc = 0;
  if (!context->bundles_are_set)
    rc = sp_registries_d_bundles (configuration, reference, &ret->bundles, &ret->bundles_answer,
                                  err);
  if (rc == 0 && !context->referrers_are_set)
    rc = sp_registries_d_referrers (configuration, reference, &ret->referrers,
                                    &ret->referrers_answer, err);
  return rc;
}

/* Of a docker name that has a tag or a digest. */
static int
find_endpoints (struct sp_context *context, const struct sp_reference *reference,
                struct sp_explained_locations *ret, sigpolicy_error **err)
{
  const struct sp_registries_conf *conf = NULL;
  const struct sp_registries_d *configuration = NULL;

  ret->secure = context->tls_verify == SP_TLS_VERIFY;
  ret->insecure = context->tls_verify == SP_TLS_DO_NOT_VERIFY;
  int rc = sp_context_registries_d (context, &configuration, err);
  if (rc == 0)
    rc = find_referrers (context, configuration, reference, ret, err);
  if (rc == 0)
    rc = sp_context_registries_conf (context, &conf, err);
  if (rc == 0)
    rc = sp_registries_conf_endpoints (conf, reference, &ret->endpoints, err);
  if (rc < 0)
    return rc;
  ret->registries_d = sp_registries_d_directory (configuration);
  ret->items = sp_calloc (ret->endpoints.len, sizeof *ret->items, err);
  if (!ret->items)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; rc == 0 && i < ret->endpoints.len; i++)
    rc = find_location (context, configuration, ret->endpoints.items[i].reference, &ret->items[i],
                        err);
  return rc;
}

int
sp_explained_locations_find (struct sp_context *context, const struct sp_image_name *image,
                             struct sp_explained_locations *ret, sigpolicy_error **err)
{
  if (image->transport == SP_TRANSPORT_OCI || image->transport == SP_TRANSPORT_OCI_ARCHIVE)
    {
      ret->bundles = context->bundles;
      ret->referrers = context->referrers;
    }
  if (image->transport != SP_TRANSPORT_DOCKER || sp_reference_is_name_only (image->reference))
    return 0;
  return find_endpoints (context, image->reference, ret, err);
}

void
sp_explained_locations_clear (struct sp_explained_locations *locations)
{
  for (size_t i = 0; locations->items && i < locations->endpoints.len; i++)
    {
      sp_lookaside_free (locations->items[i].lookaside);
      free (locations->items[i].first);
      free (locations->items[i].attached);
      free (locations->items[i].index);
    }
  free (locations->items);
  sp_endpoints_clear (&locations->endpoints);
  *locations = (struct sp_explained_locations){ 0 };
}
