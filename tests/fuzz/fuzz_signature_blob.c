/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What is recognised keeps its bytes, and its parts lie within them. A sigstore signature that is
 * written down and read again is the same.
 */
#include "fuzz.h"

#include "model/signature_blob.h"
#include "util/codec.h"
#include "util/limits.h"

#include <stdint.h>

#define WRITTEN_MAX (64 * SP_MIB)

static struct sp_signature_blob *
parse (struct sp_view bytes)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_signature_blob *blob = NULL;
  struct sp_buf copy = SP_BUF (WRITTEN_MAX);

  sp_buf_add (&copy, bytes);
  require (!copy.failed);
  if (sp_signature_blob_parse (&copy, "fuzz", &blob, &err) < 0)
    require (err && !blob && sigpolicy_error_code (err) == SIGPOLICY_E_REJECTED
             && sigpolicy_error_message (err)[0]);
  require (copy.len == 0);
  sp_buf_clear (&copy);
  return blob;
}

static void
write_string (struct sp_buf *out, struct sp_view text)
{
  sp_buf_byte (out, '"');
  for (size_t i = 0; i < text.len; i++)
    {
      unsigned char byte = (unsigned char)text.data[i];
      if (byte < 0x20 || byte == '"' || byte == '\\')
        sp_buf_printf (out, "\\u%04x", byte);
      else
        sp_buf_byte (out, text.data[i]);
    }
  sp_buf_byte (out, '"');
}

static void
write_blob (struct sp_buf *out, const struct sp_signature_blob *blob)
{
  sp_buf_add (out, sp_view_n ("\0sigstore-json\n", 15));
  sp_buf_str (out, "{\"payload\":\"");
  sp_base64_encode (sp_buf_view (&blob->payload), out);
  sp_buf_str (out, "\",\"mimeType\":");
  write_string (out, sp_buf_view (&blob->mime_type));
  sp_buf_str (out, ",\"annotations\":{");
  for (size_t i = 0; i < blob->n_annotations; i++)
    {
      sp_buf_str (out, i ? "," : "");
      write_string (out, blob->annotations[i].key);
      sp_buf_byte (out, ':');
      write_string (out, blob->annotations[i].value);
    }
  sp_buf_str (out, "}}");
}

static void
check_sigstore (const struct sp_signature_blob *blob)
{
  cleanup_buf struct sp_buf written = SP_BUF (WRITTEN_MAX);

  write_blob (&written, blob);
  require (!written.failed);
  if (written.len > SP_SIGNATURE_BYTES_MAX)
    return;
  cleanup_signature_blob struct sp_signature_blob *again = parse (sp_buf_view (&written));
  require (again && again->format == SP_SIGNATURE_SIGSTORE_JSON);
  require (sp_view_equal (sp_buf_view (&again->payload), sp_buf_view (&blob->payload)));
  require (sp_view_equal (sp_buf_view (&again->mime_type), sp_buf_view (&blob->mime_type)));
  require (again->n_annotations == blob->n_annotations);
  for (size_t i = 0; i < blob->n_annotations; i++)
    {
      const struct sp_annotation *one = &blob->annotations[i], *two = &again->annotations[i];
      require (sp_view_equal (one->key, two->key) && sp_view_equal (one->value, two->value));
      require (!i || !sp_view_equal (one->key, blob->annotations[i - 1].key));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  struct sp_view bytes = sp_view_n ((const char *)data, size);
  if (size > SP_SIGNATURE_BYTES_MAX)
    return 0;
  cleanup_signature_blob struct sp_signature_blob *blob = parse (bytes);
  if (!blob)
    return 0;
  require (sp_view_equal (sp_buf_view (&blob->bytes), bytes));
  if (blob->format == SP_SIGNATURE_SIGSTORE_JSON)
    check_sigstore (blob);
  else
    require (blob->message.data >= blob->bytes.data
             && blob->message.data + blob->message.len == blob->bytes.data + blob->bytes.len);
  return 0;
}
