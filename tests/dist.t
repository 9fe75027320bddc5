#!/bin/bash
# The archive of "make dist" has what is under version control, and what autoreconf makes of it.
source=$(realpath "${top_srcdir:-.}") build=$(realpath "${top_builddir:-.}")
[ -e "$source/.git" ] && git -C "$source" rev-parse 2>/dev/null || { echo "1..0 # SKIP not under version control"; exit 0; }
# It depends on no compiler.
[ -z "${SIGPOLICY_TESTS_AGAIN-}" ] || { echo "1..0 # SKIP was tested in another build"; exit 0; }
unset MAKEFLAGS MAKELEVEL MFLAGS
work=$(mktemp -d "$build/dist-test.XXXXXX") || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
name=${work##*/}/archive
said=$(XZ_OPT=-0 make -s -C "$build" dist-xz distdir="$name" 2>&1) || { echo "1..1"; echo "not ok 1 - make dist"; sed 's/^/# /' <<<"$said"; exit 1; }
tar -tJf "$work/archive.tar.xz" | sed -n "s|^$name/\\(.*[^/]\\)$|\\1|p" | sort >"$work/has"
git -C "$source" ls-files | while IFS= read -r file; do [ ! -e "$source/$file" ] || echo "$file"; done | sort >"$work/wants"
echo "1..2"
lacks=$(comm -13 "$work/has" "$work/wants")
[ -z "$lacks" ] && echo "ok 1 - nothing is missing" || { echo "not ok 1 - nothing is missing"; sed 's/^/# /' <<<"$lacks"; }
more=$(comm -23 "$work/has" "$work/wants" | grep -vxE 'Makefile\.in|aclocal\.m4|config\.h\.in|configure|build-aux/[a-z-]+(\.[a-z]+)?')
[ -z "$more" ] && echo "ok 2 - nothing else is there" || { echo "not ok 2 - nothing else is there"; sed 's/^/# /' <<<"$more"; }
