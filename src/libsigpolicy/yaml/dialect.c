/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/dialect.h"

#include "util/codec.h"

/* One character at the start of text, and how many bytes it has; 0 at the end. */
static unsigned
character (struct sp_view text, yaml_encoding_t encoding, size_t *ret_bytes)
{
  unsigned rune = 0;

  if (encoding == YAML_UTF16LE_ENCODING || encoding == YAML_UTF16BE_ENCODING)
    {
      size_t high = encoding == YAML_UTF16BE_ENCODING ? 0 : 1;
      if (text.len < 2)
        return 0;
      rune = (unsigned)(unsigned char)text.data[high] << 8 | (unsigned char)text.data[1 - high];
      *ret_bytes = (rune & 0xfc00) == 0xd800 ? 4 : 2;
      return rune;
    }
  int length = sp_utf8_next (text, &rune);
  *ret_bytes = length > 0 ? (size_t)length : 1;
  return length < 0 ? 0 : rune;
}

/* The character with a mark's index, and how many bytes it has. libyaml has read as far as that, so
 * up to there the text is sound. */
static unsigned
character_at (struct sp_yaml_source *source, size_t index, size_t *ret_bytes)
{
  static const struct sp_view mark = SP_VIEW ("\xef\xbb\xbf");
  size_t bytes = 0;

  if (!source->byte || index < source->index)
    {
      source->index = 0;
      source->byte = source->encoding != YAML_UTF8_ENCODING ? 2
                     : sp_view_starts (source->text, mark)  ? mark.len
                                                            : 0;
    }
  for (; source->index < index; source->index++, source->byte += bytes)
    if (!character (sp_view_from (source->text, source->byte), source->encoding, &bytes))
      return 0;
  return character (sp_view_from (source->text, source->byte), source->encoding, ret_bytes);
}

/* Backslashes come in pairs with what they escape. */
static bool
escapes_slash (struct sp_yaml_source *source, size_t start, size_t end)
{
  size_t ignored = 0;
  for (size_t i = start; i + 1 < end; i++)
    if (character_at (source, i, &ignored) == '\\' && character_at (source, ++i, &ignored) == '/')
      return true;
  return false;
}

static const char *
scalar_fault (struct sp_yaml_source *source, const yaml_event_t *event, bool in_flow)
{
  yaml_scalar_style_t style = event->data.scalar.style;
  const unsigned char *text = event->data.scalar.value;
  size_t length = event->data.scalar.length, ignored = 0;

  if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
      && escapes_slash (source, event->start_mark.index, event->end_mark.index))
    return "found unknown escape character";
  if (!in_flow || style != YAML_PLAIN_SCALAR_STYLE)
    return NULL;
  if (length && memchr (text, '?', length))
    return "did not find expected ',' or '}'";
  if (!length && event->data.scalar.tag
      && character_at (source, event->end_mark.index, &ignored) == ',')
    return "did not find expected whitespace or line break";
  return NULL;
}

const char *
sp_yaml_dialect_fault (struct sp_yaml_source *source, const yaml_event_t *event, bool in_flow)
{
  const yaml_version_directive_t *version;

  if (event->type == YAML_SCALAR_EVENT)
    return scalar_fault (source, event, in_flow);
  if (event->type != YAML_DOCUMENT_START_EVENT)
    return NULL;
  version = event->data.document_start.version_directive;
  return version && (version->major != 1 || version->minor != 1)
             ? "found incompatible YAML document"
             : NULL;
}

bool
sp_yaml_has_stray_mark (struct sp_yaml_source *source, size_t end, size_t *ret_line)
{
  unsigned rune, last = '\n';
  size_t line = 0, ignored = 0;

  for (size_t i = 0; i < end; i++, last = rune)
    {
      rune = character_at (source, i, &ignored);
      bool begins
          = last == '\n' || last == '\r' || last == 0x85 || last == 0x2028 || last == 0x2029;
      line += i > 0 && begins && !(last == '\r' && rune == '\n');
      if (begins && rune == 0xfeff)
        {
          *ret_line = line;
          return true;
        }
    }
  return false;
}
