/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What our reader makes of documents, for comparison with another one. Standard input has documents
 * one after the other, each behind its length in decimal and a line break. For each a line of JSON
 * goes out: null when it is refused, "limit" when it is beyond a ceiling, else the table, with
 * every value as [type, value] and every string in hexadecimal.
 */
#include "toml/toml.h"
#include "util/limits.h"

#include <stdio.h>
#include <stdlib.h>

static void
print_hex (struct sp_view text)
{
  putchar ('"');
  for (size_t i = 0; i < text.len; i++)
    printf ("%02x", (unsigned char)text.data[i]);
  putchar ('"');
}

static void
print_node (const struct sp_toml_node *node)
{
  static const char *const types[] = {
    [SP_TOML_STRING] = "string",   [SP_TOML_INTEGER] = "integer", [SP_TOML_FLOAT] = "float",
    [SP_TOML_BOOLEAN] = "boolean", [SP_TOML_DATE] = "date",       [SP_TOML_ARRAY] = "array",
    [SP_TOML_TABLE] = "table",
  };
  bool table = node->type == SP_TOML_TABLE;

  printf ("[\"%s\",", types[node->type]);
  if (node->type == SP_TOML_INTEGER)
    printf ("%lld", (long long)node->integer);
  else if (node->type == SP_TOML_BOOLEAN)
    printf ("%s", node->boolean ? "true" : "false");
  else if (!table && node->type != SP_TOML_ARRAY)
    print_hex (node->text);
  else
    {
      putchar (table ? '{' : '[');
      for (const struct sp_toml_node *child = node->first; child; child = child->next)
        {
          if (table)
            {
              print_hex (child->key);
              putchar (':');
            }
          print_node (child);
          if (child->next)
            putchar (',');
        }
      putchar (table ? '}' : ']');
    }
  putchar (']');
}

int
main (void)
{
  size_t size;

  while (scanf ("%zu", &size) == 1)
    {
      char *bytes = size <= 2 * SP_TOML_BYTES_MAX ? malloc (size + 1) : NULL;
      struct sp_toml *toml = NULL;
      sigpolicy_error *err = NULL;
      if (!bytes || getchar () != '\n' || fread (bytes, 1, size, stdin) != size)
        return 1;
      if (sp_toml_parse (sp_view_n (bytes, size), &toml, &err) == 0)
        print_node (sp_toml_root (toml));
      else
        fputs (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT ? "\"limit\"" : "null",
               stdout);
      putchar ('\n');
      sigpolicy_error_free (err);
      sp_toml_free (toml);
      free (bytes);
    }
  return 0;
}
