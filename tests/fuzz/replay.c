/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target without libFuzzer: run it on every seed in $RT_SRCDIR/tests/fuzz/corpus/NAME, or on
 * the files named as arguments, and on damages of each: cut at 64 places, a bit turned at 256.
 * The places depend on the seed's length only, so that a failure comes again.
 */
#include "fuzz.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

/* The input lies in an allocation of its exact size: AddressSanitizer and valgrind see each end. */
static void feed(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	FUZZ_CHECK(copy);
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void feed_damaged(uint8_t *data, size_t size)
{
	for (size_t i = 0; i < 64; i++)
		feed(data, size * i / 64);
	for (size_t i = 0; i < 256 && size; i++) {
		uint8_t *byte = &data[(size * i / 256 + i) % size];

		*byte ^= 1u << (i % 8);
		feed(data, size);
		*byte ^= 1u << (i % 8);
	}
}

static int replay(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(path, "re");
	size_t size;

	if (!file) {
		printf("%s: %s\n", path, strerror(errno));
		return -1;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	/* Before the run, so that the line stands there if it crashes. */
	printf("%s\n", path);
	fflush(stdout);
	feed(data, size);
	feed_damaged(data, size);
	return 0;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("RT_SRCDIR"), *name = strstr(argv[0], "fuzz-");
	unsigned int passed = 0, failed = 0;
	char pattern[4096];
	glob_t seeds;

	if (argc > 1) {
		seeds.gl_pathc = argc - 1;
		seeds.gl_pathv = argv + 1;
	} else {
		snprintf(pattern, sizeof(pattern), "%s/tests/fuzz/corpus/%s/*",
			 srcdir ? srcdir : ".", name ? name + strlen("fuzz-") : "");
		if (glob(pattern, 0, NULL, &seeds) != 0) {
			printf("%s: no seed is there\n0 passed, 1 failed, 0 skipped\n", pattern);
			return 1;
		}
	}
	for (size_t i = 0; i < seeds.gl_pathc; i++)
		replay(seeds.gl_pathv[i]) == 0 ? passed++ : failed++;
	if (argc == 1)
		globfree(&seeds);
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0;
}
