/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* One pass over the text: everything is checked, every value and key becomes a node. The stack of
 * open containers is threaded through the nodes themselves, so depth costs no memory. */
struct scan
{
  struct sp_json *json;
  struct sp_view text;
  size_t at;
  uint32_t open; /* the innermost open container, or NONE */
  unsigned depth, max_depth;
  sigpolicy_error **err;
};

#define NONE UINT32_MAX

static bool
at_end (const struct scan *s)
{
  return s->at >= s->text.len;
}

static unsigned char
here (const struct scan *s)
{
  return (unsigned char)s->text.data[s->at];
}

static bool
digit_here (const struct scan *s)
{
  return !at_end (s) && here (s) >= '0' && here (s) <= '9';
}

static void
skip_space (struct scan *s)
{
  while (!at_end (s)
         && (here (s) == ' ' || here (s) == '\n' || here (s) == '\t' || here (s) == '\r'))
    s->at++;
}

static int
unexpected (struct scan *s, const char *where)
{
  return at_end (s) ? sp_json_unexpected_end (s->text, s->err)
                    : sp_json_invalid_character (s->text, s->at, where, s->err);
}

/* Begins a node here. The result is valid until the next one is added. */
static struct sp_json_entry *
add (struct scan *s, enum sp_json_type type)
{
  struct sp_json *json = s->json;
  if (json->n_entries >= SP_JSON_NODES_MAX)
    {
      (void)sp_error_set (s->err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "more than %lu values in one JSON document", SP_JSON_NODES_MAX);
      (void)sp_json_error_at_offset (s->text, s->at, s->err);
      return NULL;
    }
  if (sp_grow (&json->entries, &json->capacity, json->n_entries, sizeof *json->entries, s->err) < 0)
    return NULL;
  struct sp_json_entry *entry = &json->entries[json->n_entries++];
  entry->type = (uint8_t)type;
  entry->start = (uint32_t)s->at;
  return entry;
}

static int
open_container (struct scan *s, enum sp_json_type type)
{
  if (s->depth == s->max_depth)
    {
      (void)sp_error_set (s->err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "exceeded max depth");
      (void)sp_error_hint (s->err, "at most %u arrays and objects may stand in one another",
                           s->max_depth);
      return sp_json_error_at_offset (s->text, s->at, s->err);
    }
  struct sp_json_entry *entry = add (s, type);
  if (!entry)
    return sigpolicy_error_code (*s->err);
  entry->next = s->open;
  s->open = (uint32_t)(entry - s->json->entries);
  s->depth++;
  s->at++;
  return 0;
}

static void
close_container (struct scan *s)
{
  struct sp_json_entry *entry = &s->json->entries[s->open];
  s->at++;
  s->depth--;
  s->open = entry->next;
  entry->next = (uint32_t)s->json->n_entries;
  entry->end = (uint32_t)s->at;
}

/* Steps over the escape sequence here. */
static int
check_escape (struct scan *s)
{
  struct sp_view rest = sp_view_from (s->text, s->at);
  if (rest.len < 2)
    return sp_json_unexpected_end (s->text, s->err);
  switch (rest.data[1])
    {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      s->at += 2;
      return 0;
    case 'u':
      if (sp_json_hex4 (sp_view_from (rest, 2)) >= 0)
        {
          s->at += 6;
          return 0;
        }
      break;
    default:
      break;
    }
  return sp_json_invalid_escape (s->text, s->at, s->err);
}

static int
scan_string (struct scan *s)
{
  struct sp_json_entry *entry = add (s, SP_JSON_STRING);
  if (!entry)
    return sigpolicy_error_code (*s->err);
  bool plain = true;
  unsigned rune;
  s->at++;
  for (;;)
    {
      s->at = sp_json_skip_plain (s->text, s->at);
      if (at_end (s))
        return sp_json_unexpected_end (s->text, s->err);
      if (here (s) == '"')
        break;
      if (here (s) < 0x20)
        return unexpected (s, "in string");
      if (here (s) == '\\')
        {
          plain = false;
          int rc = check_escape (s);
          if (rc < 0)
            return rc;
          continue;
        }
      int length = sp_utf8_next (sp_view_from (s->text, s->at), &rune);
      plain = plain && length > 0;
      s->at += length > 0 ? (size_t)length : 1;
    }
  s->at++;
  entry->end = (uint32_t)s->at;
  if (plain)
    return 0;
  struct sp_buf *decoded = &s->json->decoded;
  entry->decoded = true;
  entry->offset = (uint32_t)decoded->len;
  sp_json_unescape (sp_view_n (s->text.data + entry->start + 1, entry->end - entry->start - 2),
                    decoded);
  entry->length = (uint32_t)(decoded->len - entry->offset);
  return sp_buf_check (decoded, s->err);
}

static int
scan_digits (struct scan *s)
{
  if (!digit_here (s))
    return unexpected (s, "in numeric literal");
  while (digit_here (s))
    s->at++;
  return 0;
}

static int
scan_number (struct scan *s)
{
  struct sp_json_entry *entry = add (s, SP_JSON_NUMBER);
  if (!entry)
    return sigpolicy_error_code (*s->err);
  int rc = 0;
  if (here (s) == '-')
    s->at++;
  if (!at_end (s) && here (s) == '0')
    s->at++; /* and no digit behind it: 01 is no number */
  else
    rc = scan_digits (s);
  if (rc == 0 && !at_end (s) && here (s) == '.')
    {
      s->at++;
      rc = scan_digits (s);
    }
  if (rc == 0 && !at_end (s) && (here (s) == 'e' || here (s) == 'E'))
    {
      s->at++;
      if (!at_end (s) && (here (s) == '+' || here (s) == '-'))
        s->at++;
      rc = scan_digits (s);
    }
  entry->end = (uint32_t)s->at;
  return rc;
}

static int
scan_literal (struct scan *s, enum sp_json_type type, const char *word)
{
  struct sp_json_entry *entry = add (s, type);
  if (!entry)
    return sigpolicy_error_code (*s->err);
  for (const char *letter = word; *letter; letter++, s->at++)
    if (at_end (s) || here (s) != (unsigned char)*letter)
      {
        char where[64];
        (void)snprintf (where, sizeof where, "in literal %s (expecting '%c')", word, *letter);
        return unexpected (s, where);
      }
  entry->end = (uint32_t)s->at;
  return 0;
}

/* What comes next. */
enum expected
{
  VALUE,
  VALUE_OR_END, /* behind [ */
  KEY,
  KEY_OR_END, /* behind { */
  BEHIND_VALUE,
  DONE,
};

static int
scan_value (struct scan *s, enum expected *next)
{
  *next = BEHIND_VALUE;
  switch (at_end (s) ? -1 : here (s))
    {
    case '{':
      *next = KEY_OR_END;
      return open_container (s, SP_JSON_OBJECT);
    case '[':
      *next = VALUE_OR_END;
      return open_container (s, SP_JSON_ARRAY);
    case '"':
      return scan_string (s);
    case 't':
      return scan_literal (s, SP_JSON_TRUE, "true");
    case 'f':
      return scan_literal (s, SP_JSON_FALSE, "false");
    case 'n':
      return scan_literal (s, SP_JSON_NULL, "null");
    case '-':
      return scan_number (s);
    default:
      return digit_here (s) ? scan_number (s) : unexpected (s, "looking for beginning of value");
    }
}

static int
scan_key (struct scan *s)
{
  if (at_end (s) || here (s) != '"')
    return unexpected (s, "looking for beginning of object key string");
  int rc = scan_string (s);
  if (rc < 0)
    return rc;
  skip_space (s);
  if (at_end (s) || here (s) != ':')
    return unexpected (s, "after object key");
  s->at++;
  return 0;
}

static int
scan_behind_value (struct scan *s, enum expected *next)
{
  if (s->open == NONE)
    {
      *next = DONE;
      return at_end (s) ? 0 : unexpected (s, "after top-level value");
    }
  struct sp_json_entry *container = &s->json->entries[s->open];
  bool object = container->type == SP_JSON_OBJECT;
  container->count++;
  if (!at_end (s) && here (s) == ',')
    {
      s->at++;
      *next = object ? KEY : VALUE;
      return 0;
    }
  if (at_end (s) || here (s) != (object ? '}' : ']'))
    return unexpected (s, object ? "after object key:value pair" : "after array element");
  close_container (s);
  *next = BEHIND_VALUE;
  return 0;
}

static int
scan_document (struct scan *s)
{
  enum expected next = VALUE;
  int rc = 0;
  while (rc == 0 && next != DONE)
    {
      skip_space (s);
      char end = next == KEY_OR_END ? '}' : next == VALUE_OR_END ? ']' : '\0';
      if (end && !at_end (s) && here (s) == (unsigned char)end)
        {
          close_container (s);
          next = BEHIND_VALUE;
        }
      else if (next == KEY || next == KEY_OR_END)
        {
          rc = scan_key (s);
          next = VALUE;
        }
      else if (next == BEHIND_VALUE)
        rc = scan_behind_value (s, &next);
      else
        rc = scan_value (s, &next);
    }
  return rc;
}

int
sp_json_parse (struct sp_view text, unsigned max_depth, struct sp_json **ret, sigpolicy_error **err)
{
  if (text.len > UINT32_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "exceeded maximum allowed size of %lu bytes", (unsigned long)UINT32_MAX);
  cleanup_json struct sp_json *json = sp_calloc (1, sizeof *json, err);
  if (!json)
    return SIGPOLICY_E_NO_MEMORY;
  json->text = text;
  json->decoded = (struct sp_buf)SP_BUF (UINT32_MAX);
  struct scan s = { .json = json, .text = text, .open = NONE, .max_depth = max_depth, .err = err };
  int rc = scan_document (&s);
  if (rc == 0)
    rc = sp_json_index_lines (json, err);
  if (rc < 0)
    return rc;
  *ret = steal (&json);
  return 0;
}

void
sp_json_free (struct sp_json *json)
{
  if (!json)
    return;
  free (json->entries);
  free (json->lines);
  sp_buf_wipe (&json->decoded); /* it may be a password */
  free (json);
}

struct sp_view
sp_json_first_value (struct sp_view text)
{
  size_t depth = 0;
  bool quoted = false;

  for (size_t i = 0; i < text.len; i++)
    {
      char c = text.data[i];
      if (quoted && c == '\\')
        i++;
      else if (c == '"')
        quoted = !quoted;
      else if (!quoted && (c == '{' || c == '['))
        depth++;
      else if (!quoted && (c == '}' || c == ']') && (!depth || --depth == 0))
        return sp_view_head (text, i + 1);
    }
  return text;
}
