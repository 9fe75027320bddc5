#!/bin/bash
# Which credentials a registry is sent: the same as by real skopeo, file by file; see credentials.py.
command -v skopeo >/dev/null || { echo "1..0 # SKIP no skopeo"; exit 0; }
[ "${PYTHON:-:}" != : ] || PYTHON=python3
exec "$PYTHON" "${top_srcdir:-.}/tests/cli/credentials.py" "${top_builddir:-.}/tests/credentials"
