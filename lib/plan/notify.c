/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) in the container. The service manager's own socket is of no use there: it judges
 * messages by the sender's pid. So the container has a socket of its own, and the runtime passes
 * on what comes (proc/sd_notify.c). It is in a directory that is mounted where the caller's
 * $NOTIFY_SOCKET is, as with crun; when that is an abstract socket, on /run/notify, as with runc.
 */
#include <sys/mount.h>

#include "base/str.h"
#include "plan/parts.h"

#define ABSTRACT_DIR "/run/notify"

const char *rt_notify_name(const char *address)
{
	return address[0] == '/' ? "notify" : "notify.sock";
}

static const char *directory(const struct plan_ctx *c)
{
	return c->opt->notify_socket[0] == '/' ? c->opt->notify_socket : ABSTRACT_DIR;
}

bool plan_notifies(const struct oci_config *config)
{
	const struct oci_linux *l = config->linux;
	bool mounts = false;

	if (!config->process || plan_env_value(&config->process->env, "NOTIFY_SOCKET"))
		return false;
	for (size_t i = 0; l && i < l->namespaces.n; i++)
		mounts |= l->namespaces.v[i].type == OCI_NS_MOUNT;
	return mounts;
}

void plan_notify_source(struct plan_ctx *c)
{
	struct op_open_source *s;

	if (!c->opt->notify_socket)
		return;
	PLAN_ADD(c->b, notify_dir, NULL);
	s = PLAN_ADD(c->b, open_source, NULL);
	s->source = plan_str(c->b, c->opt->notify_dir);
	s->slot = c->notify = plan_slot(c->b, "notify");
}

void plan_notify_mount(struct plan_ctx *c)
{
	struct op_mount_bind *s;

	if (!c->opt->notify_socket)
		return;
	s = PLAN_ADD(c->b, mount_bind, NULL);
	s->root = c->root;
	s->dest = plan_str(c->b, directory(c));
	s->source = plan_str(c->b, c->opt->notify_dir);
	s->tree = c->notify;
	s->attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	s->propagation = MS_PRIVATE;
}

uint32_t plan_notify_env(struct plan_ctx *c)
{
	if (!c->opt->notify_socket)
		return 0;
	return plan_strf(c->b, "NOTIFY_SOCKET=%s/%s", directory(c),
			 rt_notify_name(c->opt->notify_socket));
}
