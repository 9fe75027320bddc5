#!/bin/bash
# Each scenario of world.sh with signals: see faults.c.
. "${top_srcdir:-.}/tests/faults/world.sh"
trap - EXIT
"${top_builddir:-.}/tests/faults/faults" "$work" signals
status=$?
rm -rf "$work"
exit "$status"
