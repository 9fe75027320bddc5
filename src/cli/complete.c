/* SPDX-License-Identifier: Apache-2.0 */
#include "option_table.h"

/*
 * What bash, fish and zsh complete: "sigpolicy __complete WORD...", the last of which is the one at
 * the cursor, asks the tables that the command line is parsed with. The first line of the answer
 * says what the shell has to do, and the scripts of contrib/completion do it:
 *
 *   words                 each further line is a candidate, a tab and its description
 *   files PREFIX          the names of files, behind this beginning of the word
 *   directories PREFIX    the same
 *   command N             the words from N on, from 1, are another command's
 */

/* Where on the command line the cursor is. */
struct spot
{
  const struct verb *verb;        /* or the verb's verb; NULL: before it */
  const struct verb *of;          /* the verb */
  const struct option_row *wants; /* whose value the word is */
  int n_arguments;
  bool only_arguments; /* behind "--" */
  bool as_files;       /* --manifest was given: "run" has no image */
};

static void
offer (const char *prefix, const char *word, const char *typed, const char *help)
{
  if (strncmp (word, typed, strlen (typed)) == 0)
    printf ("%s%s\t%s\n", prefix, word, help ? help : "");
}

/* The words of a text that has blanks between them. */
static void
offer_words (const char *prefix, const char *text, const char *typed)
{
  char word[256];
  for (text += strspn (text, " "); *text; text += strspn (text, " "))
    {
      size_t length = strcspn (text, " ");
      (void)snprintf (word, sizeof word, "%.*s", (int)length, text);
      offer (prefix, word, typed, NULL);
      text += length;
    }
}

static void
offer_verbs (const char *typed)
{
  for (const struct verb *verb = verbs; verb->name; verb++)
    if (verb->run)
      offer ("", verb->name, typed, verb->summary);
}

static void
offer_options (const struct spot *spot, const char *typed)
{
  char word[64];
  for (size_t i = 0; i < n_option_rows; i++)
    {
      const struct option_row *row = &option_rows[i];
      if (!row->name || row->kind == IGNORED_TEXT
          || find_option (spot->verb, row->name, strlen (row->name)) != row)
        continue;
      (void)snprintf (word, sizeof word, "--%s", row->name);
      offer ("", word, typed, row->help);
    }
}

/* The first word of each line. */
static void
offer_rules (const char *typed)
{
  char *text = NULL;
  if (sigpolicy_audit_rules (SIGPOLICY_FORMAT_TEXT, &text, NULL) == 0)
    for (char *line = text, *end; *line; line = end)
      {
        end = line + strcspn (line, "\n");
        end += *end == '\n';
        line[strcspn (line, " \n")] = '\0';
        offer ("", line, typed, NULL);
      }
  free (text);
}

/* The scopes of docker in the policy of this host, and "default". */
static void
offer_scopes (const char *typed)
{
  sigpolicy_context *context = NULL;
  sigpolicy_trust *trust = NULL;

  offer ("", "default", typed, "what no scope matches");
  if (sigpolicy_context_new (&context, NULL) == 0
      && sigpolicy_trust_read (context, SIGPOLICY_EDIT_HOST, NULL, SIGPOLICY_TRUST_ROWS, &trust,
                               NULL)
             == 0)
    for (size_t i = 0; i < trust->n_rows; i++)
      {
        const sigpolicy_trust_row *row = &trust->rows[i];
        bool is_docker = row->transport.bytes && strcmp (row->transport.bytes, "docker") == 0;
        if (is_docker && row->scope.size && !strchr (row->scope.printable, ' '))
          offer ("", row->scope.printable, typed, NULL);
      }
  sigpolicy_trust_free (trust);
  sigpolicy_context_free (context);
}

/* An image name, up to where only its owner knows how it goes on. */
static void
offer_images (const char *typed)
{
  static const struct
  {
    const char *transport, *answer;
  } paths[] = {
    { "dir:", "directories" },       { "oci:", "directories" },  { "oci-archive:", "files" },
    { "docker-archive:", "files" },  { "sif:", "files" },        { "tarball:", "files" },
    { "docker://", NULL },           { "docker-daemon:", NULL }, { "atomic:", NULL },
    { "containers-storage:", NULL }, { "ostree:", NULL },
  };
  size_t n = sizeof paths / sizeof *paths;

  for (size_t i = 0; i < n; i++)
    if (paths[i].answer && strncmp (typed, paths[i].transport, strlen (paths[i].transport)) == 0)
      {
        printf ("%s %s\n", paths[i].answer, paths[i].transport);
        return;
      }
  (void)puts ("words");
  for (size_t i = 0; i < n; i++)
    offer ("", paths[i].transport, typed, NULL);
}

/* What values says may stand here, behind a prefix of the word. */
static void
offer_values (const char *values, const char *prefix, const char *typed)
{
  if (values && strcmp (values, "@file") == 0)
    printf ("files %s\n", prefix);
  else if (values && strcmp (values, "@directory") == 0)
    printf ("directories %s\n", prefix);
  else if (values && strcmp (values, "@image") == 0)
    offer_images (typed);
  else
    {
      (void)puts ("words");
      if (!values)
        return;
      if (strcmp (values, "@name") == 0)
        offer (prefix, "docker://", typed, NULL);
      else if (strcmp (values, "@scope") == 0)
        offer_scopes (typed);
      else if (strcmp (values, "@rule") == 0)
        offer_rules (typed);
      else if (strcmp (values, "@help") == 0)
        {
          offer_verbs (typed);
          offer ("", "options", typed, "the options of every verb");
        }
      else
        offer_words (prefix, values, typed);
    }
}

/* What stands at this place among the arguments of a verb; "..." goes on for ever. */
static void
offer_argument (const struct spot *spot, const char *typed)
{
  const char *const *arguments = spot->of->arguments;
  char values[64];
  int at = 0;

  while (at < spot->n_arguments && arguments[at] && !strstr (arguments[at], "..."))
    at++;
  if (!arguments[at])
    {
      (void)puts ("words");
      return;
    }
  (void)snprintf (values, sizeof values, "%.*s", (int)strcspn (arguments[at], "."), arguments[at]);
  offer_values (values, "", typed);
}

/* An option before the cursor: whether the next word is its value. */
static void
pass_option (struct spot *spot, const char *word)
{
  bool is_long = word[1] == '-';
  size_t length = strcspn (word, "=");
  const struct option_row *row = is_long ? find_option (spot->verb, word + 2, length - 2)
                                         : find_letter (spot->verb, word[1]);
  if (!row)
    return;
  spot->as_files |= strcmp (row->name, "manifest") == 0;
  if (row->argument && (is_long ? !word[length] : !word[2]))
    spot->wants = row;
}

/* Whether the word is where the command of "run" begins. */
static bool
begins_command (const struct spot *spot, const char *word)
{
  return spot->of && spot->of->verbs & V_RUN && spot->n_arguments == !spot->as_files && !spot->wants
         && strcmp (word, "--") != 0 && (spot->only_arguments || word[0] != '-');
}

/* A word before the cursor; false where it is no verb. */
static bool
pass (struct spot *spot, const char *word)
{
  if (spot->wants)
    spot->wants = NULL;
  else if (!spot->only_arguments && word[0] == '-' && word[1])
    {
      if (strcmp (word, "--") == 0)
        spot->only_arguments = true;
      else
        pass_option (spot, word);
    }
  else if (!spot->of)
    {
      spot->verb = spot->of = find_verb (word);
      return spot->of != NULL;
    }
  else if (strcmp (word, "--") != 0 && ++spot->n_arguments == 1)
    {
      const struct verb *action = find_help (spot->of->name, word);
      spot->verb = action ? action : spot->of;
      /* Behind its image, "run" takes no options. */
      spot->only_arguments |= (spot->of->verbs & V_RUN) != 0;
    }
  return true;
}

int
complete_words (char **words, int n_words)
{
  struct spot spot = { 0 };
  if (n_words < 1)
    return EXIT_USAGE;
  const char *typed = words[n_words - 1];

  for (int i = 0; i < n_words; i++)
    {
      if (begins_command (&spot, words[i]))
        {
          printf ("command %d\n", i + 1);
          return 0;
        }
      if (i < n_words - 1 && !pass (&spot, words[i]))
        return 0;
    }
  const char *value = strchr (typed, '=');
  bool is_option = typed[0] == '-' && !spot.only_arguments;
  if (spot.wants)
    offer_values (spot.wants->values, "", typed);
  else if (is_option && value)
    {
      const struct option_row *row
          = find_option (spot.verb, typed + 2, (size_t)(value - typed) - 2);
      char prefix[64];
      (void)snprintf (prefix, sizeof prefix, "%.*s", (int)(value + 1 - typed), typed);
      offer_values (row ? row->values : NULL, prefix, value + 1);
    }
  else if (is_option)
    {
      (void)puts ("words");
      offer_options (&spot, typed);
    }
  else if (!spot.of)
    {
      (void)puts ("words");
      offer_verbs (typed);
    }
  else
    offer_argument (&spot, typed);
  return 0;
}
