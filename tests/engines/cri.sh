# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# containerd's CRI plugin, called as the kubelet calls it. Debian has no crictl: the few messages are
# put together here (protobuf, in hexadecimal), and curl speaks HTTP/2 with gRPC's five bytes in front.

# shellcheck source=tests/engines/containerd.sh
. "$here/containerd.sh"
need_tools=(containerd containerd-shim-runc-v2 ctr curl)
handler=$(sed -n 's/^handler: //p' "$here/../../contrib/engines/runtimeclass.yaml")

engine_start()
{
	local dir=$world/containerd

	mkdir -p "$dir" "$world/default" "$dir/logs"
	make_binary "$world/default/runc"
	# restrict_oom_score_adj: the machine may lack CAP_SYS_RESOURCE, to lower the pause program's score.
	cat >"$dir/config.toml" <<-END
	version = 2
	root = "$dir/root"
	state = "$dir/state"
	[grpc]
	address = "$dir/socket"
	[plugins."io.containerd.grpc.v1.cri"]
	sandbox_image = "localhost/pause:latest"
	restrict_oom_score_adj = true
	END
	# What an operator would add, with where the runtime is here.
	sed "s,/usr/bin/rt,$world/default/runc,; s/SystemdCgroup = true/SystemdCgroup = false/" \
		"$here/../../contrib/engines/containerd-rt.toml" >>"$dir/config.toml"
	start_daemon
	import_images
}

# The image, and one like it whose program waits: what holds a pod's namespaces.
import_images()
{
	local dir=$world/containerd/pause

	mkdir -p "$dir"
	tar -xf "$world/image.tar" -C "$dir"
	sed -i 's/"Cmd": \["sh"\]/"Cmd": ["sleep", "100000"]/' "$dir/config.json"
	sed -i 's,localhost/busybox,localhost/pause,' "$dir/manifest.json"
	tar -C "$dir" -cf "$dir.tar" .
	ctr --namespace k8s.io image import "$world/image.tar" && ctr --namespace k8s.io image import "$dir.tar"
}

engine_stop()
{
	end_daemon "$world/containerd.pid"
	rm -rf "$world/containerd"
	rmdir /sys/fs/cgroup/k8s.io
}

# ---- protobuf: a field is its number and wire type, and a varint or a length with that many bytes ----

varint()
{
	local n=$1

	while [ "$n" -gt 127 ]; do
		printf %02x $((n & 127 | 128))
		n=$((n >> 7))
	done
	printf %02x "$n"
}

# message FIELD HEX...; text FIELD STRING; number FIELD N
message()
{
	local IFS='' body

	body="${*:2}"
	printf '%s%s%s' "$(varint $(($1 << 3 | 2)))" "$(varint $((${#body} / 2)))" "$body"
}

text()
{
	message "$1" "$(printf %s "$2" | od -An -v -tx1 | tr -d ' \n')"
}

number()
{
	printf '%s%s' "$(varint $(($1 << 3)))" "$(varint "$2")"
}

# call METHOD HEX...: $out is the reply, with what is not text as dots; the gRPC status must be 0
call()
{
	local method=$1 IFS='' body

	body="${*:2}"
	# shellcheck disable=SC2059 # the format is the bytes
	printf "$(printf '00%08x%s' $((${#body} / 2)) "$body" | sed 's/../\\x&/g')" >"$world/request"
	try curl --silent --show-error --max-time 20 --http2-prior-knowledge \
		--unix-socket "$world/containerd/socket" --dump-header "$world/headers" --output "$world/reply" \
		--header 'content-type: application/grpc' --header 'te: trailers' \
		--data-binary "@$world/request" "http://containerd/runtime.v1.RuntimeService/$method"
	out=$(tr -c '[:print:]\n' . <"$world/reply" 2>/dev/null)
	err=$(tr -d '\r' <"$world/headers" | sed -n 's/^grpc-message: //p')
	grep -q '^grpc-status: 0' "$world/headers" || status=1
	tried=$method
}

works_call()
{
	call "$@"
	[ "$status" = 0 ] || note "$1: $err"
}

the_id()
{
	grep -oE '[0-9a-f]{64}' <<<"$out" | head -n 1
}

# pod NAME: PodSandboxConfig; network NODE, as there is no CNI plugin here
pod()
{
	message 1 "$(text 1 "$1")" "$(text 2 "$1-uid")" "$(text 3 default)"
	text 3 "$world/containerd/logs"
	message 8 "$(text 1 /k8s.io)" "$(message 2 "$(message 1 "$(number 1 2)")")"
}

# start_pod [HANDLER]: sets $sandbox
start_pod()
{
	works_call RunPodSandbox "$(message 1 "$(pod p)")" "$(text 2 "${1-$handler}")"
	sandbox=$(the_id)
}

stop_pod()
{
	works_call StopPodSandbox "$(text 1 "$sandbox")"
	works_call RemovePodSandbox "$(text 1 "$sandbox")"
}

# create COMMAND...: sets $container
create()
{
	local word command=

	for word; do command+=$(text 3 "$word"); done
	works_call CreateContainer "$(text 1 "$sandbox")" \
		"$(message 2 "$(message 1 "$(text 1 c)")" "$(message 2 "$(text 1 localhost/busybox:latest)")" \
			"$command" "$(message 6 "$(text 1 A)" "$(text 2 b)")" "$(text 11 c.log)")" \
		"$(message 3 "$(pod p)")"
	container=$(the_id)
}

# in_container COMMAND...: ExecSync
in_container()
{
	local word command=

	for word; do command+=$(text 2 "$word"); done
	call ExecSync "$(text 1 "$container")" "$command" "$(number 3 10)"
}

# container_is STATE: 0 created, 1 running, 2 exited; after the metadata, field 3
container_is()
{
	for _ in {1..50}; do
		call ContainerStatus "$(text 1 "$container")"
		! od -An -v -tx1 "$world/reply" | tr -d '\n' | grep -q "0a 01 63 18 0$1" || return 0
		sleep 0.1
	done
	note "the container is not in state $1: $out"
}

test_pod()
{
	works_call Version
	prints '*containerd*'
	start_pod
	[ -n "$sandbox" ] || note "no id in '$out'"
	stop_pod
}

test_default_handler()
{
	start_pod ''
	stop_pod
}

test_unknown_handler()
{
	call RunPodSandbox "$(message 1 "$(pod p)")" "$(text 2 other)"
	equal 'the status' "$status" 1
}

test_container()
{
	start_pod
	create sh -c 'echo started; sleep 1000'
	works_call StartContainer "$(text 1 "$container")"
	container_is 1
	in_container sh -c 'echo inside $A; readlink /proc/self/ns/net'
	prints "*inside b*$(readlink /proc/self/ns/net | tr '[]' '??')*"
	in_container sh -c 'echo err >&2; exit 5'
	equal 'the end of the reply' "$(od -An -v -tx1 "$world/reply" | tr -d '\n' | tail -c 6)" ' 18 05'
	works_call ContainerStats "$(text 1 "$container")"
	grep -q 'stdout F started' "$world/containerd/logs/c.log" || note "no log: $(cat "$world/containerd/logs/c.log")"
	works_call StopContainer "$(text 1 "$container")"
	container_is 2
	works_call RemoveContainer "$(text 1 "$container")"
	stop_pod
}

test_update()
{
	has_controller memory || skip 'the cgroup tree has no memory controller'
	start_pod
	create sleep 1000
	works_call StartContainer "$(text 1 "$container")"
	works_call UpdateContainerResources "$(text 1 "$container")" "$(message 2 "$(number 4 67108864)")"
	in_container cat /sys/fs/cgroup/memory.max
	prints '*67108864*'
	stop_pod
}

test_cannot_be_run()
{
	start_pod
	create nonexistent
	call StartContainer "$(text 1 "$container")"
	equal 'the status' "$status" 1
	says '*executable file not found in $PATH*'
	works_call RemoveContainer "$(text 1 "$container")"
	stop_pod
}

# The kubelet finds its containers again, with their state.
test_daemon_killed()
{
	start_pod
	create sleep 1000
	works_call StartContainer "$(text 1 "$container")"
	kill_daemon
	start_daemon
	container_is 1
	in_container echo inside
	prints '*inside*'
	works_call StopContainer "$(text 1 "$container")"
	container_is 2
	works_call RemoveContainer "$(text 1 "$container")"
	stop_pod
}

# A pod is stopped and removed with what runs in it.
test_pod_removed_with_its_container()
{
	start_pod
	create sleep 1000
	works_call StartContainer "$(text 1 "$container")"
	stop_pod
}
