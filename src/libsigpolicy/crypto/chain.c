/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_int.h"

#include "util/alloc.h"

int
sp_certificate_pool_new (struct sp_view text, const char *none, struct sp_certificate_pool **ret,
                         sigpolicy_error **err)
{
  cleanup_certificate_pool struct sp_certificate_pool *pool = sp_calloc (1, sizeof *pool, err);

  if (!pool)
    return SIGPOLICY_E_NO_MEMORY;
  int rc = sp_certificates_scan (text, &pool->anchors, err);
  if (rc == 0 && !pool->anchors.len)
    {
      rc = sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_KEY_UNUSABLE, "%s", none);
      if (pool->anchors.skipped)
        (void)sp_error_stricter (err, pool->anchors.skipped);
    }
  if (rc < 0)
    return rc;
  *ret = steal (&pool);
  return 0;
}

int
sp_certificate_pool_of (struct sp_certificate *anchor, struct sp_certificate_pool **ret,
                        sigpolicy_error **err)
{
  cleanup_certificate_pool struct sp_certificate_pool *pool = sp_calloc (1, sizeof *pool, err);
  struct sp_certificates *list = pool ? &pool->anchors : NULL;

  if (!pool || sp_grow (&list->items, &list->capacity, 0, sizeof *list->items, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  pool->is_borrowed = true;
  list->items[list->len++] = anchor;
  *ret = steal (&pool);
  return 0;
}

void
sp_certificate_pool_free (struct sp_certificate_pool *pool)
{
  if (!pool)
    return;
  if (pool->is_borrowed)
    pool->anchors.len = 0;
  sp_certificates_clear (&pool->anchors);
  free (pool);
}

static bool
is_anchor (const struct sp_certificate *certificate, const struct sp_certificate_pool *pool)
{
  for (size_t i = 0; i < pool->anchors.len; i++)
    if (sp_view_equal (sp_buf_view (&pool->anchors.items[i]->der), sp_buf_view (&certificate->der)))
      return true;
  return false;
}

static void
search_clear (struct sp_chain_search *search)
{
  sp_error_clear (&search->refusal);
  sp_error_clear (&search->stricter);
}

int
sp_chain_verify (struct sp_certificate *leaf, const struct sp_chain_question *question,
                 sigpolicy_error **err)
{
  SP_CLEANUP (search_clear)
  struct sp_chain_search search = { .question = question, .path = { .items = { leaf }, .len = 1 } };

  int rc = sp_path_check_certificate (leaf, SP_PATH_LEAF, 0, question, err);
  if (rc < 0)
    return rc;
  /* One that was named itself needs nobody who vouches for it. */
  if (!is_anchor (leaf, question->anchors))
    rc = sp_chain_search (&search, err);
  else
    {
      rc = sp_path_check_whole (&search.path, err);
      const char *odd = rc == 0 ? sp_certificate_odd (leaf) : NULL;
      if (odd)
        rc = sp_certificate_stricter (err, odd);
    }
  const char *skipped = question->anchors->anchors.skipped;
  if (rc == SIGPOLICY_E_REJECTED && skipped && !sp_error_stricter_id (*err))
    return sp_error_stricter (err, skipped);
  return rc;
}
