/* SPDX-License-Identifier: Apache-2.0 */
#include "json/decode.h"

/* Longer words are no words of ours. */
#define WORD_MAX 63

static char
lower (char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static unsigned
least (unsigned a, unsigned b)
{
  return a < b ? a : b;
}

/* How many letters must be added, removed or replaced, or neighbours swapped, to get from one to
 * the other; both at most WORD_MAX long. */
static unsigned
distance (struct sp_view from, struct sp_view to)
{
  unsigned rows[3][WORD_MAX + 1];
  unsigned *before = rows[0], *last = rows[1], *row = rows[2];

  for (size_t j = 0; j <= to.len; j++)
    last[j] = (unsigned)j;
  for (size_t i = 1; i <= from.len; i++)
    {
      row[0] = (unsigned)i;
      for (size_t j = 1; j <= to.len; j++)
        {
          bool same = lower (from.data[i - 1]) == lower (to.data[j - 1]);
          row[j] = least (least (last[j], row[j - 1]) + 1, last[j - 1] + (same ? 0 : 1));
          if (i > 1 && j > 1 && lower (from.data[i - 1]) == lower (to.data[j - 2])
              && lower (from.data[i - 2]) == lower (to.data[j - 1]))
            row[j] = least (row[j], before[j - 2] + 1);
        }
      unsigned *oldest = before;
      before = last;
      last = row;
      row = oldest;
    }
  return last[to.len];
}

const char *
sp_json_nearest (struct sp_view written, const char *const *words, size_t n_words)
{
  const char *nearest = NULL;
  unsigned best = 0;

  if (!written.len || written.len > WORD_MAX)
    return NULL;
  for (size_t i = 0; i < n_words; i++)
    {
      struct sp_view word = sp_view_str (words[i]);
      if (word.len > WORD_MAX)
        continue;
      /* A third of the letters may be wrong, but no more than three. */
      unsigned allowed = least ((unsigned)word.len / 3, 3);
      unsigned far = distance (written, word);
      if (far <= allowed && (!nearest || far < best))
        {
          nearest = words[i];
          best = far;
        }
    }
  return nearest;
}
