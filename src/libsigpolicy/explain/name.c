/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include "explain/name_int.h"
#include "model/words.h"
#include "util/limits.h"

/* What a policy asks of a name, without looking at any image. */

static bool
decides (const struct sp_explanation *it, const char *scope)
{
  return it->match.transport
         && sp_view_is (sp_view_n (it->match.scope->name, it->match.scope->name_len), scope);
}

/* --- in words --------------------------------------------------------------------------------- */

static int
requirements_text (struct sp_buf *out, const struct sp_explanation *it, sigpolicy_error **err)
{
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < it->n_requirements; i++)
    {
      cleanup_requirement_words struct sp_requirement_words words = { 0 };
      rc = sp_explain_requirement (it, &it->requirements[i], &words, err);
      if (rc == 0)
        sp_paragraph (out, i ? "  and" : "  requires", 0, sp_view_str (words.must));
      if (words.not_by)
        sp_paragraph (out, "  rejects", 0, sp_view_str (words.not_by));
    }
  return rc;
}

static void
places_text (struct sp_buf *out, const struct sp_explanation *it)
{
  if (it->locations.endpoints.len)
    {
      sp_explain_locations_text (out, &it->locations, it->image->reference,
                                 it->looks_for_signatures);
      return;
    }
  sp_buf_str (out, "  signatures");
  if (!it->looks_for_signatures)
    {
      sp_buf_str (out, "  are not read: no requirement needs one\n");
      return;
    }
  sp_buf_str (out, "  are read from\n");
  if (it->store)
    {
      const struct sp_store_location *location = &it->store->location;
      sp_buf_str (out, "            ");
      sp_words_str (out, location->name.graph_root);
      sp_buf_printf (out, "/%s-images/ID/signatures, or signature-HEX of an instance\n",
                     location->name.driver);
    }
  else if (it->image->transport == SP_TRANSPORT_DIR)
    {
      sp_buf_str (out, "            ");
      sp_words_str (out, it->image->path);
      sp_buf_str (out, "/signature-1 and so on\n");
    }
  else if (!sp_explain_blobs_text (out, &it->locations))
    sp_buf_printf (out, "            nowhere: images of the transport %s cannot store signatures\n",
                   sp_transport_name (it->image->transport));
}

/* Where the image would be read, where that is not the name alone. */
static void
store_text (struct sp_buf *out, const struct sp_store_location *location)
{
  sp_buf_str (out, "\n  store     ");
  sp_words_str (out, location->name.graph_root);
  sp_buf_printf (out, "  (driver %s, ", location->name.driver);
  if (location->file)
    {
      sp_buf_str (out, "by ");
      sp_words_str (out, location->file);
    }
  else
    sp_buf_str (out, "no storage.conf");
  sp_buf_byte (out, ')');
  for (size_t i = 0; i < location->roots.len; i++)
    if (strcmp (location->roots.items[i], location->name.graph_root) != 0)
      {
        sp_buf_str (out, "\n            also ");
        sp_words_str (out, location->roots.items[i]);
      }
}

static char *
as_text (const struct sp_explanation *it, unsigned flags, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);

  sp_words_str (&out, it->image->text);
  sp_buf_str (&out, "\n  identity  ");
  sp_words_str (&out, it->image->identity[0] ? it->image->identity : "none");
  if (it->store)
    store_text (&out, &it->store->location);
  sp_buf_str (&out, "\n  policy    ");
  sp_words_str (&out, sp_policy_path (it->policy) ? sp_policy_path (it->policy) : "none is read");
  sp_buf_byte (&out, '\n');
  sp_explain_reading_text (&out, &it->reading, flags & SIGPOLICY_FORMAT_VERBOSE);
  sp_buf_str (&out, "  scopes    in search order; the first match applies\n");
  const char *scope;
  for (size_t i = 0; (scope = sp_image_name_scope (it->image, i)); i++)
    {
      bool here = decides (it, scope);
      sp_buf_printf (&out, "            %s ", sp_transport_name (it->image->transport));
      sp_words_quoted (&out, sp_view_str (scope));
      if (here)
        {
          sp_buf_printf (&out, "  matches (line %u)\n", it->match.scope->line);
          break;
        }
      sp_buf_str (&out, "  is not in the policy\n");
    }
  if (!it->match.transport)
    sp_buf_printf (&out, "            default  matches (line %u)\n", it->match.scope->line);
  if (requirements_text (&out, it, err) < 0)
    return NULL;
  places_text (&out, it);
  for (size_t i = 0; i < it->warnings.len; i++)
    sp_paragraph (&out, "  warning", 0, sp_view_str (it->warnings.items[i]));
  return sp_buf_steal (&out, err);
}

/* --- in JSON ---------------------------------------------------------------------------------- */

static void
key_json (struct sp_json_out *out, const struct sp_signer *key)
{
  char expires[SP_TIME_TEXT_SIZE];

  sp_json_write_open (out, NULL, false);
  if (key->path.data)
    sp_json_write_view (out, "path", key->path);
  else
    sp_json_write_null (out, "path");
  sp_json_write_str (out, "fingerprint", key->fingerprint);
  sp_json_write_str (out, "owner", key->owner);
  if (key->expires)
    {
      sp_time_format (key->expires, expires);
      sp_json_write_str (out, "expires", expires);
    }
  else
    sp_json_write_null (out, "expires");
  sp_json_write_bool (out, "revoked", key->revoked);
  sp_json_write_close (out);
}

static int
requirement_json (struct sp_json_out *out, const struct sp_explanation *explanation,
                  const struct sp_explained_requirement *it, sigpolicy_error **err)
{
  cleanup_requirement_words struct sp_requirement_words words = { 0 };

  int rc = sp_explain_requirement (explanation, it, &words, err);
  if (rc < 0)
    return rc;
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "type", sp_requirement_type_name (it->requirement->type));
  sp_json_write_int (out, "line", it->requirement->line);
  sp_json_write_str (out, "words", words.must);
  sp_json_write_str (out, "not_by", words.not_by);
  sp_json_write_open (out, "keys", true);
  for (size_t i = 0; i < it->keys.list.len; i++)
    key_json (out, &it->keys.list.items[i]);
  sp_json_write_close (out);
  sp_json_write_close (out);
  return 0;
}

static void
store_json (struct sp_json_out *out, const struct sp_store_location *location)
{
  sp_json_write_open (out, "store", false);
  sp_json_write_str (out, "driver", location->name.driver);
  sp_json_write_str (out, "root", location->name.graph_root);
  sp_json_write_str (out, "file", location->file);
  sp_json_write_open (out, "images", true);
  for (size_t i = 0; i < location->roots.len; i++)
    sp_json_write_str (out, NULL, location->roots.items[i]);
  sp_json_write_close (out);
  sp_json_write_close (out);
}

static char *
as_json (const struct sp_explanation *it, bool indented, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  bool decided = false;

  if (!out)
    return NULL;
  sp_json_write_str (out, "schema", "sigpolicy-explanation/1");
  sp_json_write_str (out, "reference", it->image->text);
  sp_json_write_str (out, "transport", sp_transport_name (it->image->transport));
  sp_json_write_str (out, "identity", it->image->identity);
  sp_json_write_str (out, "policy", sp_policy_path (it->policy));
  sp_json_write_str (out, "newer_policy", it->newer);
  sp_explain_reading_json (out, &it->reading);
  sp_json_write_open (out, "candidates", true);
  const char *scope;
  for (size_t i = 0; (scope = sp_image_name_scope (it->image, i)); i++)
    {
      bool here = !decided && decides (it, scope);
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "scope", scope);
      sp_json_write_bool (out, "decides", here);
      sp_json_write_close (out);
      decided = decided || here;
    }
  sp_json_write_close (out);
  sp_json_write_bool (out, "default", !it->match.transport);
  sp_json_write_int (out, "line", it->match.scope->line);
  sp_json_write_open (out, "requirements", true);
  for (size_t i = 0; i < it->n_requirements; i++)
    if (requirement_json (out, it, &it->requirements[i], err) < 0)
      return NULL;
  sp_json_write_close (out);
  sp_explain_locations_json (out, &it->locations);
  if (it->store)
    store_json (out, &it->store->location);
  sp_json_write_str (out, "registries_d", it->locations.registries_d);
  sp_json_write_open (out, "warnings", true);
  for (size_t i = 0; i < it->warnings.len; i++)
    sp_json_write_str (out, NULL, it->warnings.items[i]);
  sp_json_write_close (out);
  return sp_json_write_text (out, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}

/* --- all of it -------------------------------------------------------------------------------- */

char *
sp_explain_name (const struct sp_explanation *it, sigpolicy_format format, unsigned flags,
                 sigpolicy_error **err)
{
  return format == SIGPOLICY_FORMAT_TEXT ? as_text (it, flags, err)
                                         : as_json (it, format == SIGPOLICY_FORMAT_JSON, err);
}
