/* SPDX-License-Identifier: Apache-2.0 */
#include "model/referrers.h"

#include "json/json.h"
#include "model/manifest_int.h"
#include "util/limits.h"

static const struct sp_manifest_field descriptor[] = {
  { "digest", SP_MANIFEST_TEXT, NULL },
  { "artifactType", SP_MANIFEST_TEXT, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field index_fields[] = {
  { "manifests", SP_MANIFEST_OBJECTS, descriptor },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

void
sp_referrers_clear (struct sp_referrers *referrers)
{
  for (size_t i = 0; i < referrers->len; i++)
    {
      free (referrers->items[i].digest);
      free (referrers->items[i].type);
    }
  free (referrers->items);
  *referrers = (struct sp_referrers){ 0 };
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
  rc = sp_grow (&referrers->items, &referrers->capacity, referrers->len, sizeof *referrers->items,
                err);
  if (rc < 0)
    return rc;
  struct sp_referrer *referrer = &referrers->items[referrers->len++];
  referrer->digest = sp_view_dup (digest, err);
  referrer->type = referrer->digest ? sp_view_dup (type, err) : NULL;
  return referrer->type ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_referrers_parse (struct sp_view text, struct sp_referrers *ret, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_referrers struct sp_referrers referrers = { 0 };
  sp_json_node manifests;

  int rc = sp_json_parse (text, SP_MANIFEST_DEPTH_MAX, &json, err);
  if (rc == 0)
    rc = sp_manifest_check (json, SP_JSON_ROOT, index_fields, err);
  if (rc < 0)
    return sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  if (sp_json_find_folded (json, SP_JSON_ROOT, "manifests", &manifests))
    {
      struct sp_json_iter it = sp_json_iter (json, manifests);
      while (rc == 0 && referrers.len < SP_SIGNATURES_MAX && sp_json_next (&it))
        rc = add (json, it.value, &referrers, err);
    }
  if (rc < 0)
    return rc;
  *ret = referrers;
  referrers = (struct sp_referrers){ 0 };
  return 0;
}
