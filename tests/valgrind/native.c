/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into rt when valgrind runs it. System calls that valgrind 3.19 does not know (it answers
 * ENOSYS) are made past it, on the real processor: clone3 for a child that shares our memory as
 * with vfork, and is on its own way to execve; pidfds; open_tree and mount_setattr; ioctls on
 * namespaces. None of them writes to memory that memcheck would have to hear of, but for clone3's
 * pidfd, which rt initializes.
 */
#include <errno.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <asm/prctl.h>
#include <valgrind/valgrind.h>

#ifndef __x86_64__
#error "only x86_64's system call and thread pointer are written down here"
#endif

struct call {
	long number;
	long args[6];
};

struct spawn {
	long (*clone_and_exec)(void *args, void *child);
	void *args, *child;
	void *thread_pointer;
};

/* Inlined everywhere: on the real processor there is no thread pointer for a guard of the stack. */
static inline __attribute__((always_inline)) long raw(long number, const long *a)
{
	register long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}

static long call_natively(unsigned long thread, const struct call *c)
{
	(void)thread;
	return raw(c->number, c->args);
}

static inline __attribute__((always_inline)) void set_thread_pointer(const void *p)
{
	const long args[6] = {ARCH_SET_FS, (long)p};

	raw(SYS_arch_prctl, args);
}

/* The child runs the C library's functions, which have their errno behind the thread pointer. */
static __attribute__((optimize("no-stack-protector"))) long spawn_natively(unsigned long thread,
									   const struct spawn *s)
{
	long r;

	(void)thread;
	set_thread_pointer(s->thread_pointer);
	r = s->clone_and_exec(s->args, s->child);
	set_thread_pointer(NULL); /* valgrind itself has none */
	return r;
}

/* lib/base/spawn.c's, in whatever variant the compiler made of it. */
long I_WRAP_SONAME_FNNAME_ZZ(NONE, clone_and_execZa)(void *args, void *child);
long I_WRAP_SONAME_FNNAME_ZZ(NONE, clone_and_execZa)(void *args, void *child)
{
	struct spawn s = {
		.args = args, .child = child, .thread_pointer = __builtin_thread_pointer()};
	OrigFn original;

	VALGRIND_GET_ORIG_FN(original);
	s.clone_and_exec = (long (*)(void *, void *))original.nraddr;
	return (long)VALGRIND_NON_SIMD_CALL1(spawn_natively, &s);
}

/* Valgrind has to know of a child that is a copy of it. */
static long clone3_as_clone(const struct clone_args *a)
{
	const struct call c = {SYS_clone, {(long)(a->flags | a->exit_signal), 0, (long)a->pidfd}};

	return raw(c.number, c.args);
}

/* Arguments that no kernel takes, to see whether the call is refused before: see rt_sys_refused(). */
static int is_trial(const struct call *c)
{
	for (int i = 0; i < 6; i++)
		if (c->args[i] != -1)
			return 0;
	return 1;
}

static long result(long r)
{
	if (r >= 0 || r < -4095)
		return r;
	errno = (int)-r;
	return -1;
}

/* In the place of the C library's: of ioctls those on namespaces (ioctl_ns(2)), which write nothing. */
int ioctl(int fd, unsigned long request, ...)
{
	struct call c = {.number = SYS_ioctl, .args = {fd, (long)request}};
	va_list args;
	long r;

	va_start(args, request);
	c.args[2] = va_arg(args, long);
	va_end(args);
	r = (request >> 8 & 0xff) == NSIO ? (long)VALGRIND_NON_SIMD_CALL1(call_natively, &c)
					  : raw(SYS_ioctl, c.args);
	return (int)result(r);
}

/* In the place of the C library's. */
long syscall(long number, ...)
{
	struct call c = {.number = number};
	va_list args;
	long r;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		c.args[i] = va_arg(args, long);
	va_end(args);
	switch (is_trial(&c) ? SYS_bpf : number) {
	case SYS_clone3:
		r = c.args[1] == sizeof(struct clone_args)
			    ? clone3_as_clone((const struct clone_args *)c.args[0])
			    : -EINVAL;
		break;
	case SYS_bpf:
	case SYS_mount_setattr:
	case SYS_open_tree:
	case SYS_openat2:
	case SYS_pidfd_open:
	case SYS_pidfd_send_signal:
	case SYS_seccomp:
		r = (long)VALGRIND_NON_SIMD_CALL1(call_natively, &c);
		break;
	default:
		r = raw(number, c.args);
	}
	return result(r);
}
