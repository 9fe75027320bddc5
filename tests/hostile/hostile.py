# SPDX-License-Identifier: Apache-2.0
# hostile.py SIGPOLICY TOP WORK: each slot is a place that somebody else fills: a policy, a file's name, a server's answer, a key.
# Each hostile string is put there, each verb that meets it is run in each of its formats, and what it writes is read as its
# consumer reads it: a terminal and a reader of lines, XML, JSON, a GitHub runner, Prometheus. TAP.
import base64, io, itertools, json, os, re, shutil, subprocess, sys, tarfile, unicodedata
import xml.etree.ElementTree as ElementTree

sigpolicy, top, work = (os.path.abspath(it) for it in sys.argv[1:4])
fixtures = top + "/tests/fixtures"
image, reference = "dir:" + work + "/image", "docker://registry.example/ns/app:v1"
manifest = work + "/image/manifest.json"
os.chdir(work)

# What begins a line of ours, or a command of a runner, must not begin one of theirs. As bytes that are no UTF-8, too.
STRINGS = {
    "lines": "x\naccepted  FORGED\n::error::FORGED\r\n::warning::FORGED\raccepted  FORGED\n  line 3: FORGED\ninvalid alias \"FORGED\ninvalid short name \"FORGED",
    "controls": "x\x1b[2K\x1b[1Aaccepted\x1b]0;FORGED\x07\x7f\b\t\u009b31mFORGED\u0085",
    "marks": "x\u202eFORGED\u2066\u200f\u2028accepted\u2029\"><testcase name='FORGED'/>]]>&amp;%0A::error::FORGED\\u000a",
    "no UTF-8": os.fsdecode(b"x\xff\xfe\x9bFORGED\xc0\xaf\xed\xa0\x80"),
}
if os.environ.get("SIGPOLICY_TESTS_AGAIN"):
    # A further build of contrib/check prints what the first did, and is there for what it reads and writes in memory: the same
    # characters, in one string. Where they are no UTF-8, few readers come as far as to print it.
    broken = STRINGS.pop("no UTF-8")
    STRINGS = {"all": "".join(STRINGS.values()), "no UTF-8": broken}
count = 0


def tell(found, name):
    global count
    count += 1
    print(("not ok " if found else "ok ") + f"{count} - {name}")
    for line in found[:8]:
        print("# " + ascii(line)[:400])


# --- consumers --------------------------------------------------------------------------------------------------------

def shown(data, what):
    """To a terminal, and to who reads lines."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield f"{what}: {error}"
        return
    for line in text.split("\n"):
        bad = [char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")]
        if bad:
            yield f"{what}: {bad[0]!r} in {line!r}"
        if re.match(r'(accepted *|::\w+::|  line \d+: |invalid (alias|short name) ")?(\w+::)?FORGED', line):
            yield f"{what}: a line of theirs: {line!r}"


def read_json(text):
    json.loads(text.decode("utf-8"))


def read_lines(text):
    for line in text.decode("utf-8").split("\n"):
        if line:
            json.loads(line)


def read_xml(text):
    root = ElementTree.fromstring(text)
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        if int(suite.get("tests")) != len(cases) or any(case.get("name") == "FORGED" for case in cases):
            raise ValueError("a test case of theirs")


def read_github(text):
    for line in text.decode("utf-8").split("\n"):
        if line.startswith("::"):
            command = re.fullmatch(r"::(error|warning|notice|debug)(?: ((?:\w+=[^,:\r\n]*,?)+))?::(.*)", line)
            if not command or "FORGED" in command[1]:
                raise ValueError(line)
            if re.match(r"FORGED", command[3]):
                raise ValueError(line)


def read_prometheus(text):
    sample = re.compile(r'[a-z_]+(\{([a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? [-+0-9.e]+|# (HELP|TYPE) .*|')
    for line in text.decode("utf-8").split("\n"):
        if not sample.fullmatch(line):
            raise ValueError(line)


READERS = {"json": read_json, "jsonl": read_lines, "sarif": read_json, "junit": read_xml, "github": read_github,
           "gitlab": read_json, "prom": read_prometheus}
SHOWN_TOO = ("text", "github", "junit", "markdown", "prom")


def asked(arguments, formats=("text",), stdin=b"", env=None, statuses=range(8)):
    """What is wrong with the answers of one command in its formats."""
    for form in formats:
        command = [sigpolicy, *arguments, *(["--format", form] if form != "text" else [])]
        if "--" in arguments and form != "text":
            command = [sigpolicy, arguments[0], "--format", form, *arguments[1:]]
        done = subprocess.run([os.fsencode(it) for it in command], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={**os.environ, **(env or {})}, timeout=60)
        what = " ".join(arguments[:2]) + " " + form
        if done.returncode not in statuses:
            yield f"{what}: exit status {done.returncode}: {done.stderr!r}"
        yield from shown(done.stderr, what + ", standard error")
        # A patch is bytes.
        if form in SHOWN_TOO and "--dry-run" not in arguments:
            yield from shown(done.stdout, what)
        if done.stdout and form in READERS and not (form == "github" and done.returncode > 1):
            try:
                READERS[form](done.stdout)
            except (ValueError, ElementTree.ParseError) as error:
                yield f"{what}: {error}: {done.stdout!r}"


# --- worlds -----------------------------------------------------------------------------------------------------------

def write(name, data):
    path = os.path.join(work, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.fsencode(path), "wb") as out:
        out.write(os.fsencode(data) if isinstance(data, str) else data)
    return path


def spelled(value):
    """JSON in which the string stands as it is, escaped where JSON demands it."""
    return os.fsencode(json.dumps(value, ensure_ascii=False))


SIGNED = {"type": "signedBy", "keyType": "GPGKeys", "keyPath": fixtures + "/alice.gpg"}
ANY = [{"type": "insecureAcceptAnything"}]
AUDITS = ("text", "json", "jsonl", "sarif", "junit", "github", "prom")
VERDICTS = ("text", "json", "jsonl")


def with_policy(policy, name="policy.json"):
    """All that reads a policy."""
    path = policy if isinstance(policy, str) else write("root/" + name, spelled(policy))
    plain = write("plain.json", spelled({"default": [{"type": "reject"}]}))
    empty = work + "/none.d"
    os.makedirs(empty, exist_ok=True)
    there = ["--policy", path, "--registries.d", empty]
    yield from asked(["verify", *there, image], VERDICTS)
    yield from asked(["verify", *there, "--manifest", manifest, "--reference", reference, "--signature", fixtures + "/good.sig", "--verbose"], VERDICTS)
    yield from asked(["run", *there, image, "--", "true"])
    yield from asked(["explain", *there, reference], ("text", "json"))
    yield from asked(["explain", *there, image], ("text", "json"))
    yield from asked(["audit", "--root", work + "/root", "--policy", path[len(work + "/root"):], "--verbose"], AUDITS)
    for pair in ([path, plain], [plain, path]):
        yield from asked(["diff", "--verbose", *pair], VERDICTS)
    yield from asked(["trust", "show", *there], ("text", "json"))
    yield from asked(["trust", "show", "--details", *there], ("text", "json"))
    yield from asked(["image", "trust", "show", "--policypath", path, "--registrypath", empty], statuses=(0, 125))
    yield from asked(["trust", "set", "--dry-run", *there, "--type", "accept", "quay.example/ns"])
    yield from asked(["trust", "unset", "--dry-run", *there, "quay.example/ns"])


def policy_slots(evil):
    def one(transport, scope, *requirements):
        return {"default": [{"type": "reject"}], "transports": {transport: {scope: list(requirements)}}}
    yield "a scope of dir", one("dir", "/" + evil, SIGNED)
    yield "a scope of oci", one("oci", "/a/../" + evil, *ANY)
    yield "a scope of docker", one("docker", "registry.example/" + evil, *ANY)
    yield "a scope of containers-storage", one("containers-storage", "[vfs@/" + evil + "]", *ANY)
    yield "a transport", one(evil, "", *ANY)
    yield "a member of the policy", {"default": ANY, evil: 1}
    yield "a member of a requirement", {"default": [{**SIGNED, evil: evil}]}
    yield "a type", {"default": [{"type": evil}]}
    yield "a kind of keys", {"default": [{**SIGNED, "keyType": evil}]}
    yield "a key's path", {"default": [{**SIGNED, "keyPath": "/" + evil}]}
    yield "a key's path for docker", one("docker", "", {**SIGNED, "keyPath": work + "/" + evil})
    yield "key data", {"default": [{"type": "signedBy", "keyType": "GPGKeys", "keyData": evil}]}
    yield "an identity's type", {"default": [{**SIGNED, "signedIdentity": {"type": evil}}]}
    yield "an identity's reference", one("docker", "", {**SIGNED, "signedIdentity": {"type": "exactReference", "dockerReference": evil}})
    yield "an identity's prefix", one("docker", "", {**SIGNED, "signedIdentity": {"type": "remapIdentity", "prefix": evil, "signedPrefix": evil}})
    fulcio = {"caPath": fixtures + "/sigstore-made/root.pem", "oidcIssuer": evil, "subjectEmail": evil}
    yield "an issuer and a subject", one("docker", "", {"type": "sigstoreSigned", "fulcio": fulcio, "rekorPublicKeyPath": "/" + evil})
    yield "a subject of a PKI", one("docker", "", {"type": "sigstoreSigned", "pki": {"caRootsPath": fixtures + "/sigstore-made/root.pem", "subjectHostname": evil}})


def registries(evil):
    """registries.d, registries.conf, and names of their files."""
    policy = write("signed.json", spelled({"default": [SIGNED]}))
    for number, text in enumerate((
            {"docker": {"registry.example/" + evil: {"lookaside": "https://127.0.0.1:1"}}},
            {"docker": {"registry.example": {"lookaside": "https://127.0.0.1:1/" + evil}}},
            {"docker": {"registry.example": {"lookaside": evil, evil: evil}}},
            {evil: {}}, {"docker": evil})):
        shutil.rmtree("hostile.d", ignore_errors=True)
        # YAML takes what JSON escapes.
        write("hostile.d/x.yaml", json.dumps(text))
        there = ["--policy", policy, "--registries.d", work + "/hostile.d"]
        yield from asked(["explain", *there, reference], ("text", "json"))
        yield from asked(["verify", *there, "--manifest", manifest, "--reference", reference], VERDICTS)
        yield from asked(["audit", "--root", work, "--policy", "/signed.json", "--registries.d", "/hostile.d"], AUDITS)
        yield from asked(["trust", "show", *there], ("text", "json"))
    shutil.rmtree("hostile.d", ignore_errors=True)
    if "\0" not in evil and "/" not in evil:
        write("hostile.d/" + evil + ".yaml", 'docker: {registry.example: {lookaside: "ftp://x"}}')
        yield from asked(["explain", *there, reference], ("text", "json"))
        yield from asked(["audit", "--root", work, "--policy", "/signed.json", "--registries.d", "/hostile.d"], AUDITS)
    for line in ("location = %s\n", "prefix = %s\nlocation = 'a.example'\n", "location = 'registry.example'\n[[registry.mirror]]\nlocation = %s\n"):
        conf = write("registries.conf", "[[registry]]\n" + line % json.dumps(evil))
        there = ["--policy", policy, "--registries-conf", conf]
        yield from asked(["explain", *there, reference], ("text", "json"))
        yield from asked(["audit", "--root", work, "--policy", "/signed.json", "--registries-conf", "/registries.conf"], AUDITS)


def names(evil):
    """What is on the command line, and in files of lines."""
    if "\0" in evil:
        return
    policy = write("any.json", spelled({"default": ANY}))
    there = ["--policy", policy]
    for argument in (evil, "docker://" + evil, "docker://registry.example/ns/app:" + evil, "dir:" + work + "/" + evil, "oci:" + work + "/" + evil + ":" + evil,
                     evil + ":x", "containers-storage:" + evil, "containers-storage:[vfs@/" + evil + "]x", "docker-archive:" + work + "/" + evil):
        yield from asked(["verify", *there, argument], VERDICTS)
        yield from asked(["explain", *there, argument], ("text", "json"))
        yield from asked(["signatures", argument], ("text", "json"))
    yield from asked(["verify", *there, "--as", evil, image], VERDICTS)
    yield from asked(["verify", *there, "--digest", evil, image], VERDICTS)
    for option in ("--manifest", "--signature", "--signature-dir", "--batch", "--clock", "--override-arch", "--reader", "--bundles", "--trusted-root"):
        yield from asked(["verify", *there, option, evil, "--reference", reference])
    yield from asked(["verify", *there, "--all-local", "[vfs@/" + evil + "]"], VERDICTS)
    yield from asked(["verify", *there, "--containers", evil], VERDICTS)
    yield from asked([evil])
    yield from asked(["verify", "--" + evil])
    yield from asked(["help", evil])
    yield from asked(["trust", "set", "--dry-run", *there, "--type", "reject", "dir:/" + evil])
    yield from asked(["trust", "set", "--dry-run", *there, "--type", evil, "quay.example"])
    yield from asked(["trust", "show", *there, evil], ("text", "json"))
    yield from asked(["manifest-digest", evil])
    yield from asked(["standalone-verify", evil, evil, evil, evil])
    yield from asked(["verify-bundle", "--bundle", evil, "--key", evil, evil])
    yield from asked(["chart", "verify", "--keyring", evil, evil])
    yield from asked(["chart", "verify", "--keyring", evil, "--prov", evil, evil + ".tgz"], ("text", "json"))
    yield from asked(["chart", "verify", "--keyring", evil, "--signer", evil, "oci://" + evil])
    yield from asked(["diff", evil, policy], VERDICTS)
    yield from asked(["diff", "--references", write("references", evil + "\n"), policy, policy], VERDICTS)
    yield from asked(["hook", "containerd", "-name", evil, "-digest", evil, "-stdin-media-type", evil], stdin=os.fsencode(evil))
    yield from asked(["hook", "oci"], stdin=os.fsencode(evil))
    lines = [spelled({"id": evil, "image": image}), spelled({"id": 1, "image": "dir:" + evil, "reference": evil}), spelled({evil: evil})]
    yield from asked(["verify", *there, "--batch", write("batch", b"\n".join(lines) + b"\n")], ("text", "jsonl"))
    yield from asked(["verify", *there, "--batch", write("batch", evil + "\n")], ("text", "jsonl"))
    yield from asked(["audit", "--root", work + "/root", "--suppressions", write("suppressions", evil + "\nscope-short-name until=2027-01-01 " + evil + "\n")], AUDITS)
    yield from asked(["audit", "--root", work + "/root", "--baseline", write("baseline", evil)])
    for variable in ("SIGPOLICY_READER", "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF", "REGISTRY_AUTH_FILE", "SIGPOLICY_OPENPGP"):
        yield from asked(["verify", *there, "--all-local"], VERDICTS, env={variable: evil})
        yield from asked(["explain", reference], ("text", "json"), env={variable: evil})
    if "/" not in evil:
        named = write("root/" + evil, spelled({"default": [{**SIGNED, "keyPath": evil}]}))
        yield from with_policy(named)
        write(evil + ".d/manifest.json", open(manifest, "rb").read())
        shutil.copy(fixtures + "/forged.sig", os.fsencode(evil + ".d/signature-1"))
        signed = ["--policy", write("signed.json", spelled({"default": [SIGNED]}))]
        yield from asked(["verify", *signed, "dir:" + work + "/" + evil + ".d"], VERDICTS)
        yield from asked(["signatures", "dir:" + work + "/" + evil + ".d"], ("text", "json"))
        yield from asked(["verify", *there, "--print-ref", "dir:" + work + "/" + evil + ".d"])


def signed_text(text):
    return subprocess.run(["gpg", "--batch", "--quiet", "--local-user", "alice@example.com", "--sign"], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout


def signatures(evil):
    """What is signed, and what stands beside it."""
    policy = write("signed.json", spelled({"default": [{**SIGNED, "keyPath": work + "/alice.gpg"}], "transports": {"docker": {"registry.example/s": [
        {"type": "sigstoreSigned", "keyPath": fixtures + "/sigstore/cosign.pub"}]}}}))
    digest = "sha256:" + "0" * 64
    blobs = []
    for claims in ({"critical": {"type": "atomic container signature", "image": {"docker-manifest-digest": digest}, "identity": {"docker-reference": evil}}, "optional": {"creator": evil, evil: evil}},
                   {"critical": {"type": evil, "image": {"docker-manifest-digest": evil}, "identity": {"docker-reference": evil}}, "optional": None},
                   {"critical": {evil: evil}, evil: 1}):
        text = spelled(claims)
        framed = {"mimeType": "application/vnd.dev.cosign.simplesigning.v1+json", "payload": base64.b64encode(text).decode(), "annotations": {"dev.cosignproject.cosign/signature": evil, evil: evil}}
        blobs += [signed_text(text), b"\0sigstore-json\n" + spelled(framed), b"\0sigstore-json\n" + spelled({**framed, "mimeType": evil})]
    blobs += [signed_text(os.fsencode(evil)), b"\0" + os.fsencode(evil) + b"\n{}", os.fsencode(evil)]
    for blob in blobs:
        there = ["--manifest", manifest, "--signature", write("evil.sig", blob)]
        for name in (reference, "docker://registry.example/s/app:v1"):
            yield from asked(["verify", "--policy", policy, "--reference", name, *there], VERDICTS)
        yield from asked(["signatures", "--reference", reference, *there], ("text", "json"))
        yield from asked(["standalone-verify", "--public-key-file", work + "/alice.gpg", manifest, "registry.example/ns/app:v1", "any", work + "/evil.sig"])


def keys(evil):
    """Who a certificate names; user IDs are in mallory.gpg."""
    subject = evil.replace("\\", "").replace("/", "|").encode("utf-8", "surrogateescape").decode("latin-1") if "FORGED" in evil else evil
    conf = write("openssl.conf", "[req]\ndistinguished_name=dn\n[dn]\n")
    done = subprocess.run([b"openssl", b"req", b"-x509", b"-newkey", b"ec", b"-pkeyopt", b"ec_paramgen_curve:P-256", b"-nodes", b"-keyout", b"evil.key",
                           b"-out", b"evil.pem", b"-config", conf.encode(), b"-days", b"36500", b"-subj", b"/O=" + subject.encode("latin-1", "replace") + b"/CN=root"], stderr=subprocess.PIPE)
    if done.returncode == 0:
        yield from with_policy({"default": [{"type": "reject"}], "transports": {"docker": {"registry.example/ns": [
            {"type": "sigstoreSigned", "pki": {"caRootsPath": work + "/evil.pem", "subjectEmail": "a@example.com"}}]}}})
    yield from with_policy({"default": [{"type": "reject"}], "transports": {"docker": {"registry.example/ns": [{**SIGNED, "keyPath": work + "/mallory.gpg"}]}}})
    written = write("evil.pub", "-----BEGIN " + evil + "-----\n" + evil + "\n-----END " + evil + "-----\n")
    yield from with_policy({"default": [{"type": "reject"}], "transports": {"docker": {"": [{"type": "sigstoreSigned", "keyPath": written}, {**SIGNED, "keyPath": written}]}}})


def layouts(evil):
    """Layouts, archives, manifests, podman's store."""
    there = ["--policy", write("any.json", spelled({"default": ANY}))]
    data = open(manifest, "rb").read()
    for text in (spelled({"schemaVersion": 2, "mediaType": evil, "config": {}, "layers": []}), spelled({evil: evil}), os.fsencode(evil),
                 spelled({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [{"mediaType": evil, "digest": evil, "size": 1, "platform": {"architecture": evil, "os": evil}}]})):
        write("odd/manifest.json", text)
        yield from asked(["verify", *there, "dir:" + work + "/odd"], VERDICTS)
        yield from asked(["verify", *there, "--all-platforms", "dir:" + work + "/odd"], VERDICTS)
        yield from asked(["manifest-digest", work + "/odd/manifest.json"])
    import hashlib
    digest = hashlib.sha256(data).hexdigest()
    write("layout/blobs/sha256/" + digest, data)
    write("layout/oci-layout", '{"imageLayoutVersion":"1.0.0"}')
    for descriptor in ({"mediaType": evil}, {"digest": evil}, {"annotations": {"org.opencontainers.image.ref.name": evil}}, {evil: evil}):
        write("layout/index.json", spelled({"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + digest, "size": len(data), **descriptor}]}))
        for name in ("oci:" + work + "/layout", "oci:" + work + "/layout:v1"):
            yield from asked(["verify", *there, name], VERDICTS)
    for tags, member in (([evil], "config.json"), (["registry.example/ns/app:v1"], evil)):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", errors="surrogateescape") as archive:
            config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
            for name, content in (("manifest.json", spelled([{"Config": member, "RepoTags": tags, "Layers": []}])), ("config.json", config), ("x" + evil.replace("\0", ""), b"")):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        write("docker.tar", packed.getvalue())
        for name in ("docker-archive:docker.tar", "docker-archive:docker.tar:registry.example/ns/app:v1", "oci-archive:docker.tar"):
            yield from asked(["verify", *there, name], VERDICTS)
    identity = "a" * 64
    for record in ({"names": [evil]}, {"metadata": evil}, {"id": evil}, {"big-data-names": [evil], "big-data-digests": {evil: evil, "manifest": evil}}):
        write(f"store/vfs-images/{identity}/manifest", data)
        write("store/vfs-images/images.json", spelled([{"id": identity, "names": ["registry.example/ns/app:v1"], **record}]))
        write("store/vfs-containers/containers.json", spelled([{"id": "c" * 64, "names": [evil], "image": identity, "metadata": json.dumps({"image-name": evil})}, {"id": evil, "image": evil}]))
        store = "[vfs@" + work + "/store]"
        yield from asked(["verify", *there, "--all-local", store], VERDICTS)
        yield from asked(["verify", *there, "--containers", store], VERDICTS)
        yield from asked(["verify", *there, "containers-storage:" + store + "registry.example/ns/app:v1"], VERDICTS)
    conf = write("storage.conf", "[storage]\ndriver = %s\ngraphroot = %s\n" % (json.dumps(evil), json.dumps("/" + evil)))
    yield from asked(["verify", *there, "--all-local"], VERDICTS, env={"CONTAINERS_STORAGE_CONF": conf})


def bundles(evil):
    good = json.load(open(fixtures + "/bundles/dsse-p256.json"))
    roots = json.load(open(fixtures + "/bundles/trusted_root.json"))
    key = fixtures + "/bundles/p256.pub"
    statement = {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": evil, "digest": {"sha256": "0" * 64, evil: evil}}], "predicateType": evil, "predicate": {evil: evil}}
    for changed in ({"mediaType": evil}, {evil: evil}, {"verificationMaterial": {evil: evil}}, {"verificationMaterial": {"publicKey": {"hint": evil}}},
                    {"dsseEnvelope": {**good["dsseEnvelope"], "payloadType": evil}}, {"dsseEnvelope": {**good["dsseEnvelope"], "payload": base64.b64encode(spelled(statement)).decode()}}):
        path = write("evil.bundle", spelled({**good, **changed}))
        yield from asked(["verify-bundle", "--bundle", path, "--key", key, "--trusted-root", fixtures + "/bundles/no-logs.json", manifest], ("text", "json"))
        yield from asked(["verify-bundle", "--bundle", path, "--certificate-identity", evil.replace("\0", ""), "--certificate-oidc-issuer", evil.replace("\0", ""), "--trusted-root", fixtures + "/bundles/trusted_root.json", manifest], ("text", "json"))
        yield from asked(["signatures", "--reference", reference, "--manifest", manifest, "--signature", path], ("text", "json"))
    for changed in ({"mediaType": evil}, {evil: evil}, {"tlogs": [{**roots["tlogs"][0], "baseUrl": evil}]}):
        yield from asked(["verify-bundle", "--bundle", fixtures + "/bundles/file-logged.json", "--key", key, "--trusted-root", write("roots.json", spelled({**roots, **changed})), fixtures + "/bundles/artifact.txt"], ("text", "json"))


def servers(evil):
    """A registry's answers. A header is a line: what would end it is the server's own affair."""
    policy = write("signed.json", spelled({"default": [SIGNED]}))
    line = evil.replace("\n", "\t").replace("\r", "\t").encode("utf-8", "surrogateescape").decode("latin-1")
    data = base64.b64encode(open(manifest, "rb").read()).decode()
    oci = ["Content-Type", "application/vnd.oci.image.manifest.v1+json"]
    error = {"errors": [{"code": evil, "message": evil, "detail": evil}]}
    ping = {"/v2/": {"status": 200, "body": "{}"}}
    answers = [
        {**ping, "*": {"status": 404, "body": json.dumps(error)}},
        {**ping, "*": {"status": 400, "headers": [["Content-Type", line]], "base64": base64.b64encode(os.fsencode(evil)).decode()}},
        {**ping, "*": {"status": 302, "headers": [["Location", "https://" + line]]}},
        {**ping, "*": {"status": 200, "headers": [["Content-Type", line]], "base64": data}},
        {**ping, "*": {"status": 200, "headers": [oci, ["Docker-Content-Digest", line]], "base64": base64.b64encode(os.fsencode(evil)).decode()}},
        {**ping, "*": {"status": 418, "headers": [["Retry-After", line], ["Warning", line]], "body": json.dumps(error)}},
        {"/v2/": {"status": 401, "headers": [["WWW-Authenticate", f'Bearer realm="http://127.0.0.1:{{PORT}}/token",service="{line}",scope="{line}",error_description="{line}"']]},
         "/token": {"status": 403, "body": json.dumps({"details": evil, "error": evil, "error_description": evil})}, "*": {"status": 401}},
        {"/v2/": {"status": 401, "headers": [["WWW-Authenticate", line], ["WWW-Authenticate", f'Bearer realm="{line}"']]}, "*": {"status": 401}},
    ]
    write("script", json.dumps(answers[0]))
    server = subprocess.Popen([sys.executable, top + "/tests/support/server.py", work + "/script", work + "/requests"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        name = "docker://127.0.0.1:" + server.stdout.readline().strip() + "/ns/app:v1"
        for script in answers:
            write("script", json.dumps(script))
            server.stdin.write("\n")
            server.stdin.flush()
            server.stdout.readline()
            there = ["--registries.d", work + "/none.d", "--tls-verify=false"]
            yield from asked(["verify", "--policy", policy, *there, "--verbose", name], ("text", "json"))
            yield from asked(["verify", "--policy", policy, *there, name, "--print-ref"])
            yield from asked(["signatures", *there, name], ("text", "json"))
    finally:
        server.stdin.close()
        server.wait()


os.makedirs("root/etc/containers", exist_ok=True)
write("root/etc/containers/policy.json", '{"default":[{"type":"reject"}],"transports":{"docker":{"busybox":[{"type":"reject"}]}}}')
for kind, evil in STRINGS.items():
    for slot, policy in policy_slots(evil):
        tell(list(with_policy(policy)), f"{slot}: {kind}")
for (kind, evil), slot in itertools.product(STRINGS.items(), (registries, names, signatures, keys, layouts, bundles, servers)):
    tell(list(slot(evil)), f"{slot.__name__}: {kind}")
print(f"1..{count}")
