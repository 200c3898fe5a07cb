#!/usr/bin/env bash
# The manual and the completion scripts name every command, and each option of it, that its help page
# has, in the words of the help page; docs/errors.md has a page for every error code.
set -u
rt=$RT man=$RT_SRCDIR/man
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
	"$rt" "$@" --help | sed -n '/ptions:$/,$ s/^  \(-[a-z],\|   \) --\([a-z0-9-]*\).*/\2/p'
}

help=$("$rt" help | sed -n '/^commands:$/,/^$/p')
commands=$(sed -n 's/^  \([a-z]*\) .*/\1/p' <<<"$help")
[ "$(wc -w <<<"$commands")" -ge 13 ] || { echo "the list of commands is too short: $commands" && failed=1; }
bash=$("$rt" completion bash) zsh=$("$rt" completion zsh) fish=$("$rt" completion fish)

for option in $(options); do
	check "rt.1, global options" "Fl -$option" "$(<"$man/rt.1")"
done
for command in $commands; do
	text=$(cat "$man/rt-$command.1")
	check "rt.1" "Xr rt-$command 1" "$(<"$man/rt.1")"
	check "rt-$command.1" "Nd $(sed -n "s/^  $command  *//p" <<<"$help")" "$text"
	check "bash completion" "$command" "$bash"
	check "zsh completion" "$command" "$zsh"
	check "fish completion" "-a $command" "$fish"
	[ -n "$(options "$command")" ] || { echo "$command: no options" && failed=$((failed + 1)); }
	for option in $(options "$command"); do
		check "rt-$command.1" "Fl -$option" "$text"
		check "bash completion, $command" "--$option" "$(grep "$command,-\*)" <<<"$bash")"
		check "zsh completion, $command" "--$option" "$(sed -n "/^	$command)/,/;;/p" <<<"$zsh")"
		check "fish completion, $command" "-l $option" \
			"$(grep "seen_subcommand_from $command'" <<<"$fish")"
	done
done

# What the manual has and rt has not.
for page in "$man"/rt-*.1; do
	command=${page##*/rt-} command=${command%.1}
	check "rt help, which has a page" "$command" "$commands"
	while read -r option; do
		check "rt $command --help, which rt-$command.1 has" "$option" "$(options "$command")"
	done < <(sed -n 's/^\.Op Fl -\([a-z0-9-]*\).*/\1/p' "$page")
done

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
