/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

static int delete_one(struct cli *cli, const char *id)
{
	return ocirt_delete(cli->ctx, id, cli->args.force ? OCIRT_DELETE_FORCE : 0);
}

int cmd_delete(struct cli *cli)
{
	if (cli->args.regex)
		return each_match(cli, delete_one);
	return delete_one(cli, cli->args.words[0]) < 0 ? fail_library(cli) : STATUS_OK;
}
