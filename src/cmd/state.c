/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/cmd.h"

int cmd_state(struct cli *cli)
{
	char *state;

	if (ocirt_state(cli->ctx, cli->args.words[0], &state) < 0)
		return fail_library(cli);
	puts(state);
	ocirt_free(state);
	return STATUS_OK;
}
