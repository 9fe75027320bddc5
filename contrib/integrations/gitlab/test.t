#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The jobs: their scripts, as they stand in the template, on a merge request and before a deployment.
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
for needed in skopeo docker-registry git; do
  command -v "$needed" >/dev/null || { count=1; echo "ok 1 # SKIP $needed is not installed"; exit 0; }
done
top_srcdir=$(realpath "${top_srcdir:-.}") template=$top_srcdir/contrib/integrations/gitlab/sigpolicy.gitlab-ci.yml
make_signed_registry
make_policy_repository
yaml_block "$template" 1 >"$work/policy.sh"; yaml_block "$template" 2 >"$work/verify.sh"
sed -i 's/sigpolicy audit/& --disable key-writable --disable policy-writable/' "$work/policy.sh"
job() { rm -f sigpolicy*; run env "${@:2}" sh "$work/$1.sh"; }
checks() { job policy SIGPOLICY_POLICY=policy.json SIGPOLICY_FAIL_ON=critical SIGPOLICY_TESTS=policy.test.yaml CI_MERGE_REQUEST_DIFF_BASE_SHA="$base" "$@"; }

checks; exits 0 "a policy that did not change"
is "$(jq -r 'map(.location.path) | unique | join(" ")' sigpolicy-codequality.json | grep -c policy.json)" 1 "its findings are there as code quality"
is "$(grep -c '<testcase' sigpolicy-test.xml sigpolicy-diff.xml | cut -d: -f2 | paste -sd' ')" "1 2" "its tests and its changes as JUnit"
loosen
checks; exits 1 "a policy that accepts more fails"
says "### sigpolicy diff: 1 looser" "the log has the change"
is "$(grep -c '<failure' sigpolicy-test.xml sigpolicy-diff.xml | cut -d: -f2 | paste -sd' ')" "1 1" "and so have the reports"
checks CI_MERGE_REQUEST_DIFF_BASE_SHA=1111111111111111111111111111111111111111; [ "$status" -ne 0 ] && pass "a base that is not there" || fail "a base that is not there"
checks SIGPOLICY_POLICY="$work/policy.json" SIGPOLICY_TESTS=; [ "$status" -ne 0 ] && pass "a policy that git cannot compare" || fail "a policy that git cannot compare" "$out"

verify() { job verify SIGPOLICY_POLICY="$work/policy.json" SIGPOLICY_IMAGES="$1"; }
verify "$registry/ns/app:v1"; exits 0 "an accepted image"
is "$(cat sigpolicy.env)" "SIGPOLICY_REF=$pinned
SIGPOLICY_REF_1=$pinned" "is handed on by its digest, as dotenv"
is "$(grep -c '<failure' sigpolicy-verify.xml)" 0 "and is a test that passed"
verify "$registry/ns/app:v1 $registry/ns/unsigned:v1"; exits 1 "one of two is rejected"
[ ! -e sigpolicy.env ] && pass "nothing is handed on" || fail "nothing is handed on"
is "$(grep -c '<testcase' sigpolicy-verify.xml) $(grep -c '<failure' sigpolicy-verify.xml)" "2 1" "the report has both"
verify ""; exits 2 "no images at all are a mistake"
