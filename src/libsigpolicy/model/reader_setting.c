/* SPDX-License-Identifier: Apache-2.0 */
#include "model/engines.h"

#include "util/codec.h"
#include "util/limits.h"
#include "util/root.h"

#include <errno.h>

/* Which generation of readers is wanted, and who says so. */

#define OPTION   "--reader"
#define VARIABLE "SIGPOLICY_READER"
#define SETTINGS "/etc/sigpolicy/sigpolicy.conf"

/* What a setting means. */
static int
take (struct sp_view value, const char *root, const char *by, struct sp_reader_setting *ret,
      sigpolicy_error **err)
{
  ret->by = by;
  ret->is_auto = sp_view_is (value, "auto");
  if (!ret->is_auto && !sp_generation_find (value, &ret->generation))
    {
      cleanup_free char *shown = sp_escape_dup (sp_view_head (value, 64), err);
      return shown ? sp_error_set (err, SIGPOLICY_E_USAGE, SIGPOLICY_REASON_USAGE,
                                   "%s takes old, 5.40 or auto, not '%s'", by, shown)
                   : SIGPOLICY_E_NO_MEMORY;
    }
  if (!ret->is_auto)
    return 0;
  int rc = sp_engines_find (root, &ret->engines, err);
  ret->generation = ret->engines.len ? ret->engines.items[0].generation : SP_GENERATION_OLD;
  return rc;
}

/* KEY = VALUE on each line; "#" begins a comment line. */
static int
take_line (struct sp_view line, const char *root, struct sp_reader_setting *ret, bool *ret_found,
           sigpolicy_error **err)
{
  size_t equals = sp_view_find (line, '=');

  if (!line.len || line.data[0] == '#')
    return 0;
  if (equals == SP_VIEW_NONE || !sp_view_is (sp_view_trim (sp_view_head (line, equals)), "reader"))
    {
      cleanup_free char *shown = sp_escape_dup (sp_view_head (line, 64), err);
      return shown ? sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                                   "unknown setting '%s'", shown)
                   : SIGPOLICY_E_NO_MEMORY;
    }
  if (*ret_found)
    return sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                         "'reader' is set twice");
  *ret_found = true;
  return take (sp_view_trim (sp_view_from (line, equals + 1)), root, "reader=", ret, err);
}

static int
read_file (const char *root, struct sp_reader_setting *ret, bool *ret_found, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_SETTINGS_BYTES_MAX);
  bool is_fault = false;
  unsigned number = 0;

  int rc = sp_root_read (root, SETTINGS, &text, &is_fault, err);
  if (rc < 0 && (sp_error_errnum (*err) == ENOENT || sp_error_errnum (*err) == ENOTDIR))
    {
      sp_error_clear (err);
      return 0;
    }
  for (struct sp_view left = sp_buf_view (&text); rc == 0 && left.len;)
    {
      struct sp_view line = sp_view_head (left, sp_view_find (left, '\n'));
      left = sp_view_from (left, line.len < left.len ? line.len + 1 : line.len);
      number++;
      rc = take_line (sp_view_trim (line), root, ret, ret_found, err);
    }
  if (rc == 0)
    {
      if (*ret_found)
        ret->by = SETTINGS;
      return 0;
    }
  if (is_fault)
    return rc;
  (void)sp_error_class (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR);
  return sp_error_position (err, SETTINGS, number, number ? 1 : 0, NULL);
}

int
sp_reader_settle (const char *root, const char *named, struct sp_reader_setting *ret,
                  sigpolicy_error **err)
{
  struct sp_reader_setting setting = { .by = "default" };
  const char *variable = secure_getenv (VARIABLE);
  bool found = false;
  int rc;

  if (named)
    rc = take (sp_view_str (named), root, OPTION, &setting, err);
  else if (variable && variable[0])
    rc = take (sp_view_str (variable), root, VARIABLE, &setting, err);
  else
    rc = read_file (root, &setting, &found, err);
  if (rc == 0)
    *ret = setting;
  return rc;
}
