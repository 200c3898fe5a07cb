# lib/cgroup: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/cgroup/attach.c \
	lib/cgroup/cgroup.h \
	lib/cgroup/devices.c lib/cgroup/devices.h \
	lib/cgroup/end.c \
	lib/cgroup/freeze.c \
	lib/cgroup/path.c \
	lib/cgroup/text.c lib/cgroup/text.h \
	lib/cgroup/tree.c
unit_sources += tests/unit/cgroup.c tests/unit/devices.c
