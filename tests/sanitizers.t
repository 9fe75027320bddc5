#!/bin/bash
# Runs after every other test: each report of a sanitizer is a failure, whatever its process exited with. Criterion, for
# one, passes a test that leaks.
reports=${top_builddir:-.}/tests/reports
number=0
for file in "$reports"/*; do
  [ -f "$file" ] || continue
  number=$((number + 1))
  echo "not ok $number - ${file##*/}"
  head -n 60 "$file" | sed 's/^/# /'
  rm -f "$file"
done
[ "$number" -gt 0 ] || { number=1; echo "ok 1 - no sanitizer reported anything"; }
echo "1..$number"
