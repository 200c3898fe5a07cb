/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The talk between the runtime (R) and the container's init (I): one SOCK_SEQPACKET pair, one
 * message a packet, each with a fixed length. Shared by the library and rt-init: no libc here.
 *
 * I runs the plan; R waits for its messages, in one of these states:
 *
 *   SPAWNED --(CGROUP)--> SPAWNED                      only with a systemd unit
 *   SPAWNED --PID--> MAPPING --(GO_ON)--> SETUP        staged start only
 *   SETUP --HOOKS--> HOOKING --(GO_ON)--> SETUP        only with runtime hooks or network devices
 *   SETUP --CONSOLE--> SETUP                           only with process.terminal
 *   SETUP --READY--> READY --(START)--> STARTED        run
 *                          --(GATE)---> the gate       create: a client of start.sock sends START
 *   STARTED --EXEC--> EXECED --EOF                     execve succeeded: the channel closed itself
 *   any --ERROR--> failed                              I exits behind it
 *   EXECED --ERROR--(SAY)--> failed                    execve alone, in start and exec: I writes the
 *                                                      sentence to the program's stderr, exits with 1
 *
 * exec has no READY: SETUP --EXEC--> EXECED. A message that is not in this table for the state, has
 * another length or other descriptors, and an EOF anywhere else are errors.
 *
 * EXEC is sent before the seccomp filter is loaded, since the filter may forbid to send anything; so
 * an ERROR may follow an EXEC, of the filter or of execve. It goes by write(2), which the fewest
 * filters refuse. A filter that refuses even this leaves an EOF and the exit status 127 (not found)
 * or 126, as shells have them.
 */
#ifndef RT_PROC_PROTOCOL_H
#define RT_PROC_PROTOCOL_H

#include <stdint.h>

#include "base/errcode.h"
#include "plan/why.h"

/* X(name, number, sender, payload type, descriptors) */
#define RT_MESSAGES(X)                                                                             \
	X(PID, 1, I, struct msg_pid, 1)      /* the child of the clone step, with its pidfd */     \
	X(HOOKS, 2, I, struct msg_none, 0)   /* namespaces exist: run the runtime's hooks */       \
	X(CONSOLE, 3, I, struct msg_none, 1) /* the pty's master */                                \
	X(READY, 4, I, struct msg_none, 0)                                                         \
	X(EXEC, 5, I, struct msg_none, 0)    /* the filter, if any, and execve are all that is left */ \
	X(ERROR, 6, I, struct msg_error, 0)                                                        \
	X(GO_ON, 7, R, struct msg_none, 0)                                                         \
	X(START, 8, R, struct msg_none, 0)                                                         \
	X(GATE, 9, R, struct msg_none, 0)                                                          \
	X(CGROUP, 10, R, struct msg_none, 1) /* the directory to clone into */                     \
	X(SAY, 11, R, struct msg_text, 0)    /* why the program could not be executed */

enum rt_msg_type {
#define X(name, number, sender, payload, fds) RT_MSG_##name = (number),
	RT_MESSAGES(X)
#undef X
	RT_MSG_MAX
};

struct msg_none {
	uint32_t zero;
};

struct msg_pid {
	int32_t pid; /* as seen by R */
};

/* What rt-init knows of an error; R writes the sentence from the step's operation. */
struct msg_error {
	int32_t no;        /* errno, positive */
	uint32_t step;     /* index of the step in the plan */
	uint32_t code;     /* enum rt_error_code; 0: R derives it from the operation */
	uint32_t why;      /* enum rt_why */
	char detail[448];  /* object or text of the kernel (fs context log), NUL-terminated */
};

/* A line, with its end and NULs behind it. Not longer than msg_error, which all buffers have room for. */
struct msg_text {
	char text[sizeof(struct msg_error)];
};

struct rt_msg {
	uint32_t type;
	union {
		struct msg_none none;
		struct msg_pid pid;
		struct msg_error error;
		struct msg_text text;
	};
};

/* Bytes on the wire of a message with this payload. */
#define RT_MSG_SIZE(payload_type) (sizeof(uint32_t) + sizeof(payload_type))

#endif
