/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of the comparison: the kernel work that the default spec (`runc spec`) asks for,
 * hard-coded, in the cheapest order and with nothing around it: no JSON, no checks of paths, no
 * error undo, no protection of the runtime's binary. A runtime cannot be faster than about this.
 *
 * floor run ID ROOTFS STATE PROGRAM   create, start, wait and delete; exits with PROGRAM's status
 * floor exec PIDFILE PROGRAM          run PROGRAM in the container of the process in PIDFILE
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DIE_IF(condition)                                                                          \
	do {                                                                                       \
		if (condition)                                                                     \
			err(125, "line %d: %s", __LINE__, #condition);                             \
	} while (0)

#define CGROUP_ROOT "/sys/fs/cgroup"
#define NEW_NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

static const struct node {
	const char *name;
	unsigned int major, minor;
} nodes[] = {
	{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
	{"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

static const char *const links[][2] = {
	{"/proc/self/fd", "dev/fd"},       {"/proc/self/fd/0", "dev/stdin"},
	{"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
	{"pts/ptmx", "dev/ptmx"},
};

static const char *const masked[] = {
	"proc/acpi",          "proc/asound",     "proc/kcore",       "proc/keys",
	"proc/latency_stats", "proc/timer_list", "proc/timer_stats", "proc/sched_debug",
	"proc/scsi",          "sys/firmware",
};

static const char *const read_only[] = {
	"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger",
};

/*
 * clone3 that shares the memory and waits for the exec, like vfork: the child may only run ahead
 * from here, so it has to be inlined. Elsewhere the memory is copied.
 */
static inline __attribute__((always_inline)) long clone3_vfork(struct clone_args *args)
{
#ifdef __x86_64__
	long ret;

	args->flags |= CLONE_VM | CLONE_VFORK;
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"((long)SYS_clone3), "D"(args), "S"(sizeof(*args))
			 : "rcx", "r11", "memory");
	if (ret < 0) {
		errno = (int)-ret;
		ret = -1;
	}
	return ret;
#else
	return syscall(SYS_clone3, args, sizeof(*args));
#endif
}

/* --- the device program: allow mknod of everything, and these --- */

struct device_rule {
	int type, major, minor, access; /* -1: any */
};

static const struct device_rule device_rules[] = {
	{BPF_DEVCG_DEV_CHAR, -1, -1, BPF_DEVCG_ACC_MKNOD},
	{BPF_DEVCG_DEV_BLOCK, -1, -1, BPF_DEVCG_ACC_MKNOD},
	{BPF_DEVCG_DEV_CHAR, 1, 3, 7},
	{BPF_DEVCG_DEV_CHAR, 1, 5, 7},
	{BPF_DEVCG_DEV_CHAR, 1, 7, 7},
	{BPF_DEVCG_DEV_CHAR, 1, 8, 7},
	{BPF_DEVCG_DEV_CHAR, 1, 9, 7},
	{BPF_DEVCG_DEV_CHAR, 5, 0, 7},
	{BPF_DEVCG_DEV_CHAR, 5, 2, 7},
	{BPF_DEVCG_DEV_CHAR, 136, -1, 7},
};

static struct bpf_insn insn(int code, int dst, int src, int off, int imm)
{
	return (struct bpf_insn){
		.code = (uint8_t)code,
		.dst_reg = (uint8_t)(dst & 15),
		.src_reg = (uint8_t)(src & 15),
		.off = (int16_t)off,
		.imm = imm,
	};
}

/* r2 type, r3 access, r4 major, r5 minor. Returns the number of instructions. */
static int build_device_program(struct bpf_insn *out)
{
	const int load = BPF_LDX | BPF_MEM | BPF_W, jump = BPF_JMP | BPF_JNE | BPF_K;
	struct bpf_insn *p = out;

	*p++ = insn(load, 2, 1, 0, 0);
	*p++ = insn(BPF_ALU | BPF_MOV | BPF_X, 3, 2, 0, 0);
	*p++ = insn(BPF_ALU | BPF_AND | BPF_K, 2, 0, 0, 0xffff);
	*p++ = insn(BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16);
	*p++ = insn(load, 4, 1, 4, 0);
	*p++ = insn(load, 5, 1, 8, 0);
	for (size_t i = 0; i < ARRAY_SIZE(device_rules); i++) {
		const struct device_rule *r = &device_rules[i];
		int rest = 5 + (r->major >= 0) + (r->minor >= 0);

		*p++ = insn(jump, 2, 0, rest--, r->type);
		if (r->major >= 0)
			*p++ = insn(jump, 4, 0, rest--, r->major);
		if (r->minor >= 0)
			*p++ = insn(jump, 5, 0, rest--, r->minor);
		*p++ = insn(BPF_ALU | BPF_MOV | BPF_X, 0, 3, 0, 0);
		*p++ = insn(BPF_ALU | BPF_AND | BPF_K, 0, 0, 0, 7 & ~r->access);
		*p++ = insn(jump, 0, 0, 2, 0);
		*p++ = insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
		*p++ = insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	*p++ = insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	*p++ = insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return (int)(p - out);
}

static void attach_device_program(int cgroup)
{
	struct bpf_insn program[128];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uintptr_t)program,
		.insn_cnt = (uint32_t)build_device_program(program),
		.license = (uintptr_t) "GPL",
	};
	long fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	DIE_IF(fd < 0);
	attr = (union bpf_attr){
		.target_fd = (uint32_t)cgroup,
		.attach_bpf_fd = (uint32_t)fd,
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI,
	};
	DIE_IF(syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0);
	close((int)fd);
}

/* --- inside the container --- */

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	DIE_IF(fd < 0);
	DIE_IF(ioctl(fd, SIOCSIFFLAGS, &request) < 0);
	close(fd);
}

/* The current directory is the rootfs. */
static void mount_file_systems(void)
{
	const unsigned long safe = MS_NOSUID | MS_NOEXEC | MS_NODEV;

	DIE_IF(mount("proc", "proc", "proc", 0, NULL));
	DIE_IF(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"));
	DIE_IF(mkdir("dev/pts", 0755) || mkdir("dev/shm", 0755) || mkdir("dev/mqueue", 0755));
	DIE_IF(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		     "newinstance,ptmxmode=0666,mode=0620,gid=5"));
	DIE_IF(mount("shm", "dev/shm", "tmpfs", safe, "mode=1777,size=65536k"));
	DIE_IF(mount("mqueue", "dev/mqueue", "mqueue", safe, NULL));
	DIE_IF(mount("sysfs", "sys", "sysfs", safe | MS_RDONLY, NULL));
	DIE_IF(mount("cgroup", "sys/fs/cgroup", "cgroup2", safe | MS_RELATIME | MS_RDONLY, NULL));
}

static void make_devices(void)
{
	char path[32];

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		snprintf(path, sizeof(path), "dev/%s", nodes[i].name);
		DIE_IF(mknod(path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		DIE_IF(symlink(links[i][0], links[i][1]));
}

static void mask_paths(void)
{
	const char *empty = NULL;
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(masked); i++) {
		if (stat(masked[i], &st))
			continue;
		if (!S_ISDIR(st.st_mode)) {
			DIE_IF(mount("dev/null", masked[i], NULL, MS_BIND, NULL));
		} else if (empty) {
			DIE_IF(mount(empty, masked[i], NULL, MS_BIND, NULL));
		} else {
			empty = masked[i];
			DIE_IF(mount("tmpfs", empty, "tmpfs", MS_RDONLY, NULL));
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(read_only); i++) {
		const char *path = read_only[i];

		if (mount(path, path, NULL, MS_BIND | MS_REC, NULL))
			continue;
		DIE_IF(mount(NULL, path, NULL,
			     MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NODEV,
			     NULL));
	}
}

static void drop_privileges(void)
{
	const uint32_t kept = 1U << CAP_AUDIT_WRITE | 1U << CAP_KILL | 1U << CAP_NET_BIND_SERVICE;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {{.effective = kept, .permitted = kept}};
	struct rlimit files = {1024, 1024};

	DIE_IF(setrlimit(RLIMIT_NOFILE, &files));
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		if (cap < 32 && kept & 1U << cap)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno == EINVAL)
			break;
	}
	DIE_IF(syscall(SYS_capset, &header, sets));
	DIE_IF(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	DIE_IF(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	DIE_IF(syscall(SYS_close_range, 3, ~0U, 0));
}

static __attribute__((noreturn)) void exec_program(const char *program)
{
	static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char term[] = "TERM=xterm";
	char *const argv[] = {(char *)program, NULL};
	char *const envp[] = {path, term, NULL};

	execve(program, argv, envp);
	err(127, "%s", program);
}

static __attribute__((noreturn, noinline)) void container(const char *rootfs, const char *program)
{
	DIE_IF(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "floor") < 0 && errno != ENOSYS);
	DIE_IF(unshare(CLONE_NEWCGROUP));
	DIE_IF(setsid() < 0);
	loopback_up();
	DIE_IF(sethostname("floor", 5));
	DIE_IF(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL));
	DIE_IF(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
	DIE_IF(chdir(rootfs));
	mount_file_systems();
	make_devices();
	mask_paths();
	DIE_IF(syscall(SYS_pivot_root, ".", "."));
	DIE_IF(umount2(".", MNT_DETACH));
	DIE_IF(chdir("/"));
	DIE_IF(mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
	drop_privileges();
	exec_program(program);
}

/* --- outside --- */

static int exit_status(pid_t pid)
{
	int status;

	DIE_IF(waitpid(pid, &status, 0) < 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void write_state(const char *path, const char *id, long pid)
{
	char text[256], name[256], temporary[256];
	int size = snprintf(text, sizeof(text), "{\"id\": \"%s\", \"pid\": %ld}\n", id, pid);
	int fd;

	snprintf(name, sizeof(name), "%s/state.json", path);
	snprintf(temporary, sizeof(temporary), "%s/state.json.new", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	DIE_IF(fd < 0);
	DIE_IF(write(fd, text, (size_t)size) != size);
	close(fd);
	DIE_IF(rename(temporary, name));
}

static int run(const char *id, const char *rootfs, const char *state, const char *program)
{
	char directory[200], cgroup[200], path[256];
	struct clone_args args = {.flags = NEW_NAMESPACES | CLONE_INTO_CGROUP,
				  .exit_signal = SIGCHLD};
	int cgroup_fd, status;
	long pid;

	snprintf(directory, sizeof(directory), "%s/%s", state, id);
	snprintf(cgroup, sizeof(cgroup), CGROUP_ROOT "/%s", id);
	DIE_IF(mkdir(directory, 0700));
	DIE_IF(mkdir(cgroup, 0755));
	cgroup_fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIE_IF(cgroup_fd < 0);
	attach_device_program(cgroup_fd);
	args.cgroup = (uint64_t)cgroup_fd;
	pid = clone3_vfork(&args);
	if (pid == 0)
		container(rootfs, program);
	DIE_IF(pid < 0);
	write_state(directory, id, pid);
	status = exit_status((pid_t)pid);

	DIE_IF(rmdir(cgroup));
	snprintf(path, sizeof(path), "%s/state.json", directory);
	DIE_IF(unlink(path) || rmdir(directory));
	return status;
}

static __attribute__((noreturn, noinline)) void joined(int pidfd, const char *program)
{
	/* Not before the clone: with nsdelegate that would forbid the way into the cgroup. */
	DIE_IF(setns(pidfd, CLONE_NEWCGROUP));
	DIE_IF(setsid() < 0);
	DIE_IF(chdir("/"));
	drop_privileges();
	exec_program(program);
}

static long read_pid(const char *path)
{
	FILE *f = fopen(path, "re");
	long pid = 0;

	DIE_IF(!f || fscanf(f, "%ld", &pid) != 1);
	fclose(f);
	return pid;
}

static int open_cgroup_of(long pid)
{
	char path[512] = CGROUP_ROOT, line[256], name[64];
	FILE *f;
	int fd;

	snprintf(name, sizeof(name), "/proc/%ld/cgroup", pid);
	f = fopen(name, "re");
	DIE_IF(!f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "0::", 3))
			strcat(path, line + 3);
	}
	fclose(f);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	DIE_IF(fd < 0);
	return fd;
}

static int exec(const char *pid_file, const char *program)
{
	long pid = read_pid(pid_file), pidfd = syscall(SYS_pidfd_open, pid, 0);
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};

	DIE_IF(pidfd < 0);
	args.cgroup = (uint64_t)open_cgroup_of(pid);
	DIE_IF(setns((int)pidfd, NEW_NAMESPACES));
	pid = clone3_vfork(&args);
	if (pid == 0)
		joined((int)pidfd, program);
	DIE_IF(pid < 0);
	return exit_status((pid_t)pid);
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "run"))
		return run(argv[2], argv[3], argv[4], argv[5]);
	if (argc == 4 && !strcmp(argv[1], "exec"))
		return exec(argv[2], argv[3]);
	errx(125, "usage: floor run ID ROOTFS STATE PROGRAM | floor exec PIDFILE PROGRAM");
}
