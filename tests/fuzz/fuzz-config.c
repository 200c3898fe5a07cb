/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json. For any bytes: reading ends with a document or an error that says what is wrong;
 * what was read without an error can be written, read again, and is then written the same.
 */
#include "fuzz.h"

#include <string.h>

#include "spec/bind.h"
#include "spec/oci.h"

static int parse(struct bind_doc *doc, const char *text, size_t len, struct problems *list)
{
	struct err e = ERR_INIT;
	int r = rt_bind_parse(doc, &rt_oci_schema, BIND_ID(oci_config), "config.json", text, len,
			      list, &e);

	FUZZ_CHECK((r < 0) == (e.text[0] != '\0'));
	return r;
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
	}
	strbuf_free(&first);
	strbuf_free(&second);
	rt_bind_free(&doc);
	rt_bind_free(&again);
	return 0;
}
