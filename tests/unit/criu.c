/* SPDX-License-Identifier: Apache-2.0 */
/* The talk with CRIU: its messages as bytes, and programs that take its place. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "criu/images.h"
#include "criu/talk.h"

#define BYTES(s) (s), sizeof(s) - 1

static void expect_bytes(struct strbuf *b, const char *want, size_t len)
{
	cr_assert_not(b->failed);
	cr_expect_eq(b->len, len, "%zu, not %zu", b->len, len);
	cr_expect(b->len == len && memcmp(b->s, want, len) == 0);
	strbuf_free(b);
}

Test(criu, requests)
{
	struct rt_criu_options o;
	struct strbuf b = {0};

	rt_criu_request(RT_CRIU_VERSION, NULL, 0, &b);
	expect_bytes(&b, BYTES("\x08\x0a"));
	rt_criu_request(RT_CRIU_FEATURE_CHECK, NULL, RT_CRIU_LAZY_PAGES, &b);
	expect_bytes(&b, BYTES("\x08\x09\x2a\x02\x10\x01"));
	rt_criu_reply(true, &b);
	expect_bytes(&b, BYTES("\x08\x06\x18\x01"));
	rt_criu_reply(false, &b);
	expect_bytes(&b, BYTES("\x08\x06\x18\x00"));

	rt_criu_options_init(&o);
	rt_criu_request(RT_CRIU_DUMP, &o, 0, &b); /* nothing is set */
	expect_bytes(&b, BYTES("\x08\x01\x12\x00"));
	o.pid = 300;
	o.manage_cgroups_mode = RT_CRIU_CG_IGNORE; /* 0 is sent */
	o.lazy_pages = true;
	o.log_file = "l";
	rt_criu_request(RT_CRIU_DUMP, &o, 0, &b);
	expect_bytes(&b, BYTES("\x08\x01\x12\x0c\x10\xac\x02\x52\x01l\x90\x02\x00\x80\x03\x01"));
	rt_criu_options_free(&o);

	rt_criu_options_init(&o);
	rt_criu_add_mount(&o, "/k", "/v");
	rt_criu_add_inherited(&o, "pipe:[1]", 2);
	rt_criu_add_external(&o, "n");
	rt_criu_add_cgroup_root(&o, "/c");
	rt_criu_add_page_server(&o, "h", 27);
	rt_criu_add_join(&o, "ipc", "/p");
	rt_criu_request(RT_CRIU_RESTORE, &o, 0, &b);
	expect_bytes(&b, BYTES("\x08\x02\x12\x38"
			       "\xba\x01\x08\x0a\x02/k\x12\x02/v"
			       "\xda\x01\x0c\x0a\x08pipe:[1]\x10\x02"
			       "\xaa\x02\x01n"
			       "\xca\x01\x04\x12\x02/c"
			       "\x5a\x05\x0a\x01h\x10\x1b"
			       "\xba\x02\x09\x0a\x03ipc\x12\x02/p"));
	rt_criu_options_free(&o);
}

static int parse(struct arena *a, const char *bytes, size_t len, struct rt_criu_answer *ret)
{
	/* in memory of its own, so that a read behind its end is seen */
	char *copy = malloc(len ? len : 1);
	int r;

	cr_assert_not_null(copy);
	memcpy(copy, bytes, len);
	r = rt_criu_parse(a, copy, len, ret);
	free(copy);
	return r;
}

Test(criu, answers)
{
	_cleanup_arena_ struct arena a = {0};
	struct rt_criu_answer r;

	/* 3.17.1's own words */
	cr_assert_eq(parse(&a, BYTES("\x08\x0a\x10\x01R\x06\x08\x03\x10\x11 \x01"), &r), 0);
	cr_expect_eq(r.type, RT_CRIU_VERSION);
	cr_expect(r.success);
	cr_expect_eq(r.version, 31701);

	cr_assert_eq(parse(&a, BYTES("\x08\x06\x10\x01\x2a\x0a\x0a\x05ready\x10\xac\x02"), &r), 0);
	cr_expect_eq(r.type, RT_CRIU_NOTIFY);
	cr_expect_str_eq(r.notice, "ready");
	cr_expect_eq(r.pid, 300);
	cr_assert_eq(parse(&a, BYTES("\x08\x02\x10\x01\x22\x02\x08\x07"), &r), 0);
	cr_expect_eq(r.pid, 7);
	cr_assert_eq(parse(&a, BYTES("\x08\x01\x10\x00\x38\x34\x4a\x03why"), &r), 0);
	cr_expect_not(r.success);
	cr_expect_eq(r.no, 52);
	cr_expect_str_eq(r.message, "why");
	cr_assert_eq(parse(&a, BYTES("\x08\x09\x10\x01\x42\x04\x08\x01\x10\x00"), &r), 0);
	cr_expect_eq(r.features, RT_CRIU_MEM_TRACK);
	/* fields of a newer one, of every form */
	cr_assert_eq(parse(&a, BYTES("\x08\x01\xa0\x06\x05\xa1\x06zzzzzzzz\xa5\x06zzzz\xa2\x06\x01z"),
			   &r),
		     0);
	cr_expect_eq(r.type, RT_CRIU_DUMP);
	cr_assert_eq(parse(&a, "", 0, &r), 0);
}

Test(criu, answers_that_are_none)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{BYTES("\x08")},             /* no value */
		{BYTES("\x08\x80")},         /* half a number */
		{BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
		{BYTES("\x4a\x04why")},      /* longer than what is there */
		{BYTES("\x4a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
		{BYTES("\x0b")},             /* a group */
		{BYTES("\x2a\x02\x0a\x05")}, /* inside of a message */
		{BYTES("\x22\x01\x08")},
		{BYTES("\x52\x01\x10")},
		{BYTES("\x42\x01\x08")},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arena_ struct arena a = {0};
		struct rt_criu_answer r;

		cr_expect_eq(parse(&a, cases[i].bytes, cases[i].len, &r), -EBADMSG, "%zu", i);
	}
}

/* ---- programs that say they are criu ---- */

struct stand_in {
	char dir[32], path[48];
};

/*
 * take: read one message; say BYTES: send one, in printf's notation. bash, since sh need not know
 * descriptors of two digits; dd, since a message is one write.
 */
static struct stand_in make_program(const char *body)
{
	struct stand_in s = {"/tmp/rt-unit-criu.XXXXXX", ""};
	_cleanup_strbuf_ struct strbuf b = {0};
	int fd;

	cr_assert_not_null(mkdtemp(s.dir));
	snprintf(s.path, sizeof(s.path), "%s/criu", s.dir);
	strbuf_addf(&b, "#!/bin/bash\n[ \"$1\" = swrk ] || exit 90\nfd=$2\n"
			"take() { dd bs=8192 count=1 <&\"$fd\" 2>/dev/null; }\n"
			"say() { printf \"$1\" | dd bs=8192 iflag=fullblock >&\"$fd\" 2>/dev/null; }\n"
			"%s\n",
		    body);
	fd = open(s.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	cr_assert_geq(fd, 0);
	cr_assert_eq(io_write_all(fd, b.s, b.len), 0);
	close(fd);
	return s;
}

static void remove_program(const struct stand_in *s)
{
	unlink(s->path);
	rmdir(s->dir);
}

static void expect_error(struct err *e, int r, int no, const char *text)
{
	cr_expect_eq(r, -no, "%d: %s", r, e->text);
	cr_expect_eq(e->code, RT_E_CRIU);
	cr_expect_str_eq(e->text, text);
	err_clear(e);
}

Test(criu, version)
{
	struct err e = ERR_INIT;
	struct stand_in s;
	int version = 0;

	expect_error(&e, rt_criu_version("/nonexistent/criu", &version, &e), ENOENT,
		     "start \"/nonexistent/criu\": no such file or directory");
	s = make_program("take >/dev/null; say '\\010\\012\\020\\001R\\004\\010\\004\\020\\001'");
	cr_expect_eq(rt_criu_version(s.path, &version, &e), 0, "%s", e.text);
	cr_expect_eq(version, 40100);
	remove_program(&s);
	s = make_program("take >/dev/null; say '\\010\\012\\020\\001R\\004\\010\\003\\020\\014'");
	expect_error(&e, rt_criu_version(s.path, &version, &e), ENOTSUP,
		     "criu 3.12 is too old: 3.15 or newer is needed");
	remove_program(&s);
	s = make_program("take >/dev/null; exit 3");
	expect_error(&e, rt_criu_version(s.path, &version, &e), EIO,
		     "criu ended with status 3 before it gave an answer");
	remove_program(&s);
	s = make_program("take >/dev/null; echo 'no such option' >&2; echo more >&2; exit 1");
	expect_error(&e, rt_criu_version(s.path, &version, &e), EIO,
		     "criu ended with status 1 before it gave an answer: no such option");
	remove_program(&s);
	s = make_program("take >/dev/null; kill -9 $$");
	expect_error(&e, rt_criu_version(s.path, &version, &e), EIO,
		     "criu was killed by signal 9 before it gave an answer");
	remove_program(&s);
	s = make_program("take >/dev/null; say '\\010'");
	expect_error(&e, rt_criu_version(s.path, &version, &e), EBADMSG,
		     "read a message of criu's: bad message");
	remove_program(&s);
}

Test(criu, features)
{
	struct stand_in s = make_program(
		"take >/dev/null; say '\\010\\011\\020\\001\\102\\004\\010\\001\\020\\000'");
	struct err e = ERR_INIT;

	cr_expect_eq(rt_criu_need("/nonexistent/criu", 0, &e), 0); /* nobody is asked */
	cr_expect_eq(rt_criu_need(s.path, RT_CRIU_MEM_TRACK, &e), 0, "%s", e.text);
	expect_error(&e, rt_criu_need(s.path, RT_CRIU_MEM_TRACK | RT_CRIU_LAZY_PAGES, &e), ENOTSUP,
		     "criu cannot send memory on demand, which --lazy-pages takes on this kernel");
	remove_program(&s);
}

struct notices {
	char seen[64];
	const char *fails_at;
};

static int notice(const struct rt_criu_answer *n, struct fd_slot *fd, void *data, struct err *e)
{
	struct notices *seen = data;
	size_t len = strlen(seen->seen);

	(void)fd;
	snprintf(seen->seen + len, sizeof(seen->seen) - len, "%s ", n->notice);
	if (seen->fails_at && streq(n->notice, seen->fails_at))
		return err_set(e, EPERM | RT_NO_TEXT, RT_E_CRIU, "not now");
	return 0;
}

/* Notices "a" and "b", each with its reply; it succeeds if both replies are good. */
#define TWO_NOTICES                                                                                \
	"take >/dev/null\n"                                                                        \
	"say '\\010\\006\\020\\001\\052\\003\\012\\001a'; [ \"$(take | od -An -tx1)\" = ' 08 06 18 01' ] || bad=1\n" \
	"say '\\010\\006\\020\\001\\052\\003\\012\\001b'; [ \"$(take | od -An -tx1)\" = ' 08 06 18 01' ] || bad=1\n" \
	"[ \"$bad\" ] && say '\\010\\001\\020\\000' || say '\\010\\001\\020\\001'\n"

static int call(const char *program, struct notices *seen, struct rt_criu_answer *ret, struct err *e)
{
	_cleanup_arena_ struct arena a = {0};
	const struct rt_criu_start start = {.program = program};
	const struct rt_criu_call c = {.type = RT_CRIU_DUMP, .notice = notice, .data = seen};
	struct rt_criu criu = {0};
	int r = rt_criu_start(&criu, &start, e);

	if (r == 0)
		r = rt_criu_call(&criu, &c, &a, ret, e);
	rt_criu_end(&criu);
	ret->message = ret->notice = NULL;
	return r;
}

Test(criu, notices)
{
	struct stand_in s = make_program(TWO_NOTICES);
	struct rt_criu_answer answer = {0};
	struct notices seen = {.fails_at = NULL};
	struct err e = ERR_INIT;

	cr_expect_eq(call(s.path, &seen, &answer, &e), 0, "%s", e.text);
	cr_expect(answer.success);
	cr_expect_str_eq(seen.seen, "a b ");

	/* the first failure is told, nothing more is done, and criu's own end is waited for */
	seen = (struct notices){.fails_at = "a"};
	expect_error(&e, call(s.path, &seen, &answer, &e), EPERM, "not now");
	cr_expect_not(answer.success);
	cr_expect_str_eq(seen.seen, "a ");
	remove_program(&s);
}

/* ---- the images' directory ---- */

static void put(int dir, const char *name, const char *text)
{
	cr_assert_eq(io_replace_file(dir, name, 0600, text, strlen(text)), 0);
}

static void expect_failure(struct rt_criu_dirs *d, const char *dir, const char *log,
			   const struct rt_criu_answer *answer, const char *want)
{
	struct err e = ERR_INIT;
	char text[640];

	put(fd_slot_get(d->work), "dump.log", log);
	snprintf(text, sizeof(text), "criu dump failed: %s (log: %s/dump.log)", want, dir);
	expect_error(&e, rt_criu_failed(d, "dump", answer, &e), answer->no ? answer->no : EIO, text);
}

Test(criu, first_error_of_the_log)
{
	char dir[] = "/tmp/rt-unit-criu.XXXXXX", long_line[1200];
	const struct rt_criu_answer plain = {0}, told = {.no = EBUSY, .message = "words"};
	struct rt_criu_dirs d = {0};
	struct err e = ERR_INIT;

	cr_assert_not_null(mkdtemp(dir));
	put(open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "dump.log", "(1) Error (x): of yesterday\n");
	cr_assert_eq(rt_criu_dirs_open(dir, NULL, true, "dump.log", &d, &e), 0, "%s", e.text);
	cr_expect_eq(faccessat(fd_slot_get(d.work), "dump.log", F_OK, 0), -1);
	expect_failure(&d, dir, "(00.1) ok\n(00.2) Error (criu/a.c:1): first\n(00.3) Error (b): second\n",
		       &plain, "Error (criu/a.c:1): first");
	expect_failure(&d, dir, "(00.2)     58: Error (criu/a.c:1): of a task", &plain,
		       "Error (criu/a.c:1): of a task");
	expect_failure(&d, dir,
		       "(1) Error (criu/tun.c:85): tun: Unable to create tun: No such file\n"
		       "(2) Error (criu/b.c:1): the cause\n",
		       &plain, "Error (criu/b.c:1): the cause");
	expect_failure(&d, dir, "(1) Error (criu/tun.c:85): tun: Unable to create tun: No\n", &plain,
		       "Error (criu/tun.c:85): tun: Unable to create tun: No");
	expect_failure(&d, dir, "", &told, "words");
	expect_failure(&d, dir, "", &plain, "input/output error");
	/* the log's path is told however long the line */
	memset(long_line, 'x', sizeof(long_line) - 1);
	long_line[sizeof(long_line) - 1] = '\0';
	memcpy(long_line, "Error (", 7);
	put(fd_slot_get(d.work), "dump.log", long_line);
	cr_expect_lt(rt_criu_failed(&d, "dump", &plain, &e), 0);
	cr_expect_not_null(strstr(e.text, "/dump.log)"));
	unlinkat(fd_slot_get(d.work), "dump.log", 0);
	rt_criu_dirs_close(&d);
	rmdir(dir);
}

Test(criu, descriptors)
{
	static const struct {
		const char *text, *want[3], *error;
	} cases[] = {
		{"[\"pipe:[1]\",\"/dev/null\",\"a\\\"b\"]", {"pipe:[1]", "/dev/null", "a\"b"}, NULL},
		{"[]", {"", "", ""}, NULL},
		{"[\"a\",\"b\",\"c\",\"d\"]", {"a", "b", "c"}, NULL},
		{"{}", {0}, "descriptors.json of the images is not a list of strings"},
		{"[1]", {0}, "descriptors.json of the images is not a list of strings"},
	};
	char dir[] = "/tmp/rt-unit-criu.XXXXXX", mine[64];
	_cleanup_arena_ struct arena a = {0};
	struct err e = ERR_INIT;
	const char *got[3];
	int fd;

	cr_assert_not_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_eq(rt_criu_load_descriptors(fd, &a, got, &e), 0); /* there is none */
	cr_expect_str_eq(got[1], "");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r;

		put(fd, "descriptors.json", cases[i].text);
		r = rt_criu_load_descriptors(fd, &a, got, &e);
		if (cases[i].error) {
			expect_error(&e, r, EINVAL, cases[i].error);
			continue;
		}
		cr_expect_eq(r, 0, "%s", e.text);
		for (int k = 0; k < 3; k++)
			cr_expect_str_eq(got[k], cases[i].want[k]);
	}
	put(fd, "descriptors.json", "[");
	cr_expect_lt(rt_criu_load_descriptors(fd, &a, got, &e), 0);
	err_clear(&e);

	cr_assert_eq(rt_criu_save_descriptors(fd, getpid(), &e), 0, "%s", e.text);
	cr_assert_eq(rt_criu_load_descriptors(fd, &a, got, &e), 0, "%s", e.text);
	snprintf(mine, sizeof(mine), "/proc/self/fd/%d", STDOUT_FILENO);
	cr_expect_eq(access(mine, F_OK) == 0, *got[1] != '\0');
	unlinkat(fd, "descriptors.json", 0);
	close(fd);
	rmdir(dir);
}
