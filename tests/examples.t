#!/bin/bash
# The programs of contrib/examples and the command: the same questions, the same answers. "make check" asks with the library
# as the tests have it, with the gpg wrapper of the build tree; "make installcheck" (installed=BINDIR) with what was installed.
. "${top_srcdir:-.}/tests/cli/lib.sh"
source=$(realpath "${top_srcdir:-.}") build=$(realpath "${top_builddir:-.}")
examples=$source/contrib/examples

programs=(command_itself)
if [ -z "${installed-}" ]; then
  export LD_LIBRARY_PATH=$build/tests
  flags=(-I"$source/src/include" -L"$build/tests" -lsigpolicy)
  programs+=(c)
else
  sigpolicy=$installed/sigpolicy
  if ! command -v pkg-config >/dev/null; then pass "verify-image.c # SKIP no pkg-config"
  else
    check "pkg-config finds the installed library" pkg-config --exists --print-errors sigpolicy
    read -r -a flags < <(pkg-config --cflags --libs sigpolicy)
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir sigpolicy)
    export LD_LIBRARY_PATH
    programs+=(c)
  fi
fi
if [ "${PYTHON:-:}" = : ]; then pass "verify_image.py # SKIP no Python"; else programs+=(python); fi

[[ " ${programs[*]} " != *" c "* ]] ||
  check "verify-image.c builds" ${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -o "$work/verify-image" \
    "$examples/verify-image.c" "${flags[@]}"

if [[ " ${programs[*]} " == *" c "* ]]; then
  check "who-signed.c builds" ${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -o "$work/who-signed" \
    "$examples/who-signed.c" "${flags[@]}"
fi

c() { "$work/verify-image" "$@"; }
python() { PYTHONDONTWRITEBYTECODE=1 "$PYTHON" "$examples/verify_image.py" "$@"; }
command_itself() { "$sigpolicy" verify --format text --policy "$1" ${4:+--clock "$4"} ${3:+--as "$3"} "$2"; }

cd "$work" || exit 1
fixtures=$source/tests/fixtures
name=docker://registry.example/ns/app:v1 now=2026-06-01T00:00:00Z
policy "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"$fixtures/alice.gpg\"}" >policy.json
policy '{"type":"signedBy","keyType":"GPGKeys"}' >broken.json
for image in good forged; do
  mkdir $image
  cp "$fixtures/manifest.json" $image/
  cp "$fixtures/$image.sig" $image/signature-1
  printf 'Directory Transport Version: 1.1\n' >$image/version
done

if [ -x who-signed ]; then
  # By the policy of this host, which is the user's here; a key that never expires.
  mkdir -p home/.config/containers several && cp policy.json home/.config/containers/ && cp good/manifest.json several/
  cp forged/signature-1 several/signature-1 && cp good/signature-1 several/signature-2
  run ./who-signed dir:several $name
  exits 0 "who-signed: one of two signatures is accepted"
  says "signature-1: 0E791A340FD99D83: Invalid GPG signature" "who-signed: and why the other is not"
  says "signature-2: 42D9AC609791DBA301C38BAD0E791A340FD99D83: accepted" "who-signed: and who made it"
  run ./who-signed dir:forged $name
  exits 1 "who-signed: no other is"
fi

for program in "${programs[@]}"; do
  run "$program" policy.json dir:good $name $now
  exits 0 "$program: a signed image is accepted"
  says "$(digest_of good/manifest.json)" "$program: and named by its digest"
  run "$program" policy.json dir:forged $name $now
  exits 1 "$program: its forged twin is rejected"
  says bad-signature "$program: for its signature"
  run "$program" policy.json dir:good docker://registry.example/ns/app:v2 $now
  exits 1 "$program: under another name it is rejected"
  says identity-mismatch "$program: for its identity"
  run "$program" policy.json dir:missing $name $now
  exits 5 "$program: an image that is not there"
  run "$program" missing.json dir:good $name $now
  exits 3 "$program: a policy that is not there"
  run "$program" broken.json dir:good $name $now
  exits 3 "$program: a policy that is broken"
  is "$(grep -c 'accepted' <<<"$out")" 0 "$program: accepts nothing then"
done
# Where nothing can listen: the module that talks to servers is there, and is what says so.
if [ -n "${installed-}" ]; then
  run "$sigpolicy" verify --format text --policy policy.json --command-timeout 10s docker://127.0.0.1:1/ns/app:v1
  exits 6 "the installed command finds its module for HTTP"
  says could-not-look "and cannot reach a server"
fi
if [[ " ${programs[*]} " == *" c "* ]]; then
  run c policy.json
  exits 2 "c: usage"
fi
if [[ " ${programs[*]} " == *" python "* ]]; then
  run python broken.json dir:good $name $now
  complains "  file       broken.json" "python: the error names the file"
  complains "  line       1" "python: its line"
  complains "  json_path  transports.docker[\"\"][0]" "python: and the place in the document"
  run python policy.json
  exits 2 "python: usage"
fi
nothing_left examples
