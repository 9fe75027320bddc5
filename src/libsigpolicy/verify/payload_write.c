/* SPDX-License-Identifier: Apache-2.0 */
#include "json/write.h"
#include "verify/payload.h"

char *
sp_payload_write (const char *digest, const char *reference, const char *creator, int64_t timestamp,
                  sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  if (!out)
    return NULL;
  sp_json_write_open (out, "critical", false);
  sp_json_write_open (out, "identity", false);
  sp_json_write_str (out, "docker-reference", reference);
  sp_json_write_close (out);
  sp_json_write_open (out, "image", false);
  sp_json_write_str (out, "docker-manifest-digest", digest);
  sp_json_write_close (out);
  sp_json_write_str (out, "type", "atomic container signature");
  sp_json_write_close (out);
  sp_json_write_open (out, "optional", false);
  sp_json_write_str (out, "creator", creator);
  sp_json_write_int (out, "timestamp", timestamp);
  sp_json_write_close (out);
  char *text = sp_json_write_text (out, SP_JSON_ONE_LINE, err);
  if (text)
    text[strlen (text) - 1] = '\0'; /* the newline is not part of what is signed */
  return text;
}
