/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

int cmd_restore(struct cli *cli)
{
	const char *id = cli->args.words[0];
	struct ocirt_create_options o;
	struct ocirt_criu_options criu;
	ocirt_process *process = NULL;
	int status = STATUS_OK;

	if (new_container_options(cli, &o) != STATUS_OK)
		return STATUS_FAILED;
	o.preserve_fds = o.listen_fds = 0; /* the program has the descriptors that it had */
	o.relay = !o.detach;
	criu_options(cli, &criu);
	if (!o.detach)
		hold_signals();
	if (ocirt_restore(cli->ctx, id, &o, &criu, &process) < 0)
		return fail_library(cli);
	if (!o.detach)
		status = foreground(cli, id, process);
	ocirt_process_free(process);
	return status;
}
