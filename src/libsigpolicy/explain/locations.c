/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/name_int.h"

#include "model/words.h"
#include "util/limits.h"

/* Where an image of a registry would be asked for, and its signatures. */

/* --- in words --------------------------------------------------------------------------------- */

static void
line_of (struct sp_buf *out, const char *file, unsigned line)
{
  sp_words_str (out, file);
  sp_buf_printf (out, ":%u", line);
}

/* "(registries.d/x.yaml:3, quay.io)" */
static void
answer_of (struct sp_buf *out, const struct sp_registries_d_answer *answer)
{
  if (!answer->file)
    {
      sp_buf_str (out, " (built-in default)");
      return;
    }
  sp_buf_str (out, " (");
  line_of (out, answer->file, answer->line);
  sp_buf_str (out, ", ");
  sp_words_str (out, answer->scope);
  sp_buf_byte (out, ')');
}

static bool
is_insecure (const struct sp_explained_locations *locations, const struct sp_endpoint *endpoint)
{
  return locations->insecure || (endpoint->insecure && !locations->secure);
}

static void
endpoint_text (struct sp_buf *out, const struct sp_explained_locations *locations, size_t index)
{
  const struct sp_endpoint *endpoint = &locations->endpoints.items[index];
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);

  sp_buf_str (&text, endpoint->reference->string);
  if (endpoint->mirror)
    sp_buf_str (&text, ", a mirror");
  if (is_insecure (locations, endpoint))
    sp_buf_str (&text, ", without TLS verification");
  if (endpoint->file)
    {
      sp_buf_str (&text, " (");
      line_of (&text, endpoint->file, endpoint->line);
      sp_buf_byte (&text, ')');
    }
  if (endpoint->blocked)
    {
      sp_buf_str (&text, ": never contacted, because it is blocked (");
      line_of (&text, endpoint->blocked_file, endpoint->blocked_line);
      sp_buf_byte (&text, ')');
    }
  else if (endpoint->refusal)
    {
      sp_buf_str (&text, ": never contacted: ");
      sp_words_str (&text, endpoint->refusal);
    }
  sp_paragraph_of (out, index ? "  then from" : "  read from", 2, &text);
}

/* What of the referrers is read, and what says so; location is NULL for those in a layout. */
static void
referrers_text (struct sp_buf *out, const struct sp_explained_locations *locations,
                const struct sp_explained_location *location)
{
  static const char *const words[] = {
    [SP_BUNDLES_DIGEST] = "Sigstore bundles, with or without a name",
    [SP_BUNDLES_IDENTITY] = "Sigstore bundles that state the name",
  };
  const struct
  {
    const char *what, *option;
    const struct sp_registries_d_answer *answer;
  } rows[] = {
    { words[locations->bundles], "--bundles", &locations->bundles_answer },
    { locations->referrers ? "cosign signatures stored as referrers" : NULL, "--referrers",
      &locations->referrers_answer },
  };

  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    {
      cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);
      if (!rows[i].what)
        continue;
      if (location)
        {
          sp_buf_printf (&text, "- then %s, by the referrers API or the index ", rows[i].what);
          sp_words_str (&text, location->index);
        }
      else
        sp_buf_printf (&text, "- %s, among the blobs", rows[i].what);
      if (rows[i].answer->file)
        answer_of (&text, rows[i].answer);
      else
        sp_buf_printf (&text, " (%s)", rows[i].option);
      sp_paragraph_of (out, "", 2, &text);
    }
}

bool
sp_explain_blobs_text (struct sp_buf *out, const struct sp_explained_locations *locations)
{
  referrers_text (out, locations, NULL);
  return locations->bundles != SP_BUNDLES_OFF || locations->referrers;
}

static void
location_text (struct sp_buf *out, const struct sp_explained_locations *locations,
               const struct sp_explained_location *location)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);

  sp_buf_str (&text, "- signatures at ");
  sp_words_str (&text, location->first);
  sp_buf_str (&text, " and so on");
  answer_of (&text, &location->lookaside_answer);
  sp_buf_str (&text, ", unless the registry has a signatures API");
  sp_paragraph_of (out, "", 2, &text);
  sp_buf_clear (&text);
  referrers_text (out, locations, location);
  if (location->attachments)
    {
      sp_buf_str (&text, "- then sigstore attachments: ");
      sp_words_str (&text, location->attached);
    }
  else
    sp_buf_str (&text, "- no sigstore attachments: use-sigstore-attachments is off");
  answer_of (&text, &location->attachments_answer);
  sp_paragraph_of (out, "", 2, &text);
}

void
sp_explain_locations_text (struct sp_buf *out, const struct sp_explained_locations *locations,
                           const struct sp_reference *reference, bool looks_for_signatures)
{
  bool renamed = false;

  for (size_t i = 0; i < locations->endpoints.len; i++)
    {
      const struct sp_endpoint *endpoint = &locations->endpoints.items[i];
      endpoint_text (out, locations, i);
      if (looks_for_signatures && !endpoint->refusal)
        location_text (out, locations, &locations->items[i]);
      renamed = renamed || strcmp (endpoint->reference->string, reference->string) != 0;
    }
  if (renamed)
    {
      cleanup_buf struct sp_buf text = SP_BUF (SP_OUTPUT_BYTES_MAX);
      sp_buf_printf (&text,
                     "the policy and the signatures use the name %s; registries.d, credentials, "
                     "certificates and blocking use the names above",
                     reference->string);
      sp_paragraph_of (out, "  names", 0, &text);
    }
  if (!looks_for_signatures)
    sp_buf_str (out, "  signatures  are not read: no requirement needs one\n");
}

/* --- in JSON ---------------------------------------------------------------------------------- */

static void
answer_json (struct sp_json_out *out, const struct sp_registries_d_answer *answer)
{
  sp_json_write_str (out, "file", answer->file);
  sp_json_write_int (out, "line", answer->line);
  sp_json_write_str (out, "scope", answer->scope);
}

static void
location_json (struct sp_json_out *out, const char *kind, const char *where, const char *asked,
               const struct sp_registries_d_answer *answer)
{
  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "kind", kind);
  sp_json_write_str (out, "where", where);
  sp_json_write_str (out, "asked", asked);
  answer_json (out, answer);
  sp_json_write_close (out);
}

static void
endpoint_json (struct sp_json_out *out, const struct sp_explained_locations *locations,
               size_t index)
{
  const struct sp_endpoint *endpoint = &locations->endpoints.items[index];
  const struct sp_explained_location *location = &locations->items[index];
  static const struct sp_registries_d_answer nothing = { 0 };

  sp_json_write_open (out, NULL, false);
  sp_json_write_str (out, "reference", endpoint->reference->string);
  sp_json_write_bool (out, "mirror", endpoint->mirror);
  sp_json_write_bool (out, "insecure", is_insecure (locations, endpoint));
  sp_json_write_str (out, "file", endpoint->file);
  sp_json_write_int (out, "line", endpoint->line);
  if (endpoint->blocked)
    {
      sp_json_write_open (out, "blocked", false);
      sp_json_write_str (out, "file", endpoint->blocked_file);
      sp_json_write_int (out, "line", endpoint->blocked_line);
      sp_json_write_close (out);
    }
  else
    sp_json_write_null (out, "blocked");
  sp_json_write_open (out, "places", true);
  location_json (out, "registry", endpoint->reference->domain, "if it announces a list", &nothing);
  location_json (out, "lookaside", location->first, "otherwise", &location->lookaside_answer);
  if (locations->bundles != SP_BUNDLES_OFF)
    location_json (out, "bundles", location->index, "always", &locations->bundles_answer);
  if (locations->referrers)
    location_json (out, "referrers", location->index, "always", &locations->referrers_answer);
  location_json (out, "attachments", location->attached, location->attachments ? "always" : "never",
                 &location->attachments_answer);
  sp_json_write_close (out);
  sp_json_write_close (out);
}

void
sp_explain_locations_json (struct sp_json_out *out, const struct sp_explained_locations *locations)
{
  size_t n = locations->endpoints.len;

  if (!n)
    return;
  /* What the name itself leads to, mirrors apart. */
  const struct sp_explained_location *last = &locations->items[n - 1];
  sp_json_write_open (out, "lookaside", false);
  sp_json_write_str (out, "base", last->lookaside->base);
  sp_json_write_str (out, "first", last->first);
  answer_json (out, &last->lookaside_answer);
  sp_json_write_close (out);
  sp_json_write_open (out, "attachments", false);
  sp_json_write_bool (out, "enabled", last->attachments);
  answer_json (out, &last->attachments_answer);
  sp_json_write_close (out);
  sp_json_write_str (out, "bundles", sp_bundle_mode_name (locations->bundles));
  sp_json_write_bool (out, "referrers", locations->referrers);
  sp_json_write_open (out, "endpoints", true);
  for (size_t i = 0; i < n; i++)
    endpoint_json (out, locations, i);
  sp_json_write_close (out);
}
