/* SPDX-License-Identifier: Apache-2.0 */
#include "option_table.h"

/* --help, help and version: all from the tables of verbs and options. */

#define WIDTH  80
#define COLUMN 30 /* where the text of an option begins */

/* Print a text from this column on, its further lines under its first. */
static void
wrap (FILE *out, const char *text, size_t column)
{
  size_t at = column;
  while (*text)
    {
      size_t word = strcspn (text, " ");
      if (at > column && at + word + 1 > WIDTH)
        {
          fprintf (out, "\n%*s", (int)column, "");
          at = column;
        }
      at += (size_t)fprintf (out, "%s%.*s", at > column ? " " : "", (int)word, text);
      text += word;
      text += strspn (text, " ");
    }
  (void)fputc ('\n', out);
}

static void
print_option (FILE *out, const struct option_row *row)
{
  int used = row->letter ? fprintf (out, "  -%c, --%s", row->letter, row->name)
                         : fprintf (out, "      --%s", row->name);
  if (row->argument)
    used += fprintf (out, " %s", row->argument);
  int column = used + 2 < COLUMN ? COLUMN : used + 2;
  bool fits = column == COLUMN || (size_t)column + strlen (row->help) <= WIDTH;
  fprintf (out, "%s%*s", fits ? "" : "\n", fits ? column - used : COLUMN, "");
  wrap (out, row->help, fits ? (size_t)column : COLUMN);
}

/* The options that have one of these verbs, with the headings above them. */
static void
print_options (FILE *out, unsigned takers)
{
  const struct option_row *heading = NULL;
  for (size_t i = 0; i < n_option_rows; i++)
    {
      const struct option_row *row = &option_rows[i];
      if (!(row->verbs & takers))
        continue;
      if (!row->name)
        {
          heading = row;
          continue;
        }
      if (heading)
        fprintf (out, "%s\n", heading->help);
      heading = NULL;
      print_option (out, row);
    }
}

/* A command line for each line of a text; one that ends in a backslash goes on in the next. */
static void
print_commands (FILE *out, const char *first, const char *other, const char *name, const char *text)
{
  const char *front = first;
  for (const char *line = text; line; front = other)
    {
      int length = (int)strcspn (line, "\n");
      if (line > text + 1 && line[-2] == '\\')
        fprintf (out, "%*s%.*s\n", (int)strlen (other) + 4, "", length, line);
      else
        fprintf (out, "%ssigpolicy %s%s%.*s\n", front, name, *name && length ? " " : "", length,
                 line);
      line = line[length] ? line + length + 1 : NULL;
    }
}

/* Whether a text has more than one command line, as print_commands() takes it. */
static bool
has_several (const char *text)
{
  for (const char *line = strchr (text, '\n'); line; line = strchr (line + 1, '\n'))
    if (line == text || line[-1] != '\\')
      return true;
  return false;
}

static void
print_verb (FILE *out, const struct verb *verb)
{
  print_commands (out, "Usage: ", "       ", verb->name, verb->usage);
  fprintf (out, "%s\n", verb->about);
  (void)fputc ('\n', out);
  /* The verbs of a verb have screens of their own. */
  if (verb->verbs != V_TRUST)
    print_options (out, verb->verbs);
  fprintf (out, "Options of every verb: see 'sigpolicy help options'\n");
  (void)fputc ('\n', out);
  if (verb->exit_status)
    fprintf (out, "Exit status: %s\n", verb->exit_status);
  fprintf (out, "%s:\n", has_several (verb->example) ? "Examples" : "Example");
  print_commands (out, "  ", "  ", "", verb->example);
}

static void
print_verbs (FILE *out)
{
  static const struct
  {
    const char *first, *text;
  } headings[] = {
    { "verify", "Check images:" },
    { "audit", "Check and change the policy:" },
    { "standalone-verify", "Compatible with skopeo:" },
    { "help", "Help:" },
  };
  fprintf (out, "Usage: sigpolicy [OPTION...] VERB [OPTION...] [ARGUMENT...]\n"
                "Check container images against the signature policy of this host.\n\n");
  for (const struct verb *verb = verbs; verb->name; verb++)
    {
      for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        if (strcmp (verb->name, headings[i].first) == 0)
          fprintf (out, "%s\n", headings[i].text);
      if (verb->run && strlen (verb->name) > 18)
        fprintf (out, "  %s\n%21s%s\n", verb->name, "", verb->summary);
      else if (verb->run)
        fprintf (out, "  %-18s %s\n", verb->name, verb->summary);
    }
  fprintf (out, "\n"
                "'sigpolicy VERB --help' shows the options of a verb, 'sigpolicy help options'\n"
                "the options of every verb, such as --policy FILE and --offline.\n"
                "\n"
                "Exit status: 0 accepted, 1 rejected, 2 usage, 3 invalid configuration,\n"
                "4 unusable key, 5 not found, 6 could not look, 7 internal error or no gpg.\n"
                "Verbs compatible with skopeo: 0 or 1. image: 0 or 125.\n"
                "Example:\n"
                "  ref=$(sigpolicy verify --print-ref docker://quay.io/ns/app:v1) &&\n"
                "    podman pull \"$ref\"\n");
}

static void
print_options_of_all (FILE *out)
{
  fprintf (out, "Every verb takes these options, before its name or after it. An option that a\n"
                "verb does not need has no effect on it.\n\n");
  print_options (out, V_EVERY);
}

/* One screen, written at once. */
static int
print_screen (void (*write) (FILE *out, const void *data), const void *data)
{
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream (&text, &size);

  if (out)
    write (out, data);
  if (!out || fclose (out) != 0 || !text)
    {
      free (text);
      complain ("out of memory");
      return EXIT_INTERNAL;
    }
  int status = print_bytes (text, size);
  free (text);
  return status;
}

static void
write_help (FILE *out, const void *data)
{
  if (data)
    print_verb (out, data);
  else
    print_verbs (out);
}

static void
write_options (FILE *out, const void *data)
{
  (void)data;
  print_options_of_all (out);
}

int
print_help (const struct verb *verb)
{
  return print_screen (write_help, verb);
}

int
cmd_help (const struct verb *verb, struct options *options)
{
  const char *name = options->n_arguments ? options->arguments[0] : NULL;
  const char *second = options->n_arguments > 1 ? options->arguments[1] : NULL;

  if (!name)
    return print_help (NULL);
  if (options->n_arguments == 1 && strcmp (name, "options") == 0)
    return print_screen (write_options, NULL);
  const struct verb *topic = options->n_arguments <= 2 ? find_help (name, second) : NULL;
  if (topic)
    return print_help (topic);
  const char *meant = nearest_verb (name);
  return meant ? complain_usage (verb, "no help for '%s': did you mean '%s'?", name, meant)
               : complain_usage (verb, "no help for '%s'", name);
}

int
cmd_version (const struct verb *verb, struct options *options)
{
  (void)verb;
  (void)options;
  return print_result (PACKAGE_NAME " " PACKAGE_VERSION "\n");
}

/* --- did you mean -------------------------------------------------------------------------- */

#define NAME_MAX_LENGTH 63

/* How many letters must be inserted, removed or changed; at most one more than there may be. */
static size_t
distance (const char *a, const char *b)
{
  size_t row[NAME_MAX_LENGTH + 1], length = strlen (b);

  if (length > NAME_MAX_LENGTH || strlen (a) > NAME_MAX_LENGTH)
    return NAME_MAX_LENGTH;
  for (size_t j = 0; j <= length; j++)
    row[j] = j;
  for (size_t i = 1; a[i - 1]; i++)
    {
      size_t corner = row[0];
      row[0] = i;
      for (size_t j = 1; j <= length; j++)
        {
          size_t above = row[j], changed = corner + (a[i - 1] != b[j - 1]);
          size_t moved = (above < row[j - 1] ? above : row[j - 1]) + 1;
          row[j] = changed < moved ? changed : moved;
          corner = above;
        }
    }
  return row[length];
}

/* Takes a name when it is nearer than all before it, and near enough. */
static void
consider (const char *name, const char *candidate, const char **best, size_t *least)
{
  size_t far = distance (name, candidate);
  if (far < *least && far <= strlen (candidate) / 3 + (strlen (candidate) < 3))
    {
      *best = candidate;
      *least = far;
    }
}

const char *
nearest_verb (const char *name)
{
  const char *best = NULL;
  size_t least = 4;
  for (const struct verb *verb = verbs; verb->name; verb++)
    if (verb->run)
      consider (name, verb->name, &best, &least);
  return best;
}

const char *
nearest_option (const struct verb *verb, const char *word)
{
  char name[NAME_MAX_LENGTH + 1];
  const char *best = NULL;
  size_t least = 4;

  if (strncmp (word, "--", 2) != 0)
    return NULL;
  (void)snprintf (name, sizeof name, "%.*s", (int)strcspn (word + 2, "="), word + 2);
  for (size_t i = 0; i < n_option_rows; i++)
    if (option_rows[i].name && option_rows[i].kind != IGNORED_TEXT
        && option_rows[i].verbs & (V_EVERY | (verb ? verb->verbs : 0)))
      consider (name, option_rows[i].name, &best, &least);
  return best;
}
