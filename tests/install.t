#!/bin/bash
# What "make install" installs into a staging directory: each file with its mode, nothing that "make uninstall" leaves
# behind, and a library that programs build against with pkg-config alone.
build=$(realpath "${top_builddir:-.}")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0
check() { # NAME COMMAND...
  local name=$1 said; shift
  number=$((number + 1))
  if said=$("$@" 2>&1); then echo "ok $number - $name"
  else echo "not ok $number - $name"; tail -n 30 <<<"$said" | sed 's/^/# /'; fi
}
is_empty() { [ -z "$1" ] || { echo "$1"; return 1; }; }

# The jobs of the make that runs this test are none of the installation's business, nor is the umask of its user.
unset MAKEFLAGS MAKELEVEL MFLAGS
umask 077
root=$work/root
check "make install" make -s -C "$build" install DESTDIR="$root"
# The directories as configured, expanded: "installed bindir" prints where they were staged.
printf 'print-%%:\n\t@echo "$(DESTDIR)$($*)"\n' >"$work/print.mk"
installed() { make -s -C "$build" --no-print-directory -f Makefile -f "$work/print.mk" "print-$1" DESTDIR="$root"; }
bin=$(installed bindir) lib=$(installed libdir) man=$(installed mandir) include=$(installed includedir)
libexec=$(installed pkglibexecdir) modules=$(installed pkglibdir) data=$(installed pkgdatadir)
documents=()
for page in "${top_srcdir:-.}"/man/*.[1-9]; do documents+=("644 $man/man${page##*.}/${page##*/}"); done
while IFS= read -r policy; do documents+=("644 $data/policy/$policy"); done < <(cd "${top_srcdir:-.}/policy" && find . -type f ! -name build.am -printf '%P\n')
for schema in "${top_srcdir:-.}"/src/schema/*.json; do documents+=("644 $data/${schema##*/}"); done
files=("755 $bin/sigpolicy" "755 $libexec/gpg" "644 $man/man1/sigpolicy.1" "644 $man/man5/sigpolicy-verdict.5"
  "644 $include/sigpolicy/sigpolicy.h" "644 $(installed pkgconfigdir)/sigpolicy.pc"
  "${documents[@]}")
# Where a distribution has them elsewhere or not at all, it says so to configure.
for shell in bash:sigpolicy fish:sigpolicy.fish zsh:_sigpolicy; do
  directory=$(installed "${shell%:*}completiondir")
  [ "$directory" = "$root" ] || files+=("644 $directory/${shell#*:}")
done
for file in "${files[@]}"; do
  check "${file#* "$root"} is installed" test -f "${file#* }"
  check "its mode is ${file%% *}" test "$(stat -c %a "${file#* }")" = "${file%% *}"
done
for module in $(make -s -C "$build" --no-print-directory -f Makefile -f "$work/print.mk" print-module_PROGRAMS DESTDIR=); do
  module=$modules/$module
  check "${module##*/} is installed" test -f "$module"
  check "its mode is 755" test "$(stat -c %a "$module")" = 755
  check "the library looks for it there" grep -qaF "${module#"$root"}" "$lib/libsigpolicy.so"
done
check "the library is installed under its soname" test "$(readlink -f "$lib/libsigpolicy.so")" = \
  "$(readlink -f "$lib/$(objdump -p "$lib/libsigpolicy.so" | awk '$1 == "SONAME" { print $2 }')")"
check "nothing of the tests is installed" is_empty "$(cd "$root" && find . -path '*test*' ! -name sigpolicy-test.1 ! -path '*/include/sigpolicy/test.h' ! -path '*/policy/examples/*.test.yaml')"
static=$(find "$root" -name '*.a')
if grep -q '^S\["STATIC_TRUE"\]="#"' "$build/config.status"; then check "no static library is installed" is_empty "$static"
else check "the static library is installed" test "$static" = "$lib/libsigpolicy.a"; fi
foreign=(-e "$root")
# A prefix may be in the build tree, to try something.
case $(installed prefix) in "$root$build"/*) ;; *) foreign+=(-e "$build") ;; esac
check "no installed text names the build tree" is_empty "$(find "$root" -type f -exec grep -lIF "${foreign[@]}" {} +)"
# The command names the library's own directory where the loader would not look by itself.
check "the command looks for libraries nowhere else" is_empty \
  "$(readelf -d "$bin/sigpolicy" "$lib/libsigpolicy.so" "$modules"/*.so | grep -E 'R(UN)?PATH' | grep -vF "[${lib#"$root"}]")"

export LD_LIBRARY_PATH=$lib PKG_CONFIG_SYSROOT_DIR=$root
# Our own alone, so that nothing of the machine is asked for by accident.
export PKG_CONFIG_LIBDIR=$lib/pkgconfig
cat >"$work/client.c" <<'END_OF_CLIENT'
#include <sigpolicy/sigpolicy.h>
#include <stdio.h>
int
main (void)
{
  sigpolicy_context *context = NULL;
  sigpolicy_error *error = NULL;
  /* As the command does: the module with GPGME is not yet where it will be. */
  if (sigpolicy_global_init (SIGPOLICY_INIT_OWN_PROCESS, &error) < 0
      || sigpolicy_context_new (&context, &error) < 0)
    {
      fprintf (stderr, "%s\n", sigpolicy_error_message (error));
      sigpolicy_error_free (error);
      return 1;
    }
  sigpolicy_context_free (context);
  return 0;
}
END_OF_CLIENT
cp "$work/client.c" "$work/client.cc"
if grep -q '^S\["STATIC_TRUE"\]="#"' "$build/config.status"; then
  check "pkg-config asks for no other package" is_empty "$(pkg-config --print-requires --print-requires-private sigpolicy 2>&1)"
else
  export -n PKG_CONFIG_LIBDIR
  export PKG_CONFIG_PATH=$lib/pkgconfig
  mkdir "$work/static"
  cp "$lib/libsigpolicy.a" "$work/static"
  read -r -a flags < <(PKG_CONFIG_SYSROOT_DIR='' pkg-config --static --cflags --libs sigpolicy)
  # The archive alone, and of the others whatever there is.
  check "a C program builds with the static library" cc -std=c99 -Wall -Werror -I"$include" -o "$work/client-a" "$work/client.c" \
    -L"$work/static" "${flags[@]}"
  check "and runs without the shared one" env -u LD_LIBRARY_PATH "$work/client-a"
fi
read -r -a flags < <(pkg-config --cflags --libs sigpolicy)
check "pkg-config gives flags" test "${#flags[@]}" -gt 0
check "a C program builds" cc -std=c99 -Wall -Werror -o "$work/client-c" "$work/client.c" "${flags[@]}"
check "and runs" "$work/client-c"
if command -v c++ >/dev/null; then
  check "a C++ program builds" c++ -Wall -Werror -o "$work/client-cc" "$work/client.cc" "${flags[@]}"
  check "and runs" "$work/client-cc"
fi
check "the installed command runs" "$bin/sigpolicy" --help

check "make install, once more" make -s -C "$build" install DESTDIR="$root"
check "make uninstall" make -s -C "$build" uninstall DESTDIR="$root"
check "it leaves no file behind" is_empty "$(find "$root" ! -type d)"
check "nor a directory of its own" test ! -e "$include/sigpolicy" -a ! -e "$libexec" -a ! -e "$modules" -a ! -e "$data"
echo "1..$number"
