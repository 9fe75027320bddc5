# SPDX-License-Identifier: Apache-2.0
"""Reads back what --log journal and --log syslog write, at the sockets that the programs of a host write to. TAP.

usage: records.py SIGPOLICY FIXTURES WORK

Runs where /run and /dev are its own. A decision is one datagram: to the journal in its native protocol, lines of NAME=VALUE; to
/dev/log a line that syslog(3) makes.
"""
import hashlib
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import threading

sigpolicy, fixtures, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
SECRET = "geheim"
number = 0


def report(good, name, *why):
    global number
    number += 1
    print(f"{'' if good else 'not '}ok {number} - {name}")
    for text in why if not good else ():
        for line in str(text).splitlines()[:20]:
            print("#", line)


def listen(path):
    """A socket that has what was sent to it when the sender is gone: datagrams are there at once."""
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.bind(path)
    ours.setblocking(False)
    return ours


def received(ours):
    said = []
    while True:
        try:
            said.append(ours.recv(1 << 16))
        except BlockingIOError:
            return said


def fields(datagram):
    """The fields of an entry; the form for values with newlines in them is never needed."""
    assert datagram.endswith(b"\n"), datagram
    pairs = [line.split(b"=", 1) for line in datagram[:-1].split(b"\n")]
    assert all(len(pair) == 2 and re.fullmatch(b"[A-Z][A-Z0-9_]*", pair[0]) for pair in pairs), datagram
    assert len({name for name, _ in pairs}) == len(pairs), datagram
    return {name.decode(): value.decode() for name, value in pairs}


class Registry(http.server.BaseHTTPRequestHandler):
    """Has one manifest, under each name."""

    def do_GET(self):
        body = (fixtures / "manifest.json").read_bytes() if "/manifests/" in self.path else b"{}"
        self.send_response(200)
        self.send_header("Content-Type", json.loads(body).get("mediaType", "application/json"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


journal, syslog = listen("/run/systemd/journal/socket"), listen("/dev/log")
requirement = {"type": "sigstoreSigned", "keyPath": str(fixtures / "sigstore-made/ours.pub"), "signedIdentity": {"type": "matchRepository"}}
gpg = {"type": "signedBy", "keyType": "GPGKeys", "keyPath": str(fixtures / "alice.gpg"), "signedIdentity": {"type": "matchRepository"}}
policy = work / "policy.json"
policy.write_text(json.dumps({"default": [{"type": "reject"}], "transports": {"docker": {"registry.example/ns": [gpg], "127.0.0.1:1": [gpg]},
                                                                             "dir": {"": [{"type": "insecureAcceptAnything"}]}}}))
DIGEST = "sha256:" + hashlib.sha256((fixtures / "manifest.json").read_bytes()).hexdigest()
NAME = "docker://registry.example/ns/app:v1"
IN_HAND = ["--clock", "2026-06-01T00:00:00Z", "--policy", str(policy), "--manifest", str(fixtures / "manifest.json"), "--reference", NAME]


def run(*argv, stdin="", **more):
    return subprocess.run([sigpolicy, *argv], input=stdin, capture_output=True, text=True, **more)


def sign(name):
    return ["--signature", str(fixtures / name)]


# --- the journal ---

result = run("verify", *IN_HAND, *sign("good.sig"), "--log", "journal")
entries = received(journal)
report(result.returncode == 0 and len(entries) == 1, "an accepted image: one entry", result.stdout, result.stderr, entries)
entry = fields(entries[0]) if entries else {}
expected = {"SYSLOG_IDENTIFIER": "sigpolicy", "SIGPOLICY_ANSWER": "accepted", "SIGPOLICY_IMAGE": NAME, "SIGPOLICY_IDENTITY": "docker:registry.example/ns/app:v1",
            "SIGPOLICY_DIGEST": DIGEST, "SIGPOLICY_POLICY": str(policy), "SIGPOLICY_TRANSPORT": "docker", "SIGPOLICY_SCOPE": "registry.example/ns"}
report({name: entry.get(name) for name in expected} == expected, "it has image, digest, identity, policy and scope", entry)
report(re.fullmatch("[0-9A-F]{40}", entry.get("SIGPOLICY_SIGNER", "")) and entry.get("SIGPOLICY_DURATION_MS", "").isdigit() and
       entry.get("SIGPOLICY_CALLER") == pathlib.Path("/proc/self/comm").read_text().strip() and entry.get("SIGPOLICY_REASON") and
       entry.get("MESSAGE", "").startswith(f"accepted {NAME}"), "reason, signer, duration and caller", entry)

result = run("verify", *IN_HAND, *sign("forged.sig"), "--log", "journal")
entries = [fields(entry) for entry in received(journal)]
report(result.returncode == 1 and [(e["SIGPOLICY_ANSWER"], e["SIGPOLICY_REASON"]) for e in entries] == [("rejected", "bad-signature")] and
       "SIGPOLICY_SIGNER" not in entries[0], "a rejected image: one entry, and no signer", result.stdout, entries)
run("verify", *IN_HAND, *sign("good.sig"))
run("verify", *IN_HAND, *sign("good.sig"), "--log", "none")
report(received(journal) == [], "without --log, and with --log none, nothing is written")
batch = work / "batch"
batch.write_text("".join(json.dumps({"manifest": str(fixtures / "manifest.json"), "signatures": [str(fixtures / name)], "reference": NAME}) + "\n"
                         for name in ("good.sig", "forged.sig", "good.sig")))
run("verify", "--clock", "2026-06-01T00:00:00Z", "--policy", str(policy), "--batch", str(batch), "--log", "journal", "--jobs", "2")
answers = [fields(entry)["SIGPOLICY_ANSWER"] for entry in received(journal)]
report(sorted(answers) == ["accepted", "accepted", "rejected"], "a batch: one entry for each image", answers)

# A name cannot make a field of its own, nor end the entry.
hostile = work / "x\nSIGPOLICY_ANSWER=accepted\n"
result = run("verify", "--policy", str(policy), f"dir:{hostile}", "--log", "journal")
entries = received(journal)
report(result.returncode and len(entries) == 1 and fields(entries[0])["SIGPOLICY_ANSWER"] != "accepted", "a name with newlines in it is one value", entries)
result = run("verify", "--policy", str(policy), "docker://registry.example/ns/" + "a" * 20000, "--log", "journal")
entries = received(journal)
report(len(entries) == 1 and len(entries[0]) <= 8192 and fields(entries[0]), "a long name leaves a whole entry", [len(entry) for entry in entries])

# Nothing secret: credentials of options, of files, of URLs.
registries_d = work / "registries.d"
registries_d.mkdir()
(registries_d / "x.yaml").write_text(f"default-docker:\n  lookaside: http://me:{SECRET}@127.0.0.1:1/sigs\n")
auth = work / "auth.json"
auth.write_text(json.dumps({"auths": {"127.0.0.1:1": {"auth": "bWU6Z2VoZWlt"}}}))
for name, argv in (("--creds", ["--creds", f"me:{SECRET}"]), ("--authfile", ["--authfile", str(auth)])):
    result = run("verify", "--policy", str(policy), "--registries.d", str(registries_d), "--tls-verify=false", *argv, "docker://127.0.0.1:1/ns/app:v1", "--log", "journal")
    entries = received(journal)
    report(len(entries) == 1 and fields(entries[0])["SIGPOLICY_ANSWER"] == "undecided" and SECRET.encode() not in entries[0] and b"bWU6Z2VoZWlt" not in entries[0],
           f"nothing secret of {name}", entries)
# A lookaside that is asked, and does not answer: the registry here has the manifest alone.
server = http.server.HTTPServer(("127.0.0.1", 0), Registry)
threading.Thread(target=server.serve_forever, daemon=True).start()
registry = f"127.0.0.1:{server.server_port}"
policy.write_text(policy.read_text().replace("127.0.0.1:1", registry))
result = run("verify", "--policy", str(policy), "--registries.d", str(registries_d), "--tls-verify=false", f"docker://{registry}/ns/app:v1", "--log", "journal")
entries = received(journal)
report(len(entries) == 1 and fields(entries[0])["SIGPOLICY_DIGEST"] == DIGEST and fields(entries[0])["SIGPOLICY_ANSWER"] == "undecided" and
       SECRET.encode() not in entries[0], "nor of a lookaside's URL", result.stdout, entries)
result = run("verify", "--all-platforms", "--policy", str(policy), "--registries.d", str(registries_d), "--tls-verify=false", f"docker://{registry}/ns/app:v1", "--log", "journal")
entries = received(journal)
report(len(entries) == 1 and SECRET.encode() not in entries[0], "--all-platforms: one entry for each row", result.stdout, entries)
server.shutdown()

# --- hooks ---

descriptor = json.dumps({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": DIGEST, "size": 1})
words = ["-name", "127.0.0.1:1/ns/app:v1", "-digest", DIGEST, "-stdin-media-type", "application/vnd.oci.descriptor.v1+json"]
result = run("hook", "containerd", "--policy", str(policy), "--tls-verify=false", *words, stdin=descriptor)
entries = received(journal)
report(result.returncode and len(entries) == 1 and fields(entries[0])["SIGPOLICY_ANSWER"] == "undecided", "a hook of containerd has a record without being asked", result.stderr, entries)
run("hook", "containerd", "--log", "none", "--policy", str(policy), "--tls-verify=false", *words, stdin=descriptor)
report(received(journal) == [], "and none with --log none")
result = run("hook", "oci", "--policy", str(policy), stdin='{"ociVersion":"1.0.2","root":{"path":"/srv/rootfs"}}', env={**os.environ, "HOME": str(work)})
entries = received(journal)
report(len(entries) == 1 and fields(entries[0])["SIGPOLICY_ANSWER"] in ("accepted", "undecided", "rejected"), "a hook of podman, too", result.stdout, result.stderr, entries)

# --- syslog ---

result = run("verify", *IN_HAND, *sign("good.sig"), "--log", "syslog")
lines = received(syslog)
line = lines[0].decode().rstrip("\0\n") if lines else ""
values = dict(re.findall(r' ([a-z_]+)="([^"]*)"', line))
report(result.returncode == 0 and len(lines) == 1 and re.match(r"<\d+>.*sigpolicy\[\d+\]: accepted ", line), "syslog: one line", lines)
report(values.get("answer") == "accepted" and values.get("image") == NAME and values.get("digest") == DIGEST and values.get("scope") == "registry.example/ns" and
       values.get("policy") == str(policy) and values.get("signer") and values.get("duration_ms", "").isdigit() and values.get("caller"), "with the same fields", line)
accepted = int(re.match(r"<(\d+)>", line).group(1)) if line else 0
run("verify", *IN_HAND, *sign("forged.sig"), "--log", "syslog")
lines = received(syslog)
rejected = int(re.match(rb"<(\d+)>", lines[0]).group(1)) if lines else 0
report(accepted >> 3 == rejected >> 3 == 10 and accepted & 7 == 6 and rejected & 7 == 4, "of authpriv, info or warning", accepted, rejected)
run("verify", "--policy", str(policy), f"dir:{hostile}", "--log", "syslog")
lines = received(syslog)
report(len(lines) == 1 and b"\n" not in lines[0].rstrip(b"\n"), "a name with newlines in it is one line", lines)
run("verify", "--policy", str(policy), "--registries.d", str(registries_d), "--tls-verify=false", "--creds", f"me:{SECRET}", "docker://127.0.0.1:1/ns/app:v1", "--log", "syslog")
lines = received(syslog)
report(len(lines) == 1 and SECRET.encode() not in lines[0], "nothing secret", lines)

# --- no journal ---

journal.close()
os.unlink("/run/systemd/journal/socket")
result = run("verify", *IN_HAND, *sign("good.sig"), "--log", "journal")
report(result.returncode == 0 and "cannot write to the journal" in result.stderr, "a journal that is not there is a complaint, and changes no answer", result.stderr)
result = run("verify", *IN_HAND, "--log", "here")
report(result.returncode == 2, "another place: exit status 2", result.stderr)
print(f"1..{number}")
