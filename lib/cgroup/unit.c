/* SPDX-License-Identifier: Apache-2.0 */
/* What a container's unit is called. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "cgroup/systemd.h"

#define UNIT_MAX 255 /* UNIT_NAME_MAX of systemd, without the NUL */
#define FORM "\"slice:prefix:name\", as \"system.slice:rt:web\""

static int refuse(struct err *e, const char *path, const char *what)
{
	err_set(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG,
		"\"%.200s\" %s: with the systemd cgroup manager it must be " FORM, path, what);
	return err_field(e, "linux.cgroupsPath");
}

bool rt_unit_is_slice(const char *name)
{
	size_t n = strlen(name), suffix = strlen(".slice");

	return n > suffix && streq(name + n - suffix, ".slice");
}

/* systemd.unit(5): what the name of a unit is made of. */
static bool has_unit_chars(const char *s)
{
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_.\\@", *s))
			return false;
	return true;
}

/*
 * systemd.slice(5): "a-b.slice" is "b" below "a", so no part may be empty; "-.slice" is the root.
 */
static const char *wrong_slice(const char *slice)
{
	if (!rt_unit_is_slice(slice))
		return "names no slice, whose name ends with \".slice\"";
	if (streq(slice, "-.slice"))
		return NULL;
	if (!has_unit_chars(slice))
		return "has a character that no name of a slice has";
	if (slice[0] == '-' || strstr(slice, "--") || strstr(slice, "-.slice"))
		return "names a slice with an empty part between dashes";
	return NULL;
}

/* The slice above: of "a-b.slice" "a.slice", of "a.slice" "-.slice". */
static const char *parent_of(struct arena *a, const char *slice)
{
	const char *dash = strrchr(slice, '-');

	return dash ? arena_printf(a, "%.*s.slice", (int)(dash - slice), slice) : "-.slice";
}

/* Split "slice:prefix:name" in the arena. Returns false if it has not exactly three parts. */
static bool split(char *path, const char *parts[3])
{
	parts[0] = path;
	for (int i = 1; i < 3; i++) {
		path = strchr(path, ':');
		if (!path)
			return false;
		*path++ = '\0';
		parts[i] = path;
	}
	return !strchr(path, ':');
}

int rt_unit_name(struct arena *a, const char *cgroups_path, const char *id, bool user,
		 struct rt_unit *ret, struct err *e)
{
	const char *asked = str_empty(cgroups_path) ? arena_printf(a, ":rt:%s", id) : cgroups_path;
	char *copy = asked ? arena_str(a, asked) : NULL;
	const char *parts[3], *wrong;

	if (!copy)
		return err_nomem(e);
	if (!split(copy, parts))
		return refuse(e, asked, "has not three parts");
	if (!*parts[2])
		return refuse(e, asked, "has no name");
	if (strchr(parts[1], '/') || strchr(parts[2], '/') || !has_unit_chars(parts[1]) ||
	    !has_unit_chars(parts[2]))
		return refuse(e, asked, "has a character that no name of a unit has");
	if (rt_unit_is_slice(parts[2])) {
		ret->name = parts[2];
		ret->slice = parent_of(a, parts[2]);
	} else {
		ret->name = arena_printf(a, "%s%s%s.scope", parts[1], *parts[1] ? "-" : "",
					 parts[2]);
		ret->slice = *parts[0] ? parts[0] : user ? "user.slice" : "system.slice";
	}
	if (!ret->name || !ret->slice)
		return err_nomem(e);
	wrong = rt_unit_is_slice(ret->name) ? wrong_slice(ret->name) : NULL;
	if (!wrong)
		wrong = wrong_slice(ret->slice);
	if (wrong)
		return refuse(e, asked, wrong);
	if (strlen(ret->name) > UNIT_MAX || strlen(ret->slice) > UNIT_MAX)
		return refuse(e, asked, "is too long");
	ret->is_slice = rt_unit_is_slice(ret->name);
	ret->user = user;
	return 0;
}

int rt_unit_subgroup(const char *annotation, const struct rt_unit *unit, const char **ret,
		     struct err *e)
{
	*ret = annotation ? annotation : unit->is_slice ? "" : "container";
	if (strchr(*ret, '/') || **ret == '.' || strlen(*ret) > UNIT_MAX) {
		err_set(e, EINVAL | RT_NO_TEXT, RT_E_CONFIG,
			"\"%.200s\" is not the name of one cgroup", *ret);
		return err_field(e, "annotations[run.oci.systemd.subgroup]");
	}
	return 0;
}

/* "a-b.slice" is at "/a.slice/a-b.slice" */
static void add_slice(struct strbuf *b, const char *slice)
{
	if (streq(slice, "-.slice"))
		return;
	for (const char *dash = strchr(slice, '-'); dash; dash = strchr(dash + 1, '-'))
		strbuf_addf(b, "/%.*s.slice", (int)(dash - slice), slice);
	strbuf_addf(b, "/%s", slice);
}

const char *rt_unit_path(struct arena *a, const struct rt_unit *unit, const char *subgroup,
			 unsigned int uid)
{
	_cleanup_strbuf_ struct strbuf b = {0};

	if (unit->user)
		strbuf_addf(&b, "/user.slice/user-%u.slice/user@%u.service", uid, uid);
	add_slice(&b, unit->slice);
	strbuf_addf(&b, "/%s%s%s", unit->name, *subgroup ? "/" : "", subgroup);
	return b.failed ? NULL : arena_strn(a, b.s, b.len);
}
