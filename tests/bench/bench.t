#!/bin/bash
# contrib/bench is told its peers: which arguments it takes, what it says of a program that is missing, and what its table has of a peer
# that refuses the signature. Doubles stand for the peers and for us, and nothing is measured.
. "${top_srcdir:-.}/tests/cli/lib.sh"

source=$(realpath "${top_srcdir:-.}")
bench() { run "$source/contrib/bench" "$@"; }
for peer in skopeo cosign; do
  bench --$peer; exits 2 "--$peer without a program"; says "--$peer PROGRAM" "says how it is used"
  bench --$peer "$work/none"; exits 2 "--$peer of a program that is missing"; complains "bench: no program: $work/none" "names it"
  bench "--$peer=$work/home"; exits 2 "--$peer of a directory"; complains "bench: no program: $work/home" "names it"
  : >"$work/file"; bench --$peer "$work/file"; exits 2 "--$peer of a file that is no program"; complains "bench: no program: $work/file" "names it"
done

# program NAME [LINE...]: a double.
program() { printf '%s\n' '#!/bin/sh' "${@:2}" >"$work/$1"; chmod +x "$work/$1"; }
program measure 'if [ "$1" = -m ]; then shift; numbers="1 1 1"; else numbers="1000 1000"; fi' '"$@" >/dev/null' 'echo "$? $numbers"'
program sigpolicy 'exit 0'
program old-skopeo 'echo "old-skopeo: Source image rejected: sigstore disabled" >&2; exit 1'
program new-skopeo '[ "$1" != --version ] || echo "skopeo version 1.22.0"' "echo \"\$*\" >>$work/called"
program refusing 'echo "refusing: invalid signature when validating" >&2; exit 1'
program accepting "echo \"\$*\" >>$work/called"
# rows TEXT SIGPOLICY SKOPEO COSIGN: the answer in JSON of the rows that have this text.
rows() {
  local name values=()
  for name in policy registries_d sigstore sigstore_policy image out bundles cosign_key payload; do values+=("$name=/$name"); done
  # (Not run(): this JSON is none of the command's.)
  out=$("${PYTHON:-python3}" "$source/tests/bench/bench.py" --runs 1 --json --only "$1" measured=doubles measure="$work/measure" sigpolicy="$2" skopeo="$3" cosign="$4" openssl_verify="$work/sigpolicy" "${values[@]}" 2>"$work/err"); status=$? err=$(cat "$work/err")
}
field() { jq -r ".rows[] | select(.name == \"$row\") | $1" <<<"$out"; }

row='verify dir:, sigstoreSigned'
rows "$row" "$work/sigpolicy" "$work/old-skopeo" ""
exits 0 "a skopeo that refuses sigstore signatures fails nothing"
is "$(field .not_measured)" "exit status 1: old-skopeo: Source image rejected: sigstore disabled" "and is not measured, with its own words"
is "$(field '.ours.wall_ms, .ratio')" "1
null" "we are measured without a ratio"
rows "$row" "$work/sigpolicy" "$work/new-skopeo" ""
exits 0 "a newer skopeo"; is "$(field .ratio.wall_ms)" 1 "is measured"; is "$(jq -r .skopeo <<<"$out")" "skopeo version 1.22.0" "and its version told"
is "$(grep -v -- --version "$work/called" | sort -u)" "--policy /sigstore_policy --registries.d /registries_d copy --quiet dir:/sigstore dir:/out" "it is asked for the same image and policy"

row='verify-bundle, a certificate with a log'
rows "$row" "$work/sigpolicy" "" ""
exits 0 "no cosign"; is "$(field .not_measured)" "cosign is not installed" "is said so"
rows "$row" "$work/sigpolicy" "" "$work/refusing"
exits 0 "a cosign that refuses the bundle fails nothing"; is "$(field .not_measured)" "exit status 1: refusing: invalid signature when validating" "and is not measured"
: >"$work/called"
rows "$row" "$work/sigpolicy" "" "$work/accepting"
exits 0 "a cosign"; is "$(field .ratio.wall_ms)" 1 "is measured"; is "$(grep -v "^version" "$work/called" | cut -d" " -f1-3 | sort -u)" "verify-blob --bundle /bundles/certificate-file.json" "it is asked for the same bundle"
rows "$row" "$work/refusing" "" "$work/accepting"
exits 1 "our own refusal is a failure"; is "$(field '.ours, .not_measured')" "null
exit status 1: refusing: invalid signature when validating" "and is told"
rows "$row" "$work/gone" "" "$work/accepting"
is "$(field .not_measured)" "$work/gone is not installed" "a command that is not there is told"
