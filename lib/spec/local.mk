# lib/spec: sources of the library, and the unit tests of this folder.
libocirt_sources += lib/spec/bind_types.h lib/spec/oci.def lib/spec/oci.h
unit_sources +=
