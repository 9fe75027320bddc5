/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/audit.h"

/* Every rule there is: sigpolicy-audit(7) has the same list. A finding says in its own words what
 * is wrong here; this says why it matters, and what fixes it. */
const struct sp_audit_rule sp_rules[SP_N_RULES] = {
  [SP_RULE_POLICY_NOT_FOUND]
  = { "policy-not-found", SIGPOLICY_SEVERITY_CRITICAL, "policy", "there is no policy",
      "every pull fails, and people then turn the policy off",
      "put a policy.json in /etc/containers: {\"default\": [{\"type\": \"reject\"}]} is the safe "
      "beginning" },
  [SP_RULE_POLICY_SYNTAX]
  = { "policy-syntax", SIGPOLICY_SEVERITY_CRITICAL, "policy", "the policy is not JSON",
      "every reader refuses the whole file, so every pull on the host fails",
      "make it strict JSON: no comments, no comma behind the last entry, one document" },
  [SP_RULE_POLICY_UNKNOWN_KEY]
  = { "policy-unknown-key", SIGPOLICY_SEVERITY_CRITICAL, "policy", "a key that no reader knows",
      "every reader refuses the whole file", "correct the key, or remove it" },
  [SP_RULE_POLICY_DUPLICATE_KEY]
  = { "policy-duplicate-key", SIGPOLICY_SEVERITY_CRITICAL, "policy",
      "a key stands twice in one object",
      "every reader refuses the whole file, while jq and editors silently keep one of the two",
      "merge the two by hand" },
  [SP_RULE_POLICY_DEFAULT_MISSING]
  = { "policy-default-missing", SIGPOLICY_SEVERITY_CRITICAL, "policy", "there is no \"default\"",
      "every reader refuses the whole file", "add \"default\": [{\"type\": \"reject\"}]" },
  [SP_RULE_POLICY_EMPTY_REQUIREMENTS]
  = { "policy-empty-requirements", SIGPOLICY_SEVERITY_CRITICAL, "policy",
      "a list of requirements is empty", "every reader refuses the whole file",
      "say what is meant: [{\"type\": \"reject\"}], or [{\"type\": \"insecureAcceptAnything\"}]" },
  [SP_RULE_POLICY_INVALID]
  = { "policy-invalid", SIGPOLICY_SEVERITY_CRITICAL, "policy", "a value that no reader takes",
      "every reader refuses the whole file", "write it as containers-policy.json(5) has it" },
  [SP_RULE_POLICY_DEFAULT_ACCEPT]
  = { "policy-default-accept", SIGPOLICY_SEVERITY_HIGH, "policy", "the default accepts anything",
      "whatever no scope names is used unsigned; benchmarks ask for a default that rejects",
      "make the default [{\"type\": \"reject\"}], and name the scopes that are allowed" },
  [SP_RULE_POLICY_NEEDS_NEWER_READER]
  = { "policy-needs-newer-reader", SIGPOLICY_SEVERITY_MEDIUM, "policy",
      "only newer readers take this policy",
      "an older podman or skopeo refuses the whole file, or does not find it",
      "keep to what the oldest reader on the host knows, or update that" },
  [SP_RULE_POLICY_DIFFERS_BY_READER]
  = { "policy-differs-by-reader", SIGPOLICY_SEVERITY_HIGH, "policy",
      "older and newer readers take different policies",
      "a program decides by another policy as soon as it is upgraded",
      "keep one policy: make the two files the same, or remove one" },
  [SP_RULE_POLICY_UNREADABLE_SKIPPED]
  = { "policy-unreadable-skipped", SIGPOLICY_SEVERITY_MEDIUM, "policy",
      "a user's policy that cannot be opened",
      "older readers pass over it, and newer ones fail every pull",
      "remove it, or make it a file that can be read" },
  [SP_RULE_POLICY_USER_SHADOWS_SYSTEM]
  = { "policy-user-shadows-system", SIGPOLICY_SEVERITY_HIGH, "policy",
      "a user's policy replaces the host's",
      "for this user the host's policy does not count, and its updates never arrive",
      "remove it, or keep it equal to the policy of the host" },
  [SP_RULE_POLICY_ENV_OVERRIDE] = { "policy-env-override", SIGPOLICY_SEVERITY_HIGH, "policy",
                                    "CONTAINERS_POLICY_JSON names another policy",
                                    "newer readers use that file, and not the one that was audited",
                                    "unset it, or audit that file with --policy" },
  [SP_RULE_POLICY_WRITABLE]
  = { "policy-writable", SIGPOLICY_SEVERITY_CRITICAL, "policy", "others may write the policy",
      "whoever can change the file, or a directory above it, decides what is trusted",
      "give the file and its directories to root, mode 0644 and 0755" },
  [SP_RULE_POLICY_UNREADABLE]
  = { "policy-unreadable", SIGPOLICY_SEVERITY_MEDIUM, "policy", "users cannot read the policy",
      "rootless pulls fail", "make the file readable for all: chmod 0644" },
  [SP_RULE_POLICY_LEFTOVER_UPDATE]
  = { "policy-leftover-update", SIGPOLICY_SEVERITY_LOW, "policy",
      "an update of the policy was never merged",
      "new keys and scopes of the vendor are in a file that nobody reads",
      "merge it into the policy, and remove it" },
  [SP_RULE_POLICY_TWO_OWNERS]
  = { "policy-two-owners", SIGPOLICY_SEVERITY_INFO, "policy", "several packages own the policy",
      "the order of updates decides which one stays",
      "keep one of the packages, or divert the file" },
  [SP_RULE_TRANSPORT_UNKNOWN]
  = { "transport-unknown", SIGPOLICY_SEVERITY_HIGH, "scopes", "a transport that no reader knows",
      "its scopes are never looked at, and the default decides",
      "write the transport as containers-transports(5) has it" },
  [SP_RULE_TRANSPORT_ATOMIC_FOR_REGISTRY]
  = { "transport-atomic-for-registry", SIGPOLICY_SEVERITY_HIGH, "scopes",
      "rules for a registry stand under \"atomic\"",
      "images that are pulled as docker:// never ask them", "move them to \"docker\"" },
  [SP_RULE_TRANSPORT_CATCHALL_ACCEPT]
  = { "transport-catchall-accept", SIGPOLICY_SEVERITY_HIGH, "scopes",
      "docker accepts everything without a scope", "the \"\" scope reopens what the default closes",
      "remove the \"\" scope, and name the registries that are allowed" },
  [SP_RULE_TRANSPORT_ARCHIVES_ACCEPT]
  = { "transport-archives-accept", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "images in files are accepted unsigned",
      "who can bring a file onto the host can bring any image",
      "limit it to the paths where such images are expected, such as \"/srv/images\"" },
  [SP_RULE_TRANSPORT_DAEMON_ACCEPT] = { "transport-daemon-accept", SIGPOLICY_SEVERITY_LOW, "scopes",
                                        "images of a Docker daemon are accepted unsigned",
                                        "any image that is in the local Docker Engine may be used",
                                        "remove docker-daemon if nothing uses it" },
  [SP_RULE_TRANSPORT_LOCAL_BLOCKED]
  = { "transport-local-blocked", SIGPOLICY_SEVERITY_LOW, "scopes",
      "the default rejects local images, too", "podman build, save and load of such images fail",
      "add the transport with [{\"type\": \"insecureAcceptAnything\"}], or leave it as it is "
      "meant" },
  [SP_RULE_TRANSPORT_NEVER_SIGNED]
  = { "transport-never-signed", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "a signature is asked of images that cannot have one",
      "this transport stores no signatures, so its images are always rejected",
      "say [{\"type\": \"reject\"}], or accept the paths that are trusted" },
  [SP_RULE_SCOPE_SHORT_NAME]
  = { "scope-short-name", SIGPOLICY_SEVERITY_HIGH, "scopes", "a scope without its registry",
      "images are looked up by their full names, so it never matches",
      "write the full name: docker.io/library/NAME" },
  [SP_RULE_SCOPE_WITH_SCHEME]
  = { "scope-with-scheme", SIGPOLICY_SEVERITY_HIGH, "scopes", "a scope with a scheme",
      "scopes are bare names, so it never matches", "remove the scheme" },
  [SP_RULE_SCOPE_TRAILING_SLASH]
  = { "scope-trailing-slash", SIGPOLICY_SEVERITY_HIGH, "scopes", "a scope with a slash at its end",
      "no image name ends so, and it never matches", "remove the slash" },
  [SP_RULE_SCOPE_BAD_WILDCARD]
  = { "scope-bad-wildcard", SIGPOLICY_SEVERITY_HIGH, "scopes", "a wildcard that is none",
      "only \"*.\" before a domain is one; this scope never matches",
      "a scope covers all that is below it: remove the wildcard" },
  [SP_RULE_SCOPE_WILDCARD_PORT]
  = { "scope-wildcard-port", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a wildcard with a port",
      "ports are dropped before wildcards are looked up, so it never matches", "remove the port" },
  [SP_RULE_SCOPE_PORT_GAP]
  = { "scope-port-gap", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "a scope without the port that the registry is used with",
      "a name with a port is not below the same name without", "add the name with its port" },
  [SP_RULE_SCOPE_LEGACY_HUB_HOST]
  = { "scope-legacy-hub-host", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "Docker Hub's old name",
      "it is folded to docker.io before scopes are looked up, so it never matches",
      "write docker.io" },
  [SP_RULE_SCOPE_UPPERCASE]
  = { "scope-uppercase", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a repository in upper case",
      "repositories are lower case, so it never matches", "write it in lower case" },
  [SP_RULE_SCOPE_TAG_AND_DIGEST]
  = { "scope-tag-and-digest", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "a scope with a tag and a digest", "an image is judged by one of them, so it never matches",
      "keep one of the two" },
  [SP_RULE_SCOPE_TAG_EXCEPTION]
  = { "scope-tag-exception", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "one tag is accepted unsigned",
      "a tag can be moved to any other image",
      "name the digest instead, or have the image signed" },
  [SP_RULE_SCOPE_WEAKER_THAN_PARENT]
  = { "scope-weaker-than-parent", SIGPOLICY_SEVERITY_HIGH, "scopes", "a hole in what is signed",
      "the scope above it asks for a signature, and here none is needed",
      "remove it; or keep it on record, with --suppressions, a reason and an end" },
  [SP_RULE_SCOPE_REGISTRY_ACCEPT]
  = { "scope-registry-accept", SIGPOLICY_SEVERITY_MEDIUM, "scopes",
      "a whole registry that is accepted unsigned",
      "the default is stricter, and everything of this registry passes it",
      "name the namespaces that are meant, or ask for a signature" },
  [SP_RULE_SCOPE_WILDCARD_ACCEPT]
  = { "scope-wildcard-accept", SIGPOLICY_SEVERITY_HIGH, "scopes",
      "all registries of a domain that are accepted unsigned",
      "who gets a host name there can bring any image", "name the registries that are meant" },
  [SP_RULE_SCOPE_REDUNDANT]
  = { "scope-redundant", SIGPOLICY_SEVERITY_INFO, "scopes", "the same rules as the scope above",
      "it changes nothing", "remove it" },
  [SP_RULE_SCOPE_DEAD]
  = { "scope-dead", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a scope that no image has",
      "its rules are never asked", "remove it, or write the name that is meant" },
  [SP_RULE_SCOPE_PATH_SYMLINK]
  = { "scope-path-symlink", SIGPOLICY_SEVERITY_MEDIUM, "scopes", "a path with a symbolic link",
      "images are looked up by their real paths, so it never matches", "write the real path" },
  [SP_RULE_SCOPE_PATH_FORM]
  = { "scope-path-form", SIGPOLICY_SEVERITY_CRITICAL, "scopes",
      "a path that is not in its canonical form", "every reader refuses the whole file",
      "write the absolute path without \".\", \"..\" and a slash at the end" },
  [SP_RULE_SCOPE_PATH_ROOT]
  = { "scope-path-root", SIGPOLICY_SEVERITY_CRITICAL, "scopes", "\"/\" as a path",
      "every reader refuses the whole file", "use the scope \"\"" },
  [SP_RULE_SCOPE_STORAGE_FORM]
  = { "scope-storage-form", SIGPOLICY_SEVERITY_CRITICAL, "scopes",
      "a containers-storage scope without its store", "every reader refuses the whole file",
      "write [DRIVER@ROOT]NAME, such as [overlay@/var/lib/containers/storage]" },
  [SP_RULE_SCOPE_ARCHIVE_NONEMPTY]
  = { "scope-archive-nonempty", SIGPOLICY_SEVERITY_CRITICAL, "scopes",
      "a scope of a transport that has none", "every reader refuses the whole file",
      "use the scope \"\"" },
  [SP_RULE_REQ_AND_SURPRISE] = { "req-and-surprise", SIGPOLICY_SEVERITY_HIGH, "requirements",
                                 "a GPG and a sigstore signature are both needed",
                                 "requirements are joined by \"and\": an image now needs both",
                                 "keep one of the two, or list all keys in one requirement" },
  [SP_RULE_REQ_ACCEPT_BESIDE_SIGNED]
  = { "req-accept-beside-signed", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "accepting beside a signature",
      "it has no effect, though it reads as if signatures were optional",
      "remove insecureAcceptAnything" },
  [SP_RULE_REQ_REJECT_BESIDE_OTHERS]
  = { "req-reject-beside-others", SIGPOLICY_SEVERITY_LOW, "requirements", "reject beside others",
      "everything is rejected, and the others are never asked", "remove the others" },
  [SP_RULE_REQ_DUPLICATE]
  = { "req-duplicate", SIGPOLICY_SEVERITY_LOW, "requirements", "the same requirement or key twice",
      "it adds no assurance", "remove one" },
  [SP_RULE_REQ_BASE_LAYER]
  = { "req-base-layer", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "signedBaseLayer is not implemented", "every image is rejected", "remove it" },
  [SP_RULE_REQ_KEYTYPE_UNIMPLEMENTED]
  = { "req-keytype-unimplemented", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "a keyType that is not implemented", "every image is rejected", "use GPGKeys" },
  [SP_RULE_ID_COSIGN_DEFAULT]
  = { "id-cosign-default", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "no signedIdentity for sigstore signatures",
      "cosign signs a repository without its tag, and then pulls by tag are rejected",
      "for images that cosign signs, add \"signedIdentity\": {\"type\": \"matchRepository\"}" },
  [SP_RULE_ID_MATCH_REPOSITORY]
  = { "id-match-repository", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "any tag of a repository will do",
      "who serves the image may serve an older or another signed one of the same repository",
      "pull by digest, or have tags signed and use matchRepoDigestOrExact" },
  [SP_RULE_ID_EXACT_WITH_DIGEST]
  = { "id-exact-with-digest", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "matchExact and pulls by digest",
      "a signature names a tag, so an image that is pulled by digest is rejected",
      "use matchRepoDigestOrExact" },
  [SP_RULE_ID_NEEDS_DOCKER_REF] = { "id-needs-docker-ref", SIGPOLICY_SEVERITY_HIGH, "requirements",
                                    "an identity that needs a docker name",
                                    "images of this transport have none, so all are rejected",
                                    "use exactReference or exactRepository" },
  [SP_RULE_ID_EXACT_REPO_ON_WIDE_SCOPE]
  = { "id-exact-repo-on-wide-scope", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "one product for every repository",
      "whatever name is pulled here, an image that is signed as this one repository is taken for "
      "it",
      "narrow the scope to the repository, or use remapIdentity" },
  [SP_RULE_ID_EXACT_SHORT_NAME]
  = { "id-exact-short-name", SIGPOLICY_SEVERITY_MEDIUM, "requirements",
      "a short name as an identity", "it is read as a repository of Docker Hub",
      "write the full name" },
  [SP_RULE_ID_EXACT_NO_TAG]
  = { "id-exact-no-tag", SIGPOLICY_SEVERITY_CRITICAL, "requirements",
      "exactReference without tag and digest", "every reader refuses the whole file",
      "add the tag, or use exactRepository" },
  [SP_RULE_ID_REMAP_NOT_COVERING]
  = { "id-remap-not-covering", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "remapIdentity of names that are not in its scope", "nothing is remapped",
      "make the prefix the name of the scope" },
  [SP_RULE_ID_REMAP_SHORT_PREFIX]
  = { "id-remap-short-prefix", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "remapIdentity without a registry",
      "full names begin with a registry, so nothing is ever remapped",
      "put the registry in front of the prefix" },
  [SP_RULE_ID_REMAP_REPO_ONLY]
  = { "id-remap-repo-only", SIGPOLICY_SEVERITY_HIGH, "requirements",
      "remapIdentity and signatures without tags",
      "it asks for the same tag, and cosign signs none: such images are rejected",
      "sign with a full identity, or list the repository as exactRepository" },
  [SP_RULE_ID_REMAP_OTHER_HOST]
  = { "id-remap-other-host", SIGPOLICY_SEVERITY_LOW, "requirements",
      "images that are signed for another registry",
      "who copies them here chooses which of the signed images has which name",
      "keep the prefixes as long as you can: a repository, not a host" },
  [SP_RULE_ID_UNSATISFIABLE] = { "id-unsatisfiable", SIGPOLICY_SEVERITY_HIGH, "requirements",
                                 "an identity that no signature has", "every image is rejected",
                                 "name the identity that signatures have" },
  [SP_RULE_KEY_MISSING]
  = { "key-missing", SIGPOLICY_SEVERITY_CRITICAL, "keys", "a key file cannot be read",
      "the whole requirement fails, even where its other keys are good",
      "install the file, or remove it from the list" },
  [SP_RULE_KEY_RELATIVE_PATH]
  = { "key-relative-path", SIGPOLICY_SEVERITY_HIGH, "keys", "a relative path",
      "which file that is depends on the directory that a program is started in",
      "write the absolute path" },
  [SP_RULE_KEY_EMPTY] = { "key-empty", SIGPOLICY_SEVERITY_CRITICAL, "keys", "no key in a key file",
                          "nothing can be verified with it", "export the key again" },
  [SP_RULE_KEY_WRONG_KIND]
  = { "key-wrong-kind", SIGPOLICY_SEVERITY_HIGH, "keys", "a key of the wrong kind",
      "it cannot be used, and signatures are rejected", "export it as the requirement needs it" },
  [SP_RULE_KEY_PRIVATE] = { "key-private", SIGPOLICY_SEVERITY_CRITICAL, "keys", "a private key",
                            "who reads it can sign; and it cannot be used here",
                            "make a new key, and keep the public part of it here alone" },
  [SP_RULE_KEY_WRITABLE]
  = { "key-writable", SIGPOLICY_SEVERITY_CRITICAL, "keys", "others may write a key file",
      "whoever can change it decides what is trusted",
      "give the file and its directories to root, mode 0644 and 0755" },
  [SP_RULE_KEY_DATA_BROKEN]
  = { "key-data-broken", SIGPOLICY_SEVERITY_CRITICAL, "keys", "key data that is no key",
      "it is the base64 of something else, or none",
      "put the contents of the key file there, in base64" },
  [SP_RULE_KEY_EXPIRED] = { "key-expired", SIGPOLICY_SEVERITY_HIGH, "keys", "an expired key",
                            "its signatures are rejected", "get the renewed key from its owner" },
  [SP_RULE_KEY_EXPIRING]
  = { "key-expiring", SIGPOLICY_SEVERITY_MEDIUM, "keys", "a key that expires soon",
      "from then on its signatures are rejected", "get the renewed key, or add its successor" },
  [SP_RULE_KEY_REVOKED]
  = { "key-revoked", SIGPOLICY_SEVERITY_HIGH, "keys", "a revoked key",
      "its owner withdrew it; engines differ in what they make of its signatures", "replace it" },
  [SP_RULE_KEY_WEAK]
  = { "key-weak", SIGPOLICY_SEVERITY_HIGH, "keys", "a weak key", "engines and FIPS modes refuse it",
      "have the images signed with a stronger key" },
  [SP_RULE_KEY_MANY]
  = { "key-many", SIGPOLICY_SEVERITY_MEDIUM, "keys", "unrelated keys in one file",
      "a signature by any of them will do", "make a file of each owner's keys" },
  [SP_RULE_KEY_SHARED_SCOPES]
  = { "key-shared-scopes", SIGPOLICY_SEVERITY_LOW, "keys", "one key for several registries",
      "who holds it can sign for all of them", "use a key for each" },
  [SP_RULE_KEY_NO_SUCCESSOR]
  = { "key-no-successor", SIGPOLICY_SEVERITY_INFO, "keys", "a single key",
      "when it is replaced, the policy and all signatures must change at once",
      "list the next key in keyPaths before it is needed" },
  [SP_RULE_KEY_COPIES_DIFFER]
  = { "key-copies-differ", SIGPOLICY_SEVERITY_LOW, "keys", "two copies of a key differ",
      "one of them is stale", "keep one file" },
  [SP_RULE_KEY_SYMLINK_ESCAPE]
  = { "key-symlink-escape", SIGPOLICY_SEVERITY_MEDIUM, "keys", "a key path that leads elsewhere",
      "the file can be replaced where nobody looks", "put the file itself there" },
  [SP_RULE_KEY_ENGINE_DIVERGENCE]
  = { "key-engine-divergence", SIGPOLICY_SEVERITY_MEDIUM, "keys",
      "a key that engines judge differently", "what one host accepts another rejects",
      "use a key that all know: RSA 3072 or more, or Ed25519 of version 4" },
  [SP_RULE_FULCIO_EMAIL_IS_URI]
  = { "fulcio-email-is-uri", SIGPOLICY_SEVERITY_HIGH, "sigstore", "a URL as subjectEmail",
      "e-mail addresses alone are compared, so no certificate matches",
      "policies cannot name such subjects yet: use a key" },
  [SP_RULE_FULCIO_ISSUER_SLASH]
  = { "fulcio-issuer-slash", SIGPOLICY_SEVERITY_MEDIUM, "sigstore",
      "an issuer that is spelt unusually", "issuers are compared to the letter",
      "copy the issuer from a certificate" },
  [SP_RULE_FULCIO_WITHOUT_REKOR]
  = { "fulcio-without-rekor", SIGPOLICY_SEVERITY_CRITICAL, "sigstore", "Fulcio without a Rekor key",
      "every reader refuses the whole file", "add rekorPublicKeyPath" },
  [SP_RULE_FULCIO_CA_STALE]
  = { "fulcio-ca-stale", SIGPOLICY_SEVERITY_HIGH, "sigstore", "an expired Fulcio CA",
      "no signature of today is by it", "update the file" },
  [SP_RULE_FULCIO_WHOLE_PROVIDER]
  = { "fulcio-whole-provider", SIGPOLICY_SEVERITY_INFO, "sigstore",
      "an account of a public provider", "who takes over the account can sign",
      "prefer a key, or the identity of a workload" },
  [SP_RULE_REKOR_KEY_NOT_ECDSA]
  = { "rekor-key-not-ecdsa", SIGPOLICY_SEVERITY_CRITICAL, "sigstore",
      "a Rekor key that is not ECDSA", "it loads and then every signature is rejected",
      "use the ECDSA key of that log" },
  [SP_RULE_REKOR_PATH_EMPTY]
  = { "rekor-path-empty", SIGPOLICY_SEVERITY_HIGH, "sigstore", "an empty path of a Rekor key",
      "it counts as none, and no log is asked",
      "name the key of the log, or remove rekorPublicKeyPath" },
  [SP_RULE_PKI_WITH_REKOR]
  = { "pki-with-rekor", SIGPOLICY_SEVERITY_CRITICAL, "sigstore", "a private PKI with a log",
      "every reader refuses the whole file", "remove one of the two" },
  [SP_RULE_PKI_NO_SUBJECT]
  = { "pki-no-subject", SIGPOLICY_SEVERITY_CRITICAL, "sigstore", "a private PKI without a subject",
      "every reader refuses the whole file", "add subjectEmail or subjectHostname" },
  [SP_RULE_PKI_NO_CODESIGNING]
  = { "pki-no-codesigning", SIGPOLICY_SEVERITY_HIGH, "sigstore",
      "a CA that is not for code signing", "every signature is rejected",
      "have it issued anew, with code signing among its extended key usages" },
  [SP_RULE_PKI_CA_EXPIRED]
  = { "pki-ca-expired", SIGPOLICY_SEVERITY_HIGH, "sigstore", "an expired CA",
      "its signatures are rejected, also those that were made before", "renew it" },
  [SP_RULE_PKI_SYSTEM_ROOTS]
  = { "pki-system-roots", SIGPOLICY_SEVERITY_HIGH, "sigstore", "the public web's CAs as roots",
      "who gets a certificate from any of them, for that name, can sign", "use a CA of your own" },
  [SP_RULE_ATT_DISABLED] = { "att-disabled", SIGPOLICY_SEVERITY_HIGH, "registries",
                             "sigstore signatures are not looked for",
                             "every image is rejected, with \"no signature exists\"",
                             "set use-sigstore-attachments: true for it in registries.d" },
  [SP_RULE_ATT_MIRROR_DISABLED] = { "att-mirror-disabled", SIGPOLICY_SEVERITY_HIGH, "registries",
                                    "sigstore signatures are not looked for on a mirror",
                                    "images are rejected when the mirror answers",
                                    "set use-sigstore-attachments: true for the mirror, too" },
  [SP_RULE_ATT_UNUSED] = { "att-unused", SIGPOLICY_SEVERITY_INFO, "registries",
                           "sigstore signatures are looked for in vain",
                           "each pull asks for what the policy does not want",
                           "ask for the signatures in the policy, or remove the setting" },
  [SP_RULE_BUNDLE_EXACT_IDENTITY]
  = { "bundle-exact-identity", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "bundles without a name where the policy requires a tag",
      "images that only such a bundle vouches for are rejected unless they are named by digest",
      "set x-sigpolicy-bundles: identity and sign with -a docker-reference=NAME:TAG, or use "
      "matchRepository" },
  [SP_RULE_BUNDLE_UNUSED]
  = { "bundle-unused", SIGPOLICY_SEVERITY_INFO, "registries", "bundles are looked for in vain",
      "each verification asks for what the policy does not want",
      "ask for sigstoreSigned in the policy, or remove x-sigpolicy-bundles" },
  [SP_RULE_BUNDLE_ROOT_EXPIRING]
  = { "bundle-root-expiring", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "a trusted root that ends soon, or has ended", "bundles that are signed later are rejected",
      "get a new trusted_root.json" },
  [SP_RULE_BUNDLE_ROOT_UNUSABLE] = { "bundle-root-unusable", SIGPOLICY_SEVERITY_HIGH, "registries",
                                     "a trusted root that cannot be used",
                                     "where bundles count, no image can be verified: exit status 4",
                                     "get a new trusted_root.json, or remove it" },
  [SP_RULE_LOOK_NONE]
  = { "look-none", SIGPOLICY_SEVERITY_MEDIUM, "registries", "no lookaside for GPG signatures",
      "only the built-in local directory is read", "name the lookaside in registries.d" },
  [SP_RULE_LOOK_BAD_SCHEME]
  = { "look-bad-scheme", SIGPOLICY_SEVERITY_HIGH, "registries", "a lookaside that cannot be read",
      "each pull fails when it looks for signatures", "write file:///PATH or https://HOST/PATH" },
  [SP_RULE_LOOK_HTTP]
  = { "look-http", SIGPOLICY_SEVERITY_MEDIUM, "registries", "a lookaside over plain http",
      "signatures can be withheld, and older ones served", "use https" },
  [SP_RULE_LOOK_CREDENTIALS] = { "look-credentials", SIGPOLICY_SEVERITY_HIGH, "registries",
                                 "a password in a URL", "it ends up in logs", "remove it" },
  [SP_RULE_LOOK_IS_REGISTRY]
  = { "look-is-registry", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "a registry as its own lookaside",
      "what is there answers in its own way, and signatures are not found",
      "name the server that has the signatures" },
  [SP_RULE_LOOK_STAGING_SCHEME]
  = { "look-staging-scheme", SIGPOLICY_SEVERITY_LOW, "registries",
      "a place to write signatures that is no URL",
      "signatures are not written; reading them is not affected", "write file:///PATH" },
  [SP_RULE_LOOK_STAGING_ONLY] = { "look-staging-only", SIGPOLICY_SEVERITY_LOW, "registries",
                                  "a place to write signatures, and none to read them",
                                  "readers find nothing", "add lookaside" },
  [SP_RULE_REGD_OLD_KEY]
  = { "regd-old-key", SIGPOLICY_SEVERITY_LOW, "registries", "an old name of a setting",
      "\"sigstore\" now means something else", "write lookaside, lookaside-staging" },
  [SP_RULE_REGD_BOTH_KEYS]
  = { "regd-both-keys", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "the old and the new name of a setting differ", "the new one counts", "keep that one" },
  [SP_RULE_REGD_UNKNOWN_KEY]
  = { "regd-unknown-key", SIGPOLICY_SEVERITY_HIGH, "registries", "a setting that nobody knows",
      "it is ignored without a word", "correct it" },
  [SP_RULE_REGD_WRONG_EXTENSION] = { "regd-wrong-extension", SIGPOLICY_SEVERITY_HIGH, "registries",
                                     "a file that is not read", "only *.yaml is", "rename it" },
  [SP_RULE_REGD_DUPLICATE]
  = { "regd-duplicate", SIGPOLICY_SEVERITY_CRITICAL, "registries", "a scope in two files",
      "every operation on docker images fails", "merge the two" },
  [SP_RULE_REGD_SYNTAX] = { "regd-syntax", SIGPOLICY_SEVERITY_CRITICAL, "registries",
                            "a file that is not YAML as it should be",
                            "every operation on docker images fails", "correct it" },
  [SP_RULE_REGD_SHORT_NAME]
  = { "regd-short-name", SIGPOLICY_SEVERITY_HIGH, "registries", "a scope that no image has",
      "its settings are never used", "write the full name" },
  [SP_RULE_REGD_PORT_GAP]
  = { "regd-port-gap", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "a scope without the port that the policy has",
      "a name with a port is not below the same name without", "add the name with its port" },
  [SP_RULE_REGD_FALLTHROUGH]
  = { "regd-fallthrough", SIGPOLICY_SEVERITY_INFO, "registries", "a setting from a wider section",
      "readers take it from there, though the manual page says otherwise",
      "set it in the section itself" },
  [SP_RULE_REGD_USER_SHADOWS]
  = { "regd-user-shadows", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a user's registries.d replaces the host's",
      "for this user the host's settings do not count to readers before 5.40; later ones merge the "
      "two",
      "remove the directory, or copy what it needs" },
  [SP_RULE_REGD_DIFFERS_BY_READER]
  = { "regd-differs-by-reader", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "older and newer readers look for signatures in different places",
      "signatures are found by one of them alone",
      "put what the user's directory says into the host's, or the reverse" },
  [SP_RULE_REGD_CONFLICT_IN_NEWER]
  = { "regd-conflict-in-newer", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a scope in two files that newer readers merge", "every pull by readers from 5.40 on fails",
      "remove it from one of the files, or give both files the same name" },
  [SP_RULE_REGD_DIR_MISSING]
  = { "regd-dir-missing", SIGPOLICY_SEVERITY_MEDIUM, "registries", "a directory that is not there",
      "it counts as empty", "correct the path" },
  [SP_RULE_CONF_SYNTAX] = { "conf-syntax", SIGPOLICY_SEVERITY_CRITICAL, "registries",
                            "a registries.conf that cannot be read",
                            "every operation on docker images fails", "correct it" },
  [SP_RULE_CONF_MISPLACED_KEY]
  = { "conf-misplaced-key", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a setting of registries.conf in a wrong table",
      "it is ignored without a word, as where a header was commented out",
      "move it below its own header" },
  [SP_RULE_CONF_UNKNOWN_KEY] = { "conf-unknown-key", SIGPOLICY_SEVERITY_MEDIUM, "registries",
                                 "a setting of registries.conf that nobody knows",
                                 "it is ignored without a word", "correct it, or remove it" },
  [SP_RULE_CONF_DUPLICATE_PREFIX]
  = { "conf-duplicate-prefix", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "two entries for the same prefix",
      "the first one counts, and the other is ignored without a word", "merge the two" },
  [SP_RULE_CONF_TAG]
  = { "conf-tag", SIGPOLICY_SEVERITY_HIGH, "registries", "a prefix or location with a tag",
      "names are compared without tags, so it does not do what is meant", "remove the tag" },
  [SP_RULE_CONF_VERSION_1]
  = { "conf-version-1", SIGPOLICY_SEVERITY_HIGH, "registries",
      "a registries.conf that newer readers refuse",
      "readers from 5.40 on fail every operation on docker images",
      "write it in version 2: unqualified-search-registries, and [[registry]] with insecure or "
      "blocked" },
  [SP_RULE_CONF_DIFFERS_BY_READER]
  = { "conf-differs-by-reader", SIGPOLICY_SEVERITY_MEDIUM, "registries",
      "older and newer readers fetch an image from different places",
      "after an upgrade another registry, or another image, answers",
      "give the files of registries.conf.d that differ the same name, or put them into one "
      "directory" },
  [SP_RULE_CONF_INSECURE_ACCEPT]
  = { "conf-insecure-accept", SIGPOLICY_SEVERITY_HIGH, "registries", "neither TLS nor signatures",
      "who is on the way can change the images", "ask for signatures, or for TLS" },
  [SP_RULE_CONF_SEARCH_ACCEPT] = { "conf-search-accept", SIGPOLICY_SEVERITY_MEDIUM, "registries",
                                   "short names are searched where anything is accepted",
                                   "who registers the name there first serves it",
                                   "use full names, or take the registry off the list" },
  [SP_RULE_CONF_MIRROR_LOGICAL]
  = { "conf-mirror-logical", SIGPOLICY_SEVERITY_INFO, "registries",
      "a rule for the name of a mirror", "images are judged by the name that was asked for",
      "move the rule to that name" },
  [SP_RULE_USE_INSECURE_FLAG]
  = { "use-insecure-flag", SIGPOLICY_SEVERITY_HIGH, "host", "the policy is turned off",
      "what this starts is not verified", "remove the option" },
  [SP_RULE_USE_VERIFY_THEN_TAG]
  = { "use-verify-then-tag", SIGPOLICY_SEVERITY_HIGH, "host", "a tag is verified and pulled again",
      "it may be another image by then",
      "use the reference with a digest that verify --print-ref prints" },
  [SP_RULE_USE_FAIL_OPEN]
  = { "use-fail-open", SIGPOLICY_SEVERITY_HIGH, "host", "a failure that is passed over",
      "it is green without a check", "let it fail: set -euo pipefail, and no \"|| true\"" },
  [SP_RULE_USE_LOOSE_IDENTITY]
  = { "use-loose-identity", SIGPOLICY_SEVERITY_HIGH, "host", "an identity that everybody has",
      "any signer will do", "write the exact identity" },
  [SP_RULE_ENGINE_READS]
  = { "engine-reads", SIGPOLICY_SEVERITY_INFO, "host", "what an engine of this host reads",
      "a policy binds those engines alone that read it",
      "nothing is wrong; compare it with what you meant" },
  [SP_RULE_ENGINE_REFUSES_SIGSTORE]
  = { "engine-refuses-sigstore", SIGPOLICY_SEVERITY_HIGH, "host",
      "an engine that finds no sigstore signature",
      "every image that must have one is rejected by it, signed or not",
      "have these images signed with GPG, too, as a scope of its own; or use a newer engine" },
  [SP_RULE_ENGINE_CONTAINERD_OLD]
  = { "engine-containerd-old", SIGPOLICY_SEVERITY_HIGH, "host",
      "a containerd that asks no verifier for the kubelet",
      "images of pods are pulled without being verified", "upgrade containerd to 2.1 or later" },
  [SP_RULE_ENGINE_CONTAINERD_EMPTY]
  = { "engine-containerd-empty", SIGPOLICY_SEVERITY_HIGH, "host", "containerd without a verifier",
      "without a verifier in the directory every pull is allowed",
      "ln -s /usr/bin/sigpolicy "
      "/opt/containerd/image-verifier/bin/containerd-image-verifier-sigpolicy" },
  [SP_RULE_ENGINE_CONTAINERD_WRITABLE]
  = { "engine-containerd-writable", SIGPOLICY_SEVERITY_CRITICAL, "host",
      "others may write a verifier of containerd",
      "whoever can change it decides what is pulled, and runs programs as root",
      "give the directory and its files to root, mode 0755" },
  [SP_RULE_ENGINE_CONTAINERD_STRAY]
  = { "engine-containerd-stray", SIGPOLICY_SEVERITY_HIGH, "host",
      "a file among the verifiers that is none",
      "containerd runs every entry of the directory, and one that fails blocks every pull",
      "remove it from the directory; or make it a program: chmod 0755" },
  [SP_RULE_ENGINE_CONTAINERD_OFF]
  = { "engine-containerd-off", SIGPOLICY_SEVERITY_HIGH, "host",
      "containerd does not ask its verifiers",
      "images are pulled without being verified, and nothing is logged",
      "take the plugin off disabled_plugins; make max_verifiers as large as their number; import "
      "the file of sigpolicy-containerd above the first section" },
  [SP_RULE_ENGINE_CONTAINERD_BYPASS]
  = { "engine-containerd-bypass", SIGPOLICY_SEVERITY_HIGH, "host",
      "a setting of containerd that goes past verifiers",
      "the kubelet's pulls are not verified; one warning at the start of containerd speaks of a "
      "fall-back",
      "remove the setting; mirrors and certificates go into the directory of config_path" },
  [SP_RULE_ENGINE_PODMAN_HOOK_MISSING]
  = { "engine-podman-hook-missing", SIGPOLICY_SEVERITY_CRITICAL, "host",
      "a hook of podman whose program is missing",
      "podman passes over the hook without a word, and starts every container",
      "install the program, or remove the file of the hook" },
  [SP_RULE_ENGINE_PODMAN_HOOK_REPLACED]
  = { "engine-podman-hook-replaced", SIGPOLICY_SEVERITY_HIGH, "host",
      "a hook of podman that is not asked", "containers start without being verified",
      "name all directories in one hooks_dir, in the last containers.conf.d file: hooks_dir = "
      "[\"/usr/share/sigpolicy/hooks.d\", ...]" },
  [SP_RULE_ENGINE_PODMAN_HOOK_INVALID]
  = { "engine-podman-hook-invalid", SIGPOLICY_SEVERITY_CRITICAL, "host",
      "a hook of podman that is broken", "podman starts no container at all",
      "correct the file, or remove it" },
  [SP_RULE_ENGINE_CRIO_HOOK]
  = { "engine-crio-hook", SIGPOLICY_SEVERITY_CRITICAL, "host", "a hook that stops CRI-O",
      "CRI-O fails to start, and with it the node",
      "move the file to a directory of its own that hooks_dir of containers.conf names" },
  [SP_RULE_ENGINE_CONTENT_TRUST]
  = { "engine-content-trust", SIGPOLICY_SEVERITY_MEDIUM, "host", "Docker Content Trust",
      "docker verifies nothing by it any more",
      "sign the images again, and verify them before docker pulls: sigpolicy-content-trust(7)" },
  [SP_RULE_ENGINE_DOCKER]
  = { "engine-docker", SIGPOLICY_SEVERITY_INFO, "host", "Docker Engine or containerd",
      "they do not read policy.json", "verify before they pull" },
  [SP_RULE_ENGINE_CRIO_OWN_POLICY]
  = { "engine-crio-own-policy", SIGPOLICY_SEVERITY_INFO, "host", "CRI-O has a policy of its own",
      "the audited file is not the one that it uses", "audit that one with --policy, too" },
  [SP_RULE_ENGINE_MACHINE_VM]
  = { "engine-machine-vm", SIGPOLICY_SEVERITY_INFO, "host", "podman machine",
      "containers run in a machine that has its own policy", "audit inside of it" },
  [SP_RULE_ENGINE_PULL_ONLY]
  = { "engine-pull-only", SIGPOLICY_SEVERITY_INFO, "host", "images that are already here",
      "they are not judged again", "pull them again, or verify them by digest" },
  [SP_RULE_ENGINE_PUSH_OVERRIDE]
  = { "engine-push-override", SIGPOLICY_SEVERITY_INFO, "host",
      "podman and buildah do not ask the policy when they push", "what is pushed was not judged",
      "sign what you push: podman push --sign-by KEY" },
  [SP_RULE_ENGINE_READERS_DIFFER]
  = { "engine-readers-differ", SIGPOLICY_SEVERITY_MEDIUM, "host",
      "engines that find their configuration in different ways",
      "one of them may decide by a policy that was not audited",
      "audit as each of them reads: --reader old, --reader 5.40; or upgrade the older one" },
  [SP_RULE_ENV_CONFIG_HOME_EMPTY]
  = { "env-config-home-empty", SIGPOLICY_SEVERITY_LOW, "host", "XDG_CONFIG_HOME is set to nothing",
      "newer readers then take files below the working directory, where anybody may have put them",
      "unset it, or set it to a directory" },
  [SP_RULE_UPGRADE_ACCEPTS]
  = { "upgrade-accepts", SIGPOLICY_SEVERITY_HIGH, "host",
      "images that are accepted after the upgrade", "they are rejected before it",
      "make the policy that newer readers take as strict as the other one" },
  [SP_RULE_UPGRADE_REJECTS]
  = { "upgrade-rejects", SIGPOLICY_SEVERITY_MEDIUM, "host",
      "images that are rejected after the upgrade", "they are accepted before it",
      "make the policy that newer readers take the same as the other one" },
  [SP_RULE_UPGRADE_FAILS]
  = { "upgrade-fails", SIGPOLICY_SEVERITY_HIGH, "host", "pulls that fail after the upgrade",
      "newer readers take a file that is invalid", "correct the file, or remove it" },
  [SP_RULE_UNTIL_SCOPE_STOPS]
  = { "until-scope-stops", SIGPOLICY_SEVERITY_HIGH, "keys",
      "a scope whose images stop verifying by a day",
      "every image is rejected once the last key or certificate has expired",
      "get the renewed key, or add its successor, and have the images signed with it" },
  [SP_RULE_UNTIL_KEY_EXPIRES]
  = { "until-key-expires", SIGPOLICY_SEVERITY_MEDIUM, "keys", "a key that expires by a day",
      "its signatures are rejected from then on", "get the renewed key, or add its successor" },
  [SP_RULE_UNTIL_IMAGE_STOPS] = { "until-image-stops", SIGPOLICY_SEVERITY_HIGH, "keys",
                                  "an image of podman's storage that stops verifying by a day",
                                  "it is accepted now and rejected then",
                                  "have the image signed by a key that lasts, and pull it again" },
  [SP_RULE_SUPPRESSION_EXPIRED]
  = { "suppression-expired", SIGPOLICY_SEVERITY_MEDIUM, "host", "a suppression that is over",
      "the finding counts again", "mend the finding, or answer for it anew" },
  [SP_RULE_SUPPRESSION_UNUSED]
  = { "suppression-unused", SIGPOLICY_SEVERITY_INFO, "host", "a suppression that fits nothing",
      "it may hide what comes later", "remove it" },
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
