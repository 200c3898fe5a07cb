/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

int cmd_start(struct cli *cli)
{
	if (ocirt_start(cli->ctx, cli->args.words[0]) < 0)
		return fail_library(cli);
	return STATUS_OK;
}
