#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# podman of the next Debian, with the hook as its package installs it: the drop-in of containers.conf, the file of the hook, and the
# program. contrib/test-engines makes the system that $ENGINES names, and runs this.
[ -x "${ENGINES-}/usr/bin/podman" ] || { echo "1..0 # SKIP no podman: run contrib/test-engines"; exit 0; }
# Its mounts and its processes end with it.
[ -n "${REAL_INSIDE-}" ] || exec unshare --mount --fork --pid --kill-child --mount-proc env REAL_INSIDE=yes "$0" "$@"
. "${top_srcdir:-.}/tests/cli/lib.sh"

here=$(realpath "${top_srcdir:-.}")/contrib/integrations/podman
make_key gnupg alice
export GNUPGHOME=$work/gnupg
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/policy.json"
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/accept.json"
make_image "$work/img"; make_image "$work/other" other
signed=registry.example/ns/app:v1 unsigned=registry.example/ns/new:v1
"$sigpolicy" standalone-sign "$work/img/manifest.json" $signed alice@example.com -o "$work/img/signature-1" || fail "signing"

# --- the machine: its /mnt is $node, here, too; its /media is this system, where the hook's program is ---
node=$work/node
mkdir -p "$node/rootfs"
mount --bind "$node" /mnt || { echo "Bail out! cannot mount"; exit 1; }
printf '[storage]\ndriver = "vfs"\ngraphroot = "/mnt/graph"\nrunroot = "/mnt/run"\n' >"$work/storage.conf"
store() { skopeo --policy "$work/accept.json" copy --quiet "dir:$work/$1" "containers-storage:[vfs@/mnt/graph+/mnt/run]$2" >/dev/null || fail "storing $2"; }
store img $signed
store other $unsigned
mount -t proc proc "$ENGINES/proc" && mount --rbind /dev "$ENGINES/dev" && mount --rbind /sys "$ENGINES/sys" && mount --bind "$node" "$ENGINES/mnt" &&
  mount --rbind / "$ENGINES/media" ||
  { echo "Bail out! cannot mount"; exit 1; }
install -D -m 644 "$here/50-sigpolicy.json" "$ENGINES/usr/share/sigpolicy/hooks.d/50-sigpolicy.json"
install -D -m 644 "$here/50-sigpolicy.conf" "$ENGINES/etc/containers/containers.conf.d/50-sigpolicy.conf"
cat >"$ENGINES/usr/bin/sigpolicy" <<END
#!/bin/sh
/usr/sbin/chroot /media env CONTAINERS_STORAGE_CONF="$work/storage.conf" "$sigpolicy" "\$@" --log none --policy "$work/policy.json" 2>>/mnt/said
status=\$?
echo "\$status" >>/mnt/answers
exit "\$status"
END
chmod 755 "$ENGINES/usr/bin/sigpolicy"
at_end+=('rm -rf "$ENGINES/usr/bin/sigpolicy" "$ENGINES/usr/share/sigpolicy" "$ENGINES/etc/containers/containers.conf.d/50-sigpolicy.conf"'
  'umount -l "$ENGINES/media" "$ENGINES/mnt" "$ENGINES/sys" "$ENGINES/dev" "$ENGINES/proc" /mnt')

# podman WORD...: what the hook answered is in $answers, and its words in $said. The images have nothing that runs: whether the runtime
# starts one is not asked.
podman() {
  : >"$node/answers"; : >"$node/said"
  run env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 PODMAN_IGNORE_CGROUPSV1_WARNING=1 \
    chroot "$ENGINES" podman --root /mnt/graph --runroot /mnt/run --storage-driver vfs --cgroup-manager cgroupfs --events-backend none "$@"
  answers=$(paste -sd' ' "$node/answers") said=$(cat "$node/said")
}
start() { podman run --rm --pull never --network none --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 "$@"; }
# goes_on NAME: the hook let it through; stops REASON NAME: it did not, and podman says so.
goes_on() { case "$answers:$err" in 0:*"OCI Hooks"* | [!0]*) fail "$1" "$answers" "$err" "$said" ;; 0:*) pass "$1" ;; *) fail "$1: the hook was not called" "$err" ;; esac; }
stops() { is "$answers" 1 "$2"; exits 126 "$2: podman's exit status is 126"; complains "setting up OCI Hooks" "$2: podman says so"; case $said in *"$1"*) pass "$2: $1" ;; *) fail "$2: $1" "$said" ;; esac; }
audit() { run "$sigpolicy" audit --root "$ENGINES" --format json; out=$(jq -r '.findings[].rule | select(startswith("engine-podman-hook"))' <<<"$out" | sort -u | paste -sd' '); }
echo "# $(chroot "$ENGINES" podman --version)"

start $signed /hello; goes_on "run: a signed image"
start $unsigned /hello; stops no-signature "run: an unsigned image"
start "$(jq -r --arg name $unsigned '.[] | select(.names[0] == $name).id' "$node/graph/vfs-images/images.json")" /hello; stops no-signature "run: by its ID"
podman create --pull never --network none --name kept $unsigned /hello; is "$status $answers" "0 " "create: podman asks at the start"
podman start kept; is "$answers" 1 "start: of a container that was created before"
podman rm kept
start --rootfs /mnt/rootfs /hello; goes_on "run: a directory"
audit; is "$out" "" "the audit finds nothing where the hook is in force"

mv "$ENGINES/usr/bin/sigpolicy" "$node/kept"
start $unsigned /hello
case "$answers:$err" in :*"OCI Hooks"*) fail "without the program nothing is asked" "$err" ;; :*) pass "without the program nothing is asked" ;; *) fail "without the program nothing is asked" "$answers" ;; esac
audit; is "$out" engine-podman-hook-missing "and the audit says so"
mv "$node/kept" "$ENGINES/usr/bin/sigpolicy"
rm -r "$ENGINES/usr/share/sigpolicy/hooks.d"
start $unsigned /hello
case "$answers:$err" in :*"OCI Hooks"*) fail "the drop-in of a package that was removed is passed over" "$err" ;; :*) pass "the drop-in of a package that was removed is passed over" ;; *) fail "the drop-in of a package that was removed is passed over" "$answers" ;; esac
nothing_left "the hook"
