# SPDX-License-Identifier: Apache-2.0
# Sourced by the *.t files: TAP, a private working directory, GPG keys made on the spot, images made by hand.
# Each test names the build tree in $top_builddir (make check sets it).
set -u -o pipefail
export LC_ALL=C.UTF-8 TZ=UTC
unset NO_COLOR SIGPOLICY_READER CONTAINERS_POLICY_JSON CONTAINERS_REGISTRIES_CONF CONTAINERS_REGISTRIES_CONF_OVERRIDE REGISTRIES_CONFIG_PATH HTTP_PROXY HTTPS_PROXY http_proxy https_proxy XDG_CONFIG_HOME XDG_DATA_HOME REGISTRY_AUTH_FILE GNUPGHOME

sigpolicy=$(realpath "${top_builddir:-.}")/tests/sigpolicy
work=$(mktemp -d "${TMPDIR:-/tmp}/sigpolicy-cli.XXXXXX")
mkdir "$work/tmp" "$work/home"
export TMPDIR=$work/tmp HOME=$work/home
count=0
at_end=()

tidy() {
  local command
  for command in "${at_end[@]-}"; do [ -z "$command" ] || eval "$command"; done
  for home in "$work"/gnupg*; do
    [ -d "$home" ] && GNUPGHOME=$home gpgconf --kill all >/dev/null 2>&1
  done
  rm -rf "$work"
}
finish() {
  local status=$?
  [ ! -s "$work/answers.json" ] || answers_fit
  tidy
  [ "$status" -eq 0 ] || echo "Bail out! exit status $status"
  echo "1..$count"
}
trap finish EXIT

pass() { count=$((count + 1)); echo "ok $count - $1"; }
fail() { count=$((count + 1)); echo "not ok $count - $1"; shift; [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'; }

# check NAME COMMAND...: the command succeeds.
check() { local name=$1; shift; if "$@" >"$work/check" 2>&1; then pass "$name"; else fail "$name" "$(cat "$work/check")"; fi; }

# run COMMAND...: runs it, leaving $out, $err and $status.
# What is JSON of ours is kept, and held against the installed schemas at the end.
run() {
  out=$("$@" 2>"$work/err"); status=$?; err=$(cat "$work/err")
  case $out in
    '{"schema":"sigpolicy-'* | $'{\n  "schema": "sigpolicy-'*) printf '%s\n' "$out" >>"$work/answers.json" ;;
    $'[\n{\n  "schema": "sigpolicy-'*) jq -c '.[]' <<<"$out" >>"$work/answers.json" ;;
  esac
}

# Every answer in JSON fits its schema.
answers_fit() {
  local said status
  said=$("${top_srcdir:-.}/tests/schema.t" "$work/answers.json" 2>&1); status=$?
  case $said in
    '1..0 # SKIP'*) count=$((count + 1)); echo "ok $count - answers in JSON fit their schemas # SKIP no python3 has the module jsonschema" ;;
    *) [ "$status" -eq 0 ] && pass "answers in JSON fit their schemas" || fail "answers in JSON fit their schemas" "$said" ;;
  esac
}

# exits STATUS NAME: what run left has this exit status.
exits() { [ "$status" -eq "$1" ] && pass "$2" || fail "$2" "exit $status instead of $1" "$out" "$err"; }

# says TEXT NAME, complains TEXT NAME: standard output, standard error of run holds the text.
says() { case $out in *"$1"*) pass "$2" ;; *) fail "$2" "no '$1' in:" "$out" "$err" ;; esac; }
complains() { case $err in *"$1"*) pass "$2" ;; *) fail "$2" "no '$1' in:" "$err" ;; esac; }
is() { [ "$1" = "$2" ] && pass "$3" || fail "$3" "'$1' is not '$2'"; }

# Nothing is left behind: no temporary home, no process of ours.
nothing_left() {
  local left
  left=$(ls -A "$TMPDIR")
  is "$left" "" "$1: no temporary file is left"
}

# make_key HOME NAME: a key of its own in a GnuPG home; exports NAME.gpg into $work; sets $fingerprint.
make_key() {
  mkdir -p -m 700 "$work/$1"
  GNUPGHOME=$work/$1 gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
    --quick-gen-key "$2 <$2@example.com>" "${3:-ed25519}" sign never 2>/dev/null
  GNUPGHOME=$work/$1 gpg --batch --quiet --export "$2@example.com" >"$work/$2.gpg"
  fingerprint=$(GNUPGHOME=$work/$1 gpg --batch --quiet --with-colons --list-keys "$2@example.com" | awk -F: '/^fpr/ { print $10; exit }')
}

# make_image DIR [TEXT]: a dir: image of one layer, distinguished by the text.
make_image() {
  local dir=$1 layer config
  mkdir -p "$dir/rootfs"
  printf '%s\n' "${2:-hello}" >"$dir/rootfs/hello"
  tar -C "$dir/rootfs" --sort=name --mtime=@0 --owner=0 --group=0 -cf "$dir/layer.tar" hello
  rm -r "$dir/rootfs"
  layer=$(sha256sum <"$dir/layer.tar" | cut -d' ' -f1)
  printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$layer" >"$dir/config"
  config=$(sha256sum <"$dir/config" | cut -d' ' -f1)
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:%s","size":%d}]}' \
    "$config" "$(stat -c %s "$dir/config")" "$layer" "$(stat -c %s "$dir/layer.tar")" >"$dir/manifest.json"
  mv "$dir/layer.tar" "$dir/$layer"
  mv "$dir/config" "$dir/$config"
  printf 'Directory Transport Version: 1.1\n' >"$dir/version"
}

digest_of() { printf 'sha256:%s' "$(sha256sum <"$1" | cut -d' ' -f1)"; }

# policy REQUIREMENT...: a policy.json whose docker and dir transports require these, and which rejects everything else.
policy() {
  local list; list=$(IFS=,; echo "$*")
  printf '{"default":[{"type":"reject"}],"transports":{"docker":{"":[%s]},"dir":{"":[%s]}}}\n' "$list" "$list"
}

# start_registry [HTTP [AUTH]]: a loopback registry on a free port, gone at the end; lines of its configuration for "http:" and
# for "auth:". All of a test have the same images. Sets $registry.
start_registry() {
  local pid line output number=$((++registries))
  mkdir -p "$work/registry"
  printf 'version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: %s/registry\nhttp:\n  addr: 127.0.0.1:0\n%s\n%s\n' "$work" "${1-}" "${2:+auth:
$2}" >"$work/registry.yml.$number"
  exec {output}< <(exec docker-registry serve "$work/registry.yml.$number" 2>&1)
  pid=$!
  at_end+=("kill $pid 2>/dev/null")
  registry=
  while IFS= read -r -t 30 line <&"$output"; do
    case $line in *"listening on "*) registry=127.0.0.1:$(sed 's/.*listening on [^ "]*:\([0-9]*\).*/\1/' <<<"$line"); break ;; esac
  done
  [ -n "$registry" ] || fail "docker-registry does not start" "$line"
  # Its log is read on, so that it never waits for us.
  cat <&"$output" >"$work/registry.log.$number" &
  at_end+=("kill $! 2>/dev/null")
}
registries=0

# make_authority NAME: a certificate authority, $work/NAME.crt.
make_authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -out "$work/$1.crt" -subj "/CN=$1" -days 36500 2>/dev/null
}

# make_certificate NAME AUTHORITY [EXTENSION...]: $work/NAME.crt and NAME.key, by that authority.
make_certificate() {
  openssl req -newkey "${key_type:-ec}" -pkeyopt "${key_option:-ec_paramgen_curve:P-256}" -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.crt" -CAkey "$work/$2.key" -CAcreateserial -days 36500 -out "$work/$1.crt" \
    -extfile <(printf '%s\n' "${@:3}") 2>/dev/null
}

# nginx with $work/nginx.conf, whose "listen" is PORT, and TLS for another: free ports are found by trying; sets $nginx and $tls.
start_nginx() {
  local port pid
  for port in $(shuf -i 20000-60000 -n 50); do
    sed "s/PORT/127.0.0.1:$port/; s/listen TLS/listen 127.0.0.1:$((port + 1))/" "$work/nginx.conf" >"$work/nginx.used"
    /usr/sbin/nginx -e "$work/nginx.err" -p "$work" -c "$work/nginx.used" 2>/dev/null || continue
    pid=$(cat "$work/nginx.pid"); at_end+=("kill $pid 2>/dev/null"); nginx=127.0.0.1:$port tls=127.0.0.1:$((port + 1))
    return
  done
  fail "nginx does not start" "$(cat "$work/nginx.err")"
}

# start_server SCRIPT [CERTIFICATE KEY]: the scripted server; sets $server, and $requests to its log. Further ones have logs
# of their own.
start_server() {
  local input
  requests=$work/requests.$((++servers)); : >"$requests"
  mkfifo "$work/server.in.$servers" && exec {input}<>"$work/server.in.$servers"
  exec {answers}< <(exec "${PYTHON:-python3}" "${top_srcdir:-.}/tests/support/server.py" "$1" "$requests" "${@:2}" <"$work/server.in.$servers" 2>"$work/server.err.$servers")
  at_end+=("kill $! 2>/dev/null")
  read -r -u "$answers" -t 30 server; server=127.0.0.1:$server
  server_input[$servers]=$input server_output[$servers]=$answers server_at[$servers]=$server
}
servers=0 server_input=() server_output=() server_at=()

# again NUMBER: the server of that number reads its script again, with an empty log; sets $server and $requests.
again() {
  local ready
  server=${server_at[$1]} requests=$work/requests.$1
  echo >&"${server_input[$1]}" && read -r -u "${server_output[$1]}" -t 30 ready && [ "$ready" = ready ]
}

# yaml_block FILE NUMBER: the text of the block ("run: |", "- |") of that number in a YAML file, from 1.
yaml_block() {
  awk -v want="$2" '
    !inside && /^ *[^ #].*\|$/ && /(run:|-) \|$/ { n++; if (n == want) { inside = 1; match($0, /^ */); margin = RLENGTH; dent = -1 } next }
    inside { match($0, /^ */)
      if ($0 !~ /^ *$/ && RLENGTH <= margin) exit
      if (dent < 0) dent = RLENGTH
      print substr($0, dent + 1) }' "$1"
}

# make_signed_registry: a registry with ns/app:v1, which is signed by alice, and ns/unsigned:v1; policy.json, which requires her
# signature; and bin/sigpolicy, the command with what it needs to reach that registry. Sets $pinned.
make_signed_registry() {
  make_key gnupg alice
  export GNUPGHOME=$work/gnupg
  mkdir "$work/registries.d" "$work/lookaside" "$work/bin"
  policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$work/policy.json"
  policy '{"type":"insecureAcceptAnything"}' >"$work/accept.json"
  start_registry
  printf 'docker:\n  %s:\n    lookaside: file://%s/lookaside\n    lookaside-staging: file://%s/lookaside\n' "$registry" "$work" "$work" >"$work/registries.d/x.yaml"
  make_image "$work/img"
  pinned=$registry/ns/app@$(digest_of "$work/img/manifest.json")
  local copy=(skopeo --policy "$work/accept.json" --registries.d "$work/registries.d" copy --quiet --preserve-digests --dest-tls-verify=false)
  "${copy[@]}" "dir:$work/img" "docker://$registry/ns/app:v1" --sign-by alice@example.com >/dev/null || fail "pushing a signed image"
  make_image "$work/other" other
  "${copy[@]}" "dir:$work/other" "docker://$registry/ns/unsigned:v1" >/dev/null || fail "pushing an unsigned image"
  printf '#!/bin/sh\n[ "$1" != verify ] || set -- "$@" --registries.d "%s/registries.d" --tls-verify=false\nexec "%s" "$@"\n' "$work" "$sigpolicy" >"$work/bin/sigpolicy"
  chmod +x "$work/bin/sigpolicy"
  PATH=$work/bin:$PATH
}

# make_policy_repository: $work/repo, whose first commit ($base) requires signatures of registry.example.
make_policy_repository() {
  git init --quiet -b main "$work/repo"
  cd "$work/repo" || exit
  git config user.email tester@example.com; git config user.name tester
  cp "${top_srcdir:-.}/tests/fixtures/alice.gpg" "$work/alice-key.gpg"
  printf '{"default":[{"type":"reject"}],\n"transports":{"docker":{"registry.example":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"%s/alice-key.gpg"}]}}}\n' "$work" >policy.json
  printf 'policy: policy.json\ntests:\n  - never-unsigned: registry.example\n' >policy.test.yaml
  git add .; git commit --quiet -m policy
  base=$(git rev-parse HEAD)
}
# loosen: the policy accepts another registry unsigned, and has a hole below the signed one.
loosen() { sed -i 's|"docker":{|&"registry.example/open":[{"type":"insecureAcceptAnything"}],\n|' policy.json; }
