/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

static bool is_closed;

bool
output_is_closed (void)
{
  return is_closed;
}

/* Not through a stdio buffer, which needs memory, and which exit() would write after all. */
int
print_bytes (const void *bytes, size_t size)
{
  const char *at = bytes;
  int errnum = 0;

  process_speak ();
  while (size && !errnum && !is_closed)
    {
      struct pollfd room = { .fd = STDOUT_FILENO, .events = POLLOUT };
      ssize_t done = write (STDOUT_FILENO, at, size);
      is_closed = done < 0 && errno == EPIPE;
      if (done < 0 && !is_closed && errno != EINTR && (errno != EAGAIN || poll (&room, 1, -1) < 0))
        errnum = errno;
      if (done > 0)
        {
          at += done;
          size -= (size_t)done;
        }
    }
  process_spoken ();
  if (!errnum)
    return 0;
  complain ("cannot write to standard output: %s", strerror (errnum));
  return EXIT_UNAVAILABLE;
}

int
print_result (const char *text)
{
  return print_bytes (text, strlen (text));
}

int
print_text (const struct options *options, char **text)
{
  return paint (options, text) < 0 ? complain_error (NULL) : print_result (*text);
}

static char *vformat (const char *format, va_list args) __attribute__ ((format (printf, 1, 0)));

static char *
vformat (const char *format, va_list args)
{
  char *text = NULL;
  return vasprintf (&text, format, args) < 0 ? NULL : text;
}

static void
put_complaint (const char *front, const char *text, bool has_lines)
{
  process_speak ();
  (void)fputs (front, stderr);
  put_escaped (stderr, text ? text : "out of memory", has_lines ? "\n" : "\\n");
  (void)fputc ('\n', stderr);
  process_spoken ();
}

static void vcomplain (const char *front, const char *format, va_list args)
    __attribute__ ((format (printf, 2, 0)));

static void
vcomplain (const char *front, const char *format, va_list args)
{
  char *text = vformat (format, args);
  put_complaint (front, text, false);
  free (text);
}

void
complain (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  vcomplain ("sigpolicy: ", format, args);
  va_end (args);
}

void
complain_bare (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  vcomplain ("", format, args);
  va_end (args);
}

void
complain_text (const char *front, const sigpolicy_error *error)
{
  put_complaint (front, sigpolicy_error_text (error), true);
}

int
exit_status (int code)
{
  return code < SIGPOLICY_E_INTERNAL ? EXIT_INTERNAL : -code;
}

int
complain_error (sigpolicy_error *error)
{
  int status = exit_status (sigpolicy_error_code (error));
  const char *hint = sigpolicy_error_hint (error);
  complain_text ("sigpolicy: ", error);
  if (hint)
    complain ("hint: %s", hint);
  sigpolicy_error_free (error);
  return status;
}

int
complain_usage (const struct verb *verb, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  char *text = vformat (format, args);
  va_end (args);
  complain ("%s", text ? text : "out of memory");
  free (text);
  if (verb)
    complain ("see 'sigpolicy %s --help'", verb->name);
  else
    complain ("see 'sigpolicy --help'");
  return EXIT_USAGE;
}

int
fatal (sigpolicy_error *error, const char *format, ...)
{
  char now[64] = "", *text = NULL, *whole = NULL;
  time_t seconds = time (NULL);
  struct tm tm;
  va_list args;

  va_start (args, format);
  text = vformat (format, args);
  va_end (args);
  if (!text || asprintf (&whole, "%s%s", text, error ? sigpolicy_error_message (error) : "") < 0)
    whole = NULL;
  if (isatty (STDERR_FILENO))
    {
      (void)fputs ("FATA[0000] ", stderr);
      put_escaped (stderr, whole ? whole : "out of memory", "\\n");
      (void)fputc ('\n', stderr);
    }
  else
    {
      if (localtime_r (&seconds, &tm))
        (void)strftime (now, sizeof now, "%Y-%m-%dT%H:%M:%S%z", &tm);
      /* +0000 is written Z, +0100 is written +01:00. */
      size_t length = strlen (now);
      if (length > 5 && strcmp (now + length - 5, "+0000") == 0)
        (void)snprintf (now + length - 5, sizeof now - length + 5, "Z");
      else if (length > 5 && length + 2 < sizeof now)
        {
          memmove (now + length - 1, now + length - 2, 3);
          now[length - 2] = ':';
        }
      (void)fprintf (stderr, "time=\"%s\" level=fatal msg=", now);
      const char *said = whole ? whole : "out of memory";
      put_quoted (stderr, said, strlen (said), "\\n");
      (void)fputc ('\n', stderr);
    }
  free (text);
  free (whole);
  sigpolicy_error_free (error);
  return 1;
}

bool
has_colour (const struct options *options)
{
  const char *no_color = secure_getenv ("NO_COLOR");

  if (options->color && strcmp (options->color, "auto") != 0)
    return strcmp (options->color, "always") == 0;
  return isatty (STDOUT_FILENO) && (!no_color || !*no_color);
}

unsigned
format_flags (const struct options *options)
{
  return options->verbose ? SIGPOLICY_FORMAT_VERBOSE : 0;
}

/* What the library's texts begin a line with. */
static const struct
{
  const char *word, *colour;
} paints[] = {
  { "accepted (unsigned)", COLOUR_GOOD },
  { "accepted", COLOUR_GOOD },
  { "verified", COLOUR_GOOD },
  { "passed", COLOUR_GOOD },
  { "stricter", COLOUR_GOOD },
  { "rejected", COLOUR_BAD },
  { "undecided", COLOUR_BAD },
  { "error", COLOUR_BAD },
  { "failed", COLOUR_BAD },
  { "different", COLOUR_BAD },
  { "looser", COLOUR_BAD },
  { "critical", COLOUR_BAD },
  { "high", "\033[31m" },
  { "medium", "\033[33m" },
  { "low", "\033[36m" },
  { "info", "\033[2m" },
};

/* What of a line is painted, and how; NULL: nothing. */
static const char *
find_paint (const char *line, size_t length, size_t *ret_start, size_t *ret_length)
{
  static const char indent[] = "            ", decides[] = "  matches (line ";

  for (size_t i = 0; i < sizeof paints / sizeof *paints; i++)
    {
      size_t word = strlen (paints[i].word);
      if (word >= length || strncmp (line, paints[i].word, word) != 0 || line[word] != ' ')
        continue;
      *ret_start = 0;
      *ret_length = word;
      return paints[i].colour;
    }
  const char *end = strncmp (line, indent, sizeof indent - 1) == 0
                        ? memmem (line, length, decides, sizeof decides - 1)
                        : NULL;
  if (!end)
    return NULL;
  *ret_start = sizeof indent - 1;
  *ret_length = (size_t)(end - line) - *ret_start;
  return COLOUR_GOOD;
}

int
paint (const struct options *options, char **text)
{
  char *painted = NULL;
  size_t size = 0;

  if (!has_colour (options) || options->format != SIGPOLICY_FORMAT_TEXT)
    return 0;
  FILE *out = open_memstream (&painted, &size);
  if (!out)
    return SIGPOLICY_E_NO_MEMORY;
  for (const char *line = *text, *end; *line; line = end)
    {
      size_t start = 0, length = 0;
      end = strchrnul (line, '\n');
      end += *end != '\0';
      const char *colour = find_paint (line, (size_t)(end - line), &start, &length);
      if (colour)
        (void)fprintf (out, "%.*s%s%.*s" COLOUR_END, (int)start, line, colour, (int)length,
                       line + start);
      (void)fwrite (line + start + length, 1, (size_t)(end - line) - start - length, out);
    }
  bool written = !ferror (out);
  if (fclose (out) != 0 || !written || !painted)
    {
      free (painted);
      return SIGPOLICY_E_NO_MEMORY;
    }
  free (*text);
  *text = painted;
  return 0;
}
