#!/bin/bash
# OCI layouts, OCI archives and docker archives: what skopeo makes of an image, and what archives.py makes up, beside skopeo's own
# answers. None of them has signatures.
. "${top_srcdir:-.}/tests/cli/lib.sh"

mkdir "$work/big" "$work/made"
# copy IMAGE IMAGE [OPTION...]: by skopeo, which leaves things behind where it fails.
copy() { skopeo --tmpdir "$work/big" --policy "$judge" copy -q "${@:3}" "$1" "$2"; }
judge=any.json

cd "$work" || exit 1
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >any.json
echo '{"default":[{"type":"reject"}]}' >none.json
make_key gnupg alice
make_image image
signed='{"type":"signedBy","keyType":"GPGKeys","keyPath":"'$work'/alice.gpg","signedIdentity":{"type":"exactRepository","dockerRepository":"example.com/a"}}'
GNUPGHOME=$work/gnupg skopeo standalone-sign image/manifest.json example.com/a:t "$fingerprint" -o image/signature-1 >/dev/null
printf '{"default":[%s]}' "$signed" >signed.json
printf '{"default":[{"type":"reject"}],"transports":{"oci":{"%s/layout":[{"type":"insecureAcceptAnything"}]},"oci-archive":{"%s":[{"type":"insecureAcceptAnything"}]},"docker-archive":{"":[{"type":"insecureAcceptAnything"}]},"docker":{"example.com/a":[{"type":"insecureAcceptAnything"}]}}}' \
  "$work" "$work" >scopes.json

copy dir:image oci:layout:one --remove-signatures
copy dir:image oci-archive:oci.tar:one --remove-signatures
copy dir:image docker-archive:docker.tar:example.com/a:t --remove-signatures

# answers IMAGE: leaves skopeo's exit status, and the digest of what it copied.
answers() {
  rm -rf copied
  copy "$1" dir:copied >skopeo.log 2>&1 </dev/null; theirs=$?
  [ "$theirs" -ne 0 ] || digest=$(digest_of copied/manifest.json)
}

# same IMAGE POLICY: our answer is skopeo's, down to the digest.
same() {
  judge=$2 answers "$1"
  run "$sigpolicy" verify --policy "$2" --format jsonl "$1"
  if [ "$theirs" -eq 0 ]; then is "$status $(jq -r .digest <<<"$out")" "0 $digest" "$1 by $2: accepted, as skopeo does"
  else is "$status" 1 "$1 by $2: rejected, as skopeo does"; fi
}

run "$sigpolicy" verify --policy signed.json dir:image
exits 0 "the image itself is signed"
for image in oci:layout oci:layout:one oci-archive:oci.tar oci-archive:oci.tar:one docker-archive:docker.tar \
  docker-archive:docker.tar:example.com/a:t docker-archive:docker.tar:@0; do
  for name in any none signed scopes; do same "$image" "$name.json"; done
done
top=$(jq -r '.manifests[0].digest' layout/index.json)
cp -r layout other
same oci:other scopes.json

run "$sigpolicy" verify --policy signed.json --format json oci:layout:one
is "$(jq -r '.reason, .message, .identity' <<<"$out")" "no-signature
A signature was required, but no signature exists
oci:$work/layout" "a layout has no signatures"
says "cannot store signatures" "and the hint says so"
run "$sigpolicy" verify --policy any.json --all-platforms oci:layout
exits 0 "all platforms of a layout with one"
run "$sigpolicy" verify --policy scopes.json --as docker://example.com/a:t oci:other
exits 0 "a layout is judged by the name that it is said to be of"
run "$sigpolicy" verify --policy scopes.json --as docker://example.com/b:t oci:layout
exits 1 "and by another name, for which there is no such scope"
run "$sigpolicy" verify --policy scopes.json --print-ref --as docker://example.com/a:t oci-archive:oci.tar
is "$out" "example.com/a@$top" "what is printed is the digest of the image"
run "$sigpolicy" verify --policy scopes.json --as "docker://example.com/a@$top" oci:layout
exits 0 "a digest in the name is that of the bytes"
run "$sigpolicy" verify --policy scopes.json --as "docker://example.com/a@$(digest_of any.json)" oci:layout
exits 1 "another digest is not"
# A descriptor says what its manifest is.
retype() { rm -rf typed; cp -r layout typed; jq -c --arg t "$1" '.manifests[0].mediaType = $t' layout/index.json >typed/index.json; tar -C typed -cf typed.tar .; }
for type in application/vnd.docker.distribution.manifest.v2+json application/vnd.oci.image.index.v1+json application/octet-stream; do
  retype "$type"
  for image in oci:typed oci-archive:typed.tar; do
    run "$sigpolicy" verify --policy any.json --format json "$image"; exits 1 "$image with a manifest of another type, $type"
    case $type in *index*) ;; *) is "$(jq -r .stricter <<<"$out")" S10 "is refused by S10" ;; esac
  done
done
retype "$(jq -r '.manifests[0].mediaType' layout/index.json)"; run "$sigpolicy" verify --policy any.json oci:typed; exits 0 "its own type"
run "$sigpolicy" verify --policy any.json --print-ref oci:layout:one
exits 2 "a layout without a docker name has nothing to print"
run "$sigpolicy" verify --policy any.json --print-ref docker-archive:docker.tar:example.com/a:t
answers docker-archive:docker.tar
is "$out" "example.com/a@$digest" "a docker archive has a name, and the digest of the manifest that is made from it"
run "$sigpolicy" run --policy any.json docker-archive:docker.tar:example.com/a:t -- printf %s {}
is "$out" "example.com/a@$digest" "and run goes on with both"

for image in oci:layout oci-archive:oci.tar docker-archive:docker.tar; do
  run "$sigpolicy" signatures "$image"
  says "no signatures are stored with $image" "signatures: ${image%%:*}"
  run "$sigpolicy" explain --policy scopes.json "$image"
  says "matches (line 1)" "explain: ${image%%:*}"
done
run "$sigpolicy" explain --policy signed.json oci-archive:oci.tar
says "images of the transport oci-archive cannot store signatures" "explain: where signatures would be looked for"

# --- what is not read ---

for image in atomic:example.com/a/b:t docker-daemon:a:t sif:oci.tar tarball:oci.tar; do
  run "$sigpolicy" verify --policy any.json "$image"
  exits 6 "${image%%:*} is not read"
  says "images of the transport \"${image%%:*}\" cannot be verified" "${image%%:*}: and that is said"
  says "hint" "${image%%:*}: and what to do instead"
  run "$sigpolicy" explain --policy scopes.json "$image"
  exits 0 "${image%%:*} is explained"
done
run "$sigpolicy" verify --policy any.json ostree:x
exits 6 "nor is ostree, which no build reads"

# --- what archives.py makes up ---

python3 "${top_srcdir:-.}/tests/cli/archives.py" "$work/made" >rows || fail "archives.py"
while IFS='|' read -r what image expected words skopeo; do
  [ -n "$expected" ] || continue
  run "$sigpolicy" verify --policy any.json --format jsonl "$image" </dev/null
  case $status$out$err in "$expected"*"$words"*) pass "$what" ;; *) fail "$what" "exit $status instead of $expected, or no '$words'" "$out" "$err" ;; esac
  [ "$skopeo" = - ] && continue
  answers "$image"
  case $skopeo,$status,$theirs in
    same,0,0) is "$(jq -r .digest <<<"$out")" "$digest" "$what: the digest" ;;
    same,[1-9],[1-9]) pass "$what: so does skopeo" ;;
    accepts,[1-9],0) is "$(jq -r 'select(.reason == "limit" or .stricter != null) | "marked"' <<<"$out")" marked "$what: where we are stricter" ;;
    *) fail "$what: skopeo" "exit $theirs, and ours is $status" "$(cat skopeo.log)" ;;
  esac
done <rows

# --- what is not allowed, and what goes on beside it ---

if [ "$(id -u)" -eq 0 ]; then as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }; chmod 711 "$work"; else as_other() { "$@"; }; fi
chmod 0 docker.tar oci.tar layout/index.json
for image in oci:layout oci-archive:oci.tar docker-archive:docker.tar; do
  HOME=/ run as_other "$sigpolicy" verify --policy any.json "$image"
  exits 6 "${image%%:*}: no permission"
done
chmod 644 docker.tar oci.tar layout/index.json

# A second manifest takes the place of the first one again and again, the index naming one or the other: what is judged is one
# of the two, or a blob that is not there.
mkdir busy
digests=
for n in 1 2; do
  make_image "image$n" "$n"
  copy "dir:image$n" "oci:busy$n:one"
  digests+=" 0 $(jq -r '.manifests[0].digest' "busy$n/index.json")"
done
cp -r busy1/. busy2/. busy
( while :; do for n in 1 2; do cp "busy$n/index.json" busy/next; mv busy/next busy/index.json; done; done ) &
at_end+=("kill $! 2>/dev/null")
strange=0
for _ in $(seq 30); do
  run "$sigpolicy" verify --policy any.json --format jsonl oci:busy
  case "$digests " in *" $status $(jq -r .digest <<<"$out") "*) ;; *) strange=$((strange + 1)) ;; esac
done
is "$strange" 0 "a layout that changes while it is read"

# Size costs no memory, and a bomb no more than the time that there is.
kilobytes() { command time -o peak -f %M "$@" >/dev/null 2>&1; tail -n 1 peak; }
large=$(sed -n 's/^oci-archive: ten gigabytes[^|]*|\([^|]*\)|.*/\1/p' rows)
least=$(kilobytes "$sigpolicy" verify --policy any.json oci-archive:oci.tar)
check "an archive of ten gigabytes takes no more memory than a small one" \
  [ "$(kilobytes "$sigpolicy" verify --policy any.json "$large")" -lt $((least + 4096)) ]
bomb=$(sed -n 's/^oci-archive: a bomb|\([^|]*\)|.*/\1/p' rows)
run command time -o peak -f %M "$sigpolicy" verify --policy any.json --command-timeout 1s "$bomb"
exits 6 "a bomb takes the time that there is"
check "and no more memory" [ "$(tail -n 1 peak)" -lt $((least + 4096)) ]
nothing_left archives

# --- what Go's reader made of generated archives ---

# Repeated with more: SEEDS=50000 takes the answers to them in $ANSWERS (tests/cli/tars.py says how they are made).
answers=${ANSWERS:-${top_srcdir:-.}/tests/fixtures/archives/answers} seeds=${SEEDS:-2000} same=pass
mkdir "$work/tars"
for ((first = 0; first < seeds; first += 2000)); do
  rm -rf "$work/tars"/*
  python3 "${top_srcdir:-.}/tests/cli/tars.py" make "$work/tars" "$first" 2000 >list
  "$sigpolicy" verify --policy any.json --batch list --format jsonl >ours 2>/dev/null
  said=$(python3 "${top_srcdir:-.}/tests/cli/tars.py" compare "$answers" "$first" 2000 <ours) || { same=fail; break; }
done
$same "the image of a generated archive is the one that Go's reader finds, or none" "$said"

# --- and of generated JSON in layouts and docker archives ---
rm -rf "$work/tars"/*
PYTHONDONTWRITEBYTECODE=1 python3 "${top_srcdir:-.}/tests/cli/layouts.py" make "$work/tars" 0 300 >list
"$sigpolicy" verify --policy any.json --override-arch amd64 --override-os linux --batch list --format jsonl >ours 2>/dev/null
said=$(PYTHONDONTWRITEBYTECODE=1 python3 "${top_srcdir:-.}/tests/cli/layouts.py" compare "${top_srcdir:-.}/tests/fixtures/archives/layouts" 0 300 <ours) && same=pass || same=fail
$same "the image of a generated layout is the one that Go's library chooses, or none" "$said"
