#!/bin/bash
# Where an image is asked for, by registries.conf: our endpoints against those that skopeo tries, in its own words. Every
# location is a port of this machine where nobody listens, so each of them is tried.
# shellcheck source=tests/cli/lib.sh
. "${top_srcdir:-.}/tests/cli/lib.sh" || exit 1
command -v skopeo >/dev/null || { echo "1..0 # SKIP no skopeo"; trap - EXIT; exit 0; }
endpoints=$(realpath "${top_builddir:-.}")/tests/endpoints/endpoints
cd "$work" || exit 1
digest=@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

# What skopeo says of one image, as tests/endpoints prints it: a "Trying to access" begins an endpoint, a ping by http shows
# that it is insecure, a last message that has been refused stands in its error.
theirs() { # REFERENCE
  skopeo --debug --insecure-policy --registries-conf main.conf inspect --no-tags "docker://$1" >skopeo.log 2>&1
  awk '
    # Each failure stands behind the name that failed, but for an only one.
    function refusal(name, reason) {
      reason = error
      if (tried > 1) { if (!index(reason, name ": ")) return "ask"; reason = substr(reason, index(reason, name ": ") + length(name) + 2) }
      if (match(reason, /^registry [^ ]+ is blocked in [^ ]+ or [^] \n)]+/)) return substr(reason, 1, RLENGTH)
      if (match(reason, /^Docker references with both a tag and digest are currently not supported/)) return substr(reason, 1, RLENGTH)
      return "ask"
    }
    match($0, /msg=".*"$/) {
      text = substr($0, RSTART + 5, RLENGTH - 6)
      gsub(/\\"/, "\"", text); gsub(/\\n/, "\n", text); gsub(/\\\\/, "\\", text)
      if (text ~ /^Trying to access "/) { name[++tried] = substr(text, 19, length(text) - 19); how[tried] = "secure" }
      else if (text ~ /^Ping http:/) how[tried] = "insecure"
      else if (/level=fatal/) { error = text; sub(/^Error parsing image name "[^"]*": /, "", error) }
    }
    END {
      if (!tried) { sub(/^loading registries configuration: /, "", error); print error }
      for (i = 1; i <= tried; i++) { said = refusal(name[i]); print said, said == "ask" ? how[i] : "-", name[i] }
    }' skopeo.log
}

# Whether what is refused would be insecure is not to be seen.
ours() { # REFERENCE
  "$endpoints" main.conf "$1" | sed -E '/^ask /!s/ (in)?secure ([^ ]+)$/ - \2/'
}

same() { # NAME REFERENCE, with main.conf in place
  local us them
  them=$(theirs "$2"); us=$(ours "$2")
  if [ -n "$us" ] && [ "$us" = "$them" ]; then pass "$1"; else fail "$1" "skopeo:" "$them" "ours:" "$us"; fi
}

# try NAME REFERENCE < main.conf
try() { cat >main.conf; same "$1" "$2"; }

at=127.0.0.1
try "no entry" $at:9/ns/app:v1 </dev/null
try "an entry without rewriting" $at:9/ns/app:v1 <<<"[[registry]]
location = '$at:9'"
try "another location" $at:9/ns/app:v1 <<<"[[registry]]
prefix = '$at:9/ns'
location = '$at:8/other/place'"
try "mirrors, then the entry" $at:9/ns/app:v1 <<<"[[registry]]
location = '$at:9'
[[registry.mirror]]
location = '$at:8/a'
[[registry.mirror]]
location = '$at:7/b'
insecure = true"
try "insecure" $at:9/ns/app:v1 <<<"[[registry]]
location = '$at:9'
insecure = true
[[registry.mirror]]
location = '$at:8'"
for reference in $at:9/ns/app:v1 $at:9/ns/app$digest; do
  try "mirrors for digests: $reference" $reference <<<"[[registry]]
location = '$at:9'
mirror-by-digest-only = true
[[registry.mirror]]
location = '$at:8'"
  try "mirrors for digests, for tags and for all: $reference" $reference <<<"[[registry]]
location = '$at:9'
[[registry.mirror]]
location = '$at:8'
pull-from-mirror = 'digest-only'
[[registry.mirror]]
location = '$at:7'
pull-from-mirror = 'tag-only'
[[registry.mirror]]
location = '$at:5'
pull-from-mirror = 'all'"
done
# Prefixes.
for prefix in $at:9 $at $at:9/ns $at:9/ns/app $at:9/n $at:9/ns/app:v1 $at: 127.0.0 '*.0.0.1' '*.0.1' '*.1' '*.0' '*.127.0.0.1' $at:9/ $at:9/ns//; do
  try "the prefix $prefix" $at:9/ns/app:v1 <<<"[[registry]]
prefix = '$prefix'
location = '127.0.0.2:8/l'"
done
try "a wildcard without a location" $at/ns/app:v1 <<<"[[registry]]
prefix = '*.0.0.1'
[[registry.mirror]]
location = '$at:8/m'"
try "the longest prefix" $at:9/ns/app:v1 <<<"[[registry]]
location = '$at:9'
[[registry]]
prefix = '$at:9/ns'
location = '$at:8'
[[registry]]
prefix = '$at:9/ns/ap'
location = '$at:7'"
try "a prefix twice: the first" $at:9/ns/app:v1 <<<"[[registry]]
prefix = '$at:9'
location = '$at:8'
[[registry]]
prefix = '$at:9'
location = '$at:7'"
# Blocked.
try "blocked" $at:9/ns/app:v1 <<<"[[registry]]
location = '$at:9'
blocked = true"
try "blocked, with a mirror" $at:9/ns/app:v1 <<<"[[registry]]
location = '$at:9/ns'
blocked = true
[[registry.mirror]]
location = '$at:9/other'"
try "blocked, with a mirror that is blocked as well" $at:9/ns/app:v1 <<<"[[registry]]
location = '$at:9'
blocked = true
[[registry.mirror]]
location = '$at:9/other'"
try "blocked, but its location is not" $at:9/ns/app:v1 <<<"[[registry]]
prefix = '$at:9'
location = '$at:8'
blocked = true"
try "not blocked, but its location is" $at:9/ns/app:v1 <<<"[[registry]]
prefix = '$at:9'
location = '$at:8'
[[registry]]
location = '$at:8/ns'
blocked = true"
# Names that come of it.
try "a location with a tag" $at:9/ns$digest <<<"[[registry]]
prefix = '$at:9/ns'
location = '$at:8/x:t'
[[registry.mirror]]
location = '$at:7/y'"
for location in foo foo/bar index.docker.io "$at:8/X" "$at:8/a b" "$at:8/x:t"; do
  try "the location $location" $at:9/ns/app:v1 <<<"[[registry]]
prefix = '$at:9'
location = '$location'"
done
# Version 1.
try "version 1: blocked" $at:9/ns/app:v1 <<<"[registries.block]
registries = ['$at:9']"
try "version 1: insecure" $at:9/ns/app:v1 <<<"[registries.insecure]
registries = ['$at:8', '$at:9/']"
try "version 1: neither" $at:9/ns/app:v1 <<<"[registries.search]
registries = ['$at:8']"
# What is wrong.
while IFS='|' read -r name text; do
  printf '%b' "$text" >main.conf
  same "$name" $at:9/ns/app:v1
done <<'CASES'
a number for a location|[[registry]]\nlocation = 5\n
a word for a switch|[[registry]]\nlocation = 'a.b'\nblocked = 'true'\n
a scheme in a location|[[registry]]\nlocation = 'https://a.b/'\n
a scheme in a prefix|[[registry]]\nlocation = 'a.b'\nprefix = 'http://a.b'\n
a scheme in a mirror|[[registry]]\nlocation = 'a.b'\n[[registry.mirror]]\nlocation = 'http://a.b'\n
neither location nor prefix|[[registry]]\n
no location|[[registry]]\nprefix = 'a.b'\n
a mirror without a location|[[registry]]\nlocation = 'a.b'\n[[registry.mirror]]\n
conflicting insecure|[[registry]]\nlocation = 'a.b'\nprefix = 'c'\n[[registry]]\nlocation = 'a.b'\ninsecure = true\n
conflicting blocked|[[registry]]\nlocation = 'a.b'\nprefix = 'c'\n[[registry]]\nlocation = 'a.b'\nblocked = true\n
pull-from-mirror outside a mirror|[[registry]]\nlocation = 'a.b'\npull-from-mirror = 'all'\n
an unknown pull-from-mirror|[[registry]]\nlocation = 'a.b'\n[[registry.mirror]]\nlocation = 'c.d'\npull-from-mirror = 'digest'\n
both ways to restrict mirrors|[[registry]]\nlocation = 'a.b'\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = 'c.d'\npull-from-mirror = 'all'\n
a wildcard with a port|[[registry]]\nprefix = '*.a.b:5000'\n
a host to search with a path|unqualified-search-registries = ['a.b/c']\n
an empty host to search|unqualified-search-registries = ['']\n
an unknown mode|short-name-mode = 'prompt'\n
an alias with a tag|[aliases]\na = 'q.io/x:1'\n
an alias with a digest|[aliases]\n'a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' = 'q.io/x'\n
an alias without a registry|[aliases]\na = 'x/y'\n
an alias for what has a registry|[aliases]\n'a.b/c' = 'q.io/x'\n
an alias in capitals|[aliases]\nA = 'q.io/x'\n
an alias of nothing|[aliases]\n'' = 'q.io/x'\n
an alias that is no name|[aliases]\na = 'q.io/!'\n
an alias that is a number|[aliases]\na = 1\n
aliases that are no table|aliases = 1\n
an alias that is taken back|[aliases]\na = ''\n
unknown keys of every type|x = 1979-05-27T07:32:00Z\ny = [1.5, {a = 1}]\n[[registry]]\nlocation = 'a.b'\nz.z = inf\n[u]\n
keys in capitals|[[registry]]\nLOCATION = '127.0.0.1:9'\nBlocked = true\n
registries as an array of inline tables|registry = [{location = '127.0.0.1:9', blocked = true, mirror = [{location = '127.0.0.1:8'}]}]\n
version 1 that is no table|registries = 1\n
an empty list of version 1, and version 2|short-name-mode = ''\n[registries.search]\n
CASES
# The user's drop-ins, but not by a link.
mkdir -p home/.config/containers/registries.conf.d/x.conf
printf '[[registry]]\nlocation = "%s:9"\n' $at >main.conf
printf '[[registry]]\nlocation = "%s:9"\nblocked = true\n' $at >home/.config/containers/registries.conf.d/a.conf
same "a drop-in replaces an entry" $at:9/ns/app:v1
printf '[[registry]]\nprefix = "%s:9"\nlocation = "%s:8"\n' $at $at >home/.config/containers/registries.conf.d/b.conf
printf '[[' >home/.config/containers/registries.conf.d/c.conf.off
same "the last drop-in counts" $at:9/ns/app:v1
printf '[registries.block]\nregistries = ["a.b"]\n' >home/.config/containers/registries.conf.d/c.conf
same "a drop-in of version 1" $at:9/ns/app:v1
printf '[[registry]]\nlocation = "https://x"\n' >home/.config/containers/registries.conf.d/c.conf
same "a fault in a drop-in" $at:9/ns/app:v1
mv home/.config/containers/registries.conf.d home/.config/containers/real
ln -s real home/.config/containers/registries.conf.d
same "a directory that is a link is not read" $at:9/ns/app:v1
rm main.conf
same "an explicit file must be there" $at:9/ns/app:v1
nothing_left "endpoints"
