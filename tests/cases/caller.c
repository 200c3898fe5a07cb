/* SPDX-License-Identifier: Apache-2.0 */
/* What an unprivileged caller needs: an entry in passwd, subordinate ids, its own files. */
#include "sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"
#include "tree.h"

#define RUNTIME_DIR "/run/user/caller"

/* They cover the machine's, in the case's mount namespace only. */
static const struct {
	const char *path, *source, *content;
} etc[] = {
	{"/etc/passwd", "/run/etc-passwd",
	 "root:x:0:0::/:/bin/sh\ncaller:x:1000:1000::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"},
	{"/etc/subuid", "/run/etc-subuid", "caller:100000:65536\n"},
	{"/etc/subgid", "/run/etc-subgid", "caller:100000:65536\n"},
};

char *caller_prepare(void)
{
	for (size_t i = 0; i < sizeof(etc) / sizeof(etc[0]); i++) {
		int r = write_path(etc[i].source, etc[i].content, strlen(etc[i].content), 0644);

		if (r < 0)
			return xprintf("write %s: %s", etc[i].source, strerror(-r));
		/* A machine without uidmap lacks the files, and then nobody reads them. */
		if (mount(etc[i].source, etc[i].path, NULL, MS_BIND, NULL) < 0 && errno != ENOENT)
			return xprintf("cover %s: %s", etc[i].path, strerror(errno));
	}
	if (mkdir("/run/user", 0755) < 0 || mkdir(RUNTIME_DIR, 0700) < 0)
		return xprintf("mkdir " RUNTIME_DIR ": %s", strerror(errno));
	return NULL;
}

char *caller_take_over(uid_t uid, gid_t gid)
{
	if (tree_chown(CASE_DIR, uid, gid) < 0 || tree_chown(CASE_STATE_ROOT, uid, gid) < 0 ||
	    lchown(RUNTIME_DIR, uid, gid) < 0)
		return xprintf("chown: %s", strerror(errno));
	return NULL;
}
