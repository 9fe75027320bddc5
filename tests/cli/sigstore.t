#!/bin/bash
# What is said of sigstore signatures that no sigstoreSigned takes, and of policies that ask for less than they seem to. The files
# are those that cosign 3, skopeo and our own tests made: tests/fixtures.
. "${top_srcdir:-.}/tests/cli/lib.sh"
ln -s "$(realpath "${top_srcdir:-.}")/tests/fixtures" "$work/fixtures"
cd "$work" || exit 1
now=2026-06-01T00:00:00Z name=docker://registry.example/ns/app:v1

# image DIRECTORY SIGNATURE...: a dir: image of the fixtures' manifest.
image() {
  local n=0 signature
  mkdir "$1"
  cp fixtures/manifest.json "$1"
  printf 'Directory Transport Version: 1.1\n' >"$1/version"
  for signature in "${@:2}"; do n=$((n + 1)); cp "fixtures/$signature" "$1/signature-$n"; done
}
verify() { run "$sigpolicy" verify --policy policy.json --clock "$now" --as "$name" "$@"; }

# --- what is no signature ---
policy '{"type":"sigstoreSigned","keyPath":"fixtures/sigstore/cosign.pub","signedIdentity":{"type":"matchRepository"}}' >policy.json
image bundle sigstore/bundle.json
image attestation sigstore-made/attestation.sig
image both sigstore-made/attestation.sig sigstore/by-cosign-cosign.sig
verify dir:bundle
exits 1 "a bundle of cosign 3"
says "unsupported-format" "is of a format"
says "this is a Sigstore bundle, as cosign 3 makes by default" "that is named"
says "cosign sign --new-bundle-format=false" "and what would work"
verify --format json dir:bundle
is "$(jq -r '.reason, .allowed' <<<"$out" | paste -sd' ')" "unsupported-format false" "in JSON"
is "$(jq -r .hint.text <<<"$out" | cut -d, -f1)" "this is a Sigstore bundle" "with the hint"
run "$sigpolicy" verify --policy policy.json --manifest fixtures/manifest.json --signature fixtures/sigstore/bundle.json --reference "$name"
says "this is a Sigstore bundle" "a bundle in a file is named"
run "$sigpolicy" signatures dir:bundle
exits 1 "signatures: a bundle cannot be listed"
complains "this is a Sigstore bundle" "and is named"
verify dir:attestation
exits 1 "an attestation is no signature"
says "there is an attestation; sigstoreSigned needs a signature" "and is named"
run "$sigpolicy" signatures dir:attestation
says "an attestation" "signatures: an attestation is named"
verify dir:both
exits 0 "an attestation beside a signature does not matter"

# --- what cosign 3 makes with keys that it does not take from elsewhere ---
for kind in p384:SHA-384 ed25519:Ed25519ph; do
  image "by-${kind%:*}" "sigstore/by-cosign-${kind%:*}.sig"
  policy "{\"type\":\"sigstoreSigned\",\"keyPath\":\"fixtures/sigstore/${kind%:*}.pub\",\"signedIdentity\":{\"type\":\"matchRepository\"}}" >policy.json
  verify "dir:by-${kind%:*}"
  exits 1 "cosign's signature with a key ${kind%:*}"
  says "key-not-trusted" "is by no key as the policy has it"
  says "${kind#*:}" "the hint says what it is"
  says "--sign-by-sigstore-private-key" "and what would work"
done
# Its twins: another key of that kind, and another kind of key.
openssl ecparam -name secp384r1 -genkey -noout | openssl ec -pubout -out other.pub 2>/dev/null
policy '{"type":"sigstoreSigned","keyPath":"other.pub"}' >policy.json
verify dir:by-p384
exits 1 "by somebody else's key"
is "$(grep -c 'SHA-384' <<<"$out")" 0 "the hint says nothing of digests"
policy '{"type":"sigstoreSigned","keyPath":"fixtures/sigstore/rsa.pub"}' >policy.json
verify dir:by-ed25519
is "$(grep -c Ed25519ph <<<"$out")" 0 "nor of Ed25519ph where the policy has no such key"

# --- a log that is not asked for ---
image good sigstore-made/good.sig
warning="the Rekor key field of the policy is empty (line 1): no log entry is required"
policy '{"type":"sigstoreSigned","keyPath":"fixtures/sigstore-made/ours.pub","rekorPublicKeyPath":""}' >policy.json
verify dir:good
exits 0 "an empty path of a log's key: the log is not asked"
complains "warning: $warning" "and verify warns"
verify --format json dir:good
is "$(jq -r '.warnings[]' <<<"$out")" "$warning" "in JSON, too"
run "$sigpolicy" explain --policy policy.json "$name"
is "$(grep -A1 "^  warning" <<<"$out" | xargs)" "warning $warning" "explain warns"
policy '{"type":"sigstoreSigned","keyPath":"fixtures/sigstore-made/ours.pub","rekorPublicKeyData":""}' >policy.json
verify dir:good
exits 4 "a log's key that is empty itself is no key"
policy '{"type":"sigstoreSigned","keyPath":"fixtures/sigstore-made/ours.pub"}' >policy.json
verify dir:good
exits 0 "a policy that names no log"
is "$err" "" "is as it says"
nothing_left sigstore
