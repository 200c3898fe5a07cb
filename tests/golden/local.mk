# tests/golden: config + facts -> expected plan or message; no root, no fork.
check_PROGRAMS += tests/golden/golden
TESTS += tests/golden/golden
tests_golden_golden_SOURCES = tests/golden/golden.c tests/golden/golden.def
tests_golden_golden_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/golden
tests_golden_golden_LDADD = $(core_libs)
EXTRA_DIST += tests/golden/cases tests/golden/facts
