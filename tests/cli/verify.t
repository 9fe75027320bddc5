#!/bin/bash
# The native verbs: exit statuses, output, bad input. Everything is made on the spot with gpg alone.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice; alice=$fingerprint
make_key gnupg bob
export GNUPGHOME=$work/gnupg
make_image "$work/img"
name=docker://registry.example/ns/app:v1
digest=$(digest_of "$work/img/manifest.json")
sign() { "$sigpolicy" standalone-sign "$1" "${2#docker://}" "${3:-alice@example.com}" -o "$4"; }
sign "$work/img/manifest.json" "$name" alice@example.com "$work/img/signature-1" || fail "signing"
cp -r "$work/img" "$work/unsigned"; rm "$work/unsigned/signature-1"
key='{"type":"signedBy","keyType":"GPGKeys","keyPath":"'$work'/alice.gpg"}'
policy "$key" >"$work/policy.json"
policy "${key/alice.gpg/bob.gpg}" >"$work/bob.json"
policy '{"type":"reject"}' >"$work/reject.json"
policy '{"type":"insecureAcceptAnything"}' >"$work/accept.json"
mkdir "$work/registries.d"
v() { run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" "$@"; }

# --- accepted ---
v --as "$name" "dir:$work/img"
exits 0 "a signed image is accepted"
says "accepted  $name  $digest" "the first line has verdict, name and digest"
says "$work/policy.json:1  docker \"\"  (signedBy)" "the policy line names file, line, scope and requirement"
says "good: by $alice" "the signer is named"
v --print-ref --as "$name" "dir:$work/img"
is "$out" "registry.example/ns/app@$digest" "--print-ref prints the pinned reference alone"
v --quiet --as "$name" "dir:$work/img"
is "$out$err$status" "0" "--quiet says nothing"
v --manifest "$work/img/manifest.json" --signature "$work/img/signature-1" --reference "$name"
exits 0 "the same on plain files"
v --manifest - --signature "$work/img/signature-1" --reference "$name" <"$work/img/manifest.json"
exits 0 "the manifest on standard input"
v --manifest "$work/img/manifest.json" --signature - --reference "$name" <"$work/img/signature-1"
exits 0 "the signature on standard input"
v --manifest "$work/img/manifest.json" --signature-dir "$work/img" --reference "$name"
exits 0 "signatures of a directory"
v --manifest "$work/img/manifest.json" --signature "$work/img/signature-1" --reference "docker://registry.example/ns/app:v1@$digest"
exits 0 "a name with tag and digest is judged by its digest"
complains 'the tag "v1" is ignored' "and says so"
mkdir -p "$work/la/ns/app@${digest/:/=}"
cp "$work/img/signature-1" "$work/la/ns/app@${digest/:/=}/"
printf 'docker:\n  registry.example/ns:\n    lookaside: file://%s/la\n' "$work" >"$work/registries.d/x.yaml"
v --manifest "$work/img/manifest.json" --reference "$name"
exits 0 "a signature found through registries.d"
v --format json --as "$name" "dir:$work/img"
is "$(jq -r '.schema, .allowed, .reason, .digest, .pinned, .policy.transport, .requirements[0].signatures[0].claimed.reference, .not_checked[0]' <<<"$out" | paste -sd' ')" \
  "sigpolicy-verdict/1 true accepted $digest registry.example/ns/app@$digest docker registry.example/ns/app:v1 layers" "the verdict as JSON"
v --format jsonl --as "$name" "dir:$work/img"
is "$(wc -l <<<"$out")" 1 "JSON Lines is one line"

# A list: the instance of this platform is judged, under the name of the list.
mkdir "$work/list"
instance=${digest#sha256:}
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":1,"platform":{"architecture":"amd64","os":"linux"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d,"platform":{"architecture":"s390x","os":"linux"}}]}' \
  "$(printf '0%.0s' {1..64})" "$digest" "$(stat -c %s "$work/img/manifest.json")" >"$work/list/manifest.json"
cp "$work/img/manifest.json" "$work/list/$instance.manifest.json"
cp "$work/img/signature-1" "$work/list/$instance.signature-1"
v --override-arch s390x --print-ref --as "$name" "dir:$work/list"
is "$out" "registry.example/ns/app@$digest" "of a list, the instance of the platform is judged and pinned"
v --override-arch s390x --format json --as "docker://registry.example/ns/app@$(digest_of "$work/list/manifest.json")" "dir:$work/list"
is "$(jq -r '.allowed, .digest, .list_digest' <<<"$out" | paste -sd' ')" "true $digest $(digest_of "$work/list/manifest.json")" "the digest in the name is that of the list"
v --override-arch amd64 --as "$name" "dir:$work/list"
exits 5 "an instance that is not in the directory"
v --override-arch mips --as "$name" "dir:$work/list"
exits 1 "a platform that is not in the list"
says 'no image found in image index for architecture "mips"' "is named"
v --override-arch s390x --as "docker://registry.example/ns/app@$digest" "dir:$work/list"
exits 1 "the digest of the instance is not that of the list"
v --manifest "$work/list/manifest.json" --signature "$work/img/signature-1" --reference "$name"
exits 1 "a list that is given as a file is judged as those bytes"

# --- rejected: 1 ---
rejected() { exits 1 "$1: exit 1"; says "rejected  " "$1: says rejected"; says "$2: " "$1: the reason is $2"; }
v --as docker://registry.example/ns/app:v2 "dir:$work/img"; rejected "another tag" identity-mismatch
says "hint" "another tag: there is a hint"
v "dir:$work/img"; rejected "a dir: image without a name" identity-mismatch
says "--as docker://NAME" "a dir: image without a name: the hint names --as"
v --as "$name" "dir:$work/unsigned"; rejected "no signature" no-signature
says "A signature was required, but no signature exists" "no signature: the established text"
says "looked at" "no signature: where it was looked is told"
run "$sigpolicy" verify --policy "$work/bob.json" --as "$name" "dir:$work/img"; rejected "an unknown key" key-not-trusted
run "$sigpolicy" verify --policy "$work/reject.json" --as "$name" "dir:$work/img"; rejected "reject" rejected-by-rule
says "Running image $name is rejected by policy." "reject: the established text"
cp -r "$work/img" "$work/tampered"; printf ' ' >>"$work/tampered/manifest.json"
v --as "$name" "dir:$work/tampered"; rejected "a tampered manifest" digest-mismatch
cp -r "$work/img" "$work/forged"
python3 - "$work/forged/signature-1" <<'P'
import sys
data = bytearray(open(sys.argv[1], 'rb').read()); data[-3] ^= 4
open(sys.argv[1], 'wb').write(data)
P
v --as "$name" "dir:$work/forged"; rejected "one bit of the signature" bad-signature
run "$sigpolicy" verify --policy "$work/accept.json" --as "docker://registry.example/ns/app@sha256:$(printf '0%.0s' {1..64})" "dir:$work/img"
rejected "a digest that is not that of the bytes, whatever the policy" digest-mismatch
run "$sigpolicy" verify --policy "$work/accept.json" --require-signed --as "$name" "dir:$work/img"; rejected "--require-signed" not-signed-enough
printf 'junk' >"$work/img/signature-2"
v --as "$name" "dir:$work/img"; rejected "an unparsable signature among good ones" bad-signature
rm "$work/img/signature-2"
v --print-ref --as "$name" "dir:$work/unsigned"
is "$out" "" "--print-ref prints nothing when rejected"
complains "no-signature" "but the reason on standard error"
v --format json --as "$name" "dir:$work/unsigned"
is "$(jq -r '.allowed, .pinned, .exit_status' <<<"$out" | paste -sd' ')" "false null 1" "a rejection as JSON"
v --warn-only --as "$name" "dir:$work/unsigned"
exits 0 "--warn-only exits 0"
says "rejected  " "--warn-only still says rejected"
(cd "$work" && gpg --batch --quiet --yes -u alice --armor --output armored.asc --sign img/manifest.json)
v --manifest "$work/img/manifest.json" --signature "$work/armored.asc" --reference "$name"; rejected "an armored signature" bad-signature
(printf '\0simple-signing\n'; cat "$work/armored.asc") >"$work/wrapped.sig"
v --manifest "$work/img/manifest.json" --signature "$work/wrapped.sig" --reference "$name"; rejected "an armored signature in a frame" unsupported-format
says "[stricter: S1]" "names the stricter rule"
printf '{"schemaVersion":1,"signatures":[]}' >"$work/schema1.json"
run "$sigpolicy" verify --policy "$work/accept.json" --manifest "$work/schema1.json" --reference docker://registry.example/a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
rejected "signed schema 1 under a digest" unsupported-format
printf '{"type":"sigstoreSigned","keyPath":"/k"}' | { read -r r; policy "$r" >"$work/sigstore.json"; }
printf '\0sigstore-json\n{"mimeType":"application/vnd.dev.cosign.simplesigning.v1+json","payload":"e30=","annotations":{}}' >"$work/sigstore.sig"
run "$sigpolicy" verify --policy "$work/sigstore.json" --manifest "$work/img/manifest.json" --signature "$work/sigstore.sig" --reference "$name"
exits 4 "a missing key of a sigstore requirement"

# --- usage: 2 ---
usage() { exits 2 "$1"; }
run "$sigpolicy"; usage "no verb"
run "$sigpolicy" frobnicate; usage "an unknown verb"
v; usage "no image"
v --frobnicate "dir:$work/img"; usage "an unknown option"
v --manifest "$work/img/manifest.json"; usage "a manifest without a name"
v --as "$name" --reference "$name" "dir:$work/img"; usage "two names"
v --as "dir:/x" "dir:$work/img"; usage "--as takes docker:// names"
v --format xml "dir:$work/img"; usage "an unknown format"
v --print-ref "dir:$work/img"; usage "--print-ref without a docker name"
v --clock tomorrow "dir:$work/img"; usage "a bad --clock"
v --insecure-policy --require-signed "dir:$work/img"; usage "--insecure-policy with --require-signed"
v quay.io/ns/app:v1; usage "a name without a transport"
says "docker://quay.io/ns/app:v1" "which is told the right spelling"
v "docker://Quay.io/NS/app"; usage "an invalid reference"
v "$(printf 'dir:%05000d' 0)"; usage "a name above the ceiling"

# --- policy and registries.d: 3 ---
config() { exits 3 "$1"; says "config-error" "$1: the reason is config-error"; }
p() { printf '%s' "$1" >"$work/bad.json"; run "$sigpolicy" verify --policy "$work/bad.json" --as "$name" "dir:$work/img"; }
run "$sigpolicy" verify --policy "$work/none.json" "dir:$work/img"; config "a missing policy"
p ''; config "an empty policy"
p '{"default":[{"type":"reject"}],}'; config "a trailing comma"
p $'{\n  // comment\n  "default":[{"type":"reject"}]}'; config "a comment"
says "comment" "a comment is named"
p $'\xef\xbb\xbf{"default":[{"type":"reject"}]}'; config "a byte order mark"
p '{"default":[{"type":"reject"}],"Transports":{}}'; config "an unknown key"
says 'did you mean "transports"' "an unknown key: did you mean"
p '{"default":[{"type":"signedby"}]}'; config "an unknown type"
says 'did you mean "signedBy"' "an unknown type: did you mean"
run "$sigpolicy" verify --policy "$work" "dir:$work/img"; config "a directory as policy"
mkfifo "$work/fifo"
run timeout 20 "$sigpolicy" verify --policy "$work/fifo" "dir:$work/img"; config "a FIFO as policy"
ln -s loop "$work/loop"
run "$sigpolicy" verify --policy "$work/loop" "dir:$work/img"; config "a symlink loop as policy"
printf 'docker: [' >"$work/registries.d/bad.yaml"
v --manifest "$work/img/manifest.json" --reference "$name"; config "broken registries.d"
rm "$work/registries.d/bad.yaml"
HOME=$work/nohome run "$sigpolicy" verify "dir:$work/img"
[ -e /etc/containers/policy.json ] || config "no policy anywhere"
mkdir -p "$work/home/.config/containers"; cp "$work/accept.json" "$work/home/.config/containers/policy.json"
run "$sigpolicy" verify "dir:$work/img"; exits 0 "the user's policy is found"
run env CONTAINERS_POLICY_JSON="$work/reject.json" "$sigpolicy" verify "dir:$work/img"; exits 0 "CONTAINERS_POLICY_JSON is not followed"
complains "a newer podman would read $work/reject.json" "but told"
run "$sigpolicy" verify --insecure-policy "dir:$work/img"; exits 0 "--insecure-policy"
complains "no policy was read" "--insecure-policy warns"

# --- keys: 4 ---
keys() { exits 4 "$1"; }
k() { policy "$1" >"$work/k.json"; run "$sigpolicy" verify --policy "$work/k.json" --as "$name" "dir:$work/img"; }
k "${key/alice.gpg/none.gpg}"; keys "a missing key file"
says "open $work/none.gpg: no such file or directory" "is named"
: >"$work/empty.gpg"; k "${key/alice.gpg/empty.gpg}"; keys "an empty key file"
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --export-secret-keys alice@example.com >"$work/secret.gpg"
k "${key/alice.gpg/secret.gpg}"; keys "a secret key in the keyring"
k "${key/alice.gpg/gnupg\/pubring.kbx}"; keys "a keybox file"
says "gpg --export" "a keybox file: what to do"
run timeout 20 "$sigpolicy" verify --policy <(:) "dir:$work/img"; exits 3 "a pipe as policy"
k "${key/alice.gpg/fifo}"; keys "a FIFO as key file"

# --- not found: 5, could not find out: 6 ---
v --as "$name" "dir:$work/nowhere"; exits 5 "a missing image"
v --manifest "$work/none" --reference "$name"; exits 5 "a missing manifest"
v --manifest "$work/img/manifest.json" --signature "$work/none" --reference "$name"; exits 5 "a missing signature file"
v docker://registry.example/ns/app:v1; exits 6 "a registry"
says "could-not-look" "a registry: could-not-look"
printf 'docker:\n  registry.example/ns:\n    lookaside: https://registry.example/la\n' >"$work/registries.d/x.yaml"
v --manifest "$work/img/manifest.json" --reference "$name"; exits 6 "a lookaside on a server is not 'no signature'"
printf 'docker:\n  registry.example/ns:\n    lookaside: file://%s/img/manifest.json\n' "$work" >"$work/registries.d/x.yaml"
v --manifest "$work/img/manifest.json" --reference "$name"; exits 6 "a lookaside below a file (ENOTDIR) is not 'no signature'"
mkdir "$work/full"; cp -r "$work/img/." "$work/full"; rm "$work/full/signature-1"; mkfifo "$work/full/signature-1"
run timeout 20 "$sigpolicy" verify --policy "$work/policy.json" --as "$name" "dir:$work/full"
[ "$status" -ne 0 ] && [ "$status" -ne 124 ] && pass "a FIFO as signature ends at once" || fail "a FIFO as signature" "exit $status"
mkdir "$work/leaving"; cp -r "$work/img/." "$work/leaving"; rm "$work/leaving/signature-1"; ln -s "$work/img/signature-1" "$work/leaving/signature-1"
v --as "$name" "dir:$work/leaving"; exits 1 "a link that leaves the image directory"
TMPDIR=/proc/nowhere run "$sigpolicy" verify --policy "$work/policy.json" --as "$name" "dir:$work/img"
exits 6 "an unusable TMPDIR"

# --- explain and signatures ---
run "$sigpolicy" explain --policy "$work/policy.json" --registries.d "$work/registries.d" "$name"
exits 0 "explain"
says 'docker "registry.example/ns/app:v1"  is not in the policy' "explain shows the candidates"
says 'docker ""  decides (line 1)' "and the one that decides"
says "must be signed by the GPG key" "and what is required"
is "$(awk 'length > 80 && !/manifest.json|registries.d|scope|decides/' <<<"$out")" "" "in lines of 80 columns"
says "$work/registries.d/x.yaml:3" "and which line tells where signatures are"
run "$sigpolicy" explain --policy "$work/policy.json" --registries.d "$work/registries.d" --format json "$name"
is "$(jq -r '.candidates | map(select(.decides)) | .[0].scope' <<<"$out")" "" "explain as JSON"
run "$sigpolicy" signatures "dir:$work/img"
exits 0 "signatures"
says "UNVERIFIED" "signatures are marked as unverified"
says 'claims to be for "registry.example/ns/app:v1"' "with what they claim"
run "$sigpolicy" signatures --format json "dir:$work/img"
is "$(jq -r '.signatures[0] | .verified, .untrusted_digest' <<<"$out" | paste -sd' ')" "false $digest" "signatures as JSON"
run "$sigpolicy" signatures "dir:$work/unsigned"; exits 0 "an image without signatures is listed"

# --- help ---
for verb in "" verify run explain signatures standalone-verify standalone-sign manifest-digest untrusted-signature-dump-without-verification; do
  run "$sigpolicy" $verb --help
  exits 0 "--help of '$verb'"
  [ "$(wc -l <<<"$out")" -le 24 ] && pass "--help of '$verb' fits a screen" || fail "--help of '$verb' has $(wc -l <<<"$out") lines"
done

# --- nothing is shown that a terminal obeys ---
run "$sigpolicy" verify --policy "$work/policy.json" --as "$(printf 'docker://a\033[31m')" "dir:$work/img"
case $out$err in *$'\033'*) fail "an escape sequence is shown" ;; *) pass "escape sequences are escaped" ;; esac

nothing_left "verify"
