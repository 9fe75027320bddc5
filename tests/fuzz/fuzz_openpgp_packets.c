/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "openpgp/openpgp_int.h"

#include <stdint.h>

/* Every packet has at least one byte, text is never taken for packets, and more bytes never hide a
 * secret key. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view bytes = { (const char *)data, size };
  struct sp_packets packets = sp_packets_scan (bytes);

  if (packets.count > size || (size && !(data[0] & 0x80) && packets.count)
      || (!size && packets.kind != SP_PACKETS_NONE))
    __builtin_trap ();
  for (size_t i = 1; i < size && i < 64; i++)
    {
      struct sp_packets head = sp_packets_scan (sp_view_head (bytes, i));
      if (head.count > packets.count + 1)
        __builtin_trap ();
    }
  return 0;
}
