/* SPDX-License-Identifier: Apache-2.0 */
/* What rt-init found out about a failure, beside errno. Shared with rt-init: constants only. */
#ifndef RT_PLAN_WHY_H
#define RT_PLAN_WHY_H

/* Causes that rt-init has probed and R puts into words. */
enum rt_why {
	RT_WHY_NONE,
	RT_WHY_DETAIL,            /* detail is the explanation itself */
	RT_WHY_NOT_DIR,           /* detail: the path that is no real directory */
	RT_WHY_WRONG_NODE,        /* detail: a node of another type or number is there */
	RT_WHY_CWD_OUTSIDE,       /* getcwd says (unreachable): CVE-2024-21626 */
	RT_WHY_NOT_IN_PATH,
	RT_WHY_PASSED_OVER,       /* in PATH, but not executable; detail: the file, and why */
	RT_WHY_IS_DIR,
	RT_WHY_NO_X_BIT,          /* detail: mode */
	RT_WHY_NOEXEC,            /* the mount has noexec */
	RT_WHY_INTERPRETER,       /* detail: the missing ELF interpreter or #! program */
	RT_WHY_CRLF,              /* detail: the interpreter with its carriage return */
	RT_WHY_WRONG_ARCH,        /* detail: ELF machine number */
	RT_WHY_EMPTY,
	RT_WHY_NO_SHEBANG,
	RT_WHY_HOOK_EXIT,         /* detail: "exit status 3" and the tail of its output */
	RT_WHY_HOOK_TIMEOUT,
	RT_WHY_SOURCE,            /* the source of a bind, not its destination; detail: the path */
	RT_WHY_INITRAMFS,         /* pivot_root: the root is the initial ramfs */
	RT_WHY_LOCKED,            /* flags to clear are locked by the namespace the mount is from */
	RT_WHY_NOT_OPEN,          /* a descriptor to preserve is not open; detail: its number */
	RT_WHY_NO_SEARCH,         /* detail: the directory, its mode and owner */
	RT_WHY_CHROOT,            /* / is no mount's root */
	RT_WHY_CHROOTED,          /* no user namespace, since the caller is in a chroot */
	RT_WHY_LISTENER,          /* the seccomp listener did not take its descriptor */
	RT_WHY_NO_PROFILE,        /* AppArmor knows no profile of this name */
	RT_WHY_LABEL,             /* detail: the mount's SELinux label */
	RT_WHY_MAX
};

#endif
