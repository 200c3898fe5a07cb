# tests/engines: containerd, podman, docker and buildah driving rt; not part of make check.
