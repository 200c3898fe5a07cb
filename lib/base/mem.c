/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#define ARENA_ALIGN 16u
#define ARENA_FIRST 4096u
#define ARENA_LARGEST ((size_t)1024 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t used, size; /* of data */
	char data[] __attribute__((aligned(ARENA_ALIGN)));
};

#define POPULATE_LEAST ((size_t)128 * 1024) /* what malloc(3) maps by itself */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

void rt_mem_populate(void *p, size_t size)
{
	const uintptr_t page = 4096, begin = ((uintptr_t)p + page - 1) & ~(page - 1);

	/* What is not populated, where pages are larger too, is faulted in as it is used. */
	if (size >= POPULATE_LEAST)
		madvise((void *)begin, ((uintptr_t)p + size - begin) & ~(page - 1),
			MADV_POPULATE_WRITE);
}

/*
 * Blocks grow with the document, so that a small one touches little memory. What is larger gets one
 * of its own, behind the one that goes on being filled.
 */
static struct arena_block *block_new(struct arena *a, size_t need)
{
	size_t size = MIN(a->head ? a->head->size * 2 : ARENA_FIRST, ARENA_LARGEST);
	struct arena_block *b, **place = &a->head;

	if (size < need) {
		size = need;
		if (a->head)
			place = &a->head->next;
	}
	if (size > SIZE_MAX - sizeof(*b))
		return NULL;
	b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	rt_mem_populate(b, sizeof(*b) + size);
	b->used = 0;
	b->size = size;
	b->next = *place;
	*place = b;
	return b;
}

/* Not zeroed, and not before it is needed: calloc of a block would touch all its pages. */
static void *bump(struct arena *a, size_t bytes, size_t align)
{
	struct arena_block *b = a->head;
	size_t begin = b ? (b->used + align - 1) & ~(align - 1) : 0;

	if (!b || begin > b->size || b->size - begin < bytes) {
		b = block_new(a, bytes);
		begin = 0;
	}
	if (!b)
		return NULL;
	b->used = begin + bytes;
	return b->data + begin;
}

void *arena_room(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes) ? NULL : bump(a, bytes, ARENA_ALIGN);
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	void *p = arena_room(a, count, size);

	return p ? memset(p, 0, count * size) : NULL;
}

char *arena_strn(struct arena *a, const char *s, size_t len)
{
	char *p = len < SIZE_MAX ? bump(a, len + 1, 1) : NULL;

	if (p) {
		memcpy(p, s, len);
		p[len] = '\0';
	}
	return p;
}

char *arena_str(struct arena *a, const char *s)
{
	return arena_strn(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p = NULL;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0)
		p = arena_alloc(a, 1, (size_t)n + 1);
	if (p) {
		va_start(ap, fmt);
		vsnprintf(p, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	return p;
}

void arena_free(struct arena *a)
{
	struct arena_block *b = a->head;

	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	a->head = NULL;
}
