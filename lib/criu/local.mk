# lib/criu: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/criu/images.c lib/criu/images.h \
	lib/criu/outside.c lib/criu/outside.h \
	lib/criu/rpc.c lib/criu/rpc.h \
	lib/criu/talk.c lib/criu/talk.h \
	lib/criu/wire.c lib/criu/wire.h
unit_sources += tests/unit/criu.c
