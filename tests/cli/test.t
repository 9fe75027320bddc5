#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test: what a policy must accept and reject. Each answer about an image is held against verify's, for signatures that exist.
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
source=$(realpath "${top_srcdir:-.}") fixtures=$source/tests/fixtures
name=registry.example/ns/app:v1
mkdir "$work/none"
cd "$work" || exit

accept='{"type":"insecureAcceptAnything"}' reject='{"type":"reject"}'
gpg() { printf '{"type":"signedBy","keyType":"GPGKeys","keyPath":"%s"%s}' "$1" "${2:+,\"signedIdentity\":$2}"; }
sigstore() { printf '{"type":"sigstoreSigned",%s,"signedIdentity":%s}' "$1" "${2:-{\"type\":\"matchRepository\"\}}"; }
# tests LINE...: a file of cases.
tests() { { printf 'policy: policy.json\ntests:\n'; printf '  - %s\n' "$@"; } >cases.yaml; }

# --- the same answer as verify --------------------------------------------------------------------

# same REQUIREMENTS SIGNATURE 'SIGNER...' [TEXT]: both say the same of an image with this signature ("-": none).
same() {
  local arguments=() reason expect signed=$3
  policy "$1" >policy.json
  [ "$2" = - ] || arguments=(--signature "$fixtures/$2")
  run "$sigpolicy" verify --format json --policy policy.json --registries.d none --clock "$now" --manifest "$fixtures/manifest.json" \
    "${arguments[@]}" --reference "docker://$name"
  reason=$(jq -r .reason <<<"$out") expect=rejected
  [ "$reason" != accepted ] || expect=accepted
  tests "{image: \"docker://$name\", signed: [$signed], expect: accepted}"
  run "$sigpolicy" test --verbose --clock "$now" cases.yaml
  case $reason in
    accepted) exits 0 "verify and test accept: $2" ;;
    *) says "got      rejected: $reason" "verify and test say $reason: $2 ${4-}" ;;
  esac
  tests "{image: \"docker://$name\", signed: [$signed], expect: $expect$([ $expect = accepted ] || echo ", reason: $reason")}"
  run "$sigpolicy" test --clock "$now" cases.yaml
  exits 0 "which is expected, and passes"
}
now=2026-06-01T00:00:00Z f=$fixtures
alice=$(gpg "$f/alice.gpg")
same "$accept" - ''
same "$reject" good.sig "{key: $f/alice.gpg}"
same "$alice" - ''
same "$alice" good.sig "{key: $f/alice.gpg}"
same "$alice" by-bob.sig "{key: $f/bob.gpg}"
same "$alice" other-tag.sig "{key: $f/alice.gpg, as: \"registry.example/ns/app:v2\"}"
same "$alice" no-tag.sig "{key: $f/alice.gpg, as: registry.example/ns/app}"
same "$(gpg "$f/alice.gpg" '{"type":"matchRepository"}')" no-tag.sig "{key: $f/alice.gpg, as: registry.example/ns/app}"
same "$(gpg "$f/keyring.gpg")" by-bob.sig "{key: $f/bob.gpg}"
same "$(gpg "$f/expired.gpg")" by-expired.sig "{key: $f/expired.gpg}"
same "$(gpg "$f/revoked.gpg")" by-revoked.sig "{key: $f/revoked.gpg}"
same "$(gpg "$f/primary.gpg")" by-subkey.sig "{key: $f/primary.gpg}"
same "$(gpg "$f/manifest.json")" good.sig "{key: $f/alice.gpg}" "by no key"
same "$alice" sigstore/by-skopeo.sig "{key: $f/sigstore/skopeo.pub}" "of another format"
same '{"type":"signedBaseLayer","baseLayerIdentity":{"type":"matchRepository"}}' good.sig "{key: $f/alice.gpg}"
same "{\"type\":\"signedBy\",\"keyType\":\"X509Certificates\",\"keyPath\":\"$f/alice.gpg\"}" good.sig "{key: $f/alice.gpg}"
same "$alice,$(gpg "$f/bob.gpg")" good.sig "{key: $f/alice.gpg}" "where two must have signed"
key="\"keyPath\":\"$f/sigstore/skopeo.pub\""
same "$(sigstore "$key")" sigstore/by-skopeo.sig "{key: $f/sigstore/skopeo.pub}"
same "$(sigstore "$key")" sigstore/by-cosign-cosign.sig "{key: $f/sigstore/cosign.pub, as: registry.example/ns/app}"
same "$(sigstore "$key")" sigstore/other-name.sig "{key: $f/sigstore/skopeo.pub, as: \"registry.example/other:v1\"}"
same "$(sigstore "$key")" good.sig "{key: $f/alice.gpg}" "of another format"
made=$f/sigstore-made ours="\"keyPath\":\"$f/sigstore-made/ours.pub\"" log="\"rekorPublicKeyPath\":\"$f/sigstore-made/log.pub\""
same "$(sigstore "$ours,$log")" sigstore-made/logged.sig "{key: $made/ours.pub, log: $made/log.pub}"
same "$(sigstore "$ours,$log")" sigstore-made/good.sig "{key: $made/ours.pub}"
same "$(sigstore "\"keyPath\":\"$made/other.pub\",$log")" sigstore-made/logged.sig "{key: $made/ours.pub, log: $made/log.pub}" "by another key"
same "$(sigstore "$ours,\"rekorPublicKeyPath\":\"$f/sigstore/cosign.pub\"")" sigstore-made/logged.sig "{key: $made/ours.pub, log: $made/log.pub}" "in another log"
fulcio() { sigstore "\"fulcio\":{\"caPath\":\"$1\",\"oidcIssuer\":\"$2\",\"subjectEmail\":\"$3\"},$log"; }
certified="issuer: \"https://issuer.example\", email: signer@example.com, log: $made/log.pub"
same "$(fulcio "$made/root.pem" https://issuer.example signer@example.com)" sigstore-made/certified.sig "{fulcio: $made/root.pem, $certified}"
same "$(fulcio "$made/root.pem" https://issuer.test signer@example.com)" sigstore-made/certified.sig "{fulcio: $made/root.pem, $certified}"
same "$(fulcio "$made/root.pem" https://issuer.example other@example.com)" sigstore-made/certified.sig "{fulcio: $made/root.pem, $certified}"
same "$(fulcio "$made/root.pem" https://issuer.example signer@example.com)" sigstore-made/logged.sig "{key: $made/ours.pub, log: $made/log.pub}" "by a key"
same "$(fulcio "$made/root.pem" https://issuer.example signer@example.com)" sigstore-made/good.sig "{key: $made/ours.pub}" "in no log"
make_authority stranger
same "$(fulcio "$work/stranger.crt" https://issuer.example signer@example.com)" sigstore-made/certified.sig "{fulcio: $made/root.pem, $certified}" "of another CA"
pki() { sigstore "\"pki\":{\"caRootsPath\":\"$made/root.pem\",$1}"; }
by="pki: $made/root.pem, email: signer@example.com, hostname: build.example.com"
same "$(pki '"subjectEmail":"signer@example.com","subjectHostname":"build.example.com"')" sigstore-made/certified.sig "{$by}"
same "$(pki '"subjectHostname":"build.example.com"')" sigstore-made/certified.sig "{$by}"
same "$(pki '"subjectEmail":"other@example.com"')" sigstore-made/certified.sig "{$by}"
same "$(pki '"subjectEmail":"signer@example.com"')" sigstore-made/good.sig "{key: $made/ours.pub}" "by a key"
now=2027-01-01T00:00:00Z
same "$(pki '"subjectEmail":"signer@example.com"')" sigstore-made/certified.sig "{$by}" "long after"
now=2026-06-01T00:00:00Z

# --- claims ---------------------------------------------------------------------------------------

# prod DOCKER-SCOPES [DEFAULT]: a policy with these.
prod() { printf '{"default":[%s],"transports":{"docker":{%s}}}\n' "${2:-$reject}" "$1" >policy.json; }
# claim STATUS CLAIM NAME: what comes of it.
claim() { tests "$2"; run "$sigpolicy" test cases.yaml; exits "$1" "$3"; }
# lies EXAMPLE: the last claim was refuted by this image, which the policy accepts unsigned.
lies() {
  says "example  $1" "the counterexample is $1"
  run "$sigpolicy" explain --format json --policy policy.json "$1"
  is "$(jq -r '.requirements[0].type' <<<"$out")" insecureAcceptAnything "and it is accepted unsigned indeed"
}
prod "\"quay.io/prod\":[$alice]"
claim 0 'never-unsigned: quay.io/prod' "a signed namespace"
claim 0 'never-unsigned: quay.io' "and the rejected rest around it"
claim 1 'always-rejected: quay.io' "which is not all rejected"
claim 0 'always-rejected: docker.io' "another registry is"
prod "\"quay.io/prod\":[$alice],\"quay.io/prod/tool\":[$accept]"
claim 1 'never-unsigned: quay.io/prod' "a hole below"
says 'policy   policy.json:1, docker "quay.io/prod/tool"' "its scope is named"
lies docker://quay.io/prod/tool
claim 1 'never-unsigned: ""' "a hole anywhere"
claim 0 'never-unsigned: quay.io/prod/other' "beside the hole there is none"
prod "\"quay.io/prod\":[$alice],\"quay.io/prod/app:latest\":[$accept]"
claim 1 'never-unsigned: quay.io/prod/app' "a single tag"
lies docker://quay.io/prod/app:latest
prod "\"quay.io/prod/image\":[$alice],\"quay.io/prod/image:latest\":[$alice]" "$accept"
claim 1 'never-unsigned: quay.io/prod' "what the default decides, where the likely example is signed"
lies docker://quay.io/prod:latest
prod "\"*.example.com\":[$accept],\"a.example.com\":[$alice]"
claim 0 'never-unsigned: a.example.com/prod' "a wildcard does not reach below a host of its own"
claim 1 'never-unsigned: "*.example.com"' "but is a hole itself"
lies docker://registry.example.com/image:latest
prod "\"\":[$accept],\"quay.io\":[$alice]"
claim 0 'never-unsigned: quay.io/prod' "the rest of the transport is another matter"
claim 1 'never-unsigned: "quay.io:5000"' "a port makes another registry"
lies docker://quay.io:5000/image
prod "\"quay.io/prod\":[$alice],\"quay.io/Prod/x\":[$accept]"
claim 0 'never-unsigned: quay.io' "a scope that no image has is no hole"
prod "\"quay.io\":[$accept,$alice]"
claim 0 'never-unsigned: quay.io' "accept beside a signature asks for the signature"
prod "\"quay.io\":[$reject],\"quay.io/a\":[$alice,$reject]"
claim 0 'always-rejected: quay.io' "one requirement that rejects is enough"
printf '{"default":[%s],"transports":{"dir":{"/srv":[%s],"/srv/open":[%s]}}}\n' "$reject" "$alice" "$accept" >policy.json
claim 1 '{never-unsigned: /srv, transport: dir}' "another transport"
says "example  dir:/srv/open" "has a counterexample, too"
claim 0 '{never-unsigned: /srv/closed, transport: dir}' "and none beside it"
claim 3 'never-unsigned: Quay.io/Prod' "a claim about a scope that no image has proves nothing"
complains "cases.yaml:3:5" "and is an error with its place"

# Ten thousand scopes are decided on as they are.
{ printf '{"default":[%s],"transports":{"docker":{' "$reject"
  for i in $(seq 10000); do printf '"quay.io/prod/n%d":[%s],' "$i" "$reject"; done
  printf '"quay.io/prod/hole":[%s]}}}' "$accept"; } >policy.json
claim 1 'never-unsigned: quay.io/prod' "one hole among ten thousand scopes"
lies docker://quay.io/prod/hole

# --- files ----------------------------------------------------------------------------------------

policy "$alice" >policy.json
broken() { # TEXT NAME
  run "$sigpolicy" test cases.yaml
  exits 3 "$2"
  complains "$1" "it says what is wrong"
}
tests "{image: \"docker://$name\", expect: accepted, sigend: []}"
broken "cases.yaml:3:70: a case has no field 'sigend'" "a misspelt field"
tests "{image: \"docker://$name\", expect: maybe}"
broken "expect must be 'accepted' or 'rejected'" "a third answer"
tests "{image: \"docker://$name\", expect: rejected, reason: because}"
broken "unknown reason: sigpolicy-verdict(5) lists the reasons" "an unknown reason"
tests "{image: \"docker://$name\", expect: accepted, reason: no-signature}"
broken "an accepted image has no reason" "a reason to accept"
tests "{image: app, expect: accepted}"
run "$sigpolicy" test cases.yaml
exits 2 "what is no image name"
complains "cases.yaml:3" "with its line"
tests "{image: \"docker://$name\", never-unsigned: quay.io, expect: accepted}"
broken "one of image, never-unsigned and always-rejected" "two cases in one"
tests "{image: \"docker://$name\", expect: accepted, signed: [{key: a, pki: b, email: c}]}"
broken "a signature has one of key, fulcio and pki" "two signers in one"
tests "{image: \"docker://$name\", expect: accepted, signed: [{key: $f/keyring.gpg}]}"
broken "the key file has several keys" "a key file of two keys"
tests "{image: \"docker://$name\", expect: accepted, signed: [{key: $f/manifest.json}]}"
broken "has no public key" "a key file of none"
tests "{image: \"dir:/srv\", expect: accepted, signed: [{key: $f/alice.gpg}]}"
broken "give the signed name with 'as'" "an image without a docker name"
printf 'policy: policy.json\ntests: []\n' >cases.yaml
broken "a list of cases, and not empty" "no cases at all"
printf 'policy: policy.json\npolicy: policy.json\ntests: [{always-rejected: a.example}]\n' >cases.yaml
broken "cases.yaml:2:1: 'policy' is there twice" "a field that stands twice"
printf 'tests: [{always-rejected: a.example}]\n' >cases.yaml
broken "the file names no policy" "no policy"
complains "hint: write 'policy: policy.json' into it, or give --policy FILE" "and how to name one"
printf 'tests: [\n' >cases.yaml
broken "cases.yaml" "what is no YAML"
prod "\"quay.io\":[$reject]"
tests 'always-rejected: quay.io'
printf '#%*s' $((4194304 - $(stat -c %s cases.yaml) - 1)) '' >>cases.yaml
run "$sigpolicy" test cases.yaml
exits 0 "a file of 4 MiB"
echo >>cases.yaml
broken "4194304" "and one that is larger"
policy "$alice" >policy.json
run "$sigpolicy" test missing.yaml
exits 5 "no file"
run "$sigpolicy" test
exits 2 "no argument"
printf '%s' '{"policy":"gone.json","tests":[{"always-rejected":"a.example"}]}' >cases.yaml
run "$sigpolicy" test cases.yaml
exits 3 "a policy that is not there"
run "$sigpolicy" test --policy policy.json cases.yaml
exits 1 "--policy takes its place; JSON is read as YAML is"
mkdir beside && mv cases.yaml policy.json beside/
sed -i s/gone/policy/ beside/cases.yaml
run "$sigpolicy" test --quiet beside/cases.yaml
is "$status$out$err" 1 "the policy is beside the file; --quiet leaves the exit status"

# Keys that are not here are told apart by their names.
prod "\"registry.example\":[$(gpg /nowhere/a.gpg)]"
tests "{image: \"docker://$name\", expect: accepted, signed: [{key: /nowhere/a.gpg}]}" \
  "{image: \"docker://$name\", expect: rejected, reason: key-not-trusted, signed: [{key: /nowhere/b.gpg}]}" \
  "{image: \"docker://$name\", expect: rejected, reason: key-not-trusted, signed: [{key: $f/alice.gpg}]}"
run "$sigpolicy" test cases.yaml
exits 0 "keys that are not here"
says "note: 2 key files do not exist here: each file name counts as a different key" "which is said"

# --- formats --------------------------------------------------------------------------------------

prod "\"registry.example\":[$accept]"
tests "{name: \"a # <b> \\u202e\\\\\", image: \"docker://$name\", expect: rejected}" "always-rejected: quay.io"
run "$sigpolicy" test --format tap cases.yaml
exits 1 "TAP"
is "$(grep -v '^#' <<<"$out")" '1..2
not ok 1 - a \# <b> \\u202e\\
ok 2 - docker "quay.io" is always rejected' "has its plan and a line for each, and names stay text"
run "$sigpolicy" test --format junit cases.yaml
is "$("${PYTHON:-python3}" -c 'import sys, xml.etree.ElementTree as t
r = t.parse(sys.stdin).getroot()
print(r.get("tests"), r.get("failures"), [c.get("name") for c in r.iter("testcase")][0], r.find(".//failure").get("message"))' <<<"$out")" \
  '2 1 a # <b> \u202e\ accepted' "JUnit is XML, counted, and names stay text"

# The examples that are shipped: one for each policy, all of which hold.
for policy in "$source"/policy/examples/*.json; do
  run "$sigpolicy" test "${policy%.json}.test.yaml"
  exits 0 "$(basename "${policy%.json}").test.yaml holds"
  printf '{"default":[%s]}' "$accept" >opened.json
  run "$sigpolicy" test --policy opened.json "${policy%.json}.test.yaml"
  exits 1 "and not for a policy that accepts anything"
done
nothing_left test
