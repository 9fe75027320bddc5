/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_MANIFEST_INT_H
#define SP_MODEL_MANIFEST_INT_H

#include "json/json.h"
#include "model/manifest.h"

/*
 * Manifests are read leniently, as the tools that run images read them, so that both see the same
 * image: keys in any case, unknown members ignored, the last of several members counting, null as
 * good as absent. What is not forgiven is a member of the wrong type, even one that a later member
 * replaces: then the document is not of this shape at all.
 */
enum sp_manifest_type
{
  SP_MANIFEST_TEXT,
  SP_MANIFEST_INTEGER, /* written plainly, and within 64 bits */
  SP_MANIFEST_TEXTS,
  SP_MANIFEST_WORDS, /* several strings, or one */
  SP_MANIFEST_TEXT_MAP,
  SP_MANIFEST_OBJECT_MAP,
  SP_MANIFEST_BYTES,
  SP_MANIFEST_ANYTHING, /* but no number that is beyond a double */
  SP_MANIFEST_BOOLEAN,
  SP_MANIFEST_TIME, /* RFC 3339, as Go reads it: capitals, and no second 60 */
  SP_MANIFEST_OBJECT,
  SP_MANIFEST_OBJECTS,
};

struct sp_manifest_field
{
  const char *name; /* NULL ends a table */
  enum sp_manifest_type type;
  const struct sp_manifest_field *fields; /* of an object, or of each of several */
};

/* Is the document, or one object of it, of this shape? null is. REJECTED/unsupported-format if not.
 */
int sp_manifest_check (const struct sp_json *json, sp_json_node node,
                       const struct sp_manifest_field *fields,
                       sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The last string among the members of this name goes to *ret, which stays as it is when there is
 * none. */
bool sp_manifest_text (const struct sp_json *json, sp_json_node object, const char *name,
                       struct sp_view *ret);

/* A type as a string to free(): one with a NUL in it must not be cut to a known one. */
char *sp_manifest_mime (struct sp_view type, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * One blob can be read as an image and as a list, if it has the members of both: nobody could say
 * then what its digest stands for. REJECTED when one of the members of other formats (ended by
 * NULL) is there and not null, in any case of its name. They may hold anything but numbers that
 * cannot be read at all.
 */
int sp_manifest_refuse_ambiguous (const struct sp_json *json, const char *const *foreign,
                                  const char *mime, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* A descriptor of the OCI image specification. */
extern const struct sp_manifest_field sp_manifest_descriptor[];

/* Its index, and Docker's list. */
extern const struct sp_manifest_field sp_manifest_oci_index[];
extern const struct sp_manifest_field sp_manifest_v2_list[];

/* The configuration of an image in Docker's format. */
extern const struct sp_manifest_field sp_manifest_docker_config[];

/* schemaVersion, whose last integer counts; 0 when there is none. */
int64_t sp_manifest_schema_version (const struct sp_json *json);

/* Can podman and skopeo read it as one of this type, which is one of the six? REJECTED/
 * unsupported-format if not. */
int sp_manifest_check_image (const struct sp_json *json, const char *mime,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* The variant of the processor that the text of /proc/cpuinfo describes, "v8" to "v3"; "" if it
 * does not say. */
const char *sp_platform_arm_variant (struct sp_view cpuinfo);

/*
 * Signed schema 1: the bytes that its digest covers, which is what was formatted before the
 * signatures were put in: so many bytes from the front of the manifest, and a tail, both named in
 * the protected header of each signature. The signatures are not verified. Failure:
 * REJECTED/digest-mismatch.
 */
int sp_manifest_schema1_payload (struct sp_view manifest, struct sp_buf *payload,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
