#!/bin/bash
# The recorded questions, and those of the files that $SIGPOLICY_CASES names: one test for each file.
here=${top_srcdir:-.}/tests/conformance
driver=${top_builddir:-.}/tests/conformance-driver
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0
# replay FILE: its last line is the count; what differs stands before it.
replay() { "${PYTHON:-python3}" "$here/compare.py" "$driver" "$1" 2>&1; }
for cases in "$here"/cases/*.jsonl ${SIGPOLICY_CASES-}; do
  number=$((number + 1))
  result=$(replay "$cases") && echo -n "ok" || echo -n "not ok"
  echo " $number - $(tail -n 1 <<<"$result")"
  sed '$d; s/^/# /' <<<"$result"
done

# Files that must fail, made of one that does not.
grep -m 1 '"want": {"allowed": true' "$here/cases/eval-sigstore.jsonl" >"$work/right.jsonl"
sed 's/"want": {"allowed": true/"want": {"allowed": false/' "$work/right.jsonl" >"$work/wrong.jsonl"
: >"$work/empty.jsonl"
for name in right wrong empty missing; do
  number=$((number + 1)) expected=fails
  [ "$name" != right ] || expected=passes
  replay "$work/$name.jsonl" >"$work/said" && result=passes || result=fails
  [ "$result" = "$expected" ] && echo -n "ok" || echo -n "not ok"
  echo " $number - a file of cases, $name, $expected"
done

# Generated questions about certificates and log entries: none is left unanswered, and some have either answer.
"${PYTHON:-python3}" "$here/../generate/certificates.py" check 150 >"$work/generated"
"$driver" <"$work/generated" >"$work/answers"
number=$((number + 1))
[ "$(grep -c '"ok":true' "$work/answers")" = 150 ] && grep -q '"allowed":true' "$work/answers" &&
  grep -q '"allowed":false' "$work/answers" && echo -n "ok" || echo -n "not ok"
echo " $number - generated certificates and log entries"
echo "1..$number"
