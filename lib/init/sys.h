/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls for rt-init: no libc, no errno; each returns what the kernel returns, a negative
 * errno on failure. All of them go through sys_call(), which is arch.c's in rt-init and a fake in
 * the unit tests: the one seam. Only headers of the kernel's user API are included here.
 */
#ifndef RT_INIT_SYS_H
#define RT_INIT_SYS_H

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/statfs.h>
#include <asm/unistd.h>
#include <linux/capability.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One system call with up to six arguments. */
long sys_call(long nr, long a, long b, long c, long d, long e, long f);

#define SYS_PADDED(nr, a, b, c, d, e, f, ...)                                                      \
	sys_call(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYS(name, ...) SYS_PADDED(__NR_##name, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)

/* 32-bit architectures: the calls with 32-bit ids, 64-bit sizes and 64-bit times. */
#ifdef __NR_setgroups32
#define SYS_NR_setgroups __NR_setgroups32
#define SYS_NR_setresuid __NR_setresuid32
#define SYS_NR_setresgid __NR_setresgid32
#define SYS_NR_geteuid __NR_geteuid32
#else
#define SYS_NR_setgroups __NR_setgroups
#define SYS_NR_setresuid __NR_setresuid
#define SYS_NR_setresgid __NR_setresgid
#define SYS_NR_geteuid __NR_geteuid
#endif
#ifdef __NR_ppoll_time64
#define SYS_NR_ppoll __NR_ppoll_time64
#define SYS_NR_clock_gettime __NR_clock_gettime64
#define SYS_NR_utimensat __NR_utimensat_time64
#else
#define SYS_NR_ppoll __NR_ppoll
#define SYS_NR_clock_gettime __NR_clock_gettime
#define SYS_NR_utimensat __NR_utimensat
#endif

/* What the kernel's headers do not have for programs. */
#define AF_UNIX 1
#define SOCK_DGRAM 2
#define CLOCK_REALTIME 0
#define SOCK_CLOEXEC O_CLOEXEC
#define MSG_NOSIGNAL 0x4000
#define SCM_RIGHTS 1
#define MSG_CMSG_CLOEXEC 0x40000000
#define SIGKILL 9
#define SIGSTOP 19
#define WALL 0x40000000
#define SIGNALS 64
#define STATFS_NOEXEC 0x0008 /* statfs.f_flags, see statfs(2) */
#define EXEC_OK 1            /* faccessat: X_OK */

struct sys_iovec {
	void *base;
	size_t len;
};

struct sys_msghdr {
	void *name;
	int namelen;
	struct sys_iovec *iov;
	size_t iovlen;
	void *control;
	size_t controllen;
	unsigned int flags;
};

struct sys_cmsg_fd {
	size_t len;
	int level, type;
	int fd;
};

struct sys_timespec {
	int64_t sec, nsec;
};

struct sys_pollfd {
	int fd;
	short events, revents;
};

struct sys_rlimit {
	uint64_t soft, hard;
};

#ifdef __NR_fstatfs64
typedef struct statfs64 sys_statfs;
#else
typedef struct statfs sys_statfs;
#endif

/* ---- files ---- */

static inline int sys_openat(int dirfd, const char *path, int flags, unsigned int mode)
{
	return (int)SYS(openat, dirfd, path, flags, mode);
}

static inline int sys_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)SYS(openat2, dirfd, path, how, sizeof(*how));
}

static inline int sys_close(int fd)
{
	return (int)SYS(close, fd);
}

static inline int sys_close_range(unsigned int first, unsigned int last)
{
	return (int)SYS(close_range, first, last, 0);
}

static inline int sys_fcntl(int fd, int cmd, long arg)
{
#ifdef __NR_fcntl64
	return (int)SYS(fcntl64, fd, cmd, arg);
#else
	return (int)SYS(fcntl, fd, cmd, arg);
#endif
}

static inline int sys_dup3(int from, int to, int flags)
{
	return (int)SYS(dup3, from, to, flags);
}

/* Put a descriptor in the place of 0, 1 or 2, open across execve. */
static inline int sys_dup_stdio(int from, int to)
{
	return sys_dup3(from, to, 0);
}

static inline int sys_pipe2(int fds[2], int flags)
{
	return (int)SYS(pipe2, fds, flags);
}

static inline long sys_read(int fd, void *buf, size_t len)
{
	return SYS(read, fd, buf, len);
}

static inline long sys_write(int fd, const void *buf, size_t len)
{
	return SYS(write, fd, buf, len);
}

#ifndef SEEK_DATA /* of linux/fs.h, which is at odds with glibc's sys/mount.h */
#define SEEK_SET 0
#define SEEK_DATA 3
#define SEEK_HOLE 4
#endif

/* Offsets are long: EOVERFLOW beyond 2 GiB on a 32-bit machine. */
static inline long sys_lseek(int fd, long offset, int whence)
{
	return SYS(lseek, fd, offset, whence);
}

static inline int sys_ftruncate(int fd, long size)
{
	return (int)SYS(ftruncate, fd, size);
}

static inline long sys_sendfile(int out, int in, size_t len)
{
#ifdef __NR_sendfile64
	return SYS(sendfile64, out, in, 0, len);
#else
	return SYS(sendfile, out, in, 0, len);
#endif
}

static inline int sys_statx(int dirfd, const char *path, int flags, unsigned int mask,
			    struct statx *st)
{
	return (int)SYS(statx, dirfd, path, flags, mask, st);
}

static inline int sys_fstatfs(int fd, sys_statfs *st)
{
#ifdef __NR_fstatfs64
	return (int)SYS(fstatfs64, fd, sizeof(*st), st);
#else
	return (int)SYS(fstatfs, fd, st);
#endif
}

static inline int sys_faccessat2(int dirfd, const char *path, int mode, int flags)
{
	return (int)SYS(faccessat2, dirfd, path, mode, flags);
}

static inline long sys_readlinkat(int dirfd, const char *path, char *buf, size_t size)
{
	return SYS(readlinkat, dirfd, path, buf, size);
}

static inline long sys_getdents64(int fd, void *buf, size_t size)
{
	return SYS(getdents64, fd, buf, size);
}

static inline int sys_mkdirat(int dirfd, const char *path, unsigned int mode)
{
	return (int)SYS(mkdirat, dirfd, path, mode);
}

/* A device number as mknod takes it, see linux/kdev_t.h. */
static inline uint32_t device_number(uint32_t major, uint32_t minor)
{
	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static inline int sys_mknodat(int dirfd, const char *path, unsigned int mode, unsigned int dev)
{
	return (int)SYS(mknodat, dirfd, path, mode, dev);
}

static inline int sys_symlinkat(const char *target, int dirfd, const char *path)
{
	return (int)SYS(symlinkat, target, dirfd, path);
}

static inline int sys_fchownat(int dirfd, const char *path, uint32_t uid, uint32_t gid, int flags)
{
	return (int)SYS(fchownat, dirfd, path, uid, gid, flags);
}

static inline int sys_fchmodat(int dirfd, const char *path, unsigned int mode)
{
	return (int)SYS(fchmodat, dirfd, path, mode);
}

static inline int sys_utimensat(int dirfd, const char *path, const struct sys_timespec times[2],
				int flags)
{
	return (int)sys_call(SYS_NR_utimensat, dirfd, (long)path, (long)times, flags, 0, 0);
}

static inline int sys_umask(unsigned int mask)
{
	return (int)SYS(umask, mask);
}

static inline int sys_chdir(const char *path)
{
	return (int)SYS(chdir, path);
}

static inline int sys_fchdir(int fd)
{
	return (int)SYS(fchdir, fd);
}

static inline long sys_getcwd(char *buf, size_t size)
{
	return SYS(getcwd, buf, size);
}

static inline int sys_chroot(const char *path)
{
	return (int)SYS(chroot, path);
}

static inline int sys_memfd_create(const char *name, unsigned int flags)
{
	return (int)SYS(memfd_create, name, flags);
}

static inline int sys_ioctl(int fd, unsigned long cmd, long arg)
{
	return (int)SYS(ioctl, fd, cmd, arg);
}

static inline int sys_ppoll(struct sys_pollfd *fds, unsigned int n, struct sys_timespec *timeout)
{
	return (int)sys_call(SYS_NR_ppoll, (long)fds, n, (long)timeout, 0, 0, 0);
}

static inline int sys_clock_gettime(int clock, struct sys_timespec *ret)
{
	return (int)sys_call(SYS_NR_clock_gettime, clock, (long)ret, 0, 0, 0, 0);
}

static inline void *sys_map(long near, size_t size, long flags, int fd)
{
	const long prot = PROT_READ | PROT_WRITE;
#if defined(__NR_mmap2)
	long r = SYS(mmap2, near, size, prot, flags, fd, 0);
#elif defined(__s390x__)
	long args[6] = {near, (long)size, prot, flags, fd, 0};
	long r = SYS(mmap, args);
#else
	long r = SYS(mmap, near, size, prot, flags, fd, 0);
#endif

	return r < 0 && r > -4096 ? NULL : (void *)r;
}

/*
 * A private, writable mapping of a file. Its pages are made present at once: each would be written
 * to or at least read, and a fault costs more than a page. NULL on failure.
 *
 * It is wanted close behind the program, a hint that the kernel follows where there is room: then
 * both share the pages of the page table, three of them on x86_64. Each has to be made and freed, which
 * was 3 % of a run and 5 % of an exec on a virtual machine.
 */
static inline void *sys_map_file(int fd, size_t size)
{
	const long near = ((long)(uintptr_t)&sys_call | 0xfffff) + 1;

	return sys_map(near, size, MAP_PRIVATE | MAP_POPULATE, fd);
}

/* The same of a file that others write and read too. */
static inline void *sys_map_shared(int fd, size_t size)
{
	return sys_map(0, size, MAP_SHARED, fd);
}

/* ---- extended attributes ---- */

static inline long sys_flistxattr(int fd, char *list, size_t size)
{
	return SYS(flistxattr, fd, list, size);
}

static inline long sys_fgetxattr(int fd, const char *name, void *value, size_t size)
{
	return SYS(fgetxattr, fd, name, value, size);
}

static inline int sys_fsetxattr(int fd, const char *name, const void *value, size_t size)
{
	return (int)SYS(fsetxattr, fd, name, value, size, 0);
}

/* ---- mounts ---- */

static inline int sys_mount(const char *source, const char *target, const char *type,
			    unsigned long flags, const char *data)
{
	return (int)SYS(mount, source, target, type, flags, data);
}

static inline int sys_umount2(const char *path, int flags)
{
	return (int)SYS(umount2, path, flags);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)SYS(pivot_root, new_root, put_old);
}

static inline int sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return (int)SYS(open_tree, dirfd, path, flags);
}

static inline int sys_move_mount(int from, const char *from_path, int to, const char *to_path,
				 unsigned int flags)
{
	return (int)SYS(move_mount, from, from_path, to, to_path, flags);
}

static inline int sys_mount_setattr(int dirfd, const char *path, unsigned int flags,
				    const struct mount_attr *attr)
{
	return (int)SYS(mount_setattr, dirfd, path, flags, attr, sizeof(*attr));
}

static inline int sys_fsopen(const char *type, unsigned int flags)
{
	return (int)SYS(fsopen, type, flags);
}

static inline int sys_fspick(int dirfd, const char *path, unsigned int flags)
{
	return (int)SYS(fspick, dirfd, path, flags);
}

static inline int sys_fsconfig(int fs, unsigned int cmd, const char *key, const char *value)
{
	return (int)SYS(fsconfig, fs, cmd, key, value, 0);
}

static inline int sys_fsmount(int fs, unsigned int flags, unsigned int attr)
{
	return (int)SYS(fsmount, fs, flags, attr);
}

/* ---- processes and namespaces ---- */

static inline long sys_clone3(struct clone_args *args)
{
	return SYS(clone3, args, sizeof(*args));
}

static inline int sys_unshare(uint64_t flags)
{
	return (int)SYS(unshare, flags);
}

static inline int sys_setns(int fd, uint64_t types)
{
	return (int)SYS(setns, fd, types);
}

static inline int sys_pidfd_open(int pid)
{
	return (int)SYS(pidfd_open, pid, 0);
}

static inline int sys_execve(const char *path, char *const *argv, char *const *envp)
{
	return (int)SYS(execve, path, argv, envp);
}

/* Does not return; a test's fake jumps out. */
static inline void sys_exit(int status)
{
	SYS(exit_group, status);
}

static inline int sys_getpid(void)
{
	return (int)SYS(getpid);
}

static inline uint32_t sys_geteuid(void)
{
	return (uint32_t)sys_call(SYS_NR_geteuid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_setpgid(int pid, int group)
{
	return (int)SYS(setpgid, pid, group);
}

static inline int sys_setsid(void)
{
	return (int)SYS(setsid);
}

static inline int sys_wait4(int pid, int *status, int options)
{
	return (int)SYS(wait4, pid, status, options, 0);
}

static inline int sys_kill(int pid, int signal)
{
	return (int)SYS(kill, pid, signal);
}

static inline int sys_setgroups(size_t n, const uint32_t *groups)
{
	return (int)sys_call(SYS_NR_setgroups, (long)n, (long)groups, 0, 0, 0, 0);
}

static inline int sys_setresuid(uint32_t r, uint32_t e, uint32_t s)
{
	return (int)sys_call(SYS_NR_setresuid, r, e, s, 0, 0, 0);
}

static inline int sys_setresgid(uint32_t r, uint32_t e, uint32_t s)
{
	return (int)sys_call(SYS_NR_setresgid, r, e, s, 0, 0, 0);
}

static inline int sys_prctl(int option, unsigned long a, unsigned long b, unsigned long c)
{
	return (int)SYS(prctl, option, a, b, c, 0);
}

static inline int sys_capget(struct __user_cap_header_struct *head,
			     struct __user_cap_data_struct *data)
{
	return (int)SYS(capget, head, data);
}

static inline int sys_capset(struct __user_cap_header_struct *head,
			     const struct __user_cap_data_struct *data)
{
	return (int)SYS(capset, head, data);
}

static inline int sys_prlimit(unsigned int resource, const struct sys_rlimit *new,
			      struct sys_rlimit *old)
{
	return (int)SYS(prlimit64, 0, resource, new, old);
}

/* The set is an array of words, in bytes; returns how many the kernel has used. */
static inline int sys_sched_setaffinity(size_t len, const void *cpus)
{
	return (int)SYS(sched_setaffinity, 0, len, cpus);
}

static inline int sys_set_mempolicy(int mode, const void *nodes, size_t maxnode)
{
	return (int)SYS(set_mempolicy, mode, nodes, maxnode);
}

static inline int sys_get_mempolicy(void *nodes, size_t maxnode, unsigned int flags)
{
	return (int)SYS(get_mempolicy, 0, nodes, maxnode, 0, flags);
}

static inline int sys_personality(unsigned long domain)
{
	return (int)SYS(personality, domain);
}

static inline int sys_seccomp(unsigned int op, unsigned int flags, const void *args)
{
	return (int)SYS(seccomp, op, flags, args);
}

static inline long sys_keyctl(int op, const char *a)
{
	return SYS(keyctl, op, a);
}

static inline int sys_sethostname(const char *name, size_t len)
{
	return (int)SYS(sethostname, name, len);
}

static inline int sys_setdomainname(const char *name, size_t len)
{
	return (int)SYS(setdomainname, name, len);
}

/* action: the kernel's struct sigaction. */
static inline int sys_sigaction(int signal, const void *action)
{
	return (int)SYS(rt_sigaction, signal, action, 0, sizeof(uint64_t));
}

static inline int sys_sigmask(int how, const uint64_t *set)
{
	return (int)SYS(rt_sigprocmask, how, set, 0, sizeof(*set));
}

/* ---- sockets ---- */

static inline int sys_socket(int family, int type)
{
	return (int)SYS(socket, family, type, 0);
}

static inline int sys_accept4(int fd, int flags)
{
	return (int)SYS(accept4, fd, 0, 0, flags);
}

static inline long sys_send(int fd, const void *buf, size_t len)
{
	return SYS(sendto, fd, buf, len, MSG_NOSIGNAL, 0, 0);
}

static inline long sys_sendmsg(int fd, const struct sys_msghdr *msg)
{
	return SYS(sendmsg, fd, msg, MSG_NOSIGNAL);
}

/* Descriptors that come with the message are close-on-exec. */
static inline long sys_recvmsg(int fd, struct sys_msghdr *msg)
{
	return SYS(recvmsg, fd, msg, MSG_CMSG_CLOEXEC);
}

static inline long sys_recv(int fd, void *buf, size_t len)
{
	return SYS(recvfrom, fd, buf, len, 0, 0, 0);
}

#endif
