/* SPDX-License-Identifier: Apache-2.0 */
/* The top of the configuration: version, root, mounts, hooks, names. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "spec/annotations.h"
#include "spec/check_priv.h"
#include "spec/list.h"

/* ---- what the parts share ---------------------------------------------------------------- */

static int name_order(const void *a, const void *b)
{
	const char *const *const *x = a, *const *const *y = b;
	int order = strcmp(**x, **y);

	/* of equal names the later one is the one too many */
	return order ? order : *x < *y ? -1 : *x > *y;
}

void rt_check_unique(struct check *c, const void *v, size_t n, size_t stride, const char *what)
{
	_cleanup_free_ const char *const **names = calloc(n + 1, sizeof(*names));
	size_t m = 0;

	if (!names) {
		rt_bind_report(c->doc, c->report, v, PROBLEM_ERROR, RT_E_NOMEM, "out of memory");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const char *const *name =
			(const char *const *)(const void *)((const char *)v + i * stride);

		if (*name)
			names[m++] = name;
	}
	qsort(names, m, sizeof(*names), name_order);
	for (size_t i = 1; i < m; i++)
		if (streq(*names[i - 1], *names[i]))
			BAD(c, names[i], "%s \"%.100s\" stands twice", what, *names[i]);
}

bool rt_check_is_component(const char *s)
{
	for (const char *p = s; *p; p++)
		if (*p == '/' || iscntrl((unsigned char)*p))
			return false;
	return *s && !streq(s, ".") && !streq(s, "..");
}

void rt_check_list(struct check *c, const char *const *list, const char *what)
{
	uint64_t bits[RT_LIST_WORDS];
	size_t words;
	int r = *list ? rt_list_to_bits(*list, bits, &words) : 0;

	if (r == -ERANGE)
		BAD(c, list, "\"%.100s\": the largest number is %u", *list, RT_LIST_BITS - 1);
	else if (r < 0)
		BAD(c, list, "\"%.100s\" is no list of %s", *list, what);
}

/* ---- version ----------------------------------------------------------------------------- */

/* A number without leading zeros; returns what is behind it, NULL when it is none. */
static const char *version_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n == 0 || (n > 1 && *s == '0') ? NULL : s + n;
}

/* Dot-separated words of [0-9A-Za-z-]; returns what is behind them, NULL when one is empty. */
static const char *version_words(const char *s)
{
	for (;;) {
		const char *begin = s;

		while (isalnum((unsigned char)*s) || *s == '-')
			s++;
		if (s == begin)
			return NULL;
		if (*s != '.')
			return s;
		s++;
	}
}

/* semver.org, version 2.0.0 */
static bool is_semver(const char *s)
{
	for (int i = 0; i < 3; i++) {
		if (i > 0 && *s++ != '.')
			return false;
		s = version_number(s);
		if (!s)
			return false;
	}
	if (*s == '-')
		s = version_words(s + 1);
	if (s && *s == '+')
		s = version_words(s + 1);
	return s && !*s;
}

/*
 * config.md, Specification version. A newer minor version only adds properties, which are ignored
 * or reported each by its name: refusing it has broken whole fleets of machines.
 */
static void check_version(struct check *c, const char *const *version)
{
	if (!is_semver(*version))
		BAD(c, version, "\"%.40s\" is not a SemVer version", *version);
	else if (!str_starts(*version, "1."))
		BAD(c, version, "version %.40s is not 1.x, the one that is known", *version);
}

/* ---- mounts and hooks -------------------------------------------------------------------- */

static bool has_option(const struct oci_mount *m, const char *option)
{
	return str_array_has(&m->options, option);
}

/* config.md, Mounts */
static void check_mount(struct check *c, const struct oci_mount *m)
{
	bool bind = (has_option(m, "bind") || has_option(m, "rbind")) && !has_option(m, "remount");

	if (m->destination && *m->destination && *m->destination != '/')
		WARN(c, &m->destination,
		     "a relative destination is deprecated, \"/\" is put before");
	if (m->destination && strlen(m->destination) >= PATH_MAX)
		BAD(c, &m->destination, "longer than a path may be (%d bytes)", PATH_MAX - 1);
	if (bind && str_empty(m->source))
		BAD(c, &m->source, "a bind mount needs a source");
	if (!m->uid_mappings.n != !m->gid_mappings.n)
		BAD(c, m->uid_mappings.n ? &m->uid_mappings : &m->gid_mappings,
		    "uidMappings and gidMappings must be given both or none");
	rt_check_id_mappings(c, &m->uid_mappings);
	rt_check_id_mappings(c, &m->gid_mappings);
}

static void check_hooks(struct check *c, const struct oci_hooks *h)
{
	const struct oci_hook_array *const all[] = {
		&h->prestart,        &h->create_runtime, &h->create_container,
		&h->start_container, &h->poststart,      &h->poststop,
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (size_t j = 0; j < all[i]->n; j++)
			rt_check_env(c, &all[i]->v[j].env);
}

/* ---- annotations ------------------------------------------------------------------------- */

static void warn_annotation(struct check *c, const struct str_pair *pair, const char *near,
			    const char *message)
{
	char field[sizeof(c->report->e->field)], hint[96] = "";
	struct bind_path path;

	if (!rt_report_wanted(c->report, PROBLEM_WARNING) ||
	    rt_bind_find(c->doc, pair->value, &path) < 0)
		return;
	if (near)
		str_fmt(hint, sizeof(hint), "did you mean \"%s\"?", near);
	rt_report(c->report, PROBLEM_WARNING, RT_E_CONFIG, rt_bind_locate(c->report, &path),
		  rt_bind_path_text(&path, field, sizeof(field)), hint, "%s", message);
}

/* config.md, Annotations: those that are not known must be ignored, so none of this is an error. */
static void check_annotations(struct check *c, const struct str_map *annotations)
{
	for (size_t i = 0; i < annotations->n; i++) {
		const struct str_pair *pair = &annotations->v[i];
		enum rt_annotation a = rt_annotation_find(pair->key);

		if (a == RT_ANNOTATION_MAX && str_starts(pair->key, "run.oci."))
			warn_annotation(c, pair, rt_annotation_nearest(pair->key),
					"unknown annotation, ignored");
		else if (a == RT_ANNOTATION_MAX)
			continue;
		else if (rt_annotation_effect(a) == RT_ANNOTATION_LATER)
			warn_annotation(c, pair, NULL, "not supported yet, ignored");
		else if (rt_annotation_effect(a) == RT_ANNOTATION_NEVER)
			warn_annotation(c, pair, NULL, "of another runtime, ignored");
	}
}

/* ---- the whole --------------------------------------------------------------------------- */

/* The kernel's __NEW_UTS_LEN. */
#define UTS_NAME_MAX 64

static void check_uts_name(struct check *c, const char *const *name)
{
	if (str_empty(*name))
		return;
	if (!c->ns[OCI_NS_UTS])
		BAD(c, name, "needs a uts namespace: linux.namespaces has none");
	if (strlen(*name) > UTS_NAME_MAX)
		BAD(c, name, "longer than %d bytes", UTS_NAME_MAX);
}

static void check_config(struct check *c)
{
	const struct oci_config *config = c->config;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the object of every document */
	if (config->linux)
		rt_check_namespaces(c, config->linux);
	if (config->oci_version)
		check_version(c, &config->oci_version);
	if (!config->root)
		BAD(c, &config->root, "required on Linux, but missing");
	for (size_t i = 0; i < config->mounts.n; i++)
		check_mount(c, &config->mounts.v[i]);
	if (config->process)
		rt_check_process_rules(c, config->process);
	else
		WARN(c, &config->process, "missing: the container can be created, but not started");
	check_uts_name(c, &config->hostname);
	check_uts_name(c, &config->domainname);
	check_annotations(c, &config->annotations);
	if (config->hooks)
		check_hooks(c, config->hooks);
	if (config->linux)
		rt_check_linux(c, config->linux);
}

static int run(const struct bind_doc *doc, struct problems *list, struct err *e,
	       void (*rules)(struct check *c))
{
	struct report report = {
		.e = e,
		.list = list,
		.name = doc->name,
		.text = doc->text,
		.len = doc->len,
		.errors = e->no ? 1 : 0,
	};
	struct check c = {.doc = doc, .report = &report};

	if (doc->object == BIND_ID(oci_config))
		c.config = doc->root;
	rt_bind_check_rules(doc, &report);
	rules(&c);
	rt_check_unsupported(&c);
	rt_report_close(&report);
	return report.errors ? -e->no : 0;
}

int rt_check_config(const struct bind_doc *doc, struct problems *list, struct err *e)
{
	return run(doc, list, e, check_config);
}

static void check_process_document(struct check *c)
{
	rt_check_process_rules(c, c->doc->root);
}

int rt_check_process(const struct bind_doc *doc, struct problems *list, struct err *e)
{
	return run(doc, list, e, check_process_document);
}

static void check_resources_document(struct check *c)
{
	rt_check_resource_rules(c, c->doc->root);
}

int rt_check_resources(const struct bind_doc *doc, struct problems *list, struct err *e)
{
	return run(doc, list, e, check_resources_document);
}
