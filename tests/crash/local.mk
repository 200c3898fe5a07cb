# tests/crash: the runtime killed at its system calls, and with calls that fail. In a sandbox of
# tests/cases, whose sources it shares.

check_PROGRAMS += tests/crash/crash
if !SANITIZE
# AddressSanitizer ends a program whose mmap fails.
TESTS += tests/crash/crash
endif

tests_crash_crash_SOURCES = \
	tests/cases/caller.c \
	tests/cases/dev.c \
	tests/cases/image.c \
	tests/cases/inventory.c \
	tests/cases/json.c \
	tests/cases/json_path.c \
	tests/cases/sandbox.c \
	tests/cases/text.c \
	tests/cases/tree.c \
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
tests_crash_crash_LDADD = $(YAJL_STATIC)
