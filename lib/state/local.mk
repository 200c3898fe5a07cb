# lib/state: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/state/dir.c \
	lib/state/record.c \
	lib/state/state.def lib/state/state.h
unit_sources += tests/unit/state.c
