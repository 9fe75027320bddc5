/* SPDX-License-Identifier: Apache-2.0 */
#include "model/attachment.h"

#include "util/codec.h"

/* How much of a bare document is looked at. */
#define TEXT_LOOKED_AT 4096

#define BUNDLE "application/vnd.dev.sigstore.bundle"

static const struct
{
  struct sp_view start; /* of the media type */
  struct sp_attachment attachment;
} known[] = {
  { SP_VIEW (BUNDLE),
    { "a Sigstore bundle, as cosign 3 makes by default",
      "sigstoreSigned needs the older form of a signature: cosign sign --new-bundle-format=false "
      "--use-signing-config=false" } },
  { SP_VIEW ("application/vnd.dsse.envelope"),
    { "an attestation",
      "sigstoreSigned needs a signature, and an attestation is none: cosign sign" } },
  { SP_VIEW ("application/vnd.in-toto"),
    { "an attestation",
      "sigstoreSigned needs a signature, and an attestation is none: cosign sign" } },
  { SP_VIEW ("application/vnd.cncf.notary"),
    { "a Notary Project signature",
      "sigstoreSigned needs a signature by cosign, skopeo or podman" } },
  { SP_VIEW ("text/spdx"), { "a list of contents", NULL } },
  { SP_VIEW ("application/spdx"), { "a list of contents", NULL } },
  { SP_VIEW ("application/vnd.cyclonedx"), { "a list of contents", NULL } },
  { SP_VIEW ("application/vnd.syft"), { "a list of contents", NULL } },
};

const struct sp_attachment *
sp_attachment_of_type (struct sp_view media_type)
{
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (sp_view_starts (media_type, known[i].start))
      return &known[i].attachment;
  return NULL;
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
sp_attachment_describe (struct sp_view media_type, sigpolicy_error **err)
{
  const struct sp_attachment *attachment = sp_attachment_of_type (media_type);
  cleanup_free char *type = sp_escape_dup (media_type, err);
  if (!type)
    return NULL;
  return sp_asprintf (err, "of the media type %s: %s", type,
                      attachment ? attachment->words : "no signature");
}
