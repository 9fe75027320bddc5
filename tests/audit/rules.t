#!/bin/bash
# Every rule of the audit: a host on which it speaks, and its twin on which it is silent; see rules.py.
. "${top_srcdir:-.}/tests/cli/lib.sh"
top=$(realpath "${top_srcdir:-.}")
[ "${PYTHON:-:}" != : ] || PYTHON=python3
rm -r "$work" 2>/dev/null; mkdir -p "$work"
exec "$PYTHON" "$top/tests/audit/rules.py" "$sigpolicy" "$top" "$work"
