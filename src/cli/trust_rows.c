/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <time.h>

/* The rows of a policy as podman-image-trust(1) writes them, and in detail. */

/* --- the table: columns as Go's tabwriter sets them, at least 12 wide, two spaces between --------
 */

#define N_COLUMNS      5
#define COLUMN_MIN     12
#define COLUMN_PADDING 2

static bool
is_default (const sigpolicy_trust_row *row)
{
  return !row->transport.bytes;
}

static sigpolicy_trust_text
literal (const char *text)
{
  return (sigpolicy_trust_text){ text, strlen (text), text };
}

static void
get_cells (const sigpolicy_trust_row *row, sigpolicy_trust_text cells[N_COLUMNS])
{
  cells[0] = is_default (row)                               ? literal ("all")
             : strcmp (row->transport.bytes, "docker") == 0 ? literal ("repository")
                                                            : row->transport;
  cells[1] = is_default (row) ? literal ("default") : row->scope;
  cells[2] = literal (row->type_shown);
  cells[3] = row->id;
  cells[4] = row->store;
}

/* Characters, as the columns count them. */
static size_t
count_characters (const sigpolicy_trust_text *text)
{
  size_t count = 0;
  for (size_t i = 0, length; i < text->size; i += length ? length : 1, count++)
    length = utf8_length (text->bytes + i, text->size - i);
  return count;
}

static void
widen (const sigpolicy_trust_text cells[N_COLUMNS], size_t widths[N_COLUMNS])
{
  for (size_t i = 0; i < N_COLUMNS; i++)
    {
      size_t width = count_characters (&cells[i]) + COLUMN_PADDING;
      widths[i] = width > widths[i] ? width : widths[i];
    }
}

static void
put_line (FILE *out, const sigpolicy_trust_text cells[N_COLUMNS], const size_t widths[N_COLUMNS])
{
  for (size_t i = 0; i < N_COLUMNS; i++)
    {
      (void)fputs (cells[i].printable, out);
      for (size_t at = count_characters (&cells[i]); i + 1 < N_COLUMNS && at < widths[i]; at++)
        (void)fputc (' ', out);
    }
  (void)fputc ('\n', out);
}

void
put_trust_table (FILE *out, const sigpolicy_trust *trust, bool has_heading)
{
  const sigpolicy_trust_text heading[N_COLUMNS]
      = { literal ("TRANSPORT"), literal ("NAME"), literal ("TYPE"), literal ("ID"),
          literal ("STORE") };
  size_t widths[N_COLUMNS] = { COLUMN_MIN, COLUMN_MIN, COLUMN_MIN, COLUMN_MIN, 0 };
  sigpolicy_trust_text cells[N_COLUMNS];

  if (has_heading)
    widen (heading, widths);
  for (size_t i = 0; i < trust->n_rows; i++)
    {
      get_cells (&trust->rows[i], cells);
      widen (cells, widths);
    }
  if (has_heading)
    put_line (out, heading, widths);
  for (size_t i = 0; i < trust->n_rows; i++)
    {
      get_cells (&trust->rows[i], cells);
      put_line (out, cells, widths);
    }
}

/* --- JSON, as Go's encoder writes it ------------------------------------------------------------
 */

/* RFC 3339 in UTC. */
static const char *
format_time (int64_t seconds, char room[32])
{
  time_t time = (time_t)seconds;
  struct tm tm;

  return gmtime_r (&time, &tm) && strftime (room, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) ? room : "unknown";
}

static void
put_member (FILE *out, const char *name, sigpolicy_trust_text value, const char *indent, bool first)
{
  (void)fprintf (out, "%s\n%s\"%s\": ", first ? "" : ",", indent, name);
  put_go_json (out, value.bytes, value.size, "\n\r\t");
}

static void
put_json_key (FILE *out, const sigpolicy_trust_key *key, bool first)
{
  static const char indent[] = "        ";
  char when[32];

  (void)fputs (first ? "\n      {" : ",\n      {", out);
  put_member (out, "kind", literal (key->kind), indent, true);
  put_member (out, "source", literal (key->source), indent, false);
  if (key->fingerprint)
    put_member (out, "fingerprint", literal (key->fingerprint), indent, false);
  if (key->name)
    put_member (out, "name", literal (key->name), indent, false);
  if (key->expires)
    put_member (out, "expires", literal (format_time (key->expires, when)), indent, false);
  if (key->is_revoked)
    (void)fprintf (out, ",\n%s\"revoked\": true", indent);
  if (key->problem)
    put_member (out, "unusable", literal (key->problem), indent, false);
  (void)fputs ("\n      }", out);
}

/* Members that podman does not write, behind its own. */
static void
put_json_details (FILE *out, const sigpolicy_trust_row *row)
{
  (void)fprintf (out, ",\n    \"line\": %u", row->line);
  if (!row->words)
    return;
  put_member (out, "words", literal (row->words), "    ", false);
  (void)fputs (",\n    \"material\": [", out);
  for (size_t i = 0; i < row->n_keys; i++)
    put_json_key (out, &row->keys[i], i == 0);
  (void)fputs (row->n_keys ? "\n    ]" : "]", out);
}

void
put_trust_json (FILE *out, const sigpolicy_trust *trust, bool has_details)
{
  if (!trust->n_rows)
    {
      (void)fputs ("null\n", out);
      return;
    }
  (void)fputc ('[', out);
  for (size_t i = 0; i < trust->n_rows; i++)
    {
      const sigpolicy_trust_row *row = &trust->rows[i];
      sigpolicy_trust_text cells[N_COLUMNS];
      get_cells (row, cells);
      (void)fputs (i ? ",\n  {" : "\n  {", out);
      put_member (out, "transport", cells[0], "    ", true);
      if (cells[1].size)
        {
          put_member (out, "name", is_default (row) ? literal ("* (default)") : cells[1], "    ",
                      false);
          put_member (out, "repo_name", cells[1], "    ", false);
        }
      if (cells[4].size)
        put_member (out, "sigstore", cells[4], "    ", false);
      put_member (out, "type", cells[2], "    ", false);
      if (cells[3].size)
        put_member (out, "gpg_id", cells[3], "    ", false);
      if (has_details)
        put_json_details (out, row);
      (void)fputs ("\n  }", out);
    }
  (void)fputs ("\n]\n", out);
}

/* --- in words, with what stands behind each requirement -----------------------------------------
 */

static void
put_words (FILE *out, const char *text)
{
  put_escaped (out, text, "\\x0a");
}

static void
put_key (FILE *out, const sigpolicy_trust_key *key)
{
  char when[32];

  (void)fprintf (out, "    %s  ", key->kind);
  if (key->problem)
    {
      (void)fputs ("cannot be used: ", out);
      put_words (out, key->problem);
      (void)fputc ('\n', out);
      return;
    }
  put_words (out, key->fingerprint);
  if (key->name)
    {
      (void)fputs ("  ", out);
      put_words (out, key->name);
    }
  (void)fputs ("\n      in ", out);
  put_words (out, key->source);
  if (key->expires)
    (void)fprintf (out, ", %s %s", key->is_expired ? "EXPIRED" : "expires",
                   format_time (key->expires, when));
  (void)fputs (key->is_revoked ? ", REVOKED\n" : "\n", out);
}

static bool
is_same (const sigpolicy_trust_text *one, const sigpolicy_trust_text *other)
{
  return !one->bytes == !other->bytes && one->size == other->size
         && (!one->size || memcmp (one->bytes, other->bytes, one->size) == 0);
}

void
put_trust_details (FILE *out, const sigpolicy_trust *trust)
{
  for (size_t i = 0; i < trust->n_rows; i++)
    {
      const sigpolicy_trust_row *row = &trust->rows[i];
      if (i == 0 || !is_same (&row->transport, &row[-1].transport)
          || !is_same (&row->scope, &row[-1].scope))
        {
          if (is_default (row))
            (void)fputs ("default", out);
          else
            {
              put_escaped_bytes (out, row->transport.bytes, row->transport.size, "\\x0a");
              (void)fputc (' ', out);
              put_quoted (out, row->scope.bytes, row->scope.size, "\\x0a");
            }
          (void)fputc ('\n', out);
        }
      (void)fprintf (out, "  line %u: ", row->line);
      if (row->words)
        (void)fputs (row->words, out);
      else
        put_escaped_bytes (out, row->type.bytes, row->type.size, "\\x0a");
      (void)fputc ('\n', out);
      for (size_t k = 0; k < row->n_keys; k++)
        put_key (out, &row->keys[k]);
    }
}
