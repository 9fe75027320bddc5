/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_PAYLOAD_H
#define SP_VERIFY_PAYLOAD_H

#include "util/buf.h"
#include "util/cleanup.h"

#include <stdint.h>

enum sp_payload_kind
{
  SP_PAYLOAD_SIMPLE_SIGNING, /* "atomic container signature" */
  SP_PAYLOAD_SIGSTORE,       /* "cosign container image signature"; optional may be null */
};

/* What a payload says. Untrusted: it is a claim only when the bytes were verified, see
 * verify/claim.h. Strings are NUL-terminated; reference may hold NUL, so its length counts. */
struct sp_untrusted_payload
{
  char *digest; /* checked to be a digest */
  char *reference;
  size_t reference_len;
  char *creator; /* NULL where absent */
  size_t creator_len;
  bool has_timestamp;
  int64_t timestamp;
};

/*
 * The strict parse: "critical" with type, image and identity, and "optional"; every object but
 * "optional" has exactly its members, none stands twice. Faults are looked for in the whole, then
 * in "optional", then in "critical": its type, the image, the identity. The first one found is
 * reported, REJECTED/bad-signature with its position and the established text.
 */
int sp_untrusted_payload_parse (struct sp_view text, enum sp_payload_kind kind,
                                struct sp_untrusted_payload *ret,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A simple-signing payload as it is signed. reference and creator are text of any content. To
 * free(). */
char *sp_payload_write (const char *digest, const char *reference, const char *creator,
                        int64_t timestamp, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

void sp_payload_clear (struct sp_untrusted_payload *payload);

#define cleanup_payload SP_CLEANUP (sp_payload_clear)

#endif
