/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Removes a directory that a test made, with all that is in it. Returns 0, or -1 and errno. Follows
 * no link. */
int remove_tree (const char *path);
