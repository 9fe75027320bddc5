/* SPDX-License-Identifier: Apache-2.0 */
#include "util/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Exactly count digits; moves on past them. */
static bool
number (const char **text, int count, int low, int high, int *ret)
{
  int value = 0;
  for (int i = 0; i < count; i++, (*text)++)
    {
      if (**text < '0' || **text > '9')
        return false;
      value = value * 10 + (**text - '0');
    }
  *ret = value;
  return value >= low && value <= high;
}

static bool
literal (const char **text, char wanted)
{
  if (**text != wanted)
    return false;
  (*text)++;
  return true;
}

int
sp_time_parse (const char *text, sp_time *ret_time, sigpolicy_error **err)
{
  struct tm tm = { 0 };
  const char *at = text;
  int sign = 0, hours = 0, minutes = 0;
  struct tm check;

  bool fine = number (&at, 4, 1, 9999, &tm.tm_year) && literal (&at, '-')
              && number (&at, 2, 1, 12, &tm.tm_mon) && literal (&at, '-')
              && number (&at, 2, 1, 31, &tm.tm_mday) && (*at == 'T' || *at == 't') && at++
              && number (&at, 2, 0, 23, &tm.tm_hour) && literal (&at, ':')
              && number (&at, 2, 0, 59, &tm.tm_min) && literal (&at, ':')
              && number (&at, 2, 0, 60, &tm.tm_sec);
  if (fine && literal (&at, '.'))
    {
      fine = *at >= '0' && *at <= '9';
      at += strspn (at, "0123456789");
    }
  if (fine && (*at == 'Z' || *at == 'z'))
    at++;
  else if (fine && (*at == '+' || *at == '-'))
    {
      sign = *at++ == '+' ? 1 : -1;
      fine = number (&at, 2, 0, 23, &hours) && literal (&at, ':')
             && number (&at, 2, 0, 59, &minutes);
    }
  else
    fine = false;

  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  check = tm;
  check.tm_sec = 0;
  time_t day_exists = fine ? timegm (&check) : 0;
  if (!fine || *at || check.tm_mday != tm.tm_mday || check.tm_mon != tm.tm_mon)
    return sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                         "'%s' is not an RFC 3339 time such as 2026-11-21T00:30:00Z", text);
  *ret_time = (sp_time)day_exists + tm.tm_sec - (sp_time)sign * (hours * 3600 + minutes * 60);
  return 0;
}

void
sp_time_format (sp_time time, char out[SP_TIME_TEXT_SIZE])
{
  struct tm tm;
  time_t seconds = (time_t)time;
  if (!gmtime_r (&seconds, &tm) || !strftime (out, SP_TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm))
    (void)snprintf (out, SP_TIME_TEXT_SIZE, "%s", "unknown");
}

bool
sp_time_is_written (struct sp_view text)
{
  cleanup_error sigpolicy_error *ignored = NULL;
  char copy[80] = "";
  sp_time time;

  if (text.len < 20 || text.len >= sizeof copy || memchr (text.data, '\0', text.len)
      || memcmp (text.data + 17, "60", 2) == 0)
    return false;
  memcpy (copy, text.data, text.len);
  /* The year 0 has a leap day. */
  if (strncmp (copy, "0000", 4) == 0)
    copy[3] = '4';
  return !strpbrk (copy, "tz") && sp_time_parse (copy, &time, &ignored) == 0;
}
