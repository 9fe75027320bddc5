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
sets() { # NAME JSON ARGUMENT...
  local name=$1 json=$2; shift 2
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
says "cosign signs a repository without a tag" "which is explained"
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
refuses 2 "a type is" q.io --type signed
refuses 2 "--type is needed" q.io
refuses 2 "signedBy needs a key file" q.io --type signedBy
refuses 2 "no keys" q.io --type accept --key alice.gpg
refuses 2 "one of key files" q.io --type sigstoreSigned --key cosign.pub --pki-roots root.pem --pki-email a@b
refuses 2 "a Rekor log" q.io --type sigstoreSigned --fulcio-ca root.pem --fulcio-issuer i --fulcio-email e
refuses 2 "an identity is" q.io --type signedBy --key alice.gpg --identity exactRepository
refuses 2 "dockerReference" q.io --type signedBy --key alice.gpg --identity 'exactReference=quay.io/UPPER:v1'
refuses 2 "--identity" /srv --transport dir --type signedBy --key alice.gpg
refuses 2 "--transport docker 'q.io/x'" docker://q.io/x --type reject
refuses 2 "Unknown key" relative --transport dir --type reject
refuses 2 "knows no transport" x --transport docker: --type reject
refuses 4 "no such file" q.io --type signedBy --key none.gpg
refuses 4 "no GPG key" q.io --type signedBy --key cosign.pub
refuses 4 "public key" q.io --type sigstoreSigned --key alice.gpg
refuses 4 "certificates" q.io --type sigstoreSigned --pki-roots cosign.pub --pki-email a@b
refuses 2 "not for trust set" q.io --type reject --raw
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
  complains "verification refuses this policy" "which is said"
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
