/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/*
 * --log: one entry for each decision, for those who ask later what was started and why. Fields are
 * those of sigpolicy(1), and nothing in them is secret. An entry that cannot be written is a
 * complaint and changes no answer.
 */

#define JOURNAL     "/run/systemd/journal/socket"
#define ENTRY_BYTES 8192 /* at most; the journal takes a datagram of this size whole */
#define FIELDS      12

struct entry
{
  const char *names[FIELDS], *values[FIELDS];
  size_t len;
};

static void
add (struct entry *entry, const char *name, const char *value)
{
  if (!value || !*value || entry->len == FIELDS)
    return;
  entry->names[entry->len] = name;
  entry->values[entry->len++] = value;
}

/* Printable, on one line, and no longer than there is room. */
static void
put (char *line, size_t *at, const char *text)
{
  for (; *text && *at + 1 < ENTRY_BYTES; text++)
    line[(*at)++] = *text < 0x20 || *text > 0x7e ? '?' : *text;
}

/* Made before the sandbox is entered, which leaves no local sockets; -1. */
static int journal = -1;

/* NAME=VALUE lines, as sd_journal_send(3) sends them. */
static int
send_to_journal (const struct entry *entry, const char *message)
{
  const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = JOURNAL };
  char text[ENTRY_BYTES];
  size_t at = 0;

  put (text, &at, "SYSLOG_IDENTIFIER=sigpolicy");
  text[at++] = '\n';
  put (text, &at, "MESSAGE=");
  put (text, &at, message);
  for (size_t i = 0; i < entry->len; i++)
    {
      if (at + 1 < sizeof text)
        text[at++] = '\n';
      put (text, &at, "SIGPOLICY_");
      put (text, &at, entry->names[i]);
      put (text, &at, "=");
      put (text, &at, entry->values[i]);
    }
  if (at < sizeof text)
    text[at++] = '\n';
  ssize_t sent = sendto (journal, text, at, MSG_NOSIGNAL | MSG_DONTWAIT,
                         (const struct sockaddr *)&address, sizeof address);
  return sent == (ssize_t)at ? 0 : errno;
}

/* name=value pairs behind the message. */
static void
send_to_syslog (const struct entry *entry, const char *message, bool accepted)
{
  char line[ENTRY_BYTES];
  size_t at = 0;

  put (line, &at, message);
  for (size_t i = 0; i < entry->len; i++)
    {
      put (line, &at, " ");
      for (const char *name = entry->names[i]; *name && at + 1 < sizeof line; name++)
        line[at++] = *name == '_' ? '_' : (char)(*name | 0x20);
      put (line, &at, "=\"");
      for (const char *value = entry->values[i]; *value; value++)
        {
          char one[2] = { *value == '"' || *value == '\\' ? '\'' : *value, '\0' };
          put (line, &at, one);
        }
      put (line, &at, "\"");
    }
  line[at] = '\0';
  syslog (accepted ? LOG_INFO : LOG_WARNING, "%s", line);
}

/* The program that asked: looked up first of all, as the process that judges may have another
 * parent. */
static char caller[64];

static void
find_caller (void)
{
  char path[64];
  (void)snprintf (path, sizeof path, "/proc/%d/comm", (int)getppid ());
  FILE *file = fopen (path, "re");
  if (file && fgets (caller, (int)sizeof caller, file))
    caller[strcspn (caller, "\n")] = '\0';
  if (file)
    (void)fclose (file);
}

int
record_open (const struct verb *verb, struct options *options)
{
  if (!options->log && verb->verbs & V_HOOK)
    options->log = "journal";
  if (options->log)
    find_caller ();
  if (!options->log)
    return 0;
  if (strcmp (options->log, "journal") == 0)
    journal = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  else if (strcmp (options->log, "syslog") == 0)
    openlog ("sigpolicy", LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
  else if (strcmp (options->log, "none") == 0)
    options->log = NULL;
  else
    return complain_usage (verb, "--log takes journal, syslog or none, not '%s'", options->log);
  return 0;
}

int64_t
record_begin (void)
{
  struct timespec now;
  return clock_gettime (CLOCK_MONOTONIC, &now) == 0
             ? (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000
             : 0;
}

static void
write_entry (const struct options *options, const struct entry *entry, const char *message,
             bool accepted)
{
  if (strcmp (options->log, "journal") == 0)
    {
      int errnum = send_to_journal (entry, message);
      if (errnum)
        complain ("cannot write to the journal: %s", strerror (errnum));
    }
  else
    send_to_syslog (entry, message, accepted);
}

void
record_verdict (const struct options *options, const sigpolicy_verdict *verdict, int64_t began)
{
  struct entry entry = { .len = 0 };
  bool accepted = sigpolicy_verdict_answer (verdict) == SIGPOLICY_ACCEPTED;
  char duration[32];
  char *message = NULL;

  if (!options->log)
    return;
  (void)snprintf (duration, sizeof duration, "%lld", (long long)(record_begin () - began));
  add (&entry, "ANSWER", verdict_word (verdict));
  add (&entry, "REASON", sigpolicy_reason_slug (sigpolicy_verdict_reason (verdict)));
  add (&entry, "IMAGE", sigpolicy_verdict_image (verdict));
  add (&entry, "IDENTITY", sigpolicy_verdict_identity (verdict));
  add (&entry, "DIGEST", sigpolicy_verdict_digest (verdict));
  add (&entry, "POLICY", sigpolicy_verdict_policy_path (verdict));
  add (&entry, "TRANSPORT", sigpolicy_verdict_transport (verdict, NULL));
  add (&entry, "SCOPE", sigpolicy_verdict_scope (verdict, NULL));
  add (&entry, "SIGNER", sigpolicy_verdict_signer (verdict, 0));
  add (&entry, "CALLER", caller);
  add (&entry, "DURATION_MS", duration);
  const char *image = sigpolicy_verdict_image (verdict);
  if (asprintf (&message, "%s %s%s%s", verdict_word (verdict), image ? image : "an image",
                accepted ? "" : ": ", sigpolicy_verdict_message (verdict))
      < 0)
    complain ("out of memory");
  else
    write_entry (options, &entry, message, accepted);
  free (message);
}

void
record_event (const struct options *options, const char *answer, const char *image,
              const char *message)
{
  struct entry entry = { .len = 0 };

  if (!options->log)
    return;
  add (&entry, "ANSWER", answer);
  add (&entry, "IMAGE", image);
  add (&entry, "CALLER", caller);
  write_entry (options, &entry, message, strcmp (answer, "accepted") == 0);
}
