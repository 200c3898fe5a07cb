# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# conmon, called as CRI-O and podman call it: what it needs of the runtime, step by step.

need_tools=(conmon jq)

engine_start()
{
	mkdir -p "$world/conmon/rootfs" "$world/conmon/exits" "$world/state"
	tar -xf "$world/rootfs.tar" -C "$world/conmon/rootfs"
	(cd "$world/conmon" && rm -f config.json && "$engine_runtime" spec)
}

engine_stop()
{
	"$engine_runtime" --root "$world/state" delete --force c
	rm -rf "$world/conmon" "$world/state"
}

# create JQ-FILTER [OPTION...]: as conmon's child; fd 3 is where conmon says the pid, or what went wrong
create()
{
	local filter=$1 dir=$world/conmon

	shift
	jq ".process.terminal = false | del(.linux.resources) | .linux.cgroupsPath = \"/conmon-c\" | $filter" \
		"$dir/config.json" >"$dir/config.new" && mv "$dir/config.new" "$dir/config.json"
	rm -f "$dir"/{log,pid,conmon.pid,sync} "$dir"/exits/*
	env _OCI_SYNCPIPE=3 timeout 30 conmon --cid c --cuuid "$(printf '%064d' 1)" --name c \
		--runtime "$world/bin/$engine_runtime" --runtime-arg "--root=$world/state" \
		--runtime-arg --log-format=json --runtime-arg --log --runtime-arg "$dir/oci-log" \
		--bundle "$dir" --container-pidfile "$dir/pid" --conmon-pidfile "$dir/conmon.pid" \
		--exit-dir "$dir/exits" --log-path "k8s-file:$dir/log" --socket-dir-path "$dir" "$@" \
		3>"$dir/sync" >"$world/conmon.out" 2>&1 </dev/null
	becomes '?*' cat "$dir/sync"
}

rt()
{
	timeout 30 "$world/bin/$engine_runtime" --root "$world/state" "$@"
}

test_create_and_start()
{
	create '.process.args = ["sh", "-c", "echo out; echo err >&2; exit 6"]'
	works cat "$world/conmon/sync"
	equal "what conmon says" "$out" "{\"pid\": $(cat "$world/conmon/pid")}"
	works rt state c
	prints '*"created"*'
	works rt start c
	becomes 6 cat "$world/conmon/exits/c"
	works cat "$world/conmon/log"
	prints '*stdout F out*'
	says '*stderr F err*'
	works rt delete c
}

test_terminal()
{
	create '.process.terminal = true | .process.args = ["sh", "-c", "test -t 0 && test -t 1 && echo terminal"]' --terminal
	works rt start c
	becomes 0 cat "$world/conmon/exits/c"
	works cat "$world/conmon/log"
	prints '*terminal*'
	works rt delete c
}

test_create_that_fails()
{
	create '.process.terminal = false | .process.args = ["nonexistent"]'
	works cat "$world/conmon/sync"
	prints '*"pid": -1*'
	works jq -r .level "$world/conmon/oci-log"
	prints error
	works jq -r .msg "$world/conmon/oci-log"
	prints '*executable file*not found in $PATH*'
	[ ! -e "$world/conmon/pid" ] || note 'a pid file'
	rm "$world/conmon/oci-log"
}

test_exec()
{
	local dir=$world/conmon

	create '.process.args = ["sleep", "1000"]'
	works rt start c
	jq '.process | .args = ["sh", "-c", "echo inside; exit 5"]' "$dir/config.json" >"$dir/process.json"
	env _OCI_SYNCPIPE=3 timeout 30 conmon --cid c --cuuid "$(printf '%064d' 1)" --exec \
		--exec-process-spec "$dir/process.json" \
		--runtime "$world/bin/$engine_runtime" --runtime-arg "--root=$world/state" --bundle "$dir" \
		--container-pidfile "$dir/exec.pid" --conmon-pidfile "$dir/exec-conmon.pid" --exit-dir "$dir/exits" \
		--log-path "k8s-file:$dir/exec.log" --socket-dir-path "$dir" 3>"$dir/sync" >"$world/conmon.out" 2>&1 </dev/null
	equal 'what conmon prints' "$(cat "$world/conmon.out")" ''
	becomes '*inside*' cat "$dir/exec.log"
	becomes 5 sh -c "cat $dir/exits/*"
	works rt kill c KILL
	becomes '*137*' sh -c "cat $dir/exits/*"
	works rt delete c
}

# conmon's end must not take the container along: conmon has PDEATHSIG on the runtime.
test_conmon_killed()
{
	local pid

	create '.process.args = ["sleep", "1000"]'
	works rt start c
	pid=$(cat "$world/conmon/pid")
	kill -9 "$(cat "$world/conmon/conmon.pid")"
	sleep 0.3
	[ -d "/proc/$pid" ] || note 'the container ended with conmon'
	works rt delete --force c
	[ ! -d "/proc/$pid" ] || note 'delete --force left its process'
}
