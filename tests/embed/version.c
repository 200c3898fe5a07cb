/* SPDX-License-Identifier: Apache-2.0 */
/* A program outside the tree: strict C89, the installed header, the installed shared library. */
#include <ocirt.h>
#include <stdio.h>

int main(void)
{
	return puts(ocirt_version()) < 0;
}
