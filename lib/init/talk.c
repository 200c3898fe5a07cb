/* SPDX-License-Identifier: Apache-2.0 */
/* rt-init's side of the channel; proc/protocol.h has the messages and their order. */
#include "init/init.h"

#include <asm/socket.h>

/*
 * The runtime is gone: nobody waits for this container, and what R would have done for it (maps,
 * hooks, limits) will not come. Going on would leave a process that belongs to no one.
 */
static void orphaned(void)
{
	sys_exit(1);
}

int init_send(struct init *in, enum rt_msg_type type)
{
	return init_send_fd(in, type, -1, 0);
}

int init_send_fd(struct init *in, enum rt_msg_type type, int fd, int32_t pid)
{
	struct rt_msg msg = {.type = type, .pid = {pid}}; /* struct msg_none is as long, and 0 */
	struct sys_iovec iov = {&msg, RT_MSG_SIZE(struct msg_pid)};
	struct sys_cmsg_fd cmsg = {
		.len = offsetof(struct sys_cmsg_fd, fd) + sizeof(int),
		.level = SOL_SOCKET,
		.type = SCM_RIGHTS,
		.fd = fd,
	};
	struct sys_msghdr head = {.iov = &iov, .iovlen = 1};
	long r;

	if (fd >= 0) {
		head.control = &cmsg;
		head.controllen = sizeof(cmsg);
	}
	do {
		r = fd >= 0 ? sys_sendmsg(in->report, &head)
			    : sys_send(in->report, iov.base, iov.len);
	} while (r == -EINTR);
	if (r == -EPIPE || r == -ECONNRESET) {
		if (in->gated)
			return 0;
		orphaned();
	}
	return r < 0 ? (int)r : 0;
}

int init_send_error(struct init *in, int no)
{
	struct rt_msg msg = {
		.type = RT_MSG_ERROR,
		.error = {.no = -no, .step = in->step, .why = in->why},
	};
	long r;

	memcpy(msg.error.detail, in->detail, sizeof(msg.error.detail));
	/*
	 * write and not sendmsg: after the seccomp filter is loaded this is what the fewest
	 * filters refuse. Its SIGPIPE ends a process that ends anyway.
	 */
	do {
		r = sys_write(in->report, &msg, RT_MSG_SIZE(struct msg_error));
	} while (r == -EINTR);
	return r < 0 ? (int)r : 0;
}

bool init_say(const struct init *in)
{
	struct rt_msg msg;
	long r;

	/* read and write, as above, for the filter's sake */
	do {
		r = sys_read(in->report, &msg, sizeof(msg));
	} while (r == -EINTR);
	if (r != RT_MSG_SIZE(struct msg_text) || msg.type != RT_MSG_SAY)
		return false;
	msg.text.text[sizeof(msg.text.text) - 1] = '\0';
	sys_write(2, msg.text.text, strlen(msg.text.text));
	return true;
}

int init_recv_from(int fd)
{
	struct rt_msg msg;
	long r;

	/* With room for the longest message a wrong length shows as one. */
	do {
		r = sys_recv(fd, &msg, sizeof(msg));
	} while (r == -EINTR);
	if (r <= 0)
		return r < 0 ? (int)r : -ECONNRESET;
	if (r != RT_MSG_SIZE(struct msg_none) || msg.type >= RT_MSG_MAX)
		return -EPROTO;
	return (int)msg.type;
}

int init_recv(struct init *in)
{
	int r = init_recv_from(in->report);

	if (r == -ECONNRESET)
		orphaned();
	return r;
}

int init_await(struct init *in, enum rt_msg_type type)
{
	int r = init_recv(in);

	if (r < 0)
		return r;
	return r == (int)type ? 0 : -EPROTO;
}

int init_await_fd(struct init *in, enum rt_msg_type type)
{
	struct rt_msg msg;
	struct sys_iovec iov = {&msg, sizeof(msg)};
	struct sys_cmsg_fd cmsg = {.fd = -1};
	struct sys_msghdr head = {
		.iov = &iov, .iovlen = 1, .control = &cmsg, .controllen = sizeof(cmsg)};
	long r;

	do {
		r = sys_recvmsg(in->report, &head);
	} while (r == -EINTR);
	if (r == 0 || r == -ECONNRESET)
		orphaned();
	if (r < 0)
		return (int)r;
	if (r != RT_MSG_SIZE(struct msg_none) || msg.type != type || cmsg.fd < 0 ||
	    cmsg.level != SOL_SOCKET || cmsg.type != SCM_RIGHTS)
		return -EPROTO;
	return init_scratch(in, cmsg.fd);
}
