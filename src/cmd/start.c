/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

int cmd_start(struct cli *cli)
{
	if (set_notify_socket(cli) != STATUS_OK)
		return STATUS_FAILED;
	if (ocirt_start(cli->ctx, cli->args.words[0]) < 0)
		return fail_library(cli);
	return STATUS_OK;
}
