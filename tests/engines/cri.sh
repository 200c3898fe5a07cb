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

# pod NAME: PodSandboxConfig; network NODE, as there is no CNI plugin here. More of it from the variables
# pod_namespaces (NamespaceOption), pod_security (LinuxSandboxSecurityContext), pod_linux (LinuxPodSandboxConfig).
pod()
{
	message 1 "$(text 1 "$1")" "$(text 2 "$1-uid")" "$(text 3 default)"
	text 3 "$world/containerd/logs"
	message 8 "$(text 1 /k8s.io)" "${pod_linux:-}" \
		"$(message 2 "$(message 1 "$(number 1 2)" "${pod_namespaces:-}")" "${pod_security:-}")"
}

# entry FIELD KEY VALUE: of a map
entry()
{
	message "$1" "$(text 1 "$2")" "$(text 2 "$3")"
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

# create COMMAND...: sets $container; with more of its ContainerConfig from the variable config, and of its
# LinuxContainerSecurityContext from the variable security
create()
{
	local word command=

	for word; do command+=$(text 3 "$word"); done
	[ -z "${security:-}" ] || command+=$(message 15 "$(message 2 "$security")")
	works_call CreateContainer "$(text 1 "$sandbox")" \
		"$(message 2 "$(message 1 "$(text 1 c)")" "$(message 2 "$(text 1 localhost/busybox:latest)")" \
			"$command" "${config:-}" "$(message 6 "$(text 1 A)" "$(text 2 b)")" "$(text 11 c.log)")" \
		"$(message 3 "$(pod p)")"
	container=$(the_id)
}

# container_up: one that sleeps, until container_down; with the variables that create knows
container_up()
{
	create sleep 1000
	works_call StartContainer "$(text 1 "$container")"
}

container_down()
{
	works_call RemoveContainer "$(text 1 "$container")"
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

# By number, with more groups, and by name.
test_identity()
{
	local security

	start_pod
	security=$(number 8 1234; number 8 5678; message 5 "$(number 1 1001)"; message 12 "$(number 1 1002)")
	container_up
	in_container id
	prints '*uid=1001 gid=1002 groups=*1234,5678*'
	container_down
	security=$(text 6 app)
	container_up
	in_container id -un
	prints '*app*'
	stop_pod
}

# /bad/interpreter is a program; what is masked is /dev/null, whose mode lets nobody execute it.
test_paths()
{
	local security

	start_pod
	security=$(text 13 /bad/interpreter; text 14 /tmp; number 7 1)
	container_up
	in_container sh -c '/bad/interpreter; echo; touch /tmp/file; touch /file'
	prints '*Permission denied*touch: /tmp/file: Read-only file system*touch: /file: Read-only file system*'
	stop_pod
}

test_privileges()
{
	local security pod_security change='ip addr add 127.0.0.9/8 dev lo 2>&1 && ip addr del 127.0.0.9/8 dev lo && echo made'

	pod_security=$(number 6 1)
	start_pod
	security=$(number 2 1)
	container_up
	in_container sh -c "$change; ls /dev/loop-control"
	prints '*made*/dev/loop-control*'
	container_down
	security=$(message 1 "$(text 1 NET_ADMIN)"; number 11 1)
	container_up
	in_container sh -c "$change; grep NoNewPrivs /proc/self/status"
	prints '*made*NoNewPrivs:?1*'
	container_down
	security=$(message 1 "$(text 2 ALL)")
	container_up
	in_container sh -c "$change; grep CapBnd /proc/self/status"
	prints '*not permitted*0000000000000000*'
	stop_pod
}

# A profile that names no architecture is for the machine's own.
test_seccomp()
{
	local security

	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chmod", "fchmodat"],
		"action": "SCMP_ACT_ERRNO"}]}' >"$world/profile.json"
	start_pod
	security=$(message 15 "$(number 1 2)" "$(text 2 "$world/profile.json")")
	container_up
	in_container chmod 400 /
	prints '*Operation not permitted*'
	container_down
	security=$(message 15 "$(number 1 0)") # the plugin's own
	container_up
	in_container grep Seccomp: /proc/self/status
	prints '*Seccomp:?2*'
	stop_pod
}

test_sysctls()
{
	local pod_linux

	pod_linux=$(entry 3 kernel.shm_rmid_forced 1; entry 3 fs.mqueue.msg_max 100)
	start_pod
	container_up
	in_container cat /proc/sys/kernel/shm_rmid_forced /proc/sys/fs/mqueue/msg_max
	prints $'*1\n100*'
	stop_pod
}

# namespaces_are PID IPC: those that the pod and its container are asked for
namespaces_are()
{
	pod_namespaces=$(number 2 "$1"; number 3 "$2")
	security=$(message 3 "$(number 1 2)" "$pod_namespaces")
	start_pod
	container_up
}

test_pod_namespaces()
{
	local security pod_namespaces of_pod=0 of_container=1 node=2

	namespaces_are $node $of_pod
	in_container readlink /proc/self/ns/pid
	prints "*$(readlink /proc/self/ns/pid | tr '[]' '??')*"
	stop_pod
	namespaces_are $of_container $node
	in_container sh -c 'readlink /proc/self/ns/ipc; tr "\0" " " </proc/1/cmdline'
	prints "*$(readlink /proc/self/ns/ipc | tr '[]' '??')*sleep 1000 *"
	stop_pod
	namespaces_are $of_pod $of_pod # process 1 is the pod's own
	in_container sh -c 'readlink /proc/self/ns/ipc; tr "\0" " " </proc/1/cmdline'
	prints '*sleep 100000 *'
	case $out in
	*"$(readlink /proc/self/ns/ipc)"*) note 'the ipc namespace is of the host' ;;
	esac
	stop_pod
}

# propagates MODE WORD COUNT: what the host mounts is seen or unseen in the container, and as many mounts
# of the container are on the host
propagates()
{
	local config security dir=$world/propagation

	mkdir -p "$dir/host" "$dir/container"
	mount --bind "$dir" "$dir" && mount --make-shared "$dir"
	config=$(message 7 "$(text 1 /mnt)" "$(text 2 "$dir")" "$(number 5 "$1")")
	security=$(number 2 1)
	container_up
	mount --bind "$world/bin" "$dir/host"
	in_container sh -c 'mount --bind /etc /mnt/container; [ -e /mnt/host/rt ] && echo is-seen || echo is-unseen'
	prints "*is-$2*"
	equal "the number of mounts on the host with mode $1" \
		"$(grep -c " $dir/container " /proc/self/mounts)" "$3"
	container_down
	umount -R "$dir"
}

test_mount_propagation()
{
	local pod_security

	pod_security=$(number 6 1)
	start_pod
	propagates 0 unseen 0
	propagates 1 seen 0
	propagates 2 seen 1
	stop_pod
}

test_out_of_memory()
{
	local config

	has_controller memory || skip 'the cgroup tree has no memory controller'
	start_pod
	config=$(message 15 "$(message 1 "$(number 4 15728640)" "$(number 10 15728640)")")
	create sh -c 'dd if=/dev/zero of=/dev/null bs=20M'
	works_call StartContainer "$(text 1 "$container")"
	container_is 2
	prints '*OOMKilled*'
	stop_pod
}

test_exec_time_limit()
{
	start_pod
	container_up
	call ExecSync "$(text 1 "$container")" "$(text 2 sleep)" "$(text 2 2000)" "$(number 3 1)"
	equal 'the status' "$status" 1
	says '*timeout*exceeded*'
	in_container sh -c 'pgrep -f "^sleep 2000" || echo none'
	prints '*none*'
	stop_pod
}
