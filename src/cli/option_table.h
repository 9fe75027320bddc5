/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli.h"

/* What an option does with its value. */
enum option_kind
{
  TEXT,   /* --name VALUE */
  SWITCH, /* --name, --name=true, --name=false */
  CHOICE, /* the same, where saying nothing is a third answer */
  LIST,   /* --name VALUE, repeatable */
  IGNORED_TEXT,
};

/*
 * One option, or a heading (without a name) above the options of its verbs. The table is the only
 * place that knows an option: what is parsed, --help and what shells complete are made of it, and
 * contrib/check-docs holds the manual pages against it.
 */
struct option_row
{
  const char *name;
  char letter; /* 0: none */
  enum option_kind kind;
  const char *argument; /* as --help has it; NULL: a switch */
  const char *values;   /* what a shell completes: words, or one of @file, @directory, @name, @scope
                           and @rule; NULL: only its owner knows */
  unsigned verbs;       /* V_*: who takes it, and has it in --help; V_EVERY: all take it */
  size_t offset;        /* in struct options */
  const char *help;
};

extern const struct option_row option_rows[];
extern const size_t n_option_rows;

/* Does a verb (NULL: before the verb) take this row? */
bool is_taken (const struct option_row *row, const struct verb *verb);

/* The option of a verb (NULL: before the verb) by its name, or by its letter; or NULL. Where a name
 * has several rows, the first for the verb. */
const struct option_row *find_option (const struct verb *verb, const char *name, size_t length);
const struct option_row *find_letter (const struct verb *verb, int letter);

#endif
