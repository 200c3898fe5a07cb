/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan in the making, and rt-init before it. Included by the files that test rt-init's steps, each
 * of which has its own.
 */
#ifndef TESTS_INIT_FIXTURE_H
#define TESTS_INIT_FIXTURE_H

/* First: behind a libc's headers linux/stat.h would leave the modes to them. */
#include "init/init.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "init/fake.h"
#include "plan/desc.h"
#include "plan/plan.h"
#include "test.h"

static struct arena arena;
static struct plan_builder b;
static struct plan plan;
static struct init in;

#define ADD(op) PLAN_ADD(&b, op, NULL)
#define STR(s) plan_str(&b, s)

static void begin(void)
{
	arena_free(&arena);
	memset(&b, 0, sizeof(b));
	b.arena = &arena;
	b.stage = STAGE_NS;
	memset(&in, 0, sizeof(in));
	in.parent.fd = -1;
	fake_reset();
}

static void end(void)
{
	arena_free(&arena);
}

/* Lay the plan out as rt-init finds it mapped, with slot i holding descriptor 50 + i. */
static void finish(void)
{
	struct err e = ERR_INIT;

	cr_assert_eq(plan_finish(&b, &plan, &e), 0);
	plan.block->control = 40;
	for (uint32_t i = 0; i < plan.block->nslots; i++)
		plan_slots(&plan)[i] = 50 + (int)i;
	fake.plan = plan.block;
	fake.plan_size = plan.block->size;
	fake.in = &in;
	in.plan = plan.block;
	in.slots = plan_slots(&plan);
	in.report = 40;
}

static struct op_strv words(const char *a, const char *c)
{
	const char *const v[] = { a, c };

	return plan_strv(&b, v, c ? 2 : a ? 1 : 0);
}

static const struct fake_call *first(long nr)
{
	return fake_call(nr, 1);
}

#endif
