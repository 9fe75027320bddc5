#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# verify-bundle: bundles of keys, certificates, both versions of Rekor and timestamps, and what differs from them by one byte.
. "${top_srcdir:-.}/tests/cli/lib.sh"
f=$(realpath "${top_srcdir:-.}")/tests/fixtures/bundles
artifact=$f/artifact.txt
digest=sha256:$(sha256sum "$artifact" | cut -d' ' -f1)
identity=https://build.example/ns/app/.ci/release.yml@refs/heads/main issuer=https://issuer.example
b() { run "$sigpolicy" verify-bundle --bundle "$@"; }
key() { b "$f/$1.json" --key "$f/$2.pub" --trusted-root "$f/${3:-no-logs}.json" "${4:-$artifact}"; }
certified() { b "$f/$1.json" --certificate-identity "$identity" --certificate-oidc-issuer "$issuer" --trusted-root "$f/trusted_root.json" "${2:-$artifact}"; }
cd "$work" || exit

for kind in p256 p384 p521 rsa ed25519; do
  key dsse-$kind $kind
  exits 0 "an envelope by a key: $kind"
  key dsse-$kind $kind no-logs "$digest"
  exits 0 "by the digest alone: $kind"
  [ $kind = p256 ] && other=rsa || other=p256
  key dsse-$kind $other
  exits 1 "another key than $kind"
  [ -e "$f/file-$kind.json" ] || continue
  key file-$kind $kind
  exits 0 "a file by a key: $kind"
  key file-$kind $kind no-logs "$f/p256.pub"
  exits 1 "another file"
  says digest-mismatch "and why"
done
key file-p384 p384 no-logs "$digest"
exits 1 "a SHA-384 signature cannot be verified by a SHA-256 digest"
says 'the bundle signs a sha384 digest: give the file' "and says so"

key file-logged p256 trusted_root
exits 0 "a key with a log"
says "signed    2026-06-01T00:00:05Z  (log https://log.example)" "and when it signed"
key dsse-logged p256 trusted_root
exits 0 "an envelope by a key with a log"
key file-p256 p256 trusted_root
exits 1 "a log is required where one is trusted"
says "log       not-in-log: log entry: the bundle has none" "and the step says so"

for name in certificate-file certificate-promise certificate-timestamp certificate-v2 certificate-dsse certificate-intoto certificate-dsse-v2; do
  certified $name
  exits 0 "a certificate: $name"
  certified $name "$digest"
  exits 0 "and by the digest"
  b "$f/$name.json" --certificate-identity "$identity/" --certificate-oidc-issuer "$issuer" --trusted-root "$f/trusted_root.json" "$artifact"
  exits 1 "another identity"
  says subject-mismatch "is the reason"
  b "$f/$name.json" --certificate-identity "$identity" --certificate-oidc-issuer "$issuer/" --trusted-root "$f/trusted_root.json" "$artifact"
  exits 1 "another issuer"
  says issuer-mismatch "is the reason"
  # Nobody is trusted.
  b "$f/$name.json" --certificate-identity "$identity" --certificate-oidc-issuer "$issuer" --trusted-root "$f/no-logs.json" "$artifact"
  exits 1 "no authority is trusted"
done
b "$f/certificate-v2.json" --certificate-identity x --certificate-identity "$identity" --certificate-oidc-issuer "$issuer" --trusted-root "$f/trusted_root.json" "$artifact"
exits 0 "one of several identities"
certified rejected-late-timestamp
exits 1 "signed after the certificate had expired"
says "certificate expired" "and the step says so"
key certificate-file p256 trusted_root
exits 1 "a certificate where a key is trusted"
certified dsse-logged
exits 1 "a key where certificates are trusted"

# A timestamp by an RSA key: the name of its signature's algorithm, which nobody signs, must be one of that key and digest.
{
  openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=root -days 30 -keyout ca.key -out ca.pem -addext basicConstraints=critical,CA:TRUE
  openssl req -newkey rsa:2048 -nodes -subj /CN=tsa -keyout tsa.key -out tsa.csr
  printf 'extendedKeyUsage=critical,timeStamping\nbasicConstraints=critical,CA:FALSE\n' >tsa.ext
  openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 2 -days 20 -extfile tsa.ext -out tsa.pem
  printf '[tsa]\nserial=serial\ndefault_policy=1.2.3\ndigests=sha256\nsigner_digest=sha256\ness_cert_id_alg=sha256\n' >tsa.conf
  jq -r .messageSignature.signature "$f/file-p256.json" | base64 -d >signature
  openssl ts -query -data signature -sha256 -no_nonce -out query
  openssl ts -reply -config tsa.conf -section tsa -queryfile query -signer tsa.pem -inkey tsa.key -out reply
} >openssl.log 2>&1 || fail "a timestamp by openssl" "$(<openssl.log)"
jq --arg tsa "$(openssl x509 -in tsa.pem -outform DER | base64 -w0)" --arg ca "$(openssl x509 -in ca.pem -outform DER | base64 -w0)" \
  '.timestampAuthorities = [{uri: "https://rsa.example", certChain: {certificates: [{rawBytes: $tsa}, {rawBytes: $ca}]}}]' "$f/no-logs.json" >rsa-root.json
# stamped HEX: the bundle with that timestamp, whose algorithm has this object identifier.
stamped() {
  python3 -c 'import sys
token, oid = open("reply", "rb").read(), bytes.fromhex("06092a864886f70d010101")
at = token.rindex(oid)
open("token", "wb").write(token[:at] + bytes.fromhex(sys.argv[1]) + token[at + len(oid):])' "$1"
  jq --arg token "$(base64 -w0 token)" '.verificationMaterial.timestampVerificationData = {rfc3161Timestamps: [{signedTimestamp: $token}]}' "$f/file-p256.json" >stamped.json
  b stamped.json --key "$f/p256.pub" --trusted-root rsa-root.json "$artifact"
}
stamped 06092a864886f70d010101; exits 0 "a timestamp by an RSA key"
stamped 06092a864886f70d01010b; exits 0 "RSA with SHA-256"
stamped 06092a864886f70d010105; exits 1 "RSA with SHA-1"
says "not of the algorithm that it names" "which it says"
stamped 06092a864886f70d01010d; exits 1 "RSA with SHA-512"
stamped 06092a864886f70d010104; exits 1 "RSA with MD5"
stamped 06092a864886f70d01017f; exits 1 "RSA with something that nobody knows"

# A trusted root as Go reads it: of two logs with one ID the last counts, a timestamp authority is a signer and a root, or a root
# whose signer comes along, and times are those of protobuf. rooted STATUS JQ WHAT [NAME]
rooted() {
  jq "$2" "$f/trusted_root.json" >rooted.json
  b "$f/${4:-certificate-promise}.json" --certificate-identity "$identity" --certificate-oidc-issuer "$issuer" --trusted-root rooted.json "$artifact"
  exits "$1" "$3"
}
ended='.publicKey.validFor = {start: "2026-01-01T00:00:00Z", end: "2026-03-01T00:00:00Z"}'
for logs in tlogs ctlogs; do
  rooted 0 ".$logs += [.$logs[]]" "$logs twice"
  rooted 1 ".$logs += [.$logs[] | $ended]" "$logs twice, the last of which has ended"
  rooted 0 ".$logs = [.$logs[] | $ended] + .$logs" "$logs twice, the first of which has ended"
done
rooted 0 . "a signer and a root" certificate-timestamp
for change in 'del(.timestampAuthorities[].certChain.certificates[1])' '.timestampAuthorities[].certChain.certificates |= reverse'; do
  rooted 1 "$change" "a timestamp authority: $change" certificate-timestamp
done
starts() { rooted "$1" ".tlogs[].publicKey.validFor.start = \"$2\"" "a log from $2"; }
starts 0 2026-06-01T00:00:05Z; starts 0 2026-06-01T00:00:05.000Z; starts 1 2026-06-01T00:00:05.000000001Z; starts 1 2026-06-01T00:00:05.5Z
starts 0 2026-06-01T02:00:05+02:00
for time in 2026-06-01t00:00:05Z 2026-06-01T00:00:05z 2026-05-31T23:59:60Z 2026-06-01T00:00:05.0000000000Z 0001-01-01T00:00:00Z; do
  rooted 4 ".tlogs[].publicKey.validFor.start = \"$time\"" "no time of a trusted root: $time"
done
for subject in '"x"' '{commonName: 1}' '{commonName: ["x"]}' '{organisation: "x"}'; do
  rooted 4 ".certificateAuthorities[].subject = $subject" "the name of an authority: $subject"
done
rooted 0 '.certificateAuthorities[].subject = {organization: "x", commonName: null}' "the name of an authority"
sed 's/"commonName"/"commonName": "x", &/' "$f/trusted_root.json" >twice.json
b "$f/certificate-promise.json" --certificate-identity "$identity" --certificate-oidc-issuer "$issuer" --trusted-root twice.json "$artifact"
exits 4 "the name of an authority twice"

# What is printed.
b "$f/attestation.json" --key "$f/p256.pub" --trusted-root "$f/no-logs.json" --predicate-type https://slsa.dev/provenance/v1 --print-statement "$artifact"
exits 0 "the statement"
is "$(jq -r .predicate.buildDefinition.buildType <<<"$out")" https://build.example "is printed"
b "$f/attestation.json" --key "$f/rsa.pub" --trusted-root "$f/no-logs.json" --print-statement "$artifact"
exits 1 "one that is not verified"
is "$out" "" "is not"
b "$f/attestation.json" --key "$f/p256.pub" --trusted-root "$f/no-logs.json" --predicate-type https://slsa.dev/provenance/v0.2 --print-statement "$artifact"
exits 1 "another predicate type"
is "$out" "" "prints nothing"
b "$f/file-p256.json" --key "$f/p256.pub" --trusted-root "$f/no-logs.json" --print-statement "$artifact"
exits 1 "a file has no statement"
for name in certificate-dsse-v2 certificate-file; do
  b "$f/$name.json" --certificate-identity "$identity" --certificate-oidc-issuer "$issuer" --trusted-root "$f/trusted_root.json" --format json "$artifact"
  exits 0 "in JSON: $name"
  is "$(jq -c '[.verified, .signer.identity, .signed[0].time]' <<<"$out")" "[true,\"$identity\",\"2026-06-01T00:00:05Z\"]" "with the signer and the time"
  b "$f/$name.json" --certificate-identity "$identity" --certificate-oidc-issuer x --trusted-root "$f/trusted_root.json" --format jsonl "$artifact"
  is "$(jq -c '[.verified, .signer, .signed, .statement, .checks[-1].check]' <<<"$out")" '[false,null,[],null,"identity"]' "of what is rejected nothing is stated"
done

# Usage.
b "$f/dsse-p256.json" --trusted-root "$f/no-logs.json" "$artifact"
exits 2 "neither a key nor an identity"
b "$f/dsse-p256.json" --certificate-identity x --trusted-root "$f/no-logs.json" "$artifact"
exits 2 "an identity without an issuer"
b "$f/dsse-p256.json" --key "$f/p256.pub" --certificate-identity x --trusted-root "$f/no-logs.json" "$artifact"
exits 2 "both"
b "$f/dsse-p256.json" --staging --key "$f/p256.pub" "$artifact"
exits 2 "--staging without a trusted root"
b "$f/dsse-p256.json" --staging --key "$f/p256.pub" --trusted-root "$f/no-logs.json" "$artifact"
exits 0 "--staging with one"
b "$f/dsse-p256.json" --key "$f/p256.pub" --trusted-root none.json "$artifact"
exits 4 "a trusted root that is missing"
echo '{}' >bad.json
b "$f/dsse-p256.json" --key "$f/p256.pub" --trusted-root bad.json "$artifact"
exits 4 "one that is none"
b "$f/dsse-p256.json" --key bad.json --trusted-root "$f/no-logs.json" "$artifact"
exits 4 "a key that is none"
b none.json --key "$f/p256.pub" --trusted-root "$f/no-logs.json" "$artifact"
exits 5 "a bundle that is missing"
b "$f/dsse-p256.json" --key "$f/p256.pub" --trusted-root "$f/no-logs.json" none
exits 5 "a file that is missing"
[ -e /etc/sigpolicy/trusted_root.json ] || {
  b "$f/dsse-p256.json" --key "$f/p256.pub" "$artifact"
  exits 4 "no trusted root at all"
  complains "cosign trusted-root create" "and how to get one"
}
{ cat "$f/dsse-p256.json"; head -c 1048577 /dev/zero | tr '\0' ' '; } >large.json
b large.json --key "$f/p256.pub" --trusted-root "$f/no-logs.json" "$artifact"
exits 1 "a bundle that is too large"

# In a policy: --bundles.
m=$(realpath "${top_srcdir:-.}")/tests/fixtures/manifest.json
policy() { printf '{"default":[{"type":"reject"}],"transports":{"docker":{"registry.example":[{"type":"sigstoreSigned",%s}]}}}' "$1" >policy.json; }
v() { local signature=$1; shift; run "$sigpolicy" verify --policy policy.json --manifest "$m" --signature "$f/$signature.json" --clock 2026-06-01T00:00:06Z "$@"; }
ref=docker://registry.example/ns/app:v1
mdigest=sha256:$(sha256sum "$m" | cut -d' ' -f1)
policy "\"keyPath\":\"$f/p256.pub\",\"signedIdentity\":{\"type\":\"matchRepository\"}"
v image-identity --reference $ref
exits 1 "bundles are off by default"
v image-identity --reference $ref --bundles identity
exits 0 "a bundle that states the name"
complains "do not read bundles" "and a warning"
v image-digest --reference $ref --bundles identity
exits 1 "one that states none"
says identity-mismatch "is rejected for that"
v image-digest --reference $ref --bundles digest --format json
exits 0 "but its digest is enough with --bundles digest"
is "$(jq -r '.requirements[0].signatures[0].identity' <<<"$out")" not-stated "and the verdict says so"
v image-attestation --reference $ref --bundles digest
exits 1 "an attestation is no signature"
v dsse-p256 --reference $ref --bundles digest
exits 1 "nor is the signature of another image"
v image-identity --reference docker://registry.example/ns/other:v1 --bundles digest
exits 1 "a name that is stated must fit"
v image-identity --reference $ref --bundles yes
exits 2 "a word that is none"
policy "\"keyPath\":\"$f/p256.pub\""
v image-digest --reference $ref --bundles digest
exits 1 "a tag is asked for, and none is stated"
v image-digest --reference "docker://registry.example/ns/app@$mdigest" --bundles digest
exits 0 "a digest is asked for"
v image-identity --reference $ref --bundles identity
exits 0 "the tag is stated"
policy "\"keyPath\":\"$f/rsa.pub\""
v image-identity --reference $ref --bundles identity
exits 1 "another key"
policy "\"keyPath\":\"$f/p256.pub\",\"rekorPublicKeyPath\":\"$f/rekor.pub\""
v image-identity --reference $ref --bundles identity
exits 1 "a log is required"
says not-in-log "and said"
v image-logged --reference $ref --bundles identity
exits 0 "and is the policy's own"
policy "\"fulcio\":{\"caPath\":\"$f/fulcio.pem\",\"oidcIssuer\":\"$issuer\",\"subjectEmail\":\"signer@example.com\"},\"rekorPublicKeyPath\":\"$f/rekor.pub\""
v image-fulcio --reference $ref --bundles identity
exits 0 "a certificate of the policy's Fulcio"
v image-logged --reference $ref --bundles identity --trusted-root "$f/trusted_root.json"
exits 1 "a trusted root adds no signer"
policy "\"fulcio\":{\"caPath\":\"$f/fulcio.pem\",\"oidcIssuer\":\"$issuer\",\"subjectEmail\":\"other@example.com\"},\"rekorPublicKeyPath\":\"$f/rekor.pub\""
v image-fulcio --reference $ref --bundles identity
exits 1 "another mailbox"

# Every kind of change is a rejection.
run python3 "${top_srcdir:-.}/tests/bundles/mutants.py" "${top_builddir:-.}/tests/bundles/check" "$f"
exits 0 "no mutant is accepted"
out=$(tail -3 <<<"$out") says "mutants" "and there were some"
run python3 "${top_srcdir:-.}/tests/bundles/mutants.py" --recorded "${top_srcdir:-.}/tests/bundles/cosign-3.1.1.json" "${top_builddir:-.}/tests/bundles/check" "$f"
exits 0 "what cosign rejects is never accepted"
nothing_left "bundles"
