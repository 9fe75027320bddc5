/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A file that may be an archive: two walks over it see the same members, of sizes that were seen to
 * be so, and no content is longer than its ceiling.
 */
#include "fuzz.h"

#include "archive/archive.h"
#include "util/limits.h"

#include <sys/mman.h>

#define CONTENT_MAX (64 * SP_KIB)

static uint64_t
mix (uint64_t state, const void *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    state = (state ^ ((const uint8_t *)bytes)[i]) * 1099511628211U;
  return state;
}

/* Takes every member in one of three ways; what was seen, as a number. */
static uint64_t
walk (struct sp_archive *archive)
{
  cleanup_error sigpolicy_error *err = NULL;
  const struct sp_archive_entry *entry = NULL;
  uint64_t seen = 1;
  size_t members = 0;

  require (sp_archive_rewind (archive, &err) == 0);
  while (sp_archive_next (archive, &entry, &err) == 0 && entry)
    {
      cleanup_buf struct sp_buf content = SP_BUF (CONTENT_MAX);
      int64_t length = 0;
      int rc = 0;

      require (entry->name && strlen (entry->name) <= SP_PATH_BYTES_MAX && entry->size >= 0);
      require (++members <= SP_ARCHIVE_MEMBERS_MAX);
      seen = mix (seen, entry->name, strlen (entry->name));
      seen = mix (seen, &entry->size, sizeof entry->size);
      if (members % 3 == 1)
        rc = sp_archive_read (archive, &content, &err);
      else if (members % 3 == 2)
        rc = sp_archive_measure (archive, &length, &err);
      require (content.len <= CONTENT_MAX && length >= 0);
      seen = mix (mix (seen, content.data, content.len), &length, sizeof length);
      if (rc < 0)
        break;
    }
  require (!err || sigpolicy_error_message (err)[0]);
  return seen;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_archive struct sp_archive *archive = NULL;
  cleanup_close int fd = memfd_create ("archive", MFD_CLOEXEC);
  char path[64];

  (void)snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  require (fd >= 0 && write (fd, data, size) == (ssize_t)size);
  require (sp_archive_open (path, &archive, &err) == 0);
  require (walk (archive) == walk (archive));
  return 0;
}
