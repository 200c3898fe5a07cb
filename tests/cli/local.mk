# tests/cli: help, exit codes, messages, completion.
TESTS += tests/cli/man-check.sh
EXTRA_DIST += \
	tests/cli/man-check.sh \
	tests/cli/messages.case \
	tests/cli/nested.case \
	tests/cli/run.case \
	tests/cli/stats.case \
	tests/cli/surroundings.case \
	tests/cli/timings.case \
	tests/cli/update.case \
	tests/cli/upgrade.case \
	tests/cli/usage.case
