# lib/proc: sources of the library, and the unit tests of this folder.
libocirt_sources += lib/proc/init_blob.S
unit_sources +=
