# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# containerd, by its client ctr: the shim io.containerd.runc.v2 with the runtime as its binary.

need_tools=(containerd containerd-shim-runc-v2 ctr)
export image=localhost/busybox:latest

engine_start()
{
	mkdir -p "$world/containerd"
	cat >"$world/containerd/config.toml" <<-END
	version = 2
	root = "$world/containerd/root"
	state = "$world/containerd/state"
	disabled_plugins = ["io.containerd.grpc.v1.cri"]
	[grpc]
	address = "$world/containerd/socket"
	END
	# `runc` is what the shim calls if it is not told otherwise.
	mkdir -p "$world/default"
	make_binary "$world/default/runc"
	start_daemon
	ctr image import "$world/image.tar"
}

start_daemon()
{
	PATH=$world/default:$PATH command containerd --config "$world/containerd/config.toml" \
		>>"$world/containerd.log" 2>&1 &
	echo $! >"$world/containerd.pid"
	disown # bash is not to tell how it ended
	for _ in {1..100}; do
		ctr version >/dev/null 2>&1 && break
		sleep 0.1
	done
}

kill_daemon()
{
	kill -9 "$(cat "$world/containerd.pid")"
	ended "$(cat "$world/containerd.pid")"
}

# ctr asks for cpu.shares in each container, which a tree without that controller cannot give. There,
# the runtime gets a config without it.
make_binary()
{
	if has_controller cpu; then
		ln -sfn "$world/bin/$engine_runtime" "$1"
		return
	fi
	cat >"$1" <<-END
	#!/bin/bash
	bundle=
	for word; do [ "\$bundle" != next ] || bundle=\$word; [ "\$word" != --bundle ] || bundle=next; done
	[ -z "\$bundle" ] || sed -i 's/,"cpu":{"shares":[0-9]*}//' "\$bundle/config.json"
	exec "$world/bin/$engine_runtime" "\$@"
	END
	chmod 755 "$1"
}

engine_stop()
{
	local task

	for task in $(ctr task list -q); do ctr task kill -s KILL "$task" && ctr task delete "$task"; done
	for task in $(ctr container list -q); do ctr container delete "$task"; done
	end_daemon "$world/containerd.pid"
	rm -rf "$world/containerd"
	rmdir /sys/fs/cgroup/test
}

ctr()
{
	timeout --foreground -k 5 "${patience:-30}" ctr --address "$world/containerd/socket" --namespace test "$@"
}

# run [OPTION...] -- COMMAND...
run()
{
	local -a options=()

	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	ctr run --rm --runc-binary "$world/default/runc" "${options[@]}" $image r "$@"
}

up()
{
	works ctr run --detach --runc-binary "$world/default/runc" "${@:2}" $image "$1" \
		sh -c 'trap "exit 3" TERM; echo started; while :; do sleep 0.1; done'
}

down()
{
	ctr task kill --signal KILL "$1" >/dev/null 2>&1
	becomes '*STOPPED*' ctr task list
	works ctr task delete "$1"
	works ctr container delete "$1"
}

test_run()
{
	works run -- echo hello
	prints hello
}

test_default_runtime()
{
	works ctr run --rm $image d readlink /proc/self/ns/pid
	[ "$out" != "$(readlink /proc/self/ns/pid)" ] || note 'no namespace of its own'
}

test_exit_status()
{
	exits 7 run -- sh -c 'exit 7'
}

test_standard_input()
{
	out=$(echo text | run -- head -n 1 2>&1)
	equal 'the output of head' "$out" text
}

test_terminal()
{
	with_terminal run --tty -- sh -c "$on_terminal; exit 3"
	equal 'the exit status' "$status" 3
	says '*typed on a terminal*'
}

# Its stdin, stdout and stderr are /dev/null, which containerd opens for reading only.
test_null_io()
{
	exits 7 run --null-io -- sh -c 'cat && echo out && echo err >&2 && exit 7'
	says ''
	works run --null-io -- sh -c 'echo >/dev/stdout && test -c /dev/stderr'
}

test_options()
{
	works run --env A=b --cwd /data -- sh -c 'echo $A; pwd'
	prints $'b\n/data'
	exits 1 run --read-only -- touch /file
	mkdir -p "$world/shared" && echo host >"$world/shared/file"
	works run --mount "type=bind,src=$world/shared,dst=/mnt,options=rbind:ro" -- cat /mnt/file
	prints host
	works run --net-host -- readlink /proc/self/ns/net
	equal 'its network namespace' "$out" "$(readlink /proc/self/ns/net)"
	works run --seccomp -- grep Seccomp: /proc/self/status
	prints '*2'
	works run --no-pivot -- echo hello
	prints hello
}

test_user_namespace()
{
	works run --uidmap 0:100000:1000 --gidmap 0:100000:1000 -- cat /proc/self/uid_map
	prints '*0*100000*1000*'
}

test_task_list()
{
	up c
	works ctr task list
	prints '*c*RUNNING*'
	works ctr task ps c
	prints '*PID*'
	works ctr container info c
	prints '*io.containerd.runc.v2*'
	down c
}

test_exec()
{
	up c
	works ctr task exec --exec-id e c echo inside
	prints inside
	exits 5 ctr task exec --exec-id e c sh -c 'exit 5'
	works ctr task exec --exec-id e --cwd /data --user 1000 c sh -c 'pwd; id -u'
	prints $'/data\n1000'
	with_terminal ctr task exec --exec-id t --tty c sh -c "$on_terminal; exit 4"
	equal 'the exit status' "$status" 4
	says '*typed on a terminal*'
	down c
}

test_attach()
{
	up c
	(sleep 1; ctr task kill --signal TERM c) >/dev/null 2>&1 &
	exits 3 ctr task attach c # and it deletes the task
	wait $!
	works ctr container delete c
}

test_kill()
{
	up c
	works ctr task exec --exec-id e c true
	works ctr task kill --signal TERM c
	becomes '*STOPPED*' ctr task list
	works ctr task delete c
	says '*exit code 3*'
	works ctr container delete c
}

test_kill_all()
{
	up c
	works ctr task kill --all --signal KILL c
	becomes '*STOPPED*' ctr task list
	works ctr task delete c
	says '*exit code 137*'
	works ctr container delete c
}

test_kill_when_stopped()
{
	up c
	works ctr task kill --signal KILL c
	becomes '*STOPPED*' ctr task list
	exits 1 ctr task kill --signal KILL c
	says '*process already finished: not found*'
	works ctr task delete c
	says '*exit code 137*'
	works ctr container delete c
}

test_delete_by_force()
{
	up c
	exits 1 ctr task delete c
	says '*task must be stopped before deletion*'
	works ctr task delete --force c
	says '*exit code 137*'
	works ctr container delete c
}

test_pause()
{
	up c
	works ctr task pause c
	works ctr task list
	prints '*PAUSED*'
	exits 1 ctr task exec --exec-id e c true
	works ctr task resume c
	works ctr task exec --exec-id e c true
	down c
}

test_metrics()
{
	up c
	works ctr task metrics c
	prints '*METRIC*'
	down c
}

test_out_of_memory()
{
	has_controller memory || skip 'the cgroup tree has no memory controller'
	exits 137 run --memory-limit 8388608 -- sh -c 'head -c 64m /dev/zero | tail -c 32m'
	refuses 1 "$(because '*init was killed by signal 9*' '*')" --memory-limit 20480 $image r true
}

test_pid_file()
{
	works ctr run --detach --pid-file "$world/pid" --runc-binary "$world/default/runc" $image c sleep 1000
	[ -d "/proc/$(cat "$world/pid")" ] || note "no process $(cat "$world/pid")"
	down c
}

test_checkpoint()
{
	can_checkpoint
	works ctr run --detach --runc-binary "$world/default/runc" --net-host $image c sh -c \
		"$counting >>/data/count"
	becomes '*[0-9]*' ctr task exec --exec-id e c cat /data/count
	works ctr container checkpoint --rw --image --task c localhost/saved:1
	works ctr task exec --exec-id e c cat /proc/1/comm
	prints sh
	down c
	works ctr container restore --rw --live d localhost/saved:1
	becomes '*RUNNING*' ctr task list
	becomes more count_is_longer d
	ctr task exec --exec-id e d cat /data/count >"$world/count"
	is_counted "$world/count"
	down d
	works ctr image remove localhost/saved:1
}

# count_is_longer CONTAINER: than when it was looked at first
count_is_longer()
{
	[ -e "$world/before" ] || ctr task exec --exec-id e "$1" cat /data/count >"$world/before"
	ctr task exec --exec-id e "$1" cat /data/count | cmp -s "$world/before" && echo same || echo more
}


# A task that could not be started leaves its container, and nothing else.
refuses()
{
	exits "$1" ctr run --runc-binary "$world/default/runc" "${@:3}"
	says "$2"
	works ctr container delete r
}

test_cannot_be_run()
{
	refuses 1 '*executable file not found in $PATH*' $image r nonexistent
	refuses 1 '*/nonexistent*no such file or directory*' $image r /nonexistent
	refuses 1 '*/bad/dir*is a directory*' $image r /bad/dir
	refuses 1 '*/bad/mode*permission denied*' $image r /bad/mode
	refuses 1 '*/bad/mode*not a directory*' --cwd /bad/mode $image r true
	exits 1 ctr run --runc-binary "$world/default/runc" --user nobody-knows $image r true
	ctr container delete r 2>/dev/null
	return 0
}

test_cannot_be_executed()
{
	refuses 1 "$(because '*file is an ELF executable for aarch64*' '*xec format error*')" $image r /bad/machine
	refuses 1 "$(because '*neither an ELF executable nor a script*' '*xec format error*')" $image r /bad/script
	refuses 1 "$(because '*file is empty*' '*xec format error*')" $image r /bad/empty
	refuses 1 "$(because '*interpreter "/nonexistent/sh" not found*' '*o such file or directory*')" \
		$image r /bad/interpreter
	refuses 1 "$(because '*interpreter "/bin/sh\\r" not found*' '*o such file or directory*')" $image r /bad/crlf
}

test_cannot_be_exec()
{
	up c
	exits 1 ctr task exec --exec-id e c nonexistent
	says '*executable file not found in $PATH*'
	exits 1 ctr task exec --exec-id e c /bad/dir
	exits 1 ctr task exec --exec-id e c /bad/mode
	says '*permission denied*'
	exits 1 ctr task exec --exec-id e c /bad/machine
	says '*exec format error*'
	exits 1 ctr task exec --exec-id e --cwd /bad/mode c true
	says '*not a directory*'
	exits 1 ctr task exec --exec-id e --cwd /nonexistent c true
	says '*/nonexistent*no such file or directory*'
	exits 1 ctr task exec --exec-id e --user nobody-knows c true
	down c
}

test_program_killed_behind_its_back()
{
	up c
	works ctr task list
	kill -9 "$(ctr task list | awk '$1 == "c" { print $2 }')"
	becomes '*STOPPED*' ctr task list
	works ctr task delete c
	says '*exit code 137*'
	works ctr container delete c
}

# containerd deletes by the shim's own `delete`, which calls the runtime's delete --force.
test_shim_killed()
{
	local pid

	up c
	pid=$(ctr task list | awk '$1 == "c" { print $2 }')
	ctr task exec --exec-id e c sh -c 'touch /tmp/here; sleep 1000' >/dev/null 2>&1 &
	becomes here ls "/proc/$pid/root/tmp"
	kill -9 "$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")"
	ended "$pid"
	ctr task delete --force c >/dev/null 2>&1
	works ctr container delete c
	nothing_known
}

# shims: their pids; the world has a pid namespace of its own
shims()
{
	local pid

	for pid in $(grep -l '^containerd-shim' /proc/[0-9]*/comm 2>/dev/null | cut -d/ -f3); do
		[ "$(status_of "$pid")" = gone ] || echo "$pid"
	done
}

# Killed sooner or later after it was started: before, in and after the runtime's create.
test_shim_killed_on_the_way()
{
	local delay

	for delay in 0.05 0.1 0.15 0.2 0.3; do
		becomes '' shims # those that clean up behind the last one are not to be killed
		ctr run --detach --runc-binary "$world/default/runc" $image c sleep 1000 >/dev/null 2>&1 &
		becomes '?*' shims
		sleep $delay
		# shellcheck disable=SC2046 # pids
		kill -9 $(shims) 2>/dev/null
		wait $!
		within=20 becomes '' live_tasks
		ctr task delete --force c >/dev/null 2>&1
		try ctr container delete c # it may not have come so far
		nothing_known
	done
}

live_tasks()
{
	ctr task list | grep -E 'RUNNING|CREATED' || :
}

# nothing_known: what the runtime itself lists; the clean-up behind a killed shim takes a moment
nothing_known()
{
	becomes '' the_runtime list --quiet
}

test_daemon_killed()
{
	up c
	ctr task exec --exec-id e c sleep 1000 >/dev/null 2>&1 &
	ctr run --detach --runc-binary "$world/default/runc" $image other sleep 1000 >/dev/null 2>&1 &
	sleep 0.3
	kill_daemon
	start_daemon
	becomes '*c *RUNNING*' ctr task list
	works ctr task exec --exec-id f c echo inside
	prints inside
	ctr task delete --force other >/dev/null 2>&1
	try ctr container delete other
	down c
	# Killed before it wrote down where other's shim listens, containerd takes the shim for dead, and cleans up
	# behind it while it goes on to create the container, whichever runtime.
	delete_forgotten
	nothing_known
}

delete_forgotten()
{
	local id

	for id in $(the_runtime list --quiet); do
		works the_runtime delete --force "$id"
	done
}

# the_runtime ARGUMENT...: with containerd's containers
the_runtime()
{
	"$world/bin/$engine_runtime" --root /run/containerd/runc/test "$@"
}
