/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_ASK_READING_H
#define SP_ASK_READING_H

#include "util/alloc.h"

/* How the configuration was found, and what of it took part. Start from {0}. */
struct sp_reading
{
  const char *generation; /* "old", "5.40"; lives for ever. NULL: it is not known */
  char *by;               /* what chose it: "--reader", "podman 5.8.6", ... */
  struct sp_strv files;   /* that were read, in that order */
};
void sp_reading_clear (struct sp_reading *reading);

#endif
