/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate.h"

#include "crypto/pem.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

void
sp_certificates_clear (struct sp_certificates *list)
{
  for (size_t i = 0; i < list->len; i++)
    sp_certificate_free (list->items[i]);
  free (list->items);
  memset (list, 0, sizeof *list);
}

/* Takes the certificate over, also on failure. */
static int
add (struct sp_certificates *list, struct sp_certificate *certificate, sigpolicy_error **err)
{
  if (sp_grow (&list->items, &list->capacity, list->len, sizeof *list->items, err) < 0)
    {
      sp_certificate_free (certificate);
      return SIGPOLICY_E_NO_MEMORY;
    }
  list->items[list->len++] = certificate;
  return 0;
}

int
sp_certificates_scan (struct sp_view text, struct sp_certificates *list, sigpolicy_error **err)
{
  for (;;)
    {
      cleanup_pem_block struct sp_pem_block block = { .bytes = SP_BUF (0) };
      cleanup_error sigpolicy_error *ignored = NULL;
      struct sp_certificate *certificate = NULL;
      bool found = false;

      int rc = sp_pem_next (&text, &block, &found, err);
      if (rc < 0 || !found)
        return rc;
      if (!sp_view_is (block.label, "CERTIFICATE") || block.has_headers)
        continue;
      rc = sp_certificate_parse (sp_buf_view (&block.bytes), &certificate, &ignored);
      if (rc == SIGPOLICY_E_NO_MEMORY)
        return sp_error_no_memory (err);
      if (rc < 0 && sp_error_stricter_id (ignored))
        list->skipped = sp_error_stricter_id (ignored);
      if (rc < 0)
        continue;
      rc = add (list, certificate, err);
      if (rc < 0)
        return rc;
      if (list->len > SP_KEYS_MAX)
        return sp_error_set (err, SIGPOLICY_E_KEY, SIGPOLICY_REASON_LIMIT,
                             "more than %lu certificates", SP_KEYS_MAX);
    }
}

int
sp_certificates_parse (struct sp_view text, size_t max, struct sp_certificates *list,
                       sigpolicy_error **err)
{
  text = sp_utf8_trim (text);
  while (text.len)
    {
      cleanup_pem_block struct sp_pem_block block = { .bytes = SP_BUF (0) };
      struct sp_certificate *certificate = NULL;
      bool found = false;

      int rc = sp_pem_next (&text, &block, &found, err);
      if (rc == 0 && !found)
        rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                           "error during PEM decoding");
      if (rc == 0 && list->len == max)
        rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                           "more than %zu certificates", max);
      if (rc == 0)
        rc = sp_certificate_parse (sp_buf_view (&block.bytes), &certificate, err);
      if (rc == 0)
        rc = add (list, certificate, err);
      if (rc < 0)
        return rc;
    }
  return 0;
}
