# tests/vm: a QEMU guest with Debian's kernel; not part of make check.
EXTRA_DIST += tests/vm/run tests/vm/guest-init tests/vm/guest-job tests/vm/guest-plain \
	tests/vm/guest-systemd tests/vm/debian-root tests/vm/engines tests/vm/lib.sh tests/vm/limits tests/vm/network \
	tests/vm/smallest tests/vm/soak tests/vm/suite tests/vm/systemd tests/vm/user \
	tests/vm/criu.case tests/vm/misc.case tests/vm/misc-module tests/vm/rdma.case \
	tests/vm/selinux.case tests/vm/selinux.cil tests/vm/weights.case
