/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cmd/cmd.h"

#define NAME_LEN 24  /* of an id that is made up: as much of the directory's name */
#define RANDOM_LEN 4 /* and as many letters */
#define ATTEMPTS 16

struct made_up {
	char text[NAME_LEN + RANDOM_LEN + 2];
};

static bool is_file_in(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	return n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0;
}

/*
 * The word is a directory's when it cannot be an id, or when it holds a config.json while the
 * current directory, the bundle of `rt run ID`, does not.
 */
static bool names_bundle(const struct args *a)
{
	const char *word = a->words[0];

	if (a->bundle || !*word)
		return false;
	if (strchr(word, '/') || strcmp(word, ".") == 0 || strcmp(word, "..") == 0)
		return true;
	return is_file_in(word, "config.json") && !is_file_in(".", "config.json");
}

/* A letter of the directory's name goes into the id if it may stand there, and at its beginning. */
static bool fits(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (!first && (c == '_' || c == '.' || c == '-'));
}

/* "demo-x7kq": of the directory's name, and at random. */
static int make_id(const char *dir, struct made_up *ret_id)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz023456789"; /* 32, none looks alike */
	unsigned char random[RANDOM_LEN];
	char path[PATH_MAX], *id = ret_id->text;
	const char *name = realpath(dir, path) ? strrchr(path, '/') + 1 : "";
	size_t n = 0;

	for (; *name && n < NAME_LEN; name++)
		if (fits(*name, n == 0))
			id[n++] = *name;
	if (n == 0)
		n = (size_t)(stpcpy(id, "rt") - id);
	if (getentropy(random, sizeof(random)) < 0)
		return -errno;
	id[n++] = '-';
	for (size_t i = 0; i < RANDOM_LEN; i++)
		id[n++] = letters[random[i] % 32];
	id[n] = '\0';
	return 0;
}

static int run_with_new_id(struct cli *cli, const struct ocirt_create_options *o,
			   struct made_up *ret_id, ocirt_process **ret)
{
	int r = 0;

	for (int i = 0; i < ATTEMPTS; i++) {
		r = make_id(o->bundle, ret_id);
		if (r < 0)
			return fail(cli, "E_SYSTEM", r, "get random bytes for an id");
		r = ocirt_run(cli->ctx, ret_id->text, o, ret);
		if (r != -EEXIST || strcmp(ocirt_error_code(cli->ctx), "E_EXISTS") != 0)
			break;
	}
	return r < 0 ? fail_library(cli) : STATUS_OK;
}

/* run ID, or run DIR with an id that is made up; on success *ret_id is the container's. */
static int start(struct cli *cli, struct ocirt_create_options *o, struct made_up *new_id,
		 const char **ret_id, ocirt_process **ret)
{
	const char *word = cli->args.words[0];

	*ret_id = word;
	if (!names_bundle(&cli->args))
		return ocirt_run(cli->ctx, word, o, ret) < 0 ? fail_library(cli) : STATUS_OK;
	if (o->detach)
		return fail_usage(cli,
				  "\"run --detach\" requires an id as argument, and --bundle "
				  "\"%s\": nobody would know an id made up",
				  word);
	o->bundle = word;
	*ret_id = new_id->text;
	return run_with_new_id(cli, o, new_id, ret);
}

int cmd_run(struct cli *cli)
{
	struct ocirt_create_options o;
	struct made_up new_id;
	ocirt_process *process = NULL;
	const char *id;
	int status;

	if (new_container_options(cli, &o) != 0)
		return STATUS_FAILED;
	o.relay = !o.detach;
	if (!o.detach)
		hold_signals();
	status = start(cli, &o, &new_id, &id, &process);
	if (status == STATUS_OK && !o.detach)
		status = foreground(cli, id, process);
	ocirt_process_free(process);
	return status;
}
