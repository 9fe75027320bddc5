#!/bin/bash
. "${top_srcdir:-.}/tests/cli/lib.sh"
trap tidy EXIT
python3 "${top_srcdir:-.}/tests/readers/readers.py" "$sigpolicy" "$(realpath "${top_builddir:-.}")/tests/readers-explain" \
  "$(realpath "${top_srcdir:-.}")/tests/readers/hosts.jsonl" "$work"
