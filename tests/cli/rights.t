#!/bin/bash
# A command with more rights than its caller believes nothing that the caller put into its environment, and hands nothing of it on.
. "${top_srcdir:-.}/tests/cli/lib.sh"

skip() { echo "1..0 # SKIP $1"; trap - EXIT; tidy; exit 0; }
[ "$(id -u)" = 0 ] || skip "a program that runs as root is made as root"
type setpriv >/dev/null 2>&1 || skip "no setpriv"
chmod 711 "$work"; mkdir "$work/bin" "$work/theirs"; chown 65534:65534 "$work/theirs"
cp "$sigpolicy" "$work/bin/plain"; cp "$sigpolicy" "$work/bin/more"; chmod 4755 "$work/bin/more"
cp "$(type -P id)" "$work/bin/id"; chmod 4755 "$work/bin/id"
# nobody COMMAND...: run by somebody who has no rights.
nobody() { run setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
nobody "$work/bin/id" -u
[ "$out" = 0 ] || skip "no program runs with more rights than its caller here"

# What the caller would have believed.
make_image "$work/img"; chmod -R a+rX "$work/img"
theirs=$work/theirs accepting='{"default":[{"type":"insecureAcceptAnything"}]}'
mkdir -p "$theirs/.config/containers" "$theirs/tmp"
for file in "$theirs/.config/containers/policy.json" "$theirs/policy.json"; do printf '%s\n' "$accepting" >"$file"; done
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/store"\n' "$theirs" >"$theirs/storage.conf"
cat >"$theirs/openssl.cnf" <<C
openssl_conf = all
[all]
engines = engines
[engines]
x = engine
[engine]
dynamic_path = $theirs/engine.so
init = 1
C
: >"$theirs/registries.conf"; chown -R 65534:65534 "$theirs"
believed=(HOME="$theirs" XDG_CONFIG_HOME="$theirs/.config" XDG_DATA_HOME="$theirs" XDG_RUNTIME_DIR="$theirs" TMPDIR="$theirs/tmp" GNUPGHOME="$theirs"
  CONTAINERS_POLICY_JSON="$theirs/policy.json" CONTAINERS_REGISTRIES_CONF="$theirs/registries.conf" CONTAINERS_STORAGE_CONF="$theirs/storage.conf"
  STORAGE_DRIVER=vfs STORAGE_OPTS="vfs.imagestore=$theirs" REGISTRY_AUTH_FILE="$theirs/auth.json" DOCKER_CONFIG="$theirs" _CONTAINERS_ROOTLESS_UID=65534
  SSL_CERT_FILE="$theirs/ca.pem" SSL_CERT_DIR="$theirs" HTTPS_PROXY=http://127.0.0.1:9 OPENSSL_CONF="$theirs/openssl.cnf" OPENSSL_MODULES="$theirs" OPENSSL_ENGINES="$theirs"
  SIGPOLICY_OPENPGP=gpg LD_PRELOAD= GCONV_PATH="$theirs" PATH="$theirs:$PATH" ODD=1)
explained() { nobody env "${believed[@]}" "$work/bin/$1" explain "docker://registry.example/ns/app:v1"; }
explained plain
says "$theirs/.config/containers/policy.json" "a command with the caller's own rights goes by its environment"
explained more
case $out$err in *"$theirs"*) fail "one with more does not" "$out" "$err" ;; *) pass "one with more does not" ;; esac
explained more; [ "$status" -eq 0 ] || [ "$status" -eq 3 ] && pass "it finds the host's policy, or none" || fail "it finds the host's policy, or none" "$status $err"
stored() { nobody env "${believed[@]}" "$work/bin/$1" explain --policy "$work/theirs/policy.json" "containers-storage:registry.example/ns/app:v1"; }
stored plain; says "$theirs/store" "storage.conf of the environment"
stored more; case $out$err in *"$theirs/store"*) fail "is not read" "$out" "$err" ;; *) pass "is not read" ;; esac

# What is handed on: the environment of a command that is run.
handed_on() { nobody env -i "${believed[@]}" LANG=C.UTF-8 TERM=dumb "$work/bin/$1" run --insecure-policy --as docker://registry.example/ns/app:v1 "dir:$work/img" -- "$(type -P env)" X={}; }
handed_on plain
says "OPENSSL_CONF=$theirs/openssl.cnf" "a command with the caller's own rights hands its environment on"
handed_on more
is "$(sed 's/^X=.*@sha256:.*/X/' <<<"$out" | sort | paste -sd' ')" "LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb X" "one with more has nothing left of it but what is harmless"

# By a capability, too.
if type setcap >/dev/null 2>&1 && cp "$sigpolicy" "$work/bin/capable" && setcap cap_dac_read_search+ep "$work/bin/capable" 2>/dev/null; then
  handed_on capable
  case $out in *"$theirs"*) fail "a capability is more rights, too" "$out" ;; *X=*) pass "a capability is more rights, too" ;; *) fail "a capability is more rights, too" "$status $err" ;; esac
else pass "a capability is more rights, too # SKIP no capabilities here"; fi
nothing_left rights
