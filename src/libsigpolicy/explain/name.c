/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include "ask/gather.h"
#include "ask/storage.h"
#include "explain/name_int.h"
#include "model/words.h"
#include "util/limits.h"

/* What a policy asks of a name, without looking at any image. */
struct explanation
{
  const struct sp_image_name *image;
  struct sp_policy *policy;
  char *newer; /* the file that a podman of the other generation would read instead, or NULL */
  struct sp_policy_match match;
  struct sp_explained_requirement *requirements; /* one for each of the scope's */
  size_t n_requirements;
  bool looks_for_signatures;         /* some requirement does */
  struct sp_explained_places places; /* of docker names, and what is read of layouts */
  const char *registries_d;
  const struct sp_store *store; /* of names in podman's storage */
  struct sp_reading reading;
  struct sp_strv warnings;
};

static void
explanation_clear (struct explanation *it)
{
  for (size_t i = 0; i < it->n_requirements; i++)
    sp_explained_requirement_clear (&it->requirements[i]);
  free (it->requirements);
  sp_explained_places_clear (&it->places);
  free (it->newer);
  sp_reading_clear (&it->reading);
  sp_strv_clear (&it->warnings);
}

static bool
decides (const struct explanation *it, const char *scope)
{
  return it->match.transport
         && sp_view_is (sp_view_n (it->match.scope->name, it->match.scope->name_len), scope);
}

static int
find_places (struct sp_context *context, struct explanation *it, sigpolicy_error **err)
{
  const struct sp_reference *reference = it->image->reference;
  const struct sp_registries_d *configuration = NULL;

  if (it->image->transport == SP_TRANSPORT_OCI || it->image->transport == SP_TRANSPORT_OCI_ARCHIVE)
    {
      it->places.bundles = context->bundles;
      it->places.referrers = context->referrers;
    }
  if (it->image->transport != SP_TRANSPORT_DOCKER || sp_reference_is_name_only (reference))
    return 0;
  int rc = sp_explain_places (context, reference, &it->places, err);
  if (rc == 0)
    rc = sp_context_registries_d (context, &configuration, err);
  for (size_t i = 0; rc == 0 && i < it->places.endpoints.len; i++)
    {
      const struct sp_endpoint *endpoint = &it->places.endpoints.items[i];
      if (endpoint->refusal && !endpoint->blocked)
        rc = sp_strv_take (
            &it->warnings,
            sp_asprintf (err, "%s (%s:%u)", endpoint->refusal, endpoint->file, endpoint->line),
            err);
    }
  if (rc == 0)
    it->registries_d = sp_registries_d_directory (configuration);
  return rc;
}

/* What the policy seems to ask for, and does not; and what it asks for in vain. */
static int
warn (const struct sp_explained_requirement *it, struct sp_strv *warnings, sigpolicy_error **err)
{
  int rc = 0;
  if (it->requirement->rekor_dropped)
    rc = sp_strv_take (warnings,
                       sp_asprintf (err,
                                    "the policy names a Rekor key that says nothing (line %u): no "
                                    "log entry is required",
                                    it->requirement->line),
                       err);
  for (size_t i = 0; rc == 0 && i < it->keys.problems.len; i++)
    rc = sp_strv_take (warnings,
                       sp_asprintf (err, "%s: no signature is good until that is mended",
                                    it->keys.problems.items[i]),
                       err);
  return rc;
}

static int
find_requirements (struct sp_context *context, struct explanation *it, sigpolicy_error **err)
{
  const struct sp_requirements *list = &it->match.scope->requirements;
  int rc = 0;

  it->requirements = sp_calloc (list->len, sizeof *it->requirements, err);
  if (!it->requirements)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; rc == 0 && i < list->len; i++)
    {
      struct sp_explained_requirement *here = &it->requirements[it->n_requirements++];
      rc = sp_explain_requirement (&list->items[i], it->image, it->places.bundles,
                                   sp_context_now (context), here, err);
      if (rc == 0)
        rc = warn (here, &it->warnings, err);
      it->looks_for_signatures = it->looks_for_signatures || here->not_by;
    }
  return rc;
}

/* --- in words --------------------------------------------------------------------------------- */

static void
requirements_text (struct sp_buf *out, const struct explanation *it)
{
  for (size_t i = 0; i < it->n_requirements; i++)
    {
      const struct sp_explained_requirement *here = &it->requirements[i];
      sp_paragraph (out, i ? "  and" : "  requires", 0, sp_view_str (here->must));
      if (here->not_by)
        sp_paragraph (out, "  not by", 0, sp_view_str (here->not_by));
    }
}

static void
places_text (struct sp_buf *out, const struct explanation *it)
{
  if (it->places.endpoints.len)
    {
      sp_explain_places_text (out, &it->places, it->image->reference, it->looks_for_signatures);
      return;
    }
  sp_buf_str (out, "  signatures");
  if (!it->looks_for_signatures)
    {
      sp_buf_str (out, "  are not looked for: no requirement asks for one\n");
      return;
    }
  sp_buf_str (out, "  would be looked for in\n");
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
  else if (!sp_explain_blobs_text (out, &it->places))
    sp_buf_printf (out,
                   "            nothing: the transport %s stores no signatures that can be read\n",
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
    sp_buf_str (out, "by no storage.conf");
  sp_buf_byte (out, ')');
  for (size_t i = 0; i < location->roots.len; i++)
    if (strcmp (location->roots.items[i], location->name.graph_root) != 0)
      {
        sp_buf_str (out, "\n            also ");
        sp_words_str (out, location->roots.items[i]);
      }
}

static char *
as_text (const struct explanation *it, unsigned flags, sigpolicy_error **err)
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
  sp_buf_str (&out, "  scopes    in the order of the search\n");
  const char *scope;
  for (size_t i = 0; (scope = sp_image_name_scope (it->image, i)); i++)
    {
      bool here = decides (it, scope);
      sp_buf_printf (&out, "            %s ", sp_transport_name (it->image->transport));
      sp_words_quoted (&out, sp_view_str (scope));
      if (here)
        {
          sp_buf_printf (&out, "  decides (line %u)\n", it->match.scope->line);
          break;
        }
      sp_buf_str (&out, "  is not in the policy\n");
    }
  if (!it->match.transport)
    sp_buf_printf (&out, "            default  decides (line %u)\n", it->match.scope->line);
  requirements_text (&out, it);
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

static void
requirement_json (struct sp_json_out *out, const struct sp_explained_requirement *it)
{
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "type", sp_requirement_type_name (it->requirement->type));
  sp_json_write_int (out, "line", it->requirement->line);
  sp_json_write_str (out, "words", it->must);
  sp_json_write_str (out, "not_by", it->not_by);
  sp_json_write_open (out, "keys", true);
  for (size_t i = 0; i < it->keys.list.len; i++)
    key_json (out, &it->keys.list.items[i]);
  sp_json_write_close (out);
  sp_json_write_close (out);
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
as_json (const struct explanation *it, bool indented, sigpolicy_error **err)
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
    requirement_json (out, &it->requirements[i]);
  sp_json_write_close (out);
  sp_explain_places_json (out, &it->places);
  if (it->store)
    store_json (out, &it->store->location);
  sp_json_write_str (out, "registries_d", it->registries_d);
  sp_json_write_open (out, "warnings", true);
  for (size_t i = 0; i < it->warnings.len; i++)
    sp_json_write_str (out, NULL, it->warnings.items[i]);
  sp_json_write_close (out);
  return sp_json_write_text (out, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}

/* --- all of it -------------------------------------------------------------------------------- */

char *
sp_explain_name (struct sp_context *context, const char *name, sigpolicy_format format,
                 unsigned flags, sigpolicy_error **err)
{
  SP_CLEANUP (explanation_clear) struct explanation it = { 0 };
  cleanup_image_name struct sp_image_name *image = NULL;

  int rc = sp_storage_is (name)
               ? sp_storage_name (context, name, &it.store, &image, &it.warnings, err)
               : sp_image_parse (context, name, &image, &it.warnings, err);
  it.image = image;
  if (rc == 0)
    rc = sp_context_policy (context, &it.policy, err);
  if (rc == 0)
    rc = sp_context_warn_readers (context, &it.warnings, err);
  if (rc == 0)
    rc = sp_context_compare_readers (context, image->transport == SP_TRANSPORT_DOCKER, &it.warnings,
                                     &it.newer, err);
  if (rc == 0)
    rc = find_places (context, &it, err);
  if (rc == 0)
    rc = sp_context_reading (context, image->transport == SP_TRANSPORT_DOCKER, &it.reading, err);
  if (rc == 0)
    {
      it.match = sp_policy_lookup (it.policy, image);
      rc = find_requirements (context, &it, err);
    }
  if (rc < 0)
    return NULL;
  return format == SIGPOLICY_FORMAT_TEXT ? as_text (&it, flags, err)
                                         : as_json (&it, format == SIGPOLICY_FORMAT_JSON, err);
}
