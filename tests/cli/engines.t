#!/bin/bash
# Doubles in place of gpg: missing, garbled, hanging, lying. None of them makes an acceptance, and nothing is left behind. The command
# under test starts tests/gpg-double of the build tree, which this test writes anew for each case.
. "${top_srcdir:-.}/tests/cli/lib.sh"

fixtures=$(realpath "${top_srcdir:-.}")/tests/fixtures
double=$(realpath "${top_builddir:-.}")/tests/gpg-double
doubled=$(realpath "${top_builddir:-.}")/tests/sigpolicy-doubled
at_end+=("rm -rf '$double'")
fpr=$(gpg --batch --show-keys --with-colons "$fixtures/alice.gpg" 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }')
other=0123456789ABCDEF0123456789ABCDEF01234567
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$fixtures"'/alice.gpg"}' >"$work/policy.json"
payload='{"critical":{"identity":{"docker-reference":"registry.example/ns/app:v1"},"image":{"docker-manifest-digest":"'$(digest_of "$fixtures/manifest.json")'"},"type":"atomic container signature"},"optional":{}}'

# engine BODY: a double that is gpg for --version, --import and --list-keys, and BODY when a signature is to be verified. In it, status LINE...
# writes to the status descriptor and output TEXT to the output.
engine() {
  rm -rf "$double"
  cat >"$double" <<END
#!/bin/bash
case " \$* " in
  *" --version "* | *" --import "* | *" --list-keys "*) exec gpg "\$@" ;;
esac
arguments=("\$@") status_fd=2 output_fd=1
for ((i = 0; i < \$#; i++)); do
  [ "\${arguments[i]}" != --status-fd ] || status_fd=\${arguments[i + 1]}
  [ "\${arguments[i]}" != --output ] || output_fd=\${arguments[i + 1]}
done
output_fd=\${output_fd#-&}
[ "\$output_fd" != - ] || output_fd=1
status() { printf '[GNUPG:] %s\n' "\$@" >&"\$status_fd"; }
output() { printf '%s' "\$1" >&"\$output_fd"; }
$1
END
  chmod +x "$double"
}
try() { run timeout 60 "$doubled" verify --command-timeout "${limit:-30s}" --clock 2026-06-01T00:00:00Z --policy "$work/policy.json" --manifest "$fixtures/manifest.json" --signature "$fixtures/${signature:-forged.sig}" --reference docker://registry.example/ns/app:v1; }
# refused NAME: not accepted, and no crash, hang or internal surprise.
refused() {
  try
  case $status in
    1 | 4 | 6 | 7) pass "$1: exit $status" ;;
    *) fail "$1: exit $status" "$out" "$err" ;;
  esac
  is "$(ls -A "$TMPDIR")" "" "$1: nothing is left"
}

engine 'exec gpg "$@"'
signature=good.sig try
exits 0 "a double that is gpg: the good signature"
refused "a double that is gpg: the forged signature"

rm -rf "$double"
refused "missing"
exits 7 "missing: an engine is missing"
says "engine-missing" "missing: and that is said"
: >"$double"; refused "not executable"
mkdir -p "$work/dir"; rm -f "$double"; mkdir "$double"; refused "a directory"
rm -rf "$double"; printf '#!/bin/sh\nexit 0\n' >"$double"; chmod +x "$double"; refused "silent, also about its version"
printf '#!/bin/sh\nhead -c 100000 /dev/urandom\n' >"$double"; refused "garbage, also about its version"
printf '#!/bin/sh\necho "gpg (GnuPG) 0.0.1"\n' >"$double"; refused "too old"
printf '#!/bin/sh\nkill -9 $$\n' >"$double"; refused "killed"

engine 'exit 0'; refused "exits 0 and says nothing"
engine 'exit 2'; refused "fails and says nothing"
engine 'head -c 100000 /dev/urandom >&"$status_fd"'; refused "garbage as status"
engine 'output "$payload"'; refused "output without status"
engine "output '$payload'; status GOODSIG"; refused "GOODSIG without a key"
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice'"; refused "GOODSIG without VALIDSIG"
engine "output '$payload'; status NEWSIG 'GOODSIG ${other: -16} mallory' 'VALIDSIG $other 2026-01-01 1767225600 0 4 0 22 10 00 $other'"; refused "a good signature by another key"
# validsig KEY [PRIMARY]: what gpg says of a good signature by that key.
validsig() { printf "'VALIDSIG %s 2026-01-01 1767225600 0 4 0 22 10 00%s'" "$1" "${2:+ $2}"; }
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' $(validsig "$fpr" "$fpr")"; try
exits 0 "a good signature, as gpg tells it"
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' $(validsig "$fpr" "$other")"; refused "a subkey of another's primary key"
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' $(validsig "$fpr")"; refused "no primary key is told"
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' $(validsig "$fpr" "${fpr: -16}")"; refused "a key ID in place of the primary key"
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' $(validsig "$fpr" "$fpr") $(validsig "$fpr" "$fpr")"; refused "one signature is told of twice"
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' 'VALIDSIG ${fpr: -16} 2026-01-01 1767225600 0 4 0 22 10 00 ${fpr: -16}'"; refused "a key ID in place of a fingerprint"
engine "output '$payload'; status NEWSIG 'BADSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 10 00 $fpr'"; refused "BADSIG with VALIDSIG"
engine "output '$payload'; status NEWSIG 'EXPKEYSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 10 00 $fpr'"; refused "a key that has expired"
engine "output '$payload'; status NEWSIG 'REVKEYSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 10 00 $fpr'"; refused "a revoked key"
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 10 00 $fpr' NEWSIG 'GOODSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 10 00 $fpr'"; refused "two good signatures"
engine "status NEWSIG 'GOODSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 10 00 $fpr'"; refused "a good signature of nothing"
engine "output 'not json'; status NEWSIG 'GOODSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 10 00 $fpr'"; refused "a good signature of no payload"
engine "head -c 2000000 /dev/zero >&\"\$output_fd\"; status NEWSIG 'GOODSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 10 00 $fpr'"; refused "more output than is taken"
engine "output '${payload%?????}'; kill -9 \$\$"; refused "killed in the middle of its output"
engine "trap '' TERM; while :; do read -r -t 5 <> <(:); done"
limit=1s refused "hangs"
exits 6 "hangs: the time limit ends it"

nothing_left engines
