# SPDX-License-Identifier: Apache-2.0
"""What an audit says of images is what verify does with them, over generated policies. TAP.

usage: property.py SIGPOLICY TOP WORK

Of each policy the audit's claims are checked: an example that "accepts" is accepted unsigned, one that "rejects" is rejected
with good signatures, a scope that is "never-used" judges no image. And nothing is left out: a scope that does judge an image
is not called unused, one that does not is; what is accepted unsigned below a scope that asks for a signature is found.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

sigpolicy, top, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
POLICIES = int(os.environ.get("POLICIES", "500"))
fixtures = top / "tests/fixtures"
SIGNED = {"manifest": str(fixtures / "manifest.json"),
          "signatures": [str(fixtures / "good.sig"), str(fixtures / "sigstore-made/good.sig")]}
UNSIGNED = {"manifest": str(fixtures / "manifest.json"), "signatures": []}

DIGEST = "sha256:" + hashlib.sha256((fixtures / "manifest.json").read_bytes()).hexdigest()

NAMES = ["registry.example", "registry.example:5000", "registry.example/ns", "registry.example/ns/app", "registry.example/ns/app:v1",
         "registry.example/ns/app:v2", "registry.example/other", "*.example", "*.registry.example", "sub.registry.example/a", "",
         "localhost", "localhost/x", "docker.io", "docker.io/library", "docker.io/library/busybox", "docker.io/busybox", "busybox",
         "library/busybox", "index.docker.io", "index.docker.io/library/busybox", "registry.example/", "registry.example/*", "*", "*.com:80",
         "https://registry.example", "docker://registry.example/ns", "registry.example/NS", "Registry.example/ns", "a_b.c", "a_b.c/d",
         "registry.example/ns/app:v1@" + DIGEST, "registry.example/ns/app@" + DIGEST, "registry.example/a b", "x" * 300,
         "registry.example/ns/app/deeper", "1.2.3.4", "1.2.3.4:80/x", "*.3.4", "registry.example:5000/ns", "registry.example//ns", "ns/app:v1"]
IMAGES = ["registry.example/ns/app:v1", "registry.example/ns/app:v2", "registry.example:5000/ns/app:v1", "registry.example/other:v1",
          "sub.registry.example/a:v1", "localhost/x:v1", "busybox", "index.docker.io/library/busybox:v1", "a_b.c/d:v1", "1.2.3.4:80/x:v1",
          "other.example/x:v1", "registry.example/ns/app@" + DIGEST, "registry.example/ns/app/deeper:v1", "quay.io/x:v1"]
OURS = str(fixtures / "sigstore-made/ours.pub")
IDENTITIES = [None, {"type": "matchExact"}, {"type": "matchRepository"}, {"type": "matchRepoDigestOrExact"},
              {"type": "exactReference", "dockerReference": "registry.example/ns/app:v1"}, {"type": "exactRepository", "dockerRepository": "busybox"},
              {"type": "remapIdentity", "prefix": "registry.example", "signedPrefix": "localhost"},
              {"type": "remapIdentity", "prefix": "registry.example/ns/app", "signedPrefix": "localhost"}]


def requirement(rng):
    kind = rng.random()
    if kind < 0.3:
        return {"type": "insecureAcceptAnything"}
    if kind < 0.4:
        return {"type": "reject"}
    identity = rng.choice(IDENTITIES)
    more = {"signedIdentity": identity} if identity else {}
    if kind < 0.8:
        return {"type": "sigstoreSigned", "keyPath": rng.choice([OURS, OURS, OURS, "/nowhere/key.pub", str(fixtures / "alice.gpg")]), **more}
    if kind < 0.85:
        return {"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchExact"}}
    return {"type": "signedBy", "keyType": rng.choice(["GPGKeys", "X509Certificates"]), "keyPath": "/nowhere/key.gpg", **more}


def policy(rng):
    def requirements():
        return [requirement(rng) for _ in range(rng.choice([1, 1, 1, 2]))]
    scopes = rng.sample(NAMES, rng.randrange(1, 9))
    if rng.random() < 0.3:
        scopes.append("registry.example")
    return {"default": requirements(), "transports": {"docker": {scope: requirements() for scope in scopes}}}


def probes(scope):
    """Images that would have this scope, whatever it is: each way of being one."""
    yield from (scope, scope + ":zz9", scope + "/zz9:zz9", scope + "/zz9/zz9:zz9")
    if scope.startswith("*."):
        yield "zz9" + scope[1:] + "/zz9:zz9"
    if not scope:
        yield "zz9.invalid:999/zz9:zz9"


def ask(folder, number, requests):
    """The verdicts of all requests, by their ids."""
    lines = "".join(json.dumps({"id": at, **request}) + "\n" for at, request in enumerate(requests))
    result = subprocess.run([sigpolicy, "verify", "--batch", "-", "--jobs", "1", "--policy", str(folder / f"{number}.json")],
                            input=lines, capture_output=True, text=True)
    verdicts = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(verdicts) == len(requests), result.stderr
    return verdicts


def is_signed(requirements):
    return any(it["type"] in ("signedBy", "sigstoreSigned") for it in requirements)


def is_accept(requirements):
    return all(it["type"] == "insecureAcceptAnything" for it in requirements)


def faults(number):
    rng = random.Random(number)
    made = policy(rng)
    path = work / f"{number}.json"
    path.write_text(json.dumps(made, indent=1))
    result = subprocess.run([sigpolicy, "audit", "--policy", str(path), "--format", "json", "--disable", "key-writable"],
                            capture_output=True, text=True)
    findings = json.loads(result.stdout)["findings"]
    docker = made["transports"]["docker"]

    requests, meant = [], []
    for finding in findings:
        if finding["effect"] in ("accepts", "rejects") and (finding["example"] or "").startswith("docker://"):
            meant.append(("effect", finding))
            requests.append({**(UNSIGNED if finding["effect"] == "accepts" else SIGNED), "reference": finding["example"]})
    for image in IMAGES:
        meant.append(("image", image))
        requests.append({**UNSIGNED, "reference": "docker://" + image})
    for scope in docker:
        for probe in probes(scope):
            meant.append(("probe", scope))
            requests.append({**UNSIGNED, "reference": "docker://" + probe})
    verdicts = ask(work, number, requests)

    used, accepted = set(), set()
    for (kind, what), verdict in zip(meant, verdicts):
        scope = (verdict["policy"] or {}).get("scope") if (verdict["policy"] or {}).get("transport") else None
        if kind == "effect":
            if verdict["allowed"] != (what["effect"] == "accepts"):
                yield f"{what['rule']}: {what['example']} {what['effect']}, and verify says {verdict['reason']}"
        if scope is not None:
            used.add(scope)
        if verdict["allowed"] and kind != "effect":
            accepted.add(scope)
    unused = {finding["scope"] for finding in findings if finding["effect"] == "never-used"}
    for scope in docker:
        named = f'docker "{scope}"'
        if scope in used and named in unused:
            yield f"{named} is called unused, and judges an image"
        if scope not in used and named not in unused:
            yield f"{named} judges no image that was tried, and is not called unused"
    rules = {(finding["rule"], finding["scope"]) for finding in findings}
    if None in accepted and ("policy-default-accept", "default") not in rules:
        yield "the default accepts, and that is not found"
    for scope in accepted - {None}:
        if not is_accept(docker[scope]):
            yield f"{scope!r} accepts unsigned, though it asks for more"
    # The scope above, for those that are plain repositories.
    for scope in docker:
        if scope in used and is_accept(docker[scope]) and "/" in scope and not any(it in scope for it in "@*:"):
            above, parent = scope, None
            while "/" in above and parent is None:
                above = above.rsplit("/", 1)[0]
                parent = docker.get(above)
            if parent and is_signed(parent) and ("scope-weaker-than-parent", f'docker "{scope}"') not in rules:
                yield f"{scope!r} is a hole below {above!r}, and that is not found"
    path.unlink()


work.mkdir(exist_ok=True)
found = []
# The answers are those of every build; a further one of contrib/check gives some policies.
numbers = range(0, POLICIES, 5 if os.environ.get("SIGPOLICY_TESTS_AGAIN") else 1)
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for number, faults_of in zip(numbers, pool.map(lambda at: list(faults(at)), numbers)):
        found += [f"policy {number}: {fault}" for fault in faults_of]
print(f"{'not ' if found else ''}ok 1 - what is said of {len(numbers)} generated policies is what verify does")
for fault in found[:20]:
    print("#", fault)
print("1..1")
shutil.rmtree(work, ignore_errors=True)
