# shellcheck shell=bash
# shellcheck disable=SC2034 # variables of the scripts
# What the engines' scripts are written with. A script defines `need_tools` (the programs without
# which it cannot be), engine_start, engine_stop, and the steps: functions test_NAME, run in their order.

# limited COMMAND...: a program under timeout; a function looks to that itself
limited()
{
	if [ "$(type -t "$1")" = function ]; then
		"$@"
	else
		timeout -k 5 "${patience:-30}" "$@"
	fi
}

# try COMMAND...: $out, $err and $status of it
try()
{
	tried="$*"
	status=0
	limited "$@" >"$world/out" 2>"$world/err" </dev/null || status=$?
	out=$(tr -d '\r\0' <"$world/out")
	err=$(tr -d '\r\0' <"$world/err")
}

# works COMMAND...: it must exit with 0; says so if not
works()
{
	exits 0 "$@"
}

# exits STATUS COMMAND...
exits()
{
	local want=$1

	shift
	try "$@"
	[ "$status" = "$want" ] || note "$tried: status $status, not $want: $out $err"
}

# prints PATTERN: what the last command wrote to its stdout (a shell pattern)
prints()
{
	# shellcheck disable=SC2254 # a pattern is meant
	case $out in
	$1) ;;
	*) note "$tried: printed '$out', not '$1' (stderr: $err)" ;;
	esac
}

# says PATTERN: what it wrote to stdout and stderr
says()
{
	# shellcheck disable=SC2254 # a pattern is meant
	case $out$err in
	$1) ;;
	*) note "$tried: said '$out$err', not '$1'" ;;
	esac
}

# because CAUSE ERROR: what rt says of the cause; the others name the error alone
because()
{
	case $engine_runtime in
	rt) echo "$1" ;;
	*) echo "$2" ;;
	esac
}

# becomes PATTERN COMMAND...: within ten seconds, or $within, that is what it prints
becomes()
{
	local want=$1 end=$((SECONDS + ${within:-10}))

	shift
	while try "$@"; do
		# shellcheck disable=SC2254 # a pattern is meant
		case $out in
		$want) return ;;
		esac
		[ $SECONDS -lt $end ] || { note "$tried: still printed '$out', not '$want' $err"; return; }
		sleep 0.1
	done
}

# equal WHAT ACTUAL EXPECTED
equal()
{
	[ "$2" = "$3" ] || note "$1 is '$2', not '$3'"
}

note()
{
	echo "$*" | tr '\n' ' ' | cut -c1-600 >>"$world/notes"
}

# skip REASON: end the step; not for what the runtime could do something about
skip()
{
	echo "$*" >"$world/skip"
	exit 0
}

# peer COMMAND...: with another runtime, for what may be the machine's or the engine's own limit
peer()
{
	local name

	for name in runc crun; do
		engine_runtime=$name "$@" >"$world/peer.log" 2>&1 && return
	done
	return 1
}

# ended PID: it comes to an end
ended()
{
	within=${within:-20} becomes gone status_of "$1"
}

status_of()
{
	if [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; then
		echo there
	else
		echo gone
	fi
}

# end_daemon PID-FILE
end_daemon()
{
	# dockerd gives its containers 15 seconds, and then its containerd as many
	kill "$(cat "$1")" && within=60 ended "$(cat "$1")"
}

# remove_own_cgroups NAME...: what an engine itself makes and leaves, once its conmons have ended. What
# a runtime left (libpod-ID) stays to be found.
remove_own_cgroups()
{
	local name

	for name; do
		for _ in 1 2 3 4 5; do
			find "/sys/fs/cgroup/$name" -depth -type d ! -name 'libpod-*' -exec rmdir {} +
			[ -d "/sys/fs/cgroup/$name" ] || break
			sleep 0.2
		done
	done
}

has_controller()
{
	grep -qw "$1" /sys/fs/cgroup/cgroup.controllers
}

# with_terminal COMMAND...: on a terminal of its own, where somebody has typed a line and goes on sitting.
# COMMAND's program has to read that line, as $on_terminal does: what conmon 2.1 has not read when it ends
# makes its socket's end a reset, for which podman 4.3 forgets the output without a word. For the same
# reason the input has no end: script would type ^D.
with_terminal()
{
	# shellcheck disable=SC2046 # names
	export -f $(compgen -A function)
	rm -f "$world/keyboard" && mkfifo "$world/keyboard"
	# script runs $SHELL, and dash does not hand exported functions on
	# shellcheck disable=SC2016 # for the shell
	try bash -c 'exec <>"$0" && echo typed >&0 && exec "$@"' "$world/keyboard" env SHELL="$BASH" \
		script -qec "bash -c $(printf '%q ' "$(printf '%q ' "$@")")" /dev/null
}

# Whether CRIU and this kernel know each other. It looks for a minute in an emulated machine, and keeps
# what it found in /run.
can_checkpoint()
{
	command -v criu >/dev/null || skip 'criu is not installed'
	[ -e /run/criu.kdat ] || criu check >/dev/null 2>&1 || :
	[ -e /run/criu.kdat ] || skip "criu does not know kernel $(uname -r)"
}

# What a container counts, and whether a list of numbers has each of them, in order.
# shellcheck disable=SC2016
counting='i=0; while :; do i=$((i + 1)); echo $i; sleep 0.1; done'

is_counted()
{
	[ -z "$(awk '$1 != NR' "$1")" ] || note "$1 misses a number: $(awk '$1 != NR' "$1" | head -n 1)"
}

# For the shell in a container, under with_terminal. It says: typed on a terminal
# shellcheck disable=SC2016
on_terminal='read -r line && test -t 0 && test -t 1 && echo "$line on a terminal"'

# The runtime in a container that `run` makes with these options: it makes one of its own in there.
runs_nested()
{
	local -a options=(--privileged --tmpfs /run:exec --volume "$(realpath "$world/bin/$engine_runtime")":/bin/inner:ro)
	local library

	# shellcheck disable=SC2013 # no blanks in there
	for library in $(ldd "$world/bin/$engine_runtime" | grep -o '/[^ ]*'); do
		options+=(--volume "$(realpath "$library"):$library:ro")
	done
	works run "${options[@]}" "$@" -- sh -ec 'mkdir -p /run/b/rootfs/bin && cd /run/b && cp /bin/busybox rootfs/bin
		inner spec && sed -i "s,\"sh\",\"/bin/busybox\"\\, \"echo\"\\, \"inside\",; s,\"terminal\": true,\"terminal\": false," config.json
		inner run nested && inner list -q'
	prints inside
}

# podman 4.3 with cgroupfs puts a device program that denies everything on the cgroup that it makes for a
# pod, whichever runtime. Before the pod's first container that cgroup is empty, and a hook of podman's own
# removes it: the runtime makes it anew. For podman --hooks-dir "$world/hooks".
free_pods_of_device_program()
{
	mkdir -p "$world/hooks"
	printf '#!/bin/sh\nrmdir /sys/fs/cgroup/libpod_parent/* 2>/dev/null\nexec cat\n' >"$world/bin/free-pods"
	chmod 755 "$world/bin/free-pods"
	printf '{"version": "1.0.0", "hook": {"path": "%s"}, "when": {"always": true}, "stages": ["precreate"]}\n' \
		"$world/bin/free-pods" >"$world/hooks/free-pods.json"
}
