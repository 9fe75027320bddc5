# SPDX-License-Identifier: Apache-2.0
"""Policies and registries.d, generated, and what becomes of one that is changed. Used by trust.t.

usage: trust.py make DIR NUMBER KEYS       NUMBER directories DIR/N with policy.json, registries.d and the scope of a change
       trust.py change SIGPOLICY DIR KEYS  for each of them: what is changed, and that nothing else is
"""
import json
import pathlib
import random
import subprocess
import sys

accept, reject = [{"type": "insecureAcceptAnything"}], [{"type": "reject"}]
layouts = [dict(indent=4), dict(indent=2), dict(indent="\t"), dict(), dict(separators=(",", ":")), dict(indent=1, separators=(",", ":"))]
scopes = ["quay.io", "quay.io/ns", "quay.io/ns/app", "quay.io/ns/app:v1", "*.example.com", "localhost:5000", "localhost:5000/x", "docker.io/library/é",
          "r.example/a<b>&c", ""]


def requirement(pick, keys):
    identity = pick.choice([{}, {}, {"signedIdentity": {"type": pick.choice(["matchExact", "matchRepository"])}}])
    some = pick.sample(keys["gpg"], pick.randint(1, len(keys["gpg"])))
    return pick.choice([
        accept[0], reject[0],
        {"type": "signedBy", "keyType": "GPGKeys", "keyPath": some[0], **identity},
        {"type": "signedBy", "keyType": "GPGKeys", "keyPaths": some, **identity},
        {"keyData": keys["data"], "keyType": "GPGKeys", "type": "signedBy"},
        {"type": "sigstoreSigned", "keyPath": keys["sigstore"], **identity},
    ])


def requirements(pick, keys):
    return [requirement(pick, keys) for _ in range(pick.choice([1, 1, 1, 2, 3]))]


def policy(pick, keys):
    names = pick.sample(["docker", "atomic", "docker-daemon", "containers-storage", "dir", "oci", "tarball"], pick.randint(0, 4))
    transports = {}
    for name in names:
        chosen = pick.sample(scopes, pick.randint(0, 5)) if name == "docker" else [""] * pick.randint(0, 1)
        transports[name] = {scope: requirements(pick, keys) for scope in chosen}
    document = {"default": requirements(pick, keys)}
    if transports or pick.random() < 0.5:
        document["transports"] = transports
    return dict(pick.sample(list(document.items()), len(document)))


def storage(pick):
    lines = ["# ours"]
    if pick.random() < 0.5:
        lines += ["default-docker:", pick.choice(["  lookaside: file:///default", "  sigstore: https://d.example", "  use-sigstore-attachments: true"])]
    chosen = pick.sample(scopes[:-1], pick.randint(0, 4))
    if chosen:
        lines.append("docker:")
    for scope in chosen:
        lines += [f'  "{scope}":', pick.choice(["    lookaside: https://a.example/x", "    sigstore: file:///old", '    lookaside: ""', "    Lookaside: https://odd.example"]) + pick.choice(["", " # why"])]
    return "\n".join(lines) + "\n"


def make(directory, number, keys):
    for at in range(number):
        pick = random.Random(at)
        place = pathlib.Path(directory, str(at))
        (place / "registries.d").mkdir(parents=True)
        text = json.dumps(policy(pick, keys), ensure_ascii=pick.random() < 0.5, **pick.choice(layouts)) + pick.choice(["", "\n"])
        if pick.random() < 0.2:
            text = text.replace("\n", "\r\n")
        (place / "policy.json").write_bytes(text.encode())
        (place / "registries.d" / "x.yaml").write_text(storage(pick), encoding="utf-8")


def rest_of(before, after):
    """What both have in front, and behind it what both have at the end."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-tail - 1] == after[-tail - 1]:
        tail += 1
    return head + tail



def change(sigpolicy, directory, keys):
    for place in sorted(pathlib.Path(directory).iterdir(), key=lambda it: int(it.name)):
        pick = random.Random(int(place.name) + 1000)
        file, scope = place / "policy.json", pick.choice(scopes)
        before = file.read_bytes()
        was = json.loads(before)
        key = pick.choice(keys["gpg"])
        command = [sigpolicy, "trust", "set", "--policy", str(file), "--type", "signedBy", "--key", key, "--", scope]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        after = file.read_bytes()
        wanted = json.loads(before)
        wanted.setdefault("transports", {}).setdefault("docker", {})[scope] = [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": key}]
        said = ""
        if result.returncode != 0:
            said = f"exit {result.returncode}: {result.stdout}"
        elif json.loads(after, object_pairs_hook=list) != json.loads(json.dumps(wanted), object_pairs_hook=list):
            said = "another document, or another order"
        elif scope not in was.get("transports", {}).get("docker", {}) and rest_of(before, after) < len(before) - (
                2 if {} in (was.get("transports"), was.get("transports", {}).get("docker")) else 0):
            said = "bytes of the old document are gone"
        elif (b"\r\n" in before) != (b"\r\n" in after) or before.endswith(b"\n") != after.endswith(b"\n"):
            said = "other line ends"
        elif before.count(b"\n") == 0 and after.count(b"\n"):
            said = "one line became several"
        elif (place / "policy.json.bak").read_bytes() != before:
            said = "the backup is not the old file"
        if not said and scope not in was.get("transports", {}).get("docker", {}):
            subprocess.run([sigpolicy, "trust", "unset", "--policy", str(file), "--", scope], stdout=subprocess.PIPE, check=False)
            back = file.read_bytes()
            if "docker" in was.get("transports", {}) and was["transports"]["docker"] and back != before:
                said = "set and unset together change something"
        print(("FAIL" if said else "PASS") + f"\tgenerated policy {place.name}: a scope is set, and everything else stays\t{said} {scope!r}")


def main():
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4]))
    else:
        change(sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))


main()
