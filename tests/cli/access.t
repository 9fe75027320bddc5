#!/bin/bash
# Getting at images: who asks, by which TLS, through which proxy. Real registries (docker-registry), real clients that leave
# their credentials behind (skopeo), and scripted servers where what is sent has to be seen.
. "${top_srcdir:-.}/tests/cli/lib.sh"

make_key gnupg alice
export GNUPGHOME=$work/gnupg
make_image "$work/img"
digest=$(digest_of "$work/img/manifest.json")
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg","signedIdentity":{"type":"exactReference","dockerReference":"registry.example/ns/app:v1"}}' >"$work/policy.json"
mkdir -p "$work/registries.d" "$work/lookaside/ns/app@${digest/:/=}" "$work/certs.d"
"$sigpolicy" standalone-sign "$work/img/manifest.json" registry.example/ns/app:v1 alice@example.com -o "$work/lookaside/ns/app@${digest/:/=}/signature-1" || fail signing
printf 'default-docker:\n  lookaside: file://%s/lookaside\n' "$work" >"$work/registries.d/x.yaml"
: >"$work/registries.conf"
skopeo() { command skopeo --insecure-policy --registries.d "$work/registries.d" "$@"; }
v() { run timeout 60 "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" "$@"; }
# outcome STATUS REASON TEXT NAME
outcome() {
  exits "$1" "$4: exit $1"
  says "$2: " "$4: $2"
  [ -z "$3" ] || says "$3" "$4: says why"
}
start_registry
skopeo copy --quiet --preserve-digests --dest-tls-verify=false "dir:$work/img" "docker://$registry/ns/app:v1" >/dev/null || fail "pushing"
make_authority ca; make_authority other-ca
make_certificate server ca subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:registry.test
pem=$(cat "$work/ca.crt")

# --- a name and a password ---
printf 'user:%s\n' "$("${PYTHON:-python3}" -W ignore -c 'import crypt; print(crypt.crypt("geheim", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))')" >"$work/htpasswd"
start_registry '' "  htpasswd:
    realm: test
    path: $work/htpasswd"
name=docker://$registry/ns/app:v1 plain="--tls-verify=false"
auth() { printf '{"auths":{"%s":{"auth":"%s"}}}' "$registry${2-}" "$(printf %s "$1" | base64)"; }
v $plain "$name"; outcome 6 could-not-look "authentication required" "no credentials"
v $plain --creds user:geheim "$name"; exits 0 "--creds"
v $plain --creds user:falsch "$name"; outcome 6 could-not-look "authentication required" "a wrong password"
# They are for one registry: a list of images must not collect them for another.
v $plain --creds user:geheim --format jsonl "$name" "docker://localhost:${registry##*:}/ns/app:v1" "$name"; exits 2 "--creds, and images of two registries"
is "$(jq -r .reason <<<"$out" | paste -sd' ')" "accepted usage accepted" "the second has none"
is "$(jq -r 'select(.reason == "usage") | .message' <<<"$out")" "the given credentials are for $registry, the registry of the first image, not for localhost:${registry##*:}" "and it is said whose they are"
case $out$err in *falsch* | *"$(printf user:falsch | base64)"*) fail "a password is not shown" "$out" "$err" ;; *) pass "a password is not shown" ;; esac
v $plain --creds user:falsch --format json --verbose "$name"
case $out$err in *falsch* | *"$(printf user:falsch | base64)"*) fail "nor in JSON" "$out" "$err" ;; *) pass "nor in JSON" ;; esac
skopeo login --tls-verify=false --authfile "$work/auth.json" -u user -p geheim "$registry" >/dev/null || fail "skopeo login"
v $plain --authfile "$work/auth.json" "$name"; exits 0 "--authfile, as skopeo login writes it"
REGISTRY_AUTH_FILE=$work/auth.json v $plain "$name"; exits 0 "REGISTRY_AUTH_FILE"
v $plain --authfile "$work/none.json" "$name"; outcome 6 could-not-look "authentication required" "a file that is not there has no credentials"
mkdir -p "$work/run/containers"; cp "$work/auth.json" "$work/run/containers/"
XDG_RUNTIME_DIR=$work/run v $plain "$name"; exits 0 "auth.json of the session"
mkdir "$HOME/.docker"; cp "$work/auth.json" "$HOME/.docker/config.json"
v $plain "$name"; exits 0 "docker's config.json"
auth user:geheim /ns >"$HOME/.docker/config.json"; v $plain "$name"; exits 0 "credentials for a namespace"
auth user:geheim /other >"$HOME/.docker/config.json"; v $plain "$name"; exits 6 "credentials for another namespace"
mkdir "$work/bin"
cat >"$work/bin/docker-credential-test" <<END
#!/bin/sh
[ "\$1" = get ] && [ "\$(cat)" = "$registry" ] && printf '{"ServerURL":"x","Username":"user","Secret":"geheim"}'
END
chmod +x "$work/bin/docker-credential-test"
printf '{"credHelpers":{"%s":"test"}}' "$registry" >"$HOME/.docker/config.json"
PATH=$work/bin:$PATH v $plain "$name"; exits 0 "a credential helper"
v $plain "$name"; outcome 3 config-error "docker-credential-test" "a helper that is not there"
rm -r "$HOME/.docker"
run env REGISTRY_AUTH_FILE="$work/auth.json" "$sigpolicy" signatures $plain --registries.d "$work/registries.d" "$name"; exits 0 "signatures of it"

# --- TLS, and certificates of clients ---
start_registry "  tls:
    certificate: $work/server.crt
    key: $work/server.key"
name=docker://$registry/ns/app:v1 certs=$HOME/.config/containers/certs.d/$registry
mkdir -p "$certs"
v "$name"; outcome 6 could-not-look "no trusted connection to https://$registry" "no certificate authority"
cp "$work/other-ca.crt" "$certs/"; v "$name"; outcome 6 could-not-look "no trusted connection" "another authority"
cp "$work/ca.crt" "$certs/"; v "$name"; exits 0 "an authority in certs.d, beside another"
v --format json "$name"; is "$(jq -c '[.reader.files[] | select(endswith(".crt"))]' <<<"$out")" "[\"$certs/ca.crt\",\"$certs/other-ca.crt\"]" "the files of certs.d that took part"
v --verbose "$name"; says "reader    old (by default)" "--verbose has the reader"; says "            $certs/ca.crt" "and the files"
rm "$certs/ca.crt"; SSL_CERT_FILE=$work/ca.crt v "$name"; exits 0 "an authority of the system"
# A hashed directory is asked first, and a file is read when that was of no help.
mkdir "$work/hashed" "$work/hashless"; cp "$work/ca.crt" "$work/hashed/"; openssl rehash "$work/hashed"
ends() { SSL_CERT_DIR=$1 SSL_CERT_FILE=$2 v "$name"; exits "$3" "$4"; }
ends "$work/hashed" "$work/none.pem" 0 "an authority of the system's directory"
ends "$work/hashless" "$work/ca.crt" 0 "one of its file alone"
ends "$work/hashless" "$work/none.pem" 6 "one of neither"
ends "$work/hashless" "$work/other-ca.crt" 6 "another authority in the file"
for _ in {1..12}; do echo "$name"; done >"$work/batch"
SSL_CERT_DIR=$work/hashless SSL_CERT_FILE=$work/ca.crt v --batch "$work/batch" --jobs 4; exits 0 "the same for all threads"
v --tls-verify=false "$name"; exits 0 "--tls-verify=false"
mkdir "$work/authorities"; cp "$work/ca.crt" "$work/authorities/"
v --cert-dir "$work/authorities" "$name"; exits 0 "--cert-dir"
v --cert-dir "$work/authorities" "docker://localhost:${registry##*:}/ns/app:v1"; exits 0 "another name that the certificate has"
check "skopeo gets at it alike" skopeo inspect --cert-dir "$work/authorities" --raw "$name"
# The common name is no name.
make_certificate 127.0.0.1 ca basicConstraints=CA:FALSE
start_registry "  tls:
    certificate: $work/127.0.0.1.crt
    key: $work/127.0.0.1.key"
v --cert-dir "$work/authorities" "docker://$registry/ns/app:v1"; outcome 6 could-not-look "no subject alternative name" "a certificate with a common name alone"
skopeo inspect --cert-dir "$work/authorities" --raw "docker://$registry/ns/app:v1" >/dev/null 2>&1 && fail "skopeo refuses it, too" || pass "skopeo refuses it, too"
v --tls-verify=false "docker://$registry/ns/app:v1"; exits 0 "where certificates are not checked, neither are their names"
start_registry "  tls:
    certificate: $work/server.crt
    key: $work/server.key
    clientcas: [$work/ca.crt]"
make_certificate client ca; make_certificate stranger other-ca
name=docker://$registry/ns/app:v1
mkdir "$work/clients"; cp "$work/ca.crt" "$work/clients/"
client() { rm -f "$work"/clients/client.*; cp "$work/$1.crt" "$work/clients/client.cert"; [ -z "${2-}" ] || cp "$work/$2.key" "$work/clients/client.key"; }
v --cert-dir "$work/clients" "$name"; outcome 6 could-not-look "pinging container registry" "a client certificate that is wanted"
client client client; v --cert-dir "$work/clients" "$name"; exits 0 "a client certificate"
client stranger stranger; v --cert-dir "$work/clients" "$name"; outcome 6 could-not-look "pinging container registry" "a client certificate of another authority"
client client; v --cert-dir "$work/clients" "$name"; says "missing key" "a client certificate without its key: says so"; [ "$status" -ne 0 ] && pass "and is not accepted" || fail "and is not accepted"
client client stranger; v --cert-dir "$work/clients" "$name"; outcome 4 key-unusable "the client certificate and its key for https://$registry cannot be used" "a key that is another's"

# --- a registry that wants tokens, and a token server ---
key_type=rsa key_option=rsa_keygen_bits:2048 make_certificate issuer ca
base64url() { base64 -w0 | tr '+/' '-_' | tr -d =; }
# token EXPIRES [SCOPE]: for the registry that trusts the issuer.
token() {
  local text
  text=$(jq -cn --arg c "$(openssl x509 -in "$work/issuer.crt" -outform DER | base64 -w0)" '{typ: "JWT", alg: "RS256", x5c: [$c]}' | tr -d '\n' | base64url)
  text+=.$(jq -cn --argjson exp "$1" --arg scope "${2:-ns/app}" '{iss: "issuer", sub: "user", aud: "service", exp: $exp, nbf: 0, iat: 0, jti: "1", access: [{type: "repository", name: $scope, actions: ["pull"]}]}' | tr -d '\n' | base64url)
  printf '{"token":"%s.%s"}' "$text" "$(printf %s "$text" | openssl dgst -sha256 -sign "$work/issuer.key" | base64url)"
}
good=$(token 4000000000); old=$(token 1000000)
answers() { jq -n "$1" --arg good "$good" --arg old "$old" --arg basic "Basic $(printf user:geheim | base64)" >"$work/token-script"; }
answers '{"/token": {body: $good}}'
start_server "$work/token-script" "$work/server.crt" "$work/server.key"; tokens=$servers token_server=$server
asked() { jq -r "$1" "$work/requests.$tokens"; }
start_registry "  tls:
    certificate: $work/server.crt
    key: $work/server.key" "  token:
    realm: https://localhost:${token_server##*:}/token
    service: service
    issuer: issuer
    rootcertbundle: $work/ca.crt"
name=docker://$registry/ns/app:v1 bearer=$registry
t() { v --cert-dir "$work/authorities" "$@" "$name"; }
t; exits 0 "a token"
is "$(asked '.method + " " + .path')" "GET /token?service=service&scope=repository%3Ans%2Fapp%3Apull" "is asked for once, and for this repository"
is "$(asked '.headers[] | select(.[0] == "authorization")')" "" "by nobody"
t --format json; is "$(jq -r '.looked_at[] | select(.result == "token").where' <<<"$out")" "https://localhost:${token_server##*:}" "the verdict names the token server"
answers '{"/token": {needs: $basic, body: $good}, "/v2/": {}}'; again "$tokens"
t; outcome 6 could-not-look "unable to retrieve auth token" "a token server that wants a name"
again "$tokens"; t --creds user:geheim; exits 0 "a token by name and password"
is "$(asked .path)" "/token?account=user&service=service&scope=repository%3Ans%2Fapp%3Apull" "with the account"
answers '{"/token": [{body: $old}, {body: $good}]}'; again "$tokens"
t; exits 0 "a token that has run out is renewed"; is "$(asked .path | wc -l)" 2 "once"
answers '{"/token": {body: $old}}'; again "$tokens"
t; outcome 6 could-not-look "" "a token server that has old ones alone"; is "$(asked .path | wc -l)" 2 "is asked twice"
answers '{"/token": {body: ({access_token: ($good | fromjson.token)} | tojson)}}'; again "$tokens"; t; exits 0 "access_token"
for body in '""' '"{}"' '"[]"' '"{\"token\":5}"' '"{\"token\":\"\"}"' '"{\"token\":\"a\\r\\nX: y\"}"' '"{\"token\":\"a b\"}"'; do
  answers '{"/token": {body: '"$body"'}}'; again "$tokens"; t; outcome 6 could-not-look "the token server's answer" "a token server that answers $body"
done
answers '{"/token": {body: ("{\"token\":\"" + ("x" * 2000000) + "\"}")}}'; again "$tokens"; t; outcome 6 limit "1048576 bytes" "a token of 2 MB"
answers '{"/token": {body: ("{\"token\":\"" + ("x" * 65537) + "\"}")}}'; again "$tokens"; t; outcome 6 limit "65536 bytes" "a token that no header takes"
answers '{"/token": {body: ("{\"token\":\"" + ("x" * 65536) + "\"}")}}'; again "$tokens"; t; outcome 6 could-not-look "" "one byte less is for the registry to refuse"
answers '{"/token": {hang: true, cut: 0}}'; again "$tokens"; t --image-timeout 200ms; outcome 6 could-not-look "" "a token server that hangs"
answers '{"/token": {status: 302, headers: [["Location", "https://127.0.0.1:{PORT}/elsewhere"]]}, "/elsewhere": {body: $good}}'; again "$tokens"
t --creds user:geheim; exits 0 "a token server that redirects"
is "$(asked '[.path[0:10], (.headers[] | select(.[0] == "authorization") | .[1][0:5])] | join(" ")' | paste -sd' ')" "/token?acc Basic /elsewhere" "is not followed by credentials"
skopeo inspect --cert-dir "$work/authorities" --raw "$name" >/dev/null 2>&1 && pass "skopeo gets at it alike" || fail "skopeo gets at it alike"
# One token, and one connection, for all images of a repository.
answers '{"/token": {body: $good}}'; again "$tokens"
for _ in {1..10}; do echo "$name"; done >"$work/batch"
v --cert-dir "$work/authorities" --batch "$work/batch" --jobs 1; exits 0 "ten images of a repository"
is "$(asked .path | wc -l)" 1 "need one token"
answers '{"/token": [{body: $old}, {body: $good}]}'; again "$tokens"
v --cert-dir "$work/authorities" --batch "$work/batch" --jobs 1; exits 0 "the same, and the token runs out"; is "$(asked .path | wc -l)" 2 "it is renewed once"

# --- where credentials go (the server is asked over TLS unless it says otherwise) ---
oci=application/vnd.oci.image.manifest.v1+json
manifest=$(cat "$work/img/manifest.json")
# serve FILTER SERVER: a registry that wants a token of itself.
serve() {
  jq -n --arg m "$manifest" --arg oci "$oci" '{
    "/v2/": {status: 401, headers: [["WWW-Authenticate", "Bearer realm=\"https://127.0.0.1:{PORT}/token\",service=\"s\""]]},
    "/token": {body: "{\"token\":\"t\"}"},
    "/v2/ns/app/manifests/v1": {needs: "Bearer t", headers: [["Content-Type", $oci]], body: $m}} | def realm(to): .["/v2/"].headers = [["WWW-Authenticate", "Bearer realm=\"" + to + "\""]]; '"$1" >"$work/script"
  again "$2"
}
jq -n '{}' >"$work/script"
start_server "$work/script" "$work/server.crt" "$work/server.key"; over_tls=$servers
start_server "$work/script"; in_the_clear=$servers elsewhere=$server
s() { v --cert-dir "$work/authorities" --creds user:geheim "$@" "docker://$server/ns/app:v1"; }
sent() { jq -r '[.path, (.headers[] | select(.[0] == "authorization") | .[1] | split(" ")[0])] | join(" ")' "$work/requests.$1" | paste -sd' '; }
serve . "$over_tls"; s; exits 0 "a registry that is its own token server"
is "$(sent "$over_tls" | sed 's/?[^ ]*//')" "/v2/ /token Basic /v2/ns/app/manifests/v1 Bearer" "gets the password for the token, and the token for the rest"
is "$(jq .connection "$work/requests.$over_tls" | sort -u | wc -l)" 1 "over one connection"
again "$in_the_clear"; serve 'realm("http://'"$elsewhere"'/token")' "$over_tls"; s
outcome 6 could-not-look "credentials for an https registry are sent only over https" "an http token server of an https registry"; says "[stricter: S6]" "is one of the stricter checks"
is "$(sent "$in_the_clear")" "" "and is not asked"
for realm in 'https://u:p@127.0.0.1:{PORT}/token' 'file:///etc/passwd' 'https:///token' '/token' 'https://127.0.0.1:{PORT}/to ken' 'gopher://127.0.0.1:{PORT}/'; do
  serve "realm(\"$realm\")" "$over_tls"; s; outcome 6 could-not-look "the registry names the token server" "the token server $realm"
  is "$(sent "$over_tls")" "/v2/" "the token server $realm is not asked"
done
again "$tokens"; serve 'realm("https://127.0.0.1:'"${token_server##*:}"'/token")' "$in_the_clear"; s --tls-verify=false
outcome 6 could-not-look "a registry without TLS are sent only to its own scheme, host and port" "another token server of a registry without TLS"
is "$(asked .path)" "" "is not asked"
serve 'realm("http://127.0.0.1:{PORT}/token")' "$in_the_clear"; s --tls-verify=false; exits 0 "its own"
serve '.["/v2/ns/app/manifests/v1"] = {needs: "Bearer t", status: 307, headers: [["Location", "https://localhost:'"${token_server##*:}"'/m"]]}' "$over_tls"
jq -n --arg m "$manifest" --arg oci "$oci" '{"/m": {headers: [["Content-Type", $oci]], body: $m}}' >"$work/token-script"; again "$tokens"; server=${server_at[$over_tls]}
s; exits 0 "a manifest that stands elsewhere"; is "$(sent "$tokens")" "/m" "is fetched without the token"
for scope in repository:ns/base:pull repository:victim/private:pull,push; do
  serve '.["/v2/ns/app/manifests/v1"] = [{status: 401, headers: [["WWW-Authenticate", "Bearer realm=\"x\",error=\"insufficient_scope\",scope=\"'$scope'\""]]}, .["/v2/ns/app/manifests/v1"]]' "$over_tls"
  s; exits 0 "a token that is refused for want of $scope"
  is "$(jq -r 'select(.path | startswith("/token")) | .path' "$work/requests.$over_tls" | sed 's/.*service=s&//' | paste -sd' ')" "scope=repository%3Ans%2Fapp%3Apull scope=repository%3Ans%2Fapp%3Apull" "is asked for once more, for nothing but this repository"
done
serve '.["/v2/"].headers = [["WWW-Authenticate", "Basic realm=\"x\""]] | .["/v2/ns/app/manifests/v1"].needs = "Basic '"$(printf user:geheim | base64)"'"' "$over_tls"; s; exits 0 "basic authentication"
serve '.["/v2/"].headers = [["WWW-Authenticate", "Negotiate"], ["WWW-Authenticate", "Digest realm=\"x\""]] | del(.["/v2/ns/app/manifests/v1"].needs)' "$over_tls"; s; exits 0 "what is not understood is not answered"
is "$(sent "$over_tls")" "/v2/ /v2/ns/app/manifests/v1" "and nothing is sent"

# Credentials of one context, set and taken back between its questions: what goes over the wire to the next registry.
start_server "$work/script" "$work/server.crt" "$work/server.key"; next=$servers
told() {
  serve '.["/v2/"].headers = [["WWW-Authenticate", "Basic realm=\"x\""]] | .["/v2/ns/app/manifests/v1"].needs = "Basic '"$(printf user:geheim | base64)"'"' "$over_tls"
  again "$next"
  run "${top_builddir:-.}/tests/told" "$work/authorities" "$@"
}
secret=$(printf user:geheim | base64) first=docker://${server_at[$over_tls]}/ns/app:v1 second=docker://${server_at[$next]}/ns/app:v1
told user:geheim "$first" none "$second"
is "$out $(sent "$over_tls")" $'0\n6 /v2/ /v2/ns/app/manifests/v1 Basic' "credentials for one registry"
[ -n "$(sent "$next")" ] && ! grep -q "$secret" "$work/requests.$next" && pass "that were taken back are not sent to the next" || fail "that were taken back are not sent to the next" "$(cat "$work/requests.$next")"
told user:geheim "$first" share none "$second"; is "$out" $'0\n6' "nor by a context that shares"
[ -n "$(sent "$next")" ] && ! grep -q "$secret" "$work/requests.$next" && pass "nor are they then" || fail "nor are they then" "$(cat "$work/requests.$next")"
told user:geheim "$first" none "$first"; is "$out" $'0\n6' "nor to the same once more"
told user:geheim "$first" "$second"; is "$(grep -c "$secret" "$work/requests.$next")" 0 "those that were not taken back are for the first registry alone"
told user:geheim "$first" none user:geheim "$second"; is "$out $(sent "$next")" $'0\n0 /v2/ /v2/ns/app/manifests/v1 Basic' "new ones are for the next"

# The system's authorities are shared by all connections of a process, and read again when they have changed.
serve . "$over_tls"; again "$next"; mkdir "$work/nothing"
for file in "$work/ca.crt" "$work/other-ca.crt"; do cp "$file" "$work/authorities.${file##*/}"; done
cp "$work/other-ca.crt" "$work/changing.pem"
mkdir "$work/both"; cp "$work"/hashed/* "$work/both"
alone() { run env SSL_CERT_DIR="$1" SSL_CERT_FILE="$2" "${top_builddir:-.}/tests/told" "$work/nothing" "$first" "$second"; is "$(paste -sd' ' <<<"$out")" "$3" "$4"; }
alone "$work/both" "$work/none.pem" "0 0" "shared authorities of a directory"
alone "$work/hashless" "$work/ca.crt" "0 0" "of a file"
alone "$work/hashless" "$work/other-ca.crt" "6 6" "others"
alone "$work/hashless" "$work/none.pem" "6 6" "none"
changing() { run env SSL_CERT_DIR="$work/hashless" SSL_CERT_FILE="$work/changing.pem" "${top_builddir:-.}/tests/told" "$work/nothing" "$@"; }
changing "$first" "$work/authorities.ca.crt>$work/changing.pem" "$second" none "$first" "$work/authorities.other-ca.crt>$work/changing.pem" none "$second"
is "$(paste -sd' ' <<<"$out")" "6 0 0 6" "authorities that change under a process"

# --- proxies ---
jq -n --arg m "$manifest" --arg oci "$oci" '{"registry.test:443": {tunnel: true, phrase: "Established"}, "/v2/": {}, "/v2/ns/app/manifests/v1": {headers: [["Content-Type", $oci]], body: $m},
  "http://registry.test/v2/": {}, "http://registry.test/v2/ns/app/manifests/v1": {headers: [["Content-Type", $oci]], body: $m}}' >"$work/script"
start_server "$work/script" "$work/server.crt" "$work/server.key" -; proxy=$server through=$servers
p() { run timeout 60 env "${@:2}" "$sigpolicy" verify --policy "$work/policy.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" --cert-dir "$work/authorities" --creds user:geheim $1 "docker://registry.test/ns/app:v1"; }
seen() { jq -r '[.method, .path, (.headers[] | select(.[0] | endswith("authorization")) | .[0])] | join(" ")' "$work/requests.$through" | paste -sd' '; }
p '' HTTPS_PROXY="http://$proxy"; exits 0 "a proxy to an https registry"
is "$(seen)" "CONNECT registry.test:443 GET /v2/ GET /v2/ns/app/manifests/v1" "tunnels, once for all requests"
again "$through"; p '' https_proxy="http://$proxy"; exits 0 "the same in lower case"
again "$through"; p '' HTTPS_PROXY="http://name:word@$proxy"; exits 0 "a proxy that wants a name"
is "$(seen)" "CONNECT registry.test:443 proxy-authorization GET /v2/ GET /v2/ns/app/manifests/v1" "is told it, and nobody else"
again "$through"; p '' HTTPS_PROXY="http://$proxy" https_proxy=http://127.0.0.1:9; exits 0 "upper case comes first"
p '' HTTPS_PROXY=http://127.0.0.1:9; outcome 6 could-not-look "cannot reach https://registry.test:443" "a proxy that is not there"
jq '.["registry.test:443"] = {status: 407}' "$work/script" >"$work/script.new"; mv "$work/script.new" "$work/script"; again "$through"
p '' HTTPS_PROXY="http://$proxy"; outcome 6 could-not-look "cannot reach https://registry.test:443" "a proxy that refuses"
again "$through"; p --tls-verify=false HTTPS_PROXY="http://$proxy" http_proxy="http://$proxy"; exits 0 "a proxy to an http registry"
is "$(seen)" "CONNECT registry.test:443 GET http://registry.test/v2/ GET http://registry.test/v2/ns/app/manifests/v1" "gets the whole URL"
again "$through"; p '' HTTPS_PROXY="http://$proxy" NO_PROXY=other.test,.test; exits 6 "a host that has no proxy"; is "$(seen)" "" "is not asked for there"
serve . "$over_tls"; HTTPS_PROXY=http://127.0.0.1:9 s; exits 0 "this machine never has one"

# --- a registry that is busy ---
jq -n '{"/v2/": {}, "/v2/ns/app/manifests/v1": {status: 429, headers: [["Retry-After", "0"]]}}' >"$work/script"; again "$in_the_clear"
s --tls-verify=false; outcome 6 could-not-look "" "too many requests"; is "$(sent "$in_the_clear" | grep -o manifests | wc -l)" 3 "are tried three times"
jq -n '{"/v2/": {}, "/v2/ns/app/manifests/v1": {status: 503}}' >"$work/script"; again "$in_the_clear"
s --tls-verify=false --image-timeout 900ms; outcome 6 could-not-look "" "a wait for which there is no time"; is "$(sent "$in_the_clear" | grep -o manifests | wc -l)" 1 "is not begun"

# --- sessions of TLS: resumed with the same host and port alone, and asked for their names again ---
policy '{"type":"insecureAcceptAnything"}' >"$work/any.json"
over() { # HOST... : an image of each, one after the other
  printf "docker://%s:${server##*:}/ns/app:v1\n" "$@" >"$work/batch"
  run timeout 60 "$sigpolicy" verify --policy "$work/any.json" --registries.d "$work/registries.d" --registries-conf "$work/registries.conf" --cert-dir "$work/authorities" --batch "$work/batch" --jobs 1
}
resumed() { jq -r '"\(if .handshake then "-" else .path[:4] end)\(.resumed)"' "$requests" | paste -sd' '; }
jq -n --arg m "$manifest" --arg oci "$oci" '{"/v2/": {headers: [["Connection", "close"]]}, "/v2/ns/app/manifests/v1": {headers: [["Content-Type", $oci], ["Connection", "close"]], body: $m}}' >"$work/script"
again "$over_tls"; over 127.0.0.1 127.0.0.1 127.0.0.1; exits 0 "a registry that ends each connection"
is "$(resumed)" "/v2/false /v2/true /v2/true /v2/true" "resumes its session"
again "$over_tls"; over 127.0.0.1 localhost; exits 0 "another name of it"
is "$(resumed)" "/v2/false /v2/true /v2/false /v2/true" "has a session of its own"
start_server "$work/script" "$work/server.crt" "$work/server.key" 1.2; over 127.0.0.1; exits 0 "TLS 1.2"
is "$(resumed)" "-false /v2/false -true /v2/true" "is resumed, too"
start_server "$work/script" "$work/127.0.0.1.crt" "$work/127.0.0.1.key" 1.2; over 127.0.0.1 127.0.0.1; exits 6 "a common name alone"
is "$(jq -r .message <<<"$out" | grep -c "no subject alternative name")" 2 "is no name, neither at first nor when it is resumed"
is "$(resumed)" "-false -true" "and nothing is asked"
make_certificate one ca subjectAltName=IP:127.0.0.1
jq '.["/v2/ns/app/manifests/v1"] = {status: 307, headers: [["Location", "https://localhost:{PORT}/m"], ["Connection", "close"]]}' "$work/script" >"$work/script.other"
start_server "$work/script.other" "$work/one.crt" "$work/one.key" 1.2; over 127.0.0.1; exits 6 "a redirect to a host that the certificate is not for"
is "$(jq -r .message <<<"$out" | grep -c "no trusted connection to https://localhost:")" 1 "is not trusted"
is "$(resumed | cut -d' ' -f1-5)" "-false /v2/false -true /v2/true -false" "nor offered the session"
is "$(jq -r 'select(.path == "/m") | .path' "$requests")" "" "nor asked"

# --- batches ---
jq -n --arg m "$manifest" --arg oci "$oci" --arg s "$(base64 -w0 "$work/lookaside/ns/app@${digest/:/=}/signature-1")" --arg d "${digest/:/=}" '{"/v2/": {}, "/v2/ns/app/manifests/v1": {headers: [["Content-Type", $oci]], body: $m},
  ("/la/ns/app@" + $d + "/signature-1"): {base64: $s}}' >"$work/script"; again "$in_the_clear"; good=$server
printf 'docker:\n  %s:\n    lookaside: http://%s/la\n' "$good" "$good" >"$work/registries.d/y.yaml"
for _ in {1..50}; do echo "docker://$good/ns/app:v1"; done >"$work/batch"
v --tls-verify=false --batch "$work/batch" --jobs 1; exits 0 "fifty images"
is "$(jq .path "$work/requests.$in_the_clear" | wc -l) $(jq .connection "$work/requests.$in_the_clear" | sort -u | wc -l)" "151 1" "need a question first, three requests each, and one connection"
jq -n '{"*": {cut: 0, hang: true}}' >"$work/script"; start_server "$work/script"; dead=$servers
for _ in {1..10}; do printf 'docker://%s/ns/app:v1\n' "$server" "$good"; done >"$work/batch"
v --tls-verify=false --image-timeout 1s --batch "$work/batch" --jobs 2; exits 6 "a batch of two registries, of which one hangs"
is "$(jq -r .reason <<<"$out" | sort | uniq -c | tr -s ' ' | paste -sd,)" " 10 accepted, 10 could-not-look" "the other's images are judged"
is "$(jq -r .message <<<"$out" | grep -c 'not contacted again after the last failure: ')" 9 "and of the first it is said how it was"
is "$(wc -l <"$work/requests.$dead")" 1 "and it is waited for once, whatever the jobs"
nothing_left access
