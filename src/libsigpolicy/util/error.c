/* SPDX-License-Identifier: Apache-2.0 */
#include "util/error.h"

#include "util/cleanup.h"
#include "util/codec.h"
#include "util/hint.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct sigpolicy_error
{
  int code;
  sigpolicy_reason reason;
  int errnum;
  const char *stricter;
  unsigned line, column;
  char *message; /* one line */
  char *lines;   /* of a list behind it, each with its line's end in front, or NULL */
  char *listing; /* message and lines, where there are lines */
  char *one_line;
  char *text; /* all that with position and frames; these three are kept up to date */
  struct sp_hint hint;
  char *file;
  char *json_path;
  char *frames;
};

/* There must be an error to return when there is no memory for one. */
static char more_memory[] = "raise the limit on the memory of this process: that of its shell "
                            "(ulimit -v), of its unit (MemoryMax) or of its container";
static sigpolicy_error out_of_memory = {
  .code = SIGPOLICY_E_NO_MEMORY,
  .reason = SIGPOLICY_REASON_INTERNAL,
  .hint = { .text = more_memory },
};

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
sp_exit_status (int code)
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

/* Whatever an error says of others is escaped here, and nowhere else. */
__attribute__ ((format (printf, 2, 0))) static bool
word (char **ret, const char *format, va_list args)
{
  if (vasprintf (ret, format, args) < 0)
    *ret = NULL;
  else if (!sp_make_printable (ret))
    {
      free (*ret);
      *ret = NULL;
    }
  return *ret;
}

static int
compose_list (sigpolicy_error *error)
{
  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_buf struct sp_buf joined = SP_BUF (SIZE_MAX / 2);
  char *listing = NULL;

  if (asprintf (&listing, "%s%s", error->message, error->lines) < 0)
    return -1;
  free (error->listing);
  error->listing = listing;
  sp_join_lines (sp_view_str (listing), &joined);
  free (error->one_line);
  error->one_line = sp_buf_steal (&joined, &no_memory);
  return error->one_line ? 0 : -1;
}

/* "file:line:column: message (in path)\n  while frame\n  while frame". */
static int
compose (sigpolicy_error **err)
{
  sigpolicy_error *error = *err;
  char position[32] = "";
  cleanup_free char *text = NULL;

  if (error->lines && compose_list (error) < 0)
    return sp_error_no_memory (err);

  if (error->line)
    (void)snprintf (position, sizeof position, "%u:%u:", error->line, error->column);
  if (asprintf (&text, "%s%s%s%s%s%s%s%s%s", error->file ? error->file : "", error->file ? ":" : "",
                error->file || error->line ? position : "", error->file || error->line ? " " : "",
                sigpolicy_error_message (error), error->json_path ? " (at " : "",
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
  return word (&error->message, format, args) ? 0 : sp_error_no_memory (err);
}

int
sp_error_vset (sigpolicy_error **err, int code, sigpolicy_reason reason, const char *format,
               va_list args)
{
  int rc = set (err, code, reason, 0, format, args);
  return rc < 0 ? rc : compose (err);
}

int
sp_error_set (sigpolicy_error **err, int code, sigpolicy_reason reason, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  int rc = sp_error_vset (err, code, reason, format, args);
  va_end (args);
  return rc;
}

/* Too many open files, in this process or in all of them. */
static bool
is_for_later (int errnum)
{
  return errnum == EMFILE || errnum == ENFILE;
}

int
sp_error_errno (sigpolicy_error **err, int code, sigpolicy_reason reason, int errnum,
                const char *format, ...)
{
  va_list args;
  va_start (args, format);
  /* No descriptor left says nothing of the file, whatever it is for. */
  bool later = is_for_later (errnum);
  int rc = set (err, later ? SIGPOLICY_E_UNAVAILABLE : code,
                later ? SIGPOLICY_REASON_COULD_NOT_LOOK : reason, errnum, format, args);
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
  bool said = word (&frame, format, args);
  va_end (args);
  if (!said)
    return sp_error_no_memory (err);
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
  bool said = word (&prefix, format, args);
  va_end (args);
  if (!said)
    return sp_error_no_memory (err);
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
  if (is_for_later ((*err)->errnum))
    return (*err)->code;
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
  if (!copy || !sp_make_printable (&copy))
    {
      free (copy);
      return sp_error_no_memory (err);
    }
  free (*slot);
  *slot = copy;
  return 0;
}

int
sp_error_position (sigpolicy_error **err, const char *file, unsigned line, unsigned column,
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
  if (*err == &out_of_memory || (*err)->hint.text)
    return (*err)->code;
  va_list args;
  va_start (args, format);
  bool said = word (&(*err)->hint.text, format, args);
  va_end (args);
  return said ? (*err)->code : sp_error_no_memory (err);
}

int
sp_error_forget_hint (sigpolicy_error **err)
{
  assert (*err);
  if (*err != &out_of_memory)
    sp_hint_clear (&(*err)->hint);
  return (*err)->code;
}

int
sp_error_hint_command (sigpolicy_error **err, struct sp_shell *shell)
{
  assert (*err);
  if (*err == &out_of_memory || !(*err)->hint.text || (*err)->hint.command)
    return (*err)->code;
  char *command = NULL;
  if (sp_shell_take (shell, &command, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  (*err)->hint.command = command;
  return (*err)->code;
}

int
sp_error_hint_edit_at (sigpolicy_error **err, const char *file, unsigned line, unsigned column,
                       const char *old, const char *new_text)
{
  assert (*err);
  if (*err == &out_of_memory || !(*err)->hint.text || (*err)->hint.old)
    return (*err)->code;
  struct sp_hint *hint = &(*err)->hint;
  if (sp_hint_set_edit (hint, file ? file : "", line, column, old, new_text, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  return (*err)->code;
}

int
sp_error_hint_edit (sigpolicy_error **err, const char *old, const char *new_text)
{
  return sp_error_hint_edit_at (err, NULL, 0, 0, old, new_text);
}

int
sp_error_take_hint (const sigpolicy_error *error, struct sp_hint *ret, sigpolicy_error **err)
{
  if (!error || error == &out_of_memory)
    return 0;
  if (sp_hint_copy (&error->hint, ret, err) < 0)
    return SIGPOLICY_E_NO_MEMORY;
  if (!ret->file || ret->file[0])
    return 0;
  bool has_own = ret->line;
  if (error->file && (has_own || error->line))
    return sp_hint_set_edit (ret, error->file, has_own ? ret->line : error->line,
                             has_own ? ret->column : error->column, error->hint.old,
                             error->hint.new_text, err);
  free (ret->file);
  free (ret->old);
  free (ret->new_text);
  ret->file = ret->old = ret->new_text = NULL;
  return 0;
}

/* NULL stays NULL; false when memory ran out. */
static bool
copy_text (const char *from, char **to)
{
  *to = from ? strdup (from) : NULL;
  return !from || *to;
}

int
sp_error_list (sigpolicy_error **err, struct sp_view lines)
{
  assert (*err);
  if (*err == &out_of_memory || !lines.len)
    return (*err)->code;

  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_buf struct sp_buf shown = SP_BUF (SIZE_MAX / 2);
  assert (!(*err)->lines);
  while (lines.len)
    {
      size_t end = sp_view_find (lines, '\n');
      sp_buf_byte (&shown, '\n');
      sp_show_line (sp_view_head (lines, end), &shown);
      lines = end == SP_VIEW_NONE ? sp_view_str ("") : sp_view_from (lines, end + 1);
    }
  (*err)->lines = sp_buf_steal (&shown, &no_memory);
  return (*err)->lines ? compose (err) : sp_error_no_memory (err);
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
      || !copy_text (from->file, &copy->file) || !copy_text (from->json_path, &copy->json_path)
      || !copy_text (from->frames, &copy->frames) || !copy_text (from->lines, &copy->lines)
      || !copy_text (from->listing, &copy->listing) || !copy_text (from->one_line, &copy->one_line))
    return sp_error_no_memory (err);
  return sp_hint_copy (&from->hint, &copy->hint, err) < 0 ? SIGPOLICY_E_NO_MEMORY : copy->code;
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
  if (error && error->listing)
    return error->listing;
  return error && error->message ? error->message : "out of memory";
}

const char *
sp_error_one_line (const sigpolicy_error *error)
{
  return error && error->one_line ? error->one_line : sigpolicy_error_message (error);
}

const char *
sigpolicy_error_text (const sigpolicy_error *error)
{
  return error && error->text ? error->text : "out of memory";
}

const char *
sigpolicy_error_hint (const sigpolicy_error *error)
{
  return error ? error->hint.text : NULL;
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
  free (error->lines);
  free (error->listing);
  free (error->one_line);
  free (error->text);
  sp_hint_clear (&error->hint);
  free (error->file);
  free (error->json_path);
  free (error->frames);
  free (error);
}
