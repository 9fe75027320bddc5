/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_VERIFY_REKOR_BODY_H
#define SP_VERIFY_REKOR_BODY_H

#include "util/buf.h"

/* An optional member of the entry. */
struct sp_rekor_value
{
  bool present;
  struct sp_buf bytes;
};

/*
 * The body of an entry of kind hashedrekord 0.0.1. It is read as the containers image library reads
 * it, leniently: names in any case, unknown ones ignored, of repeated values the last, repeated
 * objects merged. What must be there is judged where it is used.
 */
struct sp_rekor_body
{
  struct sp_rekor_value signature;             /* an object */
  struct sp_rekor_value signature_content;     /* absent counts as empty */
  struct sp_rekor_value public_key;            /* an object */
  struct sp_rekor_value public_key_content;    /* PEM */
  struct sp_rekor_value data, hash;            /* objects */
  struct sp_rekor_value algorithm, hash_value; /* strings */
};
void sp_rekor_body_clear (struct sp_rekor_body *body);

/* Failure: REJECTED/not-in-log with the established text. */
int sp_rekor_body_parse (struct sp_view text, struct sp_rekor_body *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
