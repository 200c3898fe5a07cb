/* SPDX-License-Identifier: Apache-2.0 */
/* The root: how it is mounted, entered, covered; and what is written in its /proc/sys. */
#include <limits.h>
#include <linux/mount.h>

#include "base/str.h"
#include "plan/parts.h"
#include "spec/sysctl.h"

static uint64_t wanted_propagation(const struct plan_ctx *c)
{
	switch (c->linux->rootfs_propagation) {
	case OCI_PROPAGATION_PRIVATE:
		return MS_PRIVATE;
	case OCI_PROPAGATION_RPRIVATE:
		return MS_PRIVATE | MS_REC;
	case OCI_PROPAGATION_SHARED:
		return MS_SHARED;
	case OCI_PROPAGATION_RSHARED:
		return MS_SHARED | MS_REC;
	case OCI_PROPAGATION_UNBINDABLE:
		return MS_UNBINDABLE;
	case OCI_PROPAGATION_RUNBINDABLE:
		return MS_UNBINDABLE | MS_REC;
	case OCI_PROPAGATION_SLAVE:
	case OCI_PROPAGATION_RSLAVE:
	case OCI_PROPAGATION_ABSENT:
	case OCI_PROPAGATION_MAX:
		break;
	}
	return MS_SLAVE | MS_REC;
}

/* A mount namespace that another user namespace owns is made with every mount a slave already. */
static bool copy_is_slave(const struct plan_ctx *c)
{
	return c->own_userns && (c->new_ns & CLONE_NEWNS);
}

/* Shared is left as it is: volumes shall stay in their peer groups on the host. */
static bool stays_shared(const struct plan_ctx *c)
{
	return (wanted_propagation(c) & MS_SHARED) && !copy_is_slave(c);
}

uint64_t plan_sources_propagation(const struct plan_ctx *c)
{
	if (wanted_propagation(c) & (MS_PRIVATE | MS_UNBINDABLE))
		return MS_PRIVATE | MS_REC;
	return stays_shared(c) ? 0 : MS_SLAVE | MS_REC;
}

/*
 * First the propagation of the copy of the host's tree while we mount in it; the container's own
 * comes at the end. Slave is what volumes need to see the host's later mounts. Of an unbindable
 * tree no rootfs could be cloned.
 */
void plan_rootfs(struct plan_ctx *c, uint32_t tree)
{
	uint64_t wanted = wanted_propagation(c);
	struct op_propagation *all;
	struct op_rootfs *s;

	if (wanted & (MS_PRIVATE | MS_UNBINDABLE)) {
		all = PLAN_ADD(c->b, propagation, &c->linux->rootfs_propagation);
		all->propagation = MS_PRIVATE | MS_REC;
	} else if (!(wanted & MS_SHARED) && !copy_is_slave(c)) {
		all = PLAN_ADD(c->b, propagation, NULL);
		all->propagation = MS_SLAVE | MS_REC;
	}
	s = PLAN_ADD(c->b, rootfs, c->config->root);
	s->root = c->root;
	s->source = plan_str(c->b, c->opt->rootfs);
	s->tree = tree;
	s->parent_private = stays_shared(c);
}

/* Where a path below /proc is looked up, unless it is so written that it may lead out again. */
static uint32_t proc_of(const struct plan_ctx *c, const char *path)
{
	const char *s;

	if (!str_starts(path, "/proc/"))
		return NO_SLOT;
	for (s = path + strlen("/proc"); *s; s += strcspn(s, "/"))
		if (!*++s || *s == '/' || *s == '.')
			return NO_SLOT;
	return c->own_proc;
}

void plan_covered_paths(struct plan_ctx *c)
{
	const struct str_array *masked = &c->linux->masked_paths;
	const struct str_array *readonly = &c->linux->readonly_paths;
	const char *label_option = plan_mount_label_option(c, "tmpfs");
	uint32_t null = NO_SLOT, empty = NO_SLOT;

	for (size_t i = 0; i < readonly->n; i++) {
		struct op_readonly *s = PLAN_ADD(c->b, readonly, &readonly->v[i]);

		s->root = c->root;
		s->dest = plan_str(c->b, readonly->v[i]);
		s->proc = proc_of(c, readonly->v[i]);
	}
	if (masked->n) {
		null = plan_slot(c->b, "null");
		empty = plan_slot(c->b, "empty");
	}
	for (size_t i = 0; i < masked->n; i++) {
		struct op_mask *s = PLAN_ADD(c->b, mask, &masked->v[i]);

		s->root = c->root;
		s->dest = plan_str(c->b, masked->v[i]);
		s->proc = proc_of(c, masked->v[i]);
		s->null = null;
		s->empty = empty;
		s->label_option = plan_str(c->b, label_option);
		if (label_option)
			s->label = plan_str(c->b, c->linux->mount_label);
	}
}

void plan_change_root(struct plan_ctx *c)
{
	uint64_t attr = c->config->root->readonly ? MOUNT_ATTR_RDONLY : 0;
	uint64_t propagation = wanted_propagation(c);
	const void *origin = attr ? (const void *)&c->config->root->readonly
				  : (const void *)&c->linux->rootfs_propagation;
	struct op_root_attr *s;

	if (!plan_has_ns(c, CLONE_NEWNS)) {
		PLAN_ADD(c->b, chroot, c->config->root)->root = c->root;
		return;
	}
	if (c->opt->no_pivot) {
		PLAN_ADD(c->b, move_root, NULL)->root = c->root;
	} else {
		struct op_pivot *p = PLAN_ADD(c->b, pivot, NULL);

		p->root = c->root;
		p->slave_old = stays_shared(c);
	}
	/* Slave and private it is already. */
	if (!(propagation & (MS_SHARED | MS_UNBINDABLE)))
		propagation = 0;
	if (!attr && !propagation)
		return;
	s = PLAN_ADD(c->b, root_attr, origin);
	s->attr_set = attr;
	s->propagation = propagation;
}

int plan_sysctls(struct plan_ctx *c)
{
	const struct str_map *map = &c->linux->sysctl;
	char file[PATH_MAX];

	if (map->n && c->proc == NO_SLOT) {
		c->proc = plan_slot(c->b, "proc");
		PLAN_ADD(c->b, procfs, NULL)->slot = c->proc;
	}
	for (size_t i = 0; i < map->n; i++) {
		int r = rt_sysctl_file(map->v[i].key, file, sizeof(file));
		struct op_sysctl *s;

		if (r < 0) {
			err_set(c->e, r, RT_E_SYSCTL, "sysctl \"%s\"", map->v[i].key);
			return err_field(c->e, "linux.sysctl");
		}
		s = PLAN_ADD(c->b, sysctl, &map->v[i]);
		s->proc = c->proc;
		s->file = plan_str(c->b, file);
		s->value = plan_str(c->b, map->v[i].value);
	}
	return 0;
}
