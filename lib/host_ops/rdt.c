/* SPDX-License-Identifier: Apache-2.0 */
#include "host_ops/rdt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "host/facts.h"

#define SCHEMATA_MAX 65536

/* What the kernel says of the last thing that failed, as a hint. */
static int explain(int r, struct err *e)
{
	char text[256];

	if (io_read_small(AT_FDCWD, RT_RESCTRL "/info/last_cmd_status", text, sizeof(text)) > 0 &&
	    !streq(text, "ok"))
		err_hint(e, "the kernel: %s", text);
	return r;
}

int rt_rdt_make(const char *group, struct err *e)
{
	if (mkdir(group, 0755) == 0)
		return 1;
	if (errno == EEXIST)
		return 0;
	return explain(err_set(e, errno, RT_E_RDT, "make resctrl group \"%s\"", group), e);
}

int rt_rdt_check(const char *group, struct err *e)
{
	struct stat st;

	if (stat(group, &st) < 0)
		return err_set(e, errno, RT_E_RDT,
			       "resctrl group \"%s\", for which there is no schema", group);
	return 0;
}

/* ---- schemata ---- */

static int write_schemata(const char *group, const char *text, struct err *e)
{
	char path[PATH_MAX];
	int r;

	if (!*text)
		return 0;
	r = str_fmt(path, sizeof(path), "%s/schemata", group);
	if (r >= 0)
		r = io_write_small(AT_FDCWD, path, text);
	if (r < 0)
		return explain(
			err_set(e, r, RT_E_RDT, "write the schema of resctrl group \"%s\"", group),
			e);
	return 0;
}

int rt_rdt_write(const char *group, const struct rt_rdt_schema *schema, struct err *e)
{
	TRY(write_schemata(group, schema->first, e));
	return write_schemata(group, schema->last, e);
}

/* Blanks may stand before and behind names and numbers; zeros before numbers. */
static const char *skip(const char *s)
{
	return s + strspn(s, " \t");
}

/* The next of "NAME:ID=VALUE;ID=VALUE": what is between `stops`, without blanks and zeros before. */
static const char *word(const char *s, const char *stops, const char **ret, size_t *ret_len)
{
	size_t n;

	s = skip(s);
	while (*s == '0' && s[1] && !strchr(stops, s[1]) && !strchr(" \t\n", s[1]))
		s++;
	n = strcspn(s, stops);
	*ret = s;
	while (n > 0 && strchr(" \t\n", s[n - 1]))
		n--;
	*ret_len = n;
	return s + strcspn(s, stops);
}

/* The value that the group's text has for resource and domain; NULL when it has none. */
static const char *find_value(const char *text, const char *resource, size_t resource_len,
			      const char *domain, size_t domain_len, size_t *ret_len)
{
	const char *s = text, *w;
	size_t n;

	while (*s) {
		bool ours;

		s = word(s, ":\n", &w, &n);
		ours = *s == ':' && n == resource_len && !memcmp(w, resource, n);
		while (*s && *s != '\n') {
			s = word(s + 1, "=;\n", &w, &n);
			ours = ours && *s == '=';
			if (ours && n == domain_len && !memcmp(w, domain, n)) {
				word(s + 1, ";\n", &w, ret_len);
				return w;
			}
			s += strcspn(s, ";\n");
		}
		s += *s == '\n';
	}
	return NULL;
}

/* Every value of one line, as the group has it? */
static bool line_holds(const char *text, const char *line)
{
	const char *resource, *domain, *value, *has, *s;
	size_t resource_len, domain_len, value_len, has_len;

	s = word(line, ":\n", &resource, &resource_len);
	while (*s && *s != '\n') {
		s = word(s + 1, "=;\n", &domain, &domain_len);
		if (*s != '=')
			return false;
		s = word(s + 1, ";\n", &value, &value_len);
		has = find_value(text, resource, resource_len, domain, domain_len, &has_len);
		if (!has || has_len != value_len || memcmp(has, value, value_len) != 0)
			return false;
	}
	return true;
}

static int compare_lines(const char *group, const char *text, const char *lines, struct err *e)
{
	for (const char *s = lines; *s; s += strcspn(s, "\n") + 1)
		if (!line_holds(text, s))
			return err_set(
				e, EEXIST | RT_NO_TEXT, RT_E_RDT,
				"resctrl group \"%s\" exists, and its schema is not \"%.*s\"",
				group, (int)strcspn(s, "\n"), s);
	return 0;
}

int rt_rdt_read(const char *group, char **ret, struct err *e)
{
	char path[PATH_MAX];
	size_t len;
	int r = str_fmt(path, sizeof(path), "%s/schemata", group);

	if (r >= 0)
		r = io_read_file(AT_FDCWD, path, SCHEMATA_MAX, ret, &len);
	if (r < 0)
		return err_set(e, r, RT_E_RDT, "read the schema of resctrl group \"%s\"", group);
	return 0;
}

int rt_rdt_compare(const char *group, const struct rt_rdt_schema *schema, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	int r = rt_rdt_read(group, &text, e);

	if (r < 0 || !text)
		return r;
	TRY(compare_lines(group, text, schema->first, e));
	return compare_lines(group, text, schema->last, e);
}

/* ---- processes ---- */

static int write_task(const char *group, pid_t pid, struct err *e)
{
	char path[PATH_MAX], digits[16];
	int r;

	snprintf(digits, sizeof(digits), "%d", (int)pid);
	r = str_fmt(path, sizeof(path), "%s/tasks", group);
	if (r >= 0)
		r = io_write_small(AT_FDCWD, path, digits);
	if (r < 0)
		return explain(err_set(e, r, RT_E_RDT, "join resctrl group \"%s\"", group), e);
	return 0;
}

int rt_rdt_join(const char *group, const char *monitor, pid_t pid, struct err *e)
{
	TRY(write_task(group, pid, e));
	/* The kernel takes it only from who is in the group that is monitored. */
	return monitor ? write_task(monitor, pid, e) : 0;
}
