#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# report and diff --html: five hosts, as pages, as JSON, and in Chromium where it is installed; see report.py.
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
source=$(realpath "${top_srcdir:-.}") fixtures=$source/tests/fixtures
[ "${PYTHON:-:}" != : ] || PYTHON=python3
cd "$work" || exit 1
mkdir none
reject='{"type":"reject"}' accept='{"type":"insecureAcceptAnything"}'
gpg() { printf '{"type":"signedBy","keyType":"GPGKeys","keyPath":"%s"}' "$1"; }
r() { run "$sigpolicy" report --registries.d none --clock 2026-05-31T12:00:00Z "$@"; }

# --- five hosts -------------------------------------------------------------------------------------

# Anything is accepted; a policy that is broken; one of every kind; ten thousand scopes; hostile names.
printf '{"default":[%s]}' "$accept" >open.json
printf '{"default":[' >broken.json
cat >every.json <<END
{"default":[$reject],
"transports":{"docker":{
"quay.io/prod":[$(gpg "$fixtures/alice.gpg")],
"quay.io/prod/tools":[$accept],
"quay.io/prod/db":[$reject],
"registry.example":[{"type":"sigstoreSigned","pki":{"caRootsPath":"$fixtures/sigstore-made/root.pem","subjectEmail":"signer@example.com"}}],
"registry.example/old":[$(gpg "$fixtures/expired.gpg")],
"registry.example/lost":[$(gpg /etc/keys/missing.gpg)],
"busybox":[$accept],
"*.internal.example":[$accept]},
"dir":{"/srv/images":[$accept],"/srv/images/prod":[$reject]},
"docker-daemon":{"":[$accept]}}}
END
"$PYTHON" - "$fixtures/alice.gpg" <<'END'
import json, sys
reject, key = [{"type": "reject"}], lambda path: [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": path}]
names = ["</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style></title><b>", "left\u202ethgir", "a" * 1000000, "</script>/" * 50000]
many = {f"registry{i % 20}.example/ns{i % 400}/app{i}": key(sys.argv[1]) if i % 3 else reject for i in range(10000)}
many["registry1.example/ns1/app1/hole"] = [{"type": "insecureAcceptAnything"}]
json.dump({"default": reject, "transports": {"docker": many}}, open("many.json", "w"))
json.dump({"default": reject, "transports": {"docker": {f"r{i % 20}.example/ns{i % 400}/app{i}": key(f"/etc/keys/key-number-{i}.gpg") for i in range(10000)}}}, open("keys.json", "w"))
json.dump({"default": reject, "transports": {"docker": {name: key("/" + name[:200]) for name in names}, "docker-daemon": {"ok": reject}}}, open("hostile.json", "w"))
END
# podman's storage, with an image that alice signed and one that nobody did, and a container of each.
images=$work/store/overlay-images; mkdir -p "$images/$(printf '%064d' 1)" "$images/$(printf '%064d' 2)" "$work/store/overlay-containers"
for number in 1 2; do cp "$fixtures/manifest.json" "$images/$(printf '%064d' $number)/manifest"; done
cp "$fixtures/good.sig" "$images/$(printf '%064d' 1)/signatures"
printf '[{"id":"%064d","names":["registry.example/ns/app:v1"],"metadata":"{\\"signature-sizes\\":[%s]}"},{"id":"%064d","names":["registry.example/ns/new:v1"]}]' \
  1 "$(stat -c %s "$fixtures/good.sig")" 2 >"$images/images.json"
printf '[{"id":"%064d","names":["web"],"image":"%064d","metadata":"{\\"image-name\\":\\"registry.example/ns/app:v1\\"}"}]' 3 1 >"$work/store/overlay-containers/containers.json"
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/store"\nrunroot = "%s/run"\n' "$work" "$work" >storage.conf

for host in open broken every many hostile; do
  r --policy $host.json --html $host.html --no-images
  exits 0 "the report of a host: $host"
  is "$out" "" "it is in the file"
done
r --policy keys.json --html keys.html --no-images
policy "$(gpg "$fixtures/alice.gpg")" >signed.json
export CONTAINERS_STORAGE_CONF=$work/storage.conf
r --policy signed.json --html stored.html
exits 0 "with images and a container"
r --policy signed.json --json
is "$(jq -r '.images[] | .answer + " " + .reason' <<<"$out" | paste -sd' ')" "accepted accepted rejected no-signature" "the images have their verdicts"
is "$(jq -r '.images[0].signer, (.containers[] | .name)' <<<"$out" | paste -sd' ')" "42D9AC609791DBA301C38BAD0E791A340FD99D83 web, docker://registry.example/ns/app:v1" \
  "a signer, and a container's name"
unset CONTAINERS_STORAGE_CONF
run "$sigpolicy" diff --html diff.html open.json every.json
says "looser" "diff --html writes the page beside the answer"
run "$sigpolicy" diff --html - open.json every.json
is "$(head -1 <<<"$out") $(tail -1 <<<"$out")" "<!DOCTYPE html> </html>" "or the page alone to standard output"

check "the pages are whole, and load nothing" "$PYTHON" "$source/tests/cli/report.py" page open.html broken.html every.html many.html hostile.html stored.html diff.html
check "hostile names stay text" "$PYTHON" "$source/tests/cli/report.py" hostile hostile.html
for text in 'Images of registries: <strong>rejected unless listed' '<code>quay.io/prod/tools</code> <span class="state bad">accepted unsigned below a signed scope' \
  '<code>busybox</code> <span class="state never">never matches' '2026-06-02 <span class="state unsigned">expires within 90 days' 'cannot be read' '>today<'; do
  grep -qF "$text" every.html && pass "the page says: $text" || fail "the page says: $text"
done
grep -qF 'The policy cannot be used' broken.html && pass "a broken policy is said" || fail "a broken policy is said"
grep -qF 'accepted without a signature unless listed' open.html && pass "and an open one" || fail "and an open one"
grep -q 'class="bad"/><text[^>]*>app1/hole<' many.html && pass "of many scopes the picture has the one that stands out" || fail "of many scopes the picture has the one that stands out"
for host in many keys; do
  [ "$(stat -c %s $host.html)" -le $((5 * 1024 * 1024)) ] && pass "$host: 10,000 scopes in 5 MiB" || fail "$host: 10,000 scopes in 5 MiB" "$(stat -c %s $host.html)"
done
if grep -q __asan_init "$sigpolicy"; then pass "10,000 scopes in a second # SKIP built with sanitizers"
else
  spent=$({ TIMEFORMAT='%U %S'; time "$sigpolicy" report --registries.d none --policy keys.json --html keys.html --no-images; } 2>&1 | awk '{ print ($1 + $2 < 1) }')
  is "$spent" 1 "10,000 scopes in less than a second of CPU"
fi
validator=$(type -P tidy) # there is a function of that name
if [ -z "$validator" ]; then pass "a validator finds no fault # SKIP tidy is not installed"
else
  for host in open broken every hostile stored diff; do
    run "$validator" -q -e $host.html
    is "$status$out$err" 0 "a validator finds no fault: $host"
  done
fi

# What is below a name follows it, whatever else begins alike.
printf '{"default":[%s],"transports":{"docker":{"a.example/b":[%s],"a.example/b-c":[%s],"a.example/b/d":[%s]}}}' "$reject" "$reject" "$reject" "$accept" >alike.json
r --policy alike.json --json --no-images
is "$(jq -r '.scopes[1:][].scope' <<<"$out" | paste -sd' ')" "a.example/b a.example/b/d a.example/b-c" "scopes stand below each other"

# --- what changed -----------------------------------------------------------------------------------

r --policy every.json --json --no-images
printf '%s\n' "$out" >before.report
sed 's|quay.io/prod/db|quay.io/prod/web|; s|"quay.io/prod/tools":\[{"type":"insecureAcceptAnything"}\]|"quay.io/prod/tools":[{"type":"reject"}]|' every.json >after.json
r --policy after.json --json --no-images --since before.report --html changed.html
is "$(jq -r '.changes[] | select(.kind == "scope") | .id + (if .before then " -" else "" end) + (if .after then " +" else "" end)' <<<"$out" | sort | paste -sd,)" \
  'docker "quay.io/prod/db" -,docker "quay.io/prod/tools" - +,docker "quay.io/prod/web" +' "gone, changed and new scopes"
is "$(jq -r .since <<<"$out")" 2026-05-31T12:00:00Z "since when"
grep -qF 'Changes since 2026-05-31T12:00:00Z' changed.html && pass "and on the page" || fail "and on the page"
r --policy every.json --json --no-images --since before.report
is "$(jq '.changes | length' <<<"$out")" 0 "the same host again has not changed"
for text in '{' '{}' '{"schema":"sigpolicy-report/1","time":"x","facts":[1]}' '{"schema":"sigpolicy-audit/1"}'; do
  printf '%s' "$text" >bad.report
  r --policy every.json --json --no-images --since bad.report
  exits 3 "what is no earlier report: $text"
done
r --policy every.json --json --since missing.report --no-images; exits 5 "one that is not there"

r; exits 2 "nothing to write"
r --json --html -; exits 2 "two things on standard output"
r --json extra; exits 2 "an argument"

# --- as people see them -----------------------------------------------------------------------------

# SCREENSHOTS keeps the pictures.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$browser" ]; then pass "the pages in a browser # SKIP Chromium is not installed"
elif [ -n "${SIGPOLICY_TESTS_AGAIN-}" ]; then pass "the pages in a browser # SKIP was tested in another build"
else
  pictures=${SCREENSHOTS:-$work/pictures}; mkdir -p "$pictures"
  check "in a browser: nothing overflows, is hard to read, is asked for, or complains" \
    timeout 240 "$PYTHON" "$source/tests/cli/report.py" browser "$browser" "$pictures" open.html broken.html every.html hostile.html stored.html diff.html many.html
  rm -rf "$pictures/chromium"
fi
rm -rf "${TMPDIR:?}"/* "${TMPDIR:?}"/.[!.]*
