/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_DSSE_H
#define SP_VERIFY_DSSE_H

#include "util/buf.h"

/* What a signature of a DSSE envelope is over: type and payload with their lengths. */
void sp_dsse_pae (struct sp_view payload_type, struct sp_view payload, struct sp_buf *out);

#endif
