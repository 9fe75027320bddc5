#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# trust and image trust: what is shown, beside podman; what is changed, and that nothing else is.
. "${top_srcdir:-.}/tests/cli/lib.sh"
fixtures=$(realpath "${top_srcdir:-.}")/tests/fixtures
made=$fixtures/sigstore-made
helper=$(realpath "${top_srcdir:-.}")/tests/cli/trust.py
[ "${PYTHON:-:}" != : ] || PYTHON=python3
cd "$work" || exit
cp "$fixtures"/{alice,bob,expired}.gpg "$fixtures/sigstore/cosign.pub" .
cp "$made"/{root,middle}.pem "$made"/log.pub .
t() { run "$sigpolicy" trust "$@"; }
i() { run "$sigpolicy" image trust "$@"; }
reports() { while IFS=$'\t' read -r verdict name detail; do if [ "$verdict" = PASS ]; then pass "$name"; else fail "$name" "$detail"; fi; done; }

mkdir -m 700 gnupg

# --- init ---
t init --policy p.json
exits 0 "init makes a policy"
run "$sigpolicy" diff --fail-on different p.json "$fixtures/../../policy/default.json"
exits 0 "that means what policy/default.json does"
check "that verification reads" "$sigpolicy" explain --policy p.json docker://quay.io/ns/app:v1
run "$sigpolicy" verify --policy p.json --registries.d . "dir:$fixtures"
complains "" "and uses"
t show --policy p.json docker://quay.io/ns/app
says "all         default     reject" "images of registries are rejected"
t show --policy p.json "dir:$work"
says "dir                     accept" "local ones are used"
t init --policy p.json
exits 2 "a policy is not written over"
for kind in reject accept; do
  t init --policy "$kind.json" "--$kind-all"
  is "$(jq -c . "$kind.json")" "{\"default\":[{\"type\":\"$([ $kind = accept ] && echo insecureAcceptAnything || echo reject)\"}]}" "init --$kind-all"
done
t init --user
exits 0 "init --user makes directories, too"
check "and the file" test -s "$HOME/.config/containers/policy.json"
t set --user default --type accept
is "$(jq -c .default "$HOME/.config/containers/policy.json")" '[{"type":"insecureAcceptAnything"}]' "--user is the user's"
rm -r "$HOME/.config"
t set --policy none.json quay.io --type reject
exits 3 "there is nothing to set in a policy that is not there"
complains "trust init" "and that is said"

# --- set: every type, identity and transport ---
written() { is "$(jq -c "$1" p.json)" "$2" "$3"; }
sets() { # NAME JSON ARGUMENT...: of a scope that required nothing before
  local name=$1 json=$2; shift 2
  t unset --policy p.json quay.io/ns
  t set --policy p.json "$@"
  [ "$status" -eq 0 ] || fail "$name" "$out" "$err"
  written '.transports.docker["quay.io/ns"]' "$json" "$name"
}
sets "accept" '[{"type":"insecureAcceptAnything"}]' quay.io/ns --type accept
sets "reject" '[{"type":"reject"}]' quay.io/ns --type reject
sets "signedBy, with an absolute path" "[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"$work/alice.gpg\"}]" quay.io/ns --type signedBy --key alice.gpg
sets "any of two keys" "[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[\"$work/alice.gpg\",\"$work/bob.gpg\"]}]" \
  quay.io/ns --type signedBy --key alice.gpg --key ./bob.gpg --any
sets "all of two keys" "[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"$work/alice.gpg\"},{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"$work/bob.gpg\"}]" \
  quay.io/ns --type signedBy --key alice.gpg --key bob.gpg --all
sets "sigstoreSigned, with matchRepository" "[{\"type\":\"sigstoreSigned\",\"keyPath\":\"$work/cosign.pub\",\"signedIdentity\":{\"type\":\"matchRepository\"}}]" \
  quay.io/ns --type sigstoreSigned --key cosign.pub
says "cosign signs repositories without a tag" "which is explained"
sets "with a log" "[{\"type\":\"sigstoreSigned\",\"keyPath\":\"$work/cosign.pub\",\"rekorPublicKeyPath\":\"$work/log.pub\",\"signedIdentity\":{\"type\":\"matchExact\"}}]" \
  quay.io/ns --type sigstoreSigned --key cosign.pub --rekor-key log.pub --identity matchExact
sets "Fulcio" "[{\"type\":\"sigstoreSigned\",\"fulcio\":{\"caPath\":\"$work/root.pem\",\"oidcIssuer\":\"https://i.example\",\"subjectEmail\":\"a@b.example\"},\"rekorPublicKeyPath\":\"$work/log.pub\",\"signedIdentity\":{\"type\":\"matchRepository\"}}]" \
  quay.io/ns --type sigstoreSigned --fulcio-ca root.pem --fulcio-issuer https://i.example --fulcio-email a@b.example --rekor-key log.pub
sets "PKI" "[{\"type\":\"sigstoreSigned\",\"pki\":{\"caRootsPath\":\"$work/root.pem\",\"caIntermediatesPath\":\"$work/middle.pem\",\"subjectEmail\":\"a@b.example\",\"subjectHostname\":\"h.example\"},\"signedIdentity\":{\"type\":\"matchRepository\"}}]" \
  quay.io/ns --type sigstoreSigned --pki-roots root.pem --pki-intermediates middle.pem --pki-email a@b.example --pki-hostname h.example
t show --details --policy p.json quay.io/ns/app:v1
says "PKI root  sha256:$(openssl x509 -in root.pem -outform DER | sha256sum | cut -d' ' -f1)" "details have the fingerprints of certificates"
says "$work/middle.pem" "and their files"
for identity in matchExact matchRepoDigestOrExact matchRepository exactReference=quay.io/x/y:v1 exactRepository=quay.io/x/y remapIdentity=quay.io/ns,quay.io/x; do
  t set --policy p.json quay.io/ns --type signedBy --key alice.gpg --identity "$identity"
  exits 0 "identity $identity"
  is "$(jq -r '.transports.docker["quay.io/ns"][0].signedIdentity | [.type, .dockerReference // .dockerRepository // .prefix // empty, .signedPrefix // empty] | join("=")' p.json)" "${identity/,/=}" "is written"
done
while read -r transport scope more; do
  # shellcheck disable=SC2086
  t set --policy p.json --transport "$transport" --type signedBy --key alice.gpg $more -- "${scope#-}"
  exits 0 "transport $transport"
  check "has the scope '${scope#-}'" jq -e --arg t "$transport" --arg s "${scope#-}" '.transports[$t][$s]' p.json
done <<'END'
atomic h:80/ns/app:v1
containers-storage [overlay@/var/lib/x]
dir /srv/images --identity exactRepository=quay.io/ns/app
docker *.example.com
docker-archive -
docker-daemon docker.io/library/busybox:latest
oci /srv/oci --identity exactReference=quay.io/ns/app:v1
oci-archive /srv/a.tar --identity exactRepository=quay.io/ns/app
ostree x
sif /srv/x.sif --identity exactRepository=quay.io/ns/app
tarball -
END

# --- what set was not told to change stays ---
cp p.json keep.json
list() { jq -c ".transports.docker[\"keep.io\"]$1" keep.json; }
k() { t set --policy keep.json keep.io "$@"; }
k --type signedBy --key alice.gpg --identity exactRepository=quay.io/x/y
k --type signedBy --key bob.gpg
is "$(list "")" "[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"$work/bob.gpg\",\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"quay.io/x/y\"}}]" \
  "another key keeps the signed identity"
says "kept: signedIdentity exactRepository" "which is said"
k --type signedBy --identity matchExact
is "$(list "[0] | [.keyPath, .signedIdentity.type]")" "[\"$work/bob.gpg\",\"matchExact\"]" "another identity keeps the keys"
k --type sigstoreSigned --key cosign.pub --rekor-key log.pub
is "$(list " | map(.type)")" '["sigstoreSigned"]' "another type takes the place of what is there"
"$PYTHON" - <<'END'
import json
policy = json.load(open("keep.json"))
policy["transports"]["docker"]["keep.io"].append({"type": "signedBy", "keyType": "GPGKeys", "keyPath": "alice.gpg"})
json.dump(policy, open("keep.json", "w"), indent=2)
END
k --type sigstoreSigned --key log.pub
is "$(list " | map([.type, .keyPath, .rekorPublicKeyPath, .signedIdentity.type])")" \
  "[[\"sigstoreSigned\",\"$work/log.pub\",\"$work/log.pub\",\"matchRepository\"],[\"signedBy\",\"alice.gpg\",null,null]]" \
  "requirements of other types stay, and so does the log"
says "kept: 1 other requirement" "and it is said"
k --type sigstoreSigned --pki-roots root.pem --pki-email a@b.example
is "$(list "[0].rekorPublicKeyPath")" null "a PKI has no log"
k --type signedBy --key alice.gpg --key bob.gpg --all --identity matchExact
is "$(list " | map(.keyPath // .pki.caRootsPath)")" "[\"$work/root.pem\",\"$work/alice.gpg\",\"$work/bob.gpg\"]" "several requirements take the place of one"
jq '.transports.docker["keep.io"][2].signedIdentity.type = "matchRepository"' keep.json >differ.json
cp differ.json differ.old
t set --policy differ.json keep.io --type signedBy --key alice.gpg
exits 2 "what differs in several requirements is not kept by guessing"
complains "give --identity" "and that is said"
check "nothing is written" cmp -s differ.json differ.old
t set --policy differ.json keep.io --type signedBy --key alice.gpg --identity matchExact
is "$(jq -c '.transports.docker["keep.io"] | length' differ.json)" 2 "and goes when it is said"
k --type accept
is "$(list "")" '[{"type":"insecureAcceptAnything"}]' "accept takes the place of all"
k --type reject
k --type signedBy --key alice.gpg
is "$(list " | map(.type)")" '["signedBy"]' "a signature is required in place of reject"

t set --policy keep.json --transport dir /srv/x --type signedBy --key alice.gpg --identity exactRepository=quay.io/ns/app
t set --policy keep.json --transport dir /srv/x --type signedBy --key bob.gpg
exits 0 "a kept identity is enough for files"
t set --policy keep.json --transport dir /srv/x --type signedBy --identity matchRepository
exits 2 "one that files cannot have is refused there, too"

# --- a key from standard input ---
piped() { run "$sigpolicy" trust set --policy keep.json "$@" --key -; }
decoded() { jq -r ".transports.docker[\"$1\"][0].keyData" keep.json | base64 -d; }
GNUPGHOME=$work/gnupg gpg --batch --quiet --import alice.gpg; GNUPGHOME=$work/gnupg gpg --batch --quiet --armor --export >alice.asc
for key in alice.gpg alice.asc; do
  piped "in.io/$key" --type signedBy <"$key"
  exits 0 "$key from standard input"
  check "is in the policy, byte for byte" cmp -s <(decoded "in.io/$key") "$key"
done
piped in.io/pem --type sigstoreSigned <cosign.pub
exits 0 "a public key from standard input"
check "is in the policy" cmp -s <(decoded in.io/pem) cosign.pub
t show --details --policy keep.json in.io/alice.asc
says alice@example.com "and verification reads it"
run "$sigpolicy" explain --policy keep.json docker://in.io/pem:v1
says "in the policy itself" "as it does the other"
openssl ecparam -name prime256v1 -genkey -noout -out private.pem
cat cosign.pub private.pem >both.pem
cp keep.json kept.json
while read -r type wanted words file; do
  piped in.io/bad --type "$type" <"$file"
  exits "$wanted" "refused: $file as $type"
  complains "${words//_/ }" "says: $words"
done <<END
signedBy 4 no_GPG_key cosign.pub
sigstoreSigned 4 public_key alice.gpg
sigstoreSigned 4 private_key private.pem
sigstoreSigned 4 private_key both.pem
signedBy 4 no_GPG_key /dev/null
END
piped in.io/bad --type signedBy --key bob.gpg --any <alice.gpg
exits 2 "a requirement has files or a key of its own"
piped in.io/bad --type signedBy --key - --any <alice.gpg
exits 2 "standard input is read once"
check "nothing is written" cmp -s keep.json kept.json
piped in.io/all --type signedBy --key bob.gpg --all <alice.gpg
is "$(jq -c '.transports.docker["in.io/all"] | map(keys)' keep.json)" '[["keyPath","keyType","type"],["keyData","keyType","type"]]' "all of a file and standard input"
t unset --policy keep.json keep.io
t set --policy keep.json keep.io --type signedBy --key -- <alice.gpg
exits 4 "only - is standard input"

# --- rotate ---
printf '{ "default":[ {"type":"reject"} ],\n   "transports" : {"docker":{\n "a.io":[{"keyPath" : "%s", "type":"signedBy","keyType":"GPGKeys"}],"b.io":[ {"type":"reject"}]}}}' "$work/alice.gpg" >r.json
cp r.json r.old
r() { t rotate --policy r.json "$@"; }
keys() { jq -c '.transports.docker["a.io"][0] | .keyPath // .keyPaths' r.json; }
r a.io --add-key bob.gpg --dry-run
exits 0 "a dry run of a rotation"
check "writes nothing" cmp -s r.json r.old
says "+++ r.json" "and shows the diff"
r a.io --add-key bob.gpg
exits 0 "a key is added"
is "$(keys)" "[\"$work/alice.gpg\",\"$work/bob.gpg\"]" "beside the old one"
is "$(tr -d '\n ' <r.json)" "$(tr -d '\n ' <r.old | sed "s|\"keyPath\":\(\"[^\"]*\"\)|\"keyPaths\":[\1,\"$work/bob.gpg\"]|")" "and nothing else is touched"
is "$(head -c 60 r.json)" "$(head -c 60 r.old)" "nor laid out anew"
is "$(tail -c 34 r.json)" "$(tail -c 34 r.old)" "to the end"
r a.io --add-key ./bob.gpg
says "nothing changes" "a key that is there is not added again"
r a.io --remove-key alice.gpg
exits 0 "the old key is removed by its file"
is "$(keys)" "[\"$work/bob.gpg\"]" "and the new one stays"
cp r.json r.one
refuses_rotation() { # STATUS WORDS ARGUMENT...
  local wanted=$1 words=$2; shift 2
  r "$@"
  exits "$wanted" "refused: rotate $*"
  complains "$words" "says: $words"
  check "nothing is written" cmp -s r.json r.one
}
bob=$(gpg --batch --quiet --homedir gnupg --with-colons --show-keys bob.gpg | awk -F: '/^fpr/ { print $10; exit }')
refuses_rotation 2 "would have no keys" a.io --remove-key bob.gpg
refuses_rotation 2 "would have no keys" a.io --remove-key "$bob"
refuses_rotation 5 "trusts no key" a.io --remove-key alice.gpg
refuses_rotation 5 "trusts no key" a.io --remove-key "${bob:0:16}"
refuses_rotation 5 "trusts no key" a.io --remove-key "${bob//[0-9]/0}"
refuses_rotation 5 "no scope" c.io --add-key alice.gpg
refuses_rotation 2 "trusts no keys" b.io --add-key alice.gpg
refuses_rotation 2 "no sigstoreSigned requirement" a.io --add-key cosign.pub
refuses_rotation 4 "neither a GPG key nor" a.io --add-key root.pem
refuses_rotation 4 "no such file" a.io --add-key none.gpg
refuses_rotation 2 "--add-key FILE" a.io
refuses_rotation 2 "give one scope" --add-key alice.gpg
refuses_rotation 2 "cannot be used with 'trust rotate'" a.io --add-key alice.gpg --type reject
r a.io --add-key alice.gpg --remove-key "$bob"
exits 0 "one key for another, by its fingerprint"
is "$(keys)" "[\"$work/alice.gpg\"]" "at once"
cat alice.gpg bob.gpg >two.gpg
r a.io --add-key two.gpg --remove-key alice.gpg
cp r.json r.one
refuses_rotation 2 "in a file with other keys" a.io --remove-key "$bob"
rm -f two.gpg; cp bob.gpg gone.gpg
r a.io --add-key gone.gpg --remove-key two.gpg
is "$(keys)" "[\"$work/gone.gpg\"]" "a file that is no longer there can be removed"
cp r.json r.one
t set --policy r.json s.io --type sigstoreSigned --key cosign.pub
r s.io --add-key log.pub --remove-key "$(openssl pkey -pubin -in cosign.pub -outform DER | sha256sum | sed 's/ .*//; s/^/sha256:/')"
is "$(jq -c '.transports.docker["s.io"]' r.json)" "[{\"type\":\"sigstoreSigned\",\"keyPath\":\"$work/log.pub\",\"signedIdentity\":{\"type\":\"matchRepository\"}}]" "keys of sigstore, too"
t set --policy r.json d.io --type signedBy --key alice.gpg --key bob.gpg --all
r d.io --add-key gone.gpg
exits 2 "of several requirements the one is not guessed"
r d.io --add-key gone.gpg --remove-key bob.gpg
is "$(jq -c '.transports.docker["d.io"] | map(.keyPath)' r.json)" "[\"$work/alice.gpg\",\"$work/gone.gpg\"]" "but the one that loses a key"
run "$sigpolicy" trust set --policy r.json i.io --type signedBy --key - <alice.gpg
r i.io --add-key bob.gpg
exits 2 "a key in the policy itself gets no file beside it"
complains "--key FILE" "but a hint"
r default --add-key alice.gpg
exits 2 "the default has no keys"
t rotate --policy none.json a.io --add-key alice.gpg
exits 3 "there is nothing to rotate in a policy that is not there"

# --- what is refused, and leaves the file as it is ---
cp p.json whole.json
refuses() { # STATUS WORDS ARGUMENT...
  local status_wanted=$1 words=$2; shift 2
  t set --policy p.json "$@"
  exits "$status_wanted" "refused: $*"
  complains "$words" "says: $words"
  check "nothing is written" cmp -s p.json whole.json
}
refuses 2 "--any" q.io --type signedBy --key alice.gpg --key bob.gpg
refuses 2 "the type must be" q.io --type signed
refuses 2 "give --type" q.io
refuses 2 "see 'sigpolicy trust set --help'" q.io
refuses 2 "signedBy needs a key file" q.io --type signedBy
refuses 2 "no keys" q.io --type accept --key alice.gpg
refuses 2 "needs --key, --fulcio-ca or --pki-roots" q.io --type sigstoreSigned --key cosign.pub --pki-roots root.pem --pki-email a@b
refuses 2 "and --rekor-key" q.io --type sigstoreSigned --fulcio-ca root.pem --fulcio-issuer i --fulcio-email e
refuses 2 "the identity must be" q.io --type signedBy --key alice.gpg --identity exactRepository
refuses 2 "dockerReference" q.io --type signedBy --key alice.gpg --identity 'exactReference=quay.io/UPPER:v1'
refuses 2 "--identity" /srv --transport dir --type signedBy --key alice.gpg
refuses 2 "--transport docker 'q.io/x'" docker://q.io/x --type reject
refuses 2 "Unknown key" relative --transport dir --type reject
refuses 2 "no transport of that name" x --transport docker: --type reject
refuses 4 "no such file" q.io --type signedBy --key none.gpg
refuses 4 "no GPG key" q.io --type signedBy --key cosign.pub
refuses 4 "public key" q.io --type sigstoreSigned --key alice.gpg
refuses 4 "certificates" q.io --type sigstoreSigned --pki-roots cosign.pub --pki-email a@b
refuses 2 "cannot be used with 'trust set'" q.io --type reject --raw
t unset --policy p.json q.io
exits 5 "a scope that is not there cannot be removed"
t unset --policy p.json default
exits 2 "nor the default"
check "and nothing is written" cmp -s p.json whole.json
printf '{"default":[{"type":"reject"}],"default":[]}' >twice.json
t set --policy twice.json q.io --type reject
exits 3 "a policy that is broken already is not changed"
complains "Duplicate key" "and its fault is named"

# --- dry run, unset ---
printf '{\n  "default": [{"type": "reject"}]\n}\n' >small.json
cp small.json old.json
t set --policy small.json quay.io/ns --type signedBy --key alice.gpg --dry-run
exits 0 "a dry run"
check "writes nothing" cmp -s small.json old.json
says "looser     docker \"quay.io/ns\"" "says what it means"
says "+++ small.json" "and shows the diff"
cp small.json patched.json
printf '%s\n' "$out" | sed 's/small\.json/patched.json/' | patch -s patched.json
t set --policy small.json quay.io/ns --type signedBy --key alice.gpg
check "which patch(1) takes" cmp -s small.json patched.json
check "the old file stays as .bak" cmp -s small.json.bak old.json
t set --policy small.json quay.io/ns --type signedBy --key alice.gpg
says "nothing changes" "what is there already changes nothing"
check "and leaves the backup" cmp -s small.json.bak old.json
t set --policy small.json busybox --type accept
says "new finding, high: scope-short-name" "what the audit finds in it is told"
t unset --policy small.json busybox
t unset --policy small.json quay.io/ns
says "stricter   docker \"quay.io/ns\"" "removing it is told"

# --- registries.d ---
mkdir reg.d
printf '# ours\ndocker:\n    quay.io: # all of it\n        lookaside: "https://old.example/x" # why\n    other.io:\n        lookaside: file:///o\n# end\n' >reg.d/q.yaml
s() { t set --policy small.json --registries.d reg.d --type signedBy --key alice.gpg "$@"; }
s quay.io --lookaside https://new.example --attachments
exits 0 "an entry that is there"
is "$(cat reg.d/q.yaml)" '# ours
docker:
    quay.io: # all of it
        lookaside: https://new.example # why
        use-sigstore-attachments: true
    other.io:
        lookaside: file:///o
# end' "is changed, with all comments kept"
s quay.io/ns:v1 --attachments
is "$(cat reg.d/quay.io-ns-v1.yaml)" 'docker:
  quay.io/ns:v1:
    use-sigstore-attachments: true' "a new entry has a file of its own"
s "*.example.com" --lookaside "https://a b"
exits 2 "a lookaside is a URL"
s "*.example.com" --lookaside "https://a.example/#x"
exits 0 "a wildcard"
check "is in quotes" grep -q '^  "\*.example.com":$' reg.d/-.example.com.yaml
run "$sigpolicy" explain --policy small.json --registries.d reg.d docker://a.example.com/x:v1
says "https://a.example/" "and verification finds it"
printf 'docker:\n  many.io:\n    lookaside: https://a.example\n    lookaside-staging: file:///st\n    use-sigstore-attachments: false\n' >reg.d/many.yaml
s many.io --lookaside https://b.example
is "$(cat reg.d/many.yaml)" 'docker:
  many.io:
    lookaside: https://b.example
    lookaside-staging: file:///st
    use-sigstore-attachments: false' "what was not said of a scope stays"
cp small.json before.json
for option in "--lookaside https://b.example" --attachments; do
  # shellcheck disable=SC2086
  t set --policy small.json host.io --type signedBy --key alice.gpg $option
  exits 2 "a policy of one's own does not change the host's registries.d"
  complains "--registries.d" "unless the directory is named"
done
check "and nothing is written" cmp -s small.json before.json
t unset --policy small.json --registries.d reg.d many.io
exits 0 "a scope is removed"
says "reg.d/many.yaml: still names where the signatures of the scope are stored" "and its entry of registries.d is named"
t unset --policy small.json --registries.d reg.d "*.example.com" --dry-run
says "reg.d/-.example.com.yaml: still names" "also in a dry run"
s default --attachments
is "$(cat reg.d/default.yaml)" 'default-docker:
  use-sigstore-attachments: true' "the default"
printf 'docker: {flow.io: {lookaside: "file:///x"}}\n' >reg.d/flow.yaml
cp reg.d/flow.yaml flow.old
s flow.io --attachments
exits 3 "what cannot be changed line by line is left alone"
check "byte for byte" cmp -s reg.d/flow.yaml flow.old
t set --policy small.json --registries.d reg.d --transport dir --type reject /srv --attachments
exits 2 "registries.d is about docker"

# --- owner, mode, extended attributes, links ---
mkdir real
cp small.json real/policy.json
ln -s real/policy.json link.json
chmod 0640 real/policy.json
attributes=no
if "$PYTHON" -c 'import os; os.setxattr("real/policy.json", "user.note", b"kept")' 2>/dev/null; then attributes=yes; fi
[ "$(id -u)" -ne 0 ] || chown 12345:54321 real/policy.json
before=$(stat -c '%u %g %a' real/policy.json)
t set --policy link.json linked.io --type reject
exits 0 "a link is followed"
check "and stays" test -L link.json
check "its file is changed" grep -q linked.io real/policy.json
is "$(stat -c '%u %g %a' real/policy.json)" "$before" "owner and mode stay"
if [ $attributes = yes ]; then is "$("$PYTHON" -c 'import os; print(os.getxattr("real/policy.json", "user.note").decode())')" kept "extended attributes stay"
else pass "extended attributes stay # SKIP none here"; fi
is "$(ls -A real | tr '\n' ' ')" "policy.json policy.json.bak " "nothing else is left"
ln -s nowhere/policy.json dangling.json
t set --policy dangling.json x.io --type reject
check "a link that leads nowhere is an error" test "$status" -ne 0
check "and no file" test ! -e dangling.json
printf garbage >real/.policy.json.sigpolicy
t set --policy link.json stale.io --type reject
exits 0 "what a killed editor left does not matter"
check "and is gone" test ! -e real/.policy.json.sigpolicy
if [ "$(id -u)" -eq 0 ]; then
  printf x >real/.policy.json.sigpolicy; chown 12345 real/.policy.json.sigpolicy
  t set --policy link.json foreign.io --type reject
  exits 6 "a lock that is somebody else's is not taken"
  rm real/.policy.json.sigpolicy
fi

# Another hard link keeps the old content; the backup's own name is none such.
cp small.json real/policy.json; ln real/policy.json second.json
t set --policy real/policy.json hard.io --type reject
exits 0 "a policy with another hard link is changed"
complains "warning: $work/real/policy.json has another hard link, which keeps the old content" "with a warning"
check "which is true" cmp -s second.json small.json
rm second.json real/policy.json.bak; ln real/policy.json real/policy.json.bak
t set --policy real/policy.json hard2.io --type reject; is "$status $err" "0 " "a backup that a killed editor left is no reason for one"

# An owner whom the file's group does not have.
if [ "$(id -u)" -eq 0 ] && type setpriv >/dev/null 2>&1; then
  chmod 711 "$work"; mkdir theirs; cp "$sigpolicy" theirs/tool; chown 65534:65534 theirs
  # theirs MODE EXPECTED [SETFACL]: a file of group root is changed by its owner; sets its mode.
  theirs() {
    cp small.json theirs/policy.json; rm -f theirs/policy.json.bak; chown 65534:0 theirs/policy.json; chmod "$1" theirs/policy.json
    [ -z "${3-}" ] || setfacl -m "$3" theirs/policy.json || return
    run setpriv --reuid=65534 --regid=65534 --clear-groups theirs/tool trust set --policy "$work/theirs/policy.json" group.io --type reject
    exits 0 "a file of mode $1 and another group is changed"
    complains "warning: $work/theirs/policy.json belonged to the group 0, which is not yours" "with a warning"
    is "$(stat -c '%u %g %a' theirs/policy.json)" "65534 65534 $2" "nobody may do more with it"
    check "it is the new one" grep -q group.io theirs/policy.json
  }
  theirs 0644 644; theirs 0640 600; theirs 0664 644; theirs 0604 600; theirs 0666 666; theirs 2755 755
  if type setfacl >/dev/null 2>&1; then theirs 0644 600 u:12345:---; check "its access list is gone" test -z "$(getfacl -cp theirs/policy.json | grep 12345)"
  else pass "an access list # SKIP no setfacl"; fi
else pass "an owner whom the file's group does not have # SKIP root and setpriv are needed"; fi

# --- many editors at once ---
cp old.json busy.json
for n in {1..50}; do
  "$sigpolicy" trust set --policy busy.json "h$n.example" --type reject >/dev/null 2>"$work/busy.$n" &
  editors[n]=$!
done
failed=0
for n in {1..50}; do wait "${editors[n]}" || failed=$((failed + 1)); done
is "$failed" 0 "50 editors at once all succeed"
is "$(jq '.transports.docker | length' busy.json)" 50 "and nothing of them is lost"

# --- without rights ---
if [ "$(id -u)" -eq 0 ] && [ -f /etc/containers/policy.json ]; then
  install -m 755 "$sigpolicy" "$work/tool"; chmod 711 "$work"
  run env HOME=/nonexistent setpriv --reuid=65534 --regid=65534 --clear-groups "$work/tool" trust set q.io --type reject
  exits 6 "the system's policy is not anybody's to change"
  complains "--user" "and what anybody can do is said"
fi

# --- generated policies ---
data=$(base64 -w0 alice.gpg)
keys="{\"gpg\":[\"$work/alice.gpg\",\"$work/bob.gpg\"],\"sigstore\":\"$work/cosign.pub\",\"data\":\"$data\"}"
"$PYTHON" "$helper" make generated 40 "$keys" || exit

# --- podman ---
if ! command -v podman >/dev/null; then pass "beside podman # SKIP no podman"
else
  mkdir bin; ln -s "$(command -v gpg)" bin/gpg2
  # podman looks for its storage first; only policies matter here.
  p() { PATH=$work/bin:$PATH podman --root "$work/storage" --runroot "$work/run" image trust "$@"; }
  beside() { # NAME ARGUMENT...
    local name=$1; shift
    i "$@"
    if [ "$out" = "$(p "$@" 2>"$work/podman.err")" ]; then pass "$name"
    else fail "$name" "$(diff <(printf '%s\n' "$out") <(p "$@" 2>/dev/null))" "$err" "$(cat "$work/podman.err")"; fi
  }
  for n in {0..11}; do
    beside "generated policy $n: the table" show --policypath "generated/$n/policy.json" --registrypath "generated/$n/registries.d"
    beside "generated policy $n: JSON" show -j --policypath "generated/$n/policy.json" --registrypath "generated/$n/registries.d"
  done
  beside "no heading" show -n --policypath p.json --registrypath reg.d
  beside "the file" show --raw --policypath p.json
  printf '{}' >empty.json
  beside "nothing in it" show --policypath empty.json --registrypath none
  beside "nothing in it, in JSON" show --json --policypath empty.json --registrypath none
  printf '{"default":[{"type":"odd"},{"Type":"reject"}],"other":1,"TRANSPORTS":{"docker":{"a":null,"b":[]}}}' >lax.json
  beside "what verification refuses" show --policypath lax.json --registrypath none
  complains "this policy is invalid" "which is said"
  beside "a registry is asked for, and all are shown" show --policypath p.json --registrypath none quay.io

  # What we write, podman shows and changes; what podman writes, we do.
  theirs=$(p show --json --policypath p.json --registrypath none 2>/dev/null)
  check "podman reads what we write" jq -e 'length > 10' <<<"$theirs"
  cp small.json ours.json; cp small.json podman.json
  while IFS= read -r line; do
    # shellcheck disable=SC2086
    { i set --policypath ours.json $line; ours="$status $err"; they=$(p set --policypath podman.json $line 2>&1); they="$? $they"; }
    is "$ours" "$they" "image trust set $line: status and words"
    is "$(jq -S . ours.json)" "$(jq -S . podman.json)" "and the same policy"
  done <<'END'
-t accept q.io/a
--type=reject q.io/b
-f alice.gpg q.io/c
-f alice.gpg --pubkeysfile /nowhere.gpg -t signedBy q.io/c
-t sigstoreSigned -f cosign.pub q.io/d
-t insecureAcceptAnything default
-t reject default
-t foo q.io
q.io
-t sigstoreSigned q.io
-t accept -f alice.gpg q.io
-t reject q.io more
END
  i set -t accept --policypath podman.json 'a b'
  exits 125 "a scope that is no URI"
  complains "Error: invalid image uri: a b" "is refused with podman's words"
  run env p=1 "$sigpolicy" trust set --policy podman.json q.io/e --type signedBy --key alice.gpg
  exits 0 "we change what podman wrote"
  check "and podman reads that" p show --policypath podman.json
  rm -f made.json other.json
  i set --policypath made.json -t reject default; p set --policypath other.json -t reject default
  is "$(jq -S . made.json)" "$(jq -S . other.json)" "a default makes the file"
  rm made.json
  i set --policypath made.json -t reject q.io
  complains "Error: default trust policy must be set" "another scope does not"
fi
printf '{"default":[{"type":"reject"}],"transports":{"atomic":{"a/b":[{"type":"reject"}]},"docker":{"x":[{"type":"reject"}]}}}' >where.json
i set --signature-policy where.json -t accept a/b
is "$(jq -c .transports.atomic where.json)" '{"a/b":[{"type":"insecureAcceptAnything"}]}' "a scope is replaced under the transport that has it"
run "$sigpolicy" image ls
exits 125 "another verb of podman is not ours"

# --- what podman does not show ---
t show --details --policy p.json --clock 2100-01-01T00:00:00Z
says "GPG key  $(gpg --homedir "$work/gnupg" --no-keyring --show-keys --with-colons alice.gpg 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }')  alice <alice@example.com>" "GPG keys have their fingerprint"
t set --policy p.json expired.io --type signedBy --key expired.gpg
t show --details --policy p.json expired.io/x
says "EXPIRED" "and their expiry"
t show --details --json --policy p.json expired.io/x
check "also in JSON" jq -e '.[0].material[0].expires' <<<"$out"
t show --policy twice.json x.io/y
exits 3 "what applies to an image is asked of a valid policy alone"
t show --policy p.json 'UPPER CASE'
exits 2 "of an image that is none"
t
exits 2 "trust alone"
t frobnicate
exits 2 "an unknown verb of trust"
"$PYTHON" "$helper" change "$sigpolicy" generated "$keys" >changes; reports <changes
nothing_left "trust"
