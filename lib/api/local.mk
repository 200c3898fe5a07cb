# lib/api: one file per verb, behind ocirt.h.
libocirt_sources += \
	lib/api/bundle.c lib/api/bundle.h \
	lib/api/check.c \
	lib/api/checkpoint.c \
	lib/api/console.c lib/api/console.h \
	lib/api/container.c lib/api/container.h \
	lib/api/context.c lib/api/context.h \
	lib/api/create.c \
	lib/api/criu.c lib/api/criu.h \
	lib/api/delete.c \
	lib/api/events.c \
	lib/api/exec.c \
	lib/api/exec_process.c lib/api/exec_process.h \
	lib/api/explain.c \
	lib/api/features.c \
	lib/api/features_host.c lib/api/features_host.h \
	lib/api/kill.c \
	lib/api/list.c \
	lib/api/making.c lib/api/making.h \
	lib/api/pause.c \
	lib/api/prepare.c \
	lib/api/process.c \
	lib/api/ps.c \
	lib/api/restore.c \
	lib/api/salvage.c lib/api/salvage.h \
	lib/api/spec.c \
	lib/api/start.c \
	lib/api/state.c \
	lib/api/timings.c \
	lib/api/update.c \
	lib/api/version.c
unit_sources += tests/unit/features.c
