#!/bin/bash
# The recorded questions, and those of the files that $SIGPOLICY_CASES names: one test for each file.
here=${top_srcdir:-.}/tests/conformance
driver=${top_builddir:-.}/tests/conformance-driver
number=0
for cases in "$here"/cases/*.jsonl ${SIGPOLICY_CASES-}; do
  number=$((number + 1))
  result=$("${PYTHON:-python3}" "$here/compare.py" "$driver" "$cases" 2>&1) && echo -n "ok" || echo -n "not ok"
  echo " $number - $(tail -n 1 <<<"$result")"
  sed '$d; s/^/# /' <<<"$result"
done
echo "1..$number"
