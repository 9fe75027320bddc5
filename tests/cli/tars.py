# SPDX-License-Identifier: Apache-2.0
"""Makes archives on whose members readers of tar may differ, and holds our answers against recorded ones of Go's reader.

    tars.py make DIRECTORY FIRST COUNT        writes one archive for each seed; prints "TRANSPORT:PATH" of each, twice for each seed
    tars.py record <DIGESTS >FILE             packs answers: a digest (sha256, in hex) or "-" a line, in the order of make
    tars.py compare FILE FIRST COUNT <ANSWERS the lines of "verify --batch --format jsonl", in that order

An archive has two images, as a docker archive and as an OCI layout at once. One member or another of them has a header that is odd
in some way, or headers before it. The answers (tests/fixtures/archives/answers, of the first 2,000 seeds) are those of a program of a few lines
over the containers image library, which is not kept here: for each line of make it takes ParseReference() and NewImageSource() of the
transport, and prints the sha256 of what GetManifest() gives, or "-"; "skopeo inspect --raw" gives the same, slowly. Where both readers find an image, it must be the same one; what Go's reader refuses, we do."""
import gzip
import hashlib
import json
import os
import struct
import sys
import zlib


class Dice:
    """The same in every version of Python."""

    def __init__(self, seed):
        self.seed, self.count = seed, 0

    def number(self, below):
        self.count += 1
        return int.from_bytes(hashlib.sha256(b"%d %d" % (self.seed, self.count)).digest()[:6], "big") % below

    def one(self, things):
        return things[self.number(len(things))]

    def chance(self, percent):
        return self.number(100) < percent


def sha(data):
    return hashlib.sha256(data).hexdigest()


def packed(value):
    return json.dumps(value, separators=(",", ":")).encode()


def image(letter):
    """The files of an image: of both kinds, with names of their own but for the two that are looked for."""
    layer = letter.encode() * (600 if letter == "a" else 1300)
    config = packed({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha(layer)]}})
    manifest = packed({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                       "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:" + sha(config), "size": len(config)},
                       "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "sha256:" + sha(layer), "size": len(layer)}]})
    index = packed({"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json",
                                                       "digest": "sha256:" + sha(manifest), "size": len(manifest)}]})
    saved = packed([{"Config": letter + ".json", "RepoTags": ["example.com/a:" + letter], "Layers": [letter + "/layer.tar"]}])
    return [("blobs/sha256/" + sha(manifest), manifest), (letter + "/layer.tar", layer), (letter + ".json", config), ("index.json", index),
            ("manifest.json", saved)]


A, B = image("a"), image("b")
MAGICS = {"v7": b"\0" * 8, "ustar": b"ustar\x0000", "gnu": b"ustar  \0"}


def pad(data):
    return data + bytes(-len(data) % 512)


def summed(block):
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def header(name, size, kind=b"0", format="ustar", mode=0o644, link=b""):
    block = bytearray(512)
    name = name if isinstance(name, bytes) else name.encode()
    block[:min(len(name), 100)] = name[:100]
    block[100:108], block[108:116], block[116:124] = b"%07o\0" % mode, b"0000000\0", b"0000000\0"
    block[124:136], block[136:148] = b"%011o\0" % size, b"00000000000\0"
    block[156:157] = kind
    block[157:157 + len(link)] = link
    block[257:265] = MAGICS[format]
    return block


def record(key, value):
    text = b" %s=%s\n" % (key.encode(), value if isinstance(value, bytes) else str(value).encode())
    length = len(text)
    while len(str(length)) + len(text) != length:
        length = len(str(length)) + len(text)
    return str(length).encode() + text


def extension(kind, content, format=None, name=b"ext"):
    return summed(header(name, len(content), kind, format or ("gnu" if kind in b"LK" else "ustar"))) + pad(content)


NAMES = ["manifest.json", "index.json", "./manifest.json", "./index.json", "other", "manifest.json/", "index.json/", "a.json", "x/../manifest.json",
         "b/layer.tar", "a/layer.tar", "", "manifest.json\0x", "m" * 120]


def size_of(block):
    """What a header says of the size, unless it is odd already."""
    digits = bytes(block[124:135])
    return int(digits, 8) if digits.isdigit() and max(digits) < 0x38 else 0


def odd_field(dice, block, name):
    """One field, or what stands behind them, says something unusual."""
    what = dice.number(17)
    if what == 0:
        block[156:157] = dice.one([b"\0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"D", b"M", b"N", b"S", b"V", b"X", b"Z", b"g", b"x", b"L", b"K"])
    elif what == 1:
        block[257:265] = dice.one([b"\0" * 8, b"ustar\x0000", b"ustar  \0", b"ustar 00", b"ustar\0\0\0", b"ustar\0  ", b"ustar  0"])
    elif what == 2:
        block[100:108] = b"%07o\0" % dice.one([0o100644, 0o120777, 0o40755, 0o10644, 0o20644, 0o60644, 0o140644, 0o777, 0o7777777, 0o200644])
    elif what == 3:
        size = size_of(block)
        block[124:136] = dice.one([b"%11o " % size, b"\0%010o\0" % size, b"%o" % size + bytes(12 - len(b"%o" % size)), b"\x80" + struct.pack(">3xQ", size),
                                   b"\xff" * 11 + b"\0", b"\0" * 12, b"%o\0007777" % size + bytes(7 - len(b"%o" % size)) if len(b"%o" % size) < 7 else b" " * 12,
                                   b"%011o\0" % (size + 512), b"%011o\0" % 512, b"%011o\0" % 1, b"\xc0" + b"\0" * 10 + b"\1"])
    elif what == 4:
        block[345:357] = dice.one([b"00000000000\0", b"manifest\0\0\0\0", b"x\0\0\0\0\0\0\0\0\0\0\0", b"\0xxxxxxxxxxx", b"777\0z\0\0\0\0\0\0\0"])
    elif what == 5:
        block[345:346] = dice.one([b".", b"x", b"/", b"\xff", b"8"])
    elif what == 6:
        block[508:512] = b"tar\0"
        block[345:349] = dice.one([b"./\0\0", b"x\0\0\0", b"\0\0\0\0"])
    elif what == 7:
        at = 257 + dice.number(255)
        block[at] = dice.one([0, 0x20, 0x30, 0x61, 0xff])
    elif what == 8:
        at = dice.number(257)
        block[at] = dice.one([0, 0x20, 0x2f, 0x30, 0x31, 0x37, 0x38, 0x61, 0xff])
    elif what == 9:
        link = dice.one([b"a.json", b"manifest.json", b"other", b"../x"])
        block[157:157 + len(link)] = link
        block[156:157] = dice.one([b"1", b"2", b"0"])
    elif what == 10:
        block[156:157] = b"\0"
        new = dice.one([name.encode() + b"/", b"x/", name.encode()])
        block[:100] = new[:100] + bytes(100 - len(new[:100]))
    elif what == 11:
        new = dice.one(NAMES).encode()[:100]
        block[:100] = new + bytes(100 - len(new))
    elif what == 12:
        block[329:345] = dice.one([b"\0" * 16, b"0000001\x000000002\0", b"x" * 16, b" " * 16])
    elif what == 13:
        block[482:483] = dice.one([b"\1", b"0"])
    elif what == 14:
        block[156:157], block[257:265] = b"S", b"ustar  \0"
        block[345:500] = bytes(155)
        size = dice.one([0, 512, 600, 4096])
        block[386:410] = dice.one([bytes(24), b"%011o\0%011o\0" % (0, size), b"%011o\0%011o\0" % (512, size), b"%011o\0%011o\0" % (0, size + 1)])
        block[483:495] = b"%011o\0" % size
    elif what == 15:
        block[108:116] = dice.one([b"\x80\0\0\0\0\0\0\1", b"\xff" * 8, b"0x", b"\0" * 8, b"       1"])[:8].ljust(8, b"\0")
    else:
        block[136:148] = dice.one([b"\xff" * 12, b"\x80" + bytes(11), b"-0000000001\0", b" " * 12, b"99999999999\0"])


def records(dice, name, content):
    made = b""
    for _ in range(dice.one([1, 1, 2, 3])):
        what = dice.number(15)
        if what < 4:
            made += record("path", dice.one([name, *NAMES]))
        elif what == 4:
            made += record("linkpath", dice.one(["a.json", "manifest.json", ""]))
        elif what == 5:
            made += record("size", dice.one([len(content), len(content) + 512, 0, "", "+5", "-1", "x", 512]))
        elif what == 6:
            made += record("GNU.sparse.name", dice.one([name, *NAMES]))
        elif what == 7:
            made += record("GNU.sparse.major", dice.one([0, 1, 1, 9])) + record("GNU.sparse.minor", dice.one([0, 0, 1]))
        elif what == 8:
            made += record("GNU.sparse.map", dice.one(["0,5", "", "0,%d" % len(content), "5"]))
        elif what == 9:
            made += record("GNU.sparse.offset", 0) + record("GNU.sparse.numbytes", len(content))
        elif what == 10:
            made += record(dice.one(["GNU.sparse.size", "GNU.sparse.realsize", "GNU.sparse.numblocks", "SCHILY.realsize"]),
                           dice.one([len(content), 1, 0, 4096]))
        elif what == 11:
            made += record(dice.one(["mtime", "atime", "ctime"]), dice.one(["1.5", "-3", "x", "", "1.x", "1e3"]))
        elif what == 12:
            made += record(dice.one(["uid", "gid", "uname", "gname"]), dice.one(["7", "root", "", "-1", "a\0b"]))
        elif what == 13:
            made += record(dice.one(["comment", "hdrcharset", "SCHILY.xattr.user.x", "GNU.volume.label"]), "x")
        else:
            made += dice.one([b"5 a=b\n", b"6 a=b\n", b"x", b"12 path=a\0b\n", b"5 =\n"])
    return made


def extensions(dice, name, content):
    made = b""
    for _ in range(dice.one([1, 1, 1, 2, 3])):
        kind = dice.one([b"x", b"x", b"x", b"L", b"L", b"K", b"g"])
        if kind in b"LK":
            text = dice.one([name, *NAMES]).encode()
            made += extension(kind, text + dice.one([b"\0", b"", b"\0x"]), dice.one([None, None, None, "ustar", "v7"]))
        else:
            made += extension(kind, records(dice, name, content), dice.one([None, None, None, "gnu"]))
    return made


def holes(dice, name, content):
    """A sparse member as GNU tar writes it with pax headers, or nearly so."""
    table = dice.one([b"1\n0\n%d\n" % len(content), b"0\n", b"2\n0\n5\n5\n%d\n" % (len(content) - 5), b"1\n0\n%d\n" % (len(content) + 1), b"x\n"])
    data = pad(table) + content
    said = record("GNU.sparse.major", 1) + record("GNU.sparse.minor", 0) + record("GNU.sparse.name", name) + record("GNU.sparse.realsize", len(content))
    return extension(b"x", said) + summed(header("GNUSparseFile.0/" + os.path.basename(name), len(data))) + pad(data)


def member(dice, name, content, odd):
    format = dice.one(["ustar", "ustar", "gnu", "v7"])
    block, before = header(name, len(content), format=format), b""
    if odd and dice.chance(8):
        return holes(dice, name, content)
    if odd:
        how = dice.number(4)
        if how != 0:
            odd_field(dice, block, name)
        if how >= 2 and dice.chance(30):
            odd_field(dice, block, name)
        if how == 0 or dice.chance(25):
            before = extensions(dice, name, content)
    elif dice.chance(10):
        stand_in = header("stand-in", len(content), format="gnu" if dice.chance(50) else "ustar")
        before = extension(b"L", name.encode() + b"\0") if stand_in[262:263] == b" " else extension(b"x", record("path", name))
        block = stand_in
    return before + summed(block) + pad(content)


def compressed(dice, data):
    half = len(data) // 2
    made = gzip.compress(data, 1, mtime=0)
    what = dice.number(9)
    if what == 0:
        made += dice.one([b"x", b"\0", b"\x1f\x8b", b"rubbish behind it"])
    elif what == 1:
        made = gzip.compress(data[:half], 1, mtime=0) + gzip.compress(data[half:], 1, mtime=0)
    elif what == 2:
        made = made[:3] + bytes([dice.one([0x20, 0x40, 0x80, 0xe0])]) + made[4:]
    elif what == 3:
        made = gzip.compress(data[:half], 1, mtime=0) + b"\x1f\x8b\x08" + bytes([dice.one([0x20, 0x80])]) + gzip.compress(data[half:], 1, mtime=0)[4:]
    elif what == 4:
        start = made[:3] + b"\x02" + made[4:10]
        made = start + struct.pack("<H", (zlib.crc32(start) & 0xffff) ^ dice.one([0, 0, 1])) + made[10:]
    elif what == 5:
        made = made[:-dice.one([1, 4, 8, 20])]
    elif what == 6:
        made = made[:-5] + bytes([made[-5] ^ 1]) + made[-4:]
    return made


def archive(seed):
    dice = Dice(seed)
    first, second = (A, B) if dice.chance(50) else (B, A)
    pieces = [*first[:3], *second[:3]]
    ends = [(name, content, dice.chance(60)) for name, content in first[3:] + second[3:]]
    if dice.chance(20):
        ends = ends[:2]
    if dice.chance(25):
        ends = [(name, content, False) for name, content, _ in ends]
    elif dice.chance(70):
        odd = dice.number(len(ends))
        ends = [(name, content, at == odd) for at, (name, content, _) in enumerate(ends)]
    made = b""
    for name, content in pieces:
        made += member(dice, name, content, dice.chance(2))
    for name, content, odd in ends:
        made += member(dice, name, content, odd)
        if dice.chance(3):
            made += bytes(dice.one([512, 1024]))
    made += dice.one([bytes(1024), bytes(10240), b"", bytes(512), bytes(1024) + b"x" * 700])
    return compressed(dice, made) if dice.chance(8) else made


def pack():
    """Packs what the other reader answered: each line a digest, or "-" and why."""
    answers = [line[:6] if line[0] != "-" else "-" for line in sys.stdin]
    for at in range(0, len(answers), 24):
        print(*answers[at:at + 24])


def compare(path, start, count, questions):
    """Holds our answers to that many questions for each seed against those recorded. Exits."""
    with open(path) as file:
        theirs = file.read().split()[questions * start:questions * (start + count)]
    ours = [json.loads(line) for line in sys.stdin]
    both = stricter = wrong = unmarked = 0
    for at, (their, our) in enumerate(zip(theirs, ours, strict=True)):
        if our["allowed"]:
            mine = our["digest"][7:13]
            both += mine == their
            if mine != their:
                wrong += 1
                print(f"seed {start + at // questions}, {our['image'].split(':')[0]}, question {at % questions}: ours is {mine}, theirs is {their}")
        elif their != "-":
            stricter += 1
            if not our.get("stricter"):
                unmarked += 1
                print(f"seed {start + at // questions}, {our['image'].split(':')[0]}, question {at % questions}: refused without a mark: {our['message']}")
    print(f"{len(ours)} answers: {both} the same image, {stricter} refused by us alone, {unmarked} of them unmarked, {wrong} wrong")
    sys.exit(1 if wrong or unmarked or both * 8 < len(ours) else 0)


def main():
    if sys.argv[1] == "record":
        pack()
        return
    if sys.argv[1] == "compare":
        compare(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), 2)
    top, start, count = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    for seed in range(start, start + count):
        path = os.path.join(top, str(seed))
        with open(path, "wb") as file:
            file.write(archive(seed))
        print(f"docker-archive:{path}\noci-archive:{path}")


if __name__ == "__main__":
    main()
