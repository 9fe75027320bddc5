/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

/* Not through a stdio buffer, which needs memory, and which exit() would write after all. */
int
print_bytes (const void *bytes, size_t size)
{
  const char *at = bytes;
  int errnum = 0;

  process_speak ();
  while (size && !errnum)
    {
      struct pollfd room = { .fd = STDOUT_FILENO, .events = POLLOUT };
      ssize_t done = write (STDOUT_FILENO, at, size);
      if (done < 0 && errno != EINTR && (errno != EAGAIN || poll (&room, 1, -1) < 0))
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

/* Words may quote hostile bytes: nothing that a terminal obeys gets through. */
static void
put_words (const char *text)
{
  for (; *text; text++)
    {
      unsigned char byte = (unsigned char)*text;
      if ((byte < 0x20 && byte != '\n') || byte > 0x7e)
        (void)fprintf (stderr, "\\x%02x", byte);
      else
        (void)fputc (byte, stderr);
    }
}

static char *vformat (const char *format, va_list args) __attribute__ ((format (printf, 1, 0)));

static char *
vformat (const char *format, va_list args)
{
  char *text = NULL;
  return vasprintf (&text, format, args) < 0 ? NULL : text;
}

static void vcomplain (const char *front, const char *format, va_list args)
    __attribute__ ((format (printf, 2, 0)));

static void
vcomplain (const char *front, const char *format, va_list args)
{
  char *text = vformat (format, args);
  process_speak ();
  (void)fputs (front, stderr);
  put_words (text ? text : "out of memory");
  (void)fputc ('\n', stderr);
  process_spoken ();
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
complain_as (const char *front, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  vcomplain (front ? front : "", format, args);
  va_end (args);
}

int
complain_error (sigpolicy_error *error)
{
  int status = sigpolicy_exit_status (sigpolicy_error_code (error));
  const char *hint = sigpolicy_error_hint (error);
  complain ("%s", sigpolicy_error_text (error));
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

/* A logfmt value: quotes, backslashes and controls escaped. */
static void
put_quoted (const char *text)
{
  (void)fputc ('"', stderr);
  for (; *text; text++)
    {
      if (*text == '"' || *text == '\\')
        (void)fputc ('\\', stderr);
      if (*text == '\n')
        (void)fputs ("\\n", stderr);
      else
        {
          char one[2] = { *text, '\0' };
          put_words (one);
        }
    }
  (void)fputc ('"', stderr);
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
      put_words (whole ? whole : "out of memory");
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
      put_quoted (whole ? whole : "out of memory");
      (void)fputc ('\n', stderr);
    }
  free (text);
  free (whole);
  sigpolicy_error_free (error);
  return 1;
}

unsigned
format_flags (const struct options *options)
{
  unsigned flags = options->verbose ? SIGPOLICY_FORMAT_VERBOSE : 0;
  if (isatty (STDOUT_FILENO) && !getenv ("NO_COLOR"))
    flags |= SIGPOLICY_FORMAT_COLOUR;
  return flags;
}

static const char policy_help[]
    = "      --policy FILE           the policy, instead of the host's policy.json\n"
      "      --registries.d DIR      where signatures are stored, instead of the host's\n"
      "      --insecure-policy, --require-signed  accept anything; nothing without a signature\n"
      "      --clock TIME, --offline  judge as of this RFC 3339 time; never use a network\n";

static const char audit_output_help[]
    = "      --format text|json|jsonl|sarif|junit|github|prom\n"
      "  -q, --quiet                 only the exit status\n"
      "  -v, --verbose               every finding, and why each matters\n";

static const char output_help[]
    = "      --format text|json|jsonl\n"
      "  -q, --quiet, -v, --verbose  only the exit status; every requirement and signature\n";

void
print_help (const struct verb *verb)
{
  if (verb)
    {
      printf ("usage: sigpolicy %s %s\n\n%s.\n\n", verb->name, verb->usage, verb->summary);
      if (verb->takes & OPT_POLICY)
        (void)fputs (policy_help, stdout);
      if (verb->takes & OPT_OUTPUT)
        (void)fputs (verb->takes & OPT_AUDIT ? audit_output_help : output_help, stdout);
      (void)fputs (verb->help, stdout);
      return;
    }
  (void)fputs (
      "usage: sigpolicy [options] VERB [options] ARGUMENTS\n"
      "Decides whether a container image may be used, by the signature policy of this host.\n"
      "sigpolicy VERB --help tells more:\n",
      stdout);
  for (verb = verbs; verb->name; verb++)
    printf ("  %-18s %s\n", verb->name, verb->summary);
  (void)fputs (
      "Options of every verb, before it and after it (see sigpolicy(1)):\n"
      "  --policy FILE, --registries.d DIR, --registries-conf FILE, --insecure-policy,\n"
      "  --require-signed, --clock TIME, --offline, --override-arch ARCH, --override-os OS,\n"
      "  --override-variant VARIANT, --authfile FILE, --creds USER[:PASSWORD], --cert-dir DIR,\n"
      "  --tls-verify, --command-timeout DURATION, --image-timeout DURATION, -h, --help,\n"
      "  --debug, --tmpdir DIR, --user-agent-prefix TEXT\n"
      "Exit status: 0 accepted, 1 rejected, 2 usage, 3 policy or registries.d, 4 keys,\n"
      "5 not found, 6 could not find out, 7 internal.\n"
      "  ref=$(sigpolicy verify --print-ref docker://quay.io/ns/app:v1) && podman pull \"$ref\"\n",
      stdout);
}
