#!/bin/bash
# What bash, fish and zsh complete: they ask the command what may stand where, and are held against what it takes.
. "${top_srcdir:-.}/tests/cli/lib.sh"
source=$(realpath "${top_srcdir:-.}")
completion=$source/contrib/completion
asked=$work/asked
mkdir "$asked"
cd "$work" || exit 1

# --- the code ---
mapfile -t verbs < <(grep -ohE '^  \{ "[a-z0-9-]+",' "$source/src/cli/verbs.c" | cut -d'"' -f2)
mapfile -t options < <(grep -oE '^  \{ "[a-z0-9.-]+", [^ ]+, [A-Z_]+, ' "$source/src/cli/option_table.c" | grep -v IGNORED_ | cut -d'"' -f2 | sort -u)
# The shells ask the command that is on the path.
mkdir "$work/bin"
ln -s "$sigpolicy" "$work/bin/sigpolicy"
PATH=$work/bin:$PATH
grep -ohE '^ *\[SP_TRANSPORT_[A-Z_]+\] = \{ "[a-z-]+"' "$source/src/libsigpolicy/reference/image_name.c" |
  cut -d'"' -f2 | sort >"$work/transports"
check "the command is there, and the code has verbs, options and transports" test -x "$sigpolicy" -a "${#verbs[@]}" -gt 5 -a "${#options[@]}" -gt 20 -a -s "$work/transports"

# takes VERB...: "--name" for each option, "--name=" where it needs a value. No verb: what may stand before one.
valued=" $(grep -oE '^  \{ "[a-z0-9.-]+", [^ ]+, (TEXT|LIST), ' "$source/src/cli/option_table.c" | cut -d'"' -f2 | tr '\n' ' ')"
takes() {
  local option
  "$sigpolicy" __complete "$@" -- | cut -f1 -s | while IFS= read -r option; do
    if [[ $valued == *" ${option#--} "* ]]; then echo "$option="; else echo "$option"; fi
  done | sort
}
for verb in "${verbs[@]}"; do takes "$verb" >"$work/takes.$verb"; done
takes >"$work/takes."
# The command takes what it offers, and nothing else.
parsed() {
  local option
  for option in "${options[@]}"; do
    run "$sigpolicy" verify "--$option=0" --help
    [[ $err == *"unknown option"* ]] || echo "--$option"
  done
}
is "$(parsed | sort)" "$(sed 's/=$//' "$work/takes.verify" | sort)" "what is offered is what is taken"
# An option takes the word behind it, or leaves it.
behind=$("$sigpolicy" __complete verify '')
values_are_taken() {
  local option
  while IFS= read -r option; do
    case $option in
      *=) [ "$("$sigpolicy" __complete verify "${option%=}" x '')" = "$behind" ] || echo "$option leaves its value" ;;
      *) [ "$("$sigpolicy" __complete verify "$option" '')" = "$behind" ] || echo "$option takes a value" ;;
    esac
  done <"$work/takes.verify"
}
is "$(values_are_taken)" "" "what takes a value"
run "$sigpolicy" verify --format '' dir:image
# "--format takes text, json or jsonl, not ''"
formats=$(sed -n "s/.*--format takes \(.*\), not ''.*/\1/p; q" <<<"$err" | sed 's/, \| or /\n/g' | sort)
check "the command names its formats" grep -qx json <<<"$formats"

# --- the questions: a command line each, up to the cursor ---
mkdir image other
touch manifest.json policy.json image.tar
{
  echo 'sigpolicy '
  echo 'sigpolicy --'
  for verb in "${verbs[@]}"; do
    printf 'sigpolicy %s %s\n' "$verb" '' "$verb" --
  done
  cat <<'END_OF_QUESTIONS'
sigpolicy verify --format 
sigpolicy verify --debug do
sigpolicy --policy 
sigpolicy --policy x 
sigpolicy --debug veri
sigpolicy verify do
sigpolicy verify dir:im
sigpolicy verify -- dir:im
sigpolicy verify dir:image dir:oth
sigpolicy verify docker-archive:im
sigpolicy verify docker://quay.io/
sigpolicy explain docker://quay.io/ns/app:v1 
sigpolicy verify --policy pol
sigpolicy verify --policy=pol
sigpolicy verify --signature-dir ima
sigpolicy verify --as doc
sigpolicy manifest-digest man
sigpolicy standalone-verify man
sigpolicy standalone-verify m.json n 
sigpolicy standalone-verify m.json n f man
sigpolicy run dir:image sigpolicy expl
sigpolicy run --as docker://quay.io/ns/app:v1 dir:image -- sigpolicy expl
sigpolicy run --manifest manifest.json sigpolicy manifest-digest man
sigpolicy run --manifest=manifest.json -- sigpolicy expl
sigpolicy run dir:image sigpolicy manifest-digest --over
sigpolicy help tr
sigpolicy trust set --pki-h
sigpolicy trust init --pki-h
sigpolicy audit --disable scope-path-f
sigpolicy trust unset def
END_OF_QUESTIONS
} | sort -u >"$work/questions"

# number QUESTION; answers are in $asked/SHELL.NUMBER, sorted.
number() { grep -nxF -- "$1" "$work/questions" | cut -d: -f1; }
answers() { cat "$asked/$shell.$(number "$1")"; }

# A transport before a path is part of the word or not, as the shell ends its words; so is the slash behind a directory.
completes() { # QUESTION ANSWER...
  local question=$1 want; shift
  want=$([ $# -eq 0 ] || printf '%s\n' "$@" | sort)
  is "$(answers "$question" | sed -E 's,^(dir|docker-archive):(.),\2,; s,^--policy=,,; s,([^/])/$,\1,' | sort)" "$want" "$shell: $question"
}
# list NAME WANT HAVE: two files have the same lines; the difference is shown.
list() { local name=$1; shift; if diff -- "$1" "$2" >difference; then pass "$shell: $name"; else fail "$shell: $name" "$(cat difference)"; fi; }
differ() { ! cmp -s "$asked/$shell.$(number "$1")" "$asked/$shell.$(number "$2")"; }

hold() {
  local verb
  completes 'sigpolicy ' "${verbs[@]}"
  list "the options before the verb" <(sed 's/=$//' "$work/takes." | sort) <(answers 'sigpolicy --')
  for verb in "${verbs[@]}"; do
    list "the options of $verb" <(sed 's/=$//' "$work/takes.$verb" | sort) <(answers "sigpolicy $verb --")
  done
  list "the transports" "$work/transports" <(answers 'sigpolicy verify ' | sed -E 's,:(//)?$,,' | sort)
  is "$(answers 'sigpolicy verify --format ')" "$formats" "$shell: the formats"
  check "$shell: no verb where the value of an option stands" differ 'sigpolicy ' 'sigpolicy --policy '
  completes 'sigpolicy --policy x ' "${verbs[@]}"
  completes 'sigpolicy --debug veri' verify verify-bundle
  completes 'sigpolicy verify --debug do' docker:// docker-archive: docker-daemon:
  completes 'sigpolicy verify do' docker:// docker-archive: docker-daemon:
  completes 'sigpolicy verify dir:im' image
  completes 'sigpolicy verify -- dir:im' image
  completes 'sigpolicy verify dir:image dir:oth' other
  completes 'sigpolicy verify docker-archive:im' image image.tar
  completes 'sigpolicy verify docker://quay.io/'
  completes 'sigpolicy explain docker://quay.io/ns/app:v1 '
  completes 'sigpolicy verify --policy pol' policy.json
  completes 'sigpolicy verify --policy=pol' policy.json
  completes 'sigpolicy verify --signature-dir ima' image
  completes 'sigpolicy verify --as doc' docker://
  completes 'sigpolicy manifest-digest man' manifest.json
  completes 'sigpolicy standalone-verify man' manifest.json
  completes 'sigpolicy standalone-verify m.json n '
  completes 'sigpolicy standalone-verify m.json n f man' manifest.json
  completes 'sigpolicy run dir:image sigpolicy expl' explain
  completes 'sigpolicy run --as docker://quay.io/ns/app:v1 dir:image -- sigpolicy expl' explain
  completes 'sigpolicy run --manifest manifest.json sigpolicy manifest-digest man' manifest.json
  completes 'sigpolicy run --manifest=manifest.json -- sigpolicy expl' explain
  completes 'sigpolicy help tr' trust
  completes 'sigpolicy trust set --pki-h' --pki-hostname
  completes 'sigpolicy trust init --pki-h'
  completes 'sigpolicy audit --disable scope-path-f' scope-path-form
  completes 'sigpolicy trust unset def' default
  completes 'sigpolicy run dir:image sigpolicy manifest-digest --over' --override-arch --override-os --override-variant
}

# --- bash ---
shell=bash
framework=$(pkg-config --variable=datadir bash-completion 2>/dev/null || echo /usr/share)/bash-completion/bash_completion
if [ ! -f "$framework" ]; then pass "bash # SKIP no bash-completion"
else
  cat >ask.bash <<'END_OF_BASH'
source "$1"
source "$2"
# Readline's own affair.
compopt() { :; }
n=0
while IFS= read -r COMP_LINE; do
  n=$((n + 1))
  # Words end at blanks, and as readline has it, at colons and equals signs, which are words of their own.
  COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
  read -r -a COMP_WORDS < <(sed -E 's/[:=]+/ & /g' <<<"$COMP_LINE")
  [[ $COMP_LINE == *[:=\ ] ]] && COMP_WORDS+=('')
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9 COMPREPLY=()
  _sigpolicy sigpolicy "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
  [ "${#COMPREPLY[@]}" -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort >"$3.$n"
  touch "$3.$n"
done
END_OF_BASH
  run bash --norc --noprofile ask.bash "$framework" "$completion/sigpolicy" "$asked/bash" <questions
  exits 0 "bash: the questions are answered"
  is "$err" "" "bash: nothing is complained of"
  hold
fi

# --- fish ---
shell=fish
if ! command -v fish >/dev/null; then pass "fish # SKIP no fish"
else
  check "fish: the syntax" fish --no-execute "$completion/sigpolicy.fish"
  cat >ask.fish <<'END_OF_FISH'
source $argv[1]
set n 0
while read -l line
  set n (math $n + 1)
  complete -C "$line" | string replace -r '\t.*' '' | sort > $argv[2].$n
end
END_OF_FISH
  run fish --no-config ask.fish "$completion/sigpolicy.fish" "$asked/fish" <questions
  exits 0 "fish: the questions are answered"
  is "$err" "" "fish: nothing is complained of"
  hold
fi

# --- zsh ---
shell=zsh
if ! command -v zsh >/dev/null; then pass "zsh # SKIP no zsh"
else
  check "zsh: the syntax" zsh -n "$completion/_sigpolicy"
  # It completes on a terminal alone: one zsh holds the terminal of another, and says the lines to it. What would be offered
  # is printed between two marks, instead of being offered.
  cat >inner.zsh <<'END_OF_ZSH'
fpath=($1 $fpath)
autoload -U compinit && compinit -u -D
LISTMAX=100000 # no question whether a long list is to be seen: it would take what follows for its answer
started() { print -n '\x01BEGIN\n' }
ended() { print -n '\x01END\n'; compprefuncs=(started) comppostfuncs=(ended) }
compprefuncs=(started) comppostfuncs=(ended)
compadd() {
  # To sort matches into arrays is no offer.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a offered
  builtin compadd -A offered "$@"
  (( $#offered == 0 )) || print -rl -- $offered
  builtin compadd "$@"
}
print -n '\x01READY\n'
END_OF_ZSH
  cat >ask.zsh <<'END_OF_ZSH'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= PROMPT2=; unset zle_bracketed_paste; source ./inner.zsh ${(q)1}"
zpty -r shell seen $'*\x01READY*' || exit
while IFS= read -r line; do
  (( ++n ))
  zpty -w -n shell "$line"$'\t'
  zpty -r shell seen $'*\x01BEGIN*\x01END*' || exit
  zpty -w -n shell $'\x15'
  seen=${seen##*$'\x01'BEGIN} seen=${seen%%$'\x01'END*}
  print -r -- ${seen//$'\r'/} | sed '/^$/d' | sort -u >$2.$n
done
zpty -d shell
END_OF_ZSH
  run env TERM=dumb timeout 120 zsh -f ask.zsh "$completion" "$asked/zsh" <questions
  exits 0 "zsh: the questions are answered"
  is "$err" "" "zsh: nothing is complained of"
  hold
fi
