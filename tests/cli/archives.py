# SPDX-License-Identifier: Apache-2.0
"""Makes layouts and archives that are right, odd and hostile. usage: archives.py DIRECTORY

Prints one line for each: what it is, the image's name, the exit status, words of the reason, and how skopeo answers: "same",
"accepts" where we are stricter, "-" where it is not asked. Fields are divided by "|"."""
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile

top = sys.argv[1]
rows = []


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def packed(value):
    return json.dumps(value, separators=(",", ":")).encode()


def member(name, data=b"", kind=tarfile.REGTYPE, target="", pax=None):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, target, len(data), 0o644
    info.pax_headers = pax or {}
    return info, data


def tar(members, format=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


layer = tar([member("hello", b"hello\n")])
config = packed({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest(layer)]}})
OCI = "application/vnd.oci.image."
manifest = packed({
    "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
    "config": {"mediaType": OCI + "config.v1+json", "digest": digest(config), "size": len(config)},
    "layers": [{"mediaType": OCI + "layer.v1.tar", "digest": digest(layer), "size": len(layer)}]})


def entry(data=manifest, name="one", **more):
    it = {"mediaType": OCI + "manifest.v1+json", "digest": digest(data), "size": len(data)}
    if name:
        it["annotations"] = {"org.opencontainers.image.ref.name": name}
    return {**it, **more}


def without(value, key):
    return {k: v for k, v in value.items() if k != key}


def layout(index=None, blobs=(), without_blobs=False):
    """The files of an OCI layout."""
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index if isinstance(index, bytes) else
             packed({"schemaVersion": 2, "manifests": [entry()] if index is None else index})}
    for blob in () if without_blobs else (manifest, config, layer, *blobs):
        files["blobs/sha256/" + digest(blob)[7:]] = blob
    return files


def docker(config_name="config.json", tags=("example.com/a:t",), layers=("layer.tar",)):
    return packed([{"Config": config_name, "RepoTags": list(tags), "Layers": list(layers)}])


def saved(list=None, *more):
    return [member("layer.tar", layer), member("config.json", config), *more, member("manifest.json", list or docker())]


def case(transport, what, made, status, words="", skopeo="same", selector=""):
    path = os.path.join(top, str(len(rows)))
    if isinstance(made, dict):
        for name, data in made.items():
            os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
            with open(os.path.join(path, name), "wb") as file:
                file.write(data)
    elif callable(made):
        made(path)
    else:
        with open(path, "wb") as file:
            file.write(made)
    rows.append((f"{transport}: {what}", f"{transport}:{path}{selector}", str(status), words, skopeo))


def oci(what, made, *more, **named):
    """The same as a directory and as an archive."""
    case("oci", what, made, *more, **named)
    case("oci-archive", what, tar([member(name, data) for name, data in made.items()]), *more, **named)


# --- what index.json says ---------------------------------------------------------------------------------------------

oci("the only image", layout(), 0)
oci("an image by name", layout(), 0, selector=":one")
oci("no such name", layout(), 5, "no descriptor found for reference", selector=":two")
case("oci", "an image by its place", layout(), 0, selector=":@0", skopeo="-")
case("oci", "no such place", layout(), 5, "index 1 is too large, only 1 entries available", selector=":@1", skopeo="-")
oci("two images, and none is named", layout([entry(), entry(name="two")]), 5, "more than one image in oci, choose an image")
oci("no image", layout([]), 5, "more than one image in oci, choose an image")
oci("the first of two of one name", layout([entry(), entry(b"{}")]), 0, selector=":one")
oci("a name of something else", layout([entry(mediaType="text/plain")]), 1, "matches unsupported manifest MIME types", selector=":one",
    skopeo="-")
oci("something else before it", layout([entry(b"x", mediaType="text/plain"), entry()]), 0, selector=":one", skopeo="-")
oci("no media type", layout([without(entry(name=""), "mediaType")]), 0)
oci("index.json is not JSON", layout(b"{"), 1, "unexpected end of JSON input")
oci("index.json is null", layout(b"null"), 5, "more than one image")
oci("more behind the index", layout(packed({"schemaVersion": 2, "manifests": [entry()]}) + b"\n{ and more"), 0)
oci("an index with a number for a digest", layout([{**entry(), "digest": 5}]), 1, "expected a string")
oci("a digest that leaves the blobs", layout([{**entry(), "digest": "sha256:../../../etc/passwd"}]), 1,
    "unexpected digest reference", skopeo="-")
oci("no digest", layout([without(entry(), "digest")]), 1, "unexpected digest reference", skopeo="-")
oci("the manifest is missing", layout([entry(b"other")]), 5, "no such file")
oci("no blobs at all", layout(without_blobs=True), 5, "no such file")
oci("no index", without(layout(), "index.json"), 5, "index.json")
oci("no oci-layout", without(layout(), "oci-layout"), 0)
oci("another oci-layout", {**layout(), "oci-layout": b'{"imageLayoutVersion":"9"}'}, 0)
oci("a size that is not the manifest's", layout([{**entry(), "size": 1 << 50}]), 0)
changed = layout()
changed["blobs/sha256/" + digest(manifest)[7:]] = manifest + b"\n"
oci("a manifest of another digest", changed, 0, "the manifest is not the one that index.json names")
case("oci", "an index over its ceiling", layout(b" " * (4 << 20) + packed({"manifests": [entry()]})), 1, "limit", skopeo="accepts")

listed = packed({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [
    entry(b"arm", name="", platform={"architecture": "arm64", "os": "linux"}),
    entry(name="", platform={"architecture": "amd64", "os": "linux"})]})
nested = packed({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [
    entry(listed, name="", mediaType=OCI + "index.v1+json", platform={"architecture": "amd64", "os": "linux"})]})
liar = packed({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [
    entry(b"arm", name="", platform={"architecture": "amd64", "os": "linux"})]})
elsewhere = packed({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [
    entry(name="", platform={"architecture": "s390x", "os": "linux"})]})
index = {"mediaType": OCI + "index.v1+json"}
oci("a list", layout([entry(listed, **index)], [listed]), 0)
oci("a list in a list", layout([entry(nested, **index)], [listed, nested]), 1, "Unexpectedly received a manifest list")
oci("a list without this platform", layout([entry(elsewhere, **index)], [elsewhere]), 1, "no image found in image index")
oci("a list whose instance is missing", layout([entry(liar, **index)], [liar]), 5, "no such file")
forged = layout([entry(liar, **index)], [liar])
forged["blobs/sha256/" + digest(b"arm")[7:]] = manifest
oci("an instance of another digest", forged, 1, "Manifest does not match provided manifest digest")

# --- what stands in a directory ---------------------------------------------------------------------------------------


def linked(target, inside=""):
    def make(path):
        for name, data in layout().items():
            os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
            with open(os.path.join(path, name), "wb") as file:
                file.write(data)
        blob = os.path.join(path, "blobs/sha256", digest(manifest)[7:])
        os.rename(blob, os.path.join(path, inside) if inside else path + "-outside")
        if target == "fifo":
            os.mkfifo(blob)
        else:
            os.symlink(target or path + "-outside", blob)
    return make


case("oci", "a blob that is a link within", linked("../../inside", "inside"), 0)
case("oci", "a blob that is a link out of it", linked(""), 1, "the link leaves the image directory", skopeo="accepts")
case("oci", "a blob that is a link to itself", linked(digest(manifest)[7:], "inside"), 6, "could-not-look")
case("oci", "a blob that is a FIFO", linked("fifo", "inside"), 6, "not a regular file", skopeo="-")
case("oci", "a file", b"", 6, "could-not-look")
for transport in "oci-archive", "docker-archive":
    case(transport, "a FIFO", os.mkfifo, 6, "not a regular file", skopeo="-")
    case(transport, "a directory", os.mkdir, 6, "is a directory")
    case(transport, "a device", lambda path: os.symlink("/dev/zero", path), 6, "not a regular file", skopeo="-")
    case(transport, "a file that is not there", lambda path: None, 5, "no such file")
    case(transport, "no archive", b"hello\n" * 1000, 1, "unsupported-format")
    case(transport, "an empty file", b"", 5, "not-found")
    case(transport, "zeros", bytes(10240), 5, "not-found")

# --- archives of layouts ----------------------------------------------------------------------------------------------

right = [member(name, data) for name, data in layout().items()]
other = member("index.json", packed({"schemaVersion": 2, "manifests": [entry(b"other")]}))


def archive(what, members, *more, **named):
    case("oci-archive", what, tar(members), *more, **named)


archive("names that begin with ./", [member("./" + info.name, data) for info, data in right], 0)
archive("absolute names", [member("/" + info.name, data) for info, data in right], 0)
archive("a name that leads out", right + [member("../outside", b"x")], 1, "points out of the archive")
archive("a name that leads out in the end", right + [member("blobs/../../outside", b"x")], 1, "points out of the archive")
archive("the last of two of one name counts", [other, *right], 0)
archive("the last of two of one name counts against it, too", [*right, other], 5, "no such file")
archive("a symlink that leads out", right + [member("x", kind=tarfile.SYMTYPE, target="../../etc/passwd")], 1,
        "neither a file nor a directory")
archive("a symlink within", right + [member("x", kind=tarfile.SYMTYPE, target="index.json")], 1, "neither a file nor a directory",
        skopeo="accepts")
archive("a hard link that leads out", right + [member("x", kind=tarfile.LNKTYPE, target="../../etc/passwd")], 1,
        "neither a file nor a directory")
archive("a FIFO in it", right + [member("x", kind=tarfile.FIFOTYPE)], 1, "neither a file nor a directory", skopeo="accepts")
archive("a device in it", right + [member("x", kind=tarfile.CHRTYPE)], 1, "neither a file nor a directory", skopeo="-")
archive("the index is a symlink", [it for it in right if it[0].name != "index.json"] + [
    member("i", layout()["index.json"]), member("index.json", kind=tarfile.SYMTYPE, target="i")], 1, "neither a file nor a directory",
        skopeo="accepts")
archive("blobs is a file", right + [member("blobs", b"x")], 1, "is both a file and a directory")
archive("the index is a directory in the end", right + [member("index.json", kind=tarfile.DIRTYPE)], 5, "no such file")
archive("a long name", right + [member("x/" * 2000 + "y", b"x")], 0, skopeo="-")
archive("a name that is too long", right + [member("x/" * 2048 + "yz", b"x")], 6, "a name of more bytes", skopeo="-")
archive("a name of another alphabet", right + [member("Grüße", b"x")], 0)
archive("the name is in an extended header", [member("x" * 20, data, pax={"path": info.name}) for info, data in right], 0)
archive("a size in an extended header", [member(info.name, data, pax={"size": str(len(data))}) for info, data in right], 0)
archive("a size in an extended header that is too much",
        [member(info.name, data, pax={"size": "99999999"}) for info, data in right], 1, "unsupported-format")
case("oci-archive", "old GNU headers", tar(right, tarfile.GNU_FORMAT), 0)
case("oci-archive", "POSIX headers of 1988", tar(right, tarfile.USTAR_FORMAT), 0)
whole = tar(right)
case("oci-archive", "cut in the middle", whole[:len(whole) // 2 - 700], 1, "unsupported-format")
case("oci-archive", "cut in a header", whole[:1024 + 100], 1, "unsupported-format")
bare = tar([*right, member("z", b"z")]).rstrip(b"\0")
case("oci-archive", "without an end", bare + bytes(-len(bare) % 512), 0)
case("oci-archive", "more behind its end", whole + b"x" * 1000, 0)
broken = bytearray(whole)
broken[148:154] = b"777777"
case("oci-archive", "a wrong checksum", bytes(broken), 1, "unsupported-format")
zipped = gzip.compress(whole, mtime=0)
case("oci-archive", "compressed twice", gzip.compress(zipped, mtime=0), 1, "unsupported-format")
case("oci-archive", "compressed, and cut", zipped[:-200], 1, "unsupported-format")
for program in "gzip", "bzip2", "xz", "zstd":
    again = subprocess.run([program, "-qc"], input=whole, stdout=subprocess.PIPE, check=True).stdout
    case("oci-archive", f"compressed by {program}", again, 0)
case("oci-archive", "compressed in a way that nobody reads",
     subprocess.run(["xz", "-qc", "--format=lzma"], input=whole, stdout=subprocess.PIPE, check=True).stdout, 1, "unsupported-format")


def crowd(members, count):
    """So many members in all, these at the end."""
    def make(path):
        with open(path, "wb") as file:
            file.write(member("x")[0].tobuf() * (count - len(members)) + tar(members))
    return make


case("oci-archive", "as many members as there may be", crowd(right, 100000), 0, skopeo="-")
case("oci-archive", "one member more", crowd(right, 100001), 6, "has more members", skopeo="-")
case("docker-archive", "more members than there may be", crowd(saved(), 100001), 6, "has more members", skopeo="-")


def hole(members, size):
    """A member of zeros that take no room, before others."""
    def make(path):
        info = member("zeros")[0]
        info.size = size
        with open(path, "wb") as file:
            file.write(info.tobuf(tarfile.GNU_FORMAT))
            file.seek(size + -size % 512, 1)
            file.write(tar(members))
    return make


case("oci-archive", "ten gigabytes of zeros in it", hole(right, 10 << 30), 0, skopeo="-")
case("docker-archive", "ten gigabytes of zeros in it", hole(saved(), 10 << 30), 0, skopeo="-")
case("oci-archive", "as many bytes as there may be", hole(right, (64 << 30) - (1 << 20)), 0, skopeo="-")
case("oci-archive", "more bytes than there may be", hole(right, 64 << 30), 6, "is larger than", skopeo="-")
huge = bytearray(tar([member("x")]))
huge[124:136] = b"\x80" + b"\x7f" * 11
case("oci-archive", "more bytes than there can be", bytes(huge), 1, "unsupported-format")



def bomb(path):
    """Sixteen gigabytes of zeros that are sixteen megabytes: gzip has members, too, one behind the other."""
    info = member("zeros")[0]
    info.size = 16 << 30
    with open(path, "wb") as file:
        file.write(gzip.compress(info.tobuf(tarfile.GNU_FORMAT)) + gzip.compress(bytes(16 << 20)) * 1024 + gzip.compress(tar(right)))


case("oci-archive", "a bomb", bomb, "", skopeo="-")

# --- docker archives --------------------------------------------------------------------------------------------------


def docker_case(what, members, *more, **named):
    case("docker-archive", what, tar(members) if isinstance(members, list) else members, *more, **named)


docker_case("the only image", saved(), 0)
docker_case("an image by name", saved(), 0, selector=":example.com/a:t")
docker_case("an image by its place", saved(), 0, selector=":@0")
docker_case("no such name", saved(), 5, 'Tag "example.com/b:latest" not found', selector=":example.com/b")
docker_case("no such place", saved(), 5, "Invalid source index @1, only 1 manifest items available", selector=":@1")
docker_case("a name before it that is none", saved(docker(tags=["UPPER", "example.com/a:t"])), 1, 'Invalid tag "UPPER"',
            selector=":example.com/a:t")
twice = packed(json.loads(docker()) * 2)
docker_case("two images, and none is named", saved(twice), 5, "expected 1 item, got 2")
docker_case("the first of two of one name", saved(twice), 0, selector=":example.com/a:t")
docker_case("the second of two", saved(twice), 0, selector=":@1")
docker_case("no image", saved(b"[]"), 5, "expected 1 item, got 0")
docker_case("the list is null", saved(b"null"), 5, "expected 1 item, got 0")
docker_case("the list is an object", saved(b"{}"), 1, "expected an array")
docker_case("the list has a number for a layer", saved(docker(layers=[5])), 1, "expected an array of strings")
docker_case("more behind the list", saved(docker() + b"x"), 1, "unsupported-format")
docker_case("a list at its ceiling", saved(docker().ljust(1 << 20)), 0)
docker_case("a list over its ceiling", saved(docker().ljust((1 << 20) + 1)), 6, "exceeded maximum allowed size of 1048576 bytes")
docker_case("no list", saved()[:-1], 5, 'loading tar component "manifest.json"')
docker_case("no configuration", saved(docker("other.json")), 5, 'loading tar component "other.json"')
docker_case("a configuration that is not JSON", [member("config.json", b"{")] + saved(), 1, "decoding tar config")
docker_case("the first of two of one name counts", [*saved(), member("config.json", b"{")], 0)
docker_case("no rootfs", [member("config.json", b"{}")] + saved(), 1, "rootFS is not set")
docker_case("rootfs is null", [member("config.json", b'{"rootfs":{"diff_ids":["x"]},"rootfs":null}')] + saved(), 1,
            "rootFS is not set")
docker_case("fewer layers in the configuration", [member("config.json", b'{"rootfs":{"type":"layers"}}')] + saved(), 1,
            "Inconsistent layer count: 1 in manifest, 0 in config")
docker_case("a layer that is missing", saved()[1:], 1, "Some layer tarfiles are missing")
docker_case("a layer without a digest", [member("config.json", config.replace(digest(layer).encode(), b"../../x"))] + saved(), 1,
            "a layer of it has no digest", skopeo="-")
two_layers = config.replace(b'"]', b'","' + digest(config).encode() + b'"]')
docker_case("one member for two layers", [member("config.json", two_layers)] + saved(docker(layers=["layer.tar", "./layer.tar"])), 1,
            "used for two different DiffID values")
docker_case("one layer twice", [member("config.json", config.replace(b'"]', b'","' + digest(layer).encode() + b'"]'))]
            + saved(docker(layers=["layer.tar", "link"])), 0)
docker_case("a layer that is compressed", [member("layer.tar", gzip.compress(layer, mtime=0))] + saved(), 0)
docker_case("a layer that is compressed, and cut", [member("layer.tar", gzip.compress(layer, mtime=0)[:-30])] + saved(), 1,
            "unsupported-format")
docker_case("the configuration is a symlink", saved(docker("a/link")) + [
    member("a/link", kind=tarfile.SYMTYPE, target="../config.json")], 0)
docker_case("a symlink to a symlink", saved(docker("a")) + [
    member("a", kind=tarfile.SYMTYPE, target="b"), member("b", kind=tarfile.SYMTYPE, target="config.json")], 1, "not a regular file")
docker_case("a symlink out of it", saved(docker("a")) + [
    member("a", kind=tarfile.SYMTYPE, target="../../../etc/passwd")], 5, 'loading tar component "a"')
docker_case("a hard link", saved(docker("a")) + [member("a", kind=tarfile.LNKTYPE, target="config.json")], 1,
            "unexpected end of JSON input")
docker_case("a directory", saved(docker("a")) + [member("a", kind=tarfile.DIRTYPE)], 1, "not a regular file")
docker_case("a device beside it", saved() + [member("x", kind=tarfile.CHRTYPE)], 0)
docker_case("names that lead out", saved() + [member("../x", b"x"), member("/x", b"x")], 0)
docker_case("an absolute name is another", [member("/" + info.name, data) for info, data in saved()], 5,
            'loading tar component "manifest.json"')
docker_case("names that begin with ./", [member("./" + info.name, data) for info, data in saved()], 0)
docker_case("an OCI layout", tar(right), 5, 'loading tar component "manifest.json"')
docker_case("cut behind the list", tar([saved()[-1], *saved()])[:2048 + 700], 1, "unsupported-format")
for program in "gzip", "bzip2", "xz", "zstd":
    again = subprocess.run([program, "-qc"], input=tar(saved()), stdout=subprocess.PIPE, check=True).stdout
    docker_case(f"compressed by {program}", again, 0, skopeo="-" if program == "gzip" else "same")

sparse = subprocess.run(["bash", "-c", """
  cd "$1" && mkdir sparse && cd sparse && truncate -s 2G layer.tar && printf %s "$2" >config.json && printf %s "$3" >manifest.json &&
  tar -cSf ../sparse.tar manifest.json config.json layer.tar && tar -cSf ../sparse-old.tar --format=oldgnu *""", "-", top,
                         config.decode(), docker().decode()], check=True)
docker_case("a layer of two gigabytes that is sparse", lambda path: os.rename(top + "/sparse.tar", path), 0, skopeo="-")
docker_case("the same in the oldest way", lambda path: os.rename(top + "/sparse-old.tar", path), 0, skopeo="-")

# --- what programs write, and what readers differ on -------------------------------------------------------------------


def written(command):
    """The layout, and the files of "docker save", as a program writes them."""
    def make(path):
        source = path + "-source"
        for name, data in {**layout(), **{info.name: data for info, data in saved()}, "d" * 90 + "/" + "f" * 40: b"a long name",
                           "Grüße": b"another alphabet"}.items():
            os.makedirs(os.path.dirname(os.path.join(source, name)), exist_ok=True)
            with open(os.path.join(source, name), "wb") as file:
                file.write(data)
        subprocess.run(["bash", "-c", command, "-", path], cwd=source, check=True)
    return make


for transport in "oci-archive", "docker-archive":
    for format in "gnu", "oldgnu", "pax":
        case(transport, f"GNU tar writes {format}", written(f'tar --format={format} -cf "$1" *'), 0)
        case(transport, f"GNU tar writes {format} from the directory itself", written(f'tar --format={format} -cf "$1" .'), 0,
             skopeo="same" if transport == "oci-archive" else "-")
    for format in "ustar", "v7":
        case(transport, f"GNU tar writes {format}", written(f'tar --format={format} -cf "$1" blobs oci-layout *.json layer.tar'), 0)
    for format in "gnu", "pax":
        case(transport, f"GNU tar writes {format}, and looks for holes", written(
            f'truncate -s 1M zeros; echo x >>zeros; tar --format={format} -cSf "$1" *'), 0 if transport == "docker-archive" or format == "pax" else 1)
    case(transport, "GNU tar writes a label", written('tar -V label -cf "$1" *'), 1, skopeo="-")
    case(transport, "GNU tar writes a global header", written('tar --format=pax --pax-option=globexthdr.name=g,comment=x -cf "$1" *'), 0)
    if shutil.which("bsdtar"):
        for format in "ustar", "pax", "restricted", "gnutar":
            case(transport, f"bsdtar writes {format}", written(f'bsdtar --format={format.replace("restricted", "paxr")} -cf "$1" *'), 0)
        case(transport, "bsdtar writes v7tar", written('bsdtar --format=v7tar -cf "$1" blobs oci-layout *.json layer.tar'), 0)

fixtures = os.path.join(os.environ.get("top_srcdir", "."), "tests/fixtures/archives")
for name in sorted(os.listdir(fixtures)):
    if name.endswith(".tar.xz"):
        program, _, format = name[:-7].partition("-")
        for transport in "oci-archive", "docker-archive":
            if format == transport or not format.endswith("archive"):
                case(transport, f"{program} writes {format}",
                     subprocess.run(["xz", "-dc", os.path.join(fixtures, name)], stdout=subprocess.PIPE, check=True).stdout, 0)


def with_header(change, kind=tarfile.REGTYPE, data=b"", format=tarfile.USTAR_FORMAT, name="x"):
    """An archive of both kinds with one member more, in whose header something else stands."""
    info, _ = member(name, data, kind)
    block = bytearray(info.tobuf(format))
    for at, text in change.items():
        block[at:at + len(text)] = text
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data + bytes(-len(data) % 512) + tar(right + saved())


odd = [
    ("a directory by its name that has content", with_header({156: b"\0"}, data=b"x" * 600, name="x/")),
    ("a GNU header with a name where times are", with_header({345: b"manifest"}, format=tarfile.GNU_FORMAT)),
    ("a mode that says link", with_header({100: b"0120777\0"})),
    ("a directory with a length", with_header({124: b"00000001000\0"}, kind=tarfile.DIRTYPE)),
    ("a type that some do not know", with_header({156: b"7"})),
    ("a magic number that some do not know", with_header({257: b"ustar 00"})),
    ("a trailer of star", with_header({508: b"tar\0"})),
    ("holes as GNU tar wrote them first", tar([member("x", b"x", pax={"GNU.sparse.offset": "0"}), *right, *saved()])),
    ("a sparse name alone", tar([member("x", b"x", pax={"GNU.sparse.name": "y"}), *right, *saved()])),
]
for what, made in odd:
    for transport in "oci-archive", "docker-archive":
        case(transport, what, made, 1, "S12", skopeo="-")
both = tar(right + saved())
zipped = gzip.compress(both, mtime=0)
for transport in "oci-archive", "docker-archive":
    case(transport, "gzip, and a byte behind it", zipped + b"x", 1, "unsupported-format",
         skopeo="accepts" if transport == "oci-archive" else "-")
    case(transport, "gzip, and zeros behind it", zipped + bytes(512), 1, "there is data after the compressed stream",
         skopeo="accepts" if transport == "oci-archive" else "-")
    case(transport, "gzip with a flag that nobody knows", zipped[:3] + b"\x80" + zipped[4:], 1, "unsupported-format", skopeo="-")
    case(transport, "gzip with a checksum of its header", zipped[:3] + b"\x02" + zipped[4:10] + b"xx" + zipped[10:], 1, "unsupported-format")
    case(transport, "gzip that is cut at its end", zipped[:-4], 1, "S12", skopeo="-")
    case(transport, "gzip with a wrong checksum", zipped[:-5] + bytes([zipped[-5] ^ 1]) + zipped[-4:], 1, "S12", skopeo="-")
    case(transport, "gzip in two members", gzip.compress(both[:700], mtime=0) + gzip.compress(both[700:], mtime=0), 0, skopeo="-")
for program in "bzip2", "xz", "zstd":
    again = subprocess.run([program, "-qc"], input=both, stdout=subprocess.PIPE, check=True).stdout
    for transport in "oci-archive", "docker-archive":
        case(transport, f"{program}, and bytes behind it", again + b"rubbish", 1, "S12", skopeo="-")
        case(transport, f"{program}", again, 0, skopeo="-")

for row in rows:
    print("|".join(row))
