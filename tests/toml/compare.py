"""Holds our TOML reader against Python's tomllib: both refuse a document, or both read the same. TAP.

usage: compare.py DUMP CORPUS...   DUMP is tests/toml-dump, CORPUS a directory of documents"""

import datetime
import json
import os
import random
import subprocess
import sys
import tomllib

sys.setrecursionlimit(10000)

# What is no difference: a byte order mark, which we pass over; numbers beyond 64 bits, which the specification lets a reader
# refuse; the year 0, which Python's calendar has not; depth, where both have limits of their own.


def beyond_64_bits(value):
    if isinstance(value, dict):
        return any(beyond_64_bits(v) for v in value.values())
    if isinstance(value, list):
        return any(beyond_64_bits(v) for v in value)
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def theirs(document):
    """As tests/toml/dump.c prints it; a date or a float by its type alone."""
    try:
        value = tomllib.loads(document.removeprefix(b"\xef\xbb\xbf").decode())
    except (ValueError, RecursionError):
        return None
    return None if beyond_64_bits(value) else tagged(value)


def tagged(value):
    if isinstance(value, dict):
        return ["table", {k.encode().hex(): tagged(v) for k, v in value.items()}]
    if isinstance(value, list):
        return ["array", [tagged(v) for v in value]]
    if isinstance(value, bool):
        return ["boolean", value]
    if isinstance(value, int):
        return ["integer", value]
    if isinstance(value, float):
        return ["float"]
    if isinstance(value, (datetime.date, datetime.time)):
        return ["date"]
    return ["string", value.encode().hex()]


def ours(node):
    kind, value = node
    if kind == "table":
        return [kind, {k: ours(v) for k, v in value.items()}]
    if kind == "array":
        return [kind, [ours(v) for v in value]]
    return [kind] if kind in ("float", "date") else node


def compare(dump, documents):
    """The documents that are read differently."""
    asked = b"".join(b"%d\n%s" % (len(d), d) for d in documents)
    said = subprocess.run([dump], input=asked, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(said) == len(documents), "the dump has not one line for each document"
    different, read = [], 0
    for document, line in zip(documents, said):
        answer = json.loads(line)
        if answer == "limit":
            continue
        expected = theirs(document)
        read += expected is not None
        if (answer and ours(answer)) != expected and b"0000-" not in document:
            different.append(document)
    return different, read


# --- generated documents ---

KEYS = ["a", "b", "c", "d-e", "1", '"a"', "'b'", '"x y"', '""', "a.b", "a . b", "b.a.c", 'a."b"', "c.'d'.e"]
BAD_KEYS = ["", "a b", "a..b", ".a", "a.", "é", "[a]", '"""a"""', "a\n", '"\n"', "a.b.", "a#"]
SCALARS = [
    "1", "+1", "-1", "0", "+0", "1_000", "0xF_f", "0o17", "0b1_0", "1.5", "-1.5e3", "1e-1_0", "inf", "-inf", "+nan", "true", "false",
    '""', '"x"', "'y'", '"\\t\\u00e9\\U0001F600"', '"""x\ny"""', "'''x\ny'''", '"""\\\n  z"""', '"""a""""', '"""a"""""', "'''a''''",
    "1979-05-27", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.5+01:30", "07:32:00", "23:59:59.999", "2024-02-29", '"\\u0000"',
    '"""\r\nx\r\n"""', '"""a \\ \t\n\n b"""', "9223372036854775807", "-9223372036854775808",
]
BAD_SCALARS = [
    "", "01", "+01", "1__0", "_1", "1_", "0x", "0X1", "0xg", "-0x1", "+0o7", "0b2", "1.", ".5", "1.e1", "1e", "1e1.5", "1._5", "1_.5", "Inf",
    "NaN", "True", "yes", "x", '"', '"x', '"\\x41"', '"\\e"', '"\\ud800"', '"\\U00110000"', '"\\u12"', '"""x""', "'x\ny'", "1979-13-01",
    "1979-02-30", "2023-02-29", "1979-05-27T24:00:00Z", "7:32:00", "07:32", "1979-05-27T07:32", "1979-05-27T07:32:00+25:00", "1 2", "1,",
    '"a" "b"', "'''a''''''", '"""a""""""', '"""\\ x"""', "truefalse", "tru", "9223372036854775808", "-9223372036854775809", "[", "{",
    "07:60:00", "07:32:60", "1979-00-01", "1979-5-27", '"\x01"', '"\x7f"', "'\x00'", "# x", "\n1", "1979-05-27T", "07:32:00.", "1900-02-29",
    "2000-02-29", "1979-04-31",
]
BLANKS = ["", "", "", " ", "\t", "  "]
ENDS = ["\n", "\n", "\n", "\r\n", " # x\n", "#\n", "\n\n"]
BAD_ENDS = ["", "\r", " x\n", ",\n", "#\x01\n", ";\n", "\x0b\n"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.bad = 0.0 if self.random.random() < 0.5 else 0.08

    def pick(self, good, bad=()):
        return self.random.choice(bad if bad and self.random.random() < self.bad else good)

    def blank(self):
        return self.pick(BLANKS)

    def value(self, depth=0):
        kind = self.random.random()
        if depth > 3 or kind < 0.6:
            return self.pick(SCALARS, BAD_SCALARS)
        if kind < 0.8:
            gap = lambda: self.pick(["", " ", "\n", " # x\n", "\r\n", "\t"], ["\r", "\x01"])
            items = [self.value(depth + 1) for _ in range(self.random.randrange(4))]
            text = self.pick([","], [",,", "", ";"]).join(gap() + item + gap() for item in items)
            return "[" + text + (self.pick(["", ","]) if items else self.pick([""], [","])) + gap() + self.pick(["]"], ["", "}"])
        items = [self.pair(depth + 1) for _ in range(self.random.randrange(4))]
        text = self.pick([","], [",,", "", ",\n"]).join(self.blank() + item + self.blank() for item in items)
        return "{" + text + self.pick([""], [",", "\n"]) + self.pick(["}"], ["", "]"])

    def pair(self, depth=0):
        return self.pick(KEYS, BAD_KEYS) + self.blank() + self.pick(["="], ["", ":", "=="]) + self.blank() + self.value(depth)

    def header(self):
        double = self.random.random() < 0.4
        left, right = ("[[", "]]") if double else ("[", "]")
        return self.pick([left], ["[ [", ""]) + self.blank() + self.pick(KEYS, BAD_KEYS) + self.blank() + self.pick([right], ["", "] ]", "]"])

    def document(self):
        lines = []
        for _ in range(self.random.randrange(1, 9)):
            line = self.header() if self.random.random() < 0.4 else self.pair()
            lines.append(self.blank() + line + self.blank() + self.pick(ENDS, BAD_ENDS))
        return "".join(lines).encode()


def mutate(seed, document):
    """A byte or two otherwise."""
    generator = random.Random(seed)
    changed = bytearray(document)
    for _ in range(generator.randrange(1, 3)):
        at = generator.randrange(len(changed) + 1)
        byte = generator.choice(b"[]{}=.,#\"'\\\n\r\t ab01_-+:eTZxu\xc3\xa9\x00")
        what = generator.randrange(3)
        if what == 0:
            changed[at:at] = bytes([byte])
        elif what == 1:
            changed[at : at + 1] = b""
        else:
            changed[at : at + 1] = bytes([byte])
    return bytes(changed)


# Tables in every order: what may be opened again, and what is complete.
STATEMENTS = ["[a]", "[[a]]", "[a.b]", "[[a.b]]", "[a.b.c]", "[b]", "a = 1", "a.b = 1", "b.c = 1", "a.b.c = 1", "a = {}", "a = []", "b = {c = 1}", "c = 1"]


def orders():
    for one in STATEMENTS:
        for two in STATEMENTS:
            for three in STATEMENTS:
                yield "\n".join([one, two, three, ""]).encode()


def inline_orders():
    pairs = ["a = 1", "a.b = 1", "a.b.c = 1", "a = {}", "a.b = {}", "a = [{}]", "a.c = 1", "b = 1", "c = 1"]
    for one in pairs:
        for two in pairs:
            for three in pairs:
                yield ("x = {" + ", ".join([one, two, three]) + "}\n[x.y]\n").encode()
                yield ("x = {" + ", ".join([one, two, three]) + "}\n").encode()


def main():
    dump, *corpora = sys.argv[1:]
    seeds = []
    for corpus in corpora:
        for name in sorted(os.listdir(corpus)) if os.path.isdir(corpus) else []:
            with open(os.path.join(corpus, name), "rb") as file:
                seeds.append(file.read())
    generated = [Generator(seed).document() for seed in range(12000)]
    scalars = [f"a = {s}\n".encode() for s in SCALARS + BAD_SCALARS] + [f"a = [{s}]\n".encode() for s in SCALARS + BAD_SCALARS]
    keys = [f"{k} = 1\n".encode() for k in KEYS + BAD_KEYS] + [f"[{k}]\n".encode() for k in KEYS + BAD_KEYS]
    groups = {
        "the seeds of the fuzz target": seeds,
        "every scalar": scalars,
        "every key": keys,
        "three statements in every order": list(orders()),
        "three entries of an inline table in every order": list(inline_orders()),
        "generated documents": generated,
        "mutations of these": [mutate(i, d) for i, d in enumerate(seeds * 20 + generated[:6000])],
    }
    for number, (name, documents) in enumerate(groups.items(), 1):
        different, read = compare(dump, documents)
        print(f"{'not ok' if different or not read else 'ok'} {number} - {name}: {len(documents)} documents, {read} of them TOML")
        for document in different[:5]:
            print(f"# read differently: {document!r}")
    print(f"1..{len(groups)}")


main()
