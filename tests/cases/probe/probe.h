/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe: a static program inside the container that tells what it sees of itself, and tries
 * things. Every argument is one request, "name" or "name:argument", and prints lines "name value";
 * so that a case asserts on facts and parses no shell output.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>

struct request {
	const char *name;
	void (*run)(const char *argument);	/* "" if there is none */
	const char *help;
};

/*
 * Tables of requests, each ended by a row without a name: facts about the process, its
 * surroundings, deeds; what a case needs on the host; attacks on the runtime.
 */
extern const struct request identity_requests[];
extern const struct request world_requests[];
extern const struct request action_requests[];
extern const struct request agent_requests[];
extern const struct request attack_requests[];

/* "EPERM" for 1, "OK" for 0. */
const char *error_name(int number);
/* "NET_RAW" and its number, both ways: NULL or -1 if unknown. */
const char *capability_name(int number);
/* "KILL" -> 9, "9" -> 9. */
int signal_number(const char *name);
/* Print "name argument OK" or "name argument ERRNO" after a system call that returned r. */
void print_result(const char *name, const char *argument, long r);
/*
 * The value of a "Key:\tvalue" line of /proc/self/status; "" if there is none. Valid until the next
 * call.
 */
const char *status_field(const char *key);

#endif
