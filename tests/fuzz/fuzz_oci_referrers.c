/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a blob of an OCI layout that may be the manifest of signatures. What it names is
 * within its ceiling and below the layout; a bundle is none of the older form, nor the other way
 * round; and what is looked into again, or is no manifest any more, leaves nothing behind.
 */
#include "fuzz.h"

#include "crypto/digest.h"
#include "sources/oci.h"
#include "util/limits.h"

#include <stdint.h>

#define IMAGE "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
check (const struct sp_oci_signature *it, const char *referrer, bool bundles, bool referrers)
{
  cleanup_error sigpolicy_error *err = NULL;

  require (strcmp (it->referrer, referrer) == 0 && it->layer < SP_SIGNATURES_MAX);
  require (sp_digest_check (sp_view_str (it->digest), &err) == 0);
  require (strncmp (it->name, "blobs/sha", 9) == 0 && !strstr (it->name, ".."));
  require (!it->bytes.len && (it->blob ? referrers : bundles));
  require (!it->blob || (it->blob->format == SP_SIGNATURE_SIGSTORE_JSON && !it->blob->payload.len));
}

static int
look (struct sp_evidence *evidence, const char *name, struct sp_view bytes, bool bundles,
      bool referrers, size_t *ret)
{
  cleanup_oci_signatures struct sp_oci_signatures signatures = { 0 };
  cleanup_error sigpolicy_error *err = NULL;
  cleanup_error sigpolicy_error *ignored = NULL;

  evidence->oci->bundles = bundles;
  evidence->oci->referrers = referrers;
  int rc = sp_oci_look_into (evidence, name, bytes, &signatures, &err);
  require ((rc == 0) == !err && signatures.len <= SP_REFERRERS_TAKEN_MAX);
  *ret = signatures.len;
  for (size_t i = 0; rc == 0 && i < signatures.len; i++)
    check (&signatures.items[i], name, bundles, referrers);
  if (rc == 0)
    require (sp_oci_look_into (evidence, name, bytes, &signatures, &ignored) == 0
             && signatures.len == *ret);
  require (sp_oci_look_into (evidence, name, sp_view_str (""), &signatures, &ignored) == 0
           && !signatures.len);
  return rc;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const struct sp_oci_access access = { .divider = '/' };
  static char path[] = "layout", zeros[] = "0000000000000000000000000000000000000000000000000000"
                                           "000000000000";
  struct sp_oci oci = { .path = path, .access = &access };
  struct sp_evidence evidence = { .oci = &oci, .digest = IMAGE };
  cleanup_error sigpolicy_error *err = NULL;
  struct sp_view bytes = sp_view_n ((const char *)data, size);
  char digest[SP_SHA256_TEXT_SIZE];
  size_t both = 0, bundles = 0, referrers = 0, none = 0;

  if (size > SP_REFERRER_BYTES_MAX || sp_sha256_text (bytes, digest, &err) < 0)
    return 0;
  const char *name = digest + strlen ("sha256:");
  int rc = look (&evidence, name, bytes, true, true, &both);
  int bundles_rc = look (&evidence, name, bytes, true, false, &bundles);
  int referrers_rc = look (&evidence, name, bytes, false, true, &referrers);
  require (rc < 0 ? bundles_rc < 0 || referrers_rc < 0 : both == bundles + referrers);
  require (!bundles || !referrers);
  require (look (&evidence, name, bytes, false, false, &none) == 0 && !none);
  require (look (&evidence, zeros, bytes, true, true, &none) == 0 && !none);
  return 0;
}
