/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive_int.h"
#include "util/limits.h"

#include <criterion/criterion.h>

/* A module that plays what a test says, whatever the file is. */
static const struct sp_archive_entry *members;
static size_t n_members, at;
static enum sp_archive_status ending;
static int64_t passed_bytes;

static void *
play_open (const struct sp_archive_input *input, enum sp_archive_compression compression,
           enum sp_archive_shape shape)
{
  (void)input;
  (void)compression;
  (void)shape;
  at = 0;
  return &at;
}

static enum sp_archive_status
play_next (void *session, struct sp_archive_entry *ret)
{
  (void)session;
  if (at == n_members)
    return ending;
  *ret = members[at++];
  return SP_ARCHIVE_FINE;
}

static enum sp_archive_status
play_read (void *session, void *bytes, size_t room, size_t *ret_got)
{
  (void)session;
  memset (bytes, 'x', room);
  *ret_got = room;
  return ending == SP_ARCHIVE_END ? SP_ARCHIVE_FINE : ending;
}

static int64_t
play_passed (void *session)
{
  (void)session;
  return passed_bytes;
}

static const char *
play_message (void *session)
{
  (void)session;
  return "it is broken";
}

static void
play_close (void *session)
{
  (void)session;
}

static const struct sp_archive_module played = {
  .version = SP_ARCHIVE_MODULE_VERSION,
  .open = play_open,
  .next = play_next,
  .read = play_read,
  .passed = play_passed,
  .message = play_message,
  .close = play_close,
};

static struct sp_archive *
begin (const struct sp_archive_entry *entries, size_t count, enum sp_archive_status end)
{
  sigpolicy_error *err = NULL;
  struct sp_archive *archive = NULL;

  members = entries;
  n_members = count;
  ending = end;
  passed_bytes = 0;
  sp_archive_use_module (&played);
  cr_assert_eq (sp_archive_open (__FILE__, &archive, &err), 0, "%s", sigpolicy_error_text (err));
  cr_assert_eq (sp_archive_rewind (archive, &err), 0);
  return archive;
}

Test (archive_archive, ends)
{
  static const struct
  {
    enum sp_archive_status status;
    int code;
    sigpolicy_reason reason;
  } ends[] = {
    { SP_ARCHIVE_END, 0, 0 },
    { SP_ARCHIVE_BROKEN, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT },
    { SP_ARCHIVE_NO_MEMORY, SIGPOLICY_E_NO_MEMORY, SIGPOLICY_REASON_INTERNAL },
  };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_archive struct sp_archive *archive = begin (NULL, 0, ends[i].status);
      const struct sp_archive_entry *entry = NULL;
      cr_expect_eq (sp_archive_next (archive, &entry, &err), ends[i].code, "%zu", i);
      cr_expect_null (entry);
      cr_expect (!ends[i].code || sigpolicy_error_reason (err) == ends[i].reason, "%zu", i);
    }
}

/* What may be passed counts from where the walk is. */
Test (archive_archive, bytes)
{
  static const int64_t limit = (int64_t)SP_ARCHIVE_BYTES_MAX;
  static const struct
  {
    int64_t passed, size;
    bool fine;
  } cases[] = {
    { 0, 0, true },          { 0, limit, true }, { 0, limit + 1, false },
    { limit - 1, 1, true },  { limit, 0, true }, { limit, 1, false },
    { limit + 1, 0, false }, { 0, -1, false },   { 1, INT64_MAX, false },
    { INT64_MAX, 0, false }, { limit, 0, true },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      const struct sp_archive_entry member
          = { .name = "x", .size = cases[i].size, .kind = SP_ARCHIVE_FILE };
      cleanup_archive struct sp_archive *archive = begin (&member, 1, SP_ARCHIVE_END);
      const struct sp_archive_entry *entry = NULL;
      passed_bytes = cases[i].passed;
      int rc = sp_archive_next (archive, &entry, &err);
      cr_expect_eq (rc, cases[i].fine ? 0 : SIGPOLICY_E_UNAVAILABLE, "%zu", i);
      cr_expect (cases[i].fine || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT, "%zu", i);
    }
}

Test (archive_archive, names)
{
  char name[SP_PATH_BYTES_MAX + 2];
  memset (name, 'x', sizeof name);
  for (size_t len = SP_PATH_BYTES_MAX; len <= SP_PATH_BYTES_MAX + 1; len++)
    for (int link = 0; link < 2; link++)
      {
        cleanup_error sigpolicy_error *err = NULL;
        const struct sp_archive_entry member
            = { .name = link ? "x" : name,
                .target = link ? name : NULL,
                .kind = link ? SP_ARCHIVE_SYMLINK : SP_ARCHIVE_FILE };
        cleanup_archive struct sp_archive *archive = begin (&member, 1, SP_ARCHIVE_END);
        const struct sp_archive_entry *entry = NULL;
        name[len] = '\0';
        cr_expect_eq (sp_archive_next (archive, &entry, &err) == 0, len == SP_PATH_BYTES_MAX);
        cr_expect (entry || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
        name[len] = 'x';
      }
}

Test (archive_archive, content)
{
  cleanup_error sigpolicy_error *err = NULL, *broken = NULL;
  const struct sp_archive_entry member = { .name = "x", .size = 5, .kind = SP_ARCHIVE_FILE };
  cleanup_archive struct sp_archive *archive = begin (&member, 1, SP_ARCHIVE_END);
  cleanup_buf struct sp_buf bytes = SP_BUF (100000);
  const struct sp_archive_entry *entry = NULL;
  int64_t length = -1;

  cr_assert_eq (sp_archive_next (archive, &entry, &err), 0);
  cr_expect_eq (sp_archive_read (archive, &bytes, &err), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_eq (sigpolicy_error_reason (err), SIGPOLICY_REASON_LIMIT, "it has no end");
  cr_expect_eq (bytes.len, 100000);
  cr_expect_eq (sp_archive_measure (archive, &length, &broken), 0);
  cr_expect_eq (length, 5, "what is not compressed is as long as its header says");
  ending = SP_ARCHIVE_BROKEN;
  cr_expect_eq (sp_archive_measure (archive, &length, &broken), SIGPOLICY_E_REJECTED);
}

/* The module as it is, on a file that cannot be read any more. */
Test (archive_archive, a_file_that_cannot_be_read)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_archive *archive = NULL;

  cr_expect_eq (sp_archive_open ("/nonexistent/x", &archive, &err), SIGPOLICY_E_NOT_FOUND);
  sp_error_clear (&err);
  cr_expect_eq (sp_archive_open ("/dev/null", &archive, &err), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_str_eq (sp_error_stricter_id (err), "S8");
  sp_error_clear (&err);
  cr_expect_eq (sp_archive_open ("/proc/self/mem", &archive, &err), 0);
  cr_expect_eq (sp_archive_rewind (archive, &err), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_eq (sigpolicy_error_reason (err), SIGPOLICY_REASON_COULD_NOT_LOOK);
  sp_archive_free (archive);
}

Test (archive_archive, another_in_its_place)
{
  static struct sp_archive_module other;
  cleanup_error sigpolicy_error *err = NULL;
  const struct sp_archive_module *module = NULL;

  sp_archive_use_module (NULL);
  cr_expect_eq (sp_archive_load (&module, &err), 0, "%s", sigpolicy_error_text (err));
  cr_expect_eq (module->version, SP_ARCHIVE_MODULE_VERSION);
  sp_archive_use_module (&other);
  cr_expect_eq (sp_archive_load (&module, &err), 0);
  cr_expect_eq (module, &other, "a test may put another in its place");
}
