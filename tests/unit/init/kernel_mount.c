/* SPDX-License-Identifier: Apache-2.0 */
/* rt-init on the real kernel: mounts, devices, and the root. */
#include "init/kernel.h"

#include <linux/mount.h>

#include "base/mem.h"
#include "base/sys.h"

static void mask(const char *path, uint32_t null, uint32_t empty)
{
	struct op_mask *s = ADD(mask);

	s->root = root;
	s->dest = STR(path);
	s->null = null;
	s->empty = empty;
}

/* What the default document asks for, as near as can be without the builder. */
static void whole(void)
{
	static const char *const masked[] = {"/proc/acpi",       "/proc/kcore",   "/proc/keys",
					     "/proc/timer_list", "/sys/firmware", "/proc/scsi",
					     "/no/such/path"};
	static const char *const pts[] = {"newinstance", "ptmxmode=0666", "mode=0620", "gid=5"};
	uint32_t null, empty, proc;
	struct op_capabilities *caps;
	struct op_sysctl *sysctl;

	begin();
	null = minir_slot(&m, "null", -1);
	empty = minir_slot(&m, "empty", -1);
	proc = minir_slot(&m, "proc", -1);
	ADD(setsid);
	ADD(unshare)->namespaces = CLONE_NEWCGROUP;
	ADD(loopback);
	ADD(hostname)->name = STR("box");
	ADD(domainname)->name = STR("example.org");
	add_root();
	add_proc();
	LAST(mount_fs)->keep = proc;
	mount_on("/dev", "tmpfs")->options = words("mode=755", "size=65536k", NULL);
	mount_on("/dev/pts", "devpts")->options = plan_strv(&m.b, pts, 4);
	mount_on("/dev/shm", "tmpfs")->options = words("mode=1777", NULL, NULL);
	mount_on("/dev/mqueue", "mqueue");
	mount_on("/sys", "sysfs")->attr |= MOUNT_ATTR_RDONLY;
	device("/dev/null", 1, 3);
	device("/dev/zero", 1, 5);
	device("/dev/tty", 5, 0);
	for (int i = 0; i < 2; i++) {
		struct op_symlink *s = ADD(symlink);

		s->root = root;
		s->dest = STR(i ? "/dev/fd" : "/dev/ptmx");
		s->target = STR(i ? "/proc/self/fd" : "pts/ptmx");
	}
	sysctl = ADD(sysctl);
	sysctl->proc = proc;
	sysctl->file = STR("net/ipv4/ip_forward");
	sysctl->value = STR("1");
	for (size_t i = 0; i < ARRAY_SIZE(masked); i++)
		mask(masked[i], null, empty);
	for (int i = 0; i < 2; i++) {
		struct op_readonly *s = ADD(readonly);

		s->root = root;
		s->dest = STR(i ? "/proc/sys" : "/proc/nothing");
	}
	ADD(pivot)->root = root;
	ADD(root_attr)->attr_set = MOUNT_ATTR_RDONLY;
	ADD(keyring);
	ADD(bounding)->keep = 1 << 5 | 1 << 10 | 1u << 29;
	ADD(identity)->uid = 0;
	caps = ADD(capabilities);
	caps->effective = caps->permitted = 1 << 5 | 1 << 10 | 1u << 29;
	ADD(no_new_privs);
	ADD(umask)->mask = 027;
	ADD(cwd)->path = STR("/");
	sh("echo pid $$; hostname; cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward;"
	   "umask; grep -E '^(Cap|NoNew|Sig[BI])' /proc/self/status; ls /dev; ls /proc/self/fd;"
	   "cat /proc/keys; ls /sys/firmware | head -1; cat /dev/null; readlink /dev/ptmx;"
	   "echo x > /x || echo root is read-only; echo 0 > /proc/sys/net/ipv4/ip_forward || echo ro;"
	   "grep -c . /proc/self/mountinfo; ip link show lo | head -1; echo $A $HOME; id -u;"
	   "grep -E ' /( |dev|proc|sys)' /proc/self/mountinfo");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("pid 1\nbox\nexample.org\n1\n0027\n");
	CHECK_OUT("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000");
	CHECK_OUT(
		"CapPrm:\t0000000020000420\nCapEff:\t0000000020000420\nCapBnd:\t0000000020000420");
	CHECK_OUT("NoNewPrivs:\t1");
	CHECK_OUT("fd\nmqueue\nnull\nptmx\npts\nshm\ntty\nzero\n0\n1\n2\n3\n");
	CHECK_OUT("root is read-only");
	CHECK_OUT("LOOPBACK,UP");
	CHECK_OUT("\nro\n");
	CHECK_NOT_OUT("old");
}

static void mount_targets_stay_inside(void)
{
	begin();
	/* Absolute, upwards and dangling links, in the middle and at the end. */
	link_file("abs", "/made/here");
	link_file("up", "../../../../../../made");
	link_file("last", "/file/of/link");
	add_root();
	mount_on("/abs/a", "tmpfs");
	mount_on("/up/b", "tmpfs");
	bind_on("/last", "/etc/hostname");
	bind_on("/new/dir/file", "/etc/hostname");
	ADD(pivot)->root = root;
	sh("test -d /made/here/a && test -d /made/b && test -s /file/of/link && "
	   "test -s /new/dir/file && echo all there");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("all there");
	CHECK(exists("made/here/a") && exists("made/b") && exists("file/of/link"));
	CHECK(access("/made", F_OK) < 0 && access("/tmp/made", F_OK) < 0);
}

static void proc_needs_a_real_directory(void)
{
	begin();
	link_file("proc", "/tmp");
	add_root();
	add_proc();
	minir_run(&m);
	CHECK_ERROR("mount_fs", ENOTDIR, RT_WHY_NOT_DIR);
}

static void file_system_errors_have_the_kernels_words(void)
{
	begin();
	add_root();
	mount_on("/tmp", "tmpfs")->options = words("sizee=1m", NULL, NULL);
	minir_run(&m);
	CHECK_ERROR("mount_fs", EINVAL, RT_WHY_DETAIL);
	CHECK(!strcmp(m.error.detail, "tmpfs: Unknown parameter 'sizee'"));
	begin();
	add_root();
	mount_on("/tmp", "nosuchfs");
	minir_run(&m);
	CHECK_ERROR("mount_fs", ENODEV, RT_WHY_NONE);
}

static void bind_errors(void)
{
	begin();
	add_root();
	bind_on("/etc/x", "/no/such/source");
	minir_run(&m);
	CHECK_ERROR("mount_bind", ENOENT, RT_WHY_SOURCE);
	CHECK(!strcmp(m.error.detail, "/no/such/source"));
	begin();
	add_root();
	bind_on("/etc/passwd", "/etc");
	minir_run(&m);
	CHECK_ERROR("mount_bind", ENOTDIR, RT_WHY_DETAIL);
	begin();
	add_root();
	bind_on("/etc", "/etc/hostname");
	minir_run(&m);
	CHECK_ERROR("mount_bind", ENOTDIR, RT_WHY_DETAIL);
	begin();
	add_root();
	bind_on("/etc/x", "/no/such/source")->flags = BINDF_OPTIONAL;
	ADD(pivot)->root = root;
	sh("test ! -e /etc/x");
	minir_run(&m);
	CHECK_EXIT(0);
}

static void bind_attributes(void)
{
	struct op_mount_bind *s;
	struct op_mount_remount *r;

	begin();
	add_root();
	add_proc();
	s = bind_on("/ro", "/etc");
	s->attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME;
	s->propagation = MS_PRIVATE | MS_REC;
	s = bind_on("/shared", "/etc");
	s->flags = BINDF_RECURSIVE;
	s->rec_set = MOUNT_ATTR_NODEV;
	s->propagation = MS_SHARED | MS_REC;
	bind_on("/later", "/etc");
	r = ADD(mount_remount);
	r->root = root;
	r->dest = STR("/later");
	r->bind = 1;
	r->attr_set = MOUNT_ATTR_NOEXEC;
	mount_on("/t", "tmpfs");
	r = ADD(mount_remount);
	r->root = root;
	r->dest = STR("/t");
	r->sb_flags = r->sb_mask = MS_RDONLY;
	r->options = words("size=8k", NULL, NULL);
	ADD(pivot)->root = root;
	sh("grep -E ' /(ro|shared|later|t) ' /proc/self/mountinfo");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT(" /ro ro,");
	CHECK_OUT("noatime");
	CHECK_OUT("nodev");
	CHECK_OUT("shared:");
	CHECK_OUT("noexec");
	CHECK_OUT("ro,size=8k");
}

static void long_options_take_the_old_call(void)
{
	char lower[600];
	struct op_mount_fs *s;

	begin();
	snprintf(lower, sizeof(lower), "lowerdir=%s/bin", rootfs);
	for (int i = 0; i < 12; i++)
		snprintf(lower + strlen(lower), sizeof(lower) - strlen(lower), ":%s/bin%d", rootfs,
			 i);
	for (int i = 0; i < 12; i++) {
		char dir[64];

		snprintf(dir, sizeof(dir), "bin%d", i);
		make_dir(dir);
	}
	add_root();
	s = mount_on("/over", "overlay");
	s->options = words(lower, NULL, NULL);
	s->attr |= MOUNT_ATTR_NODEV;
	add_proc();
	ADD(pivot)->root = root;
	sh("test -x /over/busybox && grep ' /over .*nosuid,nodev' /proc/self/mountinfo");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("/over");
}

static void copy_up(void)
{
	struct op_mount_fs *s;

	begin();
	write_file("tmp/file", 04751, "content", 7);
	link_file("tmp/link", "file");
	add_root();
	s = mount_on("/tmp", "tmpfs");
	s->flags = MOUNTF_COPY_UP | MOUNTF_MODE_FROM_DEST;
	s->attr |= MOUNT_ATTR_RDONLY;
	ADD(pivot)->root = root;
	sh("cat /tmp/link; stat -c ' %a' /tmp/file; stat -c %a /tmp; echo x > /tmp/y || echo ro");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("content 4751\n755\n");
	CHECK_OUT("\nro\n");
	CHECK(!exists("tmp/y"));
}

static void devices_and_links(void)
{
	begin();
	add_root();
	device("/dev/null", 1, 3);
	device("/dev/null", 1, 3); /* there already, and right */
	device("/dev/null", 1, 5);
	minir_run(&m);
	CHECK_ERROR("device", EEXIST, RT_WHY_WRONG_NODE);
	begin();
	link_file("dev", "../../../../../../../../tmp");
	add_root();
	device("/dev/rt-init-null", 1, 3);
	ADD(pivot)->root = root;
	sh("test -c /tmp/rt-init-null");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK(access("/tmp/rt-init-null", F_OK) < 0);
}

static void bound_devices(void)
{
	begin();
	add_root();
	mount_on("/dev", "tmpfs");
	device("/dev/null", 1, 3);
	LAST(device)->bind = 1;
	ADD(pivot)->root = root;
	sh("test -c /dev/null && echo x > /dev/null && stat -c %t:%T /dev/null");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("1:3");
	begin();
	add_root();
	device("/dev/zero", 1, 3); /* the host's is another */
	LAST(device)->bind = 1;
	minir_run(&m);
	CHECK_ERROR("device", ENODEV, RT_WHY_WRONG_NODE);
}

/* A rootfs that the user namespace's root may not walk to: the runtime has opened it. */
static void rootfs_behind_a_closed_door(void)
{
	char closed[128];
	uint32_t tree;
	int fd;

	begin();
	snprintf(closed, sizeof(closed), "%s/closed/root", rootfs);
	shell("cd %s && mkdir -p closed/root && cp -a bin etc closed/root && "
	      "mkdir closed/root/proc && chmod 700 closed && chown -hR 100000:100000 closed/root",
	      rootfs);
	fd = rt_sys_open_tree(AT_FDCWD, closed, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	tree = minir_slot(&m, "tree", fd);
	close(fd);
	m.namespaces = 0;
	m.uid_map = m.gid_map = "0 100000 65536\n";
	ADD(clone)->namespaces = ALL_NS | CLONE_NEWUSER;
	ADD(become_root);
	ADD(rootfs)->root = root;
	LAST(rootfs)->source = STR(closed);
	LAST(rootfs)->tree = tree;
	add_proc();
	ADD(pivot)->root = root;
	sh("id -u; ls /; cd ..; pwd; grep -c . /proc/self/mountinfo");
	minir_run(&m);
	CHECK_EXIT(0);
	CHECK_OUT("0\nbin\netc\nproc\n/\n2\n");
}

static void without_pivot_root(void)
{
	begin();
	add_root();
	add_proc();
	ADD(move_root)->root = root;
	sh("grep -c ' /proc ' /proc/self/mountinfo; ls /; grep -c sysfs /proc/self/mountinfo");
	minir_run(&m);
	CHECK(!SAW(&m, ERROR) && !*m.problem);
	CHECK_OUT("1\nbin\netc\nproc\ntmp\n0\n");
}

const struct kernel_case mount_cases[] = {
	CASE(whole),
	CASE(mount_targets_stay_inside),
	CASE(proc_needs_a_real_directory),
	CASE(file_system_errors_have_the_kernels_words),
	CASE(bind_errors),
	CASE(bind_attributes),
	CASE(long_options_take_the_old_call),
	CASE(copy_up),
	CASE(devices_and_links),
	CASE(bound_devices),
	CASE(rootfs_behind_a_closed_door),
	CASE(without_pivot_root),
	{NULL, NULL},
};
