# shellcheck shell=bash
# umoci: it starts nothing, but unpacks an image into a bundle, whose configuration the runtime gets as it is.

need_tools=(umoci jq)

engine_start()
{
	cd "$world" || return
	umoci init --layout images &&
		umoci new --image images:box &&
		umoci unpack --image images:box first &&
		tar -C first/rootfs -xf rootfs.tar &&
		umoci repack --image images:box first &&
		umoci config --image images:box --config.cmd /bin/sh --config.cmd -c --config.workingdir /data \
			--config.cmd 'echo hello; id -u; pwd; cat /proc/self/uid_map' --config.env A=b
}

engine_stop()
{
	rm -rf "$world/first" "$world/images" "$world/bundle" "$world/own"
}

# bundle DIRECTORY [OPTION]...: unpacked; without the terminal, which there is none for
bundle()
{
	local dir=$1

	shift
	works umoci unpack "$@" --image "$world/images:box" "$world/$dir"
	works jq .process.terminal=false "$world/$dir/config.json"
	printf '%s\n' "$out" >"$world/$dir/config.json"
}

test_run()
{
	bundle bundle
	works "$engine_runtime" run --bundle "$world/bundle" u
	prints $'hello\n0\n/data\n*0*0*4294967295'
}

test_exec()
{
	works jq '.process.args = ["/bin/sleep", "100"]' "$world/bundle/config.json"
	printf '%s\n' "$out" >"$world/bundle/config.json"
	works "$engine_runtime" run --detach --bundle "$world/bundle" u
	# shellcheck disable=SC2016 # for the container's shell
	works "$engine_runtime" exec u /bin/sh -c 'echo $A'
	prints b
	works "$engine_runtime" delete --force u
}

test_rootless()
{
	bundle own --rootless
	works "$engine_runtime" run --bundle "$world/own" u
	prints $'hello\n0\n/data\n*0*0*1'
}
