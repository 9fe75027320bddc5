/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/checkpoint.h"

#include "crypto/signature_digest.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

#define HINT_BYTES 4

static int
refuse (sigpolicy_error **err, const char *words)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG, "checkpoint: %s",
                       words);
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* The next line without its end; false when there is none, or none that ends. */
static bool
take_line (struct sp_view *rest, struct sp_view *ret)
{
  size_t end = sp_view_find (*rest, '\n');
  if (end == SP_VIEW_NONE)
    return false;
  *ret = sp_view_head (*rest, end);
  *rest = sp_view_from (*rest, end + 1);
  return true;
}

/* UTF-8 without control characters but for the ends of lines. */
static bool
is_plain (struct sp_view text)
{
  unsigned rune;
  for (int length; (length = sp_utf8_next (text, &rune)) >= 0;)
    {
      if (length == 0 || (rune < 0x20 && rune != '\n') || rune == 0x7f)
        return false;
      text = sp_view_from (text, (size_t)length);
    }
  return true;
}

static bool
read_size (struct sp_view digits, int64_t *ret)
{
  int64_t number = 0;
  if (!digits.len || digits.len > 18 || (digits.data[0] == '0' && digits.len > 1))
    return false;
  for (size_t i = 0; i < digits.len; i++)
    {
      if (digits.data[i] < '0' || digits.data[i] > '9')
        return false;
      number = number * 10 + (digits.data[i] - '0');
    }
  *ret = number;
  return true;
}

/* Base64 in its one spelling. */
static int
read_base64 (struct sp_view text, struct sp_buf *out, bool *ret_good, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf again = SP_BUF (SP_CHECKPOINT_BYTES_MAX);
  cleanup_error sigpolicy_error *why = NULL;

  *ret_good = false;
  if (sp_base64_decode (text, out, &why) < 0)
    return sigpolicy_error_code (why) == SIGPOLICY_E_NO_MEMORY ? sp_error_no_memory (err) : 0;
  sp_base64_encode (sp_buf_view (out), &again);
  int rc = sp_buf_check (&again, err);
  *ret_good = rc == 0 && sp_view_equal (sp_buf_view (&again), text);
  return rc;
}

/* "— NAME BASE64": the base64 is of a hint at the key and the signature. */
struct line
{
  struct sp_view name;
  struct sp_buf bytes;
};

static void
line_clear (struct line *line)
{
  sp_buf_clear (&line->bytes);
}

/* Of text that is_plain(). */
static bool
is_name (struct sp_view text)
{
  unsigned rune;
  for (int length; (length = sp_utf8_next (text, &rune)) > 0;)
    {
      if (rune == '+' || sp_rune_is_space (rune))
        return false;
      text = sp_view_from (text, (size_t)length);
    }
  return true;
}

static int
parse_line (struct sp_view text, struct line *ret, sigpolicy_error **err)
{
  static const struct sp_view dash = SP_VIEW ("\xe2\x80\x94 ");
  struct sp_view rest = sp_view_from (text, dash.len);
  size_t space = sp_view_find (rest, ' ');
  bool good = sp_view_starts (text, dash) && space != SP_VIEW_NONE && space > 0;

  ret->name = sp_view_head (rest, good ? space : 0);
  int rc = good ? read_base64 (sp_view_from (rest, space + 1), &ret->bytes, &good, err) : 0;
  if (rc == 0 && (!good || ret->bytes.len <= HINT_BYTES || !is_name (ret->name)))
    rc = refuse (err, "a malformed line of a signature");
  return rc;
}

static int
check_lines (struct sp_checkpoint *checkpoint, sigpolicy_error **err)
{
  struct sp_view rest = checkpoint->signatures, text;
  int rc = 0;

  while (rc == 0 && rest.len)
    {
      SP_CLEANUP (line_clear) struct line line = { .bytes = SP_BUF (SP_CHECKPOINT_BYTES_MAX) };
      if (!take_line (&rest, &text))
        return refuse (err, "a last line without its end");
      if (++checkpoint->n_signatures > SP_CHECKPOINT_SIGNATURES_MAX)
        return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                             "a checkpoint with more than %lu signatures",
                             SP_CHECKPOINT_SIGNATURES_MAX);
      rc = parse_line (text, &line, err);
    }
  return rc == 0 && !checkpoint->n_signatures ? refuse (err, "it has no signature") : rc;
}

int
sp_checkpoint_parse (struct sp_view text, struct sp_checkpoint *ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf root = SP_BUF (SP_CHECKPOINT_BYTES_MAX);
  struct sp_checkpoint checkpoint = { 0 };
  struct sp_view body, size, hash;
  size_t blank = 0;
  bool good = false;

  if (text.len > SP_CHECKPOINT_BYTES_MAX || !is_plain (text))
    return refuse (err, "not plain text");
  for (size_t i = 1; i < text.len; i++)
    if (text.data[i] == '\n' && text.data[i - 1] == '\n')
      blank = i;
  if (!blank)
    return refuse (err, "no blank line before the signatures");
  checkpoint.text = body = sp_view_head (text, blank);
  checkpoint.signatures = sp_view_from (text, blank + 1);
  if (!take_line (&body, &checkpoint.origin) || !checkpoint.origin.len || !take_line (&body, &size)
      || !read_size (size, &checkpoint.size) || !take_line (&body, &hash))
    return refuse (err, "not the name, the size and the root of a tree");
  int rc = read_base64 (hash, &root, &good, err);
  if (rc == 0 && (!good || root.len != SP_SHA256_BYTES))
    rc = refuse (err, "its root is not the base64 of 32 bytes");
  if (rc == 0)
    rc = check_lines (&checkpoint, err);
  if (rc < 0)
    return rc;
  memcpy (checkpoint.root, root.data, SP_SHA256_BYTES);
  *ret = checkpoint;
  return 0;
}

/* --- verifying ----------------------------------------------------------------------------------
 */

/* The first bytes of the digest of the key, with its name for the kinds that C2SP defines. */
static int
make_hint (const struct sp_trusted_log *log, enum sp_log_version version,
           unsigned char ret[SP_SHA256_BYTES], sigpolicy_error **err)
{
  static const struct sp_view rsa = SP_VIEW ("\n\xffPKIX-RSA-PKCS#1v1.5");
  struct sp_view spki = sp_public_key_spki (log->key), name = sp_view_str (log->name);
  cleanup_buf struct sp_buf text = SP_BUF (SP_KEY_BYTES_MAX);
  enum sp_key_kind kind = sp_public_key_kind (log->key);

  if (version == SP_LOG_V2 && kind == SP_KEY_ED25519)
    {
      sp_buf_add (&text, name);
      sp_buf_add (&text, sp_view_n ("\n\x01", 2));
      spki = sp_view_from (spki, spki.len - 32);
    }
  else if (version == SP_LOG_V2 && kind == SP_KEY_RSA)
    {
      sp_buf_add (&text, name);
      sp_buf_add (&text, rsa);
    }
  sp_buf_add (&text, spki);
  int rc = sp_buf_check (&text, err);
  return rc < 0 ? rc : sp_sha256 (sp_buf_view (&text), ret, err);
}

static int
verify_line (const struct sp_checkpoint *checkpoint, const struct sp_trusted_log *log,
             struct sp_view signature, sigpolicy_error **err)
{
  unsigned char hash[SP_HASH_BYTES_MAX];
  bool good;

  if (sp_public_key_kind (log->key) == SP_KEY_ED25519)
    good = sp_public_key_verify_pure (log->key, checkpoint->text, signature);
  else
    {
      int rc = sp_hash (SP_HASH_SHA256, checkpoint->text, hash, err);
      if (rc < 0)
        return rc;
      good = sp_public_key_verify_digest (
          log->key, SP_HASH_SHA256, sp_view_n ((const char *)hash, SP_SHA256_BYTES), signature);
    }
  return good ? 0 : refuse (err, "the log's signature is not valid");
}

int
sp_checkpoint_verify (const struct sp_checkpoint *checkpoint, const struct sp_trusted_log *log,
                      enum sp_log_version version, size_t *ret_others, sigpolicy_error **err)
{
  struct sp_view rest = checkpoint->signatures, text;
  unsigned char hint[SP_SHA256_BYTES];
  size_t good = 0;

  if (version == SP_LOG_V2 && (!log->name || !sp_view_is (checkpoint->origin, log->name)))
    return refuse (err, "it is of another log");
  int rc = make_hint (log, version, hint, err);
  *ret_others = 0;
  while (rc == 0 && take_line (&rest, &text))
    {
      SP_CLEANUP (line_clear) struct line line = { .bytes = SP_BUF (SP_CHECKPOINT_BYTES_MAX) };
      rc = parse_line (text, &line, err);
      if (rc < 0)
        return rc;
      bool is_ours = memcmp (line.bytes.data, hint, HINT_BYTES) == 0
                     && (version == SP_LOG_V1 || sp_view_is (line.name, log->name));
      if (!is_ours && version == SP_LOG_V1)
        return refuse (err, "a signature by another key");
      *ret_others += !is_ours;
      if (is_ours)
        rc = verify_line (checkpoint, log, sp_view_from (sp_buf_view (&line.bytes), HINT_BYTES),
                          err);
      good += is_ours && rc == 0;
    }
  return rc == 0 && !good ? refuse (err, "no signature by the log") : rc;
}
