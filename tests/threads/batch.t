#!/bin/bash
# Answers of a batch are written by whoever finds them due: each has its own verdict, and the exit status that of all. contrib/check
# runs this with ThreadSanitizer, too, which sees an answer that is taken before it is whole.
set -u
top=${top_srcdir:-.} sigpolicy=${top_builddir:-.}/tests/sigpolicy number=0
fixtures=$(cd "$top/tests/fixtures" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/sigpolicy-threads.XXXXXX")
trap 'rm -rf "$work"' EXIT
is() { # GOT WANTED NAME
  number=$((number + 1))
  if [ "$1" = "$2" ]; then echo "ok $number - $3"; else echo "not ok $number - $3: '$1', not '$2'"; head -n 60 "$work/err" | sed 's/^/# /'; fi
}
printf '{"default":[{"type":"reject"}],"transports":{"docker":{"registry.example/ns":[{"type":"sigstoreSigned","keyPath":"%s"}]}}}' \
  "$fixtures/sigstore-made/ours.pub" >"$work/policy.json"
lines() { # WORD COUNT
  local line
  printf -v line '{"manifest":"%s","reference":"docker://registry.example/ns/app:v1","signatures":["%s"]}' \
    "$fixtures/manifest.json" "$fixtures/sigstore-made/$1.sig"
  for ((i = 0; i < $2; i++)); do echo "$line"; done
}
batch() { "$sigpolicy" verify --policy "$work/policy.json" --batch - --jobs 8 "$@" 2>"$work/err"; }

for where in 0 150 299; do
  answers=$( (lines good $where; lines forged 1; lines good $((299 - where))) | batch)
  is $? 1 "one line of 300 is rejected, and so is the whole: line $((where + 1))"
  is "$(grep -n '"allowed":false' <<<"$answers" | cut -d: -f1) $(grep -c '"allowed":true' <<<"$answers")" "$((where + 1)) 299" "its answer is in its place"
done
lines good 300 | batch --format junit >"$work/junit"
is "$? $(grep -c '<testcase' "$work/junit") $(grep -c '<failure' "$work/junit")" "0 300 0" "one document of all"
echo "1..$number"
