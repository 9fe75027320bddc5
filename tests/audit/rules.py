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
import shlex
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


ROOT = "/etc/sigpolicy/trusted_root.json"


def trusted_root(period):
    """The root of the fixtures, whose logs end."""
    root = json.loads(fixture("bundles/trusted_root.json"))
    for log in root["tlogs"]:
        log["publicKey"]["validFor"].update(period)
    return json.dumps(root)


def registries_d(text):
    return {"/etc/containers/registries.d/default.yaml": text}


def conf(text):
    return {"/etc/containers/registries.conf": text}


P = "/etc/containers/policy.json"
D = "/etc/containers/registries.d/"
U = "/root/.config/containers/"
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


def packages(**versions):
    """What dpkg has on record: podman="5.8.6-1"."""
    return {"/var/lib/dpkg/status": "".join(f"Package: {name.replace('_', '-')}\nStatus: install ok installed\nVersion: {version}\n\n"
                                            for name, version in versions.items())}


def by_user(old, new):
    """A user whose policy readers from 5.40 on find elsewhere, before an upgrade."""
    return {U + "policy.json": policy(old), "/xdg/containers/policy.json": policy(new), "host": True, "argv": ["--upgrade-to", "5.40"],
            "env": {"HOME": "@ROOT@/root", "XDG_CONFIG_HOME": "@ROOT@/xdg"}}


# containerd with a verifier, as contrib/integrations/containerd installs it; config() makes another file of settings.
VERIFIERS = "/opt/containerd/image-verifier/bin/"
INTEGRATIONS = top / "contrib/integrations"
CONTAINERD = {"/usr/bin/containerd": ("", 0o755), VERIFIERS + "verifier": ("", 0o755), **packages(containerd="2.1.9+ds1-5"),
              "/etc/containerd/config.toml": (INTEGRATIONS / "containerd/config.toml").read_text()}
IMAGES, CRI2, BINDIR = ('[plugins."io.containerd.cri.v1.images"]\n', '[plugins."io.containerd.grpc.v1.cri"]\n',
                        '[plugins."io.containerd.image-verifier.v1.bindir"]\n')


def config(text, **more):
    return {**CONTAINERD, "/etc/containerd/config.toml": text, **more}


# podman with our hook, as contrib/integrations/podman installs it.
OURS = (INTEGRATIONS / "podman/50-sigpolicy.json").read_text()
DROP_IN = "/etc/containers/containers.conf.d/50-sigpolicy.conf"
PODMAN = {"/usr/bin/podman": ("", 0o755), "/usr/bin/sigpolicy": ("", 0o755), "/usr/share/sigpolicy/hooks.d/50-sigpolicy.json": OURS,
          DROP_IN: (INTEGRATIONS / "podman/50-sigpolicy.conf").read_text(), **packages(podman="4.3.1+ds1-8")}
OTHERS = OURS.replace("/usr/bin/sigpolicy", "/usr/bin/other").replace('"sigpolicy", ', '"other", ')
OCI, ADMINS = "/usr/share/containers/oci/hooks.d/", "/etc/containers/oci/hooks.d/"
IMPLICIT = {**PODMAN, DROP_IN: "", OCI + "50-sigpolicy.json": OURS, "/usr/bin/other": ("", 0o755)}

BELOW_USR = {"/usr/share/containers/registries.conf.d/vendor.conf": '[[registry]]\nprefix = "registry.example"\nlocation = "mirror.example"\n'}

def until(day):
    return {**key(fixture("expired.gpg")), "clock": "2021-06-01T00:00:00Z", "argv": ["--until", day]}


def stored(day):
    """An image in podman's storage, signed by that key."""
    number, signature = 64 * "1", fixture("by-expired.sig")
    record = {"id": number, "names": ["registry.example/ns/app:v1"], "metadata": json.dumps({"signature-sizes": [len(signature)]})}
    image = f"/store/overlay-images/{number}/"
    return {P: docker("registry.example/ns", signed(str(fixtures / "expired.gpg"))), "clock": "2021-06-01T00:00:00Z",
            "host": True, "argv": ["--policy", "@ROOT@" + P, "--until", day], "env": {"CONTAINERS_STORAGE_CONF": "@ROOT@/storage.conf"},
            "/storage.conf": '[storage]\ndriver = "overlay"\ngraphroot = "@ROOT@/store"\nrunroot = "@ROOT@/run"\n',
            "/store/overlay-images/images.json": json.dumps([record]), image + "manifest": fixture("manifest.json"), image + "signatures": signature}


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
    "scope-registry-accept": ({P: docker("docker.io", ACCEPT)}, {P: docker("docker.io/library", ACCEPT)}),
    "scope-wildcard-accept": ({P: docker("*.io", ACCEPT)}, {P: docker("*.io", signed())}),
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
    "id-remap-other-host": (
        {P: docker("registry.example/ns", signed(signedIdentity={"type": "remapIdentity", "prefix": "registry.example/ns", "signedPrefix": "vendor.example"}))},
        {P: docker("registry.example/ns", signed(signedIdentity={"type": "remapIdentity", "prefix": "registry.example/ns", "signedPrefix": "registry.example/vendor"}))}),
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
    "rekor-path-empty": ({P: docker("registry.example/ns", sigstore(rekorPublicKeyPath=""))}, {P: docker("registry.example/ns", sigstore(rekorPublicKeyPath=PUB))}),
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
    "bundle-exact-identity": ({P: docker("registry.example/ns", sigstore(identity=None)), **registries_d("docker:\n  registry.example/ns:\n    x-sigpolicy-bundles: digest\n")},
                              {P: docker("registry.example/ns", sigstore(identity=None)), **registries_d("docker:\n  registry.example/ns:\n    x-sigpolicy-bundles: identity\n")}),
    "bundle-unused": ({P: docker("registry.example/ns", signed()), **registries_d("docker:\n  registry.example/ns:\n    x-sigpolicy-bundles: digest\n")},
                      {P: docker("registry.example/ns", sigstore()), **registries_d("docker:\n  registry.example/ns:\n    x-sigpolicy-bundles: digest\n")}),
    "bundle-root-expiring": ({ROOT: trusted_root({"end": "2026-06-15T00:00:00Z"})}, {ROOT: trusted_root({"end": "2027-11-30T00:00:00Z"})}),
    "bundle-root-unusable": ({ROOT: "{}"}, {ROOT: fixture("bundles/no-logs.json")}),
    "look-none": (registries_d(""), registries_d(BOTH)),
    "look-bad-scheme": (registries_d("default-docker:\n  lookaside: /srv/sigs\n"), registries_d("default-docker:\n  lookaside: file:///srv/sigs\n")),
    "look-http": (registries_d("default-docker:\n  lookaside: http://sigs.example\n"), registries_d(BOTH)),
    "look-credentials": (registries_d("default-docker:\n  lookaside: https://me:secret@sigs.example\n"), registries_d(BOTH)),
    "look-is-registry": (registries_d("docker:\n  registry.example:\n    lookaside: https://registry.example\n"),
                         registries_d("docker:\n  registry.example:\n    lookaside: https://registry.example/containers/sigstore\n")),
    "look-staging-scheme": (registries_d(BOTH + "  lookaside-staging: /mnt/nfs/x\n"), registries_d(BOTH + "  lookaside-staging: file:///mnt/nfs/x\n")),
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
    "engine-reads": (packages(podman="5.8.6-1"), packages(podman_docker="5.8.6-1")),
    "engine-refuses-sigstore": ({P: docker("registry.example/ns", sigstore()), **packages(skopeo="1.9.3+ds1-1+b10")},
                                {P: docker("registry.example/ns", sigstore()), **packages(skopeo="1.22.0-1")}),
    "engine-containerd-old": ({**CONTAINERD, **packages(containerd="1.6.20~ds1-1+deb12u3")}, CONTAINERD),
    "engine-containerd-empty": ({**CONTAINERD, VERIFIERS + "verifier": None}, CONTAINERD),
    "engine-containerd-writable": ({**CONTAINERD, VERIFIERS + "verifier": ("", 0o777)}, CONTAINERD),
    "engine-containerd-stray": ({**CONTAINERD, VERIFIERS + ".keep": ""}, {**CONTAINERD, VERIFIERS + "other": ("", 0o755)}),
    "engine-containerd-off": (config('disabled_plugins = ["io.containerd.image-verifier.v1.bindir"]\n'), config("disabled_plugins = []\n")),
    "engine-containerd-bypass": (config(IMAGES + "discard_unpacked_layers = true\n"), config(IMAGES + "discard_unpacked_layers = false\n")),
    "engine-podman-hook-missing": ({**PODMAN, "/usr/bin/sigpolicy": None}, PODMAN),
    "engine-podman-hook-replaced": ({**IMPLICIT, ADMINS + "a.json": OTHERS}, {**IMPLICIT, ADMINS + "a.json": OTHERS.replace("precreate", "prestart")}),
    "engine-podman-hook-invalid": ({**PODMAN, "/usr/share/sigpolicy/hooks.d/a.json": OTHERS.replace("precreate", "nonsense")}, PODMAN),
    "engine-crio-hook": ({**IMPLICIT, "/usr/bin/crio": ("", 0o755)}, {**PODMAN, "/usr/bin/crio": ("", 0o755)}),
    "engine-content-trust": ({"/etc/environment": "A=b\nDOCKER_CONTENT_TRUST=1\n"}, {"/etc/environment": "DOCKER_CONTENT_TRUST=0\n"}),
    "engine-docker": ({"/usr/bin/dockerd": ""}, {}),
    "engine-crio-own-policy": ({"/etc/crio/crio.conf": '[crio.image]\nsignature_policy = "/etc/crio/policy.json"\n'},
                               {"/etc/crio/crio.conf": '[crio.image]\nsignature_policy = ""\n'}),
    "engine-machine-vm": ({"/root/.local/share/containers/podman/machine/x": ""}, {}),
    "engine-pull-only": ({"/var/lib/containers/storage/overlay-images/images.json": "[]"}, {}),
    "engine-push-override": ({"/usr/bin/podman": ""}, {}),
    # --- readers before and from 5.40 on ---
    "engine-readers-differ": (packages(podman="5.8.6-1", skopeo="1.23.0-1"), packages(podman="5.8.6-1", skopeo="1.22.0-1")),
    "policy-differs-by-reader": (by_user(REJECT, REJECT), {**by_user(REJECT, REJECT), "env": {"HOME": "@ROOT@/root"}}),
    "policy-unreadable-skipped": ({U + "policy.json": Link("policy.json")}, {U + "policy.json": Link("nowhere")}),
    "regd-differs-by-reader": ({U + "registries.d/a.yaml": "docker:\n  other.example:\n    lookaside: https://b.example\n"},
                               {U + "registries.d/default.yaml": BOTH}),
    "regd-conflict-in-newer": ({U + "registries.d/mine.yaml": BOTH}, {U + "registries.d/default.yaml": BOTH}),
    "conf-misplaced-key": (conf('prefix = "quay.io"\n'), conf('[[registry]]\nprefix = "quay.io"\nlocation = "a.example"\n')),
    "conf-unknown-key": (conf('[[registry]]\nlocation = "quay.io"\ninsecured = true\n'), conf('[[registry]]\nlocation = "quay.io"\ninsecure = true\n')),
    "conf-duplicate-prefix": (conf(2 * '[[registry]]\nlocation = "quay.io"\n'), conf('[[registry]]\nlocation = "quay.io"\n[[registry]]\nlocation = "quay.io/ns"\n')),
    "conf-tag": (conf('[[registry]]\nlocation = "quay.io/ns/app:v1"\n'), conf('[[registry]]\nlocation = "quay.io:443/ns/app"\n')),
    "conf-version-1": (conf('[registries.search]\nregistries = ["quay.io"]\n'), conf('unqualified-search-registries = ["quay.io"]\n')),
    "env-config-home-empty": ({"env": {"XDG_CONFIG_HOME": ""}, "host": True}, {"env": {"XDG_CONFIG_HOME": "/srv"}, "host": True}),
    "conf-differs-by-reader": (
        {**BELOW_USR, "argv": ["--upgrade-to", "5.40", "docker://registry.example/ns/app:v1"]},
        {**BELOW_USR, "argv": ["--upgrade-to", "5.40", "docker://other.example/ns/app:v1"]}),
    "upgrade-accepts": (by_user(REJECT, ACCEPT), by_user(ACCEPT, REJECT)),
    "upgrade-rejects": (by_user(ACCEPT, REJECT), by_user(REJECT, ACCEPT)),
    "upgrade-fails": ({**by_user(ACCEPT, REJECT), "/xdg/containers/policy.json": "{"}, by_user(ACCEPT, REJECT)),
    # --- by a day: a key that expires in 2022 ---
    "until-scope-stops": (until("2023-01-01"), until("2021-07-01")),
    "until-key-expires": (until("2023-01-01"), until("2021-07-01")),
    "until-image-stops": (stored("2023-01-01"), stored("2021-07-01")),
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
        place.write_bytes(content.replace("@ROOT@", str(root)).encode() if isinstance(content, str) else content)
        place.chmod(mode)


def audit(root, files, *more):
    argv = [sigpolicy, "audit", "--clock", files.get("clock", CLOCK), "--format", "json"]
    argv += [] if files.get("host") else ["--root", str(root)]
    if "suppressions" in files:
        (root / "suppressions").write_text(files["suppressions"])
        argv += ["--suppressions", str(root / "suppressions")]
    argv += [word.replace("@ROOT@", str(root)) for word in files.get("argv", [])]
    return subprocess.run(argv + list(more), capture_output=True, text=True,
                          env={**os.environ, **{name: value.replace("@ROOT@", str(root)) for name, value in files.get("env", {}).items()}})


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
# Each fix that is offered, made on the host that it is offered for: the finding is gone, none is there that is worse, and skopeo
# reads the files.
ORDER = ["info", "low", "medium", "high", "critical"]
IMAGE = work / "image"
IMAGE.mkdir()
(IMAGE / "manifest.json").write_bytes(fixture("manifest.json"))
(IMAGE / "version").write_text("Directory Transport Version: 1.1\n")
has_skopeo = shutil.which("skopeo") is not None


def found(root, files):
    return {finding["fingerprint"]: finding for finding in json.loads(audit(root, files).stdout)["findings"]}


def reads(root):
    """What skopeo says of the files; nothing is fetched, as nobody listens there."""
    policy_file, said = root / P.lstrip("/"), []
    if policy_file.exists():
        result = subprocess.run(["skopeo", "--policy", str(policy_file), "copy", f"dir:{IMAGE}", f"dir:{work}/copy"], capture_output=True, text=True)
        said += [result.stderr] if "trust policy" in result.stderr else []
    directory = root / D.strip("/")
    result = subprocess.run(["skopeo", "--registries.d", str(directory), "inspect", "--raw", "docker://127.0.0.1:1/x/y:z"], capture_output=True, text=True)
    return said + ([result.stderr] if "refused" not in result.stderr else [])


def judge(rule, kind, before, after, gone, root, was_read):
    worst = max((ORDER.index(before[print_]["severity"]) for print_ in gone), default=0)
    # The same rule may move to another place; what counts is whether there is more of it than before.
    left = [f"{f['rule']} is still there: {f['message']}" for print_, f in after.items() if print_ in gone]
    rules_before = [f["rule"] for f in before.values()]
    worse = [f"{f['severity']} {f['rule']}: {f['message']}" for f in after.values() if f["rule"] not in rules_before and ORDER.index(f["severity"]) > worst]
    said = reads(root) if has_skopeo and not was_read else []
    report(not left and not worse and not said, f"{kind} of {rule}", *left, *worse, *said)


offered = set()
for rule, hosts in RULES.items():
    for at, files in enumerate(hosts):
        if files.get("host"):
            continue
        root = work / f"{rule}-{at}"
        before = found(root, files)
        was_read = reads(root) if has_skopeo else []
        for print_, finding in before.items():
            if not finding["command"]:
                continue
            copy = work / "command"
            shutil.copytree(root, copy, symlinks=True)
            words = shlex.split(finding["command"])
            if words[0] == "sigpolicy":
                words[0] = sigpolicy
                words[words.index("--policy") + 1] = str(copy) + words[words.index("--policy") + 1]
            else:
                words[-1] = os.path.join(str(copy), words[-1].lstrip("/"))
            if words[-1] != f"{copy}/":
                result = subprocess.run(words, capture_output=True, text=True)
                if finding["rule"] == rule:
                    offered.add(rule)
                    judge(rule, "the command", before, found(copy, files), {print_}, copy, was_read)
                elif result.returncode != 0:
                    report(False, f"the command of {finding['rule']} runs", finding["command"], result.stderr)
            shutil.rmtree(copy)
        fixed = {print_ for print_, finding in before.items() if finding["fixable"]}
        if fixed:
            files_before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
            dry = audit(root, files, "--fix", "--dry-run", "--format", "text")
            report(dry.stdout and {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == files_before, f"--dry-run of {rule} ({at}) writes nothing", dry.stderr)
            result = audit(root, files, "--fix", "--quiet")
            judge(f"{rule} ({at})", "--fix", before, found(root, files), fixed, root, was_read)
            offered |= {before[print_]["rule"] for print_ in fixed}
wanted = {"att-disabled", "att-mirror-disabled", "look-bad-scheme", "req-duplicate", "req-accept-beside-signed", "req-reject-beside-others", "scope-redundant",
          "scope-short-name", "policy-default-accept", "transport-catchall-accept", "transport-archives-accept", "scope-weaker-than-parent",
          "scope-registry-accept", "scope-wildcard-accept", "policy-writable", "policy-unreadable", "key-writable", "engine-containerd-writable"}
report(wanted <= offered, "these have a fix that can be made", *(wanted - offered))
# Several at once: each file once, and its backup is the file as it was.
root = work / "several"
root.mkdir()
whole = docker("registry.example/ns", sigstore(), sigstore(), ACCEPT, **{"quay.io/ns": [sigstore()], "quay.io/a": [REJECT]})
build(root, {P: whole, **registries_d("")})
result = audit(root, {}, "--fix")
left = {finding["rule"] for finding in json.loads(result.stdout[result.stdout.index("\n{\n") + 1:])["findings"]}
report(not left & {"att-disabled", "req-duplicate", "req-accept-beside-signed", "scope-redundant"} and (root / (P + ".bak").lstrip("/")).read_text() == whole,
       "several fixes of one file", *left)
report(json.loads((root / P.lstrip("/")).read_text())["transports"]["docker"] == {"registry.example/ns": [sigstore()], "quay.io/ns": [sigstore()]}, "and the policy is what is left")
text = audit(root, {}, "--format", "text").stdout
report("needs:" not in text, "nothing is needed any more", text)
root = work / "merged"
root.mkdir()
build(root, {P: docker("quay.io/a", sigstore(), **{"quay.io/b": [sigstore()], "ghcr.io/c": [sigstore()]}), **registries_d("")})
text = audit(root, {}, "--format", "text").stdout
report(text.count("quay.io.yaml needs:\n    docker:\n      \"quay.io/a\":\n        use-sigstore-attachments: true\n      \"quay.io/b\":") == 1 and
       text.count("needs:") == 2, "what several findings need of one file is one snippet", text)
for argv, status in ((["--explain", "att-disabled"], 0), (["--explain", "none"], 2), (["--dry-run"], 2)):
    result = subprocess.run([sigpolicy, "audit", *argv], capture_output=True, text=True)
    report(result.returncode == status and (status or all(word in result.stdout for word in ("high", "why", "fix"))), " ".join(argv), result.stdout, result.stderr)
# A key alone, as some servers give it away: its packet is the first of a file.
alone = fixture("alice.gpg")[:2 + fixture("alice.gpg")[1]]
root = work / "alone"
root.mkdir()
build(root, key(alone))
said = [finding["message"] for finding in json.loads(audit(root, {}).stdout)["findings"] if finding["rule"] == "key-empty"]
report(len(said) == 1 and "no user ID" in said[0], "a key without a user ID is none", *said)
# What is beside a rule, and must not be said; what is said must be so.
def of(name, files, rule):
    root = work / f"beside {name}"
    root.mkdir(mode=0o755)
    build(root, files)
    return [finding for finding in json.loads(audit(root, files).stdout)["findings"] if finding["rule"] == rule]


WIDE = "docker:\n  ghcr.io/acme:\n    use-sigstore-attachments: true\n"
report(not of("a part is signed", {P: docker("ghcr.io/acme/os", sigstore(), **{"ghcr.io/acme": [ACCEPT]}), **registries_d(WIDE)}, "att-unused"),
       "attachments that a part of the section needs are not unused")
said = of("docker-archive", {P: scopes(docker_archive={"": [ACCEPT]})}, "transport-archives-accept")
report(["path" not in f["fix"] for f in said] == [True], "docker-archive takes no paths, and none are advised", *said)
report(not of("staging", registries_d(BOTH + "  lookaside-staging: /mnt/nfs/x\n"), "look-bad-scheme"), "a staging place matters to pushes alone")
report([f["severity"] for f in of("private registry", {P: docker("registry.corp.example:5000", ACCEPT)}, "scope-registry-accept")] == ["low"], "a registry of one's own is less severe")
report([f["severity"] for f in of("own domain", {P: docker("*.corp.example", ACCEPT)}, "scope-wildcard-accept")] == ["medium"], "and so is a domain of one's own")
report(not of("default accepts", {P: policy(ACCEPT, {"docker": {"docker.io": [ACCEPT]}})}, "scope-registry-accept"), "a registry below a default that accepts is no hole")
said = of("example of a host", {P: docker("docker.io", ACCEPT)}, "scope-registry-accept")
report([f["example"] for f in said] == ["docker://docker.io/example/app:latest"], "the example of a host is an image", *said)
for name, text, line in (("a mirror's prefix", '[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\nlocation = "b.example"\nprefix = "c.example"\n', 5),
                         ("the search list behind a mirror", '[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\nlocation = "b.example"\nunqualified-search-registries = ["quay.io"]\n', 5),
                         ("a location without its header", '#[[registry]]\nlocation = "a.example"\n', 2)):
    said = of(name, conf(text), "conf-misplaced-key")
    report([f["line"] for f in said] == [line], name, *said)
for name, requirement, hint in (("a key with words in front", sigstore(None, fulcio={"fulcioCAData": "eA=="}), '"caData"'), ("a key of nobody", sigstore(keyless={}), "the keys here are"),
                                ("a keyType of sigstore", {**signed(), "keyType": "sigstore"}, "it is GPGKeys"), ("a type of nobody", {"type": "notary"}, "sigstoreSigned")):
    root = work / f"hint {name}"
    root.mkdir()
    build(root, {P: docker("registry.example/ns", requirement)})
    said = [f["fix"] for f in json.loads(audit(root, {}).stdout)["findings"] if f["severity"] == "critical"]
    report(any(hint in fix for fix in said) and not any("signedBaseLayer" in fix or "X509" in fix for fix in said), f"{name} has its hint", *said)
said = of("no list", {P: scopes(docker={"registry.example/ns": REJECT})}, "policy-invalid")
report(["[{" in f["fix"] for f in said] == [True], "a requirement without its list has its hint", *said)
said = of("ostree", {P: scopes(**{"ostree-image-signed:docker://quay.io/x": {"": [REJECT]}})}, "transport-unknown")
report(['"quay.io/x" below "docker"' in f["fix"] for f in said] == [True], "a transport with an image in it has its hint", *said)
# Each rule of engines in its other cases.
def rules_of(name, files):
    root = work / f"engine {name}"
    root.mkdir(mode=0o755)
    build(root, files)
    return [finding for finding in json.loads(audit(root, files).stdout)["findings"]]


LOCAL_PULL = {"use_local_image_pull": ["true"], "disable_snapshot_annotations": ["false", "true"], "discard_unpacked_layers": ["true"],
              "registry.mirrors.\"x.example\".endpoint": ["[]"], "registry.configs.\"x.example\".tls": ["{}"], "registry.auths.x": ["{}"],
              "max_concurrent_downloads": ["4", "3"], "image_pull_with_sync_fs": ["true", "false"]}
for setting, (bad, *good) in LOCAL_PULL.items():
    for header, below in ((IMAGES, ""), (CRI2, "containerd." if setting in ("disable_snapshot_annotations", "discard_unpacked_layers") else "")):
        if header == CRI2 and setting == "use_local_image_pull":
            continue
        for value, speaks in ((bad, True), *((value, False) for value in good)):
            said = rules_of(f"{setting} {value} {header[:40]}".replace("/", "_"), config(header + f"{below}{setting} = {value}\n"))
            found = [f for f in said if f["rule"] == "engine-containerd-bypass"]
            report(len(found) == speaks and all(f["line"] and setting.split(".")[-1 if "." not in setting else 1] in f["message"] for f in found),
                   f"containerd's {setting} = {value}, {header.strip()}", *found)
said = rules_of("import", {**config('imports = ["/etc/containerd/conf.d/*.toml"]\n' + IMAGES + "discard_unpacked_layers = false\n"),
                           "/etc/containerd/conf.d/a.toml": IMAGES + "discard_unpacked_layers = true\n"})
report([f["file"] for f in said if f["rule"] == "engine-containerd-bypass"] == ["/etc/containerd/conf.d/a.toml"], "an imported file overrules", *said)
said = rules_of("import undone", {**config('imports = ["conf.d/a.toml"]\n' + IMAGES + "discard_unpacked_layers = true\n"),
                                  "/etc/containerd/conf.d/a.toml": IMAGES + "discard_unpacked_layers = false\n"})
report(not [f for f in said if f["rule"] == "engine-containerd-bypass"], "and takes back", *said)
for name, text, speaks in (("none", "max_verifiers = 0\n", True), ("as many as there are", "max_verifiers = 1\n", False)):
    said = rules_of(f"max_verifiers {name}", config(BINDIR + text))
    report(bool([f for f in said if f["rule"] == "engine-containerd-off"]) == speaks, f"max_verifiers: {name}", *said)
# What the package has, and what of config.toml puts it in force.
OURS = "/usr/share/sigpolicy/containerd/config.toml"
PACKAGE = {**CONTAINERD, VERIFIERS + "verifier": None, "/usr/libexec/sigpolicy/containerd/containerd-image-verifier-sigpolicy": ("", 0o755),
           OURS: BINDIR + 'bin_dir = "/usr/libexec/sigpolicy/containerd"\n'}
for name, text, speaks in (("no file", None, True), ("nothing", "version = 2\n", True), ("an import", f'version = 2\nimports = ["{OURS}"]\n', False),
                           ("an import within a section", f'version = 2\n[plugins."io.containerd.internal.v1.opt"]\nimports = ["{OURS}"]\n', True),
                           ("the directory", BINDIR + 'bin_dir = "/usr/libexec/sigpolicy/containerd"\n', False)):
    said = rules_of(f"the package and {name}", {**PACKAGE, "/etc/containerd/config.toml": text})
    report(bool([f for f in said if f["rule"] == "engine-containerd-off" and f"imports = [\"{OURS}\"]" in f["message"]]) == speaks,
           f"the package of containerd's verifier, and in config.toml: {name}", *said)
GONE = {**PACKAGE, OURS: None, "/usr/libexec/sigpolicy/containerd/containerd-image-verifier-sigpolicy": None}
for name, text, speaks in (("imported", f'version = 2\nimports = ["{OURS}"]\n', True), ("not imported", "version = 2\n", False)):
    said = rules_of(f"the package gone, {name}", {**GONE, "/etc/containerd/config.toml": text})
    report([f["message"] for f in said if f["rule"] == "engine-containerd-off"] == [f"{OURS} is imported and is not there, so no verifier is asked"] * speaks,
           f"the package of containerd's verifier is gone, its file {name}", *said)
said = rules_of("the package and another", {**PACKAGE, VERIFIERS + "verifier": ("", 0o755)})
report(not [f for f in said if f["rule"] == "engine-containerd-off"], "the package, and another verifier that is asked", *said)
many = {VERIFIERS + f"v{i}": ("", 0o755) for i in range(10)}
report([f["rule"] for f in rules_of("eleven verifiers", {**CONTAINERD, **many}) if f["rule"] == "engine-containerd-off"] == ["engine-containerd-off"],
       "one verifier more than containerd asks")
said = rules_of("named directory", config(BINDIR + 'bin_dir = "/srv/none"\n'))
report([f["message"] for f in said if f["rule"] == "engine-containerd-empty"] == ["there is no /srv/none: containerd pulls every image"], "a directory that is not there", *said)
said = rules_of("bare containerd", {"/usr/bin/containerd": ("", 0o755), **packages(containerd="1.6.20"), "/etc/containerd/config.toml": CRI2 + "discard_unpacked_layers = true\n"})
report(not [f for f in said if f["rule"].startswith("engine-containerd")], "of a containerd that nobody meant to verify nothing is said", *said)
# podman's hooks
said = rules_of("dropped", {**PODMAN, "/etc/containers/containers.conf.d/90-other.conf": '[engine]\nhooks_dir = ["/etc/other"]\n'})
report([f["file"] for f in said if f["rule"] == "engine-podman-hook-replaced"] == ["/etc/containers/containers.conf.d/90-other.conf"], "another hooks_dir", *said)
said = rules_of("kept", {**PODMAN, "/etc/containers/containers.conf.d/90-other.conf": '[engine]\nhooks_dir = ["/etc/other", {append=true}]\n'})
report(not [f for f in said if f["rule"].startswith("engine-podman-hook")], "another hooks_dir that keeps ours", *said)
said = rules_of("same name", {**PODMAN, DROP_IN: '[engine]\nhooks_dir = ["/usr/share/sigpolicy/hooks.d", "/etc/other"]\n', "/etc/other/50-sigpolicy.json": OTHERS,
                              "/usr/bin/other": ("", 0o755)})
report([f["rule"] for f in said if f["rule"].startswith("engine-podman-hook")] == ["engine-podman-hook-replaced"], "a later file of the same name", *said)
said = rules_of("reads", PODMAN)
report(["50-sigpolicy.json" in f["message"] and P in f["message"] for f in said if f["rule"] == "engine-reads"] == [True], "the hooks in force are named", *said)
# Docker Content Trust
for name, files, speaks in (("a unit", script("Environment=DOCKER_CONTENT_TRUST=1\n"), True), ("a pipeline", script('  DOCKER_CONTENT_TRUST: "1"\n'), True),
                            ("the store", {"/root/.docker/trust/tuf/x": ""}, True), ("a script without", script("DOCKER_CONTENT_TRUST=0\n"), False),
                            ("quotes", {"/etc/environment": 'DOCKER_CONTENT_TRUST="1"\n'}, True),
                            ("the environment", {"env": {"DOCKER_CONTENT_TRUST": "1"}, "host": True}, True)):
    said = rules_of(f"content trust {name}", files)
    report(bool([f for f in said if f["rule"] == "engine-content-trust"]) == speaks, f"Docker Content Trust, by {name}", *said)
said = rules_of("old docker", {"/etc/environment": "DOCKER_CONTENT_TRUST=1\n", **packages(docker_io="20.10.24")})
said += rules_of("docker.io", {"/etc/environment": "DOCKER_CONTENT_TRUST=1\n", "/var/lib/dpkg/status": packages(docker="20.10.24")["/var/lib/dpkg/status"].replace("docker", "docker.io")})
report(["20.10.24" in f["message"] for f in said if f["rule"] == "engine-content-trust"] == [False, True], "and the docker that still obeys it is named", *said)
# An upgrade, asked of images: which are accepted or rejected from then on, which pulls fail.
ONE, OTHER = "docker://registry.example/ns/app:v1", "docker://quay.io/x/y:v1"


def upgrade(name, files, *argv):
    root = work / f"upgrade {name}"
    root.mkdir()
    build(root, files)
    result = audit(root, files, *([] if "--upgrade-to" in files.get("argv", []) else ["--upgrade-to", "5.40"]), *argv)
    return {(finding["rule"], finding["example"], finding["effect"]) for finding in json.loads(result.stdout)["findings"] if finding["example"]}


looser = by_user(REJECT, REJECT)
looser["/xdg/containers/policy.json"] = policy(REJECT, {"docker": {"registry.example/ns": [ACCEPT]}})
report(upgrade("accepts", looser, ONE, OTHER) == {("upgrade-accepts", ONE, "accepts")}, "of two images the one that is accepted from then on")
stricter = by_user(ACCEPT, ACCEPT)
stricter["/xdg/containers/policy.json"] = policy(ACCEPT, {"docker": {"registry.example/ns": [REJECT]}})
report(upgrade("rejects", stricter, ONE, OTHER) == {("upgrade-rejects", ONE, "rejects")}, "of two images the one that is rejected from then on")
conflict = {U + "registries.d/mine.yaml": BOTH, "references": f"# ours\n{ONE}\n\n  \ndir:/srv/image\n"}
(work / "images").write_text(conflict["references"])
report(upgrade("fails", conflict, "--references", str(work / "images")) == {("upgrade-fails", ONE, "invalid")}, "pulls that fail from then on, of images of a file")
report(upgrade("nothing", {U + "registries.d/default.yaml": BOTH}, ONE, OTHER) == set(), "and of a host that changes nothing, nothing")
attached = {P: docker("registry.example/ns", sigstore()), "/etc/containers/registries.rootful.d/default.yaml": "default-docker:\n  lookaside: https://sigs.example\n"}
report(upgrade("attachments", attached, ONE, OTHER) == {("upgrade-rejects", ONE, "rejects")}, "signatures that are not looked for from then on")
moved = {"/etc/containers/registries.rootful.d/default.yaml": "default-docker:\n  lookaside: https://elsewhere.example\n"}
report(upgrade("lookaside", moved, ONE, OTHER) == {("regd-differs-by-reader", ONE, None)}, "signatures that are looked for elsewhere from then on",
       *upgrade("lookaside again", moved, ONE, OTHER))
blocked = {"/usr/share/containers/registries.conf.d/vendor.conf": '[[registry]]\nlocation = "quay.io"\nblocked = true\n'}
report(upgrade("blocked", blocked, ONE, OTHER) == {("upgrade-fails", OTHER, None)}, "a registry that is blocked from then on")
result = audit(work / "upgrade blocked", {}, "--upgrade-to", "5.40", "not a name")
report(result.returncode == 2, "what is no image name: exit status 2", result.stderr)
result = audit(work / "upgrade blocked", {}, "--references", str(work / "images"))
report(result.returncode == 2, "--references without --upgrade-to: exit status 2", result.stderr)
# The configuration is found as verify finds it.
SETTINGS, VENDOR = "/etc/sigpolicy/sigpolicy.conf", "/usr/share/containers/"
NEWER = {P: None, VENDOR + "policy.json": BASE[P], D + "default.yaml": None, VENDOR + "registries.d/vendor.yaml": BOTH,
         "/etc/containers/registries.rootful.conf.d/a.conf": 'unqualified-search-registries = ["quay.io"]\n'}
READ = [VENDOR + "policy.json", VENDOR + "registries.d/vendor.yaml", "/etc/containers/registries.rootful.conf.d/a.conf"]
for name, more, generation, by in (
        ("nothing", {}, "old", "default"), ("--reader", {"argv": ["--reader", "5.40"]}, "5.40", "--reader"),
        ("the variable", {"env": {"SIGPOLICY_READER": "5.40"}}, "5.40", "SIGPOLICY_READER"),
        ("a setting", {SETTINGS: "reader=5.40\n"}, "5.40", SETTINGS),
        ("the installed podman", {"argv": ["--reader", "auto"], **packages(podman="6.1.2-1")}, "5.40", "podman 6.1.2"),
        ("an older podman", {"argv": ["--reader", "auto"], **packages(podman="5.8.6-1", skopeo="1.23.0-1")}, "old", "podman 5.8.6")):
    root = work / f"reader {name}"
    root.mkdir()
    build(root, {**NEWER, **more})
    answer = json.loads(audit(root, more).stdout)
    rules = {finding["rule"] for finding in answer["findings"]}
    report(answer["reader"] == {"generation": generation, "by": by} and answer["files"] == (READ if generation == "5.40" else READ[:1]) and
           ("policy-needs-newer-reader" in rules) == (generation == "old") and ("look-none" in rules) == (generation == "old"),
           f"the reader that is chosen by {name}", answer["reader"], answer["files"], *rules)
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
