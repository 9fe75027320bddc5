#!/bin/bash
# The same verdict as skopeo and podman on images of registries, over generated situations; see matrix.py.
command -v skopeo >/dev/null && command -v docker-registry >/dev/null || { echo "1..0 # SKIP no skopeo, or no docker-registry"; exit 0; }
[ "${PYTHON:-:}" != : ] || PYTHON=python3
exec "$PYTHON" "${top_srcdir:-.}/tests/cli/matrix.py" "${top_builddir:-.}/tests/sigpolicy"
