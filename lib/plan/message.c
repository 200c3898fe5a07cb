/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/message.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "plan/print.h"

/*
 * How messages call a step: {member} stands for its value, strings in quotes, {=member} for the
 * value without. Empty: the step's word.
 */
static const struct {
	enum rt_error_code code;
	char object[80];
} rows[OP_MAX] = {
	[OP_open_path] = {RT_E_NAMESPACE, "open {path}"},
	[OP_open_target] = {RT_E_SYSTEM, "open process {pid}"},
	[OP_idmap_userns] = {RT_E_IDMAP, ""},
	[OP_open_source] = {RT_E_MOUNT, "open mount source {source}"},
	[OP_gate_listen] = {RT_E_STATE, ""},
	[OP_notify_dir] = {RT_E_STATE, ""},
	[OP_hook_output] = {RT_E_HOOK, "open {path} for the output of hooks"},
	[OP_seccomp_connect] = {RT_E_SECCOMP, "connect to seccomp listener {path}"},
	[OP_cgroup_create] = {RT_E_CGROUP, "create cgroup {path}"},
	[OP_memory_bound] = {RT_E_CGROUP, ""},
	[OP_rdt_group] = {RT_E_RDT, "make resctrl group {path}"},
	[OP_rdt_join] = {RT_E_RDT, "join resctrl group {path}"},
	[OP_rdt_schema] = {RT_E_RDT, "write the schema of resctrl group {path}"},
	[OP_spawn] = {RT_E_SYSTEM, ""},
	[OP_systemd_property] = {RT_E_CGROUP, "set unit property {name}"},
	[OP_systemd_unit] = {RT_E_CGROUP, "start systemd unit {unit}"},
	[OP_systemd_attach] = {RT_E_CGROUP, "move into systemd unit {unit}"},
	[OP_systemd_change] = {RT_E_CGROUP, "change systemd unit {unit}"},
	[OP_cgroup_enter] = {RT_E_CGROUP, ""},
	[OP_id_map] = {RT_E_IDMAP, ""},
	[OP_cgroup_enable] = {RT_E_CGROUP, ""},
	[OP_cgroup_write] = {RT_E_CGROUP, "write {value} to cgroup file {file}"},
	[OP_cgroup_devices] = {RT_E_CGROUP, ""},
	[OP_cgroup_chown] = {RT_E_CGROUP, "give cgroup to user {uid}"},
	[OP_cgroup_delegate] = {RT_E_CGROUP, "make cgroup {name} to be delegated"},
	[OP_cgroup_hand_over] = {RT_E_CGROUP, "hand delegated cgroup over to user {uid}"},
	[OP_net_device] = {RT_E_NETWORK, "move network device {name}"},
	[OP_oom_score] = {RT_E_SYSTEM, "set oom score to {value}"},
	[OP_scheduler] = {RT_E_HOST, "set scheduler {policy}"},
	[OP_io_priority] = {RT_E_HOST, "set I/O priority {class} {priority}"},
	[OP_seccomp_state] = {RT_E_SECCOMP, ""},
	[OP_runtime_hook] = {RT_E_HOOK, "error running {=kind} hook #{index}: {path}"},
	[OP_await_cgroup] = {RT_E_CGROUP, ""},
	[OP_offsets_file] = {RT_E_NAMESPACE, ""},
	[OP_own_oom_score] = {RT_E_SYSTEM, "set oom score to {=value}"},
	[OP_join] = {RT_E_NAMESPACE, "join {namespaces} namespace"},
	[OP_clone] = {RT_E_NAMESPACE, ""},
	[OP_become_root] = {RT_E_IDMAP, ""},
	[OP_unshare] = {RT_E_NAMESPACE, "unshare {namespaces} namespace"},
	[OP_time_namespace] = {RT_E_NAMESPACE, ""},
	[OP_loopback] = {RT_E_NAMESPACE, ""},
	[OP_hostname] = {RT_E_NAMESPACE, "set hostname {name}"},
	[OP_domainname] = {RT_E_NAMESPACE, "set domainname {name}"},
	[OP_await_runtime] = {RT_E_HOOK, ""},
	[OP_propagation] = {RT_E_MOUNT, "make / {propagation}"},
	[OP_rootfs] = {RT_E_BUNDLE, "mount rootfs {source}"},
	[OP_mount_fs] = {RT_E_MOUNT, "mount {type} on {dest}"},
	[OP_mount_bind] = {RT_E_MOUNT, "bind {source} on {dest}"},
	[OP_mount_remount] = {RT_E_MOUNT, "remount {dest}"},
	[OP_procfs] = {RT_E_MOUNT, ""},
	[OP_device] = {RT_E_DEVICE, "make device {dest}"},
	[OP_symlink] = {RT_E_DEVICE, "make symlink {dest}"},
	[OP_mkdir] = {RT_E_SYSTEM, "make directory {dest}"},
	[OP_console] = {RT_E_CONSOLE, ""},
	[OP_mask] = {RT_E_MOUNT, "mask {dest}"},
	[OP_readonly] = {RT_E_MOUNT, "make {dest} read-only"},
	[OP_container_hook] = {RT_E_HOOK, "error running {=kind} hook #{index}: {path}"},
	[OP_pivot] = {RT_E_MOUNT, ""},
	[OP_move_root] = {RT_E_MOUNT, ""},
	[OP_chroot] = {RT_E_BUNDLE, ""},
	[OP_root_attr] = {RT_E_MOUNT, ""},
	[OP_sysctl] = {RT_E_SYSCTL, "set sysctl {file}"},
	/* Podman looks for a path below attr, in these quotes, and reports a bad label. */
	[OP_apparmor] = {RT_E_LSM, "set AppArmor profile {profile} in "
				   "`/proc/thread-self/attr/apparmor/exec`"},
	[OP_selinux] = {RT_E_LSM, "set SELinux label {label} in `/proc/thread-self/{=file}`"},
	[OP_keyring] = {RT_E_SYSTEM, ""},
	[OP_setsid] = {RT_E_SYSTEM, ""},
	[OP_affinity] = {RT_E_HOST, "run on cpus {cpus}"},
	[OP_memory_policy] = {RT_E_HOST, "set memory policy {mode} with nodes {nodes}"},
	[OP_personality] = {RT_E_HOST, "set personality {domain}"},
	[OP_rlimit_raise] = {RT_E_RLIMIT, "raise hard limit of {resource} to {hard}"},
	[OP_bounding] = {RT_E_CAPABILITY, ""},
	[OP_null_stdio] = {RT_E_SYSTEM, ""},
	[OP_identity] = {RT_E_IDENTITY, "set user {uid} and group {gid}"},
	[OP_capabilities] = {RT_E_CAPABILITY, ""},
	[OP_no_new_privs] = {RT_E_SYSTEM, ""},
	[OP_umask] = {RT_E_SYSTEM, ""},
	[OP_cwd] = {RT_E_SYSTEM, "chdir to cwd {path}"},
	[OP_home] = {RT_E_IDENTITY, ""},
	[OP_program] = {RT_E_EXEC_NOT_FOUND, "exec: {name}"},
	[OP_ready] = {RT_E_PROTOCOL, ""},
	[OP_gate] = {RT_E_PROTOCOL, ""},
	[OP_rlimit] = {RT_E_RLIMIT, "set {resource}"},
	[OP_close_fds] = {RT_E_SYSTEM, ""},
	[OP_seccomp] = {RT_E_SECCOMP, ""},
	[OP_exec] = {RT_E_EXEC_PERMISSION, "exec: {args}"},
};

enum rt_error_code plan_error_code(enum op_code op, int no)
{
	if (op >= OP_MAX)
		return RT_E_SYSTEM;
	if (op != OP_program && op != OP_exec)
		return rows[op].code;
	switch (no) {
	case ENOENT:
	case ENOTDIR:
		return RT_E_EXEC_NOT_FOUND;
	case EACCES:
	case EPERM:
		return RT_E_EXEC_PERMISSION;
	case ENOEXEC:
		return RT_E_EXEC_FORMAT;
	default:
		return RT_E_SYSTEM;
	}
}

static const struct op_arg *find_arg(const struct op_desc *d, const char *name, size_t len)
{
	for (size_t i = 0; i < d->nargs; i++)
		if (strlen(d->args[i].name) == len && !strncmp(d->args[i].name, name, len))
			return &d->args[i];
	return NULL;
}

/* An argument's value; of a vector the first string, which is the program's name. */
static void add_value(const struct plan *p, const struct op_head *s, const struct op_arg *arg,
		      bool plain, struct strbuf *out)
{
	const void *at = (const char *)s + arg->offset;
	const char *text;

	if (arg->kind != KIND_STR && arg->kind != KIND_STRV) {
		plan_print_arg(p, s, arg, out);
		return;
	}
	text = arg->kind == KIND_STRV ? plan_item(p, *(const struct op_strv *)at, 0)
				      : plan_text(p, *(const uint32_t *)at);
	if (!text)
		text = "";
	if (plain)
		strbuf_add(out, text);
	else
		plan_print_quoted(out, text, 200);
}

/* Copy a template, and let word() put something in the place of each {name}. */
static void expand(const char *template, struct strbuf *out, const void *what,
		   void (*word)(const void *what, const char *name, size_t len, struct strbuf *out))
{
	for (;;) {
		size_t n = strcspn(template, "{");

		strbuf_addn(out, template, n);
		template += n;
		if (!*template)
			return;
		n = strcspn(template, "}");
		word(what, template + 1, n - 1, out);
		template += n + 1;
	}
}

struct step {
	const struct plan *p;
	const struct op_head *s;
};

static void member_word(const void *what, const char *name, size_t len, struct strbuf *out)
{
	const struct step *step = what;
	bool plain = *name == '=';
	const struct op_arg *arg = find_arg(op_desc(step->s->op), name + plain, len - plain);

	if (arg)
		add_value(step->p, step->s, arg, plain, out);
}

static void add_object(const struct plan *p, const struct op_head *s, struct strbuf *out)
{
	const char *template = rows[s->op].object;

	expand(*template ? template : op_desc(s->op)->word, out, &(struct step){p, s}, member_word);
}

const char *plan_object(const struct plan *p, const struct op_head *step, char *buf, size_t size)
{
	_cleanup_strbuf_ struct strbuf out = {0};

	add_object(p, step, &out);
	snprintf(buf, size, "%s", out.failed ? op_desc(step->op)->word : out.s);
	return buf;
}

/* ---- causes ---- */

#if defined(__x86_64__)
#define NATIVE EM_X86_64
#elif defined(__aarch64__)
#define NATIVE EM_AARCH64
#elif defined(__riscv)
#define NATIVE EM_RISCV
#elif defined(__powerpc64__)
#define NATIVE EM_PPC64
#elif defined(__s390x__)
#define NATIVE EM_S390
#elif defined(__arm__)
#define NATIVE EM_ARM
#elif defined(__i386__)
#define NATIVE EM_386
#else
#define NATIVE EM_NONE
#endif

/* In uname(2)'s words, which image tools use too. */
static const char *machine_name(uint64_t machine)
{
	static const struct op_flag_name names[] = {
		{EM_X86_64, "x86_64"},
		{EM_AARCH64, "aarch64"},
		{EM_386, "i386"},
		{EM_ARM, "arm"},
		{EM_RISCV, "riscv64"},
		{EM_PPC64, "ppc64"},
		{EM_S390, "s390x"},
		{EM_MIPS, "mips"},
		{258, "loongarch64"}, /* EM_LOONGARCH, too new for some elf.h */
		{0, ""},
	};
	const char *name = op_value_name(names, machine);

	return name ? name : "another machine";
}

/* What the program lies on, if it is a mount of the plan: the last one that covers the path. */
static const char *mount_of(const struct plan *p, const char *path)
{
	const char *found = NULL;

	for (const struct op_head *s = plan_first(p); s; s = plan_next(p, s)) {
		const char *dest = NULL;
		size_t n;

		if (s->op == OP_mount_fs)
			dest = plan_text(p, ((const struct op_mount_fs *)s)->dest);
		else if (s->op == OP_mount_bind)
			dest = plan_text(p, ((const struct op_mount_bind *)s)->dest);
		if (!dest)
			continue;
		n = strlen(dest);
		if (str_starts(path, dest) && (path[n] == '/' || path[n] == '\0'))
			found = dest;
	}
	return found;
}

/* Of a mount's step: the attributes that it clears. */
static void add_cleared(const struct plan *p, const struct op_head *s, struct strbuf *out)
{
	static const char *const members[] = {"attr_clear", "rec_clear"};
	const char *sep = "";

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const struct op_arg *arg = find_arg(op_desc(s->op), members[i], strlen(members[i]));

		if (!arg || !*(const uint64_t *)(const void *)((const char *)s + arg->offset))
			continue;
		strbuf_add(out, sep);
		plan_print_arg(p, s, arg, out);
		sep = "|";
	}
}

/* rt-init sends "exit status 3\nlast lines of output". */
static void add_hook_exit(const char *detail, struct strbuf *out)
{
	size_t n = strcspn(detail, "\n");

	strbuf_addn(out, detail, n);
	if (!detail[n] || !detail[n + 1])
		return;
	strbuf_add(out, ", output: ");
	plan_print_quoted(out, detail + n + 1, SIZE_MAX);
}

static double hook_timeout(const struct op_head *s)
{
	if (s->op == OP_container_hook)
		return ((const struct op_container_hook *)s)->timeout_sec;
	return s->op == OP_runtime_hook ? ((const struct op_runtime_hook *)s)->timeout_sec : 0;
}

/*
 * Behind the object comes the cause, then the errno's text unless the cause has it in itself.
 * Hints must not hold words that callers match in messages.
 */
static const struct {
	char text[80];
	bool complete; /* no errno's text behind it */
	char hint[88];
} causes[RT_WHY_MAX] = {
	[RT_WHY_NONE] = {"", false, ""},
	[RT_WHY_DETAIL] = {": {errno}: {detail}", true, ""},
	[RT_WHY_NOT_DIR] = {": {path} is a symlink or no directory", false, ""},
	[RT_WHY_WRONG_NODE] = {": {path} is not what it has to be", false, ""},
	[RT_WHY_CWD_OUTSIDE] = {": it is outside of the container", true, ""},
	[RT_WHY_NOT_IN_PATH] = {": executable file not found in $PATH", false, ""},
	/* "permission denied" in it would make 126 of the exit code in podman and docker */
	[RT_WHY_PASSED_OVER] = {": executable file not found in $PATH: {detail} is not executable",
				true, ""},
	[RT_WHY_IS_DIR] = {": is a directory", false, ""},
	[RT_WHY_NO_X_BIT] = {": {errno}: mode {detail} has no execute bit", true, ""},
	[RT_WHY_NOEXEC] = {": {errno}: {mount} has the noexec option", true, ""},
	[RT_WHY_INTERPRETER] = {": interpreter {path} not found", false,
				"the program is linked to a C library that the image lacks"},
	[RT_WHY_CRLF] = {": interpreter {path} not found", false,
			 "the script has line ends of Windows, CRLF"},
	[RT_WHY_WRONG_ARCH] = {": {errno}: file is an ELF executable for {machine}, this host runs "
			       "{host}",
			       true, ""},
	[RT_WHY_EMPTY] = {": {errno}: file is empty", true, ""},
	[RT_WHY_NO_SHEBANG] =
		{": {errno}: neither an ELF executable nor a script with a \"#!\" line", true, ""},
	[RT_WHY_HOOK_EXIT] = {": {exit}", true, ""},
	[RT_WHY_HOOK_TIMEOUT] = {": hook ran past specified timeout of {timeout}s{exit}", true, ""},
	[RT_WHY_SOURCE] = {": source {path}", false, ""},
	[RT_WHY_INITRAMFS] = {": the root is the initial ramfs", false,
			      "use --no-pivot, or switch the host's root first"},
	[RT_WHY_LOCKED] =
		{": cannot clear {cleared}", false,
		 "the mount comes from a user namespace with more rights, which locks it"},
	[RT_WHY_NOT_OPEN] = {": descriptor {detail} is to be preserved, but is not open", true, ""},
	[RT_WHY_CHROOT] = {": it is not a mount point", false,
			   "the caller is in a chroot: bind the directory on itself before chroot"},
	[RT_WHY_CHROOTED] =
		{"", false, "the caller is in a chroot, where the kernel makes no user namespaces"},
	[RT_WHY_LISTENER] = {": the listener cannot be given its descriptor", false, ""},
	[RT_WHY_NO_PROFILE] = {": no profile of this name is loaded", true,
			       "/sys/kernel/security/apparmor/profiles lists them, apparmor_parser "
			       "loads one"},
	[RT_WHY_LABEL] = {": SELinux does not take the label {detail}", false,
			  "it is linux.mountLabel; the kernel's log may say more"},
	[RT_WHY_NO_SEARCH] = {": {errno}: a directory may not be searched: {detail}", true, ""},
};

struct cause {
	const struct plan *p;
	const struct op_head *s;
	const struct plan_failure *f;
};

static void cause_word(const void *what, const char *name, size_t len, struct strbuf *out)
{
	const struct cause *c = what;
	const char *detail = c->f->detail;
	const char *mount;

	if (!strncmp(name, "errno", len)) {
		strbuf_add(out, err_no_text(c->f->no));
	} else if (!strncmp(name, "detail", len)) {
		strbuf_add(out, detail);
	} else if (!strncmp(name, "path", len)) {
		plan_print_quoted(out, detail, 300);
	} else if (!strncmp(name, "mount", len)) {
		mount = mount_of(c->p, detail);
		if (mount)
			strbuf_addf(out, "mount \"%s\"", mount);
		else
			strbuf_add(out, "its file system");
	} else if (!strncmp(name, "machine", len)) {
		strbuf_add(out, machine_name(strtoul(detail, NULL, 10)));
	} else if (!strncmp(name, "host", len)) {
		strbuf_add(out, machine_name(NATIVE));
	} else if (!strncmp(name, "exit", len)) {
		add_hook_exit(detail, out);
	} else if (!strncmp(name, "timeout", len)) {
		strbuf_addf(out, "%.1f", hook_timeout(c->s));
	} else if (!strncmp(name, "cleared", len)) {
		add_cleared(c->p, c->s, out);
	}
}

static void add_hint(const struct plan_failure *f, struct err *e)
{
	const char *base = strrchr(f->detail, '/');

	if (!*causes[f->why].hint)
		return;
	/* Only an ELF interpreter is a matter of C libraries; a script has another. */
	if (f->why == RT_WHY_INTERPRETER && (!base || !str_starts(base, "/ld-")))
		return;
	err_hint(e, "%s", causes[f->why].hint);
}

int plan_error(const struct plan *p, const struct plan_failure *failure, struct err *e)
{
	const struct op_head *s = plan_step(p, failure->step);
	_cleanup_strbuf_ struct strbuf out = {0};
	struct plan_failure f = *failure;

	if (!f.detail)
		f.detail = "";
	if (f.why >= RT_WHY_MAX)
		f.why = RT_WHY_NONE;
	e->step = f.step;
	if (!s)
		return err_set(e, f.no, RT_E_SYSTEM, "rt-init");
	add_object(p, s, &out);
	expand(causes[f.why].text, &out, &(struct cause){p, s, &f}, cause_word);
	if (out.failed)
		return err_nomem(e);
	err_set(e, causes[f.why].complete ? f.no | RT_NO_TEXT : f.no,
		f.code ? f.code : plan_error_code(s->op, f.no), "%s", out.s);
	add_hint(&f, e);
	return -f.no;
}
