#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The drop-in: its command, run as it stands there, and nothing in it that would let a failure pass.
. "${top_srcdir:-.}/tests/cli/lib.sh"

unit=${top_srcdir:-.}/contrib/integrations/systemd/10-sigpolicy.conf
command=$(sed -n 's/^ExecStartPre=//p' "$unit")
is "$(grep -c '^ExecStartPre=' "$unit")" 1 "one command"
case $command in /usr/bin/sigpolicy\ *) pass "by its path, and without a prefix that ignores failures" ;; *) fail "the command" "$command" ;; esac
make_key gnupg alice
export GNUPGHOME=$work/gnupg
policy '{"type":"reject"}' >"$work/policy.json"
image=$(sed -n 's/^Environment=SIGPOLICY_IMAGE=//p' "$unit")
as_systemd() { local words; words=${command/\$\{SIGPOLICY_IMAGE\}/$image}; words=${words/#\/usr\/bin\/sigpolicy/$sigpolicy}; read -r -a words <<<"$words"; run "${words[@]}" --policy "$work/policy.json" "$@"; }
as_systemd --offline; exits 6 "an image that cannot be fetched is no yes"; says "$image" "and is the one that the unit names"
policy '{"type":"insecureAcceptAnything"}' >"$work/policy.json"
as_systemd --offline; exits 6 "whatever the policy accepts"
if command -v systemd-analyze >/dev/null; then
  printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' >"$work/app.service"; mkdir "$work/app.service.d"
  sed "s,/usr/bin/sigpolicy,/bin/true," "$unit" >"$work/app.service.d/10.conf"
  run systemd-analyze verify "$work/app.service"; is "$status|$err" "0|" "systemd reads it"
else pass "systemd reads it # SKIP systemd-analyze is not installed"
fi
