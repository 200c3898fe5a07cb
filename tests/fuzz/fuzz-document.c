/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents beside config.json. The first byte says which: the process of exec, the resources of
 * update, the record of a container. As for config.json: reading ends with a document or an error,
 * and what was read is written and read again without a change. Resources are also laid over others,
 * and become the plan of an update.
 */
#include "fuzz.h"

#include <string.h>

#include "plan/build.h"
#include "spec/check.h"
#include "spec/resources.h"
#include "state/state.h"

struct kind {
	const struct bind_schema *schema;
	unsigned int object;
	int (*check)(const struct bind_doc *doc, struct problems *list, struct err *e);
};

static int nothing_to_check(const struct bind_doc *doc, struct problems *list, struct err *e)
{
	(void)doc;
	(void)list;
	(void)e;
	return 0;
}

static const struct kind kinds[] = {
	{&rt_oci_schema, BIND_ID(oci_process), rt_check_process},
	{&rt_oci_schema, BIND_ID(oci_resources), rt_check_resources},
	{&rt_state_schema, BIND_ID(rt_record), nothing_to_check},
};

static int parse(const struct kind *k, struct bind_doc *doc, const char *text, size_t len)
{
	struct err e = ERR_INIT;
	int r = rt_bind_parse(doc, k->schema, k->object, "document", text, len, NULL, &e);

	FUZZ_CHECK((r < 0) == (e.text[0] != '\0'));
	return r;
}

/* Write it, read that, write it again. */
static void round_trip(const struct kind *k, const struct bind_doc *doc)
{
	struct strbuf first = {0}, second = {0};
	struct bind_doc again = {0};

	rt_bind_emit(k->schema, k->object, doc->root, 0, &first);
	FUZZ_CHECK(!first.failed && parse(k, &again, first.s, first.len) == 0);
	rt_bind_emit(k->schema, k->object, again.root, 0, &second);
	FUZZ_CHECK(first.len == second.len && memcmp(first.s, second.s, first.len) == 0);
	strbuf_free(&first);
	strbuf_free(&second);
	rt_bind_free(&again);
}

static int plan_update(struct arena *a, const struct oci_resources *change, struct err *e)
{
	static const char *const controllers[] = {"cpuset", "cpu",     "io",
						  "memory", "hugetlb", "pids"};
	const struct rt_facts facts = {.initial_userns = true,
				       .cgroup_tree = RT_CGROUP_TREE_UNIFIED,
				       .cgroup_root = "/sys/fs/cgroup",
				       .controllers = {6, controllers}};
	const struct plan_options o = {.id = "c", .cgroup_path = "/c", .unit = "rt-c.scope"};
	const struct plan_now now = {.memory = 1 << 20, .swap = -1, .quota = -1, .period = 100000};
	struct plan_builder b = {.arena = a};
	struct oci_resources full;
	struct oci_linux part = {.resources = &full};
	struct plan plan;

	TRY(plan_update_fill(a, change, &now, &full, e));
	TRY(plan_build_update(&b, &part, &now, &facts, &o, e));
	TRY(plan_finish(&b, &plan, e));
	FUZZ_CHECK(plan_verify(plan.block, plan.block->size) == 0);
	return 0;
}

static void update(const struct bind_doc *doc)
{
	static const struct oci_resources none;
	struct oci_resources change = *(const struct oci_resources *)doc->root, merged, twice;
	struct arena arena = {0};
	struct err e = ERR_INIT;

	FUZZ_CHECK(rt_resources_requests(&change, &arena, &e) == 0);
	FUZZ_CHECK(rt_resources_merge(&none, &change, &merged, &arena, &e) == 0);
	FUZZ_CHECK(rt_resources_merge(&merged, &change, &twice, &arena, &e) == 0);
	FUZZ_CHECK((plan_update(&arena, &change, &e) < 0) == (e.text[0] != '\0'));
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct kind *k = &kinds[size ? data[0] % ARRAY_SIZE(kinds) : 0];
	struct bind_doc doc = {0};
	struct err e = ERR_INIT;

	if (size && parse(k, &doc, (const char *)data + 1, size - 1) == 0) {
		round_trip(k, &doc);
		if (k->check(&doc, NULL, &e) == 0 && k->object == BIND_ID(oci_resources) &&
		    k->schema == &rt_oci_schema)
			update(&doc);
	}
	rt_bind_free(&doc);
	return 0;
}
