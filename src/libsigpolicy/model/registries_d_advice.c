/* SPDX-License-Identifier: Apache-2.0 */
#include "model/registries_d_int.h"

#define LINE "use-sigstore-attachments: true"

/* Does the section that switched them off speak of this repository, or of less than that? Then no
 * other one can switch them on. */
static bool
decides_alone (const char *scope, const struct sp_reference *reference)
{
  struct sp_view text = sp_view_str (scope), name = sp_view_str (reference->name);
  return sp_view_starts (text, name)
         && (text.len == name.len || text.data[name.len] == ':' || text.data[name.len] == '@');
}

/* registries.d may say no in one line, nothing in the repository's own section, or nothing at all.
 */
int
sp_registries_d_advise_attachments (const struct sp_registries_d *configuration,
                                    const struct sp_reference *reference, char **ret,
                                    sigpolicy_error **err)
{
  struct sp_registries_d_answer answer, own;
  cleanup_free char *file = NULL, *off = NULL;
  bool enabled, has_section;

  int rc = sp_registries_d_attachments (configuration, reference, &enabled, &answer, err);
  if (rc < 0 || enabled)
    return rc;
  has_section = sp_registries_d_section (configuration, sp_view_str (reference->name), &own);
  file = answer.file ? sp_strdup (answer.file, err)
                     : sp_asprintf (err, "%s/%s.yaml", sp_registries_d_directory (configuration),
                                    reference->domain);
  off = !file         ? NULL
        : answer.file ? sp_asprintf (err, " (line %u of %s switches them off for %s)", answer.line,
                                     answer.file, answer.scope)
                      : sp_strdup ("", err);
  if (!off)
    return SIGPOLICY_E_NO_MEMORY;
  if (answer.file && decides_alone (answer.scope, reference))
    *ret = sp_asprintf (err, "make line %u of %s \"" LINE "\"", answer.line, file);
  else if (has_section)
    *ret = sp_asprintf (err, "in %s, put under \"  %s:\" (line %u) the line \"    " LINE "\"%s",
                        own.file, reference->name, own.line, off);
  else
    *ret = sp_asprintf (err,
                        "in %s, put under \"docker:\" the lines \"  %s:\" and \"    " LINE "\"%s",
                        file, reference->name, off);
  return *ret ? 0 : SIGPOLICY_E_NO_MEMORY;
}
