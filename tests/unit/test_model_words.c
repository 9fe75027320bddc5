/* SPDX-License-Identifier: Apache-2.0 */
#include "model/words.h"

#include "util/alloc.h"

#include <criterion/criterion.h>

#define TAG               " (matchRepoDigestOrExact)"
#define THIS_TAG          "for exactly this tag (for a name with a digest: for this repository)" TAG
#define SIGNED(members)   "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\"," members "}"
#define SIGSTORE(members) "{\"type\":\"sigstoreSigned\"," members "}"
#define IDENTITY(members) "\"keyPath\":\"/a\",\"signedIdentity\":{" members "}"
#define BY_A              "a simple signature by a GPG key in /a, "

/* A requirement, and how it is told to a person. */
static const struct
{
  const char *requirement, *words;
} cases[] = {
  { "{\"type\":\"insecureAcceptAnything\"}", "no signature: every image is accepted" },
  { "{\"type\":\"reject\"}", "every image is rejected" },
  { "{\"type\":\"signedBaseLayer\",\"baseLayerIdentity\":{\"type\":\"matchExact\"}}",
    "every image is rejected: signedBaseLayer is not implemented" },
  { "{\"type\":\"signedBy\",\"keyType\":\"X509Certificates\",\"keyPath\":\"/a\"}",
    "every image is rejected: the keyType X509Certificates is not implemented" },
  { SIGNED ("\"keyPath\":\"/a\""), BY_A THIS_TAG },
  { SIGNED ("\"keyPaths\":[\"/a\",\"/b\",\"/c\"]"),
    "a simple signature by a GPG key in /a, /b or /c, " THIS_TAG },
  { SIGNED ("\"keyData\":\"aGVsbG8=\""),
    "a simple signature by a GPG key in the policy itself, " THIS_TAG },
  { SIGNED (IDENTITY ("\"type\":\"matchRepository\"")),
    BY_A "for this repository, whatever its tag (matchRepository)" },
  { SIGNED (IDENTITY ("\"type\":\"matchExact\"")),
    BY_A "for exactly this name with its tag or digest (matchExact)" },
  { SIGNED (IDENTITY ("\"type\":\"exactRepository\",\"dockerRepository\":\"a.b/c\"")),
    BY_A "for the repository a.b/c (exactRepository)" },
  { SIGNED (IDENTITY ("\"type\":\"exactReference\",\"dockerReference\":\"a.b/c:d\"")),
    BY_A "for exactly a.b/c:d (exactReference)" },
  { SIGNED (IDENTITY ("\"type\":\"remapIdentity\",\"prefix\":\"a.b\",\"signedPrefix\":\"c.d\"")),
    BY_A "for this tag, where names that begin with a.b are signed as c.d (remapIdentity)" },
  { SIGSTORE ("\"pki\":{\"caRootsPath\":\"/r\",\"subjectEmail\":\"me@a.b\",\"subjectHostname\":"
              "\"a.b\"}"),
    "a sigstore signature with a certificate for me@a.b and a.b of the private CA in "
    "/r, " THIS_TAG },
  { SIGSTORE ("\"fulcio\":{\"caPath\":\"/f\",\"oidcIssuer\":\"https://i\",\"subjectEmail\":\"me@a."
              "b\"},\"rekorPublicKeyPath\":\"/k\""),
    "a sigstore signature with a Fulcio certificate for me@a.b from https://i, recorded in the "
    "Rekor log with the key /k, " THIS_TAG },
};

Test (model_words, requirements)
{
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      cleanup_error sigpolicy_error *err = NULL;
      cleanup_policy struct sp_policy *policy = NULL;
      cleanup_buf struct sp_buf words = SP_BUF (4096);
      cleanup_free char *text = sp_asprintf (&err, "{\"default\":[%s]}", cases[i].requirement);
      cr_assert (sp_policy_parse (sp_view_str (text), NULL, &policy, &err) == 0, "%s: %s", text,
                 sigpolicy_error_text (err));
      sp_words_requirement (&words, &sp_policy_default (policy)->requirements.items[0]);
      cr_expect_str_eq (words.data, cases[i].words, "%s: %s", cases[i].requirement, words.data);
    }
}
