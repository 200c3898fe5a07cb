/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "ocirt.h"

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("rt version %s\n", ocirt_version());
		return 0;
	}
	fprintf(stderr, "rt: no command is there yet\n");
	return 1;
}
