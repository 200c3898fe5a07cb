/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/io.h"
#include "state/state.h"

#define RECORD_MAX (4u << 20) /* annotations may be many */

BIND_DEFINE(rt_state_schema, STATE_ENUMS, STATE_OBJECTS);

int rt_record_read(int dir_fd, struct rt_record_file *ret, struct err *e)
{
	size_t len;
	int r = io_read_file(dir_fd, RT_STATE_FILE, RECORD_MAX, &ret->text, &len);

	if (r == -ENOENT)
		return r;
	if (r < 0)
		return err_set(e, r, RT_E_STATE, "read %s", RT_STATE_FILE);
	r = rt_bind_parse(&ret->doc, &rt_state_schema, BIND_ID(rt_record), RT_STATE_FILE, ret->text,
			  len, NULL, e);
	if (r < 0) {
		e->code = RT_E_STATE;
		return r;
	}
	ret->record = ret->doc.root;
	return 0;
}

void rt_record_free(struct rt_record_file *file)
{
	rt_bind_free(&file->doc);
	free(file->text);
	*file = (struct rt_record_file){0};
}

/* Only the holder of the directory's lock writes records, so the name needs nothing of its own. */
#define DRAFT "." RT_STATE_FILE ".new"

static int write_draft(int dir_fd, const struct strbuf *b)
{
	_cleanup_close_ int fd = -EBADF;

	if (b->failed)
		return -ENOMEM;
	fd = openat(dir_fd, DRAFT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : io_write_all(fd, b->s, b->len);
}

int rt_record_draft(int dir_fd, const struct rt_record *record, struct err *e)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	int r;

	rt_bind_emit(&rt_state_schema, BIND_ID(rt_record), record, 0, &b);
	r = write_draft(dir_fd, &b);
	return r < 0 ? err_set(e, r, RT_E_STATE, "write %s", RT_STATE_FILE) : 0;
}

int rt_record_publish(int dir_fd, struct err *e)
{
	if (renameat(dir_fd, DRAFT, dir_fd, RT_STATE_FILE) < 0)
		return err_set(e, errno, RT_E_STATE, "write %s", RT_STATE_FILE);
	return 0;
}

int rt_record_write(int dir_fd, const struct rt_record *record, struct err *e)
{
	TRY(rt_record_draft(dir_fd, record, e));
	return rt_record_publish(dir_fd, e);
}
