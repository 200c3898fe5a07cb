/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices are told apart by their index, which we choose: the name in the container may be a
 * template, so only the kernel knows it. libmnl is loaded here, when a device is to be moved, and by
 * nobody else: runs without netDevices do not pay for it.
 */
#include "host_ops/net.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"

#define MNL_FUNCTIONS(X)                                                                           \
	X(socket_open2)                                                                            \
	X(socket_bind)                                                                             \
	X(socket_get_portid)                                                                       \
	X(socket_sendto)                                                                           \
	X(socket_recvfrom)                                                                         \
	X(socket_close)                                                                            \
	X(cb_run)                                                                                  \
	X(nlmsg_put_header)                                                                        \
	X(nlmsg_put_extra_header)                                                                  \
	X(nlmsg_get_payload)                                                                       \
	X(attr_put)                                                                                \
	X(attr_put_u32)                                                                            \
	X(attr_put_strz)                                                                           \
	X(attr_parse)                                                                              \
	X(attr_get_type)                                                                           \
	X(attr_get_u32)                                                                            \
	X(attr_get_str)                                                                            \
	X(attr_get_payload)                                                                        \
	X(attr_get_payload_len)

/* A permanent address: the kernel's message about it. */
struct address {
	struct address *next;
	struct nlmsghdr message; /* and its payload */
};

struct device {
	struct device *next;
	struct address *addresses, *last; /* in the kernel's order: primary ones come first */
	char name[IFNAMSIZ];              /* in the host's namespace */
	unsigned int index, index_there;
	bool up;
};

struct side {
	struct mnl_socket *socket;
	struct fd_slot ns;
};

struct rt_net {
	void *lib;
#define X(name) __typeof__(&mnl_##name) name;
	MNL_FUNCTIONS(X)
#undef X
	struct side host, container;
	struct device *devices;
	unsigned int seq;
	/* of a request, then of the answers: as long as the kernel ever makes a part of a dump */
	char buf[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* ---- talking with the kernel ---- */

static int load_library(struct rt_net *n, struct err *e)
{
	n->lib = dlopen("libmnl.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!n->lib) {
		err_set(e, ENOENT | RT_NO_TEXT, RT_E_HOST, "libmnl.so.0 cannot be loaded");
		return err_hint(e, "install libmnl (on Debian the package libmnl0)");
	}
#define X(name)                                                                                    \
	n->name = (__typeof__(n->name))dlsym(n->lib, "mnl_" #name);                                \
	if (!n->name)                                                                              \
		return err_set(e, ENOSYS, RT_E_HOST, "libmnl.so.0 has no mnl_" #name);
	MNL_FUNCTIONS(X)
#undef X
	return 0;
}

static struct nlmsghdr *request(struct rt_net *n, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = n->nlmsg_put_header(n->buf);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	h->nlmsg_seq = ++n->seq;
	return h;
}

/* Send the request, and hand what comes to cb, until the kernel has said that this is all. */
static int talk(struct rt_net *n, struct mnl_socket *socket, mnl_cb_t cb, void *data)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)n->buf;
	int r;

	if (n->socket_sendto(socket, h, h->nlmsg_len) < 0)
		return -errno;
	do {
		ssize_t len = n->socket_recvfrom(socket, n->buf, sizeof(n->buf));

		if (len < 0 && errno == EINTR) {
			r = MNL_CB_OK;
			continue;
		}
		if (len < 0)
			return -errno;
		r = n->cb_run(n->buf, (size_t)len, n->seq, n->socket_get_portid(socket), cb, data);
	} while (r > MNL_CB_STOP);
	return r < 0 ? -errno : 0;
}

static int open_socket(struct rt_net *n, struct side *s)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): load_library() has set all, or failed */
	s->socket = n->socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!s->socket || n->socket_bind(s->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

static int open_ns(struct side *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	fd_slot_set(&s->ns, fd);
	return fd < 0 ? -errno : 0;
}

/* This thread alone goes there and back: for a socket, which stays in the namespace. */
static int open_socket_there(struct rt_net *n)
{
	int r;

	if (setns(fd_slot_get(n->container.ns), CLONE_NEWNET) < 0)
		return -errno;
	r = open_socket(n, &n->container);
	if (setns(fd_slot_get(n->host.ns), CLONE_NEWNET) < 0)
		return -errno;
	return r;
}

static int open_both(struct rt_net *n, pid_t pid, struct err *e)
{
	char path[48];
	int r;

	TRY(load_library(n, e));
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	r = open_ns(&n->host, "/proc/thread-self/ns/net");
	if (r == 0)
		r = open_ns(&n->container, path);
	if (r == 0)
		r = open_socket(n, &n->host);
	if (r == 0)
		r = open_socket_there(n);
	return r < 0 ? err_set(e, r, RT_E_NETWORK, "the container's network namespace") : 0;
}

/* ---- what is there ---- */

struct parse {
	struct rt_net *n;
	const struct nlattr *attrs[IFLA_MAX + 1];
};

static int keep_attr(const struct nlattr *attr, void *data)
{
	struct parse *p = data;
	uint16_t type = p->n->attr_get_type(attr);

	if (type <= IFLA_MAX)
		p->attrs[type] = attr;
	return MNL_CB_OK;
}

struct found_link {
	struct rt_net *n;
	unsigned int index, flags;
};

static int link_found(const struct nlmsghdr *h, void *data)
{
	struct found_link *f = data;
	const struct ifinfomsg *info = f->n->nlmsg_get_payload(h);

	f->index = (unsigned int)info->ifi_index;
	f->flags = info->ifi_flags;
	return MNL_CB_OK;
}

/* The host's device by its name. */
static int find_device(struct rt_net *n, struct device *d)
{
	struct found_link f = {.n = n};
	struct nlmsghdr *h = request(n, RTM_GETLINK, 0);
	int r;

	n->nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	n->attr_put_strz(h, IFLA_IFNAME, d->name);
	r = talk(n, n->host.socket, link_found, &f);
	d->index = f.index;
	d->up = f.flags & IFF_UP;
	return r;
}

struct survey {
	struct rt_net *n;
	const char *name;   /* is it taken? */
	unsigned int index; /* and this? */
	bool name_taken, index_taken;
	unsigned int highest;
};

static int link_surveyed(const struct nlmsghdr *h, void *data)
{
	struct survey *s = data;
	const struct ifinfomsg *info = s->n->nlmsg_get_payload(h);
	unsigned int index = (unsigned int)info->ifi_index;
	struct parse p = {.n = s->n};

	s->n->attr_parse(h, sizeof(*info), keep_attr, &p);
	if (p.attrs[IFLA_IFNAME] && streq(s->n->attr_get_str(p.attrs[IFLA_IFNAME]), s->name))
		s->name_taken = true;
	s->index_taken |= index == s->index;
	s->highest = MAX(s->highest, index);
	return MNL_CB_OK;
}

/* Is there room for the device? Sets index_there: the host's index, if it is free. */
static int survey_container(struct rt_net *n, struct device *d, const char *name, struct err *e)
{
	struct survey s = {.n = n, .name = name, .index = d->index};
	struct nlmsghdr *h = request(n, RTM_GETLINK, NLM_F_DUMP);
	int r;

	n->nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	r = talk(n, n->container.socket, link_surveyed, &s);
	if (r < 0)
		return err_set(e, r, RT_E_NETWORK, "list the container's network devices");
	if (s.name_taken)
		return err_set(e, EEXIST, RT_E_NETWORK,
			       "network device \"%s\" in the container's network namespace", name);
	d->index_there = s.index_taken ? s.highest + 1 : d->index;
	return 0;
}

struct address_list {
	struct rt_net *n;
	struct device *d;
	bool failed;
};

/* Permanent is also what has no lifetime that ends; link-local addresses are made by the kernel. */
static int address_found(const struct nlmsghdr *h, void *data)
{
	struct address_list *l = data;
	const struct ifaddrmsg *info = l->n->nlmsg_get_payload(h);
	struct parse p = {.n = l->n};
	struct address *a;
	uint32_t flags;

	l->n->attr_parse(h, sizeof(*info), keep_attr, &p);
	flags = p.attrs[IFA_FLAGS] ? l->n->attr_get_u32(p.attrs[IFA_FLAGS]) : info->ifa_flags;
	if (info->ifa_index != l->d->index || info->ifa_scope != RT_SCOPE_UNIVERSE ||
	    !(flags & IFA_F_PERMANENT))
		return MNL_CB_OK;
	a = malloc(offsetof(struct address, message) + h->nlmsg_len);
	if (!a) {
		l->failed = true;
		return MNL_CB_OK;
	}
	memcpy(&a->message, h, h->nlmsg_len);
	a->next = NULL;
	if (l->d->last)
		l->d->last->next = a;
	else
		l->d->addresses = a;
	l->d->last = a;
	return MNL_CB_OK;
}

static int find_addresses(struct rt_net *n, struct device *d)
{
	struct address_list l = {.n = n, .d = d};
	struct nlmsghdr *h = request(n, RTM_GETADDR, NLM_F_DUMP);
	int r;

	n->nlmsg_put_extra_header(h, sizeof(struct ifaddrmsg));
	r = talk(n, n->host.socket, address_found, &l);
	return r == 0 && l.failed ? -ENOMEM : r;
}

/* ---- changing it ---- */

/*
 * One request moves and renames. The kernel takes the device down and removes its addresses, since
 * they and the routes belong to the old namespace.
 */
static int move_link(struct rt_net *n, const struct side *from, const struct side *to,
		     unsigned int index, unsigned int new_index, const char *name)
{
	struct nlmsghdr *h = request(n, RTM_NEWLINK, 0);
	struct ifinfomsg *info = n->nlmsg_put_extra_header(h, sizeof(*info));

	info->ifi_index = (int)index;
	n->attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)fd_slot_get(to->ns));
	n->attr_put_u32(h, IFLA_NEW_IFINDEX, new_index);
	n->attr_put_strz(h, IFLA_IFNAME, name);
	return talk(n, from->socket, NULL, NULL);
}

static int set_up(struct rt_net *n, const struct side *s, unsigned int index)
{
	struct nlmsghdr *h = request(n, RTM_NEWLINK, 0);
	struct ifinfomsg *info = n->nlmsg_put_extra_header(h, sizeof(*info));

	info->ifi_index = (int)index;
	info->ifi_flags = info->ifi_change = IFF_UP;
	return talk(n, s->socket, NULL, NULL);
}

/*
 * Of what the kernel told, what it takes back. The lifetime is left out, which means forever. A label
 * begins with the device's name, which is another one now.
 */
static bool is_given_back(uint16_t type, bool same_name)
{
	return type == IFA_LOCAL || type == IFA_ADDRESS || type == IFA_BROADCAST ||
	       type == IFA_ANYCAST || type == IFA_RT_PRIORITY || type == IFA_PROTO ||
	       (type == IFA_LABEL && same_name);
}

#define GIVEN_FLAGS                                                                                \
	(IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR |               \
	 IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

static int add_address(struct rt_net *n, const struct side *s, unsigned int index,
		       const struct address *a, bool same_name)
{
	const struct ifaddrmsg *old = n->nlmsg_get_payload(&a->message);
	struct nlmsghdr *h = request(n, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
	struct ifaddrmsg *info = n->nlmsg_put_extra_header(h, sizeof(*info));
	struct parse p = {.n = n};
	uint32_t flags;

	*info = *old;
	info->ifa_index = index;
	info->ifa_flags = 0;
	n->attr_parse(&a->message, sizeof(*old), keep_attr, &p);
	for (unsigned int type = 0; type <= IFA_MAX; type++)
		if (p.attrs[type] && is_given_back(type, same_name))
			n->attr_put(h, (uint16_t)type, n->attr_get_payload_len(p.attrs[type]),
				    n->attr_get_payload(p.attrs[type]));
	flags = p.attrs[IFA_FLAGS] ? n->attr_get_u32(p.attrs[IFA_FLAGS]) : old->ifa_flags;
	n->attr_put_u32(h, IFA_FLAGS, flags & GIVEN_FLAGS);
	return talk(n, s->socket, NULL, NULL);
}

static int add_addresses(struct rt_net *n, const struct side *s, unsigned int index,
			 const struct device *d, bool same_name)
{
	int r = 0;

	for (const struct address *a = d->addresses; a && r == 0; a = a->next)
		r = add_address(n, s, index, a, same_name);
	return r;
}

/* ---- the whole ---- */

static int read_device(struct rt_net *n, struct device *d, const char *new_name, struct err *e)
{
	int r = find_device(n, d);

	if (r == 0)
		r = find_addresses(n, d);
	if (r == -ENODEV)
		return err_set(e, -r | RT_NO_TEXT, RT_E_NETWORK,
			       "there is no network device \"%s\"", d->name);
	if (r < 0)
		return err_set(e, r, RT_E_NETWORK, "look at network device \"%s\"", d->name);
	return survey_container(n, d, new_name, e);
}

static int move_device(struct rt_net *n, struct device *d, const char *new_name, struct err *e)
{
	int r;

	TRY(read_device(n, d, new_name, e));
	/* From here on it may be there, even if renaming it fails. */
	d->next = n->devices;
	n->devices = d;
	r = move_link(n, &n->host, &n->container, d->index, d->index_there, new_name);
	if (r < 0) {
		err_set(e, r, RT_E_NETWORK, "move network device \"%s\" to the container", d->name);
		return r == -EINVAL ? err_hint(e, "some devices, such as lo, cannot leave their "
						  "network namespace")
				    : r;
	}
	r = add_addresses(n, &n->container, d->index_there, d, streq(d->name, new_name));
	if (r < 0)
		return err_set(e, r, RT_E_NETWORK, "give network device \"%s\" its addresses",
			       new_name);
	r = set_up(n, &n->container, d->index_there);
	return r < 0 ? err_set(e, r, RT_E_NETWORK, "set network device \"%s\" up", new_name) : 0;
}

static void free_device(struct device *d)
{
	for (struct address *a = d->addresses, *next; a; a = next) {
		next = a->next;
		free(a);
	}
	free(d);
}

int rt_net_move(struct rt_net **net, pid_t pid, const char *name, const char *new_name,
		struct err *e)
{
	struct device *d;
	int r;

	if (!*net) {
		*net = calloc(1, sizeof(**net));
		if (!*net)
			return err_nomem(e);
		TRY(open_both(*net, pid, e));
	}
	d = calloc(1, sizeof(*d));
	if (!d)
		return err_nomem(e);
	r = str_fmt(d->name, sizeof(d->name), "%s", name);
	if (r < 0)
		err_set(e, r, RT_E_NETWORK, "network device \"%.40s\"", name);
	else
		r = move_device(*net, d, new_name ? new_name : name, e);
	if ((*net)->devices != d)
		free_device(d);
	return r;
}

static int return_device(struct rt_net *n, const struct device *d)
{
	int r = move_link(n, &n->container, &n->host, d->index_there, d->index, d->name);

	if (r == -ENODEV)
		return 0; /* it never left */
	if (r == 0)
		r = add_addresses(n, &n->host, d->index, d, true);
	return r == 0 && d->up ? set_up(n, &n->host, d->index) : r;
}

int rt_net_return(struct rt_net *n, struct err *e)
{
	int first = 0;

	for (const struct device *d = n->devices; d; d = d->next) {
		int r = return_device(n, d);

		if (r < 0 && !first)
			first = err_set(e, r, RT_E_NETWORK, "return network device \"%s\"",
					d->name);
	}
	return first;
}

static void close_side(struct rt_net *n, struct side *s)
{
	if (s->socket)
		n->socket_close(s->socket);
	fd_slot_close(&s->ns);
}

void rt_net_free(struct rt_net *n)
{
	if (!n)
		return;
	for (struct device *d = n->devices, *next; d; d = next) {
		next = d->next;
		free_device(d);
	}
	close_side(n, &n->host);
	close_side(n, &n->container);
	if (n->lib)
		dlclose(n->lib);
	free(n);
}
