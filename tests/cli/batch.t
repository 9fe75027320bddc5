#!/bin/bash
# verify --batch: a line in, a line out, in order; nothing that one line does reaches another.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice
make_key gnupg bob
export GNUPGHOME=$work/gnupg
make_image "$work/img"
name=docker://registry.example/ns/app:v1
digest=$(digest_of "$work/img/manifest.json")
manifest=$work/img/manifest.json
for who in alice bob; do
  "$sigpolicy" standalone-sign "$manifest" "${name#docker://}" "$who@example.com" -o "$work/$who.sig" || fail "signing"
done
cp -r "$work/img" "$work/signed"; cp "$work/alice.sig" "$work/signed/signature-1"
key='{"type":"signedBy","keyType":"GPGKeys","keyPath":"'$work'/alice.gpg"}'
policy "$key" >"$work/policy.json"
mkdir "$work/registries.d"
b() { run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" "$@"; }
field() { jq -r "$1" <<<"$out" | paste -sd' '; }

# --- every kind of line ---
cat >"$work/lines" <<END
{"id":"good","manifest":"$manifest","signatures":["$work/alice.sig"],"reference":"$name"}
{"id":2,"manifest":"$manifest","signatures":["$work/bob.sig"],"reference":"$name"}
dir:$work/nothing

{"id":"as","image":"dir:$work/signed","reference":"$name"}
{"id":"dir","manifest":"$manifest","signature_dir":"$work/signed","reference":"$name"}
{"id":"missing","manifest":"$work/nothing","reference":"$name"}
{"id":"unsigned","image":"dir:$work/img","reference":"$name"}
  	
not an image
{"id":"broken
{"id":"extra","image":"dir:$work/img","tag":"v1"}
{"id":"both","image":"dir:$work/img","manifest":"$manifest","reference":"$name"}
{"id":"neither"}
{"id":"nameless","manifest":"$manifest"}
{"id":"loose","image":"dir:$work/img","signatures":[]
{"id":"loose","image":"dir:$work/img","signatures":["$work/alice.sig"]}
{"id":{},"image":"dir:$work/img"}
{"id":"stdin","manifest":"-","reference":"$name"}
{"id":"twice","id":"twice","image":"dir:$work/img"}
{"id":"empty","image":""}
{"id":"type","image":1}
{"id":"list","manifest":"$manifest","signatures":"$work/alice.sig","reference":"$name"}
END
printf '{"id":"last","image":"dir:%s","reference":"%s"}' "$work/signed" "$name" >>"$work/lines"
wanted='good 1 true accepted
2 2 false key-not-trusted
null 3 false not-found
as 5 true accepted
dir 6 true accepted
missing 7 false not-found
unsigned 8 false no-signature
null 10 false usage
null 11 false usage
extra 12 false usage
both 13 false usage
neither 14 false usage
nameless 15 false usage
null 16 false usage
loose 17 false usage
null 18 false usage
stdin 19 false usage
twice 20 false usage
empty 21 false usage
type 22 false usage
list 23 false usage
last 24 true accepted'
for jobs in 1 2 5; do
  b --batch "$work/lines" --jobs "$jobs"
  exits 2 "$jobs jobs: a usage error counts most"
  is "$(jq -r '"\(.id) \(.line) \(.allowed) \(.reason)"' <<<"$out")" "$wanted" "$jobs jobs: each line has its answer, in order"
done
b --batch - <"$work/lines"
is "$(jq -r '"\(.id) \(.line) \(.allowed) \(.reason)"' <<<"$out")" "$wanted" "the same from standard input"
is "$(field 'select(.id == "good") | .pinned, .image, .schema')" "registry.example/ns/app@$digest $name sigpolicy-verdict/1" "an answer is a verdict"
is "$(field 'select(.id == "extra") | .message')" 'Unknown key "tag"' "a wrong line is explained"
nothing_left "a batch"

# --- exit statuses ---
sed -n '1p;5p' "$work/lines" >"$work/accepted"; b --batch "$work/accepted"; exits 0 "all accepted"
sed -n '1p;2p' "$work/lines" >"$work/rejected"; b --batch "$work/rejected"; exits 1 "one rejected"
b --batch "$work/rejected" --warn-only; exits 0 "one rejected, and --warn-only"
is "$(field .allowed)" "true false" "--warn-only changes no answer"
sed -n '1p;3p' "$work/lines" >"$work/absent"; b --batch "$work/absent"; exits 5 "one not found"
b --batch "$work/absent" --quiet; is "$out$err$status" 5 "--quiet says nothing"
: >"$work/empty"; b --batch "$work/empty"; is "$out$err$status" 0 "no line, no answer"
b --batch "$work/nothing"; exits 5 "no batch"; complains "cannot open the batch" "no batch: is said"
b --batch "$work"; exits 6 "a directory for a batch"; complains "cannot read the batch" "a directory: is said"
printf '{' >"$work/broken.json"
b --batch "$work/accepted" --policy "$work/broken.json"
exits 3 "a broken policy"; is "$(field .reason)" "config-error config-error" "a broken policy: is each line's answer"
for wrong in "--jobs 0" "--jobs 65" "--jobs x" "--jobs -1" "--jobs 2x" "--print-ref" "--format text" "--format json" "dir:x" \
  "--manifest m --reference $name" "--as $name" "--signature-dir d" "--digest $digest"; do
  b --batch "$work/accepted" $wrong
  exits 2 "--batch with $wrong"
  is "$out" "" "--batch with $wrong: no answer"
done
b --jobs 2 "dir:$work/img"; exits 2 "--jobs without --batch"
b --batch "$work/accepted" --format jsonl; exits 0 "--format jsonl is what it is"

# --- ceilings ---
{ printf '{"id":"long","image":"'; head -c 1100000 /dev/zero | tr '\0' a; printf '"}\n'; sed -n 1p "$work/lines"; } >"$work/long"
b --batch "$work/long"
is "$(field '.line, .reason')" "1 limit 2 accepted" "a line that is too long harms no other"
{ printf '{"id":"deep","image":'; printf '[%.0s' {1..100}; printf '\n'; sed -n 1p "$work/lines"; } >"$work/deep"
b --batch "$work/deep"
is "$(field '.line, .reason')" "1 limit 2 accepted" "a line that is too deep harms no other"
printf 'dir:%s/img\0x\n\0\n' "$work" >"$work/nul"; b --batch "$work/nul"
is "$(field '.line, .reason')" "1 usage 2 usage" "a NUL ends nothing"
printf '\xff\xfe\n{"id":"\xff","image":"dir:/nowhere"}\n' >"$work/bytes"; b --batch "$work/bytes"
is "$(field '.line, .reason')" "1 usage 2 not-found" "bytes that are no text"
printf '%s\r\n' "dir:$work/nothing" >"$work/crlf"; b --batch "$work/crlf"
is "$(field .image)" "dir:$work/nothing" "a carriage return is no part of a name"

# --- many, with a forged one among them ---
for i in $(seq 600); do
  who=alice; [ $((i % 7)) -ne 0 ] || who=bob
  printf '{"id":%d,"manifest":"%s","signatures":["%s"],"reference":"%s"}\n' "$i" "$manifest" "$work/$who.sig" "$name"
done >"$work/many"
b --batch "$work/many" --jobs 4
exits 1 "600 lines, some forged"
is "$(jq -r '"\(.id) \(.allowed)"' <<<"$out")" "$(for i in $(seq 600); do [ $((i % 7)) -eq 0 ] && echo "$i false" || echo "$i true"; done)" \
  "600 lines: each its own answer"
nothing_left "600 lines"

# --- ended in the middle: what is done is there, whole and in order; nothing is left ---
for signal in INT TERM; do
  mkfifo "$work/pipe"
  # The shell ignores SIGINT for what it starts behind its back, and what the caller ignores stays ignored.
  env --default-signal=INT "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --batch "$work/pipe" --jobs 2 >"$work/part" 2>"$work/err" &
  pid=$!
  exec 7>"$work/pipe"
  head -n 20 "$work/many" >&7
  # Its answers come although the batch has not ended.
  tail -n +1 -f --pid="$pid" "$work/part" 2>/dev/null | head -n 20 >"$work/first"
  is "$(jq -r .id "$work/first" | paste -sd' ')" "$(seq -s' ' 20)" "SIG$signal: answers come as they are known"
  kill -s "$signal" "$pid"
  wait "$pid"; status=$?
  exec 7>&-
  is "$status" $((128 + $(kill -l "$signal"))) "SIG$signal ends it"
  is "$(jq -r .id "$work/part" | paste -sd' ')" "$(seq -s' ' 20)" "SIG$signal: what was done is there"
  nothing_left "SIG$signal"
  rm "$work/pipe"
done
for i in $(seq 100); do cat "$work/accepted"; done >"$work/hundred"
"$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --batch "$work/hundred" >/dev/full 2>"$work/err"
is "$?" 6 "answers that cannot be written end the batch"
nothing_left "no room for answers"

# --- people who wait: a line of its own, with a total, on a terminal alone ---
[ "${PYTHON:-:}" != : ] || PYTHON=python3
printf '\n\n' >>"$work/accepted"
lines=$(grep -c . "$work/accepted")
waits() { # [--quiet]: verify on a terminal; what it wrote there
  "$PYTHON" - "$sigpolicy" verify --jobs 1 --policy "$work/policy.json" --registries.d "$work/registries.d" --batch "$work/accepted" "$@" <<'END'
import os, pty, subprocess, sys
terminal, other = pty.openpty()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=other)
os.close(other)
said = b""
try:
    while piece := os.read(terminal, 65536):
        said += piece
except OSError:
    pass
sys.stdout.write(said.decode())
END
}
out=$(waits)
says "1 of $lines verified, 0 not accepted" "progress has a total"
is "$(tail -1 <<<"$out" | tr -d '\r' | sed 's/.*\x1b\[K//')" "$lines verified, 0 not accepted" "and an end"
is "$(waits --quiet)" "" "--quiet has none"
b --batch "$work/accepted"
is "$err" "" "nor has what is no terminal"
nothing_left "progress"
