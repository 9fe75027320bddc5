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
says "accepted: by $alice" "the signer is named"
says "signer    alice <alice@example.com>, key file $work/alice.gpg, does not expire" "with the user ID, the key file and its expiry"
run "$sigpolicy" verify --policy "$work/accept.json" "dir:$work/unsigned"
says "accepted (unsigned)  dir:$work/unsigned" "an image that nothing is required of"
run "$sigpolicy" verify --color always --policy "$work/policy.json" --as "$name" "dir:$work/img"
says $'\033[1;32maccepted\033[0m' "--color always"
run env NO_COLOR=1 "$sigpolicy" verify --color always --policy "$work/policy.json" --as "$name" "dir:$work/img"
says $'\033[1;32maccepted\033[0m' "whatever NO_COLOR says"
run "$sigpolicy" verify --color never --policy "$work/policy.json" --as "$name" "dir:$work/img"
case $out in *$'\033'*) fail "--color never" ;; *) pass "--color never" ;; esac
run "$sigpolicy" verify --color sometimes "dir:$work/img"; exits 2 "another --color"
run bash -c '"$@" | true; exit "${PIPESTATUS[0]}"' - "$sigpolicy" verify --policy "$work/policy.json" --as "$name" "dir:$work/img"
is "$status $err" "0 " "a closed pipe is no error"
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
says "--as docker://registry.example/ns/app:v1" "a dir: image without a name: the hint names --as"
v --as "$name" "dir:$work/unsigned"; rejected "no signature" no-signature
says "A signature was required, but no signature exists" "no signature: the established text"
says "searched" "no signature: where it was looked is told"
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
v --warn-only --print-ref --as "$name" "dir:$work/unsigned"
exits 0 "--warn-only and --print-ref exit 0"
is "$out" "" "and name nothing that was rejected"
(cd "$work" && gpg --batch --quiet --yes -u alice --armor --output armored.asc --sign img/manifest.json)
v --manifest "$work/img/manifest.json" --signature "$work/armored.asc" --reference "$name"; rejected "an armored signature" bad-signature
(printf '\0simple-signing\n'; cat "$work/armored.asc") >"$work/wrapped.sig"
v --manifest "$work/img/manifest.json" --signature "$work/wrapped.sig" --reference "$name"; rejected "an armored signature in a frame" unsupported-format
says "[stricter: S1]" "names the stricter rule"
printf '{"schemaVersion":1,"signatures":[]}' >"$work/schema1.json"
run "$sigpolicy" verify --policy "$work/accept.json" --manifest "$work/schema1.json" --reference docker://registry.example/a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
rejected "signed schema 1 under a digest" unsupported-format
run "$sigpolicy" verify --policy "$work/accept.json" --manifest "$work/schema1.json" --reference docker://registry.example/a:v1 --print-ref
exits 1 "signed schema 1 has no reference to print"; is "$out" "" "and none is printed"
# What is no manifest is none, whatever the policy.
u() { run "$sigpolicy" verify --policy "$work/accept.json" --print-ref --manifest - --reference docker://registry.example/a:v1; is "$out" "" "$1: nothing is printed"; }
u "nothing" </dev/null; exits 5 "an empty standard input"; complains "standard input is empty" "is said to be that"
u "a page" <<<"<html>Please log in</html>"; exits 1 "a page"; complains "a page of HTML" "is named"
u "a configuration" <<<'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'; exits 1 "an image's configuration"; complains "the configuration of an image" "is named"
u "a summary" <<<'{"Name":"x","Digest":"sha256:0","RepoTags":[],"LayersData":[]}'; exits 1 "what skopeo inspect says"; complains "a summary by 'skopeo inspect'" "is named"
u "an ambiguous list" <<<'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"CONFIG":{}}'; exits 1 "a list with a configuration"; complains "rejecting ambiguous manifest" "is ambiguous"
: >"$work/empty.json"; run "$sigpolicy" verify --policy "$work/accept.json" --manifest "$work/empty.json" --reference docker://registry.example/a:v1; exits 5 "an empty file"
# Signatures that gpg does not read.
v --manifest "$work/img/manifest.json" --signature "${top_srcdir:-.}/tests/fixtures/openpgp-v6.sig" --reference "$name"; rejected "an OpenPGP signature of version 6" unsupported-format
says "OpenPGP version 6" "is named"
printf '{"type":"sigstoreSigned","keyPath":"/k"}' | { read -r r; policy "$r" >"$work/sigstore.json"; }
printf '\0sigstore-json\n{"mimeType":"application/vnd.dev.cosign.simplesigning.v1+json","payload":"e30=","annotations":{}}' >"$work/sigstore.sig"
run "$sigpolicy" verify --policy "$work/sigstore.json" --manifest "$work/img/manifest.json" --signature "$work/sigstore.sig" --reference "$name"
exits 4 "a missing key of a sigstore requirement"

# --- few descriptors: the answer is open, and nothing is said of the policy or of gpg ---
wrong=
for descriptors in 4 5 6 7 8 9 10 11 12 14 16 20 24; do
  got=$(ulimit -n "$descriptors"; "$sigpolicy" verify --policy "$work/policy.json" --as "$name" "dir:$work/img" 2>&1); status=$?
  case $status in 0|6|127) ;; *) wrong+=" $descriptors:$status" ;; esac
done
is "$wrong" "" "with few descriptors the exit status is 0 or 6"

# --- usage: 2 ---
usage() { exits 2 "$1"; }
run "$sigpolicy"; usage "no verb"
run "$sigpolicy" frobnicate; usage "an unknown verb"
v; usage "no image"
v --frobnicate "dir:$work/img"; usage "an unknown option"
v --polic policy.json "dir:$work/img"; usage "the beginning of an option's name"; complains "unknown option '--polic': did you mean '--policy'?" "is named, and not its value"
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
TMPDIR=/proc/nowhere SIGPOLICY_OPENPGP= run "$sigpolicy" verify --policy "$work/policy.json" --as "$name" "dir:$work/img"
exits 0 "an unusable TMPDIR: a plain signature needs no temporary directory"
TMPDIR=/proc/nowhere SIGPOLICY_OPENPGP=gpg run "$sigpolicy" verify --policy "$work/policy.json" --as "$name" "dir:$work/img"
exits 6 "an unusable TMPDIR, where gpg is to be asked"

# --- once by a key, without a policy ---
k() { run "$sigpolicy" verify --registries.d "$work/registries.d" "$@"; }
mkdir -p "$HOME/.config/containers"; cp "$work/reject.json" "$HOME/.config/containers/policy.json"
k --key "$work/alice.gpg" --as "$name" "dir:$work/img"
exits 0 "--key: signed by this key, whatever the policy says"
says "policy    none; --key requires a simple signature by a GPG key in $work/alice.gpg" "which is said"
says "matchRepoDigestOrExact" "and how the name is compared"
k --key "$work/bob.gpg" --as "$name" "dir:$work/img"
exits 1 "--key: not by another"
says "key-not-trusted: " "and why"
says "and --key names $work/bob.gpg" "and what was given"
k --key "$work/alice.gpg" --as "$name" "dir:$work/unsigned"
exits 1 "--key: nor unsigned"
k --key "$work/alice.gpg" --as docker://registry.example/ns/other:v1 "dir:$work/img"
exits 1 "--key: nor for another repository"
k --key "$work/alice.gpg" --as docker://registry.example/ns/app:v2 "dir:$work/img"
exits 1 "--key: nor, by a GPG key, for another tag"
case $out in *'trust set'*) fail "and no policy is to be changed for it" "$out" ;; *) pass "and no policy is to be changed for it" ;; esac
k --key "$work/alice.gpg" --identity matchRepository --as docker://registry.example/ns/app:v2 "dir:$work/img"
exits 0 "--identity: unless it is asked for so"
says "(matchRepository)" "which is said"
k --key "$work/alice.gpg" --format json --as "$name" "dir:$work/img"
is "$(jq -r '.policy | .path, .key, .identity' <<<"$out" | paste -sd' ')" "null $work/alice.gpg matchRepoDigestOrExact" "--key as JSON"
hint=$(jq -r .hint.command <<<"$out")
says "sigpolicy trust set registry.example/ns/app --type signedBy" "with the command that makes it permanent"
run bash -c "${hint/sigpolicy/\"$sigpolicy\"}"
exits 0 "which is followed"
k --as "$name" "dir:$work/img"
exits 0 "and then the policy accepts it"
k --as "$name" "dir:$work/unsigned"
exits 1 "and nothing else"
rm -r "$HOME/.config"
fixtures=${top_srcdir:-.}/tests/fixtures
pem() { k --key "$fixtures/sigstore/$1.pub" --manifest "$fixtures/manifest.json" --signature "$fixtures/sigstore/$2.sig" --reference "$name" "${@:3}"; }
pem cosign by-cosign-cosign
exits 0 "--key: a public key in PEM"
says "(matchRepository)" "for the repository, as cosign signs"
pem skopeo by-cosign-cosign
exits 1 "--key: not by another one"
pem cosign by-cosign-cosign-forged-payload
exits 1 "--key: nor a forged one"
pem cosign by-cosign-cosign --identity matchRepoDigestOrExact
exits 1 "--identity: nor without the tag that is asked for"
while read -r wanted words arguments; do
  # shellcheck disable=SC2086
  k $arguments
  exits "$wanted" "refused: $arguments"
  complains "${words//_/ }" "says: ${words//_/ }"
done <<END
2 only_once --key $work/alice.gpg --key $work/bob.gpg dir:$work/img
2 cannot_be_used_with_--policy --key $work/alice.gpg --policy $work/policy.json dir:$work/img
2 cannot_be_used_with_--policy --key $work/alice.gpg --insecure-policy dir:$work/img
2 cannot_be_used_with_--batch --key $work/alice.gpg --batch -
2 cannot_be_used_with_--batch --key $work/alice.gpg --all-local
2 needs_--key --identity matchExact dir:$work/img
2 the_identity_must_be --key $work/alice.gpg --identity exact dir:$work/img
2 dockerReference --key $work/alice.gpg --identity exactReference=A:b dir:$work/img
4 no_such_file --key $work/none.gpg dir:$work/img
4 neither_a_GPG_key --key $work/policy.json dir:$work/img
END

# --- explain and signatures ---
run "$sigpolicy" explain --policy "$work/policy.json" --registries.d "$work/registries.d" "$name"
exits 0 "explain"
says 'docker "registry.example/ns/app:v1"  is not in the policy' "explain shows the candidates"
says 'docker ""  matches (line 1)' "and the one that decides"
says "must be signed by the GPG key" "and what is required"
is "$(awk 'length > 80 && !/manifest.json|registries.d|scope|matches/' <<<"$out")" "" "in lines of 80 columns"
says "$work/registries.d/x.yaml:3" "and which line tells where signatures are"
run "$sigpolicy" explain --policy "$work/policy.json" --registries.d "$work/registries.d" --format json "$name"
is "$(jq -r '.candidates | map(select(.decides)) | .[0].scope' <<<"$out")" "" "explain as JSON"
run "$sigpolicy" signatures "dir:$work/img"
exits 0 "signatures"
says "UNVERIFIED" "signatures are marked as unverified"
says 'states the name "registry.example/ns/app:v1"' "with what they claim"
run "$sigpolicy" signatures --format json "dir:$work/img"
is "$(jq -r '.signatures[0] | .verified, .untrusted_digest' <<<"$out" | paste -sd' ')" "false $digest" "signatures as JSON"
run "$sigpolicy" signatures "dir:$work/unsigned"; exits 0 "an image without signatures is listed"

# --- help ---
while read -r -a words; do
  run "$sigpolicy" help "${words[@]}"
  exits 0 "help ${words[*]-}"
  is "$(wc -l <<<"$out" | awk '$1 > 45')$(grep -E '.{81}' <<<"$out")" "" "help ${words[*]-}: fits into 45 lines of 80 columns"
  case ${words[*]-} in options) ;; *) says "
  " "help ${words[*]-}: has an example" ;; esac
  [ "${words[*]-}" = options ] && continue
  same=$out
  run "$sigpolicy" "${words[@]}" --help
  is "$out" "$same" "${words[*]-} --help says the same"
done < <(echo; echo options
  sed -nE 's/^  \{ "([a-z -]+)",?.*/\1/p' "$top_srcdir/src/cli/verbs.c")
for question in version --version "verify --version"; do
  run "$sigpolicy" $question
  is "$out" "sigpolicy $(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$top_builddir/config.h")" "$question"
done
run "$sigpolicy" verfy
exits 2 "a misspelt verb"
complains "did you mean 'verify'?" "the verb that was meant"
run "$sigpolicy" verify --polcy=x dir:x
exits 2 "a misspelt option"
complains "did you mean '--policy'?" "the option that was meant"
run "$sigpolicy" verify --nothing-like-it dir:x
is "$(grep -c 'did you mean' <<<"$err")" 0 "nothing is guessed where nothing is near"
run "$sigpolicy" help trut
complains "did you mean 'trust'?" "help for a verb that was meant"

# --- the name that was meant ---
cd "$work" || exit
mkdir -p layout some; touch layout/oci-layout archive.tar
while read -r wanted given meant; do
  run "$sigpolicy" verify --policy "$work/reject.json" "$given"
  exits "$wanted" "no name of an image: $given"
  says "hint      " "$given: has a hint"
  says "${meant//_/ }" "$given: ${meant//_/ }"
done <<END
2 dcoker://quay.io/x/y:v1 did_you_mean_docker://quay.io/x/y:v1?
2 Docker://quay.io/x:v1 did_you_mean_docker://quay.io/x:v1?
2 containers-storag:x did_you_mean_containers-storage:x?
2 oci-archve:/x.tar did_you_mean_oci-archive:/x.tar?
2 ocl:/x did_you_mean_oci:/x?
2 ostree-image-signed:docker://quay.io/x/y docker://quay.io/x/y
2 https://quay.io/ns/app:v1 docker://quay.io/ns/app:v1?
2 http://localhost:5000/app docker://localhost:5000/app?
2 https://hub.docker.com/r/ns/app docker://docker.io/ns/app?
2 https://hub.docker.com/_/busybox docker://docker.io/library/busybox?
2 https://quay.io/repository/ns/app/ docker://quay.io/ns/app?
2 docker://https://quay.io/ns/app:v1 docker://quay.io/ns/app:v1?
2 docker:quay.io/ns/app:v1 docker://quay.io/ns/app:v1
2 docker:/quay.io/ns/app docker://quay.io/ns/app
2 quay.io/ns/app:v1 docker://quay.io/ns/app:v1
2 registry:5000/x/y:v1 docker://registry:5000/x/y:v1
2 nginx:v1 docker://docker.io/library/nginx:v1
2 img dir:img
2 ./img dir:./img
2 $work/layout oci:$work/layout
2 archive.tar docker-archive:archive.tar,_or_oci-archive:archive.tar
2 ./nowhere dir:./nowhere
2 some docker://docker.io/library/some
5 oci://quay.io/ns/app:v1 docker://quay.io/ns/app:v1
6 docker-daemon:x docker_save
6 docker-daemon:x:v1 docker_save
6 atomic:x docker://HOST
6 tarball:missing skopeo_copy_tarball
6 sif:$work/x skopeo_copy_sif
6 ostree:x oci:PATH
END
for given in https://x docker://UP/x oci:/nowhere/x dir:/nowhere 'oci:x:UP PER'; do
  run "$sigpolicy" verify --policy "$work/reject.json" "$given"
  case $out in *docker.io*) fail "$given: is not an image of docker.io" "$out" ;; *) pass "$given: nothing is guessed" ;; esac
done
run "$sigpolicy" verify --policy "$work/reject.json" docker-daemon:x
says "undecided  docker-daemon:x" "what cannot be read is undecided"

# --- nothing is shown that a terminal obeys ---
run "$sigpolicy" verify --policy "$work/policy.json" --as "$(printf 'docker://a\033[31m')" "dir:$work/img"
case $out$err in *$'\033'*) fail "an escape sequence is shown" ;; *) pass "escape sequences are escaped" ;; esac

nothing_left "verify"
