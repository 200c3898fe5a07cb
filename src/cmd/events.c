/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "duration.h"

#define DEFAULT_INTERVAL_MSEC 5000

/* Each line at once: who reads them waits for it. Nobody reads any more: that is the end. */
static int print_event(const char *event, void *userdata)
{
	(void)userdata;
	puts(event);
	return fflush(stdout) != 0;
}

static int print_once(struct cli *cli, const char *id)
{
	char *event;

	if (ocirt_stats(cli->ctx, id, NULL, &event) < 0)
		return fail_library(cli);
	puts(event);
	ocirt_free(event);
	return STATUS_OK;
}

int cmd_events(struct cli *cli)
{
	const char *id = cli->args.words[0], *interval = cli->args.interval;
	int msec = interval ? duration_msec(interval) : DEFAULT_INTERVAL_MSEC;

	if (msec <= 0)
		return fail_usage(cli,
				  "invalid interval \"%s\": a time is wanted, more than 0, as in "
				  "5s or 500ms",
				  interval);
	if (cli->args.stats)
		return print_once(cli, id);
	return ocirt_events(cli->ctx, id, msec, print_event, NULL) < 0 ? fail_library(cli)
								       : STATUS_OK;
}
