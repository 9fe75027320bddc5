/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The provenance of a Helm chart: its frame, the text within, and what a registry says of a chart.
 * What it states is words that make the name of the file. White space at the ends of lines is not
 * part of it.
 */
#include "fuzz.h"

#include "model/chart.h"
#include "model/provenance.h"
#include "openpgp/openpgp_int.h"
#include "util/limits.h"

#include <stdint.h>

/* A failure has a message, and the text is at fault. */
static void
require_error (const sigpolicy_error *err)
{
  require (err && sigpolicy_error_message (err)[0]);
  require (sigpolicy_error_code (err) == SIGPOLICY_E_REJECTED
           || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}

static bool
parse (struct sp_view text, struct sp_provenance *ret)
{
  cleanup_error sigpolicy_error *err = NULL, *none = NULL;
  struct sp_verified_bytes bytes = { .bytes = SP_BUF (8 * SP_SIGNED_TEXT_BYTES_MAX) };

  sp_buf_add (&bytes.bytes, text);
  int rc = sp_provenance_parse (&bytes, ret, &err);
  sp_buf_clear (&bytes.bytes);
  if (rc < 0)
    {
      require_error (err);
      require (!ret->name && !ret->file);
      return false;
    }
  struct sp_view file = sp_view_str (ret->file), name = sp_view_str (ret->name);
  require (name.len && ret->version[0] && sp_view_starts (file, name));
  require (sp_view_find (file, '/') == SP_VIEW_NONE && file.data[0] != '.');
  require (sp_view_is (sp_view_from (file, file.len - 4), ".tgz"));
  require (sp_digest_check (sp_view_str (ret->digest), &none) == 0);
  return true;
}

/* The same, with other ends of its lines. */
static void
add_ends (struct sp_view text, struct sp_buf *out)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] == '\n')
      sp_buf_str (out, " \t\r\n");
    else
      sp_buf_byte (out, text.data[i]);
}

static void
check_registry (struct sp_view text)
{
  cleanup_error sigpolicy_error *err = NULL, *other = NULL, *none = NULL;
  cleanup_chart_parts struct sp_chart_parts parts = { 0 };
  cleanup_free char *name = NULL, *version = NULL;

  if (sp_chart_manifest_parse (text, &parts, &err) < 0)
    require_error (err);
  else
    require (
        sp_digest_check (sp_view_str (parts.config), &none) == 0
        && sp_digest_check (sp_view_str (parts.chart), &none) == 0
        && (!parts.provenance || sp_digest_check (sp_view_str (parts.provenance), &none) == 0));
  if (sp_chart_config_parse (text, &name, &version, &other) < 0)
    require_error (other);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view text = sp_view_n ((const char *)data, size);
  cleanup_provenance struct sp_provenance first = { 0 }, second = { 0 };
  cleanup_buf struct sp_buf changed = SP_BUF (8 * SP_SIGNED_TEXT_BYTES_MAX);
  cleanup_error sigpolicy_error *err = NULL;

  if (size > SP_SIGNED_TEXT_BYTES_MAX)
    return 0;
  if (sp_clear_text_check (text, &err) < 0)
    require_error (err);
  check_registry (text);
  add_ends (text, &changed);
  bool parses = parse (text, &first);
  require (parse (sp_buf_view (&changed), &second) == parses);
  require (!parses
           || (strcmp (first.file, second.file) == 0 && strcmp (first.digest, second.digest) == 0));
  return 0;
}
