#!/bin/bash
# Doubles in place of gpg: missing, garbled, hanging, lying. None of them makes an acceptance, and nothing is left behind. The command
# under test starts tests/gpg-double of the build tree in place of the wrapper, which this test writes anew for each case, and
# tests/gpg-double-itself in place of gpg where it wants to know what the wrapper started.
. "${top_srcdir:-.}/tests/cli/lib.sh"

export SIGPOLICY_OPENPGP=gpg
fixtures=$(realpath "${top_srcdir:-.}")/tests/fixtures
double=$(realpath "${top_builddir:-.}")/tests/gpg-double
doubled=$(realpath "${top_builddir:-.}")/tests/sigpolicy-doubled
itself=$double-itself
at_end+=("rm -rf '$double' '$itself'")
ln -sf "$(command -v gpg)" "$itself"
# The double has the options of a private home put in by the wrapper, as everything that runs gpg with our arguments.
wrapper=$(realpath "${top_builddir:-.}")/src/libexec/gpg
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
  *" --version "* | *" --import "* | *" --list-keys "*) exec "$wrapper" "\$@" ;;
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
  is "$(ls -A "$TMPDIR")$(grep -lsF -f <(echo "$double") /proc/[0-9]*/cmdline)" "" "$1: nothing is left"
}

engine 'exec '"$wrapper"' "$@"'
signature=good.sig try
exits 0 "a double that is gpg: the good signature"
refused "a double that is gpg: the forged signature"

rm -rf "$double"
refused "missing"
exits 7 "missing: an engine is missing"
says "engine-missing" "missing: and that is said"
says "hint      install GnuPG (the package gpg)" "missing: and what to do"
engine 'exec '"$wrapper"' "$@"'; signature=good.sig try
exits 0 "missing: once it is there, the image is accepted"
rm -rf "$double"
: >"$double"; refused "not executable"
SIGPOLICY_OPENPGP= signature=good.sig try
exits 0 "missing: a plain signature needs none"
is "$(ls -A "$TMPDIR")" "" "missing: and no temporary directory"
SIGPOLICY_OPENPGP= refused "missing: a forged signature needs one"
exits 7 "missing: an engine is missing for it"
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
exits 1 "a good signature by another key: no"
says "key-not-trusted" "a good signature by another key: and that is why"
# validsig KEY [PRIMARY]: what gpg says of a good signature by that key.
validsig() { printf "'VALIDSIG %s 2026-01-01 1767225600 0 4 0 22 10 00%s'" "$1" "${2:+ $2}"; }
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' $(validsig "$fpr" "$fpr")"; try
exits 0 "a good signature, as gpg tells it"
engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' 'VALIDSIG $fpr 2026-01-01 1767225600 0 4 0 22 2 00 $fpr'"; try
exits 0 "a good signature over SHA-1"
complains "uses a weak algorithm" "a good signature over SHA-1: with a warning"
for said in 'ERROR verify.keyusage 125' 'TRUST_FULLY 71 pgp'; do
  engine "output '$payload'; status NEWSIG 'GOODSIG ${fpr: -16} alice' $(validsig "$fpr" "$fpr") '$said'"; refused "a good signature, and $said"
  exits 1 "a good signature, and $said: no"
  says "may not make it" "a good signature, and $said: that is why"
done
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
good="'GOODSIG ${fpr: -16} alice' $(validsig "$fpr" "$fpr")"
engine "output '${payload%?????}'; status NEWSIG $good"; refused "a good signature of half a payload"
engine "output '$payload'; status_fd=\$output_fd; status NEWSIG $good"; refused "status lines in the output"
engine "output '$payload'; status_fd=2; status NEWSIG $good"; refused "status lines on standard error"
engine "output '$payload'; status NEWSIG 'BADSIG ${fpr: -16} alice%0A[GNUPG:] '$good"; refused "status lines in a name, escaped"
engine "output '$payload'; status NEWSIG \$'BADSIG ${fpr: -16} alice\\r[GNUPG:] GOODSIG ${fpr: -16} alice' $(validsig "$fpr" "$fpr")"; refused "status lines in a name, behind a carriage return"
engine "output '$payload'; printf '[GNUPG:] NEWSIG\\n[GNUPG:] GOODSIG ${fpr: -16} alice\\0\\n[GNUPG:] VALIDSIG\\0$fpr\\n' >&\"\$status_fd\""; refused "NUL bytes in status lines"
engine "output '$payload'; status NEWSIG $good 'ERRSIG ${fpr: -16} 22 10 00 1767225600 9 -'"; refused "good, and then in error"
engine "output '$payload'; status NEWSIG $good; output '$payload'"; refused "the payload twice"
engine "output '$payload'; status NEWSIG $good 'NODATA 4'"; refused "good, and no data"
engine "while :; do output '$payload'; done"; refused "output without end"
engine "trap '' TERM; while :; do read -r -t 5 <> <(:); done"
limit=0.5s refused "hangs"
exits 6 "hangs: the time limit ends it"
engine "output '$payload'; status NEWSIG $good; trap '' TERM; while :; do read -r -t 5 <> <(:); done"
limit=0.5s refused "hangs after a good signature"
exits 6 "hangs after a good signature: the time limit ends it"
engine "while :; do status 'PROGRESS x ? 0 0'; done"
limit=0.5s refused "status without end"
exits 6 "status without end: the time limit ends it"
engine "(trap '' TERM HUP; while :; do read -r -t 5 <> <(:); done) & output '$payload'; status NEWSIG $good"
limit=0.5s refused "another holds its pipes"
exits 6 "another holds its pipes: the time limit ends it"
engine "(eval \"exec <&- >&- 2>&- \$status_fd>&- \$output_fd>&-\"; trap '' TERM HUP; while :; do read -r -t 5 <> <(:); done) & exit 2"
limit=0.5s refused "another stays behind"

# The wrapper tells a version without starting gpg. An older one does not know the option that the wrapper puts in front.
is "$("$wrapper" --version)" "gpg (GnuPG) 2.2.0" "the wrapper tells the oldest version that we take"
mkdir -m 700 "$work/wrapped"
mkfifo "$work/in" "$work/said"
"$wrapper" --homedir "$work/wrapped" --batch --import <"$work/in" 2>"$work/said" &
exec 8>"$work/in" 9<"$work/said"
read -r -t 30 line <&9
is "$(tr '\0' ' ' <"/proc/$!/cmdline")" "$wrapper --disable-dirmngr --homedir $work/wrapped --batch --import " "the wrapper starts gpg with that option"
exec 8>&-
wait $!
exec 9<&-
# What it makes of the one option that GPGME hands on for us. gpg itself takes the "!" off.
"$wrapper" --homedir "$work/wrapped" --trust-model=sigpolicy@20260601T000000! --batch --import <"$work/in" 2>"$work/said" &
exec 8>"$work/in" 9<"$work/said"
read -r -t 30 line <&9
is "$(tr '\0' ' ' <"/proc/$!/cmdline")" "$wrapper --disable-dirmngr --homedir $work/wrapped --no-options --batch --no-tty --no-autostart --no-auto-key-retrieve --disable-dirmngr --trust-model=always --no-verbose --no-greeting --lock-never --no-random-seed-file --no-auto-check-trustdb --max-output=1048576 --faked-system-time 20260601T000000  --batch --import " "the wrapper puts in the options of a private home"
exec 8>&-
wait $!
exec 9<&-

vouched() {
  printf '#!/bin/bash\n[ "$*" != --version ] || exec echo "gpg (GnuPG) 2.2.0"\n%s\n' "$1" >"$double"
  chmod +x "$double"
}
vouched 'exec '"$wrapper"' "$@"'
signature=good.sig try
exits 0 "vouched for: the good signature"
for version in 2.1.22 2.0.22 1.4.23; do
  rm -f "$itself"
  printf '#!/bin/sh\necho "gpg (GnuPG) %s"\n' "$version" >"$itself"
  chmod +x "$itself"
  vouched 'exec gpg --no-such-option "$@"'
  signature=good.sig refused "gpg $version, vouched for"
  exits 7 "gpg $version, vouched for: an engine is missing"
  says "engine-missing" "gpg $version, vouched for: and that is said"
done
rm -f "$itself"
# imports BODY: gpg, but for the import of keys.
imports() { vouched "case \" \$* \" in *' --import '*) $1 ;; *) exec '$wrapper' \"\$@\" ;; esac"; }
imports 'exit 0'; signature=good.sig refused "imports nothing and says nothing"
imports 'head -c 100000 /dev/urandom; exit 0'; signature=good.sig refused "garbage while it imports"
imports "printf '[GNUPG:] IMPORT_OK 1 $fpr\\n[GNUPG:] IMPORT_RES 1 0 1 0 0 0 0 0 0 0 0 0 0 0 0\\n'"; signature=good.sig refused "says that it imported, and did not"
imports "trap '' TERM; while :; do read -r -t 5 <> <(:); done"; limit=0.5s signature=good.sig refused "hangs while it imports"
exits 6 "hangs while it imports: the time limit ends it"
policy '{"type":"signedBy","keyType":"GPGKeys","keyPaths":["'"$fixtures"'/bob.gpg","'"$fixtures"'/alice.gpg"]}' >"$work/two.json"
for second in 'kill -9 $$' 'exit 0'; do
  imports "if [ -e '$work/once' ]; then $second; fi; : >'$work/once'; exec '$wrapper' \"\$@\""
  rm -f "$work/once"
  run "$doubled" verify --clock 2026-06-01T00:00:00Z --policy "$work/two.json" --manifest "$fixtures/manifest.json" --signature "$fixtures/good.sig" --reference docker://registry.example/ns/app:v1
  exits 6 "ends before it has imported the second key ($second): whether that signed was not found out"
  says "gpg ended before it had imported the keys of '$fixtures/alice.gpg'" "and that is said ($second)"
done
vouched 'exit 127'
signature=good.sig refused "missing, vouched for"
exits 7 "missing, vouched for: an engine is missing"

# Each start of gpg costs as much as all the rest: keys are imported once, a signature is verified once, nothing more is asked.
counted() {
  vouched "case \" \$* \" in *' --import '*) echo import ;; *' --output '*) echo verify ;; *) echo \"\$*\" ;; esac >>'$work/starts'; exec '$wrapper' \"\$@\""
}
counted
signature=good.sig try
exits 0 "starts of gpg: the good signature"
is "$(paste -sd' ' "$work/starts")" "import verify" "starts of gpg: keys are imported, a signature is verified"
rm "$work/starts"
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$fixtures"'/primary.gpg"}' >"$work/subkey.json"
run "$doubled" verify --clock 2026-06-01T00:00:00Z --policy "$work/subkey.json" --manifest "$fixtures/manifest.json" --signature "$fixtures/by-subkey.sig" --reference docker://registry.example/ns/app:v1
exits 0 "starts of gpg: a subkey's signature"
is "$(paste -sd' ' "$work/starts")" "import verify" "starts of gpg: its primary key is not looked up"
cp "$double" "$itself"
rm -f "$work/starts"
make_key gnupg carol
GNUPGHOME=$work/gnupg check "a signature of today" "$sigpolicy" standalone-sign "$fixtures/manifest.json" registry.example/ns/app:v1 "$fingerprint" -o "$work/today.sig"
GNUPGHOME=$work/gnupg run "$doubled" standalone-verify "$fixtures/manifest.json" registry.example/ns/app:v1 "$fingerprint" "$work/today.sig"
exits 0 "starts of gpg: with the user's keyring"
is "$(paste -sd' ' "$work/starts")" "verify" "starts of gpg: with the user's keyring, one"

# A key that is too short today is accepted, as gpg does, with a warning, whoever verifies.
make_key small dave rsa1024
GNUPGHOME=$work/small check "a signature by a key of 1024 bits" "$sigpolicy" standalone-sign "$fixtures/manifest.json" registry.example/ns/app:v1 "$fingerprint" -o "$work/small.sig"
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/dave.gpg"}' >"$work/small.json"
for engine in gpg ''; do
  SIGPOLICY_OPENPGP=$engine run "$sigpolicy" verify --policy "$work/small.json" --manifest "$fixtures/manifest.json" --signature "$work/small.sig" --reference docker://registry.example/ns/app:v1
  exits 0 "a key of 1024 bits, ${engine:-in process or gpg}"
  complains "uses a weak algorithm" "a key of 1024 bits, ${engine:-in process or gpg}: with a warning"
done

# Nothing is started that PATH has under the name of gpg.
mkdir "$work/bin"
printf '#!/bin/sh\n: >"%s/started"\nexec /usr/bin/gpg "$@"\n' "$work" >"$work/bin/gpg"
chmod +x "$work/bin/gpg"
PATH=$work/bin:$PATH run "$sigpolicy" verify --clock 2026-06-01T00:00:00Z --policy "$work/policy.json" --manifest "$fixtures/manifest.json" --signature "$fixtures/good.sig" --reference docker://registry.example/ns/app:v1
exits 0 "another gpg in PATH: the good signature"
check "another gpg in PATH is not started" test ! -e "$work/started"
PATH=$work/bin:$PATH run "$sigpolicy" run --clock 2026-06-01T00:00:00Z --policy "$work/policy.json" --manifest "$fixtures/manifest.json" --signature "$fixtures/good.sig" --reference docker://registry.example/ns/app:v1 -- env X={}
says "PATH=$work/bin:$PATH" "a command that is run has its PATH as it was"

nothing_left engines
