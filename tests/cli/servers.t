#!/bin/bash
# Registries, token servers and lookasides that lie, hang, drip and send elsewhere: each ends soon, with its own reason, and is
# never "no signature"; credentials stay where they belong. The answers are scripted, see tests/support/server.py.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice
export GNUPGHOME=$work/gnupg
manifest='{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}'
printf %s "$manifest" >"$work/manifest.json"
digest=$(digest_of "$work/manifest.json")
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg","signedIdentity":{"type":"exactReference","dockerReference":"registry.example/ns/app:v1"}}' >"$work/policy.json"
"$sigpolicy" standalone-sign "$work/manifest.json" registry.example/ns/app:v1 alice@example.com -o "$work/signature" || fail signing
mkdir "$work/registries.d" "$work/certs"
signature=$(base64 -w0 "$work/signature")
oci=application/vnd.oci.image.manifest.v1+json

# TLS: an authority of our own.
make_authority ca
cp "$work/ca.crt" "$work/certs/"
make_certificate server ca subjectAltName=IP:127.0.0.1,DNS:localhost

# script JQ_FILTER: the answers of a good registry whose lookaside it is itself, changed by the filter.
script() {
  jq -n --arg m "$manifest" --arg s "$signature" --arg d "$digest" --arg oci "$oci" '{
    "/v2/": {status: 200},
    "/v2/ns/app/manifests/v1": {status: 200, headers: [["Content-Type", $oci]], body: $m},
    ("/la/ns/app@" + ($d | sub(":"; "=")) + "/signature-1"): {status: 200, base64: $s},
  } | ("/la/ns/app@" + ($d | sub(":"; "=")) + "/signature-") as $la | '"${1:-.}" >"$work/script"
}
# serve FILTER [tls]: that registry, as $server; there is one for each scheme.
declare -A started=()
serve() {
  local scheme=${2:-plain}
  script "$1" || fail "script $1"
  if [ -n "${started[$scheme]-}" ]; then again "${started[$scheme]}" || fail "the scripted server is gone"
  elif [ "$scheme" = tls ]; then start_server "$work/script" "$work/server.crt" "$work/server.key"
  else start_server "$work/script"; fi
  started[$scheme]=${started[$scheme]:-$servers}
  printf 'docker:\n  %s:\n    lookaside: http%s://%s/la\n    use-sigstore-attachments: %s\n' "$server" "${2:+s}" "$server" "${attachments:-false}" >"$work/registries.d/x.yaml"
}
v() {
  run timeout 60 "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "$@" "docker://$server/ns/app:v1"
}
d() {
  run timeout 60 "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "$@" "docker://$server/ns/app@$digest"
}
: >"$work/registries.conf"
over_http="--tls-verify=false"
# outcome STATUS REASON TEXT NAME
outcome() {
  exits "$1" "$4: exit $1"
  says "$2: " "$4: $2"
  [ -z "$3" ] || says "$3" "$4: says why"
}
logged() { jq -r "$1" "$requests"; }

serve .
v --image-timeout 5; exits 2 "--image-timeout without a unit"; complains "a duration such as 10s" "is a usage error"

# --- the good one, and how little is asked ---
serve .
v $over_http; exits 0 "a good registry"
is "$(logged '.method + " " + .path' | sed "s/$digest/D/; s/${digest/:/=}/D/" | paste -sd' ')" \
  "GET /v2/ GET /v2/ns/app/manifests/v1 GET /la/ns/app@D/signature-1 GET /la/ns/app@D/signature-2" "no more is asked than needed"
is "$(logged 'select(.path | endswith("/v1")) | [.headers[] | select(.[0] == "accept") | .[1]] | length')" 6 "six kinds of manifests are accepted, each by a line of its own"
is "$(logged 'select(.path | startswith("/la")) | .headers[] | select(.[0] == "authorization") | .[1]')" "" "nothing is authorized at the lookaside"
policy '{"type":"reject"}' >"$work/reject.json"
serve .; v $over_http --policy "$work/reject.json"; exits 1 "a policy that rejects"
is "$(logged .path | grep -c /la/)" 0 "asks for no signature"
serve '.[$la + "1"] += {gzip: true} | .["/v2/ns/app/manifests/v1"] += {gzip: true}'; v $over_http; exits 0 "compressed answers"
serve '.["/v2/ns/app/manifests/v1"] += {chunked: true}'; v $over_http; exits 0 "chunked answers"
serve '.[$la + "1"] += {headers: [["Content-Type", "text/html"]]}'; v $over_http; exits 0 "a signature that is said to be HTML is read all the same"
serve '.["/v2/ns/app/manifests/v1"].headers += [["Docker-Content-Digest", "sha256:0000"]]'; v $over_http; exits 0 "a lying Docker-Content-Digest is ignored"
serve '.["/v2/ns/app/manifests/" + $d] = (.["/v2/ns/app/manifests/v1"] | .headers += [["Docker-Content-Digest", $d]])'; d $over_http; exits 0 "by digest"
serve '.["/v2/ns/app/manifests/" + $d] = (.["/v2/ns/app/manifests/v1"] | .headers += [["Docker-Content-Digest", $d]] | .body += " ")'; d $over_http
outcome 1 digest-mismatch "Manifest does not match provided manifest digest $digest" "a Docker-Content-Digest that is right, of another manifest"
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/accept.json"
d $over_http --policy "$work/accept.json" --as docker://registry.example/ns/app:v1
outcome 1 digest-mismatch "$digest" "--as leaves the digest of the image's own name in force"
jq -n --arg i "docker://$server/ns/app@$digest" '{image: $i, reference: "docker://registry.example/ns/app:v1"}' -c >"$work/batch"
run "$sigpolicy" verify $over_http --policy "$work/accept.json" --registries-conf "$work/registries.conf" --registries.d "$work/registries.d" --batch "$work/batch"
is "$(jq -r .reason <<<"$out")" digest-mismatch "nor does the reference of a batch"
v $over_http --policy "$work/accept.json" --as "docker://registry.example/ns/app@$digest"; exits 0 "the digest of the name that is judged"
serve '.["/v2/ns/app/manifests/v1"].body += " "'; v $over_http --policy "$work/accept.json" --as "docker://registry.example/ns/app@$digest"
outcome 1 digest-mismatch "$digest" "which other bytes do not have"
is "$(logged .path | grep -c /la/)" 0 "no signature is asked for after that"
serve '.["/v2/ns/app/manifests/v1"].headers[0][1] |= ascii_upcase + "; charset=utf-8"'; v $over_http; exits 0 "a type in capitals, with parameters"

# --- what a manifest is said to be, and what it is ---
accept=(--policy "$work/accept.json")
inner_index=$(jq -cn --arg d "$digest" '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [{mediaType: "x", size: 1, digest: $d, platform: {os: "linux", architecture: "amd64"}}]}')
as_list() { printf '%s' '.["/v2/ns/app/manifests/" + $d] = .["/v2/ns/app/manifests/v1"] | .["/v2/ns/app/manifests/v1"] = {status: 200, headers: [["Content-Type", '"$(jq -n --arg t "$1" '$t')"']], body: '"$(jq -Rn --arg b "$inner_index" '$b')"'}'; }
index=application/vnd.oci.image.index.v1+json
for type in "$index" "${index^^}" "$index; q=1; q=1" "$index;;q" $'\u00c2\u00a0'"$index" "$index ; a*=1; a*0=2;"; do
  serve "$(as_list "$type")"; v $over_http --override-arch amd64 --format json
  case $type in *';;q') is "$(jq -r .stricter <<<"$out")" S10 "a list of the type '$type' is none, and no image" ;;
  *) is "$(jq -r '.allowed, .digest' <<<"$out" | paste -sd' ')" "true $digest" "a list of the type '$type'" ;; esac
done
serve "$(as_list "$index; q=1; q=1")"; v $over_http --all-platforms; exits 0 "which --all-platforms takes for one, too"; says "linux/amd64" "and looks at its platforms"
for type in "" text/plain "$oci" application/vnd.docker.distribution.manifest.v1+prettyjws; do
  serve "$(as_list "$type")"; v $over_http "${accept[@]}"; outcome 1 unsupported-format "its bytes say \"$index\"" "a list that is said to be of the type '$type'"
  v $over_http "${accept[@]}" --all-platforms; exits 1 "and so with --all-platforms"
done
# Signed schema 1: what its digest covers is not its bytes.
nothing=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
schema1='{status: 200, headers: [["Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"]], 
  body: ({schemaVersion: 1, fsLayers: [{blobSum: "'$nothing'"}], history: [{v1Compatibility: ({id: ("a" * 64)} | tojson)}], signatures: []} | tojson)}'
serve ".[\"/v2/ns/app/manifests/v1\"] = $schema1"; v $over_http "${accept[@]}"; exits 0 "signed schema 1 where anything is accepted"
v $over_http "${accept[@]}" --format json; is "$(jq -r '.pinned' <<<"$out")" null "has no pinned reference"
v $over_http "${accept[@]}" --print-ref; exits 1 "and --print-ref"; is "$out" "" "prints none"; complains "signed schema 1" "but says why"
with_schema1="$(as_list "$index" | sed 's/\$d\]/"'$nothing'"]/') | .[\"/v2/ns/app/manifests/v1\"].body |= sub(\$d; \"$nothing\") | .[\"/v2/ns/app/manifests/$nothing\"] = $schema1"
serve "$with_schema1"; v $over_http "${accept[@]}" --override-arch amd64 --format json; is "$(jq -r '.stricter' <<<"$out")" S4 "an instance in signed schema 1"
named=sha256:$(printf %s "${inner_index/$digest/$nothing}" | sha256sum | cut -d' ' -f1)
serve "$with_schema1 | .[\"/v2/ns/app/manifests/$named\"] = .[\"/v2/ns/app/manifests/v1\"]"
run "$sigpolicy" verify $over_http "${accept[@]}" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" --override-arch amd64 --format json "docker://$server/ns/app@$named"
is "$(jq -r '.stricter' <<<"$out")" S4 "also of a list that is named by its digest"
# What podman takes for no image.
serve '.["/v2/ns/app/manifests/v1"].body |= sub("\"layers\""; "\"Manifests\":[],\"layers\"")'; v $over_http "${accept[@]}"; outcome 1 unsupported-format "rejecting ambiguous manifest, unexpected fields []string{\"manifests\"}" "an image with a list in it"
serve "$(as_list "$index") | .[\"/v2/ns/app/manifests/v1\"].body |= sub(\"{\"; \"{\\\"config\\\":{},\")"; v $over_http "${accept[@]}"; outcome 1 unsupported-format "ambiguous" "a list with a configuration"
serve '.["/v2/ns/app/manifests/v1"] = {status: 200, headers: [["Content-Type", "text/html"]], body: "<html>Please log in</html>"}'; v $over_http "${accept[@]}"; outcome 1 unsupported-format "a page of HTML" "a page in place of a manifest"

# --- TLS ---
serve . tls
v --cert-dir "$work/certs"; exits 0 "a registry by https, of an authority in --cert-dir"
v; outcome 6 could-not-look "no trusted connection" "an authority that is not known"
mkdir "$work/empty"; v --cert-dir "$work/empty"; outcome 6 could-not-look "no trusted connection" "no authority"
mkdir -p "$HOME/.config/containers/certs.d/$server"; cp "$work/certs/ca.crt" "$HOME/.config/containers/certs.d/$server"
v; exits 0 "an authority in certs.d"; rm -r "$HOME/.config"
v $over_http; exits 0 "a certificate that is not checked"
printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$server" >"$work/registries.conf"; v; exits 0 "the same by registries.conf"
v --tls-verify=true; outcome 6 could-not-look "no trusted connection" "--tls-verify=true"
: >"$work/registries.conf"
script .; port=${server##*:}
run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --cert-dir "$work/certs" "docker://127.0.0.2:$port/ns/app:v1"
exits 6 "a host that the certificate is not for, or that is not there"
serve . tls
run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --cert-dir "$work/certs" "docker://localhost:${server##*:}/ns/app:v1"
exits 1 "another name of the host has no lookaside of its own"; says "no-signature: " "and so no signature"

# --- answers that leave it open: never "no signature" ---
for code in 201 202 203 204 206 300 304 400 401 403 405 410 418 451; do
  serve '.[$la + "1"] = {status: '$code'}'; v $over_http; outcome 6 could-not-look "unexpected HTTP status: $code" "signature: status $code"
done
for code in 500 502 503 429; do
  serve '.[$la + "1"] = {status: '$code'}'; v $over_http; outcome 6 could-not-look "unexpected HTTP status: $code" "signature: status $code"
  is "$(logged .path | grep -c signature-1)" 1 "signature: status $code is not asked again"
done
for code in 201 204 301 400 403 418; do
  serve '.["/v2/ns/app/manifests/v1"] = {status: '$code'}'; v $over_http; outcome 6 could-not-look "reading manifest v1" "manifest: status $code"
  serve '.["/v2/"] = {status: '$code'}'; v $over_http; outcome 6 could-not-look "pinging container registry" "ping: status $code"
done
serve '.["/v2/"] = {status: 404}'; v $over_http; outcome 6 could-not-look "pinging container registry" "ping: status 404"
serve '.["/v2/"] = {status: 500}'; v $over_http; outcome 6 could-not-look "pinging container registry $server: received unexpected HTTP status: 500" "ping: status 500"
serve '.["/v2/"] = {status: 403, body: "go away"}'; v $over_http; outcome 6 could-not-look "pinging container registry $server: StatusCode: 403, \"go away\"" "ping: 403 with a text"
run "$sigpolicy" verify $over_http --policy "$work/policy.json" --registries.d "$work/registries.d" docker://127.0.0.1:9/ns/app:v1; outcome 6 could-not-look "connect: connection refused" "a registry that is not there"
serve '.["/v2/ns/app/manifests/v1"] = {status: 404, body: "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"no such tag\"}]}"}'
v $over_http; outcome 5 not-found "manifest unknown: no such tag" "manifest: 404 with a document"
serve '.["/v2/ns/app/manifests/v1"] = {status: 404, body: "<html>\u001b[31mnothing</html>"}'
v $over_http; outcome 5 not-found 'StatusCode: 404, "<html>\x1b[31mnothing' "manifest: 404 with a page, shown without what a terminal obeys"
serve '.["/v2/ns/app/manifests/v1"] = [{status: 503, headers: [["Retry-After", "0"]]}, {status: 429, headers: [["Retry-After", "0"]]}, .["/v2/ns/app/manifests/v1"]]'
v $over_http; exits 0 "a registry that is busy is asked again"
serve '.["/v2/ns/app/manifests/v1"] = {status: 429, headers: [["Retry-After", "99999999"]]}'
v $over_http; outcome 6 could-not-look "" "a registry that is busy for years"
serve '.["/v2/ns/app/manifests/v1"] = {status: 503, headers: [["Retry-After", "0"]]}'
v $over_http; outcome 6 could-not-look "" "a registry that is always busy"; is "$(logged .path | grep -c manifests)" 3 "is asked three times"
for cut in 0 1 9 20 60 100 200; do
  serve '.["/v2/ns/app/manifests/v1"] += {cut: '$cut'}'; v $over_http; outcome 6 could-not-look "" "manifest: cut after $cut bytes"
  serve '.[$la + "1"] += {cut: '$cut'}'; v $over_http; outcome 6 could-not-look "" "signature: cut after $cut bytes"
done
serve '.["/v2/ns/app/manifests/v1"].headers += [range(300) | ["X-\(.)", "y"]]'; v $over_http; outcome 6 limit "header lines" "too many headers"
serve '.["/v2/ns/app/manifests/v1"].headers += [["X", "y" * 70000]]'; v $over_http; outcome 6 limit "header" "a header that is too long"
# Longer than curl's own ceiling, which it reports as if there were no memory.
serve '.["/v2/ns/app/manifests/v1"].headers += [["X", "y" * 110000]]'; v $over_http; outcome 6 limit "header" "a header line of more than 100 KiB"
printf '[[registry]]\nlocation = "%s/ns"\ninsecure = true\n[[registry.mirror]]\nlocation = "%s/mirror"\ninsecure = true\n' "$server" "$server" >"$work/registries.conf"
serve '.["/v2/mirror/app/manifests/v1"] = (.["/v2/ns/app/manifests/v1"] | .headers += [["X", "y" * 110000]])'; v; exits 0 "one of a mirror, and the registry itself answers"
is "$(logged .path | grep -c /manifests/)" 2 "both were asked"
: >"$work/registries.conf"
serve '.[$la + "1"] = {status: 200, headers: [["Content-Type", "text/html"]], body: "<html>Please log in</html>"}'
v $over_http; outcome 1 bad-signature "unrecognized signature format" "a page in place of a signature"; says "web page" "is called one"
serve '.[$la + "1"] = {status: 200}'; v $over_http; outcome 1 bad-signature "empty signature blob" "an empty signature"

# --- series ---
serve '.[$la + "2"] = .[$la + "1"] | del(.[$la + "1"])'; v $over_http; outcome 1 no-signature "" "a gap ends the signatures"
serve '.["*"] = .[$la + "1"]'; v $over_http; outcome 1 limit "128 signatures" "signatures without end"
is "$(logged .path | grep -c signature-)" 128 "end after 128"
serve '.[$la + "2"] = {status: 500}'; v $over_http; outcome 6 could-not-look "" "a later signature that cannot be read"

# --- redirects ---
to() { jq -cn --arg to "$1" '{status: 302, headers: [["Location", $to]]}'; }
serve '.["/elsewhere"] = .[$la + "1"] | .[$la + "1"] = '"$(to /elsewhere)"; v $over_http; exits 0 "a redirect is followed"
serve '.["/a"] = '"$(to /a)"' | .[$la + "1"] = '"$(to /a)"; v $over_http; outcome 6 limit "stopped after 5 redirects" "a redirect loop"
for to in file:///etc/passwd ftp://127.0.0.1/ gopher://127.0.0.1/ https:// 'javascript:x' 'dict://127.0.0.1:11/'; do
  serve '.[$la + "1"] = '"$(to "$to")"; v $over_http; outcome 6 could-not-look "not http or https" "a redirect to $to"
done
serve '.[$la + "1"] = {status: 302}'; v $over_http; outcome 6 could-not-look "unexpected HTTP status: 302" "a redirect to nowhere"
serve . ; plain=$server
serve '.[$la + "1"] = '"$(to "http://$plain/x")" tls
v --cert-dir "$work/certs"; outcome 6 could-not-look "redirects from https to http" "a redirect from https to http"
says "[stricter: S7]" "is one of the stricter checks" || true

# --- what is on the registry instead of a lookaside ---
list() { jq -cn --arg s "$1" '{signatures: [{schemaVersion: 2, name: "x", type: "atomic", content: $s}]}'; }
extension='.["/v2/"].headers = [["X-Registry-Supports-Signatures", "1"]] | .["/extensions/v2/ns/app/signatures/" + $d]'
serve "$extension = {status: 200, body: $(list "$signature" | jq -Rs .)}"; v $over_http; exits 0 "signatures that the registry serves"
is "$(logged .path | grep -c /la/)" 0 "and no lookaside"
serve "$extension = {status: 404}"; v $over_http; outcome 6 could-not-look "downloading signatures" "404 leaves it open"
serve "$extension = {status: 200, body: \"{}\"}"; v $over_http; outcome 1 no-signature "" "an empty list"
serve "$extension = {status: 200, body: \"[]\"}"; v $over_http; exits 1 "a list that is none"
serve "$extension = {status: 200, body: $(list "AAAA" | jq -Rs .)}"; v $over_http; outcome 1 bad-signature "" "a signature that is none"

# --- a list and its images: one connection, one question each ---
index=$(jq -cn --arg d "$digest" '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [["amd64", $d], ["arm64", $d]] | map({mediaType: "x", size: 1, digest: .[1], platform: {os: "linux", architecture: .[0]}})}')
list='.["/v2/ns/app/manifests/v1"] as $image | .["/v2/ns/app/manifests/" + $d] = $image | .["/v2/ns/app/manifests/v1"] = {status: 200, headers: [["Content-Type", "application/vnd.oci.image.index.v1+json"]], body: '"$(jq -Rs . <<<"$index")"'}'
serve "$list"; v $over_http --all-platforms; exits 0 "a list of two"
is "$(logged .path | sed "s/$digest/D/; s/${digest/:/=}/D/; s/ns.app@sha256=.*signature/LIST/" | paste -sd' ')" \
  "/v2/ /v2/ns/app/manifests/v1 /la/LIST-1 /v2/ns/app/manifests/D /la/ns/app@D/signature-1 /la/ns/app@D/signature-2 /v2/ns/app/manifests/D /la/ns/app@D/signature-1 /la/ns/app@D/signature-2" "the list is asked for once, and nothing is asked twice for an image"
serve "$list | .[\"/v2/ns/app/manifests/\" + \$d] = {status: 200, headers: [[\"Content-Type\", \"$oci\"]], body: \"{}\"}"; v $over_http --all-platforms; exits 1 "images that are not what the list names"; says "digest-mismatch: " "are digest-mismatch"
serve "$list | .[\"/v2/ns/app/manifests/\" + \$d] = [{status: 200, headers: [[\"Content-Type\", \"$oci\"]], body: \$m}, {status: 500}]"; v $over_http --all-platforms; exits 6 "one that cannot be read"; says "accepted   linux/amd64" "touches no other"
serve "$list | .[\"/v2/ns/app/manifests/v1\"].body |= sub(\$d; \"sha256:../../x\")"; v $over_http --all-platforms; exits 1 "a list that names what is no digest"; says "unsupported-format: digest" "is refused as a whole"

# --- several images: what was found out about a registry serves them all ---
serve '.["/v2/ns/app/manifests/v2"] = .["/v2/ns/app/manifests/v1"]'
run "$sigpolicy" verify --format jsonl --policy "$work/policy.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" $over_http "docker://$server/ns/app:v1" "docker://$server/ns/app:v2" "docker://$server/ns/app:v3"
exits 5 "three images, of which one is not there"; is "$(jq -r .reason <<<"$out" | paste -sd' ')" "accepted accepted not-found" "each has its answer"
is "$(logged .path | sed "s/$digest/D/; s/${digest/:/=}/D/" | paste -sd' ')" "/v2/ /v2/ns/app/manifests/v1 /la/ns/app@D/signature-1 /la/ns/app@D/signature-2 /v2/ns/app/manifests/v2 /la/ns/app@D/signature-1 /la/ns/app@D/signature-2 /v2/ns/app/manifests/v3" "the registry is asked what it is once"

# --- what refers to an image, and is no signature that is read ---
sigstore=(--policy "$work/sigstore.json"); policy '{"type":"sigstoreSigned","keyPath":"'"$(realpath "${top_srcdir:-.}/tests/fixtures/sigstore/cosign.pub")"'"}' >"$work/sigstore.json"
attachments=true
refers='{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"'$oci'","size":7,"digest":"sha256:'$(printf 'a%.0s' {1..64})'","artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"}]}'
index_type='[["Content-Type", "application/vnd.oci.image.index.v1+json"]]'
none='del(.[$la + "1"]) | ("/v2/ns/app/referrers/" + $d) as $referrers | ("/v2/ns/app/manifests/" + ($d | sub(":"; "-"))) as $tag | .'
serve "$none | .[\$referrers] = {headers: $index_type, body: $(jq -Rs . <<<"$refers")}"; v $over_http "${sigstore[@]}"; outcome 1 unsupported-format "A signature was required, but no signature exists" "a bundle that refers to the image"
says "hint      there is a Sigstore bundle" "is named"; is "$(logged .path | tail -n 2 | sed "s/$digest/D/; s/sha256:a*/A/" | paste -sd' ')" "/v2/ns/app/referrers/D /v2/ns/app/manifests/A" "it is asked for last, and looked into"
run timeout 60 "$sigpolicy" signatures --format json $over_http --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "docker://$server/ns/app:v1"; exits 0 "signatures of an image with a bundle"
is "$(jq -c '[.signatures, (.unsupported[] | (.source | sub(".*@"; "")[:10]), .problem), (.looked_at[-1] | .result)]' <<<"$out")" '[[],"sha256:aaa","of the media type application/vnd.dev.sigstore.bundle.v0.3+json: a Sigstore bundle, as cosign 3 makes by default","found"]' "lists it as what it is"
serve "$none | .[\$referrers] = {headers: $index_type, body: $(jq -Rs . <<<"$refers")} | .[\"/v2/ns/app/manifests/sha256:$(printf 'a%.0s' {1..64})\"] = {status: 403}"
run timeout 60 "$sigpolicy" signatures $over_http --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "docker://$server/ns/app:v1"
says "searched $server/ns/app@sha256:aaa" "what cannot be looked into"; says "(error)" "is told"
serve "$none | .[\$tag] = {headers: $index_type, body: $(jq -Rs . <<<"$refers")}"; v $over_http "${sigstore[@]}"; outcome 1 unsupported-format "" "a bundle under the tag of a registry without such lists"
serve "$none"; v $over_http "${sigstore[@]}"; outcome 1 no-signature "" "nothing refers to the image"
serve "$none | .[\$referrers] = {body: $(jq -Rs . <<<"${refers/sigstore.bundle/other}")}"; v $over_http "${sigstore[@]}"; outcome 1 no-signature "" "something else refers to it"
# An index that leaves open what an entry is, or says something wrong: its manifest tells. These are real, of cosign 3.1.1.
cosign=$(realpath "${top_srcdir:-.}/tests/fixtures/cosign")
# form NAME FILTER: what cosign left, and what else the filter does.
form() { serve "$none${2:+ | $2} | . + $(<"$cosign/$1.json")"; v $over_http "${sigstore[@]}"; }
form bundle; outcome 1 unsupported-format "there is a Sigstore bundle, as cosign 3 makes by default" "cosign's bundle under a tag"
v $over_http "${sigstore[@]}" --format json; is "$(jq -r '.looked_at[-2:][] | "\(.result) \(.where)"' <<<"$out")" "none http://$server/v2/ns/app/referrers/$digest
found $server/ns/app:${digest/:/-}" "the registry's own index has nothing, the tag has"
form referrer; outcome 1 unsupported-format "there is a signature by cosign that is stored as a referrer" "cosign's signature as a referrer"
form attestation; outcome 1 no-signature "there is an attestation; sigstoreSigned needs a signature" "cosign's attestation alone"
form attestation-tag; outcome 1 no-signature "there is an attestation; sigstoreSigned needs a signature" "cosign's attestation under a tag"; says "$server/ns/app:${digest/:/-}.att  (found)" "which it names"
both=$(jq -cs '.[0] as $a | .[1] as $b | [$a, $b | to_entries[] | select(.key | contains("sha256-")) | .value.body | fromjson.manifests[]] as $m | $a + $b | with_entries(if .key | contains("sha256-") then .value.body |= (fromjson | .manifests = $m | tojson) else . end)' "$cosign/attestation.json" "$cosign/bundle.json")
serve "$none | . + $both"; v $over_http "${sigstore[@]}"; outcome 1 unsupported-format "there is a Sigstore bundle" "an attestation and a bundle: the bundle is what somebody signed"
for code in 400 404 405 406 501; do form bundle ".[\$referrers] = {status: $code}"; outcome 1 unsupported-format "there is a Sigstore bundle" "referrers: status $code leads to the tag"; done
form bundle '.[$referrers] = {status: 200, headers: [["Content-Type", "text/html"]], body: "<html>"}'; outcome 1 unsupported-format "there is a Sigstore bundle" "referrers: a page leads to the tag"
form bundle '.[$referrers] = {status: 403}'; outcome 1 no-signature "" "referrers: 403 does not"
bundle_index=$(jq -c '[to_entries[] | select(.key | contains("sha256-")) | .value][0]' "$cosign/bundle.json")
# pages N LINK: N pages of nothing, then one with the bundle; each names the next.
pages() { serve "$none | . + $(<"$cosign/bundle.json") | del(.[\$tag]) | reduce range($1) as \$i (.; .[if \$i == 0 then \$referrers else \"/page\(\$i)\" end] = {body: \"{\\\"manifests\\\":[]}\", headers: [[\"Link\", \"<${2-}/page\(\$i + 1)>; rel=\\\"next\\\"\"]]}) | .[\"/page$1\"] = $bundle_index"; v $over_http "${sigstore[@]}"; }
pages 1; outcome 1 unsupported-format "there is a Sigstore bundle" "referrers: a second page"
pages 9; outcome 1 unsupported-format "there is a Sigstore bundle" "referrers: the tenth page"
pages 10; outcome 1 no-signature "" "referrers: the eleventh page"; is "$(logged .path | grep -c 'referrers\|page')" 10 "is not asked for"
pages 1 "http://$server"; outcome 1 unsupported-format "there is a Sigstore bundle" "referrers: a page by its whole URL"
for elsewhere in "http://127.0.0.2:${server##*:}" "//$server" "http://$server.example" "http://$server@127.0.0.2"; do
  pages 1 "$elsewhere"; outcome 1 no-signature "" "referrers: a page on another host, $elsewhere"; is "$(logged .path | grep -c page)" 0 "is not asked for"
done
lone=$(jq -r '[to_entries[] | select(.key | contains("manifests/sha256:")) | .key][0]' "$cosign/bundle.json")
serve "$none | . + $(<"$cosign/bundle.json") | .[\"$lone\"].body += \" \""; v $over_http "${sigstore[@]}"; outcome 1 no-signature "" "a referrer that has another digest is not believed"
serve "$none | . + $(<"$cosign/bundle.json") | .[\$tag].body |= (fromjson | .manifests = [range(20) as \$i | .manifests[0] | .digest = \"sha256:\" + (\"\(\$i)\" * 64)[:64]] | tojson)"; v $over_http "${sigstore[@]}"; outcome 1 no-signature "" "twenty that cannot be had"
is "$(logged .path | grep -c 'manifests/sha256:')" 8 "eight of them are asked for"
# The form that is read.
signed_name=$(jq -r '[to_entries[] | select(.key | contains("/blobs/")) | .value.base64 | @base64d | fromjson.critical.identity["docker-reference"]][0]' "$cosign/tag.json")
policy '{"type":"sigstoreSigned","keyPath":"'"$cosign"'/cosign.pub","signedIdentity":{"type":"exactRepository","dockerRepository":"'"$signed_name"'"}}' >"$work/cosign.json"
sigstore=(--policy "$work/cosign.json"); form tag; exits 0 "cosign's signature under a tag"
# Layers by other digests than SHA-256, as the image library takes them.
payload_of=$(jq -c '[to_entries[] | select(.key | contains("/blobs/"))][0]' "$cosign/tag.json")
for bits in 384 512; do
  other=sha$bits:$(jq -j '.value.base64 | @base64d' <<<"$payload_of" | "sha${bits}sum" | cut -d' ' -f1)
  by_other=$(jq -c --arg o "$other" 'with_entries(if .key | endswith(".sig") then .value.body |= (fromjson | .layers[0].digest = $o | tojson) else . end)' "$cosign/tag.json")
  serve "$none | . + $by_other | .[\"/v2/ns/app/blobs/$other\"] = $(jq -c .value <<<"$payload_of")"; v $over_http "${sigstore[@]}"; exits 0 "a layer by its SHA-$bits"
  serve "$none | . + $by_other | .[\"/v2/ns/app/blobs/$other\"] = {base64: \"e30=\"}"; v $over_http "${sigstore[@]}"; outcome 1 digest-mismatch "digest mismatch, expected \"$other\", got \"sha$bits:" "another one under its SHA-$bits"
done
sigstore=(--policy "$work/sigstore.json")

for bad in '{status: 403}' '{status: 500, headers: [["Retry-After", "0"]]}' '{body: "<html>"}' '{body: "{\"manifests\":7}"}' '{body: "{\"manifests\":[{\"digest\":\"../x\",\"artifactType\":\"application/vnd.dev.sigstore.bundle\"}]}"}' '{body: "", cut: 9}'; do
  serve "$none | .[\$referrers] = $bad"; v $over_http "${sigstore[@]}"; outcome 1 no-signature "" "referrers: $bad"
done
serve "$none"; v $over_http; outcome 1 no-signature "" "a policy that asks for a GPG signature"; is "$(logged .path | grep -c referrers)" 0 "asks for no referrers"
serve .; v $over_http --policy "$work/reject.json"; is "$(logged .path | grep -c 'referrers\|sig$')" 0 "nor does one that rejects"
attachments=false; serve "$none"; v $over_http "${sigstore[@]}"; outcome 1 signatures-not-looked-for "" "attachments that are switched off"; is "$(logged .path | grep -c referrers)" 0 "are a matter of registries.d alone"

# --- each threat at each step: the verdict is final soon, says which it was, and is never "no signature" ---
# A registry that wants a token and has everything: signatures of its own list, or a lookaside, and an attached one.
payload={}; attached=$(printf %s "$payload" | sha256sum | cut -d' ' -f1)
attachments=true
attachment='{"schemaVersion":2,"mediaType":"'$oci'","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","digest":"sha256:'$attached'","size":2,"annotations":{"dev.cosignproject.cosign/signature":"AAAA"}}]}'
everything='
  ("/v2/ns/app/manifests/" + ($d | sub(":"; "-")) + ".sig") as $attached | "/v2/ns/app/manifests/v1" as $manifest | ($la + "1") as $first | ($la + "2") as $second |
  "/v2/ns/app/blobs/sha256:'$attached'" as $blob | ("/extensions/v2/ns/app/signatures/" + $d) as $list | "/token" as $token | "/v2/" as $ping |
  .[$ping] = {status: 401, headers: [["WWW-Authenticate", "Bearer realm=\"http://127.0.0.1:{PORT}/token\",service=\"s\""]]} |
  .[$token] = {body: "{\"token\":\"t\"}"} | .[$attached] = {headers: [["Content-Type", $oci]], body: '$(jq -Rs . <<<"$attachment" | sed 's/\\n"$/"/')'} | .[$blob] = {body: "{}"} |
  .[$list] = {body: '$(list "$signature" | jq -Rs .)'} | .[$second] = {status: 404} |
  .[$manifest].needs = "Bearer t" | .[$attached].needs = "Bearer t" | .[$blob].needs = "Bearer t" | .[$list].needs = "Bearer t"'
with_list='| .[$ping].headers += [["X-Registry-Supports-Signatures", "1"]]'
serve "$everything"; v $over_http; exits 0 "a registry with everything"
serve "$everything $with_list"; v $over_http; exits 0 "the same with signatures of its own"
page='{status: 200, headers: [["Content-Type", "text/html"]], body: "<html>Please log in</html>"}'
declare -A threats=(
  [hangs]='. + {cut: 0, hang: true}' ["hangs in the middle"]='. + {cut: -1, hang: true}' [drips]='. + {drip: 0.03}' ["is cut off"]='. + {cut: -1}' ["is cut off in its header"]='. + {cut: 30}'
  ["is shorter than it says"]='. + {length: 100000}' ["is endless"]='. + {body: ("x" * 10000), endless: true, length: null}' ["says 500"]='{status: 500, headers: [["Retry-After", "0"]]}'
  ["redirects in a circle"]='{status: 302, headers: [["Location", "/circle"]]}' ["is a page"]="$page"
)
# What ends a verdict other than exit 6, could-not-look. An endless or wrong manifest is the image's own fault.
declare -A expected=(
  ["is endless"]="6 limit" ["redirects in a circle"]="6 limit"
  # Of a refusal, the beginning is enough.
  ["is endless, ping"]="0 accepted" ["is endless, second"]="0 accepted" ["is endless, manifest"]="1 limit" ["is endless, attached"]="1 limit"
  ["is a page, manifest"]="1 unsupported-format" ["is a page, first"]="1 bad-signature" ["is a page, second"]="1 bad-signature" ["is a page, blob"]="1 digest-mismatch"
  ["is a page, list"]="1 bad-signature"
)
for threat in "${!threats[@]}"; do
  for step in ping token manifest first second list attached blob; do
    [ "$step" = list ] && more=$with_list || more=
    serve "$everything $more | .[\$$step] |= (${threats[$threat]}) | .[\"/circle\"] = $(to /circle)"
    case $threat in *hangs* | drips | *shorter*) limit=100ms ;; *) limit=60s ;; esac
    v $over_http --image-timeout $limit --format json
    is "$status $(jq -r .reason <<<"$out")" "${expected[$threat, $step]:-${expected[$threat]:-6 could-not-look}}" "$step $threat" || printf '# %s\n' "$out" "$err"
  done
done
nothing_left servers
