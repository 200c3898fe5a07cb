# tests/bench: comparison with other runtimes. Of it make check has the counts, which no load changes.

bench_programs = tests/bench/ab tests/bench/floor tests/bench/parallel tests/bench/payload \
	tests/bench/soak
EXTRA_PROGRAMS += $(bench_programs)
EXTRA_DIST += tests/bench/budget tests/bench/check tests/bench/config.json tests/bench/host-mounts \
	tests/bench/operations tests/bench/phases tests/bench/plot tests/bench/run tests/bench/seccomp.json
if !INSTRUMENTED
check_PROGRAMS += $(bench_programs)
TESTS += tests/bench/check
endif

.PHONY: bench-programs
bench-programs: $(bench_programs)

tests_bench_ab_SOURCES = tests/bench/ab.h tests/bench/ab.c tests/bench/script.c tests/bench/run.c \
	tests/bench/count.c tests/bench/report.c

tests_bench_floor_SOURCES = tests/bench/floor.c
tests_bench_floor_LDFLAGS = $(AM_LDFLAGS) -static

tests_bench_parallel_SOURCES = tests/bench/parallel.c
tests_bench_parallel_LDFLAGS = $(AM_LDFLAGS) -static

tests_bench_soak_SOURCES = tests/bench/soak.c
tests_bench_soak_LDADD = $(core_libs)

tests_bench_payload_SOURCES = tests/bench/payload.c lib/init/arch.c
tests_bench_payload_CFLAGS = $(RT_WARNINGS) $(rt_init_cflags)
tests_bench_payload_LDFLAGS = $(rt_init_ldflags)
