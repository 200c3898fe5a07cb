/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as a tree that can be changed in place. Numbers keep their spelling and strings may hold NUL
 * bytes, because cases are about such things.
 */
#ifndef CASES_JSON_H
#define CASES_JSON_H

#include "text.h"

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_type type;
	char *key;		/* name in the parent object, else NULL */
	struct text value;	/* of a string (decoded) or a number (as spelled) */
	struct json *child;	/* first element or member */
	struct json *next;	/* sibling */
};

/* Parse one document: the tree, or NULL and *ret_error. */
struct json *json_parse(const char *data, size_t len, char **ret_error);
/* Append the document, compact. Members come in the order in which they were added. */
void json_print(const struct json *j, struct text *t);
/* Structural equality; the order of members does not matter, the spelling of numbers does. */
bool json_equal(const struct json *a, const struct json *b);
/* Number of elements or members. */
size_t json_length(const struct json *j);
/* The member of that name, or NULL. */
struct json *json_member(const struct json *object, const char *key);

/*
 * Paths look like process.capabilities.bounding[0], mounts[/dev/pts].options, or
 * linux.sysctl[net.ipv4.ip_forward]: a bracket holds an index, or the destination, type, path, name
 * or key of the array's element that is meant, or a member's name with dots in it. "." is the root.
 */

/* The value at the path, or NULL. */
struct json *json_find(struct json *root, const char *path);
/* Put a value at the path; missing objects on the way are made: 0, or -1 and *ret_error. */
int json_set(struct json *root, const char *path, struct json *value, char **ret_error);
/* Append to the array at the path; a missing one is made: 0, or -1 and *ret_error. */
int json_append(struct json *root, const char *path, struct json *value, char **ret_error);
/* Remove what is at the path; that there is nothing is an error, for a typo would pass unseen. */
int json_delete(struct json *root, const char *path, char **ret_error);

#endif
