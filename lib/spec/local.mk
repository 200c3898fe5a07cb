# lib/spec: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/spec/bind.c lib/spec/bind.h lib/spec/bind_priv.h lib/spec/bind_types.h \
	lib/spec/bind_emit.c lib/spec/bind_path.c lib/spec/bind_rules.c \
	lib/spec/oci.c lib/spec/oci.def lib/spec/oci.h \
	lib/spec/problem.c lib/spec/problem.h
unit_sources +=
