/* SPDX-License-Identifier: Apache-2.0 */
#include "show/show_int.h"

#include "model/words.h"
#include "reference/image_name.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* --- what applies to an image -------------------------------------------------------------------
 */

/* A name without a transport is docker's. */
static int
parse_image (const char *text, struct sp_image_name **ret, sigpolicy_error **err)
{
  struct sp_view name = sp_view_str (text);
  size_t colon = sp_view_find (name, ':');
  enum sp_transport transport;

  if (colon != SP_VIEW_NONE && sp_transport_find (sp_view_head (name, colon), &transport))
    return sp_image_name_parse (name, ret, err);
  cleanup_free char *docker = sp_asprintf (err, "docker://%s", text);
  return docker ? sp_image_name_parse (sp_view_str (docker), ret, err) : SIGPOLICY_E_NO_MEMORY;
}

/* Keep the rows of the scope that decides. */
static int
select_rows (const struct sp_show *show, const struct sp_policy *policy, struct sp_show_rows *rows,
             sigpolicy_error **err)
{
  cleanup_image_name struct sp_image_name *image = NULL;
  size_t kept = 0;

  int rc = parse_image (show->image, &image, err);
  if (rc < 0)
    return rc;
  struct sp_policy_match match = sp_policy_lookup (policy, image);
  for (size_t i = 0; i < rows->len; i++)
    {
      struct sp_show_row *row = &rows->items[i];
      bool applies
          = row->requirement >= match.scope->requirements.items
            && row->requirement < match.scope->requirements.items + match.scope->requirements.len;
      if (applies)
        rows->items[kept++] = *row;
      else
        sp_buf_clear (&row->id);
    }
  rows->len = kept;
  return 0;
}

static void
warn (struct sp_buf *warnings, const sigpolicy_error *error)
{
  sp_buf_str (warnings, "this policy is invalid: ");
  sp_buf_str (warnings, sigpolicy_error_text (error));
  sp_buf_byte (warnings, '\n');
}

/* --- what is handed out: all of it is owned, and ends with it
 * -------------------------------------
 */

struct shown
{
  sigpolicy_trust trust; /* first: a handle is this */
  struct sp_strv owned;
  size_t bytes;
};

void
sp_show_free (sigpolicy_trust *trust)
{
  if (trust)
    sp_strv_clear (&((struct shown *)trust)->owned);
  free (trust);
}

/* Memory that is freed with the whole; NULL is passed on as the failure it is. */
static void *
own (struct shown *shown, void *memory, sigpolicy_error **err)
{
  return sp_strv_take (&shown->owned, memory, err) == 0 ? memory : NULL;
}

static const char *
own_text (struct shown *shown, struct sp_view text, sigpolicy_error **err)
{
  shown->bytes += text.len;
  if (shown->bytes > SP_OUTPUT_BYTES_MAX)
    {
      (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "exceeded maximum allowed size of %lu bytes", SP_OUTPUT_BYTES_MAX);
      return NULL;
    }
  return own (shown, sp_view_dup (text, err), err);
}

/* A string that may be missing. */
static int
give (struct shown *shown, const char *text, const char **ret, sigpolicy_error **err)
{
  if (!text)
    return 0;
  *ret = own_text (shown, sp_view_str (text), err);
  return *ret ? 0 : sigpolicy_error_code (*err);
}

static int
give_text (struct shown *shown, struct sp_view text, sigpolicy_trust_text *ret,
           sigpolicy_error **err)
{
  cleanup_buf struct sp_buf printable = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (!text.data)
    return 0;
  sp_show_line (text, &printable);
  ret->size = text.len;
  ret->bytes = own_text (shown, text, err);
  if (ret->bytes)
    ret->printable = sp_view_equal (text, sp_buf_view (&printable))
                         ? ret->bytes
                         : own (shown, sp_buf_steal (&printable, err), err);
  return ret->printable ? 0 : sigpolicy_error_code (*err);
}

static int
give_keys (const struct sp_show *show, struct shown *shown, const struct sp_show_row *from,
           sigpolicy_trust_row *to, sigpolicy_error **err)
{
  cleanup_show_keys struct sp_show_keys keys = { 0 };

  int rc = sp_show_keys_read (from, &keys, err);
  if (rc < 0 || !keys.len)
    return rc;
  sigpolicy_trust_key *items = own (shown, sp_calloc (keys.len, sizeof *items, err), err);
  if (!items)
    return SIGPOLICY_E_NO_MEMORY;
  shown->bytes += keys.len * sizeof *items;
  to->keys = items;
  for (; rc == 0 && to->n_keys < keys.len; to->n_keys++)
    {
      const struct sp_show_key *key = &keys.items[to->n_keys];
      sigpolicy_trust_key *it = &items[to->n_keys];
      *it = (sigpolicy_trust_key){ .kind = key->kind,
                                   .expires = key->expires,
                                   .is_expired = key->expires && key->expires <= show->now,
                                   .is_revoked = key->revoked };
      rc = give (shown, key->source, &it->source, err);
      if (rc == 0)
        rc = give (shown, key->fingerprint, &it->fingerprint, err);
      if (rc == 0)
        rc = give (shown, key->name, &it->name, err);
      if (rc == 0)
        rc = give (shown, key->why, &it->problem, err);
    }
  return rc;
}

static int
give_row (const struct sp_show *show, struct shown *shown, const struct sp_show_row *from,
          sigpolicy_trust_row *to, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);

  to->line = from->line;
  to->type_shown = sp_show_type (from->type);
  int rc = give_text (shown, from->is_default ? sp_view_n (NULL, 0) : from->transport,
                      &to->transport, err);
  if (rc == 0)
    rc = give_text (shown, from->scope, &to->scope, err);
  if (rc == 0)
    rc = give_text (shown, from->type, &to->type, err);
  if (rc == 0)
    rc = give_text (shown, sp_buf_view (&from->id), &to->id, err);
  if (rc == 0)
    rc = give_text (shown, from->store, &to->store, err);
  if (rc < 0 || !from->requirement)
    return rc;
  sp_words_requirement (&words, from->requirement);
  rc = sp_buf_check (&words, err);
  if (rc == 0)
    rc = give (shown, words.data, &to->words, err);
  return rc == 0 && show->flags & SIGPOLICY_TRUST_KEYS ? give_keys (show, shown, from, to, err)
                                                       : rc;
}

static int
give_rows (const struct sp_show *show, struct shown *shown, const struct sp_show_rows *rows,
           sigpolicy_error **err)
{
  int rc = 0;
  sigpolicy_trust_row *items = own (shown, sp_calloc (rows->len, sizeof *items, err), err);

  if (!items)
    return SIGPOLICY_E_NO_MEMORY;
  shown->trust.rows = items;
  shown->trust.n_rows = rows->len;
  for (size_t i = 0; rc == 0 && i < rows->len; i++)
    rc = give_row (show, shown, &rows->items[i], &items[i], err);
  return rc;
}

static int
read_rows (const struct sp_show *show, struct sp_view text, struct shown *shown,
           struct sp_buf *warnings, sigpolicy_error **err)
{
  cleanup_json_tree struct sp_json_tree *tree = NULL;
  cleanup_show_store struct sp_show_store *store = NULL;
  cleanup_policy struct sp_policy *policy = NULL;
  cleanup_error sigpolicy_error *refused = NULL;
  SP_CLEANUP (sp_show_rows_clear) struct sp_show_rows rows = { 0 };

  if (sp_json_tree_parse (text, SP_POLICY_DEPTH_MAX, SP_JSON_NODES_MAX, &tree, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_position (err, show->policy_path, 0, 0, NULL);
    }
  if (sp_policy_parse (text, show->policy_path, &policy, &refused) < 0)
    {
      if (show->image || sigpolicy_error_code (refused) == SIGPOLICY_E_NO_MEMORY)
        return sp_error_copy (refused, err);
      warn (warnings, refused);
    }
  int rc = sp_show_store_load (show->registries_d, &store, err);
  if (rc == 0)
    rc = sp_show_rows_read (tree, policy, store, &rows, warnings, err);
  if (rc == 0 && show->image)
    rc = select_rows (show, policy, &rows, err);
  return rc < 0 ? rc : give_rows (show, shown, &rows, err);
}

int
sp_show (const struct sp_show *show, sigpolicy_trust **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_POLICY_BYTES_MAX);
  cleanup_buf struct sp_buf warnings = SP_BUF (SP_OUTPUT_BYTES_MAX);

  if (sp_fs_read (show->policy_path, &text, err) < 0)
    {
      (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
      return sp_error_position (err, show->policy_path, 0, 0, NULL);
    }
  struct shown *shown = sp_calloc (1, sizeof *shown, err);
  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  cleanup_trust_shown sigpolicy_trust *trust = &shown->trust;
  int rc = show->flags ? read_rows (show, sp_buf_view (&text), shown, &warnings, err) : 0;
  if (rc < 0)
    return rc;
  trust->warnings = own (shown, sp_buf_steal (&warnings, err), err);
  trust->document_size = text.len;
  trust->document = trust->warnings ? own (shown, sp_buf_steal (&text, err), err) : NULL;
  if (!trust->document)
    return sigpolicy_error_code (*err);
  *ret = steal (&trust);
  return 0;
}
