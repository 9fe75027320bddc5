#!/bin/bash
# skopeo's verbs: its texts and exit statuses, under our name and under its own.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice; alice=$fingerprint
make_key gnupg bob; bob=$fingerprint
export GNUPGHOME=$work/gnupg
make_image "$work/img"
m=$work/img/manifest.json
digest=$(digest_of "$m")
ref=registry.example/ns/app:v1
ln -s "$sigpolicy" "$work/skopeo"
skopeo=$work/skopeo
fatal() { exits 1 "$1: exit 1"; is "$out" "" "$1: nothing on standard output"; complains "level=fatal msg=\"$2" "$1"; }

run "$skopeo" manifest-digest "$m"
is "$out" "$digest" "manifest-digest"
run "$skopeo" manifest-digest; fatal "manifest-digest without a file" "Usage: skopeo manifest-digest manifest"
run "$skopeo" manifest-digest "$work/none"; fatal "manifest-digest of nothing" "Error reading manifest from $work/none: open $work/none: no such file or directory"
printf '{"schemaVersion":1,"signatures":[]}' >"$work/s1"
run "$skopeo" manifest-digest "$work/s1"
is "$out" "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" "manifest-digest of a signed schema 1 manifest"
printf '{"schemaVersion":1,"Signatures":[]}' >"$work/s1"
run "$skopeo" manifest-digest "$work/s1"; fatal "manifest-digest of a broken one" "Error computing digest: "

run "$skopeo" standalone-sign "$m" "$ref" alice@example.com -o "$work/s.sig"
exits 0 "standalone-sign"
is "$out$err" "" "standalone-sign says nothing"
run "$skopeo" standalone-sign "$m" "$ref" alice@example.com; fatal "standalone-sign without -o" "Usage: skopeo standalone-sign manifest docker-reference key-fingerprint -o signature"
run "$skopeo" standalone-sign "$m" "$ref" nobody@example.com -o "$work/x.sig"; fatal "standalone-sign with an unknown key" "Error creating signature: key \\\"nobody@example.com\\\" not found"
run "$skopeo" standalone-sign "$m" "$ref" alice@example.com -o "$work/none/x.sig"; fatal "standalone-sign to nowhere" "Error writing signature to $work/none/x.sig: open $work/none/x.sig: no such file or directory"
run "$skopeo" standalone-sign "$m" INVALID alice@example.com -o "$work/invalid.sig"; exits 0 "standalone-sign does not check the name"
gpg --batch --quiet --pinentry-mode loopback --passphrase secret --quick-gen-key "carol <carol@example.com>" ed25519 sign never 2>/dev/null
printf 'secret\n' >"$work/passphrase"; printf 'wrong\n' >"$work/wrong"
gpgconf --kill gpg-agent
run "$skopeo" standalone-sign --passphrase-file "$work/passphrase" "$m" "$ref" carol@example.com -o "$work/carol.sig"; exits 0 "standalone-sign with a passphrase"
gpgconf --kill gpg-agent
run "$skopeo" standalone-sign --passphrase-file "$work/wrong" "$m" "$ref" carol@example.com -o "$work/x.sig"; exits 1 "standalone-sign with a wrong passphrase"

verified="Signature verified using fingerprint $alice, digest $digest"
sv() { run "$skopeo" standalone-verify "$@"; }
sv "$m" "$ref" "$alice" "$work/s.sig"; is "$out" "$verified" "standalone-verify with the user's keyring"
sv --public-key-file "$work/alice.gpg" "$m" "$ref" any "$work/s.sig"; is "$out" "$verified" "standalone-verify with a key file and any"
sv --public-key-file "$work/alice.gpg" "$m" "$ref" "$bob,$alice" "$work/s.sig"; is "$out" "$verified" "standalone-verify with a list"
is "${out##* }" "$digest" "the digest is the last word"
sv "$m" "$ref" "$bob" "$work/s.sig"; fatal "another fingerprint" "Error verifying signature: signature by key $alice of $alice is not accepted"
sv "$m" "$ref" "${alice,,}" "$work/s.sig"; fatal "a lower-case fingerprint" "Error verifying signature: signature by key $alice"
sv "$m" "$ref" any "$work/s.sig"; fatal "any without a key file" "Cannot use any fingerprint without a public key file"
sv "$m" "$ref" "$alice"; fatal "three arguments" "Usage: skopeo standalone-verify manifest docker-reference key-fingerprint signature"
sv --public-key-file "$work/bob.gpg" "$m" "$ref" any "$work/s.sig"; fatal "a key file without the key" "Error verifying signature: Invalid GPG signature: "
sv "$m" registry.example/ns/app:v2 "$alice" "$work/s.sig"; fatal "another name" "Error verifying signature: Docker reference \\\"$ref\\\" does not match \\\"registry.example/ns/app:v2\\\""
sv "$work/none" "$ref" "$alice" "$work/s.sig"; fatal "no manifest" "Error reading manifest from $work/none: open"
sv "$m" "$ref" "$alice" "$work/none"; fatal "no signature" "Error reading signature from $work/none: open"
sv --public-key-file "$work/none" "$m" "$ref" any "$work/s.sig"; fatal "no key file" "Error reading public keys from $work/none: open"
sv "$m" /a/path "$alice" "$work/s.sig"; fatal "a path as name" "Error verifying signature: invalid reference format"
printf ' ' | cat "$m" - >"$work/other.json"
sv "$work/other.json" "$ref" "$alice" "$work/s.sig"; fatal "another manifest" "Error verifying signature: Signature for docker digest \\\"$digest\\\" does not match"
printf 'junk' >"$work/junk"; sv "$m" "$ref" "$alice" "$work/junk"; fatal "junk" "Error verifying signature: No data"
(printf '\0simple-signing\n'; cat "$work/s.sig") >"$work/framed"
sv "$m" "$ref" "$alice" "$work/framed"; fatal "a framed signature" "Error verifying signature: No data"
sv "$m" INVALID "$alice" "$work/invalid.sig"; exits 1 "a name that is no reference"

# What the digest of signed schema 1 covers is not the manifest.
printf '{"schemaVersion":1,"signatures":[]}' >"$work/s1"
run "$skopeo" standalone-sign "$work/s1" "$ref" alice@example.com -o "$work/s1.sig"; fatal "which is not signed" "Error creating signature: signed schema 1 manifests are refused"
[ ! -e "$work/s1.sig" ] && pass "and no file is left" || fail "and no file is left"
printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},"type":"atomic container signature"},"optional":{}}' "$ref" "$("$skopeo" manifest-digest "$work/s1")" |
  gpg --batch --quiet --yes --pinentry-mode loopback --passphrase '' -u alice@example.com --sign -o "$work/s1.sig"
sv "$work/s1" "$ref" "$alice" "$work/s1.sig"; fatal "which is not verified" "Error verifying signature: signed schema 1 manifests are refused"

run "$skopeo" untrusted-signature-dump-without-verification "$work/s.sig"
exits 0 "the dump"
is "$(jq -r '.UntrustedDockerManifestDigest, .UntrustedDockerReference, .UntrustedShortKeyIdentifier' <<<"$out" | paste -sd' ')" "$digest $ref ${alice: -16}" "the dump tells digest, name and key"
is "$(head -2 <<<"$out")" $'{\n    "UntrustedDockerManifestDigest": "'"$digest"'",' "four spaces"
printf '{"critical":{"type":"atomic container signature","image":{"docker-manifest-digest":"%s"},"identity":{"docker-reference":"<a&b>"}},"optional":{}}' "$digest" | gpg --batch --quiet -u alice --sign >"$work/bare.sig" 2>/dev/null
run "$skopeo" untrusted-signature-dump-without-verification "$work/bare.sig"
is "$out" '{
    "UntrustedDockerManifestDigest": "'"$digest"'",
    "UntrustedDockerReference": "\u003ca\u0026b\u003e",
    "UntrustedCreatorID": null,
    "UntrustedTimestamp": null,
    "UntrustedShortKeyIdentifier": "'"${alice: -16}"'"
}' "null for what is absent, and Go's escapes"
run "$skopeo" untrusted-signature-dump-without-verification "$work/junk"; fatal "the dump of junk" "Error decoding untrusted signature: openpgp: invalid data: tag byte does not have MSB set"
run "$skopeo" untrusted-signature-dump-without-verification; fatal "the dump of nothing" "Usage: skopeo untrusted-signature-dump-without-verification signature"

run "$skopeo" copy a b; exits 1 "a verb that is not ours, called as skopeo"
complains "copy" "names the verb"
run "$skopeo" --policy /nowhere --debug=false manifest-digest "$m"; exits 0 "skopeo's global options are taken"

nothing_left "standalone"
