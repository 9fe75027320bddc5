#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The action: its two shells, as they stand in action.yml, on a pull request and before a deployment.
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
for needed in skopeo docker-registry git; do
  command -v "$needed" >/dev/null || { count=1; echo "ok 1 # SKIP $needed is not installed"; exit 0; }
done
top_srcdir=$(realpath "${top_srcdir:-.}") action=$top_srcdir/contrib/integrations/github/action.yml
make_signed_registry
make_policy_repository
yaml_block "$action" 1 >"$work/policy.sh"; yaml_block "$action" 2 >"$work/images.sh"
is "$(grep -c '\${{' "$work/policy.sh" "$work/images.sh" | cut -d: -f2 | paste -sd' ')" "0 0" "no input is put into the shell's text"
export RUNNER_TEMP=$work/runner GITHUB_OUTPUT=$work/output GITHUB_STEP_SUMMARY=$work/summary
mkdir "$RUNNER_TEMP"
step() { : >"$GITHUB_OUTPUT"; : >"$GITHUB_STEP_SUMMARY"; run env "${@:2}" bash --noprofile --norc "$work/$1.sh"; }
checks() { step policy POLICY=policy.json REGISTRIES_D="$work/registries.d" FAIL_ON=critical BASE="$base" TESTS=policy.test.yaml "$@"; }

# Keys and policies of a test are in a temporary directory, which is critical by itself.
sed -i 's/sigpolicy audit/& --disable key-writable --disable policy-writable/' "$work/policy.sh"
checks; exits 0 "a policy that did not change"
is "$(jq -r '.runs[0].automationDetails.id' "$RUNNER_TEMP/sigpolicy-audit.sarif")" sigpolicy/audit/ "its findings are there as SARIF"
is "$(cat "$GITHUB_OUTPUT")" "sarif=$RUNNER_TEMP/sigpolicy-audit.sarif" "whose place is an output"
says "1 passed, 0 failed" "its tests ran"
loosen
checks; exits 1 "a policy that accepts more fails"
says "::error file=policy.json,line=2," "as an annotation of its line"
says "failed  policy.test.yaml:3" "a test fails, too"
is "$(head -1 "$GITHUB_STEP_SUMMARY")" "### sigpolicy diff: 1 looser, 0 different, 0 stricter, 2 same" "and the summary has the change"
checks BASE= TESTS=; exits 0 "nothing to compare with, and no tests"
checks BASE=1111111111111111111111111111111111111111 TESTS=; exits 1 "a base that was not fetched is no reason to go on"
checks POLICY="$work/policy.json" TESTS=; [ "$status" -ne 0 ] && pass "a policy that git cannot compare" || fail "a policy that git cannot compare" "$out"
printf '{' >policy.json
checks BASE= TESTS=; exits 1 "an invalid policy fails"

images() { step images POLICY="$work/policy.json" REGISTRIES_D= IMAGES="$1"; }
images "$registry/ns/app:v1
"
exits 0 "an accepted image"
is "$(cat "$GITHUB_OUTPUT")" "ref=$pinned
refs<<SIGPOLICY_END
$pinned
SIGPOLICY_END" "is handed on by its digest"
is "$(grep -c 'accepted' "$GITHUB_STEP_SUMMARY")" 3 "and the summary has it"
images "$registry/ns/app:v1
$registry/ns/unsigned:v1"
exits 1 "one of two is rejected"
is "$(cat "$GITHUB_OUTPUT")" "" "nothing is handed on"
says "title=no-signature::" "an annotation says why"
images '$(touch pwned); `touch pwned`'
exits 2 "what is no image"
is "$(ls "$work/repo")" "policy.json
policy.test.yaml" "is no command either"
images ""; exits 0 "no images"
is "$(cat "$GITHUB_OUTPUT")" "" "hand nothing on"
