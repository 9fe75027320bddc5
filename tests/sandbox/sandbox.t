#!/bin/bash
# The sandbox: what a parser can still do when it is wrong (planted.c), what still works, and what the command says of it. What this
# kernel has is asked of the kernel, not of the command; where it has nothing, the command goes on.
. "${top_srcdir:-.}/tests/cli/lib.sh"
fixtures=$(realpath "${top_srcdir:-.}")/tests/fixtures
planted=$(realpath "${top_builddir:-.}")/tests/sandbox/planted
kernel=$("$planted" probe)
landlock=$(sed -n 's/^landlock //p' <<<"$kernel") seccomp=$(grep -c '^seccomp$' <<<"$kernel")
: "${landlock:=0}"
case $(uname -m) in x86_64 | aarch64 | riscv64 | ppc64le) ;; *) seccomp=0 ;; esac
# A sanitizer writes and traces by itself: such a command is confined only where it is asked.
sanitized=$(nm -D "$planted" 2>/dev/null | grep -c '__asan_init')
lacks() { count=$((count + 1)); echo "ok $count - $1 # SKIP this kernel has no $2"; }

name=docker://registry.example/ns/app:v1
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$fixtures"'/alice.gpg"}' >"$work/policy.json"
files=(--clock 2026-06-01T00:00:00Z --policy "$work/policy.json" --manifest "$fixtures/manifest.json" --reference "$name")
# A line of a process that lives until it is told to end, and another's pid: bash itself is what may not be touched.
exec {living}< <(exec "${PYTHON:-python3}" -c 'import signal, sys; print("here", flush=True); signal.pause()')
victim_pid=$!; at_end+=("kill -9 $victim_pid 2>/dev/null")
read -r -u "$living" _
lives() { [ -d "/proc/$victim_pid" ] && ! grep -q '^State:.*[ZX] ' "/proc/$victim_pid/status"; }
echo '{"*": {"status": 404}}' >"$work/script"
start_server "$work/script"
victim=$work/victim

# fresh: the file that may not be touched, as it was.
fresh() { rm -rf "$victim"*; echo untouched >"$victim"; chmod 600 "$victim"; touch -d @1000000000 "$victim"; before=$(state); }
state() { find "$work" -maxdepth 1 -name 'victim*' -printf '%f %m %s %T@ ' ; cat "$victim" 2>/dev/null; }

# plant WHAT VICTIM SIGNATURE ARGUMENT...: the command with this mistake.
plant() {
  local what=$1 on=$2; shift 2
  fresh
  run env PLANTED="$what" VICTIM="$on" "$planted" "$@"
}
# Of a forged signature, and in a child of its own, of a good one whose command must not run.
in_place() { plant "$1" "$2" verify --sandbox "${3:-auto}" "${files[@]}" --signature "$fixtures/forged.sig"; }
in_child() { plant "$1" "$2" run --sandbox "${3:-auto}" "${files[@]}" --signature "$fixtures/good.sig" -- sh -c 'echo ran >"$1"; : "$2"' - "$work/ran" {}; }

# fails WHAT VICTIM: it fails, and nothing was touched. ends WHAT VICTIM: the process is ended, with exit status 7.
fails() {
  local shape
  for shape in in_place in_child; do
    "$shape" "$1" "$2"
    case $err in *"planted: $1 succeeded"*) fail "$1, $shape" "$err" ;; *"planted: $1 "*) pass "$1 fails, $shape" ;; *) fail "$1 was not tried, $shape" "$status $err" ;; esac
    is "$(state)" "$before" "$1, $shape: the file is untouched"
    [ "$shape" != in_place ] || exits 1 "$1: and the forged signature is rejected"
    lives && pass "$1, $shape: the other process lives" || fail "$1, $shape: the other process lives"
  done
}
ends() {
  local shape
  for shape in in_place in_child; do
    rm -f "$work/ran"
    "$shape" "$1" "$2"
    exits 7 "$1 ends the process, $shape"
    is "$out" "" "$1, $shape: there is no answer"
    complains "sandbox ended this process" "$1, $shape: it is said why"
    [ ! -e "$work/ran" ] && pass "$1, $shape: nothing was run" || fail "$1, $shape: nothing was run"
    is "$(state)" "$before" "$1, $shape: the file is untouched"
  done
}
# could WHAT VICTIM: without a sandbox it succeeds, or this would prove nothing.
could() { in_place "$1" "$2" off; complains "planted: $1 succeeded" "$1 succeeds without a sandbox"; }

if [ "$sanitized" -gt 0 ]; then
  lacks "planted mistakes" "place for a sanitizer in the sandbox"
else
  for what in write create truncate unlink rename link mkdir chmod execve local segment; do could "$what" "$victim"; done
  for what in owner socket-owner priority; do could "$what" "$victim_pid"; done
  could connect "${server##*:}"
  for what in write create unlink rename link mkdir thread; do
    if [ "$landlock" -gt 0 ]; then fails "$what" "$victim"; else lacks "$what" Landlock; fi
  done
  if [ "$landlock" -gt 0 ]; then fails execve "$victim"; else lacks execve Landlock; fi
  if [ "$seccomp" -gt 0 ]; then
    for what in chmod truncate times xattr attribute flags memory packet local segment; do fails "$what" "$victim"; done
    for what in owner socket-owner priority; do fails "$what" "$victim_pid"; done
    fails connect "${server##*:}"
    for what in namespace clone; do fails "$what" "$victim"; done
    for what in kill tgkill; do fails "$what" "$victim_pid"; done
    for what in ptrace read; do ends "$what" "$victim_pid"; done
    for what in mount tree keyring bpf ring module; do ends "$what" "$victim"; done
    # Who will not be told is killed by the kernel, which is no acceptance either.
    in_place unheard "$victim_pid"; exits 159 "a process that blocks the signal is killed"
    rmdir "$TMPDIR"/sigpolicy.??????
    in_child unheard "$victim_pid"; exits 7 "and its parent says so"
    complains "killed by signal 31" "with its signal"
    is "$(cat "$work/ran" 2>/dev/null)" "" "and runs nothing"
  else
    lacks "calls that are taken away" seccomp
  fi
  # What the process that judges says was verified is run only if it is of the name that was asked for.
  digest=sha256:$(sha256sum <"$fixtures/manifest.json" | cut -d' ' -f1)
  for other in evil.example/ns/app registry.example/ns/app2 registry.example/ns registry.example docker.io/ns/app -registry.example/ns/app \
    'registry.example/ns/app;' ""; do
    rm -f "$work/ran"
    in_child other "$other@$digest"; exits 7 "another image than was asked for: '$other'"
    complains "names no image that was asked for" "'$other': it is said why"
    [ ! -e "$work/ran" ] && pass "'$other': nothing is run" || fail "'$other': nothing is run"
  done
  in_child other "registry.example/ns/app@$digest"; exits 0 "the image that was asked for"
  check "is run" test -e "$work/ran"
  is "$(cat "$requests")" "" "nobody has asked the server for anything"
  # Of its own the command has the directory of what is temporary, and gpg.
  nothing_left "planted mistakes"
fi

# --- what still works --------------------------------------------------------------------------------------------------------

choices=(auto off); [ "$sanitized" -eq 0 ] || choices=(off)
for sandbox in "${choices[@]}"; do
  for openpgp in "" gpg; do
    SIGPOLICY_OPENPGP=$openpgp run "$sigpolicy" verify --sandbox "$sandbox" "${files[@]}" --signature "$fixtures/good.sig"
    exits 0 "a good signature, --sandbox $sandbox${openpgp:+, by gpg}"
    SIGPOLICY_OPENPGP=$openpgp run "$sigpolicy" verify --sandbox "$sandbox" "${files[@]}" --signature "$fixtures/forged.sig"
    exits 1 "a forged one, --sandbox $sandbox${openpgp:+, by gpg}"
  done
done
nothing_left verify
# The home is looked up before, where the environment does not say it.
for sandbox in "${choices[@]}"; do
  run env -u HOME _CONTAINERS_ROOTLESS_UID=0 "$sigpolicy" verify --sandbox "$sandbox" --verbose --manifest "$fixtures/manifest.json" --reference "$name"
  homes+=("$status $out")
done
is "${homes[0]}" "${homes[-1]}" "the same configuration without HOME"
for target in report.html new.html; do
  [ "$target" = new.html ] || echo old >"$work/$target"
  run "$sigpolicy" report --no-images --policy "$work/policy.json" --html "$work/$target"; exits 0 "report writes $target"
  check "the page is there" grep -q '<html' "$work/$target"
done
run "$sigpolicy" audit --policy "$work/policy.json" --write-baseline "$work/baseline"; exits 0 "audit --write-baseline"
check "the baseline is there" test -s "$work/baseline"
run "$sigpolicy" diff --html "$work/diff.html" "$work/policy.json" "$work/policy.json"; exits 0 "diff --html"
check "the comparison is there" test -s "$work/diff.html"
run "$sigpolicy" run "${files[@]}" --signature "$fixtures/good.sig" -- sh -c 'echo ran >"$1"; exit 3' - "$work/ran" {}
exits 3 "what run starts is not confined, and has its own exit status"
is "$(cat "$work/ran")" ran "it writes where it likes"
rm "$work/ran"
run "$sigpolicy" run "${files[@]}" --signature "$fixtures/forged.sig" -- sh -c 'echo ran >"$1"' - "$work/ran" {}
exits 1 "run of a forged signature"
[ ! -e "$work/ran" ] && pass "starts nothing" || fail "starts nothing"
run "$sigpolicy" run "${files[@]}" --signature "$fixtures/good.sig" -- sh -c 'grep -h -E "NoNewPrivs|Seccomp:" /proc/self/status; echo "$TMPDIR"' - {}
is "$out" "$(grep -h -E "NoNewPrivs|Seccomp:" /proc/self/status; echo "$TMPDIR")" "run hands nothing of the sandbox on"
nothing_left run

# --- what is said ------------------------------------------------------------------------------------------------------------

parts=() ; [ "$landlock" -eq 0 ] || parts+=('"landlock"'); [ "$seccomp" -eq 0 ] || parts+=('"seccomp"')
[ "$sanitized" -eq 0 ] || parts=()
json() { run "$sigpolicy" verify --format jsonl "$@" "${files[@]}" --signature "$fixtures/good.sig"; }
json; is "$(jq -c .sandbox <<<"$out")" "[$(IFS=,; echo "${parts[*]}")]" "JSON says which parts are in force"
json --sandbox off; is "$(jq -c .sandbox <<<"$out")" "[]" "none with --sandbox off"
json --sandbox off --verbose; complains "sandbox: off" "--verbose says so"
if [ "$sanitized" -eq 0 ]; then
  json --verbose
  [ "$landlock" -gt 0 ] && complains "sandbox: Landlock (ABI " "--verbose: Landlock" || complains "sandbox: no Landlock: " "--verbose: no Landlock"
  [ "$seccomp" -gt 0 ] && complains "sandbox: seccomp: no network" "--verbose: seccomp" || complains "sandbox: no seccomp: " "--verbose: no seccomp"
  run "$sigpolicy" verify --verbose --policy "$work/policy.json" docker://127.0.0.1:1/ns/app:v1
  exits 6 "a registry that is not there"
  [ "$seccomp" -eq 0 ] || complains "sandbox: seccomp: registries can be reached" "--verbose: of a registry"
fi
if [ "$sanitized" -gt 0 ]; then :
elif [ "$landlock" -gt 0 ] && [ "$seccomp" -gt 0 ]; then
  json --sandbox require; exits 0 "--sandbox require"
  is "$(jq -c .sandbox <<<"$out")" '["landlock","seccomp"]' "with both parts"
else
  json --sandbox require; exits 7 "--sandbox require, where a part is missing"; is "$out" "" "says nothing else"
fi
# Where a container lets nobody use a part, the command goes on with the other.
if [ "$seccomp" -gt 0 ] && [ "$sanitized" -eq 0 ]; then
  for lacking in landlock seccomp "landlock seccomp"; do
    here=(); for part in "${parts[@]}"; do [[ " $lacking " == *" ${part//\"/} "* ]] || here+=("$part"); done
    # shellcheck disable=SC2086 # words
    contained() { run "$planted" without $lacking -- "$sigpolicy" verify --format jsonl "$@" "${files[@]}"; }
    contained --signature "$fixtures/good.sig"; exits 0 "without $lacking: a good signature"
    is "$(jq -c .sandbox <<<"$out")" "[$(IFS=,; echo "${here[*]}")]" "without $lacking: the parts that are left"
    contained --signature "$fixtures/forged.sig"; exits 1 "without $lacking: a forged one"
    contained --signature "$fixtures/good.sig" --sandbox require; exits 7 "without $lacking: --sandbox require"
    is "$out" "" "without $lacking: says nothing else"
  done
fi
for verb in "trust set --policy $work/new.json --type reject default" "standalone-sign m r k -o $work/s" "audit --fix"; do
  # shellcheck disable=SC2086 # words
  run "$sigpolicy" --sandbox require $verb; exits 2 "--sandbox require ${verb%% --*}: not confined"
done
[ ! -e "$work/new.json" ] && pass "nothing was changed" || fail "nothing was changed"
run "$sigpolicy" verify --sandbox sideways "${files[@]}"; exits 2 "another --sandbox"
complains "--sandbox takes auto, require or off, not 'sideways'" "is named"
# A file that can be opened is needed for every rule: with too few descriptors there is none, and no mistake.
run bash -c 'for fd in {3..9}; do eval "exec $fd>&-"; done; ulimit -n 4; exec "$0" "$@"' "$sigpolicy" verify --format jsonl "${files[@]}" --signature "$fixtures/good.sig"
case $status in 0 | 6) pass "few descriptors" ;; *) fail "few descriptors" "$status" ;; esac
nothing_left "what is said"
