#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sigstore bundles and signatures of the older form that a registry stores as referrers: where cosign 3 puts them, in an index of
# the registry's own and under a tag. What is stored is cosign's; the registry is scripted, see tests/support/server.py.
. "${top_srcdir:-.}/tests/cli/lib.sh"
cosign=$(realpath "${top_srcdir:-.}")/tests/fixtures/cosign
oci=application/vnd.oci.image.manifest.v1+json index_type=application/vnd.oci.image.index.v1+json
manifest='{"schemaVersion":2,"mediaType":"'$oci'","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}'
printf %s "$manifest" >"$work/manifest.json"
digest=$(digest_of "$work/manifest.json")
name=registry.example/ns/app:v1
by_key='{"type":"sigstoreSigned","keyPath":"'"$cosign"'/cosign.pub"'
policy "$by_key,\"signedIdentity\":{\"type\":\"matchRepository\"}}" >"$work/repository.json"
policy "$by_key}" >"$work/exact.json"
mkdir "$work/registries.d"
: >"$work/registries.conf"
referrers_path=/v2/ns/app/referrers/$digest tag_path=/v2/ns/app/manifests/${digest/:/-}

# serve FILTER: a registry with the image and what the filter adds. api FORM: what cosign left, as the answer of the registry's own
# index, as if it kept one; tag FORM: as cosign left it, under a tag.
serve() {
  jq -n --arg m "$manifest" --arg d "$digest" --arg oci "$oci" --arg r "$referrers_path" --arg t "$tag_path" '{
    "/v2/": {status: 200},
    "/v2/ns/app/manifests/v1": {headers: [["Content-Type", $oci]], body: $m},
    ("/v2/ns/app/manifests/" + $d): {headers: [["Content-Type", $oci]], body: $m},
  } | '"$1" >"$work/script" || fail "script $1"
  if [ -n "${server-}" ]; then again 1 || fail "the scripted server is gone"; else start_server "$work/script"; fi
}
tag() { printf '. + %s' "$(<"$cosign/$1.json")"; }
api() { printf '. + %s | .[$r] = .[$t] | del(.[$t])' "$(<"$cosign/$1.json")"; }
section() { printf 'docker:\n  %s:\n    lookaside: file:///nowhere\n    use-sigstore-attachments: true\n  registry.example/ns/app:\n%b' "$server" "$1" >"$work/registries.d/x.yaml"; }
v() { run timeout 60 "$sigpolicy" verify --tls-verify=false --policy "$work/$1.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" --as "docker://${as:-$name}" "${@:2}" "docker://$server/ns/app:v1"; }
logged() { jq -r .path "$requests" | sed "s/$digest/D/; s/${digest/:/-}/D/; s/sha256:[0-9a-f]*/N/" | paste -sd' '; }


serve .
section "    x-sigpolicy-bundles: off\n"
for form in tag api; do
  serve "$($form bundle)"
  v repository; exits 1 "$form: bundles are off"; says unsupported-format "$form: which the reason says"
  plain=$(logged)
  case $plain in *blobs/N*) fail "$form: no bundle is fetched" "$plain" ;; *) pass "$form: no bundle is fetched" ;; esac
  v repository --bundles digest; exits 0 "$form: a bundle of cosign's satisfies"
  complains "states no image name: podman, skopeo and CRI-O do not read bundles" "$form: with a warning"
  v exact --bundles digest; exits 1 "$form: not where the policy asks for a tag"; says identity-mismatch "$form: and says so"
  as=registry.example/ns/app@$digest v exact --bundles digest; exits 0 "$form: where a digest was asked for"
  v repository --bundles identity; exits 1 "$form: nor where a name must be stated"
done

# What cosign was told to state: the name, in an annotation that is signed.
for form in tag api; do
  [ $form = tag ] && index=' /v2/ns/app/manifests/D' || index=
  serve "$($form named)"
  v exact --bundles identity; exits 0 "$form: a bundle that states the name"
  complains "do not read bundles, and will reject the image" "$form: with a warning"
  is "$(logged)" "/v2/ /v2/ns/app/manifests/v1 /v2/ns/app/referrers/D$index /v2/ns/app/manifests/N /v2/ns/app/blobs/N /v2/ns/app/manifests/D.sig" "$form: in so many requests"
  as=registry.example/ns/app:v2 v exact --bundles identity; exits 1 "$form: another tag is asked for"
  serve "$($form other-name)"
  v repository --bundles digest; exits 1 "$form: one that states another repository is rejected even so"; says identity-mismatch "$form: for that"
done
# The same switch in registries.d, for a name and what is below it; an option is stronger.
serve "$(api named)"
section '    x-sigpolicy-bundles: identity\n'; v exact; exits 0 "x-sigpolicy-bundles"
v exact --bundles off; exits 1 "--bundles off is stronger"
run timeout 60 "$sigpolicy" explain --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" --policy "$work/exact.json" "docker://$name"
out=$(tr -s ' \n' ' ' <<<"$out"); says "x.yaml:6, registry.example/ns/app)" "explain names the line"; says "Sigstore bundles that state the name" "and the mode"
section '    x-sigpolicy-bundles: sometimes\n'; v exact; exits 3 "a word that is none"; says 'cannot unmarshal !!str `sometimes` into off, digest or identity' "is a fault of the file"
printf 'docker:\n  registry.example:\n    x-sigpolicy-bundles: identity\n  registry.example/ns:\n    x-sigpolicy-bundles: off\n' >"$work/registries.d/x.yaml"
v exact; exits 1 "the most specific section decides"
printf 'default-docker:\n  x-sigpolicy-bundles: identity\n' >"$work/registries.d/x.yaml"; v exact; exits 0 "default-docker decides for the rest"
section ''

# An authority of the policy's own; a log.
policy '{"type":"sigstoreSigned","pki":{"caRootsPath":"'"$cosign"'/ca.pem","subjectEmail":"signer@example.com"}}' >"$work/pki.json"
policy '{"type":"sigstoreSigned","pki":{"caRootsPath":"'"$cosign"'/ca.pem","subjectEmail":"other@example.com"}}' >"$work/pki-other.json"
policy "$by_key,\"rekorPublicKeyPath\":\"$cosign/rekor.pub\"}" >"$work/rekor.json"
policy "$by_key,\"rekorPublicKeyPath\":\"$cosign/cosign.pub\"}" >"$work/rekor-other.json"
serve "$(api certified)"
v pki --bundles identity; exits 0 "cosign's bundle by a certificate"
v pki-other --bundles identity; exits 1 "of another mailbox"; says subject-mismatch "which it says"
v exact --bundles identity; exits 1 "by a certificate where a key is trusted"
serve "$(api logged)"
v rekor --bundles identity; exits 0 "cosign's bundle with an entry of a log"
v rekor-other --bundles identity; exits 1 "of another log"; says not-in-log "which it says"
serve "$(api named)"
v rekor --bundles identity; exits 1 "without an entry where one is required"; says not-in-log "which it says"

# A list: what is judged is the image that would run.
on_list='.["/v2/ns/app/manifests/v1"] = {headers: [["Content-Type", "'$index_type'"]], body: '"$(jq -Rs . <"$cosign/list-manifest.json")"'}'
serve "$on_list | . + $(<"$cosign/list.json")"
v exact --bundles identity --override-arch amd64 --override-os linux; exits 1 "only the list is signed"
says "cosign sign --recursive" "which the hint says"
serve "$on_list | . + $(<"$cosign/list-all.json")"
v exact --bundles identity --override-arch amd64 --override-os linux; exits 0 "the list and its image are"
v exact --bundles identity --override-arch amd64 --override-os linux --all-platforms; exits 0 "which each of them is found to be"

# An attestation is no signature, and is not fetched where the index says that it is one.
serve "$(api attestation)"
v repository --bundles digest; exits 1 "an attestation"; says no-signature "is no signature"
serve "$(tag attestation-tag)"; v repository --bundles digest; exits 1 "nor is one under a tag of its own"

# Signatures of the older form as referrers.
signed_name=$(jq -r '[to_entries[] | select(.key | contains("/blobs/")) | .value.base64 | @base64d | fromjson.critical.identity["docker-reference"]][0]' "$cosign/referrer.json")
policy "$by_key,\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"$signed_name\"}}" >"$work/old.json"
for form in tag api; do
  serve "$($form referrer)"
  v old; exits 1 "$form: referrers are off"
  v old --bundles digest; exits 1 "$form: nor are they bundles"
  v old --referrers; exits 0 "$form: --referrers"
  is "$(logged | tr ' ' '\n' | tail -1)" "/v2/ns/app/manifests/D.sig" "$form: before the tag .sig"
  v repository --referrers; exits 1 "$form: they state a name"; says identity-mismatch "$form: which must fit"
  section '    x-sigpolicy-referrers: true\n'; v old; exits 0 "$form: x-sigpolicy-referrers"
  v old --referrers=false; exits 1 "$form: --referrers=false is stronger"
  section ''
done
serve "$(tag tag)"; v old --referrers; signed_name=$(jq -r '[to_entries[] | select(.key | contains("/blobs/")) | .value.base64 | @base64d | fromjson.critical.identity["docker-reference"]][0]' "$cosign/tag.json")
policy "$by_key,\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"$signed_name\"}}" >"$work/old.json"
v old --referrers; exits 0 "those under the tag .sig still count"

# Other readers of registries.d ignore what only this one knows. That they read the file shows where it names no lookaside.
if command -v skopeo >/dev/null; then
  serve '.["/v2/ns/app/blobs/sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"] = {body: "{}"}'
  make_key gnupg alice
  mkdir -p "$work/la/ns/app@${digest/:/=}"
  GNUPGHOME=$work/gnupg "$sigpolicy" standalone-sign "$work/manifest.json" "$server/ns/app:v1" alice@example.com -o "$work/la/ns/app@${digest/:/=}/signature-1"
  policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/gpg.json"
  peer() {
    printf 'docker:\n  %s:\n    lookaside: file://%s\n    x-sigpolicy-bundles: digest\n    x-sigpolicy-referrers: true\n' "$server" "$work/$1" >"$work/registries.d/x.yaml"
    run timeout 60 skopeo --policy "$work/gpg.json" --registries.d "$work/registries.d" --tmpdir "$work/tmp" copy --remove-signatures --src-tls-verify=false "docker://$server/ns/app:v1" "dir:$work/copy.$1"
  }
  peer la; exits 0 "skopeo ignores x-sigpolicy-bundles and x-sigpolicy-referrers"
  peer elsewhere; exits 1 "in a file that it reads"
  section ''
else
  count=$((count + 1)); echo "ok $count - skopeo ignores x-sigpolicy-bundles # SKIP no skopeo"
fi

# Forged: each is one change of what cosign left.
lone=$(jq -r '[to_entries[] | select(.key | contains("manifests/sha256:")) | .key][0]' "$cosign/named.json")
blob=$(jq -r '[to_entries[] | select(.key | contains("/blobs/")) | .key][0]' "$cosign/named.json")
forged() { serve "$(api named) | $1"; v exact --bundles identity; exits "$2" "forged: $4"; says "$3: " "forged: $4: $3"; }
forged ".[\"$blob\"].base64 |= (@base64d | sub(\"sig\\\":\\\"M\"; \"sig\\\":\\\"N\") + \" \" | @base64)" 1 digest-mismatch "a blob of other bytes"
forged ".[\"$lone\"].body += \" \"" 1 digest-mismatch "a manifest of other bytes"
forged "del(.[\"$lone\"])" 1 no-signature "a manifest that is gone"
forged "del(.[\"$blob\"])" 6 could-not-look "a blob that is gone"
forged ".[\"$lone\"] = {status: 403}" 6 could-not-look "a manifest that is not given"
forged '.[$r] = {status: 403}' 6 could-not-look "an index that is not given"
forged '.[$r] = {status: 500, headers: [["Retry-After", "0"]]}' 6 could-not-look "an index that fails"
forged '.[$r].headers += [["Link", "<http://127.0.0.2/x>; rel=\"next\""]]' 6 could-not-look "an index that goes on elsewhere"
forged '.[$r].headers += [["Link", "<" + $r + ">; rel=\"next\""]]' 1 limit "an index without an end"
forged '.[$r].body |= (fromjson | .manifests = [range(1001) as $i | .manifests[0]] | tojson)' 1 limit "an index of a thousand and one"
forged '.[$r].body |= (fromjson | .manifests = [range(128) as $i | .manifests[0]] | tojson)' 1 limit "more signatures than are read"
# reseal FILTER: the bundle changed, under digests that fit again.
reseal() {
  local bundle manifest_text b m old_b
  old_b=${blob##*/}
  bundle=$(jq -j --arg b "$blob" '.[$b].base64 | @base64d' "$cosign/named.json" | jq -cj "$1")
  b=sha256:$(printf %s "$bundle" | sha256sum | cut -d' ' -f1)
  manifest_text=$(jq -j --arg l "$lone" '.[$l].body' "$cosign/named.json" | sed "s/$old_b/$b/" | jq -cj "${2:-.}")
  m=sha256:$(printf %s "$manifest_text" | sha256sum | cut -d' ' -f1)
  printf '%s | .["/v2/ns/app/blobs/%s"] = {base64: "%s"} | .["/v2/ns/app/manifests/%s"] = {headers: [["Content-Type", $oci]], body: %s} | .[$r].body |= sub("%s"; "%s")' \
    "$(api named)" "$b" "$(printf %s "$bundle" | base64 -w0)" "$m" "$(printf %s "$manifest_text" | jq -Rs .)" "${lone##*/}" "$m"
}
sealed() { serve "$(reseal "$1" "${5-}")"; v exact --bundles identity; exits "$2" "resealed: $4"; [ "$2" = 0 ] || says "$3: " "resealed: $4: $3"; }
payload='.dsseEnvelope.payload |= (@base64d | fromjson'
sealed . 0 accepted "unchanged"
sealed "$payload | .subject[0].annotations[\"docker-reference\"] = \"registry.example/ns/app:v2\" | tojson | @base64)" 1 key-not-trusted "another name"
sealed "$payload | .subject[0].digest.sha256 = \"$(printf '0%.0s' {1..64})\" | tojson | @base64)" 1 key-not-trusted "another digest"
sealed '.dsseEnvelope.signatures += .dsseEnvelope.signatures' 1 bad-signature "two signatures"
sealed '.dsseEnvelope.signatures[0].sig |= (.[:20] + "AAAA" + .[24:])' 1 key-not-trusted "another signature"
sealed . 1 no-signature "a referrer of another image" ".subject.digest = \"sha256:$(printf '0%.0s' {1..64})\""
sealed . 1 no-signature "one that says it is an attestation" '.annotations["dev.sigstore.bundle.predicateType"] = "https://slsa.dev/provenance/v1"'
# A bundle of another image, of the same signer, in the place of this one's.
serve "$(reseal . '.subject.digest = .subject.digest') | .[\"/v2/ns/app/manifests/v1\"].body += \" \" | .[(\$r | sub(\$d; \"sha256:$(printf '%s ' "$manifest" | sha256sum | cut -d' ' -f1)\"))] = .[\$r]"
v repository --bundles digest; exits 1 "another image"

# What is listed.
serve "$(api named)"
run timeout 60 "$sigpolicy" signatures --tls-verify=false --bundles digest --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "docker://$server/ns/app:v1"
exits 0 "signatures lists it"; says "UNVERIFIED  sigstore-bundle" "unverified"
nothing_left "referrers"
