/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A talk with `criu swrk`: CRIU started as our child, which takes one request from a socket, sends
 * notices while it works, and ends. Why not libcriu: docs/decisions/0019-criu.md.
 */
#ifndef RT_CRIU_TALK_H
#define RT_CRIU_TALK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/spawn.h"
#include "criu/rpc.h"

#define RT_CRIU_VERSION_MIN 31500 /* freezes cgroup v2, knows external pid namespaces */

struct rt_criu_start {
	const char *program;     /* NULL: criu in the host's own directories */
	const int *stdio;        /* three descriptors; NULL: the caller's */
	bool quiet;              /* no stdio at all: what it says is for the message of an error */
	const int32_t *keep;     /* more, under the same numbers */
	uint32_t nkeep;
	const struct rt_spawn_mount *mounts; /* in a mount namespace of its own; none: in ours */
	uint32_t nmounts;
};

/* Zero-initialise; end with rt_criu_end in any case. */
struct rt_criu {
	pid_t pid;
	struct fd_slot pidfd, socket, words;
	bool asked;
};

/*
 * Start it. It is not killed when the caller dies: the tasks that it holds would never go on. It finds
 * the socket closed at its next notice, and takes back what it did.
 */
int rt_criu_start(struct rt_criu *c, const struct rt_criu_start *s, struct err *e);

/*
 * What a notice asks for. fd: a descriptor that came with it, or none; who wants it takes it. A
 * failure, with the error set, makes CRIU give up and take back what it did.
 */
typedef int (*rt_criu_notice_fn)(const struct rt_criu_answer *notice, struct fd_slot *fd, void *data,
				 struct err *e);

struct rt_criu_call {
	enum rt_criu_type type;
	const struct rt_criu_options *options; /* may be NULL */
	unsigned features;                     /* of FEATURE_CHECK */
	rt_criu_notice_fn notice;              /* may be NULL */
	void *data;
};

/*
 * Send a request, serve notices, wait for the answer: as long as it takes. Returns 0 with the answer,
 * which may be that it did not succeed; or -errno when a notice failed, or the talk itself. Texts are
 * in the arena.
 */
int rt_criu_call(struct rt_criu *c, const struct rt_criu_call *call, struct arena *a,
		 struct rt_criu_answer *ret, struct err *e);

/*
 * Close the socket and wait for the end, which is bounded: then it is killed. At once if it was asked
 * nothing.
 */
void rt_criu_end(struct rt_criu *c);

/*
 * Ask for the version, 31701, and see that it is RT_CRIU_VERSION_MIN at least. -ENOENT (E_CRIU) when
 * there is no criu, -ENOTSUP when it is too old.
 */
int rt_criu_version(const char *program, int *ret, struct err *e);

/* Are all of these to be had, of CRIU and the kernel? -ENOTSUP (E_CRIU) names what is not. */
int rt_criu_need(const char *program, unsigned features, struct err *e);

#endif
