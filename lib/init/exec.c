/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the plan. EXEC is told before the seccomp filter is loaded, since the filter may
 * forbid to tell anything; so what fails from then on is an ERROR behind an EXEC. A program that start
 * or exec could not execute ends with 1 and a line on stderr, as with runc. A filter that forbids write
 * too leaves the exit status alone: 127 not found, 126 not executable, as shells have it.
 */
#include "init/init.h"

#include <asm/socket.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

/* The pid that the program will see as its own: in a pid namespace that is new, joined or shared. */
static void tell_pid(struct init *in, uint32_t entry)
{
	char *place = (char *)in->plan + entry;
	struct text t = {place, strlen(place) + 1, 0, false};

	text_add(&t, "LISTEN_PID=");
	text_num(&t, (uint32_t)sys_getpid());
}

/*
 * Closed and not only marked close-on-exec: execve resolves the program's path while marked ones
 * are still open (CVE-2024-21626). What is left, the channel and what seccomp needs, are sockets and
 * memory files, through which no path leads.
 */
int step_close_fds(struct init *in, const struct op_close_fds *op)
{
	for (uint32_t i = 0; i < in->plan->nslots; i++)
		if (i != op->listener && i != op->text)
			in->slots[i] = -1;
	in->scratch = 0;
	in->parent.fd = -1;
	if (op->listen_pid)
		tell_pid(in, op->listen_pid);
	return init_close_others(in);
}

/* The last that needs system calls which a filter may forbid. */
static int tell_exec(struct init *in)
{
	if (in->exec_told)
		return 0;
	in->exec_told = true;
	sys_umask(in->umask);
	return init_send(in, RT_MSG_EXEC);
}

/* The text for the listener. It may be longer than any buffer of ours: annotations are part of it. */
static int map_text(const struct init *in, uint32_t slot, struct sys_iovec *ret)
{
	int fd = init_slot(in, slot);
	struct statx st;
	int r = fd < 0 ? fd : sys_statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &st);

	if (r < 0)
		return r;
	ret->len = (size_t)st.stx_size;
	ret->base = sys_map_file(fd, ret->len);
	return ret->base ? 0 : -ENOMEM;
}

/*
 * Give the filter's descriptor to who will answer. This is the one call of ours that a filter judges
 * before it can be answered, so the check of the profile insists that sendmsg is allowed.
 */
static int send_listener(int socket, int filter, struct sys_iovec *text)
{
	struct sys_cmsg_fd cmsg = {
		.len = offsetof(struct sys_cmsg_fd, fd) + sizeof(int),
		.level = SOL_SOCKET,
		.type = SCM_RIGHTS,
		.fd = filter,
	};
	struct sys_msghdr head = {
		.iov = text, .iovlen = 1, .control = &cmsg, .controllen = sizeof(cmsg)};

	while (text->len) {
		long n = sys_sendmsg(socket, &head);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		text->base = (char *)text->base + n;
		text->len -= (size_t)n;
		head.control = NULL;
		head.controllen = 0;
	}
	return 0;
}

int init_load_filter(const struct init *in, struct op_blob filter, uint64_t flags)
{
	const struct sock_fprog program = {
		.len = (unsigned short)(filter.len / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)(void *)init_text(in, filter.off),
	};

	return sys_seccomp(SECCOMP_SET_MODE_FILTER, (unsigned int)flags, &program);
}

int step_seccomp(struct init *in, const struct op_seccomp *op)
{
	bool listens = op->listener != NO_SLOT;
	struct sys_iovec text;
	int r;

	if (op->program.len > BPF_MAXINSNS * sizeof(struct sock_filter))
		return -E2BIG;
	r = listens ? map_text(in, op->text, &text) : 0;
	if (r < 0)
		return r;
	r = tell_exec(in);
	if (r < 0)
		return r;
	r = init_load_filter(in, op->program, op->flags);
	if (r < 0 || !listens)
		return r < 0 ? r : 0;
	r = send_listener(init_slot(in, op->listener), r, &text);
	return r < 0 ? init_fail(in, r, RT_WHY_LISTENER, NULL) : 0;
}

int step_exec(struct init *in, const struct op_exec *op)
{
	char **argv = init_argv(in, op->args), **envp = init_argv(in, op->env);
	int r = tell_exec(in);

	if (r < 0)
		return r;
	if (!in->program)
		return -ENOENT;
	r = sys_execve(in->program, argv, envp);
	in->refused = true;
	return probe_program(in, in->program, r);
}
