/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "cmd/cmd.h"
#include "signame.h"

int cmd_kill(struct cli *cli)
{
	const char *id = cli->args.words[0], *word = cli->args.words[1];
	int signal = word ? signal_from_text(word) : SIGTERM;

	if (signal < 0)
		return fail_usage(cli, "unknown signal \"%s\"", word);
	if (ocirt_kill(cli->ctx, id, signal, cli->args.all ? OCIRT_KILL_ALL : 0) < 0)
		return fail_library(cli);
	return STATUS_OK;
}
