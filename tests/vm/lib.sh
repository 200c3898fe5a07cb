# shellcheck shell=sh disable=SC2154
# What the tests of a guest share. The one who sources this sets $runtime and $work.

passed=0
failed=0
skipped=0
problems=
skip=
known=

# make_bundle: $work/bundle without its config.json, a busybox for a root file system
make_bundle()
{
	mkdir -p "$work/bundle/rootfs/bin" "$work/bundle/rootfs/proc" "$work/bundle/rootfs/dev" \
		"$work/bundle/rootfs/mnt" "$work/root"
	cp /bin/busybox "$work/bundle/rootfs/bin/"
	for applet in sh sleep dd mknod touch true cat; do
		ln -s busybox "$work/bundle/rootfs/bin/$applet"
	done
}

rt()
{
	# A runtime that hangs must not take the whole guest's time.
	timeout -k 5 60 "$runtime" --root "$work/root" "$@"
}

note()
{
	problems="$problems    $*
"
}

# expect WHAT ACTUAL PATTERN
expect()
{
	# shellcheck disable=SC2254 # a pattern is meant
	case $2 in
	$3) ;;
	*) note "$1 is '$2', not '$3'" ;;
	esac
}

# For tests of what other runtimes do otherwise.
only_rt()
{
	case ${runtime##*/} in
	rt) return 0 ;;
	esac
	skip="peer: $*"
	return 1
}

# peer_fails NAME REASON: what was found out about another runtime. A note that is not true any more is
# told.
peer_fails()
{
	[ "${runtime##*/}" != "$1" ] || known=$2
}

# frozen_disk DIR: a file system on which every write waits in state D, until thaw_disk DIR; mount_disk
# DIR: the bundle has it on /mnt
frozen_disk()
{
	mkdir -p "$1"
	truncate -s 8M "$1.image"
	mkfs.ext4 -q -F "$1.image"
	mount -o loop "$1.image" "$1"
	fsfreeze --freeze "$1" || note "no file system to freeze"
}

mount_disk()
{
	jq --arg dir "$1" '.mounts += [{destination: "/mnt", type: "bind", source: $dir,
		options: ["bind"]}]' "$work/bundle/config.json" >"$work/with_disk.json"
	mv "$work/with_disk.json" "$work/bundle/config.json"
}

thaw_disk()
{
	fsfreeze --unfreeze "$1"
	umount "$1"
}

# await FILE PATTERN: until the file has a line like it; at most ten seconds
await()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		grep -q "$2" "$1" && return
		sleep 0.5
	done
	note "$1 has no line '$2'"
}

# run_tests FILE [NAME]...: the functions test_NAME of the file, all without a name; then the counts
run_tests()
{
	tests=$(sed -n 's/^test_\([a-z_]*\)()$/\1/p' "$1")
	shift
	# shellcheck disable=SC2086 # a list of names
	[ $# -gt 0 ] || set -- $tests
	for name; do
		problems=
		skip=
		known=
		began=$(date +%s)
		"test_$name"
		took=$(($(date +%s) - began))
		if [ -n "$known" ] && [ -z "$problems" ]; then
			note "it passes, but was said to fail: $known"
		elif [ -n "$known" ]; then
			skip="peer: $known"
		fi
		if [ -n "$skip" ]; then
			skipped=$((skipped + 1))
			echo "skipped $name ($skip)"
		elif [ -z "$problems" ]; then
			passed=$((passed + 1))
			echo "ok      $name ($took s)"
		else
			failed=$((failed + 1))
			printf 'FAILED  %s (%s s)\n%s' "$name" "$took" "$problems"
		fi
	done
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed -eq 0 ]
}
