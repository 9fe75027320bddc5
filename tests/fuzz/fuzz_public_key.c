/* SPDX-License-Identifier: Apache-2.0 */

/*
 * PEM, and the key in it. What is left of a text is its end; a block that is written down again
 * reads the same; a key is the same key when it is, and takes nothing for its signature.
 */
#include "fuzz.h"

#include "crypto/pem.h"
#include "crypto/public_key.h"
#include "util/codec.h"
#include "util/limits.h"

#include <stdint.h>

static void
write_pem (struct sp_buf *out, struct sp_view label, struct sp_view bytes)
{
  sp_buf_str (out, "-----BEGIN ");
  sp_buf_add (out, label);
  sp_buf_str (out, "-----\n");
  sp_base64_encode (bytes, out);
  sp_buf_str (out, bytes.len ? "\n-----END " : "-----END ");
  sp_buf_add (out, label);
  sp_buf_str (out, "-----\n");
}

static void
check_block (const struct sp_pem_block *block)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_pem_block struct sp_pem_block again = { .bytes = SP_BUF (0) };
  cleanup_buf struct sp_buf text = SP_BUF (SP_MIB);
  bool found = false;

  write_pem (&text, block->label, sp_buf_view (&block->bytes));
  struct sp_view rest = sp_buf_view (&text);
  require (sp_pem_next (&rest, &again, &found, &err) == 0 && found && !rest.len);
  require (sp_view_equal (block->label, again.label)
           && sp_view_equal (sp_buf_view (&block->bytes), sp_buf_view (&again.bytes))
           && !again.has_headers);
}

static void
scan (struct sp_view text)
{
  for (struct sp_view rest = text;;)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_pem_block struct sp_pem_block block = { .bytes = SP_BUF (0) };
      struct sp_view before = rest;
      bool found = false;
      require (sp_pem_next (&rest, &block, &found, &err) == 0);
      if (!found)
        {
          require (rest.data == before.data && rest.len == before.len);
          return;
        }
      require (rest.len < before.len && rest.data + rest.len == before.data + before.len);
      require (block.label.data >= before.data && block.label.data + block.label.len <= rest.data);
      check_block (&block);
    }
}

static void
check_key (const struct sp_public_key *key, struct sp_view text)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_public_key struct sp_public_key *again = NULL;
  cleanup_buf struct sp_buf pem = SP_BUF (SP_MIB);
  static const char zeros[64];
  bool raw = false;

  require (sp_public_key_kind (key) != SP_KEY_UNKNOWN);
  require (sp_public_key_verify (key, text, sp_view_head (text, 512), &raw, &err) < 0 && err);
  sp_error_clear (&err);
  require (sp_public_key_verify (key, text, sp_view_n (zeros, sizeof zeros), &raw, &err) < 0);
  sp_error_clear (&err);
  require (!sp_public_key_verify_der (key, text, text));
  if (!sp_public_key_spki (key).len)
    return;
  write_pem (&pem, sp_view_str ("PUBLIC KEY"), sp_public_key_spki (key));
  require (sp_public_key_from_pem (sp_buf_view (&pem), &again, &err) == 0);
  require (sp_public_key_kind (key) == sp_public_key_kind (again)
           && strcmp (sp_public_key_fingerprint (key), sp_public_key_fingerprint (again)) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_public_key struct sp_public_key *key = NULL;
  struct sp_view text = sp_view_n ((const char *)data, size);

  scan (text);
  if (sp_public_key_from_pem (text, &key, &err) < 0)
    require (err && !key && sigpolicy_error_message (err)[0]);
  else
    check_key (key, text);
  return 0;
}
