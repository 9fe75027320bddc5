/* SPDX-License-Identifier: Apache-2.0 */
#include "model/referrers.h"

#include "json/json.h"
#include "model/manifest_int.h"
#include "util/limits.h"

#define EMPTY_TYPE    "application/vnd.oci.empty.v1+json"
#define CONFIG_TYPE   "application/vnd.oci.image.config.v1+json"
#define PREDICATE_KEY "dev.sigstore.bundle.predicateType"

static const struct sp_manifest_field descriptor[] = {
  { "digest", SP_MANIFEST_TEXT, NULL },       { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "artifactType", SP_MANIFEST_TEXT, NULL }, { "annotations", SP_MANIFEST_TEXT_MAP, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field index_fields[] = {
  { "manifests", SP_MANIFEST_OBJECTS, descriptor },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field manifest_fields[] = {
  { "artifactType", SP_MANIFEST_TEXT, NULL },    { "config", SP_MANIFEST_OBJECT, descriptor },
  { "layers", SP_MANIFEST_OBJECTS, descriptor }, { "subject", SP_MANIFEST_OBJECT, descriptor },
  { "annotations", SP_MANIFEST_TEXT_MAP, NULL }, { NULL, SP_MANIFEST_TEXT, NULL },
};

static void
referrer_clear (struct sp_referrer *referrer)
{
  free (referrer->digest);
  free (referrer->type);
  free (referrer->predicate);
}

void
sp_referrers_clear (struct sp_referrers *referrers)
{
  for (size_t i = 0; i < referrers->len; i++)
    referrer_clear (&referrers->items[i]);
  free (referrers->items);
  *referrers = (struct sp_referrers){ 0 };
}

int
sp_referrers_add (struct sp_referrers *referrers, struct sp_view digest, struct sp_view type,
                  struct sp_view predicate, sigpolicy_error **err)
{
  int rc = sp_grow (&referrers->items, &referrers->capacity, referrers->len,
                    sizeof *referrers->items, err);
  if (rc < 0)
    return rc;
  struct sp_referrer *referrer = &referrers->items[referrers->len++];
  *referrer = (struct sp_referrer){ .known = sp_attachment_of_bundle (type, predicate) };
  referrer->digest = sp_view_dup (digest, err);
  referrer->type = referrer->digest ? sp_view_dup (type, err) : NULL;
  referrer->predicate = referrer->type ? sp_view_dup (predicate, err) : NULL;
  return referrer->predicate ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* --- the index -------------------------------------------------------------------------------- */

static struct sp_view
predicate_of (const struct sp_json *json, sp_json_node object)
{
  sp_json_node annotations, value;
  return sp_json_find_folded (json, object, "annotations", &annotations)
                 && sp_json_find (json, annotations, PREDICATE_KEY, &value)
             ? sp_json_string (json, value)
             : sp_view_str ("");
}

/* One entry; what has no digest cannot be found anyway. */
static int
add (const struct sp_json *json, sp_json_node entry, struct sp_referrers *referrers,
     sigpolicy_error **err)
{
  struct sp_view digest = sp_view_str (""), type = sp_view_str ("");
  cleanup_error sigpolicy_error *no_digest = NULL;

  (void)sp_manifest_text (json, entry, "digest", &digest);
  (void)sp_manifest_text (json, entry, "artifactType", &type);
  int rc = sp_digest_check (digest, &no_digest);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  return sp_referrers_add (referrers, digest, type, predicate_of (json, entry), err);
}

int
sp_referrers_parse (struct sp_view text, struct sp_referrers *referrers, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  sp_json_node manifests;

  int rc = sp_json_parse (text, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = sp_manifest_check (json, SP_JSON_ROOT, index_fields, err);
  if (rc < 0)
    return sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  if (sp_json_find_folded (json, SP_JSON_ROOT, "manifests", &manifests))
    {
      struct sp_json_iter it = sp_json_iter (json, manifests);
      while (rc == 0 && !referrers->more && sp_json_next (&it))
        if (referrers->len < SP_REFERRERS_MAX)
          rc = add (json, it.value, referrers, err);
        else
          referrers->more = true;
    }
  return rc;
}

/* --- its own manifest ------------------------------------------------------------------------- */

/* Types that say nothing. */
static bool
is_empty (struct sp_view type)
{
  return !type.len || sp_view_is (type, EMPTY_TYPE) || sp_view_is (type, CONFIG_TYPE);
}

bool
sp_referrer_is_vague (const struct sp_referrer *referrer)
{
  return !referrer->known
         || (referrer->known->kind == SP_ATTACHMENT_BUNDLE && !*referrer->predicate);
}

bool
sp_referrer_is_silent (const struct sp_referrer *referrer)
{
  return is_empty (sp_view_str (referrer->type));
}

static struct sp_view
type_of (const struct sp_json *json)
{
  struct sp_view type = SP_VIEW ("");
  sp_json_node node;

  (void)sp_manifest_text (json, SP_JSON_ROOT, "artifactType", &type);
  if (is_empty (type) && sp_json_find_folded (json, SP_JSON_ROOT, "config", &node))
    (void)sp_manifest_text (json, node, "mediaType", &type);
  if (is_empty (type) && sp_json_find_folded (json, SP_JSON_ROOT, "layers", &node))
    {
      struct sp_json_iter it = sp_json_iter (json, node);
      if (sp_json_next (&it))
        (void)sp_manifest_text (json, it.value, "mediaType", &type);
    }
  return type;
}

static bool
refers_to (const struct sp_json *json, const char *image)
{
  struct sp_view digest = SP_VIEW ("");
  sp_json_node subject;
  return sp_json_find_folded (json, SP_JSON_ROOT, "subject", &subject)
         && sp_manifest_text (json, subject, "digest", &digest) && sp_view_is (digest, image);
}

int
sp_referrer_read_manifest (struct sp_referrer *referrer, struct sp_view manifest, const char *image,
                           sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *fault = NULL;

  referrer->known = NULL;
  int rc = sp_json_parse (manifest, SP_MANIFEST_DEPTH_MAX, &json, &fault);
  if (rc == 0)
    rc = sp_manifest_check (json, SP_JSON_ROOT, manifest_fields, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (rc < 0 || !refers_to (json, image))
    return 0;
  char *type = sp_view_dup (type_of (json), err);
  char *predicate = type ? sp_view_dup (predicate_of (json, SP_JSON_ROOT), err) : NULL;
  if (!predicate)
    {
      free (type);
      return SIGPOLICY_E_NO_MEMORY;
    }
  free (referrer->type);
  free (referrer->predicate);
  referrer->type = type;
  referrer->predicate = predicate;
  referrer->known = sp_attachment_of_bundle (sp_view_str (type), sp_view_str (predicate));
  return 0;
}
