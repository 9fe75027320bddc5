#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is left of policy.json when one of the system calls that replace it fails, or the process is killed there: the old
# file or the new one, whole; and the next editor is not held up.
. "${top_srcdir:-.}/tests/cli/lib.sh"
library=$(realpath "${top_builddir:-.}")/tests/faults/replace.so
[ -e "$library" ] || { echo "1..0 # SKIP no $library"; trap - EXIT; rm -rf "$work"; exit 0; }
cd "$work" || exit
mkdir d
printf '{\n    "default": [\n        {"type": "reject"}\n    ]\n}\n' >old
cp old d/policy.json
chmod 0640 d/policy.json
"$sigpolicy" trust set --policy d/policy.json quay.io/ns --type accept >/dev/null || exit
mv d/policy.json new

# try NUMBER HOW: one fault; fails with words, or says 1 where there is no such call any more.
try() {
  rm -f d/* d/.policy* mark
  cp old d/policy.json; chmod 0640 d/policy.json
  run env FAULT_AT="$1" FAULT_HOW="$2" FAULT_MARK="$work/mark" ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0" LD_PRELOAD="$library" \
    "$sigpolicy" trust set --policy d/policy.json quay.io/ns --type accept
  [ -e mark ] || return 1
  local now=neither
  if cmp -s d/policy.json old; then now=old; elif cmp -s d/policy.json new; then now=new; fi
  case $status:$now in
    0:new | [67]:old | 137:old | 137:new | 143:old | 143:new) ;;
    [67]:new) [ "$err" != "${err/to the disk/}" ] || faults+="call $1 $2: exit $status, and the new file; " ;;
    *) faults+="call $1 $2: exit $status and the $now file: $err; " ;;
  esac
  # Without the lock the file is not ours to remove; the next editor does.
  [ "$status" -eq 137 ] || [ "$err" != "${err/flock/}" ] || [ "$(echo d/.policy*)" = 'd/.policy*' ] || faults+="call $1 $2: left $(echo d/.policy*); "
  [ "$(stat -c %a d/policy.json)" = 640 ] || faults+="call $1 $2: another mode; "
  # The next editor.
  "$sigpolicy" trust set --policy d/policy.json other.io --type reject >/dev/null 2>"$work/next" || faults+="call $1 $2: the next one fails: $(cat "$work/next"); "
  [ "$(ls -A d | tr '\n' ' ')" = "policy.json policy.json.bak " ] || faults+="call $1 $2: then there are $(ls -A d | tr '\n' ' ')"
}

for how in ENOSPC EIO EACCES EINTR short kill killed TERM; do
  faults='' number=1
  while try "$number" "$how"; do number=$((number + 1)); done
  is "$faults" "" "$how at each of $((number - 1)) calls"
  check "which are all there are" test "$number" -gt 10 -a "$number" -lt 100
done

# Where a call never returns, as on a dead disk, a signal ends it all the same, and nothing is left.
faults=''
for number in 2 6 10 14; do try "$number" stuck || faults+="there is no call $number; "; [ "$status" -eq 143 ] || faults+="call $number: exit $status; "; done
is "$faults" "" "a signal while a call hangs"
