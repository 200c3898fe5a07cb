# lib/proc: sources of the library, and the unit tests of this folder.
libocirt_sources += lib/proc/init_blob.S lib/proc/protocol.h
unit_sources +=
