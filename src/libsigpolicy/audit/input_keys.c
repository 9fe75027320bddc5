/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit_int.h"

#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>
#include <search.h>

/* Key files and key data that requirements name: each file is read once, whoever names it. */

static int
compare_keys (const void *a, const void *b)
{
  const struct sp_audit_key *left = a, *right = b;
  if (left->use != right->use)
    return left->use < right->use ? -1 : 1;
  if (!left->source->path || !right->source->path)
    return left->source == right->source ? 0 : left->source < right->source ? -1 : 1;
  return sp_view_compare (sp_view_n (left->source->path, left->source->path_len),
                          sp_view_n (right->source->path, right->source->path_len));
}

const struct sp_audit_key *
sp_audit_key_of (struct sp_audit *audit, const struct sp_key_source *source, enum sp_key_use use)
{
  struct sp_audit_key wanted = { .source = source, .use = use };
  struct sp_audit_key *const *known = tfind (&wanted, &audit->key_index, compare_keys);
  return known ? *known : NULL;
}

static int
read_file (struct sp_audit *audit, struct sp_audit_key *key, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  const struct sp_key_source *source = key->source;

  key->errnum = EINVAL;
  if (strlen (source->path) != source->path_len)
    return 0;
  if (source->path_len >= SP_PATH_BYTES_MAX)
    {
      key->errnum = ENAMETOOLONG;
      return 0;
    }
  int rc = sp_root_stat (audit->root, source->path, &key->st, &key->real, err);
  if (rc != 0)
    {
      key->errnum = rc > 0 ? rc : 0;
      return rc < 0 ? rc : 0;
    }
  rc = sp_audit_read (audit, source->path, &key->content, &fault, err);
  if (rc < 0)
    return rc;
  int errnum = fault ? sp_error_errnum (fault) : 0;
  key->errnum = !fault ? 0 : errnum ? errnum : EFBIG;
  return 0;
}

static int
open_key (struct sp_audit *audit, struct sp_audit_key *key, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;
  int rc = key->source->path ? read_file (audit, key, err) : 0;

  key->bytes = sp_buf_view (key->source->path ? &key->content : &key->source->data);
  if (rc < 0 || key->use != SP_KEY_USE_GPG)
    return rc;
  /* Too much of everything is said where the file is looked at. */
  rc = sp_openpgp_key_facts (key->bytes, &key->facts, &fault);
  return rc == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
}

/* The node of a key source: a string, or an element of a list. */
static const struct sp_json_tree_node *
node_of (const struct sp_json_tree_node *object, const char *const *names, size_t index)
{
  for (; *names; names++)
    {
      const struct sp_json_tree_node *node = sp_json_tree_member (object, sp_view_str (*names));
      if (!node || (node->type == SP_JSON_STRING && !node->string.len))
        continue;
      if (node->type == SP_JSON_NULL)
        continue;
      size_t name_len = strlen (*names);
      if (node->type != SP_JSON_ARRAY || (*names)[name_len - 1] != 's')
        return node;
      const struct sp_json_tree_node *element = node->first;
      while (element && index--)
        element = element->next;
      return element;
    }
  return NULL;
}

static int
add_sources (struct sp_audit *audit, const struct sp_item *item,
             const struct sp_json_tree_node *object, const char *const *names,
             const struct sp_key_sources *sources, enum sp_key_use use, sigpolicy_error **err)
{
  int rc = 0;

  for (size_t i = 0; rc == 0 && i < sources->len; i++)
    {
      struct sp_audit_key wanted = { .source = &sources->items[i], .use = use };
      struct sp_audit_key **known = tfind (&wanted, &audit->key_index, compare_keys);
      if (known)
        {
          (*known)->n_items++;
          continue;
        }
      rc = sp_grow (&audit->keys, &audit->keys_capacity, audit->n_keys, sizeof *audit->keys, err);
      struct sp_audit_key *key = rc == 0 ? sp_calloc (1, sizeof *key, err) : NULL;
      if (!key)
        return SIGPOLICY_E_NO_MEMORY;
      *key = wanted;
      key->item = item;
      key->n_items = 1;
      key->node = node_of (object, names, i);
      key->is_alone = sources->len == 1;
      key->content = (struct sp_buf)SP_BUF (SP_KEY_BYTES_MAX);
      audit->keys[audit->n_keys++] = key;
      if (!tsearch (key, &audit->key_index, compare_keys))
        return sp_error_no_memory (err);
      rc = open_key (audit, key, err);
    }
  return rc;
}

int
sp_audit_read_keys (struct sp_audit *audit, sigpolicy_error **err)
{
  static const char *const keys[] = { "keyPath", "keyPaths", "keyData", "keyDatas", NULL };
  static const char *const rekor[] = { "rekorPublicKeyPath", "rekorPublicKeyPaths",
                                       "rekorPublicKeyData", "rekorPublicKeyDatas", NULL };
  static const char *const ca[] = { "caPath", "caData", NULL };
  static const char *const roots[] = { "caRootsPath", "caRootsData", NULL };
  static const char *const middle[] = { "caIntermediatesPath", "caIntermediatesData", NULL };
  int rc = 0;

  for (size_t i = 0; i < audit->n_items; i++)
    {
      const struct sp_item *item = &audit->items[i];
      const struct sp_json_tree_node *node = item->node ? item->node->first : NULL;
      for (size_t j = 0; rc == 0 && node && j < item->scope->requirements.len;
           j++, node = node->next)
        {
          const struct sp_requirement *requirement = &item->scope->requirements.items[j];
          bool gpg = requirement->type == SP_REQUIREMENT_SIGNED_BY;
          const struct sp_json_tree_node *fulcio
              = sp_json_tree_member (node, sp_view_str ("fulcio"));
          const struct sp_json_tree_node *pki = sp_json_tree_member (node, sp_view_str ("pki"));
          if (!sp_requirement_type_is_signed (requirement->type)
              || (gpg && requirement->key_type != SP_KEY_TYPE_GPG))
            continue;
          rc = add_sources (audit, item, node, keys, &requirement->keys,
                            gpg ? SP_KEY_USE_GPG : SP_KEY_USE_SIGSTORE, err);
          if (rc == 0)
            rc = add_sources (audit, item, node, rekor, &requirement->rekor_keys, SP_KEY_USE_REKOR,
                              err);
          if (rc == 0 && requirement->fulcio)
            rc = add_sources (audit, item, fulcio, ca, &requirement->fulcio->ca, SP_KEY_USE_FULCIO,
                              err);
          if (rc == 0 && requirement->pki)
            rc = add_sources (audit, item, pki, roots, &requirement->pki->roots, SP_KEY_USE_ROOTS,
                              err);
          if (rc == 0 && requirement->pki)
            rc = add_sources (audit, item, pki, middle, &requirement->pki->intermediates,
                              SP_KEY_USE_INTERMEDIATES, err);
        }
    }
  audit->report->n_keys = audit->n_keys;
  return rc;
}
