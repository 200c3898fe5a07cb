/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a device program and attaching it to a cgroup: bpf(2). */
#include <errno.h>
#include <linux/bpf.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/sys.h"
#include "cgroup/cgroup.h"
#include "cgroup/devices.h"
#include "cgroup/pins.h"
#include "cgroup/text.h"

#define PROGRAMS_MAX RT_DEVICE_PROGRAMS_MAX
#define LOG_SIZE (64u << 10) /* of the verifier */
#define LOG_TAIL 200         /* of it, in a message */
#define LOAD_TRIES 5         /* as many as libbpf */

/* The descriptor of the loaded program, or -errno; the verifier's log is wanted with log. */
static int load(const void *program, uint32_t len, char *log)
{
	static const char licence[] = "Apache-2.0";
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = rt_sys_bpf_pointer(program),
		.insn_cnt = len / (uint32_t)sizeof(struct bpf_insn),
		.license = rt_sys_bpf_pointer(licence),
		.prog_name = "rt_devices",
		.expected_attach_type = BPF_CGROUP_DEVICE,
	};
	int fd;

	if (log) {
		attr.log_level = 1;
		attr.log_size = LOG_SIZE;
		attr.log_buf = rt_sys_bpf_pointer(log);
	}
	/* The verifier gives up when a signal arrives meanwhile: EAGAIN, never EINTR. */
	for (int i = 0; i < LOAD_TRIES; i++) {
		fd = rt_sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
		if (fd != -EAGAIN)
			break;
	}
	return fd;
}

/* Once more, for the log. */
static int load_error(const void *program, uint32_t len, int no, struct err *e)
{
	_cleanup_free_ char *log = calloc(1, LOG_SIZE);
	_cleanup_close_ int fd = -EBADF;
	size_t end = 0;

	if (log) {
		fd = load(program, len, log);
		end = strnlen(log, LOG_SIZE);
	}
	err_set(e, no, RT_E_CGROUP, "load the program for device rules");
	if (no == -EPERM)
		return err_hint(e, "it takes CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN, outside "
				   "of user namespaces");
	if (no == -EINVAL && end == 0)
		return err_hint(e, "the kernel needs CONFIG_CGROUP_BPF");
	if (end > 0)
		err_hint(e, "%s", log + (end > LOG_TAIL ? end - LOG_TAIL : 0));
	return no;
}

/* A descriptor of the program, kept from another container (then *ret_id is its id) or loaded. */
static int get(const void *program, uint32_t len, uint32_t *ret_id, struct err *e)
{
	_cleanup_close_ int pins = rt_pins_open();
	int fd = pins >= 0 ? rt_pins_find(program, len, ret_id) : -ENOENT;

	if (fd >= 0)
		return fd;
	fd = load(program, len, NULL);
	if (fd < 0)
		return load_error(program, len, fd, e);
	if (pins >= 0)
		rt_pins_add(pins, fd, program, len);
	return fd;
}

/* Ids of the programs attached to the cgroup itself; returns how many, or -errno. */
static int query(int cgroup, uint32_t ids[PROGRAMS_MAX])
{
	union bpf_attr attr = {.query = {
				       .target_fd = (uint32_t)cgroup,
				       .attach_type = BPF_CGROUP_DEVICE,
				       .prog_ids = rt_sys_bpf_pointer(ids),
				       .prog_cnt = PROGRAMS_MAX,
			       }};
	int r = rt_sys_bpf(BPF_PROG_QUERY, &attr, sizeof(attr));

	return r < 0 ? r : (int)attr.query.prog_cnt;
}

/* replaced: a program that this one takes the place of, at once; or -1. */
static int attach(int cgroup, int program, int replaced)
{
	union bpf_attr attr = {
		.target_fd = (uint32_t)cgroup,
		.attach_bpf_fd = (uint32_t)program,
		.attach_type = BPF_CGROUP_DEVICE,
		/* systemd, and cgroups made by the container, attach theirs beside it */
		.attach_flags = BPF_F_ALLOW_MULTI,
	};

	if (replaced >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)replaced;
	}
	return rt_sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr));
}

/* A descriptor of a loaded program, or -errno. */
static int open_program(uint32_t id)
{
	union bpf_attr attr = {.prog_id = id};

	return rt_sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
}

static int replace(int cgroup, int program, uint32_t id)
{
	_cleanup_close_ int old = open_program(id);

	return old < 0 ? old : attach(cgroup, program, old);
}

static int detach(int cgroup, uint32_t id)
{
	_cleanup_close_ int program = open_program(id);
	union bpf_attr attr = {
		.target_fd = (uint32_t)cgroup,
		.attach_bpf_fd = (uint32_t)program,
		.attach_type = BPF_CGROUP_DEVICE,
	};

	return program < 0 ? program : rt_sys_bpf(BPF_PROG_DETACH, &attr, sizeof(attr));
}

static bool among(const uint32_t *ids, int n, uint32_t id)
{
	for (int i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

int rt_cgroup_attach_devices(int cgroup, const void *program, uint32_t len, struct err *e)
{
	uint32_t old[PROGRAMS_MAX] = {0}, id = 0;
	_cleanup_close_ int fd = -EBADF;
	char name[PATH_MAX];
	int n, r = 0;

	if (len > 0) {
		fd = get(program, len, &id, e);
		if (fd < 0)
			return fd;
	}
	n = query(cgroup, old);
	if (n == 1 && fd >= 0 && old[0] != id) {
		r = replace(cgroup, fd, old[0]);
	} else {
		/* the new one first, so that at no time less is denied than by one of them */
		if (n >= 0 && fd >= 0 && !among(old, n, id))
			r = attach(cgroup, fd, -1);
		for (int i = 0; i < n && r >= 0; i++)
			r = old[i] == id ? 0 : detach(cgroup, old[i]);
	}
	if (n >= 0 && r >= 0)
		return 0;
	return err_set(e, n < 0 ? n : r, RT_E_CGROUP, "attach the device rules to cgroup \"%s\"",
		       rt_cgroup_name(cgroup, name, sizeof(name)));
}

/* ---- what was there ---- */

int rt_cgroup_device_programs(int cgroup, struct rt_device_programs *ret, struct err *e)
{
	int n = query(cgroup, ret->id);

	if (n < 0)
		return err_set(e, n, RT_E_CGROUP, "look for the device rules of the cgroup");
	for (; ret->n < n; ret->n++) {
		int fd = open_program(ret->id[ret->n]);

		if (fd < 0)
			return err_set(e, fd, RT_E_CGROUP, "open device program %u of the cgroup",
				       ret->id[ret->n]);
		fd_slot_set(&ret->fd[ret->n], fd);
	}
	return 0;
}

void rt_cgroup_device_programs_close(struct rt_device_programs *p)
{
	for (int i = 0; i < p->n; i++)
		fd_slot_close(&p->fd[i]);
	p->n = 0;
}

int rt_cgroup_restore_devices(int cgroup, const struct rt_device_programs *p, struct err *e)
{
	uint32_t now[PROGRAMS_MAX] = {0};
	int n = query(cgroup, now), r = n < 0 ? n : 0;

	for (int i = 0; i < p->n && r >= 0; i++) {
		r = attach(cgroup, fd_slot_get(p->fd[i]), -1);
		/* it is still there */
		r = r == -EINVAL ? 0 : r;
	}
	for (int i = 0; i < n && r >= 0; i++)
		if (!among(p->id, p->n, now[i]))
			r = detach(cgroup, now[i]);
	return r < 0 ? err_set(e, r, RT_E_CGROUP, "restore the device rules of the cgroup") : 0;
}
