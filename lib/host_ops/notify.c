/* SPDX-License-Identifier: Apache-2.0 */
#include "host_ops/notify.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/io.h"
#include "base/json.h"
#include "base/str.h"
#include "base/unix.h"

int rt_notify_connect(const char *path, int *ret, struct err *e)
{
	int fd = rt_unix_connect(path);

	if (fd < 0)
		return err_set(e, fd, RT_E_SECCOMP, "connect to seccomp listener \"%s\"", path);
	*ret = fd;
	return 0;
}

int rt_notify_text_open(int *ret, struct err *e)
{
	int fd = memfd_create("rt-seccomp", MFD_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno, RT_E_HOST, "memory file for the seccomp listener");
	*ret = fd;
	return 0;
}

int rt_notify_text_write(int fd, const struct rt_notify *notify, struct err *e)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	int r;

	strbuf_add(&b, "{\"ociVersion\":");
	rt_json_write_string(&b, notify->oci_version);
	strbuf_addf(&b, ",\"fds\":[\"seccompFd\"],\"pid\":%d", (int)notify->pid);
	if (notify->metadata) {
		strbuf_add(&b, ",\"metadata\":");
		rt_json_write_string(&b, notify->metadata);
	}
	strbuf_addf(&b, ",\"state\":%s}", notify->state);
	if (b.failed)
		return err_nomem(e);
	r = io_write_all(fd, b.s, b.len);
	return r < 0 ? err_set(e, r, RT_E_HOST, "state for the seccomp listener") : 0;
}
