# SPDX-License-Identifier: Apache-2.0
"""Audits small hosts: for each rule one on which it speaks, and its twin on which it is silent. TAP.

usage: rules.py SIGPOLICY TOP WORK

A host is a dictionary of files: text, bytes, (text, mode), Link, or None for a file of BASE that is not there. What it has
beside is BASE, of which no rule speaks.
"""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys

sigpolicy, top, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
fixtures = top / "tests/fixtures"
CLOCK = "2026-06-01T00:00:00Z"
ACCEPT, REJECT = {"type": "insecureAcceptAnything"}, {"type": "reject"}


class Link(str):
    """A symbolic link to this."""


def shell(script):
    subprocess.run(["bash", "-c", "set -e; cd \"$1\"; " + script, "keys", str(work)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# --- keys ---

shell("""
gpg() { command gpg --homedir gnupg --batch --quiet --yes --pinentry-mode loopback --passphrase '' "$@"; }
mkdir -m 700 gnupg
at='--faked-system-time 20260101T000000!'
gpg $at --quick-gen-key 'soon <soon@x.example>' ed25519 sign 2026-06-11
gpg $at --quick-gen-key 'weak <weak@x.example>' rsa1024 sign never
gpg $at --quick-gen-key 'odd <odd@x.example>' secp256k1 sign never
for key in soon weak odd; do gpg --export $key@x.example >$key.gpg; done
gpg --export-secret-keys soon@x.example >secret.gpg
cp gnupg/pubring.kbx keybox.gpg
gpg --faked-system-time 20260201T000000! --quick-set-expire $(gpg --with-colons --list-keys soon@x.example | awk -F: '/^fpr/ { print $10; exit }') 2y
gpg --export soon@x.example >renewed.gpg
GNUPGHOME=$PWD/gnupg gpgconf --kill all
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key
openssl pkey -in ec.key -pubout -out ec.pub
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkey -pubout -out ec2.pub
openssl genpkey -algorithm ED25519 | openssl pkey -pubout -out ed25519.pub
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 | openssl pkey -pubout -out rsa1024.pub
openssl req -x509 -new -key ec.key -subj /CN=ca -days 36500 -out ca.pem
openssl req -x509 -new -key ec.key -subj /CN=server -days 36500 -addext extendedKeyUsage=serverAuth -out server.pem
""")


def made(name):
    return (work / name).read_bytes()


def fixture(name):
    return (fixtures / name).read_bytes()


# --- policies ---

def policy(default=REJECT, transports=None, **docker):
    """docker scopes as keywords would have no dots: they come in a dictionary."""
    return json.dumps({"default": [default] if isinstance(default, dict) else default, "transports": transports or {}}, indent=2)


def scopes(**transports):
    return policy(transports={**LOCAL, **{name.replace("_", "-"): value for name, value in transports.items()}})


def docker(scope, *requirements, **others):
    return scopes(docker={**{scope: list(requirements or [ACCEPT])}, **others})


LOCAL = {name: {"": [REJECT]} for name in ("containers-storage", "dir", "oci", "oci-archive", "docker-archive")}
KEY, PUB = "/etc/pki/containers/alice.gpg", "/etc/pki/containers/ours.pub"


def signed(path=KEY, **more):
    return {"type": "signedBy", "keyType": "GPGKeys", "keyPath": path, **more}


def sigstore(path=PUB, identity="matchRepository", **more):
    return {"type": "sigstoreSigned", **({"keyPath": path} if path else {}),
            **({"signedIdentity": {"type": identity} if isinstance(identity, str) else identity} if identity else {}), **more}


def fulcio(**more):
    return sigstore(None, fulcio={"caPath": "/etc/pki/containers/ca.pem", "oidcIssuer": "https://issuer.example",
                                  "subjectEmail": "a@b.example", **more}, rekorPublicKeyPath=PUB)


def pki(**more):
    return sigstore(None, pki={"caRootsPath": "/etc/pki/containers/ca.pem", "subjectEmail": "a@b.example", **more})


def registries_d(text):
    return {"/etc/containers/registries.d/default.yaml": text}


def conf(text):
    return {"/etc/containers/registries.conf": text}


P = "/etc/containers/policy.json"
D = "/etc/containers/registries.d/"
BASE = {
    P: scopes(docker={"registry.example/ns": [signed()]}),
    D + "default.yaml": "default-docker:\n  lookaside: https://sigs.example\n  use-sigstore-attachments: true\n",
    KEY: fixture("alice.gpg"),
    PUB: fixture("sigstore-made/ours.pub"),
    "/etc/pki/containers/ca.pem": made("ca.pem"),
}
BOTH = "default-docker:\n  lookaside: https://sigs.example\n  use-sigstore-attachments: true\n"
SIGNED_BELOW = {"registry.example/ns": [signed()]}


def key(content, path="/etc/pki/containers/k", requirement=None):
    """A policy that names a key with this content."""
    name = requirement or signed
    return {P: docker("registry.example/ns", name(path)), path: content}


def script(text):
    return {"/srv/script": text, "argv": ["/srv/script"]}


def with_scope(name, **more):
    return {P: docker(name, REJECT, **more)}


RULES = {
    # --- the file ---
    "policy-not-found": ({P: None}, {}),
    "policy-syntax": ({P: '{"default": [{"type": "reject"}], // why\n}'}, {}),
    "policy-unknown-key": ({P: '{"default": [{"type": "reject"}], "defaults": 1}'}, {}),
    "policy-duplicate-key": ({P: '{"default": [{"type": "reject"}], "default": [{"type": "reject"}]}'}, {}),
    "policy-default-missing": ({P: '{"transports": {}}'}, {}),
    "policy-empty-requirements": ({P: '{"default": []}'}, {}),
    "policy-invalid": ({P: '{"default": [{"type": "rejects"}]}'}, {}),
    "policy-default-accept": ({P: policy(ACCEPT)}, {P: policy(REJECT)}),
    "policy-needs-newer-reader": (
        {P: docker("registry.example/ns", {"type": "sigstoreSigned", "keyPaths": [PUB]})}, {P: docker("registry.example/ns", sigstore())}),
    "policy-user-shadows-system": ({"/root/.config/containers/policy.json": "{}"}, {"/root/.config/containers/other.json": "{}"}),
    "policy-env-override": ({"env": {"CONTAINERS_POLICY_JSON": "/elsewhere"}, "host": True}, {"host": True}),
    "policy-writable": ({P: (BASE[P], 0o666)}, {P: (BASE[P], 0o644)}),
    "policy-unreadable": ({P: (BASE[P], 0o640)}, {P: (BASE[P], 0o644)}),
    "policy-leftover-update": ({P + ".rpmnew": "{}"}, {P + ".old": "{}"}),
    "policy-two-owners": ({f"/var/lib/dpkg/info/{name}.conffiles": P + "\n" for name in ("one", "two")},
                          {"/var/lib/dpkg/info/one.conffiles": P + "\n", "/var/lib/dpkg/info/two.conffiles": P + ".d\n"}),
    # --- scopes ---
    "transport-unknown": ({P: scopes(dokcer={"": [REJECT]})}, {P: scopes(docker={"": [REJECT]})}),
    "transport-atomic-for-registry": ({P: scopes(atomic={"registry.example/ns": [signed()]})},
                                      {P: scopes(atomic={"registry.example/ns": [signed()]}, docker=SIGNED_BELOW)}),
    "transport-catchall-accept": ({P: docker("", ACCEPT)}, {P: docker("", REJECT)}),
    "transport-archives-accept": ({P: scopes(oci={"": [ACCEPT]})}, {P: scopes(oci={"/srv/images": [ACCEPT]})}),
    "transport-daemon-accept": ({P: scopes(docker_daemon={"": [ACCEPT]})}, {P: scopes(docker_daemon={"": [REJECT]})}),
    "transport-local-blocked": ({P: policy(REJECT)}, {P: policy(REJECT, LOCAL)}),
    "transport-never-signed": ({P: scopes(oci={"/srv/images": [signed(signedIdentity={"type": "exactRepository", "dockerRepository": "a.example/b"})]})},
                               {P: scopes(dir={"/srv/images": [signed(signedIdentity={"type": "exactRepository", "dockerRepository": "a.example/b"})]})}),
    "scope-short-name": (with_scope("busybox"), with_scope("docker.io/library/busybox")),
    "scope-with-scheme": (with_scope("https://registry.example/ns"), with_scope("registry.example/ns")),
    "scope-trailing-slash": (with_scope("registry.example/ns/"), with_scope("registry.example/ns")),
    "scope-bad-wildcard": (with_scope("registry.example/*"), with_scope("*.registry.example")),
    "scope-wildcard-port": (with_scope("*.registry.example:5000"), with_scope("*.registry.example")),
    "scope-port-gap": ({**with_scope("registry.example"), **conf('[[registry]]\nlocation = "registry.example:5000"\n')},
                       {**with_scope("registry.example", **{"registry.example:5000": [REJECT]}),
                        **conf('[[registry]]\nlocation = "registry.example:5000"\n')}),
    "scope-legacy-hub-host": (with_scope("index.docker.io/library/busybox"), with_scope("docker.io/library/busybox")),
    "scope-uppercase": (with_scope("registry.example/NS"), with_scope("Registry.example/ns")),
    "scope-tag-and-digest": (with_scope("registry.example/ns/app:v1@sha256:" + 64 * "0"), with_scope("registry.example/ns/app@sha256:" + 64 * "0")),
    "scope-tag-exception": ({P: docker("registry.example/ns/app:v1", ACCEPT)}, {P: docker("registry.example/ns/app@sha256:" + 64 * "0", ACCEPT)}),
    "scope-weaker-than-parent": ({P: docker("registry.example/ns", signed(), **{"registry.example/ns/app": [ACCEPT]})},
                                 {P: docker("registry.example/ns", REJECT, **{"registry.example/ns/app": [ACCEPT]})}),
    "scope-redundant": ({P: docker("registry.example/ns", ACCEPT, **{"registry.example/ns/app": [ACCEPT]})},
                        {P: docker("registry.example/ns", ACCEPT, **{"registry.example/other": [ACCEPT]})}),
    "scope-dead": (with_scope("registry.example/a b"), with_scope("registry.example/a")),
    "scope-path-symlink": ({P: scopes(dir={"/srv/link": [REJECT]}), "/srv/real/file": "", "/srv/link": Link("real")},
                           {P: scopes(dir={"/srv/real": [REJECT]}), "/srv/real/file": "", "/srv/link": Link("real")}),
    "scope-path-form": ({P: scopes(dir={"/srv/../srv": [REJECT]})}, {P: scopes(dir={"/srv": [REJECT]})}),
    "scope-path-root": ({P: scopes(dir={"/": [REJECT]})}, {P: scopes(dir={"": [REJECT]})}),
    "scope-storage-form": ({P: scopes(containers_storage={"registry.example/ns": [REJECT]})},
                           {P: scopes(containers_storage={"[overlay@/var/lib/containers/storage]registry.example/ns": [REJECT]})}),
    "scope-archive-nonempty": ({P: scopes(docker_archive={"/srv": [REJECT]})}, {P: scopes(docker_archive={"": [REJECT]})}),
    # --- requirements ---
    "req-and-surprise": ({P: docker("registry.example/ns", signed(), sigstore())}, {P: docker("registry.example/ns", signed())}),
    "req-accept-beside-signed": ({P: docker("registry.example/ns", signed(), ACCEPT)}, {P: docker("registry.example/ns", ACCEPT)}),
    "req-reject-beside-others": ({P: docker("registry.example/ns", signed(), REJECT)}, {P: docker("registry.example/ns", REJECT)}),
    "req-duplicate": ({P: docker("registry.example/ns", signed(), signed())}, {P: docker("registry.example/ns", signed())}),
    "req-base-layer": ({P: docker("registry.example/ns", {"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchExact"}})}, {}),
    "req-keytype-unimplemented": ({P: docker("registry.example/ns", {**signed(), "keyType": "X509Certificates"})}, {}),
    "id-cosign-default": ({P: docker("registry.example/ns", sigstore(identity=None))}, {P: docker("registry.example/ns", sigstore())}),
    "id-match-repository": ({P: docker("registry.example/ns", signed(signedIdentity={"type": "matchRepository"}))}, {}),
    "id-exact-with-digest": ({P: docker("registry.example/ns", signed(signedIdentity={"type": "matchExact"}))},
                             {P: docker("registry.example/ns", signed(signedIdentity={"type": "matchRepoDigestOrExact"}))}),
    "id-needs-docker-ref": ({P: scopes(dir={"/srv/images": [signed()]})},
                            {P: scopes(dir={"/srv/images": [signed(signedIdentity={"type": "exactReference", "dockerReference": "a.example/b:c"})]})}),
    "id-exact-repo-on-wide-scope": (
        {P: docker("registry.example", signed(signedIdentity={"type": "exactRepository", "dockerRepository": "a.example/b"}))},
        {P: docker("registry.example/ns/app", signed(signedIdentity={"type": "exactRepository", "dockerRepository": "a.example/b"}))}),
    "id-exact-short-name": ({P: docker("registry.example/ns", signed(signedIdentity={"type": "exactRepository", "dockerRepository": "busybox"}))},
                            {P: docker("registry.example/ns", signed(signedIdentity={"type": "exactRepository", "dockerRepository": "docker.io/library/busybox"}))}),
    "id-exact-no-tag": ({P: docker("registry.example/ns", signed(signedIdentity={"type": "exactReference", "dockerReference": "a.example/b"}))},
                        {P: docker("registry.example/ns", signed(signedIdentity={"type": "exactReference", "dockerReference": "a.example/b:c"}))}),
    "id-remap-not-covering": (
        {P: docker("registry.example/ns", signed(signedIdentity={"type": "remapIdentity", "prefix": "other.example", "signedPrefix": "a.example"}))},
        {P: docker("registry.example/ns", signed(signedIdentity={"type": "remapIdentity", "prefix": "registry.example", "signedPrefix": "a.example"}))}),
    "id-remap-short-prefix": (
        {P: docker("registry.example/ns", signed(signedIdentity={"type": "remapIdentity", "prefix": "ns", "signedPrefix": "a.example"}))},
        {P: docker("registry.example/ns", signed(signedIdentity={"type": "remapIdentity", "prefix": "registry.example/ns", "signedPrefix": "a.example"}))}),
    "id-remap-repo-only": (
        {P: docker("registry.example/ns", sigstore(identity={"type": "remapIdentity", "prefix": "registry.example", "signedPrefix": "a.example"}))},
        {P: docker("registry.example/ns", signed(signedIdentity={"type": "remapIdentity", "prefix": "registry.example", "signedPrefix": "a.example"}))}),
    "id-unsatisfiable": (
        {P: docker("registry.example/ns/app", signed(signedIdentity={"type": "remapIdentity", "prefix": "registry.example/ns/app", "signedPrefix": "localhost"}))},
        {P: docker("registry.example/ns/app", signed(signedIdentity={"type": "remapIdentity", "prefix": "registry.example/ns/app", "signedPrefix": "localhost/app"}))}),
    # --- keys ---
    "key-missing": ({P: docker("registry.example/ns", signed("/etc/none.gpg"))}, {}),
    "key-relative-path": ({P: docker("registry.example/ns", signed("etc/pki/containers/alice.gpg"))}, {}),
    "key-empty": (key("nothing"), {}),
    "key-wrong-kind": (key(made("ec.pub")), key(made("ec.pub"), requirement=sigstore)),
    "key-private": (key(made("secret.gpg")), key(made("renewed.gpg"))),
    "key-writable": (key((BASE[KEY], 0o666)), key((BASE[KEY], 0o644))),
    "key-data-broken": ({P: docker("registry.example/ns", {"type": "signedBy", "keyType": "GPGKeys", "keyData": base64.b64encode(KEY.encode()).decode()})},
                        {P: docker("registry.example/ns", {"type": "signedBy", "keyType": "GPGKeys", "keyData": base64.b64encode(BASE[KEY]).decode()})}),
    "key-expired": (key(fixture("expired.gpg")), key(made("soon.gpg"))),
    "key-expiring": (key(made("soon.gpg")), key(made("renewed.gpg"))),
    "key-revoked": (key(fixture("revoked.gpg")), key(fixture("alice.gpg"))),
    "key-weak": (key(made("weak.gpg")), key(made("renewed.gpg"))),
    "key-many": (key(fixture("alice.gpg") + made("renewed.gpg")), key(fixture("keyring.gpg"))),
    "key-shared-scopes": ({P: docker("registry.example/ns", signed(), **{"quay.io/ns": [signed()]})},
                          {P: docker("registry.example/ns", signed(), **{"registry.example/other": [signed()]})}),
    "key-no-successor": ({P: docker("registry.example/ns", signed())}, key(fixture("keyring.gpg"))),
    "key-copies-differ": ({P: docker("registry.example/ns", signed("/etc/a.gpg"), signed("/etc/b.gpg")), "/etc/a.gpg": made("soon.gpg"), "/etc/b.gpg": made("renewed.gpg")},
                          {P: docker("registry.example/ns", signed("/etc/a.gpg"), signed("/etc/b.gpg")), "/etc/a.gpg": made("soon.gpg"), "/etc/b.gpg": made("soon.gpg")}),
    "key-symlink-escape": ({P: docker("registry.example/ns", signed("/etc/pki/k.gpg")), "/etc/pki/k.gpg": Link("/srv/k.gpg"), "/srv/k.gpg": BASE[KEY]},
                           {P: docker("registry.example/ns", signed("/etc/pki/k.gpg")), "/etc/pki/k.gpg": Link("k2.gpg"), "/etc/pki/k2.gpg": BASE[KEY]}),
    "key-engine-divergence": (key(made("odd.gpg")), key(made("renewed.gpg"))),
    # --- sigstore ---
    "fulcio-email-is-uri": ({P: docker("registry.example/ns", fulcio(subjectEmail="https://ci.example/workflow"))}, {P: docker("registry.example/ns", fulcio())}),
    "fulcio-issuer-slash": ({P: docker("registry.example/ns", fulcio(oidcIssuer="https://issuer.example/"))}, {P: docker("registry.example/ns", fulcio())}),
    "fulcio-without-rekor": ({P: docker("registry.example/ns", {k: v for k, v in fulcio().items() if k != "rekorPublicKeyPath"})},
                             {P: docker("registry.example/ns", fulcio())}),
    "fulcio-ca-stale": ({P: docker("registry.example/ns", fulcio()), "/etc/pki/containers/ca.pem": fixture("sigstore-made/root.pem"), "clock": "2026-07-01T00:00:00Z"},
                        {P: docker("registry.example/ns", fulcio()), "/etc/pki/containers/ca.pem": fixture("sigstore-made/root.pem")}),
    "fulcio-whole-provider": ({P: docker("registry.example/ns", fulcio(oidcIssuer="https://accounts.google.com"))}, {P: docker("registry.example/ns", fulcio())}),
    "rekor-key-not-ecdsa": ({P: docker("registry.example/ns", sigstore(rekorPublicKeyPath="/etc/rekor.pub")), "/etc/rekor.pub": made("ed25519.pub")},
                            {P: docker("registry.example/ns", sigstore(rekorPublicKeyPath="/etc/rekor.pub")), "/etc/rekor.pub": made("ec2.pub")}),
    "pki-with-rekor": ({P: docker("registry.example/ns", {**pki(), "rekorPublicKeyPath": PUB})}, {P: docker("registry.example/ns", pki())}),
    "pki-no-subject": ({P: docker("registry.example/ns", pki(subjectEmail=""))}, {P: docker("registry.example/ns", pki())}),
    "pki-no-codesigning": ({P: docker("registry.example/ns", pki()), "/etc/pki/containers/ca.pem": made("server.pem")}, {P: docker("registry.example/ns", pki())}),
    "pki-ca-expired": ({P: docker("registry.example/ns", pki()), "/etc/pki/containers/ca.pem": fixture("sigstore-made/root.pem"), "clock": "2026-07-01T00:00:00Z"},
                       {P: docker("registry.example/ns", pki()), "/etc/pki/containers/ca.pem": fixture("sigstore-made/root.pem")}),
    "pki-system-roots": ({P: docker("registry.example/ns", pki(caRootsPath="/etc/ssl/certs/ca-certificates.crt")), "/etc/ssl/certs/ca-certificates.crt": made("ca.pem")},
                         {P: docker("registry.example/ns", pki())}),
    # --- registries ---
    "att-disabled": ({P: docker("registry.example/ns", sigstore()), **registries_d("default-docker:\n  lookaside: https://sigs.example\n")},
                     {P: docker("registry.example/ns", sigstore()), **registries_d(BOTH)}),
    "att-mirror-disabled": ({P: docker("registry.example/ns", sigstore()),
                             **registries_d("docker:\n  registry.example:\n    use-sigstore-attachments: true\n"),
                             **conf('[[registry]]\nlocation = "registry.example"\n[[registry.mirror]]\nlocation = "mirror.example"\n')},
                            {P: docker("registry.example/ns", sigstore()),
                             **registries_d("docker:\n  registry.example:\n    use-sigstore-attachments: true\n  mirror.example:\n    use-sigstore-attachments: true\n"),
                             **conf('[[registry]]\nlocation = "registry.example"\n[[registry.mirror]]\nlocation = "mirror.example"\n')}),
    "att-unused": ({P: docker("registry.example/ns", ACCEPT), **registries_d("docker:\n  registry.example/ns:\n    use-sigstore-attachments: true\n")},
                   {P: docker("registry.example/ns", sigstore()), **registries_d("docker:\n  registry.example/ns:\n    use-sigstore-attachments: true\n")}),
    "look-none": (registries_d(""), registries_d(BOTH)),
    "look-bad-scheme": (registries_d("default-docker:\n  lookaside: /srv/sigs\n"), registries_d("default-docker:\n  lookaside: file:///srv/sigs\n")),
    "look-http": (registries_d("default-docker:\n  lookaside: http://sigs.example\n"), registries_d(BOTH)),
    "look-credentials": (registries_d("default-docker:\n  lookaside: https://me:secret@sigs.example\n"), registries_d(BOTH)),
    "look-is-registry": (registries_d("docker:\n  registry.example:\n    lookaside: https://registry.example\n"),
                         registries_d("docker:\n  registry.example:\n    lookaside: https://registry.example/containers/sigstore\n")),
    "look-staging-only": (registries_d("docker:\n  registry.example:\n    lookaside-staging: file:///srv/sigs\n"), registries_d(BOTH)),
    "regd-old-key": (registries_d("default-docker:\n  sigstore: https://sigs.example\n"), registries_d(BOTH)),
    "regd-both-keys": (registries_d("default-docker:\n  sigstore: https://a.example\n  lookaside: https://b.example\n"),
                       registries_d("default-docker:\n  sigstore: https://a.example\n  lookaside: https://a.example\n")),
    "regd-unknown-key": (registries_d("default-docker:\n  lookasides: https://sigs.example\n"), registries_d(BOTH)),
    "regd-wrong-extension": ({D + "more.yml": ""}, {D + "README": ""}),
    "regd-duplicate": ({D + n: "docker:\n  registry.example:\n    lookaside: https://sigs.example\n" for n in ("a.yaml", "b.yaml")},
                       {D + n: f"docker:\n  {n[0]}.example:\n    lookaside: https://sigs.example\n" for n in ("a.yaml", "b.yaml")}),
    "regd-syntax": (registries_d("default-docker: [\n"), registries_d(BOTH)),
    "regd-short-name": (registries_d("docker:\n  busybox:\n    lookaside: https://sigs.example\n"),
                        registries_d("docker:\n  docker.io/library/busybox:\n    lookaside: https://sigs.example\n")),
    "regd-port-gap": ({P: docker("registry.example:5000/ns", signed()), **registries_d("docker:\n  registry.example:\n    lookaside: https://sigs.example\n")},
                      {P: docker("registry.example:5000/ns", signed()), **registries_d("docker:\n  registry.example:5000:\n    lookaside: https://sigs.example\n")}),
    "regd-fallthrough": (registries_d(BOTH + "docker:\n  registry.example:\n    use-sigstore-attachments: false\n"),
                         registries_d(BOTH + "docker:\n  registry.example:\n    use-sigstore-attachments: false\n    lookaside: https://a.example\n")),
    "regd-user-shadows": ({"/root/.config/containers/registries.d/a.yaml": ""}, {}),
    "regd-dir-missing": ({"argv": ["--registries.d", "/etc/none"]}, {"argv": ["--registries.d", D]}),
    "conf-syntax": (conf("[[registry]\n"), conf("")),
    "conf-insecure-accept": ({P: docker("registry.example", ACCEPT), **conf('[[registry]]\nlocation = "registry.example"\ninsecure = true\n')},
                             {P: docker("registry.example", signed()), **conf('[[registry]]\nlocation = "registry.example"\ninsecure = true\n')}),
    "conf-search-accept": ({P: docker("docker.io", ACCEPT), **conf('unqualified-search-registries = ["docker.io"]\n')},
                           {P: docker("docker.io", signed()), **conf('unqualified-search-registries = ["docker.io"]\n')}),
    "conf-mirror-logical": ({P: docker("mirror.example", REJECT), **conf('[[registry]]\nlocation = "registry.example"\n[[registry.mirror]]\nlocation = "mirror.example"\n')},
                            {P: docker("registry.example", REJECT), **conf('[[registry]]\nlocation = "registry.example"\n[[registry.mirror]]\nlocation = "mirror.example"\n')}),
    # --- the host ---
    "use-insecure-flag": (script("ExecStart=/usr/bin/skopeo --insecure-policy copy a b\n"), script("# skopeo --insecure-policy copy a b\n")),
    "use-verify-then-tag": (script("cosign verify --key k registry.example/ns/app:v1\npodman pull registry.example/ns/app:v1\n"),
                            script("ref=$(sigpolicy verify --print-ref docker://registry.example/ns/app:v1)\npodman pull $ref\n")),
    "use-fail-open": (script("sigpolicy verify docker://registry.example/ns/app:v1 || true\n"), script("sigpolicy verify docker://registry.example/ns/app:v1 || exit 1\n")),
    "use-loose-identity": (script("cosign verify --certificate-identity-regexp '.*' x\n"), script("cosign verify --certificate-identity-regexp '^https://ci.example/a$' x\n")),
    "engine-docker": ({"/usr/bin/dockerd": ""}, {}),
    "engine-crio-own-policy": ({"/etc/crio/crio.conf": '[crio.image]\nsignature_policy = "/etc/crio/policy.json"\n'},
                               {"/etc/crio/crio.conf": '[crio.image]\nsignature_policy = ""\n'}),
    "engine-machine-vm": ({"/root/.local/share/containers/podman/machine/x": ""}, {}),
    "engine-pull-only": ({"/var/lib/containers/storage/overlay-images/images.json": "[]"}, {}),
    "engine-push-override": ({"/usr/bin/podman": ""}, {}),
    "suppression-expired": ({"suppressions": "key-no-successor until=2026-05-31 soon\n"}, {"suppressions": "key-no-successor until=2026-06-01 soon\n"}),
    "suppression-unused": ({"suppressions": "key-missing why not\n"}, {"suppressions": "key-no-successor why not\n"}),
}


# --- running ---

def build(root, files):
    for path, content in {**BASE, **files}.items():
        if content is None or not path.startswith("/"):
            continue
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            place.symlink_to(content)
            continue
        content, mode = content if isinstance(content, tuple) else (content, 0o644)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        place.chmod(mode)


def audit(root, files, *more):
    argv = [sigpolicy, "audit", "--clock", files.get("clock", CLOCK), "--format", "json"]
    argv += [] if files.get("host") else ["--root", str(root)]
    if "suppressions" in files:
        (root / "suppressions").write_text(files["suppressions"])
        argv += ["--suppressions", str(root / "suppressions")]
    return subprocess.run(argv + files.get("argv", []) + list(more), capture_output=True, text=True,
                          env={**os.environ, **files.get("env", {})})


number = 0


def report(good, name, *why):
    global number
    number += 1
    print(f"{'' if good else 'not '}ok {number} - {name}")
    if not good:
        for line in "\n".join(map(str, why)).splitlines()[:30]:
            print("#", line)


os.umask(0o022)
answers = work / "answers.json"
listed = [line.split()[0] for line in subprocess.run([sigpolicy, "audit", "--list-rules"], capture_output=True, text=True).stdout.splitlines()]
report(set(listed) == set(RULES), "every rule is here", sorted(set(listed) ^ set(RULES)))
with answers.open("w") as kept:
    for rule, hosts in RULES.items():
        found = []
        for at, files in enumerate(hosts):
            root = work / f"{rule}-{at}"
            root.mkdir(mode=0o755)
            build(root, files)
            result = audit(root, files)
            try:
                found.append([finding for finding in json.loads(result.stdout)["findings"]])
                kept.write(result.stdout)
            except ValueError:
                found.append([{"rule": "none", "message": result.stdout + result.stderr}])
        rules = [{finding["rule"] for finding in each} for each in found]
        speaks = [finding for finding in found[0] if finding["rule"] == rule]
        whole = all(finding["message"] and finding["fix"] for finding in speaks)
        report(speaks and whole and rule not in rules[1], rule, "speaks of:", *found[0], "twin:", *found[1])
        if os.environ.get("SHOW"):
            for finding in speaks:
                print("#", finding["severity"], finding.get("example"), finding["message"], "->", finding["fix"])
# A key alone, as some servers give it away: its packet is the first of a file.
alone = fixture("alice.gpg")[:2 + fixture("alice.gpg")[1]]
root = work / "alone"
root.mkdir()
build(root, key(alone))
said = [finding["message"] for finding in json.loads(audit(root, {}).stdout)["findings"] if finding["rule"] == "key-empty"]
report(len(said) == 1 and "no user ID" in said[0], "a key without a user ID is none", *said)
root = work / "base"
root.mkdir()
build(root, {})
result = audit(root, {})
said = [finding for finding in json.loads(result.stdout)["findings"] if finding["severity"] != "info"]
report(not said and result.returncode == 0, "of the host beneath them all nothing is said", *said)
fits = subprocess.run([str(top / "tests/schema.t"), str(answers)], capture_output=True, text=True)
if "SKIP" in fits.stdout:
    report(True, "answers fit their schema # SKIP no python3 has the module jsonschema")
else:
    report(fits.returncode == 0, "answers fit their schema", fits.stdout, fits.stderr)
print(f"1..{number}")
shutil.rmtree(work)
