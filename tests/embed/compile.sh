#!/bin/sh
# The example of docs/embedding.md is what is compiled here, as strict C89 and as C++, and it runs.
set -u
passed=0 failed=0 skipped=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
strict="-Wall -Wextra -Wpedantic -Werror -I $RT_SRCDIR/lib"
link="-L $RT_BUILDDIR/lib -locirt -Wl,-rpath,$RT_BUILDDIR/lib"

# try NAME COMMAND...: count it
try() {
	what=$1
	shift
	if "$@" >"$dir/output" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED   $what"
		cat "$dir/output"
	fi
}

# skip NAME REASON
skip() {
	echo "skipped  $1: $2"
	if [ "${RT_TEST_MUST_WORK-}" = 1 ]; then failed=$((failed + 1)); else skipped=$((skipped + 1)); fi
}

# The text between the fences of docs/embedding.md.
quoted_example() {
	awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$RT_SRCDIR/docs/embedding.md" |
		diff - "$RT_SRCDIR/tests/embed/example.c"
}

try "docs/embedding.md has the example as it is" quoted_example
# shellcheck disable=SC2086 # options are words
try "example.c is C89" "${CC:-cc}" -std=c89 $strict "$RT_SRCDIR/tests/embed/example.c" $link -o "$dir/example"
try "it says what is wrong" sh -c "'$dir/example' /nonexistent c 2>&1 | grep -q 'code E_BUNDLE'"
if command -v g++ >/dev/null; then
	# shellcheck disable=SC2086
	try "example.c is C++" g++ -x c++ -std=c++98 $strict "$RT_SRCDIR/tests/embed/example.c" -x none $link -o "$dir/example++"
else
	skip "example.c is C++" "no g++"
fi
if command -v pkg-config >/dev/null; then
	try "libocirt.pc" sh -c "PKG_CONFIG_PATH='$RT_BUILDDIR/lib' pkg-config --libs libocirt | grep -q -- -locirt"
else
	skip "libocirt.pc" "no pkg-config"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
