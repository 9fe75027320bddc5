#!/bin/bash
# The command and the library as built: position-independent, read-only relocations bound at start, no executable stack,
# stack canaries, fortified calls.
build=${top_builddir:-.}
command -v readelf >/dev/null || { echo "1..0 # SKIP no readelf"; exit 0; }
case ${SP_HARDEN-} in
  *-z,relro*) ;;
  *) echo "1..0 # SKIP built without hardening"; exit 0 ;;
esac

number=0
report() { # STATUS NAME OPTION FILE
  number=$((number + 1))
  if [ "$1" -eq 0 ]; then echo "ok $number - $2"
  else echo "not ok $number - $2"; readelf -W "$3" "$4" 2>&1 | head -n 40 | sed 's/^/# /'; fi
}
# has, has_no NAME FILE READELF-OPTION PATTERN: whether readelf prints such a line.
has() { readelf -W "$3" "$2" | grep -qE -- "$4"; report $? "$1" "$3" "$2"; }
has_no() { ! readelf -W "$3" "$2" | grep -qE -- "$4"; report $? "$1" "$3" "$2"; }

for path in libsigpolicy.so sigpolicy src/libexec/gpg; do
  name=${path##*/}
  file=$build/$path
  [ -f "$file" ]; report $? "$name is built" -h "$file"
  [ -f "$file" ] || continue
  has "$name: position-independent" "$file" -h 'Type: +DYN'
  case $name in *.so) ;; *) has "$name: a PIE" "$file" -d 'FLAGS_1.* PIE' ;; esac
  has "$name: relocations are read-only" "$file" -l '^ +GNU_RELRO'
  has "$name: bound at start" "$file" -d 'BIND_NOW|FLAGS_1.* NOW'
  has "$name: no executable stack" "$file" -l '^ +GNU_STACK .* RW +0x'
  has_no "$name: nothing is both writable and executable" "$file" -l '^ +LOAD .* RWE '
  # The wrapper has no arrays, and calls nothing that could be fortified; in what is static, libc has its own of both.
  readelf -dW "$file" | grep -q NEEDED || continue
  case $SP_HARDEN in *-fstack-protector*) has "$name: canaries" "$file" --dyn-syms '__stack_chk_fail' ;; esac
  case $SP_HARDEN in *-D_FORTIFY_SOURCE=*) has "$name: fortified calls" "$file" --dyn-syms 'UND +__[a-z]+_chk(@|$)' ;; esac
done
echo "1..$number"
