#!/bin/bash
# Our TOML reader against Python's, over a generated corpus and the seeds of the fuzz target; see compare.py.
top=${top_srcdir:-.}
for python in "${PYTHON-}" python3 /usr/bin/python3; do
  if [ -n "$python" ] && "$python" -c 'import tomllib' 2>/dev/null; then
    exec "$python" "$top/tests/toml/compare.py" "${top_builddir:-.}/tests/toml-dump" "$top/tests/fuzz/corpus/toml" "$top/tests/fuzz/corpus/registries_conf"
  fi
done
echo "1..0 # SKIP no python3 has the module tomllib"
