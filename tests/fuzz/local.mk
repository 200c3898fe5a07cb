# tests/fuzz: a target is tests/fuzz/fuzz-NAME.c with LLVMFuzzerTestOneInput, its seeds are the files
# in tests/fuzz/corpus/NAME. make check replays the seeds and small damages of them (replay.c);
# `./dev fuzz NAME` searches with libFuzzer, and what it finds is added to the seeds.
fuzz_programs = tests/fuzz/fuzz-config tests/fuzz/fuzz-create tests/fuzz/fuzz-document tests/fuzz/fuzz-plan \
	tests/fuzz/fuzz-stat tests/fuzz/fuzz-talk tests/fuzz/fuzz-word

check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
EXTRA_DIST += tests/fuzz/afl tests/fuzz/run tests/fuzz/dictionary.c tests/fuzz/corpus

fuzz_driver = tests/fuzz/replay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c $(fuzz_driver)
tests_fuzz_fuzz_config_LDADD = $(core_libs)
tests_fuzz_fuzz_create_SOURCES = tests/fuzz/fuzz-create.c $(fuzz_driver)
tests_fuzz_fuzz_create_LDADD = $(core_libs)
tests_fuzz_fuzz_document_SOURCES = tests/fuzz/fuzz-document.c $(fuzz_driver)
tests_fuzz_fuzz_document_LDADD = $(core_libs)
tests_fuzz_fuzz_plan_SOURCES = tests/fuzz/fuzz-plan.c $(fuzz_driver)
tests_fuzz_fuzz_plan_LDADD = $(core_libs)
tests_fuzz_fuzz_stat_SOURCES = tests/fuzz/fuzz-stat.c $(fuzz_driver)
tests_fuzz_fuzz_stat_LDADD = $(core_libs)
tests_fuzz_fuzz_talk_SOURCES = tests/fuzz/fuzz-talk.c $(fuzz_driver)
tests_fuzz_fuzz_talk_LDADD = $(core_libs)
tests_fuzz_fuzz_word_SOURCES = tests/fuzz/fuzz-word.c $(fuzz_driver)
tests_fuzz_fuzz_word_LDADD = $(core_libs)

# For tests/fuzz/run, which links with clang.
.PHONY: print-core-libs
print-core-libs:
	@echo $(core_libs)
