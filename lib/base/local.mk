# lib/base: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/base/err.c lib/base/err.h lib/base/errcode.h \
	lib/base/fd.h \
	lib/base/io.c lib/base/io.h \
	lib/base/json.c lib/base/json.h \
	lib/base/mem.c lib/base/mem.h \
	lib/base/str.c lib/base/str.h
unit_sources +=
