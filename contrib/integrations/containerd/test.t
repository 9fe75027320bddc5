#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hook containerd, called as containerd calls it: six words, a descriptor on standard input, no home.
. "${top_srcdir:-.}/tests/cli/lib.sh"

command -v docker-registry >/dev/null || { count=1; echo "ok 1 # SKIP docker-registry is not installed"; exit 0; }
make_key gnupg alice
make_key gnupg bob
export GNUPGHOME=$work/gnupg
key='{"type":"signedBy","keyType":"GPGKeys","keyPath":"'$work'/alice.gpg"}'
policy "$key" >"$work/policy.json"
policy '{"type":"insecureAcceptAnything"}' >"$work/accept.json"
policy '{"type":"reject"}' >"$work/reject.json"
mkdir "$work/registries.d" "$work/lookaside" "$work/bin"
start_registry
printf 'docker:\n  %s:\n    lookaside: file://%s/lookaside\n    lookaside-staging: file://%s/lookaside\n' "$registry" "$work" "$work" >"$work/registries.d/x.yaml"
push() { skopeo --policy "$work/accept.json" --registries.d "$work/registries.d" copy --quiet --preserve-digests --dest-tls-verify=false "dir:$work/$1" "docker://$registry/$2" "${@:3}" >/dev/null || fail "pushing $2"; }
make_image "$work/img"; make_image "$work/other" other
push img ns/app:v1 --sign-by alice@example.com
push other ns/unsigned:v1
push other ns/bob:v1 --sign-by bob@example.com
signed=$(digest_of "$work/img/manifest.json") other=$(digest_of "$work/other/manifest.json")
oci=application/vnd.oci.image.manifest.v1+json
descriptor() { printf '{"mediaType":"%s","digest":"%s","size":%d}\n' "${2-$oci}" "$1" 700; }
# Its own name is enough, as containerd knows no other.
ln -s "$sigpolicy" "$work/bin/containerd-image-verifier-sigpolicy"
words=(-stdin-media-type application/vnd.oci.descriptor.v1+json)
# c POLICY NAME DIGEST [OPTION...]: what is on standard input may be set in $descriptor.
c() {
  run env -u HOME "$sigpolicy" hook containerd --log none --policy "$work/$1.json" --registries.d "$work/registries.d" --tls-verify=false "${@:4}" -name "$2" -digest "$3" "${words[@]}" <<<"${descriptor-$(descriptor "$3")}"
  [ "$(printf '%s\n' "$out" | wc -lc | awk '{ print ($1 <= 1 && $2 <= 300) }')" = 1 ] || fail "the answer is one line of at most 300 bytes" "$out"
}
name=$registry/ns/app:v1

# What containerd 2.1.9 was seen to call, in real.t, is what is called here.
is "$(printf '%s\n' -name "$name" -digest "$signed" "${words[@]}"; descriptor "$signed" | sed 's/700/398/')" \
  "$(sed "s|REGISTRY|$registry|; s|SIGNED|$signed|" "${top_srcdir:-.}/contrib/integrations/containerd/recorded/call")" "the call is that of the real containerd"
c policy "$name" "$signed"; exits 0 "a signed image"; is "$out" "accepted $signed" "and one line"
c policy "$registry/ns/unsigned:v1" "$other"; exits 1 "an unsigned image"; says "rejected: no-signature: " "and why, in one line"
c policy "$registry/ns/bob:v1" "$other"; exits 1 "a signature by another key"; says "rejected: key-not-trusted: " "and why"
c reject "$name" "$signed"; exits 1 "a policy that rejects"; says "rejected-by-rule" "and why"
c accept "$registry/ns/unsigned:v1" "$other"; exits 0 "a policy that accepts"
c policy "$registry/ns/other-name:v1" "$signed"; exits 5 "an image that is not there"; says "undecided: not-found: " "is undecided"
c policy "127.0.0.1:1/ns/app:v1" "$signed"; exits 6 "a registry that does not answer"; says "undecided: could-not-look: " "is undecided"
c none "$name" "$signed"; exits 3 "no policy"; says "error: " "is an error"

# The tag has moved since containerd resolved it: the digest counts, and the name stays the tag's.
push other ns/app:v1
c policy "$name" "$signed"; exits 0 "the digest that was resolved, when its tag stands for another image by now"
c policy "$name" "$other"; exits 1 "the image that the tag stands for now"
c policy "$registry/ns/app:v2" "$signed"; exits 1 "the digest under a tag that nobody signed"; says "identity-mismatch" "is an identity-mismatch"
c policy "$registry/ns/app@$signed" "$signed"; exits 0 "a name with a digest"
c policy "$registry/ns/app@$other" "$signed"; exits 1 "a name with another digest than the one that was resolved"
c policy "$name" "sha256:$(printf '0%.0s' {1..64})"; exits 5 "a digest that is not there"
push img ns/app:v1 --sign-by alice@example.com

# A list: the image of this platform, or the manifest list.
amd64=$(jq -c . <<<'{"architecture":"amd64","os":"linux"}')
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"%s","digest":"%s","size":%d,"platform":%s}]}' \
  "$oci" "$signed" "$(stat -c %s "$work/img/manifest.json")" "$amd64" >"$work/index.json"
index=$(digest_of "$work/index.json")
curl -sf -X PUT -H "Content-Type: application/vnd.oci.image.index.v1+json" --data-binary "@$work/index.json" "http://$registry/v2/ns/app/manifests/list" >/dev/null || fail "pushing the list"
"$sigpolicy" standalone-sign "$work/img/manifest.json" "$registry/ns/app:list" alice@example.com -o "$work/lookaside/ns/app@${signed/:/=}/signature-2"
descriptor=$(descriptor "$index" application/vnd.oci.image.index.v1+json)
c policy "$registry/ns/app:list" "$index" --override-arch amd64; exits 0 "a list whose image is signed"; is "$out" "accepted $signed of the manifest list $index" "and both are named"
c policy "$registry/ns/app:list" "$index" --override-arch amd64 --judge index; exits 1 "--judge index: the list is not signed"
mkdir -p "$work/lookaside/ns/app@${index/:/=}"
"$sigpolicy" standalone-sign "$work/index.json" "$registry/ns/app:list" alice@example.com -o "$work/lookaside/ns/app@${index/:/=}/signature-1"
c policy "$registry/ns/app:list" "$index" --override-arch amd64 --judge index; exits 0 "--judge index: the list is signed"; is "$out" "accepted $index" "and it is named"
c policy "$registry/ns/app:list" "$index" --override-arch arm64; exits 1 "no image for this platform"
unset descriptor

# What containerd never does.
descriptor=$(descriptor "$other"); c policy "$name" "$signed"; exits 1 "a descriptor of another digest"; is "$out" "" "nothing is allowed"
descriptor=$(descriptor "$signed" application/vnd.docker.distribution.manifest.v1+prettyjws); c policy "$name" "$signed"; exits 1 "a schema 1 image"
descriptor='{"mediaType":"'$oci'","digest":"'$other'","digest":"'$signed'","size":1}'; c policy "$name" "$signed"; exits 1 "a digest that stands twice"
for descriptor in '' '{}' '[]' 'null' '{"mediaType":"'$oci'","digest":"sha256:0","size":1}' '{"mediaType":"'$oci'","digest":7,"size":1}'; do
  c policy "$name" "$signed"; [ "$status" -eq 1 ] && pass "no descriptor: '$descriptor'" || fail "no descriptor: '$descriptor'" "exit $status"
done
unset descriptor
words=(-stdin-media-type application/octet-stream); c policy "$name" "$signed"; exits 2 "another type on standard input"
words=(); c policy "$name" "$signed"; exits 2 "no type"
words=(-stdin-media-type application/vnd.oci.descriptor.v1+json -operation run); c policy "$name" "$signed"; exits 2 "a word that is not known"
words=(-stdin-media-type application/vnd.oci.descriptor.v1+json)
c policy 'a b;$(touch x)' "$signed"; exits 2 "a name that is none"; [ ! -e x ] && pass "and no shell reads it" || fail "a shell read it"
run env -u HOME "$work/bin/containerd-image-verifier-sigpolicy" -name "$name" -digest "$signed" "${words[@]}" --policy "$work/reject.json" --tls-verify=false --log none <<<"$(descriptor "$signed")"
exits 1 "by the name of the program"
mkdir -p "$work/home/.config/containers"; cp "$work/accept.json" "$work/home/.config/containers/policy.json"
nothing_left "the hook"
