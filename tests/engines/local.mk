# tests/engines: containerd, podman, docker, buildah and umoci driving rt; not part of make check.
EXTRA_DIST += tests/engines/run tests/engines/world tests/engines/image tests/engines/compare \
	tests/engines/steps.sh tests/engines/podman.sh tests/engines/rootless.sh tests/engines/buildah.sh \
	tests/engines/umoci.sh \
	tests/engines/conmon.sh tests/engines/containerd.sh tests/engines/cri.sh \
	tests/engines/docker.sh tests/engines/swarm.sh tests/engines/debian.sh tests/engines/debian-image \
	tests/engines/podman-tests/run tests/engines/podman-tests/inside tests/engines/podman-tests/notes
