/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_MODEL_ATTACHMENT_H
#define SP_MODEL_ATTACHMENT_H

#include "model/signature_blob.h"

/* The media type of a sigstore signature; every other one is of something else. */
#define SP_MIME_SIMPLE_SIGNING "application/vnd.dev.cosign.simplesigning.v1+json"

/* What is known of other things that are stored beside signatures; the later, the more it says that
 * somebody signed. */
enum sp_attachment_kind
{
  SP_ATTACHMENT_CONTENTS,
  SP_ATTACHMENT_ATTESTATION,
  SP_ATTACHMENT_NOTARY,
  SP_ATTACHMENT_BUNDLE,
  SP_ATTACHMENT_SIGNATURE, /* one that sigstoreSigned would take, in a place where nobody looks */
};
struct sp_attachment
{
  enum sp_attachment_kind kind;
  const char *words; /* "a Sigstore bundle" */
  const char *needs; /* what to do for sigstoreSigned; or NULL */
};

/* What a stored object of that media type is; NULL when nobody knows. */
const struct sp_attachment *sp_attachment_of_type (struct sp_view media_type);

/* The same for a bundle, by the type of what was signed (dev.sigstore.bundle.predicateType): all
 * but one are attestations. */
const struct sp_attachment *sp_attachment_of_bundle (struct sp_view media_type,
                                                     struct sp_view predicate_type);

/* What a document is that is stored bare, by its first bytes; NULL when nobody knows. */
const struct sp_attachment *sp_attachment_of_text (struct sp_view text);

/* "of the media type X: a Sigstore bundle", to free(); NULL with *err set when memory runs out. */
char *sp_attachment_describe (struct sp_view media_type,
                              sigpolicy_error **err) SIGPOLICY_MUST_CHECK;
char *sp_attachment_describe_as (struct sp_view media_type, const struct sp_attachment *attachment,
                                 sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
