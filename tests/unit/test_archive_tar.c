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
      sp_buf_printf (out, "%c %s%s%s %lld", "fsdlhgo"[entry->kind], entry -> name,
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
  member (&tape, 'g', "i", "13 comment=x\n");
  block = member (&tape, 'V', "j", "");
  memcpy (block + 257, "ustar  ", 8);
  sum (block);
  EXPECT (&tape, "f a 3 one;f b 3 two;d c/ 0;d d 0;l e>../a 0;h f>a 0;o g 0;o h 0;g i 0;o j 0;");
}

static void
gnu (unsigned char *block)
{
  memcpy (block + 257, "ustar  ", 8);
  sum (block);
}

Test (archive_tar, names)
{
  struct tape tape = { .len = 0 };
  unsigned char *block;

  block = member (&tape, '0', "name", "");
  memcpy (block + 345, "the/prefix", 10);
  sum (block);
  block = member (&tape, '0', "name", ""); /* GNU has times there */
  memcpy (block + 345, "00000000000", 11);
  gnu (block);
  member (&tape, 'x', "h", "12 path=pax\n17 linkpath=link\n");
  block = member (&tape, '2', "name", "");
  gnu (member (&tape, 'K', "h", "far"));
  gnu (member (&tape, 'L', "h", "long"));
  gnu (member (&tape, '2', "name", ""));
  EXPECT (&tape, "f the/prefix/name 0;f name 0;l pax>link 0;l long>far 0;");
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
  static const char map[512] = "00000010000";

  memcpy (block + 386, "00000000000", 12);
  memcpy (block + 398, "00000000004", 12);
  memcpy (block + 483, "00000020000", 12);
  gnu (block);
  block = header (&tape, 'S', "more holes", NULL, 4);
  block[482] = 1;
  memcpy (block + 483, "00000030000", 12);
  gnu (block);
  add (&tape, map, 12);
  add (&tape, "00000000004", 12);
  add (&tape, map + 24, sizeof map - 24);
  add (&tape, "data", 4);
  pad (&tape);
  member (&tape, 'x', "h",
          "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n25 GNU.sparse.name=holes\n"
          "28 GNU.sparse.realsize=8192\n");
  block = header (&tape, '0', "GNUSparseFile/holes", NULL, 516);
  add (&tape, "1\n4096\n4\n", 9);
  pad (&tape);
  add (&tape, "data", 4);
  pad (&tape);
  member (&tape, '0', "behind", "it");
  EXPECT (&tape, "s old 8192;s more holes 12288;f holes 8192;f behind 2 it;");
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
  EXPECT (&tape, "f a 3 one;there is data after a block of zeros");
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
    { 124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12,
      "a header without valid numbers" },
    { 124, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12,
      "a header without valid numbers" },
    { 124, "\x80\0\0\0\x80\0\0\0\0\0\0\0", 12, "a header without valid numbers" },
    { 124, "\xc0\0\0\0\0\0\0\0\0\0\0\0", 12, "a header without valid numbers" },
    { 124, "00000000008", 12, "a header without valid numbers" },
    { 124, "0\0007", 3, "a header without valid numbers" },
    { 124, "0x", 2, "a header without valid numbers" },
    { 100, "rw-r--r--", 8, "a header without valid numbers" },
    { 108, "9", 1, "a header without valid numbers" },
    { 136, "-1", 2, "a header without valid numbers" },
    { 329, "x", 1, "a header without valid numbers" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct tape tape = { .len = 0 };
      unsigned char *block = member (&tape, '0', "a", "");
      memcpy (block + cases[i].at, cases[i].bytes, cases[i].len);
      EXPECT (&tape, "this is not a tar file, or it is damaged");
      sum (block);
      EXPECT (&tape, cases[i].words);
    }
}

/* --- what readers differ on (S12) ---------------------------------------------------------------
 */

Test (archive_tar, headers_read_differently)
{
#define GNU_MAGIC     \
  {                   \
    257, "ustar  ", 8 \
  }
#define V7_MAGIC             \
  {                          \
    257, "\0\0\0\0\0\0\0", 8 \
  }
  static const struct
  {
    const char *words;
    struct
    {
      size_t at;
      const char *bytes;
      size_t len;
    } changes[2];
    size_t size;
  } cases[] = {
    { "a directory with content", { { 156, "", 1 }, { 0, "a/", 2 } }, 3 },
    { "a file with the name of a directory", { { 0, "a/", 2 } }, 0 },
    { "a member without a name", { { 0, "", 1 } }, 0 },
    { "a member without a size", { { 124, "\0\0\0\0\0\0\0\0\0\0\0", 12 } }, 0 },
    { "a header of more than one format", { GNU_MAGIC, { 345, "prefix", 6 } }, 0 },
    { "a header of more than one format", { GNU_MAGIC, { 346, "x", 1 } }, 0 },
    { "a header of more than one format", { GNU_MAGIC, { 482, "1", 1 } }, 0 },
    { "a header of more than one format", { { 508, "tar", 3 } }, 0 },
    { "a header of more than one format", { { 257, "ustar 00", 8 } }, 0 },
    { "a header of more than one format", { { 257, "ustar\0\0", 8 } }, 0 },
    { "a header of more than one format", { V7_MAGIC, { 345, "p", 1 } }, 0 },
    { "a member of a type that its format does not have", { { 156, "S", 1 } }, 0 },
    { "a member of a type that its format does not have", { { 156, "L", 1 } }, 0 },
    { "a member of a type that its format does not have", { { 156, "7", 1 } }, 0 },
    { "a member of a type that its format does not have", { { 156, "X", 1 } }, 0 },
    { "a member of a type that its format does not have", { { 156, "x", 1 }, GNU_MAGIC }, 0 },
    { "a mode with another file type", { { 100, "0120777", 8 } }, 0 },
    { "a mode with another file type", { { 100, "0040755", 8 } }, 0 },
    { "content in a member that cannot have any", { { 156, "5", 1 } }, 3 },
    { "content in a member that cannot have any", { { 156, "1", 1 } }, 3 },
    { "content in a member that cannot have any", { { 156, "V", 1 }, GNU_MAGIC }, 3 },
    { "a member of a type that its format does not have", { { 156, "D", 1 }, GNU_MAGIC }, 3 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct tape tape = { .len = 0 };
      unsigned char *block = member (&tape, '0', "a", "one");
      (void)snprintf ((char *)block + 124, 12, "%011o", (unsigned)cases[i].size);
      for (size_t j = 0; j < 2 && cases[i].changes[j].len; j++)
        memcpy (block + cases[i].changes[j].at, cases[i].changes[j].bytes, cases[i].changes[j].len);
      sum (block);
      EXPECT (&tape, cases[i].words);
    }
  struct tape tape = { .len = 0 };
  unsigned char *block = member (&tape, '0', "a", "one");
  memcpy (block + 100, "0100644", 8); /* docker writes what the type says, too */
  sum (block);
  EXPECT (&tape, "f a 3 one;");
}

Test (archive_tar, headers_that_go_with_others)
{
  static const struct
  {
    const char *words, *types, *contents[3];
  } cases[] = {
    { "one member has two headers of one kind", "xx", { "12 path=one\n", "10 uid=12\n" } },
    { "one member has two headers of one kind", "LL", { "one", "two" } },
    { "one member has headers of two formats", "xL", { "12 path=one\n", "two" } },
    { "a global header is after the header of a member", "xg", { "12 path=one\n", "6 a=b\n" } },
    { "a global header is after the header of a member", "Lg", { "one", "6 a=b\n" } },
    { "a global header with attributes of members", "g", { "12 path=one\n" } },
    { "a global header with attributes of members", "g", { "9 size=3\n" } },
    { "an extended header with a repeated or empty value", "x", { "12 path=one\n12 path=two\n" } },
    { "an extended header with a repeated or empty value", "x", { "8 path=\n" } },
    { "holes or parts in a format that few programs support", "x", { "23 GNU.sparse.offset=0\n" } },
    { "holes or parts in a format that few programs support", "x", { "22 GNU.sparse.map=0,3\n" } },
    { "holes or parts in a format that few programs support", "x", { "21 SCHILY.realsize=9\n" } },
    { "holes in a format that few programs support", "x", { "25 GNU.sparse.name=other\n" } },
    { "holes in a format that few programs support", "x", { "22 GNU.sparse.major=1\n" } },
    { "a long name is empty", "L", { "" } },
    { "a member has a header of another format", "L", { "one" } },
    { "it ends after a header that belongs to a member", "x\n", { "12 path=one\n" } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct tape tape = { .len = 0 };
      const char *types = cases[i].types;
      for (size_t j = 0; types[j] && types[j] != '\n'; j++)
        {
          unsigned char *block = member (&tape, types[j], "h", cases[i].contents[j]);
          if (types[j] == 'L')
            gnu (block);
        }
      if (!strchr (types, '\n'))
        member (&tape, '0', "a", "");
      EXPECT (&tape, cases[i].words);
    }
  struct tape tape = { .len = 0 };
  gnu (header (&tape, 'L', "h", "one\0two", 7));
  gnu (member (&tape, '0', "a", ""));
  EXPECT (&tape, "there is data after a long name");

  struct tape mixed = { .len = 0 };
  member (&mixed, 'x', "h", "12 path=one\n");
  gnu (member (&mixed, '0', "a", ""));
  EXPECT (&mixed, "a member has a header of another format");
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
      EXPECT (&tape, "an invalid extended header");
    }
  static const char *const sizes[] = { "11 size=-1\n", "28 size=9223372036854775808\n",
                                       "11 uid=two\n", "11 mtime=x\n", "13 mtime=1.x\n" };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
      struct tape tape = { .len = 0 };
      member (&tape, 'x', "h", sizes[i]);
      member (&tape, '0', "a", "");
      EXPECT (&tape, "an extended header with an invalid value");
    }
  struct tape tape = { .len = 0 };
  (void)header (&tape, 'x', "h", "12 path=a\0b\n", 12);
  member (&tape, '0', "a", "");
  EXPECT (&tape, "an extended header with an invalid value");
  tape.len = 0;
  gnu (header (&tape, 'L', "h", NULL, SP_MIB + 1));
  EXPECT (&tape, "a header is too long");
}

/* The mark is for what other readers take: nobody takes the first of each pair. */
Test (archive_tar, broken_to_everybody)
{
  static const struct
  {
    const char *number, *record, *map;
  } rows[2] = { { "0x", "11 size=0x\n", "1\n4096\n" }, { "\xc0", "11 size=-1\n", "1\n-1\n4\n" } };
  const char *const stricter[2] = { NULL, "S12" };

  for (size_t i = 0; i < 2; i++)
    for (size_t j = 0; j < 3; j++)
      {
        struct tape tape = { .len = 0 };
        cleanup_error sigpolicy_error *err = NULL;
        const struct sp_archive_entry *entry = NULL;
        if (j == 1)
          member (&tape, 'x', "h", rows[i].record);
        if (j == 2)
          member (&tape, 'x', "h",
                  "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n25 GNU.sparse.name=holes\n"
                  "28 GNU.sparse.realsize=8192\n");
        unsigned char *block = header (&tape, '0', "a", NULL, j == 2 ? 516 : 1);
        if (j == 0)
          memcpy (block + 124, rows[i].number, strlen (rows[i].number));
        sum (block);
        add (&tape, j == 2 ? rows[i].map : "a", j == 2 ? strlen (rows[i].map) : 1);
        pad (&tape);
        add (&tape, "data", j == 2 ? 4 : 0);
        pad (&tape);
        cleanup_archive struct sp_archive *archive = load (&tape);
        cr_assert (sp_archive_next (archive, &entry, &err) < 0, "%zu %zu", i, j);
        const char *id = sp_error_stricter_id (err);
        cr_expect (stricter[i] ? id && strcmp (id, stricter[i]) == 0 : !id, "%zu %zu: %s", i, j,
                   sigpolicy_error_text (err));
      }
}

/* Holes that do not fit the file, in the header of the member and the blocks behind it. */
Test (archive_tar, broken_holes)
{
  static const struct
  {
    const char *parts[4]; /* offset and size */
    const char *length;
    bool more; /* another block of parts, which is missing */
    const char *words;
  } rows[] = {
    { { "00000000000", "00000000004" }, "00000000004", false, "s a 4;" },
    { { "00000000000", "00000000004" }, "00000000003", false, "an invalid sparse file" },
    { { "00000000000", "00000000003" },
      "00000000004",
      false,
      "a sparse file whose parts do not match" },
    { { "00000000002", "00000000002", "00000000000", "00000000002" },
      "00000000004",
      false,
      "an invalid sparse file" },
    { { "x", "00000000004" }, "00000000004", false, "an invalid sparse file" },
    { { "00000000000", "00000000004" }, "x", false, "an invalid sparse file" },
    { { NULL, NULL, "00000000000", "00000000004" },
      "00000000004",
      false,
      "an invalid sparse file" },
    { { "00000000000", "00000000004" }, "00000000004", true, "it ends within a header" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      struct tape tape = { .len = 0 };
      unsigned char *block = header (&tape, 'S', "a", NULL, 4);
      for (size_t j = 0; j < 4; j++)
        if (rows[i].parts[j])
          memcpy (block + 386 + 12 * j, rows[i].parts[j], strlen (rows[i].parts[j]));
      memcpy (block + 483, rows[i].length, strlen (rows[i].length));
      block[482] = rows[i].more;
      gnu (block);
      add (&tape, "data", 4);
      if (!rows[i].more)
        pad (&tape);
      EXPECT (&tape, rows[i].words);
    }
}

/* The same in front of the data. */
Test (archive_tar, broken_lines_of_holes)
{
  static const struct
  {
    const char *map;
    size_t size;
    const char *words;
  } rows[] = {
    { "1\n4096\n4\n", 516, "f holes 8192;" },
    { "0\n", 512, "f holes 8192;" },
    { "0\n", 516, "a sparse file whose parts do not match" },
    { "1\n4096\n5\n", 516, "a sparse file whose parts do not match" },
    { "1\n8189\n4\n", 516, "an invalid sparse file" },
    { "2\n4096\n2\n0\n2\n", 516, "an invalid sparse file" },
    { "1\n4096\n", 516, "an invalid sparse file" },
    { "x\n", 516, "an invalid sparse file" },
    { "123456789012345678901\n", 516, "an invalid sparse file" },
    { "43691\n", 516, "an invalid sparse file" },
    { "1\n4096\n4\n", 511, "an invalid sparse file" },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      struct tape tape = { .len = 0 };
      member (&tape, 'x', "h",
              "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n25 GNU.sparse.name=holes\n"
              "28 GNU.sparse.realsize=8192\n");
      (void)header (&tape, '0', "GNUSparseFile/holes", NULL, rows[i].size);
      add (&tape, rows[i].map, strlen (rows[i].map));
      pad (&tape);
      add (&tape, "data", rows[i].size > 512 ? 4 : 0);
      pad (&tape);
      EXPECT (&tape, rows[i].words);
    }
}

/* An extended header says of how many bytes a directory is. */
Test (archive_tar, content_by_an_extended_header)
{
  struct tape tape = { .len = 0 };
  member (&tape, 'x', "h", "9 size=4\n");
  member (&tape, '5', "d", "");
  EXPECT (&tape, "content in a member that cannot have any");
  tape.len = 0;
  member (&tape, 'x', "h", "9 size=0\n");
  member (&tape, '5', "d", "");
  EXPECT (&tape, "d d 0;");
}

/* --- compression, which is played ------------------------------------------------------------- */

static enum sp_archive_status playing;

static void *
play_open (const struct sp_archive_input *input, enum sp_archive_compression compression)
{
  (void)compression;
  return (void *)(size_t)input;
}

/* Gives some zeros, or fails. */
static size_t left;

static enum sp_archive_status
play_read (void *session, void *to, size_t room, size_t *ret_got)
{
  (void)session;
  *ret_got = room < left ? room : left;
  left -= *ret_got;
  memset (to, 0, *ret_got);
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
                { SP_ARCHIVE_DOUBTFUL, SIGPOLICY_E_REJECTED },
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
      left = 100000;
      cr_expect_eq (sp_archive_next (archive, &entry, &err), cases[i].code, "%zu", i);
      cr_expect_null (entry);
    }
}

/* A name in the header of gzip; what is behind it is nothing. */
Test (archive_tar, names_of_gzip)
{
  static const struct
  {
    size_t length;
    const char *words; /* NULL: it is read */
  } cases[] = { { 1, NULL }, { 511, NULL }, { 512, "a name in a header of gzip is too long" } };
  char name[512];

  memset (name, 'n', sizeof name);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct tape tape = { .len = 0 };
      add (&tape, "\x1f\x8b\x08\x08\0\0\0\0\0\xff", 10);
      add (&tape, name, cases[i].length);
      add (&tape, "\0\x03\0\0\0\0\0\0\0\0\0", 11);
      EXPECT (&tape, cases[i].words ? cases[i].words : "");
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
