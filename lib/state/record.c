/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

int rt_record_write(int dir_fd, const struct rt_record *record, struct err *e)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	int r = -ENOMEM;

	rt_bind_emit(&rt_state_schema, BIND_ID(rt_record), record, 0, &b);
	if (!b.failed)
		r = io_replace_file(dir_fd, RT_STATE_FILE, 0600, b.s, b.len);
	return r < 0 ? err_set(e, r, RT_E_STATE, "write %s", RT_STATE_FILE) : 0;
}
