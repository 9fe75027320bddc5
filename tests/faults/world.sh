# SPDX-License-Identifier: Apache-2.0
# Sourced by the walks: makes $work/tmp, images, policies and $work/scenarios. See faults.c for the lines of the latter.
. "${top_srcdir:-.}/tests/cli/lib.sh"
trap tidy EXIT

fixtures=$(realpath "${top_srcdir:-.}")/tests/fixtures
name=docker://registry.example/ns/app:v1
digest=$(digest_of "$fixtures/manifest.json")

# Images: as "dir:", as a list, in a lookaside.
mkdir -p "$work/registries.d" "$work/empty.d" "$work/img" "$work/unsigned" "$work/forged" "$work/list"
for image in img unsigned forged; do cp "$fixtures/manifest.json" "$work/$image"; done
cp "$fixtures/good.sig" "$work/img/signature-1"
cp "$fixtures/forged.sig" "$work/forged/signature-1"
cp "$fixtures/good.sig" "$work/forged/signature-2"
cp -r "$work/forged" "$work/forged-alone"; rm "$work/forged-alone/signature-2"
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":1,"platform":{"architecture":"amd64","os":"linux"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d,"platform":{"architecture":"s390x","os":"linux"}}]}' \
  "$(printf '0%.0s' {1..64})" "$digest" "$(stat -c %s "$fixtures/manifest.json")" >"$work/list/manifest.json"
cp "$fixtures/manifest.json" "$work/list/${digest#sha256:}.manifest.json"
cp "$fixtures/good.sig" "$work/list/${digest#sha256:}.signature-1"
mkdir -p "$work/la/ns/app@${digest/:/=}"
cp "$fixtures/good.sig" "$work/la/ns/app@${digest/:/=}/signature-1"
printf 'default-docker:\n  lookaside: file:///nowhere\ndocker:\n  registry.example/ns:\n    lookaside: file://%s/la\n' "$work" >"$work/registries.d/x.yaml"
printf 'docker:\n  registry.example/other: {lookaside: "file:///nowhere", use-sigstore-attachments: true}\n' >"$work/registries.d/y.yaml"
mkdir "$work/broken.d"; printf 'docker: [' >"$work/broken.d/x.yaml"

# Policies.
key() { printf '{"type":"signedBy","keyType":"GPGKeys","keyPath":"%s"%s}' "$fixtures/$1" "${2-}"; }
policy "$(key alice.gpg)" >"$work/alice.json"
policy "$(key bob.gpg)" >"$work/bob.json"
policy "$(key alice.gpg)" "$(key keyring.gpg)" >"$work/two.json"
policy "$(printf '{"type":"signedBy","keyType":"GPGKeys","keyPaths":["%s","%s"]}' "$fixtures/alice.gpg" "$fixtures/bob.gpg")" >"$work/paths.json"
policy "$(printf '{"type":"signedBy","keyType":"GPGKeys","keyData":"%s"}' "$(base64 -w0 "$fixtures/alice.gpg")")" >"$work/data.json"
policy "$(key none.gpg)" >"$work/nokey.json"
policy "$(key alice.gpg ',"signedIdentity":{"type":"remapIdentity","prefix":"mirror.example","signedPrefix":"registry.example"}')" >"$work/remap.json"
policy "$(key alice.gpg ',"signedIdentity":{"type":"matchRepository"}')" >"$work/repository.json"
policy "$(key alice.gpg ',"signedIdentity":{"type":"exactReference","dockerReference":"registry.example/ns/app:v1"}')" >"$work/exact.json"
policy '{"type":"insecureAcceptAnything"}' >"$work/accept.json"
policy '{"type":"reject"}' >"$work/reject.json"
policy '{"type":"sigstoreSigned","keyPath":"'"$fixtures"'/sigstore-made/ours.pub"}' >"$work/sigstore.json"
printf '{"default":[{"type":"reject"}],"transports":{"docker":{"*.example":[{"type":"reject"}],"registry.example/ns":[%s],"registry.example/ns/app:v2":[{"type":"insecureAcceptAnything"}]},"docker-daemon":{"":[{"type":"insecureAcceptAnything"}]},"containers-storage":{"[overlay@/var/lib]docker.io/x":[{"type":"reject"}]}}}' "$(key alice.gpg)" >"$work/many.json"
printf '{"default":[{"type":"reject"}],}' >"$work/broken.json"
mkdir -p "$work/home/.config/containers"; cp "$work/reject.json" "$work/home/.config/containers/policy.json"

# podman's storage: the signed image under two names, one without a name, and a container of each.
stored=$work/store/vfs-images signed=$(printf 'a%.0s' {1..64}) unnamed=$(printf 'b%.0s' {1..64})
mkdir -p "$stored/$signed" "$stored/$unnamed" "$work/store/vfs-containers"
cp "$fixtures/manifest.json" "$stored/$signed/manifest"; cp "$fixtures/manifest.json" "$stored/$unnamed/manifest"
cp "$fixtures/good.sig" "$stored/$signed/signatures"; : >"$stored/images.lock"
printf '[{"id":"%s","names":["%s","registry.example/ns/other:v1"],"metadata":"{\\"signature-sizes\\":[%d]}","big-data-digests":{"manifest":"%s"}},{"id":"%s"}]' \
  "$signed" "${name#docker://}" "$(stat -c %s "$fixtures/good.sig")" "$digest" "$unnamed" >"$stored/images.json"
layer=$(printf 'c%.0s' {1..64})
printf '[{"id":"%s","names":["web"],"image":"%s","layer":"%s","metadata":"{\\"image-name\\":\\"%s\\"}"},{"id":"%s","names":["old"],"image":"%s","metadata":"{\\"image-name\\":\\"localhost/old:latest\\"}"}]' \
  "$unnamed" "$signed" "$layer" "${name#docker://}" "$signed" "$unnamed" >"$work/store/vfs-containers/containers.json"
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/store"\nrunroot = "%s/run"\n' "$work" "$work" >"$work/storage.conf"

# scenario NAME STATUS FIELD...
scenario() { local IFS=$'\t'; printf '%s\n' "$*" >>"$work/scenarios"; }
now=--clock=2026-06-01T00:00:00Z
in_hand=(--manifest "$fixtures/manifest.json" --reference "$name")
# verifies NAME STATUS POLICY ARGUMENT...
verifies() { local label=$1 status=$2 policy=$3; shift 3; scenario "$label" "$status" verify "$now" --policy "$work/$policy.json" --registries.d "$work/empty.d" "$@"; }

# First: OpenSSL's start is walked through where it costs least.
scenario digest 0 manifest-digest "$fixtures/manifest.json"
verifies accepted-files 0 alice "${in_hand[@]}" --signature "$fixtures/good.sig"
scenario accepted-once 0 verify "$now" --registries.d "$work/empty.d" --key "$fixtures/alice.gpg" "${in_hand[@]}" --signature "$fixtures/good.sig"
scenario rejected-once 1 verify "$now" --registries.d "$work/empty.d" --key "$fixtures/bob.gpg" "${in_hand[@]}" --signature "$fixtures/good.sig"
scenario misspelt 2 verify "$now" --policy "$work/reject.json" dcoker://registry.example/ns/app:v1
verifies accepted-dir 0 alice --as "$name" "dir:$work/img"
verifies accepted-print-ref 0 alice --print-ref --as "$name" "dir:$work/img"
verifies accepted-list 0 alice --override-arch s390x --as "$name" "dir:$work/list"
verifies accepted-json 0 alice --format json "${in_hand[@]}" --signature "$fixtures/good.sig"
verifies accepted-second-signature 0 alice --as "$name" "dir:$work/forged"
verifies accepted-two-requirements 0 two "${in_hand[@]}" --signature "$fixtures/good.sig"
verifies accepted-key-paths 0 paths "${in_hand[@]}" --signature-dir "$work/img"
verifies accepted-key-data 0 data "${in_hand[@]}" --signature "$fixtures/good.sig"
verifies accepted-remapped 0 remap --reference docker://mirror.example/ns/app:v1 --manifest "$fixtures/manifest.json" --signature "$fixtures/good.sig"
verifies accepted-repository 0 repository --as docker://registry.example/ns/app:v3 "dir:$work/img"
verifies accepted-exact 0 exact --as docker://elsewhere.example/x "dir:$work/img"
verifies accepted-scope 0 many --verbose "${in_hand[@]}" --signature "$fixtures/good.sig"
scenario accepted-lookaside 0 verify "$now" --policy "$work/alice.json" --registries.d "$work/registries.d" "${in_hand[@]}"
verifies accepted-framed 0 alice "${in_hand[@]}" --signature "$fixtures/framed.sig"
verifies accepted-anything 0 accept --as "$name" "dir:$work/unsigned"
verifies accepted-digest 0 accept --format jsonl --as "docker://registry.example/ns/app@$digest" "dir:$work/unsigned"
scenario accepted-stdin 0 "<$fixtures/manifest.json" verify "$now" --policy "$work/accept.json" --manifest - --reference "$name"
scenario accepted-insecure 0 verify "$now" --insecure-policy "dir:$work/img"
verifies accepted-several 0 accept "dir:$work/img" "dir:$work/unsigned" "dir:$work/forged"

verifies rejected-forged 1 alice "${in_hand[@]}" --signature "$fixtures/forged.sig"
verifies rejected-forged-dir 1 alice --as "$name" "dir:$work/forged-alone"
verifies rejected-json 1 alice --format json "${in_hand[@]}" --signature "$fixtures/forged.sig"
verifies rejected-unknown-key 1 bob "${in_hand[@]}" --signature "$fixtures/good.sig"
verifies rejected-identity 1 alice --as docker://registry.example/ns/app:v2 "dir:$work/img"
verifies rejected-two-signers 1 alice "${in_hand[@]}" --signature "$fixtures/two-signers.sig"
verifies rejected-other-digest 1 alice "${in_hand[@]}" --signature "$fixtures/other-digest.sig"
verifies rejected-no-signature 1 alice --as "$name" "dir:$work/unsigned"
verifies rejected-rule 1 reject --as "$name" "dir:$work/img"
verifies rejected-default 1 many "dir:$work/img"
verifies rejected-digest 1 accept --as "docker://registry.example/ns/app@sha256:$(printf '0%.0s' {1..64})" "dir:$work/img"
verifies rejected-not-signed 1 accept --require-signed --as "$name" "dir:$work/img"
verifies rejected-sigstore 1 sigstore --as "$name" "dir:$work/unsigned"
verifies rejected-platform 1 alice --override-arch mips --as "$name" "dir:$work/list"
scenario rejected-user-policy 1 verify "$now" "dir:$work/img"
verifies rejected-several 1 accept "dir:$work/img" "dir:$work/nowhere" --require-signed
verifies warned-only 0 reject --warn-only --as "$name" "dir:$work/img"
verifies usage 2 accept --as dir:/x "dir:$work/img"
verifies config-broken 3 broken "${in_hand[@]}"
verifies config-missing 3 none "${in_hand[@]}"
scenario config-registries 3 verify "$now" --policy "$work/alice.json" --registries.d "$work/broken.d" "${in_hand[@]}"
verifies key-missing 4 nokey "${in_hand[@]}" --signature "$fixtures/good.sig"
verifies not-found 5 alice --as "$name" "dir:$work/nowhere"

# An audit, of a host that has something of each kind.
mkdir -p "$work/host/etc/containers/registries.d"
cp "$fixtures/expired.gpg" "$fixtures/sigstore-made/ours.pub" "$work/host/etc/"
printf '{"default":[{"type":"reject"}],// why\n"transports":{"docker":{"busybox":[{"type":"reject"}],"registry.example/ns":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/etc/expired.gpg"}],\n"registry.example/ns/app":[{"type":"insecureAcceptAnything"}],"quay.io/a":[{"type":"sigstoreSigned","keyPath":"/etc/ours.pub"}],"quay.io/b":[{"type":"signdBy"}]}}}' >"$work/host/etc/containers/policy.json"
printf 'docker:\n  registry.example:\n    sigstore: http://sigs.example\n' >"$work/host/etc/containers/registries.d/a.yaml"
printf 'unqualified-search-registries = ["registry.example/ns"]\n[[registry]]\nlocation = "registry.example"\n' >"$work/host/etc/containers/registries.conf"
printf 'scope-short-name until=2027-01-01 known\n' >"$work/suppressions"
# Engines, with something to say of each.
mkdir -p "$work/host/var/lib/dpkg" "$work/host/usr/bin" "$work/host/etc/containerd/conf.d" "$work/host/opt/containerd/image-verifier/bin" "$work/host/etc/containers/containers.conf.d" "$work/host/srv/hooks"
printf 'Package: podman\nStatus: install ok installed\nVersion: 4.3.1+ds1-8\n\nPackage: skopeo\nStatus: install ok installed\nVersion: 1.23.0-1\n\nPackage: containerd\nStatus: install ok installed\nVersion: 1.6.20\n' >"$work/host/var/lib/dpkg/status"
touch "$work/host/usr/bin/containerd" "$work/host/opt/containerd/image-verifier/bin/stray"
printf 'imports = ["conf.d/*.toml"]\n' >"$work/host/etc/containerd/config.toml"
printf '[plugins."io.containerd.cri.v1.images"]\ndiscard_unpacked_layers = true\n' >"$work/host/etc/containerd/conf.d/a.toml"
printf '[engine]\nhooks_dir = ["/srv/hooks"]\n' >"$work/host/etc/containers/containers.conf.d/a.conf"
printf '{"version":"1.0.0","hook":{"path":"/usr/bin/sigpolicy","args":["sigpolicy","hook","oci"]},"when":{"always":true},"stages":["precreate"]}' >"$work/host/srv/hooks/a.json"
printf 'DOCKER_CONTENT_TRUST=1\n' >"$work/host/etc/environment"
scenario audited-upgrade 1 audit "$now" --root "$work/host" --upgrade-to 5.40 --fail-on medium docker://registry.example/ns/app:v1
scenario audited-fix 1 audit "$now" --root "$work/host" --fix --dry-run
scenario audited-rule 0 audit --explain att-disabled
scenario audited 1 audit "$now" --root "$work/host" --suppressions "$work/suppressions"
scenario audited-json 1 audit "$now" --root "$work/host" --format json

# Batches, and a command that is run.
printf '{"id":"1","manifest":"%s","signatures":["%s"],"reference":"%s"}\n' "$fixtures/manifest.json" "$fixtures/good.sig" "$name" >"$work/good.batch"
{ cat "$work/good.batch"; printf 'dir:%s/unsigned\n{"id":"3","manifest":"%s","signatures":["%s"],"reference":"%s"}\nnonsense\n' "$work" "$fixtures/manifest.json" "$fixtures/forged.sig" "$name"; } >"$work/mixed.batch"
verifies batch-accepted 0 alice --batch "$work/good.batch" --jobs 1
verifies batch-several 2 alice --batch "$work/mixed.batch" --jobs 1
verifies batch-threads-several 2 alice --batch "$work/mixed.batch" --jobs 3
{ for i in {1..20}; do echo "dir:$work/unsigned"; done; } >"$work/long.batch"
verifies batch-long-several 1 alice --batch "$work/long.batch" --jobs 1
scenario run-accepted 0 run "$now" --policy "$work/accept.json" --as "$name" "dir:$work/img" -- echo {}
scenario run-rejected 1 run "$now" --policy "$work/reject.json" --as "$name" "dir:$work/img" -- echo {}

scenario explained 0 explain --policy "$work/many.json" --registries.d "$work/registries.d" "$name"
scenario explained-json 0 explain --format json --policy "$work/alice.json" --registries.d "$work/registries.d" "$name"
scenario listed 0 signatures "dir:$work/forged"
scenario listed-json 0 signatures --format json "dir:$work/img"
in_store="[vfs@$work/store]"
verifies stored-signatures 1 sigstore --as "$name" "containers-storage:$in_store@$signed"
verifies stored-accepted 0 accept --as "$name" "containers-storage:$in_store@$signed"
verifies stored-by-digest 1 many "containers-storage:${in_store}registry.example/ns/app@$digest"
verifies stored-short-id 1 reject "containers-storage:${in_store}aaa"
verifies stored-all-several 1 accept --jobs 1 --all-local "$in_store"
verifies stored-containers-several 1 many --jobs 1 --format jsonl --containers "$in_store"
scenario stored-by-configuration 1 "CONTAINERS_STORAGE_CONF=$work/storage.conf" verify "$now" --policy "$work/many.json" "containers-storage:${name#docker://}"
# A hook of podman, whose container is that of the signed image.
printf '{"root":{"path":"%s/store/vfs/dir/%s"}}' "$work" "$layer" >"$work/config.json"
hook_oci() { scenario "$1" "$2" "CONTAINERS_STORAGE_CONF=$work/storage.conf" "<$work/config.json" hook oci --log none --policy "$work/$3.json"; }
hook_oci hook-oci-accepted 0 accept
hook_oci hook-oci-rejected 1 sigstore
scenario stored-explained 0 explain --policy "$work/many.json" --format json "containers-storage:$in_store${name#docker://}"
scenario dumped 0 TZ=UTC0 untrusted-signature-dump-without-verification "$fixtures/good.sig"
fpr=$(gpg --batch --show-keys --with-colons "$fixtures/alice.gpg" 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }')
scenario standalone 0 =skopeo standalone-verify --public-key-file "$fixtures/alice.gpg" "$fixtures/manifest.json" registry.example/ns/app:v1 any "$fixtures/good.sig"
scenario standalone-other-key 1 standalone-verify --public-key-file "$fixtures/bob.gpg" "$fixtures/manifest.json" registry.example/ns/app:v1 "$fpr" "$fixtures/good.sig"
scenario library 0 =@evaluate "$work/alice.json" "$fixtures/manifest.json" "$fixtures/good.sig" "$name"
scenario library-forged 1 =@evaluate "$work/alice.json" "$fixtures/manifest.json" "$fixtures/forged.sig" "$name"
scenario library-signature 0 =@verify "$fixtures/alice.gpg" "$fixtures/manifest.json" "$fixtures/good.sig" registry.example/ns/app:v1
scenario library-signature-forged 1 =@verify "$fixtures/alice.gpg" "$fixtures/manifest.json" "$fixtures/forged.sig" registry.example/ns/app:v1

# Layouts and archives.
mkdir -p "$work/layout/blobs/sha256"
cp "$fixtures/manifest.json" "$work/layout/blobs/sha256/${digest#sha256:}"
printf '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"v1"}}]}' \
  "$digest" "$(stat -c %s "$fixtures/manifest.json")" >"$work/layout/index.json"
tar -C "$work/layout" -cf "$work/layout.tar" oci-layout index.json blobs
mkdir "$work/saved"; make_image "$work/image"
printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$(printf '1%.0s' {1..64})" >"$work/saved/config.json"
: >"$work/saved/layer.tar"
printf '[{"Config":"config.json","RepoTags":["registry.example/ns/app:v1"],"Layers":["layer.tar"]}]' >"$work/saved/manifest.json"
tar -C "$work/saved" -cf "$work/docker.tar" manifest.json config.json layer.tar
for transport in oci oci-archive docker-archive; do
  printf '{"default":[{"type":"reject"}],"transports":{"%s":{"":[{"type":"insecureAcceptAnything"}]}}}' "$transport" >"$work/$transport.json"
done
verifies layout-accepted 0 oci "oci:$work/layout:v1"
verifies layout-rejected 1 reject "oci:$work/layout:v1"
verifies layout-not-found 5 oci "oci:$work/layout:v2"
verifies archive-oci 0 oci-archive "oci-archive:$work/layout.tar:v1"
verifies archive-docker 0 docker-archive "docker-archive:$work/docker.tar"
verifies archive-rejected 1 oci "docker-archive:$work/docker.tar"

# In the sandbox: in this process, and in a child of it.
verifies confined-accepted 0 alice "${in_hand[@]}" --signature "$fixtures/good.sig" --sandbox auto
verifies confined-forged 1 alice "${in_hand[@]}" --signature "$fixtures/forged.sig" --sandbox auto
scenario confined-run 0 run --sandbox auto "$now" --policy "$work/accept.json" --as "$name" "dir:$work/img" -- echo {}
scenario confined-run-rejected 1 run --sandbox auto "$now" --policy "$work/reject.json" --as "$name" "dir:$work/img" -- echo {}

# Policies are compared, shown and changed.
scenario compared 1 diff --fail-on different "$work/accept.json" "$work/many.json"
scenario shown 0 trust show --policy "$work/accept.json" --registries.d "$work/registries.d"
mkdir "$work/set" "$work/unset" "$work/yaml" "$work/kept" "$work/rotate"
cp "$work/many.json" "$work/kept/policy.json"; cp "$work/many.json" "$work/rotate/policy.json"
cp "$work/many.json" "$work/set/policy.json"; cp "$work/many.json" "$work/unset/policy.json"
scenario trust-set 0 ">$work/set/policy.json" trust set --policy "$work/set/policy.json" --type signedBy --key "$fixtures/alice.gpg" quay.example/ns
scenario trust-set-kept 0 ">$work/kept/policy.json" trust set --policy "$work/kept/policy.json" --type signedBy --identity matchRepository registry.example/ns
scenario trust-rotate 0 ">$work/rotate/policy.json" trust rotate --policy "$work/rotate/policy.json" --add-key "$fixtures/bob.gpg" --remove-key "$fixtures/alice.gpg" registry.example/ns
scenario trust-rotate-nothing 5 ">$work/rotate/policy.json" trust rotate --policy "$work/rotate/policy.json" --remove-key nowhere.gpg registry.example/ns
scenario trust-unset 0 ">$work/unset/policy.json" trust unset --policy "$work/unset/policy.json" registry.example/ns
scenario trust-unset-nothing 5 ">$work/unset/policy.json" trust unset --policy "$work/unset/policy.json" elsewhere.example

# Registries: one that wants a token and has its lookaside beside it, and none.
mkdir "$work/good.d" "$work/forged.d"
jq -n --arg digest "$digest" --arg manifest "$(base64 -w0 "$fixtures/manifest.json")" \
  --slurpfile chart "$fixtures/charts/chart-plain.json" --arg good "$(base64 -w0 "$fixtures/good.sig")" --arg forged "$(base64 -w0 "$fixtures/forged.sig")" \
  '{status: 200, headers: [["Content-Type", "application/vnd.oci.image.manifest.v1+json"]], base64: $manifest} as $image
   | ("/ns/app@" + ($digest | sub(":"; "=")) + "/signature-1") as $first
   | $chart[0] + {"/v2/": {status: 401, headers: [["WWW-Authenticate", "Bearer realm=\"http://127.0.0.1:{PORT}/token\",service=\"registry\""]]},
      "/token": {status: 200, body: "{\"token\":\"abc\"}"},
      "/v2/ns/app/manifests/v1": $image, ("/v2/ns/app/manifests/" + $digest): $image,
      ("/v2/ns/app/referrers/" + $digest): {status: 200, body: ({manifests: [{digest: $digest, artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json"}]} | tojson)},
      "/v2/ns/list/manifests/v1": {status: 200, headers: [["Content-Type", "application/vnd.oci.image.index.v1+json"]], body: ({schemaVersion: 2, manifests: [{digest: $digest, platform: {os: "linux", architecture: "amd64"}}]} | tojson)},
      ("/v2/ns/list/manifests/" + $digest): $image,
      ("/good" + $first): {status: 200, base64: $good}, ("/forged" + $first): {status: 200, base64: $forged},
      "*": {status: 404, body: "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"}}' >"$work/script"
start_server "$work/script"
for lookaside in good forged; do
  printf 'docker:\n  %s:\n    lookaside: http://%s/%s\n    use-sigstore-attachments: true\n' "$server" "$server" "$lookaside" >"$work/$lookaside.d/x.yaml"
done
policy "$(key alice.gpg ',"signedIdentity":{"type":"remapIdentity","prefix":"'"$server"'","signedPrefix":"registry.example"}')" >"$work/registry.json"
asks() { local label=$1 status=$2 directory=$3 image=$4; shift 4; scenario "registry-$label" "$status" verify "$now" --policy "$work/registry.json" --registries.d "$work/$directory.d" --tls-verify=false "$@" "docker://$image"; }
asks accepted 0 good "$server/ns/app:v1"
asks accepted-digest 0 good "$server/ns/app@$digest" --format json
asks forged 1 forged "$server/ns/app:v1"
asks unsigned 1 empty "$server/ns/app:v1" --format json
asks not-found 5 good "$server/ns/none:v1"
asks list-several 1 good "$server/ns/list:v1" --all-platforms
asks bundle 1 good "$server/ns/app:v1" --policy "$work/sigstore.json"
asks unreachable 6 empty 127.0.0.1:1/ns/app:v1
asks unresolved 6 empty nowhere.invalid/ns/app:v1
scenario registry-chart 0 chart verify "$now" --keyring "$fixtures/charts/alice.gpg" --registries.d "$work/good.d" --tls-verify=false "oci://$server/ns/demo:0.1.0"
scenario registry-signatures 0 signatures --registries.d "$work/good.d" --tls-verify=false "docker://$server/ns/app:v1"

# The questions of tests/golden, each where it finds its files.
for folder in "$(realpath "${top_srcdir:-.}")"/tests/golden/*/; do
  # What is shown in detail says of each file whether it can be read: another answer is no fault.
  case $folder in *trust-details*) continue ;; esac
  question=$work/golden/$(basename "$folder")
  mkdir -p "$work/golden"; cp -r "$folder" "$question"
  mapfile -t argv <"$folder/argv"
  # As in tests/golden/run.t.
  case " ${argv[*]} " in *' --root '*) cp -r "$fixtures" "$question/fixtures" ;; *) ln -s "$fixtures" "$question/fixtures" ;; esac
  chmod -R u+w "$question"
  scenario "golden-$(basename "$folder")" "$(cat "$folder/expected.exit")" "@$question" "${argv[@]}"
done

# A signature is made with a key of the user's, whose agent runs already.
make_key gnupg carol
scenario signed 0 "GNUPGHOME=$work/gnupg" standalone-sign "$fixtures/manifest.json" registry.example/ns/app:v1 "$fingerprint" -o "$work/signed.sig"
scenario signed-by-nobody 1 "GNUPGHOME=$work/gnupg" standalone-sign "$fixtures/manifest.json" registry.example/ns/app:v1 nobody@example.com -o "$work/signed.sig"
scenario standalone-user-keyring 1 "GNUPGHOME=$work/gnupg" standalone-verify "$fixtures/manifest.json" registry.example/ns/app:v1 "$fingerprint" "$fixtures/good.sig"
