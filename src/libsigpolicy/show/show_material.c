/* SPDX-License-Identifier: Apache-2.0 */
#include "show/show_int.h"

#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "ask/key_files.h"
#include "util/codec.h"

/* Keys and certificates that a policy names, by fingerprint and name, without gpg. */

/* --- GPG's user IDs, as its listing with colons spells them ------------------------------------
 */

/* What stands between < and >, else all; escaped as a field of that listing. */
static void
put_id (struct sp_view id, struct sp_buf *out)
{
  size_t start = sp_view_find (id, '<');
  size_t end = start == SP_VIEW_NONE ? start : sp_view_find (sp_view_from (id, start), '>');
  if (end != SP_VIEW_NONE)
    id = sp_view_n (id.data + start + 1, end - 1);
  if (out->len)
    sp_buf_str (out, ", ");
  for (size_t i = 0; i < id.len; i++)
    {
      unsigned char byte = (unsigned char)id.data[i];
      if (byte < 0x20 || byte == 0x7f || byte == ':' || byte == '\\')
        sp_buf_printf (out, "\\x%02x", byte);
      else
        sp_buf_byte (out, (char)byte);
    }
}

int
sp_show_gpg_keys (struct sp_view bytes, struct sp_key_facts_list *ret, sigpolicy_error **err)
{
  int rc = sp_openpgp_key_facts (bytes, ret, err);
  return rc < 0 || ret->len ? rc
                            : sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                                            "it has no GPG key");
}

int
sp_show_put_ids (const struct sp_key_facts_list *facts, struct sp_buf *ids, sigpolicy_error **err)
{
  for (size_t i = 0; i < facts->len; i++)
    for (size_t j = 0; j < facts->items[i].user_ids.len; j++)
      if (facts->items[i].user_ids.items[j][0])
        put_id (sp_view_str (facts->items[i].user_ids.items[j]), ids);
  return sp_buf_check (ids, err);
}

/* --- what is known of each key ------------------------------------------------------------------
 */

void
sp_show_keys_clear (struct sp_show_keys *keys)
{
  for (size_t i = 0; i < keys->len; i++)
    {
      free (keys->items[i].source);
      free (keys->items[i].fingerprint);
      free (keys->items[i].name);
      free (keys->items[i].why);
    }
  free (keys->items);
  *keys = (struct sp_show_keys){ 0 };
}

static struct sp_show_key *
add (struct sp_show_keys *keys, const struct sp_key_source *source, const char *kind,
     sigpolicy_error **err)
{
  if (sp_grow (&keys->items, &keys->capacity, keys->len, sizeof *keys->items, err) < 0)
    return NULL;
  struct sp_show_key *key = &keys->items[keys->len++];
  *key = (struct sp_show_key){ .kind = kind };
  key->source = source->path ? sp_view_dup (sp_view_n (source->path, source->path_len), err)
                             : sp_strdup ("the policy", err);
  return key->source ? key : NULL;
}

/* A failure of a file is a row of its own; only memory ends the whole. */
static int
give_up (struct sp_show_keys *keys, const struct sp_key_source *source, const char *kind,
         sigpolicy_error **err)
{
  sigpolicy_error *failure = NULL;

  if (sigpolicy_error_code (*err) == SIGPOLICY_E_NO_MEMORY)
    return SIGPOLICY_E_NO_MEMORY;
  struct sp_show_key *key = add (keys, source, kind, &failure);
  if (key)
    key->why = sp_strdup (sigpolicy_error_message (*err), &failure);
  sp_error_clear (err);
  *err = failure;
  return failure ? SIGPOLICY_E_NO_MEMORY : 0;
}

static int
join (const struct sp_strv *list, char **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (1 << 20);
  for (size_t i = 0; i < list->len; i++)
    {
      sp_buf_str (&text, i ? ", " : "");
      sp_buf_str (&text, list->items[i]);
    }
  *ret = list->len ? sp_buf_steal (&text, err) : NULL;
  return list->len && !*ret ? sigpolicy_error_code (*err) : 0;
}

static int
add_gpg (struct sp_show_keys *keys, const struct sp_key_source *source, const char *kind,
         const struct sp_key_facts_list *facts, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < facts->len; i++)
    {
      const struct sp_primary_key *primary = &facts->items[i];
      struct sp_show_key *key = add (keys, source, kind, err);
      if (!key)
        return SIGPOLICY_E_NO_MEMORY;
      key->fingerprint = sp_strdup (primary->key.fingerprint, err);
      key->expires = primary->key.expires;
      key->revoked = primary->key.revoked;
      rc = key->fingerprint ? join (&primary->user_ids, &key->name, err) : SIGPOLICY_E_NO_MEMORY;
    }
  return rc;
}

static int
read_gpg (struct sp_show_keys *keys, const struct sp_key_source *source, const char *kind,
          struct sp_view bytes, sigpolicy_error **err)
{
  cleanup_key_facts struct sp_key_facts_list facts = { 0 };
  int rc = sp_show_gpg_keys (bytes, &facts, err);
  return rc < 0 ? rc : add_gpg (keys, source, kind, &facts, err);
}

static int
read_public_key (struct sp_show_keys *keys, const struct sp_key_source *source, const char *kind,
                 struct sp_view bytes, sigpolicy_error **err)
{
  cleanup_public_key struct sp_public_key *parsed = NULL;
  int rc = sp_public_key_from_pem (bytes, &parsed, err);
  if (rc < 0)
    return rc;
  struct sp_show_key *key = add (keys, source, kind, err);
  if (key)
    key->fingerprint = sp_strdup (sp_public_key_fingerprint (parsed), err);
  return key && key->fingerprint ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
read_certificates (struct sp_show_keys *keys, const struct sp_key_source *source, const char *kind,
                   struct sp_view bytes, sigpolicy_error **err)
{
  cleanup_certificates struct sp_certificates list = { 0 };
  int rc = sp_certificates_scan (bytes, &list, err);

  if (rc == 0 && !list.len)
    rc = sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE,
                       "there is no certificate in it");
  for (size_t i = 0; rc == 0 && i < list.len; i++)
    {
      const struct sp_certificate *certificate = list.items[i];
      struct sp_view name
          = certificate->common_name.len ? certificate->common_name : certificate->organization;
      char fingerprint[72];
      struct sp_show_key *key = add (keys, source, kind, err);
      if (!key)
        return SIGPOLICY_E_NO_MEMORY;
      rc = sp_sha256_text (sp_buf_view (&certificate->der), fingerprint, err);
      if (rc == 0)
        key->fingerprint = sp_strdup (fingerprint, err);
      if (rc == 0 && name.len)
        key->name = sp_view_dup (name, err);
      key->expires = certificate->not_after;
      if (rc == 0 && (!key->fingerprint || (name.len && !key->name)))
        rc = SIGPOLICY_E_NO_MEMORY;
    }
  return rc;
}

typedef int reader (struct sp_show_keys *keys, const struct sp_key_source *source, const char *kind,
                    struct sp_view bytes, sigpolicy_error **err);

/* What is in the policy, or a path that is none, is as in a verification. */
static int
read_source (struct sp_show_keys *keys, const struct sp_key_source *source, reader *read,
             const char *kind, struct sp_show_files *known, sigpolicy_error **err)
{
  cleanup_key_files struct sp_key_files files = { 0 };
  const struct sp_key_sources one = { (struct sp_key_source *)(size_t)source, 1, 1 };
  bool is_file = source->path && strlen (source->path) == source->path_len;
  const struct sp_key_facts_list *facts = NULL;
  struct sp_view bytes = SP_VIEW ("");

  if (is_file && read == read_gpg)
    {
      int failed = sp_show_files_gpg (known, source->path, &facts, err);
      return failed < 0 ? failed : add_gpg (keys, source, kind, facts, err);
    }
  int rc = is_file ? sp_show_files_read (known, source->path, &bytes, err)
                   : sp_key_files_read (&one, &files, err);
  return rc < 0 ? rc : read (keys, source, kind, is_file ? bytes : files.views[0], err);
}

static int
read_sources (const struct sp_key_sources *sources, reader *read, const char *kind,
              struct sp_show_files *files, struct sp_show_keys *keys, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < sources->len; i++)
    {
      rc = read_source (keys, &sources->items[i], read, kind, files, err);
      if (rc < 0)
        rc = give_up (keys, &sources->items[i], kind, err);
    }
  return rc;
}

int
sp_show_keys_read (const struct sp_show_row *row, struct sp_show_keys *keys, sigpolicy_error **err)
{
  const struct sp_requirement *requirement = row->requirement;
  static const struct sp_key_sources none = { 0 };
  bool gpg = requirement->type == SP_REQUIREMENT_SIGNED_BY;
  const struct sp_fulcio *fulcio = requirement->fulcio;
  const struct sp_pki *pki = requirement->pki;

  int rc = read_sources (&requirement->keys, gpg ? read_gpg : read_public_key,
                         gpg ? "GPG key" : "sigstore key", row->files, keys, err);
  if (rc == 0)
    rc = read_sources (fulcio ? &fulcio->ca : &none, read_certificates, "Fulcio CA", row->files,
                       keys, err);
  if (rc == 0)
    rc = read_sources (pki ? &pki->roots : &none, read_certificates, "PKI root", row->files, keys,
                       err);
  if (rc == 0)
    rc = read_sources (pki ? &pki->intermediates : &none, read_certificates, "PKI intermediate",
                       row->files, keys, err);
  return rc < 0 ? rc
                : read_sources (&requirement->rekor_keys, read_public_key, "Rekor key", row->files,
                                keys, err);
}
