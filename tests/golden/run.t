#!/bin/bash
# One folder per question: argv (one argument a line), policy.json, image/ and registries.d/ where it needs them; expected.out and
# expected.exit are the answer. The key files, the manifest and the signatures of tests/fixtures stand beside them as fixtures/.
# GOLDEN_UPDATE=1 writes the answers anew ("make golden-update"): the diff is the review.
. "${top_srcdir:-.}/tests/cli/lib.sh"
golden=$(realpath "${top_srcdir:-.}")/tests/golden
fixtures=$(realpath "${top_srcdir:-.}")/tests/fixtures

for folder in "$golden"/*/; do
  name=$(basename "$folder")
  rm -rf "$work/question"; cp -r "$folder" "$work/question"
  mapfile -t argv <"$folder/argv"
  # Below --root a link leads elsewhere; otherwise many files are spared.
  case " ${argv[*]} " in *' --root '*) cp -r "$fixtures" "$work/question/fixtures" ;; *) ln -s "$fixtures" "$work/question/fixtures" ;; esac
  chmod -R u+w "$work/question"
  cd "$work/question" || exit 1
  run "$sigpolicy" "${argv[@]}"
  # The registries.conf of this machine, and its drop-ins, are nobody's question, nor is what its kernel confines.
  out=$(printf '%s' "$out" | sed -z 's|,\n *"/etc/containers/registries\.conf[^"]*"||g; s|\n *"sandbox": \[[^]]*\],||g; s|"sandbox":\[[^]]*\],||g')
  if [ -n "${GOLDEN_UPDATE-}" ]; then
    printf '%s\n' "$out" >"$folder/expected.out"
    printf '%s\n' "$status" >"$folder/expected.exit"
  fi
  if [ "$out" = "$(cat "$folder/expected.out")" ] && [ "$status" = "$(cat "$folder/expected.exit")" ]; then pass "$name"
  else fail "$name" "exit $status" "$(diff <(echo "$out") "$folder/expected.out")" "$err"; fi
done
nothing_left golden
