/* SPDX-License-Identifier: Apache-2.0 */
#include "toml/toml_int.h"

#include <string.h>

/* Numbers and dates by their spelling. All of these take text from its start and give the length of
 * what they recognised, 0 for nothing. Locale plays no part. */

static int
digit (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

static bool
digit_at (struct sp_view text, size_t at, int base)
{
  return at < text.len && digit (text.data[at]) < base;
}

static bool
any_at (struct sp_view text, size_t at, const char *bytes)
{
  return at < text.len && text.data[at] && strchr (bytes, text.data[at]);
}

/* Digits with single underscores between them. */
static size_t
digits (struct sp_view text, int base)
{
  size_t at = 0;
  while (digit_at (text, at, base)
         || (at > 0 && any_at (text, at, "_") && digit_at (text, at + 1, base)))
    at++;
  return at;
}

/* What was recognised as an integer, in its base; false when it is beyond 64 bits. */
static bool
convert (struct sp_view text, int base, bool negative, int64_t *ret)
{
  int64_t value = 0; /* kept negative, as there is one more of these */
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] != '_'
        && (__builtin_mul_overflow (value, base, &value)
            || __builtin_sub_overflow (value, digit (text.data[i]), &value)))
      return false;
  *ret = value;
  return negative || !__builtin_sub_overflow (0, value, ret);
}

struct number
{
  enum sp_toml_type type;
  size_t length;
  bool in_range;
  int64_t integer;
};

/* 0x1f, 0o17, 0b11. */
static struct number
based (struct sp_view text)
{
  struct number number = { .type = SP_TOML_INTEGER };
  int base = any_at (text, 1, "x") ? 16 : any_at (text, 1, "o") ? 8 : any_at (text, 1, "b") ? 2 : 0;
  if (!base || text.data[0] != '0')
    return number;
  size_t length = digits (sp_view_from (text, 2), base);
  if (!length)
    return number;
  number.length = length + 2;
  number.in_range = convert (sp_view_n (text.data + 2, length), base, false, &number.integer);
  return number;
}

/* [+-] 12 [.34] [e[+-]56], inf, nan. */
static struct number
decimal (struct sp_view text)
{
  struct number number = { .type = SP_TOML_INTEGER, .in_range = true };
  size_t sign = any_at (text, 0, "+-") ? 1 : 0;
  struct sp_view unsigned_text = sp_view_from (text, sign);

  if (sp_view_starts (unsigned_text, sp_view_str ("inf"))
      || sp_view_starts (unsigned_text, sp_view_str ("nan")))
    {
      number.type = SP_TOML_FLOAT;
      number.length = sign + 3;
      return number;
    }
  size_t length = any_at (unsigned_text, 0, "0") ? 1 : digits (unsigned_text, 10);
  if (!length)
    return number;
  size_t at = sign + length;
  if (any_at (text, at, ".") && digit_at (text, at + 1, 10))
    {
      number.type = SP_TOML_FLOAT;
      at += 1 + digits (sp_view_from (text, at + 1), 10);
    }
  size_t exponent = at + (any_at (text, at + 1, "+-") ? 2 : 1);
  if (any_at (text, at, "eE") && digit_at (text, exponent, 10))
    {
      number.type = SP_TOML_FLOAT;
      at = exponent + digits (sp_view_from (text, exponent), 10);
    }
  number.length = at;
  if (number.type == SP_TOML_INTEGER)
    number.in_range = convert (sp_view_head (unsigned_text, length), 10, any_at (text, 0, "-"),
                               &number.integer);
  return number;
}

/* --- dates: RFC 3339, perhaps a part of it -------------------------------------------------- */

/* So many digits at a place as a number, or -1. */
static int
field (struct sp_view text, size_t at, size_t width)
{
  int value = 0;
  for (size_t i = 0; i < width; i++)
    {
      if (!digit_at (text, at + i, 10))
        return -1;
      value = value * 10 + digit (text.data[at + i]);
    }
  return value;
}

static bool
within (int value, int least, int most)
{
  return value >= least && value <= most;
}

static int
days_of_month (int year, int month)
{
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 ? 28 + leap : 30 + (month + month / 8) % 2;
}

static size_t
date (struct sp_view text)
{
  int year = field (text, 0, 4), month = field (text, 5, 2);
  return year >= 0 && any_at (text, 4, "-") && within (month, 1, 12) && any_at (text, 7, "-")
                 && within (field (text, 8, 2), 1, days_of_month (year, month))
             ? strlen ("0000-00-00")
             : 0;
}

static size_t
hour_and_minute (struct sp_view text)
{
  return within (field (text, 0, 2), 0, 23) && any_at (text, 2, ":")
                 && within (field (text, 3, 2), 0, 59)
             ? strlen ("00:00")
             : 0;
}

static size_t
time_of_day (struct sp_view text)
{
  size_t at = strlen ("00:00:00");
  if (!hour_and_minute (text) || !any_at (text, 5, ":") || !within (field (text, 6, 2), 0, 59))
    return 0;
  if (any_at (text, at, ".") && digit_at (text, at + 1, 10))
    for (at++; digit_at (text, at, 10); at++)
      continue;
  return at;
}

static size_t
date_or_time (struct sp_view text)
{
  size_t at = date (text);
  if (!at)
    return time_of_day (text);
  size_t time = any_at (text, at, "Tt ") ? time_of_day (sp_view_from (text, at + 1)) : 0;
  if (!time)
    return at;
  at += 1 + time;
  if (any_at (text, at, "Zz"))
    return at + 1;
  size_t offset = any_at (text, at, "+-") ? hour_and_minute (sp_view_from (text, at + 1)) : 0;
  return offset ? at + 1 + offset : at;
}

int
sp_toml_read_number (const struct sp_toml_reader *reader, enum sp_toml_type *ret_type,
                     int64_t *ret_integer, size_t *ret_end, sigpolicy_error **err)
{
  struct sp_view text = sp_toml_rest (reader);
  struct number number = { .type = SP_TOML_DATE, .length = date_or_time (text), .in_range = true };

  if (!number.length)
    number = based (text);
  if (!number.length)
    number = decimal (text);
  if (!number.in_range)
    return sp_toml_fault (sp_toml_here (reader), err, "an integer has at most 64 bits");
  *ret_type = number.type;
  *ret_integer = number.integer;
  *ret_end = reader->at + number.length;
  return 0;
}
