#!/bin/bash
# run: the command is started with the pinned reference, and only when the image is accepted.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice
make_key gnupg bob
export GNUPGHOME=$work/gnupg
make_image "$work/img"
name=docker://registry.example/ns/app:v1
manifest=$work/img/manifest.json
pinned=registry.example/ns/app@$(digest_of "$manifest")
for who in alice bob; do
  "$sigpolicy" standalone-sign "$manifest" "${name#docker://}" "$who@example.com" -o "$work/$who.sig" || fail "signing"
done
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/policy.json"
mkdir "$work/registries.d"
good=(--manifest "$manifest" --signature "$work/alice.sig" --reference "$name")
bad=(--manifest "$manifest" --signature "$work/bob.sig" --reference "$name")
r() { run "$sigpolicy" run --policy "$work/policy.json" --registries.d "$work/registries.d" "$@"; }

# --- accepted ---
r "${good[@]}" -- printf '%s|' {} a{}b docker://{} {}{}
is "$status|$out" "0|$pinned|a${pinned}b|docker://$pinned|$pinned$pinned|" "every {} becomes the pinned reference"
is "$err" "" "and nothing else is said"
r "${good[@]}" printf '%s' {}; is "$out" "$pinned" "-- may be left out"
cp -r "$work/img" "$work/signed"; cp "$work/alice.sig" "$work/signed/signature-1"
r --as "$name" "dir:$work/signed" -- printf '%s' {}; is "$out" "$pinned" "an image in place of a manifest"
r --as "$name" "dir:$work/signed" printf '%s %s' --policy {}; is "$out" "--policy $pinned" "options behind the command are the command's"
r --verbose "${good[@]}" -- true {}; complains "accepted  $name" "--verbose says on standard error what was found"
is "$out" "" "standard output is the command's"
r "${good[@]}" -- sh -c 'exit 42' {}; exits 42 "the command's exit status"
r "${good[@]}" -- sh -c 'kill -TERM $$' {}; exits 143 "the command's signal"
r "${good[@]}" -- cat - {} <<<text; says text "standard input is the command's"
r "${good[@]}" -- sh -c 'ls /proc/self/fd' {}; is "$out" "$(run sh -c 'ls /proc/self/fd' x; echo "$out")" "no descriptor is passed on"

# --- the command's process is as if it had been started without us ---
# The upper half is for real-time signals, of which the C library keeps some.
dispositions() { grep -E '^Sig(Blk|Ign|Cgt)' | sed 's/\t.\{8\}/ /'; }
r "${good[@]}" -- sh -c 'cat /proc/self/status' {}
is "$(dispositions <<<"$out")" "$(cat /proc/self/status | dispositions)" "signals are neither blocked nor ignored"
ignoring() { (trap '' INT QUIT TERM PIPE ALRM XFSZ; "$@"); }
r2() { ignoring "$sigpolicy" run --policy "$work/policy.json" --registries.d "$work/registries.d" "$@"; }
is "$(r2 "${good[@]}" -- sh -c 'cat /proc/self/status' {} | dispositions)" "$(ignoring cat /proc/self/status | dispositions)" \
  "signals that the caller ignores stay ignored"
question=$(jq -cn --arg m "$manifest" --arg s "$work/alice.sig" --arg n "$name" '{manifest: $m, signatures: [$s], reference: $n}')
for signal in INT TERM QUIT HUP; do
  # A shell starts what is in its background with some of them ignored.
  coproc BATCH { exec env --default-signal "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --batch -; }
  ours=$BATCH_PID
  echo "$question" >&"${BATCH[1]}"
  read -r answer <&"${BATCH[0]}"
  kill "-$signal" "$ours"
  wait "$ours" 2>/dev/null; status=$?
  is "$(jq -r .allowed <<<"$answer") $status $(find "$TMPDIR" -mindepth 1)" "true $((128 + $(kill -l "$signal"))) " "SIG$signal leaves no private home"
done
r --command-timeout 60s "${good[@]}" -- python3 -c 'import ctypes, signal
value = ctypes.c_int(7)
ctypes.CDLL(None).prctl(37, ctypes.byref(value), 0, 0, 0)
print(value.value, signal.getitimer(signal.ITIMER_REAL)[0])' {}
is "$out" "0 0.0" "it adopts no processes, and the time limit ended with the verification"
r "${good[@]}" -- sh -c 'ls -A "$TMPDIR"' {}; is "$out" "" "no temporary file is left for it"

# --- anything else: nothing is started ---
never=(touch "$work/started" {})
refused() { exits "$1" "$2: exit $1"; [ ! -e "$work/started" ] && pass "$2: nothing is started" || fail "$2: started"; rm -f "$work/started"; is "$out" "" "$2: standard output is empty"; }
r "${bad[@]}" -- "${never[@]}"; refused 1 "a signature by another key"; complains "rejected  $name" "and why is said"
r --quiet "${bad[@]}" -- "${never[@]}"; refused 1 "the same, quietly"; is "$err" "" "--quiet says nothing"
r --format json "${bad[@]}" -- "${never[@]}"; refused 1 "the same, in JSON"; is "$(jq -r .reason <<<"$err")" key-not-trusted "JSON on standard error"
sed 's/v1/v2/' "$manifest" >"$work/forged.json"; printf ' ' >>"$work/forged.json"
r --manifest "$work/forged.json" --signature "$work/alice.sig" --reference "$name" -- "${never[@]}"; refused 1 "another manifest"
r --manifest "$work/nothing" --reference "$name" -- "${never[@]}"; refused 5 "no manifest"
r --policy "$work/nothing" "${good[@]}" -- "${never[@]}"; refused 3 "no policy"
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/accept.json"
r --policy "$work/accept.json" "dir:$work/img" -- "${never[@]}"; refused 2 "an image without a docker name"
r "${good[@]}" -- touch "$work/started"; refused 2 "a command without {}"; complains "needs a {}" "and that is said"
r "${good[@]}"; refused 2 "no command"
r "${good[@]}" -- {} x; refused 2 "{} as the command"
r "dir:$work/signed" --as "$name" -- "${never[@]}"; refused 2 "options behind the image"; complains "options go before the image" "and that is said"
r --warn-only "${bad[@]}" -- "${never[@]}"; refused 2 "--warn-only is not for run"
r "${good[@]}" -- "$work/no-such-command" {}; refused 5 "a command that is not there"
r "${good[@]}" -- "$manifest" {}; refused 6 "a command that cannot be started"
nothing_left "run"
