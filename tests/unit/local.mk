# tests/unit: $(unit_sources), named by the modules' fragments, built twice: with criterion (each
# test in a process of its own), and as unit-shim with the small runner in shim/ (one process: for
# the sanitizers, valgrind and the guest). Both hold rt-init's sources too, with -DRT_INIT_TEST.

unit_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/tests/unit -DRT_INIT_TEST
unit_all_sources = $(unit_sources) $(rt_init_sources) tests/unit/test.h

check_PROGRAMS += tests/unit/unit-shim
TESTS += tests/unit/unit-shim
tests_unit_unit_shim_SOURCES = $(unit_all_sources) tests/unit/shim/main.c \
	tests/unit/shim/criterion/criterion.h
tests_unit_unit_shim_CPPFLAGS = -I$(srcdir)/tests/unit/shim $(unit_cppflags)
tests_unit_unit_shim_LDADD = $(core_libs) $(unit_libs)

if HAVE_CRITERION
if !SANITIZE
check_PROGRAMS += tests/unit/unit
TESTS += tests/unit/unit
tests_unit_unit_SOURCES = $(unit_all_sources) tests/unit/report.c
tests_unit_unit_CPPFLAGS = $(unit_cppflags)
tests_unit_unit_LDADD = $(core_libs) $(unit_libs) -lcriterion
# Criterion finds tests in a section that nothing refers to.
tests_unit_unit_LDFLAGS = $(AM_LDFLAGS) -Wl,--no-gc-sections
endif
endif

unit_sources += tests/unit/version.c

# The program rt but its main(), on a fake library in place of libocirt.
check_PROGRAMS += tests/unit/cli
TESTS += tests/unit/cli
tests_unit_cli_SOURCES = tests/unit/cli.c tests/unit/cli_fake.c tests/unit/cli_fake.h tests/unit/test.h \
	tests/unit/shim/main.c tests/unit/shim/criterion/criterion.h $(cli_sources)
tests_unit_cli_CPPFLAGS = -I$(srcdir)/tests/unit/shim -I$(srcdir)/tests/unit $(cli_cppflags)
src/tests_unit_cli-embed.$(OBJEXT): src/commit $(srcdir)/docs/errors.md

# What podman 4.3 puts into linux.seccomp of its containers.
EXTRA_DIST += tests/unit/seccomp-podman.json
