# tests/crash: the runtime and rt-init killed at their system calls, and with calls and allocations
# that fail. In a sandbox of tests/cases.

check_PROGRAMS += tests/crash/crash tests/crash/race
TESTS += tests/crash/race
if !SANITIZE
# AddressSanitizer ends a program whose mmap fails.
TESTS += tests/crash/crash
endif

tests_crash_crash_SOURCES = \
	tests/crash/main.c \
	tests/crash/nomem.h \
	tests/crash/programs.c \
	tests/crash/programs.h \
	tests/crash/scenario.c \
	tests/crash/scenario.h \
	tests/crash/tracer.c \
	tests/crash/tracer.h \
	tests/crash/world.c \
	tests/crash/world.h
tests_crash_crash_CPPFLAGS = -D_GNU_SOURCE -I$(srcdir)/tests/cases \
	-DCASES_DIR='"$(abs_srcdir)/tests/cases"' -DCRASH_DIR='"$(abs_srcdir)/tests/crash"' \
	-DNOMEM_SO='"$(abs_builddir)/tests/crash/nomem.so"'
tests_crash_crash_CFLAGS = $(cases_cflags)
tests_crash_crash_LDFLAGS =
tests_crash_crash_LDADD = tests/cases/libworld.a $(YAJL_STATIC)
tests_crash_crash_DEPENDENCIES = tests/cases/libworld.a tests/crash/nomem.so

# Many callers at once.
tests_crash_race_SOURCES = \
	tests/crash/nomem.h \
	tests/crash/race.c \
	tests/crash/tracer.c \
	tests/crash/tracer.h
tests_crash_race_CPPFLAGS = $(tests_crash_crash_CPPFLAGS)
tests_crash_race_CFLAGS = $(cases_cflags)
tests_crash_race_LDFLAGS =
tests_crash_race_LDADD = tests/cases/libworld.a $(YAJL_STATIC)

tests/crash/nomem.so: $(srcdir)/tests/crash/nomem.c $(srcdir)/tests/crash/nomem.h
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC) -D_GNU_SOURCE $(cases_cflags) -O2 -fPIC -fno-builtin -shared $< -o $@

CLEANFILES += tests/crash/nomem.so
EXTRA_DIST += tests/crash/nomem.c tests/crash/rich.json
