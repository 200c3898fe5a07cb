/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>

#include "cmd/cmd.h"

int cmd_checkpoint(struct cli *cli)
{
	struct ocirt_criu_options o;

	criu_options(cli, &o);
	/* No other may come in its place: the library closes it. */
	if (o.set_status_fd && (o.status_fd < 3 || fcntl(o.status_fd, F_GETFD) < 0))
		return fail_usage(cli, "invalid status-fd \"%d\": no such descriptor is open",
				  o.status_fd);
	return ocirt_checkpoint(cli->ctx, cli->args.words[0], &o) < 0 ? fail_library(cli)
								      : STATUS_OK;
}
