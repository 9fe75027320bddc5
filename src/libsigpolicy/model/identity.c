/* SPDX-License-Identifier: Apache-2.0 */
#include "model/identity.h"

#include "model/policy_int.h"

#include "util/alloc.h"
#include "util/codec.h"

static const char *const type_names[] = {
  [SP_IDENTITY_MATCH_EXACT] = "matchExact",
  [SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT] = "matchRepoDigestOrExact",
  [SP_IDENTITY_MATCH_REPOSITORY] = "matchRepository",
  [SP_IDENTITY_EXACT_REFERENCE] = "exactReference",
  [SP_IDENTITY_EXACT_REPOSITORY] = "exactRepository",
  [SP_IDENTITY_REMAP] = "remapIdentity",
};
#define N_TYPES (sizeof type_names / sizeof *type_names)

const char *
sp_identity_type_name (enum sp_identity_type type)
{
  return type_names[type];
}

/* --- parsing
 * ------------------------------------------------------------------------------------------------------------
 */

static int
find_type (const struct sp_json *json, sp_json_node node, enum sp_identity_type *ret,
           sigpolicy_error **err)
{
  struct sp_view name = { "", 0 };
  size_t index = 0;

  int rc = sp_policy_read_type (json, node, &name, err);
  if (rc < 0)
    return rc;
  if (!sp_policy_find_word (name, type_names, N_TYPES, &index))
    return sp_policy_unknown_word (json, node, "Unknown policy reference match type", name,
                                   type_names, N_TYPES, err);
  *ret = (enum sp_identity_type)index;
  return 0;
}

/* dockerReference and dockerRepository: a reference, kept with its spelling. */
static int
parse_configured (const struct sp_json *json, sp_json_node node, const char *field,
                  bool needs_version, struct sp_identity *identity, sigpolicy_error **err)
{
  struct sp_view text = sp_json_string (json, node);
  cleanup_free char *quoted = sp_quote_dup (text, err);

  if (!quoted || !(identity->configured = sp_view_dup (text, err)))
    return SIGPOLICY_E_NO_MEMORY;
  if (sp_reference_parse (text, &identity->reference, err) < 0)
    {
      (void)sp_error_class (err, sp_policy_faults.code, sp_policy_faults.reason);
      (void)sp_error_prefix (err, "Invalid format of %s %s", field, quoted);
      return sp_json_error_at (json, node, err);
    }
  if (needs_version && sp_reference_is_name_only (identity->reference))
    return sp_json_error (json, node, err, sp_policy_faults.code, sp_policy_faults.reason,
                          "%s %s contains neither a tag nor digest", field, quoted);
  return 0;
}

static int
parse_prefix (const struct sp_json *json, sp_json_node node, const char *field, char **ret,
              sigpolicy_error **err)
{
  struct sp_view text = sp_json_string (json, node);

  if (!sp_reference_is_prefix (text))
    {
      cleanup_free char *quoted = sp_quote_dup (text, err);
      return quoted ? sp_json_error (json, node, err, sp_policy_faults.code,
                                     sp_policy_faults.reason, "%s %s is not valid", field, quoted)
                    : SIGPOLICY_E_NO_MEMORY;
    }
  *ret = sp_view_dup (text, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

int
sp_identity_parse (const struct sp_json *json, sp_json_node node, struct sp_identity *ret,
                   sigpolicy_error **err)
{
  SP_CLEANUP (sp_identity_clear) struct sp_identity identity = { 0 };
  sp_json_node first = node, second = node;
  struct sp_json_field table[] = {
    { .name = "type", .read = sp_policy_read_string },
    { .name = "prefix", .read = sp_policy_read_string, .node = &first },
    { .name = "signedPrefix", .read = sp_policy_read_string, .node = &second },
  };
  size_t n = 1;

  int rc = find_type (json, node, &identity.type, err);
  if (rc < 0)
    return rc;
  if (identity.type == SP_IDENTITY_EXACT_REFERENCE || identity.type == SP_IDENTITY_EXACT_REPOSITORY)
    {
      table[1].name
          = identity.type == SP_IDENTITY_EXACT_REFERENCE ? "dockerReference" : "dockerRepository";
      n = 2;
    }
  else if (identity.type == SP_IDENTITY_REMAP)
    n = 3;
  rc = sp_json_decode (json, node, table, n, SP_JSON_EXACT, &sp_policy_faults, err);
  if (rc == 0 && n == 2)
    rc = parse_configured (json, first, table[1].name, identity.type == SP_IDENTITY_EXACT_REFERENCE,
                           &identity, err);
  if (rc == 0 && n == 3)
    rc = parse_prefix (json, first, "prefix", &identity.prefix, err);
  if (rc == 0 && n == 3)
    rc = parse_prefix (json, second, "signedPrefix", &identity.signed_prefix, err);
  if (rc < 0)
    return rc;
  *ret = identity;
  identity = (struct sp_identity){ 0 };
  return 0;
}

void
sp_identity_clear (struct sp_identity *identity)
{
  sp_reference_free (identity->reference);
  free (identity->configured);
  free (identity->prefix);
  free (identity->signed_prefix);
  memset (identity, 0, sizeof *identity);
}

/* --- matching
 * -----------------------------------------------------------------------------------------------------------
 */

static bool
same_string (const struct sp_reference *a, const struct sp_reference *b)
{
  return strcmp (a->string, b->string) == 0;
}

static bool
same_repository (const struct sp_reference *a, const struct sp_reference *b)
{
  return strcmp (a->name, b->name) == 0;
}

static bool
matches_exactly (const struct sp_reference *image, const struct sp_reference *signed_ref)
{
  return image && !sp_reference_is_name_only (image) && !sp_reference_is_name_only (signed_ref)
         && same_string (image, signed_ref);
}

/* With a tag the whole must be equal; with a digest alone the repository: the digest itself is
 * compared elsewhere. */
static bool
matches_repo_digest_or_exact (const struct sp_reference *image,
                              const struct sp_reference *signed_ref)
{
  if (!image || sp_reference_is_name_only (signed_ref))
    return false;
  if (image->tag)
    return same_string (image, signed_ref);
  return image->digest && same_repository (image, signed_ref);
}

/* The image's name as its signer calls it; *ret is NULL when the rewritten name is none. */
static int
remap (const struct sp_identity *identity, const struct sp_reference *image,
       struct sp_reference **ret, sigpolicy_error **err)
{
  struct sp_view name = sp_view_str (image->name), prefix = sp_view_str (identity->prefix);
  cleanup_error sigpolicy_error *not_canonical = NULL;

  if (!sp_view_starts (name, prefix) || (name.len > prefix.len && name.data[prefix.len] != '/'))
    return sp_reference_parse (sp_view_str (image->string), ret, err);
  cleanup_free char *text
      = sp_asprintf (err, "%s%s", identity->signed_prefix, image->string + prefix.len);
  if (!text)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_reference_parse_canonical (sp_view_str (text), ret, &not_canonical);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* What a person would have to sign instead. */
static char *
expectation (const struct sp_identity *identity, const struct sp_reference *image,
             sigpolicy_error **err)
{
  const char *type = sp_identity_type_name (identity->type);

  switch (identity->type)
    {
    case SP_IDENTITY_EXACT_REFERENCE:
      return sp_asprintf (err, "%s needs \"%s\"", type, identity->reference->string);
    case SP_IDENTITY_EXACT_REPOSITORY:
      return sp_asprintf (err, "%s needs any tag of \"%s\"", type, identity->reference->name);
    case SP_IDENTITY_MATCH_EXACT:
    case SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT:
    case SP_IDENTITY_MATCH_REPOSITORY:
    case SP_IDENTITY_REMAP:
      break;
    }
  if (!image)
    return sp_asprintf (err, "%s needs an image with a docker name, and this one has none", type);
  bool whole = image->tag || identity->type == SP_IDENTITY_MATCH_EXACT;
  if (identity->type == SP_IDENTITY_MATCH_REPOSITORY)
    return sp_asprintf (err, "%s needs \"%s\" with any tag or none", type, image->name);
  return sp_asprintf (err, whole ? "%s needs \"%s\"" : "%s needs \"%s\" with any tag or digest",
                      type, whole ? image->string : image->name);
}

static int
expect (const struct sp_identity *identity, const struct sp_reference *image, char **ret,
        sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *remapped = NULL;

  if (identity->type == SP_IDENTITY_REMAP && image)
    {
      int rc = remap (identity, image, &remapped, err);
      if (rc < 0)
        return rc;
      if (!remapped)
        {
          *ret = sp_asprintf (err, "remapIdentity makes no valid name of \"%s\"", image->string);
          return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
        }
      image = remapped;
    }
  *ret = expectation (identity, image, err);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
match (const struct sp_identity *identity, const struct sp_reference *image,
       const struct sp_reference *signed_ref, bool *ret, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *remapped = NULL;
  int rc = 0;

  switch (identity->type)
    {
    case SP_IDENTITY_MATCH_EXACT:
      *ret = matches_exactly (image, signed_ref);
      break;
    case SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT:
      *ret = matches_repo_digest_or_exact (image, signed_ref);
      break;
    case SP_IDENTITY_MATCH_REPOSITORY:
      *ret = image && same_repository (image, signed_ref);
      break;
    case SP_IDENTITY_EXACT_REFERENCE:
      *ret = matches_exactly (identity->reference, signed_ref);
      break;
    case SP_IDENTITY_EXACT_REPOSITORY:
      *ret = same_repository (identity->reference, signed_ref);
      break;
    case SP_IDENTITY_REMAP:
      if (image)
        rc = remap (identity, image, &remapped, err);
      *ret = rc == 0 && remapped && matches_repo_digest_or_exact (remapped, signed_ref);
      break;
    }
  return rc;
}

int
sp_identity_matches (const struct sp_identity *identity, const struct sp_reference *image,
                     struct sp_view signed_reference, bool *ret_matches, char **ret_expected,
                     sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *signed_ref = NULL;
  cleanup_error sigpolicy_error *unparsable = NULL;
  bool matches = false;

  /* No default tag is added: a name that was signed without one says nothing about tags. */
  int rc = sp_reference_parse (signed_reference, &signed_ref, &unparsable);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (signed_ref)
    rc = match (identity, image, signed_ref, &matches, err);
  else
    rc = 0;
  if (rc == 0 && !matches && ret_expected)
    rc = expect (identity, image, ret_expected, err);
  if (rc < 0)
    return rc;
  *ret_matches = matches;
  return 0;
}
