/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/idmap.h"

#include <inttypes.h>

#include "base/str.h"

struct idmap {
	const char *uids, *gids; /* text for uid_map and gid_map */
	uint32_t slot;
};

static int bad_map(struct plan_ctx *c, const char *range, const char *why)
{
	return err_set(c->e, 0, RT_E_IDMAP, "id map \"%s\": %s", range, why);
}

/* "@": the second number is an id in the container's user namespace; make it the host's. */
static int to_host(struct plan_ctx *c, const struct oci_id_mapping_array *maps, uint32_t id,
		   uint32_t size, const char *range, uint32_t *ret)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct oci_id_mapping *m = &maps->v[i];

		if (id >= m->container_id && id - m->container_id < m->size) {
			if (size > m->size - (id - m->container_id))
				return bad_map(c, range, "leaves the container's mapping");
			*ret = m->host_id + (id - m->container_id);
			return 0;
		}
	}
	return bad_map(c, range, "is not mapped in the container's user namespace");
}

/* One "[@]ID-HOSTID-SIZE" as a line of a map file. */
static int add_range(struct plan_ctx *c, const struct oci_id_mapping_array *container,
		     const char *range, struct strbuf *out)
{
	bool relative = *range == '@';
	_cleanup_free_ char *text = strdup(range + relative);
	char *rest = text, *part[3] = {0};
	uint32_t n[3];

	if (!text)
		return err_nomem(c->e);
	for (size_t i = 0; i < 3 && rest; i++)
		part[i] = strsep(&rest, "-");
	for (size_t i = 0; i < 3; i++)
		if (!part[i] || rest || str_to_id(part[i], &n[i]) < 0)
			return bad_map(c, range, "expected ID-HOSTID-SIZE");
	if (!n[2])
		return bad_map(c, range, "the size must not be 0");
	if (relative)
		TRY(to_host(c, container, n[1], n[2], range, &n[1]));
	strbuf_addf(out, "%" PRIu32 " %" PRIu32 " %" PRIu32 "\n", n[0], n[1], n[2]);
	return 0;
}

/* The ranges behind "uids=" or "gids=", with "#" between them. */
static int add_ranges(struct plan_ctx *c, const struct oci_id_mapping_array *container,
		      char *ranges, const char **ret)
{
	_cleanup_strbuf_ struct strbuf out = {0};
	char *range;

	while ((range = strsep(&ranges, "#")))
		TRY(add_range(c, container, range, &out));
	*ret = out.failed ? NULL : arena_strn(c->b->arena, out.s, out.len);
	return *ret ? 0 : err_nomem(c->e);
}

static int parse(struct plan_ctx *c, const char *text, struct idmap *ret)
{
	_cleanup_free_ char *copy = strdup(text);
	char *rest = copy, *part;

	if (!copy)
		return err_nomem(c->e);
	while ((part = strsep(&rest, ";"))) {
		if (str_starts(part, "uids="))
			TRY(add_ranges(c, &c->uids, part + 5, &ret->uids));
		else if (str_starts(part, "gids="))
			TRY(add_ranges(c, &c->gids, part + 5, &ret->gids));
		else
			return bad_map(c, text, "expected uids=...;gids=...");
	}
	if (!ret->uids || !ret->gids)
		return bad_map(c, text, "both uids= and gids= are needed");
	return 0;
}

/* The maps of the mount, else of the container. */
static int from_document(struct plan_ctx *c, const struct oci_mount *m, struct idmap *ret)
{
	bool own = m->uid_mappings.n || m->gid_mappings.n;
	const struct oci_id_mapping_array *uids = own ? &m->uid_mappings : &c->uids;
	const struct oci_id_mapping_array *gids = own ? &m->gid_mappings : &c->gids;

	if (!uids->n || !gids->n)
		return err_set(c->e, 0, RT_E_IDMAP, "an id-mapped mount needs %s",
			       own ? "both uidMappings and gidMappings"
				   : "uidMappings and gidMappings, its own or the container's");
	ret->uids = plan_map_text(c, uids);
	ret->gids = plan_map_text(c, gids);
	return ret->uids && ret->gids ? 0 : err_nomem(c->e);
}

int plan_idmap(struct plan_ctx *c, struct idmaps *maps, size_t index, const char *text,
	       uint32_t *ret_slot)
{
	const struct oci_mount *m = &c->config->mounts.v[index];
	struct op_idmap_userns *s;
	struct idmap want = {0};
	int r;

	/* The container's maps are those of the namespace that it joins, whatever the document says. */
	if (!text && c->userns != NO_SLOT && !m->uid_mappings.n && !m->gid_mappings.n) {
		*ret_slot = c->userns;
		return 0;
	}
	r = text ? parse(c, text, &want) : from_document(c, m, &want);
	if (r < 0 || !want.uids || !want.gids)
		return err_field(c->e, "mounts[%zu].%s", index, text ? "options" : "uidMappings");
	for (size_t i = 0; i < maps->n; i++)
		if (streq(maps->v[i].uids, want.uids) && streq(maps->v[i].gids, want.gids)) {
			*ret_slot = maps->v[i].slot;
			return 0;
		}
	if (!maps->v) /* no more than one for each mount */
		maps->v = ARENA_ARRAY(c->b->arena, c->config->mounts.n, struct idmap);
	if (!maps->v)
		return err_nomem(c->e);
	s = PLAN_ADD(c->b, idmap_userns, m);
	s->uid_map = plan_str(c->b, want.uids);
	s->gid_map = plan_str(c->b, want.gids);
	s->slot = want.slot = plan_slot(c->b, "idmap");
	maps->v[maps->n++] = want;
	*ret_slot = want.slot;
	return 0;
}
