#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hook kamal: with a "kamal" that prints a recorded configuration, on a registry with a password.
. "${top_srcdir:-.}/tests/cli/lib.sh"

command -v docker-registry >/dev/null || { count=1; echo "ok 1 # SKIP docker-registry is not installed"; exit 0; }
make_key gnupg alice
export GNUPGHOME=$work/gnupg
mkdir -p "$work/registries.d" "$work/lookaside" "$work/bin" "$work/project/config" "$work/project/.kamal/hooks"
printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/open.json"
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/project/config/policy.json"
printf 'deployer:%s\n' "$("${PYTHON:-python3}" -W ignore -c 'import crypt; print(crypt.crypt("pass word\"1", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))')" >"$work/htpasswd"
start_registry "" "  htpasswd:
    realm: basic
    path: $work/htpasswd"
printf 'docker:\n  %s:\n    lookaside: file://%s/lookaside\n    lookaside-staging: file://%s/lookaside\n' "$registry" "$work" "$work" >"$work/registries.d/x.yaml"
push() { skopeo --policy "$work/open.json" --registries.d "$work/registries.d" copy --quiet --preserve-digests --dest-tls-verify=false --dest-creds 'deployer:pass word"1' "dir:$work/$1" "docker://$registry/$2" "${@:3}" >/dev/null || fail "pushing $2"; }
make_image "$work/img"; make_image "$work/other" other
push img ns/app:v1 --sign-by alice@example.com
push other ns/app:v2
digest=$(digest_of "$work/img/manifest.json")

recorded=$(realpath "${top_srcdir:-.}")/contrib/integrations/kamal/recorded/config
# kamal: what it was called with is kept; it knows "config" and "server exec".
cat >"$work/bin/kamal" <<END
#!/bin/bash
printf '%s\n' "\$*" >>"$work/called"
[ -z "\${KAMAL_FAILS-}" ] || { echo "  ERROR (SSHKit): no such file"; exit 1; }
if [ "\$1" = config ]; then
  version=latest; while [ \$# -gt 0 ]; do [ "\$1" = --version ] && version=\$2; shift; done
  sed "s|REGISTRY|$registry|; s/\\bv1\\b/\$version/" "$recorded"
else
  cat "$work/inspected"
fi
END
printf '#!/bin/sh\nexec "%s" "$@" --registries.d "%s/registries.d" --tls-verify=false --log none\n' "$sigpolicy" "$work" >"$work/bin/sigpolicy"
chmod +x "$work/bin/"*
cp "${top_srcdir:-.}/contrib/integrations/kamal/"{pre-connect,pre-deploy,pre-app-boot,post-deploy} "$work/project/.kamal/hooks/"
# k HOOK COMMAND VERSION [VARIABLE=VALUE...]: as Kamal runs a hook, in the project's directory, without arguments.
k() {
  : >"$work/called"
  run env -C "$work/project" PATH="$work/bin:$PATH" KAMAL_REGISTRY_USERNAME=deployer KAMAL_REGISTRY_PASSWORD='pass word"1' KAMAL_COMMAND="$2" KAMAL_VERSION="$3" "${@:4}" \
    /usr/bin/env ".kamal/hooks/$1"
}

k pre-deploy deploy v1; exits 0 "pre-deploy of a signed image"; is "$out" "$registry/ns/app@$digest" "prints the digest reference"
is "$(cat "$work/called")" "config --version v1" "the image is asked of kamal config"
k pre-deploy deploy v1 KAMAL_DESTINATION=staging; is "$(cat "$work/called")" "config --destination staging --version v1" "for the destination"
k pre-deploy deploy v2; exits 1 "pre-deploy of an unsigned image"; is "$out" "" "prints no reference"; complains "exit 1: rejected: no-signature" "says why, with the exit status"
k pre-deploy rollback v2; exits 1 "a rollback to an unsigned image"
k pre-deploy rollback v1; exits 0 "a rollback to a signed image"
k pre-app-boot app v2; exits 1 "app boot of an unsigned image"
k post-deploy deploy v1; exits 0 "post-deploy"
k pre-connect deploy v3; exits 0 "pre-connect of an image that is to be built"; complains "does not exist yet" "and says so"
k pre-connect rollback v2; exits 0 "pre-connect of a rollback, of which Kamal does not say the version yet"; complains "pre-deploy verifies the image" "says who verifies it"; is "$(cat "$work/called")" "" "asks for nothing"
k pre-deploy rollback v3; exits 5 "pre-deploy of a rollback to an image that is gone"
k pre-connect app v2; exits 1 "pre-connect of app, for an image that is not signed"
k pre-connect app v3; exits 0 "pre-connect of app, of which Kamal does not say the version"; complains "pre-app-boot verifies" "says who verifies it"
k pre-app-boot app v3; exits 5 "pre-app-boot of an image that is gone"
k pre-deploy deploy v3; exits 5 "pre-deploy of an image that is gone"
k pre-deploy lock v2; exits 0 "a command that deploys nothing"; is "$(cat "$work/called")" "" "asks for nothing"
k pre-deploy deploy v1 KAMAL_REGISTRY_PASSWORD=wrong; exits 6 "a wrong password"
case $out$err in *wrong* | *'pass word'*) fail "no secret is printed" "$out" "$err" ;; *) pass "no secret is printed" ;; esac
k pre-deploy deploy v1 KAMAL_FAILS=1; exits 6 "kamal config fails"; complains "no such file" "and its own words are shown"

k pre-deploy deploy v1 PATH=/usr/bin:/bin; [ "$status" -ne 0 ] && is "$out" "" "no sigpolicy" || fail "no sigpolicy" "$out"

# Where signatures are may be in the project, too.
cp "$work/bin/sigpolicy" "$work/kept"
printf '#!/bin/sh\nexec "%s" "$@" --tls-verify=false --log none\n' "$sigpolicy" >"$work/bin/sigpolicy"
for hook in pre-connect pre-deploy pre-app-boot post-deploy; do k $hook deploy v1; exits 1 "$hook, without a registries.d"; done
cp -r "$work/registries.d" "$work/project/config/"
for hook in pre-connect pre-deploy pre-app-boot post-deploy; do k $hook deploy v1; exits 0 "$hook, with one in the project"; done
rm -r "$work/project/config/registries.d"; mv "$work/kept" "$work/bin/sigpolicy"

# What the hosts hold.
hosts() {
  printf '%s\n' "$@" >"$work/inspected"
  run env -C "$work/project" PATH="$work/bin:$PATH" KAMAL_REGISTRY_USERNAME=deployer KAMAL_REGISTRY_PASSWORD='pass word"1' KAMAL_COMMAND=deploy KAMAL_VERSION=v1 \
    sigpolicy hook kamal --stage pre-deploy --hosts --policy config/policy.json
}
hosts "[\"$registry/ns/app@$digest\"]" "[\"mirror.example/app@$digest\",\"x@sha256:00\"]"; exits 0 "two hosts that hold what was verified"
hosts "[\"$registry/ns/app@$digest\"]" "[\"$registry/ns/app@sha256:$(printf '0%.0s' {1..64})\"]"; exits 1 "a host that holds another image"; complains "the image on a host is" "is named"; case $err in *accepted*) fail "and nothing says accepted" "$err" ;; *) pass "and nothing says accepted" ;; esac
hosts '[]'; exits 1 "a host that holds no digest"
hosts ''; exits 6 "no host answers"
run env -C "$work/project" PATH="$work/bin:$PATH" sigpolicy hook kamal --stage never; exits 2 "a stage that Kamal does not have"
run env -C "$work/project" PATH="$work/bin:$PATH" KAMAL_REGISTRY_USERNAME=deployer KAMAL_REGISTRY_PASSWORD='pass word"1' sigpolicy hook kamal --policy config/policy.json --image-name "$registry/ns/app:v1"
exits 0 "an image that is named"
nothing_left "the hook"
