/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

/* The command without a sandbox unless it is asked for, for tests that stand in for what it starts
 * or calls. */
const bool sandbox_by_default = false;

int
main (int argc, char **argv)
{
  return command_main (argc, argv);
}
