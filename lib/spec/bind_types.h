/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a table of rows (oci.def) to C types. A module that has documents of its own writes such a
 * table, says BIND_DECLARE(enums, objects) in its header and BIND_DEFINE (bind.h) in one source.
 *
 * What a row F(kind, member, "key", rule, type) becomes in the struct:
 *   BOOL      bool                      STR       const char *
 *   I32 I64 U16 U32 U64                 a number written in plain digits, in range
 *   ID        uint32_t, 0..4294967294   MODE      uint32_t, file mode in decimal
 *   PID       int32_t, 0 or more        ENUM      enum <type>; 0 when absent
 *   OBJ       const struct <type> *     NULL when absent
 *   ARR_STR ARR_U32 ARR_ID ARR_ENUM ARR_OBJ   { n, v }
 *   MAP_STR   { n, v } of key and value       MAP_OBJ   { n, v } of key and struct
 *   IGNORED   known, not looked into: no member, presence only
 *   EXTRA     the last row, without a key: collects what no other row knows, { key, raw JSON }
 *
 * Beside its members each struct has `has`, one bool per row: BIND_HAS(process, oom_score_adj).
 * A document is immutable once it was read, so everything below its root is const.
 */
#ifndef RT_SPEC_BIND_TYPES_H
#define RT_SPEC_BIND_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Was the member in the document? An empty array, string or object counts. */
#define BIND_HAS(object, member) ((object)->has.member)

struct str_array {
	size_t n;
	const char *const *v;
};

static inline bool str_array_has(const struct str_array *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (streq(list->v[i], word))
			return true;
	return false;
}

struct u32_array {
	size_t n;
	const uint32_t *v;
};

struct str_pair {
	const char *key, *value;
};

/* In the order of the document; the keys are unique. */
struct str_map {
	size_t n;
	const struct str_pair *v;
};

#define BIND_C_BOOL(member, type) bool member;
#define BIND_C_STR(member, type) const char *member;
#define BIND_C_I32(member, type) int32_t member;
#define BIND_C_I64(member, type) int64_t member;
#define BIND_C_U16(member, type) uint16_t member;
#define BIND_C_U32(member, type) uint32_t member;
#define BIND_C_U64(member, type) uint64_t member;
#define BIND_C_ID(member, type) uint32_t member;
#define BIND_C_MODE(member, type) uint32_t member;
#define BIND_C_PID(member, type) int32_t member;
#define BIND_C_ENUM(member, type) enum type member;
#define BIND_C_OBJ(member, type) const struct type *member;
#define BIND_C_ARR_STR(member, type) struct str_array member;
#define BIND_C_ARR_U32(member, type) struct u32_array member;
#define BIND_C_ARR_ID(member, type) struct u32_array member;
#define BIND_C_ARR_ENUM(member, type) struct type##_array member;
#define BIND_C_ARR_OBJ(member, type) struct type##_array member;
#define BIND_C_MAP_STR(member, type) struct str_map member;
#define BIND_C_MAP_OBJ(member, type) struct type##_map member;
#define BIND_C_IGNORED(member, type)
#define BIND_C_EXTRA(member, type) struct str_map member;

#define BIND_ENUMERATOR(enumerator, word) enumerator,
#define BIND_ENUM(tag, prefix, words)                                                              \
	enum tag { prefix##_ABSENT = 0, words(BIND_ENUMERATOR) prefix##_MAX };                     \
	struct tag##_array {                                                                       \
		size_t n;                                                                          \
		const enum tag *v;                                                                 \
	};

/* Declared before the structs, so that the order of the objects in a table is free. */
#define BIND_CONTAINERS(tag, rows)                                                                 \
	struct tag##_array {                                                                       \
		size_t n;                                                                          \
		const struct tag *v;                                                               \
	};                                                                                         \
	struct tag##_map {                                                                         \
		size_t n;                                                                          \
		const struct tag##_entry *v;                                                       \
	};

#define BIND_HAS_MEMBER(kind, member, key, rule, type) bool member;
#define BIND_MEMBER(kind, member, key, rule, type) BIND_C_##kind(member, type)
#define BIND_STRUCT(tag, rows)                                                                     \
	struct tag {                                                                               \
		struct {                                                                           \
			rows(BIND_HAS_MEMBER)                                                      \
		} has;                                                                             \
		rows(BIND_MEMBER)                                                                  \
	};                                                                                         \
	struct tag##_entry {                                                                       \
		const char *key;                                                                   \
		struct tag value;                                                                  \
	};

#define BIND_ENUM_INDEX(tag, prefix, words) BIND_ENUM_ID_##tag,
#define BIND_OBJECT_INDEX(tag, rows) BIND_ID_##tag,

/* All types of a table: enums(X) and objects(X) are its two lists. */
#define BIND_DECLARE(enums, objects)                                                               \
	enums(BIND_ENUM) objects(BIND_CONTAINERS) objects(BIND_STRUCT)                             \
	enum { enums(BIND_ENUM_INDEX) enums##_COUNT };                                             \
	enum { objects(BIND_OBJECT_INDEX) objects##_COUNT };

#endif
