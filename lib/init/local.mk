# lib/init: rt-init, the container's init: freestanding, static, position-dependent, no libc.
# Linked by one command and with its own flags only: the user's CFLAGS (a distribution's
# -fstack-protector, a sanitizer) need a C library. The stripped program is embedded by
# lib/proc/init_blob.S. The unit tests compile the same sources with -DRT_INIT_TEST.
#
rt_init_sources += \
	lib/init/arch.c lib/init/copy.c lib/init/dev.c lib/init/exec.c lib/init/gate.c \
	lib/init/hooks.c lib/init/ident.c lib/init/limits.c lib/init/lsm.c lib/init/mount.c lib/init/ns.c \
	lib/init/pivot.c lib/init/probe.c lib/init/proc.c lib/init/root.c lib/init/sched.c lib/init/start.c \
	lib/init/talk.c lib/init/text.c lib/init/tty.c lib/plan/verify.c

# What rt-init shares with the library; these stand in their own folder's list too.
rt_init_headers = lib/base/errcode.h lib/init/init.h lib/init/sys.h lib/plan/op.def lib/plan/op.h \
	lib/plan/why.h lib/proc/protocol.h

rt_init_cflags = -std=gnu17 -Os -g -ffreestanding -fno-builtin -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -fno-strict-aliasing \
	-ffunction-sections -fdata-sections $(INIT_CFLAGS)
rt_init_ldflags = -static -nostdlib -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,-z,noseparate-code

lib/init/rt-init: $(rt_init_sources) $(rt_init_headers) Makefile
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC) -I$(srcdir)/lib $(RT_WARNINGS) $(rt_init_cflags) \
		$(rt_init_ldflags) -o $@ $(filter %.c,$^)

lib/init/rt-init.stripped: lib/init/rt-init
	$(AM_V_GEN)$(STRIP) --strip-all -o $@ lib/init/rt-init

lib/proc/init_blob.$(OBJEXT): lib/init/rt-init.stripped

EXTRA_DIST += $(rt_init_sources) $(rt_init_headers)
CLEANFILES += lib/init/rt-init lib/init/rt-init.stripped

# rt-init on the real kernel, with plans made by hand: needs root.
check_PROGRAMS += tests/unit/init/kernel
TESTS += tests/unit/init/kernel
tests_unit_init_kernel_SOURCES = tests/unit/init/kernel.c tests/unit/init/kernel.h \
	tests/unit/init/kernel_mount.c tests/unit/init/kernel_process.c tests/unit/init/minir.c \
	tests/unit/init/minir.h
tests_unit_init_kernel_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/unit
tests_unit_init_kernel_LDADD = $(core_libs)
EXTRA_tests_unit_init_kernel_DEPENDENCIES = lib/init/rt-init
unit_sources += tests/unit/init/fake.c tests/unit/init/fake.h \
	tests/unit/init/fixture.h tests/unit/init/single.c tests/unit/init/steps.c
