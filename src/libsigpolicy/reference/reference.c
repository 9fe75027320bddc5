/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/reference.h"

#include "reference/digest.h"
#include "reference/grammar.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

static const struct sp_view default_domain = SP_VIEW ("docker.io");
static const struct sp_view legacy_domain = SP_VIEW ("index.docker.io");
static const struct sp_view official = SP_VIEW ("library/");

static int
invalid (sigpolicy_error **err, const char *text)
{
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE, "%s", text);
}

static int
too_long (sigpolicy_error **err)
{
  return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_LIMIT,
                       "a reference has at most %lu bytes", SP_REFERENCE_BYTES_MAX);
}

/* Does a letter have another lower case? Of the alphabets in use; all of them are refused anyway,
 * with another text. */
static bool
is_upper (unsigned rune)
{
  return (rune >= 'A' && rune <= 'Z') || (rune >= 0xc0 && rune <= 0xde && rune != 0xd7)
         || (rune >= 0x100 && rune <= 0x137 && !(rune & 1))
         || (rune >= 0x139 && rune <= 0x148 && rune & 1)
         || (rune >= 0x14a && rune <= 0x177 && !(rune & 1)) || rune == 0x178 || rune == 0x179
         || rune == 0x17b || rune == 0x17d || (rune >= 0x386 && rune <= 0x38f && rune != 0x387)
         || (rune >= 0x391 && rune <= 0x3ab) || (rune >= 0x400 && rune <= 0x42f)
         || (rune >= 0x531 && rune <= 0x556) || (rune >= 0x1e00 && rune <= 0x1eff && !(rune & 1))
         || rune == 0x2126 || rune == 0x212a || rune == 0x212b || (rune >= 0x2160 && rune <= 0x216f)
         || (rune >= 0x24b6 && rune <= 0x24cf) || (rune >= 0xff21 && rune <= 0xff3a)
         || (rune >= 0x10400 && rune <= 0x10427);
}

/* Would lower-casing change the text? Bytes that are no UTF-8 do not survive it either. */
static bool
has_upper (struct sp_view text)
{
  unsigned rune = 0;
  int length;
  for (; (length = sp_utf8_next (text, &rune)) >= 0; text = sp_view_from (text, (size_t)length))
    if (length == 0 || is_upper (rune))
      return true;
  return false;
}

/* Lower case as far as the result can be of the grammar at all: ASCII, and the Kelvin sign, which
 * becomes a k. */
static void
lower (struct sp_view text, struct sp_buf *out)
{
  static const struct sp_view kelvin = SP_VIEW ("\xe2\x84\xaa");
  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (sp_view_starts (sp_view_from (text, i), kelvin))
        {
          sp_buf_byte (out, 'k');
          i += kelvin.len - 1;
        }
      else
        sp_buf_byte (out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

/* "busybox" -> docker.io, library/busybox; "localhost:5000/x" -> localhost:5000, x. */
static int
expand (struct sp_view text, struct sp_buf *full, struct sp_view *ret_remainder,
        sigpolicy_error **err)
{
  size_t slash = sp_view_find (text, '/');
  struct sp_view domain = default_domain, remainder = text;
  struct sp_view first = sp_view_head (text, slash);

  if (slash != SP_VIEW_NONE
      && (sp_view_find (first, '.') != SP_VIEW_NONE || sp_view_find (first, ':') != SP_VIEW_NONE
          || sp_view_is (first, "localhost")))
    {
      domain = sp_view_equal (first, legacy_domain) ? default_domain : first;
      remainder = sp_view_from (text, slash + 1);
    }
  sp_buf_add (full, domain);
  sp_buf_byte (full, '/');
  size_t start = full->len;
  if (sp_view_equal (domain, default_domain) && sp_view_find (remainder, '/') == SP_VIEW_NONE)
    sp_buf_add (full, official);
  sp_buf_add (full, remainder);
  *ret_remainder = sp_view_from (sp_buf_view (full), start);
  return sp_buf_check (full, err);
}

/* The text does not fit the grammar: is it only its case? */
static int
explain_mismatch (struct sp_view full, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf lowered = SP_BUF (SP_REFERENCE_BYTES_MAX * 2);
  struct sp_grammar_parts parts;

  lower (full, &lowered);
  if (sp_buf_check (&lowered, err) < 0)
    return sigpolicy_error_code (*err);
  return invalid (err, sp_grammar_reference (sp_buf_view (&lowered), &parts)
                           ? "repository name must be lowercase"
                           : "invalid reference format");
}

/* "name[:tag][@digest]". */
static char *
compose (const char *name, const char *tag, const char *digest, sigpolicy_error **err)
{
  return sp_asprintf (err, "%s%s%s%s%s", name, tag ? ":" : "", tag ? tag : "", digest ? "@" : "",
                      digest ? digest : "");
}

static int
build (const struct sp_grammar_parts *parts, struct sp_reference **ret, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = sp_calloc (1, sizeof *reference, err);

  if (!reference || !(reference->name = sp_view_dup (parts->name, err))
      || !(reference->domain = sp_view_dup (parts->domain, err))
      || !(reference->path = sp_view_dup (parts->path, err))
      || (parts->tag.data && !(reference->tag = sp_view_dup (parts->tag, err)))
      || (parts->digest.data && !(reference->digest = sp_view_dup (parts->digest, err)))
      || !(reference->string = compose (reference->name, reference->tag, reference->digest, err)))
    return SIGPOLICY_E_NO_MEMORY;
  *ret = steal (&reference);
  return 0;
}

int
sp_reference_parse (struct sp_view text, struct sp_reference **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf full = SP_BUF (SP_REFERENCE_BYTES_MAX + 64);
  struct sp_view remainder;
  struct sp_grammar_parts parts;

  if (text.len > SP_REFERENCE_BYTES_MAX)
    return too_long (err);
  if (sp_digest_is_hex64 (text))
    return sp_error_set (
        err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
        "invalid repository name (%.*s), cannot specify 64-byte hexadecimal strings", (int)text.len,
        text.data);
  if (expand (text, &full, &remainder, err) < 0)
    return sigpolicy_error_code (*err);
  if (has_upper (sp_view_head (remainder, sp_view_find (remainder, ':'))))
    return invalid (err, "invalid reference format: repository name must be lowercase");
  if (!sp_grammar_reference (sp_buf_view (&full), &parts))
    return explain_mismatch (sp_buf_view (&full), err);
  if (parts.name.len > SP_REFERENCE_NAME_MAX)
    return invalid (err, "repository name must not be more than 255 characters");
  if (parts.digest.data && sp_digest_check (parts.digest, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE);
  return build (&parts, ret, err);
}

int
sp_reference_parse_canonical (struct sp_view text, struct sp_reference **ret, sigpolicy_error **err)
{
  cleanup_reference struct sp_reference *reference = NULL;

  int rc = sp_reference_parse (text, &reference, err);
  if (rc < 0)
    return rc;
  if (!sp_view_is (text, reference->string))
    return invalid (err, "repository name must be canonical");
  *ret = steal (&reference);
  return 0;
}

int
sp_reference_split (struct sp_view text, struct sp_grammar_parts *ret, sigpolicy_error **err)
{
  struct sp_grammar_parts parts;

  if (text.len > SP_REFERENCE_BYTES_MAX)
    return too_long (err);
  if (!text.len)
    return invalid (err, "repository name must have at least one component");
  if (!sp_grammar_reference (text, &parts))
    return explain_mismatch (text, err);
  if (parts.name.len > SP_REFERENCE_NAME_MAX)
    return invalid (err, "repository name must not be more than 255 characters");
  if (parts.digest.data && sp_digest_check (parts.digest, err) < 0)
    return sp_error_class (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE);
  *ret = parts;
  return 0;
}

/* A copy with this tag and this digest, either of which may be NULL. */
static int
copy_with (const struct sp_reference *reference, const char *tag, const char *digest,
           struct sp_reference **ret, sigpolicy_error **err)
{
  struct sp_grammar_parts parts = { .name = sp_view_str (reference->name),
                                    .domain = sp_view_str (reference->domain),
                                    .path = sp_view_str (reference->path) };
  if (tag)
    parts.tag = sp_view_str (tag);
  if (digest)
    parts.digest = sp_view_str (digest);
  return build (&parts, ret, err);
}

int
sp_reference_with_default_tag (const struct sp_reference *reference, struct sp_reference **ret,
                               sigpolicy_error **err)
{
  return copy_with (reference, sp_reference_is_name_only (reference) ? "latest" : reference->tag,
                    reference->digest, ret, err);
}

int
sp_reference_without_tag (const struct sp_reference *reference, struct sp_reference **ret,
                          sigpolicy_error **err)
{
  return copy_with (reference, NULL, reference->digest, ret, err);
}

int
sp_reference_with_digest (const struct sp_reference *reference, const char *digest,
                          struct sp_reference **ret, sigpolicy_error **err)
{
  return copy_with (reference, NULL, digest, ret, err);
}

char *
sp_reference_familiar (const struct sp_reference *reference, sigpolicy_error **err)
{
  struct sp_view name = sp_view_str (reference->name), path = sp_view_str (reference->path);

  if (sp_view_equal (sp_view_str (reference->domain), default_domain))
    {
      name = path;
      if (sp_view_starts (path, official)
          && sp_view_find (sp_view_from (path, official.len), '/') == SP_VIEW_NONE)
        name = sp_view_from (path, official.len);
    }
  return compose (name.data, reference->tag, reference->digest, err);
}

bool
sp_reference_is_prefix (struct sp_view text)
{
  size_t slash = sp_view_find (text, '/');
  if (!sp_grammar_domain (sp_view_head (text, slash)))
    return false;
  return slash == SP_VIEW_NONE || sp_grammar_path (sp_view_from (text, slash + 1));
}

void
sp_reference_free (struct sp_reference *reference)
{
  if (!reference)
    return;
  free (reference->string);
  free (reference->name);
  free (reference->domain);
  free (reference->path);
  free (reference->tag);
  free (reference->digest);
  free (reference);
}
