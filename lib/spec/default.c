/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/default.h"

#include "spec/bind.h"
#include "spec/oci.h"

/* default_json.S */
extern const char rt_default_json[] __attribute__((visibility("hidden")));
extern const char rt_default_json_end[] __attribute__((visibility("hidden")));

static int read_default(struct bind_doc *doc, struct err *e)
{
	return rt_bind_parse(doc, &rt_oci_schema, BIND_ID(oci_config), "default.json",
			     rt_default_json, (size_t)(rt_default_json_end - rt_default_json), NULL,
			     e);
}

static int emit(const struct oci_config *config, struct strbuf *out, struct err *e)
{
	rt_bind_emit(&rt_oci_schema, BIND_ID(oci_config), config, BIND_EMIT_PRETTY, out);
	strbuf_add(out, "\n");
	return out->failed ? err_nomem(e) : 0;
}

int rt_default_config(struct strbuf *out, struct err *e)
{
	_cleanup_(rt_bind_free) struct bind_doc doc = {0};

	TRY(read_default(&doc, e));
	return emit(doc.root, out, e);
}

/* ---- rootless ---------------------------------------------------------------------------- */

/* A new network namespace would have nothing but loopback, and nobody could give it more. */
static void own_namespaces(struct oci_namespace *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].type == OCI_NS_NETWORK)
			v[i].type = OCI_NS_USER;
}

/* The group 5 (tty) is not mapped. */
static void without_last_option(struct oci_mount *m)
{
	m->options.n--;
}

/* sysfs belongs to the network namespace, which stays the host's. */
static void bind_sysfs(struct oci_mount *m)
{
	static const char *const options[] = {"rbind", "nosuid", "noexec", "nodev", "ro"};

	m->type = "none";
	m->source = "/sys";
	m->options = (struct str_array){ARRAY_SIZE(options), options};
}

static void change_mounts(struct oci_mount *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (streq(v[i].type, "devpts"))
			without_last_option(&v[i]);
		else if (streq(v[i].type, "sysfs"))
			bind_sysfs(&v[i]);
}

static void *copy(struct arena *a, const void *v, size_t n, size_t size)
{
	void *p = arena_alloc(a, n, size);

	if (p)
		memcpy(p, v, n * size);
	return p;
}

int rt_default_config_rootless(uint32_t uid, uint32_t gid, struct strbuf *out, struct err *e)
{
	_cleanup_(rt_bind_free) struct bind_doc doc = {0};
	struct oci_id_mapping uids = {{true, true, true}, 0, uid, 1};
	struct oci_id_mapping gids = {{true, true, true}, 0, gid, 1};
	struct oci_namespace *namespaces;
	struct oci_mount *mounts;
	struct oci_config config;
	struct oci_linux linux;

	TRY(read_default(&doc, e));
	config = *(const struct oci_config *)doc.root;
	linux = *config.linux;
	mounts = copy(&doc.arena, config.mounts.v, config.mounts.n, sizeof(*mounts));
	namespaces = copy(&doc.arena, linux.namespaces.v, linux.namespaces.n, sizeof(*namespaces));
	if (!mounts || !namespaces)
		return err_nomem(e);
	change_mounts(mounts, config.mounts.n);
	own_namespaces(namespaces, linux.namespaces.n);
	linux.namespaces.v = namespaces;
	linux.uid_mappings = (struct oci_id_mapping_array){1, &uids};
	linux.gid_mappings = (struct oci_id_mapping_array){1, &gids};
	linux.has.uid_mappings = linux.has.gid_mappings = true;
	linux.has.resources = false;
	config.mounts.v = mounts;
	config.linux = &linux;
	return emit(&config, out, e);
}
