/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest_int.h"

#include "util/codec.h"
#include "util/limits.h"

/*
 * What no reader takes for an image, whatever a policy says of it (S11): bytes that are no manifest
 * at all, those that could be read as an image and as a list, and those that are not of the shape
 * of what they say they are.
 */

/* --- what the bytes are ----------------------------------------------------------------------- */

struct kind
{
  const char *words, *hint;
};

static bool
has (const struct sp_json *json, const char *name)
{
  sp_json_node node;
  return sp_json_find (json, SP_JSON_ROOT, name, &node);
}

/* Of a document, by the members that are its own. */
static struct kind
tell_document (const struct sp_json *json)
{
  if (has (json, "rootfs") || (has (json, "architecture") && has (json, "os")))
    return (struct kind){ "the configuration of an image",
                          "give the manifest, which names the configuration" };
  if (has (json, "Digest") && (has (json, "RepoTags") || has (json, "LayersData")))
    return (struct kind){ "a summary by 'skopeo inspect'",
                          "get the manifest itself with 'skopeo inspect --raw'" };
  if (has (json, "errors"))
    return (struct kind){ "an error message of a registry", NULL };
  if (has (json, "payload") && has (json, "payloadType"))
    return (struct kind){ "an attestation", NULL };
  if (has (json, "critical"))
    return (struct kind){ "the payload of a signature", NULL };
  return (struct kind){ "JSON of another kind", NULL };
}

static struct kind
tell_text (struct sp_view text)
{
  static const struct
  {
    struct sp_view start;
    struct kind kind;
  } starts[] = {
    { SP_VIEW ("\xef\xbb\xbf"),
      { "a text that begins with a byte order mark",
        "fetch the manifest again, with a tool that changes no bytes" } },
    { SP_VIEW ("\x1f\x8b"), { "compressed", NULL } },
    { SP_VIEW ("-----BEGIN "), { "a key or a certificate", NULL } },
  };

  if (!text.len)
    return (struct kind){ "empty", NULL };
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
    if (sp_view_starts (text, starts[i].start))
      return starts[i].kind;
  while (text.len && strchr (" \t\r\n", text.data[0]) && text.data[0])
    text = sp_view_from (text, 1);
  if (sp_view_starts (text, sp_view_str ("<")))
    return (struct kind){ "a page of HTML or XML", "read the error message of the server in it" };
  return (struct kind){ "no JSON", NULL };
}

static int
refuse_unknown (struct sp_view manifest, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = sp_json_parse (manifest, SP_MANIFEST_DEPTH_MAX, &json, &fault);
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  struct kind kind = rc < 0 ? tell_text (manifest) : tell_document (json);
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                      "this is not an image manifest: it is %s", kind.words);
  (void)sp_error_stricter (err, "S11");
  return kind.hint ? sp_error_hint (err, "%s", kind.hint) : SIGPOLICY_E_REJECTED;
}

/* --- members of another format ---------------------------------------------------------------- */

/* The members that a manifest of this type does not have; NULL for a type that is not known. */
static const char *const *
foreign_members (const char *mime)
{
  static const char *const of_list[] = { "config", "fsLayers", "history", "layers", NULL };
  static const char *const of_image[] = { "fsLayers", "history", "manifests", NULL };
  static const char *const of_schema1[] = { "config", "layers", "manifests", NULL };
  struct sp_view type = sp_view_str (mime);

  if (sp_manifest_is_list (mime))
    return of_list;
  if (sp_view_is (type, SP_MIME_OCI_MANIFEST) || sp_view_is (type, SP_MIME_V2S2))
    return of_image;
  if (sp_view_is (type, SP_MIME_V2S1) || sp_view_is (type, SP_MIME_V2S1_SIGNED))
    return of_schema1;
  return NULL;
}

static int
refuse_ambiguous (const struct sp_json *json, const char *mime, sigpolicy_error **err)
{
  const char *const *foreign = foreign_members (mime);
  return foreign ? sp_manifest_refuse_ambiguous (json, foreign, mime, err) : 0;
}

/* --- what it is read as ----------------------------------------------------------------------- */

/* A type that its origin tells and nobody knows is taken for the oldest. */
static const char *
normal_type (const char *said)
{
  return foreign_members (said) ? said : SP_MIME_V2S1_SIGNED;
}

/* As those who copy it read it: by what its origin says it is, whatever the bytes say. */
static int
read_as (const struct sp_json *json, const char *said, const char *guess, sigpolicy_error **err)
{
  const char *mime = normal_type (said);

  int rc = refuse_ambiguous (json, guess, err);
  if (rc == 0)
    rc = refuse_ambiguous (json, mime, err);
  if (rc == 0)
    rc = sp_manifest_check_image (json, mime, err);
  if (rc == 0 || rc == SIGPOLICY_E_NO_MEMORY || strcmp (mime, said) == 0)
    return rc;
  cleanup_free char *shown = sp_quote_dup (sp_view_str (said), err);
  return shown
             ? sp_error_prefix (err, "a manifest of the type %s is read as one of schema 1", shown)
             : SIGPOLICY_E_NO_MEMORY;
}

int
sp_manifest_refuse_unfit (struct sp_view manifest, const char *said, sigpolicy_error **err)
{
  cleanup_free char *guess = NULL;
  cleanup_json struct sp_json *json = NULL;

  int rc = sp_manifest_guess (manifest, &guess, err);
  if (rc < 0)
    return rc;
  if (!*guess && (!said || !foreign_members (said)))
    return refuse_unknown (manifest, err);
  rc = sp_json_parse (manifest, SP_MANIFEST_DEPTH_MAX, &json, err);
  /* A list with a configuration goes by the name of that. */
  if (rc == 0 && *guess && !foreign_members (guess))
    rc = refuse_ambiguous (json, SP_MIME_OCI_INDEX, err);
  else if (rc == 0)
    rc = read_as (json, said ? said : guess, guess, err);
  if (rc == SIGPOLICY_E_NO_MEMORY || rc == 0)
    return rc;
  (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  return sp_error_stricter (err, "S11");
}
