# lib/base: sources of the library, and the unit tests of this folder.
libocirt_sources += lib/base/err.c lib/base/io.c lib/base/mem.c lib/base/str.c
unit_sources +=
