/* SPDX-License-Identifier: Apache-2.0 */
/* The start gate: a created container waits here, for as long as it takes. */
#include "init/init.h"

/* For a client that has connected; it sends START at once. */
#define CLIENT_SECONDS 5

/*
 * Has the client said START? One that dies, stops or talks nonsense is forgotten, so that the next
 * finds the gate free. Who it is needs no look: the socket is in a directory that only the
 * container's owner can enter, and in a user namespace the owner's uid cannot be recognised.
 */
static bool client_starts(int client)
{
	struct sys_timespec timeout = {CLIENT_SECONDS, 0};
	struct sys_pollfd poll = {.fd = client, .events = POLLIN};
	int r;

	do {
		r = sys_ppoll(&poll, 1, &timeout); /* the kernel counts the timeout down */
	} while (r == -EINTR);
	return r > 0 && init_recv_from(client) == RT_MSG_START;
}

/*
 * The container has been created, and whoever made it relies on that: it does not die of memory or
 * descriptors that are short for a moment. All others are errors.
 */
static bool passes(int r)
{
	struct sys_timespec moment = {0, 10000000};

	if (r == -EINTR || r == -ECONNABORTED)
		return true;
	if (r != -ENOMEM && r != -ENOBUFS && r != -ENFILE)
		return false;
	sys_ppoll(NULL, 0, &moment);
	return true;
}

int step_gate(struct init *in, const struct op_gate *op)
{
	int r, listener, client;

	do
		r = init_recv(in);
	while (passes(r));
	if (r < 0 || r == RT_MSG_START)
		return r < 0 ? r : 0;
	if (r != RT_MSG_GATE)
		return -EPROTO;
	listener = init_slot(in, op->listener);
	if (listener < 0)
		return listener;
	for (;;) {
		client = sys_accept4(listener, SOCK_CLOEXEC);
		if (passes(client))
			continue;
		/* Here, since this step cannot be begun anew: the message is read. */
		if (client == -EMFILE && in->scratch) {
			init_close_scratch(in);
			continue;
		}
		if (client < 0)
			return client;
		if (client_starts(client))
			break;
		sys_close(client);
	}
	sys_close(in->report);
	in->report = client;
	in->gated = true;
	return 0;
}
