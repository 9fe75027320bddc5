/* SPDX-License-Identifier: Apache-2.0 */
#include "util/error.h"

#include "util/cleanup.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct sigpolicy_error
{
  int code;
  sigpolicy_reason reason;
  int errnum;
  const char *stricter;
  unsigned line, column;
  char *message;
  char *text; /* message with place and frames, kept up to date as they are added */
  char *hint;
  char *file;
  char *json_path;
  char *frames;
};

/* There must be an error to return when there is no memory for one. */
static sigpolicy_error out_of_memory
    = { .code = SIGPOLICY_E_NO_MEMORY, .reason = SIGPOLICY_REASON_INTERNAL };

static const char *const slugs[] = {
  [SIGPOLICY_REASON_INTERNAL] = "internal",
  [SIGPOLICY_REASON_ACCEPTED] = "accepted",
  [SIGPOLICY_REASON_NO_SIGNATURE] = "no-signature",
  [SIGPOLICY_REASON_SIGNATURES_NOT_LOOKED_FOR] = "signatures-not-looked-for",
  [SIGPOLICY_REASON_COULD_NOT_LOOK] = "could-not-look",
  [SIGPOLICY_REASON_UNSUPPORTED_FORMAT] = "unsupported-format",
  [SIGPOLICY_REASON_KEY_NOT_TRUSTED] = "key-not-trusted",
  [SIGPOLICY_REASON_BAD_SIGNATURE] = "bad-signature",
  [SIGPOLICY_REASON_EXPIRED] = "expired",
  [SIGPOLICY_REASON_REVOKED] = "revoked",
  [SIGPOLICY_REASON_DIGEST_MISMATCH] = "digest-mismatch",
  [SIGPOLICY_REASON_IDENTITY_MISMATCH] = "identity-mismatch",
  [SIGPOLICY_REASON_ISSUER_MISMATCH] = "issuer-mismatch",
  [SIGPOLICY_REASON_SUBJECT_MISMATCH] = "subject-mismatch",
  [SIGPOLICY_REASON_NOT_IN_LOG] = "not-in-log",
  [SIGPOLICY_REASON_REJECTED_BY_RULE] = "rejected-by-rule",
  [SIGPOLICY_REASON_NOT_SIGNED_ENOUGH] = "not-signed-enough",
  [SIGPOLICY_REASON_CONFIG_ERROR] = "config-error",
  [SIGPOLICY_REASON_KEY_UNUSABLE] = "key-unusable",
  [SIGPOLICY_REASON_NOT_FOUND] = "not-found",
  [SIGPOLICY_REASON_LIMIT] = "limit",
  [SIGPOLICY_REASON_ENGINE_MISSING] = "engine-missing",
  [SIGPOLICY_REASON_USAGE] = "usage",
};

const char *
sigpolicy_reason_slug (sigpolicy_reason reason)
{
  size_t index = (size_t)reason;
  return index < sizeof slugs / sizeof *slugs ? slugs[index] : slugs[SIGPOLICY_REASON_INTERNAL];
}

int
sigpolicy_exit_status (int code)
{
  if (code == SIGPOLICY_OK)
    return 0;
  return code < 0 && code >= SIGPOLICY_E_INTERNAL ? -code : -SIGPOLICY_E_INTERNAL;
}

int
sp_error_no_memory (sigpolicy_error **err)
{
  if (*err != &out_of_memory)
    sigpolicy_error_free (*err);
  *err = &out_of_memory;
  return SIGPOLICY_E_NO_MEMORY;
}

/* "file:line:column: message (in path)\n  while frame\n  while frame". */
static int
compose (sigpolicy_error **err)
{
  sigpolicy_error *error = *err;
  char position[32] = "";
  cleanup_free char *text = NULL;

  if (error->line)
    (void)snprintf (position, sizeof position, "%u:%u:", error->line, error->column);
  if (asprintf (&text, "%s%s%s%s%s%s%s%s%s", error->file ? error->file : "", error->file ? ":" : "",
                error->file || error->line ? position : "", error->file || error->line ? " " : "",
                error->message, error->json_path ? " (at " : "",
                error->json_path ? error->json_path : "", error->json_path ? ")" : "",
                error->frames ? error->frames : "")
      < 0)
    {
      text = NULL;
      return sp_error_no_memory (err);
    }
  free (error->text);
  error->text = steal (&text);
  return error->code;
}

__attribute__ ((format (printf, 5, 0))) static int
set (sigpolicy_error **err, int code, sigpolicy_reason reason, int errnum, const char *format,
     va_list args)
{
  assert (err && !*err && code < 0);

  sigpolicy_error *error = calloc (1, sizeof *error);
  if (!error)
    return sp_error_no_memory (err);
  *err = error;
  error->code = code;
  error->reason = reason;
  error->errnum = errnum;
  if (vasprintf (&error->message, format, args) < 0)
    {
      error->message = NULL;
      return sp_error_no_memory (err);
    }
  return 0;
}

int
sp_error_set (sigpolicy_error **err, int code, sigpolicy_reason reason, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  int rc = set (err, code, reason, 0, format, args);
  va_end (args);
  return rc < 0 ? rc : compose (err);
}

int
sp_error_errno (sigpolicy_error **err, int code, sigpolicy_reason reason, int errnum,
                const char *format, ...)
{
  va_list args;
  va_start (args, format);
  int rc = set (err, code, reason, errnum, format, args);
  va_end (args);
  if (rc < 0)
    return rc;

  char buffer[128], *text = NULL;
  const char *words = strerror_r (errnum, buffer, sizeof buffer);
  /* "No such file" -> "no such file", but "RPC ..." stays. */
  int first = (unsigned char)words[0];
  if (words[0] && !isupper ((unsigned char)words[1]))
    first = tolower (first);
  if (asprintf (&text, "%s: %c%s", (*err)->message, first, words[0] ? words + 1 : "") < 0)
    return sp_error_no_memory (err);
  free ((*err)->message);
  (*err)->message = text;
  return compose (err);
}

int
sp_error_while (sigpolicy_error **err, const char *format, ...)
{
  assert (*err);
  if (*err == &out_of_memory)
    return SIGPOLICY_E_NO_MEMORY;

  va_list args;
  cleanup_free char *frame = NULL;
  char *frames = NULL;
  va_start (args, format);
  int length = vasprintf (&frame, format, args);
  va_end (args);
  if (length < 0)
    {
      frame = NULL;
      return sp_error_no_memory (err);
    }
  if (asprintf (&frames, "%s\n  while %s", (*err)->frames ? (*err)->frames : "", frame) < 0)
    return sp_error_no_memory (err);
  free ((*err)->frames);
  (*err)->frames = frames;
  return compose (err);
}

int
sp_error_prefix (sigpolicy_error **err, const char *format, ...)
{
  assert (*err);
  if (*err == &out_of_memory)
    return SIGPOLICY_E_NO_MEMORY;

  va_list args;
  cleanup_free char *prefix = NULL;
  char *message = NULL;
  va_start (args, format);
  int length = vasprintf (&prefix, format, args);
  va_end (args);
  if (length < 0)
    {
      prefix = NULL;
      return sp_error_no_memory (err);
    }
  if (asprintf (&message, "%s: %s", prefix, (*err)->message) < 0)
    return sp_error_no_memory (err);
  free ((*err)->message);
  (*err)->message = message;
  return compose (err);
}

int
sp_error_class (sigpolicy_error **err, int code, sigpolicy_reason reason)
{
  assert (*err && code < 0);
  if (*err == &out_of_memory)
    return SIGPOLICY_E_NO_MEMORY;
  (*err)->code = code;
  if ((*err)->reason != SIGPOLICY_REASON_LIMIT)
    (*err)->reason = reason;
  return code;
}

/* Replaces *slot with a copy of text. */
static int
keep (sigpolicy_error **err, char **slot, const char *text)
{
  char *copy = strdup (text);
  if (!copy)
    return sp_error_no_memory (err);
  free (*slot);
  *slot = copy;
  return 0;
}

int
sp_error_place (sigpolicy_error **err, const char *file, unsigned line, unsigned column,
                const char *json_path)
{
  assert (*err);
  if (*err == &out_of_memory)
    return SIGPOLICY_E_NO_MEMORY;
  if (file && keep (err, &(*err)->file, file) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  if (json_path && keep (err, &(*err)->json_path, json_path) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  if (line)
    {
      (*err)->line = line;
      (*err)->column = column;
    }
  return compose (err);
}

int
sp_error_hint (sigpolicy_error **err, const char *format, ...)
{
  assert (*err);
  if (*err == &out_of_memory || (*err)->hint)
    return (*err)->code;
  va_list args;
  va_start (args, format);
  int length = vasprintf (&(*err)->hint, format, args);
  va_end (args);
  if (length < 0)
    {
      (*err)->hint = NULL;
      return sp_error_no_memory (err);
    }
  return (*err)->code;
}

/* NULL stays NULL; false when memory ran out. */
static bool
copy_text (const char *from, char **to)
{
  *to = from ? strdup (from) : NULL;
  return !from || *to;
}

int
sp_error_copy (const sigpolicy_error *from, sigpolicy_error **err)
{
  assert (err && !*err && from);
  sigpolicy_error *copy = from == &out_of_memory ? NULL : calloc (1, sizeof *copy);
  if (!copy)
    return sp_error_no_memory (err);
  *err = copy;
  copy->code = from->code;
  copy->reason = from->reason;
  copy->errnum = from->errnum;
  copy->stricter = from->stricter;
  copy->line = from->line;
  copy->column = from->column;
  if (!copy_text (from->message, &copy->message) || !copy_text (from->text, &copy->text)
      || !copy_text (from->hint, &copy->hint) || !copy_text (from->file, &copy->file)
      || !copy_text (from->json_path, &copy->json_path) || !copy_text (from->frames, &copy->frames))
    return sp_error_no_memory (err);
  return copy->code;
}

int
sp_error_stricter (sigpolicy_error **err, const char *id)
{
  assert (*err);
  if (*err != &out_of_memory)
    (*err)->stricter = id;
  return (*err)->code;
}

const char *
sp_error_stricter_id (const sigpolicy_error *error)
{
  if (!error)
    return NULL;
  return !error->stricter && error->reason == SIGPOLICY_REASON_LIMIT ? "S5" : error->stricter;
}

int
sp_error_errnum (const sigpolicy_error *error)
{
  return error ? error->errnum : 0;
}

void
sp_error_clear (sigpolicy_error **err)
{
  sigpolicy_error_free (*err);
  *err = NULL;
}

int
sigpolicy_error_code (const sigpolicy_error *error)
{
  return error ? error->code : SIGPOLICY_E_INTERNAL;
}

sigpolicy_reason
sigpolicy_error_reason (const sigpolicy_error *error)
{
  return error ? error->reason : SIGPOLICY_REASON_INTERNAL;
}

const char *
sigpolicy_error_message (const sigpolicy_error *error)
{
  return error && error->message ? error->message : "out of memory";
}

const char *
sigpolicy_error_text (const sigpolicy_error *error)
{
  return error && error->text ? error->text : "out of memory";
}

const char *
sigpolicy_error_hint (const sigpolicy_error *error)
{
  return error ? error->hint : NULL;
}

const char *
sigpolicy_error_file (const sigpolicy_error *error)
{
  return error ? error->file : NULL;
}

unsigned
sigpolicy_error_line (const sigpolicy_error *error)
{
  return error ? error->line : 0;
}

unsigned
sigpolicy_error_column (const sigpolicy_error *error)
{
  return error ? error->column : 0;
}

const char *
sigpolicy_error_json_path (const sigpolicy_error *error)
{
  return error ? error->json_path : NULL;
}

void
sigpolicy_error_free (sigpolicy_error *error)
{
  if (!error || error == &out_of_memory)
    return;
  free (error->message);
  free (error->text);
  free (error->hint);
  free (error->file);
  free (error->json_path);
  free (error->frames);
  free (error);
}
