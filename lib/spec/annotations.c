/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/annotations.h"

#include "base/mem.h"
#include "base/str.h"

/* Rows of a fixed width, so that the table needs no relocations. */
static const struct {
	char name[39];
	uint8_t effect;
} rows[] = {
#define A(enumerator, name, effect) {name, RT_ANNOTATION_##effect},
	RT_ANNOTATIONS(A)
#undef A
};

const char *rt_annotation_name(enum rt_annotation annotation)
{
	return rows[annotation].name;
}

enum rt_annotation_effect rt_annotation_effect(enum rt_annotation annotation)
{
	return rows[annotation].effect;
}

static bool is_prefix(const char *name)
{
	return name[strlen(name) - 1] == '.';
}

enum rt_annotation rt_annotation_find(const char *name)
{
	enum rt_annotation i = 0;

	for (; i < RT_ANNOTATION_MAX; i++)
		if (is_prefix(rows[i].name) ? str_starts(name, rows[i].name)
					    : streq(name, rows[i].name))
			break;
	return i;
}

const char *rt_annotation_nearest(const char *name)
{
	struct str_nearest near = {.wanted = name};

	for (size_t i = 0; i < RT_ANNOTATION_MAX; i++)
		str_nearest_try(&near, rows[i].name);
	return near.found;
}

const struct str_pair *rt_annotation_get(const struct str_map *annotations,
					 enum rt_annotation annotation)
{
	for (size_t i = 0; i < annotations->n; i++)
		if (streq(annotations->v[i].key, rows[annotation].name))
			return &annotations->v[i];
	return NULL;
}

const char *rt_seccomp_listener(const struct oci_config *config, const void **ret_origin)
{
	const struct oci_seccomp *s = config->linux ? config->linux->seccomp : NULL;
	const struct str_pair *p;

	if (s && !str_empty(s->listener_path)) {
		*ret_origin = &s->listener_path;
		return s->listener_path;
	}
	p = rt_annotation_get(&config->annotations, RT_ANNOTATION_SECCOMP_RECEIVER);
	*ret_origin = p;
	return p && *p->value ? p->value : NULL;
}

const char *rt_delegate_cgroup(const struct oci_config *config)
{
	const struct str_pair *p = rt_annotation_get(&config->annotations,
						     RT_ANNOTATION_DELEGATE_CGROUP);
	const char *name = p ? p->value + strspn(p->value, "/") : "";

	return *name ? name : NULL;
}

/* All of the family run.oci., also those that a later version will know. */
static const char unsafe[][24] = {"run.oci.", "org.systemd.property.", "org.criu.config"};

const char *rt_annotation_unsafe(size_t i)
{
	return i < ARRAY_SIZE(unsafe) ? unsafe[i] : NULL;
}
