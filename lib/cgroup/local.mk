# lib/cgroup: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/cgroup/attach.c \
	lib/cgroup/cgroup.h \
	lib/cgroup/devices.c lib/cgroup/devices.h \
	lib/cgroup/dir.c lib/cgroup/dir.h \
	lib/cgroup/driver.c lib/cgroup/driver.h \
	lib/cgroup/end.c \
	lib/cgroup/freeze.c \
	lib/cgroup/now.c \
	lib/cgroup/path.c \
	lib/cgroup/pins.c lib/cgroup/pins.h \
	lib/cgroup/procs.c \
	lib/cgroup/sdbus.c lib/cgroup/sdbus.h \
	lib/cgroup/session.c lib/cgroup/session.h \
	lib/cgroup/systemd.c lib/cgroup/systemd.h \
	lib/cgroup/stat.c lib/cgroup/stat.h \
	lib/cgroup/text.c lib/cgroup/text.h \
	lib/cgroup/tree.c \
	lib/cgroup/unit.c \
	lib/cgroup/values.c lib/cgroup/values.h
unit_sources += tests/unit/unit_name.c tests/unit/unit_values.c tests/unit/cgroup.c tests/unit/devices.c
