/* SPDX-License-Identifier: Apache-2.0 */
/* Run a bundle and read what it prints: example BUNDLE ID. Explained in docs/embedding.md. */
#include <ocirt.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* One line for people, and what a program can decide by. */
static int complain(const ocirt_context *ctx)
{
	fprintf(stderr, "%s (code %s, field \"%s\")\n", ocirt_error_message(ctx),
		ocirt_error_code(ctx), ocirt_error_field(ctx));
	if (*ocirt_error_hint(ctx))
		fprintf(stderr, "hint: %s\n", ocirt_error_hint(ctx));
	return 125;
}

/* Read the program's output to its end, then its exit status. */
static int follow(ocirt_process *process, int from)
{
	char buffer[4096];
	ssize_t n;
	int status;

	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)n, stdout);
	if (ocirt_process_wait(process, -1, &status) < 0)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(ocirt_context *ctx, const char *bundle, const char *id)
{
	struct ocirt_create_options options;
	ocirt_process *process;
	int output[2], r;

	/* no O_CLOEXEC in C89: the library lets the program have only what it is given */
	if (pipe(output) < 0)
		return 125;
	memset(&options, 0, sizeof(options));
	OCIRT_INIT(&options);
	options.bundle = bundle;
	options.set_stdio = 1;
	options.stdio[0] = STDIN_FILENO;
	options.stdio[1] = output[1];
	options.stdio[2] = output[1];
	r = ocirt_run(ctx, id, &options, &process);
	close(output[1]); /* or the end of the output would never come */
	if (r < 0) {
		r = complain(ctx);
	} else {
		r = follow(process, output[0]);
		ocirt_process_free(process);
		if (ocirt_delete(ctx, id, OCIRT_DELETE_FORCE) < 0)
			r = complain(ctx);
	}
	close(output[0]);
	return r;
}

int main(int argc, char **argv)
{
	ocirt_context *ctx;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: example BUNDLE ID\n");
		return 125;
	}
	if (ocirt_context_new(&ctx) < 0)
		return 125;
	r = run(ctx, argv[1], argv[2]);
	ocirt_context_free(ctx);
	return r;
}
