/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan's block. A good block with one step of each kind is damaged as the input says (four bytes
 * each: offset, what to do, value). Whatever plan_verify accepts, the walk and the printers must be
 * able to follow.
 */
#include "fuzz.h"

#include <string.h>

#include "plan/desc.h"
#include "plan/plan.h"
#include "plan/print.h"

static void fill(struct plan_builder *b, const struct op_arg *arg, void *step)
{
	static const char *const words[] = {"one", "", "three"};
	void *at = (char *)step + arg->offset;

	switch (arg->kind) {
	case KIND_STR:
		*(uint32_t *)at = plan_str(b, "/a/path");
		break;
	case KIND_STRV:
		*(struct op_strv *)at = plan_strv(b, words, 3);
		break;
	case KIND_BLOB:
		*(struct op_blob *)at = plan_blob(b, "0123456789abcdef", 16, 8);
		break;
	case KIND_SLOT:
		*(uint32_t *)at = plan_slot(b, "slot");
		break;
	case KIND_U32:
	case KIND_BOOL:
	case KIND_MODE:
	case KIND_ID:
		*(uint32_t *)at = 1;
		break;
	case KIND_U64:
	case KIND_I64:
	case KIND_FLAGS:
		*(uint64_t *)at = 3;
		break;
	}
}

static void build(struct arena *arena, struct plan *ret)
{
	struct plan_builder b = {.arena = arena};
	struct err e = ERR_INIT;

	for (enum op_code op = 0; op < OP_MAX; op++) {
		const struct op_desc *desc = op_desc(op);
		void *step = plan_add(&b, op, NULL);

		for (size_t i = 0; i < desc->nargs; i++)
			fill(&b, &desc->args[i], step);
	}
	plan_home(&b);
	FUZZ_CHECK(plan_finish(&b, ret, &e) == 0);
	FUZZ_CHECK(plan_verify(ret->block, ret->block->size) == 0);
}

static void damage(unsigned char *block, size_t size, const uint8_t *data)
{
	static const int far_away[] = {0, -1, 0x7fffffff, 0x10000};
	unsigned char *at = block + (data[0] | data[1] << 8) % size;

	switch (data[2] % 4) {
	case 0:
		*at = data[3];
		break;
	case 1:
		*at += data[3];
		break;
	case 2: /* as a number of the block's own size */
		at = block + (size_t)(at - block) / 4 * 4;
		*(uint32_t *)at = (uint32_t)size - data[3] % 16;
		break;
	default:
		at = block + (size_t)(at - block) / 4 * 4;
		memcpy(at, &far_away[data[3] % 4], sizeof(int));
		break;
	}
}

static const char *no_field(const void *doc, const void *member, char *buf, size_t size)
{
	(void)doc;
	(void)member;
	buf[0] = '\0';
	return size ? buf : "";
}

static void follow(const struct plan *p)
{
	struct strbuf text = {0}, json = {0};
	uint32_t n = 0;

	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s))
		n++;
	FUZZ_CHECK(n == p->block->nsteps);
	plan_print_text(p, no_field, NULL, &text);
	plan_print_json(p, no_field, NULL, &json);
	FUZZ_CHECK(!text.failed && !json.failed);
	strbuf_free(&text);
	strbuf_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct plan plan;
	uint32_t block_size, nslots, nsteps;
	struct plan_head *block;

	build(&arena, &plan);
	block_size = plan.block->size;
	nslots = plan.block->nslots;
	nsteps = plan.block->nsteps;
	/* In an allocation of its own, so that each step outside is seen. */
	block = malloc(block_size);
	FUZZ_CHECK(block);
	memcpy(block, plan.block, block_size);
	for (size_t i = 0; i + 4 <= size; i += 4)
		damage((unsigned char *)block, block_size, data + i);
	plan.block = block;
	/* The runtime's own arrays beside the block have the builder's length. */
	if (plan_verify(block, block_size) == 0 && block->nslots <= nslots &&
	    block->nsteps <= nsteps)
		follow(&plan);
	free(block);
	arena_free(&arena);
	return 0;
}
