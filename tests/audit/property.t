#!/bin/bash
# What an audit says of images is what verify does with them, over generated policies; see property.py.
. "${top_srcdir:-.}/tests/cli/lib.sh"
top=$(realpath "${top_srcdir:-.}")
[ "${PYTHON:-:}" != : ] || PYTHON=python3
exec "$PYTHON" "$top/tests/audit/property.py" "$sigpolicy" "$top" "$work"
