/* SPDX-License-Identifier: Apache-2.0 */
/* The directories of a checkpoint: images, and the work directory with CRIU's log. */
#ifndef RT_CRIU_IMAGES_H
#define RT_CRIU_IMAGES_H

#include <sys/types.h>

#include "base/err.h"
#include "base/fd.h"
#include "criu/rpc.h"

/* Zero-initialise; close in any case. */
struct rt_criu_dirs {
	struct fd_slot images, work;
	const char *log; /* the log's name in the work directory */
};

/*
 * Open them. work_path NULL: the images' too; it is made where it is missing, 0700, and so are the
 * images' with `make`. A log of an earlier run is removed, so that what is read is of this one.
 * Errors: E_CRIU.
 */
int rt_criu_dirs_open(const char *image_path, const char *work_path, bool make, const char *log,
		      struct rt_criu_dirs *ret, struct err *e);
void rt_criu_dirs_close(struct rt_criu_dirs *d);

/*
 * The error of a `what` ("dump") that CRIU did not do: the first line of its log that begins with
 * "Error", and where the log is. Returns -errno.
 */
int rt_criu_failed(const struct rt_criu_dirs *d, const char *what,
		   const struct rt_criu_answer *answer, struct err *e);

/*
 * descriptors.json, as runc and crun have it: what the init's 0, 1 and 2 are, in three strings. A pipe
 * among them is an end of one that is outside of the container, so restore puts its own in place.
 */
int rt_criu_save_descriptors(int images, pid_t pid, struct err *e);

/* ret: three strings in the arena. Without the file they are "". */
int rt_criu_load_descriptors(int images, struct arena *a, const char *ret[3], struct err *e);

#endif
