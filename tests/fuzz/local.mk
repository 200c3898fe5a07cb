# tests/fuzz: a target is tests/fuzz/fuzz-NAME.c with LLVMFuzzerTestOneInput, its seeds are the files
# in tests/fuzz/corpus/NAME. make check replays the seeds and small damages of them (replay.c);
# `./dev fuzz NAME` searches with libFuzzer, and what it finds is added to the seeds.
fuzz_programs = tests/fuzz/fuzz-config tests/fuzz/fuzz-plan

check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
EXTRA_DIST += tests/fuzz/run tests/fuzz/dictionary.c tests/fuzz/corpus

tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_config_LDADD = $(core_libs)

tests_fuzz_fuzz_plan_SOURCES = tests/fuzz/fuzz-plan.c tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_plan_LDADD = $(core_libs)

# For tests/fuzz/run, which links with clang.
.PHONY: print-core-libs
print-core-libs:
	@echo $(core_libs)
