#!/bin/bash
# Real skopeo and docker-registry: what they sign, we verify; what we sign, they verify; and both judge alike.
. "${top_srcdir:-.}/tests/cli/lib.sh"

command -v skopeo >/dev/null && command -v docker-registry >/dev/null || { count=1; echo "not ok 1 - skopeo and docker-registry are installed"; exit 0; }

make_key gnupg alice; alice=$fingerprint
make_key gnupg bob; bob=$fingerprint
make_key gnupg carol rsa2048
export GNUPGHOME=$work/gnupg
start_registry
repository=$registry/ns/app
la=$work/lookaside
mkdir "$work/registries.d"
printf 'docker:\n  %s:\n    lookaside: file://%s\n    lookaside-staging: file://%s\n' "$registry" "$la" "$la" >"$work/registries.d/local.yaml"
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/accept.json"

skopeo() { command skopeo --registries.d "$work/registries.d" "$@"; }
push() { # push TAG [KEY...]: one copy for each key, so that signatures add up
  local tag=$1 key; shift
  make_image "$work/src-$tag" "$tag"
  [ $# -gt 0 ] || skopeo --policy "$work/accept.json" copy -q --preserve-digests --dest-tls-verify=false "dir:$work/src-$tag" "docker://$repository:$tag"
  for key in "$@"; do
    skopeo --policy "$work/accept.json" copy -q --preserve-digests --dest-tls-verify=false --sign-by "$key" "dir:$work/src-$tag" "docker://$repository:$tag"
  done
}

check "skopeo pushes an unsigned image" push unsigned
check "skopeo signs an image" push good "$alice"
check "skopeo signs with an RSA key" push rsa carol@example.com
check "skopeo signs with another key" push other "$bob"
check "skopeo signs twice" push both "$bob" "$alice"
check "skopeo signs an image for a wrong name" push wrongname "$alice"
check "skopeo signs an image to be tampered with" push tampered "$alice"
check "skopeo signs an image whose signature will break" push broken "$alice"
check "skopeo signs an image whose second signature is junk" push junk "$alice"

place() { echo "$la/ns/app@sha256=$(sha256sum <"$work/src-$1/manifest.json" | cut -d' ' -f1)"; }
# A signature for :good in the place of another image, and the other way round.
cp "$(place good)/signature-1" "$(place wrongname)/signature-1"
flip() { python3 - "$1" "$2" <<'P'
import sys
data = bytearray(open(sys.argv[1], 'rb').read())
data[int(sys.argv[2])] ^= 1
open(sys.argv[1], 'wb').write(data)
P
}
flip "$(place broken)/signature-1" -5
printf 'not a signature' >"$(place junk)/signature-2"
# The tampered image: other bytes under the same tag, with the old signature moved along.
old=$(place tampered)
rm -r "$work/src-tampered"
make_image "$work/src-tampered" "something else"
skopeo --policy "$work/accept.json" copy -q --preserve-digests --dest-tls-verify=false "dir:$work/src-tampered" "docker://$repository:tampered"
mkdir -p "$(place tampered)"
cp "$old/signature-1" "$(place tampered)/"

key() { printf '{"type":"signedBy","keyType":"GPGKeys","keyPath":"%s/%s.gpg"%s}' "$work" "$1" "${2:+,\"signedIdentity\":$2}"; }
cat "$work/alice.gpg" "$work/bob.gpg" >"$work/both.gpg"
GNUPGHOME=$work/gnupg gpg --batch --armor --export alice@example.com >"$work/armored.gpg"
: >"$work/empty.gpg"

declare -A policies=(
  [alice]=$(policy "$(key alice)")
  [bob]=$(policy "$(key bob)")
  [rsa]=$(policy "$(key carol)")
  [armored]=$(policy "$(key armored)")
  [keyring-of-two]=$(policy "$(key both)")
  [alice-and-bob]=$(policy "$(key alice)" "$(key bob)")
  [repository]=$(policy "$(key alice '{"type":"matchRepository"}')")
  [exact]=$(policy "$(key alice '{"type":"matchExact"}')")
  [exact-reference]=$(policy "$(key alice "{\"type\":\"exactReference\",\"dockerReference\":\"$repository:good\"}")")
  [exact-repository]=$(policy "$(key alice "{\"type\":\"exactRepository\",\"dockerRepository\":\"$repository\"}")")
  [other-repository]=$(policy "$(key alice "{\"type\":\"exactRepository\",\"dockerRepository\":\"$registry/ns/other\"}")")
  [remapped]=$(policy "$(key alice "{\"type\":\"remapIdentity\",\"prefix\":\"$registry/ns\",\"signedPrefix\":\"$registry/ns\"}")")
  [remapped-away]=$(policy "$(key alice "{\"type\":\"remapIdentity\",\"prefix\":\"$registry\",\"signedPrefix\":\"vendor.example\"}")")
  [key-paths]=$(policy "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[\"$work/bob.gpg\",\"$work/alice.gpg\"]}")
  [key-paths-one-missing]=$(policy "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[\"$work/alice.gpg\",\"$work/none.gpg\"]}")
  [key-data]=$(policy "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":\"$(base64 -w0 "$work/alice.gpg")\"}")
  [no-key-file]=$(policy "$(key none)")
  [empty-key-file]=$(policy "$(key empty)")
  [x509]=$(policy "{\"type\":\"signedBy\",\"keyType\":\"X509Certificates\",\"keyPath\":\"$work/alice.gpg\"}")
  [base-layer]=$(policy '{"type":"signedBaseLayer","baseLayerIdentity":{"type":"matchExact"}}')
  [accept]=$(policy '{"type":"insecureAcceptAnything"}')
  [reject]=$(policy '{"type":"reject"}')
  [accept-and-alice]=$(policy '{"type":"insecureAcceptAnything"}' "$(key alice)")
  [not-json]='{"default":'
)

# The same verdict as skopeo copy --policy, over registry and lookaside and over dir:. (Signatures are not copied along: reading
# them for that is no part of the verdict.)
for name in $(printf '%s\n' "${!policies[@]}" | sort); do
  printf '%s' "${policies[$name]}" >"$work/policy-$name.json"
  for tag in unsigned good rsa other both wrongname tampered broken junk; do
    rm -rf "$work/copy"
    skopeo --policy "$work/policy-$name.json" copy -q --remove-signatures --src-tls-verify=false "docker://$repository:$tag" "dir:$work/copy" >"$work/skopeo" 2>&1
    theirs=$?
    run "$sigpolicy" verify --policy "$work/policy-$name.json" --registries.d "$work/registries.d" --manifest "$work/src-$tag/manifest.json" --reference "docker://$repository:$tag"
    if [ $((theirs != 0)) -eq $((status != 0)) ]; then pass "policy $name, image $tag: both $([ $theirs -eq 0 ] && echo accept || echo reject)"
    else fail "policy $name, image $tag: skopeo exits $theirs, we $status" "$(cat "$work/skopeo")" "$out" "$err"; fi
  done
done

# The same images as dir:, with the signatures in the directory.
for tag in unsigned good other both wrongname broken; do
  skopeo --policy "$work/accept.json" copy -q --src-tls-verify=false "docker://$repository:$tag" "dir:$work/dir-$tag" 2>/dev/null
  for name in alice exact-reference exact-repository other-repository accept reject key-paths; do
    rm -rf "$work/copy"
    skopeo --policy "$work/policy-$name.json" copy -q --remove-signatures "dir:$work/dir-$tag" "dir:$work/copy" >"$work/skopeo" 2>&1
    theirs=$?
    run "$sigpolicy" verify --policy "$work/policy-$name.json" "dir:$work/dir-$tag"
    if [ $((theirs != 0)) -eq $((status != 0)) ]; then pass "policy $name, dir: $tag: both $([ $theirs -eq 0 ] && echo accept || echo reject)"
    else fail "policy $name, dir: $tag: skopeo exits $theirs, we $status" "$(cat "$work/skopeo")" "$out" "$err"; fi
  done
done

run "$sigpolicy" verify --policy "$work/policy-alice.json" --print-ref --as "docker://$repository:good" "dir:$work/dir-good"
exits 0 "an image that skopeo signed, in dir:, judged as where it came from"
is "$out" "$repository@$(digest_of "$work/dir-good/manifest.json")" "the pinned reference is what skopeo understands"
check "skopeo reads the pinned reference" skopeo inspect --raw --tls-verify=false "docker://$out"

check "skopeo signs into dir:" skopeo --policy "$work/accept.json" copy -q --preserve-digests --sign-by "$alice" --sign-identity "$repository:signed" "dir:$work/src-unsigned" "dir:$work/signed"
check "which we verify" "$sigpolicy" verify --policy "$work/policy-alice.json" --as "docker://$repository:signed" "dir:$work/signed"
run "$sigpolicy" verify --policy "$work/policy-alice.json" --as "docker://$repository:other" "dir:$work/signed"
exits 1 "but not under another name"

# Our signatures, their verification.
check "standalone-sign" "$sigpolicy" standalone-sign "$work/src-unsigned/manifest.json" "$repository:unsigned" alice@example.com -o "$work/ours.sig"
check "skopeo verifies our signature" skopeo standalone-verify "$work/src-unsigned/manifest.json" "$repository:unsigned" "$alice" "$work/ours.sig"
mkdir -p "$(place unsigned)"
cp "$work/ours.sig" "$(place unsigned)/signature-1"
rm -rf "$work/copy"
check "skopeo copies by policy what we signed" skopeo --policy "$work/policy-alice.json" copy -q --src-tls-verify=false "docker://$repository:unsigned" "dir:$work/copy"
check "and so do we" "$sigpolicy" verify --policy "$work/policy-alice.json" --registries.d "$work/registries.d" --manifest "$work/src-unsigned/manifest.json" --reference "docker://$repository:unsigned"
check "skopeo signs alone" skopeo standalone-sign "$work/src-good/manifest.json" "$repository:good" "$alice" -o "$work/theirs.sig"
run "$sigpolicy" standalone-verify "$work/src-good/manifest.json" "$repository:good" "$alice" "$work/theirs.sig"
is "$out" "Signature verified using fingerprint $alice, digest $(digest_of "$work/src-good/manifest.json")" "we verify skopeo's signature"

nothing_left "peers"
