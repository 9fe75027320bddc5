/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"
#include "sources/evidence.h"
#include "support/put_file.h"
#include "support/remove_tree.h"
#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/fs.h"
#include "util/limits.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OCI   "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}"
#define GOOD  "\xa3good"
#define LIST  "application/vnd.oci.image.index.v1+json"
#define LINUX "\"os\":\"linux\",\"architecture\":"

/* --- scenery ---------------------------------------------------------------------------------- */

/* A directory of its own for each test; every path below is made in path. */
struct scene
{
  char root[64];
  char path[256];
};

static struct scene
scene_new (void)
{
  struct scene scene = { "/tmp/sigpolicy-test-XXXXXX", "" };
  cr_assert (mkdtemp (scene.root));
  return scene;
}

static void
scene_clear (struct scene *scene)
{
  cr_expect (remove_tree (scene->root) == 0);
}

#define cleanup_scene SP_CLEANUP (scene_clear)

static const char *
at (struct scene *scene, const char *name)
{
  int length = snprintf (scene->path, sizeof scene->path, "%s/%s", scene->root, name);
  cr_assert (length > 0 && (size_t)length < sizeof scene->path);
  return scene->path;
}

static void
put (struct scene *scene, const char *name, struct sp_view bytes)
{
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (put_file (at (scene, name), bytes, &err) == 0, "%s", sigpolicy_error_text (err));
}

static void
put_text (struct scene *scene, const char *name, const char *text)
{
  put (scene, name, sp_view_str (text));
}

static void
put_link (struct scene *scene, const char *name, const char *target)
{
  cr_assert (symlink (target, at (scene, name)) == 0);
}

static void
put_signatures (struct scene *scene, const char *format, size_t from, size_t to)
{
  for (size_t n = from; n <= to; n++)
    {
      char name[200];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      (void)snprintf (name, sizeof name, format, n);
#pragma GCC diagnostic pop
      put_text (scene, name, GOOD);
    }
}

/* "sha256:..." of text, and the digits behind the colon. */
static const char *
hex_of (const char *text, char digest[SP_SHA256_TEXT_SIZE])
{
  cleanup_error sigpolicy_error *err = NULL;
  cr_assert (sp_sha256_text (sp_view_str (text), digest, &err) == 0);
  return digest + strlen ("sha256:");
}

static struct sp_evidence *
new_evidence (void)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_evidence *evidence = NULL;
  cr_assert (sp_evidence_new (&evidence, &err) == 0);
  return evidence;
}

static struct sp_evidence *
dir_evidence (const struct scene *scene)
{
  static const struct sp_platform platform = { "amd64", "linux", NULL };
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_evidence *evidence = new_evidence ();
  cr_assert (sp_evidence_set_dir (evidence, scene->root, &platform, SP_GENERATION_5_40, &err) == 0);
  return evidence;
}

/* The answer to both questions of an evidence, asked twice: 0 and the number of signatures, or the
 * failure. */
static int
ask_signatures (struct sp_evidence *evidence, size_t *ret_len, sigpolicy_error **err)
{
  struct sp_signature_blob *const *blobs, *const *again;
  cleanup_error sigpolicy_error *second = NULL;
  size_t len = 0;

  int rc = sp_evidence_signatures (evidence, &blobs, &len, err);
  cr_expect (sp_evidence_signatures (evidence, &again, &len, &second) == rc);
  cr_expect (rc == 0 ? blobs == again
                     : strcmp (sigpolicy_error_text (*err), sigpolicy_error_text (second)) == 0
                           && sigpolicy_error_reason (*err) == sigpolicy_error_reason (second));
  *ret_len = len;
  return rc;
}

static int
ask_manifest (struct sp_evidence *evidence, struct sp_view *ret, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *second = NULL;
  struct sp_view again;

  int rc = sp_evidence_manifest (evidence, ret, err);
  cr_expect (sp_evidence_manifest (evidence, &again, &second) == rc);
  cr_expect (rc == 0 || strcmp (sigpolicy_error_text (*err), sigpolicy_error_text (second)) == 0);
  return rc;
}

static const char *
looked (const struct sp_evidence *evidence, size_t index)
{
  size_t len;
  const struct sp_looked_at *places = sp_evidence_looked_at (evidence, &len);
  return index < len ? places[index].result : "";
}

/* --- in hand ---------------------------------------------------------------------------------- */

Test (sources_evidence, nothing)
{
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view manifest;
  size_t len;

  cr_expect (ask_manifest (evidence, &manifest, &err) == SIGPOLICY_E_USAGE);
  sp_error_clear (&err);
  cr_expect (ask_signatures (evidence, &len, &err) == 0 && len == 0);
  cr_expect (!sp_evidence_digest (evidence) && !sp_evidence_instance (evidence));
  sp_evidence_free (NULL);
}

Test (sources_evidence, is_given)
{
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_signature_blob *const *blobs;
  char digest[SP_SHA256_TEXT_SIZE];
  struct sp_view manifest;
  size_t len;

  (void)hex_of (OCI, digest);
  cr_assert (sp_evidence_set_manifest (evidence, sp_view_str (OCI), "m.json", &err) == 0);
  cr_assert (sp_evidence_expect_digest (evidence, digest, &err) == 0);
  cr_assert (sp_evidence_add_signature (evidence, sp_view_str (GOOD), "s1", &err) == 0);
  cr_assert (sp_evidence_add_signature (evidence, sp_view_n ("\0sigstore-json\n{}", 17), NULL, &err)
             == 0);
  cr_expect (!sp_evidence_digest (evidence));
  cr_expect (ask_manifest (evidence, &manifest, &err) == 0 && sp_view_is (manifest, OCI));
  cr_expect_str_eq (sp_evidence_digest (evidence), digest);
  cr_expect (!sp_evidence_instance (evidence));
  cr_assert (sp_evidence_signatures (evidence, &blobs, &len, &err) == 0 && len == 2);
  cr_expect_str_eq (blobs[0]->source, "s1");
  cr_expect (blobs[1]->format == SP_SIGNATURE_SIGSTORE_JSON);
}

/* Signatures in hand need no manifest; what is wrong with it is said when it is asked for. */
Test (sources_evidence, other_digest)
{
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  char digest[SP_SHA256_TEXT_SIZE];
  struct sp_view manifest;
  size_t len;

  (void)hex_of (OCI " ", digest);
  cr_assert (sp_evidence_set_manifest (evidence, sp_view_str (OCI), NULL, &err) == 0);
  cr_assert (sp_evidence_expect_digest (evidence, digest, &err) == 0);
  cr_assert (sp_evidence_add_signature (evidence, sp_view_str (GOOD), "s1", &err) == 0);
  cr_expect (ask_signatures (evidence, &len, &err) == 0 && len == 1);
  cr_assert (ask_manifest (evidence, &manifest, &err) == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_DIGEST_MISMATCH);
  cleanup_free char *expected
      = sp_asprintf (&err, "Manifest does not match provided manifest digest %s", digest);
  cr_expect_str_eq (sigpolicy_error_message (err), expected);
  sp_error_clear (&err);
  cr_expect (sp_evidence_top_manifest (evidence, &manifest, &err) == SIGPOLICY_E_REJECTED);
  cr_expect (!sp_evidence_digest (evidence));
}

/* An image that is named by one digest and judged under another has both, or is neither. */
Test (sources_evidence, two_digests)
{
  char right[SP_SHA256_TEXT_SIZE], wrong[SP_SHA256_TEXT_SIZE];
  (void)hex_of (OCI, right);
  (void)hex_of (OCI " ", wrong);
  const struct
  {
    const char *first, *second;
    int rc;
  } cases[] = {
    { right, right, 0 },
    { right, wrong, SIGPOLICY_E_REJECTED },
    { wrong, right, SIGPOLICY_E_REJECTED },
  };

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_evidence struct sp_evidence *evidence = new_evidence ();
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view manifest;
      cr_assert (sp_evidence_set_manifest (evidence, sp_view_str (OCI), NULL, &err) == 0);
      cr_assert (sp_evidence_expect_digest (evidence, cases[i].first, &err) == 0);
      cr_assert (sp_evidence_expect_digest (evidence, cases[i].second, &err) == 0);
      cr_expect (ask_manifest (evidence, &manifest, &err) == cases[i].rc, "case %zu", i);
    }
}

Test (sources_evidence, a_list_in_hand_is_judged_itself)
{
  static const char list[] = "{\"mediaType\":\"" LIST "\",\"schemaVersion\":2,\"manifests\":[]}";
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view manifest;

  cr_assert (sp_evidence_set_manifest (evidence, sp_view_str (list), NULL, &err) == 0);
  cr_expect (ask_manifest (evidence, &manifest, &err) == 0 && sp_view_is (manifest, list));
  cr_expect (!sp_evidence_instance (evidence));
}

/* It has no digest; that is a failure where a digest is asked for. */
Test (sources_evidence, broken_schema_1)
{
  static const char manifest[] = "{\"schemaVersion\":1,\"signatures\":{}}";
  for (int expect = 0; expect < 2; expect++)
    {
      cleanup_evidence struct sp_evidence *evidence = new_evidence ();
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view found;
      cr_assert (sp_evidence_set_manifest (evidence, sp_view_str (manifest), NULL, &err) == 0);
      cr_assert (!expect || sp_evidence_expect_digest (evidence, "sha256:x", &err) == 0);
      cr_expect (ask_manifest (evidence, &found, &err) == (expect ? SIGPOLICY_E_REJECTED : 0));
      cr_expect (!expect
                 || strstr (sigpolicy_error_message (err),
                            "computing manifest digest: error unmarshalling signatures: "));
      cr_expect (!sp_evidence_digest (evidence));
    }
}

Test (sources_evidence, one_bad_signature_fails_all)
{
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  size_t len;

  cr_assert (sp_evidence_add_signature (evidence, sp_view_str (GOOD), "a", &err) == 0);
  cr_assert (sp_evidence_add_signature (evidence, sp_view_str ("junk"), "b\"c", &err) == 0);
  cr_expect (ask_signatures (evidence, &len, &err) == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_BAD_SIGNATURE);
  cr_expect_str_eq (sigpolicy_error_message (err),
                    "parsing signature \"b\\\"c\": unrecognized signature format, starting with "
                    "binary 0x6a");
}

Test (sources_evidence, ceilings_in_hand)
{
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *big = calloc (1, SP_SIGNATURE_BYTES_MAX + 1);
  size_t len;

  cr_assert (big);
  big[0] = '\xa3';
  cr_expect (
      sp_evidence_add_signature (evidence, sp_view_n (big, SP_SIGNATURE_BYTES_MAX + 1), "big", &err)
      == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
  sp_error_clear (&err);
  for (size_t i = 0; i < SP_SIGNATURES_MAX; i++)
    cr_assert (sp_evidence_add_signature (evidence, sp_view_str (GOOD), "s", &err) == 0);
  cr_expect (sp_evidence_add_signature (evidence, sp_view_str (GOOD), "s", &err)
             == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
  sp_error_clear (&err);
  cr_expect (ask_signatures (evidence, &len, &err) == 0 && len == SP_SIGNATURES_MAX);
}

Test (sources_evidence, bytes_in_all)
{
  const size_t count = SP_SIGNATURES_BYTES_MAX / SP_SIGNATURE_BYTES_MAX;
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_evidence struct sp_evidence *evidence = new_evidence ();
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_free char *big = calloc (1, SP_SIGNATURE_BYTES_MAX);
      size_t len;
      cr_assert (big);
      big[0] = '\xa3';
      for (size_t i = 0; i < count; i++)
        cr_assert (sp_evidence_add_signature (evidence, sp_view_n (big, SP_SIGNATURE_BYTES_MAX),
                                              "big", &err)
                   == 0);
      cr_assert (!over
                 || sp_evidence_add_signature (evidence, sp_view_str ("\xa3"), "s", &err) == 0);
      cr_expect (ask_signatures (evidence, &len, &err) == (over ? SIGPOLICY_E_REJECTED : 0));
      cr_expect (!over || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
    }
}

/* --- image directories ------------------------------------------------------------------------ */

Test (sources_evidence, dir)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
  cleanup_error sigpolicy_error *err = NULL;
  char digest[SP_SHA256_TEXT_SIZE];
  struct sp_view manifest, top;
  size_t len;

  (void)hex_of (OCI, digest);
  put_text (&scene, "version", "Directory Transport Version: 1.1\n");
  put_text (&scene, "manifest.json", OCI);
  put_signatures (&scene, "signature-%zu", 1, 2);
  put_text (&scene, "signature-4", "behind a gap");
  cr_expect_str_eq (looked (evidence, 0), "not asked");
  cr_assert (ask_manifest (evidence, &manifest, &err) == 0, "%s", sigpolicy_error_text (err));
  cr_expect (sp_view_is (manifest, OCI));
  cr_expect (sp_evidence_top_manifest (evidence, &top, &err) == 0 && sp_view_equal (top, manifest));
  cr_expect_str_eq (sp_evidence_digest (evidence), digest);
  cr_expect (ask_signatures (evidence, &len, &err) == 0 && len == 2);
  cr_expect_str_eq (looked (evidence, 0), "found");
  const struct sp_looked_at *places = sp_evidence_looked_at (evidence, &len);
  cr_expect (len == 1 && strcmp (places[0].where, at (&scene, "signature-1")) == 0);
}

/* The directory that was opened is the one that is read to the end. */
Test (sources_evidence, dir_read_once)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view manifest;

  put_text (&scene, "manifest.json", OCI);
  cr_assert (ask_manifest (evidence, &manifest, &err) == 0);
  put_text (&scene, "manifest.json", "{}");
  cr_expect (ask_manifest (evidence, &manifest, &err) == 0 && sp_view_is (manifest, OCI));
}

/* code of 0: the directory can be used. */
static const struct
{
  const char *version, *message;
} versions[] = {
  { "Directory Transport Version: 1.1\n", NULL },
  { "Directory Transport Version: 1.2\n", NULL },
  { "Directory Transport Version: 1.0\n", NULL },
  { "Directory Transport Version: 0.99\n", NULL },
  { "Directory Transport Version: 1.3\n",
    "unsupported directory transport version \"Directory Transport Version: 1.3\\n\" at " },
  { "Directory Transport Version: 2.0\n", "unsupported directory transport version " },
  { "Directory Transport Version: 1.10\n", "unsupported directory transport version " },
  { "Directory Transport Version: 1.1", "invalid version file content: " },
  { "Directory Transport Version: 1.1\n\n", "invalid version file content: " },
  { "Directory Transport Version: 1.1\r\n", "invalid version file content: " },
  { "Directory Transport Version: 01.1\n", "invalid version file content: " },
  { "Directory Transport Version: 1.01\n", "invalid version file content: " },
  { "Directory Transport Version: 1\n", "invalid version file content: " },
  { "Directory Transport Version: 1.\n", "invalid version file content: " },
  { "Directory Transport Version: .1\n", "invalid version file content: " },
  { "Directory Transport Version:  1.1\n", "invalid version file content: " },
  { "Directory Transport Version: +1.1\n", "invalid version file content: " },
  { "Directory Transport Version: 1.1.1\n", "invalid version file content: " },
  { "Directory Transport Version: 0.9223372036854775807\n", NULL },
  { "Directory Transport Version: 0.9223372036854775808\n", "invalid version file content: " },
  { "Directory Transport Version: 0.99999999999999999999\n", "invalid version file content: " },
  { "Directory Transport Version: -9223372036854775808.9\n", NULL },
  { "Directory Transport Version: -9223372036854775809.9\n", "invalid version file content: " },
  { "Directory Transport Version: 1.-1\n", NULL },
  { "Directory Transport Version: 1.-0\n", "invalid version file content: " },
  { "Directory Transport Version: --1.1\n", "invalid version file content: " },
  { "Directory Transport Version: -.1\n", "invalid version file content: " },
  { "Directory Transport Version: 9223372036854775807.0\n",
    "unsupported directory transport version " },
  { "directory transport version: 1.1\n", "invalid version file content: " },
  { "1.1\n", "invalid version file content: \"1.1\\n\"" },
  { "", "invalid version file content: \"\"" },
};

Test (sources_evidence, dir_version)
{
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view manifest;
      put_text (&scene, "manifest.json", OCI);
      put_text (&scene, "version", versions[i].version);
      int rc = ask_manifest (evidence, &manifest, &err);
      if (!versions[i].message)
        {
          cr_expect (rc == 0, "'%s': %s", versions[i].version, sigpolicy_error_text (err));
          continue;
        }
      cr_expect (rc == SIGPOLICY_E_REJECTED
                     && sigpolicy_error_reason (err) == SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                 "'%s'", versions[i].version);
      cr_expect (strstr (sigpolicy_error_message (err), versions[i].message), "'%s': %s",
                 versions[i].version, sigpolicy_error_message (err));
    }
}

/* Up to 5.39 it is not looked at: what a newer reader would say is a warning. */
Test (sources_evidence, dir_version_of_old)
{
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = new_evidence ();
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view manifest;
      cr_assert (sp_evidence_set_dir (evidence, scene.root, NULL, SP_GENERATION_OLD, &err) == 0);
      put_text (&scene, "manifest.json", OCI);
      put_text (&scene, "version", versions[i].version);
      cr_expect (ask_manifest (evidence, &manifest, &err) == 0, "'%s': %s", versions[i].version,
                 sigpolicy_error_text (err));
      const struct sp_strv *warnings = sp_evidence_warnings (evidence);
      cr_expect (warnings->len == (versions[i].message ? 1 : 0), "'%s'", versions[i].version);
      if (warnings->len)
        cr_expect (strstr (warnings->items[0], versions[i].message), "%s", warnings->items[0]);
    }
}

/* What can stand in place of a file, and what becomes of the image then. name is the file. */
enum stand_in
{
  MISSING,
  FIFO,
  DIRECTORY,
  LOOP,
  DANGLING,
  INSIDE,
  OUTSIDE,
  OUTSIDE_RELATIVE,
  DEVICE,
  EMPTY,
  HUGE_FILE,
};

static void
put_stand_in (struct scene *scene, const char *name, enum stand_in what)
{
  switch (what)
    {
    case MISSING:
      break;
    case FIFO:
      cr_assert (mkfifo (at (scene, name), 0600) == 0);
      break;
    case DIRECTORY:
      cr_assert (mkdir (at (scene, name), 0700) == 0);
      break;
    case LOOP:
      put_link (scene, name, name);
      break;
    case DANGLING:
      put_link (scene, name, "nowhere");
      break;
    case INSIDE:
      put_text (scene, "other", strcmp (name, "manifest.json") == 0 ? OCI : GOOD);
      put_link (scene, name, "./other");
      break;
    case OUTSIDE:
      put_link (scene, name, "/etc/passwd");
      break;
    case OUTSIDE_RELATIVE:
      put_link (scene, name, "../../etc/passwd");
      break;
    case DEVICE:
      put_link (scene, name, "/dev/zero");
      break;
    case EMPTY:
      put_text (scene, name, "");
      break;
    case HUGE_FILE:
      put_text (scene, name, "");
      cr_assert (truncate (at (scene, name), 5 * 1024 * 1024) == 0);
      break;
    }
}

static const struct
{
  enum stand_in what;
  int manifest, version, signature; /* what asking says when it stands for that file */
  size_t n_signatures;
} stand_ins[] = {
  { MISSING, SIGPOLICY_E_NOT_FOUND, 0, 0, 0 },
  { FIFO, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_E_UNAVAILABLE, 0 },
  { DIRECTORY, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_E_UNAVAILABLE, 0 },
  { LOOP, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_E_UNAVAILABLE, SIGPOLICY_E_UNAVAILABLE, 0 },
  { DANGLING, SIGPOLICY_E_NOT_FOUND, 0, 0, 0 },
  { INSIDE, 0, SIGPOLICY_E_REJECTED, 0, 1 },
  { OUTSIDE, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, 0 },
  { OUTSIDE_RELATIVE, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, 0 },
  { DEVICE, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, 0 },
  { EMPTY, 0, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, 0 },
  { HUGE_FILE, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, SIGPOLICY_E_REJECTED, 0 },
};

/* No test blocks here: a FIFO without a writer is opened without waiting. */
Test (sources_evidence, dir_stand_ins, .timeout = 30)
{
  static const char *const names[] = { "manifest.json", "version", "signature-1" };

  for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
    for (size_t file = 0; file < 3; file++)
      {
        cleanup_scene struct scene scene = scene_new ();
        cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
        cleanup_error sigpolicy_error *err = NULL;
        struct sp_view manifest;
        size_t len = 0;
        if (file != 0)
          put_text (&scene, "manifest.json", OCI);
        put_stand_in (&scene, names[file], stand_ins[i].what);
        int expected = file == 0   ? stand_ins[i].manifest
                       : file == 1 ? stand_ins[i].version
                                   : stand_ins[i].signature;
        int rc = file == 2 ? ask_signatures (evidence, &len, &err)
                           : ask_manifest (evidence, &manifest, &err);
        cr_expect (rc == expected, "%s, row %zu: %d %s", names[file], i, rc,
                   err ? sigpolicy_error_text (err) : "");
        cr_expect (rc < 0 || file < 2 || len == stand_ins[i].n_signatures, "row %zu: %zu", i, len);
        cr_expect (stand_ins[i].what != HUGE_FILE
                   || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
      }
}

/* Whatever stands in place of a version file, readers up to 5.39 do not mind. */
Test (sources_evidence, dir_stand_ins_of_old, .timeout = 30)
{
  for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = new_evidence ();
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view manifest;
      cr_assert (sp_evidence_set_dir (evidence, scene.root, NULL, SP_GENERATION_OLD, &err) == 0);
      put_text (&scene, "manifest.json", OCI);
      put_stand_in (&scene, "version", stand_ins[i].what);
      cr_expect (ask_manifest (evidence, &manifest, &err) == 0, "row %zu: %s", i,
                 sigpolicy_error_text (err));
    }
}

Test (sources_evidence, dir_messages)
{
  static const struct
  {
    enum stand_in what;
    const char *name, *format;
  } cases[] = {
    { MISSING, "manifest.json", "open %s/manifest.json: no such file or directory" },
    { DIRECTORY, "signature-1", "read %s/signature-1: is a directory" },
    { EMPTY, "signature-1", "parsing signature \"%s/signature-1\": empty signature blob" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
      cleanup_error sigpolicy_error *err = NULL;
      char expected[200];
      size_t len;
      if (cases[i].what != MISSING)
        put_text (&scene, "manifest.json", OCI);
      put_stand_in (&scene, cases[i].name, cases[i].what);
      cr_assert (ask_signatures (evidence, &len, &err) < 0);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      (void)snprintf (expected, sizeof expected, cases[i].format, scene.root);
#pragma GCC diagnostic pop
      cr_expect_str_eq (sigpolicy_error_message (err), expected);
      cr_expect_str_eq (looked (evidence, 0), "error");
    }
}

Test (sources_evidence, dir_is_none)
{
  cleanup_scene struct scene scene = scene_new ();
  static const struct
  {
    const char *name;
    int code;
  } cases[] = {
    { "missing", SIGPOLICY_E_NOT_FOUND },
    { "file", SIGPOLICY_E_UNAVAILABLE },
  };
  put_text (&scene, "file", "");
  for (size_t i = 0; i < 2; i++)
    {
      cleanup_evidence struct sp_evidence *evidence = new_evidence ();
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view manifest;
      cr_assert (
          sp_evidence_set_dir (evidence, at (&scene, cases[i].name), NULL, SP_GENERATION_OLD, &err)
          == 0);
      cr_expect (ask_manifest (evidence, &manifest, &err) == cases[i].code, "%s", cases[i].name);
    }
}

Test (sources_evidence, dir_series)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
      cleanup_error sigpolicy_error *err = NULL;
      size_t len;
      put_text (&scene, "manifest.json", OCI);
      put_signatures (&scene, "signature-%zu", 1, SP_SIGNATURES_MAX + over);
      cr_expect (ask_signatures (evidence, &len, &err) == (over ? SIGPOLICY_E_REJECTED : 0));
      cr_expect (over ? sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT
                      : len == SP_SIGNATURES_MAX);
    }
}

/* --- instances -------------------------------------------------------------------------------- */

/* A list of two instances, for amd64 and arm64, by their digests; writes manifest.json. */
static void
put_list (struct scene *scene, const char *amd64, const char *arm64)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *list
      = sp_asprintf (&err,
                     "{\"schemaVersion\":2,\"mediaType\":\"" LIST "\",\"manifests\":["
                     "{\"digest\":\"%s\",\"platform\":{" LINUX "\"amd64\"}},"
                     "{\"digest\":\"%s\",\"platform\":{" LINUX "\"arm64\"}}]}",
                     amd64, arm64);
  cr_assert (list);
  put_text (scene, "manifest.json", list);
}

static void
put_instance (struct scene *scene, const char *prefix, const char *manifest, size_t signatures)
{
  char name[200];
  (void)snprintf (name, sizeof name, "%s.manifest.json", prefix);
  put_text (scene, name, manifest);
  (void)snprintf (name, sizeof name, "%s.signature-%%zu", prefix);
  put_signatures (scene, name, 1, signatures);
}

Test (sources_evidence, instance)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_error sigpolicy_error *err = NULL;
  char one[SP_SHA256_TEXT_SIZE], two[SP_SHA256_TEXT_SIZE], list[SP_SHA256_TEXT_SIZE];
  cleanup_buf struct sp_buf bytes = SP_BUF (10000);

  put_instance (&scene, hex_of (OCI, one), OCI, 3);
  put_instance (&scene, hex_of (OCI " ", two), OCI " ", 1);
  put_list (&scene, one, two);
  put_signatures (&scene, "signature-%zu", 1, 5); /* of the list: not the instance's */
  cr_assert (sp_fs_read (at (&scene, "manifest.json"), &bytes, &err) == 0);
  (void)hex_of (bytes.data, list);

  for (size_t i = 0; i < 2; i++)
    {
      cleanup_evidence struct sp_evidence *evidence = new_evidence ();
      const struct sp_platform platform = { i ? "arm64" : "amd64", "linux", NULL };
      struct sp_view manifest, top;
      size_t len;
      cr_assert (sp_evidence_set_dir (evidence, scene.root, &platform, SP_GENERATION_OLD, &err)
                 == 0);
      cr_assert (sp_evidence_expect_digest (evidence, list, &err) == 0);
      cr_assert (ask_manifest (evidence, &manifest, &err) == 0, "%s", sigpolicy_error_text (err));
      cr_expect (sp_view_is (manifest, i ? OCI " " : OCI));
      cr_expect (sp_evidence_top_manifest (evidence, &top, &err) == 0
                 && sp_view_equal (top, sp_buf_view (&bytes)));
      cr_expect_str_eq (sp_evidence_instance (evidence), i ? two : one);
      cr_expect_str_eq (sp_evidence_digest (evidence), i ? two : one);
      cr_expect (ask_signatures (evidence, &len, &err) == 0 && len == (i ? 1 : 3));
    }
}

/* A digest in the name is that of the list, never of the instance. */
Test (sources_evidence, instance_digest_is_not_the_image_s)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
  cleanup_error sigpolicy_error *err = NULL;
  char one[SP_SHA256_TEXT_SIZE];
  struct sp_view manifest;

  put_instance (&scene, hex_of (OCI, one), OCI, 0);
  put_list (&scene, one, one);
  cr_assert (sp_evidence_expect_digest (evidence, one, &err) == 0);
  cr_expect (ask_manifest (evidence, &manifest, &err) == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_DIGEST_MISMATCH);
}

Test (sources_evidence, instance_of_another_digest)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
  cleanup_error sigpolicy_error *err = NULL;
  char one[SP_SHA256_TEXT_SIZE], expected[200];
  struct sp_view manifest, top;
  size_t len;

  put_instance (&scene, hex_of (OCI, one), OCI " ", 1);
  put_list (&scene, one, one);
  cr_expect (ask_manifest (evidence, &manifest, &err) == SIGPOLICY_E_REJECTED);
  (void)snprintf (expected, sizeof expected, "Manifest does not match provided manifest digest %s",
                  one);
  cr_expect_str_eq (sigpolicy_error_message (err), expected);
  sp_error_clear (&err);
  cr_expect (ask_signatures (evidence, &len, &err) == SIGPOLICY_E_REJECTED);
  sp_error_clear (&err);
  cr_expect (sp_evidence_top_manifest (evidence, &top, &err) == 0);
}

/* The names of other algorithms carry it; no such digest ever matches. */
Test (sources_evidence, instance_by_sha512)
{
#define SHA512                                                                                    \
  "27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9a33c2046ef60fd2a7878d378e29fe" \
  "c851806bbd9a67878f3a9f1cda4830763fd"
  for (size_t there = 0; there < 2; there++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
      cleanup_error sigpolicy_error *err = NULL;
      struct sp_view manifest;
      put_list (&scene, "sha512:" SHA512, "");
      put_instance (&scene, there ? "sha512-" SHA512 : SHA512, "{}", 0);
      cr_expect (ask_manifest (evidence, &manifest, &err)
                 == (there ? SIGPOLICY_E_REJECTED : SIGPOLICY_E_NOT_FOUND));
    }
}

Test (sources_evidence, instance_that_is_a_list)
{
  static const char inner[] = "{\"schemaVersion\":2,\"mediaType\":\"" LIST "\",\"manifests\":[]}";
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
  cleanup_error sigpolicy_error *err = NULL;
  char one[SP_SHA256_TEXT_SIZE];
  struct sp_view manifest;

  put_instance (&scene, hex_of (inner, one), inner, 1);
  put_list (&scene, one, one);
  cr_expect (ask_manifest (evidence, &manifest, &err) == SIGPOLICY_E_REJECTED);
  cr_expect_str_eq (sigpolicy_error_message (err),
                    "Unexpectedly received a manifest list instead of a manifest for a single "
                    "image");
}

/* No file is opened by a name that is no digest. */
Test (sources_evidence, instance_of_no_digest)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = dir_evidence (&scene);
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view manifest;

  put_list (&scene, "sha256:../other", "");
  cr_expect (ask_manifest (evidence, &manifest, &err) == SIGPOLICY_E_REJECTED);
  cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_UNSUPPORTED_FORMAT);
}

/* --- directories of signatures ---------------------------------------------------------------- */

Test (sources_evidence, signature_dir)
{
  cleanup_scene struct scene scene = scene_new (), other = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_signature_blob *const *blobs;
  size_t len;

  put_text (&scene, "signature-1", GOOD);
  put_text (&other, "mine", GOOD);
  put_link (&scene, "signature-2", at (&other, "mine")); /* the user's own: followed */
  put_text (&scene, "signature-04", "never read");
  cr_assert (sp_evidence_add_signature (evidence, sp_view_str (GOOD), "in hand", &err) == 0);
  cr_assert (sp_evidence_set_signature_dir (evidence, scene.root, &err) == 0);
  cr_assert (sp_evidence_signatures (evidence, &blobs, &len, &err) == 0 && len == 3);
  cr_expect_str_eq (blobs[0]->source, "in hand");
  cr_expect_str_eq (blobs[2]->source, at (&scene, "signature-2"));
  cr_expect_str_eq (looked (evidence, 0), "found");
}

Test (sources_evidence, signature_dir_that_is_missing)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  size_t len;

  cr_assert (sp_evidence_set_signature_dir (evidence, at (&scene, "missing"), &err) == 0);
  cr_expect (ask_signatures (evidence, &len, &err) == SIGPOLICY_E_NOT_FOUND);
  cr_expect_str_eq (looked (evidence, 0), "error");
}

Test (sources_evidence, signature_dir_stand_ins, .timeout = 30)
{
  static const struct
  {
    enum stand_in what;
    int code;
  } cases[] = {
    { MISSING, 0 },
    { DANGLING, 0 },
    { INSIDE, 0 },
    { FIFO, SIGPOLICY_E_UNAVAILABLE },
    { DIRECTORY, SIGPOLICY_E_UNAVAILABLE },
    { LOOP, SIGPOLICY_E_UNAVAILABLE },
    { DEVICE, SIGPOLICY_E_UNAVAILABLE },
    { EMPTY, SIGPOLICY_E_REJECTED },
    { HUGE_FILE, SIGPOLICY_E_REJECTED },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = new_evidence ();
      cleanup_error sigpolicy_error *err = NULL;
      size_t len;
      put_stand_in (&scene, "signature-1", cases[i].what);
      cr_assert (sp_evidence_set_signature_dir (evidence, scene.root, &err) == 0);
      cr_expect (ask_signatures (evidence, &len, &err) == cases[i].code, "row %zu", i);
    }
}

/* --- lookasides ------------------------------------------------------------------------------- */

static struct sp_lookaside *
new_lookaside (const char *scheme, const char *path)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_lookaside *lookaside = sp_calloc (1, sizeof *lookaside, &err);
  cr_assert (lookaside);
  lookaside->scheme = sp_strdup (scheme, &err);
  lookaside->host = sp_strdup ("", &err);
  lookaside->path = sp_strdup (path, &err);
  lookaside->path_len = strlen (path);
  lookaside->base = sp_asprintf (&err, "%s://%s", scheme, path);
  cr_assert (lookaside->scheme && lookaside->host && lookaside->path && lookaside->base);
  return lookaside;
}

/* Where the signatures of OCI are in the lookaside of a scene: ns/app@sha256=HEX. */
static const char *
lookaside_dir (struct scene *scene, char digest[SP_SHA256_TEXT_SIZE])
{
  static char name[200];
  cr_assert (mkdir (at (scene, "ns"), 0700) == 0);
  (void)snprintf (name, sizeof name, "ns/app@sha256=%s", hex_of (OCI, digest));
  return name;
}

static struct sp_evidence *
lookaside_evidence (struct scene *scene, const char *scheme)
{
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_evidence *evidence = new_evidence ();
  cr_assert (sp_evidence_set_manifest (evidence, sp_view_str (OCI), NULL, &err) == 0);
  sp_evidence_set_lookaside (evidence, new_lookaside (scheme, at (scene, "ns/app")));
  return evidence;
}

Test (sources_evidence, lookaside)
{
  cleanup_scene struct scene scene = scene_new (), other = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = lookaside_evidence (&scene, "file");
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_signature_blob *const *blobs;
  char digest[SP_SHA256_TEXT_SIZE], name[300];
  const char *dir = lookaside_dir (&scene, digest);
  size_t len;

  cr_assert (mkdir (at (&scene, dir), 0700) == 0);
  (void)snprintf (name, sizeof name, "%s/signature-1", dir);
  put_text (&scene, name, GOOD);
  put_text (&other, "elsewhere", GOOD);
  (void)snprintf (name, sizeof name, "%s/signature-2", dir);
  put_link (&scene, name, at (&other, "elsewhere")); /* the administrator's own: followed */
  cr_assert (sp_evidence_add_signature (evidence, sp_view_str (GOOD), "in hand", &err) == 0);
  cr_expect_str_eq (looked (evidence, 0), "not asked");
  cr_assert (sp_evidence_signatures (evidence, &blobs, &len, &err) == 0, "%s",
             sigpolicy_error_text (err));
  cr_assert (len == 3);
  cr_expect_str_eq (blobs[0]->source, "in hand");
  cr_expect_str_eq (blobs[2]->source, at (&scene, name));
  cr_expect_str_eq (looked (evidence, 0), "found");
}

Test (sources_evidence, lookaside_without_signatures)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = lookaside_evidence (&scene, "file");
  cleanup_error sigpolicy_error *err = NULL;
  size_t len;

  cr_expect (ask_signatures (evidence, &len, &err) == 0 && len == 0);
  cr_expect_str_eq (looked (evidence, 0), "none");
}

Test (sources_evidence, lookaside_series)
{
  for (size_t over = 0; over < 2; over++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = lookaside_evidence (&scene, "file");
      cleanup_error sigpolicy_error *err = NULL;
      char digest[SP_SHA256_TEXT_SIZE], format[300];
      const char *dir = lookaside_dir (&scene, digest);
      size_t len;
      cr_assert (mkdir (at (&scene, dir), 0700) == 0);
      (void)snprintf (format, sizeof format, "%s/signature-%%zu", dir);
      put_signatures (&scene, format, 1, SP_SIGNATURES_MAX + over);
      cr_expect (ask_signatures (evidence, &len, &err) == (over ? SIGPOLICY_E_REJECTED : 0));
      if (!over)
        {
          cr_expect (len == SP_SIGNATURES_MAX);
          continue;
        }
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
      cr_expect_str_eq (
          sigpolicy_error_message (err),
          "server provided 128 signatures, assuming that's unreasonable and a server error");
    }
}

/* Only "no such file" says that there is no signature. */
Test (sources_evidence, lookaside_that_cannot_be_read)
{
  for (int what = 0; what < 3; what++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = lookaside_evidence (&scene, "file");
      cleanup_error sigpolicy_error *err = NULL;
      char digest[SP_SHA256_TEXT_SIZE], name[300];
      const char *dir = lookaside_dir (&scene, digest);
      size_t len;
      if (what == 0) /* ENOTDIR */
        put_text (&scene, dir, "");
      else
        {
          cr_assert (mkdir (at (&scene, dir), 0700) == 0);
          (void)snprintf (name, sizeof name, "%s/signature-1", dir);
          put_stand_in (&scene, name, what == 1 ? DIRECTORY : FIFO);
        }
      cr_expect (ask_signatures (evidence, &len, &err) == SIGPOLICY_E_UNAVAILABLE, "case %d", what);
      cr_expect (sigpolicy_error_reason (err) == SIGPOLICY_REASON_COULD_NOT_LOOK);
      cr_expect_str_eq (looked (evidence, 0), "error");
    }
}

Test (sources_evidence, lookaside_elsewhere)
{
  static const struct
  {
    const char *scheme, *host, *words;
    int rc;
  } cases[] = {
    { "https", "h", "the signatures are on a lookaside server", SIGPOLICY_E_UNAVAILABLE },
    { "http", "h", "the signatures are on a lookaside server", SIGPOLICY_E_UNAVAILABLE },
    { "http", "", "no Host in request URL", SIGPOLICY_E_CONFIG },
    { "https", "", "no Host in request URL", SIGPOLICY_E_CONFIG },
    { "ftp", "", "Unsupported scheme when reading signature from ftp://", SIGPOLICY_E_CONFIG },
    { "", "", "Unsupported scheme when reading signature from /tmp/", SIGPOLICY_E_CONFIG },
    /* schemes are kept in lower case */
    { "FILE", "", "Unsupported scheme", SIGPOLICY_E_CONFIG },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_scene struct scene scene = scene_new ();
      cleanup_evidence struct sp_evidence *evidence = lookaside_evidence (&scene, cases[i].scheme);
      cleanup_error sigpolicy_error *err = NULL;
      size_t len;
      struct sp_lookaside *lookaside = new_lookaside (cases[i].scheme, at (&scene, "ns/app"));
      free (lookaside->host);
      lookaside->host = sp_strdup (cases[i].host, &err);
      lookaside->file = sp_strdup ("x.yaml", &err);
      lookaside->line = 7;
      sp_evidence_set_lookaside (evidence, lookaside);
      cr_assert (ask_signatures (evidence, &len, &err) == cases[i].rc, "%s", cases[i].scheme);
      cr_expect (
          cases[i].rc != SIGPOLICY_E_CONFIG
          || sp_view_starts (sp_view_str (sigpolicy_error_text (err)), sp_view_str ("x.yaml:7:")));
      cr_expect (strstr (sigpolicy_error_message (err), cases[i].words), "%s: %s", cases[i].scheme,
                 sigpolicy_error_message (err));
      cr_expect (strstr (sigpolicy_error_message (err), "/signature-1"));
    }
}

Test (sources_evidence, lookaside_with_a_password)
{
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_lookaside *lookaside = new_lookaside ("https", "/la/ns/app");
  size_t len;

  free (lookaside->host);
  lookaside->host = sp_strdup ("sigs.example", &err);
  lookaside->userinfo = sp_strdup ("user:secret", &err);
  cr_assert (sp_evidence_set_manifest (evidence, sp_view_str (OCI), NULL, &err) == 0);
  sp_evidence_set_lookaside (evidence, lookaside);
  cr_assert (ask_signatures (evidence, &len, &err) == SIGPOLICY_E_UNAVAILABLE);
  const struct sp_looked_at *places = sp_evidence_looked_at (evidence, &len);
  const char *message = sigpolicy_error_message (err);
  cr_expect (strstr (message, "https://user:xxxxx@sigs.example/la/ns/app@sha256="), "%s", message);
  cr_expect (!strstr (message, "secret") && !strstr (places[0].where, "secret"));
}

/* A path is a C string: a NUL in it would lead elsewhere. */
Test (sources_evidence, lookaside_with_a_nul)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_lookaside *lookaside = new_lookaside ("file", scene.root);
  size_t len;

  lookaside->path[strlen (scene.root) - 1] = '\0';
  cr_assert (sp_evidence_set_manifest (evidence, sp_view_str (OCI), NULL, &err) == 0);
  sp_evidence_set_lookaside (evidence, lookaside);
  cr_expect (ask_signatures (evidence, &len, &err) == SIGPOLICY_E_UNAVAILABLE);
  cr_expect_str_eq (looked (evidence, 0), "error");
}

/* A lookaside is asked under the digest of the manifest: without one it cannot be. */
Test (sources_evidence, lookaside_without_a_manifest)
{
  cleanup_scene struct scene scene = scene_new ();
  cleanup_evidence struct sp_evidence *evidence = new_evidence ();
  cleanup_error sigpolicy_error *err = NULL;
  size_t len;

  sp_evidence_set_lookaside (evidence, new_lookaside ("file", scene.root));
  cr_expect (ask_signatures (evidence, &len, &err) == SIGPOLICY_E_USAGE);
}
