#!/bin/bash
# Helm charts by their provenance: files that gpg signs on the spot, and a chart that oras pushed (tests/fixtures/charts). Each rule
# has what breaks it and nothing else.
. "${top_srcdir:-.}/tests/cli/lib.sh"

charts=$(realpath "${top_srcdir:-.}/tests/fixtures/charts")
make_key gnupg bob; bob=$fingerprint
make_key gnupg alice; alice=$fingerprint
export GNUPGHOME=$work/gnupg
gpg --batch --quiet --armor --export alice@example.com >"$work/alice.asc"
cat "$work/alice.gpg" "$work/bob.gpg" >"$work/both.gpg"
cd "$work" || exit 1
shopt -s lastpipe

# pack DIRECTORY FILE: the archive of a chart.
pack() { tar --sort=name --mtime=@0 --owner=0 --group=0 -c "$1" | gzip -n >"$2"; }
# sum FILE: what a provenance says of it.
sum() { printf 'sha256:%s' "$(sha256sum <"$1" | cut -d' ' -f1)"; }
chart() { mkdir -p "$1/templates"; printf 'apiVersion: v2\nmaintainers:\n- name: Alice\n  email: a@example.com\nname: %s\nversion: %s\n' "${2:-demo}" "${3:-0.1.0}" >"$1/Chart.yaml"; echo 'a: 1' >"$1/templates/x.yaml"; }
# message: the text that is signed.
message() { cat demo/Chart.yaml; printf '\n...\nfiles:\n  demo-0.1.0.tgz: %s\n' "$(sum demo-0.1.0.tgz)"; }
sign() { rm -f "${out_file:-demo-0.1.0.tgz.prov}"; gpg --batch --quiet --pinentry-mode loopback --passphrase '' --local-user "${signer:-alice}@example.com" --digest-algo "${hash:-SHA512}" --clearsign --output "${out_file:-demo-0.1.0.tgz.prov}"; }
v() { run "$sigpolicy" chart verify "$@"; }
c() { v --keyring alice.gpg demo-0.1.0.tgz; }
# outcome STATUS REASON TEXT NAME
outcome() { exits "$1" "$4: exit $1"; says "$2: " "$4: $2"; [ -z "$3" ] || says "$3" "$4: says why"; }
good() { message | sign; }
# twin FILTER...: the good provenance, changed by sed.
twin() { good; sed -i "$@" demo-0.1.0.tgz.prov; c; }

chart demo; pack demo demo-0.1.0.tgz; good

# --- what is accepted, and how it is said ---
c; exits 0 "a chart"; is "$out" "accepted  demo-0.1.0.tgz  $(sum demo-0.1.0.tgz)
Signed by: alice <alice@example.com>
Using Key With Fingerprint: $alice
Chart Hash Verified: $(sum demo-0.1.0.tgz)" "the lines of helm verify"
v --keyring alice.asc demo-0.1.0.tgz; exits 0 "an armored keyring"
v --keyring bob.gpg --keyring alice.asc demo-0.1.0.tgz; exits 0 "two keyrings"
v --keyring both.gpg --signer "$alice" demo-0.1.0.tgz; exits 0 "a signer"
v --keyring both.gpg --signer "$(sed 's/..../& /g' <<<"${alice,,}")" demo-0.1.0.tgz; exits 0 "a signer as people write one"
v --keyring both.gpg --signer "$bob" --signer "$alice" demo-0.1.0.tgz; exits 0 "one of two signers"
v --keyring alice.gpg --format json demo-0.1.0.tgz; is "$(jq -r '.allowed, .signer.primary, .stated.name, .stated.version, .stated.digest == .digest, .reference' <<<"$out" | paste -sd' ')" "true $alice demo 0.1.0 true null" "JSON"
v --keyring alice.gpg --format jsonl demo-0.1.0.tgz; is "$(wc -l <<<"$out")" 1 "JSON in one line"
v --keyring alice.gpg --verbose demo-0.1.0.tgz; says "  version   0.1.0" "--verbose"
v --keyring alice.gpg --quiet demo-0.1.0.tgz; exits 0 "--quiet"; is "$out" "" "says nothing"
mv demo-0.1.0.tgz.prov elsewhere; v --keyring alice.gpg --prov elsewhere demo-0.1.0.tgz; exits 0 "--prov"
c; outcome 1 no-signature "" "a chart without a provenance"; says "--prov" "and how to name one"
v --keyring alice.gpg --prov nowhere demo-0.1.0.tgz; exits 5 "a provenance that is not there"
for hash in SHA256 SHA384; do good; c; exits 0 "$hash"; done; unset hash
good; sed -i 's/$/\r/' demo-0.1.0.tgz.prov; c; exits 0 "CRLF"
twin 's/^version: .*/& \t/; s/^\.\.\.$/... /'; exits 0 "white space at the ends of lines, which no signature covers"
good; { printf '\n \n'; cat demo-0.1.0.tgz.prov; printf '\n\n'; } >x; mv x demo-0.1.0.tgz.prov; c; exits 0 "white space around the block"
python3 - <<'END_PYTHON'
import gzip, struct, zlib
data = gzip.open("demo-0.1.0.tgz").read()
packer = zlib.compressobj(9, zlib.DEFLATED, -15)
extra = b"+aHR0cHM6Ly9leGFtcGxlLm9yZwo="
with open("helm.tgz", "wb") as out:
    out.write(b"\x1f\x8b\x08" + bytes([4 | 16]) + b"\0\0\0\0\0\xff" + struct.pack("<H", len(extra)) + extra + b"Helm\0")
    out.write(packer.compress(data) + packer.flush() + struct.pack("<II", zlib.crc32(data), len(data)))
END_PYTHON
cp demo-0.1.0.tgz plain.tgz; cp helm.tgz demo-0.1.0.tgz; good; c; exits 0 "an archive with the header that helm writes"; cp plain.tgz demo-0.1.0.tgz; good

# --- who signed ---
v --keyring bob.gpg demo-0.1.0.tgz; outcome 1 key-not-trusted "$alice" "another keyring"
v --keyring both.gpg --signer "$bob" demo-0.1.0.tgz; outcome 1 key-not-trusted "" "another signer"; says "--signer $alice" "and how to trust this one"
signer=bob good; c; outcome 1 key-not-trusted "" "another key"
v --keyring both.gpg demo-0.1.0.tgz; exits 0 "which is good in its keyring"
v --keyring nowhere.gpg demo-0.1.0.tgz; outcome 4 key-unusable "error  demo-0.1.0.tgz" "a keyring that is not there"
echo nothing >empty.gpg; v --keyring empty.gpg demo-0.1.0.tgz; outcome 4 key-unusable "" "a keyring without keys"
good; v --keyring "$charts/../expired.gpg" demo-0.1.0.tgz; outcome 1 key-not-trusted "" "an expired key that did not sign"
v --keyring "$charts/alice.gpg" --clock 2026-06-01T00:00:00Z "$charts/demo-0.1.0.tgz"; exits 0 "--clock"
v --keyring "$charts/alice.gpg" --clock 2025-06-01T00:00:00Z "$charts/demo-0.1.0.tgz"; exits 4 "before the key was made"
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --faked-system-time 20250101T000000 --quick-gen-key 'carol <carol@example.com>' ed25519 sign 1y 2>/dev/null
gpg --batch --quiet --export carol@example.com >carol.gpg
rm demo-0.1.0.tgz.prov; message | gpg --batch --quiet --pinentry-mode loopback --passphrase '' --faked-system-time 20250601T000000 --local-user carol@example.com --clearsign --output demo-0.1.0.tgz.prov 2>/dev/null
v --keyring carol.gpg --clock 2025-07-01T00:00:00Z demo-0.1.0.tgz; exits 0 "a key that is to expire"
v --keyring carol.gpg --clock 2026-07-01T00:00:00Z demo-0.1.0.tgz; outcome 1 expired "" "a key that has expired"

# Its user ID is text that somebody else chose.
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-gen-key "$(printf 'mallory \u202eevil <mallory@example.com>')" ed25519 sign never 2>/dev/null
gpg --batch --quiet --export mallory@example.com >mallory.gpg; signer=mallory good
v --keyring mallory.gpg demo-0.1.0.tgz; exits 0 "a user ID with a mark of direction"; says 'Signed by: mallory \xe2\x80\xaeevil <mallory@example.com>' "which is shown, and not obeyed"
# A key too short for today.
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-gen-key 'dave <dave@example.com>' rsa1024 sign never 2>/dev/null
gpg --batch --quiet --export dave@example.com >dave.gpg; signer=dave good
v --keyring dave.gpg demo-0.1.0.tgz; outcome 1 bad-signature "a weak algorithm" "RSA of 1024 bits"

# --- the signature ---
twin 's/^name: demo/name: Demo/'; outcome 1 bad-signature "does not verify" "a letter of the text"
twin '/^-----BEGIN PGP SIGNATURE/,$ { s/^\([A-Za-z0-9+\/]\{20\}\)A/\1B/; t; s/^\([A-Za-z0-9+\/]\{20\}\)[^A]/\1A/ }'; exits 1 "a letter of the signature"
rm demo-0.1.0.tgz.prov; message | gpg --batch --quiet --pinentry-mode loopback --passphrase '' --local-user alice@example.com --local-user bob@example.com --clearsign --output demo-0.1.0.tgz.prov
v --keyring both.gpg demo-0.1.0.tgz; outcome 1 bad-signature "more than one" "two signatures"
rm demo-0.1.0.tgz.prov; message | gpg --batch --quiet --pinentry-mode loopback --passphrase '' --allow-weak-digest-algos --local-user alice@example.com --digest-algo SHA1 --clearsign --output demo-0.1.0.tgz.prov; c; outcome 1 bad-signature "a hash that is not SHA256" "SHA-1"
hash=SHA224 good; c; outcome 1 bad-signature "" "another hash"; sed -i 's/^Hash: SHA224/Hash: SHA256/' demo-0.1.0.tgz.prov; c; exits 1 "which is called another one"

# --- what is around it ---
good; { echo 'files: {}'; cat demo-0.1.0.tgz.prov; } >x; mv x demo-0.1.0.tgz.prov; c; outcome 1 bad-signature "line 1: text before the signed block" "text before the block"
good; echo x >>demo-0.1.0.tgz.prov; c; outcome 1 bad-signature "text after the signed block" "text behind it"
good; cat demo-0.1.0.tgz.prov demo-0.1.0.tgz.prov >x; mv x demo-0.1.0.tgz.prov; c; outcome 1 bad-signature "a second block" "the same block twice"
twin '2s/^/Charset: x\n/'; outcome 1 bad-signature "a header of the signed text" "another header"
twin 's/^- - name/- name/'; exits 1 "a dash that is not escaped"
twin '/^-----END/d'; outcome 1 bad-signature "has no end" "a block without an end"
twin '0,/^...$/s/^\.\.\.$/&\n-----BEGIN PGP MESSAGE-----/'; outcome 1 bad-signature "a dash within the signed text" "armor within the text"
printf 'a\0b' >x; good; sed -i 's/^type/\x00&/' demo-0.1.0.tgz.prov; { cat demo-0.1.0.tgz.prov; } >x; sed -i '3s/^/\x00/' demo-0.1.0.tgz.prov; c; outcome 1 bad-signature "a NUL" "a NUL"
message >demo-0.1.0.tgz.prov; c; outcome 1 unsupported-format "not a clear-signed text" "a text that is not signed"
: >demo-0.1.0.tgz.prov; c; outcome 1 unsupported-format "" "an empty file"
rm demo-0.1.0.tgz.prov; message | gpg --batch --quiet --pinentry-mode loopback --passphrase '' --local-user alice@example.com --sign --armor --output demo-0.1.0.tgz.prov; c; outcome 1 unsupported-format "" "signed in another way"
# A text of its own in the armor of the signature: what is appended there is signed by nobody.
good; python3 - <<'END_PYTHON'
import base64, re
text = open("demo-0.1.0.tgz.prov").read()
head, body = text.split("-----BEGIN PGP SIGNATURE-----\n\n")
armor = re.sub(r"\n=.{4}\n", "\n", body).replace("-----END PGP SIGNATURE-----", "")
literal = b"b\0\0\0\0\0name: evil\n"
packets = base64.b64decode("".join(armor.split())) + bytes([0xcb, len(literal)]) + literal
open("demo-0.1.0.tgz.prov", "w").write(head + "-----BEGIN PGP SIGNATURE-----\n\n" + base64.b64encode(packets).decode() + "\n-----END PGP SIGNATURE-----\n")
END_PYTHON
c; outcome 1 bad-signature "no signature, or more than one" "a text in the armor of the signature"

# --- the two parts ---
signed() { sign; c; }
signed <demo/Chart.yaml; outcome 1 bad-signature "exactly two parts" "one part"
{ message; printf '...\nfiles: {}\n'; } | signed; outcome 1 bad-signature "exactly two parts" "three parts"
{ message; printf -- '---\nfiles: {}\n'; } | signed; outcome 1 bad-signature "exactly two parts" "a second document"
{ echo '... # x'; message; } | signed; outcome 1 bad-signature "exactly two parts" "a marker with a comment"
message | sed 's/^version: 0.1.0/&\nVersion: 0.2.0/' | signed; exits 0 "a key of another name"
message | sed 's/^version: 0.1.0/&\nversion: 0.1.0/' | signed; outcome 1 bad-signature "already defined" "a key that stands twice"
message | sed 's/^name: demo/name: \&x demo/' | signed; outcome 1 bad-signature "an anchor" "an anchor"
message | sed 's/^name: demo/a: \&x demo\nname: *x/' | signed; outcome 1 bad-signature "anchor" "an alias"
message | sed 's/^name: demo/name: !!str demo/' | signed; outcome 1 bad-signature "a tag" "a tag"
message | sed 's/^name: demo/name: demo\n<<: {a: b}/' | signed; outcome 1 bad-signature "a merge key" "a merge key"
message | sed 's/^name: demo/name: demo\n[a]: b/' | signed; outcome 1 bad-signature "a key that is no scalar" "a key that is a list"
message | sed 's/^name: .*/name: [/' | signed; outcome 1 bad-signature "the metadata of the chart" "no YAML"
for name in 'name: 7' 'name:' 'name: ../demo' 'name: a/b' 'nam: demo' 'name: [demo]' 'name: .demo'; do
  message | sed "s|^name: .*|$name|" | signed; outcome 1 bad-signature 'no "name" that is a word' "$name"
done
message | sed 's|^version: .*|version: 0.1|' | signed; outcome 1 bad-signature 'no "version" that is a word' "a version that is a number"
message | sed '/^files:/,$d' | signed; outcome 1 bad-signature "the sums of the provenance" "no sums"
{ message | sed '/^files:/,$d'; echo 'files: {}'; } | signed; outcome 1 bad-signature "exactly one file" "no file"
{ message; echo "  other-0.1.0.tgz: $(sum demo-0.1.0.tgz)"; } | signed; outcome 1 bad-signature "exactly one file" "two files"
{ message; printf 'images:\n  x: sha256:00\n'; } | signed; exits 0 "images, which say nothing of the chart"
message | sed 's/sha256:.*/\U&/' | signed; outcome 1 bad-signature "64 lower-case digits" "a sum in capitals"
message | sed 's/sha256:/sha512:/' | signed; outcome 1 bad-signature "64 lower-case digits" "a sum of another kind"
message | sed 's/sha256:/sha256:0/' | signed; outcome 1 bad-signature "64 lower-case digits" "a digit too many"

# --- the chart ---
message | sed 's/sha256:.*/sha256:'"$(printf '0%.0s' {1..64})"'/' | signed; outcome 1 digest-mismatch "sha256 sum does not match for demo-0.1.0.tgz" "another sum"
good; printf x >>demo-0.1.0.tgz; c; outcome 1 digest-mismatch "" "a byte more"; cp plain.tgz demo-0.1.0.tgz
message | sed 's/^  demo-0.1.0.tgz/  demo-0.2.0.tgz/' | signed; outcome 1 identity-mismatch 'provenance does not contain a SHA for a file named "demo-0.1.0.tgz"' "the sum of another file"
good; cp demo-0.1.0.tgz demo-0.2.0.tgz; cp demo-0.1.0.tgz.prov demo-0.2.0.tgz.prov
v --keyring alice.gpg demo-0.2.0.tgz; outcome 1 identity-mismatch 'a file named "demo-0.2.0.tgz"' "a file that was renamed"
cp demo-0.1.0.tgz demo-0.1.0.TGZ; v --keyring alice.gpg --prov demo-0.1.0.tgz.prov demo-0.1.0.TGZ; exits 1 "also in its case"
message | sed 's/^version: 0.1.0/version: 0.2.0/; s/^  demo-0.1.0/  demo-0.2.0/' >text; out_file=demo-0.2.0.tgz.prov sign <text
v --keyring alice.gpg demo-0.2.0.tgz; outcome 1 identity-mismatch 'the Chart.yaml within says "demo", version "0.1.0"' "a version that the chart does not say"
# archived NAME: demo/ is packed by the command on standard input's place, and signed.
archived() { gzip -n >demo-0.1.0.tgz; good; c; }
tar -c demo/templates | archived; outcome 1 unsupported-format "no Chart.yaml" "an archive without Chart.yaml"
chart other; tar -c demo other | archived; outcome 1 unsupported-format "more than one directory" "two directories"
tar -c -C demo Chart.yaml | archived; outcome 1 unsupported-format "" "no directory"
tar -c ./demo | archived; outcome 1 unsupported-format "no plain path" "a name that begins with a dot"
tar -c demo demo/Chart.yaml | archived; outcome 1 unsupported-format "" "Chart.yaml twice"
cp -r demo linked; mv linked/Chart.yaml linked/x; ln -s x linked/Chart.yaml; tar -c --transform 's,^linked,demo,;s,^x$,x,S' linked | archived; exits 1 "a Chart.yaml that is a link"
echo nothing | archived; exits 1 "what is no archive"
cp demo/Chart.yaml keep; printf 'name: demo\nversion: 0.1.0\nname: demo\n' >demo/Chart.yaml; tar -c demo >x.tar; cp keep demo/Chart.yaml; archived <x.tar; outcome 1 bad-signature "already defined" "a Chart.yaml with a key twice"
# The limits: of the archive, of what it unpacks to, of its Chart.yaml.
mib=$((1024 * 1024))
truncate -s $((100 * mib)) demo-0.1.0.tgz; c; outcome 1 digest-mismatch "" "an archive of 100 MiB"
truncate -s $((100 * mib + 1)) demo-0.1.0.tgz; c; outcome 6 limit "more than 104857600 bytes" "a byte more"
large=$((100 * mib - $(stat -c %s demo/Chart.yaml) - $(stat -c %s demo/templates/x.yaml)))
truncate -s $large demo/values; tar --sort=name -c demo | gzip -n1 >demo-0.1.0.tgz; good; c; exits 0 "what unpacks to 100 MiB"
truncate -s $((large + 1)) demo/values; tar --sort=name -c demo | gzip -n1 >demo-0.1.0.tgz; good; c; outcome 6 limit "more than 104857600 bytes" "and to a byte more"; rm demo/values
for more in 0 1; do
  { cat keep; head -c $((mib - $(stat -c %s keep) + more - 1)) /dev/zero | tr '\0' '#'; echo; } >demo/Chart.yaml; tar -c demo >x.tar; cp keep demo/Chart.yaml; archived <x.tar
  if [ $more -eq 0 ]; then exits 0 "a Chart.yaml of 1 MiB"; else outcome 6 limit "" "a byte more of Chart.yaml"; fi
done
cp plain.tgz demo-0.1.0.tgz; good
v --keyring alice.gpg nowhere-1.0.0.tgz; exits 5 "a chart that is not there"

# --- usage ---
v demo-0.1.0.tgz; exits 2 "no keyring"
v --keyring alice.gpg; exits 2 "no chart"
v --keyring alice.gpg demo-0.1.0.tgz demo-0.1.0.tgz; exits 2 "two charts"
v --keyring alice.gpg demo; exits 2 "a directory"; complains "NAME-VERSION.tgz" "is no chart"
v --keyring alice.gpg --signer ABCD demo-0.1.0.tgz; exits 2 "a short key ID"; complains "not a full fingerprint" "is no signer"
run "$sigpolicy" chart; exits 2 "no verb of charts"
run "$sigpolicy" chart show; exits 2 "another one"

# --- on a registry ---
serve() {
  jq '{"/v2/": {status: 200}} + . | "/v2/ns/demo/manifests/0.1.0" as $m | '"${1:-.}" "$charts/chart-plain.json" >script || fail "the filter $1"
  if [ "$servers" -gt 0 ]; then again 1 || fail "the scripted server is gone"; else start_server "$work/script"; fi
}
registries() { printf '[[registry]]\nprefix = "registry.example"\nlocation = "%s"\ninsecure = true\n' "$server" >registries.conf; }
mkdir registries.d
r() { run "$sigpolicy" chart verify --clock 2026-06-01T00:00:00Z --keyring "$charts/alice.gpg" --registries-conf registries.conf --registries.d registries.d "$@"; }
serve; registries
archive=$(sum "$charts/demo-0.1.0.tgz"); manifest=$(jq -r '."/v2/ns/demo/manifests/0.1.0".body' "$charts/chart-plain.json")
digest=sha256:$(printf %s "$manifest" | sha256sum | cut -d' ' -f1)
name=oci://registry.example/ns/demo:0.1.0
r "$name"; exits 0 "a chart of a registry"; says "accepted  $name  $digest" "the digest of its manifest"; says "Chart Hash Verified: $archive" "and of its archive"
is "$(jq -r .path "$requests" | grep -c "blobs/$archive")" 0 "which is not downloaded"
is "$(jq -r .path "$requests" | grep -c /blobs/)" 2 "two blobs are"
r --format json "$name"; is "$(jq -r '.reference, .manifest_digest, .digest' <<<"$out" | paste -sd' ')" "registry.example/ns/demo:0.1.0 $digest $archive" "JSON"
r "oci://registry.example/ns/demo@$digest"; exits 0 "by its digest"
r "oci://registry.example/ns/demo:0.1.0@$digest"; exits 0 "by both"
run "$sigpolicy" chart verify --keyring alice.gpg --registries-conf registries.conf --registries.d registries.d "$name"; outcome 1 key-not-trusted "" "another key"
r --offline "$name"; exits 6 "--offline"
r --prov x "$name"; exits 2 "--prov"
r oci://demo:0.1.0; exits 2 "no registry"; complains "add the registry" "is not guessed"
r oci://ns/demo:0.1.0; exits 2 "nor from a name that is none"
r oci://registry.example/ns/demo; exits 2 "no version"
r oci://registry.example/ns/demo:0.2.0; exits 5 "a version that is not there"
# changed FILTER: the manifest, as an object.
changed() { serve '.[$m].body |= (fromjson | '"$1"' | tojson)'; r "$name"; }
changed '.layers |= reverse'; exits 0 "layers in another order"
changed '.layers[1].mediaType |= . + "x"'; outcome 1 no-signature "pushed without its provenance file" "no provenance"
changed '.layers[0].mediaType = "application/tar+gzip"'; exits 0 "the older type of the archive"
changed '.layers[0].mediaType = "a/b"'; outcome 1 unsupported-format "no layer with the chart" "no archive"
changed '.layers += [.layers[0]]'; outcome 1 unsupported-format "two layers of one kind" "two archives"
changed '.layers += [.layers[1]]'; outcome 1 unsupported-format "two layers of one kind" "two provenances"
changed '.layers[0].digest = "sha256:'"$(printf '0%.0s' {1..64})"'"'; outcome 1 digest-mismatch "sha256 sum does not match" "another archive"
changed '.layers[0].digest = "sha256:x"'; outcome 1 unsupported-format "" "an archive without a digest"
changed '.Layers = []'; outcome 1 unsupported-format "is there twice" "layers twice"
changed '.manifests = []'; outcome 1 unsupported-format "ambiguous" "an index that it could be, too"
changed '.config.mediaType = "application/vnd.oci.image.config.v1+json"'; outcome 1 unsupported-format "this is not a chart" "an image"
serve '.["/v2/ns/demo/manifests/'"$digest"'"].body += " "'; r "oci://registry.example/ns/demo@$digest"; outcome 1 digest-mismatch "" "a manifest of another digest"
serve '.[$m].body += " "'; r "$name"; exits 0 "under its version, other white space"
serve 'with_entries(if (.value.base64 // "" | startswith("LS0tLS1")) then .value.base64 |= "LS0tLS1C" + .[8:-4] + "IA==" else . end)'; r "$name"; outcome 1 digest-mismatch "" "a provenance that is another blob"
serve 'with_entries(if (.value.base64 // "" | startswith("eyJuYW1l")) then .value.base64 = "e30=" else . end)'; r "$name"; outcome 1 digest-mismatch "" "a configuration that is another blob"
# with CONFIG: a configuration with its digest.
with() { printf %s "$1" >config; serve '.["/v2/ns/demo/blobs/'"$(sum config)"'"] = {status: 200, base64: "'"$(base64 -w0 config)"'"} | .[$m].body |= (fromjson | .config.digest = "'"$(sum config)"'" | tojson)'; r "$name"; }
with '{"name":"demo","version":"0.1.0"}'; exits 0 "a configuration of little"
with '{"name":"demo","version":"0.2.0"}'; outcome 1 identity-mismatch "the configuration says" "a configuration of another version"
with '{"name":"other","version":"0.1.0"}'; outcome 1 identity-mismatch "the configuration says" "of another chart"
with '{"name":"demo","version":"0.1.0","Version":"0.2.0"}'; outcome 1 unsupported-format "is there twice" "of two versions"
with '[]'; exits 1 "of none"
serve '.["/v2/ns/other/manifests/0.1.0"] = .[$m] | with_entries(.key |= sub("ns/demo/blobs"; "ns/other/blobs"))'; r oci://registry.example/ns/other:0.1.0; outcome 1 identity-mismatch "does not match registry.example/ns/other:0.1.0" "a repository of another name"
serve '.["/v2/ns/demo/manifests/0.2.0"] = .[$m]'; r oci://registry.example/ns/demo:0.2.0; outcome 1 identity-mismatch "" "a tag of another version"
serve '.[$m] = {status: 503, headers: [["Retry-After", "0"]]}'; r "$name"; exits 6 "a registry that is not well"
# A version with "+", and a mirror.
printf 'apiVersion: v2\nname: demo\nversion: 0.1.0+b.1\n' >plus; { cat plus; printf '\n...\nfiles:\n  demo-0.1.0+b.1.tgz: %s\n' "$archive"; } >text; out_file=plus.prov sign <text
printf '{"name":"demo","version":"0.1.0+b.1"}' >config
serve '.["/v2/ns/demo/blobs/'"$(sum config)"'"] = {status: 200, base64: "'"$(base64 -w0 config)"'"} | .["/v2/ns/demo/blobs/'"$(sum plus.prov)"'"] = {status: 200, base64: "'"$(base64 -w0 plus.prov)"'"}
  | .["/v2/ns/demo/manifests/0.1.0_b.1"] = (.[$m] | .body |= (fromjson | .config.digest = "'"$(sum config)"'" | .layers[1].digest = "'"$(sum plus.prov)"'" | tojson))'
printf '[[registry]]\nprefix = "registry.example"\nlocation = "127.0.0.1:1"\n[[registry.mirror]]\nlocation = "%s"\ninsecure = true\n' "$server" >registries.conf
run "$sigpolicy" chart verify --keyring alice.gpg --registries-conf registries.conf --registries.d registries.d "oci://registry.example/ns/demo:0.1.0+b.1"; exits 0 "a version with a plus, of a mirror"
nothing_left "after all that"
