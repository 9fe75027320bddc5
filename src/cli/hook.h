/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_HOOK_H
#define CLI_HOOK_H

#include "cli.h"

/* What the hooks of cmd_hook.c share. */

/*
 * The words of a command line: containerd's own, which have a single dash, in our spelling, and
 * "hook containerd" for a program of that name. Returns argv itself where nothing is to be changed,
 * a new array to free(), or NULL without memory.
 */
char **hook_spell (int *argc, char **argv);

/* Everything on standard input, at most limit bytes; an exit status. *ret_bytes is to free(). */
int hook_read_input (size_t limit, char **ret_bytes, size_t *ret_size);

/* The answer in one line of at most 300 bytes, printable; to free(), or NULL without memory. */
char *hook_line (const sigpolicy_verdict *verdict);

/* Judge one image, and keep a record of it. An exit status when there is no verdict. */
int hook_judge (const struct options *options, sigpolicy_context *context,
                const sigpolicy_request *request, sigpolicy_verdict **ret);

int hook_containerd (const struct verb *verb, const struct options *options);
int hook_oci (const struct verb *verb, const struct options *options);
int hook_kamal (const struct verb *verb, const struct options *options);
/* What Kamal says, by programs that are started: the image that it deploys, as --image-name or it
 * says; and which digests its hosts have of a name that was judged. */
int hook_kamal_name (const struct options *options, char **ret);
int hook_kamal_hosts (const char *name, char **ret);

#endif
