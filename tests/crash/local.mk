# tests/crash: the runtime killed at its system calls, and with calls that fail. In a sandbox of
# tests/cases.

check_PROGRAMS += tests/crash/crash
if !SANITIZE
# AddressSanitizer ends a program whose mmap fails.
TESTS += tests/crash/crash
endif

tests_crash_crash_SOURCES = \
	tests/crash/main.c \
	tests/crash/scenario.c \
	tests/crash/scenario.h \
	tests/crash/tracer.c \
	tests/crash/tracer.h \
	tests/crash/world.c \
	tests/crash/world.h
tests_crash_crash_CPPFLAGS = -D_GNU_SOURCE -I$(srcdir)/tests/cases \
	-DCASES_DIR='"$(abs_srcdir)/tests/cases"'
tests_crash_crash_CFLAGS = $(cases_cflags)
tests_crash_crash_LDFLAGS =
tests_crash_crash_LDADD = tests/cases/libworld.a $(YAJL_STATIC)
