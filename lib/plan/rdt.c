/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt (config-linux.md, IntelRdt). */
#include "base/str.h"
#include "plan/parts.h"

/* memBwSchema is what counts for memory bandwidth: its lines in l3CacheSchema are left out, as in runc. */
static void add_l3(struct strbuf *text, const char *schema)
{
	while (schema && *schema) {
		size_t n = strcspn(schema, "\n");

		if (n > 0 && !str_starts(schema, "MB:")) {
			strbuf_addn(text, schema, n);
			strbuf_add(text, "\n");
		}
		schema += n + (schema[n] == '\n');
	}
}

/* The text for one write; offset 0 when there is nothing to write. */
static uint32_t schema_text(struct plan_ctx *c, struct strbuf *text)
{
	c->b->failed |= text->failed;
	return text->len ? plan_strn(c->b, text->s, text->len) : 0;
}

/* l3CacheSchema and memBwSchema, which go together in one write. */
static void add_both(struct strbuf *text, const struct oci_intel_rdt *rdt)
{
	add_l3(text, rdt->l3_cache_schema);
	if (!str_empty(rdt->mem_bw_schema))
		strbuf_addf(text, "%s\n", rdt->mem_bw_schema);
}

void plan_rdt_group(struct plan_ctx *c)
{
	const struct oci_intel_rdt *rdt = c->linux->intel_rdt;
	_cleanup_strbuf_ struct strbuf first = {0}, last = {0};
	struct op_rdt_group *s;

	if (!c->opt->rdt_group)
		return;
	add_both(&first, rdt);
	for (size_t i = 0; i < rdt->schemata.n; i++)
		strbuf_addf(&last, "%s\n", rdt->schemata.v[i]);
	s = PLAN_ADD(c->b, rdt_group, rdt);
	s->path = plan_str(c->b, c->opt->rdt_group);
	s->found = OCI_HAS(rdt, clos_id);
	s->schema = schema_text(c, &first);
	s->schema_last = schema_text(c, &last);
	s->monitor = plan_str(c->b, c->opt->rdt_monitor);
}

void plan_rdt_join(struct plan_ctx *c)
{
	struct op_rdt_join *s;

	if (!c->opt->rdt_group)
		return;
	s = PLAN_ADD(c->b, rdt_join, c->linux->intel_rdt);
	s->path = plan_str(c->b, c->opt->rdt_group);
	s->monitor = plan_str(c->b, c->opt->rdt_monitor);
}

void plan_rdt_schema(struct plan_ctx *c)
{
	_cleanup_strbuf_ struct strbuf text = {0};
	struct op_rdt_schema *s;

	if (!c->linux->intel_rdt)
		return;
	add_both(&text, c->linux->intel_rdt);
	s = PLAN_ADD(c->b, rdt_schema, NULL);
	s->path = plan_str(c->b, c->opt->rdt_group);
	s->schema = schema_text(c, &text);
}
