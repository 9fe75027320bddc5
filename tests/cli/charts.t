#!/bin/bash
# Helm charts and other artifacts of registries, signed by cosign and with GPG, by the same policy as images. What a registry has of
# them is real: tests/fixtures/charts.
. "${top_srcdir:-.}/tests/cli/lib.sh"

charts=$(realpath "${top_srcdir:-.}/tests/fixtures/charts")
make_key gnupg alice
export GNUPGHOME=$work/gnupg
mkdir "$work/registries.d"
policy '{"type":"sigstoreSigned","keyPath":"'"$charts"'/cosign.pub","signedIdentity":{"type":"matchRepository"}}' >"$work/sigstore.json"
policy '{"type":"sigstoreSigned","keyPath":"'"$charts"'/../sigstore/cosign.pub","signedIdentity":{"type":"matchRepository"}}' >"$work/other.json"
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/gpg.json"
policy '{"type":"insecureAcceptAnything"}' >"$work/accept.json"
policy '{"type":"reject"}' >"$work/reject.json"

# serve FILE FILTER: what the registry has, changed by the filter. It is registry.example's place, and its mirror.
serve() {
  jq '{"/v2/": {status: 200}} + . | '"${2:-.}" "$charts/$1.json" >"$work/script" || fail "the filter $2"
  if [ "$servers" -gt 0 ]; then again 1 || fail "the scripted server is gone"; else start_server "$work/script"; fi
  printf '[[registry]]\nprefix = "registry.example"\nlocation = "%s"\ninsecure = true\n' "$server" >"$work/registries.conf"
  printf 'docker:\n  %s:\n    lookaside: file://%s/lookaside\n    use-sigstore-attachments: %s\n' "$server" "$work" "${attachments:-true}" >"$work/registries.d/x.yaml"
}
v() { run "$sigpolicy" "$1" --policy "$work/$2.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "${@:3}" "$name"; }
outcome() { exits "$1" "$3: exit $1"; says "$2: " "$3: $2"; }

for kind in chart notes; do
  case $kind in
    chart) noun=chart type=application/vnd.cncf.helm.config.v1+json name=docker://registry.example/ns/demo:0.1.0 ;;
    notes) noun=artifact type=application/vnd.example.notes.v1 name=docker://registry.example/ns/notes:v1 ;;
  esac
  repository=${name#docker://}; repository=${repository%:*} path=${repository#*/} tag=${name##*:}
  manifest=$(jq -r --arg path "/v2/$path/manifests/$tag" '.[$path].body' "$charts/$kind-plain.json")
  printf %s "$manifest" >"$work/manifest.json"; digest=$(digest_of "$work/manifest.json")

  # --- cosign's attachment ---
  serve "$kind-tag"
  v verify sigstore; exits 0 "$kind: an attached signature"; says "accepted  $name  $digest" "$kind: the verdict names it"
  says "  $noun$([ "$noun" = chart ] && echo '     ' || echo '  ')$type" "$kind: and what it is"
  v verify sigstore --print-ref; is "$out" "$repository@$digest" "$kind: the pinned reference"
  v verify sigstore --format json; is "$(jq -r '.allowed, .artifact_type, .digest' <<<"$out" | paste -sd' ')" "true $type $digest" "$kind: JSON"
  v verify other; outcome 1 key-not-trusted "$kind: another key"
  serve "$kind-tag" 'with_entries(if (.key | endswith(".sig")) then .value.body |= (fromjson | .layers[0].annotations["dev.cosignproject.cosign/signature"] |= .[0:20] + (if .[20:21] == "A" then "B" else "A" end) + .[21:] | tojson) else . end)'
  v verify sigstore; outcome 1 key-not-trusted "$kind: a forged signature"
  serve "$kind-tag" '.["/v2/'"$path/manifests/$tag"'"].body += " "'
  v verify sigstore; outcome 1 no-signature "$kind: other bytes"
  says "hint      none of the searched locations has a sigstore signature" "$kind: a hint"; says "have the $noun signed, or copy it together with its signatures" "$kind: in which it is no image"
  case $out in *" image "*) fail "$kind: nothing else calls it one" "$out" ;; *) pass "$kind: nothing else calls it one" ;; esac
  serve "$kind-tag"
  v signatures sigstore; exits 0 "$kind: signatures"; says "$repository" "$kind: lists the attached one"; says UNVERIFIED "$kind: unverified"
  v signatures sigstore --format json; is "$(jq -r '.signatures | length, .[0].format' <<<"$out" | paste -sd' ')" "1 sigstore-json" "$kind: in JSON"
  v explain sigstore; exits 0 "$kind: explain"; says "must have a sigstore signature by the public key" "$kind: says what is required"
  attachments=false serve "$kind-tag"
  v verify sigstore; outcome 1 signatures-not-looked-for "$kind: attachments that are switched off"; says "use-sigstore-attachments: true" "$kind: and how to switch them on"

  # --- a bundle that refers to it ---
  serve "$kind-bundle"
  v verify sigstore; outcome 1 unsupported-format "$kind: a bundle"; says "there is a Sigstore bundle, as cosign 3 makes by default" "$kind: is named"
  v verify sigstore --bundles digest; exits 0 "$kind: a bundle, where bundles count"; complains "do not read bundles" "$kind: with a warning"
  v verify other --bundles digest; outcome 1 key-not-trusted "$kind: a bundle by another key"
  v signatures sigstore --bundles digest; exits 0 "$kind: signatures of bundles"; says UNVERIFIED "$kind: the bundle is listed, unverified"
  serve "$kind-plain"
  v verify sigstore; outcome 1 no-signature "$kind: nothing beside it"

  # --- simple signing, in a lookaside ---
  v verify gpg; outcome 1 no-signature "$kind: an empty lookaside"
  place=$work/lookaside/$path@${digest/:/=}; mkdir -p "$place"
  "$sigpolicy" standalone-sign "$work/manifest.json" "${name#docker://}" alice@example.com -o "$place/signature-1" || fail "signing"
  v verify gpg; exits 0 "$kind: a signature in the lookaside"
  serve "$kind-plain" '.["/v2/'"$path/manifests/$tag"'"].body += " "'
  v verify gpg; outcome 1 no-signature "$kind: which is of no other bytes"
  moved=$work/lookaside/$path@sha256=$(printf '%s ' "$manifest" | sha256sum | cut -d' ' -f1); cp -r "$place" "$moved"
  v verify gpg; outcome 1 digest-mismatch "$kind: also where it is put beside them"; says "the $noun" "$kind: and the hint says what they are"
  serve "$kind-plain"
  "$sigpolicy" standalone-sign "$work/manifest.json" "registry.example/other:$tag" alice@example.com -o "$place/signature-1" || fail "signing"
  v verify gpg; outcome 1 identity-mismatch "$kind: a signature of another name"
  # --- in hand ---
  run "$sigpolicy" verify --policy "$work/gpg.json" --manifest "$work/manifest.json" --signature "$place/signature-1" --reference "docker://registry.example/other:$tag"
  exits 0 "$kind: files in hand"; says "$type" "$kind: are said to be what they are"

  # --- no signature is needed ---
  v verify accept; exits 0 "$kind: a policy that accepts anything"; v verify reject; outcome 1 rejected-by-rule "$kind: one that rejects"

  # --- a mirror ---
  serve "$kind-tag"
  printf '[[registry]]\nprefix = "registry.example"\nlocation = "127.0.0.1:1"\n[[registry.mirror]]\nlocation = "%s"\ninsecure = true\n' "$server" >"$work/registries.conf"
  v verify sigstore; exits 0 "$kind: a mirror"
  v verify other; outcome 1 key-not-trusted "$kind: a mirror, and another key"
done
