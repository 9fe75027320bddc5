/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/yaml_int.h"

#include <stdint.h>

/* Plain scalars that are not text: numbers and times. Only what they are is asked, never their
 * value; a number that no type can hold is text. */

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* Takes a byte off the front when it is one of these. */
static bool
take (struct sp_view *text, const char *bytes)
{
  if (!text->len || !text->data[0] || !strchr (bytes, text->data[0]))
    return false;
  *text = sp_view_from (*text, 1);
  return true;
}

/* How many digits stand at the front, at most max; they are taken off. */
static size_t
take_digits (struct sp_view *text, size_t max)
{
  size_t count = 0;
  while (count < text->len && count < max && is_digit (text->data[count]))
    count++;
  *text = sp_view_from (*text, count);
  return count;
}

/* A number of one digit or two, which must lie in a range. */
static bool
take_number (struct sp_view *text, unsigned least, unsigned most, unsigned *ret)
{
  struct sp_view digits = *text;
  unsigned value = 0;
  size_t count = take_digits (text, 2);

  for (size_t i = 0; i < count; i++)
    value = value * 10 + (unsigned)(digits.data[i] - '0');
  *ret = value;
  return count > 0 && value >= least && value <= most;
}

static unsigned
days_in (unsigned month, unsigned year)
{
  static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : days[month - 1];
}

/* HOUR:MINUTE:SECOND[.FRACTION] */
static bool
take_time_of_day (struct sp_view *text)
{
  unsigned ignored;
  if (!take_number (text, 0, 23, &ignored) || !take (text, ":")
      || !take_number (text, 0, 59, &ignored) || !take (text, ":")
      || !take_number (text, 0, 59, &ignored))
    return false;
  if (text->len >= 2 && is_digit (text->data[1]) && take (text, ".,"))
    (void)take_digits (text, text->len);
  return true;
}

/* Z, or a sign and HH:MM. */
static bool
take_zone (struct sp_view *text)
{
  unsigned ignored;
  struct sp_view start = *text;
  return take (text, "Z")
         || (take (text, "+-") && take_number (text, 0, 24, &ignored) && take (text, ":")
             && take_number (text, 0, 60, &ignored) && start.len - text->len == 6);
}

bool
sp_yaml_spells_timestamp (struct sp_view text)
{
  struct sp_view digits = text;
  unsigned year = 0, month, day;

  if (take_digits (&text, text.len) != 4 || !take (&text, "-"))
    return false;
  for (size_t i = 0; i < 4; i++)
    year = year * 10 + (unsigned)(digits.data[i] - '0');
  if (!take_number (&text, 1, 12, &month) || !take (&text, "-")
      || !take_number (&text, 1, days_in (month, year), &day))
    return false;
  if (take (&text, "Tt"))
    return take_time_of_day (&text) && take_zone (&text) && !text.len;
  if (!take (&text, " "))
    return !text.len;
  while (take (&text, " "))
    ;
  return take_time_of_day (&text) && !text.len;
}

static int
digit_value (char c)
{
  if (is_digit (c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Digits of a base, at least one, whose value is at most max. */
static bool
is_whole (struct sp_view digits, unsigned base, uint64_t max)
{
  uint64_t value = 0;

  for (size_t i = 0; i < digits.len; i++)
    {
      int digit = digit_value (digits.data[i]);
      if (digit < 0 || (unsigned)digit >= base
          || __builtin_mul_overflow (value, (uint64_t)base, &value)
          || __builtin_add_overflow (value, (uint64_t)digit, &value) || value > max)
        return false;
    }
  return digits.len > 0;
}

/* An integer of 64 bits: signed, or unsigned where no sign is written. The prefixes are 0x, 0o, 0b,
 * and 0 for octal; lower-case 0o and 0b may also stand in front of the sign. */
static bool
is_integer (struct sp_view text, bool *ret_unsigned)
{
  bool prefixed = text.len > 2 && text.data[0] == '0'
                  && (text.data[1] == 'b' || text.data[1] == 'o')
                  && (text.data[2] == '+' || text.data[2] == '-');
  unsigned base = prefixed ? (text.data[1] == 'b' ? 2 : 8) : 10;

  if (prefixed)
    text = sp_view_from (text, 2);
  bool negative = text.len && text.data[0] == '-';
  bool sign = take (&text, "+-");
  if (!prefixed && text.len > 1 && text.data[0] == '0')
    {
      char letter = text.data[1];
      base = letter == 'x' || letter == 'X' ? 16 : letter == 'b' || letter == 'B' ? 2 : 8;
      bool lettered = base != 8 || letter == 'o' || letter == 'O';
      text = sp_view_from (text, lettered ? 2 : 1);
    }
  *ret_unsigned = !sign && !is_whole (text, base, INT64_MAX);
  return is_whole (text, base, negative ? UINT64_C (1) << 63 : sign ? INT64_MAX : UINT64_MAX);
}

/* Is a decimal fraction too large for a double? Its digits are at the front, with a point among
 * them; exponent is the one written behind. */
static bool
overflows (struct sp_view digits, long exponent)
{
  /* Half way from the largest double to the next power of two, and what it takes to decide. */
  static const char most[] = "17976931348623158079";
  size_t compared = 0;
  bool point = false, leading = true, zero = true;
  long magnitude = 0; /* of the first digit that is not 0: 10 ** (magnitude - 1) */
  int order = 0;

  for (size_t i = 0; i < digits.len; i++)
    {
      char c = digits.data[i];
      if (c == '.')
        {
          point = true;
          continue;
        }
      leading = leading && c == '0';
      zero = zero && c == '0';
      magnitude += leading ? (point ? -1 : 0) : (point ? 0 : 1);
      if (!leading && order == 0 && compared < sizeof most - 1)
        order = c - most[compared++];
    }
  magnitude += exponent;
  return !zero && (magnitude > 309 || (magnitude == 309 && order > 0));
}

/* [+-] (.DIGITS | DIGITS[.[DIGITS]]) [e[+-]DIGITS] */
static bool
is_fraction (struct sp_view text)
{
  (void)take (&text, "+-");
  struct sp_view digits = text;
  size_t whole = take_digits (&text, text.len);
  size_t part = take (&text, ".") ? take_digits (&text, text.len) : 0;
  digits.len -= text.len;
  if (!whole && !part)
    return false;

  long exponent = 0;
  if (take (&text, "eE"))
    {
      bool negative = text.len && text.data[0] == '-';
      (void)take (&text, "+-");
      if (!text.len)
        return false;
      for (; text.len && is_digit (text.data[0]); text = sp_view_from (text, 1))
        if (exponent < 100000000)
          exponent = exponent * 10 + (text.data[0] - '0');
      exponent = negative ? -exponent : exponent;
    }
  return !text.len && !overflows (digits, exponent);
}

static bool
is_special (struct sp_view text)
{
  static const char *const names[] = { ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN" };
  bool sign = text.len && (text.data[0] == '+' || text.data[0] == '-');

  text = sp_view_from (text, sign);
  for (size_t i = 0; i < (sign ? 3 : 6); i++)
    if (sp_view_is (text, names[i]))
      return true;
  return false;
}

enum sp_yaml_kind
sp_yaml_spells_number (struct sp_view text, bool *ret_unsigned)
{
  char plain[512];
  size_t length = 0;

  *ret_unsigned = false;
  if (is_special (text))
    return SP_YAML_FLOAT;
  if (!text.len || !(is_digit (text.data[0]) || strchr ("+-.", text.data[0])))
    return SP_YAML_TEXT;
  if (text.data[0] == '.')
    return is_fraction (text) ? SP_YAML_FLOAT : SP_YAML_TEXT;
  /* Underscores between the digits of a number are for the eye. */
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] != '_')
      {
        if (length == sizeof plain)
          return SP_YAML_TEXT;
        plain[length++] = text.data[i];
      }
  text = sp_view_n (plain, length);
  return is_integer (text, ret_unsigned) ? SP_YAML_INT
         : is_fraction (text)            ? SP_YAML_FLOAT
                                         : SP_YAML_TEXT;
}
