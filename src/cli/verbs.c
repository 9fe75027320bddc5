/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#define DECIDED "0 accepted, 1 rejected, 2 to 7 not decided; see sigpolicy(1)."

const struct verb verbs[] = {
  { "verify",
    cmd_verify,
    V_VERIFY,
    false,
    "accept or reject images, and say why",
    "[OPTION...] IMAGE...\n"
    "[OPTION...] --manifest FILE --reference docker://NAME\n"
    "[OPTION...] --batch FILE\n"
    "[OPTION...] --all-local [STORE...]\n"
    "[OPTION...] --containers [CONTAINER...]",
    "Accept or reject images by the signature policy of this host, and say why.",
    DECIDED,
    "verify --as docker://quay.io/ns/app:v1 dir:/srv/app",
    { "@image..." },
    MAY_ASK_REGISTRIES },
  { "run",
    cmd_run,
    V_RUN,
    false,
    "verify an image, then run a command with its digest",
    "[OPTION...] IMAGE [--] COMMAND [ARGUMENT...]\n"
    "[OPTION...] --manifest FILE --reference docker://NAME \\\n"
    "[--] COMMAND [ARGUMENT...]",
    "Verify an image; if it is accepted, run COMMAND with NAME@DIGEST in place of\n"
    "each {} in its arguments. At least one argument must contain {}.",
    "that of COMMAND, or 1 rejected, 2 to 7 not decided. 5 also means\n"
    "that COMMAND does not exist, and 6 that it could not be started.",
    "run docker://quay.io/ns/app:v1 -- podman pull {}",
    { "@image", "@command" },
    STARTS_PROGRAMS },
  { "verify-bundle",
    cmd_verify_bundle,
    V_VERIFY_BUNDLE,
    false,
    "verify one Sigstore bundle offline, without a policy",
    "--bundle FILE --key PEM [OPTION...] \\\n"
    "FILE-OR-DIGEST\n"
    "--bundle FILE --certificate-identity ID \\\n"
    "--certificate-oidc-issuer URL [OPTION...] FILE-OR-DIGEST",
    "Verify one Sigstore bundle that signs a file or a digest, without a network and\n"
    "without a policy. The arguments are those of the sigstore-conformance protocol.",
    "0 verified, 1 not verified, 2 to 7 error; see sigpolicy(1).",
    "verify-bundle --bundle app.sigstore.json --key cosign.pub app.tar",
    { "@file" },
    FILES_ONLY },
  { "chart",
    cmd_chart,
    V_CHART,
    false,
    "verify a Helm chart by its signed provenance",
    "verify --keyring FILE [OPTION...] NAME-VERSION.tgz\n"
    "verify --keyring FILE [OPTION...] \\\n"
    "oci://REGISTRY/NAME:VERSION",
    "Verify a Helm chart by its signed provenance, without a policy: the signer, the\n"
    "digest of the archive, the name and the version. For a chart on a registry,\n"
    "sigpolicy does not download the archive.",
    "0 accepted, 1 rejected, 2 to 7 error; see sigpolicy(1).",
    "chart verify --keyring keys.gpg demo-0.1.0.tgz\n"
    "chart verify --keyring keys.gpg oci://quay.io/ns/demo:0.1.0",
    { "verify", "@file" },
    MAY_ASK_REGISTRIES },
  { "hook",
    cmd_hook,
    V_HOOK,
    false,
    "verify images for containerd, podman or Kamal",
    "containerd -name NAME -digest DIGEST \\\n"
    "-stdin-media-type TYPE\n"
    "oci [OPTION...]\n"
    "kamal [OPTION...]",
    "Verify an image when an engine calls this hook before the image starts:\n"
    "containerd's image verifier, podman's precreate hook, or the hooks of Kamal.",
    "0 the engine may go on, 1 rejected, 2 to 7 not decided; see\n"
    "sigpolicy(1).",
    "hook containerd -name quay.io/ns/app:v1 -digest sha256:... \\\n"
    "-stdin-media-type application/vnd.oci.descriptor.v1+json",
    { "containerd oci kamal" },
    STARTS_PROGRAMS },
  { "explain",
    cmd_explain,
    V_EXPLAIN,
    false,
    "show what the policy requires for an image name",
    "[OPTION...] IMAGE",
    "Show what the policy requires for an image name: the policy file, the scope\n"
    "that matches, the trusted keys, and where signatures are searched. Reads only\n"
    "configuration and key files; the image need not exist.",
    "0 explained, 2 invalid name, 3 invalid configuration, 4 unreadable\n"
    "key file.",
    "explain docker://quay.io/ns/app:v1",
    { "@image" },
    FILES_ONLY },
  { "signatures",
    cmd_signatures,
    V_SIGNATURES,
    false,
    "list the signatures stored with an image, unverified",
    "[OPTION...] IMAGE\n"
    "[OPTION...] --manifest FILE \\\n"
    "--reference docker://NAME",
    "List the signatures that are stored with an image, and what each states. Nothing\n"
    "is verified: anybody can have written them. The policy is not read.",
    "0 listed, 2 to 7 error; see sigpolicy(1).",
    "signatures dir:/srv/app",
    { "@image" },
    MAY_ASK_REGISTRIES },
  { "audit",
    cmd_audit,
    V_AUDIT,
    false,
    "report problems in the policy, keys and registries",
    "[OPTION...] [FILE...]\n--upgrade-to RELEASE [OPTION...] [IMAGE...]",
    "Report problems in the policy, registries.d, registries.conf and key files of\n"
    "this host, with a fix for each. FILE is a systemd unit or a script: report\n"
    "commands in it that bypass the policy. With --upgrade-to, report what an upgrade\n"
    "of podman and skopeo changes, for the whole policy and for each IMAGE.",
    "0 no such finding, 1 findings, 2 to 7 error; see sigpolicy(1).",
    "audit\n"
    "audit --policy policy.json --format sarif >policy.sarif",
    { "@file..." },
    FILES_ONLY },
  { "report",
    cmd_report,
    V_REPORT,
    false,
    "write a page about the policy, keys and images of this host",
    "[OPTION...] --html FILE\n"
    "[OPTION...] --json",
    "Write one page about this host: a map of the policy, when its keys expire, the\n"
    "verdicts on the images and containers in podman's storage, findings of the\n"
    "audit with fixes, and what changed.",
    "0 written, 2 to 7 error; see sigpolicy(1).",
    "report --html report.html\n"
    "report --json --html report.html --since last.json >report.json",
    { 0 },
    FILES_ONLY },
  { "diff",
    cmd_diff,
    V_DIFF,
    false,
    "compare two policies: which one accepts more images",
    "[OPTION...] OLD NEW",
    "Compare two policy.json files by what they accept. For each scope, NEW is\n"
    "looser (accepts more images), stricter (fewer), different or the same.\n"
    "OLD or NEW may be -, standard input.",
    "0 no such change, 1 looser (see --fail-on), 2 to 7 error.",
    "diff old.json policy.json",
    { "@file", "@file" },
    FILES_ONLY },
  { "test",
    cmd_test,
    V_TEST,
    false,
    "check that a policy accepts and rejects what you expect",
    "[OPTION...] FILE",
    "Test a policy against the cases in a YAML or JSON file. A case is an image, its\n"
    "signers and the expected verdict; or a statement about every image in a scope.\n"
    "The images need not exist, and no network is used.",
    "0 all passed, 1 some failed, 2 to 7 error; see sigpolicy(1).",
    "test policy.test.yaml\n"
    "test --format junit --policy policy.json policy.test.yaml",
    { "@file" },
    FILES_ONLY },
  { "trust",
    cmd_trust,
    V_TRUST,
    false,
    "show and change who is trusted for which images",
    "show [OPTION...] [IMAGE]\n"
    "set [OPTION...] --type TYPE SCOPE\n"
    "rotate [--add-key FILE] [--remove-key KEY] SCOPE\n"
    "unset [OPTION...] SCOPE\n"
    "init [OPTION...]",
    "Show and change who is trusted for which images. For the options of each verb,\n"
    "see its own help, such as 'sigpolicy trust set --help'.",
    "0 done, 2 to 7 error; see sigpolicy(1).",
    "trust show\n"
    "trust set quay.io/ns --type signedBy --key ns.gpg",
    { "show set rotate unset init", "@scope" },
    NOT_CONFINED },
  { "trust show",
    NULL,
    V_TRUST_SHOW,
    false,
    "show who is trusted for which images",
    "[OPTION...] [IMAGE]",
    "Show each scope of the policy and what it requires, in the format of 'podman\n"
    "image trust show'. With IMAGE, show only the scope that matches.",
    NULL,
    "trust show --details",
    { 0 },
    FILES_ONLY },
  { "trust set",
    NULL,
    V_TRUST_SET,
    false,
    "set what the policy requires for a scope",
    "[OPTION...] --type TYPE SCOPE",
    "Set what the policy requires for the images in SCOPE. SCOPE is a name such as\n"
    "quay.io/ns, \"\" (the default of the transport) or \"default\" (the default of the\n"
    "policy). The old file stays as FILE.bak.",
    NULL,
    "trust set quay.io/ns --type signedBy --key ns.gpg",
    { 0 },
    NOT_CONFINED },
  { "trust rotate",
    NULL,
    V_TRUST_ROTATE,
    false,
    "change which keys a scope trusts",
    "[--add-key FILE] [--remove-key KEY] SCOPE",
    "Change only the keys that the policy trusts for SCOPE. A signature by any one of\n"
    "the keys is then enough. The old file stays as FILE.bak.",
    NULL,
    "trust rotate quay.io/ns --add-key new.gpg",
    { 0 },
    NOT_CONFINED },
  { "trust unset",
    NULL,
    V_TRUST_UNSET,
    false,
    "remove a scope from the policy",
    "[OPTION...] SCOPE",
    "Remove SCOPE from the policy. A more general scope, or the default, then applies\n"
    "to its images. The old file stays as FILE.bak.",
    NULL,
    "trust unset quay.io/ns",
    { 0 },
    NOT_CONFINED },
  { "trust init",
    NULL,
    V_TRUST_INIT,
    false,
    "write a first policy",
    "[OPTION...]",
    "Write a policy where there is none. It accepts local images, and rejects images\n"
    "on registries until you name the trusted keys with 'sigpolicy trust set'.",
    NULL,
    "trust init --reject-all",
    { 0 },
    NOT_CONFINED },
  { "image",
    cmd_image,
    V_IMAGE,
    false,
    "show and change trust, compatible with \"podman image trust\"",
    "trust show [OPTION...] [REGISTRY]\n"
    "trust set [OPTION...] SCOPE",
    "Show and change who is trusted, with the options, the output and the exit status\n"
    "of podman image trust.",
    "0 done, 125 error.",
    "image trust set -t reject default",
    { "trust", "show set", "@scope" },
    NOT_CONFINED },
  { "standalone-verify",
    cmd_standalone_verify,
    V_STANDALONE_VERIFY,
    true,
    "verify one simple signature by key fingerprint",
    "[--public-key-file FILE] MANIFEST \\\n"
    "DOCKER-REFERENCE KEY-FINGERPRINTS SIGNATURE",
    "Verify one simple signature, without a policy. Same arguments, output and exit\n"
    "status as skopeo standalone-verify.\n"
    "\n"
    "  MANIFEST            manifest file\n"
    "  DOCKER-REFERENCE    name that must be signed, such as quay.io/ns/app:v1\n"
    "  KEY-FINGERPRINTS    full fingerprints separated by commas, or \"any\" for\n"
    "                      every key in --public-key-file\n"
    "  SIGNATURE           signature file",
    "0 verified, 1 everything else.",
    "standalone-verify --public-key-file k.gpg m.json \\\n"
    "quay.io/ns/app:v1 any s.sig",
    { "@file", "", "", "@file" },
    FILES_ONLY },
  { "standalone-sign",
    cmd_standalone_sign,
    V_STANDALONE_SIGN,
    true,
    "create one simple signature",
    "[--passphrase-file FILE] MANIFEST \\\n"
    "DOCKER-REFERENCE KEY-FINGERPRINT -o SIGNATURE",
    "Sign a manifest with a key of your GnuPG keyring. Same arguments, output and\n"
    "exit status as skopeo standalone-sign.",
    "0 signed, 1 everything else.",
    "standalone-sign m.json quay.io/ns/app:v1 me@example.com -o s.sig",
    { "@file" },
    NOT_CONFINED },
  { "manifest-digest",
    cmd_manifest_digest,
    0,
    true,
    "print the digest of a manifest file",
    "MANIFEST",
    "Print the digest of a manifest file, as skopeo manifest-digest does.",
    "0 printed, 1 everything else.",
    "manifest-digest manifest.json",
    { "@file" },
    FILES_ONLY },
  { "untrusted-signature-dump-without-verification",
    cmd_untrusted_dump,
    0,
    true,
    "print the content of a signature, unverified",
    "SIGNATURE",
    "Print the content of a simple signature, as skopeo\n"
    "untrusted-signature-dump-without-verification does. Anybody can have written it.",
    "0 printed, 1 everything else.",
    "untrusted-signature-dump-without-verification s.sig",
    { "@file" },
    FILES_ONLY },
  { "help",
    cmd_help,
    0,
    false,
    "show the help of a verb, or the options of every verb",
    "[VERB | options]",
    "Show the help of sigpolicy or of VERB. With 'options', show the options that\n"
    "every verb takes.",
    NULL,
    "help options",
    { "@help" },
    NOT_CONFINED },
  { "version",
    cmd_version,
    0,
    false,
    "show the version",
    "",
    "Show the version of sigpolicy.",
    NULL,
    "version",
    { 0 },
    NOT_CONFINED },
  { 0 },
};

const struct verb *
find_verb (const char *name)
{
  for (const struct verb *verb = verbs; verb->name; verb++)
    if (verb->run && strcmp (verb->name, name) == 0)
      return verb;
  return NULL;
}

const struct verb *
find_help (const char *first, const char *second)
{
  char name[64];
  if (!second)
    return find_verb (first);
  if (snprintf (name, sizeof name, "%s %s", first, second) >= (int)sizeof name)
    return NULL;
  for (const struct verb *verb = verbs; verb->name; verb++)
    if (!verb->run && strcmp (verb->name, name) == 0)
      return verb;
  return NULL;
}
