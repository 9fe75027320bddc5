#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks a session with a registry at every byte of what the servers say: it is cut, goes silent, or is reset.

usage: network.py SIGPOLICY JUDGE TOP [--seed N] [--budget SECONDS] [--jobs N]

Each byte is tried by the library, in a process that goes on to the next; one in fifty by the command itself. The session asks for a token, a list, a manifest, an attachment and signatures at a lookaside, plain and over TLS; one is accepted as
a whole, one is not. Each run has 500 ms and must end within two seconds more; its exit status must be that of the whole
session, or 6, "it could not be found out"; nothing is accepted that the whole session does not accept. A run that is late is
repeated alone, where nothing else takes its time. A budget that does not suffice takes bytes by the seed. Prints a table of the exit
statuses by what was being answered; exits 1 where a run did otherwise.
"""
import argparse
import asyncio
import base64
import concurrent.futures
import hashlib
import json
import os
import queue
import random
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

NAME = "docker://registry.example/ns/app:v1"
FAULTS = ("cut", "silent", "reset")
DEADLINE, GRACE, COMMAND_EVERY = 0.5, 2.0, 50
NEVER = 1 << 60


class Session:
    """What the servers say to one run of the command, until they have said so many bytes in all."""

    def __init__(self, fault="cut", at=NEVER):
        self.fault, self.at, self.passed, self.broken, self.phase, self.transports = fault, at, 0, False, "", []

    def say(self, transport, data, phase):
        if self.broken:
            return
        said = data[: self.at - self.passed]
        self.passed += len(said)
        self.broken = self.passed >= self.at
        self.phase = phase
        if said:
            transport.write(said)
        if self.broken and self.fault != "silent":
            for one in self.transports:
                close(one, self.fault)


def close(transport, fault):
    if fault == "reset":
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


class Server(asyncio.Protocol):
    """One connection. TLS is spoken into memory, so that its records are bytes like all others."""

    def __init__(self, place):
        self.place, self.session, self.asked, self.first, self.tls = place, place.session, b"", True, None
        if place.context:
            self.said, self.to_say = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls, self.shaken = place.context.wrap_bio(self.said, self.to_say, server_side=True), False

    def connection_made(self, transport):
        self.transport = transport
        self.session.transports.append(transport)
        if self.session.broken and self.session.fault != "silent":
            close(transport, self.session.fault)

    def data_received(self, data):
        if self.session.broken:
            return
        if self.tls:
            data = self.decrypt(data)
        elif self.first and data[0] == 0x16:  # as servers without TLS say to who speaks it
            self.session.say(self.transport, b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n", "no TLS")
            self.transport.close()
            return
        self.first = False
        self.asked += data
        while b"\r\n\r\n" in self.asked:
            request, _, self.asked = self.asked.partition(b"\r\n\r\n")
            phase, answer = self.place.answer(request.decode("latin-1").split("\r\n"))
            if self.tls:
                self.tls.write(answer)
                answer = self.to_say.read()
            self.session.say(self.transport, answer, phase)

    def decrypt(self, data):
        self.said.write(data)
        plain = b""
        try:
            if not self.shaken:
                self.tls.do_handshake()
                self.shaken = True
            while more := self.tls.read(65536):
                plain += more
        except ssl.SSLError:
            pass
        self.session.say(self.transport, self.to_say.read(), "TLS handshake")
        return plain


class Place:
    """A server, and the files of a command that asks there."""

    def __init__(self, options, work, number, loop, context):
        fixtures = os.path.join(options.top, "tests", "fixtures")
        self.work, self.options, self.context, self.session = os.path.join(work, f"{'tls' if context else 'plain'}-{number}"), options, context, Session()
        self.loop = loop
        server = asyncio.run_coroutine_threadsafe(loop.create_server(lambda: Server(self), "127.0.0.1", 0, backlog=64), loop).result()
        os.makedirs(os.path.join(self.work, "registries.d"))
        scheme, at = "https" if context else "http", f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self.name = f"docker://{at}/ns/app:v1"
        self.answers = script(fixtures, f"{scheme}://{at}/token")
        self.write("registries.conf", "")
        self.write("registries.d/x.yaml", f"docker:\n  {at}:\n    lookaside: {scheme}://{at}/la\n    use-sigstore-attachments: true\n")
        self.judge = subprocess.Popen([options.judge], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        for name, key in (("accepted", "cosign/cosign.pub"), ("rejected", "sigstore/skopeo.pub")):
            self.write(name, json.dumps(policy(fixtures, key)))

    def path(self, name):
        return os.path.join(self.work, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def answer(self, lines):
        path, headers = lines[0].split()[1], dict(line.lower().split(": ", 1) for line in lines[1:])
        answer = self.answers.get(path.partition("?")[0], {"status": 404})
        if "needs" in answer and headers.get("authorization") != answer["needs"].lower():
            answer = self.answers["/v2/"]
        body = base64.b64decode(answer["base64"]) if "base64" in answer else answer.get("body", "").encode()
        head = [f"HTTP/1.1 {answer.get('status', 200)} Recorded", *(f"{name}: {value}" for name, value in answer.get("headers", []))]
        return phase_of(path), "\r\n".join([*head, f"Content-Length: {len(body)}"]).encode() + b"\r\n\r\n" + body

    def command(self, session, milliseconds):
        trust = ["--cert-dir", os.path.dirname(self.work) + "/certs"] if self.context else ["--tls-verify=false"]
        command = [self.options.sigpolicy, "verify", "--policy", self.path(session), "--registries.d", self.path("registries.d"),
                   "--registries-conf", self.path("registries.conf"), *trust, "--command-timeout", f"{milliseconds}ms",
                   "--clock", "2026-06-01T00:00:00Z", "--override-os", "linux", "--override-arch", "amd64", "--as", NAME, self.name]
        try:
            return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False).returncode
        except subprocess.TimeoutExpired:
            return -1

    def library(self, session, milliseconds):
        blobs = [str(milliseconds), self.path(session), self.work, os.path.dirname(self.work) + "/certs" if self.context else "", self.name, NAME]
        self.judge.stdin.write(b"N" + b"".join(b"%d\n%s" % (len(blob), blob.encode()) for blob in blobs))
        said = self.judge.stdout.readline() if select.select([self.judge.stdout], [], [], 60)[0] else b""
        return int(said) if said else -1

    def run(self, session, fault="cut", at=NEVER, milliseconds=500, ask=None):
        """The exit status, the seconds that it took, how many bytes the servers had said, and what was being answered."""
        now = self.session = Session(fault, at)
        begun = time.monotonic()
        status = (ask or self.library)(session, milliseconds)
        seconds = time.monotonic() - begun
        self.loop.call_soon_threadsafe(lambda: [transport.abort() for transport in now.transports])
        return status, seconds, now.passed, now.phase


def phase_of(path):
    parts = (("/v2/ns/app/manifests/v1", "list"), ("/v2/ns/app/manifests/sha256-", "attachment"), ("/v2/ns/app/manifests/", "manifest"),
             ("/v2/ns/app/blobs/", "attachment"), ("/la/", "lookaside"), ("/token", "token"), ("/v2/", "challenge"))
    return next((phase for start, phase in parts if path.startswith(start)), path)


def script(fixtures, realm):
    def read(name):
        with open(os.path.join(fixtures, name), "rb") as file:
            return file.read()

    manifest, index_type = read("manifest.json"), "application/vnd.oci.image.index.v1+json"
    digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
    oci = "application/vnd.oci.image.manifest.v1+json"
    index = json.dumps({"schemaVersion": 2, "mediaType": index_type, "manifests": [
        {"mediaType": oci, "size": len(manifest), "digest": digest, "platform": {"os": "linux", "architecture": "amd64"}}]})
    answers = {
        "/v2/": {"status": 401, "headers": [["WWW-Authenticate", f'Bearer realm="{realm}",service="registry"']]},
        "/token": {"status": 200, "headers": [["Content-Type", "application/json"]], "body": '{"token":"opaque","expires_in":300}'},
        "/v2/ns/app/manifests/v1": {"headers": [["Content-Type", index_type]], "body": index},
        f"/v2/ns/app/manifests/{digest}": {"headers": [["Content-Type", oci]], "body": manifest.decode()},
        f"/la/ns/app@{digest.replace(':', '=')}/signature-1": {"base64": base64.b64encode(read("good.sig")).decode()},
        **json.loads(read("cosign/tag.json")),
    }
    for path, answer in answers.items():
        if path.startswith("/v2/ns/"):
            answer["needs"] = "Bearer opaque"
    return answers


def policy(fixtures, key):
    """A signature at the lookaside and an attachment."""
    return {"default": [{"type": "reject"}], "transports": {"docker": {"registry.example/ns": [
        {"type": "signedBy", "keyType": "GPGKeys", "keyPath": os.path.join(fixtures, "alice.gpg")},
        {"type": "sigstoreSigned", "keyPath": os.path.join(fixtures, key),
         "signedIdentity": {"type": "exactRepository", "dockerRepository": "127.0.0.1:22812/tag"}}]}}}


def make_certificate(work):
    os.mkdir(os.path.join(work, "certs"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "3650",
                    "-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{work}/tls.key", "-out", f"{work}/tls.crt"],
                   check=True, stderr=subprocess.DEVNULL)
    with open(f"{work}/tls.crt", "rb") as made, open(f"{work}/certs/ca.crt", "wb") as trusted:
        trusted.write(made.read())


def prove(options, work, loop, context, rows):
    places = queue.Queue()
    for number in range(options.jobs):
        places.put(Place(options, work, number, loop, context))
    place, whole, length = places.queue[0], {}, 0
    for session, status, ask in ((*one, ask) for one in (("accepted", 0), ("rejected", 1)) for ask in (place.library, place.command)):
        whole[session], _, passed, _ = place.run(session, milliseconds=60000, ask=ask)
        length = max(length, passed)
        if whole[session] != status:
            raise RuntimeError(f"the whole session exits with {whole[session]}, not with {status} ({session})")
    points = [(session, fault, at) for session in whole for fault in FAULTS for at in range(length + 1)]
    random.Random(options.seed).shuffle(points)
    by_command = set(points[::COMMAND_EVERY])
    end = time.monotonic() + options.budget / 2 if options.budget else None

    def one(point):
        if end and time.monotonic() > end:
            return None
        place = places.get()
        try:
            return point, *place.run(*point, ask=place.command if point in by_command else None)
        finally:
            places.put(place)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = [result for result in pool.map(one, points) if result]
    late = [result for result in results if result[2] > DEADLINE + GRACE]
    again = [(point, *place.run(*point)) for point, *_ in late]
    results = [result for result in results if result not in late] + again
    kind, phases, bad = "TLS" if context else "plain", [], 0
    for result in sorted(results, key=lambda result: result[0][2]):
        if result[4] not in phases:
            phases.append(result[4])
    for phase in phases:
        runs = [(point, status, seconds) for point, status, seconds, _, what in results if what == phase]
        count = lambda wanted: sum(1 for point, status, _ in runs if wanted(whole[point[0]], status))
        slow, other = sum(1 for run in runs if run[2] > DEADLINE + GRACE), count(lambda expected, status: status not in (expected, 6))
        accepted = count(lambda expected, status: status == 0 and expected != 0)
        rows.append((kind, phase or "nothing yet", f"{len(runs):,}", f"{count(lambda _, status: status == 6):,}", f"{count(lambda expected, status: status == expected):,}",
                     other, accepted, f"{max(run[2] for run in runs):.2f} s", slow))
        bad += slow + other + accepted
        for (session, fault, at), status, seconds in runs:
            if status not in (whole[session], 6) or seconds > DEADLINE + GRACE:
                print(f"{kind}, {session} session, {fault} at byte {at} of {length} ({phase}): exit {status} after {seconds:.2f} s")
    rows.append((kind, f"all: {length:,} bytes, 2 sessions, 3 faults", f"{len(results):,} of {len(points):,}", "", "", "", "", "", f"{len(late)} repeated"))
    return len(results) if not bad else -1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sigpolicy")
    parser.add_argument("judge")
    parser.add_argument("top")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=float, default=0, help="seconds; 0: every byte")
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--only", choices=("plain", "tls"))
    options = parser.parse_args()
    options.judge = os.path.abspath(options.judge)
    options.sigpolicy, options.top = os.path.abspath(options.sigpolicy), os.path.abspath(options.top)
    rows, loop = [], asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="sigpolicy-prove.") as work:
        make_certificate(work)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{work}/tls.crt", f"{work}/tls.key")
        counts = [prove(options, work, loop, tls, rows) for tls in (None, context) if options.only != ("plain" if tls else "tls")]
    print("| session | what was being answered | runs | exit 6 | exit of the whole session | another exit | wrongly accepted | longest | late |\n|" + "---|" * 9)
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    return 0 if all(count > 0 for count in counts) else 1


if __name__ == "__main__":
    sys.exit(main())
