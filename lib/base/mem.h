/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory: cleanup attributes for what has one owner in one function, arenas for what lives and
 * dies together (a document, a plan).
 */
#ifndef RT_BASE_MEM_H
#define RT_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline void rt_mem_freep(void *p)
{
	free(*(void **)p);
}

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _cleanup_free_ _cleanup_(rt_mem_freep)

/* Hand an owned pointer on; the variable forgets it. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) take_p_ = (p);                                                       \
		(p) = NULL;                                                                        \
		take_p_;                                                                           \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/*
 * Make the pages of new memory present at once, if it is so much that a page fault for each would
 * cost more than the pages. Without effect on what is small.
 */
void rt_mem_populate(void *p, size_t size);

/* An arena: allocation by bumping, freed as a whole. Zero-initialised = empty. */
struct arena {
	struct arena_block *head;
};

/*
 * Zeroed memory from the arena, aligned for any object up to 16 bytes; NULL when memory is short or
 * count*size overflows. Freed only by arena_free.
 */
void *arena_alloc(struct arena *a, size_t count, size_t size);

/* The same, not zeroed: pages that nobody writes to are never touched, so that it may be ample. */
void *arena_room(struct arena *a, size_t count, size_t size);

/* Copies into the arena; NULL when memory is short. arena_strn adds the NUL. */
char *arena_strn(struct arena *a, const char *s, size_t len);
char *arena_str(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Free every block; the arena is empty and usable again. */
void arena_free(struct arena *a);
#define _cleanup_arena_ _cleanup_(arena_free)

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), 1, sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_alloc((a), (n), sizeof(type)))

#endif
