# lib/spec: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/spec/annotations.c lib/spec/annotations.h \
	lib/spec/bind.c lib/spec/bind.h lib/spec/bind_priv.h lib/spec/bind_types.h \
	lib/spec/bind_emit.c lib/spec/bind_merge.c lib/spec/bind_path.c lib/spec/bind_rules.c \
	lib/spec/caps.c lib/spec/caps.h \
	lib/spec/check.c lib/spec/check.h lib/spec/check_priv.h \
	lib/spec/check_linux.c lib/spec/check_process.c lib/spec/check_resources.c \
	lib/spec/check_seccomp.c lib/spec/unsupported.c \
	lib/spec/default.c lib/spec/default.h lib/spec/default.json lib/spec/default_json.S \
	lib/spec/list.c lib/spec/list.h \
	lib/spec/oci.c lib/spec/oci.def lib/spec/oci.h \
	lib/spec/resources.c lib/spec/resources.h \
	lib/spec/problem.c lib/spec/problem.h \
	lib/spec/sysctl.c lib/spec/sysctl.h \
	lib/spec/variant.c lib/spec/variant.h
unit_sources += tests/unit/variant.c tests/unit/spec_bind.c tests/unit/spec_check.c tests/unit/spec_text.h

lib/spec/default_json.$(OBJEXT): lib/spec/default.json
