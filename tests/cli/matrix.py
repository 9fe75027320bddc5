# SPDX-License-Identifier: Apache-2.0
"""Situations of an image on a registry, generated, and judged by skopeo, by podman and by us: the answers are the same. TAP.

A situation is a name, a reference form, what stands in the lookaside, a policy.json, a registries.d and a registries.conf. There
is one that everybody accepts; the situations are all that differ from it in one thing, some that differ in two, and some in
which everything is drawn by lot, always the same.

usage: matrix.py SIGPOLICY [FIRST-LAST]      MATRIX=full in the environment: all of them, and not a few
"""
import concurrent.futures
import hashlib
import http.client
import http.server
import io
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading

sigpolicy = os.path.abspath(sys.argv[1])
work = tempfile.mkdtemp(prefix="sigpolicy-matrix.")
for name in list(os.environ):
    if name.lower().endswith("_proxy") or name.startswith(("CONTAINERS_", "REGISTR", "XDG_", "DOCKER")):
        del os.environ[name]
os.environ.update(HOME=f"{work}/home", TMPDIR=f"{work}/tmp", GNUPGHOME=f"{work}/gnupg", LC_ALL="C.UTF-8")
for name in ("home", "tmp", "registry", "lookaside", "empty"):
    os.mkdir(f"{work}/{name}")
os.mkdir(f"{work}/gnupg", 0o700)
DEAD = "127.0.0.1:9"  # nobody listens there


def run(*command, **more):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", **more)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


# --- the registry, and a lookaside server ---------------------------------------------------------------------------------

def start_registry():
    config = write(f"{work}/registry.yml", f"version: 0.1\nlog: {{level: info}}\nstorage:\n  filesystem:\n"
                                           f"    rootdirectory: {work}/registry\nhttp:\n  addr: 127.0.0.1:0\n")
    process = subprocess.Popen(["docker-registry", "serve", config], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    for line in process.stdout:
        if "listening on " in line:
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return process, line.partition("listening on ")[2].split('"')[0].strip().rpartition(":")[2]
    raise SystemExit("Bail out! docker-registry does not start")


class Lookaside(http.server.SimpleHTTPRequestHandler):
    def send_head(self):
        if self.path.startswith("/forbidden/"):
            return self.send_error(403)
        return super().send_head()

    def log_message(self, *_):
        pass


registry_process, port = start_registry()
R = f"127.0.0.1:{port}"
lookaside_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Lookaside(*a, directory=work))
threading.Thread(target=lookaside_server.serve_forever, daemon=True).start()
S = f"127.0.0.1:{lookaside_server.server_port}"


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


connection = http.client.HTTPConnection(R)


def ask(method, path, body=None, headers=()):
    connection.request(method, path, body, dict(headers))
    response = connection.getresponse()
    said = response.read()
    if response.status >= 300:
        raise SystemExit(f"Bail out! {method} {path}: {response.status} {said[:200]}")
    return response


def push_blob(repository, content):
    place = ask("POST", f"/v2/{repository}/blobs/uploads/").getheader("Location")
    place = place[place.index("/v2/"):]
    ask("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest_of(content)}", content,
        {"Content-Type": "application/octet-stream"})


def push_manifest(repository, tag, content):
    ask("PUT", f"/v2/{repository}/manifests/{tag}", content, {"Content-Type": json.loads(content)["mediaType"]})


# --- images: one for each state of its signatures, told apart by a label ----------------------------------------------------

OCI = "application/vnd.oci.image."


def make_layer():
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        entry = tarfile.TarInfo("hello")
        entry.size = 6
        tar.addfile(entry, io.BytesIO(b"hello\n"))
    return layer.getvalue()


LAYER = make_layer()


def make_image(label):
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Labels": {"state": label}},
                         "rootfs": {"type": "layers", "diff_ids": [digest_of(LAYER)]}}).encode()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                           "config": {"mediaType": OCI + "config.v1+json", "digest": digest_of(config), "size": len(config)},
                           "layers": [{"mediaType": OCI + "layer.v1.tar", "digest": digest_of(LAYER), "size": len(LAYER)}]})
    return manifest.encode(), config


class Name:
    """A name as people write it, where registries.conf finds it, and a mirror of it."""
    def __init__(self, number, prefix, rest, location=None, mirror_only=False):
        self.number, self.prefix, self.name = number, prefix, prefix + rest
        self.location = location or prefix
        self.mirror = f"{R}/mirror{number}"
        self.host = self.name.split("/")[0]
        self.places = [self.mirror + rest] + ([] if mirror_only else [self.location + rest])


NAMES = [Name(0, f"{R}/ns", "/app"), Name(1, f"{R}/single", ""), Name(2, f"{R}/ns/team", "/a/b"),
         Name(3, "registry.test/ns", "/app", f"{R}/vendor"), Name(4, "docker.io/library", "/app", f"{R}/hub"),
         Name(5, f"localhost:{port}", "/local/app"), Name(6, f"{R}/only", "/app", mirror_only=True)]
FORMS = ["tag", "digest", "both"]  # of both, the tag is dropped, as podman does; skopeo takes no such name

# What a state has: for each signature the key, and what is signed; then what is done to the last one.
STATES = {
    "good": [("alice", "NAME:TAG")], "by another key": [("bob", "NAME:TAG")], "for another tag": [("alice", "NAME:other")],
    "for another repository": [("alice", "NAME-other:TAG")], "without a tag": [("alice", "NAME")],
    "by digest": [("alice", "NAME@DIGEST")], "forged": [("alice", "NAME:TAG"), "flip"], "none": [],
    "two, the second good": [("bob", "NAME:TAG"), ("alice", "NAME:TAG")],
    "good, then junk": [("alice", "NAME:TAG"), "junk"], "of another image": [("alice", "NAME:TAG", "sha256:" + "0" * 64)],
    "of an instance of a list": [("alice", "NAME:TAG")], "of a list": [("alice", "NAME:TAG")],
}
TAGS = {state: f"t{number}" for number, state in enumerate(STATES)}
OVER = {}  # the digest of what the tag is: a list, or the image


def make_key(name):
    run("gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", f"{name} <{name}@example.com>",
        "ed25519", "sign", "never", check=True)
    with open(f"{work}/{name}.gpg", "wb") as file:
        file.write(subprocess.run(["gpg", "--batch", "--export", f"{name}@example.com"], capture_output=True, check=True).stdout)


def sign(key, reference, digest):
    payload = json.dumps({"critical": {"type": "atomic container signature", "image": {"docker-manifest-digest": digest},
                                       "identity": {"docker-reference": reference}},
                          "optional": {"creator": "matrix", "timestamp": 1700000000}})
    return subprocess.run(["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "-u",
                           f"{key}@example.com", "--sign", "--output", "-"], input=payload.encode(), capture_output=True,
                          check=True).stdout


def store(name, state):
    """The signatures of a state, in the lookaside, for each place of a name."""
    manifest, _ = make_image(state)
    top = OVER[state]
    signed = digest_of(manifest) if state != "of a list" else top
    signatures = []
    for one in STATES[state]:
        if one == "flip":
            last = bytearray(signatures[-1])
            last[-5] ^= 1
            signatures[-1] = bytes(last)
        elif one == "junk":
            signatures.append(b"no signature")
        else:
            claimed = one[1].replace("NAME", name.name).replace("TAG", TAGS[state]).replace("DIGEST", top)
            signatures.append(sign(one[0], claimed, one[2] if len(one) > 2 else signed))
    for place in name.places:
        for number, signature in enumerate(signatures, 1):
            path = place.partition("/")[2]
            write(f"{work}/lookaside/{path}@{signed.replace(':', '=')}/signature-{number}", signature)


def populate():
    make_key("alice")
    make_key("bob")
    with open(f"{work}/both.gpg", "wb") as both:
        for name in ("bob", "alice"):
            with open(f"{work}/{name}.gpg", "rb") as one:
                both.write(one.read())
    for repository in {place.partition("/")[2] for name in NAMES for place in name.places}:
        push_blob(repository, LAYER)
        for state in STATES:
            manifest, config = make_image(state)
            push_blob(repository, config)
            if state.endswith("of a list"):
                index = json.dumps({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [
                    {"mediaType": OCI + "manifest.v1+json", "digest": digest_of(manifest), "size": len(manifest),
                     "platform": {"os": "linux", "architecture": "amd64"}}]}).encode()
                push_manifest(repository, digest_of(manifest), manifest)
                manifest = index
            push_manifest(repository, TAGS[state], manifest)
            OVER[state] = digest_of(manifest)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(lambda pair: store(*pair), itertools.product(NAMES, STATES)))


# --- policies: of a name and a tag -------------------------------------------------------------------------------------------

def by(*keys, identity=None):
    requirement = {"type": "signedBy", "keyType": "GPGKeys"}
    if len(keys) == 1:
        requirement["keyPath"] = f"{work}/{keys[0]}.gpg"
    else:
        requirement["keyPaths"] = [f"{work}/{key}.gpg" for key in keys]
    return {**requirement, **({"signedIdentity": identity} if identity else {})}


ACCEPT, REJECT, ALICE, BOB = {"type": "insecureAcceptAnything"}, {"type": "reject"}, by("alice"), by("bob")


def scopes(docker, default=REJECT):
    return {"default": [default], "transports": {"docker": {scope: value if isinstance(value, list) else [value]
                                                            for scope, value in docker.items()}}}


def matching(kind, **more):
    return scopes({"": by("alice", identity={"type": kind, **more})})


POLICIES = {
    "the host": lambda n, t: scopes({n.host: ALICE}),
    "the namespace": lambda n, t: scopes({n.prefix: ALICE, n.host: REJECT} if n.prefix != n.host else {n.host: ALICE}),
    "the repository": lambda n, t: scopes({n.name: ALICE, "": REJECT}),
    "the tag": lambda n, t: scopes({f"{n.name}:{t}": ALICE, n.name: REJECT}),
    "another tag": lambda n, t: scopes({f"{n.name}:x{t}": ALICE, n.name: REJECT}),
    "another port": lambda n, t: scopes({n.host + "1": ALICE, n.host.partition(":")[0]: ALICE}),
    "every docker name": lambda n, t: scopes({"": ALICE}),
    "the default": lambda n, t: scopes({}, ALICE),
    "a wildcard": lambda n, t: scopes({"*.test": ALICE, "*.0.0.1": BOB}, ALICE),
    "where it is in truth": lambda n, t: scopes({n.location: BOB, n.mirror: BOB, n.host: ALICE}),
    "the mirror alone": lambda n, t: scopes({n.mirror: ALICE}),
    "another transport": lambda n, t: {"default": [REJECT], "transports": {"dir": {"": [ALICE]}}},
    "matchExact": lambda n, t: matching("matchExact"),
    "matchRepoDigestOrExact": lambda n, t: matching("matchRepoDigestOrExact"),
    "matchRepository": lambda n, t: matching("matchRepository"),
    "exactReference": lambda n, t: matching("exactReference", dockerReference=f"{n.name}:{t}"),
    "another exactReference": lambda n, t: matching("exactReference", dockerReference=f"{n.name}:other"),
    "exactRepository": lambda n, t: matching("exactRepository", dockerRepository=n.name),
    "another exactRepository": lambda n, t: matching("exactRepository", dockerRepository=n.name + "-other"),
    "remapIdentity to itself": lambda n, t: matching("remapIdentity", prefix=n.prefix, signedPrefix=n.prefix),
    "remapIdentity elsewhere": lambda n, t: matching("remapIdentity", prefix=n.host, signedPrefix="vendor.example"),
    "remapIdentity of others": lambda n, t: matching("remapIdentity", prefix="vendor.example", signedPrefix="x.example"),
    "two requirements": lambda n, t: scopes({"": [ALICE, BOB]}),
    "anything, and alice": lambda n, t: scopes({"": [ACCEPT, ALICE]}),
    "any of two keys": lambda n, t: scopes({"": by("bob", "alice")}),
    "a keyring of two": lambda n, t: scopes({"": by("both")}),
    "bob": lambda n, t: scopes({"": BOB}),
    "anything": lambda n, t: scopes({"": ACCEPT}),
    "reject": lambda n, t: scopes({"": REJECT}),
}

# --- registries.d: files of a name --------------------------------------------------------------------------------------------

FILES = f"file://{work}/lookaside"


def under(name, value):
    """The same for where the name is and for its mirror."""
    return "docker:\n" + "".join(f"  {place}:\n    {value}\n" for place in dict.fromkeys((name.location, name.mirror)))


REGISTRIES_D = {
    "a default": lambda n: {"a.yaml": f"default-docker:\n  lookaside: {FILES}\n"},
    "the host": lambda n: {"a.yaml": f"docker:\n  {R}:\n    lookaside: {FILES}\n  localhost:{port}:\n    lookaside: {FILES}\n"},
    "the namespace": lambda n: {"a.yaml": under(n, f"lookaside: {FILES}")},
    "the repository": lambda n: {"a.yaml": "docker:\n" + "".join(f"  {p}:\n    lookaside: {FILES}\n" for p in n.places)},
    "the old key": lambda n: {"a.yaml": f"default-docker:\n  sigstore: {FILES}\n"},
    "both keys": lambda n: {"a.yaml": f"default-docker:\n  sigstore: file://{work}/empty\n  lookaside: {FILES}\n"},
    "the logical name": lambda n: {"a.yaml": f"docker:\n  {n.name}:\n    lookaside: {FILES}\n"},
    "nothing": lambda n: {"a.yaml": "docker: {}\n"},
    "an empty place": lambda n: {"a.yaml": f"default-docker:\n  lookaside: file://{work}/empty\n"},
    "a silent scope": lambda n: {"a.yaml": f"default-docker:\n  lookaside: {FILES}\n" + under(n, f"lookaside-staging: {FILES}")},
    "a scope that hides": lambda n: {"a.yaml": f"default-docker:\n  lookaside: {FILES}\n" + under(n, f"lookaside: file://{work}/empty")},
    "two files": lambda n: {"a.yaml": f"default-docker:\n  lookaside: file://{work}/empty\n", "b.yaml": under(n, f"lookaside: {FILES}")},
    "two files that disagree": lambda n: {"a.yaml": f"default-docker:\n  lookaside: {FILES}\n", "b.yaml": f"default-docker:\n  lookaside: {FILES}\n"},
    "another suffix": lambda n: {"a.yml": f"default-docker:\n  lookaside: {FILES}\n"},
    "a server": lambda n: {"a.yaml": f"default-docker:\n  lookaside: http://{S}/lookaside\n"},
    "a server that refuses": lambda n: {"a.yaml": f"default-docker:\n  lookaside: http://{S}/forbidden\n"},
    "a dead server": lambda n: {"a.yaml": f"default-docker:\n  lookaside: http://{DEAD}/\n"},
    "an unknown scheme": lambda n: {"a.yaml": "default-docker:\n  lookaside: ftp://x/\n"},
    "attachments": lambda n: {"a.yaml": f"default-docker:\n  lookaside: {FILES}\n  use-sigstore-attachments: true\n"},
}

# --- registries.conf: of a name ------------------------------------------------------------------------------------------------


def entry(name, more="", insecure=True, mirrors=(), prefix=None, location=None):
    text = f"[[registry]]\nprefix = '{prefix or name.prefix}'\nlocation = '{location or name.location}'\n"
    text += f"insecure = {str(insecure).lower()}\n{more}\n"
    for mirror in mirrors:
        place, _, rest = mirror.partition("|")
        text += f"[[registry.mirror]]\nlocation = '{place}'\ninsecure = {'false' if rest == 'secure' else 'true'}\n"
        text += "" if rest in ("", "secure") else rest + "\n"
    return text


CONFS = {
    "insecure": lambda n: entry(n),
    "not insecure": lambda n: entry(n, insecure=False),
    "a mirror": lambda n: entry(n, mirrors=[n.mirror]),
    "a mirror that lacks it": lambda n: entry(n, mirrors=[f"{R}/nowhere"]),
    "a dead mirror": lambda n: entry(n, mirrors=[DEAD]),
    "a mirror without TLS": lambda n: entry(n, mirrors=[n.mirror + "|secure"]),
    "a second mirror": lambda n: entry(n, mirrors=[f"{R}/nowhere", n.mirror]),
    "a mirror for digests": lambda n: entry(n, mirrors=[n.mirror + "|pull-from-mirror = 'digest-only'"]),
    "a mirror for tags": lambda n: entry(n, mirrors=[n.mirror + "|pull-from-mirror = 'tag-only'"]),
    "mirrors for digests": lambda n: entry(n, "mirror-by-digest-only = true", mirrors=[n.mirror]),
    "blocked": lambda n: entry(n, "blocked = true"),
    "blocked, with a mirror": lambda n: entry(n, "blocked = true", mirrors=[n.mirror]),
    "another namespace is blocked": lambda n: entry(n) + entry(n, "blocked = true", prefix=n.prefix + "x", location=n.location + "x"),
    "its place is blocked": lambda n: entry(n) + (entry(n, "blocked = true", prefix=n.location) if n.prefix != n.location else ""),
    "the mirror's place": lambda n: entry(n, location=n.mirror),
    "a place that lacks it": lambda n: entry(n, location=f"{R}/nowhere"),
    "an entry twice": lambda n: entry(n) + entry(n, location=f"{R}/nowhere"),
    "invalid": lambda n: entry(n) + "[[registry]]\n",
}

# --- the situations -------------------------------------------------------------------------------------------------------------

DIMENSIONS = [list(range(len(NAMES))), FORMS, list(STATES), list(POLICIES), list(REGISTRIES_D), list(CONFS)]
BASE = [0, "tag", "good", "the host", "a default", "insecure"]


def situations():
    found = {tuple(BASE): None}  # in order, each once
    for index, values in enumerate(DIMENSIONS):
        for value in values:
            one = list(BASE)
            one[index] = value
            found[tuple(one)] = None
    lot = random.Random(1)
    for changed, wanted in ((2, 70), (len(BASE), 60)):
        wanted += len(found)
        while len(found) < wanted:
            one = list(BASE)
            for index in lot.sample(range(len(BASE)), changed):
                one[index] = lot.choice(DIMENSIONS[index])
            # A name that is only in a mirror has to have one.
            if one[0] == 6 and one[5] == "insecure":
                one[5] = "a mirror"
            found[tuple(one)] = None
    return list(found)


workers = iter(range(1000))
worker = threading.local()


def judge(number, situation):
    """What the three say: status and words of each."""
    name, form, state = NAMES[situation[0]], situation[1], situation[2]
    here = f"{work}/situation-{number}"
    policy = write(f"{here}/policy.json", json.dumps(POLICIES[situation[3]](name, TAGS[state])))
    directory = f"{here}/home/.config/containers/registries.d"
    for file, text in REGISTRIES_D[situation[4]](name).items():
        write(f"{directory}/{file}", text)
    conf = write(f"{here}/registries.conf", CONFS[situation[5]](name))
    reference = f"docker://{name.name}" + f":{TAGS[state]}" * (form != "digest") + f"@{OVER[state]}" * (form != "tag")
    if not hasattr(worker, "number"):
        worker.number = next(workers)
    where = {**os.environ, "HOME": f"{here}/home"}
    common = ["--policy", policy, "--registries.d", directory, "--override-arch", "amd64", "--registries-conf", conf]
    answers = {
        "sigpolicy": run(sigpolicy, "verify", *common, "--format", "json", reference, env=where),
    }
    if form != "both":
        answers["skopeo"] = run("skopeo", *common, "copy", "--quiet", "--remove-signatures", reference, f"dir:{here}/copy", env=where)
    if has_podman:
        root = f"{work}/podman-{worker.number}"
        answers["podman"] = run("podman", "--root", f"{root}/root", "--runroot", f"{root}/run", "--storage-driver", "vfs",
                                "pull", "--quiet", "--arch", "amd64", "--signature-policy", policy,
                                reference.removeprefix("docker://") if form == "both" else reference,
                                env={**where, "CONTAINERS_REGISTRIES_CONF": conf})
    shutil.rmtree(here)
    return reference, answers


def compare(answers):
    """What is wrong with them, or None."""
    ours = answers["sigpolicy"].returncode
    for who, answer in answers.items():
        if (answer.returncode == 0) != (ours == 0):
            return f"{who} exits {answer.returncode}, we {ours}"
    # Who did not come to judge the image found out nothing of it.
    words = answers["skopeo"].stderr if "skopeo" in answers else "rejected"
    if ours == 1 and "rejected" not in words and " is blocked in " not in words:
        return "we reject what skopeo could not read"
    if ours in (2, 7):
        return f"we exit {ours}"
    if ours == 0 and json.loads(answers["sigpolicy"].stdout)["allowed"] is not True:
        return "we exit 0 and do not allow it"
    return None


def main():
    populate()
    chosen = list(enumerate(situations(), 1))
    if len(sys.argv) > 2:
        first, _, last = sys.argv[2].partition("-")
        chosen = chosen[int(first) - 1:int(last or first)]
    elif os.environ.get("MATRIX") != "full":
        chosen = chosen[::6]
    accepted, podman = 0, "" if has_podman else " # SKIP podman cannot be used here"
    print(f"1..{len(chosen) + 2}")
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        judged = zip(chosen, pool.map(lambda one: judge(*one), chosen))
        for count, ((number, situation), (reference, answers)) in enumerate(judged, 1):
            ours, wrong = answers["sigpolicy"].returncode, compare(answers)
            accepted += ours == 0
            words = "; ".join((NAMES[situation[0]].name, *situation[1:]))
            print(f"{'not ok' if wrong else 'ok'} {count} - {number}: {words}: {wrong or ('not accepted', 'accepted')[ours == 0]}")
            for who, said in answers.items() if wrong else ():
                print(f"# {who} {reference}: exit {said.returncode}: {(said.stdout + said.stderr).strip()[:1500]}".replace("\n", "\n#   "))
    print(f"{'ok' if 0 < accepted < len(chosen) or len(sys.argv) > 2 else 'not ok'} {len(chosen) + 1} - {accepted} of {len(chosen)} situations are accepted")
    print(f"ok {len(chosen) + 2} - podman judges them, too{podman}")


has_podman = run(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support/can-store-layers")).returncode == 0
try:
    main()
finally:
    registry_process.terminate()
    run("gpgconf", "--kill", "all")
    shutil.rmtree(work, ignore_errors=True)
