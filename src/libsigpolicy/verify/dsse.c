/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/dsse.h"

void
sp_dsse_pae (struct sp_view payload_type, struct sp_view payload, struct sp_buf *out)
{
  sp_buf_printf (out, "DSSEv1 %zu ", payload_type.len);
  sp_buf_add (out, payload_type);
  sp_buf_printf (out, " %zu ", payload.len);
  sp_buf_add (out, payload);
}
