/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_int.h"

#include "util/codec.h"

#include <locale.h>
#include <math.h>

/* strtod() without the locale's decimal point. text ends with something that is no part of a
 * number. */
static bool
to_double (const char *text, double *ret)
{
  locale_t plain = newlocale (LC_ALL_MASK, "C", (locale_t)0);
  if (!plain)
    return false;
  double number = strtod_l (text, NULL, plain);
  freelocale (plain);
  if (isinf (number))
    return false;
  *ret = number;
  return true;
}

bool
sp_json_double (const struct sp_json *json, sp_json_node node, double *ret)
{
  struct sp_view source = sp_json_source (json, node);
  if (sp_json_type_of (json, node) != SP_JSON_NUMBER)
    return false;
  /* Behind a number there is a comma, a bracket or a space, except at the end of the text. */
  if (source.data + source.len < json->text.data + json->text.len)
    return to_double (source.data, ret);
  cleanup_free char *copy = strndup (source.data, source.len);
  return copy && to_double (copy, ret);
}

bool
sp_json_int64 (const struct sp_json *json, sp_json_node node, int64_t *ret)
{
  struct sp_view digits = sp_json_source (json, node);
  bool negative = false;
  int64_t number = 0;

  if (sp_json_type_of (json, node) != SP_JSON_NUMBER)
    return false;
  if (digits.data[0] == '-')
    {
      negative = true;
      digits = sp_view_from (digits, 1);
    }
  for (size_t i = 0; i < digits.len; i++)
    {
      int digit = digits.data[i] - '0';
      if (digit < 0 || digit > 9)
        return false;
      if (__builtin_mul_overflow (number, 10, &number)
          || __builtin_add_overflow (number, negative ? -digit : digit, &number))
        return false;
    }
  *ret = number;
  return true;
}

bool
sp_json_has_huge_number (const struct sp_json *json, sp_json_node node)
{
  sp_json_node behind = sp_json_behind (json, node);
  double number;
  for (sp_json_node at = node; at < behind; at++)
    if (sp_json_type_of (json, at) == SP_JSON_NUMBER && !sp_json_double (json, at, &number))
      return true;
  return false;
}

/* The shortest digits that read back as the same number, and the power of ten of the first. */
static int
shortest_digits (double number, char digits[static 20])
{
  char text[48];
  double back;
  for (int precision = 0; precision < 17; precision++)
    {
      (void)snprintf (text, sizeof text, "%.*e", precision, number);
      /* The locale decides what stands behind the first digit. */
      char *exponent = strchr (text, 'e');
      char *tail = exponent - precision;
      (void)memcpy (digits, text, 1);
      (void)memcpy (digits + 1, tail, (size_t)precision);
      digits[precision + 1] = '\0';
      int power = (int)strtol (exponent + 1, NULL, 10);
      (void)snprintf (text, sizeof text, "%se%d", digits, power - precision);
      if (to_double (text, &back) && back == number)
        return power;
    }
  return 0;
}

void
sp_json_number_text (double number, char out[SP_JSON_NUMBER_TEXT_SIZE])
{
  char digits[20] = "0";
  const char *sign = signbit (number) ? "-" : "";
  int power = number == 0 ? 0 : shortest_digits (fabs (number), digits);
  int length = (int)strlen (digits);

  if (power < -4 || power > 5)
    (void)snprintf (out, SP_JSON_NUMBER_TEXT_SIZE, "%s%c%s%se%c%02d", sign, digits[0],
                    length > 1 ? "." : "", digits + 1, power < 0 ? '-' : '+', abs (power));
  else if (power < 0)
    (void)snprintf (out, SP_JSON_NUMBER_TEXT_SIZE, "%s0.%.*s%s", sign, -power - 1, "0000", digits);
  else if (length <= power + 1)
    (void)snprintf (out, SP_JSON_NUMBER_TEXT_SIZE, "%s%s%.*s", sign, digits, power + 1 - length,
                    "00000");
  else
    (void)snprintf (out, SP_JSON_NUMBER_TEXT_SIZE, "%s%.*s.%s", sign, power + 1, digits,
                    digits + power + 1);
}

void
sp_json_number_ecma (double number, char out[SP_JSON_NUMBER_TEXT_SIZE])
{
  static const char zeros[] = "000000000000000000000";
  char digits[20] = "0";
  const char *sign = number < 0 ? "-" : "";
  int power = number == 0 ? 0 : shortest_digits (fabs (number), digits);
  int length = (int)strlen (digits);

  if (power < -6 || power > 20)
    (void)snprintf (out, SP_JSON_NUMBER_TEXT_SIZE, "%s%c%s%se%c%d", sign, digits[0],
                    length > 1 ? "." : "", digits + 1, power < 0 ? '-' : '+', abs (power));
  else if (power < 0)
    (void)snprintf (out, SP_JSON_NUMBER_TEXT_SIZE, "%s0.%.*s%s", sign, -power - 1, zeros, digits);
  else if (length <= power + 1)
    (void)snprintf (out, SP_JSON_NUMBER_TEXT_SIZE, "%s%s%.*s", sign, digits, power + 1 - length,
                    zeros);
  else
    (void)snprintf (out, SP_JSON_NUMBER_TEXT_SIZE, "%s%.*s.%s", sign, power + 1, digits,
                    digits + power + 1);
}
