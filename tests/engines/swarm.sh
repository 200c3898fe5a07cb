# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# Docker Swarm: two daemons, each on a network namespace of its own, are the nodes of one cluster, and
# the runtime is the default of both.

# shellcheck source=tests/engines/docker.sh
. "$here/docker.sh"
need_tools=(dockerd docker containerd ip nsenter)

engine_start()
{
	local node

	for node in 1 2; do
		ip netns add "node$node"
	done
	ip link add to2 netns node1 type veth peer name to1 netns node2
	nsenter --net=/run/netns/node1 bash -c 'ip link set lo up; ip addr add 10.9.0.1/24 dev to2; ip link set to2 up'
	nsenter --net=/run/netns/node2 bash -c 'ip link set lo up; ip addr add 10.9.0.2/24 dev to1; ip link set to1 up'
	for node in 1 2; do
		start_node "$node"
	done
	for node in 1 2; do
		await_node "$node" && on "$node" load --input "$world/image.tar" || return
	done
}

# Also one that was there before: its containers, and what it knows of the cluster, are on its disk.
start_node()
{
	local dir=$world/swarm/node$1

	mkdir -p "$dir"
	write_config "$dir/daemon.json"
	# shellcheck disable=SC2016 # for the shell in the namespaces
	nsenter --net="/run/netns/node$1" unshare --uts bash -c 'hostname "$0" && exec "$@"' "node$1" \
		dockerd --config-file "$dir/daemon.json" --host "unix://$dir/socket" --data-root "$dir/data" \
		--exec-root "$dir/exec" --pidfile "$dir/pid" --storage-driver overlay2 \
		--bridge none --iptables=false --ip6tables=false >>"$dir/log" 2>&1 &
	disown
}

await_node()
{
	for _ in {1..300}; do
		on "$1" version >/dev/null 2>&1 && return
		sleep 0.1
	done
	tail -n 3 "$world/swarm/node$1/log"
	return 1
}

engine_stop()
{
	local node

	docker service rm s
	for node in 2 1; do
		on "$node" swarm leave --force
		on "$node" ps --all --quiet | xargs -r timeout 30 docker --host "unix://$world/swarm/node$node/socket" rm --force
	done
	for node in 1 2; do
		end_daemon "$world/swarm/node$node/pid"
		find "$world/swarm/node$node/exec" -maxdepth 2 -path '*netns/*' -exec umount {} \;
		ip netns delete "node$node"
	done
	rm -rf "$world/swarm"
	rmdir /sys/fs/cgroup/docker
}

# on NODE COMMAND...: docker, of that node; docker COMMAND...: of the one that manages
on()
{
	timeout --foreground -k 5 "${patience:-30}" /usr/bin/docker \
		--host "unix://$world/swarm/node$1/socket" "${@:2}"
}

docker()
{
	on 1 "$@"
}

# tasks NODE: how many of the service's run there, as the node itself says
tasks()
{
	on "$1" ps --quiet --filter label=com.docker.swarm.service.name=s | wc -l
}

# spread ONE TWO: so many tasks come to run on the nodes, and the cluster knows it
spread()
{
	within=60 becomes "$1 $2" counts
	becomes "$(($1 + $2))/$(($1 + $2))" docker service ls --format '{{.Replicas}}'
}

counts()
{
	echo "$(tasks 1) $(tasks 2)"
}

test_join()
{
	works docker swarm init --advertise-addr 10.9.0.1 --dispatcher-heartbeat 1s
	works docker swarm join-token --quiet worker
	works on 2 swarm join --advertise-addr 10.9.0.2 --token "$out" 10.9.0.1:2377
	becomes $'node1 Ready\nnode2 Ready' nodes
}

nodes()
{
	docker node ls --format '{{.Hostname}} {{.Status}}' | sort
}

test_service()
{
	works docker service create --detach --quiet --name s --network host --no-resolve-image \
		--replicas 4 --restart-delay 0s --stop-grace-period 0s $image sleep 1000
	spread 2 2
	for node in 1 2; do
		works on "$node" ps --quiet
		works on "$node" inspect --format '{{.HostConfig.Runtime}} {{.State.Status}}' "${out%%$'\n'*}"
		prints "$name running"
	done
}

test_scale()
{
	works docker service scale --detach s=6
	spread 3 3
	works docker service scale --detach s=2
	spread 1 1
}

# Each task is replaced by one that has the new environment.
test_rolling_update()
{
	works docker service update --detach --quiet --update-parallelism 2 --env-add A=b s
	within=60 becomes $'b\nb' environment
	spread 1 1
}

# What the tasks have as A, if they have it.
environment()
{
	local node id

	for node in 1 2; do
		for id in $(on "$node" ps --quiet); do
			on "$node" exec "$id" sh -c '[ -z "$A" ] || echo "$A"'
		done
	done
	return 0
}

test_task_that_dies()
{
	works on 2 ps --quiet
	was=$out
	kill -9 "$(on 2 inspect --format '{{.State.Pid}}' "$was")"
	spread 1 1
	works on 2 ps --quiet
	[ "$out" != "$was" ] || note 'the dead task still runs'
}

test_drain()
{
	works docker node update --availability drain node2
	spread 2 0
	works docker node update --availability active node2
}

# The node's tasks run on without their daemon; the cluster has them made anew on the other.
test_node_killed()
{
	works docker service scale --detach s=4
	spread 2 2
	kill -9 "$(cat "$world/swarm/node2/pid")"
	rm -f "$world/swarm/node2/pid"
	within=60 becomes $'node1 Ready\nnode2 Down' nodes
	within=60 becomes 4 tasks 1
}

# It comes back, gives up what was given to the other, and takes its part again.
test_node_back()
{
	start_node 2
	await_node 2 || note 'node 2 does not start'
	within=60 becomes $'node1 Ready\nnode2 Ready' nodes
	within=60 becomes 0 tasks 2
	works docker service update --detach --quiet --force s
	spread 2 2
	works docker service rm s
	within=60 becomes '0 0' counts
}
