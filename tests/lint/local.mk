# tests/lint: checks of the source and of what was built, run by `make lint` (./dev lint).
lint_scripts = tests/lint/run tests/lint/layers tests/lint/files tests/lint/symbols \
	tests/lint/globals tests/lint/cloexec tests/lint/headers tests/lint/rt-init tests/lint/elf \
	tests/lint/schema tests/lint/man tests/lint/shell tests/lint/format \
	tests/lint/conformance tests/lint/errors tests/lint/security

EXTRA_DIST += $(lint_scripts) tests/conformance/page tests/conformance/requirements

# The tables against the JSON schemas, for tests/lint/schema.
EXTRA_PROGRAMS += tests/spec-schema/compare
CLEANFILES += tests/spec-schema/compare
tests_spec_schema_compare_SOURCES = tests/spec-schema/compare.c
tests_spec_schema_compare_LDADD = $(core_libs)

.PHONY: lint
lint: all tests/spec-schema/compare
	@cd $(srcdir) && CC='$(CC)' CPPFLAGS='$(RT_CPPFLAGS)' BUILD='$(abs_builddir)' \
		OBJECTS='$(lib_libocirt_core_a_OBJECTS)' \
		INIT_SOURCES='$(rt_init_sources)' INIT_HEADERS='$(rt_init_headers)' tests/lint/run
