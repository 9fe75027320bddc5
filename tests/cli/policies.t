#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The policies that are shipped: an image that each lets through, and its twin that it does not.
. "${top_srcdir:-.}/tests/cli/lib.sh"
policies=$(realpath "${top_srcdir:-.}")/policy
fixtures=$(realpath "${top_srcdir:-.}")/tests/fixtures
seen=

# judge POLICY NAME SIGNATURE...: with the fixtures' keys in the places that the examples name.
judge() {
  local file=$1 name=$2 signatures=() signature
  shift 2
  for signature; do signatures+=(--signature "$fixtures/$signature"); done
  sed "s|/etc/pki/containers/|$work/keys/|g" "$policies/$file" >"$work/policy.json"
  run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/none" --clock "$now" \
    --manifest "$fixtures/manifest.json" "${signatures[@]}" --reference "docker://$name"
}
# row POLICY NAME 'GOOD...' 'BAD...': signatures that will do, and that will not.
row() {
  seen+="$1 "
  judge "$1" "$2" $3
  exits 0 "$1 lets through what it should"
  judge "$1" "$2" $4
  exits 1 "$1 stops its twin"
}

mkdir "$work/keys" "$work/none"
cd "$work/keys" || exit
cp "$fixtures/alice.gpg" registry.example.gpg
cp "$fixtures/bob.gpg" registry.example-next.gpg
cp "$fixtures/bob.gpg" registry.example-tester.gpg
cp "$fixtures/sigstore/cosign.pub" registry.example.pub
cp "$fixtures/sigstore-made/log.pub" rekor.pub
cp "$fixtures/sigstore-made/root.pem" fulcio.pem
cp "$fixtures/sigstore-made/root.pem" registry.example-ca.pem
now=2026-06-01T00:00:00Z
app=registry.example/ns/app:v1

row examples/signed-by.json $app good.sig forged.sig
row examples/signed-by-any-of-two-keys.json $app by-bob.sig by-expired.sig
row examples/signed-by-both-of-two-keys.json $app 'good.sig by-bob.sig' good.sig
row examples/signed-by-mirror.json mirror.example/registry.example/ns/app:v1 good.sig other-tag.sig
row examples/reject-namespace.json $app good.sig by-bob.sig
row examples/sigstore-key.json $app sigstore/by-cosign-cosign.sig sigstore/by-cosign-cosign-forged-payload.sig
row examples/sigstore-pki.json $app sigstore-made/certified.sig sigstore-made/good.sig
cp "$fixtures/sigstore-made/ours.pub" registry.example.pub
now=2026-07-01T00:00:00Z
row examples/sigstore-key-logged.json $app sigstore-made/logged.sig sigstore-made/stapled.sig
row examples/sigstore-fulcio.json $app sigstore-made/certified.sig sigstore-made/logged.sig

# Without signatures.
judge examples/reject-namespace.json registry.example/ns/old:v1 good.sig
exits 1 "reject-namespace.json stops what it names"
seen+="examples/accept-namespace.json "
judge examples/accept-namespace.json $app
exits 0 "accept-namespace.json lets its namespace through"
judge examples/accept-namespace.json registry.example/other/app:v1
exits 1 "and no other"
make_image "$work/image"
for file in default.json locked-down.json; do
  seen+="$file "
  judge $file $app good.sig
  exits 1 "$file lets nothing of a registry through"
done
run "$sigpolicy" verify --policy "$policies/default.json" "dir:$work/image"
exits 0 "default.json lets through what is here"
run "$sigpolicy" verify --policy "$policies/locked-down.json" "dir:$work/image"
exits 1 "locked-down.json does not"

is "$(cd "$policies" && find . -name '*.json' ! -name '*.schema.json' | sort | sed 's|^\./||' | paste -sd' ')" \
  "$(tr ' ' '\n' <<<"$seen" | sort | paste -sd' ' | sed 's/^ //')" "each policy is judged here"
for file in $seen; do
  grep -qF "\`$file\`" "$policies/README.md" || fail "policy/README.md says nothing of $file"
done

# The audit has nothing of weight against them, but that these keys are in a temporary directory.
: >"$work/registries.conf"
cp "$fixtures/sigstore/cosign.pub" registry.example.pub
for file in $seen; do
  sed "s|/etc/pki/containers/|$work/keys/|g" "$policies/$file" >"$work/policy.json"
  run "$sigpolicy" audit --policy "$work/policy.json" --registries.d "$policies/registries.d" --registries-conf "$work/registries.conf" \
    --clock 2026-06-01T00:00:00Z --disable key-writable --disable policy-writable
  exits 0 "the audit finds nothing of weight in $file"
done
sed "s|/etc/pki/containers/|$work/keys/|g" "$policies/examples/sigstore-key.json" >"$work/policy.json"
run "$sigpolicy" audit --policy "$work/policy.json" --registries.d "$work/none" --registries-conf "$work/registries.conf" --disable key-writable --disable policy-writable
exits 1 "but that signatures are not looked for without a file of registries.d"
says "att-disabled" "is found"

# registries.d: what the comment promises.
run "$sigpolicy" explain --policy "$policies/examples/sigstore-key.json" --registries.d "$policies/registries.d" --format json "docker://$app"
is "$(jq -r '.lookaside.base + " " + (.attachments.enabled | tostring)' <<<"$out")" "https://signatures.registry.example/sigstore/ns/app true" \
  "registries.d/registry.example.yaml says where signatures are"
nothing_left policies
