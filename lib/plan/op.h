/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's binary form: one flat block, position independent, that rt-init maps and runs. Shared
 * by the library and by rt-init: no libc here.
 *
 * Layout: struct plan_head, then strings, vectors and blobs, then the steps one behind the other
 * (each begins with struct op_head, is 8-aligned and `size` bytes long), then the table of slots.
 * Offsets are from the start of the block; offset 0 means "none". A reader must pass plan_verify()
 * first, and take the places from struct plan_head, not from this order.
 */
#ifndef RT_PLAN_OP_H
#define RT_PLAN_OP_H

#include <stdint.h>

#include "plan/op.def"

#define PLAN_MAGIC 0x6e6c7074u /* "tpln" */
#define PLAN_VERSION 1u        /* both ends are built together; this only catches a mix-up */
#define NO_SLOT UINT32_MAX
#define NO_ID UINT32_MAX

enum plan_stage {
	STAGE_HOST,
	STAGE_SPAWN,
	STAGE_HOSTPID,
	STAGE_NS,
	STAGE_ROOTFS,
	STAGE_PIVOT,
	STAGE_PROC,
	STAGE_EXEC,
	STAGE_MAX
};

enum op_code {
#define X(name, side, word) OP_##name,
	OP_LIST(X)
#undef X
	OP_MAX
};

struct op_head {
	uint16_t op;    /* enum op_code */
	uint16_t stage; /* enum plan_stage */
	uint32_t size;  /* of the whole step, a multiple of 8 */
};

/* n strings; at off: n + 1 uint64_t, each the offset of a string, the last 0. rt-init turns them
 * into pointers in its private copy, which makes them an argv: no two steps share a vector. */
struct op_strv {
	uint32_t off, n;
};

struct op_blob {
	uint32_t off, len;
};

#define OPM_STR(m) uint32_t m;
#define OPM_STRV(m) struct op_strv m;
#define OPM_BLOB(m) struct op_blob m;
#define OPM_SLOT(m) uint32_t m;
#define OPM_U32(m) uint32_t m;
#define OPM_BOOL(m) uint32_t m;
#define OPM_U64(m) uint64_t m;
#define OPM_I64(m) int64_t m;
#define OPM_MODE(m) uint32_t m;
#define OPM_ID(m) uint32_t m;
#define OPM_FLAGS(m) uint64_t m;
#define OP_MEMBER(kind, member, names) OPM_##kind(member)

/* struct op_mount_fs, struct op_exec, ... */
#define X(name, side, word)                                                                        \
	struct op_##name {                                                                         \
		struct op_head head;                                                               \
		OP_ARGS_##name(OP_MEMBER)                                                          \
	} __attribute__((aligned(8)));
OP_LIST(X)
#undef X

struct plan_head {
	uint32_t magic, version;
	uint32_t size;       /* of the whole block */
	uint32_t steps;      /* offset of the first step */
	uint32_t steps_end;  /* offset behind the last step */
	uint32_t nsteps;
	uint32_t slots;      /* offset of int32_t[nslots]: open descriptors, or -1 */
	uint32_t nslots;
	uint32_t control;    /* rt-init's end of the control channel, a descriptor */
	uint32_t preserve;   /* descriptors 3 .. 2+preserve belong to the program */
	uint32_t home;       /* offset of the buffer that holds "HOME=/", 0 = none */
	uint32_t home_size;  /* its size in bytes, with the NUL */
	uint32_t times;      /* a descriptor, see struct op_time; 0 = nobody wants to know */
};

/*
 * When a step began and ended, in nanoseconds of CLOCK_REALTIME, which no time namespace shifts; 0: it
 * did not. There is one for each step of the plan, in a memory file that both sides map.
 */
struct op_time {
	uint64_t begin, end;
};

/*
 * Check a block of `size` bytes before anything in it is followed: every step is of a known kind and
 * has that kind's size; every string, vector, blob and slot lies inside, and strings end there. What
 * the values mean is not looked at. Returns 0, or -EINVAL.
 */
int plan_verify(const struct plan_head *block, uint32_t size);

/* struct op_mount_fs.flags */
#define MOUNTF_COPY_UP 1u        /* tmpcopyup */
#define MOUNTF_MODE_FROM_DEST 2u /* tmpfs without mode= */
#define MOUNTF_REAL_DIR 4u       /* proc, sysfs: dest must be no symlink (CVE-2019-19921) */
#define MOUNTF_DEST_NOFOLLOW 8u
#define MOUNTF_OWNER_FROM_DEST 16u /* tmpcopyup without uid= and gid= */

/* struct op_mount_bind.flags, struct op_open_source.flags */
#define BINDF_RECURSIVE 1u
#define BINDF_SRC_NOFOLLOW 2u
#define BINDF_DEST_NOFOLLOW 4u
#define BINDF_COPY_SYMLINK 8u
#define BINDF_IDMAP_RECURSIVE 16u
#define BINDF_OPTIONAL 32u /* a source that is missing is passed over */

/* struct op_cwd.attempt */
enum {
	CWD_NOW,
	CWD_TRY,
	CWD_AGAIN,
};

#endif
