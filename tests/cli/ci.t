#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What continuous integration reads of verify, diff and audit: valid, within its limits, and hostile names stay text; see ci.py.
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
source=$(realpath "${top_srcdir:-.}") fixtures=$source/tests/fixtures
[ "${PYTHON:-:}" != : ] || PYTHON=python3
cd "$work" || exit
mkdir none
reject='[{"type":"reject"}]' accept='[{"type":"insecureAcceptAnything"}]'

# --- images -----------------------------------------------------------------------------------------

policy "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"$fixtures/alice.gpg\"}" >policy.json
image() { # DIR SIGNATURE
  mkdir -p "$1" && cp "$fixtures/manifest.json" "$1/" && printf 'Directory Transport Version: 1.1\n' >"$1/version"
  [ $# -eq 1 ] || cp "$fixtures/$2" "$1/signature-1"
}
image good good.sig; image forged forged.sig; image bare
v() { run "$sigpolicy" verify --policy policy.json --registries.d none --clock 2026-06-01T00:00:00Z "$@"; }
line() { printf '{"id":"%s","image":"dir:%s","reference":"docker://registry.example/ns/app:v1"}\n' "$1" "$2"; }
{ line a good; line b forged; line c bare; line d missing; } >batch.jsonl

for format in junit sarif github markdown prom; do
  v --batch batch.jsonl --format $format
  exits 1 "verify --batch --format $format: the exit status is that of the images"
  printf '%s\n' "$out" >verify.$format
  v --batch batch.jsonl --format $format --jobs 1
  is "$out" "$(cat verify.$format)" "and the order that of the batch"
done
check "verify: JUnit, SARIF, workflow commands, Markdown and metrics are what they should be" \
  "$PYTHON" "$source/tests/cli/ci.py" verify verify.junit verify.sarif verify.github verify.markdown verify.prom
v --format junit --as docker://registry.example/ns/app:v1 dir:good
exits 0 "one image"
says '<testsuites tests="1" failures="0">' "is one test"
v --format junit dir:good dir:bare
is "$status $(grep -c '<testcase' <<<"$out")" "1 2" "of several images there is one document"
v --format markdown --quiet dir:bare
is "$status$out" 1 "--quiet leaves the exit status"
v --format gitlab dir:good
exits 2 "a format that is not verify's"
v --format prom --as docker://registry.example/ns/app:v1 --warn-only dir:forged
exits 0 "--warn-only"
says 'sigpolicy_verify_images{answer="rejected"} 1' "hides nothing in the document"
cp -r "$source/tests/golden/several-platforms/image" list && chmod -R u+w list
v --all-platforms --format junit dir:list
is "$(grep -c '<testcase' <<<"$out")" "$(("$(jq '.manifests | length' list/manifest.json)" + 1))" "--all-platforms: a test for the list and for each image in it"

# --- policies ---------------------------------------------------------------------------------------

printf '{"default":%s,"transports":{"docker":{"a.example/x":%s,"b.example":%s,"c.example":%s}}}' "$reject" "$reject" "$accept" "$reject" >old.json
printf '{"default":%s,\n"transports":{"docker":{"a.example/x":%s,\n"b.example":%s,"c.example":%s}}}' "$reject" "$accept" "$reject" "$reject" >new.json
for format in junit sarif github markdown; do
  run "$sigpolicy" diff --format $format old.json new.json
  exits 1 "diff --format $format: the exit status is that of the change"
  printf '%s\n' "$out" >diff.$format
done
check "diff: JUnit, SARIF, workflow commands and Markdown are what they should be" \
  "$PYTHON" "$source/tests/cli/ci.py" diff diff.junit diff.sarif diff.github diff.markdown
run "$sigpolicy" audit --format gitlab --policy ./new.json --registries.d none
printf '%s\n' "$out" >audit.gitlab
run "$sigpolicy" audit --format sarif --policy new.json --registries.d none
printf '%s\n' "$out" >audit.sarif
check "audit: GitLab's code quality and SARIF are what they should be" "$PYTHON" "$source/tests/cli/ci.py" audit audit.gitlab audit.sarif

# --- hostile names ----------------------------------------------------------------------------------

# As a path, as a scope, as the id of a line: markup, ends of what encloses it, directions, and a name of a megabyte.
"$PYTHON" "$source/tests/cli/ci.py" hostile
while IFS= read -r name; do image "$name"; done <hostile.names
for format in junit sarif github markdown prom; do
  v --batch hostile.jsonl --format $format
  exits 2 "verify --format $format of hostile names, one of which is no image's"
  printf '%s\n' "$out" >hostile.verify.$format
  [ $format = prom ] && continue
  run "$sigpolicy" diff --format $format hostile-old.json hostile-new.json
  exits 1 "diff --format $format of hostile names"
  printf '%s\n' "$out" >hostile.diff.$format
done
for format in sarif junit github gitlab; do
  run "$sigpolicy" audit --format $format --policy hostile-new.json --registries.d none
  printf '%s\n' "$out" >hostile.audit.$format
done
check "hostile names stay text" "$PYTHON" "$source/tests/cli/ci.py" stays hostile.*.*
if ! command -v cmark-gfm >/dev/null; then pass "a renderer of Markdown sees text # SKIP no cmark-gfm"
else
  for file in hostile.verify.markdown hostile.diff.markdown; do
    cmark-gfm --unsafe -e table -e autolink -e strikethrough "$file" >"$file.html"
    check "a renderer of Markdown sees text in $file" "$PYTHON" "$source/tests/cli/ci.py" rendered "$file.html"
  done
fi

# More results than GitHub takes: the most severe are there, and the rest is counted.
{ printf '{"default":%s,"transports":{"docker":{"z.example":%s' "$reject" "$accept"; seq -f ",\"a.example/n%.0f\":$reject" 25010; printf '}}}'; } >many-old.json
{ printf '{"default":%s,"transports":{"docker":{"z.example":%s' "$accept" "$accept"; seq -f ",\"a.example/n%.0f\":$accept" 25010; printf '}}}'; } >many-new.json
run "$sigpolicy" diff --format sarif many-old.json many-new.json
is "$(jq -r '.runs[0] | (.results | length), .invocations[0].toolExecutionNotifications[0].message.text' <<<"$out" | paste -sd' ')" \
  "25000 25011 looser, 0 different, 0 stricter, 1 same; 11 results are left out, as a file may have 25000" "SARIF within the limits of GitHub"
run "$sigpolicy" diff --format markdown many-old.json many-new.json
is "$([ ${#out} -lt 65536 ] && tail -1 <<<"$out")" "- and 24911 more are looser" "and a comment within its own"
nothing_left ci
