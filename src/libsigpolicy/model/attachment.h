/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_ATTACHMENT_H
#define SP_MODEL_ATTACHMENT_H

#include "model/signature_blob.h"

/* The media type of a sigstore signature; every other one is of something else. */
#define SP_MIME_SIMPLE_SIGNING "application/vnd.dev.cosign.simplesigning.v1+json"

/* What is known of other things that are stored beside signatures. */
struct sp_attachment
{
  const char *words; /* "a Sigstore bundle" */
  const char *needs; /* what to do for sigstoreSigned; or NULL */
};

/* What a stored object of that media type is; NULL when nobody knows. */
const struct sp_attachment *sp_attachment_of_type (struct sp_view media_type);

/* What a document is that is stored bare, by its first bytes; NULL when nobody knows. */
const struct sp_attachment *sp_attachment_of_text (struct sp_view text);

/* "of the media type X: a Sigstore bundle", to free(); NULL with *err set when memory runs out. */
char *sp_attachment_describe (struct sp_view media_type,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
