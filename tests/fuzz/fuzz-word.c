/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the configuration and the command line that have a grammar of their own. The first byte
 * says which; the rest is the text. Each either means something that stays within its bounds, or is
 * refused.
 */
#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/systemd.h"
#include "cgroup/text.h"
#include "sec/seccomp.h"
#include "spec/caps.h"
#include "spec/sysctl.h"
#include "spec/variant.h"
#include "state/state.h"

/* The path does not leave the directory that it is put below. */
static void check_below(const char *path)
{
	for (const char *part = path, *end; *part; part = end + (*end == '/')) {
		end = strchrnul(part, '/');
		FUZZ_CHECK(end - part != 1 || *part != '.');
		FUZZ_CHECK(end - part != 2 || part[0] != '.' || part[1] != '.');
	}
}

static void sysctl(struct arena *a, const char *text)
{
	char file[256];

	(void)a;
	if (rt_sysctl_file(text, file, sizeof(file)) < 0)
		return;
	FUZZ_CHECK(file[0] && file[0] != '/');
	check_below(file);
	rt_sysctl_namespace(file);
}

static void variant(struct arena *a, const char *text)
{
	struct rt_variant v;
	struct err e = ERR_INIT;
	int r = rt_variant_parse(a, text, &v, &e);

	FUZZ_CHECK((r < 0) == (e.text[0] != '\0'));
	for (size_t i = 0; r == 0 && i < v.n; i++)
		FUZZ_CHECK(v.values[i]);
}

static void raw_filter(struct arena *a, const char *text)
{
	struct rt_seccomp s;
	struct err e = ERR_INIT;
	int r = rt_seccomp_raw(a, text, NULL, &s, &e);

	FUZZ_CHECK((r < 0) == (e.text[0] != '\0'));
	FUZZ_CHECK(r < 0 || (s.n > 0 && s.n <= BPF_MAXINSNS));
}

static void cgroup_path(struct arena *a, const char *text)
{
	const struct rt_cgroup_place place = {.root = "/sys/fs/cgroup", .own = "/a/b"};
	const char *path;
	struct err e = ERR_INIT;

	if (rt_cgroup_path(a, text, "id", &place, &path, &e) < 0)
		return;
	FUZZ_CHECK(path[0] == '/' && path[1] && strlen(path) < PATH_MAX);
	check_below(path + 1);
}

static void unit(struct arena *a, const char *text)
{
	const char *path;
	struct rt_unit u;
	struct err e = ERR_INIT;

	if (rt_unit_name(a, text, "id", false, &u, &e) < 0)
		return;
	path = rt_unit_path(a, &u, "container", 1000);
	FUZZ_CHECK(path && path[0] == '/');
	check_below(path + 1);
}

static void id(struct arena *a, const char *text)
{
	struct err e = ERR_INIT;

	(void)a;
	if (rt_state_check_id(text, &e) == 0)
		FUZZ_CHECK(*text && *text != '.' && strlen(text) <= RT_STATE_ID_MAX &&
			   !strchr(text, '/'));
}

static void capability(struct arena *a, const char *text)
{
	int n = rt_cap_number(text);

	(void)a;
	FUZZ_CHECK(n < 0 || rt_cap_number(rt_cap_name((unsigned int)n)) == n);
}

/* A value is put into a document; it stays one. */
static void splice(struct arena *a, const char *text)
{
	static const char *const keys[] = {"linux", "resources", NULL};
	struct strbuf once = {0}, twice = {0};
	struct err e = ERR_INIT;

	(void)a;
	if (rt_json_splice(text, strlen(text), keys, "{\"pids\":{}}", &once, &e) == 0) {
		FUZZ_CHECK(rt_json_splice(once.s, once.len, keys, "{\"pids\":{}}", &twice, &e) ==
			   0);
		FUZZ_CHECK(strcmp(once.s, twice.s) == 0);
	}
	strbuf_free(&once);
	strbuf_free(&twice);
}

/* What a file of a cgroup says. */
static void kernel_words(struct arena *a, const char *text)
{
	(void)a;
	rt_cgroup_value(text, "populated");
	rt_cgroup_has_word(text, "memory", 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const words[])(struct arena * a, const char *text) = {
		sysctl, variant,    raw_filter, cgroup_path,  unit,
		id,     capability, splice,     kernel_words,
	};
	struct arena arena = {0};
	char *text;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	FUZZ_CHECK(text);
	words[data[0] % ARRAY_SIZE(words)](&arena, text);
	free(text);
	arena_free(&arena);
	return 0;
}
