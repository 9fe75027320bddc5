#!/bin/bash
# What the command writes as JSON fits the schemas that are installed, which name what the code names; see schema.py.
top=${top_srcdir:-.}
for python in "${PYTHON-}" python3 /usr/bin/python3; do
  if [ -n "$python" ] && "$python" -W ignore -c 'import jsonschema' 2>/dev/null; then exec "$python" "$top/tests/schema.py" "$@"; fi
done
echo "1..0 # SKIP no python3 has the module jsonschema"
