#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real containerd, with the hook as its image verifier: what it calls, what it says, and what is on the node afterwards; asked by ctr
# and by the kubelet's interface. contrib/test-engines makes the system that $ENGINES names, and runs this. What containerd calls and says
# is held against recorded/, which REAL=record writes anew.
[ -x "${ENGINES-}/usr/bin/containerd" ] || { echo "1..0 # SKIP no containerd: run contrib/test-engines"; exit 0; }
# Its mounts and its processes end with it.
[ -n "${REAL_INSIDE-}" ] || exec unshare --mount --fork --pid --kill-child --mount-proc env REAL_INSIDE=yes "$0" "$@"
. "${top_srcdir:-.}/tests/cli/lib.sh"

recorded=$(realpath "${top_srcdir:-.}")/contrib/integrations/containerd/recorded
verifiers=/opt/containerd/image-verifier/bin
version=$(chroot "$ENGINES" containerd --version | cut -d' ' -f3)
echo "# containerd $version"

# --- a registry with images ---
make_signed_registry
make_key gnupg bob; bob=$fingerprint
copy() { skopeo --policy "$work/accept.json" --registries.d "$work/registries.d" copy --quiet --preserve-digests --dest-tls-verify=false "$@" >/dev/null || fail "copying $*"; }
signed=$(digest_of "$work/img/manifest.json") other=$(digest_of "$work/other/manifest.json")
copy "dir:$work/other" "docker://$registry/ns/bob:v1" --sign-by bob@example.com
make_image "$work/third" third
copy "dir:$work/third" "docker://$registry/ns/moved:v1"
third=$(digest_of "$work/third/manifest.json")
mkdir -p "$work/lookaside/ns/moved@${third/:/=}"
cp "$work/lookaside/ns/app@${signed/:/=}/signature-1" "$work/lookaside/ns/moved@${third/:/=}/"
# list NAME DIRECTORY: a list of that image, for this machine.
platform=$(dpkg --print-architecture)
list() {
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d,"platform":{"architecture":"%s","os":"linux"}}]}' \
    "$(digest_of "$work/$2/manifest.json")" "$(stat -c %s "$work/$2/manifest.json")" "$platform" >"$work/$2.list"
  curl -sf -X PUT -H "Content-Type: application/vnd.oci.image.index.v1+json" --data-binary "@$work/$2.list" "http://$registry/v2/$1/manifests/list" >/dev/null || fail "pushing the list $1"
}
list ns/app img
"$sigpolicy" standalone-sign "$work/img/manifest.json" "$registry/ns/app:list" alice@example.com -o "$work/lookaside/ns/app@${signed/:/=}/signature-2"
list ns/unsigned other
list=$(digest_of "$work/img.list") other_list=$(digest_of "$work/other.list")

# --- the node ---
# The node's own files are in $node, which is its /mnt; this system is its /media, and the hook is a program of this system.
node=$work/node
mkdir -p "$node/verifiers" "$node/etc"
mkdir -p "$ENGINES$verifiers" "$ENGINES/etc/containerd"
mount -t proc proc "$ENGINES/proc" && mount --rbind /dev "$ENGINES/dev" && mount --bind "$node" "$ENGINES/mnt" && mount --rbind / "$ENGINES/media" &&
  mount --bind "$node/verifiers" "$ENGINES$verifiers" && mount --bind "$node/etc" "$ENGINES/etc/containerd" || { echo "Bail out! cannot mount"; exit 1; }
# hook POLICY: the verifier, which keeps what it was called with.
hook() {
  cat >"$node/verifiers/sigpolicy" <<END
#!/bin/sh
printf '%s\n' "\$@" >/mnt/called
cat >/mnt/descriptor
exec chroot /media "$sigpolicy" hook containerd --log none --policy "$work/$1.json" --registries.d "$work/registries.d" --tls-verify=false --command-timeout 300s "\$@" </mnt/descriptor
END
  chmod 755 "$node/verifiers/sigpolicy"
}
hook policy
# start [LINE...]: containerd by the configuration that we ship, with these lines in the section of the kubelet's images; by nothing but
# the lines, where the first is an import.
containerd=
# A machine that is busy changes no answer: the time limits are longer.
shipped() { sed 's/^\( *per_verifier_timeout =\).*/\1 "310s"/' "${recorded%/*}/config.toml"; }
start() {
  local key=${1-}
  [ -z "$containerd" ] || { kill "$containerd"; wait "$containerd"; } 2>/dev/null
  rm -rf "$node"/{root,state,sock}
  case $key in
    imports*) printf '%s\n' "$@" ;;
    *) printf 'version = 3\n'; shipped; printf '[plugins."io.containerd.cri.v1.images"]\n'; printf '%s\n' "$@" ;;
  esac >"$node/etc/config.toml"
  chroot "$ENGINES" containerd --root /mnt/root --state /mnt/state --address /mnt/sock >"$node/log" 2>&1 &
  containerd=$!
  for _ in {1..600}; do
    ctr version >/dev/null 2>&1 && return
    kill -0 "$containerd" 2>/dev/null || break
    read -r -t 0.1 <> <(:) || :
  done
  fail "containerd starts" "$(tail "$node/log")"; exit 1
}
ctr() { chroot "$ENGINES" ctr --address /mnt/sock "$@"; }
at_end+=('[ -z "$containerd" ] || { kill $containerd; wait $containerd; } 2>/dev/null; umount -l "$ENGINES/media" "$ENGINES$verifiers" "$ENGINES/etc/containerd" "$ENGINES/mnt" "$ENGINES/dev" "$ENGINES/proc"')

# by_ctr NAME: what it answers, in $out.
by_ctr() { run ctr images pull "$1"; [ "$status" -eq 0 ] && out=pulled || out=${err#ctr: }; }
# by_kubelet NAME: the call PullImage of the kubelet's interface; its status is in the trailer.
by_kubelet() {
  local name=$1 length=${#1}
  # PullImageRequest { image: ImageSpec { image: NAME } }, and five bytes in front: not compressed, and the length.
  run curl -s --http2-prior-knowledge --unix-socket "$node/sock" -H 'Content-Type: application/grpc' -H 'TE: trailers' --data-binary @- -o "$node/answer" -D - \
    http://localhost/runtime.v1.ImageService/PullImage \
    < <(printf "\\x00\\x00\\x00\\x00\\x$(printf %02x $((length + 4)))\\x0a\\x$(printf %02x $((length + 2)))\\x0a\\x$(printf %02x "$length")%s" "$name")
  out=$(tr -d '\r' <<<"$out")
  case $out in *'grpc-status: 0'*) out=pulled ;; *) out=$(sed -n 's/^grpc-message: //p' <<<"$out") ;; esac
}
declare -A space=([ctr]=default [kubelet]=k8s.io)
# asks WHO NAME: $out is its answer, $call what the verifier was called with, $held whether the node has the image afterwards.
asks() {
  rm -f "$node/called" "$node/descriptor"
  "by_$1" "$2"
  call=$(cat "$node/called" "$node/descriptor" 2>/dev/null)
  ctr -n "${space[$1]}" images ls -q >"$node/images"
  held=no; ! grep -qxF "$2" "$node/images" || held=yes
}
# Whatever the port, the digests and the key of this run.
plain() { sed "s|$registry|REGISTRY|g; s|$signed|SIGNED|g; s|$other|OTHER|g; s|$third|THIRD|g; s|$list|LIST|g; s|$other_list|OTHER-LIST|g; s|$bob|BOB|g"; }

# --- every image, by both ---
start
mkdir "$work/seen"
while read -r name expected; do
  for who in ctr kubelet; do
    asks "$who" "$registry/ns/$name"
    case $expected:$out:$held in
      pulled:pulled:yes | *:*"rejected image (exit code 1): $expected: "*:no | none:*"not found":no) pass "$name, by $who: $expected" ;;
      *) fail "$name, by $who: $expected" "$out" "held: $held" "$(tail -n 3 "$node/log")" ;;
    esac
    printf '%s, by %s: %s\n' "$name" "$who" "$out" | plain >>"$work/seen/answers"
    [ "$name" != none:v1 ] || continue
    # The six words and the descriptor, as test.t gives them.
    type=manifest; [ "${name#*:}" != list ] || type=index
    words=(-name "$registry/ns/$name" -digest "$(jq -r .digest "$node/descriptor")" -stdin-media-type application/vnd.oci.descriptor.v1+json)
    is "$(cat "$node/called")" "$(printf '%s\n' "${words[@]}")" "$name, by $who: it calls with six words"
    is "$(jq -r .mediaType "$node/descriptor")" "application/vnd.oci.image.$type.v1+json" "$name, by $who: and with the descriptor of the $type"
    [ "$name" != app:v1 ] || plain <<<"$call" >"$work/seen/call"
  done
done <<END
app:v1 pulled
app:list pulled
app@$signed pulled
unsigned:v1 rejected: no-signature
unsigned:list rejected: no-signature
unsigned@$other rejected: no-signature
bob:v1 rejected: key-not-trusted
moved:v1 rejected: digest-mismatch
none:v1 none
END
if [ "${REAL-}" = record ]; then mkdir -p "$recorded"; cp "$work/seen/"* "$recorded/"; fi
for file in answers call; do is "$(cat "$work/seen/$file")" "$(cat "$recorded/$file")" "what is recorded: $file"; done

# --- what is no verdict blocks, too ---
# (app:v1, which was pulled before, stays on the node.)
hook none
for who in ctr kubelet; do
  asks "$who" "$registry/ns/app:v1"
  case $out in *"rejected image (exit code 3): error: "*) pass "no policy, by $who: blocked" ;; *) fail "no policy, by $who: blocked" "$out" ;; esac
done
hook policy
: >"$node/verifiers/.keep"
for who in ctr kubelet; do
  asks "$who" "$registry/ns/app:v1"
  case $out in *"blocking pull of "*) pass "a stray file among the verifiers, by $who: blocked" ;; *) fail "a stray file among the verifiers, by $who: blocked" "$out" ;; esac
done
audit() { run "$sigpolicy" audit --root "$ENGINES" --format json; out=$(jq -r '.findings[].rule | select(startswith("engine-containerd"))' <<<"$out" | sort -u | paste -sd' '); }
audit; is "$out" engine-containerd-stray "and the audit says so"
rm "$node/verifiers/.keep"
audit; is "$out" "" "the audit finds nothing where the verifier is in force"

# --- as the package installs it: a configuration that imports ours ---
mkdir -p "$ENGINES/usr/libexec/sigpolicy/containerd" "$ENGINES/usr/share/sigpolicy/containerd"
mount --bind "$node/verifiers" "$ENGINES/usr/libexec/sigpolicy/containerd" || fail "mounting the verifiers"
sed 's,/opt/containerd/image-verifier/bin,/usr/libexec/sigpolicy/containerd,' <(shipped) >"$ENGINES/usr/share/sigpolicy/containerd/config.toml"
umount "$ENGINES$verifiers"
imports='imports = ["/usr/share/sigpolicy/containerd/config.toml"]'
# What a configuration of version 3 and of version 2 has beside stays, as Debian's is of version 2.
for version in 3 2; do
  case $version in 3) section='"io.containerd.cri.v1.runtime"' ;; 2) section='"io.containerd.grpc.v1.cri"' ;; esac
  printf '%s\n' "$imports" "version = $version" "[plugins.$section.containerd.runtimes.runc]" 'runtime_type = "io.containerd.runc.v2"' \
    "[plugins.$section.containerd.runtimes.runc.options]" 'SystemdCgroup = true' >"$node/etc/config.toml"
  run chroot "$ENGINES" containerd config dump
  is "$(grep -c 'bin_dir = .*/usr/libexec/sigpolicy/containerd\|SystemdCgroup = true' <<<"$out")" 2 "imported by version $version: all of it is in force"
done
printf '%s\n' 'version = 3' '[plugins."io.containerd.gc.v1.scheduler"]' "$imports" >"$node/etc/config.toml"
run chroot "$ENGINES" containerd config dump
is "$(grep -c 'bin_dir = .*sigpolicy' <<<"$out")" 0 "an import within a section is passed over"
start "$imports" 'version = 3'
for who in ctr kubelet; do
  asks "$who" "$registry/ns/unsigned:v1"
  case $out in *"rejected image (exit code 1): rejected: no-signature: "*) pass "imported, by $who: blocked" ;; *) fail "imported, by $who: blocked" "$out" ;; esac
  asks "$who" "$registry/ns/app:v1"; is "$out $held" "pulled yes" "imported, by $who: pulled"
done
audit; is "$out" "" "the audit finds nothing where the configuration is imported"
umount "$ENGINES/usr/libexec/sigpolicy/containerd"; rm -r "$ENGINES/usr/share/sigpolicy/containerd"
mount --bind "$node/verifiers" "$ENGINES$verifiers" || fail "mounting the verifiers"
start

# --- what switches verifiers off ---
mv "$node/verifiers/sigpolicy" "$node/kept"
for who in ctr kubelet; do asks "$who" "$registry/ns/unsigned:v1"; is "$out $held" "pulled yes" "an empty directory, by $who: everything is pulled"; done
audit; is "$out" engine-containerd-empty "and the audit says so"
mv "$node/kept" "$node/verifiers/sigpolicy"
while IFS= read -r line; do
  start "$(printf '%b' "$line")"
  asks kubelet "$registry/ns/unsigned:v1"
  is "$out $call" "pulled " "${line%%\\n*}: the kubelet's pulls are not verified"
  asks ctr "$registry/ns/unsigned:v1"
  is "$held" no "${line%%\\n*}: those of ctr are"
  audit; is "$out" engine-containerd-bypass "and the audit says so"
done <<'END'
use_local_image_pull = true
disable_snapshot_annotations = false
discard_unpacked_layers = true
max_concurrent_downloads = 4
image_pull_with_sync_fs = true
[plugins."io.containerd.cri.v1.images".registry.mirrors."registry.example"]\nendpoint = ["http://127.0.0.1:1"]
END
nothing_left "the hook"
