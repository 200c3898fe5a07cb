/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

#define ROOTFS CASE_DIR "/rootfs"

struct directory {
	const char *path;
	mode_t mode;
};

struct file {
	const char *path;
	const char *content;
	mode_t mode;
};

static const struct directory directories[] = {
	{CASE_STATE_ROOT, 0700},
	{ROOTFS, 0755},
	{ROOTFS "/bin", 0755},
	{ROOTFS "/dev", 0755},
	{ROOTFS "/etc", 0755},
	{ROOTFS "/home", 0755},
	{ROOTFS "/home/user", 0755},
	{ROOTFS "/mnt", 0755},
	{ROOTFS "/proc", 0755},
	{ROOTFS "/root", 0700},
	{ROOTFS "/run", 0755},
	{ROOTFS "/sys", 0755},
	{ROOTFS "/tmp", 01777},
	{ROOTFS "/usr", 0755},
	{ROOTFS "/usr/bin", 0755},
	/* For mounts: a tree with something in it, and a place for the host's side. */
	{ROOTFS "/data", 0755},
	{ROOTFS "/data/dir", 0755},
	{CASE_DIR "/host", 0755},
};

static const struct file files[] = {
	{ROOTFS "/etc/passwd",
	 "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n", 0644},
	{ROOTFS "/etc/group", "root:x:0:\nuser:x:1000:\n", 0644},
	{ROOTFS "/etc/hostname", "image\n", 0644},
	{ROOTFS "/data/file", "in the image\n", 0644},
	{ROOTFS "/data/dir/inner", "inner\n", 0640},
	{CASE_DIR "/host/file", "on the host\n", 0644},
};

static const char *const applets[] = {
	"sh",   "cat",  "chmod", "dd",    "echo",  "env",  "false",  "grep",     "head", "id",
	"kill", "ln",   "ls",    "mkdir", "mount", "ps",   "pwd",    "readlink", "rm",   "sleep",
	"stat", "stty", "tail",  "test",  "touch", "true", "umount", "wc",
};

static int copy_program(int from, const char *path)
{
	struct stat st;
	off_t offset = 0;
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (to < 0 || fstat(from, &st) < 0)
		return -1;
	while (offset < st.st_size)
		if (sendfile(to, from, &offset, (size_t)(st.st_size - offset)) <= 0)
			return -1;
	return close(to);
}

char *image_make(const struct host *host)
{
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		if (mkdir(directories[i].path, directories[i].mode) < 0 ||
		    chmod(directories[i].path, directories[i].mode) < 0)
			return xprintf("mkdir %s: %s", directories[i].path, strerror(errno));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int r = write_path(files[i].path, files[i].content, strlen(files[i].content),
				   files[i].mode);

		if (r < 0)
			return xprintf("write %s: %s", files[i].path, strerror(-r));
	}
	if (copy_program(host->busybox, ROOTFS "/bin/busybox") < 0 ||
	    copy_program(host->probe, ROOTFS "/bin/probe") < 0)
		return xprintf("copy programs: %s", strerror(errno));
	if (copy_program(host->probe, CASE_PROBE) < 0)
		return xprintf("copy the probe: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(applets) / sizeof(applets[0]); i++) {
		char *path = xprintf(ROOTFS "/bin/%s", applets[i]);

		if (symlink("busybox", path) < 0)
			return xprintf("symlink %s: %s", path, strerror(errno));
	}
	return NULL;
}
