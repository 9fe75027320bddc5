# SPDX-License-Identifier: Apache-2.0
"""Policies as they are found, described by what they contain, and all that an audit says of them from medium on. TAP.

usage: real.py SIGPOLICY TOP WORK

Each is a host with the key files that its policy names, so that what is said is about the policy. Of the manual page's
example and of what distributions ship, and of what operating systems that are images have in their repositories.
"""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys

sigpolicy, top, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
fixtures = top / "tests/fixtures"
ACCEPT, REJECT = [{"type": "insecureAcceptAnything"}], [{"type": "reject"}]
SHIPPED_D = "default-docker:\n  lookaside-staging: file:///var/lib/containers/sigstore\n"


def gpg(path="/etc/pki/rpm-gpg/RPM-GPG-KEY-vendor-release"):
    return [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": path}]


def sigstore(path="/etc/pki/containers/os.pub", **identity):
    return [{"type": "sigstoreSigned", "keyPath": path, **({"signedIdentity": identity} if identity else {})}]


def repository(path="/etc/pki/containers/os.pub"):
    return sigstore(path, type="matchRepository")


def everything(*names):
    return {name: {"": ACCEPT} for name in names}


LOOKASIDES = "docker:\n  registry.vendor.example:\n    lookaside: https://registry.vendor.example/webassets/sigstore\n"
VENDOR = {"registry.vendor.example": gpg(), "access.vendor.example": gpg()}
ATTACHMENTS = "docker:\n  ghcr.io/os:\n    use-sigstore-attachments: true\n"
HERE = ("containers-storage", "dir", "oci", "oci-archive", "docker-archive", "docker-daemon")

# name: (policy, files of registries.d, {rule: how often} from medium on)
FOUND = {
    "a distribution's default: anything is accepted": (
        {"default": ACCEPT, "transports": {"docker-daemon": {"": ACCEPT}}}, {"default": SHIPPED_D}, {"policy-default-accept": 1}),
    "what containers-common has since podman 6.1: the vendor's registries are signed by sigstore, and logged": (
        {"default": ACCEPT, "transports": {
            "docker": {name: [{"type": "sigstoreSigned", "keyPath": "/etc/pki/sigstore/SIGSTORE-vendor-release3",
                               "rekorPublicKeyPath": "/etc/pki/sigstore/REKOR-vendor"}] for name in VENDOR},
            "docker-daemon": {"": ACCEPT}}},
        {name: f"docker:\n  {name}:\n    use-sigstore-attachments: true\n" for name in VENDOR}, {"policy-default-accept": 1}),
    "a distribution's default with its vendor's registries, signed by one key": (
        {"default": ACCEPT, "transports": {"docker": VENDOR, "docker-daemon": {"": ACCEPT}}},
        {"vendor": LOOKASIDES + "  access.vendor.example:\n    lookaside: https://access.vendor.example/webassets/sigstore\n"},
        {"policy-default-accept": 1}),
    "a vendor's registries for which nobody says where signatures are": (
        {"default": REJECT, "transports": {"docker": VENDOR}}, {}, {"look-none": 2}),
    "an image's own scope beside a catch-all: the default that rejects is never asked": (
        {"default": REJECT, "transports": {"docker": {"ghcr.io/os": repository(), "": ACCEPT}, **everything(*HERE)}}, {"os": ATTACHMENTS},
        {"transport-catchall-accept": 1, "scope-weaker-than-parent": 0, "transport-archives-accept": 4, "id-match-repository": 1}),
    "a locked-down image: many scopes, every other transport rejected, two keys for one": (
        {"default": REJECT, "transports": {
            "docker": {"ghcr.io/os": [{"type": "sigstoreSigned", "keyPaths": ["/etc/pki/containers/os.pub", "/etc/pki/containers/next.pub"],
                                       "signedIdentity": {"type": "matchRepository"}}],
                       "ghcr.io/os/cosign": sigstore(type="exactRepository", dockerRepository="gcr.io/project/cosign"),
                       "docker.io/somebody/app": ACCEPT, "": REJECT},
            **{name: {"": REJECT} for name in HERE}}}, {"os": ATTACHMENTS},
        {"id-match-repository": 2, "policy-needs-newer-reader": 1}),
    "a namespace in upper case, and no signedIdentity": (
        {"default": REJECT, "transports": {"docker": {"ghcr.io/os": sigstore(), "ghcr.io/OS-dev": sigstore()}}}, {"os": ATTACHMENTS},
        {"scope-uppercase": 1, "id-cosign-default": 1}),
    "the scope is one tag": (
        {"default": REJECT, "transports": {"docker": {"ghcr.io/os/image:latest": repository()}}}, {"os": ATTACHMENTS}, {"id-match-repository": 1}),
    "a placeholder that nothing replaced": (
        {"default": REJECT, "transports": {"docker": {"localhost:!!registry.port!!": ACCEPT, "ghcr.io/<your-user>": repository()}}}, {"os": ATTACHMENTS},
        {"scope-dead": 2}),
    "a tool wrote the requirement without its list": (
        {"default": REJECT, "transports": {"docker": {"ghcr.io/os": repository()[0], "ghcr.io/other": REJECT}}}, {"os": ATTACHMENTS}, {"policy-invalid": 1}),
    "a tutorial put the key into registries.d": (
        {"default": REJECT, "transports": {"docker": {"ghcr.io/os": repository()}}},
        {"os": "docker:\n  ghcr.io/os:\n    use-sigstore-attachments: true\n    sigstore:\n      public-key-file: /etc/pki/containers/os.pub\n"},
        {"regd-syntax": 1, "id-match-repository": 1}),
    "signed images of which registries.d says nothing": (
        {"default": REJECT, "transports": {"docker": {"ghcr.io/os": repository()}}}, {"default": SHIPPED_D},
        {"att-disabled": 1, "id-match-repository": 1}),
    "a script added accept to a signed scope": (
        {"default": REJECT, "transports": {"docker": {"ghcr.io/os": repository() + ACCEPT}}}, {"os": ATTACHMENTS},
        {"req-accept-beside-signed": 1, "id-match-repository": 1}),
    "a beta key for a part of the vendor's registry": (
        {"default": ACCEPT, "transports": {"docker": {"registry.vendor.example": gpg(), "registry.vendor.example/preview": gpg("/etc/pki/rpm-gpg/RPM-GPG-KEY-vendor-beta")}}},
        {"vendor": "docker:\n  registry.vendor.example:\n    lookaside: https://sigs.vendor.example\n"}, {"policy-default-accept": 1}),
    "the manual page's example": (
        {"default": REJECT, "transports": {
            "docker": {"docker.io/openshift": ACCEPT, "docker.io/library/busybox": gpg("/path/to/busybox.gpg"),
                       "hostname:5000/myns/image": sigstore("/path/to/sigstore-pubkey.pub"),
                       "private-mirror:5000/vendor-mirror": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/path/to/vendor-keyring.gpg",
                                                              "signedIdentity": {"type": "remapIdentity", "prefix": "private-mirror:5000/vendor-mirror",
                                                                                 "signedPrefix": "vendor.example.com"}}]}}},
        {"default": SHIPPED_D}, {"att-disabled": 1, "id-cosign-default": 1, "look-none": 2}),
}


def keys_of(value):
    if isinstance(value, dict):
        for name, child in value.items():
            if name in ("keyPath", "keyPaths", "rekorPublicKeyPath"):
                kind = "alice.gpg" if value["type"] == "signedBy" else "sigstore-made/ours.pub"
                yield from ((path, kind) for path in ([child] if isinstance(child, str) else child))
            else:
                yield from keys_of(child)
    elif isinstance(value, list):
        for child in value:
            yield from keys_of(child)


os.umask(0o022)
for number, (name, (policy, registries_d, expected)) in enumerate(FOUND.items(), 1):
    root = work / str(number)
    files = {"/etc/containers/policy.json": json.dumps(policy, indent=4).encode()}
    files |= {f"/etc/containers/registries.d/{file}.yaml": text.encode() for file, text in registries_d.items()}
    files |= {path: (fixtures / kind).read_bytes() for path, kind in keys_of(policy)}
    for path, content in files.items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    result = subprocess.run([sigpolicy, "audit", "--root", str(root), "--severity", "medium", "--clock", "2026-06-01T00:00:00Z", "--format", "json"],
                            capture_output=True, text=True)
    findings = json.loads(result.stdout)["findings"]
    said = collections.Counter(finding["rule"] for finding in findings)
    good = dict(said) == {rule: n for rule, n in expected.items() if n}
    print(f"{'' if good else 'not '}ok {number} - {name}")
    if not good or os.environ.get("SHOW"):
        print("# expected", expected)
        for finding in findings:
            print("#", finding["severity"], finding["rule"], finding["scope"], finding["message"])
# Of the vendor's policy, whole, and as readers from 5.40 on find it.
name = next(name for name in FOUND if "podman 6.1" in name)
root = work / "vendor"
shutil.copytree(work / str(1 + list(FOUND).index(name)), root)
(root / "usr/share/containers").mkdir(parents=True)
(root / "etc/containers/policy.json").rename(root / "usr/share/containers/policy.json")
result = subprocess.run([sigpolicy, "audit", "--root", str(root), "--reader", "5.40", "--clock", "2026-06-01T00:00:00Z", "--format", "json"],
                        capture_output=True, text=True)
said = sorted(finding["rule"] for finding in json.loads(result.stdout)["findings"])
print(f"{'' if said == ['policy-default-accept'] else 'not '}ok {len(FOUND) + 1} - of the vendor's policy nothing is said that is false")
print("#", *said)
print(f"1..{len(FOUND) + 1}")
shutil.rmtree(work)
