/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

/* What a list of requirements asks, and whether a signature can ever meet it. */

/* One requirement of an item, and its node. */
struct one
{
  const struct sp_item *item;
  const struct sp_requirement *requirement;
  const struct sp_json_tree_node *node;
};

static struct sp_view
scope_of (const struct sp_item *item)
{
  return sp_view_n (item->scope->name, item->scope->name_len);
}

/* Only where the image gets as far as this: a scope that nothing has decides nothing. */
static enum sp_effect
rejects (const struct sp_item *item)
{
  return item->example ? SP_EFFECT_REJECTS : SP_EFFECT_NONE;
}

/* --- lists --------------------------------------------------------------------------------------
 */

/* A name that the one who edits the policy finds: it has no NUL in it. */
static bool
is_plain (const struct sp_item *item)
{
  return !item->transport
         || (strlen (item->scope->name) == item->scope->name_len
             && strlen (item->transport->name) == item->transport->name_len);
}

static void
check_list (struct sp_audit *audit, const struct sp_item *item)
{
  const struct sp_requirements *list = &item->scope->requirements;
  bool gpg = sp_has_type (list, SP_REQUIREMENT_SIGNED_BY);
  bool sigstore = sp_has_type (list, SP_REQUIREMENT_SIGSTORE_SIGNED);
  struct sp_where where = { .item = item };

  if (gpg && sigstore)
    sp_audit_find (audit, SP_RULE_REQ_AND_SURPRISE, &where,
                   "%s must have both a GPG signature and a sigstore signature",
                   sp_audit_example (audit, item));
  const char *rest
      = audit->policy_path && is_plain (item) && list->len > 1 ? sp_fix_list (audit, item) : NULL;
  const struct sp_fix change = { .kind = SP_FIX_LIST,
                                 .is_safe = true,
                                 .file = audit->policy_path,
                                 .transport = item->transport ? item->transport->name : NULL,
                                 .scope = item->transport ? item->scope->name : NULL,
                                 .value = rest };
  where.change = rest ? &change : NULL;
  const struct sp_json_tree_node *node = item->node->first;
  for (size_t i = 0; i < list->len && node; i++, node = node->next)
    {
      where.node = node;
      if (list->items[i].type == SP_REQUIREMENT_ACCEPT && (gpg || sigstore))
        sp_audit_find (audit, SP_RULE_REQ_ACCEPT_BESIDE_SIGNED, &where,
                       "%s still needs a signature: insecureAcceptAnything does not remove the "
                       "other requirement",
                       sp_audit_example (audit, item));
      if (list->items[i].type == SP_REQUIREMENT_REJECT && list->len > 1)
        {
          where.effect = rejects (item);
          sp_audit_find (audit, SP_RULE_REQ_REJECT_BESIDE_OTHERS, &where,
                         "%s is rejected, whatever it is signed with",
                         sp_audit_example (audit, item));
          where.effect = SP_EFFECT_NONE;
        }
      for (const struct sp_json_tree_node *before = item->node->first; before != node;
           before = before->next)
        if (sp_view_equal (before->source, node->source))
          {
            sp_audit_find (audit, SP_RULE_REQ_DUPLICATE, &where, "the requirement is there twice");
            break;
          }
    }
}

/* --- identities ---------------------------------------------------------------------------------
 */

static bool
needs_docker_name (const struct sp_identity *identity)
{
  return identity->type != SP_IDENTITY_EXACT_REFERENCE
         && identity->type != SP_IDENTITY_EXACT_REPOSITORY;
}

static bool
stores_no_signatures (enum sp_transport transport)
{
  return transport == SP_TRANSPORT_OCI || transport == SP_TRANSPORT_OCI_ARCHIVE
         || transport == SP_TRANSPORT_DOCKER_ARCHIVE || transport == SP_TRANSPORT_DOCKER_DAEMON
         || transport == SP_TRANSPORT_SIF || transport == SP_TRANSPORT_TARBALL;
}

static bool
has_no_docker_name (enum sp_transport transport)
{
  return transport == SP_TRANSPORT_DIR || transport == SP_TRANSPORT_OCI
         || transport == SP_TRANSPORT_OCI_ARCHIVE || transport == SP_TRANSPORT_SIF
         || transport == SP_TRANSPORT_TARBALL;
}

static bool
is_below (struct sp_view name, struct sp_view parent)
{
  return sp_view_starts (name, parent)
         && (name.len == parent.len || memchr ("/:@", name.data[parent.len], 3));
}

/* Everything of a registry, or of several: surely more than one repository. */
static bool
is_wide (const struct sp_item *item)
{
  struct sp_view scope = scope_of (item);
  return !item->transport
         || (item->known == SP_TRANSPORT_DOCKER
             && (!scope.len || sp_view_find (scope, '/') == SP_VIEW_NONE));
}

static void
check_exact (struct sp_audit *audit, const struct one *one, const struct sp_json_tree_node *node)
{
  const struct sp_identity *identity = &one->requirement->identity;
  struct sp_view written = sp_view_str (identity->configured);
  const struct sp_where where = { .item = one->item, .node = node };

  if (is_wide (one->item))
    sp_audit_find (
        audit, SP_RULE_ID_EXACT_REPO_ON_WIDE_SCOPE, &where,
        "under %s, and every other name in the scope, an image that was signed as %s is accepted",
        sp_audit_example (audit, one->item), SP_SHOW (audit, identity->configured));
  if (!is_below (written, sp_view_str (identity->reference->name)))
    {
      const char *fix
          = sp_audit_compose (audit, "write \"%s\", if that is meant", identity->reference->string);
      const struct sp_where short_name = { .item = one->item, .node = node, .fix = fix };
      sp_audit_find (audit, SP_RULE_ID_EXACT_SHORT_NAME, &short_name, "%s is read as %s",
                     SP_SHOW (audit, identity->configured), identity->reference->string);
    }
}

/* The prefix is the name of the example, or whole elements at its start. */
static bool
is_remapped (const struct sp_item *item, struct sp_view prefix)
{
  static const struct sp_view docker = SP_VIEW ("docker://");
  struct sp_view name = sp_view_str (item->example);

  if (!sp_view_starts (name, docker))
    return true; /* of what is not known nothing is said */
  name = sp_view_from (name, docker.len);
  size_t slash = sp_view_find_last (name, '/');
  size_t end = slash == SP_VIEW_NONE ? 0 : slash;
  end += strcspn (name.data + end, ":@");
  name = sp_view_head (name, end);
  return sp_view_starts (name, prefix) && (name.len == prefix.len || name.data[prefix.len] == '/');
}

static void
check_remap (struct sp_audit *audit, const struct one *one, const struct sp_json_tree_node *node)
{
  const struct sp_identity *identity = &one->requirement->identity;
  struct sp_view prefix = sp_view_str (identity->prefix), scope = scope_of (one->item);
  struct sp_view host = sp_view_head (prefix, sp_view_find (prefix, '/'));
  const struct sp_where where = { .item = one->item, .node = node };
  bool has_upper = false;

  for (size_t i = 0; i < host.len; i++)
    has_upper = has_upper || (host.data[i] >= 'A' && host.data[i] <= 'Z');
  bool has_host = has_upper || sp_view_find (host, '.') != SP_VIEW_NONE
                  || sp_view_find (host, ':') != SP_VIEW_NONE || sp_view_is (host, "localhost")
                  || sp_view_find (host, '_') != SP_VIEW_NONE;
  if (!has_host)
    sp_audit_find (audit, SP_RULE_ID_REMAP_SHORT_PREFIX, &where,
                   "no full name begins with \"%s\", so no name is mapped",
                   SP_SHOW (audit, identity->prefix));
  else if (one->item->transport && one->item->known == SP_TRANSPORT_DOCKER && scope.len
           && scope.data[0] != '*' && !is_remapped (one->item, prefix) && !is_below (prefix, scope))
    sp_audit_find (audit, SP_RULE_ID_REMAP_NOT_COVERING, &where,
                   "%s does not begin with \"%s\", so it is not mapped",
                   sp_audit_example (audit, one->item), SP_SHOW (audit, identity->prefix));
  struct sp_view signed_prefix = sp_view_str (identity->signed_prefix);
  if (has_host
      && !sp_view_equal (host, sp_view_head (signed_prefix, sp_view_find (signed_prefix, '/'))))
    sp_audit_find (audit, SP_RULE_ID_REMAP_OTHER_HOST, &where,
                   "%s is accepted if it is signed for %s, whoever put it there",
                   sp_audit_example (audit, one->item), SP_SHOW (audit, identity->signed_prefix));
  if (one->requirement->type == SP_REQUIREMENT_SIGSTORE_SIGNED)
    sp_audit_find (audit, SP_RULE_ID_REMAP_REPO_ONLY, &where,
                   "%s is rejected if cosign signed it, because cosign signs without a tag",
                   sp_audit_example (audit, one->item));
}

/* Is there any signed name that this identity accepts for the example? Those are tried that people
 * could mean, by the function that compares the names in signatures. */
static int
is_satisfiable (const struct one *one, const struct sp_reference *image, bool *ret,
                sigpolicy_error **err)
{
  const struct sp_identity *identity = &one->requirement->identity;
  cleanup_free char *remapped = NULL;
  int rc = 0;

  *ret = false;
  if (identity->type == SP_IDENTITY_REMAP
      && is_below (sp_view_str (image->string), sp_view_str (identity->prefix))
      && !(remapped = sp_asprintf (err, "%s%s", identity->signed_prefix,
                                   image->string + strlen (identity->prefix))))
    return SIGPOLICY_E_NO_MEMORY;
  const char *const candidates[] = { image->string, image->name, remapped,
                                     identity->reference ? identity->reference->string : NULL };
  for (size_t i = 0; rc == 0 && i < sizeof candidates / sizeof *candidates && !*ret; i++)
    if (candidates[i])
      rc = sp_identity_matches (identity, image, sp_view_str (candidates[i]), ret, NULL, err);
  return rc;
}

static int
check_satisfiable (struct sp_audit *audit, const struct one *one,
                   const struct sp_json_tree_node *node, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *error = NULL;
  cleanup_image_name struct sp_image_name *name = NULL;
  const struct sp_item *item = one->item;
  bool fits = true;

  if (!item->example || strncmp (item->example, "docker://", 9) != 0)
    return 0;
  int rc = sp_image_name_parse (sp_view_str (item->example), &name, &error);
  if (rc < 0)
    return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  if (name->reference)
    rc = is_satisfiable (one, name->reference, &fits, err);
  if (rc < 0 || fits)
    return rc;
  const struct sp_where where = { .item = item, .node = node, .effect = rejects (item) };
  sp_audit_find (audit, SP_RULE_ID_UNSATISFIABLE, &where, "no name in a signature matches %s",
                 sp_audit_example (audit, item));
  return 0;
}

static int
check_identity (struct sp_audit *audit, const struct one *one, sigpolicy_error **err)
{
  const struct sp_item *item = one->item;
  const struct sp_identity *identity = &one->requirement->identity;
  const struct sp_json_tree_node *own
      = sp_json_tree_member (one->node, sp_view_str ("signedIdentity"));
  const struct sp_json_tree_node *node = own ? own : one->node;
  bool sigstore = one->requirement->type == SP_REQUIREMENT_SIGSTORE_SIGNED;
  bool docker = !item->transport || item->known == SP_TRANSPORT_DOCKER;
  struct sp_where where = { .item = item, .node = node };

  if (item->transport && has_no_docker_name (item->known) && needs_docker_name (identity))
    {
      where.effect = rejects (item);
      sp_audit_find (audit, SP_RULE_ID_NEEDS_DOCKER_REF, &where,
                     "%s has no docker:// name, so %s%s rejects it", sp_audit_example (audit, item),
                     sp_identity_type_name (identity->type), own ? "" : ", the default,");
      return 0;
    }
  bool is_vendors = one->requirement->keys.len && sp_is_packaged_key (one->requirement->keys.items);
  if (sigstore && !own && docker && !is_vendors)
    sp_audit_find (audit, SP_RULE_ID_COSIGN_DEFAULT, &where,
                   "%s is rejected if cosign signed it, because cosign signs without a tag",
                   sp_audit_example (audit, item));
  if (identity->type == SP_IDENTITY_MATCH_EXACT && docker)
    sp_audit_find (
        audit, SP_RULE_ID_EXACT_WITH_DIGEST, &where,
        "%s is rejected when it is pulled by its digest, unless the signature names the digest",
        sp_audit_example (audit, item));
  if (identity->type == SP_IDENTITY_MATCH_REPOSITORY
      || identity->type == SP_IDENTITY_EXACT_REPOSITORY)
    sp_audit_find (
        audit, SP_RULE_ID_MATCH_REPOSITORY, &where,
        "%s can be any image that was ever signed for %s", sp_audit_example (audit, item),
        identity->type == SP_IDENTITY_MATCH_REPOSITORY ? "its repository"
                                                       : SP_SHOW (audit, identity->configured));
  if (!needs_docker_name (identity))
    check_exact (audit, one, node);
  if (identity->type == SP_IDENTITY_REMAP)
    check_remap (audit, one, node);
  return check_satisfiable (audit, one, node, err);
}

/* --- one requirement
 * ------------------------------------------------------------------------------ */

/* A key file twice in a list of them. */
static void
check_key_list (struct sp_audit *audit, const struct one *one)
{
  const struct sp_json_tree_node *list = sp_json_tree_member (one->node, sp_view_str ("keyPaths"));

  for (const struct sp_json_tree_node *node = list ? list->first : NULL; node; node = node->next)
    for (const struct sp_json_tree_node *before = list->first; before != node;
         before = before->next)
      if (sp_view_equal (before->string, node->string))
        {
          const struct sp_where where = { .item = one->item, .node = node };
          sp_audit_find (audit, SP_RULE_REQ_DUPLICATE, &where, "%s is there twice",
                         sp_audit_show (audit, sp_view_head (node->string, 512)));
          break;
        }
}

static int
check_requirement (struct sp_audit *audit, const struct one *one, sigpolicy_error **err)
{
  const struct sp_item *item = one->item;
  const struct sp_requirement *requirement = one->requirement;
  const struct sp_where where = { .item = item, .node = one->node, .effect = rejects (item) };

  if (requirement->type == SP_REQUIREMENT_SIGNED_BASE_LAYER)
    sp_audit_find (audit, SP_RULE_REQ_BASE_LAYER, &where,
                   "%s is rejected, because signedBaseLayer is not implemented",
                   sp_audit_example (audit, item));
  if (!sp_requirement_type_is_signed (requirement->type))
    return 0;
  if (requirement->type == SP_REQUIREMENT_SIGNED_BY && requirement->key_type != SP_KEY_TYPE_GPG)
    sp_audit_find (audit, SP_RULE_REQ_KEYTYPE_UNIMPLEMENTED, &where,
                   "%s is rejected, because the keyType %s is not implemented",
                   sp_audit_example (audit, item), sp_key_type_name (requirement->key_type));
  if (item->transport && stores_no_signatures (item->known))
    sp_audit_find (audit, SP_RULE_TRANSPORT_NEVER_SIGNED, &where,
                   "%s is rejected: %s cannot store signatures", sp_audit_example (audit, item),
                   sp_transport_name (item->known));
  const struct sp_json_tree_node *log
      = sp_json_tree_member (one->node, sp_view_str ("rekorPublicKeyPath"));
  if (log && !log->string.len)
    {
      const struct sp_where empty = { .item = item, .node = log };
      sp_audit_find (audit, SP_RULE_REKOR_PATH_EMPTY, &empty,
                     "the empty rekorPublicKeyPath has no effect: %s needs no log entry",
                     sp_audit_example (audit, item));
    }
  check_key_list (audit, one);
  return check_identity (audit, one, err);
}

int
sp_check_requirements (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < audit->n_items; i++)
    {
      const struct sp_item *item = &audit->items[i];
      /* What is never asked cannot be wrong in another way. */
      if (item->transport && (!item->transport->known || !item->is_reachable))
        continue;
      if (!item->transport && audit->is_default_ours)
        continue;
      check_list (audit, item);
      const struct sp_json_tree_node *node = item->node->first;
      for (size_t j = 0; rc == 0 && j < item->scope->requirements.len && node;
           j++, node = node->next)
        {
          const struct one one = { item, &item->scope->requirements.items[j], node };
          rc = check_requirement (audit, &one, err);
        }
    }
  return rc;
}
