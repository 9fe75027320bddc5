#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signatures among the blobs of an OCI layout, a directory or an archive: bundles, and those of the older form, as manifests that
# refer to the image. What is stored is cosign's.
. "${top_srcdir:-.}/tests/cli/lib.sh"
cosign=$(realpath "${top_srcdir:-.}")/tests/fixtures/cosign
oci=application/vnd.oci.image.manifest.v1+json
printf %s '{"schemaVersion":2,"mediaType":"'$oci'","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}' >"$work/manifest.json"
digest=$(digest_of "$work/manifest.json")
name=registry.example/ns/app:v1
by_key='{"type":"sigstoreSigned","keyPath":"'"$cosign"'/cosign.pub"'
lone=$(jq -r '[to_entries[] | select(.key | contains("manifests/sha256:")) | .key][0]' "$cosign/named.json")
blob=$(jq -r '[to_entries[] | select(.key | contains("/blobs/")) | .key][0]' "$cosign/named.json")

# A layout as 'cosign save' leaves it, and archives of it: the bundle is there, and index.json does not name it.
layout=$work/layout
blob_into() { local b; b=$(sha256sum <"$1" | cut -d' ' -f1); mkdir -p "$layout/blobs/sha256"; cp "$1" "$layout/blobs/sha256/$b"; echo "$b"; }
blob_into "$work/manifest.json" >/dev/null; printf '{}' >"$work/config"; blob_into "$work/config" >/dev/null
printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s","size":246,"digest":"%s"}]}' "$oci" "$digest" >"$layout/index.json"
policy_of_oci() { printf '{"default":[{"type":"reject"}],"transports":{"docker":{"registry.example":[%s]}}}' "$1" >"$work/layout.json"; }
policy_of_oci "$by_key}"
verify_layout() { run timeout 60 "$sigpolicy" verify --policy "$work/layout.json" --as "docker://${as:-$name}" "$@"; }
# l STATUS REASON WHAT [OPTION...]: the same answer for the directory and for archives of it.
l() {
  tar -C "$layout" -cf "$work/layout.tar" .; gzip -c "$work/layout.tar" >"$work/layout.tar.gz"
  for image in "oci:$layout" "oci-archive:$work/layout.tar" "oci-archive:$work/layout.tar.gz"; do
    verify_layout "${@:4}" "$image"; exits "$1" "${image%%:*}: $3"; says "$2" "${image%%:*}: $3: $2"
  done
}
l 1 no-signature "a layout without bundles" --bundles identity
says "the layout has no Sigstore bundle for the image" "which the hint says"
jq -j --arg l "$lone" '.[$l].body' "$cosign/named.json" >"$work/referrer"; referrer=$(blob_into "$work/referrer")
jq -j --arg b "$blob" '.[$b].base64 | @base64d' "$cosign/named.json" >"$work/bundle"; bundle=$(blob_into "$work/bundle")
l 0 accepted "a layout with one" --bundles identity
l 1 no-signature "a layout with one, by default"
says "only with --bundles" "which the hint says"
as=registry.example/ns/app:v2 l 1 identity-mismatch "another name" --bundles identity
printf ' ' >>"$layout/blobs/sha256/$bundle"; l 1 digest-mismatch "a blob of other bytes" --bundles identity
cp "$work/bundle" "$layout/blobs/sha256/$bundle"; printf ' ' >>"$layout/blobs/sha256/$referrer"; l 1 no-signature "a manifest of other bytes is none" --bundles identity
jq -c '.subject.digest = "sha256:'"$(printf '0%.0s' {1..64})"'"' "$work/referrer" >"$work/elsewhere"; rm "$layout/blobs/sha256/$referrer"; elsewhere=$(blob_into "$work/elsewhere")
l 1 no-signature "one that refers to another image" --bundles identity
rm "$layout/blobs/sha256/$elsewhere"
cp "$work/referrer" "$layout/blobs/sha256/$referrer"; rm "$layout/blobs/sha256/$bundle"; l 5 not-found "a bundle that is missing" --bundles identity
cp "$work/bundle" "$layout/blobs/sha256/$bundle"; cp -r "$layout" "$work/good"

# In an archive the last of several members of one name counts, and links and names that lead out of it are refused.
archive() { (cd "$work/good" && tar -cf "$work/odd.tar" "$@"); verify_layout --bundles identity "oci-archive:$work/odd.tar"; }
also() { tar -C "$1" -rf "$work/odd.tar" "${@:2}" 2>/dev/null; verify_layout --bundles identity "oci-archive:$work/odd.tar"; }
manifest_file=blobs/sha256/$referrer bundle_file=blobs/sha256/$bundle
mkdir -p "$work/evil/blobs/sha256" "$work/folder/$manifest_file" "$work/huge/blobs/sha256"
archive .; exits 0 "an archive"
for file in "$manifest_file" "$bundle_file"; do { cat "$work/good/$file"; echo; } >"$work/evil/$file"; done
also "$work/evil" "$manifest_file"; exits 1 "a manifest that is overwritten"; says no-signature "a manifest that is overwritten: is none"
also "$work/good" "$manifest_file"; exits 0 "a manifest that is overwritten, and written again"
also "$work/evil" "$bundle_file"; exits 1 "a bundle that is overwritten"; says digest-mismatch "a bundle that is overwritten: has another digest"
also "$work/good" "$bundle_file"; exits 0 "a bundle that is overwritten, and written again"
also "$work/folder" "$manifest_file"; exits 1 "a manifest that becomes a directory"; says no-signature "a manifest that becomes a directory: is none"
archive .; truncate -s 1048577 "$work/huge/$manifest_file"
also "$work/huge" "$manifest_file"; exits 1 "a manifest that becomes too large"; says no-signature "a manifest that becomes too large: is none"
archive .; ln -s "$referrer" "$work/evil/blobs/sha256/link"; also "$work/evil" blobs/sha256/link
exits 1 "a link"; says S8 "a link: is refused by S8"
archive .; tar -P -C "$work/evil" --transform 's,.*,../x,' -rf "$work/odd.tar" "$bundle_file"; also "$work/good" index.json
exits 1 "a name that points out of the archive"; says "points out of the archive" "a name that points out of the archive: is refused"
archive .; tar -C "$work" --transform 's,.*,blobs/sha256,' -rf "$work/odd.tar" config; also "$work/good" index.json
exits 1 "blobs/sha256 is a file"; says "both a file and a directory" "blobs/sha256 is a file: is refused"
archive .; tar -P -C "$work/good" --transform "s,.*,x/../$manifest_file," -rf "$work/odd.tar" "$bundle_file"; also "$work/good" index.json
exits 1 "a manifest that is overwritten by another name"; says no-signature "a manifest that is overwritten by another name: is none"
# Many.
mkdir -p "$work/many/blobs/sha256"
(cd "$work/many/blobs/sha256" && for i in {1..1000}; do printf '{}' >"$(printf '%064d' "$i")"; done)
archive .; also "$work/many" blobs; exits 1 "more small blobs than are looked into"; says limit "more small blobs than are looked into: limit"
cp "$work/many/blobs/sha256/"* "$layout/blobs/sha256/"; l 1 limit "more small blobs than are looked into" --bundles identity
rm -r "$layout"; cp -r "$work/good" "$layout"; rm "$layout/$manifest_file"
wide=$(jq -c '.layers = [range(127) as $i | .layers[0]]' "$work/referrer"); printf %s "$wide" >"$work/wide"; wide=$(blob_into "$work/wide")
l 0 accepted "as many bundles as there may be" --bundles identity
blob_into "$work/referrer" >/dev/null; l 1 limit "one bundle more" --bundles identity
rm "$layout/$manifest_file" "$layout/blobs/sha256/$wide"
jq -c '.layers += [.layers[0] | .mediaType = "text/plain" | .digest = "sha256:'"$(printf '0%.0s' {1..64})"'"]' "$work/referrer" >"$work/beside"; beside=$(blob_into "$work/beside")
l 0 accepted "a layer that is no bundle is left alone" --bundles identity
rm "$layout/blobs/sha256/$beside"
large() { head -c 1000000 /dev/zero | tr '\0' ' ' | cat - "$work/bundle" >"$work/large-$1"; printf %s "$1" >>"$work/large-$1"; large_digest=$(blob_into "$work/large-$1"); }
layers=
for i in {1..34}; do large "$i"; layers+=${layers:+,}$(jq -c --arg d "sha256:$large_digest" '.layers[0] | .digest = $d' "$work/referrer"); done
jq -c ".layers = [$layers]" "$work/referrer" >"$work/heavy"; blob_into "$work/heavy" >/dev/null
l 1 limit "more bytes than signatures may have" --bundles identity
rm -r "$layout"; cp -r "$work/good" "$layout"

# Signatures of the older form, in the same places.
jq -r '.[] | select(.headers // [] | any(.[1] == $oci)) | .body' --arg oci $oci "$cosign/referrer.json" | while read -r it; do printf %s "$it" >"$work/it"; blob_into "$work/it"; done >"$work/old-manifests"
jq -r 'to_entries[] | select(.key | contains("/blobs/")) | .value.base64' "$cosign/referrer.json" | while read -r it; do base64 -d <<<"$it" >"$work/it"; blob_into "$work/it"; done >"$work/old-blobs"
signed_name=$(jq -r '[to_entries[] | select(.key | contains("/blobs/")) | .value.base64 | @base64d | fromjson.critical.identity["docker-reference"]][0]' "$cosign/referrer.json")
policy_of_oci "$by_key,\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"$signed_name\"}}"
l 0 accepted "a signature of the older form" --referrers
l 1 no-signature "a signature of the older form, by default"
l 1 identity-mismatch "a signature of the older form is no bundle" --bundles identity
policy_of_oci "$by_key}"
l 1 identity-mismatch "a signature of the older form states a name" --referrers
l 0 accepted "a bundle beside it" --referrers --bundles identity
read -r old_blob <"$work/old-blobs"; printf ' ' >>"$layout/blobs/sha256/$old_blob"
l 1 digest-mismatch "a signature of the older form with another payload" --referrers
rm "$layout/blobs/sha256/$old_blob"; l 5 not-found "a signature of the older form without its payload" --referrers
rm -r "$layout"; cp -r "$work/good" "$layout"

# What is listed, and where it would be looked for.
run timeout 60 "$sigpolicy" signatures --bundles digest "oci:$layout"; exits 0 "signatures of a layout"
says "UNVERIFIED  sigstore-bundle" "signatures of a layout: unverified"; ours=$out
run timeout 60 "$sigpolicy" signatures --bundles digest "oci-archive:$work/layout.tar"; exits 0 "signatures of an archive"
is "$(sed "s,$work/layout.tar:,$layout/,g; s,oci-archive:.*.tar,oci:$layout," <<<"$out")" "$ours" "signatures of an archive: the same"
printf '{"default":[%s}]}' "$by_key" >"$work/any.json"
run timeout 60 "$sigpolicy" explain --policy "$work/any.json" --bundles digest "oci-archive:$work/layout.tar"; exits 0 "explain of an archive"
says "among the blobs" "explain of an archive: where bundles would be looked for"
nothing_left "layouts"
