/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive.h"
#include "model/docker_archive.h"
#include "sources/evidence_int.h"
#include "util/alloc.h"
#include "util/fs.h"
#include "util/limits.h"

/*
 * "docker-archive:" of containers-transports(5): what "docker save" writes, a tar file with a list
 * of images, manifest.json, their configurations, and their layers. It holds no manifest and no
 * signatures; a manifest is made from it, as the tools that read such archives make it, to the
 * letter: its digest is theirs.
 *
 * Of several members of one name the first one counts. A symlink is followed once, to another
 * member; a hard link is an empty file.
 */

struct sp_docker_archive_source
{
  char *path, *place;
  struct sp_reference *tag;
};

static void
source_free (struct sp_docker_archive_source *source)
{
  if (!source)
    return;
  free (source->path);
  free (source->place);
  sp_reference_free (source->tag);
  free (source);
}

SP_DEFINE_CLEANUP (struct sp_docker_archive_source *, source_free);

static void
release (struct sp_evidence *evidence)
{
  source_free (evidence->docker_archive);
}

/* --- members ---------------------------------------------------------------------------------- */

/* The next member, and its cleaned name, to be freed; *ret stays NULL after the last. */
static int
next_member (struct sp_archive *archive, const struct sp_archive_entry **ret, char **ret_name,
             sigpolicy_error **err)
{
  int rc = sp_archive_next (archive, ret, err);
  if (rc == 0 && *ret && !(*ret_name = sp_fs_clean ((*ret)->name, err)))
    rc = sigpolicy_error_code (*err);
  return rc;
}

/* The first member of a name, from the start. */
static int
find_member (struct sp_archive *archive, const char *name, const struct sp_archive_entry **ret,
             sigpolicy_error **err)
{
  cleanup_free char *wanted = sp_fs_clean (name, err);
  int rc = wanted ? sp_archive_rewind (archive, err) : sigpolicy_error_code (*err);
  bool found = false;

  *ret = NULL;
  while (rc == 0 && !found)
    {
      cleanup_free char *here = NULL;
      rc = next_member (archive, ret, &here, err);
      found = rc == 0 && (!*ret || strcmp (here, wanted) == 0);
    }
  if (rc < 0 || *ret)
    return rc;
  return sp_error_set (err, SIGPOLICY_E_NOT_FOUND, SIGPOLICY_REASON_NOT_FOUND,
                       "file does not exist");
}

/* Where a symlink leads, by the names of members alone. */
static int
follow (struct sp_archive *archive, const char *name, const struct sp_archive_entry **entry,
        sigpolicy_error **err)
{
  cleanup_free char *clean = sp_fs_clean (name, err);
  if (!clean)
    return sigpolicy_error_code (*err);
  size_t slash = sp_view_find_last (sp_view_str (clean), '/');
  cleanup_free char *target
      = sp_asprintf (err, "%.*s/%s", (int)(slash == SP_VIEW_NONE ? 1 : slash),
                     slash == SP_VIEW_NONE ? "." : clean, (*entry)->target ? (*entry)->target : "");
  return target ? find_member (archive, target, entry, err) : SIGPOLICY_E_NO_MEMORY;
}

static int
read_member (struct sp_archive *archive, const char *name, struct sp_buf *ret,
             sigpolicy_error **err)
{
  const struct sp_archive_entry *entry = NULL;

  int rc = find_member (archive, name, &entry, err);
  if (rc == 0 && entry->kind == SP_ARCHIVE_SYMLINK)
    rc = follow (archive, name, &entry, err);
  if (rc == 0 && entry->kind == SP_ARCHIVE_FILE)
    rc = sp_archive_read (archive, ret, err);
  else if (rc == 0 && entry->kind != SP_ARCHIVE_HARD_LINK)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                       "not a regular file");
  return rc < 0 ? sp_error_prefix (err, "loading tar component \"%s\"", name) : 0;
}

/* --- the lengths of layers -------------------------------------------------------------------- */

/* A layer; one that stands twice in an image is looked for once. */
struct layer
{
  char *path;
  int64_t *size; /* negative until it was found */
};

static int
compare_layers (const void *a, const void *b)
{
  return strcmp (((const struct layer *)a)->path, ((const struct layer *)b)->path);
}

struct layers
{
  struct layer *items;
  size_t len;
};

static void
layers_clear (struct layers *layers)
{
  for (size_t i = 0; i < layers->len; i++)
    free (layers->items[i].path);
  free (layers->items);
}

/* The place of the first layer with the digest of this one. */
static size_t
first_of (const struct sp_strv *diff_ids, size_t index)
{
  size_t first = 0;
  while (strcmp (diff_ids->items[first], diff_ids->items[index]) != 0)
    first++;
  return first;
}

/* Which members are layers, in the order of their names. */
static int
list_layers (const struct sp_docker_item *item, const struct sp_strv *diff_ids, int64_t *sizes,
             struct layers *ret, sigpolicy_error **err)
{
  ret->items = sp_calloc (diff_ids->len, sizeof *ret->items, err);
  if (!ret->items)
    return SIGPOLICY_E_NO_MEMORY;
  for (size_t i = 0; i < diff_ids->len; i++)
    {
      sizes[i] = -1;
      if (first_of (diff_ids, i) < i)
        continue;
      struct layer *layer = &ret->items[ret->len];
      layer->size = &sizes[i];
      layer->path = sp_fs_clean (item->layers.items[i], err);
      if (!layer->path)
        return sigpolicy_error_code (*err);
      ret->len++;
    }
  qsort (ret->items, ret->len, sizeof *ret->items, compare_layers);
  for (size_t i = 1; i < ret->len; i++)
    if (compare_layers (&ret->items[i - 1], &ret->items[i]) == 0)
      return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                           "Layer tarfile \"%s\" used for two different DiffID values",
                           ret->items[i].path);
  return 0;
}

static const struct layer *
find_layer (const struct layers *layers, char *name)
{
  const struct layer wanted = { .path = name };
  return bsearch (&wanted, layers->items, layers->len, sizeof wanted, compare_layers);
}

/* How long each layer is when nothing is compressed. */
static int
measure_layers (struct sp_archive *archive, const struct layers *layers, sigpolicy_error **err)
{
  const struct sp_archive_entry *entry = NULL;
  size_t left = layers->len;

  int rc = sp_archive_rewind (archive, err);
  do
    {
      cleanup_free char *name = NULL;
      if (rc == 0)
        rc = next_member (archive, &entry, &name, err);
      const struct layer *layer = name ? find_layer (layers, name) : NULL;
      if (!layer || *layer->size >= 0)
        continue;
      *layer->size = 0;
      left--;
      if (entry->kind == SP_ARCHIVE_FILE || entry->kind == SP_ARCHIVE_SPARSE)
        rc = sp_archive_measure (archive, layer->size, err);
    }
  while (rc == 0 && entry);
  if (rc == 0 && left)
    rc = sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                       "Some layer tarfiles are missing in the tarball");
  return rc;
}

/* --- the manifest ----------------------------------------------------------------------------- */

static int
make_manifest (struct sp_archive *archive, const struct sp_docker_item *item, struct sp_buf *ret,
               sigpolicy_error **err)
{
  cleanup_buf struct sp_buf config = SP_BUF (SP_MANIFEST_BYTES_MAX);
  cleanup_strv struct sp_strv diff_ids = { 0 };
  SP_CLEANUP (layers_clear) struct layers layers = { 0 };

  int rc = read_member (archive, item->config, &config, err);
  if (rc == 0)
    rc = sp_docker_archive_diff_ids (item, sp_buf_view (&config), &diff_ids, err);
  if (rc < 0)
    return rc;
  if (diff_ids.len > SP_ARCHIVE_LAYERS_MAX)
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                         "an image of %zu layers: at most %lu are allowed", diff_ids.len,
                         SP_ARCHIVE_LAYERS_MAX);
  cleanup_free int64_t *sizes = sp_calloc (diff_ids.len, sizeof *sizes, err);
  rc = sizes ? list_layers (item, &diff_ids, sizes, &layers, err) : SIGPOLICY_E_NO_MEMORY;
  if (rc == 0)
    rc = measure_layers (archive, &layers, err);
  if (rc < 0)
    return rc;
  for (size_t i = 0; i < diff_ids.len; i++)
    sizes[i] = sizes[first_of (&diff_ids, i)];
  return sp_docker_archive_manifest (sp_buf_view (&config), &diff_ids, sizes, ret, err);
}

static int
read_top (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  const struct sp_docker_archive_source *source = evidence->docker_archive;
  cleanup_archive struct sp_archive *archive = NULL;
  cleanup_docker_archive struct sp_docker_archive *images = NULL;
  cleanup_buf struct sp_buf list = SP_BUF (SP_ARCHIVE_LIST_BYTES_MAX);
  const struct sp_docker_item *item = NULL;

  (void)ret_mime;
  int rc = sp_archive_open (source->path, &archive, err);
  if (rc == 0)
    rc = read_member (archive, "manifest.json", &list, err);
  if (rc == 0)
    rc = sp_docker_archive_parse (sp_buf_view (&list), &images, err);
  if (rc == 0)
    rc = sp_docker_archive_choose (images, source->tag, source->place, &item, err);
  if (rc == 0)
    rc = make_manifest (archive, item, &evidence->top_bytes, err);
  return rc < 0 ? sp_error_while (err, "reading the archive '%s'", source->path) : 0;
}

/* What is made is of one image, and says so: there is nothing to choose. */
static const struct sp_origin sp_origin_docker_archive
    = { .read_top = read_top, .release = release };

int
sp_evidence_set_docker_archive (struct sp_evidence *evidence, const char *path,
                                const struct sp_reference *tag, const char *place,
                                sigpolicy_error **err)
{
  SP_CLEANUP (source_free_p)
  struct sp_docker_archive_source *source = sp_calloc (1, sizeof *source, err);

  if (!source)
    return SIGPOLICY_E_NO_MEMORY;
  source->path = sp_strdup (path, err);
  if (!source->path || (place && !(source->place = sp_strdup (place, err))))
    return SIGPOLICY_E_NO_MEMORY;
  int rc = tag ? sp_reference_parse (sp_view_str (tag->string), &source->tag, err) : 0;
  if (rc == 0)
    rc = sp_evidence_set_origin (evidence, &sp_origin_docker_archive, path, NULL, err);
  if (rc == 0)
    evidence->docker_archive = steal (&source);
  return rc;
}
