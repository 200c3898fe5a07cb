/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the runtime: one of its allocations fails. NOMEM is the number of a descriptor that
 * holds a struct nomem. rt-init needs no such thing: it allocates by mmap(2) alone, which the tracer
 * makes fail.
 */
#include "nomem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

/* The C library's own, by the names that it exports for this purpose. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *old, size_t size);

static struct nomem *numbers; /* NULL in the loader's time: no allocation then is the runtime's */

static void __attribute__((constructor)) begin(void)
{
	const char *fd = getenv("NOMEM");
	void *shared = fd ? mmap(NULL, sizeof(*numbers), PROT_READ | PROT_WRITE, MAP_SHARED,
				 atoi(fd), 0) : MAP_FAILED;

	if (shared == MAP_FAILED)
		_Exit(99);
	numbers = shared;
	/* not for criu, which the runtime starts with its own environment */
	unsetenv("LD_PRELOAD");
	unsetenv("NOMEM");
}

static int fails(void)
{
	if (!numbers || numbers->calls++ != numbers->at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}
