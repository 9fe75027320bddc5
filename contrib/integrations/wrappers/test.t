#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# podman-verified and skopeo-verified: which image the engine is given, and that it is started for nothing else. The options are
# those of the real programs.
. "${top_srcdir:-.}/tests/cli/lib.sh"

for needed in podman skopeo docker-registry; do
  command -v "$needed" >/dev/null || { count=1; echo "ok 1 # SKIP $needed is not installed"; exit 0; }
done
make_key gnupg alice
export GNUPGHOME=$work/gnupg
make_image "$work/img"
digest=$(digest_of "$work/img/manifest.json")
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/policy.json"
policy '{"type":"insecureAcceptAnything"}' >"$work/accept.json"
mkdir "$work/registries.d" "$work/lookaside" "$work/bin" "$work/none"
start_registry
printf 'docker:\n  %s:\n    lookaside: file://%s/lookaside\n    lookaside-staging: file://%s/lookaside\n' "$registry" "$work" "$work" >"$work/registries.d/x.yaml"
push() { command skopeo --policy "$work/accept.json" --registries.d "$work/registries.d" copy --quiet --preserve-digests --dest-tls-verify=false "dir:$work/img" "docker://$registry/$1" "${@:2}" >/dev/null || fail "pushing $1"; }
push ns/app:v1 --sign-by alice@example.com
make_image "$work/unsigned" unsigned; rm -rf "$work/img"; mv "$work/unsigned" "$work/img"
push ns/unsigned:v1
good=$registry/ns/app:v1 bad=$registry/ns/unsigned:v1 pinned=$registry/ns/app@$digest

# The engines: their own help, and otherwise what they were called with, a word a line.
for engine in podman skopeo; do
  real=$(command -v "$engine")
  printf '#!/bin/sh\nfor last; do :; done\n[ "$last" = --help ] && exec %s "$@"\nprintf "%%s\\n" "$@"\nexit "${ENGINE_STATUS-0}"\n' "$real" >"$work/bin/$engine"
  cp "${top_srcdir:-.}/contrib/integrations/wrappers/podman-verified" "$work/bin/$engine-verified"
done
printf '#!/bin/sh\nexec "%s" "$@" --policy "%s/policy.json" --registries.d "%s/registries.d"\n' "$sigpolicy" "$work" "$work" >"$work/bin/sigpolicy"
chmod +x "$work/bin/"*
PATH=$work/bin:$PATH
words() { tr '\n' ' ' <<<"$out"; }
p() { run podman-verified "$@"; }
s() { run skopeo-verified "$@"; }
refused() { exits "$1" "$2: exit $1"; is "$out" "" "$2: the engine is not started"; }

p pull --tls-verify=false "$good"; is "$(words)" "pull --tls-verify=false $pinned " "pull: the digest in place of the tag"
p pull -q "$good" --tls-verify=false; is "$(words)" "pull -q $pinned --tls-verify=false " "pull: an option after the image"
p image pull --tls-verify=false "docker://$good" "$good"; is "$(words)" "image pull --tls-verify=false $pinned $pinned " "image pull: two images"
p --log-level debug pull --tls-verify=false "$good"; is "$(words)" "--log-level debug pull --tls-verify=false $pinned " "an option of podman before the verb"
p run --tls-verify=false --rm -it --name 'a b' -e "X=y z" -eA=b --env=C "$good" sh -c 'echo "$1"' --name x
is "$out" "run
--tls-verify=false
--rm
-it
--name
a b
-e
X=y z
-eA=b
--env=C
$pinned
sh
-c
echo \"\$1\"
--name
x" "run: options with values, letters together, words with spaces; what follows the image is the container's"
p container create --tls-verify=false --pull=always "$good"; is "$(words)" "container create --tls-verify=false --pull=always $pinned " "container create"
p run --tls-verify=false -- "$good" --rm; is "$(words)" "run --tls-verify=false -- $pinned --rm " "run --"
p run --rootfs "$work/none" sh; is "$(words)" "run --rootfs $work/none sh " "run --rootfs: there is no image"
p run --rootfs=1 "$work/none" sh; is "$(words)" "run --rootfs=1 $work/none sh " "run --rootfs=1: neither"
for no in 0 f F false FALSE False x; do p run --tls-verify=false --rootfs=$no "$bad"; refused 1 "run --rootfs=$no of an unsigned image"; done
p run --tls-verify=false --rootfs --rootfs=false "$bad"; refused 1 "the last --rootfs counts"
p run --tls-verify=false --rootfs=0 "$good"; is "$(words)" "run --tls-verify=false --rootfs=0 $pinned " "run --rootfs=0 of a signed image"
p ps -a --format '{{.ID}}'; is "$(words)" "ps -a --format {{.ID}} " "another verb is passed on"
p; is "$(words)" " " "no verb, too"
cp "$work/bin/podman" "$work/kept"; printf '#!/bin/sh\nfor last; do :; done\n[ "$last" = --help ] && exec "%s" "$@"\necho "${LC_ALL-unset}"\n' "$work/kept" >"$work/bin/podman"
LC_ALL=POSIX run podman-verified pull --tls-verify=false "$good"; is "$out" POSIX "the engine's locale is the caller's"
run env -u LC_ALL podman-verified ps; is "$out" unset "or none"
mv "$work/kept" "$work/bin/podman"
ENGINE_STATUS=42 run podman-verified pull --tls-verify=false "$good"; exits 42 "the exit status is podman's"
s copy --src-tls-verify=false "docker://$good" "dir:$work/a b"; is "$out" "copy
--src-tls-verify=false
docker://$pinned
dir:$work/a b" "skopeo copy: the source by its digest"
s copy "docker://$good" dir:x --src-tls-verify=false --dest-creds a:b; is "$(words)" "copy docker://$pinned dir:x --src-tls-verify=false --dest-creds a:b " "skopeo copy: options after the images"
s --override-os linux inspect "docker://$bad"; is "$(words)" "--override-os linux inspect docker://$bad " "skopeo inspect is passed on"

p pull --tls-verify=false "$bad"; refused 1 "an unsigned image"
p pull --tls-verify=false "$good" "$bad"; refused 1 "an unsigned image behind a signed one"
p run --tls-verify=false "$bad" "$good"; refused 1 "run of an unsigned image"
for value in false False FALSE F f 0 no ""; do p run --tls-verify=false --rootfs="$value" "$bad"; refused 1 "run --rootfs=$value: there is an image"; done
p pull "$good"; refused 6 "a registry whose certificate cannot be checked"
p pull --tls-verify=false "$registry/ns/nothing:v1"; refused 5 "an image that is not there"
p run --no-such-option x "$good"; refused 2 "an option that podman does not know"
p run --name; refused 2 "an option without its value"
p pull --tls-verify=false --all-tags "$registry/ns/app"; refused 2 "--all-tags"
p pull --tls-verify=false -a "$registry/ns/app"; refused 2 "-a"
p run dir:/srv/app; refused 2 "another transport"
p run 'registry.example/ns/a b'; refused 2 "a name with a space"
p pull ''; refused 2 "a name of nothing"
p -- run --tls-verify=false "$bad"; refused 2 "-- before the verb"
p container -- run --tls-verify=false "$bad"; refused 2 "-- within the verb"
p --log-level debug container run --tls-verify=false --name x "$bad" --name y; refused 1 "options before, within and behind the verb"
s copy --all --src-tls-verify=false "docker://$good" dir:x; refused 2 "skopeo copy --all"
s copy --multi-arch all --src-tls-verify=false "docker://$good" dir:x; refused 2 "--multi-arch all"
s --insecure-policy copy --src-tls-verify=false "docker://$bad" dir:x; refused 2 "--insecure-policy"
s copy "dir:$work/img" dir:x; refused 2 "a source that has no digest"
s copy --src-tls-verify=false "docker://$good"; refused 2 "no destination"
s copy --src-tls-verify=false "docker://$bad" dir:x; refused 1 "skopeo copy of an unsigned image"
printf '#!/bin/sh\nexit 0\n' >"$work/bin/sigpolicy"
p pull --tls-verify=false "$good"; [ "$status" -ne 0 ] && is "$out" "" "a sigpolicy that says nothing" || fail "a sigpolicy that says nothing" "$out"
rm "$work/bin/sigpolicy"
for tool in bash cat tr; do ln -s "$(command -v $tool)" "$work/none/$tool"; done
PATH=$work/none run "$work/bin/podman-verified" pull "$good"; refused 7 "no sigpolicy"
