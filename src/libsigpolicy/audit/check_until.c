/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "ask/judge.h"

/*
 * What stops verifying between now and a day: keys, scopes whose requirements no signature can meet
 * any more, and images of podman's storage, which are judged as of both times.
 */

/* Of several keys or certificates, any of which will do. */
struct life
{
  bool is_any;  /* one of them is good now */
  bool goes_on; /* one of them is good on that day, too */
  sp_time last; /* when the last one ends, where none goes on */
};

static void
add_end (const struct sp_audit *audit, struct life *life, sp_time end)
{
  if (end && end <= audit->now)
    return;
  life->is_any = true;
  if (!end || end > audit->options->until)
    life->goes_on = true;
  else if (end > life->last)
    life->last = end;
}

static sp_time
end_of_key (const struct sp_primary_key *primary)
{
  bool is_revoked = false;
  sp_time last = sp_audit_last_day (primary, &is_revoked);
  return is_revoked || last < 0 ? 1 : last;
}

static int
add_source (struct sp_audit *audit, const struct sp_key_source *source, enum sp_key_use use,
            struct life *life, sigpolicy_error **err)
{
  const struct sp_audit_key *key = sp_audit_key_of (audit, source, use);
  cleanup_certificates struct sp_certificates list = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;

  if (!key || key->errnum)
    return 0;
  for (size_t i = 0; i < key->facts.len; i++)
    add_end (audit, life, end_of_key (&key->facts.items[i]));
  if (use == SP_KEY_USE_GPG)
    return 0;
  if (sp_certificates_scan (key->bytes, &list, &fault) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  for (size_t i = 0; i < list.len; i++)
    add_end (audit, life, list.items[i]->not_after + 1);
  return 0;
}

/* When a requirement can be satisfied no more; 0: not by that day, or not even now. */
static int
end_of_requirement (struct sp_audit *audit, const struct sp_requirement *requirement, sp_time *ret,
                    sigpolicy_error **err)
{
  bool gpg
      = requirement->type == SP_REQUIREMENT_SIGNED_BY && requirement->key_type == SP_KEY_TYPE_GPG;
  const struct sp_key_sources *sources = gpg                ? &requirement->keys
                                         : requirement->pki ? &requirement->pki->roots
                                                            : NULL;
  struct life life = { 0 };
  int rc = 0;

  for (size_t i = 0; rc == 0 && sources && i < sources->len; i++)
    rc = add_source (audit, &sources->items[i], gpg ? SP_KEY_USE_GPG : SP_KEY_USE_ROOTS, &life,
                     err);
  *ret = life.is_any && !life.goes_on ? life.last : 0;
  return rc;
}

static int
check_scope (struct sp_audit *audit, const struct sp_item *item, sigpolicy_error **err)
{
  const struct sp_requirements *list = &item->scope->requirements;
  const struct sp_requirement *first = NULL;
  const struct sp_json_tree_node *node = item->node ? item->node->first : NULL, *at = NULL;
  sp_time end = 0;
  char room[SP_TIME_TEXT_SIZE];

  if (sp_requirements_always_reject (list))
    return 0;
  for (size_t i = 0; i < list->len && node; i++, node = node->next)
    {
      sp_time one = 0;
      int rc = end_of_requirement (audit, &list->items[i], &one, err);
      if (rc < 0)
        return rc;
      if (one && (!end || one < end))
        {
          end = one;
          first = &list->items[i];
          at = node;
        }
    }
  if (!first)
    return 0;
  const struct sp_where where = { .item = item, .node = at, .effect = SP_EFFECT_REJECTS };
  sp_audit_find (audit, SP_RULE_UNTIL_SCOPE_STOPS, &where,
                 "no signature for %s is accepted from %s on, when the last %s expires",
                 sp_audit_example (audit, item), sp_audit_day (end, room),
                 first->pki ? "root certificate" : "key");
  return 0;
}

static int
check_key (struct sp_audit *audit, const struct sp_audit_key *key, sigpolicy_error **err)
{
  const struct sp_where where = { .item = key->item, .node = key->node };
  cleanup_certificates struct sp_certificates list = { 0 };
  cleanup_error sigpolicy_error *fault = NULL;
  char room[SP_TIME_TEXT_SIZE];
  const char *file = key->source->path ? SP_SHOW (audit, key->source->path) : "the key data";

  for (size_t i = 0; i < key->facts.len; i++)
    {
      const struct sp_primary_key *primary = &key->facts.items[i];
      sp_time end = end_of_key (primary);
      if (end > audit->now && end <= audit->options->until)
        sp_audit_find (audit, SP_RULE_UNTIL_KEY_EXPIRES, &where, "key %s (%s) in %s expires on %s",
                       primary->key.fingerprint,
                       primary->user_ids.len ? SP_SHOW (audit, primary->user_ids.items[0])
                                             : "no user ID",
                       file, sp_audit_day (end, room));
    }
  if (key->use < SP_KEY_USE_FULCIO)
    return 0;
  if (sp_certificates_scan (key->bytes, &list, &fault) == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  for (size_t i = 0; i < list.len; i++)
    {
      sp_time end = list.items[i]->not_after;
      if (end >= audit->now && end < audit->options->until)
        sp_audit_find (audit, SP_RULE_UNTIL_KEY_EXPIRES, &where,
                       "certificate %zu in %s expires on %s: signatures that are made %s are "
                       "rejected from then on",
                       i + 1, file, sp_audit_day (end, room),
                       key->use == SP_KEY_USE_FULCIO ? "later"
                                                     : "with certificates that it issued");
    }
  return 0;
}

/* --- images ----------------------------------------------------------------------------------- */

static int
judge_at (struct sp_context *context, const struct sp_request *request, sp_time time,
          struct sp_verdict **ret, sigpolicy_error **err)
{
  context->has_clock = true;
  context->clock = time;
  return sp_image_judge (context, request, ret, err);
}

/* One image under one of its names, which may be NULL. */
static int
check_image (struct sp_audit *audit, struct sp_context *context, const char *id, const char *name,
             sigpolicy_error **err)
{
  cleanup_request struct sp_request *request = NULL;
  cleanup_verdict struct sp_verdict *now = NULL, *then = NULL;
  char room[SP_TIME_TEXT_SIZE];

  int rc = sp_request_new (&request, err);
  if (rc < 0)
    return rc;
  request->image = sp_asprintf (err, "containers-storage:@%s", id);
  if (request->image && name)
    request->reference = sp_asprintf (err, "docker://%s", name);
  if (!request->image || (name && !request->reference))
    return SIGPOLICY_E_NO_MEMORY;
  rc = judge_at (context, request, audit->now, &now, err);
  if (rc < 0 || now->outcome.answer != SP_ANSWER_ACCEPTED)
    return rc;
  rc = judge_at (context, request, audit->options->until, &then, err);
  if (rc < 0 || then->outcome.answer == SP_ANSWER_ACCEPTED)
    return rc;
  const struct sp_where where
      = { .file = now->policy ? sp_policy_path (now->policy) : NULL,
          .line = now->trace ? now->trace->match.scope->line : 0,
          .column = now->trace ? now->trace->match.scope->column : 0,
          .example = request->reference ? request->reference : request->image,
          .effect = SP_EFFECT_REJECTS };
  sp_audit_find (audit, SP_RULE_UNTIL_IMAGE_STOPS, &where,
                 "%s (image %.12s in podman's storage) is accepted now, and rejected on %s: %s: %s",
                 SP_SHOW (audit, where.example), id, sp_audit_day (audit->options->until, room),
                 sigpolicy_reason_slug (then->outcome.reason),
                 SP_SHOW (audit, then->outcome.message));
  return 0;
}

static int
check_store (struct sp_audit *audit, struct sp_context *context, sigpolicy_error **err)
{
  SP_CLEANUP (sp_store_name_clear) struct sp_store_name said = { 0 };
  cleanup_error sigpolicy_error *none = NULL;
  struct sp_store *shared = NULL, *store = NULL;

  int rc = sp_context_store (context, &said, &shared, &none);
  if (rc == 0)
    rc = sp_store_refresh (shared, &none);
  if (rc < 0)
    return rc == SIGPOLICY_E_NOT_FOUND ? 0 : sp_error_copy (none, err);
  /* The context goes on to newer records as it meets them; these stay. */
  rc = sp_store_share (shared, &store, err);
  for (size_t root = 0; rc == 0 && root < store->location.roots.len; root++)
    for (size_t i = 0; rc == 0 && store->images[root] && i < store->images[root]->len; i++)
      {
        const struct sp_stored_image *image = &store->images[root]->items[i];
        for (size_t j = 0; rc == 0 && j < image->names.len; j++)
          rc = check_image (audit, context, image->id, image->names.items[j], err);
        if (rc == 0 && !image->names.len)
          rc = check_image (audit, context, image->id, NULL, err);
      }
  sp_store_free (store);
  return rc;
}

/* Those of this host, by the policy that is audited. */
static int
check_images (struct sp_audit *audit, sigpolicy_error **err)
{
  SP_CLEANUP (sp_context_clear) struct sp_context context = { .offline = true };
  const struct sp_audit_options *options = audit->options;

  if (options->policy && !(context.policy_path = sp_strdup (options->policy, err)))
    return SIGPOLICY_E_NO_MEMORY;
  if (options->registries_d && !(context.registries_d_dir = sp_strdup (options->registries_d, err)))
    return SIGPOLICY_E_NO_MEMORY;
  return check_store (audit, &context, err);
}

bool
sp_is_of_until (const struct sp_audit_rule *rule)
{
  return rule == &sp_rules[SP_RULE_UNTIL_SCOPE_STOPS]
         || rule == &sp_rules[SP_RULE_UNTIL_KEY_EXPIRES]
         || rule == &sp_rules[SP_RULE_UNTIL_IMAGE_STOPS];
}

int
sp_check_until (struct sp_audit *audit, sigpolicy_error **err)
{
  int rc = 0;

  if (!audit->options->has_until || !audit->reads_files)
    return 0;
  for (size_t i = 0; rc == 0 && i < audit->n_items; i++)
    rc = check_scope (audit, &audit->items[i], err);
  for (size_t i = 0; rc == 0 && i < audit->n_keys; i++)
    if (!audit->keys[i]->errnum)
      rc = check_key (audit, audit->keys[i], err);
  if (rc == 0 && !audit->options->root)
    rc = check_images (audit, err);
  return rc;
}
