# lib/host_ops: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/host_ops/hooks.c \
	lib/host_ops/host_ops.h \
	lib/host_ops/id_map.c \
	lib/host_ops/net.c lib/host_ops/net.h \
	lib/host_ops/notify.c lib/host_ops/notify.h \
	lib/host_ops/rdt.c lib/host_ops/rdt.h \
	lib/host_ops/run.c \
	lib/host_ops/unit.c lib/host_ops/unit.h \
	lib/host_ops/update.c lib/host_ops/update.h \
	lib/host_ops/userns.c lib/host_ops/userns.h
unit_sources += tests/unit/rdt.c tests/unit/update.c
