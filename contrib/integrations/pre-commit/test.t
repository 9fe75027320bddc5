#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The hooks, in a repository; through pre-commit itself where that is installed.
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
command -v git >/dev/null || { count=1; echo "ok 1 # SKIP git is not installed"; exit 0; }
top_srcdir=$(realpath "${top_srcdir:-.}") hook=$top_srcdir/contrib/integrations/pre-commit/check-policy
mkdir "$work/bin"
# What is below a temporary directory is critical by itself.
printf '#!/bin/sh\n[ "$1" != audit ] || set -- "$@" --disable key-writable --disable policy-writable\nexec "%s" "$@"\n' "$sigpolicy" >"$work/bin/sigpolicy"
chmod +x "$work/bin/sigpolicy"
PATH=$work/bin:$PATH
make_policy_repository

printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' >open.json
run "$hook" policy open.json; exits 1 "a finding of high severity fails"
says policy-default-accept "and is named"
rm open.json
printf '#!/bin/sh\n[ "$1" != audit ] || set -- "$@" --disable key-writable --disable policy-writable --fail-on critical\nexec "%s" "$@"\n' "$sigpolicy" >"$work/bin/sigpolicy"
run "$hook" policy policy.json; exits 0 "a policy that did not change"
run "$hook" test policy.test.yaml; exits 0 "its tests"
loosen
run "$hook" policy policy.json; exits 1 "a policy that accepts more fails"
says "1 looser, 0 different" "and says so"
run "$hook" test policy.test.yaml; exits 1 "a test that fails"
mkdir new && cp policy.json new/; run "$hook" policy new/policy.json; exits 0 "a policy that is new has nothing to be compared with"
run "$hook" other; exits 2 "usage"
PATH=/usr/bin:/bin run "$hook" policy policy.json; exits 7 "without sigpolicy nothing passes"

hooks=$top_srcdir/.pre-commit-hooks.yaml
is "$(sed -n 's/^  entry: \([^ ]*\).*/\1/p' "$hooks" | sort -u)" contrib/integrations/pre-commit/check-policy "the list of hooks names this program"
if ! command -v pre-commit >/dev/null; then pass "pre-commit runs the hooks # SKIP pre-commit is not installed"; exit 0; fi
git init --quiet -b main "$work/hooks"
mkdir -p "$work/hooks/contrib/integrations/pre-commit"
cp "$hooks" "$work/hooks/"; cp "$hook" "$work/hooks/contrib/integrations/pre-commit/"
git -C "$work/hooks" add . && git -C "$work/hooks" -c user.email=a@example.com -c user.name=a commit --quiet -m hooks
printf 'repos:\n- repo: %s/hooks\n  rev: %s\n  hooks: [{id: sigpolicy-policy}, {id: sigpolicy-test}]\n' "$work" "$(git -C "$work/hooks" rev-parse HEAD)" >.pre-commit-config.yaml
rm -r new; git add .
export PRE_COMMIT_HOME=$work/pre-commit PRE_COMMIT_COLOR=never
run pre-commit run; exits 1 "pre-commit stops the commit"
says "1 looser, 0 different" "by the policy's hook"
git checkout --quiet HEAD policy.json; printf '\n' >>policy.json; git add .
run pre-commit run; exits 0 "and lets another pass"
says "signature policies.......................................................Passed" "which was looked at"
