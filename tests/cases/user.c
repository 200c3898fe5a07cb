/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"
#include "tree.h"

/* Cover one file of the host's /etc, in the case's mount namespace only. */
static char *cover(const char *path, const char *content)
{
	char *source = xprintf("/run/etc-%s", strrchr(path, '/') + 1);
	int r = write_path(source, content, strlen(content), 0644);

	if (r < 0)
		return xprintf("write %s: %s", source, strerror(-r));
	if (mount(source, path, NULL, MS_BIND, NULL) < 0)
		return xprintf("cover %s: %s", path, strerror(errno));
	return NULL;
}

char *sandbox_give_to(uid_t uid, gid_t gid)
{
	char *error;

	if (tree_chown(CASE_DIR, uid, gid) < 0 || tree_chown(CASE_STATE_ROOT, uid, gid) < 0)
		return xprintf("chown: %s", strerror(errno));
	if (mkdir("/run/user", 0755) < 0 || mkdir("/run/user/caller", 0700) < 0 ||
	    lchown("/run/user/caller", uid, gid) < 0)
		return xprintf("/run/user/caller: %s", strerror(errno));
	error = cover("/etc/passwd",
		      xprintf("root:x:0:0::/:/bin/sh\ncaller:x:%u:%u::/:/bin/sh\n", uid, gid));
	if (!error)
		error = cover("/etc/subuid", "caller:100000:65536\n");
	if (!error)
		error = cover("/etc/subgid", "caller:100000:65536\n");
	return error;
}
