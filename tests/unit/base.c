/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base: errors, strings, numbers, arenas, files. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "test.h"

Test(base, errors)
{
	struct err e = ERR_INIT;
	char line[1024];

	cr_assert_eq(err_set(&e, -ENOENT, RT_E_BUNDLE, "bundle \"%s\"", "/x"), -ENOENT);
	cr_assert_str_eq(e.text, "bundle \"/x\": no such file or directory");
	cr_assert_eq(err_ctx(&e, "create"), -ENOENT);
	err_field(&e, "root.path");
	err_field(&e, "other"); /* the first one stays */
	err_hint(&e, "look");
	cr_assert_str_eq(err_line(&e, line, sizeof(line)),
			 "root.path: create: bundle \"/x\": no such file or directory (look)");

	err_clear(&e);
	cr_assert_eq(err_set(&e, EBUSY | RT_NO_TEXT, RT_E_BUSY, "a\nb"), -EBUSY);
	cr_assert_str_eq(e.text, "a?b", "a message is one line");

	/* a negative errno has the flag's bit set, and is no flag */
	err_clear(&e);
	cr_assert_eq(err_set(&e, -EBUSY, RT_E_BUSY, "a"), -EBUSY);
	cr_assert_str_eq(e.text, "a: device or resource busy");

	/* a message that does not fit is cut, never overrun */
	err_clear(&e);
	err_set(&e, EINVAL, RT_E_CONFIG, "%0900d", 1);
	cr_assert_eq(strlen(e.text), sizeof(e.text) - 1);
	err_ctx(&e, "front");
	cr_assert(str_starts(e.text, "front: 000"));

	cr_assert_str_eq(err_code_word(RT_E_CONFIG), "E_CONFIG");
	cr_assert_str_eq(err_code_word(RT_E_MAX), "E_UNKNOWN");
	for (int no = 1; no < 134; no++) {
		err_clear(&e);
		err_set(&e, no, RT_E_SYSTEM, "x");
		cr_expect(strncmp(e.text, "x: ", 3) == 0 && e.text[3] && !(e.text[3] >= 'A' &&
			  e.text[3] <= 'Z' && e.text[4] >= 'a'), "errno %d: \"%s\"", no, e.text);
	}
}

Test(base, numbers)
{
	static const struct {
		const char *s;
		int r;
		int64_t v;
	} cases[] = {
		{ "0", 0, 0 },
		{ "-0", 0, 0 },
		{ "7", 0, 7 },
		{ "007", 0, 7 },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "-9223372036854775809", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "-", -EINVAL, 0 },
		{ "--1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "1k", -EINVAL, 0 },
		{ "0x1", -EINVAL, 0 },
	};
	uint32_t id;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t v = -42;

		cr_expect_eq(str_to_i64(cases[i].s, INT64_MIN, INT64_MAX, &v), cases[i].r, "\"%s\"",
			     cases[i].s);
		cr_expect_eq(v, cases[i].r ? -42 : cases[i].v, "\"%s\"", cases[i].s);
	}
	cr_assert_eq(str_to_id("4294967294", &id), 0);
	cr_assert_eq(id, 4294967294u);
	/* 4294967295 is (uid_t)-1, "no change", and 4294967296 would wrap to root */
	cr_assert_eq(str_to_id("4294967295", &id), -ERANGE);
	cr_assert_eq(str_to_id("4294967296", &id), -ERANGE);
	cr_assert_eq(str_to_id("-1", &id), -EINVAL);
	cr_assert_eq(str_to_id("", &id), -EINVAL);
}

Test(base, strings)
{
	struct strbuf b = { 0 };
	char small[4];
	char *s;

	for (int i = 0; i < 1000; i++)
		strbuf_addf(&b, "%d,", i % 10);
	cr_assert_eq(b.len, 2000);
	s = strbuf_take(&b);
	cr_assert(str_starts(s, "0,1,2,"));
	free(s);
	s = strbuf_take(&b);
	cr_assert_str_eq(s, "", "an empty buffer gives an empty string");
	free(s);

	cr_assert_eq(str_fmt(small, sizeof(small), "abc"), 3);
	cr_assert_eq(str_fmt(small, sizeof(small), "abcd"), -ENAMETOOLONG);

	cr_assert_eq(str_distance("hostnam", "hostname", 3), 1);
	cr_assert_eq(str_distance("abc", "abc", 3), 0);
	cr_assert_eq(str_distance("LGO", "LOG", 3), 1, "neighbours that were swapped");
	cr_assert_eq(str_distance("abc", "xyz", 2), 3, "never more than limit + 1");
}

Test(base, nearest)
{
	static const struct {
		const char *wanted, *found;
	} cases[] = {
		{"RLIMIT_FOO", NULL}, /* what all begin with does not make it near */
		{"RLIMIT_STAC", "RLIMIT_STACK"},
		{"RLIMIT_ASS", "RLIMIT_AS"},
		{"RLIMT_AS", "RLIMIT_AS"}, /* unless the slip is there */
		{"hostnaem", "hostname"},
		{"x", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str_nearest near = {.wanted = cases[i].wanted};

		str_nearest_try(&near, "RLIMIT_AS");
		str_nearest_try(&near, "RLIMIT_STACK");
		str_nearest_try(&near, "hostname");
		if (cases[i].found)
			cr_expect(near.found && strcmp(near.found, cases[i].found) == 0, "%s",
				  cases[i].wanted);
		else
			cr_expect_null(near.found, "%s", cases[i].wanted);
	}
}

Test(base, arena)
{
	struct arena a = { 0 };
	char *first = arena_str(&a, "first");

	for (size_t i = 1; i < 3000; i += 7) {
		unsigned char *p = arena_alloc(&a, i, 3);

		cr_assert_not_null(p);
		cr_assert_eq((uintptr_t)p % 16, 0);
		for (size_t j = 0; j < i * 3; j++)
			cr_assert_eq(p[j], 0);
		memset(p, 0xff, i * 3);
	}
	cr_assert_not_null(arena_alloc(&a, 1, 5u << 20), "larger than a block");
	cr_assert_null(arena_alloc(&a, SIZE_MAX / 2, 3), "overflow");
	cr_assert_null(arena_alloc(&a, 1, SIZE_MAX), "overflow");
	cr_assert_str_eq(first, "first");
	cr_assert_str_eq(arena_printf(&a, "%d-%s", 5, "x"), "5-x");
	arena_free(&a);
	cr_assert_null(a.head);
}

Test(base, files)
{
	char dir[] = "/tmp/rt-unit.XXXXXX", buf[8], *text = NULL;
	_cleanup_close_ int fd = -EBADF;
	struct stat st;
	mode_t mask;
	size_t len;

	cr_assert_not_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert(fd >= 0);

	mask = umask(0077);
	cr_assert_eq(io_replace_file(fd, "f", 0644, "hello\n", 6), 0);
	cr_assert_eq(fstatat(fd, "f", &st, 0), 0);
	cr_assert_eq(st.st_mode & 07777, 0644, "whatever the umask");
	cr_assert_eq(io_replace_file(fd, "f", 0600, "bye\n", 4), 0);
	cr_assert_eq(io_read_file(fd, "f", 100, &text, &len), 0);
	cr_assert_str_eq(text, "bye\n");
	free(text);
	cr_assert_eq(io_read_file(fd, "f", 3, &text, &len), -EFBIG);
	cr_assert_eq(io_read_file(fd, "none", 3, &text, &len), -ENOENT);
	cr_assert_eq(io_read_file(fd, ".", 3, &text, &len), -EISDIR);
	/* a FIFO must not make us wait for a writer */
	cr_assert_eq(mkfifoat(fd, "fifo", 0600), 0);
	cr_assert_eq(io_read_file(fd, "fifo", 3, &text, &len), -EINVAL);

	cr_assert_eq(io_read_small(fd, "f", buf, sizeof(buf)), 3);
	cr_assert_str_eq(buf, "bye");
	cr_assert_eq(io_write_small(fd, "f", "longer than that"), 0);
	cr_assert_eq(io_read_small(fd, "f", buf, sizeof(buf)), -ENOBUFS);

	unlinkat(fd, "f", 0);
	unlinkat(fd, "fifo", 0);
	cr_assert_eq(rmdir(dir), 0, "no temporary file is left");
	umask(mask);
}

Test(base, descriptors)
{
	struct fd_slot slots[3] = { 0 };
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), taken;

	cr_assert(fd_slot_get(slots[0]) < 0);
	fd_slot_close(&slots[0]); /* closes nothing, least of all 0 */
	fd_slot_set(&slots[1], fd);
	cr_assert_eq(fd_slot_get(slots[1]), fd);
	taken = fd_slot_take(&slots[1]);
	cr_assert_eq(taken, fd);
	cr_assert(fd_slot_get(slots[1]) < 0);
	fd_slot_set(&slots[2], taken);
	fd_slot_close(&slots[2]);
	cr_assert_eq(fcntl(fd, F_GETFD), -1);
	cr_assert_eq(fcntl(0, F_GETFD) >= 0, 1);
}

Test(base, time_text)
{
	static const struct {
		struct timespec t;
		const char *text;
	} rows[] = {
		{ { 0, 0 }, "1970-01-01T00:00:00.000000000Z" },
		{ { 951782399, 1 }, "2000-02-28T23:59:59.000000001Z" },
		{ { 951782400, 0 }, "2000-02-29T00:00:00.000000000Z" },
		{ { 951868800, 0 }, "2000-03-01T00:00:00.000000000Z" },
		{ { 4107542399, 999999999 }, "2100-02-28T23:59:59.999999999Z" },
		{ { 4107542400, 0 }, "2100-03-01T00:00:00.000000000Z" },
	};
	char buf[TIME_TEXT], want[TIME_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rt_time_text(&rows[i].t, buf);
		cr_assert_str_eq(buf, rows[i].text);
	}
	/* every day of 400 years and more, against the C library */
	for (time_t t = 3600; t < 150000LL * 86400; t += 86400) {
		struct timespec ts = { t, 0 };
		struct tm tm;

		rt_time_text(&ts, buf);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000000000Z", gmtime_r(&t, &tm));
		cr_assert_str_eq(buf, want);
	}
}

Test(base, fd_path)
{
	_cleanup_close_ int fd = open("/proc/self/../sys/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *path;

	cr_assert_eq(io_fd_path(fd, &path), 0);
	cr_assert_str_eq(path, "/proc/sys");
	free(path);
	cr_assert_eq(io_fd_path(-1, &path), -ENOENT);
}
