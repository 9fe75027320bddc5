#!/bin/bash
# Mirrors and lookasides on nginx, in front of a real registry; and what podman pulls of what was accepted.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice
make_key gnupg bob
export GNUPGHOME=$work/gnupg
start_registry
make_authority ca
make_certificate server ca subjectAltName=IP:127.0.0.1
mkdir "$work/registries.d" "$work/lookaside" "$work/certs"
cp "$work/ca.crt" "$work/certs/"
cat >"$work/nginx.conf" <<END
user $(id -un); pid $work/nginx.pid; error_log $work/nginx.err;
events {}
http {
  access_log off; client_body_temp_path $work/nginx-tmp; proxy_temp_path $work/nginx-tmp; fastcgi_temp_path $work/nginx-tmp; uwsgi_temp_path $work/nginx-tmp; scgi_temp_path $work/nginx-tmp;
  log_format asked '\$request_method \$request_uri'; ssl_certificate $work/server.crt; ssl_certificate_key $work/server.key;
  server {
    listen PORT; listen TLS ssl; root $work; access_log $work/asked asked; error_page 497 =400 /none;
    location = /v2/ { proxy_pass http://$registry; }
    location /v2/mirror/ { rewrite ^/v2/mirror/(.*) /v2/\$1 break; proxy_pass http://$registry; proxy_set_header Host \$http_host; }
    location /v2/lacks/ { return 404; }
    location /v2/broken/ { add_header Retry-After 0 always; return 500; }
    location /v2/page/ { default_type text/html; return 200 '<html>Please log in</html>'; }
    location /forbidden/ { return 403; }
  }
}
END
start_nginx
repository=$registry/ns/app name=docker://$registry/ns/app:v1
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/policy.json"
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/bob.gpg"}' >"$work/bob.json"
printf 'default-docker:\n  lookaside: file://%s/lookaside\n  lookaside-staging: file://%s/lookaside\n' "$work" "$work" >"$work/registries.d/x.yaml"
make_image "$work/img"; digest=$(digest_of "$work/img/manifest.json")
make_image "$work/unsigned" unsigned
skopeo() { command skopeo --insecure-policy --registries.d "$work/registries.d" copy --quiet --preserve-digests --dest-tls-verify=false "$@" >/dev/null; }
skopeo --sign-by alice@example.com "dir:$work/img" "$name" || fail "pushing"
skopeo "dir:$work/unsigned" "docker://$registry/ns/unsigned:v1" || fail "pushing"
# What nginx serves stands in its lookaside under its own names.
for place in mirror/app mirror/ns/app; do mkdir -p "$work/lookaside/${place%/*}"; cp -r "$work/lookaside/ns/app@${digest/:/=}" "$work/lookaside/$place@${digest/:/=}"; done
v() { run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "$@"; }
outcome() { exits "$1" "$4: exit $1"; says "$2: " "$4: $2"; [ -z "$3" ] || says "$3" "$4: says why"; }
# conf MORE MIRROR...: the registry, and its mirrors.
conf() {
  printf '[[registry]]\nprefix = "%s/ns"\nlocation = "%s"\ninsecure = true\n%s\n' "$registry" "${location:-$registry/ns}" "$1"
  shift; for mirror; do printf '[[registry.mirror]]\nlocation = "%s"\ninsecure = true\n' "$mirror"; done
} >"$work/registries.conf"
# What was asked, but for attempts at TLS without it.
asked() { sed "/^-/d; s/$digest/D/; s/${digest/:/=}/D/" "$work/asked" 2>/dev/null | paste -sd,; : >"$work/asked"; }
asked >/dev/null

conf '' "$nginx/mirror/ns"; v "$name"; exits 0 "a mirror"
is "$(asked)" "GET /v2/,GET /v2/mirror/ns/app/manifests/v1" "is asked for the manifest"
v --format json "$name"; is "$(jq -r '.looked_at[0].where, .pinned' <<<"$out" | paste -sd' ')" "$work/lookaside/mirror/ns/app@${digest/:/=}/signature-1 $repository@$digest" "its signatures are those of the mirror, and the name is the registry's"
asked >/dev/null
v --policy "$work/bob.json" "$name"; outcome 1 key-not-trusted "" "a mirror, and another key"
v "docker://$registry/ns/unsigned:v1"; outcome 1 no-signature "" "a mirror, and no signature"; asked >/dev/null
for first in lacks broken; do
  conf '' "$nginx/$first"; v "$name"; exits 0 "a mirror that $first"; is "$(asked | sed 's/\(,[^,]*\)\1\1/\1/')" "GET /v2/,GET /v2/$first/app/manifests/v1" "was asked"
done
conf '' "$nginx/lacks" "$nginx/mirror/ns"; v "$name"; exits 0 "a second mirror"
is "$(asked)" "GET /v2/,GET /v2/lacks/app/manifests/v1,GET /v2/mirror/ns/app/manifests/v1" "is asked after the first"
conf '' 127.0.0.1:9; v "$name"; exits 0 "a mirror that is not there"
jq -n '{"*": {cut: 0, hang: true}}' >"$work/script"; start_server "$work/script"
conf '' "$server"; v --image-timeout 2s "$name"; exits 0 "a mirror that hangs leaves time for the registry"; is "$(jq -r .path "$requests")" "/v2/" "and was asked"
conf '' "$nginx/page"; v "$name"; [ "$status" -eq 1 ] && pass "a mirror that serves a page has no image that is signed" || fail "a mirror that serves a page" "$status $out"
conf 'blocked = true' "$nginx/mirror/ns"; v "$name"; exits 0 "a blocked registry with a mirror"
conf 'blocked = true' "$nginx/lacks"; v "$name"; [ "$status" -ne 0 ] && pass "one whose mirror lacks it" || fail "one whose mirror lacks it"
says "is blocked" "is blocked"; says "Mirrors also failed: [$nginx/lacks/app:v1" "and the mirror is named"
asked >/dev/null
conf 'mirror-by-digest-only = true' "$nginx/mirror/ns"; v "$name"; exits 0 "a mirror for digests"; is "$(asked)" "" "is not asked for a tag"
v "docker://$repository@$digest"; exits 0 "but for a digest"; is "$(asked)" "GET /v2/,GET /v2/mirror/ns/app/manifests/D" "it is"
location=$nginx/mirror/ns conf ''; v "$name"; exits 0 "another location"; is "$(asked)" "GET /v2/,GET /v2/mirror/ns/app/manifests/v1" "is where it is asked for"
# A mirror over TLS, and one that lies: what is named by digest has it, whoever serves it.
printf '[[registry]]\nlocation = "%s/ns"\ninsecure = true\n[[registry.mirror]]\nlocation = "%s/mirror/ns"\n' "$registry" "$tls" >"$work/registries.conf"
mkdir -p "$HOME/.config/containers/certs.d/$tls"; cp "$work/ca.crt" "$HOME/.config/containers/certs.d/$tls/"
v "$name"; exits 0 "a mirror over TLS"; is "$(asked)" "GET /v2/,GET /v2/mirror/ns/app/manifests/v1" "is asked"
rm -r "$HOME/.config"; v "$name"; exits 0 "one whose authority is not known is passed over"; is "$(asked)" "" "and is not asked"
# The lookaside on nginx.
printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$registry" >"$work/registries.conf"
printf 'default-docker:\n  lookaside: http://%s/lookaside\n' "$nginx" >"$work/registries.d/x.yaml"
v "$name"; exits 0 "a lookaside on a server"; is "$(asked)" "GET /lookaside/ns/app@D/signature-1,GET /lookaside/ns/app@D/signature-2" "which is asked for one more"
v "docker://$registry/ns/unsigned:v1"; outcome 1 no-signature "" "a lookaside that has none"
printf 'default-docker:\n  lookaside: http://%s/forbidden\n' "$nginx" >"$work/registries.d/x.yaml"
v "$name"; outcome 6 could-not-look "403" "a lookaside that refuses"
printf 'default-docker:\n  lookaside: https://%s/lookaside\n' "$tls" >"$work/registries.d/x.yaml"
v "$name"; exits 0 "a lookaside over TLS, which is checked no more than the registry's"
: >"$work/registries.conf"
v --cert-dir "$work/certs" "docker://$tls/mirror/app:v1"; [ "$status" -eq 5 ] && pass "TLS all the way: an image that is not there" || fail "TLS all the way: an image that is not there" "$status $out"
printf '[[registry]]\nprefix = "%s/ns"\nlocation = "%s/mirror/ns"\n' "$registry" "$tls" >"$work/registries.conf"
v --cert-dir "$work/certs" "$name"; exits 0 "TLS all the way"
v "$name"; outcome 6 could-not-look "no trusted connection" "and without the authority"

# --- the wrapper of the manual page, with podman ---
printf 'default-docker:\n  lookaside: file://%s/lookaside\n' "$work" >"$work/registries.d/x.yaml"
printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$registry" >"$work/registries.conf"
export CONTAINERS_REGISTRIES_CONF=$work/registries.conf
podman() { command podman --root "$work/podman/root" --runroot "$work/podman/run" --storage-driver vfs "$@"; }
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/accept.json"
if "${top_srcdir:-.}/tests/support/can-store-layers"; then
  wrapper() { local ref; ref=$("$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --print-ref "$1" 2>"$work/err") || return; podman pull --quiet --signature-policy "$work/accept.json" "docker://$ref"; }
  run wrapper "docker://$registry/ns/unsigned:v1"; exits 1 "what is rejected: its exit status"
  is "$(podman images --quiet)" "" "and nothing is pulled"
  run wrapper "docker://$registry/ns/none:v1"; exits 5 "what is not there: its exit status"
  ref=$("$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --print-ref "docker://$registry/ns/unsigned:v1" 2>/dev/null)
  is "$ref" "" "nothing is printed of what is rejected"
  run podman pull --quiet --signature-policy "$work/accept.json" "$ref"; [ "$status" -ne 0 ] && pass "and podman pulls nothing by that" || fail "and podman pulls nothing by that"
  run wrapper "$name"; exits 0 "what is accepted is pulled"
  is "$(podman images --digests --format '{{.Digest}} {{.Repository}}')" "$digest $repository" "by its digest"
  # The tag is moved between the two: what was judged is what is pulled.
  run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --print-ref "$name"; ref=$out
  skopeo "dir:$work/unsigned" "$name"
  podman rmi --all --force >/dev/null 2>&1
  run podman pull --quiet --signature-policy "$work/accept.json" "docker://$ref"
  is "$(podman images --digests --format '{{.Digest}}')" "$digest" "a tag that is moved in between changes nothing"
else
  count=$((count + 1)); echo "ok $count - podman pulls what is accepted # SKIP podman cannot be used here"
fi
nothing_left mirrors
