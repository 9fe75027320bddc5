#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hook oci: the configuration of a container of podman goes through when its image is accepted. The records are written by hand; the
# real podman is asked where it can store layers.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice
export GNUPGHOME=$work/gnupg
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/policy.json"
make_image "$work/img"; make_image "$work/other" other
name=registry.example/ns/app:v1
"$sigpolicy" standalone-sign "$work/img/manifest.json" $name alice@example.com -o "$work/app.sig"
id() { printf '%064d' "$1"; }
# A store with four containers: of a signed image, of an unsigned one, of none, and of a build.
store=$work/store
mkdir -p "$store/overlay-images/"{"$(id 1)","$(id 2)"} "$store/overlay-containers" "$store/overlay"
cp "$work/img/manifest.json" "$store/overlay-images/$(id 1)/manifest"; cp "$work/app.sig" "$store/overlay-images/$(id 1)/signatures"
cp "$work/other/manifest.json" "$store/overlay-images/$(id 2)/manifest"
printf '[{"id":"%s","names":["%s"],"metadata":"{\\"signature-sizes\\":[%d]}"},{"id":"%s","names":["registry.example/ns/new:v1"],"metadata":"{}"}]' \
  "$(id 1)" $name "$(stat -c %s "$work/app.sig")" "$(id 2)" >"$store/overlay-images/images.json"
record() { printf '{"id":"%s","names":["%s"],"image":"%s","layer":"%s","metadata":"%s"}' "$(id "$1")" "$2" "$3" "$(id "$4")" "$5"; }
printf '[%s,%s,%s]' \
  "$(record 11 web "$(id 1)" 21 '{\"image-name\":\"'$name'\"}')" \
  "$(record 12 job "$(id 2)" 22 '{\"image-name\":\"registry.example/ns/new:v1\"}')" \
  "$(record 13 infra "" 23 '{\"pod-id\":\"x\"}')" >"$store/overlay-containers/containers.json"
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s/run"\n' "$store" "$work" >"$work/storage.conf"
export CONTAINERS_STORAGE_CONF=$work/storage.conf
config() { printf '{"ociVersion":"1.0.2",  "root": {"path": "%s"},\n"annotations":{"org.opencontainers.image.title":"\\u202e \\"root\\": x"}}' "$1"; }
# o FILE [OPTION...]
o() { run "$sigpolicy" hook oci --log none --policy "$work/policy.json" "${@:2}" <"$1"; }
through() { exits 0 "$1"; is "$out" "$(cat "$work/config")" "$1: byte by byte"; }
stopped() { exits "$1" "$2: exit $1"; is "$out" "" "$2: nothing is written"; }

config "$store/overlay/$(id 21)/merged" >"$work/config"; o "$work/config"; through "a container of a signed image"
printf '\n\n' >>"$work/config"; "$sigpolicy" hook oci --log none --policy "$work/policy.json" <"$work/config" | cmp - "$work/config" && pass "white space too" || fail "white space too"
config "$store/overlay/$(id 22)/merged" >"$work/config"; o "$work/config"; stopped 1 "a container of an unsigned image"; complains "no-signature" "and why is said"
config "$store/overlay/$(id 23)/merged" >"$work/config"; o "$work/config"; through "a container without an image"
o "$work/config" --imageless reject; stopped 1 "the same with --imageless reject"
config /srv/rootfs >"$work/config"; o "$work/config"; through "a container of a directory"
o "$work/config" --imageless reject; stopped 1 "a directory with --imageless reject"
config "$store/overlay/$(id 24)/merged" >"$work/config"; o "$work/config"; stopped 5 "a layer that no record has"
config "$work/elsewhere/overlay/$(id 21)/merged" >"$work/config"; o "$work/config"; stopped 5 "a root in another storage"
config "$store/vfs/dir/$(id 21)" >"$work/config"; o "$work/config"; stopped 5 "a root of another driver"
config "$store/overlay/$(id 21)/merged" >"$work/config"
CONTAINERS_STORAGE_CONF=/nonexistent run "$sigpolicy" hook oci --log none --policy "$work/policy.json" --store "[overlay@$store]" <"$work/config"; through "a storage that is named"
mv "$work/alice.gpg" "$work/gone.gpg"; o "$work/config"; stopped 4 "a key that is missing"; mv "$work/gone.gpg" "$work/alice.gpg"
o "$work/config" --policy "$work/nothing.json"; stopped 3 "a policy that is missing"
cp "$store/overlay-containers/containers.json" "$work/kept.json"; printf '[' >"$store/overlay-containers/containers.json"
o "$work/config"; [ "$status" -ne 0 ] && is "$out" "" "records that are broken" || fail "records that are broken" "exit $status"
mv "$work/kept.json" "$store/overlay-containers/containers.json"
while IFS= read -r text; do
  printf '%s' "$text" >"$work/config"; o "$work/config"
  [ "$status" -eq 1 ] && [ -z "$out" ] && pass "no configuration: $text" || fail "no configuration: $text" "exit $status" "$out"
done <<EOF_CONFIGS

{}
[]
{"root":{}}
{"root":{"path":7}}
{"root":{"path":"relative"}}
{"root":{"path":"$store/overlay/../overlay/$(id 21)/merged"}}
{"root":{"path":"$store//overlay/$(id 21)/merged"}}
{"root":{"path":"/srv/rootfs"},"root":{"path":"$store/overlay/$(id 21)/merged"}}
{"root":{"path":"/srv/rootfs","Path":"$store/overlay/$(id 21)/merged"}}
{"root":{"path":"/srv/rootfs"}} x
EOF_CONFIGS
head -c 17000000 /dev/zero | tr '\0' ' ' >"$work/config"; o "$work/config"; [ "$status" -ne 0 ] && is "$out" "" "17 MB of nothing" || fail "17 MB of nothing"
nothing_left "the hook"

# podman of a user calls the hook as root of the user's own namespace, with no environment; in a container, so does podman of root.
if [ "$(command id -u)" -eq 0 ]; then as_user() { setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user --map-root-user "$@"; }
else as_user() { unshare --user --map-root-user "$@"; }; fi
cp "$sigpolicy" "$work/tool"
user=$work/user/.local/share/containers/storage
mkdir -p "${user%/*}"; cp -r "$store" "$user"
printf '{"default":[{"type":"reject"}],"transports":{"docker":{"registry.example/ns/app":[{"type":"insecureAcceptAnything"}]}}}' >"$work/user.json"
chmod -R a+rX "$work/tool" "$work/store" "$work/user" "$work/user.json"; chmod 711 "$work"
# u STORAGE LAYER [VARIABLE...]: as podman of that user has it.
u() { config "$1/overlay/$(id "$2")/merged" >"$work/config"; run as_user env -i "${@:3}" "$work/tool" hook oci --log none --policy "$work/user.json" <"$work/config"; }
if as_user true 2>/dev/null; then
  u "$user" 21 HOME="$work/user"; through "a user's container, of an image that is accepted"
  u "$user" 22 HOME="$work/user"; stopped 1 "a user's container, of an image that is rejected"
  u "$user" 24 HOME="$work/user"; stopped 5 "a user's layer that no record has"
  u "$store" 21 HOME="$work/user" CONTAINERS_STORAGE_CONF="$work/storage.conf"; through "a container of root, in a container of a user"
  u "$store" 22 HOME="$work/user" CONTAINERS_STORAGE_CONF="$work/storage.conf"; stopped 1 "the same, of an image that is rejected"
  u "$work/elsewhere" 21 HOME="$work/user" CONTAINERS_STORAGE_CONF="$work/storage.conf"; stopped 5 "a root that is in neither storage"
else pass "a user's containers # SKIP no user namespace"; fi
# podman names no home to its hooks: it is that which the host has for the user, and root's where the container is in none of the user's.
printf 'root:x:0:0::%s/none:/bin/sh\nuser:x:65534:65534::%s/user:/bin/sh\n' "$work" "$work" >"$work/passwd"; chmod a+r "$work/passwd"
homed() { unshare --mount sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$work/passwd" "$@"; }
h() { config "$1/overlay/$(id "$2")/merged" >"$work/config"; run homed setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user --map-root-user env -i "${@:3}" "$work/tool" hook oci --log none --policy "$work/user.json" <"$work/config"; }
if [ "$(command id -u)" -eq 0 ] && as_user true 2>/dev/null && homed true 2>/dev/null; then
  h "$user" 21; through "without HOME, a user's container, of an image that is accepted"
  h "$user" 22; stopped 1 "without HOME, a user's container, of an image that is rejected"
  h "$store" 21 CONTAINERS_STORAGE_CONF="$work/storage.conf"; through "without HOME, a container of root, in a container of a user"
  h "$work/elsewhere" 21 CONTAINERS_STORAGE_CONF="$work/storage.conf"; stopped 5 "without HOME, a root that is in neither storage"
else pass "containers of users whose home is the host's # SKIP no namespaces"; fi
nothing_left "the hook of a user"

# The files that are installed.
hook=${top_srcdir:-.}/contrib/integrations/podman/50-sigpolicy.json
is "$(jq -r '.version, .stages[0], (.stages | length), .when.always, .hook.args[1], .hook.args[2]' "$hook" | paste -sd' ')" "1.0.0 precreate 1 true hook oci" "the hook file"
is "$(jq -r .hook.path "$hook")" /usr/bin/sigpolicy "names the program"
is "$(jq -r '.hook.env | join(" ")' "$hook")" PATH=/usr/bin:/bin "and no home: it is that of the user whose container it is"

# --- the real podman ---
if ! command -v podman >/dev/null || ! "${top_srcdir:-.}/tests/support/can-store-layers" >/dev/null 2>&1; then
  pass "the real podman # SKIP it cannot store layers here"
  exit 0
fi
unset CONTAINERS_STORAGE_CONF
mkdir "$work/hooks" "$work/real"
jq --arg path "$work/hook" '.hook.path = $path' "$hook" >"$work/hooks/50-sigpolicy.json"
printf '#!/bin/bash\nexec "%s" hook oci --log none --policy "%s/policy.json" --store "[vfs@%s/real/graph]" 2>"%s/hook.err"\n' "$sigpolicy" "$work" "$work" "$work" >"$work/hook"; chmod +x "$work/hook"
podman() { command podman --root "$work/real/graph" --runroot "$work/real/run" --storage-driver vfs --cgroup-manager cgroupfs --events-backend none --hooks-dir "$work/hooks" "$@"; }
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/open.json"
cp "$work/app.sig" "$work/img/signature-1"
skopeo --policy "$work/open.json" copy --quiet "dir:$work/img" "containers-storage:[vfs@$work/real/graph+$work/real/run]$name" >/dev/null || fail "storing the signed image"
skopeo --policy "$work/open.json" copy --quiet "dir:$work/other" "containers-storage:[vfs@$work/real/graph+$work/real/run]registry.example/ns/new:v1" >/dev/null || fail "storing the unsigned image"
# A runtime that fails, and a hook that refuses, are both 126: the hook's own words tell them apart. The image has nothing to run.
start() { run podman run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 "$@"; }
start --pull never "$name" /hello
case $err in *"setting up OCI Hooks"*) fail "podman run: the hook lets a signed image through" "$err" "$(cat "$work/hook.err")" ;; *) pass "podman run: the hook lets a signed image through" ;; esac
start --pull never registry.example/ns/new:v1 /hello
complains "setting up OCI Hooks" "podman run: the hook refuses an unsigned image"; exits 126 "and podman's exit status is 126"
is "$(cut -d: -f2- <"$work/hook.err" | cut -c1-24)" " rejected: no-signature:" "for that reason"
mkdir -p "$work/rootfs"
start --rootfs "$work/rootfs" /hello
case $err in *"setting up OCI Hooks"*) fail "podman run --rootfs goes through" "$err" "$(cat "$work/hook.err")" ;; *) pass "podman run --rootfs goes through" ;; esac
at_end+=('podman rm -af >/dev/null 2>&1; umount "$work"/real/graph/vfs 2>/dev/null; umount "$work/real/graph" 2>/dev/null')
