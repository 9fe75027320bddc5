#!/bin/bash
# Debian 12's skopeo, podman and buildah are built without sigstore signatures: whatever a sigstoreSigned accepts, they refuse, as
# engine-refuses-sigstore of the audit says. Elsewhere there is nothing to ask.
. "${top_srcdir:-.}/tests/cli/lib.sh"

# engine NAME VERSION: is it installed, as Debian 12 has it?
engine() { case $(dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null) in "installed $2"*) command -v "$1" >/dev/null ;; *) false ;; esac; }
engines=()
! engine skopeo 1.9. || engines+=(skopeo)
! "${top_srcdir:-.}/tests/support/can-store-layers" >/dev/null 2>&1 || {
  ! engine podman 4.3. || engines+=(podman)
  ! engine buildah 1.28. || engines+=(buildah)
}
[ "${#engines[@]}" -gt 0 ] || { pass "Debian 12's engines # SKIP none of them is here"; exit 0; }

# pull ENGINE POLICY DIRECTORY: what copying or pulling that image says and exits with.
store=(--root "$work/graph" --runroot "$work/runroot" --storage-driver vfs)
pull() {
  rm -rf "$work/copy"
  case $1 in
    skopeo) run skopeo --policy "$2" copy -q --remove-signatures "dir:$3" "dir:$work/copy" ;;
    podman) run podman "${store[@]}" --events-backend none pull -q --signature-policy "$2" "dir:$3" ;;
    buildah) run buildah "${store[@]}" pull -q --signature-policy "$2" "dir:$3" ;;
  esac
}
at_end+=('chmod -R u+w "$work/graph" 2>/dev/null; umount "$work/graph/vfs" "$work/graph" 2>/dev/null')

# An image of our own, signed by a key pair as cosign does it.
make_image "$work/ours"
openssl ecparam -name prime256v1 -genkey -noout -out "$work/key.pem" && openssl ec -in "$work/key.pem" -pubout -out "$work/key.pub" 2>/dev/null
printf '{"critical":{"identity":{"docker-reference":"registry.example/ns/app"},"image":{"docker-manifest-digest":"%s"},"type":"cosign container image signature"},"optional":null}' \
  "$(digest_of "$work/ours/manifest.json")" >"$work/payload"
signature() { # PAYLOAD FILE
  printf '\0sigstore-json\n{"mimeType":"application/vnd.dev.cosign.simplesigning.v1+json","payload":"%s","annotations":{"dev.cosignproject.cosign/signature":"%s"}}' \
    "$(base64 -w0 "$1")" "$(openssl dgst -sha256 -sign "$work/key.pem" "$1" | base64 -w0)" >"$2"
}
cp -r "$work/ours" "$work/unsigned"
signature "$work/payload" "$work/ours/signature-1"
identity='"signedIdentity":{"type":"exactRepository","dockerRepository":"registry.example/ns/app"}'
policy '{"type":"sigstoreSigned","keyPath":"'"$work"'/key.pub",'"$identity"'}' >"$work/policy.json"
policy '{"type":"insecureAcceptAnything"}' >"$work/accept.json"
run "$sigpolicy" verify --policy "$work/policy.json" "dir:$work/ours"; exits 0 "we accept an image with a sigstore signature"
run "$sigpolicy" verify --policy "$work/policy.json" "dir:$work/unsigned"; exits 1 "and reject its twin without"
# audit POLICY: of a host with this one's packages.
mkdir -p "$work/host/etc/containers" "$work/host/var/lib/dpkg" && cp /var/lib/dpkg/status "$work/host/var/lib/dpkg/"
audit() { cp "$work/$1.json" "$work/host/etc/containers/policy.json"; run "$sigpolicy" audit --root "$work/host" --format json; }
for engine in "${engines[@]}"; do
  for image in ours unsigned; do
    pull "$engine" "$work/policy.json" "$work/$image"
    [ "$status" -ne 0 ] && pass "$engine refuses it: $image" || fail "$engine refuses it: $image" "$out" "$err"
    [ "$image" = unsigned ] || complains "sigstore disabled" "$engine says why"
  done
  pull "$engine" "$work/accept.json" "$work/ours"; exits 0 "$engine takes it where no signature is required"
  audit policy
  case $(jq -r '.findings[] | select(.rule == "engine-refuses-sigstore").message' <<<"$out") in
    *"$engine "*) pass "the audit says so of $engine" ;;
    *) fail "the audit says so of $engine" "$out" ;;
  esac
  audit accept
  is "$(jq '[.findings[] | select(.rule == "engine-refuses-sigstore")] | length' <<<"$out")" 0 "and nothing where no sigstoreSigned is required"
done

# Every recorded question that a sigstoreSigned accepts: keys, certificates, logs.
for question in "${top_srcdir:-.}"/tests/golden/accepted-sigstore*; do
  mapfile -t argv <"$question/argv"
  manifest= signature= clock=
  for ((i = 0; i < ${#argv[@]}; i++)); do
    case ${argv[i]} in --manifest) manifest=${argv[i + 1]} ;; --signature) signature=${argv[i + 1]} ;; --clock) clock=${argv[i + 1]} ;; esac
  done
  name=${question##*/} here=$work/${question##*/}
  mkdir "$here"
  cp "${top_srcdir:-.}/tests/$manifest" "$here/manifest.json"; cp "${top_srcdir:-.}/tests/$signature" "$here/signature-1"
  printf 'Directory Transport Version: 1.1\n' >"$here/version"
  # The same requirements, of dir:, where an image has no name; paths are from the tests' directory.
  jq -c --arg tests "$(realpath "${top_srcdir:-.}")/tests/" --argjson identity "{$identity}" '
    [.. | objects | select(.type? == "sigstoreSigned") | . + $identity | walk(if type == "string" and startswith("fixtures/") then $tests + . else . end)][0]
    | {default: [{type: "reject"}], transports: {dir: {"": [.]}}}' "$question/policy.json" >"$here.json"
  run "$sigpolicy" verify --clock "$clock" --policy "$here.json" "dir:$here"; exits 0 "$name: we accept it"
  for engine in "${engines[@]}"; do
    pull "$engine" "$here.json" "$here"
    [ "$status" -ne 0 ] && pass "$name: $engine refuses it" || fail "$name: $engine refuses it" "$out" "$err"
  done
done
nothing_left "the command"
