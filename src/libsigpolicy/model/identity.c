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

/* --- parsing ---------------------------------------------------------------------------------- */

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
  if (!needs_version || !sp_reference_is_name_only (identity->reference))
    return 0;
  (void)sp_json_error (json, node, err, sp_policy_faults.code, sp_policy_faults.reason,
                       "%s %s contains neither a tag nor digest", field, quoted);
  return sp_error_hint (err, "add the tag, or allow every tag with exactRepository");
}

/* The established message calls either of the two "prefix". */
static int
parse_prefix (const struct sp_json *json, sp_json_node node, char **ret, sigpolicy_error **err)
{
  struct sp_view text = sp_json_string (json, node);

  if (!sp_reference_is_prefix (text))
    {
      cleanup_free char *quoted = sp_quote_dup (text, err);
      if (!quoted)
        return SIGPOLICY_E_NO_MEMORY;
      (void)sp_json_error (json, node, err, sp_policy_faults.code, sp_policy_faults.reason,
                           "prefix %s is not valid", quoted);
      return sp_error_hint (err, "it is a host name, or a host name and the first components of a "
                                 "repository: \"registry.example\", \"registry.example/ns\"");
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
  size_t n = 1, type = 0;

  int rc = sp_policy_read_type (json, node, "Unknown policy reference match type", type_names,
                                N_TYPES, &type, err);
  if (rc < 0)
    return rc;
  identity.type = (enum sp_identity_type)type;
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
    rc = parse_prefix (json, first, &identity.prefix, err);
  if (rc == 0 && n == 3)
    rc = parse_prefix (json, second, &identity.signed_prefix, err);
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

/* --- matching --------------------------------------------------------------------------------- */

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

/*
 * Does a signature's name fit the one that is needed: the image's, the remapped, or the configured?
 *
 * Where versions count, a name without tag and digest never fits. Then everything must be equal;
 * but for an image that is named by digest alone, its repository is enough to
 * matchRepoDigestOrExact: that the digest is the manifest's is found elsewhere.
 */
static bool
fits (enum sp_identity_type type, const struct sp_reference *needed,
      const struct sp_reference *signed_ref)
{
  bool versions = !sp_reference_is_name_only (needed) && !sp_reference_is_name_only (signed_ref);

  switch (type)
    {
    case SP_IDENTITY_MATCH_EXACT:
    case SP_IDENTITY_EXACT_REFERENCE:
      return versions && same_string (needed, signed_ref);
    case SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT:
    case SP_IDENTITY_REMAP:
      return versions
             && (needed->tag ? same_string (needed, signed_ref)
                             : same_repository (needed, signed_ref));
    case SP_IDENTITY_MATCH_REPOSITORY:
    case SP_IDENTITY_EXACT_REPOSITORY:
      return same_repository (needed, signed_ref);
    }
  return false;
}

/* What a person would have to sign instead. */
static char *
expectation (enum sp_identity_type type, const struct sp_reference *image,
             const struct sp_reference *needed, sigpolicy_error **err)
{
  const char *name = sp_identity_type_name (type);

  if (!needed && image)
    return sp_asprintf (err, "%s makes no valid name of \"%s\"", name, image->string);
  if (!needed)
    return sp_asprintf (err, "%s needs an image with a docker name, and this one has none", name);
  if (type == SP_IDENTITY_MATCH_REPOSITORY || type == SP_IDENTITY_EXACT_REPOSITORY)
    return sp_asprintf (err, "%s needs \"%s\" with any tag or none", name, needed->name);
  if (sp_reference_is_name_only (needed))
    return sp_asprintf (err, "%s needs an image name with a tag or digest, and \"%s\" has none",
                        name, needed->string);
  if (!needed->tag && type != SP_IDENTITY_MATCH_EXACT && type != SP_IDENTITY_EXACT_REFERENCE)
    return sp_asprintf (err, "%s needs \"%s\" with any tag or digest", name, needed->name);
  return sp_asprintf (err, "%s needs \"%s\"", name, needed->string);
}

/* The same, behind what is wrong with the signature's name by itself. */
static int
explain (enum sp_identity_type type, const struct sp_reference *image,
         const struct sp_reference *needed, struct sp_view signed_text,
         const struct sp_reference *signed_ref, char **ret, sigpolicy_error **err)
{
  cleanup_free char *expected = expectation (type, image, needed, err), *quoted = NULL;
  bool bare = type != SP_IDENTITY_MATCH_REPOSITORY && type != SP_IDENTITY_EXACT_REPOSITORY
              && signed_ref && sp_reference_is_name_only (signed_ref);

  if (expected && (bare || !signed_ref))
    {
      char *alone = steal (&expected);
      quoted = sp_quote_dup (signed_text, err);
      if (quoted)
        expected
            = sp_asprintf (err, "signed as %s, which %s; %s", quoted,
                           bare ? "has neither tag nor digest" : "is no docker reference", alone);
      free (alone);
    }
  if (!expected)
    return SIGPOLICY_E_NO_MEMORY;
  *ret = steal (&expected);
  return 0;
}

int
sp_identity_needed (const struct sp_identity *identity, const struct sp_reference *image,
                    struct sp_reference **ret, sigpolicy_error **err)
{
  const struct sp_reference *needed = identity->reference ? identity->reference : image;

  if (!needed)
    return 0;
  return identity->type == SP_IDENTITY_REMAP
             ? remap (identity, needed, ret, err)
             : sp_reference_parse (sp_view_str (needed->string), ret, err);
}

bool
sp_identity_needs_name (const struct sp_identity *identity)
{
  switch (identity->type)
    {
    case SP_IDENTITY_MATCH_REPOSITORY:
    case SP_IDENTITY_EXACT_REPOSITORY:
      return false;
    case SP_IDENTITY_MATCH_EXACT:
    case SP_IDENTITY_MATCH_REPO_DIGEST_OR_EXACT:
    case SP_IDENTITY_EXACT_REFERENCE:
    case SP_IDENTITY_REMAP:
      break;
    }
  return true;
}

int
sp_identity_matches (const struct sp_identity *identity, const struct sp_reference *image,
                     struct sp_view signed_reference, bool *ret_matches, char **ret_expected,
                     sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *signed_ref = NULL, *remapped = NULL;
  cleanup_error sigpolicy_error *unparsable = NULL;
  const struct sp_reference *needed = identity->reference ? identity->reference : image;
  int rc = 0;

  /* No default tag is added: a name that was signed without one says nothing about tags. */
  if (sp_reference_parse (signed_reference, &signed_ref, &unparsable) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  if (identity->type == SP_IDENTITY_REMAP && image)
    {
      rc = remap (identity, image, &remapped, err);
      needed = remapped;
    }
  if (rc < 0)
    return rc;
  bool matches = needed && signed_ref && fits (identity->type, needed, signed_ref);
  if (!matches && ret_expected)
    rc = explain (identity->type, image, needed, signed_reference, signed_ref, ret_expected, err);
  if (rc < 0)
    return rc;
  *ret_matches = matches;
  return 0;
}
