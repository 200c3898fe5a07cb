# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# docker: the runtime is the daemon's default, and one more by --add-runtime.

need_tools=(dockerd docker containerd docker-init)
export image=localhost/busybox

engine_start()
{
	mkdir -p "$world/docker"
	start_daemon
	docker load --input "$world/image.tar"
}

# "runc" is a name that docker keeps.
name=rt
[ "$engine_runtime" = rt ] || name=other-$engine_runtime

# write_config FILE: what an operator would copy, with where the runtime is here
write_config()
{
	sed "s,/usr/bin/rt,$world/bin/$engine_runtime,; s,\"rt\",\"$name\"," \
		"$here/../../contrib/engines/docker-daemon.json" >"$1"
}

# start_daemon [OPTION...]
start_daemon()
{
	write_config "$world/docker/daemon.json"
	dockerd --config-file "$world/docker/daemon.json" \
		--host "unix://$world/docker/socket" --data-root "$world/docker/data" \
		--exec-root "$world/docker/exec" --pidfile "$world/docker/pid" \
		--experimental --storage-driver overlay2 --bridge none --iptables=false --ip6tables=false \
		--add-runtime "added=$world/bin/$engine_runtime" "$@" >>"$world/docker/log" 2>&1 &
	disown # bash is not to tell how it ended
	for _ in {1..300}; do
		docker version >/dev/null 2>&1 && break
		sleep 0.1
	done
}

engine_stop()
{
	docker ps --all --quiet | xargs -r timeout 30 docker --host "unix://$world/docker/socket" rm --force
	end_daemon "$world/docker/pid"
	rm -rf "$world/docker"
	rmdir /sys/fs/cgroup/docker
}

docker()
{
	timeout --foreground -k 5 "${patience:-30}" /usr/bin/docker --host "unix://$world/docker/socket" "$@"
}

# run [OPTION...] -- COMMAND...: of a container that is not kept
run()
{
	local -a options=()

	while [ "$1" != -- ]; do options+=("$1") && shift; done
	shift
	docker run --rm --network none "${options[@]}" $image "$@"
}

up()
{
	works docker run --detach --name "$1" --network none "${@:2}" $image sleep 1000
}

down()
{
	works docker rm --force "$@"
}

test_run()
{
	works run -- echo hello
	prints hello
}

# It asks the default runtime for its version.
test_info()
{
	works docker info --format '{{.DefaultRuntime}} {{(index .Runtimes "added").Path}} {{.RuncCommit.ID}}'
	prints "$name $world/bin/$engine_runtime $("$engine_runtime" --version | sed -n 's/^commit: //p')"
}

test_added_runtime()
{
	works run --runtime added -- echo hello
	prints hello
}

test_exit_status()
{
	exits 7 run -- sh -c 'exit 7'
	exits 143 run --init -- sh -c 'kill -15 $$'
}

test_standard_input()
{
	out=$(echo text | run --interactive -- cat 2>&1)
	equal 'the output of cat' "$out" text
}

test_terminal()
{
	with_terminal docker run --rm -it --network none $image sh -c "$on_terminal; exit 3"
	equal 'the exit status' "$status" 3
	says '*typed on a terminal*'
}

test_exec()
{
	up box
	works docker exec box echo inside
	prints inside
	exits 5 docker exec box sh -c 'exit 5'
	works docker exec --user app --workdir /data --env A=b box sh -c 'id -u; pwd; echo $A'
	prints $'1000\n/data\nb'
	with_terminal docker exec -it box sh -c "$on_terminal; exit 4"
	equal 'the exit status' "$status" 4
	says '*typed on a terminal*'
	works docker exec --detach box touch /tmp/was-here
	becomes yes docker exec box sh -c 'test -e /tmp/was-here && echo yes || echo no'
	works docker exec --privileged box grep CapEff /proc/self/status
	says '*0000*'
	down box
}

test_logs_and_attach()
{
	works docker run --detach --name box --network none $image sh -c 'echo out; echo err >&2; sleep 2; exit 6'
	exits 6 docker attach --no-stdin box
	works docker logs box
	says '*out*err*'
	down box
}

test_stop()
{
	up box --init
	works docker stop --time 10 box
	works docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' box
	prints 'exited 143'
	works docker start box
	works docker stop --time 0 box
	works docker inspect --format '{{.State.Status}}' box
	prints exited
	down box
}

test_kill()
{
	works docker run --detach --name box --network none $image \
		sh -c 'trap "exit 9" USR1; echo ready; while :; do sleep 0.1; done'
	becomes ready docker logs box
	works docker kill --signal USR1 box
	works docker wait box
	prints 9
	exits 1 docker kill box
	says '*is not running*'
	down box
}

test_restart()
{
	up box
	works docker exec box touch /tmp/kept
	works docker restart --time 0 box
	works docker exec box ls /tmp/kept
	down box
}

test_restart_policy()
{
	works docker run --detach --name box --network none --restart on-failure:2 $image sh -c 'exit 1'
	becomes 'exited 2' docker inspect --format '{{.State.Status}} {{.RestartCount}}' box
	down box
}

test_top()
{
	up box
	works docker top box
	prints '*PID*sleep 1000*'
	works docker top box -o pid,args
	prints '*sleep 1000*'
	down box
}

test_stats()
{
	up box
	works docker stats --no-stream --format '{{.Name}}' box
	prints box
	down box
}

test_pause()
{
	up box
	works docker pause box
	works docker inspect --format '{{.State.Status}}' box
	prints paused
	exits 1 docker exec box true
	works docker unpause box
	works docker exec box true
	works docker pause box
	down box
}

test_update()
{
	up box
	works docker update --restart always box
	has_controller memory || { down box; skip 'the cgroup tree has no memory controller'; }
	works docker update --memory 64m --memory-swap 64m box
	works docker exec box cat /sys/fs/cgroup/memory.max
	prints 67108864
	down box
}

test_limits()
{
	works run --ulimit nofile=100:200 -- sh -c 'ulimit -n; ulimit -Hn'
	prints $'100\n200'
	works run --oom-score-adj 500 -- cat /proc/self/oom_score_adj
	prints 500
	works run --sysctl kernel.msgmax=4096 -- cat /proc/sys/kernel/msgmax
	prints 4096
	works run --shm-size 2m -- sh -c 'grep /dev/shm /proc/mounts'
	prints '*size=2048k*'
	has_controller memory || return 0
	works run --memory 64m --cpus 0.5 --pids-limit 50 -- sh -c 'cd /sys/fs/cgroup; cat memory.max cpu.max pids.max'
	prints $'67108864\n50000 100000\n50'
}

test_out_of_memory()
{
	has_controller memory || skip 'the cgroup tree has no memory controller'
	works docker run --detach --name box --network none --memory 8m --memory-swap 8m $image \
		sh -c 'head -c 64m /dev/zero | tail -c 32m'
	becomes 'exited 137 true' docker inspect \
		--format '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}' box
	down box
}

test_volumes()
{
	works docker volume create vol
	works run --volume vol:/mnt -- sh -c 'echo kept >/mnt/file'
	works run --volume vol:/mnt:ro -- cat /mnt/file
	prints kept
	mkdir -p "$world/shared" && echo host >"$world/shared/file"
	works run --volume "$world/shared:/mnt" --volume "$world/shared/file:/etc/one:ro" -- cat /mnt/file /etc/one
	prints $'host\nhost'
	works run --tmpfs /mnt:size=1m -- sh -c 'grep " /mnt " /proc/mounts'
	prints '*tmpfs*size=1024k*'
	works docker volume rm vol
}

test_confinement()
{
	exits 1 run --read-only -- touch /file
	works run --cap-drop all --cap-add net_raw -- grep CapEff /proc/self/status
	prints '*0000000000002000'
	works run --security-opt no-new-privileges -- grep NoNewPrivs /proc/self/status
	prints '*1'
	works run -- grep Seccomp: /proc/self/status
	prints '*2'
	works run --security-opt seccomp=unconfined -- grep Seccomp: /proc/self/status
	prints '*0'
	works run --device /dev/null:/dev/mine:r -- ls -l /dev/mine
	prints 'c*1,*3*/dev/mine*'
	works run --user 1000:2000 --group-add 33 -- id
	prints 'uid=1000(app) gid=2000(extra)*33*'
}

test_namespaces()
{
	local show='for n in pid ipc net; do readlink /proc/self/ns/$n; done'

	up other --ipc shareable
	works docker exec other sh -c "$show"
	theirs=$out
	works docker run --rm --pid container:other --ipc container:other --network container:other $image \
		sh -c "$show"
	equal 'its namespaces' "$out" "$theirs"
	down other
	works run --pid host --ipc host --uts host --cgroupns host -- \
		sh -c 'for n in pid ipc uts cgroup; do readlink /proc/self/ns/$n; done'
	equal 'its namespaces' "$out" "$(readlink /proc/self/ns/{pid,ipc,uts,cgroup})"
	works run --hostname ship -- hostname
	prints ship
}

test_build()
{
	mkdir -p "$world/context"
	printf 'FROM %s\nRUN echo built >/data/file && exit 0\nCMD cat /data/file\n' $image >"$world/context/Dockerfile"
	works docker build --network none --tag built "$world/context"
	works docker run --rm --network none built
	prints built
	works docker image rm built
}

test_copy_and_commit()
{
	up box
	works docker cp "$world/rootfs.tar" box:/data/file
	works docker exec box stat -c %s /data/file
	prints "$(stat -c %s "$world/rootfs.tar")"
	works docker commit box committed
	works docker image rm committed
	down box
}

test_healthcheck()
{
	up box --health-cmd 'test -e /bin/sh' --health-interval 1s
	becomes healthy docker inspect --format '{{.State.Health.Status}}' box
	down box
}

test_checkpoint()
{
	can_checkpoint
	works docker run --detach --name box --network host --security-opt seccomp=unconfined $image sh -c "$counting"
	becomes '*2*' docker logs box
	works docker checkpoint create box saved
	becomes exited docker inspect --format '{{.State.Status}}' box
	docker logs box >"$world/before"
	works docker start --checkpoint saved box
	becomes more log_is_longer
	docker logs box >"$world/log"
	is_counted "$world/log"
	works docker exec box echo inside
	prints inside
	works docker checkpoint rm box saved
	down box
}

log_is_longer()
{
	docker logs box 2>&1 | cmp -s "$world/before" && echo same || echo more
}


# refuses STATUS TEXT [OPTION...] -- COMMAND...
refuses()
{
	exits "$1" run "${@:3}"
	says "$2"
}

test_cannot_be_run()
{
	refuses 127 '*executable file not found in $PATH*' -- nonexistent
	refuses 127 '*/nonexistent*no such file or directory*' -- /nonexistent
	refuses 127 '*executable file*not found in $PATH*' --env PATH=/bad -- mode
	refuses 126 '*/bad/dir*' -- /bad/dir
	refuses 126 '*/bad/mode*permission denied*' -- /bad/mode
	refuses 126 '*permission denied*' --user 1000 -- /root/mine
	refuses 125 '*' --user nobody-knows -- true
	works docker ps --all --quiet
	prints ''
}

# The file is there, and the kernel refuses it: the container starts, and ends.
test_cannot_be_executed()
{
	refuses 1 "$(because '*exec format error*aarch64*' '*xec format error*')" -- /bad/machine
	refuses 1 "$(because '*exec format error*"#!"*' '*xec format error*')" -- /bad/script
	refuses 1 "$(because '*exec format error*file is empty*' '*xec format error*')" -- /bad/empty
	refuses 1 "$(because '*interpreter "/nonexistent/sh" not found*' '*o such file or directory*')" -- /bad/interpreter
	refuses 1 "$(because '*interpreter "/bin/sh\\r" not found*' '*o such file or directory*')" -- /bad/crlf
	up box
	exits 1 docker exec box /bad/machine
	says "$(because '*exec format error*aarch64*' '*xec format error*')"
	exits 1 docker exec box /bad/crlf
	says "$(because '*interpreter "/bin/sh\\r" not found*' '*o such file or directory*')"
	down box
	works docker ps --all --quiet
	prints ''
}

test_cannot_be_exec()
{
	up box
	exits 126 docker exec box nonexistent
	says '*executable file not found in $PATH*'
	exits 126 docker exec box /bad/dir
	exits 126 docker exec box /bad/mode
	says '*permission denied*'
	exits 126 docker exec --workdir /nonexistent box true
	says '*/nonexistent*no such file or directory*'
	exits 126 docker exec --user nobody-knows box true
	down box
}

# kill_daemon: dockerd, and with it its containerd; the shims live on
kill_daemon()
{
	local pid

	pid=$(cat "$world/docker/pid")
	kill -9 "$pid"
	ended "$pid"
	rm -f "$world/docker/pid"
}

# The daemon is killed with a container running, one paused, an exec running, and others on their way.
test_daemon_killed()
{
	local i pid

	up box
	up resting
	works docker pause resting
	works docker inspect --format '{{.State.Pid}}' box
	pid=$out
	docker exec box sleep 1000 >/dev/null 2>&1 &
	for i in 1 2 3; do
		docker run --detach --name "on-its-way-$i" --network none $image sleep 1000 >/dev/null 2>&1 &
		sleep 0.2
	done
	kill_daemon
	start_daemon
	# It ends what it finds running, unless told otherwise.
	works docker inspect --format '{{.State.Status}}' box
	prints exited
	ended "$pid"
	works docker start box
	works docker exec box true
	works docker ps --all --quiet
	# shellcheck disable=SC2086 # ids
	down $out
	delete_forgotten
	nothing_known
}

# the_runtime ARGUMENT...: with the containers of docker, which calls their place so for any runtime
the_runtime()
{
	"$world/bin/$engine_runtime" --root "$world/docker/exec/runtime-runc/moby" "$@"
}

# nothing_known: what the runtime itself lists
nothing_known()
{
	works the_runtime list --quiet
	prints ''
}

# delete_forgotten: of a container whose create was cut short dockerd and containerd know nothing any
# more, whatever the runtime; the runtime does.
delete_forgotten()
{
	local id

	works the_runtime list --quiet
	for id in $out; do
		works the_runtime delete --force "$id"
	done
}

test_killed_with_live_restore()
{
	end_daemon "$world/docker/pid"
	start_daemon --live-restore
	up box
	up resting
	works docker pause resting
	kill_daemon
	start_daemon --live-restore
	works docker ps --format '{{.Names}} {{.State}}'
	prints $'resting paused\nbox running'
	works docker exec box echo inside
	prints inside
	works docker unpause resting
	works docker exec resting true
	works docker stop --time 0 box
	down box resting
	nothing_known
	end_daemon "$world/docker/pid"
	start_daemon
}

test_containerd_killed()
{
	local pid

	up box
	pid=$(cat "$world/docker/exec/containerd/containerd.pid")
	kill -9 "$pid"
	ended "$pid"
	within=30 becomes inside docker exec box echo inside
	down box
	nothing_known
}

test_shim_killed()
{
	local pid

	up box
	pid=$(docker inspect --format '{{.State.Pid}}' box)
	docker exec box sleep 1000 >/dev/null 2>&1 &
	becomes '*sleep*sleep*' docker top box
	kill -9 "$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")"
	becomes 'exited 137' docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' box
	ended "$pid"
	works docker start box
	works docker exec box true
	down box
	nothing_known
}

test_killed_behind_its_back()
{
	up box
	kill -9 "$(docker inspect --format '{{.State.Pid}}' box)"
	becomes 'exited 137' docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' box
	down box
}

test_many_at_once()
{
	local i

	for i in 1 2 3 4 5; do run --name "m$i" -- echo done >"$world/many.$i" 2>&1 & done
	wait %2 %3 %4 %5 %6 2>/dev/null
	becomes '' docker ps --quiet
	equal 'the outputs' "$(cat "$world"/many.*)" "$(printf 'done\n%.0s' 1 2 3 4 5)"
	rm -f "$world"/many.*
}

test_nested()
{
	runs_nested
}
