#!/usr/bin/env bash
# rt.1 and the completion scripts name every command, and each option of it, that its help page has;
# docs/errors.md has a page for every error code.
set -u
rt=$RT page=$RT_SRCDIR/man/rt.1
passed=0 failed=0 skipped=0
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT

# check WHERE WORD TEXT: TEXT has WORD, as a word of its own
check() {
	if grep -qwF -e "$2" <<<"$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: \"$2\" is missing"
	fi
}

# options COMMAND...: the long options on a help page
options() {
	"$rt" "$@" --help | sed -n '/ptions:$/,$ s/^  \(-[a-z],\|   \) --\([a-z-]*\).*/\2/p'
}

# section COMMAND: its part of the manual; an empty one: what comes before the commands
section() {
	if [ -n "$1" ]; then
		sed -n "/^\.Ss $1\$/,/^\.S[sh] /p" "$page"
	else
		sed '/^\.Sh COMMANDS/q' "$page"
	fi
}

commands=$("$rt" help | sed -n '/^commands:$/,/^$/ s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 13 ] || { echo "the list of commands is too short: $commands" && failed=1; }
bash=$("$rt" completion bash) zsh=$("$rt" completion zsh) fish=$("$rt" completion fish)

for option in $(options); do
	check "rt.1, global options" "Fl -$option" "$(section '')"
done
for command in $commands; do
	text=$(section "$command")
	check "rt.1" "Ss $command" "$text"
	check "bash completion" "$command" "$bash"
	check "zsh completion" "$command" "$zsh"
	check "fish completion" "-a $command" "$fish"
	[ -n "$(options "$command")" ] || { echo "$command: no options" && failed=$((failed + 1)); }
	for option in $(options "$command"); do
		check "rt.1, $command" "Fl -$option" "$text"
		check "bash completion, $command" "--$option" "$(grep "$command,-\*)" <<<"$bash")"
		check "zsh completion, $command" "--$option" "$(sed -n "/^	$command)/,/;;/p" <<<"$zsh")"
		check "fish completion, $command" "-l $option" \
			"$(grep "seen_subcommand_from $command'" <<<"$fish")"
	done
done

# What the manual has and rt has not.
sed -n '/^\.Sh COMMANDS/,/^\.Sh ENV/ s/^\.Ss //p' "$page" >"$tmp"
while read -r command; do
	check "rt help, which rt.1 has" "$command" "$commands"
	for option in $(section "$command" | grep -o '^\.Op Fl -[a-z-]*' | sed 's/^.Op Fl -//'); do
		check "rt $command --help, which rt.1 has" "$option" "$(options "$command")"
	done
done <"$tmp"

codes=$(grep -o '"E_[A-Z_]*"' "$RT_SRCDIR/lib/base/errcode.h" | tr -d '"')
[ "$(wc -w <<<"$codes")" -ge 32 ] || { echo "the list of codes is too short: $codes" && failed=1; }
for code in $codes; do
	check "rt explain $code" "$code" "$("$rt" explain "$code" 2>&1 | head -n1)"
done
pages=$(sed -n 's/^## //p' "$RT_SRCDIR/docs/errors.md")
for code in $pages; do
	check "errcode.h, which docs/errors.md has" "$code" "$codes"
done

# The scripts are ones for their shells.
for shell in bash zsh fish; do
	if ! command -v "$shell" >/dev/null; then
		echo "$shell is not installed: the syntax of its completion script is not checked"
		skipped=$((skipped + 1))
	elif "$rt" completion "$shell" >"$tmp" && "$shell" -n "$tmp"; then
		passed=$((passed + 1))
	else
		echo "$shell completion: not a script that $shell understands"
		failed=$((failed + 1))
	fi
done

[ -z "${RT_TEST_MUST_WORK:-}" ] || failed=$((failed + skipped))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
