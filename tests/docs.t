#!/bin/bash
# The documents: contrib/check-docs passes and fails where it should, and the examples work as they stand there.
. "${top_srcdir:-.}/tests/cli/lib.sh"
top=$(realpath "${top_srcdir:-.}") build=$(realpath "${top_builddir:-.}")
[ "${PYTHON:-:}" != : ] || PYTHON=python3

# --- the examples, in a directory that has what they name ---
make_key gnupg alice
export GNUPGHOME=$work/gnupg
mkdir "$work/examples" && cd "$work/examples" || exit 1
cp "$top/tests/fixtures/"{manifest.json,alice.gpg,bob.gpg} .
cp "$top/tests/fixtures/good.sig" app.sig
cp "$top/tests/fixtures/other-tag.sig" other.sig
cp "$top/tests/fixtures/sigstore/"{cosign.pub,bundle.json} "$top/tests/fixtures/sigstore-made/"{root.pem,middle.pem,log.pub,certified.sig} .
cp "$top/tests/fixtures/sigstore/by-cosign-cosign.sig" cosign.sig
cp "$top/tests/fixtures/bundles/pages/"* . && cp "$top/tests/fixtures/bundles/artifact.txt" app.tar
cp "$top/tests/fixtures/cosign/"ca.pem . && cp "$top/tests/fixtures/cosign/cosign.pub" release.pub
# bundle_of FORM: what cosign left in a registry.
bundle_of() { jq -j '[to_entries[] | select(.key | contains("/blobs/"))][0].value.base64 | @base64d' "$top/tests/fixtures/cosign/$1.json"; }
bundle_of named >named.sigstore.json; bundle_of certified >certified.sigstore.json
mkdir app registries.d
cp manifest.json app/
cp app.sig app/signature-1
printf 'Directory Transport Version: 1.1\n' >app/version
printf 'docker:\n  registry.example:\n    lookaside: https://sigs.example\n' >registries.d/example.yaml
printf '%s\n' dir:app '{"id": 7, "image": "dir:app", "reference": "docker://registry.example/ns/app:v1"}' 'not a name' >requests.jsonl
cp -r "$top/tests/golden/several-platforms/image" list && chmod -R u+w list
jq '.manifests |= .[:2]' "$top/tests/golden/several-platforms/image/manifest.json" >list/manifest.json
# podman's storage: an image that a container was made of, and one without signatures.
stored() { printf '{"id":"%064d","names":["%s"],"metadata":"{\\"signature-sizes\\":[%s]}"}' "$1" "$2" "$3"; }
container() { printf '{"id":"%064d","names":["%s"],"image":"%064d","metadata":"{\\"image-name\\":\\"%s\\"}"}' "$1" "$2" "$3" "$4"; }
images=$work/store/overlay-images; mkdir -p "$images/$(printf '%064d' 1)" "$images/$(printf '%064d' 2)" "$work/store/overlay-containers"
cp manifest.json "$images/$(printf '%064d' 1)/manifest"; cp app.sig "$images/$(printf '%064d' 1)/signatures"
cp manifest.json "$images/$(printf '%064d' 2)/manifest"
printf '[%s,%s]' "$(stored 1 registry.example/ns/app:v1 "$(stat -c %s app.sig)")" "$(stored 2 registry.example/ns/new:v1 '')" >"$images/images.json"
printf '[%s,%s]' "$(container 3 web 1 registry.example/ns/app:v1)" "$(container 4 job 2 registry.example/ns/new:v1)" >"$work/store/overlay-containers/containers.json"
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/store"\nrunroot = "%s/run"\n' "$work" "$work" >"$work/storage.conf"
export CONTAINERS_STORAGE_CONF=$work/storage.conf
# policy_of REQUIREMENT-LINE...
policy_of() {
  printf '{\n  "default": [{"type": "reject"}],\n  "transports": {\n    "docker": {\n      "registry.example": [\n'
  printf '%s\n' "$@"
  printf '      ]\n    }\n  }\n}\n'
}
policy_of '        {"type": "signedBy", "keyType": "GPGKeys", "keyPath": "alice.gpg"}' >policy.json
policy_of '        {"type": "sigstoreSigned", "keyPath": "cosign.pub",' '         "signedIdentity": {"type": "matchRepository"}}' >cosign.json
policy_of '        {"type": "sigstoreSigned",' '         "fulcio": {"caPath": "root.pem",' \
  '                    "oidcIssuer": "https://issuer.example",' '                    "subjectEmail": "signer@example.com"},' \
  '         "rekorPublicKeyPath": "log.pub"}' >fulcio.json
policy_of '        {"type": "sigstoreSigned",' '         "pki": {"caRootsPath": "root.pem",' \
  '                 "caIntermediatesPath": "middle.pem",' '                 "subjectEmail": "signer@example.com",' \
  '                 "subjectHostname": "build.example.com"}}' >pki.json
policy_of '        {"type": "insecureAcceptAnything"}' >new.json
policy_of '        {"type": "sigstoreSigned", "keyPath": "release.pub"}' >release.json
policy_of '        {"type": "sigstoreSigned",' '         "pki": {"caRootsPath": "ca.pem",' \
  '                 "subjectEmail": "signer@example.com"}}' >ca.json
printf '{"default": [{"type": "insecureAcceptAnything"}]}\n' >open.json
printf '%s\n' 'policy: policy.json' tests: '  - never-unsigned: registry.example/ns' \
  '  - image: docker://registry.example/ns/app:v1' '    expect: rejected' '    reason: no-signature' \
  '  - image: docker://registry.example/ns/app:v1' '    signed: [{key: alice.gpg}]' '    expect: accepted' >policy.test.yaml
printf 'policy-default-accept until=2026-12-31 the registry is isolated until then\n' >suppressions
printf '%s\n' docker://registry.example/ns/app:v1 docker://other.example/ns/app >images.txt
# The signatures are of 2026-01-01, so they are judged as of then; nothing is pulled.
mkdir "$work/bin"
printf '#!/bin/sh\nverb=$1; shift\nexec "%s" "$verb" --clock 2026-06-01T00:00:00Z "$@"\n' "$sigpolicy" >"$work/bin/sigpolicy"
printf '#!/bin/sh\ncase "$1 $2" in "pull registry.example/ns/app@sha256:"*) ;; *) exit 1 ;; esac\n' >"$work/bin/podman"
chmod +x "$work/bin"/*
examples=0
while IFS=$'\t' read -r said detail; do
  examples=$((examples + 1))
  case $said in PASS*) pass "${said#PASS }" ;; *) fail "${said#FAIL }" "$(printf '%b' "${detail//%/%%}")" ;; esac
done < <(PATH=$work/bin:$PATH "$PYTHON" "$top/tests/docs.py" "$top"/man/*.[1-9] "$top/README.md")
[ "$examples" -ge 15 ] && pass "there are examples" || fail "there are $examples examples"
# The runner sees what is wrong.
printf '.Dt WRONG 1\n.Sh EXAMPLES\n.Bd -literal\n$ sigpolicy manifest-digest manifest.json\nsha256:00...\n.Ed\n.\\" script\n.Bd -literal\nsigpolicy manifest-digest none\n.Ed\n.Bd -literal\nwords\n.Ed\n' >wrong.1
is "$(PATH=$work/bin:$PATH "$PYTHON" "$top/tests/docs.py" wrong.1 | cut -d' ' -f1 | paste -sd' ')" "FAIL FAIL FAIL" "an example that does not work is seen"

# --- the program of libsigpolicy(3) ---
make_image "$work/signed"
name=docker://registry.example/ns/app:v1
"$sigpolicy" standalone-sign "$work/signed/manifest.json" "${name#docker://}" alice@example.com -o "$work/signed/signature-1"
mkdir -p "$HOME/.config/containers"
policy '{"type":"signedBy","keyType":"GPGKeys","keyPath":"'"$work"'/alice.gpg"}' >"$HOME/.config/containers/policy.json"
run "$build/tests/docs-program" "dir:$work/signed" $name
exits 0 "the program of libsigpolicy(3) accepts a signed image"
is "$out" "registry.example/ns/app@$(digest_of "$work/signed/manifest.json")" "and prints what to go on with"
run "$build/tests/docs-program" "dir:$work/signed" ${name%1}2
exits 1 "it rejects another name"
complains "identity-mismatch" "and says why"
run "$build/tests/docs-program" "dir:$work/none" $name
exits 1 "it rejects an image that is not there"
rm "$HOME/.config/containers/policy.json"

# The other one is that of the examples, which examples.t builds and runs.
is "$(sed -n '/^\.\\" who-signed\.c$/,/^\.Ed$/p' "$top/man/libsigpolicy.3" | sed '1,2d;$d' | sed 's/\\e/\\/g')" \
  "$(sed -n '/^#include <sigpolicy/,$p' "$top/contrib/examples/who-signed.c")" "libsigpolicy(3) has who-signed.c as it is"

# --- check-docs, and what it must see ---
while IFS= read -r line; do
  case $line in
    'ok '*) pass "check-docs: ${line#ok * - }" ;;
    'not ok '*) fail "check-docs: ${line#not ok * - }" ;;
    '# '*) echo "$line" ;;
  esac
done < <("$top/contrib/check-docs" --program "$sigpolicy")

# These twins are about texts: a further build of contrib/check has nothing to add.
if [ -n "${SIGPOLICY_TESTS_AGAIN-}" ]; then nothing_left docs; exit; fi
copy=$work/copy
mkdir "$copy"
cp -r "$top"/{man,contrib,policy,src,README.md,SECURITY.md,LICENSE} "$copy/" && chmod -R u+w "$copy"
ln -s "$top/tests" "$copy/tests"

# twin PATTERN WHAT FILE SED: after this change of a copy, the checks that PATTERN selects fail.
twin() {
  local said
  cp "$copy/$3" "$work/before"
  sed -i -E "$4" "$copy/$3"
  if cmp -s "$copy/$3" "$work/before"; then fail "twin: $2" "the change changes nothing"
  else
    said=$("$copy/contrib/check-docs" --program "$sigpolicy" "$1" 2>&1)
    case $said in *"not ok "*) pass "twin: $2" ;; *) fail "twin: $2" "$said" ;; esac
  fi
  cp "$work/before" "$copy/$3"
}
# help_twin WHAT SED: after this change of what --help says, its checks fail.
help_twin() {
  local said
  printf '#!/bin/sh\n"%s" "$@" | sed -E '\''%s'\''\n' "$sigpolicy" "$2" >"$work/program"
  chmod +x "$work/program"
  said=$("$copy/contrib/check-docs" --program "$work/program" -- --help 2>&1)
  case $said in *"not ok "*) pass "twin: $1" ;; *) fail "twin: $1" "$said" ;; esac
}
said=$("$copy/contrib/check-docs" --program "$sigpolicy" 2>&1)
case $said in *"not ok "* | '') fail "an unchanged copy passes" "$said" ;; *1..*) pass "an unchanged copy passes" ;; esac

for verb in verify signatures; do
  twin "verb's page" "$verb loses an option's item" man/sigpolicy-$verb.1 '/^\.It Fl Fl signature-dir/d'
done
twin "verb's page" "an item for an option that there is not" man/sigpolicy-verify.1 's/^\.It Fl Fl print-ref/.It Fl Fl print-name , Fl Fl print-ref/'
twin "verb's page" "an item for an option of another verb" man/sigpolicy-explain.1 's/^(\.It Fl Fl format.*)/.It Fl Fl warn-only\n\1/'
twin "verb's page" "an option without its value" man/sigpolicy-verify.1 's/^(\.It Fl Fl manifest) Ar file/\1/'
twin "verb's page" "a switch with a value" man/sigpolicy-verify.1 's/^(\.It Fl Fl warn-only)/\1 Ar when/'
twin "verb's page" "a letter is lost" man/sigpolicy-standalone-sign.1 's/^\.It Fl o Ar signature , /.It /'
twin "verb's page" "the code gains an option" src/cli/option_table.c 's/^  \{ "print-ref", .*/  { "print-name", 0, SWITCH, NULL, NULL, V_VERIFY, AT (print_ref), "" },\n&/'
twin "verb's page" "the code loses an option" src/cli/option_table.c '/^  \{ "signature-dir"/,/\},$/d'
twin "verb's page" "an option is of one verb more" src/cli/option_table.c '/"print-ref"/s/V_VERIFY/V_VERIFY | V_EXPLAIN/'
twin "every verb takes" "sigpolicy(1) loses an option" man/sigpolicy.1 '/^\.It Fl Fl clock/d'
twin "every verb takes" "the code gains an option of every verb" src/cli/option_table.c 's/^  \{ "offline", .*/  { "online", 0, SWITCH, NULL, NULL, V_EVERY, AT (offline), "" },\n&/'
twin "has a page" "the code gains a verb" src/cli/verbs.c 's/^  \{ "explain",/  { "bless", cmd_explain, V_EXPLAIN, false, "", "", "", NULL, "", { 0 } },\n&/'
twin "sections" "a page loses its examples" man/sigpolicy-run.1 's/^\.Sh EXAMPLES/.Sh SAMPLES/'
twin "sections" "a page that sigpolicy(1) does not know" man/sigpolicy.1 '/^\.Xr sigpolicy-run 1 ,$/d'
twin "verbs of the code" "sigpolicy(1) loses a verb" man/sigpolicy.1 '/^\.It Cm explain/d'
twin "an option that there is not" "a page's text names another option" man/sigpolicy-verify.1 's/^(Print the digest reference.*)/.Fl Fl print-name\n\1/'
twin "an option that there is not" "an example uses another option" man/sigpolicy-verify.1 's/--print-ref/--print-name/'
twin "an option that there is not" "the README uses another option" README.md 's/--print-ref/--print-name/'
twin "environment" "a variable more is read" src/libsigpolicy/openpgp/home.c 's/getenv \("TMPDIR"\)/getenv ("TEMP")/'
twin "exit statuses" "an exit status is lost" man/sigpolicy.1 '/^\.It 5$/d'
twin "reasons" "a reason is lost" man/sigpolicy-verdict.5 '/^\.It revoked$/d'
twin "reasons" "the code gains a reason" src/libsigpolicy/util/error.c 's/"revoked"/"withdrawn"/'
twin "SECURITY.md has the ceilings" "a ceiling is lost" SECURITY.md '/SP_SIGNATURES_MAX/d'
twin "SECURITY.md has the ceilings" "a ceiling is another" src/libsigpolicy/util/limits.h 's/(SP_SIGNATURES_MAX +)127/\1128/'
twin "SECURITY.md has the ceilings" "the code gains a ceiling" src/libsigpolicy/util/limits.h 's/^#define SP_KEYS_MAX .*/&\n#define SP_MORE_MAX 1UL/'
twin "sigpolicy.1. has the ceilings" "a ceiling of sigpolicy(1) is another" man/sigpolicy.1 's/^(\.It signatures of an image Ta) 127/\1 128/'
twin "stricter" "a stricter check stands twice" SECURITY.md 's/^\| S3 .*/&\n&/'
twin "stricter" "a stricter check is lost" SECURITY.md '/^\| S3 /d'
twin "stricter" "the code gains a stricter check" src/libsigpolicy/openpgp/verify.c 's/sp_error_stricter \(err, "S1"\)/sp_error_stricter (err, "S2")/'
twin "public function" "a function is lost" man/libsigpolicy.3 '/^\.It Fn sigpolicy_evaluate$/d'
twin "public function" "the library gains a function" src/libsigpolicy/libsigpolicy.map 's/^( *)sigpolicy_evaluate;/\1sigpolicy_evaluate;\n\1sigpolicy_guess;/'
twin "public function" "a function without a comment" src/include/sigpolicy/evaluate.h 's/^( *)SIGPOLICY_PUBLIC void sigpolicy_request_free/\n&/'
twin "refers to" "a page that is not there" man/sigpolicy.1 's/^\.Xr sigpolicy-verify 1/.Xr sigpolicy-check 1/'
twin "installed" "a page is not installed" man/build.am '/sigpolicy-explain\.1/d'
command -v mandoc >/dev/null && twin "mandoc" "a macro that there is not" man/sigpolicy.1 's/^\.Sh SEE ALSO/.Zz nothing\n&/'
command -v man >/dev/null && command -v groff >/dev/null && twin "groff" "a request that there is not" man/sigpolicy.1 's/^\.Sh SEE ALSO/.zz nothing\n&/'
twin "paths" "a document names a file that is not there" src/README.md 's/^# .*/&\n\n`src\/cli\/nowhere.c`/'
twin "paths" "the README names a command that is not there" README.md 's,^    contrib/check ,    contrib/examine ,'
twin "not built" "something was built" man/sigpolicy.1 's/^\.Sh SEE ALSO/.\\" not yet: "cannot be read by this version"\n&/'
twin "not built" "something is refused of which no document tells" src/libsigpolicy/ask/gather.c 's/no manifest was given/no manifest is taken by this version/'
twin "spec-map" "a function is renamed" src/libsigpolicy/model/identity.c 's/^remap \(/map_again (/'
twin "spec-map" "a clause without a function" src/spec-map.md 's/^(\| `reject` rejects every image) \| [^|]* \|/\1 | |/'
twin "spec-map" "a clause without a test" src/spec-map.md 's/^(\| `reject` rejects every image \| [^|]*) \| [^|]* \|/\1 | |/'
twin "spec-map" "a folder that there is not" src/spec-map.md 's,`golden/accepted`,`golden/accepted-by-nobody`,'
twin "spec-map" "a test that there is not" src/spec-map.md 's,`model_identity/remaps`,`model_identity/remakes`,'
twin "spec-map" "a row that there is not" src/spec-map.md 's,"no default","no defaults",'
twin "room" "a room is not drawn" src/README.md 's/openpgp/opengpg/g'
help_twin "--help loses an option" '/--signature-dir/d'
help_twin "--help gains an option" 's/^( *)--print-ref .*/&\n\1--print-name  nothing/'
help_twin "--help loses an option of every verb" '/^ *--clock /d'
help_twin "--help loses a verb" '/^  explain /d'
help_twin "--help loses a value" 's/--manifest FILE/--manifest     /'
nothing_left docs
