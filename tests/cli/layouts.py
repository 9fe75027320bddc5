# SPDX-License-Identifier: Apache-2.0
"""Makes OCI layouts and docker archives whose JSON readers may take differently, and holds our answers against recorded ones.

    layouts.py make DIRECTORY FIRST COUNT        writes a layout and an archive for each seed; prints ten names for each
    layouts.py record <DIGESTS >FILE             packs answers, as tars.py does
    layouts.py compare FILE FIRST COUNT <ANSWERS the lines of "verify --batch --format jsonl --override-arch amd64", in the order of make

Members stand twice, in another case, with a null or half of themselves; types, sizes, platforms and names are odd. The answers
(tests/fixtures/archives/layouts, of the first 300 seeds) are those of the containers image library, asked as tars.py says, and of a
list for the image that it chooses for linux on amd64."""
import io
import json
import os
import sys
import tarfile

from tars import A, B, Dice, compare, pack, sha

MANIFEST, INDEX = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
DOCKER, DOCKER_LIST = "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json"
REF_NAME = "org.opencontainers.image.ref.name"
IMAGES = [A[0][1], B[0][1]]


class Members(list):
    """An object of JSON: (name, value) pairs, as they are written."""


class Spelled(str):
    """Text that is JSON already."""


def members(value):
    if isinstance(value, dict):
        return Members((name, members(it)) for name, it in value.items())
    return [members(it) for it in value] if isinstance(value, list) else value


def text(value):
    if isinstance(value, Spelled):
        return str(value)
    if isinstance(value, Members):
        return "{" + ",".join(json.dumps(name, ensure_ascii=False) + ":" + text(it) for name, it in value) + "}"
    return "[" + ",".join(map(text, value)) + "]" if isinstance(value, list) else json.dumps(value)


def objects(value):
    """It and all objects in it."""
    found = [value] if isinstance(value, Members) else []
    for it in value if isinstance(value, list) else []:
        found += objects(it[1] if isinstance(it, tuple) else it)
    return found


# What a member may be instead.
OTHERS = {
    "digest": ["sha256:" + sha(it) for it in IMAGES], "mediaType": [MANIFEST, INDEX, DOCKER, DOCKER_LIST], "size": [len(IMAGES[1])],
    "architecture": ["amd64", "arm64"], "os": ["linux", "windows"], REF_NAME: ["v1", "v2"], "Config": ["a.json", "b.json"],
    "platform": [members({"architecture": "arm64", "os": "linux"})], "annotations": [members({REF_NAME: "v1"})],
    "Layers": [["a/layer.tar"], ["b/layer.tar"], ["a/layer.tar", "b/layer.tar"]], "RepoTags": [["example.com/a:b"]],
}


def folded(dice, name):
    """A name that a reader without regard to case takes for the same, or nearly."""
    return dice.one([name.upper(), name.capitalize(), name.swapcase(), name.replace("s", "\u017f"), name.replace("k", "\u212a"), name + " "])


def half(dice, elements):
    """A later list that says of its elements less than the earlier one."""
    made = [Members(it for it in element if dice.chance(50)) if isinstance(element, Members) else dice.one([None, element]) for element in elements]
    return dice.one([made, made[:1], [None, *made]])


def odd_member(dice, it):
    at = dice.number(len(it))
    name, value = it[at]
    what = dice.number(11)
    if what == 0:
        it[at] = folded(dice, name), value
    elif what == 1:
        it.insert(dice.number(len(it) + 1), (name, dice.one([None, "x", Spelled("1"), Members(), []])))
    elif what == 2:
        it.insert(dice.number(len(it) + 1), (folded(dice, name), dice.one([None, value, Members(), []])))
    elif what == 3:
        it[at] = name, dice.one([None, "x", "", Spelled("1"), Spelled("true"), Members(), []])
    elif what == 4:
        it.pop(at)
    elif what == 5:
        it.append(("extra", Spelled(dice.one(["1e999", '"\\ud800"', '{"a":1,"a":2}', "-0", "01", "NaN"]))))
    elif what == 6 and isinstance(value, int):
        it[at] = name, Spelled(dice.one([f"{value}.0", f"{value}e0", "-1", "9223372036854775808", f'"{value}"', "0"]))
    elif what == 7 and isinstance(value, str):
        it[at] = name, dice.one([value + " ", value.upper(), value + "\0", value[:-1], value + "\ud800"])
    elif isinstance(value, list) and not isinstance(value, Members) and value:
        it.insert(dice.number(len(it) + 1), (dice.one([name, name.upper()]), half(dice, value)))
    elif name in OTHERS:
        it.insert(dice.number(len(it) + 1), (dice.one([name, name.upper()]), dice.one(OTHERS[name])))
    else:
        it.append((name, value))


def odd(dice, value, percent):
    """As it is, or with some oddities."""
    for _ in range(dice.one([1, 1, 2, 3]) if dice.chance(percent) else 0):
        full = [it for it in objects(value) if it]
        if full:
            odd_member(dice, dice.one(full))
    data = text(value).encode()
    if dice.chance(4):
        data = dice.one([data + b"x", data + b"{}", b"\xef\xbb\xbf" + data, data + b"\n", data + b"\0", b"null"])
    return data


def descriptor(dice, data, kind, name=None, platform=None):
    made = Members([("mediaType", kind), ("digest", "sha256:" + sha(data)), ("size", len(data))])
    if platform:
        made.append(("platform", members({"architecture": platform, "os": "linux"})))
    if name is not None:
        made.append(("annotations", members({REF_NAME if dice.chance(85) else "io.containerd.image.name": name})))
    return made


def layout(dice, top):
    blobs = [content for name, content in A + B if name not in ("index.json", "manifest.json")]
    listed = []
    for _ in range(dice.one([0, 1, 1, 2, 2, 3])):
        name = dice.one([None, None, "v1", "v1", "v2", ""])
        if dice.chance(35):
            kind = dice.one([INDEX, INDEX, DOCKER_LIST])
            inner = [descriptor(dice, it, dice.one([MANIFEST] * 5 + [DOCKER, ""]), None, platform) for it, platform in zip(IMAGES, ("amd64", dice.one(["arm64", "amd64"])))]
            data = odd(dice, members({"schemaVersion": 2, "mediaType": kind, "manifests": inner[:dice.one([1, 2, 2])]}), 60)
        else:
            kind = dice.one([MANIFEST] * 6 + [DOCKER, INDEX, "", "x/y"])
            data = odd(dice, members(json.loads(dice.one(IMAGES))), 30)
        blobs.append(data)
        listed.append(descriptor(dice, data, kind, name, dice.one([None, None, "amd64", "arm64"])))
    os.makedirs(f"{top}/blobs/sha256")
    for content in blobs:
        with open(f"{top}/blobs/sha256/{sha(content)}", "wb") as file:
            file.write(content)
    for name, content in ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", odd(dice, members({"schemaVersion": 2, "manifests": listed}), 65)):
        with open(f"{top}/{name}", "wb") as file:
            file.write(content)
    return [f"oci:{top}{which}" for which in ("", ":v1", ":v2", ":@0", ":@1")]


def archive(dice, path):
    files, items = {}, []
    for letter, parts in dice.one([("a", A), ("b", B)]), *dice.one([[], [("a", A)], [("b", B)], [("b", B), ("a", A)]]):
        config = next(content for name, content in parts if name == letter + ".json")
        files[letter + "/layer.tar"] = next(content for name, content in parts if name == letter + "/layer.tar")
        files[letter + ".json"] = odd(dice, members(json.loads(config)), 30)
        tags = dice.one([["example.com/a:" + letter], ["example.com/a:b", "example.com/a:a"], None, [], ["a"], ["example.com/a@sha256:" + "0" * 64]])
        items.append({"Config": letter + ".json", "RepoTags": tags, "Layers": [letter + "/layer.tar"]})
    files["manifest.json"] = odd(dice, members(items), 70)
    with tarfile.open(path, "w") as file:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return [f"docker-archive:{path}{which}" for which in ("", ":example.com/a:a", ":example.com/a:b", ":@0", ":@1")]


def main():
    if sys.argv[1] == "record":
        pack()
        return
    if sys.argv[1] == "compare":
        compare(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), 10)
    top, start, count = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    for seed in range(start, start + count):
        dice = Dice(seed)
        print("\n".join(layout(dice, f"{top}/{seed}") + archive(dice, f"{top}/{seed}.tar")))


main()
