/* SPDX-License-Identifier: Apache-2.0 */
/* First: behind a libc's headers linux/stat.h would leave the modes to them. */
#include "init/init.h"

#include <linux/magic.h>
#include <string.h>

#include "init/fake.h"

struct fake fake;

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.next_fd = 100;
	fake.status = "Name:\trt-init\nSigIgn:\t0000000000000000\n";
	fake.passwd = "";
	fake.capabilities = UINT64_MAX;
}

/* The first FAKE_CALLS are kept. */
static unsigned int recorded(void)
{
	return fake.ncalls < FAKE_CALLS ? fake.ncalls : FAKE_CALLS;
}

unsigned int fake_count(long nr)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < recorded(); i++)
		n += fake.calls[i].nr == nr;
	return n;
}

const struct fake_call *fake_call(long nr, unsigned int nth)
{
	for (unsigned int i = 0; i < recorded(); i++)
		if (fake.calls[i].nr == nr && !--nth)
			return &fake.calls[i];
	return NULL;
}

/* Which argument is a path or a name; -1: none. */
static int text_argument(long nr)
{
	switch (nr) {
	case __NR_openat:
	case __NR_openat2:
	case __NR_open_tree:
	case __NR_statx:
	case __NR_mkdirat:
	case __NR_mknodat:
	case __NR_fchownat:
	case __NR_fchmodat:
	case __NR_readlinkat:
	case __NR_faccessat2:
	case __NR_mount_setattr:
	case __NR_mount:
		return 1;
	case __NR_fsconfig:
	case __NR_symlinkat:
		return 2;
	case __NR_chdir:
	case __NR_chroot:
	case __NR_fsopen:
	case __NR_umount2:
	case __NR_execve:
	case __NR_sethostname:
	case __NR_setdomainname:
		return 0;
	default:
		return -1;
	}
}

/* A new descriptor, which remembers its name: path, or that of the descriptor before. */
static long new_fd(int dirfd, const char *path)
{
	int fd = fake.next_fd++;
	const char *name = *path ? path : dirfd >= 0 && dirfd < 512 ? fake.path[dirfd] : "";

	if (fd < 512)
		strncpy(fake.path[fd], name, sizeof(fake.path[0]) - 1);
	return fd;
}

static const char *name_of(int dirfd, const char *path)
{
	return *path ? path : dirfd >= 0 && dirfd < 512 ? fake.path[dirfd] : "";
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static long do_statx(int dirfd, const char *path, struct statx *st)
{
	const char *name = name_of(dirfd, path);

	memset(st, 0, sizeof(*st));
	st->stx_mode = S_IFDIR | 0755;
	if (dirfd == FAKE_PLAN_FD) {
		st->stx_mode = S_IFREG;
		st->stx_size = fake.plan_size;
	} else if (ends_with(name, "null") || ends_with(name, "console")) {
		st->stx_mode = S_IFCHR | 0666;
		st->stx_rdev_major = 1;
		st->stx_rdev_minor = 3;
	} else if (ends_with(name, "fuse")) { /* as steps.c makes it: without a number */
		st->stx_mode = S_IFCHR | 0666;
	} else if (ends_with(name, "fifo")) {
		st->stx_mode = S_IFIFO;
	} else if (ends_with(name, "passwd") || strstr(name, "bin/")) {
		st->stx_mode = S_IFREG | 0755;
	}
	return 0;
}

static long do_fstatfs(int fd, sys_statfs *st)
{
	const char *name = name_of(fd, "");

	memset(st, 0, sizeof(*st));
	st->f_type = ends_with(name, "dev/pts") ? DEVPTS_SUPER_MAGIC : PROC_SUPER_MAGIC;
	return 0;
}

static long do_read(int fd, char *buf, size_t size)
{
	const char *name = name_of(fd, ""), *text = "";
	size_t n;

	if (ends_with(name, "status"))
		text = fake.status;
	else if (ends_with(name, "passwd"))
		text = fake.passwd;
	n = strlen(text) < size ? strlen(text) : size;
	memcpy(buf, text, n);
	if (fd >= 0 && fd < 512)
		fake.path[fd][0] = '\0'; /* read to its end */
	return (long)n;
}

static long do_send(const void *bytes, size_t len)
{
	if (fake.nsent < 16 && len <= sizeof(fake.sent[0]))
		memcpy(&fake.sent[fake.nsent++], bytes, len);
	return (long)len;
}

static long do_recv(struct rt_msg *msg)
{
	if (fake.answered == fake.nanswers)
		return 0;
	memset(msg, 0, sizeof(*msg));
	msg->type = fake.answers[fake.answered++];
	return RT_MSG_SIZE(struct msg_none);
}

/* The same with a descriptor. */
static long do_recvmsg(struct sys_msghdr *head)
{
	struct sys_cmsg_fd *cmsg = head->control;
	long r = do_recv(head->iov->base);

	if (r > 0)
		*cmsg = (struct sys_cmsg_fd){sizeof(*cmsg), 1 /* SOL_SOCKET */, SCM_RIGHTS,
					     (int)new_fd(-1, "carried")};
	return r;
}

static long do_write(int fd, const void *bytes, size_t len)
{
	return fake.in && fd == fake.in->report ? do_send(bytes, len) : (long)len;
}

static long do_clone3(const struct clone_args *args)
{
	*(int *)(uintptr_t)args->pidfd = (int)new_fd(-1, "pidfd");
	return 77;
}

static long do_ioctl(int fd, unsigned long cmd)
{
	return cmd == TIOCGPTPEER ? new_fd(fd, "slave") : 0;
}

static long do_pipe(int fds[2])
{
	fds[0] = (int)new_fd(-1, "pipe");
	fds[1] = (int)new_fd(-1, "pipe");
	return 0;
}

static long do_readlink(char *buf)
{
	if (!fake.link)
		return -EINVAL;
	memcpy(buf, fake.link, strlen(fake.link));
	return (long)strlen(fake.link);
}

static long do_capget(struct __user_cap_data_struct *data)
{
	memset(data, 0, 2 * sizeof(*data));
	for (int i = 0; i < 2; i++)
		data[i].permitted = data[i].effective = (uint32_t)(fake.capabilities >> 32 * i);
	return 0;
}

static long do_capset(const struct __user_cap_data_struct *data)
{
	fake.capset.permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	fake.capset.effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	fake.capset.inheritable = (uint64_t)data[1].inheritable << 32 | data[0].inheritable;
	return 0;
}

static void end_process(long status)
{
	fake.exited = true;
	fake.exit_status = (int)status;
	longjmp(fake.end, 1);
}

/* What a kernel that is in good spirits answers. */
static long answer(long nr, const long *a)
{
	struct sys_pollfd *fds = (void *)a[0];

	switch (nr) {
	case __NR_exit_group:
		end_process(a[0]);
		return 0;
	case __NR_execve:
		fake.executed = true;
		longjmp(fake.end, 1);
	case __NR_mmap:
		return a[4] == FAKE_TIMES_FD ? (long)fake.times : (long)fake.plan;
	case __NR_clock_gettime:
		((struct sys_timespec *)a[1])->nsec = ++fake.clock;
		return 0;
	case __NR_openat:
	case __NR_openat2:
	case __NR_open_tree:
	case __NR_fspick:
		return new_fd((int)a[0], (const char *)a[1]);
	case __NR_fsopen:
	case __NR_memfd_create:
		return new_fd(-1, (const char *)a[0]);
	case __NR_fsmount:
		return new_fd((int)a[0], "");
	case __NR_socket:
	case __NR_accept4:
		return new_fd(-1, "socket");
	case __NR_pipe2:
		return do_pipe((int *)a[0]);
	case __NR_ioctl:
		return do_ioctl((int)a[0], (unsigned long)a[1]);
	case __NR_statx:
		return do_statx((int)a[0], (const char *)a[1], (struct statx *)a[4]);
	case __NR_fstatfs:
		return do_fstatfs((int)a[0], (sys_statfs *)a[1]);
	case __NR_read:
		return do_read((int)a[0], (char *)a[1], (size_t)a[2]);
	case __NR_write:
		return do_write((int)a[0], (const void *)a[1], (size_t)a[2]);
	case __NR_sendto:
		return do_send((const void *)a[1], (size_t)a[2]);
	case __NR_sendmsg:
		return do_send(((struct sys_msghdr *)a[1])->iov->base,
			       ((struct sys_msghdr *)a[1])->iov->len);
	case __NR_recvfrom:
		return do_recv((struct rt_msg *)a[1]);
	case __NR_recvmsg:
		return do_recvmsg((struct sys_msghdr *)a[1]);
	case __NR_clone3:
		return do_clone3((const struct clone_args *)a[0]);
	case __NR_ppoll:
		fds[0].revents = POLLIN;
		return 1;
	case __NR_wait4:
		if (a[1])
			*(int *)a[1] = 0;
		return a[0];
	case __NR_readlinkat:
		return do_readlink((char *)a[2]);
	case __NR_getcwd:
		strcpy((char *)a[0], "/");
		return 2;
	case __NR_capget:
		return do_capget((struct __user_cap_data_struct *)a[1]);
	case __NR_capset:
		return do_capset((const struct __user_cap_data_struct *)a[1]);
	case __NR_prlimit64:
		if (a[3])
			*(struct sys_rlimit *)a[3] = (struct sys_rlimit){10, 20};
		return 0;
	case __NR_getpid:
		return 1;
	default:
		return 0;
	}
}

/* The test's word on this call: does it go another way? */
static bool ruled(long nr, unsigned int nth, const char *text, long *ret)
{
	if (fake.missing_root_is_there && text && !strcmp(text, "."))
		return false;
	for (unsigned int i = 0; i < fake.nrules; i++) {
		const struct fake_rule *rule = &fake.rules[i];

		if (rule->nr == nr && (!rule->nth || rule->nth == nth)) {
			*ret = rule->ret;
			return true;
		}
	}
	return false;
}

long sys_call(long nr, long a, long b, long c, long d, long e, long f)
{
	const long args[6] = {a, b, c, d, e, f};
	unsigned int nth = fake_count(nr) + 1;
	int text = text_argument(nr);
	struct fake_call unkept, *call = &unkept;

	if (fake.ncalls < FAKE_CALLS)
		call = &fake.calls[fake.ncalls];
	fake.ncalls++;
	*call = (struct fake_call){.nr = nr};
	memcpy(call->args, args, sizeof(args));
	if (fake.in)
		call->step = fake.in->step;
	if (nr == __NR_openat2)
		fake.resolve = ((const struct open_how *)c)->resolve;
	if (text >= 0 && args[text])
		strncpy(call->text, (const char *)args[text], sizeof(call->text) - 1);
	if (fake.ncalls == fake.fail_at && nr != __NR_exit_group)
		call->ret = -fake.fail_with;
	else if (!ruled(nr, nth, call->text, &call->ret))
		call->ret = answer(nr, args);
	else if (nr == __NR_statx && call->ret == 0)
		memset((void *)e, 0, sizeof(struct statx));
	return call->ret;
}
