/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

int cmd_pause(struct cli *cli)
{
	return ocirt_pause(cli->ctx, cli->args.words[0]) < 0 ? fail_library(cli) : STATUS_OK;
}

int cmd_resume(struct cli *cli)
{
	return ocirt_resume(cli->ctx, cli->args.words[0]) < 0 ? fail_library(cli) : STATUS_OK;
}
