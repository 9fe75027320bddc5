#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real Kamal, with our hook files: deployments and rollbacks to a host of its own, which is this machine by ssh, with a docker that only
# notes what it was asked. contrib/test-engines makes the system that $ENGINES names, and runs this. What "kamal config" prints is held
# against recorded/config, which test.t uses, and which REAL=record writes anew.
[ -x "${ENGINES-}/usr/bin/kamal" ] || { echo "1..0 # SKIP no Kamal: run contrib/test-engines"; exit 0; }
# Its mounts, its processes and its ports end with it.
[ -n "${REAL_INSIDE-}" ] || exec unshare --mount --net --fork --pid --kill-child --mount-proc env REAL_INSIDE=yes "$0" "$@"
ip link set lo up || { echo "Bail out! no loopback"; exit 1; }
. "${top_srcdir:-.}/tests/cli/lib.sh"

here=$(realpath "${top_srcdir:-.}")/contrib/integrations/kamal
make_signed_registry
signed=$(digest_of "$work/img/manifest.json") other=$(digest_of "$work/other/manifest.json")
copy() { skopeo --policy "$work/accept.json" --registries.d "$work/registries.d" copy --quiet --preserve-digests --dest-tls-verify=false "dir:$work/$1" "docker://$registry/ns/app:$2" "${@:3}" >/dev/null || fail "pushing $2"; }
copy other v2
make_image "$work/third" third
copy third v3 --sign-by alice@example.com

# --- the machine that deploys, whose /mnt is $node, and whose /media is this system; seen from there, too ---
node=$work/node
mkdir -p "$node/bin" "$node/project/config" "$node/project/.kamal/hooks" "$node/ssh" "$node/state"
mount -t proc proc "$ENGINES/proc" && mount --rbind /dev "$ENGINES/dev" && mount --bind "$node" "$ENGINES/mnt" && mount --bind "$node/bin" "$ENGINES/usr/local/bin" &&
  mount -t tmpfs tmpfs "$ENGINES/run" && mkdir "$ENGINES/run/sshd" && mount --rbind / "$ENGINES/media" &&
  mount --rbind "$ENGINES/media" "$ENGINES/media$ENGINES/media" || { echo "Bail out! cannot mount"; exit 1; }
ssh-keygen -q -t ed25519 -N '' -f "$node/ssh/host" && ssh-keygen -q -t ed25519 -N '' -f "$node/ssh/id" || fail "making keys for ssh"
cat >"$node/ssh/config" <<END
ListenAddress 127.0.0.1:2222
HostKey /mnt/ssh/host
AuthorizedKeysFile /mnt/ssh/id.pub
StrictModes no
PasswordAuthentication no
UsePAM no
PidFile none
END
chroot "$ENGINES" /usr/sbin/sshd -D -e -f /mnt/ssh/config 2>"$node/ssh/log" &
at_end+=("kill $! 2>/dev/null" 'umount -l "$ENGINES/media" "$ENGINES/run" "$ENGINES/usr/local/bin" "$ENGINES/mnt" "$ENGINES/dev" "$ENGINES/proc"')

# docker: notes each call, and answers what Kamal waits for.
cat >"$node/bin/docker" <<'END'
#!/bin/sh
printf '%s\n' "$*" >>/mnt/docker
case "$*" in
  *Labels.service*) echo app ;;
  "image inspect -f "*RepoDigests*) cat /mnt/holds ;;
  run*"--name app-web-"*) name=${*#*--name app-web-}; : >"/mnt/state/${name%% *}" ;;
  "container ls "*"name=^app-web-"*) name=${*#*name=^app-web-}; [ ! -e "/mnt/state/${name%%\$*}" ] || echo 0123456789ab ;;
esac
END
# The hooks' sigpolicy is a program of this system; its kamal is that of the other.
cat >"$node/bin/sigpolicy" <<END
#!/bin/sh
printf '%s: %s\n' "\$KAMAL_COMMAND\${KAMAL_SUBCOMMAND:+-\$KAMAL_SUBCOMMAND}" "\$*" >>/mnt/hooks
exec chroot /media env -C "$node/project" PATH="$node/outside:\$PATH" "$sigpolicy" "\$@" --registries.d "$work/registries.d" --tls-verify=false --log none
END
mkdir "$node/outside"
cat >"$node/outside/kamal" <<END
#!/bin/sh
exec chroot "$ENGINES" env -C /mnt/project kamal "\$@"
END
chmod +x "$node/bin/"* "$node/outside/"*
cp "$here/"{pre-connect,pre-deploy,pre-app-boot,post-deploy} "$node/project/.kamal/hooks/"
cp "$work/policy.json" "$node/project/config/"
cat >"$node/project/config/deploy.yml" <<END
service: app
image: ns/app
servers:
  web:
    - 127.0.0.1
registry:
  server: $registry
  username: [KAMAL_REGISTRY_USERNAME]
  password: [KAMAL_REGISTRY_PASSWORD]
builder:
  arch: amd64
proxy:
  host: app.example
ssh:
  port: 2222
  keys: [/mnt/ssh/id]
  config: false
END
printf 'KAMAL_REGISTRY_USERNAME=deployer\nKAMAL_REGISTRY_PASSWORD=secret-word\n' >"$node/project/.kamal/secrets"
mkdir "$node/home"
git init --quiet -b main "$node/project"
git -C "$node/project" -c user.name=tester -c user.email=tester@example.com commit --quiet --allow-empty -m project
# kamal WORD...: what docker was asked is in $docker, which hooks were called in $hooks, and what Kamal printed in $said.
kamal() {
  : >"$node/docker"; : >"$node/hooks"
  run chroot "$ENGINES" env -i -C /mnt/project PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt/home LANG=C.UTF-8 kamal "$@"
  said=$out$err docker=$(cat "$node/docker") hooks=$(cut -d' ' -f1-5 "$node/hooks" | sed 's/: hook kamal --stage//' | paste -sd,)
}
# asked PATTERN NAME, unasked PATTERN NAME: docker was, or was not, asked for this.
asked() { grep -q -- "$1" <<<"$docker" && pass "$2" || fail "$2" "$docker"; }
unasked() { grep -q -- "$1" <<<"$docker" && fail "$2" "$docker" || pass "$2"; }
tells() { case $said in *"$1"*) pass "$2" ;; *) fail "$2" "$said" ;; esac; }
echo "# Kamal $(chroot "$ENGINES" env HOME=/ kamal version)"

kamal config --version v1
sed "s/$registry/REGISTRY/" <<<"$out" >"$work/config"
if [ "${REAL-}" = record ]; then mkdir -p "$here/recorded"; cp "$work/config" "$here/recorded/"; fi
is "$(cat "$work/config")" "$(cat "$here/recorded/config")" "what is recorded: config"

kamal deploy --skip-push --version v1
exits 0 "deploy of a signed image"
is "$hooks" "deploy pre-connect,deploy pre-deploy,deploy pre-app-boot,deploy post-deploy" "four hooks are asked"
asked "^run .*--name app-web-v1 .*$registry/ns/app:v1" "and its container is started"
is "$(grep -c secret-word "$node/hooks")" 0 "no secret is on a hook's command line"
kamal deploy --skip-push --version v2
exits 1 "deploy of an unsigned image"
tells "exit 1: rejected: no-signature" "the hook's words are shown"
is "$hooks" "deploy pre-connect" "the first hook stops it"
is "$docker" "" "before anything is asked of a host"
case $said in *secret-word*) fail "no secret is printed" "$said" ;; *) pass "no secret is printed" ;; esac

mv "$node/project/.kamal/hooks/pre-connect" "$node/kept"
kamal deploy --skip-push --version v2
exits 1 "the same without pre-connect"; is "$hooks" "deploy pre-deploy" "pre-deploy stops it"
asked "^pull " "after the pull"; unasked "^run " "before a container is started"
mv "$node/project/.kamal/hooks/pre-deploy" "$node/kept-too"
kamal deploy --skip-push --version v2
exits 1 "the same without pre-deploy"; is "$hooks" "deploy pre-app-boot" "pre-app-boot stops it"; unasked "^run " "before a container is started"
kamal app boot --version v2
exits 1 "app boot of an unsigned image"; is "$hooks" "app pre-app-boot" "pre-app-boot stops it"; unasked "^run " "before a container is started"
kamal app boot --version v1
exits 0 "app boot of a signed image"; asked "^run .*--name app-web-v1 " "starts its container"
mv "$node/kept" "$node/project/.kamal/hooks/pre-connect"; mv "$node/kept-too" "$node/project/.kamal/hooks/pre-deploy"

kamal deploy --skip-push --version v3
exits 0 "deploy of the next signed image"
kamal rollback v1
exits 0 "rollback to a signed image"
is "$hooks" "rollback pre-connect,rollback pre-deploy,rollback pre-app-boot,rollback post-deploy" "four hooks are asked"
asked "^run .*--name app-web-v1 .*$registry/ns/app:v1" "and its container is started"
: >"$node/state/v2"
kamal rollback v2
exits 1 "rollback to an image that is not signed"; tells "exit 1: rejected: no-signature" "the hook's words are shown"
is "$hooks" "rollback pre-connect,rollback pre-deploy" "pre-deploy, which knows the version, stops it"; unasked "^run " "before a container is started"
mv "$node/project/.kamal/hooks/pre-deploy" "$node/kept"
kamal rollback v2
exits 1 "the same without pre-deploy"; is "$hooks" "rollback pre-connect,rollback pre-app-boot" "pre-app-boot stops it"; unasked "^run " "before a container is started"
mv "$node/kept" "$node/project/.kamal/hooks/pre-deploy"
kamal app boot --version v2
exits 1 "app boot of an unsigned image"; is "$hooks" "app pre-connect" "pre-connect stops it"
kamal app exec --version v2 true
exits 1 "app exec of an unsigned image"; is "$hooks" "app pre-connect" "pre-connect stops it"; is "$docker" "" "before anything is asked of a host"
kamal app exec --version v1 true
exits 0 "app exec of a signed image"
kamal app containers
exits 0 "the commit that was never built stops nothing that starts nothing"

# What the hosts hold, asked within the hook.
sed -i 's/--stage pre-deploy/& --hosts/' "$node/project/.kamal/hooks/pre-deploy"
printf '["%s/ns/app@%s"]\n' "$registry" "$signed" >"$node/holds"
kamal deploy --skip-push --version v1
exits 0 "--hosts: the host holds what was verified"; asked "^image inspect -f .*RepoDigests.* $registry/ns/app:v1" "which it was asked"
printf '["%s/ns/app@%s"]\n' "$registry" "$other" >"$node/holds"
kamal deploy --skip-push --version v1
exits 1 "--hosts: the host holds another image"; tells "the image on a host is" "which is said"; unasked "^run " "before a container is started"

mv "$node/bin/sigpolicy" "$node/kept"
kamal deploy --skip-push --version v1
exits 1 "without sigpolicy"; is "$docker" "" "nothing is deployed"
nothing_left "the hooks"
