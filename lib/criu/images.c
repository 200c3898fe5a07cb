/* SPDX-License-Identifier: Apache-2.0 */
#include "criu/images.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/json.h"

#define DESCRIPTORS "descriptors.json"
#define DESCRIPTORS_MAX (64u << 10)
#define LOG_MAX (64u << 20)
#define LINE_MAX_BYTES 300 /* of the log in a message, so that the log's path fits too */

/* mkdir -p, 0700: images hold the memory of programs. */
static int make_directory(const char *path)
{
	char part[PATH_MAX];
	int r = str_fmt(part, sizeof(part), "%s", path);

	for (char *p = part + 1; r > 0 && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	if (r > 0 && mkdir(part, 0700) < 0 && errno != EEXIST)
		return -errno;
	return r < 0 ? r : 0;
}

static int open_directory(const char *path, const char *what, bool make, struct fd_slot *ret,
			  struct err *e)
{
	int r = make ? make_directory(path) : 0, fd;

	if (r < 0)
		return err_set(e, r, RT_E_CRIU, "make %s directory \"%s\"", what, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd_slot_set(ret, fd);
	return fd < 0 ? err_set(e, errno, RT_E_CRIU, "%s directory \"%s\"", what, path) : 0;
}

int rt_criu_dirs_open(const char *image_path, const char *work_path, bool make, const char *log,
		      struct rt_criu_dirs *ret, struct err *e)
{
	const char *work = str_empty(work_path) ? image_path : work_path;

	ret->log = log;
	TRY(open_directory(image_path, "image", make, &ret->images, e));
	TRY(open_directory(work, "work", !str_empty(work_path), &ret->work, e));
	unlinkat(fd_slot_get(ret->work), log, 0);
	return 0;
}

void rt_criu_dirs_close(struct rt_criu_dirs *d)
{
	fd_slot_close(&d->images);
	fd_slot_close(&d->work);
}

/* What CRIU calls an error while it tries what the host can do, and goes on. */
static bool is_harmless(const char *line, size_t len)
{
	static const char harmless[][28] = {"tun: Unable to create tun", "on (empty-image)"};

	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		if (memmem(line, len, harmless[i], strlen(harmless[i])))
			return true;
	return false;
}

/*
 * "(00.012345)     58: Error (criu/x.c:12): words" without what is in front; "" when there is none. Of
 * the first such line the others follow.
 */
static void first_error(int work, const char *log, char *ret, size_t size)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	*ret = '\0';
	if (io_read_file(work, log, LOG_MAX, &text, &len) < 0)
		return;
	for (char *at = text; (at = strstr(at, "Error (")); at += len) {
		len = strcspn(at, "\n");
		if (*ret && is_harmless(at, len))
			continue;
		snprintf(ret, size, "%.*s", (int)len, at);
		if (!is_harmless(at, len))
			return;
	}
}

int rt_criu_failed(const struct rt_criu_dirs *d, const char *what,
		   const struct rt_criu_answer *answer, struct err *e)
{
	int no = answer->no > 0 ? answer->no : EIO;
	_cleanup_free_ char *dir = NULL;
	char line[LINE_MAX_BYTES];

	if (io_fd_path(fd_slot_get(d->work), &dir) < 0)
		return err_nomem(e);
	first_error(fd_slot_get(d->work), d->log, line, sizeof(line));
	if (!*line && !str_empty(answer->message))
		snprintf(line, sizeof(line), "%s", answer->message);
	if (!*line)
		snprintf(line, sizeof(line), "%s", err_no_text(no));
	return err_set(e, no | RT_NO_TEXT, RT_E_CRIU, "criu %s failed: %s (log: %s/%s)", what, line,
		       dir, d->log);
}

/* ---- descriptors.json ---- */

int rt_criu_save_descriptors(int images, pid_t pid, struct err *e)
{
	_cleanup_strbuf_ struct strbuf b = {0};
	int r = -ENOMEM;

	for (int i = 0; i < 3; i++) {
		char path[40], target[PATH_MAX];
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, i);
		n = readlink(path, target, sizeof(target) - 1);
		target[MAX(n, 0)] = '\0'; /* closed: no pipe, in any case */
		strbuf_add(&b, i ? "," : "[");
		rt_json_write_string(&b, target);
	}
	strbuf_add(&b, "]");
	if (!b.failed)
		r = io_replace_file(images, DESCRIPTORS, 0600, b.s, b.len);
	return r < 0 ? err_set(e, r, RT_E_CRIU, "write " DESCRIPTORS) : 0;
}

static int not_descriptors(struct err *e)
{
	return err_set(e, EINVAL | RT_NO_TEXT, RT_E_CRIU,
		       DESCRIPTORS " of the images is not a list of strings");
}

/* More than three are passed over, as runc does it. */
static int take_strings(struct json_reader *r, struct arena *a, const char *ret[3], struct err *e)
{
	if (rt_json_type(r) != JSON_ARRAY)
		return not_descriptors(e);
	rt_json_enter(r);
	for (int i = 0; rt_json_next(r); i++) {
		struct json_slice s;

		if (rt_json_type(r) != JSON_STRING)
			return not_descriptors(e);
		s = rt_json_string(r);
		if (i > 2)
			continue;
		ret[i] = rt_json_copy(a, &s);
		if (!ret[i])
			return err_nomem(e);
	}
	return 0;
}

int rt_criu_load_descriptors(int images, struct arena *a, const char *ret[3], struct err *e)
{
	_cleanup_free_ char *text = NULL;
	struct json_reader reader = {0};
	size_t len, at;
	int r = io_read_file(images, DESCRIPTORS, DESCRIPTORS_MAX, &text, &len);

	ret[0] = ret[1] = ret[2] = "";
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_set(e, r, RT_E_CRIU, "read " DESCRIPTORS " of the images");
	if (rt_json_open(&reader, text, len, &at, e) < 0)
		return err_ctx(e, DESCRIPTORS " of the images");
	r = take_strings(&reader, a, ret, e);
	rt_json_close(&reader);
	return r;
}
