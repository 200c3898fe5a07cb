# Tests. A suite is an executable in TESTS that prints what failed and why, then as its last line
# "N passed, N failed, N skipped", and exits 1 if something failed. Suites get their surroundings by
# these variables, and with RT_TEST_MUST_WORK=1 a skip is a failure.
AM_TESTS_ENVIRONMENT = \
	RT='$(abs_builddir)/rt'; export RT; \
	RT_SRCDIR='$(abs_srcdir)'; export RT_SRCDIR; \
	RT_BUILDDIR='$(abs_builddir)'; export RT_BUILDDIR; \
	LSAN_OPTIONS='suppressions=$(abs_srcdir)/tests/lsan.supp:print_suppressions=0'; export LSAN_OPTIONS;

include tests/unit/local.mk
include tests/golden/local.mk
include tests/cases/local.mk
include tests/rdt/local.mk
include tests/crash/local.mk
include tests/hostile/local.mk
include tests/embed/local.mk
include tests/cli/local.mk
include tests/engines/local.mk
include tests/vm/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/analyze/local.mk
include tests/lint/local.mk

EXTRA_DIST += tests/upgrade/run tests/upgrade/upgrade.case
EXTRA_DIST += tests/spec-schema tests/lsan.supp tests/tsan.supp tests/valgrind/native.c tests/valgrind/run

# The installed library serves a program that knows nothing of this tree.
installcheck-local:
	$(CC) -std=c89 -pedantic -Wall -Wextra -Werror -I$(DESTDIR)$(includedir) \
		$(srcdir)/tests/embed/version.c -L$(DESTDIR)$(libdir) -locirt -o installed-version
	LD_LIBRARY_PATH=$(DESTDIR)$(libdir) ./installed-version | grep -qx '$(PACKAGE_VERSION)'
	rm -f installed-version
