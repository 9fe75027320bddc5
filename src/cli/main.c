/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <libgen.h>

#define EVIDENCE_HELP                                                                      \
  "      --manifest FILE         judge this manifest, without an image\n"                  \
  "      --signature FILE        one stored signature (repeatable; - is standard input)\n" \
  "      --signature-dir DIR     signature-1, signature-2, ... of a directory\n"           \
  "      --reference NAME, --as NAME  the docker:// name it is judged by\n"

const struct verb verbs[] = {
  { "verify", cmd_verify, OPT_POLICY | OPT_EVIDENCE | OPT_OUTPUT | OPT_VERDICT, false,
    "[options] IMAGE... | --manifest FILE --reference docker://NAME | --batch FILE\n"
    "       | --all-local [STORE...] | --containers [NAME...]",
    "decide whether an image may be used, by the policy of this host",
    EVIDENCE_HELP
    "      --print-ref             print name@digest when accepted, nothing otherwise\n"
    "      --warn-only             exit 0 although rejected; the verdict stays what it is\n"
    "      --all-platforms         a list of images, and each image that it names\n"
    "      --batch FILE, -j, --jobs N  a request a line, N at a time; JSON Lines in order\n"
    "      --all-local, --containers  every image of podman's storage; those of its containers\n"
    "      --as-pulled, --as-stored  ... by docker:// scopes (default), or containers-storage:\n"
    "\n"
    "  sigpolicy verify --as docker://quay.io/ns/app:v1 dir:/srv/app\n"
    "  sigpolicy verify --manifest m.json --signature s.sig --reference "
    "docker://quay.io/ns/app:v1\n" },
  { "run", cmd_run, OPT_POLICY | OPT_EVIDENCE | OPT_OUTPUT | OPT_COMMAND, false,
    "[options] [IMAGE] [--] COMMAND ... {} ...",
    "verify an image, and run a command with its pinned reference in place of {}",
    EVIDENCE_HELP "\n"
                  "  sigpolicy run --manifest m.json --signature s.sig --reference "
                  "docker://quay.io/ns/app:v1 \\\n"
                  "    -- podman pull {}\n" },
  { "explain", cmd_explain, OPT_POLICY | OPT_OUTPUT, false, "[options] IMAGE",
    "say what the policy asks of a name, without looking at any image",
    "\n  sigpolicy explain docker://quay.io/ns/app:v1\n" },
  { "audit", cmd_audit, OPT_OUTPUT | OPT_AUDIT, false, "[options] [UNIT-OR-SCRIPT...]",
    "find what is wrong with the policy of this host, its keys and its registries",
    "      --root DIR              the host whose / is DIR\n"
    "      --policy FILE, --registries.d DIR, --registries-conf FILE\n"
    "                              these, instead of the host's\n"
    "      --severity LEVEL        report nothing below: info, low, medium, high, critical\n"
    "      --fail-on LEVEL         exit 1 from here on (high)\n"
    "      --disable RULE          do not ask for it (repeatable)\n"
    "      --list-rules            every rule there is: sigpolicy-audit(7)\n"
    "      --suppressions FILE     findings that are answered for\n"
    "      --baseline FILE, --write-baseline FILE  findings that were there before\n"
    "      --clock TIME            judge as of this RFC 3339 time\n"
    "\n  sigpolicy audit\n"
    "  sigpolicy audit --policy policy.json --format sarif >policy.sarif\n" },
  { "diff", cmd_diff, OPT_OUTPUT | OPT_DIFF, false, "[options] OLD NEW",
    "say what a new policy.json lets through that an old one does not, and the reverse",
    "      --references FILE       also compare these images, one on each line\n"
    "      --fail-on looser|different  what makes the exit status 1 (looser)\n"
    "\n  git show HEAD:policy.json | sigpolicy diff - policy.json\n" },
  { "trust", cmd_trust, OPT_TRUST, false,
    "show [IMAGE] | set SCOPE --type TYPE ... | unset SCOPE | init",
    "show who is trusted for what, and change it safely",
    "      --user, --system        that policy.json, instead of the one that this host uses\n"
    "      --transport TRANSPORT   of the scope (docker); SCOPE may be \"default\"\n"
    "      --dry-run               print the change as a diff, and what it means\n"
    "show:\n"
    "  -j, --json, --raw, -n, --noheading   as podman image trust show\n"
    "      --details               keys by fingerprint, signers, expiry, lines\n"
    "set:\n"
    "  -t, --type TYPE             accept, reject, signedBy or sigstoreSigned\n"
    "      --key FILE, --any, --all   repeatable; any of them, or all of them\n"
    "      --identity TYPE[=NAME]  what a signature must say of the image\n"
    "      --rekor-key FILE        the log that must have the signature; repeatable\n"
    "      --fulcio-ca FILE, --fulcio-issuer URL, --fulcio-email ADDRESS\n"
    "      --pki-roots FILE, --pki-intermediates FILE\n"
    "      --pki-email ADDRESS, --pki-hostname NAME\n"
    "      --lookaside URL, --attachments  where signatures are, in registries.d\n"
    "init:\n"
    "      --reject-all, --accept-all  instead of local images and signed ones\n"
    "\n  sigpolicy trust set quay.io/ns --type sigstoreSigned --key ns.pub --attachments\n" },
  { "image", cmd_image, OPT_PODMAN, false, "trust show [REGISTRY] | trust set SCOPE",
    "trust in podman's spelling, with its output and exit status",
    "      --signature-policy FILE, --policypath FILE   the policy\n"
    "      --registrypath DIR      registries.d\n"
    "  -j, --json, --raw, -n, --noheading   of trust show\n"
    "  -t, --type TYPE, -f, --pubkeysfile FILE   of trust set\n"
    "\n  sigpolicy image trust set -t reject default\n" },
  { "signatures", cmd_signatures, OPT_POLICY | OPT_EVIDENCE | OPT_OUTPUT, false,
    "[options] IMAGE | --manifest FILE --reference docker://NAME",
    "list what is stored with an image; nothing is verified",
    EVIDENCE_HELP "\n  sigpolicy signatures dir:/srv/app\n" },
  { "standalone-verify", cmd_standalone_verify, OPT_KEY_FILE, true,
    "[--public-key-file FILE] MANIFEST DOCKER-REFERENCE KEY-FINGERPRINTS SIGNATURE",
    "verify one simple signature by fingerprint, as skopeo does",
    "      --public-key-file FILE  keys to use instead of the user's keyring\n"
    "\n  sigpolicy standalone-verify --public-key-file k.gpg m.json quay.io/ns/app:v1 any "
    "s.sig\n" },
  { "standalone-sign", cmd_standalone_sign, OPT_SIGN, true,
    "[--passphrase-file FILE] MANIFEST DOCKER-REFERENCE KEY-FINGERPRINT -o SIGNATURE",
    "make one simple signature, as skopeo does",
    "  -o, --output FILE           where the signature goes\n"
    "      --passphrase-file FILE  the passphrase of the key\n"
    "\n  sigpolicy standalone-sign m.json quay.io/ns/app:v1 me@example.com -o s.sig\n" },
  { "manifest-digest", cmd_manifest_digest, 0, true, "MANIFEST", "print the digest of a manifest",
    "\n  sigpolicy manifest-digest manifest.json\n" },
  { "untrusted-signature-dump-without-verification", cmd_untrusted_dump, 0, true, "SIGNATURE",
    "print what a signature claims, verifying nothing",
    "\n  sigpolicy untrusted-signature-dump-without-verification s.sig\n" },
  { 0 },
};

const struct verb *
find_verb (const char *name)
{
  for (const struct verb *verb = verbs; verb->name; verb++)
    if (strcmp (verb->name, name) == 0)
      return verb;
  return NULL;
}

/* Called through a link named skopeo: only skopeo's verbs are ours to answer, and its usage errors
 * are exit status 1. */
static int
not_ours (const char *name)
{
  return fatal (NULL,
                "unknown command \"%s\": this is sigpolicy, which stands for skopeo in "
                "standalone-verify, standalone-sign, manifest-digest and "
                "untrusted-signature-dump-without-verification",
                name);
}

int
main (int argc, char **argv)
{
  struct options options = { 0 };
  const struct verb *verb = NULL;
  sigpolicy_error *error = NULL;
  bool as_skopeo = argc > 0 && strcmp (basename (argv[0]), "skopeo") == 0;

  int status = parse_options (argc, argv, &options, &verb);
  if (as_skopeo && (!verb || !verb->drop_in) && !options.help)
    status = not_ours (options.n_arguments ? options.arguments[0] : verb ? verb->name : "");
  else if (as_skopeo && status == EXIT_USAGE)
    status = 1;
  else if (status == 0 && options.help)
    print_help (verb);
  else if (status == 0 && !verb)
    status = options.n_arguments ? complain_usage (NULL, "unknown verb '%s'", options.arguments[0])
                                 : complain_usage (NULL, "a verb is needed");
  else if (status == 0)
    {
      status = process_begin (options.timeout, verb->drop_in ? 1 : EXIT_UNAVAILABLE);
      if (status == 0 && sigpolicy_global_init (SIGPOLICY_INIT_OWN_PROCESS, &error) < 0)
        status = complain_error (error);
      if (status == 0)
        status = verb->run (verb, &options);
      process_end (verb->takes & OPT_SIGN);
    }
  /* podman has one status for all that goes wrong. */
  if (verb && verb->takes & OPT_PODMAN && status != 0)
    status = EXIT_PODMAN;
  options_clear (&options);
  return status;
}
