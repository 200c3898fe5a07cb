# lib/cgroup: sources of the library, and the unit tests of this folder.
libocirt_sources += lib/cgroup/first.c
unit_sources +=
