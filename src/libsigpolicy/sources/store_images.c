/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/store_int.h"

#include "reference/digest.h"
#include "util/codec.h"
#include "util/limits.h"

/*
 * images.json of podman's storage. Of a record we read
 *
 *   id                  also the name of the directory of its data
 *   names               full references; each is one image's, the last that claims it
 *   digest              of the manifest that counts
 *   metadata            a text that holds JSON: how long the signatures are
 *   big-data-digests    of the data under each key, the manifests among them
 */

static void
image_clear (struct sp_stored_image *image)
{
  free (image->id);
  sp_strv_clear (&image->names);
  sp_strv_clear (&image->digests);
  free (image->metadata);
}

struct sp_stored_images *
sp_stored_images_ref (struct sp_stored_images *images)
{
  if (images)
    __atomic_add_fetch (&images->references, 1, __ATOMIC_RELAXED);
  return images;
}

void
sp_stored_images_free (struct sp_stored_images *images)
{
  if (!images || __atomic_sub_fetch (&images->references, 1, __ATOMIC_ACQ_REL) > 0)
    return;
  for (size_t i = 0; i < images->len; i++)
    image_clear (&images->items[i]);
  free (images->items);
  free (images->by_id);
  free (images->by_name);
  free (images->by_digest);
  sp_buf_clear (&images->text);
  free (images);
}

/* --- one record ------------------------------------------------------------------------------- */

/* A digest of a manifest, once. */
static int
add_digest (const struct sp_json *json, sp_json_node value, struct sp_strv *digests,
            sigpolicy_error **err)
{
  struct sp_view digest = sp_json_string (json, value);

  if (sp_json_type_of (json, value) == SP_JSON_NULL || !digest.len)
    return 0;
  if (sp_digest_check (digest, err) < 0)
    return sp_json_error_at (json, value, err);
  for (size_t i = 0; i < digests->len; i++)
    if (sp_view_is (digest, digests->items[i]))
      return 0;
  if (digests->len == SP_STORE_NAMES_MAX)
    return sp_json_error (json, value, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "more than %lu digests", SP_STORE_NAMES_MAX);
  return sp_strv_add (digests, digest, err);
}

static int
add_digests (const struct sp_json *json, sp_json_node map, struct sp_stored_image *image,
             sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, map);
  int rc = 0;
  while (rc == 0 && sp_json_next (&it))
    if (sp_json_type_of (json, it.value) != SP_JSON_STRING
        && sp_json_type_of (json, it.value) != SP_JSON_NULL)
      rc = sp_record_mismatch (json, it.value, "a digest", "a string", err);
    else if (sp_view_starts (it.key, sp_view_str ("manifest")))
      {
        image->has_instances
            = image->has_instances || sp_view_starts (it.key, sp_view_str ("manifest-"));
        rc = add_digest (json, it.value, &image->digests, err);
      }
  return rc;
}

static int
read_metadata (const struct sp_json *json, sp_json_node value, struct sp_stored_image *image,
               sigpolicy_error **err)
{
  struct sp_view text = sp_json_string (json, value);
  if (sp_json_type_of (json, value) != SP_JSON_STRING
      && sp_json_type_of (json, value) != SP_JSON_NULL)
    return sp_record_mismatch (json, value, "metadata", "a string", err);
  image->metadata = sp_view_dup (text, err);
  image->metadata_len = text.len;
  return image->metadata ? 0 : SIGPOLICY_E_NO_MEMORY;
}

/* The first of them are the content of a record. */
enum member
{
  DIGEST,
  METADATA,
  DATA_SIZES,
  DATA_DIGESTS,
  ID,
  NAMES,
  N_MEMBERS,
};

static const char *const members[N_MEMBERS] = {
  [DIGEST] = "digest",
  [METADATA] = "metadata",
  [DATA_SIZES] = "big-data-sizes",
  [DATA_DIGESTS] = "big-data-digests",
  [ID] = "id",
  [NAMES] = "names",
};
_Static_assert(DATA_DIGESTS + 1 == SP_STORE_CONTENT, "the content comes first");

static int
read_record (const struct sp_json *json, sp_json_node record, void *data, sigpolicy_error **err)
{
  struct sp_stored_images *images = data;
  sp_json_node values[N_MEMBERS];

  int rc = sp_grow (&images->items, &images->capacity, images->len, sizeof *images->items, err);
  if (rc < 0)
    return rc;
  struct sp_stored_image *image = &images->items[images->len++];
  sp_json_find_all_folded (json, record, members, N_MEMBERS, values);
  if (!values[ID])
    {
      (void)sp_json_error (json, record, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                           "an image without an ID");
      return sp_error_stricter (err, "S8");
    }
  rc = sp_record_id (json, values[ID], &image->id, err);
  if (rc == 0 && values[NAMES])
    rc = sp_record_names (json, values[NAMES], &image->names, err);
  if (rc == 0 && values[DIGEST])
    rc = sp_json_type_of (json, values[DIGEST]) == SP_JSON_STRING
                 || sp_json_type_of (json, values[DIGEST]) == SP_JSON_NULL
             ? add_digest (json, values[DIGEST], &image->digests, err)
             : sp_record_mismatch (json, values[DIGEST], "digest", "a string", err);
  if (rc == 0 && values[DATA_DIGESTS])
    rc = sp_json_type_of (json, values[DATA_DIGESTS]) == SP_JSON_OBJECT
                 || sp_json_type_of (json, values[DATA_DIGESTS]) == SP_JSON_NULL
             ? add_digests (json, values[DATA_DIGESTS], image, err)
             : sp_record_mismatch (json, values[DATA_DIGESTS], "big-data-digests", "an object",
                                   err);
  if (rc == 0 && values[METADATA])
    rc = read_metadata (json, values[METADATA], image, err);
  for (size_t i = 0; i < SP_STORE_CONTENT; i++)
    image->content[i] = values[i] ? sp_json_source (json, values[i]) : sp_view_n ("", 0);
  return rc;
}

bool
sp_stored_image_same_content (const struct sp_stored_image *a, const struct sp_stored_image *b)
{
  for (size_t i = 0; i < SP_STORE_CONTENT; i++)
    if (!sp_view_equal (a->content[i], b->content[i]))
      return false;
  return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int
compare_ids (const void *a, const void *b)
{
  return strcmp ((*(const struct sp_stored_image *const *)a)->id,
                 (*(const struct sp_stored_image *const *)b)->id);
}

static int
compare_names (const void *a, const void *b)
{
  const struct sp_stored_name *left = a, *right = b;
  int order = strcmp (left->name, right->name);
  return order ? order : (left->image > right->image) - (left->image < right->image);
}

/* Takes one of an image's names away, by its place in memory. */
static void
forget_name (struct sp_stored_images *images, const struct sp_stored_name *name)
{
  struct sp_strv *names = &images->items[name->image - images->items].names;
  size_t at = 0;

  while (names->items[at] != name->name)
    at++;
  free (names->items[at]);
  names->len--;
  memmove (names->items + at, names->items + at + 1, (names->len - at) * sizeof *names->items);
}

/* A name stands for the last image that claims it, and no other has it any more: so does the
 * storage library put its records right when it reads them. Names are in their order. */
static void
settle_names (struct sp_stored_images *images)
{
  size_t kept = 0;

  for (size_t i = 0, end; i < images->n_names; i = end)
    {
      for (end = i + 1; end < images->n_names
                        && strcmp (images->by_name[i].name, images->by_name[end].name) == 0;)
        end++;
      const struct sp_stored_image *last = images->by_name[end - 1].image;
      for (size_t j = i; j < end; j++)
        if (images->by_name[j].image == last)
          images->by_name[kept++] = images->by_name[j];
        else
          {
            forget_name (images, &images->by_name[j]);
            images->shares_names = true;
          }
    }
  images->n_names = kept;
}

static int
make_indices (struct sp_stored_images *images, sigpolicy_error **err)
{
  size_t n_names = 0, n_digests = 0;
  for (size_t i = 0; i < images->len; i++)
    {
      n_names += images->items[i].names.len;
      n_digests += images->items[i].digests.len;
    }
  images->by_id = sp_calloc (images->len + 1, sizeof *images->by_id, err);
  images->by_name = images->by_id ? sp_calloc (n_names + 1, sizeof *images->by_name, err) : NULL;
  images->by_digest
      = images->by_name ? sp_calloc (n_digests + 1, sizeof *images->by_digest, err) : NULL;
  if (!images->by_digest)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < images->len; i++)
    {
      const struct sp_stored_image *image = &images->items[i];
      images->by_id[i] = image;
      for (size_t j = 0; j < image->names.len; j++)
        images->by_name[images->n_names++]
            = (struct sp_stored_name){ image->names.items[j], image };
      for (size_t j = 0; j < image->digests.len; j++)
        images->by_digest[images->n_digests++]
            = (struct sp_stored_name){ image->digests.items[j], image };
    }
  if (images->len)
    qsort (images->by_id, images->len, sizeof *images->by_id, compare_ids);
  if (n_names)
    qsort (images->by_name, n_names, sizeof *images->by_name, compare_names);
  settle_names (images);
  if (n_digests)
    qsort (images->by_digest, n_digests, sizeof *images->by_digest, compare_names);
  for (size_t i = 1; i < images->len; i++)
    if (strcmp (images->by_id[i - 1]->id, images->by_id[i]->id) == 0)
      {
        (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_BAD_SIGNATURE,
                            "two images have the ID %s", images->by_id[i]->id);
        return sp_error_stricter (err, "S8");
      }
  return 0;
}

int
sp_stored_images_parse (struct sp_buf *text, struct sp_stored_images **ret, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf taken = *text;
  cleanup_stored_images struct sp_stored_images *images = sp_calloc (1, sizeof *images, err);

  *text = (struct sp_buf)SP_BUF (text->max);
  if (!images)
    return SIGPOLICY_E_NO_MEMORY;
  images->references = 1;
  images->text = taken;
  taken = (struct sp_buf)SP_BUF (0);
  int rc = sp_records_walk (sp_buf_view (&images->text), SP_RECORD_IMAGE, read_record, images, err);
  if (rc == 0)
    rc = make_indices (images, err);
  if (rc == 0)
    *ret = steal (&images);
  return rc;
}

/* --- finding ---------------------------------------------------------------------------------- */

/* The first image whose ID does not stand before prefix. */
static size_t
first_at_least (const struct sp_stored_images *images, struct sp_view prefix)
{
  size_t low = 0, high = images->len;
  while (low < high)
    {
      size_t middle = low + (high - low) / 2;
      if (sp_view_compare (sp_view_str (images->by_id[middle]->id), prefix) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

const struct sp_stored_image *
sp_stored_images_by_prefix (const struct sp_stored_images *images, struct sp_view prefix)
{
  size_t at = first_at_least (images, prefix);
  if (at == images->len || !sp_view_starts (sp_view_str (images->by_id[at]->id), prefix))
    return NULL;
  bool unique
      = at + 1 == images->len || !sp_view_starts (sp_view_str (images->by_id[at + 1]->id), prefix);
  return unique ? images->by_id[at] : NULL;
}

const struct sp_stored_image *
sp_stored_images_by_id (const struct sp_stored_images *images, struct sp_view id)
{
  return id.len == 64 ? sp_stored_images_by_prefix (images, id) : NULL;
}

const struct sp_stored_image *
sp_stored_images_by_name (const struct sp_stored_images *images, struct sp_view name)
{
  size_t low = 0, high = images->n_names;
  while (low < high)
    {
      size_t middle = low + (high - low) / 2;
      if (sp_view_compare (sp_view_str (images->by_name[middle].name), name) <= 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low && sp_view_is (name, images->by_name[low - 1].name) ? images->by_name[low - 1].image
                                                                 : NULL;
}

const struct sp_stored_image *
sp_stored_images_by_digest (const struct sp_stored_images *images, struct sp_view digest)
{
  size_t low = 0, high = images->n_digests;
  while (low < high)
    {
      size_t middle = low + (high - low) / 2;
      if (sp_view_compare (sp_view_str (images->by_digest[middle].name), digest) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low < images->n_digests && sp_view_is (digest, images->by_digest[low].name)
             ? images->by_digest[low].image
             : NULL;
}

/* --- what is kept with an image --------------------------------------------------------------- */

/* A key of digits, lower-case letters and dots is its own file name. */
char *
sp_store_file_name (struct sp_view key, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf name = SP_BUF (SP_PATH_BYTES_MAX);
  bool plain = true;

  for (size_t i = 0; i < key.len; i++)
    plain = plain
            && ((key.data[i] >= '0' && key.data[i] <= '9')
                || (key.data[i] >= 'a' && key.data[i] <= 'z') || key.data[i] == '.');
  if (plain)
    return sp_view_dup (key, err);
  sp_buf_byte (&name, '=');
  sp_base64_encode (key, &name);
  return sp_buf_steal (&name, err);
}

static int
take_sizes (const struct sp_json *json, sp_json_node list, int64_t **sizes, size_t *ret_len,
            sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, list);
  size_t len = sp_json_count (json, list);
  int64_t size = 0;

  free (*sizes);
  *sizes = NULL;
  *ret_len = 0;
  if (sp_json_type_of (json, list) == SP_JSON_NULL)
    return 0;
  if (sp_json_type_of (json, list) != SP_JSON_ARRAY)
    return sp_record_mismatch (json, list, "the sizes of signatures", "an array", err);
  if (len > SP_SIGNATURES_MAX)
    return sp_json_error (json, list, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "more than %lu signatures", SP_SIGNATURES_MAX);
  *sizes = sp_calloc (len + 1, sizeof **sizes, err);
  if (!*sizes)
    return SIGPOLICY_E_NO_MEMORY;
  while (sp_json_next (&it))
    {
      bool null = sp_json_type_of (json, it.value) == SP_JSON_NULL;
      if (!null && !sp_json_int64 (json, it.value, &size))
        return sp_json_error (json, it.value, err, SIGPOLICY_E_REJECTED,
                              SIGPOLICY_REASON_BAD_SIGNATURE,
                              "the size of a signature is not a whole number");
      (*sizes)[(*ret_len)++] = null ? 0 : size;
    }
  return 0;
}

/* The sizes of the signatures of one instance; all others are checked, too. */
static int
take_instance (const struct sp_json *json, sp_json_node map, const char *digest, int64_t **sizes,
               size_t *len, sigpolicy_error **err)
{
  struct sp_json_iter it = sp_json_iter (json, map);
  int rc = 0;

  if (sp_json_type_of (json, map) == SP_JSON_NULL)
    return 0;
  if (sp_json_type_of (json, map) != SP_JSON_OBJECT)
    return sp_record_mismatch (json, map, "signatures-sizes", "an object", err);
  while (rc == 0 && sp_json_next (&it))
    {
      cleanup_free int64_t *ignored = NULL;
      size_t ignored_len = 0;
      bool ours = digest && sp_view_is (it.key, digest);
      rc = take_sizes (json, it.value, ours ? sizes : &ignored, ours ? len : &ignored_len, err);
    }
  return rc;
}

int
sp_stored_image_signature_sizes (const struct sp_stored_image *image, const char *digest,
                                 int64_t **ret, size_t *ret_len, sigpolicy_error **err)
{
  cleanup_json struct sp_json *json = NULL;
  cleanup_free int64_t *sizes = NULL, *defaults = NULL;
  size_t len = 0, n_defaults = 0;
  int rc = 0;

  *ret = NULL;
  *ret_len = 0;
  if (!image->metadata_len)
    return 0;
  rc = sp_json_parse (sp_view_n (image->metadata, image->metadata_len), SP_STORE_DEPTH_MAX, &json,
                      err);
  if (rc < 0 || sp_json_type_of (json, SP_JSON_ROOT) == SP_JSON_NULL)
    return rc;
  if (sp_json_type_of (json, SP_JSON_ROOT) != SP_JSON_OBJECT)
    return sp_record_mismatch (json, SP_JSON_ROOT, "the metadata", "an object", err);
  struct sp_json_iter it = sp_json_iter (json, SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    if (sp_json_folds_to (it.key, "signature-sizes"))
      rc = take_sizes (json, it.value, &defaults, &n_defaults, err);
    else if (sp_json_folds_to (it.key, "signatures-sizes"))
      rc = take_instance (json, it.value, digest, &sizes, &len, err);
  if (rc < 0)
    return rc;
  *ret = digest ? steal (&sizes) : steal (&defaults);
  *ret_len = digest ? len : n_defaults;
  return 0;
}
