# lib/plan: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/plan/build.h \
	lib/plan/cgroup.c \
	lib/plan/create.c \
	lib/plan/desc.c lib/plan/desc.h \
	lib/plan/devices.c \
	lib/plan/exec.c \
	lib/plan/hooks.c \
	lib/plan/idmap.c lib/plan/idmap.h \
	lib/plan/limits.c \
	lib/plan/message.c lib/plan/message.h \
	lib/plan/lsm.c \
	lib/plan/mount_options.c lib/plan/mount_options.h \
	lib/plan/mounts.c \
	lib/plan/names.c \
	lib/plan/namespaces.c \
	lib/plan/notify.c \
	lib/plan/op.def lib/plan/op.h \
	lib/plan/parts.h \
	lib/plan/paths.c \
	lib/plan/plan.c lib/plan/plan.h \
	lib/plan/print.c lib/plan/print.h \
	lib/plan/process.c \
	lib/plan/rdt.c \
	lib/plan/scheduling.c \
	lib/plan/systemd.c \
	lib/plan/update.c \
	lib/plan/verify.c \
	lib/plan/why.h
unit_sources += tests/unit/plan.c
