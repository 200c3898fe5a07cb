/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/cmd.h"

int cmd_features(struct cli *cli)
{
	char *text;

	if (ocirt_features(cli->ctx, cli->args.host ? OCIRT_FEATURES_HOST : 0, &text) < 0)
		return fail_library(cli);
	puts(text);
	ocirt_free(text);
	return STATUS_OK;
}
