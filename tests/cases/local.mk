# tests/cases: cases kept as data (*.case), run by one driver, run-cases, against any runtime; see
# README.md there. Both programs are the tests' own: they share no code with the project, are not
# instrumented by --enable-asan and the like, and the probe is static because it runs in a rootfs.

TESTS += tests/cases/self/check tests/cases/check
check_PROGRAMS += tests/cases/run-cases tests/cases/probe/probe

cases_cflags = $(RT_WARNINGS) -std=gnu17

# The world of one case, for the tests that need one too: tests/crash, tests/embed.
check_LIBRARIES = tests/cases/libworld.a
tests_cases_libworld_a_SOURCES = \
	tests/cases/caller.c \
	tests/cases/dev.c \
	tests/cases/image.c \
	tests/cases/inventory.c \
	tests/cases/json.c \
	tests/cases/json_path.c \
	tests/cases/sandbox.c \
	tests/cases/text.c \
	tests/cases/tree.c
tests_cases_libworld_a_CPPFLAGS = -D_GNU_SOURCE
tests_cases_libworld_a_CFLAGS = $(cases_cflags)

tests_cases_run_cases_SOURCES = \
	tests/cases/case.h \
	tests/cases/check_state.c \
	tests/cases/check_text.c \
	tests/cases/command.c \
	tests/cases/command.h \
	tests/cases/context.c \
	tests/cases/context.h \
	tests/cases/inventory.h \
	tests/cases/json.h \
	tests/cases/main.c \
	tests/cases/match.c \
	tests/cases/match.h \
	tests/cases/need.c \
	tests/cases/parse.c \
	tests/cases/pty.c \
	tests/cases/pty.h \
	tests/cases/reaper.c \
	tests/cases/reaper.h \
	tests/cases/report.c \
	tests/cases/report.h \
	tests/cases/runner.c \
	tests/cases/runner.h \
	tests/cases/sandbox.h \
	tests/cases/statement.c \
	tests/cases/statement.h \
	tests/cases/steps.h \
	tests/cases/steps_caller.c \
	tests/cases/steps_command.c \
	tests/cases/steps_config.c \
	tests/cases/steps_files.c \
	tests/cases/text.h \
	tests/cases/tree.h
if SANITIZE
run_cases_sanitized = -DSANITIZED
endif
tests_cases_run_cases_CPPFLAGS = -D_GNU_SOURCE -DCASES_DIR='"$(abs_srcdir)/tests/cases"' \
	$(run_cases_sanitized)
tests_cases_run_cases_CFLAGS = $(cases_cflags)
tests_cases_run_cases_LDFLAGS =
tests_cases_run_cases_LDADD = tests/cases/libworld.a $(YAJL_STATIC)

tests_cases_probe_probe_SOURCES = \
	tests/cases/probe/action.c \
	tests/cases/probe/agent.c \
	tests/cases/probe/attack.c \
	tests/cases/probe/identity.c \
	tests/cases/probe/main.c \
	tests/cases/probe/probe.h \
	tests/cases/probe/world.c
tests_cases_probe_probe_CPPFLAGS = -D_GNU_SOURCE
tests_cases_probe_probe_CFLAGS = $(cases_cflags)
tests_cases_probe_probe_LDFLAGS = -static

EXTRA_DIST += \
	tests/cases/README.md \
	tests/cases/base.json \
	tests/cases/check \
	tests/cases/peers \
	tests/cases/self/check tests/cases/self/fake-runtime tests/cases/self/must-fail.case \
	tests/cases/self/must-pass.case tests/cases/self/skipped.case \
	tests/cases/capabilities.case \
	tests/cases/cgroup.case \
	tests/cases/config.case \
	tests/cases/conformance.case \
	tests/cases/console.case \
	tests/cases/crash.case \
	tests/cases/devices.case \
	tests/cases/exec-errors.case \
	tests/cases/exec.case \
	tests/cases/features.case \
	tests/cases/hooks.case \
	tests/cases/lifecycle.case \
	tests/cases/limits.case \
	tests/cases/log.case \
	tests/cases/mounts.case \
	tests/cases/namespaces.case \
	tests/cases/notify.case \
	tests/cases/pidfd.case \
	tests/cases/process.case \
	tests/cases/races.case \
	tests/cases/rootless.case \
	tests/cases/seccomp.case \
	tests/cases/security.case \
	tests/cases/signals.case \
	tests/cases/sysctl.case
