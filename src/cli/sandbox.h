/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_SANDBOX_H
#define CLI_SANDBOX_H

#include "cli.h"

/* --- what the kernel takes away: sandbox.c ---------------------------------------------------- */

/* What a confined process is left with beside reading files. */
struct sandbox
{
  bool network; /* sockets */
  const char
      *private;       /* the directory for what is temporary, or NULL: there is none; it lives on */
  const char *remove; /* the directory that it is removed from by this process, or NULL */
  const char *file;   /* that the user has asked to write, or NULL */
};

/* What came of it: 0, or an errno that says why a part is not in force. */
struct sandbox_parts
{
  int landlock_abi; /* at least 1 where Landlock is in force */
  int landlock, filter;
};

/*
 * Confines this process, all that it starts, and every thread that it makes later; for good. A call
 * that only a mistake or an intruder makes ends it with the exit status.
 */
void sandbox_enter (const struct sandbox *wanted, int exit_status, struct sandbox_parts *ret);

/* --- who is confined, and how: confine.c ------------------------------------------------------ */

enum side
{
  SIDE_ALONE,    /* this process goes on, confined if that was wanted */
  SIDE_CONFINED, /* it is the confined child */
  SIDE_PARENT,   /* it is to serve the child: see parent.c */
};

/* As --sandbox and the verb say. Before the first byte is read that is not the user's own, and
 * before the first thread. An exit status when the command is not to go on. */
int confine (const struct verb *verb, const struct options *options, enum side *ret_side);

/* Remove the private directory, with whatever is in it. */
void confine_clean_up (void);

/* For verdicts: which parts are in force; NULL: the verb is not one that is confined. */
const char *confine_parts (void);

/* --- what the parent does for its child: parent.c --------------------------------------------- */

/* Makes the child. Both go on, each with its end of the channel. An exit status. */
int parent_fork (enum side *ret_side);

/* Makes a child that starts helpers for this process, which goes on, and is then confined: it keeps
 * what it has loaded, and the child does next to nothing. An exit status. */
int parent_fork_starter (const struct verb *verb, const struct options *options);

/* There will be no more questions. */
void parent_let_go (void);

/* Does what the child asks for until it has ended; its exit status. *ret_reference: that of the
 * image with which "run" is to go on, to free(), or NULL. */
int parent_serve (const struct verb *verb, const struct options *options, char **ret_reference);

/* The signal that ends us has come: the child, if there is one, gets it too, and is waited for. */
void parent_end_child (int number);

/* For the confined process: what is done at the other end, where there is one. */
bool parent_is_there (void);
sigpolicy_helper_runner parent_helper;
int parent_kamal_name (char **ret);
int parent_kamal_hosts (char **ret);
int parent_go_on (const char *reference);

#endif
