/* SPDX-License-Identifier: Apache-2.0 */
#include "model/attachment.h"

#include "util/codec.h"

/* How much of a bare document is looked at. */
#define TEXT_LOOKED_AT 4096

#define BUNDLE "application/vnd.dev.sigstore.bundle"

/* What cosign signs of an image, as a bundle. */
#define SIGN_PREDICATE "https://sigstore.dev/cosign/sign/v1"

static const struct sp_attachment attestation = {
  SP_ATTACHMENT_ATTESTATION, "an attestation",
  "sigstoreSigned needs a signature, not an attestation: have the image signed with 'cosign sign'"
};
static const struct sp_attachment contents = { SP_ATTACHMENT_CONTENTS, "a list of contents", NULL };
static const struct sp_attachment bundle
    = { SP_ATTACHMENT_BUNDLE, "a Sigstore bundle, as cosign 3 makes by default",
        "sigstoreSigned needs a signature in the older format: have the image signed with 'cosign "
        "sign --new-bundle-format=false --use-signing-config=false' (sigpolicy accepts a bundle "
        "with --bundles; podman does not)" };
static const struct sp_attachment notary
    = { SP_ATTACHMENT_NOTARY, "a Notary Project signature",
        "sigstoreSigned needs a signature by cosign, skopeo or podman" };
static const struct sp_attachment referrer = {
  SP_ATTACHMENT_SIGNATURE, "a signature by cosign that is stored as a referrer",
  "sigstoreSigned needs the signature under a tag: have the image signed without "
  "--registry-referrers-mode=oci-1-1 (sigpolicy reads referrers with --referrers; podman does not)"
};

static const struct
{
  struct sp_view start; /* of the media type */
  const struct sp_attachment *attachment;
} known[] = {
  { SP_VIEW (BUNDLE), &bundle },
  { SP_VIEW ("application/vnd.dev.cosign.artifact.sig"), &referrer },
  { SP_VIEW ("application/vnd.dev.cosign.simplesigning"), &referrer },
  { SP_VIEW ("application/vnd.dev.cosign.artifact.att"), &attestation },
  { SP_VIEW ("application/vnd.dev.cosign.artifact.sbom"), &contents },
  { SP_VIEW ("application/vnd.dsse.envelope"), &attestation },
  { SP_VIEW ("application/vnd.in-toto"), &attestation },
  { SP_VIEW ("application/vnd.cncf.notary"), &notary },
  { SP_VIEW ("text/spdx"), &contents },
  { SP_VIEW ("application/spdx"), &contents },
  { SP_VIEW ("application/vnd.cyclonedx"), &contents },
  { SP_VIEW ("application/vnd.syft"), &contents },
};

const struct sp_attachment *
sp_attachment_of_type (struct sp_view media_type)
{
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (sp_view_starts (media_type, known[i].start))
      return known[i].attachment;
  return NULL;
}

const struct sp_attachment *
sp_attachment_of_bundle (struct sp_view media_type, struct sp_view predicate_type)
{
  const struct sp_attachment *found = sp_attachment_of_type (media_type);
  return found == &bundle && predicate_type.len && !sp_view_is (predicate_type, SIGN_PREDICATE)
             ? &attestation
             : found;
}

const struct sp_attachment *
sp_attachment_of_text (struct sp_view text)
{
  static const struct sp_view types[]
      = { SP_VIEW ("\"" BUNDLE), SP_VIEW ("\"application/vnd.in-toto") };
  struct sp_view head = sp_view_head (text, TEXT_LOOKED_AT);

  for (size_t i = 0; head.len && i < sizeof types / sizeof *types; i++)
    if (memmem (head.data, head.len, types[i].data, types[i].len))
      return sp_attachment_of_type (sp_view_from (types[i], 1));
  return NULL;
}

char *
sp_attachment_describe_as (struct sp_view media_type, const struct sp_attachment *attachment,
                           sigpolicy_error **err)
{
  cleanup_free char *type = sp_escape_dup (media_type, err);
  if (!type)
    return NULL;
  return sp_asprintf (err, "of the media type %s: %s", type,
                      attachment ? attachment->words : "no signature");
}

char *
sp_attachment_describe (struct sp_view media_type, sigpolicy_error **err)
{
  return sp_attachment_describe_as (media_type, sp_attachment_of_type (media_type), err);
}
