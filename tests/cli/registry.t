#!/bin/bash
# Images on registries: real ones (docker-registry, skopeo, nginx), on loopback.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice
make_key gnupg bob
export GNUPGHOME=$work/gnupg
make_image "$work/img"
make_image "$work/other" other
digest=$(digest_of "$work/img/manifest.json")
key='{"type":"signedBy","keyType":"GPGKeys","keyPath":"'$work'/alice.gpg"}'
policy "$key" >"$work/policy.json"
policy "${key/alice/bob}" >"$work/bob.json"
policy '{"type":"insecureAcceptAnything"}' >"$work/accept.json"
policy '{"type":"reject"}' >"$work/reject.json"
mkdir "$work/registries.d" "$work/lookaside"
start_registry
printf 'docker:\n  %s:\n    lookaside: file://%s/lookaside\n    lookaside-staging: file://%s/lookaside\n' "$registry" "$work" "$work" >"$work/registries.d/x.yaml"
printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$registry" >"$work/registries.conf"
skopeo() { command skopeo --policy "$work/accept.json" --registries.d "$work/registries.d" "$@" >/dev/null; }
push() { skopeo copy --quiet --preserve-digests --dest-tls-verify=false "dir:$work/$1" "docker://$registry/$2" "${@:3}" || fail "pushing $2"; }
v() { run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "$@"; }
name=docker://$registry/ns/app:v1
push img ns/app:v1 --sign-by alice@example.com
push other ns/unsigned:v1
push other ns/bob:v1 --sign-by bob@example.com

# --- an open registry, a lookaside of files ---
v "$name"; exits 0 "a signed image of a registry"
says "accepted  $name  $digest" "the verdict names it, with its digest"
v --print-ref "$name"; is "$out" "$registry/ns/app@$digest" "the pinned reference"
v --print-ref "${name%:v1}@$digest"; is "$out" "$registry/ns/app@$digest" "by digest"
v "$name@$digest"; exits 0 "by tag and digest"; complains 'the tag "v1" is ignored' "and the tag is dropped"
v "${name%:v1}@sha256:$(printf '0%.0s' {1..64})"; exits 5 "a digest that is not there"; says "manifest unknown" "is named as the registry does"
v --policy "$work/accept.json" --as docker://registry.example/x:v1 "${name%:v1}@$digest"; exits 0 "by digest, judged under another name"
v "${name%:v1}:v2"; exits 5 "a tag that is not there"
v "docker://$registry/ns/nothing:v1"; exits 5 "a repository that is not there"
v "docker://$registry/ns/unsigned:v1"; exits 1 "an unsigned image"; says "no-signature: " "is no-signature"
v "docker://$registry/ns/bob:v1"; exits 1 "a signature by another key"; says "key-not-trusted: " "is key-not-trusted"
v --policy "$work/reject.json" "$name"; exits 1 "a policy that rejects"
v --format json "$name"
is "$(jq -r '.looked_at[] | "\(.result) \(.where)"' <<<"$out")" "found $work/lookaside/ns/app@${digest/:/=}/signature-1
not asked $registry/ns/app:${digest/:/-}.sig" "where it looked"
v --offline "$name"; exits 6 "--offline"; says "--offline" "is said"
v "docker://$registry/ns/app:v1" "docker://$registry/ns/unsigned:v1"; exits 1 "two images"
printf '%s\n' "$name" "docker://$registry/ns/bob:v1" "${name%:v1}:v2" >"$work/batch"
v --batch "$work/batch" --jobs 2; is "$(jq -r .reason <<<"$out" | paste -sd' ')" "accepted key-not-trusted not-found" "a batch of them"
run "$sigpolicy" signatures --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "$name"
exits 0 "signatures of a registry's image"; says "UNVERIFIED" "are listed"

# A manifest that another one was put in the place of.
cp "$work/lookaside/ns/app@${digest/:/=}/signature-1" "$work/signature"
push other ns/app:v1
v "$name"; exits 1 "the tag was moved to an image that is not signed"
moved=$(digest_of "$work/other/manifest.json"); mkdir -p "$work/lookaside/ns/app@${moved/:/=}"
cp "$work/signature" "$work/lookaside/ns/app@${moved/:/=}/signature-1"
v "$name"; exits 1 "and the signature of the former was copied"; says "digest-mismatch: " "is digest-mismatch"
push img ns/app:v1 --sign-by alice@example.com

# --- TLS verification ---
run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" "$name"
exits 6 "plain HTTP that is not configured"; says "pinging container registry $registry" "is the ping's failure"
run "$sigpolicy" verify --tls-verify=false --policy "$work/policy.json" --registries.d "$work/registries.d" "$name"; exits 0 "--tls-verify=false"
v --tls-verify=true "$name"; exits 6 "--tls-verify=true"

# --- a lookaside on a server ---
cat >"$work/nginx.conf" <<END
user $(id -un); pid $work/nginx.pid; error_log $work/nginx.err;
events {}
http { access_log $work/nginx.log; client_body_temp_path $work/nginx-tmp; proxy_temp_path $work/nginx-tmp; fastcgi_temp_path $work/nginx-tmp; uwsgi_temp_path $work/nginx-tmp; scgi_temp_path $work/nginx-tmp;
  server { listen PORT; root $work; } }
END
start_nginx
printf 'docker:\n  %s:\n    lookaside: http://%s/lookaside\n' "$registry" "$nginx" >"$work/registries.d/x.yaml"
v "$name"; exits 0 "a signature of a lookaside on a server"
v "docker://$registry/ns/bob:v1"; exits 1 "and one by another key"
v "docker://$registry/ns/unsigned:v1"; exits 1 "and none"; says "no-signature: " "is no-signature"
chmod 000 "$work/lookaside/ns/app@${digest/:/=}/signature-1"; [ "$(id -u)" -eq 0 ] || { v "$name"; exits 6 "a signature that the server may not read"; }
chmod 644 "$work/lookaside/ns/app@${digest/:/=}/signature-1"
# --- a lookaside that nothing can be read from is a mistake in its file, when it is asked ---
for location in /srv/look ftp://h/x s3://bucket 'https:/?x' https:x http:///x; do
  printf 'docker:\n  %s:\n    lookaside: "%s"\n' "$registry" "$location" >"$work/registries.d/x.yaml"
  v "$name"; exits 3 "a lookaside $location"; says "$work/registries.d/x.yaml:3:" "is named with its line"
  v --policy "$work/accept.json" "$name"; exits 0 "and no matter where nothing is looked for"
done
# --- nothing names a lookaside ---
printf 'docker:\n  %s:\n    lookasid: https://h/x\n' "$registry" >"$work/registries.d/x.yaml"
v "$name"; exits 1 "a lookaside that is misspelt"; says "$work/registries.d/x.yaml:3:5: replace 'lookasid' by 'lookaside'" "is not one, and that is said"
printf 'docker:\n  %s:\n    use-sigstore-attachments: true\n' "$registry" >"$work/registries.d/x.yaml"
v "$name"; exits 1 "no lookaside at all"; says "no file in $work/registries.d names a lookaside for $registry/ns/app" "is said as it is"
run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/nowhere" --registries-conf "$work/registries.conf" "$name"; exits 1 "a directory that is not there"; says "the directory $work/nowhere does not exist" "is said not to be"

# --- attached signatures: those of tests/fixtures/sigstore, put where cosign puts them ---
fixtures=${top_srcdir:-.}/tests/fixtures
mkdir "$work/fixture"
cp "$fixtures/manifest.json" "$work/fixture/"; printf '{}' >"$work/fixture/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
printf 'Directory Transport Version: 1.1\n' >"$work/fixture/version"
fixture=$(digest_of "$fixtures/manifest.json")
sigstore='{"type":"sigstoreSigned","keyPath":"'$(realpath "$fixtures")'/sigstore/KEY.pub","signedIdentity":{"type":"exactRepository","dockerRepository":"registry.example/ns/app"}}'
policy "${sigstore/KEY/cosign}" >"$work/sigstore.json"
# attach REPOSITORY SIGNATURE...: a manifest with a layer for each, under the tag of the fixture's digest.
attach() {
  local repository=$1 dir=$work/attach layers= blob file
  shift; rm -rf "$dir"; mkdir "$dir"
  printf 'Directory Transport Version: 1.1\n' >"$dir/version"; printf '{}' >"$dir/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
  for file; do
    tail -n +2 "$fixtures/sigstore/$file.sig" | jq -j '.payload | @base64d' >"$work/payload"
    blob=$(digest_of "$work/payload"); cp "$work/payload" "$dir/${blob#sha256:}"
    layers+=${layers:+,}$(tail -n +2 "$fixtures/sigstore/$file.sig" | jq -c --arg d "$blob" --argjson n "$(stat -c %s "$work/payload")" '{mediaType: .mimeType, digest: $d, size: $n, annotations}')
  done
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[%s]}' "$layers" >"$dir/manifest.json"
  push attach "$repository:${fixture/:/-}.sig"
}
for repository in cosign forged none several; do push fixture "$repository/app:v1"; done
attach cosign/app by-cosign-cosign; attach forged/app by-cosign-cosign-forged-payload by-cosign-cosign-forged-signature
attach several/app by-cosign-rsa by-cosign-cosign-forged-payload by-cosign-cosign
printf 'docker:\n  %s:\n    use-sigstore-attachments: true\n' "$registry" >"$work/registries.d/x.yaml"
v --policy "$work/sigstore.json" "docker://$registry/cosign/app:v1"; exits 0 "an attached signature"
v --policy "$work/sigstore.json" "docker://$registry/several/app:v1"; exits 0 "the third of three"
v --policy "$work/sigstore.json" "docker://$registry/forged/app:v1"; exits 1 "forged ones"; says "key-not-trusted: " "are by no key that is trusted"
policy "${sigstore/KEY/skopeo}" >"$work/skopeo.json"
v --policy "$work/skopeo.json" "docker://$registry/cosign/app:v1"; exits 1 "an attached signature by another key"
v --policy "$work/sigstore.json" "docker://$registry/none/app:v1"; exits 1 "an image without attachments"; says "no-signature: " "is no-signature"
v --format json --policy "$work/sigstore.json" "docker://$registry/cosign/app:v1"
is "$(jq -r '.looked_at[] | .result' <<<"$out" | paste -sd' ')" "none found" "it looked in the lookaside and at the attachments"
printf 'docker:\n  %s:\n    use-sigstore-attachments: false\n' "$registry" >"$work/registries.d/x.yaml"
v --policy "$work/sigstore.json" "docker://$registry/cosign/app:v1"; exits 1 "attachments that are switched off"
says "signatures-not-looked-for: " "are not looked for"; says "in $work/registries.d/x.yaml, put under \"docker:\" the lines \"  $registry/cosign/app:\" and \"    use-sigstore-attachments: true\" (line 3 of $work/registries.d/x.yaml switches them off for $registry)" "and the hint has the file and the two lines"
# They are just that.
printf '  %s/cosign/app:\n    use-sigstore-attachments: true\n' "$registry" >>"$work/registries.d/x.yaml"
v --policy "$work/sigstore.json" "docker://$registry/cosign/app:v1"; exits 0 "with these lines it is accepted"
rm "$work/registries.d/x.yaml"
v --policy "$work/sigstore.json" "docker://$registry/cosign/app:v1"; exits 1 "attachments that nothing is said of"
says "in $work/registries.d/${registry%:*}:${registry#*:}.yaml, put under \"docker:\" the lines \"  $registry/cosign/app:\" and \"    use-sigstore-attachments: true\"" "the hint has the file and the two lines"
v --format json --policy "$work/sigstore.json" "docker://$registry/cosign/app:v1"; is "$(jq -r '.reason, .hint.text' <<<"$out" | cut -c1-37 | paste -sd' ')" "signatures-not-looked-for sigstore attachments are not read: in" "in JSON too"
once() { run "$sigpolicy" verify --registries.d "$work/registries.d" --tls-verify=false --identity exactRepository=registry.example/ns/app --key "$fixtures/sigstore/$1.pub" "docker://$registry/$2/app:v1"; }
once cosign cosign; exits 0 "--key looks for attachments, whatever registries.d says"; says "--attachments" "and says how to have them looked for"
once cosign forged; exits 1 "--key: not forged ones"
once skopeo cosign; exits 1 "--key: nor by another key"
once cosign none; exits 1 "--key: nor none"
v --policy "$work/sigstore.json" --as docker://registry.example/ns/app:v1 "dir:$work/fixture"; says "no-signature: " "a dir: image without signatures is without signatures"

# --- lists: the instance of the platform is judged, with the signatures of that instance ---
jq -n --arg a "$digest" --arg b "$(digest_of "$work/other/manifest.json")" --argjson n "$(stat -c %s "$work/img/manifest.json")" '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json",
  manifests: ([[$a, "amd64"], [$b, "s390x"]] | map({mediaType: "application/vnd.oci.image.manifest.v1+json", digest: .[0], size: $n, platform: {os: "linux", architecture: .[1]}}))}' >"$work/index.json"
cp -r "$work/img" "$work/list"; cp -n "$work"/other/* "$work/list/" 2>/dev/null
for one in img other; do one_digest=$(digest_of "$work/$one/manifest.json"); cp "$work/$one/manifest.json" "$work/list/${one_digest#sha256:}.manifest.json"; done
cp "$work/index.json" "$work/list/manifest.json"
printf 'docker:\n  %s:\n    lookaside: file://%s/lookaside\n    lookaside-staging: file://%s/lookaside\n' "$registry" "$work" "$work" >"$work/registries.d/x.yaml"
push list ns/list:v1 --all
mkdir -p "$work/lookaside/ns/list@${digest/:/=}"
"$sigpolicy" standalone-sign "$work/img/manifest.json" "$registry/ns/list:v1" alice@example.com -o "$work/lookaside/ns/list@${digest/:/=}/signature-1"
v --override-arch amd64 --format json "docker://$registry/ns/list:v1"
is "$(jq -r '.allowed, .digest, .list_digest' <<<"$out" | paste -sd' ')" "true $digest $(digest_of "$work/index.json")" "the instance of a list"
v --override-arch s390x "docker://$registry/ns/list:v1"; exits 1 "an instance that is not signed"
index=$(digest_of "$work/index.json"); mkdir -p "$work/lookaside/ns/list@${index/:/=}"
"$sigpolicy" standalone-sign "$work/index.json" "$registry/ns/list:v1" alice@example.com -o "$work/lookaside/ns/list@${index/:/=}/signature-1"
v --override-arch s390x "docker://$registry/ns/list:v1"; says "the manifest list is signed, but this image in it is not" "of a list that is signed"
rm -r "$work/lookaside/ns/list@${index/:/=}"
v --override-arch mips "docker://$registry/ns/list:v1"; exits 1 "a platform that is not in the list"
v --override-arch amd64 "docker://$registry/ns/list@$(digest_of "$work/index.json")"; exits 0 "a list by its digest"

v --all-platforms "docker://$registry/ns/list:v1"; exits 1 "all of a list, of which one image is signed"
is "$(sed '1d;$d' <<<"$out" | cut -c3-44 | tr -s ' ' | paste -sd,)" "rejected manifest list sha256:$(digest_of "$work/index.json" | cut -c8-14),accepted linux/amd64 sha256:${digest:7:7},rejected linux/s390x sha256:$(digest_of "$work/other/manifest.json" | cut -c8-14)" "the rows of its table"
v --all-platforms --format jsonl "docker://$registry/ns/list:v1"
is "$(jq -r '"\(.platform) \(.allowed) \(.digest) \(.list_digest)"' <<<"$out")" "null false $(digest_of "$work/index.json") null
linux/amd64 true $digest $(digest_of "$work/index.json")
linux/s390x false $(digest_of "$work/other/manifest.json") $(digest_of "$work/index.json")" "a line for each"
other=$(digest_of "$work/other/manifest.json"); mkdir -p "$work/lookaside/ns/list@${other/:/=}"
"$sigpolicy" standalone-sign "$work/other/manifest.json" "$registry/ns/list:v1" alice@example.com -o "$work/lookaside/ns/list@${other/:/=}/signature-1"
v --all-platforms --format json "docker://$registry/ns/list:v1"; exits 0 "all images of a list are signed, and the list is not"
is "$(jq -c 'map(.allowed)' <<<"$out")" "[false,true,true]" "the list is shown, and does not count"
"$sigpolicy" standalone-sign "$work/other/manifest.json" "$registry/ns/list:v2" alice@example.com -o "$work/lookaside/ns/list@${other/:/=}/signature-1"
v --all-platforms --quiet "docker://$registry/ns/list:v1"; exits 1 "one was signed as another tag"; is "$out$err" "" "and nothing is said"
v --all-platforms "$name"; exits 0 "an image that is no list"; says "accepted  $name  $digest" "has its one verdict"
v --all-platforms "${name%:v1}:v9"; exits 5 "a list that is not there"
v --all-platforms --print-ref "$name"; exits 2 "--all-platforms names no one image"
v --all-platforms --batch - </dev/null; exits 2 "nor is it for a batch"

# --- registries.conf: what is blocked, and mirrors ---
# conf LINE...: registries.conf, the registry under other names
conf() { printf '%s\n' "$@" >"$work/x.conf"; }
x() { run "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --registries-conf "$work/x.conf" "$@"; }
mirrored='[[registry.mirror]]'
conf '[[registry]]' "location = \"$registry\"" 'blocked = true'
x "$name"; exits 1 "a blocked registry"; says "rejected-by-rule: registry $registry is blocked in $work/x.conf or " "as users know it"; says "place     $work/x.conf:1" "and where it says so"
conf '[[registry]]' 'prefix = "registry.example"' 'location = "127.0.0.1:9"' $mirrored "location = \"$registry\"" 'insecure = true'
policy "${key%?},\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"registry.example\",\"signedPrefix\":\"$registry\"}}" >"$work/remap.json"
x --policy "$work/remap.json" docker://registry.example/ns/app:v1; exits 0 "a mirror, and what it was signed as"
x --policy "$work/remap.json" docker://registry.example/ns/bob:v1; exits 1 "a mirror with a signature by another key"
conf '[[registry]]' 'location = "registry.example"' 'blocked = true' $mirrored "location = \"$registry\"" 'insecure = true'
x --policy "$work/remap.json" docker://registry.example/ns/app:v1; exits 0 "a mirror of a registry that is blocked"
x docker://registry.example/ns/none:v1; exits 1 "an image that the mirror does not have"; says "(Mirrors also failed: [$registry/ns/none:v1: reading manifest v1 in $registry/ns/none: " "as users know it"
conf '[[registry]]' 'location = "registry.example"' 'blocked = true' $mirrored 'location = "127.0.0.1:9"'
x docker://registry.example/ns/app:v1; exits 6 "a mirror that cannot be reached, of a registry that is blocked"; says "could-not-look: " "leaves it open"

# --- credentials: what a person should know; client certificates without their other half ---
printf '{"auths":{"%s":{"auth":"bm8gY29sb24="}}}' "$registry" >"$work/auth.json"
v --authfile "$work/auth.json" "$name"; exits 0 "an entry that is no user and password"; complains "is no \"user:password\"" "is warned of"
printf '{"auths":{"%s":{"auth":"dTpw"}}}' "$registry" >"$work/auth.json"; chmod 644 "$work/auth.json"
v --authfile "$work/auth.json" --format json "$name"; is "$(jq -r '.warnings[0]' <<<"$out")" "$work/auth.json: others may read it, and it has credentials" "credentials that others may read"
chmod 600 "$work/auth.json"; v --authfile "$work/auth.json" --format json "$name"; is "$(jq -r '.warnings | length' <<<"$out")" 0 "credentials that nobody else may read"
mkdir "$work/halves"; : >"$work/halves/client.cert"
v --cert-dir "$work/halves" "$name"; exits 3 "a client certificate without its key"; says "missing key client.key for client certificate client.cert. Note that CA certificates should use the extension .crt" "as users know it"
mv "$work/halves/client.cert" "$work/halves/client.key"
v --cert-dir "$work/halves" "$name"; exits 3 "and the reverse"; says "missing client certificate client.cert for key client.key" "as users know it"

# --- names without a registry ---
conf 'unqualified-search-registries = ["quay.example", "docker.io"]' '[aliases]' '"tool" = "registry.example/team/tool"'
x app:v1; exits 2 "a short name"; says "docker://quay.example/app:v1 or docker://docker.io/library/app:v1, by $work/x.conf" "is told what it may stand for"
x tool; exits 2 "an alias"; says "docker://registry.example/team/tool:latest, by $work/x.conf" "is told what it stands for"
x "$registry/ns/app:v1"; exits 2 "a name without a transport"; says "as $name" "is told with it"
conf 'no toml'; x app:v1; exits 2 "a short name and a broken registries.conf"

nothing_left registry
