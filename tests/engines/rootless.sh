# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# podman as a user without rights.

# shellcheck source=tests/engines/podman.sh
. "$here/podman.sh"
need_tools=(podman conmon newuidmap setpriv)
export uid=60000

engine_start()
{
	configure_podman vfs
	if ! grep -q "^rootless:" /etc/passwd; then
		echo "rootless:x:$uid:$uid::$world/home:/bin/sh" >>/etc/passwd
		echo "rootless:x:$uid:" >>/etc/group
		echo "rootless:200000:65536" | tee -a /etc/subuid >>/etc/subgid
	fi
	mkdir -p "$world/home" "/run/user/$uid"
	chmod 711 "$world"
	chown $uid:$uid "$world/home" "/run/user/$uid"
	podman image exists $image || podman load --input "$world/image.tar"
}

engine_stop()
{
	podman pod rm --all --force --time 0
	podman rm --all --force --time 0
	podman system migrate # ends the process that holds the user namespace
}

podman()
{
	setpriv --reuid $uid --regid $uid --init-groups --reset-env --inh-caps=-all \
		env "PATH=$PATH" "XDG_RUNTIME_DIR=/run/user/$uid" "TMPDIR=$TMPDIR" LC_ALL=C TERM=dumb \
		timeout --foreground -k 5 "${patience:-60}" podman --cgroup-manager cgroupfs \
		--events-backend file --runtime "$engine_runtime" "$@"
}

test_run()
{
	works run -- echo hello
	prints hello
	works run -- cat /proc/self/uid_map
	prints "*0*$uid*1*1*200000*65536*"
	works run -- id -u
	prints 0
}

test_exit_status()
{
	exits 7 run -- sh -c 'exit 7'
}

test_terminal()
{
	with_terminal podman run --rm -it --network none $image sh -c "$on_terminal; exit 3"
	equal 'the exit status' "$status" 3
	says '*typed on a terminal*'
}

test_exec()
{
	up c
	works podman exec c echo inside
	prints inside
	exits 5 podman exec c sh -c 'exit 5'
	works podman exec --user 1000 --workdir /data --env A=b c sh -c 'id -u; pwd; echo $A'
	prints $'1000\n/data\nb'
	with_terminal podman exec -it c sh -c "$on_terminal; exit 4"
	equal 'the exit status' "$status" 4
	says '*typed on a terminal*'
	down c
}

test_stop_and_kill()
{
	up c --init
	works podman stop --time 10 c
	works podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' c
	prints 'exited 143'
	works podman start c
	works podman kill c
	works podman wait c
	prints 137
	works podman rm c
}

test_logs_and_inspect()
{
	works podman run --name c --network none $image sh -c 'echo out; echo err >&2'
	works podman logs c
	says '*out*err*'
	works podman inspect --format '{{.OCIRuntime}}' c
	prints "$engine_runtime"
	down c
}

test_network_of_the_host()
{
	works podman run --rm --network host $image readlink /proc/self/ns/net
	equal 'its network namespace' "$out" "$(readlink /proc/self/ns/net)"
	# sysfs cannot be mounted there: the network belongs to another user namespace
	works podman run --rm --network host $image ls /sys/class
}

test_slirp()
{
	peer podman run --rm --network slirp4netns $image true || skip 'slirp4netns does not work here'
	works podman run --rm --network slirp4netns $image ip -o -4 addr show dev tap0
	prints '*inet 10.0.2.*'
}

test_keep_id()
{
	works run --userns keep-id -- id -u
	prints $uid
	works run --userns keep-id --user 0 -- id -u
	prints 0
	mkdir -p "$world/mine" && chown $uid "$world/mine"
	works run --userns keep-id --volume "$world/mine:/mnt" -- touch /mnt/file
	equal 'the owner' "$(stat -c %u "$world/mine/file")" $uid
}

test_userns_auto()
{
	works run --userns auto:size=512 -- sh -c 'read -r a b c </proc/self/uid_map; echo $a $c'
	prints '0 512'
}

test_keep_groups()
{
	works run --group-add keep-groups -- id -u
	prints 0
}

test_volumes_and_read_only()
{
	works podman volume create v
	works run --volume v:/mnt -- sh -c 'echo kept >/mnt/file'
	works run --volume v:/mnt:ro -- cat /mnt/file
	prints kept
	works podman volume rm v
	exits 1 run --read-only -- touch /file
	works run --device /dev/null:/dev/mine -- sh -c 'echo x >/dev/mine'
}

test_confinement()
{
	works run --cap-drop all -- grep CapBnd /proc/self/status
	prints '*0000000000000000'
	works run --security-opt no-new-privileges -- grep NoNewPrivs /proc/self/status
	prints '*1'
	works run -- grep Seccomp: /proc/self/status
	prints '*2'
}

test_cgroups_disabled()
{
	works run --cgroups disabled -- echo hello
	prints hello
}

test_pod()
{
	works podman pod create --name p --network none --infra-image $image --infra-command 'sleep 1000'
	works podman run --detach --pod p --name a $image sleep 1000
	works podman exec a echo inside
	prints inside
	works podman pod rm --force --time 0 p
}

test_cannot_be_run()
{
	exits 127 run -- nonexistent
	says '*not found in $PATH*'
	exits 126 run -- /bad/dir
	exits 126 run -- /bad/mode
	says '*ermission denied*'
	exits 126 run --user 1000 -- /root/mine
}
