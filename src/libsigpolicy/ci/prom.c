/* SPDX-License-Identifier: Apache-2.0 */
#include "ci/ci.h"

/* The text format of Prometheus, for the textfile collector of its node exporter. */

void
sp_ci_metric (struct sp_buf *out, const char *name, const char *help)
{
  sp_buf_printf (out, "# HELP sigpolicy_%s %s\n# TYPE sigpolicy_%s gauge\n", name, help, name);
}

void
sp_ci_label (struct sp_buf *out, const char *value)
{
  sp_buf_byte (out, '"');
  for (; *value; value++)
    if (*value == '\n')
      sp_buf_str (out, "\\n");
    else
      {
        if (*value == '"' || *value == '\\')
          sp_buf_byte (out, '\\');
        sp_buf_byte (out, *value);
      }
  sp_buf_byte (out, '"');
}
