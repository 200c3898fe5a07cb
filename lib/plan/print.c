/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/print.h"

#include <ctype.h>
#include <inttypes.h>

#include "base/json.h"

/* What a line of text shows of a string and of a vector. */
#define TEXT_STRING 120
#define TEXT_ITEMS 8

/* An argument's place in its step. Steps are 8-aligned and op.h gives each member its type. */
#define ARG_AT(type, step, arg) ((const type *)(const void *)((const char *)(step) + (arg)->offset))

void plan_print_quoted(struct strbuf *out, const char *s, size_t max)
{
	strbuf_add(out, "\"");
	for (; *s && max; s++, max--) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			strbuf_addf(out, "\\%c", c);
		else if (c == '\n')
			strbuf_add(out, "\\n");
		else if (c == '\r')
			strbuf_add(out, "\\r");
		else if (iscntrl(c))
			strbuf_addf(out, "\\x%02x", c);
		else
			strbuf_addn(out, s, 1);
	}
	strbuf_add(out, *s ? "...\"" : "\"");
}

static const char *slot_name(const struct plan *p, uint32_t slot)
{
	return slot < p->block->nslots ? p->slot_names[slot] : "none";
}

/* Numbers are always worth a word; the other kinds have a value that means "none". */
static bool says_nothing(const struct op_head *step, const struct op_arg *arg)
{
	switch (arg->kind) {
	case KIND_STR:
	case KIND_BOOL:
		return *ARG_AT(uint32_t, step, arg) == 0;
	case KIND_STRV:
		return ARG_AT(struct op_strv, step, arg)->off == 0;
	case KIND_BLOB:
		return ARG_AT(struct op_blob, step, arg)->off == 0;
	case KIND_FLAGS:
		return *ARG_AT(uint64_t, step, arg) == 0;
	case KIND_SLOT:
		return *ARG_AT(uint32_t, step, arg) == NO_SLOT;
	case KIND_ID:
		return *ARG_AT(uint32_t, step, arg) == NO_ID;
	case KIND_U32:
	case KIND_U64:
	case KIND_I64:
	case KIND_MODE:
		break;
	}
	return false;
}

/* The words of the bits that are set, then what has no word as a number. */
static void print_flags(uint64_t flags, const struct op_flag_name *names, const char *quote,
			const char *between, struct strbuf *out)
{
	const char *sep = "";

	for (; names && *names->name; names++) {
		if (!names->bits || (flags & names->bits) != names->bits)
			continue;
		flags &= ~names->bits;
		strbuf_addf(out, "%s%s%s%s", sep, quote, names->name, quote);
		sep = between;
	}
	if (flags)
		strbuf_addf(out, "%s%s0x%" PRIx64 "%s", sep, quote, flags, quote);
}

static void print_gids(const struct plan *p, const struct op_blob *blob, const char *between,
		       struct strbuf *out)
{
	const uint32_t *gids = (const uint32_t *)(const void *)plan_text(p, blob->off);

	strbuf_add(out, "[");
	for (uint32_t i = 0; i < blob->len / sizeof(*gids); i++)
		strbuf_addf(out, "%s%" PRIu32, i ? between : "", gids[i]);
	strbuf_add(out, "]");
}

/* Kinds that look the same in text and in JSON; false: it is none of them. */
static bool print_number(const struct op_head *step, const struct op_arg *arg, struct strbuf *out)
{
	switch (arg->kind) {
	case KIND_U32:
	case KIND_ID:
		strbuf_addf(out, "%" PRIu32, *ARG_AT(uint32_t, step, arg));
		return true;
	case KIND_U64:
		strbuf_addf(out, "%" PRIu64, *ARG_AT(uint64_t, step, arg));
		return true;
	case KIND_I64:
		strbuf_addf(out, "%" PRIi64, *ARG_AT(int64_t, step, arg));
		return true;
	default:
		return false;
	}
}

static void print_strv(const struct plan *p, const struct op_strv *v, struct strbuf *out)
{
	strbuf_add(out, "[");
	for (uint32_t i = 0; i < v->n && i < TEXT_ITEMS; i++) {
		strbuf_add(out, i ? " " : "");
		plan_print_quoted(out, plan_item(p, *v, i), TEXT_STRING);
	}
	if (v->n > TEXT_ITEMS)
		strbuf_addf(out, " and %" PRIu32 " more", v->n - TEXT_ITEMS);
	strbuf_add(out, "]");
}

void plan_print_arg(const struct plan *p, const struct op_head *step, const struct op_arg *arg,
		    struct strbuf *out)
{
	const struct op_blob *blob = ARG_AT(struct op_blob, step, arg);
	const char *s;

	switch (arg->kind) {
	case KIND_STR:
		s = plan_text(p, *ARG_AT(uint32_t, step, arg));
		plan_print_quoted(out, s ? s : "", TEXT_STRING);
		break;
	case KIND_STRV:
		print_strv(p, ARG_AT(struct op_strv, step, arg), out);
		break;
	case KIND_BLOB:
		if (arg->names == OP_NAMES_gids)
			print_gids(p, blob, " ", out);
		else
			strbuf_addf(out, "<%" PRIu32 " bytes>", blob->len);
		break;
	case KIND_SLOT:
		strbuf_addf(out, "<%s>", slot_name(p, *ARG_AT(uint32_t, step, arg)));
		break;
	case KIND_BOOL:
		strbuf_add(out, *ARG_AT(uint32_t, step, arg) ? "yes" : "no");
		break;
	case KIND_MODE:
		strbuf_addf(out, "0%" PRIo32, *ARG_AT(uint32_t, step, arg));
		break;
	case KIND_FLAGS:
		print_flags(*ARG_AT(uint64_t, step, arg), op_names(arg), "", "|", out);
		break;
	case KIND_U32:
		s = arg->names ? op_value_name(op_names(arg), *ARG_AT(uint32_t, step, arg)) : NULL;
		if (s)
			strbuf_add(out, s);
		else
			print_number(step, arg, out);
		break;
	case KIND_U64:
		if (*ARG_AT(uint64_t, step, arg) == UINT64_MAX) { /* RLIM_INFINITY */
			strbuf_add(out, "unlimited");
			break;
		}
		print_number(step, arg, out);
		break;
	case KIND_I64:
	case KIND_ID:
		print_number(step, arg, out);
		break;
	}
}

/* root=<root> in every other line would only hide the rest. */
static bool is_namesake(const struct plan *p, const struct op_head *step, const struct op_arg *arg)
{
	return arg->kind == KIND_SLOT &&
	       streq(arg->name, slot_name(p, *ARG_AT(uint32_t, step, arg)));
}

void plan_print_text(const struct plan *p, plan_field_fn *field, const void *doc,
		     struct strbuf *out)
{
	unsigned stage = STAGE_MAX;
	char path[256];
	uint32_t i = 0;

	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s), i++) {
		const struct op_desc *d = op_desc(s->op);

		if (s->stage != stage)
			strbuf_addf(out, "%s\n", plan_stage_name(s->stage));
		stage = s->stage;
		strbuf_addf(out, "  %s", d->word);
		for (size_t a = 0; a < d->nargs; a++) {
			if (says_nothing(s, &d->args[a]) || is_namesake(p, s, &d->args[a]))
				continue;
			strbuf_addf(out, " %s=", d->args[a].name);
			plan_print_arg(p, s, &d->args[a], out);
		}
		if (p->origin[i] && field && *field(doc, p->origin[i], path, sizeof(path)))
			strbuf_addf(out, "  # %s", path);
		strbuf_add(out, "\n");
	}
}

static void json_arg(const struct plan *p, const struct op_head *step, const struct op_arg *arg,
		     struct strbuf *out)
{
	const struct op_strv *v = ARG_AT(struct op_strv, step, arg);
	const struct op_blob *blob = ARG_AT(struct op_blob, step, arg);
	uint32_t n = *ARG_AT(uint32_t, step, arg);
	const char *s;

	switch (arg->kind) {
	case KIND_STR:
		rt_json_write_string(out, plan_text(p, n));
		break;
	case KIND_STRV:
		for (uint32_t i = 0; i < v->n; i++) {
			strbuf_add(out, i ? "," : "[");
			rt_json_write_string(out, plan_item(p, *v, i));
		}
		strbuf_add(out, v->n ? "]" : "[]");
		break;
	case KIND_BLOB:
		if (arg->names == OP_NAMES_gids)
			print_gids(p, blob, ",", out);
		else
			strbuf_addf(out, "{\"bytes\":%" PRIu32 "}", blob->len);
		break;
	case KIND_SLOT:
		rt_json_write_string(out, slot_name(p, n));
		break;
	case KIND_BOOL:
		strbuf_add(out, n ? "true" : "false");
		break;
	case KIND_MODE:
		strbuf_addf(out, "\"0%" PRIo32 "\"", n);
		break;
	case KIND_FLAGS:
		strbuf_add(out, "[");
		print_flags(*ARG_AT(uint64_t, step, arg), op_names(arg), "\"", ",", out);
		strbuf_add(out, "]");
		break;
	case KIND_U32:
		s = arg->names ? op_value_name(op_names(arg), n) : NULL;
		if (s)
			rt_json_write_string(out, s);
		else
			print_number(step, arg, out);
		break;
	case KIND_U64:
	case KIND_I64:
	case KIND_ID:
		print_number(step, arg, out);
		break;
	}
}

void plan_print_json(const struct plan *p, plan_field_fn *field, const void *doc,
		     struct strbuf *out)
{
	char path[256];
	uint32_t i = 0;

	strbuf_add(out, "{\"steps\":[");
	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s), i++) {
		const struct op_desc *d = op_desc(s->op);
		const char *sep = "";

		strbuf_addf(out, "%s\n{\"stage\":\"%s\",\"step\":\"%s\",\"by\":\"%s\"",
			    i ? "," : "", plan_stage_name(s->stage), d->name,
			    d->init ? "rt-init" : "runtime");
		if (p->origin[i] && field && *field(doc, p->origin[i], path, sizeof(path))) {
			strbuf_add(out, ",\"field\":");
			rt_json_write_string(out, path);
		}
		strbuf_add(out, ",\"args\":{");
		for (size_t a = 0; a < d->nargs; a++) {
			if (says_nothing(s, &d->args[a]))
				continue;
			strbuf_addf(out, "%s\"%s\":", sep, d->args[a].name);
			json_arg(p, s, &d->args[a], out);
			sep = ",";
		}
		strbuf_add(out, "}}");
	}
	strbuf_add(out, "\n]}\n");
}
