/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What there is in a case's world: taken before its first and after its last statement, and
 * compared.
 */
#ifndef CASES_INVENTORY_H
#define CASES_INVENTORY_H

#include "text.h"

struct inventory {
	struct words mounts;	/* lines of mountinfo */
	struct words cgroups;	/* paths below the case's own root */
	struct words files;	/* "KIND PATH" of everything in /run but the bundle */
	struct words processes;	/* "PID NAME", without the case's own and without zombies */
	struct words programs;	/* BPF programs, where the caller fills them in */
};

void inventory_take(struct inventory *ret);
/* Number of processes in the case's pid namespace besides the driver's own. */
size_t inventory_count_processes(void);
/*
 * Compare: NULL if `after` holds nothing that `before` did not and lacks no mount, else the
 * differences, one a line. Of files only those count that a runtime has to remove: anything in its
 * state root, and sockets and fifos anywhere else but in the bundle, which is the engine's.
 */
char *inventory_leftovers(const struct inventory *before, const struct inventory *after);

#endif
