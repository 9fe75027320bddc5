/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image_name_int.h"

#include "util/codec.h"

/*
 * The options of a store, "vfs.imagestore=/srv/images,overlay.mountopt=nodev": what the storage
 * library takes, and nothing else. An option may name the driver that it is for; those for another
 * driver are passed over, if there is such a driver.
 */

static const char *const prefixes[] = { "btrfs", "overlay", "overlay2", "vfs", "zfs" };

/* --- values ----------------------------------------------------------------------------------- */

static bool
is_anything (struct sp_view value)
{
  (void)value;
  return true;
}

static bool
is_boolean (struct sp_view value)
{
  static const char *const words[]
      = { "1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False" };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (sp_view_is (value, words[i]))
      return true;
  return false;
}

static size_t
count_digits (struct sp_view value, char last)
{
  size_t n = 0;
  while (n < value.len && value.data[n] >= '0' && value.data[n] <= last)
    n++;
  return n;
}

/* An unsigned number of 64 bits. */
static bool
is_count (struct sp_view value)
{
  static const char largest[] = "18446744073709551615";
  while (value.len > 1 && value.data[0] == '0')
    value = sp_view_from (value, 1);
  return value.len && count_digits (value, '9') == value.len
         && (value.len < sizeof largest - 1
             || (value.len == sizeof largest - 1
                 && sp_view_compare (value, sp_view_str (largest)) <= 0));
}

/* "shared", "private", or an octal number of 32 bits with a sign. */
static bool
is_mask (struct sp_view value)
{
  if (sp_view_is (value, "shared") || sp_view_is (value, "private"))
    return true;
  bool negative = value.len && value.data[0] == '-';
  if (negative || (value.len && value.data[0] == '+'))
    value = sp_view_from (value, 1);
  if (!value.len || count_digits (value, '7') != value.len)
    return false;
  while (value.len > 1 && value.data[0] == '0')
    value = sp_view_from (value, 1);
  return value.len < 11
         || (value.len == 11
             && (value.data[0] == '1' || (negative && sp_view_is (value, "20000000000"))));
}

/* "10", "1.5GiB", "4 k"; a plain decimal number, of the notations of Go. */
static bool
is_size (struct sp_view value)
{
  size_t whole = count_digits (value, '9'), fraction = 0;
  struct sp_view unit = sp_view_from (value, whole);
  if (unit.len && unit.data[0] == '.')
    {
      fraction = count_digits (sp_view_from (unit, 1), '9');
      unit = sp_view_from (unit, fraction + 1);
    }
  if (!whole && !fraction)
    return false;
  if (unit.len && unit.data[0] == ' ')
    unit = sp_view_from (unit, 1);
  if (!unit.len || sp_view_equal_folded (unit, sp_view_str ("b")))
    return true;
  char letter[] = { sp_lower (unit.data[0]), '\0' };
  return strstr ("kmgtp", letter)
         && (unit.len == 1 || sp_view_equal_folded (sp_view_from (unit, 1), sp_view_str ("b"))
             || sp_view_equal_folded (sp_view_from (unit, 1), sp_view_str ("ib")));
}

static bool
is_sync_mode (struct sp_view value)
{
  return !value.len || sp_view_equal_folded (value, sp_view_str ("none"))
         || sp_view_equal_folded (value, sp_view_str ("filesystem"));
}

static bool
is_store (struct sp_view value)
{
  return !value.len || value.data[0] == '/';
}

/* "/srv/layers:ref" */
static bool
is_layer_store (struct sp_view value)
{
  size_t colon = sp_view_find (value, ':');
  return is_store (value)
         && (colon == SP_VIEW_NONE || sp_view_is (sp_view_from (value, colon), ":ref"));
}

/* --- options ---------------------------------------------------------------------------------- */

static const struct
{
  const char *driver, *key;
  bool (*fits) (struct sp_view value);
} known[] = {
  { "btrfs", "min_space", is_size },
  { "btrfs", "size", is_size },
  { "overlay", "additionalimagestore", is_store },
  { "overlay", "additionallayerstore", is_layer_store },
  { "overlay", "force_mask", is_mask },
  { "overlay", "ignore_chown_errors", is_boolean },
  { "overlay", "imagestore", is_store },
  { "overlay", "inodes", is_count },
  { "overlay", "mount_program", is_anything },
  { "overlay", "mountopt", is_anything },
  { "overlay", "override_kernel_check", is_anything },
  { "overlay", "size", is_size },
  { "overlay", "skip_mount_home", is_boolean },
  { "overlay", "sync", is_sync_mode },
  { "overlay", "use_composefs", is_boolean },
  { "vfs", "ignore_chown_errors", is_boolean },
  { "vfs", "imagestore", is_anything },
  { "zfs", "fsname", is_anything },
  { "zfs", "mountopt", is_anything },
};

static int
refuse (const char *what, struct sp_view option, sigpolicy_error **err)
{
  return SP_NAME_ERROR (err, "%s in the options of a store: \"%.*s\"", what, (int)option.len,
                        option.data);
}

/* Take "driver." off a key; *ret_ours is false for another driver than ours. */
static int
take_prefix (struct sp_view option, const char *driver, struct sp_view *key, bool *ret_ours,
             sigpolicy_error **err)
{
  size_t dot = sp_view_find (*key, '.');
  struct sp_view prefix = sp_view_head (*key, dot);
  bool is_driver = false;

  *ret_ours = true;
  if (dot == SP_VIEW_NONE)
    return 0;
  *key = sp_view_from (*key, dot + 1);
  if (!prefix.len)
    return 0;
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    is_driver = is_driver || sp_view_equal_folded (prefix, sp_view_str (prefixes[i]));
  *ret_ours = sp_view_equal_folded (prefix, sp_view_str (driver))
              || (strcmp (driver, "overlay") == 0
                  && sp_view_equal_folded (prefix, sp_view_str ("overlay2")));
  return is_driver ? 0 : refuse ("unknown driver", option, err);
}

static int
check (struct sp_view option, const char *driver, struct sp_view key, struct sp_view value,
       sigpolicy_error **err)
{
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp (known[i].driver, driver) == 0
        && sp_view_equal_folded (key, sp_view_str (known[i].key)))
      return known[i].fits (value) ? 0 : refuse ("unusable value", option, err);
  return refuse ("unknown option", option, err);
}

int
sp_store_options_walk (const char *options, const char *driver, sp_store_option_function *take,
                       void *data, sigpolicy_error **err)
{
  struct sp_view left = sp_view_str (options);
  size_t comma = 0;
  int rc = 0;

  for (; rc == 0 && comma != SP_VIEW_NONE; left = sp_view_from (left, comma + 1))
    {
      comma = sp_view_find (left, ',');
      struct sp_view option = sp_view_head (left, comma);
      size_t equals = sp_view_find (option, '=');
      bool ours = false;
      if (equals == SP_VIEW_NONE)
        return refuse ("no KEY=VALUE", option, err);
      struct sp_view key = sp_view_trim (sp_view_head (option, equals));
      struct sp_view value = sp_view_trim (sp_view_from (option, equals + 1));
      rc = take_prefix (option, driver, &key, &ours, err);
      if (rc < 0 || !ours)
        continue;
      rc = check (option, driver, key, value, err);
      if (rc == 0 && take)
        rc = take (key, value, data, err);
    }
  return rc;
}
