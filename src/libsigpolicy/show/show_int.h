/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_SHOW_SHOW_INT_H
#define SP_SHOW_SHOW_INT_H

#include "show/show.h"
#include "json/tree.h"
#include "openpgp/key_facts.h"

/* Key files by their path, each read once, and what is in GPG's parsed once. Start from {0}. */
struct sp_show_files
{
  void *index; /* tree of search.h */
  size_t bytes;
};
/* Borrowed, until the next is read. */
int sp_show_files_read (struct sp_show_files *files, const char *path, struct sp_view *ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
int sp_show_files_gpg (struct sp_show_files *files, const char *path,
                       const struct sp_key_facts_list **ret,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_show_files_clear (struct sp_show_files *files);

/* One requirement. All but id are borrowed, from the tree, the store or the policy. */
struct sp_show_row
{
  bool is_default; /* of the whole policy */
  struct sp_view transport, scope;
  struct sp_view type; /* as the policy has it */
  struct sp_view store;
  struct sp_buf id;
  unsigned line;
  const struct sp_requirement *requirement; /* NULL where verification refuses the policy */
  struct sp_show_files *files;              /* of all rows */
};

struct sp_show_rows
{
  struct sp_show_row *items;
  size_t len, capacity;
  struct sp_show_files files;
};
void sp_show_rows_clear (struct sp_show_rows *rows);

/* podman's own reader of registries.d, which is not the verifier's: the most specific section
 * decides, even with nothing to say; no wildcards; names of keys in any case. */
struct sp_show_store;
int sp_show_store_load (const char *directory, struct sp_show_store **ret,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
struct sp_view sp_show_store_of (const struct sp_show_store *store, struct sp_view scope);
void sp_show_store_free (struct sp_show_store *store);

SP_DEFINE_CLEANUP (struct sp_show_store *, sp_show_store_free);
#define cleanup_show_store SP_CLEANUP (sp_show_store_free_p)

/* The rows in podman's order: the default, then transports and their scopes by name. policy (may be
 * NULL) is the same document as the verifier reads it. */
int sp_show_rows_read (const struct sp_json_tree *tree, const struct sp_policy *policy,
                       const struct sp_show_store *store, struct sp_show_rows *rows,
                       struct sp_buf *warnings, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* One key or certificate that a requirement names. */
struct sp_show_key
{
  char *source;      /* the file, or "the policy" */
  const char *kind;  /* "GPG key", "sigstore key", "Rekor key", "Fulcio CA", "PKI root", ... */
  char *fingerprint; /* NULL where it has none, and why says the reason */
  char *name;        /* user IDs, or the subject of a certificate; NULL: none */
  sp_time expires;   /* 0: never */
  bool revoked;
  char *why; /* why nothing of it can be used; else NULL */
};

struct sp_show_keys
{
  struct sp_show_key *items;
  size_t len, capacity;
};
/* Of the row's requirement. */
int sp_show_keys_read (const struct sp_show_row *row, struct sp_show_keys *keys,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_show_keys_clear (struct sp_show_keys *keys);

#define cleanup_show_keys SP_CLEANUP (sp_show_keys_clear)

/* At least one GPG key. */
int sp_show_gpg_keys (struct sp_view bytes, struct sp_key_facts_list *ret,
                      sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The user IDs of keys as podman's ID column has them. */
int sp_show_put_ids (const struct sp_key_facts_list *facts, struct sp_buf *ids,
                     sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "reject" and so on; empty for a type that podman does not know. */
const char *sp_show_type (struct sp_view type);

#endif
