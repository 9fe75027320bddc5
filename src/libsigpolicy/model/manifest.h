/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_MANIFEST_H
#define SP_MODEL_MANIFEST_H

#include "reference/digest.h"
#include "util/buf.h"
#include "util/cleanup.h"

#include <stdint.h>

#define SP_MIME_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define SP_MIME_OCI_INDEX    "application/vnd.oci.image.index.v1+json"
#define SP_MIME_V2S2         "application/vnd.docker.distribution.manifest.v2+json"
#define SP_MIME_V2_LIST      "application/vnd.docker.distribution.manifest.list.v2+json"
#define SP_MIME_V2S1         "application/vnd.docker.distribution.manifest.v1+json"
#define SP_MIME_V2S1_SIGNED  "application/vnd.docker.distribution.manifest.v1+prettyjws"

/* The type that the content suggests: a media type of its own if it is a known one, else what the
 * schema version and the members tell; "" for unknown. A new string: a quirk can make it any text.
 * Fails only for want of memory, or when the manifest is over a limit (REJECTED/limit). */
int sp_manifest_guess (struct sp_view manifest, char **ret_mime,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

bool sp_manifest_is_list (const char *mime);

/* "sha256:..." of the raw bytes, or of the payload of signed schema 1 as it was before the
 * signatures were put in. Failure: REJECTED/digest-mismatch with the established texts. */
int sp_manifest_digest (struct sp_view manifest, char ret[SP_SHA256_TEXT_SIZE],
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Signed schema 1 manifests are refused where a signature or a digest matters: what that digest
 * covers is a reconstruction, not the bytes. 0, or REJECTED/unsupported-format (S4). */
int sp_manifest_refuse_schema1 (struct sp_view manifest,
                                sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What podman takes for no image, whatever the policy says: bytes that are no manifest of a known
 * type, those with members of two formats, and those with members that podman cannot read (S11).
 * said is what they are said to be, or NULL: then the bytes' own word counts. 0, or REJECTED/
 * unsupported-format. */
int sp_manifest_refuse_unfit (struct sp_view manifest, const char *said,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Does the manifest have this digest? Text against text, SHA-256 only: a correct sha512: digest
 * never matches. */
int sp_manifest_matches (struct sp_view manifest, struct sp_view digest, bool *ret,
                         sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * What a manifest is of, where that is no image: its artifact type, else the type of its
 * configuration. *ret stays NULL for an image, a list of images, and what cannot be read. To
 * free(). Fails for want of memory and for a limit.
 */
#define SP_MIME_HELM_CONFIG "application/vnd.cncf.helm.config.v1+json"
int sp_manifest_artifact_type (struct sp_view manifest, char **ret,
                               sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What people call it: "image" for NULL, "chart", "artifact". */
const char *sp_artifact_noun (const char *type);

/* Which platform is wanted of a list. NULL: this machine's (Go's names), and "linux". */
struct sp_platform
{
  const char *architecture, *os, *variant;
};

/*
 * The digest of the instance that podman would choose from a list. mime is the list's type.
 * An ambiguous list (fields of another format) is REJECTED. No match: REJECTED/not-found "no image
 * found in manifest list for architecture ...". The chosen digest is checked; more than
 * SP_MANIFEST_ENTRIES_MAX entries is REJECTED/limit.
 */
int sp_manifest_choose (struct sp_view manifest, const char *mime,
                        const struct sp_platform *platform, char **ret_digest,
                        sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* What a list names, in its order. Start from {0}. */
struct sp_instance
{
  char *digest;   /* checked */
  char *platform; /* "linux/arm64/v8", printable; "" where the list does not say */
};
struct sp_instances
{
  struct sp_instance *items;
  size_t len, capacity;
};
void sp_instances_clear (struct sp_instances *instances);

#define cleanup_instances SP_CLEANUP (sp_instances_clear)

/* All of them. Failure: as above, and REJECTED/unsupported-format for one that has no digest. */
int sp_manifest_instances (struct sp_view manifest, const char *mime, struct sp_instances *ret,
                           sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* "amd64/linux", for the verdict: fills in what is NULL with this machine's own. */
void sp_platform_complete (struct sp_platform *platform);

#endif
