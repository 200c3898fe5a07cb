/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json. For any bytes: reading ends with a document or an error that says what is wrong; a
 * document can be checked, also one with mistakes; what was read without an error can be written,
 * read again, and is then written the same, and the check finds the same in it.
 */
#include "fuzz.h"

#include <string.h>

#include "spec/bind.h"
#include "spec/check.h"
#include "spec/oci.h"

static int parse(struct bind_doc *doc, const char *text, size_t len, struct problems *list)
{
	struct err e = ERR_INIT;
	int r = rt_bind_parse(doc, &rt_oci_schema, BIND_ID(oci_config), "config.json", text, len,
			      list, &e);

	FUZZ_CHECK((r < 0) == (e.text[0] != '\0'));
	if (doc->root && list) {
		int c = rt_check_config(doc, list, &e);

		FUZZ_CHECK((c < 0) == (list->errors > 0));
		FUZZ_CHECK((c < 0) == (e.text[0] != '\0'));
	}
	return r;
}

/* The number of problems that are found in a document. */
static size_t check(const struct bind_doc *doc)
{
	struct problems list = {0};
	struct err e = ERR_INIT;
	size_t n;

	rt_check_config(doc, &list, &e);
	n = list.n + list.dropped;
	for (size_t i = 0; i < list.n; i++)
		FUZZ_CHECK(list.v[i].line > 0);
	rt_problems_free(&list);
	return n;
}

static void emit(const struct bind_doc *doc, unsigned int flags, struct strbuf *out)
{
	rt_bind_emit(&rt_oci_schema, BIND_ID(oci_config), doc->root, flags, out);
	FUZZ_CHECK(!out->failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bind_doc doc = {0}, again = {0};
	struct strbuf first = {0}, second = {0};
	struct problems list = {0};

	parse(&doc, (const char *)data, size, &list);
	rt_bind_free(&doc);
	rt_problems_free(&list);

	doc = (struct bind_doc){0};
	if (parse(&doc, (const char *)data, size, NULL) == 0) {
		emit(&doc, BIND_EMIT_PRETTY, &first);
		FUZZ_CHECK(parse(&again, first.s, first.len, NULL) == 0);
		emit(&again, BIND_EMIT_PRETTY, &second);
		FUZZ_CHECK(first.len == second.len && memcmp(first.s, second.s, first.len) == 0);
		FUZZ_CHECK(check(&doc) == check(&again));
	}
	strbuf_free(&first);
	strbuf_free(&second);
	rt_bind_free(&doc);
	rt_bind_free(&again);
	return 0;
}
