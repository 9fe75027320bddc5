/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name.h"

#include <criterion/criterion.h>

#define UNUSABLE(option) "unusable value in the options of a store: \"" option "\""

/* What the storage library takes for an option of the driver overlay, or why it does not. */
static const struct
{
  const char *options, *message; /* NULL: they are fine */
} cases[] = {
  { "overlay.mountopt=nodev", NULL },
  { "mountopt=nodev,.size=1", NULL },
  { "Overlay2.MountOpt = nodev", NULL },
  { "vfs.anything=else", NULL }, /* not ours */
  { "overlay.mountopt", "no KEY=VALUE in the options of a store: \"overlay.mountopt\"" },
  { "", "no KEY=VALUE in the options of a store: \"\"" },
  { "mountopt=nodev,", "no KEY=VALUE in the options of a store: \"\"" },
  { "nofs.size=1", "unknown driver in the options of a store: \"nofs.size=1\"" },
  { "overlay.color=1", "unknown option in the options of a store: \"overlay.color=1\"" },

  { "inodes=0", NULL },
  { "inodes=18446744073709551615", NULL },
  { "inodes=18446744073709551616", UNUSABLE ("inodes=18446744073709551616") },
  { "inodes=000018446744073709551615", NULL },
  { "inodes=99999999999999999999", UNUSABLE ("inodes=99999999999999999999") },
  { "inodes=100000000000000000000", UNUSABLE ("inodes=100000000000000000000") },
  { "inodes=", UNUSABLE ("inodes=") },
  { "inodes=-1", UNUSABLE ("inodes=-1") },

  { "force_mask=shared", NULL },
  { "force_mask=Shared", UNUSABLE ("force_mask=Shared") },
  { "force_mask=0755", NULL },
  { "force_mask=+755", NULL },
  { "force_mask=758", UNUSABLE ("force_mask=758") },
  { "force_mask=-", UNUSABLE ("force_mask=-") },
  { "force_mask=017777777777", NULL },
  { "force_mask=020000000000", UNUSABLE ("force_mask=020000000000") },
  { "force_mask=-020000000000", NULL },
  { "force_mask=-020000000001", UNUSABLE ("force_mask=-020000000001") },
  { "force_mask=100000000000", UNUSABLE ("force_mask=100000000000") },

  { "size=10", NULL },
  { "size=1.5GiB", NULL },
  { "size=4 k", NULL },
  { "size=4 kb", NULL },
  { "size=.5m", NULL },
  { "size=5.", NULL },
  { "size=10B", NULL },
  { "size=.", UNUSABLE ("size=.") },
  { "size=m", UNUSABLE ("size=m") },
  { "size=4  k", UNUSABLE ("size=4  k") },
  { "size=4 x", UNUSABLE ("size=4 x") },
  { "size=4kx", UNUSABLE ("size=4kx") },
  { "size=-4", UNUSABLE ("size=-4") },

  { "skip_mount_home=True", NULL },
  { "skip_mount_home=yes", UNUSABLE ("skip_mount_home=yes") },
  { "sync=", NULL },
  { "sync=FileSystem", NULL },
  { "sync=all", UNUSABLE ("sync=all") },
  { "imagestore=/i", NULL },
  { "imagestore=i", UNUSABLE ("imagestore=i") },
  { "additionallayerstore=/l:ref", NULL },
  { "additionallayerstore=/l:other", UNUSABLE ("additionallayerstore=/l:other") },
};

Test (reference_store_options, overlay)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      int rc = sp_store_options_walk (cases[i].options, "overlay", NULL, NULL, &err);
      cr_expect (rc == (cases[i].message ? SIGPOLICY_E_USAGE : 0), "'%s': %d, %s", cases[i].options,
                 rc, err ? sigpolicy_error_message (err) : "taken");
      if (rc < 0 && cases[i].message)
        cr_expect_str_eq (sigpolicy_error_message (err), cases[i].message, "'%s': '%s'",
                          cases[i].options, sigpolicy_error_message (err));
    }
}
