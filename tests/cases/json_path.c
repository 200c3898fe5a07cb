/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

/* One step of a path: a member's name, or the inside of a bracket. */
struct step {
	char *name;
	bool bracket;
};

/* Members by which an element of an array can be named. */
static const char *const names[] = {"destination", "type", "path", "name", "key"};

/* Cut the first step off the path: false at its end. */
static bool next_step(const char **path, struct step *ret)
{
	const char *p = *path;
	size_t len;

	if (*p == '.')
		p++;
	if (*p == '\0')
		return false;
	if (*p == '[') {
		len = strcspn(p, "]");
		*ret = (struct step){.name = xstrndup(p + 1, len - 1), .bracket = true};
		*path = p + len + (p[len] == ']');
		return true;
	}
	len = strcspn(p, ".[");
	*ret = (struct step){.name = xstrndup(p, len)};
	*path = p + len;
	return true;
}

static bool element_named(const struct json *element, const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct json *m = json_member(element, names[i]);

		if (m && m->type == JSON_STRING && strcmp(text_str(&m->value), name) == 0)
			return true;
	}
	return false;
}

static bool is_index(const struct step *step)
{
	return step->bracket && *step->name &&
	       strspn(step->name, "0123456789") == strlen(step->name);
}

/*
 * The place in parent's list of children where the step's value hangs, or where it would be added.
 */
static struct json **find_place(struct json *parent, const struct step *step)
{
	unsigned long index = is_index(step) ? strtoul(step->name, NULL, 10) : 0;
	struct json **at = &parent->child;

	for (; *at; at = &(*at)->next) {
		if (parent->type == JSON_OBJECT ? strcmp((*at)->key, step->name) == 0
		    : is_index(step)            ? index-- == 0
						: element_named(*at, step->name))
			break;
	}
	return at;
}

static bool fits(const struct json *parent, const struct step *step)
{
	return parent->type == JSON_OBJECT || (parent->type == JSON_ARRAY && step->bracket);
}

struct json *json_find(struct json *root, const char *path)
{
	struct json *at = root;
	struct step step;

	while (at && next_step(&path, &step))
		at = fits(at, &step) ? *find_place(at, &step) : NULL;
	return at;
}

/*
 * Walk to the place of the last step; with `make`, objects that are missing on the way are added.
 */
static struct json **walk(struct json *root, const char *path, bool make, char **ret_name,
			  char **ret_error)
{
	const char *whole = path;
	struct json **place = NULL;
	struct json *at = root;
	struct step step;

	while (next_step(&path, &step)) {
		if (place && !*place && make && *ret_name && !is_index(&step)) {
			*place = xalloc(sizeof(**place));
			(*place)->type = JSON_OBJECT;
			(*place)->key = *ret_name;
		}
		if (place)
			at = *place;
		if (!at || !fits(at, &step)) {
			*ret_error = xprintf("path %s: nothing to hold \"%s\"", whole, step.name);
			return NULL;
		}
		place = find_place(at, &step);
		*ret_name = at->type == JSON_OBJECT ? step.name : NULL;
	}
	if (!place)
		*ret_error = xprintf("path \"%s\" names nothing inside the document", whole);
	return place;
}

int json_set(struct json *root, const char *path, struct json *value, char **ret_error)
{
	char *name = NULL;
	struct json **place;

	if (strcmp(path, ".") == 0) {
		*root = *value;
		return 0;
	}
	place = walk(root, path, true, &name, ret_error);
	if (!place)
		return -1;
	if (!*place && !name) {
		*ret_error = xprintf("path %s: no such element", path);
		return -1;
	}
	value->key = name;
	value->next = *place ? (*place)->next : NULL;
	*place = value;
	return 0;
}

int json_append(struct json *root, const char *path, struct json *value, char **ret_error)
{
	struct json *array = json_find(root, path);
	struct json **at;

	if (!array) {
		array = xalloc(sizeof(*array));
		array->type = JSON_ARRAY;
		if (json_set(root, path, array, ret_error) < 0)
			return -1;
	}
	if (array->type != JSON_ARRAY) {
		*ret_error = xprintf("path %s is not an array", path);
		return -1;
	}
	for (at = &array->child; *at; at = &(*at)->next)
		;
	*at = value;
	return 0;
}

int json_delete(struct json *root, const char *path, char **ret_error)
{
	char *name = NULL;
	struct json **place = walk(root, path, false, &name, ret_error);

	if (!place)
		return -1;
	if (!*place) {
		*ret_error = xprintf("path %s: nothing there to delete", path);
		return -1;
	}
	*place = (*place)->next;
	return 0;
}
