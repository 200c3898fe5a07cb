/* SPDX-License-Identifier: Apache-2.0 */
/* update: options become a resources document, as a file of --resources is one. */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

#define DOCUMENT_MAX (16u << 20)

enum kind { NUMBER, SIZE, WORD };

/* Options by the member they are; those of one object stand together. */
static const struct row {
	char object[8], key[16], option[20];
	enum kind kind;
	size_t offset;
} rows[] = {
#define ROW(object, key, option, kind, member)                                                     \
	{                                                                                          \
		object, key, option, kind, offsetof(struct args, member)                           \
	}
	ROW("memory", "limit", "memory", SIZE, memory),
	ROW("memory", "reservation", "memory-reservation", SIZE, memory_reservation),
	ROW("memory", "swap", "memory-swap", SIZE, memory_swap),
	ROW("memory", "kernel", "kernel-memory", SIZE, kernel_memory),
	ROW("memory", "kernelTCP", "kernel-memory-tcp", SIZE, kernel_memory_tcp),
	ROW("cpu", "shares", "cpu-share", NUMBER, cpu_share),
	ROW("cpu", "quota", "cpu-quota", NUMBER, cpu_quota),
	ROW("cpu", "period", "cpu-period", NUMBER, cpu_period),
	ROW("cpu", "burst", "cpu-burst", NUMBER, cpu_burst),
	ROW("cpu", "realtimeRuntime", "cpu-rt-runtime", NUMBER, cpu_rt_runtime),
	ROW("cpu", "realtimePeriod", "cpu-rt-period", NUMBER, cpu_rt_period),
	ROW("cpu", "idle", "cpu-idle", NUMBER, cpu_idle),
	ROW("cpu", "cpus", "cpuset-cpus", WORD, cpuset_cpus),
	ROW("cpu", "mems", "cpuset-mems", WORD, cpuset_mems),
	ROW("pids", "limit", "pids-limit", NUMBER, pids_limit),
	ROW("blockIO", "weight", "blkio-weight", NUMBER, blkio_weight),
#undef ROW
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *value_of(const struct args *a, const struct row *row)
{
	return *(const char *const *)(const void *)((const char *)a + row->offset);
}

static bool parse_number(const char *text, long long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(text, &end, 10);
	return !errno && !*end && (*text == '-' ? text[1] : *text) >= '0' && end[-1] <= '9';
}

/* The power of 1024 that a suffix means, or -1: "", "b", "k", "KB", "kib", ... */
static int power_of(const char *suffix)
{
	static const char letters[] = "kmgtp";
	const char *at = *suffix ? strchr(letters, *suffix | 0x20) : NULL;

	if (!*suffix || strcasecmp(suffix, "b") == 0)
		return 0;
	if (!at ||
	    (suffix[1] && strcasecmp(suffix + 1, "b") != 0 && strcasecmp(suffix + 1, "ib") != 0))
		return -1;
	return (int)(at - letters) + 1;
}

/* "64M", "1.5g", "1024"; -1 and "max" are no limit. */
static bool parse_size(const char *text, long long *ret)
{
	size_t n = strspn(text, "0123456789.");
	double value;
	char *end;
	int power = power_of(text + n);

	if (strcmp(text, "max") == 0 || strcmp(text, "-1") == 0) {
		*ret = -1;
		return true;
	}
	if (n == 0 || power < 0)
		return false;
	if (power == 0 && !memchr(text, '.', n)) {
		errno = 0;
		*ret = strtoll(text, NULL, 10);
		return !errno;
	}
	value = strtod(text, &end);
	if (end != text + n)
		return false;
	while (power-- > 0)
		value *= 1024;
	*ret = value < 9e18 ? (long long)value : -1;
	return value < 9e18;
}

/* What a list of cpus or nodes is made of; the library looks at the rest. */
static bool is_list(const char *text)
{
	return !text[strspn(text, "0123456789,-")];
}

static int add_value(const struct cli *cli, const struct row *row, const char *text, FILE *out)
{
	long long n = 0;

	switch (row->kind) {
	case NUMBER:
		if (!parse_number(text, &n))
			return fail_usage(cli, "invalid %s \"%s\": a number is wanted", row->option,
					  text);
		break;
	case SIZE:
		if (!parse_size(text, &n))
			return fail_usage(cli,
					  "invalid %s \"%s\": a number of bytes is wanted, as in "
					  "64M, or -1 for no limit",
					  row->option, text);
		break;
	case WORD:
		if (!is_list(text))
			return fail_usage(cli, "invalid %s \"%s\": a list is wanted, as in 0-3,7",
					  row->option, text);
		fprintf(out, "\"%s\":\"%s\"", row->key, text);
		return STATUS_OK;
	}
	fprintf(out, "\"%s\":%lld", row->key, n);
	return STATUS_OK;
}

/* {"memory":{"limit":67108864},"pids":{"limit":10}} */
static int compose(const struct cli *cli, FILE *out)
{
	const char *object = NULL;

	fputc('{', out);
	for (size_t i = 0; i < N_ROWS; i++) {
		const char *text = value_of(&cli->args, &rows[i]);

		if (!text)
			continue;
		if (!object || strcmp(object, rows[i].object) != 0)
			fprintf(out, "%s\"%s\":{", object ? "}," : "", rows[i].object);
		else
			fputc(',', out);
		object = rows[i].object;
		if (add_value(cli, &rows[i], text, out) != STATUS_OK)
			return STATUS_FAILED;
	}
	fputs(object ? "}}" : "}", out);
	return STATUS_OK;
}

/* A file to its end: engines write theirs to our standard input. */
static int copy_file(const struct cli *cli, const char *path, FILE *out)
{
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char buf[4096];
	size_t n, total = 0;
	int no = from ? 0 : errno;

	while (!no && total <= DOCUMENT_MAX && (n = fread(buf, 1, sizeof(buf), from)) > 0) {
		fwrite(buf, 1, n, out);
		total += n;
	}
	if (!no && ferror(from))
		no = errno ? errno : EIO;
	if (from && from != stdin)
		fclose(from);
	if (!no && total > DOCUMENT_MAX)
		no = EFBIG;
	return no ? fail(cli, "E_USAGE", no, "resources file \"%s\"", path) : STATUS_OK;
}

static int check_options(const struct cli *cli)
{
	const struct args *a = &cli->args;
	const char *given = NULL;

	for (size_t i = 0; i < N_ROWS && !given; i++)
		given = value_of(a, &rows[i]) ? rows[i].option : NULL;
	if (a->resources && given)
		return fail_usage(cli, "--resources and --%s exclude each other", given);
	if (!a->resources && !given && !a->l3_cache_schema && !a->mem_bw_schema)
		return fail_usage(cli, "\"update\" requires an option that says what to change");
	if (a->format && !a->explain)
		return fail_usage(cli, "--format is for \"explain update\"");
	return STATUS_OK;
}

static int update(struct cli *cli, const struct ocirt_update_options *o)
{
	const char *id = cli->args.words[0], *format = cli->args.format;
	bool json = format && strcmp(format, "json") == 0;
	char *plan;

	if (!cli->args.explain)
		return ocirt_update(cli->ctx, id, o) < 0 ? fail_library(cli) : STATUS_OK;
	if (ocirt_explain_update(cli->ctx, id, o, json ? OCIRT_EXPLAIN_JSON : 0, &plan) < 0)
		return fail_library(cli);
	fputs(plan, stdout);
	ocirt_free(plan);
	return STATUS_OK;
}

int cmd_update(struct cli *cli)
{
	const char *path = cli->args.resources;
	struct ocirt_update_options o = {0};
	char *text = NULL;
	size_t size;
	FILE *document;
	int status;

	if (check_options(cli) != STATUS_OK)
		return STATUS_FAILED;
	document = open_memstream(&text, &size);
	if (!document)
		return fail(cli, "E_NOMEM", ENOMEM, "read the resources");
	status = path ? copy_file(cli, path, document) : compose(cli, document);
	if (fclose(document) != 0 && status == STATUS_OK)
		status = fail(cli, "E_NOMEM", ENOMEM, "read the resources");
	OCIRT_INIT(&o);
	o.resources = text;
	if (path)
		o.resources_name = strcmp(path, "-") == 0 ? "standard input" : path;
	o.l3_cache_schema = cli->args.l3_cache_schema;
	o.mem_bw_schema = cli->args.mem_bw_schema;
	if (status == STATUS_OK)
		status = update(cli, &o);
	free(text);
	return status;
}
