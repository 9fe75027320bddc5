/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include "json/write.h"
#include "model/words.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* What a policy asks of a name, without looking at any image. */
struct explanation
{
  const struct sp_image_name *image;
  struct sp_policy *policy;
  char *newer; /* the file that a newer podman would read instead, or NULL */
  struct sp_policy_match match;
  bool looks_for_signatures;      /* some requirement does */
  struct sp_lookaside *lookaside; /* docker names only */
  char *place; /* of the first signature there, with DIGEST where the name has none */
  struct sp_registries_d_answer lookaside_answer;
  bool attachments;
  struct sp_registries_d_answer attachments_answer;
  const char *registries_d;
  struct sp_strv warnings;
};

static void
explanation_clear (struct explanation *it)
{
  sp_lookaside_free (it->lookaside);
  free (it->place);
  free (it->newer);
  sp_strv_clear (&it->warnings);
}

/* The scopes of the search in order: the identity, the namespaces, "". */
static size_t
n_candidates (const struct sp_image_name *image)
{
  return image->namespaces.len + 2;
}

static const char *
candidate (const struct sp_image_name *image, size_t index)
{
  if (index == 0)
    return image->identity;
  return index <= image->namespaces.len ? image->namespaces.items[index - 1] : "";
}

static bool
decides (const struct explanation *it, const char *scope)
{
  return it->match.transport
         && sp_view_is (sp_view_n (it->match.scope->name, it->match.scope->name_len), scope);
}

/* Where the first signature would be. Of a name with a tag the digest is not known before its
 * manifest is. */
static int
find_place (struct explanation *it, sigpolicy_error **err)
{
  static const char unknown[] = "sha256:"
                                "0000000000000000000000000000000000000000000000000000000000000000";
  const char *digest = it->image->reference->digest;
  cleanup_free char *shown = sp_lookaside_show (it->lookaside, digest ? digest : unknown, 1, err);
  const char *zeros = shown && !digest ? strstr (shown, unknown + strlen ("sha256:")) : NULL;

  if (!shown)
    return sigpolicy_error_code (*err);
  it->place = zeros ? sp_asprintf (err, "%.*sDIGEST%s", (int)(zeros - shown), shown,
                                   zeros + strlen (unknown) - strlen ("sha256:"))
                    : steal (&shown);
  return it->place ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
find_sources (struct sp_host *host, struct explanation *it, sigpolicy_error **err)
{
  const struct sp_registries_d *configuration = NULL;

  if (it->image->transport != SP_TRANSPORT_DOCKER)
    return 0;
  int rc
      = sp_host_lookaside (host, it->image->reference, &it->lookaside, &it->lookaside_answer, err);
  if (rc == 0)
    rc = find_place (it, err);
  if (rc == 0)
    rc = sp_host_registries_d (host, &configuration, err);
  if (rc == 0)
    rc = sp_registries_d_attachments (configuration, it->image->reference, &it->attachments,
                                      &it->attachments_answer, err);
  if (rc == 0)
    it->registries_d = sp_registries_d_directory (configuration);
  return rc;
}

static void
source_line (struct sp_buf *out, const char *what, const struct sp_registries_d_answer *answer)
{
  sp_buf_str (out, "            ");
  sp_words_str (out, what);
  if (!answer->file)
    sp_buf_str (out, "  (built-in default)\n");
  else
    {
      sp_buf_str (out, "  (");
      sp_words_str (out, answer->file);
      sp_buf_printf (out, ":%u, ", answer->line);
      sp_words_str (out, answer->scope);
      sp_buf_str (out, ")\n");
    }
}

static void
sources_text (struct sp_buf *out, const struct explanation *it)
{
  sp_buf_str (out, "  signatures");
  if (!it->looks_for_signatures)
    {
      sp_buf_str (out, "  are not looked for: no requirement asks for one\n");
      return;
    }
  sp_buf_str (out, "  would be looked for in\n");
  if (it->image->transport == SP_TRANSPORT_DIR)
    {
      sp_buf_str (out, "            ");
      sp_words_str (out, it->image->path);
      sp_buf_str (out, "/signature-1 and so on\n");
    }
  else if (it->lookaside)
    {
      source_line (out, it->place, &it->lookaside_answer);
      source_line (out,
                   it->attachments ? "sigstore attachments in the registry"
                                   : "no sigstore attachments: use-sigstore-attachments is off",
                   &it->attachments_answer);
    }
  else
    sp_buf_printf (out,
                   "            nothing: the transport %s stores no signatures that can be read\n",
                   sp_transport_name (it->image->transport));
}

static char *
as_text (const struct explanation *it, unsigned flags, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf out = SP_BUF (SP_OUTPUT_BYTES_MAX);
  const struct sp_requirements *requirements = &it->match.scope->requirements;

  sp_words_str (&out, it->image->text);
  sp_buf_str (&out, "\n  identity  ");
  sp_words_str (&out, it->image->identity[0] ? it->image->identity : "none");
  sp_buf_str (&out, "\n  policy    ");
  sp_words_str (&out, sp_policy_path (it->policy) ? sp_policy_path (it->policy) : "none is read");
  if (it->newer)
    {
      sp_buf_str (&out, "\n            a newer podman would read ");
      sp_words_str (&out, it->newer);
    }
  sp_buf_str (&out, "\n  scopes    in the order of the search\n");
  for (size_t i = 0; i < n_candidates (it->image); i++)
    {
      const char *scope = candidate (it->image, i);
      bool here = decides (it, scope);
      sp_buf_printf (&out, "            %s%s ", here ? sp_words_colour (true, flags) : "",
                     sp_transport_name (it->image->transport));
      sp_words_quoted (&out, sp_view_str (scope));
      sp_buf_str (&out, here ? sp_words_plain (flags) : "");
      if (here)
        {
          sp_buf_printf (&out, "  decides (line %u)\n", it->match.scope->line);
          break;
        }
      sp_buf_str (&out, "  is not in the policy\n");
    }
  if (!it->match.transport)
    sp_buf_printf (&out, "            default  decides (line %u)\n", it->match.scope->line);
  for (size_t i = 0; i < requirements->len; i++)
    {
      sp_buf_str (&out, i ? "            and " : "  requires  ");
      sp_words_requirement (&out, &requirements->items[i]);
      sp_buf_byte (&out, '\n');
    }
  sources_text (&out, it);
  for (size_t i = 0; i < it->warnings.len; i++)
    {
      sp_buf_str (&out, "  warning   ");
      sp_words_str (&out, it->warnings.items[i]);
      sp_buf_byte (&out, '\n');
    }
  return sp_buf_steal (&out, err);
}

static void
source_json (struct sp_json_out *out, const struct sp_registries_d_answer *answer)
{
  sp_json_write_str (out, "file", answer->file);
  sp_json_write_int (out, "line", answer->line);
  sp_json_write_str (out, "scope", answer->scope);
}

static char *
as_json (const struct explanation *it, bool indented, sigpolicy_error **err)
{
  cleanup_json_out struct sp_json_out *out = sp_json_write_new (false, err);
  const struct sp_requirements *requirements = &it->match.scope->requirements;
  bool decided = false;

  if (!out)
    return NULL;
  sp_json_write_str (out, "schema", "sigpolicy-explanation/1");
  sp_json_write_str (out, "reference", it->image->text);
  sp_json_write_str (out, "transport", sp_transport_name (it->image->transport));
  sp_json_write_str (out, "identity", it->image->identity);
  sp_json_write_str (out, "policy", sp_policy_path (it->policy));
  sp_json_write_str (out, "newer_policy", it->newer);
  sp_json_write_open (out, "candidates", true);
  for (size_t i = 0; i < n_candidates (it->image); i++)
    {
      const char *scope = candidate (it->image, i);
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
  for (size_t i = 0; i < requirements->len; i++)
    {
      cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);
      sp_words_requirement (&words, &requirements->items[i]);
      if (sp_buf_check (&words, err) < 0)
        return NULL;
      sp_json_write_open (out, NULL, false);
      sp_json_write_str (out, "type", sp_requirement_type_name (requirements->items[i].type));
      sp_json_write_int (out, "line", requirements->items[i].line);
      sp_json_write_view (out, "words", sp_buf_view (&words));
      sp_json_write_close (out);
    }
  sp_json_write_close (out);
  if (it->lookaside)
    {
      sp_json_write_open (out, "lookaside", false);
      sp_json_write_str (out, "base", it->lookaside->base);
      sp_json_write_str (out, "first", it->place);
      source_json (out, &it->lookaside_answer);
      sp_json_write_close (out);
      sp_json_write_open (out, "attachments", false);
      sp_json_write_bool (out, "enabled", it->attachments);
      source_json (out, &it->attachments_answer);
      sp_json_write_close (out);
    }
  sp_json_write_str (out, "registries_d", it->registries_d);
  sp_json_write_open (out, "warnings", true);
  for (size_t i = 0; i < it->warnings.len; i++)
    sp_json_write_str (out, NULL, it->warnings.items[i]);
  sp_json_write_close (out);
  return sp_json_write_text (out, indented ? SP_JSON_INDENTED : SP_JSON_ONE_LINE, err);
}

/* What the policy seems to ask for, and does not. */
static int
warn (const struct sp_requirement *requirement, struct sp_strv *warnings, sigpolicy_error **err)
{
  return requirement->rekor_dropped
             ? sp_strv_take (warnings,
                             sp_asprintf (err,
                                          "the policy names a Rekor key that says nothing (line "
                                          "%u): no log entry is required",
                                          requirement->line),
                             err)
             : 0;
}

char *
sp_explain_name (struct sp_host *host, const char *name, sigpolicy_format format, unsigned flags,
                 sigpolicy_error **err)
{
  SP_CLEANUP (explanation_clear) struct explanation it = { 0 };
  cleanup_image_name struct sp_image_name *image = NULL;

  int rc = sp_image_parse (host, name, &image, &it.warnings, err);
  it.image = image;
  if (rc == 0)
    rc = sp_host_policy (host, &it.policy, err);
  if (rc == 0)
    rc = sp_host_newer_policy (host, &it.newer, err);
  if (rc == 0)
    rc = find_sources (host, &it, err);
  if (rc < 0)
    return NULL;

  it.match = sp_policy_lookup (it.policy, image);
  for (size_t i = 0; i < it.match.scope->requirements.len; i++)
    {
      if (warn (&it.match.scope->requirements.items[i], &it.warnings, err) < 0)
        return NULL;
      enum sp_requirement_type type = it.match.scope->requirements.items[i].type;
      it.looks_for_signatures = it.looks_for_signatures || type == SP_REQUIREMENT_SIGNED_BY
                                || type == SP_REQUIREMENT_SIGSTORE_SIGNED;
    }
  return format == SIGPOLICY_FORMAT_TEXT ? as_text (&it, flags, err)
                                         : as_json (&it, format == SIGPOLICY_FORMAT_JSON, err);
}
