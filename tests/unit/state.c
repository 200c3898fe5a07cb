/* SPDX-License-Identifier: Apache-2.0 */
/* lib/state: ids, the directory, its lock, the record. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "state/state.h"
#include "test.h"

Test(state, ids)
{
	static const char *const good[] = { "a", "A9_+.-", "-x", "0123456789abcdef" };
	static const char *const bad[] = { "",	  ".",	 "..",	"a/b", "/a",	".hidden",
					   "a b", "a\n", "ä", "a%", "../x" };
	char longest[RT_STATE_ID_MAX + 2];
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		cr_expect_eq(rt_state_check_id(good[i], &e), 0, "\"%s\"", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err_clear(&e);
		cr_expect_eq(rt_state_check_id(bad[i], &e), -EINVAL, "\"%s\"", bad[i]);
		cr_expect(strstr(e.text, "invalid container ID"), "%s", e.text);
	}
	memset(longest, 'x', sizeof(longest));
	longest[RT_STATE_ID_MAX] = '\0';
	cr_assert_eq(rt_state_check_id(longest, &e), 0);
	longest[RT_STATE_ID_MAX] = 'x';
	longest[RT_STATE_ID_MAX + 1] = '\0';
	cr_assert_eq(rt_state_check_id(longest, &e), -EINVAL);
}

Test(state, directory)
{
	char base[] = "/tmp/rt-unit.XXXXXX", root[64];
	struct err e = ERR_INIT;
	int root_fd, dir, again;
	struct stat st;

	cr_assert_not_null(mkdtemp(base));
	snprintf(root, sizeof(root), "%s/a/b", base);
	cr_assert_eq(rt_state_root(root, false, &e), -ENOENT);
	cr_assert_eq(rt_state_open(-1, "c", RT_LOCKED, &e), -ENOENT);
	cr_assert_str_eq(e.text, "container does not exist: \"c\"");
	root_fd = rt_state_root(root, true, &e);
	cr_assert(root_fd >= 0, "%s", e.text);
	cr_assert_eq(fstat(root_fd, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0700);

	err_clear(&e);
	dir = rt_state_make(root_fd, "c", &e);
	cr_assert(dir >= 0, "%s", e.text);
	cr_assert_eq(rt_state_make(root_fd, "c", &e), -EEXIST);
	cr_assert_str_eq(e.text, "container with ID \"c\" already exists");

	/* another command sees the lock, and may look without it */
	err_clear(&e);
	again = rt_state_open(root_fd, "c", RT_UNLOCKED, &e);
	cr_assert(again >= 0);
	cr_assert(rt_state_is_locked(again));
	close(dir);
	cr_assert(!rt_state_is_locked(again));
	close(again);

	dir = rt_state_open(root_fd, "c", RT_LOCKED, &e);
	cr_assert(dir >= 0);
	cr_assert_eq(io_replace_file(dir, "other", 0600, "x", 1), 0);
	cr_assert_eq(rt_state_remove(root_fd, "c", dir, &e), 0);
	close(dir);
	cr_assert_eq(rt_state_open(root_fd, "c", RT_LOCKED, &e), -ENOENT);
	close(root_fd);
	rmdir(root);
	snprintf(root, sizeof(root), "%s/a", base);
	rmdir(root);
	cr_assert_eq(rmdir(base), 0, "nothing is left");
}

Test(state, record)
{
	static const char newer[] =
		"{\"schemaVersion\":2,\"ociVersion\":\"1.3.0\",\"id\":\"c\",\"status\":\"created\","
		"\"pid\":7,\"startTime\":9,\"bundle\":\"/b\",\"fromTheFuture\":{\"x\":[1]}}";
	char base[] = "/tmp/rt-unit.XXXXXX", *text = NULL;
	struct rt_record_file f = { 0 };
	struct err e = ERR_INIT;
	struct rt_record copy;
	size_t len;
	int dir;

	cr_assert_not_null(mkdtemp(base));
	dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_eq(rt_record_read(dir, &f, &e), -ENOENT);
	cr_assert_eq(e.code, RT_E_NONE);
	rt_record_free(&f);

	/* what a newer version has added survives our writing */
	cr_assert_eq(io_replace_file(dir, RT_STATE_FILE, 0600, newer, strlen(newer)), 0);
	cr_assert_eq(rt_record_read(dir, &f, &e), 0, "%s", e.text);
	cr_assert_eq(f.record->pid, 7);
	cr_assert_eq(f.record->start_time, 9);
	copy = *f.record;
	copy.status = "stopped";
	cr_assert_eq(rt_record_write(dir, &copy, &e), 0, "%s", e.text);
	rt_record_free(&f);
	cr_assert_eq(io_read_file(dir, RT_STATE_FILE, 4096, &text, &len), 0);
	cr_expect(strstr(text, "\"status\":\"stopped\""), "%s", text);
	cr_expect(strstr(text, "\"fromTheFuture\":{\"x\":[1]}"), "%s", text);
	free(text);

	/* damaged: an error that says so, not a crash and not a container without a name */
	cr_assert_eq(io_replace_file(dir, RT_STATE_FILE, 0600, "{\"id\":", 6), 0);
	cr_assert_eq(rt_record_read(dir, &f, &e), -EINVAL);
	cr_assert_eq(e.code, RT_E_STATE);
	rt_record_free(&f);

	unlinkat(dir, RT_STATE_FILE, 0);
	close(dir);
	cr_assert_eq(rmdir(base), 0);
}
