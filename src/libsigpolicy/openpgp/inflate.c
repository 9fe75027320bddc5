/* SPDX-License-Identifier: Apache-2.0 */
#include "openpgp/openpgp_int.h"

#include <stdint.h>

/*
 * RFC 1951, strictly: what is not to the letter, codes that are over-subscribed or incomplete,
 * distances beyond the start, bytes behind the end, is refused. What comes of it is hashed and
 * compared with a signature, and so cannot be anything but what was signed.
 */
enum
{
  BITS_MAX = 15,
  LENGTH_CODES = 286,
  DISTANCE_CODES = 30,
  END_OF_BLOCK = 256,
  WINDOW = 32768,
};

struct input
{
  struct sp_view left;
  uint32_t bits; /* the next ones, which are left no more */
  unsigned n_bits;
  bool ended; /* more was asked for than there is */
};

/* As many bits as that, or all that there are. */
static void
fill (struct input *in, unsigned count)
{
  while (in->n_bits < count && in->left.len)
    {
      in->bits |= (uint32_t)(unsigned char)in->left.data[0] << in->n_bits;
      in->left = sp_view_from (in->left, 1);
      in->n_bits += 8;
    }
}

/* The bytes that were taken in advance are left again, and the rest of one is passed over. */
static void
give_back (struct input *in)
{
  size_t bytes = in->n_bits / 8;
  in->left = sp_view_n (in->left.data - bytes, in->left.len + bytes);
  in->bits = in->n_bits = 0;
}

static unsigned
take_bits (struct input *in, unsigned count)
{
  fill (in, count);
  if (in->n_bits < count)
    {
      in->ended = true;
      return 0;
    }
  unsigned value = in->bits & ((1U << count) - 1);
  in->bits >>= count;
  in->n_bits -= count;
  return value;
}

/* A canonical Huffman code: how many symbols have each length, and the symbols in their order. */
struct code
{
  uint16_t counts[BITS_MAX + 1];
  uint16_t symbols[LENGTH_CODES + 2];
};

/* Is there a code of these lengths? One that is not complete may have a single symbol of one bit,
 * where that is allowed. */
static bool
make_code (struct code *code, const uint8_t *lengths, unsigned count, bool may_be_single)
{
  uint16_t offsets[BITS_MAX + 2] = { 0 };
  int left = 1;

  memset (code, 0, sizeof *code);
  for (unsigned i = 0; i < count; i++)
    code->counts[lengths[i]]++;
  unsigned used = count - code->counts[0];
  code->counts[0] = 0;
  for (unsigned bits = 1; bits <= BITS_MAX; bits++)
    {
      left = (left << 1) - code->counts[bits];
      if (left < 0)
        return false;
      offsets[bits + 1] = (uint16_t)(offsets[bits] + code->counts[bits]);
    }
  for (unsigned i = 0; i < count; i++)
    if (lengths[i])
      code->symbols[offsets[lengths[i]]++] = (uint16_t)i;
  return left == 0 || (may_be_single && used == 1 && code->counts[1] == 1);
}

/* The next symbol, or a number beyond all symbols. */
static unsigned
take_symbol (struct input *in, const struct code *code)
{
  unsigned value = 0, first = 0, index = 0;

  fill (in, BITS_MAX);
  uint32_t next = in->bits;
  for (unsigned bits = 1; bits <= BITS_MAX && bits <= in->n_bits; bits++, next >>= 1)
    {
      unsigned count = code->counts[bits];
      value |= next & 1;
      if (value - first < count)
        {
          in->bits >>= bits;
          in->n_bits -= bits;
          return code->symbols[index + (value - first)];
        }
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
  in->ended = true;
  return UINT16_MAX;
}

static bool
copy_back (struct sp_buf *out, unsigned distance, unsigned length)
{
  size_t room = 0;

  if (distance > out->len || distance > WINDOW)
    return false;
  char *at = sp_buf_room (out, length, &room);
  if (!at || room < length)
    return false;
  /* One by one: what is copied may begin with what it repeats. */
  for (unsigned i = 0; i < length; i++)
    at[i] = *(at + i - distance);
  sp_buf_filled (out, length);
  return true;
}

/* A block of compressed data: 3.2.5. */
static bool
take_block (struct input *in, const struct code *lengths, const struct code *distances,
            struct sp_buf *out)
{
  static const uint16_t length_base[]
      = { 3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
          31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
  static const uint8_t length_more[]
      = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 };
  static const uint16_t distance_base[]
      = { 1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
          193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577 };

  while (!in->ended && !out->failed)
    {
      unsigned symbol = take_symbol (in, lengths);
      if (in->ended || symbol >= LENGTH_CODES)
        return false;
      if (symbol == END_OF_BLOCK)
        return true;
      if (symbol < END_OF_BLOCK)
        {
          sp_buf_byte (out, (char)symbol);
          continue;
        }
      symbol -= END_OF_BLOCK + 1;
      unsigned length = length_base[symbol] + take_bits (in, length_more[symbol]);
      symbol = take_symbol (in, distances);
      if (in->ended || symbol >= DISTANCE_CODES)
        return false;
      unsigned distance = distance_base[symbol] + take_bits (in, symbol < 2 ? 0 : symbol / 2 - 1);
      if (in->ended || !copy_back (out, distance, length))
        return false;
    }
  return false;
}

static bool
take_stored (struct input *in, struct sp_buf *out)
{
  give_back (in);
  unsigned length = take_bits (in, 16), complement = take_bits (in, 16);
  if (in->ended || length != (complement ^ 0xffff) || length > in->left.len)
    return false;
  sp_buf_add (out, sp_view_head (in->left, length));
  in->left = sp_view_from (in->left, length);
  return !out->failed;
}

static bool
take_fixed (struct input *in, struct sp_buf *out)
{
  uint8_t lengths[LENGTH_CODES + 2], distances[DISTANCE_CODES + 2];
  struct code length_code, distance_code;

  for (unsigned i = 0; i < sizeof lengths; i++)
    lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  memset (distances, 5, sizeof distances);
  return make_code (&length_code, lengths, sizeof lengths, false)
         && make_code (&distance_code, distances, sizeof distances, false)
         && take_block (in, &length_code, &distance_code, out);
}

/* 3.2.7: the lengths of both codes are themselves coded. */
static bool
take_dynamic (struct input *in, struct sp_buf *out)
{
  static const uint8_t order[]
      = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
  uint8_t lengths[LENGTH_CODES + DISTANCE_CODES] = { 0 };
  struct code code, distance_code;
  unsigned n_lengths = take_bits (in, 5) + 257, n_distances = take_bits (in, 5) + 1;
  unsigned n_codes = take_bits (in, 4) + 4, have = 0;

  if (n_lengths > LENGTH_CODES || n_distances > DISTANCE_CODES)
    return false;
  for (unsigned i = 0; i < n_codes; i++)
    lengths[order[i]] = (uint8_t)take_bits (in, 3);
  if (in->ended || !make_code (&code, lengths, sizeof order, false))
    return false;
  memset (lengths, 0, sizeof order);
  while (have < n_lengths + n_distances)
    {
      unsigned symbol = take_symbol (in, &code), repeat = 1, length = symbol;
      if (symbol == 16 && !have)
        return false;
      if (symbol == 16)
        length = lengths[have - 1];
      else if (symbol > 16)
        length = 0;
      if (symbol >= 16)
        repeat = symbol == 16   ? 3 + take_bits (in, 2)
                 : symbol == 17 ? 3 + take_bits (in, 3)
                                : 11 + take_bits (in, 7);
      if (in->ended || have + repeat > n_lengths + n_distances)
        return false;
      memset (lengths + have, (int)length, repeat);
      have += repeat;
    }
  return lengths[END_OF_BLOCK] && make_code (&code, lengths, n_lengths, false)
         && make_code (&distance_code, lengths + n_lengths, n_distances, true)
         && take_block (in, &code, &distance_code, out);
}

bool
sp_inflate (struct sp_view bytes, struct sp_buf *ret)
{
  struct input in = { .left = bytes };
  bool good = true, is_last = false;

  while (good && !is_last)
    {
      is_last = take_bits (&in, 1);
      switch (take_bits (&in, 2))
        {
        case 0:
          good = take_stored (&in, ret);
          break;
        case 1:
          good = take_fixed (&in, ret);
          break;
        case 2:
          good = take_dynamic (&in, ret);
          break;
        default:
          return false;
        }
      good = good && !in.ended;
    }
  give_back (&in);
  return good && !in.left.len && !ret->failed;
}
