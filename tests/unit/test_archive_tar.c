/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive_int.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- archives in memory ----------------------------------------------------------------------- */

struct tape
{
  unsigned char bytes[64 * 1024];
  size_t len;
};

static void
add (struct tape *tape, const void *bytes, size_t len)
{
  cr_assert (tape->len + len <= sizeof tape->bytes);
  memcpy (tape->bytes + tape->len, bytes, len);
  tape->len += len;
}

static void
pad (struct tape *tape)
{
  static const char zeros[512];
  add (tape, zeros, -tape->len & 511);
}

/* The last header's checksum, after something in it was changed. */
static void
sum (unsigned char *block)
{
  unsigned total = 0;
  memset (block + 148, ' ', 8);
  for (size_t i = 0; i < 512; i++)
    total += block[i];
  (void)snprintf ((char *)block + 148, 8, "%06o", total);
}

/* A header in the format of pax; content is added, where it is not NULL. */
static unsigned char *
header (struct tape *tape, char type, const char *name, const char *content, size_t size)
{
  unsigned char block[512] = { 0 };
  memcpy (block, name, strlen (name));
  memcpy (block + 100, "0000644", 8);
  (void)snprintf ((char *)block + 124, 12, "%011o", (unsigned)(size & 0xffffffffU));
  block[156] = (unsigned char)type;
  memcpy (block + 257, "ustar\00000", 8);
  sum (block);
  size_t at = tape->len;
  add (tape, block, sizeof block);
  if (content)
    {
      add (tape, content, size);
      pad (tape);
    }
  return tape->bytes + at;
}

static unsigned char *
member (struct tape *tape, char type, const char *name, const char *content)
{
  return header (tape, type, name, content, strlen (content));
}

static struct sp_archive *
load (const struct tape *tape)
{
  sigpolicy_error *err = NULL;
  struct sp_archive *archive = NULL;
  char path[64];
  int fd = memfd_create ("tape", MFD_CLOEXEC);

  cr_assert (fd >= 0 && write (fd, tape->bytes, tape->len) == (ssize_t)tape->len);
  (void)snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  cr_assert_eq (sp_archive_open (path, &archive, &err), 0, "%s", sigpolicy_error_text (err));
  (void)close (fd);
  cr_assert_eq (sp_archive_rewind (archive, &err), 0, "%s", sigpolicy_error_text (err));
  return archive;
}

/* "kind name[>target] size content;" of each member, or what is wrong behind them. */
static void
describe (const struct tape *tape, struct sp_buf *out)
{
  cleanup_archive struct sp_archive *archive = load (tape);
  cleanup_error sigpolicy_error *err = NULL;
  const struct sp_archive_entry *entry = NULL;

  while (sp_archive_next (archive, &entry, &err) == 0 && entry)
    {
      cleanup_error sigpolicy_error *unread = NULL;
      cleanup_buf struct sp_buf content = SP_BUF (100);
      sp_buf_printf (out, "%c %s%s%s %lld", "fsdlho"[entry->kind], entry -> name,
                     entry -> target ? ">" : "", entry->target ? entry->target : "",
                     (long long)entry->size);
      if (entry->size && sp_archive_read (archive, &content, &unread) == 0)
        sp_buf_printf (out, " %s", content.data);
      sp_buf_byte (out, ';');
    }
  if (err)
    sp_buf_str (out, strrchr (sigpolicy_error_message (err), ':') + 2);
}

#define EXPECT(tape, words)                            \
  do                                                   \
    {                                                  \
      cleanup_buf struct sp_buf found = SP_BUF (4096); \
      describe (tape, &found);                         \
      cr_expect_str_eq (found.data, words);            \
    }                                                  \
  while (0)

/* --- what is read ----------------------------------------------------------------------------- */

Test (archive_tar, kinds)
{
  struct tape tape = { .len = 0 };
  unsigned char *block;

  member (&tape, '0', "a", "one");
  member (&tape, '\0', "b", "two");
  member (&tape, '\0', "c/", "");
  member (&tape, '5', "d", "");
  block = member (&tape, '2', "e", "");
  memcpy (block + 157, "../a", 4);
  sum (block);
  block = member (&tape, '1', "f", "");
  memcpy (block + 157, "a", 1);
  sum (block);
  member (&tape, '3', "g", "");
  member (&tape, '6', "h", "");
  member (&tape, '7', "i", "xy");
  member (&tape, 'Z', "j", "z");
  EXPECT (&tape,
          "f a 3 one;f b 3 two;d c/ 0;d d 0;l e>../a 0;h f>a 0;o g 0;o h 0;o i 2 xy;o j 1 z;");
}

/* What has no content has none, whatever its header says: the next header is right behind it. */
Test (archive_tar, header_only)
{
  struct tape tape = { .len = 0 };
  for (char type = '1'; type <= '6'; type++)
    (void)header (&tape, type, "x", NULL, 512);
  member (&tape, '0', "a", "one");
  EXPECT (&tape, "h x> 0;l x> 0;o x 0;o x 0;d x 0;o x 0;f a 3 one;");
}

Test (archive_tar, names)
{
  struct tape tape = { .len = 0 };
  unsigned char *block;

  block = member (&tape, '0', "name", "");
  memcpy (block + 345, "the/prefix", 10);
  sum (block);
  block = member (&tape, '0', "name", ""); /* GNU has other things there */
  memcpy (block + 257, "ustar  ", 8);
  memcpy (block + 345, "00000000000", 11);
  sum (block);
  member (&tape, 'x', "h", "12 path=pax\n17 linkpath=link\n");
  block = member (&tape, '2', "name", "");
  member (&tape, 'L', "h", "long");
  member (&tape, 'K', "h", "far");
  member (&tape, '2', "name", "");
  member (&tape, 'x', "h", "12 path=pax\n");
  member (&tape, 'L', "h", "stronger");
  member (&tape, '0', "name", "");
  member (&tape, 'x', "h", "12 path=one\n");
  member (&tape, 'x', "h", "10 uid=12\n");
  member (&tape, '0', "the last header counts", "");
  member (&tape, 'g', "h", "12 path=all\n");
  member (&tape, '0', "none of all", "");
  EXPECT (&tape, "f the/prefix/name 0;f name 0;l pax>link 0;l long>far 0;f stronger 0;"
                 "f the last header counts 0;f none of all 0;");
}

Test (archive_tar, sizes)
{
  struct tape tape = { .len = 0 };
  unsigned char *block;

  member (&tape, 'x', "h", "9 size=3\n");
  block = member (&tape, '0', "pax", "one");
  memcpy (block + 124, "77777777777", 11);
  sum (block);
  block = member (&tape, '0', "binary", "two");
  memcpy (block + 124, "\x80\0\0\0\0\0\0\0\0\0\0\3", 12);
  sum (block);
  block = member (&tape, '0', "blanks", "four");
  memcpy (block + 124, "          4 ", 12);
  sum (block);
  EXPECT (&tape, "f pax 3 one;f binary 3 two;f blanks 4 four;");
}

Test (archive_tar, sparse)
{
  struct tape tape = { .len = 0 };
  unsigned char *block = member (&tape, 'S', "old", "data");
  static const char map[512] = { 0 };

  memcpy (block + 257, "ustar  ", 8);
  memcpy (block + 483, "00000020000", 12);
  sum (block);
  block = header (&tape, 'S', "more holes", NULL, 4);
  memcpy (block + 257, "ustar  ", 8);
  block[482] = 1;
  memcpy (block + 483, "00000030000", 12);
  sum (block);
  add (&tape, map, sizeof map);
  add (&tape, "data", 4);
  pad (&tape);
  member (&tape, 'x', "h",
          "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n25 GNU.sparse.name=holes\n"
          "28 GNU.sparse.realsize=8192\n");
  member (&tape, '0', "GNUSparseFile/holes", "data");
  member (&tape, 'x', "h", "22 GNU.sparse.major=9\n25 GNU.sparse.name=holes\n");
  member (&tape, '0', "of no version", "data");
  EXPECT (&tape, "s old 8192;s more holes 12288;f holes 8192;f of no version 4 data;");
}

Test (archive_tar, ends)
{
  static const char zeros[1024];
  struct tape tape = { .len = 0 };

  EXPECT (&tape, "");
  member (&tape, '0', "a", "one");
  EXPECT (&tape, "f a 3 one;");
  add (&tape, zeros, 512);
  EXPECT (&tape, "f a 3 one;");
  member (&tape, '0', "b", "two");
  EXPECT (&tape, "f a 3 one;something stands behind a block of zeros");
  tape.len = 1024;
  add (&tape, zeros, 1024);
  member (&tape, '0', "b", "two");
  EXPECT (&tape, "f a 3 one;");
  tape.len = 1000; /* the padding of the last may be missing */
  EXPECT (&tape, "f a 3 one;");
  tape.len = 514;
  EXPECT (&tape, "f a 3;it ends before it should");
  tape.len = 511;
  EXPECT (&tape, "it ends within a header");
}

/* --- what is refused -------------------------------------------------------------------------- */

Test (archive_tar, broken_headers)
{
  static const struct
  {
    size_t at;
    const char *bytes;
    size_t len;
    const char *words;
  } cases[] = {
    { 124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, "a size is no number" },
    { 124, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, "a header has no numbers" },
    { 124, "\x80\0\0\0\x80\0\0\0\0\0\0\0", 12, "a header has no numbers" },
    { 124, "00000000008", 12, "a header has no numbers" },
    { 124, "0x", 2, "a header has no numbers" },
    { 100, "rw-r--r--", 8, "a header has no numbers" },
    { 108, "9", 1, "a header has no numbers" },
    { 136, "-1", 2, "a header has no numbers" },
    { 329, "x", 1, "a header has no numbers" },
    { 156, "S", 1, "a sparse file is none" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct tape tape = { .len = 0 };
      unsigned char *block = member (&tape, '0', "a", "");
      memcpy (block + cases[i].at, cases[i].bytes, cases[i].len);
      EXPECT (&tape, "this is no tar file, or broken");
      sum (block);
      EXPECT (&tape, cases[i].words);
    }
}

Test (archive_tar, broken_records)
{
  static const char *const records[] = {
    "x",      "12",       "12 path=on\n", "12 path=one",      "0 a=b\n", "4 a=\n4", "6 a=b\n6 =b\n",
    "5 ab\n", "-6 a=b\n", "06 a=b\n7 a",  "9999999999 a=b\n",
  };
  for (size_t i = 0; i < sizeof records / sizeof *records; i++)
    {
      struct tape tape = { .len = 0 };
      member (&tape, 'x', "h", records[i]);
      member (&tape, '0', "a", "");
      EXPECT (&tape, "an extended header is none");
    }
  static const char *const sizes[]
      = { "11 size=-1\n", "11 size=0x\n", "28 size=9223372036854775808\n" };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
      struct tape tape = { .len = 0 };
      member (&tape, 'x', "h", sizes[i]);
      member (&tape, '0', "a", "");
      EXPECT (&tape, "a size is no number");
    }
  struct tape tape = { .len = 0 };
  (void)header (&tape, 'x', "h", "12 path=a\0b\n", 12);
  member (&tape, '0', "a", "");
  EXPECT (&tape, "a name has a NUL in it");
  tape.len = 0;
  (void)header (&tape, 'L', "h", NULL, SP_MIB + 1);
  EXPECT (&tape, "a header is too long");
}

/* --- compression, which is played ------------------------------------------------------------- */

static enum sp_archive_status playing;

static void *
play_open (const struct sp_archive_input *input, enum sp_archive_compression compression)
{
  (void)compression;
  return (void *)(size_t)input;
}

/* Gives zeros without end, or fails. */
static enum sp_archive_status
play_read (void *session, void *to, size_t room, size_t *ret_got)
{
  (void)session;
  memset (to, 0, room);
  *ret_got = room;
  return playing;
}

static const char *
play_message (void *session)
{
  (void)session;
  return "it was played";
}

static void
play_close (void *session)
{
  (void)session;
}

Test (archive_tar, decompression_that_fails)
{
  static const struct sp_archive_module played
      = { SP_ARCHIVE_MODULE_VERSION, play_open, play_read, play_message, play_close };
  static const struct
  {
    enum sp_archive_status status;
    int code;
  } cases[] = { { SP_ARCHIVE_BROKEN, SIGPOLICY_E_REJECTED },
                { SP_ARCHIVE_NO_MEMORY, SIGPOLICY_E_NO_MEMORY },
                { SP_ARCHIVE_FINE, 0 } };
  struct tape tape = { .len = 0 };

  add (&tape, "\x1f\x8b\x08", 3);
  sp_archive_use_module (&played);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_archive struct sp_archive *archive = load (&tape);
      cleanup_error sigpolicy_error *err = NULL;
      const struct sp_archive_entry *entry = NULL;
      playing = cases[i].status;
      cr_expect_eq (sp_archive_next (archive, &entry, &err), cases[i].code, "%zu", i);
      cr_expect_null (entry);
    }
}

/* --- files ------------------------------------------------------------------------------------ */

Test (archive_tar, files_that_cannot_be_read)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_archive *archive = NULL;

  cr_expect_eq (sp_archive_open ("/nonexistent/x", &archive, &err), SIGPOLICY_E_NOT_FOUND);
  sp_error_clear (&err);
  cr_expect_eq (sp_archive_open ("/dev/null", &archive, &err), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_str_eq (sp_error_stricter_id (err), "S8");
  sp_error_clear (&err);
  cr_assert_eq (sp_archive_open ("/proc/self/mem", &archive, &err), 0);
  cr_expect_eq (sp_archive_rewind (archive, &err), SIGPOLICY_E_UNAVAILABLE);
  cr_expect_eq (sigpolicy_error_reason (err), SIGPOLICY_REASON_COULD_NOT_LOOK);
  sp_archive_free (archive);
}
