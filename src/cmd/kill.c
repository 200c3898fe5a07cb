/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>

#include "cmd/cmd.h"
#include "signame.h"

/* The signal that was asked for; negative when there is none such. */
static int wanted_signal(const struct cli *cli)
{
	const char *word = cli->args.words[1];

	return word ? signal_from_text(word) : SIGTERM;
}

static int kill_one(struct cli *cli, const char *id)
{
	return ocirt_kill(cli->ctx, id, wanted_signal(cli), cli->args.all ? OCIRT_KILL_ALL : 0);
}

/* One of many that has ended is what was wanted. */
static int kill_match(struct cli *cli, const char *id)
{
	int r = kill_one(cli, id);

	return r == -ESRCH || r == -ENOENT ? 0 : r;
}

int cmd_kill(struct cli *cli)
{
	if (wanted_signal(cli) < 0)
		return fail_usage(cli, "unknown signal \"%s\"", cli->args.words[1]);
	if (cli->args.regex)
		return each_match(cli, kill_match);
	return kill_one(cli, cli->args.words[0]) < 0 ? fail_library(cli) : STATUS_OK;
}
