/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_ATTACHMENT_MANIFEST_H
#define SP_MODEL_ATTACHMENT_MANIFEST_H

#include "model/signature_blob.h"

/*
 * Signatures that a registry stores as an image of their own, under a tag made of the digest that
 * was signed: each layer of its manifest is one, with what was signed as its blob and the rest in
 * its annotations. Nothing is verified here.
 */
struct sp_attachments;

/* "sha256-HEX.sig": the tag for a digest. To free(). */
char *sp_attachments_tag (const char *digest, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/* Parse the manifest, which is taken over (on failure too). mime is what the server said that it
 * is; where names the manifest. Failure: REJECTED. */
int sp_attachments_parse (struct sp_buf *manifest, const char *mime, const char *where,
                          struct sp_attachments **ret, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
void sp_attachments_free (struct sp_attachments *attachments);

SP_DEFINE_CLEANUP (struct sp_attachments *, sp_attachments_free);
#define cleanup_attachments SP_CLEANUP (sp_attachments_free_p)

size_t sp_attachments_count (const struct sp_attachments *attachments);

/* The digest of the blob of one, which has been checked to be a digest. Borrowed. */
const char *sp_attachments_digest (const struct sp_attachments *attachments, size_t index);

/* The media type of one, as the manifest has it; may be "". Borrowed. */
struct sp_view sp_attachments_mime (const struct sp_attachments *attachments, size_t index);

/* One signature, with its blob, which is taken over. */
int sp_attachments_signature (const struct sp_attachments *attachments, size_t index,
                              struct sp_buf *payload, const char *source,
                              struct sp_signature_blob **ret,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

/*
 * The list of signatures that a registry serves itself (X-Registry-Supports-Signatures): simple
 * signatures, each as a blob. Elements of other kinds are skipped. Failure: REJECTED.
 */
int sp_signature_list_parse (struct sp_view text, const char *where,
                             struct sp_signature_blob ***ret, size_t *ret_len,
                             sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
