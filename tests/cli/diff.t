#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# diff: what changes between two policies, in words, in JSON and as exit status.
. "${top_srcdir:-.}/tests/cli/lib.sh"

accept='[{"type":"insecureAcceptAnything"}]' reject='[{"type":"reject"}]'
key='[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/etc/keys/a.gpg"}]'
file() { printf '{"default":%s,\n"transports":{"docker":{%s}}}\n' "$2" "$3" >"$work/$1"; }
file old.json "$reject" "\"quay.io/ns\":$key,
\"x.example\":$accept"
file loose.json "$reject" "\"quay.io/ns\":$accept,
\"x.example\":$accept"
file strict.json "$reject" "\"quay.io/ns\":$key,
\"quay.io/ns/app\":$reject,
\"x.example\":$key"
file other.json "$reject" "\"quay.io/ns\":${key/a.gpg/b.gpg},
\"x.example\":$accept"
file gone.json "$reject" "\"quay.io/ns\":$key"
file unused.json "$reject" "\"quay.io/ns\":$key,
\"busybox\":$accept,
\"x.example\":$accept"
cd "$work" || exit
d() { run "$sigpolicy" diff "$@"; }

d old.json old.json
exits 0 "a policy and itself"
is "$out" "0 looser, 0 different, 0 stricter, 3 same" "nothing changes"

d old.json loose.json
exits 1 "what is looser fails"
is "$out" 'looser     docker "quay.io/ns"
  before    a simple signature by a GPG key in /etc/keys/a.gpg, for exactly this tag (for a name with a digest: for this repository) (matchRepoDigestOrExact)
            old.json:2
  after     no signature: every image is accepted
            loose.json:2
  example   docker://quay.io/ns/image:latest
1 looser, 0 different, 0 stricter, 2 same' "and is told with both rules and an example"
d --quiet old.json loose.json
is "$status$out$err" 1 "--quiet leaves the exit status"
d loose.json old.json
exits 0 "the same backwards is stricter"
says "1 stricter" "and is counted so"

d old.json strict.json
exits 0 "what is stricter does not fail"
says 'stricter   docker "quay.io/ns/app"' "a scope that is new is held against the one above it"
says 'old.json:2, docker "quay.io/ns"' "which is named"
says 'docker "x.example"' "signatures in place of anything are stricter"

d old.json gone.json
exits 0 "a scope that is gone"
says 'gone.json:1, default' "leaves its images to the default"

d old.json other.json
exits 0 "another key is different, not looser"
says "0 looser, 1 different" "and counted so"
d --fail-on different old.json other.json
exits 1 "--fail-on different takes that, too"
d --fail-on different old.json strict.json
exits 0 "but nothing that is stricter"
d --fail-on sometimes old.json old.json
exits 2 "--fail-on takes two words"

d old.json unused.json
is "$status $out" "0 0 looser, 0 different, 0 stricter, 3 same" "a scope that no image has changes nothing"
d --verbose old.json unused.json
says "no image has this scope" "--verbose tells of it"

# --- images ---
printf '# ours\ndocker://quay.io/ns/app:v1\r\n\ndocker://x.example/y\n  \ndir:/\n' >images
d --references images --format json old.json strict.json
exits 0 "images are compared"
is "$(jq -r '.images[] | .change + " " + .image' <<<"$out" | paste -sd' ')" \
  "stricter docker://quay.io/ns/app:v1 stricter docker://x.example/y:latest" "those whose answer changes are named"
is "$(jq -c '.counts' <<<"$out")" '{"looser":0,"different":0,"stricter":4,"same":3}' "all are counted"
d --references images --format jsonl --verbose old.json strict.json
is "$(wc -l <<<"$out") $(jq -r '.images | length' <<<"$out")" "1 3" "--verbose names every image, JSON Lines on one line"
printf 'docker://x.example/y\nno image\n' >images
d --references images old.json strict.json
exits 2 "what is no image name"
complains 'images:2: Invalid image name "no image"' "is named with its line"
is "$out" "" "and nothing else is said"
d --references nowhere old.json strict.json
exits 5 "images that are not there"

# --- input ---
run "$sigpolicy" diff - loose.json <old.json
exits 1 "a policy on standard input"
says "before:2" "is called by its side"
run "$sigpolicy" diff - - <old.json
exits 2 "both cannot be"
d old.json
exits 2 "two policies are needed"
printf '{"default":[]}' >bad.json
d old.json bad.json
exits 3 "a policy that cannot be used"
complains 'invalid policy in "bad.json"' "is named"
d old.json nowhere.json
exits 3 "a policy that is not there"

# --- key files ---
printf k >one.key; printf k >two.key; printf l >three.key
for k in one two three; do file "$k.json" "${key/\/etc\/keys\/a.gpg/$work/$k.key}" ""; done
d one.json two.json
says "0 looser, 0 different, 0 stricter, 1 same" "a key file of another name with the same bytes is the same key"
d one.json three.json
says "1 different" "with other bytes it is another"
rm two.key
d one.json two.json
says "1 different" "and so is one that cannot be read"
nothing_left "diff"
