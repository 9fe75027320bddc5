/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci_layout.h"

#include "model/manifest_int.h"
#include "util/alloc.h"
#include "util/codec.h"
#include "util/limits.h"

/* The views are the document's. */
struct entry
{
  struct sp_view digest, mime, name;
};

struct sp_oci_layout
{
  struct sp_buf text;
  struct sp_json *json;
  struct entry *entries;
  size_t len, capacity;
};

void
sp_oci_layout_free (struct sp_oci_layout *layout)
{
  if (!layout)
    return;
  sp_json_free (layout->json);
  sp_buf_clear (&layout->text);
  free (layout->entries);
  free (layout);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The keys of annotations match to the letter; null takes them all away. */
static void
read_annotations (const struct sp_json *json, sp_json_node node, struct entry *entry)
{
  sp_json_node value;
  if (sp_json_type_of (json, node) == SP_JSON_NULL)
    entry->name = sp_view_n (NULL, 0);
  else if (sp_json_find (json, node, "org.opencontainers.image.ref.name", &value))
    entry->name = sp_json_string (json, value);
}

static void
read_entry (const struct sp_json *json, sp_json_node node, struct entry *entry)
{
  (void)sp_manifest_text (json, node, "digest", &entry->digest);
  (void)sp_manifest_text (json, node, "mediaType", &entry->mime);
  struct sp_json_iter it = sp_json_iter (json, node);
  while (sp_json_next (&it))
    if (sp_json_folds_to (it.key, "annotations"))
      read_annotations (json, it.value, entry);
}

/* A second array is read over the first, entry by entry; null or an empty one starts afresh. */
static int
read_entries (struct sp_oci_layout *layout, sp_json_node manifests, sigpolicy_error **err)
{
  size_t count = sp_json_count (layout->json, manifests);
  if (count > SP_MANIFEST_ENTRIES_MAX)
    return sp_json_error (layout->json, manifests, err, SIGPOLICY_E_REJECTED,
                          SIGPOLICY_REASON_LIMIT, "a list of %zu images: at most %lu are allowed",
                          count, SP_MANIFEST_ENTRIES_MAX);
  if (!count && layout->capacity)
    memset (layout->entries, 0, layout->capacity * sizeof *layout->entries);

  struct sp_json_iter it = sp_json_iter (layout->json, manifests);
  while (sp_json_next (&it))
    {
      int rc
          = sp_grow (&layout->entries, &layout->capacity, it.index, sizeof *layout->entries, err);
      if (rc < 0)
        return rc;
      read_entry (layout->json, it.value, &layout->entries[it.index]);
    }
  layout->len = count;
  return 0;
}

int
sp_oci_layout_parse (struct sp_buf *index, struct sp_oci_layout **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = *index;
  *index = (struct sp_buf)SP_BUF (0);
  cleanup_oci_layout struct sp_oci_layout *layout = sp_calloc (1, sizeof *layout, err);

  if (!layout)
    return SIGPOLICY_E_NO_MEMORY;
  layout->text = text;
  text = (struct sp_buf)SP_BUF (0);
  int rc = sp_json_parse (sp_json_first_value (sp_buf_view (&layout->text)), SP_MANIFEST_DEPTH_MAX,
                          &layout->json, err);
  if (rc < 0)
    return sp_error_class (err, rc, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  rc = sp_manifest_check (layout->json, SP_JSON_ROOT, sp_manifest_oci_index, err);
  struct sp_json_iter it = sp_json_iter (layout->json, SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    if (sp_json_folds_to (it.key, "manifests"))
      rc = read_entries (layout, it.value, err);
  if (rc == 0)
    *ret = steal (&layout);
  return rc;
}

/* --- choosing --------------------------------------------------------------------------------- */

static bool
is_image (struct sp_view mime)
{
  return sp_view_is (mime, SP_MIME_OCI_MANIFEST) || sp_view_is (mime, SP_MIME_OCI_INDEX)
         || sp_view_is (mime, SP_MIME_V2S2) || sp_view_is (mime, SP_MIME_V2_LIST);
}

static int
find_index (const struct sp_oci_layout *layout, const char *selector, const struct entry **ret,
            sigpolicy_error **err)
{
  size_t index = strtoul (selector + 1, NULL, 10);
  if (index >= layout->len)
    return sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                         "index %zu is too large, only %zu entries available", index, layout->len);
  *ret = &layout->entries[index];
  return 0;
}

#define NAMES_SHOWN 5

/* What the layout has instead. */
static int
hint_names (const struct sp_oci_layout *layout, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf words = SP_BUF (SP_OUTPUT_BYTES_MAX);
  cleanup_error sigpolicy_error *ignored = NULL;
  size_t shown = 0;

  for (size_t i = 0; i < layout->len && shown < NAMES_SHOWN; i++)
    if (layout->entries[i].name.len)
      {
        sp_buf_str (&words, shown++ ? ", " : "");
        sp_quote (sp_view_head (layout->entries[i].name, SP_SHOWN_BYTES_MAX), &words);
      }
  if (sp_buf_check (&words, &ignored) < 0)
    return sp_error_no_memory (err);
  return shown ? sp_error_hint (err, "index.json has these names: %s", words.data)
               : sp_error_hint (err, "index.json has no names: leave out the name after the path, "
                                     "or write @0 for the first image");
}

static int
find_name (const struct sp_oci_layout *layout, const char *selector, const struct entry **ret,
           sigpolicy_error **err)
{
  const struct entry *other = NULL;

  for (size_t i = 0; i < layout->len; i++)
    if (sp_view_is (layout->entries[i].name, selector))
      {
        if (is_image (layout->entries[i].mime))
          {
            *ret = &layout->entries[i];
            return 0;
          }
        other = other ? other : &layout->entries[i];
      }
  if (!other)
    {
      (void)sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                          "no descriptor found for reference \"%s\"", selector);
      return hint_names (layout, err);
    }
  cleanup_free char *mime = sp_quote_dup (other->mime, err);
  return mime ? sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                              "reference \"%s\" matches unsupported manifest MIME types [%s]",
                              selector, mime)
              : SIGPOLICY_E_NO_MEMORY;
}

/* The words are those for several, also where there is none. */
static int
find_only (const struct sp_oci_layout *layout, const struct entry **ret, sigpolicy_error **err)
{
  if (layout->len == 1)
    {
      *ret = layout->entries;
      return 0;
    }
  (void)sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                      "more than one image in oci, choose an image");
  return layout->len ? sp_error_hint (
             err,
             "there are %zu: write the name of one (org.opencontainers.image.ref.name in "
             "index.json) after the path and \":\"",
             layout->len)
                     : sp_error_hint (err, "index.json names no image at all");
}

int
sp_oci_layout_choose (const struct sp_oci_layout *layout, const char *selector, char **ret_digest,
                      char **ret_mime, sigpolicy_error **err)
{
  const struct entry *entry = NULL;
  cleanup_free char *mime = NULL;

  int rc = !selector            ? find_only (layout, &entry, err)
           : selector[0] == '@' ? find_index (layout, selector, &entry, err)
                                : find_name (layout, selector, &entry, err);
  if (rc < 0)
    return rc;
  rc = sp_digest_check (entry->digest, err);
  if (rc < 0)
    {
      cleanup_error sigpolicy_error *no_memory = NULL;
      cleanup_free char *shown = sp_quote_dup (entry->digest, &no_memory);
      (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
      return shown ? sp_error_prefix (err, "unexpected digest reference %s", shown)
                   : sp_error_no_memory (err);
    }
  if (entry->mime.len && !(mime = sp_manifest_mime (entry->mime, err)))
    return sigpolicy_error_code (*err);
  char *digest = sp_view_dup (entry->digest, err);
  if (!digest)
    return SIGPOLICY_E_NO_MEMORY;
  *ret_digest = digest;
  *ret_mime = steal (&mime);
  return 0;
}

int
sp_oci_layout_mime (const struct sp_oci_layout *layout, const char *digest, char **ret,
                    sigpolicy_error **err)
{
  for (size_t i = 0; i < layout->len; i++)
    if (sp_view_is (layout->entries[i].digest, digest))
      {
        if (!layout->entries[i].mime.len)
          return 0;
        *ret = sp_manifest_mime (layout->entries[i].mime, err);
        return *ret ? 0 : sigpolicy_error_code (*err);
      }
  return 0;
}

char *
sp_oci_layout_blob (const char *digest, sigpolicy_error **err)
{
  struct sp_view text = sp_view_str (digest);
  size_t colon = sp_view_find (text, ':');
  return sp_asprintf (err, "blobs/%.*s/%s", (int)colon, digest, digest + colon + 1);
}
