#!/bin/bash
# Policies as they are found, and what an audit says of them; see real.py.
. "${top_srcdir:-.}/tests/cli/lib.sh"
top=$(realpath "${top_srcdir:-.}")
[ "${PYTHON:-:}" != : ] || PYTHON=python3
exec "$PYTHON" "$top/tests/audit/real.py" "$sigpolicy" "$top" "$work"
