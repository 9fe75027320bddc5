#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A batch against a registry that takes its time, without and with a host that hangs.

usage: latency.py SIGPOLICY TOP [--budget SECONDS] [--jobs N] [--lines N] [--milliseconds N]

Every answer of the registry comes 200 ms after its question. Each line is an image that is accepted by a signature at a lookaside: three
questions. The second batch has an image of a host that takes connections and says nothing behind every twentieth line, which is
undecided. 5,000 lines take less than 250 seconds with 16 jobs, and the others of the second batch at most 5 % longer. A budget takes
fewer lines. Prints a table; exits 1 where an answer or a time is another.
"""
import argparse
import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

ALLOWED, SLOWER, EVERY = 250 / 5000, 1.05, 20


class Registry:
    """The double, and the host that hangs, in a thread of their own."""

    def __init__(self, answers, delay):
        self.answers, self.delay, self.asked, self.connections, self.waiting = answers, delay, 0, 0, 0
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve(ready)), daemon=True).start()
        ready.wait()

    async def serve(self, ready):
        servers = [await asyncio.start_server(who, "127.0.0.1", 0, backlog=256) for who in (self.answer, self.hang)]
        self.host, self.hung = (f"127.0.0.1:{server.sockets[0].getsockname()[1]}" for server in servers)
        ready.set()
        await asyncio.gather(*(server.serve_forever() for server in servers))

    async def answer(self, reader, writer):
        self.connections += 1
        try:
            first = await reader.readexactly(1)
            if first == b"\x16":  # as servers without TLS say to who speaks it
                writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n")
                writer.close()
                return
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
                self.asked += 1
                await asyncio.sleep(self.delay)
                mime, body = self.answers(path)
                status = b"404 Not Found" if body is None else b"200 OK"
                body = body or b""
                writer.write(b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (status, mime, len(body), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def hang(self, reader, writer):
        self.waiting += 1
        await reader.read(-1)
        writer.close()


def make(work, fixtures, delay):
    def read(name):
        with open(os.path.join(fixtures, name), "rb") as file:
            return file.read()

    manifest, signature = read("manifest.json"), read("good.sig")
    signed = f"/la/ns/app@sha256={hashlib.sha256(manifest).hexdigest()}/signature-1"

    def answers(path):
        if path == signed:
            return b"application/octet-stream", signature
        if path.startswith("/v2/ns/app/manifests/"):
            return b"application/vnd.oci.image.manifest.v1+json", manifest
        return b"text/plain", b"" if path == "/v2/" else None

    registry = Registry(answers, delay)
    os.mkdir(os.path.join(work, "registries.d"))
    for name, text in (
        ("registries.conf", ""),
        ("registries.d/x.yaml", f"docker:\n  {registry.host}:\n    lookaside: http://{registry.host}/la\n"),
        ("policy.json", json.dumps({"default": [
            {"type": "signedBy", "keyType": "GPGKeys", "keyPath": os.path.join(fixtures, "alice.gpg"),
             "signedIdentity": {"type": "exactRepository", "dockerRepository": "registry.example/ns/app"}}]})),
    ):
        with open(os.path.join(work, name), "w", encoding="utf-8") as file:
            file.write(text)
    return registry


def run(options, work, registry, lines, hangs):
    """Seconds until the last of the registry's images is answered, and until all are; requests; connections; what is wrong."""
    asked, connections, waiting = registry.asked, registry.connections, registry.waiting
    with open(os.path.join(work, "batch"), "w", encoding="utf-8") as file:
        for line in range(lines):
            file.write(f"docker://{registry.host}/ns/app:v{line}\n")
            if hangs and line % EVERY == 0:
                file.write(f"docker://{registry.hung}/ns/app:v{line}\n")
    command = [options.sigpolicy, "verify", "--policy", f"{work}/policy.json", "--registries.d", f"{work}/registries.d",
               "--registries-conf", f"{work}/registries.conf", "--tls-verify=false", "--clock", "2026-06-01T00:00:00Z",
               "--jobs", str(options.jobs), "--batch", f"{work}/batch"]
    wrong, good, begun, last = [], 0, time.monotonic(), 0
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        for line in child.stdout:
            answer = json.loads(line)
            is_hung = answer["image"].startswith(f"docker://{registry.hung}/")
            if answer["reason"] != ("could-not-look" if is_hung else "accepted") or answer["allowed"] == is_hung:
                wrong.append(f"{answer['image']}: {answer['reason']}: {answer['message']}")
            if not is_hung:
                good, last = good + 1, time.monotonic() - begun
        child.wait()
    seconds = time.monotonic() - begun
    if good != lines or child.returncode != (6 if hangs else 0):
        wrong.append(f"{good} of {lines} lines accepted, exit status {child.returncode}")
    print(f"| {'one line in twenty-one is of a host that hangs' if hangs else 'all of the registry'} | {lines:,} | {last:.1f} s | {seconds:.1f} s "
          f"| {registry.asked - asked:,} | {registry.connections - connections} | {registry.waiting - waiting} |", flush=True)
    return last, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sigpolicy")
    parser.add_argument("top")
    parser.add_argument("--budget", type=float, default=0)
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--milliseconds", type=int, default=200)
    options = parser.parse_args()
    options.sigpolicy = os.path.abspath(options.sigpolicy)
    if options.budget:
        options.lines = min(options.lines, int(options.budget / 2 / ALLOWED))
    with tempfile.TemporaryDirectory(prefix="sigpolicy-prove.") as work:
        registry = make(work, os.path.abspath(os.path.join(options.top, "tests/fixtures")), options.milliseconds / 1000)
        print(f"{options.jobs} jobs, answers after {options.milliseconds} ms")
        print("| batch | lines | the registry's | all | requests | connections | asked of the host that hangs |\n|---|---|---|---|---|---|---|")
        alone, wrong = run(options, work, registry, options.lines, False)
        beside, more = run(options, work, registry, options.lines, True)
    wrong += more
    print(f"with the host that hangs: {100 * (beside / alone - 1):+.1f} %")
    for line in wrong[:20]:
        print(line)
    allowed = options.lines * ALLOWED * options.milliseconds / 200 * 16 / options.jobs
    return 1 if wrong or alone >= allowed or beside >= alone * SLOWER else 0


if __name__ == "__main__":
    sys.exit(main())
