/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inclusion.h"

#include "util/buf.h"
#include "util/limits.h"

static int
hash_leaf (struct sp_view leaf, unsigned char ret[SP_SHA256_BYTES], sigpolicy_error **err)
{
  cleanup_buf struct sp_buf bytes = SP_BUF (SP_BUNDLE_BYTES_MAX + 1);
  sp_buf_byte (&bytes, '\0');
  sp_buf_add (&bytes, leaf);
  int rc = sp_buf_check (&bytes, err);
  return rc < 0 ? rc : sp_sha256 (sp_buf_view (&bytes), ret, err);
}

static int
hash_node (const unsigned char *left, const unsigned char *right,
           unsigned char ret[SP_SHA256_BYTES], sigpolicy_error **err)
{
  char bytes[1 + 2 * SP_SHA256_BYTES];
  bytes[0] = 1;
  memcpy (bytes + 1, left, SP_SHA256_BYTES);
  memcpy (bytes + 1 + SP_SHA256_BYTES, right, SP_SHA256_BYTES);
  return sp_sha256 (sp_view_n (bytes, sizeof bytes), ret, err);
}

static unsigned
bit_length (uint64_t number)
{
  unsigned length = 0;
  for (; number; number >>= 1)
    length++;
  return length;
}

int
sp_inclusion_check (struct sp_view leaf, int64_t index, int64_t size, struct sp_view hashes,
                    const unsigned char root[SP_SHA256_BYTES], bool *ret, sigpolicy_error **err)
{
  unsigned char hash[SP_SHA256_BYTES];

  *ret = false;
  if (index < 0 || index >= size)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                         "inclusion proof: the index is not within the tree");
  /* Up to where the path meets that of the last leaf, the bits of the index say which side; above
   * that, only left neighbours are there. */
  unsigned inner = bit_length ((uint64_t)index ^ (uint64_t)(size - 1));
  size_t count = inner;
  for (uint64_t above = inner < 64 ? (uint64_t)index >> inner : 0; above; above >>= 1)
    count += above & 1;
  if (hashes.len != count * SP_SHA256_BYTES)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_IN_LOG,
                         "inclusion proof: %zu hashes, and the tree needs %zu",
                         hashes.len / SP_SHA256_BYTES, count);
  int rc = hash_leaf (leaf, hash, err);
  for (size_t i = 0; i < count && rc == 0; i++)
    {
      const unsigned char *other = (const unsigned char *)hashes.data + i * SP_SHA256_BYTES;
      bool is_left = i < inner && !((uint64_t)index >> i & 1);
      rc = is_left ? hash_node (hash, other, hash, err) : hash_node (other, hash, hash, err);
    }
  *ret = rc == 0 && memcmp (hash, root, SP_SHA256_BYTES) == 0;
  return rc;
}
