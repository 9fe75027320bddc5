/* SPDX-License-Identifier: Apache-2.0 */
#define ZLIB_CONST
#include "archive/gzip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TEXT_MAX 512 /* of a name or a comment in a header, with its end */

/* One member after another, each of which is read to its end. */
struct gzip
{
  const struct sp_archive_input *input;
  z_stream stream;
  gz_header header;
  unsigned char name[TEXT_MAX], comment[TEXT_MAX];
  bool within, ended; /* a member; the file */
  const char *message;
};

void *
sp_gzip_open (const struct sp_archive_input *input)
{
  struct gzip *gzip = calloc (1, sizeof *gzip);
  if (!gzip)
    return NULL;
  gzip->input = input;
  if (inflateInit2 (&gzip->stream, 16 + MAX_WBITS) == Z_OK)
    return gzip;
  free (gzip);
  return NULL;
}

void
sp_gzip_close (void *data)
{
  struct gzip *gzip = data;
  (void)inflateEnd (&gzip->stream);
  free (gzip);
}

const char *
sp_gzip_message (void *data)
{
  const struct gzip *gzip = data;
  return gzip->message ? gzip->message : "it is broken";
}

static enum sp_archive_status
fail (struct gzip *gzip, enum sp_archive_status status, const char *message)
{
  gzip->message = message;
  return status;
}

/* More input, where there is none left. */
static enum sp_archive_status
fill (struct gzip *gzip)
{
  const void *bytes = NULL;
  if (gzip->stream.avail_in || gzip->ended)
    return SP_ARCHIVE_FINE;
  ptrdiff_t got = gzip->input->read (gzip->input->self, &bytes);
  if (got < 0)
    return fail (gzip, SP_ARCHIVE_BROKEN, "the archive cannot be read");
  gzip->ended = got == 0;
  gzip->stream.next_in = bytes;
  gzip->stream.avail_in = (uInt)got;
  return SP_ARCHIVE_FINE;
}

/* The next member begins. */
static enum sp_archive_status
begin (struct gzip *gzip)
{
  gzip->within = true;
  gzip->header = (gz_header){
    .name = gzip->name, .name_max = TEXT_MAX, .comment = gzip->comment, .comm_max = TEXT_MAX
  };
  memset (gzip->name, 0, TEXT_MAX);
  memset (gzip->comment, 0, TEXT_MAX);
  return inflateReset (&gzip->stream) == Z_OK
                 && inflateGetHeader (&gzip->stream, &gzip->header) == Z_OK
             ? SP_ARCHIVE_FINE
             : fail (gzip, SP_ARCHIVE_BROKEN, NULL);
}

/* What inflate() said; a member's end is no end yet. A stream that breaks later is read up to there
 * by those who have seen enough before. */
static enum sp_archive_status
judge (struct gzip *gzip, int code, bool first)
{
  const char *words = gzip->stream.msg;
  if (code == Z_MEM_ERROR)
    return SP_ARCHIVE_NO_MEMORY;
  if (code == Z_DATA_ERROR && words && strcmp (words, "incorrect header check") == 0 && !first)
    return fail (gzip, SP_ARCHIVE_DOUBTFUL, "there is data after the compressed stream");
  if (code == Z_DATA_ERROR && words && strcmp (words, "unknown header flags set") == 0)
    return fail (gzip, SP_ARCHIVE_DOUBTFUL, "unknown gzip flags");
  if (gzip->header.done == 1
      && (!memchr (gzip->name, 0, TEXT_MAX) || !memchr (gzip->comment, 0, TEXT_MAX)))
    return fail (gzip, SP_ARCHIVE_BROKEN, "a name in a header of gzip is too long");
  if (code == Z_STREAM_END)
    gzip->within = false;
  return code == Z_OK || code == Z_STREAM_END || (code == Z_BUF_ERROR && !gzip->ended)
             ? SP_ARCHIVE_FINE
             : fail (gzip, first ? SP_ARCHIVE_BROKEN : SP_ARCHIVE_DOUBTFUL,
                     words ? words : "it ends before it should");
}

enum sp_archive_status
sp_gzip_read (void *data, void *at, size_t room, size_t *ret_got)
{
  struct gzip *gzip = data;
  enum sp_archive_status status = SP_ARCHIVE_FINE;
  size_t want = room < UINT32_MAX ? room : UINT32_MAX;

  gzip->stream.next_out = at;
  gzip->stream.avail_out = (uInt)want;
  while (status == SP_ARCHIVE_FINE && gzip->stream.avail_out == want)
    {
      bool first = gzip->stream.total_in == 0 && !gzip->header.done;
      status = fill (gzip);
      if (status == SP_ARCHIVE_FINE && !gzip->within)
        {
          if (gzip->ended)
            break;
          status = begin (gzip);
        }
      if (status == SP_ARCHIVE_FINE)
        status = judge (gzip, inflate (&gzip->stream, Z_NO_FLUSH), first);
    }
  *ret_got = want - gzip->stream.avail_out;
  return status;
}
