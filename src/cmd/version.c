/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "embed.h"

/* go-runc, moby and CRI-O parse these lines. */
int cmd_version(struct cli *cli)
{
	printf("rt version %s\ncommit: %sspec: 1.3.0\n", ocirt_version(), embed_commit);
	return STATUS_OK;
}
