/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inclusion.h"

#include "util/buf.h"

#include <criterion/criterion.h>

/* The definitions of RFC 6962, section 2.1, as they stand there; what is tested is not made so. */

#define LEAVES_MAX 40

static char leaves[LEAVES_MAX];

struct hash
{
  unsigned char bytes[SP_SHA256_BYTES];
};

static struct hash
hash_of (const char *prefix, const void *a, size_t n_a, const void *b, size_t n_b)
{
  cleanup_buf struct sp_buf text = SP_BUF (256);
  cleanup_error sigpolicy_error *err = NULL;
  struct hash hash;

  sp_buf_add (&text, sp_view_n (prefix, 1));
  sp_buf_add (&text, sp_view_n (a, n_a));
  sp_buf_add (&text, sp_view_n (b, n_b));
  cr_assert (sp_sha256 (sp_buf_view (&text), hash.bytes, &err) == 0);
  return hash;
}

/* The largest power of two that is smaller than n. */
static size_t
split (size_t n)
{
  size_t k = 1;
  while (k * 2 < n)
    k *= 2;
  return k;
}

static struct hash
root_of (size_t first, size_t n)
{
  if (n == 1)
    return hash_of ("\0", &leaves[first], 1, "", 0);
  struct hash left = root_of (first, split (n)), right = root_of (first + split (n), n - split (n));
  return hash_of ("\1", left.bytes, sizeof left.bytes, right.bytes, sizeof right.bytes);
}

static void
path_of (size_t m, size_t first, size_t n, struct sp_buf *out)
{
  if (n == 1)
    return;
  size_t k = split (n);
  bool left = m < k;
  struct hash other = left ? root_of (first + k, n - k) : root_of (first, k);
  path_of (left ? m : m - k, left ? first : first + k, left ? k : n - k, out);
  sp_buf_add (out, sp_view_n ((const char *)other.bytes, sizeof other.bytes));
}

static void
fill (void)
{
  for (size_t i = 0; i < LEAVES_MAX; i++)
    leaves[i] = (char)i;
}

static bool
holds (size_t leaf, int64_t index, int64_t size, struct sp_view path, struct hash root)
{
  cleanup_error sigpolicy_error *err = NULL;
  bool ret = false;
  int rc = sp_inclusion_check (sp_view_n (&leaves[leaf], 1), index, size, path, root.bytes, &ret,
                               &err);
  cr_expect (rc == 0 || sigpolicy_error_reason (err) == SIGPOLICY_REASON_NOT_IN_LOG);
  return rc == 0 && ret;
}

Test (verify_inclusion, each_leaf_of_each_tree)
{
  fill ();
  for (size_t size = 1; size <= LEAVES_MAX; size++)
    for (size_t leaf = 0; leaf < size; leaf++)
      {
        cleanup_buf struct sp_buf path = SP_BUF (4096);
        struct hash root = root_of (0, size);
        path_of (leaf, 0, size, &path);
        struct sp_view all = sp_buf_view (&path);
        int64_t m = (int64_t)leaf, n = (int64_t)size;
        cr_expect (holds (leaf, m, n, all, root), "%zu of %zu", leaf, size);
        cr_expect (!holds (leaf ? leaf - 1 : LEAVES_MAX - 1, m, n, all, root) || size == 0,
                   "another leaf: %zu of %zu", leaf, size);
        for (int64_t other = -1; other <= n; other++)
          cr_expect (other == m || !holds (leaf, other, n, all, root), "%zu of %zu as %d", leaf,
                     size, (int)other);
        if (all.len)
          {
            cr_expect (!holds (leaf, m, n, sp_view_head (all, all.len - 32), root));
            cr_expect (!holds (leaf, m, n, sp_view_from (all, 32), root));
            path.data[path.len - 1] ^= 1;
            cr_expect (!holds (leaf, m, n, sp_buf_view (&path), root));
            path.data[path.len - 1] ^= 1;
          }
        struct hash other_root = root;
        other_root.bytes[31] ^= 1;
        cr_expect (!holds (leaf, m, n, all, other_root), "another root");
        sp_buf_add (&path, sp_view_n ((const char *)root.bytes, sizeof root.bytes));
        cr_expect (!holds (leaf, m, n, sp_buf_view (&path), root), "a hash too many");
      }
}

/* Numbers that fit no tree, and the sizes at which shifts go wrong. */
Test (verify_inclusion, numbers)
{
  static const int64_t numbers[][2]
      = { { 0, 0 },         { 0, -1 },        { -1, 1 },       { 1, 1 }, { INT64_MAX, INT64_MAX },
          { INT64_MIN, 1 }, { 0, INT64_MIN }, { INT64_MAX, 1 } };
  struct hash root;

  fill ();
  root = root_of (0, 1);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    cr_expect (!holds (0, numbers[i][0], numbers[i][1], sp_view_str (""), root), "%zu", i);
  cr_expect (!holds (0, 0, INT64_MAX, sp_view_str (""), root), "a path of 63 that is missing");
  cr_expect (!holds (0, INT64_MAX - 1, INT64_MAX, sp_view_str (""), root));
}

/* The tree of eight leaves with which implementations of Certificate Transparency are tested. */
Test (verify_inclusion, known_root)
{
  static const struct
  {
    const char *bytes;
    size_t len;
  } inputs[] = { { "", 0 },
                 { "\x00", 1 },
                 { "\x10", 1 },
                 { "\x20\x21", 2 },
                 { "\x30\x31", 2 },
                 { "\x40\x41\x42\x43", 4 },
                 { "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
                 { "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 } };
  static const unsigned char known[SP_SHA256_BYTES]
      = { 0x5d, 0xc9, 0xda, 0x79, 0xa7, 0x06, 0x59, 0xa9, 0xad, 0x55, 0x9c,
          0xb7, 0x01, 0xde, 0xd9, 0xa2, 0xab, 0x9d, 0x82, 0x3a, 0xad, 0x2f,
          0x49, 0x60, 0xcf, 0xe3, 0x70, 0xef, 0xf4, 0x60, 0x43, 0x28 };
  struct hash level[8];

  for (size_t leaf = 0; leaf < 8; leaf++)
    {
      cleanup_buf struct sp_buf path = SP_BUF (4096);
      cleanup_error sigpolicy_error *err = NULL;
      bool ret = false;
      for (size_t i = 0; i < 8; i++)
        level[i] = hash_of ("\0", inputs[i].bytes, inputs[i].len, "", 0);
      for (size_t n = 8, at = leaf; n > 1; n /= 2, at /= 2)
        {
          sp_buf_add (&path, sp_view_n ((const char *)level[at ^ 1].bytes, 32));
          for (size_t i = 0; i < n / 2; i++)
            level[i] = hash_of ("\1", level[2 * i].bytes, 32, level[2 * i + 1].bytes, 32);
        }
      cr_assert (sp_inclusion_check (sp_view_n (inputs[leaf].bytes, inputs[leaf].len),
                                     (int64_t)leaf, 8, sp_buf_view (&path), known, &ret, &err)
                 == 0);
      cr_expect (ret, "leaf %zu", leaf);
    }
}
