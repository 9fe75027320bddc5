#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flips every bit of what an acceptance rests on, one at a time, and asks whether it is still accepted.

usage: bits.py JUDGE FIXTURES [--seed N] [--budget SECONDS] [--jobs N] [--only TEXT] [--verbose]

What is still accepted must stand in the file "equivalents" beside this one, which says why it means the same; of OpenPGP, gpg must
accept it, too. A budget
that does not suffice takes bits by the seed, the same share of each case. Prints a table; exits 1 where something was accepted that
is not listed, 2 where a case is not accepted as it stands, or nothing was tried.
"""
import argparse
import base64
import concurrent.futures
import fnmatch
import functools
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "docker://registry.example/ns/app:v1"
IDENTITY, ISSUER = "https://build.example/ns/app/.ci/release.yml@refs/heads/main", "https://issuer.example"
KINDS = ("manifest", "signature", "key", "certificate", "log entry", "policy", "bundle")
IMAGE = ("clock", "policy", "manifest", "signature", "reference")
BUNDLE = ("key", "identity", "issuer", "root", "bundle", "artifact")
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
AT_ONCE = 50  # questions that are written before their answers are read, which fit into a pipe


class Case:
    """A question that is accepted, what of it is flipped, and how that is put back into the question."""

    def __init__(self, kind, name, question, field, part=None, rebuild=None):
        self.kind, self.name, self.question, self.field = kind, name, question, field
        self.part = question[field] if part is None else part
        self.rebuild = rebuild or (lambda raw: raw)
        self.tried, self.whole, self.listed, self.found = 0, 8 * len(self.part), 0, []
        self.places = places(self.part)

    def asked(self, raw):
        fields = IMAGE if "policy" in self.question else BUNDLE
        blobs = [self.rebuild(raw) if name == self.field else self.question[name] for name in fields]
        return (b"I" if fields is IMAGE else b"B") + b"".join(b"%d\n%s" % (len(blob), blob) for blob in blobs)

    def flipped(self, bit):
        raw = bytearray(self.part)
        raw[bit // 8] ^= 1 << bit % 8
        return bytes(raw)

    def changed(self, bit):
        """The places that a flipped bit changes."""
        return changed(self.part, self.places, self.flipped(bit))


# --- where a byte is, in words that the list can name

@functools.cache
def places(raw):
    """The place of every byte: by path in JSON, by element in DER, by packet in OpenPGP, by number in anything else."""
    start = raw.find(b"{") if raw[:1] in (b"{", b"\0") else -1
    if start >= 0:
        return [f"frame {i}" for i in range(start)] + json_places(raw[start:].decode())
    for kind, function in (("der", der_places), ("packet", packet_places)):
        found = function(raw)
        if found:
            return found
    lines, line = [], 1
    for byte in raw:
        lines.append(f"line {line}")
        line += byte == 10
    return lines


def changed(raw, where, other):
    """The places that differ, each with the bits that do; of what is compressed or encoded, those in what comes out of it."""
    for kind, undo in (("inside", inflated), ("pem", of_pem)):
        inside = undo(raw)
        if inside is not None:
            return within(kind, inside, undo(other)) or unequal(raw, where, other)
    found = unequal(raw, where, other)
    byte = next(i for i, (a, b) in enumerate(zip(raw, other)) if a != b)
    if where[byte].startswith("$"):
        before = decoded(raw, byte)
        if before is not None:
            inside = within(where[byte], before, decoded(other, byte))
            return inside or (at_end(raw, byte, found) if has_structure(before) else None) or found
    return found


def at_end(raw, byte, found):
    """The places of the last four letters of base64 have a name of their own: what they stand for may be shorter."""
    rest = re.match(rb"[A-Za-z0-9+/]*=*", raw[byte:])[0]
    return [" last ".join(place.rsplit(" ", 1)) for place in found] if len(rest) <= 4 and raw[byte] in BASE64 else None


def unequal(raw, where, other):
    return [f"{where[i]} 0x{a ^ b:02x}" for i, (a, b) in enumerate(zip(raw, other)) if a != b]


def within(name, before, after):
    if before == after:
        return [f"{name} idle"]
    if after is None or len(after) != len(before):
        return None
    return [f"{name}: {place}" for place in changed(before, places(before), after)] if has_structure(before) else None


def has_structure(raw):
    """Or is it nothing but bytes, in which no place has a name?"""
    return raw[:5] == b"-----" or bool(raw) and not places(raw)[0].startswith("line 1")


def inflated(raw):
    """What is in an OpenPGP packet of compressed data, of the kind ZIP and without a length; else None."""
    if raw[:2] != b"\xa3\x01":
        return None
    try:
        return zlib.decompressobj(-15).decompress(raw[2:])
    except zlib.error:
        return None


def of_pem(text):
    """The bytes of a PEM text; None for what is none."""
    if not text.startswith(b"-----BEGIN "):
        return None
    try:
        return base64.b64decode(b"".join(line for line in text.split(b"\n") if not line.startswith(b"-")), validate=True)
    except ValueError:
        return None


def decoded(raw, byte):
    """The bytes that the base64 around a place stands for; None where there is none."""
    start, end = byte, byte
    while start > 0 and raw[start - 1] in BASE64:
        start -= 1
    while end < len(raw) and raw[end] in BASE64:
        end += 1
    if raw[start - 1:start + 1] == b"\\n":  # an escaped newline, whose letter is none of the text
        start += 1
    try:
        return base64.b64decode(raw[start:end]) if byte < end else None
    except ValueError:
        return None


def json_places(text):
    """"$.a[0] key", "$.a[0] value", or "$.a[0] between" for what stands around them."""
    found, stack, at = [], [], 0  # stack: [member or number]
    path = lambda: "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in stack)
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', text):
        found += [path() + " between"] * (token.start() - at)
        word, at = token[0], token.end()
        what = "between"
        if word[0] == '"' and re.match(r"\s*:", text[at:]):
            stack[-1] = json.loads(word)
            what = "key"
        elif word not in "{}[]:,":
            what = "value"
        if word in "}]":
            stack.pop()
        if what == "value" and "\\n" in word:  # a text of lines, from 1
            for number, line in enumerate(re.split(r"(?<=\\n)", word), 1):
                found += [f"{path()} value line {number}"] * len(line.encode())
        else:
            found += [f"{path()} {what}"] * len(word.encode())
        if word in "{[":
            stack.append("" if word == "{" else 0)
        elif word == "," and isinstance(stack[-1], int):
            stack[-1] += 1
    return found + ["$ between"] * (len(text.encode()) - len(found))


def der_places(raw, base="", offset=0, end=None):
    """"der 0.3 head" or "der 0.3 content", numbered from 0 in each element; None for what is not DER."""
    found, number, at, end = [], 0, offset, len(raw) if end is None else end
    while at < end:
        head, size = 2, raw[at + 1] if at + 1 < end else 0x80
        if size & 0x80:
            count = size & 0x7F
            if not 0 < count < 4:
                return None
            head, size = 2 + count, int.from_bytes(raw[at + 2:at + 2 + count], "big")
        if at + head + size > end:
            return None
        name = f"{base}.{number}" if base else f"der {number}"
        inner = der_places(raw, name, at + head, at + head + size) if raw[at] & 0x20 else [f"{name} content"] * size
        if inner is None:
            return None
        found += [f"{name} head"] * head + inner
        at, number = at + head + size, number + 1
    return found if base or raw[:1] == b"\x30" else None


def packet_places(raw):
    """"packet 0 tag 6 byte 12", from 0 with the packet's head; None for what is not OpenPGP."""
    found, number, at = [], 0, 0
    while at < len(raw):
        head = raw[at]
        if not head & 0x80 or at + 6 > len(raw):
            return None
        if head & 0x40:
            tag, first = head & 0x3F, raw[at + 1]
            size = 2 + first if first < 192 else 3 + ((first - 192) << 8) + raw[at + 2] + 192
        else:
            tag, length = (head >> 2) & 15, head & 3
            size = len(raw) - at if length == 3 else 1 + (1 << length) + int.from_bytes(raw[at + 1:at + 1 + (1 << length)], "big")
        if size > len(raw) - at:
            return None
        found += [f"packet {number} tag {tag} byte {i}" for i in range(size)]
        at, number = at + size, number + 1
    return found


def listed(path):
    """The list: lines "KIND/NAME | PLACE | why", the first two globs of fnmatch. A place ends with the bit of its byte, "0x01"."""
    rows = []
    with open(path, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            if line.strip() and not line.startswith("#"):
                row = [part.strip() for part in line.split("|")]
                if len(row) != 3 or not row[2]:
                    sys.exit(f"{path}:{number}: a line has a case, a place and why, with | between")
                rows.append(row)
    return rows


def is_listed(rows, used, case, bit):
    """Every place that the bit changes is listed."""
    for where in case.changed(bit):
        found = [number for number, (name, place, _) in enumerate(rows)
                 if fnmatch.fnmatchcase(f"{case.kind}/{case.name}", name) and fnmatch.fnmatchcase(where, place)]
        if not found:
            return False
        used.update(found)
    return True


# --- the cases

def cases(top):
    def read(name):
        with open(os.path.join(top, name), "rb") as file:
            return file.read()

    def data(name):
        return base64.b64encode(read(name)).decode()

    def policy(requirement):
        return json.dumps({"default": [{"type": "reject"}],
                           "transports": {"docker": {"registry.example/ns": [requirement]}}}, indent=1).encode()

    def image(requirement, signature, clock="2026-06-01T00:00:00Z"):
        return {"clock": clock.encode(), "policy": policy(requirement), "manifest": read("manifest.json"),
                "signature": read(signature), "reference": NAME.encode()}

    def gpg(key, **more):
        return {"type": "signedBy", "keyType": "GPGKeys", "keyData": data(key), **more}

    def sigstore(key, **more):
        return {"type": "sigstoreSigned", "keyData": data(key), **more}

    def bundle(name, key="", root="trusted_root.json"):
        return {"key": read(f"bundles/{key}") if key else b"", "identity": IDENTITY.encode(), "issuer": ISSUER.encode(),
                "root": read(f"bundles/{root}"), "bundle": read(f"bundles/{name}.json"), "artifact": artifact}

    def inner(kind, name, question, field, encoded, raw, encode):
        """A part that stands encoded in a field, once."""
        whole = question[field]
        assert encode(raw) == encoded and whole.count(encoded) == 1, name
        return Case(kind, name, question, field, raw, lambda part: whole.replace(encoded, encode(part)))

    def in_base64(kind, name, question, field, encoded):
        return inner(kind, name, question, field, encoded, base64.b64decode(encoded), base64.b64encode)

    def in_policy(kind, name, question, file):
        return in_base64(kind, name, question, "policy", data(file).encode())

    def pem(raw, label=b"CERTIFICATE", newline=b"\\n"):
        body = base64.b64encode(raw)
        lines = [body[i:i + 64] for i in range(0, len(body), 64)]
        return newline.join([b"-----BEGIN %s-----" % label, *lines, b"-----END %s-----" % label])

    def in_pem(kind, name, question, field, text):
        """The first certificate of a PEM text that stands in JSON."""
        first = text.split(b"-----END")[0] + b"-----END CERTIFICATE-----"
        return inner(kind, name, question, field, first.replace(b"\n", b"\\n"), of_pem(first), pem)

    import hashlib
    artifact = b"sha256:" + hashlib.sha256(read("bundles/artifact.txt")).hexdigest().encode()
    matches = {"signedIdentity": {"type": "matchRepository"}}
    late = "2026-07-01T00:00:00Z"
    log = {"rekorPublicKeyData": data("sigstore-made/log.pub")}
    fulcio = {"type": "sigstoreSigned", **log, "fulcio": {
        "caData": data("sigstore-made/root.pem"), "oidcIssuer": "https://issuer.example", "subjectEmail": "signer@example.com"}}
    pki = {"type": "sigstoreSigned", "pki": {"caRootsData": data("sigstore-made/root.pem"), "subjectEmail": "signer@example.com"}}

    images = {
        "a key in gpg's format": image(gpg("alice.gpg"), "good.sig"),
        "a subkey": image(gpg("primary.gpg"), "by-subkey.sig"),
        "a key of skopeo": image(sigstore("sigstore/skopeo.pub"), "sigstore/by-skopeo.sig"),
        "an RSA key": image(sigstore("sigstore/rsa.pub", **matches), "sigstore/by-cosign-rsa.sig"),
        "a key and a log": image(sigstore("sigstore-made/ours.pub", **log), "sigstore-made/logged.sig", late),
        "a certificate and a log": image(fulcio, "sigstore-made/certified.sig", late),
        "a certificate of a PKI": image(pki, "sigstore-made/certified.sig"),
    }
    files = {
        "a file by P-256": bundle("file-p256", "p256.pub", "no-logs.json"),
        "a file by RSA": bundle("file-rsa", "rsa.pub", "no-logs.json"),
        "an envelope by P-521": bundle("dsse-p521", "p521.pub", "no-logs.json"),
        "an envelope by Ed25519": bundle("dsse-ed25519", "ed25519.pub", "no-logs.json"),
        "a file and a log": bundle("file-logged", "p256.pub"),
        "a certificate": bundle("certificate-file"),
        "a certificate and a timestamp": bundle("certificate-timestamp"),
        "a certificate and Rekor 2": bundle("certificate-v2"),
        "an envelope by a certificate": bundle("certificate-dsse"),
    }
    of_list = lambda names, source: [(name, source[name]) for name in source if not names or name in names]

    for name, question in of_list([name for name in images if name != "a certificate of a PKI"], images):
        yield Case("manifest", name, question, "manifest")
    for name, question in of_list((), images):
        yield Case("signature", name, question, "signature")
    for name, file in (("a key in gpg's format", "alice.gpg"), ("a subkey", "primary.gpg"), ("a key of skopeo", "sigstore/skopeo.pub"),
                       ("an RSA key", "sigstore/rsa.pub"), ("a key and a log", "sigstore-made/log.pub")):
        yield in_policy("key", name, images[name], file)
    for name in ("a file by P-256", "a file by RSA", "an envelope by P-521", "an envelope by Ed25519"):
        yield Case("key", name, files[name], "key")

    stored = json.loads(images["a certificate and a log"]["signature"].partition(b"\n")[2])["annotations"]
    for name in ("a certificate and a log", "a certificate of a PKI"):
        for part in ("certificate", "chain"):
            yield in_pem("certificate", f"{part} of {name}", images[name], "signature", stored[f"dev.sigstore.cosign/{part}"].encode())
    for name, member in (("a certificate and a log", "fulcio"), ("a certificate of a PKI", "pki")):
        text = read("sigstore-made/root.pem")
        tail = b"\n" if text.endswith(b"\n") else b""
        yield inner("certificate", f"root of {name}", images[name], "policy", base64.b64encode(text), of_pem(text),
                    lambda raw, tail=tail: base64.b64encode(pem(raw, newline=b"\n") + tail))
    for name in ("a certificate", "a certificate and a timestamp", "a certificate and Rekor 2"):
        material = json.loads(files[name]["bundle"])["verificationMaterial"]
        yield in_base64("certificate", f"signer of {name}", files[name], "bundle", material["certificate"]["rawBytes"].encode())
    root = json.loads(files["a certificate"]["root"])
    for kind, member in (("authority", "certificateAuthorities"), ("timestamp authority", "timestampAuthorities")):
        for number, certificate in enumerate(root[member][0]["certChain"]["certificates"]):
            name = "a certificate" if kind == "authority" else "a certificate and a timestamp"
            yield in_base64("certificate", f"{kind} {number} of {name}", files[name], "root", certificate["rawBytes"].encode())

    entry = json.loads(json.loads(images["a key and a log"]["signature"].partition(b"\n")[2])["annotations"]["dev.sigstore.cosign/bundle"])
    for part, text in (("promise", entry["SignedEntryTimestamp"]), ("body", entry["Payload"]["body"])):
        yield in_base64("log entry", f"{part} of a key and a log", images["a key and a log"], "signature", text.encode())
    for name in ("a file and a log", "a certificate", "a certificate and Rekor 2"):
        entry = json.loads(files[name]["bundle"])["verificationMaterial"]["tlogEntries"][0]
        proof = entry["inclusionProof"]
        parts = [("body", entry["canonicalizedBody"]), ("hash", (proof.get("hashes") or [""])[0]),
                 ("promise", entry.get("inclusionPromise", {}).get("signedEntryTimestamp", ""))]
        for part, text in parts:
            if text:
                yield in_base64("log entry", f"{part} of {name}", files[name], "bundle", text.encode())
    material = json.loads(files["a certificate and a timestamp"]["bundle"])["verificationMaterial"]
    yield in_base64("log entry", "timestamp of a certificate", files["a certificate and a timestamp"], "bundle",
                    material["timestampVerificationData"]["rfc3161Timestamps"][0]["signedTimestamp"].encode())

    for name, question in of_list((), images):
        yield Case("policy", name, question, "policy")
    for name, question in of_list((), files):
        yield Case("bundle", name, question, "bundle")
    yield Case("bundle", "the trusted root of a certificate", files["a certificate"], "root")


# --- asking

class Judges:
    """Processes of the judge, one for each thread that asks."""

    def __init__(self, program, **environment):
        self.program, self.environment, self.local, self.all = program, {**os.environ, **environment}, threading.local(), []

    def ask(self, questions):
        """The answers; a process that ends gave "ended the process" to the question that it was at."""
        answers = []
        while len(answers) < len(questions):
            judge = getattr(self.local, "judge", None)
            if judge is None or judge.poll() is not None:
                judge = self.local.judge = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment)
                self.all.append(judge)
            rest = questions[len(answers):]
            try:
                judge.stdin.write(b"".join(rest))
                judge.stdin.flush()
            except OSError:
                pass
            for _ in rest:
                answers.append(judge.stdout.readline().decode().strip() or "ended the process")
                if answers[-1] == "ended the process":
                    judge.kill()
                    judge.wait()
                    break
        return answers

    def end(self):
        for judge in self.all:
            judge.stdin.close()
            judge.wait()


def prove(case, judges, gpg, seed, deadline, rows, used, lock):
    if judges.ask([case.asked(case.part)]) != ["accepted"]:
        raise RuntimeError(f"{case.kind}/{case.name} is not accepted as it stands")
    bits = list(range(case.whole))
    random.Random(f"{seed}/{case.kind}/{case.name}").shuffle(bits)
    while bits and not (deadline and case.tried and time.monotonic() > deadline):
        now, bits = bits[:AT_ONCE], bits[AT_ONCE:]
        case.tried += len(now)
        for bit, answer in zip(now, judges.ask([case.asked(case.flipped(bit)) for bit in now])):
            if answer.startswith(("rejected", "error")):
                continue
            if answer == "accepted" and b"signedBy" in case.question.get("policy", b"") and gpg.ask([case.asked(case.flipped(bit))]) != [answer]:
                answer = "accepted, but not by gpg"
            with lock:
                if answer == "accepted" and is_listed(rows, used, case, bit):
                    case.listed += 1
                else:
                    case.found.append((bit, answer))


def shares(todo, seconds, jobs):
    """When each case must be through, if there is a budget: in turns, an equal part of what is left."""
    return seconds * jobs / len(todo) if seconds else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("judge")
    parser.add_argument("fixtures")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=float, default=0, help="seconds; 0: every bit")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="cases whose KIND/NAME has this text")
    parser.add_argument("--list", default=os.path.join(HERE, "equivalents"))
    parser.add_argument("--verbose", action="store_true", help="a line for each case")
    options = parser.parse_args()
    rows, used, lock = listed(options.list), set(), threading.Lock()
    todo = [case for case in cases(options.fixtures) if options.only in f"{case.kind}/{case.name}"]
    judges, gpg = Judges(options.judge), Judges(options.judge, SIGPOLICY_OPENPGP="gpg")
    share = shares(todo, options.budget, options.jobs)

    def one(case):
        prove(case, judges, gpg, options.seed, time.monotonic() + share if share else 0, rows, used, lock)
        if options.verbose:
            print(f"# {case.kind}/{case.name}: {case.tried} of {case.whole} bits, {case.listed} equivalents, {len(case.found)} others", flush=True)
        for bit, answer in sorted(case.found):
            print(f"{case.kind}/{case.name} | {', '.join(case.changed(bit))} | {answer}, byte {bit // 8}", flush=True)

    status = 0
    try:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(one, todo))
    except RuntimeError as error:
        print(f"bits.py: {error}", file=sys.stderr)
        status = 2
    judges.end()
    gpg.end()
    print("| what is flipped | cases | bits | tried | accepted: listed | accepted: not listed |\n|---|---|---|---|---|---|")
    for kind in KINDS:
        group = [case for case in todo if case.kind == kind]
        if group:
            total = lambda value, group=group: f"{sum(map(value, group)):,}"
            print(f"| {kind} | {len(group)} | {total(lambda c: c.whole)} | {total(lambda c: c.tried)} "
                  f"| {total(lambda c: c.listed)} | {total(lambda c: len(c.found))} |")
    if not options.only and all(case.tried == case.whole for case in todo):
        for number, (name, place, _) in enumerate(rows):
            if number not in used:
                print(f"equivalents: nothing was accepted by: {name} | {place}")
                status = status or 1
    if not any(case.tried for case in todo):
        status = status or 2
    return status or (1 if any(case.found for case in todo) else 0)


if __name__ == "__main__":
    sys.exit(main())
