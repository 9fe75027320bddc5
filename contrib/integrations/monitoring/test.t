#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The metrics of a host: both files, whole or as they were; and the units, as systemd reads them.
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
top_srcdir=$(realpath "${top_srcdir:-.}") here=$top_srcdir/contrib/integrations/monitoring fixtures=$top_srcdir/tests/fixtures
[ "${PYTHON:-:}" != : ] || PYTHON=python3

# podman's storage, with an image that alice signed and one that nobody did.
cd "$work" || exit 1
images=$work/store/overlay-images
for number in 1 2; do
  directory=$images/$(printf '%064d' $number)
  mkdir -p "$directory"; cp "$fixtures/manifest.json" "$directory/manifest"
done
cp "$fixtures/good.sig" "$images/$(printf '%064d' 1)/signatures"
printf '[{"id":"%064d","names":["registry.example/ns/app:v1"],"metadata":"{\\"signature-sizes\\":[%s]}"},{"id":"%064d","names":["registry.example/ns/new:v1"]}]' \
  1 "$(stat -c %s "$fixtures/good.sig")" 2 >"$images/images.json"
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/store"\nrunroot = "%s/run"\n' "$work" "$work" >storage.conf
export CONTAINERS_STORAGE_CONF=$work/storage.conf
cp "$fixtures/alice.gpg" "$fixtures/expired.gpg" .
mkdir bin out
policy "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[\"$work/alice.gpg\",\"$work/expired.gpg\"]}" >policy.json
printf '#!/bin/sh\n[ ! -e "%s/broken" ] || exit 7\nexec "%s" "$@" --policy "%s/policy.json" --clock 2026-06-01T00:00:00Z\n' "$work" "$sigpolicy" "$work" >bin/sigpolicy
chmod +x bin/sigpolicy
PATH=$work/bin:$PATH

run "$here/sigpolicy-metrics" out
exits 0 "the metrics of a host"
is "$(ls -A out)" "sigpolicy-audit.prom
sigpolicy-images.prom" "are two files, and nothing else is left"
is "$(stat -c %a out/* | sort -u)" 644 "that the exporter may read"
check "they are metrics" "$PYTHON" "$top_srcdir/tests/cli/ci.py" metrics out/sigpolicy-audit.prom out/sigpolicy-images.prom
is "$(sed -n 's/^sigpolicy_audit_key_expiry_timestamp_seconds{.*} //p' out/sigpolicy-audit.prom)" 1640995200 "the key that expires is there, in seconds"
is "$(grep -c '^sigpolicy_verify_image_accepted{.*} 1$' out/sigpolicy-images.prom) $(grep -c '^sigpolicy_verify_image_accepted{.*reason="no-signature"} 0$' out/sigpolicy-images.prom)" \
  "1 1" "both images are"
before=$(cat out/*)
touch broken
run "$here/sigpolicy-metrics" out
exits 1 "when sigpolicy fails"
complains "sigpolicy-audit.prom is not written" "it is said"
is "$(cat out/*)" "$before" "and the old files stay, whole"
is "$(ls -A out | wc -l)" 2 "and nothing else"
run "$here/sigpolicy-metrics" nowhere
exits 2 "a directory that is not there"

service=$here/sigpolicy-metrics.service
is "$(sed -n 's/^ExecStart=//p' "$service")" "/usr/local/libexec/sigpolicy-metrics /var/lib/prometheus/node-exporter" "the service runs it"
is "$(sed -n 's/^ReadWritePaths=//p' "$service")" /var/lib/prometheus/node-exporter "and may write nowhere else"
if command -v systemd-analyze >/dev/null; then
  for unit in service timer; do sed 's,/usr/local/libexec/sigpolicy-metrics,/bin/true,' "$here/sigpolicy-metrics.$unit" >"sigpolicy-metrics.$unit"; done
  run systemd-analyze verify --man=no ./sigpolicy-metrics.service ./sigpolicy-metrics.timer; is "$status|$err" "0|" "systemd reads the units"
else pass "systemd reads the units # SKIP systemd-analyze is not installed"
fi
# What the rules for Prometheus ask for is what is written.
is "$(grep -o 'sigpolicy_[a-z_]*' "$here/alerts.yml" | sort -u | while read -r metric; do grep -q "^$metric" out/*.prom || echo "$metric"; done)" "" \
  "the alerts are about metrics that are written"
if command -v promtool >/dev/null; then check "promtool takes the rules" promtool check rules "$here/alerts.yml"
else pass "promtool takes the rules # SKIP promtool is not installed"; fi
nothing_left monitoring
