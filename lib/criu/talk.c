/* SPDX-License-Identifier: Apache-2.0 */
#include "criu/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/facts.h"

#define END_MSEC 10000
#define WORDS_MAX 200
#define MESSAGE_MAX 8192 /* a notice or an answer: numbers and one or two short texts */

static const char *find_program(const char *given, char *buf, size_t size, struct err *e)
{
	const char *found = given ? given : rt_facts_helper("criu", buf, size);

	if (!found) {
		err_set(e, ENOENT | RT_NO_TEXT, RT_E_CRIU,
			"checkpoint and restore need the program criu, which is not installed");
		err_hint(e, "the package is criu; --criu names one that is elsewhere");
	}
	return found;
}

/* CRIU calls ip, iptables and tar, for which it needs a PATH. */
#define PATH_ENTRY "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* A file, no pipe: a criu that we have left alone must not die of its words. */
static int keep_words(struct rt_criu *c, int stdio[3], struct err *e)
{
	int fd = memfd_create("criu-stderr", MFD_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno, RT_E_CRIU, "make a file for what criu says");
	fd_slot_set(&c->words, fd);
	for (int i = 0; i < 3; i++)
		stdio[i] = fd;
	return 0;
}

/* The first line that it has said, "" if it said none, or to the caller. */
static void first_words(const struct rt_criu *c, char *buf, size_t size)
{
	int fd = fd_slot_get(c->words);
	ssize_t n = fd < 0 ? 0 : pread(fd, buf, size - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

int rt_criu_start(struct rt_criu *c, const struct rt_criu_start *s, struct err *e)
{
	_cleanup_close_ int ours = -EBADF, theirs = -EBADF;
	_cleanup_free_ int32_t *keep = calloc(s->nkeep + 1, sizeof(*keep));
	char path[64], number[16];
	const char *const argv[] = {"criu", "swrk", number, NULL};
	const char *const path_only[] = {PATH_ENTRY, NULL};
	struct rt_spawn spawn = {.exec_fd = -1,
				 .argv = argv,
				 .envp = getenv("PATH") ? (const char *const *)environ : path_only,
				 .stdio = s->stdio,
				 .keep = keep,
				 .nkeep = s->nkeep + 1,
				 .cwd_fd = -1,
				 .cgroup_fd = -1,
				 .clean = true,
				 .outlives = true,
				 .namespaces = s->nmounts ? CLONE_NEWNS : 0,
				 .mounts = s->mounts,
				 .nmounts = s->nmounts};
	int pair[2], stdio[3], pidfd, r;

	if (!keep)
		return err_nomem(e);
	if (s->quiet) {
		TRY(keep_words(c, stdio, e));
		spawn.stdio = stdio;
	}
	spawn.path = find_program(s->program, path, sizeof(path), e);
	if (!spawn.path)
		return -e->no;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, RT_E_CRIU, "make a socket to talk with criu");
	ours = pair[0];
	theirs = pair[1];
	snprintf(number, sizeof(number), "%d", theirs);
	keep[0] = theirs;
	if (s->nkeep)
		memcpy(keep + 1, s->keep, s->nkeep * sizeof(*keep));
	r = rt_spawn(&spawn, &c->pid, &pidfd, NULL);
	if (r < 0)
		return err_set(e, r, RT_E_CRIU, "start \"%s\"", spawn.path);
	fd_slot_set(&c->pidfd, pidfd);
	fd_slot_set(&c->socket, TAKE_FD(ours));
	return 0;
}

void rt_criu_end(struct rt_criu *c)
{
	int pidfd = fd_slot_get(c->pidfd);

	if (pidfd >= 0 && !c->asked) /* it would tell the caller that it misses a question */
		rt_spawn_kill(c->pid, pidfd, NULL);
	fd_slot_close(&c->socket);
	if (pidfd >= 0 && c->asked && rt_spawn_wait(pidfd, END_MSEC, NULL) == -ETIMEDOUT)
		rt_spawn_kill(c->pid, pidfd, NULL);
	fd_slot_close(&c->pidfd);
	fd_slot_close(&c->words);
}

static int send_message(struct rt_criu *c, const struct strbuf *message, struct err *e)
{
	ssize_t n;

	if (message->failed)
		return err_nomem(e);
	do
		n = send(fd_slot_get(c->socket), message->s, message->len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_set(e, errno, RT_E_CRIU, "talk with criu") : 0;
}

/* Who is not to talk with us says it on stderr, and ends. */
static int has_ended(struct rt_criu *c, struct err *e)
{
	char words[WORDS_MAX];
	int status = 0;

	if (rt_spawn_wait(fd_slot_get(c->pidfd), END_MSEC, &status) == 0)
		fd_slot_close(&c->pidfd);
	if (WIFSIGNALED(status))
		return err_set(e, EIO | RT_NO_TEXT, RT_E_CRIU,
			       "criu was killed by signal %d before it gave an answer",
			       WTERMSIG(status));
	first_words(c, words, sizeof(words));
	return err_set(e, EIO | RT_NO_TEXT, RT_E_CRIU,
		       "criu ended with status %d before it gave an answer%s%s",
		       WEXITSTATUS(status), *words ? ": " : "", words);
}

static void take_descriptor(struct msghdr *m, struct fd_slot *ret)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len < CMSG_LEN(sizeof(fd)))
		return;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	fd_slot_set(ret, fd);
}

static int receive(struct rt_criu *c, struct arena *a, struct rt_criu_answer *ret,
		   struct fd_slot *ret_fd, struct err *e)
{
	char buf[MESSAGE_MAX], control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {buf, sizeof(buf)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	ssize_t n;
	int r;

	do
		n = recvmsg(fd_slot_get(c->socket), &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return has_ended(c, e);
	if (n < 0)
		return err_set(e, errno, RT_E_CRIU, "talk with criu");
	take_descriptor(&m, ret_fd);
	r = m.msg_flags & MSG_TRUNC ? -EMSGSIZE : rt_criu_parse(a, buf, (size_t)n, ret);
	return r < 0 ? err_set(e, r, RT_E_CRIU, "read a message of criu's") : 0;
}

static int reply(struct rt_criu *c, bool success, struct err *e)
{
	_cleanup_strbuf_ struct strbuf message = {0};

	rt_criu_reply(success, &message);
	return send_message(c, &message, e);
}

/* A notice that failed: its error is what is told; CRIU still answers, when it has undone all. */
int rt_criu_call(struct rt_criu *c, const struct rt_criu_call *call, struct arena *a,
		 struct rt_criu_answer *ret, struct err *e)
{
	_cleanup_strbuf_ struct strbuf request = {0};
	struct err second = ERR_INIT;
	int r, failed = 0;

	rt_criu_request(call->type, call->options, call->features, &request);
	c->asked = true;
	TRY(send_message(c, &request, e));
	for (;;) {
		struct fd_slot fd = {0};

		r = receive(c, a, ret, &fd, failed ? &second : e);
		if (r < 0 || ret->type != RT_CRIU_NOTIFY || !ret->notice) {
			fd_slot_close(&fd);
			return failed ? failed : r;
		}
		if (!failed && call->notice && call->notice(ret, &fd, call->data, e) < 0)
			failed = -e->no;
		fd_slot_close(&fd);
		r = reply(c, !failed, failed ? &second : e);
		if (!failed)
			failed = r;
		/* It waits for a word that was not said. One that has ended is told of by receive. */
		if (r < 0 && r != -EPIPE)
			return failed;
	}
}

/* One short question to a criu of its own. */
static int ask(const char *program, const struct rt_criu_call *call, struct rt_criu_answer *ret,
	       struct err *e)
{
	_cleanup_arena_ struct arena a = {0};
	const struct rt_criu_start s = {.program = program, .quiet = true};
	struct rt_criu c = {0};
	int r = rt_criu_start(&c, &s, e);

	if (r == 0)
		r = rt_criu_call(&c, call, &a, ret, e);
	rt_criu_end(&c);
	if (r == 0 && !ret->success)
		r = err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CRIU,
			    "criu does not answer what version it is, or what it can do");
	ret->notice = ret->message = NULL;
	return r;
}

int rt_criu_version(const char *program, int *ret, struct err *e)
{
	const struct rt_criu_call call = {.type = RT_CRIU_VERSION};
	struct rt_criu_answer answer = {0};

	TRY(ask(program, &call, &answer, e));
	*ret = answer.version;
	if (answer.version >= RT_CRIU_VERSION_MIN)
		return 0;
	return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CRIU,
		       "criu %d.%d is too old: %d.%d or newer is needed", answer.version / 10000,
		       answer.version / 100 % 100, RT_CRIU_VERSION_MIN / 10000,
		       RT_CRIU_VERSION_MIN / 100 % 100);
}

int rt_criu_need(const char *program, unsigned features, struct err *e)
{
	const struct rt_criu_call call = {.type = RT_CRIU_FEATURE_CHECK, .features = features};
	struct rt_criu_answer answer = {0};
	unsigned missing;

	if (!features)
		return 0;
	TRY(ask(program, &call, &answer, e));
	missing = features & ~answer.features;
	if (!missing)
		return 0;
	err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CRIU, "criu cannot %s on this kernel",
		missing & RT_CRIU_MEM_TRACK ? "track changes of memory, which pre-dump takes"
					    : "send memory on demand, which --lazy-pages takes");
	return err_hint(e, missing & RT_CRIU_MEM_TRACK ? "it takes CONFIG_MEM_SOFT_DIRTY"
						       : "it takes userfaultfd");
}
