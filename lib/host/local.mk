# lib/host: sources of the library, and the unit tests of this folder.
libocirt_sources += lib/host/facts.c lib/host/facts.def lib/host/facts.h
unit_sources += tests/unit/host_facts.c
