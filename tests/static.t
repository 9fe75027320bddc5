#!/bin/bash
# The command that ./configure --enable-static-command links: it needs no shared library, and verifies where there is nothing
# but itself. What gpg does stays with gpg; tests/examples.t asks that of what is installed.
. "${top_srcdir:-.}/tests/cli/lib.sh"
source=$(realpath "${top_srcdir:-.}")
sigpolicy=$(realpath "${top_builddir:-.}")/sigpolicy
fixtures=$source/tests/fixtures

run readelf -lW "$sigpolicy"
is "$(grep -c INTERP <<<"$out")" 0 "no dynamic loader is named"
run readelf -dW "$sigpolicy"
is "$(grep -c NEEDED <<<"$out")" 0 "no shared library is needed"
says "PIE" "it can be loaded anywhere"

root=$work/root
mkdir "$root"
cp "$sigpolicy" "$fixtures/manifest.json" "$fixtures/sigstore/skopeo.pub" "$root"
for name in by-skopeo by-skopeo-forged-signature by-skopeo-forged-payload other-name; do cp "$fixtures/sigstore/$name.sig" "$root"; done
policy '{"type":"sigstoreSigned","keyPath":"skopeo.pub"}' >"$root/policy.json"
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"skopeo.pub"}' >"$root/gpg.json"
judge() { # COMMAND... -- POLICY SIGNATURE
  local command=()
  while [ "$1" != -- ]; do command+=("$1"); shift; done
  run "${command[@]}" verify --policy "$2" --manifest manifest.json --signature "$3" --reference docker://registry.example/ns/app:v1
}
questions() { # NAME COMMAND...
  local name=$1; shift
  judge "$@" -- policy.json by-skopeo.sig
  exits 0 "$name: a sigstore signature is accepted"
  says "accepted" "$name: and said to be"
  judge "$@" -- policy.json by-skopeo-forged-signature.sig
  exits 1 "$name: a forged signature is rejected"
  judge "$@" -- policy.json by-skopeo-forged-payload.sig
  exits 1 "$name: a forged payload is rejected"
  judge "$@" -- policy.json other-name.sig
  exits 1 "$name: another name is rejected"
  judge "$@" -- missing.json by-skopeo.sig
  exits 3 "$name: a policy that is missing"
}
cd "$root" || exit 1
questions "here" ./sigpolicy
if [ "$(id -u)" -ne 0 ]; then pass "alone in a root directory # SKIP needs root"
else
  alone() { TMPDIR=/ chroot "$root" "$@"; }
  questions "alone in a root directory" alone /sigpolicy
  cp "$fixtures/alice.gpg" skopeo.pub
  cp "$fixtures/good.sig" "$fixtures/forged.sig" .
  SIGPOLICY_OPENPGP= judge alone /sigpolicy -- gpg.json good.sig
  exits 0 "alone in a root directory: a plain gpg signature is accepted without gpg"
  SIGPOLICY_OPENPGP=gpg judge alone /sigpolicy -- gpg.json good.sig
  exits 7 "alone in a root directory: nor where gpg is to judge all"
  judge alone /sigpolicy -- gpg.json forged.sig
  exits 7 "alone in a root directory: without gpg, no other can be judged"
fi
