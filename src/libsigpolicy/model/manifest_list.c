/* SPDX-License-Identifier: Apache-2.0 */
#include "model/manifest_int.h"

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

/* --- which platforms are wanted --------------------------------------------------------------- */

/* This machine, as image platforms name it. */
#if defined __x86_64__
#  define NATIVE_ARCHITECTURE "amd64"
#elif defined __i386__
#  define NATIVE_ARCHITECTURE "386"
#elif defined __aarch64__
#  define NATIVE_ARCHITECTURE "arm64"
#elif defined __arm__
#  define NATIVE_ARCHITECTURE "arm"
#elif defined __powerpc64__ && defined __LITTLE_ENDIAN__
#  define NATIVE_ARCHITECTURE "ppc64le"
#elif defined __powerpc64__
#  define NATIVE_ARCHITECTURE "ppc64"
#elif defined __s390x__
#  define NATIVE_ARCHITECTURE "s390x"
#elif defined __riscv && __riscv_xlen == 64
#  define NATIVE_ARCHITECTURE "riscv64"
#elif defined __loongarch64
#  define NATIVE_ARCHITECTURE "loong64"
#elif defined __mips64 && defined __MIPSEL__
#  define NATIVE_ARCHITECTURE "mips64le"
#elif defined __mips__ && defined __MIPSEL__
#  define NATIVE_ARCHITECTURE "mipsle"
#else
#  define NATIVE_ARCHITECTURE "unknown"
#endif
#define NATIVE_OS "linux"

/* The variant of an ARM processor, from the words of /proc/cpuinfo. */
static const struct
{
  const char *words, *variant;
} arm_variants[] = {
  { "8", "v8" },     { "aarch64", "v8" }, { "7", "v7" },     { "7m", "v7" },    { "?(12)", "v7" },
  { "?(13)", "v7" }, { "?(14)", "v7" },   { "?(15)", "v7" }, { "?(16)", "v7" }, { "?(17)", "v7" },
  { "6", "v6" },     { "6tej", "v6" },    { "5", "v5" },     { "5t", "v5" },    { "5te", "v5" },
  { "5tej", "v5" },  { "4", "v4" },       { "4t", "v4" },    { "3", "v3" },
};

static bool
same_word (struct sp_view text, const char *word)
{
  return sp_view_equal_folded (text, sp_view_str (word));
}

const char *
sp_platform_arm_variant (struct sp_view cpuinfo)
{
  while (cpuinfo.len)
    {
      struct sp_view line = sp_view_head (cpuinfo, sp_view_find (cpuinfo, '\n'));
      cpuinfo = sp_view_from (cpuinfo, line.len + 1);
      size_t colon = sp_view_find (line, ':');
      if (colon == SP_VIEW_NONE
          || !same_word (sp_view_trim (sp_view_head (line, colon)), "CPU architecture"))
        continue;
      struct sp_view value = sp_view_from (line, colon + 1);
      value = sp_view_trim (sp_view_head (value, sp_view_find (value, ':')));
      for (size_t i = 0; i < sizeof arm_variants / sizeof *arm_variants; i++)
        if (same_word (value, arm_variants[i].words))
          return arm_variants[i].variant;
      return "";
    }
  return "";
}

static const char *
native_variant (void)
{
  cleanup_buf struct sp_buf text = SP_BUF (1 * SP_MIB);
  cleanup_error sigpolicy_error *err = NULL;

  if (strcmp (NATIVE_ARCHITECTURE, "arm") != 0 && strcmp (NATIVE_ARCHITECTURE, "arm64") != 0)
    return "";
  if (sp_fs_read ("/proc/cpuinfo", &text, &err) < 0)
    return "";
  return sp_platform_arm_variant (sp_buf_view (&text));
}

static bool
unset (const char *text)
{
  return !text || !text[0];
}

void
sp_platform_complete (struct sp_platform *platform)
{
  /* Only a machine that was not named is looked at: somebody who asks for "arm" may mean another
   * machine than this one. */
  if (unset (platform->variant))
    platform->variant = unset (platform->architecture) ? native_variant () : "";
  if (unset (platform->architecture))
    platform->architecture = NATIVE_ARCHITECTURE;
  if (unset (platform->os))
    platform->os = NATIVE_OS;
}

#define VARIANTS_MAX 5

/* What machines of an architecture can run, the most capable variant first. */
static const struct
{
  const char *architecture;
  const char *variants[VARIANTS_MAX];
} compatible[] = {
  { "arm", { "v8", "v7", "v6", "v5" } },
  { "arm64", { "v8" } },
};

/* The variants that will do, the best first; returns how many. */
static size_t
wanted_variants (const struct sp_platform *platform, const char *ret[VARIANTS_MAX + 1])
{
  static const char *const none[VARIANTS_MAX] = { NULL };
  const char *const *row = none;
  size_t count = 0, from = 0;
  struct sp_view variant = sp_view_str (platform->variant);

  for (size_t i = 0; i < sizeof compatible / sizeof *compatible; i++)
    if (sp_view_is (sp_view_str (platform->architecture), compatible[i].architecture))
      row = compatible[i].variants;
  if (!variant.len)
    ret[count++] = "";
  while (variant.len && row[from] && !sp_view_is (variant, row[from]))
    from++;
  if (variant.len && !row[from])
    ret[count++] = platform->variant;
  while (row[from])
    ret[count++] = row[from++];
  if (variant.len)
    ret[count++] = "";
  return count;
}

/* --- the entries of a list -------------------------------------------------------------------- */

static const struct sp_manifest_field v2_platform[] = {
  { "architecture", SP_MANIFEST_TEXT, NULL }, { "os", SP_MANIFEST_TEXT, NULL },
  { "os.version", SP_MANIFEST_TEXT, NULL },   { "os.features", SP_MANIFEST_TEXTS, NULL },
  { "variant", SP_MANIFEST_TEXT, NULL },      { "features", SP_MANIFEST_TEXTS, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

static const struct sp_manifest_field v2_descriptor[] = {
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "size", SP_MANIFEST_INTEGER, NULL },
  { "digest", SP_MANIFEST_TEXT, NULL },
  { "urls", SP_MANIFEST_TEXTS, NULL },
  { "platform", SP_MANIFEST_OBJECT, v2_platform },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

const struct sp_manifest_field sp_manifest_v2_list[] = {
  { "schemaVersion", SP_MANIFEST_INTEGER, NULL },
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "manifests", SP_MANIFEST_OBJECTS, v2_descriptor },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

const struct sp_manifest_field sp_manifest_oci_index[] = {
  { "schemaVersion", SP_MANIFEST_INTEGER, NULL },
  { "mediaType", SP_MANIFEST_TEXT, NULL },
  { "artifactType", SP_MANIFEST_TEXT, NULL },
  { "manifests", SP_MANIFEST_OBJECTS, sp_manifest_descriptor },
  { "subject", SP_MANIFEST_OBJECT, sp_manifest_descriptor },
  { "annotations", SP_MANIFEST_TEXT_MAP, NULL },
  { NULL, SP_MANIFEST_TEXT, NULL },
};

/* What an entry says of itself; the views are the document's. */
struct entry
{
  struct sp_view digest, architecture, os, variant;
  bool has_platform, zstd;
};

struct list
{
  struct sp_json *json;
  bool oci;
  struct entry *entries;
  size_t len, capacity;
};

static void
list_clear (struct list *list)
{
  sp_json_free (list->json);
  free (list->entries);
}

/* A second platform is read over the first. null takes it away in an OCI index; a Docker list has a
 * platform in every entry. */
static void
read_platform (const struct list *list, sp_json_node node, struct entry *entry)
{
  if (sp_json_type_of (list->json, node) == SP_JSON_OBJECT)
    {
      entry->has_platform = true;
      (void)sp_manifest_text (list->json, node, "architecture", &entry->architecture);
      (void)sp_manifest_text (list->json, node, "os", &entry->os);
      (void)sp_manifest_text (list->json, node, "variant", &entry->variant);
    }
  else if (list->oci)
    {
      entry->has_platform = false;
      entry->architecture = entry->os = entry->variant = sp_view_str ("");
    }
}

/* The keys of annotations match to the letter. */
static void
read_annotations (const struct list *list, sp_json_node node, struct entry *entry)
{
  sp_json_node value;
  if (sp_json_type_of (list->json, node) == SP_JSON_NULL)
    entry->zstd = false;
  else if (sp_json_find (list->json, node, "io.github.containers.compression.zstd", &value))
    entry->zstd = sp_view_is (sp_json_string (list->json, value), "true");
}

static void
read_entry (const struct list *list, sp_json_node node, struct entry *entry)
{
  (void)sp_manifest_text (list->json, node, "digest", &entry->digest);
  struct sp_json_iter it = sp_json_iter (list->json, node);
  while (sp_json_next (&it))
    {
      if (sp_json_folds_to (it.key, "platform"))
        read_platform (list, it.value, entry);
      else if (list->oci && sp_json_folds_to (it.key, "annotations"))
        read_annotations (list, it.value, entry);
    }
}

/* A second array is read over the first, entry by entry; null or an empty one starts afresh. */
static int
read_entries (struct list *list, sp_json_node manifests, sigpolicy_error **err)
{
  size_t count = sp_json_count (list->json, manifests);
  if (count > SP_MANIFEST_ENTRIES_MAX)
    return sp_json_error (list->json, manifests, err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_LIMIT,
                          "a list of %zu manifests: at most %lu are allowed", count,
                          SP_MANIFEST_ENTRIES_MAX);
  if (!count && list->capacity)
    memset (list->entries, 0, list->capacity * sizeof *list->entries);

  struct sp_json_iter it = sp_json_iter (list->json, manifests);
  while (sp_json_next (&it))
    {
      int rc = sp_grow (&list->entries, &list->capacity, it.index, sizeof *list->entries, err);
      if (rc < 0)
        return rc;
      read_entry (list, it.value, &list->entries[it.index]);
    }
  list->len = count;
  return 0;
}

static int
read_list (struct sp_view manifest, const char *mime, struct list *list, sigpolicy_error **err)
{
  static const char *const foreign[] = { "config", "fsLayers", "history", "layers", NULL };
  int rc = sp_json_parse (manifest, SP_MANIFEST_DEPTH_MAX, &list->json, err);
  if (rc < 0)
    return sp_error_class (err, rc, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  list->oci = sp_view_is (sp_view_str (mime), SP_MIME_OCI_INDEX);
  rc = sp_manifest_check (list->json, SP_JSON_ROOT,
                          list->oci ? sp_manifest_oci_index : sp_manifest_v2_list, err);
  if (rc == 0)
    rc = sp_manifest_refuse_ambiguous (list->json, foreign, mime, err);

  struct sp_json_iter it = sp_json_iter (list->json, SP_JSON_ROOT);
  while (rc == 0 && sp_json_next (&it))
    if (sp_json_folds_to (it.key, "manifests"))
      rc = read_entries (list, it.value, err);
  return rc;
}

/* --- the choice ------------------------------------------------------------------------------- */

static bool
runs_on (const struct entry *entry, const struct sp_platform *platform, const char *variant)
{
  return sp_view_is (entry->architecture, platform->architecture)
         && sp_view_is (entry->os, platform->os) && sp_view_is (entry->variant, variant);
}

/* How well an entry fits: 0 is best, n_variants is an entry of an OCI index that says nothing of
 * its platform, SIZE_MAX one that will not do. */
static size_t
rank (const struct list *list, const struct entry *entry, const struct sp_platform *platform,
      const char *const *variants, size_t n_variants)
{
  if (list->oci && !entry->has_platform)
    return n_variants;
  for (size_t i = 0; i < n_variants; i++)
    if (runs_on (entry, platform, variants[i]))
      return i;
  return SIZE_MAX;
}

/* The best rank; among equals zstd, which only OCI indexes mark; then the first. */
static const struct entry *
choose (const struct list *list, const struct sp_platform *platform, const char *const *variants,
        size_t n_variants)
{
  const struct entry *best = NULL;
  size_t best_rank = SIZE_MAX;

  for (size_t i = 0; i < list->len; i++)
    {
      const struct entry *entry = &list->entries[i];
      size_t here = rank (list, entry, platform, variants, n_variants);
      if (here < best_rank || (here != SIZE_MAX && here == best_rank && entry->zstd && !best->zstd))
        {
          best = entry;
          best_rank = here;
        }
    }
  return best;
}

static int
none_found (const struct list *list, const struct sp_platform *platform, const char *variant,
            sigpolicy_error **err)
{
  cleanup_buf struct sp_buf words = SP_BUF (8 * SP_KIB);

  sp_buf_str (&words, "architecture ");
  sp_quote (sp_view_head (sp_view_str (platform->architecture), SP_SHOWN_BYTES_MAX), &words);
  sp_buf_str (&words, ", variant ");
  sp_quote (sp_view_head (sp_view_str (variant), SP_SHOWN_BYTES_MAX), &words);
  sp_buf_str (&words, ", OS ");
  sp_quote (sp_view_head (sp_view_str (platform->os), SP_SHOWN_BYTES_MAX), &words);
  int rc = sp_buf_check (&words, err);
  if (rc < 0)
    return rc;
  (void)sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_NOT_FOUND,
                      "no image found in %s for %s", list->oci ? "image index" : "manifest list",
                      words.data);
  return sp_error_hint (err, "the manifest list has images only for other platforms: choose one "
                             "with --override-arch, --override-os and --override-variant");
}

/* A copy of the digest, which is one; NULL on failure. */
static char *
digest_of (const struct entry *entry, sigpolicy_error **err)
{
  if (sp_digest_check (entry->digest, err) == 0)
    return sp_view_dup (entry->digest, err);
  cleanup_error sigpolicy_error *no_memory = NULL;
  cleanup_free char *shown = sp_quote_dup (entry->digest, &no_memory);
  (void)sp_error_class (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
  (void)(shown ? sp_error_prefix (err, "digest %s of a manifest list", shown)
               : sp_error_no_memory (err));
  return NULL;
}

int
sp_manifest_choose (struct sp_view manifest, const char *mime, const struct sp_platform *platform,
                    char **ret_digest, sigpolicy_error **err)
{
  SP_CLEANUP (list_clear) struct list list = { 0 };
  struct sp_platform wanted = { 0 };
  const char *variants[VARIANTS_MAX + 1];

  if (platform)
    wanted = *platform;
  sp_platform_complete (&wanted);
  size_t n_variants = wanted_variants (&wanted, variants);

  int rc = read_list (manifest, mime, &list, err);
  if (rc < 0)
    return rc;
  const struct entry *best = choose (&list, &wanted, variants, n_variants);
  if (!best)
    return none_found (&list, &wanted, variants[0], err);
  char *digest = digest_of (best, err);
  if (!digest)
    return sigpolicy_error_code (*err);
  *ret_digest = digest;
  return 0;
}

/* --- all of them ------------------------------------------------------------------------------ */

void
sp_instances_clear (struct sp_instances *instances)
{
  for (size_t i = 0; i < instances->len; i++)
    {
      free (instances->items[i].digest);
      free (instances->items[i].platform);
    }
  free (instances->items);
  *instances = (struct sp_instances){ 0 };
}

static char *
platform_of (const struct entry *entry, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (64 * SP_KIB);
  const struct sp_view parts[] = { entry->os, entry->architecture, entry->variant };

  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (parts[i].len)
      {
        sp_buf_str (&text, text.len ? "/" : "");
        sp_escape (sp_view_head (parts[i], SP_SHOWN_BYTES_MAX), &text);
      }
  return sp_buf_steal (&text, err);
}

int
sp_manifest_instances (struct sp_view manifest, const char *mime, struct sp_instances *ret,
                       sigpolicy_error **err)
{
  SP_CLEANUP (list_clear) struct list list = { 0 };
  cleanup_instances struct sp_instances instances = { 0 };

  int rc = read_list (manifest, mime, &list, err);
  for (size_t i = 0; rc == 0 && i < list.len; i++)
    {
      rc = sp_grow (&instances.items, &instances.capacity, i, sizeof *instances.items, err);
      if (rc < 0)
        break;
      struct sp_instance *instance = &instances.items[instances.len++];
      instance->digest = digest_of (&list.entries[i], err);
      instance->platform = instance->digest ? platform_of (&list.entries[i], err) : NULL;
      rc = instance->platform ? 0 : sigpolicy_error_code (*err);
    }
  if (rc < 0)
    return rc;
  *ret = instances;
  instances = (struct sp_instances){ 0 };
  return 0;
}
