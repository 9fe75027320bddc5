#!/bin/bash
# Every cause that sigpolicy-verdict(5) lists under HINTS is made for real, and the hint is followed to the letter; see hints.py.
[ "${PYTHON:-:}" != : ] || PYTHON=python3
exec "$PYTHON" "${top_srcdir:-.}/tests/cli/hints.py" "${top_builddir:-.}/tests/sigpolicy" "$@"
