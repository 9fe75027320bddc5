/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "util/codec.h"
#include "util/limits.h"

/* RFC 9580, 6.2. */

struct sp_view
sp_armor_line (struct sp_view *left)
{
  size_t end = sp_view_find (*left, '\n');
  struct sp_view line = sp_view_head (*left, end);

  *left
      = end == SP_VIEW_NONE ? sp_view_n (left->data + left->len, 0) : sp_view_from (*left, end + 1);
  while (line.len && memchr (" \t\r", line.data[line.len - 1], 3))
    line.len--;
  return line;
}

static bool
begins_keys (struct sp_view line)
{
  return sp_view_is (line, "-----BEGIN PGP PUBLIC KEY BLOCK-----")
         || sp_view_is (line, "-----BEGIN PGP PRIVATE KEY BLOCK-----");
}

/* The lines of one block up to its checksum or end line, after those of its headers. */
static void
take_body (struct sp_view *left, struct sp_buf *text)
{
  static const struct sp_view end = SP_VIEW ("-----");

  while (left->len && sp_armor_line (left).len)
    ;
  while (left->len)
    {
      struct sp_view line = sp_armor_line (left);
      if (sp_view_starts (line, end) || (line.len == 5 && line.data[0] == '='))
        return;
      sp_buf_add (text, line);
    }
}

int
sp_armor_next (struct sp_view *left, struct sp_buf *ret, bool *ret_found, bool *ret_whole,
               sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_error sigpolicy_error *broken = NULL;

  *ret_found = *ret_whole = false;
  while (left->len && !*ret_found)
    *ret_found = begins_keys (sp_armor_line (left));
  if (!*ret_found)
    return 0;
  take_body (left, &text);
  int rc = sp_buf_check (&text, err);
  if (rc < 0)
    return rc;
  rc = sp_base64_decode (sp_buf_view (&text), ret, &broken);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  *ret_whole = rc == 0;
  return 0;
}

/* RFC 9580, 6.1.1. */
static unsigned
checksum (struct sp_view bytes)
{
  unsigned crc = 0xb704ce;

  for (size_t i = 0; i < bytes.len; i++)
    {
      crc ^= (unsigned)(unsigned char)bytes.data[i] << 16;
      for (unsigned bit = 0; bit < 8; bit++)
        crc = crc & 0x800000 ? (crc << 1) ^ 0x864cfb : crc << 1;
    }
  return crc & 0xffffff;
}

/* A header that means nothing to anybody. */
static bool
is_idle_header (struct sp_view line)
{
  static const struct sp_view version = SP_VIEW ("Version: "), comment = SP_VIEW ("Comment: ");

  for (size_t i = 0; i < line.len; i++)
    if (line.data[i] < ' ' || line.data[i] > '~')
      return false;
  return line.len <= 128 && (sp_view_starts (line, version) || sp_view_starts (line, comment));
}

bool
sp_armor_is_plain (struct sp_view text, struct sp_buf *ret)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  cleanup_buf struct sp_buf body = SP_BUF (SP_KEY_BYTES_MAX);
  cleanup_buf struct sp_buf sum = SP_BUF (4);
  struct sp_view line;

  if (!sp_view_is (sp_armor_line (&text), "-----BEGIN PGP PUBLIC KEY BLOCK-----"))
    return false;
  for (line = sp_armor_line (&text); line.len; line = sp_armor_line (&text))
    if (!is_idle_header (line))
      return false;
  for (line = sp_armor_line (&text); line.len > 5 || (line.len && line.data[0] != '=');
       line = sp_armor_line (&text))
    {
      size_t padding = sp_view_find (line, '=');
      if (line.len > 64 || line.len % 4 || body.len % 64
          || (padding != SP_VIEW_NONE && padding + 2 < line.len))
        return false;
      sp_buf_add (&body, line);
    }
  if (line.len != 5 || line.data[0] != '='
      || !sp_view_is (sp_armor_line (&text), "-----END PGP PUBLIC KEY BLOCK-----") || text.len
      || sp_base64_decode (sp_buf_view (&body), ret, &ignored) < 0
      || sp_base64_decode (sp_view_from (line, 1), &sum, &ignored) < 0 || sum.len != 3)
    return false;
  unsigned said = (unsigned)(unsigned char)sum.data[0] << 16
                  | (unsigned)(unsigned char)sum.data[1] << 8 | (unsigned char)sum.data[2];
  return said == checksum (sp_buf_view (ret));
}
