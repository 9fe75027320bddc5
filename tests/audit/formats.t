#!/bin/bash
# How findings are written, answered for and counted; see formats.py.
. "${top_srcdir:-.}/tests/cli/lib.sh"
top=$(realpath "${top_srcdir:-.}")
[ "${PYTHON:-:}" != : ] || PYTHON=python3
exec "$PYTHON" "$top/tests/audit/formats.py" "$sigpolicy" "$top" "$work"
