/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit.h"

/* Every rule there is: sigpolicy-audit(7) has the same list. A finding says in its own words what
 * is wrong here; this says why it matters, and what fixes it. */
const struct sp_audit_rule sp_rules[SP_N_RULES] = {
  [SP_RULE_POLICY_NOT_FOUND]
  = { "policy-not-found", SIGPOLICY_SEVERITY_CRITICAL, "policy", "no policy.json",
      "every pull fails, and people then turn the policy off",
      "write one with 'sigpolicy trust init'" },
  [SP_RULE_POLICY_SYNTAX]
  = { "policy-syntax", SIGPOLICY_SEVERITY_CRITICAL, "policy", "policy.json is not JSON",
      "podman, skopeo and CRI-O reject the whole file, so every pull on this host fails",
      "make it strict JSON: no comments, no comma after the last entry, one document" },
  [SP_RULE_POLICY_UNKNOWN_KEY]
  = { "policy-unknown-key", SIGPOLICY_SEVERITY_CRITICAL, "policy", "an unknown key in policy.json",
      "podman, skopeo and CRI-O reject the whole file", "correct the key, or remove it" },
  [SP_RULE_POLICY_DUPLICATE_KEY] = { "policy-duplicate-key", SIGPOLICY_SEVERITY_CRITICAL, "policy",
                                     "a duplicate key in policy.json",
                                     "podman, skopeo and CRI-O reject the whole file, while jq and "
                                     "editors silently keep one of the "
                                     "two",
                                     "merge the two by hand" },
  [SP_RULE_POLICY_DEFAULT_MISSING]
  = { "policy-default-missing", SIGPOLICY_SEVERITY_CRITICAL, "policy",
      "no \"default\" in policy.json", "podman, skopeo and CRI-O reject the whole file",
      "add \"default\": [{\"type\": \"reject\"}]" },
  [SP_RULE_POLICY_EMPTY_REQUIREMENTS]
  = { "policy-empty-requirements", SIGPOLICY_SEVERITY_CRITICAL, "policy",
      "an empty list of requirements", "podman, skopeo and CRI-O reject the whole file",
      "write what you mean: [{\"type\": \"reject\"}] or [{\"type\": \"insecureAcceptAnything\"}]" },
  [SP_RULE_POLICY_INVALID]
  = { "policy-invalid", SIGPOLICY_SEVERITY_CRITICAL, "policy", "an invalid value in policy.json",
      "podman, skopeo and CRI-O reject the whole file",
      "write the value as containers-policy.json(5) describes" },
  [SP_RULE_POLICY_DEFAULT_ACCEPT]
  = { "policy-default-accept", SIGPOLICY_SEVERITY_HIGH, "policy", "the default accepts every image",
      "images that no scope matches are accepted unsigned; security benchmarks require a default "
      "that rejects",
      "set the default to [{\"type\": \"reject\"}], and add a scope for each registry that is "
      "allowed" },
  [SP_RULE_POLICY_NEEDS_NEWER_READER]
  = { "policy-needs-newer-reader", SIGPOLICY_SEVERITY_MEDIUM, "policy",
      "a policy that only newer containers tools accept",
      "an older podman or skopeo rejects the whole file, or does not find it",
      "use only what the oldest tool on this host supports, or update that tool" },
  [SP_RULE_POLICY_DIFFERS_BY_READER]
  = { "policy-differs-by-reader", SIGPOLICY_SEVERITY_HIGH, "policy",
      "older and newer containers tools read different policies",
      "a tool reads another policy as soon as it is upgraded",
      "make the two files the same, or remove one" },
  [SP_RULE_POLICY_UNREADABLE_SKIPPED]
  = { "policy-unreadable-skipped", SIGPOLICY_SEVERITY_MEDIUM, "policy",
      "a user's policy that cannot be opened",
      "older tools skip the file, and newer tools fail every pull",
      "remove the file, or make it readable" },
  [SP_RULE_POLICY_USER_SHADOWS_SYSTEM]
  = { "policy-user-shadows-system", SIGPOLICY_SEVERITY_HIGH, "policy",
      "a user's policy that replaces the host's",
      "for this user the host's policy has no effect, and neither have its updates",
      "remove the file, or keep it equal to the host's policy" },
  [SP_RULE_POLICY_ENV_OVERRIDE] = { "policy-env-override", SIGPOLICY_SEVERITY_HIGH, "policy",
                                    "CONTAINERS_POLICY_JSON names another policy",
                                    "newer tools read that file, not the audited one",
                                    "unset the variable, or audit that file with --policy" },
  [SP_RULE_POLICY_WRITABLE]
  = { "policy-writable", SIGPOLICY_SEVERITY_CRITICAL, "policy", "a policy that others may write",
      "anyone who can change the file, or a directory above it, decides what is trusted",
      "give the file and its directories to root, with the modes 0644 and 0755" },
  [SP_RULE_POLICY_UNREADABLE]
  = { "policy-unreadable", SIGPOLICY_SEVERITY_MEDIUM, "policy", "a policy that users cannot read",
      "rootless pulls fail", "make the file readable for everyone: chmod 0644" },
  [SP_RULE_POLICY_LEFTOVER_UPDATE]
  = { "policy-leftover-update", SIGPOLICY_SEVERITY_LOW, "policy",
      "an update of the policy that was not merged",
      "new keys and scopes of the vendor are in a file that no tool reads",
      "merge the file into the policy, and remove it" },
  [SP_RULE_POLICY_TWO_OWNERS] = { "policy-two-owners", SIGPOLICY_SEVERITY_INFO, "policy",
                                  "a policy that belongs to several packages",
                                  "the order of their updates decides which version stays",
                                  "keep one of the packages, or divert the file" },
  [SP_RULE_TRANSPORT_UNKNOWN]
  = { "transport-unknown", SIGPOLICY_SEVERITY_HIGH, "scopes", "an unknown transport",
      "its scopes have no effect, and the default applies",
      "write the transport as in containers-transports(5)" },
  [SP_RULE_TRANSPORT_ATOMIC_FOR_REGISTRY]
  = { "transport-atomic-for-registry", SIGPOLICY_SEVERITY_HIGH, "scopes",
      "scopes of a registry under \"atomic\"",
      "they do not apply to images that are pulled as docker://", "move them to \"docker\"" },
  [SP_RULE_TRANSPORT_CATCHALL_ACCEPT]
  = { "transport-catchall-accept", SIGPOLICY_SEVERITY_HIGH, "scopes",
      "the docker scope \"\" accepts every image",
      "the scope \"\" accepts what the default rejects",
      "remove the scope \"\", and add a scope for each registry that is allowed" },
  [SP_RULE_TRANSPORT_ARCHIVES_ACCEPT]
  = { "transport-archives-accept", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "images in files are accepted unsigned",
      "anyone who can put a file on this host can bring any image",
      "limit it to the paths of such images, such as \"/srv/images\"" },
  [SP_RULE_TRANSPORT_DAEMON_ACCEPT] = { "transport-daemon-accept", SIGPOLICY_SEVERITY_LOW, "scopes",
                                        "images of a Docker daemon are accepted unsigned",
                                        "any image in the local Docker Engine is accepted",
                                        "remove docker-daemon if nothing uses it" },
  [SP_RULE_TRANSPORT_LOCAL_BLOCKED]
  = { "transport-local-blocked", SIGPOLICY_SEVERITY_LOW, "scopes",
      "the default also rejects local images", "podman build, save and load fail for such images",
      "add the transport with [{\"type\": \"insecureAcceptAnything\"}]; leave it if local images "
      "are "
      "meant to be rejected" },
  [SP_RULE_TRANSPORT_NEVER_SIGNED]
  = { "transport-never-signed", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "a signature is required for images that cannot have one",
      "images of this transport cannot store signatures, so they are always rejected",
      "write [{\"type\": \"reject\"}], or accept the paths that you trust" },
  [SP_RULE_SCOPE_SHORT_NAME]
  = { "scope-short-name", SIGPOLICY_SEVERITY_HIGH, "scopes", "a scope without a registry",
      "scopes are compared with full image names, so this one never matches",
      "write the full name: docker.io/library/NAME" },
  [SP_RULE_SCOPE_WITH_SCHEME]
  = { "scope-with-scheme", SIGPOLICY_SEVERITY_HIGH, "scopes",
      "a scope with a scheme, such as https://",
      "scopes are plain names, so this one never matches", "remove the scheme" },
  [SP_RULE_SCOPE_TRAILING_SLASH]
  = { "scope-trailing-slash", SIGPOLICY_SEVERITY_HIGH, "scopes", "a scope with a slash at its end",
      "no image name ends with a slash, so this scope never matches", "remove the slash" },
  [SP_RULE_SCOPE_BAD_WILDCARD]
  = { "scope-bad-wildcard", SIGPOLICY_SEVERITY_HIGH, "scopes", "an invalid wildcard",
      "only \"*.\" before a domain is a wildcard, so this scope never matches",
      "remove the wildcard: a scope covers every name below it" },
  [SP_RULE_SCOPE_WILDCARD_PORT]
  = { "scope-wildcard-port", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a wildcard with a port",
      "the port is dropped before wildcards are compared, so this scope never matches",
      "remove the port" },
  [SP_RULE_SCOPE_PORT_GAP]
  = { "scope-port-gap", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "a scope without the port that the registry is used with",
      "a scope without a port does not cover names with a port", "add a scope with the port" },
  [SP_RULE_SCOPE_LEGACY_HUB_HOST]
  = { "scope-legacy-hub-host", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "the old host name of Docker Hub",
      "it is replaced by docker.io before scopes are compared, so this scope never matches",
      "write docker.io" },
  [SP_RULE_SCOPE_UPPERCASE]
  = { "scope-uppercase", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a repository in upper case",
      "repository names are lower case, so this scope never matches", "write it in lower case" },
  [SP_RULE_SCOPE_TAG_AND_DIGEST]
  = { "scope-tag-and-digest", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "a scope with a tag and a digest",
      "an image name is compared with its tag or its digest, not both, so this scope never matches",
      "keep one of the two" },
  [SP_RULE_SCOPE_TAG_EXCEPTION]
  = { "scope-tag-exception", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a tag that is accepted unsigned",
      "a tag can be moved to any other image",
      "use the digest instead of the tag, or have the image signed" },
  [SP_RULE_SCOPE_WEAKER_THAN_PARENT]
  = { "scope-weaker-than-parent", SIGPOLICY_SEVERITY_HIGH, "scopes",
      "a narrower scope that accepts unsigned images",
      "the more general scope requires a signature, and this one does not",
      "remove the scope; if it is intended, suppress the finding with a reason and a date "
      "(--suppressions)" },
  [SP_RULE_SCOPE_REGISTRY_ACCEPT]
  = { "scope-registry-accept", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "a whole registry that is accepted unsigned",
      "the default is stricter, and does not apply to this registry",
      "name only the namespaces that you need, or require a signature" },
  [SP_RULE_SCOPE_WILDCARD_ACCEPT]
  = { "scope-wildcard-accept", SIGPOLICY_SEVERITY_HIGH, "scopes",
      "all registries of a domain that are accepted unsigned",
      "anyone who gets a host name in the domain can bring any image",
      "name the registries that you need" },
  [SP_RULE_SCOPE_REDUNDANT] = { "scope-redundant", SIGPOLICY_SEVERITY_INFO, "scopes",
                                "a scope with the same requirements as the more general one",
                                "it has no effect", "remove it" },
  [SP_RULE_SCOPE_DEAD]
  = { "scope-dead", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a scope that no image has",
      "it never applies", "remove it, or write the name that you mean" },
  [SP_RULE_SCOPE_PATH_SYMLINK]
  = { "scope-path-symlink", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a path with a symbolic link",
      "scopes are compared with real paths, so this one never matches", "write the real path" },
  [SP_RULE_SCOPE_PATH_FORM]
  = { "scope-path-form", SIGPOLICY_SEVERITY_CRITICAL, "scopes",
      "a path in another form than the canonical one",
      "podman, skopeo and CRI-O reject the whole file",
      "write the absolute path, without \".\", \"..\" or a slash at the end" },
  [SP_RULE_SCOPE_PATH_ROOT]
  = { "scope-path-root", SIGPOLICY_SEVERITY_CRITICAL, "scopes", "\"/\" as a path",
      "podman, skopeo and CRI-O reject the whole file", "use the scope \"\"" },
  [SP_RULE_SCOPE_STORAGE_FORM]
  = { "scope-storage-form", SIGPOLICY_SEVERITY_CRITICAL, "scopes",
      "a containers-storage scope without its store",
      "podman, skopeo and CRI-O reject the whole file",
      "write [DRIVER@ROOT]NAME, such as [overlay@/var/lib/containers/storage]" },
  [SP_RULE_SCOPE_ARCHIVE_NONEMPTY]
  = { "scope-archive-nonempty", SIGPOLICY_SEVERITY_CRITICAL, "scopes",
      "a scope of a transport that has no scopes", "podman, skopeo and CRI-O reject the whole file",
      "use the scope \"\"" },
  [SP_RULE_REQ_AND_SURPRISE]
  = { "req-and-surprise", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "a GPG and a sigstore signature are both required",
      "all requirements of a scope must be satisfied, so an image needs both signatures",
      "keep one of the two requirements; several keys of one kind can be in one requirement" },
  [SP_RULE_REQ_ACCEPT_BESIDE_SIGNED]
  = { "req-accept-beside-signed", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "insecureAcceptAnything combined with a signature requirement",
      "it has no effect, although it looks as if signatures were optional",
      "remove insecureAcceptAnything" },
  [SP_RULE_REQ_REJECT_BESIDE_OTHERS]
  = { "req-reject-beside-others", SIGPOLICY_SEVERITY_LOW, "requirements",
      "reject combined with other requirements",
      "every image is rejected, and the other requirements have no effect",
      "remove the other requirements, or remove reject" },
  [SP_RULE_REQ_DUPLICATE]
  = { "req-duplicate", SIGPOLICY_SEVERITY_LOW, "requirements", "the same requirement or key twice",
      "it has no effect", "remove one" },
  [SP_RULE_REQ_BASE_LAYER]
  = { "req-base-layer", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "signedBaseLayer is not implemented", "every image is rejected", "remove it" },
  [SP_RULE_REQ_KEYTYPE_UNIMPLEMENTED]
  = { "req-keytype-unimplemented", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "a keyType that is not implemented", "every image is rejected", "use GPGKeys" },
  [SP_RULE_ID_COSIGN_DEFAULT]
  = { "id-cosign-default", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "no signedIdentity for sigstore signatures",
      "cosign signs repositories without a tag, and then images that are pulled by tag are "
      "rejected",
      "for images that cosign signs, add \"signedIdentity\": {\"type\": \"matchRepository\"}" },
  [SP_RULE_ID_MATCH_REPOSITORY]
  = { "id-match-repository", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "every tag of a repository is accepted",
      "anyone who serves the image can serve an older or another signed one of the same repository",
      "pull by digest, or have tags signed and use matchRepoDigestOrExact" },
  [SP_RULE_ID_EXACT_WITH_DIGEST]
  = { "id-exact-with-digest", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "matchExact rejects pulls by digest",
      "signatures name a tag, so an image that is pulled by its digest is rejected",
      "use matchRepoDigestOrExact" },
  [SP_RULE_ID_NEEDS_DOCKER_REF] = { "id-needs-docker-ref", SIGPOLICY_SEVERITY_HIGH, "requirements",
                                    "a signedIdentity that needs a docker:// name",
                                    "images of this transport have none, so all are rejected",
                                    "use exactReference or exactRepository" },
  [SP_RULE_ID_EXACT_REPO_ON_WIDE_SCOPE]
  = { "id-exact-repo-on-wide-scope", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "one fixed signed name for a whole registry or namespace",
      "under every name in the scope, an image that was signed for this one repository is accepted",
      "narrow the scope to the repository, or use remapIdentity" },
  [SP_RULE_ID_EXACT_SHORT_NAME]
  = { "id-exact-short-name", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "a short name as signed identity", "it is read as a repository of Docker Hub",
      "write the full name" },
  [SP_RULE_ID_EXACT_NO_TAG]
  = { "id-exact-no-tag", SIGPOLICY_SEVERITY_CRITICAL, "requirements",
      "exactReference without a tag or digest", "podman, skopeo and CRI-O reject the whole file",
      "add the tag, or use exactRepository" },
  [SP_RULE_ID_REMAP_NOT_COVERING]
  = { "id-remap-not-covering", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "remapIdentity for names outside its scope", "no name is mapped",
      "set the prefix to the name of the scope" },
  [SP_RULE_ID_REMAP_SHORT_PREFIX]
  = { "id-remap-short-prefix", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "remapIdentity without a registry", "full names begin with a registry, so no name is mapped",
      "put the registry before the prefix" },
  [SP_RULE_ID_REMAP_REPO_ONLY]
  = { "id-remap-repo-only", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "remapIdentity with signatures that have no tag",
      "it requires the same tag, and cosign signs without a tag: such images are rejected",
      "sign with the full name, or use exactRepository for each repository" },
  [SP_RULE_ID_REMAP_OTHER_HOST]
  = { "id-remap-other-host", SIGPOLICY_SEVERITY_LOW, "requirements",
      "images that are signed for another registry",
      "anyone who copies images here can choose which signed image has which name",
      "make the prefixes as long as possible: a repository, not a host" },
  [SP_RULE_ID_UNSATISFIABLE]
  = { "id-unsatisfiable", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "a signedIdentity that no signature has", "every image is rejected",
      "name the identity that the signatures have" },
  [SP_RULE_KEY_MISSING]
  = { "key-missing", SIGPOLICY_SEVERITY_CRITICAL, "keys", "a key file that cannot be read",
      "the requirement fails, even if its other keys are usable",
      "install the file, or remove it from the list" },
  [SP_RULE_KEY_RELATIVE_PATH]
  = { "key-relative-path", SIGPOLICY_SEVERITY_HIGH, "keys", "a relative path of a key",
      "it depends on the current directory of the program", "write the absolute path" },
  [SP_RULE_KEY_EMPTY]
  = { "key-empty", SIGPOLICY_SEVERITY_CRITICAL, "keys", "a key file without a key",
      "no signature can be verified with it", "export the key again" },
  [SP_RULE_KEY_WRONG_KIND]
  = { "key-wrong-kind", SIGPOLICY_SEVERITY_HIGH, "keys", "a key of the wrong kind",
      "it cannot be used, so signatures are rejected",
      "export the key in the format that the requirement needs" },
  [SP_RULE_KEY_PRIVATE]
  = { "key-private", SIGPOLICY_SEVERITY_CRITICAL, "keys", "a private key in the policy",
      "anyone who reads it can sign; and a policy cannot use it",
      "make a new key, and put only its public part here" },
  [SP_RULE_KEY_WRITABLE]
  = { "key-writable", SIGPOLICY_SEVERITY_CRITICAL, "keys", "a key file that others may write",
      "anyone who can change it decides what is trusted",
      "give the file and its directories to root, with the modes 0644 and 0755" },
  [SP_RULE_KEY_DATA_BROKEN]
  = { "key-data-broken", SIGPOLICY_SEVERITY_CRITICAL, "keys", "key data that is not a key",
      "it is not base64, or it is base64 of something else",
      "put the contents of the key file there, encoded in base64" },
  [SP_RULE_KEY_EXPIRED] = { "key-expired", SIGPOLICY_SEVERITY_HIGH, "keys", "an expired key",
                            "its signatures are rejected", "get the renewed key from its owner" },
  [SP_RULE_KEY_EXPIRING] = { "key-expiring", SIGPOLICY_SEVERITY_MEDIUM, "keys",
                             "a key that expires soon", "after that its signatures are rejected",
                             "get the renewed key from its owner, or add its successor" },
  [SP_RULE_KEY_REVOKED]
  = { "key-revoked", SIGPOLICY_SEVERITY_HIGH, "keys", "a revoked key",
      "its owner withdrew it; OpenPGP implementations differ in whether they accept its signatures",
      "replace it" },
  [SP_RULE_KEY_WEAK] = { "key-weak", SIGPOLICY_SEVERITY_HIGH, "keys", "a weak key",
                         "some OpenPGP implementations and FIPS modes reject it",
                         "have the images signed with a stronger key" },
  [SP_RULE_KEY_MANY]
  = { "key-many", SIGPOLICY_SEVERITY_MEDIUM, "keys", "keys of several owners in one file",
      "a signature by any one of them is accepted",
      "put the keys of each owner into a file of their own" },
  [SP_RULE_KEY_SHARED_SCOPES]
  = { "key-shared-scopes", SIGPOLICY_SEVERITY_LOW, "keys", "one key for several registries",
      "anyone who has it can sign for all of them", "use another key for each" },
  [SP_RULE_KEY_NO_SUCCESSOR]
  = { "key-no-successor", SIGPOLICY_SEVERITY_INFO, "keys", "a scope with only one key",
      "when the key is replaced, the policy and all signatures must change at once",
      "add the next key to keyPaths before it is needed" },
  [SP_RULE_KEY_COPIES_DIFFER]
  = { "key-copies-differ", SIGPOLICY_SEVERITY_LOW, "keys", "two copies of a key that differ",
      "one of them is out of date", "keep one file" },
  [SP_RULE_KEY_SYMLINK_ESCAPE]
  = { "key-symlink-escape", SIGPOLICY_SEVERITY_MEDIUM, "keys",
      "a key path that is a link to another directory",
      "the file can be replaced in a directory that nobody watches", "put the file itself there" },
  [SP_RULE_KEY_ENGINE_DIVERGENCE]
  = { "key-engine-divergence", SIGPOLICY_SEVERITY_MEDIUM, "keys",
      "a key that OpenPGP implementations treat differently",
      "one host accepts what another rejects",
      "use a key that all of them support: RSA 3072 or more, or Ed25519 of version 4" },
  [SP_RULE_FULCIO_EMAIL_IS_URI]
  = { "fulcio-email-is-uri", SIGPOLICY_SEVERITY_HIGH, "sigstore", "a URL as subjectEmail",
      "subjectEmail is compared only with e-mail addresses, so no certificate matches",
      "use a key: a policy cannot name such subjects" },
  [SP_RULE_FULCIO_ISSUER_SLASH]
  = { "fulcio-issuer-slash", SIGPOLICY_SEVERITY_MEDIUM, "sigstore",
      "an OIDC issuer in an unusual spelling", "issuers are compared character by character",
      "copy the issuer from a certificate" },
  [SP_RULE_FULCIO_WITHOUT_REKOR]
  = { "fulcio-without-rekor", SIGPOLICY_SEVERITY_CRITICAL, "sigstore", "Fulcio without a Rekor key",
      "podman, skopeo and CRI-O reject the whole file", "add rekorPublicKeyPath" },
  [SP_RULE_FULCIO_CA_STALE]
  = { "fulcio-ca-stale", SIGPOLICY_SEVERITY_HIGH, "sigstore", "an expired Fulcio CA",
      "it issues no certificates any more, so new signatures are rejected", "update the file" },
  [SP_RULE_FULCIO_WHOLE_PROVIDER]
  = { "fulcio-whole-provider", SIGPOLICY_SEVERITY_INFO, "sigstore",
      "an account at a public OIDC issuer", "anyone who takes over the account can sign",
      "prefer a key, or the identity of a workload" },
  [SP_RULE_REKOR_KEY_NOT_ECDSA]
  = { "rekor-key-not-ecdsa", SIGPOLICY_SEVERITY_CRITICAL, "sigstore",
      "a Rekor key that is not ECDSA", "the key can be loaded, but every signature is rejected",
      "use the ECDSA key of the log" },
  [SP_RULE_REKOR_PATH_EMPTY]
  = { "rekor-path-empty", SIGPOLICY_SEVERITY_HIGH, "sigstore", "an empty rekorPublicKeyPath",
      "it has no effect, and no log entry is required",
      "name the key of the log, or remove rekorPublicKeyPath" },
  [SP_RULE_PKI_WITH_REKOR]
  = { "pki-with-rekor", SIGPOLICY_SEVERITY_CRITICAL, "sigstore", "pki with a Rekor key",
      "podman, skopeo and CRI-O reject the whole file", "remove one of the two" },
  [SP_RULE_PKI_NO_SUBJECT]
  = { "pki-no-subject", SIGPOLICY_SEVERITY_CRITICAL, "sigstore", "pki without a subject",
      "podman, skopeo and CRI-O reject the whole file", "add subjectEmail or subjectHostname" },
  [SP_RULE_PKI_NO_CODESIGNING]
  = { "pki-no-codesigning", SIGPOLICY_SEVERITY_HIGH, "sigstore",
      "a CA that is not for code signing", "every signature is rejected",
      "have the CA issued again, with code signing in its extended key usage" },
  [SP_RULE_PKI_CA_EXPIRED]
  = { "pki-ca-expired", SIGPOLICY_SEVERITY_HIGH, "sigstore", "an expired private CA",
      "its signatures are rejected, even those that were made earlier", "renew it" },
  [SP_RULE_PKI_SYSTEM_ROOTS]
  = { "pki-system-roots", SIGPOLICY_SEVERITY_HIGH, "sigstore", "CAs of the public web as roots",
      "anyone who gets a certificate for that name from any of them can sign", "use a private CA" },
  [SP_RULE_ATT_DISABLED]
  = { "att-disabled", SIGPOLICY_SEVERITY_HIGH, "registries", "sigstore attachments are not read",
      "every image is rejected, with \"no signature exists\"",
      "set use-sigstore-attachments: true for it in registries.d" },
  [SP_RULE_ATT_MIRROR_DISABLED] = { "att-mirror-disabled", SIGPOLICY_SEVERITY_HIGH, "registries",
                                    "sigstore attachments are not read on a mirror",
                                    "images that come from the mirror are rejected",
                                    "set use-sigstore-attachments: true for the mirror, too" },
  [SP_RULE_ATT_UNUSED] = { "att-unused", SIGPOLICY_SEVERITY_INFO, "registries",
                           "sigstore attachments are read, but not required",
                           "each pull fetches signatures that the policy does not require",
                           "require sigstoreSigned in the policy, or remove the setting" },
  [SP_RULE_BUNDLE_EXACT_IDENTITY]
  = { "bundle-exact-identity", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "bundles without a name where the policy requires a tag",
      "images that have only such a bundle are rejected unless they are named by digest",
      "set x-sigpolicy-bundles: identity and sign with -a docker-reference=NAME:TAG, or use "
      "matchRepository" },
  [SP_RULE_BUNDLE_UNUSED]
  = { "bundle-unused", SIGPOLICY_SEVERITY_INFO, "registries", "bundles are read, but not required",
      "each verification fetches bundles that the policy does not require",
      "require sigstoreSigned in the policy, or remove x-sigpolicy-bundles" },
  [SP_RULE_BUNDLE_ROOT_EXPIRING]
  = { "bundle-root-expiring", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "a trusted root that expires soon, or has expired",
      "bundles that are signed later are rejected", "get a new trusted_root.json" },
  [SP_RULE_BUNDLE_ROOT_UNUSABLE]
  = { "bundle-root-unusable", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a trusted root that cannot be used",
      "where bundles are read, no image can be verified: exit status 4",
      "get a new trusted_root.json, or remove it" },
  [SP_RULE_LOOK_NONE]
  = { "look-none", SIGPOLICY_SEVERITY_MEDIUM, "registries", "no lookaside for GPG signatures",
      "signatures are read only from the built-in local directory",
      "name the lookaside in registries.d" },
  [SP_RULE_LOOK_BAD_SCHEME]
  = { "look-bad-scheme", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a lookaside with an unsupported URL", "each pull fails when it reads signatures",
      "write file:///PATH or https://HOST/PATH" },
  [SP_RULE_LOOK_HTTP]
  = { "look-http", SIGPOLICY_SEVERITY_MEDIUM, "registries", "a lookaside over plain HTTP",
      "anyone who controls the network path can hide signatures, or serve older ones",
      "use https" },
  [SP_RULE_LOOK_CREDENTIALS]
  = { "look-credentials", SIGPOLICY_SEVERITY_HIGH, "registries", "a password in a URL",
      "it can appear in logs and error messages", "remove the user and password from the URL" },
  [SP_RULE_LOOK_IS_REGISTRY]
  = { "look-is-registry", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "a registry as its own lookaside",
      "a registry does not serve lookaside files, so signatures are not found",
      "name the server that has the signatures" },
  [SP_RULE_LOOK_STAGING_SCHEME]
  = { "look-staging-scheme", SIGPOLICY_SEVERITY_LOW, "registries",
      "a lookaside-staging that is not a URL",
      "signatures are not written; reading is not affected", "write file:///PATH" },
  [SP_RULE_LOOK_STAGING_ONLY]
  = { "look-staging-only", SIGPOLICY_SEVERITY_LOW, "registries",
      "lookaside-staging without lookaside",
      "signatures are written there, but read from somewhere else", "add lookaside" },
  [SP_RULE_REGD_OLD_KEY]
  = { "regd-old-key", SIGPOLICY_SEVERITY_LOW, "registries", "an old name of a setting",
      "\"sigstore\" now has another meaning in containers tools",
      "write lookaside and lookaside-staging" },
  [SP_RULE_REGD_BOTH_KEYS] = { "regd-both-keys", SIGPOLICY_SEVERITY_MEDIUM, "registries",
                               "the old and the new name of a setting with different values",
                               "the value of the new name is used", "keep only the new name" },
  [SP_RULE_REGD_UNKNOWN_KEY]
  = { "regd-unknown-key", SIGPOLICY_SEVERITY_HIGH, "registries",
      "an unknown setting in registries.d", "it has no effect, and no tool reports it",
      "correct it, or remove it" },
  [SP_RULE_REGD_WRONG_EXTENSION]
  = { "regd-wrong-extension", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a file in registries.d that is not read", "only files whose names end in .yaml are read",
      "rename the file, or remove it" },
  [SP_RULE_REGD_DUPLICATE]
  = { "regd-duplicate", SIGPOLICY_SEVERITY_CRITICAL, "registries",
      "a scope in two files of registries.d", "every operation on docker:// images fails",
      "merge the two entries" },
  [SP_RULE_REGD_SYNTAX]
  = { "regd-syntax", SIGPOLICY_SEVERITY_CRITICAL, "registries", "an invalid file in registries.d",
      "every operation on docker:// images fails", "correct the file" },
  [SP_RULE_REGD_SHORT_NAME] = { "regd-short-name", SIGPOLICY_SEVERITY_HIGH, "registries",
                                "a scope in registries.d that no image has",
                                "its settings never apply", "write the full name" },
  [SP_RULE_REGD_PORT_GAP]
  = { "regd-port-gap", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "a scope in registries.d without the port that the policy has",
      "a scope without a port does not cover names with a port", "add a scope with the port" },
  [SP_RULE_REGD_FALLTHROUGH] = { "regd-fallthrough", SIGPOLICY_SEVERITY_INFO, "registries",
                                 "a setting that comes from a more general section",
                                 "containers tools use it, although the manual page says otherwise",
                                 "write the setting in the section itself" },
  [SP_RULE_REGD_USER_SHADOWS]
  = { "regd-user-shadows", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a user's registries.d that replaces the host's",
      "for this user, tools before 5.40 ignore the host's settings; later tools merge the two",
      "remove the directory, or copy the settings that it needs" },
  [SP_RULE_REGD_DIFFERS_BY_READER]
  = { "regd-differs-by-reader", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "older and newer containers tools look for signatures in different places",
      "only one of them finds the signatures",
      "make the settings in the user's and the host's directory the same" },
  [SP_RULE_REGD_CONFLICT_IN_NEWER]
  = { "regd-conflict-in-newer", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a scope in two files that newer containers tools merge",
      "every pull with a tool from 5.40 on fails",
      "remove it from one of the files, or give both files the same name" },
  [SP_RULE_REGD_DIR_MISSING]
  = { "regd-dir-missing", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "a registries.d that does not exist", "it counts as empty", "correct the path" },
  [SP_RULE_CONF_SYNTAX]
  = { "conf-syntax", SIGPOLICY_SEVERITY_CRITICAL, "registries", "an invalid registries.conf",
      "every operation on docker:// images fails", "correct the file" },
  [SP_RULE_CONF_MISPLACED_KEY]
  = { "conf-misplaced-key", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a setting in the wrong table of registries.conf", "it has no effect, and no tool reports it",
      "move it below its own header" },
  [SP_RULE_CONF_UNKNOWN_KEY]
  = { "conf-unknown-key", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "an unknown setting in registries.conf", "it has no effect, and no tool reports it",
      "correct it, or remove it" },
  [SP_RULE_CONF_DUPLICATE_PREFIX]
  = { "conf-duplicate-prefix", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "two entries in registries.conf for the same prefix",
      "only the first has an effect, and no tool reports the other", "merge the two" },
  [SP_RULE_CONF_TAG]
  = { "conf-tag", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a prefix or location with a tag or digest",
      "names are compared without tags, so the entry does not match", "remove the tag or digest" },
  [SP_RULE_CONF_VERSION_1]
  = { "conf-version-1", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a registries.conf that newer containers tools reject",
      "every operation on docker:// images fails with a tool from 5.40 on",
      "write it in version 2: unqualified-search-registries, and [[registry]] with insecure or "
      "blocked" },
  [SP_RULE_CONF_DIFFERS_BY_READER]
  = { "conf-differs-by-reader", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "older and newer containers tools fetch an image from different registries",
      "after an upgrade, another registry or another image is used",
      "give the files of registries.conf.d that differ the same name, or put them into one "
      "directory" },
  [SP_RULE_CONF_INSECURE_ACCEPT] = { "conf-insecure-accept", SIGPOLICY_SEVERITY_HIGH, "registries",
                                     "a registry without TLS whose images are accepted unsigned",
                                     "anyone who controls the network path can replace the images",
                                     "require signatures, or require TLS" },
  [SP_RULE_CONF_SEARCH_ACCEPT]
  = { "conf-search-accept", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "short names are searched on a registry whose images are accepted unsigned",
      "anyone who registers the name there can serve the image",
      "use full names, or remove the registry from the search list" },
  [SP_RULE_CONF_MIRROR_LOGICAL]
  = { "conf-mirror-logical", SIGPOLICY_SEVERITY_INFO, "registries",
      "a scope for the name of a mirror",
      "the policy is applied to the name that was given, not to the mirror's",
      "move the scope to that name" },
  [SP_RULE_USE_INSECURE_FLAG]
  = { "use-insecure-flag", SIGPOLICY_SEVERITY_HIGH, "host", "a command that turns the policy off",
      "the images that this file uses are not verified", "remove the option" },
  [SP_RULE_USE_VERIFY_THEN_TAG]
  = { "use-verify-then-tag", SIGPOLICY_SEVERITY_HIGH, "host",
      "a tag that is verified, and then pulled again", "the tag can be another image by then",
      "use the NAME@DIGEST that 'sigpolicy verify --print-ref' prints" },
  [SP_RULE_USE_FAIL_OPEN]
  = { "use-fail-open", SIGPOLICY_SEVERITY_HIGH, "host", "a failed verification that is ignored",
      "the job succeeds although nothing was verified",
      "let the job fail: set -euo pipefail, and no \"|| true\"" },
  [SP_RULE_USE_LOOSE_IDENTITY]
  = { "use-loose-identity", SIGPOLICY_SEVERITY_HIGH, "host",
      "an identity pattern that matches anyone", "a signature by anyone is accepted",
      "write the exact identity" },
  [SP_RULE_ENGINE_READS]
  = { "engine-reads", SIGPOLICY_SEVERITY_INFO, "host", "the files that a container engine reads",
      "a policy applies only to the engines that read it",
      "nothing is wrong: compare it with what you expect" },
  [SP_RULE_ENGINE_REFUSES_SIGSTORE]
  = { "engine-refuses-sigstore", SIGPOLICY_SEVERITY_HIGH, "host",
      "an engine that does not support sigstore signatures",
      "it rejects every image that must have one",
      "have the images signed with GPG, too, in a scope of its own, or use a newer engine" },
  [SP_RULE_ENGINE_CONTAINERD_OLD]
  = { "engine-containerd-old", SIGPOLICY_SEVERITY_HIGH, "host",
      "a containerd that does not call verifiers for the kubelet",
      "images of pods are pulled without being verified", "upgrade containerd to 2.1 or later" },
  [SP_RULE_ENGINE_CONTAINERD_EMPTY]
  = { "engine-containerd-empty", SIGPOLICY_SEVERITY_HIGH, "host", "containerd without a verifier",
      "every pull is allowed if the directory has no verifier",
      "ln -s /usr/bin/sigpolicy "
      "/opt/containerd/image-verifier/bin/containerd-image-verifier-sigpolicy" },
  [SP_RULE_ENGINE_CONTAINERD_WRITABLE]
  = { "engine-containerd-writable", SIGPOLICY_SEVERITY_CRITICAL, "host",
      "a verifier of containerd that others may write",
      "anyone who can change it decides what is pulled, and runs programs as root",
      "give the directory and its files to root, with the mode 0755" },
  [SP_RULE_ENGINE_CONTAINERD_STRAY]
  = { "engine-containerd-stray", SIGPOLICY_SEVERITY_HIGH, "host",
      "a file in the verifier directory that is not a program",
      "containerd runs every file in the directory, and one that fails blocks every pull",
      "remove the file from the directory, or make it a program: chmod 0755" },
  [SP_RULE_ENGINE_CONTAINERD_OFF]
  = { "engine-containerd-off", SIGPOLICY_SEVERITY_HIGH, "host",
      "containerd does not call its verifiers",
      "images are pulled without verification, and nothing is logged",
      "remove the plugin from disabled_plugins; set max_verifiers to at least the number of "
      "verifiers; import the file of sigpolicy-containerd above the first section" },
  [SP_RULE_ENGINE_CONTAINERD_BYPASS]
  = { "engine-containerd-bypass", SIGPOLICY_SEVERITY_HIGH, "host",
      "a setting of containerd that bypasses verifiers",
      "the kubelet's pulls are not verified; containerd logs only one warning about it when it "
      "starts",
      "remove the setting; put mirrors and certificates into the directory of config_path" },
  [SP_RULE_ENGINE_PODMAN_HOOK_MISSING]
  = { "engine-podman-hook-missing", SIGPOLICY_SEVERITY_CRITICAL, "host",
      "a hook of podman whose program is missing",
      "podman silently skips the hook, and starts every container",
      "install the program, or remove the hook's file" },
  [SP_RULE_ENGINE_PODMAN_HOOK_REPLACED]
  = { "engine-podman-hook-replaced", SIGPOLICY_SEVERITY_HIGH, "host",
      "a hook of podman that is not called", "containers start without verification",
      "name all directories in one hooks_dir, in the last containers.conf.d file: hooks_dir = "
      "[\"/usr/share/sigpolicy/hooks.d\", ...]" },
  [SP_RULE_ENGINE_PODMAN_HOOK_INVALID]
  = { "engine-podman-hook-invalid", SIGPOLICY_SEVERITY_CRITICAL, "host",
      "an invalid hook of podman", "podman starts no container at all",
      "correct the file, or remove it" },
  [SP_RULE_ENGINE_CRIO_HOOK]
  = { "engine-crio-hook", SIGPOLICY_SEVERITY_CRITICAL, "host", "a hook that stops CRI-O",
      "CRI-O does not start, and neither does the node",
      "move the file to a directory of its own, and name that in hooks_dir of containers.conf" },
  [SP_RULE_ENGINE_CONTENT_TRUST]
  = { "engine-content-trust", SIGPOLICY_SEVERITY_MEDIUM, "host", "Docker Content Trust",
      "docker does not verify signatures with it any more",
      "sign the images again, and verify them before docker pulls: sigpolicy-content-trust(7)" },
  [SP_RULE_ENGINE_DOCKER]
  = { "engine-docker", SIGPOLICY_SEVERITY_INFO, "host",
      "Docker Engine or containerd without policy.json", "they do not read policy.json",
      "verify images before they pull them" },
  [SP_RULE_ENGINE_CRIO_OWN_POLICY]
  = { "engine-crio-own-policy", SIGPOLICY_SEVERITY_INFO, "host", "CRI-O has a policy of its own",
      "CRI-O does not use the audited file", "audit the policy of CRI-O with --policy, too" },
  [SP_RULE_ENGINE_MACHINE_VM]
  = { "engine-machine-vm", SIGPOLICY_SEVERITY_INFO, "host", "podman machine",
      "containers run in a virtual machine that has its own policy",
      "run the audit inside the virtual machine" },
  [SP_RULE_ENGINE_PULL_ONLY]
  = { "engine-pull-only", SIGPOLICY_SEVERITY_INFO, "host", "images that are stored already",
      "the policy is not applied to them again",
      "pull them again, or verify them with 'sigpolicy verify --all-local'" },
  [SP_RULE_ENGINE_PUSH_OVERRIDE]
  = { "engine-push-override", SIGPOLICY_SEVERITY_INFO, "host",
      "podman and buildah do not apply the policy when they push",
      "images are pushed without verification", "sign what you push: podman push --sign-by KEY" },
  [SP_RULE_ENGINE_READERS_DIFFER]
  = { "engine-readers-differ", SIGPOLICY_SEVERITY_MEDIUM, "host",
      "container engines that find their configuration differently",
      "one of them can use a policy that was not audited",
      "audit as each of them reads: --reader old, --reader 5.40; or upgrade the older one" },
  [SP_RULE_ENV_CONFIG_HOME_EMPTY]
  = { "env-config-home-empty", SIGPOLICY_SEVERITY_LOW, "host", "XDG_CONFIG_HOME is empty",
      "newer tools then read files below the current directory, where anyone may have put them",
      "unset it, or set it to a directory" },
  [SP_RULE_UPGRADE_ACCEPTS]
  = { "upgrade-accepts", SIGPOLICY_SEVERITY_HIGH, "host",
      "images that are accepted after the upgrade", "they are rejected before it",
      "make the policy that newer tools read as strict as the other one" },
  [SP_RULE_UPGRADE_REJECTS]
  = { "upgrade-rejects", SIGPOLICY_SEVERITY_MEDIUM, "host",
      "images that are rejected after the upgrade", "they are accepted before it",
      "make the policy that newer tools read the same as the other one" },
  [SP_RULE_UPGRADE_FAILS]
  = { "upgrade-fails", SIGPOLICY_SEVERITY_HIGH, "host", "pulls that fail after the upgrade",
      "newer tools read a file that is invalid", "correct the file, or remove it" },
  [SP_RULE_UNTIL_SCOPE_STOPS]
  = { "until-scope-stops", SIGPOLICY_SEVERITY_HIGH, "keys", "a scope whose images stop verifying",
      "every image is rejected once the last key or certificate has expired",
      "get the renewed key, or add its successor, and have the images signed with it" },
  [SP_RULE_UNTIL_KEY_EXPIRES] = { "until-key-expires", SIGPOLICY_SEVERITY_MEDIUM, "keys",
                                  "a key that expires", "after that its signatures are rejected",
                                  "get the renewed key from its owner, or add its successor" },
  [SP_RULE_UNTIL_IMAGE_STOPS]
  = { "until-image-stops", SIGPOLICY_SEVERITY_HIGH, "keys", "a stored image that stops verifying",
      "it is accepted now and rejected at that time",
      "have the image signed by a key that is valid longer, and pull it again" },
  [SP_RULE_SUPPRESSION_EXPIRED]
  = { "suppression-expired", SIGPOLICY_SEVERITY_MEDIUM, "host", "an expired suppression",
      "the finding is reported again",
      "fix the finding, or give the suppression a new date and reason" },
  [SP_RULE_SUPPRESSION_UNUSED]
  = { "suppression-unused", SIGPOLICY_SEVERITY_INFO, "host",
      "a suppression that matches no finding", "it could hide a later finding", "remove it" },
};

const struct sp_audit_rule *
sp_rule_find (const char *id)
{
  for (size_t i = 0; i < SP_N_RULES; i++)
    if (strcmp (sp_rules[i].id, id) == 0)
      return &sp_rules[i];
  return NULL;
}

const char *
sp_severity_name (sigpolicy_severity severity)
{
  static const char *const names[] = { "info", "low", "medium", "high", "critical" };
  return names[severity];
}
