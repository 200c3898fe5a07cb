# lib/sec: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/sec/args.c lib/sec/args.h \
	lib/sec/bpf.c lib/sec/bpf.h \
	lib/sec/filter.c lib/sec/filter.h \
	lib/sec/raw.c \
	lib/sec/seccomp.c lib/sec/seccomp.h \
	lib/sec/syscalls.c lib/sec/syscalls.h
unit_sources += tests/unit/seccomp.c tests/unit/seccomp_oracle.c tests/unit/seccomp_oracle.h

# The numbers of system calls are asked of libseccomp by a program that runs during the build.
# Nothing of it gets into what is built; the unit tests have it as an oracle.
lib/sec/gen-syscalls: lib/sec/gen-syscalls.c lib/sec/syscalls.h Makefile
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC_FOR_BUILD) -std=gnu17 -I$(srcdir)/lib -o $@ \
		$(srcdir)/lib/sec/gen-syscalls.c -lseccomp

lib/sec/syscalls.inc: lib/sec/gen-syscalls
	$(AM_V_GEN)lib/sec/gen-syscalls >$@.tmp && mv $@.tmp $@

lib/sec/syscalls.$(OBJEXT): lib/sec/syscalls.inc
unit_libs += -lseccomp

EXTRA_DIST += lib/sec/gen-syscalls.c
CLEANFILES += lib/sec/gen-syscalls lib/sec/syscalls.inc lib/sec/syscalls.inc.tmp
