/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include "util/codec.h"
#include "util/limits.h"

/*
 * The frame of a clear-signed text. gpg passes over what stands before, between and behind such
 * blocks, and other readers do so in other ways: so there is one block, and nothing else.
 */

static const struct sp_view begin_message = SP_VIEW ("-----BEGIN PGP SIGNED MESSAGE-----"),
                            begin_signature = SP_VIEW ("-----BEGIN PGP SIGNATURE-----"),
                            end_signature = SP_VIEW ("-----END PGP SIGNATURE-----");

/* Where in the text we are. */
enum part
{
  BEFORE,
  HEADERS,
  TEXT,
  SIGNATURE,
  AFTER,
};

/* What is in the armor of the signature. */
struct armor
{
  bool in_body, ended;
  struct sp_buf base64;
};

static void
clear_armor (struct armor *armor)
{
  sp_buf_clear (&armor->base64);
}

#define cleanup_armor SP_CLEANUP (clear_armor)

static int
bad (sigpolicy_error **err, size_t number, const char *what)
{
  return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE, "line %zu: %s",
                       number, what);
}

static bool
is_hash (struct sp_view name)
{
  return sp_view_is (name, "SHA256") || sp_view_is (name, "SHA384") || sp_view_is (name, "SHA512");
}

/* "Hash: SHA512" alone has a meaning for all who read it. */
static int
check_header (struct sp_view line, size_t number, sigpolicy_error **err)
{
  static const struct sp_view hash = SP_VIEW ("Hash: ");

  if (!sp_view_starts (line, hash))
    return bad (err, number, "a header of the signed text that is not \"Hash\"");
  for (line = sp_view_from (line, hash.len);;)
    {
      size_t comma = sp_view_find (line, ',');
      if (!is_hash (sp_view_head (line, comma)))
        return bad (err, number, "a hash that is not SHA256, SHA384 or SHA512");
      if (comma == SP_VIEW_NONE)
        return 0;
      line = sp_view_from (line, comma + 1);
    }
}

/* The lines of the armor, of which those behind its headers are kept, up to the checksum. */
static void
keep_armor (struct sp_view line, struct armor *armor)
{
  if (!line.len && !armor->in_body)
    armor->in_body = true;
  else if (armor->in_body && !armor->ended)
    {
      armor->ended = line.len == 5 && line.data[0] == '=';
      if (!armor->ended)
        sp_buf_add (&armor->base64, line);
    }
}

static int
check_line (struct sp_view line, size_t number, enum part *part, struct armor *armor,
            sigpolicy_error **err)
{
  static const struct sp_view dashes = SP_VIEW ("-----"), escape = SP_VIEW ("- ");
  bool framing = sp_view_starts (line, dashes);

  switch (*part)
    {
    case BEFORE:
      if (sp_view_equal (line, begin_message))
        *part = HEADERS;
      else if (line.len)
        return bad (err, number, "text before the signed block");
      return 0;
    case HEADERS:
      if (!line.len)
        *part = TEXT;
      return line.len ? check_header (line, number, err) : 0;
    case TEXT:
      if (sp_view_equal (line, begin_signature))
        *part = SIGNATURE;
      else if (framing
               || (line.len && line.data[0] == '-' && line.len > 1
                   && !sp_view_starts (line, escape)))
        return bad (err, number, "a dash within the signed text that is not escaped");
      return 0;
    case SIGNATURE:
      if (sp_view_equal (line, end_signature))
        *part = AFTER;
      else if (framing)
        return bad (err, number, "something else within the armor of the signature");
      else
        keep_armor (line, armor);
      return 0;
    case AFTER:
      if (sp_view_equal (line, begin_message))
        return bad (err, number, "a second block");
      return line.len ? bad (err, number, "text after the signed block") : 0;
    }
  return 0;
}

/* One signature, and nothing that could bring a text of its own. */
static int
check_packets (const struct armor *armor, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf packets = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX);
  cleanup_error sigpolicy_error *fault = NULL;
  struct sp_packet packet;

  int rc = sp_buf_check (&armor->base64, err);
  if (rc == 0 && sp_base64_decode (sp_buf_view (&armor->base64), &packets, &fault) < 0)
    rc = sigpolicy_error_code (fault) == SIGPOLICY_E_NO_MEMORY
             ? sp_error_no_memory (err)
             : sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                             "the armor of the signature is not base64");
  if (rc < 0)
    return rc;
  struct sp_view left = sp_buf_view (&packets);
  if (!sp_packet_next (&left, &packet) || packet.tag != SP_TAG_SIGNATURE || !packet.whole
      || left.len)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "the clear-signed text has no signature, or more than one");
  return 0;
}

int
sp_clear_text_check (struct sp_view text, sigpolicy_error **err)
{
  cleanup_armor struct armor armor = { .base64 = SP_BUF (SP_SIGNED_TEXT_BYTES_MAX) };
  enum part part = BEFORE;
  int rc = 0;

  if (!memmem (text.data, text.len, begin_message.data, begin_message.len))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "it is not a clear-signed text");
  if (sp_view_find (text, '\0') != SP_VIEW_NONE)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                         "a NUL within the clear-signed text");
  for (size_t number = 1; rc == 0 && text.len; number++)
    rc = check_line (sp_armor_line (&text), number, &part, &armor, err);
  if (rc == 0 && part != AFTER)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                       "the clear-signed text has no end");
  return rc < 0 ? rc : check_packets (&armor, err);
}
