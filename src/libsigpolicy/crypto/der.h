/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_CRYPTO_DER_H
#define SP_CRYPTO_DER_H

#include "util/buf.h"
#include "util/view.h"

#include <stdint.h>

/*
 * A reader of DER (X.690): definite lengths in their shortest form, tag numbers up to 30. It takes
 * apart what is then judged byte by byte; keys and certificates are parsed by OpenSSL as well.
 */
enum sp_der_tag
{
  SP_DER_BOOLEAN = 0x01,
  SP_DER_INTEGER = 0x02,
  SP_DER_BIT_STRING = 0x03,
  SP_DER_OCTET_STRING = 0x04,
  SP_DER_OID = 0x06,
  SP_DER_UTF8_STRING = 0x0c,
  SP_DER_NUMERIC_STRING = 0x12,
  SP_DER_PRINTABLE_STRING = 0x13,
  SP_DER_T61_STRING = 0x14,
  SP_DER_IA5_STRING = 0x16,
  SP_DER_UTC_TIME = 0x17,
  SP_DER_GENERALIZED_TIME = 0x18,
  SP_DER_GENERAL_STRING = 0x1b,
  SP_DER_BMP_STRING = 0x1e,
  SP_DER_SEQUENCE = 0x30,
  SP_DER_SET = 0x31,
};

/* Context-specific tags. */
#define SP_DER_CONTEXT(number)             ((unsigned char)(0x80 | (number)))
#define SP_DER_CONTEXT_CONSTRUCTED(number) ((unsigned char)(0xa0 | (number)))

struct sp_der
{
  unsigned char tag;
  struct sp_view content;
  struct sp_view whole; /* with tag and length */
};

/* Each takes the element at the start of *rest, which then begins behind it; false, with nothing
 * changed, when there is none, or none of that tag. */
bool sp_der_next (struct sp_view *rest, struct sp_der *ret);
bool sp_der_take (struct sp_view *rest, unsigned char tag, struct sp_view *ret_content);

/* Is there an element of that tag at the start? Its length may still be wrong. */
bool sp_der_peek (struct sp_view rest, unsigned char tag);

/* The content of an INTEGER in its shortest form; and one from 0 to 2^63 - 1. */
bool sp_der_is_integer (struct sp_view content);
bool sp_der_number (struct sp_view content, int64_t *ret);

/* The content of an OBJECT IDENTIFIER: at least one arc, none with a leading zero group; and one
 * whose arcs are all below 2^31. */
bool sp_der_is_oid (struct sp_view content);
bool sp_der_is_plain_oid (struct sp_view content);

/* The content of a BIT STRING: how many bits of the last byte are unused, which must be zero, and
 * the bytes. */
bool sp_der_bits (struct sp_view content, unsigned *ret_unused, struct sp_view *ret);

/* The number that those bits are, as bytes: moved to the right by the unused ones. */
void sp_der_align (struct sp_view bits, unsigned unused, struct sp_buf *out);

/* The content of a BMPString: 16-bit characters, none of which is a surrogate or reserved to be no
 * character. */
bool sp_der_is_bmp (struct sp_view content);

/* Takes what an AlgorithmIdentifier consists of from the start of *content: a plain OID and, unless
 * that is all, one element of any tag, which is returned as a whole. */
bool sp_der_algorithm (struct sp_view *content, struct sp_view *ret_oid,
                       struct sp_view *ret_parameters);

/* Writes an element; its content has less than 2^24 bytes. */
void sp_der_append (struct sp_buf *out, unsigned char tag, struct sp_view content);

#endif
