/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts, by descriptors: a mount is made detached, gets all its attributes, and is then attached to
 * an open target. Nobody ever sees it half made, and no path is resolved twice.
 */
#include "init/init.h"

/* fsconfig's words for the flags of a superblock. MS_SILENT has none, and only mutes the kernel. */
static const struct {
	uint64_t flag;
	const char *set, *clear;
} sb_words[] = {
	{MS_RDONLY, "ro", "rw"},
	{MS_SYNCHRONOUS, "sync", "async"},
	{MS_DIRSYNC, "dirsync", NULL},
	{MS_MANDLOCK, "mand", "nomand"},
	{MS_LAZYTIME, "lazytime", "nolazytime"},
};

/* The same attributes in mount(2)'s bits. */
static const struct {
	uint64_t attr;
	unsigned long flag;
} classic_flags[] = {
	{MOUNT_ATTR_RDONLY, MS_RDONLY},         {MOUNT_ATTR_NOSUID, MS_NOSUID},
	{MOUNT_ATTR_NODEV, MS_NODEV},           {MOUNT_ATTR_NOEXEC, MS_NOEXEC},
	{MOUNT_ATTR_NOATIME, MS_NOATIME},       {MOUNT_ATTR_STRICTATIME, MS_STRICTATIME},
	{MOUNT_ATTR_NODIRATIME, MS_NODIRATIME}, {MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW},
};

int mount_attach(struct init *in, int tree, int target, uint32_t root, const char *dest)
{
	int r = sys_move_mount(tree, "", target, "",
			       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);

	if (r == -EINVAL) {
		/* A directory on a file, or a file on a directory, has no errno of its own. */
		int from = fd_type(tree), to = fd_type(target);

		if (from >= 0 && to >= 0 && (from == S_IFDIR) != (to == S_IFDIR))
			return init_fail(in, -ENOTDIR, RT_WHY_DETAIL,
					 from == S_IFDIR
						 ? "source is a directory, destination is not"
						 : "destination is a directory, source is not");
	}
	if (r < 0)
		return r;
	in->parent.fd = -1; /* another directory may be there now */
	/* A descriptor of the root does not see what is mounted over it. */
	if (root_is(dest))
		init_slot_set(in, root, tree);
	return 0;
}

int mount_change(struct init *in, int fd, uint64_t set, uint64_t clear, uint64_t propagation,
		 bool recursive)
{
	struct mount_attr attr = {
		.attr_set = set,
		.attr_clr = clear,
		.propagation = propagation & ~(uint64_t)MS_REC,
	};
	int r;

	/* The access time rules are one field, which is cleared to be set (mount_setattr(2)). */
	if (set & MOUNT_ATTR__ATIME)
		attr.attr_clr |= MOUNT_ATTR__ATIME;
	if (!attr.attr_set && !attr.attr_clr && !attr.propagation)
		return 0;
	r = sys_mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr);
	if (r == -EPERM && attr.attr_clr)
		return init_fail(in, r, RT_WHY_LOCKED, NULL);
	return r;
}

int mount_attrs(struct init *in, int fd, uint64_t set, uint64_t clear, uint64_t rec_set,
		uint64_t rec_clear, uint64_t propagation)
{
	bool rec = propagation & MS_REC;
	int r = mount_change(in, fd, rec_set, rec_clear, rec ? propagation : 0, true);

	if (r < 0)
		return r;
	return mount_change(in, fd, set, clear, rec ? 0 : propagation, false);
}

/* ---- file systems ---- */

int mount_fs_failed(struct init *in, int fs, int no)
{
	char line[256];
	struct text t = TEXT(in->detail);
	long n;

	if (in->why)
		return no;
	/* One message a read, "e tmpfs: Unknown parameter 'sizee'"; e, w or i says how grave. */
	while ((n = sys_read(fs, line, sizeof(line))) > 2) {
		if (line[0] != 'e')
			continue;
		if (line[n - 1] == '\n')
			n--;
		if (t.len)
			text_add(&t, "; ");
		text_addn(&t, line + 2, (size_t)n - 2);
		in->why = RT_WHY_DETAIL;
	}
	return no;
}

/*
 * mount(2) takes the quotes off an option of SELinux, which are there for the commas of a label with
 * categories, and engines write them; for fsconfig they would be part of the label.
 */
static bool is_quoted_label(const char *option, const char *value, size_t len)
{
	static const char names[][12] = {"context", "fscontext", "defcontext", "rootcontext"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_eq(option, names[i]))
			return len >= 2 && value[0] == '"' && value[len - 1] == '"';
	return false;
}

static int set_option(int fs, char *option)
{
	size_t at = 0, len;
	char *value;
	int r;

	while (option[at] && option[at] != '=')
		at++;
	if (!option[at])
		return sys_fsconfig(fs, FSCONFIG_SET_FLAG, option, NULL);
	option[at] = '\0';
	value = option + at + 1;
	len = strlen(value);
	if (is_quoted_label(option, value, len)) {
		value[len - 1] = '\0';
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, option, value + 1);
		value[len - 1] = '"';
	} else {
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, option, value);
	}
	option[at] = '=';
	return r;
}

static int set_options(struct init *in, int fs, struct op_strv options)
{
	int r = 0;

	for (uint32_t i = 0; i < options.n && r >= 0; i++)
		r = set_option(fs, (char *)init_item(in, options, i));
	return r;
}

static int set_sb_flags(int fs, uint64_t flags, uint64_t mask)
{
	for (size_t i = 0; i < sizeof(sb_words) / sizeof(sb_words[0]); i++) {
		const char *word = flags & sb_words[i].flag ? sb_words[i].set : sb_words[i].clear;
		int r;

		if (!(mask & sb_words[i].flag) || !word)
			continue;
		r = sys_fsconfig(fs, FSCONFIG_SET_FLAG, word, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A tmpfs that hides a directory looks like it, unless the options say otherwise. */
static int set_mode_of(int fs, int target)
{
	char mode[16];
	struct text t = TEXT(mode);
	struct statx st;
	int r = sys_statx(target, "", AT_EMPTY_PATH, STATX_MODE, &st);

	if (r < 0)
		return r;
	text_octal(&t, st.stx_mode & 07777);
	return sys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", mode);
}

static int configure_fs(struct init *in, int fs, const struct op_mount_fs *op, int target)
{
	const char *source = init_text(in, op->source);
	int r = 0;

	if (*source)
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", source);
	if (r >= 0)
		r = set_options(in, fs, op->options);
	if (r >= 0 && op->label_option) {
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, init_text(in, op->label_option),
				 init_text(in, op->label));
		if (r < 0)
			return init_fail(in, r, RT_WHY_LABEL, init_text(in, op->label));
	}
	if (r >= 0)
		r = set_sb_flags(fs, op->sb_flags, op->sb_flags);
	/* What only we made, as a place to mount on, says nothing: then it is tmpfs's own 1777. */
	if (r >= 0 && op->flags & MOUNTF_MODE_FROM_DEST && !in->made)
		r = set_mode_of(fs, target);
	if (r >= 0)
		r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	return r;
}

static int copy_up(struct init *in, const struct op_mount_fs *op, int mnt, int target)
{
	int from = init_scratch(in, sys_openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	struct statx st;
	int r = from;

	if (r >= 0 && op->flags & MOUNTF_OWNER_FROM_DEST) {
		r = sys_statx(target, "", AT_EMPTY_PATH, STATX_UID | STATX_GID, &st);
		if (r >= 0)
			r = copy_owner(mnt, "", &st);
	}
	return r < 0 ? r : copy_tree(in, from, mnt);
}

/* Of a file system without an option for it. */
static int label_root(struct init *in, int mnt, const char *label)
{
	int dir = init_scratch(in, sys_openat(mnt, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
	int r;

	if (dir < 0)
		return dir;
	/* with the NUL, as libselinux has it */
	r = sys_fsetxattr(dir, "security.selinux", label, strlen(label) + 1);
	return r < 0 ? init_fail(in, r, RT_WHY_LABEL, label) : r;
}

/* The detached mount of a new file system. */
static int make_mount(struct init *in, const struct op_mount_fs *op, int target)
{
	uint64_t late = op->flags & MOUNTF_COPY_UP ? op->attr & MOUNT_ATTR_RDONLY : 0;
	int fs = init_scratch(in, sys_fsopen(init_text(in, op->type), FSOPEN_CLOEXEC));
	int mnt, r;

	if (fs < 0)
		return fs;
	r = configure_fs(in, fs, op, target);
	if (r < 0)
		return mount_fs_failed(in, fs, r);
	mnt = init_scratch(in, sys_fsmount(fs, FSMOUNT_CLOEXEC, (unsigned int)(op->attr & ~late)));
	if (mnt < 0)
		return mount_fs_failed(in, fs, mnt);
	if (op->flags & MOUNTF_COPY_UP) {
		r = copy_up(in, op, mnt, target);
		if (r < 0)
			return r;
	}
	r = op->label && !op->label_option ? label_root(in, mnt, init_text(in, op->label)) : 0;
	if (r >= 0)
		r = mount_attrs(in, mnt, late, 0, 0, 0, op->propagation);
	return r < 0 ? r : mnt;
}

/*
 * fsconfig takes values of at most 255 bytes, which an overlay's lowerdir outgrows, and has no word
 * for MS_I_VERSION: these mounts go by mount(2).
 */
static bool needs_classic(struct init *in, const struct op_mount_fs *op)
{
	for (uint32_t i = 0; i < op->options.n; i++)
		if (strlen(init_item(in, op->options, i)) > 255)
			return true;
	return op->sb_flags & MS_I_VERSION;
}

/* "." is the target by its descriptor; what is mounted there is opened again through dest. */
static int mount_classic(struct init *in, const struct op_mount_fs *op, int target)
{
	char data[PATH_SIZE];
	struct text t = TEXT(data);
	unsigned long flags = (unsigned long)op->sb_flags;
	int mnt, r;

	if (op->flags & MOUNTF_COPY_UP || root_is(init_text(in, op->dest)))
		return -EOPNOTSUPP;
	for (size_t i = 0; i < sizeof(classic_flags) / sizeof(classic_flags[0]); i++)
		if (op->attr & classic_flags[i].attr)
			flags |= classic_flags[i].flag;
	data[0] = '\0';
	for (uint32_t i = 0; i < op->options.n; i++) {
		if (i)
			text_add(&t, ",");
		text_add(&t, init_item(in, op->options, i));
	}
	if (op->label_option) { /* in quotes, since categories have commas between them */
		if (t.len)
			text_add(&t, ",");
		text_add(&t, init_text(in, op->label_option));
		text_add(&t, "=\"");
		text_add(&t, init_text(in, op->label));
		text_add(&t, "\"");
	}
	if (t.cut)
		return init_fail(in, -E2BIG, RT_WHY_DETAIL, "options are longer than 4095 bytes");
	r = sys_fchdir(target);
	if (r >= 0)
		r = sys_mount(init_text(in, op->source), ".", init_text(in, op->type), flags, data);
	if (r < 0)
		return r;
	in->parent.fd = -1;
	mnt = root_open(in, root_fd(in, op->root), init_text(in, op->dest), O_PATH, 0);
	r = mnt < 0 ? mnt : mount_attrs(in, mnt, 0, 0, 0, 0, op->propagation);
	if (r >= 0)
		init_slot_set(in, op->keep, mnt);
	return r;
}

int step_mount_fs(struct init *in, const struct op_mount_fs *op)
{
	const char *dest = init_text(in, op->dest);
	unsigned int kind = TARGET_MOUNT | TARGET_DIR;
	int target, mnt, r;

	if (op->flags & MOUNTF_REAL_DIR)
		kind |= TARGET_REAL;
	if (op->flags & MOUNTF_DEST_NOFOLLOW)
		kind |= TARGET_NOFOLLOW;
	target = root_target(in, root_fd(in, op->root), dest, kind, 0755);
	if (target < 0)
		return target;
	if (needs_classic(in, op))
		return mount_classic(in, op, target);
	mnt = make_mount(in, op, target);
	if (mnt < 0)
		return mnt;
	r = mount_attach(in, mnt, target, op->root, dest);
	if (r >= 0)
		init_slot_set(in, op->keep, mnt);
	return r;
}

int step_procfs(struct init *in, const struct op_procfs *op)
{
	int fs = init_scratch(in, sys_fsopen("proc", FSOPEN_CLOEXEC));
	int r, mnt;

	if (fs < 0)
		return fs;
	r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL);
	if (r < 0)
		return mount_fs_failed(in, fs, r);
	mnt = init_scratch(in,
			   sys_fsmount(fs, FSMOUNT_CLOEXEC,
				       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
	if (mnt < 0)
		return mount_fs_failed(in, fs, mnt);
	init_slot_set(in, op->slot, mnt);
	return 0;
}

int step_mount_remount(struct init *in, const struct op_mount_remount *op)
{
	int fd = root_open(in, root_fd(in, op->root), init_text(in, op->dest), O_PATH, 0);
	int fs, r;

	if (fd < 0)
		return fd;
	if (!op->bind && (op->sb_mask || op->options.n)) {
		if (op->sb_mask & MS_I_VERSION)
			return init_fail(in, -EOPNOTSUPP, RT_WHY_DETAIL,
					 "iversion cannot be changed by a remount");
		fs = init_scratch(
			in, sys_fspick(fd, "",
				       FSPICK_EMPTY_PATH | FSPICK_NO_AUTOMOUNT | FSPICK_CLOEXEC));
		if (fs < 0)
			return fs;
		r = set_options(in, fs, op->options);
		if (r >= 0)
			r = set_sb_flags(fs, op->sb_flags, op->sb_mask);
		if (r >= 0)
			r = sys_fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL);
		if (r < 0)
			return mount_fs_failed(in, fs, r);
	}
	return mount_attrs(in, fd, op->attr_set, op->attr_clear, op->rec_set, op->rec_clear,
			   op->propagation);
}

/* ---- binds ---- */

/* copy-symlink: a source that is a symlink becomes the same symlink at dest. Returns 1: it is one. */
static int copy_symlink(struct init *in, const struct op_mount_bind *op)
{
	char want[PATH_SIZE], have[PATH_SIZE];
	const char *name;
	bool open = op->tree != NO_SLOT; /* by R; a link is open as itself */
	int from = open ? init_slot(in, op->tree) : AT_FDCWD, dir, r;
	long n = sys_readlinkat(from, open ? "" : init_text(in, op->source), want,
				sizeof(want) - 1);

	if (n < 0) /* no symlink: EINVAL of a path, ENOENT of a descriptor */
		return n == -EINVAL || n == -ENOENT ? 0 : (int)n;
	want[n] = '\0';
	dir = root_parent(in, op->root, init_text(in, op->dest), &name);
	if (dir < 0)
		return dir;
	r = sys_symlinkat(want, dir, name);
	if (r == -EEXIST) {
		long m = sys_readlinkat(dir, name, have, sizeof(have));

		if (m != n || memcmp(want, have, (size_t)n) != 0)
			return init_fail(in, r, RT_WHY_WRONG_NODE, init_text(in, op->dest));
		r = 0;
	}
	return r < 0 ? r : 1;
}

/* The source's tree, not attached anywhere; -ENOENT is the caller's to judge. */
static int bind_source(struct init *in, const struct op_mount_bind *op)
{
	unsigned int flags = 0;
	int tree;

	if (op->tree != NO_SLOT) {
		tree = init_slot(in, op->tree);
		return tree == -EBADF ? -ENOENT : tree; /* R found no source */
	}
	if (op->flags & BINDF_RECURSIVE)
		flags |= AT_RECURSIVE;
	if (op->flags & BINDF_SRC_NOFOLLOW)
		flags |= AT_SYMLINK_NOFOLLOW;
	tree = sys_open_tree(AT_FDCWD, init_text(in, op->source),
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
	if (tree < 0 && !(tree == -ENOENT && op->flags & BINDF_OPTIONAL))
		return init_fail(in, tree, RT_WHY_SOURCE, init_text(in, op->source));
	return init_scratch(in, tree);
}

/* The mount point, made as a file or a directory after what is to lie there. */
static int bind_target(struct init *in, const struct op_mount_bind *op, int tree)
{
	const char *dest = init_text(in, op->dest);
	int root = root_fd(in, op->root);
	bool nofollow = op->flags & BINDF_DEST_NOFOLLOW;
	unsigned int kind = TARGET_MOUNT | (nofollow ? TARGET_NOFOLLOW : 0);
	int target, type;

	target = root_mount_point(in, root, dest, O_PATH | (nofollow ? O_NOFOLLOW : 0), 0);
	if (target == -ENOTDIR)
		return init_fail(in, target, RT_WHY_NOT_DIR, dest);
	if (target != -ENOENT)
		return target;
	type = fd_type(tree);
	if (type < 0)
		return type;
	return root_target(in, root, dest, kind | (type == S_IFDIR ? TARGET_DIR : 0), 0755);
}

int step_mount_bind(struct init *in, const struct op_mount_bind *op)
{
	int tree, target, r;

	if (op->flags & BINDF_COPY_SYMLINK) {
		r = copy_symlink(in, op);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	tree = bind_source(in, op);
	if (tree == -ENOENT && op->flags & BINDF_OPTIONAL)
		return 0;
	if (tree < 0)
		return tree;
	target = bind_target(in, op, tree);
	if (target < 0)
		return target;
	r = mount_attrs(in, tree, op->attr_set, op->attr_clear, op->rec_set, op->rec_clear,
			op->propagation);
	if (r >= 0)
		r = mount_attach(in, tree, target, op->root, init_text(in, op->dest));
	if (r >= 0 && op->tree != NO_SLOT) {
		/* Attached it is needed no longer. */
		init_slot_set(in, op->tree, -1);
		init_scratch(in, tree);
	}
	return r;
}
