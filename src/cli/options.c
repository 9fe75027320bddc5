/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <getopt.h>
#include <stddef.h>

enum kind
{
  TEXT,   /* --name VALUE */
  SWITCH, /* --name, --name=true, --name=false */
  CHOICE, /* the same, where saying nothing is a third answer */
  LIST,   /* --name VALUE, repeatable */
  IGNORED_TEXT,
};

/* Every option there is. Group 0 is taken by every verb, before it and after it, as skopeo takes
 * its global options. */
static const struct option_row
{
  const char *name;
  enum kind kind;
  unsigned group;
  size_t offset;
  char letter;
} rows[] = {
  { "policy", TEXT, 0, offsetof (struct options, policy), 0 },
  { "insecure-policy", SWITCH, 0, offsetof (struct options, insecure_policy), 0 },
  { "require-signed", SWITCH, 0, offsetof (struct options, require_signed), 0 },
  { "registries.d", TEXT, 0, offsetof (struct options, registries_d), 0 },
  { "override-arch", TEXT, 0, offsetof (struct options, arch), 0 },
  { "override-os", TEXT, 0, offsetof (struct options, os), 0 },
  { "override-variant", TEXT, 0, offsetof (struct options, variant), 0 },
  { "command-timeout", TEXT, 0, offsetof (struct options, command_timeout), 0 },
  { "debug", SWITCH, 0, offsetof (struct options, debug), 0 },
  { "offline", SWITCH, 0, offsetof (struct options, offline), 0 },
  { "clock", TEXT, 0, offsetof (struct options, clock), 0 },
  { "help", SWITCH, 0, offsetof (struct options, help), 'h' },
  { "authfile", TEXT, 0, offsetof (struct options, authfile), 0 },
  { "creds", TEXT, 0, offsetof (struct options, creds), 0 },
  { "cert-dir", TEXT, 0, offsetof (struct options, cert_dir), 0 },
  { "tls-verify", CHOICE, 0, offsetof (struct options, tls_verify), 0 },
  { "image-timeout", TEXT, 0, offsetof (struct options, image_timeout), 0 },
  { "registries-conf", TEXT, 0, offsetof (struct options, registries_conf), 0 },
  { "tmpdir", IGNORED_TEXT, 0, 0, 0 },
  { "user-agent-prefix", IGNORED_TEXT, 0, 0, 0 },
  { "format", TEXT, OPT_OUTPUT, offsetof (struct options, format_name), 0 },
  { "quiet", SWITCH, OPT_OUTPUT, offsetof (struct options, quiet), 'q' },
  { "verbose", SWITCH, OPT_OUTPUT, offsetof (struct options, verbose), 'v' },
  { "print-ref", SWITCH, OPT_VERDICT, offsetof (struct options, print_ref), 0 },
  { "warn-only", SWITCH, OPT_VERDICT, offsetof (struct options, warn_only), 0 },
  { "all-platforms", SWITCH, OPT_VERDICT, offsetof (struct options, all_platforms), 0 },
  { "all-local", SWITCH, OPT_VERDICT, offsetof (struct options, all_local), 0 },
  { "containers", SWITCH, OPT_VERDICT, offsetof (struct options, containers), 0 },
  { "as-pulled", SWITCH, OPT_VERDICT, offsetof (struct options, as_pulled), 0 },
  { "as-stored", SWITCH, OPT_VERDICT, offsetof (struct options, as_stored), 0 },
  { "batch", TEXT, OPT_VERDICT, offsetof (struct options, batch), 0 },
  { "jobs", TEXT, OPT_VERDICT, offsetof (struct options, jobs), 'j' },
  { "manifest", TEXT, OPT_EVIDENCE, offsetof (struct options, manifest), 0 },
  { "signature", LIST, OPT_EVIDENCE, offsetof (struct options, signatures), 0 },
  { "signature-dir", TEXT, OPT_EVIDENCE, offsetof (struct options, signature_dir), 0 },
  { "reference", TEXT, OPT_EVIDENCE, offsetof (struct options, reference), 0 },
  { "as", TEXT, OPT_EVIDENCE, offsetof (struct options, as), 0 },
  { "references", TEXT, OPT_DIFF, offsetof (struct options, references), 0 },
  { "fail-on", TEXT, OPT_DIFF | OPT_AUDIT, offsetof (struct options, fail_on), 0 },
  { "root", TEXT, OPT_AUDIT, offsetof (struct options, root), 0 },
  { "severity", TEXT, OPT_AUDIT, offsetof (struct options, severity), 0 },
  { "disable", LIST, OPT_AUDIT, offsetof (struct options, disabled), 0 },
  { "suppressions", TEXT, OPT_AUDIT, offsetof (struct options, suppressions), 0 },
  { "baseline", TEXT, OPT_AUDIT, offsetof (struct options, baseline), 0 },
  { "write-baseline", TEXT, OPT_AUDIT, offsetof (struct options, write_baseline), 0 },
  { "list-rules", SWITCH, OPT_AUDIT, offsetof (struct options, list_rules), 0 },
  { "public-key-file", TEXT, OPT_KEY_FILE, offsetof (struct options, public_key_file), 0 },
  { "output", TEXT, OPT_SIGN, offsetof (struct options, output), 'o' },
  { "passphrase-file", TEXT, OPT_SIGN, offsetof (struct options, passphrase_file), 0 },
  { "type", TEXT, OPT_TRUST | OPT_PODMAN, offsetof (struct options, type), 't' },
  { "pubkeysfile", LIST, OPT_PODMAN, offsetof (struct options, keys), 'f' },
  { "signature-policy", TEXT, OPT_PODMAN, offsetof (struct options, policy), 0 },
  { "policypath", TEXT, OPT_PODMAN, offsetof (struct options, policy), 0 },
  { "registrypath", TEXT, OPT_PODMAN, offsetof (struct options, registries_d), 0 },
  { "json", SWITCH, OPT_TRUST | OPT_PODMAN, offsetof (struct options, json), 'j' },
  { "raw", SWITCH, OPT_TRUST | OPT_PODMAN, offsetof (struct options, raw), 0 },
  { "noheading", SWITCH, OPT_TRUST | OPT_PODMAN, offsetof (struct options, noheading), 'n' },
  { "details", SWITCH, OPT_TRUST, offsetof (struct options, details), 0 },
  { "user", SWITCH, OPT_TRUST, offsetof (struct options, of_user), 0 },
  { "system", SWITCH, OPT_TRUST, offsetof (struct options, of_system), 0 },
  { "transport", TEXT, OPT_TRUST, offsetof (struct options, transport), 0 },
  { "key", LIST, OPT_TRUST, offsetof (struct options, keys), 0 },
  { "any", SWITCH, OPT_TRUST, offsetof (struct options, any), 0 },
  { "all", SWITCH, OPT_TRUST, offsetof (struct options, all), 0 },
  { "identity", TEXT, OPT_TRUST, offsetof (struct options, identity), 0 },
  { "rekor-key", LIST, OPT_TRUST, offsetof (struct options, rekor_keys), 0 },
  { "fulcio-ca", TEXT, OPT_TRUST, offsetof (struct options, fulcio_ca), 0 },
  { "fulcio-issuer", TEXT, OPT_TRUST, offsetof (struct options, fulcio_issuer), 0 },
  { "fulcio-email", TEXT, OPT_TRUST, offsetof (struct options, fulcio_email), 0 },
  { "pki-roots", TEXT, OPT_TRUST, offsetof (struct options, pki_roots), 0 },
  { "pki-intermediates", TEXT, OPT_TRUST, offsetof (struct options, pki_intermediates), 0 },
  { "pki-email", TEXT, OPT_TRUST, offsetof (struct options, pki_email), 0 },
  { "pki-hostname", TEXT, OPT_TRUST, offsetof (struct options, pki_hostname), 0 },
  { "lookaside", TEXT, OPT_TRUST, offsetof (struct options, lookaside), 0 },
  { "attachments", SWITCH, OPT_TRUST, offsetof (struct options, attachments), 0 },
  { "dry-run", SWITCH, OPT_TRUST, offsetof (struct options, dry_run), 0 },
  { "reject-all", SWITCH, OPT_TRUST, offsetof (struct options, reject_all), 0 },
  { "accept-all", SWITCH, OPT_TRUST, offsetof (struct options, accept_all), 0 },
};
#define N_ROWS (sizeof rows / sizeof *rows)
#define FIRST  1000 /* above every letter */

/* What getopt_long() needs, for the options that may stand here. */
struct grammar
{
  struct option longs[N_ROWS + 1];
  char letters[2 * N_ROWS + 3];
};

static void
write_grammar (const struct verb *verb, struct grammar *grammar)
{
  size_t n = 0, at = 0;
  /* Before the verb, and before another command: stop at it. */
  if (!verb || verb->takes & OPT_COMMAND)
    grammar->letters[at++] = '+';
  grammar->letters[at++] = ':';
  for (size_t i = 0; i < N_ROWS; i++)
    {
      bool text = rows[i].kind == TEXT || rows[i].kind == LIST || rows[i].kind == IGNORED_TEXT;
      if (rows[i].group && (!verb || !(verb->takes & rows[i].group)))
        continue;
      grammar->longs[n++]
          = (struct option){ rows[i].name, text ? required_argument : optional_argument, NULL,
                             FIRST + (int)i };
      if (rows[i].letter)
        {
          grammar->letters[at++] = rows[i].letter;
          if (text)
            grammar->letters[at++] = ':';
        }
    }
  grammar->longs[n] = (struct option){ 0 };
  grammar->letters[at] = '\0';
}

static const struct option_row *
find_row (const struct verb *verb, int found)
{
  if (found >= FIRST)
    return &rows[found - FIRST];
  for (size_t i = 0; i < N_ROWS; i++)
    if (rows[i].letter && rows[i].letter == found
        && (!rows[i].group || (verb && verb->takes & rows[i].group)))
      return &rows[i];
  return NULL;
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

/* getopt_long() takes the beginning of a name for the name; scripts shall not depend on what else
 * begins so. */
static bool
is_spelt_out (int found, char **argv)
{
  const char *name = rows[found - FIRST].name;
  /* A value may be an argument of its own. */
  const char *word = argv[optind - 1] == optarg ? argv[optind - 2] : argv[optind - 1];
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
      const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
      if (found == ':')
        return complain_usage (verb, "'%s' needs a value", word);
      if (found == '?' || (found >= FIRST && !is_spelt_out (found, argv)))
        return complain_usage (verb, "unknown option '%s'", word);
      status = take (verb, find_row (verb, found), optarg, options);
    }
  return status;
}

static int
choose_format (const struct verb *verb, struct options *options)
{
  static const char *const names[] = {
    [SIGPOLICY_FORMAT_TEXT] = "text",   [SIGPOLICY_FORMAT_JSON] = "json",
    [SIGPOLICY_FORMAT_JSONL] = "jsonl", [SIGPOLICY_FORMAT_SARIF] = "sarif",
    [SIGPOLICY_FORMAT_JUNIT] = "junit", [SIGPOLICY_FORMAT_GITHUB] = "github",
    [SIGPOLICY_FORMAT_PROM] = "prom",
  };
  bool audits = verb && verb->takes & OPT_AUDIT;
  size_t n_names = audits ? sizeof names / sizeof *names : SIGPOLICY_FORMAT_JSONL + 1;
  if (!options->format_name)
    return 0;
  for (size_t i = 0; i < n_names; i++)
    if (strcmp (options->format_name, names[i]) == 0)
      {
        options->format = (sigpolicy_format)i;
        return 0;
      }
  return complain_usage (verb, "--format takes text, json%s, not '%s'",
                         audits ? ", jsonl, sarif, junit, github or prom" : " or jsonl",
                         options->format_name);
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
    status
        = complain_usage (*ret_verb, "--insecure-policy and --require-signed exclude each other");
  if (status == 0 && options->quiet && options->verbose)
    status = complain_usage (*ret_verb, "--quiet and --verbose exclude each other");
  /* Many images may take as long as they like; each has limits of its own. */
  bool many = options->batch || options->all_local || options->containers;
  bool limited = *ret_verb && !(*ret_verb)->drop_in && !many;
  options->timeout = limited ? DEFAULT_TIMEOUT : 0;
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

void
options_clear (struct options *options)
{
  free (options->signatures.items);
  free (options->keys.items);
  free (options->rekor_keys.items);
  free (options->disabled.items);
}
