/* SPDX-License-Identifier: Apache-2.0 */
#include "util/alloc.h"

#include <stdint.h>
#include <stdio.h>

void *
sp_calloc (size_t count, size_t size, sigpolicy_error **err)
{
  void *memory = calloc (count ? count : 1, size ? size : 1);
  if (!memory)
    sp_error_no_memory (err);
  return memory;
}

char *
sp_view_dup (struct sp_view view, sigpolicy_error **err)
{
  char *copy = view.len == SIZE_MAX ? NULL : malloc (view.len + 1);
  if (!copy)
    {
      sp_error_no_memory (err);
      return NULL;
    }
  if (view.len)
    memcpy (copy, view.data, view.len);
  copy[view.len] = '\0';
  return copy;
}

char *
sp_strdup (const char *text, sigpolicy_error **err)
{
  return sp_view_dup (sp_view_str (text), err);
}

int
sp_keep (char **slot, const char *text, sigpolicy_error **err)
{
  char *copy = NULL;
  if (text && !(copy = sp_strdup (text, err)))
    return SIGPOLICY_E_NO_MEMORY;
  free (*slot);
  *slot = copy;
  return 0;
}

char *
sp_vasprintf (sigpolicy_error **err, const char *format, va_list args)
{
  char *text = NULL;
  if (vasprintf (&text, format, args) >= 0)
    return text;
  sp_error_no_memory (err);
  return NULL;
}

char *
sp_asprintf (sigpolicy_error **err, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  char *text = sp_vasprintf (err, format, args);
  va_end (args);
  return text;
}

int
sp_grow (void *array, size_t *capacity, size_t count, size_t size, sigpolicy_error **err)
{
  void **place = array;
  size_t bytes, wanted;

  if (count < *capacity)
    return 0;
  wanted = *capacity ? *capacity : 4;
  if (__builtin_mul_overflow (wanted, (size_t)2, &wanted)
      || __builtin_mul_overflow (wanted, size, &bytes))
    return sp_error_no_memory (err);
  char *grown = realloc (*place, bytes);
  if (!grown)
    return sp_error_no_memory (err);
  memset (grown + *capacity * size, 0, bytes - *capacity * size);
  *place = grown;
  *capacity = wanted;
  return 0;
}

int
sp_strv_take (struct sp_strv *list, char *text, sigpolicy_error **err)
{
  if (!text)
    return sp_error_no_memory (err);
  int rc = sp_grow (&list->items, &list->capacity, list->len, sizeof *list->items, err);
  if (rc < 0)
    {
      free (text);
      return rc;
    }
  list->items[list->len++] = text;
  return 0;
}

int
sp_strv_add (struct sp_strv *list, struct sp_view text, sigpolicy_error **err)
{
  return sp_strv_take (list, sp_view_dup (text, err), err);
}

void
sp_strv_clear (struct sp_strv *list)
{
  for (size_t i = 0; i < list->len; i++)
    free (list->items[i]);
  free (list->items);
  memset (list, 0, sizeof *list);
}
