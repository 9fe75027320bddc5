#!/bin/bash
# What "make install" installs, and that a program builds against it with pkg-config alone.
build=${top_builddir:-.}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0
check() { # NAME COMMAND...
  local name=$1 said; shift
  number=$((number + 1))
  if said=$("$@" 2>&1); then echo "ok $number - $name"
  else echo "not ok $number - $name"; tail -n 30 <<<"$said" | sed 's/^/# /'; fi
}

# The jobs of the make that runs this test are none of the installation's business.
unset MAKEFLAGS MAKELEVEL MFLAGS
check "make install" make -s -C "$build" install DESTDIR="$work/root"
prefix=$(sed -n 's/^prefix=//p' "$build/src/sigpolicy.pc")
installed=$work/root$prefix
for file in bin/sigpolicy libexec/sigpolicy/sigpolicy-gpg share/man/man1/sigpolicy.1 share/man/man5/sigpolicy-verdict.5 \
  include/sigpolicy/sigpolicy.h; do
  check "$file is installed" test -f "$installed/$file"
done
pc=$(find "$installed" -name sigpolicy.pc)
library=$(find "$installed" -name libsigpolicy.so)
check "libsigpolicy.so and sigpolicy.pc are installed" test -n "$pc" -a -n "$library"
check "no static library is installed" test -z "$(find "$installed" -name '*.a')"
export LD_LIBRARY_PATH=${library%/*} PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$work/root

cat >"$work/client.c" <<'END'
#include <sigpolicy/sigpolicy.h>
#include <stdio.h>
int
main (void)
{
  sigpolicy_context *context = NULL;
  sigpolicy_error *error = NULL;
  if (sigpolicy_global_init (0, &error) < 0 || sigpolicy_context_new (&context, &error) < 0)
    {
      fprintf (stderr, "%s\n", sigpolicy_error_message (error));
      sigpolicy_error_free (error);
      return 1;
    }
  sigpolicy_context_free (context);
  return 0;
}
END
cp "$work/client.c" "$work/client.cc"
read -r -a flags < <(pkg-config --cflags --libs sigpolicy)
check "a C program builds" cc -std=c99 -Wall -Werror -o "$work/client-c" "$work/client.c" "${flags[@]}"
check "and runs" "$work/client-c"
if command -v c++ >/dev/null; then
  check "a C++ program builds" c++ -Wall -Werror -o "$work/client-cc" "$work/client.cc" "${flags[@]}"
  check "and runs" "$work/client-cc"
fi
check "the installed command runs" "$installed/bin/sigpolicy" --help
echo "1..$number"
