/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <sigpolicy/sigpolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
library_main (int argc, char **argv)
{
  (void)argc;
  (void)argv;
  return 7;
}
