# lib/base: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/base/err.c lib/base/err.h lib/base/errcode.h \
	lib/base/fd.h \
	lib/base/io.c lib/base/io.h \
	lib/base/json.c lib/base/json.h lib/base/json_splice.c \
	lib/base/mem.c lib/base/mem.h \
	lib/base/pid.c lib/base/pid.h \
	lib/base/spawn.c lib/base/spawn.h \
	lib/base/str.c lib/base/str.h \
	lib/base/sys.c lib/base/sys.h \
	lib/base/time.c lib/base/time.h \
	lib/base/unix.c lib/base/unix.h
unit_sources += tests/unit/base.c tests/unit/json.c tests/unit/spawn.c
