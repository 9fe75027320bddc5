#!/bin/bash
# Images in podman's storage, made here by real podman and skopeo, and the same answers as skopeo's.
. "${top_srcdir:-.}/tests/cli/lib.sh"

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP podman's storage is made as root here"; trap - EXIT; exit 0; }
"${top_srcdir:-.}/tests/support/can-store-layers" || { echo "1..0 # SKIP podman and skopeo can store no image here"; trap - EXIT; exit 0; }
unset CONTAINERS_STORAGE_CONF STORAGE_DRIVER STORAGE_OPTS XDG_RUNTIME_DIR _CONTAINERS_ROOTLESS_UID
# What podman's containers mount goes with the test.
root=$work/root run=$work/run
pod() { podman --root "$root" --runroot "$run" --storage-driver vfs --cgroup-manager cgroupfs --events-backend none "$@"; }
store="[vfs@$root]"
full="[vfs@$root+$run]"

make_key gnupg alice; alice=$fingerprint
make_key gnupg bob
export GNUPGHOME=$work/gnupg
sign() { "$sigpolicy" standalone-sign "$1/manifest.json" "$2" "${3:-alice@example.com}" -o "$4"; }
put() { skopeo --insecure-policy copy -q "dir:$1" "containers-storage:$full$2" >/dev/null; }
name=registry.example/ns/app:v1
make_image "$work/img"; digest=$(digest_of "$work/img/manifest.json")
sign "$work/img" "$name" alice@example.com "$work/img/signature-1"
make_image "$work/other" other
sign "$work/img" "$name" bob@example.com "$work/other/signature-1"
sign "$work/other" registry.example/ns/other:v1 bob@example.com "$work/other/signature-2"
make_image "$work/plain" plain
put "$work/img" "$name" && put "$work/other" registry.example/ns/other:v1 && put "$work/plain" localhost/plain:latest || fail "images are put into the store"
pod tag "$name" registry.example/else/app:v1
id_of() { pod images --no-trunc --format '{{.ID}}' "$1" | sed -n '1s/sha256://p'; }
id=$(id_of "$name") plain=$(id_of localhost/plain) other=$(id_of registry.example/ns/other:v1)

# policy NAME TEXT: a policy whose containers-storage transport has these scopes.
storage_policy() { printf '{"default":[{"type":"reject"}],"transports":{"containers-storage":{%s}}}\n' "$2" >"$work/$1.json"; }
by() { printf '[{"type":"signedBy","keyType":"GPGKeys","keyPath":"%s/%s.gpg"}]' "$work" "$1"; }
yes='[{"type":"insecureAcceptAnything"}]' no='[{"type":"reject"}]'
storage_policy alice "\"\":$(by alice)"
storage_policy bob "\"\":$(by bob)"
storage_policy scopes "\"${store}registry.example/ns\":$(by alice),\"${store}registry.example/ns/other\":$no,\"${store}registry.example/else/app:v1\":$yes,\"${store}localhost/plain:latest@$plain\":$yes"
storage_policy root "\"[$root]\":$yes,\"${store}registry.example\":$no"
storage_policy store "\"$store\":$yes"
storage_policy elsewhere "\"[overlay@$root]\":$yes,\"[vfs@/elsewhere]\":$yes"
exact='[{"type":"signedBy","keyType":"GPGKeys","keyPath":"'$work'/alice.gpg","signedIdentity":{"type":"exactReference","dockerReference":"'$name'"}}]'
storage_policy exact "\"\":$exact"

v() { run "$sigpolicy" verify --policy "$work/$1.json" "${@:2}"; }
# same POLICY NAME [OPTION...]: the verdict is that of skopeo, which copies what is accepted; sets $status.
same() {
  local theirs ours
  rm -rf "$work/copy"
  skopeo --policy "$work/$1.json" "${@:3}" copy -q --remove-signatures "containers-storage:$2" "dir:$work/copy" >"$work/skopeo" 2>&1; theirs=$?
  v "$1" "${@:3}" "containers-storage:$2"; ours=$status
  case $theirs-$ours in
    0-0 | [12]-[1-6]) pass "$1: ${2//$work/}: $ours, as skopeo" ;;
    *) fail "$1: ${2//$work/}" "skopeo: $theirs $(cat "$work/skopeo")" "ours: $ours $out" ;;
  esac
}
accepted=0
for p in alice bob scopes root store elsewhere exact; do
  for n in "$name" registry.example/else/app:v1 registry.example/ns/other:v1 localhost/plain "@$id" "$name@$id" "registry.example/ns/app@$digest" "$name@$digest" registry.example/else/app "${id:0:12}" "@${id:0:12}" registry.example/ns/absent:v1; do
    same "$p" "$full$n"
    [ "$status" = 0 ] && accepted=$((accepted + 1))
  done
done
[ "$accepted" -gt 20 ] && pass "many of these are accepted" || fail "many of these are accepted" "$accepted"

# An image that was chosen from a list, which is kept beside it.
make_image "$work/ours" ours; make_image "$work/foreign" foreign
mkdir "$work/list"; cp "$work/ours"/[0-9a-f]* "$work/foreign"/[0-9a-f]* "$work/ours/version" "$work/list"
element() { printf '{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d,"platform":{"architecture":"%s","os":"linux"}}' "$(digest_of "$1/manifest.json")" "$(stat -c %s "$1/manifest.json")" "$2"; }
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s,%s]}' "$(element "$work/ours" amd64)" "$(element "$work/foreign" s390x)" >"$work/list/manifest.json"
for image in ours foreign; do hex=$(sha256sum <"$work/$image/manifest.json" | cut -d' ' -f1); cp "$work/$image/manifest.json" "$work/list/$hex.manifest.json"; done
listed=registry.example/ns/listed:v1 instance=$(digest_of "$work/ours/manifest.json")
sign "$work/ours" "$listed" alice@example.com "$work/list/${instance#sha256:}.signature-1"
skopeo --insecure-policy --override-arch amd64 copy -q "dir:$work/list" "containers-storage:$full$listed" >/dev/null || fail "an image of a list is put into the store"
for p in alice bob scopes exact; do
  for n in "$listed" "${listed%:*}@$(digest_of "$work/list/manifest.json")" "${listed%:*}@$instance" "${listed%:*}@$(digest_of "$work/foreign/manifest.json")"; do
    same "$p" "$full$n" --override-arch amd64
  done
done
v alice --override-arch amd64 --format json "containers-storage:$store${listed%:*}@$(digest_of "$work/list/manifest.json")"
is "$(jq -r '.allowed, .digest, .list_digest, .looked_at[0].where' <<<"$out" | paste -sd' ')" \
  "true $instance $(digest_of "$work/list/manifest.json") $root/vfs-images/$(id_of "$listed")/=$(printf 'signature-%s' "${instance#sha256:}" | base64 -w0)" "the signatures are those of the instance"
v alice --override-arch s390x "containers-storage:$store${listed%:*}@$(digest_of "$work/list/manifest.json")"
exits 5 "an instance that is not in the store"
printf '{"default":[{"type":"reject"}],"transports":{"docker":{"registry.example":%s}}}\n' "$(by alice)" >"$work/docker.json"
v docker --override-arch amd64 --as "docker://${listed%:*}@$(digest_of "$work/list/manifest.json")" "containers-storage:$store$listed"
exits 0 "--as the list that it was chosen from"

# A store is named in one way only; scopes are compared to the letter.
mkdir "$work/x"
storage_policy odd "\"[vfs@$work/x/../root]\":$yes"
storage_policy even "\"$store\":$yes"
odd="[vfs@$work/x/..//root/.+$run]"
same even "$odd$name"; is "$status" 0 "a path of a store is cleaned"
same odd "$odd$name"; is "$status" 1 "that of a scope is not"
same even "[vfs@$root+$run:]$name"; same even "[vfs@$root+$run:x]$name"; is "$status" 2 "an option without a value"
same even "[vfs@$root+$run:vfs.nothing=1]$name"; is "$status" 2 "an option that there is not"
same even "[vfs@$root+$run:vfs.ignore_chown_errors=1]$name"; is "$status" 0 "an option that there is"
same even "[nofs@$root+$run]$name"; is "$status" 2 "a driver that there is not"
v even "containers-storage:[aufs@$root+$run]$name"; exits 2 "a driver that there was once"
printf 'containers-storage:%s%s\n' "$odd" "$name" >"$work/names"
run "$sigpolicy" diff --references "$work/names" "$work/even.json" "$work/odd.json"
says "stricter   containers-storage:[vfs@$root+$run]$name" "diff --references reads names as the engine does"
printf 'containers-storage:[vfs@%s:x]%s\n' "$root" "$name" >"$work/names"
run "$sigpolicy" diff --references "$work/names" "$work/even.json" "$work/odd.json"; exits 2 "and refuses what is none"

# What is said.
v alice "containers-storage:$store$name"
exits 0 "a signature in the store is accepted"
says "accepted  containers-storage:$store$name@$id  $digest" "the name has the image's ID"
v alice --as "docker://$name" "containers-storage:$store@$id"
exits 1 "--as: the scopes are those of the name"
printf '{"default":[{"type":"reject"}],"transports":{"docker":{"registry.example":%s}}}\n' "$(by alice)" >"$work/docker.json"
v docker --as "docker://$name" "containers-storage:$store@$id"
exits 0 "--as: the stored signatures are judged by docker:// scopes"
v docker --print-ref --as "docker://$name" "containers-storage:$store@$id"
is "$out" "registry.example/ns/app@$digest" "--print-ref pins it"
run "$sigpolicy" run --policy "$work/alice.json" "containers-storage:$store$name" -- printf %s {}
is "$out" "registry.example/ns/app@$digest" "run goes on with it, under the name that it has in the store"
v docker --as "docker://registry.example/ns/app@$digest" "containers-storage:$store@$id"
exits 0 "--as: by its digest"
v docker --as "docker://registry.example/ns/app@sha256:$(printf '0%.0s' {1..64})" "containers-storage:$store@$id"
says digest-mismatch "--as: a digest that the image does not have"
v docker --as "docker://$name" "containers-storage:${store}${name%:*}@$digest"; exits 0 "--as: the image's own digest"
v docker --as "docker://$name" "containers-storage:${store}${name%:*}@sha256:$(printf '0%.0s' {1..64})"
[ "$status" -ne 0 ] && pass "--as takes no digest out of the image's own name" || fail "--as takes no digest out of the image's own name" "$out"
v alice "containers-storage:${store}registry.example/ns/absent:v1"
exits 5 "a name that is not in the store"
v alice "containers-storage:[vfs@$work/nowhere]$name"
exits 5 "a store that is not there"
run "$sigpolicy" signatures --format json "containers-storage:$store$name"
exits 0 "signatures lists what is stored"
says "$root/vfs-images/$id/signatures at 0" "and where"
for absent in "containers-storage:[vfs@$work/nowhere]$name" dir:"$work/nowhere" oci:"$work/nowhere" oci-archive:"$work/nowhere" docker-archive:"$work/nowhere"; do
  run "$sigpolicy" signatures "$absent"; exits 5 "signatures of ${absent%%:*}: a path that is not there"
done

run "$sigpolicy" explain --policy "$work/scopes.json" "containers-storage:$store$name"
says "  store     $root  (driver vfs, no storage.conf)" "explain says where the store is"
says "containers-storage \"${store}registry.example/ns\"  matches" "and which scope decides"
says "$root/vfs-images/ID/signatures" "and where signatures are"
says "containers-storage \"$store$name@$id\"  is not in the policy" "and looks the ID up"
run "$sigpolicy" explain --policy "$work/scopes.json" --format json "containers-storage:${store}localhost/absent"
is "$(jq -r '.store | .driver, .root, .file, .images[]' <<<"$out" | paste -sd' ')" "vfs $root null $root" "the same in JSON"
says "scopes with the ID of the image, which come first, cannot be shown" "an image that is not there has no ID yet"

# Forged twins of the stored signatures, and of what says how long they are.
forged() {
  rm -rf "$work/forged"; cp -a "$root" "$work/forged"
  file=$work/forged/vfs-images/$id/signatures json=$work/forged/vfs-images/images.json
}
try() { v "${2:-alice}" "containers-storage:[vfs@$work/forged]$name"; exits "$1" "$3"; }
forged; try 0 alice "a copy of the store"
printf 'X' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 20)) conv=notrunc 2>/dev/null
try 1 alice "a byte of the signature is another"; says bad-signature "and says so"
forged; cp "$root/vfs-images/$other/signatures" "$file"
try 1 alice "another image's signatures"
forged; printf 'x' >>"$file"
try 1 alice "a byte more than the sizes say"; says "contained 1 extra bytes" "and says so"
forged; truncate -s -1 "$file"
try 1 alice "a byte less"; says "expected at least" "and says so"
forged; rm "$file"
try 6 alice "signatures that are not there"; says "looking up signatures data" "and says so"
forged; sed -i 's/"names":\["registry.example/"names":["registry.other/' "$json"
try 5 alice "a record without the name"
v exact "containers-storage:[vfs@$work/forged]@$id"; exits 0 "which by its ID needs none"
# odd MEMBER VALUE: the image has that in its record, and nothing but its store is asked of it.
odd() {
  forged; jq -c --arg id "$id" --argjson value "$2" "map(if .id == \$id then .$1 = \$value else . end)" "$root/vfs-images/images.json" >"$json"
  run "$sigpolicy" verify --insecure-policy "containers-storage:[vfs@$work/forged]$name"
}
odd metadata '"{}"'; exits 0 "metadata of nothing"
odd metadata '"no JSON"'; exits 1 "metadata that are no JSON, where no signature is needed"
says "decoding metadata for source image" "which says so"
odd metadata '"{\"signature-sizes\":[-1]}"'; exits 0 "a signature of less than no bytes, where none is needed"
try 1 alice "and where one is"; says "a signature of -1 bytes" "which says so"
odd layer '"x"'; exits 0 "a layer of another name"
odd layer 7; exits 6 "a record with a layer that is a number"
says "layer is a number, not a string" "which says so"
forged; truncate -s -9 "$json"
try 6 alice "records that are cut off"; says "unexpected end of JSON input" "and says so"
forged; rm "$work/forged/vfs-images/$id/manifest" "$work/forged/vfs-images/$id"/=bWFuaWZlc3Q*
try 5 alice "an image without its manifest"
forged; mv "$file" "$work/outside"; ln -s "$work/outside" "$file"
try 6 alice "signatures behind a link that leaves the store"; says "leaves the image directory" "and says so"
forged; mv "$json" "$work/outside"; ln -s "$work/outside" "$json"
try 6 alice "records behind such a link"
forged; rm "$json"
try 5 alice "a store without records has no images"
forged; rm "$work/forged/vfs-images/images.lock"
try 0 alice "a store without a lock file is read all the same"
forged; : >"$json"
try 5 alice "nor has one that nothing was put into"

# Records that nobody here needs, and podman does: it opens no storage where they are damaged.
# damaged STATUS FILE TEXT WHAT
damaged() { forged; mkdir -p "$work/forged/${2%/*}"; printf %s "$3" >"$work/forged/$2"; try "$1" alice "$4"; }
damaged 0 vfs-layers/layers.json '[{"id":"x","names":null,"parent":"gone","flags":{"incomplete":true}},{"id":"x"}]' "layers that are odd"
damaged 6 vfs-layers/layers.json '[{"id":"x","names":null,"parent":7,"flags":{"incomplete":true}},{"id":"x"}]' "and cannot be read"
says "parent is a number, not a string" "which says what is wrong"; says "$work/forged/vfs-layers/layers.json:1:34" "and where"
says "restore the file from a backup" "and what to do"
damaged 0 vfs-layers/volatile-layers.json '' "layers of containers that nothing was put into"
damaged 6 vfs-layers/volatile-layers.json '[' "and that are cut off"; says could-not-look "which is no verdict"
damaged 0 vfs-containers/containers.json '[{"id":"x","image":"gone"}]' "containers that are odd"
damaged 6 vfs-containers/containers.json '[{"id":"x","image":false}]' "and cannot be read"
run "$sigpolicy" verify --policy "$work/alice.json" --all-local --as-stored "[vfs@$work/forged]"; exits 6 "nor are the images of such a storage listed"
damaged 0 vfs-containers/volatile-containers.json '[]' "no containers that are gone with the host's run"
damaged 6 vfs-containers/volatile-containers.json '[]]' "and more than that"
forged; rm -rf "$work/forged/vfs-layers" "$work/forged/vfs-containers"
try 0 alice "neither layers nor containers"
for i in {1..50}; do printf 'containers-storage:[vfs@%s]%s\n' "$work/forged" "$name"; done >"$work/batch"
printf '{' >"$work/forged/vfs-layers" || :
run "$sigpolicy" verify --policy "$work/alice.json" --jobs 2 --batch "$work/batch"; exits 6 "a file in place of the directory of layers"
rm "$work/forged/vfs-layers"
run "$sigpolicy" verify --policy "$work/alice.json" --jobs 2 --batch "$work/batch"; exits 0 "a batch without it"
mkdir "$work/forged/vfs-layers"; printf '[null]' >"$work/forged/vfs-layers/layers.json"
run "$sigpolicy" verify --policy "$work/alice.json" --jobs 2 --batch "$work/batch"; exits 6 "a batch of a damaged storage"
is "$(jq -r .reason <<<"$out" | sort | uniq -c | tr -s ' ')" " 50 could-not-look" "in each line"

# Nothing is written.
forged; before=$(cd "$work/forged" && find . -printf '%p %m %s %T@ %C@ %i\n' | sort | sha256sum)
try 0 alice "the copy once more"
is "$(cd "$work/forged" && find . -printf '%p %m %s %T@ %C@ %i\n' | sort | sha256sum)" "$before" "nothing in the store was touched"

# --- which store ---
# By the configuration, for root and for others; skopeo finds the same image there.
# configured STATUS NAME WHAT [STATUS]: what we say of a name without a store, and root's skopeo.
configured() {
  v store "containers-storage:$2"; exits "$1" "$3"
  [ -n "${_CONTAINERS_ROOTLESS_UID-}" ] && return
  skopeo --insecure-policy inspect --raw "containers-storage:$2" >"$work/skopeo" 2>&1
  [ $? -eq "$4" ] && pass "$3: skopeo agrees" || fail "$3: skopeo agrees" "$(cat "$work/skopeo")"
}
forged; mkdir -p "$work/empty" "$HOME/.config/containers" "$work/data/containers"
conf() { printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n[storage.options]\nadditionalimagestores = [%s]\n' "$1" "$run" "$2"; }
# A name that two images claim is the last one's, and in a store that nobody puts right no name counts. Records that are claimed
# are put right by skopeo, so they are written anew. as_claimed STATUS NAME SKOPEO
printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' >"$work/anything.json"
first_id=$(id_of "$name") last_id=$(id_of "$listed")
claim() { jq -c "[(.[] | select(.id == \"$first_id\") | .names = [\"$name\"] | $1), (.[] | select(.id == \"$last_id\") | .names += [\"$name\"])]" "$root/vfs-images/images.json" >"$work/forged/vfs-images/images.json"; }
as_claimed() {
  claim "${4-.}"; v anything "containers-storage:$2"; exits "$1" "a store as it is claimed: ${2#*]}"
  claim "${4-.}"; skopeo --insecure-policy inspect --raw "containers-storage:$2" >"$work/skopeo" 2>&1
  [ $? -eq "$3" ] && pass "skopeo agrees" || fail "skopeo agrees" "$(cat "$work/skopeo")"
}
for n in "$name" "$name@$last_id" "@$first_id"; do as_claimed 0 "[vfs@$work/forged+$run]$n" 0; done
for n in "${name%:*}@$digest" "$name@$first_id"; do as_claimed 5 "[vfs@$work/forged+$run]$n" 1; done
# What the record says of the signatures must be readable, also where none is asked for.
as_claimed 1 "[vfs@$work/forged+$run]@$first_id" 1 '.metadata = "{"'
conf "$work/empty" '"'"$work/forged"'"' >"$work/storage.conf"; export CONTAINERS_STORAGE_CONF=$work/storage.conf
as_claimed 6 "$name" 1; as_claimed 6 "$listed" 1
forged
conf "$root" '' >"$work/storage.conf"
configured 0 "$name" "the store of storage.conf" 0
run "$sigpolicy" explain --policy "$work/store.json" "containers-storage:$name"
says "  store     $root  (driver vfs, by $work/storage.conf)" "explain says which file says so"
conf "$work/empty" '"'"$work/forged"'"' >"$work/storage.conf"
storage_policy store "\"[vfs@$work/empty]\":$yes"
configured 0 "$name" "an image of an additional store is in the first" 0
configured 0 "${name%:*}@$digest" "also by its digest" 0
configured 5 "elsewhere.example/x@$digest" "but by none under a repository of which it has no name" 1
configured 5 "elsewhere.example/x@$id" "nor by its ID" 1
configured 0 "@${id:0:3}" "three digits of its ID" 0
configured 2 "@${id:0:2}" "two are no ID" 1
configured 5 registry.example/ns/absent:v1 "one that is in none" 1
run "$sigpolicy" verify --policy "$work/store.json" --all-local --as-stored
exits 0 "--all-local: those of the additional store, too"
is "$(grep -c ^accepted <<<"$out")" 5 "all of them"
cp -a "$work/forged" "$work/second"; second=registry.example/second/app:v1
jq -c "map(if .id == \"$id\" then .names += [\"$second\"] else . end)" "$work/forged/vfs-images/images.json" >"$work/second/vfs-images/images.json"
conf "$work/empty" '"'"$work/forged"'", "'"$work/second"'"' >"$work/storage.conf"
configured 0 "$second" "a name that a second additional store alone has" 0
run "$sigpolicy" verify --policy "$work/store.json" --all-local --as-stored --format jsonl
is "$(jq -r .reference <<<"$out" | grep -c "$second")" 1 "--all-local: that name, too"
storage_policy store "\"[vfs@$root]\":$yes"
conf "$root" '"'"$work/second"'"' >"$work/storage.conf"
v store "containers-storage:$second"; exits 5 "a name that an additional store has for an image of the first"
run "$sigpolicy" verify --policy "$work/store.json" --all-local --as-stored --format jsonl
is "$(jq -r .reference <<<"$out" | grep -c "$second")" 0 "--all-local: nor is it judged"
storage_policy store "\"[vfs@$work/empty]\":$yes"
conf "$work/empty" '' >"$work/storage.conf"
STORAGE_OPTS=vfs.imagestore=$work/forged configured 0 "$name" "an additional store of STORAGE_OPTS" 0
storage_policy store "\"[vfs@$work/forged]\":$yes"
unset CONTAINERS_STORAGE_CONF
mv "$work/forged" "$work/data/containers/storage"
storage_policy store "\"[vfs@$work/data/containers/storage]\":$yes"
export _CONTAINERS_ROOTLESS_UID=1000
XDG_DATA_HOME=$work/data configured 0 "$name" "another user's store, in XDG_DATA_HOME"
mkdir -p "$HOME/.local/share/containers"; mv "$work/data/containers/storage" "$HOME/.local/share/containers/storage"
storage_policy store "\"[vfs@$HOME/.local/share/containers/storage]\":$yes"
configured 0 "$name" "another user's store, in the home"
conf "$root" '' >"$HOME/.config/containers/storage.conf"
storage_policy store "\"[vfs@$root]\":$yes"
configured 0 "$name" "another user's storage.conf"
unset _CONTAINERS_ROOTLESS_UID; rm -r "$HOME/.local" "$HOME/.config"
# Another driver's records look alike.
forged; mv "$work/forged/vfs-images" "$work/forged/overlay-images"
v alice "containers-storage:[overlay@$work/forged]$name"; exits 0 "images of the overlay driver"
# Whoever may read it needs to lock nothing.
forged; chmod -R a+rX "$work/forged"; chmod 711 "$work"; chmod 600 "$work/forged/vfs-images/images.lock"
cp "$sigpolicy" "$work/tool" 2>/dev/null
run setpriv --reuid=65534 --regid=65534 --clear-groups "$work/tool" verify --insecure-policy "containers-storage:[vfs@$work/forged]$name"
exits 0 "a user who may read the store, and not its lock file"
chmod 700 "$work/forged/vfs-images"
run setpriv --reuid=65534 --regid=65534 --clear-groups "$work/tool" verify --insecure-policy "containers-storage:[vfs@$work/forged]$name"
exits 6 "a user who may not read it"

# --- what is on the host ---
local_images() { run "$sigpolicy" verify --policy "$work/$1.json" --all-local "${@:2}" "$store"; }
pod untag localhost/plain:latest; pod rmi "$listed" >/dev/null
printf '{"default":[{"type":"reject"}],"transports":{"docker":{"registry.example/ns/app":%s,"registry.example/ns/other":%s},"containers-storage":{"%s":%s}}}\n' \
  "$(by alice)" "$(by bob)" "$store" "$yes" >"$work/local.json"
# The rows of a table, without its heading and its sum.
rows() { sed '1d;$d' <<<"$out"; }
local_images local
exits 1 "--all-local: one of four is rejected"
is "$(head -1 <<<"$out" | tr -s ' ')" "VERDICT IMAGE ID DIGEST SIGNED BY, OR REASON" "a table with a heading"
is "$(tail -1 <<<"$out")" "4 images: 3 accepted (1 of them unsigned), 1 rejected" "and a sum"
is "$(rows | sed 's/.*  //' | sort | cut -c1-16 | paste -sd,)" "alice <alice@exa,bob <bob@example,rejected-by-rule,unsigned" "that says who signed"
is "$(rows | awk '{ print $1, $2, $3 }' | sort | paste -sd,)" \
  "accepted <none> ${plain:0:12},accepted registry.example/ns/app:v1 ${id:0:12},accepted registry.example/ns/other:v1 ${other:0:12},rejected registry.example/else/app:v1 ${id:0:12}" "a row for each name"
says "rejected-by-rule: " "with the reason"
says "  ${digest:0:19}  " "and the digest"
local_images local --format jsonl --jobs 2
is "$(jq -r '[.id, .reference, .allowed] | join(" ")' <<<"$out" | sort | paste -sd,)" \
  "$(printf '%s\n' "$id docker://registry.example/ns/app:v1 true" "$id docker://registry.example/else/app:v1 false" "$other docker://registry.example/ns/other:v1 true" "$plain containers-storage:$store@$plain true" | sort | paste -sd,)" "the same in JSON Lines"
local_images local --as-stored
exits 0 "--as-stored: the scopes are those of the store"
is "$(grep -c ^accepted <<<"$out")" 4 "for all of them"
local_images alice --as-stored --format jsonl
is "$(jq -r 'select(.allowed) | .reference' <<<"$out")" "containers-storage:$store$name@$id" "each under its own name"
run "$sigpolicy" verify --policy "$work/local.json" --all-local --color always "$store"
says $'\033[1;31mrejected \033[0m  registry.example/else/app:v1' "--color always"
run bash -c '"$@" | head -1; exit "${PIPESTATUS[0]}"' - "$sigpolicy" verify --policy "$work/local.json" --all-local --jobs 1 "$store"
is "$err" "" "a closed pipe is not complained of"
[ "$status" -ne 0 ] && pass "and is no acceptance of what is not verified" || fail "an acceptance of what was not verified"
local_images local --warn-only; exits 0 "--warn-only"
local_images local --quiet; is "$out$err$status" 1 "--quiet says nothing"
local_images local --verbose; says "searched" "--verbose says where it was looked"
local_images local --print-ref; exits 2 "--print-ref is for one image"
local_images local --as "docker://$name"; exits 2 "--as can be used with only one image"
local_images local --digest "sha256:$(printf '%064d' 0)"; exits 2 "--digest is for one image"
is "$out" "" "--digest is for one image: no answer"
run "$sigpolicy" verify --as-stored "containers-storage:$store$name"; exits 2 "--as-stored goes with --all-local"
run "$sigpolicy" verify --policy "$work/local.json" --all-local "$name"; exits 2 "--all-local takes stores"
run "$sigpolicy" verify --policy "$work/local.json" --all-local "[vfs@$work/nowhere]"; exits 5 "a store that is not there"
run "$sigpolicy" verify --policy "$work/local.json" --all-local "[vfs@$work/img]"; exits 5 "a directory that is no store"
complains "there is no storage in the directory '$work/img'" "which says so"
run "$sigpolicy" verify --policy "$work/local.json" --containers "[vfs@$work/img]"; exits 5 "nor are there containers"
mkdir -p "$work/bare/overlay-images"
run "$sigpolicy" verify --policy "$work/local.json" --all-local "[vfs@$work/bare]"; exits 0 "a store that is empty"
complains "there are no images" "which says so, too"
run "$sigpolicy" verify --policy "$work/local.json" --all-local "[btrfs@$root]"; exits 3 "a store that was made with another driver"
complains "has no images of the driver btrfs, and" "which says so"
run "$sigpolicy" verify --policy "$work/local.json" --containers "[btrfs@$root]"; exits 3 "nor are its containers those of that driver"
run "$sigpolicy" verify --policy "$work/local.json" --all-local "[nofs@$root]"; exits 2 "a driver that nobody has"
run "$sigpolicy" verify --policy "$work/nowhere" --all-local "$store"; exits 3 "without a policy nothing is accepted"
forged; printf X | dd of="$file" bs=1 seek=30 conv=notrunc 2>/dev/null
run "$sigpolicy" verify --policy "$work/local.json" --all-local "[vfs@$work/forged]"
says "rejected   $name" "a forged signature is rejected there, too"

# A name that is none is the fault of one image.
forged; jq -c "map(if .id == \"$other\" then .names = [\"Bad NAME\\nregistry.example/ns/other:v1\"] else . end)" "$root/vfs-images/images.json" >"$json"
run "$sigpolicy" verify --policy "$work/local.json" --all-local "[vfs@$work/forged]"
exits 1 "a malformed name in the store is no usage"
says 'rejected   Bad NAME\x0aregistry.example/ns/other:v1  ' "its row says no"
is "$(grep -c ^accepted <<<"$out") $(rows | wc -l)" "1 4" "the others are as they were"
run "$sigpolicy" verify --policy "$work/local.json" --all-local --as-stored --format jsonl "[vfs@$work/forged]"
is "$(jq -r 'select(.allowed | not) | .id, .reason, .exit_status' <<<"$out" | sort -u | paste -sd' ')" "$(printf '%s\n' 1 "$other" rejected-by-rule unsupported-format "$id" "$plain" | sort -u | paste -sd' ')" "also as it is stored"

# A list that was made here starts other images of the store, by its own name.
pod manifest create localhost/list:v1 "containers-storage:$full$name" >/dev/null || fail "a list is made"
pod manifest create localhost/bare:v1 >/dev/null || fail "a list without images is made"
list=$(jq -r '.[] | select(.names == ["localhost/list:v1"]).id' "$root/vfs-images/images.json")
list_policy() { printf '{"default":%s,"transports":{"docker":{"localhost/list":%s},"containers-storage":{"%slocalhost/list":%s}}}\n' "$1" "$2" "$store" "$2" >"$work/lists.json"; }
list_policy "$yes" "$no"
local_images lists
exits 1 "a list is judged by the rule of its name"
says "rejected   localhost/list:v1             ${id:0:12}  ${digest:0:19}  rejected-by-rule" "and as the image that it starts"
is "$(grep -c "${list:0:12}" <<<"$out")" 0 "and not as a list"
says "list       localhost/bare:v1" "one that starts nothing is a row of its own kind"
local_images lists --as-stored
is "$status $(grep ^rejected <<<"$out" | awk '{ print $2, $3 }')" "1 localhost/list:v1 ${id:0:12}" "also as it is stored"
list_policy "$no" "$yes"
local_images lists --format jsonl
is "$(jq -r 'select(.allowed) | .reference, .digest' <<<"$out" | paste -sd' ')" "docker://localhost/list:v1 $digest" "accepted as that image"
list_policy "$no" '[{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg","signedIdentity":{"type":"exactReference","dockerReference":"'$name'"}}]'
local_images lists --format jsonl
is "$(jq -r 'select(.allowed) | .reference, .id' <<<"$out" | paste -sd' ')" "docker://localhost/list:v1 $id" "by the signatures of that image"
sed -i 's/alice.gpg/bob.gpg/' "$work/lists.json"
local_images lists
is "$status $(grep -c ^accepted <<<"$out")" "1 0" "and not by another key"
is "$(jq -r 'select(.schema == "sigpolicy-stored/1") | .kind, .name' <<<"$("$sigpolicy" verify --policy "$work/lists.json" --all-local --format jsonl "$store")" | paste -sd' ')" "list localhost/bare:v1" "what is not verified is a line of its own kind"
pod manifest rm localhost/list:v1 localhost/bare:v1 >/dev/null

# Containers, by what they were made of.
pod create -q --name web "$name" /hello >/dev/null
pod create -q --rm --name job registry.example/else/app:v1 /hello >/dev/null
pod create -q --name old "$plain" /hello >/dev/null
containers() { run "$sigpolicy" verify --policy "$work/$1.json" --containers "${@:2}"; }
containers local "$store"
exits 1 "--containers: one of three is rejected"
is "$(head -1 <<<"$out" | tr -s ' ')" "VERDICT CONTAINER IMAGE ID DIGEST SIGNED BY, OR REASON" "a table with a heading"
is "$(tail -1 <<<"$out")" "3 containers: 2 accepted (1 of them unsigned), 1 rejected" "and a sum"
is "$(rows | awk '{ print $1, $2, $3, $4 }' | sort | paste -sd,)" \
  "accepted old <none> ${plain:0:12},accepted web $name ${id:0:12},rejected job registry.example/else/app:v1 ${id:0:12}" "a row for each, also for one that is removed when it ends"
containers local "${store}web" "${store}old"; exits 0 "some of them"
is "$(rows | awk '{ print $2 }' | paste -sd,)" "web,old" "in the order of the names"
containers local "$store$(pod ps -aq --no-trunc --filter name=job)"; exits 1 "by ID"
containers local "${store}none"; exits 5 "one that is not there"
complains "there is no container 'none'" "and says so"
# What has no image, or runs none, is a row of its own kind.
mkdir "$work/rootfs"; pod create -q --name rootless --rootfs "$work/rootfs" /hello >/dev/null || fail "a container is made from a directory"
forged; jq -c --arg image "$plain" '. + [{id: ("ab" * 32), names: ["working-container"], image: $image}, {id: ("cd" * 32), names: ["infra"], image: "", metadata: "{}"}]' \
  "$root/vfs-containers/containers.json" >"$work/forged/vfs-containers/containers.json"
containers store "[vfs@$work/forged]"
is "$(rows | awk '$1 !~ /ed$/ { print $1, $2 }' | sort | paste -sd,)" "build working-container,no-image infra,no-image rootless" "containers without an image, and one of a build"
printf '{"default":%s}\n' "$yes" >"$work/all.json"
containers all "[vfs@$work/forged]"; exits 0 "change no exit status"
containers all "[vfs@$work/forged]infra"; exits 5 "unless they were asked for"
containers all "[vfs@$work/forged]working-container"; exits 0 "what a build is made from is judged then"
says "accepted   working-container" "and shown"
containers all --format jsonl "[vfs@$work/forged]"
is "$(jq -r 'select(.kind) | .kind, .id' <<<"$out" | paste -sd' ')" "no-image rootless build working-container no-image infra" "the same in JSON Lines"
containers all --verbose "[vfs@$work/forged]infra"; says "no-image   infra      <none>" "and at length"
# An image that goes away meanwhile.
forged; jq -c "map(select(.id != \"$id\"))" "$root/vfs-images/images.json" >"$json"
containers all "[vfs@$work/forged]"
exits 5 "an image that is not in the store any more"
says "gone       web" "is gone, and not rejected"
is "$(grep -c ^rejected <<<"$out")" 0 "nor is another"
pod rm rootless >/dev/null

pod untag "$name" "$name"; put "$work/other" "$name"
containers local "${store}web"
exits 0 "the image that it runs is judged, when its name has gone to another"
says "${id:0:12}" "and not that"
containers local --as-stored "${store}web"; exits 0 "also as it is stored"
rm "$root/vfs-images/$id/signatures"
containers local "${store}web"; exits 6 "its signatures are gone"

# --- what podman itself has pulled, with the signatures that it found ---
if type docker-registry >/dev/null 2>&1; then
  start_registry
  pulled=$registry/ns/app:v1 policies=$HOME/.config/containers
  skopeo --insecure-policy copy -q --preserve-digests --dest-tls-verify=false --remove-signatures "dir:$work/plain" "docker://$pulled" >/dev/null || fail "an image is put into a registry"
  hex=$(sha256sum <"$work/plain/manifest.json" | cut -d' ' -f1)
  mkdir -p "$policies/registries.d" "$work/lookaside/ns/app@sha256=$hex"
  sign "$work/plain" "$pulled" alice@example.com "$work/lookaside/ns/app@sha256=$hex/signature-1"
  printf 'default-docker:\n  lookaside: file://%s/lookaside\n' "$work" >"$policies/registries.d/here.yaml"
  printf '{"default":[{"type":"reject"}],"transports":{"docker":{"%s":%s}}}\n' "$registry" "$(by alice)" >"$policies/policy.json"
  cp "$policies/policy.json" "$work/pulled.json"
  pulled_root=$work/pulled
  podman --root "$pulled_root" --runroot "$run" --storage-driver vfs --events-backend none pull -q --tls-verify=false --signature-policy "$work/pulled.json" "$pulled" >"$work/pull" 2>&1 \
    || fail "podman pulls what is signed" "$(cat "$work/pull")"
  rm -r "$policies" "$work/lookaside"
  run "$sigpolicy" verify --policy "$work/pulled.json" --all-local "[vfs@$pulled_root]"
  exits 0 "what podman pulled by a policy passes it from the store, when the lookaside is gone"
  says "accepted   $pulled" "under its name"
  sed -i 's/alice.gpg/bob.gpg/' "$work/pulled.json"
  run "$sigpolicy" verify --policy "$work/pulled.json" --all-local "[vfs@$pulled_root]"
  exits 1 "and not by another"
fi
nothing_left "storage"
