#!/bin/bash
# The unit tests as TAP. Criterion runs each test in a process of its own.
unit=${top_builddir:-.}/tests/unit/unit
[ -x "$unit" ] || { echo "1..0 # SKIP built without Criterion"; exit 0; }
exec "$unit" --tap "$@"
