# tests/rdt: rt on a resctrl that is made up, since no machine of ours has the hardware.
TESTS += tests/rdt/check
check_PROGRAMS += tests/rdt/rt
tests_rdt_rt_SOURCES = src/main.c $(cli_sources) tests/rdt/fake.c
tests_rdt_rt_CPPFLAGS = $(cli_cppflags)
tests_rdt_rt_LDADD = $(core_libs)
# Large files make it statfs64 on the machines where these differ, and by name everywhere.
tests_rdt_rt_LDFLAGS = $(rt_LDFLAGS) -Wl,--wrap=statfs,--wrap=mkdir,--wrap=rmdir,--wrap=write \
	-Wl,--defsym=__wrap_statfs64=__wrap_statfs,--wrap=statfs64
src/tests_rdt_rt-embed.$(OBJEXT): src/commit $(srcdir)/docs/errors.md
EXTRA_DIST += tests/rdt/check tests/rdt/resctrl.case
