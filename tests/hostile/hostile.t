#!/bin/bash
# Control characters, newlines, bidirectional marks and invalid UTF-8 in every string that an attacker may choose: see hostile.py.
. "${top_srcdir:-.}/tests/cli/lib.sh"
trap tidy EXIT
make_key gnupg alice
GNUPGHOME=$work/gnupg gpg --batch --quiet --pinentry-mode loopback --passphrase '' \
  --quick-gen-key "$(printf 'mallory \u202eFORGED\u2066 <m@example.com>')" ed25519 sign never 2>/dev/null
GNUPGHOME=$work/gnupg gpg --batch --quiet --export m@example.com >"$work/mallory.gpg"
make_image "$work/image"
export GNUPGHOME=$work/gnupg
python3 "${top_srcdir:-.}/tests/hostile/hostile.py" "$sigpolicy" "$(realpath "${top_srcdir:-.}")" "$work"
