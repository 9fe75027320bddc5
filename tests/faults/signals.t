#!/bin/bash
# Each scenario of world.sh with signals: see faults.c.
. "${top_srcdir:-.}/tests/faults/world.sh"
"${top_builddir:-.}/tests/faults/faults" "$work" signals
