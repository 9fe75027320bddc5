/* SPDX-License-Identifier: Apache-2.0 */
#include "option_table.h"

#include <getopt.h>

#define MAX_ROWS 256
#define FIRST    1000 /* above every letter */

/* What getopt_long() needs, for the options that may stand here. */
struct grammar
{
  struct option longs[MAX_ROWS + 1];
  char letters[2 * MAX_ROWS + 3];
};

/* Of several rows of one name, the first that the verb takes counts. */
static bool
has_name (const struct option *longs, size_t n, const char *name)
{
  for (size_t i = 0; i < n; i++)
    if (longs[i].name[0] == name[0] && strcmp (longs[i].name, name) == 0)
      return true;
  return false;
}

static void
write_grammar (const struct verb *verb, struct grammar *grammar)
{
  size_t n = 0, at = 0;
  /* Before the verb, and before another command: stop at it. */
  if (!verb || verb->verbs & V_RUN)
    grammar->letters[at++] = '+';
  grammar->letters[at++] = ':';
  for (size_t i = 0; i < n_option_rows && n < MAX_ROWS; i++)
    {
      const struct option_row *row = &option_rows[i];
      if (!is_taken (row, verb) || has_name (grammar->longs, n, row->name))
        continue;
      grammar->longs[n++]
          = (struct option){ row->name, row->argument ? required_argument : optional_argument, NULL,
                             FIRST + (int)i };
      if (row->letter)
        {
          grammar->letters[at++] = row->letter;
          if (row->argument)
            grammar->letters[at++] = ':';
        }
    }
  grammar->longs[n] = (struct option){ 0 };
  grammar->letters[at] = '\0';
}

static int
add (struct list *list, const char *value)
{
  const char **grown = realloc (list->items, (list->len + 1) * sizeof *grown);
  if (!grown)
    {
      complain ("out of memory");
      return EXIT_INTERNAL;
    }
  list->items = grown;
  list->items[list->len++] = value;
  return 0;
}

static int
take (const struct verb *verb, const struct option_row *row, const char *value,
      struct options *options)
{
  char *base = (char *)options;
  bool on = !value || strcmp (value, "true") == 0 || strcmp (value, "1") == 0;

  if ((row->kind == SWITCH || row->kind == CHOICE) && !on && strcmp (value, "false") != 0
      && strcmp (value, "0") != 0)
    return complain_usage (verb, "--%s takes true or false, not '%s'", row->name, value);
  int status = add (&options->given, row->name);
  if (status != 0)
    return status;
  switch (row->kind)
    {
    case IGNORED_TEXT:
      return 0;
    case TEXT:
      *(const char **)(void *)(base + row->offset) = value;
      return 0;
    case LIST:
      return add ((struct list *)(void *)(base + row->offset), value);
    case SWITCH:
      *(bool *)(void *)(base + row->offset) = on;
      return 0;
    case CHOICE:
      *(enum choice *)(void *)(base + row->offset) = on ? CHOICE_YES : CHOICE_NO;
      return 0;
    }
  return EXIT_INTERNAL;
}

/* The argument that has the option; its value may be an argument of its own. */
static const char *
option_word (int found, char **argv)
{
  bool is_apart = found >= FIRST && optarg && optind > 1 && argv[optind - 1] == optarg;
  return optind > 0 ? argv[optind - (is_apart ? 2 : 1)] : "";
}

/* getopt_long() takes the beginning of a name for the name; scripts shall not depend on what else
 * begins so. */
static bool
is_spelt_out (int found, const char *word)
{
  const char *name = option_rows[found - FIRST].name;
  size_t length = strlen (name);

  return strncmp (word, "--", 2) == 0 && strncmp (word + 2, name, length) == 0
         && (word[2 + length] == '\0' || word[2 + length] == '=');
}

/* Options up to the verb (verb is NULL), or all that are left. */
static int
scan (const struct verb *verb, int argc, char **argv, struct options *options)
{
  struct grammar grammar;
  int status = 0, found;

  write_grammar (verb, &grammar);
  while (status == 0
         && (found = getopt_long (argc, argv, grammar.letters, grammar.longs, NULL)) != -1)
    {
      const char *word = option_word (found, argv);
      if (found == ':')
        return complain_usage (verb, "'%s' needs a value", word);
      if (found == '?' || (found >= FIRST && !is_spelt_out (found, word)))
        {
          const char *meant = nearest_option (verb, word);
          return meant ? complain_usage (verb, "unknown option '%s': did you mean '--%s'?", word,
                                         meant)
                       : complain_usage (verb, "unknown option '%s'", word);
        }
      status = take (verb, found >= FIRST ? &option_rows[found - FIRST] : find_letter (verb, found),
                     optarg, options);
    }
  return status;
}

/* The number of words that stand between spaces; the one of a number. */
static size_t
count_words (const char *text)
{
  size_t n = *text ? 1 : 0;
  for (; *text; text++)
    n += *text == ' ';
  return n;
}

static const char *
find_word (const char *text, size_t number, int *ret_length)
{
  while (number--)
    text += strcspn (text, " ") + 1;
  *ret_length = (int)strcspn (text, " ");
  return text;
}

/* "text, json or jsonl" */
static int
complain_format (const struct verb *verb, const char *taken, const char *wanted)
{
  size_t n = count_words (taken), at = 0;
  char list[256] = "";
  for (size_t i = 0; i < n && at < sizeof list; i++)
    {
      int length;
      const char *word = find_word (taken, i, &length);
      at += (size_t)snprintf (list + at, sizeof list - at, "%s%.*s",
                              i == 0      ? ""
                              : i + 1 < n ? ", "
                                          : " or ",
                              length, word);
    }
  return complain_usage (verb, "--format takes %s, not '%s'", list, wanted);
}

static int
check_color (const struct verb *verb, const char *color)
{
  static const char *const words[] = { "auto", "always", "never" };
  for (size_t i = 0; color && i < sizeof words / sizeof *words; i++)
    if (strcmp (color, words[i]) == 0)
      return 0;
  return color ? complain_usage (verb, "--color takes auto, always or never, not '%s'", color) : 0;
}

/* One of the formats that the verb's --format has in the table. */
static int
choose_format (const struct verb *verb, struct options *options)
{
  static const char *const names[] = {
    [SIGPOLICY_FORMAT_TEXT] = "text",     [SIGPOLICY_FORMAT_JSON] = "json",
    [SIGPOLICY_FORMAT_JSONL] = "jsonl",   [SIGPOLICY_FORMAT_SARIF] = "sarif",
    [SIGPOLICY_FORMAT_JUNIT] = "junit",   [SIGPOLICY_FORMAT_GITHUB] = "github",
    [SIGPOLICY_FORMAT_PROM] = "prom",     [SIGPOLICY_FORMAT_TAP] = "tap",
    [SIGPOLICY_FORMAT_GITLAB] = "gitlab", [SIGPOLICY_FORMAT_MARKDOWN] = "markdown",
  };
  const char *wanted = options->format_name;
  if (!wanted)
    return 0;
  const struct option_row *row = find_option (verb, "format", strlen ("format"));
  const char *taken = row ? row->values : "";
  for (size_t i = 0; i < count_words (taken); i++)
    {
      int length;
      const char *word = find_word (taken, i, &length);
      for (size_t j = 0; j < sizeof names / sizeof *names; j++)
        if (strcmp (wanted, names[j]) == 0 && strlen (wanted) == (size_t)length
            && strncmp (wanted, word, (size_t)length) == 0)
          {
            options->format = (sigpolicy_format)j;
            return 0;
          }
    }
  return complain_format (verb, taken, wanted);
}

/* A duration as Go writes it: "90s", "1m30s", "500ms"; 0 means no limit. */
static bool
parse_duration (const char *text, double *ret)
{
  static const struct
  {
    const char *name;
    double seconds;
  } units[]
      = { { "ms", 1e-3 }, { "us", 1e-6 }, { "ns", 1e-9 }, { "h", 3600 }, { "m", 60 }, { "s", 1 } };
  double total = 0;

  if (strcmp (text, "0") == 0)
    {
      *ret = 0;
      return true;
    }
  if (!*text)
    return false;
  while (*text)
    {
      char *end = NULL;
      double value = *text >= '0' && *text <= '9' ? strtod (text, &end) : -1;
      size_t unit = 0;
      while (end && unit < sizeof units / sizeof *units
             && strncmp (end, units[unit].name, strlen (units[unit].name)) != 0)
        unit++;
      if (value < 0 || !end || unit == sizeof units / sizeof *units)
        return false;
      total += value * units[unit].seconds;
      text = end + strlen (units[unit].name);
    }
  *ret = total;
  return total < 1e9;
}

int
parse_options (int argc, char **argv, struct options *options, const struct verb **ret_verb)
{
  opterr = 0;
  optind = 1;
  int status = scan (NULL, argc, argv, options);
  if (status != 0)
    return status;
  if (optind < argc && (*ret_verb = find_verb (argv[optind])) != NULL)
    {
      /* The verb takes the place of the program's name for the rest. */
      argv += optind;
      argc -= optind;
      optind = 0;
      status = scan (*ret_verb, argc, argv, options);
    }
  options->arguments = argv + optind;
  options->n_arguments = argc - optind;
  if (status == 0 && options->insecure_policy && options->require_signed)
    status = complain_usage (*ret_verb,
                             "--insecure-policy and --require-signed cannot be used together");
  if (status == 0 && options->quiet && options->verbose)
    status = complain_usage (*ret_verb, "--quiet and --verbose cannot be used together");
  if (status == 0)
    status = check_color (*ret_verb, options->color);
  /* Many images may take as long as they like; each has limits of its own. */
  bool many = options->batch || options->all_local || options->containers
              || (*ret_verb && (*ret_verb)->verbs & V_REPORT);
  bool limited = *ret_verb && !(*ret_verb)->drop_in && !many;
  options->timeout = limited ? DEFAULT_TIMEOUT : 0;
  /* An engine that waits has a limit of its own, 10 seconds; kamal has none. */
  if (limited && (*ret_verb)->verbs & V_HOOK && options->n_arguments
      && strcmp (options->arguments[0], "kamal") != 0)
    options->timeout = HOOK_TIMEOUT;
  if (status == 0 && options->command_timeout
      && !parse_duration (options->command_timeout, &options->timeout))
    status = complain_usage (*ret_verb,
                             "--command-timeout takes a duration such as 90s or 2m, not '%s'",
                             options->command_timeout);
  if (status == 0 && options->image_timeout
      && !parse_duration (options->image_timeout, &options->image_limit))
    status = complain_usage (*ret_verb, "--image-timeout takes a duration such as 10s, not '%s'",
                             options->image_timeout);
  /* Servers have a little less than the command, so that there is an answer which names them. */
  double servers = options->timeout * 0.9;
  if (servers > 0 && (options->image_limit <= 0 || options->image_limit > servers))
    options->image_limit = servers;
  return status == 0 ? choose_format (*ret_verb, options) : status;
}

const char *
option_not_of (const struct options *options, unsigned takers)
{
  const struct verb taker = { .verbs = takers };
  for (size_t i = 0; i < options->given.len; i++)
    if (!find_option (&taker, options->given.items[i], strlen (options->given.items[i])))
      return options->given.items[i];
  return NULL;
}

void
options_clear (struct options *options)
{
  free (options->given.items);
  for (size_t i = 0; i < n_option_rows; i++)
    if (option_rows[i].name && option_rows[i].kind == LIST)
      {
        struct list *list = (struct list *)(void *)((char *)options + option_rows[i].offset);
        free (list->items);
        list->items = NULL; /* several rows may be of one */
      }
}
