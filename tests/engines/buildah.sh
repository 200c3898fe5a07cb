# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# buildah: it calls the runtime itself, without conmon or shim.

# shellcheck source=tests/engines/podman.sh
. "$here/podman.sh"
need_tools=(buildah)

engine_start()
{
	configure_podman overlay
	buildah pull "docker-archive:$world/image.tar"
}

engine_stop()
{
	buildah rm --all
	remove_own_cgroups buildah
}

buildah()
{
	timeout --foreground -k 5 "${patience:-60}" buildah "$@"
}

# in_new COMMAND...: buildah's run in a working container of its own
in_new()
{
	buildah run --isolation oci --runtime "$world/bin/$engine_runtime" --network none "$@"
}

test_run()
{
	works buildah from --name w $image
	works in_new w echo hello
	prints hello
	works in_new w touch /data/made
	works in_new w ls /data/made
	works buildah rm w
}

test_run_as()
{
	works buildah from --name w $image
	works in_new --user 1000 --env A=b --workingdir /data --hostname ship w sh -c 'id -u; echo $A; pwd; hostname'
	prints $'1000\nb\n/data\nship'
	works in_new --cap-drop CAP_CHOWN w grep CapBnd /proc/self/status
	mkdir -p "$world/shared" && echo host >"$world/shared/file"
	works in_new --volume "$world/shared:/mnt:ro" w cat /mnt/file
	prints host
	works buildah rm w
}

test_run_status()
{
	works buildah from --name w $image
	exits 7 in_new w sh -c 'exit 7'
	exits 1 in_new w nonexistent
	says '*not found in $PATH*'
	works buildah rm w
}

test_terminal()
{
	works buildah from --name w $image
	with_terminal in_new --terminal w sh -c "$on_terminal; exit 3"
	equal 'the exit status' "$status" 3
	says '*typed on a terminal*'
	works buildah rm w
}

test_bud()
{
	mkdir -p "$world/context" && echo text >"$world/context/file"
	cat >"$world/context/Dockerfile" <<-END
	FROM $image
	COPY file /data/file
	RUN cat /data/file >/data/copy && id -u
	USER 1000
	RUN id -u >/tmp/user
	END
	works buildah bud --isolation oci --runtime "$world/bin/$engine_runtime" --network none \
		--tag localhost/built "$world/context"
	works buildah from --name w localhost/built
	works in_new w cat /data/copy /tmp/user
	prints $'text\n1000'
	works buildah rm w
	works buildah rmi localhost/built
}

test_bud_that_fails()
{
	mkdir -p "$world/failing"
	printf 'FROM %s\nRUN exit 9\n' $image >"$world/failing/Dockerfile"
	exits 9 buildah bud --isolation oci --runtime "$world/bin/$engine_runtime" --network none "$world/failing"
	works buildah rm --all
}
