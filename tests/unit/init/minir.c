/* SPDX-License-Identifier: Apache-2.0 */
#include "init/minir.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/spawn.h"
#include "plan/desc.h"
#include "proc/channel.h"

#define HIGH_FD 40 /* above what is preserved and what tests open */

static char gate_path[64];

static void problem(struct minir *m, const char *what)
{
	if (!*m->problem)
		snprintf(m->problem, sizeof(m->problem), "%s (%s)", what, strerror(errno));
}

void minir_begin(struct minir *m)
{
	memset(m, 0, sizeof(*m));
	m->b.arena = &m->arena;
	m->master = m->pidfd = -1;
	for (size_t i = 0; i < ARRAY_SIZE(m->preserve); i++)
		m->preserve[i] = -1;
}

uint32_t minir_slot(struct minir *m, const char *name, int fd)
{
	m->slots[m->keep_slots++] = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
	return plan_slot(&m->b, name);
}

static int memory_file(const void *bytes, size_t len)
{
	int fd = memfd_create("plan", MFD_CLOEXEC), high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);

	close(fd);
	return write(high, bytes, len) == (ssize_t)len ? high : -1;
}

static int listen_gate(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(gate_path, sizeof(gate_path), "/tmp/init-gate.%d", (int)getpid());
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", gate_path);
	unlink(gate_path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 8) < 0)
		return -1;
	return fd;
}

static int connect_gate(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", gate_path);
	return connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ? -1 : fd;
}

static void tell(struct minir *m, int fd, uint32_t type)
{
	struct rt_msg msg = {.type = type};

	if (send(fd, &msg, RT_MSG_SIZE(struct msg_none), MSG_NOSIGNAL) < 0)
		problem(m, "send");
}

/* Receive one message; 0 is EOF. *ret_fd is the descriptor that came with it, or -1. */
static ssize_t hear(int fd, struct rt_msg *msg, int *ret_fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int) * 2)];
	} control;
	struct iovec iov = {msg, sizeof(*msg)};
	struct msghdr head = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &head, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&head) : NULL;

	*ret_fd = -1;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	return n;
}

static void write_proc(struct minir *m, const char *file, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)m->pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		problem(m, file);
	close(fd);
}

/* The first process of a staged start has handed over to its child. */
static void on_pid(struct minir *m, const struct rt_msg *msg, int fd)
{
	int status;

	if (rt_spawn_wait(m->pidfd, 5000, &status) < 0 || status)
		problem(m, "the first process did not end well");
	close(m->pidfd);
	m->pid = msg->pid.pid;
	m->pidfd = fd;
	if (m->uid_map) {
		write_proc(m, "uid_map", m->uid_map);
		write_proc(m, "gid_map", m->gid_map);
	}
}

/* Clients that go away without a word, or with a wrong one, and then the one that starts. */
static int open_gate(struct minir *m)
{
	int fd;

	for (int i = 0; i < m->bad_clients; i++) {
		fd = connect_gate();
		if (i % 2)
			tell(m, fd, RT_MSG_GO_ON);
		close(fd);
	}
	fd = connect_gate();
	if (fd < 0)
		problem(m, "connect to the gate");
	tell(m, fd, RT_MSG_START);
	unlink(gate_path);
	return fd;
}

/* Answer one message. Returns the descriptor to listen at from now on, -1 when all is over. */
static int answer(struct minir *m, int channel, const struct rt_msg *msg, int fd)
{
	const struct op_head *s;

	m->seen |= 1u << msg->type;
	if ((fd >= 0) != (msg->type == RT_MSG_PID || msg->type == RT_MSG_CONSOLE))
		problem(m, "a descriptor too many or too few");
	if ((int)msg->type == m->die_at) {
		close(channel);
		return -1;
	}
	switch (msg->type) {
	case RT_MSG_PID:
		on_pid(m, msg, fd);
		tell(m, channel, RT_MSG_GO_ON);
		break;
	case RT_MSG_HOOKS:
		tell(m, channel, RT_MSG_GO_ON);
		break;
	case RT_MSG_CONSOLE:
		m->master = fd;
		break;
	case RT_MSG_READY:
		tell(m, channel, m->gate ? RT_MSG_GATE : RT_MSG_START);
		if (!m->gate)
			break;
		close(channel);
		return open_gate(m);
	case RT_MSG_ERROR:
		m->error = msg->error;
		s = plan_step(&(struct plan){.block = (struct plan_head *)m->b.block},
			      msg->error.step);
		snprintf(m->failed_op, sizeof(m->failed_op), "%s", s ? op_desc(s->op)->name : "?");
		if (m->say && rt_channel_say(channel, m->say) < 0)
			problem(m, "say");
		close(channel);
		return -1;
	case RT_MSG_EXEC:
		break;
	default:
		problem(m, "a message that rt-init does not send");
	}
	return channel;
}

static void converse(struct minir *m, int channel)
{
	struct pollfd p = {.events = POLLIN};

	while (channel >= 0) {
		struct rt_msg msg = {0};
		ssize_t n;
		int fd;

		p.fd = channel;
		if (poll(&p, 1, 20000) <= 0) {
			errno = ETIMEDOUT;
			problem(m, "no message");
			break;
		}
		n = hear(channel, &msg, &fd);
		if (n <= 0) {
			close(channel);
			break;
		}
		channel = answer(m, channel, &msg, fd);
	}
}

static void take_output(struct minir *m, int fd)
{
	size_t len = strlen(m->out);
	ssize_t n;

	while (len < sizeof(m->out) - 1 &&
	       (n = read(fd, m->out + len, sizeof(m->out) - 1 - len)) > 0)
		len += (size_t)n;
	m->out[len] = '\0';
}

/* 3, 4, ... are the test's own: main has put something there. */
static void place_preserved(struct minir *m, int flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(m->preserve); i++)
		if (m->preserve[i] >= 0) /* without O_CLOEXEC while rt-init is started */
			dup3(m->preserve[i], 3 + (int)i, flags);
}

static void start(struct minir *m, struct plan *plan, int channel, const int *stdio)
{
	char number[16], program[512];
	const char *argv[] = {"rt-init", number, NULL}, *envp[] = {NULL};
	int32_t keep[ARRAY_SIZE(m->slots) + 2];
	struct rt_spawn s = {
		.argv = argv,
		.envp = envp,
		.stdio = stdio,
		.keep = keep,
		.cwd_fd = -1,
		.cgroup_fd = -1,
		.namespaces = m->namespaces,
	};
	int r;

	memcpy(plan_slots(plan), m->slots, m->keep_slots * sizeof(int32_t));
	memcpy(keep, m->slots, m->keep_slots * sizeof(int32_t));
	plan->block->control = (uint32_t)channel;
	keep[m->keep_slots] = channel;
	keep[m->keep_slots + 1] = memory_file(plan->block, plan->block->size);
	s.nkeep = m->keep_slots + 2;
	snprintf(number, sizeof(number), "%d", keep[m->keep_slots + 1]);
	snprintf(program, sizeof(program), "%s/lib/init/rt-init", getenv("RT_BUILDDIR"));
	s.exec_fd = open(program, O_RDONLY | O_CLOEXEC);
	place_preserved(m, 0);
	r = rt_spawn(&s, &m->pid, &m->pidfd, NULL);
	if (r < 0) {
		errno = -r;
		problem(m, "spawn");
	}
	place_preserved(m, O_CLOEXEC);
	close(s.exec_fd);
	close(keep[m->keep_slots + 1]);
}

static void finish(struct minir *m)
{
	if (rt_spawn_wait(m->pidfd, 20000, &m->status) < 0) {
		problem(m, "it does not end");
		kill(m->pid, SIGKILL);
		rt_spawn_wait(m->pidfd, -1, &m->status);
	}
	close(m->pidfd);
	m->pidfd = -1;
}

void minir_run(struct minir *m)
{
	struct err e = ERR_INIT;
	struct plan plan;
	int pair[2], stdio[3], out = memfd_create("out", MFD_CLOEXEC), far;
	uint32_t gate = m->gate ? minir_slot(m, "gate", listen_gate()) : NO_SLOT;

	if (plan_finish(&m->b, &plan, &e) < 0) {
		problem(m, "no plan");
		return;
	}
	for (const struct op_head *s = plan_first(&plan); s && m->gate; s = plan_next(&plan, s))
		if (s->op == OP_gate)
			((struct op_gate *)(uintptr_t)s)->listener = gate;
	m->b.block = (char *)plan.block;
	if (plan_verify(plan.block, plan.block->size) < 0)
		problem(m, "the plan is not valid");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		problem(m, "socketpair");
	far = fcntl(pair[1], F_DUPFD_CLOEXEC, HIGH_FD);
	close(pair[1]);
	stdio[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	stdio[1] = stdio[2] = out;
	start(m, &plan, far, stdio);
	close(far);
	for (uint32_t i = 0; i < m->keep_slots; i++)
		if (m->slots[i] >= 0)
			close(m->slots[i]);
	converse(m, pair[0]);
	close(stdio[0]);
	if (m->keep_running)
		return;
	if (m->master >= 0)
		take_output(m, m->master);
	finish(m);
	lseek(out, 0, SEEK_SET);
	take_output(m, out);
	close(out);
	if (m->master >= 0)
		close(m->master);
}

void minir_end(struct minir *m)
{
	kill(m->pid, SIGKILL);
	finish(m);
	arena_free(&m->arena);
}

/* ---- root file systems ---- */

static char rootfs_dirs[16][32]; /* of one case */
static unsigned int nrootfs;

void minir_remove_rootfs(void)
{
	for (unsigned int i = 0; i < nrootfs; i++) {
		char cmd[96];

		snprintf(cmd, sizeof(cmd), "rm -rf --one-file-system %s", rootfs_dirs[i]);
		if (system(cmd) != 0)
			fprintf(stderr, "cannot remove %s\n", rootfs_dirs[i]);
	}
	nrootfs = 0;
}

const char *minir_rootfs(void)
{
	char cmd[512], *dir = rootfs_dirs[nrootfs];

	if (nrootfs == ARRAY_SIZE(rootfs_dirs) - 1)
		abort();
	snprintf(dir, sizeof(rootfs_dirs[0]), "/tmp/rt-init.XXXXXX");
	if (!mkdtemp(dir))
		abort();
	nrootfs++;
	chmod(dir, 0755);
	snprintf(cmd, sizeof(cmd),
		 "cd %s && mkdir bin etc tmp && cp \"$(command -v busybox)\" bin/busybox && "
		 "for i in sh true cat ls id stat mount readlink test echo sleep tty stty ps grep "
		 "head hostname touch kill ip; do ln -s busybox bin/$i; done && "
		 "echo 'user:x:1000:1000::/home/user:/bin/sh' > etc/passwd",
		 dir);
	if (system(cmd) != 0)
		abort();
	return dir;
}
