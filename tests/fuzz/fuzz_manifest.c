/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes have a type and, unless they are broken signed schema 1, a digest. What is chosen from
 * a list is a digest, and one of all that it names. White space behind a document changes neither
 * its type nor the choice.
 */
#include "fuzz.h"

#include "crypto/digest.h"
#include "model/manifest_int.h"
#include "util/limits.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* A failure has a message; only "limit" may be one where nothing else is to fail. */
static void
require_error (const sigpolicy_error *err, bool only_limit)
{
  require (err && sigpolicy_error_message (err)[0]);
  require (!only_limit || sigpolicy_error_reason (err) == SIGPOLICY_REASON_LIMIT);
}

static char *
guess (struct sp_view manifest)
{
  cleanup_error sigpolicy_error *err = NULL;
  char *mime = NULL;
  if (sp_manifest_guess (manifest, &mime, &err) < 0)
    require_error (err, true);
  return mime;
}

/* What it is of is a type, or nothing. */
static void
check_artifact (struct sp_view manifest)
{
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_free char *type = NULL;
  if (sp_manifest_artifact_type (manifest, &type, &err) < 0)
    require_error (err, true);
  require (!type || *type);
}

static char *
choose (struct sp_view manifest, const char *mime, const struct sp_platform *platform)
{
  cleanup_error sigpolicy_error *err = NULL, *none = NULL;
  char *digest = NULL;
  if (sp_manifest_choose (manifest, mime, platform, &digest, &err) < 0)
    require_error (err, false);
  else
    require (sp_digest_check (sp_view_str (digest), &none) == 0);
  return digest;
}

/* What was chosen is among all; where not all have digests, there is no list of them. */
static void
check_instances (struct sp_view manifest, const char *mime, const char *chosen)
{
  cleanup_error sigpolicy_error *err = NULL, *none = NULL;
  cleanup_instances struct sp_instances all = { 0 };
  bool found = !chosen;

  if (sp_manifest_instances (manifest, mime, &all, &err) < 0)
    {
      require_error (err, false);
      require (!all.len);
      return;
    }
  for (size_t i = 0; i < all.len; i++)
    {
      require (sp_digest_check (sp_view_str (all.items[i].digest), &none) == 0);
      found = found || strcmp (all.items[i].digest, chosen) == 0;
      for (const char *at = all.items[i].platform; *at; at++)
        require (*at >= ' ' && *at <= '~');
    }
  require (found);
}

static bool
same (const char *a, const char *b)
{
  return a && b ? strcmp (a, b) == 0 : a == b;
}

static void
check_digest (struct sp_view manifest, const char *mime)
{
  cleanup_error sigpolicy_error *err = NULL;
  char digest[SP_SHA256_TEXT_SIZE], raw[SP_SHA256_TEXT_SIZE];
  bool matches = false;

  if (sp_manifest_digest (manifest, digest, &err) < 0)
    {
      require_error (err, !same (mime, SP_MIME_V2S1_SIGNED));
      return;
    }
  require (sp_sha256_text (manifest, raw, &err) == 0);
  if (same (mime, SP_MIME_V2S1_SIGNED))
    {
      cleanup_buf struct sp_buf payload = SP_BUF (2 * SP_MANIFEST_BYTES_MAX);
      require (sp_manifest_schema1_payload (manifest, &payload, &err) == 0
               && sp_sha256_text (sp_buf_view (&payload), raw, &err) == 0);
    }
  require (same (digest, raw));
  require (sp_manifest_matches (manifest, sp_view_str (digest), &matches, &err) == 0 && matches);
  digest[70] = digest[70] == '0' ? '1' : '0';
  require (sp_manifest_matches (manifest, sp_view_str (digest), &matches, &err) == 0 && !matches);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const lists[] = { SP_MIME_V2_LIST, SP_MIME_OCI_INDEX };
  static const struct sp_platform platforms[]
      = { { "amd64", "linux", NULL }, { "arm", "linux", "v7" } };
  cleanup_free char *longer = malloc (size + 1);

  require (longer);
  if (size)
    memcpy (longer, data, size);
  longer[size] = ' ';
  struct sp_view manifest = sp_view_n (longer, size), spaced = sp_view_n (longer, size + 1);

  cleanup_free char *mime = guess (manifest), *spaced_mime = guess (spaced);
  require (same (mime, spaced_mime));
  check_digest (manifest, mime);
  check_artifact (manifest);
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    for (size_t j = 0; j < sizeof platforms / sizeof *platforms; j++)
      {
        cleanup_free char *chosen = choose (manifest, lists[i], &platforms[j]);
        cleanup_free char *again = choose (spaced, lists[i], &platforms[j]);
        require (same (chosen, again));
        check_instances (manifest, lists[i], chosen);
      }
  return 0;
}
