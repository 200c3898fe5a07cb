# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# podman as root.

# shellcheck disable=SC2034 # for compare
need_tools=(podman conmon)
export image=localhost/busybox

# configure_podman STORAGE-DRIVER
configure_podman()
{
	local conf=/etc/containers

	mkdir -p $conf/containers.conf.d
	cp "$here/../../contrib/engines/podman-rt.conf" $conf/containers.conf.d/50-rt.conf
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >$conf/policy.json
	printf '[storage]\ndriver = "%s"\nrunroot = "%s"\ngraphroot = "%s"\n' "$1" \
		"$world/podman/run" "$world/podman/root" >$conf/storage.conf
	# podman's own default is 2048, which a tree without the controller cannot do.
	printf '[containers]\n%s\n' "$(has_controller pids || echo pids_limit = 0)" >$conf/containers.conf
}

engine_start()
{
	configure_podman overlay
	podman image exists $image || podman load --input "$world/image.tar"
}

engine_stop()
{
	podman pod rm --all --force --time 0
	podman rm --all --force --time 0
	podman volume rm --all --force
	remove_own_cgroups libpod_parent parent
}

podman()
{
	timeout --foreground -k 5 ${killed_after:+-s KILL} "${killed_after:-${patience:-60}}" podman --tmpdir "$world/podman/tmp" --cgroup-manager "${cgroup_manager:-cgroupfs}" \
		--events-backend file --runtime "$engine_runtime" "$@"
}

# run [OPTION...] -- COMMAND...: of a container that is not kept
run()
{
	local -a options=()

	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	podman run --rm --network none "${options[@]}" $image "$@"
}

# up NAME [OPTION...]: a container that sleeps, until down
up()
{
	local name=$1

	shift
	works podman run --detach --name "$name" --network none "$@" $image sleep 1000
}

down()
{
	works podman rm --force --time 0 "$@"
}

test_run()
{
	works run -- echo hello
	prints hello
	works run -- id -u
	prints 0
}

test_info()
{
	works podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}'
	prints "$engine_runtime /*/$engine_runtime"
	works podman info --format '{{.Host.OCIRuntime.Version}}'
	prints "$engine_runtime version *"
}

test_standard_input()
{
	works sh -c 'exit 0'
	out=$(echo text | run --interactive -- cat 2>&1)
	equal 'the output of cat' "$out" text
}

test_exit_status()
{
	exits 7 run -- sh -c 'exit 7'
	exits 143 run --init -- sh -c 'kill -15 $$'
}

test_terminal()
{
	with_terminal podman run --rm -it --network none $image sh -c "$on_terminal; tty; stty size; exit 3"
	equal 'the exit status' "$status" 3
	says '*typed on a terminal*/dev/*'
}

test_exec()
{
	up c
	works podman exec c echo inside
	prints inside
	exits 5 podman exec c sh -c 'exit 5'
	works podman exec --user 1000 --workdir /data --env A=b c sh -c 'id -u; pwd; echo $A'
	prints $'1000\n/data\nb'
	out=$(echo text | podman exec -i c cat 2>&1)
	equal 'the output of cat' "$out" text
	down c
}

test_exec_terminal()
{
	up c
	with_terminal podman exec -it c sh -c "$on_terminal; exit 4"
	equal 'the exit status' "$status" 4
	says '*typed on a terminal*'
	down c
}

test_exec_detached()
{
	up c
	works podman exec --detach c touch /tmp/was-here
	becomes yes podman exec c sh -c 'test -e /tmp/was-here && echo yes || echo no'
	down c
}

test_exec_refusals()
{
	works podman create --name c --network none $image sleep 1000
	exits 255 podman exec c true
	down c
}

test_logs()
{
	works podman run --name c --network none $image sh -c 'echo out; echo err >&2'
	works podman logs c
	says '*out*err*'
	down c
}

test_stop()
{
	up c --init
	works podman stop --time 10 c
	works podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' c
	prints 'exited 143'
	works podman start c
	works podman stop --time 0 c
	works podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' c
	prints 'exited 137'
	down c
}

test_kill()
{
	works podman run --detach --name c --network none $image \
		sh -c 'trap "echo got usr1; exit 9" USR1; echo ready; while :; do sleep 0.1; done'
	becomes ready podman logs c
	works podman kill --signal USR1 c
	exits 0 podman wait c
	prints 9
	works podman logs c
	prints '*got usr1*'
	down c
}

test_kill_when_stopped()
{
	works podman run --name c --network none $image true
	exits 125 podman kill c
	says '*can only kill running containers*'
	down c
}

test_inspect()
{
	up c
	works podman inspect --format '{{.OCIRuntime}} {{.State.Running}} {{.State.OciVersion}}' c
	prints "$engine_runtime true *"
	works podman inspect --format '{{.State.Pid}}' c
	[ -d "/proc/$out" ] || note "no process $out"
	down c
}

test_restart()
{
	up c
	works podman exec c touch /tmp/kept
	works podman restart --time 0 c
	works podman exec c ls /tmp/kept
	down c
}

test_restart_policy()
{
	works podman run --detach --name c --network none --restart on-failure:2 $image sh -c 'exit 1'
	becomes 'exited 2' podman inspect --format '{{.State.Status}} {{.RestartCount}}' c
	down c
}

test_top_and_ps()
{
	up c
	works podman ps --format '{{.Names}} {{.Status}}'
	prints 'c Up*'
	works podman top c pid comm
	prints '*1*sleep*'
	works podman ps --all --quiet --filter status=running
	prints '?*'
	down c
}

test_pause()
{
	up c
	works podman pause c
	works podman inspect --format '{{.State.Status}}' c
	prints paused
	works podman unpause c
	works podman exec c true
	down c
}

test_update()
{
	has_controller memory || skip 'the cgroup tree has no memory controller'
	up c --memory 64m
	works podman update --memory 96m c
	works podman exec c cat /sys/fs/cgroup/memory.max
	prints 100663296
	down c
}

test_memory()
{
	has_controller memory || skip 'the cgroup tree has no memory controller'
	works run --memory 64m -- cat /sys/fs/cgroup/memory.max
	prints 67108864
	works run --cpus 0.5 -- cat /sys/fs/cgroup/cpu.max
	prints '50000 100000'
}

test_stats()
{
	has_controller memory || skip 'the cgroup tree has no memory controller'
	up c
	works podman stats --no-stream --format '{{.Name}} {{.PIDs}}' c
	prints 'c 1'
	down c
}

# The kernel kills it for the memory: while the runtime makes it, and when its program is too greedy.
test_out_of_memory()
{
	has_controller memory || skip 'the cgroup tree has no memory controller'
	exits 126 run --memory 20k -- true
	[ "$engine_runtime" != rt ] || says '*killed*out of memory: linux.resources.memory.limit*'
	# Of a process that is not the first podman 4.3 says nothing (.State.OOMKilled), whichever runtime.
	exits 137 run --memory 8m --memory-swap 8m -- sh -c 'head -c 64m /dev/zero | tail -c 32m'
}

test_healthcheck()
{
	up c --health-cmd 'test -e /tmp/healthy' --health-interval disable --health-retries 1
	exits 1 podman healthcheck run c
	works podman exec c touch /tmp/healthy
	works podman healthcheck run c
	down c
}

test_volumes()
{
	works podman volume create v
	works run --volume v:/mnt -- sh -c 'echo kept >/mnt/file'
	works run --volume v:/mnt:ro -- cat /mnt/file
	prints kept
	exits 1 run --volume v:/mnt:ro -- sh -c 'echo no >/mnt/file'
	mkdir -p "$world/shared" && echo host >"$world/shared/file"
	works run --volume "$world/shared:/mnt" --volume "$world/shared/file:/etc/one:ro" -- cat /mnt/file /etc/one
	prints $'host\nhost'
	works podman volume rm v
}

test_tmpfs_and_devices()
{
	works run --tmpfs /mnt:size=1m,mode=700 -- sh -c 'grep " /mnt " /proc/mounts'
	prints '*tmpfs*size=1024k*mode=700*'
	works run --device /dev/null:/dev/mine:r -- sh -c 'ls -l /dev/mine'
	prints 'c*1,*3*/dev/mine*'
	works run --shm-size 2m -- sh -c 'grep /dev/shm /proc/mounts'
	prints '*size=2048k*'
}

test_read_only()
{
	exits 1 run --read-only -- touch /file
	works run --read-only -- touch /tmp/file
}

test_capabilities()
{
	works run --cap-drop all -- grep CapBnd /proc/self/status
	prints '*0000000000000000'
	works run --cap-drop all --cap-add net_raw -- grep CapEff /proc/self/status
	prints '*0000000000002000'
}

test_security_options()
{
	works run --security-opt no-new-privileges -- grep NoNewPrivs /proc/self/status
	prints '*1'
	works run --security-opt seccomp=unconfined -- grep Seccomp: /proc/self/status
	prints '*0'
	works run -- grep Seccomp: /proc/self/status
	prints '*2'
	works run --security-opt mask=/data -- sh -c 'grep -c " /data " /proc/mounts'
	prints 1
}

test_seccomp_profile()
{
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
		"syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}' \
		>"$world/seccomp.json"
	exits 1 run --security-opt "seccomp=$world/seccomp.json" -- mkdir /new
	says '*not supported*'
}

test_cgroups_disabled()
{
	works run --cgroups disabled -- echo hello
	prints hello
}

test_cgroup_parent()
{
	local parent=parent

	[ "${cgroup_manager:-}" != systemd ] || parent=parent.slice
	works run --cgroup-parent "/$parent" --cgroupns host -- cat /proc/self/cgroup
	prints "*0::/$parent/*"
}

test_namespaces_of_the_host()
{
	works run --pid host --ipc host --uts host --cgroupns host -- sh -c \
		'for n in pid ipc uts cgroup; do readlink /proc/self/ns/$n; done
		grep -c " / /sys/fs/cgroup ro," /proc/self/mountinfo'
	equal 'namespaces, and whole trees of cgroups' "$out" "$(readlink /proc/self/ns/{pid,ipc,uts,cgroup} && echo 1)"
	works podman run --rm --network host $image readlink /proc/self/ns/net
	equal 'its network namespace' "$out" "$(readlink /proc/self/ns/net)"
}

test_namespaces_of_another()
{
	up a
	works podman exec a sh -c 'for n in pid ipc net; do readlink /proc/self/ns/$n; done'
	theirs=$out
	works podman run --rm --pid container:a --ipc container:a --network container:a $image \
		sh -c 'for n in pid ipc net; do readlink /proc/self/ns/$n; done'
	equal 'its namespaces' "$out" "$theirs"
	down a
}

test_bridge()
{
	peer podman run --rm --network podman $image true || skip 'netavark cannot make a bridge on this kernel'
	works podman run --rm --network podman $image ip -o -4 addr show dev eth0
	prints '*inet 10.88.*'
}

test_users()
{
	works run --user 1000:2000 -- id
	prints 'uid=1000(app) gid=2000(extra)*'
	works run --user app -- sh -c 'id -un; echo $HOME'
	prints $'app\n/home/app'
	works run --group-add 33 -- id -G
	prints '*33*'
	works run --umask 0077 -- sh -c umask
	prints 0077
}

test_user_namespace()
{
	works run --uidmap 0:100000:1000 --gidmap 0:100000:1000 -- cat /proc/self/uid_map
	prints '*0*100000*1000*'
	works run --uidmap 0:100000:1000 --gidmap 0:100000:1000 --volume "$world/tmp:/mnt" -- touch /mnt/mapped
	equal 'the owner' "$(stat -c %u "$world/tmp/mapped")" 100000
	rm -f "$world/tmp/mapped"
}

test_user_namespace_auto()
{
	echo containers:1000000:1000000 | tee -a /etc/subuid >>/etc/subgid
	works run --userns auto:size=1024 -- sh -c 'read -r a b c </proc/self/uid_map; echo $a $c; id -u'
	prints $'0 1024\n0'
}

test_idmapped_volume()
{
	mkdir -p "$world/owned"
	chown 5:5 "$world/owned"
	works run --uidmap 0:100000:1000 --gidmap 0:100000:1000 \
		--volume "$world/owned:/mnt:idmap" -- stat -c %u /mnt
	prints 5
}

test_limits()
{
	works run --ulimit nofile=100:200 --ulimit nproc=100:100 -- sh -c 'ulimit -n; ulimit -Hn'
	prints $'100\n200'
	works run --sysctl kernel.msgmax=4096 -- cat /proc/sys/kernel/msgmax
	prints 4096
	works run --oom-score-adj 500 -- cat /proc/self/oom_score_adj
	prints 500
}

test_hostname()
{
	works run --hostname ship --add-host other:1.2.3.4 -- sh -c 'hostname; grep other /etc/hosts'
	prints $'ship\n1.2.3.4*other*'
}

test_init()
{
	works run --init -- cat /proc/1/comm
	prints podman-init
}

test_preserved_descriptors()
{
	out=$(run --preserve-fds 1 -- sh -c 'cat <&3' 3<<<given 2>&1)
	equal 'what fd 3 holds' "$out" given
}

test_attach()
{
	works podman create --interactive --name c --network none $image cat
	out=$(echo text | podman start --attach --interactive c 2>&1)
	equal 'what attach shows' "$out" text
	down c
}

test_copy_and_commit()
{
	up c
	works podman cp "$world/image.tar" c:/data/file
	works podman exec c stat -c %s /data/file
	prints "$(stat -c %s "$world/image.tar")"
	works podman diff c
	prints '*A /data/file*'
	down c
}

test_mount_while_running()
{
	up c
	works podman mount c
	[ -e "$out/bin/busybox" ] || note "no root file system in $out"
	works podman umount c
	down c
}

test_pod()
{
	works podman pod create --name p --share-parent=false --network none --infra-image $image --infra-command 'sleep 1000'
	works podman run --detach --pod p --name a $image sleep 1000
	works podman run --rm --pod p $image sh -c 'readlink /proc/self/ns/net'
	net=$out
	works podman exec a readlink /proc/self/ns/net
	equal 'its network namespace' "$out" "$net"
	works podman pod ps --format '{{.Name}} {{.Status}}'
	prints 'p Running'
	works podman pod stop --time 0 p
	works podman pod rm --force --time 0 p
}

test_kube_play()
{
	cat >"$world/pod.yaml" <<-END
	apiVersion: v1
	kind: Pod
	metadata: {name: k}
	spec:
	  hostNetwork: true
	  containers:
	  - name: web
	    image: $image
	    imagePullPolicy: Never
	    command: [sleep, "1000"]
	    env: [{name: A, value: b}]
	    volumeMounts: [{name: data, mountPath: /mnt, readOnly: true}]
	    securityContext: {runAsUser: 1000, readOnlyRootFilesystem: true, capabilities: {drop: [all]}}
	  - name: writer
	    image: $image
	    imagePullPolicy: Never
	    command: [sh, -c, "echo written >/data/file; exec sleep 1000"]
	    volumeMounts: [{name: data, mountPath: /data}]
	  volumes:
	  - name: data
	    persistentVolumeClaim: {claimName: v}
	END
	printf 'infra_image = "%s"\n' $image >>/etc/containers/containers.conf
	free_pods_of_device_program
	works podman --hooks-dir "$world/hooks" kube play "$world/pod.yaml"
	becomes 'k Running 3' podman pod ps --format '{{.Name}} {{.Status}} {{.NumberOfContainers}}'
	becomes written podman exec k-web cat /mnt/file
	works podman exec k-web sh -c 'id -u; echo $A; touch /x 2>/dev/null || echo refused; touch /mnt/x 2>/dev/null || echo refused'
	prints $'1000\nb\nrefused\nrefused'
	works podman kube down "$world/pod.yaml"
	works podman ps --all --quiet
	prints ''
	works podman pod ps --quiet
	prints ''
	works podman volume rm v
}

test_build()
{
	mkdir -p "$world/context"
	printf 'FROM %s\nRUN echo built >/data/file\nCMD cat /data/file\n' $image >"$world/Containerfile"
	works podman build --network none --file "$world/Containerfile" --tag localhost/built "$world/context"
	works podman run --rm --network none localhost/built
	prints built
	works podman image rm localhost/built
}

# refuses STATUS TEXT [OPTION...] -- COMMAND...: run and exec both exit with it and say it
refuses()
{
	local want=$1 text=$2

	shift 2
	exits "$want" run "$@"
	says "$text"
}

# With the host's network: CRIU would need iptables and more to save one.
test_checkpoint()
{
	can_checkpoint
	works podman run --detach --name c --network host $image sh -c "$counting"
	becomes '*2*' podman logs c
	works podman container checkpoint c
	works podman inspect --format '{{.State.Status}} {{.State.Checkpointed}}' c
	prints 'exited true'
	podman logs c >"$world/before"
	works podman container restore c
	becomes more log_is_longer
	podman logs c >"$world/log"
	is_counted "$world/log"
	works podman exec c echo inside
	prints inside
	works podman container checkpoint --leave-running --export "$world/checkpoint.tar" c
	works podman container restore --import "$world/checkpoint.tar" --name d
	works podman exec d cat /proc/1/comm
	prints sh
	down c d
}

log_is_longer()
{
	podman logs c 2>&1 | cmp -s "$world/before" && echo same || echo more
}


test_cannot_be_run()
{
	refuses 127 '*executable file*not found in $PATH*' -- nonexistent
	refuses 127 '*/nonexistent*o such file or directory*' -- /nonexistent
	refuses 127 '*executable file*not found in $PATH*' --env PATH=/bad -- mode
	refuses 126 '*/bad/dir*' -- /bad/dir
	refuses 126 '*/bad/mode*ermission denied*' -- /bad/mode
	refuses 126 '*/root/mine*ermission denied*' --user 1000 -- /root/mine
	works podman volume create v
	works run --volume v:/mnt -- cp /bin/busybox /mnt/true
	refuses 126 '*exec*ermission denied*' --volume v:/mnt:noexec -- /mnt/true
	works podman volume rm v
	exits 126 podman --runtime-flag invalidflag run --rm --network none $image true
	says '*invalidflag*'
}

# The file is there, and the kernel refuses it: the container starts, and ends.
test_cannot_be_executed()
{
	refuses 1 "$(because '*exec format error*aarch64*' '*xec format error*')" -- /bad/machine
	refuses 1 "$(because '*exec format error*"#!"*' '*xec format error*')" -- /bad/script
	refuses 1 "$(because '*exec format error*file is empty*' '*xec format error*')" -- /bad/empty
	refuses 1 "$(because '*interpreter "/nonexistent/sh" not found*' '*o such file or directory*')" -- /bad/interpreter
	refuses 1 "$(because '*interpreter "/bin/sh\\r" not found*CRLF*' '*o such file or directory*')" -- /bad/crlf
	up c
	exits 1 podman exec c /bad/machine
	says "$(because '*exec format error*aarch64*' '*xec format error*')"
	exits 1 podman exec c /bad/crlf
	says "$(because '*interpreter "/bin/sh\\r" not found*' '*o such file or directory*')"
	down c
	works podman run --detach --name c --network none $image /bad/machine
	becomes 'exited 1' podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' c
	works podman logs c
	says "$(because '*exec format error*aarch64*' '*xec format error*')"
	down c
}

test_cannot_be_exec()
{
	up c
	exits 127 podman exec c nonexistent
	says '*executable file*not found in $PATH*'
	exits 127 podman exec c /nonexistent
	exits 126 podman exec c /bad/dir
	exits 126 podman exec c /bad/mode
	says '*/bad/mode*ermission denied*'
	exits 125 podman exec --detach c nonexistent
	down c
}

test_bad_directory_and_user()
{
	exits 126 run --user nobody-knows -- true
	up c
	exits 127 podman exec --workdir /nonexistent c true
	says '*/nonexistent*o such file or directory*'
	down c
}

test_runtime_missing()
{
	engine_runtime=/nonexistent exits 125 run -- true
}

test_removed_by_force()
{
	up c
	works podman inspect --format '{{.State.Pid}}' c
	kill -9 "$out"
	becomes 'exited 137' podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' c
	works podman rm c
}

# podman killed sooner or later after its start: it lists what there is, and removes all of it.
test_podman_killed_in_run()
{
	local delay

	for delay in 0.2 0.4 0.6 0.8 1.2; do
		killed_after=$delay podman run --detach --name k --network none $image sleep 1000 >/dev/null 2>&1
		works podman ps --all --format '{{.Names}} {{.Status}}'
		case $out in
		'k Up'*) works podman exec k true ;;
		'' | 'k Created' | 'k Initialized') ;;
		*) note "podman says '$out'" ;;
		esac
		works podman rm --force --ignore --time 0 k
	done
	becomes '' remove_forgotten
}

# What a podman that is killed has not written down it never removes, whichever runtime: its conmon goes
# on to create the container. Prints what is not gone yet.
remove_forgotten()
{
	local id

	for id in $("$engine_runtime" list --quiet); do
		"$engine_runtime" delete --force "$id"
	done
	"$engine_runtime" list --quiet
	grep -l '^conmon$' /proc/[0-9]*/comm 2>/dev/null || :
}

# nothing_known: what the runtime itself lists
nothing_known()
{
	works "$world/bin/$engine_runtime" list --quiet
	prints ''
}

test_podman_killed_in_exec_and_stop()
{
	local delay

	up c
	for delay in 0.3 0.6 0.9; do
		killed_after=$delay podman exec c sleep 1000 >/dev/null 2>&1
		works podman exec c echo inside
		prints inside
	done
	killed_after=1.5 podman stop --time 20 c >/dev/null 2>&1 # its program does not care for SIGTERM
	works podman ps --all --format '{{.Names}}'
	prints c
	# podman 4.3 has it as "Stopping", and `rm --force` would then forget it while it runs.
	works podman stop --time 0 c
	down c
	nothing_known
}

# Nobody waits for the program any more, and nobody is left who could tell how it ended.
test_conmon_killed()
{
	local pid id

	up c
	id=$out
	works podman inspect --format '{{.State.Pid}} {{.State.ConmonPid}}' c
	pid=${out% *}
	kill -9 "${out#* }"
	works podman exec c echo inside
	prints inside
	down c
	ended "$pid"
	# podman 4.3 kills it and forgets it, and leaves the runtime's own record of it, whichever runtime.
	works "$world/bin/$engine_runtime" delete "$id"
	works podman create --name c --network none $image sleep 1000
	works podman init c
	works podman inspect --format '{{.State.Pid}} {{.State.ConmonPid}}' c
	pid=${out% *}
	kill -9 "${out#* }"
	down c
	ended "$pid"
	nothing_known
}

test_many_at_once()
{
	local i

	for i in 1 2 3 4 5; do run --name "m$i" -- echo done >"$world/many.$i" 2>&1 & done
	wait
	equal 'the outputs' "$(cat "$world"/many.*)" "$(printf 'done\n%.0s' 1 2 3 4 5)"
	rm -f "$world"/many.*
}

test_nested()
{
	runs_nested
}
