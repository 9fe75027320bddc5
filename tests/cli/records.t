#!/bin/bash
# --log journal and --log syslog: one entry a decision, read back by doubles of their sockets, in a namespace in which /run and /dev
# are ours; see records.py.
. "${top_srcdir:-.}/tests/cli/lib.sh"
trap tidy EXIT
# The devices that programs need are bound from those of this machine.
script='mkdir "$0/dev" && mount --rbind /dev "$0/dev" && mount -t tmpfs none /dev && mount -t tmpfs none /run && mkdir -p /run/systemd/journal && ln -s /proc/self/fd /dev/fd
for device in null zero random urandom; do touch /dev/$device && mount --bind "$0/dev/$device" /dev/$device || exit; done
exec "$@"'
inside() { unshare --mount --map-root-user bash -c "$script" "$work" "$@"; }
command -v unshare >/dev/null && inside true 2>/dev/null || { echo "1..0 # SKIP no mount namespace"; exit 0; }
rmdir "$work/dev"
inside python3 "${top_srcdir:-.}/tests/cli/records.py" "$sigpolicy" "$(realpath "${top_srcdir:-.}")/tests/fixtures" "$work"
