/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

int cmd_create(struct cli *cli)
{
	struct ocirt_create_options o;

	if (new_container_options(cli, &o) != 0)
		return STATUS_FAILED;
	if (ocirt_create(cli->ctx, cli->args.words[0], &o) < 0)
		return fail_library(cli);
	return STATUS_OK;
}
