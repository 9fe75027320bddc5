#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The stages: their shell, as it stands in the Jenkinsfile, on a change request and before a deployment.
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
for needed in skopeo docker-registry git; do
  command -v "$needed" >/dev/null || { count=1; echo "ok 1 # SKIP $needed is not installed"; exit 0; }
done
top_srcdir=$(realpath "${top_srcdir:-.}") jenkinsfile=$top_srcdir/contrib/integrations/jenkins/Jenkinsfile
make_signed_registry
make_policy_repository
shell() { awk -v want="$1" "/'''\$/ && /sh '''/ { if (++n == want) inside = 1; next } inside && /^ *'''/ { exit } inside" "$jenkinsfile"; }
shell 1 >"$work/policy.sh"; shell 2 >"$work/verify.sh"
sed -i 's/sigpolicy audit/& --disable key-writable --disable policy-writable/' "$work/policy.sh"
git clone --quiet "$work/repo" "$work/clone"; cd "$work/clone" || exit
git config user.email tester@example.com; git config user.name tester
stage() { run env "${@:2}" sh -e "$work/$1.sh"; }

stage policy POLICY=policy.json CHANGE_TARGET=main; exits 0 "a policy that did not change"
is "$(jq -r '.runs[0].automationDetails.id' sigpolicy-audit.sarif)" sigpolicy/audit/ "its findings are there as SARIF"
loosen; git commit --quiet -a -m looser
stage policy POLICY=policy.json CHANGE_TARGET=main; exits 1 "a policy that accepts more fails"
is "$(grep -c '<failure' sigpolicy-diff.xml)" 1 "and is a test that failed"
stage policy POLICY=policy.json CHANGE_TARGET=gone; [ "$status" -ne 0 ] && pass "a target that is not there" || fail "a target that is not there"
cp "$work/repo/policy.json" "$work/outside.json"
stage policy POLICY="$work/outside.json" CHANGE_TARGET=main; [ "$status" -ne 0 ] && pass "a policy that git cannot compare" || fail "a policy that git cannot compare" "$out"

stage verify POLICY="$work/policy.json" IMAGE="$registry/ns/app:v1"; exits 0 "an accepted image"
is "$(cat sigpolicy.ref)" "$pinned" "is handed on by its digest"
is "$(grep -c '<testcase' sigpolicy-verify.xml)" 1 "and is a test"
stage verify POLICY="$work/policy.json" IMAGE="$registry/ns/unsigned:v1"; exits 1 "a rejected image"
[ ! -e sigpolicy.ref ] && pass "is not handed on" || fail "is not handed on"
is "$(grep -c '<failure' sigpolicy-verify.xml)" 1 "and is a test that failed"
