/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes and links of /dev (config-linux.md: Default Devices, Devices). */
#include <linux/capability.h>
#include <sys/stat.h>

#include "base/str.h"
#include "plan/parts.h"

struct node {
	const char *path;
	uint32_t type, mode; /* S_IFMT bits; permissions */
	uint32_t major, minor, uid, gid;
	const void *origin;
};

/*
 * In another user namespace than the first one, mknod of a device is refused or makes a node that
 * cannot be opened (SB_I_NODEV): the host's node is bound instead. A FIFO is no device.
 */
static bool binds_nodes(const struct plan_ctx *c)
{
	return c->own_userns || !c->facts->initial_userns || !rt_facts_can(c->facts, CAP_MKNOD);
}

static void add_node(struct plan_ctx *c, const struct node *n)
{
	struct op_device *s = PLAN_ADD(c->b, device, n->origin);

	s->root = c->root;
	s->dest = plan_str(c->b, n->path);
	s->mode = n->type | n->mode;
	s->major = n->major;
	s->minor = n->minor;
	s->bind = n->type != S_IFIFO && binds_nodes(c);
	/* The owner of a bound node is the host's business. */
	s->uid = s->bind ? NO_ID : n->uid;
	s->gid = s->bind ? NO_ID : n->gid;
}

/* Has linux.devices a node of this path? */
static bool is_listed(struct plan_ctx *c, const char *path)
{
	const struct oci_device_array *list = &c->linux->devices;

	for (size_t i = 0; i < list->n; i++) {
		const char *other = plan_clean_dest(c, list->v[i].path);

		if (other && streq(other, path))
			return true;
	}
	return false;
}

static void default_nodes(struct plan_ctx *c)
{
	static const struct {
		char path[16];
		uint32_t major, minor;
	} nodes[] = {
		{"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
		{"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		const struct node n = {.path = nodes[i].path,
				       .type = S_IFCHR,
				       .mode = 0666,
				       .major = nodes[i].major,
				       .minor = nodes[i].minor,
				       .uid = NO_ID,
				       .gid = NO_ID};

		if (!is_listed(c, n.path))
			add_node(c, &n);
	}
}

/* runtime-linux.md: Dev symbolic links; config-linux.md: /dev/ptmx */
static void default_links(struct plan_ctx *c)
{
	static const struct {
		char name[12], target[16];
	} links[] = {
		{"/dev/fd", "/proc/self/fd"},       {"/dev/stdin", "/proc/self/fd/0"},
		{"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
		{"/dev/ptmx", "pts/ptmx"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		struct op_symlink *s;

		if (is_listed(c, links[i].name))
			continue;
		s = PLAN_ADD(c->b, symlink, NULL);
		s->root = c->root;
		s->dest = plan_str(c->b, links[i].name);
		s->target = plan_str(c->b, links[i].target);
		s->optional = true;
	}
}

static uint32_t node_type(enum oci_device_type type)
{
	return type == OCI_DEVICE_BLOCK ? S_IFBLK : type == OCI_DEVICE_FIFO ? S_IFIFO : S_IFCHR;
}

static int listed_node(struct plan_ctx *c, const struct oci_device *d)
{
	struct node n = {
		.path = plan_clean_dest(c, d->path),
		.type = node_type(d->type),
		.mode = OCI_HAS(d, file_mode) ? d->file_mode & 0777 : 0666,
		.major = (uint32_t)d->major,
		.minor = (uint32_t)d->minor,
		.uid = OCI_HAS(d, uid) ? d->uid : NO_ID,
		.gid = OCI_HAS(d, gid) ? d->gid : NO_ID,
		.origin = d,
	};

	if (!n.path)
		return err_nomem(c->e);
	add_node(c, &n);
	return 0;
}

int plan_devices(struct plan_ctx *c)
{
	/*
	 * Not into a directory of the host. Without any mount on /dev they go into the image's: the
	 * specification wants them there in any case, and rt-init makes them without following links.
	 */
	bool defaults = !plan_is_bound(c, "/dev");

	if (defaults)
		default_nodes(c);
	for (size_t i = 0; i < c->linux->devices.n; i++)
		TRY(listed_node(c, &c->linux->devices.v[i]));
	if (defaults)
		default_links(c);
	return 0;
}
