/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

int cmd_delete(struct cli *cli)
{
	unsigned int flags = cli->args.force ? OCIRT_DELETE_FORCE : 0;

	if (ocirt_delete(cli->ctx, cli->args.words[0], flags) < 0)
		return fail_library(cli);
	return STATUS_OK;
}
