# tests/hostile: malformed and hostile configurations, from the library's tables, from lists, and in all
# sizes, given to the runtime in a world of tests/cases with little memory and time.

EXTRA_PROGRAMS += tests/hostile/hostile
if !SANITIZE
# AddressSanitizer takes more address space than the limit leaves.
check_PROGRAMS += tests/hostile/hostile
TESTS += tests/hostile/hostile
endif

tests_hostile_hostile_SOURCES = \
	tests/hostile/hostile.h \
	tests/hostile/main.c \
	tests/hostile/sizes.c \
	tests/hostile/tables.c \
	tests/hostile/texts.c
tests_hostile_hostile_CPPFLAGS = -D_GNU_SOURCE -I$(srcdir)/lib -I$(srcdir)/tests/cases
tests_hostile_hostile_CFLAGS = $(cases_cflags)
tests_hostile_hostile_LDFLAGS =
tests_hostile_hostile_LDADD = tests/cases/libworld.a $(core_libs)

EXTRA_DIST += tests/security/broken
