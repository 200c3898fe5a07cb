/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the values that steps hold. In each table combinations come before their parts. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/mount.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/resource.h>

#include "base/str.h"
#include "plan/desc.h"

const struct op_flag_name opnames_ns[] = {
	{CLONE_NEWUSER, "user"},     {CLONE_NEWNS, "mount"},  {CLONE_NEWPID, "pid"},
	{CLONE_NEWNET, "network"},   {CLONE_NEWIPC, "ipc"},   {CLONE_NEWUTS, "uts"},
	{CLONE_NEWCGROUP, "cgroup"}, {CLONE_NEWTIME, "time"}, {0, ""},
};

const struct op_flag_name opnames_propagation[] = {
	{MS_REC | MS_SHARED, "rshared"},
	{MS_REC | MS_SLAVE, "rslave"},
	{MS_REC | MS_PRIVATE, "rprivate"},
	{MS_REC | MS_UNBINDABLE, "runbindable"},
	{MS_SHARED, "shared"},
	{MS_SLAVE, "slave"},
	{MS_PRIVATE, "private"},
	{MS_UNBINDABLE, "unbindable"},
	{0, ""},
};

const struct op_flag_name opnames_mountattr[] = {
	{MOUNT_ATTR_RDONLY, "ro"},
	{MOUNT_ATTR_NOSUID, "nosuid"},
	{MOUNT_ATTR_NODEV, "nodev"},
	{MOUNT_ATTR_NOEXEC, "noexec"},
	{MOUNT_ATTR__ATIME, "atime"}, /* the whole field, in attributes to clear */
	{MOUNT_ATTR_NOATIME, "noatime"},
	{MOUNT_ATTR_STRICTATIME, "strictatime"},
	{MOUNT_ATTR_NODIRATIME, "nodiratime"},
	{MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow"},
	{0, ""},
};

const struct op_flag_name opnames_sbflag[] = {
	{MS_RDONLY, "ro"},         {MS_SYNCHRONOUS, "sync"},
	{MS_MANDLOCK, "mand"},     {MS_DIRSYNC, "dirsync"},
	{MS_SILENT, "silent"},     {MS_I_VERSION, "iversion"},
	{MS_LAZYTIME, "lazytime"}, {0, ""},
};

const struct op_flag_name opnames_mountflag[] = {
	{MOUNTF_COPY_UP, "copy-up"},
	{MOUNTF_MODE_FROM_DEST, "mode-from-dest"},
	{MOUNTF_REAL_DIR, "real-dir"},
	{MOUNTF_DEST_NOFOLLOW, "dest-nofollow"},
	{MOUNTF_OWNER_FROM_DEST, "owner-from-dest"},
	{0, ""},
};

const struct op_flag_name opnames_bindflag[] = {
	{BINDF_RECURSIVE, "recursive"},
	{BINDF_SRC_NOFOLLOW, "src-nofollow"},
	{BINDF_DEST_NOFOLLOW, "dest-nofollow"},
	{BINDF_COPY_SYMLINK, "copy-symlink"},
	{BINDF_IDMAP_RECURSIVE, "idmap-recursive"},
	{BINDF_OPTIONAL, "optional"},
	{0, ""},
};

const struct op_flag_name opnames_rlimit[] = {
	{RLIMIT_AS, "RLIMIT_AS"},
	{RLIMIT_CORE, "RLIMIT_CORE"},
	{RLIMIT_CPU, "RLIMIT_CPU"},
	{RLIMIT_DATA, "RLIMIT_DATA"},
	{RLIMIT_FSIZE, "RLIMIT_FSIZE"},
	{RLIMIT_LOCKS, "RLIMIT_LOCKS"},
	{RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK"},
	{RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE"},
	{RLIMIT_NICE, "RLIMIT_NICE"},
	{RLIMIT_NOFILE, "RLIMIT_NOFILE"},
	{RLIMIT_NPROC, "RLIMIT_NPROC"},
	{RLIMIT_RSS, "RLIMIT_RSS"},
	{RLIMIT_RTPRIO, "RLIMIT_RTPRIO"},
	{RLIMIT_RTTIME, "RLIMIT_RTTIME"},
	{RLIMIT_SIGPENDING, "RLIMIT_SIGPENDING"},
	{RLIMIT_STACK, "RLIMIT_STACK"},
	{0, ""},
};

const struct op_flag_name opnames_sched[] = {
	{SCHED_NORMAL, "SCHED_OTHER"},
	{SCHED_FIFO, "SCHED_FIFO"},
	{SCHED_RR, "SCHED_RR"},
	{SCHED_BATCH, "SCHED_BATCH"},
	{SCHED_IDLE, "SCHED_IDLE"},
	{SCHED_DEADLINE, "SCHED_DEADLINE"},
	{0, ""},
};

const struct op_flag_name opnames_schedflag[] = {
	{SCHED_FLAG_RESET_ON_FORK, "SCHED_FLAG_RESET_ON_FORK"},
	{SCHED_FLAG_RECLAIM, "SCHED_FLAG_RECLAIM"},
	{SCHED_FLAG_DL_OVERRUN, "SCHED_FLAG_DL_OVERRUN"},
	{SCHED_FLAG_KEEP_POLICY, "SCHED_FLAG_KEEP_POLICY"},
	{SCHED_FLAG_KEEP_PARAMS, "SCHED_FLAG_KEEP_PARAMS"},
	{SCHED_FLAG_UTIL_CLAMP_MIN, "SCHED_FLAG_UTIL_CLAMP_MIN"},
	{SCHED_FLAG_UTIL_CLAMP_MAX, "SCHED_FLAG_UTIL_CLAMP_MAX"},
	{0, ""},
};

const struct op_flag_name opnames_ioprio[] = {
	{IOPRIO_CLASS_RT, "IOPRIO_CLASS_RT"},
	{IOPRIO_CLASS_BE, "IOPRIO_CLASS_BE"},
	{IOPRIO_CLASS_IDLE, "IOPRIO_CLASS_IDLE"},
	{0, ""},
};

const struct op_flag_name opnames_mempolicy[] = {
	{MPOL_DEFAULT, "MPOL_DEFAULT"},
	{MPOL_PREFERRED, "MPOL_PREFERRED"},
	{MPOL_BIND, "MPOL_BIND"},
	{MPOL_INTERLEAVE, "MPOL_INTERLEAVE"},
	{MPOL_LOCAL, "MPOL_LOCAL"},
	{MPOL_PREFERRED_MANY, "MPOL_PREFERRED_MANY"},
	{6, "MPOL_WEIGHTED_INTERLEAVE"}, /* Linux 6.9 */
	{0, ""},
};

const struct op_flag_name opnames_mempolicyflag[] = {
	{MPOL_F_STATIC_NODES, "MPOL_F_STATIC_NODES"},
	{MPOL_F_RELATIVE_NODES, "MPOL_F_RELATIVE_NODES"},
	{MPOL_F_NUMA_BALANCING, "MPOL_F_NUMA_BALANCING"},
	{0, ""},
};

const struct op_flag_name opnames_personality[] = {
	{PER_LINUX, "LINUX"},
	{PER_LINUX32, "LINUX32"},
	{0, ""},
};

#define CAP(name)                                                                                  \
	{                                                                                          \
		1ull << CAP_##name, "CAP_" #name                                                   \
	}
const struct op_flag_name opnames_cap[] = {
	CAP(CHOWN),
	CAP(DAC_OVERRIDE),
	CAP(DAC_READ_SEARCH),
	CAP(FOWNER),
	CAP(FSETID),
	CAP(KILL),
	CAP(SETGID),
	CAP(SETUID),
	CAP(SETPCAP),
	CAP(LINUX_IMMUTABLE),
	CAP(NET_BIND_SERVICE),
	CAP(NET_BROADCAST),
	CAP(NET_ADMIN),
	CAP(NET_RAW),
	CAP(IPC_LOCK),
	CAP(IPC_OWNER),
	CAP(SYS_MODULE),
	CAP(SYS_RAWIO),
	CAP(SYS_CHROOT),
	CAP(SYS_PTRACE),
	CAP(SYS_PACCT),
	CAP(SYS_ADMIN),
	CAP(SYS_BOOT),
	CAP(SYS_NICE),
	CAP(SYS_RESOURCE),
	CAP(SYS_TIME),
	CAP(SYS_TTY_CONFIG),
	CAP(MKNOD),
	CAP(LEASE),
	CAP(AUDIT_WRITE),
	CAP(AUDIT_CONTROL),
	CAP(SETFCAP),
	CAP(MAC_OVERRIDE),
	CAP(MAC_ADMIN),
	CAP(SYSLOG),
	CAP(WAKE_ALARM),
	CAP(BLOCK_SUSPEND),
	CAP(AUDIT_READ),
	CAP(PERFMON),
	CAP(BPF),
	CAP(CHECKPOINT_RESTORE),
	{0, ""},
};

const struct op_flag_name opnames_seccompflag[] = {
	{SECCOMP_FILTER_FLAG_TSYNC, "tsync"},
	{SECCOMP_FILTER_FLAG_LOG, "log"},
	{SECCOMP_FILTER_FLAG_SPEC_ALLOW, "spec-allow"},
	{SECCOMP_FILTER_FLAG_NEW_LISTENER, "new-listener"},
	{SECCOMP_FILTER_FLAG_TSYNC_ESRCH, "tsync-esrch"},
	{SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, "wait-killable-recv"},
	{0, ""},
};

const struct op_flag_name opnames_cwd[] = {
	{CWD_NOW, "now"},
	{CWD_TRY, "try"},
	{CWD_AGAIN, "again"},
	{0, ""},
};

const struct op_flag_name opnames_gids[] = {
	{0, ""},
};

int op_name_value(const struct op_flag_name *names, const char *name, uint64_t *ret)
{
	for (; *names->name; names++)
		if (streq(names->name, name)) {
			*ret = names->bits;
			return 0;
		}
	return -ENOENT;
}

const char *op_value_name(const struct op_flag_name *names, uint64_t value)
{
	for (; *names->name; names++)
		if (names->bits == value)
			return names->name;
	return NULL;
}
