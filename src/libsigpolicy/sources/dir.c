/* SPDX-License-Identifier: Apache-2.0 */
#include "sources/evidence_int.h"

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/codec.h"
#include "util/fs.h"
#include "util/limits.h"

#include <errno.h>

/*
 * An image directory, "dir:" of containers-transports(5):
 *
 *   manifest.json        the top-level manifest
 *   signature-N          its signatures
 *   HEX.manifest.json    an instance of a list, by its digest; ALGO-HEX for others than sha256
 *   HEX.signature-N      its signatures
 *   version              which layout this is; may be missing, and counts from 5.40 on
 *
 * It is somebody else's bytes: nothing outside it is read, whatever its links say. It is opened
 * once, so that all of this comes from the same directory.
 */

#define NEWEST_MAJOR 1
#define NEWEST_MINOR 2

/* A number as Go writes it, of 64 bits: no plus sign, no leading zeros, no -0. */
static bool
take_number (struct sp_view *text, int64_t *ret)
{
  bool negative = text->len && text->data[0] == '-';
  struct sp_view rest = negative ? sp_view_from (*text, 1) : *text;
  int64_t number = 0; /* below zero, where there is more room */
  size_t digits = 0;

  for (; digits < rest.len && rest.data[digits] >= '0' && rest.data[digits] <= '9'; digits++)
    {
      int digit = rest.data[digits] - '0';
      if (number < (INT64_MIN + digit) / 10)
        return false;
      number = number * 10 - digit;
    }
  if (!digits || (rest.data[0] == '0' && (digits > 1 || negative))
      || (number == INT64_MIN && !negative))
    return false;
  *text = sp_view_from (rest, digits);
  *ret = negative ? number : -number;
  return true;
}

static bool
take_literal (struct sp_view *text, const char *literal)
{
  struct sp_view prefix = sp_view_str (literal);
  if (!sp_view_starts (*text, prefix))
    return false;
  *text = sp_view_from (*text, prefix.len);
  return true;
}

static int
check_version (const struct sp_evidence *evidence, struct sp_view text, sigpolicy_error **err)
{
  cleanup_free char *shown = sp_quote_dup (text, err);
  int64_t major, minor;

  if (!shown)
    return SIGPOLICY_E_NO_MEMORY;
  if (!take_literal (&text, "Directory Transport Version: ") || !take_number (&text, &major)
      || !take_literal (&text, ".") || !take_number (&text, &minor) || !sp_view_is (text, "\n"))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "invalid version file content: %s", shown);
  if (major > NEWEST_MAJOR || (major == NEWEST_MAJOR && minor > NEWEST_MINOR))
    return sp_error_set (err, SIGPOLICY_E_REJECTED, SIGPOLICY_REASON_UNSUPPORTED_FORMAT,
                         "unsupported directory transport version %s at %s", shown, evidence->dir);
  return 0;
}

/* Readers up to 5.39 do not look at it; who is to use the directory with a newer one is told. */
static int
warn_of_version (struct sp_evidence *evidence, struct sp_view text, sigpolicy_error **err)
{
  cleanup_error sigpolicy_error *fault = NULL;

  int rc = check_version (evidence, text, &fault);
  if (rc == 0)
    return 0;
  if (rc == SIGPOLICY_E_NO_MEMORY)
    return sp_error_no_memory (err);
  return sp_strv_take (&evidence->warnings,
                       sp_asprintf (err, "readers of 5.40 and later refuse this directory: %s",
                                    sigpolicy_error_message (fault)),
                       err);
}

static int
read_version (struct sp_evidence *evidence, sigpolicy_error **err)
{
  cleanup_buf struct sp_buf text = SP_BUF (SP_VERSION_FILE_MAX);
  bool counts = evidence->generation != SP_GENERATION_OLD;

  int rc = sp_fs_read_beneath (evidence->dir_fd, evidence->dir, "version", &text, err);
  if (rc == 0)
    return counts ? check_version (evidence, sp_buf_view (&text), err)
                  : warn_of_version (evidence, sp_buf_view (&text), err);
  if (sp_error_errnum (*err) == ENOENT || (!counts && rc != SIGPOLICY_E_NO_MEMORY))
    {
      sp_error_clear (err);
      return 0;
    }
  return sp_error_prefix (err, "reading version file \"%s/version\"", evidence->dir);
}

static int
read_top (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  (void)ret_mime;
  int rc = sp_fs_open_dir (evidence->dir, &evidence->dir_fd, err);
  if (rc == 0)
    rc = read_version (evidence, err);
  if (rc == 0)
    rc = sp_fs_read_beneath (evidence->dir_fd, evidence->dir, "manifest.json", &evidence->top_bytes,
                             err);
  return rc;
}

/* The name of a file of the judged image: of the instance, where there is one. */
static char *
file_name (const struct sp_evidence *evidence, const char *name, sigpolicy_error **err)
{
  if (!evidence->instance)
    return sp_strdup (name, err);
  struct sp_view digest = sp_view_str (evidence->instance);
  size_t colon = sp_view_find (digest, ':');
  struct sp_view algorithm = sp_view_head (digest, colon), hex = sp_view_from (digest, colon + 1);
  if (sp_view_is (algorithm, "sha256"))
    return sp_asprintf (err, "%s.%s", hex.data, name);
  return sp_asprintf (err, "%.*s-%s.%s", (int)algorithm.len, algorithm.data, hex.data, name);
}

static int
read_instance (struct sp_evidence *evidence, char **ret_mime, sigpolicy_error **err)
{
  (void)ret_mime;
  cleanup_free char *name = file_name (evidence, "manifest.json", err);
  if (!name)
    return SIGPOLICY_E_NO_MEMORY;
  return sp_fs_read_beneath (evidence->dir_fd, evidence->dir, name, &evidence->instance_bytes, err);
}

const struct sp_origin sp_origin_dir = { .read_top = read_top, .read_instance = read_instance };

/* --- its signatures --------------------------------------------------------------------------- */

/* Which signatures there are depends on the instance. */
static int
prepare (struct sp_evidence *evidence, sigpolicy_error **err)
{
  struct sp_view manifest;
  return sp_evidence_manifest (evidence, &manifest, err);
}

static char *
signature_file (const struct sp_evidence *evidence, size_t n, sigpolicy_error **err)
{
  char text[32];
  (void)snprintf (text, sizeof text, "signature-%zu", n);
  return file_name (evidence, text, err);
}

static char *
name_signature (const struct sp_evidence *evidence, size_t n, sigpolicy_error **err)
{
  cleanup_free char *file = signature_file (evidence, n, err);
  return file ? sp_asprintf (err, "%s/%s", evidence->dir, file) : NULL;
}

static int
read_signature (const struct sp_evidence *evidence, size_t n, const char *name,
                struct sp_buf *bytes, sigpolicy_error **err)
{
  cleanup_free char *file = signature_file (evidence, n, err);
  (void)name;
  return file ? sp_fs_read_beneath (evidence->dir_fd, evidence->dir, file, bytes, err)
              : SIGPOLICY_E_NO_MEMORY;
}

const struct sp_location sp_location_dir = {
  .prepare = prepare,
  .name = name_signature,
  .read = read_signature,
  .too_many = "the image directory has more than 127 signatures",
};
