/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ARCHIVE_GZIP_H
#define SP_ARCHIVE_GZIP_H

#include "archive/module.h"

/* The module's way with gzip: every member's checksum and header hold, and there is nothing behind
 * the last; libarchive looks at neither. As the functions of struct sp_archive_module. */
void *sp_gzip_open (const struct sp_archive_input *input);
enum sp_archive_status sp_gzip_read (void *gzip, void *at, size_t room, size_t *ret_got);
const char *sp_gzip_message (void *gzip);
void sp_gzip_close (void *gzip);

#endif
